"""zip 안의 파일. 디스크에 풀지 않고 읽으며, 속이는 경로와 zip 폭탄을 거절합니다."""

import errno
import shutil
import stat
import struct
import tempfile
import zipfile
import zlib
from contextlib import contextmanager
from datetime import datetime, timedelta

from .cells import Refused
from .files import UNKNOWN, File, modified, readable

DEPTH = 4  # LMS의 zip 안에 학생의 zip, 그 안에 또 zip
ENTRIES = 100_000
FULL = (errno.ENOSPC, errno.EDQUOT)
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)
BROKEN += (OSError, ValueError, struct.error, OverflowError, ImportError)


class Budget:
    """받은 zip 하나를 푸는 데 쓸 수 있는 바이트. 노트북은 백 배까지 압축되지 않습니다."""

    def __init__(self, size):
        self.left = 100 * size + 50_000_000

    def spend(self, size):
        self.left -= size
        if self.left < 0:
            raise Refused("zip을 풀면 터무니없이 커집니다(zip 폭탄). 열지 않았습니다.")


@contextmanager
def damaged():
    """깨진 zip에서 나는 갖가지 오류를 `Refused`로 바꿉니다. 디스크가 찬 것은 파일의 탓이 아니므로 그대로 둡니다."""
    try:
        yield
    except BROKEN as error:
        if isinstance(error, Refused) or getattr(error, "errno", None) in FULL:
            raise
        raise Refused(
            f"zip에서 꺼낼 수 없습니다({type(error).__name__}). 잘렸거나 깨졌습니다. 다시 받으십시오."
        ) from error


def name_of(info):
    """zip에 적힌 이름. UTF-8이라는 표시가 없으면 macOS는 UTF-8로, 한국어 Windows는 CP949로 적은 것입니다."""
    name = info.filename
    if not info.flag_bits & 0x800:
        raw = name.encode("cp437", "replace")
        for encoding in ("utf-8", "cp949"):
            try:
                name = raw.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
    return name.replace("\\", "/")


def changed(info):
    """바뀐 시각. zip의 시각은 압축한 컴퓨터의 지역 시각이고, 덧붙인 칸(Unix, NTFS)의 것은 UTC입니다."""
    rest = info.extra
    while len(rest) >= 4:
        tag, size = struct.unpack_from("<HH", rest)
        body, rest = rest[4 : 4 + size], rest[4 + size :]
        if tag == 0x5455 and len(body) >= 5 and body[0] & 1:
            # 부호 없이 읽어야 2038년 뒤의 시각이 1901년이 되지 않습니다.
            return modified(struct.unpack_from("<I", body, 1)[0])
        if tag == 0x000A and len(body) >= 16:
            since_1601 = struct.unpack_from("<Q", body, 8)[0] // 10**7
            return modified(since_1601 - timedelta(days=134_774).total_seconds())
    try:
        return modified(datetime(*info.date_time).timestamp())
    except (ValueError, OverflowError, OSError):
        return UNKNOWN


def trick(name, info):
    """이름이나 모양이 수상한 까닭."""
    folders = name.split("/")
    if name.startswith("/") or ".." in folders or folders[0][1:2] == ":":
        return "경로가 zip의 밖을 가리킵니다. 파일만 다시 압축해 내십시오."
    if stat.S_ISLNK(info.external_attr >> 16):
        return "파일을 가리키는 링크입니다. 파일 자체를 내십시오."
    if info.flag_bits & 1:
        return "zip에 암호가 걸려 있습니다. 암호 없이 다시 내십시오."
    return ""


def members(file, budget=None, depth=1):
    """zip인 file 안의 파일마다 `File` 하나."""
    budget = budget or Budget(file.size)
    with tempfile.SpooledTemporaryFile(2**25) as spooled:
        try:
            with damaged():
                stream = file.open() if depth == 1 else unpacked(file, spooled)
        except Refused as refused:
            yield File(file.parts, problem=str(refused))
            return
        with stream:
            yield from entries(file, stream, budget, depth)


def unpacked(file, spooled):
    """zip 안의 zip. 앞뒤로 옮겨 다니며 읽을 수 있게 풀어 둡니다."""
    file.spend(file.size)
    with file.open() as stream:
        shutil.copyfileobj(stream, spooled)
    return spooled


def entries(file, stream, budget, depth):
    try:
        with damaged():
            archive = zipfile.ZipFile(stream)
        if len(archive.filelist) > ENTRIES:
            raise Refused(f"zip에 파일이 {len(archive.filelist):,}개 들어 있습니다. 노트북만 압축해 내십시오.")
    except Refused as refused:
        yield File(file.parts, problem=str(refused))
        return
    with archive:
        # 이름이 /로 끝나도 내용이 있으면 파일입니다.
        infos = [info for info in archive.infolist() if info.file_size or not info.is_dir()]
        if not infos:
            yield File(file.parts, problem="zip에 파일이 하나도 없습니다. 노트북을 압축해 다시 내십시오.")
        for info in sorted(infos, key=lambda info: info.filename):
            name = name_of(info)
            parts = tuple(readable(part) for part in name.split("/") if part not in ("", ".")) or ("이름 없음",)
            member = File((*file.parts, *parts), changed(info), info.file_size, opener(archive, info))
            member.problem, member.spend = trick(name, info), budget.spend
            yield from one(member, budget, depth)


def opener(archive, info):
    @contextmanager
    def open_member():
        with damaged(), archive.open(info) as stream:
            yield stream

    return open_member


def one(member, budget, depth):
    try:
        zipped = member.is_zip()
    except Refused as refused:
        zipped, member.problem = False, str(refused)
    if zipped and depth == DEPTH:
        member.problem = f"zip 안에 zip이 {DEPTH}겹을 넘습니다. 노트북을 그대로 내십시오."
    if zipped and depth < DEPTH:
        yield from members(member, budget, depth + 1)
    else:
        yield member
