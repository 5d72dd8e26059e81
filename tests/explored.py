"""움직여 보는 실험을 페이지에서 읽고, 노트북의 코드로 다시 만들어 견주는 도구."""

import ast
import base64
import functools
import json
import re
from contextlib import chdir
from pathlib import Path
from unittest.mock import patch

import numpy as np

from tests.browsing import ROOT
from wi_lib.explorers import Curves, Explorer, Heatmap, Histograms, Images
from wi_lib.explorers.grid import Grid
from wi_lib.explorers.measuring import measure_grid
from wi_lib.figures.heatmap import cell_text
from wi_lib.figures.numbers import number, percent, times
from wi_lib.signals import rms

NOTEBOOKS = [
    *(ROOT / f"{name}.ipynb" for name in ("intro", "lab", "own_model")),
    *sorted((ROOT / "chapters").glob("*.ipynb")),
]


@functools.cache
def stored(path):
    return json.loads(path.read_text(encoding="utf-8"))


def cells(path, tag="explorer"):
    return [cell for cell in stored(path)["cells"] if tag in cell["metadata"].get("tags", [])]


def figure_names(path):
    """노트북에서 위젯을 보이는 셀의 그림 이름."""
    shown = [cell for cell in cells(path) if "widget-view" in json.dumps(cell["outputs"])]
    return [cell["metadata"]["mystnb"]["figure"]["name"] for cell in shown]


def models(path):
    """노트북에 저장된 위젯의 모델."""
    return stored(path)["metadata"]["widgets"]["application/vnd.jupyter.widget-state+json"]["state"].values()


def stored_grid(path, axes, measure, views):
    """`measure_grid` 대신, 저장된 격자. 다시 재어도 같다는 것은 tests/chapters/test_notebooks.py가 봅니다."""
    texts = [list(axis.texts) for axis in axes]
    [view] = [m for m in models(path) if [a["texts"] for a in m["state"].get("spec", {}).get("axes", [])] == texts]
    data = {buffer["path"][0]: base64.b64decode(buffer["data"]) for buffer in view["buffers"]}
    spec, shape, fields = view["state"]["spec"], tuple(map(len, texts)), {}
    for name, (kind, at, length) in spec["fields"].items():
        values = np.frombuffer(data[kind], {"bars": np.uint8, "numbers": "<f4"}[kind])
        fields[name] = values.reshape(*shape, spec["widths"][kind])[..., at : at + length]
    return Grid(axes, fields)


@functools.cache
def rebuilt(path, again=True):
    """노트북의 "explorer" 셀만 차례로 실행해 {그림 이름: Explorer}를 얻습니다. 페이지의 코드가 곧 기대하는 값입니다.

    `again`이 아니면 격자는 저장된 것입니다. 조절기를 움직인 자리의 값은 어느 쪽이든 `check`가 다시 계산합니다.
    """
    namespace, found = {}, {}
    grid = measure_grid if again else functools.partial(stored_grid, path)
    with chdir(path.parent), patch("wi_lib.explorers.explorer.measure_grid", grid):
        for cell in cells(path):
            tree = ast.parse("".join(cell["source"]))
            last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
            exec(compile(tree, path.name, "exec"), namespace)
            value = last and eval(compile(ast.Expression(last.value), path.name, "eval"), namespace)
            if isinstance(value, Explorer):
                found[cell["metadata"]["mystnb"]["figure"]["name"]] = value
    return found


EXPLORERS = [(path, name) for path in NOTEBOOKS for name in figure_names(path)]

# 그려진 것을 글자 그대로 읽습니다: path의 d, 표의 글, 문장.
READ = """(figure) => {
  const el = figure.querySelector(".wi-explorer");
  const paths = (root, name) => [...root.querySelectorAll(name)].map((path) => path.getAttribute("d"));
  const texts = (root, name) => [...root.querySelectorAll(name)].map((node) => node.textContent);
  return {
    position: el.dataset.position.split(" ").map(Number),
    says: el.querySelector(".wi-says").textContent,
    bars: paths(el, ".wi-bars:not(.wi-kept)"),
    kept: paths(el, ".wi-kept").filter((d) => d),
    table: [...el.querySelectorAll(".wi-layers tr")].map((row) => texts(row, "th, td:not(.wi-plot)")),
    panels: [...el.querySelectorAll(".wi-panel")].map((panel) =>
      paths(panel, "path:is(.wi-line, .wi-dashed, .wi-dots, .wi-band):not(.wi-kept)")),
    images: [...el.querySelectorAll(".wi-images")].map((view) =>
      [...view.querySelectorAll("svg")].map((svg) => [svg.getAttribute("aria-label"),
        [...svg.querySelectorAll("rect")].map((rect) => rect.getAttribute("fill"))])),
    heat: texts(el, ".wi-heatmap button"),
    chosen: [...el.querySelectorAll(".wi-heatmap button")].findIndex((b) => b.getAttribute("aria-pressed") === "true"),
  };
}"""


def values_at(explorer, position):
    return {axis.name: axis.stops[i] for axis, i in zip(explorer.axes, position)}


@functools.cache
def measured(explorer, position):
    """격자를 거치지 않고 그 자리에서 다시 계산한 값."""
    return explorer.measure(**values_at(explorer, position))


def check(explorer, drawn):
    """그려진 수(막대의 높이, 점의 자리, 표와 문장의 글)가 그 자리의 measure와 같은지 봅니다."""
    position = tuple(drawn["position"])
    result = measured(explorer, position)
    for name in set(explorer.grid.numbers()) & result.keys():
        np.testing.assert_allclose(explorer.grid.fields[name][position], np.ravel(result[name]), rtol=0.01, atol=1e-30)
    assert drawn["says"] == explorer.sentence(**values_at(explorer, position))
    panels, images = iter(drawn["panels"]), iter(drawn["images"])
    for view in explorer.views:
        if isinstance(view, Histograms):
            _check_bars(view, result["signals"], drawn["bars"])
            _check_table(view, result["signals"], drawn["table"])
        if isinstance(view, Curves):
            for panel in view.panels:
                _check_panel(panel, explorer, position, result, next(panels))
        if isinstance(view, Heatmap):
            _check_heat(view, explorer, position, drawn)
        if isinstance(view, Images):
            _check_images(view, result, next(images))


def _check_bars(view, signals, paths):
    count = len(paths) // 2
    layers = np.unique(np.linspace(0, len(signals.deltas) - 1, count).round().astype(int))
    with np.errstate(divide="ignore"):
        exponents = [np.log10(np.abs(signals.deltas[layer], dtype=np.float64)) for layer in layers]
    wanted = [(signals.activations[layer], view.span) for layer in layers] + [(e, (-8, 2)) for e in exponents]
    for path, (values, (low, high)) in zip(paths, wanted):
        heights = [float(h) for h in re.findall(r"V([\d.e-]+)H", path)]
        counts, _ = np.histogram(np.clip(values[np.isfinite(values)], low, high), view.bins, range=(low, high))
        expected = np.minimum(counts / values.size, view.top)
        # 격자의 한 눈금(top/255)의 절반에, 구간의 경계에 걸린 값 몇 개를 더합니다.
        np.testing.assert_allclose(heights, expected, atol=view.top / 500 + 3 / values.size)


def _check_table(view, signals, table):
    """표의 글: 층의 번호와, 층마다의 수치."""
    head, *rows = table
    layers = [int(text.removesuffix("층")) - 1 for text in head[1:]]
    assert layers == sorted({*layers})
    assert layers[-1] == len(signals.deltas) - 1
    stats = {
        "표준편차": [number(np.float32(signals.activations[i].std(dtype=np.float64))) for i in layers],
        "포화": [percent(np.float32(signals.activation.saturated(signals.activations[i]))) for i in layers],
        "RMS": [number(np.float32(rms(signals.deltas[i]))) for i in layers],
        "중앙값": [number(np.float32(np.median(np.abs(signals.deltas[i])))) for i in layers],
    }
    assert {label: texts for label, *texts in rows if texts} == stats
    assert len(stats) == len(view.stats)


def _check_panel(panel, explorer, position, result, paths):
    paths = iter(paths)
    for line in panel.lines:
        if line.band:
            low, high = (_curve(panel, explorer, position, result, name) for name in line.band)
            known = ~np.isnan(low + high).any(axis=1)
            # 띠는 아래쪽을 오른쪽으로, 위쪽을 왼쪽으로 따라간 다각형입니다.
            _assert_points(panel, next(paths), np.vstack([low[known], high[known][::-1]]))
        points = _curve(panel, explorer, position, result, line.name)
        _assert_points(panel, next(paths), points[~np.isnan(points).any(axis=1)])
    assert next(paths, None) is None


def _curve(panel, explorer, position, result, name):
    """그려져야 할 (x, 높이)의 배열. 축을 따르는 벡터는 성분마다 곡선 하나를 이어 붙입니다."""
    if isinstance(panel.x, str):
        grid, here = explorer.grid.along(name, panel.x, position), position[explorer.grid.axis(panel.x)]
        np.testing.assert_allclose(grid[here], np.ravel(result[name]), rtol=1e-3, atol=1e-12)
        x, y = np.tile(np.arange(len(grid)), grid.shape[1]), grid.T.ravel().astype(float)
    else:
        y = np.ravel(np.asarray(result[name], dtype=np.float32)).astype(float)
        x = np.asarray(panel.x, float)[: len(y)]
    return np.column_stack([x, np.log10(np.maximum(y, 1e-45)) if panel.log else y])


def _assert_points(panel, path, expected):
    drawn = [[float(v) for v in pair.split()] for pair in re.findall(r"[ML]([-\d.e]+ [-\d.e]+)", path)]
    (x, y), (wanted_x, wanted_y) = np.reshape(drawn, (-1, 2)).T, expected.T
    np.testing.assert_allclose(x, wanted_x, rtol=1e-3, atol=1e-3)
    if panel.log:  # 저장된 격자를 다른 프로세서에서 만들었으면 이만큼 다를 수 있습니다(tools.outputs).
        np.testing.assert_allclose(10**y, 10**wanted_y, rtol=0.05, atol=panel.limits[0] / 5)
    else:
        np.testing.assert_allclose(y, wanted_y, rtol=1e-3, atol=1e-3)


def _check_heat(view, explorer, position, drawn):
    row, column = explorer.grid.axis(view.rows), explorer.grid.axis(view.columns)
    shape = len(explorer.axes[row].stops), len(explorer.axes[column].stops)
    for (i, j), text in np.ndenumerate(np.array(drawn["heat"]).reshape(shape)):
        here = list(position)
        here[row], here[column] = i, j
        found = measured(explorer, tuple(here))
        share, ratio = np.float32(found[view.value]), np.float32(found[view.ratio] if view.ratio else np.nan)
        assert text == (cell_text(share, view.most) if np.isnan(ratio) else times(float(ratio)))
    assert drawn["chosen"] == position[row] * shape[1] + position[column]


def _check_images(view, result, pictures):
    """칸의 색: 0은 흰색, 1은 검은색이고 그 사이는 고르게 나눈 회색입니다."""
    assert [label for label, _ in pictures] == [f"{view.title}: {name}" for name in view.names]
    greys = [[int(fill[4:].split()[0]) for fill in fills] for _, fills in pictures]
    np.testing.assert_allclose(greys, 255 * (1 - np.asarray(result[view.name], float)), atol=0.51)
    assert all(len(set(fill[4:-1].split())) == 1 for _, fills in pictures for fill in fills)


def showing(wanted):
    """저장된 위젯 가운데 wanted(모델의 이름, 상태)인 것이 있는 실험만: 없는 것을 시험하면 언제나 통과합니다."""
    found = []
    for path, name in EXPLORERS:
        if any(wanted(model["model_name"], model["state"]) for model in models(path)):
            found.append((path, name))
    return found


def plays(model, state):
    return model == "PlayModel"


def marks(model, state):
    """누르면 그 자리로 가는 표시가 있는 축."""
    return any(axis["marks"] for axis in state.get("spec", {}).get("axes", []))


def maps(model, state):
    return any(view["kind"] == "heatmap" for view in state.get("spec", {}).get("views", []))


def page_of(path):
    return str(Path(path).relative_to(ROOT).with_suffix(".html"))
