"""12장의 주장. 첫 걸음은 다른 시드로 다시 재고, 긴 학습은 저장된 결과로 확인하며 그 일부를 다시 학습시킵니다."""

import json
import warnings
from pathlib import Path

import numpy as np
import pytest

import wi_lib
from wi_lib import datasets, initializers, optimizers, signals

ROOT = Path(__file__).parents[2]
SIZES = (64, 100, 100, 100, 100, 10)
DEEP = (64, *[100] * 30, 10)
IDEAL = optimizers.Adam(epsilon=1e-150)
RATES = {"sgd": 0.1, "momentum": 0.01, "adam": 0.001}


@pytest.fixture(scope="module")
def digits():
    return datasets.load_digits()


def fresh(std, seed, sizes=SIZES):
    return wi_lib.MLP(sizes, "relu", initializers.normal(std), rng=np.random.default_rng(seed), dtype=np.float64)


def first_step(net, digits, optimizer, rate):
    """처음 32장으로 한 걸음 옮긴 뒤, 행렬마다의 걸음의 비."""
    old, g = [w.copy() for w in net.weights], net.gradients(digits.x_train[:32], digits.y_train[:32])
    optimizers.get(optimizer).start(net.parameters, rate)([*g.weights, *g.biases])
    return np.array([signals.rms(w - v) / signals.rms(v) for w, v in zip(net.weights, old)])


def varying(net, digits):
    """층마다 (입력에 따라 변하는 몫, 활성화값의 RMS, 편향의 RMS)."""
    a, found = digits.x_train[:200].astype(float), []
    for w, b in zip(net.weights[:-1], net.biases[:-1]):
        a = np.maximum(a @ w + b, 0)
        found.append((signals.varying(a), signals.rms(a), signals.rms(b)))
    return np.array(found).T


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_first_step_against_the_weights(digits, seed):
    """표준편차를 0.01에서 0.1로 키우면 첫 걸음의 비는 SGD에서 1,000배, Adam에서 8분의 1이 됩니다."""
    sgd, adam = (
        first_step(fresh(0.1, seed), digits, o, RATES[o]) / first_step(fresh(0.01, seed), digits, o, RATES[o])
        for o in ("sgd", "adam")
    )
    assert sgd[2] == pytest.approx(1000, rel=0.15)
    assert adam[2] == pytest.approx(0.125, rel=0.1)
    # ε을 없애면 꼭 10분의 1입니다.
    small, large = (first_step(fresh(std, seed), digits, IDEAL, 0.001) for std in (0.01, 0.1))
    assert large / small == pytest.approx(0.1, rel=0.02)
    # η/σ에 조금 못 미치는 것은 기울기의 4분의 1쯤이 0이기 때문입니다.
    assert (small > 0.075).all()
    assert (small < 0.095).all()


@pytest.mark.parametrize("depth", [2, 3, 6])
def test_sgd_ratio_is_a_power_of_the_std(digits, depth):
    """은닉층이 L개이면 SGD의 비는 표준편차의 L − 1제곱을 따릅니다."""
    sizes = (64, *[100] * depth, 10)
    small, large = (first_step(fresh(std, 3, sizes), digits, "sgd", 0.1) for std in (0.005, 0.05))
    assert large[:depth] / small[:depth] == pytest.approx(10 ** (depth - 1), rel=0.25)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_one_step_drowns_the_signal(digits, seed):
    """30층: 학습 전에는 세 초깃값의 몫이 같습니다. 크기를 지운 Adam의 한 걸음 뒤 0.01은 반올림만 남습니다."""
    before, after = {}, {}
    for std in (0.01, 0.1, 0.14):
        net = fresh(std, seed, DEEP)
        before[std], size, _ = varying(net, digits)
        first_step(net, digits, IDEAL, 0.001)
        after[std], _, bias = varying(net, digits)
        assert bias[-1] == pytest.approx(7e-4, rel=0.2)
        if std == 0.01:
            assert 1e-36 < size[-1] < 1e-34
        # LeCun의 신호도 편향보다 작지만 몫은 남습니다. He의 신호는 편향보다 훨씬 큽니다.
        assert size[-1] < 0.1 * bias[-1] if std < 0.14 else size[-1] > 100 * bias[-1]
    assert before[0.1] == pytest.approx(before[0.01], rel=1e-6)
    assert before[0.14] == pytest.approx(before[0.01], rel=1e-6)
    assert 0.15 < before[0.01][-1] < 0.3
    assert after[0.01][-1] < 1e-12
    assert 1e-4 < after[0.1][-1] < 0.02
    assert after[0.14][-1] > 0.15


@pytest.mark.parametrize("optimizer", list(RATES))
@pytest.mark.parametrize("seed", [1, 2])
def test_equal_units_stay_equal(digits, optimizer, seed):
    """상수로 시작한 망은 세 최적화기 모두에서 1층의 유닛이 하나뿐입니다."""
    net = wi_lib.MLP(
        [64, 20, 20, 10], "tanh", initializers.constant(0.05), rng=np.random.default_rng(0), dtype=np.float64
    )
    settings = {"learning_rate": RATES[optimizer], "batch_size": 32, "iterations": 300}
    wi_lib.train(net, digits, optimizer=optimizer, rng=np.random.default_rng(seed), **settings)
    assert signals.distinct_columns(net.weights[0]) == signals.distinct_columns(net.weights[1]) == 1
    assert net.accuracy(digits.x_test, digits.y_test) < 0.4


def test_a_drowned_signal_stays_drowned(digits):
    """스무 걸음 뒤에도 30층은 어느 숫자에나 같은 값을 냅니다."""
    net = fresh(0.01, 1, DEEP)
    move, rng = IDEAL.start(net.parameters, 0.001), np.random.default_rng(4)
    for _ in range(20):
        i = rng.integers(len(digits.x_train), size=32)
        g = net.gradients(digits.x_train[i], digits.y_train[i])
        move([*g.weights, *g.biases])
    assert varying(net, digits)[0][-1] < 1e-12


@pytest.mark.parametrize("seed", [1, 2])
def test_larger_steps_do_not_raise_the_signal(digits, seed):
    """10층의 몫은 학습률 0.001까지 줄다가 0.01에서 조금 돌아오고, 30층은 늘 묻힙니다. 편향을 되돌리면 살아납니다."""
    shallow = []
    for rate in (1e-5, 1e-4, 1e-3, 1e-2):
        net = fresh(0.01, seed, DEEP)
        first_step(net, digits, IDEAL, rate)
        share = varying(net, digits)[0]
        assert share[-1] < 1e-12
        shallow.append(share[9])
        for b in net.biases:
            b[:] = 0
        assert 0.08 < varying(net, digits)[0][-1] < 0.25
    assert (np.diff(shallow[:3]) < 0).all()
    assert 1e-6 < shallow[3] < 1e-4
    assert shallow[3] > 50 * shallow[0]


@pytest.mark.parametrize("seed", [1, 2])
def test_ordinary_first_steps_drown_it_too(digits, seed):
    """SGD의 한 걸음도, 보통의 Adam의 한 걸음도 30층의 0.01을 묻고 He는 묻지 않습니다."""
    for optimizer in ("sgd", "adam"):
        for std, kept in ((0.01, False), (0.14, True)):
            net = fresh(std, seed, DEEP)
            first_step(net, digits, optimizer, RATES[optimizer])
            share = varying(net, digits)[0][-1]
            assert share > 0.1 if kept else share < 1e-12


def test_adam_follows_eta_over_sigma_when_the_width_changes(digits):
    """너비를 네 배로 늘리면 He의 표준편차가 절반이 되어 Adam의 비는 두 배가 됩니다."""
    narrow, wide = (
        first_step(fresh((2 / width) ** 0.5, 5, (64, width, width, 10)), digits, "adam", 0.001)[1]
        for width in (100, 400)
    )
    assert wide / narrow == pytest.approx(2, rel=0.1)


# 저장된 결과
DATA = ROOT / "chapters" / "data"
ABOUT, SEVEN = (json.loads((DATA / f"{name}.json").read_text(encoding="utf-8")) for name in ("optimizers", "matching"))
with np.load(DATA / "optimizers.npz") as stored:
    RESULTS = dict(stored)
with np.load(DATA / "matching.npz") as stored:
    VALIDATION = {o: stored[f"{o}_validation"] for o in ("sgd", "adam")}
    ACCURACY = {o: stored[f"{o}_accuracy"] for o in ("sgd", "adam")}
VALIDATION["momentum"], ACCURACY["momentum"] = RESULTS["momentum_validation"], RESULTS["momentum_accuracy"]
GRID = {o: np.array(SEVEN["axes"]["learning_rate"][o]) for o in ("sgd", "adam")}
GRID["momentum"] = np.array(ABOUT["axes"]["learning_rate"]["momentum"])
ORDER = ABOUT["axes"]["steps"]["optimizer"]
SIGMOID, TANH, RELU, LEAKY, SELU = range(5)
SMALL, ONE, LECUN, XAVIER, HE, GLOROT4, ORTHOGONAL = range(7)
RATE, CHOSEN, SCORE, GOOD = {}, {}, {}, {}
for name in ORDER:
    best, CHOSEN[name] = wi_lib.at_best_rate(VALIDATION[name], ACCURACY[name])
    RATE[name], SCORE[name] = GRID[name][best], CHOSEN[name].mean(axis=-1)
    GOOD[name] = SCORE[name] >= SCORE[name].max(axis=1)[:, None] - 0.03


def inside(validation, measured):
    """배우는 칸마다, 고른 학습률이 잰 격자의 안쪽에 있는지."""
    best, runs = wi_lib.at_best_rate(validation, validation)
    tried = [np.flatnonzero(row) for row in measured.reshape(-1, measured.shape[-1])]
    pairs = zip(best.ravel(), tried, runs.reshape(-1, runs.shape[-1]).mean(axis=-1))
    return [rates[0] < at < rates[-1] for at, rates, score in pairs if score > 0.2]


def test_best_rates_are_inside_the_grid():
    assert ABOUT["seeds"] == list(range(5))
    for part in ("momentum", "decay_sgd", "decay_adam"):
        assert all(inside(RESULTS[f"{part}_validation"], RESULTS[f"{part}_measured"]))
    for part in ("fine", "longer", "still"):
        validation = RESULTS[f"{part}_validation"]
        assert all(inside(validation, np.ones(validation.shape[:-1], bool)))


def test_momentum_fills_the_table_like_sgd():
    """1등과 3 %p 안인 칸이 SGD의 열일곱과 똑같고, Adam의 스물다섯은 그것을 품습니다."""
    assert (GOOD["momentum"] == GOOD["sgd"]).all()
    assert [GOOD[o].sum() for o in ORDER] == [17, 17, 25]
    assert (GOOD["adam"] | ~GOOD["sgd"]).all()
    assert (SCORE["momentum"].argmin(axis=1) == SMALL).all()


def test_momentum_takes_a_tenth_of_the_rate():
    both = (SCORE["sgd"] > 0.5) & (SCORE["momentum"] > 0.5)
    times = (RATE["sgd"] / RATE["momentum"])[both]
    assert (both.sum(), np.isclose(times, 10).sum()) == (28, 22)
    assert np.median(times) == pytest.approx(10)


def test_momentum_differs_where_seeds_do():
    """10 %p 넘게 다른 칸은 넷이고, 구간이 0을 품지 않는 것은 여섯입니다. 직교와 leaky의 Xavier만 모멘텀이 낮습니다."""
    far = np.abs(SCORE["momentum"] - SCORE["sgd"]) > 0.1
    cells = [(SIGMOID, LECUN), (SIGMOID, XAVIER), (SIGMOID, ORTHOGONAL), (TANH, SMALL)]
    assert sorted(map(tuple, np.argwhere(far))) == sorted(cells)
    gap, half = wi_lib.mean_interval(CHOSEN["momentum"] - CHOSEN["sgd"])
    higher, lower = gap > half, gap < -half
    assert list(map(tuple, np.argwhere(lower))) == [(SIGMOID, ORTHOGONAL), (LEAKY, XAVIER)]
    above = [(SIGMOID, HE), (SIGMOID, GLOROT4), (RELU, GLOROT4), (LEAKY, GLOROT4)]
    assert list(map(tuple, np.argwhere(higher))) == above
    gains = (SCORE["momentum"] - SCORE["sgd"])[higher]
    assert [gains.min(), gains.max()] == pytest.approx([0.01, 0.05], abs=0.003)


def test_seventeen_depends_on_the_line():
    """금을 3.5 %p에 그으면 모멘텀에는 sigmoid의 He가 들어오고, SGD와 Adam은 그대로입니다."""
    wide = {o: SCORE[o] >= SCORE[o].max(axis=1)[:, None] - 0.035 for o in ORDER}
    assert [wide[o].sum() for o in ORDER] == [17, 18, 25]
    assert wide["momentum"][SIGMOID, HE]
    assert SCORE["momentum"][SIGMOID, HE] == pytest.approx(0.91, abs=0.005)


RATIO = RESULTS["steps_ratio"].mean(axis=3)
TYPICAL = np.exp(np.log(RATIO).mean(axis=(-2, -1)))
FINE = np.array([GOOD[o][:3] for o in ORDER])


def test_good_cells_share_a_ratio_not_a_rate():
    """서른세 칸의 학습률은 천 배, 걸음의 비는 0.0013–0.015로 열 배 남짓입니다. SGD는 모두 0.005를 넘습니다."""
    rates = np.array([RATE[o][:3] for o in ORDER])[FINE]
    assert FINE.sum() == 33
    assert rates.max() / rates.min() == pytest.approx(1000)
    assert [TYPICAL[FINE].min(), TYPICAL[FINE].max()] == pytest.approx([0.0013, 0.0145], rel=0.04)
    spans = {o: (TYPICAL[k][FINE[k]].min(), TYPICAL[k][FINE[k]].max()) for k, o in enumerate(ORDER)}
    assert spans["sgd"] == pytest.approx((0.0059, 0.0145), rel=0.03)
    assert spans["momentum"] == pytest.approx((0.0016, 0.0036), rel=0.03)
    assert spans["adam"] == pytest.approx((0.0013, 0.0099), rel=0.04)


def test_the_best_ratio_is_not_the_only_one():
    """행렬 하나씩 보면 0.0007–0.024이고, 한 칸 낮은 학습률도 서른세 칸 가운데 서른하나에서 1등과 3 %p 안입니다."""
    each = np.exp(np.log(RATIO).mean(axis=-1))[FINE]
    assert [each.min(), each.max()] == pytest.approx([0.0007, 0.024], rel=0.05)
    kept = 0
    for o in ORDER:
        best, scores = np.searchsorted(GRID[o], RATE[o]), ACCURACY[o].mean(axis=-1)
        below = np.take_along_axis(scores, best[..., None] - 1, axis=-1)[..., 0]
        kept += (GOOD[o] & (below >= SCORE[o].max(axis=1)[:, None] - 0.03))[:3].sum()
    assert kept == 31


def test_a_fitting_ratio_does_not_mean_learning():
    """tanh와 표준편차 1: Adam의 비는 0.0012인데 정확도는 64 %입니다."""
    assert TYPICAL[2, TANH, ONE] == pytest.approx(0.0012, rel=0.05)
    assert SCORE["adam"][TANH, ONE] == pytest.approx(0.64, abs=0.005)
    assert TYPICAL[2, RELU, ONE] == pytest.approx(0.001, rel=0.2)


def test_sgd_steps_are_larger_but_go_as_far():
    """걸음의 비는 SGD가 모멘텀의 4.5배(중앙값)인데, 끝까지 간 거리는 같습니다."""
    both, moved = FINE[0] & FINE[1], RESULTS["steps_moved"].mean(axis=(3, 4))
    assert np.median((TYPICAL[0] / TYPICAL[1])[both]) == pytest.approx(4.5, abs=0.1)
    assert np.median((moved[0] / moved[1])[both]) == pytest.approx(1, abs=0.05)


def test_adam_rewrites_small_weights():
    """ReLU의 0.01에서 Adam의 비는 첫 걸음 24 %, 첫 40걸음 5 %, 끝 0.7 %입니다. He는 0.3배, 표준편차 1은 0.2배."""
    line, first = RATIO[2, RELU, SMALL, 2], RESULTS["steps_first"][2, RELU, SMALL, :, 2].mean()
    assert [first, line[0], line[-1]] == pytest.approx([0.24, 0.05, 0.007], rel=0.1)
    # 가중치가 자란 것만으로는 비가 이만큼 줄지 않습니다. 나머지는 걸음 자체가 작아진 것입니다.
    grown = RESULTS["steps_moved"][2, RELU, SMALL, :, 2].mean()
    assert grown == pytest.approx(7.2, abs=0.1)
    assert first / grown / line[-1] == pytest.approx(5, abs=0.5)
    assert (RATIO[:2, RELU, SMALL, 2] < 1e-5).all()
    starts = RATIO[:, RELU, HE, 2, 0]
    assert starts.max() / starts.min() < 3
    assert np.ptp(np.log10([RATE[o][RELU, HE] for o in ORDER])) == pytest.approx(2)
    moved = RESULTS["steps_moved"].mean(axis=(3, 4))[2]
    assert moved[RELU, [SMALL, HE, ONE]] == pytest.approx([8, 0.3, 0.16], rel=0.1)
    assert moved[TANH, ONE] == pytest.approx(0.24, rel=0.1)


def deep(part):
    return wi_lib.at_best_rate(RESULTS[f"{part}_validation"], RESULTS[f"{part}_accuracy"])[1]


def test_removing_every_size_does_not_save_the_deep_net():
    """30층의 0.01은 ε을 없애도 10–18 %이고, 8층은 10–75 %로 갈립니다. LeCun 71 %, He 84 %, sigmoid 20층 30 %."""
    runs, nets = deep("fine"), ABOUT["axes"]["fine"]["net"]
    at = {net: runs[k] for k, net in enumerate(nets)}
    assert ABOUT["axes"]["fine"]["epsilon"] == [1e-8, 1e-150]
    assert at["relu, 30, 0.01"][1].max() < 0.19
    assert at["relu, 30, 0.01"][1].mean() < 0.13
    assert (at["relu, 8, 0.01"][0] < 0.11).all()
    assert [at["relu, 8, 0.01"][1].min(), at["relu, 8, 0.01"][1].max()] == pytest.approx([0.10, 0.75], abs=0.01)
    assert at["relu, 30, LeCun"].mean(axis=-1) == pytest.approx([0.61, 0.71], abs=0.006)
    assert at["relu, 30, He"].mean(axis=-1) == pytest.approx([0.83, 0.84], abs=0.006)
    assert at["sigmoid, 20, 4 * Xavier"].mean(axis=-1) == pytest.approx([0.34, 0.30], abs=0.006)


def test_biases_are_the_first_reason():
    """편향을 0에 두면 600걸음에 다섯 시드가 28–37 %이고, 편향도 옮기면 3,000걸음에도 넷이 찍는 수준입니다."""
    still, longer = deep("still").ravel(), deep("longer").ravel()
    assert [still.min(), still.max()] == pytest.approx([0.28, 0.37], abs=0.006)
    assert (longer < 0.11).sum() == 4
    assert still.min() > deep("fine")[1, 1].max()


DECAYED = {}
for name in ("sgd", "adam"):
    chosen_by = RESULTS[f"decay_{name}_validation"]
    for what in ("accuracy", "fitted"):
        DECAYED[name, what] = wi_lib.at_best_rate(chosen_by, RESULTS[f"decay_{name}_{what}"])[1]
    DECAYED[name, "size"] = wi_lib.at_best_rate(chosen_by, RESULTS[f"decay_{name}_norms"][..., 1])[1].mean(axis=-1)


def test_small_starts_do_not_generalise_better():
    """감쇠가 없으면 모두 학습 자료를 맞히는데, SGD의 시험 정확도는 87, 88, 89, 83 %입니다."""
    runs = DECAYED["sgd", "accuracy"][:, 0]
    assert runs.mean(axis=-1) == pytest.approx([0.868, 0.876, 0.890, 0.827], abs=0.001)
    for o in ("sgd", "adam"):
        assert (DECAYED[o, "fitted"][:, 0] > 0.999).all()
        # He보다 작게 시작해 평균이라도 앞서는 칸은 없습니다.
        for j in range(3):
            assert DECAYED[o, "accuracy"][:2, j].mean(axis=-1).max() < DECAYED[o, "accuracy"][2, j].mean()


def test_where_weights_end_without_decay():
    """SGD는 12, 13, 23, 61로 작은 쪽이 작게 끝나고, Adam은 46, 50, 26, 68입니다. 학습률이 같으면 24와 26입니다."""
    assert DECAYED["sgd", "size"][:, 0] == pytest.approx([12, 13, 23, 61.5], abs=0.5)
    assert DECAYED["adam", "size"][:, 0] == pytest.approx([46, 50, 26, 68], abs=0.6)
    k = ABOUT["axes"]["learning_rate"]["decay_adam"].index(0.003)
    same = RESULTS["decay_adam_norms"][:, 0, k, :, 1].mean(axis=-1)
    assert same[[0, 2]] == pytest.approx([24, 26], abs=0.5)


def test_decay_erases_the_start():
    """센 감쇠: SGD는 8, 8, 8, 11에서, Adam은 14–18에서 끝나고, He의 3배는 83 → 89 %, 87 → 89 %로 오릅니다."""
    assert DECAYED["sgd", "size"][:, 2] == pytest.approx([8, 8, 8, 11.4], abs=0.2)
    assert 14 <= DECAYED["adam", "size"][:, 2].min() <= DECAYED["adam", "size"][:, 2].max() < 18.5
    for o, before in (("sgd", 0.827), ("adam", 0.872)):
        runs = DECAYED[o, "accuracy"]
        assert runs[3, [0, 2]].mean(axis=-1) == pytest.approx([before, 0.89], abs=0.002)
        assert runs[3, 2].min() > runs[3, 0].max()
        assert DECAYED[o, "fitted"][:, 2].min() > 0.97
        assert ((runs[:, 2].mean(axis=-1) > 0.875) & (runs[:, 2].mean(axis=-1) < 0.9)).all()


@pytest.mark.parametrize("seed", [0, 1])
def test_adam_widens_the_range_to_the_small_side(digits, seed):
    """50걸음 뒤의 손실: 0.03에서 SGD와 모멘텀은 찍는 수준이고 Adam은 배우는 중입니다. 1에서는 셋 다 막혀 있습니다."""

    def loss(std, optimizer):
        settings = {"learning_rate": RATES[optimizer], "batch_size": 32, "iterations": 50, "optimizer": optimizer}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            history = wi_lib.train(fresh(std, seed), digits, rng=np.random.default_rng([seed, 1]), **settings)
        return min(3, history.loss[-20:].mean())

    for optimizer in RATES:
        assert loss(0.14, optimizer) < 1.5
        assert loss(1, optimizer) > 2.25
    assert loss(0.03, "adam") < 2.2
    assert min(loss(0.03, "sgd"), loss(0.03, "momentum")) > 2.25


def test_stored_steps_are_rederived(mnist):
    """저장된 결과의 표본을 다시 만듭니다. 걸음의 비를 적는 것은 학습을 바꾸지 않습니다."""
    from experiments import matching, optimizers

    at = ORDER.index("momentum"), RELU, HE
    rate = float(RATE["momentum"][RELU, HE])
    found = optimizers.run_steps("momentum", "relu", "he_normal", rate, 0)
    assert found["ratio"][:, 0] == pytest.approx(RESULTS["steps_ratio"][at][0, :, 0], rel=0.02)
    # 열 배 낮은 학습률의 비는 0.001에 못 미치지만 1등과 3 %p 안입니다.
    slow = optimizers.run_steps("momentum", "relu", "he_normal", rate / 10, 0)
    assert np.exp(np.log(slow["ratio"]).mean()) < 0.001
    assert slow["accuracy"] > SCORE["momentum"][RELU].max() - 0.03
    plain = matching.run("momentum", "relu", "he_normal", rate, 0)
    assert found["accuracy"] == plain["accuracy"] == pytest.approx(CHOSEN["momentum"][RELU, HE, 0], abs=0.01)


def test_stored_decay_is_rederived(mnist):
    from experiments import optimizers

    found = optimizers.run_decay("sgd", 3.0, 2, 0.1, 0)
    at = 3, 2, ABOUT["axes"]["learning_rate"]["decay_sgd"].index(0.1), 0
    assert found["norms"][1] == pytest.approx(RESULTS["decay_sgd_norms"][at][1], rel=0.01)
    assert found["accuracy"] == pytest.approx(RESULTS["decay_sgd_accuracy"][at], abs=0.015)


def test_control_leaves_hidden_biases_alone(digits):
    from experiments.optimizers import WithoutBiases

    net = fresh(0.1, 0)
    before = [p.copy() for p in net.parameters]
    g = net.gradients(digits.x_train[:32], digits.y_train[:32])
    WithoutBiases(optimizers.Adam()).start(net.parameters, 0.001)([*g.weights, *g.biases])
    changed = [not np.array_equal(p, b) for p, b in zip(net.parameters, before)]
    assert changed == [True] * 5 + [False] * 4 + [True]
