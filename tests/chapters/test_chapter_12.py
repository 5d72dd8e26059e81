"""12장의 주장. 첫 걸음은 다른 시드로 다시 재고, 긴 학습은 저장된 결과로 확인하며 그 일부를 다시 학습시킵니다."""

import json
from pathlib import Path

import numpy as np
import pytest

import wi_lib
from wi_lib import datasets, initializers, optimizers, signals

ROOT = Path(__file__).parents[2]
SIZES = (64, 100, 100, 100, 100, 10)
DEEP = (64, *[100] * 30, 10)
IDEAL = optimizers.Adam(epsilon=1e-150)
RATES = {"sgd": 0.1, "momentum": 0.01, "adam": 0.001}


@pytest.fixture(scope="module")
def digits():
    return datasets.load_digits()


def fresh(std, seed, sizes=SIZES):
    return wi_lib.MLP(sizes, "relu", initializers.normal(std), rng=np.random.default_rng(seed), dtype=np.float64)


def first_step(net, digits, optimizer, rate):
    """처음 32장으로 한 걸음 옮긴 뒤, 행렬마다의 걸음의 비."""
    old, g = [w.copy() for w in net.weights], net.gradients(digits.x_train[:32], digits.y_train[:32])
    optimizers.get(optimizer).start(net.parameters, rate)([*g.weights, *g.biases])
    return np.array([signals.rms(w - v) / signals.rms(v) for w, v in zip(net.weights, old)])


def varying(net, digits):
    """층마다 (입력에 따라 변하는 몫, 활성화값의 RMS, 편향의 RMS)."""
    a, found = digits.x_train[:200].astype(float), []
    for w, b in zip(net.weights[:-1], net.biases[:-1]):
        a = np.maximum(a @ w + b, 0)
        found.append((signals.varying(a), signals.rms(a), signals.rms(b)))
    return np.array(found).T


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_first_step_against_the_weights(digits, seed):
    """표준편차를 0.01에서 0.1로 키우면 첫 걸음의 비는 SGD에서 1,000배, Adam에서 8분의 1이 됩니다."""
    sgd, adam = (
        first_step(fresh(0.1, seed), digits, o, RATES[o]) / first_step(fresh(0.01, seed), digits, o, RATES[o])
        for o in ("sgd", "adam")
    )
    assert sgd[2] == pytest.approx(1000, rel=0.15)
    assert adam[2] == pytest.approx(0.125, rel=0.1)
    # ε을 없애면 꼭 10분의 1입니다.
    small, large = (first_step(fresh(std, seed), digits, IDEAL, 0.001) for std in (0.01, 0.1))
    assert large / small == pytest.approx(0.1, rel=0.02)
    # η/σ에 조금 못 미치는 것은 기울기의 4분의 1쯤이 0이기 때문입니다.
    assert (0.075 < small).all()
    assert (small < 0.095).all()


@pytest.mark.parametrize("depth", [2, 3, 6])
def test_sgd_ratio_is_a_power_of_the_std(digits, depth):
    """은닉층이 L개이면 SGD의 비는 표준편차의 L − 1제곱을 따릅니다."""
    sizes = (64, *[100] * depth, 10)
    small, large = (first_step(fresh(std, 3, sizes), digits, "sgd", 0.1) for std in (0.005, 0.05))
    assert large[:depth] / small[:depth] == pytest.approx(10 ** (depth - 1), rel=0.25)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_one_step_drowns_the_signal(digits, seed):
    """30층: 학습 전에는 세 초깃값의 몫이 같습니다. 크기를 지운 Adam의 한 걸음 뒤 0.01은 반올림만 남습니다."""
    before, after = {}, {}
    for std in (0.01, 0.1, 0.14):
        net = fresh(std, seed, DEEP)
        before[std], size, _ = varying(net, digits)
        first_step(net, digits, IDEAL, 0.001)
        after[std], _, bias = varying(net, digits)
        assert bias[-1] == pytest.approx(7e-4, rel=0.2)
        if std == 0.01:
            assert 1e-36 < size[-1] < 1e-34
    assert before[0.1] == pytest.approx(before[0.01], rel=1e-6)
    assert before[0.14] == pytest.approx(before[0.01], rel=1e-6)
    assert 0.15 < before[0.01][-1] < 0.3
    assert after[0.01][-1] < 1e-12
    assert 1e-4 < after[0.1][-1] < 0.02
    assert after[0.14][-1] > 0.15


@pytest.mark.parametrize("optimizer", list(RATES))
@pytest.mark.parametrize("seed", [1, 2])
def test_equal_units_stay_equal(digits, optimizer, seed):
    """상수로 시작한 망은 세 최적화기 모두에서 1층의 유닛이 하나뿐입니다."""
    net = wi_lib.MLP(
        [64, 20, 20, 10], "tanh", initializers.constant(0.05), rng=np.random.default_rng(0), dtype=np.float64
    )
    settings = {"learning_rate": RATES[optimizer], "batch_size": 32, "iterations": 300}
    wi_lib.train(net, digits, optimizer=optimizer, rng=np.random.default_rng(seed), **settings)
    assert signals.distinct_columns(net.weights[0]) == signals.distinct_columns(net.weights[1]) == 1
    assert net.accuracy(digits.x_test, digits.y_test) < 0.4
