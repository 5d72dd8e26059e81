"""정규화 층: 값을 평균 0, 표준편차 1로 맞춘 뒤 γ를 곱하고 β를 더합니다. 어느 값끼리 맞추는지만 다릅니다.

그림 (N, 높이, 너비, 채널)에서 `BatchNorm`은 채널마다 모든 자리의 통계를, 나머지는 자리마다 채널의 통계를 씁니다.
`BatchNorm`은 배치의 통계를 쓰므로 학습할 때(training=True)와 시험할 때가 다릅니다.
"""

from typing import Any

import numpy as np

from .chain import Array, Layer, Shape, rows
from .checks import check_number, refuse


class _Norm(Layer):
    """y = γ·(x − μ)/s + β. μ와 s를 어느 축에서 구하는지만 다릅니다. s = √(분산 + ε)."""

    def __init__(self, epsilon: float = 1e-5) -> None:
        super().__init__()
        self.epsilon = check_number("epsilon", epsilon, above=True)

    def build(self, shape: Shape, rng: np.random.Generator, dtype: np.dtype) -> Shape:
        self.parameters = [np.ones(shape[-1:], dtype), np.zeros(shape[-1:], dtype)]
        return shape

    def forward(self, x: Array, training: bool) -> tuple[Array, Any]:
        mean = x.mean(axis=self._axes(x), keepdims=True)
        variance = np.square(x - mean).mean(axis=self._axes(x), keepdims=True)
        normal, s = self._divide(x - mean, variance)
        return normal * self.parameters[0] + self.parameters[1], (normal, s, mean, variance)

    def backward(self, memory: Any, delta: Array) -> tuple[Array, list[Array]]:
        # x를 조금 바꾸면 평균과 표준편차도 함께 바뀌므로, 그 두 방향의 기울기가 빠집니다.
        normal, s, *_ = memory
        inner, axes = delta * self.parameters[0], self._axes(delta)
        along = (inner * normal).mean(axis=axes, keepdims=True)
        below = (inner - inner.mean(axis=axes, keepdims=True) - normal * along) / s
        return below, [rows(delta * normal).sum(axis=0), rows(delta).sum(axis=0)]

    def _axes(self, x: Array) -> tuple[int, ...]:
        """통계를 구하는 축."""
        raise NotImplementedError

    def _divide(self, centred: Array, variance: Array) -> tuple[Array, Array]:
        s = _root(variance + self.epsilon)
        return centred / s, s


class BatchNorm(_Norm):
    """배치 정규화(Ioffe·Szegedy, 2015): 유닛마다, 배치에서 구한 평균을 빼고 표준편차로 나눕니다.

    - `epsilon`: 0 초과의 실수. 배치에서 값이 모두 같은 유닛은 0/√ε = 0이 되어 β만 남습니다.
    - `momentum`: 0 초과 1 이하의 실수. 학습의 한 걸음마다 이동 평균 ← (1 − momentum)·이동 평균 + momentum·배치의 값.
    - `parameters`: [γ, β], 각각 (유닛 수,). 1과 0에서 시작합니다.
    - `running_mean`, `running_variance`: 시험할 때 배치의 것 대신 쓰는 이동 평균. 0과 1에서 시작하므로 학습하지 않은
      망에서는 정규화하지 않는 것과 같습니다. 이동 평균에 넣는 분산은 논문처럼 N − 1로 나눈 것입니다.

    학습할 때 입력이 하나뿐이면 빼고 나서 아무것도 남지 않으므로 ValueError입니다.

    >>> from wi_lib import Network
    >>> net = Network([BatchNorm()], input_shape=(1,), rng=np.random.default_rng(0))
    >>> net.forward(np.array([[1.0], [3.0]]), training=True).round(3).tolist()
    [[-1.0], [1.0]]
    """

    def __init__(self, epsilon: float = 1e-5, momentum: float = 0.1) -> None:
        super().__init__(epsilon)
        self.momentum = check_number("momentum", momentum, maximum=1, above=True)

    def build(self, shape: Shape, rng: np.random.Generator, dtype: np.dtype) -> Shape:
        super().build(shape, rng, dtype)
        self.running_mean, self.running_variance = np.zeros(shape[-1:], dtype), np.ones(shape[-1:], dtype)
        return shape

    def forward(self, x: Array, training: bool) -> tuple[Array, Any]:
        if training and x.size == x.shape[-1]:
            refuse("x", "두 행 이상인 배치(배치 정규화는 배치의 평균을 뺍니다)", "한 행인 배치")
        if training:
            return super().forward(x, training)
        normal, _ = self._divide(x - self.running_mean, self.running_variance)
        return normal * self.parameters[0] + self.parameters[1], None

    @property
    def statistics(self) -> list[Array]:
        return [self.running_mean, self.running_variance]

    def remember(self, memory: Any) -> None:
        normal, _, mean, variance = memory
        count = len(rows(normal))
        unbiased = variance * (count / (count - 1))
        self.running_mean += self.momentum * (mean.ravel() - self.running_mean)
        self.running_variance += self.momentum * (unbiased.ravel() - self.running_variance)

    def _axes(self, x: Array) -> tuple[int, ...]:
        return tuple(range(x.ndim - 1))


class LayerNorm(_Norm):
    """층 정규화(Ba 외, 2016): 입력마다, 유닛에서 구한 평균을 빼고 표준편차로 나눕니다. 배치와 무관합니다.

    - `epsilon`: 0 초과의 실수. `parameters`: [γ, β], 각각 (유닛 수,). 1과 0에서 시작합니다.

    >>> from wi_lib import Network
    >>> net = Network([LayerNorm()], input_shape=(2,), rng=np.random.default_rng(0))
    >>> net.forward(np.array([[1.0, 3.0]])).round(3).tolist()
    [[-1.0, 1.0]]
    """

    def _axes(self, x: Array) -> tuple[int, ...]:
        return (-1,)


class RMSNorm(Layer):
    """RMS 정규화(Zhang·Sennrich, 2019): 입력마다 유닛의 RMS로 나눕니다. 평균은 빼지 않습니다. y = γ·x/√(mean(x²) + ε).

    - `epsilon`: 0 초과의 실수. `parameters`: [γ (유닛 수,)]. 1에서 시작합니다.

    >>> from wi_lib import Network
    >>> net = Network([RMSNorm()], input_shape=(2,), rng=np.random.default_rng(0))
    >>> net.forward(np.array([[3.0, 3.0]])).round(3).tolist()
    [[1.0, 1.0]]
    """

    def __init__(self, epsilon: float = 1e-5) -> None:
        super().__init__()
        self.epsilon = check_number("epsilon", epsilon, above=True)

    def build(self, shape: Shape, rng: np.random.Generator, dtype: np.dtype) -> Shape:
        self.parameters = [np.ones(shape[-1:], dtype)]
        return shape

    def forward(self, x: Array, training: bool) -> tuple[Array, Any]:
        s = _root(np.square(x).mean(axis=-1, keepdims=True) + self.epsilon)
        return x / s * self.parameters[0], (x / s, s)

    def backward(self, memory: Any, delta: Array) -> tuple[Array, list[Array]]:
        normal, s = memory
        inner = delta * self.parameters[0]
        below = (inner - normal * (inner * normal).mean(axis=-1, keepdims=True)) / s
        return below, [rows(delta * normal).sum(axis=0)]


def _root(square: Array) -> Array:
    # 무한대로 나누면 0이 되어 넘친 값이 조용히 β로 바뀝니다. NaN은 망이 알아보고 거절합니다.
    return np.sqrt(np.where(np.isinf(square), np.nan, square))
