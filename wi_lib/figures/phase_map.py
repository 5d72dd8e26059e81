"""질서와 혼돈의 지도: 가중치와 편향의 분산에 따라 신호가 몇 층까지 살아남는지 봅니다."""

from collections.abc import Mapping

import matplotlib as mpl
import numpy as np
from numpy.typing import ArrayLike

from ..checks import as_array, check_array, check_named, check_number, refuse
from .style import CELLS, SERIES, Figure, new_figure, styled

# 지도의 색이 끝나는 층과, 나란히 놓는 지도의 수.
SHORTEST, LONGEST, MOST = 1, 100, 3


@styled
def phase_map(
    weight_variances: ArrayLike,
    bias_variances: ArrayLike,
    depths: Mapping[str, ArrayLike],
    edges: Mapping[str, tuple[ArrayLike, ArrayLike]],
    points: Mapping[str, Mapping[str, tuple[float, float]]],
    title: str = "",
) -> Figure:
    """활성화 함수마다 지도 한 장. 칸의 색은 살아남는 깊이(층), 선은 χ = 1인 경계, 점은 이름난 초깃값입니다.

    - `weight_variances`: (m,), `bias_variances`: (n,). 커지는 차례의 값 두 개 이상.
    - `depths`: 이름 → (n, m) 배열. inf도 되고, 색은 1층과 100층에서 멈춥니다.
    - `edges`: 이름 → (σ_w² 배열, σ_b² 배열). `points`: 이름 → {초깃값: (σ_w², σ_b²)}. 지도 밖의 점은 그리지 않습니다.

    >>> figure = phase_map([1, 2], [0, 1], {"tanh": [[9, 3], [2, 9]]}, {"tanh": ([1, 2], [0, 1])},
    ...                    {"tanh": {"LeCun": (1, 0)}}, "지도")
    >>> figure.alt.endswith("tanh 지도의 점은 LeCun입니다.")
    True
    """
    x, y = _increasing("weight_variances", weight_variances), _increasing("bias_variances", bias_variances)
    depths = _check_depths(depths, (len(y), len(x)))
    edges, points = _check_edges(edges, depths), _check_points(points, depths)
    points = {name: _inside(places, x, y) for name, places in points.items()}
    figure, axes = new_figure(3.0, title, columns=len(depths))
    for (name, values), axis in zip(depths.items(), axes):
        scale = mpl.colors.LogNorm(SHORTEST, LONGEST)
        colors = axis.pcolormesh(x, y, values, norm=scale, cmap="cividis", shading="nearest")
        axis.plot(*edges[name], color=SERIES[1], linewidth=2)
        for label, point in points[name].items():
            _mark(axis, label, point, x)
        axis.set(title=name, xlabel=r"가중치의 분산 $\sigma_w^2$", xlim=(x[0], x[-1]), ylim=(y[0], y[-1]))
        axis.grid(False)
        axis.set_gid(CELLS)
    axes[0].set_ylabel(r"편향의 분산 $\sigma_b^2$")
    bar = figure.colorbar(colors, ax=axes, label="살아남는 깊이 (층)", ticks=[1, 3, 10, 30, 100])
    bar.ax.set_yticklabels(["1", "3", "10", "30", "100+"])
    bar.ax.set_gid(CELLS)
    bar.minorticks_off()
    named = ", ".join(f"{name} 지도의 점은 {', '.join(points[name])}" for name in depths)
    figure.alt = f"{title}: 가로는 가중치의 분산, 세로는 편향의 분산. 밝을수록 신호가 깊이 남습니다. {named}입니다."
    return figure


def _inside(places, x, y):
    return {label: (w, b) for label, (w, b) in places.items() if x[0] <= w <= x[-1] and y[0] <= b <= y[-1]}


def _mark(axis, label, point, x):
    axis.plot(*point, "o", color="white", markeredgecolor="black", markersize=6, clip_on=False, zorder=3)
    # 왼쪽 끝의 이름이 세로축의 글을 가리지 않게 합니다.
    side = "left" if point[0] < x[0] + 0.15 * (x[-1] - x[0]) else "center"
    box = {"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none", "alpha": 0.85}
    axis.annotate(label, point, (0, 7), textcoords="offset points", ha=side, fontsize=9, bbox=box)


def _increasing(name, values):
    values = check_array(name, as_array(values), (None,)).astype(float)
    if len(values) < 2 or not (np.diff(values) > 0).all():
        refuse(name, "커지는 차례의 값 두 개 이상", values)
    return values


def _check_depths(depths, shape):
    check_named("depths", depths, "배열", MOST)
    checked = {}
    for name, values in depths.items():
        values = as_array(values)
        if isinstance(values, np.ndarray) and values.dtype.kind in "iuf":
            values = np.nan_to_num(values, nan=np.nan, posinf=LONGEST)
        checked[name] = np.clip(check_array(f"depths[{name!r}]", values, shape), SHORTEST, LONGEST)
    return checked


def _check_edges(edges, depths):
    _check_names("edges", edges, depths)
    checked = {}
    for name, edge in edges.items():
        if not isinstance(edge, (tuple, list)) or len(edge) != 2:
            refuse(f"edges[{name!r}]", "(σ_w² 배열, σ_b² 배열)", edge, TypeError)
        first = check_array(f"edges[{name!r}][0]", as_array(edge[0]), (None,))
        checked[name] = first, check_array(f"edges[{name!r}][1]", as_array(edge[1]), first.shape)
    return checked


def _check_points(points, depths):
    _check_names("points", points, depths)
    checked = {}
    for name, places in points.items():
        if not isinstance(places, dict):
            refuse(f"points[{name!r}]", "{초깃값: (σ_w², σ_b²)} 사전", places, TypeError)
        checked[name] = {label: _check_point(f"points[{name!r}][{label!r}]", point) for label, point in places.items()}
    return checked


def _check_point(name, point):
    if not isinstance(point, (tuple, list)) or len(point) != 2:
        refuse(name, "(σ_w², σ_b²)", point, TypeError)
    return tuple(check_number(name, value) for value in point)


def _check_names(argument, given, depths):
    if not isinstance(given, dict) or set(given) != set(depths):
        refuse(argument, f"depths와 이름이 같은 사전({', '.join(map(str, depths))})", given, TypeError)
