"""flax.nnx의 모델은 받은 그대로 두고, 잘못된 것은 층과 까닭을 말합니다(`make parity`)."""

import inspect

import numpy as np
import pytest

from tests.diagnosis.test_flax import Alone, Calls, batch, classes, jax, jnp, nnx, seen
from tests.diagnosis.test_flax_transforms import Again, Block, Jitted
from wi_lib import diagnose

pytestmark = pytest.mark.filterwarnings("ignore")


def state(model):
    return [
        np.asarray(jax.random.key_data(v) if jnp.issubdtype(v.dtype, jax.dtypes.prng_key) else v) for v in leaves(model)
    ]


def leaves(model):
    return jax.tree.leaves(nnx.state(model))


@pytest.mark.parametrize("block", [Block, Jitted, Again])
def test_the_model_is_left_as_found(block):
    rngs = nnx.Rngs(0)
    model = Alone(block(5, rngs=rngs), 5, rngs=rngs)
    model.eval()
    calls = {cls: cls.__call__ for cls in (nnx.Linear, nnx.BatchNorm, Alone, block)}
    functions = [inspect.unwrap(function) for function in (jax.nn.relu.fun, jax.nn.gelu, jnp.tanh)]
    codes = [function.__code__ for function in functions]
    graph, before = nnx.graphdef(model), state(model)
    diagnose(model, batch(5), classes())
    assert nnx.graphdef(model) == graph
    for ours, theirs in zip(before, state(model), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert {cls: cls.__call__ for cls in calls} == calls
    assert [function.__code__ for function in functions] == codes
    assert not jax.config.jax_disable_jit


def test_dropout_draws_what_the_next_step_of_training_draws():
    model, x = Alone(Block(5, rngs=nnx.Rngs(0)), 5, rngs=nnx.Rngs(1)), batch(5)
    first, second = seen(model, x).outputs, seen(model, x).outputs
    np.testing.assert_array_equal(first, second)
    assert first == pytest.approx(np.asarray(model(x)), rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("wrap", [jax.jit, jax.checkpoint])
def test_a_wrapped_function_of_the_user_keeps_nothing(wrap):
    function, x = wrap(lambda x: 2 * jnp.tanh(x)), batch(5)
    assert seen(Calls(function), x).layers[0].activation == "tanh"
    z = x @ np.ones((5, 8), np.float32)
    assert "callback" not in str(jax.make_jaxpr(function)(z))
    assert "callback" not in str(jax.make_jaxpr(jax.grad(lambda z: function(z).sum()))(z))


def test_a_compiled_model_is_read_twice():
    rngs, x = nnx.Rngs(0), batch(5)
    model = Alone(Jitted(5, rngs=rngs), 5, rngs=rngs)
    model(x)
    assert [len(seen(model, x).layers) for _ in range(2)] == [3, 3]
    assert model(x).shape == (16, 3)


def test_an_error_names_the_layer_and_leaves_the_model():
    class Broken(nnx.Module):
        def __init__(self, *, rngs):
            self.fc1, self.fc2 = nnx.Linear(5, 8, rngs=rngs), nnx.Linear(9, 3, rngs=rngs)

        def __call__(self, x):
            return self.fc2(self.fc1(x))

    call = nnx.Linear.__call__
    with pytest.raises(ValueError, match=r"오류가 난 층: fc2\(Linear\)") as caught:
        diagnose(Broken(rngs=nnx.Rngs(0)), batch(5))
    assert isinstance(caught.value.__cause__, TypeError)
    assert nnx.Linear.__call__ is call


@pytest.mark.parametrize(
    ("x", "rest", "match"),
    [
        ({"y": np.ones((2, 5))}, {}, "흘리지 못했습니다"),
        (np.ones((2, 5)), {"loss": lambda y, labels: y}, "`loss`에는 실수인 스칼라"),
        (np.ones((2, 5)), {"labels": np.array([0, 7])}, "`labels`에는 0 이상 3 미만"),
        (np.ones((2, 5)), {"loss": lambda y: y}, "`loss`가 모델의 출력을 받지 못했습니다"),
    ],
)
def test_bad_input_is_refused_in_korean(x, rest, match):
    with pytest.raises((TypeError, ValueError), match=match):
        diagnose(Calls(nnx.relu), x, **rest)


@pytest.mark.parametrize("change", [lambda y: y.argmax(-1), jnp.sum])
def test_outputs_without_a_loss_are_refused(change):
    class Last(Calls):
        def __call__(self, x):
            return change(super().__call__(x))

    with pytest.raises(TypeError, match="`model`에는 실수 배열을"):
        diagnose(Last(nnx.relu), batch(5))


def test_a_model_without_call_is_refused():
    class Parts(nnx.Module):
        def __init__(self, *, rngs):
            self.fc = nnx.Linear(5, 8, rngs=rngs)

    with pytest.raises(TypeError, match="`model`에는 __call__이 있는"):
        diagnose(Parts(rngs=nnx.Rngs(0)), batch(5))


def test_a_linen_module_is_asked_to_be_wrapped():
    with pytest.raises(TypeError, match=r"`model`에는 .*ToNNX"):
        diagnose(pytest.importorskip("flax.linen").Dense(3), batch(5))


def test_integer_images_are_signals():
    report = diagnose(Calls(nnx.relu), np.ones((8, 5), np.uint8), np.arange(8) % 3)
    assert report.recording.layers[0].inputs.rms == 1


def test_a_network_without_layers_is_judged_by_its_loss():
    class Bare(nnx.Module):
        def __init__(self):
            self.w, self.o = nnx.Param(10 * jnp.eye(5)), nnx.Param(jnp.asarray(20 * batch(5)[:5]))

        def __call__(self, x):
            return nnx.relu(x @ self.w) @ self.o

    x = batch(5)
    report = diagnose(Bare(), x, np.arange(len(x)) % 5)
    assert [(finding.code, finding.layer) for finding in report.findings] == [("first_loss", None)]
