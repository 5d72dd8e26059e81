"""행렬의 규칙: 대칭성, 틀린 fan, 나누어 쓴 시드, 정규화가 가린 크기."""

import math
from collections.abc import Iterator

import numpy as np

from . import thresholds as limit
from .finding import ERROR, NOTE, WARNING, Finding, distinct, gain, matrix_layers, together, wanted_gain
from .recording import Layer, Recording
from .rules_signals import hides_scale
from .weights import Weight, matched


def symmetry(recording: Recording) -> list[Finding]:
    """가중치도 기울기도 같은 유닛은 영원히 같습니다. 0인 출력층이나 옆길처럼 기울기가 다르면 곧 달라집니다."""
    same, alike = {}, {}
    for layer, weight in _weights(recording):
        units = len(weight.columns)
        if units < 2 or weight.gradient_columns is None or layer.kind == "embedding":
            continue
        # 0인 출력층은 배치에 없는 클래스끼리만 기울기가 같고, 그것은 다음 배치에서 갈라집니다.
        few = max(1, units // 2) if weight.std else 1
        if (different := distinct(weight.columns, weight.gradient_columns)) <= few:
            same[layer.name] = different, units
        # 0이 아닌데도 같은 유닛은 나가는 가중치가 달라 언젠가 갈라지더라도, 처음에는 유닛 하나의 몫만 합니다.
        elif weight.std and (different := distinct(weight.columns)) <= max(1, units // 2):
            alike[layer.name] = different, units
    found = []
    for severity, sick in ((ERROR, same), (WARNING, alike)):
        measured, expected = next(iter(sick.values()), (0, 0))
        found += together("symmetry", severity, sick, measured, expected)
    return found


def wrong_fan(recording: Recording) -> list[Finding]:
    """옳은 fan으로는 어느 초기화와도 맞지 않는데, 틀린 fan으로는 맞는 행렬."""
    found, packed = [], []
    for layer, weight in _weights(recording):
        if layer.kind == "attention" and _packed(weight):
            packed.append(layer.name)
        elif ratio := _mistaken(layer, weight):
            found.append((layer.name, ratio))
    return [
        *together("wrong_fan", WARNING, dict.fromkeys(name for name, _ in found), found[0][1] if found else 0.0, 1.0),
        *together("wrong_fan", NOTE, dict.fromkeys(packed), math.sqrt(0.5), 1.0),
    ]


def _packed(weight: Weight) -> bool:
    """한꺼번에 뽑은 행렬의 fan_out을 함께 세어 Xavier가 0.71배가 되었는지(PyTorch의 MultiheadAttention)."""
    own = math.sqrt(2 / (weight.fan_in + weight.fan_out))
    together_counted = math.sqrt(2 / sum(weight.drawn))
    return sum(weight.drawn) > 1.5 * (weight.fan_in + weight.fan_out) and (
        matched(weight, together_counted) and not matched(weight, own)
    )


def _mistaken(layer: Layer, weight: Weight) -> float | None:
    """std가 옳은 fan의 것의 몇 배인지. 틀린 fan으로 셌다고 볼 까닭이 없으면 None."""
    if layer.kind not in ("dense", "convolution", "attention") or not weight.std:
        return None
    if any(matched(weight, g / math.sqrt(weight.fan_in)) for g in GAINS):
        return None
    # 옳게 센 fan_out으로 커널을 맞추는 것(He 외, 2015)은 널리 쓰는 선택입니다.
    if weight.matches and (len(weight.shape) > 2 or not all("fan_out" in name for name in weight.matches)):
        return None
    ratio = weight.gain / wanted_gain(layer)
    if 1 / limit.FAN < ratio < limit.FAN:
        return None
    wrong = (math.sqrt(scale / fan) for scale in (1.0, 2.0) for fan in _wrong_fans(weight))
    return ratio if any(matched(weight, std) for std in wrong) else None


# 옳은 fan_in으로 세는 gain: 선형과 tanh, ReLU, tanh의 5/3, PyTorch의 기본값.
GAINS = (1.0, math.sqrt(2), 5 / 3, 1 / math.sqrt(3))


def _wrong_fans(weight: Weight) -> set[int]:
    """흔히 잘못 세는 수: 채널만, 커널의 칸만, 묶음을 잊은 수, 뒤집힌 행렬, 한꺼번에 뽑은 행렬."""
    *taps, seen, units = weight.shape
    fans = {units, *weight.drawn}
    if taps:
        area = math.prod(taps)
        whole = (seen * weight.groups, weight.fan_in * weight.groups, area * units)
        fans |= {seen, area, taps[0] * seen, taps[0] * units, *whole}
    return {fan for fan in fans if fan > 0 and fan != weight.fan_in}


def shared_seed(recording: Recording) -> list[Finding]:
    """크기만 다르고 난수가 같은 행렬들. 뒤에 온 층이 먼저이고, 처음 그 난수를 쓴 층이 끝입니다."""
    known: list[tuple[Layer, Weight]] = []
    later, first = [], []
    for layer, weight in _weights(recording):
        if not weight.std or weight.spread <= 1.01:
            continue
        twin = next((at.name for at, other in known if other.name != weight.name and _same_draw(other, weight)), None)
        if twin is None:
            known.append((layer, weight))
        else:
            later.append(layer.name)
            first.append(twin)
    return together("shared_seed", WARNING, dict.fromkeys([*later, *first]), 1.0, 0.0)


def _same_draw(one: Weight, other: Weight) -> bool:
    count = min(len(one.head), len(other.head))
    a, b = one.head[:count], other.head[:count]
    if count < 16 or not a.any() or not b.any():
        return False
    cosine = float(a @ b) / (float(np.linalg.norm(a)) * float(np.linalg.norm(b)))
    return abs(cosine) > 0.99


def norm_hides(recording: Recording) -> list[Finding]:
    """곧장 정규화되어 순방향에는 보이지 않지만, 걸음의 크기(걸음의 비)를 바꾸는 크기."""
    sick = []
    for layer in matrix_layers(recording):
        ratio = gain(layer) / wanted_gain(layer)
        if hides_scale(recording, layer) and not 1 / limit.HIDDEN_SCALE < ratio < limit.HIDDEN_SCALE:
            sick.append((layer.name, ratio))
    return together("norm_hides", WARNING, [name for name, _ in sick], sick[0][1] if sick else 0.0, 1.0)


def _weights(recording: Recording) -> Iterator[tuple[Layer, Weight]]:
    for layer in recording.layers:
        for weight in layer.weights.values():
            yield layer, weight
