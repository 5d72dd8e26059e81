"""기계의 인코딩이 UTF-8이 아니어도: 한국어 Windows와 오래된 리눅스."""

import os
import subprocess
import sys

from classroom import course
from tests.browsing import ROOT

GRADE = "from classroom import runs; runs.nbgrader('autograde', '없는 장', [])"


def test_logs_are_written_in_utf8(tmp_path):
    """feedback이 까닭을 찾아 읽는 기록입니다. nbgrader는 폴더의 이름을 그 프로세스의 인코딩으로 적습니다."""
    folder = tmp_path / "봄 수업"
    folder.mkdir()
    environment = {**os.environ, course.FOLDER: str(folder), "PYTHONIOENCODING": "cp949"}
    subprocess.run([sys.executable, "-c", GRADE], cwd=ROOT, env=environment, check=True)
    assert str(folder) in (folder / "logs" / "autograde-없는 장.log").read_text(encoding="utf-8")
