"""설계도 → Keras의 함수형 모델."""

import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
from keras import layers, ops


def expressible(blueprint):
    """한꺼번에 뽑는 어텐션은 없습니다. 손으로 쓴 것은 여느 완전 연결이라, 그 fan이 옳습니다."""
    return "packed" if blueprint.packed else None


def build(blueprint):
    """(모델, {부품: 층의 이름})."""
    kept = keras.config.dtype_policy()
    keras.config.set_dtype_policy(blueprint.dtype)
    try:
        builder = _Builder(blueprint)
        return builder.model, {part: layer.name for part, layer in builder.made.items()}
    finally:
        keras.config.set_dtype_policy(kept)


def scaled_loss(blueprint):
    """손실 × loss_scale."""
    binary = blueprint.parts[-1].weights[0].shape[1] == 1

    def loss(outputs, labels):
        if binary:
            labels = ops.cast(labels, outputs.dtype)[:, None]
            return ops.mean(ops.binary_crossentropy(labels, outputs, from_logits=True)) * blueprint.loss_scale
        return ops.mean(ops.sparse_categorical_crossentropy(labels, outputs, from_logits=True)) * blueprint.loss_scale

    return loss


class Position(layers.Layer):
    def build(self, shape):
        self.weight = self.add_weight(shape=shape[1:], name="weight")

    def call(self, x):
        return x + self.weight


class _Builder:
    """부품마다 층을 만들어 심볼 텐서에 부르고, 다 이은 뒤에 값을 옮깁니다."""

    def __init__(self, blueprint):
        self.made = {}
        inputs = [keras.Input(x.shape[1:], dtype="int32" if blueprint.text else None) for x in blueprint.inputs]
        outputs = self._chain(blueprint.parts, inputs if len(inputs) > 1 else inputs[0])
        self.model = keras.Model(inputs if len(inputs) > 1 else inputs[0], outputs)
        for part, layer in self.made.items():
            _fill(part, layer)

    def _chain(self, parts, x):
        for part in parts:
            x = self._call(part, x)
        return x

    def _call(self, part, x):
        s = part.settings
        match part.op:
            case "residual":
                branch = self._chain(part.parts, x)
                return layers.Add()([x, branch if s["scale"] == 1 else ops.multiply(branch, s["scale"])])
            case "towers":
                return layers.Concatenate()([self._chain(tower.parts, one) for tower, one in zip(part.parts, x)])
            case "tied":
                return self.made[s["of"]](x, reverse=True)
            case "again":
                return self.made[s["of"]](x)
            case "attention" if s["packed"]:
                return self._packed(part, x)
            case "attention":
                self.made[part] = layers.MultiHeadAttention(s["heads"], len(part.weights[0]) // s["heads"])
                return self.made[part](x, x, use_causal_mask=True)
            case "pool" if s["size"] is None:
                return layers.GlobalAveragePooling2D(keepdims=True)(x)
            case "convolution" if s["stride"] > 1:
                # Keras의 "same"은 앞이 아니라 뒤에 더 덧댑니다.
                x = layers.ZeroPadding2D(s["padding"])(x)
        layer = _layer(part)
        if part.weights or part.op == "norm":
            self.made[part] = layer
        return layer(x)

    def _packed(self, part, x):
        """Q, K, V를 한 층에서 뽑아 손으로 쓴 어텐션."""
        width, heads = len(part.weights[0]), part.settings["heads"]
        length = x.shape[1]
        number = len(self.made)
        seen, out = layers.Dense(3 * width, name=f"packed_{number}"), layers.Dense(width, name=f"packed_{number}_out")
        parts = ops.split(ops.reshape(seen(x), (-1, length, 3, heads, width // heads)), 3, axis=2)
        query, key, value = (ops.transpose(one[:, :, 0], (0, 2, 1, 3)) for one in parts)
        logits = ops.matmul(query, ops.transpose(key, (0, 1, 3, 2))) * (width / heads) ** -0.5
        ahead = np.triu(np.full((length, length), -1e9, np.float32), 1)
        mixed = ops.matmul(ops.softmax(logits + ahead), value)
        self.made[part] = seen
        y = out(ops.reshape(ops.transpose(mixed, (0, 2, 1, 3)), (-1, length, width)))
        out.set_weights([part.weights[3], np.zeros(width)])
        return y


def _layer(part):
    s = part.settings
    match part.op:
        case "dense":
            return layers.Dense(part.weights[0].shape[1])
        case "convolution":
            *_, channels = part.weights[0].shape
            padding = "valid" if s["stride"] > 1 else "same"
            return layers.Conv2D(channels, s["kernel"], s["stride"], padding, groups=s["groups"])
        case "activate":
            # Keras의 leaky ReLU는 기울기가 0.2입니다.
            return layers.LeakyReLU(0.01) if s["name"] == "leaky_relu" else layers.Activation(s["name"])
        case "norm":
            classes = {"batch": layers.BatchNormalization, "layer": layers.LayerNormalization}
            return classes.get(s["kind"], layers.RMSNormalization)(epsilon=1e-5)
        case "pool":
            return (layers.MaxPooling2D if s["kind"] == "max" else layers.AveragePooling2D)(s["size"])
        case "reshape":
            return layers.Reshape(s["shape"])
        case "embedding":
            return layers.ReversibleEmbedding(*part.weights[0].shape)
        case "position":
            return Position()


def _fill(part, layer):
    """설계도의 값을 층에 옮깁니다."""
    if part.op == "norm":
        values = [part.bias, *layer.get_weights()[1:]]
    elif part.op == "attention" and part.settings["packed"]:
        values = [np.hstack(part.weights[:3]), np.zeros(3 * len(part.weights[0]))]
    elif part.op == "attention":
        shapes = [variable.shape for variable in layer.weights]
        flat = [array for matrix in part.weights for array in (matrix, np.zeros(len(matrix)))]
        values = [array.reshape(shape) for array, shape in zip(flat, shapes)]
    else:
        values = part.weights if part.bias is None else [*part.weights, part.bias]
    layer.set_weights(values)
