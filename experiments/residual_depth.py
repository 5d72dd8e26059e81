"""14장의 학습: 옆길의 초깃값, 블록 수, 최적화기를 바꾸며 너비 64인 ReLU 잔차망을 실제 MNIST에서 학습시킵니다.

    python -m experiments.residual_depth

결과는 chapters/data/residual_depth.npz(손실, 검증 정확도, 시험 정확도)와 .json(설정과 판 번호)입니다. 블록 하나의
옆길은 ReLU, Dense, ReLU, Dense입니다. 학습률은 칸마다 가장 좋은 것이 격자의 끝에 걸리지 않을 때까지 넓히며, 재지 않은
자리는 NaN입니다. 16코어에서 8분쯤 걸립니다.
"""

import os

# 작은 행렬이라 BLAS 스레드를 나누는 것보다 망을 나누는 것이 빠릅니다. NumPy보다 먼저 정해야 합니다.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import functools

import numpy as np

import wi_lib
from experiments.results import fit, grid, save, search, stack, sweep
from wi_lib import datasets, layers
from wi_lib.initializers import variance_scaling

RESIDUAL = ["he", "root", "gpt2", "zero", "fixup", "rezero", "pre"]
# 이름: (옆길의 종류, 블록 수, {최적화기: 처음에 재는 학습률}). 오래 걸리는 것부터 돌립니다.
ROWS = {
    "200": (RESIDUAL, 200, {"sgd": [0.01, 0.03, 0.1], "adam": [3e-4, 0.001, 0.003]}),
    "50": (RESIDUAL, 50, {"sgd": [0.03, 0.1, 0.3], "adam": [3e-4, 0.001, 0.003]}),
    "stalled_50": (["plain", "post"], 50, {"sgd": [0.001, 0.003, 0.01], "adam": [3e-5, 1e-4, 3e-4]}),
    "10": ([*RESIDUAL, "plain", "post"], 10, {"sgd": [0.03, 0.1, 0.3], "adam": [0.001, 0.003, 0.01]}),
    # 블록이 없으면 선형 분류기입니다. 블록이 무엇이든 보탰는지 견줄 기준입니다.
    "0": (["plain"], 0, {"sgd": [0.1, 0.3, 1.0], "adam": [0.001, 0.003, 0.01]}),
}
# 사후 정규화의 200블록은 발산하지도 배우지도 않아 넓히면 끝이 없으므로, 정해 둔 학습률에서만 잽니다.
STALLED = {"sgd": [1e-4, 0.001, 0.01, 0.1], "adam": [1e-6, 1e-5, 1e-4, 0.001]}
SEEDS = 5
WIDTH, BATCH_SIZE, ITERATIONS, BLOCK = 64, 64, 300, 10
VALIDATION = 2000


# 프로세스마다 한 번만 읽습니다.
mnist = functools.cache(datasets.load_mnist)


def block(scheme, blocks):
    """블록 하나를 이루는 층의 목록."""
    first, last = variance_scaling(2 / blocks if scheme == "fixup" else 2), variance_scaling(2)
    if scheme == "gpt2":
        last = variance_scaling(2 / (2 * blocks))  # He의 1/√(2L)배
    if scheme in ("zero", "fixup"):
        last = "zeros"
    dense = layers.Dense(WIDTH, first), layers.Dense(WIDTH, last)
    branch = [layer for matrix in dense for layer in (layers.Activate("relu"), matrix)]
    if scheme == "plain":
        return branch
    if scheme == "pre":
        return [layers.Residual([layers.LayerNorm(), *branch])]
    if scheme == "post":
        return [layers.Residual(branch), layers.LayerNorm()]
    if scheme == "rezero":
        return [layers.Residual(branch, scale=0.0, learn_scale=True)]
    return [layers.Residual(branch, scale=blocks**-0.5 if scheme == "root" else 1.0)]


def build(scheme, blocks, rng):
    """784-64-(블록)-10. 사전 정규화만 출력층 앞에서 한 번 더 정규화합니다."""
    top = [layers.LayerNorm()] if scheme == "pre" else []
    body = [layers.Dense(WIDTH, "lecun_normal"), *block(scheme, blocks) * blocks, *top]
    return wi_lib.Network([*body, layers.Dense(10, "lecun_normal")], input_shape=(784,), rng=rng)


def run(scheme, blocks, optimizer, learning_rate, seed):
    net = build(scheme, blocks, np.random.default_rng([seed, 0]))
    settings = {"learning_rate": learning_rate, "batch_size": BATCH_SIZE, "iterations": ITERATIONS}
    return fit(net, mnist(), seed, validation=VALIDATION, block=BLOCK, optimizer=optimizer, **settings)


def main():
    mnist()  # 자료가 없으면 프로세스를 만들기 전에 알립니다.
    arrays, rates, seeds = {}, {}, range(SEEDS)
    for row, (schemes, blocks, starts) in ROWS.items():
        for optimizer, start in starts.items():
            cells = [{"scheme": name, "blocks": blocks, "optimizer": optimizer} for name in schemes]
            rates[f"{row}_{optimizer}"], found = search("residual_depth", cells, start, seeds, run)
            arrays |= {f"{row}_{optimizer}_{key}": array for key, array in found.items()}
    for optimizer, tried in STALLED.items():
        axes = {"learning_rate": tried}
        settings = grid(axes, seeds, scheme="post", blocks=200, optimizer=optimizer)
        found = stack(sweep("residual_depth", settings, run), axes, seeds)
        rates[f"stalled_200_{optimizer}"] = tried
        arrays |= {f"stalled_200_{optimizer}_{key}": array for key, array in found.items()}
    save(
        "residual_depth",
        arrays,
        {
            "rows": {row: {"schemes": schemes, "blocks": blocks} for row, (schemes, blocks, _) in ROWS.items()},
            "learning_rate": rates,
            "seeds": list(seeds),
            "width": WIDTH,
            "batch_size": BATCH_SIZE,
            "iterations": ITERATIONS,
            "validation": f"학습 자료의 마지막 {VALIDATION:,}장",
            "block": BLOCK,
            "rng": "초깃값은 default_rng([seed, 0]), 배치는 default_rng([seed, 1])",
        },
    )


if __name__ == "__main__":
    main()
