"""층: `Network`를 이루는 부품. 저마다 앞으로 흘리는 forward와 되돌리는 backward가 한 화면에 들어옵니다.

층의 약속은 `chain.Layer`에, 정규화 층은 `norms`에, 합성곱은 `convolution`에, 글을 다루는 층은 `sequences`에 있습니다.
파라미터는 `Network`가 입력의 모양을 알고 나서 만듭니다.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from . import activations, initializers
from .activations import Activation
from .chain import Array, Chain, Layer, Shape, draw, rows
from .checks import LARGEST, check_integer, check_number, refuse
from .convolution import Conv2D, Pool2D
from .norms import BatchNorm, LayerNorm, RMSNorm
from .sequences import Attention, Embedding, Position, Tied

__all__ = [
    "Activate",
    "Attention",
    "BatchNorm",
    "Conv2D",
    "Dense",
    "Embedding",
    "Layer",
    "LayerNorm",
    "Pool2D",
    "Position",
    "RMSNorm",
    "Reshape",
    "Residual",
    "Tied",
]


class Dense(Layer):
    """완전 연결 층: y = x W + b. x: (N, …, fan_in) → (N, …, units). 마지막 축에 작용합니다.

    - `units`: 1 이상의 정수. `initializer`: W를 뽑는 초기화 함수나 그 이름. 편향 b는 0에서 시작합니다.
    - `parameters`: [W (fan_in, units), b (units,)].

    >>> layer = Dense(2, "identity")
    >>> layer.build((2,), np.random.default_rng(0), np.dtype(np.float32))
    (2,)
    >>> layer.forward(np.array([[1.0, 2.0]]), training=True)[0]
    array([[1., 2.]])
    """

    def __init__(self, units: int, initializer: str | Callable[..., Array] = "he_normal") -> None:
        super().__init__()
        self.units, self.initializer = check_integer("units", units), initializers.get(initializer)

    def build(self, shape: Shape, rng: np.random.Generator, dtype: np.dtype) -> Shape:
        drawn = draw("units", self.initializer, (shape[-1], self.units), rng, dtype)
        self.parameters = [drawn, np.zeros(self.units, dtype)]
        return (*shape[:-1], self.units)

    def forward(self, x: Array, training: bool) -> tuple[Array, Array]:
        weight, bias = self.parameters
        return x @ weight + bias, x

    def backward(self, memory: Array, delta: Array) -> tuple[Array, list[Array]]:
        return delta @ self.parameters[0].T, [rows(memory).T @ rows(delta), rows(delta).sum(axis=0)]


class Activate(Layer):
    """활성화 함수: y = f(x), 원소마다.

    - `activation`: 이름이나 `activations.Activation`.

    >>> Activate("relu").forward(np.array([[-1.0, 2.0]]), training=True)[0]
    array([[0., 2.]])
    """

    def __init__(self, activation: str | Activation) -> None:
        super().__init__()
        self.activation = activations.get(activation)

    def forward(self, x: Array, training: bool) -> tuple[Array, Array]:
        y = self.activation.apply(x.copy())
        return y, y

    def backward(self, memory: Array, delta: Array) -> tuple[Array, list[Array]]:
        return delta * self.activation.derivative(memory), []


class Reshape(Layer):
    """입력 하나의 모양을 바꿉니다: Reshape(8, 8, 1)은 (64,)를 그림으로, Reshape(-1)은 한 줄로.

    - `shape`: 1 이상의 정수들. 하나는 −1이어도 되고, 나머지에서 정해집니다.

    >>> Reshape(2, -1).build((6,), np.random.default_rng(0), np.dtype(np.float32))
    (2, 3)
    """

    def __init__(self, *shape: int) -> None:
        super().__init__()
        self.shape = tuple(check_integer("shape", size, minimum=-1) for size in shape)
        if not shape or 0 in shape or shape.count(-1) > 1:
            refuse("shape", "1 이상의 정수들(하나는 −1이어도 됩니다)", shape)

    def build(self, shape: Shape, rng: np.random.Generator, dtype: np.dtype) -> Shape:
        self.before, count, known = shape, math.prod(shape), math.prod(size for size in self.shape if size != -1)
        if count % known or (-1 not in self.shape and count != known):
            refuse("shape", f"입력 {shape}의 값 {count}개를 다시 놓는 모양", self.shape)
        self.after = tuple(count // known if size == -1 else size for size in self.shape)
        return self.after

    def forward(self, x: Array, training: bool) -> tuple[Array, None]:
        return x.reshape(len(x), *self.after), None

    def backward(self, memory: None, delta: Array) -> tuple[Array, list[Array]]:
        return delta.reshape(len(delta), *self.before), []


class Residual(Layer):
    """잔차 연결(He 외, 2016): y = x + scale·branch(x).

    - `layers`: 옆길(branch)을 이루는 층의 목록. 옆길의 출력은 입력과 모양이 같아야 합니다. 맨 앞에 정규화 층을 두면
      사전 정규화(pre-norm)이고, `Residual` 다음에 두면 사후 정규화(post-norm)입니다.
    - `scale`: 옆길에 곱하는 실수. `learn_scale`: True이면 scale도 학습합니다(ReZero, SkipInit은 0에서 시작).
    - `parameters`: 옆길의 것, 그리고 learn_scale이면 [scale (1,)].

    >>> branch = [Dense(2, "identity")]
    >>> layer = Residual(branch, scale=0.5)
    >>> layer.build((2,), np.random.default_rng(0), np.dtype(np.float32))
    (2,)
    >>> layer.forward(np.array([[1.0, 2.0]]), training=True)[0]
    array([[1.5, 3. ]])
    """

    def __init__(self, layers: Sequence[Layer], scale: float = 1.0, learn_scale: bool = False) -> None:
        self.branch = Chain(layers)
        self.initial_scale = check_number("scale", scale, minimum=-LARGEST)
        if not isinstance(learn_scale, bool):
            refuse("learn_scale", "True나 False", learn_scale, TypeError)
        self.learn_scale = learn_scale

    @property
    def parameters(self) -> list[Array]:  # type: ignore[override]
        return [*self.branch.parameters, *([self.scale] if self.learn_scale else [])]

    def build(self, shape: Shape, rng: np.random.Generator, dtype: np.dtype) -> Shape:
        self.scale = np.full(1, self.initial_scale, dtype)
        branched = self.branch.build(shape, rng, dtype)
        if branched != shape:
            refuse("layers", f"옆길의 출력이 입력과 같은 {shape}인 층", f"출력이 {branched}인 층")
        return shape

    def forward(self, x: Array, training: bool) -> tuple[Array, Any]:
        y, memory = self.branch.forward(x, training)
        return x + self.scale * y, (y, memory)

    def backward(self, memory: Any, delta: Array) -> tuple[Array, list[Array]]:
        y, kept = memory
        below, gradients = self.branch.backward(kept, self.scale * delta)
        if self.learn_scale:
            gradients.append(np.full_like(self.scale, np.vdot(delta, y)))
        return delta + below, gradients

    @property
    def statistics(self) -> list[Array]:
        return self.branch.statistics

    def remember(self, memory: Any) -> None:
        self.branch.remember(memory[1])
