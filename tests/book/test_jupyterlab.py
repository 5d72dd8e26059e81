"""JupyterLab에서: 조절기와 보기의 갈래마다 실험을 실행하고 글쇠로 움직이고, 실험대에서 학습시킵니다.

커널과 진짜 ipywidgets가 있습니다.
"""

import shutil
from contextlib import contextmanager

import nbformat
import numpy as np
import pytest

import wi_lib
from tests.browsing import KERNEL_IDLE, ROOT, jupyterlab
from tests.explored import EXPLORERS, READ, cells, check, models, rebuilt
from tools.notebooks import KERNEL

pytestmark = pytest.mark.browser
BOOK, LAB = "chapters/explorers.ipynb", "lab.ipynb"
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
    shutil.copy(ROOT / LAB, home / "book")
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
        tab.keyboard.press(key_for(rebuilt(path, again=False)[name]))
        tab.wait_for_function(
            "([el, old]) => el.querySelector('.wi-explorer').dataset.position !== old",
            arg=[output.element_handle(), " ".join(map(str, before["position"]))],
        )
        after = output.evaluate(READ)
        check(rebuilt(path, again=False)[name], after)
    assert tab.locator("[data-mime-type='application/vnd.jupyter.error']").count() == 0


def kinds(path):
    """노트북의 실험에 있는 조절기(모델의 이름)와 보기의 갈래."""
    views = [view["kind"] for model in models(path) for view in model["state"].get("spec", {}).get("views", [])]
    return {*views, *(model["model_name"] for model in models(path))}


def test_every_kind_is_chosen():
    assert set().union(*(kinds(path) for path, _ in CHOSEN)) == set().union(*(kinds(path) for path, _ in EXPLORERS))


@contextmanager
def opened(browser, lab, notebook):
    """노트북을 연 탭. 커널이 준비되기 전에 실행하면 어느 커널을 쓸지 묻는 창이 뜹니다."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    tab = context.new_page()
    tab.set_default_timeout(120_000)
    tab.goto(f"{lab}/lab/tree/{notebook}?reset")
    tab.wait_for_function(KERNEL_IDLE)
    yield tab
    context.close()


def test_explorers_run_and_move_in_jupyterlab(browser, lab):
    with opened(browser, lab, BOOK) as tab:
        run_and_move(tab, CHOSEN)


def test_lab_trains_in_jupyterlab(browser, lab):
    """페이지의 실험대와 같은 셀이 커널의 자료로 학습하고, 끝난 자리의 정확도가 wi_lib의 것과 같습니다."""
    with opened(browser, lab, LAB) as tab:
        tab.evaluate("() => void jupyterapp.commands.execute('notebook:run-all-cells')")
        root = tab.locator(".jp-OutputArea .wi-lab[data-state=ready]")
        root.wait_for()
        root.locator(".wi-lab-run").click()
        done = tab.locator(".jp-OutputArea .wi-lab[data-state=done]")
        done.wait_for()
        assert done.get_attribute("data-step") == "200"
        assert abs(float(done.get_attribute("data-accuracy")) - default_history().test_accuracy) < 0.02


def default_history():
    """실험대의 처음 설정을 wi_lib으로 돌린 것."""
    rng = np.random.default_rng(0)
    net = wi_lib.MLP([64, 50, 50, 50, 50, 10], "relu", "he_normal", rng=rng)
    data = wi_lib.datasets.load_digits()
    return wi_lib.train(net, data, learning_rate=0.1, batch_size=32, iterations=200, rng=rng)
