"""남이 쓴 flax.nnx의 모델도 고치지 않고 읽습니다(`make parity`)."""

import numpy as np
import pytest

from tests.diagnosis.test_flax import Alone, Calls, batch, classes, gradients, jax, jnp, nnx, rms, seen
from tests.diagnosis.test_flax_transforms import Stacked

pytestmark = pytest.mark.filterwarnings("ignore")


def test_containers_give_expressions_that_set_the_array():
    class Held(nnx.Module):
        def __init__(self, *, rngs):
            self.listed = nnx.List([nnx.Linear(4, 4, rngs=rngs)])
            self.named = nnx.Dict(a=nnx.Linear(4, 4, rngs=rngs))
            self.plain = nnx.data({"b c": nnx.Linear(4, 4, rngs=rngs)})
            self.chain = nnx.Sequential(nnx.Linear(4, 4, rngs=rngs), nnx.relu)
            self.blocks = Stacked(4, rngs=rngs)

        def __call__(self, x):
            x = self.plain["b c"](self.named["a"](self.listed[0](x)))
            return self.blocks(self.chain(x))

    model = Held(rngs=nnx.Rngs(0))
    layers = seen(model, batch(4), classes()).layers
    assert len(layers) == 7
    for layer in layers:
        for weight in layer.weights.values():
            exec(f"{weight.expression} = value", {"model": model, "value": np.zeros(weight.shape, np.float32)})
    assert all(
        weight.std == 0 for layer in seen(model, batch(4), classes()).layers for weight in layer.weights.values()
    )


def test_a_shared_layer_is_one_record():
    class Shared(nnx.Module):
        def __init__(self, *, rngs):
            self.first = self.second = nnx.Linear(5, 5, rngs=rngs)

        def __call__(self, x):
            return self.second(nnx.relu(self.first(x)))

    model, x = Shared(rngs=nnx.Rngs(0)), batch(5)
    (layer,) = seen(model, x, classes(5)).layers
    slope = gradients(model, x, classes(5))["first"]["kernel"][...]
    assert (layer.outputs.batches, layer.deltas.batches) == (2, 2)
    assert layer.weights["first.kernel"].gradient_rms == pytest.approx(rms(slope), rel=1e-4)


def test_a_layer_of_ones_own_is_dense_when_it_multiplies_its_input():
    class Mine(nnx.Module):
        def __init__(self, *, rngs):
            self.w = nnx.Param(jax.random.normal(rngs.params(), (5, 4)))
            self.b = nnx.Param(jnp.zeros(4))

        def __call__(self, x):
            return x @ self.w + self.b

    rngs = nnx.Rngs(0)
    layer = seen(Alone(Mine(rngs=rngs), 4, rngs=rngs), batch(5), classes()).layers[0]
    assert (layer.kind, layer.label, list(layer.weights)) == ("dense", "Mine", ["layer.w"])


def test_a_matrix_used_without_calling_its_layer_still_gives_its_gradient():
    class Tied(nnx.Module):
        def __init__(self, *, rngs):
            self.embed, self.hidden = nnx.Embed(7, 5, rngs=rngs), nnx.Linear(5, 5, rngs=rngs)
            self.position = nnx.Param(jax.random.normal(rngs.params(), (4, 5)))
            self.unused = nnx.Linear(5, 5, rngs=rngs)

        def __call__(self, tokens):
            x = self.embed.embedding[tokens] + self.position
            return self.embed.attend(self.hidden(x))

    tokens = np.arange(64).reshape(16, 4) % 7
    layers = {layer.name: layer for layer in seen(Tied(rngs=nnx.Rngs(0)), tokens, tokens).layers}
    assert set(layers) == {"hidden", "embed", "model"}
    assert layers["embed"].weights["embed.embedding"].gradient_rms > 0
    assert layers["model"].weights["position"].gradient_rms > 0


def test_a_wrapped_linen_module_gives_its_gradients():
    from flax import linen

    model = nnx.bridge.lazy_init(nnx.bridge.ToNNX(linen.Dense(3), rngs=nnx.Rngs(0)), jnp.ones((1, 5)))
    (layer,) = seen(model, batch(5), classes()).layers
    (weight,) = layer.weights.values()
    assert weight.shape == (5, 3)
    assert weight.gradient_rms > 0


@pytest.mark.parametrize("wrap", [nnx.WeightNorm, nnx.SpectralNorm])
def test_a_wrapped_layer_is_seen_inside(wrap):
    rngs = nnx.Rngs(0)
    layer = seen(Alone(wrap(nnx.Linear(5, 4, rngs=rngs), rngs=rngs), 4, rngs=rngs), batch(5), classes()).layers[0]
    assert (layer.name, layer.kind, layer.outputs.batches) == ("layer.layer_instance", "dense", 1)


def test_several_inputs_and_outputs():
    class Two(nnx.Module):
        def __init__(self, *, rngs):
            self.a, self.b = nnx.Linear(5, 3, rngs=rngs), nnx.Linear(4, 3, rngs=rngs)

        def __call__(self, left, right, *, scale=1.0):
            logits = self.a(left) + scale * self.b(right)
            return {"hidden": left, "logits": logits}

    model, x, z = Two(rngs=nnx.Rngs(0)), batch(5), batch(4)
    for given in ((x, z), [x, z], {"left": x, "right": z}, {"left": x, "right": z, "scale": 1.0}):
        recording = seen(model, given, classes())
        assert recording.outputs == pytest.approx(np.asarray(model(x, z)["logits"]), rel=1e-5)
        assert [len(moments.totals) for moments in recording.inputs] == [5, 4]


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_mixed_precision(dtype):
    class Half(nnx.Module):
        def __init__(self, *, rngs):
            self.fc1 = nnx.Linear(5, 8, dtype=dtype, rngs=rngs)
            self.fc2 = nnx.Linear(8, 3, dtype=dtype, param_dtype=dtype, rngs=rngs)

        def __call__(self, x):
            return self.fc2(nnx.relu(self.fc1(x)))

    first, last = seen(Half(rngs=nnx.Rngs(0)), batch(5), classes()).layers
    assert first.outputs.dtype == {"bfloat16": "float32", "float16": "float16"}[dtype]
    assert first.activation == "relu"
    assert last.weights["fc2.kernel"].gradient_rms > 0


def test_a_frozen_kernel_gets_no_gradient():
    class Frozen(nnx.Variable):
        pass

    model = Calls(nnx.relu)
    model.fc1.kernel = Frozen(model.fc1.kernel[...])
    first, last = seen(model, batch(5), classes()).layers
    weight = first.weights["fc1.kernel"]
    assert (weight.trainable, weight.gradient_rms) == (False, None)
    assert last.weights["fc2.kernel"].gradient_rms > 0


def test_flags_of_the_call_are_those_of_training():
    class Flagged(Calls):
        def __call__(self, x, train: bool = False):
            assert train
            return super().__call__(x)

    assert len(seen(Flagged(nnx.relu), batch(5)).layers) == 2
