"""만들어진 책에서 PDF 한 권을 만듭니다. 인터넷 없이, 머리 없는 Chromium으로 찍습니다.

    python -m publish.pdf                      # 책 전체: _build/가중치-초기화.pdf
    python -m publish.pdf chapters/05_he       # 고른 쪽만

페이지의 글을 차례대로 한 문서에 이어, 표지와 차례 뒤에 놓고 한 번에 찍습니다. 그래서 쪽 번호가 이어지고 장 사이의
링크가 PDF 안에서 움직입니다. 움직여 보는 실험은 멈춘 그림으로 찍고, 연습의 풀이는 문제를 풀고 나서 보도록 책의 끝에
모읍니다. 차례의 쪽 번호는 찍어 보아야 알므로 두 번 찍습니다.
"""

import logging
import re
import sys
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import yaml
from bs4 import BeautifulSoup
from playwright.sync_api import sync_playwright
from pypdf import PdfReader, PdfWriter

from publish.chromium import installed
from publish.social import draw

ROOT = Path(__file__).parents[1]
SITE, WORK = ROOT / "_build" / "html", ROOT / "_build" / "pdf"
STYLE = ROOT / "publish" / "book.css"
CONFIG = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
OUT = ROOT / "_build" / f"{CONFIG['title'].replace(' ', '-')}.pdf"
# Chromium이 적은 개수가 실제와 다르다고 경고하지만, 쓸 때 다시 셉니다.
logging.getLogger("pypdf").setLevel(logging.ERROR)
SOLUTIONS = "풀이"
NUMBER = "pages => document.querySelectorAll('.wi-page').forEach((e) => (e.textContent = pages[e.dataset.for]))"
CONTROL = re.compile(rb"(?m)^(<[0-9A-F]{4}>) <0001>$")
NAMED = ("id", "name", "aria-labelledby", "aria-describedby", "for")


def contents():
    """책의 차례: (부의 이름, 쪽의 이름들)의 목록. 첫 글은 부가 없습니다."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    return [("", [toc["root"]])] + [
        (part["caption"], [entry["file"] for entry in part["chapters"]]) for part in toc["parts"]
    ]


def key(docname, anchor=""):
    """이어 붙인 문서 안에서 겹치지 않는 id."""
    return f"{docname.replace('/', '-')}--{anchor or 'top'}"


def article(docname, docs):
    """페이지의 글. id에는 쪽의 이름을 앞에 붙이고, 책 안의 링크는 이 문서 안으로 돌립니다."""
    path = SITE / f"{docname}.html"
    if not path.exists():
        raise SystemExit(f"{path.relative_to(ROOT)}이 없습니다. make book을 먼저 하십시오.")
    found = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser").find("article")
    for element in found.select("script, .headerlink, button"):
        element.decompose()
    for element in found.find_all(True):
        for name in NAMED:
            if element.get(name):
                element[name] = key(docname, element[name])
    for element in found.select("[loading]"):
        del element["loading"]
    for element in found.select("[src]"):
        element["src"] = urljoin(path.as_uri(), element["src"])
    for link in found.select("a[href]"):
        link["href"] = target(link["href"], path, docs)
        if link["href"] is None:
            link.unwrap()
    found.name, found["class"], found["id"] = "section", ["bd-article", "wi-doc"], key(docname)
    return found


def target(href, path, docs):
    """책 안의 링크는 이어 붙인 문서의 id로, 책 밖의 링크는 그대로. 그림 파일로 가는 링크는 없앱니다."""
    url = urlsplit(urljoin(path.as_uri(), href))
    if url.scheme != "file":
        return href
    place = Path(unquote(url.path))
    name = str(place.relative_to(SITE).with_suffix("")) if place.is_relative_to(SITE) else None
    return f"#{key(name, unquote(url.fragment))}" if name in docs else None


def solutions(docs):
    """연습의 풀이를 모은 끝. 문제의 제목 아래에 풀이만 보입니다."""
    made = []
    for docname in docs:
        if docname.startswith("exercises/"):
            found = article(docname, docs)
            found["class"].append("wi-solutions")
            for element in found.find_all(id=True):
                element["id"] += "-answers"
            found["id"] += "-answers"
            found.h1.string = f"{SOLUTIONS}: {found.h1.get_text().split(': ')[-1]}"
            made.append(found)
    return made


def outline(parts):
    """(부의 이름, [(제목, id)])의 목록. 차례와 책갈피에 씁니다."""
    return [
        (name, [(part.find("h1").get_text(" ", strip=True), part["id"]) for part in found]) for name, found in parts
    ]


def toc_page(entries):
    rows = ['<nav class="wi-book-toc"><h1>차례</h1>']
    for name, found in entries:
        rows.append(f"<h2>{name}</h2><ol>" if name else "<ol>")
        rows += [
            f'<li><a href="#{place}"><span>{title}</span><span class="wi-page" data-for="{place}">000</span></a></li>'
            for title, place in found
        ]
        rows.append("</ol>")
    return "".join([*rows, "</nav>"])


def document(parts):
    """이어 붙인 HTML. 모양과 수식은 책의 페이지가 쓰는 것을 그대로 씁니다."""
    page = SITE / f"{contents()[0][1][0]}.html"
    head = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser").head
    links = (urljoin(page.as_uri(), link["href"]) for link in head.select("link[rel=stylesheet]"))
    sheets = "".join(f'<link rel="stylesheet" href="{place}">' for place in (*links, STYLE.as_uri()))
    draw("", WORK / "cover.png")  # 책의 이름은 글자로 따로 적습니다.
    return f"""<!DOCTYPE html><html lang="ko" data-theme="light" data-mode="light"><head><meta charset="utf-8">
<title>{CONFIG["title"]}</title>{sheets}
</head>
<body class="wi-book"><header class="wi-cover"><h1>{CONFIG["title"]}</h1><img src="cover.png" alt="">
<p>{CONFIG["author"]}</p>{CONFIG["html"]["extra_footer"]}</header>
{toc_page(outline(parts))}<main class="bd-content">{"".join(str(part) for _, found in parts for part in found)}</main>
<svg class="wi-glyphs" aria-hidden="true"><defs>{glyphs(parts)}</defs></svg></body></html>"""


def glyphs(parts):
    """수식이 가리키는 글자의 윤곽. 페이지마다 글의 바깥에 적혀 있으므로 모아서 한 번씩 적습니다."""
    used = {use["href"].removeprefix("#") for _, found in parts for part in found for use in part.select("use")}
    outlines = {}
    for name in sorted({doc for _, docs in contents() for doc in docs}):
        text = (SITE / f"{name}.html").read_text(encoding="utf-8")
        outlines |= {found[1]: found[0] for found in re.finditer(r'<path id="(MJX-[\w-]+)" d="[^"]*"/>', text)}
    return "".join(outlines[name] for name in sorted(used))


@contextmanager
def tab(path):
    """문서를 연 탭. 이 기계 밖으로 나가는 요청은 막습니다."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed(), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(locale="ko-KR", color_scheme="light")
        page.set_default_timeout(600_000)
        page.route(re.compile("^https?:"), lambda route: route.abort())
        page.goto(path.as_uri())
        page.evaluate("document.fonts.ready.then(() => true)")
        yield page
        browser.close()


def pages_of(path, entries):
    """차례에 적힌 곳마다의 쪽 번호(1부터). 쪽의 끝에 걸친 그림의 자리는 찍을 때마다 달라서 보지 않습니다."""
    reader = PdfReader(path)
    places = reader.named_destinations
    return {
        place: reader.get_destination_page_number(places[f"/{place}"]) + 1 for _, found in entries for _, place in found
    }


def mend_spaces(writer):
    """빈칸을 빈칸으로 읽게 합니다. 나눔고딕은 U+0001도 빈칸으로 그려서, Chromium이 빈칸의 글자를 U+0001로 적습니다."""
    for page in writer.pages:
        for font in page["/Resources"].get("/Font", {}).values():
            if (table := font.get_object().get("/ToUnicode")) is not None:
                stream = table.get_object()
                stream.set_data(CONTROL.sub(rb"\1 <0020>", stream.get_data()))


def finish(path, entries, pages):
    """책갈피와 지은이를 더하고, 글자를 골라 복사할 때의 빈칸을 고칩니다."""
    writer = PdfWriter(clone_from=path)
    mend_spaces(writer)
    for name, found in entries:
        parent = writer.add_outline_item(title=name, page_number=pages[found[0][1]] - 1) if name else None
        for title, place in found:
            writer.add_outline_item(title=title, page_number=pages[place] - 1, parent=parent)
    writer.add_metadata({"/Title": CONFIG["title"], "/Author": CONFIG["author"]})
    writer.write(path)


def make(docs=None, out=OUT):
    """docs(없으면 책 전체)를 한 권으로 만들고 쪽의 수를 돌려줍니다."""
    chosen = [(name, [doc for doc in found if docs is None or doc in docs]) for name, found in contents()]
    names = [doc for _, found in chosen for doc in found]
    if unknown := set(docs or ()) - set(names):
        raise SystemExit(f"_toc.yml에 없는 쪽입니다: {', '.join(sorted(unknown))}")
    parts = [(name, [article(doc, names) for doc in found]) for name, found in chosen if found]
    parts += [(f"연습의 {SOLUTIONS}", answers)] if (answers := solutions(names)) else []
    WORK.mkdir(parents=True, exist_ok=True)
    (WORK / "book.html").write_text(document(parts), encoding="utf-8")
    entries = outline(parts)
    with tab(WORK / "book.html") as page:
        page.pdf(path=out, prefer_css_page_size=True, tagged=True)
        pages = pages_of(out, entries)
        page.evaluate(NUMBER, pages)
        page.pdf(path=out, prefer_css_page_size=True, tagged=True)
    if pages_of(out, entries) != pages:
        raise SystemExit("차례에 쪽 번호를 적었더니 쪽이 밀렸습니다.")
    finish(out, entries, pages)
    return len(PdfReader(out).pages)


if __name__ == "__main__":
    print(f"{make(sys.argv[1:] or None)}쪽: {OUT}")
