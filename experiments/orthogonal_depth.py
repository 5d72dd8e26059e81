"""8장의 마지막 비교: 은닉층 30개인 망을 정규분포, 직교 행렬, 단위행렬로 초기화해 손글씨(scikit-learn)를 학습시킵니다.

    python -m experiments.orthogonal_depth

결과는 chapters/data/orthogonal_depth.npz와 .json(설정과 판 번호)입니다. 두 코어에서 5분쯤 걸립니다.
견줄 바닥이 둘입니다. 은닉층 없이 픽셀을 그대로 받는 소프트맥스(softmax)와, 같은 30층을 초깃값에 얼려 두고 출력층만
학습시킨 망(frozen)입니다. 시드 하나에서는 모든 망이 같은 배치를 보고, 얼린 망과 모두 학습시킨 망은 초깃값도 같습니다.
정규분포와 직교 행렬은 분산이 같습니다. "again"은 정규분포의 시드가 크게 흔들린 칸을 새 시드로 다시 잰 것입니다(AGAIN).
학습률은 칸마다 가장 좋은 것이 격자의 끝에 걸리지 않을 때까지 넓힙니다.
"""

import os

# 작은 행렬이라 BLAS 스레드를 나누는 것보다 망을 나누는 것이 빠릅니다. NumPy보다 먼저 정해야 합니다.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import dataclasses
import functools
import itertools

import numpy as np

import wi_lib
from experiments.results import again, fit, save, search
from wi_lib import datasets, initializers

# 활성화 함수와 gain. 정규분포와 직교 행렬의 분산은 gain²/n입니다.
ACTIVATIONS = {"tanh": 1.0, "relu": 2**0.5}


def identity_noise(gain):
    """단위행렬에 N(0, 0.01²)을 더한 것. ReLU도 1층에서 한 번만 신호를 잃으므로 gain을 쓰지 않습니다."""
    identity, noise = initializers.identity(), initializers.normal(0.01)
    return lambda shape, rng: identity(shape, rng=rng) + noise(shape, rng=rng)


INITIALIZERS = {
    "normal": lambda gain: initializers.variance_scaling(gain**2),
    "orthogonal": initializers.orthogonal,
    "identity_noise": identity_noise,
}
MODES = ["trained", "frozen"]
# 이름: 처음에 재는 학습률.
OPTIMIZERS = {"sgd": [0.01, 0.03, 0.1], "adam": [3e-4, 0.001, 0.003]}
SEEDS = 5
# SGD의 tanh에서 시드 다섯으로는 가를 수 없던 칸과, 그것에 견줄 얼린 직교.
AGAIN = [("trained", "normal"), ("trained", "orthogonal"), ("trained", "identity_noise"), ("frozen", "orthogonal")]
NEW_SEEDS = range(SEEDS, SEEDS + 10)
SIZES = [*[64] * 31, 10]
BATCH_SIZE = 32
ITERATIONS = 500
VALIDATION = 300

digits = functools.cache(datasets.load_digits)


def run(optimizer, mode, activation, initializer, learning_rate, seed):
    """한 번의 학습. mode가 "softmax"이면 은닉층이 없어 activation과 initializer를 쓰지 않습니다."""
    rng, data = np.random.default_rng([seed, 0]), digits()
    if mode == "softmax":
        net = wi_lib.MLP([SIZES[0], SIZES[-1]], "identity", "lecun_normal", rng=rng)
    else:
        net = wi_lib.MLP(SIZES, activation, INITIALIZERS[initializer](ACTIVATIONS[activation]), rng=rng)
    if mode == "frozen":
        net, data = freeze(net, data)
    settings = {"learning_rate": learning_rate, "batch_size": BATCH_SIZE, "iterations": ITERATIONS}
    found = fit(net, data, seed, validation=VALIDATION, block=ITERATIONS, optimizer=optimizer, **settings)
    return {name: found[name] for name in ("validation", "accuracy")}


def freeze(net, data):
    """net의 출력층만 가진 망과, 얼린 은닉층을 지난 자료."""
    features = []
    for x in (data.x_train, data.x_test):
        for W in net.weights[:-1]:
            x = net.activation(x @ W)
        features.append(x)
    head = wi_lib.MLP(net.sizes[-2:], "identity", lambda shape, rng: net.weights[-1], rng=np.random.default_rng(0))
    return head, dataclasses.replace(data, x_train=features[0], x_test=features[1])


def run_again(rates, validation):
    """AGAIN의 칸을, 앞의 시드 다섯으로 고른 학습률에서 새 시드로 학습시킨 시험 정확도. 모양은 (칸, 시드)입니다."""
    best, _ = wi_lib.at_best_rate(validation, validation)
    chosen = [rates[best[MODES.index(mode), 0, list(INITIALIZERS).index(name)]] for mode, name in AGAIN]
    fixed = {"optimizer": "sgd", "activation": "tanh"}
    cells = [{**fixed, "mode": mode, "initializer": name} for mode, name in AGAIN]
    return again("orthogonal_depth", cells, chosen, NEW_SEEDS, run)["accuracy"]


def main():
    seeds, shape, arrays, rates = range(SEEDS), (len(MODES), len(ACTIVATIONS), len(INITIALIZERS)), {}, {}
    deep = [
        dict(zip(("mode", "activation", "initializer"), c)) for c in itertools.product(MODES, ACTIVATIONS, INITIALIZERS)
    ]
    softmax = {"mode": "softmax", "activation": None, "initializer": None}
    for optimizer, start in OPTIMIZERS.items():
        cells = [{"optimizer": optimizer, **cell} for cell in [*deep, softmax]]
        rates[optimizer], found = search("orthogonal_depth", cells, start, seeds, run)
        for name, array in found.items():
            arrays[f"{optimizer}_deep_{name}"] = array[:-1].reshape(*shape, *array.shape[1:])
            arrays[f"{optimizer}_softmax_{name}"] = array[-1]
    arrays["sgd_tanh_again_accuracy"] = run_again(rates["sgd"], arrays["sgd_deep_validation"])
    axes = {"mode": MODES, "activation": list(ACTIVATIONS), "initializer": list(INITIALIZERS), "learning_rate": rates}
    settings = {
        "axes": axes,
        "seeds": list(seeds),
        "again": AGAIN,
        "new_seeds": list(NEW_SEEDS),
        "sizes": SIZES,
        "batch_size": BATCH_SIZE,
        "iterations": ITERATIONS,
        "validation": f"학습 자료의 마지막 {VALIDATION}장",
        "rng": "초깃값은 default_rng([seed, 0]), 배치는 default_rng([seed, 1])",
    }
    save("orthogonal_depth", arrays, settings)


if __name__ == "__main__":
    main()
