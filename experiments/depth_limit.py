"""10장의 학습: 지도의 점(σ_w², σ_b²), 깊이, 최적화기를 바꾸며 tanh 망을 scikit-learn 손글씨 숫자로 학습시킵니다.

    python -m experiments.depth_limit

결과는 chapters/data/depth_limit.npz와 .json(설정과 판 번호)입니다. 두 코어에서 15분쯤 걸립니다. "shallow", "short",
"long"은 σ_b² = 0.05에서 σ_w²를 바꾼 것이고, "deep"은 (1, 0)의 100층에서 정규분포(LeCun)와 직교 행렬을 견준 것입니다.
학습률은 칸마다 가장 좋은 것이 격자의 끝에 걸리지 않을 때까지 넓히며, 재지 않은 자리는 NaN입니다.
"""

import os

# 작은 행렬이라 BLAS 스레드를 나누는 것보다 망을 나누는 것이 빠릅니다. NumPy보다 먼저 정해야 합니다.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import functools

import numpy as np

import wi_lib
from experiments.results import again, fit, save, search
from wi_lib import datasets, initializers

BIAS_VARIANCE = 0.05
WEIGHT_VARIANCES = [1.0, 1.76, 4.0]
MAP = [{"weight_variance": w, "bias_variance": BIAS_VARIANCE} for w in WEIGHT_VARIANCES]
DEEP = [{"initializer": name} for name in ("lecun_normal", "orthogonal")]
# 이름: (칸, 은닉층 수, 걸음 수, {최적화기: 처음에 재는 학습률}).
ROWS = {
    "shallow": (MAP, 10, 600, {"sgd": [0.01, 0.03, 0.1], "adam": [3e-4, 0.001, 0.003]}),
    "short": (MAP, 40, 600, {"sgd": [0.003, 0.01, 0.03], "adam": [3e-5, 1e-4, 3e-4]}),
    "long": (MAP, 40, 1500, {"sgd": [0.003, 0.01, 0.03], "adam": [3e-5, 1e-4, 3e-4]}),
    "deep": (DEEP, 100, 600, {"sgd": [0.001, 0.003, 0.01], "adam": [1e-5, 3e-5, 1e-4]}),
}
SEEDS = 5
# 시드 다섯의 차례가 다른 시드에서도 서는지, 학습률을 고르는 데 쓰지 않은 시드로 다시 재는 줄.
AGAIN = "long", "adam"
NEW_SEEDS = range(SEEDS, SEEDS + 10)
WIDTH, BATCH_SIZE, VALIDATION = 100, 32, 300


digits = functools.cache(datasets.load_digits)


def run(optimizer, depth, iterations, learning_rate, seed, weight_variance=1.0, bias_variance=0.0, initializer=None):
    """한 번의 학습: 학습, 검증, 시험 정확도. initializer가 없으면 분산이 weight_variance/fan_in인 정규분포입니다."""
    rng = np.random.default_rng([seed, 0])
    init = initializer or initializers.variance_scaling(weight_variance)
    net = wi_lib.MLP([64, *[WIDTH] * depth, 10], "tanh", init, rng=rng)
    for bias in net.biases[:-1]:
        bias[:] = np.sqrt(bias_variance) * rng.standard_normal(bias.shape)
    settings = {"learning_rate": learning_rate, "batch_size": BATCH_SIZE, "iterations": iterations}
    found = fit(net, digits(), seed, validation=VALIDATION, block=iterations, optimizer=optimizer, **settings)
    held = digits().hold_out(VALIDATION)
    learned = np.nan if np.isnan(found["validation"]) else net.accuracy(held.x_train, held.y_train)
    return {"train": learned, "validation": found["validation"], "accuracy": found["accuracy"]}


def main():
    arrays, rates = {}, {}
    for name, (cells, depth, iterations, starts) in ROWS.items():
        for optimizer, start in starts.items():
            fixed = {"optimizer": optimizer, "depth": depth, "iterations": iterations}
            nets = [cell | fixed for cell in cells]
            tried, found = search("depth_limit", nets, start, range(SEEDS), run)
            rates[f"{name}_{optimizer}"] = tried
            if (name, optimizer) == AGAIN:
                best, _ = wi_lib.at_best_rate(found["validation"], found["accuracy"])
                new = again("depth_limit", nets, [tried[i] for i in best], NEW_SEEDS, run)
                found |= {f"again_{key}": new[key] for key in ("train", "accuracy")}
            arrays |= {f"{name}_{optimizer}_{key}": array for key, array in found.items()}
    rows = {
        name: {"depth": depth, "iterations": iterations, "cells": cells, "common_rates": starts}
        for name, (cells, depth, iterations, starts) in ROWS.items()
    }
    save(
        "depth_limit",
        arrays,
        {
            "rows": rows,
            "learning_rate": rates,
            "seeds": list(range(SEEDS)),
            "again": AGAIN,
            "new_seeds": list(NEW_SEEDS),
            "width": WIDTH,
            "batch_size": BATCH_SIZE,
            "validation": f"학습 자료의 마지막 {VALIDATION}장",
            "rng": "초깃값은 default_rng([seed, 0]), 배치는 default_rng([seed, 1])",
        },
    )


if __name__ == "__main__":
    main()
