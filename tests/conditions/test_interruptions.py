"""make를 아무 때나 끊고 다시 부르면, 끊기지 않은 것과 같은 결과가 납니다."""

import shutil

import nbformat
import pytest

from tests.conditions.interrupting import BIN, contents, copy, finish, interrupt, kill_when, make, moments, same

# 쪽의 갈래마다 하나씩만 있는 책. 다른 장을 가리키는 링크는 끊기므로 경고를 오류로 보지 않습니다.
KINDS = ["chapters/02_sigmoid_std", "exercises/02_sigmoid_std", "lab", "glossary"]
TOC = "format: jb-book\nroot: intro\nparts:\n- caption: 쪽들\n  numbered: true\n  chapters:\n" + "".join(
    f"  - file: {k}\n" for k in KINDS
)
BUILD = [BIN / "jupyter-book", "build", "--quiet", "."]


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    folder = copy(tmp_path_factory.mktemp("source") / "book")
    (folder / "_toc.yml").write_text(TOC, encoding="utf-8")
    return folder


@pytest.fixture
def repository(source, tmp_path):
    return shutil.copytree(source, tmp_path / "book")


@pytest.fixture(scope="module")
def book(source, tmp_path_factory):
    """끊기지 않고 만든 사이트의 내용과 걸린 시간."""
    folder = shutil.copytree(source, tmp_path_factory.mktemp("whole") / "book")
    seconds = finish(folder, *BUILD)
    return contents(folder / "_build" / "html"), seconds


def test_a_book_interrupted_anywhere(repository, book):
    """처음부터 만들다 끊기고, 글을 고쳐 다시 만들다 또 끊겨도 쪽도 그림도 그대로입니다."""
    whole, seconds = book
    for moment, sign in moments(seconds):
        interrupt(repository, moment, sign, *BUILD)
    finish(repository, *BUILD)
    assert same(contents(repository / "_build" / "html"), whole) == []
    page = repository / "glossary.md"
    kept = page.read_text(encoding="utf-8")
    page.write_text(f"{kept}\n\n고치는 중입니다.\n", encoding="utf-8")
    for moment, sign in moments(seconds):
        interrupt(repository, moment, sign, *BUILD)
    page.write_text(kept, encoding="utf-8")
    finish(repository, *BUILD)
    assert same(contents(repository / "_build" / "html"), whole) == []


def test_a_picture_that_was_half_written(repository, book):
    """그림을 쓰던 순간에 끊긴 것. myst-nb는 같은 이름의 그림이 있으면 다시 쓰지 않습니다."""
    pictures = repository / "_build" / "jupyter_execute"
    kill_when(repository, lambda: list(pictures.rglob("*.png")), *BUILD)
    for path in pictures.rglob("*.png"):
        path.write_bytes(path.read_bytes()[:100])
    finish(repository, *BUILD)
    assert same(contents(repository / "_build" / "html"), book[0]) == []


EXECUTED = ["exercises/01_zero.ipynb", "exercises/03_xavier.ipynb"]


def test_execution_interrupted_anywhere(repository):
    command = make("execute", f"NOTEBOOKS={' '.join(EXECUTED)}")
    for name in EXECUTED:
        notebook = nbformat.read(repository / name, as_version=4)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs = []
        nbformat.write(notebook, repository / name)
    emptied = {name: (repository / name).read_bytes() for name in EXECUTED}
    seconds = finish(repository, *command)
    whole = contents(repository / "exercises")
    executed = {name: (repository / name).read_bytes() for name in EXECUTED}
    for name, content in emptied.items():
        (repository / name).write_bytes(content)
    for moment, sign in moments(seconds):
        interrupt(repository, moment, sign, *command)
        assert [n for n in EXECUTED if (repository / n).read_bytes() not in (emptied[n], executed[n])] == []
    finish(repository, *command)
    assert same(contents(repository / "exercises"), whole) == []


EXPERIMENT = '''"""끊어 볼 실험: 0.05초짜리 60번."""

import time

import numpy as np

from experiments.results import grid, save, stack
from experiments.sweeps import sweep


def run(seed):
    time.sleep(0.05)
    return {"value": np.random.default_rng(seed).standard_normal(1000)}


def main():
    seeds = range(60)
    save("tiny", stack(sweep("tiny", grid({}, seeds), run), {}, seeds), {"seeds": list(seeds)})


if __name__ == "__main__":
    main()
'''


def test_results_interrupted_anywhere(repository):
    (repository / "experiments" / "tiny.py").write_text(EXPERIMENT, encoding="utf-8")
    command, data = make("results", "EXPERIMENTS=experiments.tiny"), repository / "chapters" / "data"
    seconds = finish(repository, *command)
    whole, page = contents(data), (repository / "verdicts.md").read_bytes()
    assert "tiny.npz" in whole
    for name in ("tiny.npz", "tiny.json"):
        (data / name).unlink()
    for moment, sign in moments(seconds):
        interrupt(repository, moment, sign, *command)
    finish(repository, *command)
    assert [name for name in same(contents(data), whole) if not name.startswith(".")] == []
    assert (repository / "verdicts.md").read_bytes() == page
    assert list((repository / "build" / "results").iterdir()) == []


def test_sheets_interrupted_anywhere(repository):
    """문제지와 zip. 성적부는 시각을 적으므로 바이트 대신 SQLite가 온전한지 봅니다."""
    course = repository.parent / "course"
    command, where = make("assignments"), {"WI_COURSE_DIR": str(course)}
    seconds = finish(repository, *command, **where)
    whole = contents(course)
    shutil.rmtree(course)
    for moment, sign in moments(seconds):
        interrupt(repository, moment, sign, *command, **where)
    finish(repository, *command, **where)
    different = {name for name in same(contents(course), whole) if not name.startswith(("gradebook.db", "running"))}
    assert different == set()


def test_a_student_edition_interrupted_anywhere(repository):
    command, known = make("student"), {"GITHUB_REPOSITORY": "someone/fork"}
    seconds = finish(repository, *command, **known)
    whole = contents(repository / "_build" / "student")
    for moment, sign in moments(seconds):
        interrupt(repository, moment, sign, *command, **known)
    finish(repository, *command, **known)
    assert same(contents(repository / "_build" / "student"), whole) == []


def test_a_pdf_interrupted_anywhere(repository, book):
    """끊긴 동안에는 앞의 PDF가 온전히 남고, 다시 만들면 쓰다 만 것이 남지 않습니다."""
    from pypdf import PdfReader

    finish(repository, *BUILD)
    command = [BIN / "python", "-m", "publish.pdf", "intro", "glossary"]
    seconds = finish(repository, *command)
    (made,) = (repository / "_build").glob("*.pdf")
    pages = len(PdfReader(made).pages)
    for moment, sign in moments(seconds):
        interrupt(repository, moment, sign, *command)
        assert len(PdfReader(made).pages) == pages
    finish(repository, *command)
    assert list((repository / "_build").glob("*.pdf")) == [made]
    assert len(PdfReader(made).pages) == pages


def test_slides_interrupted_anywhere(repository):
    finish(repository, *BUILD)
    command = [BIN / "python", "-m", "publish.slides", "02_sigmoid_std"]
    seconds = finish(repository, *command)
    whole = contents(repository / "_build" / "slides")
    shutil.rmtree(repository / "_build" / "slides")
    for moment, sign in moments(seconds):
        interrupt(repository, moment, sign, *command)
    finish(repository, *command)
    assert same(contents(repository / "_build" / "slides"), whole) == []
