"""두 입력이 층을 지나며 얼마나 닮아 가는지: 상관의 점화식, 고정점, 깊이의 눈금.

가중합의 분산이 q, 두 입력의 가중합 사이의 상관이 c이면 다음 층에서는

    q' = σ_w² E[f(u)²] + σ_b²,   c' = (σ_w² E[f(u)f(v)] + σ_b²) / q',   E[uv] = cq

가 됩니다(Poole 외 2016, Schoenholz 외 2017). 두 입력의 크기는 같다고 봅니다.
"""

from dataclasses import dataclass

import numpy as np

from . import activations, theory
from .checks import LARGEST_FLOAT64, check_array, check_integer, check_number, check_rng, refuse

# 2차원 정규분포를 극좌표로 적분합니다. u = √q r cos θ, v = √q r cos(θ − φ), c = cos φ이므로 u = 0과 v = 0은 각도
# 네 개의 구간을 나눌 뿐이고, 구간마다 Gauss-Legendre로 적분하면 ReLU의 꺾인 점에서도, c가 1에 가까워도 정확합니다.
NODES, WEIGHTS = np.polynomial.legendre.leggauss(28)
RADII = 4.5 * (NODES + 1)
RADIUS_WEIGHTS = 4.5 * WEIGHTS * RADII * np.exp(-(RADII**2) / 2) / (2 * np.pi)
LARGEST_VARIANCE = 1e6  # ReLU의 혼돈 쪽처럼 분산이 한없이 커지면 여기에서 멈춥니다.


@dataclass(frozen=True)
class Trajectory:
    """이론이 말하는 층별 값. 모두 (층 수,) 배열이고 1층부터 차례입니다."""

    variance: np.ndarray  # 가중합의 분산 q
    correlation: np.ndarray  # 두 입력의 가중합 사이의 상관 c
    cosine: np.ndarray  # 두 입력의 활성화값 사이의 코사인
    delta_rms: np.ndarray  # 마지막 층에 분산 1인 신호를 넣었을 때 역전파 신호 δ의 RMS


@dataclass(frozen=True)
class FixedPoint:
    """한없이 깊은 망이 다가가는 자리. 분산이 한없이 커지면 variance는 inf입니다.

    `variance_depth`(ξ_q)와 `correlation_depth`(ξ_c)는 고정점까지의 거리가 1/e배가 되는 층의 수이고,
    지수로 다가가지 않는 경계에서는 inf입니다.
    """

    variance: float
    correlation: float
    chi: float
    variance_depth: float
    correlation_depth: float


def _integrals(c, q, activation):
    """E[f(u)²], E[(f(u) − f(v))²]/2, E[f'(u)²], E[f'(u)f'(v)].

    닮은 정도를 E[f(u)f(v)]가 아니라 차이의 적분으로 구하므로, c가 1에 가까워도 1 − c'의 자릿수를 잃지 않습니다.
    """
    f = activations.get(activation)
    phi = 2 * np.arcsin(np.sqrt((1 - c) / 2))
    ends = np.array([phi - np.pi / 2, np.pi / 2, phi + np.pi / 2, 3 * np.pi / 2, phi + 3 * np.pi / 2])
    half = (ends[1:] - ends[:-1])[:, None] / 2
    theta, weight = ends[:-1, None] + half * (NODES + 1), half * WEIGHTS
    a = f.apply(np.sqrt(q) * RADII[:, None, None] * np.cos(theta))
    slope = f.derivative(a) * 1.0
    # θ를 φ − θ로 바꾸면 u와 v가 자리를 바꿉니다. 구간 1과 3은 제자리에서, 2와 4는 서로 뒤집힙니다.
    b, other = (values[:, [0, 3, 2, 1], ::-1] for values in (a, slope))
    values = a**2, (a - b) ** 2 / 2, slope**2, slope * other
    return tuple(float(RADIUS_WEIGHTS @ (value.reshape(len(RADII), -1) @ weight.ravel())) for value in values)


def _check(activation, weight_variance, bias_variance):
    activations.get(activation)
    check_number("weight_variance", weight_variance)
    check_number("bias_variance", bias_variance)


def next_correlation(c, q, activation, weight_variance, bias_variance=0.0):
    """다음 층의 상관 c' = (σ_w² E[f(u)f(v)] + σ_b²) / q'. Poole 외(2016), Schoenholz 외(2017).

    `c`: −1 이상 1 이하의 실수. `q`: 가중합의 분산. 다음 층의 분산이 0이면 두 입력이 모두 0이므로 1입니다.

    >>> round(next_correlation(0.0, 1.0, "relu", weight_variance=2.0), 4)
    0.3183
    """
    check_number("c", c, minimum=-1, maximum=1)
    check_number("q", q, maximum=LARGEST_FLOAT64)
    _check(activation, weight_variance, bias_variance)
    square, apart, *_ = _integrals(c, q, activation)
    return _mix(square, apart, weight_variance, bias_variance)[1]


def _mix(square, apart, weight_variance, bias_variance):
    """활성화값의 적분에서 다음 층의 (q', c')."""
    q = weight_variance * square + bias_variance
    return q, max(1 - weight_variance * apart / q, -1.0) if q else 1.0


def trajectory(cosine, activation, weight_variance, bias_variance=0.0, depth=50, input_mean_square=1.0):
    """코사인이 `cosine`인 두 입력이 depth층을 지나는 동안의 이론값. 결과는 `Trajectory`.

    첫 층은 q_1 = σ_w²·`input_mean_square` + σ_b²에서 시작합니다. 분산이 1e6을 넘으면 거기에서 멈춥니다.

    >>> trajectory(0.0, "relu", weight_variance=2.0, depth=3).cosine.round(2)
    array([0.32, 0.49, 0.6 ])
    """
    check_number("cosine", cosine, minimum=-1, maximum=1)
    _check(activation, weight_variance, bias_variance)
    check_integer("depth", depth)
    power = weight_variance * check_number("input_mean_square", input_mean_square)
    q, rows = power + bias_variance, []
    c = (power * cosine + bias_variance) / q if q else 1.0
    for _ in range(depth):
        q = min(q, LARGEST_VARIANCE)
        square, apart, slope, _ = _integrals(c, q, activation)
        rows.append((q, c, _mix(square, apart, 1.0, 0.0)[1], slope))
        before, (q, c) = (q, c), _mix(square, apart, weight_variance, bias_variance)
        if np.allclose(before, (q, c), rtol=1e-13, atol=0):
            break  # 고정점에 닿으면 남은 층은 모두 같습니다.
    rows += [rows[-1]] * (depth - len(rows))
    variances, correlations, cosines, slopes = np.array(rows).T
    factors = np.append(weight_variance * slopes[:-1], slopes[-1])
    # 곱이 float64를 넘지 않도록 로그에서 더합니다.
    logs = np.cumsum(np.log(np.maximum(factors, 1e-300))[::-1])[::-1]
    return Trajectory(variances, correlations, cosines, np.exp(np.clip(logs / 2, -300, 300)))


def fixed_point(activation, weight_variance, bias_variance=0.0):
    """고정점 q*, c*와 χ, 그리고 깊이의 눈금 ξ_q = −1/ln(dq'/dq), ξ_c = −1/ln(dc'/dc). 결과는 `FixedPoint`.

    Schoenholz 외(2017). 분산이 한없이 커지는 망에서는 분산 1e6에서의 상관을 봅니다.

    >>> point = fixed_point("tanh", weight_variance=1.5, bias_variance=0.05)
    >>> round(point.chi, 2), point.correlation, round(point.correlation_depth, 1)
    (0.94, 1.0, 15.8)
    """
    _check(activation, weight_variance, bias_variance)
    variance = _fixed_variance(activation, weight_variance, bias_variance)
    # ReLU의 도함수는 0에서 정해지지 않으므로 0에 아주 가까운 분산에서 봅니다.
    q = np.clip(variance, 1e-12, LARGEST_VARIANCE)

    def correlation_map(c):
        square, apart, _, slopes = _integrals(c, q, activation)
        # 분산이 한없이 커지면 편향은 뜻이 없고, 층마다 크기를 되돌려 놓고 보아야 합니다.
        growth = weight_variance * square / q if np.isinf(variance) else 1.0
        bias = 0.0 if np.isinf(variance) else bias_variance
        return _mix(square, apart, weight_variance, bias)[1], weight_variance * slopes / growth

    def variance_map(q):
        return theory.next_variance(q, activation, weight_variance, bias_variance)

    c = _crossing(correlation_map) if correlation_map(1.0)[1] > 1 + 1e-9 else 1.0
    along = correlation_map(c)[1]
    across = (variance_map(1.0001 * q) - variance_map(0.9999 * q)) / (0.0002 * q)
    return FixedPoint(variance, c, theory.chi(q, activation, weight_variance), _depth(across), _depth(along))


def _fixed_variance(*settings):
    """크기가 1인 입력에서 점화식을 되풀이해 닿는 분산. 이웃한 차이의 비 r로 남은 거리를 앞질러 갑니다(Aitken)."""
    q = settings[1] + settings[2]
    for _ in range(200):
        first = theory.next_variance(q, *settings)
        if abs(first - q) <= 1e-12 * q or first < 1e-11:
            return first if first >= 1e-11 else 0.0
        second = theory.next_variance(first, *settings)
        r = (second - first) / (first - q)
        # 차이가 줄지 않으면 멀리 뛰어 봅니다. 고정점이 더 위에 있다면 거기에서 내려옵니다.
        q = max(second + (second - first) * r / (1 - r), 0.0) if abs(r) < 1 - 1e-9 else 10 * second
        if q > LARGEST_VARIANCE:
            return float("inf")
    return q


def _crossing(correlation_map):
    """0과 1 사이에서 c' = c가 되는 상관. c = 1 바로 아래에서는 c' < c입니다."""
    low, high = 0.0, 1 - 1e-9
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if correlation_map(middle)[0] > middle else (low, middle)
    return low


def _depth(rate):
    return float("inf") if rate >= 1 - 1e-9 else -1 / float(np.log(rate)) if rate > 1e-300 else 0.0


def pairs(count, width, cosine, *, rng):
    """코사인이 정확히 `cosine`인 입력 count쌍. (2·count, width) 배열이고 i번과 count + i번 행이 짝입니다.

    행의 길이는 모두 √width입니다. `width`는 2 이상이어야 합니다.

    >>> x = pairs(3, 100, 0.6, rng=np.random.default_rng(0))
    >>> cosines(x).round(6)
    array([0.6, 0.6, 0.6])
    """
    check_integer("count", count)
    check_integer("width", width, minimum=2)
    check_number("cosine", cosine, minimum=-1, maximum=1)
    first, other = check_rng(rng).standard_normal((2, count, width))
    first /= np.linalg.norm(first, axis=1, keepdims=True)
    other -= (other * first).sum(axis=1, keepdims=True) * first
    other /= np.linalg.norm(other, axis=1, keepdims=True)
    second = cosine * first + np.sqrt(1 - cosine**2) * other
    return np.sqrt(width) * np.vstack([first, second])


def cosines(a):
    """앞 절반과 뒤 절반의 짝마다 코사인. a: (2·쌍의 수, 유닛 수) → (쌍의 수,). 0인 행이 있으면 그 쌍은 NaN입니다.

    >>> cosines(np.array([[1.0, 0.0], [3.0, 4.0]]))
    array([0.6])
    """
    check_array("a", a, (None, None))
    if len(a) % 2:
        refuse("a", "행의 수가 짝수인 배열", a)
    unit = a.astype(np.float64)
    with np.errstate(invalid="ignore"):
        # 아주 작은 값의 제곱이 0이 되지 않도록 가장 큰 성분으로 먼저 나눕니다.
        unit /= np.abs(unit).max(axis=1, keepdims=True)
        unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    return (unit[: len(a) // 2] * unit[len(a) // 2 :]).sum(axis=1)
