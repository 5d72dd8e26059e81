"""실험대가 계산할 수 없는 곳: 워커나 손글씨 숫자가 오지 않아도, 무엇을 할지 우리말로 말하고 오류를 남기지 않습니다."""

import time

import pytest

from tests.browsing import Visit, served
from tests.lab.using import SHORT, built, said, shown, wait

WORKER = "이 브라우저가 워커를 열지 못하게 하여"
DIED = """const Opened = Worker;
window.Worker = class extends Opened {
  postMessage(message) {
    const error = new ErrorEvent("error", { message: "out of memory" });
    if (message.do === "run") setTimeout(() => this.dispatchEvent(error));
    super.postMessage(message);
  }
};"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    return built(tmp_path_factory.mktemp("site"))


def told(tab, sentence):
    for _ in range(300):
        if sentence in said(tab):
            return shown(tab)
        time.sleep(0.02)
    raise AssertionError(said(tab))


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        ("delete window.Worker", WORKER),
        ("URL.createObjectURL = () => { throw new TypeError('blocked'); }", WORKER),
        (DIED, "워커가 멈추었습니다. 다시 누르면 처음부터 합니다. 브라우저가 말한 까닭: out of memory"),
    ],
)
def test_a_browser_that_gives_no_worker_is_told(browser, site, script, sentence):
    with served(site) as base, Visit(browser, f"{base}/several.html") as visit:
        visit.tab.add_init_script(script)
        visit.tab.goto(f"{base}/lab.html#{SHORT}")
        visit.tab.locator(".wi-lab-run").click()
        assert "state" not in told(visit.tab, sentence)
        # 멎은 워커에는 보이기 시작한 그림의 것을 묻지 않습니다.
        for height in (300, 900):
            visit.tab.set_viewport_size({"width": 600, "height": height})
            visit.tab.mouse.wheel(0, 2000)
            time.sleep(0.2)
        assert visit.errors == []


@pytest.mark.parametrize("body", ["", "var other = 1;"])
def test_another_page_in_place_of_the_digits_is_told_and_asked_again(browser, site, body):
    with served(site) as base, Visit(browser, f"{base}/lab.html#data=rings&{SHORT}") as visit:
        wait(visit.tab, "ready")
        visit.tab.route("**/digits.js", lambda route: route.fulfill(content_type="text/javascript", body=body), times=1)
        visit.tab.evaluate("(text) => (location.hash = text)", SHORT)
        told(visit.tab, "손글씨 숫자를 받지 못했습니다.")
        visit.tab.locator(".wi-lab-run").click()
        wait(visit.tab, "done", step=60)
        assert visit.errors == []


def test_a_press_before_the_net_is_made_does_not_say_that_it_is_training(browser, site):
    with served(site) as base, Visit(browser, f"{base}/lab.html#data=rings&{SHORT}") as visit:
        wait(visit.tab, "ready")
        held = []
        visit.tab.route("**/digits.js", lambda route: held.append(route))
        visit.tab.evaluate("(text) => (location.hash = text)", SHORT)
        told(visit.tab, "망을 만들고 있습니다.")
        run = visit.tab.locator(".wi-lab-run")
        for button in ("멈춤", "학습 시작"):
            run.click()
            assert (said(visit.tab), run.inner_text()) == ("망을 만들고 있습니다.", button)
        held[0].continue_()
        wait(visit.tab, "ready", step=0)
