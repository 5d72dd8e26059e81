"""설계도에서 행렬이 있는 부품마다 그 둘레: 뒤따르는 것, 든 옆길."""

from dataclasses import dataclass

from experiments.clinic.blueprint import WEIGHTED, Part


@dataclass(frozen=True)
class Link:
    """부품 하나와 그 둘레.

    - `norm`: 바로 뒤에 정규화가 있는지. `activation`: 그다음 행렬에 닿기 전에 오는 활성화 함수.
    - `straight`: 활성화 함수가 바로 뒤에 있는지. `branch`: 든 옆길의 residual.
    - `last`: 그 옆길이나 망의 마지막 행렬인지.
    """

    part: Part
    norm: bool
    activation: str | None
    straight: bool
    branch: Part | None
    last: bool


def links(blueprint):
    """앞으로 흐르는 차례로."""
    return list(_links(blueprint.parts, None))


def _links(parts, branch):
    for i, part in enumerate(parts):
        if part.op in WEIGHTED:
            yield _link(part, parts[i + 1 :], branch)
        yield from _links(part.parts, part if part.op == "residual" else branch)


def _link(part, after, branch):
    near = []
    for following in after:
        if following.op in (*WEIGHTED, "again", "tied", "residual"):
            break
        near.append(following)
    activation = next((p.settings["name"] for p in near if p.op == "activate"), None)
    last = not any(p.op in (*WEIGHTED, "again", "tied") or p.parts for p in after)
    norm, straight = (bool(near) and near[0].op == op for op in ("norm", "activate"))
    return Link(part, norm, activation, straight, branch, last)


def hidden(blueprint):
    """활성화 함수로 이어지는 완전 연결 층과 합성곱."""
    return [
        link
        for link in links(blueprint)
        if link.part.op in ("dense", "convolution") and link.activation and not (link.last and not link.branch)
    ]
