"""꾸러미 시험의 공통 도구."""

import gc
import socket
import subprocess
import sys
from contextlib import ExitStack

import pooch
import pytest

from tests.package.mirrors import CONTENTS, DEAD, SHAPES, mirror, sha256
from tests.speaking import SPOKEN
from wi_lib import datasets

LIMITED = """
import resource
import numpy as np
from wi_lib import mean_field, signals
resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
try:
    {call}
except MemoryError as error:
    print(error, end="")
"""


@pytest.fixture
def refused_in_3gb():
    """메모리가 3 GB뿐인 프로세스에서 식을 계산하다 나는 MemoryError의 말. 이 기계의 메모리는 쓰지 않습니다."""

    if sys.platform != "linux":
        pytest.skip("프로세스의 메모리를 묶는 RLIMIT_AS는 리눅스에서만 듣습니다.")

    def said(call):
        code = LIMITED.format(call=call)
        return subprocess.run([sys.executable, "-c", code], capture_output=True, encoding=SPOKEN, check=True).stdout

    return said


@pytest.fixture
def isolated(request, monkeypatch, tmp_path):
    """작은 자료, 빈 캐시, 죽은 거울에서 시작합니다. 127.0.0.1 밖으로는 아무것도 나가지 못합니다."""
    if "mnist" in request.fixturenames:
        return
    connect = socket.socket.connect

    def local_only(self, address):
        assert address[0] == "127.0.0.1", f"시험이 {address}에 접속하려 했습니다"
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", local_only)
    monkeypatch.setattr(pooch, "os_cache", lambda project: tmp_path / "cache" / project)
    monkeypatch.delenv("WI_LIB_DATA_DIR", raising=False)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(datasets, "MIRRORS", (DEAD, DEAD))
    files = {name: (sha256(content), shape) for (name, content), shape in zip(CONTENTS.items(), SHAPES)}
    monkeypatch.setattr(datasets, "FILES", files)


@pytest.fixture
def serve():
    """serve(답) → (주소, 받은 요청의 목록). 답은 tests/package/mirrors.py의 mirror가 말합니다."""
    with ExitStack() as servers:
        yield lambda answer: servers.enter_context(mirror(answer))
    gc.collect()  # 버려진 소켓과 진행 막대가 다른 시험에서 정리되지 않게 합니다.
