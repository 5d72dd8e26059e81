"""tools/notebooks.py의 허용 오차: 눈에 띄는 변화는 잡고, 프로세서가 만든 차이는 넘어갑니다."""

import base64
import io

import nbformat
import numpy as np
from PIL import Image

import wi_lib
from tools import notebooks, outputs
from wi_lib import plots, theory


def png(figure):
    return base64.b64encode(figure._repr_png_()[0]).decode()


def signals(noise=0.0):
    x = np.random.default_rng(0).standard_normal((1000, 100))
    return wi_lib.propagate(x * (1 + noise), 5, 100, "tanh", "xavier_normal", rng=np.random.default_rng(1))


def test_rounding_noise_is_the_same_picture():
    """float32의 끝자리(약 1e-7)만큼 다른 자료는 같은 그림입니다."""
    first, second = (png(plots.layer_histograms(signals(noise), "제목")) for noise in (0, 1e-6))
    assert outputs.image_difference(first, second) <= outputs.IMAGE_TOLERANCE


def test_a_moved_line_is_another_picture():
    """이론선이 1 %만 옮겨 가도 다른 그림입니다."""
    s = signals()
    lines = [{"Xavier": (s, theory.predict([100] * 6, [std] * 5, "tanh"))} for std in (0.1, 0.101)]
    first, second = (png(plots.depth_lines(line, "제목")) for line in lines)
    assert outputs.image_difference(first, second) > outputs.IMAGE_TOLERANCE


def test_another_title_is_another_picture():
    first, second = (png(plots.layer_histograms(signals(), title)) for title in ("표준편차 1", "표준편차 2"))
    assert outputs.image_difference(first, second) > outputs.IMAGE_TOLERANCE


def test_another_size_is_another_picture():
    def blank(size):
        buffer = io.BytesIO()
        Image.new("RGB", size).save(buffer, "png")
        return base64.b64encode(buffer.getvalue()).decode()

    assert outputs.image_difference(blank((4, 4)), blank((4, 5))) == np.inf


def test_a_picture_of_rounding_differs_between_processors():
    """반올림을 보이는 셀의 그림은 다른 프로세서에서 달라도 저장된 것을 두고, 다른 셀의 것은 알립니다."""
    images = [png(plots.layer_histograms(signals(noise), "제목")) for noise in (0, 0.5)]

    def drawn(image, tags):
        output = nbformat.v4.new_output("display_data", {"image/png": image})
        cell = nbformat.v4.new_code_cell("f()", id="a", outputs=[output], metadata={"tags": tags})
        return nbformat.v4.new_notebook(cells=[cell])

    for tags, changed in (([], ["a"]), ([outputs.ROUNDING], [])):
        stored, fresh = (drawn(image, tags) for image in images)
        assert outputs.keep_stored(stored, fresh) == changed


def test_changed_text_is_reported_and_replaced():
    """글은 한 글자만 달라도 새 출력이 저장되고, 그 셀의 id가 보고됩니다."""
    stored, fresh = (
        nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell("f()", id="a", outputs=[nbformat.v4.new_output("stream", text=text)])]
        )
        for text in ("0.12\n", "0.13\n")
    )
    assert outputs.keep_stored(stored, fresh) == ["a"]
    assert fresh.cells[0].outputs[0].text == "0.13\n"
    assert outputs.keep_stored(stored, stored) == []


def test_changed_wording_of_an_alt_text_is_another_output():
    """그림이 같아도 대체 텍스트의 글이나 수를 적는 법이 달라지면 새 출력입니다. 수만 다르면 저장된 것을 둡니다."""
    image = png(plots.layer_histograms(signals(), "제목"))

    def output(alt):
        return nbformat.v4.new_output("display_data", {"image/png": image}, metadata={"image/png": {"alt": alt}})

    stored = output("RMS는 9.5×10⁻⁸입니다.")
    assert outputs.same(stored, output("RMS는 9.6×10⁻⁸입니다."))
    assert not outputs.same(stored, output("RMS는 9.5e-08입니다."))
    assert not outputs.same(stored, output("중앙값은 9.5×10⁻⁸입니다."))


def with_widgets(ids, heights=b"\x0a\x14", numbers=(1.0, 2.0), spec=None):
    """상자 하나, 조절기 하나, 보기 하나, 그 둘을 이은 link가 든 노트북. ids는 모델 네 개의 이름입니다."""
    box, control, view, link = (name * 32 for name in ids)

    def buffer(name, data):
        return {"path": [name], "encoding": "base64", "data": base64.b64encode(data).decode()}

    states = {
        link: {
            "model_name": "LinkModel",
            "state": {"source": [f"IPY_MODEL_{control}", "index"], "target": [f"IPY_MODEL_{view}", "p0"]},
        },
        view: {
            "model_name": "AnyModel",
            "state": {"p0": 1, "spec": spec or {}},
            "buffers": [buffer("bars", heights), buffer("numbers", np.array(numbers, "<f4").tobytes())],
        },
        control: {"model_name": "DropdownModel", "state": {"index": 1}},
        box: {"model_name": "VBoxModel", "state": {"children": [f"IPY_MODEL_{control}", f"IPY_MODEL_{view}"]}},
    }
    data = {notebooks.WIDGET_VIEW: {"model_id": box}, "text/plain": "상자"}
    cell = nbformat.v4.new_code_cell("f()", id="a", outputs=[nbformat.v4.new_output("display_data", data)])
    metadata = {"widgets": {outputs.WIDGET_STATE: {"state": states}}}
    return notebooks.renumber_widgets(nbformat.v4.new_notebook(cells=[cell], metadata=metadata))


def test_widget_ids_do_not_depend_on_chance():
    """실행할 때마다 다른 무작위 id가, 페이지에서 만나는 차례의 번호로 바뀝니다."""
    first, second = with_widgets("abcd"), with_widgets("fe01")
    assert nbformat.writes(first) == nbformat.writes(second)
    names = [state["model_name"] for state in outputs.widget_states(first).values()]
    assert names == ["VBoxModel", "DropdownModel", "AnyModel", "LinkModel"]


def test_widget_rounding_noise_is_kept_and_changes_are_reported():
    """막대 두 눈금과 수 5 %까지는 저장된 것을 두고, 그보다 달라지면 새것을 두고 알립니다."""
    stored = with_widgets("abcd")
    fresh = with_widgets("abcd", b"\x0b\x14", (1.04, 2.0))
    assert outputs.keep_stored(stored, fresh) == []
    assert nbformat.writes(fresh) == nbformat.writes(stored)
    for other in (with_widgets("abcd", b"\x0e\x14"), with_widgets("abcd", numbers=(1.1, 2.0))):
        assert outputs.keep_stored(stored, other) == ["위젯 AnyModel"]
    assert len(outputs.keep_stored(stored, nbformat.v4.new_notebook(cells=stored.cells))) == 4


def test_shares_are_compared_as_the_page_shows_them():
    """0인 값과 포화된 값의 몫은 0.2 %p까지 같고, 같은 자리의 다른 수는 그렇지 않습니다."""
    spec = {"widths": {"bars": 2, "numbers": 2}, "fields": {"zeros": ["numbers", 0, 1], "std": ["numbers", 1, 1]}}
    stored = with_widgets("abcd", numbers=(0.0125, 0.0125), spec=spec)
    for numbers, changed in (((0.0129, 0.0125), 0), ((0.0129, 0.0139), 1), ((0.02, 0.0125), 1)):
        assert len(outputs.keep_stored(stored, with_widgets("abcd", numbers=numbers, spec=spec))) == changed


def test_what_lies_under_the_axis_is_not_compared():
    """10⁻⁵에서 시작하는 로그 축에서는 10⁻¹⁰이 2×10⁻¹⁰이 되어도 보이지 않습니다."""
    panels = [{"log": True, "yEnds": [-5, 1], "lines": [{"name": "g"}]}]
    spec = {"widths": {"numbers": 2}, "fields": {"g": ["numbers", 0, 1]}, "views": [{"panels": panels}]}
    stored = with_widgets("abcd", numbers=(1e-10, 1e-10), spec=spec)
    for numbers, changed in (((2e-10, 1e-10), 0), ((1e-10, 2e-10), 1), ((1e-5, 1e-10), 1)):
        assert len(outputs.keep_stored(stored, with_widgets("abcd", numbers=numbers, spec=spec))) == changed


def with_lab(model, others=None):
    """실험대 하나가 든 노트북. others는 다른 위젯의 상태입니다."""
    layout = model[::-1]
    lab = {"_anywidget_id": notebooks.LAB, "_esm": "export default {}", "layout": f"IPY_MODEL_{layout}"}
    states = {
        model: {"model_name": "AnyModel", "state": lab},
        layout: {"model_name": "LayoutModel", "state": {}},
        **(others or {}),
    }
    data = {"text/plain": f"Lab({model})", notebooks.HTML: "<div></div>", notebooks.WIDGET_VIEW: {"model_id": model}}
    cell = nbformat.v4.new_code_cell("Lab()", id="a", outputs=[nbformat.v4.new_output("display_data", data)])
    metadata = {"widgets": {outputs.WIDGET_STATE: {"state": states}}}
    notebook = nbformat.from_dict(nbformat.v4.new_notebook(cells=[cell], metadata=metadata))
    notebooks.keep_pages_of_labs(notebook)
    return notebook


def test_a_lab_leaves_its_page_alone():
    """실험대는 위젯의 표식도 상태도 남기지 않고, 실행할 때마다 다른 이름도 남기지 않습니다."""
    first, second = (with_lab(name * 16) for name in ("ab", "cd"))
    assert first.cells[0].outputs[0].data == {notebooks.HTML: "<div></div>"}
    assert "widgets" not in first.metadata
    assert nbformat.writes(first) == nbformat.writes(second)


def test_a_lab_leaves_other_widgets_alone():
    other = {"e" * 32: {"model_name": "DropdownModel", "state": {"index": 1}}}
    assert outputs.widget_states(with_lab("ab" * 16, other)) == other
