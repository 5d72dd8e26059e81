"""10장의 학습: 지도의 점(σ_w², σ_b²)과 깊이를 바꾸며 tanh 망을 scikit-learn 손글씨 숫자로 학습시킵니다.

    python experiments/depth_limit.py

결과는 chapters/data/depth_limit.npz와 .json입니다. 두 코어에서 3분쯤 걸립니다. "map"은 σ_b² = 0.05에서 σ_w²와 깊이를
바꾼 것이고, "deep"은 (1, 0)의 100층에서 정규분포(LeCun)와 직교 행렬을 견준 것입니다. 학습률은 칸마다 모두 재어 둡니다.
"""

import os

# 작은 행렬이라 BLAS 스레드를 나누는 것보다 망을 나누는 것이 빠릅니다. NumPy보다 먼저 정해야 합니다.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import functools
import itertools
import warnings

import numpy as np
from results import save, sweep

import wi_lib
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
    """블록 평균 손실과 시험 정확도. initializer가 없으면 분산이 weight_variance/fan_in인 정규분포입니다."""
    rng = np.random.default_rng([seed, 0])
    init = initializer or initializers.variance_scaling(weight_variance)
    net = wi_lib.MLP([64, *[WIDTH] * depth, 10], "tanh", init, rng=rng)
    for bias in net.biases[:-1]:
        bias[:] = np.sqrt(bias_variance) * rng.standard_normal(bias.shape)
    with warnings.catch_warnings():
        # 발산도 결과입니다. 이 표에서는 NaN으로 남습니다.
        warnings.simplefilter("ignore", RuntimeWarning)
        history = wi_lib.train(
            *(net, digits()),
            learning_rate=learning_rate,
            batch_size=BATCH_SIZE,
            iterations=ITERATIONS,
            rng=np.random.default_rng([seed, 1]),
        )
    loss = np.full(ITERATIONS, np.nan)
    loss[: len(history.loss)] = history.loss
    return {"loss": loss.reshape(-1, BLOCK).mean(axis=1), "accuracy": history.test_accuracy}


def grid(axes, **fixed):
    names = [*axes, "seed"]
    return [dict(zip(names, values)) | fixed for values in itertools.product(*axes.values(), range(SEEDS))]


def main():
    parts = {"map": (MAP, {"bias_variance": BIAS_VARIANCE}), "deep": (DEEP, {"depth": DEEPEST})}
    settings = {name: grid(axes, **fixed) for name, (axes, fixed) in parts.items()}
    results, arrays = iter(sweep("depth_limit", [*itertools.chain(*settings.values())], run)), {}
    for name, (axes, _) in parts.items():
        mine = list(itertools.islice(results, len(settings[name])))
        shape = (*map(len, axes.values()), SEEDS)
        for kind in ("loss", "accuracy"):
            values = np.array([result[kind] for result in mine], np.float32)
            arrays[f"{name}_{kind}"] = values.reshape(*shape, *mine[0][kind].shape)
    about = {
        "axes": {"map": MAP, "deep": DEEP},
        "seeds": list(range(SEEDS)),
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
