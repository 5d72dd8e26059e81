"""예상의 뒤를 가리는 것: 답하지 않고도 읽고, 찾아온 자리는 열려 있습니다.

스크립트가 없거나 늦거나 저장을 막은 곳과 종이에서도 읽힙니다.
"""

from collections import Counter
from urllib.parse import quote

import pytest

from tests.book.asking import RECORD, SEEN, VISIBLE, answer, asks, first_of, headings
from tests.browsing import CHAPTERS, LOADED, Visit


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
        visit.tab.get_by_role("button", name="이 물음만 넘기기").press("Enter")
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
        assert "저장하지 못하므로" in visit.tab.locator(".wi-mine").inner_text()


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
            visit.tab.locator(".wi-lab-fallback").wait_for(state="attached")
            visit.tab.emulate_media(media="print")
            # 다 받지 못한 그림의 높이는 견줄 수 없습니다.
            visit.tab.evaluate(LOADED)
            printed.append(visit.tab.evaluate(sizes.replace("SEEN", SEEN)))
    first, second = (Counter(map(str, each)) for each in printed)
    assert not {
        each for each in (first - second) + (second - first) if "SECTION" not in each and "DIV', 'tip" not in each
    }
