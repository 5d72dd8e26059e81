"""읽은 자취: 답과 읽던 곳은 그 브라우저에만 남고, 보이고, 내보내고, 지울 수 있습니다."""

import json

import pytest

from tests.book.asking import RECORD, answer, asks
from tests.browsing import CHAPTERS, Visit

BROKEN = [
    *("", "{", "[]", "null", "7"),
    '{"version":1,"answers":[],"last":{"page":"javascript:alert(1)","anchor":"","title":"x"}}',
    '{"answers":{"NAME":{"given":99,"right":true}}}',
    '{"answers":{"NAME":{"given":"<b>","right":"yes"}}}',
    '{"answers":{"NAME":null},"passed":3,"open":"a","done":null,"last":[]}',
]


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
def test_broken_record_is_ignored(browser, address):
    page = CHAPTERS[0]
    _, name = asks(page)[0]
    with Visit(browser, f"{address}/intro.html", asking=True) as visit:
        for stored in BROKEN:
            visit.tab.evaluate("text => localStorage.setItem('wi-record', text)", stored.replace("NAME", name))
            assert visit.tab.evaluate("localStorage.getItem('wi-record')") == stored.replace("NAME", name)
            visit.tab.goto(f"{address}/{page}")
            assert visit.count(".wi-gate") == 1, stored
            answer(visit.tab.locator(f"#{name}"), lambda target: target.click())
            assert visit.tab.locator(f"#{name} .wi-verdict").inner_text(), stored
            visit.tab.goto(f"{address}/intro.html")
            assert not visit.tab.locator(".wi-resume a[href^=javascript]").count()
            assert visit.errors == [], stored


@pytest.mark.browser
def test_two_windows_keep_each_others_answers(browser, address):
    page = CHAPTERS[0]
    first, second = (name for _, name in asks(page)[:2])
    with Visit(browser, f"{address}/{page}", asking=True) as visit:
        other = visit.context.new_page()
        other.goto(f"{address}/{page}")
        visit.tab.bring_to_front()  # 뒤에 있는 창은 그리기를 쉬어, 누르기 전에 멎기를 기다리다 끝날 수 있습니다.
        answer(visit.tab.locator(f"#{first}"), lambda target: target.click())
        other.bring_to_front()
        other.locator(f"#{first} .wi-verdict:not(:empty)").wait_for()
        answer(other.locator(f"#{second}"), lambda target: target.click())
        visit.tab.bring_to_front()
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


@pytest.mark.browser
def test_reaching_the_gate_is_not_reading_the_chapter(browser, address):
    """가려 둔 제목은 높이가 0이라 모두 상자 아래에 모여 있습니다. 거기까지 내려가도 다 읽은 것은 아닙니다."""
    with Visit(browser, f"{address}/{CHAPTERS[0]}", asking=True) as visit:
        visit.tab.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        visit.tab.wait_for_timeout(1000)  # 읽던 곳은 스크롤이 멎은 뒤에 적습니다.
        assert visit.tab.evaluate(RECORD)["done"] == {}
        assert visit.tab.evaluate(RECORD)["last"]["title"].split(" › ")[-1].startswith("1.1")


@pytest.mark.browser
def test_answers_of_an_older_book_are_not_counted(browser, address):
    with Visit(browser, f"{address}/{CHAPTERS[0]}", asking=True) as visit:
        old = {f"ask-01-old-{letter}": {"given": 1, "right": True, "at": 1} for letter in "abcdefghijklmnop"}
        visit.tab.evaluate("text => localStorage.setItem('wi-record', text)", json.dumps({"answers": old}))
        visit.tab.reload()
        count = len(asks(CHAPTERS[0]))
        shown = visit.tab.locator(".bd-sidebar-primary a.current .wi-progress")
        assert shown.text_content().endswith(f"{count}/{count}")


@pytest.mark.browser
def test_reading_goes_on_near_the_place_and_then_in_the_next_chapter(browser, address):
    """긴 절에서는 마지막에 본 그림이나 물음으로, 장을 다 읽고 아래의 ‘다음’까지 왔으면 다음 장으로 돌아옵니다."""
    with Visit(browser, f"{address}/{CHAPTERS[0]}", viewport={"width": 390, "height": 844}) as visit:
        tab = visit.tab
        for place in ("#fig-01-explorer", "footer.prev-next-footer"):
            tab.evaluate("place => document.querySelector(place).scrollIntoView()", place)
            tab.wait_for_timeout(1000)  # 읽던 곳은 스크롤이 멎은 뒤에 적습니다.
            tab.goto(f"{address}/intro.html")
            link = tab.locator(".wi-resume a")
            if place.startswith("#"):
                assert link.get_attribute("href").endswith(place)
                assert "› 1.6" in link.inner_text()
                link.click()
                tab.wait_for_url("**/chapters/**")
        assert link.inner_text() == "2. 표준편차 1과 0.01을 견주어 보기"
        assert link.get_attribute("href").endswith(CHAPTERS[1])
        assert visit.errors == []
