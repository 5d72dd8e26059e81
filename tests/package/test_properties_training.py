"""최적화기와 학습의 성질: 최적화기마다의 불변, 같은 시드는 같은 학습, 함께 한 학습은 하나씩 한 학습."""

import concurrent.futures
import copy
import math

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

import wi_lib
from wi_lib import datasets, layers, optimizers
from wi_lib.training import smooth

# float64에서 몇십 걸음의 반올림이 쌓여도 넘지 않는 상대 오차.
ROUNDING = 1e-12
shapes = st.lists(st.lists(st.integers(1, 4), min_size=1, max_size=2).map(tuple), min_size=1, max_size=4)
seeds, steps = st.integers(0, 2**32), st.integers(1, 20)
rates = st.floats(-5, 1).map(lambda power: 10.0**power)
scales = st.floats(-6, 6).map(lambda power: 10.0**power)
below_one = st.floats(0, 0.999)
decays = st.sampled_from([0.0, 0.01, 0.3])
makers = st.one_of(
    st.builds(optimizers.SGD, decays),
    st.builds(optimizers.Momentum, below_one, decays),
    st.builds(optimizers.Adam, below_one, below_one, st.sampled_from([1e-12, 1e-8, 1e-2]), decays),
)


@st.composite
def walks(draw):
    """(처음 파라미터, 걸음마다의 기울기)."""
    rng, found = np.random.default_rng(draw(seeds)), draw(shapes)
    drawn = [[rng.standard_normal(shape) for shape in found] for _ in range(draw(steps) + 1)]
    return drawn[0], drawn[1:]


def walk(optimizer, start, gradients, rate):
    """마지막 파라미터."""
    w = copy.deepcopy(start)
    step = optimizer.start(w, rate)
    for each in copy.deepcopy(gradients):
        step(each)
    return w


def scaled(gradients, c):
    return [[c * g for g in each] for each in gradients]


def origin(start):
    return [np.zeros_like(w) for w in start]


def assert_close(found, expected, scale=1.0):
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=ROUNDING * scale * max(np.abs(b).max(), 1))


@given(walks(), rates, scales)
def test_sgd_is_linear_in_rate_and_gradient(given_walk, rate, c):
    """원점에서 출발한 SGD는 −η·Σg이고, 모멘텀도 학습률과 기울기에 비례합니다."""
    start, gradients = given_walk
    plain = walk(optimizers.SGD(), origin(start), gradients, rate)
    total = [-rate * sum(each) for each in zip(*gradients)]
    assert_close([w / rate for w in plain], [w / rate for w in total], len(gradients))
    for optimizer in (optimizers.SGD(), optimizers.Momentum()):
        once = [w / rate for w in walk(optimizer, origin(start), gradients, rate)]
        for more in (
            walk(optimizer, origin(start), gradients, c * rate),
            walk(optimizer, origin(start), scaled(gradients, c), rate),
        ):
            assert_close([w / (c * rate) for w in more], once, len(gradients))


@given(walks(), rates, decays)
def test_momentum_without_memory_is_sgd(given_walk, rate, decay):
    found = [walk(each, *given_walk, rate) for each in (optimizers.Momentum(0, decay), optimizers.SGD(decay))]
    for a, b in zip(*found, strict=True):
        np.testing.assert_array_equal(a, b)


@given(walks(), rates, scales, below_one, below_one)
def test_adam_forgets_the_scale_of_the_gradient(given_walk, rate, c, beta1, beta2):
    """기울기에 c를 곱하고 ε에도 c를 곱하면 같은 걸음입니다. ε을 그대로 두면 걸음은 ε/(c|g|)만큼만 달라집니다."""
    start, gradients = given_walk
    start, epsilon = origin(start), 1e-3
    ours = walk(optimizers.Adam(beta1, beta2, epsilon), start, gradients, rate)
    theirs = walk(optimizers.Adam(beta1, beta2, c * epsilon), start, scaled(gradients, c), rate)
    assert_close([w / rate for w in theirs], [w / rate for w in ours], 100 * len(gradients))


@given(walks(), rates, st.floats(0, 0.999), st.floats(0.5, 0.999))
def test_a_step_of_adam_is_bounded_by_the_rate(given_walk, rate, beta1, beta2):
    """|m̂| ≤ √v̂·√Σ(무게²의 비): 코시–슈바르츠. 기울기가 무엇이든 한 걸음은 그 배율을 넘지 못합니다."""
    _, gradients = given_walk
    w = origin(gradients[0])
    step = optimizers.Adam(beta1, beta2, 1e-300).start(w, rate)
    for t, each in enumerate(copy.deepcopy(gradients), start=1):
        before = copy.deepcopy(w)
        step(each)
        age = np.arange(t)
        ours, theirs = ((1 - beta) * beta**age / (1 - beta**t) for beta in (beta1, beta2))
        bound = rate * math.sqrt(np.sum(ours**2 / theirs)) * (1 + 1e-9)
        assert all((np.abs(a - b) <= bound + 1e-15 * np.abs(a)).all() for a, b in zip(w, before))


@given(makers, walks(), rates)
def test_each_number_walks_alone(optimizer, given_walk, rate):
    """한데 이은 배열도 나눈 배열도 같은 걸음이고, 부호를 뒤집으면 거꾸로 가고, 같은 최적화기를 다시 써도 같습니다."""
    start, gradients = given_walk
    ours = walk(optimizer, start, gradients, rate)
    joined = walk(
        optimizer,
        [np.concatenate([w.ravel() for w in start])],
        [[np.concatenate([g.ravel() for g in each])] for each in gradients],
        rate,
    )
    np.testing.assert_array_equal(joined[0], np.concatenate([w.ravel() for w in ours]))
    backwards = walk(optimizer, [-w for w in start], scaled(gradients, -1), rate)
    for again, back, w in zip(walk(optimizer, start, gradients, rate), backwards, ours):
        np.testing.assert_array_equal(again, w)
        np.testing.assert_array_equal(back, -w)


@given(makers, walks(), rates, st.floats(0, 4))
def test_one_factor_for_all_is_another_rate(optimizer, given_walk, rate, factor):
    start, gradients = given_walk
    together = walk(optimizers.PerParameter(optimizer, [factor] * len(start)), start, gradients, rate)
    for a, b in zip(together, walk(optimizer, start, gradients, rate * factor), strict=True):
        np.testing.assert_array_equal(a, b)


# ── 학습 ────────────────────────────────────────────────────────────────────────────────


def points(rng, count, classes):
    x, y = rng.standard_normal((count, 3)).astype(np.float32), rng.integers(classes, size=count)
    return datasets.Dataset(x[: count // 2], y[: count // 2], x[count // 2 :], y[count // 2 :], "점")


def net(kind, seed):
    rng = np.random.default_rng(seed)
    if kind == "mlp":
        return wi_lib.MLP([3, 5, 4], "tanh", rng=rng)
    block = layers.Residual([layers.BatchNorm(), layers.Activate("relu"), layers.Dense(3)], learn_scale=True)
    return wi_lib.Network([block, layers.Dense(4)], (3,), rng=rng)


nets = st.lists(st.tuples(st.sampled_from(["mlp", "network"]), seeds), min_size=1, max_size=3)


def trained(kind, seed, data, options):
    made = net(kind, seed)
    history = wi_lib.train(made, data, rng=np.random.default_rng(1), **options)
    return made.state, history


def assert_same(first, other):
    (state, history), (again, told) = first, other
    for a, b in zip(state, again, strict=True):
        np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(history.loss, told.loss)
    np.testing.assert_array_equal(history.test_accuracy, told.test_accuracy)


# β₂ = 0인 Adam은 사라진 기울기로 나누어 발산하기도 합니다. 발산도 같아야 할 결과입니다.
@pytest.mark.filterwarnings("ignore:학습이 발산")
@settings(max_examples=25)
@given(nets, makers, st.integers(2, 9), st.integers(1, 15), seeds)
def test_training_together_is_training_one_by_one(given_nets, optimizer, batch, count, seed):
    """다시 해도, 함께 해도, 차례를 바꾸어도, 스레드에 나누어도 하나씩 학습시킨 것과 비트까지 같습니다."""
    data = points(np.random.default_rng(seed), 40, 4)
    options = {"learning_rate": 0.05, "batch_size": batch, "iterations": count, "optimizer": optimizer}
    alone = [trained(*each, data, options) for each in given_nets]
    for first, each in zip(alone, given_nets):
        assert_same(first, trained(*each, data, options))
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for order, executor in ((1, None), (-1, None), (1, pool)):
            made = {i: net(*each) for i, each in list(enumerate(given_nets))[::order]}
            rng = np.random.default_rng(1)
            histories = wi_lib.train_together(made, data, rng=rng, executor=executor, **options)
            assert list(histories) == list(made)
            for i, first in enumerate(alone):
                assert_same(first, (made[i].state, histories[i]))
            # 부른 쪽의 rng는 나아가지 않습니다.
            assert rng.bit_generator.state == np.random.default_rng(1).bit_generator.state


@given(st.integers(2, 60), st.data())
def test_held_out_rows_are_apart(count, data):
    """떼어 낸 것과 남은 것은 겹치지 않고, 이으면 본디 학습 자료입니다. 시험 자료는 끼지 않습니다."""
    held = data.draw(st.integers(1, count - 1))
    x = np.arange(2 * count, dtype=np.float32)[:, None]
    y = np.arange(2 * count)
    whole = datasets.Dataset(x[:count], y[:count], x[count:], y[count:], "번호")
    part = whole.hold_out(held)
    assert len(part.x_test) == held
    np.testing.assert_array_equal(np.vstack([part.x_train, part.x_test]), whole.x_train)
    for a, b in ((part.x_train, part.y_train), (part.x_test, part.y_test)):
        np.testing.assert_array_equal(a[:, 0], b)


@given(st.integers(1, 60), st.integers(1, 70), seeds, st.floats(-100, 100))
def test_smoothing_is_linear_and_keeps_constants(length, window, seed, c):
    """상수는 그대로이고, 곡선을 더해 고르나 골라서 더하나 같습니다."""
    a, b = np.random.default_rng(seed).standard_normal((2, length))
    np.testing.assert_allclose(smooth(np.full(length, c), window), c, rtol=1e-12)
    expected = smooth(a, window) + c * smooth(b, window)
    np.testing.assert_allclose(smooth(a + c * b, window), expected, rtol=0, atol=1e-11)
