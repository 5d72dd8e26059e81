"""밝은 화면과 어두운 화면의 그림: 바탕은 페이지의 바탕이고, 글자는 읽히고, 색이 곧 값인 칸은 늘 같은 색입니다."""

import functools
import io

import numpy as np
import pytest
from PIL import Image

from book.pictures import darken, sized
from tests.browsing import CHAPTERS, SITE, Visit
from tests.package.test_figure_text import PHONE
from wi_lib import charts, plots
from wi_lib.figures.style import BACKWARD, CELLS, FORWARD, SERIES

SHARES = [[0.0, 0.5, 1.0], [0.2, 0.7, 0.9]]
NAMES = ["He", "LeCun"], ["1", "2", "3"]
# 어두운 화면의 바탕. 어느 쪽이든 이 책이 정한 색이 아니라 테마의 것이라, 아래 시험이 페이지와 견줍니다.
DARK = (18, 18, 18)
FIGURES = "article figure:not(:has(.wi-output)) img"


def luminance(rgb):
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in np.asarray(rgb[:3]) / 255]
    return np.dot(linear, (0.2126, 0.7152, 0.0722))


def contrast(one, other):
    low, high = sorted(luminance(color) + 0.05 for color in (one, other))
    return high / low


@functools.cache
def turned(color):
    """어두운 화면에서 보이는 색."""
    dot = Image.new("RGB", (1, 1), color)
    out, source = io.BytesIO(), io.BytesIO()
    dot.save(source, "png")
    source.seek(0)
    return darken_pixels(source, out)[0, 0]


def darken_pixels(source, out, cells=()):
    darken(source, out, cells)
    with Image.open(out) as image:
        return np.asarray(image.convert("RGB"))


@pytest.mark.parametrize("color", [*SERIES, "#000000"])
def test_colors_stand_out_on_both_grounds(color):
    """선은 3:1, 글자는 4.5:1보다 또렷합니다."""
    least = 4.5 if color == "#000000" else 3
    plain = tuple(int(color[i : i + 2], 16) for i in (1, 3, 5))
    assert contrast(plain, (255, 255, 255)) >= least
    assert contrast(turned(color), DARK) >= least


def test_directions_keep_their_hue():
    """앞으로는 파랑, 뒤로는 주황이라는 약속은 어두운 화면에서도 같습니다."""
    red, _, blue = map(int, turned(FORWARD))
    assert blue > red + 100
    red, _, blue = map(int, turned(BACKWARD))
    assert red > blue + 100


def test_cells_keep_their_color_in_the_dark(tmp_path):
    """칸의 안은 그대로, 밖은 뒤집은 그림이 짝으로 놓이고, 짝의 대체 텍스트와 크기는 같습니다."""
    figure, source = plots.accuracy_grid(SHARES, *NAMES, "표", "층"), tmp_path / "a.png"
    source.write_bytes(figure._repr_png_()[0])
    light, dark = sized(source, '<img alt="표" src="a.png" style="width: 576px;" />', True).split("<img ")[1:]
    assert dark.replace("wi-dark", "wi-light").replace("a-dark.png", "a.png") == light
    with Image.open(source) as before, Image.open(tmp_path / "a-dark.png") as after:
        places = [list(map(int, cell.split())) for cell in before.info[CELLS].split(";")]
        plain, turned = (np.asarray(image.convert("RGB"), int) for image in (before, after))
    inside = np.zeros(plain.shape[:2], bool)
    for left, top, right, bottom in places:
        inside[top:bottom, left:right] = True
    assert np.abs(plain - turned)[inside].mean() < 2
    assert plain[~inside].mean() > 230
    assert turned[~inside].mean() < 25


def test_figures_of_lines_have_no_twin(tmp_path):
    source = tmp_path / "a.png"
    source.write_bytes(charts.scatter({"가": ([1, 2], [1, 2])}, "점", "가로", "세로")._repr_png_()[0])
    assert sized(source, '<img alt="점" src="a.png" />', False).count("<img") == 1
    assert list(tmp_path.iterdir()) == [source]


@pytest.mark.browser
@pytest.mark.parametrize("page", ["chapters/05_he.html", "chapters/07_matching.html"])
def test_figures_melt_into_the_page(browser, address, page):
    """어느 화면에서도 그림마다 하나만 보이고, 그림의 바탕은 페이지의 바탕과 같고, 종이에는 밝은 그림이 있습니다."""
    for scheme in ("light", "dark"):
        ground = (255, 255, 255) if scheme == "light" else DARK
        with Visit(browser, f"{address}/{page}", color_scheme=scheme) as visit:
            found = visit.tab.evaluate("getComputedStyle(document.body).backgroundColor")
            assert found == f"rgb{ground}"
            visit.tab.locator(".wi-explorer[data-position]").first.wait_for()
            shown = visit.tab.locator(FIGURES).filter(visible=True)
            assert shown.count() == visit.count("article figure:not(:has(.wi-output))") > 3
            assert visit.count(".wi-output ~ a img:visible") == 0
            for figure in shown.all():
                figure.scroll_into_view_if_needed()
                figure.evaluate("(image) => image.decode()")
                with Image.open(io.BytesIO(figure.screenshot())) as image:
                    edge = np.asarray(image.convert("RGB"), int)[1]
                assert np.abs(edge - ground).max() <= 3
            visit.tab.emulate_media(media="print")
            assert visit.count("article figure img.wi-dark:visible") == 0
            assert visit.count("article figure img:visible") == visit.count("article figure")
            looks = (
                "[...document.querySelectorAll('article figure img')].map((image) => getComputedStyle(image).filter)"
            )
            assert set(visit.tab.evaluate(looks)) == {"none"}


@pytest.mark.browser
def test_figures_are_as_wide_as_the_text_on_a_phone(browser, address):
    """글자의 크기를 잰 너비(tests/package/test_figure_text.py)가 정말 휴대 전화의 너비입니다."""
    with Visit(browser, f"{address}/{CHAPTERS[0]}", viewport={"width": 390, "height": 844}) as visit:
        widths = "(all) => all.filter((image) => image.checkVisibility()).map((image) => image.clientWidth)"
        assert set(visit.tab.locator(FIGURES).evaluate_all(widths)) == {PHONE}


def test_every_figure_with_cells_has_a_twin():
    for page in CHAPTERS:
        text = (SITE / page).read_text(encoding="utf-8")
        sources = {part.partition('"')[0] for part in text.split('src="')[1:] if part.startswith("../_images/")}
        for source in sources:
            path = SITE / page / ".." / ".." / source.removeprefix("../")
            if not source.endswith("-dark.png"):
                with Image.open(path.resolve()) as image:
                    assert (CELLS in image.info) == (source.replace(".png", "-dark.png") in sources), source
