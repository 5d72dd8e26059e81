"""나누어 채점하기: 이 프로세스에서, 코어마다, Dask에서 점수도 파일도 같고, 맡길 수 없는 작업자는 까닭을 말합니다."""

import errno

import nbformat
import pytest

from classroom import autograde as grading
from classroom import jail, worker
from classroom.autograde import autograde
from classroom.course import FOLDER
from classroom.grade import whole
from spread.versions import unlike
from tests.classroom.conftest import NAME, copied
from tests.classroom.marking import automatic
from tests.classroom.spreading import NEVER_ENDS, POINTS, RIGHT, answered, fill, hand_out, results
from tests.experiments.conftest import Cluster

pytestmark = pytest.mark.xdist_group("spread")
# 끝나지 않는 답 곁의 옳은 답과 틀린 답. [ ]는 이름의 무늬로 읽히기 쉽습니다.
ANSWERS = {"endless": NEVER_ENDS, "hana[1]": RIGHT, "wrong": "he_std = len"}
SCORES = {"endless": 0.0, "hana[1]": POINTS, "wrong": 0.0}


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory):
    folder = tmp_path_factory.mktemp("spread")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(FOLDER, str(folder))
        hand_out()
        yield folder, fill(ANSWERS)


def scores(folder):
    return {who: sum(marks.values()) for (who, _), marks in automatic(folder).items()}


def test_the_same_marks_everywhere(handed_in, tmp_path, monkeypatch):
    given, jobs = handed_in
    found = {}
    with Cluster() as cluster:
        cluster.worker()
        for engine in ("synchronous", "", cluster.address):
            folder = copied(given, tmp_path / (engine.partition(":")[0] or "processes"))
            monkeypatch.setenv(FOLDER, str(folder))
            monkeypatch.setenv("SCHEDULER", engine)
            autograde(jobs, "--GuardedExecute.each=2")
            found[engine] = results(folder)
            assert scores(folder) == SCORES, engine
            assert all(whole(path) for path in folder.glob("autograded/*/*/*.ipynb"))
    here, *others = found.values()
    assert set(here) == set(jobs)
    assert all(other == here for other in others)
    assert "시간 안에 끝나지 않아" in here["endless", NAME]


def test_grading_again_does_nothing(handed_in, tmp_path, monkeypatch):
    """다 채점한 것은 다시 실행하지 않고, 다시 낸 것만 실행합니다."""
    given, jobs = handed_in
    folder = copied(given, tmp_path / "course")
    monkeypatch.setenv(FOLDER, str(folder))
    monkeypatch.setenv("SCHEDULER", "synchronous")
    # 실행하지 않고 채점하면 빠릅니다. 무엇이 다시 맡겨지는지만 봅니다.
    for student, _ in jobs:
        (folder / "submitted" / student / NAME / "timestamp.txt").write_text(
            "2027-03-02 12:00:00 UTC", encoding="utf-8"
        )
    autograde(jobs, "--GuardedExecute.enabled=False")
    (folder / "submitted" / "wrong" / NAME / "timestamp.txt").write_text("2027-03-02 13:00:00 UTC", encoding="utf-8")
    asked = []
    monkeypatch.setattr(grading, "spread", lambda left, *_: asked.extend(left) or (each for each in ()))
    autograde(jobs)
    assert asked == [("wrong", NAME)]


@pytest.fixture
def refusing(handed_in, monkeypatch):
    """맡긴 것에 오류를 내는 작업자만 있는 곳에서 채점합니다."""

    def grade(error):
        monkeypatch.setattr(grading, "spread", lambda jobs, *_: ((job, None, error) for job in jobs))
        autograde(handed_in[1])

    return grade


def test_other_versions_stop_the_grading(handed_in, refusing):
    with pytest.raises(type(unlike({}))) as raised:
        worker.execute(nbformat.writes(answered()), {}, None, "다른 판")
    theirs = worker.versions() | {"classroom/shell.py": "다름", "numpy": "1.99.0"}
    raised.value.args = raised.value.args[0], theirs
    with pytest.raises(SystemExit, match=r"numpy: 1\.99\.0 ≠ .*classroom/shell\.py: 다름 ≠ \w+\. 같은 커밋"):
        refusing(raised.value)
    assert {"wi_check/ch05.py", "wi_lib/initializers.py", "classroom/kernel.py", "ipykernel", "Python"} <= set(theirs)


def test_a_worker_without_a_jail_stops_the_grading(handed_in, refusing, monkeypatch, tmp_path):
    """Dask의 작업자는 감옥이 있어야 하고, 이 기계에서는 울타리만으로도 채점합니다."""
    monkeypatch.setattr(jail, "trouble", jail.trouble.__wrapped__)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(worker.NoJail, match="bubblewrap이 없습니다") as raised:
        worker.execute(nbformat.writes(answered()), {}, None, worker.fingerprint())
    with pytest.raises(SystemExit, match=r"감옥이 없습니다.*SCHEDULER 없이"):
        refusing(raised.value)


def test_a_worker_without_room_stops_the_grading(handed_in, refusing, monkeypatch):
    """디스크가 찬 작업자는 무엇이든 곧바로 실패해, 두면 다른 작업자보다 먼저 온 반의 답을 받아 버립니다."""

    def full(*_, **__):
        raise OSError(errno.ENOSPC, "빈 자리가 없음")

    given = nbformat.writes(answered()), {}, None, worker.fingerprint()
    monkeypatch.setattr(jail, "trouble", lambda: None)
    for place in ("classroom.execution.manager", "tempfile.TemporaryDirectory"):
        with monkeypatch.context() as patch:
            patch.setattr(place, full)
            with pytest.raises(worker.NoRoom, match="빈 자리가 없음") as raised:
                worker.execute(*given)
    with pytest.raises(SystemExit, match="쓰지 못합니다"):
        refusing(raised.value)


def test_only_a_notebook_goes_to_a_worker(handed_in, monkeypatch):
    """이름도, 폴더도, 학기의 비밀도 보내지 않습니다. 다른 기계에서 실행하려면 확인 셀은 보내야 합니다."""
    monkeypatch.setenv("SCHEDULER", "tcp://127.0.0.1:1")
    monkeypatch.setenv("WI_COURSE_SECRET", "학기의 비밀")
    sent = grading.Grading([]).arguments(("hana[1]", NAME))
    text = repr(sent)
    assert "BEGIN HIDDEN TESTS" in text
    assert not [word for word in ("hana", "학기의 비밀", str(handed_in[0])) if word in text]


def test_letters_that_no_file_takes_do_not_stop_the_class(handed_in, tmp_path, monkeypatch):
    """커널이 남긴 말에 혼자 남은 서로게이트가 있고, 돌려준 것의 모양까지 틀려도 그 답만 채점하지 못합니다."""
    given, jobs = handed_in
    folder = copied(given, tmp_path / "course")
    monkeypatch.setenv(FOLDER, str(folder))
    made = grading.Grading([])
    made.arguments(jobs[0])
    made.finish(jobs[0], ("{}", "\ud800"), None)
    log = (folder / "logs" / f"autograde-{NAME}.log").read_text(encoding="utf-8")
    assert "\\ud800" in log
    assert "KeyError" in log
    assert results(folder) == {}


def test_an_unreachable_scheduler_is_named(handed_in, monkeypatch):
    """파일의 오류로 잘못 말하지 않습니다."""
    from dask import config

    monkeypatch.setenv("SCHEDULER", "tcp://127.0.0.1:1")
    with config.set({"distributed.comm.timeouts.connect": "1s"}), pytest.raises(SystemExit, match="닿지 않습니다"):
        autograde(handed_in[1])
