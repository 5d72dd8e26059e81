"""8장 「그 밖의 초깃값 재 보기」의 주장을 맨 NumPy로, 쪽과 다른 시드, 너비, 깊이에서 다시 잽니다."""

import functools

import numpy as np
import pytest
from sklearn.datasets import load_digits

from tests.independent.plain import SLOPES, VALUES, accuracy, fit, forward, loss_gradients

SEEDS = (801, 802)


@functools.cache
def digits():
    """손글씨 숫자 1,797장을 다시 섞어 (학습, 시험)으로 나눈 것."""
    found, order = load_digits(), np.random.default_rng(800).permutation(1797)
    return list(zip(*(np.split(part[order], [1500]) for part in (found.data / 16, found.target))))


def drawn(kind, n, depth, seed, gain=1.0):
    """n × n 행렬 depth개. 숫자는 유닛마다 그만큼의 입력만 잇습니다."""
    rng, found = np.random.default_rng(seed), []
    for _ in range(depth):
        w = rng.standard_normal((n, n)) / np.sqrt(n)
        if kind == "orthogonal":
            w = np.linalg.qr(w)[0]
        elif kind == "identity":
            w = np.eye(n) + 0.01 * rng.standard_normal((n, n))
        elif kind != "normal":
            w *= np.sqrt(n / kind) * (rng.random((n, n)).argsort(axis=0) < kind)
        found.append(gain * w)
    return found


def singular(weights, f, x):
    """입력 x에서 야코비 행렬의 특잇값."""
    jacobian = np.eye(len(x))
    for w in weights:
        z = x @ w
        x, jacobian = VALUES[f](z), jacobian @ w * SLOPES[f](z)
    return np.linalg.svd(jacobian, compute_uv=False)


@pytest.mark.parametrize("seed", SEEDS)
def test_only_orthogonal_keeps_every_direction_and_only_single_digits_hurt(seed):
    """「분산이 같으면 같은 초깃값일까?」: 너비 80, 24층. 직교만 모두 1이고, 15개는 정규와 같고 2개는 무너집니다."""
    kinds = ("normal", 15, 2, "orthogonal")
    normal, fifteen, two, orthogonal = (singular(drawn(k, 80, 24, seed), "identity", np.zeros(80)) for k in kinds)
    np.testing.assert_allclose(orthogonal, 1, atol=1e-9)
    assert np.mean(normal < 0.01) > 0.5
    assert abs(np.log10(np.median(fifteen) / np.median(normal))) < 0.7
    assert np.median(two) < 1e-3 * np.median(normal)


def test_relu_and_not_tanh_breaks_orthogonal():
    """「방향을 지키는 초깃값은 언제나 나을까?」: 너비 80, 24층. 10분의 1보다 큰 특잇값의 몫."""
    share, rng = {}, np.random.default_rng(803)
    for f, kind, gain in (("tanh", "orthogonal", 1), ("relu", "orthogonal", 2**0.5), ("relu", "identity", 1)):
        found = [singular(drawn(kind, 80, 24, s, gain), f, rng.standard_normal(80)) for s in range(4)]
        share[f, kind] = np.mean([np.mean(s > s[0] / 10) for s in found])
    assert share["tanh", "orthogonal"] > 0.6
    assert share["relu", "orthogonal"] < 0.2
    assert share["relu", "identity"] > 2 * share["relu", "orthogonal"]


def read(kind, n, depth, seed):
    """ReLU 망의 맨 위에서 최소 제곱 분류기로 읽은 정확도. 남는 입력은 0으로 채웁니다."""
    a, b = (np.pad(x, ((0, 0), (0, n - 64))) for x, _ in digits())
    for w in drawn(kind, n, depth, seed, 1 if kind == "identity" else 2**0.5):
        a, b = np.maximum(a @ w, 0), np.maximum(b @ w, 0)
    mean, std = a.mean(axis=0), np.where(np.ptp(a, axis=0) > 0, a.std(axis=0), 1)
    a, b = (np.c_[(x - mean) / std, np.ones(len(x))] for x in (a, b))
    (_, y), (_, y_test) = digits()
    return np.mean((b @ np.linalg.lstsq(a, np.eye(10)[y], rcond=None)[0]).argmax(axis=1) == y_test)


def test_relu_with_random_directions_loses_what_can_be_read():
    """같은 절의 탐침, 30층: 정규와 직교는 못 읽고 단위행렬은 읽습니다. 직교는 도중에만 낫고, 넓으면 덜 잃습니다."""
    deep = {kind: np.mean([read(kind, 64, 30, s) for s in SEEDS]) for kind in ("normal", "orthogonal", "identity")}
    assert max(deep["normal"], deep["orthogonal"]) < 0.55
    assert deep["identity"] > 0.85
    middle = {kind: np.mean([read(kind, 64, 8, s) for s in range(6)]) for kind in ("normal", "orthogonal")}
    assert middle["orthogonal"] > middle["normal"]
    assert read("normal", 192, 30, 801) > deep["normal"] + 0.08


def learn(weights, f, rate, steps, adam=False):
    """(시험 정확도, 가중치, 편향). 출력층은 LeCun입니다."""
    head = np.random.default_rng(5).standard_normal((weights[-1].shape[1], 10)) / np.sqrt(weights[-1].shape[1])
    weights, ((x, y), test) = [w.astype(np.float32) for w in [*weights, head]], digits()
    biases = [np.zeros(w.shape[1], np.float32) for w in weights]
    fit(x.astype(np.float32), y, weights, biases, f, rate, steps, np.random.default_rng(6), adam=adam)
    return accuracy(*test, weights, biases, f), weights, biases


@pytest.mark.parametrize("seed", SEEDS)
def test_the_old_heuristic_in_ten_layers(seed):
    """「크기만 맞추거나 이름만 부르면 될까?」: SGD에서는 맨 위층이 통째로 꺼지고, Adam은 300걸음에 He만 못합니다."""
    old, he = (drawn("normal", 64, 10, seed, c**0.5) for c in (1 / 3, 2))
    found, weights, biases = learn(old, "relu", 1, 300)
    assert found < 0.2
    assert not forward(digits()[0][0], weights[:-1], "relu", biases)[1][-1].any()
    assert not any(g.any() for g in loss_gradients(*digits()[0], weights, biases, "relu")[0])
    assert learn(old, "relu", 0.003, 300, adam=True)[0] < learn(he, "relu", 0.001, 300, adam=True)[0] - 0.1


@pytest.mark.parametrize("seed", SEEDS)
def test_thirty_layers_do_not_beat_none(seed):
    """「30층 망은 은닉층이 없는 망을 이길까?」: SGD에서 단위행렬+잡음은 He보다 훨씬 낫지만 바닥과 같습니다."""
    (x, y), (x_test, y_test) = [(np.c_[part, np.ones(len(part))], labels) for part, labels in digits()]
    w, rng = np.zeros((65, 10)), np.random.default_rng(seed)
    for _ in range(400):
        now = rng.integers(len(x), size=32)
        p = np.exp(x[now] @ w)
        w -= 0.3 * x[now].T @ (p / p.sum(axis=1, keepdims=True) - np.eye(10)[y[now]]) / 32
    none = np.mean((x_test @ w).argmax(axis=1) == y_test)
    identity = learn(drawn("identity", 64, 30, seed), "relu", 0.01, 400)[0]
    he = max(learn(drawn("normal", 64, 30, seed, 2**0.5), "relu", rate, 400)[0] for rate in (0.003, 0.01))
    assert max(he + 0.1, none - 0.05) < identity < none + 0.03
