"""일을 맡길 Dask의 작업자. 없을 수 있는 꾸러미이므로 `places.chosen`이 쓸 때 읽습니다."""

import asyncio
import contextlib
import importlib
import logging
import os
import signal
import threading
import time
from concurrent.futures import CancelledError, Future

import distributed
from dask import config

from .places import AHEAD, LOOK_AGAIN, Stopped, say


class Dask:
    """Dask의 작업자. where는 스케줄러의 주소이거나, 이 기계에 띄우는 "local"입니다."""

    def __init__(self, where):
        self.where, self.places, self.asked = where, None, -LOOK_AGAIN

    def __enter__(self):
        self.client = self.connected()
        say(f"대시보드: {self.client.dashboard_link}")
        self.performer = performer()
        return self

    def __exit__(self, *error):
        with uninterrupted():
            self.client.end()

    def connected(self):
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
        there, here = self.client.submit(self.performer, *call, pure=False), Future()
        here.set_running_or_notify_cancel()  # 받는 사이에 취소되지 않습니다. 닫히는 client가 모두 취소합니다.

        async def carry():
            # client.get_executor의 것은, 끝난 값을 받다가 스케줄러와 끊기면 here를 영영 끝내지 않습니다.
            try:
                here.set_result(await there)
            except (Exception, asyncio.CancelledError) as error:
                lost = isinstance(error, (OSError, asyncio.CancelledError)) and there.status != "error"
                here.set_exception(CancelledError() if lost else error)

        self.client.loop.add_callback(carry)
        return here

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


@contextlib.contextmanager
def uninterrupted():
    """그동안 다시 누른 Ctrl-C를 받지 않습니다. 작업자를 끄다가 멈추면 60초를 기다리게 됩니다."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class Client(distributed.Client):
    """시작하지 못하면 스스로 닫고, 스케줄러가 아닌 것을 끝없이 기다리지 않는 distributed.Client.

    대시보드의 주소는 받아들이기만 하고 대답하지 않습니다.

    닫지 않은 것을 쓰레기 수집기가 치울 때에는 Client를 시작하는 자물쇠를 기다립니다. 그때 다른 Client를 시작하던 중이면
    영영 멈추거나(같은 스레드), 10초 뒤에 까닭 없는 AssertionError가 납니다(다른 스레드).
    """

    def start(self, **options):
        try:
            super().start(**options)
        except BaseException:
            self.end()
            raise

    def end(self):
        """끊겨서 이미 닫힌 것이어도 그 스레드까지 끝냅니다."""
        self.close()
        with contextlib.suppress(TimeoutError):
            self._loop_runner.stop()

    async def _ensure_connected(self, timeout=None):
        try:
            await asyncio.wait_for(super()._ensure_connected(timeout=timeout), timeout)
        except (OSError, ImportError):
            raise
        except Exception as error:  # 이를테면 다른 서버가 한 말의 첫 8바이트를 길이로 읽습니다.
            raise OSError("읽지 못할 말입니다.") from error

    async def _reconnect(self):
        try:
            await super()._reconnect()
        except Exception:  # 그대로 두면 영영 다시 잇는 중입니다.
            await self._close()


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
