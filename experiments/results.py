"""실험 결과를 chapters/data에 저장합니다: 수치는 .npz, 설정과 판 번호는 곁의 .json."""

import json
import platform
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parents[1] / "chapters" / "data"


def save(name, arrays, settings):
    """임시 파일에 쓴 뒤 이름을 바꾸므로, 도중에 끊겨도 이전 결과가 남습니다."""
    versions = {"python": platform.python_version(), "numpy": np.__version__, "machine": platform.machine()}
    text = json.dumps({**settings, "versions": versions}, ensure_ascii=False, indent=1)
    for suffix, write in (
        (".npz", lambda path: np.savez_compressed(path, **arrays)),
        (".json", lambda path: path.write_text(text + "\n", encoding="utf-8")),
    ):
        temporary = FOLDER / f"{name}.tmp{suffix}"
        write(temporary)
        temporary.replace(FOLDER / f"{name}{suffix}")
