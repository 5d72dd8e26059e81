"""14장의 주장을 맨 NumPy로, 책과 다른 너비와 깊이에서 다시 잽니다: 줄기의 분산과 코사인, 0인 행렬, 한 걸음의 크기."""

import functools

import numpy as np
import pytest
from sklearn.datasets import load_digits

from tests.independent.plain import rms

SEEDS = (141, 142)


def relu(z):
    return np.maximum(z, 0)


def he(rng, n, times=1.0):
    return times * np.sqrt(2 / n) * rng.standard_normal((n, n))


def standard(x):
    x = x - x.mean(axis=1, keepdims=True)
    return x / x.std(axis=1, keepdims=True)


def climbed(rng, x, blocks, kind):
    """블록을 모두 지난 줄기. kind: "그대로", "1/√L", "사전", "사후"."""
    n, s = x.shape[1], blocks**-0.5 if kind == "1/√L" else 1
    for _ in range(blocks):
        a = relu(standard(x) if kind == "사전" else x)
        x = x + s * relu(a @ he(rng, n)) @ he(rng, n)
        x = standard(x) if kind == "사후" else x
    return x


@pytest.mark.parametrize(
    ("kind", "blocks", "expected"),
    [("그대로", 14, 2**14), ("1/√L", 15, np.e), ("1/√L", 60, np.e), ("사전", 30, 31)],
)
def test_the_stream_doubles_stays_or_adds(kind, blocks, expected):
    """줄기의 분산: 그대로이면 2^L, 1/√L이면 블록 수와 상관없이 e, 사전 정규화이면 1 + L배입니다."""
    found = []
    for seed in range(5):
        rng = np.random.default_rng([140, seed])
        found.append(rms(climbed(rng, rng.standard_normal((30, 220)), blocks, kind)) ** 2)
    # 난수마다의 흩어짐은 블록마다 두 배가 되는 망에서 가장 큽니다.
    assert np.median(found) == pytest.approx(expected, rel=0.5 if kind == "그대로" else 0.25)


@pytest.mark.parametrize("seed", SEEDS)
def test_normalizing_after_the_sum_loses_the_difference_all_the_same(seed):
    """직각이던 두 입력, 60블록: 그대로와 사후 정규화는 똑같이 1에 붙고, 사전 정규화, 1/√L의 차례로 더 남깁니다."""
    x, c = np.random.default_rng(seed).standard_normal((60, 200)), {}
    for kind in ("그대로", "사후", "사전", "1/√L"):
        u, v = np.split(climbed(np.random.default_rng(seed + 10), x, 60, kind), 2)
        c[kind] = np.mean(np.sum(u * v, axis=1) / np.linalg.norm(u, axis=1) / np.linalg.norm(v, axis=1))
    assert c["그대로"] == pytest.approx(c["사후"], abs=0.02)
    assert c["사후"] > 0.96
    assert c["사전"] == pytest.approx(0.76, abs=0.12)
    assert c["1/√L"] == pytest.approx(0.36, abs=0.12)


@functools.cache
def digits():
    found, order = load_digits(), np.random.default_rng(143).permutation(1797)
    return found.data[order] / 16, found.target[order]


class Net:
    """64-n-(블록)-10. 블록은 x + s (relu(relu(x) W1 + b1) W2 + b2), 모두 64비트입니다."""

    def __init__(self, seed, blocks, n=40, first=1.0, last=0.0, s=1.0):
        rng = np.random.default_rng([seed, blocks])
        self.ends = rng.standard_normal((64, n)) / 8, rng.standard_normal((n, 10)) / np.sqrt(n)
        self.first = [he(rng, n, first) for _ in range(blocks)]
        self.last = [he(rng, n, last) for _ in range(blocks)]
        self.biases = np.zeros((2, blocks, n))
        self.s = np.full(blocks, float(s))

    def forward(self, x):
        x, kept = x @ self.ends[0], []
        for W1, W2, b1, b2, s in zip(self.first, self.last, *self.biases, self.s):
            a = relu(x)
            h = relu(a @ W1 + b1)
            y = h @ W2 + b2
            kept.append((x, a, h, y))
            x = x + s * y
        return x @ self.ends[1], kept

    def gradients(self, x, y):
        """블록마다의 (W1, W2, 편향 둘, s)의 기울기를 종류별로."""
        z, kept = self.forward(x)
        p = np.exp(z - z.max(axis=1, keepdims=True))
        p = p / p.sum(axis=1, keepdims=True) - np.eye(10)[y]
        delta, found = p @ self.ends[1].T / len(y), []
        for W1, W2, s, (below, a, h, out) in list(zip(self.first, self.last, self.s, kept))[::-1]:
            top = s * delta
            inner = (top @ W2.T) * (h > 0)
            found.append((a.T @ inner, h.T @ top, inner.sum(axis=0), top.sum(axis=0), np.vdot(delta, out)))
            delta = delta + (inner @ W1.T) * (below > 0)
        return [np.array(kind) for kind in zip(*found[::-1])]

    def step(self, rate, x, y, biases=True):
        W1, W2, b1, b2, _ = self.gradients(x, y)
        self.first, self.last = self.first - rate * W1, self.last - rate * W2
        self.biases = self.biases - biases * rate * np.array([b1, b2])


@pytest.mark.parametrize("seed", SEEDS)
def test_one_step_splits_every_column_of_the_zero_matrices(seed):
    """W2만 0: 첫걸음에 열이 모두 갈라지고 계수는 9, W1은 둘째 걸음부터. W1이 0이면 멈추고 상수이면 열이 하나입니다."""
    x, y = (part[:80] for part in digits())
    net = Net(seed, 7)
    W1, W2, *_ = net.gradients(x, y)
    assert not W1.any()
    assert len(np.unique(W2[0].T, axis=0)) == 40
    assert np.linalg.matrix_rank(W2[0]) == 9
    net.step(0.1, x, y)
    assert net.gradients(x, y)[0].any()
    for last in (0, 1):
        assert not any(g.any() for g in Net(seed, 7, first=0, last=last).gradients(x, y)[:2])
    tied = Net(seed, 7)
    tied.first = [np.full((40, 40), 0.1)] * 7
    for _ in range(30):
        tied.step(0.03, x, y)
    assert tied.first[0].std() > 0
    assert np.allclose(tied.first[0], tied.first[0][:, :1], rtol=0, atol=1e-12)
    switched = Net(seed, 7, last=1, s=0).gradients(x, y)
    assert [bool(g.any()) for g in switched] == [False, False, False, False, True]


def moved(blocks, biases=True, **plan):
    """SGD 한 걸음에 블록 때문에 로짓이 움직인 크기 ÷ 학습률, 망 아홉의 가운데 값."""
    (x, y), found = digits(), []
    for seed in range(9):
        net = Net(seed, blocks, **plan)
        before = net.forward(x[:100])[0]
        net.step(1e-4, x[300:550], y[300:550], biases)
        found.append(rms(net.forward(x[:100])[0] - before) / 1e-4)
    return np.median(found)


def test_zero_starts_step_in_proportion_to_depth_and_scaled_branches_do_not():
    """12블록에서 96블록으로: 배율 1/√L은 그대로, W2 = 0은 8배쯤. Fixup은 행렬만이면 그대로, 편향까지면 8배쯤입니다."""

    def growth(plan, **more):
        return moved(96, **plan(96), **more) / moved(12, **plan(12), **more)

    assert 0.4 < growth(lambda L: {"last": 1, "s": L**-0.5}) < 2.5
    assert 5 < growth(lambda L: {}) < 15
    assert 0.4 < growth(lambda L: {"first": L**-0.5}, biases=False) < 2.5
    assert 5 < growth(lambda L: {"first": L**-0.5}) < 15
