"""노트북을 한 번 읽고, STEPS의 차례대로 고쳐, 한 번 적어 myst-nb에 넘깁니다.

페이지에는 커널도 ipywidgets도 없습니다. assets/widgets.js가 그릴 줄 모르는 위젯은 빈자리로 남을 것이므로, 독자가 보기
전에 그 이름을 말하고 빌드를 멈춥니다.
"""

import json
import re
from pathlib import Path

import nbformat
from sphinx.errors import ExtensionError

from . import exercises

STATE = "application/vnd.jupyter.widget-state+json"
VIEW = "application/vnd.jupyter.widget-view+json"
RUNTIME = Path(__file__).parent / "assets" / "widgets.js"
# widgets.js의 CONTROLS에 있는 모델의 이름.
DRAWABLE = set(re.findall(r"(?m)^    (?:async )?(\w+Model)[(:]", RUNTIME.read_text(encoding="utf-8")))
# 모양과 이음은 그려지는 것이 아니라 다른 위젯이 씁니다.
UNDRAWN = re.compile(r"LayoutModel|\w+StyleModel|LinkModel|DirectionalLinkModel")


def describe_figures(notebook):
    """그림의 출력에 적힌 대체 텍스트를 셀로 옮깁니다. myst-nb는 셀의 metadata만 읽습니다."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if alt := output.get("metadata", {}).get("image/png", {}).get("alt"):
                cell.metadata.setdefault("mystnb", {}).setdefault("image", {})["alt"] = alt


def refuse_unknown_widgets(notebook):
    states = notebook.metadata.get("widgets", {}).get(STATE, {"state": {}})["state"]
    names = {name for model in states.values() if not UNDRAWN.fullmatch(name := model["model_name"])}
    if unknown := names - DRAWABLE:
        raise ExtensionError(f"페이지가 그릴 줄 모르는 위젯입니다: {', '.join(sorted(unknown))}")


def place_widgets(notebook):
    """위젯의 표식을 멈춘 그림의 figure로 옮깁니다. myst-nb는 출력마다 figure를 만들어 번호가 둘이 됩니다."""
    for cell in notebook.cells:
        figure = cell.metadata.get("mystnb", {}).get("figure")
        views = [output.data[VIEW] for output in cell.get("outputs", []) if VIEW in output.get("data", {})]
        if figure and views:
            cell.outputs = [output for output in cell.outputs if VIEW not in output.get("data", {})]
            scripts = "".join(f'<script type="{VIEW}">{json.dumps(view)}</script>' for view in views)
            figure["caption"] += f"\n\n```{{raw}} html\n{scripts}\n```"


STEPS = (describe_figures, refuse_unknown_widgets, place_widgets)


def finish(notebook):
    """고친 노트북의 글."""
    for step in STEPS:
        step(notebook)
    return nbformat.writes(notebook)


def read_source(app, docname, source):
    if not app.env.doc2path(docname).endswith(".ipynb"):
        return
    sheet = exercises.sheet(docname)
    notebook = exercises.as_page(sheet) if sheet else nbformat.reads(source[0], as_version=nbformat.NO_CONVERT)
    try:
        source[0] = finish(notebook)
    except ExtensionError as error:
        raise ExtensionError(f"{docname}: {error}") from error


def setup(app):
    app.connect("source-read", read_source)
