"""11장의 주장 가운데 NumPy로 잴 수 있는 것을 다른 시드와 너비에서 다시 잽니다: √5, 편향, gain, 축, 학습."""

from itertools import pairwise

import numpy as np
import pytest
from sklearn.datasets import load_digits

from tests.independent.plain import VALUES, accuracy, drawn, fit, forward, measured, rms

SEEDS = (401, 402, 403)


def torch_linear(rng, sizes, bias=1):
    """nn.Linear의 기본값을 문서의 식으로: 가중치도 편향도 U(±1/√fan_in)."""
    limits = [m**-0.5 for m in sizes[:-1]]
    weights = [rng.uniform(-c, c, pair) for c, pair in zip(limits, pairwise(sizes))]
    return weights, [bias * rng.uniform(-c, c, n) for c, n in zip(limits, sizes[1:])]


def test_root_five_is_a_third_of_one_over_n():
    """a = √5의 gain은 1/√3이고 균등분포의 한계는 1/√n, 분산은 He의 6분의 1입니다."""
    gain, n = np.sqrt(2 / (1 + 5)), 230
    assert np.sqrt(3) * gain / np.sqrt(n) == pytest.approx(1 / np.sqrt(n))
    weights = torch_linear(np.random.default_rng(400), [n, 3000])[0][0]
    assert weights.var() == pytest.approx(1 / (3 * n), rel=0.01)
    assert weights.var() / (2 / n) == pytest.approx(1 / 6, rel=0.01)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_bias_keeps_the_size_and_not_the_differences(seed):
    """ReLU와 nn.Linear: 편향이 크기를 √(0.2/n)에 세우지만, 입력에 따른 차이는 편향이 없을 때처럼 층마다 0.4배입니다."""
    rng, n = np.random.default_rng(seed), 150
    x, (weights, biases) = rng.standard_normal((120, n)), torch_linear(rng, [n] * 31)
    found = forward(x, weights, "relu", biases)[1]
    assert rms(found[30]) == pytest.approx(np.sqrt(0.2 / n), rel=0.3)
    plain = forward(x, weights, "relu")[1]
    assert rms(plain[10]) / rms(plain[1]) == pytest.approx((1 / 6) ** 4.5, rel=0.7)
    for a in (found, plain):
        spans = [rms(v - v.mean(axis=0)) for v in a]
        assert (spans[30] / spans[10]) ** (1 / 20) == pytest.approx(0.4, abs=0.03)
    assert rms(found[30] - found[30].mean(axis=0)) < 1e-9 * rms(found[30])
    # 편향이 있으면 활성화값의 크기가 그대로이고 δ만 줄어, 가중치의 기울기도 아래층일수록 작습니다.
    slopes = measured(rng, x, weights[:10], "relu", biases)[2]
    assert slopes[9] / slopes[3] > 20


def test_only_the_relus_have_the_gain_that_keeps_the_size():
    """1/√E[f²]: relu와 leaky ReLU는 권장값과 같고 tanh 1.59, selu 1.00, sigmoid 1.85는 다릅니다."""
    z = np.linspace(-10, 10, 200_001)
    p = np.exp(-z * z / 2) / np.exp(-z * z / 2).sum()
    selu = 1.0507 * np.where(z > 0, z, 1.67326 * (np.exp(np.minimum(z, 0)) - 1))
    f = {name: VALUES[name](z) for name in ("relu", "tanh", "sigmoid")} | {
        "selu": selu,
        "leaky": np.maximum(z, z / 100),
    }
    own = {name: 1 / np.sqrt(p @ value**2) for name, value in f.items()}
    assert own["relu"] == pytest.approx(np.sqrt(2), abs=0.005)
    assert own["leaky"] == pytest.approx(np.sqrt(2 / (1 + 0.01**2)), abs=0.005)
    assert [round(own[name], 2) for name in ("tanh", "selu", "sigmoid")] == [1.59, 1.00, 1.85]


def test_truncation_shrinks_the_std_by_088():
    z = np.random.default_rng(404).standard_normal(1_000_000)
    kept = z[np.abs(z) < 2]
    assert kept.std() == pytest.approx(0.8796, abs=0.001)
    assert np.abs(kept).max() / kept.std() == pytest.approx(2.27, abs=0.01)


@pytest.mark.parametrize("seed", SEEDS)
def test_swapped_axes_show_only_where_widths_differ(seed):
    """fan_out으로 나눈 He: 세 배씩 좁아지는 세 층은 3^1.5배, 넓어지면 그 역수, 너비가 같으면 그대로입니다."""
    for sizes, times in (([540, 180, 60, 20], 27**0.5), ([20, 60, 180, 540], 27**-0.5), ([90] * 4, 1)):
        ends = []
        for fans in (sizes[:-1], sizes[1:]):
            rng = np.random.default_rng(seed)
            x, weights = rng.standard_normal((100, sizes[0])), drawn(rng, sizes, np.sqrt(2 / np.array(fans)))
            ends.append(rms(forward(x, weights, "relu")[1][-1]))
        assert ends[1] / ends[0] == pytest.approx(times)


def test_one_matrix_in_every_layer_spreads_the_seeds():
    logs = []
    for tied in (False, True):
        ends = []
        for seed in range(405, 435):
            rng = np.random.default_rng(seed)
            x, weights = rng.standard_normal((40, 80)), drawn(rng, [80] * 31, np.sqrt(2 / 80))
            found = forward(x, weights[:1] * 30 if tied else weights, "relu")[1]
            ends.append(np.log(rms(found[-1]) / rms(found[1])))
        logs.append(np.std(ends))
    assert logs[1] > 2 * logs[0]


RUNS = [("torch", False, 0.2, 0, 0.2), ("torch", False, 2, 0, 0.2), ("torch", True, 0.002, 0.4, 1)]


@pytest.mark.parametrize(("default", "adam", "rate", "low", "high"), [*RUNS, ("He", False, 0.05, 0.75, 1)])
def test_ten_layers_of_torch_defaults_need_adam(default, adam, rate, low, high):
    """10층 ReLU, 손글씨 숫자, 600걸음: nn.Linear의 기본값은 SGD로 찍는 수준, Adam으로는 배웁니다. He는 SGD로도."""
    found, rng, sizes = load_digits(), np.random.default_rng(436), [64, *[100] * 10, 10]
    order = rng.permutation(len(found.target))
    x, y = (found.data / 16 - 0.3)[order] / 0.38, found.target[order]
    weights, biases = torch_linear(rng, sizes)
    if default == "He":
        weights, biases = drawn(rng, sizes, np.sqrt(2 / np.array(sizes[:-1]))), [0 * b for b in biases]
    fit(x[:1400], y[:1400], weights, biases, "relu", rate, 600, rng, adam)
    assert low <= accuracy(x[1400:], y[1400:], weights, biases, "relu") <= high


@pytest.mark.parametrize("seed", [437, 438])
def test_standardised_inputs_close_the_gap_at_five_layers(seed):
    """5층을 SGD로: 화소의 평균을 빼고 표준편차로 나누어 넣으면 nn.Linear의 기본값도 배웁니다."""
    found, rng, sizes = load_digits(), np.random.default_rng(seed), [64, *[100] * 5, 10]
    x, y = (found.data - found.data.mean()) / found.data.std(), found.target
    weights, biases = torch_linear(rng, sizes)
    fit(x[:1500], y[:1500], weights, biases, "relu", 0.3, 600, rng)
    assert accuracy(x[1500:], y[1500:], weights, biases, "relu") > 0.84
