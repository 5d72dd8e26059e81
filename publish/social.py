"""사회 관계망의 미리 보기 그림(1200 × 630)을 그립니다: 책의 첫 그림을 이름 옆에 크게 놓습니다.

book/sitemap.py가 책의 주소를 알 때 부릅니다. 같은 코드는 같은 그림을 냅니다.
"""

import numpy as np
from matplotlib.figure import Figure

import wi_lib
from wi_lib import initializers
from wi_lib.figures.style import styled

STDS = ((0.4, "#e07b39", "폭주"), (np.sqrt(2 / 100), "#f2f5f9", "생존"), (0.05, "#5aa9e6", "소실"))
INK, GROUND = "#f2f5f9", "#16324f"


def signal(std):
    """층마다의 활성화값의 RMS. 입력부터 20층까지입니다."""
    x = np.random.default_rng(0).standard_normal((300, 100))
    init, rng = initializers.normal(std), np.random.default_rng(1)
    flow = wi_lib.propagate(x, 20, 100, "relu", init, rng=rng)
    return [wi_lib.signals.rms(values) for values in (x, *flow.activations)]


@styled
def draw(title, target):
    figure = Figure(figsize=(12, 6.3), dpi=100, facecolor=GROUND)
    figure.text(0.06, 0.64, title, color=INK, fontsize=58, family="NanumGothic", weight=600, va="center")
    figure.text(
        0.06, 0.48, "신경망의 학습은\n어떤 수에서 출발할까요?", color=INK, fontsize=27, va="top", linespacing=1.6
    )
    axis = figure.add_axes((0.56, 0.14, 0.34, 0.74), facecolor=GROUND)
    for std, color, name in STDS:
        values = signal(std)
        axis.semilogy(values, color=color, linewidth=5, solid_capstyle="round")
        axis.annotate(
            name, (20, values[-1]), (12, 0), textcoords="offset points", color=color, fontsize=25, va="center"
        )
    axis.set(xlim=(0, 20), ylim=(1e-10, 1e10), xticks=[], yticks=[])
    axis.minorticks_off()
    axis.grid(False)
    axis.set_xlabel("층이 깊어질수록, 신호의 크기는", color=INK, fontsize=19, labelpad=12)
    for side in ("top", "right"):
        axis.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axis.spines[side].set_color(INK)
    figure.savefig(target, metadata={"Software": None})
