"""보기가 지켜야 할 약속. `Explorer`는 보기에게 여기 적힌 것만 묻습니다.

보기를 더하려면 파일 하나에 이 이름들을 갖춘 클래스를 쓰고, explorer.js의 VIEWS에 그리는 함수를 더합니다.
"""

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

import numpy as np

from .grid import Grid


@runtime_checkable
class View(Protocol):
    """격자를 보는 방법 하나: 층별 분포, 곡선, 표, 그림.

    - `height`: 멈춘 그림에서 차지하는 높이(인치).
    - `takes`: measure가 준 사전에서 이 보기가 `encode`로 스스로 담는 이름. 나머지는 `Explorer`가 수로 담습니다.
    """

    @property
    def height(self) -> float: ...

    @property
    def takes(self) -> tuple[str, ...]: ...

    def encode(self, result: Mapping[str, Any]) -> dict[str, np.ndarray]:
        """measure의 결과 하나에서 `takes`를 꺼내 격자에 담을 1차원 uint8이나 float32 배열로 바꿉니다.

        돌려주는 이름은 `takes`와 달라도 되지만, 어느 자리에서나 같아야 합니다. 받을 수 없는 값은 여기서 거절합니다.
        """
        ...

    def check(self, grid: Grid) -> None:
        """다 잰 격자에 이 보기가 그릴 이름과 축과 값이 있는지 확인합니다."""
        ...

    def draw(self, figure: Any, grid: Grid, position: tuple[int, ...]) -> None:
        """position의 모습을 matplotlib의 Figure나 SubFigure에 그립니다."""
        ...

    def spec(self, grid: Grid) -> dict[str, Any]:
        """explorer.js가 같은 것을 그리는 데 필요한 명세. "kind"가 explorer.js의 VIEWS에 있는 이름입니다."""
        ...
