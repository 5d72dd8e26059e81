"""큰 실험: 깊이 × 가중치의 분산의 지도를 학습으로 그립니다. 칸마다 학습률을 찾으므로 학습은 수천 번입니다.

    python -m experiments.depth_map

결과는 chapters/data/depth_map.npz와 .json(설정과 판 번호)입니다. 64-50×깊이-10의 tanh 망을 SGD로 300걸음, scikit-learn
손글씨 숫자에서 학습시킵니다. 학습률은 칸마다 가장 좋은 것이 격자의 끝에 걸리지 않을 때까지 EVERY 안에서 넓히며, 재지
않은 자리는 NaN입니다. 한 번은 1초가 안 되고, 두 코어에서 10분쯤 걸립니다. 끊어서 다른 기계에서 이어도
됩니다(sweeps.ipynb).
"""

import os

# 작은 행렬이라 BLAS 스레드를 나누는 것보다 망을 나누는 것이 빠릅니다. NumPy보다 먼저 정해야 합니다.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import functools
import itertools

import numpy as np

import wi_lib
from experiments.results import RATES, fit, save, search
from wi_lib import datasets, initializers

DEPTHS = [2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64]
WEIGHT_VARIANCES = [0.5, 0.75, 1.0, 1.25, 1.5, 1.76, 2.0, 2.25, 2.5, 3.0, 3.5, 4.0, 5.0]
BIAS_VARIANCE = 0.05
START, EVERY = [0.01, 0.03, 0.1], [rate for rate in RATES if 1e-5 < rate < 20]
SEEDS = range(3)
WIDTH, BATCH_SIZE, ITERATIONS, VALIDATION = 50, 64, 300, 300

digits = functools.cache(datasets.load_digits)


def run(depth, weight_variance, learning_rate, seed):
    rng = np.random.default_rng([seed, 0])
    net = wi_lib.MLP([64, *[WIDTH] * depth, 10], "tanh", initializers.variance_scaling(weight_variance), rng=rng)
    for bias in net.biases[:-1]:
        bias[:] = np.sqrt(BIAS_VARIANCE) * rng.standard_normal(bias.shape)
    settings = {"learning_rate": learning_rate, "batch_size": BATCH_SIZE, "iterations": ITERATIONS}
    found = fit(net, digits(), seed, validation=VALIDATION, block=ITERATIONS, **settings)
    return {name: found[name] for name in ("validation", "accuracy")}


def main():
    places = itertools.product(DEPTHS, WEIGHT_VARIANCES)
    cells = [{"depth": depth, "weight_variance": w} for depth, w in places]
    rates, found = search("depth_map", cells, START, SEEDS, run, EVERY)
    shape = len(DEPTHS), len(WEIGHT_VARIANCES)
    save(
        "depth_map",
        {name: array.reshape(*shape, *array.shape[1:]) for name, array in found.items()},
        {
            "axes": {"depth": DEPTHS, "weight_variance": WEIGHT_VARIANCES, "learning_rate": rates},
            "seeds": list(SEEDS),
            "bias_variance": BIAS_VARIANCE,
            "width": WIDTH,
            "batch_size": BATCH_SIZE,
            "iterations": ITERATIONS,
            "validation": f"학습 자료의 마지막 {VALIDATION}장",
            "rng": "초깃값은 default_rng([seed, 0]), 배치는 default_rng([seed, 1])",
        },
    )


if __name__ == "__main__":
    main()
