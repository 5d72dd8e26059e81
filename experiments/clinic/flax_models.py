"""설계도 → `flax.nnx.Module`."""

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

DTYPES = {"float32": jnp.float32, "float16": jnp.float16, "bfloat16": jnp.bfloat16}


def expressible(blueprint):
    """한꺼번에 뽑는 어텐션은 없습니다. 손으로 쓴 것은 여느 완전 연결이라, 그 fan이 옳습니다."""
    return "packed" if blueprint.packed else None


def build(blueprint):
    """(모델, {부품: 모듈의 이름})."""
    made, dtype = {}, DTYPES[blueprint.dtype]
    model = _chain(blueprint.parts, made, dtype)
    names = {id(module): ".".join(map(str, path)) for path, module in nnx.iter_modules(model)}
    return model, {part: names[id(module)] for part, module in made.items() if id(module) in names}


def scaled_loss(blueprint):
    """손실 × loss_scale."""
    binary = blueprint.parts[-1].weights[0].shape[1] == 1

    def loss(outputs, labels):
        labels = jnp.asarray(labels)
        if binary:
            z = outputs[:, 0]
            return jnp.mean(jax.nn.softplus(z) - z * labels.astype(z.dtype)) * blueprint.loss_scale
        chosen = jnp.take_along_axis(jax.nn.log_softmax(outputs), labels[:, None], axis=1)
        return -jnp.mean(chosen) * blueprint.loss_scale

    return loss


class Position(nnx.Module):
    def __init__(self, matrix):
        self.weight = nnx.Param(jnp.asarray(matrix))

    def __call__(self, x):
        return x + self.weight[...]


class Residual(nnx.Module):
    def __init__(self, branch, scale):
        self.branch, self.scale = branch, scale

    def __call__(self, x):
        return x + self.scale * self.branch(x)


class Causal(nnx.Module):
    """Flax의 어텐션에 뒤를 가린 것."""

    def __init__(self, attention):
        self.attention = attention

    def __call__(self, x):
        ahead = nnx.make_causal_mask(jnp.ones(x.shape[:2]))
        return self.attention(x, mask=ahead, decode=False)


class Packed(nnx.Module):
    """Q, K, V를 한 층에서 뽑아 손으로 쓴 어텐션."""

    def __init__(self, seen, out, heads):
        self.seen, self.out, self.heads = seen, out, heads

    def __call__(self, x):
        query, key, value = (part.reshape(*x.shape[:2], self.heads, -1) for part in jnp.split(self.seen(x), 3, axis=-1))
        mixed = jax.nn.dot_product_attention(query, key, value, is_causal=True)
        return self.out(mixed.reshape(x.shape))


class Tied(nnx.Module):
    """임베딩의 행렬을 나누어 쓰는 출력층."""

    def __init__(self, embedding):
        self.embedding = embedding

    def __call__(self, x):
        return self.embedding.attend(x)


class Towers(nnx.Module):
    def __init__(self, towers):
        self.towers = nnx.List(towers)

    def __call__(self, *inputs):
        return jnp.concatenate([tower(x) for tower, x in zip(self.towers, inputs)], axis=-1)


class Chain(nnx.Module):
    """처음 것만 입력을 여럿 받는, 층과 함수의 목록."""

    def __init__(self, layers):
        self.layers = nnx.List(layers)

    def __call__(self, *x):
        for layer in self.layers:
            x = (layer(*x),)
        return x[0]


def _chain(parts, made, dtype):
    for part in parts:
        made[part] = _module(part, made, dtype)
    return Chain([made[part] for part in parts])


def _module(part, made, dtype):
    s, types = part.settings, {"dtype": dtype, "param_dtype": dtype, "rngs": nnx.Rngs(0)}
    match part.op:
        case "dense":
            return _filled(nnx.Linear(*part.weights[0].shape, **types), *part.weights, part.bias)
        case "convolution":
            kernel = part.weights[0]
            window = {"strides": s["stride"], "padding": s["padding"], "feature_group_count": s["groups"]}
            seen = kernel.shape[2] * s["groups"]
            return _filled(nnx.Conv(seen, kernel.shape[3], kernel.shape[:2], **window, **types), kernel, part.bias)
        case "activate":
            return getattr(jax.nn, s["name"])
        case "norm":
            return _norm(part, types)
        case "pool":
            return _pool(s)
        case "reshape":
            return lambda x: x.reshape(len(x), *s["shape"])
        case "residual":
            return Residual(_chain(part.parts, made, dtype), s["scale"])
        case "embedding":
            embedding = nnx.Embed(*part.weights[0].shape, **types)
            embedding.embedding[...] = jnp.asarray(part.weights[0], dtype)
            return embedding
        case "position":
            return Position(part.weights[0])
        case "attention":
            return _attention(part, types)
        case "tied":
            return Tied(made[s["of"]])
        case "again":
            return made[s["of"]]
        case "towers":
            return Towers([_chain(tower.parts, made, dtype) for tower in part.parts])


def _norm(part, types):
    classes = {"batch": nnx.BatchNorm, "layer": nnx.LayerNorm, "rms": nnx.RMSNorm}
    norm = classes[part.settings["kind"]](len(part.bias), epsilon=1e-5, **types)
    norm.scale[...] = jnp.asarray(part.bias, norm.scale.dtype)
    return norm


def _pool(settings):
    if settings["size"] is None:
        return lambda x: x.mean(axis=(1, 2), keepdims=True)
    pool, window = nnx.max_pool if settings["kind"] == "max" else nnx.avg_pool, (settings["size"],) * 2
    return lambda x: pool(x, window, window)


def _attention(part, types):
    query, key, value, out = part.weights
    width, heads = len(query), part.settings["heads"]
    if part.settings["packed"]:
        seen = _filled(nnx.Linear(width, 3 * width, **types), np.hstack([query, key, value]), np.zeros(3 * width))
        return Packed(seen, _filled(nnx.Linear(width, width, **types), out, np.zeros(width)), heads)
    attention = nnx.MultiHeadAttention(heads, width, decode=False, **types)
    for module, matrix in zip((attention.query, attention.key, attention.value, attention.out), part.weights):
        module.kernel[...] = jnp.asarray(matrix.reshape(module.kernel.shape), module.kernel.dtype)
    return Causal(attention)


def _filled(module, weight, bias):
    module.kernel[...] = jnp.asarray(weight, module.kernel.dtype)
    module.bias[...] = jnp.asarray(bias, module.bias.dtype)
    return module
