"""18장 5번의 판정: 고친 망이 건강한지, 탈이 없는 곳은 그대로인지."""

import copy

import numpy as np

from wi_lib import MLP, optimizers
from wi_lib.signals import rms

from .answers import call, require
from .patients import HIDDEN, SIZES, batch, examined, patient

FAR = 5  # 건강한 망의 신호의 이 배수(또는 몇 분의 일) 안이면 나은 것으로 봅니다. 심은 탈은 열두 배부터입니다.


def sick(rng):
    """탈마다 망 하나. ‘꺼짐’은 편향에서 온 것과 행렬에서 온 것, ‘큼’은 은닉층의 것과 출력층의 것이 있습니다."""
    layers = [int(layer) for layer in rng.permutation(np.arange(1, HIDDEN + 1))]
    return [
        patient("대칭", layers[0], rng),
        patient("꺼짐", layers[1], rng, by_bias=True),
        patient("꺼짐", int(rng.integers(2, HIDDEN + 1)), rng),
        patient("작음", layers[2], rng),
        patient("큼", layers[3], rng),
        patient("큼", HIDDEN + 1, rng),
    ]


def given_back(answer, net, rng):
    """학생의 mend가 돌려준 망. 모양이 그대로이고 유한한지 봅니다."""
    got = call(answer, copy.deepcopy(net), *batch(), rng=np.random.default_rng(int(rng.integers(10**9))))
    require(isinstance(got, MLP), f"`mend`는 고친 net을 돌려주어야 합니다. 지금은 {type(got).__name__}입니다.")
    try:
        got.check()
        same = got.sizes == net.sizes and got.activation.name == net.activation.name
    except Exception:
        same = False
    require(same, "`mend`가 돌려준 망의 파라미터의 모양이 다르거나 유한하지 않은 값이 있습니다.")
    return got


def healthy(each, net):
    """고친 망의 유닛, 신호, 첫 손실이 건강한 망과 비슷한지 봅니다."""
    x, labels = batch()
    where = f"{each.layer}층에 탈이 있던 망에"
    now, before = examined(net, x, labels), examined(each.healthy, x, labels)
    require((now[:, 2] == SIZES[1:-1]).all(), f"{where} 같은 유닛이 남아 있습니다. 서로 다른 유닛의 수를 보십시오.")
    require(
        each.layer > HIDDEN or _apart(net.weights[each.layer - 1]) > 0.1,
        f"{where} 거의 같은 유닛이 남아 있습니다. 난수를 조금만 더하면 갈라지는 데 오래 걸립니다.",
    )
    require((now[:, 1] < 0.5).all(), f"{where} 꺼진 유닛이 남아 있습니다. 꺼진 유닛의 비율을 보십시오.")
    size = now[:, 0] / before[:, 0]
    require(size.min() > 1 / FAR, f"{where}서 신호가 건강한 망보다 훨씬 작습니다. 층마다의 변하는 RMS를 보십시오.")
    require(size.max() < FAR, f"{where}서 신호가 건강한 망보다 훨씬 큽니다. 층마다의 변하는 RMS를 보십시오.")
    loss = net.loss(x, labels)
    require(loss < np.log(SIZES[-1]) + 0.7, f"{where}서 첫 손실이 {loss:.3g}입니다. 1번의 값과 견주어 보십시오.")
    top = rms(net.weights[-1]) / rms(each.healthy.weights[-1])
    require(top > 1 / FAR, f"{where}서 출력층이 너무 작아졌습니다. 앞 층으로 돌아가는 신호도 그만큼 작아집니다.")
    if each.fault == "대칭":  # 갈라지는지는 크기로 알 수 없으므로 걸어 봅니다.
        accuracy = _trained(net)
        require(accuracy > 0.8, f"{where}서 첫 손실은 괜찮지만 SGD로 100걸음 학습한 정확도가 {accuracy:.2f}뿐입니다.")


def _apart(matrix):
    """가장 가까운 두 열의 거리를 열의 길이로 나눈 것."""
    columns = matrix.T
    nearest = min(np.linalg.norm(np.delete(columns, i, 0) - c, axis=1).min() for i, c in enumerate(columns))
    return nearest / (np.linalg.norm(columns) / np.sqrt(len(columns)))


def _trained(net):
    """같은 배치에서 SGD로 100걸음 학습한 정확도. Adam은 탈이 있는 망도 이 배치를 거의 외웁니다."""
    net, (x, labels) = copy.deepcopy(net), batch()
    step = optimizers.SGD().start(net.parameters, 0.1)
    for _ in range(100):
        g = net.gradients(x, labels)
        step([*g.weights, *g.biases])
    return net.accuracy(x, labels)


def left_alone(given, net):
    same = all(np.array_equal(a, b) for a, b in zip(net.parameters, given.parameters))
    require(same, "건강한 망의 파라미터까지 바꾸었습니다. 탈이 있는 망만 고치십시오.")


def only_there(each, net):
    """탈이 난 층의 유닛에 닿는 것만 바꾸었는지."""
    for i, (mine, given) in enumerate(zip(net.weights, each.net.weights)):
        touched = i in (each.layer - 1, each.layer)
        require(touched or np.array_equal(mine, given), "탈이 없는 층의 행렬까지 바꾼 망이 있습니다.")
    for i, (mine, given) in enumerate(zip(net.biases, each.net.biases)):
        touched = i == each.layer - 1
        require(touched or np.array_equal(mine, given), "탈이 없는 층의 편향까지 바꾼 망이 있습니다.")
