"""8장의 비교: 은닉층 30개인 망을 정규분포, 직교 행렬, 단위행렬로 초기화해 손글씨(scikit-learn)를 학습시킵니다.

    python experiments/orthogonal_depth.py

결과는 chapters/data/orthogonal_depth.npz(손실과 정확도)와 .json(설정과 판 번호)입니다. 두 코어에서 1분쯤 걸립니다.
시드 하나에서는 모든 망이 같은 배치를 봅니다. 정규분포와 직교 행렬은 분산이 같습니다.
"""

import os

# 작은 행렬이라 BLAS 스레드를 나누는 것보다 망을 나누는 것이 빠릅니다. NumPy보다 먼저 정해야 합니다.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import functools

import numpy as np

import wi_lib
from experiments.results import fit, grid, save, stack, sweep
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
    init = INITIALIZERS[initializer](ACTIVATIONS[activation])
    net = wi_lib.MLP(SIZES, activation, init, rng=np.random.default_rng([seed, 0]))
    settings = {"learning_rate": learning_rate, "batch_size": BATCH_SIZE, "iterations": ITERATIONS}
    return fit(net, digits(), seed, block=BLOCK, **settings)


def main():
    axes = {"activation": list(ACTIVATIONS), "initializer": list(INITIALIZERS), "learning_rate": LEARNING_RATES}
    seeds = range(SEEDS)
    arrays = stack(sweep("orthogonal_depth", grid(axes, seeds), run), axes, seeds)
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
