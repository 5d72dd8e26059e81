"""모으기: 이름이 제멋대로인 파일도 내용으로 알아보고, 받을 수 없는 것은 까닭을 말합니다."""

import csv
import os
import zipfile

import nbformat
import pytest

from classroom.collect import collect
from classroom.sheets import STAMP
from classroom.submission import LARGEST
from tests.classroom.conftest import NAME
from tests.classroom.marking import filled

pytestmark = pytest.mark.xdist_group("collecting")
MARCH = 1_772_400_000  # 2026년 3월의 어느 때
RECEIVED = {
    "a_내 답 (최종) (2).ipynb": "a",
    "b_12345/Untitled.ipynb": "b",
    "c_what.ipynb": "c",
    "lms.zip/d_x/답안.ipynb": "d",
}
REFUSED = {
    "stranger_05_he.ipynb": "명단에 없는 학생",
    "e_05_he.ipynb": "노트북으로 읽을 수 없습니다",
    "f_05_he.ipynb": "이번에 나누어 준 판이 아닙니다",
    "g_other.ipynb": "이 강의의 문제지가 아닙니다",
    "h_big.ipynb": "한도 20 MB",
    "lms.zip/../../i_escape.ipynb": "경로가 zip의 밖을 가리킵니다",
}


def texts():
    """{파일의 이름: 글}. 옛 판, 표시가 지워진 것, 노트북이 아닌 것도 있습니다."""
    whole, old, stampless = (filled(NAME, None) for _ in range(3))
    old.metadata[STAMP].version = "00000000"
    del stampless.metadata[STAMP]
    found = dict.fromkeys([*RECEIVED, *REFUSED], nbformat.writes(whole))
    return found | {
        "c_what.ipynb": nbformat.writes(stampless),
        "e_05_he.ipynb": "[]",
        "f_05_he.ipynb": nbformat.writes(old),
        "g_other.ipynb": nbformat.writes(nbformat.v4.new_notebook()),
        "h_big.ipynb": " " * (LARGEST + 1),
    }


@pytest.fixture
def inbox(classroom, tmp_path):
    """LMS에서 받은 폴더. 명단에는 a부터 i까지 있습니다."""
    rows = ["id,last_name,first_name,email", *(f"{student},,,{student}@example.org" for student in "abcdefghi")]
    (classroom / "students.csv").write_text("\n".join(rows), encoding="utf-8")
    folder = tmp_path / "inbox"
    (folder / "b_12345").mkdir(parents=True)
    with zipfile.ZipFile(folder / "lms.zip", "w") as archive:
        for name, text in texts().items():
            if name.startswith("lms.zip/"):
                archive.writestr(name.removeprefix("lms.zip/"), text)
            else:
                (folder / name).write_text(text, encoding="utf-8")
                os.utime(folder / name, (MARCH, MARCH))
    return folder


def collected(classroom):
    with (classroom / "collected.csv").open(encoding="utf-8-sig", newline="") as file:
        return {row["파일"]: (row["학생"], row["결과"]) for row in csv.DictReader(file)}


def test_collecting(classroom, inbox, capsys):
    collect(inbox)
    rows = collected(classroom)
    assert rows.keys() == RECEIVED.keys() | REFUSED.keys()
    assert {file: rows[file] for file in RECEIVED} == {file: (who, "받음") for file, who in RECEIVED.items()}
    for file, says in REFUSED.items():
        assert rows[file][1].startswith("거절"), file
        assert says in rows[file][1]
    assert "6개를 거절했습니다" in capsys.readouterr().out
    placed = sorted(
        path.relative_to(classroom / "submitted").as_posix() for path in classroom.rglob("submitted/*/*/*.ipynb")
    )
    assert placed == [f"{who}/{NAME}/{NAME}.ipynb" for who in RECEIVED.values()]


def test_only_newer_answers_replace(classroom, inbox):
    """다시 모으면 새로 낸 답만 바뀝니다. 더 옛것은 나중에 모아도 그대로 둡니다."""
    collect(inbox)
    newer, older = filled(NAME, None, {1: "# 새 답"}), filled(NAME, None, {1: "# 옛 답"})
    for name, notebook, moved in (("a_새 답.ipynb", newer, 60), ("b_12345/옛 답.ipynb", older, -60)):
        nbformat.write(notebook, inbox / name)
        os.utime(inbox / name, (MARCH + moved, MARCH + moved))
    collect(inbox)
    rows = collected(classroom)
    assert rows["a_새 답.ipynb"][1].startswith("받음 (함께 온 다른 답 1개 가운데")
    assert {rows[file][1].split(" (")[0] for file in list(RECEIVED)[1:]} == {"이미 같은 답이 있음"}
    assert rows["a_내 답 (최종) (2).ipynb"][1] == "더 새로운 다른 답을 받음: a_새 답.ipynb"
    assert rows["b_12345/옛 답.ipynb"][1] == "더 새로운 다른 답을 받음: b_12345/Untitled.ipynb"
    for who, first in (("a", "# 새 답"), ("b", "def he_std(fan_in):")):
        notebook = nbformat.read(classroom / "submitted" / who / NAME / f"{NAME}.ipynb", as_version=4)
        assert next(cell for cell in notebook.cells if cell.id == "answer-1").source.startswith(first)
