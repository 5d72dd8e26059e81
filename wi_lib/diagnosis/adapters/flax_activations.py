"""jax.nn(= flax.nnx)의 활성화 함수와 jnp.tanh가 돌려주는 값을 보는 자리."""

import inspect
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from types import FunctionType
from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx

ACTIVATIONS = {
    "relu": jax.nn.relu,
    "relu6": jax.nn.relu6,
    "leaky_relu": jax.nn.leaky_relu,
    "elu": jax.nn.elu,
    "celu": jax.nn.celu,
    "selu": jax.nn.selu,
    "gelu": jax.nn.gelu,
    "silu": jax.nn.silu,
    "mish": jax.nn.mish,
    "softplus": jax.nn.softplus,
    "soft_sign": jax.nn.soft_sign,
    "sigmoid": jax.nn.sigmoid,
    "hard_sigmoid": jax.nn.hard_sigmoid,
    "hard_silu": jax.nn.hard_silu,
    "hard_tanh": jax.nn.hard_tanh,
    "tanh": jnp.tanh,
    "prelu": nnx.PReLU.__call__,
}


@contextmanager
def watching_activations(seen: Callable[[str, Any], None]) -> Iterator[None]:
    """활성화 함수가 돌려주는 값마다 seen(이름, 값)을 부릅니다. 활성화 함수 안의 것(gelu의 tanh)은 보지 않습니다.

    `from jax.nn import relu`나 `self.act = nnx.relu`처럼 미리 꺼내 둔 것도 보이도록, 이름이 아니라 함수의 코드를 잠시
    바꿉니다. (sys.setprofile은 모든 호출을 보느라 두 배 가까이 느립니다.)
    """
    inside = False

    def watched(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def call(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            nonlocal inside
            outer, inside = not inside, True
            try:
                value = original(*args, **kwargs)
            finally:
                inside = not outer
            if outer:
                seen(name, value)
            return value

        return call

    with ExitStack() as replaced:
        for name, function in ACTIVATIONS.items():
            replaced.enter_context(_replaced(_plain(function), partial(watched, name)))
        yield


def _door(*args: Any, seen: Any, **kwargs: Any) -> Any:
    return seen(args, kwargs)


@contextmanager
def _replaced(function: FunctionType, watched: Callable[[FunctionType], Any]) -> Iterator[None]:
    """function을 부르면 watched(본래의 함수)가 대신 불립니다."""
    code, defaults = function.__code__, function.__kwdefaults__
    original = FunctionType(code, function.__globals__, function.__name__, function.__defaults__)
    original.__kwdefaults__ = defaults
    # JAX는 부를 때에도 인자의 이름을 물으므로 본래의 것을 남겨 둡니다.
    function.__signature__ = inspect.signature(function)  # type: ignore[attr-defined]
    function.__code__, function.__kwdefaults__ = _door.__code__, {"seen": watched(original)}
    try:
        yield
    finally:
        function.__code__, function.__kwdefaults__ = code, defaults
        del function.__signature__  # type: ignore[attr-defined]


def _plain(function: Any) -> FunctionType:
    """jit과 custom_jvp를 벗긴 파이썬 함수."""
    while inner := getattr(function, "__wrapped__", None) or getattr(function, "fun", None):
        function = inner
    return function
