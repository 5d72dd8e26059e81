"""JAX 위의 Keras에서 값을 들여다보고 되돌리기."""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..recording import Array

Look = Callable[[Array], None]


def to_numpy(tensor: Any) -> Array:
    array = np.asarray(tensor)
    return array.astype(np.float32) if array.dtype.name == "bfloat16" else array


def see(tensor: Any, look: Look) -> None:
    """값을 보여 줍니다. vjp가 좇는 값은 배열이 아니므로 JAX가 알려 줄 때 봅니다."""
    jax.debug.callback(lambda value: look(to_numpy(value)), tensor)


def tap(tensor: Any, look: Look) -> Any:
    """그대로 흘리되, 되돌아오는 기울기를 보여 줍니다."""

    def back(_: None, delta: Any) -> tuple[Any]:
        see(delta, look)
        return (delta,)

    identity = jax.custom_vjp(lambda x: x)
    identity.defvjp(lambda x: (x, None), back)
    return identity(tensor)


def pull(
    forward: Callable[[Sequence[Any]], Any], weights: Sequence[Any], top: Callable[[Array], Array]
) -> list[Any | None]:
    """가중치로 흘린 출력을 top에 보이고, 받은 신호를 되돌려 가중치마다의 기울기를 셉니다."""
    outputs, back = jax.vjp(forward, list(weights))
    jax.effects_barrier()
    gradients = back(jnp.asarray(top(to_numpy(outputs)), outputs.dtype))[0]
    jax.effects_barrier()
    return list(gradients)
