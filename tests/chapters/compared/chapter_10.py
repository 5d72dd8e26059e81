"""10장의 지도 위의 학습. 한 시드의 망은 모두 같은 배치를 봅니다. 고른 학습률에서 발산한 시드는 없습니다."""

from tests.chapters.compared import Comparison, chosen, each, stored

RESULTS = stored("depth_limit")[0]
ORDER, EDGE, CHAOS = range(3)
NORMAL, ORTHOGONAL = range(2)


(SGD_TRAIN, SGD), (TRAIN, ADAM) = (
    [chosen(RESULTS, f"long_{o}", what) for what in ("train", "accuracy")] for o in ("sgd", "adam")
)
NEW_TRAIN, NEW = (RESULTS[f"long_adam_again_{what}"] for what in ("train", "accuracy"))
SGD_LOST, LOST, NEW_LOST = SGD_TRAIN - SGD, TRAIN - ADAM, NEW_TRAIN - NEW
DEEP = [runs[ORTHOGONAL] - runs[NORMAL] for runs in (chosen(RESULTS, "deep_sgd"), chosen(RESULTS, "deep_adam"))]
LOWEST = "시험 정확도가 가장 낮은 것은 SGD에서 질서, Adam에서 혼돈입니다."

COMPARISONS = [
    *each("최적화기를 고르면 80 % 넘게 배웠습니다.", [TRAIN[ORDER], NEW_TRAIN[ORDER], SGD_TRAIN[CHAOS]], by=0.8),
    *each("더 많이 떨어지는 것은 어느 쪽일까요?", [lost[CHAOS] - lost[EDGE] for lost in (LOST, NEW_LOST)]),
    *each("**SGD에서는 질서가 가장 못 배웁니다.**", [SGD_TRAIN[i] - SGD_TRAIN[ORDER] for i in (EDGE, CHAOS)]),
    Comparison("시드 다섯의 차이는 10.3 ± 5.6 %p이지만", TRAIN[ORDER] - TRAIN[CHAOS]),
    Comparison("6.1 ± 6.4 %p라 학습 자료에서는 가를 수 없습니다.", NEW_TRAIN[ORDER] - NEW_TRAIN[CHAOS], "unclear"),
    *each("더 단단한 것은 시험 자료의 차례입니다.", [runs[ORDER] - runs[CHAOS] for runs in (ADAM, NEW)]),
    Comparison(
        "600걸음에 70 %이던 것이 1,500걸음에 91 %가", SGD_TRAIN[CHAOS] - chosen(RESULTS, "short_sgd", "train")[CHAOS]
    ),
    *each(
        "**시험 자료에서는 어느 쪽으로도 경계가 가장 낫습니다.**",
        [runs[EDGE] - runs[i] for runs in (SGD, ADAM, NEW) for i in (ORDER, CHAOS)],
    ),
    *each("혼돈은 SGD에서 15 %p, Adam에서 19 %p 떨어집니다.", [lost[CHAOS] - lost[EDGE] for lost in (SGD_LOST, LOST)]),
    *each("혼돈과도 경계와도 가를 수 없습니다.", [LOST[i] - LOST[ORDER] for i in (CHAOS, EDGE)], "unclear"),
    *each(LOWEST, [SGD[i] - SGD[ORDER] for i in (EDGE, CHAOS)]),
    *each(LOWEST, [runs[i] - runs[CHAOS] for runs in (ADAM, NEW) for i in (ORDER, EDGE)]),
    Comparison("정규분포가 44 %로 42.9 ± 7.8 %p 차이입니다.", DEEP[0]),
    *each("SGD로도 Adam으로도 정규분포를 앞섰습니다.", DEEP),
]
