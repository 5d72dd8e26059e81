"""큰 실험의 쪽: 저장된 학습이 스크립트에서 나오고, 글이 말하는 것이 표에 있습니다."""

import json
import re

import numpy as np
import pytest

from experiments import depth_map, results, store
from tests.chapters.trained import DATA
from wi_lib import at_best_rate, mean_field

ABOUT = json.loads((DATA / "depth_map.json").read_text(encoding="utf-8"))
with np.load(DATA / "depth_map.npz") as stored:
    RESULTS = dict(stored)
DEPTHS, VARIANCES, RATES = (ABOUT["axes"][name] for name in ("depth", "weight_variance", "learning_rate"))
BEST, ACCURACY = at_best_rate(RESULTS["validation"], RESULTS["accuracy"])
ACCURACY = ACCURACY.mean(axis=-1)


def column(weight_variance):
    return ACCURACY[:, VARIANCES.index(weight_variance)]


def deepest(weight_variance):
    """반 넘게 맞힌 가장 깊은 망."""
    return max(depth for depth, share in zip(DEPTHS, column(weight_variance)) if share > 0.5)


def test_the_sweep_is_big():
    assert RESULTS["measured"].sum() * len(ABOUT["seeds"]) > 2000


@pytest.mark.parametrize(("depth", "weight_variance", "seed"), [(2, 1.0, 0), (16, 1.76, 1), (24, 3.0, 2)])
def test_stored_runs_come_from_the_script(depth, weight_variance, seed):
    """다른 프로세서에서는 끝자리가 다르므로 정확도 몇 %p까지 봅니다."""
    at = DEPTHS.index(depth), VARIANCES.index(weight_variance)
    rate = int(BEST[at])
    found = depth_map.run(depth, weight_variance, RATES[rate], seed)
    assert found["validation"] == pytest.approx(RESULTS["validation"][(*at, rate, seed)], abs=0.04)


def test_the_best_rate_is_inside_what_was_measured():
    """배운 칸에서 고른 학습률의 위와 아래를 모두 재었습니다."""
    learned = np.nan_to_num(RESULTS["validation"]).mean(axis=-1).max(axis=-1) > 0.2
    for at in np.argwhere(learned):
        measured = np.flatnonzero(RESULTS["measured"][tuple(at)])
        assert measured[0] < BEST[tuple(at)] < measured[-1], at


def test_shallow_nets_learn_everywhere():
    assert ACCURACY[DEPTHS.index(6)].min() > 0.8


def test_the_order_phase_learns_to_six_to_ten_scales():
    """분산이 0.5–1이면, 반 넘게 맞힌 가장 깊은 망과 격자의 다음 깊이가 ξ_c의 대여섯 배와 열 배 사이."""
    for w in (0.5, 0.75, 1.0):
        scale = mean_field.fixed_point("tanh", w, 0.05).correlation_depth
        beyond = DEPTHS[DEPTHS.index(deepest(w)) + 1]
        assert 5.5 < deepest(w) / scale < beyond / scale < 10.5
    assert 0.5 < column(1.0)[DEPTHS.index(24)] < 0.52


def test_near_the_edge_the_scale_grows_but_the_depth_does_not():
    scales = [mean_field.fixed_point("tanh", w, 0.05).correlation_depth for w in (1.25, 1.5, 1.76)]
    ratios = [deepest(w) / scale for w, scale in zip((1.25, 1.5, 1.76), scales)]
    assert scales == sorted(scales)
    assert ratios == sorted(ratios, reverse=True)
    assert deepest(1.76) == deepest(1.5) == 48


def test_deep_nets_learn_best_near_the_edge():
    for depth in (32, 48, 64):
        row = ACCURACY[DEPTHS.index(depth)]
        assert 1.5 <= VARIANCES[int(row.argmax())] <= 2.25


def test_the_chaotic_phase_gets_less_right_as_the_variance_grows():
    for depth in (32, 48):
        row = ACCURACY[DEPTHS.index(depth)]
        assert row[VARIANCES.index(2.25)] > row[VARIANCES.index(3.0)] > row[VARIANCES.index(4.0)] > row[-1]


def test_the_example_of_the_page_runs(tmp_path, monkeypatch):
    """쪽에 적힌 그대로. 설정은 하나만 돌립니다."""
    cells = json.loads((store.ROOT / "sweeps.ipynb").read_text(encoding="utf-8"))["cells"]
    [text] = re.findall(r"```python\n(.*?)```", "".join("".join(cell["source"]) for cell in cells), re.DOTALL)
    asked = []

    def first_only(name, settings, run):
        asked.extend(settings)
        return [run(**settings[0])] * len(settings)

    monkeypatch.setattr(results, "sweep", first_only)
    monkeypatch.setattr(results, "FOLDER", tmp_path)
    monkeypatch.setattr(store, "UNFINISHED", tmp_path)
    exec(text, {"__name__": "__main__"})
    with np.load(tmp_path / "my_map.npz") as saved:
        assert saved["accuracy"].shape == (3, 3, 5)
        assert saved["accuracy"].min() > 0.2
    assert len(asked) == 45
