"""7장의 짝 표: 최적화기 × 활성화 함수 × 초기화 × 학습률 × 시드를 실제 MNIST에서 학습시킵니다.

    python experiments/matching.py

결과는 chapters/data/matching.npz와 .json(설정과 판 번호)입니다. 두 코어에서 20분쯤 걸립니다.
시드 하나에서는 모든 망이 같은 배치를 봅니다. 정규분포를 쓰는 초기화끼리는 뽑은 난수도 같고 크기만 다릅니다. 학습률은
칸마다 가장 좋은 것이 격자의 끝에 걸리지 않을 때까지 넓히며, 재지 않은 자리는 NaN입니다.
"""

import os

# 작은 행렬이라 BLAS 스레드를 나누는 것보다 망을 나누는 것이 빠릅니다. NumPy보다 먼저 정해야 합니다.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import functools
import itertools

import numpy as np

import wi_lib
from experiments.results import fit, save, search
from wi_lib import datasets, initializers, signals

ACTIVATIONS = ["sigmoid", "tanh", "relu", "leaky_relu", "selu"]
INITIALIZERS = {
    "normal(0.01)": initializers.normal(0.01),
    "normal(1)": initializers.normal(1.0),
    "lecun_normal": initializers.lecun_normal(),
    "xavier_normal": initializers.xavier_normal(),
    "he_normal": initializers.he_normal(),
    "4 * xavier_uniform": initializers.variance_scaling(16, "fan_avg", "uniform"),
    "orthogonal": initializers.orthogonal(),
}
# 이름: 처음에 재는 학습률. 어느 칸에서나 재므로 칸끼리 견줄 수 있습니다.
OPTIMIZERS = {"sgd": [0.003, 0.01, 0.03, 0.1, 0.3, 1.0], "adam": [3e-4, 0.001, 0.003, 0.01]}
SEEDS = 5
SIZES = [784, 100, 100, 100, 100, 10]
BATCH_SIZE = 64
ITERATIONS = 800
VALIDATION = 10_000
IMAGES = 1000


# 프로세스마다 한 번만 읽습니다.
mnist = functools.cache(datasets.load_mnist)


def run(optimizer, activation, initializer, learning_rate, seed):
    net = wi_lib.MLP(SIZES, activation, INITIALIZERS[initializer], rng=np.random.default_rng([seed, 0]))
    settings = {"learning_rate": learning_rate, "batch_size": BATCH_SIZE, "iterations": ITERATIONS}
    found = fit(net, mnist(), seed, validation=VALIDATION, block=ITERATIONS, optimizer=optimizer, **settings)
    return {name: found[name] for name in ("validation", "accuracy")}


def before_training(activation, initializer, seed):
    """학습 전의 은닉층에 MNIST를 흘려 잰 값: (1층 δ ÷ 4층 δ의 RMS, 층마다의 포화, 층마다 죽은 유닛의 비율)."""
    x, depth, width = mnist().x_train[:IMAGES], len(SIZES) - 2, SIZES[1]
    rng = np.random.default_rng([seed, 0])
    s = wi_lib.propagate(x, depth, width, activation, INITIALIZERS[initializer], rng=rng, dtype=np.float64)
    flat = [s.activation.derivative(a) < 0.05 * s.activation.steepest for a in s.activations]
    back = signals.rms(s.deltas[0]) / signals.rms(s.deltas[-1])
    return back, [f.mean() for f in flat], [f.all(axis=0).mean() for f in flat]


def main():
    mnist()  # 자료가 없으면 프로세스를 만들기 전에 알립니다.
    pairs, seeds = list(itertools.product(ACTIVATIONS, INITIALIZERS)), range(SEEDS)
    shape, arrays, rates = (len(ACTIVATIONS), len(INITIALIZERS)), {}, {}
    for optimizer, start in OPTIMIZERS.items():
        cells = [{"optimizer": optimizer, "activation": f, "initializer": init} for f, init in pairs]
        rates[optimizer], found = search("matching", cells, start, seeds, run)
        arrays |= {f"{optimizer}_{name}": array.reshape(*shape, *array.shape[1:]) for name, array in found.items()}
    measured = [[before_training(*pair, seed) for seed in seeds] for pair in pairs]
    for i, name in enumerate(("backward", "saturated", "dead")):
        array = np.array([[m[i] for m in cell] for cell in measured], np.float32)
        arrays[name] = array.reshape(*shape, *array.shape[1:])
    save(
        "matching",
        arrays,
        {
            "axes": {"activation": ACTIVATIONS, "initializer": list(INITIALIZERS), "learning_rate": rates},
            "common_rates": OPTIMIZERS,
            "seeds": list(seeds),
            "sizes": SIZES,
            "batch_size": BATCH_SIZE,
            "iterations": ITERATIONS,
            "validation": f"학습 자료의 마지막 {VALIDATION:,}장",
            "images": IMAGES,
            "rng": "초깃값은 default_rng([seed, 0]), 배치는 default_rng([seed, 1])",
        },
    )


if __name__ == "__main__":
    main()
