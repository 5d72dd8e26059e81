"""다른 로캘과 시간대에서: 글은 UTF-8로 읽고 쓰고, 책은 바이트까지 같습니다.

EUC-KR의 로캘에서는 한국어 Windows처럼 파일과 파이프를 UTF-8이 아닌 것으로 엽니다. C에서는 Python이 스스로 UTF-8로
넘어갑니다. 그것마저 막으면 ASCII여서, 한글 이름의 파일은 어떤 프로그램으로도 만들 수 없습니다.
"""

import shutil
import subprocess

import pytest

from tests.conditions.building import built, check_notebooks, check_tests, clone

# 로캘과 함께 쓸 시간대: 30분이 어긋나거나(St_Johns) 날짜가 하루 앞선(Kiritimati) 곳도 있습니다.
ZONES = {
    "ko_KR.UTF-8": "Asia/Seoul",
    "ko_KR.EUC-KR": "America/St_Johns",
    "C": "Pacific/Kiritimati",
    "tr_TR.UTF-8": "UTC",
}


@pytest.fixture(scope="module")
def locales(tmp_path_factory):
    """시스템을 바꾸지 않고 임시 폴더에 만든 로캘."""
    if not shutil.which("localedef"):
        pytest.skip("localedef가 없어 로캘을 만들 수 없습니다(Debian과 Ubuntu에서는 locales 꾸러미).")
    folder = tmp_path_factory.mktemp("locales")
    for name in ZONES.keys() - {"C"}:
        language, encoding = name.split(".")
        subprocess.run(["localedef", "-i", language, "-f", encoding, folder / name], check=True)
    return folder


@pytest.fixture(params=ZONES)
def environment(request, locales):
    kept = {"LC_ALL": request.param, "LOCPATH": str(locales), "TZ": ZONES[request.param]}
    return kept if request.param == "C" else kept | {"PYTHONUTF8": "0"}


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return built(clone(tmp_path_factory.mktemp("plain") / "book"), {"LC_ALL": "C.UTF-8", "TZ": "UTC"})


def test_reading_writing_and_naming(tmp_path, environment):
    check_tests(clone(tmp_path / "book"), environment)


def test_notebooks(tmp_path, environment):
    check_notebooks(clone(tmp_path / "book"), environment)


def test_book_is_the_same(tmp_path, environment, plain):
    book = built(clone(tmp_path / "book"), environment)
    assert [name for name in book.keys() | plain.keys() if book.get(name) != plain.get(name)] == []
