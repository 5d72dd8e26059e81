"""종이에 찍은 한 쪽: 읽을 글만, 밝게, 접힌 답까지, 쪽 번호와 함께."""

import re

import pytest
from pypdf import PdfReader

from tests.browsing import Visit

pytestmark = pytest.mark.browser
CHAPTER = "chapters/05_he.html"
# 예상의 보기는 단추이지만 종이에서는 목록의 글입니다.
FRAME = (
    ".bd-sidebar-primary, .bd-sidebar-secondary, .bd-header-article, .prev-next-footer, .bd-footer-content, "
    "button:not(.wi-choice)"
)

# 접힌 답마다, 수식이 나오기 전까지의 글. 쪽이 나뉘면 머리글과 꼬리글이 끼어들므로 서른 자까지만 봅니다.
FIRST_WORDS = """(all) => all.map((answer) => {
  const words = document.createRange(), first = answer.querySelector(".sd-card-body p");
  words.selectNodeContents(first);
  const formula = first.querySelector(".math");
  if (formula) words.setEndBefore(formula);
  return words.toString().slice(0, 30);
})"""


def letters(text):
    """한글만 남긴 글. 글꼴에 따라 빈칸과 줄표가 다른 글자로 나옵니다(publish/pdf.py)."""
    return re.sub(r"[^가-힣]", "", text)


def printed(visit, target):
    visit.tab.pdf(path=target, prefer_css_page_size=True)
    return PdfReader(target).pages


@pytest.fixture(scope="module")
def paper(browser, address, tmp_path_factory):
    """어두운 화면에서 찍은 장: 쪽마다의 글과, 화면에서 접혀 있던 답의 첫마디."""
    with Visit(browser, f"{address}/{CHAPTER}", color_scheme="dark") as visit:
        visit.tab.locator(".wi-explorer[data-position]").first.wait_for()
        answers = visit.tab.locator("details.sd-dropdown:not([open])").evaluate_all(FIRST_WORDS)
        pages = printed(visit, tmp_path_factory.mktemp("paper") / "chapter.pdf")
        return [page.extract_text() for page in pages], answers


def test_printed_chapter_reads_like_a_book(paper):
    """쪽 번호가 차례대로 있고, 접힌 답은 펴져 있고, 단추와 메뉴의 글은 없습니다."""
    pages, answers = paper
    assert len(pages) > 10
    for number, text in enumerate(pages, start=1):
        assert re.search(rf"(?m)^{number}$", text), (number, text[-80:])
    whole = letters("".join(pages))
    assert len(answers) >= 2
    assert all(len(letters(answer)) >= 5 for answer in answers), answers
    assert [answer for answer in answers if letters(answer) not in whole] == []
    unwanted = (
        *("코드 보기", "맨 위로", "이 쪽의 차례", "다음 쪽"),
        *("지금 모습 남겨 두기", "문제지 내려받기", "이 책에서 검색"),
    )
    assert [word for word in unwanted if letters(word) in whole] == []


def test_solutions_are_not_on_paper(browser, address, tmp_path):
    with Visit(browser, f"{address}/exercises/05_he.html") as visit:
        assert visit.count(".wi-solution") >= 4
        sheet = "".join(page.extract_text() for page in printed(visit, tmp_path / "sheet.pdf"))
    assert "여기에코드를쓰십시오" in letters(sheet)
    assert "np.sqrt(2/fan_in)" not in re.sub(r"\s", "", sheet)
    assert "풀이보기" not in letters(sheet)


def test_paper_is_light_and_nothing_is_cut(browser, address):
    """어두운 화면에서도 종이는 밝고, 움직이는 그림의 자리에는 멈춘 그림이 있고, 코드는 줄을 바꾸어 다 보입니다."""
    with Visit(browser, f"{address}/{CHAPTER}", color_scheme="dark", viewport={"width": 628, "height": 900}) as visit:
        visit.tab.locator(".wi-explorer[data-position]").first.wait_for()
        visit.tab.evaluate("dispatchEvent(new Event('beforeprint'))")
        visit.tab.wait_for_load_state("networkidle")
        visit.tab.emulate_media(media="print", color_scheme="dark")
        assert visit.tab.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert visit.tab.evaluate("getComputedStyle(document.querySelector('article p')).color") == "rgb(26, 26, 26)"
        assert visit.tab.locator(FRAME).filter(visible=True).count() == 0
        assert visit.tab.locator(".wi-output").filter(visible=True).count() == 0
        assert (
            visit.tab.locator("figure img").filter(visible=True).count() == visit.count("figure img:not(.wi-dark)") > 5
        )
        boxes = "[...document.querySelectorAll('article pre, article table')]"
        assert visit.tab.evaluate(f"{boxes}.filter((e) => e.scrollWidth > e.clientWidth + 1).length") == 0
        splits = "[...document.querySelectorAll('article figure')].map((e) => getComputedStyle(e).breakInside)"
        assert set(visit.tab.evaluate(splits)) == {"avoid"}
