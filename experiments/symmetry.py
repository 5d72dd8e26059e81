"""1장의 대칭성: 같은 값에서 시작한 망을 SGD와 Adam으로, 학습률을 고르고 시드를 바꾸며, 끝까지 학습시킵니다.

    python -m experiments.symmetry

결과는 chapters/data/symmetry.npz와 .json(설정과 판 번호)입니다. 두 코어에서 20분쯤 걸립니다. 자료는 scikit-learn의
손글씨 숫자입니다. 학습률은 학습 자료에서 떼어 둔 300장의 정확도로 고르고, `rounding_…`만 정해 둔 학습률을 씁니다.
"""

import os

# 작은 행렬이라 BLAS 스레드를 나누는 것보다 망을 나누는 것이 빠릅니다. NumPy보다 먼저 정해야 합니다.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import itertools

import numpy as np

import wi_lib
from experiments.results import fit, grid, save, search, stack, sweep
from wi_lib import at_best_rate, datasets, initializers, signals

BATCH_SIZE, VALIDATION, SEEDS = 50, 300, 5
OPTIMIZERS = ["sgd", "adam"]
START = {"sgd": [0.03, 0.1, 0.3], "adam": [0.001, 0.003, 0.01]}
# 층마다 유닛이 하나인 망. 초깃값은 상수 0.05인 망을 접은 것과 같습니다.
# 학습률은 15,000걸음으로 고르고, 고른 것으로 60,000걸음을 학습시킵니다.
ONE_SIZES, ONE_ITERATIONS, LONG_ITERATIONS, ONE_BLOCK = [64, 1, 1, 10], 15_000, 60_000, 1000
ONE_START = {"sgd": [0.03, 0.1, 0.3], "adam": [0.003, 0.01, 0.03]}
# 층마다 유닛이 20개인 망. (c, ε)는 상수 c에 표준편차 ε인 난수를 얹은 것입니다.
SIZES, ITERATIONS, BLOCK = [64, 20, 20, 10], 3000, 50
STARTS = {
    "상수": (0.05, 0),
    "ε = 0.0001": (0.05, 1e-4),
    "ε = 0.001": (0.05, 1e-3),
    "ε = 0.01": (0.05, 1e-2),
    "상수 0, ε = 0.001": (0, 1e-3),
    "He": "he_normal",
}
# 상수 0.05에서 반올림만으로 유닛이 갈라지는지. 행렬 곱은 열을 16개씩 묶어 셈할 때가 많습니다.
ROUNDING = {"optimizer": OPTIMIZERS, "case": [[20, "float32"], [16, "float32"], [20, "float64"]]}
ROUNDING_RATES, ROUNDING_ITERATIONS, ROUNDING_BLOCK = {"sgd": 0.1, "adam": 0.003}, 8000, 200


def noisy(c, eps):
    """상수 c에 표준편차 eps인 난수를 얹는 초기화 함수."""
    noise = initializers.normal(eps)
    return lambda shape, rng: c + noise(shape, rng=rng)


def folded(shape, rng):
    """상수 0.05인 유닛 20개를 하나로 접은 초깃값: 은닉층에서 나가는 가중치는 20배입니다."""
    return np.full(shape, 0.05 if shape[0] == ONE_SIZES[0] else 20 * 0.05)


def build(sizes, activation, init, seed, dtype="float64"):
    return wi_lib.MLP(sizes, activation, init, rng=np.random.default_rng([seed, 0]), dtype=getattr(np, dtype))


def learn(net, seed, iterations, block, **settings):
    """fit에 학습 자료의 손실과 정확도, 1층의 서로 다른 유닛의 수를 더한 것. 발산했으면 NaN입니다."""
    data = datasets.load_digits()
    settings |= {"validation": VALIDATION, "batch_size": BATCH_SIZE, "iterations": iterations, "block": block}
    found, held = fit(net, data, seed, **settings), data.hold_out(VALIDATION)
    ends = [np.nan] * 3
    if np.isfinite(found["accuracy"]):
        x, y = held.x_train, held.y_train
        ends = [net.loss(x, y), net.accuracy(x, y), signals.distinct_columns(net.weights[0])]
    return found | dict(zip(("end_loss", "train_accuracy", "units"), ends))


def run(kind, optimizer, learning_rate, seed, **settings):
    return KINDS[kind](optimizer, learning_rate, seed, **settings)


def one_unit(optimizer, learning_rate, seed, iterations=ONE_ITERATIONS):
    net = build(ONE_SIZES, "relu", folded, seed)
    return learn(net, seed, iterations, ONE_BLOCK, optimizer=optimizer, learning_rate=learning_rate)


def long_unit(optimizer, learning_rate, seed):
    return one_unit(optimizer, learning_rate, seed, LONG_ITERATIONS)


def many_units(optimizer, learning_rate, seed, start):
    init = STARTS[start]
    net = build(SIZES, "relu", init if isinstance(init, str) else noisy(*init), seed)
    return learn(net, seed, ITERATIONS, BLOCK, optimizer=optimizer, learning_rate=learning_rate)


def rounding(optimizer, learning_rate, seed, case):
    width, dtype = case
    net = build([64, width, width, 10], "relu", initializers.constant(0.05), seed, dtype)
    return learn(net, seed, ROUNDING_ITERATIONS, ROUNDING_BLOCK, optimizer=optimizer, learning_rate=learning_rate)


KINDS = {"one": one_unit, "long": long_unit, "many": many_units, "rounding": rounding}


def main():
    seeds, arrays, rates = range(SEEDS), {}, {}
    kinds = {"many": ([{"start": start} for start in STARTS], START), "one": ([{}], ONE_START)}
    for (kind, (values, start)), optimizer in itertools.product(kinds.items(), OPTIMIZERS):
        cells = [{"kind": kind, "optimizer": optimizer} | value for value in values]
        key = f"{kind}_{optimizer}"
        rates[key], found = search("symmetry", cells, start[optimizer], seeds, run)
        arrays |= {f"{key}_{measured}": array for measured, array in found.items()}
    for optimizer in OPTIMIZERS:
        validation = arrays[f"one_{optimizer}_validation"][0]
        rate = rates[f"one_{optimizer}"][at_best_rate(validation, validation)[0]]
        found = sweep("symmetry", grid({}, seeds, kind="long", optimizer=optimizer, learning_rate=rate), run)
        arrays |= {f"long_{optimizer}_{name}": array for name, array in stack(found, {}, seeds).items()}
    cells = grid(ROUNDING, seeds, kind="rounding")
    found = sweep("symmetry", [cell | {"learning_rate": ROUNDING_RATES[cell["optimizer"]]} for cell in cells], run)
    arrays |= {f"rounding_{name}": array for name, array in stack(found, ROUNDING, seeds).items()}
    save(
        "symmetry",
        arrays,
        {
            "axes": {"optimizer": OPTIMIZERS, "start": list(STARTS)},
            "one": {"sizes": ONE_SIZES, "iterations": ONE_ITERATIONS, "block": ONE_BLOCK, "long": LONG_ITERATIONS},
            "many": {"sizes": SIZES, "start": list(STARTS), "iterations": ITERATIONS, "block": BLOCK},
            "learning_rate": rates,
            "rounding": {**ROUNDING, "learning_rate": ROUNDING_RATES, "iterations": ROUNDING_ITERATIONS},
            "rounding_block": ROUNDING_BLOCK,
            "seeds": list(seeds),
            "batch_size": BATCH_SIZE,
            "validation": f"학습 자료의 마지막 {VALIDATION}장",
            "rng": "초깃값은 default_rng([seed, 0]), 배치는 default_rng([seed, 1])",
        },
    )


if __name__ == "__main__":
    main()
