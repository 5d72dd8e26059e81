"""만들어진 페이지를 독자처럼 브라우저로 엽니다: 넓은 화면과 좁은 화면, 밝은 화면과 어두운 화면."""

import functools
import gzip
import re
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import pytest

from tests.browsing import CHAPTERS, PAGES, ROOT, SITE, Visit

# 움직여 보는 실험의 자료와 그림까지 더한 HTML의 크기, 압축 전. 여러 페이지가 함께 쓰는 스크립트는 뺍니다.
LARGEST_PAGE = 900_000


@pytest.mark.browser
@pytest.mark.parametrize("page", PAGES)
def test_page_is_whole(browser, address, page):
    """오류도 바깥 요청도 없고, 그림과 수식이 모두 보이고, 어느 화면에서도 옆으로 넘치지 않습니다."""
    with Visit(browser, f"{address}/{page}") as visit:
        assert visit.errors == []
        assert visit.outside == []
        assert visit.broken_images() == []
        # 수식마다 그려진 결과가 있고, 해석하지 못한 수식이나 지시문은 없습니다.
        assert visit.count("mjx-container") == visit.count(".math")
        assert visit.count("mjx-merror, .problematic, .system-message") == 0
        assert visit.count("h1") == 1 + visit.count("#jb-print-docs-body h1")
        for scheme in ("light", "dark"):
            visit.tab.emulate_media(color_scheme=scheme)
            for width in (1280, 390):
                visit.tab.set_viewport_size({"width": width, "height": 900})
                assert visit.tab.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, (scheme, width)


@pytest.mark.browser
@pytest.mark.parametrize("page", CHAPTERS)
def test_page_works_from_a_file(browser, page):
    """내려받아 file://로 열어도 그림과 수식이 보입니다."""
    with Visit(browser, (SITE / page).as_uri()) as visit:
        assert visit.outside == []
        assert visit.broken_images() == []
        assert visit.count("mjx-container") == visit.count(".math") > 0


@pytest.mark.browser
@pytest.mark.parametrize("page", CHAPTERS)
def test_answers_unfold(browser, address, page):
    """확인 문제의 답은 접혀 있고, 좁은 화면에서도 글쇠로 펼칠 수 있습니다."""
    with Visit(browser, f"{address}/{page}") as visit:
        visit.tab.set_viewport_size({"width": 390, "height": 900})
        answers = visit.tab.locator("details.sd-dropdown")
        assert answers.count() >= 2
        for answer in answers.all():
            assert answer.get_attribute("open") is None
            answer.locator("summary").focus()
            visit.tab.keyboard.press("Enter")
            assert answer.locator(".sd-card-body").is_visible()


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


@pytest.mark.parametrize("page", PAGES)
def test_internal_links_lead_somewhere(page):
    for link in parsed(SITE / page).links:
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            continue
        target = (SITE / page).parent / unquote(parts.path) if parts.path else SITE / page
        assert target.resolve().exists(), link
        if parts.fragment and target.suffix == ".html":
            assert unquote(parts.fragment) in parsed(target.resolve()).ids, link


@pytest.mark.parametrize("page", PAGES)
def test_images_have_alt_text(page):
    alts = [image.get("alt", "") for image in parsed(SITE / page).images if "sd-" not in image.get("class", "")]
    assert all(len(alt) >= 30 for alt in alts), alts
    assert len(set(alts)) == len(alts)


@pytest.mark.parametrize("page", CHAPTERS)
def test_page_weighs_little(page):
    """한 장의 HTML과 그림을 더해 압축 전 900 kB 아래입니다."""
    images = {image["src"] for image in parsed(SITE / page).images}
    weight = (SITE / page).stat().st_size + sum(((SITE / page).parent / src).stat().st_size for src in images)
    assert weight < LARGEST_PAGE, weight


@pytest.mark.parametrize("page", PAGES)
def test_no_markup_is_left_over(page):
    """해석되지 않은 MyST가 글자로 남아 있지 않습니다."""
    article = re.search(r"<article.*?</article>", parsed(SITE / page).text, re.S)[0]
    plain = re.sub(r"<(pre|code|script)\b.*?</\1>|<[^>]+>", "", article, flags=re.S)
    assert not re.search(r"\{(numref|ref|eq|cite|term|doc)[:}]|:::|\]\(#|\bNone\b|ch-(zero|sigmoid|he)\b", plain)


def test_widget_scripts_are_light():
    """움직여 보는 실험이 쓰는 코드는 모두 더해 압축하면 20 kB까지이고, 그 실험이 있는 페이지에만 실립니다."""
    code = [SITE / "_static" / "widgets.js", *sorted((ROOT / "wi_lib").glob("explorer.*"))]
    assert sum(len(gzip.compress(path.read_bytes())) for path in code) <= 20_000
    for page in PAGES:
        text = parsed(SITE / page).text
        assert ("widgets.js" in text) == ("widget-view+json" in text), page
