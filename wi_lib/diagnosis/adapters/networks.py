"""wi_lib의 `MLP`와 `Network`: 층마다 forward와 backward를 부르며 적습니다."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from ... import layers
from ...checks import as_array, check_array, refuse
from ...layered import Network, as_network
from ...network import MLP
from ..losses import top
from ..recording import Array, Layer, Recording

KINDS = {
    layers.Dense: "dense",
    layers.Conv2D: "convolution",
    layers.Embedding: "embedding",
    layers.Position: "embedding",
    layers.Attention: "attention",
    layers.BatchNorm: "norm",
    layers.LayerNorm: "norm",
    layers.RMSNorm: "norm",
}
# 되돌릴 때 부르는 것: 나온 것에 대한 기울기를 받아 들어간 것에 대한 기울기를 돌려줍니다.
Back = Callable[[Array], Array]


def record(
    recording: Recording, model: MLP | Network, x: Any, labels: Any, loss: Any, rng: np.random.Generator
) -> None:
    """망을 학습할 때처럼(배치의 통계로) 흘리고 되돌립니다. 이동 평균은 고치지 않습니다."""
    if loss is not None:
        refuse("loss", "None(wi_lib의 망은 교차 엔트로피로 학습합니다)", loss, TypeError)
    net = as_network(model)
    net.check()
    x = check_array("x", as_array(x), (None, *net.input_shape)).astype(net.dtype, copy=False)
    net.layers[0].check_input("x", x)
    labels = None if labels is None else as_array(labels)
    recording.receive([x if not isinstance(net.layers[0], (layers.Embedding, layers.Tied)) else x.astype(int)], labels)
    paths = [f"layers[{i}]" for i in range(len(net.layers))]
    if isinstance(model, MLP):
        # MLP의 행렬은 하나 걸러 하나인 Dense의 것입니다.
        paths = [f"weights[{i // 2}]" for i in range(len(net.layers))]
    with np.errstate(over="ignore", invalid="ignore"):
        outputs, back = _chain(recording, net.layers, paths, x)
        recording.outputs = outputs
        recording.loss, recording.expected_loss, delta = top(outputs, labels, rng, recording.ending)
        back(delta.astype(net.dtype))


def _chain(recording: Recording, parts: Sequence[Any], paths: Sequence[str], x: Array) -> tuple[Array, Back]:
    backs = []
    for layer, path in zip(parts, paths):
        x, back = _step(recording, layer, path, x)
        backs.append(back)

    def backward(delta: Array) -> Array:
        for back in reversed(backs):
            delta = back(delta)
        return delta

    return x, backward


def _step(recording: Recording, layer: Any, path: str, x: Array) -> tuple[Array, Back]:
    if isinstance(layer, layers.Residual):
        return _residual(recording, layer, path, x)
    if isinstance(layer, layers.Tied):
        return _tied(recording, layer, path, x)
    y, memory = layer.forward(x, training=True)
    if isinstance(layer, layers.Activate):
        if recording.named:
            recording.layers[-1].activate(layer.activation.name.partition("(")[0], y)
        return y, lambda delta: layer.backward(memory, delta)[0]
    if not layer.parameters:
        return y, lambda delta: layer.backward(memory, delta)[0]
    kind = next((name for cls, name in KINDS.items() if isinstance(layer, cls)), "other")
    seen = recording.layer(path, kind, type(layer).__name__)
    seen.enter(x)
    seen.leave(y)
    for name, array, expression, drawn in _matrices(layer, path):
        seen.weight(name, array, expression, groups=getattr(layer, "groups", 1), drawn=drawn)

    def backward(delta: Array) -> Array:
        seen.delta(delta)
        below, gradients = layer.backward(memory, delta)
        found = dict(zip((id(p) for p in layer.parameters), gradients))
        for name, array, _, _ in _matrices(layer, path):
            owner = array if array.base is None or id(array) in found else array.base
            g = found[id(owner)]
            seen.gradient(name, g if owner is array else _part(owner, array, g), array)
        return below

    return y, backward


def _matrices(layer: Any, path: str) -> Iterator[tuple[str, Array, str, tuple[int, int] | None]]:
    """층의 행렬마다 (이름, 배열, 배열에 닿는 식, 한꺼번에 뽑은 모양)."""
    matrices = [(i, p) for i, p in enumerate(layer.parameters) if p.ndim > 1]
    for i, p in matrices:
        mlp = path.startswith("weights")
        expression = f"model.{path}" if mlp else f"model.{path}.parameters[{i}]"
        name = path if mlp else f"{path}.parameters[{i}]"
        if isinstance(layer, layers.Attention) and layer.packed and i == 0:
            third = p.shape[1] // 3
            for k, part in enumerate("qkv"):
                at = slice(k * third, (k + 1) * third)
                text = f"[:, {at.start}:{at.stop}]"
                yield f"{name}.{part}", p[:, at], expression + text, p.shape
        else:
            yield name, p, expression, None


def _part(whole: Array, part: Array, gradient: Array) -> Array:
    """whole에서 part가 있는 열의 기울기."""
    start = (part.ctypes.data - whole.ctypes.data) // whole.itemsize
    return gradient[:, start : start + part.shape[1]]


def _residual(recording: Recording, layer: layers.Residual, path: str, x: Array) -> tuple[Array, Back]:
    paths = [f"{path}.branch.layers[{i}]" for i in range(len(layer.branch.layers))]
    y, back = _chain(recording, layer.branch.layers, paths, x)
    return x + layer.scale * y, lambda delta: delta + back(layer.scale * delta)


def _tied(recording: Recording, layer: layers.Tied, path: str, x: Array) -> tuple[Array, Back]:
    embedded, first = _step(recording, layer.embedding, f"{path}.embedding", x)
    paths = [f"{path}.chain.layers[{i}]" for i in range(len(layer.chain.layers))]
    y, middle = _chain(recording, layer.chain.layers, paths, embedded)
    matrix, expression = layer.embedding.parameters[0].T, f"model.{path}.embedding.parameters[0].T"
    seen: Layer = recording.layer(path, "dense", "Tied")
    logits = y @ matrix
    seen.enter(y)
    seen.leave(logits)
    # 임베딩과 이름이 같으므로, 규칙이 두 행렬을 하나로 압니다.
    name = f"{path}.embedding.parameters[0]"
    seen.weight(name, matrix, expression)

    def backward(delta: Array) -> Array:
        seen.delta(delta)
        found = y.reshape(-1, y.shape[-1]).T @ delta.reshape(-1, delta.shape[-1])
        seen.gradient(name, found, matrix)
        return first(middle(delta @ matrix.T))

    return logits, backward
