"""10장의 주장. 이론은 다시 계산하고, 측정은 다른 시드로 다시 재고, 저장된 학습은 일부를 다시 돌립니다."""

import functools
import json
from pathlib import Path

import numpy as np
import pytest

import wi_lib
from wi_lib import charts, datasets, initializers, mean_field, plots, signals, theory

ROOT = Path(__file__).parents[2]
ABOUT = json.loads((ROOT / "chapters/data/depth_limit.json").read_text(encoding="utf-8"))
with np.load(ROOT / "chapters/data/depth_limit.npz") as stored:
    RESULTS = dict(stored)
WEIGHTS = [cell["weight_variance"] for cell in ABOUT["rows"]["long"]["cells"]]
ORDER, EDGE, CHAOS = range(3)
SEEDS = (11, 12, 13)


@functools.cache
def paths(f, w, b, depth=60):
    """닮은 쌍(0.9)과 다른 쌍(0.1)의 이론."""
    return tuple(mean_field.trajectory(c, f, w, b, depth) for c in (0.9, 0.1))


def gap(f, w, b, depth=60):
    alike, apart = paths(f, w, b, depth)
    return alike.cosine - apart.cosine


def backward(f, w, b, depth=60):
    return paths(f, w, b, depth)[0].delta_rms[0] / paths(f, w, b, depth)[0].delta_rms


def limits(f, w, b, depth=100):
    """두 쌍의 차이가 0.08을 넘는 층의 수와, 역전파 신호가 1000배 안에 머무는 층의 수."""
    ok = gap(f, w, b, depth) > 0.08, np.abs(np.log(backward(f, w, b, depth))) < np.log(1000)
    return tuple(depth if kept.all() else int(np.argmin(kept)) for kept in ok)


def alive(f, w, b, depth=60):
    return min(limits(f, w, b, depth))


def measured(f, w, b, seed, depth=60, width=128, count=10):
    rng = np.random.default_rng(seed)
    x = np.vstack([mean_field.pairs(count, width, c, rng=rng) for c in (0.9, 0.1)])
    init = initializers.variance_scaling(w)
    s = wi_lib.propagate(x, depth, width, f, init, rng=rng, bias_std=np.sqrt(b), dtype=np.float64)
    n = 2 * count
    return np.array([[mean_field.cosines(half).mean() for half in (a[:n], a[n:])] for a in s.activations]), s


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("width", [50, 400])
def test_he_makes_inputs_alike_at_any_width(seed, width):
    """He의 ReLU: 직각인 쌍의 코사인이 1층 0.32, 30층 0.97이고, 너비와 상관없습니다."""
    rng = np.random.default_rng(seed)
    x = mean_field.pairs(50, width, 0.0, rng=rng)
    s = wi_lib.propagate(x, 30, width, "relu", "he_normal", rng=rng)
    line = mean_field.trajectory(0.0, "relu", 2, depth=30).cosine
    assert line[[0, 4, 29]] == pytest.approx([0.318, 0.736, 0.97], abs=0.01)
    assert mean_field.cosines(s.activations[0]).mean() == pytest.approx(line[0], abs=0.06)
    assert mean_field.cosines(s.activations[29]).mean() > 0.9


@pytest.mark.parametrize(
    ("net", "chi", "end"),
    [
        (("tanh", 1, 0.05), 0.76, 1),
        (("tanh", 1.76, 0.05), 1, 1),
        (("tanh", 3, 0.05), 1.21, 0.3),
        (("relu", 2, 0), 1, 1),
    ],
)
def test_order_edge_and_chaos(net, chi, end):
    """χ는 0.76, 1.00, 1.21, 1.00이고 상관은 1, 1, 0.3, 1로 갑니다."""
    point = mean_field.fixed_point(*net)
    assert point.chi == pytest.approx(chi, abs=0.005)
    assert point.correlation == pytest.approx(end, abs=0.005)


@pytest.mark.parametrize("net", [("tanh", 1, 0.05), ("tanh", 3, 0.05), ("relu", 2, 0), ("sigmoid", 4, 0.2)])
def test_slope_of_the_correlation_map_at_one_is_chi(net):
    """c = 1에서 c'의 기울기가 χ입니다: 앞으로 가는 차이와 뒤로 오는 기울기에 같은 수가 곱해집니다."""
    point, h = mean_field.fixed_point(*net), 1e-9
    slope = (1 - mean_field.next_correlation(1 - h, point.variance, *net)) / h
    assert slope == pytest.approx(point.chi, rel=1e-4)


def test_only_chaos_goes_below_the_diagonal():
    c = np.linspace(0, 0.99, 34)
    for w, below in ((1, False), (1.76, False), (3, True)):
        q = mean_field.fixed_point("tanh", w, 0.05).variance
        change = np.array([mean_field.next_correlation(v, q, "tanh", w, 0.05) for v in c]) - c
        assert (change < -1e-6).any() == below
        if below:
            assert c[np.argmax(change < 0)] == pytest.approx(0.3, abs=0.03)


@pytest.mark.parametrize("seed", SEEDS)
def test_pairs_meet_in_order_and_chaos_but_not_at_the_edge(seed):
    """두 쌍은 질서에서는 1에서, 혼돈에서는 0.3 부근에서 만나고, 경계에서는 20층까지 떨어져 있습니다."""
    order, edge, chaos = (measured("tanh", w, 0.05, seed)[0] for w in (1, 1.76, 3))
    assert (order[20] > 0.97).all()
    assert chaos[40:].mean(axis=0) == pytest.approx([0.3, 0.3], abs=0.15)
    assert edge[19, 0] - edge[19, 1] > 0.08
    assert order[19, 0] - order[19, 1] < 0.03
    np.testing.assert_array_less(0.08, gap("tanh", 1.76, 0.05)[:40])


def test_depth_scales_of_the_text():
    """ξ_c는 3.6, 10.7, 11.8, 7.0층이고 ξ_q는 어디서나 2층이 안 됩니다. 경계의 ξ_c는 천 층이 넘습니다."""
    points = [mean_field.fixed_point("tanh", w, 0.05) for w in (1, 1.4, 2.5, 4, 1.76)]
    assert [p.correlation_depth for p in points[:4]] == pytest.approx([3.6, 10.7, 11.8, 7.0], abs=0.05)
    assert all(p.variance_depth < 2 for p in points)
    assert points[4].correlation_depth > 1000


def test_order_loses_differences_before_gradients():
    """질서 20층: 차이는 0.007배, 역전파 신호는 0.05배. 혼돈 60층: 차이는 0.003배, 역전파 신호는 200배."""
    assert gap("tanh", 1, 0.05, 20)[-1] / 0.8 == pytest.approx(0.007, abs=5e-4)
    assert backward("tanh", 1, 0.05, 20)[-1] == pytest.approx(0.05, abs=0.006)
    assert abs(gap("tanh", 3, 0.05)[-1]) / 0.8 == pytest.approx(0.003, abs=5e-4)
    assert backward("tanh", 3, 0.05)[-1] == pytest.approx(200, abs=50)


@pytest.mark.parametrize(("b", "w"), [(0.01, 1.42), (0.05, 1.76), (0.1, 1.99), (0.3, 2.51)])
def test_edge_of_the_map(b, w):
    assert theory.edge_of_chaos("tanh", b) == pytest.approx(w, abs=0.006)


def test_layers_to_a_tenth():
    """차이가 0.08보다 작아지는 층: 질서 11층, 혼돈 28층, 경계 45층."""
    assert [int(np.argmax(gap("tanh", w, 0.05) < 0.08)) + 1 for w in (1, 3, 1.76)] == [11, 28, 45]


def test_the_edge_does_not_stay_where_it_started():
    """경계의 다른 쌍: 1, 9, 21, 33, 45, 57층의 코사인이 0.11, 0.46, 0.70, 0.79, 0.85, 0.88입니다."""
    seen = paths("tanh", 1.76, 0.05)[1].cosine[[0, 8, 20, 32, 44, 56]]
    assert seen == pytest.approx([0.11, 0.46, 0.70, 0.79, 0.85, 0.88], abs=0.005)


def test_weight_gradients_are_a_product():
    """편향 없는 질서: a도 δ도 1e-6쯤인데 가중치 기울기는 층마다 같습니다. 편향이 있으면 δ를 따라갑니다."""

    def ends(w, b):
        p = theory.predict([100] * 41, [np.sqrt(w / 100)] * 40, "tanh", 1, b)
        rows = p.std[::-1], p.delta_rms, p.weight_gradient_rms
        return [float(row[0] / row[-1]) for row in rows]

    assert ends(0.5, 0) == pytest.approx([1e-6, 8e-7, 1], rel=0.15)
    assert ends(1, 0.05) == pytest.approx([0.6, 0.003, 0.008], rel=0.15)
    assert ends(1.76, 0.05) == pytest.approx([0.8, 0.7, 1.2], rel=0.1)
    assert ends(4, 0.05) == pytest.approx([0.9, 260, 350], rel=0.1)


@pytest.mark.parametrize("seed", SEEDS)
def test_measured_weight_gradients_follow_the_product(seed):
    """잰 가중치 기울기도 그렇습니다: 층마다 앞 층의 a의 RMS × δ의 RMS."""
    for w, b in ((0.5, 0), (1, 0.05)):
        s = measured("tanh", w, b, seed, depth=40)[1]
        a, d, g = ([signals.rms(v) for v in values] for values in (s.activations, s.deltas, s.weight_gradients))
        assert g[39] / g[1] == pytest.approx(a[38] * d[39] / (a[0] * d[1]), rel=0.5)


@functools.cache
def phase_map(f):
    ws, bs = np.linspace(0.25, 4, 16), np.linspace(0, 0.3, 7)
    depth = 100 if f == "tanh" else 60
    return {(w, b): limits(f, w, b, depth) for w in ws.tolist() for b in bs.tolist()}


def test_the_tanh_map_is_a_band_along_the_edge():
    """편향이 있는 줄마다 가장 밝은 칸은 경계나 그 바로 오른쪽이고, 왼쪽이 오른쪽보다 빨리 어두워집니다."""
    layers = {place: min(found) for place, found in phase_map("tanh").items()}
    for b in sorted({b for _, b in layers} - {0.0}):
        row, edge = {w: n for (w, c), n in layers.items() if c == b}, theory.edge_of_chaos("tanh", b)
        brightest = max(row, key=row.get)
        assert -0.1 < brightest - edge < 0.9
        assert row[0.25] < 5 < 15 < row[4.0] < row[brightest]


def test_what_ends_first_on_the_map():
    """δ가 먼저 한계에 닿는 곳은 편향이 없는 줄의 왼쪽뿐입니다(tanh는 경계 아래, ReLU는 0.5 아래)."""
    for f, right in (("tanh", 1), ("relu", 0.5)):
        first = [place for place, (forward, back) in phase_map(f).items() if back < forward]
        assert first
        assert all(b == 0 and w < right for w, b in first), first


def test_relu_is_dark_everywhere():
    """ReLU는 경계 위의 He도 10층이고 어디에서도 10층을 넘지 않습니다."""
    assert alive("relu", 2, 0) == 10
    assert max(min(found) for found in phase_map("relu").values()) == 10


def test_relu_similarity_does_not_depend_on_the_weight_variance():
    """편향이 없으면 ReLU의 코사인은 σ_w²와 상관없고, 혼돈 쪽에서도 1로 갑니다."""
    for w in (0.5, 1, 4):
        np.testing.assert_allclose(gap("relu", w, 0), gap("relu", 2, 0), atol=1e-9)
        assert alive("relu", w, 0) == 10
    assert mean_field.fixed_point("relu", 4).correlation == 1


def test_explorer_numbers_of_the_text():
    """살아남는 층: (1, 0.05) 10층, (1.76, 0.05) 44층, (4, 0.05) 21층, (0.5, 0) 19층, (1, 0.1) 7층."""
    places = {(1, 0.05): 10, (1.76, 0.05): 44, (4, 0.05): 21, (0.5, 0): 19, (1, 0.1): 7}
    assert {place: alive("tanh", *place) for place in places} == places
    # (0.5, 0)만 역전파 신호가 먼저 사라지고, 편향이 있는 칸은 모두 코사인이 먼저입니다.
    assert gap("tanh", 0.5, 0)[:20].min() > 0.7
    for w, b in ((1, 0.05), (4, 0.05), (1, 0.1), (2.5, 0.3)):
        assert np.abs(np.log(backward("tanh", w, b)[: alive("tanh", w, b) + 1])).max() < np.log(1000)


def test_the_bright_band_moves_right_as_the_bias_grows():
    """줄마다 가장 밝은 두 칸: 0.05는 1.76과 2, 0.1은 2와 2.5, 0.3은 2.5와 4."""
    columns = [0.5, 1, 1.4, 1.76, 2, 2.5, 4]
    for b, best in ((0.05, {1.76, 2}), (0.1, {2, 2.5}), (0.3, {2.5, 4})):
        layers = [alive("tanh", w, b) for w in columns]
        assert {columns[i] for i in np.argsort(layers)[-2:]} == best
    assert [alive("tanh", w, 0) for w in (1, 1.4, 1.76, 2)] == [60] * 4


@pytest.mark.parametrize("seed", SEEDS)
def test_he_keeps_the_gradient_while_pairs_meet(seed):
    """He, 60층: 역전파 신호는 살아 있는데 두 쌍의 차이는 20층에서 이미 0.05가 안 됩니다."""
    cosines, s = measured("relu", 2, 0, seed)
    assert 0.05 < signals.rms(s.deltas[0]) / signals.rms(s.deltas[-1]) < 20
    assert abs(cosines[19, 0] - cosines[19, 1]) < 0.05


def test_named_initializers_on_the_map():
    """역전파 배율: He 1, LeCun+tanh 1, gain 5/3 1.10, LeCun+ReLU 0.71, LeCun+sigmoid 0.24, 기본값+ReLU 0.41."""
    nets = [("relu", 2), ("tanh", 1), ("tanh", 25 / 9), ("relu", 1), ("sigmoid", 1), ("relu", 1 / 3, 1 / 300)]
    factors = [mean_field.fixed_point(*net).chi ** 0.5 for net in nets]
    assert factors == pytest.approx([1, 1, 1.10, 0.71, 0.24, 0.41], abs=0.005)


@pytest.mark.parametrize(("w", "b"), [(1, 0), (16, 0), (64, 0), (4, 0.3)])
def test_sigmoid_is_a_tanh_net(w, b):
    """(σ_w², σ_b²)의 sigmoid 망은 (σ_w²/16, σ_w²/16 + σ_b²/4)의 tanh 망과 같습니다."""
    sigmoid, tanh = mean_field.fixed_point("sigmoid", w, b), mean_field.fixed_point("tanh", w / 16, w / 16 + b / 4)
    assert sigmoid.chi == pytest.approx(tanh.chi, rel=1e-9)
    assert sigmoid.correlation_depth == pytest.approx(tanh.correlation_depth, rel=1e-6)


def test_sigmoid_needs_a_hundred_times_lecun():
    """LeCun의 ξ_c는 한 층이 안 되고, 16배도 1.1층이며, 100배쯤에서야 경계입니다."""
    scales = [mean_field.fixed_point("sigmoid", w).correlation_depth for w in (1, 16)]
    assert scales == pytest.approx([0.35, 1.1], abs=0.05)
    assert mean_field.fixed_point("sigmoid", 95).chi < 1 < mean_field.fixed_point("sigmoid", 110).chi


def test_he_loses_differences_by_a_power_law():
    """He의 차이는 10층 0.081, 30층 0.012, 100층 6.7e-4. 1 − 코사인은 300층에서 9π²/(2·층²)과 10 % 안. tanh는 0.78."""
    he, lecun = gap("relu", 2, 0, 100), gap("tanh", 1, 0, 100)
    assert he[[9, 29, 99]] == pytest.approx([0.081, 0.012, 6.7e-4], rel=0.05)
    assert lecun[[9, 29, 99]] == pytest.approx([0.78] * 3, abs=0.01)
    far = 1 - mean_field.trajectory(0.1, "relu", 2, depth=300).cosine[-1]
    assert far == pytest.approx(4.5 * np.pi**2 / 300**2, rel=0.1)


@functools.cache
def probes(w, seed, dtype, depth=100):
    """층(1, 40, 60, 100)마다 (선형 탐침의 정확도, 변하는 몫)."""
    digits, init = datasets.load_digits(), initializers.variance_scaling(w)
    x, n = np.vstack([digits.x_train, digits.x_test]), len(digits.x_train)
    rng, settings = np.random.default_rng(seed), {"bias_std": np.sqrt(0.05), "dtype": dtype}
    s = wi_lib.propagate(x, depth, 100, "tanh", init, rng=rng, **settings)
    found = {}
    for layer in (1, 40, 60, 100):
        a = s.activations[layer - 1]
        score = wi_lib.linear_probe(a[:n], digits.y_train, a[n:], digits.y_test)
        found[layer] = score, signals.varying(a)
    return found


@pytest.mark.parametrize("seed", [1, *SEEDS])
def test_order_shrinks_and_chaos_scrambles(seed):
    """40층: 질서는 변하는 몫이 0.003인데 읽을 수 있고, 혼돈은 0.9가 변하는데 읽지 못합니다. 경계는 그 사이입니다."""
    order, edge, chaos = (probes(w, seed, np.float64)[40] for w in (1, 1.76, 4))
    assert order[0] > 0.82
    assert 0.45 < edge[0] < 0.75
    assert chaos[0] < 0.22
    assert 0.001 < order[1] < 0.006
    assert 0.15 < edge[1] < 0.6
    assert chaos[1] > 0.85


@pytest.mark.parametrize("seed", [1, *SEEDS])
def test_rounding_ends_order_in_single_precision(seed):
    """질서의 100층: 64비트로는 읽히고(0.75 위), 32비트에서는 반올림에 묻힙니다(0.45 아래)."""
    assert probes(1, seed, np.float64)[100][0] > 0.75
    single = probes(1, seed, np.float32)
    assert single[40][0] > 0.75
    assert single[100][0] < 0.45


def test_pixels_alone_give_86_percent():
    digits = datasets.load_digits()
    score = wi_lib.linear_probe(digits.x_train, digits.y_train, digits.x_test, digits.y_test)
    assert score == pytest.approx(0.86, abs=0.005)


def cells():
    """(행, 최적화기)마다의 결과 이름."""
    return [(row, optimizer) for row, about in ABOUT["rows"].items() for optimizer in about["common_rates"]]


def test_results_are_complete_and_the_best_rate_is_not_at_the_edge():
    """시드 다섯, 칸마다 고른 학습률의 양옆도 재었습니다."""
    assert ABOUT["seeds"] == list(range(5))
    for row, optimizer in cells():
        measured = RESULTS[f"{row}_{optimizer}_measured"]
        best, _ = wi_lib.at_best_rate(*[RESULTS[f"{row}_{optimizer}_validation"]] * 2)
        for cell, rate in enumerate(best):
            assert measured[cell, rate - 1 : rate + 2].tolist() == [True] * 3, (row, optimizer, cell)


@pytest.mark.parametrize(("optimizer", "cell", "rate"), [("sgd", ORDER, 0.03), ("adam", CHAOS, 0.001)])
def test_stored_results_are_rederived(optimizer, cell, rate):
    """저장된 결과의 표본을 다시 만듭니다. 걸음마다 반올림의 차이가 커지므로 다른 기계에서는 조금 다릅니다."""
    from experiments import depth_limit

    row = ABOUT["rows"]["shallow"]
    fixed = {"depth": row["depth"], "iterations": row["iterations"], "learning_rate": rate, "seed": 0}
    result = depth_limit.run(optimizer, **row["cells"][cell], **fixed)
    at = cell, ABOUT["learning_rate"][f"shallow_{optimizer}"].index(rate), 0
    for name in ("train", "validation", "accuracy"):
        assert result[name] == pytest.approx(RESULTS[f"shallow_{optimizer}_{name}"][at], abs=0.03)


def test_new_seeds_are_new():
    """학습률을 고르는 데 쓰지 않은 시드입니다. 학습 자료의 차이는 줄고, 질서의 한 시드는 70 %입니다."""
    assert not set(ABOUT["seeds"]) & set(ABOUT["new_seeds"])
    train = RESULTS["long_adam_again_train"]
    assert train.mean(axis=1) == pytest.approx([0.894, 0.999, 0.832], abs=0.002)
    assert train[ORDER].min() == pytest.approx(0.70, abs=0.005)


def chosen(row, optimizer, name):
    """검증 자료로 고른 학습률에서 잰 값: (칸, 시드)."""
    return wi_lib.at_best_rate(RESULTS[f"{row}_{optimizer}_validation"], RESULTS[f"{row}_{optimizer}_{name}"])[1]


def test_ten_layers_learn_anywhere():
    """10층에서는 어느 망이든 학습 자료를 97 % 넘게 맞힙니다."""
    for optimizer in ("sgd", "adam"):
        assert chosen("shallow", optimizer, "train").mean(axis=1).min() > 0.97


def test_forty_layers_turn_over_with_the_optimizer():
    """40층, 1,500걸음의 학습 자료: SGD는 질서 47, 경계 100, 혼돈 91 %, Adam은 95, 100, 84 %."""
    sgd, adam = (chosen("long", optimizer, "train") for optimizer in ("sgd", "adam"))
    assert sgd.mean(axis=1) == pytest.approx([0.47, 1, 0.91], abs=0.006)
    assert adam.mean(axis=1) == pytest.approx([0.95, 1, 0.84], abs=0.006)


def test_the_edge_is_best_on_the_test_set():
    """시험 자료: SGD는 42, 89, 76 %, Adam은 80, 88, 65 %. 학습 자료와의 차이는 경계 11점, 혼돈 15점과 19점입니다."""
    sgd, adam = (chosen("long", optimizer, "accuracy") for optimizer in ("sgd", "adam"))
    assert sgd.mean(axis=1) == pytest.approx([0.42, 0.89, 0.76], abs=0.006)
    assert adam.mean(axis=1) == pytest.approx([0.80, 0.88, 0.65], abs=0.006)
    lost = [(chosen("long", o, "train") - chosen("long", o, "accuracy")).mean(axis=1) for o in ("sgd", "adam")]
    assert [lost[0][EDGE], lost[1][EDGE]] == pytest.approx([0.11, 0.12], abs=0.01)
    assert [lost[0][CHAOS], lost[1][CHAOS], lost[1][ORDER]] == pytest.approx([0.15, 0.19, 0.15], abs=0.01)


def test_chaos_learns_slowly_at_a_smaller_rate():
    """혼돈의 SGD: 600걸음에 70 %, 1,500걸음에 91 %. 고른 학습률은 0.003이고 경계는 0.01입니다."""
    assert chosen("short", "sgd", "train")[CHAOS].mean() == pytest.approx(0.70, abs=0.006)
    validation = RESULTS["long_sgd_validation"]
    best = wi_lib.at_best_rate(validation, validation)[0]
    assert [ABOUT["learning_rate"]["long_sgd"][best[cell]] for cell in (EDGE, CHAOS)] == [0.01, 0.003]


def test_what_the_map_says_of_the_trained_nets():
    """살아남는 깊이는 10, 44, 21층: 40층에서 한계 안에 있는 것은 경계뿐입니다."""
    assert [alive("tanh", w, 0.05) for w in WEIGHTS] == [10, 44, 21]


def spectrum(name, f, seed):
    rng, total = np.random.default_rng(seed), np.eye(100)
    x, init = rng.standard_normal((1, 100)), initializers.get(name)
    weights = [init((100, 100), rng=rng) for _ in range(100)]
    s = signals.measure(x, weights, f, rng=rng, dtype=np.float64)
    for weight, a in zip(weights, s.activations):
        total = total @ weight * s.activation.derivative(a)
    values = np.linalg.svd(total, compute_uv=False)
    return values, int((values > values[0] / 100).sum())


@pytest.mark.parametrize("seed", [1, *SEEDS])
def test_orthogonal_matrices_keep_directions_in_tanh_not_in_relu(seed):
    """100층의 특잇값: tanh에서 정규분포는 열 남짓, 직교는 90개 넘게 남고, ReLU에서는 둘 다 몇 개뿐입니다."""
    assert spectrum("lecun_normal", "tanh", seed)[1] < 15
    assert spectrum("orthogonal", "tanh", seed)[1] > 90
    assert spectrum("lecun_normal", "relu", seed)[1] < 12
    assert spectrum("orthogonal", "relu", seed)[1] < 15
    assert np.ptp(spectrum("orthogonal", "identity", seed)[0]) < 1e-4


def test_orthogonal_learns_at_a_hundred_layers():
    """tanh 100층, 600걸음의 시험 정확도: SGD는 직교 87, 정규분포 44 %, Adam은 89와 68 %."""
    assert [cell["initializer"] for cell in ABOUT["rows"]["deep"]["cells"]] == ["lecun_normal", "orthogonal"]
    for optimizer, means in (("sgd", [0.44, 0.87]), ("adam", [0.68, 0.89])):
        assert chosen("deep", optimizer, "accuracy").mean(axis=1) == pytest.approx(means, abs=0.006)


def test_second_question():
    """(1.4, 0.05)에서 차이가 100분의 1이 되는 것은 49층입니다."""
    assert mean_field.fixed_point("tanh", 1.4, 0.05).correlation_depth * np.log(100) == pytest.approx(49, abs=0.6)


def test_map_and_theory_lines_say_what_they_show():
    """지도 밖의 점은 그리지 않고, 이론이 있는 곡선은 그렇다고 말합니다."""
    places = {"tanh": {"LeCun": (1, 0), "먼 점": (9, 0)}}
    depths, edges = {"tanh": [[1, np.inf], [2, 3]]}, {"tanh": ([1, 2], [0, 1])}
    figure = charts.phase_map([0, 2], [0, 1], depths, edges, places, "지도")
    assert "LeCun" in figure.alt
    assert "먼 점" not in figure.alt
    series = {"가": np.arange(3.0), "나": np.ones(3)}
    figure = plots.curves(np.arange(3), series, "곡선", theory={"가": np.arange(3.0)})
    assert "점은 측정, 선은 이론" in figure.alt
    assert len(figure.axes[0].lines) == 3
