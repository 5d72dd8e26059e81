"""글처럼 차례가 있는 자료 (N, 길이 T, 유닛 수 d)를 다루는 층: 임베딩, 위치, 어텐션, 임베딩을 나누어 쓰는 출력층."""

import copy
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from . import initializers
from .chain import Array, Chain, Layer, Shape, draw, rows
from .checks import check_array, check_integer, check_number, refuse

Init = str | Callable[..., Array]
SMALL = initializers.normal(0.02)


class Embedding(Layer):
    """임베딩: 기호의 번호를 그 번호의 벡터로 바꿉니다. x: (N, T)인 0 이상 vocabulary 미만의 정수 → (N, T, units).

    - `vocabulary`: 기호의 수. `units`: 벡터의 길이. `initializer`: E를 뽑는 초기화 함수나 그 이름.
    - `parameters`: [E (vocabulary, units)]. E의 한 행은 그 기호가 나올 때만 기울기를 받습니다.

    >>> layer = Embedding(5, 2, "zeros")
    >>> layer.build((3,), np.random.default_rng(0), np.dtype(np.float32))
    (3, 2)
    """

    def __init__(self, vocabulary: int, units: int, initializer: Init = SMALL) -> None:
        super().__init__()
        self.vocabulary, self.units = check_integer("vocabulary", vocabulary), check_integer("units", units)
        self.initializer = initializers.get(initializer)

    def build(self, shape: Shape, rng: np.random.Generator, dtype: np.dtype) -> Shape:
        self.parameters = [draw("vocabulary, units", self.initializer, (self.vocabulary, self.units), rng, dtype)]
        return (*shape, self.units)

    def forward(self, x: Array, training: bool) -> tuple[Array, Array]:
        self.check_input("x", x)
        symbols = x.astype(np.int64)
        return self.parameters[0][symbols], symbols

    def check_input(self, name: str, x: Array) -> None:
        low, high, whole = x.min(), x.max(), not (x % 1).any()
        if low < 0 or high >= self.vocabulary or not whole:
            got = f"최솟값 {low:.8g}, 최댓값 {high:.8g}인 배열" if whole else "정수가 아닌 값이 있는 배열"
            refuse(name, f"0 이상 {self.vocabulary} 미만의 정수인 배열", got)

    def backward(self, memory: Array, delta: Array) -> tuple[Array, list[Array]]:
        found = np.zeros_like(self.parameters[0])
        np.add.at(found, memory.ravel(), rows(delta))
        return np.zeros(memory.shape, delta.dtype), [found]


class Position(Layer):
    """위치 임베딩: 자리마다 배운 벡터를 더합니다. y = x + P. x: (N, T, d).

    - `initializer`: P를 뽑는 초기화 함수나 그 이름. `parameters`: [P (T, d)].

    >>> layer = Position("zeros")
    >>> layer.build((3, 2), np.random.default_rng(0), np.dtype(np.float32))
    (3, 2)
    """

    def __init__(self, initializer: Init = SMALL) -> None:
        super().__init__()
        self.initializer = initializers.get(initializer)

    def build(self, shape: Shape, rng: np.random.Generator, dtype: np.dtype) -> Shape:
        self.parameters = [draw("input_shape", self.initializer, _sequence("Position", shape), rng, dtype)]
        return shape

    def forward(self, x: Array, training: bool) -> tuple[Array, None]:
        return x + self.parameters[0], None

    def backward(self, memory: None, delta: Array) -> tuple[Array, list[Array]]:
        return delta, [delta.sum(axis=0)]


class Attention(Layer):
    """어텐션(Vaswani 외, 2017): 자리마다 다른 자리들의 값(V)을 softmax(scale·QKᵀ)로 섞습니다. (N, T, d) → (N, T, d).

    - `heads`: 머리의 수. d를 나누어야 하고, 머리마다 d/heads개의 유닛을 봅니다.
    - `initializer`: 행렬을 뽑는 초기화 함수나 그 이름. 편향은 0에서 시작합니다.
    - `causal`: True이면 자기와 앞의 자리만 봅니다. `scale`: 로짓에 곱하는 0 이상의 실수. None이면 1/√(d/heads).
    - `packed`: True이면 W_Q, W_K, W_V를 (d, 3d)인 행렬 하나로 뽑습니다. 그래서 fan_out이 3d입니다.
    - `parameters`: [W_Q, W_K, W_V, W_O, 그 차례의 편향]. packed이면 [W_QKV (d, 3d), W_O, 그 편향].

    >>> layer = Attention(heads=2)
    >>> layer.build((3, 4), np.random.default_rng(0), np.dtype(np.float32))
    (3, 4)
    >>> layer.probabilities(np.ones((1, 3, 4)))[0, 0].round(2).tolist()
    [[1.0, 0.0, 0.0], [0.5, 0.5, 0.0], [0.33, 0.33, 0.33]]
    """

    def __init__(
        self,
        heads: int,
        initializer: Init = "xavier_uniform",
        *,
        causal: bool = True,
        packed: bool = False,
        scale: float | None = None,
    ) -> None:
        super().__init__()
        self.heads, self.initializer = check_integer("heads", heads), initializers.get(initializer)
        for name, value in (("causal", causal), ("packed", packed)):
            if not isinstance(value, bool):
                refuse(name, "True나 False", value, TypeError)
        self.causal, self.packed = causal, packed
        self.given_scale = None if scale is None else check_number("scale", scale)

    def build(self, shape: Shape, rng: np.random.Generator, dtype: np.dtype) -> Shape:
        _, units = _sequence("Attention", shape)
        if units % self.heads:
            refuse("heads", f"유닛 수({units})를 나누는 정수", self.heads)
        self.scale = (units / self.heads) ** -0.5 if self.given_scale is None else self.given_scale
        widths = [3 * units, units] if self.packed else [units] * 4
        matrices = [draw("input_shape", self.initializer, (units, width), rng, dtype) for width in widths]
        self.parameters = [*matrices, *(np.zeros(width, dtype) for width in widths)]
        return shape

    def forward(self, x: Array, training: bool) -> tuple[Array, Any]:
        query, key, value = self._project(x)
        attended = self._attend(query, key)
        mixed = self._join(attended @ value)
        y = mixed @ self._writer() + self.parameters[-1]
        return y, (x, query, key, value, attended, mixed)

    def backward(self, memory: Any, delta: Array) -> tuple[Array, list[Array]]:
        x, query, key, value, attended, mixed = memory
        d_mixed = self._split(delta @ self._writer().T)
        d_attended = d_mixed @ value.swapaxes(-1, -2)
        # 소프트맥스의 미분: 확률 × (기울기 − 확률로 평균한 기울기). 가린 자리는 확률이 0이라 저절로 빠집니다.
        d_logits = attended * (d_attended - (d_attended * attended).sum(axis=-1, keepdims=True)) * self.scale
        parts = d_logits @ key, d_logits.swapaxes(-1, -2) @ query, attended.swapaxes(-1, -2) @ d_mixed
        d_projected = np.concatenate([self._join(part) for part in parts], axis=-1)
        weight, _ = self._projection()
        found, biases = rows(x).T @ rows(d_projected), rows(d_projected).sum(axis=0)
        matrices = [found] if self.packed else np.split(found, 3, axis=1)
        vectors = [biases] if self.packed else np.split(biases, 3)
        ends = rows(mixed).T @ rows(delta), rows(delta).sum(axis=0)
        return d_projected @ weight.T, [*matrices, ends[0], *vectors, ends[1]]

    def probabilities(self, x: Array) -> Array:
        """입력 x (N, T, d)에서 자리마다 어디를 얼마나 보는지, (N, heads, T, T). 마지막 축의 합은 1입니다."""
        if not self.parameters:
            refuse("layer", "망이 쓰는 사본(net.layers에 있는 것)", "망에 들어 있지 않은 층")
        query, key, _ = self._project(check_array("x", x, (None, None, len(self.parameters[0]))))
        return self._attend(query, key)

    def _projection(self) -> tuple[Array, Array]:
        """W_Q, W_K, W_V를 옆으로 이은 것과 그 편향."""
        if self.packed:
            return self.parameters[0], self.parameters[2]
        return np.concatenate(self.parameters[:3], axis=1), np.concatenate(self.parameters[4:7])

    def _writer(self) -> Array:
        return self.parameters[len(self.parameters) // 2 - 1]

    def _project(self, x: Array) -> list[Array]:
        weight, bias = self._projection()
        return [self._split(part) for part in np.split(x @ weight + bias, 3, axis=-1)]

    def _attend(self, query: Array, key: Array) -> Array:
        logits = (query @ key.swapaxes(-1, -2)) * self.scale
        if self.causal:
            np.copyto(logits, -np.inf, where=~np.tri(logits.shape[-1], dtype=bool))
        logits = np.exp(logits - logits.max(axis=-1, keepdims=True))
        return logits / logits.sum(axis=-1, keepdims=True)

    def _split(self, x: Array) -> Array:
        """(N, T, d) → (N, heads, T, d/heads)."""
        return x.reshape(*x.shape[:2], self.heads, -1).swapaxes(1, 2)

    def _join(self, x: Array) -> Array:
        return x.swapaxes(1, 2).reshape(len(x), x.shape[2], -1)


class Tied(Layer):
    """임베딩을 출력층에도 쓰는 망: 로짓 = layers(E의 행)·Eᵀ. x: (N, T) → (N, T, vocabulary).

    - `embedding`: `Embedding`. `layers`: 그 뒤에 올 층의 목록. 출력의 유닛 수가 임베딩의 것과 같아야 합니다.
    - `parameters`: [E, layers의 것…]. E의 기울기는 양쪽 끝에서 온 것의 합입니다(Press·Wolf, 2017).

    >>> layer = Tied(Embedding(5, 2), [Position()])
    >>> layer.build((3,), np.random.default_rng(0), np.dtype(np.float32))
    (3, 5)
    """

    def __init__(self, embedding: Embedding, layers: Sequence[Layer]) -> None:
        if not isinstance(embedding, Embedding):
            refuse("embedding", "layers.Embedding(80, 64)처럼 만든 층", embedding, TypeError)
        self.embedding, self.chain = copy.deepcopy(embedding), Chain(layers)

    @property
    def parameters(self) -> list[Array]:  # type: ignore[override]
        return [*self.embedding.parameters, *self.chain.parameters]

    @property
    def statistics(self) -> list[Array]:
        return self.chain.statistics

    def build(self, shape: Shape, rng: np.random.Generator, dtype: np.dtype) -> Shape:
        embedded = self.embedding.build(shape, rng, dtype)
        after = self.chain.build(embedded, rng, dtype)
        if after[-1] != self.embedding.units:
            refuse("layers", f"출력의 유닛 수가 임베딩과 같은 {self.embedding.units}인 층", f"출력이 {after}인 층")
        return (*after[:-1], self.embedding.vocabulary)

    def forward(self, x: Array, training: bool) -> tuple[Array, Any]:
        embedded, symbols = self.embedding.forward(x, training)
        y, memories = self.chain.forward(embedded, training)
        return y @ self.embedding.parameters[0].T, (symbols, memories, y)

    def backward(self, memory: Any, delta: Array) -> tuple[Array, list[Array]]:
        symbols, memories, y = memory
        below, gradients = self.chain.backward(memories, delta @ self.embedding.parameters[0])
        dx, [found] = self.embedding.backward(symbols, below)
        return dx, [found + rows(delta).T @ rows(y), *gradients]

    def check_input(self, name: str, x: Array) -> None:
        self.embedding.check_input(name, x)

    def remember(self, memory: Any) -> None:
        self.chain.remember(memory[1])


def _sequence(layer: str, shape: Shape) -> Shape:
    if len(shape) != 2:
        refuse("input_shape", f"{layer} 앞에서 (길이, 유닛 수)인 모양", shape)
    return shape
