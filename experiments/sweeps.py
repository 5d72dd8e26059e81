"""많은 설정을 한 번씩 돌립니다: 이 프로세스에서, 이 기계의 모든 코어에서, 또는 Dask의 여러 기계에서.

어디에서 돌릴지는 환경 변수 SCHEDULER 하나로 정합니다(`make results SCHEDULER=tcp://…`).

- 비었으면 이 기계에서, 코어마다 프로세스 하나로.
- `synchronous`이면 이 프로세스에서 하나씩. 디버거로 들어가 볼 때 씁니다.
- `local`이면 이 기계에 Dask를 띄워서. 대시보드의 주소를 알려 줍니다.
- `tcp://…`이면 그 주소의 Dask 스케줄러에 붙은 작업자들에서.

어디에서나 같은 함수를 같은 인자로 부르므로 수가 같고, 결과는 sweep을 부른 기계의 폴더에만 적습니다.
"""

import contextlib
import functools
import multiprocessing
import os
import pickle
import platform
import queue
import random
import signal
import sys
import threading
import time
from concurrent.futures import BrokenExecutor, CancelledError, Future, ProcessPoolExecutor

from threadpoolctl import ThreadpoolController
from tqdm import tqdm

from experiments import store

# 작업자가 몇인지 다시 묻는 사이(초). 그동안 늘거나 준 작업자에 맞추어 일을 보냅니다.
LOOK_AGAIN = 2
# 하나를 마친 작업자가 다음 것을 기다리지 않도록 작업자마다 보내 두는 수.
AHEAD = 3


class OtherVersions(RuntimeError):
    """작업자의 코드나 NumPy의 판이 이 기계와 다릅니다."""


class Stopped(RuntimeError):
    """돌리던 것을 잃었습니다. 끝난 것은 적어 두었으므로 다시 부르면 이어집니다."""


def sweep(name, settings, run):
    """settings(인자 사전의 목록)마다 run(**setting)을 돌려, {이름: 배열} 결과를 같은 차례로 돌려줍니다.

    하나가 끝날 때마다 파일에 적으므로 도중에 끊겨도 그때 돌던 것만 잃고, 다시 부르면 어디에서든 남은 것만 돕니다.
    실험이나 wi_lib의 코드, NumPy의 판이 바뀌면 처음부터 다시 돕니다. run은 모듈의 맨 바깥에 있는 함수여야 합니다.
    """
    folder = store.folder(name, run)
    runs = [store.Run(folder, run, setting) for setting in settings]
    wanted = {each.path: each for each in runs}
    # 10만 개를 이어 부르면 읽는 데만 몇 분이 걸릴 수 있습니다.
    bar = tqdm(wanted, desc=f"{name}: 적어 둔 것을 읽음", unit="개", delay=2, leave=False)
    found = {path: store.read(path) for path in bar}
    left = [each for path, each in wanted.items() if found[path] is None]
    damaged = sum(each.path.exists() for each in left)
    if damaged:
        _say(f"{name}: 쓰다 끊겼거나 상한 결과 {damaged}개를 다시 돌립니다.")
    with tqdm(total=len(wanted), initial=len(wanted) - len(left), desc=name, unit="번") as bar:
        for path, arrays in _finish(left):
            found[path] = arrays
            bar.update()
    return [found[each.path] for each in runs]


def perform(module, function, setting, expected):
    """작업자가 하는 일. expected는 부른 쪽의 코드와 NumPy의 지문입니다."""
    if store.fingerprint(module) != expected:
        raise OtherVersions(f"{platform.node()}의 프로세스 {os.getpid()}", store.versions(module))
    run = getattr(store.import_module(module), function)
    try:
        # BLAS는 스레드의 수에 따라 더하는 차례가 달라 끝자리가 바뀝니다. 코어는 이미 프로세스마다 하나씩 씁니다.
        with _blas().limit(limits=1, user_api="blas"):
            return store.as_arrays(run(**setting))
    except (Exception, SystemExit) as error:
        if _travels(error):
            raise
        raise RuntimeError(f"{type(error).__name__}: {error}") from error


@functools.cache
def _blas():
    return ThreadpoolController()


def _travels(error):
    """다른 프로세스에 보낼 수 있는 예외인지. 보낸 것을 받다 실패하면 일하던 프로세스가 꺼진 것으로 보입니다."""
    if isinstance(error, SystemExit):
        return False
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return False
    return True


def _say(text):
    """진행 막대를 깨뜨리지 않고 알립니다."""
    tqdm.write(text, file=sys.stderr)


def _finish(left):
    """남은 것을 돌려, 하나가 끝나면 적고 나서 (파일, 결과)를 내놓습니다."""
    if not left:
        return
    expected = store.fingerprint(left[0].module)
    # 차례를 섞으면, 한 폴더에 적는 다른 sweep과 같은 것을 함께 돌리는 일이 드물고 남은 시간의 어림도 맞습니다.
    waiting, running, done = random.Random().sample(left, len(left)), {}, queue.SimpleQueue()
    with _engine() as (submit, room):
        try:
            while waiting or running:
                places = room()
                while waiting and len(running) < places:
                    each = waiting.pop()
                    if (arrays := store.read(each.path)) is not None:  # 그사이 다른 sweep이 적었습니다.
                        yield each.path, arrays
                        continue
                    future = submit(each.module, each.function, each.setting, expected)
                    running[future] = each
                    future.add_done_callback(done.put)
                with contextlib.suppress(queue.Empty):
                    future = done.get(timeout=LOOK_AGAIN)
                    each = running.pop(future)
                    arrays = _result(future, each)
                    # 쥐고 있으면, 이것을 마친 작업자를 잃었을 때 Dask가 다시 돌립니다.
                    del future
                    if arrays is None:
                        waiting.append(each)
                        continue
                    store.keep(each.path, arrays)
                    yield each.path, arrays
        except BrokenExecutor as error:
            raise Stopped(
                "일하던 프로세스가 꺼졌습니다. 메모리가 모자라지 않은지 보고 다시 부르면 이어집니다."
            ) from error
        finally:
            for future in running:
                future.cancel()


def _result(future, each):
    """끝난 것의 {이름: 배열}. 스케줄러가 다시 떠 잃은 것이면 None입니다."""
    try:
        return future.result()
    except CancelledError:
        return None
    except OtherVersions as error:
        raise OtherVersions(_difference(*error.args, store.versions(each.module))) from None
    except BrokenExecutor:
        raise
    except Exception as error:
        error.add_note(f"이 설정에서 멈췄습니다: {each.setting}")
        raise


def _difference(where, theirs, ours):
    names = [name for name in {**ours, **theirs} if ours.get(name) != theirs.get(name)]
    listed = ", ".join(f"{name}: {theirs.get(name, '없음')} ≠ {ours.get(name, '없음')}" for name in names[:5])
    return (
        f"작업자 {where}의 판이 여기와 다릅니다(작업자 ≠ 여기). {listed}{' …' * (len(names) > 5)}. "
        "같은 커밋과 같은 NumPy로 맞춘 뒤 작업자를 다시 띄우십시오. 끝난 것은 적어 두었습니다."
    )


@contextlib.contextmanager
def _engine():
    """(perform의 인자를 받아 concurrent.futures.Future를 주는 함수, 지금 함께 맡겨 둘 수를 주는 함수)."""
    where = os.environ.get("SCHEDULER", "")
    if not where:
        with ProcessPoolExecutor(os.cpu_count(), initializer=_end_with_parent) as pool:
            yield functools.partial(pool.submit, perform), lambda: AHEAD * os.cpu_count()
    elif where == "synchronous":
        yield _submit_here, lambda: 1
    else:
        with _connected(where) as client:
            yield functools.partial(client.get_executor(pure=False).submit, _performer()), _Room(client)


def _end_with_parent():
    """부른 쪽이 강제로 꺼지면 일하던 프로세스도 꺼집니다. 그냥 두면 다음 일을 영영 기다립니다."""

    def watch():
        multiprocessing.parent_process().join()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


def _submit_here(*job):
    future = Future()
    try:
        future.set_result(perform(*job))
    except Exception as error:
        future.set_exception(error)
    return future


def _performer():
    """Dask에 보낼 perform. 함수 안의 함수는 이름이 아니라 내용으로 보내지므로, 코드가 없는 작업자도 없다고 말합니다."""

    def perform_there(*job):
        try:
            from experiments import sweeps
        except ModuleNotFoundError as error:
            text = "작업자에 이 저장소의 코드가 없습니다. 저장소의 폴더에서 python -m dask worker로 띄우십시오"
            raise ModuleNotFoundError(f"{text}: {error}") from None
        return sweeps.perform(*job)

    return perform_there


class _Room:
    """Dask의 작업자에게 함께 맡겨 둘 수. 작업자가 없거나 스케줄러와 끊긴 동안은 0입니다."""

    def __init__(self, client):
        self.client, self.places, self.asked = client, 0, -LOOK_AGAIN

    def __call__(self):
        if self.client.status == "closed":
            raise Stopped("스케줄러와 끊겼습니다. 스케줄러를 다시 띄우고 부르면 이어집니다.")
        if time.monotonic() - self.asked >= LOOK_AGAIN:
            before, self.places, self.asked = self.places, AHEAD * self.threads(), time.monotonic()
            if before and not self.places:
                _say("작업자가 없어 기다립니다.")
        return self.places if self.client.status == "running" else 0

    def threads(self):
        if self.client.status != "running":
            return 0
        try:
            return sum(self.client.nthreads().values())
        except OSError:  # 묻는 사이에 끊겼습니다.
            return 0


@contextlib.contextmanager
def _connected(where):
    try:
        from distributed import Client
    except ModuleNotFoundError:
        raise ModuleNotFoundError("SCHEDULER에는 Dask가 있어야 합니다: make .venv/cluster") from None
    # 학습은 스레드 하나를 다 쓰고, 경고를 끄는 일(results.fit)은 스레드끼리 섞이므로 작업자마다 하나만 돌립니다.
    local = {"n_workers": os.cpu_count(), "threads_per_worker": 1}
    try:
        client = Client(**local) if where == "local" else Client(where)
    except (OSError, ValueError, TypeError) as error:  # 뒤의 둘은 주소로 읽히지 않는 것과, 인증서가 없는 tls.
        raise ConnectionError(
            f"SCHEDULER={where}에 닿지 않습니다. dask scheduler가 찍은 주소(tcp://…)나 local, synchronous를 적으십시오."
        ) from error
    with client:
        _say(f"대시보드: {client.dashboard_link}")
        yield client
