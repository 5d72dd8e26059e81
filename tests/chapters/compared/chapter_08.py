"""8장의 짧은 학습들. 한 시드의 망은 모두 같은 배치를 보고, 고른 학습률에서 발산한 시드는 없습니다."""

import functools

import numpy as np

from tests.chapters.compared import Comparison, chosen, each, stored
from wi_lib import datasets, initializers, linear_probe

SHORT, DEEP = stored("families")[0], stored("orthogonal_depth")[0]
OPTIMIZERS = "sgd", "adam"


def short(group, optimizer, part="accuracy"):
    return chosen(SHORT, f"{group}_{optimizer}", part)


def deep(optimizer, kind="deep"):
    return chosen(DEEP, f"{optimizer}_{kind}")


def few(optimizer, function, i):
    """200장으로 배운 빽빽한 망에서 희소한 망을 뺀 (학습과 시험의 차이, 탐침)."""
    train, test, probe = (short(f"few_{function}", optimizer, part) for part in ("train", "accuracy", "probe"))
    return (train - test)[0] - (train - test)[i], probe[0] - probe[i]


def probe(activation, name, seed):
    """학습하지 않은 30층 뒤의 선형 탐침. 페이지의 셀과 같은 계산입니다."""
    data, rng, gain = datasets.load_digits(), np.random.default_rng(seed), 2**0.5 if activation == "relu" else 1
    a, b = data.x_train, data.x_test
    for _ in range(30):
        if name == "identity":
            noise = initializers.normal(0.01)((64, 64), rng=rng)
            W = initializers.identity()((64, 64), rng=rng) + noise
        else:
            kind = initializers.variance_scaling(gain**2) if name == "normal" else initializers.orthogonal(gain)
            W = kind((64, 64), rng=rng)
        a, b = (np.maximum(z, 0) if activation == "relu" else np.tanh(z) for z in (a @ W, b @ W))
    return linear_probe(a, data.y_train, b, data.y_test)


@functools.cache
def read(activation, name):
    return np.array([probe(activation, name, seed) for seed in range(5)])


def pixels():
    data = datasets.load_digits()
    return linear_probe(data.x_train, data.y_train, data.x_test, data.y_test)


(ALL_SGD, RELU_SGD), (ALL_ADAM, RELU_ADAM) = ((deep(o)[0], deep(o)[0, 1]) for o in OPTIMIZERS)
NORMAL, ORTHOGONAL, IDENTITY, FROZEN = DEEP["sgd_tanh_again_accuracy"]
TWO, TEN = ([short(f"uniform_{depth}", o) for o in OPTIMIZERS] for depth in (2, 10))
SIGMOID, TANH = ([short(f"sparse_{f}", o) for o in OPTIMIZERS] for f in ("sigmoid", "tanh"))
SELU, WIDTHS = ([short(group, o) for o in OPTIMIZERS] for group in ("selu_30", "widths"))
PAIRS = (1, 0), (2, 1), (2, 0)
FEW = [few(o, f, i) for o in OPTIMIZERS for f in ("tanh", "relu") for i in (1, 2)]

COMPARISONS = [
    Comparison("두 초깃값을 SGD에서는 가를 수 없고", TWO[0][1] - TWO[0][0], "unclear"),
    Comparison("Adam에서는 He가 1.7 ± 0.9 %p 높을 뿐입니다.", TWO[1][1] - TWO[1][0]),
    *each("He에는 34.9 ± 9.8 %p 못 미칩니다.", [runs[1] - runs[0] for runs in TEN], by=0.2),
    *each("Martens의 1은 Xavier보다 훨씬 낫습니다.", [runs[2] - runs[0] for runs in SIGMOID], by=0.15),
    *each("처방과 가를 수 없습니다.", [runs[1] - runs[2] for runs in SIGMOID], "unclear"),
    *each(
        "평균이 2–3 %p 낮지만 구간이 0을 품어 시드 다섯으로는 가를 수 없고",
        [runs[0] - runs[1] for runs in TANH],
        "unclear",
    ),
    *each("편향 0.5는 있으나 없으나 가를 수 없습니다.", [runs[2] - runs[3] for runs in TANH], "unclear"),
    *each("희소한 망에서 줄었다고 할 것이 하나도 없습니다.", [gap for gap, _ in FEW], "unclear"),
    *each("탐침도 15개만 이은 망에서는 가를 수 없고", [probe for _, probe in FEW[::2]], "unclear"),
    Comparison("3개만 이은 ReLU와 Adam에서는 오히려 1.1 ± 0.8 %p 낮습니다.", few("adam", "relu", 2)[1]),
    Comparison(
        "직교는 가는 길에서 그것을 조금 늦출 뿐입니다.", lambda: read("relu", "orthogonal") - read("relu", "normal")
    ),
    Comparison("tanh에서 직교였습니다.", lambda: read("tanh", "orthogonal") - read("tanh", "identity")),
    Comparison(
        "단위행렬+잡음은 87 %로 픽셀과 4 %p 안에서 같습니다.",
        lambda: read("relu", "identity") - pixels(),
        "alike",
        0.04,
    ),
    Comparison(
        "tanh에서는 직교가 87 %로 픽셀과 2 %p 안이고",
        lambda: read("tanh", "orthogonal") - pixels(),
        "alike",
        0.02,
    ),
    Comparison(
        "Xavier에서 14 %에 그칩니다(둘은 가를 수 없습니다).",
        short("sigmoid_10", "adam")[1] - short("sigmoid_10", "adam")[0],
        "unclear",
    ),
    *each("그러나 어느 최적화기에서도 He와 가를 수 없습니다.", [runs[0] - runs[2] for runs in WIDTHS], "unclear"),
    *each("학습에서도 LeCun이 앞섭니다.", [runs[0] - runs[1] for runs in SELU]),
    *each("두 최적화기에서 모두 LeCun보다 낮습니다.", [runs[0] - runs[2] for runs in SELU]),
    *each("어느 둘을 견주어도 구간이 0을 품지 않습니다.", [RELU_SGD[i] - RELU_SGD[j] for i, j in PAIRS]),
    *each("정규의 75 ± 14 %로는 셋을 가를 수 없습니다.", [ALL_SGD[0, i] - ALL_SGD[0, 0] for i in (1, 2)], "unclear"),
    Comparison("단위행렬+잡음은 정규보다 10.0 ± 4.2 %p 높습니다.", IDENTITY - NORMAL),
    Comparison("직교는 한 시드가 45 %로 무너져 여전히 가를 수 없습니다.", ORTHOGONAL - NORMAL, "unclear"),
    Comparison("학습한 정규보다 10.1 ± 4.1 %p 높습니다.", FROZEN - NORMAL),
    Comparison("은닉층이 없는 망보다 8.4 ± 3.1 %p 낮습니다.", deep("adam", "softmax") - RELU_ADAM[0]),
    *each("정규만 뒤처지고", [RELU_ADAM[i] - RELU_ADAM[0] for i in (1, 2)]),
    Comparison("직교와 단위행렬+잡음은 가를 수 없습니다.", RELU_ADAM[2] - RELU_ADAM[1], "unclear"),
    *each("tanh에서도 정규(82 %)만", [ALL_ADAM[0, i] - ALL_ADAM[0, 0] for i in (1, 2)]),
    Comparison(
        "ReLU에서 정규와 단위행렬+잡음의 차이는 절반 넘게 SGD의 것이었습니다.",
        (RELU_SGD[2] - RELU_SGD[0]) - 2 * (RELU_ADAM[2] - RELU_ADAM[0]),
    ),
    *each(
        "SGD에서도 Adam에서도 은닉층이 없는 망과 가를 수 없습니다.",
        [ALL_SGD[1, 2] - deep("sgd", "softmax"), ALL_ADAM[0, 1] - deep("adam", "softmax")],
        "unclear",
    ),
]
