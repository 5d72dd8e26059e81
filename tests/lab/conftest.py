"""보기만 담은 페이지와, 그것을 연 방문."""

import pytest

from .views import opened, visited


@pytest.fixture(scope="module")
def views_address(tmp_path_factory):
    with opened(tmp_path_factory.mktemp("views")) as url:
        yield url


@pytest.fixture
def visit(browser, views_address):
    with visited(browser, views_address) as visit:
        yield visit
