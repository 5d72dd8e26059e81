"""페이지가 가볍고 안전합니다: 싣는 것은 몇 개뿐이고, 내용 보안 정책 아래에서 다 움직입니다."""

import gzip
import re

import pytest
import tinycss2

from book import formulas, stylesheet
from tests.browsing import CHAPTERS, PAGES, SITE, Visit

EVERY = [*PAGES, "search.html"]
# 압축한 크기의 위 끝(바이트). 넘으면 무엇이 늘었는지 보십시오.
STYLE, SCRIPT, PAGE = 26_000, 50_000, 115_000


def text(page):
    return (SITE / page).read_text(encoding="utf-8")


def gzipped(path):
    return len(gzip.compress(path.read_bytes()))


def test_shared_files_are_small():
    assert gzipped(SITE / "_static" / "styles" / "site.css") < STYLE
    assert gzipped(SITE / "_static" / "scripts" / "site.js") < SCRIPT
    assert max(gzipped(SITE / page) for page in EVERY) < PAGE


@pytest.mark.parametrize("page", EVERY)
def test_page_loads_few_files(page):
    head = text(page)
    sheets = re.findall(r'<link [^>]*rel="stylesheet"[^>]*>', head)
    scripts = re.findall(r'<script [^>]*\bsrc="([^"?]+)', head)
    # 실험대의 모양은 실험대가 있는 페이지만 받습니다.
    assert len(sheets) == (2 if 'class="wi-lab"' in head else 1)
    assert all("defer" in tag for tag in re.findall(r"<script [^>]*\bsrc=[^>]*>", head))
    names = {script.rpartition("/")[2] for script in scripts}
    searching = {"searchtools.js", "language_data.js"} if page == "search.html" else set()
    drawing = {"widgets.js"} if "widget-view+json" in head else set()
    training = {"lab.js"} if 'class="wi-lab"' in head else set()
    assert names == {"site.js"} | searching | drawing | training


@pytest.mark.parametrize("page", EVERY)
def test_nothing_needs_an_unsafe_policy(page):
    """정책에 unsafe-가 없고, 인라인 style과 onclick이 없습니다."""
    policy = re.search(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)"', text(page))[1]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    tags = re.findall(r"<[a-z][^>]*>", re.sub(r"<script\b.*?</script>", "", text(page), flags=re.S))
    assert [tag for tag in tags if re.search(r"\s(?:style|on\w+)=", tag)] == []
    assert "<style" not in text(page)


@pytest.mark.browser
def test_policy_stops_what_it_should(browser, address):
    """다른 곳의 스크립트와 인라인 스크립트는 돌지 않고, 페이지의 것은 돕니다."""
    with Visit(browser, f"{address}/intro.html") as visit:
        inject = """(code) => { const script = document.createElement('script'); script.textContent = code;
          document.body.append(script); return window.intruder ?? null; }"""
        assert visit.tab.evaluate(inject, "window.intruder = 1") is None
        assert any("Content Security Policy" in error for error in visit.errors)
        assert visit.tab.evaluate("document.documentElement.dataset.theme") in ("light", "dark")


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_theme_is_set_before_the_first_paint(browser, address, scheme):
    """스크립트 파일이 하나도 오지 않아도 밝기는 정해져 있어, 어두운 화면이 번쩍이지 않습니다."""
    context = browser.new_context(color_scheme=scheme)
    tab = context.new_page()
    tab.route("**/*.js*", lambda route: route.abort())
    tab.goto(f"{address}/chapters/02_sigmoid_std.html", wait_until="domcontentloaded")
    assert tab.evaluate("document.documentElement.dataset.theme") == scheme
    context.close()


@pytest.mark.browser
def test_buttons_still_work(browser, address):
    with Visit(browser, f"{address}/chapters/02_sigmoid_std.html") as visit:
        tab = visit.tab
        tab.locator(".theme-switch-button").first.click()
        assert tab.evaluate("document.documentElement.dataset.theme") == "dark"
        tab.locator(".theme-switch-button").first.click()
        assert tab.evaluate("document.documentElement.dataset.mode") == "light"
        tab.evaluate("window.print = () => (window.printed = true)")
        tab.locator(".dropdown-download-buttons button").first.click()
        tab.locator(".btn-download-pdf-button").click()
        assert tab.evaluate("window.printed")
        tab.locator(".search-button-field").first.click()
        assert tab.locator("#pst-search-dialog").is_visible()
        tab.keyboard.press("Escape")
        tab.locator(".btn-fullscreen-button").click()
        tab.locator("html:fullscreen").wait_for()
        assert visit.errors == []


@pytest.mark.parametrize("page", CHAPTERS)
def test_formulas_are_drawn_and_readable(page):
    """식마다 그림과 MathML이 있고, 그림이 가리키는 윤곽은 모두 그 페이지에 있습니다."""
    html = text(page)
    drawn = len(re.findall("<mjx-container", html))
    assert drawn == len(re.findall(r'class="math notranslate', html)) > 0
    assert len(re.findall("<mjx-assistive-mml[^>]*><math", html)) == drawn
    assert r"\(" not in re.sub(r"<(script|pre|code)\b.*?</\1>", "", html, flags=re.S)
    assert set(re.findall(r'href="#(MJX-[\w-]+)"', html)) == set(re.findall(r'<path id="(MJX-[\w-]+)"', html))


def test_wrong_formula_stops_the_build():
    with pytest.raises(Exception, match=r"수식을 읽지 못했습니다: \\frac"):
        formulas.drawings([(r"\frac{1}", False)])


@pytest.mark.parametrize("page", EVERY)
def test_icons_are_drawn(page):
    """아이콘 글꼴을 싣지 않으므로, 글꼴로 그릴 아이콘이 남으면 빈자리가 됩니다."""
    assert "svg-inline--fa" in text(page)
    assert not re.search(r'<(?:i|span) class="[^"]*\bfa-', text(page))


def test_data_of_explorers_comes_last():
    """글을 읽기 전에 실험의 자료를 기다리지 않습니다."""
    for page in CHAPTERS:
        html = text(page)
        assert html.index("widget-state+json") > html.rindex("</article>"), page


def test_images_say_their_size():
    """그림이 늦게 와도 글이 밀리지 않습니다."""
    for page in CHAPTERS:
        images = re.findall(r"<img [^>]*>", text(page))
        assert all(re.search(r'width="\d+" height="\d+"', image) for image in images), page


SHEET = """
.kept, .gone { color: red } .gone { color: blue } #kept > .drawn::before { content: "x" }
@media (min-width: 1px) { .kept:not(.gone) { --a: 1; width: var(--a); --unread: var(--b) } .gone { top: 0 } }
@media print { .gone { top: 0 } } @font-face { font-family: icons; src: url(icons.woff2) }
html[data-theme=dark] .kept\\:md { --b: 2 }
"""


def test_stylesheet_keeps_what_is_used():
    short = stylesheet.shorten(SHEET, ['<p class="kept kept:md" id="kept">'], ["element.className = 'drawn'"])
    assert tinycss2.parse_stylesheet(short)[0].type == "qualified-rule"
    for part in (
        ".kept{color: red}",
        '#kept > .drawn::before{content: "x"}',
        ".kept:not(.gone){--a: 1; width: var(--a);",
    ):
        assert part in short
    for part in ("blue", "top", "icons", "unread", "--b"):
        assert part not in short
