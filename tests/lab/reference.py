"""엔진과 견줄 wi_lib의 학습과, 마지막 비트만 다른 그 쌍둥이들.

두 쪽은 합을 더하는 차례와 지수 함수의 마지막 비트가 다릅니다. 그 차이를 키우는 망에서는 몇 걸음 뒤의 손실이 달라지는데,
그것은 wi_lib의 두 실행에서도 그렇습니다. 그래서 어긋난 설정에서는 합과 지수 함수를 float64로 셈하고 마지막
비트를 흔든 wi_lib의 쌍둥이들을 돌려, 쌍둥이가 갈라지기 전까지 같은지를 봅니다.
"""

import warnings
from contextlib import suppress
from unittest import mock

import numpy as np

import wi_lib
from wi_lib import initializers
from wi_lib.datasets import Dataset
from wi_lib.network import Workspace
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


class InFloat64(np.ndarray):
    """행렬 곱의 합을 float64로 더하는 배열. 곱하며 더하는 BLAS의 명령은 서로 지워질 두 항에서 나머지를 남깁니다."""

    def __array_ufunc__(self, ufunc, method, *inputs, out=(None,), **options):
        dtype = np.float64 if ufunc is np.matmul else None
        result = getattr(ufunc, method)(*(np.asarray(value, dtype) for value in inputs), **options)
        if out[0] is None:
            return result.astype(np.float32) if dtype else result
        np.copyto(out[0].view(np.ndarray), result, casting="same_kind")
        return out[0]

    def __array_function__(self, function, types, given, options):
        if function is not np.dot:
            return super().__array_function__(function, types, given, options)
        options["out"][...] = np.dot(*(np.asarray(value, np.float64) for value in given))
        return options["out"]


class Twin(wi_lib.MLP):
    """합을 float64로 더하고, 처음의 가중치와 걸음마다의 기울기를 마지막 비트만 흔든 쌍둥이.

    0번은 가중치를 흔들지 않습니다: 정확히 지워지는 합이 지워지는 쌍둥이입니다.
    """

    def __init__(self, *given: object, rng: np.random.Generator, number: int) -> None:
        super().__init__(*given, rng=rng)
        self.weights, self.noise = [weight.view(InFloat64) for weight in self.weights], np.random.default_rng(number)
        if number:
            self.shake(self.weights)

    def shake(self, arrays: list[np.ndarray]) -> None:
        for array in arrays:
            array *= 1 + np.float32(2**-23) * self.noise.integers(-1, 2, array.shape).astype(np.float32)

    def check(self) -> None:
        # wi_lib의 검사는 NumPy의 배열만 받습니다.
        if not all(np.isfinite(parameter).all() for parameter in self.parameters):
            raise ValueError("파라미터가 넘쳤습니다.")

    def workspace(self, x: np.ndarray) -> Workspace:
        work = super().workspace(x)
        work.ones = work.ones.view(InFloat64)
        return work

    def backpropagate(self, work: Workspace, labels: np.ndarray) -> float:
        loss = super().backpropagate(work, labels)
        self.shake(work.gradients)
        return loss


def drawn(run: dict, twin: int | None = None) -> tuple[wi_lib.MLP, np.random.Generator]:
    rng = np.random.default_rng(run["seed"])
    given = (run["sizes"], run["activation"], initializer(run["initializer"]))
    return wi_lib.MLP(*given, rng=rng) if twin is None else Twin(*given, rng=rng, number=twin), rng


def trained(data: Dataset, run: dict, iterations: int | None = None, twin: int | None = None) -> History:
    """wi_lib의 학습. twin은 쌍둥이의 번호입니다."""
    net, rng = drawn(run, twin)
    settings = {name: run[name] for name in ("learning_rate", "batch_size", "optimizer", "iterations")}
    if iterations:
        settings["iterations"] = iterations
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # 발산도 견줄 결과입니다.
        if twin is None:
            return wi_lib.train(net, data, **settings, rng=rng)
        # 포화된 유닛의 기울기는 tanh의 마지막 비트가 정합니다.
        with mock.patch.multiple(np, **{name: in_float64(getattr(np, name)) for name in ("tanh", "expm1", "exp")}):
            return wi_lib.train(net, data, **settings, rng=rng)


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
