"""7장의 짝의 표. 한 시드의 망은 모두 같은 배치를 봅니다. 고른 학습률에서 발산한 시드는 없습니다."""

import functools

from tests.chapters.compared import Comparison, chosen, each, stored
from tests.chapters.trained import accuracies_in_the_lab
from wi_lib import initializers

RESULTS = stored("matching")[0]
SIGMOID, TANH, RELU, LEAKY, SELU = range(5)
SMALL, ONE, LECUN, XAVIER, HE, GLOROT4, ORTHOGONAL = range(7)


SGD, ADAM, COOLED = (chosen(RESULTS, part) for part in ("sgd", "adam", "cooled"))
SGD_LONGER, (ADAM_LONGER,) = (chosen(RESULTS, f"longer_{part}") for part in ("sgd", "adam"))
LATE = SGD_LONGER[1] - SGD_LONGER[0]
EARLY = SGD[SIGMOID, GLOROT4] - SGD[SIGMOID, XAVIER]


def behind_the_best(runs, f, others):
    """1등에서 다른 칸들을 뺀 차이."""
    top = runs[f].mean(axis=-1).argmax()
    return [runs[f, top] - runs[f, i] for i in others if i != top]


@functools.cache
def lab(initializer):
    return accuracies_in_the_lab(4, 100, "sigmoid", initializer, 0.3, 200)


GLOROT = initializers.variance_scaling(16, "fan_avg", "uniform")
WIDENED = {gain: initializers.orthogonal(gain) for gain in (4, 6, 8)}


def over_glorot(gain):
    """실험대: 직교를 gain배로 늘린 망에서 4 × Glorot을 뺀 것."""
    return lab(WIDENED[gain]) - lab(GLOROT)


TIED = [LECUN, XAVIER, HE, ORTHOGONAL]
SGD_TIED = [gap for f in (TANH, RELU, LEAKY) for gap in behind_the_best(SGD, f, TIED)]
SGD_APART = [gap for f in (TANH, RELU, LEAKY, SELU) for gap in behind_the_best(SGD, f, [SMALL, ONE, GLOROT4])]
FOUR_GLOROT = behind_the_best(SGD, SIGMOID, range(7))
# 처음 표의 여섯 짝. sigmoid의 4 × Glorot은 Adam에서도 평균이 가장 높아 뺄 것이 없습니다.
ADVISED = [
    gap
    for f, i in ((SIGMOID, XAVIER), (TANH, XAVIER), (RELU, HE), (LEAKY, HE), (SELU, LECUN))
    for gap in behind_the_best(ADAM, f, [i])
]
LOW_ROW = [SGD[f, i] - SGD[f, SMALL] for f in (SIGMOID, TANH, RELU, LEAKY) for i in range(7) if i != SMALL]
LARGE = [gap for runs in (SGD, ADAM) for f in range(5) for gap in behind_the_best(runs, f, [ONE])]
AGAIN = [first - second for first, second in RESULTS["again_accuracy"]]

COMPARISONS = [
    *each("혼자 1등인 것은 sigmoid와 4 × Glorot 하나입니다.", FOUR_GLOROT),
    *each("SGD의 한 함수에서는 1등이 2등보다 7 %p쯤 앞섭니다.", FOUR_GLOROT, by=0.05),
    *each("표준편차 0.01은 다섯 함수에서 모두 평균이 가장 낮고", LOW_ROW),
    Comparison("SELU에서만 표준편차 1과 가를 수 없습니다", SGD[SELU, ONE] - SGD[SELU, SMALL], "unclear"),
    Comparison("87 %로 Xavier의 48 %를 크게 앞섭니다.", SGD[SIGMOID, ONE] - SGD[SIGMOID, XAVIER]),
    *each("tanh, ReLU, leaky ReLU에서는 LeCun, Xavier, He, 직교 **넷을 가를 수 없습니다**.", SGD_TIED, "unclear"),
    *each("4 × Glorot은 어디에서나 가를 수 있다.", SGD_APART),
    Comparison("SELU에서는 권하는 LeCun만 빠졌습니다.", SGD[SELU, XAVIER] - SGD[SELU, LECUN]),
    *each(
        "SELU의 LeCun 하나를 빼면 1등과의 차이의 구간이 모두 0을 품습니다.",
        [SGD[SELU, XAVIER] - SGD[SELU, i] for i in (HE, ORTHOGONAL)],
        "unclear",
    ),
    *each("SGD의 SELU와 Adam의 sigmoid에서는 차이가 줄고 구간이 0을 품습니다.", AGAIN[:2], "unclear"),
    Comparison("Adam의 SELU에서 직교가 0.3 %p 낮은 것은 남았습니다.", AGAIN[2]),
    Comparison("SELU의 직교만 0.3 %p 낮습니다", ADAM[SELU, HE] - ADAM[SELU, ORTHOGONAL]),
    Comparison("800걸음에서 46 ± 29 %p이던 차이가 2,400걸음이면 1.4 ± 0.95 %p로 줄어", EARLY - LATE),
    Comparison("그래도 4 × Glorot의 96 %보다는 낮습니다.", LATE),
    *each("들어온 칸은 여덟이고", [ADAM[f, SMALL] - SGD[f, SMALL] for f in (TANH, RELU, LEAKY, SELU)], by=0.1),
    *each(
        "LeCun, Xavier, He가 한꺼번에 올라와 **4 × Glorot과 가를 수 없게 됩니다**",
        [ADAM[SIGMOID, GLOROT4] - ADAM[SIGMOID, i] for i in (LECUN, XAVIER, HE)],
        "unclear",
    ),
    *each("처음 표의 여섯 짝은 Adam에서 **모두** 공동 1등이고", ADVISED, "unclear"),
    Comparison("9.6 ± 9.6 %p라 가를 수 없는 칸에", ADAM[SIGMOID, GLOROT4] - ADAM[SIGMOID, SMALL], "unclear"),
    Comparison("마지막 줄처럼 2,400걸음이면 95 %까지 배우고", ADAM_LONGER - ADAM[SIGMOID, SMALL]),
    *each("ReLU, leaky, SELU는 95 %쯤까지 올라옵니다.", [COOLED[f] - ADAM[f, ONE] for f in (RELU, LEAKY, SELU)]),
    Comparison("tanh는 77 %에 그칩니다.", ADAM[TANH, HE] - COOLED[TANH], by=0.15),
    Comparison("0.31배인 4 × Glorot보다 7 %p 낮습니다.", SGD[SIGMOID, GLOROT4] - SGD[SIGMOID, ONE], by=0.05),
    Comparison("4 × Glorot의 83 %와 가를 수 없습니다", functools.partial(over_glorot, 4), "unclear"),
    *each(
        "4 × Glorot보다 3 %p 넘게 낮지는 않습니다", [functools.partial(over_glorot, gain) for gain in (6, 8)], by=-0.03
    ),
    *each("표준편차 1은 두 표에서 모두 뒤처집니다.", LARGE, by=0.03),
    *each(
        "두 최적화기에서 모두 20 %p 넘게 낮습니다.", [run[SELU, ONE] - run[TANH, ONE] for run in (SGD, ADAM)], by=0.2
    ),
    Comparison("경계의 두 칸은 가를 수 없으니", SGD[SIGMOID, ONE] - SGD[SELU, GLOROT4], "unclear"),
    Comparison("sigmoid, Xavier(48 ± 29 %)와 가를 수 없습니다.", SGD[SELU, SMALL] - SGD[SIGMOID, XAVIER], "unclear"),
    Comparison("8 %p쯤 앞서고", SGD[SIGMOID, GLOROT4] - SGD[SIGMOID, HE], by=0.05),
    Comparison("He도 94 %를 넘어 가를 수 없습니다.", ADAM[SIGMOID, GLOROT4] - ADAM[SIGMOID, HE], "unclear"),
    Comparison("차이의 95 % 구간이 0을 품으므로 시드를 더", ADAM[TANH, HE] - ADAM[TANH, XAVIER], "unclear"),
    Comparison("SGD에서는 둘 다 95 %쯤으로 가를 수 없었습니다.", SGD[TANH, HE] - SGD[TANH, XAVIER], "unclear"),
]
