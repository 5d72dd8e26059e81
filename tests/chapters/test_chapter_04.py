"""4장의 주장을 여러 시드에서 다시 잽니다: 원점의 기울기와 평균, 네 배로 키운 sigmoid, 깊은 tanh, gain과 편향."""

from itertools import pairwise

import numpy as np
import pytest

import wi_lib
from tests.chapters.trained import ABOUT, RESULTS, learned, slopes
from wi_lib import activations, initializers, signals, theory

SEEDS = (21, 22, 23)
GAIN = theory.gain("tanh")
EDGE = theory.edge_of_chaos("tanh", 1.0)


def propagate(seed, depth, width, activation, gain=1.0, count=1000, bias_std=0.0):
    x = np.random.default_rng(seed).standard_normal((count, width))
    init, rng = initializers.variance_scaling(gain**2, "fan_avg"), np.random.default_rng(seed + 100)
    return wi_lib.propagate(x, depth, width, activation, init, rng=rng, bias_std=bias_std)


def predict(depth, width, activation, gain=1.0):
    return theory.predict([width] * (depth + 1), [gain * width**-0.5] * depth, activation)


def per_layer(deltas):
    """역전파 신호가 층 하나를 거슬러 올라갈 때 평균 몇 배가 되는지."""
    return (signals.rms(deltas[0]) / signals.rms(deltas[-1])) ** (1 / (len(deltas) - 1))


def shares(a):
    """제곱 평균을 (모두의 평균, 유닛마다 다른 상수, 입력에 따라 변하는 몫)으로 나눈 비율."""
    return np.array([a.mean() ** 2, a.mean(axis=0).var(), a.var(axis=0).mean()]) / np.mean(a**2)


def fixed_point(activation, weight_variance, bias_variance=0.0):
    q = 1.0
    for _ in range(500):
        q = theory.next_variance(q, activation, weight_variance, bias_variance)
    return q


@pytest.fixture(scope="module")
def deep():
    """(gain, 시드) → 너비 300, 200층 tanh 망."""
    return {(g, seed): propagate(seed, 200, 300, "tanh", g, count=50) for g in (1.0, 5 / 3) for seed in SEEDS}


def test_tanh_is_a_stretched_and_shifted_sigmoid_with_four_times_the_slope():
    """tanh(z) = 2σ(2z) − 1이고, 원점의 기울기는 1과 1/4입니다."""
    z = np.linspace(-5, 5, 1001)
    sigmoid, tanh = activations.get("sigmoid"), activations.get("tanh")
    assert np.allclose(tanh(z), 2 * sigmoid(2 * z) - 1)
    assert sigmoid.derivative(sigmoid(z)).max() == pytest.approx(0.25)
    assert tanh.derivative(tanh(z)).max() == pytest.approx(1)


def test_tanh_sends_hundreds_of_times_more_back_than_sigmoid_on_the_same_draw():
    """같은 난수에서 tanh의 1층 δ는 sigmoid의 수백 배이고, 기울기만 셈한 4⁵배보다는 작습니다."""
    for seed in SEEDS:
        below, above = (signals.rms(propagate(seed, 5, 100, f).deltas[0]) for f in ("sigmoid", "tanh"))
        assert 300 < above / below < 900


def test_weight_gradients_of_tanh_are_even_and_of_sigmoid_are_not():
    """다섯 층의 가중치 기울기: tanh는 거의 같고 sigmoid는 5층과 1층이 백 배 넘게 다릅니다. 20층도 그렇습니다."""
    for seed in SEEDS:
        assert np.ptp(np.log(slopes(propagate(seed, 5, 100, "tanh")))) < np.log(1.4)
        first, *_, last = slopes(propagate(seed, 5, 100, "sigmoid"))
        assert last > 100 * first
        deep = slopes(propagate(seed, 20, 100, "tanh", 1, 200))
        assert np.ptp(np.log(deep)) < np.log(1.6)
        first, *_, last = slopes(propagate(seed, 20, 100, "sigmoid", 4, 200))
        assert 1e3 < last / first < 1e5


def test_tanh_has_mean_zero_and_sigmoid_one_half():
    """활성화값의 평균은 tanh가 0, sigmoid가 0.5입니다."""
    for seed in SEEDS:
        for f, mean in (("sigmoid", 0.5), ("tanh", 0)):
            for a in propagate(seed, 5, 100, f).activations:
                assert a.mean() == pytest.approx(mean, abs=0.05)


def test_almost_all_variance_of_sigmoid_sums_does_not_depend_on_the_input():
    """sigmoid의 입력에 따라 변하는 몫은 1층 0.15, 5층 백만분의 1쯤이고, tanh는 처음부터 끝까지 1입니다."""
    for seed in SEEDS:
        first, *_, last = map(shares, propagate(seed, 5, 100, "sigmoid").activations)
        assert 0.12 < first[2] < 0.18
        assert last[2] < 3e-6
        assert last[0] > 0.9
        assert 0.03 < last[1] < 0.1
        assert all(shares(a)[2] > 0.99 for a in propagate(seed, 5, 100, "tanh").activations)


def test_myth_four_times_xavier_makes_sigmoid_decay_slower_but_still_exponentially():
    """네 배로 키운 sigmoid는 층마다 0.23배이던 것이 0.62배가 될 뿐, tanh의 0.92배에 못 미칩니다."""
    for seed in SEEDS:
        plain, quadruple, tanh = (
            per_layer(propagate(seed, 20, 100, f, gain, 200).deltas)
            for f, gain in (("sigmoid", 1), ("sigmoid", 4), ("tanh", 1))
        )
        assert 0.22 < plain < 0.25
        assert 0.56 < quadruple < 0.68
        assert 0.89 < tanh < 0.95


def test_quadrupled_sigmoid_still_forgets_its_input():
    """20층에서 네 배로 키운 sigmoid의 활성화값은 입력이 바뀌어도 천분의 1도 변하지 않습니다."""
    for seed in SEEDS:
        assert np.sqrt(propagate(seed, 20, 100, "sigmoid", 4, 200).activations[-1].var(axis=0).mean()) < 1e-3
        assert np.sqrt(propagate(seed, 20, 100, "tanh", 1, 200).activations[-1].var(axis=0).mean()) > 0.1


def test_quadrupled_sigmoid_equals_tanh_with_a_bias_of_variance_one():
    """이론에서 네 배로 키운 sigmoid와 분산 1인 편향을 붙인 tanh의 배율은 0.63으로 같습니다."""
    quadruple = theory.chi(fixed_point("sigmoid", 16), "sigmoid", 16)
    with_bias = theory.chi(fixed_point("tanh", 1, 1), "tanh", 1)
    assert quadruple == pytest.approx(with_bias, rel=1e-6)
    assert np.sqrt(quadruple) == pytest.approx(0.63, abs=0.005)


def test_sigmoid_net_with_cancelling_bias_is_the_tanh_net():
    """상수를 편향 −2Σw로 지운 sigmoid 망은 tanh 망과 같은 값을 냅니다."""
    sigmoid, tanh = activations.get("sigmoid"), activations.get("tanh")
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        x = rng.standard_normal((200, 100))
        weights = [rng.standard_normal((100, 100)) / 10 for _ in range(5)]
        s, t = sigmoid(2 * x @ weights[0]), tanh(x @ weights[0])
        for W in weights[1:]:
            s, t = sigmoid(4 * s @ W - 2 * W.sum(axis=0)), tanh(t @ W)
        assert np.allclose(2 * s - 1, t)
        without_bias = sigmoid(2 * x @ weights[0])
        for W in weights[1:]:
            without_bias = sigmoid(4 * without_bias @ W)
        assert not np.allclose(2 * without_bias - 1, t, atol=0.1)


def test_sigmoid_needs_adam_or_four_times_at_5_layers_and_fails_at_20():
    """5층의 Xavier인 sigmoid는 SGD로 못 배우고 Adam으로 배웁니다. 네 배면 둘 다 배우지만 20층에서는 아닙니다."""
    assert learned("sgd", "sigmoid, Xavier", 5)[1].max() < 0.2
    assert learned("adam", "sigmoid, Xavier", 5)[1].min() > 0.6
    for optimizer in ("sgd", "adam"):
        assert learned(optimizer, "sigmoid, 4배", 5)[1].min() > 0.8
        for depth in (5, 20):
            assert learned(optimizer, "tanh, gain 1", depth)[1].min() > 0.8
    cell = ABOUT["axes"]["net"].index(["sigmoid, 4배", 20])
    assert np.nanmax(RESULTS["sgd_accuracy"][cell]) < 0.2
    assert 0.15 < learned("adam", "sigmoid, 4배", 20)[1].mean() < 0.5


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_the_best_rate_is_not_at_the_edge(optimizer):
    """배운 망에서는 검증으로 고른 학습률의 두 이웃을 모두 재었습니다."""
    for cell, _ in enumerate(ABOUT["axes"]["net"]):
        scores = np.nan_to_num(RESULTS[f"{optimizer}_validation"][cell].mean(axis=-1), nan=-1)
        if scores.max() > 0.2:
            best, measured = scores.argmax(), np.flatnonzero(RESULTS[f"{optimizer}_measured"][cell])
            assert measured[0] < best < measured[-1]


@pytest.mark.parametrize(("optimizer", "rate"), [("sgd", 0.03), ("adam", 0.001)])
def test_stored_training_is_reproduced(optimizer, rate):
    """저장된 학습의 일부를 다시 해 봅니다."""
    from experiments import sigmoid_tanh

    for name, depth in (("sigmoid, 4배", 5), ("tanh, gain 1", 20)):
        cell = ABOUT["axes"]["net"].index([name, depth])
        place = ABOUT["axes"]["learning_rate"][optimizer].index(rate)
        found = sigmoid_tanh.run(name, depth, optimizer, rate, 0)
        assert found["accuracy"] == pytest.approx(RESULTS[f"{optimizer}_accuracy"][cell, place, 0], abs=0.06)
        assert found["loss"][:5] == pytest.approx(RESULTS[f"{optimizer}_loss"][cell, place, 0, :5], rel=0.02)


def test_myth_tanh_with_xavier_keeps_its_variance_at_any_depth(deep):
    """거짓: 표준편차는 50층에서 0.1, 200층에서 0.05쯤이고 역전파 신호도 20분의 1쯤으로 줄어듭니다."""
    for seed in SEEDS:
        a = deep[1.0, seed].activations
        assert a[49].std() == pytest.approx(0.10, rel=0.25)
        assert 0.025 < a[199].std() < 0.08
        assert 0.02 < signals.rms(deep[1.0, seed].deltas[0]) < 0.12
        shape = [a[layer - 1].std() for layer in (1, 5, 20)]
        assert shape == pytest.approx([0.63, 0.32, 0.16], rel=0.1)
    assert predict(50, 300, "tanh").std[-1] == pytest.approx(0.101, abs=0.001)
    assert predict(200, 300, "tanh").std[-1] == pytest.approx(0.050, abs=0.001)
    assert predict(50, 300, "tanh").delta_rms[0] == pytest.approx(0.12, abs=0.002)
    assert predict(200, 300, "tanh").delta_rms[0] == pytest.approx(0.060, abs=0.002)


def test_tanh_decays_as_a_power_law_and_sigmoid_exponentially():
    """q ≈ 1/(2l): 깊이가 네 배이면 표준편차와 δ가 절반입니다. sigmoid는 200층에서 10⁻¹⁰⁰보다 작습니다."""
    layers = np.arange(1, 201)
    inverse = 1 / predict(200, 300, "tanh").std ** 2
    assert inverse[20:] == pytest.approx(2 * layers[20:], rel=0.07)
    assert np.diff(inverse)[20:] == pytest.approx(np.full(179, 2), rel=0.1)
    for start in (25, 50, 100):
        first, second = predict(start, 300, "tanh"), predict(4 * start, 300, "tanh")
        assert second.std[-1] / first.std[-1] == pytest.approx(0.5, abs=0.02)
        assert second.delta_rms[0] / first.delta_rms[0] == pytest.approx(0.5, abs=0.02)
    assert predict(200, 300, "sigmoid").delta_rms[0] < 1e-100


def test_weight_gradients_of_deep_tanh_do_not_depend_on_the_layer(deep):
    """1/(2l) · l/L = 1/(2L): 50층과 200층에서 가중치 기울기의 RMS는 어느 층에서나 1/√(2L)쯤입니다."""
    for depth in (50, 200):
        predicted = predict(depth, 300, "tanh").weight_gradient_rms
        assert predicted[depth // 4 :] == pytest.approx((2 * depth) ** -0.5, rel=0.06)
        assert predicted == pytest.approx((2 * depth) ** -0.5, rel=0.25)
    for seed in SEEDS:
        measured = slopes(deep[1.0, seed])
        assert measured == pytest.approx(400**-0.5, rel=0.6)
        assert np.ptp(np.log(measured)) < np.log(2.2)


def test_taylor_recursion_matches_the_integral_for_small_q():
    """E[tanh²] ≈ q − 2q², E[(1 − tanh²)²] ≈ 1 − 2q."""
    for q in (0.001, 0.01, 0.03):
        _, square, slope = theory.moments(q, "tanh")
        assert q - square == pytest.approx(2 * q**2, rel=0.25)
        assert 1 - slope == pytest.approx(2 * q, rel=0.1)


def test_gain_five_thirds_settles_at_065_forward(deep):
    """gain 5/3이면 표준편차는 50층에서도 200층에서도 0.65이고, 1.59이면 0.63입니다."""
    for seed in SEEDS:
        for layer in (49, 199):
            assert deep[5 / 3, seed].activations[layer].std() == pytest.approx(0.651, abs=0.02)
    assert np.sqrt(fixed_point("tanh", 25 / 9)) * 3 / 5 == pytest.approx(0.651, abs=0.001)
    assert fixed_point("tanh", GAIN**2) == pytest.approx(1)
    assert pytest.approx(1.59, abs=0.005) == GAIN


def test_gain_five_thirds_explodes_backward(deep):
    """gain 5/3의 역전파 신호는 층마다 1.10배로 커져 200층에서 백만 배를 넘습니다."""
    for seed in SEEDS:
        assert signals.rms(deep[5 / 3, seed].deltas[0]) > 1e6
        assert per_layer(deep[5 / 3, seed].deltas) == pytest.approx(1.10, abs=0.015)
    assert np.sqrt(theory.chi(fixed_point("tanh", 25 / 9), "tanh", 25 / 9)) == pytest.approx(1.10, abs=0.001)


def test_weight_gradients_explode_with_gain_five_thirds_only():
    """50층: gain 5/3의 가중치 기울기는 50층과 1층이 백 배쯤 다르고, gain 1과 편향을 둔 망은 고릅니다."""
    for seed in SEEDS:
        first, *_, last = slopes(propagate(seed, 50, 300, "tanh", 5 / 3, 100))
        assert 40 < first / last < 400
        for gain, bias in ((1, 0), (np.sqrt(EDGE), 1)):
            found = propagate(seed, 50, 300, "tanh", gain, 100, bias)
            assert np.ptp(np.log(slopes(found))) < np.log(2.5)


@pytest.mark.parametrize("gain", [1.1, 1.3, GAIN, 5 / 3, 2, 3])
def test_zero_mean_curved_functions_without_bias_grow_the_backward_signal(gain):
    """평균 0인 휜 함수를 편향 없이 쓰면, 순방향이 멈춘 자리에서 χ > 1입니다."""
    q = fixed_point("tanh", gain**2)
    assert theory.next_variance(q, "tanh", gain**2) == pytest.approx(q, rel=1e-6)
    assert theory.chi(q, "tanh", gain**2) > 1.005


@pytest.mark.parametrize("f", ["tanh", "sigmoid", "relu", "leaky_relu", "selu", "identity"])
@pytest.mark.parametrize("q", [0.1, 1.0, 5.0])
def test_gaussian_poincare(f, q):
    """E[f²] − E[f]² ≤ q E[f'²]이고, 등호는 직선에서만입니다."""
    mean, square, slope = theory.moments(q, f)
    assert square - mean**2 <= q * slope * (1 + 1e-9)
    assert (square - mean**2 == pytest.approx(q * slope, rel=1e-6)) is (f == "identity")


@pytest.mark.parametrize(
    ("f", "weight", "bias", "q", "constant", "factor"),
    [
        ("tanh", 25 / 9, 0, 1.18, 0, 1.10),
        ("tanh", EDGE, 1, 3.04, 0.33, 1),
        ("relu", 2, 0, 1, 1 / np.pi, 1),
        ("sigmoid", 16, 0, 5.86, 0.68, 0.63),
    ],
)
def test_constants_buy_both_directions(f, weight, bias, q, constant, factor):
    """χ ≥ 1 − (σ_b² + g²E[f]²)/q*: 상수의 몫만큼 여유가 있어, He의 ReLU와 편향을 둔 tanh는 χ = 1입니다."""
    found = fixed_point(f, weight, bias)
    assert found == pytest.approx(q, abs=0.01)
    share = (bias + weight * theory.moments(found, f)[0] ** 2) / found
    chi = theory.chi(found, f, weight)
    assert share == pytest.approx(constant, abs=0.005)
    assert np.sqrt(chi) == pytest.approx(factor, abs=0.005)
    assert chi >= 1 - share
    assert pytest.approx(3.443, abs=0.001) == EDGE


def test_a_biased_tanh_keeps_both_directions_but_not_the_input():
    """50층: 표준편차와 δ가 지켜지지만, 입력에 따라 변하는 몫은 5층에서 0.6, 50층에서 0.2 아래로 줄어듭니다."""
    for seed in SEEDS:
        found = propagate(seed, 50, 300, "tanh", np.sqrt(EDGE), 100, 1)
        assert found.activations[-1].std() == pytest.approx(0.76, abs=0.03)
        assert 0.25 < signals.rms(found.deltas[0]) / signals.rms(found.deltas[-1]) < 1.5
        varying = [signals.varying(found.activations[i]) for i in (4, 49)]
        assert varying[0] == pytest.approx(0.58, abs=0.08)
        assert 0.05 < varying[1] < 0.25
        plain = propagate(seed, 50, 300, "tanh", 5 / 3, 100)
        assert signals.varying(plain.activations[-1]) > 0.95


def test_saturation_is_highest_in_the_first_layer_and_does_not_grow(deep):
    """gain 5/3의 포화는 1층 19 %에서 5층 4 %로 줄어 머물고, gain 1의 깊은 층에는 없습니다."""
    for seed in SEEDS:
        for gain in (1.0, 5 / 3):
            net = deep[gain, seed]
            share = [net.activation.saturated(a) for a in net.activations]
            assert share[0] == max(share)
            if gain == 1:
                assert share[4] < 0.005
                assert share[49] == 0
            else:
                assert 0.17 < share[0] < 0.21
                assert 0.02 < share[4] < 0.08
                assert 0.02 < share[49] < 0.08


def test_nearby_inputs_separate_with_gain_five_thirds_but_not_with_gain_one():
    """χ > 1인 망에서는 비슷한 두 입력이 층을 지날수록 멀어집니다."""
    for seed in SEEDS:
        x = np.random.default_rng(seed).standard_normal((1, 300))
        both = np.vstack([x, x + 1e-3 * np.random.default_rng(seed + 1).standard_normal((1, 300))])
        gaps = {}
        for gain in (1.0, 5 / 3):
            init = initializers.variance_scaling(gain**2, "fan_avg")
            s = wi_lib.propagate(both, 40, 300, "tanh", init, rng=np.random.default_rng(seed + 100))
            gaps[gain] = [np.sqrt(np.mean((a[0] - a[1]) ** 2)) for a in s.activations]
        assert gaps[5 / 3][-1] > 10 * gaps[5 / 3][0]
        assert gaps[1.0][-1] < gaps[1.0][0]


@pytest.fixture(scope="module")
def scaled():
    """같은 난수를 크기만 바꾼 너비 100의 망: (함수, 표준편차, 깊이, 시드) → Signals."""

    def measure(activation, std, depth, seed):
        rng, unit = np.random.default_rng(seed), initializers.normal(1)
        weights = [std * unit((100, 100), rng=rng) for _ in range(depth)]
        x = np.random.default_rng(seed + 100).standard_normal((30, 100))
        return signals.measure(x, weights, activation, rng=rng, dtype=np.float64)

    return measure


def first(found):
    return signals.rms(found.deltas[0])


@pytest.mark.parametrize("seed", SEEDS)
def test_tanh_survives_200_layers_only_around_one_over_root_n(scaled, seed):
    """200층 tanh에서 1층 δ의 RMS가 0.01과 100 사이인 것은 0.1–0.12뿐입니다. 5층에서는 0.05부터 5/3배까지입니다."""
    for std in (0.05, 0.1, 1 / 6):
        assert 0.03 < first(scaled("tanh", std, 5, seed)) < 3
    sizes = {std: first(scaled("tanh", std, 200, seed)) for std in (0.05, 0.08, 0.1, 0.11, 0.12, 1 / 6)}
    assert 0.01 < sizes[0.1] < 1
    assert 0.1 < sizes[0.11] < 10
    assert 1 < sizes[0.12] < 100
    assert sizes[0.05] < 1e-45
    assert 1e-22 < sizes[0.08] < 1e-17
    assert sizes[1 / 6] > 1e6


@pytest.mark.parametrize("seed", SEEDS)
def test_sigmoid_never_survives_200_layers_up_to_five_thirds(scaled, seed):
    """5/3배까지 sigmoid의 1층 δ는 float32의 0입니다. 0.1에서 활성화값은 퍼져 있어도 입력에 따라 변하지 않습니다."""
    for std in (0.01, 0.1, 1 / 6):
        assert first(scaled("sigmoid", std, 200, seed)) < 1e-45
    top = scaled("sigmoid", 0.1, 200, seed).activations[-1]
    assert 0.1 < top.std() < 0.2
    assert np.sqrt(top.var(axis=0).mean()) < 1e-12


@pytest.mark.parametrize("seed", SEEDS)
def test_sigmoid_survives_200_layers_half_saturated_at_std_11(scaled, seed):
    """sigmoid도 √(36π/n) 바로 위인 1.1에서는 신호가 1층에 닿지만, 절반쯤이 포화하고 소수의 길로만 흐릅니다."""
    assert np.sqrt(36 * np.pi / 100) == pytest.approx(1.06, abs=0.005)
    found = scaled("sigmoid", 1.1, 200, seed)
    assert 0.01 < first(found) < 100
    assert np.median(np.abs(found.deltas[0])) < first(found) / 100
    assert 0.35 < found.activation.saturated(found.activations[-1]) < 0.65
    calm = scaled("tanh", 0.1, 200, seed)
    assert calm.activation.saturated(calm.activations[-1]) < 0.01


def test_answers_to_the_questions():
    """확인 문제: 800층의 표준편차 0.025, δ 0.03. gain 5/3인 100층의 δ는 만 배쯤입니다."""
    prediction = predict(800, 300, "tanh")
    assert prediction.std[-1] == pytest.approx(0.025, abs=0.001)
    assert prediction.delta_rms[0] == pytest.approx(0.03, abs=0.001)
    first, *_, last = predict(100, 300, "tanh", 5 / 3).delta_rms
    assert first / last == pytest.approx(1e4, rel=0.3)


def test_every_layer_of_the_five_layer_nets_follows_the_theory():
    """다섯 층의 점은 선을 따라갑니다."""
    for seed in SEEDS:
        for f in ("sigmoid", "tanh"):
            s, predicted = propagate(seed, 5, 100, f), predict(5, 100, f)
            assert [a.std() for a in s.activations] == pytest.approx(predicted.std, rel=0.2)
            assert [signals.rms(d) for d in s.deltas] == pytest.approx(predicted.delta_rms, rel=0.15)
        stds = [a.std() for a in propagate(seed, 5, 100, "tanh").activations]
        assert all(after < before for before, after in pairwise(stds))
