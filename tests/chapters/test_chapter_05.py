"""5장 「ReLU가 버린 절반 되찾기」의 주장을 다른 시드로 다시 잽니다."""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import wi_lib
from experiments import relu_depth
from tests.chapters.trained import accuracies_in_the_lab, gradients_on_digits
from wi_lib import activations, initializers, theory
from wi_lib.signals import rms

SEEDS = (11, 12, 13)
SCALES = {
    "0.01": initializers.normal(0.01),
    "xavier": initializers.get("lecun_normal"),
    "he": initializers.get("he_normal"),
}


def inputs(count=200):
    return np.random.default_rng(100).standard_normal((count, 100))


def net(depth, init, seed, activation="relu", width=100, count=200):
    return wi_lib.propagate(inputs(count), depth, width, activation, init, rng=np.random.default_rng(seed))


def forward(signals):
    """1층에서 마지막 층까지 활성화값의 RMS가 몇 배가 되는지."""
    return rms(signals.activations[-1]) / rms(signals.activations[0])


def backward(signals):
    """마지막 층에서 1층까지 역전파 신호의 RMS가 몇 배가 되는지."""
    return rms(signals.deltas[0]) / rms(signals.deltas[-1])


def always(mask):
    """모든 입력에서 참인 유닛의 비율."""
    return mask.all(axis=0).mean()


@pytest.mark.parametrize("seed", SEEDS)
def test_five_layers_vanish_shrink_survive(seed):
    """다섯 층을 지나면 0.01은 사라지고, Xavier(1/n)는 층마다 줄고, He는 같은 크기에 머뭅니다."""
    small, xavier, he = (net(5, init, seed) for init in SCALES.values())
    assert rms(small.activations[-1]) < 1e-5
    assert rms(small.deltas[0]) < 1e-4
    for ratio in (forward(xavier), backward(xavier)):
        assert 0.12 < ratio < 0.5
    for ratio in (forward(he), backward(he)):
        assert 0.5 < ratio < 2


@pytest.mark.parametrize("seed", SEEDS)
def test_scale_does_not_change_which_units_are_on(seed):
    """같은 난수이면 초기화의 크기를 바꾸어도 0이 되는 자리는 그대로입니다."""
    masks = [[a == 0 for a in net(5, init, seed).activations] for init in SCALES.values()]
    for other in masks[1:]:
        assert all((first == second).mean() > 0.9999 for first, second in zip(masks[0], other))


def test_the_textbook_xavier_is_glorot_when_widths_are_equal():
    """너비가 모두 같으면 1/fan_in과 Glorot의 2/(fan_in + fan_out)은 같은 초기화입니다."""
    first, second = (
        initializers.get(name)((100, 100), rng=np.random.default_rng(1)) for name in ("lecun_normal", "xavier_normal")
    )
    np.testing.assert_allclose(first, second, rtol=1e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_relu_halves_the_mean_square_not_the_variance(seed):
    """ReLU를 지나면 제곱 평균은 1/2, 분산은 1/2 − 1/(2π) = 0.34, 도함수의 제곱 평균은 1/2입니다."""
    z = np.random.default_rng(seed).standard_normal(300_000)
    a = np.maximum(z, 0)
    assert np.mean(a**2) == pytest.approx(0.5, abs=0.01)
    assert a.var() == pytest.approx(0.5 - 0.5 / np.pi, abs=0.01)
    assert np.mean(activations.get("relu").derivative(a) ** 2) == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("seed", SEEDS)
def test_he_keeps_the_mean_square_and_neither_variance_is_one(seed):
    """He에서 z의 제곱 평균은 2, a의 제곱 평균은 1에 머물고, a의 분산은 1보다 뚜렷이 작습니다."""
    he, rng, a = SCALES["he"], np.random.default_rng(seed), inputs()
    for _ in range(5):
        z = a @ he((a.shape[1], 800), rng=rng)
        a = np.maximum(z, 0)
        assert np.mean(z**2) == pytest.approx(2, rel=0.3)
        assert np.mean(a**2) == pytest.approx(1, rel=0.3)
        assert a.var() < 0.88
        assert 0.6 < a.var() / np.mean(a**2) < 0.76


@pytest.mark.parametrize("seed", SEEDS)
def test_matching_the_variance_instead_explodes(seed):
    """분산 0.34를 되돌리려고 c = 2.93을 쓰면 30층에서 같은 난수의 He보다 259배 커집니다."""
    c = 1 / (0.5 - 0.5 / np.pi)
    assert c == pytest.approx(2.93, abs=0.005)
    ratio = forward(net(30, initializers.variance_scaling(c), seed)) / forward(net(30, SCALES["he"], seed))
    assert ratio == pytest.approx(259, abs=1)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("c", [0.5, 1, 2, 4, 8])
def test_growth_per_layer_is_root_c_over_two(seed, c):
    """표준편차가 √(c/n)이면 신호는 앞으로도 뒤로도 층마다 √(c/2)배입니다."""
    signals = net(10, initializers.variance_scaling(c), seed)
    for ratio in (forward(signals), backward(signals)):
        assert ratio ** (1 / 9) == pytest.approx(np.sqrt(c / 2), rel=0.1)


@pytest.mark.parametrize(("depth", "low", "high"), [(5, 0.63, 6.3), (10, 1.2, 3.3), (30, 1.7, 2.3), (50, 1.8, 2.2)])
def test_the_safe_range_of_c_narrows_with_depth(depth, low, high):
    """이론에서 신호가 10배 안에 머무는 c는 5층 0.6–6.3, 10층 1.2–3.3, 30층 1.7–2.3, 50층 1.8–2.2입니다."""
    for c, expected in ((low, 0.1), (high, 10)):
        std = theory.predict([100] * (depth + 1), [np.sqrt(c / 100)] * depth, "relu").std
        assert std[-1] / std[0] == pytest.approx(expected, rel=0.35)


def explored(c, slope=0, depth=30, draw=1, seed=0):
    """움직여 보는 실험의 한 자리: 앞으로의 배율과 뒤로의 배율."""
    x, rng = np.random.default_rng(seed).standard_normal((1000, 100))[:50], np.random.default_rng(draw)
    weights = [SCALES["xavier"]((100, 100), rng=rng) * c**0.5 for _ in range(depth)]
    f = activations.leaky_relu(slope) if slope else "relu"
    signals = wi_lib.signals.measure(x, weights, f, rng=np.random.default_rng(draw))
    return np.array([forward(signals), backward(signals)])


def within_ten(ratios):
    return ((ratios > 0.1) & (ratios < 10)).all()


def test_explorer_numbers_of_the_text():
    """c = 1.6은 30층에서 0.016배, 5층에서 0.58배이고, α = 0.5이면 0.78배입니다. α = 0.5에서 c = 2는 20배입니다."""
    ends = [explored(1.6)[0], explored(1.6, depth=5)[0], explored(1.6, 0.5)[0], explored(2, 0.5)[0]]
    assert ends == pytest.approx([0.016, 0.58, 0.78, 20], rel=0.04)


@pytest.mark.parametrize("draw", [1, 2, *SEEDS])
def test_a_little_less_than_two_survives_five_layers_not_thirty(draw):
    """c = 1.6이면 5층에는 절반쯤 넘게 남고 30층에는 10분의 1도 남지 않습니다."""
    assert (explored(1.6, depth=5, draw=draw) > 0.4).all()
    assert (explored(1.6, draw=draw) < 0.1).all()


@pytest.mark.parametrize("draw", [1, 2, *SEEDS])
def test_neighbours_of_two_leave_the_band_in_fifty_layers(draw):
    """5층이면 c가 1이어도 4여도 10배 안이고, 50층이면 1.6과 2.5가 벗어나고 2만 남습니다."""
    assert all(within_ten(explored(c, depth=5, draw=draw)) for c in (1, 2, 4))
    assert (explored(1.6, depth=50, draw=draw) < 0.1).all()
    assert (explored(2.5, depth=50, draw=draw) > 10).all()
    assert within_ten(explored(2, depth=50, draw=draw))


@pytest.mark.parametrize("draw", [1, 2, *SEEDS])
def test_the_meeting_point_moves_with_the_slope(draw):
    """α = 0.5이면 만나는 자리가 1.6, α = 1이면 1입니다. α = 0.5에서 c = 2는 30층에서 5배 넘게 커집니다."""
    assert activations.leaky_relu(0.5).gain ** 2 == pytest.approx(1.6)
    assert within_ten(explored(1.6, 0.5, draw=draw))
    assert within_ten(explored(1, 1, draw=draw))
    assert (explored(2, 0.5, draw=draw) > 5).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_thirty_layers(seed):
    """30층에서 Xavier(1/n)는 앞뒤로 2^(−14.5) = 4.3e-5배 안팎으로 줄고 He는 같은 자릿수에 머뭅니다."""
    xavier, he = net(30, SCALES["xavier"], seed), net(30, SCALES["he"], seed)
    for ratio in (forward(xavier), backward(xavier)):
        assert 2**-14.5 / 6 < ratio < 2**-14.5 * 6
    for ratio in (forward(he), backward(he)):
        assert 1 / 6 < ratio < 6


@pytest.mark.parametrize("seed", SEEDS)
def test_weight_gradients_are_even(seed):
    """30층 Xavier(1/n)의 가중치 기울기는 어느 층에서나 비슷하게 작습니다. 이론의 선은 평평합니다."""
    for name, level in (("xavier", 2**-15), ("he", 2**-0.5)):
        sizes = [rms(g) for g in net(30, SCALES[name], seed).weight_gradients]
        assert max(sizes) / min(sizes) < 6
        assert level / 6 < min(sizes) < max(sizes) < level * 6
    predicted = theory.predict([100] * 31, [0.1] * 30, "relu").weight_gradient_rms
    # 1층만 ReLU를 지나지 않은 입력을 받습니다.
    assert predicted == pytest.approx(np.full(30, 2**-15), rel=1e-3)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("depth", "ahead", "back"), [(5, 5.66, 4), (30, 32768, 23170)])
def test_depth_decides_how_different_xavier_and_he_are(seed, depth, ahead, back):
    """같은 난수에서 He ÷ Xavier는 5층이면 5.7과 4, 30층이면 3.3e4와 2.3e4입니다."""
    xavier, he = net(depth, SCALES["xavier"], seed), net(depth, SCALES["he"], seed)
    assert rms(he.activations[-1]) / rms(xavier.activations[-1]) == pytest.approx(ahead, rel=0.01)
    assert rms(he.deltas[0]) / rms(xavier.deltas[0]) == pytest.approx(back, rel=0.01)


@pytest.mark.parametrize("width", [25, 50, 100, 200])
def test_one_layer_scatters_by_five_over_n(width):
    """He 층 하나가 ‖a‖²에 곱하는 수의 평균은 1, 분산은 5/n입니다."""
    rng = np.random.default_rng(7)
    squares = np.maximum(rng.standard_normal((20_000, width)), 0) ** 2
    factor = 2 * squares.mean(axis=1)
    assert factor.mean() == pytest.approx(1, abs=0.01)
    assert factor.var() == pytest.approx(5 / width, rel=0.05)


@pytest.fixture(scope="module")
def scattered():
    """너비마다 난수 표본 150개의 (표본, 층) ln RMS. 입력은 제곱 평균이 1인 하나입니다."""
    x = np.ones((1, 100))
    return {width: np.array([scatter(x, width, seed) for seed in range(201, 351)]) for width in (25, 50, 100)}


def scatter(x, width, seed):
    signals = wi_lib.propagate(x, 30, width, "relu", SCALES["he"], rng=np.random.default_rng(seed))
    return [np.log(rms(a)) for a in signals.activations]


@pytest.mark.parametrize("width", [25, 50, 100])
@pytest.mark.parametrize("layer", [5, 10, 30])
def test_the_law_of_the_scatter(scattered, width, layer):
    """ln RMS의 표준편차는 ½√(5L/n)이고, 평균은 그 제곱만큼 작습니다: 지켜지는 것은 제곱의 평균입니다."""
    law, logs = np.sqrt(5 * layer / width) / 2, scattered[width][:, layer - 1]
    # 표본 150개로 잰 표준편차의 오차는 6 %쯤이고, 너비 25의 식은 8 %쯤 작습니다.
    assert logs.std() == pytest.approx(law, rel=0.2)
    assert np.median(logs) == pytest.approx(-(law**2), abs=0.4 * law)


def test_many_inputs_scatter_less_near_the_input():
    """입력 여럿을 평균하면 얕은 층의 흩어짐은 식보다 작습니다."""
    spread = np.std([scatter(inputs(20), 100, seed) for seed in range(201, 231)], axis=0)
    assert spread[0] < 0.6 * np.sqrt(5 / 100) / 2


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("slope", "gain"), [(0.01, 1.41), (0.2, 1.39), (0.5, 1.26), (1, 1.0)])
def test_leaky_gain(seed, slope, gain):
    """leaky ReLU의 gain은 √(2/(1+α²))이고, 재어도 같습니다. α = 1이면 1입니다."""
    f = activations.leaky_relu(slope)
    assert f.gain == pytest.approx(gain, abs=0.005)
    assert 1 / rms(f(np.random.default_rng(seed).standard_normal(300_000))) == pytest.approx(f.gain, rel=0.01)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("slope", "grown"), [(0.01, 1), (0.2, 1.8), (0.5, 25), (1, 2.3e4)])
def test_two_belongs_to_relu(seed, slope, grown):
    """c = 2를 그대로 쓰면 30층에서 제 gain의 1, 1.8, 25, 2.3e4배이고, 제 gain은 같은 자릿수에 머뭅니다."""
    f = activations.leaky_relu(slope)
    own = forward(net(30, initializers.variance_scaling(f.gain**2), seed, f))
    assert 1 / 6 < own < 6
    assert forward(net(30, SCALES["he"], seed, f)) / own == pytest.approx(grown, rel=0.03)


@pytest.mark.parametrize("seed", SEEDS)
def test_either_fan_is_enough(seed):
    """너비가 400과 100을 오가도 fan_in의 역방향은 1/2, fan_out의 순방향은 2배에서 멈추고, 1/n은 쌓입니다."""
    widths = [100] + [400, 100] * 5
    nets = {}
    for name, scale, mode in (("in", 2, "fan_in"), ("out", 2, "fan_out"), ("half", 1, "fan_in")):
        init, rng = initializers.variance_scaling(scale, mode), np.random.default_rng(seed)
        weights = [init(shape, rng=rng) for shape in pairwise(widths)]
        nets[name] = wi_lib.signals.measure(inputs(), weights, "relu", rng=rng)
    assert backward(nets["in"]) == pytest.approx(0.5, rel=0.4)
    assert backward(nets["out"]) == pytest.approx(1, rel=0.4)
    assert 0.4 < forward(nets["in"]) < 2
    assert forward(nets["out"]) / forward(nets["in"]) == pytest.approx(2, rel=0.01)
    assert backward(nets["out"]) / backward(nets["in"]) == pytest.approx(2, rel=0.01)
    assert forward(nets["half"]) < 0.1
    assert backward(nets["half"]) < 0.05
    for name, low, high in (("in", 0.1, 1), ("out", 0.1, 1), ("half", 0.004, 0.05)):
        sizes = [rms(g) for g in nets[name].weight_gradients]
        assert low < min(sizes) < max(sizes) < high


@pytest.mark.parametrize("seed", SEEDS)
def test_a_zero_is_not_a_dead_unit(seed):
    """5층에서 0의 비율은 절반쯤이지만 죽은 유닛은 거의 없고, 0.01에서도 그 수가 같습니다."""
    he, small = (net(5, SCALES[name], seed, count=1000).activations for name in ("he", "0.01"))
    for a, b in zip(he, small):
        assert 0.38 < np.mean(a == 0) < 0.62
        assert always(a == 0) <= 0.08
        assert abs(always(a == 0) - always(b == 0)) <= 0.01
    assert always(he[0] == 0) == 0


@pytest.mark.parametrize("seed", SEEDS)
def test_deep_layers_treat_all_inputs_alike(seed):
    """30층에서 0의 비율은 여전히 절반쯤인데 언제나 0인 유닛이 늘고, 입력들은 서로 닮아 갑니다."""
    signals = net(30, SCALES["he"], seed, count=1000)
    cosines = []
    for a in (signals.activations[0], signals.activations[-1]):
        unit = a / np.linalg.norm(a, axis=1, keepdims=True)
        cosines.append(np.sum(unit.mean(axis=0) ** 2))
    last = signals.activations[-1]
    assert cosines[0] < 0.4
    assert cosines[1] > 0.9
    assert 0.3 < np.mean(last == 0) < 0.7
    assert always(last == 0) > 0.1
    assert always(last > 0) > 0.05
    np.testing.assert_array_equal((last == 0).all(axis=0), (signals.weight_gradients[-1] == 0).all(axis=0))


@pytest.mark.parametrize("seed", SEEDS)
def test_front_page_vanish_survive_explode(seed):
    """첫 페이지의 20층: 0.05는 10억분의 1쯤, 0.1은 천분의 1쯤, 0.14는 그대로, 0.2는 수백 배, 0.4는 수억 배입니다."""
    ends = {}
    for std in (0.05, 0.1, np.sqrt(2 / 100), 0.2, 0.4):
        signals = net(20, initializers.normal(std), seed)
        ends[std] = signals.activations[-1].std(), rms(signals.deltas[0])
    assert all(1e-10 < end < 1e-8 for end in ends[0.05])
    assert all(0.1 < end < 3 for end in ends[np.sqrt(2 / 100)])
    assert all(1e-4 < end < 3e-3 for end in ends[0.1])
    assert all(1e2 < end < 3e3 for end in ends[0.2])
    assert all(3e7 < end < 3e9 for end in ends[0.4])


DATA = Path(__file__).parents[2] / "chapters" / "data"
ABOUT = json.loads((DATA / "relu_depth.json").read_text(encoding="utf-8"))["searches"]
with np.load(DATA / "relu_depth.npz") as opened:
    STORED = dict(opened)


def trained(optimizer, initializer, depth, activation="relu", standardised=False):
    """한 칸에서 검증 자료로 고른 학습률의 (정확도, 죽은 유닛, 가중치 기울기)."""
    wanted = (optimizer, initializer, depth, activation, standardised)
    ((name, i),) = (
        (name, i) for name, s in ABOUT.items() for i, c in enumerate(s["cells"]) if tuple(c.values()) == wanted
    )
    best, _ = wi_lib.at_best_rate(STORED[f"{name}_validation"], STORED[f"{name}_accuracy"])
    return [STORED[f"{name}_{key}"][i, best[i]] for key in ("accuracy", "dead", "gradient")]


@pytest.mark.parametrize("name", ABOUT)
def test_rates_were_searched_to_the_end(name):
    """배운 칸의 가장 좋은 학습률은 격자의 끝이 아니고, 배우지 못한 칸은 모든 시드가 발산할 때까지 올렸습니다."""
    for measured, validation in zip(STORED[f"{name}_measured"], STORED[f"{name}_validation"]):
        means = validation[measured].mean(axis=1)
        if np.nanmax(means) > 0.2:
            assert 0 < np.nanargmax(means) < len(means) - 1
        else:
            assert np.isnan(validation[measured][-1]).all()
            assert np.isfinite(validation[measured][0]).all()


def test_thirty_layers_of_sgd_need_he():
    """30층의 SGD: He만 배우고, Xavier(1/n)와 0.01은 발산할 때까지 학습률을 올려도 찍는 것과 같습니다."""
    assert trained("sgd", "He", 30)[0].min() > 0.6
    for name in ("LeCun", "0.01"):
        assert trained("sgd", name, 30)[0].max() < 0.15
    # 5층에서는 Xavier와 He가 갈리지 않습니다.
    shallow = [trained("sgd", name, 5)[0] for name in ("LeCun", "He")]
    assert abs(shallow[0].mean() - shallow[1].mean()) < 0.03
    assert trained("sgd", "0.01", 5)[0].max() < 0.15


def test_adam_overturns_thirty_layers_of_xavier():
    """30층의 Adam: He와 Xavier(1/n)는 배우고 0.01은 배우지 못합니다. Xavier는 He보다 낮고 고르지 않습니다."""
    he, lecun, small = (trained("adam", name, 30)[0] for name in ("He", "LeCun", "0.01"))
    assert he.min() > 0.7
    assert lecun.mean() > 0.45
    assert (lecun > 0.4).sum() == 4
    assert lecun.mean() < he.mean() - 0.1
    assert small.max() < 0.15


def test_adam_learns_from_small_weights_only_while_gradients_reach_epsilon():
    """0.01의 기울기는 5층 1e-8, 6층 1e-9, 8층 1e-12, 30층 1e-37쯤이고, 깊을수록 Adam도 배우지 못합니다."""
    found = {depth: trained("adam", "0.01", depth) for depth in (5, 6, 8, 30)}
    for depth, size in ((5, 8e-9), (6, 6e-10), (8, 2e-12), (30, 1e-37)):
        assert found[depth][2].mean() == pytest.approx(size, rel=0.4)
    means = [found[depth][0].mean() for depth in (5, 6, 8, 30)]
    assert means == sorted(means, reverse=True)
    assert found[5][0].min() > 0.6
    assert np.float32(1e-37) ** 2 == 0


def test_a_smaller_epsilon_lets_eight_layers_start():
    """8층의 0.01, 학습률 0.001–0.01: ε = 1e-8이면 어느 시드도, 1e-16이면 시드 몇이 배웁니다. 5층보다 낮습니다."""
    at_rate = {}
    for name in ("adam_deep", "fine"):
        assert ABOUT[name]["cells"][-1]["depth"] == 8
        rates = [ABOUT[name]["learning_rate"].index(rate) for rate in (0.001, 0.003, 0.01)]
        at_rate[name] = STORED[f"{name}_accuracy"][-1, rates]
    assert at_rate["adam_deep"].max() < 0.15
    assert at_rate["fine"].max(axis=1).min() > 0.4
    assert at_rate["fine"].mean(axis=1).max() < trained("adam", "0.01", 5)[0].mean() - 0.3


@pytest.mark.parametrize("seed", SEEDS)
def test_biases_switch_the_top_layer_off(seed):
    """Xavier의 30층, SGD: 첫걸음에 편향이 가중합을 덮고, 300걸음이면 30층이 모두 꺼져 가중치 기울기가 0입니다."""
    data, rng = relu_depth.digits(False), np.random.default_rng(seed)
    model = wi_lib.MLP([64, *[100] * 30, 10], "relu", SCALES["xavier"], rng=rng)
    wi_lib.train(model, data, learning_rate=1, batch_size=32, iterations=1, rng=rng)
    assert 40 <= relu_depth.dead(model, data.x_train)[-1].sum() <= 80
    assert rms(model.biases[-2]) > 5e-3
    wi_lib.train(model, data, learning_rate=1, batch_size=32, iterations=299, rng=rng)
    assert relu_depth.dead(model, data.x_train)[-1].all()
    assert not any(g.any() for g in model.gradients(data.x_train, data.y_train).weights)


def test_a_rate_for_the_small_start_is_too_large_later():
    """Xavier의 30층을 편향 없이 학습률 30으로 걸으면, 기울기가 자라는 순간 발산합니다."""
    data = relu_depth.digits(False)
    model = wi_lib.MLP([64, *[100] * 30, 10], "relu", SCALES["xavier"], rng=np.random.default_rng([0, 0]))
    rng, sizes = np.random.default_rng([0, 1]), []
    for _ in range(400):
        batch = rng.integers(len(data.x_train), size=32)
        try:
            found = model.gradients(data.x_train[batch], data.y_train[batch])
        except ValueError:  # 넘쳤습니다.
            break
        sizes.append(rms(found.weights[15]))
        for weight, gradient in zip(model.weights, found.weights):
            weight -= 30 * gradient
    assert 20 < len(sizes) < 400
    assert sizes[-1] > 1e4 * sizes[0]


def test_he_has_no_fewer_dead_units_than_xavier():
    """죽은 유닛: 학습 전에는 세 초기화가 같고, 학습 뒤에는 Xavier와 He가 비슷하며 0.01만 몇 배 많습니다."""
    for optimizer in ("sgd", "adam"):
        small, lecun, he = (trained(optimizer, name, 5)[1] for name in ("0.01", "LeCun", "He"))
        np.testing.assert_allclose(lecun[:, 0], he[:, 0], atol=0.005)
        np.testing.assert_allclose(small[:, 0], he[:, 0], atol=0.005)
        assert abs(lecun[:, 1].mean() - he[:, 1].mean()) < 0.04
        assert small[:, 1].mean() > 3 * lecun[:, 1].mean()


def test_sgd_brings_dead_units_back():
    """SGD로 배우는 동안 죽어 있던 유닛의 절반이 넘게 되살아나, 학습 뒤에는 오히려 줄어듭니다."""
    for name in ("LeCun", "He"):
        before, after, revived = trained("sgd", name, 5)[1].mean(axis=0)
        assert after < before
        assert revived > 0.5 * before


def test_the_rate_kills_more_than_the_initializer():
    """Adam의 학습률을 0.001에서 0.03으로 올리면 어느 초기화에서나 죽은 유닛이 크게 늘어납니다."""
    search = ABOUT["adam_five"]
    common = np.isin(search["learning_rate"], search["common_rates"])
    for i in range(3):
        after = STORED["adam_five_dead"][i, common, :, 1].mean(axis=1)
        assert (np.diff(after) > 0).all()
        assert after[-1] > 0.5


def test_standardised_pixels_kill_fewer_and_leaky_changes_little():
    """픽셀을 표준화하면 처음의 죽은 유닛이 절반도 안 되고, α = 0.01인 leaky ReLU의 정확도는 ReLU와 비슷합니다."""
    for optimizer in ("sgd", "adam"):
        for name in ("LeCun", "He"):
            plain = trained(optimizer, name, 5)
            scaled = trained(optimizer, name, 5, standardised=True)
            leaky = trained(optimizer, name, 5, "leaky_relu(0.01)")
            assert scaled[1][:, 0].mean() < 0.5 * plain[1][:, 0].mean()
            assert abs(leaky[0].mean() - plain[0].mean()) < 0.03


@pytest.mark.parametrize(("optimizer", "initializer", "rate"), [("sgd", "He", 0.1), ("adam", "0.01", 0.003)])
def test_a_sample_of_the_stored_results(optimizer, initializer, rate):
    """저장된 칸을 다시 학습시키면 같은 결과가 나옵니다."""
    name = f"{optimizer}_five"
    i = [c["initializer"] for c in ABOUT[name]["cells"]].index(initializer)
    r = ABOUT[name]["learning_rate"].index(rate)
    again = relu_depth.run(optimizer, initializer, 5, "relu", False, learning_rate=rate, seed=0)
    assert again["accuracy"] == pytest.approx(STORED[f"{name}_accuracy"][i, r, 0], abs=0.08)
    assert again["gradient"] == pytest.approx(STORED[f"{name}_gradient"][i, r, 0], rel=1e-3)
    assert again["dead"] == pytest.approx(STORED[f"{name}_dead"][i, r, 0], abs=0.05)


def in_the_lab(init, depth, rate=0.03, steps=300):
    return accuracies_in_the_lab(depth, 50, "relu", init, rate, steps)


def test_xavier_falls_behind_step_by_step_in_the_lab():
    """실험대의 300걸음: Xavier는 4, 8, 12, 16층에서 차례로 내려가고, He는 8층까지 85 %에 머뭅니다."""
    xavier, he = ([in_the_lab(f"{name}_normal", depth) for depth in (4, 8, 12, 16)] for name in ("lecun", "he"))
    assert all(deep.max() < shallow.min() for shallow, deep in pairwise(xavier[:3]))
    assert xavier[3].mean() < xavier[2].mean()
    assert [100 * runs.mean() for runs in xavier] == pytest.approx([73, 36, 20, 13], abs=1)
    assert [100 * runs.mean() for runs in he[:2]] == pytest.approx([85, 85], abs=1)
    # 더 깊은 He는 반올림에 따라 10 %p쯤 오르내리지만, 어디서나 같은 깊이의 Xavier보다 낫습니다.
    assert all(deep.min() > shallow.max() for deep, shallow in zip(he[2:], xavier[2:]))


def test_time_in_the_lab():
    """900걸음이면 Xavier의 8층은 80 % 안팎이고 20층은 20 % 안팎입니다. He와는 compared/chapter_05.py가 견줍니다."""
    assert in_the_lab("lecun_normal", 8, steps=900).mean() > 0.78
    assert in_the_lab("lecun_normal", 20, steps=900).mean() < 0.25


@pytest.mark.parametrize("depth", [4, 8, 12, 16])
def test_gradients_of_xavier_lie_flat_and_sink_with_depth(depth):
    """가중치 기울기의 선은 누워 있고, 네 층마다 4분의 1쯤으로 내려갑니다."""
    runs = [
        gradients_on_digits(wi_lib.MLP([64, *[50] * layers, 10], "relu", "lecun_normal", rng=np.random.default_rng(s)))
        for layers in (depth, depth + 4)
        for s in range(5)
    ]
    shallow, deep = (np.mean([run[:-1] for run in half], axis=0) for half in (runs[:5], runs[5:]))
    assert shallow.max() / shallow.min() < 4
    assert 0.1 < deep.mean() / shallow.mean() < 0.5
