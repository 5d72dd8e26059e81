"""책의 차례에 걸리는 시간을 적습니다. 장과 연습의 첫머리에 적힌 "걸리는 시간"을 더한 것입니다."""

import re

from docutils import nodes

STATED = re.compile(r"걸리는 시간\.\s*((?:[^.]*?\d+분)+)")


def minutes(doctree):
    """첫머리에 적힌 분의 합. 적혀 있지 않으면 None입니다."""
    for paragraph in doctree.findall(nodes.paragraph):
        if found := STATED.search(paragraph.astext()):
            return sum(map(int, re.findall(r"(\d+)분", found[1])))
    return None


def add_minutes(app, doctree):
    # 1장부터의 차례에는 이 페이지의 제목이 env.tocs의 첫 링크로 들어갑니다. 앞뒤 장의 링크와 찾기에는 제목만 남습니다.
    docname = app.env.docname
    if docname.startswith(("chapters/", "exercises/")) and (total := minutes(doctree)):
        title = next(app.env.tocs[docname].findall(nodes.reference))
        title += nodes.inline(
            "",
            "",
            nodes.inline("", " 읽고 해 보는 데 ", classes=["visually-hidden"]),
            nodes.Text(f"{total}분"),
            classes=["wi-minutes"],
        )


def setup(app):
    app.connect("doctree-read", add_minutes)
