"""μP의 배율: Yang 외(2022)의 표 3, 그리고 그 배율로 한 걸음을 떼면 함수가 너비와 상관없이 움직이는지."""

import numpy as np
import pytest

import wi_lib
from wi_lib import datasets, layers, optimizers, signals, width


def mlp(n, seed=0, **settings):
    return wi_lib.MLP([64, n, n, 10], rng=np.random.default_rng(seed), **settings)


def stack(n):
    block = layers.Residual([layers.LayerNorm(), layers.Dense(4 * n), layers.Activate("relu"), layers.Dense(n)])
    return wi_lib.Network([layers.Dense(n), block, layers.Dense(10)], (64,), rng=np.random.default_rng(0))


def test_kinds_are_read_from_the_shapes():
    assert width.kinds(mlp(256), mlp(32)) == ["input", "hidden", "output", "input", "input", "fixed"]
    assert set(width.kinds(mlp(32), mlp(32))) == {"fixed"}
    # γ와 β와 편향은 모두 길이만 자라는 벡터이고, 자라지 않는 것은 마지막 편향뿐입니다.
    parts = [(p.ndim, kind) for p, kind in zip(stack(16).parameters, width.kinds(stack(16), stack(8)))]
    assert [kind for ndim, kind in parts if ndim == 2] == ["input", "hidden", "hidden", "output"]
    assert [kind for ndim, kind in parts if ndim == 1] == ["input"] * 5 + ["fixed"]


@pytest.mark.parametrize("m", [0.25, 4])
def test_factors_are_table_3_relative_to_the_base(m):
    """표 3의 분산과 학습률을 너비 n과 n·m에서 그대로 적어 나눈 것과 같습니다."""

    def table(n):
        # 첫 행렬, 은닉 행렬, 마지막 행렬, 은닉층의 편향 둘, 마지막 편향: 표준편차(편향은 1), SGD, Adam의 학습률.
        stds = [64**-0.5, n**-0.5, 1 / n, 1, 1, 1]
        return stds, [n, 1, 1 / n, n, n, 10], [1, 1 / n, 1 / n, 1, 1, 1]

    base, net = 64, int(64 * m)
    # 이미 1/√fan_in에 비례하는 초깃값에 곱하는 수이므로, 너비에 따른 그 몫을 뺍니다.
    standard = [1, m**-0.5, m**-0.5, 1, 1, 1]
    stds, sgd, adam = (np.divide(mine, theirs) for mine, theirs in zip(table(net), table(base)))
    for optimizer, rates in (("sgd", sgd), ("momentum", sgd), (optimizers.Adam(beta1=0.5), adam)):
        initial, found = width.factors(mlp(net), mlp(base), optimizer)
        assert np.allclose(initial, stds / standard)
        assert np.allclose(found, rates)


def test_a_hidden_matrix_that_only_doubles_one_side():
    """변마다 자란 정도가 다르면 SGD는 그 비를, Adam은 들어오는 변만 봅니다."""
    net, base = (wi_lib.MLP([64, n, m, 10], rng=np.random.default_rng(0)) for n, m in ((32, 256), (16, 16)))
    assert width.factors(net, base, "sgd")[1] == [2, 8, 1 / 16, 2, 16, 1]
    assert width.factors(net, base, "adam")[1] == [1, 1 / 2, 1 / 16, 1, 1, 1]


def moved(n, optimizer, transfer, rate, seed):
    """세 걸음 뒤에 로짓이 움직인 RMS. 기준 너비는 64입니다."""
    net, data = mlp(n, seed), datasets.load_digits()
    before, rule = net.forward(data.x_test), optimizers.get(optimizer)
    if transfer:
        initial, rates = width.factors(net, mlp(64), optimizer)
        for parameter, factor in zip(net.parameters, initial):
            parameter *= factor
        before, rule = net.forward(data.x_test), optimizers.PerParameter(rule, rates)
    settings = {"learning_rate": rate, "batch_size": 64, "iterations": 3, "optimizer": rule}
    wi_lib.train(net, data, rng=np.random.default_rng(seed), **settings)
    return signals.rms(net.forward(data.x_test) - before)


@pytest.mark.parametrize(("optimizer", "rate"), [("sgd", 0.01), ("adam", 3e-4)])
def test_steps_move_the_function_alike_at_every_width(optimizer, rate):
    """4배 넓혀도 μP의 걸음은 함수를 비슷하게 옮깁니다. 그대로 옮긴 학습률은 훨씬 더 옮깁니다."""
    seeds = range(4)
    old = np.mean([moved(128, optimizer, True, rate, seed) for seed in seeds])
    same, more = (np.mean([moved(512, optimizer, mu, rate, seed) for seed in seeds]) / old for mu in (True, False))
    assert 0.4 < same < 1.5
    assert more > 3.5


def test_only_two_nets_of_one_structure_are_compared():
    deeper = wi_lib.MLP([64, 8, 8, 8, 10], rng=np.random.default_rng(0))
    for base in (deeper, stack(8)):
        with pytest.raises(ValueError, match=r"`base`에는 net과 층의 차례가 같고 너비만 다른 망만"):
            width.kinds(mlp(16), base)
    with pytest.raises(TypeError, match=r"`optimizer`에는 sgd, momentum, adam"):
        width.factors(mlp(16), mlp(8), optimizers.PerParameter("sgd", [1] * 6))


def test_a_tied_matrix_has_no_kind_of_its_own():
    nets = [
        wi_lib.Network([layers.Tied(layers.Embedding(5, n), [layers.Position()])], (4,), rng=np.random.default_rng(0))
        for n in (8, 4)
    ]
    with pytest.raises(ValueError, match=r"`net`에는 입력과 출력의 행렬을 따로 둔 망만"):
        width.factors(*nets, "adam")
