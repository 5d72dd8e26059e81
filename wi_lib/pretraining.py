"""사전 학습: RBM을 CD-k로 학습시키고, 한 층씩 쌓아 DBN을 만들고, 그 가중치를 MLP에 넘깁니다.

출처: Hinton(2002)의 대조 발산(CD), Hinton·Osindero·Teh(2006)의 층별 학습, Hinton(2010)의 실무 지침.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from .checks import check_integer, check_number, check_rng, check_sizes, check_unit, enough_memory, refuse
from .network import MLP
from .progress import track
from .rbm import RBM

# 학습하는 동안 자유 에너지의 차이를 재는 횟수.
CHECKS = 21


@dataclass(frozen=True)
class RBMHistory:
    """RBM의 학습 기록.

    - `error`: (걸음 수,) 배치마다 갱신하기 전의 재구성 오차(화소마다 제곱 오차의 평균).
    - `gap`: (21,) 남겨 둔 자료와 학습 자료의 자유 에너지 평균의 차이. 커지면 과적합입니다.
      처음부터 끝까지 고르게 재며, held_out을 주지 않았으면 모두 nan입니다.
    """

    error: np.ndarray
    gap: np.ndarray


def train_rbm(
    rbm: RBM,
    x: np.ndarray,
    *,
    learning_rate: float,
    batch_size: int,
    iterations: int,
    rng: np.random.Generator,
    steps: int = 1,
    held_out: np.ndarray | None = None,
    progress: bool = False,
) -> RBMHistory:
    """CD-k로 rbm을 제자리에서 학습시키고 `RBMHistory`를 돌려줍니다. 레이블은 쓰지 않습니다.

    걸음마다 x에서 batch_size개를 복원 추출하고, 로그 우도가 커지는 쪽으로 W += learning_rate × (CD-k 기울기)만큼
    옮깁니다.

    - `x`: (N, visible), 0 이상 1 이하. 모든 행이 같으면(한 행뿐이어도) 배울 것이 없으므로 ValueError입니다.
    - `learning_rate`: 0 초과. `batch_size`, `iterations`, `steps`(CD-k의 k): 1 이상의 정수.
    - `held_out`: x와 열의 수가 같은 남겨 둔 자료. 주면 자유 에너지의 차이 `gap`도 잽니다.

    >>> x = np.eye(4).repeat(50, axis=0)
    >>> rbm = RBM(4, 3, rng=np.random.default_rng(0))
    >>> before, rng = rbm.log_likelihood(x), np.random.default_rng(1)
    >>> history = train_rbm(rbm, x, learning_rate=0.1, batch_size=50, iterations=500, rng=rng)
    >>> rbm.log_likelihood(x) > before
    True
    """
    learning_rate = check_number("learning_rate", learning_rate, above=True)
    batch_size, iterations = check_integer("batch_size", batch_size), check_integer("iterations", iterations)
    steps, rng = check_integer("steps", steps), check_rng(rng)
    if not isinstance(rbm, RBM):
        refuse("rbm", "wi_lib.pretraining.RBM", rbm, TypeError)
    rbm.check()
    x = _check_varied(x, len(rbm.visible_bias)).astype(rbm.weights.dtype, copy=False)
    if held_out is not None:
        check_unit("held_out", held_out, x.shape[1])
    with enough_memory("batch_size", batch_size):
        work = rbm.workspace(batch_size)
    with enough_memory("iterations", iterations):
        batches = rng.integers(len(x), size=(iterations, batch_size))
    error, gap = np.empty(iterations), np.full(CHECKS, np.nan)
    checks = np.linspace(0, iterations, CHECKS).astype(int)
    for step in track(iterations, progress):
        if held_out is not None and step in checks:
            gap[checks == step] = _gap(rbm, x, held_out)
        x.take(batches[step], axis=0, out=work.data, mode="clip")
        error[step] = rbm.diverge(work, steps, rng, learning_rate)
        for parameter, change in zip(rbm.parameters, work.gradient):
            parameter += change
    if held_out is not None:
        gap[-1] = _gap(rbm, x, held_out)
    return RBMHistory(error, gap)


def pretrain(
    sizes: list[int] | tuple[int, ...],
    x: np.ndarray,
    *,
    learning_rate: float,
    batch_size: int,
    iterations: int,
    rng: np.random.Generator,
    steps: int = 1,
    progress: bool = False,
) -> list[RBM]:
    """DBN의 층별 학습: sizes = [보이는 유닛 수, 은닉층 …]. 아래층 RBM부터 학습시켜 `RBM`의 목록을 돌려줍니다.

    한 층의 p(h | v)가 다음 층의 자료입니다. 층마다 보이는 층의 편향을 자료에서 정하고(`set_visible_bias`) `train_rbm`을
    iterations걸음 부릅니다. 나머지 인자와 오류는 `train_rbm`과 같습니다.

    >>> x = np.eye(4).repeat(5, axis=0)
    >>> rbms = pretrain([4, 3, 2], x, learning_rate=0.1, batch_size=5, iterations=10, rng=np.random.default_rng(0))
    >>> [rbm.weights.shape for rbm in rbms]
    [(4, 3), (3, 2)]
    """
    sizes, rng = check_sizes("sizes", sizes), check_rng(rng)
    x, rbms = _check_varied(x, sizes[0]), []
    for visible, hidden in pairwise(sizes):
        with enough_memory("sizes", sizes):
            rbms.append(RBM(visible, hidden, rng=rng))
        rbms[-1].set_visible_bias(x)
        train_rbm(
            rbms[-1],
            x,
            learning_rate=learning_rate,
            batch_size=batch_size,
            iterations=iterations,
            rng=rng,
            steps=steps,
            progress=progress,
        )
        with enough_memory("x, sizes", (x.shape, sizes)):
            x = rbms[-1].p_hidden(x)
    return rbms


def to_mlp(
    rbms: list[RBM] | tuple[RBM, ...],
    classes: int,
    *,
    rng: np.random.Generator,
    initializer: str | Callable[..., np.ndarray] = "xavier_normal",
) -> MLP:
    """RBM의 W와 c를 sigmoid `MLP`의 은닉층에 넘깁니다. 출력층만 initializer와 rng로 새로 뽑습니다.

    - `rbms`: `pretrain`이 준 목록. 앞 RBM의 은닉 유닛 수가 다음 RBM의 보이는 유닛 수와 같아야 합니다.
    - `classes`: 클래스 수.

    >>> rng = np.random.default_rng(0)
    >>> to_mlp([RBM(4, 3, rng=rng), RBM(3, 2, rng=rng)], 10, rng=rng).sizes
    (4, 3, 2, 10)
    """
    if not isinstance(rbms, (list, tuple)) or not rbms or not all(isinstance(rbm, RBM) for rbm in rbms):
        refuse("rbms", "RBM의 비어 있지 않은 목록", rbms, TypeError)
    for rbm in rbms:
        rbm.check()
    shapes = [rbm.weights.shape for rbm in rbms]
    if any(below[1] != above[0] for below, above in pairwise(shapes)):
        refuse("rbms", "앞 RBM의 은닉 유닛 수와 다음 RBM의 보이는 유닛 수가 같은 목록", shapes)
    sizes = [shapes[0][0], *(hidden for _, hidden in shapes), check_integer("classes", classes)]
    net = MLP(sizes, "sigmoid", initializer, rng=rng, dtype=rbms[0].weights.dtype.type)
    for rbm, weights, biases in zip(rbms, net.weights, net.biases):
        weights[...], biases[...] = rbm.weights, rbm.hidden_bias
    return net


def _gap(rbm: RBM, x: np.ndarray, held_out: np.ndarray) -> float:
    """남겨 둔 자료와, 같은 수의 학습 자료의 자유 에너지 평균의 차이."""
    return float(rbm.free_energy(held_out).mean() - rbm.free_energy(x[: len(held_out)]).mean())


def _check_varied(x: np.ndarray, columns: int) -> np.ndarray:
    check_unit("x", x, columns)
    if (x == x[0]).all():
        refuse("x", "서로 다른 행이 둘 이상 있는 배열", f"{len(x)}행이 모두 같은 배열")
    return x
