"""다른 프로세서에서도 같은 출력: 노트북 하나로 봅니다. 모두는 make test-conditions가 봅니다."""

import nbformat

from tests.browsing import ROOT
from tests.processors import PROCESSORS
from tools import notebooks
from tools.outputs import keep_stored


def test_outputs_do_not_depend_on_the_processor(monkeypatch):
    """벡터 명령이 바뀌면 끝자리가 달라져 sigmoid의 도함수가 0인 몫도 달라집니다(2장)."""
    for variable, value in PROCESSORS["nehalem"].items():
        monkeypatch.setenv(variable, value)
    path = ROOT / "chapters" / "02_sigmoid_std.ipynb"
    assert keep_stored(nbformat.read(path, as_version=4), notebooks.execute(path)) == []
