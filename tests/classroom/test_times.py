"""낸 시각: 시간대가 달라도, 2038년이 지나도, 말이 안 되는 시각이 적혀 있어도."""

import struct
import time
import zipfile
from datetime import UTC, datetime

import pytest

from classroom import archives
from classroom.files import UNKNOWN, modified
from tests.classroom.test_collecting import MARCH

UNIX = struct.pack("<HHBi", 0x5455, 5, 1, MARCH)
NTFS = struct.pack("<HHIHHQQQ", 0x000A, 32, 0, 1, 24, (MARCH + 11_644_473_600) * 10**7, 0, 0)


@pytest.mark.parametrize("zone", ["Asia/Seoul", "UTC", "America/St_Johns", "Pacific/Kiritimati"])
@pytest.mark.skipif(not hasattr(time, "tzset"), reason="Windows의 Python은 TZ를 다시 읽지 못합니다.")
def test_zip_times_are_local_unless_they_say_otherwise(zone, monkeypatch):
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    local = datetime.fromtimestamp(MARCH)
    at = datetime.fromtimestamp(MARCH, UTC)
    plain = zipfile.ZipInfo("a", local.timetuple()[:6])
    assert archives.changed(plain) == at
    for extra in (UNIX, NTFS, b"\x01\x00\x04\x00abcd" + UNIX):
        plain.extra = extra
        plain.date_time = (2020, 1, 1, 0, 0, 0)
        assert archives.changed(plain) == at
    plain.extra, plain.date_time = b"\x55\x54\xff", (1980, 0, 0, 0, 0, 0)
    assert archives.changed(plain) == UNKNOWN
    monkeypatch.undo()
    time.tzset()


def test_times_after_2038():
    """2038년 1월 19일이 지나면 부호 있는 32비트의 초는 1901년으로 돌아갑니다. 앞날의 시각은 지금으로 봅니다."""
    later = zipfile.ZipInfo("a", (2020, 1, 1, 0, 0, 0))
    later.extra = struct.pack("<HHBI", 0x5455, 5, 1, 2**31 + 1)
    assert archives.changed(later) > datetime(2026, 1, 1, tzinfo=UTC)


def test_impossible_times():
    assert modified(10**20) == modified(-(10**20)) == UNKNOWN
    assert modified(4_000_000_000) <= datetime.now(UTC)
