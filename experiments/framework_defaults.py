"""11장의 비교: 프레임워크의 기본값 × 층의 수 × 학습률 × 시드를 scikit-learn의 손글씨 숫자에서 학습시킵니다.

    python experiments/framework_defaults.py

결과는 chapters/data/framework_defaults.npz(정확도)와 .json(설정과 판 번호)입니다. 두 코어에서 1분쯤 걸립니다.
시드 하나에서는 모든 망이 같은 배치를 봅니다. 학습은 모두 wi_lib가 하므로, 다른 것은 초깃값뿐입니다.
"""

import os

# 작은 행렬이라 BLAS 스레드를 나누는 것보다 망을 나누는 것이 빠릅니다. NumPy보다 먼저 정해야 합니다.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import functools

import numpy as np

import wi_lib
from experiments.results import fit, grid, save, stack, sweep
from wi_lib import datasets
from wi_lib.initializers import he_normal, variance_scaling, xavier_uniform

# 이름: (가중치, 편향도 U(±1/√fan_in)에서 뽑는지)
DEFAULTS = {
    "PyTorch": (variance_scaling(1 / 3, "fan_in", "uniform"), True),
    "PyTorch(편향 0)": (variance_scaling(1 / 3, "fan_in", "uniform"), False),
    "Keras": (xavier_uniform(), False),
    "Flax": (variance_scaling(1, "fan_in", "truncated_normal"), False),
    "He": (he_normal(), False),
}
DEPTHS = [5, 10]
LEARNING_RATES = [0.01, 0.03, 0.1, 0.3, 1.0]
SEEDS = 3
WIDTH, BATCH_SIZE, ITERATIONS = 100, 32, 600

digits = functools.cache(datasets.load_digits)


def make_net(default, depth, seed):
    """ReLU 망 하나. 편향을 뽑는 기본값이면 가중치 다음에 편향을 뽑습니다."""
    weights, with_biases = DEFAULTS[default]
    rng = np.random.default_rng([seed, 0])
    net = wi_lib.MLP([64, *[WIDTH] * depth, 10], "relu", weights, rng=rng)
    if with_biases:
        for weight, bias in zip(net.weights, net.biases):
            limit = 1 / np.sqrt(len(weight))
            bias[:] = rng.uniform(-limit, limit, bias.shape)
    return net


def run(default, depth, learning_rate, seed):
    settings = {"learning_rate": learning_rate, "batch_size": BATCH_SIZE, "iterations": ITERATIONS}
    return fit(make_net(default, depth, seed), digits(), seed, block=ITERATIONS, **settings)


def main():
    axes = {"default": list(DEFAULTS), "depth": DEPTHS, "learning_rate": LEARNING_RATES}
    seeds = range(SEEDS)
    accuracy = stack(sweep("framework_defaults", grid(axes, seeds), run), axes, seeds)["accuracy"]
    about = {
        "axes": axes,
        "seeds": list(seeds),
        "width": WIDTH,
        "batch_size": BATCH_SIZE,
        "iterations": ITERATIONS,
        "data": "scikit-learn의 손글씨 숫자",
        "rng": "초깃값은 default_rng([seed, 0]), 배치는 default_rng([seed, 1])",
    }
    save("framework_defaults", {"accuracy": accuracy}, about)


if __name__ == "__main__":
    main()
