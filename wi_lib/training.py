"""학습: 배치를 뽑고, 기울기를 구하고, 최적화기(`optimizers`)로 옮깁니다. 루프는 한 화면에 들어옵니다."""

import copy
import math
import warnings
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from . import optimizers
from .checks import (
    as_array,
    check_array,
    check_integer,
    check_labels,
    check_number,
    check_rng,
    check_values,
    enough_memory,
    refuse,
)
from .layered import Network, restored
from .network import MLP
from .optimizers import Optimizer
from .progress import track

if TYPE_CHECKING:
    from .datasets import Dataset


@dataclass(frozen=True)
class History:
    """학습 기록.

    - `loss`: (걸음 수,) 각 걸음에서 **갱신하기 전** 배치의 손실(nat). 발산하면 그때까지 잰 값만 있습니다.
    - `test_accuracy`: 학습을 마친 뒤의 시험 정확도, 0 이상 1 이하. 발산했으면 nan입니다.
    - `diverged`: 손실이나 마지막에 갱신한 망이 유한하지 않게 되었으면 True.
    """

    loss: np.ndarray
    test_accuracy: float
    diverged: bool = False


def smooth(values: ArrayLike, window: int = 50) -> np.ndarray:
    """앞뒤 window개를 평균한 곡선. 끝에서는 있는 만큼만 평균하므로 길이가 같습니다.

    >>> smooth(np.array([0.0, 3.0, 0.0]), window=3)
    array([1.5, 1. , 1.5])
    """
    values = check_values("values", values, (None,))
    kernel = np.ones(min(check_integer("window", window), len(values)))
    return np.convolve(values, kernel, "same") / np.convolve(np.ones(len(values)), kernel, "same")


def at_best_rate(validation: ArrayLike, measured: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """학습률을 검증 정확도로 고릅니다. 결과는 (고른 학습률의 번호, 그 학습률에서 잰 measured)입니다.

    - `validation`: (…, 학습률 수, 시드 수) 검증 정확도. 시드 평균이 가장 높은 학습률을 고르며, 발산한(NaN) 시드가 있는
      학습률은 다른 것이 있으면 고르지 않습니다.
    - `measured`: 모양이 같은 시험 정확도 따위. 결과의 둘째는 (…, 시드 수)입니다.

    >>> validation = np.array([[0.1, 0.2], [0.8, 0.9], [0.9, np.nan]])
    >>> best, runs = at_best_rate(validation, validation)
    >>> int(best), runs.tolist()
    (1, [0.8, 0.9])
    """
    dimensions = max(getattr(as_array(validation), "ndim", 2), 2)
    scores = check_values("validation", validation, (None,) * dimensions)
    values = check_values("measured", measured, scores.shape)
    best = np.nan_to_num(scores.mean(axis=-1), nan=-np.inf).argmax(axis=-1)
    return best, np.take_along_axis(values, best[..., None, None], axis=-2)[..., 0, :]


def train(
    net: MLP | Network,
    data: "Dataset",
    *,
    learning_rate: float,
    batch_size: int,
    iterations: int,
    rng: np.random.Generator,
    optimizer: str | Optimizer = "sgd",
    progress: bool = False,
) -> History:
    """net(MLP나 Network)을 제자리에서 학습시키고 `History`를 돌려줍니다.

    걸음마다 학습 자료에서 batch_size개를 복원 추출해 손실의 기울기를 구하고, optimizer가 파라미터를 옮깁니다.

    - `data`: `datasets.Dataset`. 입력의 열 수와 레이블의 범위가 net과 맞아야 합니다.
    - `learning_rate`: 0 초과. `batch_size`, `iterations`: 1 이상의 정수.
    - `optimizer`: "sgd", "momentum", "adam"이나 `optimizers.Adam(weight_decay=0.01)`처럼 만든 최적화기.
    - `rng`: 배치를 뽑는 numpy.random.Generator.
    - `progress`: True이면 진행 막대를 보입니다.

    손실이 무한대나 NaN이 되면 RuntimeWarning을 내고 멈추며, 그때까지의 기록은 남깁니다. 마지막으로 갱신한 파라미터나
    그때의 로짓이 넘쳐도 발산입니다. 잘못된 인자에는 ValueError나 TypeError를, 배치의 번호가 메모리에 들어가지 않으면
    MemoryError를 던지고 net은 그대로입니다.

    >>> from wi_lib import datasets
    >>> net = MLP([64, 32, 10], rng=np.random.default_rng(0))
    >>> history = train(net, datasets.load_digits(), learning_rate=0.1, batch_size=32, iterations=300,
    ...                 rng=np.random.default_rng(1))
    >>> history.loss.shape, history.test_accuracy > 0.8
    ((300,), True)
    """
    settings = _check(net, data, rng, learning_rate, batch_size, iterations, optimizer)
    with restored([net]):
        history = _run(net, data, rng, **settings, progress=progress)
    _warn(history)
    return history


def _run(
    net: MLP | Network,
    data: "Dataset",
    rng: np.random.Generator,
    *,
    learning_rate: float,
    batch_size: int,
    iterations: int,
    optimizer: Optimizer,
    progress: bool,
) -> History:
    """검사를 마친 설정으로 학습합니다. 경고는 부른 쪽이 합니다: 다른 프로세스에서 낸 경고는 보이지 않습니다."""
    x_train = data.x_train.astype(net.dtype, copy=False)
    with enough_memory("batch_size", batch_size):
        x = np.empty((batch_size, *net.input_shape), net.dtype)
        work: Any = net.workspace(x)
    with enough_memory("iterations", iterations):
        batches = rng.integers(len(x_train), size=(iterations, batch_size))
        labels, loss = data.y_train[batches], np.empty(iterations)
        move, gradients = optimizer.start(net.parameters, learning_rate), work.gradients
    # 넘침은 손실이 유한한지로 알아내므로, NumPy의 경고는 끄고 돕니다.
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        for step in track(iterations, progress):
            # mode="clip"이면 take가 중간 배열을 만들지 않습니다. 번호는 이미 범위 안입니다.
            x_train.take(batches[step], axis=0, out=x, mode="clip")
            loss[step] = net.backpropagate(work, labels[step])
            move(gradients)
            if not math.isfinite(loss[step]):
                return History(loss[:step].copy(), math.nan, diverged=True)
    try:
        return History(loss, net.accuracy(data.x_test, data.y_test))
    except ValueError:  # 자료는 이미 살폈으므로, 마지막 갱신에서 넘친 망을 거절한 것입니다.
        return History(loss, math.nan, diverged=True)


def train_together(
    nets: dict[str, MLP | Network],
    data: "Dataset",
    *,
    learning_rate: float,
    batch_size: int,
    iterations: int,
    rng: np.random.Generator,
    optimizer: str | Optimizer = "sgd",
    progress: bool = False,
    executor: Executor | None = None,
) -> dict[str, History]:
    """여러 망을 똑같은 배치 순서로 학습시키고, 같은 이름의 `History` 사전을 돌려줍니다.

    - `nets`: 이름 → MLP나 Network. 초기화나 시드만 다른 망을 나란히 비교할 때 씁니다.
    - `rng`: 망마다 사본을 쓰므로 모든 망이 같은 배치를 봅니다.
    - `executor`: concurrent.futures.Executor를 주면 망을 나누어 동시에 학습시킵니다.
    - 나머지 인자와 오류는 `train`과 같습니다.

    >>> from wi_lib import datasets
    >>> nets = {name: MLP([64, 10], initializer=name, rng=np.random.default_rng(0)) for name in ("zeros", "he_normal")}
    >>> histories = train_together(nets, datasets.load_digits(), learning_rate=0.1, batch_size=32, iterations=10,
    ...                            rng=np.random.default_rng(1))
    >>> list(histories)
    ['zeros', 'he_normal']
    """
    if not isinstance(nets, dict) or not nets:
        refuse("nets", "비어 있지 않은 {이름: 망} 사전", nets, TypeError)
    if len({id(net) for net in nets.values()}) < len(nets):
        refuse("nets", "이름마다 서로 다른 망인 사전", "한 망을 두 번 넣은 사전")
    if executor is not None and not isinstance(executor, Executor):
        refuse("executor", "concurrent.futures.Executor나 None", executor, TypeError)
    for net in nets.values():
        settings = _check(net, data, rng, learning_rate, batch_size, iterations, optimizer)
    jobs = [(net, data, copy.deepcopy(rng), {**settings, "progress": progress}) for net in nets.values()]
    histories = {}
    with restored(nets.values()):
        results = map(_job, *zip(*jobs)) if executor is None else executor.map(_job, *zip(*jobs))
        for (name, net), (history, state) in zip(nets.items(), results):
            # 다른 프로세스에서 학습했으면 net은 그대로이므로 학습된 값을 옮겨 옵니다.
            for mine, trained in zip(net.state, state):
                np.copyto(mine, trained)
            histories[name] = history
    for history in histories.values():
        _warn(history)
    return histories


def _job(
    net: MLP | Network, data: "Dataset", rng: np.random.Generator, settings: dict[str, Any]
) -> tuple[History, list[np.ndarray]]:
    return _run(net, data, rng, **settings), net.state


def _warn(history: History) -> None:
    if history.diverged:
        warnings.warn(
            f"학습이 발산하여 {len(history.loss)}걸음 뒤에 멈췄습니다. 학습률이나 초깃값의 표준편차를 줄여 보십시오.",
            RuntimeWarning,
            stacklevel=3,
        )


def _check(
    net: MLP | Network,
    data: "Dataset",
    rng: np.random.Generator,
    learning_rate: float,
    batch_size: int,
    iterations: int,
    optimizer: str | Optimizer,
) -> dict[str, Any]:
    """검사한 설정을 돌려줍니다. 계산에는 받은 값이 아니라 여기서 바꾼 float과 int를 씁니다."""
    if not isinstance(net, (MLP, Network)):
        refuse("net", "wi_lib.MLP나 wi_lib.Network", net, TypeError)
    net.check()
    settings = {
        "learning_rate": check_number("learning_rate", learning_rate, above=True),
        "batch_size": check_integer("batch_size", batch_size),
        "iterations": check_integer("iterations", iterations),
        "optimizer": optimizers.get(optimizer),
    }
    check_rng(rng)
    if not all(hasattr(data, name) for name in ("x_train", "y_train", "x_test", "y_test")):
        refuse("data", "datasets.Dataset", data, TypeError)
    for part in ("train", "test"):
        x, y = getattr(data, f"x_{part}"), getattr(data, f"y_{part}")
        check_array(f"data.x_{part}", x, (None, *net.input_shape))
        if isinstance(net, Network):
            net.layers[0].check_input(f"data.x_{part}", x)
        check_labels(f"data.y_{part}", y, (len(x), *net.output_shape[:-1]), net.classes)
    return settings
