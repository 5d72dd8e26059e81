"""16장의 학습: 초깃값의 크기와 어텐션의 배율, 정규화의 자리를 바꾸며 작은 트랜스포머로 헌법의 다음 자모를 맞힙니다.

    python -m experiments.attention

결과는 chapters/data/attention.npz(손실, 검증·시험 정확도, 시험 손실)와 .json(설정과 판 번호)입니다. 학습률은 칸마다
가장 좋은 것이 격자의 끝에 걸리지 않을 때까지 넓히며, 재지 않은 자리는 NaN입니다. 한 코어에서 20분쯤 걸립니다.
"""

import os

# 작은 행렬이라 BLAS 스레드를 나누는 것보다 망을 나누는 것이 빠릅니다. NumPy보다 먼저 정해야 합니다.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import functools
import itertools
from dataclasses import dataclass

import numpy as np

import wi_lib
from experiments.results import fit, grid, save, search, stack, sweep
from wi_lib import layers, optimizers, texts
from wi_lib.initializers import normal

LENGTH, HEADS, BATCH_SIZE, ITERATIONS, BLOCK, SEEDS = 32, 4, 8, 250, 10, 5
VALIDATION, WARMUP = 100, 100
SHALLOW, DEEP = {"width": 64, "blocks": 4}, {"width": 32, "blocks": 12}
# 이름: (망의 설정, {최적화기: 처음에 재는 학습률}). std는 모든 행렬의 표준편차이고, None은 행렬마다 1/√fan_in입니다.
SGD, ADAM = {"sgd": [0.1, 0.3, 1.0]}, {"adam": [0.001, 0.003, 0.01]}
CELLS = {
    "small": ({**SHALLOW, "std": 0.02}, SGD | ADAM),
    "lecun": ({**SHALLOW, "std": None}, SGD | ADAM),
    "post_small": ({**DEEP, "std": 0.02, "writers": 1.0, "post": True}, SGD | ADAM | {"warm": ADAM["adam"]}),
    # GPT-1과 BERT(너비 768)에서 0.02는 1/√d의 0.55배입니다. 너비 32에서 같은 배율로 시작합니다.
    "post_base": ({**DEEP, "std": 0.097, "writers": 1.0, "post": True}, {"adam": [3e-4, 0.001, 0.003]}),
    "pre_small": ({**DEEP, "std": 0.02, "writers": 1.0}, ADAM),
    "pre": ({**DEEP, "std": None, "writers": 1.0}, ADAM),
    "post_scaled": ({**DEEP, "std": None, "post": True}, ADAM),
    "tiny": ({**SHALLOW, "std": 0.002}, SGD | {"adam": [3e-4, 0.001, 0.003]}),
    "undivided": ({**SHALLOW, "std": None, "scale": 1.0}, {"sgd": [0.03, 0.1, 0.3]} | ADAM),
    "large": ({**SHALLOW, "std": 0.5}, {"sgd": [0.3, 1.0, 3.0], "adam": [0.003, 0.01, 0.03]}),
    "embedding": ({**SHALLOW, "std": 0.02, "embedding": 1.0}, {"sgd": [0.3, 1.0, 3.0], "adam": [0.003, 0.01, 0.03]}),
    # 0.002가 나쁜 것이 임베딩 때문인지: 임베딩과 위치만 0.02입니다.
    "tiny_embedding": ({**SHALLOW, "std": 0.002, "embedding": 0.02}, ADAM),
    "unscaled": ({**SHALLOW, "std": None, "writers": 1.0}, ADAM),
}
# 12블록의 사후 정규화는 배우지도 발산하지도 않아 넓히면 끝이 없으므로, 정해 둔 학습률에서만 잽니다.
STALLED = {"sgd": [0.01, 0.1, 1.0], "adam": [1e-4, 0.001, 0.01], "warm": [1e-4, 0.001, 0.01]}
CELLS["post"] = ({**DEEP, "std": None, "writers": 1.0, "post": True}, STALLED)
# 같은 망을 네 배 오래, 학습률 하나에서만: 250걸음에 배우지 못한 것이 느린 것인지 봅니다.
LONG, LONG_ITERATIONS = {"adam": [3e-4], "warm": [3e-4]}, 1000
CELLS["post_long"] = (CELLS["post"][0], LONG)


@dataclass(frozen=True)
class Warmup:
    """예열: 학습률을 WARMUP걸음에 걸쳐 0에서 곧게 올리는 Adam."""

    def start(self, parameters, learning_rate):
        move, steps = optimizers.Adam().start(parameters, learning_rate), itertools.count(1)

        def step(gradients):
            share, before = min(1.0, next(steps) / WARMUP), [w.copy() for w in parameters]
            move(gradients)
            for w, old in zip(parameters, before):
                w -= (1 - share) * (w - old)

        return step


# 프로세스마다 한 번만 읽습니다.
constitution = functools.cache(functools.partial(texts.load_constitution, LENGTH))


def build(rng, *, width, blocks, std, embedding=None, writers=None, scale=None, post=False):
    """GPT-2와 같은 차례의 망. writers는 줄기에 쓰는 두 행렬(W_O와 MLP의 둘째)에 곱할 배율, None은 1/√(2L)입니다."""

    def dense(units, fan_in):
        return layers.Dense(units, normal(fan_in**-0.5 if std is None else std))

    attention = [layers.Attention(HEADS, normal(width**-0.5 if std is None else std), scale=scale)]
    mlp = [dense(4 * width, width), layers.Activate("relu"), dense(width, 4 * width)]
    if post:
        block = [layer for branch in (attention, mlp) for layer in (layers.Residual(branch), layers.LayerNorm())]
    else:
        block = [layers.Residual([layers.LayerNorm(), *branch]) for branch in (attention, mlp)]
    first = normal(embedding or std or width**-0.5)
    body = [layers.Position(first), *block * blocks, *([] if post else [layers.LayerNorm()])]
    tied = layers.Tied(layers.Embedding(len(texts.symbols()), width, first), body)
    net = wi_lib.Network([tied], (LENGTH,), rng=rng)
    # net.weights는 E와 P, 그다음 블록마다 W_Q, W_K, W_V, W_O와 MLP의 두 행렬입니다.
    for matrix in (*net.weights[5::6], *net.weights[7::6]):
        matrix *= (2 * blocks) ** -0.5 if writers is None else writers
    return net


def run(cell, optimizer, learning_rate, seed):
    net = build(np.random.default_rng([seed, 0]), **CELLS[cell][0])
    data, chosen = constitution(), Warmup() if optimizer == "warm" else optimizer
    iterations = LONG_ITERATIONS if cell == "post_long" else ITERATIONS
    settings = {"learning_rate": learning_rate, "batch_size": BATCH_SIZE, "iterations": iterations}
    found = fit(net, data, seed, validation=VALIDATION, block=BLOCK, optimizer=chosen, **settings)
    # 끝까지 유한했지만 터진 망의 손실은 10¹⁵도 넘으므로 잘라 둡니다.
    found["test_loss"] = np.nan if np.isnan(found["accuracy"]) else min(net.loss(data.x_test, data.y_test), 1e6)
    return found


def main():
    arrays, rates, seeds = {}, {}, range(SEEDS)
    for cell, (_, starts) in CELLS.items():
        for optimizer, start in starts.items():
            key = f"{cell}_{optimizer}"
            if starts is STALLED or starts is LONG:
                axes = {"learning_rate": start}
                settings = grid(axes, seeds, cell=cell, optimizer=optimizer)
                rates[key], found = start, stack(sweep("attention", settings, run), axes, seeds)
            else:
                rates[key], found = search("attention", [{"cell": cell, "optimizer": optimizer}], start, seeds, run)
                found = {name: array[0] for name, array in found.items()}
            arrays |= {f"{key}_{name}": array for name, array in found.items()}
    save(
        "attention",
        arrays,
        {
            "cells": {cell: {**plan, "optimizers": list(starts)} for cell, (plan, starts) in CELLS.items()},
            "learning_rate": rates,
            "seeds": list(seeds),
            "length": LENGTH,
            "heads": HEADS,
            "batch_size": BATCH_SIZE,
            "iterations": ITERATIONS,
            "long_iterations": LONG_ITERATIONS,
            "warmup": WARMUP,
            "validation": f"학습 자료의 마지막 {VALIDATION}창",
            "block": BLOCK,
            "rng": "초깃값은 default_rng([seed, 0]), 배치는 default_rng([seed, 1])",
        },
    )


if __name__ == "__main__":
    main()
