"""1장의 주장을 다른 시드에서 다시 잽니다."""

from functools import cache

import numpy as np
import pytest

import wi_lib
from wi_lib import datasets, initializers, plots, signals

SIZES = [64, 20, 20, 10]
SEEDS = [11, 12, 13]
SETTINGS = {"learning_rate": 0.1, "batch_size": 50}
FAST = {"learning_rate": 1.0, "batch_size": 100}
each_seed = pytest.mark.parametrize("seed", SEEDS)


@cache
def digits():
    return datasets.load_digits()


@cache
def skewed():
    """숫자 0은 모두, 나머지는 열 장에 한 장."""
    data = digits()
    keep = (data.y_train == 0) | (np.arange(len(data.y_train)) % 10 == 0)
    return datasets.Dataset(data.x_train[keep], data.y_train[keep], data.x_test, data.y_test, "치우친 자료")


def entropy(data):
    share = np.bincount(data.y_train) / len(data.y_train)
    return -(share * np.log(share)).sum()


def build(activation, init, seed=0, sizes=SIZES, dtype=np.float32):
    return wi_lib.MLP(sizes, activation, init, rng=np.random.default_rng(seed), dtype=dtype)


def train(net, steps, seed, data=None, settings=SETTINGS):
    rng = np.random.default_rng([seed, 1]) if isinstance(seed, int) else seed
    return wi_lib.train(net, data or digits(), **settings, iterations=steps, rng=rng)


@cache
def trained_constant(c, seed):
    """상수 c로 시작해 1,000걸음 학습한 ReLU 망."""
    net = build("relu", initializers.constant(c))
    train(net, 1000, seed)
    return net


@cache
def trained_random(seed):
    net = build("relu", "he_normal", seed)
    train(net, 1000, seed)
    return net


def accuracy(net):
    return net.accuracy(digits().x_test, digits().y_test)


def gradients(net):
    return net.gradients(digits().x_train, digits().y_train)


def alive(arrays):
    return [bool(array.any()) for array in arrays]


def hidden(net, layer):
    """편향까지 넣어 계산한 은닉층의 활성화값."""
    a = digits().x_train
    for weight, bias in zip(net.weights[:layer], net.biases[:layer]):
        a = net.activation(a @ weight + bias)
    return a


@pytest.mark.parametrize(("activation", "last"), [("relu", False), ("tanh", False), ("sigmoid", True)])
def test_zero_weights_send_no_gradient_to_hidden_layers(activation, last):
    """모두 0이면 ReLU와 tanh에서는 b3만, sigmoid에서는 W3와 b3만 기울기를 받습니다."""
    g = gradients(build(activation, "zeros"))
    assert alive(g.weights) == [False, False, last]
    assert alive(g.biases) == [False, False, True]


@each_seed
def test_zero_sigmoid_outputs_one_half_and_stops_the_signal_at_the_top(seed):
    """모두 0인 sigmoid 망의 활성화값은 0.5이고, 역전파 신호는 맨 위층에만 있습니다."""
    s = wi_lib.propagate(digits().x_train, 5, 20, "sigmoid", "zeros", rng=np.random.default_rng(seed))
    assert all((a == 0.5).all() for a in s.activations)
    assert alive(s.deltas) == [False] * 4 + [True]


@each_seed
@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_zero_net_learns_only_the_output_bias(activation, seed):
    """모두 0인 ReLU 망과 tanh 망에서 0이 아니게 되는 것은 b3뿐입니다."""
    net = build(activation, "zeros")
    train(net, 100, seed)
    assert alive(net.weights) == [False] * 3
    assert alive(net.biases) == [False, False, True]


@each_seed
def test_zero_sigmoid_wakes_one_layer_per_step(seed):
    """모두 0인 sigmoid 망은 위층부터 한 걸음에 한 층씩 기울기를 받기 시작합니다."""
    net, rng = build("sigmoid", "zeros"), np.random.default_rng(seed)
    seen = []
    for _ in range(3):
        seen.append(alive(gradients(net).weights))
        train(net, 1, rng, settings=FAST)
    assert seen == [[False, False, True], [False, True, True], [True, True, True]]


@each_seed
def test_zero_sigmoid_learns_as_one_unit(seed):
    """모두 0인 sigmoid 망의 손실은 1.4–1.9이고 서로 다른 유닛은 1개입니다. 무작위의 손실은 0.2 아래입니다."""
    zero, random = build("sigmoid", "zeros"), build("sigmoid", "xavier_normal", seed)
    loss = train(zero, 1000, seed, settings=FAST).loss[-100:].mean()
    assert 1.4 < loss < 1.9
    assert signals.distinct_columns(zero.weights[0]) == 1
    assert train(random, 1000, seed, settings=FAST).loss[-100:].mean() < 0.2


@each_seed
@pytest.mark.parametrize("make", [digits, skewed])
def test_zero_relu_settles_at_the_entropy_of_the_classes(make, seed):
    """모두 0인 ReLU 망의 손실은 클래스 비율의 엔트로피까지만 내려갑니다."""
    net, data = build("relu", "zeros"), make()
    train(net, 500, seed, data)
    excess = net.loss(data.x_train, data.y_train) - entropy(data)
    assert -1e-6 < excess < 0.01


def test_entropy_is_near_ln10_only_when_classes_are_balanced():
    """고른 자료의 엔트로피는 ln 10과 0.0001밖에 다르지 않고, 치우친 자료에서는 0.5 넘게 다릅니다."""
    assert np.log(10) - entropy(digits()) == pytest.approx(0.0001, abs=5e-5)
    assert np.log(10) - entropy(skewed()) > 0.5


@each_seed
def test_zero_relu_answers_the_most_frequent_digit(seed):
    """치우친 자료에서 모두 0인 ReLU 망의 학습 정확도는 숫자 0의 비율입니다."""
    net, data = build("relu", "zeros"), skewed()
    train(net, 500, seed, data)
    assert net.accuracy(data.x_train, data.y_train) == np.mean(data.y_train == 0)


@each_seed
def test_constant_distribution_looks_healthy_but_has_one_unit(seed):
    """상수 0.05의 분포는 퍼져 있고 신호도 모든 층에 닿지만, 서로 다른 유닛과 계수는 1입니다."""
    rng = np.random.default_rng(seed)
    s = wi_lib.propagate(rng.standard_normal((1000, 64)), 5, 20, "relu", initializers.constant(0.05), rng=rng)
    for layer in s.summary():
        assert layer.std > 0.05
        assert layer.delta_rms > 0.05
        assert (layer.distinct, layer.rank) == (1, 1)


@each_seed
@pytest.mark.parametrize("c", [0.01, 0.05, 0.5])
def test_constant_stays_one_unit(c, seed):
    """0이 아닌 상수로 시작해도 학습 뒤 은닉층의 서로 다른 유닛은 1개, 계수도 1이고 절반도 못 맞힙니다."""
    net = trained_constant(c, seed)
    assert [signals.distinct_columns(w) for w in net.weights[:2]] == [1, 1]
    assert [signals.rank(w) for w in net.weights[:2]] == [1, 1]
    assert accuracy(net) < 0.5


@each_seed
def test_random_weights_keep_twenty_units(seed):
    """무작위로 시작한 망은 서로 다른 유닛이 20개, 계수가 20이고 0.8 넘게 맞힙니다."""
    net = trained_random(seed)
    assert [signals.distinct_columns(w) for w in net.weights] == [20, 20, 10]
    assert [signals.rank(w) for w in net.weights] == [20, 20, 10]
    assert accuracy(net) > 0.8


@each_seed
def test_large_constant_kills_the_second_layer(seed):
    """상수 0.5에서는 2층이 0만 내고, 손실은 모두 0인 망처럼 엔트로피에 머뭅니다."""
    net = trained_constant(0.5, seed)
    assert not hidden(net, 2).any()
    assert net.loss(digits().x_train, digits().y_train) == pytest.approx(entropy(digits()), abs=0.02)
    assert accuracy(net) < 0.15


@each_seed
def test_constant_gives_every_hidden_unit_the_same_gradient(seed):
    """상수로 시작한 망에서는 은닉층 기울기의 열이 모두 같고, 무작위로 시작한 망에서는 모두 다릅니다."""
    for w in gradients(trained_constant(0.05, seed)).weights[:2]:
        assert np.ptp(w, axis=1).max() < 1e-3 * np.abs(w).max()
    row = gradients(trained_random(seed)).weights[0][36]
    assert np.ptp(row) > np.abs(row).max()


@each_seed
def test_constant_first_step_reaches_only_the_output_layer(seed):
    """상수로 시작하면 첫 걸음에는 은닉층의 기울기가 0이고, 둘째 걸음부터 0이 아닙니다."""
    net = build("relu", initializers.constant(0.05))
    for hidden_layers_learn in (False, True):
        sizes = [signals.rms(w) for w in gradients(net).weights]
        for size in sizes[:2]:
            assert (size > 1e-4 * sizes[2]) if hidden_layers_learn else (size < 1e-5 * sizes[2])
        train(net, 1, seed)


@each_seed
def test_only_the_output_columns_split_and_rank_stays_one(seed):
    """상수로 시작한 망의 출력층은 10개의 다른 열로 갈라지지만 계수는 1입니다."""
    w = trained_constant(0.05, seed).weights[2]
    assert signals.distinct_columns(w) == 10
    assert signals.rank(w) == 1


@each_seed
def test_constant_net_folds_into_one_unit_per_layer(seed):
    """상수로 시작한 망은 학습 뒤에도 유닛 하나짜리 망과 예측이 같습니다. 무작위로 시작한 망은 그렇지 않습니다."""

    def folded(net):
        small = build("relu", "zeros", sizes=[64, 1, 1, 10])
        for i, n in enumerate(small.sizes[1:]):
            weight = net.weights[i].sum(axis=0, keepdims=True) if i else net.weights[i]
            small.weights[i][:], small.biases[i][:] = weight[:, :n], net.biases[i][:n]
        return small

    def same(net):
        return np.mean(folded(net).predict(digits().x_test) == net.predict(digits().x_test))

    net = trained_constant(0.05, seed)
    assert same(net) == 1
    assert same(trained_random(seed)) < 0.5
    assert [sum(p.size for p in m.parameters) for m in (net, folded(net))] == [1930, 87]


@pytest.mark.parametrize(("c", "dies"), [(0.005, False), (0.05, True)])
def test_wider_constant_layer_does_not_help(c, dies):
    """유닛을 200개로 늘려도 하나와 같습니다. 상수를 열 배 줄이지 않으면 죽습니다."""
    for seed in SEEDS:
        net = build("relu", initializers.constant(c), sizes=[64, 200, 200, 10])
        train(net, 300, seed)
        assert signals.distinct_columns(net.weights[0]) == 1
        assert hidden(net, 2).any() != dies
        assert accuracy(net) < (0.15 if dies else 0.5)


EPSILONS = {0: 2200, 1e-2: 1500, 1e-3: 2500, 1e-4: 3600}


def noisy_net(c, eps, seed):
    """상수 c에 크기가 eps인 난수를 얹은 ReLU 망."""
    noise = initializers.normal(eps)
    return build("relu", lambda shape, rng: c + noise(shape, rng=rng), seed, dtype=np.float64)


@cache
def noisy_run(eps, seed):
    """(처음의 유닛 수, 처음의 1 % 계수, 손실이 1.3 아래로 내려간 걸음 또는 None, 끝의 1 % 계수)."""
    net = noisy_net(0.05, eps, seed)
    units, coarse = signals.distinct_columns(net.weights[0]), signals.rank(net.weights[0], tolerance=0.01)
    below = np.flatnonzero(plots.smooth(train(net, EPSILONS[eps], seed).loss) < 1.3)
    escape = int(below[0]) if len(below) else None
    return units, coarse, escape, signals.rank(net.weights[0], tolerance=0.01)


@each_seed
def test_tiny_noise_breaks_the_symmetry(seed):
    """난수가 없으면 유닛은 1개, 손실은 1.3 위입니다. ε이 0.0001이어도 유닛은 20개이고 손실은 결국 내려갑니다."""
    assert noisy_run(0, seed)[0] == 1
    assert noisy_run(0, seed)[2:] == (None, 1)
    for eps in (1e-2, 1e-3, 1e-4):
        assert noisy_run(eps, seed)[0] == 20
        assert noisy_run(eps, seed)[2] is not None


@each_seed
def test_smaller_noise_waits_longer_but_only_logarithmically(seed):
    """ε이 열 배 작아질 때마다 벗어나는 걸음은 비슷한 만큼씩 늘어나며, 백 배 작아져도 네 배가 되지 않습니다."""
    large, medium, small = (noisy_run(eps, seed)[2] for eps in (1e-2, 1e-3, 1e-4))
    assert large + 300 < medium
    assert medium + 300 < small
    assert 0.4 < (small - medium) / (medium - large) < 2.5
    assert small < 4 * large


@each_seed
def test_small_differences_grow_during_training(seed):
    """1 % 기준의 계수는 ε = 0.001과 0.0001에서 1로 시작해 학습하는 동안 늘고, ε = 0.01에서는 처음부터 20입니다."""
    assert noisy_run(1e-2, seed)[1] == 20
    for eps in (1e-3, 1e-4):
        _, before, _, after = noisy_run(eps, seed)
        assert before == 1
        assert after >= 4


@each_seed
@pytest.mark.parametrize("eps", [1e-3, 1e-2, 1e-1])
def test_noise_does_not_save_a_large_constant(eps, seed):
    """상수 0.5에는 크기가 0.1인 난수를 얹어도 2층이 0만 내고, 손실은 2.3에 머뭅니다."""
    net = noisy_net(0.5, eps, seed)
    train(net, 300, seed)
    assert not hidden(net, 2).any()
    assert net.loss(digits().x_train, digits().y_train) == pytest.approx(entropy(digits()), abs=0.02)


@each_seed
def test_different_units_do_not_learn_without_a_signal(seed):
    """상수 0에 0.001을 얹으면 계수는 처음부터 20인데 3,000걸음 뒤에도 손실이 2.3이고, 0.01이면 1 아래입니다."""
    losses = {}
    for eps in (1e-2, 1e-3):
        net = noisy_net(0, eps, seed)
        assert signals.rank(net.weights[0], tolerance=0.01) == 20
        losses[eps] = train(net, 3000, seed).loss[-50:].mean()
    assert losses[1e-2] < 1
    assert losses[1e-3] == pytest.approx(entropy(digits()), abs=0.02)


@each_seed
def test_signal_shrinks_with_the_square_of_the_noise_only_around_zero(seed):
    """상수 0에서는 난수가 열 배 작으면 1층의 기울기가 백 배 작고, 상수 0.05에서는 비슷합니다."""
    ratios = {}
    for c in (0, 0.05):
        sizes = []
        for eps in (1e-2, 1e-3):
            net = noisy_net(c, eps, seed)
            if c:  # 상수에서는 둘째 걸음부터 은닉층이 배웁니다.
                train(net, 20, seed)
            sizes.append(signals.rms(gradients(net).weights[0]))
        ratios[c] = sizes[0] / sizes[1]
    assert ratios[0] == pytest.approx(100, rel=0.3)
    assert 0.5 < ratios[0.05] < 2


@each_seed
def test_units_count_as_different_long_before_the_loss_knows(seed):
    """상수 0.05에 0.001을 얹고 1,000걸음이면 유닛은 20개인데 계수(1 %)는 4까지이고, 손실은 난수 없이와 같습니다."""
    noisy, same = noisy_net(0.05, 1e-3, seed), noisy_net(0.05, 0, seed)
    losses = [train(net, 1000, seed).loss[-50:].mean() for net in (noisy, same)]
    assert signals.distinct_columns(noisy.weights[0]) == 20
    assert signals.rank(noisy.weights[0], tolerance=0.01) <= 4
    assert losses[0] == pytest.approx(losses[1], abs=0.1)


@each_seed
def test_a_difference_of_rounding_size_splits_the_units(seed):
    """모두 0인 sigmoid 망은 2,000걸음 뒤에도 유닛 하나이고, 크기가 1e-7인 난수를 얹으면 모두 갈라집니다."""
    units = {}
    for eps in (0, 1e-7):
        net = build("sigmoid", initializers.normal(eps), seed, dtype=np.float64)
        train(net, 2000, seed, settings=FAST)
        units[eps] = signals.distinct_columns(net.weights[0])
    assert units == {0: 1, 1e-7: 20}


@each_seed
def test_random_biases_are_not_needed(seed):
    """가중치가 무작위이면 편향을 0에 두든 무작위로 두든 정확도가 같습니다."""
    random = build("relu", "he_normal", seed)
    rng = np.random.default_rng(seed)
    for b in random.biases[:2]:
        b[:] = 0.1 * rng.standard_normal(b.shape)
    train(random, 1000, seed)
    assert accuracy(random) == pytest.approx(accuracy(trained_random(seed)), abs=0.06)


@each_seed
def test_random_biases_alone_break_the_symmetry_slowly(seed):
    """가중치가 모두 0.05이고 편향만 무작위이면 대칭성은 깨지지만, 1,000걸음 뒤에도 무작위 가중치에 한참 못 미칩니다."""
    net, rng = build("relu", initializers.constant(0.05)), np.random.default_rng(seed)
    for b in net.biases[:2]:
        b[:] = 0.1 * rng.standard_normal(b.shape)
    assert signals.distinct_columns(net.weights[0]) == 1
    train(net, 1000, rng)
    assert signals.distinct_columns(net.weights[0]) == 20
    assert accuracy(net) < accuracy(trained_random(seed)) - 0.15
    train(net, 1500, rng)
    assert accuracy(net) > 0.65
