"""LSUV(layer-sequential unit-variance): 자료를 흘려 보며 층마다 크기를 맞추는 초기화. Mishkin & Matas(2016)."""

import warnings
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .checks import LARGEST, check_array, check_integer, check_number, check_rng, refuse
from .network import MLP
from .structured import orthogonal


def lsuv(
    net: MLP, x: NDArray[Any], *, rng: np.random.Generator, tolerance: float = 0.1, max_iterations: int = 10
) -> NDArray[np.float64]:
    """net의 가중치를 제자리에서 LSUV로 다시 정하고, 층마다 마지막으로 잰 분산을 (층 수,) 배열로 돌려줍니다.

    앞 층부터 차례로 직교 행렬을 뽑은 뒤, |분산 − 1| < tolerance가 될 때까지 W를 그 층의 표준편차로 나눕니다.
    분산은 활성화 함수를 지나기 **전**의 가중합 z = aW + b를 모든 입력과 유닛에 걸쳐 한데 모아 잰 값입니다(저자의
    Caffe 구현과 같습니다). 출력층도 맞춥니다. 편향은 그대로 두므로, 편향이 0이면 층마다 한 번만 나누면 됩니다.

    - `net`: MLP. `x`: (N, net.sizes[0]) 실수 배열. 서로 다른 행이 둘 이상이어야 합니다.
    - `rng`: 직교 행렬을 앞 층부터 뽑는 numpy.random.Generator.
    - `tolerance`: 0 초과 1 이하. `max_iterations`: 한 층에서 나누는 횟수의 한도, 1 이상의 정수.

    한도 안에 맞추지 못한 층이 있으면 그때까지 나눈 가중치로 다음 층에 가고, 끝에 RuntimeWarning으로 그 층을 알립니다.
    잘못된 인자이거나 어느 층의 z가 모두 같은 값(분산이 1e-30 미만)이면 ValueError나 TypeError이고 net은 그대로입니다.

    >>> rng = np.random.default_rng(0)
    >>> net = MLP([4, 8, 3], "tanh", rng=rng)
    >>> lsuv(net, rng.standard_normal((100, 4)), rng=rng).round(3)
    array([1., 1.])
    """
    _check(net, x, rng)
    tolerance = check_number("tolerance", tolerance, maximum=1, above=True)
    max_iterations = check_integer("max_iterations", max_iterations)
    a, draw, weights, variances = x.astype(np.float64), orthogonal(), [], []
    for layer, (shape, bias) in enumerate(zip(pairwise(net.sizes), net.biases), start=1):
        weight = draw(shape, rng=rng).astype(np.float64)
        z = a @ weight + bias
        _refuse_flat(z, layer)
        for _ in range(max_iterations):
            if abs(z.var() - 1) < tolerance:
                break
            weight /= z.std()
            z = a @ weight + bias
        weights.append(weight)
        variances.append(z.var())
        a = net.activation.apply(z)
    for mine, weight in zip(net.weights, weights):
        np.copyto(mine, weight, casting="same_kind")
    _warn(variances, tolerance, max_iterations)
    return np.array(variances)


def _check(net: MLP, x: NDArray[Any], rng: np.random.Generator) -> None:
    if not isinstance(net, MLP):
        refuse("net", "wi_lib.MLP", net, TypeError)
    net.check()
    for i, bias in enumerate(net.biases):
        check_array(f"net.biases[{i}]", bias, (None,))
    check_array("x", x, (None, net.sizes[0]))
    if (x == x[0]).all():
        refuse("x", "서로 다른 행(입력)이 둘 이상인 배열", f"서로 다른 행이 하나뿐이고 shape={x.shape}인 배열")
    check_rng(rng)


def _refuse_flat(z: NDArray[Any], layer: int) -> None:
    if z.var() < LARGEST**-2:
        refuse("x", "모든 층에서 가중합의 분산이 0보다 큰 입력", f"{layer}층의 가중합이 모두 {z.flat[0]:.2g}인 배열")


def _warn(variances: list[float], tolerance: float, max_iterations: int) -> None:
    missed = [f"{i}층 {v:.2g}" for i, v in enumerate(variances, start=1) if not abs(v - 1) < tolerance]
    if missed:
        warnings.warn(
            f"{max_iterations}번 나누었지만 분산이 1에 닿지 못한 층이 있습니다: {', '.join(missed)}. "
            "편향이 0인지 보거나 max_iterations를 늘려 보십시오.",
            RuntimeWarning,
            stacklevel=3,
        )
