"""받은 파일 하나: 이름, 시각, 크기, 읽는 법, 그리고 열어 보기 전에 아는 것."""

import io
import os
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePath

from .submission import LARGEST

UNKNOWN = datetime(1980, 1, 1, tzinfo=UTC)  # 시각을 알 수 없는 파일은 무엇에도 앞서지 못합니다.
JUNK = {".ds_store", "thumbs.db", "ehthumbs.db", "desktop.ini", "__macosx", "icon�"}
# 노트북일 수도 있는 이름의 끝. 나머지는 열어 보지 않습니다.
MAYBE = {"", ".json", ".txt", ".zip", ".download", ".part", ".tmp", ".bin"}
AUTOSAVED = {".ipynb_checkpoints", ".history", ".virtual_documents"}
PACKED = {".7z", ".rar", ".egg", ".alz", ".tar", ".gz", ".tgz", ".xz", ".bz2", ".lzh", ".zst"}
ZIP = (b"PK\x03\x04", b"PK\x05\x06")
JSON = (b"{", b"\xff\xfe", b"\xfe\xff")


@dataclass
class File:
    """parts는 받은 폴더에서 본 경로(zip의 이름도 한 자리), problem은 읽어 보기 전에 이미 아는 거절의 까닭입니다."""

    parts: tuple[str, ...]
    changed: datetime = UNKNOWN
    size: int = 0
    open: Callable = io.BytesIO
    problem: str = ""
    spend: Callable = lambda size: None  # 푸는 데 드는 바이트를 예산에서 뺍니다.

    def __str__(self):
        return "/".join(self.parts)

    @property
    def name(self):
        return self.parts[-1].casefold()

    @property
    def ending(self):
        return PurePath(self.name).suffix

    @property
    def junk(self):
        return any(part.casefold() in JUNK or part.startswith(("._", "~$")) for part in self.parts)

    @property
    def checkpoint(self):
        """JupyterLab이나 VS Code가 저절로 저장해 둔 것. 학생이 낸 것이 아닙니다."""
        return not AUTOSAVED.isdisjoint(self.parts) or "-checkpoint.ipynb" in self.name

    def read(self):
        self.spend(self.size)
        with self.open() as stream:
            return stream.read(LARGEST + 1)

    def is_zip(self):
        """이름이 아니라 첫머리로 zip을 알아봅니다. zip도 노트북도 아닌 것에는 problem을 적습니다."""
        self.problem = self.problem or unwanted(self)
        if self.problem or self.junk:
            return False
        with self.open() as stream:
            start = stream.read(64)
        likely = start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(JSON)
        if self.ending == ".zip" and not likely and not start.startswith(ZIP):
            self.problem = "zip을 열 수 없습니다(zip이 아니거나 깨진 파일). 다시 받으십시오."
        elif "ipynb" not in self.name and not likely and not start.startswith(ZIP):
            self.problem = not_notebook(self)
        return start.startswith(ZIP)


def not_notebook(file):
    return f"노트북(.ipynb)이 아닙니다({file.ending or '이름에 확장자 없음'}). JupyterLab에서 저장한 노트북을 내십시오."


def unwanted(file):
    """이름만으로 노트북도 zip도 아닌 까닭."""
    if "ipynb" in file.name or file.ending in MAYBE:
        return ""
    if file.ending in PACKED:
        return f"{file.ending} 압축은 열지 못합니다. 압축을 풀어 노트북(.ipynb)을 두거나 zip으로 다시 받으십시오."
    return not_notebook(file)


def readable(name):
    """사람이 읽을 수 있는 이름. Windows에서 만든 zip을 리눅스에서 풀면 CP949의 바이트가 그대로 이름이 됩니다."""
    try:
        name.encode()
    except UnicodeEncodeError:
        name = os.fsencode(name).decode("cp949", "replace")
    return "".join(each if each.isprintable() else "�" for each in unicodedata.normalize("NFC", name))


def modified(seconds):
    """파일의 시각. timestamp.txt에 초까지만 적으므로 초까지만 견줍니다. 앞날의 시각은 지금으로 봅니다."""
    try:
        return min(datetime.fromtimestamp(int(seconds), UTC), datetime.now(UTC).replace(microsecond=0))
    except (ValueError, OverflowError, OSError):
        return UNKNOWN
