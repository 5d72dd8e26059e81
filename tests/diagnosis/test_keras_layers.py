"""Keras의 층마다: 행렬의 방향과 fan, 그 배열에 닿는 식, 층의 종류와 이름(`make parity`)."""

import numpy as np
import pytest

from tests.diagnosis.keras_models import IMAGES, SEQUENCES, Written, X, around, keras, numpy, rms, seen, sequential
from wi_lib.diagnosis.weights import fingerprints

layers, ops = keras.layers, keras.ops
pytestmark = pytest.mark.filterwarnings("ignore")


def setup_function():
    keras.utils.set_random_seed(0)


@pytest.mark.parametrize(
    ("layer", "view", "groups"),
    [
        (layers.Conv2D(6, 3), lambda w: w, 1),
        (layers.Conv2D(6, 3, groups=2), lambda w: w, 2),
        (layers.Conv2D(6, 3, data_format="channels_last", activation="relu"), lambda w: w, 1),
        (layers.DepthwiseConv2D(3, depth_multiplier=2), lambda w: w.reshape(3, 3, 1, 16), 8),
        (layers.Conv2DTranspose(6, 3), lambda w: w.swapaxes(2, 3), 1),
    ],
    ids=["plain", "grouped", "with_relu", "depthwise", "transposed"],
)
def test_kernels_are_turned_to_inputs_and_outputs(layer, view, groups):
    model = around(layer, (6, 6, 8))
    first = seen(model, IMAGES, np.arange(4) % 3).layers[0]
    [weight] = first.weights.values()
    kernel = view(numpy(layer.kernel))
    assert (first.kind, weight.groups) == ("convolution", groups)
    assert weight.shape == kernel.shape
    np.testing.assert_allclose(weight.columns, fingerprints(kernel), rtol=1e-4, atol=1e-5)
    assert weight.gradient_rms > 0
    assert len(first.outputs.totals) == kernel.shape[-1]


def test_the_units_of_a_depthwise_kernel_are_its_channels():
    """행렬의 한 열을 0으로 하면 그 열의 채널이 0입니다."""
    layer = layers.DepthwiseConv2D(3, depth_multiplier=2, use_bias=False)
    model = around(layer, (6, 6, 8))
    kernel = numpy(layer.kernel).copy()
    kernel[:, :, 2, 1] = 0
    layer.kernel.assign(kernel)
    first = seen(model, IMAGES).layers[0]
    [weight] = first.weights.values()
    assert np.flatnonzero(weight.columns == 0).tolist() == np.flatnonzero(first.outputs.squares == 0).tolist() == [5]


def test_a_separable_convolution_has_two_matrices():
    model = around(layers.SeparableConv2D(6, 3), (6, 6, 8))
    depthwise, pointwise = seen(model, IMAGES).layers[0].weights.values()
    assert (depthwise.shape, depthwise.groups, depthwise.fan_in) == ((3, 3, 1, 8), 8, 9)
    assert (pointwise.shape, pointwise.groups, pointwise.fan_in) == ((1, 1, 8, 6), 1, 8)


def test_a_convolution_of_sequences_and_its_fans():
    [first, _] = seen(around(layers.Conv1D(6, 3), (7, 8)), SEQUENCES).layers
    [weight] = first.weights.values()
    assert (weight.shape, weight.fan_in, weight.fan_out) == ((3, 8, 6), 24, 18)


def test_attention_is_four_matrices_whose_heads_are_put_together():
    attention = layers.MultiHeadAttention(2, 3)
    inputs = keras.Input((7, 8))
    model = keras.Model(inputs, layers.Dense(3)(attention(inputs, inputs)))
    query, key, value, output, _ = seen(model, SEQUENCES).layers
    weights = [next(iter(layer.weights.values())) for layer in (query, key, value, output)]
    assert [weight.shape for weight in weights] == [(8, 6), (8, 6), (8, 6), (6, 8)]
    assert {layer.kind for layer in (query, key, value, output)} == {"attention"}
    # Keras는 (입력, 헤드, 유닛)인 커널의 첫 축을 합성곱의 칸처럼 셉니다.
    assert [weight.drawn for weight in weights[:2]] == [(16, 24), (16, 24)]
    kernel = numpy(attention.query_dense.kernel)
    np.testing.assert_allclose(weights[0].columns, fingerprints(kernel.reshape(8, 6)), rtol=1e-4, atol=1e-5)
    product = SEQUENCES @ kernel.reshape(8, 6)
    np.testing.assert_allclose(query.outputs.squares, np.square(product).sum(axis=(0, 1)), rtol=1e-3)


def test_every_expression_reaches_the_array_that_was_measured():
    inputs = keras.Input((6, 6, 8))
    inner = sequential(layers.Conv2D(8, 3, padding="same"), layers.BatchNormalization(), shape=(6, 6, 8))
    stream = layers.Reshape((36, 8))(layers.SeparableConv2D(8, 3, padding="same")(inner(inputs)))
    stream = layers.MultiHeadAttention(2, 3)(stream, stream)
    stream = layers.TimeDistributed(layers.Dense(4))(layers.LSTM(5, return_sequences=True)(stream))
    model = keras.Model(inputs, layers.Dense(3)(layers.Bidirectional(layers.GRU(4))(stream)))
    weights = [weight for layer in seen(model, IMAGES).layers for weight in layer.weights.values()]
    assert len(weights) == 15
    for weight in weights:
        assert rms(numpy(eval(weight.expression, {"model": model}))) == pytest.approx(weight.std, rel=1e-5)


def test_layers_in_a_bidirectional_one_are_called_one_by_one():
    """cuDNN으로 한꺼번에 계산하면 안의 층이 보이지 않습니다. 재고 나면 받은 그대로입니다."""
    asked, both = [], layers.Bidirectional(layers.GRU(4))
    inner = both.forward_layer, both.backward_layer

    def ask(x):
        asked.append([layer.use_cudnn for layer in inner])
        return x

    model = sequential(both, layers.Lambda(ask, output_shape=(8,)), layers.Dense(3), shape=(7, 8))
    asked.clear()
    assert len(seen(model, SEQUENCES).layers) == 3
    assert asked == [[False, False]]
    assert [layer.use_cudnn for layer in inner] == ["auto", "auto"]


def test_a_written_models_expressions_are_its_own_attributes():
    model = Written()
    [first, last] = seen(model).layers
    expressions = [weight.expression for layer in (first, last) for weight in layer.weights.values()]
    assert expressions == ["model.fc1.kernel", "model.fc2.kernel"]


def test_embedding_and_recurrent_layers():
    model = sequential(layers.Embedding(11, 8), layers.LSTM(5, return_sequences=True), layers.GRU(4), shape=(7,))
    embedding, lstm, gru = seen(model, np.arange(28).reshape(4, 7) % 11).layers
    [table] = embedding.weights.values()
    assert (embedding.kind, table.shape, table.fan_in) == ("embedding", (11, 8), 1)
    assert [layer.kind for layer in (lstm, gru)] == ["other", "other"]
    assert [weight.shape for weight in lstm.weights.values()] == [(8, 20), (5, 20)]
    assert lstm.activation is None
    assert all(weight.gradient_rms > 0 for layer in (embedding, lstm, gru) for weight in layer.weights.values())


@pytest.mark.parametrize(
    "norm", [layers.BatchNormalization, layers.LayerNormalization, layers.RMSNormalization], ids=lambda c: c.__name__
)
def test_a_norm_is_recorded_without_weights_as_in_training(norm):
    model = sequential(layers.Dense(8), norm(epsilon=1e-6), layers.Dense(3))
    _, middle, _ = seen(model).layers
    assert (middle.kind, middle.weights) == ("norm", {})
    assert middle.outputs.rms == pytest.approx(1, rel=1e-3)


def test_a_shared_layer_is_one_record_whose_sums_go_on():
    shared = layers.Dense(5)
    inputs = keras.Input((5,))
    [layer] = seen(keras.Model(inputs, shared(shared(inputs)))).layers
    w = numpy(shared.kernel)
    assert layer.inputs.batches == layer.deltas.batches == 2
    assert layer.outputs.rms == pytest.approx(rms([X @ w, X @ w @ w]), rel=1e-4)


def test_a_layer_of_a_nested_model_is_named_by_its_path():
    inner = keras.Sequential([layers.Dense(4, name="same")], name="inner")
    model = sequential(inner, layers.Dense(3, name="same"))
    assert [layer.name for layer in seen(model).layers] == ["inner/same", "same"]


@pytest.mark.parametrize("tied", [True, False], ids=["tied", "untied"])
def test_an_embedding_used_as_the_output_is_a_dense_layer_of_its_own(tied):
    table = layers.ReversibleEmbedding(11, 8, tie_weights=tied)
    inputs = keras.Input((7,), dtype="int32")
    model = keras.Model(inputs, table(layers.Dense(8)(table(inputs)), reverse=True))
    tokens = np.arange(28).reshape(4, 7) % 11
    embedding, _, head = seen(model, tokens, tokens).layers
    matrix = numpy(table.embeddings).T if tied else numpy(table.reverse_embeddings)
    [first], [last] = embedding.weights.values(), head.weights.values()
    assert (embedding.kind, head.kind, head.name) == ("embedding", "dense", f"{embedding.name}/reverse")
    assert (first.shape, last.shape) == ((11, 8), (8, 11))
    np.testing.assert_allclose(last.columns, fingerprints(matrix), rtol=1e-4, atol=1e-6)
    assert (first.name == last.name) == tied
    assert head.outputs.rms == pytest.approx(rms(numpy(model(tokens))), rel=1e-4)
    assert last.gradient_rms > 0
