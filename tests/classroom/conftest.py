"""수업의 폴더를 만드는 시험의 공통 설정."""

import shutil

import pytest
from filelock import FileLock

from classroom import course, sheets

NAME = "05_he"


@pytest.fixture(scope="session")
def released_sheet(tmp_path_factory, worker_id):
    """문제지 한 장만 나누어 준 수업의 폴더. 몇 초가 들므로 모든 프로세스에서 한 번만 만들어 베껴 씁니다."""
    shared = tmp_path_factory.getbasetemp() if worker_id == "master" else tmp_path_factory.getbasetemp().parent
    folder, being_made = shared / "released", tmp_path_factory.mktemp("released")
    with FileLock(shared / "released.lock"):
        if not folder.exists():
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv(course.FOLDER, str(being_made))
                sheets.write_source(NAME, None)
                sheets.release()
            being_made.rename(folder)
    return folder


def copied(released_sheet, folder):
    return shutil.copytree(released_sheet, folder, dirs_exist_ok=True)


@pytest.fixture
def classroom(released_sheet, tmp_path, monkeypatch):
    """문제지 한 장을 나누어 준 수업의 폴더."""
    folder = copied(released_sheet, tmp_path / "course")
    monkeypatch.setenv(course.FOLDER, str(folder))
    return folder
