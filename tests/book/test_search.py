"""찾기: 조사와 띄어쓰기를 가리지 않고 찾고, 찾은 글을 우리말로 보이고, 어디에서 열어도 글쇠만으로 됩니다."""

import gzip
import json
import re
import shutil
import unicodedata
from urllib.parse import quote

import pytest

from tests.book.searching import QUERIES, found_by, page_texts, wanted
from tests.browsing import PAGES, SITE, Visit, served
from tests.classroom.marking import SHEETS, lines_only_in_source

INDEX_LIMIT, SCRIPT_LIMIT, TIME_LIMIT = 400_000, 24_000, 100  # gzip 바이트, gzip 바이트, ms

AS_WRITTEN = """word => {
  const { pages, known } = prepare(Search._index);
  return rank(read([word], known).patterns, pages).map(({ docname }) => docname);
}"""

pytestmark = pytest.mark.browser


def index():
    text = (SITE / "searchindex.js").read_text(encoding="utf-8")
    return json.loads(re.fullmatch(r"Search\.setIndex\((.*)\)", text, re.S)[1])


@pytest.fixture
def visit(browser, address):
    """query를 찾은 쪽을 엽니다."""
    opened = []

    def look_up(query, at=address):
        opened.append(Visit(browser, f"{at}/search.html?q={quote(query)}"))
        opened[-1].tab.locator(".search-summary", has_text=re.compile(r"\S")).wait_for()
        return opened[-1]

    yield look_up
    for each in opened:
        each.context.close()


def test_list_is_worth_testing():
    assert len(QUERIES) >= 60
    assert len({query["query"] for query in QUERIES}) == len(QUERIES)
    # 모든 쪽에 나오는 말로는 정밀도를 잴 수 없습니다.
    assert all(len(wanted(query)) < 0.85 * len(page_texts()) for query in QUERIES)
    assert sum(not wanted(query) for query in QUERIES) >= 5
    assert all(query["first"] in wanted(query) for query in QUERIES if "first" in query)


def test_same_pages_however_written(visit):
    """조사, 어미, 띄어쓰기, 사이시옷, 대문자, 낱자로 풀린 글(NFD)은 결과를 바꾸지 않습니다."""
    tab = visit("분산").tab
    for one, others in {
        "분산": ["분산은", "분산에서도", "분산이란", "분산인가요?", unicodedata.normalize("NFD", "분산")],
        "정확도": ["정확도를", "정확도는", "정확도도"],
        "초깃값": ["초기값의", "초깃값부터"],
        "가중치 감쇠": ["가중치감쇠로", "가중치 감쇠란 무엇인가요?"],
        "사라지는": ["사라집니다", "사라진다", "사라질까"],
        "LSUV": ["lsuv는", "“LSUV”"],
        "기울기 소실": ["기울기소실", "기울기 소실은 왜 생기나요?"],
    }.items():
        for other in others:
            assert set(found_by(tab, other)) == set(found_by(tab, one)), other


def test_snippets_surround_the_hit(visit):
    """문장은 우리말이고, 찾은 낱말을 칠해 보이고, 그 절로 이어집니다. 쪽을 다시 받지 않습니다."""
    tab = visit("분산은").tab
    items = tab.locator("ul.search li")
    assert items.count() > 10
    for item in items.all():
        snippet = item.locator("p.context").inner_text()
        assert len(re.findall("[가-힣]", snippet)) > 10 or "variance" in snippet
        assert 10 < len(snippet) < 260
        assert "\\" not in snippet
        assert set(item.locator("p.context .highlighted").all_inner_texts()) == {"분산"}
    assert tab.evaluate("performance.getEntriesByType('resource').filter(e => /\\.html$/.test(e.name)).length") == 0
    assert tab.locator(".search-summary").inner_text() == f"{items.count()}쪽에서 찾았습니다."
    assert tab.locator("#search-results h2").text_content() == "검색 결과"


def test_links_lead_to_existing_sections(visit):
    for query in ("분산은", "LSUV", "기울기 소실", "√5"):
        for address in visit(query).tab.locator("ul.search li > a").evaluate_all("all => all.map(a => a.href)"):
            page, _, anchor = address.partition(".html")
            text = (SITE / (page.split("/", 3)[3] + ".html")).read_text(encoding="utf-8")
            assert not anchor or f'id="{anchor[1:]}"' in text, address


def test_words_are_highlighted_on_arrival(browser, address):
    """조사를 붙여 찾아도 도착한 쪽에서 낱말이 칠해지고, 수식은 그대로 그려집니다."""
    with Visit(browser, f"{address}/search.html") as visit:
        for query, word in {"분산은": "분산", "초기값을": "초깃값", "fan_in이": "fan_in"}.items():
            visit.tab.goto(f"{address}/search.html?q={quote(query)}")
            visit.tab.locator("ul.search li > a").first.click()
            visit.tab.wait_for_selector("article span.highlighted")
            assert {text.lower() for text in visit.tab.locator("article span.highlighted").all_text_contents()} == {
                word
            }
            assert visit.count("mjx-container")
            assert visit.count("mjx-merror, .math .highlighted") == 0
        assert not visit.errors


def test_folded_solutions_are_not_found(visit):
    """풀이에만 나오는 낱말은 색인의 글에도, 결과에도 없습니다."""
    texts = {
        name: " ".join(text for *_, text in page).lower() for name, page in zip(index()["docnames"], index()["texts"])
    }
    tab = visit("분산").tab
    for name in SHEETS:
        shown = page_texts()[f"exercises/{name}"].lower()
        secret = {word for line in lines_only_in_source(name, None) for word in re.findall(r"[a-z_]{5,}", line.lower())}
        secret = sorted(word for word in secret if word.rstrip("s") not in shown)
        assert secret
        for word in secret:
            assert word not in texts[f"exercises/{name}"]
            # 책에 없는 말은 비슷한 말로 고쳐 찾습니다. 그 말 그대로 찾은 것은 없어야 합니다.
            assert f"exercises/{name}" not in tab.evaluate(AS_WRITTEN, word)


@pytest.mark.parametrize(
    "page", ["intro.html", "chapters/05_he.html", "exercises/05_he.html", "instructors/index.html"]
)
def test_reachable_by_keyboard(browser, address, page):
    """어느 쪽에서나 Ctrl+K로 상자를 열어 찾고, Tab과 Enter로 결과에 갑니다."""
    with Visit(browser, f"{address}/{page}") as visit:
        visit.tab.keyboard.press("Control+k")
        visit.tab.wait_for_selector("dialog[open] input[name=q]")
        visit.tab.keyboard.type("분산은")
        with visit.tab.expect_navigation():
            visit.tab.keyboard.press("Enter")
        first = visit.tab.locator("ul.search li > a").first
        first.wait_for()
        assert visit.tab.evaluate("document.activeElement.name") == "q"
        for _ in range(20):
            if first.evaluate("link => link === document.activeElement"):
                break
            visit.tab.keyboard.press("Tab")
        with visit.tab.expect_navigation():
            visit.tab.keyboard.press("Enter")
        assert "/chapters/03_xavier.html" in visit.tab.url
        assert not visit.errors
        assert not visit.outside


@pytest.mark.parametrize(
    "query", ["블록체인", "ㅁㄴㅇㄹ", "(*+", "<b>굵게</b>", "은 는 이 가", "[", "\\", "가-나/다&라#마%바"]
)
def test_empty_results_say_what_to_do(visit, query):
    page = visit(query)
    assert page.count("ul.search li") == 0
    said = page.tab.locator(".search-summary")
    assert "찾은 쪽이 없습니다." in said.inner_text()
    assert [link.split("/")[-1] for link in said.locator("a").evaluate_all("all => all.map(a => a.href)")] == [
        "glossary.html",
        "beyond.html",
    ]
    assert not page.errors


def test_works_in_a_subfolder(browser, tmp_path, visit):
    shutil.copytree(SITE, tmp_path / "deep" / "book", ignore=shutil.ignore_patterns("_sources"))
    with served(tmp_path) as root:
        page = visit("분산은", f"{root}/deep/book")
        page.tab.locator("ul.search li > a").first.click()
        page.tab.wait_for_url(f"{root}/deep/book/chapters/03_xavier.html*")
        assert not page.errors


def test_works_from_a_file(visit):
    """파일로 열어도 결과와 문장이 나옵니다."""
    page = visit("분산은", f"file://{SITE}")
    assert page.count("ul.search li p.context .highlighted") > 20
    assert not page.errors


def test_light_and_fast(browser, address):
    """색인은 찾을 때만 받습니다. 다른 쪽은 찾기의 스크립트를 싣지 않습니다."""
    assert len(gzip.compress((SITE / "searchindex.js").read_bytes())) < INDEX_LIMIT
    assert len(gzip.compress((SITE / "_static" / "language_data.js").read_bytes())) < SCRIPT_LIMIT
    for page in PAGES:
        assert not re.search(r"searchtools|searchindex|language_data", (SITE / page).read_text(encoding="utf-8")), page
    search_page = (SITE / "search.html").read_text(encoding="utf-8")
    assert re.findall(r"<script ([^>]*(?:searchtools|language_data)[^>]*)>", search_page)
    assert all("defer" in tag for tag in re.findall(r"<script ([^>]*(?:searchtools|language_data)[^>]*)>", search_page))
    with Visit(browser, f"{address}/search.html") as visit:
        assert visit.tab.evaluate("performance.getEntriesByName(location.origin + '/searchindex.js').length") == 0
        visit.tab.goto(f"{address}/search.html?q=1")
        visit.tab.wait_for_selector("ul.search li")
        times = visit.tab.evaluate(
            """all => all.map(query => {
              const begin = performance.now();
              search(query, Search._index);
              return performance.now() - begin;
            }).sort((a, b) => a - b)""",
            [query["query"] for query in QUERIES],
        )
        assert times[len(times) // 2] < TIME_LIMIT


def test_unchanged_pages_stay_in_the_index(monkeypatch):
    """한 쪽만 고쳐 다시 만들어도 다른 쪽의 글이 색인에 남습니다."""
    import io
    from types import SimpleNamespace

    from sphinx.search import js_index

    from book import search as korean_search

    names = ("titles", "filenames", "mapping", "title_mapping", "all_titles", "index_entries", "objtypes", "objnames")
    env = SimpleNamespace(**{f"_search_index_{name}": {} for name in names}, version=index()["envversion"], domains={})
    builder = korean_search.PageTexts(env, "ko", {}, "")
    builder.load(io.StringIO((SITE / "searchindex.js").read_text(encoding="utf-8")), js_index)
    again = io.StringIO()
    builder.dump(again, js_index)
    assert again.getvalue() == (SITE / "searchindex.js").read_text(encoding="utf-8")
