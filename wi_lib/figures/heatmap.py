"""비율의 표: 칸의 색과 숫자가 같은 값(%)을 말합니다."""

from collections.abc import Mapping, Sequence

import matplotlib as mpl
import numpy as np
from numpy.typing import ArrayLike

from ..checks import check_named, check_values, refuse
from .numbers import percent
from .style import CELLS, Figure, new_figure, styled

COLORS = mpl.colormaps["cividis"]


@styled
def accuracy_grid(
    values: ArrayLike, rows: Sequence[str], columns: Sequence[str], title: str = "", xlabel: str = ""
) -> Figure:
    """시험 정확도의 표: 칸의 색과 숫자가 모두 측정값(%)입니다. NaN은 발산으로 적습니다.

    - `values`: (행 수, 열 수) 배열, 0 이상 1 이하 또는 NaN. `rows`, `columns`: 이름의 목록.
    """
    _check_labels(rows, columns)
    values = check_shares("values", values, (len(rows), len(columns)))
    figure, (axis,) = new_figure(0.95 + 0.42 * len(rows), title)
    draw_shares(axis, values, rows, columns)
    axis.set_xlabel(xlabel)
    figure.alt = f"{title}: {xlabel}에 따른 시험 정확도의 표. {_best(values, rows)}입니다."
    return figure


@styled
def accuracy_grids(
    tables: Mapping[str, ArrayLike], rows: Sequence[str], columns: Sequence[str], title: str = "", xlabel: str = ""
) -> Figure:
    """행과 열이 같은 정확도의 표를 나란히 둘까지. 칸의 색과 숫자는 `accuracy_grid`와 같습니다.

    - `tables`: 이름 → (행 수, 열 수) 배열, 0 이상 1 이하 또는 NaN. `rows`, `columns`: 이름의 목록.

    >>> accuracy_grids({"학습": [[0.9]], "시험": [[0.8]]}, ["10층"], ["1"], "정확도", "분산").alt
    '정확도: 분산에 따른 정확도의 표. 학습: 10층 최고 90 %. 시험: 10층 최고 80 %.'
    """
    check_named("tables", tables, "배열", 2)
    _check_labels(rows, columns)
    shape = len(rows), len(columns)
    tables = {name: check_shares(f"tables[{name!r}]", values, shape) for name, values in tables.items()}
    figure, axes = new_figure(1.15 + 0.36 * len(rows), title, columns=len(tables))
    for (name, values), axis in zip(tables.items(), axes):
        draw_shares(axis, values, rows, columns)
        axis.set(title=name, xlabel=xlabel)
    for axis in axes[1:]:
        axis.set_yticklabels([])
    said = " ".join(f"{name}: {_best(values, rows)}." for name, values in tables.items())
    figure.alt = f"{title}: {xlabel}에 따른 정확도의 표. {said}"
    return figure


def _check_labels(rows, columns):
    for name, labels in (("rows", rows), ("columns", columns)):
        if not isinstance(labels, (list, tuple)) or not labels:
            refuse(name, "비어 있지 않은 이름의 목록", labels, TypeError)


def _best(values, rows):
    """행마다 가장 높은 값을 읽은 글."""
    return ", ".join(
        f"{row} 모두 발산" if np.isnan(line).all() else f"{row} 최고 {percent(np.nanmax(line))}"
        for row, line in zip(rows, values)
    )


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
    axis.set_gid(CELLS)
    axis.spines[:].set_visible(False)


def cell_text(share, most=None):
    """칸에 적을 글: 백분율의 수나, most가 있으면 most의 몫을 반올림한 정수."""
    if most is None or np.isnan(share):
        return percent(share).removesuffix(" %")
    return f"{np.floor(most * float(share) + 0.5):.0f}"


def shade(share):
    """비율의 바탕색과, 그 위에서 읽히는 글자색. NaN의 바탕은 0과 같습니다."""
    rgb = COLORS(np.nan_to_num(float(share)))[:3]
    channels = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb]
    luminance = float(np.dot(channels, (0.2126, 0.7152, 0.0722)))
    # WCAG의 대비가 흰 글자보다 검은 글자에서 큰지: (L + 0.05)² > 1.05 × 0.05.
    return mpl.colors.to_hex(rgb), "#000000" if (luminance + 0.05) ** 2 > 0.0525 else "#ffffff"
