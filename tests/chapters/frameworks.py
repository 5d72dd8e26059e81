"""11장의 표(chapters/data/frameworks.json)를 읽고, 뽑은 값이 표의 식을 따르는지 보는 도구."""

import json
import math
import re
import tomllib
from pathlib import Path

import numpy as np
import pytest

from wi_lib import initializers

ROOT = Path(__file__).parents[2]
TABLE = json.loads((ROOT / "chapters" / "data" / "frameworks.json").read_text(encoding="utf-8"))
FRAMEWORKS = ("torch", "keras", "jax")
# 두 축의 길이가 달라야 fan_in과 fan_out을 뒤바꾼 초기화가 드러납니다.
SHAPES = [(300, 500), (500, 200)]
TRUNCATED = 0.8796256610342398


def parity_pins():
    """make parity가 설치하는, 표가 견준 프레임워크의 판."""
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]
    pins = dict(name.split("==") for name in groups["parity"] if "==" in name)
    return {name: version for name, version in pins.items() if name in TABLE["versions"]}


def ours(call, shape, seed=0):
    """표의 wi_lib 칸을 그대로 불러 (fan_in, fan_out) 모양의 float64 배열로 돌려줍니다."""
    init = eval(call, dict(vars(initializers)))
    return init(shape, rng=np.random.default_rng(seed)).astype(np.float64)


def evaluate(text, fan_in, fan_out):
    return eval(text, {"sqrt": math.sqrt, "max": max, "fan_in": fan_in, "fan_out": fan_out})


def check(weights, entry):
    """(fan_in, fan_out) 배열이 표의 칸이 말하는 분포를 따르는지 봅니다."""
    shape = weights.shape
    if entry["kind"] == "identity":
        np.testing.assert_array_equal(weights, np.eye(*shape))
    elif entry["kind"] == "orthogonal":
        short = weights.T @ weights if shape[0] >= shape[1] else weights @ weights.T
        np.testing.assert_allclose(short, np.eye(min(shape)), atol=1e-4)
        assert np.sqrt(np.mean(weights**2)) == pytest.approx(evaluate(entry["std"], *shape), rel=1e-4)
    elif entry["kind"] == "sparse":
        # 입력 유닛(행)마다 나가는 가중치의 비율(올림)이 0입니다.
        assert set((weights == 0).sum(axis=1)) == {math.ceil(entry["zeros"] * shape[1])}
        check_values(weights[weights != 0], {**entry, "kind": "normal"}, *shape)
    else:
        check_values(weights.ravel(), entry, *shape)


def check_values(values, entry, fan_in, fan_out):
    """정규, 자른 정규, 균등: 평균, 표준편차, 끝값, 첨도."""
    low, high = (float(entry.get(end, "nan")) for end in ("low", "high"))
    std = evaluate(entry["std"], fan_in, fan_out) if "std" in entry else (high - low) / math.sqrt(12)
    mean = 0.0 if "std" in entry else (low + high) / 2
    # 표가 적은 0.8796은 네 자리이므로 그만큼 더 허용합니다.
    tolerance = 5 / math.sqrt(2 * values.size) + 5e-5
    assert abs(values.mean() - mean) < 5 * std / math.sqrt(values.size)
    assert values.std() == pytest.approx(std, rel=tolerance)
    z = (values - mean) / std
    kurtosis, ends = {
        "normal": (3.0, (2.75, 7)),
        "truncated": (2.3655, (2 / TRUNCATED * 0.97, 2 / TRUNCATED * 1.0002)),
        "uniform": (1.8, (math.sqrt(3) * 0.98, math.sqrt(3) * 1.0001)),
    }[entry["kind"]]
    assert np.mean(z**4) / np.mean(z**2) ** 2 == pytest.approx(kurtosis, abs=5 * math.sqrt(24 / values.size))
    assert ends[0] <= np.abs(z).max() <= ends[1]


def snippets():
    """페이지의 파이썬 코드 조각: 첫 줄의 제목 → 코드."""
    notebook = json.loads((ROOT / "chapters" / "11_frameworks.ipynb").read_text(encoding="utf-8"))
    text = "\n".join("".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "markdown")
    return dict(re.findall(r"(?s)```python\n# ([^\n]+)\n(.*?)```", text))
