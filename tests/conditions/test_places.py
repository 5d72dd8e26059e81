"""저장소가 있는 자리의 이름: 빈칸과 한글, macOS처럼 나누어 적은 한글, 긴 이름, 심볼릭 링크."""

import subprocess
import sys
import unicodedata

import pytest

from tests.conditions.building import built, check_notebooks, check_tests, clone, run

NAME = "내 강의 (봄 학기)/가중치 & 초깃값"
PLACES = {
    "nfc": NAME,
    "nfd": unicodedata.normalize("NFD", NAME),
    "long": "/".join(["아주 긴 이름 " * 4] * 6),
}


@pytest.fixture(scope="module", params=[*PLACES, "link"])
def place(request, tmp_path_factory):
    root = tmp_path_factory.mktemp("places")
    if request.param == "link":
        clone(root / "책")
        (root / "이 책").symlink_to(root / "책")
        return root / "이 책"
    return clone(root / PLACES[request.param])


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return built(clone(tmp_path_factory.mktemp("plain") / "book"))


def test_tests(place):
    check_tests(place)


def test_notebooks(place):
    check_notebooks(place)


def test_book_is_the_same(place, plain):
    book = built(place)
    assert [name for name in book.keys() | plain.keys() if book.get(name) != plain.get(name)] == []


def test_installed_from_scratch(tmp_path):
    """빈칸과 한글이 든 폴더에서, 독자처럼 make만 부릅니다."""
    place = clone(tmp_path / NAME)
    environment = {"PYTHONPATH": "", "PYTHON": sys.executable}
    for target in ("book", "assignments", "test-package"):
        run(place, "make", target, environment=environment)
    assert (place / "_build" / "html" / "index.html").exists()
    notebook = [place / ".venv" / "bin" / "python", "-m", "tools.notebooks", "intro.ipynb"]
    run(place, *notebook, environment=environment)
    assert subprocess.run(["git", "status", "--porcelain"], cwd=place, capture_output=True, check=True).stdout == b""
