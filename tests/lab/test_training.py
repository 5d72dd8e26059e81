"""엔진의 첫 200걸음의 손실이 wi_lib의 것과 천분의 일 안에서 같은지.

두 쪽은 합을 더하는 차례와 지수 함수의 마지막 비트가 다릅니다. 그 차이를 키우는 망에서는 몇 걸음 뒤의 손실이 달라지는데,
그것은 wi_lib의 두 실행에서도 그렇습니다. 그래서 어긋난 설정에서는 가중치의 마지막 비트만 흔든 wi_lib의 쌍둥이들을 돌려,
쌍둥이끼리 갈라지기 전까지 같은지를 봅니다.
"""

import itertools
import warnings

import numpy as np
import pytest

import wi_lib
from wi_lib import datasets

from . import node

ITERATIONS, TWINS = 200, 8
RATES = {"sgd": 0.1, "momentum": 0.01, "adam": 0.001}
SHAPES = {"1x32": [32], "4x32": [32] * 4, "12x16": [16] * 12}
INITIALIZERS = ["zeros", "normal(0.01)", "lecun_normal", "he_normal", "xavier_uniform", "orthogonal", "sparse"]
ACTIVATIONS = ["sigmoid", "tanh", "relu", "leaky_relu", "selu"]
RUNS = [
    {
        "sizes": [64, *SHAPES[shape], 10],
        "activation": activation,
        "initializer": initializer,
        "optimizer": optimizer,
        "learning_rate": RATES[optimizer],
        "batch_size": 32,
        "seed": seed,
        "iterations": ITERATIONS,
    }
    for initializer, activation, optimizer, shape, seed in itertools.product(
        INITIALIZERS, ACTIVATIONS, RATES, SHAPES, [0]
    )
][::4]  # 본보기입니다. 4는 어느 목록의 길이도 나누지 않아 고루 뽑힙니다. 모두를 도는 것은 Chromium에서 합니다.


@pytest.fixture(scope="module")
def digits():
    return datasets.load_digits()


@pytest.fixture(scope="module")
def measured(digits, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    reader = node.run(folder, data=node.save(digits, folder), runs=RUNS)
    return [(reader.take("f8", ITERATIONS), reader.take("f8", 1)[0]) for _ in RUNS]


def trained(digits, run, noise=0):
    """wi_lib으로 학습시킨 기록. noise가 0이 아니면 가중치를 마지막 비트만큼 흔들고 시작합니다."""
    rng = np.random.default_rng(run["seed"])
    net = wi_lib.MLP(run["sizes"], run["activation"], node.initializer(run["initializer"]), rng=rng)
    if noise:
        shaken = np.random.default_rng(noise)
        for weight in net.weights:
            weight *= 1 + np.float32(2**-23) * shaken.integers(-1, 2, weight.shape).astype(np.float32)
    settings = {name: run[name] for name in ("learning_rate", "batch_size", "iterations", "optimizer")}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # 발산도 견줄 결과입니다.
        return wi_lib.train(net, digits, **settings, rng=rng)


def agreed(ours, theirs, limit):
    """두 손실이 limit 안에서 같은 첫 걸음들의 수. 한쪽만 발산하면 그 걸음까지입니다."""
    padded = [np.append(losses, np.full(ITERATIONS - len(losses), np.nan)) for losses in (ours, theirs)]
    same = np.isclose(*padded, rtol=limit, atol=0, equal_nan=True)
    return ITERATIONS if same.all() else int(same.argmin())


@pytest.mark.parametrize("index", range(len(RUNS)))
def test_the_first_losses_agree(digits, measured, index):
    run, (losses, accuracy) = RUNS[index], measured[index]
    history = trained(digits, run)
    steps = agreed(losses, history.loss, 1e-3)
    if steps == ITERATIONS:
        np.testing.assert_allclose(accuracy, history.test_accuracy, atol=0.02)
        return
    parted = min(agreed(trained(digits, run, noise).loss, history.loss, 1e-4) for noise in range(1, TWINS + 1))
    assert steps >= parted, f"{run}: {steps}걸음까지 같지만, 쌍둥이는 {parted}걸음까지 같습니다."
