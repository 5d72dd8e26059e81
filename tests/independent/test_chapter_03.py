"""3장의 주장을 맨 NumPy로, 책과 다른 시드와 너비에서 다시 잽니다: 가중치의 기울기, 절충의 사이, sigmoid에 남은 차이."""

from itertools import pairwise

import numpy as np
import pytest
from sklearn.datasets import load_digits

from tests.independent.plain import accuracy, drawn, fit, measured, rms

SEEDS = (101, 102, 103)
RULES = {"fan_in": lambda m, n: m, "fan_out": lambda m, n: n, "fan_avg": lambda m, n: (m + n) / 2}


def through(seed, sizes, stds, f, count=600):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((count, sizes[0]))
    return measured(rng, x, drawn(rng, sizes, stds), f)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("times", [0.3, 1, 3])
def test_weight_gradients_are_alike_in_every_layer_of_a_straight_net(seed, times):
    """너비가 같은 항등 함수 망: δ는 층마다 times배인데 가중치의 기울기는 어느 층이나 times^(L-1)입니다."""
    depth, width = 7, 160
    _, deltas, slopes = through(seed, [width] * (depth + 1), times / width**0.5, "identity")
    assert rms(deltas[0]) == pytest.approx(times ** (depth - 1), rel=0.3)
    assert slopes == pytest.approx(np.full(depth, times ** (depth - 1.0)), rel=0.3)
    assert slopes.max() / slopes.min() < 1.2


@pytest.mark.parametrize("seed", SEEDS)
def test_tanh_nearly_keeps_the_balance_and_sigmoid_breaks_it(seed):
    """같은 크기(1/√n)에서 tanh의 기울기는 비슷하고, sigmoid는 백 배 넘게 벌어지며 δ는 300분의 1이 못 됩니다."""
    widths, std = [140] * 6, 140**-0.5
    slopes = through(seed, widths, std, "tanh")[2]
    assert slopes.max() / slopes.min() < 1.3
    _, deltas, slopes = through(seed, widths, std, "sigmoid")
    assert slopes[4] / slopes[0] > 100
    assert rms(deltas[0]) < rms(deltas[4]) / 300
    # 활성화값의 평균이 0이 아닌 ReLU도 균형은 지킵니다. 깨는 것은 평균이 아니라 작아지지 않는 크기입니다.
    slopes = through(seed, widths, 0.3 * std, "relu")[2]
    assert slopes.max() / slopes.min() < 2


@pytest.mark.parametrize("seed", SEEDS)
def test_spread_of_the_sigmoid_histogram_is_between_units(seed):
    """전체의 표준편차는 층마다 0.12 안팎이지만 입력을 바꿀 때의 변화는 층마다 약 4분의 1이 됩니다."""
    activations = through(seed, [140] * 6, 140**-0.5, "sigmoid")[0]
    whole = np.array([a.std() for a in activations[1:]])
    by_input = np.array([np.sqrt(a.var(axis=0).mean()) for a in activations])
    assert ((whole > 0.09) & (whole < 0.15)).all()
    assert by_input[2:] / by_input[1:-1] == pytest.approx(np.full(3, 0.24), abs=0.03)
    assert by_input[4] < 0.001


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("pair", [(300, 60), (60, 300)])
def test_compromise_loses_both_signals_where_widths_alternate(seed, pair):
    """너비가 오가는 열 층: fan_avg는 두 방향 모두 셋 가운데 가장 작고, 가중치의 기울기는 가장 고릅니다."""
    sizes = [*pair] * 5 + [pair[0]]
    found = {}
    for name, rule in RULES.items():
        stds = [rule(m, n) ** -0.5 for m, n in pairwise(sizes)]
        activations, deltas, slopes = through(seed, sizes, stds, "identity", 300)
        found[name] = activations[-1].std(), rms(deltas[0]), slopes.max() / slopes.min()
    for ends in zip(*found.values()):
        assert min(ends) == ends[2]
    a, b = pair
    assert found["fan_avg"][0] == pytest.approx((4 * a * b / (a + b) ** 2) ** 2.5, rel=0.3)


@pytest.mark.parametrize("sizes", [(900, 300, 100, 20), (20, 100, 300, 900), (700, 650, 60, 50, 40)])
def test_compromise_lies_between_where_widths_go_one_way(sizes):
    """너비가 한 방향으로만 변하면 fan_avg의 두 배율은 언제나 두 규칙의 사이입니다(식으로)."""
    ends = []
    for rule in RULES.values():
        variances = [1 / rule(m, n) for m, n in pairwise(sizes)]
        ahead = [m * v for (m, _), v in zip(pairwise(sizes), variances)]
        back = [n * v for (_, n), v in zip(pairwise(sizes), variances)]
        ends.append((np.prod(ahead), np.prod(back[1:])))
    for first, second, between in zip(*ends):
        assert min(first, second) < between < max(first, second)


def digits():
    found = load_digits()
    order = np.random.default_rng(7).permutation(len(found.target))
    x = (found.data / 16 - 0.3)[order] / 0.38
    return x[:1400], found.target[order][:1400], x[1400:], found.target[order][1400:]


@pytest.mark.parametrize(("adam", "rate", "learns"), [(False, 0.3, False), (False, 3, False), (True, 0.005, True)])
def test_sigmoid_with_xavier_is_freed_by_adam_but_not_by_sgd(adam, rate, learns):
    """은닉층 다섯, 500걸음: SGD는 학습률 0.3에서도 3에서도 찍는 수준, Adam은 배웁니다."""
    x, y, x_test, y_test = digits()
    sizes, rng = [64, 100, 100, 100, 100, 100, 10], np.random.default_rng(104)
    weights = drawn(rng, sizes, [np.sqrt(2 / (m + n)) for m, n in pairwise(sizes)])
    biases = [np.zeros(n) for n in sizes[1:]]
    fit(x, y, weights, biases, "sigmoid", rate, 500, rng, adam)
    assert (accuracy(x_test, y_test, weights, biases, "sigmoid") > 0.4) == learns
