"""5장 연습: ReLU가 버린 절반을 되찾는 초기화."""

from functools import cache

import numpy as np

import wi_lib
from wi_lib import initializers, theory

from .answers import Wrong, array, call, integer, number, passed, require
from .trials import drawn_std, judge, only_reason


def he_std(answer, *, seed):
    """1번. 한 줄 채우기: fan_in에서 표준편차를 얻는 함수."""
    trials = []
    for n in np.random.default_rng(seed).integers(20, 900, 5):
        n = int(n)
        got = number("he_std(fan_in)", call(answer, n))
        want = theory.gain("relu") / np.sqrt(n)
        mistakes = [
            (want**2, "표준편차가 아니라 분산을 돌려주고 있습니다."),
            (want / np.sqrt(2), "ReLU가 버리는 몫을 되찾지 않았습니다. 앞 장의 값에 그대로 머물러 있습니다."),
            (want / 2, "되찾을 몫을 거꾸로 셌습니다."),
            (want * np.sqrt(2), "분산이 되찾아야 할 것의 두 배입니다. 2를 어디에 곱하는지 보십시오."),
            (want * np.sqrt(3), "표준편차가 아니라 균등분포의 한계입니다."),
            (want / np.sqrt(n), "제곱근을 2에만 씌웠습니다. 표준편차는 분산 전체의 제곱근입니다."),
            (1 / want, "거꾸로 된 분수입니다. fan_in이 커지면 가중치는 작아져야 합니다."),
        ]
        trials.append((got, want, mistakes))
    judge("he_std(fan_in)", trials, relative=1e-3)
    passed("1번")


def leaky_init(answer, *, seed):
    """2번. leaky ReLU의 초기화 함수 leaky_init(shape, slope, rng=…)."""
    rng, trials = np.random.default_rng(seed), []
    # 넓어지는 층과 좁아지는 층, 작은 slope와 큰 slope에서 같은 실수는 하나뿐입니다.
    ends = (rng.integers(120, 200), rng.integers(300, 400)), (rng.integers(300, 400), rng.integers(120, 200))
    for (fan_in, fan_out), slope in zip(ends, (rng.uniform(0.2, 0.5), rng.uniform(0.6, 0.9))):
        fan_in, fan_out, slope = int(fan_in), int(fan_out), round(float(slope), 2)

        def init(shape, *, rng, slope=slope):
            return answer(shape, slope, rng=rng)

        init.__name__ = "leaky_init"
        want, new = theory.gain(f"leaky_relu({slope})") / np.sqrt(fan_in), 2 / (1 + slope**2)
        mistakes = [
            (want * np.sqrt(fan_in / fan_out), "fan_in과 fan_out을 바꾸어 썼습니다. shape는 (fan_in, fan_out)입니다."),
            (np.sqrt(2 * new / (fan_in + fan_out)), "fan_out을 섞었습니다. 앞으로 가는 신호만 지킵니다."),
            (want**2, "rng에 표준편차가 아니라 분산을 넘겼습니다."),
            (theory.gain("relu") / np.sqrt(fan_in), "slope를 쓰지 않았습니다. 음수 쪽으로 새는 신호도 세어야 합니다."),
            (np.sqrt(2 / (1 + slope) / fan_in), "음수 쪽의 몫은 slope가 아닙니다. 신호의 크기는 제곱으로 셉니다."),
            (
                np.sqrt(2 / fan_in) / (1 + slope),
                "더한 다음에 제곱했습니다. 양수 쪽과 음수 쪽은 따로 제곱해서 더합니다.",
            ),
            (want * np.sqrt(new / 2), "제곱을 더한 것에 제곱근을 씌우지 않았습니다."),
            (want / np.sqrt(2), "양수 쪽과 음수 쪽이 저마다 신호의 절반이라는 것을 빠뜨렸습니다."),
            (want / np.sqrt(3), "균등분포의 표준편차는 한계가 아닙니다. 한계와 표준편차 사이의 배율을 보십시오."),
            (want * np.sqrt(fan_in), "fan_in으로 나누지 않았습니다."),
        ]
        std = drawn_std("leaky_init", init, (fan_in, fan_out), int(rng.integers(10**6)))
        trials.append((std, want, mistakes))
    judge("leaky_init의 표준편차", trials, relative=0.03)
    passed("2번")


def dropped(x, weights, keep, rng):
    """ReLU 층마다 유닛을 keep의 확률로만 남기는 망의 층별 활성화값의 RMS. 신호가 넘치면 inf입니다."""
    sizes = []
    for weight in weights:
        x = np.maximum(x @ weight, 0) * (rng.random((len(x), weight.shape[1])) < keep)
        sizes.append(np.sqrt(np.mean(x**2)))
    return np.array(sizes)


@np.errstate(all="ignore")  # 넘치는 답도 우리말로 알립니다.
def survives(answer, *, keep, width, seed, depth=50):
    """3번. 유닛을 keep의 확률로만 남기는 ReLU 망 depth층에서 신호를 지키는 초기화 alive(shape, rng=…)."""
    rng, ends, squares = np.random.default_rng(seed), [], []
    shape = (width, width)
    for _ in range(3):
        draws, x = np.random.default_rng(rng.integers(10**9)), rng.standard_normal((200, width))
        layers = [array("alive의 결과", call(answer, shape, rng=draws), shape) for _ in range(depth)]
        require(not np.array_equal(layers[0], layers[1]), "층마다 같은 가중치가 나옵니다. 건네받은 rng로 뽑으십시오.")
        squares.append(np.mean(np.square(layers)))
        ends.append(dropped(x, layers, keep, rng)[-1])
    # 층마다의 배율. 난수의 운은 50층에 걸쳐 평균됩니다.
    factor = float(np.mean(np.nan_to_num(ends, nan=1e300, posinf=1e300)) ** (1 / depth))
    if not 0.97 < factor < 1.03:
        # 까닭은 운이 적은 쪽, 곧 fan_in · Var(w)로 가립니다.
        why = only_reason([(width * float(np.mean(squares)), _scales(keep, width))], relative=0.01)
        raise Wrong(
            f"{depth}층에서 신호가 {'폭주합니다' if factor > 1 else '사라집니다'}. "
            + (why or f"층 하나의 배율이 {factor:.2g}입니다.")
        )
    passed("3번")


def _scales(keep, width):
    """(fan_in · Var(w), 그 값이 되는 까닭)의 목록."""
    return [
        (2, "꺼진 유닛의 몫을 되찾지 않았습니다."),
        (1 / keep, "ReLU가 버리는 몫을 되찾지 않았습니다."),
        (1, "ReLU가 버리는 몫도 꺼진 유닛의 몫도 되찾지 않았습니다."),
        (2 / keep**2, "꺼진 유닛의 몫을 두 번 되찾았습니다."),
        (4 / keep, "ReLU가 버리는 몫을 두 번 되찾았습니다."),
        (2 * keep, "꺼진 유닛의 몫을 거꾸로 셌습니다. 남는 유닛이 적을수록 가중치는 커야 합니다."),
        (2 / (1 - keep), "KEEP은 꺼질 확률이 아니라 남을 확률입니다."),
        (2 / keep / 3, "균등분포의 한계 자리에 표준편차가 들어 있습니다."),
        (2 * width / keep, "분산을 fan_in으로 나누지 않았습니다."),
    ]


def reading(per_layer, first_layer, *, gain, width, seed):
    """4번. 그림 읽기: 층마다의 배율과, 신호가 1층의 1/100 아래가 되는 첫 층."""
    per_layer, first_layer = number("per_layer", per_layer), integer("first_layer", first_layer)
    std = _heights(gain, width, seed)
    want = float((std[-1] / std[0]) ** (1 / (len(std) - 1)))
    below = 1 + int(np.argmax(std < std[0] / 100))
    mistakes = [
        (want**2, "분산의 배율을 적었습니다. 그림의 세로축은 표준편차입니다."),
        (1 / want, "거꾸로 읽었습니다. 다음 층이 앞 층의 몇 배인지 적으십시오."),
        # 거꾸로 읽은 값과 겹치는 GAIN이 있어, 겹치면 어느 쪽도 말하지 않습니다.
        (np.sqrt(gain), "ReLU가 버리는 절반을 세지 않았습니다."),
    ]
    # 어느 층에서 어느 층까지 재느냐에 따라 4 %까지, 분산의 배율은 그 두 배까지 다릅니다.
    judge("per_layer", [(per_layer, want, mistakes)], relative=0.06, hint=0.12)
    require(
        abs(first_layer - below) <= 1,
        "first_layer가 그림과 다릅니다. 1층의 1/100이 되는 높이를 로그 축에서 다시 찾으십시오.",
    )
    passed("4번")


@cache
def _heights(gain, width, seed):
    """4번의 그림에 그린, 층마다의 활성화값의 표준편차."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((500, width))
    s = wi_lib.propagate(x, 40, width, "relu", initializers.variance_scaling(gain), rng=rng)
    return np.array([a.std() for a in s.activations])
