"""5장 「ReLU에는 왜 2가 붙을까?」의 주장을 다른 시드로 다시 잽니다."""

from itertools import pairwise

import numpy as np
import pytest

import wi_lib
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
    """같은 추첨이면 초기화의 크기를 바꾸어도 0이 되는 자리는 그대로입니다."""
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
    """분산 0.34를 되돌리려고 c = 2.93을 쓰면 30층에서 같은 추첨의 He보다 259배 커집니다."""
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
    """30층에서 Xavier(1/n)는 앞뒤로 2^(−14.5) = 4.3e-5배 언저리로 줄고 He는 같은 자릿수에 머뭅니다."""
    xavier, he = net(30, SCALES["xavier"], seed), net(30, SCALES["he"], seed)
    for ratio in (forward(xavier), backward(xavier)):
        assert 2**-14.5 / 6 < ratio < 2**-14.5 * 6
    for ratio in (forward(he), backward(he)):
        assert 1 / 6 < ratio < 6


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("depth", "ahead", "back"), [(5, 5.66, 4), (30, 32768, 23170)])
def test_depth_decides_how_different_xavier_and_he_are(seed, depth, ahead, back):
    """같은 추첨에서 He ÷ Xavier는 5층이면 5.7과 4, 30층이면 3.3e4와 2.3e4입니다."""
    xavier, he = net(depth, SCALES["xavier"], seed), net(depth, SCALES["he"], seed)
    assert rms(he.activations[-1]) / rms(xavier.activations[-1]) == pytest.approx(ahead, rel=0.01)
    assert rms(he.deltas[0]) / rms(xavier.deltas[0]) == pytest.approx(back, rel=0.01)


def test_draws_scatter_less_in_wider_nets():
    """추첨에 따른 흩어짐은 깊을수록 커지고, 너비가 네 배이면 절반쯤이며, 가운데 값은 1에 다가갑니다."""
    spread, middle = {}, {}
    for width in (25, 100):
        draws = [net(30, SCALES["he"], seed, width=width, count=20).activations for seed in range(201, 231)]
        sizes = np.array([[rms(a) for a in layers] for layers in draws])
        spread[width] = np.log(sizes).std(axis=0)
        middle[width] = np.median(sizes[:, -1] / sizes[:, 0])
        assert spread[width][0] < spread[width][9] < spread[width][29]
    assert 1.4 < spread[25][29] / spread[100][29] < 3.5
    assert middle[25] < middle[100] < 1.1


def test_he_vgg_example():
    """3 × 3 필터 64, 128, 256, 512개의 표준편차는 0.059, 0.042, 0.029, 0.021이고, 0.01이면 기울기가 1.7e4분의 1."""
    needed = np.sqrt(2 / (9 * np.array([64, 128, 256, 512])))
    np.testing.assert_allclose(needed, [0.059, 0.042, 0.029, 0.021], atol=5e-4)
    assert np.prod((needed / 0.01) ** [1, 2, 2, 4]) == pytest.approx(1.7e4, rel=0.03)


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
def test_a_negative_bias_kills_units(seed):
    """편향 −2에서는 92 %가 0이어도 죽은 유닛이 없고, −6에서는 거의 모두 죽습니다."""
    z = inputs(1000) @ SCALES["he"]((100, 100), rng=np.random.default_rng(seed))
    shares = {bias: (np.mean(z + bias <= 0), always(z + bias <= 0)) for bias in (0, -2, -4, -6)}
    assert shares[0][1] == 0
    assert shares[-2][0] == pytest.approx(0.92, abs=0.02)
    assert shares[-2][1] == 0
    assert 0.02 < shares[-4][1] < 0.4
    assert shares[-6][1] > 0.85


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
