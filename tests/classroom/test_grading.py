"""강의자가 하는 그대로: 문제지를 만들고, 답을 모으고, nbgrader로 채점하고, 평가와 성적을 내보냅니다."""

import csv
import os
import re
import subprocess
import sys
import zipfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import nbformat
import pytest

from classroom.course import FOLDER, ROOT, SECRET
from classroom.exports import export
from classroom.feedback import feedback
from classroom.grade import grade
from classroom.moderation import moderate
from classroom.repair import mend
from tests.classroom.marking import (
    SECRET_MARKS,
    SECRETS,
    SHEETS,
    answers,
    automatic,
    checks,
    filled,
    hand_in,
    lines_only_in_source,
    mark_in_one_shell,
    released,
)
from tests.speaking import SPOKEN

# 채점의 시험은 한 프로세스에서 차례로 돕니다. 채점 자체가 코어를 모두 씁니다.
pytestmark = pytest.mark.xdist_group("grading")
SPRING, AUTUMN = SECRETS

# 확인 함수, numpy, wi_lib, 문제지의 수를 바꾸어 놓고 시험 셀까지 지운 답.
TAMPER = """
import sys, types
import numpy as np
import wi_check.answers
import wi_check.ch{chapter} as tests
import wi_lib
for module in [m for n, m in sys.modules.items() if n.startswith(("wi_check", "wi_lib")) and "figures" not in n]:
    for key, value in list(vars(module).items()):
        if isinstance(value, types.FunctionType) and value.__module__ == module.__name__:
            value.__code__ = (lambda *a, **k: None).__code__
            setattr(module, key, lambda *a, **k: None)
wi_lib.MLP.loss = lambda *a, **k: 0.0
wi_lib.activations.ACTIVATIONS.clear()
np.allclose = np.array_equal = lambda *a, **k: True
class ch{chapter}:
    pass
ch{chapter} = types.SimpleNamespace(**dict.fromkeys(vars(tests), lambda *a, **k: None))
sys.modules["wi_check"] = sys.modules["wi_check.ch{chapter}"] = ch{chapter}
get_ipython().events.register("pre_run_cell", lambda info: None)
get_ipython().set_custom_exc((Exception,), lambda *a, **k: None)
"""


def tampered(name, secret, solved=False):
    """확인하는 것을 모두 바꾸어 놓은 답. solved이면 답은 참고 풀이대로 옳습니다."""
    notebook = filled(name, secret) if solved else released(name, secret)
    for cell in notebook.cells:
        if cell.id == "answer-1":
            cell.source += TAMPER.format(chapter=name[:2])
        if cell.id.startswith("check-"):
            cell.source, cell.metadata.nbgrader["points"] = "pass", 100
    return notebook


# 커널에서는 장마다 참고 풀이를, 이 장에만 조작한 답과 빈 답과 틀린 답을 더 채점합니다. 나머지 장의 조작한 답은 아래의
# 다른 학기에서, 빈 답과 틀린 답은 test_exercises.py가 커널 없이 봅니다.
FULLY = "05_he"
MISTAKES = {task: code for task, *_, code, _says in answers(FULLY).WRONG if task in (1, 3)}


def handed_in(name):
    """{학생: 낸 노트북}."""
    given = {"reference": filled(name, SPRING)}
    if name == FULLY:
        given |= {"tampered": tampered(name, SPRING), "blank": released(name, SPRING)}
        given |= {"wrong": filled(name, SPRING, MISTAKES)}
    return given


def expected(name):
    """참고 풀이는 자동 채점 만점, 빈 답과 조작한 답은 0점, 틀린 답은 그 문제의 점수만 잃습니다."""
    full = {cell: float(points) for cell, points in checks(name).items()}
    nothing = dict.fromkeys(full, 0.0)
    found = {"reference": full}
    if name == FULLY:
        found |= {"tampered": nothing, "blank": nothing}
        found |= {"wrong": full | {f"check-{task}": 0.0 for task in MISTAKES}}
    return found


def make(folder, secret):
    environment = {**os.environ, FOLDER: str(folder), SECRET: secret}
    command = [sys.executable, "-m", "classroom.sheets"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, encoding=SPOKEN)


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """봄의 문제지를 학생 하나가 모든 장에, 셋이 한 장에만 내고 채점까지 마친 수업의 폴더."""
    folder = tmp_path_factory.mktemp("course")
    made = make(folder, SPRING)
    assert made.returncode == 0, made.stderr[-3000:]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(FOLDER, str(folder))
        for name in SHEETS:
            for student, notebook in handed_in(name).items():
                hand_in(folder, student, name, notebook)
        grade()
        yield folder


@pytest.mark.parametrize("name", SHEETS)
def test_points(graded, name):
    scores = automatic(graded)
    assert {student: scores[student, name] for student in expected(name)} == expected(name)


@pytest.fixture(scope="module")
def autumn():
    """{장: {학생: {확인 셀: 통과했는지}}}. 다른 학기의 조작한 답은 nbgrader 없이 IPython 하나에서 채점합니다.

    참고 풀이와 빈 답과 틀린 답은 test_exercises.py가 두 학기 모두에서 봅니다.
    """
    given = {
        name: {"unsolved": tampered(name, AUTUMN), "solved": tampered(name, AUTUMN, solved=True)} for name in SHEETS
    }
    mended = [mend(notebook, released(name, AUTUMN))[0] for name in SHEETS for notebook in given[name].values()]
    # 조작한 답이 이 프로세스의 wi_check까지 바꾸지 못하게 따로 띄웁니다.
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        marked = iter(pool.submit(mark_in_one_shell, mended).result())
    return {name: {student: next(marked) for student in given[name]} for name in SHEETS}


@pytest.mark.parametrize("name", SHEETS)
def test_points_of_the_other_term(autumn, name):
    """확인하는 것을 모두 바꾸어 놓아도, 옳은 답은 옳고 빈 답은 틀립니다."""
    assert autumn[name] == {
        student: dict.fromkeys(checks(name), right) for student, right in (("unsolved", False), ("solved", True))
    }


@pytest.mark.parametrize("name", SHEETS)
def test_released_files_have_no_answers(graded, name):
    """나누어 주는 노트북과 zip의 어느 파일에도 풀이, 숨은 시험, 채점 기준이 없습니다."""
    text = (graded / "release" / name / f"{name}.ipynb").read_text(encoding="utf-8")
    with zipfile.ZipFile(graded / "assignments.zip") as archive:
        assert archive.read(f"exercises/{name}.ipynb").decode() == text
        given = re.compile(
            r"(exercises|chapters)/|(README\.md|LICENSE|LICENSE-TEXT|(intro|lab|own_model|sweeps)\.ipynb|wi_lib-.*\.whl)$"
        )
        assert not [path for path in archive.namelist() if not given.match(path)]
    notebook = nbformat.reads(text, as_version=4)
    assert notebook == released(name, SPRING)
    assert not SECRET_MARKS.search(str(notebook))
    assert not [line for line in lines_only_in_source(name, SPRING) if line in str(notebook)]


def test_feedback_and_grades(graded, capfd):
    """평가에는 까닭이 적혀 있고 숨은 시험과 채점 기준은 없습니다. 성적은 학생마다 한 줄, 장마다 한 열입니다."""
    feedback()
    export()
    for name, student in [(FULLY, "wrong"), (FULLY, "tampered"), *((name, "reference") for name in SHEETS)]:
        page = (graded / "feedback" / student / name / f"{name}.html").read_text(encoding="utf-8")
        assert ("아직 아닙니다" in page) == (student != "reference")
        assert ("처음대로 되돌렸습니다" in page) == (student == "tampered")
        assert not re.search(
            r"BEGIN|HIDDEN|MARK SCHEME|hidden_seed|Traceback", re.sub(r"<style.*?</style>", "", page, flags=re.S)
        )
    with (graded / "lms.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["학번"]: row for row in csv.DictReader(file)}
    assert set(rows) == {"reference", "blank", "tampered", "wrong"}
    # 서술형이 남은 학생은 채점 중, 서술형을 비워 둔 학생은 그대로 0점입니다.
    assert all(re.fullmatch(r"\d+ \(\+\d+점 채점 중\)", rows["reference"][name]) for name in SHEETS)
    assert float(rows["reference"]["합계"]) == sum(sum(checks(name).values()) for name in SHEETS)
    assert {float(rows[who][FULLY]) for who in ("tampered", "blank")} == {0.0}


def test_moderation(graded, capsys):
    moderate(FULLY)
    said = capsys.readouterr().out
    assert re.search(r"1번 확인: 평균 \d\.\d/3점", said)
    assert re.search(r"건드리는 낱말이 있어 열어 볼 답: tampered \(.*sys\.modules", said)
    assert said.count("건드리는 낱말이 있어") == 1
    with (graded / "moderation-05_he.csv").open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.DictReader(file))) == 4


def test_sheets_in_use_are_not_replaced(graded):
    """답을 받은 뒤에 비밀이 바뀌면 문제지를 바꾸지 않고 멈춥니다."""
    before = (graded / "source" / "05_he" / "05_he.ipynb").read_bytes()
    made = make(graded, "다른 비밀")
    assert made.returncode != 0
    assert "이미 답을 받은 문제지" in made.stderr
    assert (graded / "source" / "05_he" / "05_he.ipynb").read_bytes() == before


def test_secret_is_stored_nowhere(graded):
    stored = [path for path in graded.rglob("*") if path.is_file()]
    assert {"gradebook.db", "assignments.zip", "05_he.ipynb"} <= {path.name for path in stored}
    for path in stored:
        content = path.read_bytes()
        assert not any(secret.encode() in content for secret in SECRETS), path
