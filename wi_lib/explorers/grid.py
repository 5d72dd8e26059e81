"""격자: 축의 모든 조합에서 measure가 잰 값."""

from dataclasses import dataclass

import numpy as np

from ..checks import refuse
from .axis import Axis


@dataclass(frozen=True)
class Grid:
    """축의 조합마다 잰 값. `fields[이름]`은 (축마다의 길이…, 값의 수) 모양의 uint8이나 float32 배열입니다."""

    axes: tuple[Axis, ...]
    fields: dict[str, np.ndarray]

    def axis(self, name: str) -> int:
        """이름이 name인 축의 번호."""
        return [axis.name for axis in self.axes].index(name)

    def along(self, name: str, axis: str, position: tuple[int, ...]) -> np.ndarray:
        """다른 축을 position에 둔 채 axis를 따라간 값: (축의 길이, 값의 수)."""
        i = self.axis(axis)
        return self.fields[name][(*position[:i], slice(None), *position[i + 1 :])]

    def numbers(self) -> list[str]:
        """자리마다 수 하나인 값의 이름. 문장과 표에 쓸 수 있습니다."""
        return [name for name, values in self.fields.items() if values.shape[-1] == 1]

    def require(self, what: str, name: str) -> None:
        if name not in self.fields:
            refuse(what, f"measure가 준 이름({', '.join(self.fields)})", name)

    def require_number(self, what: str, name: str) -> None:
        if name not in (names := self.numbers()):
            refuse(what, f"measure가 준 수의 이름({', '.join(names)})", name)

    def require_axis(self, what: str, name: str) -> None:
        if name not in (names := [axis.name for axis in self.axes]):
            refuse(what, f"축의 이름({', '.join(names)})", name)
