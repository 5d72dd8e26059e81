"""MyST로 적은 장을 조각으로 나누고, role을 평범한 글로 바꿉니다. 슬라이드를 만드는 publish/slides.py가 씁니다.

그림과 식의 번호, 장의 번호, 인용의 모양은 책의 페이지와 같습니다(tests/publish/test_slides.py가 견줍니다).
"""

import re
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from mdit_py_plugins.colon_fence import colon_fence_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.myst_blocks import myst_block_plugin
from pybtex.database import parse_file
from pybtex.richtext import Text

PARSER = (
    MarkdownIt("commonmark")
    .enable("table")
    .use(dollarmath_plugin, allow_labels=True, double_inline=True)
    .use(colon_fence_plugin)
    .use(myst_block_plugin)
)
ROLE = re.compile(r"\{([\w:-]+)\}`([^`]*)`")
LABEL = re.compile(r"\(((?:ch|sec)-[\w-]+)\)=\s*\n#+ (.+)|\$\$\s*\((eq-[\w-]+)\)")
# "3장"은 받침으로 끝나므로, 제목에 맞추어 적은 조사를 바꿉니다.
AFTER_CONSONANT = {"는": "은", "가": "이", "를": "을", "와": "과", "로": "으로"}


@dataclass
class Block:
    """글 한 조각. kind는 heading, para, list, math, box, code, table 가운데 하나입니다."""

    kind: str
    text: str = ""
    title: str = ""
    level: int = 0
    blocks: list = field(default_factory=list)  # box의 안, list의 항목(항목마다 Block의 목록)

    def items(self):
        """목록의 (앞에 붙는 표, 글)."""
        for i, (item,) in enumerate(self.blocks):
            yield f"{self.level + i}." if self.level else "-", item.text


def blocks(source):
    """MyST 글을 Block의 목록으로. 옮길 줄 모르는 것을 만나면 조용히 버리지 않고 멈춥니다."""
    tokens, lines, found = PARSER.parse(source), source.splitlines(), []
    for i, token in enumerate(tokens):
        if token.level or token.nesting < 0 or token.type in ("myst_target", "myst_line_comment"):
            continue
        text = "\n".join(lines[slice(*token.map)])
        match token.type:
            case "heading_open":
                found.append(Block("heading", tokens[i + 1].content, level=int(token.tag[1])))
            case "paragraph_open":
                found.append(Block("para", " ".join(tokens[i + 1].content.split())))
            case "bullet_list_open" | "ordered_list_open":
                found += list_blocks(token, tokens[i:], lines)
            case "math_block" | "math_block_label":
                found.append(Block("math", token.content.strip(), title=token.info))
            case "colon_fence":
                found.append(box(token))
            case "fence":
                found.append(Block("code", token.content.rstrip(), title=token.info))
            case "table_open":
                found.append(Block("table", text))
            case _:
                raise ValueError(f"슬라이드로 옮길 줄 모르는 글({token.type}): {text}")
    return found


def list_blocks(opening, tokens, lines):
    """목록 하나. 항목 안에 식이 있으면 식을 따로 보일 수 있게 항목의 글과 식으로 풉니다."""
    items = []
    for token in tokens:
        if token.type == "list_item_open" and token.level == 1:
            rows = lines[slice(*token.map)]
            mark = re.match(r"\s*(?:[-*+]|\d+[.)])\s+", rows[0])[0]
            inner = "\n".join([rows[0][len(mark) :], *(row[len(mark) :] for row in rows[1:])])
            items.append((mark.strip(), blocks(inner)))
        if token.type == opening.type.replace("open", "close") and token.level == 0:
            break
    if any(block.kind == "math" for _, inner in items for block in inner):
        found = []
        for mark, (first, *rest) in items:
            found += [Block("para", f"{mark.replace('-', '')} {first.text}".strip()), *rest]
        return found
    ordered = opening.type.startswith("ordered")
    start = int(opening.attrs.get("start", 1)) if ordered else 0
    return [Block("list", level=start, blocks=[inner for _, inner in items])]


def box(token):
    """:::{admonition} 제목, :::{dropdown} 답, :::{note}."""
    name, title = re.fullmatch(r"\{(\w+)\}\s*(.*)", token.info.strip()).groups()
    content = re.sub(r"\A(?::[\w-]+:.*\n)+", "", token.content)
    return Block("box", title=title or name, blocks=blocks(content))


class Names:
    """책의 label마다 페이지에서 부르는 말: 그림 2.1, 식 (2.3), 2장, He et al. [2015]."""

    def __init__(self, notebooks, bibliography):
        """notebooks는 장의 차례대로 늘어놓은 노트북입니다."""
        self.words, self.titles = {}, {}
        for number, notebook in enumerate(notebooks, start=1):
            self._number(number, notebook)
        self.entries = parse_file(bibliography, "bibtex").entries

    def _number(self, number, notebook):
        figures = equations = 0
        for cell in notebook.cells:
            if name := cell.metadata.get("mystnb", {}).get("figure", {}).get("name"):
                figures += 1
                self.words[name] = f"그림 {number}.{figures}"
            for label, title, equation in LABEL.findall(cell.source if cell.cell_type == "markdown" else ""):
                if equation:
                    equations += 1
                    self.words[equation] = f"식 ({number}.{equations})"
                else:
                    self.words[label] = f"{number}장" if label.startswith("ch-") else f"{number}장의 「{title}」"
                    self.titles[label] = f"{number}장 「{title}」"

    def _cited(self, key):
        entry = self.entries[key]
        last = [
            str(Text.from_latex(" ".join(p.prelast_names + p.last_names))).replace("{", "").replace("}", "")
            for p in entry.persons["author"]
        ]
        people = f"{last[0]} et al." if len(last) > 2 else " and ".join(last)
        return people, entry.fields["year"]

    def _role(self, match, titled):
        role, target = match.groups()
        if shown := re.fullmatch(r"(.+?)\s*<([^>]+)>", target):
            return shown[1]
        match role:
            case "term":
                return target
            case "ref" if titled:
                return self.titles[target]
            case "ref" | "numref" | "eq":
                return self.words[target]
            case "cite:t":
                return ", ".join("{} [{}]".format(*self._cited(key)) for key in target.split(","))
            case "cite:p":
                cited = sorted(self._cited(key) for key in target.split(","))
                return f"[{', '.join(f'{people}, {year}' for people, year in cited)}]"
        raise ValueError(f"슬라이드로 옮길 줄 모르는 role: {match[0]}")

    def plain(self, text, titled=False):
        """role이 없는 글. titled이면 장을 번호와 제목으로 부릅니다."""

        def particle(match):
            return match[1] + AFTER_CONSONANT[match[2]]

        text = ROLE.sub(lambda match: self._role(match, titled), text).replace("식 식 (", "식 (")
        return text if titled else re.sub(r"(\d+장)(는|가|를|와|로)(?=[\s,.])", particle, text)

    def equation(self, block):
        """식 한 줄을 번호와 함께 적은 Markdown."""
        number = self.words[block.title].strip("식 ()") if block.title else ""
        return f"$$ {block.text}{f' {chr(92)}tag{{{number}}}' if number else ''} $$"
