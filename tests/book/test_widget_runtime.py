"""book/assets/widgets.js: ipywidgets가 저장한 상태를 커널 없이 그대로 움직입니다."""

import json
import shutil

import anywidget
import ipywidgets
import nbformat
import pytest
import traitlets
from ipywidgets.embed import dependency_state, embed_data
from nbformat.v4 import new_code_cell, new_notebook, new_output
from sphinx.errors import ExtensionError

from book import notebook
from tests.browsing import ROOT, Visit, served


class Echo(anywidget.AnyWidget):
    """받은 값과 바이트를 글로 적는 보기. 단추를 누르면 값을 하나 늘립니다."""

    _esm = """
    export default { render({ model, el }) {
      const text = document.createElement("p"), button = document.createElement("button");
      const show = () => (text.textContent = `${model.get("at")} ${new Uint8Array(model.get("data").buffer)}`);
      button.addEventListener("click", () => { model.set("at", model.get("at") + 1); model.save_changes(); });
      model.on("change:at", show); show(); el.className = "echo"; el.append(text, button);
    } };"""
    _css = ".echo p { color: rgb(1, 2, 3); }"
    at = traitlets.Int(0).tag(sync=True)
    data = traitlets.Bytes(b"\x01\x02\xff").tag(sync=True)


OPTIONS = ["0.01", "0.1", "1"]


def page(views):
    """위젯 몇 개가 든 페이지. myst-nb가 쓰는 것과 같은 표식을 씁니다."""
    data = embed_data(views, state=dependency_state(views, drop_defaults=False))
    scripts = [
        f'<figure id="v{i}"><script type="{notebook.VIEW}">{json.dumps(spec)}</script></figure>'
        for i, spec in enumerate(data["view_specs"])
    ]
    state = json.dumps(data["manager_state"]).replace("</script", "<\\/script")
    return (
        '<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="widgets.css">'
        f'{"".join(scripts)}<script type="{notebook.STATE}">{state}</script><script src="widgets.js"></script>'
    )


@pytest.fixture
def folder(tmp_path):
    """widgets.js와 widgets.css가 든 폴더."""
    for name in ("widgets.js", "widgets.css"):
        shutil.copy(ROOT / "book" / "assets" / name, tmp_path)
    return tmp_path


@pytest.fixture
def shown(browser, folder):
    """views를 그린 페이지를 엽니다."""
    opened = []
    with served(folder) as url:

        def show(*views, **options):
            (folder / "page.html").write_text(page(views), encoding="utf-8")
            opened.append(Visit(browser, f"{url}/page.html", **options))
            opened[-1].tab.wait_for_function(f"document.querySelectorAll('.wi-output > *').length === {len(views)}")
            return opened[-1].tab

        yield show
        for visit in opened:
            assert visit.errors == []
            visit.context.close()


def linked(control, trait="index", link=ipywidgets.jslink, at=1):
    """control과 이어진 Echo가 든 상자."""
    echo = Echo(at=at)
    link((control, trait), (echo, "at"))
    return ipywidgets.VBox([control, echo])


def slider():
    return ipywidgets.SelectionSlider(options=OPTIONS, index=0, description="표준편차")


pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("make", "role"),
    [
        (lambda: ipywidgets.SelectionSlider(options=OPTIONS, index=1, description="표준편차"), "slider"),
        (lambda: ipywidgets.Dropdown(options=OPTIONS, index=1, description="표준편차"), "combobox"),
        (lambda: ipywidgets.ToggleButtons(options=OPTIONS, index=1, description="표준편차"), "radio"),
    ],
    ids=["SelectionSlider", "Dropdown", "ToggleButtons"],
)
def test_control_and_view_follow_each_other(shown, make, role):
    tab = shown(linked(make()))
    assert tab.locator(".echo p").inner_text() == "1 1,2,255"
    assert tab.locator(".echo p").evaluate("(p) => getComputedStyle(p).color") == "rgb(1, 2, 3)"
    control = tab.get_by_role(role, name="0.1", exact=True) if role == "radio" else tab.get_by_role(role)
    control.focus()
    tab.keyboard.press("ArrowDown" if role != "slider" else "ArrowRight")
    assert tab.locator(".echo p").inner_text() == "2 1,2,255"
    if role == "slider":
        assert tab.get_by_role("slider", name="표준편차").get_attribute("aria-valuetext") == "1"
        assert tab.locator("output").inner_text() == "1"
    elif role == "combobox":
        assert tab.get_by_role("combobox", name="표준편차").evaluate("(s) => s.value") == "1"
    else:
        assert tab.get_by_role("group", name="표준편차").get_by_role("radio", checked=True).count() == 1


def test_view_moves_the_control_back(shown):
    tab = shown(linked(slider(), at=0))
    tab.locator(".echo button").click()
    assert tab.get_by_role("slider").input_value() == "1"


def test_directional_link_goes_one_way(shown):
    tab = shown(linked(slider(), link=ipywidgets.jsdlink, at=0))
    tab.locator(".echo button").click()
    assert tab.get_by_role("slider").input_value() == "0"
    tab.get_by_role("slider").press("End")
    assert tab.locator(".echo p").inner_text().startswith("2 ")


def test_play_runs_to_the_end_and_starts_over(shown):
    play = ipywidgets.Play(value=0, max=2, interval=50, description="걸음")
    tab = shown(linked(play, "value"))
    button = tab.get_by_role("button", name="걸음 재생")
    button.click()
    tab.wait_for_function("document.querySelector('.echo p').textContent.startsWith('2 ')")
    tab.get_by_role("button", name="걸음 재생").click()
    tab.wait_for_function("document.querySelector('.echo p').textContent.startsWith('2 ')")


def test_reduced_motion_plays_one_step_at_a_time(shown):
    play = ipywidgets.Play(value=0, max=5, interval=50, description="걸음")
    tab = shown(linked(play, "value"), reduced_motion="reduce")
    tab.get_by_role("button", name="걸음 한 칸 앞으로").click()
    tab.wait_for_timeout(300)
    assert tab.locator(".echo p").inner_text().startswith("1 ")


def test_one_model_shown_twice_stays_one(shown):
    toggle = ipywidgets.ToggleButtons(options=OPTIONS, index=0, description="표준편차")
    tab = shown(toggle, ipywidgets.HBox([toggle]))
    tab.locator("#v1").get_by_role("radio", name="1", exact=True).click()
    states = tab.locator("input").evaluate_all("(inputs) => inputs.map((input) => input.checked)")
    assert states == [False, False, True] * 2


def test_layout_and_disabled_are_kept(shown):
    slider = ipywidgets.SelectionSlider(
        options=OPTIONS, disabled=True, layout={"width": "123px", "flex_flow": "column"}
    )
    tab = shown(slider)
    control = tab.locator(".wi-control")
    assert control.evaluate("(c) => [c.style.width, c.style.flexFlow]") == ["123px", "column"]
    assert tab.get_by_role("slider").is_disabled()


def test_error_is_said_in_place(browser, folder):
    """그리지 못한 위젯은 까닭을 말하고, 다른 위젯은 그대로 움직입니다."""
    views = [ipywidgets.ColorPicker(), ipywidgets.Dropdown(options=OPTIONS, description="표준편차")]
    (folder / "page.html").write_text(page(views), encoding="utf-8")
    with served(folder) as url, Visit(browser, f"{url}/page.html") as visit:
        visit.tab.locator("#v0 .wi-error").wait_for()
        assert "ColorPickerModel" in visit.tab.locator("#v0 .wi-error").inner_text()
        assert visit.tab.get_by_role("combobox", name="표준편차").count() == 1


def finished(widget):
    """위젯 하나가 든 그림의 셀을 페이지의 노트북으로 고칩니다."""
    data = embed_data([widget], state=dependency_state([widget], drop_defaults=False))
    output = new_output("display_data", {notebook.VIEW: data["view_specs"][0]})
    figure = {"figure": {"name": "fig-a", "caption": "캡션"}}
    source = new_notebook(
        metadata={"widgets": {notebook.STATE: data["manager_state"]}},
        cells=[new_code_cell(outputs=[output], metadata={"mystnb": figure})],
    )
    return nbformat.reads(notebook.finish(source), as_version=4)


def test_widget_moves_into_its_figure():
    cell = finished(ipywidgets.Dropdown(options=OPTIONS)).cells[0]
    assert cell.outputs == []
    assert cell.metadata["mystnb"]["figure"]["caption"].startswith("캡션\n\n```{raw} html\n<script")


def test_unknown_widget_fails_the_build_with_its_name():
    with pytest.raises(ExtensionError, match="ColorPickerModel"):
        finished(ipywidgets.ColorPicker())


def test_alt_text_moves_to_the_figure():
    """그림이 제 출력에 적어 둔 대체 텍스트를 myst-nb가 읽는 자리에 옮깁니다."""
    output = new_output("display_data", {"image/png": ""}, metadata={"image/png": {"alt": "두 봉우리"}})
    source = new_notebook(cells=[new_code_cell(outputs=[output])])
    (cell,) = nbformat.reads(notebook.finish(source), as_version=4).cells
    assert cell.metadata["mystnb"] == {"image": {"alt": "두 봉우리"}}
