"""9장의 두 비교를 실제 MNIST에서 합니다.

    python experiments/pretraining.py

- 레이블: 레이블 없는 60,000장으로 DBN을 사전 학습하고 적은 레이블로 미세 조정한 망과, 무작위로 시작한 망.
  무작위로 시작한 망은 사전 학습에 든 곱셈만큼 더 걷습니다(EXTRA). 곱셈은 행렬 곱의 것만 셉니다.
- 옮기기: 숫자 0–4를 레이블로 배운 은닉층을 5–9에 옮긴 망과, 5–9만으로 새로 시작한 망. 걸음의 수는 같습니다.

결과는 chapters/data/pretraining.npz(정확도와 신호)와 .json(설정과 판 번호)입니다. 두 코어에서 4분쯤 걸립니다.
시드 하나에서는 모든 망이 같은 레이블을 봅니다. 학습률은 첫 시드에서 남겨 둔 학습 자료(검증)로 고르고, 나머지 시드는 그
학습률로만 학습시킵니다.
"""

import os

# 작은 행렬이라 BLAS 스레드를 나누는 것보다 망을 나누는 것이 빠릅니다. NumPy보다 먼저 정해야 합니다.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import functools
import itertools
import warnings

import numpy as np

from experiments.results import save, sweep
from wi_lib import MLP, datasets, pretraining, signals, train

SIZES = [784, 256, 256, 10]
SEEDS = 3
# 시작하는 방법 → 시험한 학습률.
STARTS = {
    "DBN(sigmoid)": [0.3, 1.0, 3.0],
    "Xavier(sigmoid)": [0.3, 1.0, 3.0],
    "He(ReLU)": [0.1, 0.3, 1.0],
}
LABELS = [100, 1000, 5000]
CD = {"learning_rate": 0.1, "batch_size": 128, "iterations": 938, "steps": 1}
FINE_TUNE = {"batch_size": 32, "iterations": 2000}
VALIDATION = 5000

TRANSFER_STARTS = ["옮긴 은닉층", "새로 시작"]
TRANSFER_LABELS = [50, 500, 5000, 24000]
TRANSFER_RATES = [0.03, 0.1, 0.3]
TRANSFER_STEPS = [200, 2000]
SOURCE = {"learning_rate": 0.1, "batch_size": 32, "iterations": 2000}


def products(sizes):
    """그림 한 장을 학습하는 데 드는 곱셈: 순전파, 가중치 기울기, 그리고 첫 층에는 필요 없는 역전파 신호."""
    layers = [a * b for a, b in itertools.pairwise(sizes)]
    return 2 * sum(layers) + sum(layers[1:])


def pretraining_products(sizes):
    """DBN의 사전 학습에 드는 곱셈: 걸음마다 다섯 번(CD-1), 그리고 60,000장을 한 번 다음 층에 넘깁니다."""
    layers = [a * b for a, b in itertools.pairwise(sizes[:-1])]
    return 5 * CD["batch_size"] * CD["iterations"] * sum(layers) + 60000 * sum(layers[:-1])


# 사전 학습과 값이 같은 미세 조정의 걸음 수.
EXTRA = round(pretraining_products(SIZES) / (products(SIZES) * FINE_TUNE["batch_size"]))

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
    """레이블을 labels개만 남긴 자료와 검증 자료. 검증은 늘 학습 자료의 마지막 5,000장입니다."""
    chosen = np.random.default_rng([seed, 1]).permutation(len(data.x_train) - VALIDATION)[:labels]
    x, y = data.x_train[-VALIDATION:], data.y_train[-VALIDATION:]
    few = datasets.Dataset(data.x_train[chosen], data.y_train[chosen], data.x_test, data.y_test, data.name)
    return few, (x, y)


def fit(net, data, validation, rate, seed, steps):
    """steps마다 (검증 정확도, 시험 정확도). 발산하면 그 뒤는 NaN입니다."""
    rng, scores, done = np.random.default_rng([seed, 2]), np.full((len(steps), 2), np.nan), 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        for i, step in enumerate(steps):
            size = {"batch_size": FINE_TUNE["batch_size"], "iterations": step - done}
            history = train(net, data, learning_rate=rate, rng=rng, **size)
            if history.diverged:
                break
            scores[i], done = (net.accuracy(*validation), history.test_accuracy), step
    return scores


def start_net(start, seed):
    rng = np.random.default_rng([seed, 3])
    if start.startswith("DBN"):
        return pretraining.to_mlp(dbn(seed), SIZES[-1], rng=rng)
    names = ("relu", "he_normal") if start.startswith("He") else ("sigmoid", "xavier_normal")
    return MLP(SIZES, *names, rng=rng)


def run_labels(start, labels, rate, seed):
    data, validation = few_labels(mnist(), labels, seed)
    steps = FINE_TUNE["iterations"] + (0 if start.startswith("DBN") else EXTRA)
    return fit(start_net(start, seed), data, validation, rate, seed, [steps])[-1]


def run_transfer(start, labels, rate, seed):
    data, validation = few_labels(digits(range(5, 10), mnist()), labels, seed)
    net = MLP([*SIZES[:-1], 5], "relu", "he_normal", rng=np.random.default_rng([seed, 7]))
    if start == TRANSFER_STARTS[0]:
        for mine, learned in zip(net.parameters, source(seed).parameters):
            # 출력층은 새로 뽑은 그대로 둡니다.
            if mine is not net.weights[-1] and mine is not net.biases[-1]:
                mine[...] = learned
    return fit(net, data, validation, rate, seed, TRANSFER_STEPS)


def run_signals(start, seed):
    """MNIST 1,000장에서 층마다: 가중치의 표준편차, 포화한 비율, 역전파 신호의 RMS. (3, 은닉층 수) 배열입니다."""
    net, rows = start_net(start, seed), slice(0, 1000)
    x, rng = mnist().x_train[rows], np.random.default_rng([seed, 4])
    a, deltas, saturated = x, [], []
    outputs = [a := net.activation(a @ w + b) for w, b in zip(net.weights[:-1], net.biases)]
    signal = rng.standard_normal(outputs[-1].shape, dtype=np.float32)
    for layer in reversed(range(len(outputs))):
        deltas.insert(0, signal * net.activation.derivative(outputs[layer]))
        saturated.insert(0, net.activation.saturated(outputs[layer]))
        signal = deltas[0] @ net.weights[layer].T
    return np.array([[w.std() for w in net.weights[:-1]], saturated, [signals.rms(d) for d in deltas]])


RUNS = {"labels": run_labels, "transfer": run_transfer, "signals": run_signals}


def run(part, **setting):
    return {"value": RUNS[part](**setting)}


def all_settings(seed):
    """한 시드의 모든 설정. 레이블과 옮기기는 시작, 레이블 수, 학습률의 차례입니다."""
    labels = [
        {"part": "labels", "start": start, "labels": count, "rate": rate, "seed": seed}
        for start, count in itertools.product(STARTS, LABELS)
        for rate in STARTS[start]
    ]
    transfer = [
        {"part": "transfer", "start": start, "labels": count, "rate": rate, "seed": seed}
        for start, count, rate in itertools.product(TRANSFER_STARTS, TRANSFER_LABELS, TRANSFER_RATES)
    ]
    return labels + transfer + [{"part": "signals", "start": start, "seed": seed} for start in STARTS]


def chosen(settings, results):
    """첫 시드의 검증 정확도가 가장 높은 학습률의 설정만. 옮기기는 잰 걸음마다 하나씩 고릅니다."""
    kept = [setting for setting in settings if setting["part"] == "signals"]
    cells = {}
    for setting, result in zip(settings, results):
        if setting["part"] != "signals":
            scores = np.nan_to_num(np.atleast_2d(result["value"])[:, 0])
            cells.setdefault((setting["part"], setting["start"], setting["labels"]), []).append((scores, setting))
    for runs in cells.values():
        best = np.unique(np.argmax([scores for scores, _ in runs], axis=0))
        kept += [runs[i][1] for i in best]
    return kept


def main():
    mnist()  # 자료가 없으면 프로세스를 만들기 전에 알립니다.
    seeds = range(SEEDS)
    first = all_settings(0)
    found = sweep("pretraining", first, run)
    # 나머지 시드는 첫 시드에서 고른 학습률로만 학습시킵니다.
    others = [{**setting, "seed": seed} for seed in seeds[1:] for setting in chosen(first, found)]
    known = {tuple(s.values()): r["value"] for s, r in zip(first + others, found + sweep("pretraining", others, run))}

    def values(part, *shape):
        rows = [known.get(tuple(s.values())) for seed in seeds for s in all_settings(seed) if s["part"] == part]
        # 고르지 않은 학습률의 자리는 NaN입니다.
        rows = [np.full(np.shape(rows[0]), np.nan) if row is None else row for row in rows]
        array = np.array(rows, np.float32)
        return np.moveaxis(array.reshape(SEEDS, *shape, *array.shape[1:]), 0, len(shape))

    arrays = {
        "labels": values("labels", len(STARTS), len(LABELS), 3),
        "transfer": values("transfer", len(TRANSFER_STARTS), len(TRANSFER_LABELS), len(TRANSFER_RATES)),
        "signals": values("signals", len(STARTS)),
    }
    about = {
        "axes": {"start": list(STARTS), "labels": LABELS, "rates": STARTS},
        "transfer": {
            **{"start": TRANSFER_STARTS, "labels": TRANSFER_LABELS, "rates": TRANSFER_RATES},
            **{"steps": TRANSFER_STEPS, "source": SOURCE},
        },
        "arrays": {
            "labels": "시작, 레이블, 학습률, 시드, [검증, 시험]",
            "transfer": "시작, 레이블, 학습률, 시드, 걸음, [검증, 시험]",
            "signals": "시작, 시드, [가중치의 표준편차, 포화, 역전파 RMS], 은닉층",
        },
        **{"seeds": list(seeds), "sizes": SIZES, "cd": CD, "fine_tune": FINE_TUNE, "validation": VALIDATION},
        **{"step_products": products(SIZES) * FINE_TUNE["batch_size"], "extra_steps": EXTRA},
        **{"pretraining_products": pretraining_products(SIZES)},
        "chosen": "학습률은 시드 0의 검증 정확도로 골랐고, 다른 시드에서 고르지 않은 학습률의 자리는 NaN입니다",
        "rng": "DBN은 default_rng([seed, 0]), 고른 레이블은 [seed, 1], 배치는 [seed, 2], 초깃값은 [seed, 3]",
    }
    save("pretraining", arrays, about)


if __name__ == "__main__":
    main()
