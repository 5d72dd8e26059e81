"""비율의 표: 칸의 색과 숫자가 같은 값(%)을 말합니다."""

from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
from numpy.typing import ArrayLike

from ..checks import check_values, refuse
from .numbers import percent
from .style import Figure, new_figure, styled

COLORS = mpl.colormaps["cividis"]


@styled
def accuracy_grid(
    values: ArrayLike, rows: Sequence[str], columns: Sequence[str], title: str = "", xlabel: str = ""
) -> Figure:
    """시험 정확도의 표: 칸의 색과 숫자가 모두 측정값(%)입니다. NaN은 발산으로 적습니다.

    - `values`: (행 수, 열 수) 배열, 0 이상 1 이하 또는 NaN. `rows`, `columns`: 이름의 목록.
    """
    for name, labels in (("rows", rows), ("columns", columns)):
        if not isinstance(labels, (list, tuple)) or not labels:
            refuse(name, "비어 있지 않은 이름의 목록", labels, TypeError)
    values = check_shares("values", values, (len(rows), len(columns)))
    figure, (axis,) = new_figure(0.95 + 0.42 * len(rows), title)
    draw_shares(axis, values, rows, columns)
    axis.set_xlabel(xlabel)
    best = [
        f"{row} 모두 발산" if np.isnan(line).all() else f"{row} 최고 {percent(np.nanmax(line))}"
        for row, line in zip(rows, values)
    ]
    figure.alt = f"{title}: {xlabel}에 따른 시험 정확도의 표. {', '.join(best)}입니다."
    return figure


def check_shares(name, values, shape):
    """모양이 shape이고 0 이상 1 이하이거나 NaN인 배열인지 확인합니다."""
    values = check_values(name, values, shape)
    if ((values < 0) | (values > 1)).any():
        got = f"최솟값 {np.nanmin(values):.4g}, 최댓값 {np.nanmax(values):.4g}인 배열"
        refuse(name, "0 이상 1 이하이거나 NaN인 실수 배열", got)
    return values


def draw_shares(axis, shares, rows, columns, texts=None):
    """비율의 표를 axis에 그립니다. `rows`, `columns`: 행과 열의 이름. `texts`: 칸마다의 글. 없으면 비율(%)입니다."""
    axis.imshow(np.nan_to_num(shares), vmin=0, vmax=1, cmap=COLORS, aspect="auto")
    for (row, column), share in np.ndenumerate(shares):
        _, ink = shade(share)
        text = cell_text(share) if texts is None else texts[row][column]
        axis.text(column, row, text, ha="center", va="center", color=ink)
    axis.set(xticks=range(len(columns)), yticks=range(len(rows)), xticklabels=columns, yticklabels=rows)
    axis.grid(False)
    axis.spines[:].set_visible(False)


def cell_text(share):
    """칸에 적는 비율: 0.125는 "13"."""
    return percent(share).removesuffix(" %")


def shade(share):
    """비율의 바탕색과, 그 위에서 읽히는 글자색. NaN의 바탕은 0과 같습니다."""
    rgb = COLORS(np.nan_to_num(float(share)))[:3]
    channels = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb]
    luminance = float(np.dot(channels, (0.2126, 0.7152, 0.0722)))
    # WCAG의 대비가 흰 글자보다 검은 글자에서 큰지: (L + 0.05)² > 1.05 × 0.05.
    return mpl.colors.to_hex(rgb), "#000000" if (luminance + 0.05) ** 2 > 0.0525 else "#ffffff"
