"""18장의 주장을 맨 NumPy로, 책과 다른 깊이와 너비와 시드에서 다시 잽니다: 병든 행렬의 자리, 첫 손실, 뒤섞은 레이블."""

import functools
from itertools import pairwise

import numpy as np
import pytest
from sklearn.datasets import load_digits

from tests.independent.plain import rms

SIZES = (64, 80, 80, 80, 80, 10)


@functools.cache
def digits():
    found, order = load_digits(), np.random.default_rng(181).permutation(1797)
    return found.data[order] / 16, found.target[order]


def drawn(seed, biases=0.0):
    """He에서 뽑은 행렬과 편향."""
    rng = np.random.default_rng(seed)
    weights = [np.sqrt(2 / i) * rng.standard_normal((i, o)) for i, o in pairwise(SIZES)]
    return weights, [np.full(o, biases) for o in SIZES[1:]]


def slopes(net, x, y):
    """(손실, 층마다의 출력, 행렬의 기울기, 편향의 기울기)."""
    (weights, biases), a = net, [x]
    for w, b in zip(weights[:-1], biases):
        a.append(np.maximum(a[-1] @ w + b, 0))
    z = a[-1] @ weights[-1] + biases[-1]
    p = np.exp(z - z.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    rows = np.arange(len(y))
    loss = -np.mean(np.log(p[rows, y] + 1e-300))
    p[rows, y] -= 1
    delta, found = p / len(y), []
    for i in range(len(weights) - 1, -1, -1):
        found.append((a[i].T @ delta, delta.sum(axis=0)))
        delta = delta @ weights[i].T * (a[i] > 0)
    gradients, shifts = zip(*found[::-1])
    return loss, [*a[1:], z], gradients, shifts


def trained(net, rate, steps=300, seed=7, labels=None):
    """SGD로 앞의 1,200장을 배운 뒤 남겨 둔 숫자의 정확도."""
    (x, y), rng = digits(), np.random.default_rng(seed)
    weights, biases = [w.copy() for w in net[0]], [b.copy() for b in net[1]]
    labels = y if labels is None else labels
    for _ in range(steps):
        at = rng.integers(1200, size=50)
        _, _, gradients, shifts = slopes((weights, biases), x[at], labels[at])
        for p, g in zip(weights + biases, gradients + shifts):
            p -= rate * g
    logits = slopes((weights, biases), x[1200:], y[1200:])[1][-1]
    return np.mean(logits.argmax(axis=1) == y[1200:])


@pytest.mark.parametrize("layer", range(5))
def test_the_shrunk_matrix_keeps_its_gradient_while_the_others_lose_theirs(layer):
    x, y = (part[:50] for part in digits())
    net, sick = drawn(3), drawn(3)
    sick[0][layer] /= 25
    before, after = (np.array([rms(g) for g in slopes(one, x, y)[2]]) for one in (net, sick))
    times = after / before
    assert 0.4 < times[layer] < 2
    assert (np.delete(times, layer) < 0.08).all()
    # Adam의 첫걸음은 학습률만큼이므로 비는 25배가 됩니다.
    assert rms(net[0][layer]) / rms(sick[0][layer]) == pytest.approx(25)


def test_equal_units_keep_the_size_and_the_gradient():
    """두 층을 수 하나씩으로 채워 크기를 맞추면 RMS와 기울기는 다섯 배 안에서 그대로이고, 유닛은 하나입니다."""
    x, y = (part[:50] for part in digits())
    net, same = drawn(4), drawn(4)
    _, usual, before, _ = slopes(net, x, y)
    for i in (2, 3):
        inputs = slopes(same, x, y)[1][i - 1]
        same[0][i][...] = rms(usual[i]) / rms(inputs.sum(axis=1))
    _, found, after, _ = slopes(same, x, y)
    assert all(0.5 < rms(a) / rms(b) < 2 for a, b in zip(found, usual))
    assert all(0.2 < rms(a) / rms(b) < 5 for a, b in zip(after, before))
    assert np.ptp(found[3], axis=1).max() < 1e-9
    assert max(trained(same, rate) for rate in (0.03, 0.1)) < 0.6 < 0.85 < trained(net, 0.1)


def test_the_same_first_loss_leads_to_different_ends():
    """출력층이 0인 망과 모두 꺼진 망의 첫 손실은 ln 10으로 같은데, 앞의 것만 배웁니다. 10배인 출력층도 배웁니다."""
    x, y = (part[:50] for part in digits())
    zero, dead, large = drawn(5), drawn(5), drawn(5)
    zero[0][-1][...] = 0
    dead[1][1] -= 6
    large[0][-1] *= 10
    for net in (zero, dead):
        assert slopes(net, x, y)[0] == pytest.approx(np.log(10), abs=0.01)
    assert slopes(large, x, y)[0] > 6
    assert trained(zero, 0.1) > 0.85
    assert trained(dead, 0.1) < 0.2
    assert trained(large, 0.01) > 0.8


def test_shuffled_labels_cannot_be_told_from_the_first_batch():
    (x, y), net = digits(), drawn(6)
    mixed = np.random.default_rng(8).permutation(y)
    seen = [slopes(net, x[:50], labels[:50]) for labels in (y, mixed)]
    assert seen[1][0] == pytest.approx(seen[0][0], abs=0.25)
    assert all(0.6 < rms(b) / rms(a) < 1.5 for a, b in zip(seen[0][2], seen[1][2]))
    assert trained(net, 0.1, labels=mixed) < 0.25


def test_one_class_makes_the_gradient_larger_but_not_always_the_loss():
    """한 클래스뿐인 배치: 기울기는 늘 크지만, 첫 손실은 클래스에 따라 건강한 배치보다 작기도 합니다."""
    x, y = digits()
    net, lower = drawn(10), []
    usual, _, before, _ = slopes(net, x[:50], y[:50])
    for digit in range(10):
        at = np.flatnonzero(y == digit)[:50]
        loss, _, after, _ = slopes(net, x[at], y[at])
        assert all(1.1 < rms(a) / rms(b) < 8 for a, b in zip(after, before))
        lower.append(loss < usual)
    assert any(lower)
    assert not all(lower)


def test_half_the_squared_size_of_the_logits_holds_only_for_small_ones():
    """첫 손실은 로짓의 RMS s가 1 안팎일 때 ln 10 + s²/2쯤이고, 열 배이면 그보다 훨씬 작습니다."""
    x, y = (part[:50] for part in digits())
    for seed in range(11, 15):
        for size, near in ((1, True), (10, False)):
            net = drawn(seed)
            net[0][-1] *= size
            loss, outputs, _, _ = slopes(net, x, y)
            guess = np.log(10) + rms(outputs[-1]) ** 2 / 2
            assert (abs(loss - guess) < 0.4) == near
            assert near or loss < 0.75 * guess


def test_a_first_step_of_a_thousandth_learns_less_in_300_steps():
    """SGD의 첫 걸음의 비가 0.001과 0.01이 되는 학습률을 견주면 뒤의 것이 2 %p 넘게 낫습니다."""
    x, y = (part[:50] for part in digits())
    scores = []
    for target in (1e-3, 1e-2):
        net = drawn(9)
        middle = [rms(g) / rms(w) for g, w in zip(slopes(net, x, y)[2], net[0])][1:-1]
        scores.append(trained(net, target / np.median(middle)))
    assert scores[1] > scores[0] + 0.02
