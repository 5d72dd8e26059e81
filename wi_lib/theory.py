"""신호 전파의 이론: 분산의 점화식, χ, 혼돈의 가장자리.

너비가 큰 층에서 가중합 z는 평균 0인 정규분포에 가까워집니다. 그 분산 q는 층마다

    q' = σ_w² E[f(√q z)²] + σ_b²,  z ~ N(0, 1),  σ_w² = fan_in · Var(w)

로 바뀌고, 역전파 신호의 분산에는 χ = σ_w² E[f'(√q z)²]가 곱해집니다(Poole 외 2016, Schoenholz 외 2017).
"""

from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from . import activations
from .checks import LARGEST_FLOAT64, check_array, check_integer, check_number, check_sizes, refuse

# 촘촘한 사다리꼴 적분: 원점에 대칭이라 ReLU의 꺾인 점에서 오차가 없고, q가 10⁴이어서 σ'이 뾰족해도
# 칸이 그보다 좁습니다. 마디가 성긴 Gauss-Hermite 구적은 그런 함수에서 어긋납니다(tests/package/test_theory.py).
Z = np.linspace(-12, 12, 9600)
DENSITY = np.exp(-(Z**2) / 2)
DENSITY /= DENSITY.sum()


@dataclass(frozen=True)
class Prediction:
    """이론이 말하는 층별 값. 모두 (층 수,) 배열이고 1층부터 차례입니다."""

    std: np.ndarray  # 활성화값의 표준편차
    delta_rms: np.ndarray  # 마지막 층에 분산 1인 신호를 넣었을 때 역전파 신호 δ의 RMS


def moments(q, activation):
    """z ~ N(0, q)일 때 (E[f(z)], E[f(z)²], E[f'(z)²]). q는 0 이상의 실수.

    >>> [round(m, 4) for m in moments(1.0, "relu")]
    [0.3989, 0.5, 0.5]
    """
    f = activations.get(activation)
    a = f(np.sqrt(check_number("q", q, maximum=LARGEST_FLOAT64)) * Z)
    return tuple(float(DENSITY @ value) for value in (a, a**2, f.derivative(a) ** 2))


def gain(activation):
    """E[f(z)²] = 1/gain², z ~ N(0, 1): 표준정규 입력의 제곱 평균을 1로 되돌리려면 곱해야 할 값.

    >>> round(gain("relu") ** 2, 3)
    2.0
    """
    return float(1 / np.sqrt(moments(1.0, activation)[1]))


def next_variance(q, activation, weight_variance, bias_variance=0.0):
    """다음 층 가중합의 분산 q' = σ_w² E[f(√q z)²] + σ_b². Poole 외(2016) 식 (3).

    `weight_variance` = σ_w² = fan_in · Var(w), `bias_variance` = σ_b². 모두 0 이상의 실수입니다.

    >>> round(next_variance(1.0, "relu", weight_variance=2.0), 6)
    1.0
    """
    check_number("weight_variance", weight_variance)
    check_number("bias_variance", bias_variance)
    return weight_variance * moments(q, activation)[1] + bias_variance


def chi(q, activation, weight_variance):
    """층 하나를 거슬러 올라갈 때 역전파 신호의 분산에 곱해지는 χ = σ_w² E[f'(√q z)²]. Schoenholz 외(2017).

    >>> round(chi(1.0, "relu", weight_variance=2.0), 6)
    1.0
    """
    return check_number("weight_variance", weight_variance) * moments(q, activation)[2]


def predict(sizes, weight_stds, activation, input_mean_square=1.0, bias_variance=0.0):
    """층의 크기와 가중치의 표준편차만으로 `signals.measure`의 결과를 예측합니다.

    - `sizes`: [입력 수, 1층 유닛 수, …].
    - `weight_stds`: 층마다의 가중치 표준편차 목록. `len(sizes) − 1`개.
    - `input_mean_square`: 입력 제곱의 평균, 0 이상. `bias_variance`: 편향의 분산 σ_b², 0 이상.

    순방향: q_l = n_{l−1} s_l² E[a_{l−1}²] + σ_b². 역방향: Var(δ_{l−1}) = E[f'(z_{l−1})²] n_l s_l² Var(δ_l).
    분산이 1e150을 넘으면 1e150으로 둡니다.

    >>> predict([100] * 4, [np.sqrt(2 / 100)] * 3, "relu").delta_rms.round(3)
    array([0.707, 0.707, 0.707])
    """
    sizes = check_sizes("sizes", sizes)
    if not isinstance(weight_stds, (list, tuple)) or len(weight_stds) != len(sizes) - 1:
        refuse("weight_stds", f"실수 {len(sizes) - 1}개로 된 목록", weight_stds)
    weight_stds = [check_number(f"weight_stds[{i}]", s) for i, s in enumerate(weight_stds)]
    mean_square = check_number("input_mean_square", input_mean_square)
    check_number("bias_variance", bias_variance)
    stds, slopes = [], []
    for fan_in, s in zip(sizes, weight_stds):
        q = min(fan_in * s**2 * mean_square + bias_variance, LARGEST_FLOAT64)
        mean, mean_square, slope = moments(q, activation)
        stds.append(np.sqrt(max(mean_square - mean**2, 0.0)))
        slopes.append(slope)
    through = [n * s**2 for n, s in zip(sizes[2:], weight_stds[1:])] + [1.0]
    factors = [t * slope for t, slope in zip(through, slopes)]
    delta_variance = list(accumulate(reversed(factors), lambda v, factor: min(v * factor, LARGEST_FLOAT64)))[::-1]
    return Prediction(np.array(stds), np.sqrt(delta_variance))


def edge_of_chaos(activation, bias_variance=0.0, depth=400):
    """χ = 1이 되는 σ_w²를 이분법으로 찾습니다. q는 점화식을 depth번 되풀이한 고정점입니다.

    0과 20 사이에 답이 없으면 ValueError입니다.

    >>> round(edge_of_chaos("tanh", bias_variance=0.05), 2)
    1.76
    """
    check_number("bias_variance", bias_variance)
    check_integer("depth", depth)

    def excess(weight_variance):
        q = 1.0
        for _ in range(depth):
            before, q = q, min(next_variance(q, activation, weight_variance, bias_variance), 1e6)
            if abs(q - before) <= 1e-14 * q:
                break
        return chi(q, activation, weight_variance) - 1

    low, high = 0.0, 20.0
    if excess(high) < 0:
        refuse("activation", "σ_w²가 20이 되기 전에 χ = 1을 지나는 활성화 함수", activation)
    while high - low > 1e-4:
        middle = (low + high) / 2
        low, high = (middle, high) if excess(middle) < 0 else (low, middle)
    return high


def input_mean_square(x):
    """입력 제곱의 평균. `predict`의 `input_mean_square`에 넣습니다. x: (N, 입력 수).

    >>> input_mean_square(np.full((2, 3), 2.0))
    4.0
    """
    return float(np.mean(np.square(check_array("x", x, (None, None), LARGEST_FLOAT64), dtype=np.float64)))
