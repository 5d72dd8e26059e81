"""예상: 답하기 전에는 뒤의 글이 가려져 있고, 답하면 까닭과 함께 이어지며, 답은 그 브라우저에만 남습니다."""

import json
import re
from collections import Counter
from urllib.parse import quote

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browsing import CHAPTERS, SITE, Visit
from tests.chapters import test_chapters
from tests.chapters.test_chapters import text

BOX = re.compile(r"(?m)^:{4,}\{admonition\} (?:예상해 보십시오|흔한 말: .+)\n:class: \w+\n:name: (ask-(\d\d)-[a-z-]+)$")
QUESTION = re.compile(r"(?s)\{admonition\} (?:예상|흔한)((?:(?!admonition).)+?)답은 (\d)번입니다")
SEEN = "each => each.checkVisibility() && each.getBoundingClientRect().height > 0"
VISIBLE = f"all => all.filter({SEEN}).map(each => each.textContent.trim())"
RECORD = "JSON.parse(localStorage.getItem('wi-record') ?? '{}')"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def asks(page):
    """페이지의 상자: [(답하는 방법, 이름)]."""
    return [
        (re.search(r'data-ask="(\w+)"', tag)[1], re.search(r'id="([\w-]+)"', tag)[1])
        for tag in re.findall(r"<div[^>]* data-ask=[^>]*>", (SITE / page).read_text(encoding="utf-8"))
    ]


def first_of(kind):
    """그 방법으로 답하는 상자가 있는 (페이지, 상자의 이름)."""
    return next((page, name) for page in CHAPTERS for known, name in asks(page) if known == kind)


def headings(visit):
    return visit.tab.locator("article :is(h2, h3)").evaluate_all(VISIBLE)


def open_up_to(visit, name):
    """앞의 상자를 모두 넘겨 이름이 name인 상자까지 엽니다."""
    while not visit.tab.locator(f"#{name}").is_visible():
        visit.tab.get_by_role("button", name="이 상자만 넘기기").click()
    return visit.tab.locator(f"#{name}")


def answer(box, press):
    """상자에 아무 답이나 합니다."""
    kind = box.get_attribute("data-ask")
    if kind == "choice":
        press(box.locator(".wi-choice").first)
    elif kind == "number":
        box.locator("input").fill(box.get_attribute("data-low"))
        press(box.get_by_role("button", name="답하기", exact=True))
    else:
        for slider in box.get_by_role("slider").all():
            slider.press("ArrowUp")
        press(box.get_by_role("button", name="이렇게 답하기"))


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
            f"{low / 3 if low > 0 else low - 1}": "맞은 것으로 보는 범위보다 작습니다.",
            f"{high * 3}": "맞은 것으로 보는 범위보다 큽니다.",
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
                assert int(sliders.nth(i).get_attribute("aria-valuenow")) == pytest.approx(100 * share, abs=2.5)
                assert re.search(r"\d", sliders.nth(i).get_attribute("aria-valuetext"))
        box.get_by_role("button", name="이렇게 답하기").click()
        assert box.get_by_role("status").inner_text().startswith("맞았습니다. ")
        assert box.locator(".wi-measured").get_attribute("d")
        sliders.first.press("PageDown")  # 답한 선은 움직이지 않습니다.
        assert visit.tab.evaluate(RECORD)["answers"][name]["right"] is True


@pytest.mark.browser
def test_reaching_the_gate_is_not_reading_the_chapter(browser, address):
    """가려 둔 제목은 높이가 0이라 모두 상자 아래에 모여 있습니다. 거기까지 내려가도 다 읽은 것은 아닙니다."""
    with Visit(browser, f"{address}/{CHAPTERS[0]}", asking=True) as visit:
        visit.tab.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        visit.tab.wait_for_timeout(1000)  # 읽던 곳은 스크롤이 멎은 뒤에 적습니다.
        assert visit.tab.evaluate(RECORD)["done"] == {}
        assert visit.tab.evaluate(RECORD)["last"]["title"].split(" › ")[-1].startswith("1.1")


# 답하지 않고 읽기


@pytest.mark.browser
def test_focus_is_never_lost(browser, address):
    """단추에 머무는 동안에도(읽던 곳을 적음), 누른 뒤에도 초점은 글 안에 있습니다."""
    with Visit(browser, f"{address}/{CHAPTERS[0]}", asking=True) as visit:
        skip = visit.tab.get_by_role("button", name="이 쪽은 그냥 읽기")
        skip.focus()
        visit.tab.wait_for_timeout(1000)  # 읽던 곳은 스크롤이 멎은 뒤에 적습니다.
        assert visit.tab.evaluate(RECORD)["last"]
        assert skip.evaluate("each => each === document.activeElement")
        for button in (skip, visit.tab.get_by_role("button", name="답하며 읽기")):
            button.press("Enter")
            assert visit.tab.evaluate("document.activeElement.parentElement.closest('article') !== null")


@pytest.mark.browser
def test_reading_without_answering(browser, address):
    """상자 하나, 쪽 하나, 늘. 어느 것이나 되돌릴 수 있고, 다시 열어도 그대로입니다."""
    page, other = CHAPTERS[0], CHAPTERS[1]
    with Visit(browser, f"{address}/{page}", asking=True) as visit:
        first, second, *_ = (name for _, name in asks(page))
        everything = visit.tab.locator("article :is(h2, h3)").count()
        visit.tab.get_by_role("button", name="이 상자만 넘기기").press("Enter")
        assert visit.tab.locator(f"#{second}").is_visible()
        assert visit.tab.locator(f"#{first} > details").is_visible()
        assert visit.tab.evaluate("document.activeElement.closest('article') !== null")
        assert len(headings(visit)) < everything
        visit.tab.get_by_role("button", name="이 쪽은 그냥 읽기").click()
        assert len(headings(visit)) == everything
        visit.tab.reload()
        assert len(headings(visit)) == everything
        visit.tab.goto(f"{address}/{other}")
        assert visit.count(".wi-gate") == 1
        visit.tab.get_by_role("button", name="늘 그냥 읽기").click()
        visit.tab.goto(f"{address}/{CHAPTERS[2]}")
        assert visit.count(".wi-gate") == 0
        visit.tab.get_by_role("button", name="답하며 읽기").click()
        assert visit.count(".wi-gate") == 1
        visit.tab.goto(f"{address}/{page}")
        assert visit.count(".wi-gate") == 0  # 이 쪽은 따로 열어 두었습니다.


@pytest.mark.browser
def test_place_that_was_looked_for_is_open(browser, address):
    """주소의 자리와 찾은 글은 열려 있습니다. 그 앞의 상자에는 답하지 않아도 됩니다."""
    page = CHAPTERS[4]
    with Visit(browser, f"{address}/{page}", asking=True) as visit:
        target = visit.tab.locator("article figure[id]").last
        name = target.get_attribute("id")
        assert not target.is_visible()
        visit.tab.goto(f"{address}/{page}#{name}")
        visit.tab.reload()
        target.wait_for()
        assert visit.tab.evaluate(f"document.getElementById('{name}').getBoundingClientRect().top") < 900
        visit.tab.goto(f"{address}/{CHAPTERS[5]}")
        # 주소로 찾는 글도 쪽에서 찾기와 같은 길로 가려 둔 문단에 이릅니다.
        last = visit.tab.locator("article section p").last
        words = quote(" ".join(last.text_content().split()[:4]))
        assert not last.is_visible()
        visit.tab.goto("about:blank")
        visit.tab.goto(f"{address}/{CHAPTERS[5]}#:~:text={words}")
        last.wait_for()
        visit.tab.goto(f"{address}/search.html?q=분산")
        visit.tab.locator("ul.search li > a[href*='chapters/']").first.click()
        visit.tab.locator("[data-ask]").first.wait_for()
        assert visit.count(".wi-gate") == 0


@pytest.mark.browser
def test_contents_lead_behind_the_gate(browser, address):
    with Visit(browser, f"{address}/{CHAPTERS[4]}", asking=True) as visit:
        link = visit.tab.locator(".bd-sidebar-secondary a[href^='#']").last
        link.click()
        heading = visit.tab.locator("article h2").last
        heading.wait_for()
        assert heading.evaluate("each => each.getBoundingClientRect().top") < 900


# 스크립트가 없거나 늦거나 저장을 막은 곳, 종이


@pytest.mark.browser
def test_everything_reads_without_scripts(browser, address):
    page = CHAPTERS[4]
    with Visit(browser, f"{address}/{page}", java_script_enabled=False) as visit:
        assert len(headings_without_script(visit)) == visit.count("article :is(h2, h3)")
        for _, name in asks(page):
            box = visit.tab.locator(f"#{name}")
            assert box.is_visible()
            assert box.locator("> details > summary").is_visible()
            assert box.locator("button").count() == 0


def headings_without_script(visit):
    return [each for each in visit.tab.locator("article :is(h2, h3)").all() if each.is_visible()]


@pytest.mark.browser
def test_text_appears_if_the_script_never_comes(browser, address):
    """스크립트가 오지 않으면 가려 두었던 글이 5초 뒤에 나옵니다."""
    context = browser.new_context()
    tab = context.new_page()
    tab.route("**/site.js*", lambda route: route.abort())
    tab.goto(f"{address}/{CHAPTERS[0]}", wait_until="domcontentloaded")
    last = tab.locator("article h2").last
    assert not last.is_visible()
    last.wait_for(timeout=8000)
    context.close()


@pytest.mark.browser
def test_late_script_does_not_take_the_text_away(browser, address):
    """느린 회선에서 글이 먼저 나왔으면, 스크립트가 오더라도 읽던 글을 가리지 않습니다."""
    with Visit(browser, f"{address}/intro.html", asking=True) as visit:
        held = []
        visit.tab.route("**/site.js*", lambda route: held.append(route))
        visit.tab.goto(f"{address}/{CHAPTERS[0]}", wait_until="commit")
        last = visit.tab.locator("article h2").last
        last.wait_for(timeout=9000)
        held[0].continue_()
        visit.tab.locator(".wi-choice").first.wait_for()
        assert last.is_visible()


@pytest.mark.browser
def test_page_brought_back_knows_what_was_done_since(browser, address):
    """뒤로 가서 되살아난 쪽(bfcache)은 다시 읽지 않으므로, 그사이에 고른 것을 그때 봅니다."""
    with Visit(browser, f"{address}/{CHAPTERS[0]}", asking=True) as visit:
        visit.tab.evaluate("localStorage.setItem('wi-read', 'plain')")
        visit.tab.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
        assert visit.count(".wi-gate") == 0


@pytest.mark.browser
@pytest.mark.parametrize(
    "refuse",
    [
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('막힘'); } })",
        "Storage.prototype.setItem = () => { throw new DOMException('가득 참', 'QuotaExceededError'); }",
    ],
    ids=["blocked", "full"],
)
def test_answers_work_where_nothing_can_be_stored(browser, address, refuse):
    with Visit(browser, f"{address}/{CHAPTERS[0]}", asking=True) as visit:
        visit.context.add_init_script(refuse)
        visit.tab.reload()
        (_, name), (_, second), *_ = asks(CHAPTERS[0])
        answer(visit.tab.locator(f"#{name}"), lambda target: target.click())
        assert visit.tab.locator(f"#{name} .wi-verdict").inner_text()
        assert visit.tab.locator(f"#{second}").is_visible()
        visit.tab.get_by_role("button", name="이 쪽은 그냥 읽기").click()
        assert visit.count(".wi-gate") == 0
        if "setItem" in refuse:
            return
        visit.tab.goto(f"{address}/intro.html")
        assert "저장을 막아" in visit.tab.locator(".wi-mine").inner_text()


@pytest.mark.browser
def test_paper_has_question_choices_and_answer(browser, address):
    """가려 둔 글도 종이에는 모두 있고, 답할 자리는 적힌 대로 나오며, 단추는 없습니다."""
    page = first_of("number")[0]
    with Visit(browser, f"{address}/{page}", asking=True) as visit:
        visit.tab.emulate_media(media="print")
        assert len(headings(visit)) == visit.tab.locator("article :is(h2, h3)").count()
        for kind, name in asks(page):
            box = visit.tab.locator(f"#{name}")
            assert not box.locator(".wi-answered, form.wi-number, .wi-sketch").evaluate_all(VISIBLE)
            assert box.locator(".wi-on-paper, .wi-choices").first.is_visible(), (kind, name)
        assert not visit.tab.locator(".wi-gate").is_visible()


@pytest.mark.browser
def test_hidden_text_is_printed_like_shown_text(browser, address):
    """가려 둔 글도 보이던 글과 똑같이 찍힙니다. 식은 식의 자리만큼, 접힌 답은 펴져 있습니다."""
    sizes = "[...document.querySelectorAll('article section *, [data-ask] > details')].filter(SEEN)"
    sizes += ".map(e => [e.tagName, e.className, e.clientHeight])"
    printed = []
    for asking in (True, False):
        with Visit(browser, f"{address}/{CHAPTERS[4]}", asking=asking) as visit:
            visit.tab.emulate_media(media="print")
            printed.append(visit.tab.evaluate(sizes.replace("SEEN", SEEN)))
    first, second = (Counter(map(str, each)) for each in printed)
    assert not {
        each for each in (first - second) + (second - first) if "SECTION" not in each and "DIV', 'tip" not in each
    }


# 기록


@pytest.mark.browser
def test_record_is_kept_shown_exported_and_erased(browser, address, tmp_path):
    """답한 수와 읽던 곳이 책의 차례와 첫 페이지에 보이고, 내보낸 파일을 다른 브라우저에서 불러와 합칩니다."""
    page = CHAPTERS[1]
    with Visit(browser, f"{address}/{page}", asking=True) as visit:
        tab = visit.tab
        _, name = asks(page)[0]
        answer(tab.locator(f"#{name}"), lambda target: target.click())
        tab.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        tab.wait_for_timeout(1000)  # 읽던 곳은 스크롤이 멎은 뒤에 적습니다.
        tab.goto(f"{address}/intro.html")
        link = tab.locator(".wi-resume a")
        assert link.inner_text().startswith("2. ")
        shown = tab.locator(f".bd-sidebar-primary a[href='{page}'] .wi-progress")
        assert shown.inner_text().strip().endswith(f"1/{len(asks(page))}")
        assert f"예상 {len(asks(page))}개 가운데 1개에 답함" in shown.text_content()
        mine = tab.locator(".wi-mine")
        assert "예상 1개에 답했고" in mine.inner_text()
        with tab.expect_download() as download:
            mine.get_by_role("button", name="내보내기").click()
        saved = tmp_path / download.value.suggested_filename
        download.value.save_as(saved)
        assert json.loads(saved.read_text(encoding="utf-8")) == tab.evaluate(RECORD)
        mine.get_by_role("button", name="모두 지우기").click()
        mine.get_by_role("button", name="그만두기").click()
        assert tab.evaluate(RECORD)["answers"]
        mine.get_by_role("button", name="모두 지우기").click()
        mine.get_by_role("button", name="지우기", exact=True).click()
        assert tab.evaluate(RECORD)["answers"] == {}
        assert not tab.locator(".wi-resume").is_visible()
        assert visit.errors == []
    with Visit(browser, f"{address}/intro.html", asking=True) as visit:
        tab, mine = visit.tab, visit.tab.locator(".wi-mine")
        for wrong in ("", "{", "[]", "null", '{"version": 2}', "<html>"):
            (tmp_path / "wrong.json").write_text(wrong, encoding="utf-8")
            mine.locator("input[type=file]").set_input_files(tmp_path / "wrong.json")
            mine.get_by_text("내보낸 기록이 아닙니다").wait_for()
            tab.evaluate("document.querySelector('.wi-mine [role=status]').textContent = ''")
        mine.locator("input[type=file]").set_input_files(saved)
        mine.get_by_text("합쳤습니다").wait_for()
        link = tab.locator(".wi-resume a")
        link.click()
        tab.locator(f"#{name} .wi-verdict:not(:empty)").wait_for()
        assert visit.errors == []


@pytest.mark.browser
@pytest.mark.parametrize(
    "stored",
    [
        *("", "{", "[]", "null", "7"),
        '{"version":1,"answers":[],"last":{"page":"javascript:alert(1)","anchor":"","title":"x"}}',
        '{"answers":{"NAME":{"given":99,"right":true}}}',
        '{"answers":{"NAME":{"given":"<b>","right":"yes"}}}',
        '{"answers":{"NAME":null},"passed":3,"open":"a","done":null,"last":[]}',
    ],
)
def test_broken_record_is_ignored(browser, address, stored):
    page = CHAPTERS[0]
    _, name = asks(page)[0]
    with Visit(browser, f"{address}/{page}", asking=True) as visit:
        visit.tab.evaluate("text => localStorage.setItem('wi-record', text)", stored.replace("NAME", name))
        visit.tab.reload()
        assert visit.count(".wi-gate") == 1
        answer(visit.tab.locator(f"#{name}"), lambda target: target.click())
        assert visit.tab.locator(f"#{name} .wi-verdict").inner_text()
        visit.tab.goto(f"{address}/intro.html")
        assert not visit.tab.locator(".wi-resume a[href^=javascript]").count()
        assert visit.errors == []


@pytest.mark.browser
def test_two_windows_keep_each_others_answers(browser, address):
    page = CHAPTERS[0]
    first, second = (name for _, name in asks(page)[:2])
    with Visit(browser, f"{address}/{page}", asking=True) as visit:
        other = visit.context.new_page()
        other.goto(f"{address}/{page}")
        answer(visit.tab.locator(f"#{first}"), lambda target: target.click())
        other.locator(f"#{first} .wi-verdict:not(:empty)").wait_for()
        answer(other.locator(f"#{second}"), lambda target: target.click())
        visit.tab.locator(f"#{second} .wi-verdict:not(:empty)").wait_for()
        assert set(visit.tab.evaluate(RECORD)["answers"]) == {first, second}


@pytest.mark.browser
def test_last_chapter_section_counts_as_read(browser, address):
    """끝까지 내려가면 차례에 다 읽었다고 적힙니다."""
    with Visit(browser, f"{address}/{CHAPTERS[3]}") as visit:
        visit.tab.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        shown = visit.tab.locator(".bd-sidebar-primary a.current .wi-progress")
        shown.get_by_text("✓").wait_for(state="attached")
        assert "다 읽음" in shown.text_content()


# 누구나


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 390, 768, 1280, 1920])
def test_boxes_fit_and_can_be_touched(browser, address, width):
    """어느 너비에서나 옆으로 넘치지 않고, 누르는 것은 44 px보다 작지 않고, 글자는 11 px보다 작지 않습니다."""
    for kind in ("choice", "number", "line"):
        page, name = first_of(kind)
        with Visit(browser, f"{address}/{page}", viewport={"width": width, "height": 844}, asking=True) as visit:
            box = open_up_to(visit, name)
            small = visit.tab.locator(f"#{name} :is(button, input, [role=slider]), .wi-gate button").evaluate_all(
                "all => all.filter(e => e.checkVisibility()).map(e => e.getBoundingClientRect())"
                ".filter(r => r.width < 44 || r.height < 44).length"
            )
            assert small == 0
            answer(box, lambda target: target.click())
            assert visit.tab.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
            sizes = box.locator("*").evaluate_all(
                "all => all.filter(e => e.checkVisibility() && !e.closest('mjx-container')"
                " && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))"
                ".map(e => parseFloat(getComputedStyle(e).fontSize))"
            )
            assert min(sizes) >= 11


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_columns_of_the_sketch_stand_apart(browser, address, width):
    """열의 이름은 점의 바로 아래에 있고, 좁아도 이웃한 이름과 겹치지 않습니다. 무엇을 할지도 적혀 있습니다."""
    lines = [(page, name) for page in CHAPTERS for kind, name in asks(page) if kind == "line"]
    for page, name in lines:
        with Visit(browser, f"{address}/{page}", viewport={"width": width, "height": 844}) as visit:
            box = visit.tab.locator(f"#{name}")
            assert box.get_by_text("점을 모두 위아래로 끌어").is_visible()
            places = box.locator(".wi-columns span").evaluate_all(
                "all => all.map(e => { const r = document.createRange(); r.selectNodeContents(e);"
                " const { left, right, top, bottom } = r.getBoundingClientRect(); return [left, right, top, bottom]; })"
            )
            dots = box.get_by_role("slider").evaluate_all(
                "all => all.map(e => e.getBoundingClientRect()).map(r => (r.left + r.right) / 2)"
            )
            assert [(left + right) / 2 for left, right, *_ in places] == pytest.approx(dots, abs=2), name
            for i, (_, right, top, bottom) in enumerate(places):
                for other in places[i + 1 :]:
                    assert right + 2 < other[0] or bottom <= other[2] or top >= other[3], (name, i)


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
def test_answers_of_an_older_book_are_not_counted(browser, address):
    with Visit(browser, f"{address}/{CHAPTERS[0]}", asking=True) as visit:
        old = {f"ask-01-old-{i}": {"given": 1, "right": True, "at": 1} for i in range(20)}
        visit.tab.evaluate("text => localStorage.setItem('wi-record', text)", json.dumps({"answers": old}))
        visit.tab.reload()
        count = len(asks(CHAPTERS[0]))
        shown = visit.tab.locator(".bd-sidebar-primary a.current .wi-progress")
        assert shown.text_content().endswith(f"{count}/{count}")


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
        fills = box.get_by_role("slider").evaluate_all(
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


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("kind", ["choice", "number", "line"])
def test_boxes_are_accessible(browser, address, kind, scheme):
    """답하기 전에도 뒤에도 axe-core가 찾는 것이 없습니다."""
    page, name = first_of(kind)
    with Visit(browser, f"{address}/{page}", asking=True, color_scheme=scheme) as visit:
        box = open_up_to(visit, name)
        visit.tab.evaluate(Axe().axe_script)
        check = "async (name) => (await axe.run({include: [[`#${name}`], ['.wi-gate']]})).violations.map(v => v.id)"
        assert visit.tab.evaluate(check, name) == []
        answer(box, lambda target: target.click())
        assert visit.tab.evaluate(check.replace(", ['.wi-gate']", ""), name) == []
