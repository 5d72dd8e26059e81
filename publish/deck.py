"""장의 페이지에서 슬라이드에 올릴 것을 고릅니다: 물음, 예상, 그림, 찍힌 수, 식, 그것을 읽는 문장, 판정, 정리, 문제.

문단은 온전히 발표자 메모에도 둡니다. 한 슬라이드에 얼마나 드는지는 slides.js가 화면에서 재어 나눕니다.
"""

import re
from dataclasses import dataclass, field
from html import escape
from itertools import takewhile

from bs4 import BeautifulSoup

from publish.pages import read
from publish.pictures import Picture
from publish.pieces import beside, flat, pieces, tidy
from publish.sentences import chosen, options, plain, rows, sentences

LEAD, READING, ITEM = 150, 230, 90  # 앞에서부터 화면에 올리는 글자 수: 절의 첫 문단, 그림을 읽는 문단, 목록의 항목
PRINTED = 8  # 이어 찍힌 글이 이 줄 수를 넘으면 셀마다 나누어 코드와 함께 보입니다.
JOINED = ("section", "output", "table", "answer")  # 아래에 글을 더 둘 수 있는 슬라이드
EVIDENCE = ("figure", "printed", "table")  # 예상의 답이 되는 것


@dataclass
class Unit:
    """나누지 않고 한 슬라이드에 둘 글(HTML)과, 그 바탕이 된 문단(메모)."""

    shown: str
    note: str = ""
    spare: bool = False  # 자리가 모자라면 메모에만 두어도 되는 문장
    near: bool = False  # 바로 앞의 그림을 읽는 문장


@dataclass
class Slide:
    """슬라이드 하나. 자리가 모자라면 units를 나누고, head와 body는 나눈 슬라이드마다 되풀이합니다."""

    kind: str
    head: str = ""
    body: str = ""
    units: list = field(default_factory=list)
    note: str = ""
    opens: bool = False  # 절의 첫 슬라이드
    joins: bool = False  # 앞 슬라이드의 아래에 자리가 있으면 그리로 올라갈 글


def inner(element):
    return element.decode_contents().strip()


def shortened(items):
    """항목마다 앞부분만 남긴 목록. 식이 든 항목은 그대로 둡니다."""
    copied = BeautifulSoup(str(items), "html.parser")
    for paragraph in copied.select("li > p:only-child"):
        if len(plain(str(paragraph))) > ITEM:
            found = sentences(paragraph)
            short = " ".join(found[i] for i in chosen(found, ITEM))
            paragraph.replace_with(BeautifulSoup(f"<p>{short}</p>", "html.parser"))
    return str(copied)


class Deck:
    """한 장의 슬라이드를 차례대로 쌓습니다."""

    def __init__(self, stem):
        self.page = read(f"chapters/{stem}")
        self.live = beside(f"{stem}.html")
        chapter = self.page.article.section
        number = chapter.h1.span.get_text().strip(" .")
        tidy(self.page)
        self.name = f"{number}장. {inner(chapter.h1)}"
        # units는 아직 슬라이드에 담지 않은 글, shown과 thumb은 바로 앞 그림의 번호와 작은 그림입니다.
        self.slides, self.units, self.head, self.shown, self.thumb = [], [], "", "", ""
        self.pictures, self.answers = [], []  # 함께 둘 그림 파일, 아직 보이지 않은 예상의 답
        front, sections = chapter.find_all(True, recursive=False)[1:], chapter.find_all("section", recursive=False)
        self.title(pieces(takewhile(lambda element: element.name != "section", front)))
        special = {"정리": self.whole, "확인 문제": self.quiz, "더 읽을거리": self.whole}
        for section in sections:
            title = inner(section.h2)
            special.get(title, self.section)(title, pieces(flat(section)))

    def add(self, kind, body="", units=(), head=None, **options):
        self.slides.append(Slide(kind, self.head if head is None else head, body, list(units), **options))
        return self.slides[-1]

    # 장의 뼈대

    def title(self, found):
        """제목, 이 장에서 하는 일, 배우는 것. 첫 물음 앞에 글이 더 있으면 들어가며가 됩니다."""
        slide = self.add("title", f"<h1>{self.name}</h1>", opens=True)
        end = next(i for i, (_, piece) in enumerate(found) if piece.get_text().startswith("필요한 것.")) + 1
        for kind, piece in found[:end]:
            if kind == "list" or piece.get_text().startswith(("이 장에서 하는 일", "배우는 것")):
                slide.units.append(Unit(str(piece)))
            else:
                slide.note += str(piece)
        slide.units.append(Unit("<p>『가중치 초기화』 · CC BY 4.0</p>"))
        if any(kind == "para" for kind, _ in found[end:]):
            self.section("들어가며", found[end:])

    def section(self, title, found):
        """물음 하나: 물음, 예상, 그림, 찍힌 수, 읽는 문장을 적힌 차례로."""
        self.ask(title, opens=True)
        kinds = ["heading", *(kind for kind, _ in found), ""]
        for (kind, piece), before, after in zip(found, kinds, kinds[2:]):
            if (kind == "box" != before) or (before in EVIDENCE and kind not in EVIDENCE):
                self.reveal()
            if kind in ("para", "list", "math", "code"):
                getattr(self, kind)(piece, before, after)
            else:
                self.flush()
                self.thumb = ""
                getattr(self, kind)(piece)
        self.reveal()
        self.flush()

    def ask(self, title, **options):
        self.head, self.thumb = title, ""
        self.add("section", f"<h2>{title}</h2>", head=self.name, **options)

    def heading(self, element):
        self.ask(inner(element))

    def whole(self, title, found):
        """정리와 읽을거리는 줄이지 않습니다."""
        kind = "summary" if title == "정리" else "readings"
        self.add(kind, f"<h2>{title}</h2>", [Unit(str(piece)) for _, piece in found], head="", opens=True)

    def quiz(self, title, found):
        """문제 하나가 슬라이드 하나이고, 답은 글쇠를 한 번 더 누르면 나옵니다."""
        for kind, piece in found:
            units, words = self.slides[-1].units, piece.get_text()
            asks = re.match(r"\d+\. ", words)
            if kind == "para" and (asks or "fragment" in units[-1].shown):
                opens = self.slides[-1].kind != "quiz"
                units = self.add("quiz", f"<h2>{title if asks else '더 풀어 보기'}</h2>", head="", opens=opens).units
            if kind == "answer":
                answer = inner(piece.select_one(".sd-summary-content"))
                units.append(Unit(f'<div class="fragment"><p><strong>답</strong></p>{answer}</div>'))
            else:
                units.append(Unit(options(piece) if kind == "para" else str(piece)))

    # 글: 화면에 올릴 것을 self.units에 모았다가 flush에서 슬라이드에 담습니다.

    def say(self, shown, note="", follows=False, **options):
        """follows이면 앞의 것과 같은 슬라이드에 있어야 하는 글입니다."""
        if follows and self.units:
            self.units[-1].shown += shown
            self.units[-1].note += note
        else:
            self.units.append(Unit(shown, note, **options))

    def note(self, text, at):
        """메모를 at번째 글에. 화면에 올릴 것이 없었으면 바로 앞의 글이나 슬라이드에 둡니다."""
        place = self.units[min(at, len(self.units) - 1)] if self.units else self.slides[-1]
        place.note += text

    def para(self, element, before, after):
        found, at = sentences(element), len(self.units)
        # 식이나 목록으로 이어지는 말은 그것과 함께, 식에서 이어지는 말은 식 바로 아래에 둡니다.
        opening = found.pop() if after in ("math", "list", "code") and found else ""
        closing = found.pop(0) if before == "math" and found else ""
        words = element.get_text()
        near = before == "figure" and (self.shown in words or "그림 " not in words)
        if len(plain(closing)) > len("이어야 합니다."):
            self.say(f"<p>{closing}</p>", follows=True)
        if before == "heading":
            lead = " ".join(found[i] for i in chosen(found, LEAD))
            self.slides[-1].units.append(Unit(f"<p>{lead}</p>"))
        else:
            limit = READING if before in ("figure", "printed", "table") else 0
            for shown, key in rows(found, chosen(found, limit)):
                self.say(shown, spare=not key, near=near)
        if opening:
            self.say(f"<p>{opening}</p>", near=near and after == "list")
        self.note(str(element), at)

    def list(self, element, before, after):
        shown = shortened(element)
        self.say(shown, "" if shown == str(element) else str(element), follows=before == "para")

    def math(self, element, before, after):
        self.say(str(element), follows=before in ("para", "list"))

    def code(self, element, before, after):
        self.say(str(element), follows=before == "para")

    def flush(self):
        """모은 글 가운데 앞의 그림을 읽는 것은 그림 곁에, 나머지는 다음 슬라이드에 둡니다."""
        near = list(takewhile(lambda unit: unit.near and self.thumb, self.units))
        rest, self.units = self.units[len(near) :], []
        if near:
            self.add("reading", self.thumb, near)
        if rest:
            self.add("text", units=rest, joins=self.slides[-1].kind in JOINED)

    # 글이 아닌 것: 저마다 자기 슬라이드를 엽니다.

    def box(self, element):
        title = element.select_one(".admonition-title").extract()
        if "note" in element["class"]:
            self.note(inner(element), 0)
            return
        kind = "claim" if title.get_text().startswith("흔한 말") else "predict"
        *question, fold = element.find_all(True, recursive=False)
        self.add(kind, f"<h2>{inner(title)}</h2>", [Unit(str(piece)) for piece in question])
        self.answers.append(fold.select_one(".sd-summary-content").find_all(True, recursive=False))

    def reveal(self):
        """예상의 답은 그 뒤의 그림이나 찍힌 수 다음에 보입니다. 다른 보기의 까닭은 메모에 둡니다."""
        for answer in self.answers:
            self.flush()
            whys = "".join(str(piece) for piece in answer if piece.name == "ul")
            shown = [Unit(str(piece)) for piece in answer if piece.name != "ul"]
            self.add("answer", "<h2>예상의 답</h2>", shown, note=whys)
        self.answers = []

    def figure(self, element):
        """그림 하나가 슬라이드를 채웁니다. 긴 그림은 나누어 키운 것이 뒤따릅니다."""
        picture = Picture(self.page, element)
        self.shown = picture.number
        self.pictures.append(picture.file)
        if not picture.tall:
            self.add("figure", picture.whole())
            self.thumb = picture.thumb()
            return
        live = f'<p><a href="{self.live}#{element["id"]}">책에서 움직여 보기</a></p>'
        self.add("tall", picture.whole(live))
        for part in picture.parts():
            self.add("zoom", part)

    def printed(self, group):
        """이어 찍힌 글은 짧으면 한 슬라이드에 모으고, 길면 셀마다 코드와 함께 보입니다."""
        if len(group) > 1 and sum(text.count("\n") for _, text in group) <= PRINTED:
            group = [("", "".join(text for _, text in group))]
        for code, text in group:
            self.add("output", units=[Unit(f'<div class="code">{code}</div>{text}' if code else text)])

    def lab(self, element):
        """실험대는 책에서 열고, 수업에서 쓸 설정으로 가는 링크를 둡니다."""
        address = escape(f"{beside('../lab.html')}#{element.select_one('.wi-lab')['data-setting']}")
        self.add("text", units=[Unit(f'<p><a href="{address}">실험대에서 학습시켜 보기</a></p>')])

    def table(self, element):
        self.add("table", units=[Unit(str(element.table))])
