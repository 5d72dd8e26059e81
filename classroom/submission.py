"""낸 파일 하나를 읽고, 나누어 준 문제지가 맞는지 봅니다."""

import json

from .cells import Refused, clean, grade_id, table
from .prepare import installs
from .sheets import STAMP

LARGEST = 20_000_000  # 바이트. 그림을 그린 노트북도 1 MB를 넘지 않습니다.


def encoding(data):
    """글의 인코딩. 메모장이 붙인 BOM과 UTF-16, 옛 편집기의 CP949도 읽습니다."""
    try:
        data.decode(found := json.detect_encoding(data))
    except UnicodeDecodeError:
        return "cp949"
    return found


def why(data, error):
    """노트북으로 읽지 못한 까닭."""
    start = data[:200].lstrip(b"\xef\xbb\xbf \r\n\t")
    if not data.strip(b"\x00 \r\n\t"):
        return "빈 파일입니다. 저장한 뒤에 다시 내십시오."
    if start.startswith(b"<"):
        return "노트북이 아니라 웹 페이지를 저장한 것입니다. 노트북(.ipynb) 자체를 내려받아 내십시오."
    if start.startswith(b"{") and not data.rstrip(b"\x00 \r\n\t").endswith(b"}"):
        return "노트북으로 읽을 수 없습니다(파일의 끝이 잘렸습니다). 다시 저장해 내십시오."
    return f"노트북으로 읽을 수 없습니다({type(error).__name__}). JupyterLab에서 열리는지 보십시오."


def parse(size, read):
    """크기가 size인 파일을 read()로 읽은 노트북. 읽을 수 없으면 `Refused`입니다."""
    if size > LARGEST:
        raise Refused(f"파일이 {size / 1e6:.0f} MB입니다. 출력을 지우고 다시 내십시오(한도 {LARGEST / 1e6:.0f} MB).")
    data = read()
    try:
        return clean(json.loads(data.decode(encoding(data))))
    except Refused:
        raise
    except Exception as error:  # 깨진 JSON, 틀린 인코딩, 너무 깊은 괄호, 틀린 nbformat 3
        raise Refused(why(data, error)) from error


def own(notebook):
    """그 문제지만의 셀. 설치하는 셀은 어느 문제지에나 있고, 받은 곳마다 주소가 다릅니다."""
    return [cell for cell in notebook.cells if not installs(cell)]


def checksums(notebook):
    """잠긴 셀의 검사합."""
    found = (table(cell.metadata.get("nbgrader")) for cell in own(notebook))
    return {about["checksum"] for about in found if about.get("locked") and isinstance(about.get("checksum"), str)}


def texts(notebook):
    """셀의 글."""
    return {cell.source.strip() for cell in own(notebook)} - {""}


def questions(released):
    """문제지가 준 글: 답을 쓸 자리가 아닌 셀의 글. 셀의 표시를 모두 지우는 front end도 글은 그대로 둡니다."""
    given = (cell for cell in own(released) if not table(cell.metadata.get("nbgrader")).get("solution"))
    return {cell.source.strip() for cell in given}


def sheet_of(notebook, known):
    """어느 장의 문제지인지. 파일의 이름은 믿지 않고 판 표시로, 표시가 지워졌으면 잠긴 셀의 검사합과 글로 찾습니다."""
    name = notebook.metadata.get(STAMP, {}).get("name")
    if name not in known:
        shared = {
            name: (len(checksums(sheet) & checksums(notebook)), len(questions(sheet) & texts(notebook)))
            for name, sheet in known.items()
        }
        name = max(shared, key=shared.get)
        if not any(shared[name]):
            raise Refused("이 강의의 문제지가 아닙니다. 나누어 준 노트북에 답을 써서 내십시오.")
    check_sheet(notebook, known[name])
    return name


def check_sheet(submitted, released):
    """낸 노트북이 나누어 준 그 문제지인지 봅니다. 아니면 `Refused`입니다."""
    want, got = released.metadata[STAMP], submitted.metadata.get(STAMP, {})
    if got and got.get("name") != want.name:
        raise Refused(
            f"다른 장의 문제지입니다(받은 것 {got.get('name')}, 이번 것 {want.name}). 맞는 파일을 다시 내십시오."
        )
    if got and got.get("version") != want.version:
        raise Refused(
            f"이번에 나누어 준 판이 아닙니다(받은 것 {got.get('version')}, 이번 것 {want.version}). "
            "새 문제지를 받아 답을 옮겨 다시 내십시오."
        )
    marked = {grade_id(cell) for cell in submitted.cells} & {grade_id(cell) for cell in released.cells} - {None}
    if not marked and not questions(released) & texts(submitted):
        raise Refused("문제지의 셀이 하나도 없습니다. 나누어 준 노트북에 답을 써서 내십시오.")


def untouched(submitted, released):
    """받은 그대로이고 쓴 것이 하나도 없는지."""
    return texts(submitted) <= texts(released)
