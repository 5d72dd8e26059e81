"""실험 한 번마다 드는 비용, 두 코어의 빠르기, 작업자 100의 어림을 잽니다. `make bench-sweeps`가 부릅니다.

재는 법과 결과는 benchmarks/README.md에 있습니다. 오간 바이트는 Linux의 루프백에서 세므로 다른 일을 멈추고 잽니다.
"""

import contextlib
import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import json
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil

from experiments import depth_map, store, sweeps

WORKERS = 2
EMPTY = 1000
REAL = 24
ROUNDS = 3
SLEEPERS, SLEEPS, SLEEP = 100, 2000, 0.5
LENGTHS = [0.1, 0.5, 2, 10]
RUNS = 100_000


def empty(n):
    """depth_map.run이 돌려주는 것과 같은 모양."""
    return {"validation": 0.5, "accuracy": 0.5}


def real(n):
    """depth_map에서 가장 깊은 망: 0.6초쯤."""
    return depth_map.run(depth=64, weight_variance=1.76, learning_rate=0.03, seed=n)


def sleep(n, seconds):
    time.sleep(seconds)
    return empty(n)


class Dask:
    """진짜 스케줄러와 작업자 프로세스. 작업자 하나의 스레드 수를 정합니다."""

    def __init__(self, workers=WORKERS, threads=1):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = str(free.getsockname()[1])
        self.address, self.count = f"tcp://127.0.0.1:{port}", workers * threads
        start = ["worker", self.address, "--no-nanny", "--nthreads", str(threads)]
        commands = [["scheduler", "--host", "127.0.0.1", "--port", port], *[start] * workers]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": store.ROOT}
        self.processes = [
            psutil.Popen([sys.executable, "-m", "dask", *command, "--no-dashboard"], **quiet) for command in commands
        ]

    def __enter__(self):
        from distributed import Client

        with Client(self.address, timeout=60) as client:
            client.wait_for_workers(len(self.processes) - 1)
        os.environ["SCHEDULER"] = self.address
        return self

    def __exit__(self, *error):
        os.environ.pop("SCHEDULER", None)
        for process in self.processes:
            process.kill()

    def seconds(self):
        """(부른 쪽, 스케줄러, 작업자 모두)가 지금까지 쓴 CPU의 초."""
        used = [sum(process.cpu_times()[:2]) for process in (psutil.Process(), *self.processes)]
        return np.array([used[0], used[1], sum(used[2:])])


def timed(run, count, **fixed):
    """count번의 벽시계 시간(초). 결과는 새 폴더에 적습니다."""
    with tempfile.TemporaryDirectory() as folder:
        store.UNFINISHED = Path(folder)
        begin = time.perf_counter()
        sweeps.sweep("bench", [{"n": n, **fixed} for n in range(count)], run)
        return time.perf_counter() - begin


def per_run(run, **fixed):
    """한 번마다의 벽시계(ms). 시작하는 데 드는 것은 뺍니다."""
    few = EMPTY // 10
    return (timed(run, EMPTY, **fixed) - timed(run, few, **fixed)) / (EMPTY - few) * 1e3


def loopback():
    return psutil.net_io_counters(pernic=True)["lo"].bytes_sent


def overhead():
    """| 어디에서 | 한 번(ms) | … | 의 줄과, Dask에서 한 번마다의 CPU(초)와 바이트."""
    for name, engine in {"이 프로세스": "synchronous", "코어마다": ""}.items():
        os.environ["SCHEDULER"] = engine
        print(f"| {name} | {statistics.median(per_run(empty) for _ in range(ROUNDS)):.1f} | | | | |", flush=True)
    with Dask() as cluster:
        few, found = EMPTY // 10, []
        for _ in range(ROUNDS):
            marks = []
            for count in (few, EMPTY):
                before = cluster.seconds(), loopback()
                wall = timed(empty, count)
                marks.append(np.array([wall, *(cluster.seconds() - before[0]), loopback() - before[1]]))
            found.append((marks[1] - marks[0]) / (EMPTY - few))
        wall, client, scheduler, workers, sent = np.median(found, axis=0)
    each = " | ".join(f"{1e3 * seconds:.1f}" for seconds in (wall, client, scheduler, workers))
    print(f"| Dask | {each} | {sent / 1e3:.1f} |", flush=True)
    return client, scheduler, sent


def speed_up():
    """코어 하나에서 걸린 시간을 두 코어에서 걸린 시간으로 나눈 것."""
    real(0)  # 자료를 읽는 시간은 빼고 잽니다.
    found = {"코어마다": [], "Dask": []}
    with Dask() as cluster:
        for _ in range(ROUNDS):
            os.environ["SCHEDULER"] = "synchronous"
            one = timed(real, REAL)
            for name, engine in {"코어마다": "", "Dask": cluster.address}.items():
                os.environ["SCHEDULER"] = engine
                found[name].append(one / timed(real, REAL))
    print(f"한 번 {one / REAL:.2f}초, " + ", ".join(f"{k} {statistics.median(v):.2f}배" for k, v in found.items()))


def modelled(client, scheduler, length, workers, count):
    """count번에 걸릴 시간: 작업자가 모두 바쁘거나, 하나뿐인 부른 쪽이나 스케줄러가 가장 바쁩니다."""
    return count * max(length / workers, client, scheduler)


def hundred(client, scheduler, sent):
    """작업자 100. 자는 일로 부른 쪽과 스케줄러가 정말 그만큼 버티는지 보고, 길이마다 어림을 적습니다."""
    with Dask(workers=1, threads=SLEEPERS):
        timed(sleep, SLEEPERS, seconds=0)
        wall = timed(sleep, SLEEPS, seconds=SLEEP)
    print(f"자는 일 {SLEEP}초 {SLEEPS}번, {SLEEPERS}자리: 어림 ", end="")
    print(f"{modelled(client, scheduler, SLEEP, SLEEPERS, SLEEPS):.0f}초, 잰 것 {wall:.0f}초", flush=True)
    for length in LENGTHS:
        whole = modelled(client, scheduler, length, SLEEPERS, RUNS)
        speed, rate = RUNS * length / whole, RUNS * sent / whole / 1e6
        print(f"| {length} | {RUNS * length / 3600:.1f} | {whole / 60:.0f} | {speed:.0f} | {rate:.2f} |", flush=True)


def main():
    print(json.dumps({"cores": os.cpu_count(), "python": sys.version.split()[0], "load": os.getloadavg()}))
    with open(os.devnull, "w", encoding="utf-8") as quiet, contextlib.redirect_stderr(quiet):
        costs = overhead()
        speed_up()
        hundred(*costs)


if __name__ == "__main__":
    main()
