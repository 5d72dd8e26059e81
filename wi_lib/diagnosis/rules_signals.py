"""신호의 규칙: 순방향과 역방향의 소실과 폭주, 죽은 ReLU, 포화, 옆길의 배율."""

import itertools
import math
from collections.abc import Callable

import numpy as np

from . import thresholds as limit
from .finding import ERROR, WARNING, Finding, gain, matrix_layers, signal, together, wanted_gain
from .recording import Layer, Recording

SQUASHING = ("tanh", "sigmoid")


def forward(recording: Recording) -> list[Finding]:
    """앞으로 흐르는 신호. 한 층의 탓이면 그 층을, 고루 나눈 탓이면 모든 층을 말합니다."""
    if overflow := _overflow(recording):
        return overflow
    layers = matrix_layers(recording)
    outliers = _outliers(recording, layers)
    return outliers or _drift(recording, layers)


def _overflow(recording: Recording) -> list[Finding]:
    """처음으로 유한하지 않은 값이 나온 층."""
    for layer in recording.layers:
        if layer.outputs.known and not layer.outputs.finite and layer.inputs.finite:
            return [Finding("exploding_forward", ERROR, layer.name, math.inf, layer.inputs.rms)]
    return []


def _outliers(recording: Recording, layers: list[Layer]) -> list[Finding]:
    """gain이 홀로 어긋나, 신호를 크게 줄이거나 키운 층. 마지막 층은 출력의 규칙이 봅니다."""
    samples = _samples(recording)
    small, large = {}, {}
    for layer in layers[:-1]:
        if hides_scale(recording, layer):
            continue
        ratio = gain(layer) / wanted_gain(layer)
        # 옆길이나 정규화가 뒤에서 되살린 신호는 사라진 것이 아닙니다.
        kept = max(_later(recording, layer, samples)) / (signal(layer.inputs, samples) or math.inf)
        if ratio < 1 / limit.SCALE and kept < 1 / limit.SCALE:
            small[layer.name] = kept
        # tanh와 sigmoid는 커진 신호를 가두므로 포화의 규칙이 봅니다.
        if layer.activation not in SQUASHING and ratio > limit.SCALE and (grown := _grown(layer)) > limit.SCALE / 2:
            large[layer.name] = grown
    attentions = [layer for layer in recording.layers if layer.kind == "attention" and layer.weights]
    large |= {layer.name: _grown(layer) for layer in attentions if gain(layer) > limit.SCALE and _grown(layer) > 1}
    return [
        *together("vanishing_forward", ERROR, small, next(iter(small.values()), 0.0), 1.0),
        *together("exploding_forward", ERROR, large, next(iter(large.values()), 0.0), 1.0),
    ]


def _later(recording: Recording, layer: Layer, samples: int) -> list[float]:
    """뒤의 층에 들어가는 신호의 크기. 정규화 층이면 나오는 것의 크기입니다."""
    after = recording.layers[recording.layers.index(layer) + 1 :]
    moments = [seen.outputs if seen.kind == "norm" else seen.inputs for seen in after]
    return [signal(seen, samples) for seen in moments if seen.known]


def _grown(layer: Layer) -> float:
    return layer.outputs.rms / layer.inputs.rms if layer.inputs.known and layer.inputs.rms else 0.0


def _drift(recording: Recording, layers: list[Layer]) -> list[Finding]:
    """층마다 조금씩 줄거나 커진 신호."""
    # 정규화는 그때까지 줄어든 것을 되돌립니다.
    rest = [layer for layer in layers if layer.name in _after_norms(recording)]
    total, shrinking = _change(recording, rest, lambda step: step < 0.9)
    if total < limit.DEFAULT and uses_default(rest):
        return together("default", WARNING, shrinking, total, 1.0)
    if total < limit.LOST:
        return together("vanishing_forward", ERROR, shrinking, total, 1.0)
    _, growing = _change(recording, layers, lambda step: step > 1.1)
    if len(layers) < 3 or not layers[0].inputs.rms:
        return []
    rms = layers[-1].inputs.rms / layers[0].inputs.rms
    if rms > limit.STREAM and _branches(recording) and _typical(layers) < limit.BRANCH_GAIN:
        return together("branch_scale", WARNING if rms < limit.OVERFLOWING else ERROR, growing, rms, 1.0)
    if rms > limit.GROWN:
        return together("exploding_forward", ERROR, growing, rms, 1.0)
    return []


def _after_norms(recording: Recording) -> set[str]:
    """마지막 정규화보다 뒤에 있는 층의 이름."""
    norms = [i for i, layer in enumerate(recording.layers) if layer.kind == "norm"]
    return {layer.name for layer in recording.layers[norms[-1] + 1 if norms else 0 :]}


def _change(recording: Recording, layers: list[Layer], chosen: Callable[[float], bool]) -> tuple[float, list[str]]:
    """첫 층에서 마지막 층까지 변하는 몫의 배율과, 한 층의 배율이 chosen인 층. 세 층보다 적으면 1배입니다."""
    samples = _samples(recording)
    sizes = [signal(layer.inputs, samples) for layer in layers]
    if len(sizes) < 3 or not sizes[0]:
        return 1.0, []
    steps = zip(layers, sizes, sizes[1:])
    return sizes[-1] / sizes[0], [layer.name for layer, x, y in steps if chosen(y / x if x else 1.0)]


def _branches(recording: Recording) -> bool:
    """옆길을 더하는 곳이 있는지: 활성화 함수를 지난 값은 지나기 전보다 클 수 없으므로, 크면 무언가 더해진 것입니다."""
    for layer, after in itertools.pairwise(recording.layers):
        came, went = layer.outputs, layer.activated if layer.activated.known else after.inputs
        if layer.kind not in ("dense", "convolution") or layer.activation in ("sigmoid", "softplus", "selu"):
            continue
        same_shape = len(came.squares) == len(went.squares) and came.count == went.count
        if same_shape and np.mean(went.squares > 1.01 * came.squares) > 0.1:
            return True
    return False


def _typical(layers: list[Layer]) -> float:
    """gain이 바라는 것의 몇 배인지의 가운뎃값."""
    return float(np.median([gain(layer) / wanted_gain(layer) for layer in layers]))


def uses_default(layers: list[Layer]) -> bool:
    """ReLU 앞의 행렬이 거의 모두 프레임워크의 기본값인지: PyTorch의 U(±1/√fan_in), Keras의 Glorot, Flax의 LeCun."""
    kinds = ("torch_default_uniform", "xavier_uniform", "lecun_truncated_normal")
    hidden = [layer for layer in layers[:-1] if wanted_gain(layer) > 1]
    if len(hidden) < 3:
        return False
    return any(
        sum(any(kind in weight.matches for weight in layer.weights.values()) for layer in hidden) >= 0.9 * len(hidden)
        for kind in kinds
    )


def hides_scale(recording: Recording, layer: Layer) -> bool:
    """층의 출력이 곧장 정규화 층으로 가는지."""
    after = recording.layers[recording.layers.index(layer) + 1 :][:1]
    return bool(after) and after[0].kind == "norm" and after[0].inputs.same(layer.outputs)


def backward(recording: Recording) -> list[Finding]:
    """되돌아오는 신호. δ의 길이는 fan_in으로 맞춘 층을 지나도 그대로이므로 층의 모양이 달라도 견줄 수 있습니다."""
    layers = [layer for layer in matrix_layers(recording) if layer.deltas.known]
    # 0으로 시작하는 옆길과 출력층은 그 아래의 신호를 처음 한 걸음만 막습니다.
    sizes = [(layer, layer.deltas.norm) for layer in layers if layer.deltas.norm > 0]
    if len(sizes) < 3:
        return []
    # 작게 시작한 출력층은 그 아래를 모두 똑같이 줄일 뿐이므로, 그 바로 아래와 견줍니다.
    last = sizes[-2][1]
    # Q와 K, 옆길의 안처럼 곁에 있는 층의 작은 δ는 소실이 아니므로, 바닥에 닿은 것은 아래 넷에 하나 가운데 큰 것입니다.
    low = [size for i, (layer, size) in enumerate(sizes) if 4 * i < len(sizes) or layer.inputs.same(sizes[0][0].inputs)]
    if (reached := max(low) / last) < limit.GRADIENT_LOST:
        names = [layer.name for (layer, below), (_, above) in itertools.pairwise(sizes) if below < 0.7 * above]
        return together("vanishing_backward", ERROR, names, reached, 1.0)
    # 배율이 작은 옆길의 안에서는 δ도 작으므로, 커진 것은 맨 위의 둘 가운데 큰 것과 견줍니다.
    last = max(last, sizes[-1][1])
    if (best := max(size for _, size in sizes)) / last > limit.GRADIENT_GROWN:
        names = [layer.name for (layer, below), (_, above) in itertools.pairwise(sizes) if below > 1.1 * above]
        return together("exploding_backward", ERROR, names, best / last, 1.0)
    return []


def dead(recording: Recording) -> list[Finding]:
    """배치의 어느 입력에서도 0인 ReLU 유닛. 들어온 것이 모두 0인 층(0에서 시작하는 옆길의 뒤)은 세지 않습니다."""
    sick = [
        (layer, layer.activated.dead)
        for layer in recording.layers
        if layer.activation == "relu" and layer.activated.known and layer.activated.dead > limit.DEAD
        if not (layer.inputs.known and layer.inputs.rms == 0)
    ]
    if not sick:
        return []
    (first, share), *rest = sick
    severity = ERROR if share > 0.99 else WARNING
    return [Finding("dead", severity, first.name, share, 0.0, tuple(layer.name for layer, _ in rest))]


def saturation(recording: Recording) -> list[Finding]:
    """기울기가 가장 가파른 곳의 5 %도 안 되는 자리에 몰린 sigmoid와 tanh."""
    sick = [
        (layer.name, layer.activated.saturated)
        for layer in matrix_layers(recording)[:-1]
        if layer.activation in SQUASHING and layer.activated.saturated > limit.SATURATED
    ]
    return together("saturation", WARNING, [name for name, _ in sick], sick[0][1] if sick else 0.0, 0.0)


def _samples(recording: Recording) -> int:
    return max((len(array) for array in recording.arrays if array.ndim), default=1)
