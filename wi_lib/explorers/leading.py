"""움직여 보는 실험에서 실험대로: 축의 자리마다 그 모습에 맞는 실험대의 설정."""

import itertools
import math
import numbers
import re
from collections.abc import Sequence

from ..checks import refuse
from ..lab.setting import DEFAULTS, complete
from .axis import Axis

HOLE = re.compile(r"\{([\w,]+)(?::([^{}]*))?\}")
# 실험대가 할 수 없는 자리에 적는 것.
NOWHERE = "-"


def to_lab(lab: str, axes: Sequence[Axis]) -> list:
    """주소의 틀 `lab`을 글과 구멍의 목록으로 나눕니다. 구멍은 [축의 번호들, 자리마다의 글]입니다.

    `{축}`은 그 축의 값이고, `{축:글|글|…}`은 자리마다의 글입니다. `{축,축:글|글|…}`이면 뒤의 축이 먼저 도는 차례로
    적습니다. 축의 모든 자리에서 실험대가 받는 설정인지 확인합니다. 글이 "-"인 자리는 실험대가 할 수 없는 것입니다.

    >>> to_lab("activation={f:relu|tanh}&depth={d}", [Axis("f", "함수", [0, 1]), Axis("d", "층", [5, 10])])
    ['activation=', [[0], ['relu', 'tanh']], '&depth=', [[1], ['5', '10']]]
    """
    literals, names, words = (HOLE.split(lab)[i::3] for i in range(3))
    holes = [_hole(*pair, axes) for pair in zip(names, words)]
    parts = [part for pair in itertools.zip_longest(literals, holes) for part in pair if part]
    used = sorted({i for part in parts if isinstance(part, list) for i in part[0]})
    for position in itertools.product(*(range(len(axes[i].stops)) for i in used)):
        address = filled(parts, axes, dict(zip(used, position)))
        if address is not None:
            _check(address)
    return parts


def filled(parts: list, axes: Sequence[Axis], position: dict[int, int]) -> str | None:
    """position(축의 번호마다 자리의 번호)의 주소. 실험대가 할 수 없는 자리이면 None입니다."""
    words = []
    for part in parts:
        if isinstance(part, str):
            words.append(part)
            continue
        at = 0
        for i in part[0]:
            at = at * len(axes[i].stops) + position[i]
        words.append(part[1][at])
    return None if NOWHERE in words else "".join(words)


def _hole(names, words, axes):
    known = {axis.name: i for i, axis in enumerate(axes)}
    for name in names.split(","):
        if name not in known:
            refuse("lab", f"중괄호 안에 축의 이름({', '.join(known)})", name)
    places = [known[name] for name in names.split(",")]
    if words is None:
        return [places, [_word(stop) for stop in axes[places[0]].stops]]
    count, found = math.prod(len(axes[i].stops) for i in places), words.split("|")
    if len(found) != count:
        refuse("lab", f"{{{names}}}의 자리마다 하나씩, 글 {count}개", words)
    return [places, found]


def _word(stop):
    if isinstance(stop, str):
        return stop
    if not isinstance(stop, numbers.Real):
        refuse("lab", "값이 글이나 수인 축, 또는 자리마다의 글을 적은 축", stop)
    return f"{stop:.3g}"


def _check(address):
    given = dict(word.split("=", 1) for word in address.split("&"))
    for name, text in given.items():
        kind = type(DEFAULTS.get(name, ""))
        try:
            given[name] = kind(text)
        except ValueError:
            refuse("lab", f"{name}에 수", text)
    complete(given)
