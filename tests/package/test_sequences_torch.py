"""글을 다루는 층을 PyTorch의 같은 층에 견줍니다: 앞으로, 되돌려(`make parity`). 둘 다 float64입니다."""

import numpy as np
import pytest

import wi_lib
from wi_lib.layers import Attention, Dense, Embedding, LayerNorm, Position, Residual, Tied

torch = pytest.importorskip("torch", reason="torch가 없습니다. make parity가 따로 설치해 돌립니다.")
nn, functional = torch.nn, torch.nn.functional
VOCABULARY, LENGTH, UNITS, HEADS = 7, 5, 6, 2


def tensors(arrays):
    return [torch.tensor(a, requires_grad=True) for a in arrays]


def attention(x, parameters, heads, causal, scale=None):
    """torch의 `scaled_dot_product_attention`으로 쓴 층. 행렬은 wi_lib의 모양 그대로입니다."""
    *matrices, out = parameters[: len(parameters) // 2]
    *biases, last = parameters[len(parameters) // 2 :]
    projected = x @ torch.cat(matrices, dim=1) + torch.cat(biases)
    query, key, value = (part.reshape(*x.shape[:2], heads, -1).transpose(1, 2) for part in projected.chunk(3, dim=-1))
    mixed = functional.scaled_dot_product_attention(query, key, value, is_causal=causal, scale=scale)
    return mixed.transpose(1, 2).reshape(x.shape) @ out + last


def shaken(stack, shape):
    rng = np.random.default_rng(0)
    net = wi_lib.Network(stack, shape, rng=rng, dtype=np.float64)
    for bias in net.biases:
        bias += rng.normal(scale=0.3, size=bias.shape)
    return net


@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("scale", [None, 0.7])
def test_attention_matches_torch(causal, packed, scale):
    net = shaken([Attention(HEADS, causal=causal, packed=packed, scale=scale)], (LENGTH, UNITS))
    layer, rng = net.layers[0], np.random.default_rng(1)
    x, top = rng.standard_normal((3, LENGTH, UNITS)), rng.standard_normal((3, LENGTH, UNITS))
    y, memory = layer.forward(x, training=True)
    below, gradients = layer.backward(memory, top)
    theirs, signal = tensors(layer.parameters), torch.tensor(x, requires_grad=True)
    output = attention(signal, theirs, HEADS, causal, scale)
    output.backward(torch.from_numpy(top))
    np.testing.assert_allclose(y, output.detach().numpy(), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(below, signal.grad.numpy(), rtol=1e-9, atol=1e-12)
    for ours, exact in zip(gradients, theirs, strict=True):
        np.testing.assert_allclose(ours, exact.grad.numpy(), rtol=1e-8, atol=1e-11)


def test_packed_attention_is_the_multihead_attention_of_torch():
    net = shaken([Attention(HEADS, causal=False, packed=True)], (LENGTH, UNITS))
    x = np.random.default_rng(1).standard_normal((3, LENGTH, UNITS))
    twin = nn.MultiheadAttention(UNITS, HEADS, batch_first=True).double()
    packed, out, bias, last = (torch.from_numpy(p) for p in net.layers[0].parameters)
    with torch.no_grad():
        twin.in_proj_weight.copy_(packed.T), twin.in_proj_bias.copy_(bias)
        twin.out_proj.weight.copy_(out.T), twin.out_proj.bias.copy_(last)
    theirs, seen = twin(*[torch.from_numpy(x)] * 3, average_attn_weights=False)
    np.testing.assert_allclose(net.forward(x), theirs.detach().numpy(), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(net.layers[0].probabilities(x), seen.detach().numpy(), rtol=1e-9, atol=1e-12)


def test_a_tied_model_matches_torch():
    block = Residual([LayerNorm(), Attention(HEADS)])
    net = shaken([Tied(Embedding(VOCABULARY, UNITS), [Position(), block, LayerNorm(), Dense(UNITS)])], (LENGTH,))
    symbols = np.random.default_rng(1).integers(VOCABULARY, size=(4, LENGTH + 1))
    x, labels = symbols[:, :-1], symbols[:, 1:]
    flat = tensors(net.layers[0].parameters)
    table, places, gain, shift, *inside, last_gain, last_shift, dense, bias = flat
    stream = table[torch.from_numpy(x)] + places
    normal = functional.layer_norm(stream, (UNITS,), gain, shift, 1e-5)
    stream = stream + attention(normal, inside, HEADS, causal=True)
    y = functional.layer_norm(stream, (UNITS,), last_gain, last_shift, 1e-5) @ dense + bias
    logits = y @ table.T
    loss = functional.cross_entropy(logits.reshape(-1, VOCABULARY), torch.from_numpy(labels).reshape(-1))
    loss.backward()
    np.testing.assert_allclose(net.forward(x), logits.detach().numpy(), rtol=1e-9, atol=1e-12)
    gradients = net.gradients(x, labels)
    assert gradients.loss == pytest.approx(loss.item(), rel=1e-10)
    exact = sorted((p.grad.numpy() for p in flat), key=lambda g: g.ndim == 1)
    for ours, theirs in zip([*gradients.weights, *gradients.biases], exact, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-7, atol=1e-11)
