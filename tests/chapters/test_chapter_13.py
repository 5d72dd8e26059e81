"""13장 「정규화가 지운 것과 남긴 것 가리기」의 주장을 다른 시드로 다시 잽니다."""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import wi_lib
from experiments import normalization
from wi_lib import datasets, initializers, layers, signals, theory
from wi_lib.signals import rms

SEEDS = (11, 12, 13)
NORMS = {"none": None, "batch": layers.BatchNorm(), "layer": layers.LayerNorm(), "rms": layers.RMSNorm()}
DIGITS = datasets.load_digits()


def net(norm, seed, depth=5, *, activation="relu", init=None, width=100, inputs=64, output=True):
    """은닉층마다 Dense, 정규화, 활성화 함수. norm은 NORMS의 이름이나 층입니다."""
    init = init or ("he_normal" if activation == "relu" else "lecun_normal")
    one = [layers.Dense(width, init), NORMS.get(norm, norm), layers.Activate(activation)]
    kept = [part for part in one if part is not None] * depth
    top = [layers.Dense(10, init)] if output else []
    return wi_lib.Network([*kept, *top], (inputs,), rng=np.random.default_rng(seed), dtype=np.float64)


def hidden(observation):
    """활성화 함수를 지난 층의 번호."""
    return [i for i, name in enumerate(observation.names) if "Activate" in name]


def step(model, seed, rate, steps):
    """rate의 SGD로 steps걸음 걷고, 걸음마다 (걷기 전의 가중치, 그 기울기)를 내놓습니다. 이동 평균은 고치지 않습니다."""
    rng = np.random.default_rng(seed)
    for _ in range(steps):
        batch = rng.integers(len(DIGITS.x_train), size=100)
        found = model.gradients(DIGITS.x_train[batch], DIGITS.y_train[batch])
        yield [w.copy() for w in model.weights], found.weights
        for p, slope in zip(model.parameters, [*found.weights, *found.biases]):
            p -= rate * slope


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("norm", ["batch", "layer", "rms"])
@pytest.mark.parametrize("times", [0.1, 10])
def test_size_leaves_the_loss_and_divides_the_gradient(norm, times, seed):
    """정규화 앞의 가중치를 c배 해도 손실은 같고, 기울기는 1/c배이며 가중치와 수직입니다."""
    x, y = DIGITS.x_train[:100], DIGITS.y_train[:100]
    plain, scaled = net(norm, seed), net(norm, seed)
    scaled.weights[2][...] *= times
    a, b = plain.gradients(x, y), scaled.gradients(x, y)
    assert b.loss == pytest.approx(a.loss, rel=0.01)
    assert rms(b.weights[2]) / rms(a.weights[2]) == pytest.approx(1 / times, rel=0.01)
    for w, g in zip(plain.weights[:-1], a.weights):
        assert abs(np.vdot(w, g)) < 1e-3 * np.linalg.norm(w) * np.linalg.norm(g)


@pytest.mark.parametrize("seed", SEEDS)
def test_sgd_only_lengthens_the_weights(seed):
    """수직이므로 ‖W‖²은 걸음마다 η²‖g‖²만큼 커집니다."""
    steps = list(step(net("batch", seed), seed, 0.1, 20))
    for (w, g), (after, _) in pairwise(steps):
        grown = np.sum(after[2] ** 2) - np.sum(w[2] ** 2)
        assert grown == pytest.approx(0.01 * np.sum(g[2] ** 2), rel=0.05)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_small_start_grows_and_a_large_one_never_shrinks(seed):
    """0.01배는 첫 걸음에 He의 자릿수로 커지고, 0.001배는 지나치게 커져 10배로 시작한 것처럼 굳습니다."""
    walks = {}
    for times in (0.001, 0.01, 0.1, 1, 10):
        model = net("batch", seed)
        model.weights[2][...] *= times
        walks[times] = np.array([0.1 * rms(g[2]) / rms(w[2]) for w, g in step(model, seed, 0.1, 101)])
    assert 50 < walks[0.01][0] < 150
    assert walks[0.1][0] == pytest.approx(100 * walks[1][0], rel=0.1)
    assert 0.3 < walks[0.01][10] / walks[1][10] < 3
    assert 5 < walks[0.1][10] / walks[1][10] < 50
    assert walks[0.1][100] > 5 * walks[1][100]
    assert 5000 < walks[0.001][0] < 15_000
    for later in (10, 100):
        assert 1 / 300 < walks[0.001][later] / walks[1][later] < 1 / 30
    for later in (0, 10, 100):
        assert 1 / 200 < walks[10][later] / walks[1][later] < 1 / 30


@pytest.mark.parametrize("seed", SEEDS)
def test_epsilon_ends_the_invariance(seed):
    """z의 분산이 ε보다 작으면 정규화한 값의 표준편차는 1이 아니라 √(v/(v+ε))이고, 층마다 쌓여 줄어듭니다."""
    tops = {}
    for std in (0.01, 0.001, 0.0001):
        for epsilon in (1e-6, 1e-5, 1e-3):
            model = net(layers.BatchNorm(epsilon), seed, init=initializers.normal(std))
            seen = wi_lib.observe(model, DIGITS.x_train, rng=np.random.default_rng(seed))
            v = seen.activations[0].var(axis=0)
            first = np.sqrt(np.mean(v / (v + epsilon)))
            assert seen.activations[1].std() == pytest.approx(first, rel=0.01)
            tops[std, epsilon] = seen.activations[-3].std()
    assert tops[0.0001, 1e-6] == pytest.approx(0.02, rel=0.6)
    assert tops[0.0001, 1e-5] == pytest.approx(8e-5, rel=0.6)
    assert tops[0.01, 1e-3] == pytest.approx(0.8, abs=0.06)
    assert tops[0.01, 1e-5] > 0.99


def growth(norm, activation, seed, *, depth=30, width=100, batch=128, init=None, beta=0):
    """(역전파 신호, 조금 다른 두 배치의 차이)가 층마다 몇 배가 되는지."""
    rng = np.random.default_rng(seed + 100)
    model = net(norm, seed, depth, activation=activation, width=width, inputs=100, output=False, init=init)
    if beta:
        for layer in model.layers[1::3]:
            layer.parameters[1][...] = beta
    x, noise = rng.standard_normal((2, batch, 100))
    one, two = (wi_lib.observe(model, each, rng=rng) for each in (x, x + 1e-6 * noise))
    at = hidden(one)
    back = [rms(one.gradients[i]) for i in at]
    gaps = [rms(two.activations[i] - one.activations[i]) / rms(one.activations[i]) for i in at]
    return (back[0] / back[-1]) ** (1 / (depth - 1)), (gaps[-1] / gaps[0]) ** (1 / (depth - 1))


@pytest.mark.parametrize("activation", ["relu", "tanh"])
@pytest.mark.parametrize("norm", ["batch", "layer", "rms"])
def test_growth_is_that_of_the_theory(norm, activation):
    """너비 100, 배치 128의 30층: 앞으로도 뒤로도 층마다의 배율이 식과 2 % 안에서 같습니다."""
    expected = theory.normalized_growth(activation, "batch" if norm == "batch" else "layer")
    # 층 정규화의 배율은 망마다 √(5L/4n)/(L−1)쯤 흩어집니다: 시드 넷의 평균이면 1 %가 조금 못 됩니다.
    back, ahead = np.exp(np.mean([np.log(growth(norm, activation, seed)) for seed in (11, 12, 13, 14)], axis=0))
    assert back == pytest.approx(expected, rel=0.02)
    assert ahead == pytest.approx(expected, rel=0.02)


def test_growth_of_relu_is_the_root_of_pi():
    """배치 정규화한 ReLU는 √(π/(π−1)), 층 정규화한 ReLU는 1, tanh는 어느 쪽이나 1.085입니다."""
    assert theory.normalized_growth("relu", "batch") == pytest.approx(np.sqrt(np.pi / (np.pi - 1)))
    assert theory.normalized_growth("relu", "layer") == pytest.approx(1)
    for norm in ("batch", "layer"):
        assert theory.normalized_growth("tanh", norm) == pytest.approx(1.085, abs=0.001)


def test_no_initial_scale_changes_the_growth():
    """가중치를 100분의 1에서 100배까지 바꾸어도 층마다의 배율은 같습니다."""
    found = [growth("batch", "relu", 11, init=initializers.normal(std))[0] for std in (0.1, 1, 10)]
    assert np.ptp(found) < 0.002


def test_beta_changes_the_growth():
    """β를 2에서 시작한 ReLU는 꺾이는 곳을 드물게 지나므로 층마다 1.02배뿐입니다."""
    assert growth("batch", "relu", 11, beta=2)[0] == pytest.approx(1.02, abs=0.005)


@pytest.mark.parametrize(("batch", "tolerance"), [(4, 0.1), (8, 0.02), (32, 0.02), (512, 0.02)])
def test_small_batches_explode_more(batch, tolerance):
    """배치 B장에서 구한 분산으로 나누면 ReLU의 배율은 √((B − 2)/(B − 3))배 더 커집니다. 3장이면 식이 끝없이 큽니다."""
    law = np.sqrt(np.pi / (np.pi - 1) * (batch - 2) / (batch - 3))
    found = np.mean([growth("batch", "relu", seed, batch=batch)[0] for seed in SEEDS])
    # 4장에서는 분산의 역수의 분산이 끝없이 커서 표본의 평균이 더디게 모입니다.
    assert found == pytest.approx(law, rel=tolerance)


@pytest.mark.parametrize(("width", "tolerance"), [(25, 0.02), (400, 0.01)])
def test_width_hardly_matters(width, tolerance):
    """너비 25에서 400까지 식의 1.21배가 맞습니다. 너비 25의 망 하나는 1.19까지도 나옵니다."""
    found = np.mean([growth("batch", "relu", seed, width=width)[0] for seed in SEEDS])
    assert found == pytest.approx(theory.normalized_growth("relu", "batch"), rel=tolerance)


@pytest.mark.parametrize("seed", SEEDS)
def test_fifty_layers_grow_twelve_thousand_times(seed):
    """50층의 배치 정규화는 수천에서 수만 배, 층 정규화와 정규화가 없는 He는 한 자릿수 안팎입니다."""
    ends = {norm: growth(norm, "relu", seed, depth=50)[0] ** 49 for norm in ("none", "batch", "layer")}
    assert 6e3 < ends["batch"] < 3e4
    for norm in ("none", "layer"):
        assert 0.05 < ends[norm] < 20


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_normalised_nets_mix_the_digits(activation):
    """학습하지 않은 20층에서 읽은 숫자: 정규화가 없으면 가장 잘, 배치 정규화에서 가장 못 읽힙니다."""
    images, read = np.vstack([DIGITS.x_train, DIGITS.x_test]), {}
    n = len(DIGITS.x_train)
    for norm in ("none", "batch", "layer"):
        model = net(norm, 11, 20, activation=activation, output=False)
        a = model.forward(images, training=True)
        read[norm] = wi_lib.linear_probe(a[:n], DIGITS.y_train, a[n:], DIGITS.y_test)
    if activation == "relu":
        assert read["batch"] < 0.25 < 0.35 < read["layer"]
    else:
        assert read["batch"] + 0.05 < read["layer"] < read["none"] - 0.15
        assert read["none"] > 0.75


@pytest.mark.parametrize("seed", SEEDS)
def test_one_step_levels_the_gradients(seed):
    """배치 정규화한 50층: 수천 배이던 2층과 50층의 기울기의 비가 학습률 0.1의 한 걸음 뒤에 100분의 1쯤이 됩니다."""
    steps = list(step(net("batch", seed, 50), seed, 0.1, 3))
    ratios = [rms(g[1]) / rms(g[49]) for _, g in steps]
    assert 2000 < ratios[0] < 50_000
    assert ratios[1] < ratios[0] / 40
    assert rms(steps[1][0][1]) > 15 * rms(steps[0][0][1])
    # 학습률 0.001의 걸음은 두 번을 걸어도 고르게 하지 못합니다.
    *_, (_, slow) = step(net("batch", seed, 50), seed, 0.001, 3)
    assert rms(slow[1]) > 1000 * rms(slow[49])


def nearly_alike(norm, noise, seed, rate=0.0001, optimizer="sgd"):
    """(정확도, 2층의 서로 다른 열): 0.1에 작은 난수를 얹은 64개씩 세 층을 300걸음."""

    def init(shape, *, rng):
        return 0.1 + noise * rng.standard_normal(shape)

    one = [layers.Dense(64, init), NORMS[norm], layers.Activate("relu")]
    kept, rng = [part for part in one if part is not None] * 3, np.random.default_rng(seed)
    model = wi_lib.Network([*kept, layers.Dense(10)], (64,), rng=rng)
    settings = {"learning_rate": rate, "optimizer": optimizer, "batch_size": 100, "iterations": 300}
    history = wi_lib.train(model, DIGITS, rng=rng, **settings)
    return history.test_accuracy, signals.distinct_columns(model.weights[1])


@pytest.mark.parametrize("norm", NORMS)
def test_no_norm_breaks_the_symmetry_and_layer_norm_enlarges_noise(norm):
    """모두 같으면 열은 하나로 남습니다. 0.001의 난수는 층 정규화에서만 SGD로 배울 만큼 커집니다."""
    accuracy, columns = nearly_alike(norm, 0, 11)
    assert columns == 1
    assert accuracy < 0.2
    accuracy, _ = nearly_alike(norm, 0.001, 11)
    assert (accuracy > 0.9) == (norm == "layer")
    if norm != "layer":
        assert accuracy < 0.25
        assert nearly_alike(norm, 0.001, 12, rate=0.03)[0] < 0.3
        adam, _ = nearly_alike(norm, 0.001, 11, rate=0.01, optimizer="adam")
        assert (adam > 0.7) == (norm != "none")


@pytest.mark.parametrize("seed", SEEDS)
def test_layer_norm_of_equal_units_leaves_only_beta(seed):
    """유닛들이 같은 값을 내면 층 정규화의 출력은 0/√ε = 0입니다."""
    model = net("layer", seed, 1, init=initializers.constant(0.1), output=False)
    assert rms(model.forward(DIGITS.x_train)) < 1e-9


@pytest.mark.parametrize("seed", SEEDS)
def test_batch_norm_answers_with_its_company(seed):
    """배치의 통계로는 같은 입력도 곁의 입력에 따라 로짓이 다르고, 이동 평균으로는 같습니다."""
    model, rng = net("batch", seed), np.random.default_rng(seed)
    wi_lib.train(model, DIGITS, learning_rate=0.03, batch_size=100, iterations=100, rng=rng)
    x = DIGITS.x_test
    first, second = x[:20], x[[0, *range(100, 119)]]
    assert abs(model.forward(first, training=True)[0] - model.forward(second, training=True)[0]).max() > 0.1
    np.testing.assert_allclose(model.forward(first)[0], model.forward(second)[0], rtol=1e-9)
    with pytest.raises(ValueError, match="배치"):
        model.gradients(x[:1], DIGITS.y_test[:1])


def test_tiny_batches_lose():
    """배치 2장으로는 300걸음에 배우지 못하고, 8장이면 85 % 안팎, 100장이면 이동 평균과 배치의 통계가 나란합니다."""
    found = {}
    for batch in (2, 8, 100):
        runs = []
        for seed in SEEDS:
            model, rng = net("batch", seed), np.random.default_rng(seed + 50)
            history = wi_lib.train(model, DIGITS, learning_rate=0.03, batch_size=batch, iterations=300, rng=rng)
            company = model.forward(DIGITS.x_test, training=True).argmax(axis=1)
            runs.append((history.test_accuracy, np.mean(company == DIGITS.y_test)))
        found[batch] = np.mean(runs, axis=0)
    assert found[2].max() < 0.4
    assert found[8].min() > 0.8
    assert found[100].min() > 0.85
    assert abs(np.subtract(*found[100])) < 0.03


DATA = Path(__file__).parents[2] / "chapters" / "data"
ABOUT = json.loads((DATA / "normalization.json").read_text(encoding="utf-8"))
with np.load(DATA / "normalization.npz") as opened:
    STORED = dict(opened)
    BOOK = dict(zip(ABOUT["book"]["norm"], np.nan_to_num(STORED["book_curve"][..., -1], nan=0.1).mean(axis=-1)))


def trained(part):
    """{(정규화, 초깃값, 활성화 함수): (고른 학습률, 시드마다의 시험 정확도)}."""
    search = ABOUT["searches"][part]
    best, runs = wi_lib.at_best_rate(STORED[f"{part}_validation"], STORED[f"{part}_accuracy"])
    cells = ((c["norm"], c["initializer"], c["activation"]) for c in search["cells"])
    return {cell: (search["learning_rate"][b], run) for cell, b, run in zip(cells, best, runs)}


@pytest.mark.parametrize("part", ABOUT["searches"])
def test_rates_were_searched_to_the_end(part):
    """배운 칸의 가장 좋은 학습률은 잰 범위의 안쪽이고, 배우지 못한 칸은 발산하거나 격자가 끝날 때까지 올렸습니다."""
    for measured, validation in zip(STORED[f"{part}_measured"], STORED[f"{part}_validation"]):
        means = validation[measured].mean(axis=1)
        if np.nanmax(means) > 0.2:
            assert 0 < np.nanargmax(means) < len(means) - 1
        else:
            rates = np.array(ABOUT["searches"][part]["learning_rate"])[measured]
            assert np.isnan(validation[measured][-1]).all() or rates[-1] == 3000


def test_the_picture_of_the_textbook():
    """80 %를 넘는 표준편차: 없으면 둘, 교재의 배치 정규화는 여덟, Keras의 ε이면 다섯. 두 끝은 절반 아래입니다."""
    assert [sum(BOOK[name] > 0.8) for name in ("none", "book", "batch", "keras")] == [2, 8, 8, 5]
    stds = np.array(ABOUT["book"]["std"])
    assert set(stds[BOOK["none"] > 0.8].round(2)) == {0.16, 0.29}
    assert BOOK["book"][0] < 0.5
    assert BOOK["book"][-1] < 0.5
    # 가장 잘 배우는 곳은 He(0.14)의 10분의 1 안팎이고, 그보다 크면 차례로 나빠집니다.
    assert 0.003 < stds[BOOK["book"].argmax()] < 0.03
    assert (np.diff(BOOK["book"][:7]) > 0).all()
    # ε은 작은 쪽만 바꿉니다.
    assert np.ptp([BOOK[name][:7] for name in ("book", "batch", "keras")], axis=0).max() < 0.03
    assert BOOK["book"][-1] > BOOK["batch"][-1] + 0.2


def test_a_chosen_rate_takes_the_place_of_the_scale():
    """배치 정규화한 다섯 층에서 학습률을 고르면 SGD 92–96 %, Adam 95–96 %이고, 0.01에 두면 크게 갈립니다."""
    sgd, adam = trained("sgd_five"), trained("adam_five")
    stds = normalization.STDS
    for found, low in ((sgd, 0.915), (adam, 0.945)):
        means = [found["batch", std, "relu"][1].mean() for std in stds]
        assert low < min(means)
        assert max(means) < 0.965
    plain = [sgd["none", std, "relu"][1].mean() for std in stds]
    assert max(plain) > 0.92
    assert max(plain[2:]) < 0.12
    rates = ABOUT["searches"]["sgd_five"]["learning_rate"]
    # 장이 적은 31–96 %.
    fixed = STORED["sgd_five_accuracy"][4:8, rates.index(0.01)].mean(axis=1)
    assert fixed[0] < 0.5
    assert fixed[2] > 0.955
    assert fixed[3] == pytest.approx(0.31, abs=0.005)
    # 큰 초깃값일수록 고른 학습률이 큽니다.
    assert [sgd["batch", std, "relu"][0] for std in (1.0, 0.1, 0.01)] == [3, 1, 0.01]


def test_layer_norm_stops_at_a_tiny_start_with_sgd():
    """층 정규화는 표준편차 0.0001에서 SGD로 배우지 못하고 Adam으로 배웁니다."""
    assert trained("sgd_five")["layer", 0.0001, "relu"][1].max() < 0.12
    assert trained("adam_five")["layer", 0.0001, "relu"][1].min() > 0.92


def test_twenty_layers_are_alike_and_fifty_are_not():
    """20층은 SGD에서만 배치 정규화가 조금 앞서고, 50층의 ReLU에서는 두 최적화기에서 모두 가장 낮습니다."""
    for optimizer, apart in (("sgd", 0.05), ("adam", 0.01)):
        shallow = {cell[0]: runs for cell, (_, runs) in trained(f"{optimizer}_deep").items()}
        assert np.ptp([runs.mean() for runs in shallow.values()]) < apart
        deep = {cell[::2]: runs for cell, (_, runs) in trained(f"{optimizer}_deeper").items()}
        assert deep["batch", "relu"].max() < deep["none", "relu"].min()
        assert deep["batch", "relu"].max() < deep["layer", "relu"].min()
        assert deep["batch", "tanh"].min() > 0.8
    assert deep["none", "relu"].mean() == pytest.approx(0.82, abs=0.005)
    assert deep["layer", "relu"].mean() == pytest.approx(0.77, abs=0.005)
    assert deep["batch", "relu"].mean() == pytest.approx(0.40, abs=0.005)


def test_a_sample_of_the_stored_results(mnist):
    """저장된 것을 다시 학습시키면 같은 결과가 나옵니다."""
    again = normalization.run("batch", 0.0001, 5, "relu", "adam", 0.001, 0)
    at = 7, ABOUT["searches"]["adam_five"]["learning_rate"].index(0.001), 0
    assert again["accuracy"] == pytest.approx(STORED["adam_five_accuracy"][at], abs=0.02)
    assert again["grown"] == pytest.approx(STORED["adam_five_grown"][at], rel=0.05)
    curve = normalization.read_book("book", ABOUT["book"]["std"][4], 0)["curve"]
    np.testing.assert_allclose(curve, STORED["book_curve"][1, 4, 0], atol=0.03)
