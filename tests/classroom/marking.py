"""연습의 답을 채점 커널 없이 돌려 보는 도구. 문제지의 셀을 차례로 실행하고, 확인 셀마다 무슨 말을 하는지 모읍니다."""

import copy
import functools
import importlib
import re
from contextlib import chdir, redirect_stdout
from io import StringIO

import nbformat
from IPython.core.interactiveshell import InteractiveShell

from classroom import sheets as assignments
from classroom.pristine import Pristine
from tests.browsing import ROOT
from wi_check import Wrong

# 두 학기의 비밀과, 비밀이 없는 책의 문제지.
SECRETS = ("2027 봄: 시험용", "2027 가을: 시험용")
SHEETS = assignments.sheets()
# 수강생의 파일과 책의 색인에 있어서는 안 되는 표식.
SECRET_MARKS = re.compile(r"BEGIN|HIDDEN|MARK SCHEME|SOLUTION|hidden_seed|# variant")


def answers(name):
    """그 장의 옳은 답과 틀린 답: tests/classroom/answers/chNN.py."""
    return importlib.import_module(f"tests.classroom.answers.ch{name[:2]}")


@functools.cache
def source(name, secret):
    return assignments.source(name, secret)


@functools.cache
def handed_out(name, secret):
    return assignments.student(source(name, secret))


def stubs(name, secret):
    """{셀의 id: 수강생이 받는 글}."""
    return {cell.id: cell.source for cell in handed_out(name, secret).cells}


def code_cells(name, secret):
    return [cell for cell in source(name, secret).cells if cell.cell_type == "code"]


def checks(name):
    """자동으로 채점하는 셀의 id와 점수."""
    cells = [cell for cell in code_cells(name, None) if cell.metadata.nbgrader["grade"]]
    return {cell.id: cell.metadata.nbgrader["points"] for cell in cells}


def mark(name, secret, given=None, only=None, blank=False, hidden=True):
    """문제지를 채점해 {확인 셀의 id: 통과하면 None, 아니면 까닭}을 돌려줍니다.

    - `given`: {문제 번호: 답의 코드}. 없는 문제는 참고 풀이로 답합니다. `blank`이면 받은 그대로 둡니다.
    - `only`: 이 문제의 확인 셀만 실행합니다. `hidden`: 수강생에게 보이지 않는 시험까지 합니다.
    """
    namespace, said = dict(solved(name, secret, blank)), {}
    with chdir(ROOT / "exercises"), redirect_stdout(StringIO()):
        for code in (given or {}).values():
            exec(code, namespace)
        for cell in code_cells(name, secret):
            if cell.id.startswith("check-") and only in (None, int(cell.id.split("-")[1])):
                said[cell.id] = failure(cell.source if hidden else stubs(name, secret)[cell.id], namespace)
    return said


@functools.cache
def solved(name, secret, blank=False):
    """확인 셀을 뺀 모든 셀을 차례로 실행한 이름 공간. 답 셀은 참고 풀이나 받은 그대로입니다."""
    namespace = {"__name__": "__main__"}
    with chdir(ROOT / "exercises"), redirect_stdout(StringIO()):
        for cell in code_cells(name, secret):
            if not cell.id.startswith("check-"):
                exec(stubs(name, secret)[cell.id] if blank else cell.source, namespace)
    return namespace


def failure(code, namespace):
    try:
        exec(code, namespace)
    except Wrong as wrong:
        return str(wrong)
    except Exception as error:
        # 학생에게 영어 오류가 그대로 보이면 확인 함수의 결함입니다.
        return f"!!! {type(error).__name__}: {error}"
    return None


def lines_only_in_source(name, secret):
    """원본에만 있는 줄: 풀이, 숨은 시험, 채점 기준. 어디에나 있을 짧은 줄은 뺍니다."""
    given = {line.strip() for text in stubs(name, secret).values() for line in text.splitlines()}
    lines = [line.strip() for cell in source(name, secret).cells for line in cell.source.splitlines()]
    return {line for line in lines if len(line) > 12 and line not in given and not SECRET_MARKS.search(line)}


def written(source):
    """참고 풀이에서 표식을 뺀, 학생이 쓴 것 같은 글."""
    return re.sub(r"(?m)^\s*### (?:BEGIN|END) SOLUTION\n?", "", source).strip("\n")


def released(name, secret):
    """나누어 준 노트북."""
    return copy.deepcopy(handed_out(name, secret))


def filled(name, secret, given=None):
    """나누어 준 노트북에 참고 풀이를 쓴 것. given에 있는 문제는 그 답을 씁니다."""
    notebook = released(name, secret)
    for cell, solution in zip(notebook.cells, source(name, secret).cells, strict=True):
        if cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = (given or {}).get(int(cell.id.split("-")[1]), written(solution.source))
    return notebook


def hand_in(folder, student, name, notebook):
    path = folder / "submitted" / student / name / f"{name}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
    return path


def mark_in_one_shell(notebooks):
    """낸 노트북마다 {확인 셀: 통과했는지}. 채점하는 커널처럼 확인 셀 앞에서 되돌리되, IPython 하나에서 실행합니다."""
    shell, pristine, found = InteractiveShell.instance(), Pristine(), []
    for notebook in notebooks:
        shell.reset()
        setup, passed = next(cell.source for cell in notebook.cells if cell.id == "setup"), {}
        for cell in (cell for cell in notebook.cells if cell.cell_type == "code"):
            if graded := cell.metadata.get("nbgrader", {}).get("grade"):
                pristine.restore(shell)
                shell.run_cell(setup)
            ran = shell.run_cell(cell.source)
            if graded:
                passed[cell.id] = ran.success
        pristine.restore(shell)
        found.append(passed)
    return found


def automatic(folder):
    """{(학생, 장): {확인 셀: 점수}}. 채점하지 않은 셀은 None입니다."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{folder}/gradebook.db") as book:
        return {
            (submission.student.id, assignment.name): {
                grade.cell.name: grade.auto_score
                for notebook in submission.notebooks
                for grade in notebook.grades
                if grade.cell.cell_type == "code"
            }
            for assignment in book.assignments
            for submission in assignment.submissions
        }
