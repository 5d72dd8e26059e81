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
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.ticker import NullFormatter

from .numbers import power

# 색각이 달라도 구별되는 Okabe-Ito 색. 순방향은 파랑, 역방향은 주황이고 나머지는 계열에 씁니다.
FORWARD, BACKWARD = "#0072B2", "#D55E00"
SERIES = (FORWARD, BACKWARD, "#009E73", "#CC79A7", "#8A6D00", "#444444")
MARKERS = "os^Dvx"
DPI = 200


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
        from PIL import Image

        # savefig는 자리를 잡으려고 그림을 한 번 더 그리고, 여기서 곧 풀어야 할 PNG까지 만듭니다.
        self.set_dpi(DPI)
        canvas = FigureCanvasAgg(self)
        with mpl.rc_context(STYLE):
            canvas.draw()
        out, pixels = io.BytesIO(), Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
        # 256색 팔레트: 선과 막대뿐인 그림이라 눈에 띄지 않고, 크기는 절반이 안 됩니다.
        pixels.quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(out, "png", optimize=True)
        return out.getvalue(), {"alt": self.alt, "width": 640}


def new_canvas(height: float, title: str) -> Figure:
    """가로 5.4인치의 빈 그림. 390 px 화면에서도 글자가 읽히는 너비입니다."""
    figure = Figure(figsize=(5.4, height), layout="constrained")
    figure.suptitle(title, fontsize=11)
    return figure


def new_figure(height: float, title: str, columns: int = 1):
    """나란한 칸이 columns개인 그림과 그 칸들."""
    figure = new_canvas(height, title)
    return figure, figure.subplots(1, columns, squeeze=False)[0]


def add_legend(figure: Figure, axis, columns: int = 3) -> None:
    """그림의 아래 바깥에 axis의 범례를 답니다."""
    figure.legend(*axis.get_legend_handles_labels(), loc="outside lower center", ncols=columns)


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
