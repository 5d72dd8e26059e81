"""11장 「프레임워크의 기본값 읽기」의 주장을 다른 시드로 다시 잽니다. 프레임워크는 필요 없습니다.

진짜 프레임워크와 견주는 시험은 test_parity.py에 있습니다(make parity).
"""

import ast
import json
import math
from itertools import pairwise

import numpy as np
import pytest

import wi_lib
from experiments import framework_defaults
from tests.chapters import frameworks
from tests.chapters.frameworks import FRAMEWORKS, SHAPES, TABLE
from wi_lib import activations, initializers, theory
from wi_lib.initializers import variance_scaling
from wi_lib.signals import rms

SEEDS = (11, 12, 13)
DEFAULTS = {
    "torch": (variance_scaling(1 / 3, "fan_in", "uniform"), 1 / 3),
    "keras": (initializers.xavier_uniform(), 1),
    "flax": (variance_scaling(1, "fan_in", "truncated_normal"), 1),
    "he": (initializers.he_normal(), 2),
}


def net(init, seed, depth=10, activation="relu", count=100, dtype=np.float64):
    x = np.random.default_rng(100).standard_normal((count, 100))
    return wi_lib.propagate(x, depth, 100, activation, init, rng=np.random.default_rng(seed), dtype=dtype)


def ends(signals):
    """(1층에서 마지막 층까지의 배율, 마지막 층에서 1층까지의 배율)."""
    ahead = rms(signals.activations[-1]) / rms(signals.activations[0])
    return np.array([ahead, rms(signals.deltas[0]) / rms(signals.deltas[-1])])


# 표


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("entry", [row["wi_lib"] for row in TABLE["initializers"]], ids=lambda entry: entry["call"])
def test_wi_lib_follows_the_table(entry, shape):
    """표의 wi_lib 칸이 말하는 표준편차, 끝값, 첨도, 직교, 0의 무늬가 실제로 뽑은 값과 같습니다."""
    for seed in (0, 1):
        frameworks.check(frameworks.ours(entry["call"], shape, seed), entry)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    ("call", "wrong"),
    [
        ("he_normal()", {"kind": "truncated", "std": "sqrt(2/fan_in)"}),
        ("he_normal()", {"kind": "normal", "std": "sqrt(2/fan_out)"}),
        ("he_uniform()", {"kind": "uniform", "std": "sqrt(1/fan_in)"}),
        ("xavier_normal()", {"kind": "normal", "std": "sqrt(1/fan_in)"}),
        ("truncated_normal(0.01)", {"kind": "truncated", "std": "0.8796*0.01"}),
        ("uniform()", {"kind": "uniform", "low": "0", "high": "0.1"}),
        ("orthogonal()", {"kind": "orthogonal", "std": "sqrt(1/min(fan_in, fan_out))"}),
        ("sparse_fraction(0.1)", {"kind": "sparse", "std": "0.01", "zeros": 0.2}),
    ],
)
def test_the_check_notices_a_wrong_cell(call, wrong, shape):
    """뒤바뀐 fan, 다른 모양, 빠뜨린 보정을 시험의 허용 오차가 알아챕니다."""
    with pytest.raises((AssertionError, NameError)):
        frameworks.check(frameworks.ours(call, shape), wrong)


def test_table_is_whole():
    """줄마다 네 칸이 있고, 칸마다 부르는 이름과 분포가 있고, 층의 fan은 모양에서 나옵니다."""
    for row in TABLE["initializers"]:
        assert set(row) == {"wi_lib", *FRAMEWORKS}
        for entry in filter(None, row.values()):
            assert {"call", "kind"} <= set(entry)
    for layer in TABLE["layers"]:
        for name in FRAMEWORKS:
            shape, fans = layer[name]["shape"], layer[name]["fans"]
            if len(shape) == 4 or layer[name]["call"].startswith(("Dense", "Linear")):
                outer, inner, field = (
                    (shape[0], shape[1], shape[2:]) if name == "torch" else (shape[-1], shape[-2], shape[:-2])
                )
                assert fans == [inner * math.prod(field), outer * math.prod(field)]


def test_same_name_same_std_and_another_shape():
    """He, Xavier, LeCun은 네 칸의 표준편차가 같고, Keras와 JAX의 normal만 자른 분포입니다. 균등은 모두 같습니다."""
    for row in TABLE["initializers"][:6]:
        assert len({entry["std"] for entry in row.values()}) == 1
        kinds = [row[name]["kind"] for name in ("wi_lib", *FRAMEWORKS)]
        if "uniform" in row["wi_lib"]["call"]:
            assert kinds == ["uniform"] * 4
        else:
            assert kinds == ["normal", "normal", "truncated", "truncated"]


def test_pins_of_the_parity_environment():
    """따로 두는 환경의 판도 정확하고, 표가 말하는 판과 같습니다."""
    assert frameworks.parity_pins() == TABLE["versions"]


def test_snippets_parse_and_fit_the_page():
    """코드 조각은 문법에 맞고 79자 안입니다. 실행은 test_parity.py가 합니다."""
    found = frameworks.snippets()
    assert len(found) == 9
    for title, code in found.items():
        ast.parse(code)
        assert all(len(line) <= 79 for line in code.splitlines()), title


# 자른 정규분포


@pytest.mark.parametrize("seed", SEEDS)
def test_where_the_three_shapes_end(seed):
    """He의 세 모양은 표준편차가 같고 √3, 2.27, 4 이상에서 끝납니다."""
    largest = {}
    for distribution in ("uniform", "truncated_normal", "normal"):
        w = variance_scaling(2, "fan_in", distribution)((100, 4000), rng=np.random.default_rng(seed)) / math.sqrt(0.02)
        assert rms(w) == pytest.approx(1, rel=0.01)
        largest[distribution] = np.abs(w).max()
    assert largest["uniform"] == pytest.approx(math.sqrt(3), rel=1e-3)
    assert largest["truncated_normal"] == pytest.approx(2 / 0.8796, rel=5e-3)
    assert largest["normal"] > 4


def test_the_shape_is_lost_in_the_sum():
    """30층을 지난 배율의 평균(로그)은 세 분포에서 시드의 흩어짐보다 훨씬 작게 다릅니다."""
    logs = {
        distribution: np.log(
            [ends(net(variance_scaling(2, "fan_in", distribution), seed, 30, count=20))[0] for seed in range(101, 141)]
        )
        for distribution in ("uniform", "truncated_normal", "normal")
    }
    means = [values.mean() for values in logs.values()]
    # 평균의 표준오차는 흩어짐/√40입니다.
    assert max(means) - min(means) < 0.4
    assert all(0.3 < values.std() < 0.8 for values in logs.values())


@pytest.mark.parametrize("seed", SEEDS)
def test_a_forgotten_correction_multiplies(seed):
    """보정을 빠뜨리면 층마다 0.8796배, 29번이면 0.024배입니다."""
    right, wrong = (variance_scaling(2 * c, "fan_in", "truncated_normal") for c in (1, 0.8796**2))
    ratio = ends(net(wrong, seed, 30)) / ends(net(right, seed, 30))
    np.testing.assert_allclose(ratio, 0.8796**29, rtol=1e-3)
    assert ratio[0] == pytest.approx(0.024, rel=0.02)
    assert pytest.approx(0.53, abs=0.005) == 0.8796**5


# nn.Linear


def test_root_five_is_one_over_root_n():
    """a = √5의 gain은 1/√3, 한계는 1/√n, 분산은 1/(3n)이고 He의 6분의 1입니다."""
    gain = math.sqrt(2 / (1 + math.sqrt(5) ** 2))
    assert gain == pytest.approx(1 / math.sqrt(3))
    w = DEFAULTS["torch"][0]((784, 400), rng=np.random.default_rng(1))
    assert np.abs(w).max() == pytest.approx(1 / 28, rel=1e-3)
    assert w.var(dtype=np.float64) == pytest.approx(1 / (3 * 784), rel=0.01)
    he = initializers.he_uniform()((784, 400), rng=np.random.default_rng(1))
    assert he.var(dtype=np.float64) / w.var(dtype=np.float64) == pytest.approx(6, rel=1e-4)
    assert np.abs(he).max() == pytest.approx(0.087, abs=0.001)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", DEFAULTS)
def test_defaults_in_a_relu_net(seed, name):
    """ReLU에서 층마다 √(c/2)배: PyTorch 0.41, Keras와 Flax 0.71, He 1. 10층의 크기도 이론과 같은 자릿수입니다."""
    init, c = DEFAULTS[name]
    signals = net(init, seed)
    np.testing.assert_allclose(ends(signals) ** (1 / 9), math.sqrt(c / 2), rtol=0.1)
    sizes = [rms(signals.activations[layer]) for layer in (0, 4, 9)]
    expected = [math.sqrt(c / 2) ** layer for layer in (1, 5, 10)]
    np.testing.assert_allclose(sizes, expected, rtol=0.6)


@pytest.mark.parametrize("seed", SEEDS)
def test_only_torch_falls_to_a_ten_thousandth(seed):
    """10층에서 PyTorch는 만분의 1쯤, Keras와 Flax는 수십 분의 1, He는 그대로입니다."""
    last = {name: rms(net(init, seed).activations[-1]) for name, (init, _) in DEFAULTS.items()}
    assert 4e-5 < last["torch"] < 3e-4
    assert all(0.01 < last[name] < 0.06 for name in ("keras", "flax"))
    assert 0.4 < last["he"] < 2


@pytest.mark.parametrize("seed", SEEDS)
def test_biases_keep_the_size_not_the_difference(seed):
    """편향이 있으면 크기는 0.045쯤에서 멈추지만 입력에 따른 차이는 30층에서 1e-11보다 작습니다."""
    rng, limit = np.random.default_rng(seed), 0.1
    a, differences = np.random.default_rng(100).standard_normal((100, 100)), []
    for _ in range(30):
        w, b = rng.uniform(-limit, limit, (100, 100)), rng.uniform(-limit, limit, 100)
        a = np.maximum(a @ w + b, 0)
        differences.append(rms(a - a.mean(axis=0)))
    assert rms(a) == pytest.approx(math.sqrt(0.2 / 100), rel=0.35)
    assert 2e-5 < differences[9] < 4e-4
    assert 1e-13 < differences[29] < 1e-11
    # 고정점: q = q/6 + 1/(3n)이면 q = 0.4/n입니다.
    assert pytest.approx(0.4 / 100) == 0.4 / 100 / 6 + 1 / 300


# 기본값과 활성화 함수


@pytest.mark.parametrize("seed", SEEDS)
def test_defaults_in_a_tanh_net(seed):
    """tanh 30층: Keras와 Flax는 앞뒤 모두 10분의 1 넘게 남고, PyTorch는 1e-7보다 작습니다."""
    for name in ("keras", "flax"):
        signals = net(DEFAULTS[name][0], seed, 30, "tanh")
        assert 0.1 < signals.activations[-1].std() < 0.2
        assert 0.1 < rms(signals.deltas[0]) < 0.25
    signals = net(DEFAULTS["torch"][0], seed, 30, "tanh")
    assert 1e-8 < signals.activations[-1].std() < 1.5e-7
    assert 3e-8 < rms(signals.deltas[0]) < 2e-7


@pytest.mark.parametrize("name", DEFAULTS)
def test_no_default_saves_sigmoid(name):
    """sigmoid 30층: 활성화값의 표준편차는 0.06–0.2인데 역전파 신호는 1e-15보다 작고, 5층에서도 0.003보다 작습니다."""
    for seed in SEEDS:
        deep, shallow = (net(DEFAULTS[name][0], seed, depth, "sigmoid") for depth in (30, 5))
        assert 0.06 < deep.activations[-1].std() < 0.2
        assert rms(deep.deltas[0]) < 1e-15
        assert rms(shallow.deltas[0]) < 0.003


# gain


def test_two_of_five_recommended_gains_keep_the_size():
    """권장 gain이 직접 구한 값과 소수 둘째 자리까지 같은 것은 relu와 leaky_relu뿐입니다."""
    names = ("relu", "leaky_relu", "tanh", "selu", "sigmoid")
    pairs = {name: (activations.get(name).gain, theory.gain(name)) for name in names}
    assert [name for name, (first, own) in pairs.items() if abs(first - own) < 0.005] == ["relu", "leaky_relu"]
    measured = [round(own, 2) for _, own in pairs.values()]
    assert measured == pytest.approx([1.41, 1.41, 1.59, 1.00, 1.85], abs=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("name", "gain", "ahead", "back"),
    [
        ("tanh", 5 / 3, 0.85, 13),
        ("tanh", None, 0.83, 7.8),
        ("selu", 0.75, 0.25, 0.27),
        ("selu", None, 0.95, 3.1),
        ("sigmoid", 1, 0.95, 5.6e-19),
        ("sigmoid", None, 0.93, 1.1e-12),
    ],
)
def test_thirty_layers_with_each_gain(seed, name, gain, ahead, back):
    """권장 gain과 직접 구한 gain으로 30층을 지난 배율."""
    gain = gain or theory.gain(name)
    measured = ends(net(variance_scaling(gain**2), seed, 30, name))
    assert measured[0] == pytest.approx(ahead, rel=0.15)
    assert measured[1] == pytest.approx(back, rel=0.35)


# 축


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("widths", "grown"),
    [([512, 256, 128, 64, 32], 4), ([32, 64, 128, 256, 512], 0.25), ([100] * 5, 1), ([784, 100], 2.8)],
)
def test_swapped_axes_show_only_where_the_width_changes(seed, widths, grown):
    """축을 뒤바꾸면 절반씩 좁아지는 네 층은 4배, 넓어지면 0.25배, 너비가 같으면 1배, 784–100은 2.8배입니다."""
    x, last = np.random.default_rng(100).standard_normal((100, widths[0])), []
    for mode in ("fan_in", "fan_out"):
        rng, init = np.random.default_rng(seed), variance_scaling(2, mode)
        weights = [init(shape, rng=rng) for shape in pairwise(widths)]
        last.append(rms(wi_lib.signals.measure(x, weights, "relu", rng=rng).activations[-1]))
    assert last[1] / last[0] == pytest.approx(grown, rel=0.001)


def test_convolution_and_embedding_numbers():
    """3 × 3 × 16 × 32를 PyTorch 규칙으로 세면 1536(0.31배), 채널별은 8분의 1, 채널 256이면 16분의 1입니다."""
    assert 3 * 16 * 32 == 1536
    assert math.sqrt(144 / 1536) == pytest.approx(0.31, abs=0.005)
    assert math.sqrt(9 / 576) == 1 / 8
    assert math.sqrt(9 / (9 * 256)) == 1 / 16
    rng = np.random.default_rng(11)
    for entry, expected in zip((TABLE["layers"][3][name] for name in FRAMEWORKS), (8, 0.23, 1)):
        draw = (
            initializers.uniform(float(entry["high"]))
            if "high" in entry
            else initializers.normal(frameworks.evaluate(entry["std"], *(entry["fans"] or (1, 1))))
        )
        lengths = np.linalg.norm(draw((1000, 64), rng=rng), axis=1)
        assert np.sqrt(np.mean(lengths**2)) == pytest.approx(expected, rel=0.02)


# 시드


def test_one_matrix_repeated_scatters_widely():
    """층이 모두 같은 행렬이면 시드에 따른 배율의 폭이 훨씬 넓어집니다."""
    spread = {}
    for tied in (False, True):
        logs = []
        for seed in range(101, 121):
            rng = np.random.default_rng(seed)
            weights = [DEFAULTS["he"][0]((100, 100), rng=rng) for _ in range(30)]
            x = np.random.default_rng(100).standard_normal((50, 100))
            weights = weights[:1] * 30 if tied else weights
            signals = wi_lib.signals.measure(x, weights, "relu", rng=rng, dtype=np.float64)
            logs.append(np.log(ends(signals)[0]))
        spread[tied] = np.std(logs)
    assert spread[False] < 0.8
    assert spread[True] > 2.5 * spread[False]


# 학습


def stored():
    folder = frameworks.ROOT / "chapters" / "data"
    with np.load(folder / "framework_defaults.npz") as arrays:
        results = dict(arrays)
    return results, json.loads((folder / "framework_defaults.json").read_text(encoding="utf-8"))["axes"]


def chosen(optimizer):
    """이름 → (5층, 10층)의 검증으로 고른 학습률과, 그 학습률에서의 시험 정확도(%)."""
    results, axes = stored()
    best, runs = wi_lib.at_best_rate(results[f"{optimizer}_validation"], results[f"{optimizer}_accuracy"])
    rates = np.array(axes["learning_rate"][optimizer])
    return {name: (rates[best[i]], 100 * runs[i]) for i, name in enumerate(axes["default"])}


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_no_best_rate_lies_at_the_edge(optimizer):
    results, axes = stored()
    assert results[f"{optimizer}_accuracy"].shape[-1] == 5
    best, runs = wi_lib.at_best_rate(results[f"{optimizer}_validation"], results[f"{optimizer}_accuracy"])
    for at in np.ndindex(best.shape):
        measured = np.flatnonzero(results[f"{optimizer}_measured"][at])
        if runs[at].mean() > 0.2:
            assert measured[0] < best[at] < measured[-1], (optimizer, at)
    assert sorted(axes["default"]) == sorted(framework_defaults.DEFAULTS)
    assert axes["depth"] == framework_defaults.DEPTHS


def test_stored_training_says_what_the_page_says():
    """검증으로 고른 학습률의 시험 정확도(%): 5층과 10층."""
    expected = {
        "sgd": {"PyTorch": (70, 10), "PyTorch(편향 0)": (82, 10), "Keras": (90, 80), "Flax": (89, 72), "He": (90, 88)},
        "adam": {"PyTorch": (87, 74), "PyTorch(편향 0)": (88, 70), "Keras": (90, 87), "Flax": (89, 88), "He": (90, 88)},
    }
    for optimizer, rows in expected.items():
        found = {name: tuple(np.round(runs.mean(axis=-1)).tolist()) for name, (_, runs) in chosen(optimizer).items()}
        assert found == rows


def test_sgd_cannot_learn_with_the_default_of_torch():
    """5층에서 37–88 %로 흔들리고, 10층에서는 0.01부터 10까지 모두 찍는 수준입니다."""
    results, axes = stored()
    runs = {name: runs for name, (_, runs) in chosen("sgd").items()}
    assert (runs["PyTorch"][0].min(), runs["PyTorch"][0].max()) == pytest.approx((37, 88), abs=0.6)
    assert np.ptp(runs["He"][0]) < 4.5
    rates = np.array(axes["learning_rate"]["sgd"])
    assert {0.01, 10} <= set(rates[results["sgd_measured"][0, 1]])
    for name in ("PyTorch", "PyTorch(편향 0)"):
        ten = results["sgd_accuracy"][axes["default"].index(name), 1]
        assert np.nanmax(ten[rates <= 10]) < 0.2


def test_adam_turns_half_of_the_verdict_over():
    """10층: PyTorch도 62–84 %까지 배웁니다. 5층: 모두 4 %p 안입니다."""
    runs = {name: runs for name, (_, runs) in chosen("adam").items()}
    torch, he = runs["PyTorch"][1], runs["He"][1]
    assert (torch.min(), torch.max()) == pytest.approx((62, 84), abs=0.6)
    assert (he.min(), he.max()) == pytest.approx((84, 93), abs=0.6)
    assert he.mean() - torch.mean() > 10
    assert max(r[0].mean() for r in runs.values()) - runs["PyTorch"][0].mean() < 4


@pytest.mark.parametrize(
    ("optimizer", "default", "depth", "rate", "seed"),
    [("sgd", "Keras", 5, 0.03, 0), ("sgd", "He", 5, 0.01, 1), ("adam", "PyTorch", 5, 0.0003, 2)],
)
def test_stored_training_is_reproduced(optimizer, default, depth, rate, seed):
    """저장된 정확도 몇 개를 다시 학습시켜 봅니다. 프로세서의 반올림에 흔들리지 않는 학습률에서만 견줄 수 있습니다."""
    results, axes = stored()
    again = framework_defaults.run(optimizer, default, depth, rate, seed)
    rates = axes["learning_rate"][optimizer]
    place = axes["default"].index(default), axes["depth"].index(depth), rates.index(rate), seed
    for name in ("validation", "accuracy"):
        assert again[name] == pytest.approx(results[f"{optimizer}_{name}"][place], abs=0.05)


def test_new_seeds_are_reproduced():
    """학습률을 고르는 데 쓰지 않은 시드에서 잰 것도 다시 학습시켜 봅니다."""
    results, _ = stored()
    about = json.loads((frameworks.ROOT / "chapters/data/framework_defaults.json").read_text(encoding="utf-8"))
    assert not set(about["seeds"]) & set(about["new_seeds"])
    again = framework_defaults.run("adam", "He", 5, 0.001, about["new_seeds"][0])["accuracy"]
    assert again == pytest.approx(results["adam_again_accuracy"][4, 0, 0], abs=0.05)


def test_large_rate_amplifies_the_last_digit():
    """가중치를 1 ulp 옮기면 PyTorch 기본값, 학습률 0.3은 10 %p 넘게 달라지고 He, 0.01은 2 %p 안입니다."""

    def spread(default, rate, seed):
        found = []
        for toward in (0, np.inf, -np.inf):
            net = framework_defaults.make_net(default, 5, seed)
            for weight in net.weights:
                weight[:] = np.nextafter(weight, np.float32(toward)) if toward else weight
            settings = {"learning_rate": rate, "batch_size": 32, "iterations": 600, "block": 600, "validation": 300}
            found.append(framework_defaults.fit(net, framework_defaults.digits(), seed, **settings)["accuracy"])
        return np.ptp(found)

    assert max(spread("PyTorch", 0.3, seed) for seed in range(3)) > 0.1
    assert max(spread("He", 0.01, seed) for seed in range(3)) < 0.02
