"""엔진과 견줄 wi_lib의 학습과, 마지막 비트만 다른 그 쌍둥이들.

두 쪽은 합을 더하는 차례와 지수 함수의 마지막 비트가 다릅니다. 그 차이를 키우는 망에서는 몇 걸음 뒤의 손실이 달라지는데,
그것은 wi_lib의 두 실행에서도 그렇습니다. 그래서 어긋난 설정에서는 가중치의 마지막 비트를 흔들고 지수 함수를
float64로 셈한 wi_lib의 쌍둥이들을 돌려, 쌍둥이가 갈라지기 전까지 같은지를 봅니다.
"""

import warnings
from contextlib import suppress
from unittest import mock

import numpy as np

import wi_lib
from wi_lib import initializers
from wi_lib.datasets import Dataset
from wi_lib.training import History

TWINS = 8


def initializer(text: str) -> initializers.Initializer:
    """`variance_scaling(2, fan_in, uniform)`처럼 적은 wi_lib의 초기화 함수."""
    name, _, given = text.rstrip(")").partition("(")
    return getattr(initializers, name)(*(number_or_name(word.strip()) for word in given.split(",") if word))


def number_or_name(word: str) -> float | int | str:
    for kind in (int, float, str):
        with suppress(ValueError):
            return kind(word)


def drawn(run: dict) -> tuple[wi_lib.MLP, np.random.Generator]:
    rng = np.random.default_rng(run["seed"])
    return wi_lib.MLP(run["sizes"], run["activation"], initializer(run["initializer"]), rng=rng), rng


def trained(data: Dataset, run: dict, iterations: int | None = None, twin: int | None = None) -> History:
    """wi_lib의 학습. twin은 쌍둥이의 번호입니다."""
    net, rng = drawn(run)
    settings = {name: run[name] for name in ("learning_rate", "batch_size", "optimizer", "iterations")}
    if iterations:
        settings["iterations"] = iterations
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # 발산도 견줄 결과입니다.
        if twin is None:
            return wi_lib.train(net, data, **settings, rng=rng)
        shake(net.weights, twin)
        # 포화된 유닛의 기울기는 tanh의 마지막 비트가 정합니다.
        with mock.patch.multiple(np, **{name: in_float64(getattr(np, name)) for name in ("tanh", "expm1", "exp")}):
            return wi_lib.train(net, data, **settings, rng=rng)


def shake(weights: list[np.ndarray], seed: int) -> None:
    rng = np.random.default_rng(seed)
    for weight in weights:
        weight *= 1 + np.float32(2**-23) * rng.integers(-1, 2, weight.shape).astype(np.float32)


def in_float64(function):
    def rounded(z, out):
        out[...] = function(z.astype(np.float64))
        return out

    return rounded


def record(losses: np.ndarray, diverged: bool, iterations: int) -> np.ndarray:
    """걸음마다의 손실과, 그 뒤에 끝까지 유한했는지(1). 발산한 뒤는 NaN입니다."""
    kept = np.full(iterations + 1, np.nan)
    kept[: len(losses)] = losses
    if not diverged:
        kept[iterations] = 1
    return kept


def agreed(ours: np.ndarray, theirs: np.ndarray, limit: float) -> int:
    """두 기록이 limit 안에서 같은 첫 걸음들의 수. 끝까지 같으면 기록의 길이입니다."""
    same = np.isclose(ours, theirs, rtol=limit, atol=0, equal_nan=True)
    return len(same) if same.all() else int(same.argmin())


def twins_part(data: Dataset, run: dict, theirs: np.ndarray, steps: int) -> bool:
    """쌍둥이 가운데 하나라도 steps걸음 안에, 또는 바로 다음 걸음에서 갈라지는지."""
    upto, shown = min(steps + 1, run["iterations"]), slice(steps + 1)
    histories = (trained(data, run, upto, twin) for twin in range(TWINS))
    return any(agreed(record(h.loss, h.diverged, upto)[shown], theirs[shown], 1e-4) <= steps for h in histories)
