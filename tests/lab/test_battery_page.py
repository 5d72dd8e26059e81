"""설정 300개 가운데 끝에 있는 것과 무작위 몇을 페이지에서: 단추를 누르면 끝나고, 수가 아닌 것이 보이지 않는지."""

import json
import math
import time
from pathlib import Path

import pytest

from book.shared_files import POLICY
from tests.browsing import Visit, served
from wi_lib.lab import bundle, digits

from . import battery

pytestmark = pytest.mark.browser
SETTINGS = battery.settings()[:40]
BUNDLES = 5
PAGE = """<!DOCTYPE html><html lang="ko" data-content_root="./"><head><meta charset="utf-8"><title>실험대</title>
<meta http-equiv="Content-Security-Policy" content="{policy}"><link rel="stylesheet" href="_static/lab/lab.css">
<script defer src="_static/lab/lab.js"></script></head><body><div class="wi-lab"></div></body></html>"""
WATCH = Path(__file__).with_name("watch.js").read_text(encoding="utf-8")
# 다른 시험과 코어를 다투어도 이보다 오래(밀리초) 멎은 화면은 얼어붙은 것입니다. 쉬는 기계에서는 bench-lab이 잽니다.
FROZEN = 1500


@pytest.fixture(scope="module")
def visit(browser, tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    scripts = folder / "_static" / "lab"
    scripts.mkdir(parents=True)
    (scripts / "lab.js").write_text(bundle.page(), encoding="utf-8")
    (scripts / "lab.css").write_text(bundle.css(), encoding="utf-8")
    (scripts / "digits.js").write_text(f"var wiLabDigits = {json.dumps(digits.packed())};", encoding="utf-8")
    (folder / "lab.html").write_text(PAGE.format(policy=POLICY.format(hashes="")), encoding="utf-8")
    with served(folder) as url, Visit(browser, f"{url}/lab.html") as visit:
        visit.tab.bring_to_front()
        visit.context.add_init_script(WATCH)
        visit.tab.reload()
        yield visit


def wait(tab, *states):
    for _ in range(3000):
        found = tab.evaluate("({ ...document.querySelector('.wi-lab').dataset })")
        if found.get("state") in states:
            return found
        time.sleep(0.02)
    raise AssertionError(f"{states}이 되지 않습니다: {found}")


def use(tab, setting):
    """주소로 설정을 열어 학습의 단추를 누르고, 끝난 모습을."""
    address = "&".join(f"{name}={value}" for name, value in setting.items())
    tab.evaluate("(hash) => { document.querySelector('.wi-lab').dataset.state = ''; location.hash = hash; }", address)
    wait(tab, "ready")
    tab.evaluate("watchAnew()")
    tab.locator(".wi-lab-run").click()
    return wait(tab, "done", "diverged")


@pytest.mark.parametrize("first", range(BUNDLES))
def test_the_page_shows_every_end_in_words(visit, first):
    for setting in SETTINGS[first::BUNDLES]:
        shown = use(visit.tab, setting)
        # 지켜보는 쪽이 마지막 모습을 볼 때까지.
        visit.tab.wait_for_timeout(150)
        seen = visit.tab.evaluate("seen")
        said = visit.tab.locator(".wi-lab-status").inner_text()
        assert seen["strange"] == [], setting
        assert seen["longest"] < FROZEN, setting
        assert not visit.errors, setting
        steps = int(shown["step"])
        assert math.isfinite(float(shown["loss"] or 0)), setting
        assert (shown["loss"] == "") == (steps == 0), setting
        if shown["state"] == "done":
            assert steps == setting["iterations"]
            assert 0 <= float(shown["accuracy"]) <= 1
            assert f"{steps:,}걸음을 마쳤습니다" in said
        else:
            assert shown["accuracy"] == ""
            assert f"{steps + 1:,}걸음에서 발산했습니다" in said or f"{steps:,}걸음에서 발산했습니다" in said
