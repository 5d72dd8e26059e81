"""실험대가 있는 페이지에만 그 스크립트와 모양을 답니다. 손글씨 숫자는 실험대가 쓸 때 따로 받습니다.

스크립트는 `wi_lib/lab/`의 모듈을 묶은 것 하나이고, 숫자의 파일은 그 스크립트의 주소에서 찾습니다(../lab/digits.js).
"""

import html
import json
import re
from dataclasses import replace
from pathlib import Path

from publish import addresses
from wi_lib.lab import bundle, digits

from . import shared_files

ROOT = re.compile(r'class="wi-lab"')


def add_scripts(pages, app):
    if not any(ROOT.search(page.text) for page in pages):
        return pages
    folder = Path(app.outdir, "_static", "lab")
    folder.mkdir(exist_ok=True)
    folder.joinpath("digits.js").write_text(f"var wiLabDigits = {json.dumps(digits.packed())};\n", encoding="utf-8")
    source = shared_files.write(app, "_static/scripts/lab.js", bundle.page())
    styles = shared_files.write(app, "_static/styles/lab.css", bundle.css())
    return [with_script(page, source, styles) if ROOT.search(page.text) else page for page in pages]


def with_script(page, source, styles):
    up = "../" * page.name.count("/")
    # 실험대의 코드를 붙여 넣을 노트북. 책이 놓일 곳을 모르면 없습니다.
    places = html.escape(json.dumps(addresses.addresses(page.name), ensure_ascii=False))
    text = ROOT.sub(lambda root: f'{root[0]} data-places="{places}"', page.text)
    links = f'<link rel="stylesheet" href="{up}{styles}" />\n<script defer src="{up}{source}"></script>'
    return replace(page, text=text.replace("</head>", f"{links}\n</head>", 1))
