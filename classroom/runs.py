"""nbgrader의 명령을 장마다, 코어의 수만큼 나란히 부릅니다."""

import os
import sys
import time
import traceback
from concurrent.futures import BrokenExecutor
from contextlib import suppress

from tqdm import tqdm

from spread.places import Processes

from .course import ROOT, course, submissions


def nbgrader(command, name, options):
    """이 프로세스에서 nbgrader의 명령 하나를 그 장에 부르고, 나오는 말은 course/logs에 적습니다."""
    from nbgrader.apps import NbGraderApp

    log = course() / "logs" / f"{command}-{name}.log"
    log.parent.mkdir(exist_ok=True)
    with log.open("wb") as file:
        # nbgrader가 띄우는 커널의 말까지 한곳에 모읍니다.
        for stream in (sys.stdout, sys.stderr):
            os.dup2(file.fileno(), stream.fileno())
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    os.chdir(ROOT)  # nbgrader_config.py가 있는 곳
    app = NbGraderApp.subcommands[command][0]()
    try:
        app.initialize([f"--assignment={name}", *options, "--log-level=WARN"])
        # 하지 못한 학생이 있으면 나머지를 마치고 SystemExit을 냅니다.
        with suppress(SystemExit):
            app.start()
    except Exception:  # 다른 장은 계속합니다. 빠진 것은 부른 쪽이 찾습니다.
        traceback.print_exc()


def everywhere(command, folder, names, *options):
    """장마다 nbgrader의 명령을 나란히 부르며 folder에 생기는 결과를 셉니다."""
    total = sum(name in names for _, name in submissions())

    def count():
        return sum(1 for name in names for _ in (course() / folder).glob(f"*/{name}/{name}.*"))

    # nbgrader를 읽는 데 몇 초가 드므로, 장마다 프로세스를 띄우지 않고 코어마다 하나를 끝까지 씁니다.
    with Processes("spawn") as pool, tqdm(total=total, desc=command, unit="개") as bar:
        jobs = [pool.submit(nbgrader.__module__, nbgrader.__name__, command, name, options) for name in names]
        while not all(job.done() for job in jobs):
            time.sleep(0.5)
            bar.update(count() - bar.n)
        bar.update(count() - bar.n)
    try:
        for job in jobs:
            job.result()
    except BrokenExecutor:
        raise SystemExit("하던 프로세스가 꺼졌습니다. 메모리가 모자라지 않은지 보고 다시 부르십시오.") from None
