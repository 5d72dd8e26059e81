"""8장 「그 밖의 초깃값 재 보기」의 주장을 다른 시드로 다시 잽니다."""

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


@pytest.mark.parametrize("seed", SEEDS)
def test_few_connections_change_the_spectrum(seed):
    """가운데 특잇값: 15개까지는 정규와 비슷하고 5개에서 8e-05, 3개에서 7e-06, 2개에서 2e-08쯤, 1개에서는 바닥입니다."""
    bands = {1: (0, 1e-8), 2: (2e-9, 2e-7), 3: (2e-6, 2e-5), 5: (3e-5, 2e-4), 15: (3e-4, 1.2e-3), 50: (4e-4, 2e-3)}
    for k, (low, high) in bands.items():
        product = np.linalg.multi_dot([W.astype(np.float64) for W in stack(initializers.sparse(k, std=k**-0.5), seed)])
        assert low <= np.median(np.linalg.svd(product, compute_uv=False)) <= high
    unseen = {k: round(100 * (1 - k / 100) ** 100) for k in (1, 2, 15)}
    assert unseen == {1: 37, 2: 13, 15: 0}
    for k, want in unseen.items():
        mask = initializers.sparse(k)((100, 100), rng=np.random.default_rng(seed)) != 0
        assert np.sum(~mask.any(axis=1)) == pytest.approx(want, abs=8)


# ── 상수와 작은 난수 ───────────────────────────────────────────────────────────────────


def test_a_constant_of_the_right_power_explodes():
    """모든 가중치가 0.1이면 2층부터 10배씩 커지고, 유닛은 하나뿐입니다."""
    s = net(4, initializers.constant(0.1), 1, "identity")
    sizes = [rms(a) for a in s.activations]
    np.testing.assert_allclose(np.array(sizes[1:]) / sizes[:-1], 10, rtol=1e-4)
    assert signals.distinct_columns(s.activations[0]) == 1


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
        # 가중치 기울기는 모든 층에서 같은 크기입니다.
        gradients = [rms(g) for g in s.weight_gradients]
        assert all(low < g < high for g in gradients)
        assert max(gradients) < 3 * min(gradients)


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
def test_the_recipes_for_sigmoid_and_tanh(seed):
    """표준편차 1은 tanh를 절반 넘게 포화시키고 0.25는 거의 아닙니다. 편향 0.5는 변하는 몫을 0.2쯤으로 줄입니다."""
    found = {}
    for name, (f, std, bias) in {
        "sigmoid": ("sigmoid", 1, 0),
        "tanh": ("tanh", 1, 0),
        "quarter": ("tanh", 0.25, 0),
        "half": ("tanh", 0.25, 0.5),
    }.items():
        weights, rng = stack(initializers.sparse(15, std=std), seed, depth=5), np.random.default_rng(seed)
        s = signals.measure(inputs(), weights, f, rng=rng, biases=5 * [np.full(100, bias)], dtype=np.float64).summary()
        found[name] = s[0].saturated, s[-1].saturated, s[-1].varying
    assert all(0.45 < share < 0.6 for share in found["tanh"][:2])
    assert 0.1 < found["sigmoid"][0] < 0.35
    assert found["sigmoid"][1] < 0.15
    assert all(share < 0.08 for name in ("quarter", "half") for share in found[name][:2])
    assert found["tanh"][2] > 0.9
    assert found["quarter"][2] > 0.9
    assert 0.1 < found["half"][2] < 0.4
    assert found["sigmoid"][2] < 0.2
    z = np.linspace(-5, 5, 11)
    np.testing.assert_allclose(activations.get("sigmoid")(z), (1 + np.tanh(z / 2)) / 2)


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
    assert 25 < np.mean([wide(spectrum(stack(noisy, seed), "tanh", p)) for p in inputs(3)]) < 50
    noise = np.mean([wide(spectrum(stack(noisy, seed), "relu", p)) for p in inputs(3)])
    orthogonal = np.mean([wide(spectrum(stack(FAMILIES["직교"], seed), "relu", p)) for p in inputs(3)])
    assert 35 < noise < 60
    assert noise > 2.5 * orthogonal


@pytest.mark.parametrize("seed", SEEDS)
def test_what_can_be_read_after_thirty_layers(seed):
    """30층 뒤의 선형 탐침: tanh는 직교 87 %, 정규 80 %쯤. ReLU는 정규와 직교가 50 % 아래, 단위행렬+잡음은 픽셀만큼."""
    data, read = datasets.load_digits(), {}
    for f, gain in (("tanh", 1), ("relu", 2**0.5)):
        for name, init in (
            ("정규", initializers.variance_scaling(gain**2)),
            ("직교", initializers.orthogonal(gain)),
            ("단위행렬", noisy),
        ):
            weights = [init((64, 64), rng=rng) for rng in [np.random.default_rng(seed)] for _ in range(30)]
            a, b = data.x_train, data.x_test
            for W in weights:
                a, b = (activations.get(f)(x @ W) for x in (a, b))
            read[f, name] = wi_lib.linear_probe(a, data.y_train, b, data.y_test)
    raw = wi_lib.linear_probe(data.x_train, data.y_train, data.x_test, data.y_test)
    assert raw == pytest.approx(0.86, abs=0.01)
    assert read["tanh", "직교"] == pytest.approx(raw, abs=0.05)
    assert 0.7 < read["tanh", "정규"] < read["tanh", "직교"]
    assert max(read["relu", "정규"], read["relu", "직교"]) < 0.52
    assert read["relu", "단위행렬"] == pytest.approx(raw, abs=0.04)


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
@pytest.mark.parametrize("activation", ["identity", "tanh", "selu", "relu", "sigmoid"])
def test_lsuv_finds_the_gain_of_theory(activation, seed):
    network = make_lsuv([100] * 11, activation, seed, inputs(500))
    found = 10 * np.mean([W.std() for W in network.weights[1:]])
    assert found == pytest.approx(theory.gain(activation), rel=0.06)


@pytest.mark.parametrize("seed", SEEDS)
def test_unit_variance_says_nothing_of_what_can_be_read(seed):
    """LSUV 10층 sigmoid: 입력이 만든 몫은 백만분의 1도 안 되는데 탐침은 픽셀만큼 읽습니다. tanh의 몫은 훨씬 큽니다."""
    data, share, read = datasets.load_digits(), {}, {}
    for activation in ("tanh", "sigmoid"):
        network = make_lsuv([64, *[100] * 10], activation, seed, data.x_train[:500])
        z, x = (spread(network, part)[-1] for part in (data.x_test, data.x_train))
        share[activation] = z.var(axis=0).mean() / z.var()
        f = network.activation
        read[activation] = wi_lib.linear_probe(f(x), data.y_train, f(z), data.y_test)
    assert share["tanh"] > 0.3
    assert share["sigmoid"] < 1e-6
    assert read["sigmoid"] > 0.85
    assert 0.7 < read["tanh"] < 0.92
    s = signals.measure(data.x_test, network.weights, "sigmoid", rng=np.random.default_rng(seed), dtype=np.float64)
    assert rms(s.deltas[0]) / rms(s.deltas[-1]) < 2e-3


@pytest.mark.parametrize("seed", SEEDS)
def test_lsuv_makes_a_deep_tanh_explode(seed):
    """연습 5번: 특성마다 크기가 다른 입력, 너비 256, tanh 40층. LSUV의 δ는 열 배 넘게 커지고 탐침은 낮습니다."""
    data, read = datasets.load_digits(), {}
    scales = 10 ** np.random.default_rng(seed).uniform(-1, 1, 64)
    x, x_test = data.x_train * scales, data.x_test * scales
    for name in ("orthogonal", "lsuv"):
        network = wi_lib.MLP([64, *[256] * 40], "tanh", "orthogonal", rng=np.random.default_rng(seed))
        if name == "lsuv":
            wi_lib.lsuv(network, x[:500], rng=np.random.default_rng(seed))
        s = signals.measure(x[:100], network.weights, "tanh", rng=np.random.default_rng(seed), dtype=np.float64)
        top = [network.activation(spread(network, part)[-1]) for part in (x, x_test)]
        read[name] = wi_lib.linear_probe(top[0], data.y_train, top[1], data.y_test)
        grown = rms(s.deltas[0]) / rms(s.deltas[-1])
        assert grown > 10 if name == "lsuv" else grown < 1
    assert read["orthogonal"] > 0.82 > 0.7 > read["lsuv"]


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
    # 출력이 작은 층의 δ가 크므로 가중치 기울기는 층마다 열 배쯤 안에 듭니다.
    for s in (lecun, he):
        gradients = [rms(g) for g in s.weight_gradients]
        assert 1 < gradients[0] / gradients[-1] < 25
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
@pytest.mark.parametrize(("optimizer", "rate"), [("sgd", 0.1), ("adam", 0.003)])
def test_extra_units_of_an_identity_never_wake(activation, optimizer, rate, seed):
    """64-100-100-10에서 남는 36개는 500걸음 뒤에도 정확히 0이고, 잡음을 더하면 하나도 남지 않습니다."""
    data = datasets.load_digits()
    settings = {"learning_rate": rate, "batch_size": 32, "iterations": 500, "optimizer": optimizer}
    for init, asleep in (("identity", 36), (noisy, 0)):
        network = wi_lib.MLP([64, 100, 100, 10], activation, init, rng=np.random.default_rng(seed))
        wi_lib.train(network, data, rng=np.random.default_rng(seed), **settings)
        assert np.sum((network.weights[0] == 0).all(axis=0)) == asleep


# ── 저장한 학습 ────────────────────────────────────────────────────────────────────────


def stored(name):
    with np.load(ROOT / "chapters" / "data" / f"{name}.npz") as arrays:
        return dict(arrays)


def about(name):
    return json.loads((ROOT / "chapters" / "data" / f"{name}.json").read_text(encoding="utf-8"))


def at_best(arrays, prefix, part="accuracy"):
    """검증으로 고른 학습률에서 잰 퍼센트. 그 학습률의 양옆도 재었는지 함께 봅니다."""
    validation, measured = arrays[f"{prefix}_validation"], arrays[f"{prefix}_measured"]
    best, runs = wi_lib.at_best_rate(validation, arrays[f"{prefix}_{part}"])
    for where, rate in np.ndenumerate(best):
        learned = validation[where][rate].mean() > 0.2
        assert not learned or measured[where][rate - 1 : rate + 2].sum() == 3
    return 100 * runs


def learned(group, optimizer, part="accuracy"):
    """이름 → 시드마다의 퍼센트."""
    names = about("families")["axes"]["initializer"][group]
    return dict(zip(names, at_best(stored("families"), f"{group}_{optimizer}", part)))


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_the_old_heuristic_is_enough_for_two_layers_not_for_ten(optimizer):
    """은닉층 둘이면 평균이 2 %p 안이고, 열이면 SGD는 배우지 못하고 Adam은 He에 35 %p쯤 못 미칩니다."""
    two, ten = (learned(f"uniform_{depth}", optimizer) for depth in (2, 10))
    assert abs(two["old"].mean() - two["he"].mean()) < 2
    assert ten["he"].mean() > 85
    if optimizer == "sgd":
        assert ten["old"].max() < 15
        diverged = np.isnan(stored("families")["uniform_10_sgd_validation"][0]).all(axis=-1)
        assert diverged[-1]
    else:
        assert 40 < ten["old"].mean() < ten["he"].mean() - 30


def test_training_of_the_stored_thirty_layers():
    """SGD에서 ReLU 53, 74, 89 %, tanh 75, 89, 88 %. Adam에서 80, 86, 88 %와 82, 88, 88 %. 은닉층이 없어도 89, 88 %."""
    arrays, means = stored("orthogonal_depth"), {}
    for optimizer, bare in (("sgd", 89), ("adam", 88)):
        softmax = at_best(arrays, f"{optimizer}_softmax")
        assert softmax.mean() == pytest.approx(bare, abs=0.5)
        whole, frozen = at_best(arrays, f"{optimizer}_deep")
        means[optimizer] = np.round(whole.mean(axis=-1))
        # 바닥보다 뚜렷이 나은 망은 없습니다.
        assert whole.mean(axis=-1).max() < softmax.mean() + 1
        # 얼려도 tanh 직교와 ReLU 단위행렬+잡음은 바닥에 거의 닿습니다.
        assert all(runs.mean() > softmax.mean() - 3 for runs in (frozen[0, 1], frozen[1, 2]))
        assert frozen[1, :2].mean(axis=-1).max() < 40
        # 얼린 망이 읽지 못하던 것을 학습이 되찾지만 다 되찾지는 못합니다.
        assert all(whole[f, 0].mean() > frozen[f, 0].mean() + 20 for f in (0, 1))
        assert all(whole[f, 0].mean() < softmax.mean() - 5 for f in (0, 1))
    assert means["sgd"].tolist() == [[75, 89, 88], [53, 74, 89]]
    assert means["adam"].tolist() == [[82, 88, 88], [80, 86, 88]]
    # 시드 다섯으로는 가를 수 없던 칸을 새 시드로 다시 쟀습니다. 직교의 한 시드는 무너졌습니다.
    assert not set(about("orthogonal_depth")["seeds"]) & set(about("orthogonal_depth")["new_seeds"])
    assert 0.4 < arrays["sgd_tanh_again_accuracy"][1].min() < 0.5


def test_stored_training_can_be_repeated():
    """저장한 결과 몇 개를 다시 학습시켜 견줍니다."""
    from experiments import families, orthogonal_depth

    deep, rates = stored("orthogonal_depth"), about("orthogonal_depth")["axes"]["learning_rate"]
    again = orthogonal_depth.run("sgd", "trained", "tanh", "normal", 0.03, 5)["accuracy"]
    assert again == pytest.approx(deep["sgd_tanh_again_accuracy"][0, 0], abs=0.05)
    for optimizer, where, setting in (
        ("sgd", (0, 0, 1), ("trained", "tanh", "orthogonal", 0.03, 0)),
        ("adam", (0, 1, 2), ("trained", "relu", "identity_noise", 0.0003, 3)),
        ("adam", (1, 0, 1), ("frozen", "tanh", "orthogonal", 0.1, 2)),
    ):
        again = orthogonal_depth.run(optimizer, *setting)
        at = (*where, rates[optimizer].index(setting[-2]), setting[-1])
        assert again["accuracy"] == pytest.approx(deep[f"{optimizer}_deep_accuracy"][at], abs=0.05)
    short, rates = stored("families"), about("families")["axes"]["learning_rate"]
    for optimizer, group, name, rate, seed in (
        ("sgd", "sparse_tanh", "quarter_half", 0.1, 1),
        ("adam", "few_relu", "15", 0.003, 4),
        ("adam", "widths", "lsuv", 0.001, 2),
    ):
        again = families.run(optimizer, group, name, rate, seed)
        at = list(families.GROUPS[group][2]).index(name), rates[group][optimizer].index(rate), seed
        for part, value in again.items():
            assert value == pytest.approx(short[f"{group}_{optimizer}_{part}"][at], abs=0.05)


def test_sparse_zeros_move_at_once_and_longer_training_closes_most_of_the_gap():
    """희소한 망의 0은 한 걸음에 채워집니다. ±1/√n의 10층은 Adam 1,500걸음이면 He와의 차이가 절반 아래로 줄어듭니다."""
    from experiments import families

    data, longer = families.digits(), {}
    net = families.start("few_tanh", "15", np.random.default_rng(0), data.x_train)
    assert np.mean(net.weights[1] == 0) > 0.8
    settings = {"batch_size": 32, "rng": np.random.default_rng(1)}
    wi_lib.train(net, data, learning_rate=0.1, iterations=1, **settings)
    assert np.mean(net.weights[1] == 0) < 0.05
    for name, rate in (("old", 0.003), ("he", 0.001)):
        longer[name] = np.zeros(5)
        for seed in range(5):
            net = families.start("uniform_10", name, np.random.default_rng([seed, 0]), data.x_train)
            settings = {"iterations": 1500, "optimizer": "adam", "rng": np.random.default_rng([seed, 1])}
            longer[name][seed] = wi_lib.train(net, data, learning_rate=rate, batch_size=32, **settings).test_accuracy
    short = learned("uniform_10", "adam")
    closed, half = wi_lib.mean_interval(short["he"] - short["old"] - 2 * 100 * (longer["he"] - longer["old"]))
    assert closed > half
