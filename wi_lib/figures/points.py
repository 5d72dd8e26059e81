"""흩뿌린 점: 두 측정값의 관계를 봅니다."""

from collections.abc import Mapping, Sequence

from numpy.typing import ArrayLike

from ..checks import LARGEST, as_array, check_array, check_named, check_number, refuse
from .numbers import number
from .style import MARKERS, SERIES, Figure, add_legend, new_figure, show_powers, styled


@styled
def scatter(
    groups: Mapping[str, tuple[ArrayLike, ArrayLike]],
    title: str = "",
    xlabel: str = "",
    ylabel: str = "",
    log: bool = False,
    notes: Sequence[tuple[float, float, str]] = (),
) -> Figure:
    """이름이 붙은 점의 무리 몇 개. 점은 속이 비어 있어 겹쳐도 모두 보입니다.

    - `groups`: 이름 → (x, y) 사전. x와 y는 길이가 같은 (n,) 배열입니다. `log`이면 가로축이 로그이고 x는 양수입니다.
    - `notes`: (x, y, 글)의 목록. 그 자리 옆에 글을 적습니다.

    >>> scatter({"He": ([0.1, 1], [0.5, 0.9])}, "제목", "배수", "정확도").alt
    '제목: 가로축은 배수, 세로축은 정확도인 점들. 세로축의 값은 He 2개는 0.5에서 0.9 사이입니다.'
    """
    check_named("groups", groups, "(x, y)", len(SERIES))
    figure, (axis,) = new_figure(3.4, title)
    said = []
    for (name, pair), color, marker in zip(groups.items(), SERIES, MARKERS):
        x, y = _check_pair(f"groups[{name!r}]", pair, log)
        axis.plot(x, y, marker, color=color, markersize=6, markerfacecolor="none", label=name)
        said.append(f"{name} {len(x)}개는 {number(y.min())}에서 {number(y.max())} 사이")
    if log:
        axis.set_xscale("log")
        show_powers(axis.xaxis)
    axis.set(xlabel=xlabel, ylabel=ylabel)
    for x, y, text in _check_notes(notes):
        axis.annotate(text, (x, y), xytext=(5, -3), textcoords="offset points", fontsize=9)
    add_legend(figure, axis)
    figure.alt = f"{title}: 가로축은 {xlabel}, 세로축은 {ylabel}인 점들. 세로축의 값은 {', '.join(said)}입니다."
    return figure


def _check_pair(name, pair, log):
    if not isinstance(pair, (tuple, list)) or len(pair) != 2:
        refuse(name, "길이가 같은 두 배열 (x, y)", pair, TypeError)
    x = check_array(f"{name}의 x", as_array(pair[0]), (None,))
    y = check_array(f"{name}의 y", as_array(pair[1]), x.shape)
    if log and x.min() <= 0:
        refuse(f"{name}의 x", "log=True일 때는 양수인 배열", f"최솟값 {x.min():.4g}인 배열")
    return x, y


def _check_notes(notes):
    """(x, y, 글)의 목록인지 확인해 x와 y를 실수로 바꿉니다."""
    triples = isinstance(notes, (list, tuple)) and all(isinstance(n, (list, tuple)) and len(n) == 3 for n in notes)
    if not triples or not all(isinstance(text, str) for _, _, text in notes):
        refuse("notes", "(x, y, 글)의 목록", notes, TypeError)
    return [(*(check_number("notes", v, minimum=-LARGEST) for v in place), text) for *place, text in notes]
