"""13장의 학습: 정규화 × 초깃값의 크기 × 깊이 × 최적화기를 MNIST에서 견줍니다.

    python -m experiments.normalization

결과는 chapters/data/normalization.npz와 .json(칸의 목록, 설정, 판 번호)입니다. 열여섯 코어에서 5분쯤 걸립니다. "book"은
교재(사이토, 6장)의 배치 정규화 그림 그대로입니다: 학습 자료 1,000장, 학습률 0.01 하나, 191걸음, 20번 잰 학습 정확도.
나머지는 학습률을 칸마다 검증 자료로 고른 것이고, 가장 좋은 것이 격자의 끝에 걸리지 않을 때까지 넓히며, 재지 않은 자리는
NaN입니다. 시드 하나에서는 깊이가 같은 모든 망이 같은 난수로 초기화되고 같은 배치를 봅니다.
"""

import os

# 작은 행렬이라 BLAS 스레드를 나누는 것보다 망을 나누는 것이 빠릅니다. NumPy보다 먼저 정해야 합니다.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import dataclasses
import functools
import warnings

import numpy as np

import wi_lib
from experiments.results import fit, grid, save, search, stack, sweep
from wi_lib import datasets, initializers, layers, signals

# "keras"와 "book"은 배치 정규화의 ε만 다릅니다: Keras의 기본값과 교재의 값.
NORMS = {
    "none": None,
    "batch": layers.BatchNorm(),
    "layer": layers.LayerNorm(),
    "keras": layers.BatchNorm(epsilon=1e-3),
    "book": layers.BatchNorm(epsilon=1e-6),
}
BOOK_STDS = np.logspace(0, -4, 16).round(6).tolist()
STDS = [1.0, 0.1, 0.01, 0.0001]
SEEDS, WIDTH, BATCH_SIZE = 5, 100, 100
ITERATIONS = 500
VALIDATION, LEARNED = 5000, 2000
FIVE = {"sgd": [0.01, 0.03, 0.1, 0.3], "adam": [0.001, 0.003, 0.01]}
DEEP = {"sgd": [0.03, 0.1, 0.3], "adam": [3e-4, 0.001, 0.003]}
# 50층은 발산하지 않으면서 배우지도 못하는 학습률이 넓어서, 더 작은 것부터 잽니다.
DEEPER = {"sgd": [0.003, 0.01, 0.03, 0.1], "adam": [3e-4, 0.001, 0.003]}


mnist = functools.cache(datasets.load_mnist)


def build(norm, initializer, depth, activation, seed):
    """784-100×depth-10: 은닉층마다 Dense, 정규화, 활성화 함수의 차례입니다."""
    init = initializer if isinstance(initializer, str) else initializers.normal(initializer)
    parts = [layers.Dense(WIDTH, init), NORMS[norm], layers.Activate(activation)] * depth
    parts = [part for part in parts if part is not None]
    return wi_lib.Network([*parts, layers.Dense(10, init)], (784,), rng=np.random.default_rng([seed, 0]))


def read_book(norm, std, seed):
    """교재의 학습: 1, 11, …, 191걸음 뒤의 학습 정확도 20개. 교재처럼 이동 평균으로 잽니다."""
    x, y = mnist().x_train[:1000], mnist().y_train[:1000]
    data = datasets.Dataset(x, y, x, y, "MNIST")
    net, rng = build(norm, std, 5, "relu", seed), np.random.default_rng([seed, 1])
    curve = np.full(20, np.nan)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # 발산도 결과입니다.
        for i in range(20):
            settings = {"learning_rate": 0.01, "batch_size": 100, "iterations": 10 if i else 1}
            history = wi_lib.train(net, data, rng=rng, **settings)
            curve[i] = history.test_accuracy
            if history.diverged:
                break
    return {"curve": curve}


def run(norm, initializer, depth, activation, optimizer, learning_rate, seed):
    net, held = build(norm, initializer, depth, activation, seed), mnist().hold_out(VALIDATION)
    before = [signals.rms(w) for w in net.weights[1:-1]]
    settings = {"learning_rate": learning_rate, "batch_size": BATCH_SIZE, "iterations": ITERATIONS}
    found = fit(net, mnist(), seed, validation=VALIDATION, block=ITERATIONS, optimizer=optimizer, **settings)
    measured = {"learned": np.nan, "grown": np.nan}
    if not np.isnan(found["validation"]):
        part = dataclasses.replace(held, x_train=held.x_train[:LEARNED], y_train=held.y_train[:LEARNED])
        after = [signals.rms(w) for w in net.weights[1:-1]]
        # 은닉층 사이의 행렬이 몇 배로 커졌는지, 층의 평균.
        measured = {
            "learned": net.accuracy(part.x_train, part.y_train),
            "grown": np.mean(np.divide(after, before)),
        }
    return {"validation": found["validation"], "accuracy": found["accuracy"], **measured}


def searches():
    """{저장할 이름: (최적화기, 처음에 잴 학습률, 칸의 목록)}."""
    relu = {"depth": 5, "activation": "relu"}
    five = cells({"norm": ["none", "batch", "layer"], "initializer": STDS}, **relu)
    axes = {"norm": ["none", "batch", "layer"], "initializer": ["he_normal"]}
    deep, deeper = (cells(axes, depth=depth, activation="relu") for depth in (20, 50))
    deeper += cells({"norm": ["batch"], "initializer": ["he_normal"]}, depth=50, activation="tanh")
    parts = {"five": (FIVE, five), "deep": (DEEP, deep), "deeper": (DEEPER, deeper)}
    return {f"{o}_{name}": (o, start[o], wanted) for name, (start, wanted) in parts.items() for o in start}


def cells(axes, **fixed):
    """axes의 모든 조합인 칸의 목록."""
    return [{key: value for key, value in cell.items() if key != "seed"} for cell in grid(axes, [0], **fixed)]


def main():
    mnist()  # 자료가 없으면 프로세스를 만들기 전에 알립니다.
    axes = {"norm": ["none", "book", "batch", "keras"], "std": BOOK_STDS}
    book = stack(sweep("normalization", grid(axes, range(SEEDS)), read_book), axes, range(SEEDS))
    arrays, about = {"book_curve": book["curve"]}, {}
    for name, (optimizer, start, wanted) in searches().items():
        named = [{"optimizer": optimizer, **cell} for cell in wanted]
        rates, found = search("normalization", named, start, range(SEEDS), run)
        about[name] = {"learning_rate": rates, "common_rates": start, "cells": named}
        arrays |= {f"{name}_{key}": array for key, array in found.items()}
    save(
        "normalization",
        arrays,
        {
            "book": axes,
            "epsilon": {name: norm.epsilon for name, norm in NORMS.items() if norm},
            "searches": about,
            "seeds": list(range(SEEDS)),
            "data": "MNIST",
            "width": WIDTH,
            "batch_size": BATCH_SIZE,
            "iterations": ITERATIONS,
            "validation": f"학습 자료의 마지막 {VALIDATION:,}장",
            "learned": f"학습 자료의 처음 {LEARNED:,}장",
            "rng": "초깃값은 default_rng([seed, 0]), 배치는 default_rng([seed, 1])",
        },
    )


if __name__ == "__main__":
    main()
