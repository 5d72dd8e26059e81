"""설계도 → wi_lib의 `MLP`나 `Network`."""

import numpy as np

from wi_lib import MLP, Network, layers

NORMS = {"batch": layers.BatchNorm, "layer": layers.LayerNorm, "rms": layers.RMSNorm}
ACTIVATIONS = ("relu", "leaky_relu", "tanh", "sigmoid", "selu")


def expressible(blueprint):
    """wi_lib로 지을 수 없으면 그 까닭, 있으면 None."""
    if blueprint.dtype != "float32":
        return "dtype"
    if blueprint.has("towers"):
        return "inputs"
    if blueprint.has("again"):
        return "reuse"
    if blueprint.loss_scale != 1:
        return "loss"
    names = {part.settings["name"] for part in blueprint.walk() if part.op == "activate"}
    return None if names <= set(ACTIVATIONS) else "activation"


def build(blueprint):
    """(모델, {부품: 층의 이름})."""
    parts, names = blueprint.parts, {}
    shape = blueprint.inputs[0].shape[1:]
    ops = [part.op for part in parts]
    if ops == ["dense", "activate"] * (len(ops) // 2) + ["dense"]:
        return _mlp(parts, shape)
    if ops[-1] == "tied":
        made = [layers.Tied(_layer(parts[0]), [_layer(part) for part in parts[1:-1]])]
    else:
        made = [_layer(part) for part in parts]
    net = Network(made, shape, rng=np.random.default_rng(0))
    names = {}
    for part, layer, name in _pairs(parts, net.layers, ops[-1]):
        names[part] = name
        _fill(layer, part)
    return net, names


def _pairs(parts, made, last):
    """(부품, 그 층, 층의 이름)."""
    if last != "tied":
        yield from _paired(parts, made, "layers")
        return
    tied = made[0]
    yield parts[0], tied.embedding, "layers[0].embedding"
    yield from _paired(parts[1:-1], tied.chain.layers, "layers[0].chain.layers")
    yield parts[-1], tied.embedding, "layers[0]"


def _paired(parts, made, path):
    for i, (part, layer) in enumerate(zip(parts, made)):
        yield part, layer, f"{path}[{i}]"
        if part.op == "residual":
            yield from _paired(part.parts, layer.branch.layers, f"{path}[{i}].branch.layers")


def _mlp(parts, shape):
    dense = parts[::2]
    sizes = [shape[0], *(part.weights[0].shape[1] for part in dense)]
    net = MLP(sizes, parts[1].settings["name"], "zeros", rng=np.random.default_rng(0))
    for weight, bias, part in zip(net.weights, net.biases, dense):
        weight[...], bias[...] = part.weights[0], part.bias
    return net, {part: f"weights[{i}]" for i, part in enumerate(dense)}


def _layer(part):
    s = part.settings
    match part.op:
        case "dense":
            return layers.Dense(part.weights[0].shape[1], "zeros")
        case "convolution":
            window = {"stride": s["stride"], "padding": s["padding"], "groups": s["groups"]}
            return layers.Conv2D(part.weights[0].shape[-1], s["kernel"], "zeros", **window)
        case "activate":
            return layers.Activate(s["name"])
        case "norm":
            return NORMS[s["kind"]]()
        case "pool":
            return layers.Pool2D(s["size"], s["kind"])
        case "reshape":
            return layers.Reshape(*s["shape"])
        case "residual":
            return layers.Residual([_layer(inner) for inner in part.parts], scale=s["scale"])
        case "embedding":
            return layers.Embedding(*part.weights[0].shape, "zeros")
        case "position":
            return layers.Position("zeros")
        case "attention":
            return layers.Attention(s["heads"], "zeros", packed=s["packed"])


def _fill(layer, part):
    """설계도의 값을 층에 옮깁니다."""
    if part.op in ("residual", "tied") or not layer.parameters:
        return
    values = [*part.weights] if part.bias is None else [*part.weights, part.bias]
    if part.op == "attention":
        *qkv, out = part.weights
        matrices = [np.hstack(qkv), out] if part.settings["packed"] else part.weights
        ends = np.cumsum([matrix.shape[1] for matrix in matrices])[:-1]
        values = [*matrices, *np.split(part.bias, ends)]
    for array, value in zip(layer.parameters, values):
        array[...] = value
