"""`Explorer`를 ipywidgets로: 조절기, 그것과 이어진 보기 하나, 둘을 담은 상자."""

from pathlib import Path
from typing import TYPE_CHECKING

import anywidget
import ipywidgets
import numpy as np
import traitlets

if TYPE_CHECKING:
    from .explorer import Explorer

HERE = Path(__file__).parent
MOST_AXES = 5
WIDE = {"description_width": "initial"}


class View(anywidget.AnyWidget):
    """격자를 그리는 화면. `p0`…`p4`는 축마다의 칸의 번호이고, 나머지는 만들 때 정해져 변하지 않습니다.

    이 클래스의 이름과 자리는 저장된 노트북에 적혀 있어 바꾸지 않습니다.
    """

    _esm = HERE / "explorer.js"
    _css = HERE / "explorer.css"
    spec = traitlets.Dict().tag(sync=True)
    bars = traitlets.Bytes().tag(sync=True)  # uint8, 칸마다 이어 붙인 것
    numbers = traitlets.Bytes().tag(sync=True)  # little-endian float32, 칸마다 이어 붙인 것
    p0 = traitlets.Int(0).tag(sync=True)
    p1 = traitlets.Int(0).tag(sync=True)
    p2 = traitlets.Int(0).tag(sync=True)
    p3 = traitlets.Int(0).tag(sync=True)
    p4 = traitlets.Int(0).tag(sync=True)


class Box(ipywidgets.VBox):
    """조절기와 보기를 담은 상자. 노트북에 남는 글은 제목 하나입니다(VBox의 것은 값을 모두 늘어놓습니다)."""

    title = ""

    def __repr__(self):
        return f"<움직여 보는 실험: {self.title}>"


def _slider(axis):
    layout = {"width": "100%", "max_width": "36em"}
    return ipywidgets.SelectionSlider(
        options=axis.texts, index=axis.first, description=axis.label, style=WIDE, layout=layout
    )


def _toggle(axis):
    style = {**WIDE, "button_width": "auto"}
    return ipywidgets.ToggleButtons(options=axis.texts, index=axis.first, description=axis.label, style=style)


def _dropdown(axis):
    return ipywidgets.Dropdown(
        options=axis.texts, index=axis.first, description=axis.label, style=WIDE, layout={"width": "max-content"}
    )


def _play(axis):
    play = ipywidgets.Play(value=axis.first, max=len(axis.texts) - 1, interval=400, description=axis.label)
    slider = _slider(axis)
    ipywidgets.jslink((play, "value"), (slider, "index"))
    return ipywidgets.HBox([play, slider])


CONTROLS = {"slider": _slider, "toggle": _toggle, "dropdown": _dropdown, "play": _play}


def build(explorer: "Explorer") -> Box:
    grid = explorer.grid
    offsets = {np.dtype(np.uint8): 0, np.dtype(np.float32): 0}
    fields = {}
    for name, values in grid.fields.items():
        length = values.shape[-1]
        fields[name] = ["bars" if values.dtype == np.uint8 else "numbers", offsets[values.dtype], length]
        offsets[values.dtype] += length
    view = View(
        spec={
            "title": explorer.title,
            "says": explorer.says,
            "axes": [
                {"name": axis.name, "label": axis.label, "texts": axis.texts, "marks": list(axis.places.items())}
                for axis in explorer.axes
            ],
            "fields": fields,
            "widths": {"bars": offsets[np.dtype(np.uint8)], "numbers": offsets[np.dtype(np.float32)]},
            "views": [view.spec(grid) for view in explorer.views],
            "lab": explorer.lab,
        },
        bars=_join(grid, np.uint8),
        numbers=_join(grid, "<f4"),
        **{f"p{i}": axis.first for i, axis in enumerate(explorer.axes)},
    )
    controls = [CONTROLS[axis.control](axis) for axis in explorer.axes]
    for i, control in enumerate(controls):
        chosen = control.children[-1] if isinstance(control, ipywidgets.HBox) else control
        ipywidgets.jslink((chosen, "index"), (view, f"p{i}"))
    box = Box([*controls, view])
    box.title = explorer.title
    return box


def _join(grid, dtype):
    """dtype이 같은 값을 칸마다 이어 붙인 바이트."""
    arrays = [values for values in grid.fields.values() if values.dtype == np.dtype(dtype)]
    return np.concatenate(arrays, axis=-1).astype(dtype).tobytes() if arrays else b""
