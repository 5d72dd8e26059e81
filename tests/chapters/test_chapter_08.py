"""8장 「그 밖의 초깃값」의 주장을 다른 시드로 다시 잽니다."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

import wi_lib
from wi_lib import activations, datasets, initializers, signals, theory
from wi_lib.signals import rms

ROOT = Path(__file__).parents[2]

SEEDS = (11, 12, 13)
FAMILIES = {
    "정규": initializers.lecun_normal(),
    "균등": initializers.lecun_uniform(),
    "희소": initializers.sparse(15, std=15**-0.5),
    "직교": initializers.orthogonal(),
}


def inputs(count=200, columns=100):
    return np.random.default_rng(100).standard_normal((count, columns))


def stack(init, seed, depth=20, gain=1.0):
    rng = np.random.default_rng(seed)
    return [gain * init((100, 100), rng=rng) for _ in range(depth)]


def spectrum(weights, activation, point):
    """입력 하나에서의 야코비 행렬의 특잇값. 쪽과 달리 유한한 차이로 구해, 같은 식을 두 번 쓰지 않습니다."""
    f, step = activations.get(activation), 1e-6
    a = np.vstack([point + step * np.eye(len(point)), point - step * np.eye(len(point))])
    for W in weights:
        a = f(a @ W.astype(np.float64))
    up, down = np.split(a, 2)
    return np.linalg.svd((up - down) / (2 * step), compute_uv=False)


def wide(sizes):
    """가장 큰 특잇값의 10분의 1보다 큰 특잇값의 수."""
    return np.sum(sizes > sizes[0] / 10)


def net(depth, init, seed, activation, width=100, x=None, dtype=np.float32):
    x = inputs() if x is None else x
    return wi_lib.propagate(x, depth, width, activation, init, rng=np.random.default_rng(seed), dtype=dtype)


def noisy(shape, rng):
    return initializers.identity()(shape, rng=rng) + initializers.normal(0.01)(shape, rng=rng)


# ── 분산이 같으면 같은 초깃값일까요? ───────────────────────────────────────────────────


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", FAMILIES)
def test_same_variance_keeps_the_same_power(name, seed):
    """네 초깃값 모두 n × 분산이 1이고, 활성화 함수 없이 20층을 지난 RMS가 1 언저리입니다."""
    assert 100 * np.mean(stack(FAMILIES[name], seed)[0] ** 2) == pytest.approx(1, abs=0.1)
    assert rms(net(20, FAMILIES[name], seed, "identity").activations[-1]) == pytest.approx(1, abs=0.35)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", FAMILIES)
def test_only_orthogonal_keeps_every_direction(name, seed):
    """20층의 곱: 직교는 모든 특잇값이 1, 나머지는 최대 4–9이고 절반이 넘는 방향이 백분의 1보다 작습니다."""
    product = np.linalg.multi_dot([W.astype(np.float64) for W in stack(FAMILIES[name], seed)])
    sizes = np.linalg.svd(product, compute_uv=False)
    if name == "직교":
        np.testing.assert_allclose(sizes, 1, atol=1e-5)
    else:
        assert 3 < sizes[0] < 10
        assert 1e-4 < np.median(sizes) < 3e-3
        assert 55 < np.sum(sizes < 0.01) < 70


# ── 상수와 작은 난수 ───────────────────────────────────────────────────────────────────


def test_a_constant_of_the_right_power_explodes():
    """모든 가중치가 0.1이면 2층부터 10배씩 커지고, 유닛은 하나뿐입니다. tanh에서는 2층부터 포화합니다."""
    s = net(4, initializers.constant(0.1), 1, "identity")
    sizes = [rms(a) for a in s.activations]
    np.testing.assert_allclose(np.array(sizes[1:]) / sizes[:-1], 10, rtol=1e-4)
    assert signals.distinct_columns(s.activations[0]) == signals.rank(s.activations[0]) == 1
    tanh = net(5, initializers.constant(0.1), 1, "tanh", dtype=np.float64)
    assert np.mean(np.abs(tanh.activations[1]) > 0.9) > 0.8


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("fan_in", "std"), [(100, 0.1), (1000, 0.316), (10000, 1.0)])
def test_small_is_small_only_for_narrow_layers(fan_in, std, seed):
    """표준편차 0.01의 배율은 √fan_in × 0.01이고, fan_in이 10,000이면 1배입니다."""
    W = initializers.normal(0.01)((fan_in, 50), rng=np.random.default_rng(seed))
    assert (inputs(100, fan_in) @ W).std() == pytest.approx(std, rel=0.06)


# ── 옛 관행 ────────────────────────────────────────────────────────────────────────────


def test_kaiming_uniform_with_root_five_is_the_old_heuristic():
    """a = √5의 gain은 √(1/3)이고, 그 균등분포의 한계는 1/√n, n × 분산은 1/3입니다."""
    limit = np.sqrt(3) * np.sqrt(2 / (1 + 5)) / np.sqrt(100)
    assert limit == pytest.approx(0.1)
    W = initializers.uniform(limit)((100, 1000), rng=np.random.default_rng(1))
    assert 100 * W.var() == pytest.approx(1 / 3, rel=0.02)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_old_heuristic_vanishes_on_relu(seed):
    """ReLU 10층: ±1/√n은 만분의 1쯤, LeCun은 0.03쯤, He는 1 언저리가 앞뒤로 남습니다."""
    for limit, low, high in ((1, 4e-5, 4e-4), (3**0.5, 0.01, 0.08), (6**0.5, 0.4, 2)):
        s = net(10, initializers.uniform(limit / 10), seed, "relu")
        assert low < rms(s.activations[-1]) < high
        assert low < rms(s.deltas[0]) < high
    shallow = net(2, initializers.uniform(0.1), seed, "relu")
    assert rms(shallow.activations[-1]) == pytest.approx(1 / 6, rel=0.2)


# ── 희소 ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("seed", SEEDS)
def test_sparsity_does_not_kill_the_signal(seed):
    """15개만 이어도 1/√15이면 LeCun과 같고, 0.01이면 빽빽해도 죽습니다. 희소한 0.01은 √0.15배씩 더 빨리 죽습니다."""
    dense, sparse = (net(5, FAMILIES[name], seed, "tanh") for name in ("정규", "희소"))
    assert sparse.activations[-1].std() == pytest.approx(dense.activations[-1].std(), rel=0.15)
    assert rms(sparse.deltas[0]) == pytest.approx(rms(dense.deltas[0]), rel=0.3)
    small, fewer = (
        net(5, init, seed, "tanh").activations
        for init in (initializers.normal(0.01), initializers.sparse_fraction(0.85, std=0.01))
    )
    assert small[-1].std() < 2e-5
    assert (fewer[-1].std() / small[-1].std()) ** (1 / 5) == pytest.approx(np.sqrt(0.15), rel=0.1)


@pytest.mark.parametrize("seed", SEEDS)
def test_fifteen_connections_saturate_alike_at_any_width(seed):
    """표준편차 1인 tanh에서 빽빽하면 너비를 따라 더 포화하고, 15개만 이으면 50–60 %에 머뭅니다."""
    tanh, shares = activations.get("tanh"), {"normal": [], "sparse": []}
    for n in (100, 400, 1600):
        for name, found in shares.items():
            W = getattr(initializers, name)(std=1)((n, 100), rng=np.random.default_rng(seed))
            found.append(tanh.saturated(tanh(inputs(300, n) @ W)))
    assert shares["normal"][0] < shares["normal"][1] < shares["normal"][2]
    assert shares["normal"][0] == pytest.approx(0.83, abs=0.02)
    assert shares["normal"][2] == pytest.approx(0.96, abs=0.01)
    assert all(0.5 < share < 0.6 for share in shares["sparse"])


@pytest.mark.parametrize("seed", SEEDS)
def test_the_two_sparse_initializers_count_different_sides(seed):
    """Martens는 들어오는 수를, sparse_는 나가는 수를 고정합니다. 둘 다 2개까지 줄이면 반대쪽에 빈자리가 생깁니다."""

    def counts(init):
        mask = init((100, 100), rng=np.random.default_rng(seed)) != 0
        return mask.sum(axis=0), mask.sum(axis=1)

    incoming, outgoing = counts(initializers.sparse(15))
    assert set(incoming) == {15}
    assert len(set(outgoing)) > 5
    incoming, outgoing = counts(initializers.sparse_fraction(0.85))
    assert set(outgoing) == {15}
    assert incoming.min() < 11 < 19 < incoming.max()
    assert np.sum(counts(initializers.sparse_fraction(0.98))[0] == 0) > 5
    incoming, outgoing = counts(initializers.sparse(2))
    assert set(incoming) == {2}
    assert np.sum(outgoing == 0) > 5


@pytest.mark.parametrize("seed", SEEDS)
def test_relu_sparse_answer(seed):
    """확인 문제 1: 너비 400에서 25개만 잇고 표준편차가 √(2/25)이면 ReLU의 제곱 평균이 지켜집니다."""
    s = net(6, initializers.sparse(25, std=np.sqrt(2 / 25)), seed, "relu", width=400, x=inputs(100, 400))
    assert rms(s.activations[-1]) == pytest.approx(1, abs=0.4)


# ── 직교 ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("activation", "gain", "normal", "orthogonal"),
    [("identity", 1, (10, 18), (100, 100)), ("tanh", 1, (9, 17), (75, 86)), ("relu", 2**0.5, (4, 10), (8, 16))],
)
def test_directions_that_survive_twenty_layers(activation, gain, normal, orthogonal):
    """20층 뒤 가장 큰 것의 10분의 1을 넘는 특잇값: 정규 13, 13, 7개, 직교 100, 81, 12개(직선, tanh, ReLU)."""
    for name, (low, high) in (("정규", normal), ("직교", orthogonal)):
        found = [
            wide(spectrum(stack(FAMILIES[name], seed, gain=gain), activation, p)) for seed in SEEDS for p in inputs(2)
        ]
        assert low <= np.mean(found) <= high


@pytest.mark.parametrize("seed", SEEDS)
def test_relu_breaks_the_isometry_layer_by_layer(seed):
    """ReLU 한 층에서는 절반쯤이 0이고 나머지는 √2, 층이 늘면 흩어집니다. gain은 모양을 바꾸지 않습니다."""
    point = inputs(1)[0]
    weights = stack(FAMILIES["직교"], seed, gain=2**0.5)
    one = spectrum(weights[:1], "relu", point)
    alive = one[one > 1e-6]
    assert 35 <= len(alive) <= 65
    np.testing.assert_allclose(alive, np.sqrt(2), rtol=1e-4)
    survivors = [wide(spectrum(weights[:depth], "relu", point)) for depth in (1, 5, 20)]
    assert survivors[0] > survivors[1] > survivors[2]
    smaller = spectrum(stack(FAMILIES["직교"], seed), "relu", point)
    np.testing.assert_allclose(smaller[:10] * 2**10, spectrum(weights, "relu", point)[:10], rtol=1e-3)


@pytest.mark.parametrize("seed", SEEDS)
def test_identity_with_noise_keeps_what_orthogonal_loses(seed):
    """단위행렬+잡음: 직선 20층에서 100개 모두, ReLU 20층에서 켜진 것 대부분이 남습니다. 직교는 열 개 남짓입니다."""
    assert wide(spectrum(stack(noisy, seed), "identity", np.zeros(100))) == 100
    noise = np.mean([wide(spectrum(stack(noisy, seed), "relu", p)) for p in inputs(3)])
    orthogonal = np.mean([wide(spectrum(stack(FAMILIES["직교"], seed), "relu", p)) for p in inputs(3)])
    assert 35 < noise < 60
    assert noise > 2.5 * orthogonal


def stored():
    with np.load(ROOT / "chapters" / "data" / "orthogonal_depth.npz") as arrays:
        return dict(arrays)


def test_training_favours_orthogonal_on_tanh_and_not_always_on_relu():
    """가장 좋은 학습률에서 tanh 67–80, 87–91, 73–91 %, ReLU 36–53, 44–78, 87–91 %(정규, 직교, 단위행렬+잡음)."""
    tanh, relu = np.round(100 * stored()["accuracy"])
    for table, ranges, rate in (
        (tanh, [(67, 80), (87, 91), (73, 91)], 2),
        (relu, [(36, 53), (44, 78), (87, 91)], 1),
    ):
        for runs, ends in zip(table, ranges):
            assert runs.mean(axis=1).argmax() == rate
            assert (runs[rate].min(), runs[rate].max()) == ends
    assert np.sum(relu[1, 1] > relu[0, 1]) == 3


def test_the_order_on_relu_does_not_need_positive_pixels():
    """픽셀에서 평균을 빼 음수를 섞어도 30층 ReLU에서는 단위행렬+잡음, 직교, 정규의 차례입니다."""
    from experiments import orthogonal_depth

    data = datasets.load_digits()
    mean = data.x_train.mean()
    data = dataclasses.replace(data, x_train=data.x_train - mean, x_test=data.x_test - mean)
    found = []
    for make in orthogonal_depth.INITIALIZERS.values():
        network = wi_lib.MLP(orthogonal_depth.SIZES, "relu", make(2**0.5), rng=np.random.default_rng([1, 0]))
        settings = {"learning_rate": 0.01, "batch_size": 32, "iterations": 300}
        found.append(wi_lib.train(network, data, rng=np.random.default_rng([1, 1]), **settings).test_accuracy)
    assert found == sorted(found)
    assert found[2] > 0.8 > found[1]


def test_stored_training_can_be_repeated():
    """저장한 결과 둘을 다시 학습시켜 견줍니다."""
    from experiments import orthogonal_depth

    about = json.loads((ROOT / "chapters" / "data" / "orthogonal_depth.json").read_text(encoding="utf-8"))
    assert about["axes"]["learning_rate"] == [0.003, 0.01, 0.03, 0.1]
    assert about["axes"]["initializer"] == ["normal", "orthogonal", "identity_noise"]
    for where, setting in (
        ((0, 1, 2, 0), ("tanh", "orthogonal", 0.03, 0)),
        ((1, 2, 1, 3), ("relu", "identity_noise", 0.01, 3)),
    ):
        again = orthogonal_depth.run(*setting)
        np.testing.assert_allclose(again["loss"][:10], stored()["loss"][where][:10], rtol=0.02)
        assert again["accuracy"] == pytest.approx(stored()["accuracy"][where], abs=0.05)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("shape", "size"), [((100, 400), 0.5), ((400, 100), 1.0)])
def test_orthogonal_halves_the_signal_when_a_layer_widens(shape, size, seed):
    """직교 행렬은 전체 길이를 지키므로 네 배로 넓히면 RMS가 절반입니다: n × 분산이 fan_in / max."""
    W = FAMILIES["직교"](shape, rng=np.random.default_rng(seed))
    assert rms(inputs(500, shape[0]) @ W) == pytest.approx(size, rel=0.03)
    assert np.mean(W**2) == pytest.approx(1 / max(shape), rel=1e-4)


# ── LSUV ───────────────────────────────────────────────────────────────────────────────


def spread(network, x):
    a, found = x.astype(float), []
    for W in network.weights:
        found.append(a @ W)
        a = network.activation(found[-1])
    return found


def make_lsuv(sizes, activation, seed, x):
    rng = np.random.default_rng(seed)
    network = wi_lib.MLP(sizes, activation, "zeros", rng=rng)
    wi_lib.lsuv(network, x, rng=rng, tolerance=0.01)
    return network


@pytest.mark.parametrize("seed", SEEDS)
def test_lsuv_ignores_the_data_and_the_widths(seed):
    """손글씨, 너비 200과 50: 직교는 7층에서 백분의 몇, He는 0.4–0.9에 흩어지고 LSUV는 모두 1입니다."""
    x, widths = datasets.load_digits().x_train[:500], [64, 200, 50, 200, 50, 200, 50, 10]
    stds = {}
    for name in ("he_normal", "orthogonal"):
        network = wi_lib.MLP(widths, "relu", name, rng=np.random.default_rng(seed))
        stds[name] = [z.std() for z in spread(network, x)]
    assert all(0.3 < std < 1 for std in stds["he_normal"])
    assert stds["orthogonal"][-1] < 0.03
    assert [z.std() for z in spread(make_lsuv(widths, "relu", seed, x), x)] == pytest.approx([1] * 7, abs=0.01)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("activation", ["identity", "tanh", "selu", "relu", "sigmoid"])
def test_lsuv_finds_the_gain_of_theory(activation, seed):
    network = make_lsuv([100] * 11, activation, seed, inputs(500))
    found = 10 * np.mean([W.std() for W in network.weights[1:]])
    assert found == pytest.approx(theory.gain(activation), rel=0.06)


@pytest.mark.parametrize("seed", SEEDS)
def test_unit_variance_is_not_information(seed):
    """LSUV 10층에서 입력이 만든 분산의 몫: tanh는 거의 전부, ReLU는 0.2쯤, sigmoid는 백만분의 1도 안 됩니다."""
    share, back = {}, {}
    for activation in ("tanh", "relu", "sigmoid"):
        network = make_lsuv([100] * 11, activation, seed, inputs(500))
        z = spread(network, inputs(500))[-1]
        share[activation] = z.var(axis=0).mean() / z.var()
        rng = np.random.default_rng(seed)
        s = signals.measure(inputs(), network.weights, activation, rng=rng, dtype=np.float64)
        back[activation] = rms(s.deltas[0]) / rms(s.deltas[-1])
    assert share["tanh"] > 0.98
    assert 0.1 < share["relu"] < 0.4
    assert share["sigmoid"] < 1e-6
    assert back["sigmoid"] < 1e-3
    assert back["tanh"] > 1.4
    assert 0.5 < back["relu"] < 2


# ── SELU ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("scale", [0.1, 4])
def test_selu_returns_to_one_with_lecun_only(scale, seed):
    """50층 뒤 LeCun은 평균 0, 표준편차 1로 돌아오고 역전파 신호는 커집니다. He는 열 배쯤 넘게 커집니다."""
    lecun = net(50, FAMILIES["정규"], seed, "selu", x=scale * inputs())
    he = net(50, "he_normal", seed, "selu", x=scale * inputs())
    assert lecun.activations[-1].mean() == pytest.approx(0, abs=0.25)
    assert lecun.activations[-1].std() == pytest.approx(1, abs=0.15)
    grown = rms(lecun.deltas[0]) / rms(lecun.deltas[-1])
    assert (20 < grown < 120) if scale < 1 else (1 < grown < 5)
    assert he.activations[-1].std() > 8
    assert abs(he.activations[-1].mean()) > 3


def test_selu_fixed_point():
    """n Var(w) = 1이면 고정점은 1, 2이면 없고, PyTorch의 gain 3/4이면 50층에서 0.15입니다."""
    ends = {}
    for factor in (1, 2, 0.75**2):
        ends[factor] = []
        for q in (0.01, 1.0, 16.0):
            for _ in range(50):
                q = theory.next_variance(q, "selu", factor)
            ends[factor].append(np.sqrt(q))
    np.testing.assert_allclose(ends[1], 1, atol=0.01)
    assert min(ends[2]) > 30
    np.testing.assert_allclose(ends[0.75**2], 0.15, atol=0.01)
    assert activations.get("selu").gain == 0.75
    assert activations.get("selu")(-50.0) == pytest.approx(-1.76, abs=0.005)


# ── 단위행렬 ───────────────────────────────────────────────────────────────────────────


def test_identity_loses_once():
    """ReLU와 단위행렬은 1층에서 0.71로 줄고, 50층까지 그대로입니다."""
    layers = net(50, "identity", 1, "relu").activations
    assert rms(layers[0]) == pytest.approx(0.71, abs=0.01)
    np.testing.assert_array_equal(layers[0], layers[-1])


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_extra_units_of_an_identity_never_wake(activation, seed):
    """64-100-100-10에서 남는 36개는 500걸음 뒤에도 정확히 0이고, 잡음을 더하면 하나도 남지 않습니다."""
    data, accuracy = datasets.load_digits(), {}
    for name, init, asleep in (("identity", "identity", 36), ("noisy", noisy, 0), ("he", "he_normal", 0)):
        network = wi_lib.MLP([64, 100, 100, 10], activation, init, rng=np.random.default_rng(seed))
        settings = {"learning_rate": 0.1, "batch_size": 32, "iterations": 500}
        history = wi_lib.train(network, data, rng=np.random.default_rng(seed), **settings)
        assert np.sum((network.weights[0] == 0).all(axis=0)) == asleep
        accuracy[name] = history.test_accuracy
    assert max(accuracy.values()) - min(accuracy.values()) < 0.05
    assert min(accuracy.values()) > 0.85
