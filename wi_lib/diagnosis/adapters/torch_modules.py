"""`torch.nn.Module`: 층마다 훅을 걸어 한 번 흘리고 되돌리며 적습니다.

행렬을 지닌 모듈에는 훅을 걸고, 함수로 부르는 것(F.relu, x @ w)은 TorchFunctionMode로 봅니다. δ는 텐서의 훅으로 받고,
활성화값은 지나가는 대로 더할 뿐 남기지 않습니다.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from ...checks import refuse
from ..losses import top
from ..recording import Layer, Recording
from .torch_inputs import asked, check_model, first, inputs, logits, target, where, words
from .torch_state import untouched
from .torch_weights import Matrix, kind, matrices, multiplied, numpy, units

# torch의 함수 이름이 곧 활성화 함수의 이름입니다(제자리 판은 끝에 _가 붙습니다).
ACTIVATIONS = {
    *("relu", "relu6", "leaky_relu", "prelu", "rrelu", "elu", "selu", "celu", "gelu", "silu", "mish", "hardswish"),
    *("tanh", "sigmoid", "hardtanh", "hardsigmoid", "softplus", "softsign", "logsigmoid"),
}
# 여러 연산으로 손수 쓴 것: 안의 tanh나 sigmoid를 활성화 함수로 읽으면 안 됩니다.
WRITTEN = {"gelu": "gelu", "silu": "silu", "swish": "silu", "mish": "mish"}


def record(recording: Recording, model: nn.Module, x: Any, labels: Any, loss: Any, rng: np.random.Generator) -> None:
    """모델을 학습할 때처럼 흘리고 되돌립니다. 모델은 받은 그대로 돌려줍니다."""
    check_model(model)
    args, kwargs = inputs(model, x)
    truth = target(model, labels)
    arrays = [numpy(t) for t in (*args, *kwargs.values()) if isinstance(t, torch.Tensor)]
    recording.receive(arrays, numpy(truth) if isinstance(truth, torch.Tensor) else None)
    # torch.compile한 모델의 층은 그 안의 것이 부르는 이름으로 부릅니다.
    root = getattr(model, "_orig_mod", model)
    with untouched(root):
        watch = Watch(recording, model, root)
        try:
            with watch:
                outputs = root(*args, **kwargs)
        except Exception as error:
            several = f"(x로 넘긴 입력 {count}개)" if (count := len(args) + len(kwargs)) > 1 else ""
            raise ValueError(f"모델을 흘리지 못했습니다{several}. {where(root, error)}{words(error)}") from error
        finally:
            watch.detach()
        try:
            _backward(recording, watch, outputs, truth, loss, rng)
        finally:
            watch.release()


def _backward(
    recording: Recording, watch: "Watch", outputs: Any, truth: Any, loss: Any, rng: np.random.Generator
) -> None:
    known, answer = recording.labels, logits(outputs)
    # 화소마다 답하는 망의 클래스는 채널의 축에 있습니다.
    if known is not None and known.ndim == answer.ndim - 1 > 1 and known.shape != answer.shape[:-1]:
        answer = answer.movedim(1, -1)
    recording.outputs = numpy(answer)
    sent, signal = answer, None
    if loss is None:
        if truth is not None and known is None:
            refuse("labels", "배열이나 텐서 하나(여럿을 묶은 것은 loss=와 함께)", truth, TypeError)
        recording.loss, recording.expected_loss, cotangent = top(recording.outputs, known, rng, recording.ending)
        signal = torch.as_tensor(cotangent, dtype=answer.dtype, device=answer.device)
    else:
        sent = asked(loss, outputs, truth)
        recording.loss = float(sent.detach())
    wanted = watch.trainable()
    if not sent.requires_grad or not wanted:
        return
    try:
        gradients = torch.autograd.grad(sent, wanted, signal, allow_unused=True)
    except RuntimeError as error:
        raise ValueError(f"기울기를 되돌리지 못했습니다. {words(error)}") from error
    watch.learn({id(t): g for t, g in zip(wanted, gradients) if g is not None})


@dataclass
class _Call:
    """불리고 있는 층."""

    layer: Layer
    units: int
    left: bool = False


class Watch(TorchFunctionMode):
    """흘리는 동안 층과 활성화 함수를 봅니다. 켜져 있으면 torch의 어텐션이 층을 건너뛰는 지름길로 가지 않습니다."""

    def __init__(self, recording: Recording, model: nn.Module, root: nn.Module) -> None:
        super().__init__()
        self.recording, self.model, self.root = recording, model, root
        self.parameters = {id(p): name for name, p in root.named_parameters() if p.ndim > 1}
        self.matrices: dict[tuple[str, str], tuple[Layer, str, Matrix]] = {}
        self.calls: list[_Call] = []
        self.last: tuple[Layer, int, int] | None = None
        self.silent = 0
        self.hooks: list[Any] = []
        self.signals: list[Any] = []
        for name, module in root.named_modules():
            self._attach(name, module)

    def _attach(self, name: str, module: nn.Module) -> None:
        if (sort := kind(module)) is not None:
            self.hooks += [
                module.register_forward_pre_hook(self._entering(name, sort), with_kwargs=True),
                module.register_forward_hook(lambda module, args, y: self._leave(self.calls.pop(), y)),
            ]
        elif (written := _written(module)) is not None:
            self.hooks += [
                module.register_forward_pre_hook(self._hush),
                module.register_forward_hook(lambda module, args, a: self._spoken(written, a)),
            ]

    def _hush(self, module: nn.Module, args: Any) -> None:
        self.silent += 1

    def _spoken(self, written: str, a: torch.Tensor) -> None:
        self.silent -= 1
        self._activated(written, a)

    def _entering(self, name: str, sort: str) -> Any:
        def enter(module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
            layer = self.recording.layer(name, sort, type(module).__name__)
            self._weigh(layer, matrices(self.model, name, module))
            self._enter(layer, first((args, kwargs)), units(module))
            self.calls.append(_Call(layer, units(module)))

        return enter

    def _weigh(self, layer: Layer, found: Any) -> None:
        for matrix in found:
            name = self._name(matrix)
            layer.weight(
                name,
                matrix.arrange(numpy(matrix.tensor)),
                matrix.expression,
                groups=matrix.groups,
                trainable=matrix.tensor.requires_grad,
                drawn=matrix.drawn,
            )
            self.matrices.setdefault((layer.name, name), (layer, name, matrix))

    def _name(self, matrix: Matrix) -> str:
        """여러 층이 나누어 쓰는 파라미터는 어느 층에서나 처음의 이름으로 부릅니다. 그래야 같은 행렬인 줄 압니다."""
        first_name = self.parameters.get(id(matrix.tensor), matrix.name)
        return matrix.name if matrix.name.startswith(first_name) else first_name

    def _enter(self, layer: Layer, x: Any, axis: int) -> None:
        if isinstance(x, torch.Tensor) and x.is_floating_point():
            layer.enter(numpy(x), axis)

    def _leave(self, call: _Call, output: Any) -> None:
        y = first(output)
        if call.left or y is None or not y.is_floating_point():
            return
        call.left = True
        layer, axis = call.layer, call.units
        layer.leave(numpy(y), axis)
        self.last = layer, axis, y.ndim
        if y.requires_grad:
            self.signals.append(y.register_hook(lambda d: layer.delta(numpy(d), axis)))

    def _activated(self, name: str, a: torch.Tensor) -> None:
        """나온 뒤 처음 지나는 활성화 함수만 그 층의 것입니다."""
        if self.last is not None:
            layer, axis, ndim = self.last
            layer.activate(name, numpy(a), axis if a.ndim == ndim else -1)
            self.last = None

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        name = getattr(func, "__name__", "")
        activation = _activation(name, args, kwargs)
        if activation in ACTIVATIONS and not self.silent:
            # 활성화 함수까지 지닌 층(timm의 BatchNormAct2d 등)은 그 앞에서 나간 것으로 봅니다.
            if self.calls:
                self._leave(self.calls[-1], args)
            a = func(*args, **kwargs)
            self._activated(activation, a)
            return a
        found = None if self.calls else multiplied(name, args, kwargs, self.parameters, self.model)
        if found is None:
            return func(*args, **kwargs)
        sort, x, axis, matrix = found
        layer = self.recording.layer(*self._owner(matrix.name, sort))
        self._weigh(layer, [matrix])
        self._enter(layer, x, axis)
        y = func(*args, **kwargs)
        self._leave(_Call(layer, axis), y)
        return y

    def _owner(self, path: str, sort: str) -> tuple[str, str, str]:
        """모듈을 부르지 않고 그 행렬만 쓴 층의 (이름, 종류, 라벨). 같은 종류의 모듈이 지닌 것이면 그 모듈입니다."""
        module = self.root.get_submodule(owner := path.rpartition(".")[0])
        return (owner, sort, type(module).__name__) if kind(module) == sort else (path, sort, "Parameter")

    def trainable(self) -> list[torch.Tensor]:
        tensors = {id(matrix.tensor): matrix.tensor for _, _, matrix in self.matrices.values()}
        return [t for t in tensors.values() if t.requires_grad]

    def learn(self, gradients: Mapping[int, torch.Tensor]) -> None:
        for layer, name, matrix in self.matrices.values():
            if (g := gradients.get(id(matrix.tensor))) is not None:
                w = numpy(matrix.tensor)
                layer.gradient(name, matrix.arrange(numpy(g)), matrix.arrange(w))

    def detach(self) -> None:
        """모듈의 훅을 거둡니다. 체크포인트가 되돌리며 다시 흘리는 것은 세지 않습니다."""
        for hook in self.hooks:
            hook.remove()

    def release(self) -> None:
        for signal in self.signals:
            signal.remove()


def _activation(name: str, args: Any, kwargs: Mapping[str, Any]) -> str:
    """활성화 함수의 이름. 0에서 자르는 clamp와 hardtanh는 ReLU입니다."""
    name = name.removesuffix("_")
    if name not in ("clamp", "clamp_min", "clip", "hardtanh"):
        return name
    low = args[1] if len(args) > 1 else kwargs.get("min", kwargs.get("min_val"))
    high = args[2] if len(args) > 2 else kwargs.get("max", kwargs.get("max_val"))
    return name if isinstance(low, torch.Tensor) or low != 0 else "relu" if high is None else "relu6"


def _written(module: nn.Module) -> str | None:
    """파라미터 없는 잎인 활성화 함수의 이름. torch의 것은 함수로 보이므로 뺍니다."""
    cls = type(module)
    if module._modules or module._parameters or cls.__module__.startswith("torch.nn"):
        return None
    return next((name for part, name in WRITTEN.items() if part in cls.__name__.lower()), None)
