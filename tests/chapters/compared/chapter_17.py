"""17장의 견주는 문장. 검증 자료의 정답에 준 확률을 견주고, 발산한 시드의 확률은 장처럼 0으로 셉니다."""

import functools

import numpy as np

from tests.chapters import test_chapter_17 as measured
from tests.chapters.compared import Comparison, stored
from tests.chapters.later import Later
from wi_lib import train

ARRAYS, ABOUT = stored("width_rates")


def seeds(activation, rule, optimizer, n, power):
    """그 칸의 시드 다섯."""
    for row, plan in ABOUT["rows"].items():
        if plan["activation"] == activation and n in plan["width"]:
            key = f"{row}_{rule}_{optimizer}"
            at = plan["width"].index(n), ABOUT["learning_rate"][key].index(2.0**power)
            return np.nan_to_num(ARRAYS[f"{key}_validation"][at])
    raise KeyError(n)


def best(activation, rule, optimizer, n):
    """그 너비에서 가장 좋은 학습률의 시드 다섯."""
    return seeds(activation, rule, optimizer, n, measured.best(activation, rule, optimizer)[n])


def kept(activation, rule, optimizer, n):
    """너비 64에서 고른 학습률을 그대로 쓴 시드 다섯."""
    return seeds(activation, rule, optimizer, n, measured.best(activation, "standard", optimizer)[64])


def again(activation, rule, optimizer, n):
    """다시 고른 것에서 그대로 쓴 것을 뺀 차이."""
    return best(activation, rule, optimizer, n) - kept(activation, rule, optimizer, n)


def gained(activation, optimizer, n):
    """다시 고른 표준에서 다시 고른 μP를 뺀 차이."""
    return best(activation, "standard", optimizer, n) - best(activation, "mup", optimizer, n)


@functools.cache
def change(n, **plan):
    """SGD의 학습률 0.5로 50걸음 배우는 동안 2층의 출력이 바뀐 비율의 로그, 시드마다."""
    found = []
    for seed in range(5):
        net, rule = measured.ready(n, "sgd", seed, **plan)
        before, rng = measured.features(net), np.random.default_rng([17, seed])
        settings = {"learning_rate": 0.5, "batch_size": 64, "iterations": 50}
        train(net, measured.digits().hold_out(300), optimizer=rule, rng=rng, **settings)
        found.append(np.linalg.norm(measured.features(net) - before) / np.linalg.norm(before))
    return np.log(found)


LAST = {"tanh": 4096, "relu": 1024}
FOUR = [(activation, optimizer) for activation in LAST for optimizer in ("sgd", "adam")]
COMPARISONS = [
    Comparison(
        "너비 1,024에서 그렇게 줄여 보면 50걸음에 덜 배웁니다",
        best("tanh", "standard", "sgd", 1024) - seeds("tanh", "standard", "sgd", 1024, -5),
        by=0.1,
    ),
    Comparison(
        "($2^{-4}$과 $2^{-3}$은 다섯 시드로 가르지 못하므로",
        best("tanh", "standard", "sgd", 4096) - seeds("tanh", "standard", "sgd", 4096, -3),
        "unclear",
    ),
    *(
        Comparison(
            "$2^{-13}$부터 $2^{-10}$까지는 다섯 시드로 가르지 못합니다",
            best("tanh", "standard", "adam", 4096) - seeds("tanh", "standard", "adam", 4096, power),
            "unclear",
        )
        for power in (-12, -11, -10)
    ),
    Comparison(
        "가장 좋은 것(0.87)과 다섯 시드로는 가르지 못합니다", again("relu", "standard", "adam", 1024), "unclear"
    ),
    *(
        Comparison(
            "그대로 쓴 넓은 망이 오히려 더 잘 배웠습니다",
            kept("relu", "standard", "sgd", n) - kept("relu", "standard", "sgd", 64),
        )
        for n in (256, 1024)
    ),
    *(
        Comparison(
            "작은 망의 학습률을 그대로 쓰면 너비 4,096의 tanh 망은", again("tanh", "standard", name, 4096), by=0.3
        )
        for name in ("sgd", "adam")
    ),
    Comparison("다섯 시드로 가르지 못합니다(0.164 ± 0.177)", again("tanh", "standard", "adam", 1024), "unclear"),
    Comparison("답은 2번입니다. μP가 0.76, 다시 고른 표준이 0.80입니다", gained("tanh", "sgd", 4096)),
    Comparison("다시 고른 것과 가르지 못합니다(0.001 ± 0.051)", again("tanh", "mup", "adam", 4096), "alike", 0.06),
    Comparison("0.80으로 μP의 0.76보다 높았고(0.048 ± 0.046)", gained("tanh", "sgd", 4096)),
    Comparison("Adam에서는 둘을 가르지 못합니다", gained("tanh", "adam", 4096), "unclear"),
    Comparison("다시 고른 표준이 SGD에서는 0.113 ± 0.030 높고", gained("relu", "sgd", 1024), by=0.05),
    Comparison("높고 Adam에서는 가르지 못합니다", gained("relu", "adam", 1024), "unclear"),
    *(
        Comparison(
            "네 줄 모두 너비 64의 망과 가르지 못합니다",
            best(activation, "mup", name, LAST[activation]) - kept(activation, "standard", name, 64),
            "unclear",
        )
        for activation, name in FOUR
    ),
    Comparison(
        "특징의 변화는 절반이나 그 아래로 줄고",
        Later(lambda: change(64, standard=True) - change(256, standard=True, shrink=True)),
        by=np.log(2),
    ),
    Comparison(
        "너비를 따라 천천히 줄기는 합니다", Later(lambda: change(64, standard=True) - change(256, standard=True))
    ),
    Comparison("특징도 커널도 너비와 상관없이 바뀝니다", Later(lambda: change(64) - change(256)), "alike", np.log(1.1)),
    *(
        Comparison(
            "$1/n$로 줄인 망은 같은 50걸음에 가장 덜 배웠습니다",
            best("tanh", rule, "sgd", 1024) - seeds("tanh", "standard", "sgd", 1024, -5),
            by=0.1,
        )
        for rule in ("standard", "mup")
    ),
    Comparison(
        "다섯 시드로 그것과 가르지 못하는 $2^{-10}$이면 1.4배입니다",
        best("tanh", "standard", "adam", 1024) - seeds("tanh", "standard", "adam", 1024, -10),
        "unclear",
    ),
    Comparison("SGD에서는 표준이 조금 나았습니다", gained("tanh", "sgd", 4096)),
]
