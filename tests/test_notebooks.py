"""노트북을 다시 실행해도 저장된 출력이 나오는지: 글은 글자까지, 그림은 tools.notebooks의 허용 오차까지."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from tools import notebooks
from wi_lib import datasets

ROOT = Path(__file__).parents[1]
NOTEBOOKS = [ROOT / "intro.ipynb", *sorted((ROOT / "chapters").glob("*.ipynb"))]


def names(paths):
    return [path.stem for path in paths]


@pytest.fixture(scope="session")
def has_mnist():
    try:
        datasets.load_mnist()
    except datasets.DatasetError:
        return False
    return True


@pytest.mark.parametrize("path", NOTEBOOKS, ids=names(NOTEBOOKS))
def test_outputs_are_reproduced(path, has_mnist):
    """MNIST가 없으면 6장은 대체 자료로 끝까지 도는지만 봅니다."""
    fresh = notebooks.execute(path)
    changed = notebooks.keep_stored(nbformat.read(path, as_version=4), fresh)
    if path.stem == "06_mnist" and not has_mnist:
        pytest.skip("MNIST가 없어 6장은 실행만 하고 출력은 비교하지 않았습니다(WI_LIB_DATA_DIR).")
    assert not changed, f"다시 실행하니 달라진 셀: {changed}. 의도한 변화라면 make execute로 저장하십시오."


@pytest.mark.parametrize("path", NOTEBOOKS, ids=names(NOTEBOOKS))
def test_nbval(path, has_mnist):
    """독자와 강의자가 쓰는 nbval로도 그대로 통과해야 합니다."""
    mode = "--nbval-lax" if path.stem == "06_mnist" and not has_mnist else "--nbval"
    command = [sys.executable, "-m", "pytest", mode, "--nbval-current-env", "-q", str(path)]
    options = ["-o", "addopts=", "-o", "filterwarnings=default", "-p", "no:cacheprovider"]
    env = {**os.environ, "TQDM_DISABLE": "1"}
    result = subprocess.run([*command, *options], cwd=ROOT, env=env, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout[-4000:]
