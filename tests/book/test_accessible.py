"""axe-core: 어느 페이지에서도, 조절기를 움직인 뒤에도, 사소한(minor) 것보다 큰 접근성 문제가 없습니다."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browsing import PAGES, Visit

pytestmark = pytest.mark.browser


# 색이 바뀌는 도중에 재지 않도록, 움직이던 것이 다 멈출 때까지 기다립니다.
SETTLED = """async () => {
  const frame = () => new Promise(requestAnimationFrame);
  await frame(), await frame();
  await Promise.allSettled(document.getAnimations().map((animation) => animation.finished));
}"""


def harmful(tab, context=None, **options):
    """moderate부터 critical까지: [규칙, 처음 몇 요소]."""
    # 통과한 요소까지 모두 적으면 시간이 거의 두 배 걸립니다.
    found = Axe().run(tab, context, options={"resultTypes": ["violations"], **options}).response["violations"]
    return [
        [rule["id"], [node["html"][:120] for node in rule["nodes"][:3]]] for rule in found if rule["impact"] != "minor"
    ]


@pytest.mark.parametrize("page", [*PAGES, "search.html?q=분산"])
def test_nothing_harmful(browser, address, page):
    with Visit(browser, f"{address}/{page}") as visit:
        for explorer in visit.tab.locator(".wi-output").all():
            explorer.locator(".wi-explorer[data-position]").wait_for()
            explorer.locator("input").first.press("ArrowRight")
            for button in explorer.locator(".wi-keep, .wi-marks button").all():
                button.click()
        for answer in visit.tab.locator("details summary").all():
            answer.click()
        visit.tab.evaluate(SETTLED)
        assert harmful(visit.tab) == []
        # 어두운 화면에서 달라지는 것은 색뿐이고, 수식은 둘레의 글과 색이 같습니다.
        visit.tab.emulate_media(color_scheme="dark")
        visit.tab.locator("html[data-theme=dark]").wait_for()
        visit.tab.evaluate(SETTLED)
        assert harmful(visit.tab, {"exclude": [["mjx-container"]]}, runOnly=["color-contrast"]) == []
