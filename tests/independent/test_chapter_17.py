"""17장의 주장을 맨 NumPy로, 책과 다른 너비와 시드에서 다시 잽니다: 한 걸음의 지수, 옮긴 학습률, 게으른 학습."""

import functools

import numpy as np
import pytest
from sklearn.datasets import load_digits

from tests.independent.plain import rms

BASE = 48
# 너비의 배율의 몇 제곱을 곱하는지: (출력층의 처음 크기, 1층, 2층, 출력층의 학습률).
RULES = {
    ("sgd", "그대로"): (0, 0, 0, 0),
    ("sgd", "줄임"): (0, -1, -1, -1),
    ("sgd", "μP"): (-0.5, 1, 0, -1),
    ("adam", "그대로"): (0, 0, 0, 0),
    ("adam", "줄임"): (0, -1, -1, -1),
    ("adam", "μP"): (-0.5, 0, -1, -1),
}


@functools.cache
def digits():
    found, order = load_digits(), np.random.default_rng(171).permutation(1797)
    return found.data[order] / 16, found.target[order]


def sums(weights, x):
    """tanh 망의 층마다의 가중합."""
    z = [x @ weights[0]]
    for w in weights[1:]:
        z.append(np.tanh(z[-1]) @ w)
    return z


def slopes(weights, x, y):
    """(손실, 행렬마다의 기울기)."""
    z = sums(weights, x)
    p = np.exp(z[-1] - z[-1].max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    rows = np.arange(len(y))
    loss = -np.mean(np.log(p[rows, y] + 1e-300))
    p[rows, y] -= 1
    delta, found = p / len(y), []
    for layer in (2, 1, 0):
        found.append((np.tanh(z[layer - 1]) if layer else x).T @ delta)
        if layer:
            delta = delta @ weights[layer].T * (1 - np.tanh(z[layer - 1]) ** 2)
    return loss, found[::-1]


def ready(optimizer, rule, n, seed):
    """(처음의 행렬 셋, 행렬마다 학습률에 곱할 수)."""
    rng, (scale, *powers) = np.random.default_rng([seed, n]), RULES[optimizer, rule]
    weights = [1 / np.sqrt(i) * rng.standard_normal((i, o)) for i, o in ((64, n), (n, n), (n, 10))]
    weights[2] *= (n / BASE) ** scale
    return weights, [(n / BASE) ** p for p in powers]


def walk(weights, rates, optimizer, steps, seed):
    """앞의 1,200장에서 64장씩 걸은 뒤의 행렬."""
    (x, y), rng = digits(), np.random.default_rng([seed, 17])
    weights = [w.copy() for w in weights]
    m, v = ([np.zeros_like(w) for w in weights] for _ in range(2))
    for t in range(1, steps + 1):
        i = rng.integers(1200, size=64)
        for k, g in enumerate(slopes(weights, x[i], y[i])[1]):
            m[k], v[k] = 0.9 * m[k] + 0.1 * g, 0.999 * v[k] + 0.001 * g * g
            adam = m[k] / (1 - 0.9**t) / (np.sqrt(v[k] / (1 - 0.999**t)) + 1e-12)
            weights[k] -= rates[k] * (g if optimizer == "sgd" else adam)
    return weights


@pytest.mark.parametrize(
    ("optimizer", "rule", "expected"),
    [
        ("sgd", "그대로", (-0.5, 0.5, 1)),
        ("sgd", "줄임", (-1.5, -0.5, 0)),
        ("sgd", "μP", (0, 0, 0)),
        ("adam", "그대로", (0, 1, 1)),
        ("adam", "줄임", (-1, 0, 0)),
        ("adam", "μP", (0, 0, 0)),
    ],
)
def test_how_far_one_step_moves_each_layer(optimizer, rule, expected):
    """첫 걸음에 그 층의 행렬만 옮겼을 때 가중합이 움직이는 크기의, 너비에 대한 지수."""
    x, widths, moved = digits()[0][:100], (96, 192, 384, 768), []
    for n in widths:
        found = []
        for seed in range(3):
            weights, rates = ready(optimizer, rule, n, seed)
            # 로짓이 작으면 손실이 로짓에 주는 신호가 너비와 상관없이 같습니다.
            weights[2] *= 0.1
            after = walk(weights, [1e-3 * rate for rate in rates], optimizer, 1, seed)
            inputs = [x, *(np.tanh(z) for z in sums(weights, x)[:2])]
            found.append([rms(a @ (new - old)) for a, old, new in zip(inputs, weights, after)])
        moved.append(np.mean(found, axis=0))
    assert np.polyfit(np.log(widths), np.log(moved), 1)[0] == pytest.approx(expected, abs=0.12)


def best_rate(rule, n, rates):
    """Adam으로 50걸음 뒤에 남겨 둔 숫자의 손실이 가장 작은 학습률. 격자의 끝이면 실패합니다."""
    (x, y), lost = digits(), []
    for rate in rates:
        weights, factors = ready("adam", rule, n, seed=5)
        after = walk(weights, [rate * factor for factor in factors], "adam", 50, seed=5)
        lost.append(slopes(after, x[1200:], y[1200:])[0])
    assert 0 < np.argmin(lost) < len(rates) - 1, lost
    return rates[int(np.argmin(lost))]


def test_the_rate_of_adam_carries_over_only_with_the_rule():
    """너비를 8배로 늘리면 Adam의 알맞은 학습률은 그대로인 망에서 4분의 1 이하가 되고, μP에서는 두 배 안에 머뭅니다."""
    small = best_rate("μP", BASE, 2.0 ** np.arange(-8, -3))
    assert best_rate("μP", 8 * BASE, 2.0 ** np.arange(-8, -3)) / small == pytest.approx(1, rel=1.01)
    assert best_rate("그대로", 8 * BASE, 2.0 ** np.arange(-11, -6)) <= small / 4


def kernel(weights, x):
    """로짓 하나의 신경 접선 커널."""
    z = sums(weights, x)
    back = [np.ones((len(x), 1)), weights[2][:, 0] * (1 - np.tanh(z[1]) ** 2)]
    back.append(back[1] @ weights[1].T * (1 - np.tanh(z[0]) ** 2))
    inputs = np.tanh(z[1]), np.tanh(z[0]), x
    return sum((a @ a.T) * (d @ d.T) for a, d in zip(inputs, back))


def changed(rule, n):
    """SGD로 40걸음을 걸은 뒤 (2층의 활성화값, 커널)이 처음에 견주어 바뀐 비."""
    x, found = digits()[0][1200:1260], []
    for seed in range(2):
        weights, rates = ready("sgd", rule, n, seed)
        after = walk(weights, [0.3 * rate for rate in rates], "sgd", 40, seed)
        pairs = [(np.tanh(sums(w, x)[1]), kernel(w, x)) for w in (weights, after)]
        found.append([np.linalg.norm(new - old) / np.linalg.norm(old) for old, new in zip(*pairs)])
    return np.mean(found, axis=0)


@pytest.mark.parametrize(("rule", "low", "high"), [("줄임", 0, 0.5), ("μP", 0.7, 1.4)])
def test_a_wide_net_is_lazy_only_under_a_rule_that_makes_it_so(rule, low, high):
    """너비 네 배: 학습률을 너비에 반비례하게 줄이면 활성화값도 커널도 절반보다 덜 바뀌고, μP에서는 그만큼 바뀝니다."""
    times = changed(rule, 8 * BASE) / changed(rule, 2 * BASE)
    assert (times > low).all()
    assert (times < high).all()


def trained(activation, loss, n, rate, seed=3):
    """표준으로 초기화한 망을 SGD로 50걸음: (걸음마다의 손실, 남겨 둔 숫자의 정확도). 손실이 넘치면 멈춥니다."""
    (x, y), rng = digits(), np.random.default_rng([seed, n])
    f, slope = ACTIVATIONS[activation]
    gain = 2 if activation == "relu" else 1
    weights = [(np.sqrt(gain / i) * rng.standard_normal((i, o))).astype("f4") for i, o in ((64, n), (n, n), (n, 10))]
    lost = []
    for _ in range(50):
        at = rng.integers(1200, size=64)
        layers = [x[at].astype("f4")]
        for w in weights[:2]:
            layers.append(f(layers[-1] @ w))
        z, target = layers[2] @ weights[2], np.eye(10, dtype="f4")[y[at]]
        p = np.exp(z - z.max(axis=1, keepdims=True))
        p = p / p.sum(axis=1, keepdims=True) if loss == "cross" else z
        # 교차 엔트로피와 제곱 오차(의 절반)는 로짓에 주는 신호의 꼴이 같습니다.
        lost.append(
            -np.log((p * target).sum(1) + 1e-30).mean() if loss == "cross" else ((z - target) ** 2).sum(1).mean()
        )
        if not lost[-1] < 1e6:
            break
        delta = (p - target) / 64
        for k in (2, 1, 0):
            grad, delta = layers[k].T @ delta, delta @ weights[k].T * slope(layers[k]) if k else None
            weights[k] -= np.float32(rate) * grad
    out = x[1200:].astype("f4")
    for w in weights[:2]:
        out = f(out @ w)
    return np.array(lost), np.mean((out @ weights[2]).argmax(axis=1) == y[1200:])


ACTIVATIONS = {
    "tanh": (np.tanh, lambda a: 1 - a**2),
    "relu": (lambda z: np.maximum(z, 0), lambda a: (a > 0).astype("f4")),
}


def test_the_root_of_the_width_is_enough_only_for_the_cross_entropy():
    """너비 16배에 학습률을 4분의 1로: 교차 엔트로피의 tanh 망은 배우고, 제곱 오차의 망은 발산합니다."""
    for loss, rate, learns in (("cross", 0.5, True), ("square", 0.125, False)):
        assert trained("tanh", loss, BASE, rate)[1] > 0.7
        lost, accuracy = trained("tanh", loss, 16 * BASE, rate / 4)
        assert (len(lost) == 50 and accuracy > 0.8) == learns


def test_a_wide_relu_net_bears_the_rate_of_a_narrow_one_after_a_leap():
    """ReLU의 SGD는 너비 16배에서도 0.5로 배우지만, 손실이 좁은 망보다 몇 배 튄 다음입니다."""
    narrow, wide = (trained("relu", "cross", m * BASE, 0.5) for m in (1, 16))
    assert wide[1] > narrow[1] - 0.02
    assert wide[0].max() > 6 > 4 > narrow[0].max()
