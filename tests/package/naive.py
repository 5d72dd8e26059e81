"""복소수도 받는 맨 NumPy의 순전파: 층마다 정의를 그대로 적은 것. wi_lib의 층과 같은 것은 설정과 파라미터뿐입니다.

해석적인 식만 쓰므로 복소수 걸음 미분이 됩니다: f(x + ih)의 허수부 ÷ h는 빼기가 없어 h = 1e-30에서도 자릿수를 잃지 않고
f'(x)입니다. 꺾인 곳에서는 어느 쪽의 기울기도 답이므로, 실수부가 꺾인 곳에서 얼마나 떨어졌는지를 margins에 적어 둡니다.
"""

import itertools

import numpy as np

from wi_lib import layers


def softmax(z):
    e = np.exp(z - z.real.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def cross_entropy(logits, labels):
    flat = logits.reshape(-1, logits.shape[-1])
    return -np.mean(np.log(softmax(flat)[np.arange(len(flat)), labels.ravel()]))


def bent(z, left, right, margins):
    margins.append(np.abs(z.real).min())
    return np.where(z.real > 0, right(z), left(z))


SELU = 1.0507009873554805, 1.6732632423543772
FUNCTIONS = {
    "identity": lambda z, margins: z,
    "sigmoid": lambda z, margins: 1 / (1 + np.exp(-z)),
    "tanh": lambda z, margins: np.tanh(z),
    "relu": lambda z, margins: bent(z, np.zeros_like, lambda z: z, margins),
    "leaky_relu": lambda z, margins: bent(z, lambda z: 0.01 * z, lambda z: z, margins),
    "selu": lambda z, margins: SELU[0] * bent(z, lambda z: SELU[1] * (np.exp(z) - 1), lambda z: z, margins),
}


def normalised(x, axes, epsilon, centred=True):
    x = x - x.mean(axis=axes, keepdims=True) if centred else x
    return x / np.sqrt((x**2).mean(axis=axes, keepdims=True) + epsilon)


def convolved(layer, x, weight, bias):
    k, p, s, g = layer.kernel, layer.padding, layer.stride, layer.groups
    x = np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))
    high, wide = ((side - k) // s + 1 for side in x.shape[1:3])
    seen, made = weight.shape[2], weight.shape[3] // g
    y = np.zeros((len(x), high, wide, weight.shape[3]), np.result_type(x, weight)) + bias
    for i, j, group in itertools.product(range(k), range(k), range(g)):
        window = x[:, i : i + s * high : s, j : j + s * wide : s, group * seen : (group + 1) * seen]
        out = slice(group * made, (group + 1) * made)
        y[..., out] += window @ weight[i, j, :, out]
    return y


def pooled(layer, x, margins):
    size = layer.window
    stride = layer.stride or 1
    high, wide = ((side - each) // stride + 1 for side, each in zip(x.shape[1:3], size))
    taps = np.stack(
        [
            x[:, i : i + stride * high : stride, j : j + stride * wide : stride]
            for i, j in itertools.product(range(size[0]), range(size[1]))
        ]
    )
    if layer.kind == "average":
        return taps.mean(axis=0)
    if len(taps) > 1:
        second, first = np.sort(taps.real, axis=0)[-2:]
        margins.append((first - second).min())
    return np.take_along_axis(taps, taps.real.argmax(axis=0)[None], axis=0)[0]


def attended(layer, x, parameters):
    n, length, units = x.shape
    half = len(parameters) // 2
    inside, outside = parameters[: half - 1], parameters[half - 1]
    projected = x @ np.concatenate(inside, axis=1) + np.concatenate(parameters[half:-1])
    query, key, value = np.moveaxis(projected.reshape(n, length, 3, layer.heads, -1), 2, 0)
    scale = (units // layer.heads) ** -0.5 if layer.given_scale is None else layer.given_scale
    logits = scale * np.einsum("nqhd,nkhd->nhqk", query, key)
    if layer.causal:
        logits = logits + np.where(np.tri(length, dtype=bool), 0, -1e30)
    mixed = np.einsum("nhqk,nkhd->nqhd", softmax(logits), value)
    return mixed.reshape(n, length, units) @ outside + parameters[-1]


def forward(layer, x, take, margins):
    """층 하나. take()는 다음 파라미터(실수나 복소수)를 내줍니다."""
    match layer:
        case layers.Dense():
            return x @ take() + take()
        case layers.Activate():
            return FUNCTIONS[layer.activation.name](x, margins)
        case layers.Reshape():
            return x.reshape(len(x), *layer.after)
        case layers.BatchNorm():
            return normalised(x, tuple(range(x.ndim - 1)), layer.epsilon) * take() + take()
        case layers.LayerNorm():
            return normalised(x, -1, layer.epsilon) * take() + take()
        case layers.RMSNorm():
            return normalised(x, -1, layer.epsilon, centred=False) * take()
        case layers.Conv2D():
            return convolved(layer, x, take(), take())
        case layers.Pool2D():
            return pooled(layer, x, margins)
        case layers.Position():
            return x + take()
        case layers.Attention():
            return attended(layer, x, [take() for _ in layer.parameters])
        case layers.Residual():
            y = chained(layer.branch.layers, x, take, margins)
            return x + (take() if layer.learn_scale else layer.initial_scale) * y
        case layers.Embedding():
            return take()[x.real.astype(int)]
        case layers.Tied():
            table = take()
            y = chained(layer.chain.layers, table[x.real.astype(int)], take, margins)
            return y @ table.T
    raise TypeError(f"모르는 층: {layer!r}")


def chained(stack, x, take, margins):
    for layer in stack:
        x = forward(layer, x, take, margins)
    return x


def loss(stack, parameters, x, labels, margins):
    """학습할 때(배치의 통계)의 손실. parameters는 층을 지나는 차례입니다."""
    left = iter(parameters)
    logits = chained(stack, x, lambda: next(left), margins)
    assert not list(left)
    return cross_entropy(logits, labels)
