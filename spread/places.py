"""일을 맡길 곳 셋: 이 프로세스, 이 기계의 코어마다 하나인 프로세스, Dask의 작업자.

저마다 submit(모듈, 함수, *인자)는 concurrent.futures.Future를, room()은 지금 함께 맡겨 둘 수를 줍니다.
"""

import contextlib
import importlib
import logging
import multiprocessing
import os
import pickle
import signal
import sys
import threading
import time
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor

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
    return Here() if where == "synchronous" else Dask(where)


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
    if isinstance(error, SystemExit):
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


class Dask:
    """Dask의 작업자. where는 스케줄러의 주소이거나, 이 기계에 띄우는 "local"입니다."""

    def __init__(self, where):
        self.where, self.places, self.asked = where, None, -LOOK_AGAIN

    def __enter__(self):
        self.client = self.connected()
        say(f"대시보드: {self.client.dashboard_link}")
        self.executor, self.performer = self.client.get_executor(pure=False), performer()
        return self

    def __exit__(self, *error):
        self.client.__exit__(*error)

    def connected(self):
        try:
            from dask import config

            Client = closing_client()
        except ModuleNotFoundError:
            raise ModuleNotFoundError("SCHEDULER에는 Dask가 있어야 합니다: make .venv/cluster") from None
        # 학습은 스레드 하나를 다 쓰고, 경고를 끄는 일(results.fit)은 스레드끼리 섞이므로 작업자마다 하나만 돌립니다.
        # 일의 오류는 부른 쪽이 받아 적습니다. Dask도 화면에 찍으면 진행 막대와 까닭이 영어 글에 묻힙니다.
        local = {"n_workers": os.cpu_count(), "threads_per_worker": 1, "silence_logs": logging.CRITICAL}
        # 그림을 붙인 답 하나가 10 MB를 넘을 수 있고, 그때마다 영어로 경고합니다.
        config.set({"distributed.admin.large-graph-warning-threshold": "1GB"})
        try:
            return Client(**local) if self.where == "local" else Client(self.where)
        except (OSError, ValueError, TypeError) as error:  # 뒤의 둘은 주소로 읽히지 않는 것과, 인증서가 없는 tls.
            advice = "dask scheduler가 찍은 주소(tcp://…)나 local, synchronous를 적으십시오."
            raise ConnectionError(f"SCHEDULER={self.where}에 닿지 않습니다. {advice}") from error

    def submit(self, *call):
        return self.executor.submit(self.performer, *call)

    def room(self):
        """작업자가 없거나 스케줄러와 끊긴 동안은 0입니다."""
        if self.client.status == "closed":
            raise Stopped("스케줄러와 끊겼습니다. 스케줄러를 다시 띄우고 부르면 이어집니다.")
        if time.monotonic() - self.asked >= LOOK_AGAIN:
            before, self.places, self.asked = self.places, AHEAD * self.threads(), time.monotonic()
            if before != 0 and not self.places:
                say("작업자가 없어 기다립니다.")
        return self.places if self.client.status == "running" else 0

    def threads(self):
        if self.client.status != "running":
            return 0
        try:
            return sum(self.client.nthreads().values())
        except OSError:  # 묻는 사이에 끊겼습니다.
            return 0


def closing_client():
    """시작하지 못하면 스스로 닫는 distributed.Client.

    닫지 않은 것을 쓰레기 수집기가 치울 때에는 Client를 시작하는 자물쇠를 기다립니다. 그때 다른 Client를 시작하던 중이면
    영영 멈추거나(같은 스레드), 10초 뒤에 까닭 없는 AssertionError가 납니다(다른 스레드).
    """
    from distributed import Client

    class Closing(Client):
        def start(self, **options):
            try:
                super().start(**options)
            except BaseException:
                self.close()
                raise

    return Closing


def performer():
    """Dask에 보낼 perform. 함수 안의 함수는 이름이 아니라 내용으로 보내지므로, 코드가 없는 작업자도 없다고 말합니다."""

    def perform_there(module, function, *given):
        try:
            importlib.import_module(module)
            from spread import places
        except ModuleNotFoundError as error:
            text = "작업자에 이 저장소의 코드가 없습니다. 저장소의 폴더에서 python -m dask worker로 띄우십시오"
            raise ModuleNotFoundError(f"{text}: {error}") from None
        return places.perform(module, function, *given)

    return perform_there
