"""처방: 탈마다 어느 행렬을 어떤 크기로 다시 뽑을지. 프레임워크의 말로 옮기는 것은 proposals.py입니다."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .finding import Finding, gain, matrix_layers
from .recording import Layer, Recording
from .rules_signals import hides_scale
from .weights import Weight

# 표준정규 입력의 제곱 평균을 되돌리는 gain 1/√E[f(z)²]. 모두 He로 뽑으면 30층 뒤의 RMS가 GELU에서 2×10⁻⁴입니다.
OWN_GAINS = {"gelu": 1.534, "silu": 1.677, "elu": 1.245, "softplus": 1.042, "mish": 1.487}
NAMES = {"tanh": "xavier", "selu": "lecun", "sigmoid": "xavier"}
# 크기가 어긋난 층을 모두 다시 뽑는 탈, 출력층도 작게 하는 탈, 행렬과 상관없는 탈. 나머지는 이름을 댄 층만 뽑습니다.
CHAIN = ("vanishing_forward", "exploding_forward", "vanishing_backward", "exploding_backward", "default")
OUTPUT = ("first_loss", "output_scale")
DATA = ("input", "label_scale", "loss_missing", "one_class", "label_order", "label_match", "underflow")
# gain이 바라는 것과 CLOSE 안에서 같으면(출력층은 LARGE배까지) 그대로 둡니다. 출력층의 표준편차는 SMALL까지입니다.
CLOSE, LARGE, SMALL = 0.1, 2.0, 0.01


@dataclass(frozen=True)
class Draw:
    """다시 뽑는 법.

    - `name`: "he", "lecun", "xavier", 표준편차가 std인 "normal"과 "small"과 "again", std를 곱하기만 하는 "scale".
    """

    name: str
    std: float | None = None


def remedies(recording: Recording, findings: Sequence[Finding]) -> dict[Draw, dict[str, list[str]]]:
    """다시 뽑는 법 → {행렬에 닿는 식: 그 까닭인 code들}. 행렬 하나는 한 번만 다시 뽑습니다."""
    chosen: dict[str, tuple[Draw, list[str]]] = {}
    # 크기까지 고치는 처방이 난수만 새로 뽑는 것보다 먼저입니다.
    for finding in sorted(findings, key=lambda finding: finding.code == "shared_seed"):
        for weight, draw in _prescribed(recording, finding):
            if weight.trainable:
                chosen.setdefault(weight.expression, (draw, []))[1].append(finding.code)
    grouped: dict[Draw, dict[str, list[str]]] = {}
    for expression, (draw, codes) in chosen.items():
        grouped.setdefault(draw, {})[expression] = codes
    return grouped


def _prescribed(recording: Recording, finding: Finding) -> Iterator[tuple[Weight, Draw]]:
    named = [recording.named[name] for name in (finding.layer, *finding.also) if name in recording.named]
    last = matrix_layers(recording)[-1:]
    for layer, weight in _wrong(recording, finding, named):
        if finding.code == "branch_scale":
            yield weight, Draw("scale", _round(1 / math.sqrt(2 * len(named))))
        elif finding.code == "shared_seed":
            yield weight, Draw("again", _round(weight.std))
        elif layer in last or (finding.code in OUTPUT and layer in named):
            yield weight, Draw("small", _round(min(SMALL, 1 / math.sqrt(weight.fan_in))))
        else:
            yield weight, suited(recording, layer, weight)


def _wrong(recording: Recording, finding: Finding, named: list[Layer]) -> Iterator[tuple[Layer, Weight]]:
    """탈을 고치려면 바꾸어야 할 행렬."""
    layers = [] if finding.code in (*CHAIN, *DATA) else named
    if finding.code == "symmetry":
        # 열이 모두 같은 출력층은 제 유닛을 가르지만, 되돌리는 신호는 더해서 0이 됩니다.
        layers = [*named, *(layer for layer in matrix_layers(recording) if layer not in named and _constant(layer))]
    if finding.code in (*CHAIN, *OUTPUT):
        others = [layer for layer in matrix_layers(recording) if layer not in layers]
        layers = [*layers, *(layer for layer in others if _off(recording, layer, finding.code in CHAIN))]
    for layer in layers:
        yield from ((layer, weight) for weight in layer.weights.values())


def _constant(layer: Layer) -> bool:
    return any("constant" in weight.matches for weight in layer.weights.values())


def _off(recording: Recording, layer: Layer, chain: bool) -> bool:
    """층의 gain이 활성화 함수가 바라는 것과 다른지. 출력층과, 출력만 탈이 난 망의 층은 훨씬 클 때에만 봅니다."""
    ratio = gain(layer) / wanted(activation(recording, layer))
    if math.isnan(ratio):  # NaN이 든 가중치
        return True
    return abs(ratio - 1) > CLOSE if chain and layer is not matrix_layers(recording)[-1] else ratio > LARGE


def activation(recording: Recording, layer: Layer) -> str | None:
    """층의 출력이 지나는 활성화 함수. 정규화 층이 사이에 있으면 그 뒤의 것입니다."""
    if layer.activation is None and hides_scale(recording, layer):
        return recording.layers[recording.layers.index(layer) + 1].activation
    return layer.activation


def wanted(name: str | None) -> float:
    """활성화 함수가 바라는 std·√fan_in."""
    if name in OWN_GAINS:
        return OWN_GAINS[name]
    return 1.0 if name is None or name in NAMES else math.sqrt(2)


def suited(recording: Recording, layer: Layer, weight: Weight) -> Draw:
    """활성화 함수에 맞는 초기화. 프레임워크가 fan을 달리 세는 배열은 표준편차를 적습니다."""
    after = activation(recording, layer)
    if layer.kind == "embedding":
        return Draw("normal", 0.02)
    own = after in OWN_GAINS or weight.drawn[0] != weight.fan_in
    if own:
        return Draw("normal", _round(wanted(after) / math.sqrt(weight.fan_in)))
    return Draw(NAMES.get(after, "he") if after else "lecun")


def _round(value: float) -> float:
    return float(f"{value:.3g}")
