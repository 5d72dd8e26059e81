"""잔차망, 트랜스포머, 입력이 둘인 망."""

import numpy as np

from experiments.clinic.batches import pictures, text
from experiments.clinic.blueprint import Blueprint, Draft
from wi_lib import texts
from wi_lib.initializers import normal, variance_scaling


def one_class(rng, count):
    x, y = pictures(rng, count, classes=np.eye(10)[rng.integers(10)])
    return [x], y


def residual(name, blocks, width, act, *, norm=None, first="he_normal", last="he_normal", scale=1.0):
    """머리 하나, 블록 여럿, 출력층. norm이 있으면 블록의 맨 앞과 출력층의 앞에 둡니다."""

    def fill(branch):
        if norm:
            branch.norm(norm)
        else:
            branch.act(act)
        branch.dense(width, first).act(act).dense(width, last)

    def make(number, rng):
        x, y = pictures(rng)
        draft = Draft((64,), rng).dense(width, "lecun_normal")
        for _ in range(blocks):
            draft.residual(fill, scale)
        if norm:
            draft.norm(norm)
        return Blueprint(number, name, draft.dense(10, "lecun_normal").parts, [x], y, of_class=one_class)

    return make


def pictures_residual(name, blocks, channels, gamma):
    """합성곱 잔차망. gamma: 옆길의 마지막 배치 정규화의 γ."""

    def fill(branch):
        branch.conv(channels).norm("batch").act("relu").conv(channels).norm("batch", gamma)

    def make(number, rng):
        x, y = pictures(rng, 64)
        draft = Draft((64,), rng).reshape(8, 8, 1).conv(channels).norm("batch").act("relu")
        for _ in range(blocks):
            draft.residual(fill).act("relu")
        parts = draft.pool(None, "average").reshape().dense(10, "lecun_normal").parts
        return Blueprint(number, name, parts, [x], y, of_class=one_class)

    return make


def transformer(name, blocks, width, heads, init, *, out=None, packed, tied, act="relu", norm="layer"):
    """글자 모델. out: 옆길의 마지막 행렬의 초기화(없으면 init)."""

    def attend(branch):
        branch.norm(norm).attention(heads, init, out, packed)

    def think(branch):
        branch.norm(norm).dense(4 * width, init).act(act).dense(width, out or init)

    def make(number, rng):
        x, y = text(rng)
        vocabulary = len(texts.symbols())
        draft = Draft(x.shape[1:], rng).embed(vocabulary, width, normal(0.02)).position(normal(0.02))
        embedding = draft.parts[0]
        for _ in range(blocks):
            draft.residual(attend).residual(think)
        draft.norm(norm)
        draft = draft.tied(embedding) if tied else draft.dense(vocabulary, normal(0.02))
        return Blueprint(number, name, draft.parts, [x], y)

    return make


def two_inputs(number, rng):
    """그림의 윗반과 아랫반을 따로 받아 숫자의 크기를 맞히는 회귀."""
    x, y = pictures(rng)
    halves = [Draft((32,), rng).dense(48, "he_normal").act("relu") for _ in range(2)]
    draft = Draft((96,), rng).towers(halves).dense(64, "he_normal").act("relu").dense(1, "lecun_normal")
    target = ((y - y.mean()) / y.std()).astype(np.float32)[:, None]
    return Blueprint(number, "입력 둘, 회귀", draft.parts, [x[:, :32], x[:, 32:]], target)


def small_out(blocks):
    """GPT-2: 옆길의 마지막 행렬은 0.02/√(2·블록 수)."""
    return normal(0.02 / np.sqrt(2 * blocks))


# 번호: 설계도를 만드는 함수
DEEP = {
    17: residual("사전 정규화", 12, 64, "relu", norm="layer"),
    18: residual("사전 정규화", 20, 48, "leaky_relu", norm="rms"),
    19: residual("0인 옆길", 16, 64, "relu", last="zeros"),
    20: residual("Fixup", 30, 48, "relu", first=variance_scaling(2 / 30), last="zeros"),
    21: residual("줄인 옆길", 16, 64, "relu", scale=(2 * 16) ** -0.5),
    22: residual("줄인 옆길", 40, 48, "relu", last=variance_scaling(2 / 80)),
    27: pictures_residual("합성곱 잔차망", 5, 16, 1.0),
    28: pictures_residual("0인 γ의 합성곱 잔차망", 8, 12, 0.0),
    29: transformer("글자 모델 0.02", 2, 32, 4, normal(0.02), packed=True, tied=True),
    30: transformer("글자 모델 Xavier", 3, 48, 4, "xavier_uniform", packed=False, tied=False),
    31: transformer("글자 모델 0.02/√2L", 6, 32, 4, normal(0.02), out=small_out(6), packed=False, tied=False),
    32: transformer("글자 모델 RMS", 4, 32, 2, normal(0.02), packed=True, tied=True, norm="rms"),
    34: two_inputs,
}
