"""12장의 학습: 최적화기를 바꾸면 초깃값의 무엇이 지워지고 무엇이 남는지 잽니다.

    python -m experiments.optimizers

결과는 chapters/data/optimizers.npz와 .json(설정과 판 번호)입니다. 코어 하나에서 60분쯤 걸립니다. 네 부분입니다.

- "momentum": 7장의 서른다섯 칸을 모멘텀으로. SGD와 Adam의 것은 matching.npz에 있고, 설정은 모두 같습니다.
- "steps": 7장의 칸을 저마다 고른 학습률로 다시 학습시키며, 층마다의 ‖Δw‖/‖w‖를 적습니다.
- "fine": ε이 보통인 Adam과 없는 것이나 다름없는 Adam으로 깊은 망을 학습시킵니다. 뒤의 것은 기울기의 크기를 모두
  지웁니다. "longer"는 그 가운데 하나를 더 오래, "still"은 은닉층의 편향을 0에 둔 채 학습시킨 것입니다.
- "decay": 학습 자료 1,000장에서 초깃값의 크기와 가중치 감쇠를 바꾸며, 끝난 뒤의 가중치와 정확도를 잽니다.

학습률은 칸마다 가장 좋은 것이 격자의 끝에 걸리지 않을 때까지 넓히며, 재지 않은 자리는 NaN입니다.
"""

import os

# 작은 행렬이라 BLAS 스레드를 나누는 것보다 망을 나누는 것이 빠릅니다. NumPy보다 먼저 정해야 합니다.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import dataclasses
import functools
import itertools
import json
from dataclasses import dataclass, field

import numpy as np

import wi_lib
from experiments import matching
from experiments.results import FOLDER, fit, grid, save, search, stack, sweep
from wi_lib import datasets, initializers, optimizers

SEEDS = range(5)
MOMENTUM_RATES = [3e-4, 0.001, 0.003, 0.01, 0.03, 0.1]
# 표준편차 1은 1e-5부터 잽니다. ReLU는 거기에서만 배우고, 그 위에서는 발산하지 않아도 배우지 못하기 때문입니다.
LARGE, LARGE_RATES = "normal(1)", [1e-5, 3e-5, 1e-4, *MOMENTUM_RATES]

NAMES, BLOCK = list(matching.INITIALIZERS), 40
STEPS = {"optimizer": ["sgd", "momentum", "adam"], "activation": ["sigmoid", "tanh", "relu"], "initializer": NAMES}

# 깊은 망: 이름 → (활성화 함수, 은닉층의 수, 초기화).
DEEP = {
    "relu, 8, 0.01": ("relu", 8, initializers.normal(0.01)),
    "relu, 30, 0.01": ("relu", 30, initializers.normal(0.01)),
    "relu, 30, LeCun": ("relu", 30, initializers.lecun_normal()),
    "relu, 30, He": ("relu", 30, initializers.he_normal()),
    "sigmoid, 20, 4 * Xavier": ("sigmoid", 20, initializers.variance_scaling(16, "fan_avg")),
}
DEEP_RATES = [3e-5, 1e-4, 3e-4, 0.001, 0.003, 0.01]
FINE = {"net": list(DEEP), "epsilon": [1e-8, 1e-150], "learning_rate": DEEP_RATES}
# 걸음만 늘린 대조와, 은닉층의 편향을 옮기지 않는 대조. ε은 모두 뒤의 것입니다.
LONGER = {"net": ["relu, 30, 0.01"], "epsilon": [1e-150], "learning_rate": DEEP_RATES[:4]}
STILL = LONGER | {"learning_rate": DEEP_RATES}
DEEP_WIDTH, DEEP_BATCH, DEEP_ITERATIONS, DEEP_LONGER, DEEP_VALIDATION = 100, 32, 600, 3000, 300
DEEP_PARTS = {
    "fine": (FINE, {}),
    "longer": (LONGER, {"iterations": DEEP_LONGER}),
    "still": (STILL, {"biases": False}),
}

# 초깃값은 He의 몇 배인지, λ는 최적화기마다 약한 것과 센 것.
SCALES = [0.1, 0.3, 1.0, 3.0]
DECAYS = {"sgd": [0.0, 0.001, 0.01], "adam": [0.0, 0.1, 1.0]}
DECAY_RATES = {"sgd": [0.03, 0.1, 0.3], "adam": [3e-4, 0.001, 0.003]}
FEW = {"sizes": [784, 100, 100, 10], "images": 1000, "batch_size": 50, "iterations": 2000}


@dataclass(frozen=True)
class Watched:
    """걸음마다 가중치 행렬의 ‖Δw‖/‖w‖를 `seen`에 적으면서, 최적화기 inner와 똑같이 옮깁니다."""

    inner: object
    seen: list = field(default_factory=list)

    def start(self, parameters, learning_rate):
        move, weights = self.inner.start(parameters, learning_rate), [p for p in parameters if p.ndim == 2]

        def step(gradients):
            before = [w.copy() for w in weights]
            move(gradients)
            self.seen.append([np.linalg.norm(w - b) / np.linalg.norm(b) for w, b in zip(weights, before)])

        return step


def run_steps(optimizer, activation, initializer, learning_rate, seed):
    """고른 학습률의 학습 하나: 층마다 BLOCK걸음씩 평균한 ‖Δw‖/‖w‖와, 끝까지 간 거리 ‖w − w₀‖/‖w₀‖."""
    watched = Watched(optimizers.get(optimizer))
    rng, iterations = np.random.default_rng([seed, 0]), matching.ITERATIONS
    net = wi_lib.MLP(matching.SIZES, activation, matching.INITIALIZERS[initializer], rng=rng)
    start = [w.copy() for w in net.weights]
    settings = {"learning_rate": learning_rate, "batch_size": matching.BATCH_SIZE, "iterations": iterations}
    found = fit(net, matching.mnist(), seed, validation=matching.VALIDATION, block=BLOCK, optimizer=watched, **settings)
    ratios = np.full((iterations, len(start)), np.nan)
    ratios[: len(watched.seen)] = watched.seen
    moved = [np.linalg.norm(w - b) / np.linalg.norm(b) for w, b in zip(net.weights, start)]
    return {
        "ratio": ratios.reshape(-1, BLOCK, len(start)).mean(axis=1).T,
        "first": ratios[0],
        "moved": moved,
        "loss": found["loss"],
        "accuracy": found["accuracy"],
    }


@dataclass(frozen=True)
class WithoutBiases:
    """출력층의 것을 뺀 편향은 옮기지 않는 최적화기."""

    inner: object

    def start(self, parameters, learning_rate):
        moved = [i for i, p in enumerate(parameters) if p.ndim == 2 or i == len(parameters) - 1]
        move = self.inner.start([parameters[i] for i in moved], learning_rate)
        return lambda gradients: move([gradients[i] for i in moved])


def run_deep(net, epsilon, learning_rate, seed, iterations=DEEP_ITERATIONS, biases=True):
    """깊은 망을 Adam으로 학습시킨 결과. biases가 거짓이면 은닉층의 편향은 0에 둡니다."""
    activation, depth, initializer = DEEP[net]
    rng, sizes = np.random.default_rng([seed, 0]), [64, *[DEEP_WIDTH] * depth, 10]
    # float32에서는 g²이 먼저 0이 되어, ε을 없애도 작은 기울기의 크기가 지워지지 않습니다.
    mlp = wi_lib.MLP(sizes, activation, initializer, rng=rng, dtype=np.float64)
    settings = {"learning_rate": learning_rate, "batch_size": DEEP_BATCH, "iterations": iterations}
    move, digits = optimizers.Adam(epsilon=epsilon), datasets.load_digits()
    move = move if biases else WithoutBiases(move)
    return fit(mlp, digits, seed, validation=DEEP_VALIDATION, block=iterations, optimizer=move, **settings)


@functools.cache
def few_images():
    """학습 자료를 앞의 1,000장만 남긴 MNIST. 맨 뒤의 검증 자료는 그대로입니다."""
    data = matching.mnist()
    keep = np.r_[: FEW["images"], len(data.x_train) - matching.VALIDATION : len(data.x_train)]
    return dataclasses.replace(data, x_train=data.x_train[keep], y_train=data.y_train[keep])


def run_decay(optimizer, scale, decay, learning_rate, seed):
    """He의 scale배에서 시작해 감쇠 decay로 학습한 뒤의 정확도와, 가중치 전체의 크기 ‖w‖의 처음과 끝."""
    data, rng = few_images(), np.random.default_rng([seed, 0])
    net = wi_lib.MLP(FEW["sizes"], "relu", initializers.variance_scaling(2 * scale**2), rng=rng)
    maker = {"sgd": optimizers.SGD, "adam": optimizers.Adam}[optimizer]
    settings = {name: FEW[name] for name in ("batch_size", "iterations")} | {"learning_rate": learning_rate}
    before, move = size(net), maker(weight_decay=DECAYS[optimizer][decay])
    found = fit(net, data, seed, validation=matching.VALIDATION, block=FEW["iterations"], optimizer=move, **settings)
    if np.isnan(found["accuracy"]):
        return found | {"norms": [before, np.nan], "fitted": np.nan}
    fitted = net.accuracy(data.x_train[: FEW["images"]], data.y_train[: FEW["images"]])
    return found | {"norms": [before, size(net)], "fitted": fitted}


def size(net):
    """가중치 전체를 한 벡터로 본 길이."""
    return np.sqrt(sum(np.square(w, dtype=float).sum() for w in net.weights))


def chosen_rates(rates, validation):
    """최적화기마다 (활성화 함수, 초기화)에서 검증 자료로 고른 학습률. SGD와 Adam은 matching.npz의 것입니다."""
    known = json.loads((FOLDER / "matching.json").read_text(encoding="utf-8"))["axes"]["learning_rate"]
    with np.load(FOLDER / "matching.npz") as stored:
        tried = {o: (known[o], stored[f"{o}_validation"]) for o in ("sgd", "adam")}
    tried["momentum"] = rates, validation
    return {o: np.array(given)[wi_lib.at_best_rate(v, v)[0]] for o, (given, v) in tried.items()}


def momentum():
    """7장의 설정 그대로 모멘텀만 바꾼 서른다섯 칸: (학습률의 목록, 배열)."""
    pairs = list(itertools.product(matching.ACTIVATIONS, matching.INITIALIZERS))
    parts = {}
    for large, start in ((False, MOMENTUM_RATES), (True, LARGE_RATES)):
        cells = [c for c, (_, init) in enumerate(pairs) if (init == LARGE) == large]
        named = [{"optimizer": "momentum", "activation": pairs[c][0], "initializer": pairs[c][1]} for c in cells]
        parts[large] = cells, *search("optimizers", named, start, SEEDS, matching.run)
    rates = sorted({rate for _, tried, _ in parts.values() for rate in tried})
    arrays = {}
    for cells, tried, found in parts.values():
        columns = [rates.index(rate) for rate in tried]
        for name, array in found.items():
            empty = np.zeros if array.dtype == bool else functools.partial(np.full, fill_value=np.nan)
            whole = arrays.setdefault(name, empty((len(pairs), len(rates), *array.shape[2:]), dtype=array.dtype))
            whole[np.ix_(cells, columns)] = array
    shape = len(matching.ACTIVATIONS), len(matching.INITIALIZERS)
    return rates, {name: array.reshape(*shape, *array.shape[1:]) for name, array in arrays.items()}


def steps(rates, validation):
    """rates와 validation(모멘텀의 것)에서 고른 학습률로 다시 학습시킨 칸들."""
    settings = grid(STEPS, SEEDS)
    chosen = chosen_rates(rates, validation)
    for setting in settings:
        at = matching.ACTIVATIONS.index(setting["activation"]), NAMES.index(setting["initializer"])
        setting["learning_rate"] = float(chosen[setting["optimizer"]][at])
    return stack(sweep("optimizers", settings, run_steps), STEPS, SEEDS)


def decay(optimizer):
    axes = {"scale": SCALES, "decay": range(len(DECAYS[optimizer]))}
    cells = [dict(zip(axes, values), optimizer=optimizer) for values in itertools.product(*axes.values())]
    rates, found = search("optimizers", cells, DECAY_RATES[optimizer], SEEDS, run_decay)
    shape = tuple(map(len, axes.values()))
    return rates, {name: array.reshape(*shape, *array.shape[1:]) for name, array in found.items()}


def main():
    matching.mnist()  # 자료가 없으면 프로세스를 만들기 전에 알립니다.
    rates, arrays = {}, {}
    rates["momentum"], found = momentum()
    arrays |= prefixed("momentum", found)
    arrays |= prefixed("steps", steps(rates["momentum"], found["validation"]))
    for part, (axes, fixed) in DEEP_PARTS.items():
        arrays |= prefixed(part, stack(sweep("optimizers", grid(axes, SEEDS, **fixed), run_deep), axes, SEEDS))
    for optimizer in DECAYS:
        rates[f"decay_{optimizer}"], found = decay(optimizer)
        arrays |= prefixed(f"decay_{optimizer}", found)
    save("optimizers", arrays, about(rates))


def prefixed(part, arrays):
    return {f"{part}_{name}": array for name, array in arrays.items()}


def about(rates):
    return {
        "axes": {
            "momentum": {"activation": matching.ACTIVATIONS, "initializer": NAMES},
            "steps": STEPS,
            **{part: axes for part, (axes, _) in DEEP_PARTS.items()},
            "decay": {"scale": SCALES, "decay": DECAYS},
            "learning_rate": rates,
        },
        "common_rates": {"momentum": MOMENTUM_RATES} | {f"decay_{o}": start for o, start in DECAY_RATES.items()},
        "seeds": list(SEEDS),
        "block": BLOCK,
        "momentum": {"sizes": matching.SIZES, "batch_size": matching.BATCH_SIZE, "iterations": matching.ITERATIONS},
        "fine": {"width": DEEP_WIDTH, "batch_size": DEEP_BATCH, "iterations": DEEP_ITERATIONS, "dtype": "float64"},
        "longer": DEEP_LONGER,
        "decay": FEW,
        "validation": f"MNIST는 학습 자료의 마지막 {matching.VALIDATION:,}장, 손글씨 숫자는 마지막 {DEEP_VALIDATION}장",
        "rng": "초깃값은 default_rng([seed, 0]), 배치는 default_rng([seed, 1])",
    }


if __name__ == "__main__":
    main()
