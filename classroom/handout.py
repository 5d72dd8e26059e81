"""수강생에게 줄 zip과 꾸러미."""

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from .course import ROOT, course, sheets, write
from .plain import Book, documents

GIVEN = ("LICENSE*", "chapters/data/*.*")
GUIDE = """# 『가중치 초기화』 연습

Python 3.11 이상이 있어야 합니다. 이 폴더에서 터미널을 열고 다음을 차례로 실행하십시오.

macOS와 Linux:

    python3 -m venv .venv
    .venv/bin/python -m pip install jupyterlab ./{wheel}
    .venv/bin/python -m jupyter lab

Windows:

    py -m venv .venv
    .venv\\Scripts\\python -m pip install jupyterlab .\\{wheel}
    .venv\\Scripts\\python -m jupyter lab

다음부터는 마지막 줄만 실행하면 됩니다. Ubuntu에서 첫 줄이 실패하면 `sudo apt install python3-venv`를 먼저 하십시오.
Windows에서 `py`를 찾지 못하면 첫 줄의 `py`를 `python`으로 바꾸십시오.

왼쪽 목록의 exercises에서 문제지를 열고, 첫 셀부터 차례로 실행하며 답을 쓰십시오. 낼 것은 노트북(.ipynb) 하나입니다.
파일 이름은 바꾸어도 되지만, 주어진 셀은 지우거나 고치지 마십시오. chapters에는 책의 장이 들어 있습니다.

Colab에서 풀려면 문제지를 Colab에 올려 열고, 왼쪽의 파일 창에 {wheel}을 올린 다음 첫 셀을 실행하십시오.
"""


def wheel(folder):
    """wi_lib과 wi_check의 wheel을 folder에 만듭니다. 저장소에 남은 옛 build가 섞이지 않게 사본에서 만듭니다."""
    with tempfile.TemporaryDirectory() as copied:
        for name in ("wi_lib", "wi_check"):
            shutil.copytree(ROOT / name, Path(copied, name), ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("pyproject.toml", "README.md", "LICENSE"):
            shutil.copy(ROOT / name, copied)
        # pip wheel도 이 함수를 부르지만, 그 준비에만 몇 초가 듭니다.
        command = [sys.executable, "-c", "import setuptools.build_meta as b; b.build_wheel('wheel')"]
        # 시각까지 정해 두면 같은 내용은 같은 바이트입니다.
        environment = {**os.environ, "SOURCE_DATE_EPOCH": "315532800"}
        subprocess.run(command, cwd=copied, env=environment, check=True, capture_output=True)
        return Path(shutil.copy(next(Path(copied, "wheel").glob("*.whl")), folder))


def guide(folder, package):
    (folder / "README.md").write_text(GUIDE.format(wheel=package), encoding="utf-8", newline="\n")


def place(folder, site=None):
    """문제지 곁에 둘 것을 folder에 씁니다: 첫 페이지와 장, 장이 읽는 자료, 라이선스."""
    book = Book(site)
    for docname in documents():
        write(book.notebook(docname), folder / f"{docname}.ipynb")
    for file in (file for pattern in GIVEN for file in ROOT.glob(pattern)):
        copy = folder / file.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, copy)


def archive(path):
    """수강생에게 줄 zip: 문제지, 책의 장, wi_lib과 wi_check의 wheel, 안내. 같은 내용이면 같은 바이트입니다."""
    temporary = path.with_suffix(".tmp")
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(temporary, "w") as file:
        place(Path(folder))
        guide(Path(folder), wheel(folder).name)
        found = {f"exercises/{name}.ipynb": course() / "release" / name / f"{name}.ipynb" for name in sheets()}
        found |= {child.relative_to(folder).as_posix(): child for child in Path(folder).rglob("*") if child.is_file()}
        for name in sorted(found):
            file.writestr(zipfile.ZipInfo(name), found[name].read_bytes(), zipfile.ZIP_DEFLATED)
    temporary.replace(path)
