"""글을 다루는 층을 정의에: 어텐션은 자리마다 반복문으로, 기울기는 수치 미분으로 견줍니다."""

import numpy as np
import pytest

import wi_lib
from wi_lib.datasets import Dataset
from wi_lib.layers import Attention, BatchNorm, Dense, Embedding, LayerNorm, Position, Residual, Tied

VOCABULARY, LENGTH = 5, 4
BLOCK = [
    Residual([LayerNorm(), Attention(2, "lecun_normal")]),
    Residual([LayerNorm(), Dense(6, "lecun_normal"), Dense(4)]),
]
ENDS = {
    "따로": [Embedding(VOCABULARY, 4, "lecun_normal"), Position("lecun_normal"), *BLOCK, Dense(VOCABULARY)],
    "나누어 쓰는": [Tied(Embedding(VOCABULARY, 4, "lecun_normal"), [Position("lecun_normal"), *BLOCK, BatchNorm()])],
}


def text(count, seed=0):
    rng = np.random.default_rng(seed)
    symbols = rng.integers(VOCABULARY, size=(count, LENGTH + 1))
    return symbols[:, :-1], symbols[:, 1:]


def make(stack, dtype=np.float64):
    return wi_lib.Network(stack, (LENGTH,), rng=np.random.default_rng(0), dtype=dtype)


@pytest.mark.parametrize("ends", ENDS)
def test_gradients_match_numerical_differentiation(ends):
    net, (x, labels), h = make(ENDS[ends]), text(3), 1e-6
    gradients = net.gradients(x, labels)
    for parameter, gradient in zip(net.parameters, [*gradients.weights, *gradients.biases], strict=True):
        numerical = np.empty_like(parameter)
        for index in np.ndindex(parameter.shape):
            value, around = parameter[index], []
            for moved in (value + h, value - h):
                parameter[index] = moved
                around.append(net.loss(x, labels, training=True))
            parameter[index] = value
            numerical[index] = (around[0] - around[1]) / (2 * h)
        np.testing.assert_allclose(gradient, numerical, rtol=1e-5, atol=2e-9)


@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("scale", [None, 0.3])
def test_attention_is_its_definition(causal, packed, scale):
    units, heads, wide = 6, 2, 3
    layer = Attention(heads, "lecun_normal", causal=causal, packed=packed, scale=scale)
    net = wi_lib.Network([layer], (LENGTH, units), rng=np.random.default_rng(0), dtype=np.float64)
    layer, x = net.layers[0], np.random.default_rng(1).standard_normal((2, LENGTH, units))
    for bias in net.biases:
        bias += np.random.default_rng(2).standard_normal(bias.shape)
    *matrices, out = net.weights
    *biases, last = net.biases
    matrix, bias = np.hstack(matrices), np.concatenate(biases)
    assert [w.shape for w in matrices] == ([(units, 3 * units)] if packed else [(units, units)] * 3)
    y, seen = net.forward(x), layer.probabilities(x)
    for n, t in np.ndindex(2, LENGTH):
        mixed = np.zeros(units)
        for head in range(heads):
            part = [slice(k * units + head * wide, k * units + (head + 1) * wide) for k in range(3)]
            query, key, value = (x[n] @ matrix[:, one] + bias[one] for one in part)
            logits = key @ query[t] * (wide**-0.5 if scale is None else scale)
            weight = np.exp(logits - logits.max()) * (np.arange(LENGTH) <= t if causal else 1)
            weight /= weight.sum()
            np.testing.assert_allclose(seen[n, head, t], weight, rtol=1e-10)
            mixed[head * wide : (head + 1) * wide] = weight @ value
        np.testing.assert_allclose(y[n, t], mixed @ out + last, rtol=1e-9, atol=1e-12)


def test_a_causal_model_does_not_see_what_comes_after():
    net, (x, _) = make(ENDS["따로"]), text(1)
    changed = x.copy()
    changed[0, 2:] = (changed[0, 2:] + 1) % VOCABULARY
    np.testing.assert_array_equal(net.forward(changed)[0, :2], net.forward(x)[0, :2])
    assert np.abs(net.forward(changed) - net.forward(x))[0, 2:].min() > 1e-6


def test_a_tied_matrix_is_one_array_at_both_ends():
    net, (x, _) = make([Tied(Embedding(VOCABULARY, 3, "lecun_normal"), [Position("zeros")])]), text(2)
    (table, _) = net.weights
    np.testing.assert_allclose(net.forward(x), (table @ table.T)[x], rtol=1e-12)


@pytest.mark.parametrize("ends", ENDS)
def test_a_model_learns_what_comes_next(ends):
    """번호가 하나씩 느는 글. 시험 정확도는 모든 자리에서 맞힌 비율입니다."""
    start = np.random.default_rng(0).integers(VOCABULARY, size=(300, 1))
    symbols = (start + np.arange(LENGTH + 1)) % VOCABULARY
    x, y = symbols[:, :-1], symbols[:, 1:]
    data, net = Dataset(x[:200], y[:200], x[200:], y[200:], "차례"), make(ENDS[ends], np.float32)
    settings = {"learning_rate": 0.01, "batch_size": 16, "iterations": 150, "optimizer": "adam"}
    history = wi_lib.train(net, data, rng=np.random.default_rng(1), **settings)
    assert history.test_accuracy == np.mean(net.predict(data.x_test) == data.y_test) > 0.95
    assert net.loss(x, y) < 0.5 * history.loss[0]


@pytest.mark.parametrize("bad", [-1, VOCABULARY, 0.5])
def test_a_symbol_outside_the_vocabulary_is_refused(bad):
    net, (x, labels) = make(ENDS["따로"]), text(2)
    with pytest.raises(ValueError, match=rf"`x`에는 0 이상 {VOCABULARY} 미만의 정수인"):
        net.forward(np.where(np.arange(LENGTH) == 1, bad, x))
    with pytest.raises(ValueError, match=rf"`labels`에는 .+모양이 \(2, {LENGTH}\)인"):
        net.loss(x, labels[:, 0])


@pytest.mark.parametrize("ends", ENDS)
@pytest.mark.parametrize("part", ["x_train", "x_test"])
@pytest.mark.parametrize(("bad", "got"), [(VOCABULARY, f"최솟값 0, 최댓값 {VOCABULARY}인"), (0.5, "정수가 아닌")])
def test_a_symbol_outside_the_vocabulary_is_found_before_training(ends, part, bad, got):
    # 배치에 뽑히지 않으면 끝까지 모르고, 시험 자료에 있으면 발산으로 보일 값입니다.
    net, (x, y) = make(ENDS[ends]), text(60)
    parts = {"x_train": x[:50] * 1.0, "y_train": y[:50], "x_test": x[50:] * 1.0, "y_test": y[50:]}
    parts[part][-1, -1] = bad
    before = [array.copy() for array in net.state]
    settings = {"learning_rate": 0.1, "batch_size": 2, "iterations": 2}
    with pytest.raises(ValueError, match=rf"`data.{part}`에는 .+ 받은 값: '{got}"):
        wi_lib.train(net, Dataset(**parts, name="글"), rng=np.random.default_rng(0), **settings)
    assert all((a == b).all() for a, b in zip(before, net.state, strict=True))


def test_a_built_attention_takes_the_scale_of_its_next_network():
    first = wi_lib.Network([Attention(2)], (LENGTH, 4), rng=np.random.default_rng(0))
    again = wi_lib.Network([*first.layers], (LENGTH, 16), rng=np.random.default_rng(0))
    assert again.layers[0].scale == pytest.approx(8**-0.5)


def test_attention_outside_a_network_says_where_to_look():
    layer = Attention(2)
    wi_lib.Network([layer], (LENGTH, 4), rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match="사본"):
        layer.probabilities(np.ones((1, LENGTH, 4)))


@pytest.mark.parametrize(
    ("stack", "shape", "name"),
    [
        ([Attention(2)], (8,), "input_shape"),
        ([Position()], (8, 8, 3), "input_shape"),
        ([Attention(3)], (4, 8), "heads"),
        ([Tied(Embedding(5, 4), [Dense(3)])], (4,), "layers"),
    ],
)
def test_a_shape_that_does_not_fit_is_refused(stack, shape, name):
    with pytest.raises(ValueError, match=rf"`{name}`에는 .+만 쓸 수 있습니다"):
        wi_lib.Network(stack, shape, rng=np.random.default_rng(0))


def test_observing_a_model_sees_its_branches():
    net, (x, _) = make(ENDS["따로"]), text(6)
    seen = wi_lib.observe(net, x, rng=np.random.default_rng(0))
    assert seen.branches[2].names == ["1 LayerNorm", "2 Attention"]
    assert [a.shape for a in seen.activations] == [(6, LENGTH, 4)] * 4 + [(6, LENGTH, VOCABULARY)]
    assert len(seen.weight_gradients) == len(net.weights)
