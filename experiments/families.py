"""8장의 초깃값마다 짧은 학습: 절마다 견줄 초깃값 몇 가지를 SGD와 Adam으로 손글씨(scikit-learn)에 학습시킵니다.

    python -m experiments.families

결과는 chapters/data/families.npz와 .json(설정과 판 번호)입니다. 두 코어에서 5분쯤 걸립니다.
시드 하나에서는 모든 망이 같은 배치를 봅니다. 학습률은 칸마다 가장 좋은 것이 격자의 끝에 걸리지 않을 때까지 넓히며,
재지 않은 자리는 NaN입니다. 이름이 few로 시작하는 것은 시드마다 다시 고른 200장으로만 배웁니다.
"""

import os

# 작은 행렬이라 BLAS 스레드를 나누는 것보다 망을 나누는 것이 빠릅니다. NumPy보다 먼저 정해야 합니다.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import functools

import numpy as np

import wi_lib
from experiments.results import fit, save, search
from wi_lib import datasets, initializers
from wi_lib.datasets import Dataset

sparse, scaled = initializers.sparse, initializers.variance_scaling
FIVE, TEN, FEW = [64, *[100] * 5, 10], [64, *[100] * 10, 10], [64, 100, 100, 10]
# 묶음: (층의 크기, 활성화 함수, {이름: 은닉층의 초깃값}). None은 LSUV이고, 숫자가 곁에 있으면 은닉층의 편향입니다.
GROUPS = {
    "uniform_2": (FEW, "relu", {"old": scaled(1 / 3, distribution="uniform"), "he": scaled(2, distribution="uniform")}),
    "uniform_10": (
        TEN,
        "relu",
        {"old": scaled(1 / 3, distribution="uniform"), "he": scaled(2, distribution="uniform")},
    ),
    "sparse_sigmoid": (
        FIVE,
        "sigmoid",
        {"dense": scaled(1, "fan_avg"), "dense_15": scaled(15), "martens": sparse(15, std=1)},
    ),
    "sparse_tanh": (
        FIVE,
        "tanh",
        {
            "dense": scaled(1),
            "martens": sparse(15, std=1),
            "quarter": sparse(15, std=0.25),
            "quarter_half": (sparse(15, std=0.25), 0.5),
        },
    ),
    "few_tanh": (FEW, "tanh", {"dense": scaled(1), "15": sparse(15, std=15**-0.5), "3": sparse(3, std=3**-0.5)}),
    "few_relu": (
        FEW,
        "relu",
        {"dense": scaled(2), "15": sparse(15, std=(2 / 15) ** 0.5), "3": sparse(3, std=(2 / 3) ** 0.5)},
    ),
    "widths": (
        [64, 200, 50, 200, 50, 200, 50, 10],
        "relu",
        {"he": scaled(2), "orthogonal": initializers.orthogonal(2**0.5), "lsuv": None},
    ),
    "sigmoid_10": (TEN, "sigmoid", {"xavier": scaled(1, "fan_avg"), "lsuv": None}),
    "selu_30": ([*[64] * 31, 10], "selu", {"lecun": scaled(1), "he": scaled(2), "three_quarters": scaled(0.75**2)}),
}
# 이름: 처음에 재는 학습률. 은닉층이 서른 개쯤이면 한 칸 낮은 곳에서 시작합니다.
OPTIMIZERS = {"sgd": [0.01, 0.03, 0.1, 0.3], "adam": [3e-4, 0.001, 0.003, 0.01]}
SEEDS, FEW_SEEDS = 5, 10
BATCH_SIZE = 32
ITERATIONS = 300
VALIDATION, IMAGES, PROBED = 300, 200, 800

digits = functools.cache(datasets.load_digits)


def start(group, name, rng, x):
    """초깃값만 정한 망. 출력층은 어느 이름에서나 LeCun이고 편향이 0이어서, 다른 것은 은닉층뿐입니다."""
    sizes, activation, choices = GROUPS[group]
    choice = choices[name]
    init, bias = choice if isinstance(choice, tuple) else (choice, 0.0)
    net = wi_lib.MLP(sizes, activation, init or "zeros", rng=rng)
    if init is None:
        wi_lib.lsuv(net, x[:500], rng=rng)
    net.weights[-1][:] = initializers.lecun_normal()(net.weights[-1].shape, rng=rng)
    for b in net.biases[:-1]:
        b[:] = bias
    return net


def few(seed):
    """200장만 남긴 학습 자료(그 뒤에 검증 자료)와, 그 은닉층을 따로 읽어 볼 나머지 자료."""
    data = digits()
    order = np.random.default_rng([seed, 2]).permutation(len(data.x_train))
    kept, rest = np.split(order, [IMAGES + VALIDATION])
    parts = [(data.x_train[i], data.y_train[i]) for i in (kept, rest[:PROBED])]
    return Dataset(*parts[0], data.x_test, data.y_test, data.name), parts[1]


def hidden(net, x):
    """마지막 은닉층의 활성화값."""
    for W, b in zip(net.weights[:-1], net.biases):
        x = net.activation(x @ W + b)
    return x


def run(optimizer, group, name, learning_rate, seed):
    small = group.startswith("few")
    data, (x, labels) = few(seed) if small else (digits(), (None, None))
    net = start(group, name, np.random.default_rng([seed, 0]), data.x_train)
    settings = {"learning_rate": learning_rate, "batch_size": BATCH_SIZE, "iterations": ITERATIONS}
    found = fit(net, data, seed, validation=VALIDATION, block=ITERATIONS, optimizer=optimizer, **settings)
    del found["loss"]
    if small:
        found |= {"train": np.nan, "probe": np.nan}
        if not np.isnan(found["accuracy"]):
            seen = data.hold_out(VALIDATION)
            found["train"] = net.accuracy(seen.x_train, seen.y_train)
            found["probe"] = wi_lib.linear_probe(hidden(net, x), labels, hidden(net, data.x_test), data.y_test)
    return found


def main():
    arrays, rates = {}, {}
    for group, (sizes, _, choices) in GROUPS.items():
        seeds = range(FEW_SEEDS if group.startswith("few") else SEEDS)
        rates[group] = {}
        for optimizer, starts in OPTIMIZERS.items():
            first = starts[:-1] if len(sizes) > 20 else starts[1:]
            cells = [{"optimizer": optimizer, "group": group, "name": name} for name in choices]
            rates[group][optimizer], found = search("families", cells, first, seeds, run)
            arrays |= {f"{group}_{optimizer}_{name}": array for name, array in found.items()}
    settings = {
        "axes": {
            "initializer": {group: list(choices) for group, (_, _, choices) in GROUPS.items()},
            "learning_rate": rates,
        },
        "sizes": {group: sizes for group, (sizes, _, _) in GROUPS.items()},
        "seeds": {group: FEW_SEEDS if group.startswith("few") else SEEDS for group in GROUPS},
        "batch_size": BATCH_SIZE,
        "iterations": ITERATIONS,
        "validation": f"{VALIDATION}장. few가 아니면 학습 자료의 마지막",
        "few": f"학습 {IMAGES}장, 검증 {VALIDATION}장, 선형 탐침 {PROBED}장을 default_rng([seed, 2])로 나눔",
        "rng": "초깃값은 default_rng([seed, 0]), 배치는 default_rng([seed, 1])",
    }
    save("families", arrays, settings)


if __name__ == "__main__":
    main()
