"""견주는 문장의 차이를 시험이 볼 때에야 재는 것. 저장된 결과가 아니라 다시 돌려서 얻는 차이에 씁니다."""

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Later:
    """NumPy가 배열로 바꿀 때 measure()를 부릅니다. 시험을 모으는 동안에는 아무것도 돌지 않습니다."""

    measure: Any

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.measure(), dtype)
