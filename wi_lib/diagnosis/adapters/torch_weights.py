"""torch의 모듈이 지닌 행렬: 층의 종류, wi_lib처럼 늘어놓은 모양, 행렬에 닿는 식."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

from ..recording import Array

KINDS: dict[type[Any], str] = {
    nn.Linear: "dense",
    nn.modules.conv._ConvNd: "convolution",
    nn.Embedding: "embedding",
    nn.EmbeddingBag: "embedding",
    nn.MultiheadAttention: "attention",
    nn.modules.batchnorm._NormBase: "norm",
    nn.GroupNorm: "norm",
    nn.LayerNorm: "norm",
    nn.RMSNorm: "norm",
    nn.RNNBase: "other",
    nn.RNNCellBase: "other",
    nn.Bilinear: "other",
}
# 모듈을 거치지 않고 파라미터를 바로 곱하는 함수의 (종류, 입력의 자리, 가중치의 자리).
PRODUCTS = {
    "linear": ("dense", 0, 1),
    "matmul": ("dense", 0, 1),
    "__rmatmul__": ("dense", 1, 0),
    "mm": ("dense", 0, 1),
    "addmm": ("dense", 1, 2),
    "embedding": ("embedding", 0, 1),
    "conv1d": ("convolution", 0, 1),
    "conv2d": ("convolution", 0, 1),
    "conv3d": ("convolution", 0, 1),
}


@dataclass(frozen=True)
class Matrix:
    """행렬 하나. `arrange`는 torch의 배열(과 그 기울기)을 (…, 입력/groups, 출력)으로 늘어놓습니다."""

    name: str
    expression: str
    tensor: torch.Tensor
    arrange: Callable[[Array], Array]
    groups: int = 1
    drawn: tuple[int, int] | None = None


def numpy(tensor: torch.Tensor) -> Array:
    """배열로. NumPy에 없는 bfloat16 같은 실수는 float32로 바꿉니다."""
    if tensor.is_floating_point() and tensor.dtype not in (torch.float16, torch.float32, torch.float64):
        tensor = tensor.float()
    return tensor.to_dense().numpy(force=True) if tensor.layout != torch.strided else tensor.numpy(force=True)


def kind(module: nn.Module) -> str | None:
    """층의 종류. 행렬도 정규화도 아닌 모듈이면 None."""
    for cls, name in KINDS.items():
        if isinstance(module, cls):
            return name
    if _transposed(module):
        return "dense"
    # 꾸러미마다 따로 만든 RMSNorm 같은 것: 스스로 지닌 것이 벡터뿐인 잎입니다.
    vectors = all(p is None or p.ndim < 2 for p in module._parameters.values())
    leaf = not module._modules and vectors and "norm" in type(module).__name__.lower()
    return "norm" if leaf else None


def units(module: nn.Module) -> int:
    """유닛(채널)의 축. 합성곱은 배치가 없는 입력도 받으므로 뒤에서 셉니다."""
    if isinstance(module, nn.modules.conv._ConvNd):
        return -1 - len(module.kernel_size)
    second = isinstance(module, (nn.modules.batchnorm._NormBase, nn.GroupNorm)) or "2d" in type(module).__name__.lower()
    return 1 if second else -1


def reach(model: nn.Module, path: str) -> str:
    """이름이 path인 모듈이나 파라미터에 닿는 파이썬 식."""
    expression, module = "model", model
    for part in filter(None, path.split(".")):
        listed = isinstance(module, (nn.Sequential, nn.ModuleList)) and part in module._modules
        if listed and part.isdigit():
            expression += f"[{list(module._modules).index(part)}]"
        elif part.isidentifier():
            expression += f".{part}"
        else:  # ParameterList의 파라미터는 이름이 수입니다.
            expression += (
                f'.get_{"parameter" if isinstance(getattr(module, part), nn.Parameter) else "submodule"}("{part}")'
            )
        module = getattr(module, part)
    return expression


def matrices(model: nn.Module, path: str, module: nn.Module) -> Iterator[Matrix]:
    """모듈의 행렬과 커널. 매개화된(weight_norm 등) 것은 실제로 곱해지는 배열입니다."""

    def matrix(name: str, arrange: Callable[[Array], Array], **rest: Any) -> Iterator[Matrix]:
        tensor, full = module, f"{path}.{name}".lstrip(".")
        for part in name.split("."):
            tensor = getattr(tensor, part)
        if isinstance(tensor, torch.Tensor) and tensor.is_floating_point():
            yield Matrix(full, reach(model, full), tensor, arrange, **rest)

    if isinstance(module, nn.modules.conv._ConvNd):
        yield from matrix("weight", **_convolution(module))
    elif isinstance(module, nn.MultiheadAttention):
        yield from _attention(module, matrix)
    elif isinstance(module, (nn.Linear, nn.Embedding, nn.EmbeddingBag)) or _transposed(module):
        yield from matrix("weight", np.transpose if isinstance(module, nn.Linear) else np.asarray)
    elif kind(module) == "other":
        for name in [name for name, p in module.named_parameters(recurse=False) if p.ndim > 1]:
            yield from matrix(name, _flat)


def _attention(module: nn.MultiheadAttention, matrix: Callable[..., Iterator[Matrix]]) -> Iterator[Matrix]:
    if module.in_proj_weight is None:
        for name in ("q_proj_weight", "k_proj_weight", "v_proj_weight"):
            yield from matrix(name, np.transpose)
    else:
        width = module.embed_dim
        for k, part in enumerate("qkv"):
            at = slice(k * width, (k + 1) * width)
            for whole in matrix("in_proj_weight", lambda a, at=at: a[at].T, drawn=(width, 3 * width)):
                text = f"{whole.expression}[{at.start}:{at.stop}]"
                yield Matrix(f"{whole.name}.{part}", text, whole.tensor, whole.arrange, drawn=whole.drawn)
    yield from matrix("out_proj.weight", np.transpose)


def _convolution(module: nn.modules.conv._ConvNd) -> dict[str, Any]:
    """합성곱의 (늘어놓는 함수, groups, torch가 센 fan). 전치 합성곱의 가중치는 (입력, 출력/groups, …)입니다."""
    groups = module.groups
    if not module.transposed:
        return {"arrange": kernel, "groups": groups}

    def arrange(a: Array) -> Array:
        apart = a.reshape(groups, a.shape[0] // groups, *a.shape[1:])
        together = np.moveaxis(apart, 0, 1).reshape(a.shape[0] // groups, groups * a.shape[1], *a.shape[2:])
        return np.moveaxis(together, (0, 1), (-2, -1))

    taps = int(np.prod(module.kernel_size))
    return {
        "arrange": arrange,
        "groups": groups,
        "drawn": (taps * module.out_channels // groups, taps * module.in_channels),
    }


def kernel(a: Array) -> Array:
    """합성곱의 (출력, 입력/groups, …)을 (…, 입력/groups, 출력)으로."""
    return np.moveaxis(a, (0, 1), (-1, -2))


def _flat(a: Array) -> Array:
    return a.reshape(len(a), -1).T


def _transposed(module: nn.Module) -> bool:
    """transformers의 Conv1D: 가중치가 (입력, 출력)인 Linear."""
    return type(module).__name__ == "Conv1D" and hasattr(module, "nf")


def multiplied(
    name: str, args: Sequence[Any], kwargs: Mapping[str, Any], names: Mapping[int, str], model: nn.Module
) -> tuple[str, Any, int, Matrix] | None:
    """함수가 모델의 파라미터를 바로 곱하면 (종류, 입력, 유닛의 축, 행렬). names는 파라미터의 id → 이름."""
    if name not in PRODUCTS:
        return None
    sort, left, right = PRODUCTS[name]
    weight = args[right] if len(args) > right else kwargs.get("weight", kwargs.get("other", kwargs.get("mat2")))
    x = args[left] if len(args) > left else kwargs.get("input")
    if not isinstance(weight, torch.Tensor):
        return None
    owner = weight if id(weight) in names else weight._base
    path = names.get(id(owner))
    if owner is None or path is None or owner.numel() != weight.numel() or (sort == "dense" and owner.ndim != 2):
        return None
    # 전치한 것(w.T)인지는 발걸음으로 압니다: 정사각 행렬은 모양으로 가릴 수 없습니다.
    flipped = sort == "dense" and (weight.stride() != owner.stride()) != (name == "linear")
    arrange = kernel if sort == "convolution" else np.transpose if flipped else np.asarray
    groups = args[6] if sort == "convolution" and len(args) > 6 else kwargs.get("groups", 1)
    axis = 1 - weight.ndim if sort == "convolution" else -1
    return sort, x, axis, Matrix(path, reach(model, path), owner, arrange, groups=groups)
