"""6장의 비교: 최적화기 × 활성화 함수 × 초깃값 × 학습률 × 시드를 실제 MNIST에서 학습시킵니다.

    python -m experiments.mnist_comparison

결과는 chapters/data/mnist_comparison.npz(손실, 검증 정확도, 시험 정확도)와 .json(설정과 판 번호)입니다. 두 코어에서
20분쯤 걸립니다. 시드 하나에서는 모든 망이 같은 난수로 초기화되고 같은 배치를 봅니다. 다른 것은 초깃값의 크기뿐입니다.
"beyond"는 표준편차 0.01의 ReLU 망을 격자보다 큰 학습률로, "long"은 두 학습률로 열 배 오래 학습시킨 것입니다.
"""

import os

# 작은 행렬이라 BLAS 스레드를 나누는 것보다 망을 나누는 것이 빠릅니다. NumPy보다 먼저 정해야 합니다.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import functools

import numpy as np

import wi_lib
from experiments.results import fit, grid, save, stack, sweep
from wi_lib import datasets

OPTIMIZERS = ["sgd", "adam"]
ACTIVATIONS = ["relu", "tanh", "sigmoid"]
INITIALIZERS = {
    "normal(0.01)": wi_lib.initializers.normal(0.01),
    "lecun_normal": wi_lib.initializers.lecun_normal(),
    "he_normal": wi_lib.initializers.he_normal(),
}
# 배우는 칸의 가장 좋은 학습률은 모두 이 안쪽에 있습니다.
LEARNING_RATES = [3e-4, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0]
BEYOND = [30.0, 100.0]
LONG_RATES = [0.1, 1.0]
SEEDS = 5
SIZES = [784, 100, 100, 100, 100, 10]
BATCH_SIZE = 128
ITERATIONS, LONG = 2000, 20_000
VALIDATION = 10_000
# 손실은 연속한 BLOCK걸음의 평균으로 저장합니다.
BLOCK = 40


# 프로세스마다 한 번만 읽습니다.
mnist = functools.cache(datasets.load_mnist)


def run(optimizer, activation, initializer, learning_rate, seed, iterations=ITERATIONS):
    net = wi_lib.MLP(SIZES, activation, INITIALIZERS[initializer], rng=np.random.default_rng([seed, 0]))
    settings = {"learning_rate": learning_rate, "batch_size": BATCH_SIZE, "iterations": iterations}
    return fit(net, mnist(), seed, validation=VALIDATION, block=BLOCK, optimizer=optimizer, **settings)


def main():
    mnist()  # 자료가 없으면 프로세스를 만들기 전에 알립니다.
    axes = {
        "optimizer": OPTIMIZERS,
        "activation": ACTIVATIONS,
        "initializer": list(INITIALIZERS),
        "learning_rate": LEARNING_RATES,
    }
    small = {"optimizer": ["sgd"], "activation": ["relu"], "initializer": ["normal(0.01)"]}
    beyond, long, seeds = {**small, "learning_rate": BEYOND}, {**small, "learning_rate": LONG_RATES}, range(SEEDS)
    parts = {"": (axes, {}), "beyond_": (beyond, {}), "long_": (long, {"iterations": LONG})}
    settings = {part: grid(axes, seeds, **fixed) for part, (axes, fixed) in parts.items()}
    found = iter(sweep("mnist_comparison", [one for part in settings.values() for one in part], run))
    arrays = {}
    for part, (part_axes, _) in parts.items():
        results = stack([next(found) for _ in settings[part]], part_axes, seeds)
        arrays |= {f"{part}{name}": array for name, array in results.items()}
    about = {
        "axes": axes,
        "beyond": BEYOND,
        "seeds": list(seeds),
        "sizes": SIZES,
        "batch_size": BATCH_SIZE,
        "iterations": ITERATIONS,
        "long": LONG,
        "long_rates": LONG_RATES,
        "validation": f"학습 자료의 마지막 {VALIDATION:,}장",
        "block": BLOCK,
        "rng": "초깃값은 default_rng([seed, 0]), 배치는 default_rng([seed, 1])",
    }
    save("mnist_comparison", arrays, about)


if __name__ == "__main__":
    main()
