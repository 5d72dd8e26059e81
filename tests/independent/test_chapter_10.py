"""10장의 주장을 맨 NumPy로, 책과 다른 너비와 시드에서 다시 잽니다: 상관의 길, χ, 가중치 기울기, 읽히는 것, 특잇값."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from tests.independent.plain import drawn, forward, measured, rms

SEEDS = (71, 72)


def net(seed, sizes, w, b):
    """가중치의 분산이 w / fan_in, 편향의 분산이 b인 난수."""
    rng = np.random.default_rng(seed)
    weights = drawn(rng, sizes, [np.sqrt(w / n) for n in sizes[:-1]])
    return rng, weights, [np.sqrt(b) * rng.standard_normal(n) for n in sizes[1:]]


def cosine(a):
    half = len(a) // 2
    u, v = a[:half], a[half:]
    return np.mean(np.sum(u * v, axis=1) / np.linalg.norm(u, axis=1) / np.linalg.norm(v, axis=1))


def pairs(rng, count, width, c):
    u, v = rng.standard_normal((2, count, width))
    return np.vstack([u, c * u + np.sqrt(1 - c * c) * v])


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("w", "meets"), [(1, (0.99, 1.01)), (3.5, (0.1, 0.5))])
def test_pairs_meet_in_order_and_in_chaos(seed, w, meets):
    """tanh, 편향의 분산 0.06: 코사인 0.9와 0.1의 쌍이 질서에서는 1에서, 혼돈에서는 1보다 작은 곳에서 만납니다."""
    rng, weights, biases = net(seed, [400] * 61, w, 0.06)
    ends = [cosine(forward(pairs(rng, 20, 400, c), weights, "tanh", biases)[1][-1]) for c in (0.9, 0.1)]
    assert abs(ends[0] - ends[1]) < 0.08
    assert meets[0] < np.mean(ends) < meets[1]


@pytest.mark.parametrize("seed", SEEDS)
def test_chaos_keeps_the_backward_signal_but_not_the_difference(seed):
    """혼돈의 60층: δ는 수십 배 넘게 커지고, 두 쌍의 코사인 차이는 10분의 1이 못 됩니다."""
    rng, weights, biases = net(seed, [400] * 61, 3, 0.05)
    x = [pairs(rng, 20, 400, c) for c in (0.9, 0.1)]
    activations, deltas, _ = measured(rng, np.vstack(x), weights, "tanh", biases)
    assert rms(deltas[0]) > 30 * rms(deltas[-1])
    assert abs(cosine(activations[-1][:40]) - cosine(activations[-1][40:])) < 0.08


def test_relu_forgets_like_a_power():
    """He의 ReLU: 1 − 코사인은 100층에서 300층으로 가며 8분의 1쯤, 300층에서는 9π²/(2·층²)의 10 % 안입니다."""
    c, found = 0.1, {}
    for layer in range(1, 301):
        c = (np.sqrt(1 - c * c) + c * (np.pi - np.arccos(c))) / np.pi
        found[layer] = 1 - c
    assert found[100] / found[300] == pytest.approx(8, abs=0.3)
    assert found[300] == pytest.approx(4.5 * np.pi**2 / 300**2, rel=0.1)
    rng, weights, _ = net(73, [600] * 31, 2, 0)
    layers = forward(pairs(rng, 20, 600, 0.1), weights, "relu")[1]
    assert 1 - cosine(layers[1]) == pytest.approx(found[1], abs=0.05)
    assert 1 - cosine(layers[30]) == pytest.approx(found[30], abs=0.02)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("w", "b", "low", "high"), [(0.5, 0, 0.3, 3), (1, 0.05, 0, 0.05), (4, 0.05, 30, 1e5)])
def test_weight_gradients_follow_both_signals(seed, w, b, low, high):
    """40층의 tanh에서 1층 ÷ 40층의 가중치 기울기: 편향 없는 질서는 1배쯤, 질서는 작고, 혼돈은 큽니다."""
    rng, weights, biases = net(seed, [200] * 41, w, b)
    x = rng.standard_normal((200, 200))
    slopes = measured(rng, x, weights, "tanh", biases)[2]
    assert low < slopes[0] / slopes[-1] < high


def read(a, y, count=1300):
    """유닛마다 표준화한 활성화값에 최소 제곱을 맞춘 분류기의 시험 정확도."""
    a = a.astype(np.float64)
    a = (a - a[:count].mean(axis=0)) / np.maximum(a[:count].std(axis=0), 1e-300)
    a = np.column_stack([a, np.ones(len(a))])
    fitted = np.linalg.lstsq(a[:count], np.eye(10)[y[:count]], rcond=None)[0]
    return np.mean((a[count:] @ fitted).argmax(axis=1) == y[count:])


@pytest.mark.parametrize("seed", SEEDS)
def test_order_shrinks_and_chaos_scrambles(seed):
    """너비 150의 40층: 질서는 0.8 넘게, 혼돈은 찍는 수준으로 읽힙니다. 100층의 질서는 32비트에서만 무너집니다."""
    digits = load_digits()
    order = np.random.default_rng(74).permutation(len(digits.target))
    x, y, found = (digits.data[order] - 4.9) / 6.0, digits.target[order], {}
    for name, w in (("질서", 1), ("혼돈", 4)):
        _, weights, biases = net(seed, [64] + [150] * 100, w, 0.05)
        found[name] = forward(x, weights, "tanh", biases)[1]
    assert read(found["질서"][40], y) > 0.8
    assert read(found["혼돈"][40], y) < 0.25
    _, weights, biases = net(seed, [64] + [150] * 100, 1, 0.05)
    small = [[p.astype(np.float32) for p in values] for values in (weights, biases)]
    rounded = forward(x.astype(np.float32), small[0], "tanh", small[1])[1][100]
    assert read(found["질서"][100], y) > read(rounded, y) + 0.2


@pytest.mark.parametrize("seed", SEEDS)
def test_orthogonal_keeps_the_directions(seed):
    """너비 80, tanh 80층: 가장 큰 것의 100분의 1보다 큰 특잇값이 직교는 거의 모두, 정규분포는 6분의 1이 못 됩니다."""
    rng, weights, _ = net(seed, [80] * 81, 1, 0)
    x, kept = rng.standard_normal((1, 80)), []
    for drawing in (weights, [np.linalg.qr(w)[0] for w in weights]):
        total = np.eye(80)
        for w, z in zip(drawing, forward(x, drawing, "tanh")[0]):
            total = total @ w * (1 - np.tanh(z) ** 2)
        values = np.linalg.svd(total, compute_uv=False)
        kept.append(np.sum(values > values[0] / 100))
    assert kept[0] < 80 / 6 < 70 < kept[1]
