"""학습에 대한 주장을 보는 장들이 함께 쓰는 것."""

import json
from pathlib import Path

import numpy as np

import wi_lib
from wi_lib import at_best_rate, signals

DATA = Path(__file__).parents[2] / "chapters" / "data"
# 3장과 4장은 같은 저장된 학습을 읽습니다.
ABOUT = json.loads((DATA / "sigmoid_tanh.json").read_text(encoding="utf-8"))
with np.load(DATA / "sigmoid_tanh.npz") as stored:
    RESULTS = dict(stored)


def overlap(a, b):
    """두 칸의 시드 폭이 겹치는지."""
    return a.max() >= b.min() and b.max() >= a.min()


def slopes(found):
    """층마다의 가중치 기울기의 RMS."""
    return np.array([signals.rms(gradient) for gradient in found.weight_gradients])


def learned(optimizer, name, depth):
    """3장과 4장의 저장된 학습에서 검증 자료로 고른 (학습률, 시험 정확도)."""
    cell = ABOUT["axes"]["net"].index([name, depth])
    validation, accuracy = (RESULTS[f"{optimizer}_{key}"][cell] for key in ("validation", "accuracy"))
    best, runs = at_best_rate(validation, accuracy)
    return ABOUT["axes"]["learning_rate"][optimizer][int(best)], runs


def trained_in_the_lab(depth, width, activation, initializer, rate, steps, seed):
    """장의 실험대와 같은 설정(손글씨 숫자, SGD, 배치 32)으로 학습시킨 (망, 기록)."""
    rng = np.random.default_rng(seed)
    net = wi_lib.MLP([64, *[width] * depth, 10], activation, initializer, rng=rng)
    data = wi_lib.datasets.load_digits()
    return net, wi_lib.train(net, data, learning_rate=rate, batch_size=32, iterations=steps, rng=rng)


def accuracies_in_the_lab(*setting, seeds=range(5)):
    """시드마다의 시험 정확도."""
    return np.array([trained_in_the_lab(*setting, seed)[1].test_accuracy for seed in seeds])


def gradients_on_digits(net):
    """학습 자료 전체에서 잰, 층마다의 가중치 기울기의 RMS."""
    data = wi_lib.datasets.load_digits()
    return np.array([signals.rms(gradient) for gradient in net.gradients(data.x_train, data.y_train).weights])
