"""축과 실험: 축의 모든 조합을 재어 격자에 담고, 멈춘 그림과 움직이는 그림으로 보입니다."""

import itertools
import re
from dataclasses import dataclass, field

import numpy as np
from tqdm import tqdm

from ..checks import as_array, check_choice, refuse
from ..figures.numbers import fill, number
from ..figures.style import new_canvas, styled
from .curves import Curves
from .images import Images
from .views import Grid, Heatmap, Histograms
from .widget import CONTROLS, MOST_AXES, build

VIEWS = (Histograms, Curves, Heatmap, Images)


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

    >>> Axis("std", "표준편차", [0.01, 0.1, 1], start=0.1).texts
    ('0.01', '0.1', '1')
    """

    name: str
    label: str
    values: tuple
    start: object = None
    control: str = "slider"
    marks: dict = field(default_factory=dict)
    texts: tuple = field(init=False)

    def __post_init__(self):
        if not isinstance(self.name, str) or not self.name.isidentifier():
            refuse("name", "파이썬 이름으로 쓸 수 있는 글", self.name)
        if not isinstance(self.label, str) or not self.label.strip():
            refuse("label", "비어 있지 않은 글", self.label)
        check_choice("control", self.control, CONTROLS)
        values = self.values
        texts = list(values) if isinstance(values, dict) else None
        values = (
            list(values.values()) if texts else list(values) if isinstance(values, (list, tuple, np.ndarray)) else []
        )
        if len(values) < 2:
            refuse("values", "값이 두 개 이상인 목록이나 {글: 값} 사전", self.values)
        texts = texts or [value if isinstance(value, str) else number(value, 3) for value in values]
        if len(set(texts)) < len(texts):
            refuse("values", "글로 적었을 때 서로 다른 값", texts)
        for name, value in (("values", tuple(values)), ("texts", tuple(texts))):
            object.__setattr__(self, name, value)
        object.__setattr__(self, "start", 0 if self.start is None else self.index("start", self.start))
        object.__setattr__(self, "marks", {text: self.index("marks", value) for text, value in self.marks.items()})

    def index(self, argument, value):
        """value가 몇 번째 값인지. 실수는 10⁻⁹의 상대 오차까지 같은 값으로 봅니다."""
        for i, known in enumerate(self.values):
            close = isinstance(value, (int, float)) and isinstance(known, (int, float, np.number))
            if (close and np.isclose(known, value, rtol=1e-9, atol=0)) or (not close and known == value):
                return i
        refuse(argument, f"values에 있는 값({', '.join(self.texts)})", value)


class Explorer:
    """움직여 보는 실험 하나. 셀의 마지막에 두면 멈춘 그림과 움직이는 그림이 함께 나옵니다.

    - `title`: 제목.
    - `axes`: `Axis`의 목록(1~5개).
    - `measure`: 축의 값을 이름 있는 인자로 받아 {이름: 값} 사전을 돌려주는 함수. 값은 실수, 실수 배열, 또는
      `Histograms`가 그릴 `Signals`("signals")나 `Images`가 그릴 배열입니다. 길이가 다른 배열은 짧은 것의 뒤를 비웁니다.
    - `views`: `Histograms`, `Curves`, `Heatmap`, `Images`의 목록. 위에서 아래로 그립니다.
    - `says`: 지금 보이는 것을 말하는 문장. 줄바꿈은 빈칸이 되고, `{이름}`은 축의 글이나 잰 수로, `{이름:%}`은
      백분율로 바뀝니다.

    격자의 모든 조합을 만들 때 곧바로 잽니다. 2초가 넘으면 진행 막대가 나옵니다.

    >>> from wi_lib.explorers import Curves, Line, Panel
    >>> def measure(n):
    ...     return {"spread": 1 / np.sqrt(n)}
    >>> explorer = Explorer(
    ...     "너비와 표준편차",
    ...     [Axis("n", "너비", [100, 400])],
    ...     measure,
    ...     [Curves([Panel("1/√n", [Line("표준편차", "spread")], limits=(0, 0.2), x="n")])],
    ...     "너비 {n}: 표준편차 {spread}",
    ... )
    >>> explorer.sentence(n=400)
    '너비 400: 표준편차 0.05'
    """

    def __init__(self, title, axes, measure, views, says):
        names = [axis.name for axis in axes] if all(isinstance(axis, Axis) for axis in axes) else []
        if not 1 <= len(names) <= MOST_AXES or len(set(names)) < len(names):
            refuse("axes", f"이름이 서로 다른 Axis 1~{MOST_AXES}개의 목록", axes, TypeError)
        if not callable(measure):
            refuse("measure", "축의 값을 받는 함수", measure, TypeError)
        if not views or not all(isinstance(view, VIEWS) for view in views):
            refuse("views", "Histograms, Curves, Heatmap, Images의 비어 있지 않은 목록", views, TypeError)
        self.title, self.axes, self.views, self.says = title, tuple(axes), tuple(views), " ".join(says.split())
        self.measure, self.start = measure, tuple(axis.start for axis in axes)
        self.grid = _measure_grid(self.axes, measure, self.views)
        for view in self.views:
            view.check(self.grid)
        known = {*names, *(name for name, values in self.grid.fields.items() if values.shape[-1] == 1)}
        for name in re.findall(r"\{(\w*)", says):
            if name not in known:
                refuse("says", f"축이나 measure가 준 수의 이름({', '.join(sorted(known))})", name)

    def at(self, position):
        """position(칸의 번호)의 문장에 들어갈 {이름: 글이나 수}."""
        texts = {axis.name: axis.texts[i] for axis, i in zip(self.axes, position)}
        return texts | {name: float(v[position][0]) for name, v in self.grid.fields.items() if v.shape[-1] == 1}

    def sentence(self, **values):
        """축의 값이 values일 때의 문장. 주지 않은 축은 처음 값입니다."""
        known = {axis.name: axis for axis in self.axes}
        for name in values:
            check_choice("sentence", name, known)
        position = tuple(
            axis.index(axis.name, values[axis.name]) if axis.name in values else axis.start for axis in self.axes
        )
        return fill(self.says, self.at(position))

    @property
    @styled
    def figure(self):
        """처음 자리의 멈춘 그림. 스크립트가 없는 곳에서도, 인쇄한 종이에서도 보입니다."""
        heights = [view.height for view in self.views]
        figure = new_canvas(sum(heights) + 0.3)
        parts = figure.subfigures(len(heights), 1, height_ratios=heights, squeeze=False)[:, 0]
        for view, part in zip(self.views, parts):
            view.draw(part, self.grid, self.start)
        figure.suptitle(self.title, fontsize=11)
        figure.alt = f"{self.title}: {fill(self.says, self.at(self.start))}"
        return figure

    @property
    def widget(self):
        """조절기와 그림이 이어진 ipywidgets 상자."""
        return build(self)

    def _ipython_display_(self):
        from IPython.display import display

        display(self.figure, self.widget)


def _measure_grid(axes, measure, views):
    shape = tuple(len(axis.values) for axis in axes)
    names = [axis.name for axis in axes]
    rows = []
    for values in tqdm(itertools.product(*(axis.values for axis in axes)), total=np.prod(shape), desc="격자", delay=2):
        rows.append(_encode(measure(**dict(zip(names, values))), views, names))
    if any(row.keys() != rows[0].keys() for row in rows):
        refuse("measure", "늘 같은 이름의 사전을 돌려주는 함수", [sorted(row) for row in rows][-1])
    fields = {name: _stack([row[name] for row in rows]).reshape(*shape, -1) for name in rows[0]}
    return Grid(axes, fields)


def _encode(result, views, axis_names):
    """measure의 결과를 {이름: 1차원 uint8이나 float32 배열}로. Signals는 그것을 그리는 보기가 풉니다."""
    if not isinstance(result, dict):
        refuse("measure", "{이름: 값} 사전을 돌려주는 함수", result, TypeError)
    fields = {}
    for view in views:
        fields |= view.encode(result)
    taken, drawn = {*fields, *axis_names}, {view.name for view in views if isinstance(view, Images)}
    for name, value in result.items():
        if name == Histograms.signals or name in drawn:
            continue
        if name in taken:
            refuse("measure", f"축과 보기가 쓰는 이름({', '.join(sorted(taken))})이 없는 사전을 돌려주는 함수", name)
        array = as_array(value)
        if not isinstance(array, np.ndarray) or array.dtype.kind not in "biuf":
            refuse(f"measure의 {name!r}", "실수나 실수 배열", value, TypeError)
        fields[name] = array.astype(np.float32).ravel()
    return fields


def _stack(rows):
    length = max(map(len, rows))
    if rows[0].dtype == np.uint8 and any(len(row) < length for row in rows):
        refuse("measure", "그리는 층의 수가 늘 같은 Signals를 돌려주는 함수", "층이 다섯보다 적은 것이 섞인 Signals")
    padded = [
        row if len(row) == length else np.pad(row, (0, length - len(row)), constant_values=np.nan) for row in rows
    ]
    return np.array(padded, rows[0].dtype)
