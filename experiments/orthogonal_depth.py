"""8장의 비교: 은닉층 30개인 망을 정규분포, 직교 행렬, 단위행렬로 초기화해 손글씨(scikit-learn)를 학습시킵니다.

    python experiments/orthogonal_depth.py

결과는 chapters/data/orthogonal_depth.npz(손실과 정확도)와 .json(설정과 판 번호)입니다. 두 코어에서 2분쯤 걸립니다.
시드 하나에서는 모든 망이 같은 배치를 봅니다. 정규분포와 직교 행렬은 분산이 같습니다.
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

# 활성화 함수와 gain. 정규분포와 직교 행렬의 분산은 gain²/n입니다.
ACTIVATIONS = {"tanh": 1.0, "relu": 2**0.5}


def identity_noise(gain):
    """단위행렬에 N(0, 0.01²)을 더한 것. ReLU도 1층에서 한 번만 신호를 잃으므로 gain을 쓰지 않습니다."""
    identity, noise = initializers.identity(), initializers.normal(0.01)
    return lambda shape, rng: identity(shape, rng=rng) + noise(shape, rng=rng)


INITIALIZERS = {
    "normal": lambda gain: initializers.variance_scaling(gain**2),
    "orthogonal": initializers.orthogonal,
    "identity_noise": identity_noise,
}
LEARNING_RATES = [0.003, 0.01, 0.03, 0.1]
SEEDS = 5
SIZES = [*[64] * 31, 10]
BATCH_SIZE = 32
ITERATIONS = 300
BLOCK = 10

digits = functools.cache(datasets.load_digits)


def run(activation, initializer, learning_rate, seed):
    """한 번의 학습: 블록 평균 손실과 시험 정확도. 발산하면 그 뒤의 손실과 정확도는 NaN입니다."""
    init = INITIALIZERS[initializer](ACTIVATIONS[activation])
    net = wi_lib.MLP(SIZES, activation, init, rng=np.random.default_rng([seed, 0]))
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


def main():
    axes = {"activation": list(ACTIVATIONS), "initializer": list(INITIALIZERS), "learning_rate": LEARNING_RATES}
    names, seeds = [*axes, "seed"], range(SEEDS)
    settings = [dict(zip(names, values)) for values in itertools.product(*axes.values(), seeds)]
    results = sweep("orthogonal_depth", settings, run)
    shape = (*map(len, axes.values()), SEEDS)
    arrays = {
        name: np.array([result[name] for result in results], np.float32).reshape(*shape, *results[0][name].shape)
        for name in ("loss", "accuracy")
    }
    settings = {
        "axes": axes,
        "seeds": list(seeds),
        "sizes": SIZES,
        "batch_size": BATCH_SIZE,
        "iterations": ITERATIONS,
        "block": BLOCK,
        "rng": "초깃값은 default_rng([seed, 0]), 배치는 default_rng([seed, 1])",
    }
    save("orthogonal_depth", arrays, settings)


if __name__ == "__main__":
    main()
