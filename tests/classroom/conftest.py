"""수업의 폴더를 만드는 시험의 공통 설정."""

import shutil

import pytest

from classroom import course, sheets

NAME = "05_he"


@pytest.fixture(scope="session")
def released_sheet(tmp_path_factory):
    """문제지 한 장만 나누어 준 수업의 폴더. 만드는 데 몇 초가 들므로 한 번 만들어 베껴 씁니다."""
    folder = tmp_path_factory.mktemp("released")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(course.FOLDER, str(folder))
        sheets.write_source(NAME, None)
        sheets.release()
    return folder


def copied(released_sheet, folder):
    return shutil.copytree(released_sheet, folder, dirs_exist_ok=True)


@pytest.fixture
def classroom(released_sheet, tmp_path, monkeypatch):
    """문제지 한 장을 나누어 준 수업의 폴더."""
    folder = copied(released_sheet, tmp_path / "course")
    monkeypatch.setenv(course.FOLDER, str(folder))
    return folder
