"""2장: 같은 시드의 망은 난수와 배치가 같고 크기만 다릅니다(experiments/sigmoid_std.py, 탐침과 실험대도 같음)."""

import functools

import numpy as np

import wi_lib
from tests.chapters.compared import Comparison, stored
from tests.chapters.trained import accuracies_in_the_lab
from wi_lib import datasets, initializers

ARRAYS, ABOUT = stored("sigmoid_std")
CHOSEN = {
    optimizer: dict(
        zip(
            ABOUT["stds"],
            wi_lib.at_best_rate(ARRAYS[f"{optimizer}_validation"], ARRAYS[f"{optimizer}_accuracy"])[1],
        )
    )
    for optimizer in ("sgd", "adam")
}
PIXELS = 0.86  # 화소를 그대로 읽은 정확도. 시드가 없습니다.


def over(optimizer, more, less):
    return CHOSEN[optimizer][more] - CHOSEN[optimizer][less]


@functools.cache
def probed(std):
    """5층을 선형 탐침으로 읽은 정확도."""
    data, found = datasets.load_digits(), []
    pixels = np.concatenate([data.x_train, data.x_test])
    for seed in range(5):
        rng = np.random.default_rng(seed)
        top = wi_lib.propagate(pixels, 5, 100, "sigmoid", initializers.normal(std), rng=rng, dtype=np.float64)
        train, test = np.split(top.activations[-1], [len(data.x_train)])
        found.append(wi_lib.linear_probe(train, data.y_train, test, data.y_test))
    return np.array(found)


@functools.cache
def lab(std):
    return accuracies_in_the_lab(5, 100, "sigmoid", initializers.normal(std), 0.3, 100)


COMPARISONS = [
    Comparison("같은 시드의 0.01보다 18 ± 7 %p 낮습니다", lambda: probed(0.01) - probed(1)),
    Comparison("선형으로 읽히는 것도 가장 많이 잃었지만", lambda: probed(0.1) - probed(1)),
    Comparison("0.1의 5층과 가를 수 없고", lambda: probed(0.01) - probed(0.1), "unclear"),
    Comparison("화소를 그대로 읽을 때보다 낮지 않습니다", lambda: probed(0.01) - PIXELS),
    *(Comparison("0.2, 0.3, 1이 배웁니다", over("sgd", std, 0.1), by=0.7) for std in (0.2, 0.3, 1.0)),
    Comparison("0.3은 같은 시드의 0.2보다 2.2 ± 0.6 %p 높고", over("sgd", 0.3, 0.2)),
    *(
        Comparison("1은 시드 다섯으로는 어느 쪽과도 가를 수 없습니다", over("sgd", 1.0, std), "unclear")
        for std in (0.2, 0.3)
    ),
    Comparison("0.2와는 가를 수 없고", over("adam", 0.2, 0.1), "unclear"),
    Comparison("0.3보다는 2.6 ± 2.1 %p 낮습니다", over("adam", 0.3, 0.1)),
    *(
        Comparison("0.2와 0.3과 1의 차이가 4 %p를 넘지 않았습니다", over(optimizer, *pair), "alike", 0.04)
        for optimizer in ("sgd", "adam")
        for pair in ((0.3, 0.2), (1.0, 0.2), (1.0, 0.3))
    ),
    *(
        Comparison("두 최적화기 모두 잘 배웠습니다", CHOSEN[optimizer][1.0] - 0.1, by=0.7)
        for optimizer in ("sgd", "adam")
    ),
    Comparison("두 배인 0.2에서는 다섯 시드 모두 배웠습니다", over("sgd", 0.2, 0.1), by=0.7),
    Comparison("1에는 다섯 시드 모두 뒤집니다", lambda: lab(1) - lab(0.5)),
    Comparison("0.2와 0.3보다는 먼저 배우지만", lambda: lab(0.5) - lab(0.3)),
    Comparison("0.2와 0.3보다는 먼저 배우지만", lambda: lab(0.5) - lab(0.2)),
]
