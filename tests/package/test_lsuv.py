"""wi_lib.lsuv: 층마다 가중합의 분산이 1이 되고, 맞출 수 없으면 망을 건드리지 않거나 분명히 알립니다."""

import re
import warnings
from itertools import pairwise

import numpy as np
import pytest

import wi_lib
from wi_lib import activations, initializers, lsuv, theory

SIZES = [20, 50, 10, 30, 5]


def make(activation="relu", sizes=SIZES, dtype=np.float32):
    return wi_lib.MLP(sizes, activation, "zeros", rng=np.random.default_rng(0), dtype=dtype)


def inputs(scale=1.0, mean=0.0, count=300, columns=SIZES[0]):
    return mean + scale * np.random.default_rng(1).standard_normal((count, columns))


def sums(net, x):
    """층마다의 가중합. lsuv와 따로, 망의 가중치만으로 다시 계산합니다."""
    found, a = [], x.astype(net.dtype)
    for weight, bias in zip(net.weights, net.biases):
        found.append(a @ weight + bias)
        a = net.activation.apply(found[-1].copy())
    return found


@pytest.mark.parametrize("activation", activations.ACTIVATIONS)
@pytest.mark.parametrize(("scale", "mean"), [(1, 0), (0.01, 0), (100, 0), (1, 5)])
def test_every_sum_has_unit_variance(activation, scale, mean):
    """입력의 크기와 평균, 활성화 함수가 무엇이든 가중합의 분산은 층마다 1이고, 돌려준 값과 같습니다."""
    net, x = make(activation), inputs(scale, mean)
    variances = lsuv(net, x, rng=np.random.default_rng(2), tolerance=1e-6)
    np.testing.assert_allclose([z.var(dtype=np.float64) for z in sums(net, x)], 1, rtol=1e-4)
    np.testing.assert_allclose(variances, 1, atol=1e-6)


def test_weights_are_scaled_orthogonal_matrices():
    """가중치는 같은 rng로 뽑은 직교 행렬의 상수배이고, 편향과 배열의 정체는 그대로입니다."""
    net = make()
    held = [*net.weights]
    lsuv(net, inputs(), rng=np.random.default_rng(2), tolerance=1e-6)
    rng = np.random.default_rng(2)
    for mine, kept, shape in zip(net.weights, held, pairwise(SIZES)):
        drawn = initializers.orthogonal()(shape, rng=rng)
        scale = np.linalg.norm(mine) / np.linalg.norm(drawn)
        np.testing.assert_allclose(mine, scale * drawn, rtol=1e-4, atol=1e-6)
        assert mine is kept
        assert mine.dtype == np.float32
    assert all((bias == 0).all() for bias in net.biases)


def test_a_layer_within_the_tolerance_is_left_alone():
    """이미 허용 범위 안이면 나누지 않습니다: 선형망에 표준정규 입력이면 직교 행렬 그대로입니다."""
    net = make("identity", [40, 40, 40])
    lsuv(net, inputs(count=2000, columns=40), rng=np.random.default_rng(2))
    rng = np.random.default_rng(2)
    for weight in net.weights:
        np.testing.assert_array_equal(weight, initializers.orthogonal()((40, 40), rng=rng))


def test_one_division_is_enough_without_biases():
    """편향이 0이면 z는 W에 비례하므로 한 번만 나누면 됩니다."""
    lsuv(make(), inputs(30), rng=np.random.default_rng(2), tolerance=1e-9, max_iterations=1)


@pytest.mark.parametrize(("activation", "rel"), [("identity", 0.03), ("relu", 0.1), ("tanh", 0.05), ("selu", 0.05)])
def test_the_scale_found_from_data_is_the_gain_of_theory(activation, rel):
    """표준정규 입력이면 2층부터의 √n · std(W)는 이론의 gain입니다."""
    net = make(activation, [200] * 4)
    lsuv(net, inputs(columns=200), rng=np.random.default_rng(2), tolerance=1e-6)
    for weight in net.weights[1:]:
        assert np.sqrt(200) * weight.std() == pytest.approx(theory.gain(activation), rel=rel)


def test_small_biases_need_a_few_divisions():
    """편향이 흩어져 있으면 여러 번 나누어 맞춥니다. 편향은 바뀌지 않습니다."""
    net, x = make("tanh"), inputs(3)
    for bias in net.biases:
        bias[:] = np.linspace(-1, 1, len(bias))
    biases = [bias.copy() for bias in net.biases]
    with pytest.warns(RuntimeWarning, match="1번 나누었지만"):
        lsuv(net, x, rng=np.random.default_rng(2), tolerance=0.01, max_iterations=1)
    lsuv(net, x, rng=np.random.default_rng(2), tolerance=0.01, max_iterations=20)
    assert all(abs(z.var() - 1) < 0.011 for z in sums(net, x))
    for before, after in zip(biases, net.biases):
        np.testing.assert_array_equal(before, after)


def test_layers_that_cannot_converge_are_named():
    """편향만으로 분산이 1을 넘는 층은 맞출 수 없습니다. 그 층만 알리고, 다른 층은 맞춥니다."""
    net, x = make("tanh"), inputs()
    net.biases[1][:] = np.linspace(-4, 4, 10)
    with pytest.warns(RuntimeWarning, match=r"10번 나누었지만.*: 2층 [\d.]+\. ") as caught:
        variances = lsuv(net, x, rng=np.random.default_rng(2))
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert (abs(variances - 1) < 0.1).tolist() == [True, False, True, True]
    np.testing.assert_allclose(variances, [z.var() for z in sums(net, x)], rtol=1e-3)
    assert all(np.isfinite(weight).all() for weight in net.weights)


def dead_relu():
    """2층으로 가는 길에서 모든 유닛이 꺼지는 망."""
    net = make("relu")
    net.biases[0][:] = -1e6
    return net


BROKEN = {
    "0뿐인 입력": (make, np.zeros((9, 20)), "x", "서로 다른 행"),
    "한 가지 입력": (make, np.tile(inputs(count=1), (9, 1)), "x", "서로 다른 행"),
    "입력 하나": (make, inputs(count=1), "x", "서로 다른 행"),
    "너무 작은 입력": (make, inputs(1e-20), "x", "1층의 가중합이 모두"),
    "꺼진 층": (dead_relu, inputs(), "x", "2층의 가중합이 모두 0"),
    "NaN": (make, np.where(np.arange(20) == 3, np.nan, inputs()), "x", "nan"),
    "범위 밖": (make, inputs(1e16), "x", "1e+15 이하"),
    "열이 다름": (make, inputs(columns=19), "x", "(n, 20)"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_refused_call_leaves_the_net_alone(case):
    maker, x, name, says = BROKEN[case]
    net = maker()
    before = [p.copy() for p in net.parameters]
    with pytest.raises(ValueError, match=re.escape(says)) as caught:
        lsuv(net, x, rng=np.random.default_rng(2))
    assert str(caught.value).startswith(f"`{name}`")
    for mine, old in zip(net.parameters, before):
        np.testing.assert_array_equal(mine, old)


@pytest.mark.parametrize("settings", [{"tolerance": 0}, {"tolerance": -1}, {"max_iterations": 0}, {"tolerance": 2}])
def test_settings_are_checked_before_the_net_is_touched(settings):
    net = make()
    with pytest.raises(ValueError, match=f"`{next(iter(settings))}`"):
        lsuv(net, inputs(), rng=np.random.default_rng(2), **settings)
    assert not net.weights[0].any()


def test_integer_inputs_and_float64_nets():
    """정수 자료도, float64 망도 됩니다. 경고는 없습니다."""
    net, x = make("relu", dtype=np.float64), np.arange(400).reshape(20, 20) % 7
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        variances = lsuv(net, x, rng=np.random.default_rng(2), tolerance=1e-9)
    np.testing.assert_allclose([z.var() for z in sums(net, x)], variances, rtol=1e-12)
    assert net.weights[0].dtype == np.float64


REPLACED = {
    "weights[1]": [np.ones((50, 10), int), np.ones((10, 50)), [[1.0] * 10] * 50],
    "biases[1]": [np.zeros(10, int), np.zeros(3), [0.0] * 10],
}


@pytest.mark.parametrize(("name", "index"), [(name, i) for name in REPLACED for i in range(3)])
def test_replaced_parameters_are_checked_before_the_net_is_touched(name, index):
    net = make()
    getattr(net, name.split("[")[0])[1] = REPLACED[name][index]
    with pytest.raises((ValueError, TypeError), match=re.escape(f"`net.{name}`에는")):
        lsuv(net, inputs(), rng=np.random.default_rng(2))
    assert not net.weights[0].any()
