"""3장과 4장: 초깃값만 다른 sigmoid 망과 tanh 망을 손글씨 숫자로, SGD와 Adam으로 학습시킵니다.

    python -m experiments.sigmoid_tanh

결과는 chapters/data/sigmoid_tanh.npz와 .json(설정과 판 번호)입니다. 두 코어에서 4분쯤 걸립니다.
시드 하나에서는 깊이와 최적화기가 달라도 모든 망이 같은 배치를 보고, 깊이가 같은 망은 뽑은 난수도 같습니다.
학습률은 칸마다 가장 좋은 것이 격자의 끝에 걸리지 않을 때까지 넓히며, 재지 않은 자리는 NaN입니다.
"""

import os

# 작은 행렬이라 BLAS 스레드를 나누는 것보다 망을 나누는 것이 빠릅니다. NumPy보다 먼저 정해야 합니다.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import functools

import numpy as np

import wi_lib
from experiments.results import fit, save, search
from wi_lib import datasets, initializers, theory

# 편향의 분산이 1일 때 χ = 1인 σ_w².
EDGE = round(theory.edge_of_chaos("tanh", 1.0), 3)
# 이름: (활성화 함수, 초기화, 편향의 표준편차). gain g는 분산 g²·2/(fan_in + fan_out)입니다.
STARTS = {
    "sigmoid, 0.01": ("sigmoid", initializers.normal(0.01), 0),
    "sigmoid, Xavier": ("sigmoid", initializers.variance_scaling(1, "fan_avg"), 0),
    "sigmoid, 4배": ("sigmoid", initializers.variance_scaling(16, "fan_avg"), 0),
    "sigmoid, 1": ("sigmoid", initializers.normal(1.0), 0),
    "tanh, gain 1": ("tanh", initializers.variance_scaling(1, "fan_avg"), 0),
    "tanh, gain 5/3": ("tanh", initializers.variance_scaling(25 / 9, "fan_avg"), 0),
    "tanh, 편향": ("tanh", initializers.variance_scaling(EDGE, "fan_avg"), 1),
}
# 재는 (망, 깊이).
NETS = (
    *((name, 5) for name in STARTS),
    *((name, 20) for name in ("sigmoid, 4배", "tanh, gain 1")),
)
# 이름: 처음에 재는 학습률.
OPTIMIZERS = {"sgd": [0.01, 0.03, 0.1], "adam": [3e-4, 0.001, 0.003]}
SEEDS = 5
WIDTH = 100
BATCH_SIZE = 32
ITERATIONS = 500
BLOCK = 10
VALIDATION = 300


digits = functools.cache(datasets.load_digits)


def make(name, depth, seed):
    """초기화만 한 망. 편향은 은닉층에만, 가중치 다음에 뽑습니다."""
    activation, initializer, bias_std = STARTS[name]
    rng = np.random.default_rng([seed, 0])
    net = wi_lib.MLP([64, *[WIDTH] * depth, 10], activation, initializer, rng=rng)
    for bias in net.biases[:-1] if bias_std else []:
        bias[:] = bias_std * rng.standard_normal(bias.shape)
    return net


def run(name, depth, optimizer, learning_rate, seed):
    settings = {"learning_rate": learning_rate, "batch_size": BATCH_SIZE, "iterations": ITERATIONS}
    net = make(name, depth, seed)
    return fit(net, digits(), seed, validation=VALIDATION, block=BLOCK, optimizer=optimizer, **settings)


def main():
    seeds, arrays, rates = range(SEEDS), {}, {}
    for optimizer, start in OPTIMIZERS.items():
        cells = [{"name": name, "depth": depth, "optimizer": optimizer} for name, depth in NETS]
        rates[optimizer], found = search("sigmoid_tanh", cells, start, seeds, run)
        arrays |= {f"{optimizer}_{name}": array for name, array in found.items()}
    save(
        "sigmoid_tanh",
        arrays,
        {
            "axes": {"net": [list(net) for net in NETS], "learning_rate": rates},
            "seeds": list(seeds),
            "width": WIDTH,
            "edge": EDGE,
            "batch_size": BATCH_SIZE,
            "iterations": ITERATIONS,
            "block": BLOCK,
            "validation": f"학습 자료의 마지막 {VALIDATION}장",
            "rng": "초깃값은 default_rng([seed, 0]), 배치는 default_rng([seed, 1])",
        },
    )


if __name__ == "__main__":
    main()
