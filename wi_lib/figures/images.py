"""작은 그림을 나란히: 가중치나 재구성한 숫자를 눈으로 봅니다."""

import numpy as np

from ..checks import check_array, check_integer
from .numbers import number
from .style import WIDTH, Figure, new_canvas, styled


@styled
def images(values: np.ndarray, title: str = "", columns: int = 10) -> Figure:
    """작은 그림을 나란히. 음수가 있으면 0이 흰색인 두 색(주황은 음수, 보라는 양수)으로, 없으면 흑백으로 그립니다.

    - `values`: (그림의 수, 높이, 너비) 배열. 흑백이면 0은 흰색, 1 이상은 검은색입니다. `columns`: 한 줄의 그림 수.

    >>> images(np.eye(3)[None], "대각선").alt
    '대각선: 3 × 3 그림 1장. 값의 평균 0.33.'
    """
    # int8의 −128은 절댓값도 −128이므로 실수로 바꾼 다음에 셉니다.
    values = check_array("values", values, (None, None, None)).astype(float)
    columns = min(check_integer("columns", columns), len(values))
    limit = np.abs(values).max() if values.min() < 0 else None
    figure = new_canvas(0.4 + (WIDTH - 0.4) / columns * -(-len(values) // columns), title)
    draw_images(figure, values, columns, limit)
    scale = f"절댓값의 최댓값 {number(limit)}" if limit else f"값의 평균 {number(values.mean())}"
    figure.alt = f"{title}: {values.shape[1]} × {values.shape[2]} 그림 {len(values)}장. {scale}."
    return figure


def draw_images(figure, values, columns, limit=None):
    """(n, 높이, 너비) 배열을 한 줄에 columns개씩 그립니다. Figure나 SubFigure를 받습니다.

    limit가 없으면 0은 흰색, 1은 검은색입니다. 있으면 −limit는 주황, 0은 흰색, limit는 보라입니다.
    """
    axes = figure.subplots(-(-len(values) // columns), columns, squeeze=False)
    low, high, colors = (0, 1, "gray_r") if limit is None else (-limit, limit, "PuOr")
    for axis in axes.flat:
        axis.axis("off")
    for axis, image in zip(axes.flat, values):
        axis.imshow(image, vmin=low, vmax=high, cmap=colors, interpolation="nearest")
