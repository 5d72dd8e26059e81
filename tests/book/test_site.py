"""책이 놓인 자리: 검색과 미리 보기가 읽는 머리말, 하위 폴더, 파일, 없는 주소, 우리말로 된 단추와 이름표."""

import re
import subprocess
import sys
from xml.etree import ElementTree

import nbformat
import pytest
from bs4 import BeautifulSoup
from PIL import Image

from publish import addresses
from tests import explored
from tests.browsing import CHAPTERS, PAGES, ROOT, SITE, Visit, served

READ = [page for page in PAGES if page != "404.html"]
# 이름이라 옮기지 않는 말과, 파일의 종류와 글쇠의 이름
NAMES = re.compile(r"\.(ipynb|md|pdf)|Ctrl|Jupyter\w*|The Littlest|Zero to|\w+:|BSD-3-Clause|CC BY|ReLU|MNIST|tanh")


def soup(path):
    """스크립트와 그려 둔 식을 뺀 페이지. 시험은 그 안을 보지 않는데, 읽는 시간은 거의 모두 거기에 듭니다."""
    text = path.read_text(encoding="utf-8")
    return BeautifulSoup(re.sub(r"<(script|mjx-container)\b.*?</\1>", "", text, flags=re.S), "html.parser")


def head(page):
    return BeautifulSoup((SITE / page).read_text(encoding="utf-8").partition("</head>")[0], "html.parser")


def meta(page, name):
    found = page.select(f'meta[name="{name}"], meta[property="{name}"]')
    return [element["content"] for element in found]


@pytest.mark.parametrize("page", READ)
def test_head_says_what_the_page_is(page):
    """언어, 화면의 너비 하나, 설명 하나, 미리 보기의 제목과 설명, 아이콘. 주소를 모르면 틀린 주소도 없습니다."""
    found = head(page)
    assert found.html["lang"] == "ko"
    assert len(meta(found, "viewport")) == 1
    (said,) = meta(found, "description")
    assert 50 <= len(said) <= 161
    assert re.search("[가-힣]", said)
    assert not re.search(r"[\\$*`\0]", said)
    assert meta(found, "og:description") == [said]
    assert meta(found, "og:site_name") == ["가중치 초기화"]
    assert meta(found, "og:title")[0] in found.title.text
    assert found.title.text.count("가중치 초기화") == 1
    icon = found.select_one('link[rel="icon"]')["href"]
    assert (SITE / page).parent.joinpath(icon.split("?")[0]).exists()
    assert not found.select('link[rel="canonical"]')


def test_descriptions_differ():
    said = [meta(head(page), "description")[0] for page in READ]
    assert len(set(said)) == len(said)


@pytest.mark.parametrize("page", CHAPTERS)
def test_description_is_the_chapters_own(page):
    """장의 설명은 그 장에 적힌 "이 장에서 하는 일"입니다."""
    source = nbformat.read(ROOT / page.replace(".html", ".ipynb"), 4).cells[0].source
    said = re.search(r"\*\*이 장에서 하는 일\.\*\* (.+)", source)[1]
    assert meta(head(page), "description") == [re.sub(r"[*`]", "", said)]


@pytest.mark.browser
def test_front_page_is_a_page(browser, address):
    """사이트의 주소로 오면 스크립트 없이도 바로 첫 글이 보이고, intro.html도 그대로 있습니다."""
    for place in ("", "intro.html"):
        with Visit(browser, f"{address}/{place}", java_script_enabled=False) as visit:
            assert visit.tab.url == f"{address}/{place}"
            assert visit.tab.title() == "가중치 초기화"
            assert visit.tab.locator("article h1").is_visible()
            assert visit.count("meta[http-equiv=refresh i]") == 0


@pytest.mark.browser
def test_first_screen_of_a_phone(browser, address):
    """첫 화면에 누가, 무엇을, 얼마나 걸려 읽는 책인지와 첫 물음이 있고, 왼쪽 끝에서 시작하는 조절기가 보입니다."""
    with Visit(browser, address, viewport={"width": 390, "height": 844}) as visit:
        visit.tab.locator(".wi-explorer[data-position]").first.wait_for()
        (said, *_) = visit.tab.locator("article section > p:visible").all_inner_texts()
        minutes = [stated(page) for page in CHAPTERS]
        assert f"{min(minutes)}–{max(minutes)}분" in said
        assert all(
            words in said
            for words in ("신경망을 한 번 배운 사람", "학습하기 전에", "열여덟 장", "설치할 것은 없습니다")
        )
        control = visit.tab.locator(".wi-output input[type=range]").first
        assert control.input_value() == control.get_attribute("min") == "0"
        assert control.bounding_box()["y"] < 844 - 44
        ask = visit.tab.locator(".admonition").first
        assert ask.get_attribute("id") == "ask-00-survive"
        assert ask.bounding_box()["y"] < control.bounding_box()["y"]
        # 물음 앞에서는 물론, 답을 펴기 전에는 어디에도 답이 없습니다. 조절기의 자리는 움직여야 보입니다.
        assert not re.search(r"0\.14|√2", " ".join([said, ask.inner_text()]))


def test_front_explorer_runs_from_vanishing_to_exploding():
    """첫 페이지의 조절기는 신호가 사라지는 0.05에서 터지는 0.4까지이고, 살아남는 √(2/100)에도 멎습니다."""
    (axis,) = explored.rebuilt(ROOT / "intro.ipynb", again=False)["fig-intro-explorer"].axes
    assert axis.stops[0] == axis.stops[axis.first] == pytest.approx(0.05)
    assert axis.stops[-1] == pytest.approx(0.4)
    assert axis.index("std", (2 / 100) ** 0.5)


@pytest.mark.browser
@pytest.mark.parametrize("page", ["", "chapters/05_he.html", "exercises/05_he.html", "search.html?q=분산", "404.html"])
def test_site_works_in_a_subfolder(browser, tmp_path, page):
    """GitHub Pages처럼 /some/repo/ 아래에 두어도 받는 것이 모두 있고, 그 밖을 찾지 않습니다."""
    (tmp_path / "some").mkdir()
    (tmp_path / "some" / "repo").symlink_to(SITE, target_is_directory=True)
    with served(tmp_path) as url, Visit(browser, f"{url}/some/repo/") as visit:
        answers = []
        visit.tab.on("response", lambda answer: answers.append((answer.status, answer.url)))
        visit.tab.goto(f"{url}/some/repo/{page}")
        visit.tab.wait_for_load_state("networkidle")
        # 작업자의 코드(blob:)는 받은 것이 아닙니다.
        answers = [(status, place) for status, place in answers if not place.startswith("blob:")]
        assert answers
        assert all(status in (200, 304) and place.startswith(f"{url}/some/repo/") for status, place in answers), answers
        assert visit.outside == visit.errors == []
        visit.tab.locator(".bd-sidebar-primary a:visible", has_text="용어집").click()
        assert visit.tab.url == f"{url}/some/repo/glossary.html"


@pytest.mark.browser
@pytest.mark.parametrize("page", ["index.html", "exercises/05_he.html", "instructors/index.html", "404.html"])
def test_site_works_from_a_file(browser, page):
    """장이 아닌 쪽도 파일로 열 수 있습니다. 장은 test_explorer_pages.py가 봅니다."""
    with Visit(browser, (SITE / page).as_uri()) as visit:
        assert visit.outside == []
        assert visit.broken_images() == []
        assert visit.tab.evaluate("getComputedStyle(document.body).getPropertyValue('--pst-color-link')")
        assert visit.tab.evaluate("document.documentElement.dataset.theme") == "light"


@pytest.mark.parametrize("page", [*PAGES, "search.html"])
def test_no_english_is_left_in_the_frame(page):
    """본문 밖의 글과, 어디서든 단추와 링크의 이름표에 영어가 남아 있지 않습니다."""
    found = soup(SITE / page)
    for element in found.select("script, style, .cite, cite, a.reference.internal[href*=id]"):
        element.decompose()
    labels = [
        element[name]
        for element in found.find_all(True)
        for name in ("aria-label", "title", "placeholder", "data-bs-title")
        if element.get(name)
    ]
    if found.article:
        found.article.decompose()
    texts = list(found.body.stripped_strings)
    english = [text for text in labels + texts if re.search("[A-Za-z]{3}", NAMES.sub("", text))]
    assert [text for text in english if not re.search("[가-힣]", text)] == []
    joined = " ".join(labels + texts)
    assert not re.search("시작하다|으로보기|에 의해|스핑크스|테마별|Copyright", joined)


@pytest.mark.browser
def test_scripts_speak_korean_too(browser, address):
    """스크립트가 다는 이름표(복사 단추, 접기, 밝기)도 우리말입니다."""
    with Visit(browser, f"{address}/chapters/05_he.html") as visit:
        visit.tab.locator("button.copybtn").first.wait_for(state="attached")
        labels = visit.tab.evaluate(
            """() => [...document.querySelectorAll('*')].flatMap((e) => ['aria-label', 'title', 'data-tooltip',
            'data-bs-original-title'].map((name) => e.getAttribute(name))).filter(Boolean)"""
        )
        english = [label for label in labels if re.search("[A-Za-z]{3}", label) and not re.search("[가-힣]", label)]
        # 인용에 손을 올리면 보이는 서지 사항은 원래의 말로 적습니다.
        assert [label for label in english if not re.search(r"\d{4}|\. ", label)] == []


def test_regions_and_lists_are_real():
    """왼쪽 메뉴는 이름 있는 구역이고, 항목이 없는 목록은 없습니다."""
    assert soup(SITE / "intro.html").select_one("#pst-primary-sidebar")["aria-label"] == "책의 메뉴"
    references = soup(SITE / "references.html")
    assert references.select(".citation-list")
    assert not references.select("[role=list]")


def stated(page):
    source = nbformat.read(ROOT / page.replace(".html", ".ipynb"), 4).cells[0].source
    line = re.search(r"\*\*걸리는 시간\.\*\*(.+)", source)[1]
    return sum(map(int, re.findall(r"(\d+)분", line)))


def test_contents_say_the_minutes():
    """차례의 장과 연습마다 그 쪽에 적힌 분이 있고, 화면 낭독기는 무엇의 분인지 읽습니다. 앞뒤 쪽에는 없습니다."""
    found = soup(SITE / "intro.html")
    timed = [page for page in PAGES if page.startswith(("chapters/", "exercises/"))]
    for page in timed:
        assert (
            found.select_one(f'.bd-sidebar-primary a[href="{page}"]')
            .get_text()
            .endswith(f" 읽고 해 보는 데 {stated(page)}분")
        )
    assert len(found.select(".bd-sidebar-primary .wi-minutes")) == len(timed)
    assert not soup(SITE / CHAPTERS[1]).select(".prev-next-area .wi-minutes, h1 .wi-minutes, title .wi-minutes")


@pytest.mark.browser
@pytest.mark.parametrize(("width", "least", "most"), [(1280, 36, 45), (1920, 36, 45), (390, 18, 25)])
def test_lines_are_easy_to_follow(browser, address, width, least, most):
    """한 줄에 드는 한글: 넓은 화면에서도 마흔 자쯤, 휴대 전화에서는 스무 자쯤. 낱말은 줄에 걸쳐 잘리지 않습니다."""
    size = {"width": width, "height": 900}
    with Visit(browser, f"{address}/chapters/03_xavier.html", viewport=size) as visit:
        widths = visit.tab.evaluate(
            """() => [...document.querySelectorAll('.bd-article section > p')].map((p) =>
            [p.clientWidth / parseFloat(getComputedStyle(p).fontSize), getComputedStyle(p).wordBreak])"""
        )
        assert len(widths) > 20
        assert all(least <= letters <= most and rule == "keep-all" for letters, rule in widths), widths


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ({}, None),
        ({"GITHUB_REPOSITORY": "Owner/book"}, "https://owner.github.io/book/"),
        ({"GITHUB_REPOSITORY": "owner/owner.github.io"}, "https://owner.github.io/"),
        ({"GITHUB_REPOSITORY": "owner/book", "WI_SITE_URL": "https://book.example"}, "https://book.example/"),
    ],
)
def test_address_comes_from_the_settings(monkeypatch, setting, expected):
    for name in ("GITHUB_REPOSITORY", "WI_SITE_URL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in setting.items():
        monkeypatch.setenv(name, value)
    assert addresses.site_url() == expected


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("WI_SITE_URL", "book.example/repo", "https://로 시작하는 주소여야 합니다: 'book.example/repo'"),
        ("GITHUB_REPOSITORY", "https://github.com/owner/book", '"주인/저장소"이어야 합니다'),
    ],
)
def test_bad_address_is_refused(monkeypatch, name, value, expected):
    monkeypatch.delenv("WI_SITE_URL", raising=False)
    monkeypatch.setenv(name, value)
    with pytest.raises(ValueError, match=re.escape(expected)):
        addresses.site_url()


def test_book_is_made_without_git(monkeypatch):
    """zip으로 받은 책을 git이 없는 기계에서 만들어도 됩니다."""
    monkeypatch.setenv("GITHUB_REPOSITORY", "")
    monkeypatch.setattr(addresses, "REMOTE", ["no-such-git"])
    assert addresses.repository() is None


def test_remote_may_be_a_folder_of_any_name(monkeypatch):
    """다른 폴더에서 베껴 온 저장소의 원격은 폴더의 이름이고, 그 글자는 기계의 인코딩과 다를 수 있습니다."""
    monkeypatch.setenv("GITHUB_REPOSITORY", "")
    said = "import sys; sys.stdout.buffer.write('/강의'.encode('cp949'))"
    monkeypatch.setattr(addresses, "REMOTE", [sys.executable, "-c", said])
    assert addresses.repository() is None


ONE = "chapters/01_one.html"
CONF = f"""
html_title, language, root_doc, html_theme = "작은 책", "ko", "intro", "sphinx_book_theme"
extensions, html_use_index, html_static_path = ["sphinx_copybutton", "book"], False, ["{ROOT / "book" / "assets"}"]
"""
INTRO = """작은 책
=======

이 책은 주소를 아는 곳에 놓인 작은 책이고, 이 문단은 설명으로 쓰일 만큼, 곧 쉰 자가 넘을 만큼 충분히 깁니다.

.. toctree::

   chapters/01_one
"""
CHAPTER = """한 장
=====

**이 장에서 하는 일.** 없는 주소와 대표 주소와 사이트맵이 모두 한 주소를 가리키는지 확인하고, 다른 것은 하지 않습니다.
"""
ADDED = "고쳐 쓰면서 덧붙인 식 :math:`x^2`."


def make(source, out):
    """주소를 아는 작은 책. 큰 책을 다시 만들지 않고 같은 확장으로 만듭니다."""
    subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-W", source, out],
        env={"PATH": "", "WI_SITE_URL": "https://book.example/some/repo", "HOME": str(source)},
        cwd=ROOT,
        check=True,
    )
    return out


@pytest.fixture(scope="module")
def small_book(tmp_path_factory):
    source = tmp_path_factory.mktemp("source")
    (source / "chapters").mkdir()
    for name, text in (("conf.py", CONF), ("intro.rst", INTRO), ("chapters/01_one.rst", CHAPTER)):
        (source / name).write_text(text, encoding="utf-8")
    return source


@pytest.fixture(scope="module")
def published(small_book, tmp_path_factory):
    """한 번 만든 뒤 한 장을 고쳐 다시 만든 책."""
    out = make(small_book, tmp_path_factory.mktemp("published") / "some" / "repo")
    (small_book / ONE).with_suffix(".rst").write_text(f"{CHAPTER}\n{ADDED}\n", encoding="utf-8")
    return make(small_book, out)


def files(site):
    """{경로: 내용}. 빌더의 곁 파일은 뺍니다."""
    found = (path for path in site.rglob("*") if path.is_file())
    return {path.relative_to(site): path.read_bytes() for path in found if ".doctrees" not in path.parts}


def test_published_pages_name_their_address(published):
    place = "https://book.example/some/repo/"
    for name, url in (("index.html", place), ("intro.html", place), (ONE, place + ONE)):
        found = soup(published / name)
        assert [link["href"] for link in found.select('link[rel="canonical"]')] == meta(found, "og:url") == [url]
        assert meta(found, "og:image") == [f"{place}_static/social.png"]
        assert meta(found, "twitter:card") == ["summary_large_image"]
    with Image.open(published / "_static" / "social.png") as image:
        assert image.size == (1200, 630)


def test_site_map_lists_the_readable_pages(published):
    names = ElementTree.parse(published / "sitemap.xml").iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")
    place = "https://book.example/some/repo/"
    assert {name.text for name in names} == {place, place + ONE}
    assert f"Sitemap: {place}sitemap.xml" in (published / "robots.txt").read_text(encoding="utf-8")
    missing = soup(published / "404.html")
    assert meta(missing, "robots") == ["noindex"]
    assert not meta(missing, "description")
    links = [link["href"] for link in missing.select("[href]") if not link["href"].startswith("#")]
    assert len(links) > 5
    assert all(link.startswith("/some/repo/") for link in links), links


def test_building_again_gives_the_same_site(small_book, published, tmp_path):
    """한 장을 고쳐 다시 만든 책은 처음부터 만든 책과 같습니다."""
    again, fresh = files(published), files(make(small_book, tmp_path / "fresh"))
    assert [name for name in again.keys() | fresh.keys() if again.get(name) != fresh.get(name)] == []
    assert "mjx-container" in (published / ONE).read_text(encoding="utf-8")


@pytest.mark.browser
def test_missing_page_helps_at_any_depth(browser, published):
    """어느 깊이의 없는 주소에서도 모양이 갖추어지고, 장과 찾기로 갈 수 있습니다."""
    with served(published.parents[1]) as url, Visit(browser, f"{url}/some/repo/") as visit:
        text, missing = (published / "404.html").read_text(encoding="utf-8"), f"{url}/some/repo/a/b/gone.html"
        visit.tab.route(missing, lambda route: route.fulfill(status=404, content_type="text/html", body=text))
        answers = []
        visit.tab.on("response", lambda answer: answers.append((answer.status, answer.url)))
        visit.tab.goto(missing)
        visit.tab.wait_for_load_state("networkidle")
        assert {place for status, place in answers if status != 200} == {missing}
        assert visit.tab.locator("h1:visible").inner_text() == "없는 쪽입니다"
        visit.tab.get_by_label("찾을 말").fill("사이트맵")
        visit.tab.get_by_role("button", name="찾기", exact=True).click()
        assert visit.tab.url.startswith(f"{url}/some/repo/search.html?q=")
        visit.tab.goto(missing)
        visit.tab.locator("article").get_by_role("link", name="한 장").click()
        assert visit.tab.url == f"{url}/some/repo/{ONE}"


def test_missing_page_is_not_a_chapter():
    """404.html은 차례에도, 찾기의 색인에도 없습니다."""
    assert not soup(SITE / "intro.html").select('a[href*="404"]')
    assert '"404"' not in re.search(r'"docnames": ?\[.*?\]', (SITE / "searchindex.js").read_text(encoding="utf-8"))[0]
