"""강의자가 하는 그대로: 문제지를 만들고, 답을 모으고, nbgrader로 채점하고, 평가와 성적을 내보냅니다."""

import csv
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import zipfile

import nbformat
import pytest

from classroom import grading
from classroom import sheets as assignments
from tests.browsing import ROOT
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
)

# 확인 함수, numpy, 문제지의 수를 바꾸어 놓고 시험 셀까지 지운 답.
TAMPER = """
import sys, types
import numpy as np
import wi_check.answers
import wi_check.ch{chapter} as tests
for module in [m for n, m in sys.modules.items() if n.startswith("wi_check")]:
    for key, value in list(vars(module).items()):
        if isinstance(value, types.FunctionType):
            value.__code__ = (lambda *a, **k: None).__code__
            setattr(module, key, lambda *a, **k: None)
np.allclose = np.array_equal = lambda *a, **k: True
class ch{chapter}:
    pass
ch{chapter} = types.SimpleNamespace(**dict.fromkeys(vars(tests), lambda *a, **k: None))
sys.modules["wi_check"] = sys.modules["wi_check.ch{chapter}"] = ch{chapter}
get_ipython().events.register("pre_run_cell", lambda info: None)
get_ipython().set_custom_exc((Exception,), lambda *a, **k: None)
"""


def tampered(name, folder):
    notebook = nbformat.read(folder / "release" / name / f"{name}.ipynb", as_version=4)
    for cell in notebook.cells:
        if cell.id == "answer-1":
            cell.source += TAMPER.format(chapter=name[:2])
        if cell.id.startswith("check-"):
            cell.source, cell.metadata.nbgrader["points"] = "pass", 100
    return notebook


def wrong(name, which):
    """{문제: 그 문제의 which번째 틀린 답}. 그만큼 없는 문제는 빠집니다."""
    found = {}
    for task, *_, code, _says in answers(name).WRONG:
        found.setdefault(task, []).append(code)
    return {task: codes[which] for task, codes in found.items() if len(codes) > which}


def make_course(folder, secret):
    environment = {**os.environ, assignments.FOLDER: str(folder), assignments.SECRET: secret}
    made = subprocess.run(
        [sys.executable, "-m", "classroom.sheets"], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert made.returncode == 0, made.stderr[-3000:]
    return folder


# 채점의 시험은 한 프로세스에서 차례로 돕니다. 채점 자체가 코어를 모두 씁니다.
TERMS = [
    pytest.param(secret, id=name, marks=pytest.mark.xdist_group("grading"))
    for secret, name in zip(SECRETS, ("봄", "가을"), strict=True)
]


@pytest.fixture(scope="module", params=TERMS)
def graded(request, tmp_path_factory):
    """만점, 빈 답, 조작한 답, 틀린 답이 모든 장을 내고 채점까지 마친 수업의 폴더. 틀린 답은 학기마다 다릅니다."""
    folder = make_course(tmp_path_factory.mktemp("course"), request.param)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(assignments.FOLDER, str(folder))
        for name in SHEETS:
            blank = nbformat.read(folder / "release" / name / f"{name}.ipynb", as_version=4)
            sheets = {"reference": filled(name, folder), "blank": blank, "tampered": tampered(name, folder)}
            sheets["wrong"] = filled(name, folder, wrong(name, SECRETS.index(request.param)))
            for student, notebook in sheets.items():
                hand_in(folder, student, name, notebook)
        grading.grade()
        yield folder


@pytest.mark.parametrize("name", SHEETS)
def test_points(graded, name):
    """참고 풀이는 자동 채점 만점, 빈 답과 조작한 답은 0점, 틀린 답은 그 문제의 점수만 잃습니다."""
    scores, full = automatic(graded), {cell: float(points) for cell, points in checks(name).items()}
    assert scores["reference", name] == full
    assert scores["blank", name] == scores["tampered", name] == dict.fromkeys(full, 0.0)
    lost = {f"check-{task}" for task in wrong(name, term(graded, name))}
    assert lost
    assert scores["wrong", name] == {cell: 0.0 if cell in lost else points for cell, points in full.items()}


@pytest.mark.parametrize("name", SHEETS)
def test_released_files_have_no_answers(graded, name):
    """나누어 주는 노트북과 zip의 어느 파일에도 풀이, 숨은 시험, 채점 기준이 없습니다."""
    secret = SECRETS[term(graded, name)]
    text = (graded / "release" / name / f"{name}.ipynb").read_text(encoding="utf-8")
    with zipfile.ZipFile(graded / "assignments.zip") as archive:
        assert archive.read(f"exercises/{name}.ipynb").decode() == text
        assert not [n for n in archive.namelist() if not re.match(r"exercises/|chapters/|README\.md|.*\.whl$", n)]
    notebook = str(nbformat.reads(text, as_version=4))
    assert not SECRET_MARKS.search(notebook)
    assert not [line for line in lines_only_in_source(name, secret) if line in notebook]


def term(folder, name):
    """이 폴더의 문제지를 만든 비밀이 SECRETS의 몇째인지."""
    made = nbformat.read(folder / "source" / name / f"{name}.ipynb", as_version=4).metadata
    return [assignments.source(name, secret).metadata for secret in SECRETS].index(made)


def test_feedback_and_grades(graded, capfd):
    """평가에는 까닭이 적혀 있고 숨은 시험과 채점 기준은 없습니다. 성적은 학생마다 한 줄, 장마다 한 열입니다."""
    grading.feedback()
    grading.export()
    for name in SHEETS:
        page = (graded / "feedback" / "wrong" / name / f"{name}.html").read_text(encoding="utf-8")
        assert "아직 아닙니다" in page
        assert not re.search(
            r"BEGIN|HIDDEN|MARK SCHEME|hidden_seed|Traceback", re.sub(r"<style.*?</style>", "", page, flags=re.S)
        )
        tampered = (graded / "feedback" / "tampered" / name / f"{name}.html").read_text(encoding="utf-8")
        assert "처음대로 되돌렸습니다" in tampered
    with (graded / "lms.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["학번"]: row for row in csv.DictReader(file)}
    assert set(rows) == {"reference", "blank", "tampered", "wrong"}
    # 서술형이 남은 학생은 채점 중, 서술형을 비워 둔 학생은 그대로 0점입니다.
    assert {rows["reference"][name] for name in SHEETS} == {"채점 중"}
    assert {float(rows["blank"][name]) for name in SHEETS} == {0.0}


def test_moderation(graded, capsys):
    grading.moderate("05_he")
    said = capsys.readouterr().out
    assert re.search(r"check-1: 평균 \d\.\d/3점", said)
    with (graded / "moderation-05_he.csv").open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.DictReader(file))) == 4


def test_sheets_in_use_are_not_replaced(graded):
    """답을 받은 뒤에 비밀이 바뀌면 문제지를 바꾸지 않고 멈춥니다."""
    environment = {**os.environ, assignments.FOLDER: str(graded), assignments.SECRET: "다른 비밀"}
    before = (graded / "source" / "05_he" / "05_he.ipynb").read_bytes()
    made = subprocess.run(
        [sys.executable, "-m", "classroom.sheets"], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert made.returncode != 0
    assert "이미 답을 받은 문제지" in made.stderr
    assert (graded / "source" / "05_he" / "05_he.ipynb").read_bytes() == before


def test_secret_is_stored_nowhere(graded):
    for path in graded.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not any(secret.encode() in content for secret in SECRETS), path


# ---- 험한 답 ---------------------------------------------------------------------------------------------------------

NAME = "05_he"
# 1번 답에 쓴 코드 → 평가에 적히는 말. 나머지 문제는 참고 풀이입니다.
ROUGH = {
    "hang": ("while True: pass", "이 셀이 시간 안에 끝나지 않아"),
    "memory": ("kept = np.ones(2**33)", "MemoryError"),
    "flood": ("while True: print('x' * 1000)", "출력이 200,000자를 넘었습니다"),
    "syntax": ("def he_std(fan_in)\n    return 2", "SyntaxError"),
    "delete": ("import shutil\nshutil.rmtree('../../..')", "자기 폴더 밖을 바꿀 수 없습니다"),
}
# 한 답에서 차례로 해 보는 일 → 막으면서 하는 말.
ATTACKS = {
    "os.remove('../../../gradebook.db')": "자기 폴더 밖을 바꿀 수 없습니다",
    "os.rename('../../../gradebook.db', 'x')": "자기 폴더 밖을 바꿀 수 없습니다",
    "os.remove('etc/없는 파일', dir_fd=os.open('/', os.O_RDONLY))": "자기 폴더 밖을 바꿀 수 없습니다",
    "open('../../../gradebook.db', 'w')": "자기 폴더 밖에 쓸 수 없습니다",
    "os.open('../../../gradebook.db', os.O_RDWR)": "자기 폴더 밖에 쓸 수 없습니다",
    "os.system('rm -rf ../../../submitted')": "쓸 수 없는 기능입니다",
    "subprocess.run(['rm', '-rf', '../../../submitted'])": "쓸 수 없는 기능입니다",
    "os.fork()": "쓸 수 없는 기능입니다",
    "os.kill(os.getppid(), 9)": "쓸 수 없는 기능입니다",
    "socket.create_connection(('127.0.0.1', 9))": "쓸 수 없는 기능입니다",
    f"open('../../../source/{NAME}/{NAME}.ipynb')": "읽을 수 없는 파일입니다",
    f"open('../../../submitted/reference/{NAME}/{NAME}.ipynb')": "읽을 수 없는 파일입니다",
    f"open({str(ROOT / 'exercises' / f'{NAME}.ipynb')!r})": "읽을 수 없는 파일입니다",
    "open(f'/proc/{os.getppid()}/environ')": "읽을 수 없는 파일입니다",
}


def attack(notebook):
    """못 하게 한 일을 모두 해 보고, 자기 폴더와 임시 폴더를 쓰는 것처럼 해도 되는 일도 해 본 뒤에 답을 씁니다."""
    lines = ["import os, socket, subprocess, tempfile"]
    for code in ATTACKS:
        lines += ["try:", f"    {code}", f"    print('막지 못함:', {code!r})"]
        lines += ["except PermissionError as error:", "    print(error)"]
    lines += ["open('mine.txt', 'w').write('내 것')", "os.remove('mine.txt')"]
    lines += ["with tempfile.TemporaryDirectory() as folder:", "    open(folder + '/x', 'w').write('x')"]
    answer = next(cell for cell in notebook.cells if cell.id == "answer-1")
    answer.source = "\n".join([*lines, answer.source])


@pytest.fixture(scope="module")
def rough(tmp_path_factory):
    """험한 답을 모두 낸 수업의 폴더. 셀마다 4초, 노트북마다 20초로 채점합니다."""
    folder = make_course(tmp_path_factory.mktemp("rough"), "")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(assignments.FOLDER, str(folder))
        hand_in(folder, "reference", NAME, filled(NAME, folder))
        for student, (code, _) in ROUGH.items():
            hand_in(folder, student, NAME, filled(NAME, folder, {1: code}))
        for student, edit in EDITS.items():
            notebook = filled(NAME, folder)
            edit(notebook)
            hand_in(folder, student, NAME, notebook)
        hand_in(folder, "broken", NAME, filled(NAME, folder)).write_text("{이것은 노트북이 아닙니다")
        hand_in(folder, "zz-last", NAME, filled(NAME, folder))
        grading.nbgrader("autograde", NAME, "--GuardedExecute.each=4", "--GuardedExecute.total=20")
        yield folder


def remove_cells(notebook):
    notebook.cells = [
        cell for cell in notebook.cells if cell.id not in ("question-1", "check-1", "answer-2", "figure-4")
    ]


def reverse_cells(notebook):
    notebook.cells.reverse()


def repeat_cells(notebook):
    for cell in [cell for cell in notebook.cells if cell.id.startswith("answer-")]:
        notebook.cells.append(nbformat.from_dict({**cell, "id": f"copy-of-{cell.id}"}))


def age(notebook):
    notebook.metadata[assignments.STAMP].version = "00000000"


def exit_kernel(notebook):
    next(cell for cell in notebook.cells if cell.id == "answer-3").source = "import os\nos._exit(1)"


def never_stop(notebook):
    code = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"
    next(cell for cell in notebook.cells if cell.id == "answer-3").source = code


def slow_down(notebook):
    """셀마다 한도에 조금 못 미치게 걸립니다."""
    sleeping = nbformat.v4.new_code_cell("import time\ntime.sleep(3.5)")
    at = next(i for i, cell in enumerate(notebook.cells) if cell.id == "answer-3")
    notebook.cells[at:at] = [nbformat.from_dict({**sleeping, "id": f"nap-{i}"}) for i in range(8)]


def lose_stamp(notebook):
    del notebook.metadata[assignments.STAMP]


def shadow_packages(notebook):
    code = "open('wi_check.py', 'w').write('ch05 = None')\nopen('numpy.py', 'w').write('')\n"
    next(cell for cell in notebook.cells if cell.id == "answer-1").source = code


EDITS = {
    "attack": attack,
    "removed": remove_cells,
    "reversed": reverse_cells,
    "repeated": repeat_cells,
    "old": age,
    "exit": exit_kernel,
    "never": never_stop,
    "slow": slow_down,
    "stampless": lose_stamp,
    "shadow": shadow_packages,
}
FULL = {"check-1": 3.0, "check-2": 5.0, "check-3": 5.0, "check-4": 3.0}


@pytest.mark.xdist_group("grading")
def test_rough_answers_lose_only_their_points(rough):
    """멈추지 않거나 메모리를 먹거나 파일을 지우려는 답은 그 문제만 잃고, 남은 문제와 사람은 그대로 채점됩니다."""
    scores = automatic(rough)
    assert scores["reference", NAME] == scores["zz-last", NAME] == FULL
    for student, (_, says) in ROUGH.items():
        assert scores[student, NAME] == FULL | {"check-1": 0.0}, student
        text = (rough / "autograded" / student / NAME / f"{NAME}.ipynb").read_text(encoding="utf-8")
        assert says in re.sub(r"\\u001b\[[\d;]*m", "", text), student
    assert scores["attack", NAME] == FULL
    graded = nbformat.read(rough / "autograded" / "attack" / NAME / f"{NAME}.ipynb", as_version=4)
    said = "".join(o.text for o in next(cell for cell in graded.cells if cell.id == "answer-1").outputs)
    assert "막지 못함" not in said
    assert all(says in line for says, line in zip(ATTACKS.values(), said.splitlines(), strict=True)), said
    assert len(list((rough / "submitted").iterdir())) == len(ROUGH) + len(EDITS) + 3


@pytest.mark.xdist_group("grading")
def test_edited_sheets_are_mended(rough):
    """지우고 옮기고 겹쳐 놓은 셀은 처음대로 되돌리고, 무엇을 되돌렸는지 맨 앞에 적습니다."""
    scores = automatic(rough)
    assert scores["removed", NAME] == FULL | {"check-2": 0.0}
    assert scores["reversed", NAME] == scores["repeated", NAME] == scores["stampless", NAME] == FULL
    assert scores["shadow", NAME] == FULL | {"check-1": 0.0}
    # 커널이 죽거나 시간이 다하면 그 앞까지의 점수는 남습니다.
    for student in ("exit", "never", "slow"):
        assert scores[student, NAME] == {"check-1": 3.0, "check-2": 5.0, "check-3": 0.0, "check-4": 0.0}, student
    for student, says in {
        "removed": "check-1: 지워진 셀을 되살렸습니다.",
        "reversed": "셀의 차례를 처음대로 되돌렸습니다.",
        "repeated": "answer-1: 같은 셀이 여럿이라 마지막 것을 채점했습니다.",
        "stampless": "판 표시가 없어",
        "exit": "앞 셀을 실행하다가 커널이 꺼졌습니다.",
        "never": "어느 셀이 끝나지 않아 커널을 쓸 수 없게 되었습니다.",
        "slow": "실행하는 시간 20초가 다했습니다.",
    }.items():
        assert says in (rough / "autograded" / student / NAME / f"{NAME}.ipynb").read_text(encoding="utf-8"), student


@pytest.mark.xdist_group("grading")
def test_refused_files_are_named(rough, capsys):
    """옛 판과 깨진 파일은 채점하지 않고, 누구의 것이 왜 거절되었는지 말합니다."""
    grading.grade()
    said = capsys.readouterr().out
    assert f"old의 {NAME}: 채점하지 못했습니다. 이번에 나누어 준 판이 아닙니다(받은 것 00000000" in said
    assert f"broken의 {NAME}: 채점하지 못했습니다. 노트북으로 읽을 수 없습니다" in said
    with (rough / "refused.csv").open(encoding="utf-8-sig", newline="") as file:
        assert {row["학생"] for row in csv.DictReader(file)} == {"old", "broken"}


@pytest.mark.xdist_group("grading")
def test_collecting(rough, tmp_path, capsys, monkeypatch):
    """이름이 제멋대로인 파일도 내용으로 알아보고, 받을 수 없는 것은 까닭을 말합니다. 다시 모아도 새 답만 바뀝니다."""
    folder, inbox = tmp_path / "course", tmp_path / "inbox"
    folder.mkdir()
    monkeypatch.setenv(assignments.FOLDER, str(folder))
    shutil.copytree(rough / "release", folder / "release")
    shutil.copy(rough / "gradebook.db", folder)
    inbox.mkdir()
    sheet = nbformat.writes(filled(NAME, rough))
    (inbox / "reference_내 답 (최종) (2).ipynb").write_text(sheet, encoding="utf-8")
    (inbox / "exit_12345").mkdir()
    (inbox / "exit_12345" / "Untitled.ipynb").write_text(sheet, encoding="utf-8")
    (inbox / "stranger_05_he.ipynb").write_text(sheet, encoding="utf-8")
    (inbox / "hang_05_he.ipynb").write_text("[]", encoding="utf-8")
    old = filled(NAME, rough)
    age(old)
    (inbox / "old_05_he.ipynb").write_text(nbformat.writes(old), encoding="utf-8")
    lost = filled(NAME, rough)
    lose_stamp(lost)
    (inbox / "memory_what.ipynb").write_text(nbformat.writes(lost), encoding="utf-8")
    (inbox / "syntax_other.ipynb").write_text(nbformat.writes(nbformat.v4.new_notebook()), encoding="utf-8")
    (inbox / "flood_big.ipynb").write_bytes(b" " * (grading.LARGEST + 1))
    with zipfile.ZipFile(inbox / "lms.zip", "w") as archive:
        archive.writestr("../../delete_escape.ipynb", sheet)
        archive.writestr("removed_x/답안.ipynb", sheet)
    grading.collect(inbox)
    with (folder / "collected.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["파일"]: row["결과"] for row in csv.DictReader(file)}
    received = {path.parent.parent.name for path in (folder / "submitted").rglob("*.ipynb")}
    assert received == {"reference", "exit", "memory", "removed"}
    assert all(path.name == f"{NAME}.ipynb" for path in (folder / "submitted").rglob("*.ipynb"))
    for file, says in {
        "stranger_05_he.ipynb": "명단에 없는 학생",
        "hang_05_he.ipynb": "노트북으로 읽을 수 없습니다",
        "old_05_he.ipynb": "이번에 나누어 준 판이 아닙니다",
        "syntax_other.ipynb": "이 강의의 문제지가 아닙니다",
        "flood_big.ipynb": "한도 20 MB",
        "../../delete_escape.ipynb": "학번으로 시작하지 않습니다",
    }.items():
        assert rows[file].startswith("거절"), file
        assert says in rows[file]
    assert "6개를 거절했습니다" in capsys.readouterr().out
    grading.collect(inbox)
    assert "이미 같거나 더 새로운 답이 있음" in (folder / "collected.csv").read_text(encoding="utf-8-sig")


def test_interrupted_grading_goes_on(tmp_path_factory):
    """채점하다 전원이 나가도(SIGKILL) 성적부는 온전하고, 다시 부르면 남은 것만 이어서 채점합니다."""
    folder = make_course(tmp_path_factory.mktemp("interrupted"), "")
    students = [f"s{i}" for i in range(4)]
    for student in students:
        hand_in(folder, student, NAME, filled(NAME, folder))
    environment = {**os.environ, assignments.FOLDER: str(folder)}
    command = [sys.executable, "-m", "classroom.grading", "grade"]
    running = subprocess.Popen(
        command, cwd=ROOT, env=environment, start_new_session=True, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 60
    # 둘째 학생을 채점하는 도중에 끊습니다.
    while not (folder / "autograded" / "s1" / NAME / f"{NAME}.ipynb").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    with sqlite3.connect(folder / "gradebook.db") as database:
        assert database.execute("pragma integrity_check").fetchone() == ("ok",)
    done = {who for (who, _), scores in automatic(folder).items() if None not in scores.values()}
    assert done < set(students)
    kept = {who: (folder / "autograded" / who / NAME / f"{NAME}.ipynb").stat().st_mtime for who in done}
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    assert {who for (who, _), scores in automatic(folder).items() if scores == FULL} == set(students)
    for who, changed in kept.items():
        assert (folder / "autograded" / who / NAME / f"{NAME}.ipynb").stat().st_mtime == changed
