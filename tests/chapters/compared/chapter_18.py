"""18장의 견주는 문장."""

import numpy as np

from tests.chapters import test_chapter_18_trained as measured
from tests.chapters.compared import Comparison, stored

ARRAYS, _ = stored("first_batch")
BOTH = ("sgd", "adam")


def gap(cell, optimizer):
    """건강한 망의 시험 정확도에서 그 망의 것을 뺀 차이, 시드마다."""
    return measured.trained("healthy", optimizer) - measured.trained(cell, optimizer)


def fresh(cell, optimizer):
    """새 시드 열 개에서 건강한 망(SGD는 0.1)의 시험 정확도에서 그 망의 것을 뺀 차이."""
    part = {"sgd": "lower", "adam": "again"}[optimizer]
    return (ARRAYS[f"healthy_{optimizer}_{part}_accuracy"] - ARRAYS[f"{cell}_{optimizer}_again_accuracy"])[0]


def lost(cell, optimizer):
    """검증 자료로 고른 학습률의 시험 정확도에서 첫 걸음의 비가 0.001일 때의 것을 뺀 차이, 시드마다.

    0.001일 때의 것은 이웃한 두 점을 이은 직선에서 읽습니다.
    """
    key = f"{cell}_{optimizer}"
    kept = ARRAYS[f"{key}_measured"][0]
    each, (ratio, score) = ARRAYS[f"{key}_accuracy"][0][kept], measured.spread(cell, optimizer)
    return each[score.argmax()] - [np.interp(np.log(1e-3), np.log(ratio), one) for one in each.T]


COMPARISONS = [
    *(
        Comparison("시험 정확도는 SGD로도 Adam으로도 건강한 망보다 40 %p 넘게 낮습니다", gap("same", o), by=0.4)
        for o in BOTH
    ),
    *(
        Comparison("답은 3번입니다. ㄱ과 ㄴ이 88 %와 87 %이고, 나머지 셋은", gap(cell, "sgd"), by=0.4)
        for cell in ("small", "dead_3", "same_0")
    ),
    *(Comparison("가르지 못합니다(차이 1.3 ± 2.1과 0.5 ± 3.2 %p)", gap("output_10", o), "unclear") for o in BOTH),
    *(Comparison("새 시드에서도 그렇습니다.", fresh("output_10", o), "unclear") for o in BOTH),
    *(Comparison("새 시드로는 8.1 ± 3.0 %p로 커져", found("input_255", "adam")) for found in (gap, fresh)),
    *(
        Comparison("여섯 칸 모두 95 % 구간이 1 %p 위에 있습니다", lost(cell, o), by=0.01)
        for cell in ("healthy", "shallow", "tanh")
        for o in BOTH
    ),
    *(Comparison("60장이면 건강한 망보다 20 %p쯤 낮고", gap("few", o), by=0.1) for o in BOTH),
    Comparison("섞지 않고 걸으면 SGD에서는 55 %에 그칩니다", gap("sorted", "sgd"), by=0.2),
    Comparison("88 %로, 건강한 망과 가르지 못합니다", gap("sorted", "adam"), "unclear"),
    *(
        Comparison("시작해 건강한 망과 가르지 못할 만큼 배웠고", gap(cell, o), "unclear")
        for cell in ("small_4", "output_10")
        for o in BOTH
    ),
    *(
        Comparison("학습률로 메워지지 않은 것은 **나**와 **다**", fresh(cell, o), by=0.3)
        for cell in ("dead_3", "same")
        for o in BOTH
    ),
    Comparison("Adam의 **나**는 시드 다섯으로는 흩어져 가르지 못하지만", gap("dead_3", "adam"), "unclear"),
    *(
        Comparison("SGD에서의 **마**와 **바**였습니다", gap(cell, "sgd"), by=0.1)
        for cell in ("input_255", "sorted", "same", "dead_3")
    ),
    Comparison("Adam의 **마**에도 새 시드에서 8.1 ± 3.0 %p가 남았습니다", fresh("input_255", "adam"), by=0.05),
]
