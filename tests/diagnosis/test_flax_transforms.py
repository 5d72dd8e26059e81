"""nnx.jit, remat, scan, vmap 안의 층도 한 번씩 봅니다(`make parity`)."""

import numpy as np
import pytest

from tests.diagnosis.test_flax import Alone, Calls, batch, classes, gradients, jax, jnp, nnx, rms, seen

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


def test_an_ensemble_by_vmap_is_one_record():
    @nnx.split_rngs(splits=3)
    @nnx.vmap(in_axes=0)
    def stacked(rngs):
        return nnx.Linear(5, 3, rngs=rngs)

    class Ensemble(nnx.Module):
        def __init__(self, *, rngs):
            self.members = stacked(rngs)

        def __call__(self, x):
            return nnx.vmap(lambda member, x: member(x), in_axes=(0, None))(self.members, x).mean(0)

    model, x = Ensemble(rngs=nnx.Rngs(0)), batch(5)
    (layer,) = seen(model, x, classes()).layers
    assert len(layer.weights) == 3
    assert layer.outputs.rms == pytest.approx(rms(np.einsum("ni,kio->kno", x, model.members.kernel[...])), rel=1e-5)


def test_a_gradient_inside_the_model_is_allowed():
    class Field(nnx.Module):
        def __init__(self, *, rngs):
            self.a, self.b = nnx.Linear(5, 8, rngs=rngs), nnx.Linear(8, 1, rngs=rngs)

        def __call__(self, x):
            return jax.grad(lambda x: self.b(jnp.tanh(self.a(x))).sum())(x)

    model, x = Field(rngs=nnx.Rngs(0)), batch(5)
    first = seen(model, x, np.zeros((16, 5), np.float32)).layers[0]
    slope = nnx.grad(lambda net: jnp.mean(net(x) ** 2) / 2)(model)["a"]["kernel"][...]
    assert first.weights["a.kernel"].gradient_rms == pytest.approx(rms(slope), rel=1e-4)
