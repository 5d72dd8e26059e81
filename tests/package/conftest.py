"""꾸러미 시험의 공통 도구."""

import subprocess
import sys

import pytest

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
        return subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="locale", check=True).stdout

    return said
