"""6장의 비교: 최적화기 × 활성화 함수 × 초깃값 × 학습률 × 시드를 실제 MNIST에서 학습시킵니다.

    python experiments/mnist_comparison.py

결과는 chapters/data/mnist_comparison.npz(최적화기마다의 손실, 검증 정확도, 시험 정확도)와 .json(설정과 판 번호)입니다.
두 코어에서 20분쯤 걸립니다. 시드 하나에서는 모든 망이 같은 난수로 초기화되고 같은 배치를 봅니다. 다른 것은 초깃값의
크기뿐입니다. 학습률은 어느 칸에서도 가장 좋은 것이 격자의 끝에 걸리지 않을 때까지 넓히고, 최적화기마다 모든 칸을 같은
학습률에서 잽니다.
"""

import os

# 작은 행렬이라 BLAS 스레드를 나누는 것보다 망을 나누는 것이 빠릅니다. NumPy보다 먼저 정해야 합니다.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import functools
import itertools

import numpy as np

import wi_lib
from experiments.results import fit, grid, save, search, stack, sweep
from wi_lib import datasets

# 이름: 처음에 재는 학습률
OPTIMIZERS = {"sgd": [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0], "adam": [1e-4, 3e-4, 0.001, 0.003, 0.01, 0.03]}
ACTIVATIONS = ["relu", "tanh", "sigmoid"]
INITIALIZERS = {
    "normal(0.01)": wi_lib.initializers.normal(0.01),
    "lecun_normal": wi_lib.initializers.lecun_normal(),
    "he_normal": wi_lib.initializers.he_normal(),
}
SEEDS = 5
SIZES = [784, 100, 100, 100, 100, 10]
BATCH_SIZE = 128
ITERATIONS = 2000
VALIDATION = 10_000
# 손실은 연속한 BLOCK걸음의 평균으로 저장합니다.
BLOCK = 40


# 프로세스마다 한 번만 읽습니다.
mnist = functools.cache(datasets.load_mnist)


def run(optimizer, activation, initializer, learning_rate, seed):
    net = wi_lib.MLP(SIZES, activation, INITIALIZERS[initializer], rng=np.random.default_rng([seed, 0]))
    settings = {"learning_rate": learning_rate, "batch_size": BATCH_SIZE, "iterations": ITERATIONS}
    return fit(net, mnist(), seed, validation=VALIDATION, block=BLOCK, optimizer=optimizer, **settings)


def main():
    mnist()  # 자료가 없으면 프로세스를 만들기 전에 알립니다.
    arrays, axes, seeds = {}, {}, range(SEEDS)
    for optimizer, rates in OPTIMIZERS.items():
        cells = [
            {"optimizer": optimizer, "activation": f, "initializer": init}
            for f, init in itertools.product(ACTIVATIONS, INITIALIZERS)
        ]
        rates, _ = search("mnist_comparison", cells, rates, seeds, run)
        axes[optimizer] = {"activation": ACTIVATIONS, "initializer": list(INITIALIZERS), "learning_rate": rates}
        settings = grid(axes[optimizer], seeds, optimizer=optimizer)
        found = stack(sweep("mnist_comparison", settings, run), axes[optimizer], seeds)
        arrays |= {f"{optimizer}_{name}": array for name, array in found.items()}
    settings = {
        "axes": axes,
        "seeds": list(seeds),
        "sizes": SIZES,
        "batch_size": BATCH_SIZE,
        "iterations": ITERATIONS,
        "validation": f"학습 자료의 마지막 {VALIDATION:,}장",
        "block": BLOCK,
        "rng": "초깃값은 default_rng([seed, 0]), 배치는 default_rng([seed, 1])",
    }
    save("mnist_comparison", arrays, settings)


if __name__ == "__main__":
    main()
