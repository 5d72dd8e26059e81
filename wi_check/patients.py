"""18장의 아픈 망: 건강한 망 하나에 탈을 하나만 심습니다. 행렬의 크기만 보아서는 가려지지 않는 탈도 있습니다."""

import copy
from dataclasses import dataclass
from functools import cache

import numpy as np

from wi_lib import MLP, datasets

FAULTS = ["대칭", "꺼짐", "작음", "큼"]
SIZES = (64, 48, 48, 48, 48, 10)
HIDDEN = len(SIZES) - 2


@dataclass(frozen=True)
class Patient:
    """`healthy`의 `layer`층에 `fault`를 심은 망 `net`. 크기의 탈이면 그 층의 행렬에 `factor`를 곱했습니다."""

    net: MLP
    healthy: MLP
    fault: str
    layer: int
    factor: float = 1.0


@cache
def _digits():
    data = datasets.load_digits()
    return (data.x_train - data.x_train.mean(axis=0))[:200], data.y_train[:200]


def batch():
    """(x, labels): 화소마다 평균을 뺀 손글씨 숫자 200장."""
    x, labels = _digits()
    return x.copy(), labels.copy()


def patient(fault, layer, rng, *, by_bias=False):
    """탈이 난 망 하나. by_bias는 ‘꺼짐’을 편향으로 심을지입니다. 아니면 행렬의 평균으로 심습니다."""
    healthy = MLP(SIZES, rng=rng)
    net, factor = copy.deepcopy(healthy), 1.0
    if fault == "대칭":
        _tie(net, layer, rng)
    elif fault == "꺼짐":
        _kill(net, layer, rng, by_bias)
    else:
        factor = float(rng.uniform(12, 25))
        factor = round(1 / factor, 4) if fault == "작음" else round(factor, 2)
        net.weights[layer - 1] *= np.float32(factor)
    return Patient(net, healthy, fault, layer, factor)


def _tie(net, layer, rng):
    """layer층의 유닛이 몇 가지뿐이게 합니다. 나가는 행렬도 같아야 기울기까지 같습니다."""
    n = net.sizes[layer]
    kinds = int(rng.choice([6, 8]))
    kind = rng.permutation(np.arange(n) % kinds)
    net.weights[layer - 1] = net.weights[layer - 1][:, kind]
    # 같은 유닛의 몫은 한쪽으로 더해지므로, 줄여 두어야 다음 층의 신호가 건강한 망과 같습니다.
    net.weights[layer] = net.weights[layer][kind] * np.float32(np.sqrt(kinds / n))


def _kill(net, layer, rng, by_bias):
    """layer층의 유닛 열에 아홉이 배치의 어느 입력에서도 켜지지 않게 합니다."""
    a = batch()[0]
    for W in net.weights[: layer - 1]:
        a = np.maximum(a @ W, 0)
    z, n = a @ net.weights[layer - 1], net.sizes[layer]
    units = rng.permutation(n)[: round(0.9 * n)]
    if by_bias or layer == 1:  # 입력은 평균이 0이라 평균의 방향으로는 내릴 수 없습니다.
        net.biases[layer - 1][units] = -3 * np.abs(z[:, units]).max(axis=0)
        return
    # ReLU를 지난 값은 모두 0 이상이라, 평균의 방향을 빼면 어느 입력에서나 가중합이 내려갑니다.
    mean = a.mean(axis=0)
    down = mean / (mean @ mean)
    share = a @ down
    need = np.maximum((z[:, units] / share[:, None]).max(axis=0), 0)
    net.weights[layer - 1][:, units] -= np.outer(down, 1.1 * need)


def units(net, x):
    """은닉층마다의 활성화값과 로짓."""
    values = [x]
    for W, b in zip(net.weights, net.biases):
        z = values[-1] @ W + b
        values.append(np.maximum(z, 0) if len(values) < len(net.weights) else z)
    return values[1:]


def distinct(*arrays):
    """열의 수만큼의 유닛 가운데 서로 다른 것의 수. 배열마다 제 크기에 견주어 반올림보다 작은 차이는 같다고 봅니다."""
    rows = [np.atleast_2d(a).astype(np.float64) for a in arrays]
    columns = np.vstack([a / (np.abs(a).max() or 1) for a in rows]).T
    kept = columns[:0]
    for column in columns:
        if not len(kept) or np.abs(kept - column).max(axis=1).min() > 1e-5:
            kept = np.vstack([kept, column])
    return len(kept)


def examined(net, x, labels):
    """은닉층마다 (변하는 RMS, 꺼진 유닛의 비율, 서로 다른 유닛의 수)."""
    g = net.gradients(x, labels)
    parts = zip(units(net, x)[:-1], net.weights, net.biases, g.weights, g.biases)
    return np.array(
        [(np.sqrt(a.var(axis=0).mean()), np.mean((a == 0).all(axis=0)), distinct(*own)) for a, *own in parts]
    )
