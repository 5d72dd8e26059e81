"""진단 한 번이 순전파와 역전파 한 번의 몇 배인지, 메모리는 얼마나 더 쓰는지 잽니다.

`make bench-diagnosis`가 `make parity`의 환경에서 부릅니다. 무엇을 어떻게 재는지는 benchmarks/README.md에 있습니다.
"""

import os

# 스레드 하나의 CPU 시간으로 견주므로 NumPy와 torch보다 먼저 정합니다.
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import platform
import resource
import subprocess
import sys
import warnings
from importlib.metadata import version
from math import inf
from statistics import median
from time import perf_counter, process_time

import numpy as np
import torch
import torchvision

import wi_lib
from benchmarks.machine import machine

SIZES = {"ImageNet 크기": (8, 224), "CIFAR 크기": (64, 32)}
# CPU에서는 오래 걸려 GPU에서만 잽니다.
LARGE = {"큰 배치": (128, 224)}
ROUNDS, SLICES = 5, 2


def bare(model, x, labels):
    """순전파, 손실, 역전파. 최적화기는 부르지 않습니다."""
    model.zero_grad()
    torch.nn.functional.cross_entropy(model(x), labels).backward()


def diagnosis(model, x, labels):
    wi_lib.diagnose(model, x, labels)


def nothing(model, x, labels):
    """모델과 배치를 만들기만 할 때의 메모리."""


RUNS = {"nothing": nothing, "bare": bare, "diagnosis": diagnosis}


def setting(size):
    torch.manual_seed(0)
    count, side = (SIZES | LARGE)[size]
    return torchvision.models.resnet18(), torch.randn(count, 3, side, side), torch.randint(0, 1000, (count,))


def ratios(size):
    """(순전파와 역전파의 초, 진단의 초, 라운드마다의 비)."""
    model, x, labels = setting(size)
    # 기울기를 적을 자리와 스레드를 먼저 만들어 둡니다.
    bare(model, x, labels)
    rounds = []
    for _ in range(ROUNDS):
        best = {bare: inf, diagnosis: inf}
        for run in (bare, diagnosis, diagnosis, bare) * SLICES:
            start = process_time()
            run(model, x, labels)
            best[run] = min(best[run], process_time() - start)
        rounds.append((best[bare], best[diagnosis]))
    base, ours = (median(times) for times in zip(*rounds))
    return base, ours, [b / a for a, b in rounds]


def peak(name, size):
    """새 프로세스에서 run을 한 번 했을 때 가장 많이 쓴 메모리(MB)."""
    command = [sys.executable, "-m", "benchmarks.diagnosis", name, size]
    return float(subprocess.run(command, check=True, capture_output=True, encoding="utf-8").stdout)


def measure_memory(name, size):
    RUNS[name](*setting(size))
    unit = 2**20 if sys.platform == "darwin" else 2**10
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit)


def on_gpu(size):
    """GPU에서 (순전파와 역전파의 초, 진단의 초)와 저마다 더 쓴 GPU의 메모리(MB). CPU의 스레드는 하나입니다."""
    cells = [part.cuda() for part in setting(size)]
    bare(*cells)
    seconds, memory = [], []
    for run in (bare, diagnosis):
        times = []
        for _ in range(ROUNDS):
            before = torch.cuda.memory_allocated()
            torch.cuda.reset_peak_memory_stats()
            torch.cuda.synchronize()
            start = perf_counter()
            run(*cells)
            torch.cuda.synchronize()
            times.append(perf_counter() - start)
        seconds.append(median(times))
        memory.append((torch.cuda.max_memory_allocated() - before) / 2**20)
    return seconds, memory


def print_gpu():
    print(f"\n| {torch.cuda.get_device_name()} | 순전파와 역전파(ms) | 진단(ms) | 메모리(MB) | 진단(MB) |")
    print(f"|---|{'--:|' * 4}")
    for size, (count, side) in (SIZES | LARGE).items():
        seconds, memory = on_gpu(size)
        cells = [f"{1e3 * each:,.0f}" for each in seconds] + [f"{each:,.0f}" for each in memory]
        print(f"| {size}({count} × 3 × {side} × {side}) | {' | '.join(cells)} |")


def main():
    warnings.simplefilter("error")
    print("| ResNet-18 | 순전파와 역전파(ms) | 진단(ms) | 비 | 메모리(MB) | 진단(MB) | 비 |")
    print(f"|---|{'--:|' * 6}")
    waited = 0.0
    # 새 프로세스의 ru_maxrss는 띄운 프로세스가 쓴 것부터 세므로, 여기에서 모델을 만들기 전에 잽니다.
    peaks = {size: [peak(name, size) for name in RUNS] for size in SIZES}
    for size, (count, side) in SIZES.items():
        wall, cpu = perf_counter(), process_time()
        base, ours, rounds = ratios(size)
        waited = max(waited, 1 - (process_time() - cpu) / (perf_counter() - wall))
        empty, below, above = peaks[size]
        cells = [f"{base * 1e3:,.0f}", f"{ours * 1e3:,.0f}", f"{median(rounds):.2f}"]
        cells += [f"{below - empty:,.0f}", f"{above - empty:,.0f}", f"{(above - empty) / (below - empty):.2f}"]
        print(f"| {size}({count} × 3 × {side} × {side}) | {' | '.join(cells)} |")
    print(
        f"\n- {ROUNDS}라운드의 중앙값, 라운드마다 {2 * SLICES}번씩. 메모리는 모델과 배치만 있을 때보다 더 쓴 것입니다."
    )
    print(f"- 다른 작업에 밀려 기다린 시간: {waited:.0%}")
    print(f"- {machine()}\n- Python {platform.python_version()}, NumPy {np.__version__}, PyTorch {version('torch')}")
    if torch.cuda.is_available():
        print_gpu()


if __name__ == "__main__":
    measure_memory(*sys.argv[1:]) if sys.argv[1:] else main()
