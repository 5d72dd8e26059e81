"""6장의 주장. 저장된 결과로 확인하고, 그 결과의 일부는 다시 학습시켜 확인합니다."""

import functools
import json
from pathlib import Path

import numpy as np
import pytest

from tests.chapters.trained import accuracies_in_the_lab, gradients_on_digits, trained_in_the_lab
from wi_lib import at_best_rate, datasets, initializers, mean_interval, signals, theory, train
from wi_lib.network import MLP
from wi_lib.signals import propagate

ROOT = Path(__file__).parents[2]

ABOUT = json.loads((ROOT / "chapters/data/mnist_comparison.json").read_text(encoding="utf-8"))
with np.load(ROOT / "chapters/data/mnist_comparison.npz") as stored:
    RESULTS = dict(stored)
AXES = ABOUT["axes"]
RATES = AXES["learning_rate"]
SGD, ADAM = (AXES["optimizer"].index(name) for name in ("sgd", "adam"))
RELU, TANH, SIGMOID = (AXES["activation"].index(name) for name in ("relu", "tanh", "sigmoid"))
SMALL, LECUN, HE = range(3)
AT_001, AT_1 = RATES.index(0.01), RATES.index(1.0)
ACCURACY = RESULTS["accuracy"]
BEST, CHOSEN = at_best_rate(RESULTS["validation"], ACCURACY)
INITS = [initializers.normal(0.01), initializers.lecun_normal(), initializers.he_normal()]


def entropy(labels):
    p = np.bincount(labels) / len(labels)
    return -(p * np.log(p)).sum()


def last_loss(optimizer, activation, initializer, rate):
    """마지막 120걸음의 손실, 시드 다섯 개의 평균."""
    return RESULTS["loss"][optimizer, activation, initializer, rate, :, -120 // ABOUT["block"] :].mean()


def test_results_cover_the_whole_grid():
    shape = (*(len(values) for values in AXES.values()), len(ABOUT["seeds"]))
    assert ACCURACY.shape == RESULTS["validation"].shape == shape
    assert len(ABOUT["seeds"]) == 5
    assert RESULTS["loss"].shape == (*shape, ABOUT["iterations"] // ABOUT["block"])


def test_no_best_rate_lies_at_the_edge():
    learned = CHOSEN.mean(axis=-1) > 0.2
    assert not learned[SGD, RELU, SMALL]
    assert learned.sum() == learned.size - 1
    assert (BEST[learned] > 0).all()
    assert (BEST[learned] < len(RATES) - 1).all()


@pytest.mark.parametrize(("optimizer", "activation", "initializer"), [(SGD, RELU, HE), (ADAM, RELU, SMALL)])
def test_stored_results_are_rederived(mnist, optimizer, activation, initializer):
    """저장된 결과의 표본을 다시 만듭니다. 끝자리의 차이가 2,000걸음 동안 커지므로 정확도는 1 %p까지 봅니다."""
    from experiments import mnist_comparison

    at = optimizer, activation, initializer, RATES.index(0.01 if optimizer == SGD else 0.001)
    result = mnist_comparison.run(*(values[i] for values, i in zip(AXES.values(), at)), ABOUT["seeds"][0])
    for name in ("validation", "accuracy"):
        assert result[name] == pytest.approx(RESULTS[name][(*at, 0)], abs=0.01)
    loss, expected = result["loss"], RESULTS["loss"][(*at, 0)]
    assert loss[:5] == pytest.approx(expected[:5], rel=1e-2)
    assert loss[-5:].mean() == pytest.approx(expected[-5:].mean(), rel=0.1)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_signals_before_training_follow_the_theory(mnist, seed):
    """학습 전의 신호는 정규분포가 아닌 손글씨 입력에서도 이론을 따릅니다(너비 100의 흔들림은 층마다 약 10 %)."""
    x = mnist.x_train[:1000]
    for init, scale in (("lecun_normal", 1), ("he_normal", 2)):
        stds = np.sqrt(scale / np.array([784, 100, 100, 100]))
        rows = propagate(x, 4, 100, "relu", init, rng=np.random.default_rng(seed)).summary()
        predicted = theory.predict([784, 100, 100, 100, 100], list(stds), "relu", theory.input_mean_square(x))
        assert [row.delta_rms for row in rows] == pytest.approx(predicted.delta_rms, rel=0.3)
        gradients = [row.weight_gradient_rms for row in rows]
        assert gradients == pytest.approx(predicted.weight_gradient_rms, rel=0.4)


@functools.cache
def gradients(activation, initializer, seed):
    data = datasets.load_mnist()
    net = MLP(ABOUT["sizes"], activation, INITS[initializer], rng=np.random.default_rng(seed))
    found = net.gradients(data.x_train[:1000], data.y_train[:1000])
    weights, biases = ([signals.rms(g) for g in part] for part in (found.weights, found.biases))
    return np.array(weights), np.array(biases), np.array([signals.rms(w) for w in net.weights])


@pytest.mark.parametrize("seed", range(5))
def test_small_std_starves_every_layer_alike(mnist, seed):
    """0.01의 가중치 기울기는 층마다 10배 안에서 같고 He의 만분의 1 아래입니다. 편향은 층마다 열 배쯤 다릅니다."""
    weights, biases, _ = gradients("relu", SMALL, seed)
    he_weights, he_biases, _ = gradients("relu", HE, seed)
    assert weights.max() / weights.min() < 10
    assert (weights < 1e-4 * he_weights).all()
    assert ((biases[1:] / biases[:-1] > 5) & (biases[1:] / biases[:-1] < 40)).all()
    assert 1 < he_biases[-1] / biases[-1] < 10
    # 4층의 편향은 가중치의 천 배가 넘습니다.
    assert biases[3] > 1000 * weights[3]


@pytest.mark.parametrize("seed", [0, 1])
def test_gradient_falls_with_the_fourth_power_of_the_std(mnist, seed):
    small, tenfold = (
        MLP(ABOUT["sizes"], "relu", initializers.normal(std), rng=np.random.default_rng(seed)).gradients(
            mnist.x_train[:1000], mnist.y_train[:1000]
        )
        for std in (0.01, 0.1)
    )
    for a, b in zip(small.weights, tenfold.weights):
        assert signals.rms(b) / signals.rms(a) == pytest.approx(1e4, rel=0.15)


def test_small_std_settles_at_the_entropy_of_the_labels(mnist):
    """표준편차 0.01의 손실은 ln 10이 아니라 빈도의 엔트로피에 멈춥니다(마지막 480걸음의 평균)."""
    target = entropy(mnist.y_train)
    last = RESULTS["loss"][SGD, RELU, SMALL, AT_001, :, -480 // ABOUT["block"] :].mean()
    assert last == pytest.approx(target, abs=7e-4)
    assert np.log(10) - target > 1e-3


def test_small_std_always_answers_the_most_frequent_digit(mnist):
    share = np.bincount(mnist.y_test).max() / len(mnist.y_test)
    assert ACCURACY[SGD, RELU, SMALL, AT_001] == pytest.approx(share, abs=1e-6)


def test_small_std_with_sgd_learns_at_no_rate_in_2000_steps():
    assert ACCURACY[SGD, RELU, SMALL].max() < 0.12
    assert np.nanmax(RESULTS["beyond_accuracy"]) < 0.12
    ends = RESULTS["beyond_loss"][0, 0, 0, :, :, -3:].mean(axis=-1)
    assert (ends[0] > 1.9 * np.log(10)).all()
    assert np.isnan(ends[1]).sum() == 2
    assert np.nanmin(ends[1]) > 30


def test_ten_times_the_steps_free_some_seeds_at_the_smaller_rate_only():
    assert (ABOUT["long"], ABOUT["long_rates"]) == (10 * ABOUT["iterations"], [0.1, 1.0])
    slow, fast = RESULTS["long_accuracy"][0, 0, 0]
    assert fast.max() < 0.12
    assert slow.max() > 0.9
    assert slow.min() < 0.12


@pytest.mark.parametrize("seed", range(5))
def test_biases_switch_the_last_hidden_layer_off(mnist, seed):
    """SGD, 학습률 1: 500걸음 안에 4층의 모든 유닛이 죽고, 가중치의 기울기는 다섯 층 모두 정확히 0이 됩니다."""
    net = MLP(ABOUT["sizes"], "relu", INITS[SMALL], rng=np.random.default_rng([seed, 0]))
    before = [w.copy() for w in net.weights]
    settings = {"learning_rate": 1, "batch_size": 128, "iterations": 500}
    train(net, mnist, rng=np.random.default_rng([seed, 1]), **settings)
    a, x = None, mnist.x_train[:1000]
    for weight, bias in zip(net.weights[:-1], net.biases):
        a = net.activation((x if a is None else a) @ weight + bias)
    assert not a.any()
    assert not any(g.any() for g in net.gradients(x, mnist.y_train[:1000]).weights)
    for weight, start in zip(net.weights, before):
        assert signals.rms(weight - start) < 0.05 * signals.rms(start)


@pytest.mark.parametrize("seed", range(3))
def test_adam_moves_what_sgd_does_not(mnist, seed):
    """100걸음 동안 1층은 SGD(0.01)로 자기 크기의 5만분의 1도, Adam(0.001)으로는 자기 크기보다 더 움직입니다."""
    moved = {}
    for optimizer, rate in (("sgd", 0.01), ("adam", 0.001)):
        net = MLP(ABOUT["sizes"], "relu", INITS[SMALL], rng=np.random.default_rng([seed, 0]))
        first, before = net.weights[0], net.weights[0].copy()
        settings = {"learning_rate": rate, "batch_size": 128, "iterations": 100}
        train(net, mnist, rng=np.random.default_rng([seed, 1]), optimizer=optimizer, **settings)
        moved[optimizer] = signals.rms(first - before) / signals.rms(before)
    assert moved["sgd"] < 2e-5
    assert 1 < moved["adam"] < 10


def test_he_beats_lecun_on_every_seed_at_001():
    assert (ACCURACY[SGD, RELU, HE, AT_001] > ACCURACY[SGD, RELU, LECUN, AT_001]).all()


@pytest.mark.parametrize("optimizer", [SGD, ADAM])
def test_lecun_and_he_cannot_be_told_apart_at_their_best(optimizer):
    lecun, he = CHOSEN[optimizer, RELU, [LECUN, HE]]
    mean, half = mean_interval(he - lecun)
    assert abs(mean) + half < 0.005


def test_he_works_at_smaller_rates():
    for rate in (0, 1, 2):
        assert ACCURACY[SGD, RELU, HE, rate].min() > ACCURACY[SGD, RELU, LECUN, rate].max()


def test_adam_turns_the_verdict_on_small_std_over():
    """표준편차 0.01과 He의 차이는 있어도 1 %p쯤까지입니다."""
    small, he = CHOSEN[ADAM, RELU, [SMALL, HE]]
    mean, half = mean_interval(he - small)
    assert abs(mean) + half < 0.012
    # 처음 40걸음에는 뒤처지고, 모든 초깃값이 0.001 안팎에서 가장 좋고 0.1부터 무너집니다.
    first = RESULTS["loss"][ADAM, RELU, :, RATES.index(0.001), :, 0].mean(axis=-1)
    assert first[SMALL] > first[LECUN] > first[HE]
    assert {RATES[i] for i in BEST[ADAM, RELU]} <= {0.001, 0.003}
    assert np.nanmax(ACCURACY[ADAM, RELU, :, RATES.index(0.1) :].mean(axis=-1)) < 0.2


def test_sigmoid_with_lecun_needs_a_large_rate_or_adam():
    """교재가 Xavier라고 부른 초깃값으로 sigmoid는 SGD, 0.01에서 배우지 못하고, 3에서는 95 %, Adam으로는 97 %입니다."""
    runs = ACCURACY[SGD, SIGMOID, LECUN]
    assert runs[AT_001].max() < 0.12
    assert RATES[BEST[SGD, SIGMOID, LECUN]] == 3
    assert CHOSEN[SGD, SIGMOID, LECUN].mean() == pytest.approx(0.95, abs=0.005)
    assert CHOSEN[ADAM, SIGMOID, LECUN].mean() == pytest.approx(0.97, abs=0.005)
    # He가 더 작은 학습률에서 먼저 배우기 시작합니다.
    begins = [np.argmax(ACCURACY[SGD, SIGMOID, init].mean(axis=-1) > 0.5) for init in (LECUN, HE)]
    assert begins[1] < begins[0]


def test_small_std_depends_on_the_activation():
    """SGD: tanh는 학습률 1에서, sigmoid는 3에서 배우기 시작하되 시드마다 크게 흔들립니다. Adam: 96 %와 94 %."""
    for f, rate, low, high in ((TANH, 1, 0.10, 0.95), (SIGMOID, 3, 0.50, 0.74)):
        assert RATES[BEST[SGD, f, SMALL]] == rate
        runs = CHOSEN[SGD, f, SMALL]
        assert (runs.min(), runs.max()) == pytest.approx((low, high), abs=0.01)
        assert np.nanmax(ACCURACY[SGD, f, SMALL, : RATES.index(rate)].mean(axis=-1)) < 0.2
    assert CHOSEN[ADAM, TANH, SMALL].mean() == pytest.approx(0.96, abs=0.006)
    assert CHOSEN[ADAM, SIGMOID, SMALL].mean() == pytest.approx(0.94, abs=0.006)


@pytest.mark.parametrize("seed", range(3))
def test_where_small_std_starves(mnist, seed):
    """tanh의 가중치 기울기는 ReLU의 몇 배이고 고르게 작습니다. sigmoid는 출력층이 1층의 10만 배를 넘습니다."""
    relu, tanh, sigmoid = (gradients(name, SMALL, seed)[0] for name in ("relu", "tanh", "sigmoid"))
    assert ((tanh / relu > 2) & (tanh / relu < 10)).all()
    assert tanh.max() / tanh.min() < 10
    assert (np.diff(np.log(sigmoid)) > 0).all()
    assert sigmoid[-1] > 1e5 * sigmoid[0]


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_backward_signals_of_lecun(mnist, seed):
    """4층에서 1층까지: sigmoid의 δ와 가중치 기울기는 0.01배 안팎, tanh는 0.5배에서 1.5배 사이입니다."""
    for name, low, high in (("sigmoid", 0.005, 0.02), ("tanh", 0.5, 1.5)):
        rng = np.random.default_rng(seed)
        rows = propagate(mnist.x_train[:1000], 4, 100, name, "lecun_normal", rng=rng).summary()
        for part in ("delta_rms", "weight_gradient_rms"):
            assert low < getattr(rows[0], part) / getattr(rows[-1], part) < high


def test_tanh_saturates_at_rate_1():
    """SGD, 학습률 1: 마지막 손실이 ln 10의 열 배를 넘습니다. 발산은 없습니다."""
    for init in (LECUN, HE):
        assert ACCURACY[SGD, TANH, init, 2:AT_1].min() > 0.8
        assert last_loss(SGD, TANH, init, AT_1) > 10 * np.log(10)
        assert not np.isnan(ACCURACY[SGD, TANH, init]).any()


def test_variance_that_keeps_the_backward_signal():
    """가중합이 0에 가까울 때 역전파 신호를 지키는 분산은 sigmoid 16/n, tanh 1/n, ReLU 2/n입니다."""
    for activation, c in (("sigmoid", 16), ("tanh", 1), ("relu", 2)):
        assert 1 / theory.chi(0.01, activation, weight_variance=1) == pytest.approx(c, rel=0.05)


@pytest.mark.filterwarnings("ignore:학습이 발산하여")
def test_no_rate_makes_up_for_half_the_std():
    """실험대의 100걸음: 표준편차가 He의 절반이면, 어느 학습률에서도 He의 학습률 0.1만큼 배우지 못합니다."""
    he = accuracies_in_the_lab(4, 50, "relu", "he_normal", 0.1, 100)
    assert he.min() > 0.7
    for rate in 0.05 * 2 ** np.arange(0, 6, 0.5):
        half = accuracies_in_the_lab(4, 50, "relu", initializers.variance_scaling(0.5), rate, 100)
        assert np.nan_to_num(half).max() < 0.6, rate


def test_the_first_step_alone_asks_for_eight_times_the_rate():
    """절반이면 기울기는 16분의 1보다도 작습니다. 시드 0에서 학습률 0.8은 4층의 ReLU를 모두 꺼뜨립니다."""
    gradients = [np.mean([gradients_on_digits(half_of_he(c, seed)) for seed in range(5)], axis=0) for c in (2, 0.5)]
    assert (gradients[0] / gradients[1] > 16).all()
    net, _ = trained_in_the_lab(4, 50, "relu", initializers.variance_scaling(0.5), 0.8, 100, 0)
    assert (gradients_on_digits(net) == 0).all()
    assert dead_shares(net)[-1] == 1
    assert max(dead_shares(net)[:-1]) < 1


def dead_shares(net):
    a, shares = datasets.load_digits().x_train, []
    for weight, bias in zip(net.weights[:-1], net.biases):
        a = net.activation(a @ weight + bias)
        shares.append(np.mean((a == 0).all(axis=0)))
    return shares


def test_twice_the_steps_bring_half_the_std_to_where_he_was():
    """걸음을 200으로 늘리면 학습률 0.3에서 67 %쯤입니다. He의 100걸음과는 compared/chapter_06.py가 견줍니다."""
    half = accuracies_in_the_lab(4, 50, "relu", initializers.variance_scaling(0.5), 0.3, 200, seeds=range(15))
    assert half.mean() == pytest.approx(0.67, abs=0.03)


def half_of_he(c, seed):
    rng = np.random.default_rng(seed)
    return MLP([64, 50, 50, 50, 50, 10], "relu", initializers.variance_scaling(c), rng=rng)
