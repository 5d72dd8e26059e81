"""축: 독자가 움직이는 것 하나와, 그것이 멎는 자리들."""

import math
import numbers
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..checks import check_choice, check_number, refuse
from ..figures.numbers import number
from .widget import CONTROLS


@dataclass(frozen=True)
class Axis:
    """독자가 움직이는 축 하나.

    - `name`: `measure`에 건네는 인자의 이름. 문장의 `{name}`도 이 이름입니다.
    - `label`: 조절기에 적는 우리말 이름.
    - `values`: 두 개 이상의 값. 글로 보일 모양을 따로 정하려면 {글: 값} 사전을 줍니다. 로그 눈금의 조절기는
      `np.geomspace`로 만든 값을 주면 됩니다.
    - `start`: 처음 값. 없으면 첫째 값입니다.
    - `control`: "slider", "toggle", "dropdown", "play"(저절로 움직이는 slider).
    - `marks`: {글: 값}. 눌러서 바로 갈 수 있는 자리이고, 이 축을 가로축으로 그린 곡선에는 점선이 됩니다.

    여기서 정해지는 것: `stops`는 자리마다의 값, `texts`는 자리마다의 글, `first`는 처음 자리의 번호,
    `places`는 `marks`의 글마다 자리의 번호입니다.

    >>> axis = Axis("std", "표준편차", [0.01, 0.1, 1], start=0.1)
    >>> axis.texts, axis.first
    (('0.01', '0.1', '1'), 1)
    """

    name: str
    label: str
    # 견줄 때는 여기서 정해진 stops와 texts로 봅니다: 배열끼리의 ==는 참이나 거짓이 아닙니다.
    values: Sequence[Any] | np.ndarray | Mapping[str, Any] = field(compare=False)
    start: Any = None
    control: str = "slider"
    marks: Mapping[str, Any] = field(default_factory=dict)
    stops: tuple[Any, ...] = field(init=False, repr=False)
    texts: tuple[str, ...] = field(init=False, repr=False)
    first: int = field(init=False, repr=False)
    places: dict[str, int] = field(init=False, repr=False)

    def __post_init__(self):
        if not isinstance(self.name, str) or not self.name.isidentifier():
            refuse("name", "파이썬 이름으로 쓸 수 있는 글", self.name)
        if not isinstance(self.label, str) or not self.label.strip():
            refuse("label", "비어 있지 않은 글", self.label)
        check_choice("control", self.control, CONTROLS)
        stops, texts = self._read_values()
        self._settle(stops=stops, texts=texts)
        first = 0 if self.start is None else self.index("start", self.start)
        self._settle(first=first, places={text: self.index("marks", value) for text, value in self.marks.items()})

    def _read_values(self):
        """자리마다의 값과 글."""
        given = self.values
        if not isinstance(given, (list, tuple, dict, np.ndarray)) or len(given) < 2:
            refuse("values", "값이 두 개 이상인 목록이나 {글: 값} 사전", given)
        stops = tuple(given.values()) if isinstance(given, dict) else tuple(given)
        texts = tuple(given) if isinstance(given, dict) else tuple(map(_text, stops))
        if len(set(texts)) < len(texts):
            refuse("values", "글로 적었을 때 서로 다른 값", texts)
        return stops, texts

    def _settle(self, **known):
        # 받은 값은 그대로 두고 정해진 것만 더하므로, dataclasses.replace로 일부를 바꾸어도 나머지가 어긋나지 않습니다.
        for name, value in known.items():
            object.__setattr__(self, name, value)

    def index(self, argument: str, value: Any) -> int:
        """value가 몇 번째 자리인지. 실수는 10⁻⁹의 상대 오차나 float32 같은 형의 반올림까지 같은 값으로 봅니다."""
        for i, known in enumerate(self.stops):
            if _same(known, value):
                return i
        refuse(argument, f"values에 있는 값({', '.join(self.texts)})", value)


def _same(known, value):
    if not isinstance(known, numbers.Real) or not isinstance(value, numbers.Real):
        return known == value
    rounding = [np.finfo(number.dtype).eps for number in (known, value) if isinstance(number, np.floating)]
    try:
        return math.isclose(known, value, rel_tol=max([1e-9, *rounding]))
    except OverflowError:  # 10**400처럼 float에 담기지 않는 정수
        return False


def _text(value):
    return value if isinstance(value, str) else number(check_number("values", value, -np.inf, np.inf), 3)
