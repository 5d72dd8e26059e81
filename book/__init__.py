"""노트북을 사이트로 만드는 Sphinx 확장.

- 읽을 때: 노트북을 한 번 읽어 고치고(notebook), 연습의 풀이를 접고(exercises), 걸리는 시간을 셉니다(minutes).
- 쓸 때: 머리말(head), 찾기의 색인(search), 우리말(korean), 없는 주소의 페이지(not_found)를 보탭니다.
- 다 쓴 뒤: 페이지마다 한 번 읽어, pages.STEPS의 차례대로 마무리하고, 한 번 씁니다.
"""

import zlib
from pathlib import Path

from . import (
    exercises,
    formulas,
    head,
    korean,
    launch,
    minutes,
    not_found,
    notebook,
    pages,
    predictions,
    search,
    sitemap,
    unfinished,
)


def fingerprint():
    """이 확장과 그것이 부르는 코드의 지문. 코드가 바뀌면 Sphinx는 저장해 둔 것을 버리고 모든 쪽을 다시 읽습니다."""
    root = Path(__file__).parents[1]
    paths = sorted(path for room in ("book", "classroom", "publish") for path in (root / room).rglob("*.py"))
    return zlib.crc32(b"".join(path.read_bytes() for path in paths))


def setup(app):
    for part in (
        launch,
        notebook,
        exercises,
        predictions,
        minutes,
        search,
        korean,
        head,
        not_found,
        formulas,
        pages,
        sitemap,
        unfinished,
    ):
        part.setup(app)
    return {"env_version": fingerprint(), "parallel_read_safe": True, "parallel_write_safe": True}
