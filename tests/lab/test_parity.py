"""브라우저의 엔진이 wi_lib과 같은 가중치를 뽑고 같은 손실을 내는지, 초기화 × 활성화 × 최적화기 × 모양 × 시드마다.

두 쪽은 합을 더하는 차례와 지수 함수의 마지막 비트가 다릅니다. 그 차이를 키우는 망에서는 몇 걸음 뒤의 손실이 달라지는데,
그것은 wi_lib의 두 실행에서도 그렇습니다. 그래서 어긋난 설정에서는 가중치의 마지막 비트를 흔들고 지수 함수를
float64로 셈한 wi_lib의 쌍둥이들을 돌려, 쌍둥이가 갈라지기 전까지 같은지를 봅니다.
"""

import itertools
import warnings
from unittest import mock

import numpy as np
import pytest

import wi_lib
from tests.browsing import Visit, served
from wi_lib import datasets, initializers

from . import grid, node

pytestmark = pytest.mark.browser
ITERATIONS, TWINS = 200, 8
RATES = {"sgd": 0.1, "momentum": 0.01, "adam": 0.001}
SHAPES = [[64, 16, 10], [64, *[12] * 4, 10], [64, *[8] * 8, 10]]
INITIALIZERS = [*initializers.INITIALIZERS, "constant(0.1)", 'variance_scaling(0.7, "fan_out", "uniform")']
ACTIVATIONS = ["sigmoid", "tanh", "relu", "leaky_relu", "selu"]
SEEDS = [0, 1, 2**53 - 1]


def runs(initializer, seeds=SEEDS):
    return [
        {
            "sizes": sizes,
            "activation": activation,
            "initializer": initializer,
            "optimizer": optimizer,
            "learning_rate": rate,
            "batch_size": 8,
            "seed": seed,
            "iterations": ITERATIONS,
        }
        for activation, (optimizer, rate), sizes, seed in itertools.product(ACTIVATIONS, RATES.items(), SHAPES, seeds)
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("grid")
    grid.write(folder)
    return folder


@pytest.fixture(scope="module")
def visit(browser, folder):
    with served(folder) as url, Visit(browser, f"{url}/index.html") as visit:
        yield visit


@pytest.fixture(scope="module")
def digits():
    return datasets.load_digits()


def drawn(run):
    rng = np.random.default_rng(run["seed"])
    return wi_lib.MLP(run["sizes"], run["activation"], node.initializer(run["initializer"]), rng=rng), rng


def trained(digits, run, net, rng, iterations=ITERATIONS):
    """wi_lib으로 학습시킨 기록."""
    settings = {name: run[name] for name in ("learning_rate", "batch_size", "optimizer")}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # 발산도 견줄 결과입니다.
        return wi_lib.train(net, digits, **settings, iterations=iterations, rng=rng)


def twin(digits, run, iterations, seed):
    """마지막 비트만 다른 쌍둥이가 학습한 손실. 포화된 유닛의 기울기는 tanh의 마지막 비트가 정합니다."""
    net, rng = drawn(run)
    shaken = np.random.default_rng(seed)
    for weight in net.weights:
        weight *= 1 + np.float32(2**-23) * shaken.integers(-1, 2, weight.shape).astype(np.float32)
    with mock.patch.multiple(np, **{name: in_float64(getattr(np, name)) for name in ("tanh", "expm1", "exp")}):
        return trained(digits, run, net, rng, iterations).loss


def in_float64(function):
    def rounded(z, out):
        out[...] = function(z.astype(np.float64))
        return out

    return rounded


def agreed(ours, theirs, limit):
    """두 손실이 limit 안에서 같은 첫 걸음들의 수. 한쪽만 발산하면 그 걸음까지입니다."""
    padded = [np.append(losses, np.full(ITERATIONS - len(losses), np.nan)) for losses in (ours, theirs)]
    same = np.isclose(*padded, rtol=limit, atol=0, equal_nan=True)
    return ITERATIONS if same.all() else int(same.argmin())


def twins_part(digits, run, losses, steps):
    """쌍둥이 가운데 하나라도 steps걸음 안에, 또는 바로 다음 걸음에서 갈라지는지."""
    upto = losses[: steps + 1]
    twins = (twin(digits, run, len(upto), seed) for seed in range(TWINS))
    return any(agreed(losses, upto, 1e-4) <= steps for losses in twins)


@pytest.mark.parametrize("initializer", INITIALIZERS)
def test_the_same_weights_and_the_same_losses(visit, digits, initializer):
    jobs, chaotic = runs(initializer), []
    for run, ours in zip(jobs, grid.train(visit, digits, jobs)):
        net, rng = drawn(run)
        weights = np.concatenate([weight.ravel() for weight in net.weights])
        if initializer == "orthogonal":
            np.testing.assert_allclose(ours.weights, weights, rtol=0, atol=1e-5)
        else:
            np.testing.assert_array_equal(ours.weights.view("u4"), weights.view("u4"))
        history = trained(digits, run, net, rng)
        steps = agreed(ours.losses, history.loss, 1e-3)
        if steps == ITERATIONS:
            np.testing.assert_allclose(ours.accuracy, history.test_accuracy, atol=0.02)
            continue
        assert twins_part(digits, run, history.loss, steps), f"{run}: {steps}걸음까지만 같습니다."
        chaotic.append(run)
    # 갈라지는 것은 깊은 tanh와 SELU 망뿐이고, 가장 많은 sparse(표준편차 1)에서도 스물입니다.
    assert all(run["activation"] in ("tanh", "selu") and len(run["sizes"]) > 3 for run in chaotic)
    assert len(chaotic) <= 25


@pytest.mark.parametrize("initializer", INITIALIZERS)
def test_a_page_opened_from_a_file_gives_the_same_bytes(browser, visit, folder, digits, initializer):
    jobs = runs(initializer, [0])[4:5]
    with Visit(browser, (folder / "index.html").as_uri()) as opened:
        [there], [here] = grid.train(opened, digits, jobs), grid.train(visit, digits, jobs)
    np.testing.assert_array_equal(there.weights.view("u4"), here.weights.view("u4"))
    np.testing.assert_array_equal(there.losses, here.losses)
