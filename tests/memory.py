"""프로세스가 쓴 메모리."""

import re
from contextlib import suppress
from pathlib import Path

MEASURABLE = Path("/proc/self/status").exists()


def peak_memory(process):
    """process와 거기에서 나온 프로세스가 가장 많이 쓴 메모리를 더한 MiB. 주소만 잡아 둔 것은 세지 않습니다."""
    kilobytes = 0
    for each in (process, *process.children(recursive=True)):
        with suppress(FileNotFoundError, ProcessLookupError):  # 그사이에 끝난 것.
            status = Path(f"/proc/{each.pid}/status").read_text(encoding="utf-8")
            kilobytes += int(re.search(r"VmHWM:\s+(\d+)", status)[1])
    return kilobytes / 1024
