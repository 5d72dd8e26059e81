"""두 입력이 층을 지나며 얼마나 닮아 가는지: 상관의 점화식, 고정점, 깊이의 눈금.

가중합의 분산이 q, 두 입력의 가중합 사이의 상관이 c이면 다음 층에서는

    q' = σ_w² E[f(u)²] + σ_b²,   c' = (σ_w² E[f(u)f(v)] + σ_b²) / q',   E[uv] = cq

가 됩니다(Poole 외 2016, Schoenholz 외 2017). 두 입력의 크기는 같다고 봅니다.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from . import theory
from .activations import Activation, get
from .checks import check_array, check_integer, check_number, check_rng, enough_memory, refuse
from .theory import LARGEST_VARIANCE, SMALLEST_VARIANCE, Array

# 2차원 정규분포를 극좌표로 적분합니다. u = √q r cos θ, v = √q r cos(θ − φ), c = cos φ이므로 u = 0과 v = 0은 각도
# 네 개의 구간을 나눌 뿐이고, 구간마다 Gauss-Legendre로 적분하면 ReLU의 꺾인 점에서도, c가 1에 가까워도 정확합니다.
NODES, WEIGHTS = np.polynomial.legendre.leggauss(28)
LARGEST_RADIUS = 9.0


@dataclass(frozen=True)
class Trajectory:
    """이론이 말하는 층별 값. 모두 (층 수,) 배열이고 1층부터 차례입니다."""

    variance: Array  # 가중합의 분산 q
    correlation: Array  # 두 입력의 가중합 사이의 상관 c
    cosine: Array  # 두 입력의 활성화값 사이의 코사인
    delta_rms: Array  # 마지막 층에 분산 1인 신호를 넣었을 때 역전파 신호 δ의 RMS


@dataclass(frozen=True)
class FixedPoint:
    """한없이 깊은 망이 다가가는 자리. 분산이 한없이 커지면 variance는 inf입니다.

    `variance_depth`(ξ_q)와 `correlation_depth`(ξ_c)는 고정점까지의 거리가 1/e배가 되는 층의 수이고,
    지수로 다가가지 않으면 inf입니다. 두 입력의 상관이 출발한 자리에 머물러 다가갈 곳이 없으면 correlation은 nan입니다.
    """

    variance: float
    correlation: float
    chi: float
    variance_depth: float
    correlation_depth: float


@cache
def _panels(levels: int) -> tuple[Array, Array]:
    """0부터 1까지의 마디와 무게. 0에 가까운 구간을 16분의 1로 나누기를 levels번 합니다."""
    ends = np.append(0, 16.0 ** np.arange(-levels, 1))
    half = np.diff(ends)[:, None] / 2
    return (ends[:-1, None] + half * (NODES + 1)).ravel(), (half * WEIGHTS).ravel()


@cache
def _grid(levels: int) -> tuple[Array, Array, Array, Array]:
    """반지름의 마디와 무게, 그리고 각도의 구간을 0부터 1까지로 보았을 때의 마디와 무게."""
    radius, weight = _panels(levels)
    radius, weight = LARGEST_RADIUS * radius, LARGEST_RADIUS * weight
    share, width = _panels(levels)
    if levels:  # 각도의 구간은 양쪽 끝이 모두 u = 0이나 v = 0이므로 두 끝으로 나눕니다.
        share, width = np.append(share, 2 - share[::-1]) / 2, np.append(width, width[::-1]) / 2
    return radius, weight * radius * np.exp(-(radius**2) / 2) / (2 * np.pi), share, width


def _integrals(lost: float, q: float, f: Activation) -> tuple[float, float, float, float]:
    """E[f(u)²], E[(f(u) − f(v))²]/2, E[f'(u)²], E[f'(u)f'(v)]. lost = 1 − c입니다.

    닮은 정도를 E[f(u)f(v)]가 아니라 차이의 적분으로 구하므로, c가 1에 가까워도 1 − c'의 자릿수를 잃지 않습니다.
    """
    scale = 1.0 if f.scale_free else float(np.sqrt(q))
    # f'이 뾰족한 곳의 너비는 1/sharp입니다. 거기까지 나누면 가장 좁은 구간의 f는 √q = 1일 때보다 뾰족하지 않습니다.
    sharp = max(scale, 1.0) * max(f.steepest, 1.0)
    radius, radius_weight, share, width = _grid(int(np.ceil(np.log(sharp) / np.log(16))))
    phi = 2 * np.arcsin(np.sqrt(lost / 2))
    ends = np.array([phi - np.pi / 2, np.pi / 2, phi + np.pi / 2, 3 * np.pi / 2, phi + 3 * np.pi / 2])
    length = np.diff(ends)[:, None]
    theta, weight = ends[:-1, None] + length * share, (length * width).ravel()
    a = f.apply(scale * radius[:, None, None] * np.cos(theta))
    slope = f.derivative(a) * 1.0
    # θ를 φ − θ로 바꾸면 u와 v가 자리를 바꿉니다. 구간 1과 3은 제자리에서, 2와 4는 서로 뒤집힙니다.
    b, other = (values[:, [0, 3, 2, 1], ::-1] for values in (a, slope))
    values = a**2, (a - b) ** 2 / 2, slope**2, slope * other
    square, apart, *slopes = (float(radius_weight @ (v.reshape(len(radius), -1) @ weight)) for v in values)
    size = q if f.scale_free else 1.0  # f(√q z) = √q f(z)
    return size * square, size * apart, slopes[0], slopes[1]


def _check(activation: str | Activation, w: float, b: float) -> tuple[Activation, float, float]:
    return get(activation), check_number("weight_variance", w), check_number("bias_variance", b)


def next_correlation(
    c: float, q: float, activation: str | Activation, weight_variance: float, bias_variance: float = 0.0
) -> float:
    """다음 층의 상관 c' = (σ_w² E[f(u)f(v)] + σ_b²) / q'. Poole 외(2016), Schoenholz 외(2017).

    `c`: −1 이상 1 이하의 실수. `q`: 가중합의 분산, 0 이상 1e12 이하. 기본 활성화 함수이면 오차는 1e-8보다 작습니다.
    직접 만든 함수가 가파르면 `Activation.steepest`를 적어야 하고, 0이 아닌 곳에서 꺾이면 1e-3을 넘을 수 있습니다.
    다음 층의 분산이 0이면 두 입력이 모두 0이므로 1입니다.

    >>> round(next_correlation(0.0, 1.0, "relu", weight_variance=2.0), 4)
    0.3183
    """
    c, q = check_number("c", c, minimum=-1, maximum=1), check_number("q", q, maximum=LARGEST_VARIANCE)
    f, w, b = _check(activation, weight_variance, bias_variance)
    square, apart, *_ = _integrals(1 - c, q, f)
    return 1 - _mix(square, apart, w, b)[1]


def _mix(square: float, apart: float, weight_variance: float, bias_variance: float) -> tuple[float, float]:
    """활성화값의 적분에서 다음 층의 (q', 1 − c')."""
    q = weight_variance * square + bias_variance
    return q, min(weight_variance * apart / q, 2.0) if q else 0.0


def trajectory(
    cosine: float,
    activation: str | Activation,
    weight_variance: float,
    bias_variance: float = 0.0,
    depth: int = 50,
    input_mean_square: float = 1.0,
) -> Trajectory:
    """코사인이 `cosine`인 두 입력이 depth층을 지나는 동안의 이론값. 결과는 `Trajectory`.

    첫 층은 q_1 = σ_w²·`input_mean_square` + σ_b²입니다. 분산이 1e12를 넘거나 1e-200보다 작아지면 거기에서 멈춥니다.

    >>> trajectory(0.0, "relu", weight_variance=2.0, depth=3).cosine.round(2)
    array([0.32, 0.49, 0.6 ])
    """
    cosine, depth = check_number("cosine", cosine, minimum=-1, maximum=1), check_integer("depth", depth)
    f, w, b = _check(activation, weight_variance, bias_variance)
    power = w * check_number("input_mean_square", input_mean_square)
    q = power + b
    c = (power * cosine + b) / q if q else 1.0
    with enough_memory("depth", depth):
        rows = np.empty((depth, 4))
    for layer in range(depth):
        q = min(max(q, SMALLEST_VARIANCE), LARGEST_VARIANCE) if q else 0.0
        square, apart, slope, _ = _integrals(1 - c, q, f)
        rows[layer] = q, c, 1 - _mix(square, apart, 1.0, 0.0)[1], slope
        before, (q, lost) = (q, c), _mix(square, apart, w, b)
        c = 1 - lost
        if np.allclose(before, (q, c), rtol=1e-13, atol=0):
            rows[layer:] = rows[layer]  # 고정점에 닿으면 남은 층은 모두 같습니다.
            break
    variances, correlations, cosines, slopes = rows.T
    factors = np.append(w * slopes[:-1], slopes[-1])
    # 곱이 float64를 넘지 않도록 로그에서 더합니다.
    logs = np.cumsum(np.log(np.maximum(factors, 1e-300))[::-1])[::-1]
    return Trajectory(variances, correlations, cosines, np.exp(np.clip(logs / 2, -300, 300)))


def fixed_point(activation: str | Activation, weight_variance: float, bias_variance: float = 0.0) -> FixedPoint:
    """고정점 q*, c*와 χ, 그리고 깊이의 눈금 ξ_q = −1/ln(dq'/dq), ξ_c = −1/ln(dc'/dc). 결과는 `FixedPoint`.

    Schoenholz 외(2017). 분산이 한없이 커지거나 0으로 가는 망에서는 1e12나 1e-200에서의 상관을 봅니다.

    >>> point = fixed_point("tanh", weight_variance=1.5, bias_variance=0.05)
    >>> round(point.chi, 2), point.correlation, round(point.correlation_depth, 1)
    (0.94, 1.0, 15.8)
    """
    f, w, b = _check(activation, weight_variance, bias_variance)
    variance = theory.fixed_variance(f, w, b)
    q = min(max(variance, SMALLEST_VARIANCE), LARGEST_VARIANCE)
    # 분산이 한없이 커지면 편향은 뜻이 없고, 층마다 크기를 되돌려 놓고 보아야 합니다.
    scale, bias = (w, b) if variance < np.inf else (1.0, 0.0)
    # c = 1에서의 기울기는 χ입니다. 2차원의 적분보다 정확한 1차원의 적분으로 경계의 어느 쪽인지 정합니다.
    square, slope = theory.moments(q, f)[1:]
    after = scale * square + bias
    along = scale * q * slope / after if after else 0.0

    def lost_map(lost: float) -> tuple[float, float]:
        square, apart, _, slopes = _integrals(lost, q, f)
        return _mix(square, apart, scale, bias)[1], scale * q * slopes / after

    if variance == np.inf and abs(along - 1) < 1e-5:
        along = 1.0  # 1e12에서도 꺾인 곳의 너비 1/√q만큼 1에서 벗어납니다.
    c = 1.0
    if along > 1 + 1e-9:
        c, along = _crossing(lost_map)
    elif along > 1 - 1e-9 and abs(1 - lost_map(1.0)[0]) < 1e-9 and (not b or w * square > (1 + 1e-9) * q):
        c = float("nan")  # 모든 c에서 c' = c입니다: 곧은 함수이거나, 곧은 부분만 지날 만큼 신호가 작습니다.
    below, above = (theory.next_variance(side * q, f, w, b) for side in (0.9999, 1.0001))
    return FixedPoint(variance, c, w * slope, _depth((above - below) / (0.0002 * q)), _depth(along))


def _crossing(lost_map: Callable[[float], tuple[float, float]]) -> tuple[float, float]:
    """1보다 작은 c' = c인 상관과 거기에서의 기울기.

    c'은 c의 멱급수이고 계수가 모두 0 이상이라 0부터 1까지 볼록합니다. 그래서 0에서 출발한 뉴턴법은 지나치지 않습니다.
    경계의 바로 곁에서 적분의 오차 때문에 지나치면 고정점과 1을 가를 수 없습니다.
    """
    lost = 1.0
    for _ in range(100):
        value, slope = lost_map(lost)
        step = (value - lost) / (1 - slope) if slope < 1 else -lost
        lost += step
        if lost <= 0:
            return 1.0, 1.0
        if abs(step) < 1e-9 * lost:
            break
    return 1 - lost, slope


def _depth(rate: float) -> float:
    return float("inf") if rate >= 1 - 1e-9 else -1 / float(np.log(rate)) if rate > 1e-300 else 0.0


def pairs(count: int, width: int, cosine: float, *, rng: np.random.Generator) -> Array:
    """코사인이 정확히 `cosine`인 입력 count쌍. (2·count, width) 배열이고 i번과 count + i번 행이 짝입니다.

    행의 길이는 모두 √width입니다. `width`는 2 이상이어야 합니다.

    >>> x = pairs(3, 100, 0.6, rng=np.random.default_rng(0))
    >>> cosines(x).round(6)
    array([0.6, 0.6, 0.6])
    """
    count, width = check_integer("count", count), check_integer("width", width, minimum=2)
    cosine, rng = check_number("cosine", cosine, minimum=-1, maximum=1), check_rng(rng)
    with enough_memory("count, width", (count, width)):
        first, other = (rng.standard_normal((count, width)) for _ in range(2))
        first /= np.linalg.norm(first, axis=1, keepdims=True)
        other -= (other * first).sum(axis=1, keepdims=True) * first
        other /= np.linalg.norm(other, axis=1, keepdims=True)
        second = cosine * first + np.sqrt(1 - cosine**2) * other
        return np.sqrt(width) * np.vstack([first, second])


def cosines(a: Array) -> Array:
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
