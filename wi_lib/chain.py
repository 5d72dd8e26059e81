"""층의 바탕과, 층을 이은 것.

x를 받아 y를 내는 층은 거꾸로 ∂L/∂y를 받아 ∂L/∂x를 냅니다. forward는 그때 쓸 것을 memory에 담아 y와 함께 돌려주고,
backward(memory, delta)는 ∂L/∂x와, `parameters`와 차례가 같은 기울기의 목록을 돌려줍니다. 층은 배치를 기억하지 않으므로
여러 배치를 섞어 흘려도 됩니다.
"""

import copy
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .checks import check_array, enough_memory, refuse

Array = NDArray[Any]
Shape = tuple[int, ...]


class Layer:
    """모든 층의 바탕. 파라미터가 있는 층은 build를, 배치의 통계를 기억하는 층은 remember를 더합니다."""

    def __init__(self) -> None:
        self.parameters: list[Array] = []

    def build(self, shape: Shape, rng: np.random.Generator, dtype: np.dtype) -> Shape:
        """입력 하나의 모양을 받아 파라미터를 만들고, 출력 하나의 모양을 돌려줍니다."""
        return shape

    def forward(self, x: Array, training: bool) -> tuple[Array, Any]:
        """(y, memory)를 돌려줍니다. 배치 정규화처럼 학습할 때와 시험할 때가 다른 층은 training을 봅니다."""
        raise NotImplementedError

    def backward(self, memory: Any, delta: Array) -> tuple[Array, list[Array]]:
        """(∂L/∂x, 파라미터의 기울기). memory는 training=True로 흘린 것입니다."""
        raise NotImplementedError

    def check_input(self, name: str, x: Array) -> None:
        """맨 앞에 놓인 층이 받을 수 없는 자료이면 오류를 던집니다. 기호의 번호처럼 값에 범위가 있는 층이 더합니다."""

    @property
    def statistics(self) -> list[Array]:
        """remember가 고치는 배열."""
        return []

    def remember(self, memory: Any) -> None:
        """학습의 한 걸음마다, 시험할 때 쓸 통계를 그 배치의 memory로 고칩니다."""


class Chain(Layer):
    """앞의 출력이 다음의 입력이 되게 이은 층들. memory는 층마다의 memory의 목록입니다."""

    def __init__(self, layers: object) -> None:
        if not isinstance(layers, (list, tuple)) or not layers or not all(isinstance(one, Layer) for one in layers):
            refuse("layers", "layers.Dense(100)처럼 만든 층으로 된, 비어 있지 않은 목록", layers, TypeError)
        # 하나씩 복사하므로 `[block] * 50`도 서로 다른 블록 50개입니다. 목록째 복사하면 같은 것은 같은 것으로 남습니다.
        self.layers: Sequence[Layer] = [copy.deepcopy(layer) for layer in layers]

    @property
    def parameters(self) -> list[Array]:  # type: ignore[override]
        return [p for layer in self.layers for p in layer.parameters]

    @property
    def statistics(self) -> list[Array]:
        return [s for layer in self.layers for s in layer.statistics]

    def build(self, shape: Shape, rng: np.random.Generator, dtype: np.dtype) -> Shape:
        for layer in self.layers:
            shape = layer.build(shape, rng, dtype)
        return shape

    def forward(self, x: Array, training: bool) -> tuple[Array, list[Any]]:
        memories = []
        for layer in self.layers:
            x, memory = layer.forward(x, training)
            # 되돌리지 않을 것까지 두면 깊은 망의 시험에 학습 자료만 한 메모리가 층마다 듭니다.
            memories.append(memory if training else None)
        return x, memories

    def backward(self, memory: list[Any], delta: Array) -> tuple[Array, list[Array]]:
        found = []
        for layer, kept in zip(reversed(self.layers), reversed(memory)):
            delta, gradients = layer.backward(kept, delta)
            found.append(gradients)
        return delta, [g for gradients in reversed(found) for g in gradients]

    def remember(self, memory: list[Any]) -> None:
        for layer, kept in zip(self.layers, memory):
            layer.remember(kept)


def draw(
    name: str, initializer: Callable[..., Array], sizes: Shape, rng: np.random.Generator, dtype: np.dtype
) -> Array:
    """초기화 함수로 뽑은, 모양이 sizes인 파라미터. 메모리에 담기지 않으면 그 크기를 정한 인자의 이름 name을 말합니다.

    >>> draw("units", lambda shape, rng: np.ones(shape), (1, 2), np.random.default_rng(0), np.dtype(np.float32))
    array([[1., 1.]], dtype=float32)
    """
    with enough_memory(name, sizes):
        return check_array("initializer의 결과", initializer(sizes, rng=rng), sizes).astype(dtype)


def rows(array: Array) -> Array:
    """마지막 축을 한 줄로 본 행렬: (…, 유닛 수) → (줄 수, 유닛 수).

    >>> rows(np.ones((2, 5, 3))).shape
    (10, 3)
    """
    return array.reshape(-1, array.shape[-1])
