"""걸음이 늘어도 워커가 쓰는 메모리는 그대로인지."""

import pytest

from tests.browsing import Visit, served

from . import battery, grid
from .heap import WorkerHeap

pytestmark = pytest.mark.browser
TINY = {"data": "spiral", "depth": 2, "width": 4, "batch_size": 4}


@pytest.mark.parametrize("optimizer", battery.OPTIMIZERS)
def test_memory_stays_flat_over_a_hundred_thousand_steps(browser, tmp_path, optimizer):
    grid.write(tmp_path, "battery_page")
    with served(tmp_path) as url, Visit(browser, f"{url}/index.html") as visit:
        visit.tab.bring_to_front()
        heap, used = WorkerHeap(visit), {}
        for iterations in (1000, 1000, 100_000):
            setting = battery.DEFAULT | TINY | {"optimizer": optimizer, "iterations": iterations}
            shown = visit.tab.evaluate("trial", setting)
            assert shown["step"] == iterations
            used[iterations] = heap.used()
    # 걸음마다 수 하나만 남겨도 800 kB가 늘어납니다.
    assert used[100_000] - used[1000] < 300_000, used
