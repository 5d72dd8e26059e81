"""가상 환경을 설치하다 끊겨도, 다시 부르면 온전한 것이 됩니다. pip의 자리에는 하는 척만 하는 것을 둡니다."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.speaking import SPOKEN

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(os.name == "nt" or not shutil.which("make"), reason="make와 신호를 씁니다")
# `python -m venv 폴더`는 저를 그 안에 두고, `python -m pip install …`은 적어 두고 잠깐 반만 설치된 것을 남깁니다.
# dash는 명령을 띄우려고 갈라진(vfork) 자리에서 받은 SIGINT를 흘려버립니다. 그래서 제자리에서(exec) 잠듭니다.
FAKE = """#!/bin/sh
echo "$@" >> {log}
case "$2" in
venv) for folder; do :; done; mkdir -p $folder/bin; cp {own} $folder/bin/python ;;
pip) case "$*" in *"$SLOW"*) touch $(dirname $(dirname $0))/half; exec sleep 30;; esac ;;
esac
"""
FOLDER = ".venv"


@pytest.fixture
def install(tmp_path):
    """install(멈출 설치) → 시작한 make. 인자가 없으면 멈추지 않습니다."""
    for name in ("Makefile", "constraints.txt", "pyproject.toml"):
        shutil.copy2(ROOT / name, tmp_path)
    own, log = tmp_path / "python", tmp_path / "log"
    own.write_text(FAKE.format(own=own, log=log), encoding="utf-8")
    own.chmod(0o755)

    def start(slow="nothing", target="book"):
        log.write_text("", encoding="utf-8")
        return subprocess.Popen(
            ["make", f"{FOLDER}/{target}", f"PYTHON={own}"],
            cwd=tmp_path,
            env=os.environ | {"SLOW": slow},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding=SPOKEN,
            start_new_session=True,
        )

    return start


def until(true):
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def finish(running, sign=None):
    """끝나기를 기다리거나, sign으로 make와 그 아래를 모두 끝냅니다."""
    if sign:
        os.killpg(running.pid, sign)
    out, err = running.communicate(timeout=30)
    return running.returncode, out + err


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("slow", ["-c constraints.txt pip", "--group book"])
def test_a_half_installed_environment_is_made_anew(install, tmp_path, slow, sign):
    running = install(slow)
    until((tmp_path / FOLDER / "half").exists)
    assert finish(running, sign)[0] != 0
    assert finish(install())[0] == 0
    assert sorted(path.name for path in (tmp_path / FOLDER).iterdir()) == ["bin", "book", "ready"]
    assert not (tmp_path / f"{FOLDER}.unfinished").exists()
    # 다 된 것은 다시 설치하지 않습니다.
    assert finish(install())[0] == 0
    assert (tmp_path / "log").read_text(encoding="utf-8") == ""


def test_another_make_is_not_disturbed(install, tmp_path):
    """설치하고 있는 것을 다른 make가 지우면 둘 다 실패합니다."""
    first = install("--group book")
    until((tmp_path / FOLDER / "half").exists)
    code, said = finish(install(target="package"))
    assert code != 0
    assert f"다른 make(프로세스 {first.pid})가 {FOLDER}에 설치하고 있습니다." in said
    assert (tmp_path / FOLDER / "half").exists()
    assert finish(first, signal.SIGKILL)[0] != 0


def test_new_versions_are_installed_over_the_old(install, tmp_path):
    """끊기지 않은 환경은 지우지 않고 그 위에 설치합니다."""
    finish(install())
    (tmp_path / FOLDER / "kept").touch()
    os.utime(tmp_path / "constraints.txt", (time.time() + 1,) * 2)
    assert finish(install())[0] == 0
    assert (tmp_path / FOLDER / "kept").exists()
    assert "--group book" in (tmp_path / "log").read_text(encoding="utf-8")


def test_the_pretended_pip_is_called_like_this(install, tmp_path):
    """흉내가 Makefile과 어긋나면 위의 시험은 아무것도 보지 않습니다."""
    finish(install())
    lines = (tmp_path / "log").read_text(encoding="utf-8").splitlines()
    assert [line.split()[1] for line in lines] == ["venv", "pip", "pip"]
    assert all("-c constraints.txt" in line for line in lines[1:])
