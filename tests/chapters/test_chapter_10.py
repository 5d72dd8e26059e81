"""10장의 주장. 이론은 다시 계산하고, 측정은 다른 시드로 다시 재고, 저장된 학습은 일부를 다시 돌립니다."""

import functools
import json
from pathlib import Path

import numpy as np
import pytest

import wi_lib
from wi_lib import charts, initializers, mean_field, plots, signals, theory

ROOT = Path(__file__).parents[2]
ABOUT = json.loads((ROOT / "chapters/data/depth_limit.json").read_text(encoding="utf-8"))
with np.load(ROOT / "chapters/data/depth_limit.npz") as stored:
    RESULTS = dict(stored)
MAP, DEEP = ABOUT["axes"]["map"], ABOUT["axes"]["deep"]
WEIGHTS = MAP["weight_variance"]
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


def alive(f, w, b):
    """두 쌍의 차이가 0.08을 넘고 역전파 신호가 1000배 안에 머무는 층의 수."""
    ok = (np.abs(gap(f, w, b)) > 0.08) & (np.abs(np.log(backward(f, w, b))) < np.log(1000))
    return 60 if ok.all() else int(np.argmin(ok))


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
    """두 쌍은 질서에서는 1에서, 혼돈에서는 0.3 둘레에서 만나고, 경계에서는 20층까지 떨어져 있습니다."""
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


def reach(f, w, b):
    """지도의 색: 지수로 줄어드는 빠르기만 본 어림."""
    point = mean_field.fixed_point(f, w, b)
    return min(np.log(10) * point.correlation_depth, 2 * np.log(1000) / max(abs(np.log(point.chi)), 1e-9))


def test_the_bottom_row_of_the_map():
    """편향이 없는 줄. tanh의 0.544는 22층쯤이고 점화식과 맞습니다. 거듭제곱으로 닮는 ReLU는 어림보다 빨리 죽습니다."""
    ws = np.linspace(0.05, 4, 17)
    assert reach("tanh", ws[2], 0) == pytest.approx(22.7, abs=0.1)
    assert reach("tanh", ws[2], 0.05) == pytest.approx(3.0, abs=0.1)
    for w in ws[:4]:
        assert alive("tanh", w, 0) == pytest.approx(reach("tanh", w, 0), rel=0.15)
        assert reach("tanh", w, 0) > 3 * reach("tanh", w, 0.05)
    for w in ws[3:]:
        assert alive("relu", w, 0) == 10 < reach("relu", w, 0)


def test_relu_right_of_the_edge_loses_its_differences_first():
    """경계의 오른쪽. 색은 역전파 신호(20층 넘게)만 본 것이고, 코사인의 차이는 그보다 먼저 7–10층에서 죽습니다."""
    last = []
    for w in np.linspace(0.05, 4, 17)[8:]:
        for b in np.linspace(0, 0.4, 9):
            last.append(int(np.argmax(gap("relu", w, b) <= 0.08)))
            assert mean_field.fixed_point("relu", w, b).correlation_depth == np.inf
            assert np.abs(np.log(backward("relu", w, b)[: last[-1] + 1])).max() < np.log(1000)
            assert reach("relu", w, b) > 19 > alive("relu", w, b) == last[-1]
    assert (min(last), max(last)) == (7, 10)


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


def test_results_cover_the_whole_grid():
    for name, axes in ABOUT["axes"].items():
        shape = (*map(len, axes.values()), len(ABOUT["seeds"]))
        assert RESULTS[f"{name}_accuracy"].shape == shape
        assert RESULTS[f"{name}_loss"].shape == (*shape, ABOUT["iterations"] // ABOUT["block"])


@pytest.mark.parametrize(("w", "depth"), [(1.0, 10), (1.76, 20), (3.0, 10)])
def test_stored_results_are_rederived(w, depth):
    """저장된 결과의 표본을 다시 만듭니다. 걸음마다 반올림의 차이가 커지므로 손실은 처음 50걸음만 촘촘히 봅니다."""
    from experiments import depth_limit

    result = depth_limit.run(depth, 0.01, 0, weight_variance=w, bias_variance=ABOUT["bias_variance"]["map"])
    where = WEIGHTS.index(w), MAP["depth"].index(depth), MAP["learning_rate"].index(0.01), 0
    assert result["loss"][:5] == pytest.approx(RESULTS["map_loss"][where][:5], rel=1e-3)
    assert result["accuracy"] == pytest.approx(RESULTS["map_accuracy"][where], abs=0.03)


def best():
    """(σ_w², 깊이)마다 가장 좋은 학습률의 평균 정확도."""
    return RESULTS["map_accuracy"].mean(axis=-1).max(axis=-1)


def test_shallow_nets_learn_anywhere_and_deep_ones_near_the_edge():
    """5층과 10층은 어디서나 89 % 위, 20층은 1.0만 76 %, 40층은 양 끝이 13 %와 20 %, 가운데가 83 %와 82 %."""
    table = best()
    assert table[:, :2].min() > 0.885
    assert table[0, 2] == pytest.approx(0.76, abs=0.006)
    assert table[1:, 2].min() > 0.82
    deep = [table[WEIGHTS.index(w), 3] for w in (1.0, 1.76, 2.2, 3.0, 4.0)]
    assert deep == pytest.approx([0.13, 0.83, 0.82, 0.69, 0.20], abs=0.006)


def test_deep_chaos_needs_a_smaller_rate():
    """40층에서 가장 좋은 학습률은 경계 0.01, 3.0은 0.003이고, 3.0에서 0.01이면 33 %입니다."""
    rates, deep = MAP["learning_rate"], RESULTS["map_accuracy"].mean(axis=-1)[:, 3]
    assert rates[deep[WEIGHTS.index(1.76)].argmax()] == 0.01
    assert rates[deep[WEIGHTS.index(3.0)].argmax()] == 0.003
    assert deep[WEIGHTS.index(3.0), rates.index(0.01)] == pytest.approx(0.33, abs=0.006)


def test_the_order_of_collapse_follows_the_map():
    """지도에서 어림한 깊이가 짧은 열부터 무너집니다: 질서에서도 혼돈에서도 40층의 정확도가 그 차례입니다."""
    depths = [mean_field.fixed_point("tanh", w, 0.05).correlation_depth * np.log(10) for w in WEIGHTS]
    assert depths == pytest.approx([8, 25, depths[2], 37, 21, 16], abs=0.6)
    deep = best()[:, 3]
    assert (np.diff(deep[:3]) > 0).all()
    assert (np.diff(deep[2:]) < 0).all()


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
    """tanh 100층, 학습률 0.01: 직교 87–90 %, 정규분포 18–45 %. 0.003에서는 81–84 %와 23–40 %."""
    assert DEEP["initializer"] == ["lecun_normal", "orthogonal"]
    for rate, normal, orthogonal in ((0.01, (0.18, 0.45), (0.87, 0.90)), (0.003, (0.23, 0.40), (0.81, 0.84))):
        runs = RESULTS["deep_accuracy"][:, DEEP["learning_rate"].index(rate)]
        assert (runs[0].min(), runs[0].max()) == pytest.approx(normal, abs=0.006)
        assert (runs[1].min(), runs[1].max()) == pytest.approx(orthogonal, abs=0.006)
    losses = RESULTS["deep_loss"][:, DEEP["learning_rate"].index(0.01), :, -1]
    assert losses[1].max() < 0.5 < 1.3 < losses[0].min()


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
