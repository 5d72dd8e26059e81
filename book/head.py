"""페이지마다 머리말을 답니다: 설명, 사회 관계망의 미리 보기, 대표 주소.

- 설명은 그 페이지의 글에서 뽑습니다: 장은 "이 장에서 하는 일"의 문장, 나머지는 첫 문단부터. 따로 베껴 두지 않습니다.
- 책이 놓일 곳을 모르면 틀린 주소를 적느니, 절대 주소가 있어야 하는 것(대표 주소, 미리 보기 그림)을 모두 뺍니다.
"""

import re
from html import escape
from urllib.parse import quote

from docutils import nodes
from sphinx.errors import ExtensionError

from publish.addresses import site_url

VIEWPORT = re.compile(r'\s*<meta name="viewport"[^>]*>')
SHORTEST, LONGEST = 50, 160
LABEL = "이 장에서 하는 일: "
SENTENCE_END = re.compile(r"(?<=[.?!])\s+")
SEARCH = "책의 장과 연습, 용어집에서 낱말로 찾습니다. 조사나 띄어쓰기, 철자가 달라도 찾고, 찾은 문장을 함께 보입니다."
COLORS = (("light", "#ffffff"), ("dark", "#14181e"))
SOCIAL = "_static/social.png"


def page_url(app, pagename):
    """그 페이지의 대표 주소. 책의 첫 글은 사이트의 주소 그 자체입니다."""
    if base := site_url():
        return base + ("" if pagename == app.config.root_doc else quote(f"{pagename}.html"))
    return None


def words(leaf):
    """글 한 조각. 식은 TeX이 드러나지 않게 표시만 남기고, 굵은 이름표("점수.")는 뒤의 말과 한 문장으로 만듭니다."""
    if isinstance(leaf.parent, nodes.math):
        return "\0"
    return re.sub(r"\.$", ":", leaf.astext()) if isinstance(leaf.parent, nodes.strong) else leaf.astext()


def plain_sentences(doctree):
    """본문의 문장을 차례로. 식이 든 문장은 건너뜁니다."""
    for paragraph in doctree.findall(nodes.paragraph):
        if isinstance(paragraph.parent, nodes.section):
            text = " ".join("".join(map(words, paragraph.findall(nodes.Text))).split()).removeprefix(LABEL)
            yield from (sentence for sentence in SENTENCE_END.split(text) if "\0" not in sentence)


def description(pagename, doctree):
    """페이지의 글에서 뽑은 설명. 문장을 50자가 넘을 때까지 잇고, 160자를 넘으면 낱말에서 자릅니다."""
    text = ""
    for sentence in plain_sentences(doctree):
        text = f"{text} {sentence}".strip()
        if len(text) >= SHORTEST:
            break
    if len(text) < SHORTEST:
        raise ExtensionError(f"{pagename}: 설명으로 쓸 글이 {SHORTEST}자가 안 됩니다: {text!r}")
    return text if len(text) <= LONGEST else text[:LONGEST].rsplit(" ", 1)[0] + "…"


def tags(app, pagename, title, text):
    """(이름, 값)의 목록: 이름에 :이 있으면 property, 아니면 name입니다."""
    found = [
        ("description", text),
        ("og:site_name", app.config.html_title),
        ("og:type", "website" if pagename == app.config.root_doc else "article"),
        ("og:locale", "ko_KR"),
        ("og:title", title),
        ("og:description", text),
    ]
    if url := page_url(app, pagename):
        found += [
            ("og:url", url),
            ("og:image", site_url() + SOCIAL),
            ("og:image:width", "1200"),
            ("og:image:height", "630"),
            ("og:image:alt", "층을 지나는 신호의 그림: 사라지거나, 살아남거나, 폭주합니다"),
            ("twitter:card", "summary_large_image"),
        ]
    return found


def add_tags(app, pagename, templatename, context, doctree):
    # 화면의 너비는 틀에도 적혀 있습니다.
    head = VIEWPORT.sub("", context.get("metatags") or "")
    head += "".join(
        f'\n<meta name="theme-color" media="(prefers-color-scheme: {scheme})" content="{color}" />'
        for scheme, color in COLORS
    )
    if pagename == "404":
        head += '\n<meta name="robots" content="noindex" />'
    elif pagename == "search":
        head += f'\n<meta name="description" content="{SEARCH}" />'
    elif doctree is not None:
        title = re.sub(r"<[^>]+>", "", context["title"])
        for name, value in tags(app, pagename, title, description(pagename, doctree)):
            key = "property" if name.startswith("og:") else "name"
            head += f'\n<meta {key}="{name}" content="{escape(value)}" />'
        if url := page_url(app, pagename):
            head += f'\n<link rel="canonical" href="{escape(url)}" />'
    context["metatags"] = head


def setup(app):
    app.connect("html-page-context", add_tags)
