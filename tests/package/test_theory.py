"""신호 전파의 이론: 닫힌 식, 더 촘촘한 적분, 알려진 값, 그리고 `propagate`로 잰 값."""

import math

import numpy as np
import pytest

import wi_lib
from wi_lib import activations, initializers, signals, theory

ACTIVATIONS = [*activations.ACTIVATIONS, "leaky_relu(0.3)"]
SELU_ALPHA, SELU_SCALE = activations.SELU_ALPHA, activations.SELU_SCALE
PIECEWISE_LINEAR = [("relu", 0), ("leaky_relu", 0.01), ("leaky_relu(0.3)", 0.3), ("identity", 1)]
VARIANCES = [1e-6, 0.1, 1.0, 7.0, 1e4]


def leaky_moments(q, slope):
    """slope 0은 ReLU, 1은 항등 함수입니다: 양쪽 절반의 적분이 모두 초등 함수입니다."""
    return (1 - slope) * math.sqrt(q / (2 * math.pi)), (1 + slope**2) * q / 2, (1 + slope**2) / 2


def selu_moments(q):
    """E[exp(k√q z); z < 0] = exp(k²q/2)·Φ(−k√q)로 적은 SELU의 적률."""
    s = math.sqrt(q)
    one, two = (math.exp(k * k * q / 2) * math.erfc(k * s / math.sqrt(2)) / 2 for k in (1, 2))
    mean = SELU_SCALE * (s / math.sqrt(2 * math.pi) + SELU_ALPHA * (one - 0.5))
    square = SELU_SCALE**2 * (q / 2 + SELU_ALPHA**2 * (two - 2 * one + 0.5))
    return mean, square, SELU_SCALE**2 * (0.5 + SELU_ALPHA**2 * two)


@pytest.mark.parametrize("q", VARIANCES)
@pytest.mark.parametrize(
    ("name", "slope"), [("relu", 0), ("leaky_relu", 0.01), ("leaky_relu(0.3)", 0.3), ("identity", 1)]
)
def test_moments_of_piecewise_linear_functions(name, slope, q):
    mean, square, slope_square = theory.moments(q, name)
    expected = leaky_moments(q, slope)
    # 대칭인 마디에서 f(z)²과 f'(z)²은 반으로 갈라지므로 오차가 없고, f(z)의 꺾인 점에서만 칸²의 오차가 남습니다.
    assert mean == pytest.approx(expected[0], rel=1e-6, abs=1e-12 * math.sqrt(q))
    assert square == pytest.approx(expected[1], rel=1e-12)
    assert slope_square == pytest.approx(expected[2], rel=1e-12)


@pytest.mark.parametrize("q", [1e-6, 0.1, 1.0, 7.0, 50.0])
def test_moments_of_selu(q):
    np.testing.assert_allclose(theory.moments(q, "selu"), selu_moments(q), rtol=1e-5, atol=1e-6)


def test_symmetric_functions_have_exact_means():
    for q in VARIANCES:
        assert theory.moments(q, "tanh")[0] == pytest.approx(0, abs=1e-12)
        assert theory.moments(q, "sigmoid")[0] == pytest.approx(0.5, abs=1e-12)


def test_small_and_large_variance_limits():
    # q → 0이면 f(z) ≈ f(0) + f'(0)z이고, q → ∞이면 tanh는 부호 함수, 시그모이드는 계단 함수입니다.
    np.testing.assert_allclose(theory.moments(1e-6, "tanh"), [0, 1e-6, 1], rtol=1e-5, atol=1e-12)
    np.testing.assert_allclose(theory.moments(1e-6, "sigmoid"), [0.5, 0.25 + 1e-6 / 16, 1 / 16], rtol=1e-6)
    np.testing.assert_allclose(theory.moments(1e150, "tanh"), [0, 1, 0], atol=1e-9)
    np.testing.assert_allclose(theory.moments(1e150, "sigmoid"), [0.5, 0.5, 0], atol=1e-9)
    assert theory.moments(0, "selu") == pytest.approx((0, 0, SELU_SCALE**2 * SELU_ALPHA**2), rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("q", [0.1, 1.0, 30.0])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_moments_against_random_samples(name, q):
    # 표본 N개의 평균은 표본 표준편차/√N만큼 흔들립니다. 그 다섯 배까지 허용합니다.
    f, n = activations.get(name), 200_000
    a = f(math.sqrt(q) * np.random.default_rng(0).standard_normal(n))
    for ours, samples in zip(theory.moments(q, name), (a, a**2, f.derivative(a) ** 2.0)):
        assert ours == pytest.approx(samples.mean(), abs=5 * samples.std() / math.sqrt(n) + 1e-12)


def trapezoid(function, nodes=1_000_000):
    """꾸러미보다 백 배 촘촘하고, 원점을 경계로 둘로 나누어 꺾인 점을 마디에 둔 기준값."""
    total = 0.0
    for side in (-1, 1):
        z = np.linspace(0, side * 12, nodes)
        values = function(np.where(z == 0, side * 1e-300, z)) * np.exp(-(z**2) / 2)
        total += (values.sum() - (values[0] + values[-1]) / 2) * (12 / (nodes - 1))
    return total / math.sqrt(2 * math.pi)


def gauss_hermite(function, nodes=100):
    z, weights = np.polynomial.hermite_e.hermegauss(nodes)
    return float(weights @ function(z)) / math.sqrt(2 * math.pi)


def second_moments(name, q):
    f = activations.get(name)
    yield 1, lambda z: f(math.sqrt(q) * z) ** 2
    yield 2, lambda z: f.derivative(f(math.sqrt(q) * z)) ** 2.0


@pytest.mark.parametrize(("name", "q"), [("selu", 1.0), ("selu", 10.0), ("sigmoid", 1e3), ("sigmoid", 1e4)])
def test_trapezoid_beats_gauss_hermite_where_functions_are_sharp(name, q):
    # theory.py의 주석이 주장하는 것: 마디 100개의 Gauss-Hermite는 꺾이거나 뾰족한 함수에서 어긋납니다.
    ours, worst = theory.moments(q, name), 0.0
    for index, function in second_moments(name, q):
        exact = trapezoid(function)
        mine, theirs = abs(ours[index] / exact - 1), abs(gauss_hermite(function) / exact - 1)
        assert mine < 1e-5
        assert mine < theirs / 10
        worst = max(worst, theirs)
    # 어긋남이 그림에서 보일 만큼 큽니다: χ가 0.5 % 넘게 틀립니다.
    assert worst > 5e-3


@pytest.mark.parametrize("name", ["sigmoid", "tanh"])
def test_trapezoid_is_enough_up_to_ten_thousand(name):
    # 너비 1000, 표준편차 1인 층의 q가 500쯤이므로 강의가 쓰는 범위는 이 안에 있습니다.
    for index, function in second_moments(name, 1e4):
        assert theory.moments(1e4, name)[index] == pytest.approx(trapezoid(function), rel=1e-9)


def test_gains():
    # 1/√E[f(z)²]. PyTorch의 권장값과 다른 것은 시그모이드(1)와 tanh(5/3), SELU(3/4)입니다.
    expected = {"sigmoid": 1.846, "tanh": 1.593, "relu": math.sqrt(2), "selu": 1.0, "identity": 1.0}
    assert {name: theory.gain(name) for name in expected} == pytest.approx(expected, abs=6e-4)
    for name in ("relu", "leaky_relu", "leaky_relu(0.3)", "identity"):
        assert theory.gain(name) == pytest.approx(activations.get(name).gain, rel=1e-12)


def test_next_variance_and_chi_are_moments_times_the_weight_variance():
    assert theory.next_variance(3.0, "relu", 2.0) == pytest.approx(3.0, rel=1e-12)
    assert theory.next_variance(3.0, "relu", 1.5, bias_variance=0.4) == pytest.approx(1.5 * 1.5 + 0.4, rel=1e-12)
    assert theory.next_variance(3.0, "identity", 1.0, bias_variance=0.5) == pytest.approx(3.5, rel=1e-12)
    assert theory.chi(3.0, "relu", 2.0) == pytest.approx(1.0, rel=1e-12)
    assert theory.chi(3.0, "leaky_relu(0.3)", 2.0) == pytest.approx(1.09, rel=1e-12)
    assert theory.chi(3.0, "identity", 1.7) == pytest.approx(1.7, rel=1e-12)


def test_selu_fixed_point():
    # SELU는 평균 0, 제곱 평균 1이 고정점이 되도록 α와 λ를 정했고(σ_w² = 1), 그 점은 끌어당깁니다.
    mean, square, _ = theory.moments(1.0, "selu")
    assert mean == pytest.approx(0, abs=1e-6)
    assert square == pytest.approx(1, abs=1e-6)
    for start in (0.3, 3.0):
        q = start
        for _ in range(200):
            q = theory.next_variance(q, "selu", weight_variance=1.0)
        assert q == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize(("bias_variance", "expected"), [(0.001, 1.189), (0.01, 1.424), (0.1, 1.986), (0.3, 2.505)])
def test_edge_of_chaos_of_tanh(bias_variance, expected):
    # 표의 값은 소수 셋째 자리까지이고 이분법의 칸은 1e-4입니다. 편향이 있으면 백 번이면 고정점에 닿습니다.
    assert theory.edge_of_chaos("tanh", bias_variance, depth=100) == pytest.approx(expected, abs=7e-4)


def test_edge_of_chaos_of_tanh_default_depth():
    assert theory.edge_of_chaos("tanh", 0.05) == pytest.approx(1.761, abs=7e-4)


def test_edge_of_chaos_without_bias_approaches_one():
    # 임계점에서 q는 1/깊이로 느리게 줄어듭니다. 깊이를 늘릴수록 해석적인 극한 1에 위에서 다가갑니다.
    shallow, deep = (theory.edge_of_chaos("tanh", 0.0, depth=depth) for depth in (25, 100))
    assert 1 < deep < shallow < 1.2
    assert (deep - 1) < (shallow - 1) / 2


@pytest.mark.parametrize(("name", "slope"), PIECEWISE_LINEAR)
@pytest.mark.parametrize("bias_variance", [0.0, 0.2])
def test_edge_of_chaos_of_piecewise_linear_functions(name, slope, bias_variance):
    # 도함수가 q와 무관하므로 χ = 1은 언제나 2/(1 + slope²)입니다. ReLU의 (2, 0)이 He 초기화입니다.
    expected = 2 / (1 + slope**2)
    assert theory.edge_of_chaos(name, bias_variance, depth=20) == pytest.approx(expected, abs=2e-4)


def test_sigmoid_never_reaches_the_edge():
    with pytest.raises(ValueError, match="χ = 1"):
        theory.edge_of_chaos("sigmoid", depth=50)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_predict_iterates_next_variance_and_chi(name):
    n, std, mean_square = 50, 0.2, 1.7
    prediction = theory.predict([n] * 5, [std] * 4, name, mean_square)
    qs = [n * std**2 * mean_square]
    for _ in range(3):
        qs.append(theory.next_variance(qs[-1], name, n * std**2))
    expected = [math.sqrt(max(square - mean**2, 0)) for mean, square, _ in (theory.moments(q, name) for q in qs)]
    np.testing.assert_allclose(prediction.std, expected, rtol=1e-12)
    # δ는 맨 위에서 E[f'²]로 시작해 층마다 χ배가 됩니다.
    variance = [theory.moments(qs[-1], name)[2]]
    for q in reversed(qs[:-1]):
        variance.append(variance[-1] * theory.chi(q, name, n * std**2))
    np.testing.assert_allclose(prediction.delta_rms, np.sqrt(variance[::-1]), rtol=1e-12)


def test_predict_uses_fan_in_forward_and_fan_out_backward():
    # 너비가 다르면 두 방향이 서로 다른 fan을 봅니다: 3장의 fan_in ≠ fan_out.
    prediction = theory.predict([30, 20, 80, 10], [0.1, 0.2, 0.3], "identity", input_mean_square=2.0)
    forward = np.cumprod([30 * 0.01 * 2, 20 * 0.04, 80 * 0.09])
    np.testing.assert_allclose(prediction.std, np.sqrt(forward), rtol=1e-9)
    np.testing.assert_allclose(prediction.delta_rms, np.sqrt([80 * 0.04 * 10 * 0.09, 10 * 0.09, 1]), rtol=1e-9)


def test_predict_follows_explosions_beyond_float32():
    # 폭주하는 망에서 이론의 선이 중간에 평평해지면 안 됩니다. 측정은 float32의 한계인 3e38까지 갑니다.
    prediction = theory.predict([100] * 81, [1.0] * 80, "relu")
    growth = prediction.std[1:] / prediction.std[:-1]
    np.testing.assert_allclose(growth, math.sqrt(50), rtol=1e-5)
    np.testing.assert_allclose(prediction.delta_rms[:-1] / prediction.delta_rms[1:], math.sqrt(50), rtol=1e-5)
    assert prediction.std[-1] > 1e60
    # 더 커지면 1e75(분산 1e150)에서 멈추되 경고나 무한대는 없습니다.
    extreme = theory.predict([100] * 301, [1e3] * 300, "relu")
    assert np.isfinite(extreme.std).all()
    assert np.isfinite(extreme.delta_rms).all()


def test_input_mean_square():
    x = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert theory.input_mean_square(x) == pytest.approx(30 / 4, rel=1e-15)
    assert theory.input_mean_square(x.astype(int)) == 7.5


# 활성화 함수마다 신호가 사라지지도 폭주하지도 않고, 어느 적률을 틀려도 드러나는 크기의 가중치.
WEIGHT_VARIANCES = {
    "sigmoid": 9.0,
    "tanh": 3.0,
    "relu": 2.0,
    "leaky_relu": 2.0,
    "leaky_relu(0.3)": 1.5,
    "selu": 1.0,
    "identity": 1.0,
}


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_prediction_matches_measured_propagation(name):
    # 층의 통계는 독립인 유닛 width개의 평균이라 망 하나에서 1/√width ≈ 6 %쯤 흔들리고 층을 지나며 쌓입니다.
    # 그 요동은 추측하지 않고 독립인 망 여럿의 표준오차로 잽니다. 남는 치우침은 한 층에 1/width의 차수입니다.
    width, depth, nets, count = 256, 4, 24, 100
    std = math.sqrt(WEIGHT_VARIANCES[name] / width)
    init, ratios = initializers.normal(std), []
    for seed in range(nets):
        rng = np.random.default_rng(seed)
        x = rng.standard_normal((count, width))
        s = wi_lib.propagate(x, depth, width, name, init, rng=rng)
        prediction = theory.predict([width] * (depth + 1), [std] * depth, name, theory.input_mean_square(x))
        measured = [[a.std(dtype=np.float64) for a in s.activations], [signals.rms(d) for d in s.deltas]]
        ratios.append(np.array(measured) / [prediction.std, prediction.delta_rms])
    error = np.std(ratios, axis=0, ddof=1) / math.sqrt(nets)
    tolerance = 5 * error + 2 * depth / width
    # 허용 오차가 커서 저절로 통과하는 시험이 되지 않게 합니다.
    assert tolerance.max() < 0.12
    assert (np.abs(np.mean(ratios, axis=0) - 1) < tolerance).all()
