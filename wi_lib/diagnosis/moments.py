"""흘러가는 배열의 합. 배열은 남기지 않으므로, 큰 망에서도 메모리는 유닛의 수만큼만 듭니다."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import activations

Array = NDArray[Any]


class Moments:
    """더한 배열들의 개수, 합, 제곱의 합을 유닛(채널)마다 모은 것.

    - `zeros`: 0인 값의 비율. `saturated`: 활성화 함수가 포화한 값의 비율(`add`에 activation을 준 것만).
    - `tiny`: 0이 아니지만 그 dtype이 온전히 적을 수 없을 만큼 작은 값과, 0인 값의 비율. float16에서만 셉니다.

    >>> moments = Moments()
    >>> moments.add(np.array([[1.0, 0.0], [3.0, 0.0]]))
    >>> moments.mean, round(moments.rms, 3), moments.dead
    (1.0, 1.581, 0.5)
    """

    def __init__(self) -> None:
        self.count, self.batches = 0, 0
        self.totals: Array = np.zeros(0)
        self.squares: Array = np.zeros(0)
        self._zeros = self._saturated = self._tiny = 0.0
        self.dtype = ""

    def add(self, array: Array, units: int = -1, activation: str | None = None) -> None:
        """배열 하나를 더합니다. units는 유닛의 축입니다."""
        self.dtype = str(array.dtype)
        if array.dtype.kind != "f":  # 정수의 제곱은 넘칠 수 있습니다.
            array = array.astype(np.float32)
        if array.dtype == np.float16:
            self._tiny += float(np.count_nonzero(np.abs(array) < np.finfo(np.float16).smallest_normal))
            array = array.astype(np.float32)
        size = array.shape[units] if array.ndim else 1
        view = _by_unit(array, units)
        with np.errstate(over="ignore", invalid="ignore"):
            totals, squares = view.sum(axis=(0, 2), dtype=np.float64), np.einsum("abc,abc->b", view, view)
            if not np.isfinite(squares).all():
                squares = np.square(view, dtype=np.float64).sum(axis=(0, 2))
        if not self.count:
            self.totals, self.squares = np.zeros(size), np.zeros(size)
        self.totals, self.squares = _sum(self.totals, totals), _sum(self.squares, squares.astype(np.float64))
        self.count, self.batches = self.count + array.size, self.batches + 1
        self._zeros += array.size - np.count_nonzero(array)
        if activation in ("tanh", "sigmoid") and self.finite:
            self._saturated += activations.get(activation).saturated(array) * array.size

    @property
    def known(self) -> bool:
        return self.count > 0

    @property
    def finite(self) -> bool:
        return bool(np.isfinite(self.squares).all() and np.isfinite(self.totals).all())

    @property
    def mean(self) -> float:
        return float(self.totals.sum() / self.count)

    @property
    def rms(self) -> float:
        return float(np.sqrt(self.squares.sum() / self.count))

    @property
    def std(self) -> float:
        """모두 한데 모은 표준편차."""
        return float(np.sqrt(max(self.rms**2 - self.mean**2, 0)))

    @property
    def varying(self) -> float:
        """유닛마다 제 평균을 뺀 RMS: 입력(과 자리)에 따라 변하는 몫."""
        each = self.count / len(self.totals)
        spread = self.squares / each - np.square(self.totals / each)
        # 합의 반올림보다 작은 몫은 0과 가려낼 수 없습니다.
        spread[spread < 1e-6 * self.squares / each] = 0
        return float(np.sqrt(spread.mean()))

    @property
    def norm(self) -> float:
        """한 배열의 길이: 제곱의 합의 제곱근(여러 번 더했으면 한 번의 평균)."""
        return float(np.sqrt(self.squares.sum() / max(self.batches, 1)))

    @property
    def dead(self) -> float:
        """어느 입력에서도 0인 유닛의 비율."""
        return float(np.mean(self.squares == 0))

    @property
    def zeros(self) -> float:
        return self._zeros / self.count

    @property
    def saturated(self) -> float:
        return self._saturated / self.count

    @property
    def tiny(self) -> float:
        return self._tiny / self.count

    def same(self, other: "Moments") -> bool:
        """같은 배열을 더한 것인지. 합이 모두 같으면 같은 배열로 봅니다."""
        return (
            self.known
            and self.count == other.count
            and len(self.squares) == len(other.squares)
            and bool(np.allclose(self.squares, other.squares, rtol=1e-5, atol=0))
            and bool(np.allclose(self.totals, other.totals, rtol=1e-3, atol=1e-3 * np.sqrt(self.squares.max() + 1e-30)))
        )


def _by_unit(array: Array, units: int) -> Array:
    """(앞의 축들, 유닛, 뒤의 축들). 잇닿은 배열이면 베끼지 않습니다."""
    if not array.ndim:
        return array.reshape(1, 1, 1)
    axis = units % array.ndim
    return array.reshape(int(np.prod(array.shape[:axis])), array.shape[axis], -1)


def _sum(before: Array, added: Array) -> Array:
    """유닛의 수가 달라지면(가변 길이의 마지막 축) 하나로 모읍니다."""
    if len(before) == len(added):
        return before + added
    return np.array([before.sum() + added.sum()])
