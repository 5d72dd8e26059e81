"""9장의 주장. 작은 세계와 손글씨 숫자에서는 다시 계산하고, MNIST는 저장된 결과와 그 표본으로 확인합니다."""

import copy
import itertools
import json
from pathlib import Path

import numpy as np
import pytest

from wi_lib import datasets, mean_interval
from wi_lib.pretraining import RBM, train_rbm

ROOT = Path(__file__).parents[2]

ABOUT = json.loads((ROOT / "chapters/data/pretraining.json").read_text(encoding="utf-8"))
with np.load(ROOT / "chapters/data/pretraining.npz") as stored:
    RESULTS = dict(stored)
DBN, SHUFFLED, SCALED, XAVIER, HE = range(5)
SGD, ADAM = range(2)
LINES = np.arange(8)[:, None] >> np.arange(3) & 1
BARS = np.unique(np.vstack([np.repeat(LINES, 3, axis=1), np.tile(LINES, 3)]), axis=0).astype(float)


PICTURES = (np.arange(512)[:, None] >> np.arange(9) & 1).astype(float)
HIDDEN = (np.arange(256)[:, None] >> np.arange(8) & 1).astype(float)
INSIDE = (PICTURES[:, None] == BARS).all(axis=2).any(axis=1)


def kl(rbm):
    return -np.log(len(BARS)) - rbm.log_likelihood(BARS)


def learn(k, seed, steps=3000):
    rng = np.random.default_rng(seed)
    rbm = RBM(9, 8, rng=rng, dtype=np.float64)
    train_rbm(rbm, BARS, learning_rate=0.2, batch_size=14, iterations=steps, rng=rng, steps=k)
    return rbm


def probabilities(rbm):
    return np.exp(-rbm.free_energy(PICTURES) - rbm.log_partition())


def split(rbm):
    """KL의 두 몫: 무늬 밖으로 샌 것과 무늬 안에서 고르지 않은 것."""
    p = probabilities(rbm)[INSIDE]
    return np.array([-np.log(p.sum()), -np.log(p / p.sum()).mean() - np.log(14)])


def trip(rbm):
    up, down = rbm.p_hidden(PICTURES)[:, None], rbm.p_visible(HIDDEN)[:, None]
    to_h = np.where(HIDDEN, up, 1 - up).prod(axis=2)
    return to_h @ np.where(PICTURES, down, 1 - down).prod(axis=2)


def divergence(a, b):
    seen = a > 0
    return np.sum(a[seen] * np.log(a[seen] / b[seen]))


@pytest.fixture(scope="module")
def stripes():
    """페이지에 없는 시드로 배운 CD-1과 CD-5."""
    return {k: [learn(k, seed) for seed in range(10, 15)] for k in (1, 5)}


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
    mean, half = mean_interval(np.subtract(ones, fives))
    assert mean > half


def test_what_remains_is_imbalance(stripes):
    """두 몫의 합이 KL이고, CD-1과 CD-5의 차이는 대부분 무늬 사이가 고르지 않은 것입니다."""
    parts = {k: np.array([split(rbm) for rbm in runs]) for k, runs in stripes.items()}
    for k, runs in stripes.items():
        np.testing.assert_allclose(parts[k].sum(axis=1), [kl(rbm) for rbm in runs])
    out, uneven = (parts[1] - parts[5]).T
    assert abs(out.mean()) < 0.12
    for more in (uneven, uneven - out):
        mean, half = mean_interval(more)
        assert mean > half


def test_one_trip_does_not_reach_another_pattern(stripes):
    """CD-1로 배운 모형에서 한 번 갔다 와서는 다른 무늬에 거의 가지 않고, 25번이면 셋에 하나는 갑니다."""
    for rbm in stripes[1]:
        once = trip(rbm)
        np.testing.assert_allclose(once.sum(axis=1), 1)
        np.testing.assert_allclose(probabilities(rbm) @ once, probabilities(rbm), atol=1e-12)
        moved = []
        for k in (1, 5, 25):
            m = np.linalg.matrix_power(once, k)[np.ix_(INSIDE, INSIDE)]
            moved.append((m.sum() - np.trace(m)) / 14)
        assert moved[0] < 0.003
        assert 0.03 < moved[1] < 0.12
        assert 0.25 < moved[2] < 0.55


def test_a_longer_trip_mends_the_imbalance(stripes):
    """CD-1로 배운 모형도 CD-25로 이어서 배우면 고르게 됩니다. CD-1로 이어서는 그대로입니다."""
    left = {}
    for k in (1, 25):
        runs = copy.deepcopy(stripes[1])
        for seed, rbm in enumerate(runs):
            rng = np.random.default_rng([seed, 1])
            train_rbm(rbm, BARS, learning_rate=0.2, batch_size=14, iterations=1000, rng=rng, steps=k)
        left[k] = np.mean([split(rbm) for rbm in runs], axis=0)
    before = np.mean([split(rbm) for rbm in stripes[1]], axis=0)
    assert left[25][1] < 0.6 * before[1]
    assert left[1][1] > 0.75 * before[1]
    assert max(left[1][0], left[25][0]) < before[0]


def test_cd_lowers_the_difference_of_two_divergences(stripes):
    """KL(q‖p) − KL(q₁‖p)는 밖으로 샌 몫과 비슷하고, 고르지 않은 몫은 두 KL에 함께 남습니다."""
    q, found = INSIDE / 14, []
    for rbm in stripes[1]:
        p = probabilities(rbm)
        found.append([divergence(q, p) - divergence(q @ trip(rbm), p), *split(rbm)])
    contrast, out, uneven = np.mean(found, axis=0)
    assert contrast == pytest.approx(out, abs=0.05)
    assert contrast < 0.7 * uneven


def test_divergence_is_not_a_distance(stripes):
    fresh = probabilities(RBM(9, 8, rng=np.random.default_rng(10), dtype=np.float64))
    for rbm in stripes[1]:
        learned = probabilities(rbm)
        assert divergence(fresh, learned) > divergence(learned, fresh) + 0.5
        assert learned[~INSIDE].sum() > 0.1  # 그래서 뒤집은 KL(p‖q)는 무한대입니다.


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
            found.append((scaled.reconstruction_error(BARS), kl(scaled), *split(scaled)))
        errors, sizes, out, uneven = zip(*found)
        assert out[2] < 0.01 < out[0]
        assert uneven[0] < uneven[1] < uneven[2]
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
LABELS = 100 * RESULTS["labels_accuracy"]  # (시작, 레이블, 최적화기, 시드)
GAIN = LABELS[DBN] - LABELS
MOVED = 100 * (RESULTS["transfer_accuracy"][0] - RESULTS["transfer_accuracy"][1])  # (레이블, 걸음, 최적화기, 시드)


def test_results_cover_the_whole_grid():
    """다섯 시드가 다 있고, 재지 않은 것은 Adam의 Xavier(sigmoid)뿐입니다."""
    axes, transfer, seeds = ABOUT["axes"], ABOUT["transfer"], len(ABOUT["seeds"])
    assert seeds >= 5
    cells = tuple(len(axes[name]) for name in ("start", "labels", "optimizer"))
    assert LABELS.shape == (*cells, seeds)
    cells = tuple(len(transfer[name]) for name in ("start", "labels", "steps", "optimizer"))
    assert RESULTS["transfer_accuracy"].shape == (*cells, seeds)
    assert not np.isnan(RESULTS["transfer_accuracy"]).any()
    missing = np.isnan(LABELS).any(axis=(1, 3))
    assert np.argwhere(missing).tolist() == [[XAVIER, ADAM]]


@pytest.mark.parametrize(("part", "axes"), [("labels", ABOUT["axes"]), ("transfer", ABOUT["transfer"])])
def test_the_best_rate_is_not_at_the_edge(part, axes):
    """칸마다 고른 학습률은 검증이 가장 좋은 것이고, 그 양옆도 재었습니다."""
    validation, measured = RESULTS[f"{part}_validation"], RESULTS[f"{part}_measured"]
    for index in np.ndindex(validation.shape[:-1]):
        if not measured[index].any():
            continue
        best = np.nan_to_num(validation[index]).argmax()
        assert axes["rates"][best] == pytest.approx(RESULTS[f"{part}_rate"][index])
        assert measured[index][best - 1 : best + 2].sum() == 3, index


def test_budget_is_equal():
    """무작위로 시작한 망의 남는 걸음 × 한 걸음의 곱셈 = 사전 학습의 곱셈(0.01 %까지)."""
    sizes, cd = ABOUT["sizes"], ABOUT["cd"]
    layers = [a * b for a, b in itertools.pairwise(sizes)]
    step = ABOUT["batch_size"] * (2 * sum(layers) + sum(layers[1:]))
    pretraining = 5 * cd["iterations"] * cd["batch_size"] * sum(layers[:-1]) + 60000 * layers[0]
    assert ABOUT["step_products"] == step
    assert ABOUT["pretraining_products"] == pretraining
    assert ABOUT["extra_steps"] * step == pytest.approx(pretraining, rel=1e-4)
    assert ABOUT["steps"] + ABOUT["extra_steps"] > 5 * ABOUT["steps"]


def test_dbn_wins_when_labels_are_few():
    """100개에서는 두 최적화기 모두 시드마다 이깁니다. 견줌의 구간은 compared/chapter_09.py에 있습니다."""
    assert GAIN[HE, 0].min() > 3
    assert GAIN[XAVIER, 0, SGD].min() > 6
    assert GAIN[[XAVIER, HE], 1, SGD].min() > 0.3


def test_the_controls_lie_between():
    """SGD에서는 줄인 DBN이 절반쯤을 지키고 섞은 DBN은 거의 잃습니다."""
    whole, shuffled, scaled = (GAIN[i, 0, SGD] for i in (XAVIER, SHUFFLED, SCALED))
    assert shuffled.min() > 4
    assert scaled.min() > 1
    assert 0.3 < scaled.mean() / whole.mean() < 0.6 < shuffled.mean() / whole.mean()
    assert (LABELS[SCALED, 0, SGD] > LABELS[SHUFFLED, 0, SGD]).all()


def test_dbn_wins_without_larger_signals():
    """역전파 신호의 배율은 Xavier와 같고 가중치 기울기는 더 작습니다. 갈리는 것은 선형 탐침입니다."""
    std, saturated, _, delta, gradient, loss, probe = np.moveaxis(RESULTS["signals"], 2, 0)
    assert (std[DBN] > 2.5 * std[XAVIER]).all()
    np.testing.assert_allclose(std[SCALED], std[XAVIER], rtol=0.02)
    np.testing.assert_allclose(std[SHUFFLED], std[DBN], rtol=1e-4)
    np.testing.assert_allclose(saturated[DBN].mean(axis=0), [0.54, 0.19], atol=0.015)
    assert (saturated[XAVIER] == 0).all()
    ratios = delta[..., 0] / delta[..., 1]
    np.testing.assert_allclose(ratios[DBN], 0.23, atol=0.01)
    np.testing.assert_allclose(ratios[XAVIER], 0.24, atol=0.005)
    # 무작위 신호를 되돌리면 가중치 기울기의 RMS는 앞 층 출력의 RMS와 δ의 RMS의 곱에 가깝습니다.
    product = RESULTS["signals"][:, :, 2] * delta
    assert (np.abs(gradient / product - 1) < 0.2).all()
    assert (loss[DBN].mean(axis=0) < 0.52 * loss[XAVIER].mean(axis=0)).all()
    assert loss[SHUFFLED, :, 0].mean() > 3.5 * loss[DBN, :, 0].mean()
    probe = probe.mean(axis=1)
    assert min(probe[DBN].min(), probe[SCALED].min()) > 0.89
    assert max(probe[SHUFFLED].max(), probe[XAVIER].max()) < 0.85


def test_where_transfer_helps_depends_on_the_optimizer():
    """SGD에서는 50개에서, Adam에서는 24,000개에서 시드마다 이득입니다."""
    few, _, many = range(3)
    assert MOVED[few, :, SGD].min() > 0.5
    assert MOVED[many, :, ADAM].min() > 0.5


def test_stored_results_are_rederived():
    """저장된 표본을 다시 만듭니다: DBN 하나, 옮긴 것 하나. 끝자리의 차이가 커지므로 정확도는 2 %p까지 봅니다."""
    try:
        datasets.load_mnist()
    except datasets.DatasetError:
        pytest.skip("MNIST가 없습니다. WI_LIB_DATA_DIR에 원본 파일을 둔 폴더를 적으면 이 시험도 돕니다.")
    from experiments import pretraining

    for start, optimizer in ((SCALED, "sgd"), (SHUFFLED, "adam")):
        at = start, 0, ("sgd", "adam").index(optimizer)
        setting = {"start": ABOUT["axes"]["start"][start], "labels": 100, "optimizer": optimizer, "seed": 1}
        found = pretraining.run_labels(**setting, learning_rate=float(RESULTS["labels_rate"][at]))
        assert found["accuracy"] == pytest.approx(RESULTS["labels_accuracy"][at][1], abs=0.02)
    found = pretraining.run_signals(ABOUT["axes"]["start"][DBN], 1)["signals"]
    np.testing.assert_allclose(found, RESULTS["signals"][DBN, 1], atol=0.02)
    at = 0, 0, 0, 1
    setting = {"start": ABOUT["transfer"]["start"][0], "labels": 50, "steps": 200, "optimizer": "adam", "seed": 2}
    found = pretraining.run_moved(**setting, learning_rate=float(RESULTS["transfer_rate"][at]))
    assert found["accuracy"] == pytest.approx(RESULTS["transfer_accuracy"][at][2], abs=0.02)
