"""손실과, 출력에서 되돌릴 신호. 프레임워크마다 따로 쓰지 않도록 NumPy로 한 번만 셉니다."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..checks import refuse

Array = NDArray[Any]


def top(
    outputs: Array, labels: Array | None, rng: np.random.Generator, ending: str | None = None
) -> tuple[float | None, float | None, Array]:
    """(손실, 아무것도 모르고 답할 때의 손실, 출력에 대한 기울기). 레이블이 없으면 손실은 None이고 무작위 신호입니다.

    - `outputs`: (N, …, 클래스 수)인 로짓. 음수가 없고 합이 1이면 확률로 봅니다.
    - `labels`: 정수 (N, …)이면 교차 엔트로피(출력이 하나이면 로지스틱 손실), 실수이면 제곱 오차의 절반의 평균.
    - `ending`: 마지막 층의 활성화 함수. 출력이 하나뿐인 망의 출력은 "sigmoid"일 때에만 확률로 봅니다.

    >>> loss, expected, _ = top(np.zeros((4, 10)), np.arange(4), np.random.default_rng(0))
    >>> round(loss, 3), round(expected, 3)
    (2.303, 2.303)
    """
    if not outputs.ndim:
        refuse("model", "입력마다 답하는, 출력이 (N, …)인 모델", "출력이 수 하나인 모델")
    outputs = outputs.astype(np.float64)
    if labels is not None and labels.dtype.kind not in "fiub":
        refuse("labels", "정수나 실수 배열", labels, TypeError)
    if labels is None:
        return None, None, rng.standard_normal(outputs.shape)
    if labels.dtype.kind == "f":
        if labels.shape != outputs.shape:
            refuse("labels", f"출력과 모양이 같은 {outputs.shape}인 실수 배열", labels)
        error = outputs - labels
        return float(np.mean(error**2) / 2), float(np.var(labels) / 2), error / error.size
    if outputs.shape[-1] == 1:
        return _logistic(outputs, labels, ending == "sigmoid")
    return _cross_entropy(outputs, labels)


def _cross_entropy(outputs: Array, labels: Array) -> tuple[float, float, Array]:
    classes = outputs.shape[-1]
    if labels.shape != outputs.shape[:-1]:
        refuse("labels", f"모양이 {outputs.shape[:-1]}인 정수 배열", labels)
    if labels.min() < 0 or labels.max() >= classes:
        got = f"최솟값 {labels.min()}, 최댓값 {labels.max()}인 배열"
        refuse("labels", f"0 이상 {classes} 미만인 정수 배열(출력이 {classes}개입니다)", got)
    flat, true = outputs.reshape(-1, classes), labels.ravel().astype(int)  # 참과 거짓은 자리가 아니라 가리개입니다.
    rows = np.arange(len(flat))
    if is_probability(outputs):
        chosen = np.maximum(flat[rows, true], 1e-7)
        slope = np.zeros_like(flat)
        slope[rows, true] = -1 / chosen / len(flat)
        return float(-np.log(chosen).mean()), float(np.log(classes)), slope.reshape(outputs.shape)
    shifted = flat - flat.max(axis=1, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    slope = np.exp(logs)
    slope[rows, true] -= 1
    return float(-logs[rows, true].mean()), float(np.log(classes)), (slope / len(flat)).reshape(outputs.shape)


def _logistic(outputs: Array, labels: Array, squashed: bool) -> tuple[float, float, Array]:
    true = labels.reshape(-1) if labels.size == outputs.size else refuse("labels", "출력마다 0이나 1 하나", labels)
    if not np.isin(true, (0, 1)).all():
        refuse("labels", "0이나 1(출력이 하나뿐인 망입니다)", f"최솟값 {true.min()}, 최댓값 {true.max()}인 배열")
    z = outputs.reshape(-1)
    # 0에서 시작하는 출력층의 로짓은 모두 0이고, 작은 로짓도 편향이 밀면 모두 0과 1 사이입니다.
    if squashed and z.min() >= 0 and z.max() <= 1:
        p = np.clip(z, 1e-7, 1 - 1e-7)
        slope = ((p - true) / (p * (1 - p)) / len(p)).reshape(outputs.shape)
        return float(-np.log(np.where(true, p, 1 - p)).mean()), float(np.log(2)), slope
    loss = np.maximum(z, 0) - z * true + np.log1p(np.exp(-np.abs(z)))
    slope = 0.5 * (1 + np.tanh(z / 2)) - true
    return float(loss.mean()), float(np.log(2)), (slope / len(z)).reshape(outputs.shape)


def is_probability(outputs: Array) -> bool:
    """마지막 층이 이미 softmax인 출력인지."""
    return bool(outputs.min() >= 0 and np.allclose(outputs.sum(axis=-1), 1, atol=1e-2))
