"""잰 기계의 이름."""

import os
import platform
from pathlib import Path


def machine():
    cpuinfo = Path("/proc/cpuinfo")  # 리눅스에만 있습니다.
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.exists() else []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else platform.processor()}, 코어 {os.cpu_count()}개(스레드 하나로 잼)"
