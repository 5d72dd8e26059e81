"""연습의 원본(exercises/)에서 수강생에게 나누어 줄 노트북을 만듭니다.

    python -m classroom.sheets              # course/source와 course/release, course/assignments.zip
    python -m classroom.sheets --into 폴더   # 수강생용 노트북만 (책의 내려받기와 Binder가 씁니다)

환경 변수 WI_COURSE_SECRET이 있으면 `# variant:`가 붙은 수가 그 값에서 정해진 다른 수로 바뀝니다. 값은 어디에도 적지
않으며, 같은 값은 언제나 같은 문제지를 만듭니다.
"""

import argparse
import ast
import copy
import hashlib
import hmac
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import nbformat
from traitlets.config import Config

ROOT = Path(__file__).parents[1]
EXERCISES = ROOT / "exercises"
SECRET, FOLDER = "WI_COURSE_SECRET", "WI_COURSE_DIR"
VARIANT = re.compile(r"(?m)^([ \t]*\w+ = )(.+?)  # variant: (.+)$")
STAMP = "wi_sheet"


def course():
    """수업의 폴더: 문제지, 받은 답, 성적부가 모두 여기에 있습니다. 환경 변수 WI_COURSE_DIR이 없으면 course/입니다."""
    return Path(os.environ.get(FOLDER) or ROOT / "course").absolute()


def sheets():
    """문제지의 이름: 장의 이름과 같습니다."""
    return [path.stem for path in sorted(EXERCISES.glob("[0-9]*.ipynb"))]


def options(rule):
    """`# variant:` 뒤의 규칙이 허락하는 값: "100..400"은 정수의 범위, 나머지는 쉼표로 나눈 값의 목록입니다."""
    if ends := re.fullmatch(r"(\d+)\.\.(\d+)", rule.strip()):
        return range(int(ends[1]), int(ends[2]) + 1)
    return [ast.literal_eval(value) for value in rule.split(",")]


def vary(notebook, name, secret):
    """`# variant:`가 붙은 줄의 수를 secret에서 정하고 그 주석을 지웁니다. secret이 비었으면 적힌 수를 그대로 둡니다."""

    def replace(cell, match):
        assigned, value, rule = match.groups()
        if not secret:
            return assigned + value
        # 비밀을 모르면 다른 줄의 수를 보아도 이 줄의 수를 알 수 없습니다.
        message = f"{name}/{cell.id}/{assigned.strip()}".encode()
        number = int.from_bytes(hmac.digest(secret.encode(), message, hashlib.sha256))
        # 책에 실린 수는 뽑지 않으므로, 책의 풀이가 구한 값은 이번 문제지에 맞지 않습니다.
        allowed = [option for option in options(rule) if option != ast.literal_eval(value)]
        return f"{assigned}{allowed[number % len(allowed)]!r}"

    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source = VARIANT.sub(lambda match, cell=cell: replace(cell, match), cell.source)
    return notebook


def source(name, secret=None):
    """문제지의 원본. 풀이와 숨은 시험이 들어 있고, 판을 알아보는 표시가 붙습니다."""
    notebook = vary(nbformat.read(EXERCISES / f"{name}.ipynb", as_version=4), name, secret)
    text = "\n".join(cell.cell_type + cell.source for cell in notebook.cells)
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": notebook.metadata["kernelspec"],
            STAMP: {"name": name, "version": hashlib.sha256(text.encode()).hexdigest()[:8]},
        }
    )
    return notebook


def config():
    """nbgrader의 설정. nbgrader_config.py와 여기서 함께 씁니다."""
    c = Config()
    c.ClearSolutions.code_stub = {"python": "# 여기에 코드를 쓰십시오.\npass"}
    c.ClearSolutions.text_stub = "여기에 답을 쓰십시오."
    # 채점 기준은 서술형 문제의 글에 있습니다. nbgrader는 task 셀만 허락하지만, 답을 쓸 자리가 따로 있는 편이 낫습니다.
    c.ClearMarkScheme.enforce_metadata = False
    return c


def student(notebook):
    """원본에서 풀이, 숨은 시험, 채점 기준, 출력을 뺀 수강생용 노트북. generate_assignment와 같은 차례입니다."""
    from nbgrader.converters import GenerateAssignment
    from nbgrader.preprocessors import SaveCells

    notebook, resources = copy.deepcopy(notebook), {}
    for step in GenerateAssignment.preprocessors.default():
        if step is not SaveCells:  # 성적부에 적는 단계
            notebook, resources = step(config=config()).preprocess(notebook, resources)
    return notebook


def write(notebook, path):
    """쓰다가 멈추어도 반쪽 파일이 남지 않게 씁니다."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    nbformat.write(notebook, temporary)
    temporary.replace(path)


def write_students(folder, secret=None):
    """수강생용 노트북을 모두 folder에 씁니다."""
    for name in sheets():
        write(student(source(name, secret)), Path(folder) / f"{name}.ipynb")


def submitted(name):
    """이 문제지에 낸 답이 수업의 폴더에 있는지."""
    return any((course() / "submitted").glob(f"*/{name}/*.ipynb"))


def write_source(name, secret):
    """course/source에 문제지의 원본을 씁니다. 이미 답을 받은 문제지를 다른 판으로 바꾸지는 않습니다."""
    path, notebook = course() / "source" / name / f"{name}.ipynb", source(name, secret)
    if path.exists() and submitted(name):
        before = nbformat.read(path, as_version=4).metadata[STAMP].version
        if before != notebook.metadata[STAMP].version:
            raise SystemExit(
                f"{name}: 이미 답을 받은 문제지({before})와 다른 판({notebook.metadata[STAMP].version})이 됩니다. "
                f"{SECRET}이 처음과 같은지 보십시오. 새 학기라면 {FOLDER}에 새 폴더를 적으십시오."
            )
    write(notebook, path)


def release():
    """nbgrader로 수강생용 노트북을 만들고 성적부에 문제를 등록합니다."""
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", "--assignment=*", "--force", "--log-level=WARN"]
    subprocess.run(command, cwd=ROOT, check=True)


GUIDE = """# 『가중치 초기화』 연습

Python 3.11 이상에서 이 폴더를 열고 다음을 실행하십시오.

    python -m venv .venv
    .venv/bin/pip install jupyterlab jupyterlab-myst {wheel}
    .venv/bin/jupyter lab

Windows에서는 `.venv/bin` 대신 `.venv\\Scripts`입니다. 왼쪽 목록의 exercises에서 문제지를 열고, 위에서부터 답을 쓰고
확인 셀을 실행하십시오. 낼 것은 노트북(.ipynb) 하나입니다. 파일 이름은 바꾸어도 되지만, 주어진 셀은 지우거나
고치지 마십시오. chapters에는 책의 장이 들어 있습니다.
"""


def wheel(folder):
    """wi_lib과 wi_check의 wheel을 folder에 만듭니다. 저장소에 남은 옛 build가 섞이지 않게 사본에서 만듭니다."""
    copied = Path(folder) / "package"
    for name in ("wi_lib", "wi_check"):
        shutil.copytree(ROOT / name, copied / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copied)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", folder, "."]
    # 시각까지 정해 두면 같은 내용은 같은 바이트입니다.
    subprocess.run(command, cwd=copied, env={**os.environ, "SOURCE_DATE_EPOCH": "315532800"}, check=True)
    return next(Path(folder).glob("*.whl"))


def archive(path):
    """수강생에게 줄 zip: 문제지, 책의 장, wi_lib과 wi_check의 wheel, 안내. 같은 내용이면 같은 바이트입니다."""
    files = {f"exercises/{name}.ipynb": course() / "release" / name / f"{name}.ipynb" for name in sheets()}
    chapters = [*(ROOT / "chapters").glob("*.ipynb"), *(ROOT / "chapters" / "data").glob("*.*")]
    files |= {file.relative_to(ROOT).as_posix(): file for file in sorted(chapters)}
    with tempfile.TemporaryDirectory() as folder:
        package = wheel(folder)
        contents = {name: file.read_bytes() for name, file in files.items()} | {package.name: package.read_bytes()}
    contents["README.md"] = GUIDE.format(wheel=package.name).encode()
    temporary = path.with_suffix(".tmp")
    with zipfile.ZipFile(temporary, "w") as file:
        for name, content in contents.items():
            file.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    temporary.replace(path)


def make():
    """course/에 원본, 수강생용 노트북, zip을 만들고 성적부에 문제를 등록합니다."""
    secret = os.environ.get(SECRET)
    for name in sheets():
        write_source(name, secret)
    release()
    archive(course() / "assignments.zip")
    print(f"문제지 {len(sheets())}개: {course() / 'release'}\n나누어 줄 파일: {course() / 'assignments.zip'}")
    print(f"{SECRET}에서 정한 수를 씁니다." if secret else f"{SECRET}이 없어 책과 같은 수를 씁니다.")


def main():
    parser = argparse.ArgumentParser(description="수강생용 노트북을 만듭니다.")
    parser.add_argument("--into", metavar="폴더", help="이 폴더에 수강생용 노트북만 씁니다.")
    arguments = parser.parse_args()
    if arguments.into:
        write_students(arguments.into)
    else:
        make()


if __name__ == "__main__":
    main()
