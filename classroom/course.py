"""수업의 폴더와 거기에 있는 것: 문제지, 낸 답, 표."""

import csv
import io
import os
from pathlib import Path

import nbformat

ROOT = Path(__file__).parents[1]
EXERCISES = ROOT / "exercises"
SECRET, FOLDER = "WI_COURSE_SECRET", "WI_COURSE_DIR"


def course():
    """수업의 폴더: 문제지, 받은 답, 성적부가 모두 여기에 있습니다. 환경 변수 WI_COURSE_DIR이 없으면 course/입니다."""
    return Path(os.environ.get(FOLDER) or ROOT / "course").absolute()


def database():
    """성적부의 주소. 여러 장을 나란히 채점할 때 성적부가 잠겨 있으면 기다립니다."""
    return f"sqlite:///{course()}/gradebook.db?timeout=120"


def sheets():
    """문제지의 이름: 장의 이름과 같습니다."""
    return [path.stem for path in sorted(EXERCISES.glob("[0-9]*.ipynb"))]


def released():
    """{문제지의 이름: 나누어 준 노트북}."""
    paths = {name: course() / "release" / name / f"{name}.ipynb" for name in sheets()}
    found = {name: nbformat.read(path, as_version=4) for name, path in paths.items() if path.exists()}
    if not found:
        raise SystemExit(f"{course()}에 나누어 준 문제지가 없습니다. make assignments를 먼저 하십시오.")
    return found


def submissions():
    """낸 답 (학생, 장)의 목록."""
    return sorted((path.parent.parent.name, path.parent.name) for path in (course() / "submitted").glob("*/*/*.ipynb"))


def write(notebook, path):
    """쓰다가 멈추어도 반쪽 파일이 남지 않게 씁니다."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    nbformat.write(notebook, temporary)
    temporary.replace(path)


def save(path, header, rows):
    """엑셀에서 한글이 깨지지 않는 CSV. 쓰다가 멈추어도 반쪽이 남지 않습니다."""
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    temporary = path.with_suffix(".tmp")
    temporary.write_text(text.getvalue(), encoding="utf-8-sig", newline="")
    temporary.replace(path)
