"""7장의 주장. 저장된 결과로 확인하고, 그 결과의 일부는 다시 학습시켜 확인합니다."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

import wi_lib
from tests.chapters.trained import accuracies_in_the_lab
from wi_lib import activations, datasets, initializers, mean_interval, signals, theory

ROOT = Path(__file__).parents[2]

ABOUT = json.loads((ROOT / "chapters/data/matching.json").read_text(encoding="utf-8"))
with np.load(ROOT / "chapters/data/matching.npz") as stored:
    RESULTS = dict(stored)
FUNCTIONS, NAMES = ABOUT["axes"]["activation"], ABOUT["axes"]["initializer"]
SIGMOID, TANH, RELU, LEAKY, SELU = range(5)
SMALL, ONE, LECUN, XAVIER, HE, GLOROT4, ORTHOGONAL = range(7)
TIED = [LECUN, XAVIER, HE, ORTHOGONAL]
OTHERS = [TANH, RELU, LEAKY, SELU]
OPTIMIZERS = ["sgd", "adam"]

RATES = {o: np.array(rates) for o, rates in ABOUT["axes"]["learning_rate"].items()}
ACCURACY = {o: RESULTS[f"{o}_accuracy"] for o in OPTIMIZERS}
MEAN = {o: ACCURACY[o].mean(axis=-1) for o in OPTIMIZERS}
BEST, CHOSEN, SCORE = {}, {}, {}
for o in OPTIMIZERS:
    BEST[o], CHOSEN[o] = wi_lib.at_best_rate(RESULTS[f"{o}_validation"], ACCURACY[o])
    SCORE[o] = CHOSEN[o].mean(axis=-1)
GOOD = {o: SCORE[o] >= SCORE[o].max(axis=1)[:, None] - 0.03 for o in OPTIMIZERS}
_, COOLED = wi_lib.at_best_rate(RESULTS["cooled_validation"], RESULTS["cooled_accuracy"])
LONGER = {
    o: wi_lib.at_best_rate(RESULTS[f"longer_{o}_validation"], RESULTS[f"longer_{o}_accuracy"]) for o in OPTIMIZERS
}
BACKWARD = RESULTS["backward"].mean(axis=-1)
SATURATED = RESULTS["saturated"].mean(axis=(2, 3))
GRADIENTS, LOSS = RESULTS["gradients"].mean(axis=2), RESULTS["loss"].mean(axis=-1)

MAKERS = {
    SMALL: initializers.normal(0.01),
    ONE: initializers.normal(1.0),
    LECUN: initializers.lecun_normal(),
    XAVIER: initializers.xavier_normal(),
    HE: initializers.he_normal(),
    GLOROT4: initializers.variance_scaling(16, "fan_avg", "uniform"),
    ORTHOGONAL: initializers.orthogonal(),
}


def at(optimizer, rate):
    return int(np.flatnonzero(np.isclose(rate, RATES[optimizer]))[0])


def flow(activation, initializer, seed, x=None):
    """페이지처럼 MNIST와 제곱 평균이 같은 정규분포를 흘린 결과."""
    if x is None:
        x = np.random.default_rng([seed, 7]).standard_normal((100, 784)) * np.sqrt(0.11)
    rng = np.random.default_rng([seed, 0])
    return wi_lib.propagate(x, 4, 100, FUNCTIONS[activation], MAKERS[initializer], rng=rng, dtype=np.float64)


def ratio(layers):
    return signals.rms(layers[0]) / signals.rms(layers[-1])


def flat(s):
    return np.mean([s.activation.saturated(a) for a in s.activations])


def ranks(values):
    ordered = np.sort(values)
    return np.searchsorted(ordered, values, "left") + np.searchsorted(ordered, values, "right")


def agreement(a, b):
    return np.corrcoef(ranks(np.ravel(a)), ranks(np.ravel(b)))[0, 1]


def tied(optimizer, f):
    """1등과 같은 시드끼리 뺀 차이의 95 % 구간이 0을 품는 초기화."""
    runs = CHOSEN[optimizer][f]
    mean, half = mean_interval(runs[SCORE[optimizer][f].argmax()] - runs)
    return np.flatnonzero(mean <= half).tolist()


def test_results_cover_the_grid_the_chapter_describes():
    """서른다섯 칸, 시드 다섯. 어느 칸에서나 SGD는 0.003부터 1까지 여섯, Adam은 0.0003부터 0.01까지 넷을 재었습니다."""
    assert ABOUT["common_rates"] == {
        "sgd": [0.003, 0.01, 0.03, 0.1, 0.3, 1.0],
        "adam": [3e-4, 0.001, 0.003, 0.01],
    }
    assert ABOUT["seeds"] == list(range(5))
    assert ABOUT["iterations"] == 800
    assert ABOUT["batch_size"] == 64
    assert "10,000" in ABOUT["validation"]
    for o in OPTIMIZERS:
        assert ACCURACY[o].shape == (5, 7, len(RATES[o]), 5)
        measured = RESULTS[f"{o}_measured"]
        assert measured[..., [at(o, rate) for rate in ABOUT["common_rates"][o]]].all()
        assert np.isnan(ACCURACY[o][~measured]).all()


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_best_rates_are_inside_the_measured_grid(optimizer):
    """배운 칸의 가장 좋은 학습률은 모두 잰 격자의 안쪽에 있고, SGD의 배우지 못한 네 칸은 표준편차 0.01입니다."""
    measured, learned = RESULTS[f"{optimizer}_measured"], SCORE[optimizer] > 0.2
    for f, i in np.argwhere(learned):
        tried = np.flatnonzero(measured[f, i])
        assert tried[0] < BEST[optimizer][f, i] < tried[-1], (FUNCTIONS[f], NAMES[i])
    unlearned = [(SIGMOID, SMALL), (TANH, SMALL), (RELU, SMALL), (LEAKY, SMALL)] if optimizer == "sgd" else []
    assert [tuple(cell) for cell in np.argwhere(~learned)] == unlearned
    for f, i in unlearned:
        tried = np.flatnonzero(measured[f, i])
        assert RATES["sgd"][tried[-1]] == 3000 or np.isnan(ACCURACY["sgd"][f, i, tried[-1]]).all()
        assert 0.1 < SCORE["sgd"][f, i] < 0.165


def test_best_rates_of_the_control_are_inside_too():
    validation, measured = RESULTS["cooled_validation"], RESULTS["cooled_measured"]
    best, _ = wi_lib.at_best_rate(validation, validation)
    for f in range(5):
        tried = np.flatnonzero(measured[f])
        assert tried[0] < best[f] < tried[-1], FUNCTIONS[f]


def test_more_steps_steady_the_small_sigmoid():
    """sigmoid와 표준편차 0.01: Adam 800걸음은 20 %p 가까이 흔들리지만, 2,400걸음이면 95 %이고 폭은 1 %p쯤입니다."""
    assert ABOUT["longer"] == 2400
    best, found = LONGER["adam"]
    tried = np.flatnonzero(RESULTS["longer_adam_measured"][0])
    assert tried[0] < best[0] < tried[-1]
    assert found.mean() == pytest.approx(0.95, abs=0.006)
    assert found.max() - found.min() < 0.015
    assert found.min() > CHOSEN["adam"][SIGMOID, SMALL].max()


def test_xavier_on_sigmoid_is_only_slow_under_sgd():
    """SGD 2,400걸음: Xavier는 94 %, 4 × Glorot은 96 %입니다. 800걸음에서는 46 %p 뒤처집니다."""
    best, found = LONGER["sgd"]
    for rates, rate in zip(RESULTS["longer_sgd_measured"], best):
        tried = np.flatnonzero(rates)
        assert tried[0] < rate < tried[-1]
    assert found.mean(axis=-1) == pytest.approx([0.944, 0.958], abs=0.004)
    assert SCORE["sgd"][SIGMOID, GLOROT4] - SCORE["sgd"][SIGMOID, XAVIER] == pytest.approx(0.46, abs=0.005)


@pytest.mark.parametrize(
    ("optimizer", "activation", "initializer", "rate"),
    [("sgd", SIGMOID, GLOROT4, 1.0), ("sgd", TANH, HE, 0.1), ("adam", RELU, SMALL, 0.003)],
)
def test_stored_results_are_rederived(mnist, optimizer, activation, initializer, rate):
    """저장된 결과의 표본을 다시 만듭니다. 끝자리의 차이가 800걸음 동안 커지므로 정확도는 1 %p까지 봅니다."""
    from experiments import matching

    result = matching.run(optimizer, FUNCTIONS[activation], NAMES[initializer], rate, 0)
    where = activation, initializer, at(optimizer, rate), 0
    for name in ("validation", "accuracy"):
        assert result[name] == pytest.approx(RESULTS[f"{optimizer}_{name}"][where], abs=0.01)


def test_stored_control_is_rederived(mnist):
    from experiments import matching

    result = matching.run_cooled("relu", 0.01, 0)
    assert result["accuracy"] == pytest.approx(RESULTS["cooled_accuracy"][RELU, at("cooled", 0.01), 0], abs=0.01)


def test_control_divides_the_logits():
    """출력층을 1/scale로 줄이고 그 걸음도 줄인 Adam은, 로짓을 scale로 나눈 망의 Adam과 같은 길을 갑니다."""
    from experiments.matching import SlowOutput
    from wi_lib.optimizers import Adam

    rng, scale, data = np.random.default_rng(0), 50.0, datasets.load_digits()
    net = wi_lib.MLP([64, 20, 10], "tanh", wi_lib.initializers.normal(1), rng=rng, dtype=np.float64)
    plain = [p.copy() for p in net.parameters]
    net.weights[-1] /= scale
    move, straight = SlowOutput(scale).start(net.parameters, 0.01), Adam().start(plain, 0.01)
    x, y = data.x_train[:100].astype(np.float64), data.y_train[:100]
    for _ in range(10):
        (w1, w2, b1, b2), rows = plain, np.arange(len(x))
        a = np.tanh(x @ w1 + b1)
        z = (a @ w2 + b2) / scale
        p = np.exp(z - z.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        p[rows, y] -= 1
        top = p / (len(x) * scale)
        below = (top @ w2.T) * (1 - a**2)
        found = net.gradients(x, y)
        move([*found.weights, *found.biases])
        straight([x.T @ below, a.T @ top, below.sum(axis=0), top.sum(axis=0)])
    np.testing.assert_allclose(net.weights[0], plain[0], atol=1e-4)
    np.testing.assert_allclose(
        net.forward(x), (np.tanh(x @ plain[0] + plain[2]) @ plain[1] + plain[3]) / scale, atol=1e-3
    )


@pytest.mark.parametrize(("activation", "initializer"), [(SIGMOID, XAVIER), (TANH, ONE), (SELU, ORTHOGONAL)])
def test_stored_signals_are_rederived(mnist, activation, initializer):
    from experiments import matching

    found = matching.before_training(FUNCTIONS[activation], NAMES[initializer], 1)
    tolerances = {
        "backward": {"rel": 1e-3},
        "saturated": {"abs": 2e-3},
        "dead": {"abs": 0.011},
        "loss": {"rel": 1e-3},
        "gradients": {"rel": 1e-3},
    }
    for name, tolerance in tolerances.items():
        assert found[name] == pytest.approx(RESULTS[name][activation, initializer, 1], **tolerance), name


def test_three_initializers_have_the_same_size():
    """은닉층 사이에서 LeCun, Xavier, 직교의 표준편차는 0.1이고, 직교는 첫 층에서도 LeCun과 같습니다."""
    for shape, names in (((100, 100), (LECUN, XAVIER, ORTHOGONAL)), ((784, 100), (LECUN, ORTHOGONAL))):
        stds = [MAKERS[i](shape, rng=np.random.default_rng(5)).std() for i in names]
        assert stds == pytest.approx([1 / np.sqrt(shape[0])] * len(names), rel=0.03)
    assert MAKERS[XAVIER]((784, 100), rng=np.random.default_rng(5)).std() > 1.2 / 28


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_signals_of_lecun_follow_the_theory(seed):
    """LeCun에서 sigmoid는 0.014배, ReLU와 leaky는 0.35배, tanh는 0.8배로 줄고 SELU는 1.7배로 커집니다."""
    expected = {SIGMOID: 0.014, TANH: 0.79, RELU: 0.35, LEAKY: 0.35, SELU: 1.7}
    stds = [np.sqrt(1 / n) for n in (784, 100, 100, 100)]
    for f, value in expected.items():
        line = theory.predict([784, *[100] * 4], stds, FUNCTIONS[f], 0.11).delta_rms
        assert line[0] / line[-1] == pytest.approx(value, rel=0.03)
        assert ratio(flow(f, LECUN, seed).deltas) == pytest.approx(value, rel=0.1)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_gaussian_input_stands_in_for_mnist(seed):
    """제곱 평균이 같은 정규분포로 재어도, MNIST로 잰 역전파의 배수와 1.25배 안에서 같습니다(같은 난수일 때)."""
    for f in range(5):
        for i in range(7):
            assert abs(np.log(ratio(flow(f, i, seed).deltas) / RESULTS["backward"][f, i, seed])) < np.log(1.25)


def test_almost_no_unit_is_dead():
    """MNIST 1,000장 모두에 꺼진 유닛은 가장 많은 칸도 2 %쯤입니다."""
    assert RESULTS["dead"].mean(axis=(2, 3)).max() < 0.025


def test_half_of_relu_is_off_at_any_scale():
    """ReLU와 leaky의 포화는 초기화와 무관하게 50 % 언저리입니다."""
    assert RESULTS["saturated"][[RELU, LEAKY]].mean(axis=(2, 3)) == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_small_weights_are_two_different_illnesses(seed):
    """표준편차 0.01: δ는 tanh 10⁻³배, ReLU 4·10⁻⁴배인데 가중치 기울기는 0.3배 안팎. sigmoid는 둘 다 10⁻⁵배입니다."""
    x = np.random.default_rng([seed, 7]).standard_normal((100, 784)) * np.sqrt(0.11)
    for f, delta in ((TANH, 1e-3), (RELU, 3.6e-4)):
        s = flow(f, SMALL, seed, x)
        assert ratio(s.deltas) == pytest.approx(delta, rel=0.15)
        assert 0.3 < ratio(s.weight_gradients) < 0.6
        assert ratio([x, s.activations[-2]]) > 300
    s = flow(SIGMOID, SMALL, seed, x)
    assert ratio(s.deltas) == pytest.approx(1.5e-5, rel=0.15)
    assert ratio(s.weight_gradients) == pytest.approx(1e-5, rel=0.15)
    # LeCun의 sigmoid에서도 1층의 가중치 기울기는 4층의 100분의 1입니다.
    assert ratio(flow(SIGMOID, LECUN, seed, x).weight_gradients) == pytest.approx(0.009, rel=0.2)
    for f in (TANH, RELU):
        assert 0.8 < ratio(flow(f, LECUN, seed, x).weight_gradients) < 1.5


def test_small_std_is_the_darkest_row_of_sgd_except_for_selu():
    assert (SCORE["sgd"][:SELU, SMALL] < 0.165).all()
    assert SCORE["sgd"][SELU, SMALL] == pytest.approx(0.68, abs=0.005)
    assert (SCORE["sgd"].argmin(axis=1) == SMALL).all()
    # SELU는 작은 신호를 키우므로 같은 0.01에서도 ReLU의 여덟 배쯤이 돌아옵니다.
    assert BACKWARD[SELU, SMALL] / BACKWARD[RELU, SMALL] == pytest.approx(8, rel=0.1)


def test_std_one_is_better_than_its_name():
    """표준편차 1: SGD의 sigmoid에서 87 %로 Xavier의 48 %를 앞서고, ReLU도 학습률 0.0001에서 75 %입니다."""
    assert SCORE["sgd"][SIGMOID, [ONE, XAVIER]] == pytest.approx([0.87, 0.48], abs=0.005)
    assert CHOSEN["sgd"][SIGMOID, ONE].min() > CHOSEN["sgd"][SIGMOID, XAVIER].max()
    assert SCORE["sgd"][RELU, ONE] == pytest.approx(0.753, abs=0.005)
    assert RATES["sgd"][BEST["sgd"][RELU, ONE]] == pytest.approx(1e-4)
    assert np.isnan(MEAN["sgd"][RELU, ONE, RATES["sgd"] >= 0.003]).all()


def test_sigmoid_belongs_to_four_glorot_under_sgd():
    """SGD: 4 × Glorot 94 %, 표준편차 1 87 %, He 86 %, Xavier 48 %. 4 × Glorot과 나머지는 폭이 겹치지 않습니다."""
    row, runs = SCORE["sgd"][SIGMOID], CHOSEN["sgd"][SIGMOID]
    assert row[[GLOROT4, ONE, HE, XAVIER]] == pytest.approx([0.94, 0.87, 0.86, 0.48], abs=0.005)
    others = [i for i in range(7) if i != GLOROT4]
    assert runs[GLOROT4].min() > runs[others].max()
    assert np.ptp(runs[GLOROT4]) < 0.01
    assert row[GLOROT4] - row[others].max() == pytest.approx(0.07, abs=0.005)
    assert [runs[XAVIER].min(), runs[XAVIER].max()] == pytest.approx([0.10, 0.70], abs=0.005)


def test_a_wider_grid_does_not_save_xavier_on_sigmoid():
    """SGD에서 sigmoid와 Xavier는 3에서 가장 좋고, 10에서는 찍는 수준입니다."""
    assert RATES["sgd"][BEST["sgd"][SIGMOID, XAVIER]] == 3
    assert MEAN["sgd"][SIGMOID, XAVIER, at("sgd", 10)] < 0.12


@pytest.mark.parametrize(
    ("c", "still", "moving"), [(1, 0.062, 0.056), (2, 0.125, 0.1), (16, 1, 0.4), (100, 6.25, 0.99)]
)
def test_sixteen_keeps_the_signal_only_at_zero(c, still, moving):
    """가중합이 0이면 c = 16에서 χ = 1이지만, 실제로는 q가 커져 0.4입니다. χ가 1인 곳은 c = 100 언저리입니다."""
    q = 1.0
    for _ in range(30):
        q = theory.next_variance(q, "sigmoid", c)
    assert theory.chi(0.0, "sigmoid", c) == pytest.approx(still, rel=0.02)
    assert theory.chi(q, "sigmoid", c) == pytest.approx(moving, rel=0.03)
    if c == 16:
        assert q == pytest.approx(5.9, abs=0.05)


def test_no_scale_gives_sigmoid_both():
    """편향이 0이면, χ가 0.9를 넘는 c에서는 포화가 40 %를 넘습니다: 둘을 함께 주는 c가 없습니다."""
    sigmoid, z = activations.get("sigmoid"), np.random.default_rng(3).standard_normal(50_000)
    seen = 0
    for c in 2 ** np.arange(0, 10.1, 0.5):
        q = 1.0
        for _ in range(30):
            q = theory.next_variance(q, "sigmoid", c)
        if theory.chi(q, "sigmoid", c) > 0.9:
            seen += 1
            assert sigmoid.saturated(sigmoid(np.sqrt(q) * z)) > 0.4
    assert seen


def test_random_biases_do_not_help_either():
    """편향을 정규분포에서 뽑으면 q가 더 커질 뿐이라, χ = 1인 곳의 포화는 편향이 0일 때보다 많습니다."""
    sigmoid, z, shares = activations.get("sigmoid"), np.random.default_rng(3).standard_normal(50_000), []
    for bias_variance in (0, 10, 100):
        for c in 2 ** np.arange(4, 12, 0.1):
            q = 1.0
            for _ in range(60):
                q = theory.next_variance(q, "sigmoid", c, bias_variance)
            if theory.chi(q, "sigmoid", c) >= 1:
                shares.append(sigmoid.saturated(sigmoid(np.sqrt(q) * z)))
                break
    assert len(shares) == 3
    assert 0.4 < shares[0] < shares[1] < shares[2]


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_bias_that_erases_the_half_gives_both(seed):
    """앞 층의 0.5가 더하는 값을 편향으로 빼면, c = 30에서 δ는 1배, 포화는 1 % 안팎입니다. 편향이 0이면 0.6배와 14 %."""
    x = np.random.default_rng([seed, 7]).standard_normal((100, 784)) * np.sqrt(0.11)
    rng, init = np.random.default_rng(seed), initializers.variance_scaling(30)
    weights = [init((n, 100), rng=rng) for n in (784, 100, 100, 100)]
    erase = [np.zeros(100), *(-0.5 * w.sum(axis=0) for w in weights[1:])]
    plain, moved = (
        signals.measure(x, weights, "sigmoid", biases=biases, rng=np.random.default_rng(1), dtype=np.float64)
        for biases in (None, erase)
    )
    assert 0.4 < ratio(plain.deltas) < 0.65
    assert 0.1 < flat(plain) < 0.18
    assert 0.9 < ratio(moved.deltas) < 1.1
    assert flat(moved) < 0.015


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_four_glorot_is_the_compromise(seed):
    """4 × Glorot: 0.3배와 포화 5 %. 표준편차 1: 0.8배와 절반의 포화. Xavier와 He는 포화가 없고 0.013배와 0.034배."""
    measured = {i: flow(SIGMOID, i, seed) for i in (XAVIER, HE, GLOROT4, ONE)}
    backs = [ratio(s.deltas) for s in measured.values()]
    assert backs == pytest.approx([0.0132, 0.0338, 0.30, 0.82], rel=0.1)
    assert [flat(s) for s in measured.values()] == pytest.approx([0, 0, 0.05, 0.53], abs=0.02)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_weight_gradients_of_sigmoid_with_xavier(seed):
    """sigmoid와 Xavier: 가중치 기울기가 4층에서 1층까지 100분의 1쯤으로 작아집니다. 4 × Glorot은 열 배가 안 됩니다."""
    assert ratio(flow(SIGMOID, XAVIER, seed).weight_gradients) < 1 / 90
    assert ratio(flow(SIGMOID, GLOROT4, seed).weight_gradients) > 0.1


def test_numbers_of_the_page_draw():
    """페이지의 난수(시드 0)에서 본문이 말하는 수."""
    x = np.random.default_rng(0).standard_normal((100, 784)) * np.sqrt(0.11)
    backs = {(SIGMOID, LECUN): 0.014, (SELU, LECUN): 1.7, (SIGMOID, GLOROT4): 0.3, (SIGMOID, ONE): 0.79}
    for (f, i), expected in backs.items():
        assert float(f"{ratio(flow(f, i, 0, x).deltas):.2g}") == pytest.approx(expected)
    shares = [flat(flow(f, i, 0, x)) for f, i in ((SIGMOID, ONE), (TANH, ONE), (SIGMOID, GLOROT4))]
    assert shares == pytest.approx([0.54, 0.82, 0.05], abs=0.005)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_four_initializers_cannot_be_told_apart(optimizer):
    """sigmoid를 뺀 네 함수에서 가를 수 없는 것은 LeCun, Xavier, He, 직교입니다. SELU에서는 하나씩 빠집니다."""
    out = LECUN if optimizer == "sgd" else ORTHOGONAL
    for f in OTHERS:
        assert tied(optimizer, f) == ([i for i in TIED if i != out] if f == SELU else TIED)
        assert 0.94 < SCORE[optimizer][f, TIED].min() <= SCORE[optimizer][f, TIED].max() < 0.957
    if optimizer == "sgd":
        rest = np.delete(SCORE["sgd"][OTHERS], TIED, axis=1)
        assert rest.max() == SCORE["sgd"][TANH, GLOROT4] == pytest.approx(0.91, abs=0.005)
        assert SCORE["sgd"][SELU].argmax() == XAVIER


@pytest.mark.parametrize(("optimizer", "expected"), [("sgd", (1, 3)), ("adam", (0, 6))])
def test_advised_pairs(optimizer, expected):
    """권하는 여섯 짝: SGD에서 혼자 1등 하나, 공동 1등 셋. Adam에서는 여섯이 모두 공동 1등입니다."""
    advised = [(SIGMOID, XAVIER), (TANH, XAVIER), (SIGMOID, GLOROT4), (RELU, HE), (LEAKY, HE), (SELU, LECUN)]
    rivals = [len(tied(optimizer, f)) for f, i in advised if i in tied(optimizer, f)]
    assert (rivals.count(1), len(rivals) - rivals.count(1)) == expected


def test_chance_that_five_seeds_separate():
    """똑같이 좋은 두 칸에서 95 % 구간이 0을 비켜 갈 확률은 5 %, 무관한 시드 다섯씩이 완전히 갈릴 확률은 1/126입니다."""
    assert math.comb(10, 5) / 2 == 126
    assert 5 * math.comb(7, 2) == 105
    draws = np.random.default_rng(1).standard_normal((200_000, 2, 5))
    gap = draws.min(axis=-1) - draws.max(axis=-1)[:, ::-1]
    assert 0.92 / 126 < np.mean((gap > 0).any(axis=1)) < 1.08 / 126
    mean, half = mean_interval(draws[:, 0] - draws[:, 1])
    assert 0.048 < np.mean(np.abs(mean) > half) < 0.052


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_two_pairs_of_the_four_separate(optimizer):
    """sigmoid를 뺀 네 함수의 LeCun, Xavier, He, 직교끼리 견준 스물네 짝에서 둘씩 갈립니다."""
    i, j = np.triu_indices(4, 1)
    runs = CHOSEN[optimizer][1:, TIED]
    mean, half = mean_interval(runs[:, i] - runs[:, j])
    assert mean.size == 24
    assert np.sum(np.abs(mean) > half) == 2


def test_pairs_measured_again_are_the_ones_that_stood_out():
    """다시 잰 짝은, 배우는 네 초기화(LeCun, Xavier, He, 직교) 가운데 1등과 갈린 것 모두입니다."""
    assert not set(ABOUT["seeds"]) & set(ABOUT["new_seeds"])
    apart = [
        [o, FUNCTIONS[f], NAMES[SCORE[o][f].argmax()], NAMES[i]]
        for o in OPTIMIZERS
        for f in range(5)
        for i in TIED
        if i not in tied(o, f) and SCORE[o][f, i] > 0.9
    ]
    assert ABOUT["again"] == apart


def test_a_new_seed_is_rederived(mnist):
    from experiments import matching

    o, f, first, _ = ABOUT["again"][0]
    rate = RATES[o][BEST[o][FUNCTIONS.index(f), NAMES.index(first)]]
    found = matching.run(o, f, first, rate, ABOUT["new_seeds"][0])["accuracy"]
    assert found == pytest.approx(RESULTS["again_accuracy"][0, 0, 0], abs=0.01)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_choosing_the_rate_costs_little(optimizer):
    """시드 넷의 검증으로 고르고 남은 시드로 재어도 한 칸(leaky와 4 × Glorot, SGD에서 0.8 %p)을 빼면 0.5 %p 안입니다."""
    honest = []
    for s in range(5):
        others = np.delete(RESULTS[f"{optimizer}_validation"], s, axis=-1)
        rate, _ = wi_lib.at_best_rate(others, others)
        honest.append(np.take_along_axis(ACCURACY[optimizer][..., s], rate[..., None], axis=-1)[..., 0])
    gain = np.abs(SCORE[optimizer] - np.mean(honest, axis=0))
    if optimizer == "sgd":
        assert gain[LEAKY, GLOROT4] == gain.max() == pytest.approx(0.008, abs=0.001)
        assert (gain > 0.005).sum() == 1
    else:
        assert gain.max() < 0.005


def test_adam_turns_eight_cells_over():
    """1등과 3 %p 안: SGD 17칸, Adam 25칸. 들어온 여덟 칸은 δ가 10분의 1 아래로 줄던 칸이고, 나간 칸은 없습니다."""
    assert (GOOD["sgd"].sum(), GOOD["adam"].sum()) == (17, 25)
    assert not (GOOD["sgd"] & ~GOOD["adam"]).any()
    came = GOOD["adam"] & ~GOOD["sgd"]
    expected = np.zeros((5, 7), bool)
    expected[SIGMOID, TIED], expected[OTHERS, SMALL] = True, True
    assert (came == expected).all()
    assert (BACKWARD[came] < 0.1).all()
    out = ~GOOD["sgd"] & ~GOOD["adam"]
    large = np.zeros((5, 7), bool)
    large[:, ONE], large[OTHERS, GLOROT4] = True, True
    assert out[large].all()
    assert np.argwhere(out & ~large).tolist() == [[SIGMOID, SMALL]]
    # 3 %p라는 선을 2.5나 3.5로 옮겨도 같은 칸입니다.
    for o in OPTIMIZERS:
        behind = SCORE[o].max(axis=1)[:, None] - SCORE[o]
        assert not ((behind > 0.025) & (behind < 0.035)).any()


def test_small_std_learns_under_adam():
    """표준편차 0.01: tanh, ReLU, leaky, SELU가 SGD에서 15, 11, 11, 68 %이고 Adam에서 93–94 %입니다."""
    assert SCORE["sgd"][OTHERS, SMALL] == pytest.approx([0.15, 0.11, 0.11, 0.68], abs=0.006)
    assert (SCORE["adam"][OTHERS, SMALL] > 0.925).all()
    assert (SCORE["adam"][OTHERS, SMALL] < 0.945).all()
    assert (CHOSEN["adam"][OTHERS, SMALL].min(axis=-1) > CHOSEN["sgd"][OTHERS, SMALL].max(axis=-1)).all()
    runs = CHOSEN["adam"][SIGMOID, SMALL]
    assert [runs.mean(), runs.min(), runs.max()] == pytest.approx([0.855, 0.733, 0.926], abs=0.005)


def test_xavier_and_four_glorot_tie_on_sigmoid_under_adam():
    """직교만 빠지고(새 시드로는 가를 수 없습니다), 크게 흔들리는 표준편차 0.01이 듭니다."""
    assert tied("adam", SIGMOID) == [SMALL, LECUN, XAVIER, HE, GLOROT4]


def test_gradients_at_the_start():
    """학습 전의 손실과 가중치 기울기: 고른 채로 작은 ReLU, 층마다 다른 sigmoid, 로짓이 너무 큰 표준편차 1."""
    assert LOSS[RELU, [SMALL, HE]] == pytest.approx([np.log(10)] * 2, abs=0.15)
    assert np.ptp(np.log10(GRADIENTS[RELU, HE])) < 0.7
    assert np.ptp(np.log10(GRADIENTS[RELU, SMALL])) < 1
    assert GRADIENTS[RELU, HE].mean() / GRADIENTS[RELU, SMALL].mean() == pytest.approx(2e4, rel=0.3)
    assert GRADIENTS[SIGMOID, XAVIER, 4] / GRADIENTS[SIGMOID, XAVIER, 0] == pytest.approx(1000, rel=0.5)
    assert LOSS[SIGMOID, XAVIER] < 2.6
    assert GRADIENTS[SIGMOID, SMALL, 4] / GRADIENTS[SIGMOID, SMALL, 0] > 1e6
    assert LOSS[TANH, ONE] == pytest.approx(15, rel=0.05)
    assert LOSS[RELU, ONE] == pytest.approx(2.9e4, rel=0.05)
    assert ((GRADIENTS[TANH, ONE] > 0.01) & (GRADIENTS[TANH, ONE] < 0.06)).all()


def test_a_larger_rate_does_not_save_small_weights_under_sgd():
    """ReLU, 표준편차 0.01: SGD의 학습률을 30까지 키워도 찍는 수준이고 100이면 발산합니다."""
    row = MEAN["sgd"][RELU, SMALL]
    assert np.nanmax(row) < 0.12
    assert row[at("sgd", 30)] < 0.12
    assert np.isnan(row[at("sgd", 100)])


def test_only_the_logits_were_wrong_in_relu():
    """표준편차 1, Adam: 로짓을 나누면 ReLU, leaky, SELU는 95 %쯤, 82 %가 포화한 tanh는 77 %에 그칩니다."""
    assert COOLED.mean(axis=-1)[[RELU, LEAKY, SELU]] == pytest.approx([0.95] * 3, abs=0.007)
    assert COOLED[TANH].mean() == pytest.approx(0.77, abs=0.01)
    assert COOLED[TANH].max() < SCORE["adam"][TANH, TIED].min() - 0.1
    assert SATURATED[[SIGMOID, TANH, SELU], ONE] == pytest.approx([0.54, 0.82, 0.45], abs=0.01)
    assert (COOLED.min(axis=-1) > CHOSEN["adam"][:, ONE].max(axis=-1))[[TANH, RELU, LEAKY, SELU]].all()


def test_how_many_rates_work():
    """1등과 5 %p 안: ReLU에서 SGD는 LeCun 셋과 He 넷, Adam은 모두 넷. sigmoid의 Adam은 4 × Glorot 넷, Xavier 셋."""
    wide = {}
    for o in OPTIMIZERS:
        common = [at(o, rate) for rate in ABOUT["common_rates"][o]]
        wide[o] = (MEAN[o][..., common] >= SCORE[o].max(axis=1)[:, None, None] - 0.05).sum(axis=-1)
    assert wide["sgd"][RELU, [LECUN, HE]].tolist() == [3, 4]
    assert (wide["adam"][RELU, TIED] == 4).all()
    assert wide["adam"][SIGMOID, [SMALL, XAVIER, GLOROT4]].tolist() == [0, 3, 4]


def test_distance_from_one_ranks_the_cells_of_sgd_only():
    """SGD: 배수와의 순위상관 0.2, 1에서 먼 정도와는 −0.8. Adam에서는 작은 쪽의 아홉 칸이 85–95 %로 올라옵니다."""
    far = np.abs(np.log10(BACKWARD))
    assert agreement(BACKWARD, SCORE["sgd"]) == pytest.approx(0.2, abs=0.04)
    assert agreement(far, SCORE["sgd"]) == pytest.approx(-0.8, abs=0.03)
    inside, small, large = far < 1, BACKWARD < 0.1, BACKWARD > 10
    assert (inside.sum(), small.sum(), large.sum()) == (19, 9, 7)
    for o in OPTIMIZERS:
        assert abs(agreement(far[inside], SCORE[o][inside])) < 0.2
    assert SCORE["sgd"][inside].min() > 0.869
    assert SCORE["sgd"][~inside].max() < 0.871
    assert SCORE["adam"][small].min() == pytest.approx(0.855, abs=0.005)
    assert SCORE["adam"][small].max() == pytest.approx(0.95, abs=0.006)
    assert SCORE["adam"][large].max() < 0.905


def test_counter_examples():
    """tanh, 1은 13배, SELU, 1은 450배인데 tanh가 20 %p 넘게 낮습니다."""
    assert BACKWARD[[TANH, SELU], ONE] == pytest.approx([13, 450], rel=0.04)
    for o in OPTIMIZERS:
        assert SCORE[o][SELU, ONE] - SCORE[o][TANH, ONE] > 0.2
    assert BACKWARD[SIGMOID, [ONE, GLOROT4, XAVIER]] == pytest.approx([0.82, 0.31, 0.013], rel=0.03)
    assert SATURATED[SIGMOID, [ONE, GLOROT4]] == pytest.approx([0.54, 0.05], abs=0.01)
    assert BACKWARD[SELU, SMALL] == pytest.approx(0.003, rel=0.1)
    assert np.ptp(np.log10(GRADIENTS[SELU, SMALL])) < 1 < 2.5 < np.ptp(np.log10(GRADIENTS[SIGMOID, XAVIER]))


@pytest.mark.parametrize(
    ("name", "c", "shallow", "deep"),
    [
        ("sigmoid", 16, 0.3, 2e-6),
        ("tanh", 1, 0.8, 0.4),
        ("tanh", 2, 2, 6),
        ("relu", 1, 0.4, 4e-5),
        ("relu", 2, 1, 1),
        ("selu", 1, 2, 7),
        ("selu", 2, 4, 1e2),
    ],
)
def test_depth_tells_the_tied_cells_apart(name, c, shallow, deep):
    """4층에서 나란하던 짝의 δ가 30층에서 갈립니다(이론)."""
    for depth, expected in ((4, shallow), (30, deep)):
        sizes = [784] + [100] * depth
        d = theory.predict(sizes, [np.sqrt(c / n) for n in sizes[:-1]], name, 0.11).delta_rms
        assert float(f"{d[0] / d[-1]:.1g}") == pytest.approx(expected)


def test_numbers_of_the_questions():
    """학습률 0.1의 SGD에서 sigmoid의 4 × Glorot 90 %, He 18 %. tanh의 Adam은 He 95.2 %, Xavier 94.8 %입니다."""
    assert MEAN["sgd"][SIGMOID, [GLOROT4, HE], at("sgd", 0.1)] == pytest.approx([0.90, 0.18], abs=0.005)
    assert RATES["sgd"][BEST["sgd"][SIGMOID, HE]] == 1
    assert SCORE["sgd"][SIGMOID, GLOROT4] - SCORE["sgd"][SIGMOID, HE] == pytest.approx(0.08, abs=0.005)
    assert SCORE["adam"][SIGMOID, HE] > 0.94
    assert SCORE["adam"][TANH, [HE, XAVIER]] == pytest.approx([0.952, 0.948], abs=1e-3)
    assert SCORE["adam"][TANH, ONE] == pytest.approx(0.64, abs=0.005)
    assert RESULTS["saturated"][[SIGMOID, TANH]][:, SMALL].max() < 0.005


@pytest.mark.parametrize("seeds", [range(5), range(11, 16)])
def test_four_times_orthogonal_is_as_good_as_four_times_glorot(seeds):
    """실험대의 200걸음: sigmoid에서 직교의 네 배는 4 × Glorot과 가를 수 없고, 늘리지 않은 직교는 배우지 못합니다."""
    glorot, plain, wide = (
        accuracies_in_the_lab(4, 100, "sigmoid", init, 0.3, 200, seeds=seeds)
        for init in (
            initializers.variance_scaling(16, "fan_avg", "uniform"),
            initializers.orthogonal(),
            initializers.orthogonal(4),
        )
    )
    mean, half = mean_interval(wide - glorot)
    assert abs(mean) < half
    assert plain.max() < 0.15
    assert wide.min() > 0.7
