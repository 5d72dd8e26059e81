"""다층 퍼셉트론(MLP): 순전파, 소프트맥스 교차 엔트로피, 역전파.

층 l의 계산은 z = a W + b, a' = f(z)이고 마지막 층에는 활성화 함수가 없습니다. 출력과 기울기를 담는 배열은 한 번만
만들고 제자리에서 고쳐 쓰므로, 학습 한 걸음의 비용은 행렬 곱의 비용에 가깝습니다(benchmarks/ 참고).
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from . import activations, initializers
from .checks import check_array, check_labels, check_rng, check_sizes, refuse


class Gradients(NamedTuple):
    """배치 평균 손실과, 그 손실을 각 파라미터로 미분한 값. 모양은 `net.weights`, `net.biases`와 같습니다."""

    loss: float
    weights: list[np.ndarray]
    biases: list[np.ndarray]


class MLP:
    """완전 연결 신경망.

    - `sizes`: 층의 유닛 수. [입력, 은닉층 …, 클래스 수]처럼 두 개 이상의 양의 정수.
    - `activation`: 은닉층의 활성화 함수 이름이나 `activations.Activation`.
    - `initializer`: 모든 층의 가중치를 뽑는 초기화 함수나 그 이름. 편향은 0에서 시작합니다.
    - `rng`: numpy.random.Generator. 앞 층부터 차례로 뽑습니다.
    - `dtype`: float32(기본) 또는 float64. 수치 미분과 비교할 때만 float64를 씁니다.

    `weights[l]`은 (sizes[l], sizes[l+1]), `biases[l]`은 (sizes[l+1],) 배열입니다. 모르는 이름, 잘못된 크기,
    Generator가 아닌 rng에는 ValueError나 TypeError를 던집니다.

    >>> net = MLP([2, 3, 2], rng=np.random.default_rng(0))
    >>> net.forward(np.zeros((1, 2), np.float32))
    array([[0., 0.]], dtype=float32)
    """

    def __init__(self, sizes, activation="relu", initializer="he_normal", *, rng, dtype=np.float32):
        self.sizes = check_sizes("sizes", sizes)
        self.activation = activations.get(activation)
        if dtype not in (np.float32, np.float64):
            refuse("dtype", "np.float32나 np.float64", dtype)
        draw = initializers.get(initializer)
        check_rng(rng)
        # astype은 늘 복사합니다: 초기화 함수가 같은 배열을 여러 망에 주어도 망끼리 가중치를 나눠 갖지 않습니다.
        drawn = [check_array("initializer의 결과", draw(shape, rng=rng), shape) for shape in pairwise(self.sizes)]
        self.weights = [w.astype(dtype) for w in drawn]
        self.biases = [np.zeros(n, dtype) for n in self.sizes[1:]]
        self.dtype = np.dtype(dtype)
        self._gradients = Gradients(
            0.0, [np.empty_like(w) for w in self.weights], [np.empty_like(b) for b in self.biases]
        )
        self._outputs, self._ones, self._rows = [], np.empty(0, dtype), np.arange(0)

    @property
    def parameters(self):
        """학습할 배열의 목록: 모든 가중치, 그다음 모든 편향."""
        return [*self.weights, *self.biases]

    def forward(self, x):
        """로짓을 계산합니다. x: (N, sizes[0]) → (N, 클래스 수). 모양이 다르거나 유한하지 않으면 오류입니다."""
        return self._forward(self._check_input(x)).copy()

    def loss(self, x, labels):
        """배치 평균 교차 엔트로피(nat). labels: (N,) 정수, 0 이상 클래스 수 미만."""
        return self._cross_entropy(self._forward(self._check_input(x)), self._check_labels(x, labels))

    def gradients(self, x, labels):
        """손실과 모든 파라미터의 기울기를 `Gradients`로 돌려줍니다.

        >>> net = MLP([2, 3, 2], initializer="zeros", rng=np.random.default_rng(0))
        >>> net.gradients(np.ones((4, 2), np.float32), np.array([0, 0, 0, 1])).biases[-1]
        array([-0.25,  0.25], dtype=float32)
        """
        loss = self.backpropagate(self._check_input(x), self._check_labels(x, labels))
        return Gradients(loss, *([g.copy() for g in kind] for kind in self._gradients[1:]))

    def predict(self, x):
        """가장 큰 로짓의 번호를 (N,) int64 배열로 돌려줍니다."""
        return self._forward(self._check_input(x)).argmax(axis=1)

    def accuracy(self, x, labels):
        """맞힌 비율, 0 이상 1 이하."""
        return float(np.mean(self.predict(x) == self._check_labels(x, labels)))

    def backpropagate(self, x, labels, scale=1.0):
        """검사 없이 순전파와 역전파를 한 번 하고 손실을 돌려줍니다. scale을 곱한 기울기는 `self._gradients`에 남습니다.

        `train`이 걸음마다 부르는 안쪽 함수입니다. x의 dtype은 이 망의 dtype이어야 합니다.
        """
        delta = self._forward(x)
        loss = self._cross_entropy(delta, labels)
        # 소프트맥스와 교차 엔트로피를 함께 미분하면 (확률 − 정답)이고, 배치 평균이므로 N으로 나눕니다.
        delta[self._rows, labels] -= 1
        delta *= scale / len(labels)
        for layer in reversed(range(len(self.weights))):
            a = self._outputs[layer]
            np.matmul(a.T, delta, out=self._gradients.weights[layer])
            # 열의 합도 행렬 곱으로 구하면 np.sum보다 서너 배 빠릅니다.
            np.dot(self._ones, delta, out=self._gradients.biases[layer])
            if layer:
                # δ는 잠깐만 쓰므로 층마다 따로 두지 않습니다. 쓰는 메모리가 적을수록 캐시에 잘 머뭅니다.
                delta = delta @ self.weights[layer].T
                delta *= self.activation.derivative(a)
        return loss

    def _forward(self, x):
        self._prepare(x)
        for layer, (weight, bias) in enumerate(zip(self.weights, self.biases)):
            z = np.matmul(self._outputs[layer], weight, out=self._outputs[layer + 1])
            z += bias
            if layer + 1 < len(self.weights):
                self.activation.apply(z)
        return z

    def _prepare(self, x):
        if len(self._ones) != len(x):
            hidden = [(len(x), n) for n in self.sizes[1:-1]]
            # 로짓만 열 우선으로 둡니다: 클래스를 따라 더하거나 최댓값을 찾는 소프트맥스가 빨라집니다.
            logits = np.empty((len(x), self.sizes[-1]), self.dtype, order="F")
            self._outputs = [x, *(np.empty(shape, self.dtype) for shape in hidden), logits]
            self._ones, self._rows = np.ones(len(x), self.dtype), np.arange(len(x))
        self._outputs[0] = x

    def _cross_entropy(self, logits, labels):
        """logits를 제자리에서 소프트맥스 확률로 바꾸고, 평균 교차 엔트로피를 돌려줍니다."""
        scores = logits.T  # 행이 클래스, 열이 입력입니다.
        scores -= scores.max(axis=0)
        correct = scores[labels, self._rows]
        np.exp(scores, out=scores)
        total = scores.sum(axis=0)
        scores /= total
        return float((np.log(total) - correct).sum()) / len(labels)

    def _check_input(self, x):
        return check_array("x", x, (None, self.sizes[0])).astype(self.dtype, copy=False)

    def _check_labels(self, x, labels):
        return check_labels("labels", labels, len(x), self.sizes[-1])
