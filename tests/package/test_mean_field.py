"""두 입력의 상관: 닫힌 식, 무작위 표본, 되풀이한 점화식, 그리고 `measure`로 잰 값."""

import math

import numpy as np
import pytest

import wi_lib
from wi_lib import activations, initializers, mean_field, signals, theory

CORRELATIONS = [-1.0, -0.6, 0.0, 0.3, 0.9, 0.999, 1.0]


def arc_cosine(c):
    """ReLU의 닫힌 식."""
    return (math.sqrt(1 - c * c) + c * (math.pi - math.acos(c))) / math.pi


def erf_activation():
    apply = np.vectorize(math.erf)
    return activations.Activation("erf", apply, np.zeros_like, gain=1.0)


@pytest.mark.parametrize("c", CORRELATIONS)
@pytest.mark.parametrize("q", [1e-6, 1.0, 1e4])
def test_relu_follows_the_arc_cosine_form(c, q):
    assert mean_field.next_correlation(c, q, "relu", 2.0) == pytest.approx(arc_cosine(c), abs=1e-14)


@pytest.mark.parametrize("epsilon", [1e-2, 1e-4, 1e-6, 1e-8])
def test_tiny_differences_keep_their_digits(epsilon):
    # 1 − c'를 펼친 급수의 두 항: 너비가 좁은 쐐기에서 나오는 3/2제곱까지 맞아야 거듭제곱 법칙이 나옵니다.
    lost = 1 - mean_field.next_correlation(1 - epsilon, 1.0, "relu", 2.0)
    expected = epsilon - 2 * math.sqrt(2) / (3 * math.pi) * epsilon**1.5
    assert lost == pytest.approx(expected, rel=2 * epsilon + 1e-7)


@pytest.mark.parametrize("c", CORRELATIONS)
@pytest.mark.parametrize(("q", "tolerance"), [(0.1, 1e-12), (1.0, 1e-11), (10.0, 3e-7)])
def test_erf_follows_the_arc_sine_form(c, q, tolerance):
    def kernel(c):
        return 2 / math.pi * math.asin(2 * q * c / (1 + 2 * q))

    expected = (1.5 * kernel(c) + 0.3) / (1.5 * kernel(1) + 0.3)
    ours = mean_field.next_correlation(c, q, erf_activation(), 1.5, 0.3)
    assert ours == pytest.approx(expected, abs=tolerance)


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
    lecun = mean_field.fixed_point("tanh", 1.0)
    assert (lecun.variance, lecun.correlation, lecun.correlation_depth) == (0.0, 1.0, math.inf)
    half = mean_field.fixed_point("relu", 1.0, 0.3)
    assert half.variance == pytest.approx(0.6)
    assert half.correlation_depth == pytest.approx(1 / math.log(2))
    grown = mean_field.fixed_point("relu", 3.0, 0.1)
    assert (grown.variance, grown.correlation) == (math.inf, 1.0)
    vanished = mean_field.fixed_point("tanh", 0.5)
    assert vanished.correlation_depth == pytest.approx(1 / math.log(2), rel=1e-6)
    assert mean_field.fixed_point("selu", 1.0).variance == pytest.approx(1, abs=1e-5)


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
