"""JupyterLab에서: 조절기와 보기의 갈래마다 실험을 실행하고 글쇠로 움직입니다. 커널과 진짜 ipywidgets가 있습니다."""

import shutil

import nbformat
import pytest

from tests.browsing import KERNEL_IDLE, ROOT, jupyterlab
from tests.explored import EXPLORERS, READ, cells, check, models, rebuilt
from tools.notebooks import KERNEL

pytestmark = pytest.mark.browser
BOOK = "chapters/explorers.ipynb"
# 조절기와 보기의 갈래를 모두 담은, 계산이 빠른 것들.
CHOSEN = [
    pair
    for pair in EXPLORERS
    if pair[1] in ("fig-01-explorer", "fig-06-explorer", "fig-07-explorer", "fig-09-explorer")
]


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """고른 실험을 모은 노트북 하나를 여는 JupyterLab. 이 기계의 설정은 읽지도 쓰지도 않습니다.

    노트북이 저마다 처음부터 끝까지 도는지는 tests/chapters/test_notebooks.py가 봅니다.
    """
    home = tmp_path_factory.mktemp("lab")
    shutil.copytree(ROOT / "chapters" / "data", home / "book" / "chapters" / "data")
    sources = ["".join(cell["source"]) for path, _ in CHOSEN for cell in cells(path)]
    notebook = nbformat.v4.new_notebook(cells=list(map(nbformat.v4.new_code_cell, sources)), metadata=KERNEL)
    nbformat.write(notebook, home / "book" / BOOK)
    with jupyterlab(home) as url:
        yield url


def key_for(explorer):
    """첫 slider를 움직이는 글쇠. 오른쪽 끝에서 시작하면 왼쪽으로 갑니다. slider가 없으면 단추를 누릅니다."""
    sliders = [axis for axis in explorer.axes if axis.control in ("slider", "play")]
    if not sliders:
        return "Enter"
    return "ArrowLeft" if sliders[0].first == len(sliders[0].stops) - 1 else "ArrowRight"


def run_and_move(tab, explorers):
    """열린 노트북을 모두 실행하고, 실험마다 조절기를 움직여 노트북의 코드가 내는 값과 견줍니다."""
    # 끝나기를 기다리지 않도록 약속을 돌려받지 않습니다.
    tab.evaluate("() => void jupyterapp.commands.execute('notebook:run-all-cells')")
    views = tab.locator(".jp-OutputArea:has(.wi-explorer[data-position])")
    for i, (path, name) in enumerate(explorers):
        output = views.nth(i)
        output.wait_for()
        before = output.evaluate(READ)
        # 살아 있는 그림이 나오면 멈춘 그림은 거둡니다.
        assert not output.locator(".jp-RenderedImage").is_visible()
        slider, toggle = output.locator(".noUi-handle"), output.locator(".widget-toggle-button:not(.mod-active)")
        (slider if slider.count() else toggle).first.focus()
        tab.keyboard.press(key_for(rebuilt(path)[name]))
        tab.wait_for_function(
            "([el, old]) => el.querySelector('.wi-explorer').dataset.position !== old",
            arg=[output.element_handle(), " ".join(map(str, before["position"]))],
        )
        after = output.evaluate(READ)
        check(rebuilt(path)[name], after)
    assert tab.locator("[data-mime-type='application/vnd.jupyter.error']").count() == 0


def kinds(path):
    """노트북의 실험에 있는 조절기(모델의 이름)와 보기의 갈래."""
    views = [view["kind"] for model in models(path) for view in model["state"].get("spec", {}).get("views", [])]
    return {*views, *(model["model_name"] for model in models(path))}


def test_every_kind_is_chosen():
    assert set().union(*(kinds(path) for path, _ in CHOSEN)) == set().union(*(kinds(path) for path, _ in EXPLORERS))


def test_explorers_run_and_move_in_jupyterlab(browser, lab):
    tab = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    tab.set_default_timeout(120_000)
    tab.goto(f"{lab}/lab/tree/{BOOK}?reset")
    # 커널이 준비되기 전에 실행하면 어느 커널을 쓸지 묻는 창이 뜹니다.
    tab.wait_for_function(KERNEL_IDLE)
    run_and_move(tab, CHOSEN)
    tab.context.close()
