"""Keras 3의 모델(JAX, PyTorch, TensorFlow): 입력과 손실을 갖추어 한 번 흘리고 되돌립니다.

변수를 고치지 않는 StatelessScope 안에서 흘리므로 이동 평균과 드롭아웃의 시드는 그대로입니다.
"""

import inspect
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import keras
import numpy as np

from ...checks import refuse
from ..losses import top
from ..recording import Array, Recording
from .keras_watch import Watch, words


def record(recording: Recording, model: Any, x: Any, labels: Any, loss: Any, rng: np.random.Generator) -> None:
    """모델을 fit에서처럼(training=True) 흘리고 되돌립니다. 아직 짓지 않은 층은 먼저 한 번 불러 짓습니다."""
    tools = import_module(f"{__package__}.keras_{keras.backend.backend()}")
    args, kwargs = _arguments(model, x)
    labels = None if labels is None else _labels(tools, labels)
    with _random_state():
        _build(model, args, kwargs)
        watch = Watch(recording, model, tools, _loss_scale(model))
        recording.receive([tools.to_numpy(tensor) for tensor in keras.tree.flatten((args, kwargs))], labels)
        variables = model.trainable_variables
        training = {"training": True} if model._call_has_training_arg else {}

        def forward(values: Sequence[Any]) -> Any:
            with keras.StatelessScope(state_mapping=list(zip(variables, values))), watch:
                outputs = _head(watch.run(*args, **kwargs, **training))
            tools.see(outputs, lambda array: setattr(recording, "outputs", array))
            return outputs if loss is None else _own_loss(loss, outputs, labels)

        def signal(outputs: Array) -> Array:
            if loss is not None:
                recording.loss = float(outputs)
                return np.full(outputs.shape, watch.scale)
            recording.loss, recording.expected_loss, delta = top(outputs, labels, rng, recording.ending)
            return delta * watch.scale

        gradients = tools.pull(forward, [variable.value for variable in variables], signal)
    watch.learn({id(v): tools.to_numpy(g) for v, g in zip(variables, gradients) if g is not None})


def _build(model: Any, args: list[Any], kwargs: dict[str, Any]) -> None:
    if not all(layer.built for layer in model._flatten_layers()):
        try:
            model(*args, **kwargs)
        except Exception as error:
            raise ValueError(f"x로 모델을 짓지 못했습니다. {words(error)}") from error


def _arguments(model: Any, x: Any) -> tuple[list[Any], dict[str, Any]]:
    """모델을 부를 인자. 입력이 여럿이면, 여럿을 따로 받는 call에는 따로, 아니면 fit처럼 하나로 묶어 넘깁니다."""
    parameters = inspect.signature(model.call).parameters.values()
    names = [p.name for p in parameters if p.name not in ("training", "mask") and p.kind is not p.VAR_KEYWORD]
    if isinstance(x, dict):
        named = {name: _tensor(model, array) for name, array in x.items()}
        return ([], named) if set(named) <= set(names) else ([named], {})
    if isinstance(x, (list, tuple)) and not all(np.isscalar(item) for item in x):
        tensors = [_tensor(model, array) for array in x]
        many = len(names) >= len(tensors) or any(p.kind is p.VAR_POSITIONAL for p in parameters)
        return (tensors if many else [tensors]), {}
    return [_tensor(model, x)], {}


def _tensor(model: Any, array: Any) -> Any:
    if keras.ops.is_tensor(array):
        return array
    array = np.asarray(array)
    if array.dtype.kind not in "fiub" or not array.size:
        refuse("x", "수가 든 배열이나 텐서, 그것의 튜플이나 사전", array, TypeError)
    return keras.ops.convert_to_tensor(array, dtype=model.variable_dtype if array.dtype.kind == "f" else None)


def _labels(tools: Any, labels: Any) -> Array:
    """정수 레이블은 Keras의 자료처럼 (N, 1)이어도 받습니다."""
    array = tools.to_numpy(labels) if keras.ops.is_tensor(labels) else np.asarray(labels)
    return array[:, 0] if array.dtype.kind in "iu" and array.ndim == 2 and array.shape[1] == 1 else array


@contextmanager
def _random_state() -> Iterator[None]:
    """모델이 NumPy나 파이썬의 난수를 썼어도 되돌립니다."""
    python, legacy = random.getstate(), np.random.get_state()  # noqa: NPY002
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(legacy)  # noqa: NPY002


def _head(outputs: Any) -> Any:
    """손실을 셀 출력 하나."""
    if hasattr(outputs, "logits"):
        return outputs.logits
    if isinstance(outputs, dict):
        return outputs["logits"] if "logits" in outputs else _head(next(iter(outputs.values())))
    if isinstance(outputs, (list, tuple)) and outputs:
        return _head(outputs[0])
    if not keras.ops.is_tensor(outputs):
        refuse("model", "텐서(나 그것의 목록, 사전)를 내는 모델", outputs, TypeError)
    return outputs


def _own_loss(loss: Any, outputs: Any, labels: Array | None) -> Any:
    """keras.losses의 것은 Keras의 차례(정답, 출력)로 부릅니다."""
    true = None if labels is None else keras.ops.convert_to_tensor(labels)
    value = loss(true, outputs) if isinstance(loss, keras.losses.Loss) else loss(outputs, true)
    if not keras.ops.is_tensor(value) or value.shape != ():
        refuse("loss", "loss(출력, labels)가 스칼라를 내는 함수", value, TypeError)
    return value


def _loss_scale(model: Any) -> float:
    """float16으로 학습할 때 손실에 미리 곱하는 수. 컴파일하지 않은 모델에는 없습니다."""
    optimizer: Any = getattr(model, "optimizer", None)
    return float(optimizer.initial_scale) if isinstance(optimizer, keras.optimizers.LossScaleOptimizer) else 1.0
