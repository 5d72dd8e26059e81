"""12장: 모멘텀의 표, 걸음의 비, 크기를 지운 Adam, 가중치 감쇠. 한 시드의 망은 모두 같은 배치를 봅니다.

고른 학습률에서 발산한 시드는 없습니다.
"""

import itertools

import numpy as np

from tests.chapters.compared import Comparison, chosen, each, stored
from wi_lib import at_best_rate

(RESULTS, ABOUT), (SEVEN, _) = stored("optimizers"), stored("matching")
SIGMOID, TANH, RELU, LEAKY, SELU = range(5)
SMALL, ONE, LECUN, XAVIER, HE, GLOROT4, ORTHOGONAL = range(7)


SGD, MOMENTUM = chosen(SEVEN, "sgd"), chosen(RESULTS, "momentum")
ADAM = chosen(SEVEN, "adam")
HIGHER = MOMENTUM - SGD
GOOD = [runs.mean(-1) >= runs.mean(-1).max(axis=1)[:, None] - 0.03 for runs in (SGD, MOMENTUM)]
BOTH = (GOOD[0] & GOOD[1])[:3]
# (최적화기, 칸, 시드). 둘 다 잘되는 칸에서 SGD ÷ 모멘텀의 중앙값을 시드마다 봅니다.
STEPS, FAR = (RESULTS[f"steps_{part}"][:2, BOTH] for part in ("ratio", "moved"))
TYPICAL = np.exp(np.log(STEPS).mean(axis=(-2, -1)))
TYPICAL_TIMES, FAR_TIMES = (np.median(v[0] / v[1], axis=0) for v in (TYPICAL, FAR.mean(axis=-1)))
EIGHT, THIRTY, DEEP_LECUN, DEEP_HE, DEEP_SIGMOID = chosen(RESULTS, "fine")
STILL, LONGER = (chosen(RESULTS, part).ravel() for part in ("still", "longer"))
DECAY = {o: chosen(RESULTS, f"decay_{o}") for o in ("sgd", "adam")}
END = {
    o: at_best_rate(RESULTS[f"decay_{o}_validation"], RESULTS[f"decay_{o}_norms"][..., 1])[1] for o in ("sgd", "adam")
}
SAME_RATE = RESULTS["decay_adam_norms"][:, 0, ABOUT["axes"]["learning_rate"]["decay_adam"].index(0.003), :, 1]
BARE, STRONG = DECAY["sgd"][:, 0], DECAY["sgd"][:, 2]

COMPARISONS = [
    *each(
        "sigmoid에서 혼자 1등인 칸도 4 × Glorot입니다.",
        [MOMENTUM[SIGMOID, GLOROT4] - MOMENTUM[SIGMOID, i] for i in range(7) if i != GLOROT4],
    ),
    *each(
        "10 %p 넘게 다른 칸은 넷인데 셋은 구간이 0을 품어 가를 수 없고",
        [HIGHER[at] for at in ((SIGMOID, LECUN), (SIGMOID, XAVIER), (TANH, SMALL))],
        "unclear",
    ),
    Comparison("sigmoid의 직교만 모멘텀이 27 ± 12 %p 낮습니다.", -HIGHER[SIGMOID, ORTHOGONAL]),
    *each(
        "ReLU와 leaky의 4 × Glorot에서는 모멘텀이 1–5 %p 높습니다.",
        [HIGHER[at] for at in ((SIGMOID, HE), (SIGMOID, GLOROT4), (RELU, GLOROT4), (LEAKY, GLOROT4))],
    ),
    Comparison("leaky의 Xavier도 갈렸지만", -HIGHER[LEAKY, XAVIER]),
    Comparison("SGD의 비는 모멘텀의 네다섯 배인데", TYPICAL_TIMES - 4.5, "alike", 0.5),
    Comparison("끝까지 간 거리는 같습니다.", FAR_TIMES - 1, "alike", 0.1),
    Comparison("크기를 모두 지우자 8층의 0.01은 배우는 시드가 나왔고", EIGHT[1] - EIGHT[0]),
    Comparison("30층의 LeCun도 평균은 올랐지만 가를 수 없습니다.", DEEP_LECUN[1] - DEEP_LECUN[0], "unclear"),
    Comparison("0.01의 30층은 여전히 찍는 수준입니다.", DEEP_HE[1] - THIRTY[1], by=0.6),
    Comparison("2번은 LeCun에서 맞습니다.", DEEP_HE[1] - DEEP_LECUN[1]),
    Comparison("600걸음 뒤에 다섯 시드가 모두 28–37 %를 맞힙니다.", STILL - THIRTY[1], by=0.1),
    Comparison("다섯 배인 3,000걸음을 가도 다섯 가운데 넷이 찍는 수준입니다.", STILL - LONGER),
    Comparison("그래도 He의 84 %에는 한참 못 미칩니다.", DEEP_HE[1] - STILL, by=0.4),
    Comparison("34 %와 30 %로, 나아졌다고 할 수 없습니다.", DEEP_SIGMOID[1] - DEEP_SIGMOID[0], "unclear"),
    *each(
        "어느 둘을 견주어도 구간이 0을 품지 않습니다.",
        [BARE[b] - BARE[a] for a, b in itertools.combinations((3, 0, 1, 2), 2)],
    ),
    Comparison("0.1배는 46으로, 26에서 멈춘 He보다 **크게** 끝납니다.", END["adam"][0, 0] - END["adam"][2, 0]),
    Comparison("학습률을 0.003으로 같게 해도 24와 26으로 거의 같습니다.", SAME_RATE[0] - SAME_RATE[2], "alike", 3),
    Comparison("감쇠 없는 SGD의 12는 23보다 낮고", BARE[2] - BARE[0]),
    *each("작게 시작한 둘은 He보다 0.7 ± 0.5 %p와 0.5 ± 0.4 %p 낮습니다.", [STRONG[2] - STRONG[i] for i in (0, 1)]),
    Comparison("시험에서 6 %p 뒤처집니다.", BARE[2] - BARE[3], by=0.05),
    *each(
        "SGD에서 $\\lambda = 0.01$이면 2에서 시작하든 20에서 시작하든 8에서",
        END["sgd"][:2, 2] - END["sgd"][2, 2],
        "alike",
        0.2,
    ),
    Comparison("83 %에서 89 %로 올라 He와 가를 수 없게 됩니다.", STRONG[3] - BARE[3], by=0.05),
    Comparison("83 %에서 89 %로 올라 He와 가를 수 없게 됩니다.", STRONG[3] - STRONG[2], "unclear"),
    Comparison("Adam에서도 87 %에서 89 %로 오릅니다.", DECAY["adam"][3, 2] - DECAY["adam"][3, 0]),
    *each(
        "표준편차 0.01도 1등과 3 %p 안까지 다가갑니다",
        [max(ADAM[f], key=np.mean) - ADAM[f, SMALL] for f in (TANH, RELU, SELU)],
        "alike",
        0.03,
    ),
    *each(
        "He보다 작게 시작해 시험 정확도가 올랐다고 할 칸은 없습니다.",
        [DECAY["sgd"][2, j] - DECAY["sgd"][i, j] for i in (0, 1) for j in range(3)],
    ),
    *each(
        "He보다 작게 시작해 시험 정확도가 올랐다고 할 칸은 없습니다.",
        [DECAY["adam"][2, j] - DECAY["adam"][i, j] for i, j in ((1, 0), (0, 2))],
    ),
    *each(
        "He보다 작게 시작해 시험 정확도가 올랐다고 할 칸은 없습니다.",
        [DECAY["adam"][2, j] - DECAY["adam"][i, j] for i, j in ((0, 0), (0, 1), (1, 1), (1, 2))],
        "unclear",
    ),
    Comparison("그보다 약한 0.001은 SGD에서 He도 조금 올렸지만 1 %p가 안 됩니다.", DECAY["sgd"][2, 1] - BARE[2]),
    Comparison(
        "그보다 약한 0.001은 SGD에서 He도 조금 올렸지만 1 %p가 안 됩니다.", DECAY["sgd"][2, 1] - BARE[2], "alike", 0.01
    ),
    *each("0.7 ± 0.5 %p와 1.7 ± 0.7 %p 낮습니다", [runs[2, 2] - runs[0, 2] for runs in DECAY.values()]),
    *each(
        "이 감쇠의 이득도 손해도 구간이 0을 품습니다.", [runs[2, 2] - runs[2, 0] for runs in DECAY.values()], "unclear"
    ),
]
