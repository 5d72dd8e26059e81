"""노트북에 남지 말아야 할 메타데이터를 찾습니다.

    python -m tools.metadata chapters/*.ipynb

편집기가 남긴 것(language_info, 접힘, 시각)이 있으면 그 자리를 적고 실패합니다. make execute가 저장한 것에는 없습니다.
"""

import sys

import nbformat

from tools.notebooks import KEPT_METADATA, KERNEL


def stray(notebook):
    """쓰이지 않는 메타데이터의 자리들: 노트북의 것은 이름만, 셀의 것은 셀의 id와 함께."""
    found = [name for name, value in notebook.metadata.items() if name != "widgets" and KERNEL.get(name) != value]
    for cell in notebook.cells:
        found += [f"{cell.id}: {name}" for name in cell.metadata if name not in KEPT_METADATA]
    return found


def main(paths):
    found = {path: names for path in paths if (names := stray(nbformat.read(path, as_version=4)))}
    if found:
        lines = [f"{path}: {', '.join(names)}" for path, names in found.items()]
        sys.exit("\n".join(["쓰이지 않는 메타데이터가 있습니다. make execute로 다시 실행해 저장하십시오.", *lines]))


if __name__ == "__main__":
    main(sys.argv[1:])
