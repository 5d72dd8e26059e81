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


def test_a_sigmoid_at_the_end_gives_the_loss_and_gradients_of_the_logit():
    plain, ending = sequential(layers.Dense(1)), sequential(layers.Dense(1, activation="sigmoid"))
    ending.set_weights(plain.get_weights())
    one, other = seen(plain, X, Y % 2), seen(ending, X, Y % 2)
    binary = keras.losses.BinaryCrossentropy(from_logits=True)
    assert one.loss == pytest.approx(float(binary(Y[:, None] % 2, plain(X))), rel=1e-4)
    assert other.loss == pytest.approx(one.loss, rel=1e-4)
    np.testing.assert_allclose(other.layers[0].deltas.totals, one.layers[0].deltas.totals, rtol=1e-3, atol=1e-6)
