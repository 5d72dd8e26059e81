"""곡선을 보이는 보기: 층이나 걸음, 또는 독자가 움직이는 축을 따라 그립니다."""

from dataclasses import dataclass

import numpy as np
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from ..checks import LARGEST, as_array, check_array, check_choice, check_ends, check_number, refuse
from ..figures.depth import FLOOR
from ..figures.numbers import number, power
from ..figures.style import SERIES, add_legend, show_powers

STYLES = {"line": "-", "dots": "o", "dashed": "--"}


@dataclass(frozen=True)
class Line:
    """곡선 하나. `name`은 measure가 준 배열(가로축이 축이면 수)의 이름입니다.

    - `style`: "line"(선), "dots"(점), "dashed"(점선). `band`: 띠의 아래와 위가 될 두 이름.
    - `color`: 색의 번호. 없으면 칸 안에서의 차례입니다. 측정과 이론처럼 짝인 곡선에 같은 색을 줄 때 씁니다.
    """

    label: str
    name: str
    style: str = "line"
    band: tuple = ()
    color: int | None = None

    def __post_init__(self):
        check_choice("style", self.style, STYLES)


@dataclass(frozen=True)
class Panel:
    """곡선이 든 칸 하나.

    - `lines`: `Line`의 목록. `limits`: 세로축의 두 끝(고정). `log`: 세로축이 로그인지.
    - `x`: 가로축. 실수 배열이거나 축의 이름. 축의 이름이면 그 축을 따라 그리고 지금 자리에 세로선을 긋습니다.
    - `level`: (값, 글). 그 높이에 글이 붙은 점선을 긋습니다.
    """

    title: str
    lines: list[Line]
    limits: tuple[float, float]
    x: ArrayLike | str
    log: bool = False
    xlabel: str = ""
    level: tuple = ()

    def __post_init__(self):
        object.__setattr__(self, "limits", check_ends("limits", self.limits))
        if self.log and self.limits[0] <= 0:
            refuse("limits", "log=True일 때는 양수인 두 실수", self.limits)
        if not isinstance(self.x, str):
            check_array("x", as_array(self.x), (None,))
        if not self.lines or not all(isinstance(line, Line) for line in self.lines):
            refuse("lines", "Line의 비어 있지 않은 목록", self.lines, TypeError)
        if self.level:
            object.__setattr__(self, "level", self._read_level())

    def _read_level(self):
        pair = isinstance(self.level, (list, tuple)) and len(self.level) == 2
        if not pair or not isinstance(self.level[1], str):
            refuse("level", "(값, 글)", self.level, TypeError)
        return check_number("level", self.level[0], minimum=0 if self.log else -LARGEST, above=self.log), self.level[1]

    def ticks(self):
        """세로축의 (값, 글). 로그이면 값은 지수입니다."""
        if self.log:
            low, high = (round(np.log10(end)) for end in self.limits)
            step = max(1, -(-(high - low) // 5))
            return [(e, power(e)) for e in range(low, high + 1) if e % step == 0]
        values = MaxNLocator(4).tick_values(*self.limits)
        return [(float(v), number(v)) for v in values if self.limits[0] <= v <= self.limits[1]]

    def x_ticks(self, grid):
        """가로축의 (자리, 글)과 두 끝. 축이면 자리는 칸의 번호입니다. 끝의 점이 잘리지 않게 조금 넓힙니다."""
        if isinstance(self.x, str):
            axis = grid.axes[grid.axis(self.x)]
            last = len(axis.stops) - 1
            marks = {i: text for text, i in axis.places.items()}
            ends = {i: axis.texts[i] for i in (0, last) if i not in marks}
            return sorted({**ends, **marks}.items()), (-0.02 * last, 1.02 * last)
        low, high = float(np.min(self.x)), float(np.max(self.x))
        margin = 0.02 * (high - low)
        values = MaxNLocator(4, integer=True).tick_values(low, high)
        return [(float(v), f"{v:g}") for v in values if low <= v <= high], (low - margin, high + margin)


@dataclass(frozen=True)
class Curves:
    """나란한 칸에 그린 곡선. 좁은 화면에서는 위아래로 쌓입니다."""

    panels: list[Panel]

    takes = ()
    height = 2.9

    def __post_init__(self):
        if not self.panels or not all(isinstance(panel, Panel) for panel in self.panels):
            refuse("panels", "Panel의 비어 있지 않은 목록", self.panels, TypeError)

    def encode(self, result):
        return {}

    def check(self, grid):
        for panel in self.panels:
            if isinstance(panel.x, str):
                grid.require_axis("x", panel.x)
            for line in panel.lines:
                for name in (line.name, *line.band):
                    grid.require("lines", name)
                    length = grid.fields[name].shape[-1]
                    if not isinstance(panel.x, str) and length != len(panel.x):
                        refuse(f"lines의 {name!r}", f"x와 같은 길이({len(panel.x)})의 배열", f"길이 {length}인 배열")

    def draw(self, figure, grid, position):
        axes = figure.subplots(1, len(self.panels), squeeze=False)[0]
        for panel, axis in zip(self.panels, axes):
            _draw_panel(axis, panel, grid, position)
        add_legend(figure, *axes)

    def spec(self, grid):
        return {"kind": "curves", "panels": [_panel_spec(panel, grid) for panel in self.panels]}


def _panel_spec(panel, grid):
    along = isinstance(panel.x, str)
    ticks, ends = panel.x_ticks(grid)
    height = np.log10 if panel.log else float
    return {
        "title": panel.title,
        "xlabel": panel.xlabel,
        "log": panel.log,
        "along": grid.axis(panel.x) if along else -1,
        "x": [] if along else [float(v) for v in panel.x],
        "xTicks": ticks,
        "xEnds": ends,
        "marks": [] if not along else list(grid.axes[grid.axis(panel.x)].places.values()),
        "yTicks": panel.ticks(),
        "yEnds": [float(height(end)) for end in panel.limits],
        "level": [float(height(panel.level[0])), panel.level[1]] if panel.level else [],
        "lines": [
            {"label": line.label, "name": line.name, "style": line.style, "band": line.band, "color": color}
            for line, color in zip(panel.lines, _colors(panel))
        ],
    }


def _colors(panel):
    return [i if line.color is None else line.color for i, line in enumerate(panel.lines)]


def _draw_panel(axis, panel, grid, position):
    along = isinstance(panel.x, str)

    def values(name):
        found = grid.along(name, panel.x, position) if along else grid.fields[name][position]
        return np.maximum(found, FLOOR) if panel.log else found

    ticks, ends = panel.x_ticks(grid)
    x = np.arange(len(grid.axes[grid.axis(panel.x)].stops)) if along else panel.x
    for line, color in zip(panel.lines, _colors(panel)):
        drawn = axis.plot(x, values(line.name), STYLES[line.style], color=SERIES[color], linewidth=1.2, markersize=3.5)
        drawn[0].set_label(line.label)
        if line.band:
            low, high = (np.ravel(values(name)) for name in line.band)
            axis.fill_between(x, low, high, color=SERIES[color], alpha=0.2, linewidth=0)
    axis.set(title=panel.title, xlabel=panel.xlabel, xticks=[i for i, _ in ticks])
    # 나눔고딕의 √는 숫자와 어울리지 않습니다.
    axis.set_xticklabels([text for _, text in ticks], fontfamily=["DejaVu Sans", "NanumGothic"])
    if panel.log:
        axis.set_yscale("log")
        show_powers(axis.yaxis)
    axis.set(xlim=ends, ylim=panel.limits, yticks=[10.0**v if panel.log else v for v, _ in panel.ticks()])
    if panel.level:
        axis.axhline(panel.level[0], color="#777777", linestyle=":", linewidth=1)
        axis.annotate(panel.level[1], (1, panel.level[0]), xycoords=("axes fraction", "data"), ha="right", va="bottom")
    if along:
        axis.axvline(position[grid.axis(panel.x)], color="#444444", linewidth=1)
        for i in grid.axes[grid.axis(panel.x)].places.values():
            axis.axvline(i, color="#777777", linestyle=":", linewidth=1)
