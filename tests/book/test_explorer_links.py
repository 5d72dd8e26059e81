"""움직여 보는 실험의 자리를 주소로: 적고, 읽고, 복사하고, 그림의 캡션에서 그 자리로 갑니다."""

import shutil
from itertools import pairwise
from urllib.parse import parse_qsl, urlsplit

import nbformat
import numpy as np
import pytest
from ipywidgets.embed import dependency_state, embed_data
from nbformat.v4 import new_code_cell, new_notebook, new_output
from sphinx.errors import ExtensionError

from book import notebook
from tests.book.test_widget_runtime import page
from tests.browsing import ROOT, SITE, Visit, served
from tests.explored import EXPLORERS, READ, check, page_of, rebuilt
from wi_lib.explorers import Axis, Curves, Explorer, Line, Panel

NAME = "fig-05-explorer"
[PATH] = [path for path, name in EXPLORERS if name == NAME]
START = [5, 0, 2, 0]


def figure_of(tab, name=NAME):
    figure = tab.locator(f"figure#{name}")
    figure.locator(".wi-explorer[data-position]").wait_for()
    return figure


def position(tab, name=NAME):
    return figure_of(tab, name).evaluate(READ)["position"]


def written(tab):
    """주소에 적힌 것: (축, #)."""
    address = urlsplit(tab.url)
    return dict(parse_qsl(address.query)), address.fragment


@pytest.fixture(params=["http", "file"])
def base(request, address):
    return address if request.param == "http" else SITE.as_uri()


@pytest.fixture
def opened(browser):
    visits = []

    def open_page(url, **options):
        visits.append(Visit(browser, url, **options))
        return visits[-1]

    yield open_page
    for visit in visits:
        assert visit.errors == []
        visit.context.close()


@pytest.mark.browser
def test_address_follows_the_control_and_survives_a_reload(opened, base):
    tab = opened(f"{base}/{page_of(PATH)}").tab
    figure = figure_of(tab)
    figure.locator("input[type=range]").press("ArrowRight")
    figure.get_by_role("radio", name="0.2").check()
    tab.wait_for_timeout(700)
    assert written(tab) == ({"c": "2", "f": "0.2"}, NAME)
    tab.reload()
    assert position(tab) == [6, 1, 2, 0]
    assert figure.get_by_role("slider").get_attribute("aria-valuetext") == "2"
    check(rebuilt(PATH, again=False)[NAME], figure.evaluate(READ))
    # 처음 자리로 돌아오면 적을 것이 없습니다.
    figure.locator("input[type=range]").press("ArrowLeft")
    figure.get_by_role("radio", name="0(ReLU)").check()
    tab.wait_for_timeout(700)
    assert written(tab) == ({}, NAME)


@pytest.mark.browser
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?c=1&depth=50#fig-05-explorer", [3, 0, 3, 0]),
        ("?c=9&depth=50#fig-05-explorer", [5, 0, 3, 0]),
        ("?c=%E0%A4%A&depth=&draw=%EB%91%98%EC%A7%B8&f[]=1#fig-05-explorer", [5, 0, 2, 1]),
        ("?c=1&c=2&constructor=1&lang=ko#fig-05-explorer", [3, 0, 2, 0]),
        ("?c=1", [3, 0, 2, 0]),
        ("?c=1#%E0%A4%A", [3, 0, 2, 0]),
        ("", START),
    ],
)
def test_broken_parts_of_a_link_are_ignored(opened, address, query, expected):
    visit = opened(f"{address}/{page_of(PATH)}{query}")
    assert position(visit.tab) == expected
    visit.tab.wait_for_timeout(700)
    # 읽기만 했으면 #은 받은 그대로입니다.
    assert urlsplit(visit.tab.url).fragment == urlsplit(query).fragment


@pytest.mark.browser
def test_other_parts_of_the_address_are_kept(opened, address):
    tab = opened(f"{address}/{page_of(PATH)}?lang=ko&c=1#fig-05-explorer").tab
    figure_of(tab).locator("input[type=range]").press("ArrowRight")
    tab.wait_for_timeout(700)
    assert written(tab) == ({"lang": "ko", "c": "1.25"}, NAME)


@pytest.mark.browser
def test_address_is_not_written_too_often(opened, address):
    """Safari는 30초에 100번을 넘으면 오류를 냅니다."""
    tab = opened(f"{address}/{page_of(PATH)}").tab
    figure_of(tab).locator("input[type=range]").focus()
    tab.evaluate("""() => { window.times = []; const real = history.replaceState.bind(history);
      history.replaceState = (...given) => { window.times.push(performance.now()); real(...given); }; }""")
    for i in range(30):
        tab.keyboard.press("ArrowRight" if i // 4 % 2 else "ArrowLeft")
        tab.wait_for_timeout(30)
    tab.wait_for_timeout(700)
    times = tab.evaluate("window.times")
    assert 1 < len(times) < 30
    assert all(later - earlier >= 300 for earlier, later in pairwise(times))


@pytest.mark.browser
def test_address_is_copied(opened, base):
    visit = opened(f"{base}/{page_of(PATH)}?depth=50", permissions=["clipboard-read", "clipboard-write"])
    figure = figure_of(visit.tab)
    figure.locator("input[type=range]").press("ArrowRight")
    button = figure.get_by_role("button", name="이 모습의 주소")
    button.focus()
    visit.tab.keyboard.press("Enter")
    figure.get_by_role("status").get_by_text("주소를 복사했습니다.").wait_for()
    copied = visit.tab.evaluate("navigator.clipboard.readText()")
    assert not figure.get_by_role("textbox").is_visible()
    # 주소창의 것은 조금 뒤에 따라옵니다.
    visit.tab.wait_for_timeout(700)
    assert copied == visit.tab.url
    assert position(opened(copied).tab) == [6, 0, 3, 0]


@pytest.mark.browser
@pytest.mark.parametrize("clipboard", ["undefined", "{ writeText: () => Promise.reject(new Error('no')) }"])
def test_address_is_shown_where_copying_is_refused(opened, base, clipboard):
    visit = opened(f"{base}/{page_of(PATH)}?c=1", has_touch=True, viewport={"width": 390, "height": 844})
    visit.tab.evaluate(f"Object.defineProperty(navigator, 'clipboard', {{ value: {clipboard} }})")
    figure = figure_of(visit.tab)
    figure.get_by_role("button", name="이 모습의 주소").tap()
    figure.get_by_role("status").get_by_text("직접 복사하십시오").wait_for()
    field = figure.get_by_role("textbox", name="이 모습의 주소")
    assert field.input_value() == f"{visit.tab.url}#{NAME}"
    assert field.evaluate("(e) => e.value.slice(e.selectionStart, e.selectionEnd) === e.value")
    assert field.bounding_box()["height"] >= 43.5


def small(title):
    """축의 이름이 n인 작은 실험."""
    axis = Axis("n", "너비", [1, 2, 3, 4])
    panel = Panel("y", [Line("y", "y")], (0, 5), np.arange(2))
    return Explorer(title, [axis], lambda n: {"y": [n, n]}, [Curves([panel])], "너비 {n}")


@pytest.mark.browser
def test_two_explorers_do_not_mix(opened, tmp_path):
    for name in ("widgets.js", "widgets.css"):
        shutil.copy(ROOT / "book" / "assets" / name, tmp_path)
    (tmp_path / "page.html").write_text(page([small("가").widget, small("나").widget]), encoding="utf-8")
    with served(tmp_path) as url:
        tab = opened(f"{url}/page.html?n=3#v1").tab
        assert [position(tab, name) for name in ("v0", "v1")] == [[0], [2]]
        tab.locator("#v1 [type=range]").press("ArrowRight")
        tab.locator("#v0 [type=range]").press("ArrowRight")
        tab.wait_for_timeout(700)
        assert written(tab) == ({"n": "2"}, "v0")
        tab.goto(f"{url}/page.html?n=3#other")
        assert [position(tab, name) for name in ("v0", "v1")] == [[0], [0]]


EXPLORE = {"figure": "fig-b", "at": {"n": "3"}}


def finished(explore):
    """그림 하나와 실험 하나가 든 노트북에서, 그림의 캡션."""
    widget = small("실험").widget
    data = embed_data([widget], state=dependency_state([widget], drop_defaults=False))
    output = new_output("display_data", {notebook.VIEW: data["view_specs"][0]})
    figures = [{"mystnb": {"figure": {"name": name, "caption": name}}} for name in ("fig-a", "fig-b")]
    source = new_notebook(
        metadata={"widgets": {notebook.STATE: data["manager_state"]}},
        cells=[
            new_code_cell(metadata=figures[0] | {"explore": explore}),
            new_code_cell(outputs=[output], metadata=figures[1]),
        ],
    )
    page = nbformat.reads(notebook.finish(source), as_version=4)
    return page.cells[0].metadata["mystnb"]["figure"]["caption"]


def test_figure_links_to_the_explorer():
    assert finished(EXPLORE).startswith("fig-a\n\n```{raw} html\n")
    assert '<a href="?n=3#fig-b">움직여 보기</a>' in finished(EXPLORE)


@pytest.mark.parametrize(
    ("explore", "message"),
    [
        ({"figure": "fig-a"}, "움직여 보는 실험만"),
        ({"figure": "fig-c"}, "움직여 보는 실험만"),
        ({"at": {"m": "3"}}, "없는 축입니다: 'm'"),
        ({"at": {"n": "9"}}, "없는 자리입니다: '9'"),
    ],
)
def test_wrong_link_fails_the_build(explore, message):
    with pytest.raises(ExtensionError, match=message):
        finished(EXPLORE | explore)


LINK = '<p class="wi-explore"><a href="?c=1&amp;draw=%EB%91%98%EC%A7%B8#fig-05-explorer">움직여 보기</a></p>'


@pytest.mark.browser
@pytest.mark.parametrize("how", ["click", "tap", "Enter"])
def test_link_moves_the_explorer_without_a_reload(opened, address, browser, how):
    visit = opened(f"{address}/{page_of(PATH)}?depth=50", has_touch=True, viewport={"width": 390, "height": 844})
    tab = visit.tab
    figure_of(tab)
    tab.evaluate("window.same = true")
    tab.locator("article h1").evaluate("(title, link) => title.insertAdjacentHTML('afterend', link)", LINK)
    link = tab.locator(".wi-explore a").first
    link.press(how) if how == "Enter" else getattr(link, how)()
    assert tab.evaluate("window.same")
    assert position(tab) == [3, 0, 2, 1]
    assert tab.locator(f"#{NAME}").evaluate("(e) => Math.abs(e.getBoundingClientRect().top) < 100")
    # 글쇠로 온 사람은 곧바로 움직일 수 있습니다.
    tab.keyboard.press("ArrowRight")
    assert position(tab) == [4, 0, 2, 1]
    tab.wait_for_timeout(700)
    assert written(tab) == ({"c": "1.25", "draw": "둘째"}, NAME)
    tab.go_back()
    tab.wait_for_function("!location.search.includes('draw')")
    assert position(tab) == [5, 0, 3, 0]


@pytest.mark.browser
def test_jump_inside_the_page_does_not_move_the_explorer_back(opened, address):
    """움직이자마자 차례를 눌러도 실험은 움직인 자리에 있습니다."""
    tab = opened(f"{address}/{page_of(PATH)}").tab
    figure_of(tab).locator("input[type=range]").press("ArrowRight")
    tab.evaluate("location.hash = 'other'")
    tab.wait_for_timeout(700)
    tab.evaluate("location.hash = 'another'")
    tab.wait_for_timeout(100)
    assert position(tab) == [6, *START[1:]]
