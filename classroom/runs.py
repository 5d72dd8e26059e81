"""nbgrader의 명령을 장마다, 코어의 수만큼 나란히 부릅니다."""

import os
import signal
import sys
import threading
import time
import traceback
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing import active_children, get_context, parent_process

from tqdm import tqdm

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
    app = NbGraderApp.subcommands[command][0]()
    try:
        app.initialize([f"--assignment={name}", *options, "--log-level=WARN"])
        # 채점하지 못한 학생이 있으면 나머지를 마치고 SystemExit을 냅니다.
        with suppress(SystemExit):
            app.start()
    except Exception:  # 다른 장은 계속합니다. 빠진 것은 부른 쪽이 성적부에서 찾습니다.
        traceback.print_exc()


def begin():
    """나란히 도는 프로세스를 준비합니다. 부른 프로세스가 어떻게 끝나든 함께 끝납니다."""
    os.chdir(ROOT)
    # Ctrl-C는 부른 프로세스만 받습니다. 여기까지 오면 커널이 먼저 죽어, 하던 답이 틀린 것으로 적힐 수 있습니다.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=end_with_parent, daemon=True).start()


def end_with_parent():
    parent_process().join()
    signal.raise_signal(signal.SIGTERM)


def everywhere(command, folder, names, *options):
    """장마다 nbgrader의 명령을 나란히 부르며 folder에 생기는 결과를 셉니다."""
    total = sum(name in names for _, name in submissions())

    def count():
        return sum(1 for name in names for _ in (course() / folder).glob(f"*/{name}/{name}.*"))

    # nbgrader를 읽는 데 몇 초가 드므로, 장마다 프로세스를 띄우지 않고 코어마다 하나를 끝까지 씁니다.
    workers = ProcessPoolExecutor(os.cpu_count(), get_context("spawn"), begin)
    with workers as pool, tqdm(total=total, desc=command, unit="개") as bar:
        try:
            jobs = [pool.submit(nbgrader, command, name, options) for name in names]
            while not all(job.done() for job in jobs):
                time.sleep(0.5)
                bar.update(count() - bar.n)
        except KeyboardInterrupt:  # 하던 일이 끝나기를 기다리지 않습니다.
            for worker in active_children():
                worker.kill()
            raise
        bar.update(count() - bar.n)
    try:
        for job in jobs:
            job.result()
    except BrokenProcessPool:
        raise SystemExit("하던 프로세스가 꺼졌습니다. 메모리가 모자라지 않은지 보고 다시 부르십시오.") from None
