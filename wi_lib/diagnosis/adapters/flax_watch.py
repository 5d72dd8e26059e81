"""flax.nnx의 층을 지나는 값을 엿보는 자리: 층의 호출, 활성화 함수, 되돌아오는 기울기."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

from ..recording import Array, Layer, Recording
from .flax_activations import watching_activations
from .flax_layers import Kernel, Owner, at

# 복사본의 층에 다는 표의 이름. 변환(nnx.jit, scan, remat, vmap)이 층을 다시 만들어도 따라다닙니다.
TAG = "wi_lib_watched"


class Run:
    """한 번 흘리고 되돌리는 동안의 상태.

    - `kernels`: 적은 행렬마다 (층의 기록, 행렬, 그 주인). `last`: 마지막으로 나온 층. `failed`: 오류가 난 층.
    - `forward`: 흘리는 중인지. 되돌리는 중에 다시 계산한 값(remat)은 이미 본 것입니다.
    """

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.kernels: list[tuple[Layer, Kernel, Owner]] = []
        self.last: Layer | None = None
        self.failed: Owner | None = None
        self.forward = self.backward = False

    def add(self, layer: Layer, kernel: Kernel, owner: Owner) -> None:
        """행렬 하나를 적습니다."""
        variable = owner.variables[kernel.variable]
        layer.weight(
            kernel.name,
            kernel.take(as_numpy(variable[...])),
            kernel.expression,
            groups=getattr(owner.module, "feature_group_count", 1),
            trainable=is_trainable(variable),
            drawn=kernel.drawn,
        )
        self.kernels.append((layer, kernel, owner))

    def went(self, x: Any, write: Callable[[Array], None]) -> None:
        """흘러간 값 x를 적습니다."""
        _observe(x, lambda array: write(array) if self.forward else None)

    def activated(self, name: str, value: Any) -> None:
        """마지막으로 나온 층의 활성화 함수가 낸 값."""
        if (layer := self.last) is not None and is_float(value):
            self.went(value, lambda array: layer.activate(name, array))

    def tapped(self, y: Any, write: Callable[[Array], None]) -> Any:
        """y 그대로. 되돌아오는 기울기를 적습니다."""

        @jax.custom_vjp
        def identity(y: Any) -> Any:
            return y

        def back(_: None, delta: Any) -> tuple[Any]:
            _observe(delta, lambda array: write(array) if self.backward else None)
            return (delta,)

        identity.defvjp(lambda y: (y, None), back)
        return identity(y)

    @contextmanager
    def returning(self) -> Iterator[None]:
        """되돌리는 동안."""
        self.backward = True
        yield
        jax.effects_barrier()
        self.backward = False


class Tag:
    """층 하나의 표. 비교할 때 저마다 다르므로, 앞서 컴파일해 둔 것을 다시 쓰지 않습니다."""

    def __init__(self, run: Run, owner: Owner) -> None:
        self.run, self.owner = run, owner
        self.calls, self.busy = 0, False

    def through(
        self, module: nnx.Module, call: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """층을 부르며 들어간 것, 나온 것, 되돌아올 것을 적습니다."""
        x = next(filter(is_array, jax.tree.leaves((args, kwargs))), None)
        layer = self.layer(module, x)
        # 정수로 된 그림도 행렬에 들어가는 값이고, 임베딩의 정수는 자리입니다.
        if x is not None and (is_float(x) or layer.kind != "embedding"):
            self.run.went(x, layer.enter)
        self.busy = True
        try:
            outputs = call(module, *args, **kwargs)
        except Exception:
            self.run.failed = self.run.failed or self.owner
            raise
        finally:
            self.busy = False
        leaves, tree = jax.tree.flatten(outputs)
        place = next((i for i, leaf in enumerate(leaves) if is_float(leaf)), None)
        if place is None:
            return outputs
        self.run.went(leaves[place], layer.leave)
        self.run.last = layer
        leaves[place] = self.run.tapped(leaves[place], layer.delta)
        return jax.tree.unflatten(tree, leaves)

    def layer(self, module: nnx.Module, x: Any) -> Layer:
        """이번 호출의 기록. 쌓은 층을 차례로 돌면 층마다 하나이고, 한꺼번에 부르면(vmap) 모두 하나입니다."""
        owner, stack = self.owner, self.owner.stack(module)
        each = bool(stack) and not _hidden(at(module, next(iter(owner.variables)))[...])
        index = list(np.ndindex(*stack))[self.calls % int(np.prod(stack))] if each else ()
        self.calls += 1
        name = owner.name + "".join(f"[{i}]" for i in index)
        layer = self.run.recording.layer(name, owner.kind(module, x), type(owner.module).__name__)
        for kernel in owner.kernels(module):
            if kernel.name not in layer.weights and (not each or kernel.index == index):
                self.run.add(layer, kernel, owner)
        return layer


@contextmanager
def watching(run: Run, owners: list[Owner]) -> Iterator[None]:
    """모델을 흘리는 동안만, 표가 달린 층의 호출과 활성화 함수의 결과를 봅니다.

    부르는 쪽이 jax.jit를 꺼 두므로 값이 그 자리에서 보이고, 사용자의 컴파일된 함수에 이 자리가 남지 않습니다.
    """
    classes = {type(owner.module) for owner in owners}
    before = {cls: vars(cls).get("__call__") for cls in classes}
    run.forward = True
    try:
        for cls in classes:
            type.__setattr__(cls, "__call__", _watched(cls.__call__))
        with watching_activations(run.activated):
            yield
        jax.effects_barrier()
    finally:
        run.forward = False
        for cls, call in before.items():
            if call is None:
                type.__delattr__(cls, "__call__")
            else:
                type.__setattr__(cls, "__call__", call)


def is_float(value: Any) -> bool:
    return is_array(value) and jnp.issubdtype(value.dtype, jnp.floating)


def is_trainable(variable: Any) -> bool:
    return isinstance(variable, nnx.Param) and is_float(variable.get_raw_value())


def is_array(value: Any) -> bool:
    return isinstance(value, (jax.Array, np.ndarray)) and not jnp.issubdtype(value.dtype, jax.dtypes.prng_key)


def as_numpy(value: Any) -> Array:
    """NumPy에 없는 bfloat16 따위는 float32로."""
    array = np.asarray(value)
    return array.astype(np.float32) if array.dtype.kind == "V" or array.dtype.name not in np.sctypeDict else array


def _observe(x: Any, write: Callable[[Array], None]) -> None:
    x = jax.lax.stop_gradient(x)
    if _hidden(x):
        jax.debug.callback(lambda array: write(as_numpy(array)), x)
    else:
        write(as_numpy(x))


def _hidden(value: Any) -> bool:
    """vmap이나 remat 안이라 아직 값이 보이지 않는지."""
    return isinstance(jax.lax.stop_gradient(value), jax.core.Tracer)


def _watched(call: Callable[..., Any]) -> Callable[..., Any]:
    def through(self: nnx.Module, *args: Any, **kwargs: Any) -> Any:
        tag = vars(self).get(TAG)
        # super().__call__로 조상의 것을 다시 부르는 층은 바깥 한 번만 봅니다.
        if tag is None or tag.busy or not tag.run.forward:
            return call(self, *args, **kwargs)
        return tag.through(self, call, args, kwargs)

    return through
