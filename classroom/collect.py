"""LMS에서 받은 파일을 살펴, 받을 것을 course/submitted에 가지런히 놓습니다."""

import re
import zipfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from .course import course, released, save, write
from .gradebook import gradebook
from .submission import Refused, parse, sheet_of

# 학번이나 이름. 경로에 그대로 쓰이므로 점으로 시작하지 못합니다.
STUDENT = re.compile(r"[\w-][\w.@-]*?(?=_|$)")


def incoming(folder):
    """folder와 그 안의 zip에서 (경로, 바뀐 시각, 크기, 읽는 함수)를 돌려줍니다. 노트북이 아닌 파일은 지나갑니다."""
    for path in sorted(Path(folder).rglob("*")):
        inside = path.relative_to(folder)
        if path.suffix == ".ipynb" and path.is_file():
            about = path.stat()
            # timestamp.txt에 초까지만 적으므로 초까지만 견줍니다.
            yield inside, datetime.fromtimestamp(int(about.st_mtime), UTC), about.st_size, path.read_bytes
        elif path.suffix == ".zip" and zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                for entry in archive.infolist():
                    if entry.filename.endswith(".ipynb") and not entry.filename.startswith("__MACOSX"):
                        changed = datetime(*entry.date_time, tzinfo=UTC)
                        yield Path(entry.filename), changed, entry.file_size, lambda e=entry, a=archive: a.read(e)


def student_of(path):
    """폴더 하나에 학생 하나이면 폴더의 이름, 아니면 파일의 이름에서 첫 `_` 앞까지가 학생입니다."""
    found = STUDENT.match(path.parts[0] if len(path.parts) > 1 else path.stem)
    if not found:
        raise Refused("파일 이름이나 폴더의 이름이 학번으로 시작하지 않습니다.")
    return found[0]


def place(student, name, notebook, changed):
    """course/submitted에 둡니다. 이미 있는 것이 더 새로우면 그대로 둡니다."""
    folder = course() / "submitted" / student / name
    stamp = folder / "timestamp.txt"
    if stamp.exists() and datetime.fromisoformat(stamp.read_text().removesuffix(" UTC") + "+00:00") >= changed:
        return "이미 같거나 더 새로운 답이 있음"
    write(notebook, folder / f"{name}.ipynb")
    stamp.write_text(f"{changed:%Y-%m-%d %H:%M:%S} UTC")
    return "받음"


def receive(path, changed, size, read, roster, known):
    """파일 하나를 살펴 둡니다. collected.csv의 한 줄을 돌려줍니다."""
    student = name = ""
    try:
        student = student_of(path)
        if roster and student not in roster:
            raise Refused("명단에 없는 학생입니다. 파일이나 폴더의 이름이 학번으로 시작하는지 보십시오.")
        notebook = parse(size, read)
        name = sheet_of(notebook, known)
        result = place(student, name, notebook, changed)
    except Refused as refused:
        result = f"거절: {refused}"
    return path, student, name, result


def collect(folder):
    """받은 파일을 모두 살펴 course/submitted에 놓고, 파일마다의 결과를 course/collected.csv에 적습니다."""
    if not Path(folder).is_dir():
        raise SystemExit(f"{folder} 폴더가 없습니다. LMS에서 받은 파일이나 zip을 그 폴더에 두십시오.")
    known = released()
    with closing(gradebook()) as book:
        roster = {student.id for student in book.students}
    rows = [receive(*file, roster, known) for file in incoming(folder)]
    save(course() / "collected.csv", ("파일", "학생", "장", "결과"), rows)
    for path, *_, result in rows:
        if not result.startswith("받음"):
            print(f"{path}: {result}")
    refused = sum(result.startswith("거절") for *_, result in rows)
    print(f"파일 {len(rows)}개 가운데 {refused}개를 거절했습니다. 자세한 것: {course() / 'collected.csv'}")
