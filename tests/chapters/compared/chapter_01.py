"""1장: 같은 시드의 망은 배치가 같고, 난수를 얹은 것은 뽑은 난수도 같습니다(experiments/symmetry.py)."""

import functools
from itertools import pairwise

import numpy as np

from tests.chapters.compared import Comparison, stored
from tests.chapters.test_chapter_01 import SEEDS, decayed
from wi_lib import at_best_rate

ARRAYS, ABOUT = stored("symmetry")
STARTS = ABOUT["many"]["start"]
CONSTANT, *NOISY, ALONE, HE = range(len(STARTS))
BOTH = {"sgd": 0.3, "adam": 0.003}  # 페이지의 학습률


def many(optimizer, start, measured="accuracy"):
    """고른 학습률에서 시드마다 잰 것."""
    _, runs = at_best_rate(ARRAYS[f"many_{optimizer}_validation"][start], ARRAYS[f"many_{optimizer}_{measured}"][start])
    return runs


def wait(optimizer, start):
    """페이지의 학습률에서 손실이 1.2 아래로 내려간 걸음."""
    at = ABOUT["learning_rate"][f"many_{optimizer}"].index(BOTH[optimizer])
    return float(ABOUT["many"]["block"]) * (ARRAYS[f"many_{optimizer}_loss"][start, at] < 1.2).argmax(axis=1)


def late(optimizer):
    """유닛 하나짜리 망의 손실이 2만 걸음쯤부터 끝까지 내려간 만큼."""
    loss = ARRAYS[f"long_{optimizer}_loss"]
    return loss[:, 20:25].mean(axis=1) - loss[:, -5:].mean(axis=1)


def times(optimizer):
    """ε = 0.0001이 같은 시드의 0.01의 몇 배를 기다렸는지."""
    return wait(optimizer, NOISY[0]) / wait(optimizer, NOISY[2])


@functools.cache
def ends(decay, std):
    """SGD의 (처음 가중치의 크기, 끝의 크기, 시험 정확도), 시드마다."""
    return np.array([decayed("sgd", decay, std, seed) for seed in SEEDS]).T


def shrunk(std):
    return ends(0.0, std)[1] - ends(0.001, std)[1]


COMPARISONS = [
    *(Comparison("절반을 맞히지 못합니다", many(o, HE) - many(o, CONSTANT), by=0.4) for o in BOTH),
    Comparison("SGD에서 0.57 ± 0.04", many("sgd", HE, "train_accuracy") - ARRAYS["long_sgd_train_accuracy"], by=0.5),
    Comparison(
        "Adam에서 0.55 ± 0.07인", many("adam", HE, "train_accuracy") - ARRAYS["long_adam_train_accuracy"], by=0.4
    ),
    *(
        Comparison(
            "1,500걸음을 한참 지나서도 내려갑니다", ARRAYS[f"long_{o}_loss"][:, 2] - ARRAYS[f"long_{o}_loss"][:, -1]
        )
        for o in BOTH
    ),
    *(Comparison("두 최적화기 모두 평균이 0.1도 더 내려가지 않습니다", late(o), "alike", 0.1) for o in BOTH),
    *(
        Comparison("손실의 평균은 둘 다 1.3 안팎입니다", ARRAYS[f"long_{o}_loss"][:, -1] - 1.3, "alike", 0.2)
        for o in BOTH
    ),
    *(
        Comparison("$\\varepsilon = 0.01$이 먼저, $0.0001$이 맨 나중에 벗어나지만", wait(o, small) - wait(o, large))
        for o in BOTH
        for small, large in pairwise(NOISY)
    ),
    *(Comparison("기다린 시간은 두세 배뿐입니다", times(o), by=1.5) for o in BOTH),
    *(Comparison("기다린 시간은 두세 배뿐입니다", 4 - times(o)) for o in BOTH),
    Comparison("SGD(0.3)보다 150 ± 88걸음 일찍 벗어나고", wait("sgd", NOISY[2]) - wait("adam", NOISY[2])),
    *(
        Comparison("더 작은 두 난수에서는 어느 쪽이 빠른지", wait("sgd", start) - wait("adam", start), "unclear")
        for start in NOISY[:2]
    ),
    Comparison("SGD는 3,000걸음 동안 배우지 못하고 Adam은 배웁니다", many("adam", ALONE) - many("sgd", ALONE), by=0.7),
    Comparison(
        "He에서 시작한 것과 비슷한 크기가 됩니다", lambda: ends(0.0, 0.05)[1] / ends(0.0, None)[1] - 1, "alike", 0.15
    ),
    *(
        Comparison("감쇠를 켜면 어디서 시작했든 끝의 크기가 함께 줄어듭니다", functools.partial(shrunk, std))
        for std in (0.05, None)
    ),
    Comparison(
        "작게 시작했다고 시험 정확도가 오르지도 않았습니다", lambda: ends(0.0, None)[2] - ends(0.0, 0.05)[2], by=-0.01
    ),
]
