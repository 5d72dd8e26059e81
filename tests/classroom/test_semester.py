"""한 학기의 시수가 장과 문제지에 적힌 분과 맞고, 강의계획서와 접근성의 쪽이 말하는 것이 있는 그대로입니다."""

import re

from tests.chapters.test_chapters import CHAPTERS, ROOT, text
from tests.classroom.test_instructors import FOLDER, STATED, rows, stated_time

SEMESTER, ACCESSIBILITY, LMS = (
    (FOLDER / f"{name}.md").read_text(encoding="utf-8") for name in ("semester", "accessibility", "lms")
)
WEEK, ASKING = 150, 2
# 주마다의 시수와, 어느 주의 장 대신 넣을 수 있는 장.
(*HOURS, TOTAL), SWAPS = rows(SEMESTER)


def number(cell):
    return 0 if cell == "–" else int(cell.strip("*"))


def test_every_week_is_three_hours():
    """열다섯 주가 차례대로 있고, 주마다 150분이며, 중간고사와 기말고사가 있습니다."""
    assert [int(row[0]) for row in HOURS] == list(range(1, 16))
    for week, _, *minutes in HOURS:
        assert sum(map(number, minutes)) == WEEK, f"{week}주"
    for i in (2, 3, 4):
        assert number(TOTAL[i]) == sum(number(row[i]) for row in HOURS)
    assert HOURS[7][1].startswith("중간고사")
    assert HOURS[14][1].startswith("기말고사")


def chapter_of(cell):
    """칸이 부르는 장."""
    (path,) = (path for path in CHAPTERS if f"exercises/{path.name}" in cell)
    label = re.search(r"\((ch-[\w-]+)\)=", text(path))[1]
    assert f"<{label}>" in cell, path.name
    return path


def test_every_chapter_has_a_place():
    """장마다 한 주를 차례대로 가지거나, 있는 장의 주를 대신합니다."""
    taught = {row[0]: chapter_of(row[1]) for row in HOURS if number(row[2])}
    others = [chapter_of(row[0]) for row in SWAPS]
    assert list(taught.values()) == [path for path in CHAPTERS if path not in others]
    assert sorted([*taught.values(), *others]) == CHAPTERS
    assert {row[1] for row in SWAPS} <= taught.keys()


def test_minutes_are_the_chapters_own():
    """분은 장과 문제지에 적힌 그대로이며, 나머지에 예상을 물을 시간이 있습니다."""
    swaps = [["", chapter, *minutes] for chapter, _, *minutes, _ in SWAPS]
    for row in [row for row in HOURS if number(row[2])] + swaps:
        path = chapter_of(row[1])
        assert sum(map(number, row[2:])) == WEEK, path.name
        assert number(row[2]) == sum(map(int, re.search(STATED, text(path)).groups())), path.name
        assert number(row[3]) == int(stated_time(path.stem)), path.name
        assert number(row[4]) >= ASKING * text(path).count("{admonition} 예상해 보십시오"), path.name


def test_syllabus_follows_the_weeks():
    """강의계획서의 주마다의 제목은 시수의 장의 제목이고, 평가의 합은 100입니다."""
    plan = re.search(r"```text\n(.+?)```", SEMESTER, re.S)[1]
    weeks = dict(re.findall(r"(?m)^(\d+)주 +(.+)$", plan))
    assert list(weeks) == [row[0] for row in HOURS]
    for row in HOURS:
        if number(row[2]):
            assert weeks[row[0]] == re.search(r"(?m)^# (.+)$", text(chapter_of(row[1])))[1]
        else:
            assert row[1].split(":")[0] in weeks[row[0]]
    shares = re.search(r"■ 평가 \(합 100\)\n(.+?)\n\n", plan, re.S)[1]
    assert sum(map(int, re.findall(r"(?<=[가-힣] )(\d+)(?=[:,])", shares))) == 100


def test_accessibility_names_tests_that_are_there():
    """접근성의 쪽에 적은 시험은 tests/book에 있습니다."""
    named = set(re.findall(r"`(test_\w+)`", ACCESSIBILITY))
    assert len(named) > 10
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "book").glob("*.py"))
    assert [name for name in named if f"def {name}(" not in code] == []


def test_new_pages_are_found_from_the_first():
    index = (FOLDER / "index.md").read_text(encoding="utf-8")
    contents = (ROOT / "_toc.yml").read_text(encoding="utf-8")
    for path in FOLDER.glob("*.md"):
        assert path.stem == "index" or f"<{path.stem}>" in index or f"({path.name})" in index, path.name
        assert f"instructors/{path.stem}\n" in contents, path.name


def test_downloads_are_named_where_they_lie():
    """문제 은행의 링크는 책이 만드는 두 파일을 내려받는 링크입니다. 파일이 있는지는 test_pages.py가 봅니다."""
    assert re.findall(r'<a href="\.\./questions/([\w.]+)" download>', LMS) == ["moodle.xml", "canvas.zip"]
