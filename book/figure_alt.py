"""노트북 출력의 대체 텍스트를 페이지의 그림에 붙입니다.

`wi_lib.plots`의 그림은 자료에서 만든 대체 텍스트를 출력의 metadata에 남깁니다. myst-nb는 셀의 metadata만
읽으므로, 페이지를 읽기 전에 옮겨 적습니다. 대체 텍스트를 사람이 따로 베껴 두지 않아도 됩니다.
"""

import json


def copy_alt(app, docname, source):
    if not app.env.doc2path(docname).endswith(".ipynb"):
        return
    notebook = json.loads(source[0])
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            if alt := output.get("metadata", {}).get("image/png", {}).get("alt"):
                cell["metadata"].setdefault("mystnb", {}).setdefault("image", {})["alt"] = alt
    source[0] = json.dumps(notebook)


def setup(app):
    app.connect("source-read", copy_alt)
    return {"parallel_read_safe": True}
