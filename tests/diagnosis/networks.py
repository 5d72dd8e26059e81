"""진단의 시험이 함께 쓰는 건강한 망과 자료. 시험마다 하나를 망가뜨려 봅니다."""

import functools

import numpy as np

from wi_lib import MLP, Network, datasets, layers


@functools.cache
def digits(count=128):
    """평균 0, 표준편차 1로 맞춘 손글씨 숫자와 그 레이블."""
    data = datasets.load_digits()
    x = data.x_train[:count]
    return ((x - x.mean()) / x.std()).astype(np.float32), data.y_train[:count]


def rng(seed=0):
    return np.random.default_rng(seed)


def mlp(depth=5, activation="relu", initializer="he_normal", width=64):
    return MLP([64, *[width] * depth, 10], activation, initializer, rng=rng())


def residual(blocks, scale=1.0, last="he_normal"):
    """정규화가 없는 잔차망. scale은 옆길의 배율, last는 옆길의 마지막 층의 초기화입니다."""
    branch = [layers.Dense(64, "he_normal"), layers.Activate("relu"), layers.Dense(64, last)]
    body = [layers.Residual(branch, scale=scale)] * blocks
    parts = [layers.Dense(64, "lecun_normal"), *body, layers.Dense(10, "lecun_normal")]
    return Network(parts, (64,), rng=rng())


def convolution(norm=False, initializer="he_normal"):
    body = []
    for channels, stride in ((8, 1), (16, 2), (16, 1)):
        body.append(layers.Conv2D(channels, 3, initializer, padding=1, stride=stride))
        body += [layers.BatchNorm()] if norm else []
        body.append(layers.Activate("relu"))
    top = [layers.Pool2D(None, "average"), layers.Reshape(-1), layers.Dense(10, "lecun_normal")]
    return Network([layers.Reshape(8, 8, 1), *body, *top], (64,), rng=rng())
