"""실험대가 책에 놓인 모습: 있는 페이지에만 스크립트가 있고, 숫자는 따로 받고, 찾기와 종이에는 섞이지 않습니다."""

import gzip
import json
import re

import pytest

from tests.browsing import CHAPTERS, PAGES, SITE, Visit
from wi_lib.lab import bundle, digits

HELD = ["lab.html", *(f"chapters/{name}.html" for name in ("02_sigmoid_std", "05_he", "06_mnist", "07_matching"))]
# 압축한 크기의 위 끝(바이트).
SCRIPT = 40_000


def text(page):
    return (SITE / page).read_text(encoding="utf-8")


def script_of(page):
    return re.findall(r'<script defer src="([^"]*_static/scripts/lab\.js\?v=\w{8})">', text(page))


def test_only_pages_with_a_lab_load_it():
    found = [page for page in PAGES if 'class="wi-lab' in text(page)]
    assert found == [page for page in PAGES if page in HELD]
    assert [page for page in [*PAGES, "index.html", "search.html"] if "scripts/lab.js" in text(page)] == found
    for page in found:
        [source] = script_of(page)
        file = (SITE / page).parent / source.partition("?")[0]
        assert file.read_text(encoding="utf-8") == bundle.page()


def test_lab_is_light():
    assert len(gzip.compress(bundle.page().encode())) < SCRIPT
    assert not re.search(r"^ *//", bundle.page(), re.M)


def test_digits_are_a_script_of_their_own():
    """파일에서도 열려야 하므로 JSON이 아니라 변수 하나를 정하는 스크립트입니다."""
    written = (SITE / "_static" / "lab" / "digits.js").read_text(encoding="utf-8")
    assert json.loads(written.removeprefix("var wiLabDigits = ").removesuffix(";\n")) == digits.packed()


def test_lab_is_not_in_the_search_index():
    index = json.loads((SITE / "searchindex.js").read_text(encoding="utf-8")[len("Search.setIndex(") : -1])
    for page in HELD:
        texts = json.dumps(index["texts"][index["docnames"].index(page.removesuffix(".html"))], ensure_ascii=False)
        assert "같은 실행을 되풀이합니다" not in texts
        assert "학습" in texts


@pytest.mark.browser
@pytest.mark.parametrize("page", ["intro.html", CHAPTERS[0]])
def test_other_pages_know_nothing_of_it(browser, address, page):
    asked = []
    with Visit(browser, "about:blank") as visit:
        visit.tab.on("request", lambda request: asked.append(request.url))
        visit.tab.goto(f"{address}/{page}", wait_until="networkidle")
    assert asked
    assert not [url for url in asked if "lab.js" in url or "digits.js" in url]


@pytest.mark.browser
def test_paper_shows_the_program(browser, address):
    """종이에는 누를 것이 없으므로, 실험대 자리에 같은 일을 하는 프로그램을 찍습니다."""
    with Visit(browser, f"{address}/lab.html") as visit:
        visit.tab.locator(".wi-lab-run").wait_for()
        visit.tab.emulate_media(media="print")
        assert not visit.tab.locator(".wi-lab-run").is_visible()
        assert "default_rng" in visit.tab.locator(".wi-lab-fallback").inner_text()
