"""채점하는 도중에 끊기고, 두 번 부르고, 디스크가 차고, 폴더가 잠겨도 잃는 것이 없습니다."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, suppress

import psutil
import pytest

from classroom import grade as grading
from classroom.__main__ import main
from classroom.course import FOLDER, ROOT
from classroom.grade import forget_half_done, whole
from classroom.gradebook import gradebook
from tests.classroom.conftest import NAME
from tests.classroom.marking import automatic, checks, filled, hand_in
from tests.classroom.test_rough_answers import ATTACKS, EDITS, answer, graded, said
from tests.speaking import SPOKEN

pytestmark = [pytest.mark.xdist_group("rough"), pytest.mark.skipif(os.name == "nt", reason="신호를 보냅니다.")]
FULL = {cell: float(points) for cell, points in checks(NAME).items()}
COMMAND = [sys.executable, "-m", "classroom", "grade"]


def test_everyone_is_enrolled_before_grading(classroom, monkeypatch):
    """한 장도 채점하지 못한 학생도 성적표에 있습니다."""
    seen = []

    def autograde(jobs):
        with closing(gradebook()) as book:
            seen.extend(student.id for student in book.students)

    hand_in(classroom, "20270001", NAME, filled(NAME, None))
    monkeypatch.setattr(grading, "autograde", autograde)
    grading.grade()
    assert seen == ["20270001"]


@pytest.mark.parametrize("name", ["반 [1]", "a?b", "a*b", "50%20"])
def test_a_folder_that_nbgrader_misreads_is_refused(tmp_path, monkeypatch, name):
    """?가 있으면 성적부가 수업의 폴더 밖에 생겼고, 나머지는 문제지를 찾지 못하거나 영어로 멈췄습니다."""
    monkeypatch.setenv(FOLDER, str(tmp_path / name / "course"))
    with pytest.raises(SystemExit, match="nbgrader가 잘못 읽습니다"):
        main(["grade"])
    assert not (tmp_path / name).exists()


@pytest.fixture
def unjailed(tmp_path, monkeypatch):
    """bwrap이 없는 기계. 울타리만으로 막고 치워야 합니다."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "sh").symlink_to(shutil.which("sh"))
    monkeypatch.setenv("PATH", str(folder))


def start():
    return subprocess.Popen(COMMAND, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding=SPOKEN)


def wait_until(true):
    deadline = time.monotonic() + 120
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def gone(processes):
    wait_until(lambda: not [p for p in processes if p.is_running() and p.status() != psutil.STATUS_ZOMBIE])


def kernels(running):
    """돌던 것이 띄운 커널."""
    found = []
    for process in psutil.Process(running.pid).children(recursive=True):
        with suppress(psutil.Error):
            found += [process] if "classroom.kernel" in process.cmdline() else []
    return found


def interrupt(running, sign, folder):
    """돌던 것을 끊습니다. 커널까지 모두 사라지고 성적부는 온전합니다."""
    family = psutil.Process(running.pid).children(recursive=True)
    assert len(family) > 1
    running.send_signal(sign)
    out, err = running.communicate(timeout=60)
    gone(family)
    with sqlite3.connect(folder / "gradebook.db") as database:
        assert database.execute("pragma integrity_check").fetchone() == ("ok",)
    return out + err


@pytest.mark.usefixtures("unjailed")
def test_interrupted_grading_goes_on(classroom, tmp_path):
    """채점하다 끊거나(Ctrl-C) 전원이 나가도(SIGKILL) 남은 것만 이어서 채점합니다. 그동안 다른 명령은 기다립니다."""
    first, second = filled(NAME, None), filled(NAME, None)
    EDITS["attack"](first)
    waits = f"import os, time\nwhile not os.path.exists({str(tmp_path / 'go')!r}): time.sleep(0.05)\n"
    answer(second, 1).source = waits + answer(second, 1).source
    for student, notebook in (("s0", first), ("s1", second)):
        hand_in(classroom, student, NAME, notebook)
    kept = classroom / "autograded" / "s0" / NAME / f"{NAME}.ipynb"

    running = start()
    wait_until(lambda: whole(kept))
    with pytest.raises(SystemExit, match=rf"돌고 있습니다: make grade, 프로세스 {running.pid}, 2\d+-.*에 시작"):
        main(["collect", str(classroom)])
    assert "멈췄습니다. 다시 부르면 남은 것만 이어서 합니다." in interrupt(running, signal.SIGINT, classroom)

    running = start()
    wait_until(lambda: kernels(running))
    interrupt(running, signal.SIGKILL, classroom)
    # 실행하던 답은 성적부에 아직 없고, 마친 답은 그대로입니다.
    assert automatic(classroom) == {("s0", NAME): FULL}
    changed = kept.stat().st_mtime

    (tmp_path / "go").touch()
    out = subprocess.run(COMMAND, cwd=ROOT, check=True, capture_output=True, encoding=SPOKEN).stdout
    assert "bubblewrap이 없습니다. Python 울타리만 칩니다." in out
    assert {who: scores for (who, _), scores in automatic(classroom).items()} == {"s0": FULL, "s1": FULL}
    assert kept.stat().st_mtime == changed
    assert list((classroom / "scratch").iterdir()) == []
    # 감옥이 없어도 울타리가 하나하나 까닭을 말하며 막습니다.
    lines = said(answer(graded(classroom, "s0"), 1)).splitlines()
    assert [(code, line) for (code, says), line in zip(ATTACKS.items(), lines, strict=True) if says not in line] == []
    # 다시 낸 답을 채점하다 끊기면 성적부에는 옛 점수가, 폴더에는 아직 쓸 수 있는 노트북이 남습니다.
    kept.chmod(0o644)
    forget_half_done()
    assert [path.name for path in classroom.glob(f"autograded/*/{NAME}")] == [NAME]
    assert not kept.exists()


def test_a_folder_that_cannot_be_written(tmp_path, monkeypatch):
    """쓸 수 없는 폴더이면 아무것도 하지 않고, 어느 폴더인지 말합니다."""
    (tmp_path / "파일").touch()
    monkeypatch.setenv(FOLDER, str(tmp_path / "파일" / "우리 반"))
    with pytest.raises(SystemExit, match=r"^파일을 읽거나 쓰지 못해 멈췄습니다\. .*우리 반"):
        main(["grade"])
