"""5장 「ReLU가 버린 절반 되찾기」의 주장을 맨 NumPy로, 쪽과 다른 시드, 너비, 깊이에서 다시 잽니다."""

import functools

import numpy as np
import pytest
from sklearn.datasets import load_digits

from tests.independent.plain import accuracy, drawn, fit, forward, loss_gradients, measured, rms

SEEDS = (501, 502)


@functools.cache
def digits():
    """손글씨 숫자 1,797장을 다시 섞어 (학습, 시험)으로 나눈 것."""
    found, order = load_digits(), np.random.default_rng(500).permutation(1797)
    x, y = np.float32(found.data[order] / 16), found.target[order]
    return (x[:1500], y[:1500]), (x[1500:], y[1500:])


def start(depth, c, seed, width=100):
    """분산이 c/fan_in인 은닉층 depth개의 (가중치, 0인 편향)."""
    sizes = [64, *[width] * depth, 10]
    weights = drawn(np.random.default_rng(seed), sizes, np.sqrt(c / np.array(sizes[:-1])))
    return [w.astype(np.float32) for w in weights], [np.zeros(n, np.float32) for n in sizes[1:]]


def dead(weights, biases):
    """(은닉층, 유닛) 학습 자료 모두에서 0이면 True."""
    return np.array([(a == 0).all(axis=0) for a in forward(digits()[0][0], weights[:-1], "relu", biases)[1][1:]])


def learn(net, rate, steps, seed, adam=False):
    """net을 제자리에서 학습시키고 시험 정확도를 돌려줍니다."""
    fit(*digits()[0], *net, "relu", rate, steps, np.random.default_rng(seed), adam=adam)
    return accuracy(*digits()[1], *net, "relu")


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("c", [1, 2, 3])
def test_root_c_over_two_and_even_weight_gradients(c, seed):
    """「2는 언제 다른 수가 될까?」: 너비 300, 12층의 신호는 앞뒤로 층마다 √(c/2)배이고 가중치 기울기는 고릅니다."""
    rng = np.random.default_rng(seed)
    weights = drawn(rng, [300] * 13, np.sqrt(c / 300))
    a, d, slopes = measured(rng, rng.standard_normal((150, 300)), weights, "relu")
    for ends in ((a[0], a[-1]), (d[-1], d[0])):
        assert (rms(ends[1]) / rms(ends[0])) ** (1 / 11) == pytest.approx(np.sqrt(c / 2), rel=0.05)
    assert slopes.max() < 2.5 * slopes.min()
    assert np.median(slopes) == pytest.approx(np.sqrt(1 / 2) * np.sqrt(c / 2) ** 11, rel=0.5)


@pytest.mark.parametrize("depth", [10, 24])
def test_networks_scatter_by_half_the_root_of_five_l_over_n(depth):
    """「같은 He인데 난수마다 다른 까닭」: ln RMS의 표준편차는 ½√(5L/n), 너비가 네 배이면 절반입니다."""
    spread = {}
    for width in (40, 160):
        runs = []
        for seed in range(120):
            rng = np.random.default_rng([seed, width])
            weights = drawn(rng, [width] * (depth + 1), np.sqrt(2 / width))
            runs.append(np.log(rms(forward(np.ones((1, width)), weights, "relu")[1][-1])))
        spread[width] = np.std(runs)
        assert spread[width] == pytest.approx(np.sqrt(5 * depth / width) / 2, rel=0.2)
    assert spread[40] / spread[160] == pytest.approx(2, rel=0.25)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("rate", [0.7, 2])
def test_biases_switch_the_top_layer_off_under_sgd(rate, seed):
    """「30층을 학습시키면 어떻게 될까?」: 26층의 Xavier는 SGD에서 맨 위층이 모두 꺼지고 가중치 기울기가 0입니다."""
    net = start(26, 1, seed)
    assert dead(*net)[-1].mean() < 0.6
    assert learn(net, rate, 300, seed) < 0.2
    assert dead(*net)[-1].all()
    assert not any(g.any() for g in loss_gradients(*digits()[0], *net, "relu")[0])


@pytest.mark.parametrize("seed", SEEDS)
def test_adam_learns_from_the_start_that_stops_sgd(seed):
    """같은 절: 26층에서 He는 SGD로도 배우고, Xavier는 Adam으로 배웁니다."""
    assert learn(start(26, 2, seed), 0.005, 500, seed) > 0.5
    assert learn(start(26, 1, seed), 0.0007, 500, seed, adam=True) > 0.35


@pytest.mark.parametrize("seed", SEEDS)
def test_dead_units_do_not_depend_on_the_scale_and_revive_above_the_first_layer(seed):
    """「He는 죽은 ReLU를 줄일까?」: 처음에는 크기와 무관하고, 1층의 죽은 유닛은 그대로, 위층의 것은 되살아납니다."""
    small, he = start(5, 0.05, seed, width=140), start(5, 2, seed, width=140)
    before = dead(*he)
    assert np.mean(before != dead(*small)) < 0.005
    assert learn(he, 0.1, 500, seed) > 0.85
    revived = before & ~dead(*he)
    assert not revived[0].any()
    assert revived[1:].sum() > 0.3 * before[1:].sum() > 0
