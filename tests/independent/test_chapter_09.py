"""9장의 주장을 맨 NumPy로, 다른 너비와 시드로 다시 잽니다: CD-1이 놓치는 것, KL의 두 방향, 재구성 오차, 섞은 DBN."""

from functools import cache

import numpy as np
import pytest
from sklearn.datasets import load_digits

from tests.independent.plain import VALUES, accuracy, fit

SIGMOID = VALUES["sigmoid"]


def states(n):
    return (np.arange(2**n)[:, None] >> np.arange(n) & 1).astype(float)


PICTURES = states(9)
GRID = PICTURES.reshape(-1, 3, 3)
INSIDE = (np.ptp(GRID, axis=1) == 0).all(axis=1) | (np.ptp(GRID, axis=2) == 0).all(axis=1)
BARS, DATA = PICTURES[INSIDE], INSIDE / INSIDE.sum()


def cd(x, k, model, rng, steps, batch):
    """model = [W, b, c]를 제자리에서 CD-k로 배웁니다."""
    w, b, c = model
    for _ in range(steps):
        v = first = x[rng.integers(len(x), size=batch)]
        h = up = SIGMOID(first @ w + c)
        for _ in range(k):
            v = (rng.random(v.shape) < SIGMOID((rng.random(h.shape) < h) @ w.T + b)) * 1.0
            h = SIGMOID(v @ w + c)
        w += 0.2 / batch * (first.T @ up - v.T @ h)
        b += 0.2 * (first - v).mean(axis=0)
        c += 0.2 * (up - h).mean(axis=0)
    return model


def fresh_rbm(x, size, rng):
    p = np.clip(x.mean(axis=0), 0.001, 0.999)
    return [0.01 * rng.standard_normal(size), np.log(p / (1 - p)), np.zeros(size[1])]


@cache
def learned(k, hidden, seed):
    rng = np.random.default_rng(seed)
    return cd(BARS, k, fresh_rbm(BARS, (9, hidden), rng), rng, 3000, 14)


def probabilities(w, b, c):
    logs = PICTURES @ b + np.logaddexp(0, PICTURES @ w + c).sum(axis=1)
    return (p := np.exp(logs - logs.max())) / p.sum()


def kl(q, p):
    return np.sum(q[q > 0] * np.log(q[q > 0] / p[q > 0]))


def parts(p):
    return kl(DATA, p), -np.log(p[INSIDE].sum())


def after_one_trip(w, b, c):
    """자료에서 한 번 갔다 온 그림의 분포."""
    hidden = states(len(c))
    up, down = SIGMOID(BARS @ w + c)[:, None], SIGMOID(hidden @ w.T + b)[:, None]
    to_h, to_v = np.where(hidden, up, 1 - up).prod(axis=2), np.where(PICTURES, down, 1 - down).prod(axis=2)
    return np.mean(to_h @ to_v, axis=0)


@pytest.mark.parametrize("hidden", [6, 10])
def test_the_gap_of_cd1_is_imbalance_and_its_name_is_the_leak(hidden):
    """CD-1과 CD-5의 차이는 대부분 고르지 않은 몫이고, 두 KL의 차이는 밖으로 샌 몫과 비슷합니다."""
    found = []
    for seed in (201, 202, 203):
        one, five = (learned(k, hidden, seed) for k in (1, 5))
        p, contrast = probabilities(*one), after_one_trip(*one)
        found.append([*parts(p), *parts(probabilities(*five)), kl(DATA, p) - kl(contrast, p)])
    one, out, five, out5, contrast = np.mean(found, axis=0)
    assert one - five > 0.15
    assert (one - out) - (five - out5) > 0.6 * (one - five)
    assert contrast == pytest.approx(out, rel=0.2)
    assert one > 1.5 * contrast


@pytest.mark.parametrize("seed", [201, 202, 203])
def test_kl_has_two_directions_and_scaling_fools_the_reconstruction(seed):
    """KL은 방향에 따라 다르고, 세 배로 키운 모형은 재구성 오차가 줄면서 고르지 않은 몫이 커집니다."""
    model, flat, found = learned(1, 6, seed), np.full(512, 1 / 512), []
    assert kl(flat, p := probabilities(*model)) > 1.2 * kl(p, flat)
    assert 0.1 < p[~INSIDE].sum() < 0.4
    for w, b, c in ([scale * a for a in model] for scale in (1, 2, 3)):
        error = np.mean((SIGMOID(SIGMOID(BARS @ w + c) @ w.T + b) - BARS) ** 2)
        found.append([error, *parts(probabilities(w, b, c))])
    error, whole, out = np.transpose(found)
    assert error[0] > 5 * error[1] > 25 * error[2]
    assert whole[0] < whole[1] < whole[2]
    assert out[2] < 0.1 * out[0]


def test_shuffling_takes_the_gain_away_and_random_nets_do_not_catch_up():
    """레이블 50개의 작은 숫자, SGD: 원소를 섞은 DBN도, 네 배 걸은 Xavier도 DBN보다 낮습니다."""
    found, (x, y) = [], load_digits(return_X_y=True)
    for seed in (301, 302, 303):
        rng = np.random.default_rng(seed)
        order = rng.permutation(len(x))
        (a, test), (labels, truth) = [np.split(each[order], [1400]) for each in (x / 16, y)]
        images, dbn, biases = a, [], []
        for size in ((64, 64), (64, 48)):
            w, _, c = cd(a, 1, fresh_rbm(a, size, rng), rng, 2000, 50)
            dbn, biases, a = [*dbn, w], [*biases, c], SIGMOID(a @ w + c)
        mixed = [rng.permutation(w.ravel()).reshape(w.shape) for w in dbn]
        fresh = [np.sqrt(2 / sum(w.shape)) * rng.standard_normal(w.shape) for w in dbn]
        top = np.sqrt(2 / 58) * rng.standard_normal((48, 10))
        for weights, kept, steps in ((dbn, 1, 500), (mixed, 1, 500), (fresh, 0, 2000)):
            net = [w.copy() for w in (*weights, top)], [*(kept * c for c in biases), np.zeros(10)]
            fit(images[:50], labels[:50], *net, "sigmoid", 1, steps, np.random.default_rng(seed))
            found.append(accuracy(test, truth, *net, "sigmoid"))
    dbn, mixed, fresh = np.reshape(found, (3, 3)).mean(axis=0)
    assert dbn > max(mixed, fresh) + 0.02
