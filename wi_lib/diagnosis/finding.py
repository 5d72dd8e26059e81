"""아픈 곳 하나와, 규칙들이 함께 쓰는 물음."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from .. import activations
from .moments import Moments
from .recording import Array, Layer, Recording

ERROR, WARNING, NOTE = "오류", "주의", "참고"


@dataclass(frozen=True)
class Finding:
    """아픈 곳 하나.

    - `code`: 이름. `severity`: "오류"(학습이 막힐 수 있습니다), "주의"(느리거나 불안정합니다), "참고".
    - `layer`: 프레임워크가 부르는 층의 이름. 자료나 망 전체의 것이면 None. `also`: 같은 탈이 난 다른 층.
    - `measured`, `expected`: 잰 값과 기대한 값. 무엇의 값인지는 code가 정합니다.
    """

    code: str
    severity: str
    layer: str | None = None
    measured: float | None = None
    expected: float | None = None
    also: tuple[str, ...] = ()


def matrix_layers(recording: Recording) -> list[Layer]:
    """신호에 행렬을 곱하는 층: 완전 연결과 합성곱. 어텐션은 섞는 것이 함께 있어 뺍니다."""
    return [layer for layer in recording.layers if layer.kind in ("dense", "convolution") and layer.weights]


def gain(layer: Layer) -> float:
    """층이 신호의 RMS에 곱하는 수 std·√fan_in. 행렬이 여럿이면 가장 큰 것."""
    return max(weight.gain for weight in layer.weights.values())


def wanted_gain(layer: Layer) -> float:
    """뒤따르는 활성화 함수가 바라는 gain. ReLU 무리는 √2, 나머지는 1."""
    if layer.activation in ("relu", "leaky_relu", "gelu", "silu", "elu"):
        return activations.get("relu").gain
    return 1.0


def signal(moments: Moments, samples: int) -> float:
    """입력에 따라 변하는 몫. 입력이 하나뿐이면 가릴 수 없으므로 RMS입니다."""
    return moments.varying if samples > 1 else moments.rms


def together(code: str, severity: str, names: Iterable[str], measured: float, expected: float) -> list[Finding]:
    """같은 탈이 난 층을 하나로 묶습니다. 첫 층이 대표이고, 없으면 빈 목록입니다."""
    sick = [*names]
    return [Finding(code, severity, sick[0], measured, expected, tuple(sick[1:]))] if sick else []


def distinct(*fingerprints: Array) -> int:
    """지문이 (반올림의 차이를 빼고) 서로 다른 유닛의 수."""
    rounded = []
    for values in fingerprints:
        size = float(np.abs(values).max()) or 1.0
        rounded.append(np.round(np.asarray(values, np.float64) / size, 4))
    return len(np.unique(np.stack(rounded), axis=1).T)
