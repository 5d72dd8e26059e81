"""18장의 학습: 첫 배치로 본 것(첫 손실, 걸음의 비)과 학습한 뒤의 정확도를 견줍니다. 손글씨 숫자입니다.

    python -m experiments.first_batch

결과는 chapters/data/first_batch.npz와 .json(설정과 판 번호)입니다. 바탕이 되는 망은 은닉층이 여섯인 ReLU
64-100×6-10에 He이고, 나머지는 거기에 탈을 하나 심은 것입니다. 배열의 이름은 "망_최적화기_무엇"이고 첫 축은 칸 하나,
그다음은 학습률과 시드입니다. ratio는 학습 자료의 앞 64장으로 잰 첫 걸음의 비(행렬마다), first는 그 배치의 첫
손실입니다. 한 코어에서 4분쯤 걸립니다.
"""

import os

# 작은 행렬이라 스레드를 나누면 느려집니다. NumPy보다 먼저 정해야 합니다.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import functools
import warnings
from dataclasses import replace

import numpy as np

import wi_lib
from experiments.results import RATES, again, fit, save, search
from wi_lib import datasets, optimizers, signals

SEEDS, BATCH_SIZE, VALIDATION, BLOCKS = range(5), 64, 300, 20
# 처음에 재는 학습률의 양 끝. 학습률의 폭을 보는 칸은 넓게 잽니다.
START = {"sgd": [0.03, 0.1], "adam": [0.001, 0.003]}
WIDE = {"sgd": [0.001, 0.3], "adam": [3e-5, 0.03]}
WIDE_CELLS = ["healthy", "healthy_100", "healthy_1000", "healthy_3000", "shallow", "tanh", "output_10", "small_4"]
# 이름: (탈, 활성화 함수, 은닉층의 수, 걸음 수).
CELLS = {
    "healthy": ("", "relu", 6, 300),
    "healthy_100": ("", "relu", 6, 100),
    "healthy_1000": ("", "relu", 6, 1000),
    "healthy_3000": ("", "relu", 6, 3000),
    "shallow": ("", "relu", 2, 300),
    "tanh": ("", "tanh", 6, 300),
    **{
        fault: (fault, "relu", 6, 300)
        for fault in ["output_0", "output_10", "small_4", "small", "dead_3", "same", "same_0", "input_255"]
    },
    **{fault: (fault, "relu", 6, 300) for fault in ["shuffled", "sorted", "few"]},
}
FEW = 60
# 건강한 망과 가르는지를, 학습률을 고르는 데 쓰지 않은 시드로 다시 재는 칸.
AGAIN = ["healthy", "output_0", "small_4", "output_10", "input_255", "dead_3", "same"]
NEW_SEEDS = range(5, 15)

digits = functools.cache(datasets.load_digits)


def build(fault, activation, depth, seed):
    """탈을 심은 망. 층의 번호는 1부터이고 7층이 출력층입니다."""
    initializer = {"relu": "he_normal", "tanh": "lecun_normal"}[activation]
    rng = np.random.default_rng([seed, 0])
    net = wi_lib.MLP([64, *[100] * depth, 10], activation, initializer, rng=rng)
    if fault in ("output_0", "same_0"):
        net.weights[-1][...] = 0
    if fault == "output_10":
        net.weights[-1] *= 10
    if fault == "small_4":
        net.weights[3] /= 20
    if fault == "small":
        for weight in net.weights:
            weight *= 0.01 / weight.std()
    if fault == "dead_3":
        net.biases[2] -= 3
    if fault in ("same", "same_0"):
        net.weights[4][...], net.weights[5][...] = 1 / 60, 1 / 100
    return net


def data(fault, seed):
    found = digits()
    if fault == "input_255":
        return replace(found, x_train=255 * found.x_train, x_test=255 * found.x_test)
    if fault == "shuffled":
        return replace(found, y_train=np.random.default_rng([seed, 2]).permutation(found.y_train))
    if fault == "few":
        # 검증 자료는 그대로 두고 학습 자료의 앞 60장만 씁니다.
        kept = np.r_[:FEW, len(found.x_train) - VALIDATION : len(found.x_train)]
        return replace(found, x_train=found.x_train[kept], y_train=found.y_train[kept])
    return found


def first_step(net, x, y, optimizer, rate):
    """(첫 손실, 행렬마다 걸음의 비). 0인 행렬의 비는 무한대입니다."""
    found = net.gradients(x, y)
    moved = [p.copy() for p in net.parameters]
    optimizers.get(optimizer).start(moved, rate)([*found.weights, *found.biases])
    sizes = [signals.rms(w) for w in net.weights]
    steps = [signals.rms(new - w) for new, w in zip(moved, net.weights)]
    return found.loss, [step / size if size else np.inf for step, size in zip(steps, sizes)]


def march(net, found, optimizer, rate, iterations):
    """레이블의 차례로 늘어놓은 자료를 섞지 않고 돌며 학습시킵니다. `results.fit`과 같은 것을 돌려줍니다."""
    held = found.hold_out(VALIDATION)
    order, loss = np.argsort(held.y_train, kind="stable"), np.full(iterations, np.nan)
    move = optimizers.get(optimizer).start(net.parameters, rate)
    try:
        for step in range(iterations):
            at = order[(step * BATCH_SIZE + np.arange(BATCH_SIZE)) % len(order)]
            slopes = net.gradients(held.x_train[at], held.y_train[at])
            loss[step] = slopes.loss
            move([*slopes.weights, *slopes.biases])
        scores = net.accuracy(held.x_test, held.y_test), net.accuracy(found.x_test, found.y_test)
    except ValueError:  # 발산했습니다.
        scores = np.nan, np.nan
    return {"loss": loss.reshape(BLOCKS, -1).mean(axis=1), "validation": scores[0], "accuracy": scores[1]}


def run(cell, optimizer, learning_rate, seed):
    fault, activation, depth, iterations = CELLS[cell]
    net, found = build(fault, activation, depth, seed), data(fault, seed)
    first, ratio = first_step(net, found.x_train[:BATCH_SIZE], found.y_train[:BATCH_SIZE], optimizer, learning_rate)
    with warnings.catch_warnings():
        # 발산도 결과입니다.
        warnings.simplefilter("ignore", RuntimeWarning)
        if fault == "sorted":
            result = march(net, found, optimizer, learning_rate, iterations)
        else:
            settings = {"learning_rate": learning_rate, "batch_size": BATCH_SIZE, "iterations": iterations}
            block = iterations // BLOCKS
            result = fit(net, found, seed, validation=VALIDATION, block=block, optimizer=optimizer, **settings)
    return {**result, "first": first, "ratio": ratio}


def measured_again(arrays, tried):
    """새 시드의 시험 정확도: AGAIN의 망은 고른 학습률에서(again), 건강한 망의 SGD는 한 칸 낮은 것에서도(lower)."""
    wanted = [(cell, optimizer, "again", 0) for cell in AGAIN for optimizer in START]
    # SGD의 고른 학습률은 낭떠러지에 가까워 새 시드에서는 발산하기도 합니다.
    wanted.append(("healthy", "sgd", "lower", 1))
    found = {}
    for cell, optimizer, name, back in wanted:
        key = f"{cell}_{optimizer}"
        best, _ = wi_lib.at_best_rate(arrays[f"{key}_validation"][0], arrays[f"{key}_accuracy"][0])
        net, rate = {"cell": cell, "optimizer": optimizer}, tried[key][int(best) - back]
        found[f"{key}_{name}_accuracy"] = again("first_batch", [net], [rate], NEW_SEEDS, run)["accuracy"]
    return found


def main():
    arrays, tried = {}, {}
    every = [rate for rate in RATES if 1e-6 < rate < 20]
    for cell in CELLS:
        for optimizer, start in (WIDE if cell in WIDE_CELLS else START).items():
            key = f"{cell}_{optimizer}"
            tried[key], found = search(
                "first_batch", [{"cell": cell, "optimizer": optimizer}], start, SEEDS, run, every
            )
            arrays |= {f"{key}_{name}": array for name, array in found.items()}
    arrays |= measured_again(arrays, tried)
    save(
        "first_batch",
        arrays,
        {
            "cells": CELLS,
            "learning_rate": tried,
            "seeds": list(SEEDS),
            "new_seeds": list(NEW_SEEDS),
            "batch_size": BATCH_SIZE,
            "few": FEW,
            "validation": f"학습 자료의 마지막 {VALIDATION}장",
            "rng": "초깃값은 default_rng([seed, 0]), 배치는 [seed, 1], 섞은 레이블은 [seed, 2]",
        },
    )


if __name__ == "__main__":
    main()
