"""11장의 비교: 최적화기 × 프레임워크의 기본값 × 층의 수 × 학습률 × 시드를 scikit-learn의 손글씨 숫자에서 학습시킵니다.

    python -m experiments.framework_defaults

결과는 chapters/data/framework_defaults.npz(검증 정확도와 시험 정확도)와 .json(설정과 판 번호)입니다. 두 코어에서 몇 분
걸립니다. 시드 하나에서는 모든 망이 같은 배치를 봅니다. 학습은 모두 wi_lib가 하므로, 다른 것은 초깃값뿐입니다.
학습률은 칸마다 가장 좋은 것이 격자의 끝에 걸리지 않을 때까지 넓히며, 재지 않은 자리는 NaN입니다.
"""

import os

# 작은 행렬이라 BLAS 스레드를 나누는 것보다 망을 나누는 것이 빠릅니다. NumPy보다 먼저 정해야 합니다.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import functools
import itertools

import numpy as np

import wi_lib
from experiments.results import again, fit, save, search
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
# 이름: 처음에 재는 학습률
OPTIMIZERS = {"sgd": [0.01, 0.03, 0.1, 0.3], "adam": [3e-4, 0.001, 0.003, 0.01]}
SEEDS = 5
# 시드 다섯으로는 가르지 못하는 칸이 많아, 학습률을 고르는 데 쓰지 않은 시드로 다시 잽니다.
NEW_SEEDS = range(SEEDS, SEEDS + 10)
WIDTH, BATCH_SIZE, ITERATIONS, VALIDATION = 100, 32, 600, 300

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


def run(optimizer, default, depth, learning_rate, seed):
    settings = {"learning_rate": learning_rate, "batch_size": BATCH_SIZE, "iterations": ITERATIONS}
    net, steps = make_net(default, depth, seed), {"validation": VALIDATION, "block": ITERATIONS}
    found = fit(net, digits(), seed, optimizer=optimizer, **steps, **settings)
    return {name: found[name] for name in ("validation", "accuracy")}


def main():
    arrays, rates, seeds = {}, {}, range(SEEDS)
    for optimizer, start in OPTIMIZERS.items():
        pairs = itertools.product(DEFAULTS, DEPTHS)
        cells = [{"optimizer": optimizer, "default": default, "depth": depth} for default, depth in pairs]
        rates[optimizer], found = search("framework_defaults", cells, start, seeds, run)
        shape = len(DEFAULTS), len(DEPTHS)
        best, _ = wi_lib.at_best_rate(found["validation"], found["accuracy"])
        chosen = [rates[optimizer][i] for i in best]
        found["again_accuracy"] = again("framework_defaults", cells, chosen, NEW_SEEDS, run)["accuracy"]
        arrays |= {f"{optimizer}_{name}": array.reshape(*shape, *array.shape[1:]) for name, array in found.items()}
    about = {
        "axes": {"default": list(DEFAULTS), "depth": DEPTHS, "learning_rate": rates},
        "seeds": list(seeds),
        "new_seeds": list(NEW_SEEDS),
        "width": WIDTH,
        "batch_size": BATCH_SIZE,
        "iterations": ITERATIONS,
        "validation": f"학습 자료의 마지막 {VALIDATION}장",
        "data": "scikit-learn의 손글씨 숫자",
        "rng": "초깃값은 default_rng([seed, 0]), 배치는 default_rng([seed, 1])",
    }
    save("framework_defaults", arrays, about)


if __name__ == "__main__":
    main()
