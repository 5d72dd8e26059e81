"""움직여 보는 실험을 여러 화면에서 봅니다: 전화기를 세우고 눕혀서 손가락으로, 넓은 화면에서 마우스로.

조절기를 움직이는 동안 그 조절기와 문장과 그림이 한 화면에 있는지, 누를 것과 글자가 작지 않은지를 잽니다.
"""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.book.test_pages import CONTRAST, show
from tests.browsing import SETTLED, Visit
from tests.explored import EXPLORERS, READ, check, maps, page_of, rebuilt, showing

pytestmark = pytest.mark.browser

PHONES = [(320, 844), (390, 844), (844, 390)]
UPRIGHT, ACROSS = PHONES[1:]
TABLET, WIDE = (768, 1024), [(1280, 900), (1920, 1080)]
TOUCH = {"has_touch": True, "is_mobile": True}


def each(explorers):
    # 한 실험의 시험은 한 프로세스에서 이어 돌아, 페이지를 한 번만 엽니다.
    group = pytest.mark.xdist_group
    return pytest.mark.parametrize(
        ("path", "name"),
        [pytest.param(path, name, id=name, marks=group(f"screens-{name}")) for path, name in explorers],
    )


each_explorer = each(EXPLORERS)
# 갈래마다 하나: 곡선만, 층별 분포, 재생, 표.
SOME = [pair for pair in EXPLORERS if pair[1] in ("fig-05-explorer", "fig-02-explorer", "fig-01-explorer")]

# 조절기와 문장 가운데 위에 있는 것을 머리말 바로 아래까지 올린 뒤, 셋이 보이는 자리에 있는지 봅니다.
TOGETHER = """(figure, picture) => {
  const find = (selector) => figure.querySelector(selector).getBoundingClientRect();
  const edge = () => document.querySelector(".bd-header-article").getBoundingClientRect().bottom;
  scrollBy({ top: Math.min(find(".wi-main").top, find(".wi-says").top) - edge(), behavior: "instant" });
  const [main, says, shown] = [".wi-main", ".wi-says", picture].map(find);
  const floor = main.top > shown.top && main.left < shown.right && shown.left < main.right ? main.top : innerHeight;
  const hidden = { main: main.bottom - innerHeight, says: says.bottom - floor, picture: shown.bottom - floor };
  return Object.entries(hidden).filter(([, below]) => below > 1);
}"""

# 그림 밖으로 나가거나, 글자가 작거나 잘렸거나, 누르기에 작은 것.
FAULTS = """(figure, least) => {
  const inside = [...figure.querySelectorAll(".wi-output *")].filter((e) => e.checkVisibility());
  const edge = figure.querySelector(".wi-output").getBoundingClientRect().right;
  const texts = inside.filter((e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()));
  const name = (e) => e.outerHTML.slice(0, 80);
  const small = (e) => {
    const { width, height } = e.getBoundingClientRect();
    return e.closest(".wi-heatmap") ? height < 24 : height < least - 0.5 || width < least - 0.5;
  };
  return {
    outside: inside.filter((e) => e.getBoundingClientRect().right > edge + 1).map(name),
    sideways: document.documentElement.scrollWidth > document.documentElement.clientWidth,
    tiny: texts.filter((e) => parseFloat(getComputedStyle(e).fontSize) < 11).map(name),
    cut: texts.filter((e) => e.closest("td, th, button") && e.scrollWidth > e.clientWidth + 2).map(name),
    small: inside.filter((e) => e.matches("button, input, select") && small(e)).map(name),
  };
}"""
# 그림을 하나씩 고르는 화면에서는 첫 그림부터 봅니다.
FIRST_PICTURE = """(figure) => {
  const button = figure.querySelector(".wi-pager button");
  if (button?.checkVisibility()) button.click();
}"""
NO_FAULTS = {"outside": [], "sideways": False, "tiny": [], "cut": [], "small": []}


@pytest.fixture(scope="module")
def visits(browser, address):
    """실험 하나의 시험이 함께 쓰는 방문: 손가락의 것과 마우스의 것. 다음 실험을 열면 앞의 것을 닫습니다."""
    kept = {}

    def close():
        for visit in kept.values():
            visit.context.close()
        kept.clear()

    def visit(path, name, size, **options):
        if any(other != name for other, _ in kept):
            close()
        key = name, bool(options)
        if key not in kept:
            viewport = {"width": size[0], "height": size[1]}
            kept[key] = Visit(browser, f"{address}/{page_of(path)}", viewport=viewport, **options)
        return kept[key]

    yield visit
    close()


@pytest.fixture
def opened(visits):
    """path의 실험을 size의 화면에서 봅니다: (방문, 그림). 앞 시험이 옮긴 조절기는 그 자리에 있습니다."""
    used = []

    def open_figure(path, name, size, **options):
        visit = visits(path, name, size, **options)
        used.append(visit)
        figure = visit.tab.locator(f"figure#{name}")
        figure.locator(".wi-explorer[data-position]").wait_for()
        resize(visit, size)
        # 넓은 화면에서 보던 옆의 차례가 움직여 물러나는 동안에는 그림을 가립니다.
        visit.tab.evaluate(SETTLED)
        visit.tab.evaluate("scrollTo({ top: 0, behavior: 'instant' })")
        figure.evaluate(FIRST_PICTURE)
        return visit, figure

    yield open_figure
    for visit in used:
        assert visit.errors == []


def resize(visit, size):
    visit.tab.set_viewport_size({"width": size[0], "height": size[1]})


def style(element, name):
    return element.evaluate("(e, name) => getComputedStyle(e)[name]", name)


def position(figure):
    return figure.evaluate(READ)["position"]


def at(box, across, down=0.5):
    return box["x"] + across * box["width"], box["y"] + down * box["height"]


@each_explorer
def test_control_sentence_and_picture_are_seen_together(opened, path, name):
    """어느 화면에서나, 또 그림을 하나씩 고르는 화면에서는 어느 그림이든, 움직이는 것을 보면서 움직입니다."""
    visit, figure = opened(path, name, UPRIGHT, **TOUCH)
    first = next(kind for kind in (".wi-heatmap", ".wi-layers", ".wi-panel") if figure.locator(kind).count())
    for size in [*PHONES, TABLET]:
        resize(visit, size)
        assert figure.evaluate(TOGETHER, first) == [], size
        pages = figure.locator(".wi-pager button").all() if size in PHONES and first != ".wi-heatmap" else []
        # 작은 그림 스무 장이 곡선보다 먼저입니다.
        if figure.locator(".wi-images").count() and size == ACROSS:
            continue
        for page in pages:
            page.tap()
            assert figure.evaluate(TOGETHER, ":is(.wi-layers, .wi-panel):not(.wi-aside)") == [], size
    wide, figure = opened(path, name, WIDE[0])
    for size in WIDE:
        resize(wide, size)
        assert figure.evaluate(TOGETHER, first) == [], size


@each_explorer
def test_nothing_is_small_or_cut(opened, path, name):
    visit, figure = opened(path, name, UPRIGHT, **TOUCH)
    for size in [*PHONES, TABLET]:
        resize(visit, size)
        assert figure.evaluate(FAULTS, 44) == NO_FAULTS, size
    narrow, figure = opened(path, name, UPRIGHT)
    assert figure.evaluate(FAULTS, 44) == NO_FAULTS
    for size in WIDE:
        resize(narrow, size)
        assert figure.evaluate(FAULTS, 24) == NO_FAULTS, size


@each_explorer
def test_main_control_fills_a_row_under_its_name(opened, path, name):
    """이름과 값은 그 위의 한 줄에 있습니다."""
    _, figure = opened(path, name, UPRIGHT, **TOUCH)
    main = figure.locator(".wi-main")
    label = main.locator("legend, span").first.bounding_box()
    inputs = [box.bounding_box() for box in main.locator("input, select").all()]
    whole = figure.locator(".wi-output").bounding_box()["width"]
    assert max(b["x"] + b["width"] for b in inputs) - min(b["x"] for b in inputs) > 0.9 * whole
    assert all(label["y"] + label["height"] <= b["y"] + 1 for b in inputs)
    assert style(main, "position") == "sticky"


@each([pair for pair in SOME if pair[1] == "fig-02-explorer"])
def test_back_to_top_does_not_cover_the_control(opened, path, name):
    """위로 조금 올리면 나오는 테마의 단추가, 화면 아래에 붙은 조절기를 가리지 않습니다."""
    visit, figure = opened(path, name, UPRIGHT, **TOUCH)
    figure.evaluate(TOGETHER, ".wi-layers")
    # 내리고 올린 것이 한 화면에 겹치면 테마는 내린 것으로만 봅니다.
    visit.tab.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    visit.tab.evaluate("scrollBy({ top: -40, behavior: 'instant' })")
    visit.tab.locator("#pst-back-to-top").wait_for()
    covering = """(main) => {
      const { left, top, right, bottom } = main.getBoundingClientRect();
      const shares = [0.1, 0.3, 0.5, 0.7, 0.9];
      const points = shares.flatMap((x) => shares.map((y) => [left + x * (right - left), top + y * (bottom - top)]));
      return points.filter(([x, y]) => !main.contains(document.elementFromPoint(x, y)));
    }"""
    assert figure.locator(".wi-main").evaluate(covering) == []


@each(SOME)
def test_wide_screen_shows_every_picture(opened, path, name):
    """넓은 화면에는 그림을 고르는 단추가 없고 모두 나란하며, 조절기는 그림의 위에 그대로 있습니다."""
    _, figure = opened(path, name, WIDE[0])
    assert not figure.locator(".wi-pager").is_visible()
    assert all(page.is_visible() for page in figure.locator(".wi-panel, .wi-layers").all())
    assert style(figure.locator(".wi-main"), "position") == "static"
    tops = [figure.locator(part).first.bounding_box()["y"] for part in (".wi-main", ".wi-says", ".wi-panel")]
    assert tops == sorted(tops)


@each(SOME)
def test_very_low_screen_is_not_covered(opened, path, name):
    """1280 × 1024를 400 %로 키우면 320 × 256입니다. 붙여 둔 조절기가 화면의 3분의 1을 가리면 안 됩니다."""
    _, figure = opened(path, name, (320, 256))
    assert style(figure.locator(".wi-main"), "position") == "static"
    assert figure.evaluate(FAULTS, 44) == NO_FAULTS


@each_explorer
def test_picture_stays_in_place_while_it_moves(opened, path, name):
    """문장의 길이가 달라져도 그 아래의 그림이 오르내리지 않습니다."""
    _, figure = opened(path, name, UPRIGHT, **TOUCH)
    main = figure.locator(".wi-main")
    heights = set()
    for _ in range(3 if main.locator("select").count() else 25):
        heights.add(figure.locator(".wi-says").bounding_box()["height"])
        main.locator("input, select").last.press("ArrowRight")
    assert len(heights) == 1


@each_explorer
def test_every_control_moves_by_touch(opened, path, name):
    visit, figure = opened(path, name, UPRIGHT, **TOUCH)
    explorer = rebuilt(path, again=False)[name]
    for axis, control in enumerate(figure.locator(".wi-controls > *").all()):
        before, last = position(figure), len(explorer.axes[axis].stops) - 1
        other = last if before[axis] < last else 0
        if control.locator("select").count():
            control.locator("select").select_option(index=other)
        elif control.locator("input[type=range]").count():
            control.scroll_into_view_if_needed()
            visit.tab.touchscreen.tap(*at(control.locator("input").bounding_box(), 0.99 if other else 0.01))
        else:
            control.locator("label").nth(other).tap()
        drawn = figure.evaluate(READ)
        assert drawn["position"] == [other if i == axis else p for i, p in enumerate(before)]
        check(explorer, drawn)


@each([pair for pair in SOME if pair[1] == "fig-05-explorer"])
def test_finger_drags_the_slider_not_the_page(opened, path, name):
    visit, figure = opened(path, name, UPRIGHT, **TOUCH)
    figure.evaluate(TOGETHER, ".wi-panel")
    box, scrolled = figure.locator(".wi-main input").bounding_box(), visit.tab.evaluate("scrollY")
    touch = visit.context.new_cdp_session(visit.tab)

    def send(kind, *points):
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]})

    send("touchStart", at(box, position(figure)[0] / 9))
    seen = []
    for step in range(1, 10):
        send("touchMove", at(box, step / 9))
        seen.append(position(figure)[0])
    send("touchEnd")
    assert seen == sorted(seen)
    assert position(figure)[0] == 9
    assert visit.tab.evaluate("scrollY") == scrolled


@each(showing(maps))
def test_heatmap_cells_are_picked_by_touch(opened, path, name):
    visit, figure = opened(path, name, UPRIGHT, **TOUCH)
    for size in (UPRIGHT, ACROSS):
        resize(visit, size)
        cells = figure.locator(".wi-heatmap button")
        for i in (0, cells.count() - 1):
            cells.nth(i).tap()
            assert figure.evaluate(READ)["chosen"] == i
    resize(visit, UPRIGHT)
    assert min(cell.bounding_box()["height"] for cell in cells.all()) >= 43.5


@each_explorer
def test_pictures_are_chosen_by_keyboard(opened, path, name):
    visit, figure = opened(path, name, UPRIGHT)
    pages = figure.locator(".wi-panel, .wi-layers")
    buttons = figure.locator(".wi-pager button")
    if pages.count() == 1:
        assert pages.is_visible()
        return
    assert figure.get_by_role("group", name="그림 고르기").is_visible()
    for i, button in enumerate(buttons.all()):
        button.focus()
        visit.tab.keyboard.press("Enter")
        assert [page.is_visible() for page in pages.all()] == [k == i for k in range(pages.count())]
        assert button.get_attribute("aria-pressed") == "true"


@each_explorer
def test_focus_is_not_hidden_under_the_control(opened, path, name):
    """Tab으로 다닐 때 초점이 붙여 둔 조절기나 머리말에 가리지 않습니다."""
    visit, figure = opened(path, name, UPRIGHT)
    figure.locator(".wi-controls :is(input, select)").first.focus()
    covered = """(figure) => {
      const e = document.activeElement, { x, y, width, height } = e.getBoundingClientRect();
      if (!figure.contains(e)) return null;
      const top = document.elementFromPoint(x + width / 2, y + height / 2);
      return e.contains(top) || top.contains(e) ? "" : `${e.outerHTML} < ${top.outerHTML}`;
    }"""
    for _ in range(40):
        visit.tab.keyboard.press("Tab")
        if (found := figure.evaluate(covered)) is None:
            break
        assert found == ""


# axe는 한 곳을 볼 때에도 문서의 요소를 모두 읽으므로, 볼 그림만 남깁니다.
ALONE = """(figure) => {
  for (let e = figure; e.parentElement?.closest("article"); e = e.parentElement)
    for (const other of [...e.parentElement.children]) if (other !== e) other.remove();
}"""


@each(SOME)
def test_axe_finds_nothing_on_a_phone(browser, address, path, name):
    """밝은 화면에서 모두 보고, 어두운 화면에서는 달라지는 것(색)만 봅니다."""
    viewport = {"width": UPRIGHT[0], "height": UPRIGHT[1]}
    # axe가 페이지에 적으려는 style은 정책이 막으므로 오류는 세지 않습니다.
    with Visit(browser, f"{address}/{page_of(path)}", viewport=viewport, **TOUCH) as visit:
        visit.tab.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
        figure = visit.tab.locator(f"figure#{name}")
        figure.get_by_role("button", name="이 모습의 주소").tap()
        figure.get_by_role("textbox").wait_for()
        figure.evaluate(ALONE)
        visit.tab.evaluate(Axe().axe_script)
        for scheme, rules in (("light", {}), ("dark", {"runOnly": [CONTRAST]})):
            show(visit.tab, scheme)
            for size in PHONES:
                resize(visit, size)
                options = {"resultTypes": ["violations"], **rules}
                found = visit.tab.evaluate("(given) => axe.run(...given)", [f"figure#{name}", options])["violations"]
                assert [rule["id"] for rule in found] == [], (scheme, size)
