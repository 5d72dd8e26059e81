"""18장 문제지의 흔한 실수: 실수마다 (그때의 값, 까닭)."""

import numpy as np

from wi_lib.signals import rms, varying

from .patients import distinct, units

LOSSES = {"classes": "클래스를 고르는 자료", "binary": "예와 아니요를 가르는 자료", "numbers": "수를 맞히는 자료"}


def of_losses(kind, labels, outputs):
    """1번의 (시작의 값, 실수), (바닥의 값, 실수)."""
    return {"classes": _classes, "binary": _binary, "numbers": _numbers}[kind](labels, outputs)


def _classes(labels, outputs):
    counts = np.bincount(labels, minlength=outputs)
    p = counts[counts > 0] / len(labels)
    start, floor = np.log(outputs), -np.sum(p * np.log(p))
    seen = "나온 클래스만 셌습니다. 로짓이 0이면 나오지 않은 클래스에도 똑같이 답합니다."
    nat = "밑이 2인 로그입니다. 책의 손실은 자연로그(nat)입니다."
    starts = [
        (np.log(len(p)), seen),
        (np.log(labels.max() + 1), "레이블에서 가장 큰 번호로 셌습니다. 로짓은 출력의 수만큼 있습니다."),
        (np.log2(outputs), nat),
        (floor, "입력을 보지 않은 가장 작은 손실입니다. 로짓이 모두 0이면 모든 클래스에 똑같이 답합니다."),
        (-start, "손실의 부호가 거꾸로입니다."),
        (1 / outputs, "확률입니다. 손실은 정답에 준 확률의 로그에 −를 붙인 것입니다."),
        (0, "로짓이 0이어도 손실은 0이 아닙니다. 모든 클래스에 같은 확률을 줍니다."),
    ]
    floors = [
        (start, "모든 클래스가 똑같이 나온다고 보았습니다. 클래스의 비율을 쓰십시오."),
        (floor / np.log(2), nat),
        (-floor, "손실의 부호가 거꾸로입니다."),
        (-np.log(p.max()), "가장 흔한 클래스의 손실입니다. 모든 자료에 걸쳐 평균하십시오."),
        (-np.mean(np.log(p)), "클래스마다 한 번씩 평균했습니다. 자료마다 한 번씩이므로 비율을 곱합니다."),
        (1 - p.max(), "틀리는 비율입니다. 손실은 확률의 로그입니다."),
        (0, "입력을 보지 않으면 손실이 0이 될 수 없습니다."),
    ]
    return (start, starts), (floor, floors)


def _binary(labels, _outputs):
    p = labels.mean()
    start, floor = np.log(2), -p * np.log(p) - (1 - p) * np.log(1 - p)
    one = "출력이 하나여도 답은 둘입니다. 로짓이 0이면 1일 확률이 ½입니다."
    nat = "밑이 2인 로그입니다. 책의 손실은 자연로그(nat)입니다."
    starts = [
        (0, one),
        (1, nat),
        (0.5, "확률입니다. 손실은 정답에 준 확률의 로그에 −를 붙인 것입니다."),
        (floor, "입력을 보지 않은 가장 작은 손실입니다. 로짓이 0이면 1일 확률이 ½입니다."),
    ]
    floors = [
        (0, one),
        (np.log(2), "둘이 똑같이 나온다고 보았습니다. 레이블의 비율을 쓰십시오."),
        (floor / np.log(2), nat),
        (-p * np.log(p), "1인 자료의 몫뿐입니다. 0인 자료의 몫을 더하십시오."),
        (-np.log(p), "1인 자료의 손실뿐입니다. 자료 모두에 걸쳐 평균하십시오."),
        (-np.log(1 - p), "0인 자료의 손실뿐입니다. 자료 모두에 걸쳐 평균하십시오."),
        (p * (1 - p) / 2, "교차 엔트로피가 아니라 제곱 오차로 셈했습니다."),
    ]
    return (start, starts), (floor, floors)


def _numbers(y, _outputs):
    start, floor = np.mean(y**2) / 2, np.mean(y.var(axis=0)) / 2
    half = "절반을 빠뜨렸습니다. 손실은 제곱 오차의 절반입니다."
    total = "출력끼리 더했습니다. 원소 모두에 걸쳐 평균하십시오."
    root = "제곱근을 씌웠습니다. 손실은 제곱의 평균입니다."
    starts = [
        (2 * start, half),
        (start * y.shape[1], total),
        (np.sqrt(2 * start), root),
        (floor, "출력이 모두 0일 때입니다. 레이블의 평균만큼 벗어난 것도 손실입니다."),
        (np.var(y) / 2, "출력이 모두 0일 때입니다. 레이블의 평균만큼 벗어난 것도 손실입니다."),
    ]
    floors = [
        (2 * floor, half),
        (floor * y.shape[1], total),
        (np.sqrt(2 * floor), root),
        (np.var(y) / 2, "출력을 모두 한 값으로 두었습니다. 출력층의 편향은 출력마다 따로 정할 수 있습니다."),
        (np.mean(y.var(axis=0, ddof=1)) / 2, "분산을 N − 1로 나누었습니다. 손실은 N으로 나눈 평균입니다."),
        (start, "출력이 0일 때의 손실입니다. 출력층의 편향을 가장 좋은 값으로 두십시오."),
        (0, "레이블이 저마다 다르므로, 입력을 보지 않으면 손실이 0이 될 수 없습니다."),
    ]
    return (start, starts), (floor, floors)


@np.errstate(all="ignore")
def of_examine(net, x, labels):
    """2번의 열마다 (흔한 실수의 값, 까닭)."""
    g = net.gradients(x, labels)
    a, own = units(net, x)[:-1], list(zip(net.weights, net.biases, g.weights, g.biases))[:-1]
    z = [h @ W + b for h, (W, b, *_) in zip([x, *a], own)]

    def by(size, values=a):
        return np.nan_to_num(np.array([size(each) for each in values]))

    relu = "ReLU를 지나기 전의 값을 쟀습니다. 활성화값을 재십시오."
    spread = [
        (by(rms), "입력과 상관없는 몫까지 쟀습니다. 유닛마다 입력에 걸친 평균을 먼저 빼십시오."),
        (by(np.std), "배열 전체의 평균을 뺐습니다. 유닛마다 따로 평균을 빼십시오."),
        (by(varying), "비율을 쟀습니다. 물은 것은 변하는 몫의 크기입니다."),
        (by(lambda h: h.var(axis=0).mean()), "제곱근을 씌우지 않았습니다."),
        (
            by(lambda h: h.std(axis=0).mean()),
            "유닛마다의 표준편차를 평균했습니다. 제곱을 평균한 다음에 제곱근을 씌우십시오.",
        ),
        (by(lambda h: np.sqrt(h.var(axis=1).mean())), "입력마다 유닛의 평균을 뺐습니다. 입력이 행, 유닛이 열입니다."),
        (by(lambda h: np.sqrt(h.var(axis=0, ddof=1).mean())), "N − 1로 나누었습니다. RMS는 N으로 나눕니다."),
        (by(lambda h: np.sqrt(h.var(axis=0).mean()), z), relu),
        (by(rms, z), relu),
    ]
    dead = [
        (by(lambda h: np.mean(h == 0)), "0인 값의 비율입니다. 꺼진 유닛은 배치의 모든 입력에서 0인 유닛입니다."),
        (
            by(lambda h: np.mean((h == 0).any(axis=0))),
            "한 입력에서라도 0인 유닛을 셌습니다. 모든 입력에서 0이어야 합니다.",
        ),
        (by(lambda h: np.sum((h == 0).all(axis=0))), "유닛의 수입니다. 그 층의 유닛의 수로 나누십시오."),
        (by(lambda h: 100 * np.mean((h == 0).all(axis=0))), "퍼센트로 적었습니다. 0과 1 사이의 비율로 적으십시오."),
        (by(lambda h: np.mean((h > 0).any(axis=0))), "살아 있는 유닛의 비율입니다."),
        (by(lambda h: np.mean((h == 0).all(axis=1))), "모든 유닛이 0인 입력의 비율입니다. 입력이 행, 유닛이 열입니다."),
    ]
    values = "활성화값을 견주었습니다. 꺼진 유닛끼리는 값이 같아도 가중치가 다릅니다."
    same = [
        (
            by(lambda parts: distinct(*parts[:1]), own),
            "기울기를 보지 않았습니다. 가중치가 같아도 기울기가 다르면 곧 갈라집니다.",
        ),
        (
            by(lambda parts: distinct(*parts[2:]), own),
            "가중치를 보지 않았습니다. 기울기가 같아도 가중치가 다르면 다른 유닛입니다.",
        ),
        (by(lambda parts: distinct(parts[0].T), own), "들어오는 쪽을 셌습니다. 유닛 하나는 행렬의 열 하나입니다."),
        (by(lambda parts: distinct(_whole(parts[0], parts[2])), own), _SCALES),
        (by(distinct), values),
        (by(lambda h: h.shape[1]), "유닛을 모두 셌습니다."),
    ]
    return spread, dead, same


_SCALES = "가중치와 기울기에 같은 문턱을 썼습니다. 기울기는 훨씬 작을 수 있으니 제 크기에 견주십시오."


def _whole(W, g):
    """가중치의 크기로 함께 견준 것."""
    return np.vstack([W, g])


@np.errstate(all="ignore")
def of_ratios(weights, gradients, rate, optimizer):
    """3번의 (흔한 실수의 값, 까닭)."""
    w, g = np.array([rms(each) for each in weights]), np.array([rms(each) for each in gradients])
    moving = np.array([np.mean(each != 0) for each in gradients])
    shift = [(np.mean(np.abs(a)) / np.mean(np.abs(b)), np.std(a) / np.std(b)) for a, b in zip(gradients, weights)]
    absolute, spread = rate * np.array(shift).T
    sgd, adam = rate * g / w, rate * np.sqrt(moving) / w
    right = sgd if optimizer == "sgd" else adam
    rest = [
        (1 / right, "뒤집어 나누었습니다. 움직인 크기를 가중치의 크기로 나눕니다."),
        (right / rate, "학습률을 곱하지 않았습니다."),
        (right**2, "제곱근을 씌우지 않았습니다."),
        (right * w, "가중치의 크기로 나누지 않았습니다."),
        (right * w / [np.std(each) for each in weights], "가중치의 표준편차로 나누었습니다. RMS로 나누십시오."),
        (right * w / w[0], "첫 층의 크기로 나누었습니다. 층마다 제 크기로 나누십시오."),
    ]
    if optimizer == "sgd":
        return [
            (adam, "Adam의 걸음입니다. SGD의 걸음에는 기울기의 크기가 그대로 남습니다."),
            (rate / w, "Adam의 걸음입니다. SGD의 걸음에는 기울기의 크기가 그대로 남습니다."),
            (absolute, "절댓값을 평균했습니다. RMS로 재십시오."),
            (spread, "표준편차로 쟀습니다. RMS로 재십시오."),
            *rest,
        ]
    bias = "속도와 제곱 평균의 편향을 고치지 않았습니다. 첫 걸음에는 고친 둘이 기울기와 그 제곱입니다."
    return [
        (rate / w, "기울기가 0인 원소는 움직이지 않습니다. 움직인 크기의 RMS에는 그 원소도 셉니다."),
        (
            rate * moving / w,
            "움직인 원소의 비율을 그대로 곱했습니다. RMS이므로 제곱을 평균한 다음에 제곱근을 씌웁니다.",
        ),
        (adam * 0.1 / np.sqrt(0.001), bias),
        (adam * 0.1, bias),
        (sgd, "SGD의 걸음입니다. Adam의 첫 걸음에는 기울기의 크기가 남지 않습니다."),
        (rate / w / g, "기울기의 크기로 한 번 더 나누었습니다."),
        *rest,
    ]


def of_factor(sick, x):
    """4번의 곱할 수의 (흔한 실수의 값, 까닭)."""
    f, std = sick.factor, rms(sick.net.weights[sick.layer - 1])
    return [
        (f, "거꾸로입니다. 고치려면 이 층의 행렬에 무엇을 곱해야 하는지 물었습니다."),
        (f**-2, "분산에 곱할 수입니다. 행렬에는 그 제곱근을 곱합니다."),
        (f**-0.5, "제곱근을 씌웠습니다. 행렬에 곱한 수는 가중합에도 그대로 곱해집니다."),
        (1 / std, "표준편차를 1로 만드는 수입니다. 건강한 층의 크기는 fan_in이 정합니다."),
        (
            1 / std / np.sqrt(len(sick.net.weights[sick.layer - 1])),
            "1/fan_in에 맞추었습니다. 활성화 함수가 ReLU입니다.",
        ),
    ]
