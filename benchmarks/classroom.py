"""문제지를 푸는 학생 한 명에게 필요한 것과, 한 반을 채점하는 데 드는 것을 잽니다. `make bench-classroom`이 부릅니다.

1. 장마다 참고 풀이를 채운 문제지를 커널에서 한 번 돌려, 커널의 메모리 봉우리와 CPU 시간을 잽니다.
2. JupyterLab 서버의 메모리를 잽니다.
3. 학생 30명이 모든 장을 내었다고 하고, 문제지 만들기부터 성적까지의 시간과 메모리 봉우리를 잽니다.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import nbformat
import psutil

from classroom import sheets
from classroom.collect import collect
from classroom.course import FOLDER, SECRET
from classroom.exports import export
from classroom.feedback import feedback
from classroom.grade import grade
from classroom.gradebook import finished, gradebook
from tests.classroom.marking import SHEETS, answers, filled

STUDENTS = 30
TERM = "재기"
MIB = 2**20


class Watch:
    """with 안에서 이 프로세스와 자손이 쓰는 메모리의 봉우리(MiB)와 걸린 시간(초)을 잽니다."""

    def __enter__(self):
        self.peak, self.begin, self.done = 0.0, time.monotonic(), threading.Event()
        self.thread = threading.Thread(target=self.follow)
        self.thread.start()
        return self

    def follow(self):
        while not self.done.wait(0.05):
            self.peak = max(self.peak, memory(psutil.Process()))

    def __exit__(self, *exception):
        self.done.set()
        self.thread.join()
        self.seconds = time.monotonic() - self.begin


def memory(process):
    """프로세스와 그 자손의 메모리(MiB). 함께 쓰는 쪽은 나누어 셉니다(PSS)."""
    total = 0
    for each in (process, *process.children(recursive=True)):
        try:
            about = each.memory_full_info()
            total += getattr(about, "pss", about.rss)
        except psutil.Error:
            continue
    return total / MIB


def one_student(folder):
    """장마다 (커널의 메모리 봉우리 MiB, CPU 초)."""
    script = folder / "run.py"
    script.write_text(
        "import sys, nbformat\nfrom nbclient import NotebookClient\n"
        "NotebookClient(nbformat.read(sys.argv[1], 4), timeout=120).execute(cleanup_kc=False)\n",
        encoding="utf-8",
    )
    for name in SHEETS:
        notebook = folder / f"{name}.ipynb"
        nbformat.write(filled(name, TERM), notebook)
        process = psutil.Popen([sys.executable, str(script), str(notebook)], stderr=subprocess.DEVNULL)
        peak = cpu = 0.0
        while process.poll() is None:
            for kernel in process.children(recursive=True):
                try:
                    peak = max(peak, kernel.memory_info().rss / MIB)
                    times = kernel.cpu_times()
                    cpu = max(cpu, times.user + times.system)
                except psutil.Error:
                    continue
            time.sleep(0.02)
        assert process.returncode == 0, name
        print(f"| {name} | {peak:.0f} | {cpu:.1f} |", flush=True)


def jupyterlab(folder):
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--notebook-dir={folder}"]
    server = psutil.Popen([*command, "--port=8917"], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    time.sleep(10)
    print(f"JupyterLab 서버(커널 없이): {server.memory_info().rss / MIB:.0f} MiB")
    server.terminate()
    server.wait()


def one_class(folder):
    """서른 명이 참고 풀이와 저마다의 틀린 답을 섞어 모든 장을 냅니다. LMS에서 받은 것 같은 zip 하나로 모읍니다."""
    inbox = folder / "inbox"
    for i in range(STUDENTS):
        for name in SHEETS:
            wrong = answers(name).WRONG
            task, *_, code, _ = wrong[i % len(wrong)]
            path = inbox / f"2027{i:04d}" / f"{name} 답안.ipynb"
            path.parent.mkdir(parents=True, exist_ok=True)
            nbformat.write(filled(name, TERM, {task: code} if i % 2 else {}), path)
    shutil.make_archive(str(folder / "downloaded" / "lms"), "zip", inbox)
    steps = {
        "모으기": lambda: collect(folder / "downloaded"),
        "채점": grade,
        "평가": feedback,
        "성적": export,
    }
    total = 0.0
    for step, run in steps.items():
        with Watch() as watch:
            run()
        total += watch.seconds
        print(f"| {step} | {watch.seconds:.0f} | {watch.peak:.0f} |", flush=True)
    print(f"| 모으기부터 성적까지 | {total:.0f} | |")
    with gradebook() as book:
        assert len(finished(book)) == STUDENTS * len(SHEETS)


def main():
    print(json.dumps({"cores": os.cpu_count(), "python": sys.version.split()[0], "sheets": len(SHEETS)}))
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        os.environ[FOLDER], os.environ[SECRET] = str(folder), TERM
        with Watch() as watch:
            sheets.make()
        print(f"| 문제지 만들기 | {watch.seconds:.0f} | {watch.peak:.0f} |")
        one_student(folder)
        jupyterlab(folder)
        one_class(folder)


if __name__ == "__main__":
    main()
