"""make pdf의 책: 장 하나와 연습 하나로 만든 작은 책을 열어 봅니다. 책 전체는 make pdf가 같은 코드로 만듭니다."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from pypdf import PdfReader

from publish import pdf

# 책을 한 번만 만들도록 한 프로세스에서 차례로 돕니다.
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("pdf")]
DOCS = ["chapters/05_he", "exercises/05_he"]


@pytest.fixture(scope="module")
def book(browser, tmp_path_factory):
    """브라우저가 없으면 다른 브라우저 시험처럼 건너뛰거나 실패합니다."""
    path = tmp_path_factory.mktemp("pdf") / "book.pdf"
    # Playwright는 스레드마다 하나이고, 이 스레드에는 다른 시험도 쓰는 브라우저가 열려 있습니다.
    with ThreadPoolExecutor(1) as another:
        pages = another.submit(pdf.make, DOCS, path).result()
    assert pages == len(PdfReader(path).pages)
    return PdfReader(path)


@pytest.fixture(scope="module")
def texts(book):
    return [page.extract_text() for page in book.pages]


def bookmarks(book):
    """(이름, 쪽)의 목록. 부 안의 쪽까지 차례대로입니다."""
    found, items = [], list(book.outline)
    while items:
        item = items.pop(0)
        if isinstance(item, list):
            items = item + items
        else:
            found.append((item.title, book.get_destination_page_number(item) + 1))
    return found


def test_text_can_be_selected(texts):
    """한글이 글자로 들어 있고, 표지를 뺀 쪽마다 번호가 있습니다."""
    assert "가중치 초기화" in texts[0]
    assert "가중치" in "".join(texts[2:])
    assert not re.search(r"(?m)^1$", texts[0])
    for number, text in enumerate(texts[1:], start=2):
        assert re.search(rf"(?m)^{number}$", text), (number, text[-60:])


def test_contents_and_bookmarks_agree(book, texts):
    """차례의 쪽 번호와 책갈피가 가리키는 쪽이 같고, 그 쪽은 정말 그 제목으로 시작합니다."""
    pages = dict(bookmarks(book))
    titles = [title for title in pages if re.match(r"\d|연습:|풀이:", title)]
    assert len(titles) == 3
    for title in titles:
        assert re.search(rf"{re.escape(title)}\s*{pages[title]}\b", texts[1]), (title, texts[1])
        assert "".join(texts[pages[title] - 1].split()).startswith(f"{pages[title]}{''.join(title.split())}")


def test_links_stay_in_the_book(book):
    """책 안의 링크는 그 책의 쪽으로 가고, 밖으로 가는 것은 http(s)뿐입니다."""
    inside, outside = 0, []
    for page in book.pages:
        for link in page.get("/Annots", []):
            action = link.get_object().get("/A", {})
            if "/URI" in action:
                outside.append(action["/URI"])
            else:
                inside += 1
    assert inside > 20
    assert all(re.match("https?://", place) for place in outside), outside


def test_solutions_come_last(book, texts):
    """연습의 풀이는 문제 곁이 아니라 책의 끝에 있습니다."""
    last = dict(bookmarks(book))["풀이: ReLU가 버린 절반 되찾기"]
    answer = re.compile(r"return np\.sqrt\(2 / fan_in\)")
    assert answer.search("".join(texts[last - 1 :]))
    assert not answer.search("".join(texts[: last - 1]))


def test_explorers_are_their_figures(book, texts):
    """움직여 보는 실험의 자리에는 그림과 캡션이 한 쪽에 있고, 조절기의 글은 없습니다."""
    (place,) = [i for i, text in enumerate(texts) if re.search(r"그림 5\.3\s+위는", text)]
    assert len(book.pages[place].images) >= 1
    assert "지금 모습 남겨 두기" not in "".join(texts)


def test_file_says_what_it_is(book):
    assert book.metadata.title == "가중치 초기화"
    assert book.metadata.author == pdf.CONFIG["author"]
    assert book.trailer["/Root"]["/Lang"] == "ko"


def test_unknown_page_is_refused(tmp_path):
    with pytest.raises(SystemExit, match=r"_toc\.yml에 없는 쪽입니다: chapters/99_none"):
        pdf.make(["chapters/99_none"], tmp_path / "book.pdf")
