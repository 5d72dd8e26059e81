"""노트북의 메타데이터를 살핍니다.

    python -m tools.metadata chapters/*.ipynb

편집기가 남긴 것(language_info, 접힘, 시각)이나 이름이 어긋난 문제지의 셀이 있으면 그 자리를 적고 실패합니다.
make execute가 저장한 것에는 남은 것이 없습니다.
"""

import collections
import json
import sys
from pathlib import Path

import nbformat

from tools.notebooks import KEPT_METADATA, KERNEL


def repeated(path):
    """두 번 넘게 쓰인 셀의 id. nbformat은 읽을 때 알리지 않고 무작위한 것으로 바꾸므로 파일에서 그대로 읽습니다."""
    cells = json.loads(Path(path).read_text(encoding="utf-8"))["cells"]
    return [name for name, count in collections.Counter(cell.get("id") for cell in cells).items() if count > 1]


def misnamed(notebook):
    """nbgrader의 grade_id가 id와 다른 셀. 글만 있는 셀(text-N)은 채점에 쓰지 않습니다."""
    cells = [cell for cell in notebook.cells if not cell.id.startswith("text-")]
    return [cell.id for cell in cells if cell.metadata.get("nbgrader", {}).get("grade_id") != cell.id]


def stray(notebook):
    """쓰이지 않는 메타데이터의 자리들: 노트북의 것은 이름만, 셀의 것은 셀의 id와 함께."""
    found = [name for name, value in notebook.metadata.items() if name != "widgets" and KERNEL.get(name) != value]
    for cell in notebook.cells:
        found += [f"{cell.id}: {name}" for name in cell.metadata if name not in KEPT_METADATA]
    return found


def faults(path):
    if names := repeated(path):
        yield f"{path}: 한 id를 셀 여럿이 씁니다({', '.join(map(str, names))})."
        return
    notebook = nbformat.read(path, as_version=4)
    if names := stray(notebook):
        yield f"{path}: 쓰이지 않는 메타데이터({', '.join(names)}). make execute로 다시 실행해 저장하십시오."
    if Path(path).parent.name == "exercises" and (cells := misnamed(notebook)):
        yield f"{path}: 셀의 id와 nbgrader의 grade_id가 다릅니다({', '.join(cells)})."


def main(paths):
    if found := [fault for path in paths for fault in faults(path)]:
        sys.exit("\n".join(found))


if __name__ == "__main__":
    main(sys.argv[1:])
