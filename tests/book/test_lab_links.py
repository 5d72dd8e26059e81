"""움직여 보는 실험에서 실험대로: 링크가 조절기를 따라오고, 실험대가 그 설정으로 열립니다."""

from urllib.parse import parse_qsl, unquote, urlsplit

import pytest

from tests.browsing import SITE, Visit
from tests.explored import EXPLORERS, page_of, rebuilt
from wi_lib.explorers.leading import filled

pytestmark = pytest.mark.browser
# RBM은 분류하는 망이 아니어서 실험대에 없습니다.
WITHOUT = ["fig-09-explorer"]
TO_LAB = "실험대에서 학습시켜 보기"
each_explorer = pytest.mark.parametrize(("path", "name"), EXPLORERS, ids=[name for _, name in EXPLORERS])


@each_explorer
def test_link_follows_the_controls(browser, address, path, name):
    explorer = rebuilt(path, again=False)[name]
    with Visit(browser, f"{address}/{page_of(path)}") as visit:
        figure = visit.tab.locator(f"figure#{name}")
        figure.locator(".wi-explorer[data-position]").wait_for()
        for place in (None, *range(len(explorer.axes))):
            if place is not None:
                move_last(figure, place)
            position = figure.locator(".wi-explorer").get_attribute("data-position").split()
            check_link(figure.locator(".wi-share"), explorer, dict(enumerate(map(int, position))), page_of(path))


def move_last(figure, place):
    """place번째 축의 조절기를 끝자리로."""
    control = figure.locator(".wi-controls > *").nth(place)
    if control.locator("input[type=range]").count():
        control.locator("input[type=range]").press("End")
    elif control.locator("select").count():
        control.locator("select").select_option(index=control.locator("option").count() - 1)
    else:
        control.locator("input[type=radio]").last.check()


def check_link(share, explorer, position, page):
    link, wanted = share.locator("a"), explorer.lab and filled(explorer.lab, explorer.axes, position)
    if not explorer.lab:
        assert link.count() == 0
    elif wanted is None:
        assert not link.is_visible()
        assert "학습시킬 수 없습니다" in share.inner_text()
    else:
        assert link.inner_text() == TO_LAB
        assert link.get_attribute("href") == f"{'../' * page.count('/') or './'}lab.html#{wanted}"


def test_every_explorer_but_one_leads_to_the_lab():
    assert [name for path, name in EXPLORERS if not rebuilt(path, again=False)[name].lab] == WITHOUT


@pytest.mark.parametrize("base", ["http", "file"])
def test_lab_opens_with_the_setting(browser, address, base):
    place = address if base == "http" else SITE.as_uri()
    with Visit(browser, f"{place}/chapters/05_he.html") as visit:
        share = visit.tab.locator("figure#fig-05-explorer .wi-share")
        share.get_by_text(TO_LAB).click()
        root = visit.tab.locator(".wi-lab[data-state=ready]")
        root.wait_for()
        setting = dict(parse_qsl(root.get_attribute("data-setting")))
        assert setting["depth"] == "30"
        assert setting["initializer"] == "variance_scaling(1.6,fan_in,normal)"
        assert "depth=30" in unquote(urlsplit(visit.tab.url).fragment)
        assert visit.errors == []
