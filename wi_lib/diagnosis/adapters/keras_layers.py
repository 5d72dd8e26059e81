"""Keras의 층: 이름과 그 층에 닿는 식, 종류, wi_lib의 방향으로 돌린 행렬."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import keras
import numpy as np

from ..recording import Array

View = Callable[[Array], Array]
# 제 안의 EinsumDense에 행렬을 둔 어텐션.
ATTENTION = ("MultiHeadAttention", "GroupQueryAttention")
TRANSPOSED = tuple(f"Conv{n}DTranspose" for n in (1, 2, 3))
KINDS = {
    "dense": ("Dense", "EinsumDense"),
    "convolution": (*TRANSPOSED, *(f"{kind}Conv{n}D" for kind in ("", "Depthwise", "Separable") for n in (1, 2, 3))),
    "embedding": ("Embedding",),
    "norm": ("BatchNormalization", "LayerNormalization", "GroupNormalization", "RMSNormalization"),
}


@dataclass
class Matrix:
    """층의 행렬 하나. view는 Keras의 배열을 (…, 입력/groups, 출력)으로 돌리고, drawn은 Keras가 센 fan입니다."""

    name: str
    expression: str
    variable: Any
    view: View
    groups: int
    drawn: tuple[int, int]


@dataclass
class Place:
    """모델 안의 층 하나.

    - `opaque`: 안을 스스로 도는 순환층. 안의 셀은 따로 보지 않습니다.
    - `reverse`: 임베딩을 거꾸로 곱해 로짓을 낼 때의 층(ReversibleEmbedding).
    - `rank`: 나간 배열의 축의 수(흘린 뒤). `units`: 유닛의 축.
    - `entering`, `leaving`: 그 축이 여럿인 배열(EinsumDense)을 하나로 모으는 함수.
    """

    layer: Any
    name: str
    expression: str
    kind: str
    matrices: list[Matrix] = field(default_factory=list)
    rank: int = 0
    reverse: "Place | None" = None

    @property
    def activation(self) -> str | None:
        """식 여럿으로 된 활성화 층의 이름. 하나로 된 것은 그 함수에서 봅니다."""
        return "prelu" if isinstance(self.layer, keras.layers.PReLU) else None

    @property
    def recorded(self) -> bool:
        return bool(self.matrices) or self.kind == "norm"

    @property
    def opaque(self) -> bool:
        return isinstance(self.layer, keras.layers.RNN)

    @property
    def units(self) -> int:
        if getattr(self.layer, "data_format", None) == "channels_first":
            return 1
        axis = getattr(self.layer, "axis", -1) if self.kind == "norm" else -1
        return axis if isinstance(axis, int) else -1

    def entering(self, x: Array) -> Array:
        return _gather(x, *_axes(self.layer)[0]) if isinstance(self.layer, keras.layers.EinsumDense) else x

    def leaving(self, y: Array) -> Array:
        return _gather(y, *_axes(self.layer)[2]) if isinstance(self.layer, keras.layers.EinsumDense) else y


def places(
    parent: Any, name: str = "", expression: str = "model", known: set[int] | None = None, kind: str = ""
) -> Iterator[Place]:
    """parent와 그 안의 모든 층. 여러 곳에서 함께 쓰는 층은 처음 닿은 이름으로 한 번만 나옵니다."""
    known = set() if known is None else known
    known.add(id(parent))
    here = Place(parent, name or parent.name, expression, kind or _kind(parent))
    here.matrices = list(_matrices(here))
    here.reverse = _reversed(here)
    yield here
    if here.opaque:
        return
    children = parent._flatten_layers(include_self=False, recursive=False)
    names = [child.name for child in children]
    for i, child in enumerate(children):
        if id(child) not in known:
            mark = "" if names.count(child.name) == 1 else f"[{i}]"
            inner = f"{name}/{child.name}{mark}" if name else f"{child.name}{mark}"
            reached = _reach(parent, child, expression, names.count(child.name) == 1)
            part = "attention" if _is_a(parent, ATTENTION) and _kind(child) == "dense" else ""
            yield from places(child, inner, reached, known, part)


def _kind(layer: Any) -> str:
    return next((kind for kind, names in KINDS.items() if _is_a(layer, names)), "other")


def _is_a(layer: Any, names: Sequence[str]) -> bool:
    """keras.layers의 그 층(을 물려받은 것)인지. 없는 이름(3차원 깊이별 합성곱, 옛 판의 RMSNorm)은 지나칩니다."""
    return isinstance(layer, tuple(getattr(keras.layers, name) for name in names if hasattr(keras.layers, name)))


def _reach(parent: Any, child: Any, expression: str, unique: bool) -> str:
    """child에 닿는 식: 모델을 쓴 사람이 붙인 속성의 이름, 없으면 Keras의 get_layer."""
    found = _attribute(parent, child)
    if found:
        return f"{expression}.{found}"
    if unique and isinstance(parent, keras.Model):
        return f'{expression}.get_layer("{child.name}")'
    return f"{expression}._layers[{_index(parent._layers, child)}]"


def _attribute(owner: Any, wanted: Any) -> str | None:
    """owner의 어느 속성(이나 그 목록과 사전의 어느 칸)이 wanted인지. 밑줄 없는 이름이 있으면 그것입니다."""
    # PyTorch 위에서는 층이 _modules에 있습니다.
    attributes = {**vars(owner), **vars(owner).get("_modules", {})}
    for name, value in attributes.items():
        public = name.lstrip("_")
        if value is wanted:
            return public if getattr(owner, public, None) is wanted else name
        if name.startswith("_"):
            continue
        if isinstance(value, (list, tuple)) and any(item is wanted for item in value):
            return f"{name}[{_index(value, wanted)}]"
        if isinstance(value, dict) and any(item is wanted for item in value.values()):
            return f"{name}[{next(key for key, item in value.items() if item is wanted)!r}]"
    return None


def _matrices(place: Place) -> Iterator[Matrix]:
    if place.kind == "norm" or place.activation:
        return
    layers = [(place.layer, place.expression)]
    if place.opaque:
        layers += [(inner.layer, inner.expression) for inner in _inside(place)]
    for layer, expression in layers:
        for variable in (*layer._trainable_variables, *layer._non_trainable_variables):
            if _is_matrix(variable, place.kind):
                attribute = _attribute(layer, variable) or f"weights[{_index(layer.weights, variable)}]"
                view, groups = _orientation(layer, variable)
                name = f"{place.name}/{variable.name}"
                yield Matrix(name, f"{expression}.{attribute}", variable, view, groups, _fans(variable.shape))


def _reversed(place: Place) -> Place | None:
    """임베딩을 출력으로도 쓰는 층. 행렬을 함께 쓰면(tie_weights) 이름도 같고, 뒤집힌 것이 그 층의 방향입니다."""
    if not _is_a(place.layer, ("ReversibleEmbedding",)) or not place.matrices:
        return None
    tied = place.layer.tie_weights
    matrix = replace(place.matrices[0], view=np.transpose) if tied else place.matrices.pop()
    return Place(place.layer, f"{place.name}/reverse", place.expression, "dense", [matrix])


def _inside(place: Place) -> Iterator[Place]:
    for child in place.layer._flatten_layers(include_self=False, recursive=False):
        expression = _reach(place.layer, child, place.expression, True)
        yield from places(child, child.name, expression)


def _index(items: Sequence[Any], wanted: Any) -> int:
    return next(i for i, item in enumerate(items) if item is wanted)


def _is_matrix(variable: Any, kind: str) -> bool:
    """벡터와, (헤드, 유닛)인 편향과, 자리마다 곱하거나 더하는 (1, 1, 채널)인 배열은 행렬이 아닙니다."""
    if len(variable.shape) < 2 or "float" not in str(variable.dtype) or "bias" in variable.name:
        return False
    return kind != "other" or sum(size > 1 for size in variable.shape) > 1


def _fans(shape: Sequence[int]) -> tuple[int, int]:
    """Keras가 배열의 모양에서 세는 (fan_in, fan_out)."""
    taps = math.prod(shape[:-2])
    return taps * shape[-2], taps * shape[-1]


def _orientation(layer: Any, variable: Any) -> tuple[View, int]:
    """Keras의 배열을 (…, 입력/groups, 출력)으로 돌리는 함수와 groups."""
    shape = tuple(variable.shape)
    if isinstance(layer, keras.layers.EinsumDense) and variable is layer._kernel:
        order, groups, rows = _kernel(layer)
        return lambda w: w.transpose(order).reshape(rows, -1), groups
    if _kind(layer) != "convolution":
        return (lambda w: w), 1
    if _is_a(layer, TRANSPOSED):
        return (lambda w: w.swapaxes(-1, -2)), 1
    if hasattr(layer, "depth_multiplier") and variable is not getattr(layer, "pointwise_kernel", None):
        return (lambda w: w.reshape(*shape[:-2], 1, -1)), shape[-2]
    return (lambda w: w), getattr(layer, "groups", 1)


def _axes(layer: Any) -> list[tuple[str, list[str]]]:
    """EinsumDense의 식에서 (들어온 것, 커널, 나간 것)마다 글자와, 그 가운데 유닛인 글자."""
    left, out = layer.equation.replace(" ", "").split("->")
    into, kernel = left.split(",")
    units = [c for c in kernel if c in into and c not in out]
    outs = sorted((c for c in kernel if c in out), key=lambda c: c not in into)
    return [(into, units), (kernel, units), (out, outs)]


def _kernel(layer: Any) -> tuple[list[int], int, int]:
    """커널의 축의 차례(입력, 묶음, 출력), 묶음의 수, 입력의 수."""
    (into, units), (kernel, _), (_, outs) = _axes(layer)
    size = dict(zip(kernel, layer._kernel.shape))
    order = [kernel.index(c) for c in (*units, *outs)]
    return order, math.prod(size[c] for c in outs if c in into), math.prod(size[c] for c in units)


def _gather(array: Array, letters: str, units: list[str]) -> Array:
    """유닛인 축들을 끝으로 옮겨 하나로 모읍니다."""
    axes = [letters.index(c) - len(letters) for c in units]
    moved = np.moveaxis(array, axes, range(-len(axes), 0))
    return moved.reshape(*moved.shape[: moved.ndim - len(axes)], -1)
