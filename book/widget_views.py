"""노트북의 위젯을 페이지의 그림 안에 둡니다.

움직여 보는 실험의 셀에는 출력이 둘입니다: 멈춘 그림과 위젯. myst-nb는 출력마다 figure를 하나씩 만들므로, 위젯의
표식을 그림의 figure 안으로 옮겨 번호와 캡션을 함께 쓰게 합니다. book/assets/widgets.js가 그 자리에 위젯을 그립니다.

페이지에는 커널도 ipywidgets도 없습니다. widgets.js가 그릴 줄 모르는 위젯은 빈자리로 남을 것이므로, 독자가 보기 전에
그 이름을 말하고 빌드를 멈춥니다.
"""

import json
import re
from pathlib import Path

from sphinx.errors import ExtensionError

STATE = "application/vnd.jupyter.widget-state+json"
VIEW = "application/vnd.jupyter.widget-view+json"
# 모양과 이음은 그려지는 것이 아니라 다른 위젯이 씁니다.
UNDRAWN = re.compile(r"LayoutModel|\w+StyleModel|LinkModel|DirectionalLinkModel")


def drawable(assets):
    """widgets.js의 CONTROLS에 있는 모델의 이름."""
    return set(re.findall(r"(?m)^    (?:async )?(\w+Model)[(:]", (assets / "widgets.js").read_text(encoding="utf-8")))


def place_widgets(app, docname, source):
    if not app.env.doc2path(docname).endswith(".ipynb"):
        return
    notebook = json.loads(source[0])
    states = notebook["metadata"].get("widgets", {}).get(STATE, {"state": {}})["state"]
    names = {name for model in states.values() if not UNDRAWN.fullmatch(name := model["model_name"])}
    if unknown := names - drawable(Path(app.srcdir) / "book" / "assets"):
        raise ExtensionError(f"{docname}: 페이지가 그릴 줄 모르는 위젯입니다: {', '.join(sorted(unknown))}")
    for cell in notebook["cells"]:
        figure = cell["metadata"].get("mystnb", {}).get("figure")
        views = [output["data"][VIEW] for output in cell.get("outputs", []) if VIEW in output.get("data", {})]
        if figure and views:
            cell["outputs"] = [output for output in cell["outputs"] if VIEW not in output.get("data", {})]
            scripts = "".join(f'<script type="{VIEW}">{json.dumps(view)}</script>' for view in views)
            figure["caption"] += f"\n\n```{{raw}} html\n{scripts}\n```"
    source[0] = json.dumps(notebook)


def setup(app):
    app.connect("source-read", place_widgets)
    return {"parallel_read_safe": True}
