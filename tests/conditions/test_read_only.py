"""읽기만 되는 저장소에서 오래 걸리는 것: 장을 실행하고, 꾸러미를 시험하고, 다른 폴더에 반을 꾸립니다."""

import shutil
import sys

import nbformat
import pytest

from tests.repository.test_read_only import locked

pytestmark = pytest.mark.skipif(not shutil.which("bwrap"), reason="저장소를 잠글 bubblewrap이 없습니다")


@pytest.mark.parametrize("name", ["chapters/04_tanh", "exercises/04_tanh"])
def test_a_notebook_is_executed_into_another_folder(tmp_path, name):
    command = ["-m", "nbconvert", "--to", "notebook", "--execute", "--output-dir", str(tmp_path), f"{name}.ipynb"]
    code, said = locked(sys.executable, *command)
    assert code == 0, said
    cells = nbformat.read(tmp_path / f"{name.split('/')[1]}.ipynb", as_version=4).cells
    assert all(cell.execution_count for cell in cells if cell.cell_type == "code")


def test_the_package_is_tested():
    command = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/package", "wi_lib"]
    code, said = locked(sys.executable, *command)
    assert code == 0, said[-3000:]


def test_a_course_elsewhere(tmp_path):
    where = {"WI_COURSE_DIR": str(tmp_path / "course")}
    code, said = locked(sys.executable, "-m", "classroom.sheets", **where)
    assert code == 0, said
    assert (tmp_path / "course" / "assignments.zip").exists()
    assert locked(sys.executable, "-m", "classroom", "collect", str(tmp_path), **where)[0] == 0
