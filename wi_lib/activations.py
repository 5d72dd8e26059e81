"""활성화 함수: 값, 도함수, 권장 gain을 한 표에 모았습니다.

여기 있는 함수는 모두 단조 증가하므로 도함수를 출력 a = f(z)만으로 쓸 수 있습니다.
그래서 역전파는 z를 따로 보관하지 않고, 층의 출력 하나만 기억합니다.
"""

import numbers
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .checks import LARGEST_FLOAT64, check_array, check_choice, check_number, refuse

SELU_ALPHA = 1.6732632423543772
SELU_SCALE = 1.0507009873554805
Array = NDArray[Any]


@dataclass(frozen=True)
class Activation:
    """활성화 함수 하나.

    - `name`: 이름.
    - `apply(z)`: z 배열을 **제자리에서** f(z)로 바꿉니다.
    - `derivative(a)`: 출력 a = f(z)에서 f'(z)를 계산한 새 배열. ReLU의 0과 1은 bool로 나옵니다.
    - `gain`: 층을 지나도 신호 크기가 유지되도록 가중치 표준편차에 곱하라고 권하는 값.
      PyTorch `calculate_gain`의 값이며, 직접 구한 값은 `theory.gain`과 비교해 보십시오.
    - `steepest`: 도함수의 최댓값. 포화 여부를 잴 때의 기준이고, 상관의 적분(`mean_field`)은 그만큼 촘촘히 봅니다.
    - `scale_free`: 양수 k마다 f(kz) = k·f(z)이면 True. 신호의 크기가 모양을 바꾸지 않는 함수입니다.

    직접 만든 것도 그대로 복사하고 pickle할 수 있습니다. 다른 프로세스에 보내려면 두 함수가 람다가 아니라 모듈에
    이름이 있는 함수여야 합니다.

    >>> relu = get("relu")
    >>> relu(np.array([-1.0, 2.0]))
    array([0., 2.])
    """

    name: str
    apply: Callable[[Array], Array]
    derivative: Callable[[Array], Array]
    gain: float
    steepest: float = 1.0
    scale_free: bool = False

    def __call__(self, z: float | Array) -> Array:
        """실수나 실수 배열 z는 그대로 두고 f(z)를 새 배열로 돌려줍니다. 유한하지 않은 z에는 ValueError입니다."""
        if isinstance(z, numbers.Real) and not isinstance(z, np.generic):  # Fraction도 실수입니다.
            z = check_number("z", z, -LARGEST_FLOAT64, LARGEST_FLOAT64)
        z = check_array("z", np.asarray(z) if isinstance(z, numbers.Real) else z, limit=LARGEST_FLOAT64)
        return self.apply(z.astype(np.result_type(z, np.float32)))

    def saturated(self, a: Array) -> float:
        """출력 배열 a 가운데 포화된(기울기가 최댓값의 5 %도 안 되는) 것의 비율, 0 이상 1 이하."""
        check_array("a", a, limit=LARGEST_FLOAT64)
        slope = self.derivative(a.astype(np.result_type(a, np.float32), copy=False))
        return float(np.mean(slope < 0.05 * self.steepest))


def _sigmoid(z: Array) -> Array:
    # σ(z) = (1 + tanh(z/2)) / 2: exp(-z)와 달리 아주 작은 z에서도 넘치지 않습니다.
    z *= 0.5
    np.tanh(z, out=z)
    z += 1
    z *= 0.5
    return z


def _sigmoid_slope(a: Array) -> Array:
    return a * (1 - a)


def _tanh(z: Array) -> Array:
    return np.tanh(z, out=z)


def _tanh_slope(a: Array) -> Array:
    return 1 - a * a


def _relu(z: Array) -> Array:
    # 숫자 0 하나와 견주면 NumPy가 벡터 명령을 쓰지 못하므로, 0으로 된 행과 견줍니다.
    return np.maximum(z, np.zeros(z.shape[-1:], z.dtype), out=z)


def _relu_slope(a: Array) -> Array:
    return a > 0


def _leaky_relu(z: Array, slope: float) -> Array:
    return np.maximum(z, slope * z, out=z)


def _leaky_relu_slope(a: Array, slope: float) -> Array:
    return np.where(a > 0, a.dtype.type(1), a.dtype.type(slope))


def _selu(z: Array) -> Array:
    negative = np.minimum(z, 0, out=np.empty_like(z))
    np.expm1(negative, out=negative)
    negative *= SELU_ALPHA
    np.maximum(z, 0, out=z)
    z += negative
    z *= SELU_SCALE
    return z


def _selu_slope(a: Array) -> Array:
    return np.where(a > 0, a.dtype.type(SELU_SCALE), a + a.dtype.type(SELU_SCALE * SELU_ALPHA))


def _identity(z: Array) -> Array:
    return z


def leaky_relu(slope: float = 0.01) -> Activation:
    """Leaky ReLU: f(z) = z (z > 0), slope·z (z ≤ 0). gain = √(2 / (1 + slope²)).

    출처: Maas 외(2013); gain은 He 외(2015) 식 (15). `slope`는 0 초과 1 이하의 실수이고, 아니면 ValueError입니다.

    >>> leaky_relu(0.1)(np.array([-1.0, 2.0]))
    array([-0.1,  2. ])
    """
    slope = check_number("slope", slope, minimum=0, maximum=1, above=True)
    return Activation(
        f"leaky_relu({slope})" if slope != 0.01 else "leaky_relu",
        apply=partial(_leaky_relu, slope=slope),
        derivative=partial(_leaky_relu_slope, slope=slope),
        gain=float(np.sqrt(2 / (1 + slope**2))),
        scale_free=True,
    )


ACTIVATIONS = {
    "sigmoid": Activation("sigmoid", _sigmoid, _sigmoid_slope, gain=1.0, steepest=0.25),
    "tanh": Activation("tanh", _tanh, _tanh_slope, gain=5 / 3),
    "relu": Activation("relu", _relu, _relu_slope, gain=float(np.sqrt(2)), scale_free=True),
    "leaky_relu": leaky_relu(),
    "selu": Activation("selu", _selu, _selu_slope, gain=0.75, steepest=SELU_SCALE * SELU_ALPHA),
    "identity": Activation("identity", _identity, np.ones_like, gain=1.0, scale_free=True),
}


def get(activation: str | Activation) -> Activation:
    """이름이나 Activation에서 Activation을 얻습니다. 모르는 이름이면 아는 이름을 모두 말하는 ValueError입니다.

    `"leaky_relu(0.2)"`처럼 쓰면 기울기를 정할 수 있습니다.

    >>> get("tanh").name
    'tanh'
    """
    if isinstance(activation, Activation):
        return activation
    if isinstance(activation, str) and activation.startswith("leaky_relu(") and activation.endswith(")"):
        try:
            return leaky_relu(float(activation[len("leaky_relu(") : -1]))
        except ValueError:
            refuse("activation", "leaky_relu(0 초과 1 이하의 실수) 꼴의 이름", activation)
    return check_choice("activation", activation, ACTIVATIONS)
