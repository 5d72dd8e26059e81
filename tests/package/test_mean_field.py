"""두 입력의 상관: 닫힌 식, 무작위 표본, 되풀이한 점화식, 그리고 `measure`로 잰 값."""

import math
from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import erf, erfinv, expit

import wi_lib
from wi_lib import activations, initializers, mean_field, signals, theory

CORRELATIONS = [-1.0, -0.6, 0.0, 0.3, 0.9, 0.999, 1.0]


def arc_cosine(c):
    """ReLU의 닫힌 식."""
    return (math.sqrt(1 - c * c) + c * (math.pi - math.acos(c))) / math.pi


def erf_slope(a):
    return 2 / math.sqrt(math.pi) * np.exp(-(np.minimum(erfinv(a), 30) ** 2))


ERF = activations.Activation("erf", erf, erf_slope, gain=1.0)


@pytest.mark.parametrize("c", CORRELATIONS)
@pytest.mark.parametrize("q", [1e-6, 1.0, 1e4, 1e12])
def test_relu_follows_the_arc_cosine_form(c, q):
    assert mean_field.next_correlation(c, q, "relu", 2.0) == pytest.approx(arc_cosine(c), abs=1e-14)


@pytest.mark.parametrize("epsilon", [1e-2, 1e-4, 1e-6, 1e-8])
def test_tiny_differences_keep_their_digits(epsilon):
    # 1 − c'를 펼친 급수의 두 항: 너비가 좁은 쐐기에서 나오는 3/2제곱까지 맞아야 거듭제곱 법칙이 나옵니다.
    lost = 1 - mean_field.next_correlation(1 - epsilon, 1.0, "relu", 2.0)
    expected = epsilon - 2 * math.sqrt(2) / (3 * math.pi) * epsilon**1.5
    assert lost == pytest.approx(expected, rel=2 * epsilon + 1e-7)


@pytest.mark.parametrize("c", [*CORRELATIONS, -1 + 1e-9, 1 - 1e-9])
@pytest.mark.parametrize("q", [1e-8, 0.1, 1.0, 3.9, 10.0, 100.0, 1e3, 1e6, 1e9, 1e12])
def test_erf_follows_the_arc_sine_form(c, q):
    def kernel(c):
        return 2 / math.pi * math.asin(2 * q * c / (1 + 2 * q))

    expected = (1.5 * kernel(c) + 0.3) / (1.5 * kernel(1) + 0.3)
    assert mean_field.next_correlation(c, q, ERF, 1.5, 0.3) == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize("w", [3.0, 1e3, 1e6, 1e11])
def test_chaos_of_erf_has_its_fixed_point_and_rate(w):
    """편향이 없으면 c* = 0이고, 거기에서의 기울기도 닫힌 식입니다: q가 아무리 커도 f'의 뾰족한 곳을 놓치지 않습니다."""
    point = mean_field.fixed_point(ERF, w)
    q = point.variance
    assert q == pytest.approx(w * 2 / math.pi * math.asin(2 * q / (1 + 2 * q)), rel=1e-8)
    assert point.correlation == pytest.approx(0, abs=1e-12)
    assert point.chi == pytest.approx(4 * w / (math.pi * math.sqrt(1 + 4 * q)), rel=1e-7)
    assert point.correlation_depth == pytest.approx(-1 / math.log(4 * w / (math.pi * (1 + 2 * q))), rel=1e-6)


SMOOTH = {
    "tanh": np.tanh,
    "sigmoid": expit,
    "selu": lambda z: activations.SELU_SCALE * np.where(z > 0, z, activations.SELU_ALPHA * np.expm1(np.minimum(z, 0))),
}
LEGENDRE = np.polynomial.legendre.leggauss(40)


def product_mean(f, c, q):
    """극좌표와 따로: E[f(u) E[f(v) | u]]. 안쪽은 v = 0 부근을 열 배씩 나눈 구적, 바깥쪽은 적응 구적입니다."""
    spread = math.sqrt(q * (1 - c * c))
    widths = [10.0**k for k in range(-2, 9)]
    sides = np.array([-w for w in reversed(widths)] + [0.0] + widths) / spread

    def conditional(z):
        ends = np.clip(sides - c * z * math.sqrt(q) / spread, -11, 11)
        half = np.diff(ends)[:, None] / 2
        w = ends[:-1, None] + half * (LEGENDRE[0] + 1)
        values = f(c * z * math.sqrt(q) + spread * w) * np.exp(-(w**2) / 2)
        return float((values * half * LEGENDRE[1]).sum()) / math.sqrt(2 * math.pi)

    def integrand(z):
        return float(f(math.sqrt(q) * z)) * conditional(z) * math.exp(-z * z / 2) / math.sqrt(2 * math.pi)

    breaks = sorted({b for k in range(-1, 4) for b in (10.0**k / math.sqrt(q), 10.0**k * spread / q) if b < 11} | {2.0})
    ends = [-11, *(-b for b in reversed(breaks)), 0, *breaks, 11]
    return sum(quad(integrand, low, high, epsabs=1e-12, limit=200)[0] for low, high in pairwise(ends))


@pytest.mark.parametrize("c", [-0.999, 0.4, 1 - 1e-6])
@pytest.mark.parametrize("q", [1e-8, 1.0, 30.0, 1e4, 1e12])
@pytest.mark.parametrize("name", SMOOTH)
def test_correlation_against_adaptive_quadrature(name, q, c):
    after = theory.next_variance(q, name, 1.0)
    expected = product_mean(SMOOTH[name], c, q) / after
    assert mean_field.next_correlation(c, q, name, 1.0) == pytest.approx(expected, abs=2e-8)


@pytest.mark.parametrize(("name", "slope"), [("relu", 0), ("leaky_relu(0.3)", 0.3), ("leaky_relu(1.0)", 1)])
@pytest.mark.parametrize("c", [-0.7, 0.2, 0.9999])
def test_leaky_relu_mixes_the_line_and_the_arc_cosine(name, slope, c):
    line, bend = ((1 + slope) / 2) ** 2, ((1 - slope) / 2) ** 2
    # f(z) = (1+k)/2·z + (1−k)/2·|z|이고, E[|u||v|]/q = 2·arc_cosine(c) − c입니다.
    expected = (line * c + bend * (2 * arc_cosine(c) - c)) / (line + bend)
    assert mean_field.next_correlation(c, 7.0, name, 1.0) == pytest.approx(expected, abs=1e-13)


@pytest.mark.parametrize("name", [*activations.ACTIVATIONS, "leaky_relu(0.3)"])
def test_against_random_samples(name):
    # 표본 N개의 평균은 표준오차만큼 흔들립니다. 그 다섯 배까지 허용합니다.
    c, q, n, f = 0.4, 1.7, 200_000, activations.get(name)
    first, other = np.random.default_rng(0).standard_normal((2, n))
    a, b = f(math.sqrt(q) * first), f(math.sqrt(q) * (c * first + math.sqrt(1 - c * c) * other))
    after = theory.next_variance(q, name, 1.2, 0.1)
    samples = (1.2 * a * b + 0.1) / after
    ours = mean_field.next_correlation(c, q, name, 1.2, 0.1)
    assert ours == pytest.approx(samples.mean(), abs=5 * samples.std() / math.sqrt(n))


@pytest.mark.parametrize("name", ["tanh", "relu", "sigmoid", "selu"])
def test_trajectory_iterates_both_recursions(name):
    path = mean_field.trajectory(0.4, name, 1.3, 0.1, depth=6, input_mean_square=0.7)
    q = 1.3 * 0.7 + 0.1
    c, qs = (1.3 * 0.7 * 0.4 + 0.1) / q, []
    for layer in range(6):
        assert path.variance[layer] == pytest.approx(q, rel=1e-5)
        assert path.correlation[layer] == pytest.approx(c, rel=1e-5)
        assert path.cosine[layer] == pytest.approx(mean_field.next_correlation(c, q, name, 1.0), rel=1e-5)
        qs.append(q)
        q, c = theory.next_variance(q, name, 1.3, 0.1), mean_field.next_correlation(c, q, name, 1.3, 0.1)
    prediction = theory.predict([100] * 7, [math.sqrt(0.013)] * 6, name, 0.7, bias_variance=0.1)
    np.testing.assert_allclose(path.delta_rms, prediction.delta_rms, rtol=1e-4)


def test_trajectory_at_a_fixed_point_keeps_its_length():
    """고정점에 닿아 일찍 멈추어도 층마다의 값이 모두 있습니다."""
    path = mean_field.trajectory(0.5, "sigmoid", 1.0, depth=200)
    assert all(len(values) == 200 for values in vars(path).values())
    assert path.cosine[-1] == pytest.approx(1, abs=1e-12)
    assert path.delta_rms[0] / path.delta_rms[100] == pytest.approx(
        theory.chi(path.variance[-1], "sigmoid", 1.0) ** 50, rel=0.2
    )


@pytest.mark.parametrize(("w", "b"), [(1.0, 0.05), (1.5, 0.0), (3.0, 0.05), (2.5, 0.3), (0.5, 0.1)])
def test_fixed_point_is_where_the_recursion_ends(w, b):
    point, path = mean_field.fixed_point("tanh", w, b), mean_field.trajectory(0.5, "tanh", w, b, depth=1500)
    assert path.variance[-1] == pytest.approx(point.variance, rel=1e-6)
    assert path.correlation[-1] == pytest.approx(point.correlation, abs=2e-3)


@pytest.mark.parametrize(("w", "b"), [(1.0, 0.05), (3.0, 0.05), (2.0, 0.0)])
def test_depth_scales_are_measured_rates(w, b):
    """고정점까지의 거리가 ξ층마다 1/e배가 됩니다."""
    point, path = mean_field.fixed_point("tanh", w, b), mean_field.trajectory(0.6, "tanh", w, b, depth=90)
    far = np.abs(path.correlation - point.correlation)
    start = int(2 * point.correlation_depth)
    rate = far[start + 10] / far[start]
    assert rate == pytest.approx(math.exp(-10 / point.correlation_depth), rel=0.05)
    away = np.abs(path.variance - point.variance)
    assert away[8] / away[7] == pytest.approx(math.exp(-1 / point.variance_depth), rel=0.02)


def test_known_fixed_points():
    he = mean_field.fixed_point("relu", 2.0)
    assert (he.variance, he.correlation, he.correlation_depth) == (pytest.approx(2), 1.0, math.inf)
    assert he.chi == pytest.approx(1, abs=1e-12)
    half = mean_field.fixed_point("relu", 1.0, 0.3)
    assert half.variance == pytest.approx(0.6)
    assert half.correlation_depth == pytest.approx(1 / math.log(2))
    grown = mean_field.fixed_point("relu", 3.0, 0.1)
    assert (grown.variance, grown.correlation, grown.correlation_depth) == (math.inf, 1.0, math.inf)
    assert mean_field.fixed_point("selu", 1.0).variance == pytest.approx(1, abs=1e-5)
    silent = mean_field.fixed_point("tanh", 0.0)
    assert (silent.variance, silent.correlation, silent.correlation_depth) == (0, 1, 0)
    tiny = mean_field.fixed_point("tanh", 0.5, 1e-14)
    assert (tiny.variance, tiny.correlation) == (pytest.approx(2e-14), 1)
    assert tiny.correlation_depth == pytest.approx(1 / math.log(2), rel=1e-6)


def gaps(name, w, b=0.0, depth=300):
    """코사인 0.9와 0.1에서 출발한 두 쌍의 차이. 점화식을 그대로 되풀이합니다."""
    alike, apart = (mean_field.trajectory(c, name, w, b, depth).cosine for c in (0.9, 0.1))
    return alike - apart


@pytest.mark.parametrize(
    ("name", "w", "b", "variance"),
    [
        ("tanh", 0.5, 0, 0),
        ("tanh", 1.0, 0, 0),
        ("identity", 0.3, 0, 0),
        ("identity", 1.0, 0, 1),
        ("identity", 2.0, 0, math.inf),
        ("identity", 2.0, 0.1, math.inf),
        ("leaky_relu(1.0)", 0.3, 0, 0),
    ],
)
def test_a_straight_function_keeps_the_difference_it_has(name, w, b, variance):
    """tanh도 신호가 작으면 곧습니다: 첫 몇 층이 지나면 차이는 줄지 않으므로 다가갈 상관도, 깊이의 눈금도 없습니다."""
    point, left = mean_field.fixed_point(name, w, b), gaps(name, w, b)
    assert (point.variance, point.correlation_depth) == (pytest.approx(variance), math.inf)
    assert math.isnan(point.correlation)
    assert left[299] == pytest.approx(left[49], rel=0.01)
    assert left[299] > 0.6


@pytest.mark.parametrize(("name", "w"), [("relu", 0.5), ("relu", 1.04), ("relu", 4.0), ("selu", 0.3)])
def test_a_bent_function_loses_the_difference_by_a_power_law(name, w):
    """크기가 0이나 무한대로 가도 ReLU의 상관은 1로 갑니다: 층이 두 배이면 남은 거리는 4분의 1쯤입니다."""
    point, path = mean_field.fixed_point(name, w), mean_field.trajectory(0.1, name, w, depth=1000)
    assert (point.correlation, point.correlation_depth) == (1.0, math.inf)
    far = 1 - path.correlation
    assert far[999] / far[499] == pytest.approx(1 / 4, rel=0.05 if name == "relu" else 0.15)
    if name == "relu":
        c = 0.1
        for layer in range(200):
            assert path.correlation[layer] == pytest.approx(c, abs=1e-12)
            c = arc_cosine(c)


def test_a_bias_that_adds_up_makes_inputs_alike_by_a_power_law():
    """identity (1, b): 분산은 층마다 b씩 커지고 1 − c는 1/층으로 줄어듭니다."""
    point, path = mean_field.fixed_point("identity", 1.0, 0.1), mean_field.trajectory(0.2, "identity", 1.0, 0.1, 50)
    assert (point.variance, point.correlation, point.correlation_depth) == (math.inf, 1.0, math.inf)
    np.testing.assert_allclose(1 - path.correlation, 0.8 / (1 + 0.1 * np.arange(1, 51)), rtol=1e-9)


@pytest.mark.parametrize("name", ["tanh", "relu", "selu"])
def test_trajectory_goes_on_where_the_variance_underflows(name):
    """분산이 float64의 바닥(1e-308) 아래로 가도 두 입력의 닮음은 갑자기 1이 되지 않습니다."""
    path = mean_field.trajectory(0.1, name, 0.1, depth=2000)
    assert path.variance.min() == 1e-200
    assert np.abs(np.diff(path.cosine[300:])).max() < 1e-3
    assert path.cosine[-1] < 1 - 1e-7


@pytest.mark.parametrize("b", [0.01, 0.05, 0.1, 0.3])
def test_edge_of_chaos_separates_the_phases(b):
    edge = theory.edge_of_chaos("tanh", b)
    below, above = (mean_field.fixed_point("tanh", edge + side, b) for side in (-0.05, 0.05))
    assert below.chi < 1 < above.chi
    assert below.correlation == 1 > above.correlation
    # 고정점의 q에서 곧바로 구한 경계와도 같습니다.
    slope = theory.moments(mean_field.fixed_point("tanh", edge, b).variance, "tanh")[2]
    assert 1 / slope == pytest.approx(edge, abs=1e-3)


def test_pairs_have_the_asked_cosine():
    for cosine in (-1, -0.3, 0, 0.9, 1):
        x = mean_field.pairs(5, 7, cosine, rng=np.random.default_rng(0))
        assert x.shape == (10, 7)
        np.testing.assert_allclose(mean_field.cosines(x), cosine, atol=1e-12)
        np.testing.assert_allclose((x**2).mean(axis=1), 1, rtol=1e-12)


def test_cosines_of_tiny_and_zero_rows():
    a = np.array([[3e-200, 0.0], [0.0, 0.0], [3e-200, 4e-200], [1.0, 0.0]])
    np.testing.assert_allclose(mean_field.cosines(a), [0.6, np.nan])


@pytest.mark.parametrize(("name", "w", "b"), [("tanh", 1.76, 0.05), ("relu", 2.0, 0.0), ("sigmoid", 4.0, 0.1)])
def test_theory_matches_measured_propagation(name, w, b):
    """독립인 망 여럿의 평균이 이론과 표준오차의 다섯 배(와 너비의 치우침) 안에서 같습니다."""
    width, depth, nets, init = 200, 6, 20, initializers.variance_scaling(w)
    path, seen = mean_field.trajectory(0.3, name, w, b, depth), []
    for seed in range(nets):
        rng = np.random.default_rng(seed)
        x = mean_field.pairs(20, width, 0.3, rng=rng)
        s = wi_lib.propagate(x, depth, width, name, init, rng=rng, bias_std=math.sqrt(b), dtype=np.float64)
        seen.append([mean_field.cosines(a).mean() for a in s.activations])
    error = np.std(seen, axis=0, ddof=1) / math.sqrt(nets)
    assert (np.abs(np.mean(seen, axis=0) - path.cosine) < 5 * error + 2 * depth / width).all()
    assert (5 * error + 2 * depth / width).max() < 0.12


def test_biases_of_measure():
    """편향은 가중합에 더해지고, 없으면 예전과 한 비트도 다르지 않습니다."""
    rng = np.random.default_rng(0)
    x, weights = rng.standard_normal((4, 3)), [rng.standard_normal((3, 5)), rng.standard_normal((5, 2))]
    biases = [np.arange(5.0), np.array([1.0, -1.0])]
    with_bias = signals.measure(x, weights, "tanh", rng=np.random.default_rng(1), biases=biases, dtype=np.float64)
    a = np.tanh(x @ weights[0] + biases[0])
    np.testing.assert_allclose(with_bias.activations[1], np.tanh(a @ weights[1] + biases[1]), rtol=1e-12)
    zero = signals.measure(x, weights, "tanh", rng=np.random.default_rng(1), biases=[np.zeros(5), np.zeros(2)])
    none = signals.measure(x, weights, "tanh", rng=np.random.default_rng(1))
    for first, second in zip(zero.deltas, none.deltas):
        np.testing.assert_array_equal(first, second)
    with pytest.raises(ValueError, match=r"`biases\[1\]`"):
        signals.measure(x, weights, "tanh", rng=rng, biases=[np.zeros(5), np.zeros(3)])


def test_bias_std_is_drawn_after_the_weights():
    x = np.ones((2, 3))
    plain, biased = (
        wi_lib.propagate(x, 2, 400, "identity", "zeros", rng=np.random.default_rng(0), bias_std=std) for std in (0, 0.5)
    )
    assert not plain.activations[-1].any()
    assert biased.activations[-1].std() == pytest.approx(0.5, rel=0.1)
    first, second = (
        wi_lib.propagate(x, 1, 4, "identity", "lecun_normal", rng=np.random.default_rng(0), bias_std=std)
        for std in (0, 1e-7)
    )
    np.testing.assert_allclose(first.activations[0], second.activations[0], atol=1e-5)


@pytest.mark.parametrize("b", [0.05, 1.0, 1.2, 1.3, 1.5])
@pytest.mark.parametrize("side", [-1e-6, -1e-7, -1e-8, 0, 1e-8, 1e-7, 1e-6])
def test_depth_scale_near_the_edge_of_chaos(b, side):
    """경계의 바로 곁에서도 c*는 1이거나 그보다 조금 작고, ξ_c는 양쪽에서 1/|χ − 1|입니다."""
    point = mean_field.fixed_point("tanh", theory.edge_of_chaos("tanh", b) * (1 + side), b)
    if abs(point.chi - 1) < 1e-9:
        assert (point.correlation, point.correlation_depth) == (1.0, math.inf)
    else:
        assert 1 - 1e-5 < point.correlation <= 1
        assert (point.correlation < 1) == (point.chi > 1)
        assert point.correlation_depth * abs(point.chi - 1) == pytest.approx(1, rel=0.05)


@pytest.mark.parametrize("b", [0.3, 1.0, 2.0, 4.0])
@pytest.mark.parametrize("side", [1e-8, 1e-7, 1e-6])
def test_selu_near_the_edge_of_chaos(b, side):
    """1 − c가 3/2제곱으로도 줄어드는 SELU에서는 ξ_c가 2/(χ − 1)이고, c*를 1과 가를 수 없으면 inf입니다."""
    point = mean_field.fixed_point("selu", theory.edge_of_chaos("selu", b) * (1 + side), b)
    if side == 1e-8:
        assert (point.correlation, point.correlation_depth) == (1.0, math.inf)
    else:
        assert 1 - 1e-9 < point.correlation < 1
        assert point.correlation_depth * (point.chi - 1) == pytest.approx(2, rel=0.15)


@pytest.mark.parametrize("b", [0.0, 0.1])
def test_a_growing_selu_becomes_a_relu(b):
    point = mean_field.fixed_point("selu", 2.0, b)
    assert (point.variance, point.correlation, point.correlation_depth) == (math.inf, 1.0, math.inf)


@pytest.mark.parametrize("k", [30, 1000])
@pytest.mark.parametrize("c", [-0.9, 0.4, 1 - 1e-6])
def test_a_steep_function_says_its_steepest_slope(k, c):
    """erf(kz)의 닫힌 식. 기울기의 최댓값을 적으면 그만큼 촘촘히 적분합니다."""
    steep = activations.Activation(
        "steep",
        lambda z: erf(k * z, out=z),
        lambda a: k * erf_slope(a),
        gain=1.0,
        steepest=2 * k / math.sqrt(math.pi),
    )
    expected = math.asin(2 * k**2 * c / (1 + 2 * k**2)) / math.asin(2 * k**2 / (1 + 2 * k**2))
    assert mean_field.next_correlation(c, 1.0, steep, 1.0) == pytest.approx(expected, abs=1e-8)


def test_sizes_that_do_not_fit_in_memory_are_refused_in_words(refused_in_3gb):
    with pytest.raises(MemoryError, match=r"`count, width`에는 메모리에 담기는 크기만"):
        mean_field.pairs(10**9, 10**9, 0.0, rng=np.random.default_rng(0))
    assert refused_in_3gb("mean_field.trajectory(0.0, 'relu', 2.0, depth=10**9)").startswith("`depth`에는 메모리에")
