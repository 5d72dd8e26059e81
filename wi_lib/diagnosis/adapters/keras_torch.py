"""PyTorch 위의 Keras에서 값을 들여다보고 되돌리기."""

from collections.abc import Callable, Sequence
from typing import Any

import torch

from ..recording import Array

Look = Callable[[Array], None]


def to_numpy(tensor: Any) -> Array:
    tensor = tensor.detach()
    return (tensor.float() if tensor.dtype == torch.bfloat16 else tensor).cpu().numpy()


def see(tensor: Any, look: Look) -> None:
    """값을 보여 줍니다."""
    look(to_numpy(tensor))


def tap(tensor: Any, look: Look) -> Any:
    """그대로 흘리되, 되돌아오는 기울기를 보여 줍니다. 얼린 층뿐이어서 되돌아오지 않는 곳은 그냥 지나갑니다."""
    if tensor.requires_grad:
        tensor.register_hook(lambda delta: look(to_numpy(delta)))
    return tensor


def pull(
    forward: Callable[[Sequence[Any]], Any], weights: Sequence[Any], top: Callable[[Array], Array]
) -> list[Any | None]:
    """가중치로 흘린 출력을 top에 보이고, 받은 신호를 되돌려 가중치마다의 기울기를 셉니다."""
    leaves = [weight.detach().requires_grad_() for weight in weights]
    devices = {leaf.device for leaf in leaves if leaf.is_cuda}
    with torch.random.fork_rng(devices), torch.enable_grad():
        outputs = forward(leaves)
        signal = torch.as_tensor(top(to_numpy(outputs)), dtype=outputs.dtype, device=outputs.device)
        if not outputs.requires_grad:
            return [None] * len(leaves)
        return list(torch.autograd.grad(outputs, leaves, signal, allow_unused=True))
