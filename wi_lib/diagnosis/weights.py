"""행렬과 커널의 요약: fan, 표준편차, 어느 초기화와 맞는지, 유닛들이 서로 다른지."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..sampling import ENDS

Array = NDArray[Any]
# 표준편차가 이 몫 안에서 같거나 표본 오차의 네 배 안이면 그 초기화에서 뽑은 것으로 봅니다.
TOLERANCE, ERRORS = 0.005, 4.0
# 두 층이 같은 난수에서 왔는지 견줄, 앞의 값의 수.
HEAD = 4096
# 한 번에 셈하는 원소의 수.
PIECE = 1 << 16


@dataclass
class Weight:
    """행렬이나 커널 하나의 요약.

    - `shape`: (…, 입력/groups, 출력). `fan_in`, `fan_out`: 출력 하나에 이어진 입력의 수와 그 반대.
    - `drawn`: 프레임워크가 센 (fan_in, fan_out). 한꺼번에 뽑은 행렬이면 그 전체의 것입니다.
    - `mean`, `std`: 평균과, 0을 중심으로 한 RMS. `spread`: 가장 큰 절댓값이 std의 몇 배인지.
    - `columns`: 유닛마다의 지문(들어오는 가중치의 무작위 합). `head`: 앞의 값들.
    - `gradient_rms`, `gradient_columns`, `update_ratio`, `tiny`: 기울기를 본 뒤의 값. 보지 못했으면 None.
    """

    name: str
    expression: str
    shape: tuple[int, ...]
    fan_in: int
    fan_out: int
    drawn: tuple[int, int]
    groups: int
    trainable: bool
    mean: float
    std: float
    spread: float
    columns: Array
    head: Array
    gradient_rms: float | None = None
    gradient_columns: Array | None = None
    update_ratio: float | None = None
    tiny: float = 0.0

    @property
    def matches(self) -> tuple[str, ...]:
        """맞는 초기화의 이름들. 표준편차와 분포의 꼴로 알아봅니다."""
        return tuple(named(self))

    @property
    def gain(self) -> float:
        """std·√fan_in: 층 하나가 신호의 RMS에 곱하는 수."""
        return self.std * math.sqrt(self.fan_in)

    def learn(
        self, gradient: Array, before: Array, step: Callable[[list[Array]], Callable[[list[Array]], None]]
    ) -> None:
        """기울기를 요약합니다. step(parameters)은 그 배열을 한 걸음 옮기는 함수를 돌려줍니다."""
        if gradient.dtype == np.float16:
            self.tiny = float(np.mean(np.abs(gradient) < np.finfo(np.float16).smallest_normal))
        self.gradient_rms = _rms(gradient)
        self.gradient_columns = fingerprints(gradient)
        # 최적화기는 원소마다 따로 움직이므로 조각마다 옮겨 보아도 같습니다.
        moved = 0.0
        with np.errstate(over="ignore", invalid="ignore"):
            for w, g in _pieces(before, gradient):
                after = w.astype(np.float32)
                step([after])([g.astype(np.float32, copy=False)])
                moved += _square(after - w)
        size = _rms(before)
        self.update_ratio = math.sqrt(moved / before.size) / size if size else math.inf


def summarise(
    name: str,
    array: Array,
    expression: str,
    groups: int,
    trainable: bool,
    drawn: tuple[int, int] | None,
    embedding: bool,
) -> Weight:
    """배열 하나의 요약. 임베딩은 기호 하나가 한 줄을 고르므로 fan_in이 1입니다."""
    array = np.atleast_2d(array)
    taps = math.prod(array.shape[:-2])
    fan_in = 1 if embedding else taps * array.shape[-2]
    fan_out = taps * array.shape[-1] // groups
    counted = (taps * array.shape[-2], taps * array.shape[-1])
    with np.errstate(over="ignore", invalid="ignore"):
        std = _rms(array)
        return Weight(
            name=name,
            expression=expression,
            shape=array.shape,
            fan_in=fan_in,
            fan_out=fan_out,
            drawn=drawn or counted,
            groups=groups,
            trainable=trainable,
            mean=float(array.mean(dtype=np.float64)),
            std=std,
            spread=float(max(array.max(), -array.min())) / std if std else 0.0,
            columns=fingerprints(array),
            # 뽑은 차례대로: 전치해 건넨 배열도 메모리의 차례는 뽑은 차례입니다.
            head=array.ravel(order="K")[:HEAD].astype(np.float32),
        )


def fingerprints(array: Array) -> Array:
    """열마다 무작위 합 하나. 들어오는 가중치가 같은 유닛은 지문도 같습니다."""
    # 들어오는 가중치를 메모리의 차례대로 늘어놓으면 베끼지 않고 곱합니다.
    inward = sorted(range(array.ndim - 1), key=lambda axis: -array.strides[axis])
    matrix = array.transpose(-1, *inward).reshape(array.shape[-1], -1).astype(np.float32, copy=False)
    return matrix @ np.random.default_rng(0).standard_normal(matrix.shape[1], dtype=np.float32)


def named(weight: Weight, fans: tuple[int, int] | None = None) -> Iterator[str]:
    """맞는 초기화의 이름. fans를 주면 그 (fan_in, fan_out)으로 셉니다."""
    if not weight.std:
        yield "zeros"
        return
    if weight.spread < 1.0001 and abs(weight.mean) > 0.999 * weight.std:
        yield "constant"
        return
    fan_in, fan_out = fans or weight.drawn
    shape = distribution(weight)
    for name, std in candidates(fan_in, fan_out):
        if matched(weight, std):
            yield f"{name}_{shape}"
    for std in (0.001, 0.01, 0.02, 0.05, 0.1, 1.0):
        if matched(weight, std):
            yield f"{shape}(std={std:g})"


def candidates(fan_in: int, fan_out: int) -> Sequence[tuple[str, float]]:
    """(이름, 표준편차)의 목록. torch는 `nn.Linear`의 기본값 U(±1/√fan_in)입니다."""
    return [
        ("lecun", 1 / math.sqrt(fan_in)),
        ("xavier", math.sqrt(2 / (fan_in + fan_out))),
        ("he", math.sqrt(2 / fan_in)),
        ("he_fan_out", math.sqrt(2 / fan_out)),
        ("torch_default", 1 / math.sqrt(3 * fan_in)),
        ("tanh_gain", 5 / 3 / math.sqrt(fan_in)),
    ]


def matched(weight: Weight, std: float) -> bool:
    """표준편차가 std인 분포에서 뽑았다고 볼 수 있는지."""
    error = 1 / math.sqrt(2 * math.prod(weight.shape))
    return abs(weight.std / std - 1) < max(TOLERANCE, ERRORS * error)


def distribution(weight: Weight) -> str:
    """가장 큰 절댓값으로 알아본 분포: 균등분포는 std의 √3배, ±2σ에서 자른 정규분포는 2.27배에서 끝납니다."""
    # 표본의 std가 흔들리는 만큼, 작은 행렬일수록 너그럽게 봅니다.
    slack = 1 + 2 / math.sqrt(math.prod(weight.shape))
    if weight.spread < math.sqrt(3) * slack:
        return "uniform"
    return "truncated_normal" if weight.spread < ENDS["truncated_normal"] * slack else "normal"


def _rms(array: Array) -> float:
    return math.sqrt(sum(_square(piece) for (piece,) in _pieces(array)) / array.size) if array.size else 0.0


def _square(piece: Array) -> float:
    piece = piece.astype(np.float64, copy=False)
    return float(piece @ piece)


def _pieces(*arrays: Array) -> Iterator[list[Array]]:
    """같은 자리끼리 잘라 낸 조각들. 캐시에 담기는 만큼씩 셈하면 큰 행렬에서 몇 배 빠르고 메모리도 들지 않습니다."""
    order: Literal["K", "C"] = "K" if len({array.strides for array in arrays}) == 1 else "C"
    flat = [array.ravel(order=order) for array in arrays]
    for i in range(0, flat[0].size, PIECE):
        yield [array[i : i + PIECE] for array in flat]
