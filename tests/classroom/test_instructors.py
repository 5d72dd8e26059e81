"""가르치는 분께 드리는 쪽: 시간표의 분이 맞고, 절과 그림이 장에 있는 그대로이며, 수는 장에서 왔습니다."""

import json
import re

import pytest

from tests.chapters.test_chapters import BANNED, CHAPTERS, ROOT, cells, text

FOLDER = ROOT / "instructors"
PAGES = sorted(FOLDER.glob("*.md"))
PLANS, BY_CHAPTER = ((FOLDER / name).read_text(encoding="utf-8") for name in ("plans.md", "chapters.md"))
STATED = r"\*\*걸리는 시간\.\*\* 읽기 (\d+)분, 직접 해 보기 (\d+)분\."
LAST = ["정리", "확인 문제", "더 읽을거리"]
NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")


def rows(markdown):
    """글에 나오는 표마다 머리를 뺀 줄의 칸."""
    tables = re.findall(r"(?m)^\|.*\n\|[-| ]+\|\n((?:\|.*(?:\n|$))+)", markdown)
    return [[[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()] for table in tables]


def parts(markdown, level):
    """제목이 level인 마디의 (제목, 글)."""
    found = re.split(rf"(?m)^{'#' * level} (.+)$", markdown)
    return list(zip(found[1::2], found[2::2]))


def figures(path):
    """절의 제목마다 그 절에 있는 그림의 이름."""
    found, title = {}, ""
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "markdown":
            title = (re.findall(r"(?m)^## (.+)$", "".join(cell["source"])) or [title])[-1]
        elif figure := cell["metadata"].get("mystnb", {}).get("figure"):
            found.setdefault(title, []).append(figure["name"])
    return found


def sections(path):
    return [title for title, _ in parts(text(path), 2)]


def said(path):
    """장의 글과 출력에 나오는 수."""
    outputs = (output.get("text", []) for cell in cells(path, "code") for output in cell["outputs"])
    return set(NUMBER.findall("\n".join([text(path), *map("".join, outputs)])))


OF_CHAPTER = dict(zip(CHAPTERS, parts(BY_CHAPTER, 2)))
# 절의 제목마다 읽고 해 보는 분
MINUTES = {
    title: int(read) + int(do)
    for path in OF_CHAPTER
    for title, read, do, _ in rows(OF_CHAPTER[path][1])[0]
    if title in sections(path)
}
SCHEDULES = [
    (int(re.search(r"\((\d+)분\)", title)[1]), title, body) for title, body in parts(PLANS, 3) if "분)" in title
]
WEEKS = SCHEDULES[7:]
each_chapter = pytest.mark.parametrize("path", CHAPTERS, ids=[path.stem for path in CHAPTERS])
each_schedule = pytest.mark.parametrize(("length", "title", "body"), SCHEDULES, ids=[s[1] for s in SCHEDULES])


def span(row):
    return [int(minute) for minute in row[0].split("–")]


def test_four_plans():
    """50분 하나, 75분 둘, 네 시간의 50분 넷, 4주의 75분 여덟."""
    assert [length for length, _, _ in SCHEDULES] == [50, *[75] * 2, *[50] * 4, *[75] * 8]
    for title, body in parts(PLANS, 2):
        for promise in ("누구에게", "먼저 읽을 것", "준비물", "시간이 모자라면", "끝나면 할 수 있는 것"):
            assert body.count(f"**{promise}.**") == 1, f"{title}: {promise}"


@each_schedule
def test_minutes_add_up(length, title, body):
    """줄의 시간은 0에서 시작해 끊기지 않고 이어져 적힌 길이에서 끝납니다. 줄마다 네 칸이 모두 차 있습니다."""
    table = rows(body)[0]
    times = [span(row) for row in table]
    assert [0, *(end for _, end in times)] == [*(start for start, _ in times), length]
    assert all(start < end for start, end in times)
    assert all(len(row) == 4 and all(row) for row in table)


@each_schedule
def test_sections_fit_into_their_rows(length, title, body):
    """따옴표로 부른 절은 장에 있고, 줄의 길이는 그 절을 읽고 해 보는 시간보다 짧지 않습니다."""
    named = 0
    for row in rows(body)[0]:
        start, end = span(row)
        quoted = [name for name in re.findall("‘([^’]+)’", row[1]) if name.endswith("?")]
        assert set(quoted) <= MINUTES.keys()
        assert sum(MINUTES[name] for name in quoted) <= end - start, row[1]
        named += len(quoted)
    assert named >= 5


def stated_time(name):
    return re.search(r"\*\*걸리는 시간\.\*\* (\d+)분", text(ROOT / "exercises" / f"{name}.ipynb"))[1]


def test_homework_adds_up():
    """집에서 하는 일의 합이 맞고, 문제지의 시간은 문제지에 적힌 그대로입니다."""
    ((_, body),) = (part for part in parts(PLANS, 3) if part[0] == "집에서 하는 일")
    for week, prepare, read, sheet, total, graded, _ in rows(body)[0]:
        assert int(prepare) + int(read) + int(sheet) == int(total), f"{week}주"
        assert stated_time(re.search(r"exercises/(\w+)\.ipynb", graded)[1]) == sheet, f"{week}주"
    for name, minutes in re.findall(r"exercises/(\w+)\.ipynb\)\((\d+)분\)", PLANS):
        assert stated_time(name) == minutes, name


def test_minutes_of_quoted_sections():
    """‘절’(분)으로 적은 시간은 chapters.md의 표와 같습니다."""
    quoted = re.findall(r"‘([^’]+\?)’\((\d+)분\)", PLANS)
    assert quoted
    assert all(MINUTES[name] == int(minutes) for name, minutes in quoted)


def test_four_weeks_leave_no_section_out():
    """4주 수업에서 하는 장의 절은 시간표나 ‘집에 남긴 절’에 한 번씩 나옵니다."""
    left = re.search(r"\*\*집에 남긴 절\.\*\* (.+)", PLANS)[1]
    quoted = re.findall("‘([^’]+)’", left + "".join(row[1] for _, _, body in WEEKS for row in rows(body)[0]))
    for path in CHAPTERS:
        names = [name for name in sections(path) if name in quoted]
        assert names in ([], [name for name in sections(path) if name not in LAST]), path.name
        assert all(quoted.count(name) == 1 for name in names)
    assert sum(sections(path)[0] in quoted for path in CHAPTERS) == len(WEEKS)


def test_rows_to_drop_are_rows():
    """‘시간이 모자라면’에서 부르는 줄은 그 계획의 시간표에 있습니다."""
    for title, body in parts(PLANS, 2):
        times = {tuple(span(row)) for table in rows(body) for row in table if "–" in row[0]}
        (advice,) = re.findall(r"\*\*시간이 모자라면\.\*\* (.+)", body)
        assert {tuple(map(int, found)) for found in re.findall(r"(\d+)–(\d+)", advice)} <= times, title


def test_minutes_saved():
    """시간이 모자랄 때 버는 분은 남길 줄의 길이입니다."""
    tables = {title.split(" (")[0]: {tuple(span(row)) for row in rows(body)[0]} for _, title, body in WEEKS}
    ((_, plan),) = (part for part in parts(PLANS, 2) if part[0].startswith("4주"))
    (saved,) = (table for table in rows(plan) if table[0][0] == "1주 첫째")
    assert len(saved) == len(tables)
    for name, dropped, minutes in saved:
        spans = [tuple(map(int, found)) for found in re.findall(r"(\d+)–(\d+)\(", dropped)]
        assert set(spans) <= tables[f"{name} 시간"]
        assert sum(end - start for start, end in spans) == int(minutes), name


def test_every_chapter_in_order():
    titles = [re.search(r"(?m)^# (.+)$", text(path))[1] for path in CHAPTERS]
    assert [title for title, _ in parts(BY_CHAPTER, 2)] == [f"{i}장. {title}" for i, title in enumerate(titles, 1)]


@each_chapter
def test_section_minutes(path):
    """표는 장의 절을 빠짐없이 차례대로 적고, 합은 장에 적힌 읽기와 해 보기의 시간입니다. 첫머리의 표와도 같습니다."""
    *table, total = rows(OF_CHAPTER[path][1])[0]
    assert [row[0] for row in table] == [*(name for name in sections(path) if name not in LAST), ", ".join(LAST)]
    for i in (1, 2):
        stated = re.search(STATED, text(path))[i]
        assert sum(int(row[i]) for row in table) == int(stated)
        assert total[i] == f"**{stated}**"
    overview = rows(parts(BY_CHAPTER, 1)[0][1])[0][CHAPTERS.index(path)]
    assert int(overview[3]) == sum(map(int, re.search(STATED, text(path)).groups()))


@each_chapter
def test_figures_stand_by_their_sections(path):
    """표의 그림은 그 절에 있는 그림 모두입니다."""
    for name, _, _, shown in rows(OF_CHAPTER[path][1])[0]:
        assert re.findall("`(fig-[^`]+)`", shown) == figures(path).get(name, []), name


@each_chapter
def test_misconceptions(path):
    """오해 둘에서 넷: 저마다 그 장의 그림 하나, 물음과 답 하나. 수는 그 장에 있는 것뿐입니다."""
    body = OF_CHAPTER[path][1].split("**흔한 오해**")[1].split("**조심할 것.**")[0]
    items = re.findall(r"(?m)^\d\. (.+)$", body)
    assert 2 <= len(items) <= 4
    for item in items:
        assert re.match("\\*\\*“[^”]+”\\*\\* ", item)
        assert item.count("**물음.**") == item.count("**답.**") == 1
        named = re.findall("`(fig-[^`]+)`", item)
        assert named
        assert set(named) <= {name for found in figures(path).values() for name in found}
        numbers = set(NUMBER.findall(re.sub("`[^`]*`", "", item)))
        assert numbers <= said(path), f"{path.name}에 없는 수: {numbers - said(path)}"


@each_chapter
def test_chapter_parts(path):
    _, body = OF_CHAPTER[path]
    places = [body.index(f"**{part}") for part in ("필요한 것.**", "가르치는 것.**", "흔한 오해**", "조심할 것.**")]
    assert places == sorted(places)


@pytest.mark.parametrize("path", PAGES, ids=[path.stem for path in PAGES])
def test_one_word_for_one_thing(path):
    source = path.read_text(encoding="utf-8")
    for pattern, instead in BANNED.items():
        found = re.search(pattern, source)
        assert not found, f"{path.name}: '{found[0]}' 대신 '{instead}'을(를) 씁니다."
