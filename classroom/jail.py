"""리눅스의 bubblewrap(bwrap)으로 만드는 감옥. 채점하는 커널이 그 안에서 돕니다.

- 보이는 파일은 Python과 꾸러미, wi_lib과 wi_check, 커널에 필요한 classroom의 모듈뿐이고 읽기만 됩니다.
- 쓸 수 있는 곳은 크기가 정해진 임시 폴더와 공유 메모리뿐이고, 커널이 끝나면 사라집니다.
- 네트워크가 없고, 밖의 프로세스가 보이지 않고, 새 프로세스를 만들지 못하고, 환경 변수는 여기에서 정한 것뿐입니다.

메모리, CPU 시간, 파일의 크기는 커널이 스스로 묶습니다(`fence.limit_resources`). 프로세스가 하나뿐이니 그것이, 임시
폴더와 공유 메모리의 크기와 함께, 전체의 한도입니다.
"""

import errno
import functools
import json
import locale
import os
import platform
import shutil
import struct
import subprocess
import sys
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from .course import ROOT, course

SOCKETS, DATA = "/run/kernel", "/data"
# 쓸 수 있는 곳과 그 크기(바이트). 저장소가 /tmp에 있을 수도 있으므로 다른 데에 없을 이름을 씁니다.
OWN, MOST = "/grading", 256 * 2**20
SHARED = 64 * 2**20  # multiprocessing이 스레드끼리 쓰는 자물쇠와 공유 메모리를 두는 /dev/shm
WORK, TEMPORARY, HOME = f"{OWN}/work", f"{OWN}/temporary", f"{OWN}/home"
SYSTEM = ("/usr", "/bin", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime")
NEEDED = (
    *("wi_lib", "wi_check"),
    *(f"classroom/{name}.py" for name in ("__init__", "kernel", "fence", "pristine", "shell")),
)
# seccomp가 아는 기계의 이름과, 막는 시스템 호출의 그 기계에서의 번호. 새 기계를 더하려면 열 하나를 더합니다.
MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
REFUSED = {
    **{"fork": (57, None), "vfork": (58, None), "unshare": (272, 97), "setns": (308, 268), "mount": (165, 40)},
    **{"open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430), "ptrace": (101, 117)},
    # 메모리의 한도(RLIMIT_AS)에 들지 않는 메모리를 만드는 것
    **{"memfd_create": (319, 279), "memfd_secret": (447, 447), "shmget": (29, 194), "msgget": (68, 186)},
    **{"mq_open": (240, 180), "io_uring_setup": (425, 425), "userfaultfd": (323, 282)},
    **{"bpf": (321, 280), "perf_event_open": (298, 241)},
    **{"add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219)},
}
CLONE, CLONE3, CLONE_THREAD, X32 = (56, 220), 435, 0x10000, 0x40000000


def call_filter():
    """새 프로세스와 새 이름 공간, 크기를 셀 수 없는 메모리를 막는 seccomp 프로그램. 스레드는 됩니다.

    RLIMIT_NPROC은 root로 채점할 때 듣지 않고, 새 이름 공간 안에서는 크기에 한도가 없는 폴더를 만들 수 있습니다.
    """
    load, equal, at_least, any_bit, answer = 0x20, 0x15, 0x35, 0x45, 0x06
    allow, kill, refuse = 0x7FFF0000, 0x80000000, 0x50000
    machine = platform.machine()
    column = list(MACHINES).index(machine)
    steps = [(load, 0, 0, 4), (equal, 1, 0, MACHINES[machine]), (answer, 0, 0, kill), (load, 0, 0, 0)]
    steps += [(at_least, 0, 1, X32), (answer, 0, 0, refuse | errno.EPERM)]
    # clone3의 인자는 볼 수 없습니다. 없는 호출이라고 하면 glibc는 clone을 씁니다.
    steps += [(equal, 0, 1, CLONE3), (answer, 0, 0, refuse | errno.ENOSYS)]
    for numbers in REFUSED.values():
        if numbers[column]:
            steps += [(equal, 0, 1, numbers[column]), (answer, 0, 0, refuse | errno.EPERM)]
    steps += [(equal, 0, 3, CLONE[column]), (load, 0, 0, 16), (any_bit, 1, 0, CLONE_THREAD)]
    steps += [(answer, 0, 0, refuse | errno.EPERM), (answer, 0, 0, allow)]
    return b"".join(struct.pack("<HBBI", *step) for step in steps)


def installed():
    """Python과 꾸러미가 있는 폴더. 가상 환경의 Python은 다른 곳의 것을 가리킵니다."""
    packages = [Path(find_spec(name).origin).parents[1] for name in ("ipykernel", "numpy")]
    found = {Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).resolve().parents[1], *packages}
    found |= {path.resolve() for path in found}
    return sorted(path for path in found if not found & {*path.parents})


def data():
    """{감옥 안의 자리: 밖의 파일}: 내려받아 둔 MNIST와 글꼴의 목록. 감옥 안에서는 다시 만들거나 받지 못합니다."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    lists = (cache / "matplotlib").glob("fontlist*.json")
    found = {f"{HOME}/.cache/matplotlib/{path.name}": path for path in lists}
    own = os.environ.get("WI_LIB_DATA_DIR")
    return found | ({DATA: Path(own).absolute()} if own else {f"{HOME}/.cache/wi_lib": cache / "wi_lib"})


def arguments(environment, files):
    """bwrap의 인자. files는 그 자리 그대로 보이는 파일입니다."""
    shown = {str(path): path for path in (*SYSTEM, *installed(), *(ROOT / name for name in NEEDED), *files)}
    binds = [("--ro-bind-try", source, place) for place, source in (shown | data()).items()]
    told = {"HOME": HOME, "TMPDIR": TEMPORARY, "LANG": "C.UTF-8"}
    told |= environment | ({"WI_LIB_DATA_DIR": DATA} if os.environ.get("WI_LIB_DATA_DIR") else {})
    return [
        *("--unshare-all", "--unshare-user", "--uid", "1000", "--gid", "1000", "--hostname", "grading"),
        *("--die-with-parent", "--new-session", "--as-pid-1", "--cap-drop", "ALL", "--clearenv"),
        *(word for name, value in told.items() for word in ("--setenv", name, str(value))),
        *("--proc", "/proc", "--dev", "/dev", "--size", "65536", "--tmpfs", "/run"),
        *("--size", str(SHARED), "--tmpfs", "/dev/shm", "--size", str(MOST), "--tmpfs", OWN),
        *(word for folder in (WORK, TEMPORARY, f"{HOME}/.config/matplotlib") for word in ("--dir", folder)),
        *(str(word) for bind in binds for word in bind),
        # root로 채점하면 /proc의 설정 파일까지 쓸 수 있으므로 읽기만 되게 둡니다.
        *("--chdir", WORK, "--remount-ro", "/proc", "--remount-ro", "/dev", "--remount-ro", "/"),
    ]


@contextmanager
def locked(command, environment=(), files=()):
    """감옥에서 도는 명령. (명령, Popen에 넘길 fd, 띄운 다음에 부르면 밖에서 본 pid를 돌려주는 함수)를 줍니다."""
    (filter_end, filling), (report, told) = os.pipe(), os.pipe()
    os.write(filling, call_filter())
    os.close(filling)
    ends = {filter_end, told}

    def pid():
        while ends:
            os.close(ends.pop())
        with open(report, closefd=False, encoding="utf-8") as file:
            return json.load(file)["child-pid"]

    wrapped = ["bwrap", *arguments(dict(environment), files), "--seccomp", str(filter_end), "--info-fd", str(told)]
    try:
        yield [*wrapped, "--", *command], tuple(ends), pid
    finally:
        for end in (*ends, report):
            os.close(end)


@functools.cache
def trouble():
    """감옥을 쓸 수 없는 까닭. 쓸 수 있으면 None입니다. 이름 공간을 막은 기계도 있으므로 정말 한 번 띄워 봅니다."""
    if not shutil.which("bwrap"):
        return "bubblewrap이 없습니다."
    if platform.machine() not in MACHINES:
        return f"이 기계({platform.machine()})에서 막을 시스템 호출의 번호를 모릅니다."
    wide = [p for p in (*map(Path, SYSTEM), *installed()) if any(p in (f, *f.parents) for f in (ROOT, course()))]
    if wide:
        return f"Python이 설치된 폴더({wide[0]}) 안에 이 저장소나 수업의 폴더가 있습니다."
    with locked([sys.executable, "-I", "-c", ""]) as (command, fds, _):
        spoken = locale.getpreferredencoding(False)
        ran = subprocess.run(command, pass_fds=fds, capture_output=True, encoding=spoken, errors="replace")
    return ran.stderr.strip() or f"bwrap이 {ran.returncode}로 끝났습니다." if ran.returncode else None
