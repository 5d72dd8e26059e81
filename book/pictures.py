"""아이콘과 그림: 글꼴 아이콘은 쓰인 것만 SVG로 적고, 그림에는 크기를 적고, 어두운 화면의 그림을 마련합니다.

어두운 화면에서는 스타일시트가 그림의 밝기를 뒤집되 색상은 지킵니다. 그러나 색이 곧 값인 칸까지 뒤집으면 "밝은 칸"이
어두워집니다. 그런 그림(wi_lib.figures의 CELLS)은 칸의 밖만 뒤집은 그림을 하나 더 만들어, 밝기에 따라 하나만 보입니다.
"""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from wi_lib.figures.style import CELLS

ICON = re.compile(r'<(?P<tag>i|span) class="(?P<classes>[^"]*\bfa(?:s|-solid) [^"]*)"(?P<rest>[^>]*)></(?P=tag)>')
OUTLINE = re.compile(r'"?([\w-]+)"?:\[(\d+),(\d+),\[[^\]]*\],"\w+","([^"]+)"\]')
IMAGE = re.compile(r'<img\b[^>]*\bsrc="(?P<src>[^"]+\.png)"[^>]*>')


def draw_icons(pages, app):
    """아이콘 글꼴과 그 스크립트(1.5 MB) 대신, 쓰인 아이콘의 윤곽을 그 스크립트에서 읽어 적습니다."""
    code = Path(app.outdir, "_static", "scripts", "fontawesome.js").read_text(encoding="utf-8")
    known = {name: outline for name, *outline in OUTLINE.findall(code)}
    return [replace(page, text=ICON.sub(lambda found: drawn(found, known), page.text)) for page in pages]


def drawn(found, known):
    width, height, outline = next(known[name[3:]] for name in found["classes"].split() if name[3:] in known)
    classes = " ".join(found["classes"].split())
    return (
        f'<svg class="svg-inline--fa {classes}"{found["rest"]} aria-hidden="true" viewBox="0 0 {width} {height}">'
        f'<path fill="currentColor" d="{outline}"/></svg>'
    )


def size_images(page, app):
    """그림이 늦게 와도 글이 밀리지 않게 크기를 적습니다. 첫 그림 말고는 보일 때 받습니다(lazy)."""
    folder, first = Path(app.outdir, page.name).parent, IMAGE.search(page.text)
    return IMAGE.sub(lambda found: sized(folder / found["src"], found[0], found.start() != first.start()), page.text)


def sized(png, tag, lazy):
    with Image.open(png) as image:
        (width, height), cells = image.size, image.info.get(CELLS)
    shown = int(style[1]) if (style := re.search(r'style="width: (\d+)px', tag)) else width
    bare = re.sub(r' (?:style|width|height)="[^"]*"', "", tag).removesuffix("/>").removesuffix(">").rstrip()
    late = ' loading="lazy"' if lazy else ""
    made = f'{bare} width="{shown}" height="{round(height * shown / width)}" decoding="async"{late}>'
    if not cells:
        return made
    dark = png.with_stem(f"{png.stem}-dark")
    darken(png, dark, [[int(place) for place in cell.split()] for cell in cells.split(";")])
    twin = made.replace(png.name, dark.name).replace(' loading="lazy"', "").replace(">", ' loading="lazy">')
    return made.replace("<img", '<img class="wi-light"') + twin.replace("<img", '<img class="wi-dark"')


# CSS의 invert(1) hue-rotate(180deg)와 같은 계산: 밝기는 뒤집고 색상은 지킵니다.
TURN = np.array([[-0.574, 1.43, 0.144], [0.426, 0.43, 0.144], [0.426, 1.43, -0.856]])


def darken(source, target, cells):
    """source의 밝기를 뒤집어 target에 둡니다. cells의 칸은 그대로 둡니다."""
    with Image.open(source) as image:
        pixels = np.asarray(image.convert("RGB"))
    turned = np.clip((255 - pixels.astype(float)) @ TURN.T, 0, 255).round().astype(np.uint8)
    for left, top, right, bottom in cells:
        turned[top:bottom, left:right] = pixels[top:bottom, left:right]
    palette = Image.fromarray(turned).quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    palette.save(target, "png", optimize=True)
