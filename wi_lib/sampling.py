"""초기화 함수의 공통 바탕: 모양과 rng를 검사하는 Initializer, 평균 0 분산 1인 추첨."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from .checks import check_rng, check_sizes

# 표준정규분포를 ±2에서 자르면 표준편차가 이 값으로 줄어듭니다: √(1 − 4φ(2) / (2Φ(2) − 1)).
TRUNCATED_STD = 0.8796256610342398


@dataclass(frozen=True)
class Initializer:
    """초기화 함수 하나. `init(shape, rng=rng)`는 `shape = (fan_in, fan_out)`인 float32 배열을 돌려줍니다.

    shape가 1 이상의 정수 두 개가 아니거나 rng가 Generator가 아니면 TypeError 또는 ValueError를 던집니다.
    """

    name: str
    draw: Callable[[tuple[int, int], np.random.Generator], np.ndarray] = field(repr=False)

    def __call__(self, shape, *, rng):
        shape = check_sizes("shape", shape, length=2)
        check_rng(rng)
        return self.draw(shape, rng).astype(np.float32, copy=False)


def standard(distribution, shape, rng):
    """평균 0, 분산 1인 난수: 아래의 모든 무작위 초기화가 이 추첨에 크기를 곱한 것입니다."""
    if distribution == "uniform":
        return (2 * rng.random(shape, dtype=np.float32) - 1) * np.float32(np.sqrt(3))
    draws = rng.standard_normal(shape, dtype=np.float32)
    if distribution == "truncated_normal":
        while (outside := np.abs(draws) > 2).any():
            draws[outside] = rng.standard_normal(outside.sum(), dtype=np.float32)
        draws /= np.float32(TRUNCATED_STD)
    return draws


def scaled(name, distribution, std):
    return Initializer(name, lambda shape, rng: standard(distribution, shape, rng) * np.float32(std))
