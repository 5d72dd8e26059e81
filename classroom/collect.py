"""LMS에서 받은 파일을 살펴, 받을 것을 course/submitted에 가지런히 놓습니다."""

import hashlib
import re
import shutil
import tempfile
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import nbformat

from .archives import FULL
from .cells import Refused
from .course import course, released, save, write
from .files import File
from .gradebook import gradebook
from .incoming import incoming
from .students import handed_in, roster, said
from .submission import encoding, parse, sheet_of, untouched

DULL = ("노트북(.ipynb)이 아닙니다", "받은 그대로", "이 강의의 문제지가 아닙니다")
SHOWN = 30  # 화면에 보일 줄의 수. 나머지는 collected.csv에 있습니다.


@dataclass
class Row:
    """collected.csv의 한 줄."""

    file: File
    student: str = ""
    sheet: str = ""
    result: str = ""
    note: str = ""
    rank: tuple = ()  # 클수록 나중에 낸 것. 시각이 같으면 이름의 차례입니다.
    content: str = ""


def natural(text):
    """“(10)”이 “(9)”의 뒤에 오는 차례."""
    return [(not part.isdigit(), int(part) if part.isdigit() else 0, part) for part in re.split(r"(\d+)", text)]


def fingerprint(notebook):
    """같은 답인지 견줄 것. 다시 저장하면 바뀌는 id는 빼고 봅니다."""
    cells = [(cell.source, cell.get("attachments"), cell.metadata.get("nbgrader")) for cell in notebook.cells]
    return hashlib.sha256(repr(cells).encode()).hexdigest()


def identify(listed, parts):
    """(학생, 모르는 까닭). 노트북이 아닌 파일에도 누구의 것인지 적습니다."""
    try:
        return listed.student_of(parts), None
    except Refused as refused:
        return "", refused


def examine(row, unknown, known):
    """파일 하나를 읽어 줄에 장과 시각을 적고 노트북을 돌려줍니다. 받지 않는 것이면 `Refused`입니다."""
    file = row.file
    if file.problem or unknown:
        raise Refused(file.problem or unknown)
    data = file.read()
    notebook = parse(max(file.size, len(data)), lambda: data)
    row.sheet = sheet_of(notebook, known)
    if untouched(notebook, known[row.sheet]):
        raise Refused("받은 그대로이고 쓴 답이 없습니다.")
    if (found := encoding(data)) not in ("utf-8", "utf-8-sig"):
        row.note = f" ({found.upper()}로 저장한 파일을 읽었습니다)"
    row.rank, row.content = (not file.checkpoint, handed_in(file), natural(str(file))), fingerprint(notebook)
    return notebook


def receive(file, listed, known):
    """파일 하나를 살핍니다. (줄, 노트북)이고, 받지 않는 것의 노트북은 None입니다."""
    row = Row(file)
    if file.junk:
        row.result = "무시: 운영 체제가 만든 파일"
        return row, None
    if file.ending == ".txt" and file.problem and said(file.parts[-1])[2]:
        row.result = "무시: Blackboard가 만든 안내"
        return row, None
    row.student, unknown = identify(listed, file.parts)
    try:
        return row, examine(row, unknown, known)
    except Refused as refused:
        row.result = f"거절: {refused}"
    except Exception as error:  # 어떤 파일도 다른 파일을 막지 못합니다.
        row.result = f"거절: 읽는 도중에 오류가 났습니다({type(error).__name__}: {error})."
    return row, None


def standing(folder, name):
    """이미 받아 둔 답의 (시각, 지문). 없거나 끊겨서 반만 있으면 None입니다."""
    try:
        stamp = (folder / "timestamp.txt").read_text(encoding="utf-8").removesuffix(" UTC") + "+00:00"
        return datetime.fromisoformat(stamp), fingerprint(nbformat.read(folder / f"{name}.ipynb", as_version=4))
    except (OSError, ValueError):
        return None


def place(row, staged):
    """골라 둔 답을 course/submitted에 놓습니다. 이미 있는 것이 같거나 더 새로우면 그대로 둡니다."""
    folder = course() / "submitted" / row.student / row.sheet
    changed, before = row.rank[1], standing(folder, row.sheet)
    if before and before[1] == row.content:
        return "이미 같은 답이 있음"
    if before and (before[0] >= changed or row.file.checkpoint):
        return f"이미 더 새로운 답이 있음({before[0].astimezone():%Y-%m-%d %H:%M:%S})"
    folder.mkdir(parents=True, exist_ok=True)
    stamp = staged.with_suffix(".txt")
    stamp.write_text(f"{changed:%Y-%m-%d %H:%M:%S} UTC", encoding="utf-8")
    # 노트북이 먼저입니다: 이 사이에서 끊기면 시각이 옛것이라 다시 모을 때 새로 놓습니다.
    staged.replace(folder / f"{row.sheet}.ipynb")
    stamp.replace(folder / "timestamp.txt")
    return "받음"


def compared(row, best):
    """같은 학생의 같은 장에서 뽑히지 않은 파일에 할 말."""
    if row.content == best.content:
        return f"같은 내용의 파일을 받음: {best.file}"
    if row.file.checkpoint and not best.file.checkpoint:
        return f"자동 저장본이라 다른 파일을 받음: {best.file}"
    if row.rank[1] == best.rank[1]:
        return f"시각이 같은 다른 답이 있어 이름의 차례로 뒤엣것을 받음: {best.file}"
    return f"더 새로운 다른 답을 받음: {best.file}"


def gather(folder, listed, known, staging):
    """파일을 하나씩 살펴, 학생과 장마다 가장 나중 것만 staging에 둡니다. (줄의 목록, {(학생, 장): 그 줄})입니다."""
    rows, best = [], {}
    for file in incoming(folder):
        row, notebook = receive(file, listed, known)
        file.open = None  # 열어 둔 zip을 붙들지 않게 합니다.
        rows.append(row)
        if notebook and (row.student, row.sheet) in best and row.rank <= best[row.student, row.sheet].rank:
            continue
        if notebook:
            best[row.student, row.sheet] = row
            write(notebook, staging / row.student / f"{row.sheet}.ipynb")
    return rows, best


def settle(rows, best, staging):
    """고른 답을 놓고, 줄마다 결과를 적습니다."""
    others = {}
    for row in rows:
        if row.content and best[row.student, row.sheet] is not row:
            row.result = compared(row, best[row.student, row.sheet])
            if row.content != best[row.student, row.sheet].content:
                others.setdefault((row.student, row.sheet), []).append(row)
    for key, row in best.items():
        row.result = place(row, staging / row.student / f"{row.sheet}.ipynb") + row.note
        if count := len(others.get(key, [])):
            row.result += f" (함께 온 다른 답 {count}개 가운데 {row.rank[1].astimezone():%Y-%m-%d %H:%M:%S}의 것)"


def collect(folder):
    """받은 파일을 모두 살펴 course/submitted에 놓고, 파일마다의 결과를 course/collected.csv에 적습니다."""
    if not Path(folder).is_dir():
        raise SystemExit(f"{folder} 폴더가 없습니다. LMS에서 받은 파일이나 zip을 그 폴더에 두십시오.")
    known = released()
    with closing(gradebook()) as book:
        listed = roster(book, known)
    for left in course().glob(".collecting-*"):  # 끊긴 적이 있으면 남습니다.
        shutil.rmtree(left, ignore_errors=True)
    try:
        with tempfile.TemporaryDirectory(prefix=".collecting-", dir=course()) as staging:
            rows, best = gather(folder, listed, known, Path(staging))
            settle(rows, best, Path(staging))
        save(course() / "collected.csv", ("파일", "학생", "장", "결과"), [about(row) for row in rows])
    except OSError as error:
        if error.errno in FULL:
            raise SystemExit("디스크가 찼습니다. 자리를 비우고 다시 부르면 이어서 모읍니다.") from error
        raise
    report(rows)


def about(row):
    name = str(row.file)
    # 엑셀은 이렇게 시작하는 칸을 식으로 읽어 실행합니다.
    return f"./{name}" if name.startswith(("=", "+", "-", "@")) else name, row.student, row.sheet, row.result


def report(rows):
    told = [row for row in rows if row.result.startswith("거절") or "다른 답" in row.result]
    # 받은 폴더를 통째로 압축해 내면 책의 장과 풀지 않은 문제지가 수십 줄이므로 뒤에 보입니다.
    told.sort(key=lambda row: any(each in row.result for each in DULL))
    for row in told[:SHOWN]:
        print(f"{row.file}: {row.result}")
    if len(told) > SHOWN:
        print(f"… 그 밖에 {len(told) - SHOWN}개")
    refused = sum(row.result.startswith("거절") for row in rows)
    print(f"파일 {len(rows)}개 가운데 {refused}개를 거절했습니다. 자세한 것: {course() / 'collected.csv'}")
