"""한 장에서만 쓰는 그림. 여러 장에서 되풀이하는 그림은 `plots`에 있습니다."""

from ._checks import LARGEST, as_array, check_array, check_named, check_number, refuse
from ._style import MARKERS, SERIES, new_figure, show_powers, styled
from ._text import number


@styled
def scatter(groups, title="", xlabel="", ylabel="", log=False, notes=()):
    """이름이 붙은 점의 무리 몇 개.

    - `groups`: 이름 → (x, y) 사전. x와 y는 길이가 같은 (n,) 배열입니다. `log`이면 가로축이 로그이고 x는 양수입니다.
    - `notes`: (x, y, 글)의 목록. 그 자리 옆에 글을 적습니다.

    >>> scatter({"He": ([0.1, 1], [0.5, 0.9])}, "제목", "배수", "정확도").alt
    '제목: 가로축은 배수, 세로축은 정확도인 점들. 세로축의 값은 He 2개는 0.5에서 0.9 사이입니다.'
    """
    check_named("groups", groups, "(x, y)", len(SERIES))
    figure, axes = new_figure(1, 1, 3.4)
    axis, said = axes[0, 0], []
    for (name, pair), color, marker in zip(groups.items(), SERIES, MARKERS):
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            refuse(f"groups[{name!r}]", "길이가 같은 두 배열 (x, y)", pair, TypeError)
        x = check_array(f"groups[{name!r}]의 x", as_array(pair[0]), (None,))
        y = check_array(f"groups[{name!r}]의 y", as_array(pair[1]), x.shape)
        if log and x.min() <= 0:
            refuse(f"groups[{name!r}]의 x", "log=True일 때는 양수인 배열", f"최솟값 {x.min():.4g}인 배열")
        axis.plot(x, y, marker, color=color, markersize=5, label=name)
        said.append(f"{name} {len(x)}개는 {number(y.min())}에서 {number(y.max())} 사이")
    if log:
        axis.set_xscale("log")
        show_powers(axis.xaxis)
    axis.set(xlabel=xlabel, ylabel=ylabel)
    for x, y, text in _check_notes(notes):
        axis.annotate(text, (x, y), xytext=(5, -3), textcoords="offset points", fontsize=8)
    figure.legend(*axis.get_legend_handles_labels(), loc="outside lower center", ncols=3)
    figure.suptitle(title, fontsize=11)
    figure.alt = f"{title}: 가로축은 {xlabel}, 세로축은 {ylabel}인 점들. 세로축의 값은 {', '.join(said)}입니다."
    return figure


def _check_notes(notes):
    """(x, y, 글)의 목록인지 확인합니다."""
    triples = isinstance(notes, (list, tuple)) and all(isinstance(n, (list, tuple)) and len(n) == 3 for n in notes)
    if not triples or not all(isinstance(text, str) for _, _, text in notes):
        refuse("notes", "(x, y, 글)의 목록", notes, TypeError)
    for value in [v for x, y, _ in notes for v in (x, y)]:
        check_number("notes", value, minimum=-LARGEST)
    return notes
