"""6장 신경망의 학습 한 걸음과 신호 전파를, 한 번의 실행 안에서 다른 구현과 견줍니다.

`make bench`가 부릅니다. 무엇을 어떻게 재는지는 benchmarks/README.md에 있습니다.
"""

import os

# BLAS는 불러올 때 스레드 수를 정하므로, NumPy보다 먼저 적어 둡니다.
os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["MKL_NUM_THREADS"] = "1"
os.environ["VECLIB_MAXIMUM_THREADS"] = "1"

import platform
import warnings
from importlib.metadata import version
from math import inf
from statistics import median
from time import perf_counter, process_time

import numpy as np
import sklearn
from threadpoolctl import threadpool_info

import wi_lib
from benchmarks import plain
from benchmarks.machine import machine
from benchmarks.opponents import BATCH, adam_contestants, contestants, torch

HIDDEN = [100] * 4
ROUNDS, SLICES, WARM_UP = 11, 6, 50
STEPS, PROPAGATIONS = 50, 6  # 토막마다
SIGNALS = {"depth": 5, "width": 100}


def propagations(x):
    rng = np.random.default_rng(0)
    init = wi_lib.initializers.normal(std=0.1)

    def ours(times):
        for _ in range(times):
            wi_lib.propagate(x, **SIGNALS, activation="sigmoid", initializer=init, rng=rng)

    x64 = x.astype(np.float64)

    def theirs(times):
        for _ in range(times):
            plain.propagate(x64, **SIGNALS, std=0.1, rng=rng)

    return {"**`wi_lib.propagate`**": ours, "평범한 float64 반복문": theirs}


def same_gradients(data, sizes):
    """견주기 전에 확인합니다: 평범한 구현과 wi_lib의 손실과 기울기가 float32의 정밀도까지 같은가."""
    net = wi_lib.MLP(sizes, rng=np.random.default_rng(0))
    network, x, labels = plain.Network(net.weights), data.x_train[:BATCH], data.y_train[:BATCH]
    loss, ours = network.gradients(x, labels), net.gradients(x, labels)
    np.testing.assert_allclose(ours.loss, loss, rtol=1e-5)
    for affine, weight, bias in zip(network.affines, ours.weights, ours.biases):
        for got, want in ((weight, affine.weight_gradient), (bias, affine.bias_gradient)):
            np.testing.assert_allclose(got, want, rtol=0, atol=1e-5 * np.abs(want).max())


def cpu_seconds(run, times):
    start = process_time()
    run(times)
    return process_time() - start


def measure(runs, times):
    """이름 → 라운드마다의 한 번 비용(µs).

    라운드를 토막으로 나누어, 토막마다 모두를 순서를 번갈아 뒤집으며 재고 가장 빠른 토막을 씁니다.
    옆 작업은 느리게 할 수만 있기 때문입니다. (1 + times)번의 시간에서 1번의 시간을 빼므로, 호출마다 한 번씩 드는
    인자 검사 같은 비용은 빠집니다.
    """
    for run in runs.values():
        run(WARM_UP)
    costs = {name: [] for name in runs}
    for _ in range(ROUNDS):
        once, many = dict.fromkeys(runs, inf), dict.fromkeys(runs, inf)
        for i in range(SLICES):
            for name in list(runs)[:: 1 if i % 2 else -1]:
                once[name] = min(once[name], cpu_seconds(runs[name], 1))
                many[name] = min(many[name], cpu_seconds(runs[name], 1 + times))
        for name in runs:
            costs[name].append((many[name] - once[name]) / times * 1e6)
    return costs


def ratio(costs, name, base):
    """같은 라운드끼리 나눈 비의 중앙값. 라운드 사이에 기계의 빠르기가 변해도 덜 흔들립니다."""
    return median(a / b for a, b in zip(costs[name], costs[base]))


def table(costs, title, floor=None):
    """Markdown 표. floor가 있으면 그것의 몇 배인지도 적습니다."""
    ours = next(name for name in costs if "wi_lib" in name)
    lines = [f"| {title} | CPU 시간(µs) |" + " 바닥의 몇 배 |" * bool(floor) + " wi_lib이 몇 배 빠른가 |"]
    lines.append("|---|--:|" + "--:|" * bool(floor) + "--:|")
    for name in costs:
        cells = [name, f"{median(costs[name]):,.0f}"]
        if floor:
            cells.append(f"{ratio(costs, name, floor):.2f}")
        cells.append("" if name in (ours, floor) else f"{ratio(costs, name, ours):.2f}")
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def blas():
    """NumPy가 쓰는 BLAS의 이름과 판, 고른 커널."""
    for library in threadpool_info():
        if library["user_api"] == "blas" and "numpy" in library["filepath"]:
            return f"{library['internal_api']} {library['version']}({library.get('architecture', '커널 모름')})"
    return np.show_config(mode="dicts")["Build Dependencies"]["blas"]["name"]


def main():
    warnings.simplefilter("error")
    data = wi_lib.datasets.load_mnist(fallback=True)
    sizes = [data.x_train.shape[1], *HIDDEN, 10]
    same_gradients(data, sizes)
    x = np.random.default_rng(0).standard_normal((1000, SIGNALS["width"]), dtype=np.float32)
    runs = dict(contestants(data, sizes))
    floor, wall, cpu = next(iter(runs)), perf_counter(), process_time()
    print(f"학습 한 걸음: {data.name}, {'-'.join(map(str, sizes))}, ReLU, 배치 {BATCH}, SGD\n")
    print(*table(measure(runs, STEPS), "학습 한 걸음", floor), sep="\n")
    if not torch:
        print("| PyTorch CPU(eager) | torch가 없어 재지 않았습니다 | | |")
    runs = dict(adam_contestants(data, sizes))
    print("\n같은 걸음을 Adam으로\n")
    print(*table(measure(runs, STEPS), "Adam 한 걸음", next(iter(runs))), sep="\n")
    print("\n신호 전파: 입력 1000개 × 유닛 100개 × 5층, sigmoid, 순전파와 역전파\n")
    print(*table(measure(propagations(x), PROPAGATIONS), "신호 전파 한 번"), sep="\n")
    waited = 1 - (process_time() - cpu) / (perf_counter() - wall)
    print(f"\n- 다른 작업에 밀려 기다린 시간: {waited:.0%}(0 %에서 멀면 비도 믿기 어렵습니다)")
    print(f"- {ROUNDS}라운드의 중앙값, 라운드마다 학습 {SLICES * STEPS}걸음과 신호 전파 {SLICES * PROPAGATIONS}번")
    print(f"- {machine()}\n- Python {platform.python_version()}, NumPy {np.__version__}, {blas()}")
    print(f"- PyTorch {version('torch') if torch else '없음'}, scikit-learn {sklearn.__version__}")


if __name__ == "__main__":
    main()
