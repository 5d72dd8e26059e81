"""종이에 찍은 모든 쪽: 제목이 있고, 그림과 그 설명이 같은 쪽에 있고, 오른쪽에서 잘리지 않고, 쪽이 헤프지 않습니다."""

import pytest
from pypdf import PdfReader

from tests.book.test_print import letters
from tests.browsing import CHAPTERS, LOADED, Visit

pytestmark = pytest.mark.browser
# A4에서 여백을 뺀 자리(print.css의 @page), CSS 픽셀.
WIDE, HIGH = 628, 964

# 종이의 너비에서 오른쪽 끝을 넘거나, 넘친 것을 밀어야 보이는 요소.
CUT = f"""() => [...document.querySelectorAll("article *")].filter((element) => {{
  if (!element.checkVisibility() || element.closest("svg, mjx-assistive-mml, .visually-hidden")) return false;
  const {{ overflowX, display }} = getComputedStyle(element);
  const pushed = display !== "inline" && overflowX !== "visible" && element.scrollWidth > element.clientWidth + 1;
  return pushed || element.getBoundingClientRect().right > {WIDE} + 1;
}}).map((element) => element.outerHTML.slice(0, 120))"""
# 책 밖으로 가는데 주소가 글에도 그 뒤에도 없는 링크.
MUTE = """() => [...document.querySelectorAll("article a.external[href^=http]")].filter((link) => {
  const said = link.textContent + getComputedStyle(link, "::after").content;
  return !said.includes(link.getAttribute("href").replace("https://doi.org/", ""));
}).map((link) => link.href)"""


def walk(element, pages, place=None):
    """태그가 달린 PDF의 요소를 차례대로: (종류, 놓인 쪽, 대체 텍스트)."""
    element = element.get_object()
    if not isinstance(element, dict):
        return
    place = pages[element.raw_get("/Pg").idnum] if "/Pg" in element else place
    inside = element.get("/K", [])
    found = [entry for child in (inside if isinstance(inside, list) else [inside]) for entry in walk(child, pages)]
    # 그림의 설명은 묶음이라 쪽이 적혀 있지 않고, 그 안의 글에 적혀 있습니다.
    place = place or next((at for _, at, _ in found if at), None)
    yield element.get("/S"), place, str(element.get("/Alt", ""))
    yield from found


def figures(reader):
    """그림마다 (대체 텍스트, 그림이 놓인 쪽, 설명이 놓인 쪽)."""
    pages = {page.indirect_reference.idnum: number for number, page in enumerate(reader.pages, start=1)}
    found = list(walk(reader.trailer["/Root"]["/StructTreeRoot"], pages))
    images = [(alt, place) for kind, place, alt in found if kind == "/Figure" and alt]
    captions = [place for kind, place, _ in found if kind == "/Caption"]
    return [(alt, place, caption) for (alt, place), caption in zip(images, captions, strict=True)]


def check_paper(visit, page, target):
    """열린 페이지를 target에 찍어 봅니다. 모든 페이지를 여는 test_pages.py가 부릅니다."""
    visit.tab.set_viewport_size({"width": WIDE, "height": HIGH})
    visit.tab.evaluate(LOADED)
    visit.tab.emulate_media(media="print")
    assert visit.tab.evaluate("document.documentElement.scrollWidth") <= WIDE
    assert visit.tab.evaluate(CUT) == []
    assert visit.tab.evaluate(MUTE) == []
    title, shown = visit.tab.locator("article h1").first.inner_text(), visit.count("article figure img:visible")
    least = visit.tab.evaluate("document.querySelector('article').offsetHeight") / HIGH
    visit.tab.pdf(path=target, prefer_css_page_size=True, tagged=page in CHAPTERS)
    visit.tab.emulate_media(media="null")
    assert visit.errors == []
    reader = PdfReader(target)
    assert letters(title) in letters(reader.pages[0].extract_text())
    assert least - 1 < len(reader.pages) <= 1.35 * least + 1, (len(reader.pages), least)
    if page in CHAPTERS:
        placed = figures(reader)
        assert len(placed) == shown > 3
        assert [alt for alt, image, caption in placed if image != caption] == []


def test_what_is_not_answered_yet_is_on_paper_too(browser, address):
    """예상에 답하기 전이라 화면에서 감춘 글(hidden)도 종이에는 다 있습니다."""
    hide = """() => [...document.querySelectorAll("article section > :not(.wi-plain, .wi-sheet)")]
      .filter((e) => e.checkVisibility())
      .map((element, i) => { element.hidden = i % 2 ? "until-found" : true; return element; })
      .filter((element) => element.checkVisibility({ contentVisibilityAuto: true })).length"""
    seen = """() => [...document.querySelectorAll("article section > [hidden]")].filter((element) =>
      !element.checkVisibility() || getComputedStyle(element).contentVisibility === "hidden").map((e) => e.outerHTML)"""
    with Visit(browser, f"{address}/{CHAPTERS[0]}") as visit:
        visit.tab.evaluate(hide)
        assert len(visit.tab.evaluate(seen)) > 50
        visit.tab.emulate_media(media="print")
        assert visit.tab.evaluate(seen) == []


def test_pictures_wait_for_the_paper(browser, address):
    """글을 다 보인 다음에는 그림도 모두 받아 둡니다. 인쇄를 누를 때 받기 시작하면 늦습니다."""
    with Visit(browser, f"{address}/{CHAPTERS[0]}") as visit:
        widths = "[...document.querySelectorAll('article figure img:not(.wi-dark)')].map((image) => image.naturalWidth)"
        assert len(visit.tab.evaluate(widths)) > 5
        # 브라우저가 한가해지면 받기 시작하므로, 언제 다 받는지는 기계에 달렸습니다.
        for _ in range(100):
            if all(visit.tab.evaluate(widths)):
                break
            visit.tab.wait_for_timeout(100)
        assert all(visit.tab.evaluate(widths))
