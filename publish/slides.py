"""장에서 강의용 슬라이드를 만듭니다. 장은 그대로 두고, 저장된 글과 출력에서 고릅니다.

    python -m publish.slides                   # 모든 장
    python -m publish.slides 02_sigmoid_std    # 한 장

화면에는 물음, 예상, 그림, 찍힌 수, 식, 그것을 읽는 문장, 판정, 정리, 확인 문제를 올립니다. 나머지 글은 발표자
메모(S 글쇠)에 둡니다. 인터넷 없이, 파일을 그냥 열어도 보이도록 reveal.js와 MathJax는 휠에서 꺼내 곁에 둡니다.
"""

import base64
import html
import importlib.util
import io
import math
import re
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import numpy as np
from nbconvert.exporters import SlidesExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image
from pygments.formatters import HtmlFormatter

from book.formulas import MATHJAX
from publish.myst import Names, blocks
from publish.sentences import chosen, height, is_key, options, rows, sentences

ROOT = Path(__file__).parents[1]
OUT, BOOK = ROOT / "_build" / "slides", ROOT / "_build" / "html"
CHAPTERS = sorted((ROOT / "chapters").glob("[0-9]*.ipynb"))
PNG, MARKDOWN = "image/png", "text/markdown"
# 1280 × 720에서 제목 줄과 여백을 뺀 높이와 줄의 높이(px). 글자의 크기는 slides_template/slides.css에 있습니다.
ROOM, LINE, SMALL, PRINTED, CODE = 560, 43, 39, 37, 23
# 한 줄에 드는 한글의 수: 슬라이드 전체, 그림 곁, 정리, 찍힌 글
WIDE, NARROW, SMALL_WIDE, PRINTED_WIDE = 38, 20, 43, 42
LEAD, READING, ITEM = 150, 230, 90  # 앞에서부터 화면에 올리는 글자 수: 절의 첫 문단, 그림을 읽는 문단, 목록의 항목
TALL = 0.8  # 이보다 긴 그림(움직여 보는 실험)은 통째로 한 번, 나누어 키워서 또 보입니다.
BACKGROUNDS = {"title": "#16324f", "section": "#16324f", "predict": "#fff6e0", "claim": "#fdeef0", "quiz": "#eaf6ee"}


@dataclass
class Said:
    """화면에 올릴 글 한 조각과 그 바탕이 된 문단(메모). lines는 식의 줄 수입니다."""

    text: str
    lines: float = 0.0
    note: str = ""
    spare: bool = False  # 자리가 모자라면 메모에만 두어도 되는 문장
    near: bool = False  # 바로 앞의 그림을 읽는 문장

    def tall(self, width):
        """높이(px)."""
        return (
            LINE * (self.lines or height(self.text, width) + 0.3) + 36 * self.text.startswith("> ") if self.text else 0
        )


@dataclass
class Slide:
    """슬라이드 하나. parts와 reveals의 조각은 Markdown이거나 코드 셀입니다."""

    kind: str
    head: str = ""
    parts: list = field(default_factory=list)
    reveals: list = field(default_factory=list)  # 글쇠를 한 번 더 누르면 보이는 것
    notes: list = field(default_factory=list)
    opens: bool = False  # 절의 첫 슬라이드
    room: float = 0  # 아래에 남은 높이
    code: str = ""  # 자리가 없어 메모에 둔 코드

    def tell(self, group):
        """글을 더합니다. 찍힌 글과 표의 아래에서는 글쇠를 한 번 더 눌러야 보입니다."""
        self.room -= need([group])
        target = self.reveals if self.kind in ("output", "table") else self.parts
        target[:] = target or [""]
        at = -1 if self.kind == "section" else 0
        for said in group:
            if said.text:
                listed = said.text.startswith("- ") and target[at].rsplit("\n", 1)[-1].startswith("- ")
                target[at] += ("\n" if listed else "\n\n") + said.text
            if said.note and said.note not in self.notes:
                self.notes.append(said.note)

    def fit(self, groups):
        """찍힌 글과 읽는 문장이 한 슬라이드에 들 수 있으면, 코드와 덜 중요한 문장을 메모로 옮겨 들게 합니다."""
        if need(groups) > self.room:
            self.hide_code()
        spare = [group for group in groups if group[0].spare]
        if need(groups) - need(spare) <= self.room:
            while need(groups) > self.room:
                spare.pop()[0].text = ""

    def hide_code(self):
        """코드를 메모로 옮겨 읽는 문장의 자리를 냅니다."""
        (cell,) = self.parts
        if cell.source:
            self.code = f"```python\n{cell.source}\n```"
            self.room += code_tall(cell.source)
            self.parts = [printed_cell(cell.outputs[0].text)]

    def cells(self):
        """nbconvert가 읽는 slideshow metadata를 단 셀."""
        head = [f'<h3 class="running">{html.escape(self.head)}</h3>'] if self.head else []
        groups = (
            ("-", [*head, *self.parts]),
            ("notes", ["\n\n".join([*self.notes, self.code])]),
            ("fragment", self.reveals),
        )
        data = {"kind": self.kind, "background_color": BACKGROUNDS.get(self.kind, "#ffffff")}
        kind, start = "slide" if self.opens else "subslide", True
        # 메모는 나중에 보일 조각보다 앞에 두어야 슬라이드의 메모가 됩니다.
        for slide_type, parts in groups:
            for part in filter(None, parts):
                cell = new_markdown_cell(part) if isinstance(part, str) else nbformat.from_dict(part)
                cell.metadata["slideshow"] = {
                    "slide_type": kind if start else slide_type,
                    "data": data if start else {},
                }
                start = False
                yield cell


def need(groups, width=WIDE):
    """글의 묶음들이 차지하는 높이."""
    return sum(said.tall(width) for group in groups for said in group)


def code_tall(source):
    return CODE * (source.count("\n") + 1) + 30 if source else 0


def printed_cell(text, source=""):
    """찍힌 글만(source가 있으면 코드와 함께) 보이는 셀."""
    output = new_output("stream", name="stdout", text=text)
    return new_code_cell(source, outputs=[output], metadata={"transient": {"remove_source": not source}})


def picture(png):
    return Image.open(io.BytesIO(base64.b64decode(png)))


def picture_cell(png, alt, caption=""):
    output = new_output("display_data", {PNG: png}, metadata={PNG: {"alt": alt}})
    return new_code_cell("", outputs=[output], metadata={"transient": {"remove_source": True}, "caption": caption})


def cut(png):
    """긴 그림을 비슷한 높이의 두세 조각으로. 글자를 자르지 않게 빈 줄에서 나눕니다."""
    image = picture(png).convert("RGB")
    pixels = np.asarray(image, int)
    blank = np.flatnonzero(np.abs(pixels - pixels[0, 0]).max(axis=(1, 2)) < 8)
    gaps = [gap for gap in np.split(blank, np.flatnonzero(np.diff(blank) > 1) + 1) if len(gap) >= 12]
    middles = np.array([gap[len(gap) // 2] for gap in gaps])
    count = math.ceil(image.height / (0.65 * image.width))
    inner = [int(middles[np.abs(middles - image.height * k / count).argmin()]) for k in range(1, count)]
    for top, bottom in zip([0, *inner], [*inner, image.height]):
        buffer = io.BytesIO()
        image.crop((0, top, image.width, bottom)).save(buffer, "PNG", optimize=True)
        yield base64.b64encode(buffer.getvalue()).decode()


def pieces(notebook):
    """장을 차례대로 (종류, 값)으로: 글의 조각, 그림, 찍힌 글, 셀이 만든 표. 아무것도 보이지 않는 셀은 건너뜁니다."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            yield from ((block.kind, block) for block in blocks(cell.source))
            continue
        figure = cell.metadata.get("mystnb", {}).get("figure")
        for output in sorted(cell.outputs, key=lambda output: PNG not in output.get("data", {})):
            if PNG in output.get("data", {}):
                yield "figure", (output.data[PNG], output.metadata[PNG]["alt"], figure)
            elif MARKDOWN in output.get("data", {}):
                yield "output_table", output.data[MARKDOWN]
            elif output.output_type == "stream":
                hidden = figure or {"explorer", "hide-input"} & set(cell.metadata.get("tags", []))
                yield "printed", (output.text.rstrip(), "" if hidden else cell.source)


def filled(items, needs, room):
    """앞에서부터 room을 넘지 않게 담은 묶음. 높이가 없는 것(메모)은 앞의 묶음에 둡니다."""
    parts, used = [], 0
    for item, need in zip(items, needs):
        if not parts or (need and used + need > room):
            parts.append([])
            used = 0
        parts[-1].append(item)
        used += need
    return parts


def shares(items, needs, room=ROOM):
    """묶음의 수는 그대로 두고 가장 높은 묶음을 낮추어, 마지막 슬라이드에 한 줄만 남지 않게 나눕니다."""
    best = filled(items, needs, room)
    for lower in range(int(room), 0, -20):
        parts = filled(items, needs, lower)
        if len(parts) > len(best):
            break
        best = parts
    return best


def table_parts(markdown):
    """표를 슬라이드마다 들어갈 만큼의 줄로 나눕니다."""
    head, rule, *body = markdown.splitlines()
    width = 48 / (head.count("|") - 1) - 1.5  # 22px 글자로 한 칸에 드는 한글의 수
    needs = [31 * max(height(cell, width) for cell in row.strip("|").split("|")) + 17 for row in body]
    parts = shares(list(zip(body, needs)), needs, ROOM - 50)
    return [("\n".join([head, rule, *(row for row, _ in part)]), 50 + sum(need for _, need in part)) for part in parts]


class Deck:
    """한 장의 슬라이드를 차례대로 쌓습니다."""

    def __init__(self, number, notebook, names, page):
        """page는 노트북의 경로를 책의 주소로 바꿉니다. 책이 아직 없으면 ""입니다."""
        self.number, self.names, self.page = number, names, page
        self.live = page(f"chapters/{CHAPTERS[number - 1].name}")
        # text는 아직 슬라이드에 담지 않은 글, shown과 thumb은 바로 앞 그림의 번호와 작은 그림입니다.
        self.slides, self.text, self.head, self.shown, self.thumb = [], [], "", "", None
        (_, front), *sections = self.split(pieces(notebook))
        self.title(front)
        special = {"정리": self.summary, "확인 문제": self.quiz, "더 읽을거리": self.readings}
        for title, found in sections:
            special.get(title, self.section)(title, found)

    def split(self, found):
        """(제목, 조각의 목록)의 목록. 이어 찍힌 글은 하나로 묶고, 첫 물음의 앞은 제목이 없습니다."""
        sections = [("", [])]
        for kind, value in found:
            last = sections[-1][1]
            if kind == "heading" and value.level == 1:
                self.name = self.plain(value.text)
            elif kind == "heading" and value.level == 2:
                sections.append((self.plain(value.text), []))
            elif kind == "printed" and last and last[-1][0] == "printed":
                last[-1][1].append(value)
            else:
                last.append((kind, [value] if kind == "printed" else value))
        return sections

    def plain(self, text, titled=False):
        """role이 없고, 노트북으로 가는 링크는 책으로 가는(책이 없으면 글자만 남은) 글."""

        def link(match):
            address = self.page(match[2])
            return f"[{match[1]}]({address})" if address else match[1]

        return re.sub(r"\[([^]]+)\]\(\.\./([\w/]+\.ipynb)\)", link, self.names.plain(text, titled))

    def add(self, kind, *parts, head=None, room=0.0, **options):
        self.slides.append(Slide(kind, self.head if head is None else head, list(parts), room=room, **options))
        return self.slides[-1]

    def markdown(self, block, titled=False):
        """조각을 줄이지 않고 Markdown으로."""
        plain = self.plain
        match block.kind:
            case "para":
                return options(plain(block.text, titled))
            case "math":
                return self.names.equation(block)
            case "list":
                return "\n".join(f"{mark} {plain(text, titled)}" for mark, text in block.items())
            case "table":
                return plain(block.text)
        raise ValueError(f"슬라이드로 옮길 줄 모르는 조각({block.kind}): {block.text}")

    # 장의 뼈대

    def title(self, found):
        """제목, 이 장에서 하는 일, 배우는 것. 첫 물음 앞에 글이 더 있으면 들어가며가 됩니다."""
        end = next(i for i, (_, block) in enumerate(found) if getattr(block, "text", "").startswith("**필요한 것.**"))
        slide = self.add("title", f"# {self.number}장. {self.name}", opens=True)
        for kind, block in found[: end + 1]:
            shown = kind == "list" or block.text.startswith(("**이 장에서 하는 일", "**배우는 것"))
            (slide.parts if shown else slide.notes).append(self.markdown(block))
        slide.parts.append("『가중치 초기화』 · CC BY 4.0")
        if any(kind == "para" for kind, _ in found[end + 1 :]):
            self.section("들어가며", found[end + 1 :])

    def section(self, title, found, heading="##"):
        """물음 하나: 물음, 예상, 그림, 찍힌 수, 읽는 문장을 적힌 차례로."""
        self.head, self.thumb = title.replace("`", ""), None
        self.add("section", f"{heading} {title}", head=f"{self.number}장. {self.name}", room=220, opens=heading == "##")
        before = "heading"
        for i, (kind, value) in enumerate(found):
            if kind == "heading":
                self.flush()
                return self.section(self.plain(value.text), found[i + 1 :], heading="###")
            after = found[i + 1][0] if i + 1 < len(found) else ""
            if kind in ("para", "list", "math", "code"):
                getattr(self, kind)(value, before, after)
            else:
                self.flush()
                self.thumb = None
                getattr(self, kind)(value)
            before = kind
        return self.flush()

    def summary(self, title, found):
        """정리는 줄이지 않습니다."""
        self.head = title
        self.whole("summary", f"## {title}", [self.markdown(block) for _, block in found], opens=True)

    def readings(self, title, found):
        self.head = title
        self.whole("readings", f"## {title}", [self.markdown(block, titled=True) for _, block in found], opens=True)

    def quiz(self, title, found):
        """문제 하나가 슬라이드 하나이고, 답은 글쇠를 한 번 더 누르면 나옵니다."""
        self.head, first = title, True
        for kind, block in found:
            if getattr(block, "text", "").startswith("**"):
                slide = self.add("quiz", f"## {title}", head="", opens=first)
                first = False
            elif kind != "box" and slide.reveals:
                self.add("quiz", "## 더 풀어 보기", self.markdown(block), head="")
                continue
            if kind == "box":
                answer = [self.markdown(inner) for inner in block.blocks]
                slide.reveals.append("\n\n".join(["**답**", *answer]))
            else:
                slide.parts.append(self.markdown(block))

    def whole(self, kind, heading, parts, **first):
        """모두 보이되, 한 슬라이드에 들지 않으면 목록의 항목이나 표의 줄에서 나눕니다."""
        slide = self.add(kind, heading, head="", room=ROOM - 20, **first)
        for part in parts:
            simple = [(row, SMALL * height(row, SMALL_WIDE) + 8) for row in part.splitlines()]
            for row, need in table_parts(part) if part.startswith("|") else simple:
                if need > slide.room and len(slide.parts) > 1:
                    slide = self.add(kind, f"{heading} (이어서)", head="", room=ROOM - 20)
                slide.room -= need
                listed = row.startswith("- ") and slide.parts[-1].startswith("- ")
                slide.parts[-1:] = [f"{slide.parts[-1]}\n{row}"] if listed else [slide.parts[-1], row]

    # 글: 화면에 올릴 것을 self.text에 모았다가 flush에서 슬라이드에 나누어 담습니다.

    def say(self, markdown, lines=0.0, note="", follows=False, **options):
        """follows이면 앞의 것과 같은 슬라이드에 있어야 하는 글입니다."""
        said = Said(markdown, lines, note, **options)
        if follows and self.text:
            self.text[-1].append(said)
        else:
            self.text.append([said])

    def para(self, block, before, after):
        text = self.plain(block.text)
        found = sentences(text)
        # 식이나 목록으로 이어지는 말은 그것과 함께, 식에서 이어지는 말은 식 바로 아래에 둡니다.
        opening = found.pop() if after in ("math", "list", "code") and found else ""
        closing = found.pop(0) if before == "math" and found else ""
        near = before == "figure" and (self.shown in text or "그림 " not in text)
        if len(closing) > len("이어야 합니다."):
            self.say(closing, note=text, follows=True)
        if before == "heading":
            self.slides[-1].parts.append(" ".join(found[i] for i in chosen(found, LEAD)))
            self.slides[-1].notes.append(text)
        else:
            limit = READING if before in ("figure", "printed", "output_table") else 0
            for row in rows(found, chosen(found, limit)):
                mark = "" if re.match(r"> |\d+\. ", row) else "- "
                self.say(mark + row, note=text, spare=not is_key(row), near=near)
        if opening:
            self.say(opening, note=text, near=near and after == "list")
        if not self.text or self.text[-1][-1].note != text:
            self.say("", note=text, follows=True)

    def list(self, block, before, after):
        made = []
        for mark, text in block.items():
            text = self.plain(text)
            found = sentences(text)
            short = " ".join(found[i] for i in chosen(found, ITEM)) if len(text) > ITEM else text
            made.append(Said(f"{mark} {short}", note="" if short == text else f"{mark} {text}"))
        # 한 슬라이드에 드는 목록은 나누지 않습니다. 식으로 이어지는 항목은 식과 함께 둡니다.
        last = [[made.pop()]] if after == "math" else []
        whole = sum(said.tall(NARROW) for said in made) < ROOM
        if whole and self.text and before == "para":
            self.text[-1] += made
        elif made:
            self.text += [made] if whole else [[said] for said in made]
        self.text += last

    def math(self, block, before, after):
        line = 1.9 if re.search(r"\\(d?frac|sum|int|prod)", block.text) else 1.4
        lines = 0.6 + line * (block.text.count(r"\\") + 1)
        self.say(self.names.equation(block), lines, follows=before in ("para", "list"))

    def code(self, block, before, after):
        lines = (34 * (block.text.count("\n") + 1) + 20) / LINE
        self.say(f"```{block.title}\n{block.text}\n```", lines, follows=before == "para")

    def flush(self):
        """모은 글을 찍힌 글이나 물음의 아래에, 남은 것은 새 슬라이드에 고르게 나누어 담습니다."""
        groups, self.text, slide = self.text, [], self.slides[-1]
        if slide.kind == "output":
            slide.fit(groups)
        whole = slide.kind in ("section", "table") and need(groups) <= slide.room
        while groups and (slide.kind == "output" or whole or not need(groups[:1])) and need(groups[:1]) <= slide.room:
            slide.tell(groups.pop(0))
        near = [group for group in groups if group[0].near and self.thumb]
        for kind, rest, width in (("reading", near, NARROW), ("text", groups[len(near) :], WIDE)):
            for part in shares(rest, [need([group], width) for group in rest]):
                if need(part):
                    slide = self.add(kind, "", *([self.thumb] if kind == "reading" else []))
                for group in part:
                    slide.tell(group)

    # 글이 아닌 것: 저마다 자기 슬라이드를 엽니다.

    def box(self, block):
        if block.title == "note":
            self.slides[-1].notes += [self.markdown(inner) for inner in block.blocks]
            return
        kind = "claim" if block.title.startswith("흔한 말") else "predict"
        slide = self.add(kind, f"## {self.plain(block.title)}", room=ROOM - 110)
        for inner in block.blocks:
            text = self.markdown(inner)
            if inner.kind == "para" and LINE * height(text, WIDE) > slide.room:
                slide.notes.append(text)
                found = sentences(text)
                text = "\n\n".join(rows(found, chosen(found, READING)))
            slide.room -= LINE * height(text, WIDE)
            slide.parts.append(text)

    def figure(self, value):
        """그림 하나가 슬라이드를 채웁니다. 긴 그림은 나누어 키운 것이 뒤따릅니다."""
        png, alt, figure = value
        self.shown = number = self.names.words[figure["name"]]
        caption = f"**{number}.** {self.plain(figure['caption'])}"
        image = picture(png)
        if image.height <= TALL * image.width:
            self.add("figure", picture_cell(png, alt, caption))
            self.thumb = picture_cell(png, f"{number}(앞 슬라이드의 그림)")
            return
        if self.live:
            caption += f"\n\n[책에서 움직여 보기]({self.live}#{figure['name']})"
        self.add("tall", picture_cell(png, alt, caption))
        parts = list(cut(png))
        for part, place in zip(parts, ("위", "가운데", "아래") if len(parts) > 2 else ("위", "아래")):
            words = f"{number}의 {place} 칸"
            self.add("zoom", picture_cell(part, f"{words}을 키운 그림입니다.", f"**{words}**"))

    def printed(self, group):
        """이어 찍힌 글은 짧으면 한 슬라이드에 모으고, 길면 셀마다 코드와 함께 보입니다."""
        talls = [PRINTED * height(text, PRINTED_WIDE) + 44 for text, _ in group]
        if len(group) > 1 and sum(talls) <= 350:
            group, talls = [("\n\n".join(text for text, _ in group), "")], [sum(talls)]
        for (text, source), need in zip(group, talls):
            self.add("output", printed_cell(text, source), room=ROOM - need - code_tall(source))
            if self.slides[-1].room < 0:
                self.slides[-1].hide_code()

    def output_table(self, markdown):
        for part, need in table_parts(markdown):
            self.add("table", part, room=ROOM - need)

    def table(self, block):
        self.output_table(self.plain(block.text))


def notebook_of(deck):
    cells = [cell for slide in deck.slides for cell in slide.cells()]
    for i, cell in enumerate(cells):
        cell["id"] = str(i)  # 무작위 id를 두지 않으면 같은 장은 같은 바이트가 됩니다.
    return new_notebook(cells=cells, metadata={"title": f"{deck.number}장. {deck.name}"})


def exported(notebook):
    """nbconvert의 reveal 틀에서 겉장만 바꾼 publish/slides_template으로 만든 HTML."""
    exporter = SlidesExporter(
        extra_template_basedirs=[str(ROOT / "tools")],
        template_name="slides_template",
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
        language_code="ko",
    )
    return exporter.from_notebook_node(notebook)[0]


def place_shared(target):
    """슬라이드가 함께 쓰는 것: reveal.js(sphinx-revealjs 휠), MathJax, 모양."""
    package = importlib.util.find_spec("sphinx_revealjs")
    if package is None:
        sys.exit("reveal.js가 없습니다. make slides로 만들거나 requirements-slides.txt를 먼저 설치하십시오.")
    reveal = Path(package.origin).parent / "_static" / "revealjs"
    (target / "reveal").mkdir(parents=True, exist_ok=True)
    for name in ("LICENSE", "dist/reveal.js", "dist/reveal.css", "plugin/notes/notes.js"):
        shutil.copy(reveal / name, target / "reveal")
    # tex-chtml.js는 TeX 입력, CHTML 출력, 보조 기술용 MathML을 모두 담은 묶음이고, 글꼴만 따로 읽습니다.
    fonts = "output/chtml/fonts/woff-v2"
    shutil.copytree(MATHJAX / fonts, target / "mathjax" / fonts, dirs_exist_ok=True)
    shutil.copy(MATHJAX / "tex-chtml.js", target / "mathjax")
    for name in ("slides.css", "slides.js"):
        shutil.copy(ROOT / "tools" / "slides_template" / name, target)
    style = HtmlFormatter(style="a11y-high-contrast-light").get_style_defs(".highlight")
    (target / "pygments.css").write_text(style, encoding="utf-8")


def chapter_names():
    return Names([nbformat.read(path, as_version=4) for path in CHAPTERS], ROOT / "references.bib")


def book_page(notebook):
    """슬라이드에서 본 책의 페이지. 아직 만들지 않은 페이지로는 잇지 않습니다."""
    page = Path(notebook).with_suffix(".html")
    return f"../html/{page.as_posix()}" if (BOOK / page).exists() else ""


def build(path, names, out):
    """장 하나를 out/이름.html로."""
    deck = Deck(CHAPTERS.index(path) + 1, nbformat.read(path, as_version=4), names, book_page)
    target = out / f"{path.stem}.html"
    target.write_text(exported(notebook_of(deck)), encoding="utf-8")
    return target


def main(stems, out=OUT):
    known = {path.stem: path for path in CHAPTERS}
    if unknown := set(stems) - known.keys():
        sys.exit(f"그런 장이 없습니다: {', '.join(sorted(unknown))}. 있는 장: {', '.join(known)}")
    names = chapter_names()
    out.mkdir(parents=True, exist_ok=True)
    place_shared(out / "shared")
    for stem in stems or known:
        print(f"슬라이드가 있는 곳: {build(known[stem], names, out)}")


if __name__ == "__main__":
    main(sys.argv[1:])
