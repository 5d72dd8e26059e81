"""Keras의 모델을 흘리고 되돌린 신호와 활성화 함수가 NumPy로 따로 셈한 것과 같습니다(`make parity`가 세 바닥에서)."""

import numpy as np
import pytest

from tests.diagnosis.keras_models import Written, X, Y, keras, numpy, rms, seen, sequential
from wi_lib.diagnosis.weights import fingerprints

layers, ops = keras.layers, keras.ops
pytestmark = pytest.mark.filterwarnings("ignore")


def setup_function():
    keras.utils.set_random_seed(0)


def by_hand(model, x=X, y=Y):
    """ReLU 하나를 사이에 둔 두 층의 (z, a, 로짓, 로짓의 δ, z의 δ)."""
    (w1, b1), (w2, b2) = ([numpy(v) for v in layer.weights] for layer in model.layers)
    z = x @ w1 + b1
    a = np.maximum(z, 0)
    logits = a @ w2 + b2
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    top = (p - np.eye(3)[y]) / len(x)
    return z, a, logits, top, (top @ w2.T) * (z > 0)


def test_signals_are_those_of_a_hand_computation():
    model = sequential(layers.Dense(8, activation="relu"), layers.Dense(3))
    first, last = seen(model, X, Y).layers
    z, a, logits, top, delta = by_hand(model)
    assert (first.name, first.kind, first.label) == (model.layers[0].name, "dense", "Dense")
    assert (first.activation, last.activation) == ("relu", None)
    sums = [(first.inputs, X), (first.outputs, z), (first.activated, a), (first.deltas, delta), (last.inputs, a)]
    for moments, expected in [*sums, (last.outputs, logits), (last.deltas, top)]:
        np.testing.assert_allclose(moments.totals, expected.sum(axis=0), atol=1e-5)
        np.testing.assert_allclose(moments.squares, np.square(expected).sum(axis=0), rtol=1e-4)


def test_weight_gradients_are_those_of_a_hand_computation():
    model = sequential(layers.Dense(8, activation="relu"), layers.Dense(3))
    recording = seen(model, X, Y)
    _, a, logits, top, delta = by_hand(model)
    for layer, g in zip(recording.layers, (X.T @ delta, a.T @ top)):
        [weight] = layer.weights.values()
        assert weight.gradient_rms == pytest.approx(rms(g), rel=1e-4)
        np.testing.assert_allclose(weight.gradient_columns, fingerprints(g), atol=1e-5)
    loss = np.log(np.exp(logits).sum(axis=1)) - logits[range(16), Y]
    assert recording.loss == pytest.approx(loss.mean(), rel=1e-4)
    np.testing.assert_allclose(recording.outputs, logits, atol=1e-5)


def test_a_softmax_at_the_end_gives_the_gradients_of_the_logits():
    plain = sequential(layers.Dense(8, activation="relu"), layers.Dense(3))
    ending = sequential(layers.Dense(8, activation="relu"), layers.Dense(3, activation="softmax"))
    ending.set_weights(plain.get_weights())
    one, other = seen(plain, X, Y), seen(ending, X, Y)
    assert other.loss == pytest.approx(one.loss, rel=1e-4)
    for a, b in zip(one.layers, other.layers):
        [w], [v] = a.weights.values(), b.weights.values()
        # 나간 것은 확률이 아니라 로짓입니다.
        assert (b.outputs.rms, b.deltas.rms) == pytest.approx((a.outputs.rms, a.deltas.rms), rel=1e-3)
        assert v.gradient_rms == pytest.approx(w.gradient_rms, rel=1e-3)


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("relu", layers.ReLU()),
        ("relu", layers.Activation(ops.relu)),
        ("leaky_relu", layers.LeakyReLU(0.1)),
        ("relu6", layers.ReLU(6.0)),
        ("elu", layers.ELU()),
        ("tanh", layers.Activation("tanh")),
        ("sigmoid", layers.Activation("sigmoid")),
        ("silu", layers.Activation("swish")),
        ("gelu", layers.Activation("gelu")),
        ("prelu", layers.PReLU()),
    ],
    ids=str,
)
def test_an_activation_layer_belongs_to_the_layer_before_it(name, part):
    model = sequential(layers.Dense(8), layers.Dropout(0.0), part, layers.Dense(3))
    first = seen(model).layers[0]
    z = X @ numpy(model.layers[0].kernel)
    assert first.activation == name
    assert first.outputs.rms == pytest.approx(rms(z), rel=1e-5)
    assert first.activated.rms == pytest.approx(rms(numpy(part(z))), rel=1e-4)


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "elu", "selu", "silu", "gelu", "tanh", "sigmoid", "softplus"])
def test_an_activation_is_known_as_an_argument_and_as_a_function(name):
    function = getattr(keras.activations, name)
    argument = seen(sequential(layers.Dense(5, activation=name), layers.Dense(3))).layers[0]
    written = Written(function)
    called = seen(written).layers[0]
    assert argument.activation == called.activation == name
    expected = numpy(function(ops.convert_to_tensor(X @ numpy(written.fc1.kernel))))
    assert called.activated.rms == pytest.approx(rms(expected), rel=1e-4)


def test_parallel_branches_keep_their_own_activations():
    inputs = keras.Input((5,))
    one, other = layers.Dense(4, name="one")(inputs), layers.Dense(4, name="other")(inputs)
    model = keras.Model(inputs, layers.Add()([ops.relu(one), ops.tanh(other)]))
    assert {layer.name: layer.activation for layer in seen(model).layers} == {"one": "relu", "other": "tanh"}


@pytest.mark.parametrize("add", [lambda a, b: a + b, lambda a, b: layers.Add()([a, b])], ids=["operator", "layer"])
def test_a_residual_sends_the_signal_back_both_ways(add):
    inputs = keras.Input((5,))
    stem, branch, head = layers.Dense(5), layers.Dense(5), layers.Dense(3)
    stream = stem(inputs)
    model = keras.Model(inputs, head(add(stream, branch(stream))))
    below, beside, last = seen(model, X, Y).layers
    z = X @ numpy(stem.kernel)
    b = z @ numpy(branch.kernel)
    logits = (z + b) @ numpy(head.kernel)
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    stream_delta = (p - np.eye(3)[Y]) / 16 @ numpy(head.kernel).T
    assert last.inputs.rms == pytest.approx(rms(z + b), rel=1e-4)
    assert beside.deltas.rms == pytest.approx(rms(stream_delta), rel=1e-4)
    assert below.deltas.rms == pytest.approx(rms(stream_delta + stream_delta @ numpy(branch.kernel).T), rel=1e-4)


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


def test_several_inputs_as_a_tuple_and_as_names():
    a, b = keras.Input((5,), name="a"), keras.Input((2,), name="b")
    model = keras.Model([a, b], layers.Concatenate()([layers.Dense(3)(a), layers.Dense(4)(b)]))
    x = (X, X[:, :2])
    apart, named = seen(model, x), seen(keras.Model({"a": a, "b": b}, model.outputs), {"a": x[0], "b": x[1]})
    assert [moments.rms for moments in apart.inputs] == pytest.approx([rms(array) for array in x])
    assert [layer.outputs.rms for layer in apart.layers] == pytest.approx([m.outputs.rms for m in named.layers])


def test_a_call_of_two_arguments_gets_them_in_order_and_by_name():
    class Two(keras.Model):
        def __init__(self):
            super().__init__()
            self.fc = layers.Dense(3)

        def call(self, left, right):
            return self.fc(left - right)

    model = Two()
    for x in ((X, 3 * X), {"left": X, "right": 3 * X}):
        assert seen(model, x).layers[0].inputs.rms == pytest.approx(2 * rms(X), rel=1e-5)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_mixed_precision_measures_what_the_policy_computes(policy):
    parts = [layers.Dense(64, activation="relu", dtype=policy), layers.Dense(3, dtype=policy)]
    recording = seen(sequential(*parts), X, Y)
    expected = "float16" if policy == "mixed_float16" else "float32"
    assert {layer.outputs.dtype for layer in recording.layers} == {expected}
    assert all(weight.gradient_rms > 0 for layer in recording.layers for weight in layer.weights.values())


def test_a_compiled_float16_model_is_measured_with_its_loss_scale():
    """손실에 2^15을 곱해 되돌리므로, 곱하지 않으면 float16에서 0이 될 기울기가 남습니다."""
    model = sequential(layers.Dense(4, dtype="mixed_float16"), layers.Dense(3, dtype="mixed_float16"))
    full = sequential(layers.Dense(4), layers.Dense(3))
    full.set_weights(model.get_weights())

    def tiny(outputs, labels):
        return 1e-7 * ops.mean(ops.square(ops.cast(outputs, "float32")))

    def size(model):
        return next(iter(seen(model, X, Y, loss=tiny).layers[0].weights.values())).gradient_rms

    assert size(model) == 0
    model.compile(keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD()), "sparse_categorical_crossentropy")
    assert size(model) == pytest.approx(size(full), rel=0.02)


def test_frozen_parts_have_no_gradient():
    model = sequential(layers.Dense(8, trainable=False), layers.Dense(3))
    [frozen], [free] = (layer.weights.values() for layer in seen(model, X, Y).layers)
    assert (frozen.trainable, frozen.gradient_rms) == (False, None)
    assert free.trainable
    assert free.gradient_rms > 0


def test_a_wholly_frozen_model_is_measured_forwards():
    model = sequential(layers.Dense(8), layers.Dense(3))
    model.trainable = False
    assert [layer.outputs.known for layer in seen(model, X, Y).layers] == [True, True]


def test_an_unbuilt_model_is_built_by_the_batch():
    model = keras.Sequential([layers.Dense(8), layers.Dense(3)])
    assert [weight.shape for layer in seen(model).layers for weight in layer.weights.values()] == [(5, 8), (8, 3)]


def state(model):
    """되돌려야 하는 것을 모두 베낍니다."""
    optimizer = model.optimizer.variables if getattr(model, "optimizer", None) else []
    every = model._flatten_layers()
    seeds = [numpy(v) for layer in every for s in layer._seed_generators for v in [s.state]]
    values = [numpy(v).copy() for v in (*model.weights, *optimizer)]
    return values + seeds, [layer.trainable for layer in every], ["call" in vars(layer) for layer in every]


def whole():
    """시드, 이동 평균, 최적화기가 모두 있는 모델."""
    model = sequential(
        layers.Dense(8, activation="relu"), layers.BatchNormalization(), layers.Dropout(0.5), layers.Dense(3)
    )
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return model


def test_the_model_is_left_as_it_was_found():
    model = whole()
    model.fit(X, Y, verbose=0)
    model.layers[0].trainable = False
    python, values = keras.src.backend.nn.relu, state(model)
    np.random.seed(0)  # noqa: NPY002
    recording = seen(model, X, Y)
    assert recording.layers[0].activation == "relu"
    after = state(model)
    for one, other in zip(values[0], after[0]):
        np.testing.assert_array_equal(one, other)
    assert (values[1:], keras.src.backend.nn.relu) == (after[1:], python)
    assert np.random.random() == np.random.RandomState(0).random_sample()  # noqa: NPY002


def test_random_numbers_that_the_model_draws_are_given_back():
    model = sequential(layers.Lambda(lambda x: x + random.random(), output_shape=(5,)), layers.Dense(3))
    before = random.getstate()
    assert seen(model).layers[0].inputs.rms != pytest.approx(rms(X), rel=1e-3)
    assert random.getstate() == before


def test_training_goes_on_as_if_nothing_had_been_measured():
    losses = []
    for measured in (False, True):
        keras.utils.set_random_seed(0)
        model = whole()
        if measured:
            seen(model, X, Y)
        losses.append(model.fit(X, Y, epochs=2, shuffle=False, verbose=0).history["loss"])
    assert losses[0] == losses[1]


def test_dropout_is_on():
    model = sequential(layers.Dense(64), layers.Dropout(0.5), layers.Dense(3))
    first, last = seen(model).layers
    assert first.outputs.zeros == 0
    assert 0.4 < last.inputs.zeros < 0.6


def test_an_error_names_the_layer_and_leaves_the_model_as_it_was():
    def fails(x):
        raise RuntimeError("고장")

    broken = layers.Lambda(fails, output_shape=(8,), name="broken")
    model = keras.Sequential([layers.Dense(8, activation="relu"), broken])
    relu, model.built, broken.built = keras.src.backend.nn.relu, True, True
    model.layers[0].build((None, 5))
    with pytest.raises(ValueError, match=r"broken\(Lambda\)(?s:.*)고장") as caught:
        diagnose(model, X)
    assert isinstance(caught.value.__cause__, RuntimeError)
    assert not any("call" in vars(layer) for layer in model._flatten_layers())
    assert keras.src.backend.nn.relu is relu


def test_an_own_loss_replaces_the_given_ones():
    model = sequential(layers.Dense(3))
    logits = X @ numpy(model.layers[0].kernel)
    own = seen(model, X, Y, loss=lambda outputs, labels: ops.mean(outputs**2))
    assert own.loss == pytest.approx(rms(logits) ** 2, rel=1e-4)
    np.testing.assert_allclose(own.layers[0].deltas.totals, (2 * logits / logits.size).sum(axis=0), atol=1e-5)


def test_a_loss_of_keras_is_called_in_its_own_order():
    model = sequential(layers.Dense(3))
    theirs = seen(model, X, Y, loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    assert theirs.loss == pytest.approx(seen(model, X, Y).loss, rel=1e-4)
    assert theirs.layers[0].deltas.rms == pytest.approx(seen(model, X, Y).layers[0].deltas.rms, rel=1e-4)


def test_labels_of_a_column_are_read_as_keras_reads_them():
    model = sequential(layers.Dense(3))
    assert seen(model, X, Y[:, None]).loss == seen(model, X, Y).loss


@pytest.mark.parametrize("wrap", [lambda z: {"logits": z, "hidden": -z}, lambda z: [z, -z]], ids=["dict", "list"])
def test_the_output_to_measure_is_the_logits_or_the_first(wrap):
    inputs = keras.Input((5,))
    head = layers.Dense(3)
    recording = seen(keras.Model(inputs, wrap(head(inputs))), X, Y)
    np.testing.assert_allclose(recording.outputs, X @ numpy(head.kernel), atol=1e-5)


def test_words_are_refused_as_inputs():
    with pytest.raises(TypeError, match="`x`에는"):
        diagnose(sequential(layers.Dense(3)), np.array(["a", "b"]))
