"""1장의 주장을 다른 시드에서 다시 잽니다. 오래 걸리는 학습은 저장된 것(experiments/symmetry.py)에서 읽습니다."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import wi_lib
from experiments import symmetry
from wi_lib import datasets, initializers, signals

SIZES = [64, 20, 20, 10]
SEEDS = [11, 12, 13, 14, 15]
RATES = {"sgd": 0.3, "adam": 0.003}
FAST = {"learning_rate": 1.0, "batch_size": 100}
each_seed = pytest.mark.parametrize("seed", SEEDS)
DATA = Path(__file__).parents[2] / "chapters" / "data"
each_optimizer = pytest.mark.parametrize("optimizer", RATES)


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


def build(activation, init, seed=0, sizes=SIZES):
    return wi_lib.MLP(sizes, activation, init, rng=np.random.default_rng(seed), dtype=np.float64)


def train(net, steps, seed, optimizer="sgd", data=None, **settings):
    rng = np.random.default_rng([seed, 1]) if isinstance(seed, int) else seed
    settings = {"learning_rate": RATES[optimizer], "batch_size": 50} | settings
    return wi_lib.train(net, data or digits(), **settings, optimizer=optimizer, iterations=steps, rng=rng)


@cache
def trained(init, seed, optimizer="sgd"):
    """상수 init이나 그 이름의 초기화에서 시작해 1,000걸음 학습한 ReLU 망."""
    net = build("relu", init if isinstance(init, str) else initializers.constant(init), seed)
    train(net, 1000, seed, optimizer)
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
def test_zero_sigmoid_wakes_one_layer_per_step(seed):
    """모두 0인 sigmoid 망은 위층부터 한 걸음에 한 층씩 기울기를 받기 시작합니다."""
    net, rng = build("sigmoid", "zeros"), np.random.default_rng(seed)
    seen = []
    for _ in range(3):
        seen.append(alive(gradients(net).weights))
        train(net, 1, rng, **FAST)
    assert seen == [[False, False, True], [False, True, True], [True, True, True]]


@each_seed
@each_optimizer
@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_zero_net_learns_only_the_output_bias(activation, optimizer, seed):
    """모두 0인 ReLU 망과 tanh 망에서 0이 아니게 되는 것은, Adam으로도, b3뿐입니다."""
    net = build(activation, "zeros")
    train(net, 100, seed, optimizer)
    assert alive(net.weights) == [False] * 3
    assert alive(net.biases) == [False, False, True]


@each_seed
@each_optimizer
@pytest.mark.parametrize("make", [digits, skewed])
def test_zero_relu_settles_at_the_entropy_of_the_classes(make, optimizer, seed):
    """모두 0인 ReLU 망의 손실은 클래스 비율의 엔트로피까지만 내려갑니다."""
    net, data = build("relu", "zeros"), make()
    train(net, 1000, seed, optimizer, data)
    excess = net.loss(data.x_train, data.y_train) - entropy(data)
    assert -1e-6 < excess < 0.05


@each_seed
def test_zero_sigmoid_still_falls_where_the_page_stops(seed):
    """모두 0인 sigmoid 망은 1,000걸음에서 무작위보다 한참 높고, 손실은 그때도 내려가고 있습니다."""
    zero, random = build("sigmoid", "zeros"), build("sigmoid", "xavier_normal", seed)
    loss = train(zero, 2000, seed, **FAST).loss
    assert loss[600:700].mean() - 0.03 > loss[900:1000].mean() > 1.2
    assert loss[900:1000].mean() - 0.03 > loss[1900:].mean()
    assert train(random, 1000, seed, **FAST).loss[-100:].mean() < 0.2


def test_entropy_is_near_ln10_only_when_classes_are_balanced():
    """고른 자료의 엔트로피는 ln 10과 0.0001밖에 다르지 않고, 치우친 자료에서는 0.5 넘게 다릅니다."""
    assert np.log(10) - entropy(digits()) == pytest.approx(0.0001, abs=5e-5)
    assert np.log(10) - entropy(skewed()) > 0.5


@each_seed
def test_zero_relu_answers_the_most_frequent_digit(seed):
    """치우친 자료에서 모두 0인 ReLU 망의 학습 정확도는 숫자 0의 비율입니다."""
    net, data = build("relu", "zeros"), skewed()
    train(net, 500, seed, data=data)
    assert net.accuracy(data.x_train, data.y_train) == np.mean(data.y_train == 0)


@each_seed
@each_optimizer
@pytest.mark.parametrize("c", [0.01, 0.05, 0.5])
def test_constant_stays_one_unit(c, optimizer, seed):
    """0이 아닌 상수로 시작하면 SGD로도 Adam으로도 은닉층의 서로 다른 유닛은 1개이고, 절반도 못 맞힙니다."""
    net = trained(c, seed, optimizer)
    assert [signals.distinct_columns(w) for w in net.weights[:2]] == [1, 1]
    assert accuracy(net) < 0.5


@each_seed
@each_optimizer
def test_random_weights_keep_twenty_units(optimizer, seed):
    """무작위로 시작한 망은 서로 다른 유닛이 20개이고 0.8 넘게 맞힙니다."""
    net = trained("he_normal", seed, optimizer)
    assert [signals.distinct_columns(w) for w in net.weights] == [20, 20, 10]
    assert accuracy(net) > 0.8


@each_seed
def test_only_sgd_kills_the_second_layer_from_a_large_constant(seed):
    """상수 0.5에서 SGD는 2층이 0만 내게 만들어 손실이 엔트로피에 머물고, Adam은 죽이지 않습니다."""
    net = trained(0.5, seed)
    assert not hidden(net, 2).any()
    assert net.loss(digits().x_train, digits().y_train) == pytest.approx(entropy(digits()), abs=0.02)
    assert accuracy(net) < 0.15
    assert hidden(trained(0.5, seed, "adam"), 2).any()
    assert accuracy(trained(0.5, seed, "adam")) > 0.15


@each_seed
def test_constant_gives_every_hidden_unit_the_same_gradient(seed):
    """상수로 시작한 망에서는 은닉층 기울기의 열이 모두 같고, 무작위로 시작한 망에서는 모두 다릅니다."""
    for w in gradients(trained(0.05, seed)).weights[:2]:
        assert np.ptp(w, axis=1).max() < 1e-3 * np.abs(w).max()
    row = gradients(trained("he_normal", seed)).weights[0][36]
    assert np.ptp(row) > np.abs(row).max()


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

    net = trained(0.05, seed)
    assert same(net) == 1
    assert same(trained("he_normal", seed)) < 0.5
    assert [sum(p.size for p in m.parameters) for m in (net, folded(net))] == [1930, 87]


def noisy_net(c, eps, seed):
    """상수 c에 크기가 eps인 난수를 얹은 ReLU 망."""
    noise = initializers.normal(eps)
    return build("relu", lambda shape, rng: c + noise(shape, rng=rng), seed)


@each_seed
def test_signal_shrinks_with_the_square_of_the_noise_only_around_zero(seed):
    """상수 0에서는 난수가 열 배 작으면 1층의 기울기가 백 배 작고, 상수 0.05에서는 비슷합니다."""
    ratios = {}
    for c in (0, 0.05):
        sizes = []
        for eps in (1e-2, 1e-3):
            net = noisy_net(c, eps, seed)
            if c:  # 상수에서는 둘째 걸음부터 은닉층이 배웁니다.
                train(net, 20, seed, learning_rate=0.1)
            sizes.append(signals.rms(gradients(net).weights[0]))
        ratios[c] = sizes[0] / sizes[1]
    assert ratios[0] == pytest.approx(100, rel=0.3)
    assert 0.5 < ratios[0.05] < 2


@cache
def stored():
    return np.load(DATA / "symmetry.npz"), json.loads((DATA / "symmetry.json").read_text(encoding="utf-8"))


def runs(kind, optimizer, cell, field, rate=None):
    """저장된 시드들의 값. rate가 없으면 검증 정확도로 고른 학습률에서 잰 것입니다."""
    arrays, about = stored()
    validation = arrays[f"{kind}_{optimizer}_validation"][cell]
    rates = about["learning_rate"][f"{kind}_{optimizer}"]
    at = wi_lib.at_best_rate(validation, validation)[0] if rate is None else rates.index(rate)
    return arrays[f"{kind}_{optimizer}_{field}"][cell, at]


def start(name):
    return list(symmetry.STARTS).index(name)


def escape(optimizer, name):
    """손실이 1.2 아래로 내려간 걸음. 시드마다 하나이고, 내려가지 않으면 무한대입니다."""
    losses = runs("many", optimizer, start(name), "loss", RATES[optimizer])
    return np.where(losses.min(axis=1) < 1.2, symmetry.BLOCK * (losses < 1.2).argmax(axis=1), np.inf)


@pytest.mark.parametrize(
    ("optimizer", "rate", "cell", "setting"),
    [
        ("sgd", 0.3, start("ε = 0.001"), {"kind": "many", "start": "ε = 0.001"}),
        ("adam", 0.003, start("He"), {"kind": "many", "start": "He"}),
        ("adam", 0.01, 0, {"kind": "one"}),
    ],
)
def test_stored_results_can_be_measured_again(optimizer, rate, cell, setting):
    found = symmetry.run(optimizer=optimizer, learning_rate=rate, seed=0, **setting)
    for field, within in (("loss", 0.1), ("train_accuracy", 0.05), ("accuracy", 0.05)):
        np.testing.assert_allclose(found[field], runs(setting["kind"], optimizer, cell, field, rate)[0], atol=within)


@each_optimizer
def test_the_best_rate_is_inside_the_grid(optimizer):
    arrays, _ = stored()
    for kind, learned in (("many", range(len(symmetry.STARTS))), ("one", [0])):
        for cell in learned:
            measured = np.flatnonzero(arrays[f"{kind}_{optimizer}_measured"][cell])
            means = np.nan_to_num(arrays[f"{kind}_{optimizer}_validation"][cell].mean(axis=-1), nan=-1)
            if means.max() > 0.2:
                assert measured[0] < means.argmax() < measured[-1]


@each_optimizer
def test_page_rates_learn_as_well_as_the_best(optimizer):
    """페이지의 학습률은 무작위로 시작한 망에서 고른 것이고, 난수를 얹은 망에서도 가장 좋은 것과 0.02 안입니다."""
    for name in list(symmetry.STARTS)[1:4]:
        own = runs("many", optimizer, start(name), "validation", RATES[optimizer]).mean()
        assert own > runs("many", optimizer, start(name), "validation").mean() - 0.02
    np.testing.assert_array_equal(
        runs("many", optimizer, start("He"), "loss", RATES[optimizer]), runs("many", optimizer, start("He"), "loss")
    )


@each_optimizer
def test_one_unit_climbs_past_the_stop_and_stays_below_random(optimizer):
    """유닛 하나짜리 망은 3,000걸음 뒤에도 배우지만, 60,000걸음 뒤에도 0.6을 못 맞힙니다. 무작위는 0.98을 넘습니다."""
    one, many = stored()[0][f"long_{optimizer}_train_accuracy"], runs("many", optimizer, start("He"), "train_accuracy")
    assert 0.3 < one.min() <= one.max() < 0.6
    assert many.min() > 0.98
    losses = stored()[0][f"long_{optimizer}_loss"]
    assert losses[:, 2].mean() - 0.05 > losses[:, -1].mean()
    assert losses[:, -1].min() > 1.1


@each_optimizer
def test_tiny_noise_breaks_the_symmetry_after_a_logarithmic_wait(optimizer):
    """백 배 작은 난수가 기다리는 시간은 네 배가 안 되고, 난수가 없으면 끝내 내려가지 않습니다."""
    large, medium, small = (escape(optimizer, f"ε = {eps:g}") for eps in (1e-2, 1e-3, 1e-4))
    assert np.median(large) < np.median(medium) < np.median(small) < 4 * np.median(large)
    assert np.isinf(escape(optimizer, "상수")).all()
    assert runs("many", optimizer, start("ε = 0.0001"), "accuracy").min() > 0.8


def test_only_adam_learns_from_small_noise_around_zero():
    """상수 0에 0.001을 얹으면 SGD는 잰 어느 학습률로도 배우지 못하고, Adam은 다섯 시드가 모두 0.8 넘게 맞힙니다."""
    arrays, _ = stored()
    cell = start("상수 0, ε = 0.001")
    assert np.nanmax(arrays["many_sgd_accuracy"][cell]) < 0.2
    assert arrays["many_sgd_measured"][cell].sum() >= 5
    assert runs("many", "adam", cell, "accuracy").min() > 0.8


@each_seed
def test_different_units_do_not_learn_without_a_signal(seed):
    """페이지의 학습률로, 상수 0에 0.001을 얹은 망은 3,000걸음 뒤 SGD로는 2.3이고 Adam으로는 0.5 아래입니다."""
    sgd, adam = (train(noisy_net(0, 1e-3, seed), 3000, seed, name).loss[-50:].mean() for name in RATES)
    assert sgd == pytest.approx(entropy(digits()), abs=0.03)
    assert adam < 0.5


def test_rounding_never_makes_twenty_units():
    """반올림만으로는 20개가 모두 갈라지지 않습니다. 너비가 16이면 8,000걸음 뒤에도 하나입니다."""
    units = stored()[0]["rounding_units"]
    assert (units[:, 1] == 1).all()
    assert units.max() <= 4
    assert (units[1, 0] > 1).all()


@cache
def decayed(optimizer, decay, std, seed):
    """감쇠를 두고 3,000걸음 학습한 망의 (처음 가중치의 크기, 끝의 크기, 시험 정확도)."""
    net = build("relu", initializers.normal(std) if std else "he_normal", seed)
    before = np.sqrt(sum((w**2).sum() for w in net.weights))
    settings = {"learning_rate": RATES[optimizer], "batch_size": 50, "iterations": 3000}
    chosen = type(wi_lib.optimizers.get(optimizer))(weight_decay=decay)
    wi_lib.train(net, digits(), optimizer=chosen, rng=np.random.default_rng([seed, 1]), **settings)
    return before, np.sqrt(sum((w**2).sum() for w in net.weights)), accuracy(net)


@pytest.mark.parametrize(("optimizer", "decay"), [("sgd", 0.001), ("adam", 0.3)])
def test_a_small_start_is_not_weight_decay(optimizer, decay):
    """처음에 네 배 넘게 작아도 끝의 크기는 비슷하고 정확도는 오르지 않습니다. 감쇠는 어디서 시작해도 끝을 줄입니다."""
    small, he = (np.mean([decayed(optimizer, 0.0, std, s) for s in SEEDS], axis=0) for std in (0.05, None))
    assert he[0] > 4 * small[0]
    assert small[1] == pytest.approx(he[1], rel=0.25)
    assert small[2] < he[2] + 0.03
    for std, (_, plain, _) in ((0.05, small), (None, he)):
        assert np.mean([decayed(optimizer, decay, std, s)[1] for s in SEEDS]) < 0.9 * plain
