"""flax.nnx의 층: 종류와, 그 행렬과 커널을 wi_lib의 차례로 읽는 법."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np
from flax import nnx

# 물려받은 층(LoRALinear, …)도 조상의 종류입니다.
KINDS = {
    nnx.Linear: "dense",
    nnx.LinearGeneral: "dense",
    nnx.Einsum: "dense",
    nnx.Conv: "convolution",
    nnx.ConvTranspose: "convolution",
    nnx.Embed: "embedding",
    nnx.BatchNorm: "norm",
    nnx.LayerNorm: "norm",
    nnx.RMSNorm: "norm",
    nnx.GroupNorm: "norm",
    nnx.InstanceNorm: "norm",
}
# 이 층이 바로 가진 층은 어텐션이나 순환 셀 하나의 몫입니다.
PARTS = {nnx.MultiHeadAttention: "attention", nnx.nn.recurrent.RNNCellBase: "other"}
Path = tuple[Any, ...]


@dataclass(frozen=True)
class Kernel:
    """행렬이나 커널 하나.

    - `variable`: 그것이 든 변수의 자리(모듈에서). `index`: 여러 층을 쌓아 둔 변수이면 몇째 층의 것인지.
    - `take`: 변수의 배열에서 wi_lib의 차례인 행렬을 꺼냅니다. `drawn`: Flax가 센 fan이 그 행렬의 것과 다를 때의 그것.
    """

    name: str
    expression: str
    variable: Path
    index: tuple[int, ...]
    take: Callable[[Any], Any]
    drawn: tuple[int, int] | None


@dataclass(frozen=True)
class Owner:
    """변수를 바로 가진 모듈 하나. `variables`: {모듈에서의 자리: 변수}."""

    path: Path
    expression: str
    module: nnx.Module
    parent: Any
    variables: dict[Path, nnx.Variable]

    @property
    def name(self) -> str:
        return ".".join(map(str, self.path)) or "model"

    @property
    def known(self) -> bool:
        return isinstance(self.module, tuple(KINDS))

    def matrices(self, module: nnx.Module) -> list[Path]:
        """행렬과 커널인 변수의 자리. module은 변환 안에서 다시 만들어진 이 모듈입니다."""
        if self.known:
            return [path for path in self.variables if path in (("kernel",), ("embedding",))]
        # 모르는 층의 2차원 편향(head마다 하나)은 행렬이 아닙니다.
        return [
            path
            for path, variable in self.variables.items()
            if isinstance(variable, nnx.Param) and "bias" not in path and len(shape(at(module, path))) > 1
        ]

    def kind(self, module: nnx.Module, x: Any = None) -> str:
        """종류. 모르는 층은 행렬이 하나이고 x의 마지막 축과 곱해질 수 있으면 dense입니다."""
        for cls, kind in [*PARTS.items(), *KINDS.items()]:
            if isinstance(self.parent if cls in PARTS else self.module, cls):
                return kind
        shapes = [shape(at(module, path)) for path in self.matrices(module)]
        if not shapes:
            return "norm" if "Norm" in type(self.module).__name__ else "other"
        dense = len(shapes) == 1 and len(shapes[0]) == 2 and shape(x)[-1:] == shapes[0][:1]
        return "dense" if dense else "other"

    def stack(self, module: nnx.Module) -> tuple[int, ...]:
        """module이 여러 층을 쌓은 변수에서 하나를 꺼낸 것이면(nnx.scan, nnx.vmap) 쌓은 모양, 아니면 ()."""
        path, variable = next(iter(self.variables.items()))
        whole, part = shape(variable), shape(at(module, path))
        extra = len(whole) - len(part)
        return whole[:extra] if extra > 0 and whole[extra:] == part else ()

    def kernels(self, module: nnx.Module) -> Iterator[Kernel]:
        for path in self.matrices(module):
            name = ".".join(map(str, (*self.path, *path)))
            expression = self.expression + "".join(_step(key) for key in path)
            size = shape(at(module, path))
            drawn = _drawn(module, size)
            for index in np.ndindex(*self.stack(module)):
                for batch in np.ndindex(*size[: _batches(module)]):
                    text = "".join(f"[{i}]" for i in (*index, *batch))
                    yield Kernel(
                        name + text, expression + (text or "[...]"), path, index, _take(module, index, batch), drawn
                    )


def owners(model: nnx.Module) -> list[Owner]:
    """변수를 바로 가진 모듈. 목록이나 사전에 든 변수는 그것을 가진 모듈의 것입니다."""
    found = []
    for path, module in nnx.iter_modules(model):
        if isinstance(module, (nnx.List, nnx.Dict, nnx.Rngs, nnx.RngStream)):
            continue
        variables = {at_: v for key, value in vars(module).items() for at_, v in _variables(value, (key,))}
        if variables:
            found.append(Owner(path, _expression(model, path), module, _parent(model, path), variables))
    return found


def shape(value: Any) -> tuple[int, ...]:
    return tuple(getattr(value, "shape", ()))


def at(node: Any, path: Path) -> Any:
    for key in path:
        node = node[key] if isinstance(node, (list, tuple, Mapping)) or isinstance(key, int) else getattr(node, key)
    return node


def _variables(value: Any, path: Path) -> Iterator[tuple[Path, nnx.Variable]]:
    if isinstance(value, nnx.Variable) and not isinstance(value, nnx.RngState):
        if jnp.issubdtype(getattr(value, "dtype", None) or np.int8, jnp.floating):
            yield path, value
    elif isinstance(value, (nnx.List, list, tuple)):
        for i, part in enumerate(value):
            yield from _variables(part, (*path, i))
    elif isinstance(value, (nnx.Dict, Mapping)):
        for key, part in value.items():
            yield from _variables(part, (*path, key))


def _parent(model: nnx.Module, path: Path) -> Any:
    return at(model, path[:-1]) if path else None


def _expression(model: nnx.Module, path: Path) -> str:
    """model에서 path까지의 파이썬 식. 파이썬의 사전과 목록은 [ ]로 엽니다."""
    text, node = "model", model
    for key in path:
        text += _step(key, isinstance(node, Mapping))
        node = at(node, (key,))
    return text


def _step(key: Any, mapping: bool = False) -> str:
    return f".{key}" if isinstance(key, str) and key.isidentifier() and not mapping else f"[{key!r}]"


def _batches(module: nnx.Module) -> int:
    """행렬 여럿이 든 커널에서 앞의 몇 축이 그 차례인지."""
    return len(module.batch_axis) if isinstance(module, nnx.LinearGeneral) else 0


def _take(module: nnx.Module, index: tuple[int, ...], batch: tuple[int, ...]) -> Callable[[Any], Any]:
    def take(array: Any) -> Any:
        array = array[(*index, *batch)]
        if isinstance(module, nnx.LinearGeneral):
            return array.reshape(math.prod(module.in_features), math.prod(module.out_features))
        if isinstance(module, nnx.Einsum) and module.einsum_str:
            return _contracted(module.einsum_str, array)
        if isinstance(module, nnx.ConvTranspose) and module.transpose_kernel:
            return array.swapaxes(-1, -2)
        return array

    return take


def _contracted(equation: str, array: Any) -> Any:
    """einsum의 커널을 (나머지, 더해 없어지는 축들, 출력에 남는 축들)로."""
    left, out = equation.replace(" ", "").replace("...", "").split("->")
    inputs, own = left.split(",")
    summed = [i for i, letter in enumerate(own) if letter not in out]
    shared = [i for i, letter in enumerate(own) if letter in out and letter in inputs]
    kept = [i for i, letter in enumerate(own) if letter in out and letter not in inputs]
    sizes = [math.prod(array.shape[i] for i in axes) for axes in (shared, summed, kept)]
    matrix = array.transpose(*shared, *summed, *kept).reshape(sizes)
    return matrix if shared else matrix[0]


def _drawn(module: nnx.Module, size: tuple[int, ...]) -> tuple[int, int] | None:
    """jax.nn.initializers가 센 (fan_in, fan_out)이 행렬의 것과 다르면 그것."""
    if isinstance(module, nnx.Embed):
        return size[-1], size[-1]
    if isinstance(module, nnx.LinearGeneral) and _batches(module):
        return math.prod(size[: -len(module.out_features)]), math.prod(module.out_features)
    if isinstance(module, nnx.Einsum) or (isinstance(module, nnx.ConvTranspose) and module.transpose_kernel):
        taps = math.prod(size[:-2])
        return taps * size[-2], taps * size[-1]
    return None
