"""행렬의 탈: 잘못 센 fan, 프레임워크의 기본값, 같은 시드, 옆길의 배율, 정규화가 감춘 크기."""

import numpy as np

from experiments.clinic.faults import NO_LAYER, NOT_PLAIN, SCALE_FREE, Expected, pick, rms
from experiments.clinic.links import hidden, links
from wi_lib import initializers
from wi_lib.initializers import variance_scaling

# 층마다 같은 시드에서 뽑을 때의 시드.
SEED = 7


def _channels(part):
    # 칸의 수를 세지 않으면 커널의 한 변만큼 커집니다.
    part.weights[0] *= part.settings["kernel"]


def fan_channels(blueprint, rng):
    """합성곱 하나의 fan을 채널만 셈."""
    found = [part for part in blueprint.weighted if part.op == "convolution"]
    if not found:
        return "합성곱이 없음"
    part = pick(found, rng)
    _channels(part)
    return Expected(("wrong_fan",), (part,))


def fan_channels_all(blueprint, rng):
    """모든 합성곱의 fan을 채널만 셈."""
    found = [part for part in blueprint.weighted if part.op == "convolution"]
    for part in found:
        _channels(part)
    return Expected(("wrong_fan",), tuple(found)) if found else "합성곱이 없음"


def fan_transposed(blueprint, rng):
    """fan_in만 보는 초기화인데, 세 배 넘게 다른 fan_out을 셈."""
    found = [part for part in blueprint.weighted if part.op == "dense" and _of_fan_in(part) and part.fan_out > 3]
    found = [part for part in found if max(part.fan_in / part.fan_out, part.fan_out / part.fan_in) >= 3]
    if blueprint.text or not found:
        return "fan을 세지 않는 망" if blueprint.text else NO_LAYER
    part = pick(found, rng)
    part.weights[0] *= np.float32(np.sqrt(part.fan_in / part.fan_out))
    return Expected(("wrong_fan",), (part,))


def _of_fan_in(part):
    """분산이 1/fan_in이나 2/fan_in인지(표본의 오차 안에서)."""
    scale = rms(part.weights[0]) ** 2 * part.fan_in
    return any(abs(scale / known - 1) < 3 * np.sqrt(2 / part.weights[0].size) for known in (1, 2))


def fan_packed(blueprint, rng):
    """한꺼번에 뽑은 Q, K, V의 fan_out을 세 배로 셈(Xavier)."""
    found = [part for part in blueprint.weighted if part.settings.get("packed")]
    for part in found:
        d = len(part.weights[0])
        whole = initializers.xavier_uniform()((d, 3 * d), rng=rng)
        part.weights[:3] = np.split(whole, 3, axis=1)
    blueprint.packed = bool(found)
    return Expected(("wrong_fan",), tuple(found)) if found else "한꺼번에 뽑은 어텐션이 없음"


def _default(blueprint, rng, init, least):
    found = hidden(blueprint)
    if not blueprint.plain:
        return NOT_PLAIN
    if len(found) < least or found[0].activation not in SCALE_FREE:
        return f"층이 {least}보다 적거나 ReLU가 아님"
    for link in found:
        link.part.weights[0] = init(link.part.weights[0].shape, rng=rng)
    return Expected(("default",), tuple(link.part for link in found), whole=True)


def default_torch(blueprint, rng):
    """PyTorch의 기본값 U(±1/√fan_in)인 ReLU 망, 은닉층 넷부터(신호가 0.41⁴ = 0.03배)."""
    return _default(blueprint, rng, variance_scaling(1 / 3, "fan_in", "uniform"), 4)


def default_keras(blueprint, rng):
    """Keras의 기본값(Glorot)인 ReLU 망, 은닉층 아홉부터(0.71⁹ = 0.04배)."""
    return _default(blueprint, rng, initializers.xavier_uniform(), 9)


def default_flax(blueprint, rng):
    """Flax의 기본값(LeCun)인 ReLU 망, 은닉층 아홉부터."""
    return _default(blueprint, rng, variance_scaling(1, "fan_in", "truncated_normal"), 9)


def twins(blueprint, rng):
    """모양이 같은 두 층이 같은 시드에서 나옴."""
    parts = [part for part in blueprint.weighted if part.op in ("dense", "convolution") and rms(part.weights[0])]
    pairs = [(a, b) for i, a in enumerate(parts) for b in parts[i + 1 :] if a.weights[0].shape == b.weights[0].shape]
    if not pairs:
        return "모양이 같은 두 층이 없음"
    first, second = pick(pairs, rng)
    second.weights[0] = first.weights[0] * np.float32(rms(second.weights[0]) / rms(first.weights[0]))
    return Expected(("shared_seed",), (first, second))


def same_seed(blueprint, rng, framework="wi_lib"):
    """모든 층을 같은 시드에서, 그 프레임워크의 모양으로 뽑음."""
    found = [part for part in blueprint.weighted if part.op in ("dense", "convolution") and rms(part.weights[0])]
    if len(found) < 2 or blueprint.text:
        return "뽑은 층이 둘보다 적음"
    for part in found:
        before = part.weights[0]
        shape = _stored(before, framework).shape
        drawn = np.random.default_rng(SEED).standard_normal(shape, np.float32) * np.float32(rms(before))
        part.weights[0] = np.ascontiguousarray(_stored(drawn, framework, back=True))
    return Expected(("shared_seed",), tuple(found))


def _stored(array, framework, back=False):
    """프레임워크가 저장하는 모양: PyTorch는 (출력, 입력, …)입니다."""
    if framework != "torch":
        return array
    if array.ndim == 2:
        return array.T
    return array.transpose((2, 3, 1, 0) if back else (3, 2, 0, 1))


def branch_scale(blueprint, rng):
    """옆길을 줄이지 않고 He로 채운 깊은 잔차망. 정규화가 있던 망에서는 정규화도 뺍니다."""
    blocks = [part for part in blueprint.parts if part.op == "residual"]
    if len(blocks) < 10 or blueprint.text:
        return "블록이 열보다 적음"
    for block in blocks:
        block.settings["scale"] = 1.0
        block.parts = [part for part in block.parts if part.op != "norm"]
        for part in block.parts:
            if part.weights:
                part.weights[0] = initializers.he_normal()(part.weights[0].shape, rng=rng)
    blueprint.parts = [part for part in blueprint.parts if part.op != "norm"]
    return Expected(("branch_scale",), tuple(blueprint.weighted), whole=True)


def _hidden_by_norm(blueprint, rng, factor):
    found = [link.part for link in links(blueprint) if link.norm and link.part.op in ("dense", "convolution")]
    if not found:
        return "바로 뒤에 정규화가 있는 층이 없음"
    part = pick(found, rng)
    part.weights[0] *= factor
    return Expected(("norm_hides",), (part,))


def norm_hides_large(blueprint, rng):
    """정규화 앞의 행렬 × 1000."""
    return _hidden_by_norm(blueprint, rng, 1000)


def norm_hides_small(blueprint, rng):
    """정규화 앞의 행렬 × 0.001."""
    return _hidden_by_norm(blueprint, rng, 0.001)
