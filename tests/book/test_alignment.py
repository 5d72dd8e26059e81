"""글줄에 맞추어 놓은 것: 줄 안의 수식은 글의 밑줄에, 상자는 글의 왼쪽 끝에 맞습니다."""

import pytest

from tests.browsing import CHAPTERS, Visit

pytestmark = pytest.mark.browser

FLOATING = """() => [...document.querySelectorAll("p mjx-container > svg")]
  .filter((svg) => svg.checkVisibility() && getComputedStyle(svg).verticalAlign === "middle").length"""
# 절마다 상자와 글의 왼쪽 끝이 벌어진 픽셀
SHIFTED = """() => [...document.querySelectorAll("article section > .admonition")].flatMap((box) => {
  const text = box.parentElement.querySelector(":scope > p");
  return text ? [Math.round(box.getBoundingClientRect().left - text.getBoundingClientRect().left)] : [];
})"""


@pytest.mark.parametrize("page", CHAPTERS)
def test_formulas_sit_on_the_line_and_boxes_on_the_margin(browser, address, page):
    """내려오는 획이 없는 식(ln 2)도 글과 같은 줄에 놓이고, 상자가 글보다 오른쪽으로 밀리지 않습니다."""
    with Visit(browser, f"{address}/{page}") as visit:
        assert visit.tab.evaluate(FLOATING) == 0
        for width in (390, 844, 1440):
            visit.tab.set_viewport_size({"width": width, "height": 900})
            shifted = visit.tab.evaluate(SHIFTED)
            assert shifted
            assert set(shifted) == {0}, width
