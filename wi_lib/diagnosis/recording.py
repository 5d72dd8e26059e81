"""어댑터가 적고 규칙이 읽는 것: 층마다 지나간 값의 합과 행렬의 요약.

어댑터는 망을 한 번 흘리고 되돌리며 여기에 NumPy 배열을 건네기만 합니다. 배열은 남기지 않습니다.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..checks import refuse
from ..optimizers import Optimizer
from .moments import Moments
from .weights import Weight, summarise

Array = NDArray[Any]
KINDS = ("dense", "convolution", "embedding", "attention", "norm", "other")


@dataclass
class Layer:
    """층 하나. 여러 번 쓰이면 합이 이어집니다.

    - `name`: 프레임워크가 부르는 이름. `kind`: KINDS의 하나. `label`: 클래스의 이름.
    - `inputs`, `outputs`: 들어온 것과 나간 것(활성화 함수 앞). `deltas`: 나간 것에 대한 기울기.
    - `activation`, `activated`: 뒤따르는 활성화 함수의 이름과 그 출력.
    """

    name: str
    kind: str
    label: str
    weights: dict[str, Weight] = field(default_factory=dict)
    inputs: Moments = field(default_factory=Moments)
    outputs: Moments = field(default_factory=Moments)
    activation: str | None = None
    activated: Moments = field(default_factory=Moments)
    deltas: Moments = field(default_factory=Moments)
    step: Callable[[list[Array]], Any] = field(default=lambda parameters: lambda gradients: None, repr=False)

    def weight(
        self,
        name: str,
        array: Array,
        expression: str,
        *,
        groups: int = 1,
        trainable: bool = True,
        drawn: tuple[int, int] | None = None,
    ) -> None:
        """행렬이나 커널 하나를 적습니다. 모양은 wi_lib처럼 (…, 입력/groups, 출력)입니다.

        - `expression`: 그 배열에 닿는 파이썬 식(망의 이름은 model).
        - `drawn`: 한꺼번에 뽑은 더 큰 배열의 (fan_in, fan_out).
        """
        if name not in self.weights:
            embedding = self.kind == "embedding"
            self.weights[name] = summarise(name, array, expression, groups, trainable, drawn, embedding)

    def enter(self, x: Array, units: int = -1) -> None:
        self.inputs.add(x, units)

    def leave(self, y: Array, units: int = -1) -> None:
        self.outputs.add(y, units)

    def activate(self, name: str, a: Array, units: int = -1) -> None:
        if self.activation in (None, name):
            self.activation = name
            self.activated.add(a, units, name)

    def delta(self, d: Array, units: int = -1) -> None:
        self.deltas.add(d, units)

    def gradient(self, name: str, g: Array, w: Array) -> None:
        """행렬 w의 기울기. 둘 다 `weight`에 준 것과 모양이 같습니다."""
        self.weights[name].learn(g, w, self.step)


class Recording:
    """망 하나를 한 번 흘리고 되돌리며 본 것.

    - `layers`: 처음 불린 차례의 층. `inputs`: 실수 입력마다의 합. `outputs`: 망의 출력.
    - `loss`, `expected_loss`: 레이블을 주었을 때의 손실과, 아무것도 모르고 고르게 답할 때의 손실.
    """

    def __init__(self, framework: str, optimizer: Optimizer, learning_rate: float) -> None:
        self.framework, self.optimizer, self.learning_rate = framework, optimizer, learning_rate
        self.named: dict[str, Layer] = {}
        self.inputs: list[Moments] = []
        self.arrays: list[Array] = []
        self.outputs: Array = np.zeros(0)
        self.labels: Array | None = None
        self.loss: float | None = None
        self.expected_loss: float | None = None

    @property
    def layers(self) -> list[Layer]:
        return list(self.named.values())

    @property
    def ending(self) -> str | None:
        """마지막 층을 뒤따른 활성화 함수."""
        return self.layers[-1].activation if self.named else None

    def layer(self, name: str, kind: str, label: str) -> Layer:
        """이름이 name인 층의 기록. 처음 부를 때 만듭니다."""
        if name not in self.named:
            self.named[name] = Layer(name, kind, label, step=self._start)
        return self.named[name]

    def _start(self, parameters: list[Array]) -> Any:
        """첫 걸음을 셀 최적화기. 결과를 파일로 남길 수 있도록 이름 있는 함수입니다."""
        return self.optimizer.start(parameters, self.learning_rate)

    def receive(self, arrays: list[Array], labels: Array | None) -> None:
        """입력과 레이블. 실수 입력만 크기를 봅니다."""
        if arrays and not any(array.size for array in arrays):
            refuse("x", "입력이 하나는 있는 배치", arrays[0])
        self.arrays, self.labels = arrays, labels
        for array in arrays:
            if array.dtype.kind == "f" and array.ndim > 1:
                moments = Moments()
                moments.add(array)
                self.inputs.append(moments)
