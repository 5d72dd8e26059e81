"""6장: 같은 시드의 망은 난수와 배치가 같고 크기만 다릅니다(experiments/mnist_comparison.py, 실험대도 같음)."""

import functools

from tests.chapters.compared import Comparison, stored
from tests.chapters.trained import accuracies_in_the_lab
from wi_lib import at_best_rate, initializers

ARRAYS, ABOUT = stored("mnist_comparison")
RATES = ABOUT["axes"]["learning_rate"]
ACCURACY = ARRAYS["accuracy"]
_, CHOSEN = at_best_rate(ARRAYS["validation"], ACCURACY)
SGD, ADAM = range(2)
RELU, TANH, SIGMOID = range(3)
SMALL, LECUN, HE = range(3)


def he_over_lecun(optimizer, activation, rate=None):
    cells = CHOSEN if rate is None else ACCURACY[..., RATES.index(rate), :]
    return cells[optimizer, activation, HE] - cells[optimizer, activation, LECUN]


def he_over_half(rate, steps=100, seeds=range(5)):
    """실험대: 학습률 0.1로 100걸음을 걸은 He와 표준편차가 그 절반인 망."""
    half = initializers.variance_scaling(0.5)
    return accuracies_in_the_lab(4, 50, "relu", "he_normal", 0.1, 100, seeds=seeds) - accuracies_in_the_lab(
        4, 50, "relu", half, rate, steps, seeds=seeds
    )


def adam_over_sgd(activation, initializer):
    return CHOSEN[ADAM, activation, initializer] - CHOSEN[SGD, activation, initializer]


COMPARISONS = [
    Comparison("0.01에서는 He가 2.2 ± 0.4 %p 앞서지만", he_over_lecun(SGD, RELU, 0.01)),
    Comparison("차이가 0.5 %p 안이고, 어느 쪽이 낫다고 할 수 없다", he_over_lecun(SGD, RELU), "alike", 0.005),
    Comparison("0.0 ± 0.4 %p여서 가를 수 없습니다", he_over_lecun(SGD, RELU), "unclear"),
    *(
        Comparison("He의 줄은 **더 작은 학습률에서도** 잘됩니다", he_over_lecun(SGD, RELU, rate))
        for rate in RATES
        if rate < 0.1
    ),
    *(
        Comparison("어디에서나 He의 81 %보다 낮습니다", functools.partial(he_over_half, rate))
        for rate in (0.1, 0.2, 0.4, 0.8)
    ),
    Comparison("He가 100걸음에 지난 곳입니다", functools.partial(he_over_half, 0.3, 200, range(15))),
    Comparison("같은 시드끼리 빼면 He가 0.3 ± 0.2 %p 앞섭니다", he_over_lecun(SGD, TANH)),
    Comparison("표준편차 0.01도 97 % 가까이 배웁니다", CHOSEN[ADAM, RELU, SMALL] - CHOSEN[SGD, RELU, SMALL], by=0.8),
    Comparison("He와의 차이가 1 %p 안팎이다", CHOSEN[ADAM, RELU, HE] - CHOSEN[ADAM, RELU, SMALL], "alike", 0.012),
    Comparison("0.5 ± 0.6 %p 차이여서 가를 수 없습니다", CHOSEN[ADAM, RELU, HE] - CHOSEN[ADAM, RELU, SMALL], "unclear"),
    Comparison("LeCun과 He는 Adam에서도 0.0 ± 0.2 %p로 가를 수 없습니다", he_over_lecun(ADAM, RELU), "unclear"),
    *(
        Comparison(
            "모두 0.003에서 0.0003이나 0.01에서보다 잘 배우고", ACCURACY[ADAM, RELU, init, RATES.index(0.003)] - other
        )
        for init in (SMALL, LECUN, HE)
        for other in ACCURACY[ADAM, RELU, init, [RATES.index(0.0003), RATES.index(0.01)]]
    ),
    *(
        Comparison("He가 LeCun보다 작은 학습률에서 먼저 배우기 시작하는", he_over_lecun(SGD, SIGMOID, rate))
        for rate in (0.1, 0.3)
    ),
    Comparison("3에서는 95 %, Adam으로는 97 %입니다", adam_over_sgd(SIGMOID, LECUN)),
    Comparison("Adam이면 tanh는 96 %, sigmoid는 94 %입니다", CHOSEN[ADAM, TANH, SMALL] - CHOSEN[ADAM, SIGMOID, SMALL]),
]
