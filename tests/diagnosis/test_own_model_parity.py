"""'내 모델에 쓰기'의 프레임워크마다의 예가 적힌 대로 찍습니다(make parity)."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "own_model.ipynb"
TEXT = "\n".join("".join(cell["source"]) for cell in json.loads(PAGE.read_text(encoding="utf-8"))["cells"])
EXAMPLES = re.findall(r"(?s)```python\n(import (?:(?!```).)*?)\n```\n\n```text\n(.+?)\n```", TEXT)
FRAMEWORKS = {name: pair for name in ("torch", "keras", "flax") for pair in EXAMPLES if name in pair[0]}


@pytest.mark.parametrize("framework", ["torch", "keras", "flax"])
def test_the_example_prints_what_the_page_says(framework):
    """프로세스를 새로 띄워, 다른 시험이 바꾼 난수나 뒷단에 기대지 않습니다."""
    pytest.importorskip(framework)
    code, told = FRAMEWORKS[framework]
    environment = {**os.environ, "KERAS_BACKEND": "jax", "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", env=environment, cwd=PAGE.parent, check=True)
    assert done.stdout.strip() == told
