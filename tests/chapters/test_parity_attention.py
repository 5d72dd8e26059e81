"""어텐션의 계산과 fan, 임베딩의 기본값, GPT-2와 LoRA의 초깃값을 진짜 프레임워크에 견줍니다(`make parity`).

GPT-2는 transformers, LoRA는 peft의 것입니다. 둘은 `make parity`가 설치하지 않으므로, 이미 있는 환경에서만 견줍니다.
"""

import importlib.util
import math

import numpy as np
import pytest

import wi_lib
from tests.chapters.test_parity import built, require
from wi_check import gpt2
from wi_lib import layers

pytestmark = pytest.mark.filterwarnings("ignore")
UNITS, HEADS, LENGTH = 24, 3, 5


def installed(package):
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"{package}이(가) 없습니다. 설치되어 있는 환경에서만 견줍니다.")


def ours(units, *, heads=HEADS, packed=False, initializer="xavier_uniform", seed=0):
    """wi_lib의 어텐션 하나로 된 망."""
    layer = layers.Attention(heads, initializer, packed=packed)
    return wi_lib.Network([layer], (LENGTH, units), rng=np.random.default_rng(seed))


def spread(values):
    """표본 표준편차에 허용하는 상대 오차."""
    return 5 / math.sqrt(2 * values.size)


def test_packing_makes_torch_draw_smaller():
    """셋을 묶어 뽑는 PyTorch는 fan_out을 3d로 세어, 따로 뽑는 것의 1/√2배입니다. wi_lib의 packed가 같은 수입니다."""
    require("torch")
    import torch

    units = 256
    torch.manual_seed(0)
    theirs = torch.nn.MultiheadAttention(units, 8)
    together, bias = theirs.in_proj_weight.detach().numpy(), theirs.in_proj_bias.detach().numpy()
    packed, apart = (ours(units, heads=8, packed=packed).weights[0] for packed in (True, False))
    assert together.T.shape == packed.shape == (units, 3 * units)
    assert together.std() == pytest.approx(packed.std(), rel=2 * spread(packed))
    assert packed.std() / apart.std() == pytest.approx(math.sqrt(0.5), rel=spread(apart) + spread(packed))
    assert np.abs(together).max() == pytest.approx(np.abs(packed).max(), rel=1e-3)
    # 줄기에 쓰는 행렬은 Xavier가 아니라 nn.Linear의 기본값이고, 편향만 0으로 고쳐 둡니다.
    writer = theirs.out_proj.weight.detach().numpy()
    assert writer.std() == pytest.approx(math.sqrt(1 / (3 * units)), rel=spread(writer))
    assert not bias.any()
    assert not theirs.out_proj.bias.detach().numpy().any()


@pytest.mark.parametrize(
    ("name", "call"),
    [("keras", "MultiHeadAttention(8, 32)"), ("jax", "MultiHeadAttention(8, 256, decode=False)")],
)
@pytest.mark.parametrize("part", ["query", "key", "value"])
def test_the_others_draw_the_three_apart(name, call, part):
    """Keras와 Flax의 세 행렬은 저마다 256에서 256으로 가는 완전 연결 층의 기본값입니다."""
    matrix, _ = built(name, call, f"{part}{'/' if name == 'keras' else '.'}kernel")
    std = math.sqrt(1 / 256)  # Xavier의 2/(256 + 256)도, LeCun의 1/256도 같은 수입니다.
    assert matrix.std() == pytest.approx(std, rel=spread(matrix))
    matrices = ours(256, heads=8).weights[:3]
    assert all(w.std() == pytest.approx(std, rel=spread(w)) for w in matrices)


def torch_attention(net, x):
    import torch

    theirs = torch.nn.MultiheadAttention(UNITS, HEADS, batch_first=True)
    *projected, writer = net.weights
    with torch.no_grad():
        theirs.in_proj_weight.copy_(torch.from_numpy(np.hstack(projected).T))
        theirs.out_proj.weight.copy_(torch.from_numpy(writer.T))
    mask = torch.triu(torch.ones(LENGTH, LENGTH, dtype=torch.bool), 1)
    x = torch.from_numpy(x)
    y, seen = theirs(x, x, x, attn_mask=mask, average_attn_weights=False)
    return y.detach().numpy(), seen.detach().numpy()


def keras_attention(net, x):
    import keras

    theirs = keras.layers.MultiHeadAttention(HEADS, UNITS // HEADS)
    theirs.build(x.shape, x.shape)
    *projected, writer = (np.asarray(w) for w in net.weights)
    biases = [np.zeros((HEADS, UNITS // HEADS))] * 3 + [np.zeros(UNITS)]
    kernels = [w.reshape(UNITS, HEADS, -1) for w in projected] + [writer.reshape(HEADS, -1, UNITS)]
    theirs.set_weights([array for pair in zip(kernels, biases, strict=True) for array in pair])
    y, seen = theirs(x, x, return_attention_scores=True, use_causal_mask=True)
    return np.array(y), np.array(seen)


def jax_attention(net, x):
    from flax import nnx

    theirs = nnx.MultiHeadAttention(HEADS, UNITS, decode=False, rngs=nnx.Rngs(0))
    *projected, writer = net.weights
    for part, kernel in zip((theirs.query, theirs.key, theirs.value), projected, strict=True):
        part.kernel[...] = kernel.reshape(UNITS, HEADS, -1)
    theirs.out.kernel[...] = writer.reshape(HEADS, -1, UNITS)
    return np.array(theirs(x, mask=nnx.make_causal_mask(np.ones(x.shape[:2])))), None


THEIRS = {"torch": torch_attention, "keras": keras_attention, "jax": jax_attention}


@pytest.mark.parametrize("name", THEIRS)
def test_attention_computes_the_same(name):
    """같은 행렬이면 같은 출력입니다. 셋 다 머리 하나의 유닛 수의 제곱근으로 나눕니다."""
    require(name)
    net, x = ours(UNITS, initializer="lecun_normal"), np.random.default_rng(1).standard_normal((2, LENGTH, UNITS))
    y, seen = THEIRS[name](net, x.astype(np.float32))
    np.testing.assert_allclose(y, net.forward(x), rtol=2e-4, atol=2e-5)
    if seen is not None:
        np.testing.assert_allclose(seen, net.layers[0].probabilities(x), rtol=2e-4, atol=2e-6)


def test_the_encoder_layer_of_torch_is_post_norm():
    require("torch")
    import torch

    assert not torch.nn.TransformerEncoderLayer(UNITS, HEADS).norm_first


@pytest.mark.parametrize(
    ("name", "call", "low", "high"),
    [
        ("torch", "Embedding(1000, 64)", 5, 12),
        ("jax", "Embed(1000, 64)", 1.15, 1.3),
        ("keras", "Embedding(1000, 64)", 1, 1.03),
    ],
)
def test_first_loss_of_a_tied_embedding_with_its_default(name, call, low, high):
    """임베딩의 기본값을 출력에도 쓸 때의 첫 손실 ÷ ln V. 블록이 없으면 들어온 토큰 자신의 로짓이 가장 큽니다."""
    table, _ = built(name, call)
    net = wi_lib.Network(
        [layers.Tied(layers.Embedding(1000, 64, lambda shape, rng: table), [layers.LayerNorm()])],
        (LENGTH,),
        rng=np.random.default_rng(0),
    )
    symbols = np.random.default_rng(1).integers(1000, size=(2, 200, LENGTH))
    assert low < net.loss(*symbols) / math.log(1000) < high


BLOCKS, WIDTH = 12, 64


@pytest.fixture(scope="module")
def small_gpt2():
    require("torch")
    installed("transformers")
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel

    torch.manual_seed(0)
    sizes = {"vocab_size": 500, "n_positions": 300, "n_embd": WIDTH, "n_layer": BLOCKS, "n_head": 4}
    return GPT2LMHeadModel(GPT2Config(**sizes))


def test_names_and_values_of_gpt2(small_gpt2):
    """16장의 문제지 2번의 이름과 모양과 초깃값은 transformers의 GPT-2 그대로입니다. 출력 행렬은 임베딩입니다."""
    theirs = {name: p.detach().numpy() for name, p in small_gpt2.transformer.named_parameters()}
    shapes = gpt2.shapes(BLOCKS, WIDTH, vocabulary=500, tokens=300)
    assert {name: p.shape for name, p in theirs.items()} == shapes
    assert small_gpt2.lm_head.weight is small_gpt2.transformer.wte.weight
    gpt2.fixed(theirs)
    for ending in gpt2.DRAWN:
        values = np.concatenate([p.ravel() for name, p in theirs.items() if name.endswith(ending)])
        assert values.std() == pytest.approx(gpt2.expected(ending, BLOCKS)[0], rel=spread(values))


@pytest.mark.parametrize("family", ["BertConfig", "GPT2Config", "OpenAIGPTConfig", "LlamaConfig", "ViTConfig"])
def test_the_range_of_many_models_is_0_02(family):
    installed("transformers")
    import transformers

    assert getattr(transformers, family)().initializer_range == 0.02


def test_only_gpt2_makes_its_writers_smaller():
    """BERT의 줄기에 쓰는 행렬은 0.02 그대로입니다."""
    require("torch")
    installed("transformers")
    import torch
    from transformers import BertConfig, BertModel

    torch.manual_seed(0)
    sizes = {"hidden_size": 64, "num_hidden_layers": 4, "num_attention_heads": 4, "intermediate_size": 256}
    parameters = BertModel(BertConfig(vocab_size=500, **sizes)).named_parameters()
    writers = [p.detach().numpy() for name, p in parameters if name.endswith("output.dense.weight")]
    assert len(writers) == 8
    assert np.std([w.std() for w in writers]) < 0.001
    assert np.mean([w.std() for w in writers]) == pytest.approx(0.02, rel=0.02)


def test_the_zero_of_lora():
    """peft의 LoRA: B가 0이라 함수는 그대로이고, 첫걸음에 A의 기울기는 0, B의 기울기는 α/r을 곱한 식의 값입니다."""
    require("torch")
    installed("peft")
    import torch
    from peft import LoraConfig, get_peft_model

    torch.manual_seed(0)
    net, x = torch.nn.Sequential(torch.nn.Linear(300, 50)), torch.randn(20, 300)
    before, delta = net(x).detach(), torch.randn(20, 50)
    model = get_peft_model(net, LoraConfig(r=8, lora_alpha=24, target_modules=["0"]))
    y = model(x)
    torch.testing.assert_close(y, before)
    (y * delta).sum().backward()
    learned = {name: p for name, p in model.named_parameters() if p.requires_grad}
    (a,), (b,) = ([p for name, p in learned.items() if f"lora_{kind}" in name] for kind in "AB")
    assert len(learned) == 2
    assert not b.any()
    assert not a.grad.any()
    torch.testing.assert_close(b.grad.T, 24 / 8 * (x @ a.detach().T).T @ delta)
    drawn = a.detach().numpy()
    assert drawn.std() == pytest.approx(math.sqrt(1 / (3 * 300)), rel=spread(drawn))
    assert np.abs(drawn).max() <= math.sqrt(1 / 300)
