"""12장의 주장을 맨 NumPy로, 책과 다른 시드와 너비와 깊이에서 다시 잽니다: 첫 걸음, 묻힌 신호, 모멘텀, 대칭성, 감쇠."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from tests.independent.plain import accuracy, drawn, forward, loss_gradients, output, rms

SEEDS = (121, 122, 123)
DEPTH, WIDTH = 30, 90
DIGITS = load_digits()
ORDER = np.random.default_rng(120).permutation(len(DIGITS.target))
X, Y = (DIGITS.data / 16)[ORDER], DIGITS.target[ORDER]


def net(seed, std, sizes):
    rng = np.random.default_rng(seed)
    return drawn(rng, sizes, std), [np.zeros(n) for n in sizes[1:]], rng


def he(sizes):
    return np.sqrt(2 / np.array(sizes[:-1]))


def trained(net, kind, rate, steps, images, batch=None, decay=0.0):
    """앞의 images장으로 제자리에서 배우고, 걸음마다 행렬별 걸음의 비를 돌려줍니다. batch가 없으면 한 번에 다 씁니다."""
    weights, biases, rng = net
    values = [*weights, *biases]
    m, v = ([np.zeros_like(p) for p in values] for _ in range(2))
    ratios = []
    for t in range(1, steps + 1):
        now = rng.choice(images, batch, replace=False) if batch else slice(images)
        old = [w.copy() for w in weights]
        slopes, shifts = loss_gradients(X[now], Y[now], weights, biases, "relu")
        for i, g in enumerate([*slopes, *shifts]):
            values[i] *= 1 - rate * decay
            if kind == "adam":
                m[i] += 0.1 * (g - m[i])
                v[i] += 0.001 * (g * g - v[i])
                g = m[i] / (1 - 0.9**t) / (np.sqrt(v[i] / (1 - 0.999**t)) + 1e-8)
            elif kind == "momentum":
                m[i] = g = 0.9 * m[i] + g
            values[i] -= rate * g
        ratios.append([rms(w - o) / rms(o) for w, o in zip(weights, old)])
    return np.array(ratios)


@pytest.mark.parametrize("depth", [2, 4, 7])
@pytest.mark.parametrize("seed", SEEDS)
def test_first_step_in_powers_of_the_std(seed, depth):
    """은닉층이 L개이면 기울기 ÷ 가중치는 σ의 L − 1제곱입니다. Adam은 ε이 없으면 꼭 1/σ입니다."""
    sizes, sgd, plain, ideal = [64] + [WIDTH] * depth + [10], [], [], []
    for std in (0.003, 0.03):
        weights, biases, _ = net(seed, std, sizes)
        slopes, _ = loss_gradients(X[:50], Y[:50], weights, biases, "relu")
        sgd.append([rms(g) / rms(w) for g, w in zip(slopes, weights)])
        plain.append([rms(g / (np.abs(g) + 1e-8)) / rms(w) for g, w in zip(slopes, weights)])
        ideal.append([rms(np.sign(g)) / rms(w) for g, w in zip(slopes, weights)])
    assert np.log10(np.divide(*sgd[::-1])) == pytest.approx(depth - 1, abs=0.02)
    assert np.divide(*ideal[::-1]) == pytest.approx(0.1, rel=0.01)
    if depth == 4:  # 보통의 Adam에서는 0.003의 기울기에 ε이 섞입니다.
        assert (np.divide(*plain[::-1]) > 0.15).all()


def share(weights, biases):
    """층마다, 입력에 따라 변하는 몫."""
    _, activations = forward(X[900:1100], weights[:-1], "relu", biases)
    return np.array([rms(a - a.mean(axis=0)) / rms(a) for a in activations[1:]])


def stepped(seed, std, rate, still=False):
    """크기를 모두 지운 Adam의 첫 걸음 뒤의 몫. still이면 편향은 옮기지 않습니다."""
    weights, biases, _ = net(seed, std, [64] + [WIDTH] * DEPTH + [10])
    slopes, shifts = loss_gradients(X[:40], Y[:40], weights, biases, "relu")
    moved = [w - rate * np.sign(g) for w, g in zip(weights, slopes)]
    return share(moved, [b - rate * np.sign(g) * (not still) for b, g in zip(biases, shifts)])


@pytest.mark.parametrize("seed", SEEDS)
def test_biases_drown_the_deep_signal_in_one_step(seed):
    """30층: 학습 전의 몫은 크기와 상관없고, 0.01은 한 걸음에 반올림만 남습니다. 편향을 옮기지 않으면 남습니다."""
    sizes = [64] + [WIDTH] * DEPTH + [10]
    before = [share(*net(seed, std, sizes)[:2]) for std in (0.01, he(sizes))]
    assert before[0] == pytest.approx(before[1], rel=1e-6)
    assert before[0][-1] > 0.1
    for rate in (1e-5, 1e-3):
        assert stepped(seed, 0.01, rate)[-1] < 1e-13
        assert stepped(seed, 0.01, rate, still=True)[-1] > 0.1
    assert stepped(seed, he(sizes), 1e-3)[-1] > 0.1
    # LeCun은 거의 묻히지만 남는 것이 있습니다.
    assert 1e-4 < stepped(seed, he(sizes) / np.sqrt(2), 1e-3)[-1] < 0.05


@pytest.mark.parametrize("seed", SEEDS)
def test_a_larger_step_drowns_deeper_until_the_weights_grow_too(seed):
    """10층의 몫은 학습률 1e-5, 1e-4, 1e-3에서 차례로 줄지만, 학습률이 표준편차만 한 0.01에서는 도로 늘어납니다."""
    found = [stepped(seed, 0.01, rate)[9] for rate in (1e-5, 1e-4, 1e-3, 1e-2)]
    assert found[0] > found[1] > found[2]
    assert found[3] > 10 * found[2]


@pytest.mark.parametrize("seed", SEEDS[:2])
def test_momentum_steps_are_small_because_noise_is_averaged(seed):
    """학습률이 열 배인 SGD의 걸음은 모멘텀의 몇 배이지만 간 거리는 같습니다. 배치를 없애면 걸음도 비슷합니다."""
    sizes = [64, 80, 80, 80, 10]
    for batch, low, high in ((10, 2.5, 4.4), (None, 0.9, 1.6)):
        found = []
        for kind, rate in (("sgd", 0.1), ("momentum", 0.01)):
            start = net(seed, he(sizes), sizes)
            first = [w.copy() for w in start[0]]
            ratios = trained(start, kind, rate, 150, 200, batch)
            moved = np.mean([rms(w - o) / rms(o) for w, o in zip(start[0], first)])
            found.append((np.exp(np.log(ratios).mean()), moved))
        steps, distance = np.divide(*found)
        assert low < steps < high
        assert distance == pytest.approx(1, abs=0.15)


def test_adam_rewrites_small_weights_and_keeps_large_ones():
    """0.01의 가중치는 Adam에서 처음의 몇 배를 가고, 걸음 자체도 작아집니다. 표준편차 1의 가중치는 거의 그대로입니다."""
    sizes, moved = [64, 80, 80, 80, 10], {}
    for std, rate in ((0.01, 0.003), (1, 0.01)):
        start = net(124, std, sizes)
        first = [w.copy() for w in start[0]]
        ratios = trained(start, "adam", rate, 400, 1300, 32)
        moved[std] = np.array([rms(w - o) / rms(o) for w, o in zip(start[0], first)])
        if std == 0.01:
            assert accuracy(X[1300:], Y[1300:], *start[:2], "relu") > 0.7
            grown = np.array([rms(w) / rms(o) for w, o in zip(start[0], first)])
            shrunk = ratios[0] / ratios[-40:].mean(axis=0)
            assert (grown > 3).all()
            assert (shrunk > 2 * grown).all()
    assert moved[0.01].min() > 3
    assert moved[1].max() < 0.3


@pytest.mark.parametrize("kind", ["sgd", "momentum", "adam"])
def test_no_optimizer_tells_equal_units_apart(kind):
    weights = [np.full(pair, 0.06) for pair in ((64, 12), (12, 12), (12, 10))]
    rate = 0.001 if kind == "adam" else 0.02
    trained((weights, [np.zeros(n) for n in (12, 12, 10)], np.random.default_rng(125)), kind, rate, 100, 1300, 32)
    assert np.ptp(weights[0], axis=1).max() < 1e-9
    assert rms(weights[0] - 0.06) > 1e-4


def test_decay_mends_a_large_start_not_a_small_one():
    """학습 자료 200장: He의 3배는 모두 맞히고도 시험에서 뒤처지다가 감쇠로 따라옵니다. 0.1배는 He를 앞서지 못합니다."""
    sizes, found = [64, 100, 100, 10], {}
    for scale, rate, decay in ((0.1, 0.3, 0), (1, 0.3, 0), (3, 0.1, 0), (3, 0.1, 0.01)):
        runs = []
        for seed in SEEDS[:2]:
            start = net(seed, scale * he(sizes), sizes)
            trained(start, "sgd", rate, 900, 200, 25, decay)
            weights, biases, _ = start
            assert (output(X[:200], weights, biases, "relu")[0].argmax(axis=1) == Y[:200]).mean() > 0.99
            runs.append(accuracy(X[500:], Y[500:], weights, biases, "relu"))
        found[scale, decay] = np.array(runs)
    assert found[3, 0].max() < found[1, 0].min()
    assert found[3, 0.01].mean() > found[3, 0].max()
    assert found[0.1, 0].mean() < found[1, 0].mean() + 0.005
