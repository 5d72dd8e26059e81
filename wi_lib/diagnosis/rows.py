"""층의 표: 기록(`Recording`)에서 행렬마다 한 줄."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from .moments import Moments
from .recording import Layer, Recording
from .weights import Weight


@dataclass(frozen=True)
class LayerRow:
    """행렬 하나의 줄. 행렬이 없는 층(정규화)도 한 줄이고, 행렬이 여럿이면(어텐션) 여러 줄입니다.

    모르는 값은 None입니다.

    - `name`, `weight`: 프레임워크가 부르는 층과 행렬의 이름. `kind`: 층의 종류. `label`: 클래스의 이름.
    - `shape`: (…, 입력/groups, 출력). `fan_in`, `fan_out`: 출력 하나에 이어진 입력의 수와 그 반대.
    - `std`: 가중치의 0을 중심으로 한 표준편차. `matches`: 그 표준편차와 분포에 맞는 초기화의 이름들.
    - `output_rms`: 활성화 함수 앞의 값의 RMS. `expected_std`: 이론이 말하는 그 값, std·√fan_in·(입력의 RMS).
    - `activation`: 뒤따르는 활성화 함수. `activation_mean`, `activation_std`: 그 출력의 평균과 표준편차.
    - `dead`: 어느 입력에서도 0인 유닛의 비율. `saturated`: 포화한 값의 비율(sigmoid와 tanh).
    - `delta_rms`, `gradient_rms`: 층의 출력과 가중치에 대한 기울기의 RMS.
    - `update_ratio`: 걸음의 비, 첫 걸음의 크기를 가중치의 크기로 나눈 것.
    """

    name: str
    kind: str
    label: str
    weight: str | None = None
    shape: tuple[int, ...] | None = None
    fan_in: int | None = None
    fan_out: int | None = None
    std: float | None = None
    matches: tuple[str, ...] = ()
    output_rms: float | None = None
    expected_std: float | None = None
    activation: str | None = None
    activation_mean: float | None = None
    activation_std: float | None = None
    dead: float | None = None
    saturated: float | None = None
    delta_rms: float | None = None
    gradient_rms: float | None = None
    update_ratio: float | None = None


def rows(recording: Recording) -> list[LayerRow]:
    """처음 불린 차례대로."""
    return [row for layer in recording.layers for row in _of(layer)]


def out(layer: Layer) -> Moments:
    """층이 다음 층에 건네는 값: 활성화 함수가 있으면 그 뒤의 것."""
    return layer.activated if layer.activated.known else layer.outputs


def _of(layer: Layer) -> Iterator[LayerRow]:
    left = out(layer)
    common = LayerRow(
        name=layer.name,
        kind=layer.kind,
        label=layer.label,
        output_rms=layer.outputs.rms if layer.outputs.known else None,
        activation=layer.activation,
        activation_mean=left.mean if left.known else None,
        activation_std=left.std if left.known else None,
        dead=layer.activated.dead if layer.activation else None,
        saturated=layer.activated.saturated if layer.activation in ("tanh", "sigmoid") else None,
        delta_rms=layer.deltas.rms if layer.deltas.known else None,
    )
    if not layer.weights:
        yield common
    for weight in layer.weights.values():
        yield replace(
            common,
            weight=weight.name,
            shape=weight.shape,
            fan_in=weight.fan_in,
            fan_out=weight.fan_out,
            std=weight.std,
            matches=weight.matches,
            expected_std=_expected(layer, weight),
            gradient_rms=weight.gradient_rms,
            update_ratio=weight.update_ratio,
        )


def _expected(layer: Layer, weight: Weight) -> float | None:
    """입력과 상관없이 뽑은 가중치라면 출력의 RMS. 행렬이 하나인 전결합 층과 합성곱만 압니다."""
    known = layer.kind in ("dense", "convolution") and layer.inputs.known and len(layer.weights) == 1
    return weight.gain * layer.inputs.rms if known else None
