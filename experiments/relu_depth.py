"""5장의 학습: 최적화기 × 초기화 × 깊이의 ReLU 망을 scikit-learn의 손글씨 숫자로 학습시키고, 죽은 유닛도 셉니다.

    python -m experiments.relu_depth

결과는 chapters/data/relu_depth.npz와 .json(칸의 목록, 설정, 판 번호)입니다. 두 코어에서 5분쯤 걸립니다.
시드 하나에서는 깊이가 같은 모든 망이 같은 난수로 초기화되고 같은 배치를 봅니다. 다른 것은 초깃값의 크기뿐입니다.
학습률은 칸마다 가장 좋은 것이 격자의 끝에 걸리지 않을 때까지 넓히며, 재지 않은 자리는 NaN입니다.
"""

import os

# 작은 행렬이라 BLAS 스레드를 나누는 것보다 망을 나누는 것이 빠릅니다. NumPy보다 먼저 정해야 합니다.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import dataclasses
import functools

import numpy as np

import wi_lib
from experiments.results import fit, grid, save, search, sweep
from wi_lib import at_best_rate, datasets, initializers, signals
from wi_lib.optimizers import Adam

OPTIMIZERS = {"sgd": "sgd", "adam": "adam", "adam(ε=1e-16)": Adam(epsilon=1e-16)}
INITIALIZERS = {
    "0.01": initializers.normal(0.01),
    "LeCun": initializers.lecun_normal(),
    "He": initializers.he_normal(),
}
SEEDS = 5
# Adam의 30층에서 LeCun은 시드에 따라 크게 갈려, 다섯으로는 He와의 차이를 가를 수 없습니다.
MORE_SEEDS = range(5, 20)
WIDTH = 100
BATCH_SIZE = 32
ITERATIONS = 600
VALIDATION = 300
EXAMPLES = 500


def searches():
    """{저장할 이름: (최적화기, 처음에 잴 학습률, 칸의 목록)}. 처음 것들은 모든 칸에서 재므로 서로 견줄 수 있습니다."""
    every, plain = {"initializer": list(INITIALIZERS)}, {"activation": "relu", "standardised": False}
    scaled = {"initializer": ["LeCun", "He"]}
    five = cells(every, depth=5, **plain) + cells(scaled, depth=5, activation="relu", standardised=True)
    five += cells(scaled, depth=5, activation="leaky_relu(0.01)", standardised=False)
    deep, small = functools.partial(cells, depth=30, **plain), {"initializer": ["0.01"]}
    return {
        "sgd_five": ("sgd", [0.01, 0.03, 0.1, 0.3], five),
        "sgd_he": ("sgd", [0.01], deep({"initializer": ["He"]})),
        "sgd_small": ("sgd", [0.1], deep({"initializer": ["0.01", "LeCun"]})),
        "adam_deep": ("adam", [0.001], deep(every) + cells(small | {"depth": [6, 8]}, **plain)),
        "fine": ("adam(ε=1e-16)", [0.001], cells(small, depth=8, **plain)),
        "adam_five": ("adam", [0.001, 0.003, 0.01, 0.03], five),
    }


def cells(axes, **fixed):
    """axes의 모든 조합인 칸의 목록."""
    return [{key: value for key, value in cell.items() if key != "seed"} for cell in grid(axes, [0], **fixed)]


@functools.cache
def digits(standardised):
    """손글씨 숫자. 픽셀은 0과 1 사이이거나, 학습 자료의 모든 픽셀로 평균 0, 표준편차 1이 되게 한 것."""
    data = datasets.load_digits()
    if not standardised:
        return data
    mean, std = data.x_train.mean(), data.x_train.std()
    return dataclasses.replace(data, x_train=(data.x_train - mean) / std, x_test=(data.x_test - mean) / std)


def dead(net, x):
    """(은닉층 수, 유닛 수) 모든 입력에서 가중합이 0을 넘지 않는 유닛이면 True."""
    found = []
    for weight, bias in zip(net.weights[:-1], net.biases[:-1]):
        x = net.activation.apply(x @ weight + bias)
        found.append((x <= 0).all(axis=0))
    return np.array(found)


def run(optimizer, initializer, depth, activation, standardised, learning_rate, seed):
    sizes, data = [64, *[WIDTH] * depth, 10], digits(standardised)
    net = wi_lib.MLP(sizes, activation, INITIALIZERS[initializer], rng=np.random.default_rng([seed, 0]))
    gradients = net.gradients(data.x_train[:EXAMPLES], data.y_train[:EXAMPLES])
    start = dead(net, data.x_train)
    settings = {"learning_rate": learning_rate, "batch_size": BATCH_SIZE, "iterations": ITERATIONS}
    move = OPTIMIZERS[optimizer]
    found = fit(net, data, seed, validation=VALIDATION, block=ITERATIONS, optimizer=move, **settings)
    with np.errstate(all="ignore"):
        end = dead(net, data.x_train)
    diverged = np.isnan(found["accuracy"])
    # 은닉층 사이의 가중치만 봅니다.
    between = [signals.rms(g) for g in gradients.weights[1:-1]]
    return {
        "validation": found["validation"],
        "accuracy": found["accuracy"],
        "gradient": [min(between), max(between)],
        # 죽은 유닛의 몫: 학습 전, 학습 뒤, 처음에 죽어 있다가 되살아난 것.
        "dead": [start.mean(), *([np.nan] * 2 if diverged else [end.mean(), (start & ~end).mean()])],
    }


def measure_more(cells, rates, validation):
    """Adam의 30층 LeCun과 He를 고른 학습률에서 다른 시드로 잰 시험 정확도. (2, 시드)"""
    best, _ = at_best_rate(validation, validation)
    deep = [
        (cell, rates[best[i]]) for i, cell in enumerate(cells) if cell["depth"] == 30 and cell["initializer"] != "0.01"
    ]
    settings = [{**cell, "learning_rate": rate, "seed": seed} for cell, rate in deep for seed in MORE_SEEDS]
    found = sweep("relu_depth", settings, run)
    return np.array([result["accuracy"] for result in found], np.float32).reshape(len(deep), -1)


def main():
    arrays, about = {}, {}
    for name, (optimizer, start, wanted) in searches().items():
        named = [{"optimizer": optimizer, **cell} for cell in wanted]
        rates, found = search("relu_depth", named, start, range(SEEDS), run)
        about[name] = {"learning_rate": rates, "common_rates": start, "cells": named}
        arrays |= {f"{name}_{key}": array for key, array in found.items()}
    deep = about["adam_deep"]
    more = measure_more(deep["cells"], deep["learning_rate"], arrays["adam_deep_validation"])
    save(
        "relu_depth",
        arrays | {"more_accuracy": more},
        {
            "searches": about,
            "seeds": list(range(SEEDS)),
            "more_seeds": list(MORE_SEEDS),
            "data": "scikit-learn digits",
            "width": WIDTH,
            "batch_size": BATCH_SIZE,
            "iterations": ITERATIONS,
            "validation": f"학습 자료의 마지막 {VALIDATION}장",
            "examples": EXAMPLES,
            "rng": "초깃값은 default_rng([seed, 0]), 배치는 default_rng([seed, 1])",
        },
    )


if __name__ == "__main__":
    main()
