"""만들어진 페이지를 독자처럼 브라우저로 엽니다: 넓은 화면과 좁은 화면, 밝은 화면과 어두운 화면, axe-core와 함께."""

import functools
import gzip
import re
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.book.test_print_pages import check_paper
from tests.browsing import CHAPTERS, PAGES, ROOT, SETTLED, SITE, Visit

# 움직여 보는 실험의 자료와 그림까지 더한 HTML의 크기, 압축 전. 여러 페이지가 함께 쓰는 스크립트는 뺍니다.
LARGEST_PAGE = 900_000
CONTRAST = "color-contrast"
# 첫 것은 1280 × 1024인 화면을 400 %로 키운 것입니다.
SCREENS = ((320, 256), (390, 844), (1280, 900))
# 옆으로 얼마나 밀리는지. 스크롤바의 자리를 늘 비워 두므로(scrollbar-gutter) 너비의 차로는 열다섯 픽셀을 놓칩니다.
ASIDE = """() => { scrollTo(1000, 0); const aside = scrollX; scrollTo(0, 0); return aside; }"""
# 아이콘 글꼴은 싣지 않으므로, 그 글꼴의 자리(U+E000부터)에 있는 글자는 네모로 보입니다. svg 안에서는 보이지 않습니다.
TOFU = """() => [...document.querySelectorAll("body *:not(svg)")].flatMap((element) =>
  ["::before", "::after"].map((side) => [element, getComputedStyle(element, side).content])
).filter(([element, content]) => /[\ue000-\uf8ff]/.test(content) && element.checkVisibility())
  .map(([element, content]) => element.outerHTML.slice(0, 120))"""


@pytest.mark.browser
@pytest.mark.parametrize("page", [*PAGES, "search.html?q=분산"])
def test_page(browser, address, page, subtests, tmp_path):
    """페이지를 한 번 열어 모두 봅니다. 하나가 어긋나도 나머지를 마저 봅니다."""
    with Visit(browser, f"{address}/{page}") as visit:
        with subtests.test("온전합니다"):
            check_whole(visit)
        if page in PAGES:
            with subtests.test("종이에서도 온전합니다"):
                check_paper(visit, page, tmp_path / "page.pdf")
        if page in CHAPTERS:
            with subtests.test("가지런합니다"):
                check_aligned(visit)
            with subtests.test("답이 펼쳐집니다"):
                check_answers(visit)
        with subtests.test("누구나 씁니다"):
            check_accessible(visit)


def check_whole(visit):
    """오류도 바깥 요청도 없고, 그림과 수식이 모두 보이고, 어느 화면에서도 옆으로 넘치지 않습니다."""
    assert visit.errors == []
    assert visit.outside == []
    assert visit.broken_images() == []
    # 수식마다 그려진 결과가 있고, 해석하지 못한 수식이나 지시문은 없습니다.
    assert visit.count("mjx-container") == visit.count(".math")
    assert visit.count("mjx-merror, .problematic, .system-message") == 0
    assert visit.count("h1") == 1 + visit.count("#jb-print-docs-body h1")
    assert visit.tab.evaluate(TOFU) == []
    for width, height in SCREENS:
        visit.tab.set_viewport_size({"width": width, "height": height})
        assert visit.tab.evaluate(ASIDE) == 0, width


def check_aligned(visit):
    """내려오는 획이 없는 식(ln 2)도 글과 같은 줄에 놓이고, 상자가 글보다 오른쪽으로 밀리지 않습니다."""
    assert visit.tab.evaluate(FLOATING) == 0
    for width in (390, 844, 1440):
        visit.tab.set_viewport_size({"width": width, "height": 900})
        shifted = visit.tab.evaluate(SHIFTED)
        assert shifted
        assert set(shifted) == {0}, width


FLOATING = """() => [...document.querySelectorAll("p mjx-container > svg")]
  .filter((svg) => svg.checkVisibility() && getComputedStyle(svg).verticalAlign === "middle").length"""
# 절마다 상자와 글의 왼쪽 끝이 벌어진 픽셀
SHIFTED = """() => [...document.querySelectorAll("article section > .admonition")].flatMap((box) => {
  const text = box.parentElement.querySelector(":scope > p");
  return text ? [Math.round(box.getBoundingClientRect().left - text.getBoundingClientRect().left)] : [];
})"""


def check_answers(visit):
    """확인 문제의 답은 접혀 있고, 좁은 화면에서도 글쇠로 펼칠 수 있습니다."""
    visit.tab.set_viewport_size({"width": 390, "height": 900})
    answers = visit.tab.locator("details.sd-dropdown")
    assert answers.count() >= 2
    for answer in answers.all():
        assert answer.get_attribute("open") is None
        answer.locator("summary").focus()
        visit.tab.keyboard.press("Enter")
        assert answer.locator(".sd-card-body").is_visible()


def check_accessible(visit):
    """조절기를 움직이고 답을 펼친 뒤에도, 밝은 화면과 어두운 화면에서 axe-core가 찾는 큰 문제가 없습니다."""
    visit.tab.set_viewport_size({"width": 1280, "height": 900})
    scrollable_by_keys(visit.tab)
    for explorer in visit.tab.locator(".wi-output").all():
        explorer.locator(".wi-explorer[data-position]").wait_for()
        explorer.locator("input").first.press("ArrowRight")
        for button in explorer.locator(".wi-keep, .wi-marks button").all():
            button.click()
    visit.tab.locator("details").evaluate_all("all => all.forEach(details => { details.open = true; })")
    visit.tab.evaluate(LIGHTEN)
    visit.tab.evaluate(Axe().axe_script)
    assert harmful(visit.tab, rules={CONTRAST: {"enabled": False}}) == []
    # 밝기에 따라 달라지는 것은 색뿐입니다. axe는 한 곳을 볼 때에도 문서의 요소를 모두 읽으므로, 볼 것만 남깁니다.
    for scheme in ("light", "dark"):
        show(visit.tab, scheme)
        assert visit.tab.evaluate(FIRST_OF_A_LOOK) > 5
    visit.tab.evaluate(ONLY_FIRST)
    for scheme in ("dark", "light"):
        show(visit.tab, scheme)
        assert harmful(visit.tab, {"include": [["[data-first]"]]}, runOnly=[CONTRAST]) == [], scheme


def scrollable_by_keys(tab):
    """테마는 창의 크기가 바뀌고 조금 뒤에야, 옆으로 넘기는 코드에 글쇠로 갈 수 있게 합니다.

    글의 너비는 움직이며(transition) 제자리를 찾으므로, 다 멈춘 다음에 재게 합니다.
    """
    tab.bring_to_front()
    tab.evaluate(SETTLED)
    tab.evaluate("dispatchEvent(new Event('resize'))")
    for _ in range(300):
        if tab.evaluate(REACHED):
            return
        tab.wait_for_timeout(50)


REACHED = (
    "[...document.querySelectorAll('pre')].every((pre) => pre.scrollWidth <= pre.clientWidth || pre.tabIndex === 0)"
)
# 요소의 절반이 넘는 것을 덜어 냅니다: 낭독기가 읽지 않는 수식의 윤곽과, 갈래(class)가 색만 정하는 코드의 조각.
LIGHTEN = """() => {
  for (const drawing of document.querySelectorAll("mjx-container > svg")) drawing.replaceChildren();
  const kinds = new Set();
  for (const span of document.querySelectorAll(".highlight span[class]"))
    if (kinds.has(span.className)) span.replaceWith(...span.childNodes);
    else kinds.add(span.className);
}"""
# 글자의 대비를 정하는 것(글자의 색과 굵기와 크기, 자기와 조상의 바탕)이 같은 글은 하나만 봅니다.
FIRST_OF_A_LOOK = """() => {
  const first = new Map(), behind = new Map([[null, ""]]);
  const ground = (element) => {
    if (!behind.has(element)) {
      const { backgroundColor, backgroundImage, opacity, filter } = getComputedStyle(element);
      behind.set(element, ground(element.parentElement) + [backgroundColor, backgroundImage, opacity, filter]);
    }
    return behind.get(element);
  };
  for (const element of document.body.querySelectorAll("*")) {
    if (![...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim())) continue;
    if (!element.checkVisibility()) continue;
    const { color, fontSize, fontWeight, textShadow } = getComputedStyle(element);
    const look = [ground(element), color, fontSize, fontWeight, textShadow].join();
    if (!first.has(look)) first.set(look, element);
  }
  for (const element of first.values()) element.dataset.first = "";
  return first.size;
}"""
ONLY_FIRST = """() => {
  for (const element of document.body.querySelectorAll("*"))
    if (!element.matches("[data-first]") && !element.querySelector("[data-first]")) element.remove();
}"""


def show(tab, scheme):
    tab.emulate_media(color_scheme=scheme)
    tab.locator(f"html[data-theme={scheme}]").wait_for()
    tab.evaluate(SETTLED)


def harmful(tab, context=None, **options):
    """사소한(minor) 것보다 큰 접근성 문제: [규칙, 처음 몇 요소]."""
    # 통과한 요소까지 모두 적으면 시간이 거의 두 배 걸립니다.
    options = {"resultTypes": ["violations"], **options}
    found = tab.evaluate("([context, options]) => axe.run(context ?? document, options)", [context, options])
    rules = [rule for rule in found["violations"] if rule["impact"] != "minor"]
    return [[rule["id"], [node["html"][:120] for node in rule["nodes"][:3]]] for rule in rules]


class Links(HTMLParser):
    """페이지의 id, 링크, 그림, 대체 텍스트."""

    def __init__(self, path):
        super().__init__()
        self.ids, self.links, self.images, self.text = set(), [], [], path.read_text(encoding="utf-8")
        self.feed(self.text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.ids.add(attributes.get("id"))
        if tag == "a" and attributes.get("href"):
            self.links.append(attributes["href"])
        if tag == "img":
            self.images.append(attributes)


@functools.cache
def parsed(path):
    return Links(path)


def unreachable(page):
    """페이지 안의 링크 가운데 있는 곳으로 이어지지 않는 것."""
    for link in parsed(SITE / page).links:
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            continue
        target = (SITE / page).parent / unquote(parts.path) if parts.path else SITE / page
        # 실험대의 # 뒤는 자리가 아니라 설정입니다.
        place = "" if target.name == "lab.html" and "=" in parts.fragment else parts.fragment
        lost = place and target.suffix == ".html" and target.exists()
        if not target.exists() or (lost and unquote(place) not in parsed(target.resolve()).ids):
            yield link


def test_internal_links_lead_somewhere():
    assert {page: links for page in PAGES if (links := list(unreachable(page)))} == {}


def test_images_have_alt_text():
    """대체 텍스트는 서른 글자 이상이고, 한 페이지에 같은 것이 없습니다."""
    # 어두운 화면의 그림(wi-dark)은 짝인 그림과 번갈아 보이므로 대체 텍스트가 같습니다.
    images = {page: [i for i in parsed(SITE / page).images if "wi-dark" not in i.get("class", "")] for page in PAGES}
    alts = {page: [image.get("alt", "") for image in found] for page, found in images.items()}
    assert {page: short for page in PAGES if (short := [alt for alt in alts[page] if len(alt) < 30])} == {}
    assert [page for page in PAGES if len(set(alts[page])) < len(alts[page])] == []


def weight(page):
    """HTML과 그림을 더한 바이트."""
    images = {image["src"] for image in parsed(SITE / page).images}
    return (SITE / page).stat().st_size + sum(((SITE / page).parent / src).stat().st_size for src in images)


def test_chapters_weigh_little():
    assert {page: bytes for page in CHAPTERS if (bytes := weight(page)) >= LARGEST_PAGE} == {}


def left_over(page):
    """글자로 남은, 해석되지 않은 MyST."""
    article = re.search(r"<article.*?</article>", parsed(SITE / page).text, re.S)[0]
    plain = re.sub(r"<(pre|code|script)\b.*?</\1>|<[^>]+>", "", article, flags=re.S)
    return re.search(r"\{(numref|ref|eq|cite|term|doc)[:}]|:::|\]\(#|\bNone\b|ch-(zero|sigmoid|he)\b", plain)


def test_no_markup_is_left_over():
    assert {page: found[0] for page in PAGES if (found := left_over(page))} == {}


def test_widget_scripts_are_light():
    """움직여 보는 실험이 쓰는 코드는 모두 더해 압축하면 20 kB까지이고, 그 실험이 있는 페이지에만 실립니다."""
    code = [
        SITE / "_static" / "widgets.js",
        *(ROOT / "wi_lib" / "explorers" / f"explorer.{kind}" for kind in ("js", "css")),
    ]
    assert sum(len(gzip.compress(path.read_bytes())) for path in code) <= 20_000
    for page in PAGES:
        text = parsed(SITE / page).text
        assert ("widgets.js" in text) == ("widget-view+json" in text), page
