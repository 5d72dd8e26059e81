"""만들어진 책에서 PDF 한 권을 만듭니다. 인터넷 없이, 머리 없는 Chromium으로 찍습니다.

    python -m publish.pdf                      # 책 전체: _build/가중치-초기화.pdf
    python -m publish.pdf chapters/05_he       # 고른 쪽만

페이지의 글을 차례대로 한 문서에 이어, 표지와 차례 뒤에 놓고 한 번에 찍습니다. 그래서 쪽 번호가 이어지고 장 사이의
링크가 PDF 안에서 움직입니다. 움직여 보는 실험은 멈춘 그림으로 찍고, 연습의 풀이는 문제를 풀고 나서 보도록 책의 끝에
모읍니다. 차례의 쪽 번호는 찍어 보아야 알므로 두 번 찍습니다.
"""

import copy
import logging
import re
import sys
from contextlib import contextmanager

import yaml
from playwright.sync_api import sync_playwright
from pypdf import PdfReader, PdfWriter

from publish.chromium import installed
from publish.pages import ROOT, glyphs, read, save
from publish.social import draw

WORK = ROOT / "_build" / "pdf"
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


def bound(page, docs):
    """페이지의 글. id에는 쪽의 이름을 앞에 붙이고, 책 안의 링크는 이 문서 안으로 돌립니다."""
    found = page.article
    for element in found.find_all(True):
        for name in NAMED:
            if element.get(name):
                element[name] = key(page.docname, element[name])
    for element in found.select("[loading]"):
        del element["loading"]
    for element in found.select("[src]"):
        element["src"] = page.address(element["src"])
    for link in found.select("a[href]"):
        docname, anchor = page.target(link["href"]) or (None, "")
        if docname in docs:
            link["href"] = f"#{key(docname, anchor)}"
        elif page.address(link["href"]).startswith("file:"):  # 그림 파일이나 고르지 않은 쪽
            link.unwrap()
    found.name, found["class"], found["id"] = "section", ["bd-article", "wi-doc"], key(page.docname)
    return found


def solutions(exercise):
    """연습의 풀이를 모은 끝에 둘 사본. 문제의 제목 아래에 풀이만 보입니다."""
    found = copy.copy(exercise)
    found["class"] = [*found["class"], "wi-solutions"]
    for element in [found, *found.find_all(id=True)]:
        element["id"] += "-answers"
    found.h1.string = f"{SOLUTIONS}: {found.h1.get_text().split(': ')[-1]}"
    return found


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


def document(parts, pages):
    """이어 붙인 HTML. 모양과 수식은 책의 페이지가 쓰는 것을 그대로 씁니다."""
    sheets = "".join(f'<link rel="stylesheet" href="{place}">' for place in (*pages[0].sheets(), STYLE.as_uri()))
    text = "".join(str(part) for _, found in parts for part in found)
    draw("", WORK / "cover.png")  # 책의 이름은 글자로 따로 적습니다.
    return f"""<!DOCTYPE html><html lang="ko" data-theme="light" data-mode="light"><head><meta charset="utf-8">
<title>{CONFIG["title"]}</title>{sheets}
</head>
<body class="wi-book"><header class="wi-cover"><h1>{CONFIG["title"]}</h1><img src="cover.png" alt="">
<p>{CONFIG["author"]}</p>{CONFIG["html"]["extra_footer"]}</header>
{toc_page(outline(parts))}<main class="bd-content">{text}</main>
{glyphs(text, pages)}</body></html>"""


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


def bind(docs):
    """고른 쪽(없으면 책 전체)의 글을 (부의 이름, [글])의 목록으로 모으고, 읽은 페이지와 함께 돌려줍니다."""
    chosen = [(name, [doc for doc in found if docs is None or doc in docs]) for name, found in contents()]
    names = [doc for _, found in chosen for doc in found]
    if unknown := set(docs or ()) - set(names):
        raise SystemExit(f"_toc.yml에 없는 쪽입니다: {', '.join(sorted(unknown))}")
    pages = {name: read(name) for name in names}
    parts = [(part, [bound(pages[name], names) for name in found]) for part, found in chosen if found]
    answers = [solutions(pages[name].article) for name in names if name.startswith("exercises/")]
    if answers:
        parts.append((f"연습의 {SOLUTIONS}", answers))
    return parts, list(pages.values())


def make(docs=None, out=OUT):
    """docs(없으면 책 전체)를 한 권으로 만들고 쪽의 수를 돌려줍니다."""
    parts, sources = bind(docs)
    WORK.mkdir(parents=True, exist_ok=True)
    save(WORK / "book.html", document(parts, sources))
    entries, draft = outline(parts), out.with_suffix(".part.pdf")
    with tab(WORK / "book.html") as page:
        page.pdf(path=draft, prefer_css_page_size=True, tagged=True)
        pages = pages_of(draft, entries)
        page.evaluate(NUMBER, pages)
        page.pdf(path=draft, prefer_css_page_size=True, tagged=True)
    if pages_of(draft, entries) != pages:
        raise SystemExit("차례에 쪽 번호를 적었더니 쪽이 밀렸습니다.")
    finish(draft, entries, pages)
    draft.replace(out)
    return len(PdfReader(out).pages)


if __name__ == "__main__":
    print(f"{make(sys.argv[1:] or None)}쪽: {OUT}")
