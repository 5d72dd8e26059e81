"""`explorers`의 격자와 두 보기(층별 분포, 표). 곡선은 `_curves`에 있습니다.

보기마다 격자에 담는 법(encode), 멈춘 그림(draw), explorer.js에 주는 명세(spec)를 압니다.
"""

from dataclasses import dataclass

import matplotlib as mpl
import numpy as np

from ..checks import check_number, refuse
from ..figures import layers
from ..figures.numbers import number, percent
from ..figures.style import power
from ..signals import Signals


@dataclass(frozen=True)
class Grid:
    """축의 조합마다 잰 값. `fields[이름]`은 (축마다의 길이…, 값의 수) 모양의 uint8이나 float32 배열입니다."""

    axes: tuple
    fields: dict

    def axis(self, name):
        """이름이 name인 축의 번호."""
        return [axis.name for axis in self.axes].index(name)

    def along(self, name, axis, position):
        """다른 축을 position에 둔 채 axis를 따라간 값: (축의 길이, 값의 수)."""
        i = self.axis(axis)
        return self.fields[name][(*position[:i], slice(None), *position[i + 1 :])]

    def require(self, what, name):
        if name not in self.fields:
            refuse(what, f"measure가 준 이름({', '.join(self.fields)})", name)

    def require_axis(self, what, name):
        if name not in (names := [axis.name for axis in self.axes]):
            refuse(what, f"축의 이름({', '.join(names)})", name)


@dataclass(frozen=True)
class Histograms:
    """층별 분포: 윗줄은 활성화값, 아랫줄은 역전파 신호 |δ|. measure가 준 사전의 "signals"를 그립니다.

    - `span`: 활성화값의 가로축. 밖의 값은 양 끝 구간에 셉니다. `top`: 세로축(비율)의 끝.
    """

    span: tuple = (-3, 3)
    top: float = 0.3

    signals = "signals"
    bins = 30
    height = 3.0
    stats = (
        ("std", "표준편차", "activations"),
        ("saturated", "포화", "activations"),
        ("delta_rms", "RMS", "deltas"),
        ("delta_median", "중앙값", "deltas"),
    )

    def __post_init__(self):
        low, high = (check_number("span", end, minimum=-1e15) for end in self.span)
        if low >= high:
            refuse("span", "작은 것부터 적은 두 실수", self.span)
        check_number("top", self.top, maximum=1, above=True)

    def encode(self, result):
        if not isinstance(result.get(self.signals), Signals):
            refuse("measure", f'"{self.signals}"에 Signals가 든 사전을 돌려주는 함수', result, TypeError)
        counted = layers.count(result[self.signals], (self.bins, self.bins), self.span)
        fields = {}
        for name, values in counted.items():
            if name in ("activations", "deltas"):
                # 막대의 높이는 256단계면 화면의 점보다 촘촘합니다.
                fields[name] = np.round(np.minimum(values / self.top, 1) * 255).astype(np.uint8).ravel()
            else:
                fields[name] = values.astype(np.float32)
        return fields

    def check(self, grid):
        pass

    def draw(self, figure, grid, position):
        counted = {name: grid.fields[name][position].astype(float) for name in layers.FIELDS}
        for name in ("activations", "deltas"):
            counted[name] = counted[name].reshape(-1, self.bins) / 255 * self.top
        layers.draw(figure, counted, self.span, self.top)

    def spec(self, grid):
        return {
            "kind": "histograms",
            "bins": self.bins,
            "top": self.top,
            "rows": [
                {"name": "activations", "label": "활성화값", "span": self.span, "ends": [number(v) for v in self.span]},
                {
                    **{"name": "deltas", "label": "역전파 |δ|", "span": layers.DELTA_EXPONENTS},
                    **{"ends": [power(e) for e in layers.DELTA_EXPONENTS], "log": True},
                },
            ],
            "stats": [
                {"name": name, "label": label, "row": row, "percent": name == "saturated"}
                for name, label, row in self.stats
            ],
        }


@dataclass(frozen=True)
class Heatmap:
    """두 축의 표. 칸의 색과 글이 모두 `value`(0 이상 1 이하의 비율)이고, 칸을 누르면 그 자리로 갑니다."""

    title: str
    value: str
    rows: str
    columns: str

    def __post_init__(self):
        if self.rows == self.columns:
            refuse("columns", "rows와 다른 축의 이름", self.columns)

    height = 1.9

    def encode(self, result):
        return {}

    def check(self, grid):
        grid.require_axis("rows", self.rows)
        grid.require_axis("columns", self.columns)
        grid.require("value", self.value)

    def draw(self, figure, grid, position):
        axis = figure.subplots()
        row, column = grid.axis(self.rows), grid.axis(self.columns)
        where = tuple(slice(None) if i in (row, column) else p for i, p in enumerate(position))
        table = grid.fields[self.value][where][..., 0]
        table = table if row < column else table.T
        axis.imshow(np.nan_to_num(table), vmin=0, vmax=1, cmap="cividis", aspect="auto")
        for (i, j), value in np.ndenumerate(table):
            text = percent(value).removesuffix(" %")
            axis.text(j, i, text, ha="center", va="center", color=_shade(np.nan_to_num(value))[1])
        box = (position[column] - 0.5, position[row] - 0.5)
        axis.add_patch(mpl.patches.Rectangle(box, 1, 1, fill=False, edgecolor="#D55E00", linewidth=2.5))
        names = grid.axes[column].texts, grid.axes[row].texts
        axis.set(title=self.title, xticks=range(len(names[0])), yticks=range(len(names[1])))
        axis.set(xticklabels=names[0], yticklabels=names[1], xlabel=grid.axes[column].label)
        axis.grid(False)
        axis.spines[:].set_visible(False)

    def spec(self, grid):
        return {
            "kind": "heatmap",
            "title": self.title,
            "value": self.value,
            "rows": grid.axis(self.rows),
            "columns": grid.axis(self.columns),
            "shades": [_shade(v) for v in np.linspace(0, 1, 33)],
        }


def _shade(value):
    """비율 value의 바탕색과, 그 위에서 읽히는 글자색."""
    red, green, blue, _ = mpl.colormaps["cividis"](value)
    channels = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in (red, green, blue)]
    luminance = float(np.dot(channels, (0.2126, 0.7152, 0.0722)))
    # WCAG의 대비가 흰 글자보다 검은 글자에서 큰지: (L + 0.05)² > 1.05 × 0.05.
    return mpl.colors.to_hex((red, green, blue)), "#000000" if (luminance + 0.05) ** 2 > 0.0525 else "#ffffff"
