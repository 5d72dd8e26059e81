"""제한 볼츠만 기계(RBM): 에너지, 조건부 확률, 깁스 표집, 대조 발산(CD). 학습과 쌓기는 `pretraining`에 있습니다.

보이는 층 v와 은닉층 h는 모두 0이나 1이고, 에너지는 E(v, h) = −b·v − c·h − v W h, 확률은 p(v, h) = exp(−E) / Z입니다.
W는 `weights`, b는 `visible_bias`, c는 `hidden_bias`입니다. 회색 화소처럼 0과 1 사이인 입력은 1일 확률로 봅니다.
"""

from contextlib import AbstractContextManager
from typing import NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from . import activations, initializers
from .checks import (
    LARGEST_FLOAT64,
    check_array,
    check_integer,
    check_number,
    check_parameter,
    check_rng,
    check_unit,
    enough_memory,
    refuse,
)

# 작은 쪽 층의 상태를 모두 늘어놓아 Z를 셉니다. 유닛 16개면 65,536가지입니다.
MOST_ENUMERATED = 16


class Gradient(NamedTuple):
    """로그 우도를 W, b, c로 미분한 값(또는 그 CD 근사). 이 방향으로 **더하면** 우도가 커집니다."""

    weights: np.ndarray
    visible_bias: np.ndarray
    hidden_bias: np.ndarray


class Workspace:
    """CD-k 한 걸음에 쓰는 배열. 위쪽 절반은 자료에서, 아래쪽 절반은 사슬의 끝에서 온 것입니다.

    `RBM.workspace`가 만듭니다. 자료는 `data`에 넣고, 기울기는 `gradient`에서 읽습니다.
    """

    def __init__(self, rows: int, parameters: Gradient) -> None:
        (visible, hidden), dtype = parameters.weights.shape, parameters.weights.dtype
        self.v, self.h = np.empty((2 * rows, visible), dtype), np.empty((2 * rows, hidden), dtype)
        self.data, self.state = self.v[:rows], np.empty((rows, hidden), dtype)
        self.uniform = np.empty((rows, visible), dtype), np.empty((rows, hidden), dtype)
        self.signs, self.ones = np.repeat([1, -1], rows).astype(dtype), np.ones(2 * rows, dtype)
        self.gradient = Gradient(*(np.empty(parameter.shape, dtype) for parameter in parameters))


class RBM:
    """베르누이 RBM.

    - `visible`, `hidden`: 두 층의 유닛 수. `std`: 가중치의 표준편차. 0.01은 Hinton(2010) 8절의 값입니다.
    - `rng`: numpy.random.Generator. `dtype`: float32(기본) 또는 float64.

    `weights`는 (visible, hidden), `visible_bias`는 (visible,), `hidden_bias`는 (hidden,) 배열이고 편향은 0에서
    시작합니다. 확률과 상태는 모두 (N, 유닛 수) 배열이며, 0 이상 1 이하가 아니면 ValueError입니다.

    >>> rbm = RBM(4, 3, rng=np.random.default_rng(0), std=0)
    >>> rbm.p_hidden(np.ones((1, 4)))
    array([[0.5, 0.5, 0.5]], dtype=float32)
    """

    def __init__(
        self, visible: int, hidden: int, *, rng: np.random.Generator, std: float = 0.01, dtype: DTypeLike = np.float32
    ) -> None:
        shape = check_integer("visible", visible), check_integer("hidden", hidden)
        draw = initializers.normal(check_number("std", std))
        if dtype not in (np.float32, np.float64):
            refuse("dtype", "np.float32나 np.float64", dtype)
        with enough_memory("visible, hidden", shape):
            self.weights = draw(shape, rng=rng).astype(dtype)
            self.visible_bias, self.hidden_bias = (np.zeros(n, dtype) for n in shape)

    @property
    def parameters(self) -> Gradient:
        """학습할 배열 셋: W, b, c."""
        return Gradient(self.weights, self.visible_bias, self.hidden_bias)

    def p_hidden(self, v: np.ndarray) -> np.ndarray:
        """앞으로: p(h_j = 1 | v) = σ(c_j + Σ_i v_i w_ij)."""
        v = self._states("v", v, self.visible_bias)
        with self._enough_memory("v", v):
            return _conditional(v, self.weights, self.hidden_bias, np.empty((len(v), len(self.hidden_bias)), v.dtype))

    def p_visible(self, h: np.ndarray) -> np.ndarray:
        """뒤로: p(v_i = 1 | h) = σ(b_i + Σ_j w_ij h_j). 앞으로 갈 때와 같은 W를 뒤집어 씁니다."""
        h = self._states("h", h, self.hidden_bias)
        with self._enough_memory("h", h):
            out = np.empty((len(h), len(self.visible_bias)), h.dtype)
            return _conditional(h, self.weights.T, self.visible_bias, out)

    def energy(self, v: np.ndarray, h: np.ndarray) -> np.ndarray:
        """E(v, h) = −b·v − c·h − v W h. 행마다 하나씩 (N,) 배열입니다."""
        v, h = self._states("v", v, self.visible_bias), self._states("h", h, self.hidden_bias)
        if len(v) != len(h):
            refuse("h", f"v와 행의 수({len(v)})가 같은 배열", h)
        with self._enough_memory("v", v):
            return -(v @ self.visible_bias) - h @ self.hidden_bias - ((v @ self.weights) * h).sum(axis=1)

    def free_energy(self, v: np.ndarray) -> np.ndarray:
        """F(v) = −b·v − Σ_j ln(1 + exp(c_j + Σ_i v_i w_ij)). p(v) = exp(−F(v)) / Z이므로 낮을수록 그럴듯한 v입니다."""
        v = self._states("v", v, self.visible_bias)
        with self._enough_memory("v", v):
            return -(v @ self.visible_bias) - np.logaddexp(0, v @ self.weights + self.hidden_bias).sum(axis=1)

    def log_partition(self) -> float:
        """ln Z. 작은 쪽 층의 상태를 모두 더하므로, 두 층이 다 16유닛보다 크면 ValueError입니다."""
        self.check()
        w, b, c = (array.astype(np.float64) for array in self.parameters)
        if w.shape[0] < w.shape[1]:
            w, b, c = w.T, c, b
        if len(c) > MOST_ENUMERATED:
            refuse("RBM", f"작은 쪽 층이 {MOST_ENUMERATED}유닛 이하인 모형", f"{w.shape[0]} × {w.shape[1]}유닛")
        states = np.arange(2 ** len(c))[:, None] >> np.arange(len(c)) & 1
        return float(np.logaddexp.reduce(states @ c + np.logaddexp(0, states @ w.T + b).sum(axis=1)))

    def log_likelihood(self, v: np.ndarray) -> float:
        """ln p(v)의 평균(nat). 정확한 값이라 작은 모형에서만 잴 수 있습니다(log_partition 참고)."""
        return -float(self.free_energy(v).mean(dtype=np.float64)) - self.log_partition()

    def reconstruction_error(self, v: np.ndarray) -> float:
        """v에서 앞으로 갔다 되돌아온 p(v | p(h | v))와 v의 차이: 화소마다 제곱 오차의 평균."""
        difference = self.p_visible(self.p_hidden(v)) - v
        return float(np.square(difference).mean(dtype=np.float64))

    def gibbs(self, v: np.ndarray, steps: int, *, rng: np.random.Generator) -> np.ndarray:
        """v에서 시작해 h와 v를 번갈아 steps번 뽑고, 마지막 h에서의 p(v | h)를 (N, visible) 배열로 돌려줍니다.

        같은 시드의 rng로 steps만 늘리면 같은 사슬을 더 멀리 따라갑니다.
        """
        v = self._states("v", v, self.visible_bias)
        steps, rng = check_integer("steps", steps), check_rng(rng)
        for step in range(steps):
            h = _sample(self.p_hidden(v if step == 0 else _sample(v, rng)), rng)
            v = self.p_visible(h)
        return v

    def contrastive_divergence(self, v: np.ndarray, *, steps: int = 1, rng: np.random.Generator) -> Gradient:
        """CD-k 기울기 ⟨v h⟩_자료 − ⟨v h⟩_{k번 뒤}를 `Gradient`로. steps(k)가 커지면 로그 우도의 기울기에 다가갑니다."""
        v = self._states("v", v, self.visible_bias)
        steps, rng = check_integer("steps", steps), check_rng(rng)
        with self._enough_memory("v", v):
            work = self.workspace(len(v))
            work.data[...] = v
            self.diverge(work, steps, rng, 1.0)
        return work.gradient

    def workspace(self, rows: int) -> Workspace:
        """한 번에 rows행을 다루는 `Workspace`."""
        return Workspace(rows, self.parameters)

    def diverge(self, work: Workspace, steps: int, rng: np.random.Generator, scale: float) -> float:
        """`work.data`에서 시작한 CD-k 기울기에 scale을 곱해 `work.gradient`에 적고, 재구성 오차를 돌려줍니다.

        `train_rbm`이 걸음마다 부르므로 아무것도 검사하지 않습니다.
        """
        rows, (w, b, c) = len(work.data), self.parameters
        (v0, v), (h0, h) = (np.split(layer, 2) for layer in (work.v, work.h))
        _conditional(v0, w, c, h0)
        for step in range(steps):
            _sample(h if step else h0, rng, work.uniform[1], work.state)
            _conditional(work.state, w.T, b, v)
            if step == 0:
                difference = np.subtract(v0, v, out=work.uniform[0])
                error = float(np.vdot(difference, difference)) / difference.size
            _sample(v, rng, work.uniform[0], v)
            _conditional(v, w, c, h)
        # 양의 항과 음의 항을 쌓아 두면 빼기까지 행렬 곱 하나로 끝납니다.
        work.signs[:rows], work.signs[rows:] = scale / rows, -scale / rows
        np.dot(work.signs, work.v, out=work.gradient.visible_bias)
        work.h *= work.signs[:, None]
        np.dot(work.ones, work.h, out=work.gradient.hidden_bias)
        np.matmul(work.v.T, work.h, out=work.gradient.weights)
        return error

    def check(self) -> None:
        """바꾸어 넣은 파라미터의 모양이나 dtype이 맞지 않거나 합이 넘칠 만큼 큰 값이 있으면 오류를 던집니다."""
        check_parameter("rbm.weights", self.weights, (None, None), LARGEST_FLOAT64)
        # 유닛을 모두 켜고 더해도 dtype의 범위를 넘지 않는 크기입니다.
        limit = float(np.finfo(self.weights.dtype).max) / (4 * self.weights.size)
        check_array("rbm.weights", self.weights, (None, None), limit)
        check_parameter("rbm.visible_bias", self.visible_bias, self.weights.shape[:1], limit)
        check_parameter("rbm.hidden_bias", self.hidden_bias, self.weights.shape[1:], limit)
        for name, array in zip(("weights", "visible_bias", "hidden_bias"), self.parameters):
            if array.dtype not in (np.float32, np.float64):  # 난수를 이 둘로만 뽑을 수 있습니다.
                refuse(f"rbm.{name}", "dtype이 float32나 float64인 배열", array, TypeError)

    def set_visible_bias(self, x: np.ndarray) -> None:
        """b_i = ln(p_i / (1 − p_i)): W가 0이어도 화소마다 켜지는 비율 p_i가 자료와 같아집니다(Hinton 2010, 8절).

        늘 꺼져 있거나 늘 켜져 있는 화소에서 무한대가 되지 않도록 p_i를 1/(2N) 이상 1 − 1/(2N) 이하로 자릅니다.
        """
        x = self._states("x", x, self.visible_bias)
        p = np.clip(x.mean(axis=0, dtype=np.float64), 0.5 / len(x), 1 - 0.5 / len(x))
        self.visible_bias[...] = np.log(p / (1 - p))

    def _states(self, name: str, value: np.ndarray, bias: np.ndarray) -> np.ndarray:
        self.check()
        return check_unit(name, value, len(bias)).astype(bias.dtype, copy=False)

    def _enough_memory(self, name: str, states: np.ndarray) -> AbstractContextManager[None]:
        return enough_memory(f"{name}, rbm.weights", (states.shape, self.weights.shape))


def _conditional(states: np.ndarray, weights: np.ndarray, bias: np.ndarray, out: np.ndarray) -> np.ndarray:
    """σ(states @ weights + bias)를 out에 씁니다."""
    np.matmul(states, weights, out=out)
    out += bias
    return activations.ACTIVATIONS["sigmoid"].apply(out)


def _sample(
    p: np.ndarray, rng: np.random.Generator, uniform: np.ndarray | None = None, out: np.ndarray | None = None
) -> np.ndarray:
    """확률 p로 1인 상태를 뽑습니다."""
    uniform = rng.random(p.shape, dtype=p.dtype) if uniform is None else rng.random(out=uniform, dtype=p.dtype)
    return np.less(uniform, p, out=np.empty_like(p) if out is None else out)
