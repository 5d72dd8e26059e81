"""1장의 주장을 책의 꾸러미 없이 맨 NumPy로 다시 얻습니다. 너비, 깊이, 상수, 시드, 치우친 자료가 페이지와 다릅니다.

- '모두 0이면 기울기는 어디로 흐를까?': 0인 ReLU와 tanh 망은 출력층의 편향만, sigmoid 망은 출력층의 가중치도 받습니다.
- '그러면 아무것도 배우지 못할까?': 모두 0인 망의 손실은 클래스 비율의 엔트로피에서 멈춥니다.
- '더 오래 학습하면 갈라지지 않을까?': 상수로 시작한 유닛은 SGD와 Adam의 모든 걸음에서 같고, 유닛 하나로 접힙니다.
- '얼마나 작은 차이면 충분할까?': 기다리는 시간은 난수의 크기의 로그를 따르고, 상수가 0이면 SGD만 배우지 못합니다.
"""

from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from sklearn.datasets import load_digits

from tests.independent.plain import accuracy, drawn, fit, forward, loss_gradients, output, rms

RATES = {False: 0.3, True: 0.003}  # Adam인가: 학습률
each_optimizer = pytest.mark.parametrize("adam", RATES, ids=["sgd", "adam"])


@cache
def digits():
    data, order = load_digits(), np.random.default_rng(2024).permutation(1797)[:1400]
    return data.data[order] / 16, data.target[order]


def constant(sizes, c):
    return [np.full(pair, float(c)) for pair in pairwise(sizes)]


def zeros(weights):
    return [np.zeros(w.shape[1]) for w in weights]


def loss(x, y, weights, biases, f):
    logits = output(x, weights, biases, f)[0]
    return float(np.mean(np.logaddexp.reduce(logits, axis=1) - logits[np.arange(len(y)), y]))


def trained(weights, adam, steps, seed=31, data=None, f="relu", rate=None):
    biases, rng = zeros(weights), np.random.default_rng(seed)
    fit(*(data or digits()), weights, biases, f, rate or RATES[adam], steps, rng, adam, batch=50)
    return weights, biases


@pytest.mark.parametrize(("f", "last"), [("relu", False), ("tanh", False), ("sigmoid", True)])
def test_zero_weights_pass_no_signal_down(f, last):
    weights = constant([64, 13, 7, 9, 10], 0)
    slopes = loss_gradients(*digits(), weights, zeros(weights), f)
    assert [[bool(g.any()) for g in part] for part in slopes] == [[False] * 3 + [last], [False] * 3 + [True]]


@each_optimizer
def test_a_zero_net_stops_at_the_entropy_of_another_skewed_set(adam):
    x, y = digits()
    keep = (y == 3) | (y == 8) | (np.arange(len(y)) % 7 == 0)
    share = np.bincount(y[keep]) / keep.sum()
    net = trained(constant([64, 12, 12, 10], 0), adam, 2500, data=(x[keep], y[keep]))
    assert not any(w.any() for w in net[0])
    assert loss(x[keep], y[keep], *net, "relu") == pytest.approx(-share @ np.log(share), abs=0.03)
    assert -share @ np.log(share) < np.log(10) - 0.3


@each_optimizer
@pytest.mark.parametrize("f", ["relu", "tanh"])
def test_equal_units_stay_equal_and_fold_into_one(f, adam):
    weights, biases = trained(constant([64, 16, 8, 10], 0.07), adam, 600, f=f)
    for w, b, above in zip(weights, biases, weights[1:]):
        assert max(np.ptp(w, axis=1).max(), np.ptp(b), np.ptp(above, axis=0).max()) < 1e-10
    folded = [weights[0][:, :1], *(w.sum(axis=0, keepdims=True)[:, :n] for w, n in zip(weights[1:], (1, 10)))]
    few = [biases[0][:1], biases[1][:1], biases[2]]
    whole, small = (output(digits()[0], *net, f)[0] for net in ((weights, biases), (folded, few)))
    np.testing.assert_allclose(small, whole, atol=1e-8)
    assert np.ptp(weights[-1], axis=1).max() > 0.01
    assert accuracy(*digits(), weights, biases, f) < 0.5


@pytest.mark.parametrize(("adam", "rate", "dead"), [(False, 0.1, True), (True, 0.003, False), (True, 0.03, True)])
def test_a_large_constant_kills_the_second_layer_at_a_large_rate(adam, rate, dead):
    weights, biases = trained(constant([64, 20, 20, 10], 0.5), adam, 800, rate=rate)
    assert forward(digits()[0], weights[:-1], "relu", biases)[1][-1].any() != dead


def steps_until_it_breaks(eps, seed, most=3000):
    rng = np.random.default_rng(seed)
    weights = [0.05 + w for w in drawn(rng, [64, 24, 24, 10], eps)]
    net = weights, zeros(weights)
    for step in range(50, most, 50):
        fit(*digits(), *net, "relu", 0.3, 50, rng, batch=50)
        if loss(*digits(), *net, "relu") < 1.15:
            return step
    return most


def test_a_thousand_times_smaller_noise_waits_a_few_times_longer():
    waits = np.array([[steps_until_it_breaks(eps, seed) for eps in (1e-2, 1e-3, 1e-5)] for seed in (41, 42, 43)])
    near, middle, far = np.median(waits, axis=0)
    assert near < middle < far < 6 * near
    assert steps_until_it_breaks(0, 44, most=1500) == 1500


@each_optimizer
def test_small_noise_around_zero_stops_sgd_only(adam):
    net = trained(drawn(np.random.default_rng(51), [64, 24, 24, 10], 0.001), adam, 2000)
    assert accuracy(*digits(), *net, "relu") > 0.8 if adam else loss(*digits(), *net, "relu") > 2.25


def test_the_first_gradient_follows_the_square_of_the_noise():
    nets = [drawn(np.random.default_rng(61), [64, 24, 24, 10], eps) for eps in (1e-3, 1e-2)]
    first = [rms(loss_gradients(*digits(), w, zeros(w), "relu")[0][0]) for w in nets]
    assert first[1] / first[0] == pytest.approx(100, rel=0.1)


@pytest.mark.parametrize(("rate", "low", "high"), [(0.3, 0.8, 1.05), (0.03, 0.5, 0.8)])
def test_the_start_is_forgotten_only_after_a_long_way(rate, low, high):
    """'작게 시작하는 것은 감쇠와 같은가': 학습률 0.3에서는 끝의 크기가 He와 비슷하고, 0.03에서는 작게 남습니다."""
    starts = [drawn(np.random.default_rng(62), [64, 20, 20, 10], s) for s in (0.05, [0.18, 0.32, 0.32])]
    sizes = [np.sqrt(sum(np.sum(w**2) for w in trained(start, False, 3000, rate=rate)[0])) for start in starts]
    assert low < sizes[0] / sizes[1] < high
