"""9장의 두 비교를 실제 MNIST에서 합니다.

    python -m experiments.pretraining

- 레이블: 레이블 없는 60,000장으로 DBN을 사전 학습하고 적은 레이블로 미세 조정한 망과, 무작위로 시작한 망.
  무작위로 시작한 망은 사전 학습에 든 곱셈만큼 더 걷습니다(EXTRA). 곱셈은 행렬 곱의 것만 셉니다. DBN에서 무엇이 듣는지
  가려내려고, 그 가중치의 원소를 섞은 망과 Xavier의 크기로 줄인 망도 같은 걸음만큼 미세 조정합니다.
- 옮기기: 숫자 0–4를 레이블로 배운 은닉층을 5–9에 옮긴 망과, 5–9만으로 새로 시작한 망. 걸음의 수는 같습니다.

결과는 chapters/data/pretraining.npz(정확도와 신호)와 .json(설정과 판 번호)입니다. 한 코어에서 7분쯤 걸립니다.
시드 하나에서는 모든 망이 같은 레이블과 같은 배치를 봅니다. 학습률은 첫 시드의 검증 정확도로 고르되, 가장 좋은 것이
격자의 끝에 걸리지 않을 때까지 격자를 넓힙니다. 나머지 시드는 고른 학습률로만 학습시킵니다.
"""

import os

# 작은 행렬이라 BLAS 스레드를 나누는 것보다 망을 나누는 것이 빠릅니다. NumPy보다 먼저 정해야 합니다.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import functools
import itertools

import numpy as np

from experiments.results import fit, save, search, sweep
from wi_lib import MLP, datasets, linear_probe, pretraining, signals, train

SIZES = [784, 128, 128, 10]
SEEDS = range(5)
STARTS = ["DBN", "섞은 DBN", "줄인 DBN", "Xavier(sigmoid)", "He(ReLU)"]
LABELS = [100, 1000, 5000]
CD = {"learning_rate": 0.1, "batch_size": 128, "iterations": 938, "steps": 1}
BATCH_SIZE = 32
STEPS = 2000
VALIDATION = 5000
# 처음에 재는 학습률. 좋은 것이 끝에 걸리면 넓힙니다.
RATES = {"sgd": {"sigmoid": [0.3, 1.0, 3.0], "relu": [0.1, 0.3, 1.0]}, "adam": [3e-4, 0.001, 0.003]}

MOVES = ["옮긴 은닉층", "새로 시작"]
MOVE_LABELS = [50, 5000, 24000]
MOVE_STEPS = [200, 2000]
MOVE_RATES = {"sgd": [0.1, 0.3, 1.0], "adam": [3e-4, 0.001, 0.003]}
SOURCE = {"learning_rate": 0.1, "batch_size": 32, "iterations": 2000}
IMAGES = 1000
SIGNALS = [
    "가중치의 표준편차",
    "포화",
    "앞 층 출력의 RMS",
    "역전파 신호의 RMS(맨 위에 무작위 신호)",
    "가중치 기울기의 RMS(맨 위에 무작위 신호)",
    "손실의 가중치 기울기의 RMS",
    "선형 탐침",
]


def products(sizes):
    """그림 한 장을 학습하는 데 드는 곱셈: 순전파, 가중치 기울기, 그리고 첫 층에는 필요 없는 역전파 신호."""
    layers = [a * b for a, b in itertools.pairwise(sizes)]
    return 2 * sum(layers) + sum(layers[1:])


def pretraining_products(sizes):
    """DBN의 사전 학습에 드는 곱셈: 걸음마다 다섯 번(CD-1), 그리고 60,000장을 한 번 다음 층에 넘깁니다."""
    layers = [a * b for a, b in itertools.pairwise(sizes[:-1])]
    return 5 * CD["batch_size"] * CD["iterations"] * sum(layers) + 60000 * sum(layers[:-1])


# 사전 학습과 값이 같은 미세 조정의 걸음 수.
EXTRA = round(pretraining_products(SIZES) / (products(SIZES) * BATCH_SIZE))

# 프로세스마다 한 번만 읽고, DBN과 원래 망은 시드마다 한 번만 학습시킵니다.
mnist = functools.cache(datasets.load_mnist)


@functools.cache
def dbn(seed):
    x = mnist().x_train
    return pretraining.pretrain(SIZES[:-1], x, rng=np.random.default_rng([seed, 0]), **CD)


@functools.cache
def source(seed):
    """숫자 0–4를 레이블로 배운 ReLU 망."""
    data = digits(range(5), mnist())
    net = MLP([*SIZES[:-1], 5], "relu", "he_normal", rng=np.random.default_rng([seed, 5]))
    train(net, data, rng=np.random.default_rng([seed, 6]), **SOURCE)
    return net


def digits(kept, data):
    """kept에 든 숫자만 남기고, 레이블을 0부터 다시 매깁니다."""
    train_kept, test_kept = np.isin(data.y_train, kept), np.isin(data.y_test, kept)
    return datasets.Dataset(
        *(data.x_train[train_kept], data.y_train[train_kept] - min(kept)),
        *(data.x_test[test_kept], data.y_test[test_kept] - min(kept)),
        data.name,
    )


def few_labels(data, labels, seed):
    """학습 자료에 레이블이 있는 labels장과, 늘 같은 마지막 5,000장(검증)만 남긴 자료."""
    total = len(data.x_train)
    chosen = np.random.default_rng([seed, 2]).permutation(total - VALIDATION)[:labels]
    rows = np.concatenate([chosen, np.arange(total - VALIDATION, total)])
    return datasets.Dataset(data.x_train[rows], data.y_train[rows], data.x_test, data.y_test, data.name)


def start_net(start, seed):
    rng = np.random.default_rng([seed, 3])
    if start in ("Xavier(sigmoid)", "He(ReLU)"):
        names = ("sigmoid", "xavier_normal") if start.startswith("Xavier") else ("relu", "he_normal")
        return MLP(SIZES, *names, rng=rng)
    net = pretraining.to_mlp(dbn(seed), SIZES[-1], rng=rng)
    for w, b in zip(net.weights[:-1], net.biases):
        if start == "섞은 DBN":
            np.random.default_rng([seed, 4]).shuffle(w.reshape(-1))
        if start == "줄인 DBN":
            # 편향도 같은 배로 줄여야 유닛마다 켜지는 경계가 그대로입니다.
            ratio = np.float32(np.sqrt(2 / sum(w.shape)) / w.std())
            w *= ratio
            b *= ratio
    return net


def measured(net, data, steps, seed, **settings):
    found = fit(
        *(net, data, seed), validation=VALIDATION, iterations=steps, block=steps, batch_size=BATCH_SIZE, **settings
    )
    return {name: found[name] for name in ("validation", "accuracy")}


def run_labels(start, labels, optimizer, learning_rate, seed):
    steps = STEPS + (EXTRA if start in STARTS[3:] else 0)
    settings = {"optimizer": optimizer, "learning_rate": learning_rate}
    return measured(start_net(start, seed), few_labels(mnist(), labels, seed), steps, seed, **settings)


def run_moved(start, labels, steps, optimizer, learning_rate, seed):
    net = MLP([*SIZES[:-1], 5], "relu", "he_normal", rng=np.random.default_rng([seed, 7]))
    if start == MOVES[0]:
        for mine, learned in zip(net.parameters, source(seed).parameters):
            # 출력층은 새로 뽑은 그대로 둡니다.
            if mine is not net.weights[-1] and mine is not net.biases[-1]:
                mine[...] = learned
    data = few_labels(digits(range(5, 10), mnist()), labels, seed)
    return measured(net, data, steps, seed, optimizer=optimizer, learning_rate=learning_rate)


def run_signals(start, seed):
    """SIGNALS를 은닉층마다 MNIST 1,000장에서 잰 (7, 은닉층 수) 배열. 탐침은 5,000장에 맞추어 시험 자료에서 잽니다."""
    net, data, rng = start_net(start, seed), mnist(), np.random.default_rng([seed, 8])
    x, y = data.x_train[:IMAGES], data.y_train[:IMAGES]
    hidden = net.weights[:-1], net.activation
    s = signals.measure(x, *hidden, rng=rng, biases=net.biases[:-1])
    probes = signals.measure(data.x_train[:5000], *hidden, rng=rng, biases=net.biases[:-1]).activations
    tests = signals.measure(data.x_test, *hidden, rng=rng, biases=net.biases[:-1]).activations
    rows = [
        [w.std() for w in net.weights[:-1]],
        [layer.saturated for layer in s.summary()],
        [signals.rms(a) for a in (x, *s.activations[:-1])],
        [signals.rms(delta) for delta in s.deltas],
        [signals.rms(gradient) for gradient in s.weight_gradients],
        [signals.rms(gradient) for gradient in net.gradients(x, y).weights[:-1]],
        [linear_probe(a, data.y_train[:5000], b, data.y_test) for a, b in zip(probes, tests)],
    ]
    return {"signals": np.array(rows)}


def compare(run, cells, start_rates):
    """칸마다 첫 시드로 학습률을 고르고 모든 시드를 재어, (학습률마다의 검증, 고른 학습률, 시드마다의 시험)을 줍니다."""
    rates, found = search("pretraining", cells, start_rates, SEEDS[:1], run)
    validation = found["validation"][..., 0]
    best = [rates[i] for i in np.nan_to_num(validation).argmax(axis=1)]
    settings = [{**cell, "learning_rate": rate, "seed": s} for cell, rate in zip(cells, best) for s in SEEDS]
    accuracy = [result["accuracy"] for result in sweep("pretraining", settings, run)]
    done = zip(validation, found["measured"])
    seen = [{rate: v for rate, v, here in zip(rates, *pair) if here} for pair in done]
    return zip(seen, best, np.array(accuracy).reshape(len(cells), len(SEEDS)))


def collect(run, groups, axes):
    """groups의 (칸의 목록, 처음의 학습률)마다 견주어 axes의 차례로 쌓은 배열 사전. 재지 않은 칸은 NaN입니다."""
    found = {}
    for cells, start_rates in groups:
        for cell, result in zip(cells, compare(run, cells, start_rates)):
            found[tuple(cell.values())] = result
    tried = sorted({rate for seen, _, _ in found.values() for rate in seen})
    nothing = {}, np.nan, np.full(len(SEEDS), np.nan)
    rows = [found.get(key, nothing) for key in itertools.product(*axes.values())]
    arrays = {
        "validation": np.array([[seen.get(rate, np.nan) for rate in tried] for seen, _, _ in rows], np.float32),
        "measured": np.array([[rate in seen for rate in tried] for seen, _, _ in rows]),
        "rate": np.array([rate for _, rate, _ in rows]),
        "accuracy": np.array([accuracy for _, _, accuracy in rows], np.float32),
    }
    shape = [len(values) for values in axes.values()]
    return tried, {name: array.reshape(*shape, *array.shape[1:]) for name, array in arrays.items()}


LABEL_AXES = {"start": STARTS, "labels": LABELS, "optimizer": ["sgd", "adam"]}
MOVE_AXES = {"start": MOVES, "labels": MOVE_LABELS, "steps": MOVE_STEPS, "optimizer": ["sgd", "adam"]}


def combinations(axes):
    return [dict(zip(axes, values)) for values in itertools.product(*axes.values())]


def main():
    mnist()  # 자료가 없으면 프로세스를 만들기 전에 알립니다.
    cells, relu = combinations(LABEL_AXES), STARTS[-1]
    label_groups = [
        ([c for c in cells if c["optimizer"] == "sgd" and c["start"] != relu], RATES["sgd"]["sigmoid"]),
        ([c for c in cells if c["optimizer"] == "sgd" and c["start"] == relu], RATES["sgd"]["relu"]),
        # 같은 활성화 함수의 무작위 초깃값은 섞은 DBN이 대신하므로 Adam으로는 재지 않습니다.
        ([c for c in cells if c["optimizer"] == "adam" and c["start"] != STARTS[3]], RATES["adam"]),
    ]
    cells = combinations(MOVE_AXES)
    move_groups = [([c for c in cells if c["optimizer"] == name], rates) for name, rates in MOVE_RATES.items()]
    first = [{"start": start, "seed": seed} for start in STARTS for seed in SEEDS]
    found = [result["signals"] for result in sweep("pretraining", first, run_signals)]
    label_rates, by_label = collect(run_labels, label_groups, LABEL_AXES)
    move_rates, by_move = collect(run_moved, move_groups, MOVE_AXES)
    arrays = {"signals": np.array(found, np.float32).reshape(len(STARTS), len(SEEDS), len(SIGNALS), -1)}
    arrays |= {f"labels_{name}": array for name, array in by_label.items()}
    arrays |= {f"transfer_{name}": array for name, array in by_move.items()}
    save("pretraining", arrays, about(label_rates, move_rates))


def about(label_rates, move_rates):
    return {
        "axes": {**LABEL_AXES, "rates": label_rates},
        "transfer": {**MOVE_AXES, "rates": move_rates, "source": SOURCE},
        "signals": SIGNALS,
        "arrays": {
            "labels": "시작, 레이블, 최적화기, [학습률(시드 0의 검증)] 또는 [시드]",
            "transfer": "시작, 레이블, 걸음, 최적화기, [학습률(시드 0의 검증)] 또는 [시드]",
            "signals": "시작, 시드, 잰 것, 은닉층",
        },
        **{"seeds": list(SEEDS), "sizes": SIZES, "cd": CD, "batch_size": BATCH_SIZE, "steps": STEPS},
        **{"validation": VALIDATION, "step_products": products(SIZES) * BATCH_SIZE, "extra_steps": EXTRA},
        "pretraining_products": pretraining_products(SIZES),
        "chosen": "학습률은 시드 0의 검증 정확도로 골랐습니다. 재지 않은 칸과 학습률의 자리는 NaN입니다",
        "rng": "DBN은 default_rng([seed, 0]), 배치는 [seed, 1], 레이블은 [seed, 2], 초깃값은 [seed, 3], "
        "섞기는 [seed, 4]입니다",
    }


if __name__ == "__main__":
    main()
