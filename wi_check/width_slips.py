"""17장 문제지의 흔한 실수: 실수마다 (그때의 값, 까닭)."""

from itertools import pairwise

import numpy as np

from wi_lib.signals import rms


def exponents(output, rates, optimizer, *, sums=(0, 1, 1), back=(1, 1, 0)):
    """층마다의 지수. sums는 더하는 항의 수의 지수, back은 δ가 출력층의 행렬을 거슬러 왔는지입니다."""
    scale = np.array(back) * output if optimizer == "sgd" else 0
    return np.array(rates) + scale + np.array(sums)


def of_exponents(output, rates, optimizer):
    """1번의 (흔한 실수의 값, 까닭)."""
    given = output, rates, optimizer
    other, want = "adam" if optimizer == "sgd" else "sgd", exponents(*given)
    swapped = {
        "sgd": "δ가 출력층의 행렬을 거슬러 온 것을 셈하지 않았습니다. SGD의 걸음은 기울기의 크기를 그대로 씁니다.",
        "adam": "Adam의 걸음에는 기울기의 크기가 남지 않습니다.",
    }[optimizer]
    independent = (
        "유닛마다의 몫이 서로 상관이 없다고 보았습니다. 걸음은 바로 그 입력에서 나온 것이라 한쪽으로 더해집니다."
    )
    one = "유닛 하나의 몫입니다. 가중합은 fan_in개를 더한 것입니다."
    first = "첫 층이 더하는 항의 수는 너비와 상관이 없습니다."
    rest = [
        (exponents(output, rates, other), swapped),
        (exponents(*given, sums=(0, 0.5, 0.5)), independent),
        (exponents(*given, sums=(0, 0, 0)), one),
        (exponents(*given, sums=(1, 1, 1)), first),
        (exponents(*given, sums=(0.5, 1, 1)), first),
        (exponents(*given, sums=(0.5, 0.5, 0.5)), first),
        (exponents(output, -rates, optimizer), "학습률은 n의 rates제곱에 비례합니다. 부호를 보십시오."),
        (exponents(output, 0 * rates, optimizer), "rates를 쓰지 않았습니다."),
        (-want, "지수의 부호가 거꾸로입니다."),
        (want[::-1], "1층, 2층, 출력층의 차례로 돌려주십시오."),
    ]
    return rest + (_of_sgd(*given) if optimizer == "sgd" else [])


def _of_sgd(output, rates, optimizer):
    """기울기의 크기를 잘못 센 것."""
    given = output, rates, optimizer
    own = "출력층의 기울기는 은닉층의 값과 δ의 곱입니다. 출력층의 행렬은 들어 있지 않습니다."
    half = np.array([0.5, 0, 0])
    twice = "δ가 은닉층의 행렬을 거슬러도 크기는 그대로입니다. 유닛 n개의 신호가 더해집니다."
    return [
        (exponents(*given, back=(1, 1, 1)), own),
        (exponents(*given, back=(0, 0, 1)), own),
        (exponents(*given, back=(2, 1, 0)), "1층의 δ에도 출력층의 행렬은 한 번만 들어 있습니다."),
        (exponents(*given) - half, twice),
        (exponents(*given) + half, twice),
        (exponents(*given, back=(0, 1, 0)), "1층의 δ도 출력층의 행렬을 거슬러 온 것입니다."),
        (exponents(*given, back=(-1, -1, 0)), "출력층의 행렬이 작을수록 되돌아오는 δ도 작습니다."),
        (exponents(*given) - output / 2 * np.array([1, 1, 0]), "output은 분산이 아니라 표준편차의 지수입니다."),
        (
            exponents(*given) + output * np.array([1, 1, 0]),
            "output은 이미 표준편차의 지수입니다. 두 번 더하지 마십시오.",
        ),
    ]


def of_transfer(sizes, base, optimizer):
    """2번의 (초깃값의 실수, 학습률의 실수). 실수마다 (그때의 값, 까닭)입니다."""
    ratios = [wide / small for wide, small in zip(sizes, base)]
    m, sides = next(r for r in ratios if r != 1), [(a != 1, b != 1) for a, b in pairwise(ratios)]
    places = [(False, True), *[(True, True)] * (len(sides) - 2), (True, False)]

    def by(first, hidden, last, kinds=sides):
        table = {(False, True): first, (True, True): hidden, (True, False): last, (False, False): 1}
        return np.array([float(table[kind]) for kind in kinds])

    place = "행렬의 자리로 갈랐습니다. 끼어 있는 층은 너비가 그대로일 수 있으니, 자라는 변을 보고 가르십시오."
    upside = "배율이 거꾸로입니다. 옮길 망의 너비를 작은 망의 너비로 나눈 것이 몇 배인지 보십시오."
    already = "은닉층의 행렬은 He가 이미 너비에 맞추어 줄입니다."
    variance = "표준편차에 곱하는 수입니다. 분산의 배율에 제곱근을 씌우십시오."
    initial = [
        (by(1, 1, m**-0.5, places), place),
        (by(1, 1, m**0.5), upside),
        (by(1, 1, 1 / m), f"{variance} He가 이미 줄인 몫도 빼야 합니다."),
        (by(1, 1, 1), "출력층의 행렬은 He보다 더 작게 시작해야 합니다. 표에서 들어오는 변만 자라는 행렬을 보십시오."),
        (by(1, m**-0.5, m**-0.5), already),
        (by(1, m**-0.5, 1 / m), already),
        (by(m**-0.5, m**-0.5, m**-0.5), already),
        (by(1, m**-0.5, 1), "He보다 더 줄이는 것은 은닉층이 아니라 출력층의 행렬입니다."),
        (by(m**-0.5, 1, 1), "He보다 더 줄이는 것은 첫 층이 아니라 출력층의 행렬입니다."),
    ]
    right, other = ((m, 1, 1 / m), (1, 1 / m, 1 / m)) if optimizer == "sgd" else ((1, 1 / m, 1 / m), (m, 1, 1 / m))
    rates = [
        (by(*right, places), place),
        (by(*(1 / r for r in right)), upside),
        (by(*(r**0.5 for r in right)), "학습률에는 제곱근을 씌우지 않습니다."),
        (by(*other), f"{'Adam' if optimizer == 'sgd' else 'SGD'}의 학습률에 곱할 수입니다."),
        (by(*other, places), f"{'Adam' if optimizer == 'sgd' else 'SGD'}의 학습률에 곱할 수입니다. {place}"),
        (by(1, 1, 1), "학습률을 그대로 옮겼습니다."),
        (by(1 / m, 1 / m, 1 / m), "모든 행렬의 학습률을 줄였습니다. 첫 층이 더하는 항의 수는 너비와 상관이 없습니다."),
        (by(right[0], right[1], 1), "출력층의 학습률을 그대로 두었습니다. 출력층도 유닛 n개를 더합니다."),
        (by(right[0], 1 if optimizer == "adam" else m, right[2]), "은닉층의 학습률을 다시 보십시오."),
        (by(1 if optimizer == "sgd" else m, right[1], right[2]), "첫 층의 학습률을 다시 보십시오."),
    ]
    return initial, rates


def _moves(pairs, x, *, top=False, own=False):
    """너비마다 층마다의 (앞의 가중합, 뒤의 가중합). own이면 그 층의 행렬만 옮기고, top이면 출력층도 ReLU를 지납니다."""
    found = []
    for before, after in pairs:
        a = b = x
        found.append([])
        for w, moved in zip(before, after):
            found[-1].append((a @ w, (a if own else b) @ moved))
            a, b = (np.maximum(z, 0) for z in found[-1][-1])
        if top:
            found[-1] = [tuple(np.maximum(z, 0) for z in zs) for zs in found[-1]]
    return found


def _moved(before, after):
    return rms(after - before)


@np.errstate(all="ignore")
def slopes(widths, pairs, x):
    """3번의 (층마다의 기울기, 흔한 실수의 목록)."""

    def fit(size, found, xs=np.log, ys=np.log, every=1):
        values = ys(np.array([[size(*zs) for zs in layers] for layers in found[::every]]))
        return np.polyfit(xs(np.array(widths[::every], float)), values, 1)[0]

    plain, passed = _moves(pairs, x), _moves(pairs, x, top=True)
    want = fit(_moved, plain)
    hidden = np.array([True] * (len(want) - 1) + [False])
    difference = "RMS의 차이를 쟀습니다. 먼저 빼고 그 차이의 RMS를 구하십시오."
    grows = "길이를 쟀습니다. 유닛이 많으면 길이는 저절로 늘어나므로 RMS로 재십시오."
    ends = "양 끝만 이었습니다. 모든 너비에 최소제곱으로 맞추십시오."
    relu = "활성화 함수를 지난 값을 쟀습니다. 물은 것은 가중합 z입니다."
    bare = "로그를 씌우지 않은 곳이 있습니다. 너비와 움직인 크기에 모두 로그를 씌우십시오."
    whole = "그 층의 행렬만 옮겼습니다. 앞 층이 옮겨져 달라진 입력까지 흘려 보내십시오."
    return want, [
        (fit(_moved, passed), "출력층에는 활성화 함수가 없고, 물은 것은 가중합 z입니다."),
        (np.where(hidden, fit(_moved, passed), want), relu),
        (fit(lambda a, b: abs(rms(b) - rms(a)), plain), difference),
        (fit(lambda a, b: np.linalg.norm(b - a), plain), grows),
        (fit(lambda a, b: np.mean((b - a) ** 2), plain), "제곱 평균의 기울기입니다. 제곱근을 씌우십시오."),
        (fit(lambda a, b: _moved(a, b) / rms(a), plain), "처음 크기로 나누었습니다. 물은 것은 움직인 크기입니다."),
        (fit(lambda a, b: rms(b), plain), "학습한 뒤의 크기를 쟀습니다. 물은 것은 앞뒤의 차이입니다."),
        (fit(_moved, _moves(pairs, x, own=True)), whole),
        (fit(_moved, [list(zip(*pair)) for pair in pairs]), "가중치가 움직인 크기입니다. 물은 것은 가중합입니다."),
        *((fit(_moved, plain, *how), bare) for how in ((np.array, np.array), (np.array,), (np.log, np.array))),
        (want * np.log(2), "두 로그의 밑이 다릅니다."),
        (want / np.log(10), "두 로그의 밑이 다릅니다."),
        (-want, "기울기의 부호가 거꾸로입니다."),
        (fit(_moved, plain, every=len(widths) - 1), ends),
    ]


@np.errstate(all="ignore")
def kernel(x, W, v):
    """4번의 (커널, 흔한 실수의 목록)."""
    z = x @ W
    h, on = np.maximum(z, 0), (z > 0) * 1.0
    top, inner, shared = h @ h.T, x @ x.T, on * v @ (on * v).T
    bottom = inner * shared
    want, active = top + bottom, on @ on.T
    missed = "첫 행렬의 몫을 빠뜨렸습니다. 커널은 모든 파라미터의 기울기를 곱해 더한 것입니다."
    gate = "ReLU가 꺼진 유닛의 행렬은 그 입력에서 기울기가 0입니다."
    return want, [
        (top, missed),
        (bottom, "v의 몫을 빠뜨렸습니다. 커널은 모든 파라미터의 기울기를 곱해 더한 것입니다."),
        (top + inner * (v @ v), gate),
        (inner * (v @ v) + z @ z.T, gate),
        (bottom + z @ z.T, "v의 기울기는 ReLU를 지난 값입니다."),
        (top + inner * (on * v @ on.T), "첫 행렬의 기울기에는 v가 저마다 한 번씩 들어 있으므로, 곱하면 v²입니다."),
        (top + inner * active, "첫 행렬의 기울기에 v를 빠뜨렸습니다."),
        (top + shared, "첫 행렬의 기울기에 입력 x를 빠뜨렸습니다."),
        (top + inner @ shared, "행렬 곱이 아니라 자리마다의 곱입니다. 두 입력의 몫끼리 곱합니다."),
        (top * bottom, "두 몫을 곱했습니다. 파라미터마다의 몫은 더해집니다."),
        (want / len(v), "유닛의 수로 나누었습니다. 더하기만 합니다."),
        (want / len(x), "입력의 수로 나누었습니다. 더하기만 합니다."),
        (want / np.sqrt(np.outer(np.diag(want), np.diag(want))), "크기를 1로 맞추었습니다. 내적을 그대로 두십시오."),
        (np.outer(h @ v, h @ v), "출력의 곱입니다. 출력이 아니라 기울기를 곱하십시오."),
    ]


def of_slope(slope, lines):
    """5번의 지수의 (흔한 실수의 값, 까닭)."""
    first, last = lines["표준"][[0, -1]]
    return [
        (slope["1/n"], "‘1/n’의 지수입니다."),
        (-slope["표준"], "지수의 부호가 거꾸로입니다."),
        (slope["표준"] * np.log(2), "두 로그의 밑이 다릅니다."),
        (slope["표준"] * np.log10(2), "두 로그의 밑이 다릅니다. 가로축은 2의 몇 제곱인지입니다."),
        (last / first, "왼쪽 끝에서 오른쪽 끝까지의 배율입니다. 지수로 바꾸십시오."),
        *((b / a, "너비가 두 배일 때의 배율입니다. 지수로 바꾸십시오.") for a, b in pairwise(lines["표준"])),
        (2 * slope["표준"], "분산의 지수입니다. 그림은 RMS입니다."),
    ]


def of_far(lines, slope, widths, wide):
    """5번의 먼 너비의 (흔한 실수의 값, 까닭)."""
    times, line = wide / widths[-1], lines["1/n"]
    return [
        (line[-1], "그림의 오른쪽 끝의 값입니다. 거기서 너비가 몇 배 더 늘어나는지 보십시오."),
        (line[-1] / times, "너비에 반비례한다고 보았습니다. 학습률만이 아니라 움직인 크기의 기울기를 읽으십시오."),
        (line[-1] * times ** slope["표준"], "‘표준’의 기울기로 이었습니다."),
        (lines["표준"][-1] * times ** slope["표준"], "‘표준’의 값입니다."),
        (lines["μP"][-1], "μP의 값입니다."),
        (line[0] * times ** slope["1/n"], "왼쪽 끝에서 이었습니다."),
        (line[-1] + (line[-1] - line[-2]) * np.log2(times), "로그 축의 선을 곧은 축에서 이었습니다."),
    ]
