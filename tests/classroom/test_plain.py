"""나누어 주는 장: 번호와 가리키는 말이 만들어진 책의 페이지와 같습니다."""

import re

import nbformat
import pytest
from bs4 import BeautifulSoup

from classroom import plain
from tests.browsing import ROOT, SITE

ROLE = re.compile(r"\{([\w:]+)\}`([^`]+)`")
SHOWN = "span.std-ref, span.std-numref, span.std-term, a.reference[href*='#equation-']"


@pytest.fixture(scope="module")
def book():
    return plain.Book()


def page_of(docname):
    return BeautifulSoup((SITE / f"{docname}.html").read_text(encoding="utf-8"), "html.parser").find("article")


def words(text):
    """수식과 꾸밈을 뺀 글: 페이지에서는 수식이 그림입니다."""
    return re.sub(r"\s+", " ", re.sub(r"\$[^$]*\$|[*`#]", "", text)).strip()


@pytest.mark.parametrize("docname", plain.documents())
def test_numbers_are_those_of_the_page(book, docname):
    page, notebook = page_of(docname), book.notebook(docname)
    for formula in page.select("mjx-container, script"):
        formula.decompose()
    texts = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    text = plain.outside_code("\n\n".join(texts), str)
    headings = re.findall(r"(?m)^#+ (.+)$", "".join(plain.CODE.split(text)[::2]))
    assert list(map(words, headings)) == [words(h.get_text()) for h in page.select("h1, h2, h3, h4")]
    captions = re.findall(r"(?m)^\*\*(그림 [\d.]+)\*\* ", text)
    assert captions == [number.get_text(strip=True) for number in page.select(".caption-number")]
    tags = re.findall(r"\\tag\{(.+?)\}", text)
    assert tags == [number.get_text().strip("()#\n ") for number in page.select(".eqno")]
    assert captions or docname == "lab"


@pytest.mark.parametrize("docname", plain.documents())
def test_words_are_those_of_the_page(book, docname):
    """가리키는 말은 차례까지 같고, 인용은 글자까지 같습니다."""
    page, found, cited = page_of(docname), [], []
    for cell in nbformat.read(ROOT / f"{docname}.ipynb", as_version=4).cells:
        caption = cell.metadata.get("mystnb", {}).get("figure", {}).get("caption", "")
        for name, text in ROLE.findall(cell.source if cell.cell_type == "markdown" else caption):
            (cited if name.startswith("cite") else found).append(book.role(docname, name, text))
    shown = [re.sub(r"\]\(.+?\)$", "", text).lstrip("[") for text in found]
    assert shown == [element.get_text() for element in page.select(SHOWN)]
    text = re.sub(r"\s+", " ", page.get_text())
    assert [citation for citation in cited if citation not in text] == []


@pytest.mark.parametrize("left", ["{doc}`intro`", "{ref}`no-such-place`", ":::{figure} a.png\n:::", "(label)=\n글"])
def test_unknown_markup_is_named(left):
    """옮길 줄 모르는 글이 생기면, 독자가 보기 전에 어느 노트북의 무엇인지 말합니다."""
    book = plain.Book()
    book.numbered["intro"].notebook.cells[0].source += f"\n\n{left}"
    with pytest.raises(ValueError, match=r"intro의 셀 .*: 옮길 줄 모르는"):
        book.notebook("intro")


def test_boxes_become_plain_markdown():
    """상자는 인용, 접힌 답은 details, 여러 줄인 식은 한 줄이 됩니다."""
    text = ":::{admonition} 예상\n:class: tip\n식은\n\n$$\na\n= b\n$$\n:::\n\n:::{dropdown} 답\n(나)\n:::"
    assert plain.DIRECTIVE.sub(plain.box, text) == (
        "> **예상**\n>\n> 식은\n>\n> $$ a = b $$\n\n<details><summary>답</summary>\n\n(나)\n\n</details>"
    )
