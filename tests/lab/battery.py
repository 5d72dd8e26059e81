"""실험대를 시험할 설정 300개: 무작위로 고른 것과, 끝에 있는 것."""

import math

import numpy as np

from wi_lib.lab.setting import DEFAULTS

DATA = {"digits": (64, 10), "spiral": (2, 2), "rings": (2, 2), "checkerboard": (2, 2), "gaussian": (100, 10)}
ACTIVATIONS = ["sigmoid", "tanh", "relu", "leaky_relu", "selu"]
OPTIMIZERS = ["sgd", "momentum", "adam"]
DEFAULT = {**DEFAULTS, "iterations": 20}
EXTREMES = [
    *({"initializer": name} for name in ("zeros", "normal(0)", "constant(1)", "constant(1000000)", "uniform(1000000)")),
    *({"initializer": "normal(1000000)", "activation": name} for name in ACTIVATIONS),
    *({"learning_rate": 1000, "optimizer": name} for name in OPTIMIZERS),
    *({"learning_rate": 1000000, "activation": name} for name in ACTIVATIONS),
    {"learning_rate": 1000000, "optimizer": "adam", "activation": "selu", "initializer": "normal(1000000)"},
    {"initializer": "normal(1e-30)", "activation": "tanh", "optimizer": "adam"},
    {"initializer": "normal(1e14)"},
    {"initializer": "normal(1e14)", "activation": "tanh"},
    {"learning_rate": 1e-12},
    {"depth": 50, "width": 2, "iterations": 100},
    {"depth": 50, "width": 256, "iterations": 1, "batch_size": 1},
    {"depth": 1, "width": 256, "batch_size": 1024, "iterations": 3},
    {"depth": 50, "width": 20, "initializer": "normal(1)", "activation": "selu"},
    {"batch_size": 1, "iterations": 300},
    {"batch_size": 1, "learning_rate": 1000, "activation": "sigmoid", "iterations": 300},
    {"iterations": 1},
    {"seed": 2**53 - 1},
    {"width": 2, "depth": 1, "data": "spiral", "iterations": 1000},
    {"data": "gaussian", "initializer": "orthogonal", "depth": 10},
]
# 은닉층의 수, 너비, 배치 크기의 끝.
SIZES = [(1, 50), (2, 256), (1, 1024)]
# 설정 하나에 쓰는 곱셈의 수. 큰 망은 걸음을 줄이고, 한 걸음이 그보다 크면 다시 뽑습니다.
BUDGET = 1e8
# 걸음마다, 그리고 끝에서 정확도를 재는 입력의 수.
MEASURED = 600


def random_setting(rng):
    cost = BUDGET
    while cost >= BUDGET:
        data, depth, width, batch_size = rng.choice([*DATA]), *(between(rng, *ends) for ends in SIZES)
        features, classes = DATA[data]
        cost = (3 * batch_size + MEASURED) * (features * width + (depth - 1) * width**2 + width * classes)
    return {
        "data": str(data),
        "activation": str(rng.choice(ACTIVATIONS)),
        "initializer": random_initializer(rng),
        "depth": depth,
        "width": width,
        "learning_rate": float(f"{10 ** rng.uniform(-5, 3):.2g}"),
        "optimizer": str(rng.choice(OPTIMIZERS)),
        "batch_size": batch_size,
        "iterations": int(min(between(rng, 1, 300), BUDGET // cost)),
        "seed": int(rng.integers(2**53)),
    }


def random_initializer(rng):
    size = f"{10 ** rng.uniform(-6, 6):.2g}"
    scaled = f"variance_scaling({size}, {rng.choice(['fan_in', 'fan_out', 'fan_avg'])}, {rng.choice(SHAPES)})"
    drawn = [f"{name}({size})" for name in ("normal", "uniform", "truncated_normal", "constant")]
    structured = ["orthogonal", f"orthogonal({size})", "identity", "sparse", f"sparse(3, {size})", "sparse_fraction"]
    named = ["zeros", *(f"{name}_{shape}" for name in ("lecun", "xavier", "he") for shape in ("normal", "uniform"))]
    return str(rng.choice([*drawn, scaled, *structured, *named]))


SHAPES = ["normal", "uniform", "truncated_normal"]


def between(rng, smallest, largest):
    """로그에서 고르게 뽑은 정수."""
    return round(math.exp(rng.uniform(math.log(smallest), math.log(largest))))


def settings(count=300):
    rng = np.random.default_rng(16)
    extremes = [DEFAULT | extreme for extreme in EXTREMES]
    return [*extremes, *(random_setting(rng) for _ in range(count - len(extremes)))]
