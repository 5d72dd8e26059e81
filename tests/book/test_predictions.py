"""예상: 모든 상자가 답을 받고, 고르고 적고 그려서 답하면 까닭과 함께 뒤의 글이 이어집니다."""

import re
from collections import Counter

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.book.asking import PHONE, RECORD, answer, asks, first_of, headings, open_up_to
from tests.book.test_pages import CONTRAST
from tests.browsing import CHAPTERS, SETTLED, Visit
from tests.chapters import test_chapters
from tests.chapters.test_chapters import text

BOX = re.compile(r"(?m)^:{4,}\{admonition\} (?:예상해 보십시오|흔한 말: .+)\n:class: \w+\n:name: (ask-(\d\d)-[a-z-]+)$")
QUESTION = re.compile(r"(?s)\{admonition\} (?:예상|흔한)((?:(?!admonition).)+?)답은 (\d)번입니다")


# 책의 모든 상자


@pytest.mark.parametrize("path", test_chapters.CHAPTERS, ids=lambda path: path.stem)
def test_every_box_takes_an_answer(path):
    """노트북의 예상과 흔한 말마다 이름이 있고, 페이지에 답을 받는 상자가 하나씩 있습니다."""
    named = BOX.findall(text(path))
    assert len(named) == len(re.findall(r"\{admonition\} (?:예상|흔한)", text(path))) >= 3
    assert {number for _, number in named} == {path.stem[:2]}
    assert [name for _, name in asks(f"chapters/{path.stem}.html")] == [name for name, _ in named]


def test_boxes_ask_in_every_way():
    kinds = Counter(kind for page in CHAPTERS for kind, _ in asks(page))
    assert kinds["choice"] > 60
    assert kinds["number"] >= 5
    assert kinds["line"] >= 4


def test_right_choices_are_not_given_away():
    """맞는 보기의 자리가 한쪽에 몰려 있지 않고, 맞는 보기가 늘 가장 길지도 않습니다."""
    places, longest = Counter(), []
    for path in test_chapters.CHAPTERS:
        for asked, right in QUESTION.findall(text(path)):
            choices = re.findall(r"(?m)^\d\. (.+)$", asked)
            places[int(right)] += 1
            longest.append(max(choices, key=len) == choices[int(right) - 1])
    assert max(places.values()) < 0.55 * places.total()
    assert sum(longest) < 0.6 * len(longest)


# 답하며 읽기


@pytest.mark.browser
@pytest.mark.parametrize("page", CHAPTERS)
def test_text_goes_on_with_every_answer(browser, address, page):
    """전화기에서 손가락으로 차례차례 답하면 끝까지 열립니다. 답은 첫 화면부터 가려져 있고, 옆으로 넘치지 않습니다."""
    with Visit(browser, f"{address}/{page}", asking=True, **PHONE) as visit:
        everything = visit.tab.locator("article :is(h2, h3)").count()
        for kind, name in asks(page):
            box, seen = visit.tab.locator(f"#{name}"), len(headings(visit))
            below = box.locator("xpath=following::*[self::p or self::figure][not(ancestor::*[@class='wi-gate'])][1]")
            assert seen < everything
            assert not box.locator("> details").is_visible(), name
            assert not below.is_visible() or "bd-article" not in below.evaluate(
                "e => e.closest('article')?.className ?? ''"
            )
            answer(box, lambda target: target.tap())
            assert box.locator(".wi-verdict").inner_text()
            assert box.locator("> details > .sd-summary-content").is_visible()
            assert visit.tab.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, (kind, name)
        assert len(headings(visit)) == everything
        assert visit.count(".wi-gate") == 0
        assert len(visit.tab.evaluate(RECORD)["answers"]) == len(asks(page))
        assert visit.errors == []
        assert visit.outside == []


@pytest.mark.browser
def test_choice_says_why(browser, address):
    """글쇠로 고르면 초점은 그 자리에 남고, 고른 것과 맞는 것과 그 까닭이 도드라지며, 다시 답할 수 있습니다."""
    page, name = first_of("choice")
    with Visit(browser, f"{address}/{page}", asking=True) as visit:
        box = open_up_to(visit, name)
        right = int(box.get_attribute("data-right"))
        wrong = 1 if right > 1 else 2
        choices = box.get_by_role("listitem").filter(has=visit.tab.locator(".wi-choice")).locator("button")
        choices.nth(wrong - 1).focus()
        visit.tab.keyboard.press("Enter")
        assert choices.nth(wrong - 1).evaluate("each => each === document.activeElement")
        assert box.get_by_role("status").inner_text() == f"다릅니다. 답은 {right}번입니다."
        assert "(고른 답)" in choices.nth(wrong - 1).text_content()
        assert "(맞는 답)" in choices.nth(right - 1).text_content()
        assert box.locator(".wi-yours").inner_text().startswith(f"{wrong}번")
        choices.nth(right - 1).dispatch_event("click")  # 한 번 답한 것은 다시 누른다고 바뀌지 않습니다.
        assert visit.tab.evaluate(RECORD)["answers"][name]["given"] == wrong
        box.get_by_role("button", name="다시 답하기").press("Enter")
        assert choices.first.evaluate("each => each === document.activeElement")
        assert not box.locator("> details").is_visible()
        choices.nth(right - 1).press("Space")
        assert box.get_by_role("status").inner_text() == "맞았습니다."
        assert visit.tab.evaluate(RECORD)["answers"][name] | {"at": 0} == {"given": right, "right": True, "at": 0}


@pytest.mark.browser
def test_number_is_read_as_people_write_it(browser, address):
    """수가 아니면 무엇을 적을지 말하고, 분수와 지수와 전각도 읽고, 범위의 어느 쪽인지 말합니다."""
    page, name = first_of("number")
    with Visit(browser, f"{address}/{page}", asking=True) as visit:
        box = open_up_to(visit, name)
        low, high = (float(box.get_attribute(f"data-{end}")) for end in ("low", "high"))
        field = box.get_by_role("textbox")
        for bad in ("", "많이", "1/0", "1/2/3", "--1", "0x10", "1e999", "0,5", "1,50", "NaN", "Infinity", "2만"):
            field.fill(bad)
            field.press("Enter")
            assert "수로 적어" in box.get_by_role("alert").inner_text(), bad
            assert field.get_attribute("aria-invalid") == "true"
            assert not box.locator("> details").is_visible()
        middle = (low + high) / 2
        digits, exponent = f"{middle:e}".split("e")
        fullwidth = f"{middle:.12g}".translate({i: i + 0xFEE0 for i in range(0x2B, 0x3A)})
        raised = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
        for written, said in {
            f"{middle:.12g}": "맞았습니다.",
            f" {middle:e} ": "맞았습니다.",
            f"{digits} x 10^{int(exponent)}": "맞았습니다.",
            f"{digits}×10{raised}": "맞았습니다.",
            f"{middle * 1000}/1,000": "맞았습니다.",
            fullwidth: "맞았습니다.",
            f" {middle:.12g} {box.get_attribute('data-unit')} ": "맞았습니다.",
            f"{low / 3 if low > 0 else low - 1}": "다릅니다. 답보다 작게 적었습니다.",
            f"{high * 3}": "다릅니다. 답보다 크게 적었습니다.",
        }.items():
            field.fill(written)
            field.press("Enter")
            assert box.get_by_role("status").inner_text() == said, written
            box.get_by_role("button", name="다시 답하기").click()


@pytest.mark.browser
@pytest.mark.parametrize("way", ["mouse", "touch", "keyboard"])
def test_line_is_drawn(browser, address, way):
    """선을 마우스로 끌어서도, 손가락으로도, 글쇠로도 그립니다. 그리지 않으면 답이 되지 않습니다."""
    page, name = first_of("line")
    with Visit(browser, f"{address}/{page}", asking=True, **(PHONE if way == "touch" else {})) as visit:
        box = open_up_to(visit, name)
        box.get_by_role("button", name="이렇게 답하기").click()
        assert "정하지 않은 점이" in box.get_by_role("alert").inner_text()
        sliders, low, high = (
            box.get_by_role("slider"),
            *(float(box.get_attribute(f"data-{e}")) for e in ("low", "high")),
        )
        assert sliders.count() >= 4
        values = [float(value) for value in box.get_attribute("data-values").split()]
        if box.get_attribute("data-scale") == "log":
            low, high, *values = np.log10([low, high, *values])
        shares = [(value - low) / (high - low) for value in values]
        board = box.locator(".wi-board")
        board.scroll_into_view_if_needed()
        area = board.bounding_box()
        places = [
            (area["x"] + area["width"] * (i + 0.5) / len(shares), area["y"] + area["height"] * (1 - share))
            for i, share in enumerate(shares)
        ]
        if way == "mouse":
            visit.tab.mouse.move(*places[0])
            visit.tab.mouse.down()
            for place in places:
                visit.tab.mouse.move(*place, steps=2)
            visit.tab.mouse.up()
        elif way == "touch":
            for place in places:
                visit.tab.touchscreen.tap(*place)
        else:
            for i, share in enumerate(shares):
                sliders.nth(i).press("Home")
                for _ in range(round(share / 0.025)):
                    sliders.nth(i).press("ArrowUp")
                assert int(sliders.nth(i).input_value()) == pytest.approx(40 * share, abs=1)
                assert re.search(r"\d", sliders.nth(i).get_attribute("aria-valuetext"))
        box.get_by_role("button", name="이렇게 답하기").click()
        assert box.get_by_role("status").inner_text().startswith("맞았습니다. ")
        assert box.locator(".wi-measured").get_attribute("d")
        sliders.first.press("PageDown")  # 답한 선은 움직이지 않습니다.
        assert visit.tab.evaluate(RECORD)["answers"][name]["right"] is True


# 누구나


@pytest.mark.browser
@pytest.mark.parametrize("kind", ["choice", "number", "line"])
def test_boxes_fit_and_can_be_touched(browser, address, kind):
    """어느 너비에서나 옆으로 넘치지 않고, 누르는 것은 44 px보다 작지 않고, 글자는 11 px보다 작지 않습니다."""
    page, name = first_of(kind)
    with Visit(browser, f"{address}/{page}", viewport={"width": 320, "height": 844}, asking=True) as visit:
        box = open_up_to(visit, name)
        for width in (320, 390, 768, 1280, 1920):
            visit.tab.set_viewport_size({"width": width, "height": 844})
            small = visit.tab.locator(f"#{name} :is(button, input), .wi-gate button").evaluate_all(
                "all => all.filter(e => e.checkVisibility()).map(e => e.getBoundingClientRect())"
                ".filter(r => r.width < 44 || r.height < 44).length"
            )
            assert small == 0, width
            answer(box, lambda target: target.click())
            assert visit.tab.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, width
            sizes = box.locator("*").evaluate_all(
                "all => all.filter(e => e.checkVisibility() && !e.closest('mjx-container')"
                " && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))"
                ".map(e => parseFloat(getComputedStyle(e).fontSize))"
            )
            assert min(sizes) >= 11, width
            box.get_by_role("button", name="다시 답하기").click()


@pytest.mark.browser
def test_columns_of_the_sketch_stand_apart(browser, address):
    """열의 이름은 점의 바로 아래에 있고, 좁아도 이웃한 이름과 겹치지 않습니다. 무엇을 할지도 적혀 있습니다."""
    lines = {page: [name for kind, name in asks(page) if kind == "line"] for page in CHAPTERS}
    with Visit(browser, f"{address}/404.html") as visit:
        for page in filter(lines.get, lines):
            visit.tab.goto(f"{address}/{page}")
            for width in (320, 390, 1280):
                visit.tab.set_viewport_size({"width": width, "height": 844})
                visit.tab.evaluate(SETTLED)
                for name in lines[page]:
                    check_columns(visit.tab.locator(f"#{name}"), (name, width))


def check_columns(box, where):
    assert box.get_by_text("점을 모두 위아래로 끌어").is_visible()
    places = box.locator(".wi-columns span").evaluate_all(
        "all => all.map(e => { const r = document.createRange(); r.selectNodeContents(e);"
        " const { left, right, top, bottom } = r.getBoundingClientRect(); return [left, right, top, bottom]; })"
    )
    dots = box.get_by_role("slider").evaluate_all(
        "all => all.map(e => e.getBoundingClientRect()).map(r => (r.left + r.right) / 2)"
    )
    assert [(left + right) / 2 for left, right, *_ in places] == pytest.approx(dots, abs=2), where
    for i, (_, right, top, bottom) in enumerate(places):
        for other in places[i + 1 :]:
            assert right + 2 < other[0] or bottom <= other[2] or top >= other[3], (*where, i)


@pytest.mark.browser
def test_choices_are_named_with_their_formulas(browser, address):
    """화면을 읽어 주는 프로그램이 받는 단추의 이름에 식이 들어 있고, 답한 뒤에는 고른 답인지도 들어 있습니다."""
    with Visit(browser, f"{address}/{CHAPTERS[0]}", asking=True) as visit:
        box = visit.tab.locator("#ask-01-gradient")
        choice = box.get_by_role("button", name="어느 함수에서나 출력층의 편향 b^(3)뿐이다")
        choice.click()
        assert choice.get_attribute("aria-label").endswith("(고른 답)")
        assert box.locator(".wi-choices p").count() == 0  # 빈 문단을 남기지 않습니다.


@pytest.mark.browser
def test_sketch_is_seen_in_forced_colors(browser, address):
    """고대비 화면의 검은 바탕에서도 잰 선이 보이고, 옮긴 점은 아직 옮기지 않은 점과 다릅니다."""
    page, name = first_of("line")
    with Visit(browser, f"{address}/{page}", color_scheme="light") as visit:
        visit.tab.evaluate("localStorage.setItem('mode', 'light')")
        visit.tab.emulate_media(forced_colors="active", color_scheme="dark")
        visit.tab.reload()
        box = visit.tab.locator(f"#{name}")
        box.get_by_role("slider").first.press("ArrowUp")
        fills = box.locator(".wi-dot").evaluate_all(
            "all => all.map(e => getComputedStyle(e, '::after').backgroundColor)"
        )
        assert fills[0] != fills[1]
        answer(box, lambda target: target.click())
        shown, text = visit.tab.evaluate(
            "name => [getComputedStyle(document.querySelector(`#${name} .wi-measured`)).stroke,"
            " getComputedStyle(document.querySelector(`#${name} .wi-verdict`)).color]",
            name,
        )
        assert shown == text


# axe는 한 곳을 볼 때에도 문서의 요소를 모두 읽으므로, 볼 것만 남깁니다.
APART = """(kept) => {
  for (const element of document.querySelectorAll("article section > *"))
    if (!element.matches(kept) && !element.querySelector(kept)) element.remove();
}"""


@pytest.mark.browser
@pytest.mark.parametrize("kind", ["choice", "number", "line"])
def test_boxes_are_accessible(browser, address, kind):
    """답하기 전에도 뒤에도 axe-core가 찾는 것이 없습니다. 밝기에 따라 달라지는 것은 색뿐입니다."""
    page, name = first_of(kind)
    with Visit(browser, f"{address}/{page}", asking=True, color_scheme="light") as visit:
        box = open_up_to(visit, name)
        visit.tab.evaluate(APART, f"#{name}, .wi-gate")
        visit.tab.evaluate(Axe().axe_script)
        check = "async (given) => (await axe.run(...given)).violations.map(v => v.id)"
        for include in ([[f"#{name}"], [".wi-gate"]], [[f"#{name}"]]):
            if [".wi-gate"] not in include:
                answer(box, lambda target: target.click())
            for scheme, rules in (("light", {}), ("dark", {"runOnly": [CONTRAST]})):
                visit.tab.emulate_media(color_scheme=scheme)
                visit.tab.locator(f"html[data-theme={scheme}]").wait_for()
                # 가려 둔 글의 움직임은 기다려도 멈추지 않습니다.
                visit.tab.evaluate("document.getAnimations().forEach((animation) => animation.finish())")
                options = {"resultTypes": ["violations"], **rules}
                assert visit.tab.evaluate(check, [{"include": include}, options]) == [], scheme
