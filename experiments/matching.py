"""7장의 짝 표: 최적화기 × 활성화 함수 × 초기화 × 학습률 × 시드를 실제 MNIST에서 학습시킵니다.

    python -m experiments.matching

결과는 chapters/data/matching.npz와 .json(설정과 판 번호)입니다. 두 코어에서 30분쯤 걸립니다.
시드 하나에서는 모든 망이 같은 배치를 봅니다. 정규분포를 쓰는 초기화끼리는 뽑은 난수도 같고 크기만 다릅니다. 학습률은
칸마다 가장 좋은 것이 격자의 끝에 걸리지 않을 때까지 넓히며, 재지 않은 자리는 NaN입니다. 대조가 둘 있습니다. "cooled"로
시작하는 것은 표준편차 1의 망에서 로짓만 줄인 것이고(run_cooled), "longer"로 시작하는 것은 sigmoid의 칸
셋에서 걸음만 늘린 것입니다(LONGER_CELLS). "again"은 시드 다섯으로 갈린 짝을 새 시드로 다시 잰 것입니다(AGAIN).
"""

import os

# 작은 행렬이라 BLAS 스레드를 나누는 것보다 망을 나누는 것이 빠릅니다. NumPy보다 먼저 정해야 합니다.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import functools
import itertools
from dataclasses import dataclass

import numpy as np

import wi_lib
from experiments.results import again, fit, save, search, stack
from wi_lib import datasets, initializers, optimizers, signals

ACTIVATIONS = ["sigmoid", "tanh", "relu", "leaky_relu", "selu"]
INITIALIZERS = {
    "normal(0.01)": initializers.normal(0.01),
    "normal(1)": initializers.normal(1.0),
    "lecun_normal": initializers.lecun_normal(),
    "xavier_normal": initializers.xavier_normal(),
    "he_normal": initializers.he_normal(),
    "4 * xavier_uniform": initializers.variance_scaling(16, "fan_avg", "uniform"),
    "orthogonal": initializers.orthogonal(),
}
# 이름: 처음에 재는 학습률. 어느 칸에서나 재므로 칸끼리 견줄 수 있습니다.
OPTIMIZERS = {"sgd": [0.003, 0.01, 0.03, 0.1, 0.3, 1.0], "adam": [3e-4, 0.001, 0.003, 0.01]}
SEEDS = 5
SIZES = [784, 100, 100, 100, 100, 10]
BATCH_SIZE = 64
ITERATIONS = 800
LONGER = 2400
# 걸음을 늘려 볼 sigmoid의 초기화와 처음에 재는 학습률.
LONGER_CELLS = {
    "sgd": (["xavier_normal", "4 * xavier_uniform"], [0.3, 1.0, 3.0]),
    "adam": (["normal(0.01)"], OPTIMIZERS["adam"]),
}
# LeCun, Xavier, He, 직교 가운데 1등과, 시드 다섯의 차이의 95 % 구간이 0보다 위에 있어 1등과 갈린 것.
AGAIN = [
    ("sgd", "selu", "xavier_normal", "lecun_normal"),
    ("adam", "sigmoid", "4 * xavier_uniform", "orthogonal"),
    ("adam", "selu", "he_normal", "orthogonal"),
]
NEW_SEEDS = range(SEEDS, SEEDS + 10)
VALIDATION = 10_000
IMAGES = 1000


# 프로세스마다 한 번만 읽습니다.
mnist = functools.cache(datasets.load_mnist)


def run(optimizer, activation, initializer, learning_rate, seed, iterations=ITERATIONS):
    net = wi_lib.MLP(SIZES, activation, INITIALIZERS[initializer], rng=np.random.default_rng([seed, 0]))
    settings = {"learning_rate": learning_rate, "batch_size": BATCH_SIZE, "iterations": iterations}
    found = fit(net, mnist(), seed, validation=VALIDATION, block=iterations, optimizer=optimizer, **settings)
    return {name: found[name] for name in ("validation", "accuracy")}


@dataclass(frozen=True)
class SlowOutput:
    """출력층의 걸음만 1/scale로 줄인 Adam.

    출력층의 가중치도 1/scale로 줄이고 시작하면, 로짓을 scale로 나누어 손실을 재는 망을 Adam으로 학습시키는 것과
    같습니다. Adam의 걸음은 기울기의 크기와 무관하므로 나머지 층은 그대로입니다.
    """

    scale: float

    def start(self, parameters, learning_rate):
        output = len(parameters) // 2 - 1, len(parameters) - 1  # 가중치 다음에 편향이 옵니다.
        rates = [learning_rate / self.scale if i in output else learning_rate for i in range(len(parameters))]
        moves = [optimizers.Adam().start([p], rate) for p, rate in zip(parameters, rates)]

        def step(gradients):
            for move, g in zip(moves, gradients):
                move([g])

        return step


def run_cooled(activation, learning_rate, seed):
    """표준편차 1의 망을, 학습 전 로짓의 RMS가 1이 되도록 로짓을 나누어 Adam으로 학습시킵니다."""
    net = wi_lib.MLP(SIZES, activation, INITIALIZERS["normal(1)"], rng=np.random.default_rng([seed, 0]))
    scale = signals.rms(net.forward(mnist().x_train[:IMAGES]))
    net.weights[-1] /= scale
    settings = {"learning_rate": learning_rate, "batch_size": BATCH_SIZE, "iterations": ITERATIONS}
    found = fit(net, mnist(), seed, validation=VALIDATION, block=ITERATIONS, optimizer=SlowOutput(scale), **settings)
    return {name: found[name] for name in ("validation", "accuracy")}


def before_training(activation, initializer, seed):
    """학습 전의 망에 MNIST를 흘려 잰 값의 사전.

    - `backward`: 무작위 신호를 되돌린 1층 δ ÷ 4층 δ의 RMS.
    - `saturated`, `dead`: 은닉층마다 포화한 활성화값의 비율, 죽은 유닛의 비율.
    - `loss`: 손실. `gradients`: 그 손실의 층마다의 가중치 기울기의 RMS.
    """
    x, y, depth, width = mnist().x_train[:IMAGES], mnist().y_train[:IMAGES], len(SIZES) - 2, SIZES[1]
    init, double = INITIALIZERS[initializer], {"dtype": np.float64}
    s = wi_lib.propagate(x, depth, width, activation, init, rng=np.random.default_rng([seed, 0]), **double)
    flat = [s.activation.derivative(a) < 0.05 * s.activation.steepest for a in s.activations]
    start = wi_lib.MLP(SIZES, activation, init, rng=np.random.default_rng([seed, 0]), **double).gradients(x, y)
    return {
        "backward": signals.rms(s.deltas[0]) / signals.rms(s.deltas[-1]),
        "saturated": [f.mean() for f in flat],
        "dead": [f.all(axis=0).mean() for f in flat],
        "loss": start.loss,
        "gradients": [signals.rms(w) for w in start.weights],
    }


def run_again(rates, arrays):
    """AGAIN의 짝을, 앞의 시드 다섯으로 고른 학습률에서 새 시드로 학습시킨 시험 정확도. 모양은 (짝, 둘, 시드)입니다."""
    cells, chosen = [], []
    for optimizer, activation, *pair in AGAIN:
        best, _ = wi_lib.at_best_rate(arrays[f"{optimizer}_validation"], arrays[f"{optimizer}_accuracy"])
        for name in pair:
            cells.append({"optimizer": optimizer, "activation": activation, "initializer": name})
            chosen.append(rates[optimizer][best[ACTIVATIONS.index(activation), list(INITIALIZERS).index(name)]])
    return again("matching", cells, chosen, NEW_SEEDS, run)["accuracy"].reshape(len(AGAIN), 2, -1)


def main():
    mnist()  # 자료가 없으면 프로세스를 만들기 전에 알립니다.
    pairs, seeds = list(itertools.product(ACTIVATIONS, INITIALIZERS)), range(SEEDS)
    shape, arrays, rates = (len(ACTIVATIONS), len(INITIALIZERS)), {}, {}
    for optimizer, start in OPTIMIZERS.items():
        cells = [{"optimizer": optimizer, "activation": f, "initializer": init} for f, init in pairs]
        rates[optimizer], found = search("matching", cells, start, seeds, run)
        arrays |= {f"{optimizer}_{name}": array.reshape(*shape, *array.shape[1:]) for name, array in found.items()}
    cells = [{"activation": f} for f in ACTIVATIONS]
    rates["cooled"], found = search("matching", cells, OPTIMIZERS["adam"], seeds, run_cooled)
    arrays |= {f"cooled_{name}": array for name, array in found.items()}
    for optimizer, (names, start) in LONGER_CELLS.items():
        fixed = {"optimizer": optimizer, "activation": "sigmoid", "iterations": LONGER}
        cells = [{**fixed, "initializer": name} for name in names]
        rates[f"longer_{optimizer}"], found = search("matching", cells, start, seeds, run)
        arrays |= {f"longer_{optimizer}_{name}": array for name, array in found.items()}
    arrays["again_accuracy"] = run_again(rates, arrays)
    axes = {"activation": ACTIVATIONS, "initializer": list(INITIALIZERS)}
    arrays |= stack([before_training(f, init, seed) for f, init in pairs for seed in seeds], axes, seeds)
    save(
        "matching",
        arrays,
        {
            "axes": {**axes, "learning_rate": rates},
            "common_rates": OPTIMIZERS,
            "seeds": list(seeds),
            "sizes": SIZES,
            "batch_size": BATCH_SIZE,
            "iterations": ITERATIONS,
            "longer": LONGER,
            "again": AGAIN,
            "new_seeds": list(NEW_SEEDS),
            "validation": f"학습 자료의 마지막 {VALIDATION:,}장",
            "images": IMAGES,
            "rng": "초깃값은 default_rng([seed, 0]), 배치는 default_rng([seed, 1])",
        },
    )


if __name__ == "__main__":
    main()
