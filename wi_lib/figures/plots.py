"""강의의 그림. 함수마다 자료를 받아 `Figure`를 돌려주고, 대체 텍스트도 그 자료에서 만듭니다.

축의 범위는 장이 달라도 같아서, 1장의 그림과 5장의 그림을 눈으로 견줄 수 있습니다.
"""

import numpy as np

from ..checks import LARGEST, as_array, check_array, check_integer, check_named, check_number, check_values, refuse
from ..signals import Signals, rms
from ..theory import Prediction
from . import layers
from .style import MARKERS, SERIES, new_canvas, new_figure, show_powers, styled


def _number(value):
    return "NaN(발산)" if np.isnan(value) else f"{value:.2g}"


def _check_signals(name, value):
    if not isinstance(value, Signals):
        refuse(name, "propagate나 measure가 돌려준 Signals", value, TypeError)


@styled
def layer_histograms(signals, title=""):
    """층별 분포: 윗줄은 활성화값, 아랫줄은 역전파 신호 |δ|의 크기(로그 축).

    - `signals`: `propagate`의 결과. 다섯 층이 넘으면 고르게 다섯 층을 고릅니다.
    - `title`: 그림 위의 제목.

    가로축은 장마다 같습니다: 활성화값은 −3…3, |δ|는 10⁻⁸…10². 0인 δ는 막대 대신 비율로 적습니다.
    """
    _check_signals("signals", signals)
    counted = layers.count(signals)
    figure = new_canvas(3.1)
    layers.draw(figure, counted)
    figure.suptitle(title, fontsize=11)
    ends = (0, -1)
    spread = ", ".join(f"{counted['layers'][i]}층 {_number(counted['std'][i])}" for i in ends)
    delta = ", ".join(f"{counted['layers'][i]}층 {_number(counted['delta_rms'][i])}" for i in ends)
    figure.alt = f"{title}: 층별 히스토그램. 활성화값의 표준편차는 {spread}, 역전파 신호의 RMS는 {delta}입니다."
    return figure


@styled
def depth_lines(results, title=""):
    """한 줄 요약: 깊이에 따른 활성화값의 표준편차(왼쪽)와 역전파 신호의 RMS(오른쪽). 점은 측정, 선은 이론입니다.

    - `results`: 이름 → (Signals, theory.Prediction 또는 None) 사전.
    - `title`: 그림 위의 제목.
    """
    _check_results(results)
    figure, axes = new_figure(1, 2, 2.9)
    said = []
    for (name, (signals, prediction)), color, marker in zip(results.items(), SERIES, MARKERS):
        layers = np.arange(1, len(signals.activations) + 1)
        measured = [a.std(dtype=np.float64) for a in signals.activations], [rms(d) for d in signals.deltas]
        predicted = (prediction.std, prediction.delta_rms) if prediction else ([], [])
        for axis, dots, line in zip(axes[0], measured, predicted):
            axis.plot(layers[: len(line)], np.maximum(line, 1e-45), color=color, linewidth=1.2)
            every = max(1, len(layers) // 12)
            axis.plot(layers[::every], np.maximum(dots, 1e-45)[::every], marker, color=color, markersize=4, label=name)
        said.append(
            f"{name} — 마지막 층의 표준편차 {_number(measured[0][-1])}, 1층의 역전파 RMS {_number(measured[1][0])}"
        )
    _log_axes(axes[0], ("활성화값의 표준편차", "역전파 신호 δ의 RMS"))
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=min(3, len(results)))
    figure.suptitle(title, fontsize=11)
    drawn = "점은 측정, 선은 이론" if any(prediction for _, prediction in results.values()) else "점은 측정"
    figure.alt = f"{title}: 깊이에 따른 신호의 크기. {drawn}입니다. {'; '.join(said)}."
    return figure


def _check_results(results):
    check_named("results", results, "(Signals, Prediction)", len(SERIES))
    for name, pair in results.items():
        allowed = "층 수가 같은 (Signals, theory.Prediction 또는 None)"
        if not isinstance(pair, (tuple, list)) or len(pair) != 2 or not isinstance(pair[1], Prediction | None):
            refuse(f"results[{name!r}]", allowed, pair, TypeError)
        _check_signals(f"results[{name!r}][0]", pair[0])
        if pair[1] and len(pair[1].std) != len(pair[0].activations):
            counts = len(pair[0].activations), len(pair[1].std)
            refuse(f"results[{name!r}]", allowed, "{}층의 Signals와 {}층의 Prediction".format(*counts))


def _log_axes(axes, titles):
    for axis, title in zip(axes, titles):
        axis.set(title=title, xlabel="층", yscale="log")
        low, high = axis.get_ylim()
        show_powers(axis.yaxis)
        # 값이 거의 일정할 때 로그 축이 잡음을 키워 보이지 않도록 적어도 10⁻²…10¹은 보입니다.
        axis.set_ylim(min(low, 1e-2), max(high, 1e1))
        axis.xaxis.get_major_locator().set_params(integer=True)


def smooth(values, window=50):
    """앞뒤 window개를 평균한 곡선. 끝에서는 있는 만큼만 평균하므로 길이가 같습니다.

    >>> smooth(np.array([0.0, 3.0, 0.0]), window=3)
    array([1.5, 1. , 1.5])
    """
    values = check_values("values", values, (None,))
    kernel = np.ones(min(check_integer("window", window), len(values)))
    return np.convolve(values, kernel, "same") / np.convolve(np.ones(len(values)), kernel, "same")


@styled
def loss_curves(losses, title="", window=50, every=1):
    """학습 곡선: 이동 평균한 손실. 시드가 여럿이면 평균을 선으로, 최솟값과 최댓값 사이를 띠로 그립니다.

    - `losses`: 이름 → (걸음 수,) 또는 (시드 수, 걸음 수) 배열. 발산한 뒤는 NaN으로 둡니다.
    - `window`: 이동 평균의 걸음 수. `every`: 배열의 한 칸이 몇 걸음인지.
    """
    check_named("losses", losses, "배열", len(SERIES))
    window = max(1, check_integer("window", window) // check_integer("every", every))
    losses = {name: check_values(f"losses[{name!r}]", loss, (None,), (None, None)) for name, loss in losses.items()}
    figure, axes = new_figure(1, 1, 3.1)
    axis, said = axes[0, 0], []
    for (name, loss), color in zip(losses.items(), SERIES):
        runs = np.array([smooth(run, window) for run in np.atleast_2d(loss)])
        steps, mean = np.arange(runs.shape[1]) * every, runs.mean(axis=0)
        axis.plot(steps, mean, color=color, label=name)
        if len(runs) > 1:
            axis.fill_between(steps, runs.min(axis=0), runs.max(axis=0), color=color, alpha=0.2, linewidth=0)
        said.append(f"{name} {_number(mean[-1])}")
    axis.axhline(np.log(10), color="#777777", linestyle=":", linewidth=1)
    axis.annotate("ln 10", (1, np.log(10)), xycoords=("axes fraction", "data"), ha="right", va="bottom", fontsize=9)
    axis.set(xlabel="걸음", ylabel="손실 (nat)", ylim=(0, 2.6))
    figure.legend(*axis.get_legend_handles_labels(), loc="outside lower center", ncols=3)
    figure.suptitle(title, fontsize=11)
    figure.alt = f"{title}: 걸음에 따른 손실 곡선. 마지막 손실은 {', '.join(said)}입니다."
    return figure


@styled
def accuracy_grid(values, rows, columns, title="", xlabel=""):
    """시험 정확도의 표: 칸의 색과 숫자가 모두 측정값(%)입니다. NaN은 발산으로 적습니다.

    - `values`: (행 수, 열 수) 배열, 0 이상 1 이하 또는 NaN. `rows`, `columns`: 이름의 목록.
    """
    for name, labels in (("rows", rows), ("columns", columns)):
        if not isinstance(labels, (list, tuple)) or not labels:
            refuse(name, "비어 있지 않은 이름의 목록", labels, TypeError)
    values = check_values("values", values, (len(rows), len(columns)))
    if ((values < 0) | (values > 1)).any():
        got = f"최솟값 {np.nanmin(values):.4g}, 최댓값 {np.nanmax(values):.4g}인 배열"
        refuse("values", "0 이상 1 이하이거나 NaN인 실수 배열", got)
    figure, axes = new_figure(1, 1, 0.95 + 0.42 * len(rows))
    axis = axes[0, 0]
    axis.imshow(np.nan_to_num(values), vmin=0, vmax=1, cmap="cividis", aspect="auto")
    for (row, column), value in np.ndenumerate(values):
        text = "발산" if np.isnan(value) else f"{100 * value:.0f}"
        axis.text(column, row, text, ha="center", va="center", color="black" if value > 0.6 else "white")
    axis.set(xticks=range(len(columns)), yticks=range(len(rows)), xlabel=xlabel)
    axis.set_xticklabels(columns)
    axis.set_yticklabels(rows)
    axis.grid(False)
    axis.spines[:].set_visible(False)
    figure.suptitle(title, fontsize=11)
    best = [
        f"{row} 모두 발산" if np.isnan(line).all() else f"{row} 최고 {100 * np.nanmax(line):.0f} %"
        for row, line in zip(rows, values)
    ]
    figure.alt = f"{title}: {xlabel}에 따른 시험 정확도의 표. {', '.join(best)}입니다."
    return figure


def _check_marks(mark):
    """(가로축의 값, 이름) 하나나 그 목록, None을 목록으로 돌려줍니다."""
    marks = [] if mark is None else [mark] if isinstance(mark, tuple) else mark
    pairs = isinstance(marks, list) and all(isinstance(pair, (tuple, list)) and len(pair) == 2 for pair in marks)
    if not pairs or not all(isinstance(name, str) for _, name in marks):
        refuse("mark", "(가로축의 값, 이름)이나 그 목록", mark, TypeError)
    for where, _ in marks:
        check_number("mark", where, minimum=-LARGEST)
    return marks


def _check_theory(theory, series, shape):
    if theory is None:
        return {}
    check_named("theory", theory, "배열", len(SERIES))
    if not set(theory) <= set(series):
        refuse("theory", f"series에 있는 이름({', '.join(series)})", list(theory))
    return {name: check_values(f"theory[{name!r}]", values, shape) for name, values in theory.items()}


@styled
def curves(x, series, title="", xlabel="", ylabel="", log=False, mark=None, theory=None):
    """이름이 붙은 곡선 몇 개.

    - `x`: (n,) 가로축의 값. `series`: 이름 → (n,) 배열. `log`: 세로축을 로그로 그릴지.
    - `theory`: 이름 → (n,) 배열. 이름이 같은 series는 점으로 그리고 이것을 같은 색의 선으로 그립니다.
    - `mark`: (가로축의 값, 이름)이나 그 목록. 그 자리에 이름이 붙은 세로 점선을 긋습니다.
    """
    x = check_array("x", as_array(x), (None,))
    check_named("series", series, "배열", len(SERIES))
    series = {name: check_values(f"series[{name!r}]", values, x.shape) for name, values in series.items()}
    if log and not any((values > 0).any() for values in series.values()):
        refuse("series", "log=True일 때는 양수가 하나라도 있는 배열", series)
    marks, theory = _check_marks(mark), _check_theory(theory, series, x.shape)
    figure, axes = new_figure(1, 1, 2.9)
    axis = axes[0, 0]
    for (name, values), color, marker in zip(series.items(), SERIES, MARKERS):
        if name in theory:
            axis.plot(x, theory[name], color=color, linewidth=1.2)
            axis.plot(x, values, marker, color=color, markersize=4, label=name)
        else:
            axis.plot(x, values, color=color, label=name)
    axis.set(xlabel=xlabel, ylabel=ylabel, yscale="log" if log else "linear")
    if log:
        show_powers(axis.yaxis)
    for where, name in marks:
        axis.axvline(where, color="#777777", linestyle=":", linewidth=1.2)
        axis.annotate(name, (where, 1), xycoords=("data", "axes fraction"), ha="center", va="bottom", fontsize=9)
    if len(series) > 1:
        figure.legend(*axis.get_legend_handles_labels(), loc="outside lower center", ncols=3)
    figure.suptitle(title, fontsize=11)
    ends = [f"{name} {_number(values[0])}에서 {_number(values[-1])}(으)로" for name, values in series.items()]
    figure.alt = f"{title}: {xlabel}에 따른 {ylabel}. 왼쪽 끝에서 오른쪽 끝까지 {', '.join(ends)} 바뀝니다."
    if theory:
        figure.alt += " 점은 측정, 선은 이론입니다."
    if marks:
        figure.alt += f" 세로 점선은 {', '.join(name for _, name in marks)}입니다."
    return figure
