"""2장의 주장을 다른 시드에서 다시 잽니다."""

from functools import cache

import numpy as np
import pytest

import wi_lib
from wi_lib import initializers, signals, theory

SEEDS = [11, 12, 13]
each_seed = pytest.mark.parametrize("seed", SEEDS)


@cache
def flow(std, seed, n=100, inputs=1000):
    """2장의 설정: 다섯 층, 층마다 n개, 표준정규 입력, sigmoid."""
    x = np.random.default_rng([seed, 0]).standard_normal((inputs, n))
    rng = np.random.default_rng([seed, 1])
    return wi_lib.propagate(x, 5, n, "sigmoid", initializers.normal(std), rng=rng)


@cache
def summary(std, seed):
    return flow(std, seed).summary()


def delta_rms(s):
    return np.array([signals.rms(d) for d in s.deltas])


def factors(s):
    """층 하나를 거슬러 갈 때 RMS의 배율: 2층에서 1층으로 가는 것부터."""
    size = delta_rms(s)
    return size[:-1] / size[1:]


def growth(s):
    """1층 신호의 RMS는 5층의 몇 배인가."""
    size = delta_rms(s)
    return size[0] / size[-1]


@each_seed
def test_std_one_saturates(seed):
    """표준편차 1이면 1층은 셋 가운데 둘이, 나머지 층은 절반쯤이 포화하고 값은 양 끝에 몰립니다."""
    shares = [layer.saturated for layer in summary(1, seed)]
    assert 0.6 < shares[0] < 0.72
    assert all(0.35 < share < 0.72 for share in shares[1:])
    for a in flow(1, seed).activations:
        assert np.mean((a < 0.1) | (a > 0.9)) > 0.6
        assert np.mean((a > 0.4) & (a < 0.6)) < 0.1


@each_seed
def test_std_hundredth_gathers_at_one_half_without_saturation(seed):
    """표준편차 0.01이면 모든 값이 0.5 둘레에 있고 하나도 포화하지 않습니다."""
    for layer, a in zip(summary(0.01, seed), flow(0.01, seed).activations):
        assert layer.saturated == 0
        assert layer.mean == pytest.approx(0.5, abs=0.01)
        assert layer.std < 0.03
        assert a.min() > 0.3
        assert a.max() < 0.7


@each_seed
def test_first_preactivation_has_std_ten(seed):
    """Var(z) = n s² E[a²]: 유닛 100개, 표준편차 1, 표준정규 입력이면 z의 표준편차는 10입니다."""
    rng = np.random.default_rng(seed)
    z = rng.standard_normal((1000, 100)) @ initializers.normal(1)((100, 100), rng=rng)
    assert z.std() == pytest.approx(10, rel=0.05)


@each_seed
def test_at_std_hundredth_inputs_become_indistinguishable_not_units(seed):
    """표준편차 0.01에서 입력 사이의 차이는 층마다 0.025배로 줄고, 3층에서는 유닛 사이보다 백 배 넘게 작습니다."""
    layers = flow(0.01, seed).activations[:3]
    inputs = [a.std(axis=0, dtype=np.float64).mean() for a in layers]
    units = [a.mean(axis=0, dtype=np.float64).std() for a in layers]
    assert inputs[1] / inputs[0] == pytest.approx(0.025, rel=0.1)
    assert inputs[2] / inputs[1] == pytest.approx(0.025, rel=0.1)
    assert inputs[0] > 10 * units[0]
    assert units[2] > 100 * inputs[2]


@each_seed
def test_rank_collapses_at_std_hundredth_while_units_still_differ(seed):
    """표준편차 0.01에서는 3층부터 계수가 1인데 서로 다른 유닛은 80개가 넘습니다. 표준편차 1의 계수는 80이 넘습니다."""
    assert [layer.rank for layer in summary(0.01, seed)[2:]] == [1, 1, 1]
    assert all(layer.distinct > 80 for layer in summary(0.01, seed))
    assert all(layer.rank > 80 for layer in summary(1, seed))


@each_seed
@pytest.mark.parametrize(("std", "tolerance"), [(1, 0.2), (0.01, 0.06)])
def test_layer_factor_is_sqrt_n_times_std_times_rms_slope(std, tolerance, seed):
    """층 하나의 배율은 √n · s · RMS(σ')입니다."""
    s = flow(std, seed)
    slopes = np.array([signals.rms(s.activation.derivative(a)) for a in s.activations[:-1]])
    assert (slopes <= 0.25).all()
    assert factors(s) == pytest.approx(10 * std * slopes, rel=tolerance)


@each_seed
def test_std_one_is_near_one_and_std_hundredth_is_a_fortieth(seed):
    """유닛 100개에서 표준편차 1의 배율은 1에 가깝고, 0.01의 배율은 0.025입니다."""
    assert ((factors(flow(1, seed)) > 0.7) & (factors(flow(1, seed)) < 1.25)).all()
    assert factors(flow(0.01, seed)) == pytest.approx(0.025, rel=0.06)


@each_seed
def test_slope_alone_predicts_the_wrong_order(seed):
    """σ'의 곱은 표준편차 1에서 더 작지만, 실제로 더 빨리 사라지는 것은 0.01입니다."""
    slope = {std: signals.rms(0.25 - (flow(std, seed).activations[1] - 0.5) ** 2) for std in (1, 0.01)}
    assert slope[1] < 0.5 * slope[0.01]
    assert growth(flow(1, seed)) > 1e5 * growth(flow(0.01, seed))


@each_seed
@pytest.mark.parametrize("std", [1.0, 0.01])
def test_measurement_follows_theory(std, seed):
    """활성화값의 표준편차와 역전파 신호의 RMS가 모든 층에서 이론의 20 % 안에 있습니다."""
    predicted = theory.predict([100] * 6, [std] * 5, "sigmoid")
    s = flow(std, seed)
    assert [a.std() for a in s.activations] == pytest.approx(predicted.std, rel=0.2)
    assert delta_rms(s) == pytest.approx(predicted.delta_rms, rel=0.2)


@each_seed
def test_std_one_keeps_the_rms_but_not_the_median(seed):
    """표준편차 1에서 RMS는 거의 그대로이고, 중앙값은 어느 층에서나 RMS보다 훨씬 작아 1층에서는 백 배 넘게 작습니다."""
    layers = summary(1, seed)
    assert 0.6 < layers[0].delta_rms / layers[-1].delta_rms < 1.2
    assert all(layer.delta_median < 0.12 * layer.delta_rms for layer in layers)
    assert layers[0].delta_median < layers[0].delta_rms / 100


@each_seed
def test_few_paths_carry_the_signal(seed):
    """표준편차 1의 1층에서 가장 큰 10 %가 제곱합의 90 % 넘게 차지합니다."""
    square = np.sort(flow(1, seed).deltas[0].ravel() ** 2)
    assert square[-len(square) // 10 :].sum() > 0.9 * square.sum()


@each_seed
def test_weight_gradients_are_even_again(seed):
    """입력 1,000개를 모은 1층 가중치 기울기에서는 RMS와 중앙값이 두 배도 다르지 않습니다."""
    gradient = flow(1, seed).weight_gradients[0]
    assert signals.rms(gradient) < 2 * np.median(np.abs(gradient))


@each_seed
def test_std_one_signal_grows_with_width(seed):
    """표준편차 1에서 1층과 5층의 RMS의 비는 너비에 비례해 커지고, 1,000개이면 1을 훌쩍 넘습니다. 중앙값은 0입니다."""
    narrow, middle, wide = (growth(flow(1, seed, n, 300)) for n in (10, 100, 1000))
    assert narrow < 0.2
    assert 0.6 < middle < 1.2
    assert 6 < wide < 9
    assert [middle, wide] == pytest.approx([100 / (36 * np.pi), 1000 / (36 * np.pi)], rel=0.35)
    assert np.median(np.abs(flow(1, seed, 1000, 300).deltas[0])) == 0


def test_mean_square_slope_comes_from_the_area_under_its_peak():
    """∫σ'(z)² dz = 1/6이고, z가 넓게 퍼지면 E[σ'²] ≈ 1 / (6√(2π Var(z)))입니다."""
    z = np.linspace(-40, 40, 100_001)
    slope = np.exp(-np.abs(z)) / (1 + np.exp(-np.abs(z))) ** 2
    assert (slope**2).sum() * (z[1] - z[0]) == pytest.approx(1 / 6, rel=1e-6)
    for variance in (50, 500):
        assert theory.moments(variance, "sigmoid")[2] == pytest.approx(
            1 / (6 * np.sqrt(2 * np.pi * variance)), rel=0.06
        )


def test_factor_crosses_one_near_width_113():
    """표준편차 1의 배율은 (n/36π)^¼에 가깝고, 너비 80에서는 1보다 작고 160에서는 1보다 큽니다."""

    def factor(n):
        size = theory.predict([n] * 6, [1.0] * 5, "sigmoid").delta_rms
        return size[2] / size[3]

    assert factor(80) < 1 < factor(160)
    for n in (50, 100, 1000):
        assert factor(n) == pytest.approx((n / (36 * np.pi)) ** 0.25, rel=0.05)


@each_seed
def test_std_hundredth_vanishes_far_worse_than_std_one(seed):
    """표준편차 0.01의 1층 신호는 5층의 백만분의 일도 안 되고, 표준편차 1보다 십만 배 넘게 작으며, 고르게 작습니다."""
    first, last = summary(0.01, seed)[0], summary(0.01, seed)[-1]
    assert first.delta_rms / last.delta_rms < 1e-6
    assert (first.delta_rms / last.delta_rms) ** 0.25 == pytest.approx(0.025, rel=0.03)
    assert 5e5 < summary(1, seed)[0].delta_rms / first.delta_rms < 1.1e6
    assert 0.6 < first.delta_median / first.delta_rms < 0.75


@each_seed
def test_scan_over_std(seed):
    """1층 신호의 RMS는 표준편차와 함께 계속 커지고, 중앙값은 0.3 둘레에서 꼭대기에 오른 뒤 0으로 떨어집니다."""
    stds = 10.0 ** np.arange(-3, 1.01, 0.25)
    runs = [flow(float(std), seed) for std in stds]
    size = np.array([delta_rms(run)[0] for run in runs])
    median = np.array([np.median(np.abs(run.deltas[0])) for run in runs])
    spread = np.array([run.activations[-1].std() for run in runs])
    assert (np.diff(size) > 0).all()
    assert size[4] / size[0] == pytest.approx(1e4, rel=0.1)
    assert size[-1] > 1
    assert 0.15 < stds[np.argmax(median)] < 0.6
    assert median[stds > 3] == pytest.approx(0)
    assert median[8] > 0.5 * size[8]
    assert median[12] < 0.02 * size[12]
    assert (np.diff(spread) > 0).all()
    assert spread[0] < 0.002
    assert 0.48 < spread[-1] < 0.5


@each_seed
def test_answers_to_the_questions(seed):
    """유닛 400개, 표준편차 1이면 3배쯤이고, 유닛 100개, 표준편차 0.1이면 층마다 1/4배쯤입니다."""
    assert 2.5 < growth(flow(1, seed, 400, 300)) < 4
    assert factors(flow(0.1, seed)) == pytest.approx(0.23, abs=0.03)


@each_seed
def test_scan_of_the_std(seed):
    """표준편차를 키우면 1층 신호의 RMS는 계속 커지고, 중앙값은 0.3 둘레에서 꼭대기를 지나 3을 넘으면 0이 됩니다."""
    stds = np.geomspace(0.001, 10, 13)
    deltas = [np.abs(flow(float(std), seed, inputs=300).deltas[0]) for std in stds]
    sizes, medians = [signals.rms(delta) for delta in deltas], [np.median(delta) for delta in deltas]
    assert np.all(np.diff(sizes) > 0)
    assert sizes[-1] > 1
    assert 0.2 < stds[np.argmax(medians)] < 0.5
    assert all(median == 0 for std, median in zip(stds, medians) if std > 3)
    # 왼쪽에서는 표준편차가 열 배면 신호는 만 배입니다.
    assert sizes[3] / sizes[0] == pytest.approx(1e4, rel=0.2)


@each_seed
def test_even_the_best_std_loses_the_signal_in_twenty_layers(seed):
    """표준편차 1/√n에서도 20층이면 1층 신호는 히스토그램의 왼쪽 끝(10⁻⁸)보다 작습니다."""
    x = np.random.default_rng([seed, 0]).standard_normal((300, 100))
    init, rng = initializers.normal(0.1), np.random.default_rng([seed, 1])
    deltas = wi_lib.propagate(x, 20, 100, "sigmoid", init, rng=rng).deltas
    assert signals.rms(deltas[0]) < 1e-8
