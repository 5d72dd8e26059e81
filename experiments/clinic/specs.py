"""건강한 모델 40개. 홀수 번은 문턱을 고르는 데, 짝수 번은 결과를 보이는 데 씁니다.

2k−1번과 2k번은 같은 갈래이고 크기, 활성화 함수, 초기화, 자료가 다릅니다. 초기화는 활성화 함수에 맞는 것이고,
아픈 것처럼 보이지만 건강한 것도 있습니다: 0인 마지막 층과 옆길, 0.02인 트랜스포머, He 다음의 배치 정규화,
PyTorch의 기본값인 세 층, [0, 1]인 화소, 깊은 곳의 죽은 ReLU 조금, 한쪽으로 쏠린 클래스.
"""

import functools

import numpy as np

from experiments.clinic.batches import pictures
from experiments.clinic.blueprint import Blueprint, Draft
from experiments.clinic.specs_deep import DEEP
from wi_lib.initializers import variance_scaling

torch_default = variance_scaling(1 / 3, "fan_in", "uniform")
sigmoid_init = variance_scaling(16, "fan_avg", "uniform")


def mlp(widths, act, init, *, last="lecun_normal", norm=None, drawn_bias=False):
    """은닉층의 너비가 widths인 망을 그리는 함수."""

    def draw(draft):
        for width in widths:
            draft.dense(width, init, drawn_bias)
            if norm:
                draft.norm(norm)
            draft.act(act)
        return draft.dense(10, last, drawn_bias)

    return draw


def conv(channels, act, init, *, norm=None, strides=None, pools=(), groups=None, last="lecun_normal", outputs=10):
    """합성곱을 이은 망. pools: 그 차례의 합성곱 다음에 반으로 줄입니다. groups: 차례마다의 묶음의 수."""

    def draw(draft):
        draft.reshape(8, 8, 1)
        for i, count in enumerate(channels):
            draft.conv(count, init, stride=strides[i] if strides else 1, groups=groups[i] if groups else 1)
            if norm:
                draft.norm(norm)
            draft.act(act)
            if i in pools:
                draft.pool(2)
        return draft.pool(None, "average").reshape().dense(outputs, last)

    return draw


def shared(width, times, act, init):
    """가운데의 한 층을 times번 쓰는 망."""

    def draw(draft):
        draft.dense(width, init).act(act).dense(width, init).act(act)
        middle = draft.parts[-2]
        for _ in range(times - 1):
            draft.again(middle).act(act)
        return draft.dense(10, "lecun_normal")

    return draw


def autoencoder(widths, act, init):
    def draw(draft):
        for width in widths:
            draft.dense(width, init).act(act)
        return draft.dense(64, "xavier_normal")

    return draw


LOPSIDED = [9, 1, 1, 1, 1, 1, 1, 1, 1, 1]
# 번호: (이름, 그리는 함수, 그림 배치의 설정)
FLAT = {
    1: ("넓은 두 층", mlp([1000], "relu", "he_normal"), {}),
    2: ("좁은 세 층", mlp([12, 12], "selu", "lecun_normal"), {}),
    3: ("PyTorch 기본값 세 층", mlp([128, 64], "relu", torch_default, last=torch_default, drawn_bias=True), {}),
    4: ("PyTorch 기본값 세 층", mlp([80, 80], "tanh", torch_default, last=torch_default, drawn_bias=True), {}),
    5: ("쏠린 클래스", mlp([100] * 6, "relu", "he_normal"), {"classes": LOPSIDED}),
    6: ("한 층을 네 번", shared(64, 4, "tanh", "xavier_normal"), {}),
    7: ("깊은 ReLU", mlp([48] * 30, "relu", "he_normal"), {}),
    8: ("깊은 leaky ReLU", mlp([64] * 20, "leaky_relu", "he_uniform"), {}),
    9: ("sigmoid", mlp([60, 60], "sigmoid", sigmoid_init), {}),
    10: ("sigmoid", mlp([100], "sigmoid", "xavier_normal"), {}),
    11: ("화소 그대로", mlp([100] * 4, "relu", "he_uniform"), {"scale": "pixels"}),
    12: ("화소 그대로", mlp([120] * 5, "tanh", "xavier_uniform"), {"scale": "pixels"}),
    13: ("배치 정규화", mlp([100] * 6, "relu", "he_normal", norm="batch"), {}),
    14: ("배치 정규화", mlp([64] * 8, "tanh", "xavier_normal", norm="batch"), {}),
    15: ("층 정규화, GELU", mlp([96] * 6, "gelu", "he_normal", norm="layer"), {}),
    16: ("층 정규화", mlp([64] * 12, "relu", "he_normal", norm="layer"), {}),
    23: ("합성곱", conv([16, 32, 32, 64], "relu", "he_normal", strides=[1, 2, 1, 2]), {}),
    24: ("합성곱", conv([24, 24, 48], "leaky_relu", "he_uniform", pools=(0, 1)), {"scale": "pixels"}),
    25: ("합성곱과 배치 정규화", conv([16, 32, 64], "relu", "he_normal", norm="batch", pools=(0,)), {}),
    26: (
        "묶음 합성곱",
        conv([32, 32, 64, 64], "relu", "he_normal", norm="batch", groups=[1, 32, 1, 4], strides=[1, 2, 1, 1]),
        {},
    ),
    33: ("오토인코더", autoencoder([48, 16, 48], "tanh", "xavier_normal"), {"target": "inputs"}),
    35: ("출력 하나", mlp([64, 64], "relu", "he_normal"), {"target": "odd"}),
    36: ("출력 하나, 쏠린 클래스", conv([16, 16], "relu", "he_normal", outputs=1, pools=(0,)), {"target": "zero"}),
    37: ("0인 마지막 층", mlp([100] * 5, "relu", "he_normal", last="zeros"), {}),
    38: ("0인 마지막 층", mlp([80] * 4, "leaky_relu", "he_normal", last="zeros", norm="layer"), {}),
    39: ("float16", mlp([100] * 3, "relu", "he_normal"), {"dtype": "float16"}),
    40: ("bfloat16", mlp([64] * 6, "gelu", "he_normal", norm="layer"), {"dtype": "bfloat16"}),
}
TARGETS = {
    "inputs": lambda x, y: x.copy(),
    "odd": lambda x, y: y % 2,
    "zero": lambda x, y: (y == 0).astype(np.int64),
}


def healthy(number, seed=0):
    """번호의 설계도를 seed에서 뽑은 것. 부를 때마다 새로 만들므로 고쳐도 됩니다."""
    rng = np.random.default_rng([number, seed])
    if number in DEEP:
        return DEEP[number](number, rng)
    name, draw, batch = FLAT[number]
    settings = {key: batch[key] for key in ("scale", "classes") if key in batch}
    x, y = pictures(rng, 64 if draw.__qualname__.startswith("conv") else 128, **settings)
    target = TARGETS.get(batch.get("target"), lambda x, y: y)
    draft = Draft((64,), rng)
    draw(draft)
    if batch.get("target") == "odd":
        draft.parts.pop()
        draft.shape = (64,)
        draft.dense(1, "lecun_normal")
    of_class = functools.partial(one_class, target=target, **settings)
    return Blueprint(number, name, draft.parts, [x], target(x, y), batch.get("dtype", "float32"), of_class=of_class)


def one_class(rng, count, target, **settings):
    """그 모델의 자료에서 클래스 하나만 든 배치."""
    x, y = pictures(rng, count, **settings | {"classes": np.eye(10)[rng.integers(10)]})
    return [x], target(x, y)


NUMBERS = sorted([*FLAT, *DEEP])
