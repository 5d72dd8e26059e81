"""14장의 견주는 문장. 모든 시드가 발산한 칸(그대로 50블록의 SGD)은 견주지 않습니다."""

import functools

import numpy as np

from tests.chapters import test_chapter_14 as measured
from tests.chapters.compared import Comparison, stored
from tests.chapters.later import Later
from wi_lib import at_best_rate, initializers

ARRAYS, ABOUT = stored("residual_depth")
SEEDS, BOTH = range(5), ("sgd", "adam")
RESIDUAL = ABOUT["rows"]["200"]["schemes"]
PLANS = {
    "zero": lambda blocks: {"last": "zeros"},
    "gpt2": lambda blocks: {"last": initializers.variance_scaling(1 / blocks)},
    "rezero": lambda blocks: {"scale": 0.0, "learn_scale": True},
    "root": lambda blocks: {"scale": blocks**-0.5},
}


def runs(scheme, blocks, optimizer):
    """검증 자료로 고른 학습률의 시험 정확도, 시드마다."""
    return measured.chosen(scheme, blocks, optimizer)[1]


def gap(a, b, optimizer):
    return runs(*a, optimizer) - runs(*b, optimizer)


def best(blocks, optimizer):
    """그 깊이에서 평균이 가장 높은 처방의 시험 정확도, 시드마다."""
    return max((runs(s, blocks, optimizer) for s in RESIDUAL), key=lambda found: np.nan_to_num(found).mean())


def loss(scheme):
    """200블록을 고른 학습률의 SGD로 학습시킨 손실: (시드, 열 걸음씩)."""
    i = RESIDUAL.index(scheme)
    chosen, _ = at_best_rate(ARRAYS["200_sgd_validation"][i], ARRAYS["200_sgd_accuracy"][i])
    return ARRAYS["200_sgd_loss"][i, chosen]


@functools.cache
def learned(plan, optimizer, rate):
    """300걸음 뒤 학습 자료의 정확도, 시드마다. plan이 None이면 블록이 없는 망입니다."""
    found = []
    for seed in SEEDS:
        net = measured.residual(10 if plan else 0, seed=seed, **dict(plan or {}))
        measured.walk(net, 300, optimizer, rate, seed=seed)
        found.append(net.accuracy(measured.digits().x_train, measured.digits().y_train))
    return np.array(found)


@functools.cache
def read(kind, blocks):
    return np.array([measured.read(kind, blocks, seed) for seed in SEEDS])


@functools.cache
def step(scheme, blocks):
    """한 걸음에 로짓이 움직인 양의 로그, 장과 같은 시드 여덟."""
    return np.log([measured.stepped(blocks, True, seed, **PLANS[scheme](blocks)) for seed in range(8)])


ZERO, FIRST = (("last", "zeros"),), (("first", "zeros"),)
REZERO = (("scale", 0.0), ("learn_scale", True))
LINEAR = "plain", 0
COMPARISONS = [
    Comparison("50블록에서 절반쯤만 읽히고", Later(lambda: read("post", 10) - read("post", 50)), by=0.2),
    Comparison("50블록의 차례는 시드 다섯에서 같습니다", Later(lambda: read("root", 50) - read("post", 50)), by=0.2),
    Comparison(
        "Adam에서는 $W_2$만 0인 망이 선형 분류기를 3 %p 넘게 앞섭니다",
        Later(lambda: learned(ZERO, "adam", 0.001) - learned(None, "adam", 0.001)),
        by=0.03,
    ),
    Comparison(
        "학습률을 0.01로 줄이면 다섯 시드에서 앞섭니다",
        Later(lambda: learned(ZERO, "sgd", 0.01) - learned(None, "sgd", 0.01)),
    ),
    Comparison(
        "마지막 편향만 배우므로 선형 분류기와 같습니다",
        Later(lambda: learned(FIRST, "adam", 0.001) - learned(None, "adam", 0.001)),
        "alike",
        0.01,
    ),
    Comparison(
        "학습률을 0.1로 올리거나 Adam을 쓰면 99 %입니다",
        Later(lambda: learned(REZERO, "adam", 0.001) - learned(REZERO, "sgd", 0.03)),
    ),
    Comparison("SGD로는 10블록이 88 %로 선형 분류기에 못 미치고", gap(LINEAR, ("he", 10), "sgd")),
    *(
        Comparison("네 구간이 모두 0 위에 있습니다", gap(("root", 200), (scheme, 200), "adam"))
        for scheme in ("gpt2", "zero", "fixup", "pre")
    ),
    Comparison("ReZero만 $1/\\sqrt L$과 가르지 못합니다", gap(("root", 200), ("rezero", 200), "adam"), "unclear"),
    Comparison("시드 다섯으로는 아슬아슬하게 가르지 못합니다", gap(("root", 10), ("post", 10), "sgd"), "unclear"),
    Comparison("Adam으로는 1.9 ± 1.6 %p 낮고", gap(("root", 10), ("post", 10), "adam")),
    Comparison("보다 SGD에서는 14 %p 낫지만", gap(("post", 50), ("plain", 50), "sgd"), by=0.05),
    Comparison("시드마다 흩어져(16 ± 19 %p) 가르지 못합니다", gap(("post", 50), ("plain", 50), "adam"), "unclear"),
    *(
        Comparison("어느 깊이에서나 선형 분류기를 넘고", gap((scheme, blocks), LINEAR, optimizer))
        for scheme in ("root", "rezero")
        for blocks in (10, 50, 200)
        for optimizer in BOTH
    ),
    *(
        Comparison("(셋 다 90 %)은 선형 분류기와 가르지 못하고", gap((scheme, 200), LINEAR, "sgd"), "unclear")
        for scheme in ("pre", "gpt2", "zero")
    ),
    Comparison("Fixup(87 %)은 그보다 2.8 ± 0.5 %p 낮습니다", gap(LINEAR, ("fixup", 200), "sgd"), by=0.02),
    Comparison("이 가운데 선형 분류기를 넘은 것은", gap(("gpt2", 200), LINEAR, "adam")),
    *(
        Comparison("사전 정규화(−0.6 ± 2.9)는 가르지 못합니다", gap((scheme, 200), LINEAR, "adam"), "unclear")
        for scheme in ("zero", "fixup", "pre")
    ),
    *(
        Comparison("$1/\\sqrt L$과 ReZero보다 내내 위에 있습니다", (loss("zero") - loss(other))[:, at])
        for other in ("root", "rezero")
        for at in range(0, loss(other).shape[1], 5)
    ),
    *(
        Comparison("160블록이 10블록의 열 배", Later(lambda s=scheme: step(s, 160) - step(s, 10)), by=np.log(10))
        for scheme in ("zero", "gpt2")
    ),
    Comparison("보다 스무 배쯤 작습니다", Later(lambda: step("zero", 160) - step("rezero", 160)), by=np.log(10)),
    *(
        Comparison(
            "200블록도 10블록과 같은 학습률로 배웁니다", gap(("root", 200), ("root", 10), optimizer), "alike", 0.015
        )
        for optimizer in BOTH
    ),
    Comparison("200블록이 10블록보다 1.0 ± 0.7 %p 나은데", gap(("rezero", 200), ("rezero", 10), "adam")),
    Comparison(
        "그것도 $1/\\sqrt L$의 10블록과 1 %p 안에서 같습니다", gap(("rezero", 200), ("root", 10), "adam"), "alike", 0.01
    ),
    *(
        Comparison(
            "가장 나은 200블록도 가장 나은 10블록과 1 %p 안에서 같았습니다",
            best(200, optimizer) - best(10, optimizer),
            "alike",
            0.01,
        )
        for optimizer in BOTH
    ),
]
