"""저장소를 베낀 자리에서 책을 만들고 시험을 돌리는 일."""

import os
import subprocess
import sys
from pathlib import Path

from tests.browsing import ROOT

# 글을 읽고 쓰고, 이름과 시각을 다루는 시험. 꾸러미의 시험은 따로 모두 돌립니다.
TESTS = [
    *("tests/package", "wi_lib", "tests/diagnosis", "tests/chapters/test_running.py"),
    *("tests/classroom/test_batches.py", "tests/classroom/test_collecting.py", "tests/classroom/test_encodings.py"),
    *("tests/classroom/test_students.py", "tests/classroom/test_marks.py", "tests/classroom/test_class_of_thirty.py"),
    *("tests/experiments/test_store.py", "tests/repository/test_workflows.py"),
]
# 이 두 노트북이 같으면 그림의 글꼴, 위젯, 실험대, 자료를 모두 지난 것입니다.
NOTEBOOKS = ["intro.ipynb", "chapters/05_he.ipynb", "exercises/05_he.ipynb"]


def clone(place):
    subprocess.run(["git", "clone", "--quiet", ROOT, place], check=True)
    return place


def run(place, *command, environment=()):
    """place에서 이 Python의 명령을 부르고, 실패하면 한 말을 보입니다. 불러오는 것은 모두 place의 것입니다."""
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    variables = {**os.environ, "PYTHONPATH": str(place), "PATH": path, **dict(environment)}
    done = subprocess.run(command, cwd=place, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-6000:]


def check_tests(place, environment=()):
    options = ["-q", "-n", "auto", "-p", "no:cacheprovider"]
    run(place, sys.executable, "-m", "pytest", *options, *TESTS, environment=environment)


def check_notebooks(place, environment=()):
    """노트북을 다시 실행해도 저장된 그대로입니다."""
    run(place, sys.executable, "-m", "tools.notebooks", *NOTEBOOKS, environment=environment)
    run(place, "git", "diff", "--exit-code", "--stat")


def built(place, environment=()):
    """책을 만들어, 사이트의 파일마다의 바이트. 만든 설정의 지문인 .buildinfo는 뺍니다."""
    run(place, "jupyter-book", "build", "-q", "-W", "-n", "--keep-going", ".", environment=environment)
    site = place / "_build" / "html"
    return {
        str(path.relative_to(site)): path.read_bytes()
        for path in site.rglob("*")
        if path.is_file() and path.name != ".buildinfo"
    }
