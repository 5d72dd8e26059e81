"""설계도 → PyTorch의 `nn.Module`. 그림은 (N, 채널, 높이, 너비)입니다."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional

ACTIVATIONS = {
    "relu": nn.ReLU,
    "leaky_relu": nn.LeakyReLU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "selu": nn.SELU,
    "gelu": nn.GELU,
}
DTYPES = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}


def expressible(blueprint):
    """모두 지을 수 있습니다."""
    return None


def build(blueprint):
    """(모델, {부품: 모듈의 이름})."""
    made = {}
    model = _chain(blueprint.parts, made)
    names = {id(module): name for name, module in model.named_modules()}
    found = {part: names[id(module)] for part, module in made.items()}
    return model.to(DTYPES[blueprint.dtype]), found


def scaled_loss(blueprint):
    """손실 × loss_scale."""
    binary = blueprint.parts[-1].weights[0].shape[1] == 1

    def loss(outputs, labels):
        if binary:
            return functional.binary_cross_entropy_with_logits(outputs[:, 0], labels.to(outputs)) * blueprint.loss_scale
        return functional.cross_entropy(outputs, labels) * blueprint.loss_scale

    return loss


class Position(nn.Module):
    def __init__(self, matrix):
        super().__init__()
        self.weight = nn.Parameter(_tensor(matrix))

    def forward(self, x):
        return x + self.weight


class Residual(nn.Module):
    def __init__(self, branch, scale):
        super().__init__()
        self.branch, self.scale = branch, scale

    def forward(self, x):
        return x + self.scale * self.branch(x)


class Packed(nn.Module):
    """Q, K, V를 한꺼번에 뽑는 nn.MultiheadAttention."""

    def __init__(self, width, heads):
        super().__init__()
        self.attention = nn.MultiheadAttention(width, heads, batch_first=True)

    def forward(self, x):
        ahead = torch.triu(torch.ones(x.shape[1], x.shape[1], dtype=torch.bool), diagonal=1)
        return self.attention(x, x, x, attn_mask=ahead, need_weights=False)[0]


class Attention(nn.Module):
    """행렬 넷을 따로 두고 손으로 쓴 어텐션."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value, self.out = (nn.Linear(width, width) for _ in range(4))

    def forward(self, x):
        query, key, value = (f(x).unflatten(-1, (self.heads, -1)).transpose(1, 2) for f in self._seen())
        mixed = functional.scaled_dot_product_attention(query, key, value, is_causal=True)
        return self.out(mixed.transpose(1, 2).flatten(2))

    def _seen(self):
        return self.query, self.key, self.value


class Tied(nn.Module):
    """임베딩의 행렬을 나누어 쓰는 출력층."""

    def __init__(self, embedding):
        super().__init__()
        self.weight = embedding.weight

    def forward(self, x):
        return functional.linear(x, self.weight)


class Towers(nn.Module):
    def __init__(self, towers):
        super().__init__()
        self.towers = nn.ModuleList(towers)

    def forward(self, *inputs):
        return torch.cat([tower(x) for tower, x in zip(self.towers, inputs)], dim=-1)


class Chain(nn.Sequential):
    """처음 것만 입력을 여럿 받는 nn.Sequential."""

    def forward(self, *x):
        for module in self:
            x = (module(*x),)
        return x[0]


def _chain(parts, made):
    for part in parts:
        made[part] = _module(part, made)
    return Chain(*(made[part] for part in parts))


def _module(part, made):
    s = part.settings
    match part.op:
        case "dense":
            return _filled(nn.Linear(*part.weights[0].shape), part.weights[0].T, part.bias)
        case "convolution":
            *_, channels = part.weights[0].shape
            window = {"stride": s["stride"], "padding": s["padding"], "groups": s["groups"]}
            conv = nn.Conv2d(part.weights[0].shape[2] * s["groups"], channels, s["kernel"], **window)
            return _filled(conv, part.weights[0].transpose(3, 2, 0, 1), part.bias)
        case "activate":
            return ACTIVATIONS[s["name"]]()
        case "norm":
            return _norm(part)
        case "pool":
            return _pool(s)
        case "reshape":
            return nn.Unflatten(1, (s["shape"][2], *s["shape"][:2])) if len(s["shape"]) == 3 else nn.Flatten()
        case "residual":
            return Residual(_chain(part.parts, made), s["scale"])
        case "embedding":
            return nn.Embedding.from_pretrained(_tensor(part.weights[0]), freeze=False)
        case "position":
            return Position(part.weights[0])
        case "attention":
            return _attention(part)
        case "tied":
            return Tied(made[s["of"]])
        case "again":
            return made[s["of"]]
        case "towers":
            return Towers([_chain(tower.parts, made) for tower in part.parts])


def _norm(part):
    count, kind = len(part.bias), part.settings["kind"]
    if kind == "batch":
        norm = nn.BatchNorm2d(count) if part.settings["picture"] else nn.BatchNorm1d(count)
    else:
        norm = nn.LayerNorm(count) if kind == "layer" else nn.RMSNorm(count, eps=1e-5)
    norm.weight.data = _tensor(part.bias)
    return norm


def _pool(settings):
    if settings["size"] is None:
        return nn.AdaptiveAvgPool2d(1)
    return (nn.MaxPool2d if settings["kind"] == "max" else nn.AvgPool2d)(settings["size"])


def _attention(part):
    query, key, value, out = part.weights
    width, heads = len(query), part.settings["heads"]
    if not part.settings["packed"]:
        attention = Attention(width, heads)
        for module, matrix in zip((attention.query, attention.key, attention.value, attention.out), part.weights):
            _filled(module, matrix.T, np.zeros(width, np.float32))
        return attention
    packed = Packed(width, heads)
    packed.attention.in_proj_weight.data = _tensor(np.hstack([query, key, value]).T)
    _filled(packed.attention.out_proj, out.T, np.zeros(width, np.float32))
    return packed


def _filled(module, weight, bias):
    module.weight.data, module.bias.data = _tensor(weight), _tensor(bias)
    return module


def _tensor(array):
    return torch.from_numpy(np.array(array, order="C"))
