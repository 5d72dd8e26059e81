"""Binder에서: repo2docker가 하겠다고 적는 일을 새 가상 환경에서 그대로 하고, JupyterLab에서 한 장을 실행합니다.

잰 크기와 시간과 메모리를 보려면 make test-binder로 돌립니다.
"""

import os
import re
import subprocess
import sys
import time
import venv

import psutil
import pytest

from tests.book.test_jupyterlab import run_and_move
from tests.browsing import KERNEL_IDLE, ROOT, jupyterlab
from tests.classroom.marking import SECRET_MARKS, SHEETS
from tests.explored import EXPLORERS, NOTEBOOKS
from tests.memory import peak_memory
from tests.speaking import SPOKEN

# Binder는 한 사람에게 메모리 1 GB를 보장합니다.
MEMORY = 1024
# 설치한 꾸러미만으로 하는 진단: 글, 그림, 고치는 코드.
DIAGNOSIS = """
import importlib.resources
import numpy as np
import wi_lib

rng = np.random.default_rng(0)
model = wi_lib.MLP([8, 16, 16, 3], "relu", "zeros", rng=rng)
x, labels = rng.standard_normal((32, 8)), np.arange(32) % 3
report = wi_lib.diagnose(model, x, labels)
assert "[오류]" in str(report)
assert report.figure._repr_png_()[0].startswith(b"\\x89PNG")
exec(report.fix())
assert wi_lib.diagnose(model, x, labels).healthy
assert importlib.resources.files("wi_lib").joinpath("py.typed").is_file()
"""
# 기다리는 셀의 번호는 [*]입니다.
DONE = "![...document.querySelectorAll('.jp-InputPrompt')].some(prompt => prompt.textContent.includes('*'))"
STEPS = [
    '${KERNEL_PYTHON_PREFIX}/bin/pip install --no-cache-dir -r "requirements.txt"',
    "${KERNEL_PYTHON_PREFIX}/bin/pip install --no-cache-dir .",
    "chmod +x postBuild",
    "./postBuild",
    'chmod +x "${REPO_DIR}/start"',
]


def planned(folder):
    """repo2docker가 folder에서 만드는 Dockerfile. Docker는 쓰지 않습니다."""
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", folder]
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding=SPOKEN, check=True).stdout


def runs(dockerfile):
    """Dockerfile의 RUN마다 한 줄."""
    return re.findall(r"(?m)^RUN (.+)$", dockerfile.replace("\\\n", ""))


@pytest.fixture
def clone(tmp_path):
    """커밋한 것만 있는 저장소의 사본."""
    folder = tmp_path / "book"
    subprocess.run(["git", "clone", "--quiet", ROOT, folder], check=True)
    return folder


def test_binder_does_only_this(clone, tmp_path):
    """Python 말고는 아무것도 없는 저장소와 견주어, Binder가 더 하는 일은 이 다섯 가지와 start를 거치는 것뿐입니다."""
    (tmp_path / "bare").mkdir()
    (tmp_path / "bare" / "runtime.txt").write_bytes((clone / "runtime.txt").read_bytes())
    ours, bare = planned(clone), planned(tmp_path / "bare")
    assert "Building conda environment for python=3.11\n" in ours
    assert [step for step in runs(ours) if step not in runs(bare)] == STEPS
    assert runs(bare)
    assert 'ENV R2D_ENTRYPOINT="${REPO_DIR}/start"' in ours
    # constraints.txt를 읽으려면 저장소를 모두 옮긴 뒤에 설치해야 합니다.
    assert ours.index("COPY --chown=0:0 src/ ${REPO_DIR}/") < ours.index(STEPS[0])


def install(clone):
    """STEPS를 차례로 마친 가상 환경. (Python, 단계마다 걸린 초)입니다."""
    home = clone.parent / "python"
    venv.create(home, with_pip=True)
    path = os.pathsep.join((str(home / "bin"), os.environ["PATH"]))
    env, seconds = {**os.environ, "PATH": path, "KERNEL_PYTHON_PREFIX": str(home), "REPO_DIR": str(clone)}, []
    for step in STEPS:
        start = time.monotonic()
        subprocess.run(["bash", "-c", step], cwd=clone, env=env, check=True)
        seconds.append(time.monotonic() - start)
    return home / "bin" / "python", seconds


def test_binder_starts_one_thread(clone):
    """받은 코어가 아니라 서버의 코어만큼 스레드를 띄우면 한 장에 몇 배가 걸립니다."""
    command = [clone / "start", sys.executable, "-c", "import os; print(os.environ['OPENBLAS_NUM_THREADS'], end='')"]
    assert subprocess.run(command, capture_output=True, check=True).stdout == b"1"


def size(folder):
    """folder의 파일을 모두 더한 MB."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def used_memory(folder):
    """folder를 여는 JupyterLab과 그 커널이 가장 많이 쓴 메모리를 더한 MiB."""
    [server] = [process for process in psutil.Process().children() if f"--notebook-dir={folder}" in process.cmdline()]
    return peak_memory(server)


def check_packages(python):
    """책을 만들거나 채점하는 꾸러미는 남지 않고, wi_lib은 어느 폴더에서나 불러와 진단할 수 있습니다."""
    code = "import importlib.util as u, wi_lib, wi_check; print(*filter(u.find_spec, %r))"
    unneeded = ["sphinx", "nbgrader", "sqlalchemy", "pytest", "playwright"]
    left = subprocess.run(
        [python, "-c", code % unneeded], cwd=python.parent, capture_output=True, encoding=SPOKEN, check=True
    )
    assert left.stdout.split() == []
    subprocess.run([python, "-W", "error", "-c", DIAGNOSIS], cwd=python.parent, check=True)


def check_sheets(clone):
    """문제지가 모두 있고 풀이는 없습니다."""
    sheets = sorted((clone / "student" / "exercises").glob("*.ipynb"))
    assert [sheet.stem for sheet in sheets] == SHEETS
    for sheet in sheets:
        assert not SECRET_MARKS.search(sheet.read_text(encoding="utf-8"))


@pytest.mark.browser
def test_a_chapter_runs_as_in_binder(browser, clone):
    """설치한 뒤 독자처럼 장을 열어 모두 실행하고 조절기를 움직입니다. 메모리는 Binder가 보장하는 만큼 안에 듭니다."""
    python, seconds = install(clone)
    check_packages(python)
    check_sheets(clone)
    packages = next(python.parents[1].glob("lib/python*/site-packages"))
    print(f"\n설치 {size(packages):.0f} MB, 단계마다 {', '.join(f'{s:.0f}' for s in seconds)}초")
    [path] = [path for path in NOTEBOOKS if path.stem == "05_he"]
    start = time.monotonic()
    with jupyterlab(clone.parent, python) as url:
        started = time.monotonic() - start
        tab = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        tab.set_default_timeout(120_000)
        tab.goto(f"{url}/lab/tree/student/{path.relative_to(ROOT)}?reset")
        tab.wait_for_function(KERNEL_IDLE)
        opened = time.monotonic() - start
        run_and_move(tab, [pair for pair in EXPLORERS if pair[0] == path])
        tab.wait_for_function(DONE)
        assert tab.locator("[data-mime-type='application/vnd.jupyter.error']").count() == 0
        memory = used_memory(clone)
        tab.context.close()
    print(f"\nJupyterLab {started:.1f}초, 커널까지 {opened:.1f}초, 가장 많이 쓴 메모리 {memory:.0f} MiB")
    assert memory < MEMORY
