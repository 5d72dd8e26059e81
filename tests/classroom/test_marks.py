"""성적표와 조정: 나누어 준 것만, 정해진 점수만 담고, 채점 중인 것은 그렇게 적습니다. 성적부는 손으로 채웁니다."""

import csv
from contextlib import closing

import pytest

from classroom.exports import FILES, export
from classroom.gradebook import gradebook
from classroom.moderation import moderate
from tests.classroom.conftest import NAME
from tests.classroom.marking import checks, hand_in, released

# nbgrader가 답을 하나 더할 때 SQLAlchemy가 하는 말.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Object of type <Submitted"),
    pytest.mark.xdist_group("returning"),
]
ROSTER = [
    ("20270001", "김", "하나", "hana@example.org"),
    ("20270002", "이, 두리", None, "duri@example.org"),
    ("20270003", "박", "세나", None),
    ("20270004", None, None, None),
]


@pytest.fixture
def marked(classroom):
    """다 채점한 학생, 서술형이 남은 학생, 내지 않은 학생, 채점하지 못한 학생이 하나씩인 반."""
    with closing(gradebook()) as book:
        for who, last, first, email in ROSTER:
            book.add_student(who, last_name=last, first_name=first, email=email)
        for who, essay in (("20270001", 3.0), ("20270002", None), ("20270004", None)):
            hand_in(classroom, who, NAME, released(NAME, None))
            submission = book.add_submission(NAME, who)
            for grade in submission.notebooks[0].grades if who != "20270004" else ():
                if grade.cell.cell_type == "code":
                    grade.auto_score, grade.needs_manual_grade = grade.max_score, False
                else:
                    grade.manual_score, grade.needs_manual_grade = essay, essay is None
        book.db.commit()
    return classroom


def rows(folder, name):
    with (folder / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_the_table_for_people(marked, capsys):
    export()
    header, *lines = rows(marked, "lms.csv")
    # 나누어 준 적 없는 문제지는 없습니다.
    assert header == ["학번", "성", "이름", "이메일", NAME, "합계", "채점 중인 문제"]
    full = sum(checks(NAME).values())
    assert [line[4:] for line in lines] == [
        [f"{full + 3}", f"{full + 3}", "0"],
        [f"{full} (+4점 채점 중)", f"{full}", "1"],
        ["", "0", "0"],
        ["채점하지 못함", "0", "0"],
    ]
    assert "채점 중인 문제가 1개 있습니다." in capsys.readouterr().out
    one_by_one = rows(marked, "grades.csv")
    assert all(len(line) == len(one_by_one[0]) for line in one_by_one)
    assert one_by_one[2] == [NAME, "20270002", "이, 두리", "", "duri@example.org", f"{full}", "4", "20"]


def test_exporting_again_is_the_same_bytes(marked):
    tables = []
    for _ in range(2):
        export()
        tables.append({name: (marked / name).read_bytes() for name in FILES})
    assert tables[0] == tables[1]


def moodle_import(table, identify):
    """Moodle 4의 grade/import/csv/classes/load_data.php가 하는 대로 읽습니다: {학생: {열: (점수, 피드백)}}."""
    header, *lines = table
    titles = [title.strip() for title in header]
    items = [title for title in titles if f"{title} (Feedback)" in titles]
    found = {}
    for line in (line for line in lines if len(line) > 1):
        cells = {title: value.strip() for title, value in zip(titles, line, strict=True)}
        assert cells[identify], "학생을 찾지 못하면 Moodle은 모두를 버립니다."
        grades = {}
        for item in items:
            value = cells[item]
            grade = None if value in ("", "-") else float(value)
            assert grade is None or grade <= 100
            grades[item] = grade, cells[f"{item} (Feedback)"]
        found[cells[identify]] = grades
    return found


def test_moodle_reads_its_table(marked):
    export()
    full = sum(checks(NAME).values())
    assert moodle_import(rows(marked, "moodle.csv"), "ID number") == {
        "20270001": {NAME: (full + 3, "채점을 마쳤습니다.")},
        "20270002": {NAME: (full, "4점 채점 중")},
        "20270003": {NAME: (None, "")},
        "20270004": {NAME: (None, "")},
    }


def canvas_import(table):
    """Canvas의 lib/gradebook_importer.rb가 하는 대로 읽습니다: ({과제: 만점}, {SIS User ID: {과제: 점수}})."""
    header, *lines = table
    assert "Student" in header[0]
    assert "ID" in header[1]
    assert (header[2], header[3], header[4]) == ("SIS User ID", "SIS Login ID", "Section")
    assignments, possible, found = header[5:], {}, {}
    for line in lines:
        scores = dict(zip(assignments, (cell.strip() for cell in line[5:]), strict=True))
        if "Points Possible" in line[0]:
            possible = {name: float(points) for name, points in scores.items()}
        else:
            found[line[2]] = {name: float(score) for name, score in scores.items() if score not in ("", "-")}
    return possible, found


def test_canvas_reads_its_table(marked):
    """채점 중이라고 적을 자리가 없는 Canvas에는 덜 채점한 점수를 넣지 않습니다."""
    export()
    full = sum(checks(NAME).values())
    possible, found = canvas_import(rows(marked, "canvas.csv"))
    assert possible == {NAME: 20}
    assert found == {"20270001": {NAME: full + 3}, "20270002": {}, "20270003": {}, "20270004": {}}


def test_nothing_to_export(classroom):
    with pytest.raises(SystemExit, match="낸 답이 없어 내보낼 성적이 없습니다"):
        export()


def test_moderation_speaks_korean_and_leaves_out_what_is_waiting(marked, capsys):
    moderate(NAME)
    said = capsys.readouterr().out
    assert "1번 확인: 평균 3.0/3점, 만점 100%\n" in said
    assert "5번 설명하기: 평균 3.0/4점, 만점 0%, 채점 중 1명\n" in said
    assert "check" not in said
    assert [line[0] for line in rows(marked, f"moderation-{NAME}.csv")] == ["학생", "20270001", "20270002"]


@pytest.mark.parametrize(("name", "says"), [("05", "문제지의 이름이 아닙니다"), (NAME, "채점한 답이 없습니다")])
def test_moderation_of_nothing(classroom, name, says):
    with pytest.raises(SystemExit, match=says):
        moderate(name)
