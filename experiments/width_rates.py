"""17장의 학습: 너비가 64부터 4,096까지인 망을, 너비마다 학습률을 바꾸며 손글씨 숫자에서 학습시킵니다.

    python -m experiments.width_rates

결과는 chapters/data/width_rates.npz와 .json(설정과 판 번호)입니다. 망은 64-n-n-10입니다. "standard"는 모든 파라미터에
같은 학습률을 쓰고, "mup"는 너비 64를 기준으로 wi_lib.width가 정한 크기와 학습률을 씁니다. 정확도는 금세 고르게 높아져
학습률을 가르지 못하므로, 학습률은 검증 자료의 정답에 준 확률(기하평균, 곧 e의 −검증 손실 제곱)로 고릅니다. 칸마다
가장 좋은 것이 격자의 끝에 걸리지 않을 때까지 넓히며, 재지 않은 자리는 NaN입니다. 한 코어에서 20분쯤 걸리고, 거의
모두가 너비 4,096입니다. 큰 배열을 걸음마다 새로 얻으므로, 리눅스에서는 환경 변수 MALLOC_MMAP_MAX_=0,
MALLOC_TRIM_THRESHOLD_=100000000000을 주면 두 배 빨라집니다.
"""

import os

# 행렬 곱을 여러 스레드로 나누는 것보다 망을 나누는 것이 빠릅니다. NumPy보다 먼저 정해야 합니다.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import functools

import numpy as np

import wi_lib
from experiments.results import fit, save, search
from wi_lib import datasets, optimizers, width

RULES = ["standard", "mup"]
INITIALIZERS = {"tanh": "lecun_normal", "relu": "he_normal"}
# 두 배씩 넓힌 망의 학습률이 얼마나 줄어드는지 보려면 격자도 두 배씩이어야 합니다.
RATES = [2.0**power for power in range(-16, 5)]
# 이름: (활성화 함수, 너비, {최적화기: {정하는 법: 처음에 재는 학습률의 양 끝}}). 좁은 망은 싸므로 넓게 잽니다.
WIDE = {"sgd": dict.fromkeys(RULES, (-7, 1)), "adam": dict.fromkeys(RULES, (-12, -4))}
NARROW = {"sgd": {"standard": (-5, -1), "mup": (-2, 0)}, "adam": {"standard": (-11, -6), "mup": (-8, -6)}}
ROWS = {
    "tanh": ("tanh", [64, 128, 256, 512, 1024], WIDE),
    "relu": ("relu", [64, 256, 1024], WIDE),
    "tanh_2048": ("tanh", [2048], NARROW),
    "tanh_4096": ("tanh", [4096], NARROW),
}
SEEDS = 5
BASE, BATCH_SIZE, ITERATIONS, BLOCK = 64, 64, 50, 2
VALIDATION = 300


# 프로세스마다 한 번만 읽습니다.
digits = functools.cache(datasets.load_digits)


def build(activation, n, rng):
    return wi_lib.MLP([64, n, n, 10], activation, INITIALIZERS[activation], rng=rng)


def prepare(rule, activation, n, optimizer, seed):
    """(처음의 망, 그 망에 쓸 최적화기)."""
    net = build(activation, n, np.random.default_rng([seed, 0]))
    if rule == "standard":
        return net, optimizer
    initial, rates = width.factors(net, build(activation, BASE, np.random.default_rng(0)), optimizer)
    for parameter, factor in zip(net.parameters, initial):
        parameter *= factor
    return net, optimizers.PerParameter(optimizer, rates)


def run(rule, activation, n, optimizer, learning_rate, seed):
    net, moved_by = prepare(rule, activation, n, optimizer, seed)
    settings = {"learning_rate": learning_rate, "batch_size": BATCH_SIZE, "iterations": ITERATIONS}
    result = fit(net, digits(), seed, validation=VALIDATION, block=BLOCK, optimizer=moved_by, **settings)
    held = digits().hold_out(VALIDATION)
    # 발산한 망의 손실은 재지 않습니다.
    lost = np.isnan(result["validation"]) or np.isnan(result["accuracy"])
    return {**result, "validation": np.nan if lost else np.exp(-net.loss(held.x_test, held.y_test))}


def main():
    arrays, tried, seeds = {}, {}, range(SEEDS)
    for row, (activation, widths, starts) in ROWS.items():
        for optimizer, by_rule in starts.items():
            for rule, (low, high) in by_rule.items():
                fixed = {"rule": rule, "activation": activation, "optimizer": optimizer}
                cells, key = [{**fixed, "n": n} for n in widths], f"{row}_{rule}_{optimizer}"
                start = [2.0**low, 2.0**high]
                tried[key], found = search("width_rates", cells, start, seeds, run, RATES)
                arrays |= {f"{key}_{name}": array for name, array in found.items()}
    save(
        "width_rates",
        arrays,
        {
            "rows": {row: {"activation": activation, "width": widths} for row, (activation, widths, _) in ROWS.items()},
            "learning_rate": tried,
            "seeds": list(seeds),
            "base": BASE,
            "batch_size": BATCH_SIZE,
            "iterations": ITERATIONS,
            "validation": f"학습 자료의 마지막 {VALIDATION:,}장",
            "block": BLOCK,
            "rng": "초깃값은 default_rng([seed, 0]), 배치는 default_rng([seed, 1])",
        },
    )


if __name__ == "__main__":
    main()
