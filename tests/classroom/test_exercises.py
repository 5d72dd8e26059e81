"""연습 문제지: 참고 풀이는 만점, 받은 그대로면 0점, 옳은 답은 어떻게 써도 통과하고 틀린 답은 까닭을 듣습니다."""

import re

import nbformat
import pytest

from classroom import sheets as assignments
from classroom.course import ROOT
from tests.classroom.marking import (
    SECRET_MARKS,
    SECRETS,
    SHEETS,
    answers,
    checks,
    code_cells,
    lines_only_in_source,
    mark,
    solved,
    source,
    stubs,
)

RIGHT = [(name, *case) for name in SHEETS for case in answers(name).RIGHT]
WRONG = [(name, *case) for name in SHEETS for case in answers(name).WRONG]


def ids(cases):
    return [f"{case[0]}-{case[1]}번 {case[2]}" for case in cases]


def on_one_worker(cases):
    """한 장의 시험은 한 프로세스에 모아, 읽고 만든 것을 함께 씁니다."""
    return [
        pytest.param(*case, id=name, marks=pytest.mark.xdist_group(f"sheet-{case[0]}"))
        for case, name in zip(cases, ids(cases), strict=True)
    ]


@pytest.mark.parametrize("secret", [None, *SECRETS], ids=["책", "봄", "가을"])
@pytest.mark.parametrize("name", SHEETS)
def test_reference_gets_everything_and_blank_nothing(name, secret):
    assert mark(name, secret) == dict.fromkeys(checks(name))
    untouched = mark(name, secret, blank=True)
    assert untouched.keys() == checks(name).keys()
    for cell, message in untouched.items():
        assert message, f"{cell}: 답을 쓰지 않아도 통과합니다."
        assert not message.startswith("!!!"), (cell, message)


@pytest.mark.parametrize("secret", SECRETS, ids=["봄", "가을"])
@pytest.mark.parametrize(("name", "task", "how", "code"), on_one_worker(RIGHT))
def test_right_answers_pass_however_written(name, task, how, code, secret):
    assert mark(name, secret, {task: code}, only=task) == {f"check-{task}": None}


@pytest.mark.parametrize("secret", [None, *SECRETS], ids=["책", "봄", "가을"])
@pytest.mark.parametrize(("name", "task", "how", "code", "says"), on_one_worker(WRONG))
def test_wrong_answers_fail_with_a_reason(name, task, how, code, says, secret):
    """틀린 답은 점수를 잃고 까닭을 듣습니다. 책의 문제지를 혼자 푸는 사람은 보이는 시험만으로 같은 말을 듣습니다."""
    message = mark(name, secret, {task: code}, only=task, hidden=secret is not None)[f"check-{task}"]
    assert message, f"{how}: 틀린 답이 통과합니다."
    assert says in message, message


@pytest.mark.parametrize("name", SHEETS)
def test_enough_wrong_answers_for_every_task(name):
    wrong, tasks = answers(name).WRONG, {int(cell.split("-")[1]) for cell in checks(name)}
    assert len(wrong) >= 5
    assert {task for task, *_ in wrong} == tasks
    assert answers(name).RIGHT


@pytest.mark.parametrize("name", SHEETS)
def test_the_last_task_alone_is_explained_in_words(name):
    cells = nbformat.read(ROOT / "exercises" / f"{name}.ipynb", as_version=4).cells
    kinds = [cell.cell_type for cell in cells if cell.id.startswith("answer-")]
    assert kinds == ["code"] * len(checks(name)) + ["markdown"]


@pytest.mark.parametrize("secret", [None, *SECRETS], ids=["책", "봄", "가을"])
@pytest.mark.parametrize("name", SHEETS)
def test_student_sheet_has_no_answers(name, secret):
    """수강생용 노트북에는 풀이도, 숨은 시험도, 채점 기준도, 출력도 없습니다. 셀의 metadata까지 봅니다."""
    notebook = assignments.student(source(name, secret))
    text = str(notebook)
    assert not SECRET_MARKS.search(text)
    assert lines_only_in_source(name, secret)
    for line in lines_only_in_source(name, secret):
        assert line not in text, line
    for cell in notebook.cells:
        assert not cell.get("outputs")
    assert secret is None or secret not in text


@pytest.mark.parametrize("name", SHEETS)
def test_secrets_change_the_numbers(name):
    """비밀이 같으면 같은 문제지, 다르면 다른 수와 시드입니다. 문제의 글은 수를 말하지 않으므로 그대로입니다."""
    assert assignments.source(name, SECRETS[0]) == assignments.source(name, SECRETS[0])
    sheets = [assignments.source(name, secret) for secret in (None, *SECRETS)]
    versions = [sheet.metadata[assignments.STAMP].version for sheet in sheets]
    assert len(set(versions)) == 3
    setups, tests = (
        [cell.source for sheet in sheets for cell in sheet.cells if match(cell.id)]
        for match in (lambda cell: cell == "setup", lambda cell: cell.startswith("check-"))
    )
    assert len(set(setups)) == 3
    assert any("hidden_seed" in test for test in tests)
    for one, other in zip(sheets[0].cells, sheets[1].cells, strict=True):
        assert one.cell_type == "code" or one.source == other.source


@pytest.mark.parametrize("name", SHEETS)
def test_what_could_be_copied_is_hidden_or_varied(name):
    """함수를 묻는 문제에는 숨은 시험이 있고, 준비 셀과 확인 셀이 정하는 수는 모두 비밀에 따라 바뀝니다."""
    cells = {cell.id: cell.source for cell in nbformat.read(ROOT / "exercises" / f"{name}.ipynb", as_version=4).cells}
    tests = [cell for cell in cells if cell.startswith("check-")]
    asked = [cell for cell in tests if re.search(r"(?m)^def ", cells[cell.replace("check", "answer")])]
    assert [cell for cell in asked if "### BEGIN HIDDEN TESTS" not in cells[cell]] == []
    lines = [line for cell in ("setup", *tests) for line in cells[cell].splitlines()]
    numbers = [line for line in lines if re.match(r"\w+ = [-\d.]+\s*(#|$)", line)]
    assert numbers
    assert [line for line in numbers if "# variant: " not in line] == []


@pytest.mark.parametrize("name", SHEETS)
def test_published_numbers_do_not_answer_this_term(name):
    """책의 풀이가 구한 **수**를 베껴 쓰면, 수를 묻는 문제 가운데 적어도 하나는 이번 학기의 점수를 잃습니다."""
    copied = {task: code for task, code in published_values(name).items() if code}
    assert copied, "그림을 읽는 문제가 없습니다."
    for secret in SECRETS:
        lost = [task for task, code in copied.items() if mark(name, secret, {task: code}, only=task)[f"check-{task}"]]
        assert lost, copied


def published_values(name):
    """{문제 번호: 책의 풀이가 정한 값을 그대로 적은 코드}. 값을 적는 문제만 담습니다."""
    found = {}
    for cell in code_cells(name, None):
        names = re.findall(r"(?m)^(\w+) = .*\.\.\..*$", stubs(name, None)[cell.id])
        if names and cell.id.startswith("answer-"):
            values = solved(name, None)
            code = "import numpy as np\nfrom numpy import array\nnan = inf = 0\n"
            found[int(cell.id.split("-")[1])] = code + "\n".join(f"{n} = {literal(values[n])}" for n in names)
    return found


def literal(value):
    return repr(value.tolist() if hasattr(value, "tolist") else value)


@pytest.mark.parametrize("name", SHEETS)
def test_frame(name):
    """문제마다 점수, 시간, 배우는 것이 있고, 더하면 20점과 머리말의 시간입니다. 서술형에는 채점 기준이 있습니다."""
    cells = {cell.id: cell for cell in source(name, None).cells}
    minutes = int(re.search(r"\*\*점수\.\*\* 20점\. \*\*걸리는 시간\.\*\* (\d+)분\.", cells["text-1"].source)[1])
    questions = {cell: cells[cell].source for cell in cells if cell.startswith("question-")}
    said = {cell: re.search(r"\*\*(\d+)점 · (\d+)분\.\*\* 배우는 것: \S", text) for cell, text in questions.items()}
    assert 3 <= len(said) <= 6
    assert all(said.values()), said
    assert sum(int(match[2]) for match in said.values()) == minutes
    points = {
        cell: about["points"] for cell in cells if (about := cells[cell].metadata.get("nbgrader", {})).get("grade")
    }
    assert sum(points.values()) == 20
    for cell, match in said.items():
        number = cell.split("-")[1]
        assert points.get(f"check-{number}", points.get(f"answer-{number}")) == int(match[1])
    essays = [cell for cell in points if cell.startswith("answer-")]
    assert len(essays) == 1
    scheme = re.search(r"BEGIN MARK SCHEME(.*?)### END", questions[essays[0].replace("answer", "question")], re.S)[1]
    assert sum(map(int, re.findall(r"(?m)^- (\d+)점: ", scheme))) == points[essays[0]]


@pytest.mark.parametrize("name", SHEETS)
def test_given_cells_are_locked(name):
    """주어진 셀은 JupyterLab에서 고치거나 지울 수 없게 되어 있고, 답 셀은 고칠 수만 있습니다."""
    for cell in assignments.student(source(name, None)).cells:
        if cell.id.startswith("answer-"):
            assert (cell.metadata.get("editable", True), cell.metadata["deletable"]) == (True, False)
        elif not cell.id.startswith("text-"):
            assert (cell.metadata["editable"], cell.metadata["deletable"]) == (False, False)
