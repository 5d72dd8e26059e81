"""한 장에서만 쓰는 그림. 여러 장에서 되풀이하는 그림은 `plots`에 있습니다."""

import matplotlib as mpl
import numpy as np

from ..checks import LARGEST, as_array, check_array, check_integer, check_named, check_number, refuse
from .images import draw_images
from .numbers import number
from .style import MARKERS, SERIES, new_canvas, new_figure, show_powers, styled

# 지도의 색이 끝나는 층과, 나란히 놓는 지도의 수.
SHORTEST, LONGEST, MOST = 1, 100, 3


@styled
def scatter(groups, title="", xlabel="", ylabel="", log=False, notes=()):
    """이름이 붙은 점의 무리 몇 개.

    - `groups`: 이름 → (x, y) 사전. x와 y는 길이가 같은 (n,) 배열입니다. `log`이면 가로축이 로그이고 x는 양수입니다.
    - `notes`: (x, y, 글)의 목록. 그 자리 옆에 글을 적습니다.

    >>> scatter({"He": ([0.1, 1], [0.5, 0.9])}, "제목", "배수", "정확도").alt
    '제목: 가로축은 배수, 세로축은 정확도인 점들. 세로축의 값은 He 2개는 0.5에서 0.9 사이입니다.'
    """
    check_named("groups", groups, "(x, y)", len(SERIES))
    figure, axes = new_figure(1, 1, 3.4)
    axis, said = axes[0, 0], []
    for (name, pair), color, marker in zip(groups.items(), SERIES, MARKERS):
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            refuse(f"groups[{name!r}]", "길이가 같은 두 배열 (x, y)", pair, TypeError)
        x = check_array(f"groups[{name!r}]의 x", as_array(pair[0]), (None,))
        y = check_array(f"groups[{name!r}]의 y", as_array(pair[1]), x.shape)
        if log and x.min() <= 0:
            refuse(f"groups[{name!r}]의 x", "log=True일 때는 양수인 배열", f"최솟값 {x.min():.4g}인 배열")
        axis.plot(x, y, marker, color=color, markersize=5, label=name)
        said.append(f"{name} {len(x)}개는 {number(y.min())}에서 {number(y.max())} 사이")
    if log:
        axis.set_xscale("log")
        show_powers(axis.xaxis)
    axis.set(xlabel=xlabel, ylabel=ylabel)
    for x, y, text in _check_notes(notes):
        axis.annotate(text, (x, y), xytext=(5, -3), textcoords="offset points", fontsize=8)
    figure.legend(*axis.get_legend_handles_labels(), loc="outside lower center", ncols=3)
    figure.suptitle(title, fontsize=11)
    figure.alt = f"{title}: 가로축은 {xlabel}, 세로축은 {ylabel}인 점들. 세로축의 값은 {', '.join(said)}입니다."
    return figure


def _check_notes(notes):
    """(x, y, 글)의 목록인지 확인합니다."""
    triples = isinstance(notes, (list, tuple)) and all(isinstance(n, (list, tuple)) and len(n) == 3 for n in notes)
    if not triples or not all(isinstance(text, str) for _, _, text in notes):
        refuse("notes", "(x, y, 글)의 목록", notes, TypeError)
    for value in [v for x, y, _ in notes for v in (x, y)]:
        check_number("notes", value, minimum=-LARGEST)
    return notes


@styled
def phase_map(weight_variances, bias_variances, depths, edges, points, title=""):
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
    figure, axes = new_figure(1, len(depths), 3.0)
    for (name, values), axis in zip(depths.items(), axes[0]):
        scale = mpl.colors.LogNorm(SHORTEST, LONGEST)
        colors = axis.pcolormesh(x, y, values, norm=scale, cmap="cividis", shading="nearest")
        axis.plot(*edges[name], color=SERIES[1], linewidth=2)
        for label, point in points[name].items():
            _mark(axis, label, point, x)
        axis.set(title=name, xlabel=r"가중치의 분산 $\sigma_w^2$", xlim=(x[0], x[-1]), ylim=(y[0], y[-1]))
        axis.grid(False)
    axes[0, 0].set_ylabel(r"편향의 분산 $\sigma_b^2$")
    bar = figure.colorbar(colors, ax=axes, label="살아남는 깊이 (층)", ticks=[1, 3, 10, 30, 100])
    bar.ax.set_yticklabels(["1", "3", "10", "30", "100+"])
    bar.minorticks_off()
    figure.suptitle(title, fontsize=11)
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
    axis.annotate(label, point, (0, 7), textcoords="offset points", ha=side, fontsize=8, bbox=box)


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
            values = np.where(values == np.inf, LONGEST, values)
        checked[name] = np.clip(check_array(f"depths[{name!r}]", values, shape), SHORTEST, LONGEST)
    return checked


def _check_edges(edges, depths):
    _check_names("edges", edges, depths)
    for name, edge in edges.items():
        if not isinstance(edge, (tuple, list)) or len(edge) != 2:
            refuse(f"edges[{name!r}]", "(σ_w² 배열, σ_b² 배열)", edge, TypeError)
        first = check_array(f"edges[{name!r}][0]", as_array(edge[0]), (None,))
        check_array(f"edges[{name!r}][1]", as_array(edge[1]), first.shape)
    return edges


def _check_points(points, depths):
    _check_names("points", points, depths)
    for name, places in points.items():
        if not isinstance(places, dict):
            refuse(f"points[{name!r}]", "{초깃값: (σ_w², σ_b²)} 사전", places, TypeError)
        for label, point in places.items():
            if not isinstance(point, (tuple, list)) or len(point) != 2:
                refuse(f"points[{name!r}][{label!r}]", "(σ_w², σ_b²)", point, TypeError)
            for value in point:
                check_number(f"points[{name!r}][{label!r}]", value)
    return points


def _check_names(argument, given, depths):
    if not isinstance(given, dict) or set(given) != set(depths):
        refuse(argument, f"depths와 이름이 같은 사전({', '.join(map(str, depths))})", given, TypeError)


@styled
def images(values, title="", columns=10):
    """작은 그림을 나란히. 음수가 있으면 0이 흰색인 두 색(주황은 음수, 보라는 양수)으로, 없으면 흑백으로 그립니다.

    - `values`: (그림의 수, 높이, 너비) 배열. 흑백이면 0은 흰색, 1 이상은 검은색입니다. `columns`: 한 줄의 그림 수.

    >>> images(np.eye(3)[None], "대각선").alt
    '대각선: 3 × 3 그림 1장. 값의 평균 0.33.'
    """
    check_array("values", values, (None, None, None))
    columns = min(check_integer("columns", columns), len(values))
    limit = float(np.abs(values).max()) if values.min() < 0 else None
    figure = new_canvas(0.4 + 5.0 / columns * -(-len(values) // columns))
    draw_images(figure, values, columns, limit)
    figure.suptitle(title, fontsize=11)
    scale = f"절댓값의 최댓값 {number(limit)}" if limit else f"값의 평균 {number(float(values.mean()))}"
    figure.alt = f"{title}: {values.shape[1]} × {values.shape[2]} 그림 {len(values)}장. {scale}."
    return figure
