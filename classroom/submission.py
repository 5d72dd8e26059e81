"""낸 파일 하나를 읽고, 나누어 준 문제지가 맞는지 봅니다."""

import nbformat

from .sheets import STAMP

LARGEST = 20_000_000  # 바이트. 그림을 그린 노트북도 1 MB를 넘지 않습니다.


class Refused(ValueError):
    """채점할 수 없는 파일. 까닭과 할 일을 말합니다."""


def parse(size, read):
    """크기가 size인 파일을 read()로 읽은 노트북. 읽을 수 없으면 `Refused`입니다."""
    if size > LARGEST:
        raise Refused(f"파일이 {size / 1e6:.0f} MB입니다. 출력을 지우고 다시 내십시오(한도 {LARGEST / 1e6:.0f} MB).")
    try:
        notebook = nbformat.reads(read().decode("utf-8"), as_version=4)
        nbformat.validate(notebook)
    except Exception as error:  # 깨진 JSON, 깨진 zip, 틀린 인코딩, 노트북이 아닌 JSON
        raise Refused(
            f"노트북으로 읽을 수 없습니다({type(error).__name__}). JupyterLab에서 열리는지 보십시오."
        ) from error
    return notebook


def grade_id(cell):
    return cell.metadata.get("nbgrader", {}).get("grade_id")


def checksums(notebook):
    """잠긴 셀의 검사합."""
    found = (cell.metadata.get("nbgrader", {}) for cell in notebook.cells)
    return {about["checksum"] for about in found if about.get("locked") and "checksum" in about}


def sheet_of(notebook, known):
    """어느 장의 문제지인지. 파일의 이름은 믿지 않고 판 표시로, 표시가 지워졌으면 잠긴 셀의 검사합으로 찾습니다."""
    name = notebook.metadata.get(STAMP, {}).get("name")
    if name not in known:
        shared = {name: len(checksums(known[name]) & checksums(notebook)) for name in known}
        name = max(shared, key=shared.get)
        if not shared[name]:
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
    if not {grade_id(cell) for cell in submitted.cells} & {grade_id(cell) for cell in released.cells} - {None}:
        raise Refused("문제지의 셀이 하나도 없습니다. 나누어 준 노트북에 답을 써서 내십시오.")
