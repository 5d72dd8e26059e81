"""다층 퍼셉트론(MLP): 순전파, 소프트맥스 교차 엔트로피, 역전파.

층 l의 계산은 z = a W + b, a' = f(z)이고 마지막 층에는 활성화 함수가 없습니다. 망은 파라미터만 가지고, 출력과 기울기를
담는 배열은 계산을 시키는 쪽이 `Workspace`로 마련합니다. 학습은 그 배열을 걸음마다 제자리에서 고쳐 쓰므로, 한 걸음의
비용이 행렬 곱의 비용에 가깝습니다(benchmarks/ 참고).
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from . import activations, initializers
from .activations import Activation
from .checks import check_array, check_labels, check_parameter, check_rng, check_sizes, enough_memory, refuse


class Gradients(NamedTuple):
    """배치 평균 손실과, 그 손실을 각 파라미터로 미분한 값. 모양은 `net.weights`, `net.biases`와 같습니다."""

    loss: float
    weights: list[np.ndarray]
    biases: list[np.ndarray]


class Workspace:
    """배치 하나의 순전파와 역전파에 쓰는 배열. `MLP.workspace`가 만듭니다.

    - `outputs[l]`: l층의 출력 a. `outputs[0]`은 입력 x, 마지막은 로짓입니다.
    - `weights`, `biases`: `MLP.backpropagate`가 적는 기울기.
    - `gradients`: 그 모두. `net.parameters`와 차례가 같습니다.
    """

    def __init__(self, x: np.ndarray, sizes: tuple[int, ...], dtype: np.dtype) -> None:
        hidden = [np.empty((len(x), n), dtype) for n in sizes[1:-1]]
        # 로짓만 열 우선으로 둡니다: 클래스를 따라 더하거나 최댓값을 찾는 소프트맥스가 빨라집니다.
        self.outputs = [x, *hidden, np.empty((len(x), sizes[-1]), dtype, order="F")]
        self.weights = [np.empty(shape, dtype) for shape in pairwise(sizes)]
        self.biases = [np.empty(n, dtype) for n in sizes[1:]]
        self.ones, self.rows = np.ones(len(x), dtype), np.arange(len(x))

    @property
    def gradients(self) -> list[np.ndarray]:
        return [*self.weights, *self.biases]


class MLP:
    """완전 연결 신경망.

    - `sizes`: 층의 유닛 수. [입력, 은닉층 …, 클래스 수]처럼 두 개 이상의 양의 정수.
    - `activation`: 은닉층의 활성화 함수 이름이나 `activations.Activation`.
    - `initializer`: 모든 층의 가중치를 뽑는 초기화 함수나 그 이름. 편향은 0에서 시작합니다.
    - `rng`: numpy.random.Generator. 앞 층부터 차례로 뽑습니다.
    - `dtype`: float32(기본) 또는 float64. 수치 미분과 비교할 때만 float64를 씁니다.

    `weights[l]`은 (sizes[l], sizes[l+1]), `biases[l]`은 (sizes[l+1],) 배열이고, `net.weights[0] = W`처럼 바꾸어도
    됩니다. 모르는 이름, 잘못된 크기, Generator가 아닌 rng에는 ValueError나 TypeError를, 메모리에 들어가지 않는 크기에는
    MemoryError를 던집니다. 가중치가 너무 커서 로짓, 손실, 기울기가 dtype의 범위(float32는 ±3.4e38)를 넘으면 그것을
    구하는 메서드가 ValueError를, 층의 출력이 메모리에 들어가지 않으면 MemoryError를 던집니다.

    >>> net = MLP([2, 3, 2], rng=np.random.default_rng(0))
    >>> net.forward(np.zeros((1, 2), np.float32))
    array([[0., 0.]], dtype=float32)
    """

    def __init__(
        self,
        sizes: list[int] | tuple[int, ...],
        activation: str | Activation = "relu",
        initializer: str | Callable[..., np.ndarray] = "he_normal",
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float32,
    ) -> None:
        self.sizes = check_sizes("sizes", sizes)
        self.activation = activations.get(activation)
        if dtype not in (np.float32, np.float64):
            refuse("dtype", "np.float32나 np.float64", dtype)
        draw = initializers.get(initializer)
        check_rng(rng)
        with enough_memory("sizes", sizes):
            drawn = [check_array("initializer의 결과", draw(shape, rng=rng), shape) for shape in pairwise(self.sizes)]
            # astype은 늘 복사합니다: 초기화 함수가 같은 배열을 여러 망에 주어도 망끼리 가중치를 나눠 갖지 않습니다.
            self.weights = [w.astype(dtype) for w in drawn]
        self.biases = [np.zeros(n, dtype) for n in self.sizes[1:]]
        self.dtype = np.dtype(dtype)

    @property
    def input_shape(self) -> tuple[int, ...]:
        """입력 하나의 모양."""
        return self.sizes[:1]

    @property
    def output_shape(self) -> tuple[int, ...]:
        """로짓 하나의 모양."""
        return self.sizes[-1:]

    @property
    def classes(self) -> int:
        return self.sizes[-1]

    @property
    def parameters(self) -> list[np.ndarray]:
        """학습할 배열의 목록: 모든 가중치, 그다음 모든 편향."""
        return [*self.weights, *self.biases]

    @property
    def state(self) -> list[np.ndarray]:
        """학습이 고치는 모든 배열."""
        return self.parameters

    def forward(self, x: np.ndarray) -> np.ndarray:
        """로짓을 계산합니다. x: (N, sizes[0]) → (N, 클래스 수). 모양이 다르거나 유한하지 않으면 오류입니다."""
        return self._run(x).outputs[-1]

    def loss(self, x: np.ndarray, labels: np.ndarray) -> float:
        """배치 평균 교차 엔트로피(nat). labels: (N,) 정수, 0 이상 클래스 수 미만."""
        work = self._run(x)
        labels = self._check_labels(x, labels)
        with np.errstate(over="ignore"):
            loss = self._cross_entropy(work, labels)
        self._refuse_overflow("손실", loss)
        return loss

    def gradients(self, x: np.ndarray, labels: np.ndarray) -> Gradients:
        """손실과 모든 파라미터의 기울기를 `Gradients`로 돌려줍니다.

        >>> net = MLP([2, 3, 2], initializer="zeros", rng=np.random.default_rng(0))
        >>> net.gradients(np.ones((4, 2), np.float32), np.array([0, 0, 0, 1])).biases[-1]
        array([-0.25,  0.25], dtype=float32)
        """
        x = self._check_input(x)
        labels = self._check_labels(x, labels)
        with self._enough_memory(x), np.errstate(over="ignore", invalid="ignore"):
            work = self.workspace(x)
            loss = self.backpropagate(work, labels)
        self._refuse_overflow("손실이나 기울기", loss, *work.gradients)
        return Gradients(loss, work.weights, work.biases)

    def predict(self, x: np.ndarray) -> np.ndarray:
        """가장 큰 로짓의 번호를 (N,) int64 배열로 돌려줍니다."""
        return self._run(x).outputs[-1].argmax(axis=1)

    def accuracy(self, x: np.ndarray, labels: np.ndarray) -> float:
        """맞힌 비율, 0 이상 1 이하."""
        return float(np.mean(self.predict(x) == self._check_labels(x, labels)))

    def check(self) -> None:
        """바꾸어 넣은 파라미터의 수나 모양이 다르거나, 유한하지 않은 값이 있거나, 읽기 전용이면 오류를 던집니다."""
        layers, limit = len(self.sizes) - 1, float(np.finfo(self.dtype).max)
        for name, arrays in (("net.weights", self.weights), ("net.biases", self.biases)):
            if not isinstance(arrays, (list, tuple)):
                refuse(name, f"배열 {layers}개로 된 목록", arrays, TypeError)
            if len(arrays) != layers:
                refuse(name, f"배열 {layers}개로 된 목록", f"배열 {len(arrays)}개로 된 목록")
        for i, (shape, weight, bias) in enumerate(zip(pairwise(self.sizes), self.weights, self.biases)):
            check_parameter(f"net.weights[{i}]", weight, shape, limit)
            check_parameter(f"net.biases[{i}]", bias, shape[1:], limit)

    def workspace(self, x: np.ndarray) -> Workspace:
        """입력이 x인 `Workspace`. x의 dtype은 이 망과 같아야 하고, 제자리에서 바꾸면 다음 배치가 됩니다."""
        return Workspace(x, self.sizes, self.dtype)

    def backpropagate(self, work: Workspace, labels: np.ndarray) -> float:
        """`work.outputs[0]`을 흘려 보내고 되돌려, 기울기를 `work`에 적고 손실을 돌려줍니다.

        `train`이 걸음마다 부르므로 아무것도 검사하지 않습니다.
        """
        delta = self._forward(work)
        loss = self._cross_entropy(work, labels)
        # 소프트맥스와 교차 엔트로피를 함께 미분하면 (확률 − 정답)이고, 배치 평균이므로 N으로 나눕니다.
        delta[work.rows, labels] -= 1
        delta /= len(labels)
        for layer in reversed(range(len(self.weights))):
            a = work.outputs[layer]
            np.matmul(a.T, delta, out=work.weights[layer])
            # 열의 합도 행렬 곱으로 구하면 np.sum보다 서너 배 빠릅니다.
            np.dot(work.ones, delta, out=work.biases[layer])
            if layer:
                # δ는 잠깐만 쓰므로 층마다 따로 두지 않습니다. 쓰는 메모리가 적을수록 캐시에 잘 머뭅니다.
                delta = (delta @ self.weights[layer].T).astype(self.dtype, copy=False)
                delta *= self.activation.derivative(a)
        return loss

    def _forward(self, work: Workspace) -> np.ndarray:
        for layer, (weight, bias) in enumerate(zip(self.weights, self.biases)):
            z = np.matmul(work.outputs[layer], weight, out=work.outputs[layer + 1])
            z += bias
            if layer + 1 < len(self.weights):
                self.activation.apply(z)
        return z

    def _cross_entropy(self, work: Workspace, labels: np.ndarray) -> float:
        """로짓을 제자리에서 소프트맥스 확률로 바꾸고, 평균 교차 엔트로피를 돌려줍니다."""
        scores = work.outputs[-1].T  # 행이 클래스, 열이 입력입니다.
        scores -= scores.max(axis=0)
        correct = scores[labels, work.rows]
        np.exp(scores, out=scores)
        total = scores.sum(axis=0)
        scores /= total
        return float((np.log(total) - correct).sum()) / len(labels)

    def _run(self, x: np.ndarray) -> Workspace:
        x = self._check_input(x)
        with self._enough_memory(x), np.errstate(over="ignore", invalid="ignore"):
            work = self.workspace(x)
            self._refuse_overflow("로짓", self._forward(work))
        return work

    def _enough_memory(self, x: np.ndarray) -> AbstractContextManager[None]:
        return enough_memory("x, net.sizes", (x.shape, self.sizes))

    def _refuse_overflow(self, name: str, *values: np.ndarray | float) -> None:
        if not all(np.isfinite(value).all() for value in values):
            largest = f"{np.finfo(self.dtype).max:.2g}".replace("+", "")
            refuse("net.weights", f"로짓, 손실, 기울기를 ±{largest} 안에 두는 크기", f"{name}의 값이 넘치는 가중치")

    def _check_input(self, x: np.ndarray) -> np.ndarray:
        self.check()
        return check_array("x", x, (None, self.sizes[0])).astype(self.dtype, copy=False)

    def _check_labels(self, x: np.ndarray, labels: np.ndarray) -> np.ndarray:
        return check_labels("labels", labels, len(x), self.sizes[-1])
