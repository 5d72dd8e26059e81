"""신호 전파: 층을 지나며 활성화값과 역전파 신호가 어떻게 변하는지 잽니다."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import activations, initializers
from .activations import Activation
from .checks import LARGEST_FLOAT64, check_array, check_integer, check_number, check_rng, enough_memory, refuse

Array = NDArray[Any]


@dataclass(frozen=True)
class LayerSummary:
    """층 하나의 요약. RMS는 제곱 평균의 제곱근이고, 비율은 0 이상 1 이하입니다."""

    layer: int
    mean: float  # 활성화값의 평균
    std: float  # 활성화값의 표준편차(모든 입력과 유닛을 한데 모아)
    median: float  # 활성화값의 중앙값
    saturated: float  # 포화된 활성화값의 비율(activations.Activation.saturated)
    distinct: int  # 서로 다른 유닛의 수
    varying: float  # 입력에 따라 변하는 몫(varying)
    delta_rms: float  # 역전파 신호 δ의 RMS
    delta_median: float  # |δ|의 중앙값
    weight_gradient_rms: float  # 가중치 기울기의 RMS


@dataclass(frozen=True)
class Signals:
    """`measure`의 결과. 목록은 모두 1층부터 차례입니다.

    - `activations[l]`: (N, 유닛 수) 활성화값.
    - `gradients[l]`: 같은 모양. 마지막 층에 분산 1인 무작위 신호를 넣고 되돌린, 활성화값 a에 대한 기울기.
    - `deltas[l]`: 같은 모양. 활성화 함수를 거슬러 지난, 가중합 z에 대한 기울기 δ = gradients[l] · f'(z).
    - `weight_gradients[l]`: (fan_in, fan_out) 가중치 기울기, 입력 N개의 합을 √N으로 나눈 것.
    - `activation`: 쓴 활성화 함수.
    """

    activations: list[Array]
    gradients: list[Array]
    deltas: list[Array]
    weight_gradients: list[Array]
    activation: Activation

    def summary(self) -> list[LayerSummary]:
        """층마다 `LayerSummary` 하나씩의 목록."""
        layers = zip(self.activations, self.deltas, self.weight_gradients)
        return [_summarise(i, self.activation, *layer) for i, layer in enumerate(layers, start=1)]


def propagate(
    x: Array,
    depth: int,
    width: int,
    activation: str | Activation,
    initializer: str | Callable[..., Array],
    *,
    rng: np.random.Generator,
    bias_std: float = 0.0,
    dtype: type[np.float32] | type[np.float64] = np.float32,
) -> Signals:
    """너비가 같은 망을 초기화하고 x를 흘려 보냅니다. 결과는 `Signals`.

    - `x`: (N, 입력 수) 실수 배열. `depth`: 은닉층 수. `width`: 층마다의 유닛 수.
    - `activation`, `initializer`: 이름이나 객체. `rng`: 가중치를 앞 층부터 뽑고, 맨 위의 무작위 신호를 뽑습니다.
    - `bias_std`: 편향을 N(0, bias_std²)에서 가중치 다음에 뽑습니다. 0이면 뽑지 않습니다.
    - `dtype`: float32(기본) 또는 float64. 포화가 심하고 깊은 망은 반올림까지 키우므로 float64가 낫습니다.

    유한하지 않은 x, 1보다 작은 depth와 width, 모르는 이름, Generator가 아닌 rng에는 오류를 던집니다. 가중치가 너무 커서
    신호가 dtype의 범위(float32는 ±3.4e38)를 넘어도 ValueError입니다.

    >>> rng = np.random.default_rng(0)
    >>> s = propagate(rng.standard_normal((1000, 100)), 5, 100, "tanh", "lecun_normal", rng=rng)
    >>> len(s.activations), s.activations[0].shape
    (5, (1000, 100))
    """
    check_array("x", x, (None, None))
    depth, width = check_integer("depth", depth), check_integer("width", width)
    draw = initializers.get(initializer)
    check_rng(rng)
    bias_std = check_number("bias_std", bias_std)
    with enough_memory("x, depth, width", (x.shape, depth, width)):
        weights = [draw((width if layer else x.shape[1], width), rng=rng) for layer in range(depth)]
        # 뽑지 않으면 같은 시드의 무작위 신호도 편향이 없을 때와 같습니다.
        biases = [bias_std * rng.standard_normal(width) for _ in weights] if bias_std else None
        return measure(x, weights, activation, rng=rng, biases=biases, dtype=dtype)


def measure(
    x: Array,
    weights: Sequence[Array],
    activation: str | Activation,
    *,
    rng: np.random.Generator,
    biases: Sequence[Array] | None = None,
    dtype: type[np.float32] | type[np.float64] = np.float32,
) -> Signals:
    """주어진 가중치로 x를 흘려 보내고, 맨 위에서 무작위 신호를 되돌립니다.

    `weights[l]`은 (fan_in, fan_out) 배열이고 앞뒤의 크기가 맞아야 합니다.
    `biases`는 (fan_out,) 배열의 목록이고, 없으면 편향은 0입니다.

    >>> measure(np.ones((2, 3)), [np.eye(3)], "identity", rng=np.random.default_rng(0)).activations[-1].tolist()
    [[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]]
    """
    check_array("x", x, (None, None))
    activation = activations.get(activation)
    if dtype not in (np.float32, np.float64):
        refuse("dtype", "np.float32나 np.float64", dtype)
    if not isinstance(weights, (list, tuple)) or not weights:
        refuse("weights", "비어 있지 않은 배열 목록", weights, TypeError)
    check_rng(rng)
    if biases is not None and (not isinstance(biases, (list, tuple)) or len(biases) != len(weights)):
        refuse("biases", f"None이나 배열 {len(weights)}개로 된 목록", biases, TypeError)
    with enough_memory("x", x), np.errstate(over="ignore", invalid="ignore"):
        outputs: list[Array] = [x.astype(dtype, copy=False)]
        for i, weight in enumerate(weights):
            check_array(f"weights[{i}]", weight, (outputs[-1].shape[1], None))
            z = outputs[-1] @ weight.astype(dtype, copy=False)
            if biases is not None:
                z += check_array(f"biases[{i}]", biases[i], (weight.shape[1],)).astype(dtype, copy=False)
            outputs.append(activation.apply(z))
        top: Array = rng.standard_normal(outputs[-1].shape, dtype=np.float32).astype(dtype, copy=False)
        gradients, deltas, weight_gradients = [top], [], []
        for i in reversed(range(len(weights))):
            deltas.append(gradients[-1] * activation.derivative(outputs[i + 1]))
            weight_gradients.append(outputs[i].T @ deltas[-1] / dtype(np.sqrt(len(x))))
            if i:
                gradients.append(deltas[-1] @ weights[i].T.astype(dtype, copy=False))
    signals = Signals(outputs[1:], gradients[::-1], deltas[::-1], weight_gradients[::-1], activation)
    for i, layer in enumerate(zip(signals.activations, signals.deltas, signals.weight_gradients), start=1):
        if not all(np.isfinite(array).all() for array in layer):
            largest = f"{np.finfo(dtype).max:.2g}".replace("+", "")
            refuse("weights", f"모든 층에서 신호를 ±{largest} 안에 두는 크기", f"신호가 {i}층에서 넘치는 가중치")
    return signals


def distinct_columns(matrix: Array, tolerance: float = 1e-4) -> int:
    """서로 다른 열의 수. 두 열의 거리가 (가장 긴 열 길이 × tolerance) 이하이면 같은 열로 셉니다.

    반올림 오차는 같고, 초기화가 만든 차이는 다르다고 보기 위한 기준입니다.

    >>> distinct_columns(np.array([[1.0, 1.0, 2.0], [0.0, 0.0, 1.0]]))
    2
    """
    columns = _scaled(check_array("matrix", matrix, (None, None), LARGEST_FLOAT64))[0].T
    limit = check_number("tolerance", tolerance) * np.sqrt((columns**2).sum(axis=1).max())
    kept = columns[:0]
    for column in columns:
        if not len(kept) or np.sqrt(((kept - column) ** 2).sum(axis=1).min()) > limit:
            kept = np.vstack([kept, column])
    return len(kept)


def rank(matrix: Array, tolerance: float = 1e-4) -> int:
    """가장 큰 특잇값의 tolerance배를 넘는 특잇값의 수.

    >>> rank(np.array([[1.0, 2.0], [2.0, 4.0]]))
    1
    """
    check_array("matrix", matrix, (None, None), LARGEST_FLOAT64)
    singular = np.linalg.svd(matrix.astype(np.float64), compute_uv=False)
    return int((singular > check_number("tolerance", tolerance) * singular[0]).sum())


def varying(a: Array) -> float:
    """입력에 따라 변하는 몫: 유닛마다 입력 평균을 뺀 나머지의 RMS ÷ a의 RMS, 0 이상 1 이하.

    0이면 어느 입력에도 같은 출력을 내는 층이고, 나머지는 입력과 상관없는 상수입니다. a의 모양은 (N, 유닛 수)이고, 모두
    0이면 0입니다.

    >>> round(varying(np.array([[3.0, 1.0], [3.0, -1.0]])), 3)
    0.316
    """
    scaled = _scaled(check_array("a", a, (None, None), LARGEST_FLOAT64))[0]
    whole = np.sqrt(np.mean(scaled**2))
    return float(np.sqrt(np.mean((scaled - scaled.mean(axis=0)) ** 2)) / whole) if whole else 0.0


def rms(values: Array) -> float:
    """제곱 평균의 제곱근.

    >>> rms(np.array([3.0, -3.0]))
    3.0
    """
    scaled, exponent = _scaled(check_array("values", values, limit=LARGEST_FLOAT64))
    return float(np.ldexp(np.sqrt(np.mean(scaled**2)), exponent))


def std(values: Array) -> float:
    """표준편차. 제곱하면 0이 될 만큼 작은 값에서도 구합니다.

    >>> std(np.array([3e-200, -3e-200]))
    3e-200
    """
    scaled, exponent = _scaled(check_array("values", values, limit=LARGEST_FLOAT64))
    return float(np.ldexp(scaled.std(), exponent))


def _scaled(values: Array) -> tuple[NDArray[np.float64], int]:
    """2의 거듭제곱으로 나누어 가장 큰 값을 1/2 이상 1 미만으로 만든 float64 배열과, 그 지수.

    깊은 망의 신호는 1e-170까지도 작아지는데, 그대로 제곱하면 0이 됩니다. 2의 거듭제곱으로 나누면 반올림이 없습니다.
    """
    exponent = int(np.frexp(np.abs(values, dtype=np.float64).max())[1])
    return np.ldexp(values.astype(np.float64), -exponent), exponent


def _summarise(layer: int, activation: Activation, a: Array, delta: Array, gradient: Array) -> LayerSummary:
    return LayerSummary(
        layer,
        mean=float(a.mean(dtype=np.float64)),
        std=std(a),
        median=float(np.median(a)),
        saturated=activation.saturated(a),
        distinct=distinct_columns(a),
        varying=varying(a),
        delta_rms=rms(delta),
        delta_median=float(np.median(np.abs(delta))),
        weight_gradient_rms=rms(gradient),
    )
