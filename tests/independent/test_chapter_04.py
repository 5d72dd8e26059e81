"""4장의 주장을 맨 NumPy로, 책과 다른 시드와 너비에서 다시 잽니다: 거듭제곱의 감소, 네 배의 sigmoid, gain과 편향의 χ."""

import numpy as np
import pytest

from tests.independent.plain import SLOPES, VALUES, drawn, forward, measured, rms

# 정규분포의 기댓값을 격자로 적분합니다: 책의 구적법과 다른 셈.
Z = np.linspace(-10, 10, 20_001)
DENSITY = np.exp(-Z * Z / 2)
DENSITY /= DENSITY.sum()


def expected(function, q):
    return float(DENSITY @ function(np.sqrt(q) * Z))


def settled(f, variance, bias=0.0, steps=400):
    """q = variance·E[f²] + bias가 멈춘 자리와, 거기서 δ의 분산에 층마다 곱해지는 χ."""
    q = 1.0
    for _ in range(steps):
        q = variance * expected(lambda z: VALUES[f](z) ** 2, q) + bias
    return q, variance * expected(lambda z: SLOPES[f](z) ** 2, q)


def through(seed, depth, width, std, f, bias=0.0, count=100):
    rng = np.random.default_rng(seed)
    x, weights = rng.standard_normal((count, width)), drawn(rng, [width] * (depth + 1), std)
    return measured(rng, x, weights, f, [bias * rng.standard_normal(width) for _ in weights])


@pytest.mark.parametrize("depth", [30, 120])
@pytest.mark.parametrize("seed", [201, 202])
def test_tanh_shrinks_as_a_power_and_weight_gradients_stay_alike(seed, depth):
    """Xavier와 tanh, L층: 표준편차 1/√(2L), 1층의 δ는 1/√L 무렵, 가중치의 기울기는 모든 층에서 1/√(2L) 무렵."""
    activations, deltas, slopes = through(seed, depth, 200, 200**-0.5, "tanh")
    line = 1 / np.sqrt(2 * depth)
    assert activations[-1].std() == pytest.approx(line, rel=0.35)
    assert 0.5 < rms(deltas[0]) * np.sqrt(depth) < 1.5
    assert slopes == pytest.approx(np.full(depth, line), rel=0.6)
    assert slopes.max() / slopes.min() < 3


@pytest.mark.parametrize("seed", [201, 202, 203])
def test_four_times_the_weights_repairs_the_slope_but_not_the_mean(seed):
    """네 배로 키운 sigmoid 20층: δ는 층마다 0.6배 무렵, 입력에 따른 변화는 만분의 2 아래, 기울기는 수천분의 1."""
    activations, deltas, slopes = through(seed, 20, 130, 4 * 130**-0.5, "sigmoid")
    assert (rms(deltas[0]) / rms(deltas[-1])) ** (1 / 19) == pytest.approx(0.62, abs=0.03)
    assert np.sqrt(activations[-1].var(axis=0).mean()) < 2e-4
    assert 1000 < slopes[-1] / slopes[0] < 20_000
    fifth = through(seed, 5, 130, 130**-0.5, "sigmoid", count=500)[0][-1]
    assert fifth.var(axis=0).mean() / np.mean(fifth**2) < 1e-5


def test_four_times_sigmoid_is_tanh_with_a_bias_of_variance_one():
    """네 배로 키운 sigmoid(g² = 16)와 분산 1인 편향을 둔 tanh는 층마다 δ에 같은 수를 곱합니다."""
    sigmoid, tanh = settled("sigmoid", 16), settled("tanh", 1, bias=1)
    assert sigmoid[1] ** 0.5 == pytest.approx(tanh[1] ** 0.5, abs=1e-6)
    assert sigmoid[1] ** 0.5 == pytest.approx(0.63, abs=0.005)
    rng = np.random.default_rng(204)
    x, weights = rng.standard_normal((50, 60)), drawn(rng, [60] * 7, 60**-0.5)
    end = forward(x, weights, "tanh")[1][-1]
    scaled = [2 * weights[0], *(4 * w for w in weights[1:])]
    erased = [np.zeros(60), *(-2 * w.sum(axis=0) for w in weights[1:])]
    assert np.allclose(2 * forward(x, scaled, "sigmoid", erased)[1][-1] - 1, end)


@pytest.mark.parametrize("gain", [1.05, 1.2, 5 / 3, 3])
def test_without_a_bias_tanh_never_keeps_both_directions(gain):
    """편향 없는 tanh에서 순방향이 멈추는 gain(1보다 큰 것)이면 χ는 언제나 1보다 큽니다."""
    q, chi = settled("tanh", gain**2, steps=2000)
    assert q == pytest.approx(gain**2 * expected(lambda z: np.tanh(z) ** 2, q), rel=1e-6)
    assert chi > 1


def test_gain_five_thirds_settles_at_065_and_grows_by_a_tenth():
    q, chi = settled("tanh", 25 / 9)
    assert np.sqrt(q / (25 / 9)) == pytest.approx(0.65, abs=0.005)
    assert np.sqrt(chi) == pytest.approx(1.10, abs=0.005)
    for seed in (205, 206):
        activations, deltas, slopes = through(seed, 50, 250, 5 / 3 / 250**0.5, "tanh")
        assert activations[-1].std() == pytest.approx(0.65, abs=0.02)
        assert rms(deltas[0]) > 20
        assert slopes[0] / slopes[-1] > 50


def test_a_bias_or_a_mean_may_but_need_not_open_the_way():
    """χ = 1: tanh는 분산 1인 편향과 g² = 3.443에서, ReLU는 편향 없이 2에서. 편향을 둔 ReLU에는 그런 자리가 없습니다."""
    q, chi = settled("tanh", 3.443, bias=1)
    assert (q, chi) == (pytest.approx(3.04, abs=0.01), pytest.approx(1, abs=0.001))
    q, chi = settled("relu", 2)
    assert (q, chi) == (pytest.approx(1, abs=0.01), pytest.approx(1, abs=0.001))
    for variance in (0.5, 1, 1.5, 1.9):
        q, chi = settled("relu", variance, bias=0.1)
        assert q == pytest.approx(0.1 / (1 - variance / 2), rel=0.01)
        assert chi < 0.96
    spans = [through(seed, 50, 250, (3.443 / 250) ** 0.5, "tanh", bias=1)[0][-1] for seed in (207, 208)]
    for a in spans:
        assert a.std() == pytest.approx(0.76, abs=0.03)
        assert rms(a - a.mean(axis=0)) / rms(a) < 0.4


@pytest.mark.parametrize("std", [0.8, 1.0, 1.15, 5 / 3])
def test_deep_tanh_survives_only_near_one_over_root_n(std):
    """200층, 너비 80: 1층의 δ가 100분의 1과 100배 사이에 남는 것은 1/√n 부근뿐입니다. sigmoid는 남지 않습니다."""
    _, deltas, _ = through(209, 200, 80, std / 80**0.5, "tanh", count=20)
    assert (0.01 < rms(deltas[0]) < 100) == (std in (1.0, 1.15))
    _, deltas, _ = through(209, 200, 80, std / 80**0.5, "sigmoid", count=20)
    assert rms(deltas[0]) < 1e-30
