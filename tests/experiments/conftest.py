"""실험의 시험이 함께 쓰는 것: 끝나지 않은 결과를 두는 임시 폴더와, 진짜 Dask 스케줄러와 작업자."""

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time

import pytest

from experiments import results, store
from tests.browsing import reserved

# 코드는 작업자를 띄운 폴더에서만 읽습니다.
ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": "", "SCHEDULER": ""}
ELSEWHERE = tempfile.gettempdir()


@pytest.fixture
def unfinished(tmp_path, monkeypatch):
    monkeypatch.delenv("SCHEDULER", raising=False)
    monkeypatch.setattr(store, "UNFINISHED", tmp_path / "unfinished")
    monkeypatch.setattr(results, "FOLDER", tmp_path)
    return tmp_path / "unfinished"


@pytest.fixture
def trace(tmp_path):
    (tmp_path / "trace").mkdir()
    return tmp_path / "trace"


def wait_until(happened, what, seconds=60):
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, f"{what}: {seconds}초 동안 일어나지 않았습니다."
        time.sleep(0.02)


@contextlib.contextmanager
def beside(act):
    """일을 나누어 하는 동안 곁에서 act를 합니다. 거기에서 생긴 예외도 시험의 실패입니다."""
    failed = []

    def guarded():
        try:
            act()
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=guarded)
    thread.start()
    yield
    thread.join()
    if failed:
        raise failed[0]


class Cluster:
    """이 기계에 띄운 스케줄러 하나와 작업자들. 대시보드는 띄우지 않습니다."""

    def __enter__(self):
        self.stack = contextlib.ExitStack()
        self.port = self.stack.enter_context(reserved())
        self.address, self.processes, self.workers = f"tcp://127.0.0.1:{self.port}", [], []
        self.stack.callback(self.stop)
        self.scheduler()
        return self

    def __exit__(self, *error):
        self.stack.close()

    def scheduler(self):
        """이 저장소의 코드가 없는 곳에서도 돕니다."""
        self._start("scheduler", "--host", "127.0.0.1", "--port", str(self.port), cwd=ELSEWHERE)
        wait_until(self._listening, "스케줄러가 뜸")

    def _listening(self):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
            return True
        return False

    def worker(self, *options, cwd=store.ROOT):
        started = self._start("worker", self.address, "--nthreads", "1", "--no-nanny", *options, cwd=cwd)
        self.workers.append(started)
        return started

    def _start(self, kind, *options, cwd):
        command = [sys.executable, "-m", "dask", kind, "--no-dashboard", *options]
        quiet = subprocess.DEVNULL
        process = subprocess.Popen(command, cwd=cwd, env=os.environ | ENVIRONMENT, stdout=quiet, stderr=quiet)
        self.processes.append(process)
        return process

    def stop(self):
        for process in self.processes:
            process.kill()
        for process in self.processes:
            process.wait()
        self.processes, self.workers = [], []


@pytest.fixture
def cluster(monkeypatch, unfinished):
    """스케줄러만 띄우고, sweep이 그리로 가게 합니다."""
    with Cluster() as started:
        monkeypatch.setenv("SCHEDULER", started.address)
        yield started


@pytest.fixture(scope="module")
def standing():
    """작업자 둘까지 띄워, 스케줄러를 죽이지 않는 시험들이 함께 씁니다."""
    with Cluster() as started:
        started.worker()
        started.worker()
        yield started


@pytest.fixture
def two_workers(standing, monkeypatch, unfinished):
    monkeypatch.setenv("SCHEDULER", standing.address)
    return standing


@pytest.fixture(scope="module")
def scheduler():
    with Cluster() as started:
        yield started


@pytest.fixture
def no_workers(scheduler, monkeypatch, unfinished):
    """거절할 작업자를 하나씩 붙여 보는 스케줄러."""
    monkeypatch.setenv("SCHEDULER", scheduler.address)
    yield scheduler
    worker = scheduler.workers.pop()
    worker.kill()
    worker.wait()
