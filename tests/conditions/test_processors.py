"""오래된 프로세서와 여러 스레드에서도 모든 노트북이 저장된 글과 그림을 내고, 커널은 Binder의 1 GB에 듭니다."""

import nbformat
import psutil
import pytest

from tests.chapters.test_notebooks import MEMORY, SHEETS
from tests.explored import NOTEBOOKS
from tests.memory import MEASURABLE, peak_memory
from tests.processors import PROCESSORS
from tools import notebooks
from tools.outputs import keep_stored
from wi_lib import datasets


@pytest.fixture(autouse=True)
def needs_mnist(path):
    if "load_mnist" in path.read_text(encoding="utf-8"):
        try:
            datasets.load_mnist()
        except datasets.DatasetError:
            pytest.skip("MNIST가 없어 출력을 견줄 수 없습니다(WI_LIB_DATA_DIR).")


@pytest.mark.parametrize("path", [*NOTEBOOKS, *SHEETS], ids=lambda path: f"{path.parent.name}-{path.stem}")
@pytest.mark.parametrize("name", PROCESSORS)
def test_outputs_do_not_depend_on_the_processor(name, path, monkeypatch):
    for variable, value in PROCESSORS[name].items():
        monkeypatch.setenv(variable, value)
    peaks = [0]

    def measure(**_):
        [kernel] = [child for child in psutil.Process().children() if "ipykernel_launcher" in child.cmdline()]
        peaks.append(peak_memory(kernel))

    fresh = notebooks.execute(path, on_cell_executed=measure)
    assert keep_stored(nbformat.read(path, as_version=4), fresh) == []
    assert max(peaks) < MEMORY or not MEASURABLE
    print(f"{path.parent.name}/{path.stem}: {max(peaks):.0f} MiB")
