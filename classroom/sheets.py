"""연습의 원본(exercises/)에서 수강생에게 나누어 줄 노트북을 만듭니다.

    python -m classroom.sheets              # course/source와 course/release, course/assignments.zip
    python -m classroom.sheets --into 폴더   # 수강생이 열 노트북: 첫 페이지, 장, 문제지 (Binder가 씁니다)

환경 변수 WI_COURSE_SECRET이 있으면 `# variant:`가 붙은 수가 그 값에서 정해진 다른 수로 바뀝니다. 값은 어디에도 적지
않으며, 같은 값은 언제나 같은 문제지를 만듭니다.
"""

import argparse
import copy
import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
from traitlets.config import Config

from . import plain, prepare
from .alone import alone
from .course import EXERCISES, FOLDER, ROOT, SECRET, course, sheets, submissions, write
from .handout import archive, place
from .variants import vary

STAMP = "wi_sheet"


def source(name, secret=None, site=None, packages=None):
    """문제지의 원본. 풀이와 숨은 시험이 들어 있고, 판을 알아보는 표시가 붙습니다.

    site는 책을 낸 주소, packages는 꾸러미를 내려받을 주소입니다. 판은 주소와 상관없이 문제의 글로만 정합니다.
    """
    notebook = vary(nbformat.read(EXERCISES / f"{name}.ipynb", as_version=4), name, secret)
    text = "\n".join(cell.cell_type + cell.source for cell in notebook.cells)
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": notebook.metadata["kernelspec"],
            STAMP: {"name": name, "version": hashlib.sha256(text.encode()).hexdigest()[:8]},
        }
    )
    first, at = notebook.cells[0], [cell.cell_type for cell in notebook.cells].index("code")
    title = re.sub("^# ", f"# {int(name[:2])}장 ", first.source)
    first.source = plain.linked(title, f"exercises/{name}", site)
    notebook.cells.insert(at, prepare.cell(packages))
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


def write_students(folder, site=None, packages=None):
    """수강생이 열 것을 folder에 씁니다: 첫 페이지, 장, 자료, 비밀이 없는 문제지."""
    place(folder, site)
    for name in sheets():
        write(student(source(name, site=site, packages=packages)), folder / "exercises" / f"{name}.ipynb")


def write_source(name, secret):
    """course/source에 문제지의 원본을 씁니다. 이미 답을 받은 문제지를 다른 판으로 바꾸지는 않습니다."""
    path, notebook = course() / "source" / name / f"{name}.ipynb", source(name, secret)
    if path.exists() and name in {sheet for _, sheet in submissions()}:
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
    parser.add_argument("--into", metavar="폴더", type=Path, help="이 폴더에 수강생이 열 노트북만 씁니다.")
    arguments = parser.parse_args()
    if arguments.into:
        write_students(arguments.into)
    else:
        with alone("make assignments"):
            make()


if __name__ == "__main__":
    main()
