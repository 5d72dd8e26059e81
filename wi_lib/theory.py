"""신호 전파의 이론: 분산의 점화식, χ, 혼돈의 가장자리.

너비가 큰 층에서 가중합 z는 평균 0인 정규분포에 가까워집니다. 그 분산 q는 층마다

    q' = σ_w² E[f(√q z)²] + σ_b²,  z ~ N(0, 1),  σ_w² = fan_in · Var(w)

로 바뀌고, 역전파 신호의 분산에는 χ = σ_w² E[f'(√q z)²]가 곱해집니다(Poole 외 2016, Schoenholz 외 2017).
"""

from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .activations import Activation, get
from .checks import LARGEST_FLOAT64, check_array, check_choice, check_integer, check_number, check_sizes, refuse

Array = NDArray[Any]
# 되풀이한 분산이 LARGEST보다 커지면 한없이 커지는 것으로, 편향 없이 VANISHED보다 작아지면 0으로 가는 것으로 봅니다.
LARGEST_VARIANCE = 1e12
VANISHED = 1e-11
# f'은 0에서 한쪽 값만 있으므로, 0으로 가는 분산의 χ는 0에 아주 가까운 분산에서 봅니다.
SMALLEST_VARIANCE = 1e-200
# 마디가 놓인 간격: |z|/√q가 BEND보다 작으면 그 로그로, 크면 BEND로 나눈 값으로 잽니다.
STEP, BEND = 1 / 32, 0.1


@dataclass(frozen=True)
class Prediction:
    """이론이 말하는 층별 값. 모두 (층 수,) 배열이고 1층부터 차례입니다."""

    std: Array  # 활성화값의 표준편차
    delta_rms: Array  # 마지막 층에 분산 1인 신호를 넣었을 때 역전파 신호 δ의 RMS
    weight_gradient_rms: Array  # 그때 가중치 기울기 a·δ의 RMS: 아래층 출력 a의 RMS × 이 층 δ의 RMS


def nodes(q: float) -> tuple[Array, Array]:
    """z ~ N(0, q)일 때 E[g(z)] ≈ weights @ g(z)인 마디 z와, 합이 1인 weights. q는 0 이상 1e150 이하의 실수.

    양쪽 절반에서 사다리꼴 적분을 합니다. 마디의 간격은 |z| < √q/10에서는 |z|에 비례해 줄고, 그 밖에서는 √q/320입니다.
    0 쪽으로 갈수록 촘촘해지므로 q가 아무리 커서 σ'이 뾰족해도 보이고, 0에서 꺾이는 ReLU도 매끄러운 두 조각입니다.
    기본 활성화 함수에서 상대 오차는 1e-12보다 작습니다. 직접 만든 함수가 0이 아닌 곳에서 꺾이거나 √q/100보다 좁은
    폭에서 바뀌면 마디의 간격만큼 어긋납니다. 꺾인 곳에서 뛰는 f'의 적분(E[f'²], χ)은 상대 오차가 2 %에 이릅니다.
    |z| > 11√q는 보지 않습니다.

    >>> z, weights = nodes(4.0)
    >>> round(float(weights @ z**2), 6)
    4.0
    """
    scale = np.sqrt(check_number("q", q, maximum=LARGEST_FLOAT64))
    # 가장 작은 마디 아래의 넓이는 뾰족한 곳의 너비 1/√q에 견주어 1e-14입니다.
    steps = np.arange(-33 - np.log(max(scale, 1.0)), 11 / BEND, STEP)
    half = BEND * np.logaddexp(0, steps)
    density = -np.expm1(-half / BEND) * np.exp(-(half**2) / 2)
    return scale * np.append(-half, half), np.append(density, density) / (2 * density.sum())


def _outputs(q: float, activation: str | Activation) -> tuple[Array, Array, Array]:
    """마디의 무게와, 그 마디에서의 f(z), f'(z)."""
    f, (z, weights) = get(activation), nodes(q)
    a = f.apply(z)
    return weights, a, np.asarray(f.derivative(a), np.float64)


def moments(q: float, activation: str | Activation) -> tuple[float, float, float]:
    """z ~ N(0, q)일 때 (E[f(z)], E[f(z)²], E[f'(z)²]). q는 0 이상 1e150 이하의 실수. 정확도는 `nodes`에 있습니다.

    >>> [round(m, 4) for m in moments(1.0, "relu")]
    [0.3989, 0.5, 0.5]
    """
    weights, a, slope = _outputs(q, activation)
    return float(weights @ a), float(weights @ a**2), float(weights @ slope**2)


def gain(activation: str | Activation) -> float:
    """E[f(z)²] = 1/gain², z ~ N(0, 1): 표준정규 입력의 제곱 평균을 1로 되돌리려면 곱해야 할 값.

    >>> round(gain("relu") ** 2, 3)
    2.0
    """
    return float(1 / np.sqrt(moments(1.0, activation)[1]))


def next_variance(q: float, activation: str | Activation, weight_variance: float, bias_variance: float = 0.0) -> float:
    """다음 층 가중합의 분산 q' = σ_w² E[f(√q z)²] + σ_b². Poole 외(2016) 식 (3).

    `weight_variance` = σ_w² = fan_in · Var(w), `bias_variance` = σ_b². 모두 0 이상의 실수입니다.

    >>> round(next_variance(1.0, "relu", weight_variance=2.0), 6)
    1.0
    """
    weight_variance = check_number("weight_variance", weight_variance)
    return weight_variance * moments(q, activation)[1] + check_number("bias_variance", bias_variance)


def chi(q: float, activation: str | Activation, weight_variance: float) -> float:
    """층 하나를 거슬러 올라갈 때 역전파 신호의 분산에 곱해지는 χ = σ_w² E[f'(√q z)²]. Schoenholz 외(2017).

    >>> round(chi(1.0, "relu", weight_variance=2.0), 6)
    1.0
    """
    return check_number("weight_variance", weight_variance) * moments(q, activation)[2]


def normalized_growth(activation: str | Activation, norm: str) -> float:
    """선형 층, 정규화, 활성화 함수의 차례로 쌓은 망에서 역전파 신호의 RMS가 층마다 커지는 비.

    정규화한 z는 크기가 가중치와 무관하게 표준정규분포이므로, 되돌아오며 √E[f'²]배가 되고 아래 층 출력의 표준편차로
    나누어집니다. `norm`이 "batch"이면 배치에서 변하는 몫 √Var[f]로(Yang 외, 2019), "layer"이면(RMSNorm도 같음) √E[f²]로
    나눕니다. 너비와 배치가 클 때의 값입니다.

    >>> round(normalized_growth("relu", "batch"), 4), round(normalized_growth("relu", "layer"), 4)
    (1.2112, 1.0)
    """
    mean, square, slope = moments(1.0, activation)
    return float(np.sqrt(slope / check_choice("norm", norm, {"batch": square - mean**2, "layer": square})))


def residual_variance(blocks: int, gain: float, scale: float = 1.0, pre_norm: bool = False) -> Array:
    """블록마다의 줄기의 분산 V, (blocks + 1,) 배열. V₀ = 1이고 옆길이 줄기와 상관이 없을 때의 값입니다.

    - `gain`: 옆길의 출력의 분산 ÷ 입력의 분산, 0 이상. `scale`: 옆길에 곱하는 0 이상의 실수.
    - V ← V(1 + scale²·gain). 옆길이 정규화로 시작하면(`pre_norm`) 옆길의 크기가 V와 무관해 V ← V + scale²·gain.

    >>> residual_variance(3, gain=1.0), residual_variance(3, gain=1.0, pre_norm=True)
    (array([1., 2., 4., 8.]), array([1., 2., 3., 4.]))
    """
    added = check_number("scale", scale) ** 2 * check_number("gain", gain)
    steps = np.arange(check_integer("blocks", blocks) + 1, dtype=np.float64)
    with np.errstate(over="ignore"):
        return 1 + added * steps if pre_norm else np.minimum((1 + added) ** steps, LARGEST_FLOAT64)


def predict(
    sizes: list[int] | tuple[int, ...],
    weight_stds: list[float] | tuple[float, ...],
    activation: str | Activation,
    input_mean_square: float = 1.0,
    bias_variance: float = 0.0,
) -> Prediction:
    """층의 크기와 가중치의 표준편차만으로 `signals.measure`의 결과를 예측합니다.

    - `sizes`: [입력 수, 1층 유닛 수, …].
    - `weight_stds`: 층마다의 가중치 표준편차 목록. `len(sizes) − 1`개.
    - `input_mean_square`: 입력 제곱의 평균, 0 이상. `bias_variance`: 편향의 분산 σ_b², 0 이상.

    순방향: q_l = n_{l−1} s_l² E[a_{l−1}²] + σ_b². 역방향: Var(δ_{l−1}) = E[f'(z_{l−1})²] n_l s_l² Var(δ_l).
    가중치 기울기: E[(a_{l−1} δ_l)²] = E[a_{l−1}²] Var(δ_l). 맨 위의 신호가 입력과 무관할 때의 식입니다.
    분산이 1e150을 넘으면 1e150으로 둡니다. 1e-308보다 작은 분산은 자릿수를 잃다가 0이 됩니다.

    >>> predict([100] * 4, [np.sqrt(2 / 100)] * 3, "relu").delta_rms.round(3)
    array([0.707, 0.707, 0.707])
    """
    sizes = check_sizes("sizes", sizes)
    if not isinstance(weight_stds, (list, tuple)) or len(weight_stds) != len(sizes) - 1:
        refuse("weight_stds", f"실수 {len(sizes) - 1}개로 된 목록", weight_stds)
    weight_stds = [check_number(f"weight_stds[{i}]", s) for i, s in enumerate(weight_stds)]
    mean_square = check_number("input_mean_square", input_mean_square)
    bias_variance = check_number("bias_variance", bias_variance)
    below, stds, slopes = [], [], []
    for fan_in, s in zip(sizes, weight_stds):
        q = min(fan_in * s**2 * mean_square + bias_variance, LARGEST_FLOAT64)
        weights, a, slope = _outputs(q, activation)
        below.append(mean_square)
        mean_square = float(weights @ a**2)
        # 제곱의 평균에서 평균의 제곱을 빼면 sigmoid처럼 평균이 큰 함수에서 자릿수를 잃습니다.
        stds.append(np.sqrt(weights @ (a - weights @ a) ** 2))
        slopes.append(float(weights @ slope**2))
    through = [n * s**2 for n, s in zip(sizes[2:], weight_stds[1:])] + [1.0]
    factors = [t * slope for t, slope in zip(through, slopes)]
    delta_variance = list(accumulate(reversed(factors), lambda v, factor: min(v * factor, LARGEST_FLOAT64)))[::-1]
    deltas = np.sqrt(delta_variance)
    return Prediction(np.array(stds), deltas, np.sqrt(below) * deltas)


def fixed_variance(activation: str | Activation, weight_variance: float, bias_variance: float = 0.0) -> float:
    """크기가 1인 입력에서 `next_variance`를 되풀이하면 닿는 분산.

    1e12를 넘으면 한없이 커지는 것으로 보아 inf이고, 편향 없이 1e-11보다 작아지면 0입니다.

    >>> round(fixed_variance("relu", weight_variance=1.0, bias_variance=0.3), 6)
    0.6
    """
    f, w, b = get(activation), check_number("weight_variance", weight_variance), bias_variance
    b = check_number("bias_variance", b)
    q = w + b
    if f.scale_free and b:  # q' = rate·q + b
        rate = next_variance(1.0, f, w)
        q = b / (1 - rate) if rate < 1 - 1e-12 else float("inf")
        return q if q <= LARGEST_VARIANCE else float("inf")
    # 이웃한 차이의 비 r로 남은 거리를 앞질러 갑니다(Aitken).
    for _ in range(200):
        first = next_variance(q, f, w, b)
        if not b and first < VANISHED:
            return 0.0
        still = abs(first - q) <= 1e-12 * q
        # 편향만큼씩 끝없이 커지는 망도 q가 아주 크면 멈춘 것처럼 보입니다. 더 위에서도 내려오지 않으면 그런 망입니다.
        if still and (not b or next_variance(10 * q, f, w, b) < 10 * q):
            return first
        second = next_variance(first, f, w, b)
        r = 1.0 if still else (second - first) / (first - q)
        # 차이가 줄지 않으면 멀리 뛰어 봅니다. 고정점이 더 위에 있다면 거기에서 내려옵니다.
        q = max(second + (second - first) * r / (1 - r), 0.0) if abs(r) < 1 - 1e-9 else 10 * second
        if q > LARGEST_VARIANCE:
            return float("inf")
    return q


def edge_of_chaos(activation: str | Activation, bias_variance: float = 0.0) -> float:
    """χ = 1이 되는 σ_w²를 이분법으로 찾습니다. q는 그 망의 고정점(`fixed_variance`)입니다.

    0과 20 사이에 답이 없으면 ValueError입니다.

    >>> round(edge_of_chaos("tanh", bias_variance=0.05), 2)
    1.76
    """
    f, bias_variance = get(activation), check_number("bias_variance", bias_variance)
    # 편향이 없는 tanh의 경계는 q = 0에서 끝납니다. 그 곁에서 χ − 1은 q²이라 이분법으로는 자릿수를 잃습니다.
    origin = 1 / max(chi(SMALLEST_VARIANCE, f, 1.0), 1e-12)
    if not bias_variance and fixed_variance(f, origin) == 0:
        return origin

    def excess(weight_variance: float) -> float:
        q = fixed_variance(f, weight_variance, bias_variance)
        return chi(min(max(q, SMALLEST_VARIANCE), LARGEST_VARIANCE), f, weight_variance) - 1

    low, high = 0.0, 20.0
    if excess(high) < 0:
        refuse("activation", "σ_w²가 20이 되기 전에 χ = 1을 지나는 활성화 함수", activation)
    while high - low > 1e-9:
        middle = (low + high) / 2
        low, high = (middle, high) if excess(middle) < 0 else (low, middle)
    return high


def input_mean_square(x: Array) -> float:
    """입력 제곱의 평균. `predict`의 `input_mean_square`에 넣습니다. x: (N, 입력 수).

    >>> input_mean_square(np.full((2, 3), 2.0))
    4.0
    """
    return float(np.mean(np.square(check_array("x", x, (None, None), LARGEST_FLOAT64), dtype=np.float64)))
