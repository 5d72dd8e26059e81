"""15장의 학습: 커널의 초깃값을 바꾸며 깊이 50인 합성곱 망은 손글씨 숫자에서, 3층과 10층은 실제 MNIST에서 학습시킵니다.

    python -m experiments.convolution

결과는 chapters/data/convolution.npz(손실, 검증 정확도, 시험 정확도)와 .json(설정과 판 번호)입니다. 커널은 모두 3 × 3,
채널은 8개이고 네 변에 0을 한 줄 덧댑니다. 학습률은 칸마다 가장 좋은 것이 격자의 끝에 걸리지 않을 때까지 넓히며, 재지
않은 자리는 NaN입니다. 코어 하나에서 20분쯤 걸립니다.
"""

import os

# 작은 행렬이라 BLAS 스레드를 나누는 것보다 망을 나누는 것이 빠릅니다. NumPy보다 먼저 정해야 합니다.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import functools

import numpy as np

import wi_lib
from experiments.results import fit, grid, save, search, stack, sweep
from wi_lib import datasets, initializers, layers

CHANNELS, BATCH_SIZE, ITERATIONS, BLOCK, SEEDS = 8, 32, 200, 10, range(5)
# 0을 덧댄 8 × 8 그림에서 깊은 층 하나가 표준편차에 곱하는 수. 커널에 거꾸로 곱하면 가장자리의 손실을 메웁니다.
BORDER = (1 + 2 * np.cos(np.pi / 9)) / 3
KERNELS = {
    "lecun": "lecun_normal",
    "filled": initializers.variance_scaling(float(BORDER**-2)),
    "orthogonal": "orthogonal",
    "delta": "delta_orthogonal",
    "dirac": "dirac",
    "he": "he_normal",
    "filled_he": initializers.variance_scaling(float(2 * BORDER**-2)),
    "delta_he": initializers.delta_orthogonal(2**0.5),
    # fan_in을 입력 채널의 수로 잘못 센 He. 첫 층의 입력 채널은 하나입니다.
    "channels": initializers.variance_scaling(2 * 9),
    "small": initializers.normal(0.01),
}
# 이름: ((망, 깊이, 활성화 함수), 커널의 종류, {최적화기: 처음에 재는 학습률}).
DEEP = {"sgd": [0.003, 0.01, 0.03], "adam": [3e-4, 0.001, 0.003]}
ROWS = {
    "deep_tanh": (("digits", 50, "tanh"), ["lecun", "filled", "orthogonal", "delta", "dirac"], DEEP),
    "deep_relu": (("digits", 50, "relu"), ["he", "filled_he", "delta_he", "dirac"], DEEP),
    # 깊은 망이 무엇이든 보탰는지 견줄 기준: 첫 합성곱과 출력층뿐인 망.
    "none": (("digits", 0, "tanh"), ["lecun"], {"sgd": [0.03, 0.1, 0.3], "adam": [0.003, 0.01, 0.03]}),
    "mnist_3": (
        ("mnist", 3, "relu"),
        ["small", "channels", "he"],
        {"sgd": [0.003, 0.01, 0.03, 0.1], "adam": [0.001, 0.003, 0.01]},
    ),
    "mnist_10": (
        ("mnist", 10, "relu"),
        ["he"],
        {"sgd": [0.03, 0.1, 0.3], "adam": [0.001, 0.003, 0.01]},
    ),
    # 처음의 신호가 6만 배라 SGD의 걸음은 훨씬 작아야 합니다.
    "wrong_10": (
        ("mnist", 10, "relu"),
        ["channels"],
        {"sgd": [1e-6, 3e-6, 1e-5], "adam": [3e-4, 0.001, 0.003]},
    ),
}
# 발산하지도 배우지도 않아 넓히면 끝이 없는 칸은 정해 둔 학습률에서만 잽니다.
STALLED = {
    "stalled_10": (("mnist", 10, "relu"), "small", {"sgd": [0.01, 0.1, 1.0, 10.0], "adam": [1e-4, 0.001, 0.01]}),
}
VALIDATION = {"digits": 300, "mnist": 2000}


# 프로세스마다 한 번만 읽습니다.
@functools.cache
def data(name):
    return datasets.load_digits() if name == "digits" else datasets.load_mnist()


def build(net, depth, activation, kernel, rng):
    """숫자: 8 × 8 그대로 합성곱 1 + depth층. MNIST: 앞의 두 층이 두 칸씩 건너뛰어 7 × 7이 되는 depth층."""
    side, f = {"digits": 8, "mnist": 28}[net], layers.Activate(activation)
    draw = KERNELS[kernel]
    if net == "digits":
        first = "lecun_normal" if activation == "tanh" else "he_normal"
        plan = [(first, 1), *[(draw, 1)] * depth]
    else:
        plan = [(draw, 2 if i < 2 else 1) for i in range(depth)]
    body = [x for init, s in plan for x in (layers.Conv2D(CHANNELS, 3, init, stride=s, padding=1), f)]
    ends = [layers.Reshape(side, side, 1)], [layers.Reshape(-1), layers.Dense(10, "lecun_normal")]
    return wi_lib.Network([*ends[0], *body, *ends[1]], input_shape=(side * side,), rng=rng)


def run(net, depth, activation, kernel, optimizer, learning_rate, seed):
    made = build(net, depth, activation, kernel, np.random.default_rng([seed, 0]))
    settings = {"learning_rate": learning_rate, "batch_size": BATCH_SIZE, "iterations": ITERATIONS}
    return fit(made, data(net), seed, validation=VALIDATION[net], block=BLOCK, optimizer=optimizer, **settings)


def main():
    data("mnist")  # 자료가 없으면 프로세스를 만들기 전에 알립니다.
    arrays, rates, names = {}, {}, ("net", "depth", "activation")
    for row, (net, kernels, starts) in ROWS.items():
        for optimizer, start in starts.items():
            cells = [dict(zip(names, net)) | {"kernel": kernel, "optimizer": optimizer} for kernel in kernels]
            rates[f"{row}_{optimizer}"], found = search("convolution", cells, start, SEEDS, run)
            arrays |= {f"{row}_{optimizer}_{key}": array for key, array in found.items()}
    for row, (net, kernel, starts) in STALLED.items():
        for optimizer, tried in starts.items():
            axes = {"learning_rate": tried}
            fixed = dict(zip(names, net)) | {"kernel": kernel, "optimizer": optimizer}
            found = stack(sweep("convolution", grid(axes, SEEDS, **fixed), run), axes, SEEDS)
            rates[f"{row}_{optimizer}"] = tried
            arrays |= {f"{row}_{optimizer}_{key}": array for key, array in found.items()}
    rows = {row: {"net": net, "kernels": kernels} for row, (net, kernels, _) in ROWS.items()}
    rows |= {row: {"net": net, "kernels": [kernel]} for row, (net, kernel, _) in STALLED.items()}
    save(
        "convolution",
        arrays,
        {
            "rows": rows,
            "learning_rate": rates,
            "seeds": list(SEEDS),
            "channels": CHANNELS,
            "batch_size": BATCH_SIZE,
            "iterations": ITERATIONS,
            "validation": "학습 자료의 마지막 300장(손글씨 숫자), 2,000장(MNIST)",
            "block": BLOCK,
            "rng": "초깃값은 default_rng([seed, 0]), 배치는 default_rng([seed, 1])",
        },
    )


if __name__ == "__main__":
    main()
