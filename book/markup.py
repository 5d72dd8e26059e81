"""테마와 확장이 잘못 적은 꼬리표를 바로잡습니다."""

import re

TITLE = re.compile(r"<title>(.*) (?:—|&#8212;) \1</title>")
SIDEBAR = '<div id="pst-primary-sidebar" '
CITATIONS = '<div role="list" class="citation-list">'


def shorten_title(page, app):
    """첫 페이지의 제목은 책의 이름과 같아서 두 번 적힙니다."""
    return TITLE.sub(r"<title>\1</title>", page.text)


def name_regions(page, app):
    """책의 이름과 검색 상자가 어느 구역에도 들지 않아, 구역을 옮겨 다니는 독자가 놓칩니다."""
    return page.text.replace(SIDEBAR, f'{SIDEBAR}role="region" aria-label="책의 메뉴" ')


def free_citations(page, app):
    """Sphinx는 참고 문헌을 role="list"인 상자에 담지만 항목은 doc-biblioentry라서, 보조 기술은 빈 목록을 만납니다."""
    return page.text.replace(CITATIONS, '<div class="citation-list">')


def drop_handlers(page, app):
    """내용 보안 정책이 막는 onclick을 뺍니다. 단추는 assets/buttons.js가 움직입니다."""
    return re.sub(r'\s*onclick="[^"]*"', "", page.text)
