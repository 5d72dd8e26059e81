"""험한 답: 멈추지 않고, 메모리를 먹고, 파일을 지우려 하고, 문제지를 고치고, 채점하는 도중에 전원이 나갑니다."""

import csv
import re
from contextlib import redirect_stdout
from io import StringIO

import nbformat
import pytest

from classroom import grade as grading
from classroom.autograde import autograde
from classroom.course import EXERCISES, FOLDER, course
from classroom.sheets import STAMP
from tests.classroom.conftest import NAME, copied
from tests.classroom.marking import automatic, checks, filled, hand_in

pytestmark = pytest.mark.xdist_group("rough")
FULL = {cell: float(points) for cell, points in checks(NAME).items()}
# 학생 → {문제: (답에 쓴 코드, 그 셀이 하는 말)}. 마지막 문제는 참고 풀이입니다.
ROUGH = {
    "greedy": {
        1: ("while True: pass", "이 셀이 시간 안에 끝나지 않아"),
        2: ("kept = np.ones(2**33)", "MemoryError"),
        3: ("import shutil\nshutil.rmtree('../../..')", "자기 폴더 밖을 바꿀 수 없습니다"),
    },
    "noisy": {
        1: ("while True: print('x' * 1000)", "출력이 200,000자를 넘었습니다"),
        2: ("def he_std(fan_in)\n    return 2", "SyntaxError"),
        3: ("while True: print('x' * 1000)", "출력이 200,000자를 넘었습니다"),
    },
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
    f"open('../../../submitted/whole/{NAME}/{NAME}.ipynb')": "읽을 수 없는 파일입니다",
    f"open({str(EXERCISES / f'{NAME}.ipynb')!r})": "읽을 수 없는 파일입니다",
    "open(f'/proc/{os.getppid()}/environ')": "읽을 수 없는 파일입니다",
    # 울타리를 고쳐 놓고 넘어 보아도 마찬가지입니다.
    "import classroom.fence; classroom.fence.Fence.check_open = print; open('../../../gradebook.db', 'w')": (
        "자기 폴더 밖에 쓸 수 없습니다"
    ),
}


def answer(notebook, task):
    return next(cell for cell in notebook.cells if cell.id == f"answer-{task}")


def attack(notebook):
    """못 하게 한 일을 모두 해 보고, 자기 폴더와 임시 폴더를 쓰는 것처럼 해도 되는 일도 해 본 뒤에 답을 씁니다.

    자기 폴더에 확인 함수와 numpy의 이름을 가로챌 파일도 남깁니다.
    """
    lines = ["import os, socket, subprocess, tempfile"]
    for code in ATTACKS:
        code = code.replace("../../..", str(course()))
        lines += ["try:", f"    {code}", f"    print('막지 못함:', {code!r})"]
        lines += ["except PermissionError as error:", "    print(error)"]
    lines += ["open('mine.txt', 'w').write('내 것')", "os.remove('mine.txt')"]
    lines += ["with tempfile.TemporaryDirectory() as folder:", "    open(folder + '/x', 'w').write('x')"]
    lines += ["open('wi_check.py', 'w').write('ch05 = None')", "open('numpy.py', 'w').close()"]
    answer(notebook, 1).source = "\n".join([*lines, answer(notebook, 1).source])


def remove_cells(notebook):
    gone = ("question-1", "check-1", "answer-2", "figure-4")
    notebook.cells = [cell for cell in notebook.cells if cell.id not in gone]


def shuffle(notebook):
    """셀의 차례를 뒤집고, 답 셀을 한 번 더 붙여 넣고, 판 표시를 지웁니다."""
    notebook.cells.reverse()
    for cell in [cell for cell in notebook.cells if cell.id.startswith("answer-")]:
        notebook.cells.append(nbformat.from_dict({**cell, "id": f"copy-of-{cell.id}"}))
    del notebook.metadata[STAMP]


def age(notebook):
    notebook.metadata[STAMP].version = "00000000"


def exit_kernel(notebook):
    answer(notebook, 3).source = "import os\nos._exit(1)"


def never_stop(notebook):
    code = "import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: time.sleep(1)"
    answer(notebook, 3).source = code


def slow_down(notebook):
    """셀마다 한도에 조금 못 미치게 걸립니다."""
    sleeping = nbformat.v4.new_code_cell("import time\ntime.sleep(3.5)")
    at = notebook.cells.index(answer(notebook, 3))
    notebook.cells[at:at] = [nbformat.from_dict({**sleeping, "id": f"nap-{i}"}) for i in range(8)]


EDITS = {
    "attack": attack,
    "removed": remove_cells,
    "whole": shuffle,
    "old": age,
    "exit": exit_kernel,
    "never": never_stop,
    "slow": slow_down,
}


@pytest.fixture(scope="module")
def rough(released_sheet, tmp_path_factory):
    """험한 답을 모두 낸 수업의 폴더와, 셀마다 4초, 노트북마다 20초로 채점하면서 한 말."""
    folder, said = copied(released_sheet, tmp_path_factory.mktemp("험한 답")), StringIO()
    limits = ("--GuardedExecute.each=4", "--GuardedExecute.total=20")
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(said):
        patch.setenv(FOLDER, str(folder))
        patch.setattr(grading, "autograde", lambda jobs: autograde(jobs, *limits))
        for student, tasks in ROUGH.items():
            hand_in(folder, student, NAME, filled(NAME, None, {task: code for task, (code, _) in tasks.items()}))
        for student, edit in EDITS.items():
            notebook = filled(NAME, None)
            edit(notebook)
            hand_in(folder, student, NAME, notebook)
        hand_in(folder, "broken", NAME, filled(NAME, None)).write_text("{이것은 노트북이 아닙니다", encoding="utf-8")
        hand_in(folder, "early", "06_mnist", filled("06_mnist", None))
        grading.grade()
    (folder / "said.txt").write_text(said.getvalue(), encoding="utf-8")
    return folder


def graded(folder, student):
    return nbformat.read(folder / "autograded" / student / NAME / f"{NAME}.ipynb", as_version=4)


def said(cell):
    """셀의 출력에 적힌 말. 색을 내는 글자는 뺍니다."""
    text = "".join(o.get("text", "") + "\n".join(o.get("traceback", [])) for o in cell.outputs)
    return re.sub(r"\x1b\[[\d;]*m", "", text)


@pytest.mark.parametrize("student", ROUGH)
def test_rough_answers_lose_only_their_points(rough, student):
    """멈추지 않거나 메모리를 먹거나 파일을 지우려는 답은 그 문제만 잃고, 남은 문제는 그대로 채점됩니다."""
    assert automatic(rough)[student, NAME] == FULL | {f"check-{task}": 0.0 for task in ROUGH[student]}
    for task, (_, says) in ROUGH[student].items():
        assert says in said(answer(graded(rough, student), task)), task


def test_others_are_graded_as_ever(rough):
    """험한 답 뒤의 사람도 만점을 받고, 낸 답은 하나도 사라지지 않습니다."""
    assert automatic(rough)["whole", NAME] == FULL
    assert {path.name for path in (rough / "submitted").iterdir()} == {*ROUGH, *EDITS, "broken", "early"}
    assert list((rough / "scratch").iterdir()) == []


def test_attacks_are_stopped(rough):
    """막아야 할 일은 하나하나 까닭을 말하며 막고, 해도 되는 일은 둡니다."""
    assert automatic(rough)["attack", NAME] == FULL
    lines = said(answer(graded(rough, "attack"), 1)).splitlines()
    assert [(code, line) for (code, says), line in zip(ATTACKS.items(), lines, strict=True) if says not in line] == []


def test_edited_sheets_are_mended(rough):
    """지우고 옮기고 겹쳐 놓은 셀은 처음대로 되돌리고, 무엇을 되돌렸는지 맨 앞에 적습니다."""
    scores = automatic(rough)
    assert scores["removed", NAME] == FULL | {"check-2": 0.0}
    assert scores["whole", NAME] == FULL
    for student, says in {
        "removed": ["check-1: 지워진 셀을 되살렸습니다."],
        "whole": [
            "셀의 차례를 처음대로 되돌렸습니다.",
            "answer-1: 같은 셀이 여럿이라 마지막 것을 채점했습니다.",
            "판 표시가 없어",
        ],
    }.items():
        assert all(each in graded(rough, student).cells[0].source for each in says), student


STOPPED = {
    "exit": "앞 셀을 실행하다가 커널이 꺼졌습니다.",
    "never": "어느 셀이 끝나지 않아 커널을 쓸 수 없게 되었습니다.",
    "slow": "실행하는 시간 20초가 다했습니다.",
}


@pytest.mark.parametrize("student", STOPPED)
def test_points_before_the_kernel_died_stay(rough, student):
    """커널이 죽거나 시간이 다하면 그 앞까지의 점수는 남습니다."""
    assert automatic(rough)[student, NAME] == FULL | {"check-3": 0.0, "check-4": 0.0}
    check = next(cell for cell in graded(rough, student).cells if cell.id == "check-4")
    assert STOPPED[student] in said(check)


def test_refused_files_are_named(rough):
    """옛 판과 깨진 파일, 나누어 주지 않은 장은 채점하지 않고, 누구의 것이 왜 거절되었는지 말합니다."""
    said = (rough / "said.txt").read_text(encoding="utf-8")
    assert f"old의 {NAME}: 채점하지 못했습니다. 이번에 나누어 준 판이 아닙니다(받은 것 00000000" in said
    assert f"broken의 {NAME}: 채점하지 못했습니다. 노트북으로 읽을 수 없습니다" in said
    assert "early의 06_mnist: 채점하지 못했습니다. 이 장의 문제지를 나누어 주지 않았습니다" in said
    with (rough / "refused.csv").open(encoding="utf-8-sig", newline="") as file:
        assert {row["학생"] for row in csv.DictReader(file)} == {"old", "broken", "early"}
