"""망의 그림: 유닛은 동그라미, 가중치는 선. 같은 유닛을 같은 색과 글자로 나타냅니다."""

from collections.abc import Mapping, Sequence

from ..checks import check_integer, check_named, refuse
from .style import SERIES, Figure, new_figure, styled

LETTERS = "ABCDEF"
MOST_UNITS, MOST_NETWORKS = 12, 3


@styled
def network(networks: Mapping[str, Sequence[int | Sequence[int]]], title: str = "") -> Figure:
    """완전 연결 망을 나란히 그립니다.

    - `networks`: 이름 → 층의 목록, 셋까지. 층은 유닛의 수(12 이하)이거나, 유닛마다 몇째 무리인지(1–6) 적은 목록입니다.
      무리를 적으면 무리마다 다른 색과 글자로 칠합니다: 번호가 같은 유닛은 서로 같은 유닛입니다.

    >>> network({"상수": [4, [1, 1, 1], 2]}, "망").alt
    '망. 상수: 층마다 유닛이 4, 3, 2개이고 서로 다른 은닉 유닛은 1개.'
    """
    check_named("networks", networks, "층의 목록", MOST_NETWORKS)
    figure, axes = new_figure(2.6, title, len(networks))
    said = []
    for axis, (name, layers) in zip(axes, networks.items()):
        layers = _check_layers(f"networks[{name!r}]", layers)
        _draw(axis, layers)
        axis.set_title(name)
        kinds = [str(len(set(layer))) for layer in layers[1:-1] if layer[0]]
        colored = f"이고 서로 다른 은닉 유닛은 {', '.join(kinds)}개" if kinds else ""
        said.append(f"{name}: 층마다 유닛이 {', '.join(str(len(layer)) for layer in layers)}개{colored}.")
    figure.alt = f"{title}. {' '.join(said)}"
    return figure


def _check_layers(name: str, layers: object) -> list[list[int]]:
    """층마다 유닛의 무리 번호. 무리를 적지 않은 층은 모두 0입니다."""
    if not isinstance(layers, (list, tuple)) or len(layers) < 2:
        refuse(name, "두 층 이상의 목록", layers, TypeError)
    return [_check_layer(f"{name}[{i}]", layer) for i, layer in enumerate(layers)]


def _check_layer(name: str, layer: object) -> list[int]:
    groups = isinstance(layer, (list, tuple))
    units = [check_integer(name, n) for n in layer] if groups else [0] * min(check_integer(name, layer), MOST_UNITS + 1)
    if not 1 <= len(units) <= MOST_UNITS:
        refuse(name, f"유닛 1–{MOST_UNITS}개인 층", layer)
    if max(units) > len(LETTERS):
        refuse(name, f"1 이상 {len(LETTERS)} 이하인 무리의 번호", layer)
    return units


def _draw(axis, layers: list[list[int]]) -> None:
    """층은 왼쪽에서 오른쪽으로, 유닛은 위에서 아래로. 선은 그것이 나온 유닛의 색입니다."""
    places = [[(x, (len(units) - 1) / 2 - i) for i in range(len(units))] for x, units in enumerate(layers)]
    for x, units in enumerate(layers):
        for (left, y), group in zip(places[x], units):
            color = SERIES[group - 1] if group else "#777777"
            for right, end in places[x + 1] if x + 1 < len(layers) else []:
                axis.plot([left, right], [y, end], color=color, linewidth=0.6, alpha=0.6, zorder=1)
            face = color if group else "white"
            axis.plot(left, y, "o", color=color, markerfacecolor=face, markersize=13, zorder=2)
            if group:
                axis.annotate(
                    LETTERS[group - 1], (left, y), color="white", fontsize=9, ha="center", va="center_baseline"
                )
    axis.margins(0.12)
    axis.axis("off")
