"""곡선: 걸음이나 층, 그 밖의 값에 따라 어떻게 변하는지 봅니다."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from ..checks import LARGEST, as_array, check_array, check_integer, check_named, check_number, check_values, refuse
from ..training import smooth
from .numbers import number
from .style import MARKERS, SERIES, Figure, add_legend, new_figure, show_powers, styled


@styled
def loss_curves(losses: Mapping[str, ArrayLike], title: str = "", window: int = 50, every: int = 1) -> Figure:
    """학습 곡선: 이동 평균한 손실. 시드가 여럿이면 평균을 선으로, 최솟값과 최댓값 사이를 띠로 그립니다.

    - `losses`: 이름 → (걸음 수,) 또는 (시드 수, 걸음 수) 배열. 발산한 뒤는 NaN으로 둡니다.
    - `window`: 이동 평균의 걸음 수. `every`: 배열의 한 칸이 몇 걸음인지.
    """
    check_named("losses", losses, "배열", len(SERIES))
    window, every = check_integer("window", window), check_integer("every", every)
    losses = {name: check_values(f"losses[{name!r}]", loss, (None,), (None, None)) for name, loss in losses.items()}
    figure, (axis,) = new_figure(3.1, title)
    said = []
    for (name, loss), color in zip(losses.items(), SERIES):
        runs = np.array([smooth(run, max(1, window // every)) for run in np.atleast_2d(loss)])
        steps, mean = np.arange(runs.shape[1]) * every, runs.mean(axis=0)
        axis.plot(steps, mean, color=color, label=name)
        if len(runs) > 1:
            axis.fill_between(steps, runs.min(axis=0), runs.max(axis=0), color=color, alpha=0.2, linewidth=0)
        said.append(f"{name} {number(mean[-1])}")
    axis.axhline(np.log(10), color="#777777", linestyle=":", linewidth=1)
    axis.annotate("ln 10", (1, np.log(10)), xycoords=("axes fraction", "data"), ha="right", va="bottom", fontsize=9)
    axis.set(xlabel="걸음", ylabel="손실 (nat)", ylim=(0, 2.6))
    add_legend(figure, axis)
    figure.alt = f"{title}: 걸음에 따른 손실 곡선. 마지막 손실은 {', '.join(said)}입니다."
    return figure


@styled
def curves(
    x: ArrayLike,
    series: Mapping[str, ArrayLike],
    title: str = "",
    xlabel: str = "",
    ylabel: str = "",
    log: bool = False,
    mark: tuple[float, str] | list[tuple[float, str]] | None = None,
    theory: Mapping[str, ArrayLike] | None = None,
) -> Figure:
    """이름이 붙은 곡선 몇 개.

    - `x`: (n,) 가로축의 값. `series`: 이름 → (n,) 배열. `log`: 세로축을 로그로 그릴지.
    - `theory`: 이름 → (n,) 배열. 이름이 같은 series는 점으로 그리고 이것을 같은 색의 선으로 그립니다.
    - `mark`: (가로축의 값, 이름)이나 그 목록. 그 자리에 이름이 붙은 세로 점선을 긋습니다.
    """
    x = check_array("x", as_array(x), (None,))
    check_named("series", series, "배열", len(SERIES))
    series = {name: check_values(f"series[{name!r}]", values, x.shape) for name, values in series.items()}
    if log and not any((values > 0).any() for values in series.values()):
        refuse("series", "log=True일 때는 양수가 하나라도 있는 배열", series)
    marks, theory = _check_marks(mark), _check_theory(theory, series, x.shape)
    figure, (axis,) = new_figure(2.9, title)
    for (name, values), color, marker in zip(series.items(), SERIES, MARKERS):
        if name in theory:
            axis.plot(x, theory[name], color=color, linewidth=1.2)
            axis.plot(x, values, marker, color=color, markersize=4, label=name)
        else:
            axis.plot(x, values, color=color, label=name)
    axis.set(xlabel=xlabel, ylabel=ylabel, yscale="log" if log else "linear")
    if log:
        show_powers(axis.yaxis)
    for where, name in marks:
        axis.axvline(where, color="#777777", linestyle=":", linewidth=1.2)
        axis.annotate(name, (where, 1), xycoords=("data", "axes fraction"), ha="center", va="bottom", fontsize=9)
    if len(series) > 1:
        add_legend(figure, axis)
    ends = [f"{name} {number(values[0])}에서 {number(values[-1])}(으)로" for name, values in series.items()]
    figure.alt = f"{title}: {xlabel}에 따른 {ylabel}. 왼쪽 끝에서 오른쪽 끝까지 {', '.join(ends)} 바뀝니다."
    if theory:
        figure.alt += " 점은 측정, 선은 이론입니다."
    if marks:
        figure.alt += f" 세로 점선은 {', '.join(name for _, name in marks)}입니다."
    return figure


def _check_marks(mark):
    """(가로축의 값, 이름) 하나나 그 목록, None을 목록으로 바꾸고 값은 실수로 바꿉니다."""
    marks = [] if mark is None else [mark] if isinstance(mark, tuple) else mark
    pairs = isinstance(marks, list) and all(isinstance(pair, (tuple, list)) and len(pair) == 2 for pair in marks)
    if not pairs or not all(isinstance(name, str) for _, name in marks):
        refuse("mark", "(가로축의 값, 이름)이나 그 목록", mark, TypeError)
    return [(check_number("mark", where, minimum=-LARGEST), name) for where, name in marks]


def _check_theory(theory, series, shape):
    if theory is None:
        return {}
    check_named("theory", theory, "배열", len(SERIES))
    if not set(theory) <= set(series):
        refuse("theory", f"series에 있는 이름({', '.join(series)})", list(theory))
    return {name: check_values(f"theory[{name!r}]", values, shape) for name, values in theory.items()}
