"""18장의 주장 가운데 학습의 것. 저장된 학습에서 읽고, 일부를 다시 돌립니다."""

import json
from pathlib import Path

import numpy as np
import pytest

from experiments import first_batch
from wi_lib import at_best_rate

ROOT = Path(__file__).parents[2]
ABOUT = json.loads((ROOT / "chapters/data/first_batch.json").read_text(encoding="utf-8"))
with np.load(ROOT / "chapters/data/first_batch.npz") as stored:
    RESULTS = dict(stored)
BOTH = "sgd", "adam"


def trained(cell, optimizer):
    """고른 학습률의 시험 정확도, 시드마다."""
    key = f"{cell}_{optimizer}"
    return at_best_rate(RESULTS[f"{key}_validation"][0], RESULTS[f"{key}_accuracy"][0])[1]


def mean(cell, optimizer):
    return trained(cell, optimizer).mean()


def test_a_right_first_loss_is_not_enough_and_not_needed():
    """첫 손실이 2.30인 다섯 가운데 둘만 80 %를 넘고, 12에서 시작한 라는 건강한 망과 2 %p 안입니다."""
    same = ["output_0", "small_4", "small", "dead_3", "same_0"]
    for optimizer in BOTH:
        firsts = [RESULTS[f"{cell}_{optimizer}_first"][0].mean() for cell in same]
        assert firsts == pytest.approx([np.log(10)] * 5, abs=0.02)
        assert [cell for cell in same if mean(cell, optimizer) > 0.8] == same[:2]
        assert RESULTS[f"output_10_{optimizer}_first"][0].mean() > 10
        assert mean("output_10", optimizer) > mean("healthy", optimizer) - 0.02
    assert all(mean(cell, "sgd") < 0.3 for cell in same[2:])
    assert mean("input_255", "adam") > 0.84


def test_units_dead_in_one_batch_may_live_in_others():
    """나는 Adam에서 시드에 따라 찍기부터 87 %까지입니다."""
    found = trained("dead_3", "adam")
    assert found.min() < 0.12
    assert found.max() > 0.8


def test_the_seeds_that_revive_had_a_unit_left():
    """3층의 유닛이 학습 자료에서 하나도 켜지지 않은 시드는 배우지 못하고, 배운 두 시드에는 한둘이 남아 있습니다."""
    left = []
    for seed in range(5):
        net, a = first_batch.build("dead_3", "relu", 6, seed), first_batch.digits().x_train[:1200]
        for weight, bias in zip(net.weights[:3], net.biases):
            a = np.maximum(a @ weight + bias, 0)
        left.append((a.max(axis=0) > 0).sum())
    learned = trained("dead_3", "adam") > 0.8
    assert [count for count, good in zip(left, learned) if good] == [2, 1]
    assert not learned[np.array(left) == 0].any()


def spread(cell, optimizer):
    """재어 본 학습률마다 (은닉층 사이의 행렬에서 첫 걸음의 비의 중앙값, 검증 정확도)."""
    key = f"{cell}_{optimizer}"
    kept = RESULTS[f"{key}_measured"][0]
    ratio, validation = RESULTS[f"{key}_ratio"][0][kept], RESULTS[f"{key}_validation"][0][kept]
    return np.median(ratio[..., 1:-1].reshape(len(ratio), -1), axis=1), np.nan_to_num(validation.mean(axis=1))


def at_a_thousandth(cell, optimizer):
    """비가 0.001일 때의 검증 정확도가 가장 좋은 것보다 얼마나 낮은지."""
    ratio, score = spread(cell, optimizer)
    return score.max() - np.interp(np.log(1e-3), np.log(ratio), score)


def best_ratio(cell, optimizer):
    ratio, score = spread(cell, optimizer)
    return ratio[score.argmax()]


def test_a_first_step_of_a_thousandth_is_too_small_for_300_steps():
    """여섯 칸 모두 4–11 %p 낮고 가장 좋은 비는 0.01–0.065입니다. 3,000걸음이면 2 %p 안입니다."""
    for cell in ("healthy", "shallow", "tanh"):
        for optimizer in BOTH:
            assert 0.04 < at_a_thousandth(cell, optimizer) < 0.11
            assert 0.0095 < best_ratio(cell, optimizer) < 0.065
    for optimizer in BOTH:
        assert at_a_thousandth("healthy_3000", optimizer) < 0.02
        for steps_taken in (100, 1000, 3000):
            assert 0.008 < best_ratio(f"healthy_{steps_taken}", optimizer) < 0.065


def test_the_best_rate_is_inside_the_grid():
    """배우는 칸에서는 가장 좋은 학습률이 잰 범위의 안쪽에 있습니다."""
    stuck = {"small", "dead_3", "shuffled"}
    for cell in set(ABOUT["cells"]) - stuck:
        for optimizer in BOTH:
            score = spread(cell, optimizer)[1]
            assert 0 < score.argmax() < len(score) - 1, (cell, optimizer)


def test_three_times_the_best_rate_of_sgd_is_a_cliff():
    for cell in ("healthy", "shallow", "tanh"):
        score = spread(cell, "sgd")[1]
        assert score[score.argmax() + 1] < 0.4
        ratio, score = spread(cell, "adam")
        near = ratio[score > score.max() - 0.02]
        assert near.max() > 9 * near.min()


def test_the_ratio_varies_less_than_the_rate():
    """건강한 망, 라, 마의 SGD: 가장 좋은 학습률은 3,000배, 그때의 비는 열두 배 안입니다."""
    cells = ["healthy", "output_10", "input_255"]
    rates = [
        ABOUT["learning_rate"][f"{c}_sgd"][int(at_best_rate(*[RESULTS[f"{c}_sgd_validation"][0]] * 2)[0])]
        for c in cells
    ]
    ratios = [best_ratio(cell, "sgd") for cell in cells]
    assert max(rates) / min(rates) == pytest.approx(3000)
    assert 8 < max(ratios) / min(ratios) < 12


def test_a_net_learns_with_ratios_far_apart():
    """가는 4층 0.1, 나머지 0.001 아래에서 시작해 87 %를 배웁니다."""
    key = "small_4_sgd"
    best = int(at_best_rate(*[RESULTS[f"{key}_validation"][0]] * 2)[0])
    ratio = np.median(RESULTS[f"{key}_ratio"][0, best], axis=0)
    assert ratio[3] > 0.08
    assert (np.delete(ratio, 3) < 0.001).all()
    assert mean("small_4", "sgd") > 0.85


def test_healthy_batches_that_end_badly():
    """뒤섞은 레이블은 찍기, 차례대로는 SGD에서만 나쁩니다. 다는 건강한 망보다 40 %p 넘게 낮습니다."""
    for optimizer in BOTH:
        assert mean("shuffled", optimizer) < 0.15
        assert mean("same", optimizer) < mean("healthy", optimizer) - 0.4
    assert 0.5 < mean("sorted", "sgd") < 0.6
    assert mean("input_255", "sgd") < 0.75


@pytest.mark.parametrize(("cell", "optimizer", "rate"), [("small_4", "adam", 0.001), ("sorted", "sgd", 0.003)])
def test_stored_results_are_rederived(cell, optimizer, rate):
    result, key = first_batch.run(cell, optimizer, rate, 1), f"{cell}_{optimizer}"
    at = 0, ABOUT["learning_rate"][key].index(rate), 1
    for name in ("validation", "accuracy", "first"):
        assert result[name] == pytest.approx(RESULTS[f"{key}_{name}"][at], abs=0.02)
    assert result["ratio"] == pytest.approx(RESULTS[f"{key}_ratio"][at], rel=0.01)


def test_the_clinic():
    """짝수 번 모델에서 심은 탈 1,228개 가운데 1,223개의 자리를 짚고, 건강한 망의 진단 385번에 헛경보가 없습니다."""
    clinic = json.loads((ROOT / "chapters/data/diagnosis.json").read_text(encoding="utf-8"))
    with np.load(ROOT / "chapters/data/diagnosis.npz") as proof:
        hit = proof["located"][[number % 2 == 0 for number, _ in clinic["cases"]]]
        seen = proof["healthy"][[model["half"] == "even" for model in clinic["models"]]]
    assert len(clinic["frameworks"]) == 4
    assert (np.isfinite(hit).sum(), np.nansum(hit)) == (1228, 1223)
    assert np.isfinite(seen).all(axis=-1).sum() == 385
    assert not (seen > 1).any()
