"""실험대를 쓰는 사람이 하는 일: 학습시키고, 멈추고, 옮기고, 견주고, 나눕니다. Chromium에서 http와 파일로 봅니다."""

import time

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browsing import Visit, served
from tests.lab.using import PHONE, SHORT, WATCH, built, opened, press, said, shown, trained, wait


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    return built(tmp_path_factory.mktemp("site"))


SETTINGS = [
    {},
    {"data": "rings", "activation": "tanh", "initializer": "xavier_normal"},
    {"optimizer": "adam", "seed": 7},
]


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_run_shows_the_numbers_of_wi_lib(browser, site, setting):
    address = "&".join([SHORT, *(f"{name}={value}" for name, value in setting.items())])
    with opened(browser, site, address) as visit:
        wait(visit.tab, "ready", step=0, loss="", accuracy="")
        visit.tab.locator(".wi-lab-run").click()
        found = wait(visit.tab, "done", step=60)
    history = trained(**setting)
    assert float(found["loss"]) == pytest.approx(history.loss[-1], rel=1e-3)
    assert float(found["accuracy"]) == pytest.approx(history.test_accuracy, abs=0.005)


def test_a_page_opened_from_a_file_trains(browser, site):
    with Visit(browser, f"{(site / 'lab.html').as_uri()}#{SHORT}") as visit:
        wait(visit.tab, "ready")
        visit.tab.locator(".wi-lab-run").click()
        wait(visit.tab, "done", step=60)
        visit.tab.get_by_label("시드", exact=True).fill("5")
        visit.tab.keyboard.press("Enter")
        wait(visit.tab, "ready", step=0)
        time.sleep(0.7)
        assert visit.tab.evaluate("location.hash").endswith("&seed=5")
        assert visit.errors == []


def test_pausing_stepping_and_going_back_keep_the_draw(browser, site):
    with opened(browser, site, "iterations=100000&width=20&depth=2") as visit:
        tab = visit.tab
        wait(tab, "ready")
        press(tab, "한 걸음")
        first = wait(tab, "paused", step=1)
        tab.get_by_label("몇 걸음까지").fill("30")
        press(tab, "걸음까지")
        at_30 = wait(tab, "paused", step=30)
        assert said(tab).startswith("30걸음에서 멈추었습니다. 손실 ")
        tab.locator(".wi-lab-run").click()
        assert tab.locator(".wi-lab-run").inner_text() == "멈춤"
        time.sleep(0.3)
        tab.locator(".wi-lab-run").click()
        paused = wait(tab, "paused")
        assert 30 < int(paused["step"]) < 100000
        assert tab.locator(".wi-lab-run").inner_text() == "이어서"
        press(tab, "같은 난수로 처음부터")
        wait(tab, "ready", step=0)
        press(tab, "한 걸음")
        assert wait(tab, "paused", step=1)["loss"] == first["loss"]
        press(tab, "걸음까지")
        assert wait(tab, "paused", step=30)["loss"] == at_30["loss"]
        press(tab, "다른 난수로")
        assert "&seed=1" in wait(tab, "ready", step=0)["setting"]


def test_kept_runs_are_compared_and_can_be_removed(browser, site):
    with opened(browser, site) as visit:
        tab = visit.tab
        wait(tab, "ready")
        for times in ("÷10", "×2", "×2", "×2", "×2"):
            tab.locator(".wi-lab-run").click()
            wait(tab, "done")
            press(tab, f"초깃값의 크기 {times}")
            wait(tab, "ready")
        rows = tab.locator(".wi-lab-runs tbody tr")
        assert rows.count() == 5
        assert rows.nth(1).inner_text().startswith("가 초기화 he_normal")
        assert "시드" not in rows.nth(1).inner_text()
        assert "&seed=0" in shown(tab)["setting"]
        for left in (4, 3, 2, 1):
            tab.get_by_role("button", name="지우기").first.press("Enter")
            assert rows.count() == left
            assert tab.evaluate("document.activeElement.tagName") == "BUTTON"


def test_a_run_kept_by_hand_is_not_kept_again_and_its_long_name_fits_a_phone(browser, site):
    with opened(browser, site, viewport={"width": 320, "height": 640}) as visit:
        tab = visit.tab
        wait(tab, "ready")
        for _ in range(4):
            tab.locator(".wi-lab-run").click()
            wait(tab, "done")
            press(tab, "이 실행 남기기")
            press(tab, "초깃값의 크기 ×10")
            wait(tab, "ready")
        rows = tab.locator(".wi-lab-runs tbody tr th").all_inner_texts()
        assert len({row.split(" ", 1)[1] for row in rows}) == 5
        assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_run_that_blows_up_says_where_and_shows_no_nan(browser, site):
    with opened(browser, site, f"{SHORT}&initializer=normal(1e12)&depth=6") as visit:
        wait(visit.tab, "ready")
        visit.tab.locator(".wi-lab-run").click()
        found = wait(visit.tab, "diverged", step=0)
        assert found["loss"] == found["accuracy"] == ""
        assert "걸음에서 발산했습니다: " in said(visit.tab)
        assert "float32의 범위(3.4×10³⁸)를 넘었습니다" in said(visit.tab)
        text = visit.tab.locator(".wi-lab").inner_text() + visit.tab.locator(".wi-lab").inner_html()
        assert not any(bad in text for bad in ("NaN", "undefined", "Infinity"))
        visit.tab.get_by_text("층마다의 수를 표로").click()
        assert "NaN" not in visit.tab.locator(".wi-lab").inner_text()


def test_an_address_that_cannot_be_read_is_explained(browser, site):
    with opened(browser, site, "iterations=60&depth=500&activation=gelu&colour=red") as visit:
        found = wait(visit.tab, "ready")["setting"]
        errors = visit.tab.locator(".wi-lab-errors li").all_inner_texts()
        assert ["depth에는" in errors[0], "gelu" in errors[1], errors[2].startswith("colour: ")] == [True] * 3
        visit.tab.evaluate("location.hash = '#top'")
        time.sleep(0.7)
        assert visit.tab.evaluate("location.hash") == "#top"
        assert shown(visit.tab)["setting"] == found
        visit.tab.evaluate("location.hash = '#seed=3'")
        visit.tab.locator(".wi-lab[data-setting$='seed=3']").wait_for()
        assert visit.tab.locator(".wi-lab-errors").inner_text() == ""


def test_a_mission_in_a_new_address_is_unfolded(browser, site):
    with opened(browser, site) as visit:
        wait(visit.tab, "ready")
        assert not visit.tab.locator(".wi-lab-missions").is_visible()
        visit.tab.evaluate("location.hash = '#mission=right-rate'")
        visit.tab.locator(".wi-lab-mission[aria-current]").wait_for()


def test_a_value_that_is_not_allowed_is_refused_beside_its_field(browser, site):
    with opened(browser, site) as visit:
        before = wait(visit.tab, "ready")["setting"]
        field = visit.tab.get_by_label("학습률", exact=True)
        field.fill("-1")
        field.press("Enter")
        assert field.get_attribute("aria-invalid") == "true"
        problem = visit.tab.locator(f"#{field.get_attribute('aria-describedby')}")
        assert "learning_rate" in problem.inner_text()
        assert shown(visit.tab)["setting"] == before
        field.fill("0.03")
        field.press("Enter")
        assert problem.inner_text() == ""
        assert field.get_attribute("aria-invalid") in (None, "false")
        assert "learning_rate=0.03" in wait(visit.tab, "ready")["setting"]


def test_everything_is_reached_by_keyboard(browser, site):
    with opened(browser, site) as visit:
        tab, reached = visit.tab, []
        wait(tab, "ready")
        for _ in range(60):
            tab.keyboard.press("Tab")
            reached.append(tab.evaluate("document.activeElement.textContent.trim().slice(0, 20)"))
            if reached[-1] == "학습 시작":
                break
        tab.keyboard.press("Enter")
        wait(tab, "done")
        assert tab.evaluate("document.activeElement.className") == "wi-lab-run"
        # 화살표로 움직인 막대의 값이 칸에 적히고, 그 설정으로 망을 다시 만듭니다.
        tab.get_by_label("배치 크기 막대").press("ArrowRight")
        assert tab.get_by_label("배치 크기", exact=True).input_value() == "64"
        assert "batch_size=64" in wait(tab, "ready")["setting"]


def test_labs_on_one_page_are_independent_and_start_when_near(browser, site):
    with opened(browser, site, "", "several") as visit:
        wait(visit.tab, "ready")
        assert "state" not in shown(visit.tab, 1)
        assert len(visit.tab.workers) == 1
        visit.tab.locator(".wi-lab-run").nth(0).click()
        wait(visit.tab, "done")
        visit.tab.locator(".wi-lab-run").nth(1).click()
        wait(visit.tab, "done", 1)
        assert shown(visit.tab, 0)["loss"] == shown(visit.tab, 1)["loss"]
        link = visit.tab.get_by_role("link", name="실험대에서 열기").nth(1)
        assert link.evaluate("(a) => a.href").endswith(f"/lab.html#{shown(visit.tab, 1)['setting']}")
        visit.tab.locator(".wi-lab").nth(1).get_by_role("button", name="다른 난수로").click()
        assert "seed=1" in wait(visit.tab, "ready", 1)["setting"]
        assert shown(visit.tab, 0)["state"] == "done"


def test_reduced_motion_redraws_at_most_twice_a_second(browser, site):
    with opened(browser, site, "iterations=100000&width=10&depth=1", reduced_motion="reduce") as visit:
        wait(visit.tab, "ready")
        visit.tab.locator(".wi-lab-run").click()
        visit.tab.evaluate(WATCH)
        time.sleep(1.8)
        times = visit.tab.evaluate("times")
        visit.tab.locator(".wi-lab-run").click()
        wait(visit.tab, "paused")
    # 줄이지 않은 화면에서는 백 번쯤 그립니다.
    assert 2 <= len(times) <= 8


def test_the_run_button_stays_on_a_phone_screen(browser, site):
    with opened(browser, site, **PHONE) as visit:
        wait(visit.tab, "ready")
        for top in (0, 600):
            visit.tab.evaluate("(top) => scrollTo(0, top)", top)
            box = visit.tab.locator(".wi-lab-run").bounding_box()
            assert box["height"] >= 44
            assert 0 < box["y"] < PHONE["viewport"]["height"] - box["height"]


@pytest.mark.parametrize(("options", "scheme"), [(PHONE, "light"), ({}, "dark")])
def test_axe_finds_nothing_and_nothing_overflows(browser, site, options, scheme):
    with served(site) as base, Visit(browser, f"{base}/lab.html#{SHORT}", color_scheme=scheme, **options) as visit:
        tab = visit.tab
        wait(tab, "ready")
        tab.locator(".wi-lab-run").click()
        wait(tab, "done")
        press(tab, "이 실행 남기기")
        press(tab, "이 설정의 코드")
        press(tab, "이 설정의 주소")
        tab.get_by_text("층마다의 수를 표로").click()
        tab.locator(".wi-lab-setting").evaluate("(details) => (details.open = true)")
        assert [rule["id"] for rule in Axe().run(tab).response["violations"]] == []
        for width in (tab.viewport_size["width"], 320):
            tab.set_viewport_size({"width": width, "height": 700})
            assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
