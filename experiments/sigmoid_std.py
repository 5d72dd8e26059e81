"""2장의 판정: 최적화기 × 표준편차 × 학습률 × 시드를 손글씨 숫자에서 학습시킵니다.

    python -m experiments.sigmoid_std

결과는 chapters/data/sigmoid_std.npz(최적화기마다의 손실, 검증 정확도, 시험 정확도)와 .json(설정과 판 번호)입니다.
한 코어에서 5분쯤 걸립니다. 시드 하나에서는 모든 망이 같은 난수로 초기화되고 같은 배치를 봅니다. 다른 것은 초깃값의
크기뿐입니다. 배운 칸에서 가장 좋은 학습률은 격자의 끝이 아닙니다. 오래 학습하는 망(LONG)은 학습률 하나를 미리 정해
둡니다.
"""

import os

# 작은 행렬이라 BLAS 스레드를 나누는 것보다 망을 나누는 것이 빠릅니다. NumPy보다 먼저 정해야 합니다.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

import wi_lib
from experiments.results import fit, grid, save, stack, sweep
from wi_lib import datasets, initializers

# 이름: 잴 학습률
OPTIMIZERS = {"sgd": [0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0], "adam": [0.001, 0.003, 0.01, 0.03]}
STDS = [0.01, 0.1, 0.2, 0.3, 1.0]
SEEDS = 5
SIZES = [64, 100, 100, 100, 100, 100, 10]
BATCH_SIZE = 50
ITERATIONS = 2000
VALIDATION = 300
# 손실은 한 번의 학습을 BLOCKS개로 나눈 평균으로 저장합니다.
BLOCKS = 20
LONG = [
    {"optimizer": "adam", "std": 0.01, "learning_rate": 0.003, "iterations": 6000},
    {"optimizer": "sgd", "std": 0.1, "learning_rate": 1.0, "iterations": 20_000},
    {"optimizer": "sgd", "std": 0.01, "learning_rate": 1.0, "iterations": 20_000},
]


def run(optimizer, std, learning_rate, seed, iterations=ITERATIONS):
    net = wi_lib.MLP(SIZES, "sigmoid", initializers.normal(std), rng=np.random.default_rng([seed, 0]))
    settings = {"learning_rate": learning_rate, "batch_size": BATCH_SIZE, "iterations": iterations}
    data = datasets.load_digits()
    return fit(net, data, seed, validation=VALIDATION, block=iterations // BLOCKS, optimizer=optimizer, **settings)


def main():
    seeds, axes, settings = range(SEEDS), {}, []
    for optimizer, rates in OPTIMIZERS.items():
        axes[optimizer] = {"std": STDS, "learning_rate": rates}
        settings += grid(axes[optimizer], seeds, optimizer=optimizer)
    axes["long"] = {"long": range(len(LONG))}
    settings += [setting for cell in LONG for setting in grid({}, seeds, **cell)]
    results, arrays = iter(sweep("sigmoid_std", settings, run)), {}
    for name, axis in axes.items():
        found = stack([next(results) for _ in grid(axis, seeds)], axis, seeds)
        arrays |= {f"{name}_{key}": array for key, array in found.items()}
    about = {
        "axes": {optimizer: axes[optimizer] for optimizer in OPTIMIZERS},
        "stds": STDS,
        "rates": OPTIMIZERS,
        "long": LONG,
        "seeds": list(seeds),
        "sizes": SIZES,
        "batch_size": BATCH_SIZE,
        "iterations": ITERATIONS,
        "validation": f"학습 자료의 마지막 {VALIDATION}장",
        "blocks": BLOCKS,
        "rng": "초깃값은 default_rng([seed, 0]), 배치는 default_rng([seed, 1])",
    }
    save("sigmoid_std", arrays, about)


if __name__ == "__main__":
    main()
