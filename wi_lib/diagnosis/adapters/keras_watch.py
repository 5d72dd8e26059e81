"""Keras의 층마다 `call`을 잠시 감싸, 지나가는 값을 적습니다. 감싼 것은 오류가 나도 되돌립니다.

활성화 함수는 층의 인자이든, 층이든, 함수이든 Keras의 backend.nn(tanh는 backend.numpy)을 지나므로 그곳에서 봅니다.
"""

import re
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import wraps
from typing import Any

import keras
import numpy as np
from keras.src.backend import nn
from keras.src.backend import numpy as elementwise

from ..recording import Array, Layer, Recording
from .keras_layers import Place, places

ACTIVATIONS = (
    *("relu", "relu6", "leaky_relu", "elu", "selu", "celu", "gelu", "silu", "hard_silu", "hard_tanh"),
    *("sigmoid", "hard_sigmoid", "log_sigmoid", "softplus", "softsign", "softmax"),
)


def words(error: Exception) -> str:
    """오류의 까닭. Keras는 그 문장을 굵게 적는 기호로 감쌉니다."""
    return f"까닭: {type(error).__name__}: " + re.sub(r"\x1b\[[01]m", "", str(error))


@dataclass
class Inner:
    """층의 안에서 부른 활성화 함수. 그 값이 곧 층의 출력이면(last) 들어간 것이 '활성화 함수 앞'입니다."""

    name: str
    before: Any = None
    after: Any = None
    last: bool = False


class Watch:
    """흘리는 동안만 모델을 감쌉니다(with).

    - `scale`: 손실에 미리 곱해 둔 수. 되돌아온 기울기를 이것으로 나눕니다.
    - `stack`: 지금 흐르고 있는 층. 오류가 나면 마지막 것이 멈춘 층입니다.
    - `origins`: 텐서마다 그것을 내보낸 층과 그 차례. 활성화 함수가 어느 층의 것인지 압니다.
    - `silent`: 활성화 함수를 보지 않는 곳(순환층과 PReLU의 안)인지.
    """

    def __init__(self, recording: Recording, model: Any, tools: Any, scale: float) -> None:
        self.recording, self.model, self.tools, self.scale = recording, model, tools, scale
        self.places = list(places(model))
        self.measured = [part for place in self.places for part in (place, place.reverse) if part is not None]
        self.values = {id(m.variable): m.variable.value for place in self.measured for m in place.matrices}
        self.trainable = {id(variable) for variable in model.trainable_variables}
        self.stack: list[Place] = []
        self.origins: dict[int, tuple[Any, int, Place]] = {}
        self.inner: dict[int, Inner] = {}
        self.silent, self.steps = False, 0
        self.undo = ExitStack()

    def run(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return self.model(*args, **kwargs)
        except Exception as error:
            place = self.stack[-1] if self.stack else self.places[0]
            at = f"오류가 난 층: {place.name}({type(place.layer).__name__})"
            raise ValueError(f"모델을 흘리지 못했습니다. {at}. {words(error)}") from error

    def learn(self, gradients: dict[int, Array]) -> None:
        """변수마다의 기울기를 적습니다."""
        for place in self.measured:
            for matrix in place.matrices:
                if place.name in self.recording.named and id(matrix.variable) in gradients:
                    g, w = gradients[id(matrix.variable)], self.tools.to_numpy(self.values[id(matrix.variable)])
                    self._layer(place).gradient(matrix.name, matrix.view(self._unscaled(g)), matrix.view(w))

    def __enter__(self) -> None:
        for place in self.places:
            self._replace(place.layer, "call", self._called(place, place.layer.call))
            # GPU에서는 Bidirectional이 안의 두 층을 부르지 않고 cuDNN으로 한꺼번에 계산합니다.
            if place.opaque and hasattr(place.layer, "use_cudnn"):
                self._replace(place.layer, "use_cudnn", False)
        # 옛 판의 Keras에 없는 것은 지나칩니다.
        for name in filter(lambda name: hasattr(nn, name), ACTIVATIONS):
            self._replace(nn, name, self._active(name, getattr(nn, name)))
        self._replace(elementwise, "tanh", self._active("tanh", elementwise.tanh))

    def __exit__(self, *_: object) -> None:
        self.undo.close()
        self.origins.clear()
        self.inner.clear()

    def _replace(self, owner: Any, name: str, new: Any) -> None:
        """속성을 바꾸고, 되돌릴 것을 적어 둡니다. Keras가 속성을 좇지 않도록 __dict__에 바로 씁니다."""
        attributes = vars(owner)
        if name in attributes:
            self.undo.callback(attributes.__setitem__, name, attributes[name])
        else:
            self.undo.callback(attributes.pop, name)
        attributes[name] = new

    def _called(self, usual: Place, call: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(call)
        def watched(*args: Any, **kwargs: Any) -> Any:
            turned = kwargs.get("reverse") or any(arg is True for arg in args[1:])
            place = (usual.reverse if turned else None) or usual
            tensors = [t for t in keras.tree.flatten((args, kwargs)) if keras.ops.is_tensor(t)]
            self.stack.append(place)
            if place.recorded and tensors:
                self._enter(place, tensors[0])
            before, silent = self.steps, self.silent
            self.silent = silent or place.opaque or place.activation is not None
            y = call(*args, **kwargs)
            self.silent = silent
            y = self._leave(place, y) if place.recorded else self._pass(place, tensors, y, self.steps > before)
            self.stack.pop()
            return y

        return watched

    def _enter(self, place: Place, x: Any) -> None:
        if place.name not in self.recording.named:
            for m in place.matrices:
                array = m.view(self.tools.to_numpy(self.values[id(m.variable)]))
                trainable = id(m.variable) in self.trainable
                self._layer(place).weight(
                    m.name, array, m.expression, groups=m.groups, trainable=trainable, drawn=m.drawn
                )
        layer = self._layer(place)
        self.tools.see(x, lambda array: layer.enter(place.entering(array), place.units))

    def _leave(self, place: Place, y: Any) -> Any:
        """적는 층의 출력. 층의 인자인 활성화 함수가 있었으면 그 앞이 '나간 것'입니다."""
        flat = keras.tree.flatten(y)
        inner = self.inner.pop(id(place), None)
        layer, place.rank = self._layer(place), len(flat[0].shape)
        if inner is not None and inner.after is flat[0]:
            inner.last = True
            self.tools.see(inner.before, lambda array: layer.leave(place.leaving(array), place.units))
            self._activate(place, inner.name, inner.after)
        else:
            self.tools.see(flat[0], lambda array: layer.leave(place.leaving(array), place.units))
            flat[0] = self.tools.tap(flat[0], lambda array: self._delta(place, array))
        self.steps += 1
        self.origins[id(flat[0])] = flat[0], self.steps, place
        return keras.tree.pack_sequence_as(y, flat)

    def _pass(self, place: Place, tensors: Sequence[Any], y: Any, composed: bool) -> Any:
        """행렬이 없는 층의 출력은, 들어온 것을 내보낸 층(여럿이면 마지막)의 것입니다."""
        out = keras.tree.flatten(y)[0]
        known = [self.origins[id(t)] for t in tensors if id(t) in self.origins]
        if place.activation and known:
            self._activate(known[0][2], place.activation, out)
        if known and not composed and id(out) not in self.origins:
            _, step, origin = max(known, key=lambda found: found[1])
            self.origins[id(out)] = out, step, origin
        return y

    def _active(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def watched(x: Any, *args: Any, **kwargs: Any) -> Any:
            if self.silent or not self.stack or not keras.ops.is_tensor(x):
                return function(x, *args, **kwargs)
            place, known = self.stack[-1], self.origins.get(id(x))
            inner = Inner(name) if known is None and place.recorded else None
            if inner is not None:
                x = self.tools.tap(x, lambda array: self._delta(place, array) if inner.last else None)
            self.silent = True
            a = function(x, *args, **kwargs)
            self.silent = False
            if inner is not None:
                inner.before, inner.after = x, a
                self.inner[id(place)] = inner
            elif self.origins and name != "softmax":
                origin = known or max(self.origins.values(), key=lambda found: found[1])
                self._activate(origin[2], name, a)
                self.origins[id(a)] = a, origin[1], origin[2]
            return a

        return watched

    def _activate(self, place: Place, name: str, a: Any) -> None:
        layer, same = self._layer(place), len(a.shape) == place.rank
        if same:
            self.tools.see(a, lambda array: layer.activate(name, place.leaving(array), place.units))
        else:
            self.tools.see(a, lambda array: layer.activate(name, array))

    def _delta(self, place: Place, delta: Array) -> None:
        self._layer(place).delta(place.leaving(self._unscaled(delta)), place.units)

    def _unscaled(self, array: Array) -> Array:
        return array if self.scale == 1 else array.astype(np.float32) / self.scale

    def _layer(self, place: Place) -> Layer:
        return self.recording.layer(place.name, place.kind, type(place.layer).__name__)
