"""7장의 주장을 맨 NumPy로, 책과 다른 시드와 너비와 자료에서 다시 잽니다: 두 가지 병, sigmoid의 c, SGD와 Adam, 로짓."""

from itertools import pairwise

import numpy as np
import pytest
from sklearn.datasets import load_digits

from tests.independent.plain import accuracy, drawn, fit, loss_gradients, measured, mnist, output, rms

SEEDS = (61, 62, 63)


def scale(name, m, n):
    glorot = np.sqrt(2 / (m + n))
    return {"0.01": 0.01, "1": 1.0, "Xavier": glorot, "He": np.sqrt(2 / m), "4 × Glorot": 4 * glorot}[name]


def started(name, sizes, seed):
    rng = np.random.default_rng(seed)
    weights = [w.astype(np.float32) for w in drawn(rng, sizes, [scale(name, m, n) for m, n in pairwise(sizes)])]
    return weights, [np.zeros(n, np.float32) for n in sizes[1:]], rng


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("f", "balanced"), [("tanh", True), ("relu", True), ("sigmoid", False)])
def test_small_weights_are_two_different_illnesses(seed, f, balanced):
    """표준편차 0.01: δ는 세 함수 모두 1,000분의 1 아래인데, 가중치 기울기는 sigmoid에서만 층마다 다릅니다."""
    rng = np.random.default_rng(seed)
    x = 0.3 * rng.standard_normal((200, 500))
    _, deltas, slopes = measured(rng, x, drawn(rng, [500] + [130] * 5, 0.01), f)
    assert rms(deltas[0]) < rms(deltas[-1]) / 1000
    assert (slopes.max() / slopes.min() < 5) == balanced
    assert balanced or slopes[0] < slopes[-1] / 1e5


def settled(c):
    """너비가 무한한 sigmoid 망에서 가중합의 분산 q가 멈춘 곳의 q, χ, 포화한 비율."""
    z, share = np.polynomial.hermite_e.hermegauss(151)
    share, q = share / share.sum(), 1.0
    for _ in range(60):
        a = 0.5 + 0.5 * np.tanh(np.sqrt(q) * z / 2)
        q = c * share @ a**2
    slope = a * (1 - a)
    return q, c * share @ slope**2, share @ (slope < 0.05 / 4)


def test_no_scale_keeps_the_sigmoid_signal_without_saturation():
    """c = 16이면 q = 5.9, χ = 0.4이고, χ가 1을 넘는 것은 c = 100 부근부터이며 그때 포화는 절반쯤입니다."""
    assert settled(16)[:2] == pytest.approx((5.9, 0.4), rel=0.02)
    crossing = next(c for c in range(16, 200) if settled(c)[1] >= 1)
    assert 95 < crossing < 110
    for c in (90, 100, 300, 900):
        assert settled(c)[2] > 0.4


@pytest.mark.parametrize("seed", SEEDS)
def test_biases_that_erase_the_half_give_both(seed):
    """c = 30: 앞 층의 0.5를 편향으로 지우면 δ가 그대로 돌아오고 포화는 2 %가 안 됩니다. 편향이 0이면 둘 다 나쁩니다."""
    rng, sizes = np.random.default_rng(seed), [400] + [200] * 5
    x = rng.standard_normal((200, 400)) / 3
    weights = drawn(rng, sizes, [np.sqrt(30 / n) for n in sizes[:-1]])
    erase = [np.zeros(200), *(-0.5 * w.sum(axis=0) for w in weights[1:])]
    found = []
    for biases in (None, erase):
        activations, deltas, _ = measured(rng, x, weights, "sigmoid", biases)
        flat = np.mean([a * (1 - a) < 0.05 / 4 for a in activations])
        found.append((rms(deltas[0]) / rms(deltas[-1]), flat))
    (still, flat_still), (moved, flat_moved) = found
    assert still < 0.6 < 0.9 < moved < 1.2
    assert flat_moved < 0.02 < 0.1 < flat_still


CASES = [
    ("sigmoid", "4 × Glorot", False, [0.3], True),
    ("sigmoid", "Xavier", False, [0.3, 1, 3], False),
    ("sigmoid", "Xavier", True, [0.01], True),
    ("relu", "0.01", False, [1, 10, 30], False),
    ("relu", "0.01", True, [0.01], True),
]


@pytest.mark.parametrize(("f", "name", "adam", "rates", "learns"), CASES)
def test_small_signals_learn_under_adam_only(f, name, adam, rates, learns):
    """scikit-learn의 숫자, 은닉층 넷, 600걸음: SGD는 어느 학습률에서도 찍는 수준이고 Adam은 배웁니다."""
    digits = load_digits()
    order = np.random.default_rng(64).permutation(len(digits.target))
    x, y, best = (digits.data / 16)[order].astype(np.float32), digits.target[order], 0.0
    for rate in rates:
        weights, biases, rng = started(name, [64, 90, 90, 90, 90, 10], 65)
        fit(x[:1300], y[:1300], weights, biases, f, rate, 600, rng, adam)
        best = max(best, accuracy(x[1300:], y[1300:], weights, biases, f))
    assert best > 0.8 if learns else best < 0.2


@pytest.mark.parametrize("seed", SEEDS)
def test_only_the_logits_are_wrong_in_a_large_relu_net(seed):
    """표준편차 1: 로짓을 나누어 크기를 맞추면 ReLU의 가중치 기울기는 He와 같은 방향이고, tanh는 그렇지 않습니다."""
    rng, sizes = np.random.default_rng(seed), [80, 100, 100, 100, 100, 10]
    x, y, biases = rng.random((300, 80)), rng.integers(10, size=300), [np.zeros(n) for n in sizes[1:]]
    unit = drawn(rng, sizes, 1)
    for f, same in (("relu", True), ("tanh", False)):
        found = []
        for name in ("1", "He"):
            weights = [w * scale(name, *w.shape) for w in unit]
            weights[-1] /= rms(output(x, weights, biases, f)[0])
            found.append(loss_gradients(x, y, weights, biases, f)[0])
        for a, b in zip(*found):
            assert (np.vdot(a, b) / np.linalg.norm(a) / np.linalg.norm(b) > 0.999) == same


def test_mnist_turns_over_between_sgd_and_adam():
    """MNIST, 800걸음, 새 시드: SGD에서 4 × Glorot이 Xavier를 10 %p 넘게 앞서고, Adam의 Xavier는 거기에 닿습니다."""
    (x, y), (x_test, y_test), found = mnist("train"), mnist("t10k"), []
    for name, rate, adam in (("4 × Glorot", 1, False), ("Xavier", 3, False), ("Xavier", 0.01, True)):
        weights, biases, rng = started(name, [784, 100, 100, 100, 100, 10], 68)
        fit(x, y, weights, biases, "sigmoid", rate, 800, rng, adam, 64)
        found.append(accuracy(x_test, y_test, weights, biases, "sigmoid"))
    assert found[0] > found[1] + 0.1
    assert found[2] > found[0] - 0.01
