"""작정한 답: 확인을 속이거나, 성적부를 고치거나, 온 반의 채점과 평가를 막거나, 평가에 숨은 명령을 넣습니다."""

import os
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from IPython.core import inputtransformer2
from nbformat.v4 import new_code_cell

from classroom.execution import ROOM, GuardedExecute
from classroom.fence import Fence
from classroom.incoming import incoming
from classroom.page import TOO_LONG, fragment
from classroom.pasted import parses
from classroom.pristine import Pristine
from classroom.recovery import defines
from wi_check import Wrong
from wi_check.answers import array, choice
from wi_lib import layers

REFRESH = '<meta http-equiv="refresh" content="0;url=https://example.org/">'


@pytest.mark.parametrize("html", [f"<![CDATA[ > {REFRESH} ]]>", f"<!-- {REFRESH} -->", f"<!-- > {REFRESH}", REFRESH])
def test_no_page_is_sent_elsewhere(html):
    """브라우저는 CDATA를 첫 >에서 끝내므로, 그 안의 meta가 살아나 다른 곳으로 보낼 수 있었습니다."""
    assert "refresh" not in fragment(html)


def test_a_huge_output_does_not_hold_up_the_class():
    assert fragment("<b>" * 3_000_000) == TOO_LONG
    assert "<b>" in fragment("<b>" * 1_000)


def test_a_long_line_does_not_hold_up_the_class():
    began = time.monotonic()
    assert not defines("he_std " * 100_000, "he_std")
    assert time.monotonic() - began < 2
    for code in ("he_std = 1", "a = 1\nb, he_std = 1, 2", "he_std: int = 3", "def he_std(", "class he_std:"):
        assert defines(code, "he_std"), code
    for code in (" he_std = 1", "# he_std = 1", "he_std == 1", "f(he_std=1)", "a = he_std", "a # he_std = 1"):
        assert not defines(code, "he_std"), code


def test_too_many_magics_are_not_an_error(monkeypatch):
    monkeypatch.setattr(inputtransformer2, "TRANSFORM_LOOP_LIMIT", 3)  # 본디 500이고 여섯 초쯤 걸립니다.
    assert not parses("%x\n" * 5)


def test_a_widget_message_does_not_stop_the_grading():
    """_model_module이 없는 위젯은 nbclient에서 KeyError를 내어, 그 답을 채점하지 못하게 했습니다."""
    executor = GuardedExecute()
    executor.room = ROOM
    content = {"target_name": "jupyter.widget", "comm_id": "x", "data": {"state": {}}}
    assert executor.process_message({"msg_type": "comm_open", "content": content}, new_code_cell(), 0) is None


class Sly(str):
    def strip(self, *_):
        return Yes()


class Yes:
    __hash__ = None

    def __eq__(self, other):
        return True


class Agreeing(np.ndarray):
    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        return inputs[0] if ufunc is np.matmul else getattr(ufunc, method)(*map(np.asarray, inputs), **options)


def test_a_lying_answer_is_seen_as_it_is():
    with pytest.raises(Wrong, match="가운데 하나를"):
        choice("답", Sly("라"), ["가", "나"])
    assert type(choice("답", Sly("가"), ["가", "나"])) is str
    assert type(array("답", np.ones(2).view(Agreeing), (2,))) is np.ndarray


class Finder:
    def find_spec(self, *_):
        return None


def test_the_tools_of_a_check_come_back():
    pristine, finders = Pristine(), list(sys.meta_path)
    judges = {name: module for name, module in sys.modules.items() if name.split(".")[0] == "wi_check"}
    numeric, forward = sys.modules["numpy._core.numeric"], layers.Dense.forward
    body, forward.__code__ = forward.__code__, (lambda self, x, training: (x, None)).__code__
    before = np.random.default_rng, numeric.isclose
    np.random.default_rng = numeric.isclose = lambda *_: None
    sys.meta_path.insert(0, Finder())
    tracer = sys.gettrace()
    sys.settrace(lambda *_: None)
    try:
        pristine.restore_packages()
        assert (np.random.default_rng, numeric.isclose) == before
        assert sys.meta_path == finders
        assert sys.gettrace() is None
        assert forward.__code__ is body
    finally:
        forward.__code__ = body
        np.random.default_rng, numeric.isclose = before
        sys.meta_path[:] = finders
        sys.settrace(tracer)
        sys.modules.update(judges)  # 다른 시험이 이미 읽어 둔 것


def test_the_fence_covers_what_open_does_not_see(tmp_path):
    fence = Fence([tmp_path], [])
    for event in ("sqlite3.connect", "resource.prlimit", "socket.sendmsg"):
        with pytest.raises(PermissionError):
            fence(event, ("x",))
    if Path("/proc/self").exists():
        with pytest.raises(PermissionError, match="읽을 수 없는"):
            fence("open", (f"/proc/{os.getppid()}/mem", "r", 0))
        fence("open", ("/proc/self/status", "r", 0))


@pytest.mark.parametrize("name", ["", "20270001.ipynb/", "./."])
def test_no_zip_goes_without_a_row(tmp_path, name):
    """빈 zip과, 이름을 폴더처럼 지은 파일."""
    with zipfile.ZipFile(tmp_path / "20270001.zip", "w") as archive:
        if name:
            archive.writestr(name, "{}")
    assert [file.parts[0] for file in incoming(tmp_path)] == ["20270001.zip"]
