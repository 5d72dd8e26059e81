"""노트북을 다시 실행해도 저장된 출력이 나오는지: 글은 글자까지, 그림은 tools.notebooks의 허용 오차까지."""

import copy
import functools
import os
import subprocess
import sys

import nbformat
import psutil
import pytest
from nbval.plugin import IPyNbFile

from tests.browsing import ROOT
from tests.explored import NOTEBOOKS
from tests.memory import MEASURABLE, peak_memory
from tests.speaking import SPOKEN
from tools import notebooks
from tools.outputs import keep_stored
from wi_lib import datasets

SHEETS = sorted((ROOT / "exercises").glob("*.ipynb"))
# Binder가 한 사람에게 보장하는 1 GB에서 JupyterLab이 쓰는 200 MiB쯤(make test-binder)을 뺀 MiB.
MEMORY = 1024 - 200
PEAKS = {}


def each(paths):
    # 한 노트북의 시험은 한 프로세스에서 돌아, 실행한 것을 함께 씁니다.
    return pytest.mark.parametrize(
        "path", [pytest.param(path, id=f"{path.parent.name}-{path.stem}", marks=group(path)) for path in paths]
    )


def group(path):
    return pytest.mark.xdist_group(f"run-{path.parent.name}-{path.stem}")


@functools.cache
def executed(path):
    """실행한 노트북. 커널이 끝나기 전에, 가장 많이 쓴 메모리를 PEAKS에 적어 둡니다."""

    def measure(**_):
        [kernel] = [child for child in psutil.Process().children() if "ipykernel_launcher" in child.cmdline()]
        PEAKS[path] = peak_memory(kernel)

    return notebooks.execute(path, on_cell_executed=measure)


@pytest.fixture
def stored(path):
    """저장된 노트북. MNIST를 읽는 장은 자료가 없으면 대체 자료로 끝까지 도는지만 봅니다."""
    notebook = nbformat.read(path, as_version=4)
    if "load_mnist" in path.read_text(encoding="utf-8"):
        try:
            datasets.load_mnist()
        except datasets.DatasetError:
            executed(path)
            pytest.skip(f"MNIST가 없어 {path.stem}은 실행만 하고 출력은 비교하지 않았습니다(WI_LIB_DATA_DIR).")
    return notebook


@each([*NOTEBOOKS, *SHEETS])
def test_outputs_are_reproduced(path, stored):
    changed = keep_stored(stored, copy.deepcopy(executed(path)))
    assert not changed, f"다시 실행하니 달라진 셀: {changed}. 의도한 변화라면 make execute로 저장하십시오."


@each(NOTEBOOKS)
def test_nbval_finds_the_same_outputs(path, stored, request, monkeypatch):
    """독자와 강의자가 쓰는 nbval의 규칙으로 견주어도 같습니다."""
    # nbval은 플러그인으로 읽지 않으므로 읽는 선택지를 적어 줍니다.
    for name in ("nbval_lax", "nbval_sanitize_with", "nbdime"):
        monkeypatch.setattr(request.config.option, name, None, raising=False)
    fresh = [cell.outputs for cell in executed(path).cells if cell.cell_type == "code"]
    cells = list(IPyNbFile.from_parent(request.session, path=path).collect())
    for cell, outputs in zip(cells, fresh, strict=True):
        assert cell.compare_outputs(outputs, cell.cell.outputs), cell.comparison_traceback


@pytest.mark.skipif(not MEASURABLE, reason="프로세스의 메모리를 적어 두는 /proc은 리눅스에만 있습니다.")
@each([*NOTEBOOKS, *SHEETS])
def test_kernel_fits_in_a_binder(path):
    executed(path)
    assert 0 < PEAKS[path] < MEMORY


@each([ROOT / "intro.ipynb"])
def test_running_twice_gives_the_same_bytes(path):
    """같은 기계에서 다시 실행하면 허용 오차에 기대지 않고도 바이트까지 같습니다."""
    assert nbformat.writes(notebooks.execute(path)) == nbformat.writes(executed(path))


def test_nbval_runs_as_a_reader_would():
    """첫 페이지는 nbval의 명령 그대로도 통과합니다."""
    command = [sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env", "-q", str(ROOT / "intro.ipynb")]
    # make soak의 꾸러미가 셀의 차례를 섞지 않게 합니다. 독자에게는 그 꾸러미가 없습니다.
    options = ["-o", "addopts=", "-o", "filterwarnings=default", "-p", "no:cacheprovider", "-p", "no:randomly"]
    env = {**os.environ, "TQDM_DISABLE": "1"}
    result = subprocess.run([*command, *options], cwd=ROOT, env=env, capture_output=True, encoding=SPOKEN)
    assert result.returncode == 0, result.stdout[-4000:]
