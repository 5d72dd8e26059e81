"""10장의 학습: 지도의 점(σ_w², σ_b²)과 깊이를 바꾸며 tanh 망을 scikit-learn 손글씨 숫자로 학습시킵니다.

    python experiments/depth_limit.py

결과는 chapters/data/depth_limit.npz와 .json입니다. 두 코어에서 2분쯤 걸립니다. "map"은 σ_b² = 0.05에서 σ_w²와 깊이를
바꾼 것이고, "deep"은 (1, 0)의 100층에서 정규분포(LeCun)와 직교 행렬을 견준 것입니다. 학습률은 칸마다 모두 재어 둡니다.
"""

import os

# 작은 행렬이라 BLAS 스레드를 나누는 것보다 망을 나누는 것이 빠릅니다. NumPy보다 먼저 정해야 합니다.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import functools

import numpy as np

import wi_lib
from experiments.results import fit, grid, save, stack, sweep
from wi_lib import datasets, initializers

BIAS_VARIANCE = 0.05
MAP = {
    "weight_variance": [1.0, 1.4, 1.76, 2.2, 3.0, 4.0],
    "depth": [5, 10, 20, 40],
    "learning_rate": [0.003, 0.01, 0.03, 0.1],
}
DEEP = {"initializer": ["lecun_normal", "orthogonal"], "learning_rate": [0.003, 0.01, 0.03]}
SEEDS = 3
WIDTH, DEEPEST = 100, 100
BATCH_SIZE, ITERATIONS = 32, 300
# 손실은 연속한 BLOCK걸음의 평균으로 저장합니다.
BLOCK = 10


digits = functools.cache(datasets.load_digits)


def run(depth, learning_rate, seed, weight_variance=1.0, bias_variance=0.0, initializer=None):
    """한 번의 학습. initializer가 없으면 분산이 weight_variance/fan_in인 정규분포입니다."""
    rng = np.random.default_rng([seed, 0])
    init = initializer or initializers.variance_scaling(weight_variance)
    net = wi_lib.MLP([64, *[WIDTH] * depth, 10], "tanh", init, rng=rng)
    for bias in net.biases[:-1]:
        bias[:] = np.sqrt(bias_variance) * rng.standard_normal(bias.shape)
    settings = {"learning_rate": learning_rate, "batch_size": BATCH_SIZE, "iterations": ITERATIONS}
    return fit(net, digits(), seed, block=BLOCK, **settings)


def main():
    seeds = range(SEEDS)
    map_runs, deep_runs = grid(MAP, seeds, bias_variance=BIAS_VARIANCE), grid(DEEP, seeds, depth=DEEPEST)
    results = sweep("depth_limit", map_runs + deep_runs, run)
    parts = {"map": (results[: len(map_runs)], MAP), "deep": (results[len(map_runs) :], DEEP)}
    arrays = {
        f"{part}_{name}": array
        for part, (found, axes) in parts.items()
        for name, array in stack(found, axes, seeds).items()
    }
    about = {
        "axes": {"map": MAP, "deep": DEEP},
        "seeds": list(seeds),
        "bias_variance": {"map": BIAS_VARIANCE, "deep": 0.0},
        "width": WIDTH,
        "deepest": DEEPEST,
        "batch_size": BATCH_SIZE,
        "iterations": ITERATIONS,
        "block": BLOCK,
        "rng": "초깃값은 default_rng([seed, 0]), 배치는 default_rng([seed, 1])",
    }
    save("depth_limit", arrays, about)


if __name__ == "__main__":
    main()
