"""신호 전파의 이론: 닫힌 식, 적응 구적, 알려진 값, 그리고 `propagate`로 잰 값."""

import math
from fractions import Fraction

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import expit

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
@pytest.mark.parametrize(("name", "slope"), PIECEWISE_LINEAR)
def test_moments_of_piecewise_linear_functions(name, slope, q):
    expected = leaky_moments(q, slope)
    assert theory.moments(q, name) == pytest.approx(expected, rel=1e-12, abs=1e-14 * math.sqrt(q))


@pytest.mark.parametrize("q", [1e-6, 0.1, 1.0, 7.0, 50.0])
def test_moments_of_selu(q):
    np.testing.assert_allclose(theory.moments(q, "selu"), selu_moments(q), rtol=1e-11, atol=1e-12)


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


# 꾸러미의 계산과 무관하게 정의를 그대로 옮긴 (f, f').
DEFINITIONS = {
    "sigmoid": (expit, lambda z: expit(z) * expit(-z)),
    "tanh": (math.tanh, lambda z: math.cosh(min(abs(z), 300)) ** -2),
    "selu": (
        lambda z: SELU_SCALE * (z if z > 0 else SELU_ALPHA * math.expm1(z)),
        lambda z: SELU_SCALE * (1 if z > 0 else SELU_ALPHA * math.exp(z)),
    ),
    "identity": (lambda z: z, lambda z: 1),
    "relu": (lambda z: max(z, 0.0), lambda z: float(z > 0)),
} | {
    f"leaky_relu({slope})": (lambda z, k=slope: z if z > 0 else k * z, lambda z, k=slope: 1 if z > 0 else k)
    for slope in (1e-6, 0.01, 0.3, 1.0)
}


def adaptive(g, q):
    """E[g(√q z)]의 적응 구적. 0과, 뾰족한 곳의 너비 1/√q의 열 배씩을 경계로 둡니다."""
    scale = math.sqrt(q)
    breaks = [10.0**k / max(scale, 1) for k in range(-3, 9) if 10.0**k < 12 * max(scale, 1)]

    def both_sides(z):
        return (g(scale * z) + g(-scale * z)) * math.exp(-z * z / 2)

    value, _ = quad(both_sides, 0, 12, points=breaks, limit=500, epsabs=0, epsrel=1e-12)
    return value / math.sqrt(2 * math.pi)


@pytest.mark.parametrize("exponent", range(-8, 13, 2))
@pytest.mark.parametrize("name", DEFINITIONS)
@pytest.mark.filterwarnings("ignore::scipy.integrate.IntegrationWarning")  # 1e-12보다 나아지지 않는다는 알림
def test_moments_against_adaptive_quadrature(name, exponent):
    (f, slope), q = DEFINITIONS[name], 10.0**exponent
    expected = [adaptive(g, q) for g in (f, lambda z: f(z) ** 2, lambda z: slope(z) ** 2)]
    ours = theory.moments(q, name)
    assert ours[1:] == pytest.approx(expected[1:], rel=1e-12, abs=0)
    assert ours[0] == pytest.approx(expected[0], rel=1e-12, abs=1e-12 * math.sqrt(ours[1]))


@pytest.mark.parametrize("q", [1e20, 1e60, 1e150])
@pytest.mark.parametrize("name", ["sigmoid", "tanh"])
def test_slope_of_saturating_functions_has_its_limit(name, q):
    """q → ∞에서 E[f'(z)²] → ∫f'(z)²dz / √(2πq): σ는 1/6, tanh는 4/3입니다."""
    area = {"sigmoid": 1 / 6, "tanh": 4 / 3}[name]
    assert theory.moments(q, name)[2] == pytest.approx(area / math.sqrt(2 * math.pi * q), rel=1e-11, abs=0)


def test_nodes_integrate_polynomials():
    z, weights = theory.nodes(4.0)
    assert [weights @ z**k for k in range(7)] == pytest.approx([1, 0, 4, 0, 48, 0, 960], rel=1e-12, abs=1e-12)


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
    assert theory.edge_of_chaos("tanh", bias_variance) == pytest.approx(expected, abs=5.1e-4)


@pytest.mark.parametrize("bias_variance", [1e-6, 0.05, 2.0])
@pytest.mark.parametrize("name", ["tanh", "selu"])
def test_edge_of_chaos_is_where_both_equations_hold(name, bias_variance):
    """이분법과 따로: 경계의 q에서 σ_w² = 1/E[f'²]이고 σ_b² = q − σ_w² E[f²]입니다."""
    edge = theory.edge_of_chaos(name, bias_variance)
    q = 1.0
    for _ in range(3000):
        q = theory.next_variance(q, name, edge, bias_variance)
    _, square, slope = theory.moments(q, name)
    assert edge == pytest.approx(1 / slope, rel=1e-6)
    assert bias_variance == pytest.approx(q - square / slope, rel=1e-2)


def test_edge_of_chaos_without_bias():
    """q = 0에서 끝나는 경계. tanh는 1/f'(0)², SELU는 양쪽 기울기의 제곱 평균의 역수입니다."""
    assert theory.edge_of_chaos("tanh") == pytest.approx(1, abs=1e-12)
    assert theory.edge_of_chaos("selu") == pytest.approx(2 / SELU_SCALE**2 / (1 + SELU_ALPHA**2), rel=1e-12)
    assert theory.edge_of_chaos("selu") == pytest.approx(0.4768, abs=5e-5)


@pytest.mark.parametrize(("name", "w"), [("tanh", 1.0), ("selu", 0.47677)])
def test_the_variance_dies_below_the_edge_without_bias_and_settles_above(name, w):
    """경계를 정하는 것과 따로, 점화식을 그대로 되풀이합니다."""
    for side, dies in ((0.98, True), (1.02, False)):
        q = 1.0
        for _ in range(3000):
            q = theory.next_variance(q, name, side * w)
        assert (q < 1e-10) == dies
        assert theory.fixed_variance(name, side * w) == pytest.approx(0 if dies else q, rel=1e-6)


@pytest.mark.parametrize(("name", "w", "b"), [("tanh", 1e7, 0.0), ("sigmoid", 1e9, 3.0), ("tanh", 2.0, 1e9)])
def test_fixed_variance_of_saturating_nets_is_found_however_large(name, w, b):
    q = w + b
    for _ in range(100):
        q = theory.next_variance(q, name, w, b)
    assert theory.fixed_variance(name, w, b) == pytest.approx(q, rel=1e-10)


def test_fixed_variance_of_piecewise_linear_functions():
    assert theory.fixed_variance("relu", 1.0, 0.3) == pytest.approx(0.6, rel=1e-12)
    assert theory.fixed_variance("relu", 1.0, 1e-20) == pytest.approx(2e-20, rel=1e-12)
    assert theory.fixed_variance("relu", 1.999, 1.0) == pytest.approx(2000, rel=1e-9)
    assert theory.fixed_variance("relu", 2.0) == pytest.approx(2, rel=1e-12)
    assert (theory.fixed_variance("relu", 1.9), theory.fixed_variance("relu", 2.1)) == (0, math.inf)
    assert theory.fixed_variance("identity", 1.0, 0.1) == math.inf


@pytest.mark.parametrize(("name", "slope"), PIECEWISE_LINEAR)
@pytest.mark.parametrize("bias_variance", [0.0, 0.2])
def test_edge_of_chaos_of_piecewise_linear_functions(name, slope, bias_variance):
    # 도함수가 q와 무관하므로 χ = 1은 언제나 2/(1 + slope²)입니다. ReLU의 (2, 0)이 He 초기화입니다.
    assert theory.edge_of_chaos(name, bias_variance) == pytest.approx(2 / (1 + slope**2), abs=2e-9)


@pytest.mark.parametrize("bias_variance", [0.0, 0.1])
def test_sigmoid_never_reaches_the_edge(bias_variance):
    with pytest.raises(ValueError, match="χ = 1"):
        theory.edge_of_chaos("sigmoid", bias_variance)


def test_predicted_std_keeps_its_digits_around_a_large_mean():
    """sigmoid의 출력은 0.5 곁에 모이고, 그 표준편차는 √q/4입니다."""
    prediction = theory.predict([100, 100], [1e-7], "sigmoid")
    assert prediction.std[0] == pytest.approx(1e-6 / 4, rel=1e-8)


@pytest.mark.parametrize("kind", [np.float16, np.float32, lambda value: Fraction(float(value))])
def test_other_real_types_are_computed_as_floats(kind):
    """float16의 자릿수나 Fraction의 셈으로 내려가지 않습니다."""
    b, w, q = (kind(np.float16(value)) for value in (0.05, 1.3, 0.7))
    plain = [float(value) for value in (b, w, q)]
    after, edge = theory.next_variance(q, "tanh", w, b), theory.edge_of_chaos("tanh", b)
    # float16과 견주면 float도 float16으로 반올림되므로 형부터 봅니다.
    assert type(after) is type(edge) is float
    assert after == theory.next_variance(plain[2], "tanh", plain[1], plain[0])
    assert edge == theory.edge_of_chaos("tanh", plain[0])
    ours, expected = (theory.predict([9, 9], [q_], "tanh", w_, b_) for b_, w_, q_ in ((b, w, q), plain))
    assert ours.std == expected.std


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_predict_iterates_next_variance_and_chi(name):
    n, std, mean_square = 50, 0.2, 1.7
    prediction = theory.predict([n] * 5, [std] * 4, name, mean_square)
    qs = [n * std**2 * mean_square]
    for _ in range(3):
        qs.append(theory.next_variance(qs[-1], name, n * std**2))
    expected = [math.sqrt(max(square - mean**2, 0)) for mean, square, _ in (theory.moments(q, name) for q in qs)]
    np.testing.assert_allclose(prediction.std, expected, rtol=1e-10)
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
    delta = np.sqrt([80 * 0.04 * 10 * 0.09, 10 * 0.09, 1])
    np.testing.assert_allclose(prediction.delta_rms, delta, rtol=1e-9)
    # 가중치 기울기 a·δ에서 a는 아래층의 출력입니다. 1층이면 입력입니다.
    np.testing.assert_allclose(prediction.weight_gradient_rms, np.sqrt([2, *forward[:2]]) * delta, rtol=1e-9)


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
        measured = [
            [a.std(dtype=np.float64) for a in s.activations],
            [signals.rms(d) for d in s.deltas],
            [signals.rms(g) for g in s.weight_gradients],
        ]
        ratios.append(np.array(measured) / [prediction.std, prediction.delta_rms, prediction.weight_gradient_rms])
    error = np.std(ratios, axis=0, ddof=1) / math.sqrt(nets)
    tolerance = 5 * error + 2 * depth / width
    # 허용 오차가 커서 저절로 통과하는 시험이 되지 않게 합니다.
    assert tolerance.max() < 0.12
    assert (np.abs(np.mean(ratios, axis=0) - 1) < tolerance).all()


def test_fixed_variance_grows_without_bound_however_slowly():
    """고르게 커지는 함수에서는 q' = rate·q + b이므로 rate가 1이면 편향이 아무리 작아도 끝이 없습니다."""
    for name, w in (("relu", 2.0), ("identity", 1.0), ("leaky_relu(0.3)", 2 / 1.09)):
        for b in (1e-12, 1e-6, 0.1):
            assert theory.fixed_variance(name, w, b) == math.inf
    assert theory.fixed_variance("relu", 2 - 1e-6, 1e-6) == pytest.approx(2, rel=1e-6)
    assert theory.fixed_variance("relu", 2 - 1e-9, 1e9) == math.inf  # 1e12보다 큽니다.


@pytest.mark.parametrize("q", [100.0, 1e4])
def test_moments_of_a_function_that_is_narrow_away_from_zero(q):
    """tanh(z − 100)의 E[f'²]: 뾰족한 곳이 √q의 1배나 10배 밖에 있어도 놓치지 않습니다."""
    shifted = activations.Activation("s", lambda z: np.tanh(z - 100), lambda a: 1 - a * a, gain=1.0)
    expected, _ = quad(
        lambda z: math.cosh(z - 100) ** -4 * math.exp(-z * z / 2 / q), 60, 140, points=[95, 105], epsabs=0, epsrel=1e-12
    )
    assert theory.moments(q, shifted)[2] == pytest.approx(expected / math.sqrt(2 * math.pi * q), rel=1e-8)


@pytest.mark.parametrize("q", [0.1, 1.0, 100.0, 1e4, 1e8])
def test_moments_of_a_function_bent_away_from_zero_err_by_the_spacing(q):
    """1에서 꺾이는 hard tanh의 E[f'²] = P(|z| < 1). 문서에 적은 2 %를 넘지 않습니다."""
    hard = activations.Activation("h", lambda z: np.clip(z, -1, 1), lambda a: np.abs(a) < 1, gain=1.0)
    assert theory.moments(q, hard)[2] == pytest.approx(math.erf(1 / math.sqrt(2 * q)), rel=0.02 if q > 10 else 2e-3)


def test_predict_adds_the_bias_to_the_variance():
    """층마다 가중합의 분산은 next_variance에 편향의 분산을 더한 그대로입니다."""
    found = theory.predict([30] * 4, [0.2] * 3, "relu", input_mean_square=0.7, bias_variance=0.3)
    q, stds = 30 * 0.2**2 * 0.7 + 0.3, []
    for _ in range(3):
        mean, square, _ = theory.moments(q, "relu")
        stds.append(math.sqrt(square - mean**2))
        q = theory.next_variance(q, "relu", 30 * 0.2**2, 0.3)
    np.testing.assert_allclose(found.std, stds, rtol=1e-12)


def test_input_mean_square_is_summed_in_float64():
    x = np.full((100, 100), 0.1, np.float32)
    assert theory.input_mean_square(x) == pytest.approx(float(np.float32(0.1)) ** 2, rel=1e-12)
