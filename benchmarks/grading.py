"""한 반을 채점하는 빠르기를 프로세스 하나, 코어마다 하나, Dask에서 견줍니다. `make bench-grading`이 부릅니다.

    python -m benchmarks.grading --one 300 --all 20    # 300명이 한 장을, 20명이 모든 장을 냅니다

세 곳의 점수와 채점한 노트북이 같은지도 봅니다. 재는 법과 결과는 benchmarks/README.md에 있습니다.
"""

import argparse
import json
import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.sweeps import WORKERS, Dask
from classroom import sheets
from classroom.autograde import autograde
from classroom.course import FOLDER, SECRET, course, submissions
from tests.classroom.conftest import NAME
from tests.classroom.marking import SHEETS, answers, automatic, filled, hand_in
from tests.classroom.spreading import results

# 열에 하나가 1번에 쓰는 험한 답. 끝나지 않는 답은 시간을 혼자 다 써서 빼고, 시험에서 봅니다.
ROUGH = ("import os\nos._exit(1)", "while True: print('x' * 1000)", "kept = np.ones(2**33)")
STUDENTS, MODELLED = 300, (1, 2, 8, 32, 100)


def answered(number, name):
    """number번 학생이 낸 name: 짝수는 옳고, 홀수는 저마다 틀리고, 열에 하나는 험합니다."""
    if number % 10 == 9:
        return filled(name, None, {1: ROUGH[number // 10 % len(ROUGH)]})
    task, *_, code, _ = answers(name).WRONG[number % len(answers(name).WRONG)]
    return filled(name, None, {task: code} if number % 2 else {})


def hand_out_and_in(one, everything):
    for name in SHEETS:
        sheets.write_source(name, None)
    sheets.release()
    for number in range(max(one, everything)):
        for name in SHEETS if number < everything else [NAME]:
            hand_in(course(), f"s{number:03d}", name, answered(number, name))


def used(processes):
    """프로세스마다, 거두어들인 자식(커널)까지 쓴 CPU의 초."""
    return [sum(process.cpu_times()[:4]) for process in processes]


def graded(given, folder, engine, processes=()):
    """한 번 채점하는 데 든 {벽시계, 부른 쪽, 작업자와 커널, 스케줄러의 초}와, 결과."""
    shutil.copytree(given, folder)
    os.environ[FOLDER], os.environ["SCHEDULER"] = str(folder), engine
    jobs = submissions()
    usages = resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN
    before, others, begin = [sum(resource.getrusage(who)[:2]) for who in usages], used(processes), time.perf_counter()
    autograde(jobs)
    wall = time.perf_counter() - begin
    mine, children = (sum(resource.getrusage(who)[:2]) - was for who, was in zip(usages, before))
    scheduler, *workers = [now - was for now, was in zip(used(processes), others)] or [0.0]
    assert set(results(folder)) == set(jobs), "채점하지 못한 답이 있습니다."
    found = {"wall": wall, "caller": mine, "work": children + sum(workers), "scheduler": scheduler}
    return {name: seconds / len(jobs) for name, seconds in found.items()}, (automatic(folder), results(folder))


def compared(given, folder):
    """| 어디에서 | … |의 줄. 답 하나마다의 초이고, 세 곳의 결과가 다르면 멈춥니다."""
    found = {"프로세스 하나": graded(given, folder / "one", "synchronous")}
    found["코어마다"] = graded(given, folder / "cores", "")
    with Dask() as cluster:
        found["Dask"] = graded(given, folder / "dask", cluster.address, cluster.processes)
    (alone, wanted), *others = found.values()
    assert all(result == wanted for _, result in others), "채점한 결과가 다릅니다."
    for name, (cost, _) in found.items():
        ratio = alone["wall"] / cost["wall"]
        cpu = " | ".join(f"{cost[key]:.2f}" for key in ("wall", "caller", "work", "scheduler"))
        print(f"| {name} | {ratio:.2f} | {cpu} |", flush=True)
    return found["Dask"][0]


def modelled(cost, workers):
    """답 하나마다의 초: 작업자가 모두 바쁘거나, 하나뿐인 부른 쪽이나 스케줄러가 가장 바쁩니다."""
    return max(cost["work"] / workers, cost["caller"], cost["scheduler"])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--one", type=int, default=10, help="한 장을 내는 학생의 수")
    parser.add_argument("--all", type=int, default=1, help="모든 장을 내는 학생의 수")
    size = parser.parse_args()
    os.environ.pop(SECRET, None)
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        os.environ[FOLDER] = str(folder / "given")
        hand_out_and_in(size.one, size.all)
        about = {"cores": os.cpu_count(), "python": sys.version.split()[0], "load": os.getloadavg()}
        print(json.dumps(about | {"submissions": len(submissions())}), flush=True)
        cost = compared(folder / "given", folder)
    print(f"작업자 {WORKERS}의 어림 {modelled(cost, WORKERS):.2f}초, 잰 것 {cost['wall']:.2f}초")
    for workers in MODELLED:
        each = modelled(cost, workers)
        whole = STUDENTS * len(SHEETS) * each / 3600
        print(f"| {workers} | {whole:.2f} | {modelled(cost, 1) / each:.1f} |")


if __name__ == "__main__":
    main()
