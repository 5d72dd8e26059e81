"""누가 낸 파일인지: 명단에서 찾고, 확실하지 않으면 받지 않습니다."""

from datetime import UTC, datetime

import pytest

from classroom.cells import Refused
from classroom.files import File
from classroom.gradebook import gradebook
from classroom.students import Roster, handed_in, roster

pytestmark = pytest.mark.xdist_group("collecting")
SHEETS = ("02_sigmoid_std", "05_he")
LISTED = {
    "20270001": {"last_name": "홍", "first_name": "길동", "email": "gildong@example.org"},
    "20270002": {"last_name": "김", "first_name": "철수", "email": "kim.cs@example.org"},
    "20270003": {"last_name": "김", "first_name": "철수", "email": "cheolsu@example.org"},
    "2027-10004": {"last_name": "Van Gogh", "first_name": "Vincent", "email": None},
    "hana": {"last_name": None, "first_name": "박하나", "email": None},
    "20270006": {"last_name": "김", "first_name": "수", "email": "kim@example.org"},
    "20270007": {"last_name": None, "first_name": "하나", "email": "jisoo@example.org"},
    "20270008": {"last_name": None, "first_name": None, "email": "hana9@example.org"},
}
# 경로 → 명단에서 찾은 학생이나, 거절하는 까닭의 한 마디.
FOUND = {
    "홍길동_12345_assignsubmission_file_/a.ipynb": "20270001",
    "김철수_12345_assignsubmission_file_/20270003.ipynb": "20270003",
    "김철수_12345_assignsubmission_file_/a.ipynb": "여러 학생",
    "홍길동_12345_assignsubmission_file_/김철수가 준 것.ipynb": "20270001",
    "vangoghvincent_LATE_4821_9912345_02_sigmoid_std-1.ipynb": "2027-10004",
    "vincent van gogh/02.ipynb": "2027-10004",
    "Van Gogh, Vincent.ipynb": "2027-10004",
    "202710004_05_he.ipynb": "2027-10004",
    "2027-10004 05.ipynb": "2027-10004",
    "과제_02_20270001_최종.ipynb": "20270001",
    "과제1_hana_attempt_2027-03-02-12-00-00_x.ipynb": "hana",
    "hana27_05_he.ipynb": "명단에 없는",
    "박하나.ipynb": "hana",
    "cheolsu@example.org 02.ipynb": "20270003",
    "cheolsu_02_sigmoid_std.ipynb": "20270003",
    "kim.cs 02.ipynb": "명단에 없는",
    "과제_kim.cs_attempt_2027-03-02-12-00-00_02.ipynb": "20270002",
    "김철수_20270002.ipynb": "20270002",
    "20270001_20270002.ipynb": "여러 학생",
    "김수진_02.ipynb": "명단에 없는",
    "김수.ipynb": "20270006",
    "kim jisoo 02.ipynb": "명단에 없는",
    "하나 더.ipynb": "명단에 없는",
    "hana9_02.ipynb": "20270008",
    "120270001_02.ipynb": "명단에 없는",
    "２０２７０００１.ipynb": "20270001",
    "submission_20270001x/02.ipynb": "명단에 없는",
    "Untitled.ipynb": "명단에 없는",
}
# 명단이 없을 때.
GUESSED = {
    "20270001_02_sigmoid_std.ipynb": "20270001",
    "20270001/20270001_02.ipynb": "20270001",
    "b812345_02.ipynb": "B812345",
    "2027-10004 05.ipynb": "2027-10004",
    "20270001-02.ipynb": "20270001",
    "02-20270001.ipynb": "20270001",
    "20270001@univ.ac.kr/02.ipynb": "20270001",
    "hana@example.org.ipynb": "hana@example.org",
    "과제1_hana27_attempt_2027-03-02-12-00-00.ipynb": "hana27",
    "과제1_27_attempt_2027-03-02-12-00-00.ipynb": "학번이 보이지 않습니다",
    "과제 20270302.zip/20270001_02.ipynb": "20270001",
    "202710_DL.zip/20270001/02.ipynb": "20270001",
    "20270302_05_he.ipynb": "20270302",
    "과제 20270302.zip/홍길동/02.ipynb": "학번이 보이지 않습니다",
    "20270001_20270302_120000.ipynb": "20270001",
    "20270001_20270302120000.ipynb": "20270001",
    "20270001/20270002.ipynb": "여럿",
    "홍길동_123456_assignsubmission_file_/02.ipynb": "학번이 보이지 않습니다",
    "honggildong_4821_9912345_02_sigmoid_std.ipynb": "학번이 보이지 않습니다",
    "submission_12345678/02.ipynb": "학번이 보이지 않습니다",
    "010-1234-5678.ipynb": "학번이 보이지 않습니다",
    **{f"{name}.ipynb": "학번이 보이지 않습니다" for name in ("02", "05_he", "exercises/02", "assignment", "02 (1)")},
}


def resolved(rows, path):
    try:
        return Roster(rows, SHEETS).student_of(tuple(path.split("/")))
    except Refused as refused:
        return str(refused)


@pytest.mark.parametrize("path", FOUND)
def test_names_resolve_through_the_roster(path):
    student = resolved(LISTED, path)
    assert student == FOUND[path] if FOUND[path] in LISTED else FOUND[path] in student


@pytest.mark.parametrize("path", GUESSED)
def test_without_a_roster_a_student_id_is_needed(path):
    student, wanted = resolved({}, path), GUESSED[path]
    assert wanted in student if " " in wanted or wanted == "여럿" else student == wanted


@pytest.mark.parametrize("student", ["CON", "aux.1", "lpt1", "a b", "a/b", "끝점.", "가" * 65, "#1"])
def test_ids_that_cannot_be_folders_are_refused(student):
    assert "폴더의 이름으로 쓸 수 없습니다" in resolved({student: {"email": "x@y.z"}}, "x@y.z.ipynb")


def test_blackboard_says_when():
    """Blackboard가 이름에 적은 시각은 강의자의 지역 시각이고, 없거나 틀리면 파일의 시각입니다."""
    changed = datetime(2026, 3, 1, tzinfo=UTC)
    at = datetime(2026, 3, 2, 12, 0, 30).astimezone(UTC)
    assert handed_in(File(("과제_1_attempt_2026-03-02-12-00-30_a.ipynb",), changed)) == at
    assert handed_in(File(("과제_1_attempt_2026-13-02-12-00-30_a.ipynb",), changed)) == changed
    assert handed_in(File(("20270001.ipynb",), changed)) == changed


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
def test_the_roster_is_what_was_given(classroom, encoding):
    """명단은 students.csv와 import한 학생입니다. nbgrader가 채점하면서 넣은 학생은 명단이 되지 않습니다."""
    with gradebook() as book:
        book.add_student("20279999")
        assert roster(book, SHEETS).keys == {}
        book.add_student("20270005", first_name="가은", last_name="정")
        assert set(roster(book, SHEETS).keys) == {"20270005", "정가은", "가은정"}
        text = "id, last_name,first_name,email\r\n20270001,홍,길동,\r\n,,,\r\n20270002 , ,, \r\n"
        (classroom / "students.csv").write_bytes(text.encode(encoding))
        keys = roster(book, SHEETS).keys
        assert set(keys) == {"20270005", "정가은", "가은정", "20270001", "홍길동", "길동홍", "20270002"}
        assert book.find_student("20270001").first_name == "길동"
        (classroom / "students.csv").write_text("학번,이름\n1,가\n", encoding=encoding)
        with pytest.raises(SystemExit, match="첫 줄에 id가 없습니다"):
            roster(book, SHEETS)
