"""16장 2번의 GPT-2: 배열의 이름과 모양, 뽑은 초깃값을 받아 보는 일, 배열마다의 옳은 표준편차와 흔한 실수."""

import numpy as np

from .answers import array, call, require

STD = 0.02
# 난수로 뽑는 배열: 이름의 끝 → 무엇인지. 뒤의 둘만 줄기에 씁니다.
DRAWN = {
    "wte.weight": "임베딩",
    "wpe.weight": "위치 임베딩",
    "attn.c_attn.weight": "질의, 열쇠, 값",
    "mlp.c_fc.weight": "MLP의 첫 행렬",
    "attn.c_proj.weight": "어텐션의 마지막 행렬",
    "mlp.c_proj.weight": "MLP의 마지막 행렬",
}
NOT_COUNTED = "줄기에 더해지는 옆길의 수를 다시 세십시오."


def shapes(blocks, width, *, vocabulary, tokens):
    """GPT-2의 코드와 같은 이름마다의 배열의 모양."""
    found = {"wte.weight": (vocabulary, width), "wpe.weight": (tokens, width)}
    for block in (f"h.{i}" for i in range(blocks)):
        for part, sizes in {
            "ln_1": (width,),
            "attn.c_attn": (width, 3 * width),
            "attn.c_proj": (width, width),
            "ln_2": (width,),
            "mlp.c_fc": (width, 4 * width),
            "mlp.c_proj": (4 * width, width),
        }.items():
            found |= {f"{block}.{part}.weight": sizes, f"{block}.{part}.bias": sizes[-1:]}
    return found | {"ln_f.weight": (width,), "ln_f.bias": (width,)}


def drawn(answer, shapes, seed):
    """학생의 함수가 뽑은 {이름: 배열}. 이름, 모양, rng를 따르는지까지 봅니다."""
    first, again, other = (_asked(answer, shapes, s) for s in (seed, seed, seed + 1))
    same = all(np.array_equal(first[name], again[name]) for name in shapes)
    require(same, "같은 시드의 rng를 주었는데 `gpt2_init`의 결과가 다릅니다. rng로만 뽑으십시오.")
    followed = any(not np.array_equal(first[name], other[name]) for name in shapes)
    require(followed, "rng를 바꾸어도 `gpt2_init`의 결과가 같습니다. 건네받은 rng로 뽑으십시오.")
    return first


def _asked(answer, shapes, seed):
    given = dict(shapes)
    found = call(answer, given, rng=np.random.default_rng(seed))
    kept = list(given) == list(shapes) and all(given[name] is shape for name, shape in shapes.items())
    require(kept, "`gpt2_init`이 건네받은 shapes를 고쳐 버립니다. 새 사전을 만들어 돌려주십시오.")
    require(isinstance(found, dict), f"`gpt2_init`은 사전을 돌려주어야 합니다. 지금은 {type(found).__name__}입니다.")
    missing = [name for name in shapes if name not in found]
    require(not missing, f"`{missing[0] if missing else ''}`가 결과에 없습니다.")
    require(len(found) == len(shapes), "shapes에 없는 이름이 결과에 있습니다. 출력 행렬은 wte를 함께 씁니다.")
    return {name: array(name, found[name], shape) for name, shape in shapes.items()}


def fixed(arrays):
    """뽑지 않는 것: 편향은 0, 정규화의 γ는 1."""
    for name, values in arrays.items():
        if name.endswith(".bias"):
            require(not values.any(), f"`{name}`가 0이 아닙니다. 편향과 β는 0에서 시작합니다.")
        elif name.split(".")[-2].startswith("ln_"):
            zero = "" if values.any() else " 0이면 그 뒤로 아무 신호도 지나가지 않습니다."
            require(np.all(values == 1), f"`{name}`가 1이 아닙니다. 정규화의 γ는 1에서 시작합니다.{zero}")


def apart(arrays):
    """배열마다 새로 뽑았는지. 같은 난수를 크기만 바꾸어 쓴 것도 찾습니다."""
    values = [array.ravel() for name, array in arrays.items() if name.endswith(tuple(DRAWN))]
    start = min(v.size for v in values)
    firsts = np.array([v[:start] for v in values])
    if np.all(firsts.std(axis=1)):
        alike = np.corrcoef(firsts) - np.eye(len(firsts))
        require(np.abs(alike).max() < 0.9, "두 배열의 난수가 같습니다. 배열마다 새로 뽑으십시오.")


def expected(ending, blocks):
    """(옳은 표준편차, 흔한 실수의 목록)."""
    added = 2 * blocks
    if not ending.endswith("c_proj.weight"):
        reads = "줄기에 쓰는 행렬이 아닙니다. 0.02 그대로 두십시오."
        return STD, [(STD / np.sqrt(n), reads) for n in (added, blocks, added + 1)] + [(0.0, "모두 0입니다.")]
    return STD / np.sqrt(added), [
        (STD, "줄이지 않았습니다. 이 행렬의 출력도 줄기에 더해집니다."),
        (STD / np.sqrt(blocks), f"블록의 수로 나누었습니다. {NOT_COUNTED}"),
        (STD / added, "표준편차를 옆길의 수로 나누었습니다. 줄기에서 더해지는 것은 분산입니다."),
        (STD / blocks, f"표준편차를 블록의 수로 나누었습니다. {NOT_COUNTED}"),
        (STD * np.sqrt(added), "곱했습니다. 옆길이 많을수록 작아야 합니다."),
        (STD / np.sqrt(2), f"블록의 수를 세지 않았습니다. {NOT_COUNTED}"),
        # 번호의 첫 글자만 읽으면, 블록이 열 개를 넘을 때만 틀립니다.
        (STD / np.sqrt(2 * min(blocks, 10)), "블록의 수를 잘못 셌습니다. 이름의 번호는 두 자리일 수도 있습니다."),
        (STD / np.sqrt(added - 2), "블록의 수를 잘못 셌습니다. 이름의 번호는 0부터 붙습니다."),
        (0.0, "0에서 시작했습니다. GPT-2는 줄인 난수에서 시작합니다."),
    ]
