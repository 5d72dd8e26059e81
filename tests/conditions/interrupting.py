"""저장소의 사본에서 make를 부르고, 아무 때나 끊고, 남은 파일을 견주는 도구."""

import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from tests.speaking import SPOKEN

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
SIGNS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)
# 시험하는 환경에 이미 설치되어 있으므로 사본에서 다시 설치하지 않습니다.
INSTALLED = [argument for name in ("ready", "package", "book", "dev") for argument in ("-o", f".venv/{name}")]
STRANGERS = ("GITHUB_REPOSITORY", "WI_SITE_URL", "WI_COURSE_DIR", "WI_COURSE_SECRET", "MAKEFLAGS", "MAKELEVEL")


def copy(folder):
    """만들어진 것을 뺀 저장소의 사본. 고친 시각도 그대로입니다."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, encoding=SPOKEN, check=True).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder


@contextmanager
def started(folder, *command, **known):
    """folder에서 시작한 프로세스. 시험이 먼저 끝나면 그 아래까지 모두 끝냅니다."""
    environment = {name: value for name, value in os.environ.items() if name not in STRANGERS}
    environment |= {"PYTHONPATH": str(folder), "PATH": f"{BIN}{os.pathsep}{environment['PATH']}"} | known
    command = list(map(str, command))
    with open(folder.parent / "said", "wb") as said:
        running = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=said, stderr=said, start_new_session=True
        )
    try:
        yield running
    finally:
        if running.poll() is None:
            stop(running, signal.SIGKILL)


def stop(running, sign):
    os.killpg(running.pid, sign)
    running.wait(timeout=60)


def make(*arguments):
    return ["make", *INSTALLED, f"BIN={BIN}", *arguments]


def finish(folder, *command, **known):
    """끝까지 돌린 시간(초). 실패하면 그 말을 보입니다."""
    began, said = time.monotonic(), folder.parent / "said"
    with started(folder, *command, **known) as running:
        assert running.wait(timeout=1800) == 0, said.read_text(encoding="utf-8", errors="replace")[-3000:]
    return time.monotonic() - began


def interrupt(folder, seconds, sign, *command, **known):
    """seconds초 뒤에 그 아래의 프로세스까지 모두 끊습니다. 그사이에 끝났으면 그대로 둡니다."""
    with started(folder, *command, **known) as running:
        try:
            running.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            stop(running, sign)


def kill_when(folder, true, *command):
    """true가 참이 되는 순간에 죽입니다."""
    with started(folder, *command) as running:
        while not true():
            assert running.poll() is None
            time.sleep(0.01)
        stop(running, signal.SIGKILL)


def moments(whole):
    """0초에서 whole초 사이의 무작위한 순간과 그때 보낼 신호. 되풀이해 볼 수 있게 찍습니다."""
    chosen = [(random.uniform(0.05, 1) * whole, sign) for sign in SIGNS]
    print(f"{whole:.1f}초짜리를 끊습니다:", ", ".join(f"{moment:.1f}초에 {sign.name}" for moment, sign in chosen))
    return chosen


def contents(folder):
    """folder 아래의 파일과 그 내용의 지문. Sphinx의 .buildinfo는 폴더의 이름에 달렸습니다."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != ".buildinfo")
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def same(first, second):
    """다른 파일의 이름. 어디에서 달라졌는지 보이려고 지문은 뺍니다."""
    return sorted(name for name in first.keys() | second.keys() if first.get(name) != second.get(name))
