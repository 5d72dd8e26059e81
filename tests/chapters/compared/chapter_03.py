"""3장: 같은 시드의 망은 난수와 배치가 같고 크기만 다릅니다(experiments/sigmoid_tanh.py)."""

from tests.chapters.compared import Comparison
from tests.chapters.trained import learned


def over(optimizer, more, less):
    (_, large), (_, small) = (learned(optimizer, f"sigmoid, {start}", 5) for start in (more, less))
    return large - small


COMPARISONS = [
    *(Comparison("표준편차 1만 배웁니다", over("sgd", "1", start), by=0.7) for start in ("0.01", "Xavier")),
    Comparison("찍는 수준(10 % 안팎)을 벗어나지 못합니다", over("sgd", "Xavier", "0.01"), "alike", 0.01),
    Comparison("Xavier도 65–80 %를 맞힙니다", learned("adam", "sigmoid, Xavier", 5)[1] - 0.1, by=0.5),
    Comparison("같은 시드의 표준편차 1에는 14.5 ± 5.9 %p 못 미치고", over("adam", "1", "Xavier")),
    Comparison("0.01은 Adam으로도 15–20 %에 그칩니다", over("adam", "Xavier", "0.01")),
]
