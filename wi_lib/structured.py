"""분산만으로는 말할 수 없는, 모양이 있는 초기화: 직교, 단위행렬, 희소. `wi_lib.initializers`가 모두 다시 내보냅니다.

합성곱의 커널 (높이, 너비, 입력 채널, 출력 채널)은 (높이·너비·입력 채널, 출력 채널)인 행렬로 펴서 뽑습니다. 단위행렬은
펴면 뜻이 없으므로 가운데 칸에 둡니다.
"""

import math
from functools import partial

import numpy as np

from .checks import check_integer, check_number
from .sampling import Array, Initializer, Shape, standard


def orthogonal(gain: float = 1.0) -> Initializer:
    """직교 초기화: 행과 열 가운데 짧은 쪽이 서로 직교하고 길이가 gain입니다. Saxe 외(2014).

    정규분포 행렬을 QR 분해하고, R의 대각 성분이 양수가 되도록 Q의 부호를 맞춥니다(그래야 균등하게 뽑힙니다).

    >>> W = orthogonal()((4, 4), rng=np.random.default_rng(0))
    >>> bool(np.allclose(W.T @ W, np.eye(4), atol=1e-6))
    True
    """
    gain = check_number("gain", gain)
    return Initializer(f"orthogonal(gain={gain:g})", partial(_rotation, gain=gain))


def delta_orthogonal(gain: float = 1.0) -> Initializer:
    """델타 직교 초기화: 커널의 가운데 칸만 직교 행렬이고 나머지 칸은 0입니다. Xiao 외(2018) 알고리즘 1.

    크기를 지키는 것은 입력 채널이 출력 채널보다 많지 않고 채널을 묶어 나누지 않았을 때입니다. 행렬에서는 `orthogonal`과
    같습니다.

    >>> W = delta_orthogonal()((3, 3, 2, 2), rng=np.random.default_rng(0))
    >>> bool(np.allclose(W[1, 1].T @ W[1, 1], np.eye(2), atol=1e-6)), int(np.count_nonzero(W))
    (True, 4)
    """
    gain = check_number("gain", gain)
    return Initializer(f"delta_orthogonal(gain={gain:g})", partial(_central_rotation, gain=gain))


def _central_rotation(shape: Shape, rng: np.random.Generator, gain: float) -> Array:
    return _central(shape, _rotation(shape[-2:], rng, gain))


def _central(shape: Shape, tap: Array) -> Array:
    """가운데 칸이 tap이고 나머지 칸은 0인 커널. 짝수 크기에서는 PyTorch의 `dirac_`처럼 뒤쪽 칸입니다."""
    kernel = np.zeros(shape)
    kernel[tuple(size // 2 for size in shape[:-2])] = tap
    return kernel


def _rotation(shape: Shape, rng: np.random.Generator, gain: float) -> Array:
    shape, kernel = _flat(shape), shape
    q, r = np.linalg.qr(rng.standard_normal((max(shape), min(shape))))
    q *= np.where(np.diag(r) < 0, -gain, gain)
    return (q if shape[0] >= shape[1] else q.T).reshape(kernel)


def _flat(shape: Shape) -> Shape:
    """커널을 편 행렬의 모양. 행렬이면 그대로입니다."""
    return math.prod(shape[:-1]), shape[-1]


def identity(gain: float = 1.0) -> Initializer:
    """단위행렬에 gain을 곱한 것. 정사각형이 아니면 남는 행이나 열은 0입니다. Le 외(2015)가 순환 신경망에 썼습니다.

    합성곱의 커널에서는 가운데 칸만 단위행렬이고 나머지 칸은 0이라 그림을 그대로 옮깁니다(디랙 커널).

    >>> identity()((2, 3), rng=np.random.default_rng(0))
    array([[1., 0., 0.],
           [0., 1., 0.]], dtype=float32)
    """
    gain = check_number("gain", gain)
    return Initializer(f"identity(gain={gain:g})", partial(_diagonal, gain=gain))


def dirac(gain: float = 1.0) -> Initializer:
    """디랙 커널: 합성곱에 쓰는 `identity`의 이름입니다. Zagoruyko·Komodakis(2017).

    채널을 묶어 나눈 커널에서는 첫 묶음만 옮기고 나머지 출력은 0입니다: 모양만으로는 묶음의 수를 알 수 없습니다.

    >>> W = dirac()((3, 3, 2, 2), rng=np.random.default_rng(0))
    >>> W[1, 1].tolist(), int(np.count_nonzero(W))
    ([[1.0, 0.0], [0.0, 1.0]], 2)
    """
    return identity(gain)


def _diagonal(shape: Shape, rng: np.random.Generator, gain: float) -> Array:
    return _central(shape, gain * np.eye(shape[-2], shape[-1]))


def sparse(connections: int = 15, std: float = 1.0) -> Initializer:
    """희소 초기화: 유닛마다 무작위로 고른 connections개의 입력만 N(0, std²)이고 나머지는 0입니다. Martens(2010) 5절.

    fan_in이 connections보다 작으면 모든 입력을 잇습니다. 프레임워크의 희소 초기화는 `sparse_fraction`입니다.

    >>> W = sparse(connections=3)((20, 5), rng=np.random.default_rng(0))
    >>> (W != 0).sum(axis=0)
    array([3, 3, 3, 3, 3])
    """
    connections, std = check_integer("connections", connections), check_number("std", std)
    name = f"sparse(connections={connections}, std={std:g})"
    return Initializer(name, partial(_connected, connections=connections, std=std))


def _connected(shape: Shape, rng: np.random.Generator, connections: int, std: float) -> Array:
    flat = _flat(shape)
    return _masked(flat, rng, std, min(connections, flat[0]), axis=0).reshape(shape)


def sparse_fraction(sparsity: float = 0.1, std: float = 0.01) -> Initializer:
    """PyTorch `sparse_`의 희소 초기화: 입력 유닛마다 **나가는** 가중치의 sparsity 비율(올림)을 0으로 둡니다.

    Martens의 `sparse`는 유닛마다 **들어오는** 가중치의 개수를 정하므로 둘은 다릅니다. `sparsity`는 0 이상 1 이하입니다.

    >>> W = sparse_fraction(sparsity=0.5)((4, 10), rng=np.random.default_rng(0))
    >>> (W == 0).sum(axis=1)
    array([5, 5, 5, 5])
    """
    sparsity, std = check_number("sparsity", sparsity, maximum=1), check_number("std", std)
    name = f"sparse_fraction(sparsity={sparsity:g}, std={std:g})"
    return Initializer(name, partial(_thinned, sparsity=sparsity, std=std))


def _thinned(shape: Shape, rng: np.random.Generator, sparsity: float, std: float) -> Array:
    return _masked(_flat(shape), rng, std, shape[-1] - int(np.ceil(sparsity * shape[-1])), axis=1).reshape(shape)


def _masked(shape: Shape, rng: np.random.Generator, std: float, kept: int, axis: int) -> Array:
    """axis 방향으로 kept개만 무작위로 남기고 나머지를 0으로 둔 정규분포."""
    # 난수 순위가 kept보다 작은 자리를 고르면 자리마다 고를 확률이 같습니다.
    rank = rng.random(shape).argsort(axis=axis).argsort(axis=axis)
    return standard("normal", shape, rng) * np.float32(std) * (rank < kept)
