"""2장의 주장을 책의 꾸러미 없이 맨 NumPy로 다시 얻습니다. 너비, 표본의 수, 시드, 자료를 나눈 곳이 페이지와 다릅니다.

- '다섯 층을 지나면 값은 어디에 모일까?'와 '역전파 신호는 한 층에서 몇 배가 될까?': 표준편차 1은 양 끝에 몰려도 RMS를
  지키고 중앙값만 잃으며, 배율은 (n s² / 36π)^¼입니다. 0.01은 0.5에 모이고 층마다 √n s / 4배로 사라집니다.
- '가중치는 층마다 얼마나 움직일까?': 0.01에서 가중치 기울기는 1층이 가장 작지만 입력의 몫은 다섯 층이 같습니다.
- '0.5에 모인 값은 무엇을 잃었을까?': 64비트에서 0.01은 1보다 선형으로 잘 읽히고, 32비트에서는 그렇지 않습니다.
- '어느 표준편차에서 배울까?': SGD는 0.2와 1은 배우고 0.1과 0.01은 64비트로도 못 배우는데, Adam은 0.1도 배웁니다.
"""

from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from sklearn.datasets import load_digits

from tests.independent.plain import accuracy, drawn, fit, forward, measured, rms

each_seed = pytest.mark.parametrize("seed", [71, 72, 73])


def five(std, seed, width=100, count=700):
    """다섯 층 sigmoid 망: 입력, 활성화값, δ, 가중치 기울기의 RMS."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((count, width))
    return x, *measured(rng, x, drawn(rng, [width] * 6, std), "sigmoid")


@each_seed
def test_std_one_crowds_both_ends_and_keeps_the_rms_not_the_median(seed):
    _, activations, deltas, slopes = five(1, seed)
    for a in activations:
        assert np.mean((a < 0.2) | (a > 0.8)) > 0.79
        assert 0.4 < np.mean(a * (1 - a) < 0.05 / 4) < 0.72
    assert 0.6 < rms(deltas[0]) / rms(deltas[-1]) < 1.3
    assert np.median(np.abs(deltas[0])) < rms(deltas[0]) / 100
    assert max(slopes) < 2 * min(slopes)


@each_seed
def test_std_hundredth_vanishes_by_a_quarter_of_root_n_s(seed):
    """너비가 150이면 층마다 √150 × 0.01 / 4 ≈ 0.031배이고, 표준편차 1보다 십만 배 넘게 작습니다."""
    _, activations, deltas, _ = five(0.01, seed, 150)
    factors = [rms(here) / rms(above) for here, above in pairwise(deltas)]
    assert factors == pytest.approx([np.sqrt(150) * 0.01 / 4] * 4, rel=0.06)
    assert np.median(np.abs(deltas[0])) > 0.6 * rms(deltas[0])
    assert all(np.abs(a - 0.5).max() < 0.2 for a in activations)
    assert rms(five(1, seed, 150)[2][0]) > 1e5 * rms(deltas[0])


@each_seed
@pytest.mark.parametrize("width", [40, 300])
def test_the_factor_at_std_one_grows_with_the_fourth_root_of_the_width(width, seed):
    _, activations, deltas, _ = five(1, seed, width, 300)
    slope = [rms(a * (1 - a)) for a in activations]
    for here, above, s in zip(deltas, deltas[1:], slope):
        assert rms(here) / rms(above) == pytest.approx(np.sqrt(width) * s, rel=0.3)
    assert rms(deltas[0]) / rms(deltas[-1]) == pytest.approx(width / (36 * np.pi), rel=0.45)


@each_seed
def test_only_the_constant_share_of_the_weight_gradient_differs(seed):
    x, activations, deltas, slopes = five(0.01, seed)
    assert 3e-7 < slopes[0] / slopes[-1] < 2e-6
    below = [x, *activations[:-1]]
    shares = [rms((a - a.mean(axis=0)).T @ d) / np.sqrt(len(x)) for a, d in zip(below, deltas)]
    assert max(shares) < 1.15 * min(shares)
    varying = [rms(a - a.mean(axis=0)) / rms(a) for a in activations]
    assert np.divide(varying[1:], varying[:-1]) == pytest.approx([0.025] * 4, rel=0.1)


@cache
def digits():
    """섞은 손글씨 숫자: 앞의 1,300장으로 배우고 497장으로 시험합니다."""
    data, order = load_digits(), np.random.default_rng(2025).permutation(1797)
    return data.data[order] / 16, data.target[order]


def read(a, labels, split=1300):
    """표준화한 활성화값에 최소 제곱으로 붙인 선형 분류기의 정확도."""
    mean, std = a[:split].mean(axis=0), a[:split].std(axis=0)
    a = np.c_[(a - mean) / np.where(std > 0, std, 1), np.ones(len(a))].astype(float)
    w = np.linalg.lstsq(a[:split], np.eye(10)[labels[:split]], rcond=None)[0]
    return np.mean((a[split:] @ w).argmax(axis=1) == labels[split:])


@each_seed
def test_std_hundredth_loses_size_in_64_bits_and_information_in_32(seed):
    x, y = digits()
    read_from = {}
    for std in (1, 0.01):
        weights = drawn(np.random.default_rng(seed), [64, *[100] * 5], std)
        for kind in (np.float64, np.float32):
            cast = [w.astype(kind) for w in weights]
            read_from[std, kind] = read(forward(x.astype(kind), cast, "sigmoid")[1][-1], y)
    assert read_from[0.01, np.float64] > read(x, y) - 0.02 > read_from[1, np.float64] + 0.05
    assert read_from[0.01, np.float32] < read_from[1, np.float32] - 0.05


@pytest.mark.parametrize(
    ("std", "adam", "rate", "learns"),
    [
        (0.01, False, 1, False),
        (0.1, False, 1, False),
        (0.2, False, 1, True),
        (1, False, 0.3, True),
        (0.1, True, 0.01, True),
    ],
)
def test_sgd_fails_at_a_tenth_where_adam_learns(std, adam, rate, learns):
    (x, y), rng = digits(), np.random.default_rng(81)
    weights = drawn(rng, [64, *[80] * 5, 10], std)
    biases = [np.zeros(w.shape[1]) for w in weights]
    fit(x[:1300], y[:1300], weights, biases, "sigmoid", rate, 1500, rng, adam, batch=50)
    found = accuracy(x[1300:], y[1300:], weights, biases, "sigmoid")
    assert found > 0.7 if learns else found < 0.2
