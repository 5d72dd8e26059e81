"""모델의 설계도: 부품의 나무와, 부품마다의 행렬. 프레임워크는 모릅니다."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from wi_lib import initializers

# 행렬이 있는 부품.
WEIGHTED = ("dense", "convolution", "embedding", "position", "attention")


@dataclass(eq=False)
class Part:
    """부품 하나.

    - `op`: dense, convolution, embedding, position, attention, norm, activate, pool, reshape, residual, towers,
      again, tied.
    - `weights`: wi_lib의 모양 (…, 입력, 출력)인 행렬. 어텐션은 [Q, K, V, O]. `bias`: 편향(norm이면 γ).
    - `settings`: 그 밖의 것. `parts`: 옆길(residual)의 부품. `again`과 `tied`는 settings["of"]의 부품을 다시 씁니다.
    """

    op: str
    weights: list[np.ndarray] = field(default_factory=list)
    bias: np.ndarray | None = None
    parts: list["Part"] = field(default_factory=list)
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def fan_in(self):
        *window, seen, _ = self.weights[0].shape
        return math.prod(window) * seen

    @property
    def fan_out(self):
        *window, _, units = self.weights[0].shape
        return math.prod(window) * units // self.settings.get("groups", 1)


@dataclass(eq=False)
class Blueprint:
    """모델 하나의 설계도와 배치 하나.

    - `number`, `name`: 번호와 이름. `parts`: 부품의 목록.
    - `inputs`: 입력 배열의 목록(하나이거나 둘). `labels`: 정답. `dtype`: float32, float16, bfloat16.
    - `loss_scale`: 손실에 곱하는 수. 1이 아니면 프레임워크의 loss 함수로 넘깁니다.
    - `packed`: Q, K, V를 한꺼번에 뽑은 것이 탈인지. 그런 어텐션이 없는 프레임워크에서는 심을 수 없습니다.
    - `of_class(rng, count)`: 클래스 하나만 든 (입력의 목록, 정답). 분류가 아니면 None입니다.
    """

    number: int
    name: str
    parts: list[Part]
    inputs: list[np.ndarray]
    labels: np.ndarray
    dtype: str = "float32"
    loss_scale: float = 1.0
    packed: bool = False
    of_class: Callable[..., Any] | None = None

    def walk(self):
        """앞으로 흐르는 차례로, 옆길 안의 것까지 모든 부품."""
        return walk(self.parts)

    @property
    def weighted(self):
        return [part for part in self.walk() if part.op in WEIGHTED]

    @property
    def text(self):
        return self.inputs[0].dtype.kind == "i"

    @property
    def regression(self):
        return self.labels.dtype.kind == "f"

    @property
    def plain(self):
        """정규화도 옆길도 없는 망인지."""
        return not (self.has("norm") or self.has("residual"))

    def has(self, op, **settings):
        """op인 부품 가운데 settings가 맞는 것이 있는지."""
        return any(p.op == op and all(p.settings.get(k) == v for k, v in settings.items()) for p in self.walk())


def walk(parts):
    for part in parts:
        yield part
        yield from walk(part.parts)


class Draft:
    """모양을 따라가며 부품을 잇는 붓. 행렬은 잇는 차례로 rng에서 뽑습니다.

    >>> draft = Draft((64,), np.random.default_rng(0)).dense(10)
    >>> draft.parts[0].weights[0].shape
    (64, 10)
    """

    def __init__(self, shape, rng):
        self.shape, self.rng, self.parts = tuple(shape), rng, []

    def _add(self, shape, *args, **settings):
        self.shape = shape
        self.parts.append(Part(*args, **settings))
        return self

    def _draw(self, init, *shape):
        return initializers.get(init)(shape, rng=self.rng)

    def dense(self, units, init="he_normal", drawn_bias=False):
        weight, bias = self._draw(init, self.shape[-1], units), np.zeros(units, np.float32)
        if drawn_bias:
            bias = self.rng.uniform(-1, 1, units).astype(np.float32) / np.float32(np.sqrt(self.shape[-1]))
        return self._add((*self.shape[:-1], units), "dense", [weight], bias)

    def conv(self, channels, init="he_normal", kernel=3, stride=1, groups=1):
        weight = self._draw(init, kernel, kernel, self.shape[-1] // groups, channels)
        padding = kernel // 2
        sides = [(side + 2 * padding - kernel) // stride + 1 for side in self.shape[:2]]
        settings = {"kernel": kernel, "stride": stride, "padding": padding, "groups": groups}
        bias = np.zeros(channels, np.float32)
        return self._add((*sides, channels), "convolution", [weight], bias, settings=settings)

    def act(self, name):
        return self._add(self.shape, "activate", settings={"name": name})

    def norm(self, kind, gamma=1.0):
        scale = np.full(self.shape[-1], gamma, np.float32)
        return self._add(self.shape, "norm", bias=scale, settings={"kind": kind, "picture": len(self.shape) == 3})

    def pool(self, size=None, kind="max"):
        sides = (1, 1) if size is None else tuple(side // size for side in self.shape[:2])
        return self._add((*sides, self.shape[-1]), "pool", settings={"size": size, "kind": kind})

    def reshape(self, *shape):
        shape = shape or (math.prod(self.shape),)
        return self._add(shape, "reshape", settings={"shape": shape})

    def residual(self, fill, scale=1.0):
        """fill(옆길의 Draft)이 옆길을 채웁니다."""
        branch = Draft(self.shape, self.rng)
        fill(branch)
        return self._add(self.shape, "residual", parts=branch.parts, settings={"scale": scale})

    def embed(self, vocabulary, units, init):
        return self._add((*self.shape, units), "embedding", [self._draw(init, vocabulary, units)])

    def position(self, init):
        return self._add(self.shape, "position", [self._draw(init, *self.shape)])

    def attention(self, heads, init, out=None, packed=False):
        d = self.shape[-1]
        drawn = [self._draw(init, d, d) for _ in range(3)]
        settings = {"heads": heads, "packed": packed}
        return self._add(
            self.shape,
            "attention",
            [*drawn, self._draw(out or init, d, d)],
            np.zeros(4 * d, np.float32),
            settings=settings,
        )

    def again(self, part):
        """part를 한 번 더 씁니다."""
        return self._add(self.shape, "again", settings={"of": part})

    def tied(self, embedding):
        return self._add((*self.shape[:-1], len(embedding.weights[0])), "tied", settings={"of": embedding})

    def towers(self, drafts):
        """입력마다의 Draft를 이어 붙인 것에서 이어 갑니다."""
        width = sum(draft.shape[-1] for draft in drafts)
        return self._add((width,), "towers", parts=[Part("chain", parts=draft.parts) for draft in drafts])
