"""아이콘과 그림: 글꼴 아이콘은 쓰인 것만 SVG로 적고, 그림에는 크기를 적습니다."""

import re
import struct
from dataclasses import replace
from pathlib import Path

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
    width, height = struct.unpack(">II", png.read_bytes()[16:24])
    shown = int(style[1]) if (style := re.search(r'style="width: (\d+)px', tag)) else width
    bare = re.sub(r' (?:style|width|height)="[^"]*"', "", tag).removesuffix("/>").removesuffix(">").rstrip()
    late = ' loading="lazy"' if lazy else ""
    return f'{bare} width="{shown}" height="{round(height * shown / width)}" decoding="async"{late}>'
