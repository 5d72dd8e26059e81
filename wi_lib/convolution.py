"""그림을 다루는 층: 합성곱과 풀링. 그림은 (N, 높이, 너비, 채널)이고, 커널의 칸(tap)마다 밀어 놓은 그림을 봅니다."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from . import initializers
from .chain import Array, Layer, Shape, draw
from .checks import check_choice, check_integer, refuse


class Conv2D(Layer):
    """합성곱: 출력의 한 자리는 입력에서 kernel × kernel칸에 든 채널을 모두 보고 x W + b를 구합니다.

    - `channels`: 출력 채널의 수. `kernel`: 커널의 한 변. `initializer`: W를 뽑는 초기화 함수나 그 이름.
    - `stride`: 몇 칸씩 건너뛰며 볼지. `padding`: 그림의 네 변에 덧댈 0의 줄 수(0 이상).
    - `groups`: 채널을 나눌 묶음의 수. 출력 채널은 같은 묶음의 입력 채널만 봅니다.
    - `parameters`: [W (kernel, kernel, 입력 채널/groups, channels), b (channels,)].

    (높이, 너비, 채널)인 입력 하나가 ((높이 + 2·padding − kernel)//stride + 1, 너비도 같음, channels)가 됩니다. 커널은
    뒤집지 않습니다(프레임워크와 같은 상호상관).

    >>> layer = Conv2D(4, kernel=3, stride=2, padding=1)
    >>> layer.build((8, 8, 2), np.random.default_rng(0), np.dtype(np.float32)), layer.parameters[0].shape
    ((4, 4, 4), (3, 3, 2, 4))
    """

    def __init__(
        self,
        channels: int,
        kernel: int = 3,
        initializer: str | Callable[..., Array] = "he_normal",
        *,
        stride: int = 1,
        padding: int = 0,
        groups: int = 1,
    ) -> None:
        super().__init__()
        self.channels, self.kernel = check_integer("channels", channels), check_integer("kernel", kernel)
        self.initializer = initializers.get(initializer)
        self.stride, self.padding = check_integer("stride", stride), check_integer("padding", padding, minimum=0)
        self.groups = check_integer("groups", groups)
        if self.channels % self.groups:
            refuse("groups", f"channels({self.channels})를 나누는 정수", groups)

    def build(self, shape: Shape, rng: np.random.Generator, dtype: np.dtype) -> Shape:
        height, width, seen = _image("Conv2D", shape)
        if seen % self.groups:
            refuse("groups", f"입력 채널 수({seen})를 나누는 정수", self.groups)
        padded = height + 2 * self.padding, width + 2 * self.padding
        sides = _sides("kernel", padded, (self.kernel, self.kernel), self.stride)
        sizes = (self.kernel, self.kernel, seen // self.groups, self.channels)
        drawn = draw("kernel, channels", self.initializer, sizes, rng, dtype)
        self.parameters = [drawn, np.zeros(self.channels, dtype)]
        return (*sides, self.channels)

    def forward(self, x: Array, training: bool) -> tuple[Array, Any]:
        taps = _windows(_pad(x, self.padding), (self.kernel, self.kernel), self.stride)
        columns = _columns(taps, self.groups)
        y = (columns @ self._matrices()).transpose(1, 0, 2).reshape(*taps.shape[:3], self.channels)
        return y + self.parameters[1], (columns, x.shape)

    def backward(self, memory: Any, delta: Array) -> tuple[Array, list[Array]]:
        columns, shape = memory
        p, k, g, s = self.padding, self.kernel, self.groups, self.stride
        deltas = delta.reshape(-1, g, self.channels // g).transpose(1, 0, 2)
        found = (columns.transpose(0, 2, 1) @ deltas).transpose(1, 0, 2).reshape(self.parameters[0].shape)
        # 되돌리는 것도 합성곱입니다: 건너뛴 자리에 0을 넣은 δ를, 뒤집은 커널로 훑습니다.
        spread = np.zeros((len(delta), *(side + 2 * p + k - 1 for side in shape[1:3]), self.channels), delta.dtype)
        height, width = (s * side for side in delta.shape[1:3])
        spread[:, k - 1 : k - 1 + height : s, k - 1 : k - 1 + width : s] = delta
        taps = _windows(spread, (k, k), 1)[:, p : p + shape[1], p : p + shape[2]]
        flipped = self.parameters[0][::-1, ::-1].reshape(k * k, -1, g, self.channels // g)
        back = flipped.transpose(2, 0, 3, 1).reshape(g, -1, flipped.shape[1])
        below = (_columns(taps, g) @ back).transpose(1, 0, 2).reshape(shape)
        return below, [found, delta.sum(axis=(0, 1, 2))]

    def _matrices(self) -> Array:
        """묶음마다의 (칸 × 채널, 출력 채널) 행렬."""
        *window, seen, channels = self.parameters[0].shape
        folded = self.parameters[0].reshape(window[0] * window[1] * seen, self.groups, channels // self.groups)
        return folded.transpose(1, 0, 2)


class Pool2D(Layer):
    """풀링: size × size칸에서 채널마다 가장 큰 값이나 평균을 남깁니다. 채널 수는 그대로입니다.

    - `size`: 창의 한 변. None이면 그림 전체를 한 칸으로 줄입니다. `kind`: "max"나 "average".
    - `stride`: 몇 칸씩 건너뛸지. None이면 size라서 창이 겹치지 않습니다. 창에 차지 않는 끝의 칸은 버립니다.

    >>> layer = Pool2D(2)
    >>> layer.build((2, 2, 1), np.random.default_rng(0), np.dtype(np.float32))
    (1, 1, 1)
    >>> layer.forward(np.arange(4.0).reshape(1, 2, 2, 1), training=True)[0].ravel()
    array([3.])
    """

    def __init__(self, size: int | None, kind: str = "max", stride: int | None = None) -> None:
        super().__init__()
        self.size = None if size is None else check_integer("size", size)
        self.kind = check_choice("kind", kind, {name: name for name in ("max", "average")})
        self.stride = self.size if stride is None else check_integer("stride", stride)

    def build(self, shape: Shape, rng: np.random.Generator, dtype: np.dtype) -> Shape:
        height, width, channels = _image("Pool2D", shape)
        self.window = (height, width) if self.size is None else (self.size, self.size)
        return (*_sides("size", (height, width), self.window, self.stride or 1), channels)

    def forward(self, x: Array, training: bool) -> tuple[Array, Any]:
        taps = _windows(x, self.window, self.stride or 1)
        flat = taps.reshape(*taps.shape[:3], -1, x.shape[-1])
        if self.kind == "average":
            # 칸마다의 몫을 남겨 두면 최댓값과 같은 식으로 되돌립니다.
            share = np.full((1, 1, 1, flat.shape[3], 1), 1 / flat.shape[3], x.dtype)
            return flat.mean(axis=3), (share, x.shape)
        first = flat.argmax(axis=3)[..., None, :]
        share = (np.arange(flat.shape[3])[:, None] == first).astype(x.dtype)
        return flat.max(axis=3), (share, x.shape)

    def backward(self, memory: Any, delta: Array) -> tuple[Array, list[Array]]:
        share, shape = memory
        taps = (delta[..., None, :] * share).reshape(*delta.shape[:3], *self.window, -1)
        return _gather(taps, shape, self.stride or 1), []


def _image(layer: str, shape: Shape) -> Shape:
    if len(shape) != 3:
        refuse("input_shape", f"{layer} 앞에서 (높이, 너비, 채널)인 모양", shape)
    return shape


def _sides(name: str, sides: Shape, window: Shape, stride: int) -> Shape:
    """창이 멈추는 자리의 수."""
    if any(w > side for w, side in zip(window, sides)):
        refuse(name, f"그림에 들어가는 {min(sides)} 이하의 정수", max(window))
    return tuple((side - w) // stride + 1 for w, side in zip(window, sides))


def _windows(x: Array, window: Shape, stride: int) -> Array:
    """자리마다의 창: (N, 높이, 너비, 창의 높이, 창의 너비, 채널)."""
    return sliding_window_view(x, window, axis=(1, 2))[:, ::stride, ::stride].transpose(0, 1, 2, 4, 5, 3)


def _pad(x: Array, padding: int) -> Array:
    """네 변에 0을 padding줄씩 덧댑니다. np.pad는 작은 그림에서 합성곱만큼 걸립니다."""
    n, height, width, channels = x.shape
    padded = np.zeros((n, height + 2 * padding, width + 2 * padding, channels), x.dtype)
    padded[:, padding : padding + height, padding : padding + width] = x
    return padded


def _columns(taps: Array, groups: int) -> Array:
    """창을 묶음마다의 (자리, 칸 × 채널)인 행렬로 폅니다."""
    seen = taps.reshape(*taps.shape[:5], groups, -1).transpose(5, 0, 1, 2, 3, 4, 6)
    return seen.reshape(groups, -1, seen.shape[4] * seen.shape[5] * seen.shape[6])


def _gather(taps: Array, shape: Shape, stride: int) -> Array:
    """`_windows`를 되돌립니다: 창마다의 값을 그것이 온 자리에 더합니다."""
    x = np.zeros(shape, taps.dtype)
    _, height, width, *window, _ = taps.shape
    for i, j in np.ndindex(*window):
        x[:, i : i + stride * height : stride, j : j + stride * width : stride] += taps[:, :, :, i, j]
    return x
