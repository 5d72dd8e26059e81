"""그림의 글자: 휴대 전화에서도 9 px보다 작지 않고, 그림 밖으로 나가거나 서로 겹치지 않습니다."""

import io
import itertools

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.legend import Legend
from matplotlib.text import Text
from PIL import Image

import wi_lib
from wi_lib import charts, explorers, plots
from wi_lib.explorers import Axis, Curves, Line, Panel
from wi_lib.figures.style import CELLS, WIDTH

# 너비가 390 px인 휴대 전화에서 그림이 차지하는 너비(tests/book/test_dark_figures.py).
PHONE = 343
ROWS = ["표준편차 0.01", "표준편차 1", "LeCun", "Xavier", "He", "4×Glorot", "직교"]
COLUMNS = ["sigmoid", "tanh", "ReLU", "leaky", "SELU"]
SHARES = np.linspace(0, 1, 35).reshape(7, 5)


def signals(depth=30):
    x, init = np.random.default_rng(0).standard_normal((100, 50)), wi_lib.initializers.get("he_normal")
    return wi_lib.propagate(x, depth, 50, "relu", init, rng=np.random.default_rng(1))


def explorer():
    lines = [Line("활성화값의 표준편차(측정)", "a", "dots"), Line("역전파 신호의 RMS(측정)", "b"), Line("이론", "c")]
    panels = [
        Panel(title, lines, (1e-10, 1e10), np.arange(1, 21), log=True, xlabel="층")
        for title in ("활성화값의 표준편차", "역전파 신호의 RMS")
    ]
    measure = {name: np.ones(20) for name in "abc"}
    return explorers.Explorer(
        "제목", [Axis("n", "너비", [1, 2])], lambda n: measure, [Curves(panels)], "너비 {n}"
    ).figure


def depth_lines():
    theory = wi_lib.theory.predict([50] * 31, [0.2] * 30, "relu")
    return plots.depth_lines({name: (signals(), theory) for name in ("표준편차 0.01", "LeCun", "He")}, "학습 전")


def phase_map():
    depths = {name: np.full((4, 5), 30.0) for name in ("tanh", "ReLU")}
    edges = {name: ([1, 2], [0, 0.3]) for name in depths}
    points = {name: {"LeCun": (1, 0), "He": (2, 0)} for name in depths}
    return charts.phase_map(np.linspace(0, 4, 5), np.linspace(0, 0.3, 4), depths, edges, points, "질서와 혼돈의 지도")


FIGURES = {
    "층별 분포": lambda: plots.layer_histograms(signals(), "ReLU, He"),
    "한 줄 요약": depth_lines,
    "학습 곡선": lambda: plots.loss_curves({name: np.full(60_000, 2.3) for name in ROWS[:4]}, "학습"),
    "이름이 긴 곡선": lambda: plots.curves([1, 2], {f"역전파 신호의 RMS(측정), {n}": [1, 2] for n in ROWS[:4]}, "곡선"),
    "곡선": lambda: plots.curves(range(9), {name: np.ones(9) for name in COLUMNS}, "곡선", "층", "크기", log=True),
    "표": lambda: plots.accuracy_grid(SHARES, ROWS, COLUMNS, "시험 정확도(%)", "활성화 함수"),
    "표 둘": lambda: charts.accuracy_grids({"학습": SHARES[:, :3], "시험": SHARES[:, :3]}, ROWS, COLUMNS[:3], "정확도"),
    "히스토그램": lambda: charts.histograms({"표준편차 1": signals(5).activations}, "sigmoid"),
    "망": lambda: charts.network({"무작위": [5, [1, 2, 3], 3], "상수": [5, [1, 1, 1], 3]}, "유닛"),
    "지도": phase_map,
    "움직여 보는 실험": explorer,
}


def drawn(figure):
    figure._repr_png_()
    return [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]


@pytest.mark.parametrize("kind", FIGURES)
def test_text_is_large_enough_for_a_phone(kind):
    sizes = {text.get_text(): text.get_fontsize() * PHONE / (WIDTH * 72) for text in drawn(FIGURES[kind]())}
    assert {text: size for text, size in sizes.items() if size < 8.9} == {}


@pytest.mark.parametrize("kind", FIGURES)
def test_text_is_whole_and_apart(kind):
    """그림 밖으로 나간 글이 없고, 칸의 제목끼리도, 한 축의 눈금끼리도 겹치지 않습니다."""
    figure = FIGURES[kind]()
    drawn(figure)
    axes = figure.findobj(Axes)
    titles = [axis.title for axis in axes if axis.get_title()]
    ticks = [[t for t in axis.get_xticklabels() if t.get_text() and t.get_visible()] for axis in axes]
    for group in (titles, *ticks):
        for one, other in itertools.combinations(group, 2):
            assert not one.get_window_extent().overlaps(other.get_window_extent()), (one.get_text(), other.get_text())
    low, high = figure.bbox.extents[:2] - 1, figure.bbox.extents[2:] + 1
    for part in (*titles, *figure.texts, *figure.findobj(Legend)):
        box = part.get_window_extent().extents
        assert (box[:2] >= low).all(), part
        assert (box[2:] <= high).all(), part


@pytest.mark.parametrize(("kind", "count"), [("표", 1), ("표 둘", 2), ("지도", 3), ("곡선", 0)])
def test_cells_whose_color_is_a_value_are_marked(kind, count):
    """색이 곧 값인 칸의 자리가 PNG에 적혀 있고, 그 안은 그 칸의 색입니다."""
    with Image.open(io.BytesIO(FIGURES[kind]()._repr_png_()[0])) as image:
        pixels, cells = np.asarray(image.convert("RGB")), image.info.get(CELLS, "")
    places = [[int(place) for place in cell.split()] for cell in cells.split(";") if cell]
    assert len(places) == count
    for left, top, right, bottom in places:
        assert 0 <= left < right <= 1008
        assert 0 <= top < bottom <= len(pixels)
        inside = pixels[top + 4 : bottom - 4, left + 4 : right - 4].reshape(-1, 3)
        assert (inside == 255).all(axis=1).mean() < 0.2
