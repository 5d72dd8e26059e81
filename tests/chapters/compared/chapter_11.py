"""11장의 기본값. 학습은 고른 학습률에서 새 시드 열 개로 견줍니다. 한 시드의 망은 같은 배치를 봅니다."""

import functools
import itertools

import numpy as np

from tests.chapters.compared import Comparison, chosen, each, stored
from wi_lib import initializers, propagate, signals

RESULTS = stored("framework_defaults")[0]
TORCH, ZERO_BIAS, KERAS, FLAX, HE = range(5)
FIVE, TEN = range(2)
SGD, ADAM = (RESULTS[f"{o}_again_accuracy"] for o in ("sgd", "adam"))
FIRST = chosen(RESULTS, "sgd")[:, TEN]


@functools.cache
def grown(distribution):
    """페이지의 셀처럼, ReLU 30층에서 1층부터 30층까지의 배율의 로그."""
    x = np.random.default_rng(0).standard_normal((1000, 100))[:20]
    init, found = initializers.variance_scaling(2, "fan_in", distribution), []
    for seed in range(1, 31):
        first, *_, last = propagate(x, 30, 100, "relu", init, rng=np.random.default_rng(seed)).activations
        found.append(np.log(signals.rms(last) / signals.rms(first)))
    return np.array(found)


def difference(a, b):
    return grown(a) - grown(b)


SHAPES = itertools.combinations(("normal", "truncated_normal", "uniform"), 2)
SHAPE_GAPS = [functools.partial(difference, a, b) for a, b in SHAPES]

COMPARISONS = [
    *each("세 분포가 서로 0.1 안이고, 어느 둘도 가를 수 없습니다.", SHAPE_GAPS, "unclear"),
    *each("세 분포의 차이는 시드마다의 흩어짐에 묻힙니다.", SHAPE_GAPS, "alike", 0.4),
    Comparison("새 시드 열 개에서 PyTorch는 He보다 12.2 ± 8.3 %p 낮습니다.", SGD[HE, FIVE] - SGD[TORCH, FIVE]),
    *each("편향을 0으로 두어도 같습니다.", [SGD[HE, TEN] - SGD[i, TEN] for i in (TORCH, ZERO_BIAS)], by=0.7),
    *each(
        "시드 다섯으로는 He와도, 서로와도 가를 수 없습니다.",
        [FIRST[b] - FIRST[a] for a, b in ((KERAS, HE), (FLAX, HE), (FLAX, KERAS))],
        "unclear",
    ),
    *each(
        "Flax가 He보다 14.9 ± 4.7 %p 낮고 Keras보다도 낮습니다.", [SGD[i, TEN] - SGD[FLAX, TEN] for i in (HE, KERAS)]
    ),
    Comparison("Keras와 He는 여전히 가를 수 없습니다.", SGD[HE, TEN] - SGD[KERAS, TEN], "unclear"),
    Comparison("배우지만 He보다 낮다.", ADAM[HE, TEN] - ADAM[TORCH, TEN]),
    Comparison("그래도 He보다 12.0 ± 6.8 %p 낮습니다.", ADAM[HE, TEN] - ADAM[TORCH, TEN]),
    *each("Keras와 Flax는 He와 가를 수 없게 됩니다.", [ADAM[HE, TEN] - ADAM[i, TEN] for i in (KERAS, FLAX)], "unclear"),
    Comparison("He와의 차이가 4.1 ± 2.0 %p입니다.", ADAM[HE, FIVE] - ADAM[TORCH, FIVE]),
    *each("1.9 ± 1.2와 1.6 ± 0.8 %p 낮은 것도 보입니다.", [ADAM[HE, FIVE] - ADAM[i, FIVE] for i in (KERAS, FLAX)]),
    *each(
        "PyTorch의 기본값은 평균 12 %p 뒤집니다.", [SGD[HE, FIVE] - SGD[TORCH, FIVE], ADAM[HE, TEN] - ADAM[TORCH, TEN]]
    ),
]
