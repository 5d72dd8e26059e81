"""두 축의 표를 보이는 보기."""

from dataclasses import dataclass

import numpy as np
from matplotlib.patches import Rectangle

from ..checks import check_integer, refuse
from ..figures import heatmap
from ..figures.numbers import times
from ..figures.style import BACKWARD


@dataclass(frozen=True)
class Heatmap:
    """두 축의 표. 칸의 색과 글이 모두 `value`(0 이상 1 이하의 비율)이고, 칸을 누르면 그 자리로 갑니다.

    - `ratio`: measure가 준 양수의 이름. 칸에 비율 대신 이 수를 "×440"이나 "÷70"으로 적습니다. NaN인 자리에는 비율을
      적습니다.
    - `most`: 1 이상의 정수. 주면 칸에 백분율 대신 most의 몫, 곧 0부터 most까지의 수를 적습니다.
    """

    title: str
    value: str
    rows: str
    columns: str
    ratio: str | None = None
    most: int | None = None

    takes = ()
    height = 1.9

    def __post_init__(self):
        if self.rows == self.columns:
            refuse("columns", "rows와 다른 축의 이름", self.columns)
        if self.most is not None:
            check_integer("most", self.most)

    def encode(self, result):
        return {}

    def check(self, grid):
        grid.require_axis("rows", self.rows)
        grid.require_axis("columns", self.columns)
        grid.require_number("value", self.value)
        heatmap.check_shares(f"measure의 {self.value!r}", grid.fields[self.value], grid.fields[self.value].shape)
        if self.ratio is not None:
            grid.require_number("ratio", self.ratio)
            if (grid.fields[self.ratio] <= 0).any():
                least = np.nanmin(grid.fields[self.ratio])
                refuse(f"measure의 {self.ratio!r}", "0보다 크거나 NaN인 수", f"최솟값 {least:.4g}인 격자")

    def draw(self, figure, grid, position):
        table = self._table(self.value, grid, position)
        axis, rows, columns = figure.subplots(), *(grid.axes[grid.axis(name)] for name in (self.rows, self.columns))
        texts = [[heatmap.cell_text(share, self.most) for share in line] for line in table]
        if self.ratio is not None:
            for (i, j), ratio in np.ndenumerate(self._table(self.ratio, grid, position)):
                texts[i][j] = texts[i][j] if np.isnan(ratio) else times(float(ratio))
        heatmap.draw_shares(axis, table, rows.texts, columns.texts, texts)
        here = position[grid.axis(self.columns)] - 0.5, position[grid.axis(self.rows)] - 0.5
        axis.add_patch(Rectangle(here, 1, 1, fill=False, edgecolor=BACKWARD, linewidth=2.5))
        axis.set(title=self.title, xlabel=columns.label, ylabel=rows.label)

    def _table(self, name, grid, position):
        """다른 축을 position에 둔 채 두 축을 따라간 name의 값: (행 수, 열 수)."""
        row, column = grid.axis(self.rows), grid.axis(self.columns)
        where = tuple(slice(None) if i in (row, column) else p for i, p in enumerate(position))
        table = grid.fields[name][where][..., 0]
        return table if row < column else table.T

    def spec(self, grid):
        return {
            "kind": "heatmap",
            "title": self.title,
            "value": self.value,
            "rows": grid.axis(self.rows),
            "columns": grid.axis(self.columns),
            "shades": [heatmap.shade(v) for v in np.linspace(0, 1, 33)],
            **({} if self.ratio is None else {"ratio": self.ratio}),
            **({} if self.most is None else {"most": self.most}),
        }
