"""3장의 주장을 여러 시드에서 다시 잽니다: 분산의 조건, 가중치의 기울기, 분포의 한계, 너비가 다른 망, sigmoid."""

from itertools import pairwise

import numpy as np
import pytest

import wi_lib
from tests.chapters.trained import ABOUT, RESULTS, learned, slopes
from wi_lib import datasets, initializers, signals, theory

SEEDS = (11, 12, 13, 14)
WIDTHS = [100] * 6


def inputs(seed, count=1000, width=100):
    return np.random.default_rng(seed).standard_normal((count, width))


def propagate(seed, activation, initializer):
    rng = np.random.default_rng(seed + 100)
    return wi_lib.propagate(inputs(seed), 5, 100, activation, initializer, rng=rng)


def by_input(a):
    """유닛 하나를 고정하고 입력만 바꿀 때의 표준편차."""
    return np.sqrt(a.var(axis=0).mean())


def flow(rule, sizes, seed, make=initializers.normal):
    """너비가 sizes인 항등 함수 망의 (측정, 이론)."""
    rng = np.random.default_rng(seed)
    stds = [np.sqrt(1 / rule(*shape)) for shape in pairwise(sizes)]
    weights = [make(std)(shape, rng=rng) for std, shape in zip(stds, pairwise(sizes))]
    measured = signals.measure(inputs(seed, 500, sizes[0]), weights, "identity", rng=rng)
    return measured, theory.predict(sizes, stds, "identity")


def run(rule, sizes, seed, make=initializers.normal):
    """너비가 sizes인 항등 함수 망: (마지막 층의 표준편차, 1층 δ의 RMS)의 측정과 이론."""
    measured, predicted = flow(rule, sizes, seed, make)
    ends = measured.activations[-1].std(), signals.rms(measured.deltas[0])
    return np.array(ends), np.array([predicted.std[-1], predicted.delta_rms[0]])


@pytest.mark.parametrize("std", [1, 0.1, 0.01])
def test_one_layer_multiplies_the_variance_by_fan_in_times_the_weight_variance(std):
    """층 하나를 지나면 분산에 n·Var(w)가 곱해집니다: 100, 1, 0.01배."""
    for seed in SEEDS:
        x = inputs(seed)
        z = x @ initializers.normal(std)((100, 100), rng=np.random.default_rng(seed + 100))
        assert np.var(z) / np.var(x) == pytest.approx(100 * std**2, rel=0.1)


def test_without_activation_only_std_01_keeps_the_signal():
    """항등 함수 다섯 층: 표준편차 1은 10⁵배, 0.01은 10⁻⁵배, 0.1만 제자리입니다."""
    for seed in SEEDS:
        for std, expected in ((1, 1e5), (0.1, 1), (0.01, 1e-5)):
            s = propagate(seed, "identity", initializers.normal(std))
            assert s.activations[-1].std() == pytest.approx(expected, rel=0.2)
            assert signals.rms(s.deltas[0]) == pytest.approx(expected ** (4 / 5), rel=0.2)


def test_every_layer_of_equal_width_gets_the_same_weight_gradient():
    """항등 함수의 가중치 기울기의 분산은 [n·Var(w)]^(L−1)이고 층의 번호와 무관합니다. 0.01에서는 10⁻⁴쯤입니다."""
    for seed in SEEDS:
        for std in (1, 0.1, 0.01):
            measured = slopes(propagate(seed, "identity", initializers.normal(std)))
            predicted = theory.predict(WIDTHS, [std] * 5, "identity").weight_gradient_rms
            assert predicted == pytest.approx(np.full(5, (10 * std) ** 4))
            assert measured == pytest.approx(predicted, rel=0.15)


def test_tanh_layers_get_nearly_the_same_weight_gradient():
    """tanh의 활성화값과 δ는 서로를 메워, 다섯 층의 가중치 기울기가 0.3과 0.4 사이입니다."""
    predicted = theory.predict(WIDTHS, [0.1] * 5, "tanh").weight_gradient_rms
    assert predicted == pytest.approx([0.37, 0.34, 0.33, 0.33, 0.32], abs=0.006)
    for seed in SEEDS:
        measured = slopes(propagate(seed, "tanh", "xavier_normal"))
        assert measured == pytest.approx(predicted, rel=0.1)


def test_sigmoid_layers_get_very_different_weight_gradients():
    """sigmoid의 활성화값은 어느 층에서나 RMS가 0.5쯤이라 δ를 메우지 못합니다: 5층과 1층이 백 배 넘게 다릅니다."""
    for seed in SEEDS:
        s = propagate(seed, "sigmoid", "lecun_normal")
        assert [signals.rms(a) for a in s.activations] == pytest.approx([0.52] * 5, abs=0.04)
        assert slopes(s)[4] > 100 * slopes(s)[0]


def test_fan_avg_gives_even_weight_gradients_when_widths_alternate():
    """오가는 망: fan_avg와 기하평균의 가중치 기울기는 고르고, fan_in과 fan_out은 층마다 두 배씩 오르내립니다."""
    sizes, geometric = [400, 100] * 5 + [400], lambda m, n: np.sqrt(m * n)
    for seed in SEEDS:
        for rule, ratio in ((initializers.MODES["fan_avg"], 1), (geometric, 1)):
            measured, predicted = flow(rule, sizes, seed)
            assert predicted.weight_gradient_rms == pytest.approx(np.full(10, predicted.weight_gradient_rms[0]))
            assert slopes(measured).max() < 1.15 * ratio * slopes(measured).min()
        for mode in ("fan_in", "fan_out"):
            measured, predicted = flow(initializers.MODES[mode], sizes, seed)
            assert slopes(measured) == pytest.approx(predicted.weight_gradient_rms, rel=0.15)
            assert sorted(predicted.weight_gradient_rms) == pytest.approx([1] * 5 + [2] * 5)


def test_the_ratio_of_neighbouring_weight_gradients_follows_the_formula():
    """이웃한 층의 기울기의 분산의 비는 n(l−1)Var(w_l) / (n(l+1)Var(w_(l+1)))이고, 반씩 줄면 언제나 2입니다."""
    rules = (*initializers.MODES.values(), lambda m, n: np.sqrt(m * n))
    for sizes in ([800, 400, 200, 100, 50], [400, 100, 300, 50, 200]):
        for rule in rules:
            variance = [1 / rule(*shape) for shape in pairwise(sizes)]
            found = flow(rule, sizes, 11)[1].weight_gradient_rms ** 2
            formula = [sizes[i] * variance[i] / (sizes[i + 2] * variance[i + 1]) for i in range(3)]
            assert found[1:] / found[:-1] == pytest.approx(formula)
            if sizes[0] == 800:
                assert formula == pytest.approx([2] * 3)


def test_cross_terms_vanish_even_when_the_inputs_are_dependent():
    """활성화값끼리 독립이 아니어도 Var(z) = n·Var(w)·E[a²]입니다."""
    for seed in SEEDS:
        a = np.repeat(inputs(seed, 1000, 1), 100, axis=1)  # 모든 유닛이 같은 값
        W = initializers.normal(0.1)((100, 2000), rng=np.random.default_rng(seed + 100))
        assert np.mean((a @ W) ** 2) == pytest.approx(np.mean(a**2), rel=0.15)


def test_theory_follows_the_measurement_for_every_activation():
    """점은 세 함수 모두 선을 따라갑니다."""
    for activation in ("identity", "tanh", "sigmoid"):
        predicted = theory.predict(WIDTHS, [0.1] * 5, activation)
        for seed in SEEDS:
            s = propagate(seed, activation, "xavier_normal")
            assert [a.std() for a in s.activations] == pytest.approx(predicted.std, rel=0.2)
            assert [signals.rms(d) for d in s.deltas] == pytest.approx(predicted.delta_rms, rel=0.15)


def test_tanh_loses_half_the_std_and_keeps_a_third_of_the_backward_signal():
    """tanh는 다섯 층 뒤 표준편차가 1층의 절반쯤, 역전파 신호는 3분의 1 남짓입니다."""
    for seed in SEEDS:
        s = propagate(seed, "tanh", "xavier_normal")
        assert 0.42 < s.activations[4].std() / s.activations[0].std() < 0.6
        assert 1 / 3 < signals.rms(s.deltas[0]) < 0.45


def test_normal_and_uniform_have_equal_variance_and_the_uniform_bound_is_root_three_std():
    """균등분포의 한계는 표준편차의 √3배이고, 두 분포의 분산은 같습니다."""
    for seed in SEEDS:
        normal, uniform = (
            initializers.get(name)((100, 100), rng=np.random.default_rng(seed))
            for name in ("xavier_normal", "xavier_uniform")
        )
        assert 100 * normal.var() == pytest.approx(1, rel=0.06)
        assert 100 * uniform.var() == pytest.approx(1, rel=0.06)
        assert abs(uniform).max() == pytest.approx(0.1 * np.sqrt(3), rel=0.01)
        assert abs(uniform).max() == pytest.approx(np.sqrt(6 / 200), rel=0.01)
        assert abs(normal).max() > 2 * abs(uniform).max()


def test_std_used_as_the_bound_gives_a_third_of_the_variance():
    """U(±0.1)의 n·Var(w)는 1/3이고, 다섯 층 뒤에는 0.06만 남습니다. 역방향도 똑같이 줄어듭니다."""
    for seed in SEEDS:
        W = initializers.uniform(limit=0.1)((100, 100), rng=np.random.default_rng(seed))
        assert 100 * W.var() == pytest.approx(1 / 3, rel=0.05)
        s = propagate(seed, "identity", initializers.uniform(limit=0.1))
        assert s.activations[-1].std() == pytest.approx(3**-2.5, rel=0.15)
        assert signals.rms(s.deltas[0]) == pytest.approx(3**-2, rel=0.15)
        for name in ("xavier_normal", "xavier_uniform"):
            assert propagate(seed, "identity", name).activations[-1].std() == pytest.approx(1, rel=0.15)


def test_alternating_widths_fan_in_keeps_forward_and_fan_out_keeps_backward():
    """400과 100을 오가는 열 층: fan_in은 순방향을, fan_out은 역방향을 지킵니다."""
    for seed in SEEDS:
        forward, backward = (run(initializers.MODES[m], [400, 100] * 5 + [400], seed) for m in ("fan_in", "fan_out"))
        assert forward[0] == pytest.approx([1, 2], rel=0.15)
        assert backward[0] == pytest.approx([1, 1], rel=0.15)
        assert forward[0] == pytest.approx(forward[1], rel=0.15)


def test_fan_avg_is_not_between_when_widths_alternate():
    """fan_avg는 사이에 있지 않습니다: 두 방향 모두 셋 가운데 가장 작고, 순방향은 0.8⁵배입니다."""
    for seed in SEEDS:
        sizes = [400, 100] * 5 + [400]
        ends = {name: run(rule, sizes, seed)[0] for name, rule in initializers.MODES.items()}
        for direction in (0, 1):
            assert ends["fan_avg"][direction] < 0.7 * min(ends["fan_in"][direction], ends["fan_out"][direction])
        assert ends["fan_avg"][0] == pytest.approx(0.8**5, rel=0.15)


def test_fan_avg_is_between_when_widths_shrink():
    """너비가 한 방향으로 줄어드는 망에서는 fan_avg가 사이에 있습니다."""
    for seed in SEEDS:
        sizes = [800, 400, 200, 100, 50]
        ends = {name: run(rule, sizes, seed)[0] for name, rule in initializers.MODES.items()}
        assert 1.3 * ends["fan_in"][0] < ends["fan_avg"][0] < ends["fan_out"][0] / 1.3
        assert 1.2 * ends["fan_in"][1] < ends["fan_avg"][1] < ends["fan_out"][1] / 1.2


def test_geometric_mean_does_not_accumulate_when_widths_alternate():
    """기하평균은 너비가 오르내려도 두 방향 모두 쌓이지 않습니다."""
    for seed in SEEDS:
        ends, predicted = run(lambda m, n: np.sqrt(m * n), [400, 100] * 5 + [400], seed)
        assert ends == pytest.approx([1, np.sqrt(2)], rel=0.15)
        assert ends == pytest.approx(predicted, rel=0.15)


def alternating(a, b, pairs=5):
    return [a, b] * pairs + [a]


def test_fan_avg_loses_more_when_the_two_widths_are_further_apart():
    """400과 100이면 열 층 뒤 표준편차가 0.33, 400과 50이면 0.1쯤입니다. 쌍의 배율은 4AB/(A+B)²입니다."""
    rule = initializers.MODES["fan_avg"]
    for b, expected in ((100, 0.33), (50, 0.1)):
        pair = 4 * 400 * b / (400 + b) ** 2
        assert pair ** (5 / 2) == pytest.approx(expected, abs=0.006)
        for seed in SEEDS:
            measured, predicted = run(rule, alternating(400, b), seed)
            assert predicted[0] == pytest.approx(pair ** (5 / 2))
            assert measured[0] == pytest.approx(predicted[0], rel=0.3)


def test_all_rules_agree_when_the_widths_are_equal():
    """두 너비가 같으면 네 규칙이 모두 두 방향을 지킵니다."""
    for rule in (*initializers.MODES.values(), lambda m, n: np.sqrt(m * n)):
        measured, predicted = run(rule, alternating(100, 100), 11)
        assert predicted == pytest.approx(1)
        assert measured == pytest.approx(1, rel=0.25)


def test_geometric_mean_stays_when_pairs_are_added():
    """기하평균의 이론은 400과 50에서 순방향 1, 역방향 1.7이고, 쌍을 더 쌓아도 그대로입니다."""
    ends = [run(lambda m, n: np.sqrt(m * n), alternating(400, 50, pairs), 11)[1] for pairs in (2, 5, 10)]
    assert np.allclose(ends, ends[0])
    assert ends[0] == pytest.approx([1, 1.7], abs=0.03)


def test_swapping_the_widths_turns_the_backward_size_of_fan_in_over():
    """fan_in 규칙의 1층 δ는 400과 100에서 2, 100과 400에서 0.5입니다."""
    for seed in SEEDS:
        for a, b, expected in ((400, 100, 2), (100, 400, 0.5)):
            measured, predicted = run(initializers.MODES["fan_in"], alternating(a, b), seed)
            assert predicted[1] == pytest.approx(expected)
            assert measured[1] == pytest.approx(expected, rel=0.25)


def test_uniform_weights_follow_the_same_line_when_widths_alternate():
    """너비가 오가는 망에서도 표준편차가 같은 균등분포는 같은 이론의 선을 따릅니다."""
    for seed in SEEDS:
        for rule in initializers.MODES.values():
            measured, predicted = run(
                rule, alternating(400, 100), seed, lambda std: initializers.uniform(limit=np.sqrt(3) * std)
            )
            assert measured == pytest.approx(predicted, rel=0.25)


def test_xavier_is_never_more_than_root_two_times_lecun():
    """너비가 같으면 같은 시드에서 가중치까지 같습니다. 784 → 100은 1.33배, 100 → 10은 1.35배이고 √2를 넘지 못합니다."""
    for shape, times in (((100, 100), 1), ((784, 100), 1.33), ((100, 10), 1.35), ((10, 100), 0.43)):
        for seed in SEEDS:
            lecun, xavier = (
                initializers.get(name)(shape, rng=np.random.default_rng(seed))
                for name in ("lecun_normal", "xavier_normal")
            )
            assert xavier.std() / lecun.std() == pytest.approx(times, abs=0.006)
            assert np.allclose(lecun, xavier) is (times == 1)
    assert np.sqrt(2 * 10**6 / (10**6 + 1)) < np.sqrt(2)


def test_sigmoid_with_textbook_xavier_spreads_evenly_without_saturation():
    """교재의 그림: 2층부터 표준편차 0.12 안팎이고 포화한 유닛이 없습니다."""
    for seed in SEEDS:
        for a in propagate(seed, "sigmoid", "lecun_normal").activations[1:]:
            assert a.mean() == pytest.approx(0.5, abs=0.05)
            assert 0.09 < a.std() < 0.15
            assert np.mean(a * (1 - a) < 0.05 / 4) == 0


def test_myth_xavier_does_not_save_sigmoid_from_vanishing():
    """거짓: sigmoid의 δ는 층마다 약 4분의 1이 되어, 다섯 층이면 300분의 1보다 작습니다. 0.01보다는 훨씬 낫습니다."""
    for seed in SEEDS:
        first, *_, last = (signals.rms(d) for d in propagate(seed, "sigmoid", "lecun_normal").deltas)
        assert first < last / 300
        assert 0.2 < (first / last) ** (1 / 4) < 0.26
        small = signals.rms(propagate(seed, "sigmoid", initializers.normal(0.01)).deltas[0])
        assert small < first / 1000


def test_histogram_width_of_sigmoid_is_not_the_width_over_inputs():
    """전체의 표준편차는 0.1을 넘지만, 입력을 바꿀 때의 표준편차는 층마다 4분의 1쯤으로 줄어 0.001도 안 됩니다."""
    for seed in SEEDS:
        activations = propagate(seed, "sigmoid", "lecun_normal").activations
        widths = [by_input(a) for a in activations]
        assert activations[4].std() > 0.09
        assert widths[4] < 0.001
        assert all(0.2 < after / before < 0.27 for before, after in pairwise(widths))


def test_a_linear_probe_reads_more_from_xavier_than_from_std_1():
    """5층에서 읽어 낼 수 있는 숫자: Xavier는 픽셀에서 바로 읽는 만큼, 표준편차 1은 그보다 적습니다."""
    data = datasets.load_digits()
    pixels = wi_lib.linear_probe(data.x_train, data.y_train, data.x_test, data.y_test)
    for seed in SEEDS:
        found = {}
        for name, init in (("xavier", initializers.get("xavier_normal")), ("1", initializers.normal(1.0))):
            rng = np.random.default_rng(seed)
            weights = [init((fan_in, 100), rng=rng) for fan_in in (64, 100, 100, 100, 100)]
            tops = [
                signals.measure(x, weights, "sigmoid", rng=rng, dtype=np.float64).activations[-1]
                for x in (data.x_train, data.x_test)
            ]
            found[name] = wi_lib.linear_probe(tops[0], data.y_train, tops[1], data.y_test)
        assert found["xavier"] > pixels - 0.02
        assert found["1"] < found["xavier"] - 0.08


def test_sgd_never_leaves_chance_from_std_001_or_xavier():
    """SGD: 0.01과 Xavier는 학습률 0.01–3000 어디에서도 찍는 수준이고, 표준편차 1은 모든 시드에서 80 %를 넘습니다."""
    rates = np.array(ABOUT["axes"]["learning_rate"]["sgd"])
    for name in ("sigmoid, 0.01", "sigmoid, Xavier"):
        cell = ABOUT["axes"]["net"].index([name, 5])
        measured = rates[RESULTS["sgd_measured"][cell]]
        assert measured.min() <= 0.01
        assert measured.max() >= 3000
        assert np.nanmax(RESULTS["sgd_accuracy"][cell]) < 0.2
    assert learned("sgd", "sigmoid, 1", 5)[1].min() > 0.8


def test_adam_turns_the_verdict_over_for_xavier():
    """Adam: Xavier는 모든 시드에서 60 %를 넘고, 표준편차 1에는 못 미칩니다. 0.01은 30 % 아래입니다."""
    xavier, one, small = (learned("adam", f"sigmoid, {name}", 5)[1] for name in ("Xavier", "1", "0.01"))
    assert xavier.min() > 0.6
    assert one.min() > max(0.85, xavier.max())
    assert small.max() < 0.3


@pytest.mark.parametrize(("optimizer", "rate"), [("sgd", 0.1), ("adam", 0.003)])
def test_stored_training_is_reproduced(optimizer, rate):
    """저장된 학습의 일부를 다시 해 봅니다."""
    from experiments import sigmoid_tanh

    for name in ("sigmoid, Xavier", "sigmoid, 1"):
        cell = ABOUT["axes"]["net"].index([name, 5])
        place = ABOUT["axes"]["learning_rate"][optimizer].index(rate)
        found = sigmoid_tanh.run(name, 5, optimizer, rate, 0)
        assert found["validation"] == pytest.approx(RESULTS[f"{optimizer}_validation"][cell, place, 0], abs=0.06)
        assert found["loss"][:5] == pytest.approx(RESULTS[f"{optimizer}_loss"][cell, place, 0, :5], rel=0.02)


def test_mixing_up_std_and_variance_grows_by_root_ten_per_layer():
    """확인 문제 1: 분산을 1/√n으로 두면 다섯 층 뒤 표준편차는 10^2.5배쯤입니다."""
    for seed in SEEDS:
        s = propagate(seed, "identity", initializers.normal(std=np.sqrt(100**-0.5)))
        assert s.activations[-1].std() == pytest.approx(10**2.5, rel=0.2)
