"""`python -m tests.experiments.started 폴더 [wait]`: 모듈로 부른 실험. wait이면 마지막 하나가 끝나지 않습니다."""

import sys
import time
from pathlib import Path

from experiments import store
from experiments.sweeps import sweep


def run(n, waits):
    while waits and n == 2:
        time.sleep(1)
    return {"value": n**2}


if __name__ == "__main__":
    store.UNFINISHED = Path(sys.argv[1])
    found = sweep("started", [{"n": n, "waits": "wait" in sys.argv} for n in range(3)], run)
    print(store.module_name(run), *(int(each["value"]) for each in found))
