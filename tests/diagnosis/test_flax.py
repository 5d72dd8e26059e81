"""flax.nnx의 모델을 읽은 것이 jax.grad와 손으로 셈한 것과 같습니다(`make parity`)."""

import numpy as np
import pytest

from wi_lib import diagnose
from wi_lib.diagnosis.weights import fingerprints

jax = pytest.importorskip("jax", reason="jax가 없습니다. make parity가 따로 설치해 돌립니다.")
nnx = pytest.importorskip("flax.nnx", reason="flax가 없습니다. make parity가 따로 설치해 돌립니다.")
jnp = jax.numpy
pytestmark = pytest.mark.filterwarnings("ignore")


def seen(model, x, labels=None, **rest):
    return diagnose(model, x, labels, **rest).recording


def batch(*shape):
    return np.random.default_rng(1).standard_normal((16, *shape)).astype(np.float32)


def classes(count=3):
    return np.arange(16) % count


def rms(array):
    return float(np.sqrt(np.mean(np.square(np.asarray(array, np.float64)))))


def cross_entropy(logits, labels):
    return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(logits), jnp.asarray(labels)[:, None], 1))


def gradients(model, x, labels):
    """jax.grad가 따로 셈한 교차 엔트로피의 기울기."""
    return nnx.grad(lambda net: cross_entropy(net(jnp.asarray(x)), labels))(model)


class Calls(nnx.Module):
    """층 둘 사이에 아무 함수나 부르는 망."""

    def __init__(self, between, *, units=8, rngs=None):
        rngs = rngs or nnx.Rngs(0)
        self.fc1, self.fc2 = nnx.Linear(5, units, rngs=rngs), nnx.Linear(units, 3, rngs=rngs)
        self.between = between

    def __call__(self, x):
        return self.fc2(self.between(self.fc1(x)))


class Alone(nnx.Module):
    """층 하나와, 그 출력을 펴서 읽는 층."""

    def __init__(self, layer, size, *, rngs):
        self.layer, self.head = layer, nnx.Linear(size, 3, rngs=rngs)

    def __call__(self, x):
        y = self.layer(x)
        return self.head(y.reshape(len(y), -1))


def test_signals_are_those_of_a_hand_computation():
    model, x = Calls(jnp.tanh), batch(5)
    first, last = seen(model, x).layers
    z = x @ np.asarray(model.fc1.kernel[...])
    assert (first.name, first.kind, first.label) == ("fc1", "dense", "Linear")
    assert first.inputs.rms == pytest.approx(rms(x), rel=1e-6)
    assert first.outputs.rms == pytest.approx(rms(z), rel=1e-5)
    assert first.activation == "tanh"
    assert first.activated.rms == pytest.approx(rms(np.tanh(z)), rel=1e-5)
    assert last.activation is None


def test_deltas_are_those_of_a_hand_computation():
    model, x, y = Calls(nnx.relu), batch(5), classes()
    recording = seen(model, x, y)
    first, last = recording.layers
    z = x @ np.asarray(model.fc1.kernel[...])
    logits = np.maximum(z, 0) @ np.asarray(model.fc2.kernel[...])
    top = (np.exp(logits) / np.exp(logits).sum(1, keepdims=True) - np.eye(3)[y]) / len(x)
    assert last.deltas.rms == pytest.approx(rms(top), rel=1e-5)
    assert first.deltas.rms == pytest.approx(rms(top @ np.asarray(model.fc2.kernel[...]).T * (z > 0)), rel=1e-5)
    assert recording.loss == pytest.approx(float(cross_entropy(logits, y)), rel=1e-5)


def test_gradients_are_those_of_jax():
    model, x, y = Calls(nnx.gelu), batch(5), classes()
    theirs = gradients(model, x, y)
    for layer in seen(model, x, y).layers:
        weight = layer.weights[f"{layer.name}.kernel"]
        slope = np.asarray(theirs[layer.name]["kernel"][...])
        assert weight.gradient_rms == pytest.approx(rms(slope), rel=1e-4)
        assert weight.gradient_columns == pytest.approx(fingerprints(slope), rel=1e-3, abs=1e-6)


def test_a_loss_of_ones_own_is_used():
    model, x, y = Calls(nnx.relu), batch(5), classes()
    recording = seen(model, x, y, loss=lambda outputs, labels: 3 * cross_entropy(outputs, labels))
    slope = gradients(model, x, y)["fc1"]["kernel"][...]
    assert recording.loss == pytest.approx(3 * float(cross_entropy(model(x), y)), rel=1e-5)
    assert recording.expected_loss is None
    assert recording.layers[0].weights["fc1.kernel"].gradient_rms == pytest.approx(3 * rms(slope), rel=1e-4)


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("relu", nnx.relu),
        ("relu", jax.nn.relu),
        ("relu", lambda x: jax.nn.relu(x)),
        ("tanh", nnx.tanh),
        ("tanh", jnp.tanh),
        ("gelu", nnx.gelu),
        ("gelu", lambda x: nnx.gelu(x, approximate=False)),
        ("silu", nnx.silu),
        ("silu", nnx.swish),
        ("sigmoid", nnx.sigmoid),
        ("selu", nnx.selu),
        ("elu", nnx.elu),
        ("softplus", nnx.softplus),
        ("leaky_relu", lambda x: nnx.leaky_relu(x, 0.2)),
        ("prelu", nnx.PReLU()),
        ("relu", jax.jit(jax.nn.relu)),
        ("relu", nnx.jit(nnx.relu)),
    ],
)
def test_functions_are_seen_however_they_are_named(name, function):
    model, x = Calls(function), batch(5)
    first = seen(model, x).layers[0]
    assert first.activation == name
    assert first.activated.rms == pytest.approx(rms(function(model.fc1(x))), rel=1e-5)
    assert first.activated.batches in (1, 2)


def test_a_written_out_activation_shows_in_what_the_next_layer_receives():
    model, x = Calls(lambda x: jnp.maximum(x, 0)), batch(5)
    first, last = seen(model, x).layers
    assert first.activation is None
    assert last.inputs.rms == pytest.approx(rms(np.maximum(model.fc1(x), 0)), rel=1e-5)
