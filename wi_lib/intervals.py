"""몇 번 되풀이한 실험의 평균을 얼마나 믿을지: 평균의 신뢰 구간.

둘을 견줄 때에는 같은 시드(같은 난수 표본과 같은 배치)끼리 뺀 차이를 넣습니다. 시드의 운은 둘에 함께 들어 있어
대부분 지워지고, 구간이 0을 품지 않으면 그 차이는 시드의 운으로 설명하기 어렵습니다.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .checks import check_array, check_number, refuse


class Interval(NamedTuple):
    """평균 ± 반폭. 표본에 축이 더 있으면 배열입니다. f-문자열에 넣으면 둘을 같은 꼴로 적습니다."""

    mean: Any
    half: Any

    def __format__(self, spec: str) -> str:
        return f"{self.mean:{spec}} ± {self.half:{spec}}"


def mean_interval(samples: NDArray[Any], confidence: float = 0.95) -> Interval:
    """독립인 표본에서 잰 평균의 신뢰 구간, Student의 t 구간: 평균 ± t · s/√n. 마지막 축이 표본입니다.

    - `samples`: (…, n) 유한한 실수, n은 2 이상. 시드마다의 값이거나 같은 시드끼리의 차이입니다.
    - `confidence`: 0 초과 1 미만. 표본이 정규분포에서 왔다면 구간이 참값을 품을 확률입니다.

    s는 n − 1로 나눈 표준편차, t는 자유도 n − 1인 t 분포의 (1 + confidence)/2 분위수입니다. 모양이 (…,)인 평균과 반폭을
    돌려줍니다. NaN(발산한 시드)이 있으면 ValueError입니다: 빼고 잰 평균은 그 설정의 평균이 아닙니다.
    출처: Student (1908), "The probable error of a mean", Biometrika 6(1).

    >>> f"{mean_interval(np.array([2.0, 3.0, 4.0])):.2f}"
    '3.00 ± 2.48'
    """
    values = np.asarray(check_array("samples", samples), np.float64)
    if not values.ndim or (n := values.shape[-1]) < 2:
        refuse("samples", "마지막 축에 표본이 둘 이상 있는 배열", samples)
    level = check_number("confidence", confidence, maximum=1.0, above=True, below=True)
    half = _t_quantile((1 + level) / 2, n - 1) * values.std(axis=-1, ddof=1) / math.sqrt(n)
    return Interval(values.mean(axis=-1), half)


def _t_quantile(probability: float, freedom: int) -> float:
    """t 분포의 분위수. t = √ν tan θ로 놓으면 θ의 밀도는 (−π/2, π/2)에서 cos^(ν−1) θ에 비례합니다."""
    theta = np.linspace(0, np.pi / 2, 200_001)
    density = np.cos(theta) ** (freedom - 1)
    area = np.append(0, np.cumsum(density[1:] + density[:-1]))
    return math.sqrt(freedom) * math.tan(np.interp(2 * probability - 1, area / area[-1], theta))
