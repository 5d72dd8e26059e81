"""15장의 견주는 문장."""

from tests.chapters import test_chapter_15 as measured
from tests.chapters.compared import Comparison

BOTH = ("sgd", "adam")


def runs(row, kernel, optimizer):
    """검증 자료로 고른 학습률의 시험 정확도, 시드마다."""
    return measured.chosen(row, kernel, optimizer)[1]


def tanh(a, b, optimizer="sgd"):
    return runs("deep_tanh", a, optimizer) - runs("deep_tanh", b, optimizer)


def relu(a, b, optimizer):
    return runs("deep_relu", a, optimizer) - runs("deep_relu", b, optimizer)


def shallow(a, b, optimizer):
    return runs("mnist_3", a, optimizer) - runs("mnist_3", b, optimizer)


def deep(optimizer):
    """MNIST의 10층에서 He의 정확도에서 채널만 센 He의 것을 뺀 차이."""
    return runs("mnist_10", "he", optimizer) - runs("wrong_10", "channels", optimizer)


# 합성곱 50층 가운데 평균이 가장 높은 칸.
BEST = max(
    (
        runs(row, kernel, optimizer)
        for row in ("deep_tanh", "deep_relu")
        for kernel in measured.ABOUT["rows"][row]["kernels"]
        for optimizer in BOTH
    ),
    key=lambda found: found.mean(),
)
COMPARISONS = [
    Comparison("시드마다 흩어져 LeCun과 가를 수 없었습니다", tanh("orthogonal", "lecun"), "unclear"),
    *(Comparison("LeCun은 64 %입니다. 여기까지는 특잇값대로입니다", tanh(a, "lecun")) for a in ("delta", "dirac")),
    Comparison("LeCun과의 차이(−15 ± 32 %p)는 가르지 못합니다", tanh("orthogonal", "lecun"), "unclear"),
    Comparison("82 %로 LeCun보다 19 ± 12 %p 높고", tanh("filled", "lecun"), by=0.05),
    Comparison("디랙은 LeCun ÷ $\\lambda$보다 5.9 ± 3.1 %p 높습니다", tanh("dirac", "filled")),
    Comparison("LeCun ÷ $\\lambda$가 LeCun보다 높은 것도 1.7 ± 1.4 %p로", tanh("filled", "lecun", "adam")),
    Comparison("델타 직교와의 차이(−2.8 ± 3.8 %p)는 가르지 못합니다", tanh("filled", "delta"), "unclear"),
    Comparison("델타 직교와 LeCun도 가르지 못합니다", tanh("delta", "lecun", "adam"), "unclear"),
    *(
        Comparison(
            "18 %와 55 %로, 두 최적화기 모두 He와 가르지 못합니다", relu("filled_he", "he", optimizer), "unclear"
        )
        for optimizer in BOTH
    ),
    *(
        Comparison("어느 시드에서나 배운 것은 디랙뿐입니다", relu("dirac", "he", optimizer), by=0.1)
        for optimizer in BOTH
    ),
    Comparison("LeCun에 1.04를 곱한 것과 가르지 못했고", tanh("filled", "delta"), "unclear"),
    Comparison(
        "SGD로 배운 합성곱 1층(89 %)과 2 %p 안에서 같습니다", runs("none", "lecun", "sgd") - BEST, "alike", 0.02
    ),
    *(
        Comparison("보다 8.1 ± 5.7 %p와 4.2 ± 1.2 %p 낮습니다", shallow("he", "channels", optimizer))
        for optimizer in BOTH
    ),
    *(
        Comparison("He보다 50 %p쯤 낮습니다(49.6 ± 12.6과 48.9 ± 14.3 %p)", deep(optimizer), by=0.3)
        for optimizer in BOTH
    ),
    *(
        Comparison(
            "He의 3층이 10층보다 낫다는 것도", runs("mnist_3", "he", optimizer) - runs("mnist_10", "he", optimizer)
        )
        for optimizer in BOTH
    ),
]
