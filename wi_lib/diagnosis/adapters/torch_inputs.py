"""torch의 모델에 넣을 것과 나온 것: 입력, 레이블, 로짓, 그리고 오류의 말."""

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any

import numpy as np
import torch
from torch import nn

from ...checks import refuse


def check_model(model: nn.Module) -> None:
    """층마다 볼 수 있고 모양이 정해진 모델인지."""
    if isinstance(model, torch.jit.ScriptModule):
        refuse("model", "torch.jit로 굳히기 전의 torch.nn.Module", type(model).__name__, TypeError)
    for name, parameter in model.named_parameters():
        if isinstance(parameter, nn.parameter.UninitializedParameter):
            allowed = "모양이 정해진 모델(게으른 층은 model(x)를 한 번 불러야 모양이 정해집니다)"
            refuse("model", allowed, f"모양을 모르는 {name}")
        if parameter.is_meta:
            refuse(
                "model", "가중치가 있는 모델(meta 장치의 것은 to_empty로 옮기고 초기화해야 합니다)", f"값이 없는 {name}"
            )


def inputs(model: nn.Module, x: Any) -> tuple[list[Any], dict[str, Any]]:
    """(차례로 줄 것, 이름으로 줄 것). 모델이 제자리에서 고칠 수 있으므로 베껴 줍니다."""
    if isinstance(x, Mapping):
        return [], {name: _tensor(model, value) for name, value in x.items()}
    # PackedSequence도 튜플이지만 입력 하나입니다.
    several = isinstance(x, (tuple, list)) and not isinstance(x, nn.utils.rnn.PackedSequence)
    # 수의 목록과, 그 목록의 목록은 배열 하나입니다.
    together = several and not np.isscalar(x[0] if len(x) else 0.0) and not isinstance(x[0], list)
    return [_tensor(model, value) for value in (x if together else [x])], {}


def target(model: nn.Module, labels: Any) -> Any:
    """레이블의 텐서. 여럿을 묶은 튜플이나 사전은 묶은 채로 `loss`에 갑니다."""
    if labels is None or isinstance(labels, str):
        return labels
    if isinstance(labels, Mapping):
        return {name: target(model, value) for name, value in labels.items()}
    if isinstance(labels, (tuple, list)) and any(isinstance(part, Mapping) or np.ndim(part) for part in labels):
        return tuple(target(model, part) for part in labels)
    tensor = _tensor(model, labels if isinstance(labels, (torch.Tensor, list)) else np.asarray(labels), "labels")
    return tensor.long() if isinstance(tensor, torch.Tensor) and tensor.dtype == torch.bool else tensor


def _tensor(model: nn.Module, value: Any, name: str = "x") -> Any:
    """배열은 모델의 장치와 실수형으로 옮기고, 텐서는 장치만 옮깁니다."""
    first = next((p for p in model.parameters() if p.is_floating_point()), torch.empty(0))
    if isinstance(value, torch.Tensor):
        # no_grad나 inference_mode에서 만든 텐서도 베끼면 기울기를 되돌릴 수 있습니다.
        with torch.inference_mode(False):
            return value.detach().to(first.device, copy=True)
    if isinstance(value, list) or hasattr(value, "__array__"):  # pandas의 표도 배열이 됩니다.
        try:
            array = np.asarray(value)
        except ValueError:
            refuse(name, "길이가 고른 수의 목록", value)
        if array.dtype.kind not in "biuf":
            refuse(name, "수로 된 배열이나 텐서", value, TypeError)
        with torch.inference_mode(False):
            tensor = torch.tensor(array, device=first.device)
            return tensor.to(first.dtype) if tensor.is_floating_point() else tensor
    return value


def first(value: Any) -> torch.Tensor | None:
    """겹겹이 든 값에서 처음 나오는 텐서."""
    if isinstance(value, torch.Tensor):
        return value
    parts: Sequence[Any] = ()
    if isinstance(value, Mapping):
        parts = list(value.values())
    elif isinstance(value, (tuple, list)):
        parts = value
    return next((found for part in parts if (found := first(part)) is not None), None)


def logits(outputs: Any) -> torch.Tensor:
    """모델의 출력에서 손실을 셀 텐서 하나."""
    found = getattr(outputs, "logits", None)
    if found is None and isinstance(outputs, Mapping):
        found = outputs.get("logits")
    tensor = first(outputs if found is None else found)
    if tensor is None or not tensor.is_floating_point():
        allowed = "출력이 실수 텐서이거나, logits나 첫 자리가 실수 텐서인 모델"
        refuse("model", allowed, f"출력 {type(outputs).__name__}", TypeError)
    return tensor


def asked(loss: Any, outputs: Any, target: Any) -> torch.Tensor:
    """loss(출력, labels). 스칼라 텐서여야 합니다."""
    try:
        value = loss(outputs, target)
    except Exception as error:
        raise ValueError(f"`loss`가 모델의 출력을 받지 못했습니다. {words(error)}") from error
    if not isinstance(value, torch.Tensor) or value.numel() != 1:
        refuse("loss", "스칼라 텐서를 돌려주는 함수 loss(출력, labels)", value, TypeError)
    return value.reshape(())


def where(model: nn.Module, error: BaseException) -> str:
    """오류가 난 가장 안쪽 층의 이름을 말하는 문장."""
    names = {id(module): name for name, module in model.named_modules()}
    found, trace = "", error.__traceback__
    while isinstance(trace, TracebackType):
        module = trace.tb_frame.f_locals.get("self")
        if names.get(id(module)):
            found = f"오류가 난 층: {names[id(module)]}({type(module).__name__}). "
        trace = trace.tb_next
    return found


def words(error: BaseException) -> str:
    return f"까닭: {type(error).__name__}: {error}"
