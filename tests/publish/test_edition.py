"""수강생용 판: Colab처럼 wi_lib이 없는 곳에서 노트북 하나만 열어도 끝까지 돕니다."""

import copy
import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import nbformat
import pytest

from classroom import prepare
from classroom import sheets as assignments
from classroom.repair import mend
from publish import edition
from tests.browsing import ROOT, SITE
from tests.classroom.marking import SECRET_MARKS, SHEETS
from tests.explored import NOTEBOOKS
from tests.speaking import SPOKEN

pytestmark = pytest.mark.xdist_group("edition")
GITHUB = "https://github.com/someone/fork"
PAGES = "https://someone.github.io/fork/"
# 책을 만들 때 풀리는 글. Markdown만 아는 곳에서는 그대로 보입니다.
MYST = re.compile(r"\{[\w:-]+\}`(?!`)|^[> ]*:{3,}|^\([\w-]+\)=|\$\$ \([\w-]+\)|^(```|~~~)\{", re.M)
# Colab에 없거나(앞의 넷), 읽는 데 오래 걸리거나(tests/light), 옛 판이 있는 것. 나머지는 시험하는 곳의 것을 빌립니다.
MISSING = ("wi_lib", "__editable__", "koreanize_matplotlib", "anywidget", "rfc3987_syntax")
OLD = ("ipywidgets", "widgetsnbextension", "jupyterlab_widgets")
COLAB_OUTPUT = """
def enable_custom_widget_manager():
    print("조절기를 켬")

class _widgets:
    _installed_url = None  # anywidget이 조절기의 주소를 여기서 찾습니다.
"""


def git(folder, *arguments):
    identity = ("-c", "user.name=지은이", "-c", "user.email=author@example.org")
    done = subprocess.run(
        ["git", "-C", folder, *identity, *arguments], capture_output=True, encoding="utf-8", check=True
    )
    return done.stdout.strip()


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("edition") / "student"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GITHUB_REPOSITORY", "someone/fork")
        edition.write(folder, "someone/fork")
    return folder


def test_every_notebook_is_ready_and_has_no_answers(made):
    """책의 노트북과 문제지가 모두 있습니다. 책의 노트북에는 Colab의 셀 하나가 더 있고, 코드와 출력은 그대로입니다."""
    found = {path.relative_to(made).as_posix(): nbformat.read(path, as_version=4) for path in made.rglob("*.ipynb")}
    chapters = {path.relative_to(ROOT).as_posix(): nbformat.read(path, as_version=4) for path in NOTEBOOKS}
    assert found.keys() == chapters.keys() | {f"exercises/{name}.ipynb" for name in SHEETS}
    setups = set()
    for name, source in chapters.items():
        first, *cells = [cell for cell in found[name].cells if cell.cell_type == "code"]
        setups.add(first.source)
        assert cells == [cell for cell in source.cells if cell.cell_type == "code"], name
        assert not MYST.search("\n".join(cell.source for cell in found[name].cells if cell.cell_type == "markdown"))
    [setup] = setups
    assert f"{GITHUB} " in setup
    for path in made.rglob("*"):
        if path.suffix in (".ipynb", ".md"):
            assert not SECRET_MARKS.search(path.read_text(encoding="utf-8")), path
    assert {path.name for path in (made / "chapters" / "data").iterdir()} == {
        path.name for path in (ROOT / "chapters" / "data").iterdir()
    }


def test_links_lead_to_the_book_of_the_fork(made):
    """글에 적힌 책의 주소에는 정말 그 쪽이 있고, 노트북이 없는 곳을 가리키는 링크는 없습니다."""
    targets = set()
    for path in made.rglob("*.ipynb"):
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "markdown":
                targets |= set(re.findall(r"\]\(([^)\s]+)\)", cell.source))
    inside = {target.removeprefix(PAGES) for target in targets if target.startswith(PAGES)}
    assert {"glossary.html", "references.html", "chapters/05_he.html#sec-he-leaky"} <= inside
    for page, _, place in (target.partition("#") for target in inside):
        text = (SITE / page).read_text(encoding="utf-8")
        assert not place or f'id="{place}"' in text, (page, place)
    assert [target for target in targets if not target.startswith("https://")] == []


def test_sheets_from_the_edition_are_graded_as_given(made):
    """Colab에서 풀어 낸 문제지도, 설치하는 셀이 없던 때의 문제지도 고친 곳이 없는 것으로 칩니다."""
    for name in SHEETS:
        submitted = nbformat.read(made / "exercises" / f"{name}.ipynb", as_version=4)
        assert f"{GITHUB}/raw/student/{prepare.wheel_name()}" in submitted.cells[1].source
        released = assignments.student(assignments.source(name))
        assert submitted.metadata[assignments.STAMP] == released.metadata[assignments.STAMP]
        old = copy.deepcopy(submitted)
        del old.cells[1]
        for sheet in (submitted, old):
            mended, notes = mend(sheet, copy.deepcopy(released))
            assert notes == []
            assert mended.cells == released.cells


def test_an_unknown_repository_is_refused(tmp_path):
    """저장소의 주소를 모르면 아무것도 쓰지 않고 할 일을 말합니다."""
    env = {name: value for name, value in os.environ.items() if name != "GITHUB_REPOSITORY"}
    for room in ("classroom", "publish"):
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-m", "publish.edition", "made"]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, encoding=SPOKEN)
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
        (clone / "_build" / "student" / new).write_text("새 판", encoding="utf-8")
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
    (packages / "borrowed.pth").write_text(f"{borrowed}\nimport google.colab\n", encoding="utf-8")
    (packages / "google" / "colab").mkdir(parents=True)
    (packages / "google" / "colab" / "__init__.py").touch()
    (packages / "google" / "colab" / "output.py").write_text(COLAB_OUTPUT, encoding="utf-8")
    # Colab의 ipywidgets는 7입니다.
    subprocess.run([python, "-m", "pip", "install", "--quiet", "ipywidgets==7.7.1"], check=True)
    env = {
        **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        "HOME": str(home),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{made.as_uri()}.insteadOf",
        "GIT_CONFIG_VALUE_0": GITHUB,
        "TQDM_DISABLE": "1",
    }
    return python, env


@pytest.mark.parametrize("name", ["exercises/05_he", "intro", "chapters/07_matching"])
def test_runs_in_colab(made, colab, tmp_path, name):
    """Colab이 여는 파일 하나만 빈 폴더에 두고 처음부터 실행합니다. 꾸러미도 자료도 스스로 받습니다."""
    python, env = colab
    if not name.startswith("chapters"):
        # 앞의 노트북이 설치했더라도 스스로 설치하게 합니다.
        subprocess.run([python, "-m", "pip", "uninstall", "--quiet", "--yes", "wi-lib"], env=env, check=True)
    opened = tmp_path / "opened.ipynb"
    # 꾸러미는 GitHub 대신 이 기계의 폴더에서 받습니다.
    text = (made / f"{name}.ipynb").read_text(encoding="utf-8")
    opened.write_text(text.replace(f"{GITHUB}/raw/student/", f"{made.as_uri()}/"), encoding="utf-8")
    command = [python, "-c", "from nbclient.cli import main; main()", "--inplace", "--allow-errors", opened]
    subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, check=True)
    cells = nbformat.read(opened, as_version=4).cells
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    said = "".join(output.get("text", "") for output in outputs)
    errors = [f"{output.ename}: {output.evalue}" for output in outputs if output.output_type == "error"]
    if name.startswith("exercises"):
        # 꾸러미를 설치했고, 답을 쓰지 않았으니 확인 셀이 까닭을 말합니다.
        assert "설치했습니다." in said
        assert {error.partition(":")[0] for error in errors} == {"Wrong"}
    else:
        assert "조절기를 켬" in said
        assert errors == []
        # 살아 있는 조절기가 나옵니다.
        assert any("application/vnd.jupyter.widget-view+json" in output.get("data", {}) for output in outputs)
