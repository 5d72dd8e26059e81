"""4장: 같은 시드의 망은 깊이가 같으면 난수와 배치가 같습니다(experiments/sigmoid_tanh.py)."""

from itertools import combinations

from tests.chapters.compared import Comparison
from tests.chapters.trained import learned

BOTH = ("sgd", "adam")
TANH = ("tanh, gain 1", "tanh, gain 5/3", "tanh, 편향")


def over(optimizer, more, less, depth=5):
    return learned(optimizer, more, depth)[1] - learned(optimizer, less, depth)[1]


def gains(optimizer):
    return [over(optimizer, *pair) for pair in combinations(TANH, 2)]


COMPARISONS = [
    Comparison("네 배로 키우면 SGD로도 배우고", over("sgd", "sigmoid, 4배", "sigmoid, Xavier"), by=0.7),
    Comparison("같은 시드의 tanh보다 SGD로 2.6 ± 1.8 %p", over("sgd", TANH[0], "sigmoid, 4배")),
    Comparison("Adam으로 2.8 ± 1.3 %p 낮을 뿐입니다", over("adam", TANH[0], "sigmoid, 4배")),
    *(
        Comparison(
            "어느 최적화기로도 500걸음 안에 tanh를 따라가지 못합니다", over(o, TANH[0], "sigmoid, 4배", 20), by=0.3
        )
        for o in BOTH
    ),
    *(
        Comparison("20층에서는 SGD도 Adam도 tanh를 따라가지 못했습니다", over(o, TANH[0], "sigmoid, 4배", 20), by=0.3)
        for o in BOTH
    ),
    *(Comparison("시험 정확도는 SGD에서도 Adam에서도 가를 수 없습니다", d, "unclear") for o in BOTH for d in gains(o)),
    *(Comparison("있어 보아야 3 %p쯤까지입니다", d, "alike", 0.032) for o in BOTH for d in gains(o)),
]
