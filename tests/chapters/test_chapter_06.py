"""6장의 주장. 저장된 결과로 확인하고, 그 결과의 일부는 다시 학습시켜 확인합니다."""

import json
from pathlib import Path

import numpy as np
import pytest

from wi_lib import datasets, initializers, signals, theory
from wi_lib.network import MLP
from wi_lib.signals import propagate

ROOT = Path(__file__).parents[2]

ABOUT = json.loads((ROOT / "chapters/data/mnist_comparison.json").read_text(encoding="utf-8"))
with np.load(ROOT / "chapters/data/mnist_comparison.npz") as stored:
    RESULTS = dict(stored)
RATES = ABOUT["axes"]["learning_rate"]
RELU, TANH, SIGMOID = (ABOUT["axes"]["activation"].index(name) for name in ("relu", "tanh", "sigmoid"))
SMALL, LECUN, HE = range(3)
AT_001, AT_1 = RATES.index(0.01), RATES.index(1.0)
ACCURACY = RESULTS["accuracy"]


@pytest.fixture(scope="module")
def mnist():
    try:
        return datasets.load_mnist()
    except datasets.DatasetError:
        pytest.skip("MNIST가 없습니다. WI_LIB_DATA_DIR에 원본 파일을 둔 폴더를 적으면 이 시험도 돕니다.")


def entropy(labels):
    p = np.bincount(labels) / len(labels)
    return -(p * np.log(p)).sum()


def test_results_cover_the_whole_grid():
    shape = (*(len(values) for values in ABOUT["axes"].values()), len(ABOUT["seeds"]))
    assert ACCURACY.shape == shape
    assert RESULTS["loss"].shape == (*shape, ABOUT["iterations"] // ABOUT["block"])


@pytest.mark.parametrize(("activation", "initializer", "rate"), [(RELU, HE, AT_001), (TANH, LECUN, AT_001)])
def test_stored_results_are_rederived(mnist, activation, initializer, rate):
    """저장된 결과의 표본을 다시 만듭니다. 끝자리의 차이가 2,000걸음 동안 커지므로 정확도는 1 %p까지 봅니다."""
    from experiments import mnist_comparison

    setting = (list(axis)[i] for axis, i in zip(ABOUT["axes"].values(), (activation, initializer, rate)))
    result = mnist_comparison.run(*setting, ABOUT["seeds"][0])
    loss, accuracy = result["loss"], result["accuracy"]
    stored = RESULTS["loss"][activation, initializer, rate, 0]
    assert accuracy == pytest.approx(ACCURACY[activation, initializer, rate, 0], abs=0.01)
    assert loss[:10] == pytest.approx(stored[:10], rel=1e-3)
    assert loss[-10:].mean() == pytest.approx(stored[-10:].mean(), rel=0.05)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_signals_before_training_follow_the_theory(mnist, seed):
    """학습 전의 신호는 정규분포가 아닌 손글씨 입력에서도 이론을 따릅니다(너비 100의 흔들림은 층마다 약 10 %)."""
    x = mnist.x_train[:1000]
    for init, stds in (("lecun_normal", np.sqrt(1 / np.array([784, 100, 100, 100]))), ("he_normal", None)):
        stds = np.sqrt(2 / np.array([784, 100, 100, 100])) if stds is None else stds
        rows = propagate(x, 4, 100, "relu", init, rng=np.random.default_rng(seed)).summary()
        predicted = theory.predict([784, 100, 100, 100, 100], list(stds), "relu", theory.input_mean_square(x))
        assert [row.delta_rms for row in rows] == pytest.approx(predicted.delta_rms, rel=0.3)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_small_std_starves_the_first_layer_but_not_the_output_bias(mnist, seed):
    """1층의 기울기는 가중치의 10만분의 1 아래이고, 출력 편향의 기울기는 다른 초깃값과 한 자릿수 안에서 같습니다."""
    x, y = mnist.x_train[:1000], mnist.y_train[:1000]
    small, he = (
        MLP(ABOUT["sizes"], "relu", init, rng=np.random.default_rng(seed))
        for init in (initializers.normal(0.01), initializers.he_normal())
    )
    first = signals.rms(small.gradients(x, y).weights[0]) / signals.rms(small.weights[0])
    assert first < 2e-5
    assert signals.rms(he.gradients(x, y).weights[0]) / signals.rms(he.weights[0]) > 1000 * first
    ratio = signals.rms(he.gradients(x, y).biases[-1]) / signals.rms(small.gradients(x, y).biases[-1])
    assert 1 < ratio < 10


def test_small_std_settles_at_the_entropy_of_the_labels(mnist):
    """표준편차 0.01의 손실은 ln 10이 아니라 빈도의 엔트로피에 멈춥니다(마지막 500걸음의 평균)."""
    target = entropy(mnist.y_train)
    last = RESULTS["loss"][RELU, SMALL, AT_001, :, -500 // ABOUT["block"] :].mean()
    assert last == pytest.approx(target, abs=5e-4)
    assert np.log(10) - target > 1e-3


def test_small_std_always_answers_the_most_frequent_digit(mnist):
    share = np.bincount(mnist.y_test).max() / len(mnist.y_test)
    assert mnist.y_train[mnist.y_train == 1].size == np.bincount(mnist.y_train).max()
    assert ACCURACY[RELU, SMALL, AT_001] == pytest.approx(share, abs=1e-6)


def test_small_std_never_learns_at_any_learning_rate():
    assert ACCURACY[RELU, SMALL].max() < 0.12


def test_he_beats_lecun_on_every_seed_at_001():
    assert (ACCURACY[RELU, HE, AT_001] > ACCURACY[RELU, LECUN, AT_001]).all()


def test_the_difference_disappears_at_the_best_learning_rate():
    """저마다 가장 좋은 학습률에서는 평균의 차이가 시드가 만드는 폭보다 작습니다."""
    best = [ACCURACY[RELU, init, np.nanargmax(ACCURACY[RELU, init].mean(axis=-1))] for init in (LECUN, HE)]
    assert abs(best[0].mean() - best[1].mean()) < min(np.ptp(runs) for runs in best)


def test_he_works_at_smaller_rates_and_diverges_first():
    smallest = RATES.index(0.001)
    assert ACCURACY[RELU, HE, smallest].min() > ACCURACY[RELU, LECUN, smallest].max()
    assert np.isnan(ACCURACY[RELU, HE, AT_1]).any()
    assert not np.isnan(ACCURACY[RELU, LECUN, AT_1]).any()


def test_sigmoid_with_lecun_does_not_learn_at_001():
    """교재가 Xavier라고 부른 초깃값으로도 sigmoid는 학습률 0.01에서 배우지 못하고, 0.3에서야 배우기 시작합니다."""
    runs = ACCURACY[SIGMOID, LECUN]
    assert runs[AT_001].max() < 0.12
    assert runs[: RATES.index(0.3)].mean(axis=-1).max() < 0.2
    assert runs[RATES.index(0.3)].mean() > 0.5
    assert (ACCURACY[SIGMOID, HE].mean(axis=-1)[RATES.index(0.1) :] > runs.mean(axis=-1)[RATES.index(0.1) :]).all()


def test_tanh_learns_over_a_wide_range_and_saturates_at_1():
    for init in (LECUN, HE):
        assert ACCURACY[TANH, init, :AT_1].min() > 0.7
        assert ACCURACY[TANH, init, AT_1].max() < 0.12
        assert not np.isnan(ACCURACY[TANH, init]).any()


def test_small_std_fails_for_every_activation():
    assert np.nanmax(ACCURACY[:, SMALL].mean(axis=-1)) < 0.2


def test_variance_that_keeps_the_backward_signal():
    """가중합이 0에 가까울 때 역전파 신호를 지키는 분산은 sigmoid 16/n, tanh 1/n, ReLU 2/n입니다."""
    for activation, c in (("sigmoid", 16), ("tanh", 1), ("relu", 2)):
        assert 1 / theory.chi(0.01, activation, weight_variance=1) == pytest.approx(c, rel=0.05)


def last_loss(activation, initializer, rate):
    """마지막 100걸음의 손실, 시드 다섯 개의 평균."""
    return RESULTS["loss"][activation, initializer, rate, :, -100 // ABOUT["block"] :].mean()


def test_small_std_stays_at_ln_10_without_diverging():
    """표준편차 0.01의 손실은 어느 학습률에서도 ln 10에 붙어 있고, 발산한 시드가 없습니다."""
    assert RESULTS["loss"][RELU, SMALL] == pytest.approx(np.log(10), abs=0.02)
    assert not np.isnan(ACCURACY[RELU, SMALL]).any()


def test_lecun_at_a_larger_rate_draws_level_with_he():
    """LeCun의 마지막 손실은 학습률 0.01에서 0.31, 0.3에서 0.064이고 He는 0.065입니다."""
    at_03 = RATES.index(0.3)
    ends = [last_loss(RELU, LECUN, AT_001), last_loss(RELU, LECUN, at_03), last_loss(RELU, HE, at_03)]
    assert ends == pytest.approx([0.31, 0.064, 0.065], rel=0.02)


def test_seeds_fall_apart_at_rate_1():
    """학습률 1에서 LeCun의 가장 나쁜 시드는 11 %이고, He는 다섯 시드 가운데 넷이 발산합니다."""
    assert ACCURACY[RELU, LECUN, AT_1].min() == pytest.approx(0.114, abs=0.005)
    assert ACCURACY[RELU, LECUN, AT_1].max() > 0.9
    assert np.isnan(ACCURACY[RELU, HE, AT_1]).sum() == 4


def test_sigmoid_waits_long_before_it_learns():
    """sigmoid, LeCun, 학습률 0.3: 손실이 800걸음까지 ln 10에 머물다가 내려갑니다."""
    runs = RESULTS["loss"][SIGMOID, LECUN, RATES.index(0.3)]
    assert (runs[:, 10 : 800 // ABOUT["block"]] > 2.15).all()
    assert last_loss(SIGMOID, LECUN, RATES.index(0.3)) < 1


def test_tanh_at_rate_1_is_worse_than_guessing():
    """tanh, 학습률 1: 손실이 ln 10의 열 배를 넘습니다."""
    for init in (LECUN, HE):
        assert last_loss(TANH, init, AT_1) == pytest.approx(40, abs=2)
