"""만들어진 책에서 강의용 슬라이드를 만듭니다. 번호, 인용, 그려 둔 수식은 책의 페이지에 있는 그대로입니다.

    python -m publish.slides                   # 모든 장
    python -m publish.slides 02_sigmoid_std    # 한 장

인터넷 없이, 파일을 그냥 열어도 보이도록 reveal.js(sphinx-revealjs 휠)와 그림은 곁에 둡니다.
"""

import importlib.util
import re
import shutil
import sys
from pathlib import Path

from pygments.formatters import HtmlFormatter

from publish.deck import Deck
from publish.pages import ROOT, SITE, glyphs, save

OUT = ROOT / "_build" / "slides"
CHAPTERS = [path.stem for path in sorted((ROOT / "chapters").glob("[0-9]*.ipynb"))]
REVEAL = ("LICENSE", "dist/reveal.js", "dist/reveal.css", "plugin/notes/notes.js")
# 책의 스타일 가운데 그려 둔 수식의 자리를 정하는 것
FORMULAS = re.compile(r"(?:mjx-[\w-]+|\.wi-(?:glyphs|drop\d+))[^{},]*\{[^}]*\}")
BACKGROUNDS = {
    "title": "#16324f",
    "section": "#16324f",
    "predict": "#fff6e0",
    "claim": "#fdeef0",
    "answer": "#eaf6ee",
    "quiz": "#eaf6ee",
}
PAGE = """<!DOCTYPE html>
<html lang="ko">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="shared/reveal.css">
<link rel="stylesheet" href="shared/book.css">
<link rel="stylesheet" href="shared/slides.css">
<script defer src="shared/reveal.js"></script>
<script defer src="shared/notes.js"></script>
<script defer src="shared/slides.js"></script>
</head>
<body>
<main class="reveal measuring"><div class="slides">
<section>{slides}</section>
</div></main>
{glyphs}
</body>
</html>
"""


def notes(text):
    """발표자 메모. 발표자의 창에는 글자의 윤곽이 없으므로 수식은 MathML만 둡니다."""
    spoken = re.sub(r"<mjx-container.*?(<math.*?</math>).*?</mjx-container>", r"\1", text, flags=re.S)
    return f'<aside class="notes">{spoken}</aside>' if text else ""


def together(text):
    """수식을 뒤의 조사와 한 상자에 두어, 그 사이에서 줄을 바꾸지 않게 합니다."""
    return re.sub(r"(?<=</mjx-container>)</span>([^\s<]+)", r"\1</span>", text)


def drawn(slide):
    """슬라이드 하나의 HTML."""
    color = BACKGROUNDS.get(slide.kind, "#ffffff")
    joins = " data-joins" if slide.joins else ""
    head = f'<h3 class="running">{slide.head}</h3>' if slide.head else ""
    units = "\n".join(
        f'<div class="unit{" spare" if unit.spare else ""}">{together(unit.shown)}{notes(unit.note)}</div>'
        for unit in slide.units
    )
    return f"""<section class="page" data-kind="{slide.kind}" data-background-color="{color}"{joins}>
{head}{slide.body}{notes(slide.note)}
<div class="flow">{units}</div>
</section>
"""


def document(deck):
    """장 하나의 HTML. 절마다 세로로 쌓습니다."""
    first, *rest = deck.slides
    slides = drawn(first) + "".join("</section>\n<section>" * slide.opens + drawn(slide) for slide in rest)
    return PAGE.format(title=re.sub("<[^>]+>", "", deck.name), slides=slides, glyphs=glyphs(slides, [deck.page]))


def place_shared(target):
    """슬라이드가 함께 쓰는 것: reveal.js, 모양, 책에서 수식과 코드의 모양."""
    package = importlib.util.find_spec("sphinx_revealjs")
    if package is None:
        sys.exit("reveal.js가 없습니다. make slides로 만드십시오.")
    (target / "images").mkdir(parents=True, exist_ok=True)
    for name in REVEAL:
        shutil.copy(Path(package.origin).parent / "_static" / "revealjs" / name, target)
    for name in ("slides.css", "slides.js"):
        shutil.copy(ROOT / "publish" / name, target)
    site = (SITE / "_static" / "styles" / "site.css").read_text(encoding="utf-8")
    code = HtmlFormatter(style="a11y-high-contrast-light").get_style_defs(".highlight")
    save(target / "book.css", "\n".join([*FORMULAS.findall(site), code]))


def build(stem, out):
    """장 하나를 out/이름.html로."""
    deck = Deck(stem)
    for picture in deck.pictures:
        shutil.copy(picture, out / "shared" / "images")
    target = out / f"{stem}.html"
    save(target, document(deck))
    return target


def main(stems, out=OUT):
    if unknown := set(stems) - set(CHAPTERS):
        sys.exit(f"그런 장이 없습니다: {', '.join(sorted(unknown))}. 있는 장: {', '.join(CHAPTERS)}")
    place_shared(out / "shared")
    for stem in stems or CHAPTERS:
        print(f"슬라이드가 있는 곳: {build(stem, out)}")


if __name__ == "__main__":
    main(sys.argv[1:])
