"""'내 모델에 쓰기'의 예: 아픈 층 하나를 찾고, 페이지에 적힌 대로 고치면 낫고, 세 프레임워크의 예가 모두 있습니다."""

import ast
import json
import re

import numpy as np
import pytest

import wi_lib
from tests.browsing import ROOT

CELLS = json.loads((ROOT / "own_model.ipynb").read_text(encoding="utf-8"))["cells"]
SOURCES = {cell["id"]: "".join(cell["source"]) for cell in CELLS}


@pytest.fixture(scope="module")
def names():
    """앞의 두 코드 셀을 실행한 이름들. 찍는 것은 버립니다."""
    found = {"print": lambda *_: None}
    for cell in ("own-04", "own-05"):
        exec(SOURCES[cell], found)
    return found


def test_the_planted_layer_is_found_and_nothing_else(names):
    [finding] = names["report"].findings
    assert (finding.code, finding.layer, finding.also) == ("vanishing_forward", "weights[2]", ())


def test_the_figure_falls_as_the_page_says(names):
    """활성화값은 탈이 난 층에서 떨어진 뒤 그대로이고, 되돌아온 신호는 그 층을 지나며 떨어집니다."""
    layers = names["report"].layers
    a = [row.activation_std for row in layers]
    d = [row.delta_rms for row in layers]
    assert a[2] < a[1] / 50
    assert a[3] == pytest.approx(a[2], rel=0.5)
    assert d[1] < d[2] / 50
    assert d[0] == pytest.approx(d[1], rel=0.5)


def test_the_pasted_cell_is_the_proposed_code(names):
    pasted = ast.unparse(ast.parse(SOURCES["own-11"]).body[:2])
    proposed = [node for node in ast.parse(names["report"].fix()).body if not isinstance(node, ast.Import)]
    assert ast.unparse(proposed) == pasted


def test_the_example_of_every_framework_has_its_output():
    pairs = re.findall(r"(?s)```python\n(import .*?)```\n\n```text\n(.*?)```", "\n".join(SOURCES.values()))
    assert [
        framework
        for framework in ("torch", "keras", "flax")
        for code, _ in pairs
        if f"import {framework}" in code or f"from {framework}" in code
    ] == ["torch", "keras", "flax"]
    assert all("[주의]" in told or "[오류]" in told for _, told in pairs)


def test_defaults_are_those_of_diagnose():
    x = np.ones((2, 4))
    net = wi_lib.MLP([4, 4, 3], "tanh", "lecun_normal", rng=np.random.default_rng(0))
    given = wi_lib.diagnose(net, x, optimizer="adam", learning_rate=0.001).layers
    assert given == wi_lib.diagnose(net, x).layers
