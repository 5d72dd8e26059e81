"""망을 들여다보기: 층마다의 출력, 되돌아온 신호, 가중치 기울기를 옆길과 나누어 봅니다."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .chain import Array, Layer
from .checks import check_array, check_rng, enough_memory, refuse
from .layered import Network, as_network
from .layers import Residual
from .network import MLP


@dataclass(frozen=True)
class Observation:
    """`observe`의 결과. 목록은 모두 망의 맨 바깥 층마다, 입력에서 출력의 차례입니다.

    - `names`: "3 BatchNorm"처럼 번호와 층의 이름.
    - `activations[i]`: i번 층의 출력 (N, …, 유닛 수). `Residual`이면 옆길을 더한 뒤의 줄기입니다.
    - `gradients[i]`: 같은 모양. 마지막 출력에 분산 1인 무작위 신호를 넣고 되돌린, 그 출력에 대한 기울기.
    - `branches[i]`: `Residual`이면 그 옆길을 본 `Observation`(배율을 곱하기 전), 아니면 None.
    - `weight_gradients`: 옆길까지 모든 행렬과 커널의 기울기, 입력 N개의 합을 √N으로 나눈 것.
    """

    names: list[str]
    activations: list[Array]
    gradients: list[Array]
    branches: list["Observation | None"]
    weight_gradients: list[Array]


def observe(net: MLP | Network, x: Array, *, rng: np.random.Generator) -> Observation:
    """x를 학습할 때처럼(배치의 통계로) 흘려 보내고, 마지막 출력에서 무작위 신호를 되돌립니다.

    - `net`: `Network`나 `MLP`. MLP는 Dense, Activate, Dense, …로 봅니다. 출력층까지 봅니다.
    - `x`: (N, *net.input_shape) 실수 배열. `rng`: 맨 위의 신호를 뽑는 numpy.random.Generator.

    신호가 dtype의 범위를 넘으면 처음 넘친 층을 말하는 ValueError입니다.

    >>> net = MLP([3, 4, 2], rng=np.random.default_rng(0))
    >>> observe(net, np.ones((5, 3)), rng=np.random.default_rng(1)).names
    ['1 Dense', '2 Activate', '3 Dense']
    """
    net = as_network(net)
    net.check()
    x = check_array("x", x, (None, *net.input_shape)).astype(net.dtype, copy=False)
    top = check_rng(rng).standard_normal((len(x), *net.output_shape), dtype=np.float32).astype(net.dtype)
    with enough_memory("x", x.shape), np.errstate(over="ignore", invalid="ignore"):
        seen, _ = _watch(net.layers, x, top)
    # 신호가 지나는 차례: 입력에서 출력으로, 다시 출력에서 입력으로.
    passed = [*zip(seen.names, seen.activations), *zip(seen.names[::-1], seen.gradients[::-1])]
    for name, array in passed:
        if not np.isfinite(array).all():
            refuse("net.layers", "모든 층의 신호가 유한한 크기", f"신호가 {name}에서 넘치는 가중치")
    return seen


def _watch(layers: Sequence[Layer], x: Array, top: Array) -> tuple[Observation, Array]:
    """본 것과, 입력 x에 대한 기울기."""
    outputs, memories = [x], []
    for layer in layers:
        y, memory = layer.forward(outputs[-1], training=True)
        outputs.append(y)
        memories.append(memory)
    gradients, found = [top], []
    branches: list[Observation | None] = []
    for layer, memory, below in zip(layers[::-1], memories[::-1], outputs[-2::-1]):
        delta, slopes = layer.backward(memory, gradients[-1])
        if isinstance(layer, Residual):
            branches.append(_watch(layer.branch.layers, below, layer.scale * gradients[-1])[0])
        else:
            branches.append(None)
        found.append([g / np.sqrt(len(x)).astype(x.dtype) for g in slopes if g.ndim > 1])
        gradients.append(delta)
    names = [f"{i} {type(layer).__name__}" for i, layer in enumerate(layers, start=1)]
    matrices = [g for slopes in reversed(found) for g in slopes]
    return Observation(names, outputs[1:], gradients[-2::-1], branches[::-1], matrices), gradients[-1]
