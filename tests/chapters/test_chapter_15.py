"""15장의 주장. 이은 수는 다시 세고, 크기는 다른 시드로 다시 재고, 저장된 학습은 일부를 다시 돌립니다.

이론과 측정은 시드 여럿의 평균을 견주고, 벌어져도 되는 폭은 그 표본의 표준오차의 네 배입니다.
"""

import functools
import json
from pathlib import Path

import numpy as np
import pytest

import wi_lib
from wi_lib import at_best_rate, datasets, initializers, layers, signals

ROOT = Path(__file__).parents[2]
ABOUT = json.loads((ROOT / "chapters/data/convolution.json").read_text(encoding="utf-8"))
with np.load(ROOT / "chapters/data/convolution.npz") as stored:
    RESULTS = dict(stored)
RATES = ABOUT["learning_rate"]
SEEDS = range(11, 17)
scaled = initializers.variance_scaling
digits = functools.cache(datasets.load_digits)
LAMBDA = (1 + 2 * np.cos(np.pi / 9)) / 3
KERNELS = {
    "lecun": "lecun_normal",
    "filled": scaled(LAMBDA**-2),
    "orthogonal": "orthogonal",
    "delta": "delta_orthogonal",
    "dirac": "dirac",
}


def network(body, shape, seed, dtype=np.float32):
    return wi_lib.Network(body, shape, rng=np.random.default_rng(seed), dtype=dtype)


def links(inputs, outputs, side=8, **plan):
    """(출력 값 하나에 이어진 입력의 수, 안쪽의 입력 값마다 이어진 출력의 수, 프레임워크가 센 fan)."""
    layer = layers.Conv2D(outputs, initializer=initializers.constant(1.0), **plan)
    net, n = network([layer], (side, side, inputs), 0), side * side * inputs
    lit = net.forward(np.eye(n).reshape(n, side, side, inputs)) != 0
    sent = lit.sum(axis=(1, 2, 3)).reshape(side, side, inputs)[2:6, 2:6, 0]
    return lit.sum(axis=0).max(), sent, initializers.fans(net.weights[0].shape)


@pytest.mark.parametrize(
    ("outputs", "kernel", "groups", "stride"),
    [(12, 1, 1, 1), (12, 3, 1, 1), (12, 3, 1, 2), (12, 3, 4, 1), (8, 3, 8, 1), (12, 3, 4, 2), (12, 2, 1, 2)],
)
def test_fans_are_what_is_linked(outputs, kernel, groups, stride):
    received, sent, counted = links(8, outputs, kernel=kernel, groups=groups, stride=stride)
    assert received == kernel**2 * 8 // groups == counted[0]
    assert sent.mean() == kernel**2 * outputs / groups / stride**2
    assert counted[1] == kernel**2 * outputs


def test_the_table_of_fans():
    assert [links(16, 32, groups=4)[0], links(16, 16, groups=16)[0]] == [36, 9]
    assert np.unique(links(16, 32, stride=2)[1]).tolist() == [32, 64, 128]
    assert initializers.fans((3, 3, 16, 1)) == (144, 9)
    assert 9 * 2 / sum(initializers.fans((3, 3, 16, 1))) == pytest.approx(0.12, abs=0.005)


def test_a_wrong_fan_multiplies_every_layer():
    """채널의 수로 세면 층마다 9배, 커널의 칸으로 세면 16배입니다. He는 1배 안팎에서 흩어집니다."""

    def grown(scale, seed):
        body = [layers.Conv2D(16, 3, scaled(scale)), layers.Activate("relu")] * 5
        x = np.random.default_rng(100 + seed).standard_normal((20, 20, 20, 16))
        return signals.rms(network(body, (20, 20, 16), seed).forward(x)) ** 2

    right = np.array([grown(2, seed) for seed in SEEDS])
    assert 0.1 < right.min() < right.max() < 6
    for scale, factor in ((18, 9), (32, 16)):
        assert grown(scale, 11) == pytest.approx(factor**5 * right[0], rel=1e-3)


def passed(mode, plan):
    """시드마다의 (앞으로, 뒤로) 제곱 평균의 배율. 가장자리는 뺍니다."""
    found = []
    for seed in range(11, 31):
        rng = np.random.default_rng(seed)
        body = [layers.Activate("identity"), layers.Conv2D(16, 3, scaled(1, mode), **plan)]
        o = wi_lib.observe(network(body, (9, 9, 16), seed), rng.standard_normal((20, 9, 9, 16)), rng=rng)
        found.append([signals.rms(o.activations[1]) ** 2, signals.rms(o.gradients[0][:, 2:6, 2:6]) ** 2])
    return np.array(found)


@pytest.mark.parametrize(
    ("mode", "plan", "expected"),
    [
        ("fan_in", {"stride": 2}, (1, 1 / 4)),
        ("fan_in", {"groups": 4}, (1, 1)),
        ("fan_in", {"groups": 16}, (1, 1)),
        ("fan_out", {"stride": 2}, (1, 1 / 4)),
        ("fan_out", {"groups": 4}, (1 / 4, 1 / 4)),
        ("fan_out", {"groups": 16}, (1 / 16, 1 / 16)),
    ],
)
def test_both_ways_through_one_layer(mode, plan, expected):
    found = passed(mode, plan)
    error = 4 * found.std(axis=0, ddof=1) / np.sqrt(len(found)) + 0.01
    assert (np.abs(found.mean(axis=0) - expected) <= error).all()


def back_map(kernel, stride, seed=12):
    rng = np.random.default_rng(seed)
    conv = layers.Conv2D(64, kernel, scaled(1, "fan_out"), stride=stride, padding=kernel // 2)
    net = network([layers.Activate("identity"), conv], (8, 8, 64), seed)
    o = wi_lib.observe(net, rng.standard_normal((60, 8, 8, 64)), rng=rng)
    return (o.gradients[0].astype(float) ** 2).mean(axis=(0, 3))


def test_a_stride_leaves_a_chequerboard():
    plain, board, even, dots = (back_map(*plan) for plan in ((3, 1), (3, 2), (2, 2), (1, 2)))
    assert plain[0, 0] == pytest.approx(4 / 9, rel=0.15)
    assert [plain[3, 3], plain[0, 3]] == pytest.approx([1, 6 / 9], rel=0.15)
    assert board[2:4, 2:4].ravel() == pytest.approx([1 / 9, 2 / 9, 2 / 9, 4 / 9], rel=0.15)
    assert even[1:7, 1:7] == pytest.approx(np.full((6, 6), 1 / 4), rel=0.15)
    assert (dots > 0).sum() == 16
    assert dots[::2, ::2] == pytest.approx(np.ones((4, 4)), rel=0.15)


def expected(side, kernel, depth):
    near = np.subtract.outer(np.arange(side), np.arange(side))
    share, maps = (abs(near) <= kernel // 2) / kernel, [np.ones((side, side))]
    for _ in range(depth):
        maps.append(share @ maps[-1] @ share.T)
    return np.array(maps)


@functools.cache
def border(seed, init="lecun_normal", activation="identity", channels=24, depth=50):
    """층마다, 자리마다의 제곱 평균."""
    rng = np.random.default_rng(seed)
    body = [layers.Conv2D(channels, 3, init, padding=1), layers.Activate(activation)] * depth
    net = network([layers.Activate("identity"), *body], (8, 8, channels), seed)
    seen = wi_lib.observe(net, rng.standard_normal((5, 8, 8, channels)), rng=rng).activations[::2]
    return np.array([(a.astype(float) ** 2).mean(axis=(0, 3)) for a in seen])


def test_the_border_eats_inwards():
    found = np.array([border(seed) for seed in SEEDS])
    for depth in (1, 5, 20, 50):
        for part in (np.s_[:, depth, 3:5, 3:5], np.s_[:, depth, ::7, ::7], np.s_[:, depth]):
            sample = found[part].mean(axis=(1, 2))
            theory = expected(8, 3, depth)[depth][part[2:]].mean()
            assert abs(sample.mean() - theory) <= 4 * sample.std(ddof=1) / np.sqrt(len(sample)) + 0.01 * theory


def test_relu_with_he_follows_the_same_recursion():
    sample = np.array([border(seed, "he_normal", "relu", 24, 5)[5].mean() for seed in range(30, 60)])
    theory = expected(8, 3, 5)[5].mean()
    assert abs(sample.mean() - theory) <= 4 * sample.std(ddof=1) / np.sqrt(len(sample))


def test_what_is_left_depends_on_the_size_of_the_picture():
    left = [expected(side, 3, 50)[-1].mean() for side in (4, 8, 16, 32)]
    assert left == pytest.approx([1.1e-6, 0.013, 0.23, 0.55], rel=0.04)
    for side in (4, 8):
        eigenvalue = (1 + 2 * np.cos(np.pi / (side + 1))) / 3
        maps = expected(side, 3, 51)
        assert maps[51].mean() / maps[50].mean() == pytest.approx(eigenvalue**2, rel=1e-4)
    assert [LAMBDA**2, ((1 + 2 * np.cos(np.pi / 5)) / 3) ** 2] == pytest.approx([0.92, 0.76], abs=0.005)
    last = expected(8, 3, 50)[-1]
    assert last[3, 3] / last[0, 0] == pytest.approx(8, rel=0.05)
    assert expected(8, 3, 1)[-1].mean() == pytest.approx(0.84, abs=0.001)
    assert (expected(8, 1, 50)[-1] == 1).all()
    assert expected(8, 5, 20)[-1].mean() < expected(8, 3, 20)[-1].mean()


def test_max_pooling_raises_and_average_pooling_lowers():
    pictures = digits().x_train[300:400].reshape(-1, 8, 8, 1)
    noise = np.random.default_rng(9).standard_normal(pictures.shape)
    found = {}
    for kind, size in (("max", 2), ("average", 2), ("average", None)):
        body = [layers.Conv2D(32, 3), layers.Activate("relu"), layers.Pool2D(size, kind)]
        for name, x in (("noise", noise), ("digits", pictures)):
            a = wi_lib.observe(network(body, (8, 8, 1), 8), x, rng=np.random.default_rng(0)).activations
            found[kind, size, name] = (signals.rms(a[2]) / signals.rms(a[1])) ** 2
    assert found["max", 2, "noise"] == pytest.approx(3, abs=0.2)
    assert found["average", 2, "noise"] == pytest.approx(0.5, abs=0.04)
    assert found["max", 2, "noise"] > found["max", 2, "digits"] + 0.5 > 2
    assert found["average", 2, "noise"] < found["average", 2, "digits"] - 0.2 < 0.8
    assert max(found["average", None, name] for name in ("noise", "digits")) < 0.8


@functools.cache
def spectrum(name, depth, channels=4, seed=21):
    shape, n = (8, 8, channels), 64 * channels
    body = [layers.Conv2D(channels, 3, KERNELS[name], padding=1)] * depth
    whole = network(body, shape, seed, np.float64).forward(np.eye(n).reshape(n, *shape)).reshape(n, n)
    return np.linalg.svd(whole, compute_uv=False)


def test_only_the_central_tap_keeps_lengths():
    """편 것이 직교하는 커널의 합성곱은 직교하지 않습니다. 델타 직교와 디랙은 50층에서도 특잇값이 모두 1입니다."""
    for name in ("delta", "dirac"):
        assert spectrum(name, 50) == pytest.approx(np.ones(256), abs=1e-5)
    W = initializers.orthogonal()((3, 3, 8, 8), rng=np.random.default_rng(0)).reshape(72, 8)
    assert np.allclose(W.T @ W, np.eye(8), atol=1e-5)
    for name in ("lecun", "orthogonal", "filled"):
        one, fifty = spectrum(name, 1), spectrum(name, 50)
        assert one[0] > 1.7
        assert one[-1] < 0.02
        assert 0.3 < fifty[0] < 20
        assert fifty[49] < 0.02
        assert fifty[99] < 1e-4


def deep_ends(name):
    """시드의 가운데 값: (마지막 층의 크기, 첫 층에 닿은 역전파 신호)."""
    ends, f = [], layers.Activate("tanh")
    first, conv = (layers.Conv2D(8, 3, init, padding=1) for init in ("lecun_normal", KERNELS[name]))
    for seed in SEEDS[:4]:
        net = network([layers.Reshape(8, 8, 1), first, f, *[conv, f] * 50], (64,), seed)
        o = wi_lib.observe(net, digits().x_train[:15], rng=np.random.default_rng(seed))
        ends.append([signals.rms(o.activations[-1]), signals.rms(o.gradients[2])])
    return np.median(ends, axis=0)


def test_filling_the_border_restores_the_size():
    """λ로 나눈 LeCun은 직교하지 않아도 델타 직교만 한 활성화값을 50층 위까지 나릅니다."""
    lecun, filled, orthogonal, delta = (deep_ends(name) for name in ("lecun", "filled", "orthogonal", "delta"))
    assert filled[0] > 2.5 * lecun[0]
    assert delta[0] / filled[0] < 1.7
    assert 0.5 < orthogonal[0] / lecun[0] < 2
    assert lecun[1] < filled[1] < delta[1]


def chosen(row, kernel, optimizer):
    """검증 자료로 고른 (학습률, 시드마다의 시험 정확도)."""
    found = (RESULTS[f"{row}_{optimizer}_{key}"] for key in ("validation", "accuracy"))
    best, runs = at_best_rate(*found)
    i = ABOUT["rows"][row]["kernels"].index(kernel)
    return RATES[f"{row}_{optimizer}"][np.atleast_1d(best)[i]], np.atleast_2d(runs)[i]


def means(row, kernels, optimizer):
    return [float(chosen(row, kernel, optimizer)[1].mean()) for kernel in kernels]


def test_no_best_rate_lies_at_the_edge():
    for name in (key.removesuffix("_measured") for key in RESULTS if key.endswith("_measured")):
        for cell, measured in zip(RESULTS[f"{name}_validation"], RESULTS[f"{name}_measured"]):
            scores = np.nan_to_num(cell[measured].mean(axis=-1), nan=-1)
            if scores.max() > 0.2:
                assert 0 < scores.argmax() < len(scores) - 1, name


def test_fifty_layers_of_tanh():
    """SGD: 디랙 88, 델타 직교 85, LeCun ÷ λ 82, LeCun 64, 직교(편 것) 48 %. Adam은 83–88 %."""
    assert means("deep_tanh", KERNELS, "sgd") == pytest.approx([0.64, 0.82, 0.48, 0.85, 0.88], abs=0.006)
    sgd = {kernel: chosen("deep_tanh", kernel, "sgd")[1] for kernel in KERNELS}
    assert min(sgd[kernel].min() for kernel in ("filled", "delta", "dirac")) > sgd["lecun"].max() + 0.05
    adam = means("deep_tanh", KERNELS, "adam")
    assert [min(adam), max(adam)] == pytest.approx([0.83, 0.88], abs=0.006)
    assert pytest.approx(7.8, abs=0.05) == LAMBDA**-50


def test_fifty_layers_of_relu():
    """디랙만 어느 시드에서나 배웁니다. √2 × 델타 직교는 시드가 가르고, He는 λ로 나누어도 배우지 못합니다."""
    kernels = ["he", "filled_he", "dirac"]
    assert means("deep_relu", kernels, "sgd") == pytest.approx([0.12, 0.18, 0.89], abs=0.006)
    assert means("deep_relu", kernels, "adam") == pytest.approx([0.49, 0.55, 0.89], abs=0.006)
    sgd, adam = (np.sort(chosen("deep_relu", "delta_he", optimizer)[1]) for optimizer in ("sgd", "adam"))
    assert [sgd[0], sgd[-1]] == pytest.approx([0.10, 0.75], abs=0.006)
    assert [adam[0], adam[1], adam[-1]] == pytest.approx([0.10, 0.76, 0.91], abs=0.006)
    for optimizer in ("sgd", "adam"):
        assert chosen("deep_relu", "dirac", optimizer)[1].min() > 0.85
        assert max(chosen("deep_relu", kernel, optimizer)[1].max() for kernel in ("he", "filled_he")) < 0.72


def test_relu_nets_that_are_drawn_once_lose_more_than_the_mean():
    """He ÷ λ인 8채널 ReLU 50층의 신호는 시드마다 몇 자릿수로 흩어지고, 대개 처음보다 훨씬 작습니다."""
    init = scaled(2 * LAMBDA**-2)
    tops = np.array([border(seed, init, "relu", 8)[-1].mean() for seed in range(40, 52)])
    assert np.median(tops) < 0.1
    assert tops.max() > 100 * tops.min()


def test_fifty_layers_are_no_better_than_one():
    one = [chosen("none", "lecun", optimizer)[1] for optimizer in ("sgd", "adam")]
    assert [runs.mean() for runs in one] == pytest.approx([0.89, 0.87], abs=0.006)
    deep = [chosen("deep_tanh", kernel, optimizer)[1] for kernel in KERNELS for optimizer in ("sgd", "adam")]
    deep += [chosen("deep_relu", "dirac", optimizer)[1] for optimizer in ("sgd", "adam")]
    assert max(runs.mean() for runs in deep) == pytest.approx(0.89, abs=0.006)


def test_a_wrong_fan_is_mended_in_three_layers_and_not_in_ten():
    for optimizer, shallow, deep in (
        ("sgd", [0.11, 0.84, 0.92], [0.35, 0.85]),
        ("adam", [0.89, 0.90, 0.94], [0.41, 0.89]),
    ):
        assert means("mnist_3", ["small", "channels", "he"], optimizer) == pytest.approx(shallow, abs=0.006)
        wrong, right = chosen("wrong_10", "channels", optimizer)[1], chosen("mnist_10", "he", optimizer)[1]
        assert [wrong.mean(), right.mean()] == pytest.approx(deep, abs=0.006)
        assert RESULTS[f"stalled_10_{optimizer}_accuracy"].max() < 0.13
    assert np.nanmax(RESULTS["mnist_3_sgd_accuracy"][0]) < 0.13
    assert chosen("wrong_10", "channels", "sgd")[0] == 3e-6


def test_stored_results_are_rederived(mnist):
    from experiments import convolution

    result = convolution.run("mnist", 3, "relu", "he", "adam", 0.003, 0)
    at = ABOUT["rows"]["mnist_3"]["kernels"].index("he"), RATES["mnist_3_adam"].index(0.003), 0
    for name in ("validation", "accuracy"):
        assert result[name] == pytest.approx(RESULTS[f"mnist_3_adam_{name}"][at], abs=0.02)
