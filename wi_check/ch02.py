"""2장 연습: 포화, 역전파 신호의 배율, 그 배율을 1로 두는 초기화."""

from functools import cache

import numpy as np

import wi_lib
from wi_lib import activations, initializers, signals
from wi_lib.signals import rms

from .answers import Wrong, array, call, choice, close, number, passed, require, weights
from .trials import centered, judge, same

SIGMOID = activations.get("sigmoid")


def saturated(answer, *, seed):
    """1번. sigmoid의 출력에서 포화한 비율."""
    rng, trials = np.random.default_rng(seed), []
    # 마지막은 z가 0에 가까운 것이 없는 망입니다. 자료에서 가장 큰 도함수는 최댓값이 아닙니다.
    for shape, low in (((50, 40), -30), ((2000,), -30), ((7, 11, 13), -30), ((20, 30), 2.5)):
        # 양 끝을 잘라 a가 꼭 0이나 1이 되지는 않게 합니다.
        z = np.clip(rng.normal(rng.uniform(0.5, 3), rng.uniform(3, 8), shape), low, 30)
        # 문턱의 수를 셋째 자리에서 반올림한 답이 운에 따라 갈리지 않게, 문턱에 걸친 것은 옮깁니다.
        a = SIGMOID(np.where(np.abs(SIGMOID.derivative(SIGMOID(z)) / 0.0125 - 1) < 0.005, 30, z))
        got, want = number("saturated(a)", call(answer, a)), SIGMOID.saturated(a)
        slope = SIGMOID.derivative(a)
        one_side = "한쪽 끝만 세었습니다. 0에 가까운 쪽도 1에 가까운 쪽도 포화입니다."
        mistakes = [
            (1 - want, "포화하지 않은 것의 비율입니다."),
            (want * a.size, "개수가 아니라 비율을 돌려주십시오."),
            (want * 100, "백분율이 아니라 0 이상 1 이하의 비율을 돌려주십시오."),
            (
                np.mean(slope < 0.05),
                "최댓값의 5 %와 견주어야 하는데 0.05와 견주었습니다. 도함수의 최댓값은 1이 아닙니다.",
            ),
            (np.mean(slope < 0.05 * slope.max()), "주어진 값에서 가장 큰 도함수는 도함수의 최댓값이 아닐 수 있습니다."),
            (np.mean((a < 0.05) | (a > 0.95)), "출력이 아니라 도함수의 크기로 세십시오."),
            (np.mean((a < 0.5) & (slope < 0.0125)), one_side),
            (np.mean((a > 0.5) & (slope < 0.0125)), one_side),
        ]
        # 개수로 견주어 하나도 틀리지 않게 합니다.
        trials.append((got * a.size, want * a.size, [(value * a.size, why) for value, why in mistakes]))
    judge("saturated(a)", trials, relative=0, absolute=0.5)
    passed("1번")


def backward_factor(answer, *, seed):
    """2번. 층 하나를 거슬러 갈 때 RMS의 배율. 실제로 건너 보낸 것과 견줍니다."""
    rng, trials = np.random.default_rng(seed), []
    # 흩어진 정도가 저마다 다르면 도함수의 평균과 RMS의 비도 달라집니다.
    for std, spread in ((0.02, 1), (0.3, 3), (2.0, 6)):
        fan_in, fan_out = int(rng.integers(80, 100)), int(rng.integers(700, 800))
        weights = initializers.normal(std)((fan_in, fan_out), rng=rng)
        # 평균이 0에서 떨어져 있어야, 도함수의 최댓값과 활성화값의 평균에서 구한 도함수가 갈립니다.
        a = SIGMOID(rng.normal(rng.uniform(0.8, 1.2), spread, (300, fan_in)))
        slope = SIGMOID.derivative(a)
        want = rms((rng.standard_normal((300, fan_out)) @ weights.T) * slope)
        got = number("backward_factor", call(answer, weights, a))
        mistakes = [
            (want * np.sqrt(fan_in / fan_out), "더해지는 것은 위층의 유닛들입니다. fan_in과 fan_out을 다시 보십시오."),
            (want * np.sqrt(len(a) / fan_out), "더해지는 것은 입력들이 아니라 위층의 유닛들입니다."),
            (want**2, "RMS가 아니라 분산의 배율입니다."),
            (want * std, "가중치의 표준편차 자리에 분산이 들어 있습니다."),
            (want * np.mean(slope) / rms(slope), "도함수의 평균이 아니라 RMS를 써야 합니다. 크기는 제곱으로 셉니다."),
            (want * rms(slope), "도함수의 RMS 자리에 제곱의 평균이 들어 있습니다."),
            (want / rms(slope), "도함수를 빠뜨렸습니다."),
            (want * rms(a) / rms(slope), "도함수가 아니라 활성화값의 크기를 썼습니다."),
            (want / rms(slope) / 4, "모든 유닛의 도함수를 최댓값으로 보았습니다. 포화한 유닛에서는 훨씬 작습니다."),
            (
                want / rms(slope) * a.mean() * (1 - a.mean()),
                "활성화값의 평균에서 도함수를 한 번만 구했습니다. 도함수는 유닛과 입력마다 다릅니다.",
            ),
            (want / np.sqrt(fan_out), "위층의 유닛 여럿에서 온 것을 더한다는 것을 빠뜨렸습니다."),
            (want * np.sqrt(fan_out), "위층의 유닛 수에 제곱근을 씌우지 않았습니다. 더해지는 것은 분산입니다."),
        ]
        trials.append((got, want, mistakes))
    judge("backward_factor", trials, relative=0.06)
    passed("2번")


@np.errstate(all="ignore")  # 넘치는 답도 우리말로 알립니다.
def keeps_rms(answer, *, seed, depth=10):
    """3번. 역전파 신호의 RMS를 지키는 초기화 keeps_rms(shape, rng=…). 좁은 망과 넓은 망에서 층마다의 배율을 잽니다."""
    rng = np.random.default_rng(seed)
    widths, scaled = (int(rng.integers(60, 76)), int(rng.integers(160, 181))), []
    for width in widths:
        drawn = weights("keeps_rms", answer, (width, width), int(rng.integers(10**6)))
        centered("keeps_rms", drawn)
        scaled.append(drawn.std() * np.sqrt(width))
    for width, draws in zip(widths, (8, 3)):
        factor = np.exp(np.mean([np.log(_per_layer(answer, width, depth, rng)) for _ in range(draws)]))
        if 0.94 < factor < 1.06:
            continue
        require(
            not same(scaled, 4, 0.06),
            "모든 유닛의 도함수를 최댓값으로 보았습니다. 가중치를 키우면 포화한 유닛의 도함수는 훨씬 작아집니다.",
        )
        follows = same(scaled[0], scaled[1], 0.08)
        raise Wrong(
            f"너비가 {width}인 망에서 역전파 신호가 {'폭주합니다' if factor > 1 else '사라집니다'}. "
            f"층 하나의 배율이 {factor:.2g}입니다. 표준편차가 너비에 따라 달라지는 모습"
            f"{'은 맞으니, 곱한 수를 다시 셈하십시오.' if follows else '을 다시 보십시오.'}"
        )
    passed("3번")


def _per_layer(init, width, depth, rng):
    """1층과 맨 위층의 역전파 신호에서 얻은, 층 하나의 배율. 신호가 사라지면 아주 작은 수입니다."""
    x = rng.standard_normal((60, width))
    layers = [array("keeps_rms의 결과", call(init, (width, width), rng=rng), (width, width)) for _ in range(depth)]
    require(not np.array_equal(layers[0], layers[1]), "층마다 같은 가중치가 나옵니다. 건네받은 rng로 뽑으십시오.")
    try:
        deltas = signals.measure(x, layers, "sigmoid", rng=rng, dtype=np.float64).deltas
    except ValueError:
        raise Wrong("신호가 넘칩니다. 가중치가 너무 큽니다.") from None
    return max(rms(deltas[0]), 1e-300) ** (1 / (depth - 1)) / max(rms(deltas[-1]), 1e-300) ** (1 / (depth - 1))


def reading(small, large, factor, *, order, width, std, seed):
    """4번. 그림 읽기: 표준편차가 가장 작은 망과 큰 망, 작은 망의 역전파 신호의 한 층 배율."""
    small, large = (choice(name, value, list("가나다")) for name, value in (("small", small), ("large", large)))
    factor = number("factor", factor)
    labels = dict(zip(np.random.default_rng(order).permutation(3), "가나다"))
    require(
        (small, large) != (labels[2], labels[0]), "small과 large가 뒤바뀌었습니다. 포화하면 활성화값은 어디로 갑니까?"
    )
    require(
        (small, large) == (labels[0], labels[2]), "이름이 다릅니다. 활성화값의 표준편차와 역전파 신호를 함께 보십시오."
    )
    want = _one_layer(width, std, seed)
    mistakes = [
        (1 / want, "거꾸로 읽었습니다. 위층에서 아래층으로 올 때 몇 배인지 적으십시오."),
        (want**7, "일곱 층을 지난 배율입니다. 한 층의 배율로 고치십시오."),
        (want**2, "RMS가 아니라 분산의 배율입니다."),
    ]
    close("factor", factor, want, mistakes, relative=0.1)
    passed("4번")


@cache
def _one_layer(width, std, seed):
    """4번의 그림에서 읽을, 층 하나를 거슬러 갈 때의 배율."""
    x, rng = np.random.default_rng(seed).standard_normal((300, width)), np.random.default_rng(seed + 1)
    deltas = wi_lib.propagate(x, 8, width, "sigmoid", initializers.normal(std), rng=rng).deltas
    return (rms(deltas[0]) / rms(deltas[-1])) ** (1 / 7)
