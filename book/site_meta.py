"""페이지마다 머리말을 답니다: 설명, 사회 관계망의 미리 보기, 대표 주소. 책의 sitemap.xml과 robots.txt도 만듭니다.

- 설명은 그 페이지의 글에서 뽑습니다: 장은 "이 장에서 하는 일"의 문장, 나머지는 첫 문단부터. 따로 베껴 두지 않습니다.
- 절대 주소는 환경 변수 WI_SITE_URL, 없으면 GITHUB_REPOSITORY("주인/저장소")의 GitHub Pages 주소입니다. 둘 다 없으면
  틀린 주소를 적느니 절대 주소가 있어야 하는 것(대표 주소, 미리 보기 그림, sitemap.xml, robots.txt)을 모두 뺍니다.
- 첫 페이지는 다른 곳으로 보내는 페이지가 아니라 책의 첫 글입니다. intro.html로 와도 같은 글이 있습니다.
"""

import os
import re
import shutil
from html import escape
from pathlib import Path
from urllib.parse import quote, urlsplit
from xml.sax.saxutils import escape as xml_escape

from docutils import nodes
from sphinx.errors import ExtensionError

from .locale import rewrite

SHORTEST, LONGEST = 50, 160
LABEL = "이 장에서 하는 일: "
SENTENCE_END = re.compile(r"(?<=[.?!])\s+")
UNLISTED = ("404", "genindex")
SEARCH = "책의 장과 연습, 용어집에서 낱말로 찾습니다. 조사나 띄어쓰기가 달라도 찾고, 찾은 문장을 함께 보입니다."
COLORS = (("light", "#ffffff"), ("dark", "#14181e"))
SOCIAL = "_static/social.png"
VIEWPORT = re.compile(r'\s*<meta name="viewport"[^>]*>')
TITLE = re.compile(r"<title>(.*) (?:—|&#8212;) \1</title>")


def site_url():
    """책이 놓일 곳의 주소. 끝은 /이고, 모르면 None입니다."""
    url = os.environ.get("WI_SITE_URL")
    if not url and (repository := os.environ.get("GITHUB_REPOSITORY")):
        owner, _, name = repository.partition("/")
        host = f"{owner.lower()}.github.io"
        url = f"https://{host}/" if name.lower() == host else f"https://{host}/{name}/"
    if not url:
        return None
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc:
        raise ExtensionError(f"WI_SITE_URL은 https://로 시작하는 주소여야 합니다: {url!r}")
    return url.rstrip("/") + "/"


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
    head = VIEWPORT.sub("", context.get("metatags") or "")
    head += "".join(
        f'\n<meta name="theme-color" media="(prefers-color-scheme: {scheme})" content="{color}" />'
        for scheme, color in COLORS
    )
    if pagename in UNLISTED:
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


def once(text):
    """테마가 두 번 적은 것을 한 번만: 화면의 너비, 첫 페이지에서 책의 이름과 같은 제목."""
    found = list(VIEWPORT.finditer(text))
    text = VIEWPORT.sub(lambda match: match[0] if match.start() == found[0].start() else "", text)
    return TITLE.sub(r"<title>\1</title>", text)


def finish_site(app, exception):
    if exception is not None or app.builder.format != "html":
        return
    outdir = Path(app.outdir)
    for page in outdir.rglob("*.html"):
        rewrite(page, once)
    shutil.copy(outdir / f"{app.config.root_doc}.html", outdir / "index.html")
    if base := site_url():
        from publish.social import draw

        draw(app.config.html_title, outdir / SOCIAL)
        places = (f"<url><loc>{xml_escape(page_url(app, name))}</loc></url>" for name in sorted(app.env.found_docs))
        space = "http://www.sitemaps.org/schemas/sitemap/0.9"
        (outdir / "sitemap.xml").write_text(
            f'<?xml version="1.0" encoding="utf-8"?>\n<urlset xmlns="{space}">\n' + "\n".join(places) + "\n</urlset>\n",
            encoding="utf-8",
        )
        (outdir / "robots.txt").write_text(f"User-agent: *\nAllow: /\n\nSitemap: {base}sitemap.xml\n")


def setup(app):
    # 주소가 바뀌면 페이지를 모두 다시 씁니다.
    app.add_config_value("wi_site_url", site_url(), "html")
    app.connect("html-page-context", add_tags)
    # 목차 확장이 첫 페이지에 다른 곳으로 보내는 글을 쓴 뒤입니다.
    app.connect("build-finished", finish_site, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
