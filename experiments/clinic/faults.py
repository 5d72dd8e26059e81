"""신호의 탈: 대칭성, 소실과 폭주, 죽은 ReLU, 포화, 출력. 나머지는 `faults_weights`와 `faults_data`에 있습니다.

탈마다 변형이 하나나 여럿입니다. 변형은 함수 `(설계도, rng) → Expected나 심을 수 없는 까닭(문자열)`이고, 받은 설계도를
고칩니다. 한 탈의 변형 가운데 심을 수 있는 것을 모두 심습니다.
"""

from dataclasses import dataclass

import numpy as np

from experiments.clinic.blueprint import Part
from experiments.clinic.links import hidden, links

SCALE_FREE = ("relu", "leaky_relu")
SQUASHING = ("tanh", "sigmoid")
# 까닭
NORMED, NOT_PLAIN, NO_LAYER = "정규화가 있음", "정규화나 옆길이 있음", "맞는 층이 없음"


@dataclass(frozen=True)
class Expected:
    """찾아야 할 것: codes 가운데 하나를, where 가운데 한 층에서. `whole`이면 층을 말하지 않아도 됩니다."""

    codes: tuple[str, ...]
    where: tuple[Part, ...]
    whole: bool = False


def pick(found, rng):
    return found[rng.integers(len(found))]


def rms(array):
    return float(np.sqrt(np.mean(np.square(array))))


def output(blueprint):
    """마지막 행렬의 부품. 임베딩을 나누어 쓰면 tied입니다."""
    return blueprint.parts[-1]


def _symmetric(blueprint, rng, fill):
    found = [link.part for link in hidden(blueprint) if link.part.settings.get("groups", 1) == 1]
    if not found:
        return NO_LAYER
    part = pick(found, rng)
    part.weights[0][...] = fill(part.weights[0])
    part.bias[:] = 0
    return Expected(("symmetry",), (part,))


def constant(blueprint, rng):
    """한 층의 가중치가 모두 같은 값."""
    return _symmetric(blueprint, rng, lambda w: rms(w) or 0.01)


def copied(blueprint, rng):
    """한 층의 모든 유닛이 첫 유닛의 사본."""
    return _symmetric(blueprint, rng, lambda w: w[..., :1] if rms(w[..., :1]) else 0.1)


def all_constant(blueprint, rng):
    """모든 행렬이 저마다 한 값."""
    if not blueprint.plain:
        return NOT_PLAIN
    for part in blueprint.weighted:
        part.weights[0][...] = rms(part.weights[0]) or 0.01
        part.bias[:] = 0
    return Expected(("symmetry",), tuple(blueprint.weighted))


def all_zeros(blueprint, rng):
    """모든 행렬이 0."""
    if not blueprint.plain:
        return NOT_PLAIN
    for part in blueprint.weighted:
        part.weights[0][...] = 0
        part.bias[:] = 0
    return Expected(("symmetry", "vanishing_forward", "vanishing_backward"), tuple(blueprint.weighted), whole=True)


def _one(blueprint, rng, factor, names):
    if not blueprint.plain:
        return NOT_PLAIN
    found = [link for link in hidden(blueprint) if link.activation in names]
    if not found:
        return NO_LAYER
    part = pick(found, rng).part
    part.weights[0] *= factor
    return part


def small_one(blueprint, rng):
    """한 은닉층 × 0.01."""
    part = _one(blueprint, rng, 0.01, (*SCALE_FREE, *SQUASHING, "selu", "gelu"))
    return part if isinstance(part, str) else Expected(("vanishing_forward", "vanishing_backward"), (part,))


def large_one(blueprint, rng):
    """한 은닉층 × 100."""
    part = _one(blueprint, rng, 100, (*SCALE_FREE, "selu", "gelu"))
    return part if isinstance(part, str) else Expected(("exploding_forward", "exploding_backward"), (part,))


def large_branch(blueprint, rng):
    """한 옆길의 마지막 행렬의 gain이 100(0.02에서 시작하는 것은 훨씬 더 커집니다)."""
    found = [
        link.part
        for link in links(blueprint)
        if link.branch and link.last and not link.norm and rms(link.part.weights[-1])
    ]
    if not found:
        return "옆길의 끝이 0이거나 정규화" if blueprint.has("residual") else "옆길이 없음"
    part = pick(found, rng)
    matrix = part.weights[-1]
    matrix *= np.float32(100 / np.sqrt(len(matrix)) / rms(matrix))
    return Expected(("exploding_forward", "exploding_backward"), (part,))


def _all(blueprint, factor, names, codes):
    found = hidden(blueprint)
    if not blueprint.plain:
        return NOT_PLAIN
    if len(found) < 4 or found[0].activation not in names:
        return "은닉층이 넷보다 적거나 활성화 함수가 다름"
    for link in found:
        link.part.weights[0] *= factor
    return Expected(codes, tuple(link.part for link in found), whole=True)


def small_all(blueprint, rng):
    """모든 은닉층 × 0.3."""
    names = (*SCALE_FREE, *SQUASHING, "selu", "gelu")
    return _all(blueprint, 0.3, names, ("vanishing_forward", "vanishing_backward"))


def large_all(blueprint, rng):
    """모든 은닉층 × 3(3 × 3 합성곱에서는 채널만 센 fan과 같은 것이라 뺍니다)."""
    if blueprint.has("convolution"):
        return "틀린 fan과 같음"
    return _all(blueprint, 3, SCALE_FREE, ("exploding_forward", "exploding_backward"))


def sigmoid_deep(blueprint, rng):
    """활성화 함수를 sigmoid로 바꾼 깊은 망(Xavier)."""
    found = hidden(blueprint)
    if not blueprint.plain:
        return NOT_PLAIN
    if len(found) < 5:
        return "은닉층이 다섯보다 적음"
    for part in blueprint.walk():
        if part.op == "activate":
            part.settings["name"] = "sigmoid"
    for link in found:
        link.part.weights[0] *= np.float32(
            np.sqrt(2 / (link.part.fan_in + link.part.fan_out)) / rms(link.part.weights[0])
        )
    parts = tuple(link.part for link in found)
    return Expected(("vanishing_backward", "vanishing_forward"), parts, whole=True)


def dead(blueprint, rng):
    """ReLU 앞의 편향이 유닛의 80 %에서 아주 작음."""
    found = [link.part for link in hidden(blueprint) if link.straight and link.activation == "relu"]
    if not found:
        return "바로 앞에 편향이 있는 ReLU가 없음"
    part = pick(found, rng)
    chosen = rng.permutation(len(part.bias))[: int(0.8 * len(part.bias))]
    part.bias[chosen] = -1000
    return Expected(("dead",), (part,))


def saturated(blueprint, rng):
    """tanh나 sigmoid 앞의 행렬 × 30."""
    found = [link.part for link in hidden(blueprint) if link.straight and link.activation in SQUASHING]
    if not found:
        return "바로 앞에 행렬이 있는 tanh나 sigmoid가 없음"
    part = pick(found, rng)
    part.weights[0] *= 30
    return Expected(("saturation",), (part,))


def output_bias(blueprint, rng):
    """출력의 편향 하나가 10."""
    last = output(blueprint)
    if last.op == "tied":
        return "출력층에 편향이 없음"
    classes = len(last.bias)
    if blueprint.regression or classes == 1:
        last.bias[:] = 10
    else:
        last.bias[np.bincount(blueprint.labels.ravel(), minlength=classes).argmin()] = 10
    return Expected(("first_loss",), (last,), whole=True)


def output_scale(blueprint, rng):
    """마지막 행렬 × 30."""
    last = output(blueprint)
    part = last.settings.get("of", last)
    if not rms(part.weights[0]):
        return "마지막 행렬이 0"
    part.weights[0] *= 30
    return Expected(("output_scale",), (last, part))
