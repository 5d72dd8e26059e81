"""노트북을 한 번 읽고, STEPS의 차례대로 고쳐, 한 번 적어 myst-nb에 넘깁니다.

페이지에는 커널도 ipywidgets도 없습니다. assets/widgets.js가 그릴 줄 모르는 위젯은 빈자리로 남을 것이므로, 독자가 보기
전에 그 이름을 말하고 빌드를 멈춥니다.
"""

import html
import json
import re
from pathlib import Path
from urllib.parse import urlencode

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


def named_figures(notebook):
    """{그림의 이름: 셀}."""
    figures = {cell.metadata.get("mystnb", {}).get("figure", {}).get("name"): cell for cell in notebook.cells}
    return {name: cell for name, cell in figures.items() if name}


def axes_of(notebook, cell):
    """셀이 보이는 실험의 축: {이름: 자리마다의 글}. 실험이 없으면 비어 있습니다."""
    models = notebook.metadata.get("widgets", {}).get(STATE, {"state": {}})["state"]
    shown = [output.data[VIEW]["model_id"] for output in cell.get("outputs", []) if VIEW in output.get("data", {})]
    axes = {}
    while shown:
        state = models[shown.pop()]["state"]
        shown += [child.removeprefix("IPY_MODEL_") for child in state.get("children", [])]
        axes |= {axis["name"]: axis["texts"] for axis in state.get("spec", {}).get("axes", [])}
    return axes


def explorer_link(notebook, target, at):
    """이 페이지의 실험 target이 at의 모습인 주소. 읽는 쪽은 widgets.js의 Place입니다."""
    cell = named_figures(notebook).get(target)
    axes = axes_of(notebook, cell) if cell else {}
    if not axes:
        raise ExtensionError(f"explore의 figure에는 이 페이지의 움직여 보는 실험만 쓸 수 있습니다. 받은 값: {target!r}")
    for name, text in at.items():
        if name not in axes:
            raise ExtensionError(f"{target}에 없는 축입니다: {name!r}. 있는 축: {', '.join(axes)}")
        if text not in axes[name]:
            stops = ", ".join(axes[name])
            raise ExtensionError(f"{target}의 {name}에 없는 자리입니다: {text!r}. 있는 자리: {stops}")
    return f"?{urlencode(at)}#{target}"


def link_explorers(notebook):
    """실험으로 볼 수 있는 그림(셀의 metadata의 explore)의 캡션에, 실험을 그 모습으로 옮기는 링크를 답니다."""
    for cell in notebook.cells:
        if explore := cell.metadata.get("explore"):
            address = html.escape(explorer_link(notebook, explore["figure"], explore["at"]))
            link = f'<p class="wi-explore"><a href="{address}">움직여 보기</a></p>'
            cell.metadata["mystnb"]["figure"]["caption"] += f"\n\n```{{raw}} html\n{link}\n```"


def place_widgets(notebook):
    """위젯의 표식을 멈춘 그림의 figure로 옮깁니다. myst-nb는 출력마다 figure를 만들어 번호가 둘이 됩니다."""
    for cell in notebook.cells:
        figure = cell.metadata.get("mystnb", {}).get("figure")
        views = [output.data[VIEW] for output in cell.get("outputs", []) if VIEW in output.get("data", {})]
        if figure and views:
            cell.outputs = [output for output in cell.outputs if VIEW not in output.get("data", {})]
            scripts = "".join(f'<script type="{VIEW}">{json.dumps(view)}</script>' for view in views)
            figure["caption"] += f"\n\n```{{raw}} html\n{scripts}\n```"


# place_widgets가 위젯의 표식을 옮긴 뒤에는 어느 셀이 실험인지 알 수 없습니다.
STEPS = (describe_figures, refuse_unknown_widgets, link_explorers, place_widgets)


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
