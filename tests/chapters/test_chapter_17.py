"""17장의 주장. 지수와 움직임은 다른 시드로 다시 재고, 저장된 학습은 일부를 다시 돌립니다."""

import functools
import json
from pathlib import Path

import numpy as np
import pytest

import wi_lib
from wi_lib import datasets, optimizers, signals, width

ROOT = Path(__file__).parents[2]
ABOUT = json.loads((ROOT / "chapters/data/width_rates.json").read_text(encoding="utf-8"))
with np.load(ROOT / "chapters/data/width_rates.npz") as stored:
    RESULTS = dict(stored)
BASE, WIDE = 64, 1024
digits = functools.cache(datasets.load_digits)


def chances(activation, rule, optimizer):
    """{너비: {2의 몇 제곱: 검증 자료의 정답에 준 확률}}. 발산한 시드가 하나라도 있으면 0입니다."""
    found = {}
    for row, plan in ABOUT["rows"].items():
        if plan["activation"] != activation:
            continue
        key = f"{row}_{rule}_{optimizer}"
        powers = [round(np.log2(rate)) for rate in ABOUT["learning_rate"][key]]
        for i, n in enumerate(plan["width"]):
            means = np.nan_to_num(RESULTS[f"{key}_validation"][i].mean(axis=-1))
            found[n] = {p: m for p, m, kept in zip(powers, means, RESULTS[f"{key}_measured"][i]) if kept}
    return found


def best(activation, rule, optimizer):
    """{너비: 가장 좋은 학습률, 2의 몇 제곱}."""
    return {n: max(cell, key=cell.get) for n, cell in chances(activation, rule, optimizer).items()}


def build(n, seed, activation="tanh"):
    initializer = {"tanh": "lecun_normal", "relu": "he_normal"}[activation]
    return wi_lib.MLP([64, n, n, 10], activation, initializer, rng=np.random.default_rng([17, seed]))


def ready(n, optimizer, seed, change=None, standard=False, shrink=False):
    """(처음의 망, 그 망의 최적화기). change는 μP의 (처음의 크기, 학습률)을 고칩니다."""
    net = build(n, seed)
    initial, rates = width.factors(net, build(BASE, 0), optimizer)
    if standard:
        initial, rates = [1] * 6, [BASE / n if shrink else 1] * 6
    if change:
        change(initial, rates)
    for parameter, factor in zip(net.parameters, initial):
        parameter *= factor
    return net, optimizers.PerParameter(optimizer, rates)


def moved(net, rule, rate, steps=1, batch=500, seed=0):
    """학습이 옮긴 1층과 2층의 가중합, 로짓의 RMS."""
    x = digits().x_test[:100]

    def values():
        return wi_lib.observe(net, x, rng=np.random.default_rng(0)).activations[::2]

    before = values()
    settings = {"learning_rate": rate, "batch_size": batch, "iterations": steps, "optimizer": rule}
    wi_lib.train(net, digits(), rng=np.random.default_rng([17, seed]), **settings)
    return np.array([signals.rms(b - a) for a, b in zip(before, values())])


def grown(optimizer, **plan):
    """너비 64에서 1,024로 가며 다섯 걸음의 움직임이 몇 배가 되는지: 1층, 2층, 로짓. 시드 둘의 평균입니다."""
    rate = {"sgd": 0.01, "adam": 3e-4}[optimizer]
    seen = [
        np.mean([moved(*ready(n, optimizer, s, **plan), rate, 5, 64, s) for s in range(2)], 0) for n in (BASE, WIDE)
    ]
    return seen[1] / seen[0]


def left(part, *places):
    """μP의 처음의 크기(0)나 학습률(1)에서 그 자리를 그대로 둡니다."""

    def change(*found):
        for place in places:
            found[part][place] = 1

    return change


def test_no_best_rate_lies_at_the_edge():
    """칸마다 시드가 다섯이고, 가장 좋은 학습률은 잰 범위의 안쪽에 있습니다."""
    for activation in ("tanh", "relu"):
        for rule in ("standard", "mup"):
            for optimizer in ("sgd", "adam"):
                for n, cell in chances(activation, rule, optimizer).items():
                    powers = sorted(cell)
                    assert powers[0] < max(cell, key=cell.get) < powers[-1], (activation, rule, optimizer, n)
    assert all(array.shape[2] == 5 for name, array in RESULTS.items() if name.endswith("_validation"))


def test_best_rates_of_the_standard_rule():
    """tanh의 SGD는 64배 넓혀 8분의 1이 되고 ReLU는 1,024까지 그대로입니다. Adam은 두 함수에서 모두 줄어듭니다."""
    sgd, adam = best("tanh", "standard", "sgd"), best("tanh", "standard", "adam")
    assert [sgd[n] for n in sorted(sgd)] == [-1, -1, -1, -2, -2, -3, -4]
    assert sorted(sgd) == [64, 128, 256, 512, 1024, 2048, 4096]
    assert [adam[n] for n in sorted(adam)] == [-6, -7, -8, -9, -8, -11, -13]
    assert best("relu", "standard", "sgd") == {64: -1, 256: -1, 1024: -1}
    assert best("relu", "standard", "adam") == {64: -6, 256: -7, 1024: -10}


def test_the_rate_of_the_small_net_in_a_wide_one():
    """너비 64의 학습률을 그대로 쓰면 표준의 4,096은 망가지고, μP의 4,096은 다시 고른 것과 같습니다."""
    standard, mup = ({o: chances("tanh", rule, o)[4096] for o in ("sgd", "adam")} for rule in ("standard", "mup"))
    assert standard["sgd"][-1] == 0
    assert standard["adam"][-6] < 0.6 * max(standard["adam"].values())
    assert mup["sgd"][-1] == max(mup["sgd"].values())
    assert mup["adam"][-6] > max(mup["adam"].values()) - 0.02


def test_a_wide_standard_net_with_its_own_rate_is_not_worse():
    """제 학습률을 다시 고른 표준의 4,096은 SGD에서 μP보다 낫고 Adam에서 비슷합니다."""
    top = {(r, o): max(chances("tanh", r, o)[4096].values()) for r in ("standard", "mup") for o in ("sgd", "adam")}
    assert top["standard", "sgd"] > top["mup", "sgd"] + 0.03
    assert abs(top["standard", "adam"] - top["mup", "adam"]) < 0.02
    wide = {n: max(cell.values()) for n, cell in chances("tanh", "mup", "sgd").items()}
    assert wide[64] < min(v for n, v in wide.items() if n > 64)
    assert np.ptp([v for n, v in wide.items() if n > 64]) < 0.02


def test_the_curves_of_mup_lie_on_each_other():
    """μP의 곡선은 128부터 학습률마다 0.03 안에서 겹치고, 표준의 곡선은 0.5 넘게 벌어집니다."""
    for optimizer in ("sgd", "adam"):
        for rule, least, most in (("mup", 0, 0.05), ("standard", 0.4, 1)):
            cells = [chances("tanh", rule, optimizer)[n] for n in (256, 512, 1024)]
            gap = max(np.ptp([cell[p] for cell in cells]) for p in cells[0])
            assert least <= gap <= most, (optimizer, rule, gap)


def seeds(row, rule, optimizer, i, power):
    """그 칸의 시드 다섯."""
    key = f"{row}_{rule}_{optimizer}"
    return RESULTS[f"{key}_validation"][i, ABOUT["learning_rate"][key].index(2.0**power)]


def test_relu_under_mup_falls_off_the_edge_in_one_seed():
    """ReLU의 SGD에서 64의 학습률 0.5를 μP의 1,024에 쓰면 시드 하나만 무너지고, 나머지도 표준만 못합니다."""
    low, *others = np.sort(seeds("relu", "mup", "sgd", 2, -1))
    assert low < 0.3 < 0.7 < others[0]
    assert others[-1] < seeds("relu", "standard", "sgd", 2, -1).mean()
    assert seeds("relu", "mup", "sgd", 2, -2).min() > 0.65


EXPONENTS = {
    "sgd": ([-0.5, 0.5, 1], [0, 1, 1]),
    "adam": ([0, 1, 1], [0.5, 1.5, 1]),
}


@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize("optimizer", EXPONENTS)
def test_exponents_of_one_step(optimizer, activation):
    """행렬 하나만 옮긴 한 걸음의 지수는 두 활성화 함수에서 유도한 것과 0.2쯤 안에 있습니다."""
    rate, sizes = {"sgd": 1e-3, "adam": 1e-5}[optimizer], (128, 512)
    for i, (own, logit) in enumerate(zip(*EXPONENTS[optimizer])):
        rule = optimizers.PerParameter(optimizer, np.eye(6)[i])
        seen = [np.mean([moved(build(n, s, activation), rule, rate, seed=s) for s in range(8)], axis=0) for n in sizes]
        found = np.log(seen[1][[i, 2]] / seen[0][[i, 2]]) / np.log(4)
        assert found == pytest.approx([own, logit], abs=0.25), i


def test_one_step_of_the_same_rate_is_larger_in_a_wide_net():
    """너비 16배의 로짓은 SGD에서 여덟 배쯤, Adam에서 스물일곱 배쯤 움직입니다."""
    for optimizer, rate, low, high in (("sgd", 1e-3, 5, 14), ("adam", 1e-5, 20, 50)):
        seen = [np.mean([moved(build(n, s), optimizer, rate, seed=s) for s in range(4)], 0) for n in (BASE, WIDE)]
        assert low < seen[1][2] / seen[0][2] < high


def test_coordinate_check_of_mup_is_flat():
    for optimizer in ("sgd", "adam"):
        found = grown(optimizer)
        assert 0.5 < found.min() <= found.max() < 1.3


def test_coordinate_check_shows_what_was_forgotten():
    first, second, logit = grown("sgd", change=left(0, 2))
    assert 2.5 < first < 5.5
    assert 2.5 < second < 5.5
    assert logit > 6
    first, second, logit = grown("adam", change=left(0, 2))
    assert 0.6 < second < 1.6 < logit
    first, _, logit = grown("sgd", change=left(1, 0, 3, 4))
    assert first < 0.1 < 0.3 < logit
    assert grown("adam", change=left(1, 1))[1] > 4
    for optimizer, places in (("sgd", [1]), ("adam", [0, 3, 4])):
        assert np.allclose(grown(optimizer, change=left(1, *places)), grown(optimizer))


def test_one_smaller_rate_for_all_stops_the_first_layer():
    first, second, logit = grown("sgd", standard=True, shrink=True)
    assert first < 0.04 < second < 0.25 < logit
    first, second, logit = grown("adam", standard=True, shrink=True)
    assert first < 0.12 < second < 0.9 < 1.3 < logit


def features(net):
    a = np.tanh(digits().x_test[:100] @ net.weights[0] + net.biases[0])
    return np.tanh(a @ net.weights[1] + net.biases[1])


def changed(n, rate, optimizer="sgd", seeds=2, **plan):
    """50걸음에 2층의 출력이 바뀐 비율."""
    found = []
    for seed in range(seeds):
        net, rule = ready(n, optimizer, seed, **plan)
        before, settings = features(net), {"learning_rate": rate, "batch_size": 64, "iterations": 50}
        wi_lib.train(net, digits().hold_out(300), optimizer=rule, rng=np.random.default_rng([17, seed]), **settings)
        found.append(np.linalg.norm(features(net) - before) / np.linalg.norm(before))
    return np.mean(found)


def test_only_a_rate_of_one_over_n_makes_a_wide_net_lazy():
    """1/n이면 특징의 변화가 다섯 배쯤 줄고, 제 학습률이면 처음의 크기만큼 남고, μP에서는 너비와 상관없습니다."""
    small = changed(BASE, 0.5, standard=True)
    lazy = changed(WIDE, 0.5, standard=True, shrink=True)
    own = changed(WIDE, 2.0 ** best("tanh", "standard", "sgd")[WIDE], standard=True)
    mup = changed(WIDE, 0.5)
    assert 3.5 < small / lazy < 7.5
    assert own > 0.7
    assert mup == pytest.approx(small, rel=0.15)


def test_stored_results_are_rederived():
    from experiments import width_rates

    for rule, optimizer, power, n in (("standard", "adam", -7, 128), ("mup", "sgd", -2, 256)):
        key = f"tanh_{rule}_{optimizer}"
        result = width_rates.run(rule, "tanh", n, optimizer, 2.0**power, 0)
        at = ABOUT["rows"]["tanh"]["width"].index(n), ABOUT["learning_rate"][key].index(2.0**power), 0
        for name in ("validation", "accuracy"):
            assert result[name] == pytest.approx(RESULTS[f"{key}_{name}"][at], abs=0.02)
