"""7장의 짝 표: 활성화 함수 × 초기화 × 학습률 × 시드를 실제 MNIST에서 학습시킵니다.

    python experiments/matching.py

결과는 chapters/data/matching.npz와 .json(설정과 판 번호)입니다. 두 코어에서 몇 분 걸립니다.
시드 하나에서는 모든 망이 같은 배치를 봅니다. 정규분포를 쓰는 초기화끼리는 추첨도 같고 크기만 다릅니다.
"""

import os

# 작은 행렬이라 BLAS 스레드를 나누는 것보다 망을 나누는 것이 빠릅니다. NumPy보다 먼저 정해야 합니다.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import functools
import itertools

import numpy as np

import wi_lib
from experiments.results import fit, save, sweep
from wi_lib import datasets, initializers, signals

ACTIVATIONS = ["sigmoid", "tanh", "relu", "leaky_relu", "selu"]
INITIALIZERS = {
    "normal(0.01)": initializers.normal(0.01),
    "normal(1)": initializers.normal(1.0),
    "lecun_normal": initializers.lecun_normal(),
    "xavier_normal": initializers.xavier_normal(),
    "he_normal": initializers.he_normal(),
    "4 * xavier_uniform": initializers.variance_scaling(16, "fan_avg", "uniform"),
    "orthogonal": initializers.orthogonal(),
}
# 가장 좋은 학습률이 격자의 끝에 걸리는 곳은 격자를 더 넓혀 재고, 다른 칸의 그 자리는 NaN으로 둡니다.
SMALL_RATES = [1e-5, 3e-5, 1e-4, 3e-4]  # 표준편차 1
RATES = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0]
LARGE_RATES = [2.0, 5.0, 10.0]  # sigmoid
SEEDS = 3
SIZES = [784, 100, 100, 100, 100, 10]
BATCH_SIZE = 64
ITERATIONS = 800
IMAGES = 1000


# 프로세스마다 한 번만 읽습니다.
mnist = functools.cache(datasets.load_mnist)


def run(activation, initializer, learning_rate, seed):
    net = wi_lib.MLP(SIZES, activation, INITIALIZERS[initializer], rng=np.random.default_rng([seed, 0]))
    settings = {"learning_rate": learning_rate, "batch_size": BATCH_SIZE, "iterations": ITERATIONS}
    return fit(net, mnist(), seed, block=ITERATIONS, **settings)


def before_training(activation, initializer, seed):
    """학습 전의 은닉층에 MNIST를 흘려 잰 값: (1층 δ ÷ 4층 δ의 RMS, 층마다의 포화, 층마다 죽은 유닛의 비율)."""
    x, depth, width = mnist().x_train[:IMAGES], len(SIZES) - 2, SIZES[1]
    rng = np.random.default_rng([seed, 0])
    s = wi_lib.propagate(x, depth, width, activation, INITIALIZERS[initializer], rng=rng, dtype=np.float64)
    flat = [s.activation.derivative(a) < 0.05 * s.activation.steepest for a in s.activations]
    back = signals.rms(s.deltas[0]) / signals.rms(s.deltas[-1])
    return back, [f.mean() for f in flat], [f.all(axis=0).mean() for f in flat]


def rates_of(activation, initializer):
    small = SMALL_RATES if initializer == "normal(1)" else []
    return sorted([*small, *RATES, *(LARGE_RATES if activation == "sigmoid" else [])])


def main():
    mnist()  # 자료가 없으면 프로세스를 만들기 전에 알립니다.
    names = ["activation", "initializer", "learning_rate", "seed"]
    cells = list(itertools.product(ACTIVATIONS, INITIALIZERS, range(SEEDS)))
    settings = [dict(zip(names, (f, init, rate, seed))) for f, init, seed in cells for rate in rates_of(f, init)]
    results = {tuple(s.values()): r["accuracy"] for s, r in zip(settings, sweep("matching", settings, run))}
    rates = sorted(SMALL_RATES + RATES + LARGE_RATES)
    every = itertools.product(ACTIVATIONS, INITIALIZERS, rates, range(SEEDS))
    shape = len(ACTIVATIONS), len(INITIALIZERS)
    accuracy = np.array([results.get(key, np.nan) for key in every], np.float32).reshape(*shape, len(rates), SEEDS)
    measured = zip(*(before_training(*cell) for cell in cells))
    back, saturated, dead = (np.array(m, np.float32).reshape(*shape, SEEDS, *np.shape(m[0])) for m in measured)
    save(
        "matching",
        {"accuracy": accuracy, "backward": back, "saturated": saturated, "dead": dead},
        {
            "axes": {"activation": ACTIVATIONS, "initializer": list(INITIALIZERS), "learning_rate": rates},
            "common_rates": RATES,
            "only": f"학습률 {SMALL_RATES}는 normal(1)에서만, {LARGE_RATES}은 sigmoid에서만 재었습니다",
            "seeds": list(range(SEEDS)),
            "sizes": SIZES,
            "batch_size": BATCH_SIZE,
            "iterations": ITERATIONS,
            "images": IMAGES,
            "rng": "초깃값은 default_rng([seed, 0]), 배치는 default_rng([seed, 1])",
        },
    )


if __name__ == "__main__":
    main()
