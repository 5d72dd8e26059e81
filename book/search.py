"""책의 찾기: 조사와 어미가 붙은 낱말, 띄어 쓰거나 붙여 쓴 합성어, 다른 철자와 증상을 찾습니다.

Sphinx의 색인은 낱말마다 쪽의 목록을 적으므로 한국어에서는 `분산`과 `분산은`이 남남입니다. 여기서는 낱말을 나누지 않고
절마다 글을 그대로 싣고, search_page의 스크립트가 독자가 쓴 말에서 조사를 떼고 spellings.yml에 적힌 철자와 증상을
책의 말로 바꾸어 그 글에서 찾습니다. 글이 색인에 있으므로 결과에 보일 문장을 얻으려고 쪽마다 HTML을 다시 받지 않고,
file://에서도 됩니다. 다른 방법과 견준 수는 benchmarks/README.md에 있습니다.
"""

import html
import json
import re
from pathlib import Path

import sphinx.search
import yaml
from docutils import nodes
from pylatexenc.latex2text import LatexNodes2Text

from . import lab

HERE = Path(__file__).parent
# 물음이 지나는 차례입니다.
SCRIPTS = ("letters", "words", "understand", "rank", "show")
# 줄을 통째로 차지한 주석. 독자가 받을 까닭이 없습니다.
COMMENT = re.compile(r"^ *(?://|/?\*).*\n", re.M)
LATEX = LatexNodes2Text(math_mode="text")


def tables():
    """spellings.yml의 두 표: 책의 말마다의 다른 철자, 그리고 증상과 볼 곳."""
    said = yaml.safe_load((HERE / "spellings.yml").read_text(encoding="utf-8"))
    spellings = {name: [each.strip() for each in others.split(",")] for name, others in said["spellings"].items()}
    return {"SPELLINGS": spellings, "SYMPTOMS": said["symptoms"]}


def script():
    """찾기의 스크립트: 두 표와, 그것을 쓰는 코드."""
    written = (f"const {name} = {compact(table)};" for name, table in tables().items())
    codes = ((HERE / "search_page" / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS)
    return "\n".join([*written, *(COMMENT.sub("", code) for code in codes)])


def compact(value):
    """한글을 \\uXXXX로 바꾸지 않습니다. 그래야 압축한 크기가 작습니다."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class SearchKorean(sphinx.search.SearchLanguage):
    """language_data.js에 찾는 스크립트를 싣습니다. 글은 PageTexts가 그대로 실으므로 낱말은 나누지 않습니다."""

    lang = "ko"
    language_name = "Korean"
    js_stemmer_code = script()

    def split(self, input):
        return []


class PageTexts(sphinx.search.IndexBuilder):
    """낱말 대신 쪽마다 [절의 id, 절의 제목, 글]의 목록을 적는 색인."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self._sections = {}

    def load(self, stream, format):
        """바뀌지 않은 쪽은 지난번의 색인에서 가져옵니다."""
        frozen = format.load(stream)
        if frozen.get("envversion") != self.env.version or "texts" not in frozen:
            raise ValueError("old format")
        for name, filename, title, texts in zip(*(frozen[key] for key in ("docnames", "filenames", "titles", "texts"))):
            self._titles[name], self._filenames[name], self._sections[name] = title, filename, texts
            self._all_titles[name] = []

    def feed(self, docname, filename, title, doctree):
        super().feed(docname, filename, html.unescape(re.sub(r"<[^>]+>", "", title)), doctree)
        self._sections[docname] = sections(doctree)

    def freeze(self):
        frozen = super().freeze()
        names = ("docnames", "filenames", "titles", "envversion")
        return {name: frozen[name] for name in names} | {"texts": [self._sections[name] for name in frozen["docnames"]]}

    def dump(self, stream, format):
        stream.write(f"{format.PREFIX}{compact(self.freeze())}{format.SUFFIX}")


def sections(doctree):
    """절과 용어집의 용어마다 [id, 제목, 글]. 쪽의 맨 앞은 id가 비었습니다. 접힌 풀이(comment)는 넣지 않습니다."""
    found = [["", "", []]]

    def visit(node, entry):
        if isinstance(node, nodes.section) and node.parent is not doctree:
            found.append(entry := [node["ids"][0], "", []])
        elif isinstance(node, nodes.term) and node["ids"]:
            found.append(entry := [node["ids"][0], spaced(node.astext()), []])
        if isinstance(node, nodes.title) and isinstance(node.parent, nodes.section):
            entry[1] = spaced(readable(node))
        elif isinstance(node, (nodes.Text, nodes.math, nodes.math_block, nodes.raw)):
            entry[2].append(readable(node))
        elif not isinstance(node, nodes.comment):
            for child in node.children:
                # 용어의 풀이는 용어 바로 뒤에 오는 형제입니다.
                visit(child, found[-1] if isinstance(child, nodes.definition) else entry)
        if not isinstance(node, (nodes.Inline, nodes.Text, nodes.math)):
            entry[2].append(" ")

    visit(doctree, found[0])
    return [[anchor, title, spaced("".join(texts))] for anchor, title, texts in found]


def readable(node):
    """독자가 보는 글: 수식은 √5, fan_in처럼 쓰고, HTML은 꼬리표를 뗍니다. 실험대에 든 프로그램은 싣지 않습니다."""
    if isinstance(node, (nodes.math, nodes.math_block)):
        return re.sub(r"√\((\w)\)", r"√\1", LATEX.latex_to_text(node.astext()))
    if isinstance(node, nodes.raw):
        text = re.sub(r"(?is)<(script|style|svg).*?</\1>|<[^>]+>", " ", node.astext())
        return html.unescape(text) if "html" in node.get("format", "") and not lab.ROOT.search(node.astext()) else ""
    return "".join(map(readable, node.children)) if node.children else node.astext()


def spaced(text):
    return " ".join(text.split())


def setup(app):
    app.add_search_language(SearchKorean)
    # 빌더가 색인을 만들 때 이 이름으로 부릅니다. Sphinx에는 색인의 꼴을 바꾸는 설정이 없습니다.
    sphinx.search.IndexBuilder = PageTexts
    app.config.templates_path.append(str(HERE / "search_page"))
