"""엔진을 Chromium의 워커에서 돌리는 페이지. 책의 페이지와 같은 정책(CSP) 아래서, 서버에서도 파일에서도 열립니다."""

import base64
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from book.shared_files import POLICY
from tests.browsing import Visit
from wi_lib.lab import bundle, digits

HERE = Path(__file__).parent
PAGE = """<!DOCTYPE html><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}"><title>시험</title><script src="page.js"></script>"""


@dataclass
class Run:
    """엔진이 학습시킨 것: 뽑은 가중치를 이어 붙인 것, `reference.record`와 같은 꼴의 기록, 정확도(발산하면 NaN)."""

    weights: np.ndarray
    record: np.ndarray
    accuracy: float


def write(folder: Path, name: str, worker: str = "") -> None:
    """워커에서 엔진(뒤에 worker를 붙인 것)을 부르는 스크립트 name의 페이지를 folder에 둡니다."""
    engine = bundle.engine() + (source(worker) if worker else "")
    constants = f"const ENGINE = {json.dumps(engine)};\nconst DIGITS = {json.dumps(digits.packed())};\n"
    script = source(name)
    (folder / "page.js").write_text(f'"use strict";\n{constants}{script}', encoding="utf-8")
    (folder / "index.html").write_text(PAGE.format(policy=POLICY.format(hashes="")), encoding="utf-8")


def source(name: str) -> str:
    return (HERE / f"{name}.js").read_text(encoding="utf-8")


def train(visit: Visit, runs: list[dict[str, object]]) -> list[Run]:
    results = visit.tab.evaluate("train", runs)
    assert not visit.errors
    assert not visit.outside
    read = [(*map(base64.b64decode, encoded), accuracy) for *encoded, accuracy in results]
    return [Run(np.frombuffer(w, "f4"), np.frombuffer(record, "f8"), accuracy) for w, record, accuracy in read]
