"""TensorFlow 위의 Keras에서 값을 들여다보고 되돌리기."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from ..recording import Array

Look = Callable[[Array], None]


def to_numpy(tensor: Any) -> Array:
    # 임베딩의 기울기는 쓰인 줄만 모은 IndexedSlices입니다.
    array = np.asarray(tf.convert_to_tensor(tensor))
    return array.astype(np.float32) if array.dtype.name == "bfloat16" else array


def see(tensor: Any, look: Look) -> None:
    """값을 보여 줍니다. tf.function 안이어서 아직 값이 없는 것은 보지 못합니다."""
    if hasattr(tensor, "numpy"):
        look(to_numpy(tensor))


def tap(tensor: Any, look: Look) -> Any:
    """그대로 흘리되, 되돌아오는 기울기를 보여 줍니다."""

    @tf.custom_gradient
    def identity(x: Any) -> Any:
        def back(delta: Any) -> Any:
            see(delta, look)
            return delta

        return tf.identity(x), back

    return identity(tensor)


def pull(
    forward: Callable[[Sequence[Any]], Any], weights: Sequence[Any], top: Callable[[Array], Array]
) -> list[Any | None]:
    """가중치로 흘린 출력을 top에 보이고, 받은 신호를 되돌려 가중치마다의 기울기를 셉니다."""
    leaves = [tf.convert_to_tensor(weight) for weight in weights]
    with tf.GradientTape() as tape:
        tape.watch(leaves)
        outputs = forward(leaves)
    signal = tf.convert_to_tensor(top(to_numpy(outputs)), outputs.dtype)
    return list(tape.gradient(outputs, leaves, signal))
