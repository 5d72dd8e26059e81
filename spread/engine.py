"""많은 일을 나누어 합니다: 이 프로세스에서, 이 기계의 모든 코어에서, 또는 Dask의 여러 기계에서.

어디에서 할지는 환경 변수 SCHEDULER 하나로 정합니다.

- 비었으면 이 기계에서, 코어마다 프로세스 하나로.
- `synchronous`이면 이 프로세스에서 하나씩. 디버거로 들어가 볼 때 씁니다.
- `local`이면 이 기계에 Dask를 띄워서. 대시보드의 주소를 알려 줍니다.
- `tcp://…`이면 그 주소의 Dask 스케줄러에 붙은 작업자들에서.

작업자가 꺼지거나 스케줄러가 다시 뜨면 그때 하던 것만 다시 맡깁니다.
"""

import collections
import queue
from concurrent.futures import BrokenExecutor, CancelledError

from spread.places import LOOK_AGAIN, chosen

# 하던 프로세스가 이만큼 꺼진 일은 더 맡기지 않습니다. 그 일이 끄는 것일 수 있습니다.
MOST = 3


class Lost(RuntimeError):
    """하던 프로세스가 거듭 꺼진 일."""


def spread(jobs, task, arguments, start=None):
    """jobs마다 task(*arguments(일))를 나누어 하고, 끝나는 대로 (일, 값, 오류)를 내놓습니다. 하나는 None입니다.

    task는 모듈의 맨 바깥에 있는 함수이고, arguments는 맡길 때 이 프로세스에서 부릅니다. arguments가 None을 주면 맡기지
    않고 (일, None, None)을 내놓습니다. 받는 쪽이 도중에 그만두면(close) 하던 것도 끝납니다.
    """
    waiting, running = collections.deque((job, None) for job in jobs), {}
    losses, done = collections.Counter(), queue.SimpleQueue()
    if not waiting:
        return
    with chosen(start) as place:
        try:
            while waiting or running:
                # 맡기는 사이에도 끝난 것을 받습니다.
                full = len(running) >= place.room() or not waiting
                if not full:
                    job, given = waiting.popleft()
                    given = given or arguments(job)
                    if given is None:
                        yield job, None, None
                        continue
                    future = place.submit(task.__module__, task.__name__, *given)
                    running[future] = job, given
                    future.add_done_callback(done.put)
                try:
                    future = done.get(timeout=LOOK_AGAIN if full else 0)
                except queue.Empty:
                    continue
                job, given = running.pop(future)
                value, error = outcome(future)
                # 쥐고 있으면, 이것을 마친 작업자를 잃었을 때 Dask가 다시 돌립니다.
                del future
                lost = isinstance(error, BrokenExecutor)
                losses[job] += lost
                if isinstance(error, CancelledError) or (lost and losses[job] < MOST):
                    waiting.appendleft((job, given))
                    continue
                yield job, value, Lost(f"하던 프로세스가 {MOST}번 꺼졌습니다.") if lost else error
        finally:
            for future in running:
                future.cancel()


def outcome(future):
    """끝난 것의 (값, 오류)."""
    try:
        return future.result(), None
    except (Exception, CancelledError) as error:
        return None, error
