"""고치는 코드: 처방을 프레임워크의 파이썬으로 적습니다. 아무것도 실행하지 않습니다."""

import math
from collections.abc import Sequence

from .dialects import DIALECTS, LINES, SAID, SAME, SCALING, SHUFFLE, Dialect
from .finding import Finding
from .recording import Recording
from .remedies import CHAIN, DATA, OUTPUT, Draw, remedies
from .words import WORDS, change, chapters


def propose(recording: Recording, findings: Sequence[Finding]) -> str:
    """고치는 파이썬. 망의 이름은 model, 배치는 x와 labels입니다."""
    if not findings:
        return "# 고칠 것을 찾지 못했습니다.\n"
    dialect = DIALECTS[recording.framework]
    # Flax의 파라미터는 통째로 바꾸므로 […]를 떼고 씁니다.
    drawn = {
        draw: {expression.removesuffix("[...]"): codes for expression, codes in found.items()}
        for draw, found in remedies(recording, findings).items()
    }
    parts = ["# 붙여 넣고 다시 진단해 보십시오. 망의 이름은 model, 배치는 x와 labels입니다."]
    parts += [_data(recording, finding) for finding in findings if finding.code in DATA]
    parts += [_unmended(recording, f) for f in findings if f.code not in DATA and not _reaches(drawn, f.code)]
    if any(layer.activation == "sigmoid" for layer in recording.layers) and {f.code for f in findings} & set(CHAIN):
        parts.append("# sigmoid의 망은 Xavier로도 깊어지면 신호가 줄어듭니다. tanh나 ReLU로 바꾸어 보십시오(4장).")
    lines = [_loop(dialect, draw, codes) for draw, codes in drawn.items()]
    lines += _biases(dialect, drawn)
    if lines:
        body = "\n".join(lines)
        if dialect.inside:
            body = f"{dialect.inside}\n" + "\n".join(f"    {line}" for line in body.split("\n"))
        parts += [dialect.start, body]
    return "\n\n".join(parts) + "\n"


def _loop(dialect: Dialect, draw: Draw, codes: dict[str, list[str]]) -> str:
    """한 초기화로 다시 뽑을 행렬들의 반복문."""
    reasons = ", ".join(dict.fromkeys(WORDS[code].title for found in codes.values() for code in found))
    # JAX와 TensorFlow의 배열은 조각을 제자리에서 바꿀 수 없습니다.
    by_hand = [e for e in codes if e.endswith("]") and not dialect.slices]
    lines = [f"# {reasons}: {SAID[draw.name]}."]
    lines += [f"# {expression}는 한 배열의 일부입니다. 층을 만들 때의 초기화를 고치십시오." for expression in by_hand]
    if kept := [e for e in codes if e not in by_hand]:
        line = dialect.draws[SAME.get(draw.name, draw.name)].replace("{std}", f"{draw.std}")
        lines += [_each("weight", kept), f"    {line}"]
    return "\n".join(lines)


def _biases(dialect: Dialect, drawn: dict[Draw, dict[str, list[str]]]) -> list[str]:
    """죽은 ReLU와 큰 첫 손실은 편향 때문일 수도 있으므로 편향도 0으로 되돌립니다."""
    wanted = [e for codes in drawn.values() for e, found in codes.items() if {"dead", *OUTPUT} & set(found)]
    if not (biases := [bias for e in wanted if (bias := _bias(dialect, e))]):
        return []
    return [f"# 편향은 0에서 시작합니다.\n{_each('bias', biases)}\n    if bias is not None:\n        {dialect.zero}"]


def _each(name: str, expressions: Sequence[str]) -> str:
    if len(expressions) == 1:
        return f"for {name} in ({expressions[0]},):"
    return "\n".join([f"for {name} in (", *(f"    {expression}," for expression in expressions), "):"])


def _bias(dialect: Dialect, expression: str) -> str | None:
    if expression.startswith("model.weights["):
        return expression.replace("weights", "biases")
    for end, other in dialect.bias:
        if expression.endswith(end):
            return expression.removesuffix(end) + other
    return None


def _reaches(drawn: dict[Draw, dict[str, list[str]]], code: str) -> bool:
    return any(code in found for codes in drawn.values() for found in codes.values())


def _data(recording: Recording, finding: Finding) -> str:
    """자료의 탈을 고치는 줄. 입력이 여럿이면 어느 것인지 코드가 알 수 없어 글로만 적습니다."""
    title, framework = WORDS[finding.code].title, recording.framework
    missing = finding.code == "input" and finding.measured is not None and math.isnan(finding.measured)
    text = LINES["missing" if missing else finding.code].format(
        over=f"axis={_axes(recording)}, keepdims=True",
        shuffle=SHUFFLE.get(framework, ""),
        scaling=SCALING.get(framework, "손실에 큰 수를 곱했다가 기울기를 나누거나 bfloat16을 쓰십시오."),
    )
    if len(recording.arrays) > 1 and finding.code in ("input", "label_order"):
        text = f"# 입력이 여럿입니다. {change(finding)}"
    return f"# {title}: {chapters(finding)}.\n{text}"


def _axes(recording: Recording) -> int | tuple[int, ...]:
    """평균을 낼 축: 특성이나 채널의 축만 남깁니다."""
    rank = recording.arrays[0].ndim
    channels = 1 if recording.framework == "torch" and rank == 4 else rank - 1
    return tuple(axis for axis in range(rank) if axis != channels) if rank > 2 else 0


def _unmended(recording: Recording, finding: Finding) -> str:
    title = WORDS[finding.code].title
    named = [recording.named[name] for name in (finding.layer, *finding.also) if name in recording.named]
    if named and not any(weight.trainable for layer in named for weight in layer.weights.values()):
        return f"# {title}: 얼린 층이므로 바꾸지 않습니다."
    if finding.measured == math.inf:
        return f"# {title}: 가중치는 유한합니다. 그 층의 편향과 계산(0으로 나눈 것, log(0))을 보십시오."
    if finding.code in CHAIN:
        return f"# {title}: 가중치의 크기는 이미 맞습니다. 활성화 함수를 바꾸거나 정규화 층이나 옆길을 더하십시오."
    return (
        f"# {title}: 행렬 하나의 탓이 아니어서 다시 뽑을 것이 없습니다. 표에서 출력 RMS가 커지기 시작한 층을 찾아,\n"
        "# 활성화 함수를 빠뜨리지 않았는지, 불러온 가중치라면 이 자료의 것인지 보십시오."
    )
