"""워커가 명령을 듣고 답하는 법: 나누어 학습해도, 물어도, 멈추었다 이어도 wi_lib의 한 번의 실행과 같습니다."""

import itertools

import numpy as np
import pytest

import wi_lib
from wi_lib import datasets

from . import node

SETTING = {
    "data": "digits",
    "activation": "relu",
    "initializer": "he_normal",
    "depth": 2,
    "width": 16,
    "learning_rate": 0.1,
    "optimizer": "sgd",
    "batch_size": 32,
    "iterations": 90,
    "seed": 0,
}
EVERYTHING = {"weights": {"layer": 1, "unit": 3}, "saturation": True, "boundary": True}


def prepared(run=1, **changed):
    return {"do": "prepare", "run": run, "setting": {**SETTING, **changed}}


def running(until=90, wait="done", run=1, **more):
    return {"do": "run", "run": run, "until": until, "wait": wait, **more}


def losses(heard):
    """받은 모습들의 손실을 이어 붙인 것. 빠지거나 겹친 걸음이 없어야 합니다."""
    joined = []
    for message in heard:
        assert message["from"] == len(joined)
        joined += message["losses"]
        assert message["step"] == len(joined)
    return joined


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("worker")


@pytest.fixture(scope="module")
def whole(folder):
    return node.work(folder, [prepared(), running()])[0]


def test_a_run_repeats_wi_lib(whole):
    rng = np.random.default_rng(0)
    net = wi_lib.MLP([64, 16, 16, 10], rng=rng)
    history = wi_lib.train(
        net, datasets.load_digits(), learning_rate=0.1, batch_size=32, iterations=90, rng=rng, optimizer="sgd"
    )
    np.testing.assert_allclose(losses(whole), history.loss, rtol=1e-4)
    assert whole[-1]["accuracy"] == pytest.approx(history.test_accuracy, abs=1e-12)
    assert whole[-1]["loss"] == losses(whole)[-1]


def test_the_first_look_shows_the_untrained_net_on_the_first_batch(whole):
    ready, *_ = whole
    assert (ready["state"], ready["step"], ready["loss"], ready["losses"]) == ("ready", 0, None, [])
    rng = np.random.default_rng(0)
    net = wi_lib.MLP([64, 16, 16, 10], rng=rng)
    data = datasets.load_digits()
    first = data.x_train[rng.integers(1500, size=32)]
    a = np.maximum(first @ net.weights[0], 0)
    assert ready["layers"]["activation_rms"][0] == pytest.approx(np.sqrt((a**2).mean()), rel=1e-5)
    assert ready["layers"]["update_ratio"] == [None] * 3


def test_accuracy_is_measured_at_forty_points_or_fewer(whole):
    points = list(itertools.chain.from_iterable(message["points"] for message in whole))
    assert [point["step"] for point in points] == list(range(3, 91, 3))
    assert all(0 <= point[part] <= 1 for point in points for part in ("train", "test"))


def test_looking_and_pausing_do_not_change_the_run(folder, whole):
    steps = [prepared(), {**running(40, "paused", looks=EVERYTHING)}, running(41, "paused"), running(looks=EVERYTHING)]
    # 물은 채로 시작해야 답이 이어집니다.
    steps.insert(1, {"do": "look", "run": 1, "wants": EVERYTHING})
    heard = node.work(folder, steps)[0]
    assert losses(heard) == losses(whole)
    assert [m["step"] for m in heard if m["state"] == "paused"] == [40, 41]
    shown = heard[-1]
    assert shown["accuracy"] == whole[-1]["accuracy"]
    assert (len(shown["weights"]["values"]), [len(layer) for layer in shown["saturation"]]) == (64, [16, 16])
    assert max(map(abs, shown["weights"]["values"])) <= shown["weights"]["limit"]
    assert shown["boundary"] is None  # 평면의 자료가 아닙니다.


def test_a_pause_stops_the_run_and_another_command_may_follow(folder, whole):
    run = {"do": "run", "run": 1, "until": 90}
    heard = node.work(folder, [prepared(), run, {"do": "pause", "run": 1, "wait": "paused"}, run, running()])[0]
    assert heard[1]["step"] < 90
    assert losses(heard) == losses(whole)


def test_the_boundary_separates_the_spiral(folder):
    setting = {"data": "spiral", "width": 32, "optimizer": "adam", "learning_rate": 0.01, "iterations": 1500}
    look = {"do": "look", "run": 1, "wants": EVERYTHING}
    shown = node.work(folder, [prepared(**setting), look, running(1500)])[0][-1]
    assert shown["accuracy"] > 0.95
    size = shown["boundary"]["size"]
    classes = np.reshape(shown["boundary"]["classes"], (size, size))
    data = datasets.load_spiral()
    columns, rows = ((data.x_test * [1, -1] / 1.2 + 1) * size / 2).astype(int).T
    assert np.mean(classes[rows, columns] == data.y_test) > 0.9
    assert min(shown["boundary"]["sure"]) >= 127


@pytest.mark.parametrize(
    ("changed", "what", "recorded"),
    [
        ({"initializer": "normal(1e6)", "depth": 20}, "activation", 0),
        ({"initializer": "normal(1e14)", "depth": 3}, "activation", 0),
        ({"learning_rate": 1e6, "depth": 8}, "activation", 1),
    ],
)
def test_a_run_that_blows_up_says_where(folder, changed, what, recorded):
    heard = node.work(folder, [prepared(**changed), running(wait="diverged"), running(wait="diverged")])[0]
    last = heard[-1]
    assert (last["state"], last["where"]["what"], last["step"]) == ("diverged", what, recorded)
    assert last["where"]["step"] == recorded + 1
    assert last["accuracy"] is None


@pytest.mark.parametrize(
    "changed",
    [{"data": "mnist"}, {"data": "cifar"}, {"activation": "gelu"}, {"optimizer": "lion"}, {"initializer": "x"}],
)
def test_what_the_worker_cannot_do_is_an_error_in_korean(folder, changed):
    heard = node.work(folder, [prepared(**changed), running(run=1, wait=None), prepared(run=2), running(run=2)])[0]
    assert [m["kind"] for m in heard].count("error") == 1
    assert next(iter(changed.values())) in heard[0]["message"]
    assert (heard[0]["run"], heard[-1]["run"], heard[-1]["state"]) == (1, 2, "done")


def test_commands_of_an_earlier_run_are_not_heard(folder):
    heard = node.work(folder, [prepared(), prepared(run=2), running(run=1, wait=None), running(run=2)])[0]
    assert [(m["run"], m["state"]) for m in heard] == [(1, "ready"), (2, "ready"), (2, "done")]


def test_memory_does_not_grow_with_steps(folder):
    setting = {"data": "rings", "depth": 1, "width": 4, "batch_size": 4, "iterations": 100_000}
    look = {"do": "look", "run": 1, "wants": EVERYTHING}
    after = [
        node.work(folder, [prepared(**setting), look, running(until, state, looks=EVERYTHING)], "--expose-gc")
        for until, state in ((2_000, "paused"), (100_000, "done"))
    ]
    # 받은 모습은 시험이 들고 있습니다: 손실 10만 개와 모습 수백 장이 몇 MB입니다.
    (few, small), (many, large) = ((len(heard), memory) for heard, memory in after)
    assert large - small < 12e6, (few, many)
