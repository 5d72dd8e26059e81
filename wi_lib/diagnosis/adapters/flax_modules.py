"""flax.nnx의 Module: 복사본을 한 번 흘리고 되돌리며 적습니다. 넘겨받은 모델은 읽기만 합니다.

층은 변수를 바로 가진 모듈의 `__call__`에서, 활성화 함수는 jax.nn(= nnx)의 것과 jnp.tanh가 돌려주는 값에서 봅니다.
`jnp.maximum(x, 0)`처럼 풀어 쓴 활성화 함수는 보이지 않고, 다음 층에 들어간 값으로만 드러납니다. `__call__`이 아닌
메서드로 쓴 층과 nnx.bridge로 감싼 Linen의 모듈은 행렬과 그 기울기만 적습니다. nnx.Param이 아닌 변수에 든 커널은
얼린 것입니다. 모델 안에서 순방향 미분(jax.jvp)을 하는 모델은 보지 못합니다.
"""

import inspect
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

from ...checks import refuse
from ..losses import top
from ..recording import Array, Recording
from .flax_layers import Owner, at, owners
from .flax_watch import TAG, Run, Tag, as_numpy, is_array, is_float, is_trainable, watching

# 학습할 때의 값. 모델의 __call__이 받는데 주지 않은 것만 채웁니다.
TRAINING = {"train": True, "training": True, "is_training": True, "deterministic": False}


def record(recording: Recording, model: nnx.Module, x: Any, labels: Any, loss: Any, rng: np.random.Generator) -> None:
    """모델을 학습할 때처럼(드롭아웃을 켜고, 배치의 통계로) 흘리고 되돌립니다."""
    if not isinstance(model, nnx.Module):
        refuse("model", "flax.nnx.Module(linen의 모듈은 nnx.bridge.ToNNX로 감싼 것)", type(model).__name__, TypeError)
    if not callable(model):
        refuse("model", "__call__이 있는 nnx.Module", type(model).__name__, TypeError)
    copy = nnx.clone(model)
    copy.set_attributes(deterministic=False, use_running_average=False, raise_if_not_found=False)
    args, kwargs = _inputs(copy, x)
    arrays = [as_numpy(leaf) for leaf in jax.tree.leaves((args, kwargs)) if is_array(leaf)]
    recording.receive(arrays, None if labels is None else np.asarray(labels))
    run, found = Run(recording), owners(copy)
    for owner in found:
        if _watchable(owner, found):
            setattr(owner.module, TAG, Tag(run, owner))
    with jax.disable_jit():
        gradients = _through(run, copy, found, (args, kwargs), labels, loss, rng)
    _learn(run, found, gradients)


def _watchable(owner: Owner, found: list[Owner]) -> bool:
    """아는 층이거나, 안에 다른 층이 없고 행렬이 있는 층."""
    # 감싼 Linen의 모듈은 제 속성을 모두 변수로 여기므로 표를 달 수 없습니다.
    if isinstance(owner.module, nnx.bridge.ToNNX):
        return False
    size = len(owner.path)
    inner = any(other.path[:size] == owner.path for other in found if other is not owner)
    return owner.known or (not inner and (bool(owner.matrices(owner.module)) or owner.kind(owner.module) == "norm"))


def _through(
    run: Run, copy: nnx.Module, found: list[Owner], inputs: tuple[Any, Any], labels: Any, loss: Any, rng: Any
) -> dict[int, Array]:
    """흘리고 되돌려, {변수의 id: 기울기}를 돌려줍니다."""
    graph, params, rest = nnx.split(copy, lambda path, value: is_trainable(value), ...)

    def forward(params: Any) -> tuple[Any, Any]:
        # copy=True: 변수를 이 안에서 새로 만들어야 이동 평균과 난수의 셈을 고칠 수 있습니다.
        outputs = _called(run, nnx.merge(graph, params, rest, copy=True), *inputs)
        logits = _logits(outputs)
        return (logits if loss is None else _asked(loss, outputs, labels)), logits

    with watching(run, found):
        value, back, logits = jax.vjp(forward, params, has_aux=True)
    recording, delta = run.recording, np.ones(())
    recording.outputs = as_numpy(logits)
    if loss is None:
        recording.loss, recording.expected_loss, delta = top(recording.outputs, recording.labels, rng, recording.ending)
    else:
        recording.loss = float(value)
    with run.returning():
        (gradients,) = back(jnp.asarray(delta, value.dtype))
    return {id(at(copy, path)): as_numpy(leaf[...]) for path, leaf in nnx.to_flat_state(gradients)}


def _called(run: Run, net: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    try:
        return net(*args, **kwargs)
    except Exception as error:
        place = "" if run.failed is None else f"오류가 난 층: {run.failed.name}({type(run.failed.module).__name__}). "
        raise ValueError(f"모델을 흘리지 못했습니다. {place}까닭: {type(error).__name__}: {error}") from error


def _learn(run: Run, found: list[Owner], gradients: dict[int, Array]) -> None:
    """행렬의 기울기를 적습니다. __call__에서 보지 못한 행렬도 기울기가 있으면 쓰인 것이므로 적습니다."""
    seen = {id(owner) for _, _, owner in run.kernels}
    for owner in found:
        slopes = [gradients.get(id(owner.variables[path])) for path in owner.matrices(owner.module)]
        if id(owner) not in seen and any(slope is not None and slope.any() for slope in slopes):
            layer = run.recording.layer(owner.name, owner.kind(owner.module), type(owner.module).__name__)
            for kernel in owner.kernels(owner.module):
                run.add(layer, kernel, owner)
    for layer, kernel, owner in run.kernels:
        variable = owner.variables[kernel.variable]
        if id(variable) in gradients:
            weight = kernel.take(as_numpy(variable[...]))
            layer.gradient(kernel.name, kernel.take(gradients[id(variable)]), weight)


def _inputs(model: nnx.Module, x: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """(차례로 줄 것, 이름으로 줄 것). 배열은 모델의 실수형으로 바꾸고, Rngs는 베껴 줍니다."""
    params = [v for v in jax.tree.leaves(nnx.state(model, nnx.Param)) if is_float(v)]
    dtype = params[0].dtype if params else jnp.float32

    def convert(value: Any) -> Any:
        if isinstance(value, nnx.Rngs):
            return nnx.clone(value)
        if isinstance(value, Mapping):
            return {key: convert(part) for key, part in value.items()}
        if isinstance(value, tuple):
            return tuple(convert(part) for part in value)
        if isinstance(value, (bool, int, float, str, jax.Array)) or value is None or not hasattr(value, "__array__"):
            return value
        array = np.asarray(value)
        return jnp.asarray(array, dtype if array.dtype.kind == "f" else None)

    if isinstance(x, Mapping):
        args, kwargs = (), convert(x)
    else:
        args, kwargs = tuple(map(convert, x if isinstance(x, (tuple, list)) else [x])), {}
    names = list(inspect.signature(model.__call__).parameters)
    training = {k: v for k, v in TRAINING.items() if k in names[len(args) :] and k not in kwargs}
    return args, kwargs | training


def _logits(outputs: Any) -> Any:
    """손실을 셀 배열 하나: 출력, 그 logits, 아니면 처음 나오는 실수 배열."""
    found = getattr(outputs, "logits", None)
    if found is None and isinstance(outputs, Mapping):
        found = outputs.get("logits")
    found = outputs if found is None else found
    logits = found if is_float(found) else next(filter(is_float, jax.tree.leaves(found)), None)
    if logits is None or not logits.ndim:
        got = f"출력 shape={found.shape}, dtype={found.dtype}" if is_array(found) else f"출력 {type(outputs).__name__}"
        refuse("model", "실수 배열을(또는 그것이 든 사전이나 튜플을) 내는 모델", got, TypeError)
    return logits


def _asked(loss: Any, outputs: Any, labels: Any) -> Any:
    """loss(출력, labels). 스칼라여야 합니다."""
    labels = jnp.asarray(labels) if isinstance(labels, np.ndarray) else labels
    try:
        value = loss(outputs, labels)
    except Exception as error:
        raise ValueError(f"`loss`가 모델의 출력을 받지 못했습니다. 까닭: {type(error).__name__}: {error}") from error
    if not is_float(value) or value.size != 1:
        refuse("loss", "실수인 스칼라를 돌려주는 함수 loss(출력, labels)", value, TypeError)
    return value.reshape(())
