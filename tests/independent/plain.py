"""독립 점검이 함께 쓰는 맨 NumPy: 난수 가중치, 순전파와 역전파, SGD와 Adam, 자료 읽기. 책의 꾸러미는 쓰지 않습니다."""

import gzip
import os
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

VALUES = {
    "identity": lambda z: z,
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0),
    "sigmoid": lambda z: 0.5 + 0.5 * np.tanh(z / 2),
}
SLOPES = {
    "identity": np.ones_like,
    "tanh": lambda z: 1 - np.tanh(z) ** 2,
    "relu": lambda z: (z > 0).astype(z.dtype),
    "sigmoid": lambda z: 0.25 / np.cosh(np.clip(z, -600, 600) / 2) ** 2,
}


def rms(a):
    return float(np.sqrt(np.mean(np.square(a))))


def drawn(rng, sizes, stds):
    """층마다 평균 0, 표준편차 std인 정규 난수의 가중치 (fan_in, fan_out)."""
    stds = np.broadcast_to(stds, len(sizes) - 1)
    return [std * rng.standard_normal(pair) for pair, std in zip(pairwise(sizes), stds)]


def forward(x, weights, f, biases=None):
    """층마다의 가중합과 활성화값. 편향을 주지 않으면 0입니다."""
    zs, activations = [], [x]
    for i, w in enumerate(weights):
        z = activations[-1] @ w
        zs.append(z if biases is None else z + biases[i])
        activations.append(VALUES[f](zs[-1]))
    return zs, activations


def backward(weights, zs, top, f):
    """맨 위 활성화값의 기울기가 top일 때 층마다의 δ = 손실을 가중합으로 미분한 값."""
    deltas = [top * SLOPES[f](zs[-1])]
    for w, z in zip(weights[:0:-1], zs[-2::-1]):
        deltas.append((deltas[-1] @ w.T) * SLOPES[f](z))
    return deltas[::-1]


def measured(rng, x, weights, f, biases=None):
    """정규 난수를 맨 위에 넣고: 활성화값, δ, √N으로 나눈 가중치 기울기의 RMS."""
    zs, activations = forward(x, weights, f, biases)
    deltas = backward(weights, zs, rng.standard_normal(zs[-1].shape), f)
    pairs = zip(activations, deltas)
    slopes = [rms(a.T @ d) / np.sqrt(len(x)) for a, d in pairs]
    return activations[1:], deltas, np.array(slopes)


def output(x, weights, biases, f):
    """은닉층은 f, 출력층은 직선인 망의 출력과 은닉층의 기록."""
    zs, activations = forward(x, weights[:-1], f, biases)
    return activations[-1] @ weights[-1] + biases[-1], zs, activations


def loss_gradients(x, y, weights, biases, f):
    """소프트맥스 교차 엔트로피를 가중치와 편향으로 미분합니다."""
    logits, zs, activations = output(x, weights, biases, f)
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    p[np.arange(len(y)), y] -= 1
    last = p / len(y)
    deltas = [*backward(weights[:-1], zs, last @ weights[-1].T, f), last]
    slopes = [a.T @ d for a, d in zip(activations, deltas)]
    return slopes, [d.sum(axis=0) for d in deltas]


def fit(x, y, weights, biases, f, rate, steps, rng, adam=False, batch=32):
    """제자리에서 배웁니다. 배치는 되풀이를 허락하지 않는 차례로, 다 쓰면 다시 섞습니다."""
    values, order = [*weights, *biases], rng.permutation(len(x))
    m, v = [[np.zeros_like(p) for p in values] for _ in range(2)]
    for step in range(1, steps + 1):
        if len(order) < batch:
            order = rng.permutation(len(x))
        now, order = order[:batch], order[batch:]
        slopes = loss_gradients(x[now], y[now], weights, biases, f)
        for i, g in enumerate([*slopes[0], *slopes[1]]):
            if adam:
                m[i] += 0.1 * (g - m[i])
                v[i] += 0.001 * (g * g - v[i])
                root = np.sqrt(v[i] / (1 - 0.999**step)) + 1e-8
                g = m[i] / (1 - 0.9**step) / root
            values[i] -= rate * g


def accuracy(x, y, weights, biases, f):
    return float(np.mean(output(x, weights, biases, f)[0].argmax(axis=1) == y))


def mnist(part):
    """WI_LIB_DATA_DIR의 MNIST: (화소 0–1, 레이블). 없으면 시험을 건너뜁니다."""
    folder = Path(os.environ.get("WI_LIB_DATA_DIR", ""))
    files = [folder / f"{part}-{kind}-ubyte.gz" for kind in ("images-idx3", "labels-idx1")]
    if not all(file.is_file() for file in files):
        pytest.skip("MNIST 파일이 없습니다")
    pixels, labels = (gzip.decompress(file.read_bytes()) for file in files)
    x = np.frombuffer(pixels, np.uint8, offset=16).reshape(-1, 784) / np.float32(255)
    return x, np.frombuffer(labels, np.uint8, offset=8)
