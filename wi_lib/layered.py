"""층을 이어 만든 망 `Network`. 메서드는 `MLP`와 같고, 빠르기보다 읽기 쉬움을 앞세웁니다."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import DTypeLike

from .chain import Array, Chain, Layer, rows
from .checks import check_array, check_integer, check_labels, check_parameter, check_rng, enough_memory, refuse
from .layers import Activate, Dense
from .network import MLP, Gradients

# 시험할 때 한 번에 흘리는 행의 수. 3 × 3 커널은 채널마다 아홉 칸을 펴므로, 더 크면 캐시에도 메모리에도 넘칩니다.
ROWS = 200


@dataclass
class Work:
    """`train`이 걸음마다 쓰는 것: 배치 x와, 차례가 `net.parameters`와 같은 기울기."""

    x: Array
    gradients: list[Array] = field(default_factory=list)


class Network:
    """층을 차례로 이은 망. 마지막 층의 출력이 로짓입니다.

    - `layers`: `layers.Dense(100)`처럼 만든 층의 목록. 망은 사본을 쓰므로 `[layers.Residual([...])] * 50`은 가중치가
      서로 다른 블록 50개입니다.
    - `input_shape`: 입력 하나의 모양. 예: (784,).
    - `rng`: numpy.random.Generator. 입력 쪽 층부터 차례로 뽑습니다. `dtype`: float32(기본) 또는 float64.

    `weights`는 모든 행렬과 커널을 입력에서 출력의 차례로 모은 튜플이고, `biases`는 그 밖의 파라미터(편향, γ, β, 배율)의
    튜플입니다. 바꾸려면 `net.weights[0][...] = W`처럼 제자리에 씁니다. 오류는 `MLP`와 같습니다.

    배치 정규화가 있으면 `forward`, `loss`, `predict`, `accuracy`는 이동 평균으로 정규화합니다. `gradients`와 학습에서,
    또 `training=True`를 주면 배치의 통계를 씁니다. 이동 평균은 `train`만 고칩니다.

    >>> from wi_lib import layers
    >>> block = layers.Residual([layers.Dense(3), layers.Activate("relu"), layers.Dense(3, "zeros")])
    >>> net = Network([block] * 2 + [layers.Dense(2)], input_shape=(3,), rng=np.random.default_rng(0))
    >>> [w.shape for w in net.weights]
    [(3, 3), (3, 3), (3, 3), (3, 3), (3, 2)]
    """

    def __init__(
        self,
        layers: Sequence[Layer],
        input_shape: tuple[int, ...],
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float32,
    ) -> None:
        self._chain = Chain(layers)
        if not isinstance(input_shape, (list, tuple)) or not input_shape:
            refuse("input_shape", "1 이상의 정수로 된 목록이나 튜플(예: (784,))", input_shape, TypeError)
        self.input_shape = tuple(check_integer(f"input_shape[{i}]", n) for i, n in enumerate(input_shape))
        if dtype not in (np.float32, np.float64):
            refuse("dtype", "np.float32나 np.float64", dtype)
        self.dtype = np.dtype(dtype)
        self.output_shape = self._chain.build(self.input_shape, check_rng(rng), self.dtype)
        self._shapes = [p.shape for p in self._chain.parameters]

    @property
    def layers(self) -> Sequence[Layer]:
        """층의 목록. 층의 `parameters`에 파라미터가 있습니다."""
        return self._chain.layers

    @property
    def classes(self) -> int:
        return self.output_shape[-1]

    @property
    def weights(self) -> tuple[Array, ...]:
        return tuple(p for p in self._chain.parameters if p.ndim > 1)

    @property
    def biases(self) -> tuple[Array, ...]:
        return tuple(p for p in self._chain.parameters if p.ndim == 1)

    @property
    def parameters(self) -> list[Array]:
        """학습할 배열의 목록: 모든 가중치, 그다음 나머지."""
        return [*self.weights, *self.biases]

    @property
    def state(self) -> list[Array]:
        """학습이 고치는 모든 배열: 파라미터와 이동 평균."""
        return [*self.parameters, *self._chain.statistics]

    def forward(self, x: Array, training: bool = False) -> Array:
        """로짓을 계산합니다. x: (N, *input_shape) → (N, 클래스 수)나 (N, 길이, 클래스 수)."""
        x = self._check_input(x)
        # 시험할 때는 행이 서로 무관하므로 나누어 흘립니다: 합성곱은 입력의 몇십 배인 메모리를 씁니다.
        parts = [x] if training else np.array_split(x, -(-len(x) // ROWS))
        with enough_memory("x", x.shape), np.errstate(over="ignore", invalid="ignore"):
            logits = np.concatenate([self._chain.forward(part, training)[0] for part in parts])
        self._finite("로짓", logits)
        return logits

    def loss(self, x: Array, labels: Array, training: bool = False) -> float:
        """평균 교차 엔트로피(nat). labels: 로짓의 마지막 축을 뺀 모양의 정수, 0 이상 클래스 수 미만."""
        logits = self.forward(x, training)
        labels = self._check_labels(x, labels)
        with np.errstate(over="ignore", invalid="ignore"):
            loss, _ = cross_entropy(logits, labels)
        self._finite("손실", np.array(loss))
        return loss

    def gradients(self, x: Array, labels: Array) -> Gradients:
        """손실과 기울기를, 배치의 통계로 구합니다. `weights`와 `biases`의 차례는 net의 것과 같습니다."""
        work = self.workspace(self._check_input(x))
        labels = self._check_labels(x, labels)
        with enough_memory("x", x.shape), np.errstate(over="ignore", invalid="ignore"):
            loss, _ = self._backpropagate(work, labels)
        self._finite("손실이나 기울기", np.array(loss), *work.gradients)
        count = len(self.weights)
        return Gradients(loss, work.gradients[:count], work.gradients[count:])

    def predict(self, x: Array) -> Array:
        """가장 큰 로짓의 번호를 (N,)나 (N, 길이) int64 배열로 돌려줍니다."""
        return self.forward(x).argmax(axis=-1)

    def accuracy(self, x: Array, labels: Array) -> float:
        """맞힌 비율, 0 이상 1 이하."""
        return float(np.mean(self.predict(x) == self._check_labels(x, labels)))

    def check(self) -> None:
        """바꾸어 넣은 파라미터의 수나 모양이 다르거나, 유한하지 않은 값이 있거나, 읽기 전용이면 오류를 던집니다."""
        found, limit = self._chain.parameters, float(np.finfo(self.dtype).max)
        if len(found) != len(self._shapes):
            refuse("net.layers", f"파라미터가 모두 {len(self._shapes)}개인 층", f"파라미터가 {len(found)}개인 층")
        for i, (shape, parameter) in enumerate(zip(self._shapes, found)):
            check_parameter(f"net.layers의 {i}번 파라미터", parameter, shape, limit)

    def workspace(self, x: Array) -> Work:
        """입력이 x인 `Work`. x를 제자리에서 바꾸면 다음 배치가 됩니다."""
        return Work(x)

    def backpropagate(self, work: Work, labels: Array) -> float:
        """`work.x`를 흘려 보내고 되돌려 기울기를 `work`에 적고, 이동 평균을 고치고, 손실을 돌려줍니다."""
        loss, memory = self._backpropagate(work, labels)
        self._chain.remember(memory)
        return loss

    def _backpropagate(self, work: Work, labels: Array) -> tuple[float, list]:
        logits, memory = self._chain.forward(work.x, training=True)
        loss, delta = cross_entropy(logits, labels)
        _, gradients = self._chain.backward(memory, delta)
        # 차례를 parameters에 맞춥니다: 행렬이 먼저입니다.
        work.gradients[:] = sorted(gradients, key=lambda g: g.ndim == 1)
        return loss, memory

    def _check_labels(self, x: Array, labels: Array) -> Array:
        return check_labels("labels", labels, (len(x), *self.output_shape[:-1]), self.classes)

    def _check_input(self, x: Array) -> Array:
        self.check()
        return check_array("x", x, (None, *self.input_shape)).astype(self.dtype, copy=False)

    def _finite(self, name: str, *values: Array) -> None:
        if not all(np.isfinite(value).all() for value in values):
            largest = f"{np.finfo(self.dtype).max:.2g}".replace("+", "")
            refuse("net.layers", f"로짓, 손실, 기울기를 ±{largest} 안에 두는 크기", f"{name}의 값이 넘치는 가중치")


def cross_entropy(logits: Array, labels: Array) -> tuple[float, Array]:
    """평균 교차 엔트로피(nat)와, 그것을 로짓으로 미분한 값 (소프트맥스 확률 − 정답) / N.

    logits: (…, 클래스 수). labels: 그 마지막 축을 뺀 모양. N은 레이블의 수입니다.

    >>> loss, delta = cross_entropy(np.zeros((1, 2)), np.array([1]))
    >>> round(loss, 4), delta.tolist()
    (0.6931, [[0.5, -0.5]])
    """
    flat, labels = rows(logits), labels.ravel()
    picked = np.arange(len(labels)), labels
    scores = flat - flat.max(axis=1, keepdims=True)
    delta = np.exp(scores)
    total = delta.sum(axis=1, keepdims=True)
    loss = float(np.mean(np.log(total[:, 0]) - scores[picked]))
    delta /= total
    delta[picked] -= 1
    return loss, (delta / len(labels)).reshape(logits.shape)


def as_network(net: MLP | Network) -> Network:
    """`MLP`를, 가중치를 나누어 쓰는 Dense와 Activate의 `Network`로 봅니다. `Network`는 그대로입니다.

    >>> net = MLP([3, 4, 2], rng=np.random.default_rng(0))
    >>> as_network(net).weights[0] is net.weights[0]
    True
    """
    if isinstance(net, Network):
        return net
    if not isinstance(net, MLP):
        refuse("net", "wi_lib.MLP나 wi_lib.Network", net, TypeError)
    net.check()
    parts: list[Layer] = [Dense(net.sizes[1], "zeros")]
    for units in net.sizes[2:]:
        parts += [Activate(net.activation), Dense(units, "zeros")]
    same = Network(parts, net.sizes[:1], rng=np.random.default_rng(0), dtype=net.dtype)
    for layer, weight, bias in zip(same.layers[::2], net.weights, net.biases):
        layer.parameters = [weight, bias]
    return same


@contextmanager
def restored(nets: Iterable[MLP | Network]) -> Iterator[None]:
    """오류가 나면 모든 망을 되돌립니다: 층이나 최적화기의 거절은 몇 걸음 뒤나 다음 망에서 오기도 합니다.

    >>> net = MLP([3, 2], "relu", "zeros", rng=np.random.default_rng(0))
    >>> try:
    ...     with restored([net]):
    ...         net.biases[0] += 1
    ...         raise ValueError
    ... except ValueError:
    ...     print(net.biases[0])
    [0. 0.]
    """
    kept = [(array, array.copy()) for net in nets for array in net.state]
    try:
        yield
    except Exception:
        for array, before in kept:
            np.copyto(array, before)
        raise
