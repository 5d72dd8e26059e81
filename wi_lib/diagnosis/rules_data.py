"""자료와 출력의 규칙: 입력의 크기, 레이블의 차례, 첫 손실, 로짓의 크기, float16의 언더플로."""

import math

import numpy as np

from . import thresholds as limit
from .finding import ERROR, NOTE, WARNING, Finding, gain, matrix_layers, together
from .losses import is_probability
from .moments import Moments
from .recording import Array, Recording


def inputs(recording: Recording) -> list[Finding]:
    """유한하지 않거나, 너무 크거나 작거나, 0에서 멀거나, 특성마다 크기가 다른 실수 입력.

    망이 스스로 맞추는 입력(Keras의 Rescaling, 맨 앞의 정규화)은 행렬에 닿는 것이 아니므로 크기를 묻지 않습니다.
    """
    for moments in recording.inputs:
        if not moments.finite:
            return [Finding("input", ERROR, None, math.nan, 1.0)]
        if not _reaches(moments, recording):
            continue
        if moments.rms > limit.INPUT_LARGE or moments.rms < limit.INPUT_SMALL:
            return [Finding("input", WARNING, None, moments.rms, 1.0)]
        if abs(moments.mean) > limit.INPUT_OFFSET * moments.std:
            return [Finding("input", WARNING, None, moments.mean, 0.0)]
        if (spread := _spread(moments)) > limit.INPUT_SPREAD:
            return [Finding("input", WARNING, None, spread, 1.0)]
    return []


def _reaches(moments: Moments, recording: Recording) -> bool:
    """이 입력이 크기 그대로 어느 행렬에 들어가는지."""
    return any(
        layer.inputs.known
        and layer.inputs.count // layer.inputs.batches == moments.count
        and math.isclose(layer.inputs.rms, moments.rms, rel_tol=0.01)
        for layer in recording.layers
        if layer.weights
    )


def _spread(moments: Moments) -> float:
    """가장 크게 변하는 특성이 가운데 특성의 몇 배인지. 변하지 않는 특성은 세지 않습니다."""
    each = moments.count / len(moments.totals)
    spread = np.sqrt(np.maximum(moments.squares / each - np.square(moments.totals / each), 0))
    spread = spread[spread > 0]
    return float(spread.max() / np.median(spread)) if len(spread) > 2 else 1.0


def labels(recording: Recording) -> list[Finding]:
    """한 클래스뿐이거나, 클래스의 차례로 늘어섰거나, 입력과 관계가 없어 보이는 레이블."""
    found = recording.labels
    if found is None or found.ndim != 1 or found.dtype.kind not in "iu" or len(found) < 8:
        return []
    classes = max(2, recording.outputs.shape[-1])
    if len(np.unique(found)) == 1:
        certain = (len(found) - 1) * math.log(classes) > -math.log(limit.SORTED)
        return [Finding("one_class", WARNING, None, 1, classes)] if certain else []
    return _order(found) or _match(recording, found)


def _order(found: Array) -> list[Finding]:
    """이웃한 두 레이블이 같은 비율이, 섞은 배치의 것보다 뚜렷이 큰지."""
    chance = _chance(found)
    pairs = len(found) - 1
    share = float(np.mean(found[1:] == found[:-1]))
    z = (share - chance) / math.sqrt(chance * (1 - chance) / pairs) if 0 < chance < 1 else 0.0
    certain = 0.5 * math.erfc(z / math.sqrt(2)) < limit.SORTED
    return [Finding("label_order", WARNING, None, share, chance)] if certain else []


def _match(recording: Recording, found: Array) -> list[Finding]:
    """가장 가까운 다른 입력의 레이블을 맞히는 비율이 우연과 다르지 않은지."""
    real = [array.reshape(len(found), -1) for array in recording.arrays if array.dtype.kind == "f"]
    if len(found) < limit.MATCH_SAMPLES or not real:
        return []
    x = np.concatenate(real, axis=1).astype(np.float64)
    if not np.isfinite(x).all():  # NaN과의 거리로는 가까운 입력을 고를 수 없습니다.
        return []
    x -= x.mean(axis=0)
    distance = np.square(x).sum(axis=1)[:, None] - 2 * x @ x.T + np.square(x).sum(axis=1)
    np.fill_diagonal(distance, np.inf)
    share, chance = float(np.mean(found[distance.argmin(axis=1)] == found)), _chance(found)
    if not chance:  # 클래스가 많아 겹치는 레이블이 없으면 견줄 것이 없습니다.
        return []
    z = (share - chance) / math.sqrt(chance * (1 - chance) / len(found))
    return [Finding("label_match", NOTE, None, share, chance)] if z < limit.MATCH else []


def _chance(found: Array) -> float:
    """무작위로 고른 두 레이블이 같을 확률."""
    counts = np.unique(found, return_counts=True)[1]
    return float((counts * (counts - 1)).sum() / (len(found) * (len(found) - 1)))


def outputs(recording: Recording) -> list[Finding]:
    """유한하지 않은 손실, 너무 큰 로짓, 아무것도 모를 때보다 큰 첫 손실. 앞의 층이 까닭이면 신호의 규칙이 말합니다."""
    if recording.loss is not None and not math.isfinite(recording.loss):
        return [Finding("loss_missing", ERROR, None, recording.loss, recording.expected_loss)]
    layers = matrix_layers(recording)
    logits = recording.outputs.reshape(-1, recording.outputs.shape[-1]).astype(np.float64)
    if not np.isfinite(logits).all():
        return []
    if not layers:  # 배열을 손수 곱하는 망에서는 크기를 견줄 층이 없어 손실만 봅니다.
        costly = _costly(recording)
        return [Finding("first_loss", WARNING, None, recording.loss, recording.expected_loss)] if costly else []
    last = layers[-1]
    varying, size = float(np.sqrt(logits.var(axis=0).mean())), float(np.sqrt(np.square(logits).mean()))
    if is_probability(recording.outputs) and last.outputs.known:  # 소프트맥스 앞의 로짓
        varying, size = last.outputs.varying, last.outputs.rms
    # 나간 것이 로짓이 아니거나(임베딩을 나누어 쓰는 출력층), 들어온 것이 이미 컸으면 마지막 행렬의 탓이 아닙니다.
    # 행렬이 들어온 것으로 낼 만한 것보다 크게 나왔으면 편향이 민 것입니다.
    pushed = not last.inputs.known or size > 2 * gain(last) * last.inputs.rms
    own = len(last.outputs.totals) == logits.shape[-1] and (pushed or gain(last) > 2)
    name = last.name if own else None
    targets = recording.labels if recording.labels is not None and recording.labels.dtype.kind == "f" else None
    amplified = gain(last) > limit.SCALE and size > limit.LOGITS / 2
    if targets is None and (varying > limit.LOGITS or amplified):
        return [Finding("output_scale", WARNING, name, size, 1.0)]
    if _costly(recording):
        if targets is not None and size < (wanted := float(np.sqrt(np.square(targets).mean()))) / 2:
            return [Finding("label_scale", WARNING, None, wanted, size)]
        # 마지막 층이 키운 로짓은 입력마다 다르고, 편향이 민 로짓은 어느 입력에서나 같습니다.
        code = "output_scale" if gain(last) > limit.SCALE or varying > limit.LOGITS / 2 else "first_loss"
        return [Finding(code, WARNING, name, recording.loss, recording.expected_loss)]
    return []


def _costly(recording: Recording) -> bool:
    """첫 손실이 아무것도 모르고 답할 때보다 뚜렷이 큰지."""
    if recording.loss is None or recording.expected_loss is None:
        return False
    regression = recording.labels is not None and recording.labels.dtype.kind == "f"
    allowed = recording.expected_loss * limit.LOSS_RATIO if regression else recording.expected_loss + limit.LOSS
    return recording.loss > allowed


def underflow(recording: Recording) -> list[Finding]:
    """float16이 온전히 적지 못할 만큼 작은 기울기가 대부분인 행렬."""
    sick = [
        (layer.name, weight.tiny)
        for layer in recording.layers
        for weight in layer.weights.values()
        if weight.tiny > limit.TINY
    ]
    return together("underflow", ERROR, dict.fromkeys(name for name, _ in sick), sick[0][1] if sick else 0.0, 0.0)
