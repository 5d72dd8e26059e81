"""6장의 비교: 활성화 함수 × 초깃값 × 학습률 × 시드를 실제 MNIST에서 학습시킵니다.

    python experiments/mnist_comparison.py

결과는 chapters/data/mnist_comparison.npz(손실과 정확도)와 .json(설정과 판 번호)입니다. 두 코어에서 몇 분 걸립니다.
시드 하나에서는 모든 망이 같은 난수로 초기화되고 같은 배치를 봅니다. 다른 것은 초깃값의 크기뿐입니다.
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
from wi_lib import datasets

ACTIVATIONS = ["relu", "tanh", "sigmoid"]
INITIALIZERS = {
    "normal(0.01)": wi_lib.initializers.normal(0.01),
    "lecun_normal": wi_lib.initializers.lecun_normal(),
    "he_normal": wi_lib.initializers.he_normal(),
}
LEARNING_RATES = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0]
SEEDS = 5
SIZES = [784, 100, 100, 100, 100, 10]
BATCH_SIZE = 128
ITERATIONS = 2000
# 손실은 연속한 BLOCK걸음의 평균으로 저장합니다. 걸음마다 저장하면 스무 배가 됩니다.
BLOCK = 20


# 프로세스마다 한 번만 읽습니다.
mnist = functools.cache(datasets.load_mnist)


def run(activation, initializer, learning_rate, seed):
    """한 번의 학습: 블록 평균 손실과 시험 정확도. 발산하면 그 뒤의 손실과 정확도는 NaN입니다."""
    net = wi_lib.MLP(SIZES, activation, INITIALIZERS[initializer], rng=np.random.default_rng([seed, 0]))
    with warnings.catch_warnings():
        # 발산도 결과입니다. 이 표에서는 NaN으로 남습니다.
        warnings.simplefilter("ignore", RuntimeWarning)
        history = wi_lib.train(
            *(net, mnist()),
            learning_rate=learning_rate,
            batch_size=BATCH_SIZE,
            iterations=ITERATIONS,
            rng=np.random.default_rng([seed, 1]),
        )
    loss = np.full(ITERATIONS, np.nan)
    loss[: len(history.loss)] = history.loss
    return {"loss": loss.reshape(-1, BLOCK).mean(axis=1), "accuracy": history.test_accuracy}


def main():
    mnist()  # 자료가 없으면 프로세스를 만들기 전에 알립니다.
    axes = {"activation": ACTIVATIONS, "initializer": list(INITIALIZERS), "learning_rate": LEARNING_RATES}
    names, seeds = [*axes, "seed"], range(SEEDS)
    settings = [dict(zip(names, values)) for values in itertools.product(*axes.values(), seeds)]
    results = sweep("mnist_comparison", settings, run)
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
    save("mnist_comparison", arrays, settings)


if __name__ == "__main__":
    main()
