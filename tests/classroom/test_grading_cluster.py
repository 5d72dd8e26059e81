"""나누어 채점하는 동안 작업자, 커널, 스케줄러를 진짜로 죽이고, 맞지 않는 작업자를 붙여 봅니다(make test-grading)."""

import os
import shutil
from contextlib import suppress

import distributed  # noqa: F401  먼저 읽혀 있어야 config.set이 그 설정을 고쳤다가 되돌립니다.
import psutil
import pytest
from dask import config

from classroom.autograde import autograde
from classroom.course import FOLDER, ROOT
from tests.classroom.conftest import NAME, copied
from tests.classroom.marking import automatic
from tests.classroom.spreading import POINTS, RIGHT, fill, hand_out, results
from tests.experiments.conftest import Cluster, beside, wait_until

pytestmark = [
    pytest.mark.xdist_group("spread"),
    pytest.mark.skipif(not os.environ.get("WI_LIB_TEST_GRADING"), reason="make test-grading이 부릅니다."),
]
STUDENTS = [f"s{number}" for number in range(4)]
# 바쁜 기계에서는 작업자가 nbgrader를 읽는 데만 1분이 들기도 합니다.
SLOW = 300
# 작업자를 죽일 동안 셀이 끝나지 않게 합니다.
HELD = f"import time\ntime.sleep(15)\n{RIGHT}"


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cluster")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(FOLDER, str(folder))
        hand_out()
    return folder


@pytest.fixture
def course(released, tmp_path, monkeypatch):
    folder = copied(released, tmp_path / "course")
    monkeypatch.setenv(FOLDER, str(folder))
    return folder


@pytest.fixture
def cluster(monkeypatch):
    with Cluster() as started:
        monkeypatch.setenv("SCHEDULER", started.address)
        yield started


def kernels(process):
    """작업자 하나가 띄운 커널. 감옥을 짓는 bwrap은 뺍니다."""
    found = []
    for child in psutil.Process(process.pid).children(recursive=True):
        with suppress(psutil.Error):
            command = child.cmdline()
            found += [child] if "classroom.kernel" in command and "bwrap" not in command[0] else []
    return found


def scores(folder):
    return {who: sum(mark or 0 for mark in marks.values()) for (who, _), marks in automatic(folder).items()}


def test_a_killed_worker_costs_nothing(course, cluster):
    """커널까지 사라지고, 하던 답은 다른 작업자가 다시 채점합니다."""
    first, second = cluster.worker(), cluster.worker()
    gone = []

    def kill():
        wait_until(lambda: kernels(first) and kernels(second), "둘 다 채점함", SLOW)
        gone.extend(kernels(first))
        first.kill()
        first.wait()

    with beside(kill):
        autograde(fill(dict.fromkeys(STUDENTS, HELD)))
    assert scores(course) == dict.fromkeys(STUDENTS, POINTS)
    assert gone
    assert psutil.wait_procs(gone, timeout=10)[1] == []


def test_a_killed_process_of_this_machine_costs_nothing(course, monkeypatch):
    monkeypatch.setenv("SCHEDULER", "")
    gone = []

    def busy():
        return [child for child in psutil.Process().children() if kernels(child)]

    def kill():
        wait_until(busy, "채점을 시작함", SLOW)
        process = busy()[0]
        gone.extend(kernels(process))
        process.kill()

    with beside(kill):
        autograde(fill(dict.fromkeys(STUDENTS, HELD)))
    assert scores(course) == dict.fromkeys(STUDENTS, POINTS)
    assert gone
    assert psutil.wait_procs(gone, timeout=10)[1] == []


def test_a_killed_kernel_costs_its_own_answer(course, cluster):
    """메모리가 모자란 기계가 끈 것처럼. 켜지다가 꺼진 커널의 답은 채점하지 않고 남으므로, 답 셀까지 기다립니다."""
    worker = cluster.worker()

    def greedy():
        return [kernel for kernel in kernels(worker) if kernel.memory_info().rss > 300e6]

    def kill():
        wait_until(greedy, "답 셀에 이름", SLOW)
        greedy()[0].kill()

    with beside(kill):
        autograde(fill(dict.fromkeys(STUDENTS, f"held = b'x' * 300_000_000\n{HELD}")))
    found = scores(course)
    assert sorted(found.values()) == [0.0, *[POINTS] * (len(STUDENTS) - 1)]
    [lost] = [who for who, score in found.items() if not score]
    assert "커널이 꺼졌습니다" in results(course)[lost, NAME]


def test_a_restarted_scheduler_goes_on(course, cluster):
    worker = cluster.worker()

    def restart():
        wait_until(lambda: kernels(worker), "채점을 시작함", SLOW)
        cluster.stop()
        cluster.scheduler()
        cluster.worker()

    with beside(restart), config.set({"distributed.comm.timeouts.connect": "60s"}):
        autograde(fill(dict.fromkeys(STUDENTS, HELD)))
    assert scores(course) == dict.fromkeys(STUDENTS, POINTS)


def test_a_lost_scheduler_stops_and_the_rest_goes_on_here(course, cluster, monkeypatch):
    worker = cluster.worker()
    jobs = fill({"s0": RIGHT, **dict.fromkeys(STUDENTS[1:], HELD)})

    def lose():
        wait_until(lambda: results(course), "하나를 마침", SLOW)
        wait_until(lambda: kernels(worker), "다음을 채점함", SLOW)
        cluster.stop()

    lost = config.set({"distributed.comm.timeouts.connect": "2s"})
    with beside(lose), lost, pytest.raises(SystemExit, match="스케줄러와 끊겼습니다"):
        autograde(jobs)
    done = {path: path.stat().st_mtime for path in course.glob("autograded/*/*/*.ipynb")}
    assert 0 < len(done) < len(jobs)
    monkeypatch.setenv("SCHEDULER", "")
    autograde(jobs)
    assert scores(course) == dict.fromkeys(STUDENTS, POINTS)
    assert {path: path.stat().st_mtime for path in done} == done


def test_a_worker_of_another_commit_is_refused(course, cluster, tmp_path):
    for room in ("classroom", "spread", "wi_lib", "wi_check", "exercises"):
        shutil.copytree(ROOT / room, tmp_path / "clone" / room, ignore=shutil.ignore_patterns("__pycache__"))
    with open(tmp_path / "clone" / "wi_check" / "ch05.py", "a", encoding="utf-8") as changed:
        changed.write("# 다른 커밋\n")
    cluster.worker(cwd=tmp_path / "clone")
    with pytest.raises(SystemExit, match=r"wi_check/ch05\.py: \w+ ≠ \w+\. 같은 커밋"):
        autograde(fill({"s0": RIGHT}))
    assert results(course) == {}


def test_a_worker_without_the_repository_is_told_where_to_start(course, cluster, tmp_path):
    cluster.worker(cwd=tmp_path)
    with pytest.raises(SystemExit, match="저장소의 폴더에서"):
        autograde(fill({"s0": RIGHT}))


def test_a_worker_without_bubblewrap_is_refused(course, cluster, monkeypatch, tmp_path):
    """작업자에게만 bwrap이 없습니다."""
    with monkeypatch.context() as patch:
        patch.setenv("PATH", str(tmp_path))
        cluster.worker()
    with pytest.raises(SystemExit, match=r"감옥이 없습니다\. bubblewrap이 없습니다"):
        autograde(fill({"s0": RIGHT}))
    assert results(course) == {}


def test_one_answer_is_one_job(course, cluster):
    """온 반이 한 장을 내도 작업자 둘이 함께 채점합니다."""
    first, second = cluster.worker(), cluster.worker()
    seen = set()

    def look():
        wait_until(lambda: kernels(first) and kernels(second), "둘 다 채점함", SLOW)
        seen.update((first.pid, second.pid))

    with beside(look):
        autograde(fill(dict.fromkeys(STUDENTS, HELD)))
    assert len(seen) == 2
    assert len(results(course)) == len(STUDENTS)
    assert {name for _, name in automatic(course)} == {NAME}
