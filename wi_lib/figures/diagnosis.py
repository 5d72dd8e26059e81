"""진단: 모델의 층마다 앞으로 간 신호, 되돌아온 신호, 걸음의 비. 아픈 층에는 동그라미가 붙고 이름이 적힙니다."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .numbers import number
from .style import BACKWARD, FORWARD, SERIES, Figure, new_canvas, show_powers, styled

Values = Sequence[float | None]
ROWS = (
    ("활성화값의\nRMS", FORWARD, "활성화값의 RMS"),
    ("δ의 길이", BACKWARD, "되돌아온 신호의 길이"),
    ("걸음의 비", SERIES[2], "걸음의 비"),
)
# 이름을 적는 층의 수, 이름의 글자 수, 세로축이 적어도 보이는 폭(10의 몇 제곱 배).
NAMED, LETTERS, DECADES = 5, 46, 2.0


@styled
def diagnosis(
    names: Sequence[str],
    forward: Values,
    backward: Values,
    updates: Sequence[Sequence[float | None]],
    sick: Sequence[str] = (),
    title: str = "",
) -> Figure:
    """층마다의 값을 세 줄의 로그 축에 그립니다. 가로축은 층이 처음 불린 차례이고, 0은 ▽, ∞와 NaN은 △로 끝에 그립니다.

    - `names`: 층의 이름. `forward`, `backward`: 층마다의 활성화값의 RMS와 되돌아온 신호의 길이. 모르면 None.
    - `updates`: 층마다, 그 층의 행렬마다의 걸음의 비.
    - `sick`: 탈이 난 층의 이름. 먼저 적은 다섯의 자리와 이름은 그림 아래에 적습니다.

    >>> diagnosis(["fc1", "fc2"], [1.0, 0.1], [0.1, 1.0], [[0.01], [0.01]], ["fc2"], "진단").alt
    '진단. 층마다(2층) 활성화값의 RMS 1 → 0.1, 되돌아온 신호의 길이 0.1 → 1, 걸음의 비 0.01 → 0.01. 탈이 난 층: fc2.'
    """
    chosen = [name for name in dict.fromkeys(sick) if name in names]
    marked = [names.index(name) for name in chosen]
    figure = new_canvas(4.4 + 0.2 * min(len(marked), NAMED + 1), title)
    axes = figure.subplots(3, 1, sharex=True)
    said = []
    for axis, (label, color, word), rows in zip(axes, ROWS, ([[v] for v in forward], [[v] for v in backward], updates)):
        places, values = _points(rows)
        _draw(axis, places, values, color, np.isin(places, marked))
        axis.set_ylabel(label)
        if len(values):
            said.append(f"{word} {number(values[0])} → {number(values[-1])}")
        for at in marked[:NAMED]:
            axis.axvline(at + 1, color="#777777", linestyle=":", linewidth=1, zorder=0)
    axes[-1].set(xlim=(0.5, len(names) + 0.5))
    axes[-1].xaxis.get_major_locator().set_params(integer=True)
    listed = [f"{at + 1}번째: {_shorten(names[at])}" for at in marked[:NAMED]]
    if len(marked) > NAMED:
        listed.append(f"그 밖에 {len(marked) - NAMED}층")
    axes[-1].set_xlabel("\n".join(("층이 불린 차례", *listed)), linespacing=1.5)
    sickly = f" 탈이 난 층: {', '.join(chosen[:NAMED])}{' 등' if len(chosen) > NAMED else ''}." if chosen else ""
    figure.alt = f"{title}. 층마다({len(names)}층) {', '.join(said)}.{sickly}"
    return figure


def _points(rows: Sequence[Sequence[float | None]]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """아는 값의 (층, 값)."""
    known = [(i, value) for i, row in enumerate(rows) for value in row if value is not None]
    return np.array([i for i, _ in known], int), np.array([value for _, value in known], float)


def _draw(axis, places, values, color, sick) -> None:
    plain = np.isfinite(values) & (values > 0)
    inside = np.log10(values[plain]) if plain.any() else np.zeros(1)
    middle, half = (inside.max() + inside.min()) / 2, max(np.ptp(inside) / 2 + 0.3, DECADES / 2)
    low, high = 10.0 ** (middle - half), 10.0 ** (middle + half)
    # 0과 ∞는 로그 축의 끝에 그립니다.
    shown = np.where(plain, values, np.where(values == 0, low, high))
    size = 4 if len(values) <= 60 else 2
    if len(set(places)) == len(places):
        axis.plot(places + 1, shown, "-", color=color, linewidth=0.8, alpha=0.5)
    for kind, marker in ((plain, "o"), (values == 0, "v"), (~plain & (values != 0), "^")):
        _dots(axis, places[kind], shown[kind], marker, color=color, markersize=size)
    _dots(axis, places[sick], shown[sick], "o", color="black", fillstyle="none", markersize=size + 4)
    axis.set(yscale="log", ylim=(low, high))
    show_powers(axis.yaxis)


def _dots(axis, places, values, marker, **style) -> None:
    # 자르지 않는 빈 선은 크기가 무한대여서 그림의 자리를 잡지 못하게 합니다.
    if len(places):
        axis.plot(places + 1, values, marker, clip_on=False, **style)


def _shorten(name: str) -> str:
    half = LETTERS // 2
    return name if len(name) <= LETTERS else f"{name[: half - 1]}…{name[-half:]}"
