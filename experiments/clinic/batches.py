"""배치: scikit-learn의 손글씨 숫자와 대한민국헌법."""

import functools

import numpy as np

from wi_lib import datasets, texts

digits = functools.cache(datasets.load_digits)
constitution = functools.cache(texts.load_constitution)


def pictures(rng, count=128, scale="standard", classes=None):
    """(그림 (count, 64), 정답). scale: "standard"(전체의 평균 0, 표준편차 1)나 "pixels"(0 이상 1 이하).

    `classes`: 남길 클래스마다의 몫. 없으면 자료에 있는 그대로입니다.
    """
    data = digits()
    share = np.ones(10) if classes is None else np.asarray(classes, float)
    weight = share[data.y_train]
    rows = rng.choice(len(data.x_train), count, replace=False, p=weight / weight.sum())
    x, y = data.x_train[rows], data.y_train[rows]
    if scale == "standard":
        x = (x - data.x_train.mean()) / data.x_train.std()
    return x.astype(np.float32), y


def text(rng, count=16, length=32):
    """(기호의 번호 (count, length), 다음 기호의 번호)."""
    data = constitution(length)
    rows = rng.choice(len(data.x_train), count, replace=False)
    return data.x_train[rows], data.y_train[rows]
