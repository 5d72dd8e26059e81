"""그림의 바탕: 한글 글꼴, 색, 노트북이 대체 텍스트와 함께 보여 주는 Figure.

글자는 koreanize-matplotlib 휠에 든 나눔고딕으로 그립니다. 그 꾸러미를 import하지는 않습니다:
3.12부터 없어진 distutils를 쓰기 때문입니다.
"""

import functools
import importlib.util
import io
from pathlib import Path

import matplotlib as mpl
import matplotlib.figure
import numpy as np
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.ticker import NullFormatter

from .numbers import power

# 색각이 달라도 구별되는 Okabe-Ito 색. 순방향은 파랑, 역방향은 주황이고 나머지는 계열에 씁니다.
FORWARD, BACKWARD = "#0072B2", "#D55E00"
SERIES = (FORWARD, BACKWARD, "#009E73", "#CC79A7", "#8A6D00", "#444444")
MARKERS = "os^Dvx"
# 캔버스의 너비(인치), 페이지에서 보이는 너비(CSS 픽셀), 화소의 밀도. 휴대 전화에서도 글자가 9 px보다 작지 않습니다.
WIDTH, SHOWN, DPI = 4.8, 576, 210
# 이 gid가 붙은 칸은 색이 곧 값입니다. 어두운 화면에서도 색을 뒤집지 않습니다(book/pictures.py).
CELLS = "cells"


def _style():
    folder = Path(importlib.util.find_spec("koreanize_matplotlib").origin).parent / "fonts"
    for font in ("NanumGothic.ttf", "NanumGothicBold.ttf"):
        font_manager.fontManager.addfont(folder / font)
    return {
        "font.family": ["NanumGothic", "DejaVu Sans"],
        "font.size": 10,
        "mathtext.fontset": "dejavusans",
        "axes.axisbelow": True,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlesize": 10,
        "axes.grid": True,
        "grid.color": "#e4e4e4",
        "legend.frameon": False,
        "xtick.labelsize": 9,
        "ytick.labelsize": 9,
    }


STYLE = _style()


class Figure(matplotlib.figure.Figure):
    """노트북이 바로 보여 주는 그림. `alt`는 화면을 볼 수 없는 독자를 위한 설명입니다.

    pyplot을 거치지 않으므로 열린 그림이 쌓이지 않고, 같은 자료는 같은 PNG 바이트가 됩니다.
    """

    alt = ""

    def _repr_png_(self):
        from PIL import Image, PngImagePlugin

        # savefig는 자리를 잡으려고 그림을 한 번 더 그리고, 여기서 곧 풀어야 할 PNG까지 만듭니다.
        self.set_dpi(DPI)
        canvas = FigureCanvasAgg(self)
        with mpl.rc_context(STYLE):
            canvas.draw()
        out, pixels = io.BytesIO(), Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
        about = PngImagePlugin.PngInfo()
        if cells := self._cells(pixels.height):
            about.add_text(CELLS, cells)
        # 256색 팔레트: 선과 막대뿐인 그림이라 눈에 띄지 않고, 크기는 절반이 안 됩니다.
        palette = pixels.quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        palette.save(out, "png", optimize=True, pnginfo=about)
        return out.getvalue(), {"alt": self.alt, "width": SHOWN}

    def _cells(self, height):
        """색이 곧 값인 칸의 자리: "왼쪽 위 오른쪽 아래" 화소를 ;로 이은 글."""
        places = [axis.get_window_extent().extents for axis in self.findobj(Axes) if axis.get_gid() == CELLS]
        return ";".join(f"{x0:.0f} {height - y1:.0f} {x1:.0f} {height - y0:.0f}" for x0, y0, x1, y1 in places)


def new_canvas(height: float, title: str) -> Figure:
    """너비가 정해진 빈 그림."""
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    figure.suptitle(title, fontsize=11)
    return figure


def new_figure(height: float, title: str, columns: int = 1):
    """나란한 칸이 columns개인 그림과 그 칸들."""
    figure = new_canvas(height, title)
    return figure, figure.subplots(1, columns, squeeze=False)[0]


def add_legend(figure: Figure, *axes) -> None:
    """그림의 아래 바깥에 axes의 범례를 답니다. 이름이 같은 것은 하나만 적습니다."""
    handles = {handle.get_label(): handle for axis in axes for handle in axis.get_legend_handles_labels()[0]}
    # 한글은 한 자가 글자 크기만 하고 나머지는 그 0.6쯤이며, 표식과 사이에 네 자 반이 듭니다.
    widest = max(sum(1 if "가" <= c <= "힣" else 0.6 for c in label) for label in handles) + 4.5
    columns = int(WIDTH * 72 / STYLE["font.size"] / widest)
    figure.legend(handles=handles.values(), loc="outside lower center", ncols=min(max(1, columns), 3, len(handles)))


def styled(plot):
    """그림을 만드는 동안 강의의 글꼴과 선 모양을 씁니다."""

    @functools.wraps(plot)
    def wrapper(*args, **kwargs):
        with mpl.rc_context(STYLE):
            return plot(*args, **kwargs)

    return wrapper


def show_powers(axis) -> None:
    """로그 축의 눈금을 10ⁿ으로 적습니다. 위 첨자의 크기가 고른 DejaVu Sans를 씁니다."""
    axis.set_major_formatter(lambda value, _: power(round(np.log10(value))))
    # 한 자릿수가 안 되는 범위에서는 작은 눈금에도 글자가 붙는데, 그 글자는 수식 글꼴을 씁니다.
    axis.set_minor_formatter(NullFormatter())
    axis.set_tick_params(labelfontfamily="DejaVu Sans")
