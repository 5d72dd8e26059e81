"""초기화 함수의 공통 바탕: 모양과 rng를 검사하는 Initializer, fan을 세는 법, 평균 0 분산 1인 난수."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .checks import check_rng, check_sizes, enough_memory, refuse

Array = NDArray[Any]
Shape = tuple[int, ...]
# 표준정규분포를 ±2에서 자르면 표준편차가 이 값으로 줄어듭니다: √(1 − 4φ(2) / (2Φ(2) − 1)).
TRUNCATED_STD = 0.8796256610342398
# 표준편차가 1일 때 분포의 끝.
ENDS = {"truncated_normal": 2 / TRUNCATED_STD, "uniform": np.sqrt(3)}


@dataclass(frozen=True)
class Initializer:
    """초기화 함수 하나. `init(shape, rng=rng)`는 모양이 shape인 float32 배열을 돌려줍니다.

    shape는 행렬의 (fan_in, fan_out)이나 합성곱 커널의 (높이, 너비, 입력 채널, 출력 채널)입니다. 아니거나 rng가
    Generator가 아니면 TypeError 또는 ValueError를, 메모리에 담기지 않는 크기이면 MemoryError를 던집니다.
    """

    name: str
    draw: Callable[[Shape, np.random.Generator], Array] = field(repr=False)

    def __call__(self, shape: Shape | list[int], *, rng: np.random.Generator) -> NDArray[np.float32]:
        shape = _check_shape(shape)
        check_rng(rng)
        with enough_memory("shape", shape):
            # 음수에 0을 곱한 −0.0도 0.0이 되게 0을 더합니다.
            return self.draw(shape, rng).astype(np.float32, copy=False) + np.float32(0)


def fans(shape: Shape | list[int]) -> tuple[int, int]:
    """(fan_in, fan_out). 커널에서는 한 칸의 것에 칸의 수를 곱합니다: 유닛 하나가 그만큼의 값을 받고, 보냅니다.

    프레임워크가 세는 법과 같습니다. 채널을 묶어 나누거나(groups) 건너뛰며 훑으면(stride) 실제로 보내는 곳은
    fan_out/(groups·stride²)곳이지만, 커널의 모양만으로는 알 수 없습니다.

    >>> fans((100, 50)), fans((3, 3, 16, 32))
    ((100, 50), (144, 288))
    """
    *window, channels_in, channels_out = _check_shape(shape)
    return math.prod(window) * channels_in, math.prod(window) * channels_out


def _check_shape(shape: object) -> Shape:
    sizes = check_sizes("shape", shape)
    if len(sizes) not in (2, 4):
        refuse("shape", "(fan_in, fan_out)이나 (높이, 너비, 입력 채널, 출력 채널)인 정수", shape)
    return sizes


def standard(distribution: str, shape: Shape, rng: np.random.Generator) -> NDArray[np.float32]:
    """평균 0, 분산 1인 난수: 아래의 모든 무작위 초기화가 이 난수에 크기를 곱한 것입니다."""
    if distribution == "uniform":
        return (2 * rng.random(shape, dtype=np.float32) - 1) * np.float32(np.sqrt(3))
    draws = rng.standard_normal(shape, dtype=np.float32)
    if distribution == "truncated_normal":
        while (outside := np.abs(draws) > 2).any():
            draws[outside] = rng.standard_normal(outside.sum(), dtype=np.float32)
        draws /= np.float32(TRUNCATED_STD)
    return draws


def scaled(shape: Shape, rng: np.random.Generator, distribution: str, std: float) -> NDArray[np.float32]:
    """표준편차가 std인 난수. float32로 곱하며 반올림된 값이 분포의 끝을 넘지 않게 자릅니다."""
    draws = standard(distribution, shape, rng) * np.float32(std)
    if distribution not in ENDS:
        return draws
    end = ENDS[distribution] * std
    bound = np.float32(end)
    # 끝에 가장 가까운 float32도 끝보다 클 수 있습니다. float64의 반올림 오차만큼은 같은 값으로 봅니다.
    if float(bound) > end * (1 + 1e-15):
        bound = np.nextafter(bound, np.float32(0))
    return np.clip(draws, -bound, bound, out=draws)
