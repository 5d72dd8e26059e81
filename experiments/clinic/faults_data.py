"""자료와 dtype의 탈, 그리고 탈의 목록."""

import numpy as np

from experiments.clinic import faults, faults_weights
from experiments.clinic.faults import Expected, pick


def _input(blueprint, change):
    if blueprint.text:
        return "글"
    blueprint.inputs[0] = change(blueprint.inputs[0]).astype(np.float32)
    first = next(p for p in blueprint.weighted if p.op in ("dense", "convolution"))
    return Expected(("input",), (first,), whole=True)


def input_255(blueprint, rng):
    """나누지 않은 화소 0–255."""
    return _input(blueprint, lambda x: np.round((x - x.min()) / np.ptp(x) * 255))


def input_offset(blueprint, rng):
    """표준편차의 30배만큼 치우친 입력."""
    return _input(blueprint, lambda x: x + 30 * x.std())


def input_feature(blueprint, rng):
    """특성 하나 × 1000."""
    if blueprint.text:
        return "글"
    varying = np.flatnonzero(blueprint.inputs[0].std(axis=0) > 0.1)
    chosen = pick(varying, rng)
    factor = np.where(np.arange(blueprint.inputs[0].shape[1]) == chosen, 1000, 1)
    return _input(blueprint, lambda x: x * factor)


def one_class(blueprint, rng):
    """클래스가 하나뿐인 배치."""
    if blueprint.of_class is None or blueprint.regression:
        return "분류가 아니거나 글"
    blueprint.inputs, blueprint.labels = blueprint.of_class(rng, len(blueprint.labels))
    return Expected(("one_class",), (), whole=True)


def label_order(blueprint, rng):
    """정답의 차례로 늘어선 배치."""
    if blueprint.of_class is None or blueprint.regression:
        return "분류가 아니거나 글"
    order = blueprint.labels.argsort(kind="stable")
    blueprint.inputs, blueprint.labels = [x[order] for x in blueprint.inputs], blueprint.labels[order]
    return Expected(("label_order",), (), whole=True)


def label_match(blueprint, rng):
    """입력과 어긋난 정답."""
    if blueprint.of_class is None or blueprint.regression:
        return "분류가 아니거나 글"
    blueprint.labels = rng.permutation(blueprint.labels)
    return Expected(("label_match",), (), whole=True)


def underflow(blueprint, rng):
    """float16에서 손실 × 10⁻⁴."""
    if blueprint.text or blueprint.regression or blueprint.dtype == "bfloat16":
        return "글, 회귀, bfloat16"
    blueprint.dtype, blueprint.loss_scale = "float16", 1e-4
    return Expected(("underflow",), tuple(blueprint.weighted), whole=True)


# 탈: 변형의 목록
FAULTS = {
    "symmetry": [faults.constant, faults.copied, faults.all_constant, faults.all_zeros],
    "signal": [
        *(faults.small_one, faults.large_one, faults.large_branch),
        *(faults.small_all, faults.large_all, faults.sigmoid_deep),
    ],
    "dead": [faults.dead],
    "saturation": [faults.saturated],
    "first_loss": [faults.output_bias],
    "output_scale": [faults.output_scale],
    "wrong_fan": [
        faults_weights.fan_channels,
        faults_weights.fan_channels_all,
        faults_weights.fan_transposed,
        faults_weights.fan_packed,
    ],
    "default": [faults_weights.default_torch, faults_weights.default_keras, faults_weights.default_flax],
    "shared_seed": [faults_weights.twins, faults_weights.same_seed],
    "input": [input_255, input_offset, input_feature],
    "branch_scale": [faults_weights.branch_scale],
    "norm_hides": [faults_weights.norm_hides_large, faults_weights.norm_hides_small],
    "one_class": [one_class],
    "labels": [label_order, label_match],
    "underflow": [underflow],
}
