"""과제와 코드의 화면: 고르고, 잠기고, 닿으면 기억하고, 저장이나 복사를 막은 브라우저에서도 멈추지 않습니다."""

import json
import time
from contextlib import contextmanager
from urllib.parse import urlencode

import pytest

from book.shared_files import POLICY
from tests.browsing import Visit, served
from wi_lib.lab import bundle, digits
from wi_lib.lab.setting import complete, program

PAGE = """<!doctype html>
<html lang="ko" data-content_root="./"><head><meta charset="utf-8"><title>실험대</title>
<meta http-equiv="Content-Security-Policy" content="{policy}">
<script defer src="_static/lab/lab.js"></script></head>
<body><main><h1>실험대</h1><div class="wi-lab" data-page data-places='{places}'></div></main></body></html>
"""
PLACES = {"Binder": "https://mybinder.org/v2/gh/a/b/HEAD", "Colab": "https://colab.research.google.com/github/a/b"}
RATE = {"mission": "right-rate", "learning_rate": 0.05}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    scripts = folder / "_static" / "lab"
    scripts.mkdir(parents=True)
    (scripts / "lab.js").write_text(bundle.page(), encoding="utf-8")
    (scripts / "digits.js").write_text(f"var wiLabDigits = {json.dumps(digits.packed())};", encoding="utf-8")
    page = PAGE.format(policy=POLICY.format(hashes=""), places=json.dumps(PLACES))
    (folder / "lab.html").write_text(page, encoding="utf-8")
    return folder


@contextmanager
def opened(browser, site, **setting):
    with served(site) as base, Visit(browser, f"{base}/lab.html#{urlencode(setting)}") as visit:
        yield visit


def wait(tab, state):
    for _ in range(600):
        found = tab.evaluate("document.querySelector('.wi-lab').dataset.state")
        if found == state:
            return
        time.sleep(0.05)
    raise AssertionError(f"{state}이 되지 않습니다: {found}")


def card(tab, title):
    return tab.locator(".wi-lab-mission").filter(has_text=title)


def trained(tab):
    wait(tab, "ready")
    tab.locator(".wi-lab-run").click()
    wait(tab, "done")


def test_a_mission_is_started_locked_reached_and_remembered(browser, site):
    with opened(browser, site, data="digits") as visit:
        tab = visit.tab
        tab.get_by_text("과제", exact=True).click()
        right = card(tab, "He에서도 발산할 때")
        right.get_by_role("button").click()
        assert tab.get_by_label("은닉층 수", exact=True).is_hidden()
        assert "he_normal" in tab.locator(".wi-lab-setting > summary").inner_text()
        rate = tab.get_by_label("학습률", exact=True)
        assert rate.input_value() == "2"
        rate.fill("0.05")
        rate.press("Enter")
        trained(tab)
        assert "아직 닿지 않았습니다" not in tab.locator(".wi-lab-status").inner_text()
        assert tab.locator(".wi-lab-readout dt").last.inner_text() == "시험 정확도(목표 85 %)"
        assert right.locator(".wi-lab-verdict").inner_text().startswith("닿았습니다: ")
        assert right.get_by_role("link").get_attribute("href") == "./chapters/06_mnist.html"
        assert tab.evaluate("localStorage.getItem('wi-missions')") == '["right-rate"]'
        tab.get_by_role("button", name="배운 것 읽기").click()
        assert right.evaluate("(card) => card === document.activeElement")
        tab.reload()
        tab.get_by_text("6개 가운데 1개에 닿았습니다.").wait_for(state="attached")
        right.get_by_role("button").click()
        assert tab.get_by_label("은닉층 수", exact=True).is_visible()
        assert visit.errors == []


def test_an_easier_goal_is_not_remembered(browser, site):
    with opened(browser, site, **RATE, goal=0.1, iterations=20) as visit:
        trained(visit.tab)
        assert card(visit.tab, "He에서도").locator(".wi-lab-verdict").inner_text().startswith("닿았습니다: ")
        assert visit.tab.evaluate("localStorage.getItem('wi-missions')") is None


def test_blocked_storage_only_forgets(browser, site):
    with opened(browser, site, **RATE) as visit:
        blocked = "Object.defineProperty(window, 'localStorage', { get() { throw new Error('막음'); } });"
        visit.tab.add_init_script(blocked)
        visit.tab.reload()
        trained(visit.tab)
        assert "1개에 닿았습니다" in visit.tab.locator(".wi-lab-quests > summary").inner_text()
        assert visit.errors == []


def test_the_code_is_copied_or_selected(browser, site):
    with opened(browser, site, initializer="normal(0.01)", depth=3) as visit:
        tab = visit.tab
        wait(tab, "ready")
        tab.get_by_role("button", name="이 설정의 코드").click()
        code = tab.locator(".wi-lab-code")
        assert code.inner_text() == program(complete({"initializer": "normal(0.01)", "depth": 3}))
        links = {
            a.inner_text(): a.get_attribute("href") for a in tab.get_by_role("link", name="에서 노트북 열기").all()
        }
        assert links == {f"{place}에서 노트북 열기": href for place, href in PLACES.items()}
        tab.evaluate("""() => {
            navigator.clipboard.writeText = () => Promise.reject(new Error("막음"));
            document.execCommand = () => false;
        }""")
        tab.get_by_role("button", name="코드 복사").click()
        tab.get_by_text("브라우저가 복사를 막았습니다.").wait_for()
        assert tab.evaluate("getSelection().toString().trim()") == code.inner_text().strip()
        tab.evaluate("() => { navigator.clipboard.writeText = async (text) => { window.copied = text; }; }")
        tab.get_by_role("button", name="코드 복사").click()
        tab.get_by_text("복사했습니다.", exact=True).wait_for()
        assert tab.evaluate("copied") == code.inner_text()


def test_a_missed_goal_is_said_beside_the_button(browser, site):
    with opened(browser, site, **RATE, iterations=20) as visit:
        assert visit.tab.get_by_label("학습률", exact=True).is_visible()
        trained(visit.tab)
        assert visit.tab.locator(".wi-lab-status").inner_text().endswith("과제의 목표에는 아직 닿지 않았습니다.")
        assert visit.tab.locator(".wi-lab-reached").is_hidden()
