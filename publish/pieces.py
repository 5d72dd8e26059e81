"""장의 페이지를 슬라이드로 옮길 조각으로 나눕니다. 무엇을 올릴지는 publish/deck.py가 고릅니다."""

import posixpath

from publish.pages import SITE

KINDS = {
    "p": "para",
    "ul, ol": "list",
    "h3": "heading",
    "div.math": "math",
    "div[class^=highlight-]": "code",
    "div.admonition": "box",
    "details": "answer",
    "div.pst-scrollable-table-container": "table",
    "figure": "figure",
    "div.stream": "printed",
    "div.text_html:has(> .wi-lab)": "lab",
}


def beside(href):
    """장의 페이지에 적힌 주소를 슬라이드에서 본 주소로."""
    return posixpath.normpath(f"../{SITE.name}/chapters/{href}")


def tidy(page):
    """슬라이드에 필요 없는 것을 없앱니다. 문서로 가는 링크는 책으로 잇고, 책 안의 낱말로 가는 링크는 글자만 둡니다."""
    for element in page.article.select(".wi-sheet, .section-number, span[id]:empty, .legend"):
        element.decompose()
    for link in page.article.select("a[href]"):
        if link.select_one(".std-doc"):
            link["href"] = beside(link["href"])
        elif page.target(link["href"]):
            link.unwrap()
    for element in page.article.select("[id]:not(figure)"):
        del element["id"]


def flat(section):
    """절의 제목 다음의 요소를 차례대로. 그 안의 작은 절은 펼칩니다."""
    for element in section.find_all(True, recursive=False)[1:]:
        if element.name == "section":
            yield element.h3
            yield from flat(element)
        else:
            yield element


def pieces(elements):
    """(종류, 요소)의 목록. 셀은 그 출력으로 바꾸고(그림이 먼저), 이어 찍힌 글은 (코드, 글)의 목록으로 묶습니다."""
    made = []
    for element in elements:
        cell = "cell" in element.get("class", [])
        found = element.select(".cell_output > *") if cell else [element]
        for piece in sorted(found, key=lambda piece: piece.name != "figure"):
            kind = next((kind for selector, kind in KINDS.items() if piece.css.match(selector)), None)
            if kind is None:
                raise ValueError(f"슬라이드로 옮길 줄 모르는 요소: {str(piece)[:100]}")
            if kind != "printed":
                made.append((kind, piece))
            elif made and made[-1][0] == "printed":
                made[-1][1].append(printed_in(element))
            else:
                made.append((kind, [printed_in(element)]))
    return made


def printed_in(cell):
    """셀의 (코드, 찍힌 글). 그림을 그리거나 페이지에서 접어 둔 셀의 코드는 보이지 않습니다."""
    hidden = cell.select(".cell_output > figure") or {"tag_explorer", "tag_hide-input"} & set(cell["class"])
    code = "" if hidden else str(cell.select_one(".cell_input .highlight"))
    return code, str(cell.select_one("div.stream pre"))
