"""experiments/sweeps.py를 진짜 Dask 스케줄러와 작업자 프로세스에서: 무엇이 죽어도 잃거나 두 번 세지 않습니다."""

import collections
import contextlib
import gc
import os
import shutil
import signal
import socket
import threading

import distributed  # 먼저 읽혀 있어야 config.set이 그 설정을 고쳤다가 되돌립니다.
import numpy as np
import pytest
from dask import config

from experiments import store, sweeps
from spread.cluster import Client, uninterrupted
from tests.experiments import runs
from tests.experiments.conftest import Cluster, beside, wait_until

COUNT = 12


def settings(trace):
    return [{"n": n, "trace": str(trace)} for n in range(COUNT)]


def traces(trace):
    """설정마다 돈 횟수와, 그 프로세스."""
    return [path.name.split("-")[:2] for path in trace.iterdir() if "-" in path.name]


def times(trace):
    return collections.Counter(int(n) for n, _ in traces(trace))


def again(trace):
    """두 번 돈 설정."""
    return {n for n, count in times(trace).items() if count > 1}


def held_by(trace, workers):
    """작업자마다 붙들려 있는 설정과, 마친 설정. 모두 붙들리고, 마친 것은 모두 적힐 때까지 기다립니다."""
    held = {}

    def all_held():
        held.update({pid: n for n, pid in traces(trace) if int(n) >= runs.HELD_FROM})
        stored = len(list(store.UNFINISHED.glob("*/*.npz")))
        return len(held) == len(workers) and stored == len(traces(trace)) - len(workers)

    wait_until(all_held, "작업자마다 하나씩 붙들림")
    return {worker: int(held[str(worker.pid)]) for worker in workers}, set(times(trace)) - set(map(int, held.values()))


@pytest.mark.xdist_group("two_workers")
def test_the_same_numbers_everywhere(two_workers, trace, unfinished, monkeypatch):
    """이 프로세스에서, 코어마다, Dask에서: 비트까지 같습니다."""
    wanted, found = [{"seed": seed, "trace": str(trace)} for seed in range(4)], {}
    for engine in ("synchronous", "", os.environ["SCHEDULER"]):
        monkeypatch.setenv("SCHEDULER", engine)
        monkeypatch.setattr(store, "UNFINISHED", unfinished / (engine.partition(":")[0] or "processes"))
        found[engine] = sweeps.sweep("train", wanted, runs.train)
    here, *others = found.values()
    for other in others:
        for a, b in zip(here, other):
            assert {name: array.tobytes() for name, array in a.items()} == {
                name: array.tobytes() for name, array in b.items()
            }
    assert here[0]["loss"].tobytes() != here[1]["loss"].tobytes()


@pytest.mark.xdist_group("two_workers")
def test_a_killed_worker_costs_its_own_run(two_workers, trace):
    third = two_workers.worker()

    def kill():
        seen.extend(held_by(trace, two_workers.workers))
        third.kill()
        (trace / "go").touch()

    seen = []
    with beside(kill):
        found = sweeps.sweep("held", settings(trace), runs.held)
    two_workers.workers.remove(third)
    assert [int(each["value"]) for each in found] == [n**2 for n in range(COUNT)]
    held, finished = seen
    # 그 작업자가 받아만 둔 것을 Dask가 두 번 돌리는 일은 드물게 있습니다. 마친 것은 다시 돌지 않습니다.
    assert held[third] in again(trace)
    assert not again(trace) & finished


def test_a_restarted_scheduler_goes_on(cluster, trace, unfinished):
    """스케줄러와 작업자를 모두 잃어도, 다시 뜨면 그때 돌던 것만 다시 돌며 이어 갑니다."""
    workers = [cluster.worker(), cluster.worker()]

    def restart():
        seen.extend(held_by(trace, workers))
        cluster.stop()
        (trace / "go").touch()
        cluster.scheduler()
        cluster.worker()

    seen = []
    # 시험하는 기계가 바빠도 스케줄러가 다시 뜰 때까지 기다립니다.
    with beside(restart), config.set({"distributed.comm.timeouts.connect": "60s"}):
        found = sweeps.sweep("held", settings(trace), runs.held)
    assert [int(each["value"]) for each in found] == [n**2 for n in range(COUNT)]
    held, finished = seen
    assert set(held.values()) <= again(trace)
    assert not again(trace) & finished


def test_a_lost_scheduler_stops_cleanly_and_continues_elsewhere(cluster, trace, monkeypatch):
    """스케줄러가 돌아오지 않으면 그 말을 하고 멈추고, 남은 것은 이 기계에서 이어 갑니다."""
    workers = [cluster.worker()]

    def lose():
        seen.extend(held_by(trace, workers))
        cluster.stop()

    seen = []
    with (
        beside(lose),
        config.set({"distributed.comm.timeouts.connect": "2s"}),
        pytest.raises(sweeps.Stopped, match="스케줄러"),
    ):
        sweeps.sweep("held", settings(trace), runs.held)
    (trace / "go").touch()
    monkeypatch.setenv("SCHEDULER", "synchronous")
    found = sweeps.sweep("held", settings(trace), runs.held)
    assert [int(each["value"]) for each in found] == [n**2 for n in range(COUNT)]
    held, finished = seen
    assert set(held.values()) <= again(trace)
    assert not again(trace) & finished


@pytest.mark.xdist_group("two_workers")
def test_two_clients_share_one_folder(two_workers, trace):
    """둘이 한 폴더에 적어도 잃지 않고, 한 설정의 결과는 하나이고, 서로 끝낸 것은 다시 돌지 않습니다."""
    (trace / "go").touch()
    other = []
    with beside(lambda: other.extend(sweeps.sweep("held", settings(trace), runs.held))):
        found = sweeps.sweep("held", settings(trace), runs.held)
    values = [n**2 for n in range(COUNT)]
    assert [int(each["value"]) for each in found] == [int(each["value"]) for each in other] == values
    assert len(list(store.UNFINISHED.glob("*/*"))) == COUNT
    assert times(trace).total() < 2 * COUNT


@pytest.mark.xdist_group("no_workers")
def test_a_worker_with_another_numpy_is_refused(no_workers, trace, tmp_path):
    (tmp_path / "older.py").write_text("import numpy\nnumpy.__version__ = '1.99.0'\n", encoding="utf-8")
    no_workers.worker("--preload", str(tmp_path / "older.py"))
    with pytest.raises(sweeps.OtherVersions, match=rf"NumPy: 1\.99\.0 ≠ {np.__version__}\."):
        sweeps.sweep("held", settings(trace), runs.held)
    assert not traces(trace)


@pytest.mark.xdist_group("no_workers")
def test_a_worker_with_other_code_is_refused(no_workers, trace, tmp_path):
    """다른 커밋의 작업자: 어느 파일이 다른지 말합니다."""
    for room in ("experiments", "spread", "wi_lib", "tests/experiments"):
        shutil.copytree(store.ROOT / room, tmp_path / "clone" / room, ignore=shutil.ignore_patterns("__pycache__"))
    with open(tmp_path / "clone" / "wi_lib" / "training.py", "a", encoding="utf-8") as changed:
        changed.write("# 다른 커밋\n")
    no_workers.worker(cwd=tmp_path / "clone")
    with pytest.raises(sweeps.OtherVersions, match=r"wi_lib/training\.py: \w+ ≠ \w+\. 같은 커밋"):
        sweeps.sweep("held", settings(trace), runs.held)
    assert not traces(trace)


@pytest.mark.xdist_group("no_workers")
def test_a_worker_without_the_code_is_told_where_to_start(no_workers, trace, tmp_path):
    no_workers.worker(cwd=tmp_path)
    with pytest.raises(ModuleNotFoundError, match="저장소의 폴더에서"):
        sweeps.sweep("held", settings(trace), runs.held)


@pytest.mark.xdist_group("two_workers")
def test_a_failing_run_names_its_setting(two_workers, trace):
    (trace / "broken 7").touch()
    with pytest.raises(RuntimeError, match="끊김") as raised:
        sweeps.sweep("square", settings(trace), runs.square)
    assert "'n': 7" in raised.value.__notes__[0]


def test_a_setting_that_kills_its_workers_is_named(unfinished, trace, monkeypatch):
    """스케줄러는 작업자 넷을 끈 일을 그만둡니다. 여기서는 하나만 끄게 합니다."""
    assert config.get("distributed.scheduler.allowed-failures") == 3
    monkeypatch.setenv("DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES", "0")
    (trace / "deadly 0").touch()
    with Cluster() as started:
        started.worker()
        monkeypatch.setenv("SCHEDULER", started.address)
        with pytest.raises(distributed.KilledWorker) as raised:
            sweeps.sweep("square", settings(trace)[:1], runs.square)
    assert "'n': 0" in raised.value.__notes__[0]


@contextlib.contextmanager
def stranger(said):
    """스케줄러가 아닌 것의 주소: 받아들이고, 저마다 말을 하나 하고, 더 말하지 않습니다."""
    accepted = []

    def answer():
        with contextlib.suppress(OSError):
            while True:
                accepted.append(server.accept()[0])
                accepted[-1].sendall(said)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=answer)
        thread.start()
        yield f"tcp://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)
        thread.join()
    for each in accepted:
        each.close()


# 대시보드처럼 먼저 말하지 않는 것, 첫 8바이트가 엄청난 길이로 읽히는 것, 빈 것들로 읽히는 것.
STRANGERS = {"말 없는 서버": b"", "HTTP": b"HTTP/1.1 400 Bad Request\r\n\r\n", "0": bytes(64)}


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "lokal", "tls://127.0.0.1:1", *STRANGERS])
def test_an_unreachable_scheduler_is_named(unfinished, trace, monkeypatch, address):
    """아무것도 남기지 않습니다: 열린 Client도, 그 스레드도."""
    threads = set(threading.enumerate())
    with stranger(STRANGERS[address]) if address in STRANGERS else contextlib.nullcontext(address) as where:
        monkeypatch.setenv("SCHEDULER", where)
        with (
            config.set({"distributed.comm.timeouts.connect": "1s"}),
            pytest.raises(ConnectionError, match=f"{where}에 닿지 않습니다"),
        ):
            sweeps.sweep("square", settings(trace), runs.square)
    clients = [each for each in gc.get_objects() if isinstance(each, distributed.Client)]
    assert [each for each in clients if each.status != "closed"] == []
    assert [each for each in set(threading.enumerate()) - threads if each.name == "IO loop"] == []


@pytest.mark.xdist_group("two_workers")
def test_a_value_lost_on_its_way_is_asked_again(two_workers, trace, monkeypatch):
    """끝난 값을 받는 사이에 스케줄러와 끊기면 그 일만 다시 맡깁니다."""
    lost = []

    class Losing(Client):
        async def _gather(self, *asked, **options):
            if not lost:
                lost.append(asked)
                raise OSError("끊김")
            return await super()._gather(*asked, **options)

    monkeypatch.setattr("spread.cluster.Client", Losing)
    (trace / "go").touch()
    found = sweeps.sweep("held", settings(trace), runs.held)
    assert [int(each["value"]) for each in found] == [n**2 for n in range(COUNT)]
    assert lost
    assert times(trace).total() == COUNT + 1


def test_a_broken_reconnection_stops(cluster, trace, monkeypatch):
    """다시 잇던 Dask가 뜻밖의 오류를 내도 영영 기다리지 않습니다."""
    workers, threads = [cluster.worker()], set(threading.enumerate())

    class Breaking(Client):
        async def _ensure_connected(self, timeout=None):
            if not workers:
                raise RuntimeError("dictionary changed size during iteration")
            await super()._ensure_connected(timeout=timeout)

    def lose():
        held_by(trace, workers)
        workers.clear()
        cluster.stop()

    monkeypatch.setattr("spread.cluster.Client", Breaking)
    with beside(lose), pytest.raises(sweeps.Stopped, match="스케줄러"):
        sweeps.sweep("held", settings(trace), runs.held)
    assert [each for each in set(threading.enumerate()) - threads if each.name == "IO loop"] == []


def test_a_second_interrupt_waits_for_the_end():
    with uninterrupted():
        signal.raise_signal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
