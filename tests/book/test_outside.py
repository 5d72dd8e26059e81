"""시험이 여는 브라우저는 이 기계 밖으로 나가지 못하고, 나가려 한 것은 모두 적힙니다."""

import pytest

from tests.browsing import Visit, served

OUTSIDE = "https://example.org/pixel.png"


@pytest.mark.browser
def test_requests_to_elsewhere_are_noted_and_fail(browser, tmp_path):
    (tmp_path / "index.html").write_text(f'<img src="{OUTSIDE}" alt="">', encoding="utf-8")
    with served(tmp_path) as url, Visit(browser, f"{url}/index.html") as visit:
        assert visit.outside == [OUTSIDE]
        assert visit.tab.evaluate("[...document.images].map((image) => image.naturalWidth)") == [0]
        assert visit.errors == ["Failed to load resource: net::ERR_NAME_NOT_RESOLVED"]
