"""너비에 따라 초깃값과 학습률을 바꾸는 법: μP(maximal update parametrization). Yang 외(2022), 표 3.

작은 망(base)과 구조가 같고 너비만 다른 망(net)을 견주면, 파라미터마다 어느 쪽 변이 너비를 따라 자라는지 보입니다.
그것만으로 처음의 크기와 학습률에 곱할 수가 정해집니다. r_in과 r_out은 들어오는 변과 나가는 변이 base의 몇 배인지입니다.

| 종류 | 자라는 변 | 처음의 표준편차 | SGD의 학습률 | Adam의 학습률 |
|---|---|---|---|---|
| input (첫 행렬, 편향, γ와 β) | 나가는 변 | 1 | r_out | 1 |
| hidden | 둘 다 | 1 | r_out / r_in | 1 / r_in |
| output (마지막 행렬) | 들어오는 변 | 1 / √r_in | 1 / r_in | 1 / r_in |
| fixed | 없음 | 1 | 1 | 1 |

표준편차는 He나 Xavier처럼 이미 1/√fan_in에 비례하는 초깃값에 곱하는 수입니다. 입력과 출력에 한 행렬을 쓰는 망(Tied)은
거절합니다. 어텐션의 로짓을 나누는 수는 이 표에 없습니다.
"""

from typing import Any

from numpy.typing import NDArray

from .checks import refuse
from .layered import Network
from .network import MLP
from .optimizers import SGD, Adam, Momentum, Optimizer, get
from .sequences import Tied

GROWING = {(False, False): "fixed", (False, True): "input", (True, True): "hidden", (True, False): "output"}


def kinds(net: MLP | Network, base: MLP | Network) -> list[str]:
    """파라미터마다 input, hidden, output, fixed 가운데 하나. 차례는 net.parameters와 같습니다.

    - `net`, `base`: 층의 차례가 같은 두 망. 너비가 같은 변은 자라지 않는 것으로 보므로, 두 망의 너비가 달라야 합니다.

    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> kinds(MLP([64, 256, 256, 10], rng=rng), MLP([64, 32, 32, 10], rng=rng))
    ['input', 'hidden', 'output', 'input', 'input', 'fixed']
    """
    return [GROWING[r_in != 1, r_out != 1] for r_in, r_out in _ratios(net, base)]


def factors(net: MLP | Network, base: MLP | Network, optimizer: str | Optimizer) -> tuple[list[float], list[float]]:
    """base에서 고른 설정을 net에 옮길 때 파라미터마다 곱할 (처음의 크기, 학습률). 차례는 net.parameters와 같습니다.

    처음의 크기는 제자리에서 곱하고, 학습률은 `optimizers.PerParameter`에 넘깁니다.

    - `net`, `base`: `kinds`와 같습니다. 너비가 같으면 모두 1입니다.
    - `optimizer`: "sgd", "momentum", "adam"이나 그렇게 만든 최적화기.

    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> net, base = MLP([64, 256, 256, 10], rng=rng), MLP([64, 64, 64, 10], rng=rng)
    >>> initial, rates = factors(net, base, "adam")
    >>> initial, rates
    ([1.0, 1.0, 0.5, 1.0, 1.0, 1.0], [1.0, 0.25, 0.25, 1.0, 1.0, 1.0])
    >>> for parameter, factor in zip(net.parameters, initial):
    ...     parameter *= factor
    >>> factors(net, base, "sgd")[1]
    [4.0, 1.0, 0.25, 4.0, 4.0, 1.0]
    """
    adam = isinstance(get(optimizer), Adam)
    if not adam and not isinstance(get(optimizer), (SGD, Momentum)):
        refuse("optimizer", "sgd, momentum, adam이나 그렇게 만든 최적화기", optimizer, TypeError)
    ratios = _ratios(net, base)
    initial = [r_in**-0.5 if r_out == 1 else 1.0 for r_in, r_out in ratios]
    return initial, [(1 if adam else r_out) / r_in for r_in, r_out in ratios]


def _ratios(net: MLP | Network, base: MLP | Network) -> list[tuple[float, float]]:
    """파라미터마다 (r_in, r_out)."""
    for name, given in (("net", net), ("base", base)):
        if not isinstance(given, (MLP, Network)):
            refuse(name, "wi_lib.MLP나 wi_lib.Network", given, TypeError)
        if isinstance(given, Network) and any(isinstance(layer, Tied) for layer in given.layers):
            # 한 행렬이 입력이면서 출력이면, 두 끝에서 바라는 배율이 다릅니다.
            refuse(name, "입력과 출력의 행렬을 따로 둔 망", "Tied가 든 망")
    pairs = list(zip(net.parameters, base.parameters))
    same = len(net.parameters) == len(base.parameters)
    if not same or any(mine.ndim != theirs.ndim for mine, theirs in pairs):
        refuse("base", "net과 층의 차례가 같고 너비만 다른 망", [p.shape for p in base.parameters])
    fans = [(*_fans(mine), *_fans(theirs)) for mine, theirs in pairs]
    return [(fan_in / base_in, fan_out / base_out) for fan_in, fan_out, base_in, base_out in fans]


def _fans(parameter: NDArray[Any]) -> tuple[int, int]:
    """(들어오는 변, 나가는 변). 편향은 늘 1인 입력 하나에 곱하는 행렬로 봅니다. 커널의 앞의 두 변은 자라지 않습니다."""
    shape = (1, *parameter.shape)
    return shape[-2], shape[-1]
