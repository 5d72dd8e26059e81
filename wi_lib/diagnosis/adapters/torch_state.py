"""torch의 모델을 받은 그대로 되돌리기: 모드, 버퍼, 속성, 난수의 상태, 그리고 재는 동안의 환경."""

import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import numpy as np
import torch
import torch.utils.checkpoint
from torch import nn
from torch.nn.utils import parametrize


@contextmanager
def untouched(model: nn.Module) -> Iterator[None]:
    """안에서 모델을 학습 모드로 재고, 나올 때 받은 그대로 되돌립니다. 오류가 나도 그렇습니다."""
    was_training = model.training
    with (
        _random(model),
        _modules(model),
        _eager(),
        _direct_checkpoints(),
        torch.inference_mode(False),
        torch.enable_grad(),
        parametrize.cached(),
    ):
        # eval인 모델에서만 부릅니다: 학습 모드인 모델에는 쓰는 사람이 일부러 eval에 둔 층이 있을 수 있습니다.
        if not was_training:
            model.train()
        try:
            yield
        finally:
            if not was_training:
                model.eval()


@contextmanager
def _modules(model: nn.Module) -> Iterator[None]:
    """모듈마다의 속성(training, 세는 수, 붙여 둔 텐서)과 버퍼."""
    kept = [(module, dict(vars(module)), dict(module._buffers)) for module in model.modules()]
    copies = [(b, b.clone()) for _, _, buffers in kept for b in buffers.values() if b is not None]
    trainable = [(p, p.requires_grad, p.grad) for p in model.parameters()]
    try:
        yield
    finally:
        for module, attributes, buffers in kept:
            for name in set(vars(module)) - set(attributes):
                del vars(module)[name]
            vars(module).update(attributes)
            module._buffers.clear()
            module._buffers.update(buffers)
        with torch.no_grad():
            for buffer, copy in copies:
                if not torch.equal(buffer, copy):
                    buffer.copy_(copy)
        for parameter, flag, grad in trainable:
            parameter.requires_grad, parameter.grad = flag, grad


@contextmanager
def _random(model: nn.Module) -> Iterator[None]:
    """torch(모델이 있는 장치까지), NumPy, 파이썬의 난수."""
    devices = {p.device for p in model.parameters()}
    states: list[tuple[Callable[..., Any], Any]] = [
        (torch.set_rng_state, torch.get_rng_state()),
        (random.setstate, random.getstate()),
        (np.random.set_state, np.random.get_state()),  # noqa: NPY002 (모델이 전역의 난수를 쓸 수 있습니다.)
    ]
    if any(device.type == "cuda" for device in devices):
        states.append((torch.cuda.set_rng_state_all, torch.cuda.get_rng_state_all()))
    if any(device.type == "mps" for device in devices):
        states.append((torch.mps.set_rng_state, torch.mps.get_rng_state()))
    try:
        yield
    finally:
        for restore, state in states:
            restore(state)


def _eager() -> Any:
    """torch.compile한 것도 층마다 부릅니다. 컴파일한 적이 없으면 컴파일러를 불러오지 않습니다."""
    return torch.compiler.set_stance("force_eager") if "torch._dynamo" in sys.modules else nullcontext()


class _Direct:
    """체크포인트 없이 그냥 부릅니다."""

    @staticmethod
    def apply(function: Callable[..., Any], preserve: bool, *args: Any) -> Any:
        return function(*args)


@contextmanager
def _direct_checkpoints() -> Iterator[None]:
    """use_reentrant=True인 체크포인트는 기울기 없이 흘리고 autograd.grad를 거절하므로, 재는 동안은 그냥 흘립니다."""
    module: Any = torch.utils.checkpoint
    before = module.CheckpointFunction
    module.CheckpointFunction = _Direct
    try:
        yield
    finally:
        module.CheckpointFunction = before
