"""저장된 출력과 다시 실행한 출력이 같은지: 글은 글자까지, 그림과 위젯의 격자는 눈에 띄지 않을 만큼까지."""

import base64
import functools
import io
import re

import numpy as np
from PIL import Image

PNG = "image/png"
WIDGET_STATE = "application/vnd.jupyter.widget-state+json"
# 0–255 화소 값의 RMS. 끝자리가 달라 점 몇 개가 한 화소씩 옮겨 가면 1.2, 이론선이 1 % 옮겨 가면 3.6입니다.
IMAGE_TOLERANCE = 2.0
# 0인 값과 포화된 값의 몫. 끝자리가 달라지면 몇 개씩 넘나들며, 페이지에는 1 % 단위로 적힙니다.
SHARES, SHARE_TOLERANCE = ("zeros", "saturated"), 0.002
# 반올림 그 자체를 보이는 셀의 꼬리표. 그림의 수는 프로세서마다 다르고, 말은 같습니다.
ROUNDING = "rounding"
NUMBER = re.compile(r"[\d.]+|[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+")


def widget_states(notebook):
    return notebook.metadata.get("widgets", {}).get(WIDGET_STATE, {}).get("state", {})


def image_difference(stored, fresh):
    """base64 PNG 두 장의 화소 RMS. 크기가 다르면 무한대입니다."""
    first, second = (
        np.asarray(Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB"), float) for png in (stored, fresh)
    )
    return float(np.sqrt(np.mean((first - second) ** 2))) if first.shape == second.shape else np.inf


def wording(output):
    """그림의 대체 텍스트에서 수를 뺀 글. 수는 그림이 같다고 볼 만큼만 다릅니다."""
    return NUMBER.sub("#", output.get("metadata", {}).get(PNG, {}).get("alt", ""))


def same(stored, fresh, tolerance=IMAGE_TOLERANCE):
    """출력 두 개가 같은지: 글은 글자까지, 그림은 tolerance까지."""
    if PNG not in stored.get("data", {}) or PNG not in fresh.get("data", {}):
        return stored == fresh
    first, second = ([wording(o), {k: v for k, v in o["data"].items() if k != PNG}] for o in (stored, fresh))
    return first == second and image_difference(stored["data"][PNG], fresh["data"][PNG]) <= tolerance


def number_tolerance(state):
    """격자의 한 자리에 적힌 수마다의 절대 오차: 몫에는 SHARE_TOLERANCE, 로그 축에 그리는 수에는 축의 바닥의 5분의 1."""
    spec = state.get("spec", {})
    tolerance = np.full(spec.get("widths", {}).get("numbers", 1), 1e-30)
    panels = [panel for view in spec.get("views", []) for panel in view.get("panels", []) if panel["log"]]
    allowed = {line["name"]: 10 ** panel["yEnds"][0] / 5 for panel in panels for line in panel["lines"]}
    for name, absolute in (allowed | dict.fromkeys(SHARES, SHARE_TOLERANCE)).items():
        if name in spec.get("fields", {}):
            _, first, count = spec["fields"][name]
            tolerance[first : first + count] = absolute
    return tolerance


def close_arrays(stored, fresh, absolute=1e-30):
    """위젯의 격자(base64) 둘이 같은지. uint8 막대는 두 눈금, float32 수는 5 %나 absolute까지 같은 것으로 봅니다."""
    if stored["path"] != fresh["path"] or len(stored["data"]) != len(fresh["data"]):
        return False
    dtype, relative, absolute = ("u1", 0, 2) if stored["path"] == ["bars"] else ("<f4", 0.05, absolute)
    first, second = (np.frombuffer(base64.b64decode(b["data"]), dtype).astype(float) for b in (stored, fresh))
    rows = -1, np.size(absolute)
    return np.allclose(first.reshape(rows), second.reshape(rows), rtol=relative, atol=absolute, equal_nan=True)


def same_model(stored, fresh):
    """위젯 모델 둘이 같은지: 상태는 글자까지, 격자는 close_arrays까지."""
    (a, first), (b, second) = ((dict(m), m.get("buffers", [])) for m in (stored, fresh))
    a.pop("buffers", None), b.pop("buffers", None)
    close = functools.partial(close_arrays, absolute=number_tolerance(a["state"]))
    return a == b and len(first) == len(second) and all(map(close, first, second))


def keep_stored_widgets(stored, fresh):
    """fresh의 위젯 모델 가운데 저장된 것과 같다고 볼 것은 저장된 것으로 바꾸고, 다른 모델의 이름을 돌려줍니다."""
    before, after = widget_states(stored), widget_states(fresh)
    changed = [before[model]["model_name"] for model in before.keys() - after.keys()]
    for model, state in after.items():
        if model in before and same_model(before[model], state):
            after[model] = before[model]
        else:
            changed.append(state["model_name"])
    return [f"위젯 {name}" for name in changed]


def keep_stored(stored, fresh):
    """fresh의 출력과 위젯 가운데 저장된 것과 같다고 볼 것은 stored의 것으로 바꾸고, 다른 것의 이름을 돌려줍니다."""
    before = {cell.id: cell for cell in stored.cells if cell.cell_type == "code"}
    changed = []
    for cell in fresh.cells:
        if cell.cell_type != "code":
            continue
        outputs = before[cell.id].outputs if cell.id in before else None
        tolerance = 255 if ROUNDING in cell.metadata.get("tags", []) else IMAGE_TOLERANCE
        alike = functools.partial(same, tolerance=tolerance)
        if outputs is not None and len(outputs) == len(cell.outputs) and all(map(alike, outputs, cell.outputs)):
            cell.outputs = outputs
        else:
            changed.append(cell.id)
    return changed + keep_stored_widgets(stored, fresh)
