"""5장: 같은 시드의 망은 깊이가 같으면 난수와 배치가 같고 크기만 다릅니다(experiments/relu_depth.py, 실험대도 같음).

깊이가 다른 망은 배치만 같습니다.
"""

import functools

from tests.chapters.compared import Comparison, stored
from tests.chapters.trained import accuracies_in_the_lab
from wi_lib import at_best_rate

ARRAYS, ABOUT = stored("relu_depth")
RUNS = {}
for search, about in ABOUT["searches"].items():
    parts = [ARRAYS[f"{search}_{key}"] for key in ("validation", "accuracy", "dead")]
    for cell, best, accuracy, dead in zip(about["cells"], *at_best_rate(*parts[:2]), parts[2]):
        RUNS[tuple(cell.values())] = accuracy, dead[best]
STANDARDISED, LEAKY = ("relu", True), ("leaky_relu(0.01)", False)


def accuracy(optimizer, name, depth, activation="relu", standardised=False):
    return RUNS[optimizer, name, depth, activation, standardised][0]


def dead(optimizer, name, activation="relu", standardised=False):
    """5층을 학습시킨 뒤 죽은 유닛의 몫."""
    return RUNS[optimizer, name, 5, activation, standardised][1][:, 1]


def revived(name):
    """5층을 SGD로 학습시키는 동안 줄어든 죽은 유닛의 몫."""
    before, after, _ = RUNS["sgd", name, 5, "relu", False][1].T
    return before - after


def small_epsilon(rate):
    return ARRAYS["fine_accuracy"][-1, ABOUT["searches"]["fine"]["learning_rate"].index(rate)]


def dead_at(initializer, rate):
    """Adam의 학습률에서, 5층을 학습시킨 뒤 죽은 유닛의 몫."""
    return ARRAYS["adam_five_dead"][initializer, ABOUT["searches"]["adam_five"]["learning_rate"].index(rate), :, 1]


@functools.cache
def lab(name, depth, rate=0.03, steps=300, seeds=range(5)):
    return accuracies_in_the_lab(depth, 50, "relu", f"{name}_normal", rate, steps, seeds=seeds)


def faster(name, depth, seeds=range(15)):
    """학습률을 0.1로 올려 얻은 것. 시드 다섯이면 프로세서에 따라 구간이 0을 품기도 합니다."""
    return lab(name, depth, 0.1, seeds=seeds) - lab(name, depth, seeds=seeds)


def shallower(depth, deeper):
    return lab("lecun", depth) - lab("lecun", deeper)


EACH = [(optimizer, name) for optimizer in ("sgd", "adam") for name in ("LeCun", "He")]
SMALL = {depth: accuracy("adam", "0.01", depth) for depth in (5, 6, 8, 30)}

COMPARISONS = [
    Comparison(
        "SGD에서는 30층에서 He 하나만 배웁니다", accuracy("sgd", "He", 30) - accuracy("sgd", "LeCun", 30), by=0.5
    ),
    *(
        Comparison("여서 가를 수 없고, 있어 보아야", accuracy(o, "He", 5) - accuracy(o, "LeCun", 5), "unclear")
        for o in ("sgd", "adam")
    ),
    *(
        Comparison("있어 보아야 3 %p쯤입니다", accuracy(o, "He", 5) - accuracy(o, "LeCun", 5), "alike", 0.03)
        for o in ("sgd", "adam")
    ),
    Comparison("Xavier로 시작한 30층이 배웁니다", accuracy("adam", "LeCun", 30) - 0.1),
    Comparison(
        "시드 다섯의 차이는 26 ± 30 %p로", accuracy("adam", "He", 30) - accuracy("adam", "LeCun", 30), "unclear"
    ),
    Comparison(
        "다른 시드 열다섯에서 다시 재면 He가 27 ± 10 %p 앞섭니다",
        ARRAYS["more_accuracy"][1] - ARRAYS["more_accuracy"][0],
    ),
    Comparison("8층은 같은 시드의 5층보다 54 ± 32 %p 낮고", SMALL[5] - SMALL[8]),
    Comparison("0.01로 시작하면 깊은 망은 Adam으로도 배우지 못합니다", SMALL[5] - SMALL[30], by=0.6),
    Comparison("5층과도 8층과도 가를 수 없습니다", SMALL[5] - SMALL[6], "unclear"),
    Comparison("5층과도 8층과도 가를 수 없습니다", SMALL[6] - SMALL[8], "unclear"),
    Comparison(
        "낮추어도 같은 시드의 5층에는 못 미칩니다", SMALL[5] - RUNS["adam(ε=1e-16)", "0.01", 8, "relu", False][0]
    ),
    *(
        Comparison("어느 깊이에서 갑자기 끊어지지 않고 차례로 내려갑니다", functools.partial(shallower, a, b))
        for a, b in ((4, 8), (8, 12), (12, 16))
    ),
    Comparison("8층도 80 % 안팎까지 배웁니다", lambda: lab("lecun", 8, steps=900) - lab("lecun", 8), by=0.3),
    Comparison("학습률을 0.1로 올리면 Xavier의 8층은 빨라지지만", lambda: faster("lecun", 8)),
    Comparison("He의 16층은 도리어 나빠집니다", lambda: -faster("he", 16)),
    *(Comparison("SGD에서 Xavier와 He는 3.6 %와 3.1 %로 **줄었고**", revived(name)) for name in ("LeCun", "He")),
    Comparison("SGD에서 0.4 ± 0.8 %p여서 가를 수 없고", dead("sgd", "LeCun") - dead("sgd", "He"), "unclear"),
    Comparison("Adam에서는 Xavier가 3.3 ± 2.4 %p 많습니다", dead("adam", "LeCun") - dead("adam", "He")),
    *(
        Comparison("Xavier와는 몇 %포인트 차이이고", dead(o, "LeCun") - dead(o, "He"), "alike", 0.06)
        for o in ("sgd", "adam")
    ),
    *(
        Comparison(
            "0.01과 견주면 맞고, Xavier와 견주면 차이가 몇 %포인트뿐입니다", dead(o, "0.01") - dead(o, name), by=0.3
        )
        for o, name in EACH
    ),
    *(
        Comparison("0.001에서 0.03으로 올리면", dead_at(initializer, 0.03) - dead_at(initializer, 0.001))
        for initializer in range(3)
    ),
    *(Comparison("학습 뒤에도 2–5 %p 적습니다", dead(*each) - dead(*each, *STANDARDISED)) for each in EACH),
    *(Comparison("ReLU보다 적습니다", dead(*each) - dead(*each, *LEAKY)) for each in EACH if each[0] == "adam"),
    *(
        Comparison("여덟 줄 모두 구간이 0을 품어", accuracy(*each, 5, *other) - accuracy(*each, 5), "unclear")
        for each in EACH
        for other in (STANDARDISED, LEAKY)
    ),
]
