"""13장 「정규화가 지운 것과 남긴 것 가리기」의 주장을 맨 NumPy로, 책과 다른 너비, 시드, 배치에서 다시 잽니다."""

import numpy as np
import pytest

from tests.independent.plain import SLOPES, VALUES, drawn, rms

SEEDS = (131, 132)
AXES = {"batch": 0, "layer": 1, "rms": 1}


def forward(x, weights, norm, f, shift=0.0):
    """층마다 가중합, 정규화, shift를 더한 뒤 f. 활성화값과 (표준편차, 정규화한 값)을 돌려줍니다."""
    activations, memory = [x], []
    for w in weights:
        z = activations[-1] @ w
        if norm != "rms":
            z = z - z.mean(axis=AXES[norm], keepdims=True)
        s = np.sqrt(np.mean(z**2, axis=AXES[norm], keepdims=True))
        memory.append((s, z / s))
        activations.append(VALUES[f](z / s + shift))
    return activations, memory


def backward(weights, memory, top, norm, f, shift=0.0):
    """맨 위에서 되돌린 top이 층마다의 활성화값에서 갖는 기울기와, 그 층의 가중합에서 갖는 기울기."""
    signals, deltas = [top], []
    for w, (s, normal) in zip(weights[::-1], memory[::-1]):
        d = signals[-1] * SLOPES[f](normal + shift)
        d = d - normal * np.mean(d * normal, axis=AXES[norm], keepdims=True)
        # normal의 평균이 0이므로 두 방향은 서로 수직이고, 빼는 차례는 상관없습니다.
        if norm != "rms":
            d = d - d.mean(axis=AXES[norm], keepdims=True)
        deltas.append(d / s)
        signals.append(deltas[-1] @ w.T)
    return signals[::-1], deltas[::-1]


def per_layer(norm, f, seed, *, width=150, batch=96, depth=25, scale=1.0, shift=0.0):
    """너비 width의 depth층에서 역전파 신호가 층마다 몇 배가 되는지."""
    rng = np.random.default_rng(seed)
    weights = drawn(rng, [width] * (depth + 1), scale / np.sqrt(width))
    _, memory = forward(rng.standard_normal((batch, width)), weights, norm, f, shift)
    signals, _ = backward(weights, memory, rng.standard_normal((batch, width)), norm, f, shift)
    return (rms(signals[1]) / rms(signals[-1])) ** (1 / (depth - 1))


def test_my_gradient_is_right():
    """이 파일의 역전파를 차분과 견줍니다."""
    rng = np.random.default_rng(130)
    x, top = rng.standard_normal((2, 6, 7))
    for norm in AXES:
        weights = drawn(rng, [7] * 4, 0.5)
        memory = forward(x, weights, norm, "tanh")[1]
        signals, _ = backward(weights, memory, top, norm, "tanh")
        way = rng.standard_normal(x.shape)
        ends = [np.sum(top * forward(x + h * way, weights, norm, "tanh")[0][-1]) for h in (1e-5, -1e-5)]
        assert np.sum(signals[0] * way) == pytest.approx((ends[0] - ends[1]) / 2e-5, rel=1e-6)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("norm", AXES)
@pytest.mark.parametrize("c", [0.03, 7])
def test_the_size_becomes_the_rate(norm, c, seed):
    """「크기는 어디로 갔을까?」: c배 하면 출력은 그대로, 기울기는 1/c배로 가중치와 수직, 걸음의 비율은 1/c²배."""
    rng = np.random.default_rng(seed)
    weights = drawn(rng, [80] * 5, np.sqrt(2 / 80))
    x, top = rng.standard_normal((2, 60, 80))
    found = []
    for times in (1, c):
        scaled = [w * (times if i == 1 else 1) for i, w in enumerate(weights)]
        activations, memory = forward(x, scaled, norm, "relu")
        slope = activations[1].T @ backward(scaled, memory, top, norm, "relu")[1][1]
        cosine = np.vdot(slope, scaled[1]) / np.linalg.norm(slope) / np.linalg.norm(scaled[1])
        assert abs(cosine) < 1e-9
        found.append((activations[-1], rms(slope), rms(slope) / rms(scaled[1])))
    assert np.allclose(found[0][0], found[1][0])
    assert found[1][1] == pytest.approx(found[0][1] / c)
    assert found[1][2] == pytest.approx(found[0][2] / c**2)


def test_the_first_step_makes_a_small_start_large():
    """같은 절: 수직이므로 한 걸음 뒤의 크기는 √(c² + (r/c)²)배입니다. 너무 작으면 너무 커집니다."""
    rng = np.random.default_rng(133)
    weights = drawn(rng, [80] * 5, np.sqrt(2 / 80))
    x, top = rng.standard_normal((2, 60, 80))
    slopes, sizes = {}, {}
    for c in (1, 0.1, 0.01, 0.001):
        scaled = [w * (c if i == 1 else 1) for i, w in enumerate(weights)]
        activations, memory = forward(x, scaled, "batch", "relu")
        slopes[c] = activations[1].T @ backward(scaled, memory, top, "batch", "relu")[1][1]
        rate = 0.01 * rms(weights[1]) / rms(slopes[1])
        sizes[c] = rms(scaled[1] - rate * slopes[c]) / rms(weights[1])
        assert sizes[c] == pytest.approx(np.hypot(c, 0.01 / c))
    assert sizes[0.1] < 0.2
    assert sizes[0.01] == pytest.approx(1, abs=0.01)
    assert sizes[0.001] > 9


@pytest.mark.parametrize(
    ("norm", "f", "expected"),
    [("batch", "relu", np.sqrt(np.pi / (np.pi - 1))), ("layer", "relu", 1), ("rms", "relu", 1)]
    + [(norm, "tanh", 1.0855) for norm in AXES],
)
def test_growth_of_the_backward_signal(norm, f, expected):
    """「층을 쌓으면 무엇이 커질까?」: 배치의 ReLU는 √(π/(π−1)), 다른 둘은 1, tanh는 1.085. 분산과 무관합니다."""
    for scale in (0.2, 5):
        found = np.mean([per_layer(norm, f, seed, scale=scale) for seed in (131, 132, 133)])
        assert found == pytest.approx(expected, rel=0.025)


@pytest.mark.parametrize(("batch", "tolerance"), [(6, 0.03), (12, 0.02), (40, 0.02)])
def test_small_batches_grow_more(batch, tolerance):
    """같은 절: 배치 B장이면 √((B − 2)/(B − 3))배 더 커집니다."""
    law = np.sqrt(np.pi / (np.pi - 1) * (batch - 2) / (batch - 3))
    found = np.mean([per_layer("batch", "relu", seed, batch=batch) for seed in range(131, 139)])
    assert found == pytest.approx(law, rel=tolerance)


def test_a_straighter_start_grows_less():
    """같은 절: 분산으로는 못 바꾸지만 β로는 바뀝니다. β = 2에서 시작한 ReLU는 곧은 함수에 가까워 1.05배가 못 됩니다."""
    found = [np.mean([per_layer("batch", "relu", seed, shift=shift) for seed in SEEDS]) for shift in (0, 1, 2)]
    assert found[0] > 1.19 > 1.12 > found[1] > found[2]
    assert found[2] < 1.05


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("f", ["relu", "tanh"])
def test_batch_normalisation_drives_neighbours_apart(f, seed):
    """같은 절: 조금 다른 두 배치의 차이는 같은 배율로 자랍니다. 층 정규화한 ReLU에서는 자라지 않습니다."""
    rng = np.random.default_rng(seed)
    weights = drawn(rng, [150] * 31, 1 / np.sqrt(150))
    x, noise = rng.standard_normal((2, 96, 150))
    grown = {}
    for norm in AXES:
        one, two = (forward(each, weights, norm, f)[0] for each in (x, x + 1e-6 * noise))
        gaps = [rms(b - a) / rms(a) for a, b in zip(one, two)]
        grown[norm] = (gaps[30] / gaps[2]) ** (1 / 28)
    expected = {"relu": (1.211, 1, 1), "tanh": (1.0855, 1.0855, 1.0855)}[f]
    assert list(grown.values()) == pytest.approx(expected, rel=0.03)


@pytest.mark.parametrize("seed", SEEDS)
def test_only_layer_normalisation_magnifies_what_the_units_do_not_share(seed):
    """「정규화가 하지 않는 일은 무엇일까?」: 0.1에 얹은 0.001의 난수를 층 정규화만 1로 키웁니다."""
    rng = np.random.default_rng(seed)
    x, noise, apart = rng.random((90, 70)), rng.standard_normal((70, 70)), {}
    for norm in AXES:
        _, ((_, normal),) = forward(x, [0.1 + 0.001 * noise], norm, "relu")
        apart[norm] = rms(normal - normal.mean(axis=1, keepdims=True))
    assert apart["layer"] == pytest.approx(1)
    assert apart["batch"] < 0.05
    assert apart["rms"] < 0.05
    alike = x @ np.full((70, 70), 0.1)
    assert np.abs(alike - alike.mean(axis=1, keepdims=True)).max() < 1e-12
