"""큰 실험의 쪽: 저장된 학습이 스크립트에서 나오고, 글이 말하는 것이 표에 있습니다."""

import json
import re

import numpy as np
import pytest

from experiments import depth_map, results, store
from tests.chapters.trained import DATA
from wi_lib import at_best_rate, mean_field, mean_interval

ABOUT = json.loads((DATA / "depth_map.json").read_text(encoding="utf-8"))
with np.load(DATA / "depth_map.npz") as stored:
    RESULTS = dict(stored)
DEPTHS, VARIANCES, RATES = (ABOUT["axes"][name] for name in ("depth", "weight_variance", "learning_rate"))
BEST, RUNS = at_best_rate(RESULTS["validation"], RESULTS["accuracy"])
ACCURACY, HALF = mean_interval(RUNS)


def deepest(weight_variance):
    """반 넘게 맞힌 것이 분명한 가장 깊은 망과, 분명하지 않은 것까지 친 가장 깊은 망."""
    i = VARIANCES.index(weight_variance)
    ends = ACCURACY[:, i] - HALF[:, i], ACCURACY[:, i] + HALF[:, i]
    return [max(depth for depth, share in zip(DEPTHS, end) if share > 0.5) for end in ends]


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


def scale(weight_variance):
    return mean_field.fixed_point("tanh", weight_variance, 0.05).correlation_depth


def test_the_order_phase_learns_to_a_few_scales():
    """분산이 0.5–1이면 분명한 깊이는 ξ_c의 3–7배, 분명하지 않은 것까지 치면 7배 안팎."""
    for w in (0.5, 0.75, 1.0):
        sure, most = deepest(w)
        assert 3 < sure / scale(w) < 7
        assert 6 < most / scale(w) < 8


def test_near_the_edge_the_scale_grows_but_the_depth_does_not():
    """분명하지 않은 깊이까지 쳐도 경계에 다가갈수록 ξ_c의 몇 배인지는 줄어듭니다."""
    assert deepest(1.0)[1] / scale(1.0) > deepest(1.5)[1] / scale(1.5) > deepest(1.76)[1] / scale(1.76)
    assert deepest(1.76)[1] == max(DEPTHS)


def test_what_three_seeds_allow():
    """반폭은 절반의 칸에서 4 %p 아래이고, 배우기도 하고 못 배우기도 하는 칸에서는 40 %p를 넘습니다."""
    assert len(ABOUT["seeds"]) == 3
    assert np.median(HALF) < 0.04 < 0.4 < HALF.max()


def test_deep_nets_learn_best_near_the_edge():
    for depth in (32, 48, 64):
        row = ACCURACY[DEPTHS.index(depth)]
        assert 1.5 <= VARIANCES[int(row.argmax())] <= 2.25


@pytest.mark.parametrize("depth", [32, 48])
def test_the_trend_with_the_variance_is_clear(depth):
    """시드마다 맞춘 직선의 기울기 셋의 95 % 구간: 질서 쪽에서는 0보다 위, 혼돈 쪽에서는 0보다 아래입니다."""
    edge, row = VARIANCES.index(1.76), RUNS[DEPTHS.index(depth)]
    for part, sign in ((slice(edge + 1), 1), (slice(edge, None), -1)):
        mean, half = mean_interval(sign * np.polyfit(VARIANCES[part], row[part], 1)[0])
        assert mean > half


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
