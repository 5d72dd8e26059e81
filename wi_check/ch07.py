"""7장 연습: 균등분포의 한계, 재어서 고른 분산, 시드의 수, 역전파의 표 읽기."""

import math
from functools import cache
from itertools import permutations

import numpy as np

import wi_lib
from wi_lib import activations, initializers, signals

from .answers import Wrong, call, choice, close, integer, number, passed, require
from .trials import judge, only_reason

FUNCTIONS = "sigmoid", "tanh", "relu", "selu"
CHOICES = {
    "표준편차 0.01": initializers.normal(0.01),
    "표준편차 1": initializers.normal(1),
    "LeCun": initializers.lecun_normal(),
    "He": initializers.he_normal(),
    "4×Glorot": initializers.variance_scaling(16, "fan_avg", "uniform"),
}


def glorot_limit(answer, *, seed):
    """1번. 한 줄 채우기: 원점에서의 기울기가 slope인 활성화 함수의 균등분포의 한계."""
    rng, trials = np.random.default_rng(seed), []
    slopes = 0.25, *rng.uniform(0.3, 0.9, 2).round(2), *rng.uniform(1.2, 2.5, 2).round(2)
    for *shape, slope in zip(rng.integers(40, 200, 5), rng.integers(300, 900, 5), slopes):
        shape, slope = tuple(int(n) for n in shape), float(slope)
        asked = f"glorot_limit({shape}, {slope})"
        trials.append((number(asked, call(answer, shape, slope)), *_limit(shape, slope), asked))
    judge("glorot_limit의 결과", trials, relative=1e-3)
    passed("1번")


def _limit(shape, slope):
    """(균등분포의 한계, 흔한 실수의 목록)."""
    plain = np.sqrt(3 / (sum(shape) / 2))
    want, one_fan = plain / slope, "한쪽 fan만 썼습니다. Glorot은 두 fan을 모두 씁니다."
    return want, [
        (want / slope, "늘어나는 것은 한계입니다. 분산이 몇 배여야 하는지와 한계가 몇 배여야 하는지를 구별하십시오."),
        (plain / np.sqrt(slope), "slope가 신호의 크기에 곱해지는지, 분산에 곱해지는지 보십시오."),
        (plain * slope, "거꾸로입니다. 기울기가 작은 함수일수록 가중치가 커야 합니다."),
        (plain * 4, "slope를 쓰지 않고 늘 네 배로 늘립니다."),
        (plain, "slope를 쓰지 않았습니다."),
        (want * 4, "네 배까지 곱했습니다. slope가 1/4일 때의 네 배가 어디에서 오는지 보십시오."),
        (want / np.sqrt(3), "표준편차를 돌려주고 있습니다. 균등분포의 한계와 표준편차 사이의 배율을 보십시오."),
        (want / np.sqrt(2), "fan_in과 fan_out을 더할지 평균할지, 3과 6 가운데 무엇과 짝인지 보십시오."),
        (want * np.sqrt(2), "fan_in과 fan_out을 더할지 평균할지, 3과 6 가운데 무엇과 짝인지 보십시오."),
        *((np.sqrt(top / fan) / slope, one_fan) for top in (3, 6) for fan in shape),
        (plain**2 / slope, "제곱근을 빠뜨렸습니다."),
        (want**2, "제곱근을 빠뜨렸습니다."),
        (want**2 / 3, "분산을 돌려주고 있습니다. 균등분포의 한계가 아닙니다."),
        (-want, "한계는 0보다 큰 수입니다. U(−한계, 한계)의 오른쪽 끝을 돌려주십시오."),
    ]


def _stretched_tanh(height, steepness):
    """책에 없는 활성화 함수 height·tanh(steepness·z). gain에는 쓸모없는 수를 적어 둡니다."""

    def apply(z):
        z *= steepness
        np.tanh(z, out=z)
        z *= height
        return z

    return activations.Activation(
        f"{height:.2g}·tanh({steepness:.2g}z)",
        apply,
        lambda a: steepness * (height - a * a / height),
        gain=1.0,
        steepest=height * steepness,
    )


def matched_scale(answer, *, seed):
    """2번. 신호를 재어 고른 분산 matched_scale(activation, x, depth, width, rng=…). 난수를 다시 뽑아 잽니다."""
    rng, answers = np.random.default_rng(seed), []
    _repeatable(answer, seed)
    small = _stretched_tanh(rng.uniform(0.4, 0.7), rng.uniform(0.5, 1.2))
    large = _stretched_tanh(rng.uniform(1.5, 2.0), rng.uniform(1.2, 1.8))
    leaky = activations.leaky_relu(round(rng.uniform(0.2, 0.7), 2))
    for activation in (leaky, small, large, activations.get("selu")):
        depth, width, inputs = (int(n) for n in (rng.integers(4, 6), rng.integers(70, 100), rng.integers(150, 200)))
        x = rng.uniform(0.4, 0.9) * rng.standard_normal((60, inputs))
        draws = np.random.default_rng(rng.integers(10**9))
        c = number("matched_scale의 결과", call(answer, activation, x, depth, width, rng=draws))
        require(1e-3 < c < 1e4, "matched_scale의 결과는 0.05와 200 사이의 수여야 합니다.")
        answers.append((c, (activation, x, depth, width, int(rng.integers(10**9)))))
    found = [(activation, _measured(c, activation, *net)) for c, (activation, *net) in answers]
    missed = [(activation, times) for activation, times in found if not _matched(times)]
    if missed:
        for power, reason in (
            (2, "가중치의 표준편차의 배율을 돌려주고 있습니다. 찾는 c는 분산의 배율입니다."),
            (-1, "거꾸로 된 배율입니다. 신호가 작게 돌아오면 가중치를 키워야 합니다."),
        ):
            require(not all(_matched(_measured(c**power, *net)) for c, net in answers), reason)
        activation, times = missed[0]
        hint = "c가 너무 작습니다." if times < 1 else "c가 너무 큽니다."
        raise Wrong(f"활성화 함수가 {activation.name}인 망에서 1층까지 돌아온 신호가 {times:.2g}배입니다. {hint}")
    passed("2번")


def _repeatable(answer, seed):
    """rng의 시드가 같으면 답도 같은지, 작은 망에서 싸게 봅니다."""
    x, leaky = np.random.default_rng(seed).standard_normal((20, 30)), activations.leaky_relu(0.5)
    first, again = (
        number("matched_scale의 결과", call(answer, leaky, x, 3, 20, rng=np.random.default_rng(seed))) for _ in range(2)
    )
    require(first == again, "같은 시드의 rng를 주었는데 c가 다릅니다. 난수는 건네받은 rng로만 뽑으십시오.")


def _matched(times):
    # 답의 난수와 확인의 난수가 다르므로, 문제에 적은 것보다 조금 넓게 받아들입니다.
    return 0.76 < times < 1.32


def _measured(c, activation, x, depth, width, seed):
    """다시 뽑은 난수 셋에서 잰 역전파 신호의 배수의 기하 평균."""
    rng, init, logs = np.random.default_rng(seed), initializers.variance_scaling(c), []
    for _ in range(3):
        s = wi_lib.propagate(x, depth, width, activation, init, rng=rng, dtype=np.float64)
        # 모두 포화하면 신호가 0입니다.
        logs.append(np.log(max(signals.rms(s.deltas[0]), 1e-300) / max(signals.rms(s.deltas[-1]), 1e-300)))
    return float(np.exp(np.mean(logs)))


def seeds_needed(answer, *, seed):
    """3번. 우연히 갈리는 짝의 수의 기댓값이 limit을 넘지 않게 하는 시드의 수 seeds_needed(pairs, limit).

    n이 하나 바뀌는 자리의 바로 위와 아래를 물으므로, 어림한 식이나 닮은 확률은 어느 시드에서나 드러납니다.
    """
    rng, cases = np.random.default_rng(seed), [(899, 0.003)]
    for n in (1, 2, 3, 4, 5, 6):
        pairs = int(rng.integers(40, 900))
        cases += [(pairs, float(f"{near * _separated(pairs, n):.5g}")) for near in (0.99, 1.01)]
    cases += [(int(rng.integers(5, 900)), float(f"{10 ** rng.uniform(-2.5, -0.2):.3g}")) for _ in range(15)]
    want = [_seeds(*case) for case in cases]
    got = [_asked(answer, *case) for case in cases]
    if got != want:
        slips = [[(wrong(*case), reason) for wrong, reason in MISCOUNTS] for case in cases]
        why = only_reason(list(zip(got, slips)), relative=0)
        require(not why, why)
        case, n, right = next(one for one in zip(cases, got, want) if one[1] != one[2])
        side = "큽니다" if n > right else "작습니다"
        raise Wrong(f"`seeds_needed{case}`의 값이 기대보다 {side}. n이 5일 때 확률이 1/126인지부터 확인하십시오.")
    loose = [_asked(answer, pairs, 5 * pairs) for pairs in (1, 30)]
    require(loose == [1, 1], "limit이 클 때의 답이 다릅니다. n은 1부터 셉니다.")
    # 로그로 셈한 답은 마지막 자리의 반올림 때문에 어떤 n에서는 넘은 것처럼 보이므로, 모두 하나 많을 때만 봅니다.
    ties = [_asked(answer, math.comb(2 * n, n), 2) for n in (1, 2, 3, 4)]
    require(ties != [2, 3, 4, 5], "기댓값이 limit과 꼭 같으면 넘은 것이 아닙니다.")
    passed("3번")


def _asked(answer, pairs, limit):
    return integer(f"seeds_needed({pairs}, {limit})", call(answer, pairs, limit))


def _separated(pairs, n):
    """모두 똑같이 좋을 때 우연히 완전히 갈리는 짝의 수의 기댓값."""
    return 2 * pairs / math.comb(2 * n, n)


def _seeds(pairs, limit, expected=_separated):
    return next(n for n in range(1, 100) if expected(pairs, n) <= limit)


# (틀리게 센 수, 그 까닭).
MISCOUNTS = [
    (
        lambda pairs, limit: _seeds(pairs, limit, lambda pairs, n: 2 * pairs / 2**n),
        "시드를 둘씩 짝지어 셌습니다. 한쪽의 가장 낮은 것이 다른 쪽의 가장 높은 것보다 높을 확률입니다.",
    ),
    (
        lambda pairs, limit: _seeds(pairs, limit, lambda pairs, n: 1 - (1 - _separated(1, n)) ** pairs),
        "적어도 한 짝이 갈릴 확률로 셌습니다. 물은 것은 갈리는 짝의 수의 기댓값입니다.",
    ),
    (lambda pairs, limit: _seeds(pairs / 2, limit), "어느 쪽이 이기든 우연입니다. 두 쪽을 모두 세십시오."),
    (
        lambda pairs, limit: _seeds(2 * pairs, limit),
        "기댓값을 두 배로 셌습니다. 같은 경우를 두 번 세지 않았는지 보십시오.",
    ),
    (lambda pairs, limit: _seeds(1, limit), "pairs를 쓰지 않았습니다. 짝이 많을수록 우연도 많습니다."),
    (lambda pairs, limit: _seeds(pairs, limit) + 1, "하나 많습니다. 넘지 않는 가장 작은 n인지 보십시오."),
    (lambda pairs, limit: _seeds(pairs, limit) - 1, "하나 모자랍니다. 그 수로는 기댓값이 limit을 넘습니다."),
    (lambda pairs, limit: max(_seeds(pairs, limit) - 1, 1), "하나 모자랍니다. 그 수로는 기댓값이 limit을 넘습니다."),
    (
        lambda pairs, limit: 2 * _seeds(pairs, limit),
        "2n을 돌려주고 있습니다. n은 초기화 하나의 시드의 수입니다.",
    ),
]


def nameless(*, depth, width, order, seed):
    """4번의 표: 이름을 가린 초기화(줄)와 활성화 함수(칸)의 min(r, 1/r). 모양은 (5, 4)입니다."""
    ratios = _ratios(depth, width, seed)[_hidden(order)]
    return np.minimum(ratios, 1 / ratios)


def _hidden(order):
    """줄마다 숨은 초기화의 번호."""
    return list(list(permutations(range(len(CHOICES))))[order])


@cache
def _ratios(depth, width, seed):
    """7장의 망에서 잰, 1층까지 돌아온 역전파 신호의 배수. 줄이 초기화, 칸이 활성화 함수입니다."""
    x = np.random.default_rng(seed).standard_normal((60, 784)) * np.sqrt(0.11)

    def ratio(init, name):
        rng = np.random.default_rng([seed, 0])
        deltas = wi_lib.propagate(x, depth, width, name, init, rng=rng, dtype=np.float64).deltas
        return signals.rms(deltas[0]) / signals.rms(deltas[-1])

    return np.array([[ratio(init, name) for name in FUNCTIONS] for init in CHOICES.values()])


def reading(he, fooled, selu_he, deeper, *, depth, width, order, seed):
    """4번. 그림 읽기: He의 줄, 포화한 줄, SELU와 He의 배수, 두 층을 더한 ReLU와 LeCun의 칸."""
    letters = "가나다라마"
    he, fooled = (choice(name, value, list(letters)) for name, value in (("he", he), ("fooled", fooled)))
    selu_he, deeper = number("selu_he", selu_he), number("deeper", deeper)
    names = list(CHOICES)
    rows = {names[i]: letter for i, letter in zip(_hidden(order), letters)}
    require(he == rows["He"], "he가 다릅니다. He가 어느 활성화 함수의 신호를 지키도록 만든 것인지 떠올려 보십시오.")
    require(fooled != rows["4×Glorot"], "fooled의 줄은 4 × Glorot입니다. sigmoid의 열에 더 밝은 줄이 있습니다.")
    require(fooled == rows["표준편차 1"], "fooled가 다릅니다. sigmoid의 열을 보십시오.")
    ratios = _ratios(depth, width, seed)
    growth = ratios[names.index("He"), FUNCTIONS.index("selu")]
    mistakes = [
        (1 / growth, "표의 수는 r과 1/r 가운데 작은 것입니다. SELU의 열에서 가중치가 더 작은 줄과 견주어 보십시오."),
        (100 / growth, "칸의 수를 그대로 적었습니다. 배수를 적으십시오."),
        (100 * growth, "퍼센트가 아니라 배수를 적으십시오."),
    ]
    close("selu_he", selu_he, growth, mistakes, relative=0.06, absolute=0.05)
    now = 100 * ratios[names.index("LeCun"), FUNCTIONS.index("relu")]
    require(deeper < 1.06 * now, "`deeper`가 지금의 칸보다 큽니다. 층이 늘면 이 칸의 신호는 더 줄어듭니다.")
    mistakes = [
        (now, "두 층을 늘리기 전의 수입니다."),
        (now / 200, "퍼센트로 적으십시오."),
        (now / np.sqrt(2), "한 층을 늘렸을 때의 수입니다."),
        (now / 4, "네 층을 늘렸을 때의 수입니다. 신호의 크기와 분산을 혼동하지 않았는지 보십시오."),
    ]
    # 표의 반올림보다 멀면 우연히 가까운 수입니다.
    mistakes = [(value, reason) for value, reason in mistakes if np.isclose(deeper, value, rtol=0.04)]
    close("deeper", deeper, now / 2, mistakes, relative=0.06, absolute=0.5)
    passed("4번")
