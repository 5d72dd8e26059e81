"""Keras의 시험이 함께 쓰는 자료와 모델."""

import numpy as np
import pytest

from wi_lib import diagnose

keras = pytest.importorskip("keras", reason="keras가 없습니다. make parity가 따로 설치해 돌립니다.")
layers, ops = keras.layers, keras.ops
X = np.random.default_rng(1).standard_normal((16, 5)).astype(np.float32)
Y = np.arange(16) % 3
IMAGES = np.random.default_rng(2).standard_normal((4, 6, 6, 8)).astype(np.float32)
SEQUENCES = np.random.default_rng(3).standard_normal((4, 7, 8)).astype(np.float32)


def seen(model, x=X, labels=None, **rest):
    return diagnose(model, x, labels, **rest).recording


def rms(array):
    return float(np.sqrt(np.mean(np.square(np.asarray(array, np.float64)))))


def numpy(tensor):
    return np.asarray(ops.convert_to_numpy(tensor))


def sequential(*parts, shape=(5,)):
    return keras.Sequential([keras.Input(shape), *parts])


def around(layer, shape):
    """층 하나를 지나 로짓 셋을 내는 함수형 모델."""
    inputs = keras.Input(shape)
    return keras.Model(inputs, layers.Dense(3)(layers.Flatten()(layer(inputs))))


class Written(keras.Model):
    """함수로 부르는 활성화와 옆길이 있는, 물려받아 쓴 모델."""

    def __init__(self, between=ops.relu):
        super().__init__()
        self.fc1, self.fc2, self.between = layers.Dense(5), layers.Dense(3), between

    def call(self, x):
        return self.fc2(x + self.between(self.fc1(x)))
