"""최적화기: 기울기 g가 주어졌을 때 파라미터 w를 얼마나 옮길지 정합니다. η는 학습률입니다.

설정만 담은 작은 값이고, 학습하는 동안의 상태(속도, 모멘트)는 `start`가 돌려주는 함수가 가집니다. 그래서 하나를 여러
망에 써도 섞이지 않습니다. `weight_decay`(λ)는 기울기와 따로 모든 파라미터를 걸음마다 1 − ηλ배로 줄입니다
(Loshchilov·Hutter, 2019). SGD에서는 손실에 λ/2·Σw²을 더한 것과 같습니다.
"""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from .checks import check_choice, check_number, refuse

Array = NDArray[Any]


class Optimizer(Protocol):
    """최적화기가 갖출 것. 직접 만든 것도 `train(..., optimizer=...)`에 넘길 수 있습니다."""

    def start(self, parameters: Sequence[Array], learning_rate: float) -> Callable[[Sequence[Array]], None]:
        """parameters(배열의 목록)를 제자리에서 한 걸음 옮기는 함수를 돌려줍니다.

        그 함수는 같은 차례의 기울기 목록을 받고, 기울기 배열은 계산하는 자리로 써도 됩니다.
        """
        ...


@dataclass(frozen=True)
class SGD:
    """확률적 경사 하강법: w ← w − ηg.

    - `weight_decay`: λ, 0 이상의 실수.

    >>> w = np.array([1.0])
    >>> SGD().start([w], learning_rate=0.1)([np.array([2.0])])
    >>> w
    array([0.8])
    """

    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        _keep_numbers(self)

    def start(self, parameters: Sequence[Array], learning_rate: float) -> Callable[[Sequence[Array]], None]:
        shrink = _shrink(learning_rate, self.weight_decay)

        def step(gradients: Sequence[Array]) -> None:
            for w, g in zip(parameters, gradients):
                shrink(w)
                g *= learning_rate
                w -= g

        return step


@dataclass(frozen=True)
class Momentum:
    """모멘텀: v ← βv + g, w ← w − ηv (Polyak, 1964).

    같은 쪽을 가리키는 기울기가 이어지면 한 걸음이 SGD의 1/(1 − β)배까지 커집니다.

    - `beta`: β, 0 이상 1 미만의 실수. `weight_decay`: λ, 0 이상의 실수.

    >>> w = np.array([1.0])
    >>> step = Momentum(beta=0.5).start([w], learning_rate=0.1)
    >>> step([np.array([2.0])]), step([np.array([2.0])])
    (None, None)
    >>> w
    array([0.5])
    """

    beta: float = 0.9
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        _keep_numbers(self, below_one=("beta",))

    def start(self, parameters: Sequence[Array], learning_rate: float) -> Callable[[Sequence[Array]], None]:
        shrink, velocities = _shrink(learning_rate, self.weight_decay), [np.zeros_like(w) for w in parameters]

        def step(gradients: Sequence[Array]) -> None:
            for w, g, v in zip(parameters, gradients, velocities):
                shrink(w)
                v *= self.beta
                v += g
                w -= learning_rate * v

        return step


@dataclass(frozen=True)
class Adam:
    """Adam: 기울기의 평균을 그 크기로 나누어, 파라미터마다 η 안팎씩 옮깁니다 (Kingma·Ba, 2015).

    m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², w ← w − η·m̂ / (√v̂ + ε). m̂ = m / (1 − β₁ᵗ)과 v̂ = v / (1 − β₂ᵗ)은
    0에서 시작한 m과 v가 처음에 작게 나오는 것을 바로잡은 값입니다(t는 걸음의 번호). 기울기에 모두 같은 수를 곱해도
    걸음은 그대로이지만, 기울기가 ε만큼 작으면 걸음도 작아집니다.

    - `beta1`, `beta2`: 0 이상 1 미만의 실수. `epsilon`: ε, 0 초과의 실수.
    - `weight_decay`: λ, 0 이상의 실수. 0이 아니면 AdamW(Loshchilov·Hutter, 2019)입니다.

    >>> w = np.array([1.0, 1.0])
    >>> Adam().start([w], learning_rate=0.1)([np.array([2.0, -1e-3])])
    >>> w.round(3)
    array([0.9, 1.1])
    """

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        _keep_numbers(self, below_one=("beta1", "beta2"), above_zero=("epsilon",))

    def start(self, parameters: Sequence[Array], learning_rate: float) -> Callable[[Sequence[Array]], None]:
        shrink = _shrink(learning_rate, self.weight_decay)
        means, squares = [np.zeros_like(w) for w in parameters], [np.zeros_like(w) for w in parameters]
        steps = itertools.count(1)

        def step(gradients: Sequence[Array]) -> None:
            t = next(steps)
            # m̂과 v̂의 나눗셈은 학습률과 ε에 옮겨 두면 배열마다 하지 않아도 됩니다.
            root = (1 - self.beta2**t) ** 0.5
            rate, epsilon = learning_rate * root / (1 - self.beta1**t), self.epsilon * root
            for w, g, m, v in zip(parameters, gradients, means, squares):
                shrink(w)
                m += (1 - self.beta1) * (g - m)
                v += (1 - self.beta2) * (g * g - v)
                w -= rate * m / (np.sqrt(v) + epsilon)

        return step


@dataclass(frozen=True)
class PerParameter:
    """파라미터마다 다른 학습률: i번째 파라미터는 optimizer가 `factors[i]`·η로 옮깁니다.

    - `optimizer`: 이름이나 최적화기. `factors`: 0 이상의 실수의 목록. 수와 차례가 net.parameters와 같아야 합니다.

    `weight_decay`도 그 학습률에 곱해지므로, 덜 움직이는 파라미터는 덜 줄어듭니다.

    >>> w, b = np.array([1.0]), np.array([1.0])
    >>> PerParameter("sgd", [1, 0.5]).start([w, b], learning_rate=0.1)([np.array([2.0]), np.array([2.0])])
    >>> w, b
    (array([0.8]), array([0.9]))
    """

    optimizer: str | Optimizer
    factors: Sequence[float]

    def __post_init__(self) -> None:
        object.__setattr__(self, "optimizer", get(self.optimizer))
        if not isinstance(self.factors, (list, tuple, np.ndarray)) or getattr(self.factors, "ndim", 1) != 1:
            refuse("factors", "파라미터마다 0 이상의 실수인 목록", self.factors, TypeError)
        checked = tuple(check_number(f"factors[{i}]", factor) for i, factor in enumerate(self.factors))
        object.__setattr__(self, "factors", checked)

    def start(self, parameters: Sequence[Array], learning_rate: float) -> Callable[[Sequence[Array]], None]:
        if len(parameters) != len(self.factors):
            refuse("factors", f"파라미터의 수와 같은 {len(parameters)}개인 목록", f"{len(self.factors)}개인 목록")
        optimizer = get(self.optimizer)
        moves = [optimizer.start([w], learning_rate * factor) for w, factor in zip(parameters, self.factors)]

        def step(gradients: Sequence[Array]) -> None:
            for move, g in zip(moves, gradients):
                move([g])

        return step


OPTIMIZERS = {"sgd": SGD, "momentum": Momentum, "adam": Adam}


def get(optimizer: str | Optimizer) -> Optimizer:
    """이름이나 최적화기에서 최적화기를 얻습니다. 모르는 이름이면 아는 이름을 모두 말하는 ValueError입니다.

    >>> get("adam")
    Adam(beta1=0.9, beta2=0.999, epsilon=1e-08, weight_decay=0.0)
    """
    if isinstance(optimizer, str):
        return check_choice("optimizer", optimizer, OPTIMIZERS)()
    if isinstance(optimizer, type) or not callable(getattr(optimizer, "start", None)):
        names = ", ".join(OPTIMIZERS)
        refuse("optimizer", f"이름({names})이나 optimizers.Adam()처럼 만든 최적화기", optimizer, TypeError)
    return optimizer


def _shrink(learning_rate: float, weight_decay: float) -> Callable[[Array], Any]:
    """파라미터를 제자리에서 1 − ηλ배로 줄이는 함수."""
    if not weight_decay:
        return lambda w: w
    kept = 1 - learning_rate * weight_decay
    return lambda w: np.multiply(w, kept, out=w)


def _keep_numbers(optimizer: Any, below_one: Sequence[str] = (), above_zero: Sequence[str] = ()) -> None:
    """설정마다 검사하고 파이썬의 float로 바꾸어 둡니다."""
    for name, value in vars(optimizer).items():
        limits = {"maximum": 1, "below": True} if name in below_one else {"above": name in above_zero}
        object.__setattr__(optimizer, name, check_number(name, value, **limits))
