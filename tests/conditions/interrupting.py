"""저장소의 사본에서 make를 부르고, 아무 때나 끊고, 남은 파일을 견주는 도구."""

import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
SIGNS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)
# 시험하는 환경에 이미 설치되어 있으므로 사본에서 다시 설치하지 않습니다.
INSTALLED = [argument for name in ("ready", "package", "book", "dev") for argument in ("-o", f".venv/{name}")]
STRANGERS = ("GITHUB_REPOSITORY", "GITHUB_REF", "WI_COURSE_DIR", "WI_COURSE_SECRET", "MAKEFLAGS", "MAKELEVEL")


def copy(folder):
    """만들어진 것을 뺀 저장소의 사본. 고친 시각도 그대로입니다."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="locale", check=True).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder


def start(folder, *command, **known):
    environment = {name: value for name, value in os.environ.items() if name not in STRANGERS}
    environment |= {"PYTHONPATH": str(folder), "PATH": f"{BIN}{os.pathsep}{environment['PATH']}"} | known
    with open(folder.parent / "said", "wb") as said:
        return subprocess.Popen(
            list(map(str, command)), cwd=folder, env=environment, stdout=said, stderr=said, start_new_session=True
        )


def make(*arguments):
    return ["make", *INSTALLED, f"BIN={BIN}", *arguments]


def finish(folder, *command, **known):
    """끝까지 돌린 시간(초). 실패하면 그 말을 보입니다."""
    began = time.monotonic()
    running = start(folder, *command, **known)
    assert running.wait(timeout=1800) == 0, (folder.parent / "said").read_text(encoding="utf-8", errors="replace")[
        -3000:
    ]
    return time.monotonic() - began


def interrupt(folder, seconds, sign, *command, **known):
    """seconds초 뒤에 그 아래의 프로세스까지 모두 끊습니다. 그사이에 끝났으면 거짓입니다."""
    running = start(folder, *command, **known)
    try:
        running.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(running.pid, sign)
        running.wait(timeout=60)
        return True
    return False


def kill_when(folder, true, *command):
    """true가 참이 되는 순간에 죽입니다."""
    running = start(folder, *command)
    while not true():
        assert running.poll() is None
        time.sleep(0.01)
    os.killpg(running.pid, signal.SIGKILL)
    running.wait(timeout=60)


def moments(count, whole, seed):
    """0초에서 whole초 사이의 무작위한 순간들. 어디에서 끊었는지 보이도록 찍습니다."""
    chance = random.Random(seed)
    chosen = sorted(chance.uniform(0.05, 1) * whole for _ in range(count))
    print(f"{whole:.1f}초 가운데 {', '.join(f'{moment:.1f}' for moment in chosen)}초에 끊습니다.")
    return chosen


def contents(folder):
    """folder 아래의 파일과 그 내용의 지문. Sphinx의 .buildinfo는 폴더의 이름에 달렸습니다."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != ".buildinfo")
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def same(first, second):
    """다른 파일의 이름. 어디에서 달라졌는지 보이려고 지문은 뺍니다."""
    return sorted(name for name in first.keys() | second.keys() if first.get(name) != second.get(name))
