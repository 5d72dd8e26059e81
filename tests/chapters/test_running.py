"""노트북을 실행하다 커널이 죽고, 끊기고, 디스크가 차도 저장된 노트북은 그대로이고 까닭을 말합니다."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import psutil
import pytest

from tests.speaking import SPOKEN
from tools import notebooks

ROOT = Path(__file__).parents[2]
LINES = {
    "죽음": "import os, signal; os.kill(os.getpid(), 9)",
    "오류": "1 / 0",
    "느림": "open('started', 'w').close(); import time; time.sleep(60)",
    "보통": "print(2)",
    "막대": "from tqdm import tqdm\nfor each in tqdm([1]): pass",
}


def notebook(folder, *kinds):
    path = folder / "장.ipynb"
    cells = [nbformat.v4.new_code_cell(LINES[kind], id=f"c{i}") for i, kind in enumerate(kinds)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


def run(path, *before):
    command = [*map(str, before), sys.executable, "-m", "tools.notebooks", str(path)]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding=SPOKEN, start_new_session=True
    )


def until(true):
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("kind", "says"), [("죽음", "실행하던 커널이 죽었습니다"), ("오류", "셀이 실패했습니다.*ZeroDivisionError")]
)
def test_a_failure_names_the_notebook_and_keeps_it(tmp_path, kind, says):
    path = notebook(tmp_path, "보통", kind, "보통")
    before = path.read_bytes()
    with pytest.raises(SystemExit, match=rf"(?s)^{path}: {says}"):
        notebooks.main([str(path)])
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_only_the_kernel_goes_without_progress_bars(tmp_path):
    path, before = notebook(tmp_path, "막대"), dict(os.environ)
    [cell] = notebooks.execute(path).cells
    assert cell.outputs == []
    assert os.environ == before


@pytest.mark.skipif(os.name == "nt", reason="신호를 보냅니다")
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGKILL])
def test_an_interruption_leaves_neither_a_kernel_nor_a_half_notebook(tmp_path, sign):
    path = notebook(tmp_path, "느림")
    before, running = path.read_bytes(), run(path)
    until((tmp_path / "started").exists)
    family = psutil.Process(running.pid).children(recursive=True)
    os.killpg(running.pid, sign)
    said = running.communicate(timeout=60)[0]
    if sign == signal.SIGINT:
        assert said.splitlines()[-1] == f"{path}: 멈췄습니다. {notebooks.KEPT}"
        assert "Traceback" not in said
        assert "WARNING" not in said
    assert family
    assert psutil.wait_procs(family, timeout=60)[1] == []
    assert path.read_bytes() == before
    assert {file.name for file in tmp_path.iterdir()} == {"started", path.name}


@pytest.mark.skipif(not shutil.which("bwrap"), reason="폴더를 잠글 bubblewrap이 없습니다")
def test_a_folder_that_cannot_be_written(tmp_path):
    path = notebook(tmp_path, "보통")
    said = run(path, "bwrap", "--dev-bind", "/", "/", "--ro-bind", tmp_path, tmp_path).communicate(timeout=60)[0]
    assert said.splitlines()[-1] == f"{path}: 읽거나 쓰지 못했습니다(Read-only file system). {notebooks.KEPT}"


def test_two_runs_at_once_store_one_whole_notebook(tmp_path, monkeypatch):
    """둘이 한 임시 파일을 쓰면, 하나가 다 쓰기 전에 다른 하나가 제자리로 옮겨 놓습니다."""
    path = notebook(tmp_path, "보통")
    write = nbformat.write

    def write_while_another_stores(fresh, temporary):
        monkeypatch.setattr(nbformat, "write", write)
        Path(temporary).write_text("{", encoding="utf-8")
        notebooks.store(path)
        assert len(nbformat.read(path, as_version=4).cells[0].outputs) == 1
        write(fresh, temporary)

    monkeypatch.setattr(notebooks, "execute", lambda path: executed)
    executed = nbformat.read(path, as_version=4)
    executed.cells[0].outputs = [nbformat.v4.new_output("stream", text="2\n")]
    monkeypatch.setattr(nbformat, "write", write_while_another_stores)
    mode = path.stat().st_mode
    assert notebooks.store(path) == ["c0"]
    assert nbformat.read(path, as_version=4) == executed
    assert path.stat().st_mode == mode
    assert list(tmp_path.iterdir()) == [path]
