"""엔진을 Chromium의 워커에서 돌리는 페이지. 책의 페이지와 같은 정책(CSP) 아래서, 서버에서도 파일에서도 열립니다."""

import base64
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from book.shared_files import POLICY
from tests.browsing import Visit
from wi_lib.datasets import Dataset
from wi_lib.lab import bundle

HERE = Path(__file__).parent
PAGE = """<!DOCTYPE html><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}"><title>시험</title><script src="grid.js"></script>"""


@dataclass
class Run:
    """엔진이 학습시킨 것: 뽑은 가중치를 이어 붙인 것, 걸음마다의 손실(발산한 뒤는 NaN), 정확도(발산하면 NaN)."""

    weights: np.ndarray
    losses: np.ndarray
    accuracy: float


def write(folder: Path) -> None:
    worker = bundle.joined("engine") + (HERE / "grid_worker.js").read_text(encoding="utf-8")
    script = f"const ENGINE = {json.dumps(worker)};\n" + (HERE / "grid_page.js").read_text(encoding="utf-8")
    (folder / "grid.js").write_text(f'"use strict";\n{script}', encoding="utf-8")
    (folder / "index.html").write_text(PAGE.format(policy=POLICY.format(hashes="")), encoding="utf-8")


def letters(data: Dataset) -> dict[str, str]:
    """화소와 레이블을 글자 하나씩으로."""
    pixels = np.array(list("0123456789abcdefg"))
    texts = {name: pixels[(getattr(data, name) * 16).astype(int).ravel()] for name in ("x_train", "x_test")}
    labels = {name: getattr(data, name).astype(str) for name in ("y_train", "y_test")}
    return {name: "".join(values) for name, values in (texts | labels).items()}


def train(visit: Visit, data: Dataset, runs: list[dict[str, object]]) -> list[Run]:
    results = visit.tab.evaluate("([digits, runs]) => train(digits, runs)", [letters(data), runs])
    assert not visit.errors
    assert not visit.outside
    read = [(*map(base64.b64decode, encoded), accuracy) for *encoded, accuracy in results]
    return [Run(np.frombuffer(w, "f4"), np.frombuffer(losses, "f8"), accuracy) for w, losses, accuracy in read]
