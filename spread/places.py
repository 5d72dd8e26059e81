"""일을 맡길 곳 셋: 이 프로세스, 이 기계의 코어마다 하나인 프로세스, Dask의 작업자(`cluster`).

저마다 submit(모듈, 함수, *인자)는 concurrent.futures.Future를, room()은 지금 함께 맡겨 둘 수를 줍니다.
"""

import contextlib
import importlib
import multiprocessing
import os
import pickle
import signal
import sys
import threading
from concurrent.futures import BrokenExecutor, CancelledError, Future, ProcessPoolExecutor

from tqdm import tqdm

# 작업자가 몇인지 다시 묻는 사이(초). 그동안 늘거나 준 작업자에 맞추어 일을 보냅니다.
LOOK_AGAIN = 2
# 하나를 마친 작업자가 다음 것을 기다리지 않도록 작업자마다 보내 두는 수.
AHEAD = 3


class Stopped(RuntimeError):
    """돌리던 것을 잃었습니다. 끝난 것은 적어 두었으므로 다시 부르면 이어집니다."""


def chosen(start=None):
    """환경 변수 SCHEDULER가 말하는 곳. start는 이 기계의 프로세스를 띄우는 법(multiprocessing)입니다."""
    where = os.environ.get("SCHEDULER", "")
    if not where:
        return Processes(start)
    if where == "synchronous":
        return Here()
    try:
        from .cluster import Dask
    except ModuleNotFoundError:
        raise ModuleNotFoundError("SCHEDULER에는 Dask가 있어야 합니다: make .venv/cluster") from None
    return Dask(where)


def elsewhere():
    """Dask의 작업자에게 맡기는지. 그러면 다른 기계일 수 있습니다."""
    return os.environ.get("SCHEDULER", "") not in ("", "synchronous")


def say(text):
    """진행 막대를 깨뜨리지 않고 알립니다."""
    tqdm.write(text, file=sys.stderr)


def perform(module, function, *given):
    """작업자가 하는 일. 함수를 이름으로 받으므로 다른 기계에서도 같은 것을 부릅니다."""
    task = getattr(importlib.import_module(module), function)
    try:
        return task(*given)
    except (Exception, SystemExit) as error:
        if travels(error):
            raise
        told = f"{type(error).__name__}: {error}"
    # except의 밖에서 냅니다. 예외를 까닭(__cause__)까지 보내는 꾸러미(tblib)를 읽은 프로세스가 있습니다.
    raise RuntimeError(told)


def travels(error):
    """다른 프로세스에 보낼 수 있는 예외인지. 보낸 것을 받다 실패하면 일하던 프로세스가 꺼진 것으로 보입니다."""
    # 뒤의 둘은 하던 프로세스를 잃은 것으로 읽힙니다.
    if isinstance(error, (SystemExit, BrokenExecutor, CancelledError)):
        return False
    try:
        # Dask를 읽은 프로세스에서는 pickle이 이것 없이도 되살리지만, 받는 쪽에서는 그렇지 않습니다.
        type(error)(*error.args)
        pickle.loads(pickle.dumps(error))
    except Exception:
        return False
    return True


class Here:
    """이 프로세스에서 하나씩. 디버거로 들어가 볼 때 씁니다."""

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass

    def room(self):
        return 1

    def submit(self, *call):
        future = Future()
        try:
            future.set_result(perform(*call))
        except Exception as error:
            future.set_exception(error)
        return future


class Processes:
    """이 기계의 코어마다 프로세스 하나. 하나가 꺼지면 모두 새로 띄웁니다."""

    def __init__(self, start):
        self.context, self.others = multiprocessing.get_context(start), set(multiprocessing.active_children())

    def __enter__(self):
        self.pool = self.begin()
        return self

    def __exit__(self, kind, *error):
        if kind:  # 하던 일이 끝나기를 기다리지 않습니다.
            for child in set(multiprocessing.active_children()) - self.others:
                child.kill()
        self.pool.shutdown(cancel_futures=True)

    def begin(self):
        return ProcessPoolExecutor(os.cpu_count(), self.context, end_with_caller)

    def room(self):
        return AHEAD * os.cpu_count()

    def submit(self, *call):
        with contextlib.suppress(BrokenExecutor):
            return self.pool.submit(perform, *call)
        self.pool = self.begin()
        return self.pool.submit(perform, *call)


def end_with_caller():
    """부른 쪽이 강제로 꺼지면 일하던 프로세스도 꺼집니다. 그냥 두면 다음 일을 영영 기다립니다."""
    # Ctrl-C는 부른 쪽만 받아, 하던 것을 모두 끄고 끝납니다.
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch():
        multiprocessing.parent_process().join()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()
