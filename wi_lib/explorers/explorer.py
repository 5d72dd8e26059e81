"""실험: 축의 모든 조합을 재어 격자에 담고, 멈춘 그림과 움직이는 그림으로 보입니다."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..checks import check_choice, refuse
from ..figures.numbers import fill
from ..figures.style import Figure, new_canvas, styled
from .axis import Axis
from .leading import to_lab
from .measuring import measure_grid
from .view import View
from .widget import MOST_AXES, Box, build


class Explorer:
    """움직여 보는 실험 하나. 셀의 마지막에 두면 멈춘 그림과 움직이는 그림이 함께 나옵니다.

    - `title`: 제목.
    - `axes`: `Axis`의 목록(1–5개).
    - `measure`: 축의 값을 이름 있는 인자로 받아 {이름: 값} 사전을 돌려주는 함수. 값은 실수, 실수 배열, 또는
      `Histograms`가 그릴 `Signals`("signals")나 `Images`가 그릴 배열입니다. 길이가 다른 배열은 짧은 것의 뒤를 비웁니다.
    - `views`: `Histograms`, `Curves`, `Heatmap`, `Images`처럼 `view.View`를 따르는 보기의 목록. 위에서 아래로 그립니다.
    - `says`: 지금 보이는 것을 말하는 문장. 줄바꿈은 빈칸이 되고, `{이름}`은 축의 글이나 잰 수로, `{이름:%}`은
      백분율로 바뀝니다.
    - `lab`: 실험대에서 이 모습을 학습시킬 설정의 틀: `"activation={f}&initializer=normal({std})&depth={depth}"`.
      페이지에 "실험대에서 학습시켜 보기"가 생깁니다. 쓰는 법은 `leading.to_lab`에 있습니다.

    격자의 모든 조합을 만들 때 곧바로 잽니다. 2초가 넘으면 진행 막대가 나옵니다.

    >>> from wi_lib.explorers import Curves, Line, Panel
    >>> def measure(n):
    ...     return {"spread": 1 / n**0.5}
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

    def __init__(
        self,
        title: str,
        axes: Sequence[Axis],
        measure: Callable[..., Mapping[str, Any]],
        views: Sequence[View],
        says: str,
        lab: str | None = None,
    ) -> None:
        names = [axis.name for axis in axes] if all(isinstance(axis, Axis) for axis in axes) else []
        if not 1 <= len(names) <= MOST_AXES or len(set(names)) < len(names):
            refuse("axes", f"이름이 서로 다른 Axis 1~{MOST_AXES}개의 목록", axes, TypeError)
        if not callable(measure):
            refuse("measure", "축의 값을 받는 함수", measure, TypeError)
        if not views or not all(isinstance(view, View) for view in views):
            refuse("views", "Histograms, Curves, Heatmap, Images 같은 보기의 비어 있지 않은 목록", views, TypeError)
        self.title, self.axes, self.views, self.says = title, tuple(axes), tuple(views), " ".join(says.split())
        if lab is not None and not isinstance(lab, str):
            refuse("lab", "실험대의 설정을 적은 글", lab, TypeError)
        self.lab = to_lab(lab, self.axes) if lab else []
        self.measure, self.start = measure, tuple(axis.first for axis in axes)
        self.grid = measure_grid(self.axes, measure, self.views)
        for view in self.views:
            view.check(self.grid)
        known = {*names, *self.grid.numbers()}
        for name in re.findall(r"\{(\w*)", says):
            if name not in known:
                refuse("says", f"축이나 measure가 준 수의 이름({', '.join(sorted(known))})", name)

    def at(self, position: tuple[int, ...]) -> dict[str, str | float]:
        """position(칸의 번호)의 문장에 들어갈 {이름: 글이나 수}."""
        texts = {axis.name: axis.texts[i] for axis, i in zip(self.axes, position)}
        return texts | {name: float(self.grid.fields[name][position][0]) for name in self.grid.numbers()}

    def sentence(self, **values: Any) -> str:
        """축의 값이 values일 때의 문장. 주지 않은 축은 처음 값입니다."""
        known = {axis.name: axis for axis in self.axes}
        for name in values:
            check_choice("sentence", name, known)
        position = tuple(
            axis.index(axis.name, values[axis.name]) if axis.name in values else axis.first for axis in self.axes
        )
        return fill(self.says, self.at(position))

    @property
    @styled
    def figure(self) -> Figure:
        """처음 자리의 멈춘 그림. 스크립트가 없는 곳에서도, 인쇄한 종이에서도 보입니다."""
        heights = [view.height for view in self.views]
        figure = new_canvas(sum(heights) + 0.3, self.title)
        parts = figure.subfigures(len(heights), 1, height_ratios=heights, squeeze=False)[:, 0]
        for view, part in zip(self.views, parts):
            view.draw(part, self.grid, self.start)
        figure.alt = f"{self.title}: {fill(self.says, self.at(self.start))}"
        return figure

    @property
    def widget(self) -> Box:
        """조절기와 그림이 이어진 ipywidgets 상자."""
        return build(self)

    def _ipython_display_(self):
        from IPython.display import display

        display(self.figure, self.widget)
