"""남이 쓴 flax.nnx의 모델도 고치지 않고 읽고, 받은 그대로 둡니다(`make parity`)."""

import numpy as np
import pytest

from tests.diagnosis.test_flax import Alone, Calls, batch, classes, gradients, jax, jnp, nnx, rms, seen
from wi_lib import diagnose

pytestmark = pytest.mark.filterwarnings("ignore")


class Block(nnx.Module):
    def __init__(self, units, *, rngs):
        self.linear = nnx.Linear(units, units, rngs=rngs)
        self.norm = nnx.BatchNorm(units, rngs=rngs)
        self.dropout = nnx.Dropout(0.5, rngs=rngs)

    def __call__(self, x):
        return self.dropout(jnp.tanh(self.norm(self.linear(x))))


class Jitted(Block):
    __call__ = nnx.jit(Block.__call__)


class Again(Block):
    """되돌릴 때 다시 계산하는 층."""

    __call__ = nnx.remat(Block.__call__)


class Stacked(nnx.Module):
    """층 셋을 쌓은 변수를 차례로 도는 망."""

    def __init__(self, units, *, rngs, wrap=lambda f: f):
        self.wrap = wrap

        @nnx.split_rngs(splits=3)
        @nnx.vmap(in_axes=0)
        def stacked(rngs):
            return Calls5(units, rngs=rngs)

        self.blocks = stacked(rngs)

    def __call__(self, x):
        @nnx.scan(in_axes=(nnx.Carry, 0), out_axes=nnx.Carry)
        def scanned(x, block):
            return self.wrap(lambda x: block(x))(x)

        return scanned(x, self.blocks)


class Calls5(nnx.Module):
    def __init__(self, units, *, rngs):
        self.linear = nnx.Linear(units, units, rngs=rngs)

    def __call__(self, x):
        return nnx.relu(self.linear(x))


def by_hand(blocks, x):
    """쌓은 층 셋의 나온 것."""
    outputs = []
    for kernel in np.asarray(blocks.linear.kernel[...]):
        outputs.append(x @ kernel)
        x = np.maximum(outputs[-1], 0)
    return outputs


@pytest.mark.parametrize("block", [Block, Jitted, Again])
def test_transformed_layers_are_seen_once(block):
    rngs, x = nnx.Rngs(0), batch(5)
    model = Alone(block(5, rngs=rngs), 5, rngs=rngs)
    linear, norm, head = seen(model, x, classes()).layers
    assert [linear.name, norm.name, head.name] == ["layer.linear", "layer.norm", "head"]
    assert linear.outputs.rms == pytest.approx(rms(model.layer.linear(x)), rel=1e-5)
    assert linear.outputs.batches == linear.deltas.batches == 1
    assert norm.activation == "tanh"


def test_remat_gives_the_same_deltas():
    x, y = batch(5), classes()
    plain, again = (seen(Alone(block(5, rngs=nnx.Rngs(0)), 5, rngs=nnx.Rngs(1)), x, y) for block in (Block, Again))
    for ours, theirs in zip(plain.layers, again.layers):
        assert ours.deltas.rms == pytest.approx(theirs.deltas.rms, rel=1e-5)
        assert ours.outputs.count == theirs.outputs.count


def test_a_scan_gives_one_record_for_each_layer():
    rngs, x = nnx.Rngs(0), batch(6)
    model = Alone(Stacked(6, rngs=rngs), 6, rngs=rngs)
    *blocks, _ = seen(model, x, classes()).layers
    assert [layer.name for layer in blocks] == [f"layer.blocks.linear[{i}]" for i in range(3)]
    assert [layer.outputs.rms for layer in blocks] == pytest.approx(
        [rms(z) for z in by_hand(model.layer.blocks, x)], rel=1e-5
    )
    slopes = gradients(model, x, classes())["layer"]["blocks"]["linear"]["kernel"][...]
    for i, layer in enumerate(blocks):
        (weight,) = layer.weights.values()
        assert weight.expression == f"model.layer.blocks.linear.kernel[{i}]"
        assert weight.gradient_rms == pytest.approx(rms(slopes[i]), rel=1e-4)
        assert layer.deltas.batches == 1


def test_a_scan_of_remat_is_read_as_one_layer_with_three_matrices():
    rngs, x = nnx.Rngs(0), batch(6)

    class Rescanned(Stacked):
        def __call__(self, x):
            @nnx.scan(in_axes=(nnx.Carry, 0), out_axes=nnx.Carry)
            @nnx.remat
            def scanned(x, block):
                return block(x)

            return scanned(x, self.blocks)

    model = Alone(Rescanned(6, rngs=rngs), 6, rngs=rngs)
    block, _ = seen(model, x, classes()).layers
    assert len(block.weights) == 3
    together = rms(np.stack(by_hand(model.layer.blocks, x)))
    assert block.outputs.rms == pytest.approx(together, rel=1e-5)
    assert block.activation == "relu"


def test_vmap_over_examples_gives_the_same_sums():
    class Each(Calls):
        def __call__(self, x):
            return jax.vmap(super().__call__)(x)

    x, y = batch(5), classes()
    together, each = seen(Calls(nnx.relu), x, y), seen(Each(nnx.relu), x, y)
    for ours, theirs in zip(together.layers, each.layers):
        assert theirs.inputs.count == ours.inputs.count
        assert theirs.outputs.rms == pytest.approx(ours.outputs.rms, rel=1e-5)
        assert theirs.deltas.rms == pytest.approx(ours.deltas.rms, rel=1e-5)
        assert theirs.activation == ours.activation


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
    functions = [jax.nn.relu.__wrapped__, jax.nn.gelu.__wrapped__, jnp.tanh.__wrapped__]
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


def test_a_compiled_function_of_the_user_keeps_nothing():
    traced = []

    @jax.jit
    def function(x):
        traced.append(x)
        return jnp.tanh(x)

    model, x = Calls(function), batch(5)
    seen(model, x)
    traced.clear()
    text = str(jax.make_jaxpr(function)(x))
    assert "callback" not in text
    assert len(traced) == 1


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
        (np.ones((2, 5)), {"loss": lambda y: y}, "`loss`가 모델의 출력을 받지 못했습니다"),
    ],
)
def test_bad_input_is_refused_in_korean(x, rest, match):
    with pytest.raises((TypeError, ValueError), match=match):
        diagnose(Calls(nnx.relu), x, **rest)


def test_a_model_without_call_is_refused():
    class Parts(nnx.Module):
        def __init__(self, *, rngs):
            self.fc = nnx.Linear(5, 8, rngs=rngs)

    with pytest.raises(TypeError, match="`model`에는 __call__이 있는"):
        diagnose(Parts(rngs=nnx.Rngs(0)), batch(5))
