"""수강생에게 줄 zip과 꾸러미."""

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from .course import ROOT, course, sheets

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
