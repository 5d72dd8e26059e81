"""낸 답을 나누어 준 문제지의 모양으로 되돌립니다. nbgrader_config.py가 채점하기 전의 단계로 끼워 넣습니다."""

from pathlib import Path

import nbformat
from nbformat.v4 import new_markdown_cell
from nbgrader.preprocessors import NbGraderPreprocessor

from .sheets import STAMP
from .submission import check_sheet, grade_id


def mend(submitted, released):
    """낸 답을 나누어 준 문제지의 차례와 글에 옮겨 담습니다. (노트북, 되돌린 것의 목록)을 돌려줍니다.

    주어진 셀은 지우거나 고치거나 옮겼어도 처음대로이고, 학생이 더한 셀은 바로 앞에 있던 셀의 뒤를 따라갑니다.
    """
    given = {grade_id(cell) or cell.id: cell for cell in released.cells}
    answers, added, notes, after, order = {}, {}, [], None, []
    if not submitted.metadata.get(STAMP):
        notes.append("판 표시가 없어 이번 문제지인지 확인하지 못했습니다.")
    for cell in submitted.cells:
        key = grade_id(cell) or cell.id
        if key not in given:
            cell.metadata = nbformat.from_dict({})
            added.setdefault(after, []).append(cell)
            continue
        after = key
        if key in answers:
            notes.append(f"{key}: 같은 셀이 여럿이라 마지막 것을 채점했습니다.")
        else:
            order.append(key)
        answers[key] = cell.source
    cells = added.pop(None, [])
    for key, cell in given.items():
        if key not in answers:
            notes.append(f"{key}: 지워진 셀을 되살렸습니다.")
        elif cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = answers[key]
        elif cell.source.strip() != answers[key].strip() and grade_id(cell):
            notes.append(f"{key}: 고친 셀을 처음대로 되돌렸습니다.")
        cells += [cell, *added.pop(key, [])]
    if order != [key for key in given if key in answers]:
        notes.append("셀의 차례를 처음대로 되돌렸습니다.")
    released.cells = cells
    return released, list(dict.fromkeys(notes))


class Mend(NbGraderPreprocessor):
    """낸 노트북을 나누어 준 문제지의 모양으로 되돌리고, 되돌린 것을 맨 앞의 셀에 적습니다."""

    def preprocess(self, notebook, resources):
        course, about = self.parent.parent.coursedir, resources["nbgrader"]
        folder = course.format_path(course.release_directory, ".", about["assignment"])
        released = nbformat.read(Path(folder) / f"{about['notebook']}.ipynb", as_version=4)
        check_sheet(notebook, released)
        notebook, notes = mend(notebook, released)
        if notes:
            text = "**채점하면서 되돌린 것**\n\n" + "\n".join(f"- {note}" for note in notes)
            notebook.cells.insert(0, new_markdown_cell(text, id="mended"))
        return notebook, resources
