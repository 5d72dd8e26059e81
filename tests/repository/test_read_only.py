"""읽기만 되는 저장소: 읽는 것은 되고, 쓰는 것은 긴 오류 대신 한 줄로 까닭을 말합니다."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.speaking import SPOKEN

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(not shutil.which("bwrap"), reason="저장소를 잠글 bubblewrap이 없습니다")
LOCKED = ["bwrap", "--dev-bind", "/", "/", "--ro-bind", str(ROOT), str(ROOT)]
STRANGERS = ("WI_COURSE_DIR", "MAKEFLAGS", "MAKELEVEL")
INSTALLED = [argument for name in ("ready", "book", "dev") for argument in ("-o", f".venv/{name}")]


def locked(*command, **known):
    """(종료 코드, 나온 말 모두)"""
    environment = {name: value for name, value in os.environ.items() if name not in STRANGERS} | known
    done = subprocess.run([*LOCKED, *command], cwd=ROOT, env=environment, capture_output=True, encoding=SPOKEN)
    return done.returncode, done.stdout + done.stderr


def test_the_package_is_read_and_used():
    lines = ["import wi_lib", "from wi_lib import charts, explorers, lab, plots", "wi_lib.lab.Lab(depth=3)"]
    lines += ["print(wi_lib.datasets.load_digits().name)"]
    assert locked(sys.executable, "-c", "\n".join(lines)) == (0, "digits\n")


@pytest.mark.parametrize("target", ["book", "slides", "pdf", "student", "execute", "results", "linkcheck"])
def test_what_writes_says_why_it_cannot(target):
    code, said = locked("make", *INSTALLED, f"BIN={Path(sys.executable).parent}", target)
    first, *rest = said.splitlines()
    assert first == f"{ROOT}에 쓸 수 없어 멈췄습니다. 쓸 수 있는 곳에 복사해 부르십시오."
    assert len(rest) == 1
    assert code != 0


def test_an_environment_cannot_be_installed():
    code, said = locked("make", "-W", "pyproject.toml", ".venv/ready")
    assert said.startswith(f"{ROOT}에 쓸 수 없어 멈췄습니다.")
    assert code != 0


@pytest.mark.parametrize("module", [["classroom.sheets"], ["classroom", "collect", "."]])
def test_a_course_in_the_repository_cannot_be_made(module):
    code, said = locked(sys.executable, "-m", *module)
    assert said.startswith("파일을 읽거나 쓰지 못해 멈췄습니다. ")
    assert f"Read-only file system: '{ROOT / 'course'}" in said
    assert len(said.splitlines()) == 1
    assert code == 1
