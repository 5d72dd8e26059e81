"""낸 답을 나누어 준 문제지의 모양으로 되돌립니다. nbgrader_config.py가 채점하기 전의 단계로 끼워 넣습니다."""

import re
from pathlib import Path
from urllib.parse import quote

import nbformat
from nbformat.v4 import new_markdown_cell
from nbgrader.preprocessors import NbGraderPreprocessor

from .cells import clean, grade_id
from .pasted import plain
from .prepare import installs
from .recovery import Answers
from .sheets import STAMP
from .submission import check_sheet


def named(cells, given):
    """셀마다 주어진 셀의 이름, 학생이 더한 셀이면 None. 이름을 잃은 셀은 글로 알아봅니다."""
    keys = [next((key for key in (grade_id(cell), cell.id) if key in given), None) for cell in cells]
    lost = {cell.source.strip(): key for key, cell in given.items() if key not in keys}
    return [key or lost.pop(cell.source.strip(), None) for key, cell in zip(keys, cells, strict=True)]


def mend(submitted, released):
    """낸 답을 나누어 준 문제지의 차례와 글에 옮겨 담습니다. (노트북, 되돌린 것의 목록)을 돌려줍니다.

    주어진 셀은 지우거나 고치거나 옮겼어도 처음대로이고, 학생이 더한 셀은 바로 앞에 있던 셀의 뒤를 따라갑니다.
    """
    given = {grade_id(cell) or cell.id: cell for cell in released.cells}
    for cell in filter(installs, submitted.cells):
        # 설치하는 셀은 받은 곳마다 주소가 다릅니다.
        cell.source = next((each.source for each in released.cells if installs(each)), cell.source)
    pieces, added, notes, after = {}, {}, [], None
    if not submitted.metadata.get(STAMP):
        notes.append("판 표시가 없어 이번 문제지인지 확인하지 못했습니다.")
    for key, cell in zip(named(submitted.cells, given), submitted.cells, strict=True):
        if key is not None:
            pieces.setdefault(after := key, []).append(cell)
        elif cell.source.strip():
            added.setdefault(after, []).append(cell)
    answers = Answers(given, pieces, added)
    for key, cell in given.items():
        if cell.metadata.get("nbgrader", {}).get("solution"):
            write(cell, answers.answer(key))
            missing = key not in pieces and not any(note.startswith(f"{key}:") for note in answers.notes)
        else:
            missing = key not in pieces
            if not missing and grade_id(cell) and cell.source.strip() != pieces[key][-1].source.strip():
                notes.append(f"{key}: 고친 셀을 처음대로 되돌렸습니다.")
        if missing and not installs(cell):  # 앞서 나누어 준 문제지에는 없습니다.
            notes.append(f"{key}: 지워진 셀을 되살렸습니다.")
    answers.keep_the_rest()
    if list(pieces) != [key for key in given if key in pieces]:
        notes.append("셀의 차례를 처음대로 되돌렸습니다.")
    released.cells = list(added.get(None, []))
    for key, cell in given.items():
        released.cells += [cell, *added.get(key, [])]
    # 채점하는 Python보다 새로운 것으로 썼는지 말할 수 있게 남깁니다.
    if theirs := submitted.metadata.get("language_info"):
        released.metadata.language_info = theirs
    return released, list(dict.fromkeys([*notes, *answers.notes, *settle(released.cells, given)]))


def write(cell, answer):
    """답으로 고른 셀의 글과 그림을 주어진 셀에 옮깁니다."""
    if not answer:
        return
    for each in answer:
        unify_pictures(each, len(cell.get("attachments", {})))
        if cell.cell_type != "code" and "attachments" in each:
            cell.attachments = nbformat.from_dict({**cell.get("attachments", {}), **each.attachments})
    cell.source = ("\n" if cell.cell_type == "code" else "\n\n").join(each.source for each in answer)


def unify_pictures(cell, used=0):
    """붙인 그림의 이름을 차례로 고쳐 겹치지 않게 합니다. 파일에 없는 그림은 말로 적어야 평가가 만들어집니다."""
    pictures = cell.get("attachments", {})
    names = {name: f"picture-{used + i}" for i, name in enumerate(pictures, 1)}
    # front end는 이름의 빈칸과 한글을 %로 적기도 합니다.
    spellings = (str, lambda name: name.replace(" ", "%20"), quote, lambda name: quote(name, "()"))
    spelled = {spell(name): name for name in names for spell in spellings}
    known = sorted(map(re.escape, spelled), key=len, reverse=True)
    pattern = "attachment:(" + "|".join([*known, r"[^\s\"'<>)]+"]) + ")"

    def renamed(match):
        name = spelled.get(match[1])
        return f"attachment:{names[name]}" if name else f"(싣지 못한 그림: attachment:{match[1]})"

    if cell.cell_type != "code":
        cell.source = re.sub(pattern, renamed, cell.source)
    if pictures:
        cell.attachments = nbformat.from_dict({names[name]: each for name, each in pictures.items()})


def settle(cells, given):
    """학생이 더한 셀의 표시를 지우고, 학생의 코드에서 붙여 넣은 글자를 고칩니다. 고친 것의 목록을 돌려줍니다."""
    for number, cell in enumerate(cells):
        key = next((key for key, each in given.items() if each is cell), None)
        if key is None:
            cell.id, cell.metadata = f"added-{number}", nbformat.from_dict({})
            unify_pictures(cell)
        elif not cell.metadata.get("nbgrader", {}).get("solution"):
            continue
        if cell.cell_type == "code" and (code := plain(cell.source)) != cell.source:
            cell.source = code
            yield f"{key or '더한 셀'}: 붙여 넣은 보이지 않는 글자나 전각 기호를 고쳤습니다."


class Mend(NbGraderPreprocessor):
    """낸 노트북을 나누어 준 문제지의 모양으로 되돌리고, 되돌린 것을 맨 앞의 셀에 적습니다."""

    def preprocess(self, notebook, resources):
        course, about = self.parent.parent.coursedir, resources["nbgrader"]
        folder = course.format_path(course.release_directory, ".", about["assignment"])
        released = nbformat.read(Path(folder) / f"{about['notebook']}.ipynb", as_version=4)
        notebook = clean(notebook)
        check_sheet(notebook, released)
        notebook, notes = mend(notebook, released)
        if notes:
            text = "**채점하면서 되돌린 것**\n\n" + "\n".join(f"- {note}" for note in notes)
            notebook.cells.insert(0, new_markdown_cell(text, id="mended"))
        return notebook, resources
