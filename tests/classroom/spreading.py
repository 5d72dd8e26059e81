"""나누어 채점하는 시험이 함께 쓰는 것: 그림도 긴 계산도 없는 짧은 문제지와, 그 답."""

from pathlib import Path

import nbformat

from classroom import sheets
from classroom.course import course
from classroom.sheets import write
from tests.classroom.conftest import NAME
from tests.classroom.marking import hand_in, source, written

# 남긴 셀. 05장의 1번과 설명하기입니다.
KEPT = ("setup", "question-1", "answer-1", "check-1", "question-5", "answer-5")
POINTS = 3.0
# 답의 코드에서 참고 풀이가 들어갈 자리.
RIGHT = "ANSWER"
NEVER_ENDS = "import time\nwhile True:\n    time.sleep(1)"


def short_source():
    notebook = sheets.source(NAME)
    notebook.cells = [cell for cell in notebook.cells if cell.id in KEPT]
    setup = notebook.cells[0]
    setup.source = setup.source.replace("from wi_lib import initializers, plots", "from wi_lib import initializers")
    assert "plots" not in setup.source
    return notebook


def hand_out():
    """짧은 문제지 한 장을 나누어 줍니다."""
    write(short_source(), course() / "source" / NAME / f"{NAME}.ipynb")
    sheets.release()


def answered(code=RIGHT):
    """1번에 코드를 쓴 답."""
    notebook = nbformat.read(course() / "release" / NAME / f"{NAME}.ipynb", as_version=4)
    given = next(cell.source for cell in source(NAME, None).cells if cell.id == "answer-1")
    cell = next(cell for cell in notebook.cells if cell.id == "answer-1")
    cell.source = code.replace(RIGHT, written(given))
    return notebook


def fill(answers):
    """{학생: 1번의 코드}를 냅니다. 채점할 것의 목록을 돌려줍니다."""
    for student, code in answers.items():
        hand_in(course(), student, NAME, answered(code))
    return [(student, NAME) for student in answers]


def results(folder):
    """{(학생, 장): 채점한 노트북에서 셀을 실행한 시각을 뺀 글}."""
    found = {}
    for path in Path(folder).glob("autograded/*/*/*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            cell.metadata.pop("execution", None)
        found[path.parts[-3:-1]] = nbformat.writes(notebook)
    return found
