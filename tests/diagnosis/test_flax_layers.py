"""flax.nnx의 층마다, 행렬과 커널이 wi_lib의 차례이고 기울기가 jax.grad의 것과 같습니다(`make parity`)."""

import numpy as np
import pytest

from tests.diagnosis.test_flax import Alone, batch, classes, gradients, nnx, rms, seen
from wi_lib.diagnosis.weights import fingerprints

pytestmark = pytest.mark.filterwarnings("ignore")
LAYERS = {
    "conv": (lambda r: nnx.Conv(4, 6, (3, 3), rngs=r), (6, 6, 4), "convolution", (3, 3, 4, 6), 36, 54),
    "strided": (lambda r: nnx.Conv(4, 6, (3, 2), strides=2, rngs=r), (6, 6, 4), "convolution", (3, 2, 4, 6), 24, 36),
    "grouped": (
        lambda r: nnx.Conv(4, 6, (3, 3), feature_group_count=2, rngs=r),
        (6, 6, 4),
        "convolution",
        (3, 3, 2, 6),
        18,
        27,
    ),
    "conv1d": (lambda r: nnx.Conv(4, 6, 3, rngs=r), (7, 4), "convolution", (3, 4, 6), 12, 18),
    "transposed": (lambda r: nnx.ConvTranspose(4, 6, (3, 3), rngs=r), (6, 6, 4), "convolution", (3, 3, 4, 6), 36, 54),
    "turned": (
        lambda r: nnx.ConvTranspose(4, 6, (3, 3), transpose_kernel=True, rngs=r),
        (6, 6, 4),
        "convolution",
        (3, 3, 4, 6),
        36,
        54,
    ),
    "general": (lambda r: nnx.LinearGeneral((2, 4), (3, 5), axis=(-2, -1), rngs=r), (2, 4), "dense", (8, 15), 8, 15),
    "einsum": (lambda r: nnx.Einsum("bij,ijk->bk", (2, 4, 6), None, rngs=r), (2, 4), "dense", (8, 6), 8, 6),
    "turned einsum": (lambda r: nnx.Einsum("bi,ki->bk", (6, 4), None, rngs=r), (4,), "dense", (4, 6), 4, 6),
}


@pytest.mark.parametrize(("build", "size", "kind", "shape", "fan_in", "fan_out"), LAYERS.values(), ids=LAYERS)
def test_kernels_are_in_the_order_of_wi_lib(build, size, kind, shape, fan_in, fan_out):
    rngs, x, y = nnx.Rngs(0), batch(*size), classes()
    layer = build(rngs)
    model = Alone(layer, layer(x)[0].size, rngs=rngs)
    read = seen(model, x, y).layers[0]
    (weight,) = read.weights.values()
    assert (read.name, read.kind) == ("layer", kind)
    assert (weight.shape, weight.fan_in, weight.fan_out) == (shape, fan_in, fan_out)
    assert weight.expression == "model.layer.kernel[...]"
    # 나간 것의 크기는 그 행렬로 셈한 것과 같아야 합니다: 채널 하나의 기울기는 그 열의 것입니다.
    slope = np.asarray(gradients(model, x, y)["layer"]["kernel"][...])
    assert weight.gradient_rms == pytest.approx(rms(slope), rel=1e-4)


def test_an_einsum_is_turned_with_its_gradient():
    rngs, x, y = nnx.Rngs(0), batch(4), classes()
    model = Alone(nnx.Einsum("bi,ki->bk", (6, 4), None, rngs=rngs), 6, rngs=rngs)
    (weight,) = seen(model, x, y).layers[0].weights.values()
    slope = np.asarray(gradients(model, x, y)["layer"]["kernel"][...]).T
    assert weight.columns == pytest.approx(fingerprints(np.asarray(model.layer.kernel[...]).T), rel=1e-5)
    assert weight.gradient_columns == pytest.approx(fingerprints(slope), rel=1e-3, abs=1e-6)
    # Flax는 모양만 보고 세므로 (6, 4)의 fan_in은 6입니다.
    assert weight.drawn == (6, 4)


def test_a_batch_of_matrices_is_read_one_by_one():
    rngs = nnx.Rngs(0)
    layer = nnx.LinearGeneral(4, 5, batch_axis={0: 16}, rngs=rngs)
    read = seen(Alone(layer, 5, rngs=rngs), batch(4), classes()).layers[0]
    assert list(read.weights)[:2] == ["layer.kernel[0]", "layer.kernel[1]"]
    assert read.weights["layer.kernel[3]"].shape == (4, 5)
    assert read.weights["layer.kernel[3]"].columns == pytest.approx(fingerprints(np.asarray(layer.kernel[3])), rel=1e-5)
    assert read.weights["layer.kernel[3]"].drawn == (64, 5)


def test_an_embedding_is_drawn_by_its_width():
    rngs = nnx.Rngs(0)
    model = Alone(nnx.Embed(1000, 8, rngs=rngs), 40, rngs=rngs)
    read = seen(model, np.arange(80).reshape(16, 5), classes()).layers[0]
    weight = read.weights["layer.embedding"]
    assert (read.kind, weight.fan_in, weight.drawn) == ("embedding", 1, (8, 8))
    assert any(match.startswith("lecun") for match in weight.matches)
    assert not read.inputs.known


def test_attention_gives_its_four_matrices():
    rngs, x = nnx.Rngs(0), batch(5, 12)
    model = Alone(nnx.MultiHeadAttention(3, 12, 24, decode=False, rngs=rngs), 60, rngs=rngs)
    names = ["layer.query", "layer.key", "layer.value", "layer.out"]
    recording = seen(model, x, classes())
    layers = recording.layers[:4]
    assert [layer.name for layer in layers] == names
    assert {layer.kind for layer in layers} == {"attention"}
    assert [layer.weights[f"{layer.name}.kernel"].shape for layer in layers] == [(12, 24)] * 3 + [(24, 12)]
    slope = gradients(model, x, classes())["layer"]["query"]["kernel"][...]
    assert layers[0].weights["layer.query.kernel"].gradient_rms == pytest.approx(rms(slope), rel=1e-4)
    q = model.layer.query(x)
    assert layers[0].outputs.rms == pytest.approx(rms(q), rel=1e-5)


@pytest.mark.parametrize(
    ("build", "label"),
    [
        (lambda r: nnx.BatchNorm(6, rngs=r), "BatchNorm"),
        (lambda r: nnx.LayerNorm(6, rngs=r), "LayerNorm"),
        (lambda r: nnx.RMSNorm(6, rngs=r), "RMSNorm"),
        (lambda r: nnx.GroupNorm(6, num_groups=2, rngs=r), "GroupNorm"),
    ],
)
def test_norms_have_no_matrix(build, label):
    rngs = nnx.Rngs(0)
    read = seen(Alone(build(rngs), 6, rngs=rngs), 5 + 3 * batch(6)).layers[0]
    assert (read.kind, read.label, read.weights) == ("norm", label, {})
    assert read.outputs.rms == pytest.approx(1, rel=0.02)


def test_lora_keeps_its_own_names():
    rngs = nnx.Rngs(0)
    model = Alone(nnx.LoRALinear(5, 6, lora_rank=2, rngs=rngs), 6, rngs=rngs)
    named = {layer.name: layer for layer in seen(model, batch(5), classes()).layers}
    assert named["layer"].kind == "dense"
    assert set(named["layer.lora"].weights) == {"layer.lora.lora_a", "layer.lora.lora_b"}
    assert named["layer.lora"].kind == "other"


@pytest.mark.parametrize("cell", [nnx.SimpleCell, nnx.GRUCell, nnx.LSTMCell, nnx.OptimizedLSTMCell])
def test_recurrent_cells_are_read_over_their_steps(cell):
    rngs = nnx.Rngs(0)
    model = Alone(nnx.RNN(cell(4, 6, rngs=rngs), rngs=rngs), 42, rngs=rngs)
    x, y = batch(7, 4), classes()
    *inner, head = seen(model, x, y).layers
    assert inner
    assert {layer.kind for layer in inner} == {"other"}
    assert {layer.outputs.batches for layer in inner} == {7}
    assert head.weights["head.kernel"].gradient_rms == pytest.approx(
        rms(gradients(model, x, y)["head"]["kernel"][...]), rel=1e-4
    )
