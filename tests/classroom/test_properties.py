"""모으기의 성질: 다시 모아도, 어느 차례로 모아도, 여러 폴더에 나누어 모아도 학생마다 가장 나중에 낸 답이 남습니다."""

import functools
import os
import shutil
import tempfile
import time
import zipfile
from pathlib import Path

import hypothesis.strategies as st
import nbformat
import pytest
from hypothesis import HealthCheck, given, settings

from classroom import sheets
from classroom.collect import collect
from tests.classroom.conftest import NAME
from tests.classroom.making import packed
from tests.classroom.marking import filled
from tests.classroom.test_collecting import MARCH, collected

pytestmark = pytest.mark.xdist_group("collecting")
STUDENTS, ANSWERS = ("20270001", "20270002"), 3
# zip에는 시각이 2초마다 적힙니다.
TICK = 2
# (학생, 답, 낸 차례, 담긴 것, 모으는 폴더). 시각이 같은 다른 답과 되돌린 답은 없습니다: 앞의 것은 함께 온 것끼리
# 이름으로 가리고, 이미 받은 답이 다시 오면 먼저 받은 시각을 둡니다(내려받을 때마다 시각이 바뀌는 LMS가 있습니다).
handed = st.tuples(
    st.sampled_from(STUDENTS),
    st.integers(0, ANSWERS - 1),
    st.integers(0, 20),
    st.sampled_from(["파일", "폴더", "zip"]),
    st.integers(0, 2),
)
batches = st.lists(handed, min_size=1, max_size=5, unique_by=(lambda file: (file[0], file[2]), lambda file: file[:2]))


@functools.cache
def text(answer):
    return nbformat.writes(filled(NAME, None, {1: f"# 답 {answer}"}))


def put(folder, student, answer, tick, kind):
    """folder에 답 하나를 둡니다."""
    # 이름의 차례는 낸 차례와 다릅니다.
    name, moment = f"{student}_{7 * tick % 23}", MARCH + TICK * tick
    if kind == "zip":
        info = zipfile.ZipInfo("답.ipynb", time.localtime(moment)[:6])
        (folder / f"{name}.zip").write_bytes(packed((info, text(answer))))
        return
    path = folder / name / "답.ipynb" if kind == "폴더" else folder / f"{name}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text(answer), encoding="utf-8")
    os.utime(path, (moment, moment))


def gathered(classroom, root, *groups):
    """빈 반에서 묶음을 차례로 모은 것: {낸 답의 경로: 바이트}."""
    shutil.rmtree(classroom / "submitted", ignore_errors=True)
    for group in groups:
        again(classroom, root, group)
    return placed(classroom)


def again(classroom, root, group):
    """묶음 하나를 새 폴더에 두고 모읍니다. {파일: 결과}입니다."""
    folder = Path(tempfile.mkdtemp(dir=root))
    for student, answer, tick, kind, _ in group:
        put(folder, student, answer, tick, kind)
    collect(folder)
    return {name: result for name, (_, result) in collected(classroom).items()}


def placed(classroom):
    folder = classroom / "submitted"
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.*")}


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches, st.randoms(use_true_random=False))
def test_collecting_does_not_depend_on_the_order_or_the_folders(classroom, tmp_path, files, random):
    """반의 폴더는 예마다 비우고 씁니다."""
    whole = gathered(classroom, tmp_path, files)
    newest = {student: max((f for f in files if f[0] == student), key=lambda f: f[2]) for student, *_ in files}
    assert len(whole) == 2 * len(newest)
    for student, (_, answer, tick, *_) in newest.items():
        folder = f"{student}/{NAME}"
        kept = nbformat.reads(whole[f"{folder}/{NAME}.ipynb"].decode(), 4)
        assert [cell.source for cell in kept.cells if cell.id == "answer-1"] == [f"# 답 {answer}"]
        moment = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(MARCH + TICK * tick))
        assert whole[f"{folder}/timestamp.txt"].decode() == moment
    # 다시 모으면 아무것도 바뀌지 않고, 받았다고 하지 않습니다.
    assert not [result for result in again(classroom, tmp_path, files).values() if result.startswith("받음")]
    assert placed(classroom) == whole
    groups = [[file for file in files if file[-1] == at] for at in range(3)]
    random.shuffle(groups)
    assert gathered(classroom, tmp_path, *groups) == whole


def test_releasing_again_gives_the_same_bytes(classroom):
    """같은 원본에서 다시 나누어 주면 원본도 수강생의 노트북도 그대로입니다."""
    released = [{path: path.read_bytes() for path in classroom.glob("[rs]*e/*/*")}]
    sheets.write_source(NAME, None)
    sheets.release()
    released.append({path: path.read_bytes() for path in classroom.glob("[rs]*e/*/*")})
    assert {path.parent.parent.name for path in released[0]} == {"source", "release"}
    assert released[0] == released[1]
