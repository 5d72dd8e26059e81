"""수업의 폴더에서 한 번에 한 가지 일만 하게 합니다."""

import os
import sqlite3
from contextlib import closing, contextmanager
from datetime import datetime

from .course import FOLDER, course


@contextmanager
def alone(command):
    """with 안에서 이 명령만 수업의 폴더를 바꿉니다. 다른 명령이 돌고 있으면 그것이 무엇인지 말하고 멈춥니다.

    파일을 읽거나 쓰지 못하면 어느 것인지 말하고 멈춥니다. SQLite의 잠금은 프로세스가 어떻게 끝나든 운영 체제가 풉니다.
    그래서 전원이 나가도 낡은 잠금이 남지 않습니다.
    """
    # nbgrader는 폴더의 이름을 파일 이름의 무늬와 주소로도 읽습니다. ?가 있으면 성적부가 다른 폴더에 생깁니다.
    if odd := sorted({*str(course())} & {*"[]*?%"}):
        raise SystemExit(
            f"수업의 폴더 {course()}의 이름에 {' '.join(odd)}이(가) 있으면 nbgrader가 잘못 읽습니다. "
            f"그 글자가 없는 폴더를 {FOLDER}에 적으십시오."
        )
    try:
        with _locked(command):
            yield
    except OSError as error:
        todo = "디스크의 빈 자리와 폴더의 권한을 보고 다시 부르십시오."
        raise SystemExit(f"파일을 읽거나 쓰지 못해 멈췄습니다. {todo} ({error})") from error


@contextmanager
def _locked(command):
    note = course() / "running.txt"
    course().mkdir(parents=True, exist_ok=True)
    note.touch()  # 쓸 수 없는 폴더이면 여기에서 OSError입니다.
    with closing(sqlite3.connect(course() / "running.db", timeout=0, isolation_level=None)) as lock:
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
            other = note.read_text(encoding="utf-8")
            raise SystemExit(f"{course()}에서 다른 일이 돌고 있습니다: {other}. 끝난 뒤에 다시 부르십시오.") from None
        began = f"{datetime.now():%Y-%m-%d %H:%M:%S}"
        note.write_text(f"{command}, 프로세스 {os.getpid()}, {began}에 시작", encoding="utf-8")
        yield
        note.unlink()
