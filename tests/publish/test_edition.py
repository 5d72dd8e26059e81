"""수강생용 판: Colab처럼 wi_lib이 없는 곳에서 노트북 하나만 열어도 끝까지 돕니다."""

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import nbformat
import pytest

from classroom import sheets as assignments
from classroom.repair import mend
from publish import edition
from tests.browsing import ROOT
from tests.classroom.marking import SECRET_MARKS, SHEETS
from tests.explored import NOTEBOOKS

pytestmark = pytest.mark.xdist_group("edition")
GITHUB = "https://github.com/someone/fork"
# Colab에 없거나(앞의 넷) 옛 판이 있는 것. 나머지는 시험을 돌리는 환경의 것을 빌립니다.
MISSING = ("wi_lib", "__editable__", "koreanize_matplotlib", "anywidget")
OLD = ("ipywidgets", "widgetsnbextension", "jupyterlab_widgets")
COLAB_OUTPUT = """
def enable_custom_widget_manager():
    print("조절기를 켬")
"""


def git(folder, *arguments):
    identity = ("-c", "user.name=지은이", "-c", "user.email=author@example.org")
    done = subprocess.run(["git", "-C", folder, *identity, *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("edition") / "student"
    edition.write(folder, "someone/fork")
    return folder


def test_every_notebook_is_ready_and_has_no_answers(made):
    """책의 노트북과 문제지가 모두 있고, 더해진 것은 첫 코드 셀 앞의 셀 하나뿐이며 그 글은 모두 같습니다."""
    sheets = {f"exercises/{name}.ipynb": assignments.student(assignments.source(name)) for name in SHEETS}
    expected = {path.relative_to(ROOT).as_posix(): nbformat.read(path, as_version=4) for path in NOTEBOOKS} | sheets
    found = {path.relative_to(made).as_posix(): nbformat.read(path, as_version=4) for path in made.rglob("*.ipynb")}
    assert found.keys() == expected.keys()
    setups = set()
    for name, notebook in found.items():
        first = next(cell for cell in notebook.cells if cell.cell_type == "code")
        setups.add(first.source)
        notebook.cells.remove(first)
        assert notebook == expected[name], name
    [setup] = setups
    assert f"{GITHUB} " in setup
    for path in made.rglob("*"):
        if path.suffix in (".ipynb", ".md"):
            assert not SECRET_MARKS.search(path.read_text(encoding="utf-8")), path
    assert {path.name for path in (made / "chapters" / "data").iterdir()} == {
        path.name for path in (ROOT / "chapters" / "data").iterdir()
    }


def test_sheets_from_the_edition_are_graded_as_given(made):
    """Colab에서 풀어 낸 문제지도 고친 곳이 없는 것으로 칩니다. 더해진 셀은 Colab 밖에서 아무 일도 하지 않습니다."""
    for name in SHEETS:
        submitted = nbformat.read(made / "exercises" / f"{name}.ipynb", as_version=4)
        released = assignments.student(assignments.source(name))
        assert mend(submitted, released)[1] == []
        assert submitted.metadata[assignments.STAMP] == released.metadata[assignments.STAMP]


def test_an_unknown_repository_is_refused(tmp_path):
    """저장소의 주소를 모르면 아무것도 쓰지 않고 할 일을 말합니다."""
    env = {name: value for name, value in os.environ.items() if name != "GITHUB_REPOSITORY"}
    for room in ("classroom", "publish"):
        shutil.copytree(ROOT / room, tmp_path / room)
    command = [sys.executable, "-m", "publish.edition", "made"]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True)
    assert done.returncode == 2
    assert 'GITHUB_REPOSITORY에 "주인/저장소"를 적으십시오' in done.stderr
    assert not (tmp_path / "made").exists()


def test_the_student_branch_grows(made, tmp_path):
    """다시 올려도 지난 판에 이어지므로, nbgitpuller로 받은 학생이 새 판을 받을 수 있습니다."""
    clone = tmp_path / "clone"
    for name in ("hub.git", "clone"):
        git(tmp_path, "init", "--quiet", *(["--bare"] if name == "hub.git" else []), name)
    git(clone, "remote", "add", "origin", tmp_path / "hub.git")
    for name in ("user.name", "user.email"):
        git(clone, "config", name, "author@example.org")
    shutil.copy(ROOT / "Makefile", clone)
    shutil.copytree(made, clone / "_build" / "student", ignore=shutil.ignore_patterns(".git"))
    # 만드는 일은 마쳤으므로 올리기만 합니다.
    command = ["make", "-o", "student", "publish-student", f"BIN={Path(sys.executable).parent}"]
    for new in ("README.md", "새 글.md"):
        (clone / "_build" / "student" / new).write_text("새 판")
        subprocess.run(command, cwd=clone, check=True, capture_output=True)
    assert git(tmp_path / "hub.git", "rev-list", "--count", "student") == "2"
    files = git(tmp_path / "hub.git", "-c", "core.quotePath=false", "ls-tree", "-r", "--name-only", "student")
    assert {"intro.ipynb", "새 글.md", "chapters/data/matching.npz"} <= set(files.splitlines())


@pytest.fixture(scope="module")
def colab(made, tmp_path_factory):
    """Colab을 흉내 낸 곳의 (Python, 환경 변수). GitHub 대신 이 기계의 git 저장소에서 받습니다."""
    home = tmp_path_factory.mktemp("colab")
    git(made, "init", "--quiet", "--initial-branch", "student")
    git(made, "add", ".")
    git(made, "commit", "--quiet", "--message", "수강생용 판")
    venv.create(home / "python", with_pip=True)
    python = home / "python" / "bin" / "python"
    packages = next((home / "python").glob("lib/python*/site-packages"))
    # 빌린 것은 가상 환경 밖에 두어, pip이 판을 바꾸더라도 지우지 않게 합니다.
    borrowed = home / "borrowed"
    borrowed.mkdir()
    for entry in Path(nbformat.__file__).parents[1].iterdir():
        if not entry.name.startswith((*MISSING, *OLD)):
            (borrowed / entry.name).symlink_to(entry)
    (packages / "borrowed.pth").write_text(f"{borrowed}\nimport google.colab\n")
    (packages / "google" / "colab").mkdir(parents=True)
    (packages / "google" / "colab" / "__init__.py").touch()
    (packages / "google" / "colab" / "output.py").write_text(COLAB_OUTPUT)
    # Colab의 ipywidgets는 7입니다.
    subprocess.run([python, "-m", "pip", "install", "--quiet", "ipywidgets==7.7.1"], check=True)
    env = {
        **os.environ,
        "HOME": str(home),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{made.as_uri()}.insteadOf",
        "GIT_CONFIG_VALUE_0": GITHUB,
        "TQDM_DISABLE": "1",
    }
    return python, env


@pytest.mark.parametrize("name", ["intro", "chapters/07_matching", "exercises/05_he"])
def test_runs_in_colab(made, colab, tmp_path, name):
    """Colab이 여는 파일 하나만 빈 폴더에 두고 처음부터 실행합니다. 꾸러미도 자료도 스스로 받습니다."""
    python, env = colab
    opened = tmp_path / "opened.ipynb"
    shutil.copy(made / f"{name}.ipynb", opened)
    command = [python, "-c", "from nbclient.cli import main; main()", "--inplace", "--allow-errors", opened]
    subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, check=True)
    cells = nbformat.read(opened, as_version=4).cells
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    assert "조절기를 켬" in "".join(output.get("text", "") for output in outputs)
    errors = [output.ename for output in outputs if output.output_type == "error"]
    if name.startswith("exercises"):
        # 답을 쓰지 않았으니, 확인 셀이 까닭을 말합니다.
        assert set(errors) == {"Wrong"}
    else:
        assert errors == []
        # 살아 있는 조절기가 나옵니다.
        assert any("application/vnd.jupyter.widget-view+json" in output.get("data", {}) for output in outputs)
