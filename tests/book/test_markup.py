"""글에 쓴 표시(**, `, {term})가 글자로 남지 않습니다. 조사가 이어지면 별표가 굵은 글씨의 끝이 되지 못하기도 합니다."""

import re

import pytest
from bs4 import BeautifulSoup

from tests.browsing import PAGES, SITE

LEFT = re.compile(r".{0,30}(?:\*\*|`|\{(?:term|numref|eq|ref|cite)|\\\().{0,30}")
CODE = "pre, code, script, style, .math"


@pytest.mark.parametrize("page", PAGES)
def test_no_markup_is_left_in_the_text(page):
    body = re.search(r"<article.*</article>", (SITE / page).read_text(encoding="utf-8"), re.S)
    article = BeautifulSoup(re.sub(r"<mjx-container\b.*?</mjx-container>", "", body[0], flags=re.S), "html.parser")
    for code in article.select(CODE):
        code.decompose()
    assert LEFT.findall(article.get_text()) == []
