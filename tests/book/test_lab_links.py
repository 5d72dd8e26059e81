"""움직여 보는 실험에서 실험대로: 링크를 누르면 실험대가 그 설정으로 열립니다.

링크가 조절기를 따라오는지는 test_explorer_pages.py가 봅니다.
"""

from urllib.parse import parse_qsl, unquote, urlsplit

import pytest

from tests.browsing import SITE, Visit
from tests.explored import EXPLORERS, rebuilt

pytestmark = pytest.mark.browser
# RBM은 분류하는 망이 아니고, 실험대의 망에는 정규화, 잔차 연결, 합성곱, 어텐션, 행렬마다의 학습률, 한 층에만 심은 탈이
# 없습니다.
WITHOUT = [f"fig-{chapter}-explorer" for chapter in ("09", "13", "14", "15", "16", "17", "18")]
TO_LAB = "실험대에서 학습시켜 보기"


def test_every_explorer_that_can_leads_to_the_lab():
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
