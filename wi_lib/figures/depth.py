"""한 줄 요약: 깊이에 따라 신호의 크기가 어떻게 변하는지, 측정을 이론 곁에 놓습니다."""

from collections.abc import Mapping

import numpy as np

from ..checks import check_named, refuse
from ..signals import Signals, rms, std
from ..theory import Prediction
from .layers import check_signals
from .numbers import number
from .style import MARKERS, SERIES, Figure, add_legend, new_figure, show_powers, styled

# 로그 축에 그릴 수 있는 가장 작은 값: float32의 0이 아닌 가장 작은 값 아래입니다.
FLOOR = 1e-45


@styled
def depth_lines(results: Mapping[str, tuple[Signals, Prediction | None]], title: str = "") -> Figure:
    """한 줄 요약: 깊이에 따른 활성화값의 표준편차, 역전파 δ의 RMS, 가중치 기울기의 RMS. 점은 측정, 선은 이론입니다.

    - `results`: 이름 → (Signals, theory.Prediction 또는 None) 사전.
    - `title`: 그림 위의 제목.
    """
    _check_results(results)
    figure, axes = new_figure(3.0, title, columns=3)
    said = []
    for (name, (signals, prediction)), color, marker in zip(results.items(), SERIES, MARKERS):
        depths = np.arange(1, len(signals.activations) + 1)
        measured = [
            [std(a) for a in signals.activations],
            [rms(d) for d in signals.deltas],
            [rms(g) for g in signals.weight_gradients],
        ]
        predicted = (
            (prediction.std, prediction.delta_rms, prediction.weight_gradient_rms) if prediction else ([], [], [])
        )
        for axis, dots, line in zip(axes, measured, predicted):
            axis.plot(depths[: len(line)], np.maximum(line, FLOOR), color=color, linewidth=1.2)
            every = max(1, len(depths) // 12)
            axis.plot(depths[::every], np.maximum(dots, FLOOR)[::every], marker, color=color, markersize=4, label=name)
        (*_, last), (first, *_), (gradient, *_) = measured
        said.append(
            f"{name} — 마지막 층의 표준편차 {number(last)}, 1층의 역전파 RMS {number(first)}, "
            f"1층의 가중치 기울기 RMS {number(gradient)}"
        )
    _log_axes(axes, ("활성화값의\n표준편차", "역전파 신호 δ의\nRMS", "가중치 기울기의\nRMS"))
    add_legend(figure, axes[0])
    drawn = "점은 측정, 선은 이론" if any(prediction for _, prediction in results.values()) else "점은 측정"
    figure.alt = f"{title}: 깊이에 따른 신호의 크기. {drawn}입니다. {'; '.join(said)}."
    return figure


def _check_results(results):
    check_named("results", results, "(Signals, Prediction)", len(SERIES))
    for name, pair in results.items():
        allowed = "층 수가 같은 (Signals, theory.Prediction 또는 None)"
        if not isinstance(pair, (tuple, list)) or len(pair) != 2 or not isinstance(pair[1], Prediction | None):
            refuse(f"results[{name!r}]", allowed, pair, TypeError)
        check_signals(f"results[{name!r}][0]", pair[0])
        if pair[1] and len(pair[1].std) != len(pair[0].activations):
            counts = len(pair[0].activations), len(pair[1].std)
            refuse(f"results[{name!r}]", allowed, "{}층의 Signals와 {}층의 Prediction".format(*counts))


def _log_axes(axes, titles):
    for axis, title in zip(axes, titles):
        axis.set_title(title, linespacing=1.5)
        axis.set(xlabel="층", yscale="log")
        low, high = axis.get_ylim()
        show_powers(axis.yaxis)
        # 값이 거의 일정할 때 로그 축이 잡음을 키워 보이지 않도록 적어도 10⁻²…10¹은 보입니다.
        axis.set_ylim(min(low, 1e-2), max(high, 1e1))
        axis.xaxis.get_major_locator().set_params(integer=True)
