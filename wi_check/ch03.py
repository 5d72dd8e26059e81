"""3장 연습: 합성곱, 지름길이 있는 망, 너비가 변하는 망에서 분산을 지키는 초기화."""

from functools import cache
from itertools import pairwise

import numpy as np

from wi_lib import initializers, signals

from .answers import array, call, choice, close, number, passed, require
from .trials import centered, drawn_std, judge, only_reason

CYCLES = 6


def limit_for(answer, *, seed):
    """1번. 한 줄 채우기: 분산의 배율에서 균등분포의 한계를 얻는 함수."""
    rng, trials = np.random.default_rng(seed), []
    for n, factor in zip(rng.integers(20, 900, 5), rng.uniform(0.3, 0.8, 5)):
        n, factor = int(n), float(factor)
        got = number("limit_for(factor, fan_in)", call(answer, factor, n))
        want, unused = np.sqrt(3 * factor / n), "factor를 쓰지 않았습니다."
        mistakes = [
            (want / np.sqrt(3), "표준편차를 그대로 한계로 썼습니다. 균등분포에서 둘 사이의 배율을 보십시오."),
            (want / 3, "표준편차를 한계로 바꾸는 배율을 거꾸로 썼습니다. 한계는 표준편차보다 커야 합니다."),
            (want * 2, "한계와 구간의 폭을 구별하십시오. 폭은 한계의 두 배입니다."),
            (want**2, "한계가 아니라 그 제곱입니다. 분산과 표준편차를 구별하십시오."),
            (want**2 / 3, "한계가 아니라 가중치의 분산입니다."),
            (want * np.sqrt(factor), "factor는 표준편차가 아니라 분산의 배율입니다."),
            (want / np.sqrt(factor), unused),
            (want / np.sqrt(3 * factor), unused),
            (want * np.sqrt(2 / factor), unused),
            (want / factor, "factor를 거꾸로 썼습니다. 나가는 분산이 크려면 한계도 커야 합니다."),
            (want * np.sqrt(n), "fan_in으로 나누지 않았습니다."),
            (want * np.sqrt(2), "분산이 두 배입니다. 활성화 함수도 없고, fan_out과 평균을 낼 까닭도 없는 층입니다."),
        ]
        trials.append((got, want, mistakes))
    judge("limit_for(factor, fan_in)", trials, relative=1e-3)
    passed("1번")


def through(w, *, rng, side=24):
    """필터 w를 표준정규 그림에 합성곱해, 나가는 값의 분산이 들어온 것의 몇 배인지 잽니다.

    w는 (나가는 채널, 들어오는 채널, 높이, 너비)인 실수 배열입니다.
    """
    allowed = "(나가는 채널, 들어오는 채널, 높이, 너비)인 배열"
    require(isinstance(w, np.ndarray) and w.ndim == 4, f"`w`는 {allowed}이어야 합니다.")
    image = rng.standard_normal((w.shape[1], side + w.shape[2], side + w.shape[3]))
    patches = np.lib.stride_tricks.sliding_window_view(image, w.shape[2:], axis=(1, 2))
    return float(np.var(np.tensordot(w, patches, axes=((1, 2, 3), (0, 3, 4)))) / np.var(image))


def conv_init(answer, *, seed):
    """2번. 잘못 세 군데를 고친 합성곱의 초기화 함수 conv_init(shape, rng=…)."""
    rng, trials = np.random.default_rng(seed), []
    # 변의 길이와 채널의 비를 바꾸어, 한 모양에서만 같은 값이 되는 잘못을 가립니다.
    for sides, ratio in (([2, 5], 4), ([3, 7], 6)):
        channels, (height, width) = int(rng.integers(16, 24)), (int(n) for n in rng.permutation(sides))
        filters, cells = ratio * channels, height * width
        want = initializers.MODES["fan_in"](channels * cells, filters * cells) ** -0.5
        swapped, bound, uncounted = np.sqrt(channels / filters), 1 / np.sqrt(3), np.sqrt(cells)
        two, square = "잘못이 아직 둘 남았습니다.", "높이와 너비가 다를 수 있습니다."
        mistakes = [
            (bound, "균등분포의 한계 자리에 표준편차가 들어 있습니다."),
            (uncounted, "높이와 너비를 세지 않았습니다. 나가는 값 하나에 가중치가 몇 개 쓰입니까?"),
            (swapped, "들어오는 채널과 나가는 채널을 바꾸어 썼습니다. shape의 차례를 보십시오."),
            (uncounted * bound, f"{two} 분포의 한계와, 나가는 값 하나에 쓰이는 가중치의 수를 보십시오."),
            (uncounted * swapped, f"{two} 채널의 차례와, 나가는 값 하나에 쓰이는 가중치의 수를 보십시오."),
            (swapped * bound, f"{two} 채널의 차례와 분포의 한계를 보십시오."),
            (uncounted * swapped * bound, "동료의 함수와 같은 값입니다. 고친 것이 없습니다."),
            (np.sqrt(height), "높이를 세지 않았습니다."),
            (np.sqrt(width), "너비를 세지 않았습니다."),
            (np.sqrt(height / width), square),
            (np.sqrt(width / height), square),
            (np.sqrt(channels), "들어오는 채널을 세지 않았습니다. 채널마다 다른 가중치를 곱해 더합니다."),
            (np.sqrt(1 / filters), "나가는 채널까지 세었습니다. 나가는 값 하나에는 필터 하나만 쓰입니다."),
            (np.sqrt(2 * channels / (channels + filters)), "fan_out을 섞었습니다. 앞으로 가는 신호만 지킵니다."),
            (np.sqrt(2), "분산이 두 배입니다. 활성화 함수가 없는 층의 앞으로 가는 신호만 지킵니다."),
            (want, "표준편차가 아니라 분산을 썼습니다."),
        ]
        std = drawn_std("conv_init", answer, (filters, channels, height, width), int(rng.integers(10**6)))
        trials.append((std, want, [(want * factor, reason) for factor, reason in mistakes]))
    judge("conv_init의 표준편차", trials, relative=0.03)
    passed("2번")


def grown(answer, depth, width, rng):
    """answer로 초기화한 망에서 h ← h + hW를 depth번 되풀이했을 때 분산의 배율과 뽑은 가중치. 넘치면 1e300입니다."""
    shape, h = (width, width), rng.standard_normal((200, width))
    before = np.mean(h**2)
    layers = [array("residual_init의 결과", call(answer, shape, rng=rng), shape) for _ in range(depth)]
    require(not np.array_equal(layers[0], layers[1]), "층마다 같은 가중치가 나옵니다. 건네받은 rng로 뽑으십시오.")
    centered("residual_init", np.array(layers))
    for layer in layers:
        h = h + h @ layer
    return np.nan_to_num(np.mean(h**2) / before, nan=1e300, posinf=1e300), np.array(layers)


@np.errstate(all="ignore")  # 넘치는 답도 우리말로 알립니다.
def residual_init(answer, *, depth, width, growth, seed):
    """3번. 지름길이 있는 depth층을 지나 분산이 growth배가 되게 하는 초기화 함수 residual_init(shape, rng=…)."""
    rng = np.random.default_rng(seed)
    # 난수의 운을 세 망에 걸쳐 평균합니다.
    factors, drawn = zip(*(grown(answer, depth, width, rng) for _ in range(3)))
    got = float(np.mean(factors))
    if abs(got - growth) > 0.08 * growth:
        # 까닭은 운이 적은 쪽, 곧 층 하나에서 hW가 나르는 분산으로 가립니다.
        branch = width * float(np.mean(np.square(drawn)))
        why = only_reason([(branch, _branches(depth, width, growth))], relative=0.01)
        require(not why, why)
        layer = 1 + branch
        require(layer < 1.5, f"층마다 분산이 {layer:.2g}배가 됩니다. 이것을 DEPTH번 곱하면 GROWTH가 됩니까?")
        require(got > 1.1, "신호가 거의 커지지 않습니다. 층 하나를 지난 분산의 식에서 Var(w)를 다시 구하십시오.")
        close(f"{depth}층을 지난 분산의 배율", got, growth, relative=0.08)
    passed("3번")


def _branches(depth, width, growth):
    """(층 하나에서 hW가 나르는 분산의 배율, 그 값이 되는 까닭)의 목록."""
    right = growth ** (1 / depth) - 1
    twice = "층마다 분산이 두 배쯤 됩니다. 지름길로 온 신호에 이미 들어온 만큼의 분산이 있습니다."
    added = "층의 배율은 더해지지 않고 곱해집니다. 늘어날 양을 층의 수로 나누지 마십시오."
    return [
        (1, twice),
        (right + 1, twice),
        (growth / depth, added),
        ((growth - 1) / depth, added),
        (growth ** (0.5 / depth) - 1, "GROWTH는 표준편차가 아니라 분산의 배율입니다."),
        (right**2 / width, "표준편차 자리에 분산이 들어 있습니다."),
        (right / 3, "균등분포의 한계 자리에 표준편차가 들어 있습니다."),
        (right * width, "가중치의 분산을 fan_in으로 나누지 않았습니다."),
    ]


def order(seed):
    """가려진 이름 (가), (나), (다)가 차례로 가리키는 규칙."""
    return [str(mode) for mode in np.random.default_rng(seed).permutation(list(initializers.MODES))]


def measured(sizes, mode, seed):
    """mode 규칙으로 초기화한 항등 함수 망의 Signals. 규칙이 달라도 난수는 같습니다."""
    rng, init = np.random.default_rng(seed), initializers.variance_scaling(1.0, mode)
    weights = [init(shape, rng=rng) for shape in pairwise(sizes)]
    return signals.measure(rng.standard_normal((300, sizes[0])), weights, "identity", rng=rng)


def unnamed(sizes, *, seed):
    """너비가 sizes인 항등 함수 망을 세 규칙으로 초기화해 잰 {가려진 이름: Signals}."""
    return {f"({name})": measured(sizes, mode, seed) for name, mode in zip("가나다", order(seed))}


def reading(rules, per_cycle, *, narrow, ratio, seed):
    """4번. 그림 읽기: 가려진 세 규칙과, fan_avg 망의 한 바퀴마다의 배율."""
    three = isinstance(rules, (tuple, list, np.ndarray)) and len(rules) == 3
    require(three, "`rules`에는 규칙 셋을 (가), (나), (다)의 차례로 적으십시오.")
    rules = [choice("rules", rule, list(initializers.MODES)) for rule in rules]
    per_cycle = number("per_cycle", per_cycle)
    wrong = sum(rule != right for rule, right in zip(rules, order(seed)))
    hint = "두 그림에서 어느 선이 수평인지, 그것이 무엇을 지킨다는 뜻인지 보십시오."
    require(not wrong, f"rules 가운데 {wrong}개가 그림과 다릅니다. {hint}")
    want = _one_cycle(narrow, ratio, seed)
    mistakes = [
        (want**2, "분산의 배율을 적었습니다. 그림의 세로축은 표준편차입니다."),
        (want ** (1 / 3), "한 층의 배율을 적었습니다. 한 바퀴는 세 층입니다."),
        (1 / want, "거꾸로 읽었습니다. 다음 바퀴가 앞 바퀴의 몇 배인지 적으십시오."),
    ]
    judge("per_cycle", [(per_cycle, want, mistakes)], relative=0.07, hint=0.03)
    passed("4번")


@cache
def _one_cycle(narrow, ratio, seed):
    """4번의 그림에서 읽을, fan_avg 망의 한 바퀴마다의 배율."""
    cycle = [narrow * ratio**2, narrow * ratio, narrow]
    std = [a.std() for a in measured(cycle * CYCLES + cycle[:1], "fan_avg", seed).activations[2::3]]
    return float((std[-1] / std[0]) ** (1 / (CYCLES - 1)))
