"""front end마다 다르게 저장한 노트북을 하나의 모양으로 읽습니다.

Colab은 셀의 id를 metadata에, 옛 Jupyter는 아무 데도 적지 않고, 출력과 metadata에는 저마다 다른 것을 넣습니다. 채점은
셀의 글과 붙인 그림, 문제지의 표시만 보므로 그것만 남깁니다. 출력은 채점하면서 다시 만듭니다.
"""

import re

import nbformat
from nbformat.v4 import new_notebook

from .sheets import STAMP

KINDS = ("code", "markdown", "raw")
ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")


class Refused(ValueError):
    """채점할 수 없는 파일. 까닭과 할 일을 말합니다."""


def text(value):
    """셀의 글. 글 하나이거나 줄의 목록이고, 혼자 남은 서로게이트는 파일에 쓸 수 없으므로 바꿉니다."""
    joined = "".join(map(str, value)) if isinstance(value, list) else value if isinstance(value, str) else ""
    joined = joined.replace("\r\n", "\n").replace("\r", "\n")
    return joined.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def table(value):
    return value if isinstance(value, dict) else {}


def attachments(value):
    """{그림의 이름: {형식: base64}}. 모양이 틀린 것은 뺍니다."""
    found = {name: {kind: text(data) for kind, data in table(each).items()} for name, each in table(value).items()}
    return {text(name): each for name, each in found.items() if each and all(each.values())}


def grade_id(cell):
    found = table(table(cell.get("metadata")).get("nbgrader")).get("grade_id")
    return found if isinstance(found, str) else None


def tidy(cell, seen):
    """셀 하나. id가 없거나 겹치면 새로 붙입니다."""
    if not isinstance(cell, dict):
        raise Refused("노트북의 셀이 아닌 것이 들어 있습니다. JupyterLab에서 열어 다시 저장해 내십시오.")
    metadata = table(cell.get("metadata"))
    kept = {"nbgrader": metadata["nbgrader"]} if grade_id(cell) else {}
    named = (each for each in (cell.get("id"), metadata.get("id")) if isinstance(each, str) and ID.fullmatch(each))
    name = next((each for each in named if each not in seen), f"cell-{len(seen)}")
    while name in seen:
        name += "-"
    seen.add(name)
    kind = cell.get("cell_type") if cell.get("cell_type") in KINDS else "markdown"
    found = {"cell_type": kind, "id": name, "metadata": kept, "source": text(cell.get("source"))}
    if kind == "code":
        return found | {"outputs": [], "execution_count": None}
    return found | ({"attachments": pictures} if (pictures := attachments(cell.get("attachments"))) else {})


def clean(data):
    """data(노트북의 JSON)를 nbformat 4.5의 노트북으로. 노트북이 아니면 `Refused`입니다."""
    data = table(data)
    if data.get("nbformat") == 3:  # IPython 2까지의 형식
        data = nbformat.convert(nbformat.from_dict(data), 4)
    if not isinstance(data.get("cells"), list):
        raise Refused("노트북으로 읽을 수 없습니다(노트북의 셀이 없습니다). JupyterLab에서 열리는지 보십시오.")
    if data.get("nbformat", 4) != 4:
        raise Refused(
            f"nbformat {data['nbformat']}의 노트북은 읽지 못합니다. JupyterLab에서 열어 다시 저장해 내십시오."
        )
    stamp, seen = table(table(data.get("metadata")).get(STAMP)), set()
    whole = all(isinstance(stamp.get(key), str) for key in ("name", "version"))
    metadata = {STAMP: {key: stamp[key] for key in ("name", "version")}} if whole else {}
    language = table(table(data.get("metadata")).get("language_info"))
    if language.get("name", "python") == "python" and isinstance(language.get("version"), str):
        metadata["language_info"] = {"name": "python", "version": language["version"]}
    cells = [tidy(cell, seen) for cell in data["cells"]]
    return nbformat.from_dict({**new_notebook(), "metadata": metadata, "cells": cells})
