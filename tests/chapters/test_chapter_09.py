"""9장의 주장. 작은 세계와 손글씨 숫자에서는 다시 계산하고, MNIST는 저장된 결과와 그 표본으로 확인합니다."""

import copy
import itertools
import json
from pathlib import Path

import numpy as np
import pytest

from wi_lib import datasets
from wi_lib.pretraining import RBM, train_rbm

ROOT = Path(__file__).parents[2]

ABOUT = json.loads((ROOT / "chapters/data/pretraining.json").read_text(encoding="utf-8"))
with np.load(ROOT / "chapters/data/pretraining.npz") as stored:
    RESULTS = dict(stored)
DBN, XAVIER, HE = range(3)
LINES = np.arange(8)[:, None] >> np.arange(3) & 1
BARS = np.unique(np.vstack([np.repeat(LINES, 3, axis=1), np.tile(LINES, 3)]), axis=0).astype(float)


def kl(rbm):
    return -np.log(len(BARS)) - rbm.log_likelihood(BARS)


def learn(k, seed, steps=3000):
    rng = np.random.default_rng(seed)
    rbm = RBM(9, 8, rng=rng, dtype=np.float64)
    train_rbm(rbm, BARS, learning_rate=0.2, batch_size=14, iterations=steps, rng=rng, steps=k)
    return rbm


@pytest.fixture(scope="module")
def stripes():
    """페이지에 없는 시드 둘로 배운 CD-1과 CD-5."""
    return {k: [learn(k, seed) for seed in (10, 11)] for k in (1, 5)}


@pytest.fixture(scope="module")
def digits():
    return datasets.load_digits()


def train_digits(x, seed, steps, **settings):
    rbm = RBM(64, 64, rng=np.random.default_rng(seed), dtype=np.float64)
    rbm.set_visible_bias(x)
    settings |= {"learning_rate": 0.2, "batch_size": 50, "iterations": steps}
    return rbm, train_rbm(rbm, x, rng=np.random.default_rng([seed, 1]), **settings)


@pytest.fixture(scope="module")
def digit_models(digits):
    x = digits.x_train.astype(np.float64)
    return {steps: train_digits(x, 7, steps)[0] for steps in (300, 3000)}


def test_the_world_has_14_pictures():
    assert BARS.shape == (14, 9)


def test_cd_lowers_kl_and_larger_k_goes_lower(stripes):
    """3.6 nat에서 시작해 CD-1은 0.8 아래로, CD-5는 0.45 아래로 갑니다."""
    assert kl(RBM(9, 8, rng=np.random.default_rng(10))) == pytest.approx(3.6, abs=0.05)
    ones, fives = ([kl(rbm) for rbm in stripes[k]] for k in (1, 5))
    assert min(ones) > 0.45
    assert max(ones) < 0.8
    assert max(fives) < 0.45
    assert np.mean(fives) < 0.7 * np.mean(ones)


def test_learning_starts_with_a_plateau():
    """표준편차 0.01에서 시작하면 처음 200걸음에는 KL이 거의 그대로입니다."""
    assert kl(learn(1, 10, steps=200)) == pytest.approx(3.6, abs=0.1)


def test_smaller_reconstruction_error_with_larger_kl(stripes):
    """가중치를 키우면 재구성 오차는 줄고 KL은 커집니다."""
    for rbm in stripes[1]:
        found = []
        for scale in (1, 2, 3):
            scaled = copy.deepcopy(rbm)
            for parameter in scaled.parameters:
                parameter *= scale
            found.append((scaled.reconstruction_error(BARS), kl(scaled)))
        errors, sizes = zip(*found)
        assert errors[0] > 100 * errors[1] > 10_000 * errors[2]
        assert sizes[2] > 1.3 * sizes[1] > 1.3 * sizes[0]


def test_same_reconstruction_error_with_different_kl(stripes):
    """CD-1과 CD-5의 재구성 오차는 모두 천분의 일도 안 되는데 KL은 1.4배 넘게 다릅니다."""
    for runs in stripes.values():
        assert all(rbm.reconstruction_error(BARS) < 1e-3 for rbm in runs)
    assert np.mean([kl(r) for r in stripes[1]]) > 1.4 * np.mean([kl(r) for r in stripes[5]])


def kept_share(rbm, digits, k):
    """k번 갔다 온 그림과 가장 닮은 학습 그림의 숫자가 처음 숫자인 비율."""
    start, x = digits.x_test[:200].astype(np.float64), digits.x_train.astype(np.float64)
    v = rbm.gibbs(start, k, rng=np.random.default_rng(3))
    near = ((x**2).sum(axis=1) - 2 * v @ x.T).argmin(axis=1)
    return np.mean(digits.y_train[near] == digits.y_test[:200]), np.mean((v - start) ** 2)


def test_one_trip_keeps_the_digit_and_twenty_forget_it(digits, digit_models):
    once, twenty = (kept_share(digit_models[3000], digits, k)[0] for k in (1, 20))
    assert once > 0.65
    assert twenty < 0.25
    assert twenty < kept_share(digit_models[3000], digits, 5)[0] < once
    assert 0.3 < kept_share(digit_models[300], digits, 1)[0] < once


def test_untrained_rbm_shows_the_mean_picture(digits):
    """배우기 전에는 어느 숫자에서 출발해도 거의 같은, 평균에 가까운 그림입니다."""
    rbm = RBM(64, 64, rng=np.random.default_rng(5), dtype=np.float64)
    rbm.set_visible_bias(digits.x_train)
    shown = rbm.gibbs(digits.x_test[:50], 1, rng=np.random.default_rng(0))
    assert np.abs(shown - digits.x_train.mean(axis=0)).max() < 0.05


@pytest.mark.parametrize("seed", [0, 4])
def test_free_energy_gap_finds_the_memorised(digits, seed):
    """50장을 외운 RBM은 학습 그림의 재구성 오차가 더 작지만, 자유 에너지의 차이는 열 배쯤 큽니다."""
    x, new = digits.x_train.astype(np.float64), digits.x_test[:200].astype(np.float64)
    few, few_history = train_digits(x[:50], seed, 1000, held_out=new)
    many, many_history = train_digits(x, seed, 1000, held_out=new)
    assert few.reconstruction_error(x[:50]) < 0.7 * many.reconstruction_error(x)
    assert few.reconstruction_error(new) > many.reconstruction_error(new)
    assert few_history.gap[-1] > 2.3
    assert abs(many_history.gap[-1]) < 0.6


# ── 저장된 MNIST의 결과 ────────────────────────────────────────────────────────────────


def pick(runs):
    """첫 시드의 검증이 가장 좋은 학습률의 시험 정확도."""
    rate = np.nan_to_num(runs[..., 0, 0]).argmax(axis=-1)
    return np.take_along_axis(runs[..., 1], rate[..., None, None], axis=-2)[..., 0, :]


LABELS = 100 * pick(RESULTS["labels"])
MOVED, FRESH = np.moveaxis(100 * pick(np.moveaxis(RESULTS["transfer"], -2, 0)), 1, 0)


def test_results_cover_the_whole_grid():
    axes, transfer, seeds = ABOUT["axes"], ABOUT["transfer"], len(ABOUT["seeds"])
    assert seeds >= 3
    assert RESULTS["labels"].shape == (len(axes["start"]), len(axes["labels"]), 3, seeds, 2)
    shape = (*(len(transfer[name]) for name in ("start", "labels", "rates")), seeds, len(transfer["steps"]), 2)
    assert RESULTS["transfer"].shape == shape


def test_budget_is_equal():
    """무작위로 시작한 망의 남는 걸음 × 한 걸음의 곱셈 = 사전 학습의 곱셈(0.01 %까지)."""
    sizes, cd = ABOUT["sizes"], ABOUT["cd"]
    layers = [a * b for a, b in itertools.pairwise(sizes)]
    step = ABOUT["fine_tune"]["batch_size"] * (2 * sum(layers) + sum(layers[1:]))
    pretraining = 5 * cd["iterations"] * cd["batch_size"] * sum(layers[:-1]) + 60000 * layers[0]
    assert ABOUT["step_products"] == step
    assert ABOUT["pretraining_products"] == pretraining
    assert ABOUT["extra_steps"] * step == pytest.approx(pretraining, rel=1e-4)
    assert ABOUT["fine_tune"]["iterations"] + ABOUT["extra_steps"] == pytest.approx(10900, abs=50)


def test_dbn_wins_when_labels_are_few():
    """같은 활성화 함수의 Xavier에게는 어디에서나, He에게는 1,000개까지 시드마다 이깁니다. 5,000개에서는 비깁니다."""
    over_xavier, over_he = LABELS[DBN] - LABELS[XAVIER], LABELS[DBN] - LABELS[HE]
    np.testing.assert_allclose(over_xavier.min(axis=1), [8.1, 2.2, 0.7], atol=0.06)
    np.testing.assert_allclose(over_xavier.max(axis=1), [9.3, 2.6, 0.8], atol=0.06)
    np.testing.assert_allclose(over_he.min(axis=1), [5.0, 0.9, 0.0], atol=0.06)
    np.testing.assert_allclose(over_he.max(axis=1), [6.7, 1.2, 0.2], atol=0.06)
    # 5,000개에서는 두 망의 시드가 겹칩니다.
    assert LABELS[DBN, 2].min() < LABELS[HE, 2].max()


def test_some_chose_the_largest_rate():
    """Xavier는 1,000개와 5,000개에서, DBN은 5,000개에서 가장 큰 학습률이 가장 좋았고, He는 거기에서 무너졌습니다."""
    validation = np.nan_to_num(RESULTS["labels"][..., 0, 0])
    assert (validation[XAVIER, 1:].argmax(axis=-1) == 2).all()
    assert validation[DBN].argmax(axis=-1).tolist() == [1, 1, 2]
    assert (validation[HE, :, 2] < 0.3).any()


def test_other_seeds_use_the_rate_of_the_first():
    """첫 시드에는 모든 학습률이, 나머지 시드에는 고른 학습률만 있습니다."""
    labels = RESULTS["labels"]
    chosen = np.nan_to_num(labels[..., 0, 0]).argmax(axis=-1)
    trained = ~np.isnan(labels[:, :, :, 1:, 1]).all(axis=-1)
    assert (trained == (np.arange(3) == chosen[..., None])).all()


def test_transfer_helps_when_labels_or_steps_are_few():
    """50개에서는 끝까지, 5,000개에서는 200걸음까지만 이득이고, 24,000개에서는 없습니다."""
    gain = MOVED - FRESH  # (걸음, 레이블, 시드)
    assert gain[:, 0].min() > 0.95
    assert gain[1, 1].min() > 0
    assert gain[1, 1].max() < 1
    assert gain[0, 2].min() > 0.6
    assert np.abs(gain[1, 2]).max() < 0.15
    assert -0.25 < gain[1, 3].min() <= gain[1, 3].max() < 0.1
    spread = np.ptp(FRESH[1, 3])
    assert abs(gain[1, 3].mean()) < spread


def test_dbn_weights_are_large_and_saturated_but_the_signal_is_as_weak():
    std, saturated, delta = np.moveaxis(RESULTS["signals"], 2, 0)
    assert (std[DBN] > 2 * std[XAVIER]).all()
    np.testing.assert_allclose(saturated[DBN].mean(axis=0), [0.37, 0.18], atol=0.01)
    assert (saturated[XAVIER] == 0).all()
    ratios = delta[..., 0] / delta[..., 1]
    np.testing.assert_allclose(ratios[DBN], 0.22, atol=0.005)
    np.testing.assert_allclose(ratios[XAVIER], 0.24, atol=0.005)


def test_stored_results_are_rederived():
    """저장된 표본을 다시 만듭니다: DBN 하나, 옮긴 것 하나. 끝자리의 차이가 커지므로 정확도는 2 %p까지 봅니다."""
    try:
        datasets.load_mnist()
    except datasets.DatasetError:
        pytest.skip("MNIST가 없습니다. WI_LIB_DATA_DIR에 원본 파일을 둔 폴더를 적으면 이 시험도 돕니다.")
    from experiments import pretraining

    dbn, moved = ABOUT["axes"]["start"][DBN], ABOUT["transfer"]["start"][0]
    found = pretraining.run("labels", start=dbn, labels=100, rate=0.3, seed=0)["value"]
    np.testing.assert_allclose(found, RESULTS["labels"][DBN, 0, 0, 0], atol=0.02)
    found = pretraining.run("signals", start=dbn, seed=0)["value"]
    np.testing.assert_allclose(found, RESULTS["signals"][DBN, 0], atol=0.02)
    found = pretraining.run("transfer", start=moved, labels=500, rate=0.1, seed=0)["value"]
    np.testing.assert_allclose(found, RESULTS["transfer"][0, 1, 1, 0], atol=0.02)
