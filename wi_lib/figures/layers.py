"""층별 분포: 활성화값과 역전파 신호의 히스토그램을 세고 그립니다."""

import numpy as np

from ..checks import refuse
from ..signals import Signals, rms, std
from .numbers import number, power
from .style import BACKWARD, FORWARD, Figure, new_canvas, styled

SPAN = (-3, 3)
DELTA_EXPONENTS = (-8, 2)
# `count`가 돌려주는 이름.
FIELDS = ("layers", "activations", "deltas", "zeros", "std", "saturated", "delta_rms", "delta_median")


@styled
def layer_histograms(signals: Signals, title: str = "") -> Figure:
    """층별 분포: 윗줄은 활성화값, 아랫줄은 역전파 신호 |δ|의 크기(로그 축).

    - `signals`: `propagate`의 결과. 다섯 층이 넘으면 고르게 다섯 층을 고릅니다.
    - `title`: 그림 위의 제목.

    가로축은 장마다 같습니다: 활성화값은 −3…3, |δ|는 10⁻⁸…10². 0인 δ는 막대 대신 비율로 적습니다.
    """
    check_signals("signals", signals)
    counted = count(signals)
    figure = new_canvas(3.1, title)
    draw(figure, counted)

    def ends(name):
        return ", ".join(f"{counted['layers'][i]}층 {number(counted[name][i])}" for i in (0, -1))

    figure.alt = (
        f"{title}: 층별 히스토그램. 활성화값의 표준편차는 {ends('std')}, 역전파 신호의 RMS는 {ends('delta_rms')}입니다."
    )
    return figure


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
        axes[1, i].set(xlim=DELTA_EXPONENTS, xticks=(-7, -3, 1))
        axes[1, i].set_xticklabels([power(e) for e in (-7, -3, 1)], fontfamily="DejaVu Sans")
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
