"""채점하는 커널의 울타리. 실수나 장난이 채점하는 기계와 다른 사람의 답을 해치지 못하게 합니다.

- 메모리와 파일 크기, 출력의 길이에 한도가 있습니다.
- 자기 폴더와 임시 폴더 밖의 파일을 쓰거나 지우지 못하고, 문제지의 원본과 다른 사람의 답을 읽지 못합니다.
- 다른 프로그램을 띄우거나 네트워크에 나가지 못합니다.

Python 안에서 하는 일이라 작정한 공격까지 막지는 못합니다. 그것은 bubblewrap이 있을 때의 감옥(`jail`)이 막고, 울타리는
그 안에서도 무엇이 왜 안 되는지를 우리말로 말합니다(instructors/grading.md).
"""

import concurrent.futures
import os
import re
import subprocess
import sys
from multiprocessing import heap, resource_tracker

GIB = 2**30
MEMORY, FILE_SIZE = 3 * GIB, GIB // 10
CPU = 900  # 초. 채점하는 쪽이 먼저 꺼져도 끝없는 셀이 영영 돌지는 않습니다.
FILES = 1024  # 한꺼번에 연 파일. 파이프의 메모리는 RLIMIT_AS에 들지 않습니다.
OUTPUT = 200_000  # 글자
# 파일을 바꾸는 일: 감사(audit) 사건의 이름 → 경로 인자의 자리.
CHANGES = {
    **dict.fromkeys(
        ("os.remove", "os.rmdir", "os.mkdir", "os.truncate", "os.chmod", "os.chown", "shutil.rmtree"), (0,)
    ),
    **dict.fromkeys(("os.rename", "os.link", "os.symlink", "shutil.move"), (0, 1)),
}
PROCESS = re.compile(r"/proc/(\d+)(?:/|$)")
FORBIDDEN = (
    *("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty", "pty.spawn"),
    *("_winapi.CreateProcess", "os.startfile"),
    # SQLite는 open을 거치지 않고 성적부를 읽고 고치며, prlimit은 채점하는 프로세스를 끝낼 수 있습니다.
    # sys.remote_exec은 채점하는 프로세스에 코드를 넣습니다(Python 3.14).
    *("sqlite3.connect", "resource.prlimit", "socket.sendmsg", "sys.remote_exec"),
    *("os.kill", "os.killpg", "socket.connect", "socket.bind", "socket.sendto", "socket.getaddrinfo"),
)
# 감사 사건 없이 프로세스를 띄우거나, 감시하는 것이 없는 해석기를 새로 만드는 모듈. 지우고 다시 읽는 것도 import입니다.
UNREADABLE = ("_posixsubprocess", "_interpreters", "_xxsubinterpreters", "_testcapi", "_testinternalcapi")
UNUSABLE = "채점하는 동안에는 쓸 수 없는 기능입니다: {}"


def limit_resources():
    try:
        import resource
    except ImportError:  # Windows
        return
    for name, most in {"AS": MEMORY, "FSIZE": FILE_SIZE, "CPU": CPU, "NOFILE": FILES, "CORE": 0}.items():
        kind = getattr(resource, f"RLIMIT_{name}")
        _, already = resource.getrlimit(kind)
        if already != resource.RLIM_INFINITY:
            most = min(most, already)
        resource.setrlimit(kind, (most, most))


def limit_output(stream):
    """write가 OUTPUT 글자를 넘기면 오류를 내게 합니다. 끝없는 출력은 채점하는 쪽의 메모리를 먹습니다."""
    written, write = 0, stream.write

    def limited(self, text):
        nonlocal written
        written += len(text)
        if written > OUTPUT:
            written = 0  # 오류 자체는 보여야 합니다.
            raise RuntimeError(f"출력이 {OUTPUT:,}자를 넘었습니다. 되풀이해 찍는 곳을 지우십시오.")
        return write(self, text)

    stream.write = limited


def limit_spawning():
    """multiprocessing의 spawn과 joblib이 쓰는 함수를 막습니다. 감사 사건이 나지 않아 Fence는 보지 못합니다.

    그 함수로 띄우는 resource_tracker는 미리 띄워 둡니다. 답이 쓴 공유 메모리를 커널이 끝난 뒤에 치우는 프로세스입니다.
    """
    try:
        import _posixsubprocess
    except ImportError:  # Windows
        return
    try:
        resource_tracker.ensure_running()
    except OSError:  # 감옥에서는 띄우지 못하지만, 공유 메모리가 감옥과 함께 사라져 치울 것도 없습니다.
        resource_tracker.register = resource_tracker.unregister = lambda *_: None

    def refused(*_):
        raise PermissionError(UNUSABLE.format("multiprocessing"))

    _posixsubprocess.fork_exec = subprocess._fork_exec = refused
    heap.Arena._dir_candidates = []  # Value와 Array도 /dev/shm이 아니라 자기 임시 폴더에 둡니다.
    # 3.14의 concurrent.futures는 해석기의 모듈을 미리 읽어 둡니다. 지우면 다시 읽을 때 Fence가 막습니다.
    if "InterpreterPoolExecutor" in concurrent.futures.__all__:
        concurrent.futures.__all__.remove("InterpreterPoolExecutor")
        del sys.modules["_interpreters"]
        concurrent.futures._interpreters = True  # 비우면 까닭 대신 그런 이름이 없다고 말합니다.


class Fence:
    """sys.addaudithook에 넘길 감시. own은 써도 되는 폴더, private는 읽어도 안 되는 폴더의 목록입니다."""

    def __init__(self, own, private):
        self.own, self.private = ([os.path.realpath(path) for path in paths] for paths in (own, private))

    def __call__(self, event, arguments):
        if event == "open":
            path, mode, flags = arguments
            if not isinstance(path, int):
                self.check_open(os.fsdecode(path), mode, flags)
        elif event in CHANGES:
            for at in CHANGES[event]:
                if not isinstance(arguments[at], int):
                    self.check_change(event, os.fsdecode(arguments[at]), arguments)
        elif event in FORBIDDEN:
            raise PermissionError(UNUSABLE.format(event))
        elif event == "import" and arguments[0].rpartition(".")[2] in UNREADABLE:
            raise ImportError(UNUSABLE.format(arguments[0]))

    def check_open(self, path, mode, flags):
        path = os.path.realpath(path)
        writes = set(mode or "") & set("wax+") or flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC)
        if writes and not self.inside(path, self.own) and path != os.devnull:
            raise PermissionError(f"채점하는 동안에는 자기 폴더 밖에 쓸 수 없습니다: {path}")
        process = PROCESS.match(path)  # 채점하는 프로세스의 메모리에는 학기의 비밀이 있습니다.
        if process and int(process[1]) != os.getpid():
            raise PermissionError(f"채점하는 동안에는 읽을 수 없는 파일입니다: {path}")
        if path.endswith("/environ") or (self.inside(path, self.private) and not self.inside(path, self.own)):
            raise PermissionError(f"채점하는 동안에는 읽을 수 없는 파일입니다: {path}")

    def check_change(self, event, path, arguments):
        # 열린 폴더(dir_fd)에서 본 이름이면 그 폴더부터 찾습니다. 찾지 못하면 막습니다.
        folder = next(
            (a for a in arguments[1:] if isinstance(a, int) and a >= 0 and event in ("os.remove", "os.rmdir")), None
        )
        if folder is not None:
            path = os.path.join(f"/proc/self/fd/{folder}", path)
        if not self.inside(os.path.realpath(path), self.own):
            raise PermissionError(f"채점하는 동안에는 자기 폴더 밖을 바꿀 수 없습니다: {event} {path}")

    @staticmethod
    def inside(path, folders):
        return any(path == folder or path.startswith(folder + os.sep) for folder in folders)
