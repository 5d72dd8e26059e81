"""층별 분포: 활성화값과 역전파 신호의 히스토그램을 세고 그립니다."""

from collections.abc import Mapping, Sequence

import numpy as np

from ..checks import LARGEST_FLOAT64, as_array, check_array, check_ends, check_named, refuse
from ..signals import Signals, rms, std
from .numbers import number, power
from .style import BACKWARD, FORWARD, Figure, new_canvas, styled

SPAN = (-3, 3)
DELTA_EXPONENTS = (-8, 2)
# `count`가 돌려주는 이름.
FIELDS = ("layers", "activations", "deltas", "zeros", "std", "saturated", "delta_rms", "delta_median")


@styled
def layer_histograms(signals: Signals, title: str = "", span: tuple[float, float] = SPAN) -> Figure:
    """층별 분포: 윗줄은 활성화값, 아랫줄은 역전파 신호 |δ|의 크기(로그 축).

    - `signals`: `propagate`의 결과. 다섯 층이 넘으면 고르게 다섯 층을 고릅니다.
    - `title`: 그림 위의 제목.
    - `span`: 활성화값의 가로축. 밖의 값은 양 끝 구간에 셉니다. sigmoid에는 (0, 1)을 씁니다.

    가로축은 장마다 같습니다: 활성화값은 −3…3, sigmoid의 활성화값은 0…1, |δ|는 10⁻⁸…10². 0인 δ는 막대 대신 비율로
    적습니다.
    """
    check_signals("signals", signals)
    span = check_ends("span", span)
    counted = count(signals, span=span)
    figure = new_canvas(3.1, title)
    draw(figure, counted, span)

    def ends(name):
        return ", ".join(f"{counted['layers'][i]}층 {number(counted[name][i])}" for i in (0, -1))

    figure.alt = (
        f"{title}: 층별 히스토그램. 활성화값의 표준편차는 {ends('std')}, 역전파 신호의 RMS는 {ends('delta_rms')}입니다."
    )
    return figure


@styled
def histograms(rows: Mapping[str, Sequence[np.ndarray]], title: str = "", span: tuple[float, float] = (0, 1)) -> Figure:
    """이름이 붙은 줄마다, 층의 차례로 놓인 배열의 히스토그램. 세로축은 비율 0…0.5입니다.

    - `rows`: 이름 → 배열의 목록. 목록의 길이는 모두 같고 다섯까지입니다. 줄은 넷까지입니다.
    - `span`: 가로축. 밖의 값은 양 끝 구간에 셉니다.

    >>> histograms({"표준편차 1": [np.array([0.0, 1.0])]}, "제목").alt
    '제목: 층별 히스토그램. 표준편차는 표준편차 1: 1층 0.5입니다.'
    """
    check_named("rows", rows, "배열의 목록", 4)
    span = check_ends("span", span)
    columns = _columns(rows)
    figure = new_canvas(0.6 + 1.25 * len(rows), title)
    axes = figure.subplots(len(rows), columns, squeeze=False)
    said = []
    for (name, values), line in zip(rows.items(), axes):
        arrays = [check_array(f"rows[{name!r}]", as_array(v), limit=LARGEST_FLOAT64) for v in values]
        for axis, a in zip(line, arrays):
            _stairs(axis, shares(a, 60, span), span, FORWARD, 0.5)
            axis.set(**_x_ticks(span))
        line[0].set_ylabel(name)
        said.append(f"{name}: " + ", ".join(f"{i}층 {number(std(a))}" for i, a in enumerate(arrays, start=1)))
    for i, axis in enumerate(axes[0], start=1):
        axis.set_title(f"{i}층")
    figure.alt = f"{title}: 층별 히스토그램. 표준편차는 {'; '.join(said)}입니다."
    return figure


def _columns(rows):
    """모든 줄의 길이. 줄이 목록이 아니거나 길이가 다르면 거절합니다."""
    first = len(next(iter(rows.values()))) if isinstance(next(iter(rows.values())), (list, tuple)) else 0
    for name, values in rows.items():
        if not isinstance(values, (list, tuple)) or not 1 <= len(values) == first <= 5:
            refuse(f"rows[{name!r}]", "길이가 모두 같은, 배열 1–5개의 목록", values, TypeError)
    return first


def check_signals(name, value):
    if not isinstance(value, Signals):
        refuse(name, "propagate나 measure가 돌려준 Signals", value, TypeError)


def shown(depth, columns=5):
    """depth개의 층 가운데 그릴 층의 번호(0부터): 첫 층과 마지막 층을 넣어 고르게."""
    return np.unique(np.linspace(0, depth - 1, min(columns, depth)).round().astype(int))


def shares(values, bins, span):
    """구간마다 든 값의 비율. span 밖의 값은 양 끝 구간에 셉니다. NaN과 −∞는 세지 않습니다."""
    known = values[np.isfinite(values)].ravel()
    return np.histogram(np.clip(known, *span), bins, range=span)[0] / values.size


def count(signals, bins=(60, 50), span=SPAN):
    """그릴 층마다의 분포와 수치. 값은 모두 (그린 층 수, …) 배열인 사전입니다.

    - `layers`: 층 번호(1부터). `activations`, `deltas`: 구간마다의 비율(δ는 log₁₀|δ|의 구간). `zeros`: 0인 δ의 비율.
    - `std`, `saturated`: 활성화값의 표준편차와 포화한 비율. `delta_rms`, `delta_median`: |δ|의 RMS와 중앙값.
    """
    rows = []
    for layer in shown(len(signals.activations)):
        a, delta = signals.activations[layer], signals.deltas[layer]
        size = np.abs(delta)
        with np.errstate(divide="ignore"):
            exponents = np.log10(size, dtype=np.float64)
        rows.append(
            {
                "layers": layer + 1,
                "activations": shares(a, bins[0], span),
                "deltas": shares(exponents, bins[1], DELTA_EXPONENTS),
                "zeros": np.mean(size == 0),
                "std": std(a),
                "saturated": signals.activation.saturated(a),
                "delta_rms": rms(delta),
                "delta_median": np.median(size),
            }
        )
    return {name: np.array([row[name] for row in rows]) for name in FIELDS}


def draw(figure, counted, span=SPAN, top=0.5):
    """`count`의 결과를 두 줄로 그립니다. 세로축은 비율 0…top입니다. Figure나 SubFigure를 받습니다."""
    axes = figure.subplots(2, len(counted["layers"]), squeeze=False)
    for i, layer in enumerate(counted["layers"]):
        _stairs(axes[0, i], counted["activations"][i], span, FORWARD, top)
        axes[0, i].set(title=f"{layer:.0f}층", **_x_ticks(span))
        _stairs(axes[1, i], counted["deltas"][i], DELTA_EXPONENTS, BACKWARD, top)
        axes[1, i].set(xlim=DELTA_EXPONENTS, xticks=(-6, 0))
        axes[1, i].set_xticklabels([power(e) for e in (-6, 0)], fontfamily="DejaVu Sans")
        if (zeros := counted["zeros"][i]) > 0.005:
            axes[1, i].text(0.05, 0.86, f"0: {zeros:.0%}", transform=axes[1, i].transAxes, fontsize=9)
    axes[0, 0].set_ylabel("활성화값")
    axes[1, 0].set_ylabel("역전파 |δ|")


def _stairs(axis, heights, span, color, top):
    axis.stairs(heights, np.linspace(*span, len(heights) + 1), fill=True, color=color)
    axis.set(ylim=(0, top), yticks=[])


def _x_ticks(span):
    low, high = span
    margin = (high - low) / 60
    ticks = (-2, 0, 2) if span == SPAN else (low, (low + high) / 2, high)
    return {"xlim": (low - margin, high + margin), "xticks": ticks}
