"""움직여 보는 실험을 독자처럼 움직입니다: 글쇠로, 손가락(마우스)으로, 서버의 페이지와 내려받은 파일에서.

그려진 막대와 곡선의 좌표를 읽어, 페이지에 적힌 코드가 그 자리에서 계산한 값과 견줍니다.
"""

from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.book.test_explorer_links import written
from tests.browsing import PAGES, SITE, Visit
from tests.explored import EXPLORERS, NOTEBOOKS, READ, check, maps, marks, page_of, plays, rebuilt, showing
from wi_lib.explorers.leading import filled
from wi_lib.figures.numbers import fill

pytestmark = pytest.mark.browser


def each(explorers):
    # 한 실험의 시험은 한 프로세스에서 이어 돌아, 페이지와 다시 만든 값을 함께 씁니다.
    group = pytest.mark.xdist_group
    return pytest.mark.parametrize(
        ("path", "name"),
        [pytest.param(path, name, id=name, marks=group(f"explorers-{name}")) for path, name in explorers],
    )


each_explorer = each(EXPLORERS)
# 정지 그림과 표를 뺀, 브라우저의 기본 조절기입니다.
RANGE, RADIO, SELECT = "input[type=range]", "input[type=radio]", "select"


def test_every_page_has_one():
    assert [path.stem for path in NOTEBOOKS if not any(path == p for p, _ in EXPLORERS)] == ["lab", "own_model"]
    assert len(LINKED) == len(set(filter(has_links, PAGES)))
    assert len(showing(marks)) >= 4
    assert showing(plays)
    assert showing(maps)


def has_links(page):
    """그림의 캡션에 실험의 자리로 가는 링크가 있는 페이지인지."""
    return 'class="wi-explore"' in (SITE / page).read_text(encoding="utf-8")


LINKED = [(path, name) for path, name in EXPLORERS if has_links(page_of(path))]


# 조절기를 모든 조합에 두며 [자리, 문장]을 모읍니다.
EVERY_POSITION = """(figure) => {
  const children = [...figure.querySelector(".wi-controls").children];
  const controls = children.map((control) => [...control.querySelectorAll("input, select")]);
  const counts = controls.map((c) => (c.length > 1 ? c.length : c[0].options?.length ?? Number(c[0].max) + 1));
  const put = (inputs, i) => {
    if (inputs[0].type === "radio") return inputs[i].checked || inputs[i].click();
    if (inputs[0].options) inputs[0].selectedIndex = i;
    else inputs[0].value = i;
    inputs[0].dispatchEvent(new Event(inputs[0].options ? "change" : "input"));
  };
  const positions = counts.reduce((all, n) => all.flatMap((p) => Array.from({ length: n }, (_, i) => [...p, i])), [[]]);
  return positions.map((position) => {
    position.forEach((p, axis) => put(controls[axis], p));
    return [position, figure.querySelector(".wi-says").textContent];
  });
}"""


class Explored:
    """페이지 하나에서 움직이는 그림 하나."""

    def __init__(self, visit, name, explorer):
        self.tab, self.explorer = visit.tab, explorer
        self.figure = visit.tab.locator(f"figure#{name}")

    def read(self):
        self.figure.locator(".wi-explorer[data-position]").wait_for()
        return self.figure.evaluate(READ)

    @property
    def position(self):
        return self.read()["position"]

    def control(self, axis):
        """축의 조절기: (종류, 요소)."""
        control = self.figure.locator(".wi-controls > *").nth(axis)
        for kind in (RANGE, RADIO, SELECT):
            if control.locator(kind).count():
                return kind, control.locator(kind)
        raise AssertionError(f"{axis}번째 축에 조절기가 없습니다.")

    def put(self, axis, stop):
        """축의 조절기를 stop번째 자리로. slider는 두 끝으로만 갑니다."""
        kind, control = self.control(axis)
        if kind == RANGE:
            control.press("End" if stop else "Home")
        elif kind == RADIO:
            control.nth(stop).check()
        else:
            control.select_option(index=stop)

    def moved(self, axis, before):
        """움직인 뒤: 그 축만 바뀌었고, 그려진 수가 계산과 같습니다."""
        drawn = self.read()
        changed = [i for i, (a, b) in enumerate(zip(before, drawn["position"])) if a != b]
        assert changed == [axis], (changed, before, drawn["position"])
        check(self.explorer, drawn)


@pytest.fixture(scope="module", params=["http"])
def visits(request, browser, address):
    """페이지마다 한 번만 여는 방문. 앞 시험이 남긴 자리에서 이어 움직이고, 처음 자리라야 하면(fresh) 새로 엽니다."""
    base, visits = address if request.param == "http" else SITE.as_uri(), {}

    def visit(path, fresh=False):
        if fresh and path in visits:
            visits.pop(path).context.close()
        if path not in visits:
            visits[path] = Visit(browser, f"{base}/{page_of(path)}")
        return visits[path]

    yield visit
    for opened in visits.values():
        opened.context.close()


@pytest.fixture
def opened(visits):
    used = []

    def open_explorer(path, name, fresh=False):
        used.append(visits(path, fresh))
        return used[-1], Explored(used[-1], name, rebuilt(path, again=False)[name])

    yield open_explorer
    for visit in used:
        assert visit.errors == []
        assert visit.outside == []


# 내려받아 연 페이지가 다를 수 있는 것은 자료를 읽어 그리고 조절기와 잇는 데까지입니다.
also_from_a_file = pytest.mark.parametrize("visits", ["http", "file"], indirect=True, scope="module")


@also_from_a_file
@each_explorer
def test_page_opens_with_the_default_position_drawn(opened, path, name):
    """내려받아 file://로 열어도 그림과 수식이 보이고, 실험은 처음 자리에 그려집니다."""
    visit, explored = opened(path, name, fresh=True)
    assert visit.broken_images() == []
    assert visit.count("mjx-container") == visit.count(".math")
    drawn = explored.read()
    assert tuple(drawn["position"]) == explored.explorer.start
    check(explored.explorer, drawn)
    assert explored.figure.locator("img").filter(visible=True).count() == 0
    assert explored.figure.locator(".wi-marks button").count() == sum(
        len(axis.marks) for axis in explored.explorer.axes
    )


@also_from_a_file
@each_explorer
def test_every_control_moves_by_keyboard(opened, path, name):
    _, explored = opened(path, name)
    for axis in range(len(explored.explorer.axes)):
        kind, control = explored.control(axis)
        last = len(explored.explorer.axes[axis].stops) - 1
        before = explored.position
        chosen = control.nth(before[axis]) if kind == RADIO else control.first
        chosen.focus()
        forward = {RANGE: "ArrowRight", RADIO: "ArrowRight", SELECT: "ArrowDown"}[kind]
        back = {RANGE: "ArrowLeft", RADIO: "ArrowLeft", SELECT: "ArrowUp"}[kind]
        explored.tab.keyboard.press(forward if before[axis] < last else back)
        explored.moved(axis, before)


@each_explorer
def test_every_control_moves_by_pointer(opened, path, name):
    _, explored = opened(path, name)
    for axis in range(len(explored.explorer.axes)):
        kind, control = explored.control(axis)
        last = len(explored.explorer.axes[axis].stops) - 1
        before = explored.position
        other = last if before[axis] < last else 0
        if kind == RANGE:
            control.scroll_into_view_if_needed()
            box = control.bounding_box()
            at = 0.98 if other else 0.02
            explored.tab.mouse.click(box["x"] + at * box["width"], box["y"] + box["height"] / 2)
        elif kind == RADIO:
            control.nth(other).click()
        else:
            control.select_option(index=other)
        explored.moved(axis, before)


@each_explorer
def test_every_position_says_the_right_thing(opened, path, name):
    """모든 조합을 지나며 오류가 없고, 문장의 글자가 파이썬이 쓴 것과 같습니다."""
    _, explored = opened(path, name)
    said = explored.figure.evaluate(EVERY_POSITION)
    explorer = explored.explorer
    for position, text in said:
        assert text == fill(explorer.says, explorer.at(tuple(position))), position


@each(showing(marks))
def test_marks_jump(opened, path, name):
    _, explored = opened(path, name)
    marked = [(i, text, p) for i, axis in enumerate(explored.explorer.axes) for text, p in axis.places.items()]
    assert marked
    for axis, text, p in marked:
        before = explored.position
        buttons = explored.figure.locator(".wi-marks button")
        texts = buttons.all_text_contents()
        button = buttons.nth(texts.index(text))
        button.focus()
        explored.tab.keyboard.press("Enter")
        assert explored.position[axis] == p
        assert button.get_attribute("aria-pressed") == "true"
        if before[axis] != p:
            explored.moved(axis, before)


@each_explorer
def test_kept_picture_stays(opened, path, name):
    """남겨 둔 모습은 조절기를 움직여도 그 자리의 그림 그대로입니다."""
    _, explored = opened(path, name)
    before = explored.read()
    explored.figure.locator(".wi-keep").click()
    kind, control = explored.control(0)
    (control.nth(before["position"][0]) if kind == RADIO else control.first).focus()
    explored.tab.keyboard.press("ArrowRight" if before["position"][0] == 0 else "ArrowLeft")
    after = explored.read()
    assert after["position"] != before["position"]
    shown = [*before["bars"], *(d for panel in before["panels"] for d in panel)]
    assert sorted(after["kept"]) == sorted(d for d in shown if d)
    assert explored.figure.locator(".wi-kept-text").inner_text().startswith("회색:")
    explored.figure.locator(".wi-keep").click()
    assert explored.read()["kept"] == []


@each(showing(plays))
def test_play_moves_by_itself_and_stops(opened, path, name):
    # 앞 시험이 끝 가까이에 두었으면 곧 멎습니다.
    visit, explored = opened(path, name, fresh=True)
    button, before = explored.figure.locator(".wi-play"), explored.position
    button.click()
    visit.tab.wait_for_timeout(1000)
    assert button.inner_text() == "멈춤"
    assert explored.position != before
    button.click()
    stopped = explored.position
    visit.tab.wait_for_timeout(600)
    assert explored.position == stopped
    assert button.inner_text() == "재생"


@each(showing(maps))
def test_heatmap_cells_are_picked(opened, path, name):
    visit, explored = opened(path, name)
    cells = explored.figure.locator(".wi-heatmap button")
    cells.last.click()
    check(explored.explorer, explored.read())
    assert explored.read()["chosen"] == cells.count() - 1
    visit.tab.keyboard.press("ArrowLeft")
    assert explored.read()["chosen"] == cells.count() - 2
    check(explored.explorer, explored.read())


@each_explorer
def test_lab_link_follows_the_controls(opened, path, name):
    _, explored = opened(path, name)
    share = explored.figure.locator(".wi-share")
    for axis, stops in enumerate(axis.stops for axis in explored.explorer.axes):
        check_lab_link(share, explored.explorer, explored.position, page_of(path))
        explored.put(axis, len(stops) - 1)
    check_lab_link(share, explored.explorer, explored.position, page_of(path))


def check_lab_link(share, explorer, position, page):
    link, wanted = share.locator("a"), explorer.lab and filled(explorer.lab, explorer.axes, position)
    if not explorer.lab:
        assert link.count() == 0
    elif wanted is None:
        assert not link.is_visible()
        assert "학습시킬 수 없습니다" in share.inner_text()
    else:
        assert link.inner_text() == "실험대에서 학습시켜 보기"
        assert link.get_attribute("href") == f"{'../' * page.count('/') or './'}lab.html#{wanted}"


@each(LINKED)
def test_links_of_the_book_show_their_setting(opened, path, name):
    """책의 링크를 눌러 보면, 적힌 축은 모두 그 자리이고 나머지는 처음 자리입니다."""
    visit, explored = opened(path, name)
    for link in visit.tab.locator(".wi-explore a").all():
        address = urlsplit(link.get_attribute("href"))
        assert address.fragment == name
        link.click()
        at = dict(parse_qsl(address.query))
        wanted = [a.texts.index(at[a.name]) if a.name in at else a.first for a in explored.explorer.axes]
        assert explored.position == wanted


@each_explorer
def test_every_setting_can_be_linked(opened, address, path, name):
    """축마다 처음이 아닌 자리에 두면 주소에 그대로 적히고, 그 주소를 열면 그 자리입니다."""
    visit, explored = opened(path, name)
    axes = explored.explorer.axes
    wanted = [len(axis.texts) - 1 if axis.first == 0 else 0 for axis in axes]
    for axis, stop in enumerate(wanted):
        explored.put(axis, stop)
    at = {a.name: a.texts[p] for a, p in zip(axes, wanted)}, name
    for _ in range(100):
        if written(visit.tab) == at:
            break
        visit.tab.wait_for_timeout(20)
    assert written(visit.tab) == at
    linked = visit.tab.url
    visit.tab.goto(f"{address}/_static/favicon.svg")
    visit.tab.goto(linked)
    assert explored.position == wanted


def test_every_still_figure_is_in_the_page():
    """스크립트가 그린 것이 아니라 HTML에 그대로 있는 그림입니다."""
    for path, name in EXPLORERS:
        html = (SITE / page_of(path)).read_text(encoding="utf-8")
        assert "<img " in html.split(f'id="{name}"')[1].split("<figcaption>")[0], name


@each(EXPLORERS[:1])
def test_still_figure_is_there_without_scripts(browser, address, path, name):
    context = browser.new_context()
    tab = context.new_page()
    tab.route("**/widgets.js*", lambda route: route.abort())
    tab.goto(f"{address}/{page_of(path)}#{name}")
    tab.locator(f"figure#{name} img").filter(visible=True).wait_for()
    assert tab.locator(f"figure#{name} .wi-explorer").count() == 0
    context.close()


@each(EXPLORERS[:1])
def test_still_figure_is_there_without_javascript(browser, address, path, name):
    with Visit(browser, f"{address}/{page_of(path)}", java_script_enabled=False) as visit:
        assert visit.tab.locator(f"figure#{name} img").filter(visible=True).count() == 1


@each(EXPLORERS[:1])
def test_broken_view_is_said_in_place(browser, address, path, name):
    """보기가 망가지면 그 자리에 까닭을 말하고, 멈춘 그림을 남깁니다."""
    context = browser.new_context()
    tab = context.new_page()

    def break_view(route):
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace("function render(", "function broken("))

    tab.route(f"**/{page_of(path)}", break_view)
    tab.goto(f"{address}/{page_of(path)}")
    error = tab.locator(f"figure#{name} .wi-error")
    error.wait_for()
    assert "그리지 못했습니다" in error.inner_text()
    assert tab.locator(f"figure#{name} img").is_visible()
    context.close()
