"""문제지의 첫 셀: 필요한 꾸러미를 설치합니다. Colab에서도, 아무것도 없는 JupyterLab에서도 문제지 하나로 시작합니다."""

import inspect
import tomllib

import nbformat
from nbformat.v4 import new_code_cell

from .course import ROOT

NAME = "install"
# JupyterLab과 Colab은 접어 두고 이 줄만 보입니다.
TITLE = "#@title 필요한 꾸러미를 설치합니다. 이미 있으면 아무 일도 하지 않습니다."
FOLDED = {"cellView": "form", "jupyter": {"source_hidden": True}}
LOCKED = {"cell_type": "code", "grade": False, "locked": True, "schema_version": 3, "solution": False, "task": False}


def prepare(wheel, address):
    """wi_check가 없거나 이 문제지의 것보다 오래되었으면, 곁에 있는 파일이나 책의 주소에서 설치합니다."""
    import importlib.metadata
    import importlib.util
    import locale
    import re
    import subprocess
    import sys
    from pathlib import Path

    def numbers(version):
        return [int(part) for part in re.findall(r"\d+", version)][:3]

    needed = wheel.split("-")[1]
    # 폴더에서 바로 불러온 꾸러미에는 적힌 판이 없습니다.
    installed = next((found.version for found in importlib.metadata.distributions(name="wi-lib")), needed)
    if importlib.util.find_spec("wi_check") and numbers(installed) >= numbers(needed):
        return
    near = [str(path.resolve()) for path in (Path(wheel), Path("..", wheel)) if path.exists()]
    message = f"{wheel} 파일을 이 노트북과 같은 폴더에 두십시오. 받은 zip이나 책의 연습 페이지에 있습니다."
    spoken = locale.getpreferredencoding(False)
    for place in near + [address] * bool(address):
        print("필요한 꾸러미를 설치합니다. 1분쯤 걸립니다.", flush=True)
        # 인터넷이 없을 때 다섯 번씩 다시 묻느라 몇 분을 기다리지 않게 합니다.
        options = ["--quiet", "--no-color", "--disable-pip-version-check", "--retries=1"]
        command = [sys.executable, "-m", "pip", "install", *options, place]
        done = subprocess.run(command, capture_output=True, encoding=spoken, errors="replace")
        if done.returncode == 0:
            importlib.invalidate_caches()
            return print("설치했습니다.")
        said = " ".join(done.stderr.strip().splitlines()[-1:])
        message = f"인터넷에 이어져 있는지 보십시오. pip의 말: {said}"
    error = ImportError(f"꾸러미를 설치하지 못했습니다. {message} 그런 다음 이 셀을 다시 실행하십시오.")
    # JupyterLab과 Colab은 이 이름의 함수가 있으면 긴 영어 글 대신 그 글만 보입니다.
    error._render_traceback_ = lambda: [str(error)]
    raise error


def wheel_name():
    """wi_lib과 wi_check를 담은 wheel의 이름."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    return f"wi_lib-{version}-py3-none-any.whl"


def cell(packages=None):
    """꾸러미를 설치하는 셀. packages는 wheel을 내려받을 수 있는 폴더의 주소(끝은 /)이고, 없으면 곁에서 찾습니다."""
    address = packages and packages + wheel_name()
    source = f"{TITLE}\n{inspect.getsource(prepare)}\n\nprepare({wheel_name()!r}, {address!r})"
    made = new_code_cell(source, id=NAME)
    made.metadata = nbformat.from_dict({**FOLDED, "nbgrader": {**LOCKED, "grade_id": NAME}})
    return made


def installs(cell):
    """꾸러미를 설치하는 셀인지. 학생이 더 쓴 것이 있으면 아닙니다."""
    lines = cell.source.strip().splitlines()
    return cell.cell_type == "code" and lines[:1] == [TITLE] and lines[-1].startswith("prepare(")
