"""신호 전파: 역전파 신호를 연쇄 법칙과 수치 미분에 견주고, 요약의 칸마다 정의와 같은지 봅니다."""

import math
from itertools import pairwise

import numpy as np
import pytest

import wi_lib
from wi_lib import activations, initializers, signals

ACTIVATIONS = [*activations.ACTIVATIONS, "leaky_relu(0.3)"]


def make_weights(sizes=(6, 5, 7, 4), seed=0):
    rng, init = np.random.default_rng(seed), initializers.lecun_normal()
    return [init(shape, rng=rng) for shape in pairwise(sizes)]


def make_input(count=9, columns=6, seed=1):
    return np.random.default_rng(seed).standard_normal((count, columns)).astype(np.float32)


def measured(activation):
    x, weights = make_input(), make_weights()
    return x, weights, signals.measure(x, weights, activation, rng=np.random.default_rng(2))


def close(ours, expected):
    # float32로 몇 층을 지나므로 반올림(6e-8)의 천 배를, 배열의 크기에 견주어 허용합니다.
    np.testing.assert_allclose(ours, expected, rtol=1e-4, atol=1e-4 * np.abs(expected).max())


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_signals_follow_the_chain_rule(activation):
    x, weights, s = measured(activation)
    f, h = activations.get(activation), 1e-6
    # 순방향: a' = f(aW). 도함수는 꾸러미의 것이 아니라 f의 중심 차분입니다.
    inputs, sums = [x.astype(np.float64)], []
    for weight in weights:
        sums.append(inputs[-1] @ weight.astype(np.float64))
        inputs.append(f(sums[-1]))
    assert min(np.abs(z).min() for z in sums) > 1e-5
    gradient = s.gradients[-1].astype(np.float64)
    for layer in reversed(range(len(weights))):
        slope = (f(sums[layer] + h) - f(sums[layer] - h)) / (2 * h)
        delta = gradient * slope
        close(s.activations[layer], inputs[layer + 1])
        close(s.gradients[layer], gradient)
        close(s.deltas[layer], delta)
        close(s.weight_gradients[layer], inputs[layer].T @ delta / math.sqrt(len(x)))
        gradient = delta @ weights[layer].T.astype(np.float64)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_weight_gradients_match_numerical_differentiation(activation):
    # 맨 위의 신호 g를 되돌린다는 것은 스칼라 Σ g·a_L을 미분한다는 뜻입니다.
    x, weights, s = measured(activation)
    f, top = activations.get(activation), s.gradients[-1].astype(np.float64)

    def total(weights):
        a = x.astype(np.float64)
        for weight in weights:
            a = f(a @ weight)
        return float((a * top).sum())

    for layer, gradient in enumerate(s.weight_gradients):
        numerical = np.empty(gradient.shape)
        for index in np.ndindex(gradient.shape):
            shifted = []
            for sign in (1, -1):
                moved = [w.astype(np.float64) for w in weights]
                moved[layer][index] += sign * 1e-5
                shifted.append(total(moved))
            numerical[index] = (shifted[0] - shifted[1]) / 2e-5
        close(gradient * math.sqrt(len(x)), numerical)


def test_agrees_with_backpropagation_of_the_mlp():
    # 같은 가중치의 MLP에 손실의 기울기를 맨 위 신호로 넣으면 두 구현의 순방향과 역방향이 같아야 합니다.
    x, labels = make_input(), np.random.default_rng(3).integers(4, size=9)
    net = wi_lib.MLP([6, 5, 7, 4], "tanh", "lecun_normal", rng=np.random.default_rng(0))
    hidden = signals.measure(x, net.weights[:-1], "tanh", rng=np.random.default_rng(2))
    close(hidden.activations[-1] @ net.weights[-1], net.forward(x))
    logits = net.forward(x).astype(np.float64)
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    top = (probabilities - np.eye(4)[labels]) / len(x)
    close(hidden.activations[-1].T @ top, net.gradients(x, labels).weights[-1])


def test_shapes_and_dtypes():
    x, weights, s = measured("relu")
    for layer, weight in enumerate(weights):
        shape = (len(x), weight.shape[1])
        assert s.activations[layer].shape == s.gradients[layer].shape == s.deltas[layer].shape == shape
        assert s.weight_gradients[layer].shape == weight.shape
        for array in (s.activations[layer], s.gradients[layer], s.deltas[layer], s.weight_gradients[layer]):
            assert array.dtype == np.float32
    assert s.activation is activations.get("relu")


def test_top_gradient_is_standard_normal():
    s = wi_lib.propagate(make_input(500, 20), 2, 200, "tanh", "lecun_normal", rng=np.random.default_rng(0))
    top = s.gradients[-1].astype(np.float64)
    # 표본 N개의 표준오차: 평균 1/√N, 표준편차 1/√(2N), 첨도 √(24/N). 다섯 배까지 허용합니다.
    n = top.size
    assert abs(top.mean()) < 5 / math.sqrt(n)
    assert top.std() == pytest.approx(1, abs=5 / math.sqrt(2 * n))
    assert np.mean(top**4) / np.mean(top**2) ** 2 == pytest.approx(3, abs=5 * math.sqrt(24 / n))


def test_propagate_is_drawing_then_measuring():
    x, init = make_input(), initializers.he_normal()
    rng = np.random.default_rng(5)
    weights = [init(shape, rng=rng) for shape in ((6, 8), (8, 8), (8, 8))]
    expected = signals.measure(x, weights, "relu", rng=rng)
    s = wi_lib.propagate(x, 3, 8, "relu", "he_normal", rng=np.random.default_rng(5))
    for ours, theirs in zip(s.activations + s.deltas, expected.activations + expected.deltas):
        np.testing.assert_array_equal(ours, theirs)


def test_input_and_weights_are_not_changed():
    # apply는 제자리에서 고치므로, identity처럼 아무것도 하지 않는 함수에서 입력이 새어 나가기 쉽습니다.
    for activation in ACTIVATIONS:
        x, weights, _ = measured(activation)
        np.testing.assert_array_equal(x, make_input())
        for ours, expected in zip(weights, make_weights()):
            np.testing.assert_array_equal(ours, expected)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_summary_fields(activation):
    _, _, s = measured(activation)
    rows = s.summary()
    assert [row.layer for row in rows] == [1, 2, 3]
    for row, a, delta, gradient in zip(rows, s.activations, s.deltas, s.weight_gradients):
        a, delta, gradient = (array.astype(np.float64) for array in (a, delta, gradient))
        assert row.mean == pytest.approx(a.sum() / a.size, abs=1e-7)
        assert row.std == pytest.approx(math.sqrt(((a - a.mean()) ** 2).sum() / a.size), rel=1e-6)
        assert row.median == pytest.approx(np.sort(a.ravel())[[(a.size - 1) // 2, a.size // 2]].mean(), abs=1e-6)
        assert row.saturated == s.activation.saturated(a.astype(np.float32))
        assert row.distinct == a.shape[1]
        assert row.varying == pytest.approx(np.linalg.norm(a - a.mean(axis=0)) / np.linalg.norm(a), rel=1e-5)
        assert row.delta_rms == pytest.approx(math.sqrt((delta**2).sum() / delta.size), rel=1e-6)
        size = np.sort(np.abs(delta).ravel())
        assert row.delta_median == pytest.approx(size[[(size.size - 1) // 2, size.size // 2]].mean(), abs=1e-6)
        assert row.weight_gradient_rms == pytest.approx(math.sqrt((gradient**2).sum() / gradient.size), rel=1e-6)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_zero_init(activation):
    s = wi_lib.propagate(make_input(), 3, 5, activation, "zeros", rng=np.random.default_rng(0))
    at_zero = float(activations.get(activation)(0.0))
    for layer, row in enumerate(s.summary()):
        # 모든 유닛이 어느 입력에도 같은 값 f(0)을 냅니다.
        assert (s.activations[layer] == at_zero).all()
        assert (row.mean, row.std, row.median) == (at_zero, 0, at_zero)
        assert (row.distinct, row.varying) == (1, 0)
        # 가중치가 0이면 신호는 맨 위층 아래로 내려오지 못합니다.
        assert s.deltas[layer].any() == (layer == 2 and activation != "relu")
        assert s.gradients[layer].any() == (layer == 2)


def test_constant_init_keeps_one_neuron_per_layer():
    s = wi_lib.propagate(make_input(), 3, 50, "tanh", initializers.constant(0.1), rng=np.random.default_rng(0))
    # 열마다 같은 합을 다른 순서로 더할 수 있어 반올림은 다르지만, 같은 유닛으로 세어야 합니다.
    assert [row.distinct for row in s.summary()] == [1, 1, 1]
    assert [signals.rank(a) for a in s.activations] == [1, 1, 1]


def test_distinct_columns_counts_groups():
    rng = np.random.default_rng(0)
    columns = rng.standard_normal((30, 4))
    repeated = columns[:, [0, 1, 0, 2, 2, 3, 1]]
    assert signals.distinct_columns(repeated) == 4
    assert signals.distinct_columns(repeated[:, rng.permutation(7)]) == 4
    assert signals.distinct_columns(columns[:, :1]) == 1
    # 부호만 다른 유닛은 다른 유닛입니다.
    assert signals.distinct_columns(np.hstack([columns, -columns])) == 8


def test_distinct_columns_tolerance():
    rng = np.random.default_rng(0)
    column = rng.standard_normal((30, 1))
    column /= np.linalg.norm(column)
    shift = rng.standard_normal((30, 1))
    shift /= np.linalg.norm(shift)

    def count(distance, **options):
        return signals.distinct_columns(np.hstack([column, column + distance * shift]), **options)

    # 기준은 가장 긴 열 길이(여기서는 약 1)의 1e-4배입니다.
    assert count(0.9e-4) == 1
    assert count(1.1e-4) == 2
    assert count(0.9e-2, tolerance=1e-2) == 1
    assert count(1e-12, tolerance=0) == 2
    assert count(0, tolerance=0) == 1


@pytest.mark.parametrize("scale", [1e-300, 1e-170, 1e-30, 1e-3, 1.0, 1e20, 1e149])
def test_distinct_and_rank_do_not_depend_on_the_scale(scale):
    # 층이 깊어져 신호가 작아지거나 커졌다는 것과 유닛이 같아졌다는 것은 다른 말입니다.
    rng = np.random.default_rng(0)
    matrix = (rng.standard_normal((20, 3)) @ rng.standard_normal((3, 6)) * scale).astype(
        np.float32 if 1e-38 < scale < 1e38 else np.float64
    )
    assert signals.rank(matrix) == 3
    assert signals.distinct_columns(matrix) == 6
    assert signals.distinct_columns(np.hstack([matrix, matrix])) == 6


def test_rank_tolerance():
    rng = np.random.default_rng(0)
    left, right = (np.linalg.qr(rng.standard_normal((n, 5)))[0] for n in (30, 8))
    matrix = left * [1, 0.5, 2e-4, 0.9e-4, 1e-9] @ right.T
    assert signals.rank(matrix) == 3
    assert signals.rank(matrix, tolerance=1e-5) == 4
    assert signals.rank(matrix, tolerance=0.6) == 1
    assert signals.rank(matrix.T) == 3
    assert signals.rank(np.zeros((3, 4))) == 0


def test_rounding_noise_is_not_new_units():
    # float32 반올림 정도의 잡음이 섞여도 서로 다른 유닛과 계수가 늘지 않아야 합니다.
    rng = np.random.default_rng(0)
    matrix = np.repeat(rng.standard_normal((200, 2)), 10, axis=1)
    noisy = (matrix * (1 + 1e-6 * rng.standard_normal(matrix.shape))).astype(np.float32)
    assert signals.distinct_columns(noisy) == 2
    assert signals.rank(noisy) == 2


def test_rms():
    assert signals.rms(np.array([[3.0, -4.0]])) == pytest.approx(math.sqrt(12.5), rel=1e-15)
    # float32로 제곱하면 넘치거나 0이 되는 크기에서도 맞아야 합니다.
    assert signals.rms(np.full(3, 1e30, np.float32)) == pytest.approx(1e30, rel=1e-6)
    assert signals.rms(np.full(3, 1e-30, np.float32)) == pytest.approx(1e-30, rel=1e-6)
    # float64로 제곱해도 0이 되는 크기까지.
    assert signals.rms(np.array([1e-170])) == pytest.approx(1e-170, rel=1e-15)
    assert signals.rms(np.array([3e-320, 4e-320])) == pytest.approx(math.sqrt(12.5) * 1e-320, rel=1e-3)
    assert signals.rms(np.array([6e149, -8e149])) == pytest.approx(math.sqrt(50) * 1e149, rel=1e-15)
    assert signals.rms(np.zeros(3)) == 0
    assert signals.rms(np.array([-128], np.int8)) == 128


def test_deep_vanishing_signals_are_summarised():
    """층마다 백분의 1이 되는 150층: 1e-300인 활성화값에도 표준편차가 있고, 유닛은 여전히 서로 다릅니다."""
    init = initializers.normal(0.01 / math.sqrt(20))
    x, rng = make_input(columns=20), np.random.default_rng(0)
    rows = wi_lib.propagate(x, 149, 20, "tanh", init, rng=rng, dtype=np.float64).summary()
    assert rows[-1].std < 1e-290
    for row in rows:
        assert row.std > 0
        assert row.distinct == 20
    assert all(row.delta_rms > 0 and row.weight_gradient_rms > 0 for row in rows if row.layer > 5)


def test_exploding_but_finite_signals_are_summarised():
    # 표준편차 1, 너비 100이면 층마다 일곱 배쯤 커져 25층에서 1e20에 이릅니다. 폭주를 보이는 장이 재는 값입니다.
    s = wi_lib.propagate(make_input(20), 25, 100, "relu", initializers.normal(1.0), rng=np.random.default_rng(0))
    last = s.summary()[-1]
    assert 1e19 < last.std < 1e23
    assert np.isfinite([last.mean, last.median, last.delta_rms, last.weight_gradient_rms]).all()
    assert last.distinct > 1


@pytest.mark.parametrize(("activation", "std", "depth"), [("relu", 1.0, 60), ("tanh", 3.0, 120)])
def test_overflowing_signals_are_refused_in_words(activation, std, depth):
    # tanh에서는 활성화값이 아니라 역전파 신호가 넘칩니다. NaN이 섞인 그림 대신 무엇을 줄일지 알려 줍니다.
    with pytest.raises(ValueError, match=r"`weights`.*3\.4e38.*\d+층에서 넘치는"):
        wi_lib.propagate(make_input(), depth, 100, activation, initializers.normal(std), rng=np.random.default_rng(0))


def test_float64_agrees_with_float32_where_nothing_is_chaotic():
    """dtype은 자릿수만 바꿉니다: 같은 rng이면 같은 난수이고, 얕은 망의 값은 float32의 정밀도까지 같습니다."""
    x = np.random.default_rng(0).standard_normal((50, 30))
    single, double = (
        wi_lib.propagate(x, 4, 20, "tanh", "xavier_normal", rng=np.random.default_rng(1), dtype=dtype)
        for dtype in (np.float32, np.float64)
    )
    for name in ("activations", "gradients", "deltas", "weight_gradients"):
        for a, b in zip(getattr(single, name), getattr(double, name)):
            assert (a.dtype, b.dtype) == (np.float32, np.float64)
            np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


def test_other_dtypes_are_refused():
    with pytest.raises(ValueError, match="`dtype`에는"):
        wi_lib.propagate(np.ones((2, 3)), 2, 4, "tanh", "xavier_normal", rng=np.random.default_rng(0), dtype=np.float16)


def test_biases_are_added_in_every_layer():
    """편향을 준 신호는 a' = f(aW + b)를 그대로 따르고, 틀린 모양의 편향은 그 층을 말하며 거절합니다."""
    x, weights, rng = make_input(), make_weights(), np.random.default_rng(3)
    biases = [rng.standard_normal(weight.shape[1]) for weight in weights]
    s = signals.measure(x, weights, "tanh", rng=np.random.default_rng(2), biases=biases, dtype=np.float64)
    a = x.astype(np.float64)
    for weight, bias, ours in zip(weights, biases, s.activations, strict=True):
        a = np.tanh(a @ weight + bias)
        np.testing.assert_allclose(ours, a, rtol=1e-12)
    with pytest.raises(ValueError, match=r"`biases\[1\]`에는 모양이 \(7,\)이고"):
        signals.measure(x, weights, "tanh", rng=rng, biases=[biases[0], biases[0], biases[2]])


def test_propagate_draws_biases_after_the_weights():
    """편향의 크기만 다른 두 망은 가중치와 편향의 난수가 같습니다. 0이면 뽑지 않습니다."""

    def first_sums(bias_std):
        rng, x = np.random.default_rng(0), make_input()
        s = wi_lib.propagate(x, 2, 5, "identity", "lecun_normal", rng=rng, bias_std=bias_std, dtype=np.float64)
        return s.activations[0]

    none, one, two = map(first_sums, (0.0, 1.0, 2.0))
    assert not np.allclose(none, one)
    # 입력마다 같은 편향이 더해지고, 표준편차에 비례합니다.
    np.testing.assert_allclose(one - none, np.broadcast_to((one - none)[0], one.shape), atol=1e-12)
    np.testing.assert_allclose(two - none, 2 * (one - none), atol=1e-12)


def test_std_of_values_whose_squares_underflow():
    values = np.random.default_rng(0).standard_normal((50, 4))
    assert signals.std(values) == pytest.approx(values.std(), rel=1e-14)
    assert signals.std(values * 1e-230) == pytest.approx(values.std() * 1e-230, rel=1e-12)
    assert signals.std(np.full(3, 2.0, np.float32)) == 0
    with pytest.raises(ValueError, match="`values`"):
        signals.std(np.array([np.nan]))


def test_signals_that_do_not_fit_in_memory_are_refused_in_words(refused_in_3gb):
    x, rng = "np.ones((10**5, 2))", "rng=np.random.default_rng(0)"
    said = refused_in_3gb(f"signals.propagate({x}, 1, 10**4, 'tanh', 'zeros', {rng})")
    assert said == "`x, depth, width`에는 메모리에 담기는 크기만 쓸 수 있습니다. 받은 값: ((100000, 2), 1, 10000)"
    said = refused_in_3gb(f"signals.measure({x}, [np.ones((2, 10**4))], 'tanh', {rng})")
    assert said.startswith("`x`에는 메모리에 담기는 크기만 쓸 수 있습니다. 받은 값: shape=(100000, 2)")


@pytest.mark.parametrize("size", [1e-200, 1e-163, 1e-9, 1.0, 1e140])
def test_probe_sees_differences_of_any_size(size):
    """활성화값의 크기도, 변하지 않는 유닛도, 레이블의 번호도 답을 바꾸지 않습니다."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((200, 1))
    labels = np.where(x[:, 0] > 0, 255, 7).astype(np.uint8)
    still = np.column_stack([x, np.full(200, 0.1)]) * size
    moved = np.column_stack([x, np.full(200, 0.2)]) * size
    assert wi_lib.linear_probe(still, labels, moved, labels) > 0.95
