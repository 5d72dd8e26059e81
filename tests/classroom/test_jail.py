"""감옥: Python의 울타리를 끄고, 파이썬과 셸과 ctypes로 밖을 읽고 쓰고 밖과 이야기하려 해 봅니다."""

import json
import os
import resource
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from classroom import jail
from classroom.course import EXERCISES, FOLDER, ROOT, SECRET
from classroom.execution import GuardedExecute
from classroom.launch import protection
from tests.speaking import SPOKEN

pytestmark = pytest.mark.xdist_group("rough")
# 감옥을 쓸 수 없으면 건너뛰되, WI_LIB_REQUIRE_JAIL이 있으면 실패합니다.
if trouble := jail.trouble():
    if os.environ.get("WI_LIB_REQUIRE_JAIL"):
        raise RuntimeError(f"감옥이 있어야 합니다: {trouble}")
    pytest.skip(f"*** 감옥을 시험하지 못했습니다: {trouble} ***", allow_module_level=True)
# 이름 → 코드. 막히면 OSError, MemoryError, RuntimeError 가운데 하나가 나야 합니다. c는 -1을 OSError로 바꿉니다.
ATTEMPTS = {
    "다른 사람의 답": "open(course + '/submitted/other/05_he/05_he.ipynb').read()",
    "성적부": "open(course + '/gradebook.db', 'rb').read()",
    "숨은 시험": "open(exercises + '/05_he.ipynb').read()",
    "수업의 폴더": "os.listdir(course)",
    "채점하는 프로세스의 환경": "open(f'/proc/{grader}/environ').read()",
    "부모의 환경": "open(f'/proc/{os.getppid()}/environ').read()",
    "ctypes로 성적부": "c(libc.open((course + '/gradebook.db').encode(), os.O_RDONLY))",
    "성적부에 쓰기": "open(course + '/gradebook.db', 'w')",
    "wi_lib에 쓰기": "open(root + '/wi_lib/mine.py', 'w')",
    "저장소에 쓰기": "open(root + '/mine.py', 'w')",
    "Python에 쓰기": "open(sys.prefix + '/mine', 'w')",
    "뿌리에 쓰기": "open('/mine', 'w')",
    "dev에 쓰기": "open('/dev/mine', 'w')",
    "커널의 설정에 쓰기": "open('/proc/sys/kernel/printk', 'r+')",
    "ctypes로 쓰기": "c(libc.open((root + '/mine').encode(), os.O_WRONLY | os.O_CREAT, 0o600))",
    "이 기계로 TCP": "socket.create_connection(('127.0.0.1', port), 2)",
    "밖으로 TCP": "socket.create_connection(('192.0.2.1', 80), 2)",
    "밖으로 UDP": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53))",
    "이름 찾기": "socket.getaddrinfo('example.org', 80)",
    "이름 없는 유닉스 소켓": "socket.socket(socket.AF_UNIX).connect(chr(0) + abstract)",
    "ctypes로 TCP": "c(libc.connect(c(libc.socket(socket.AF_INET, socket.SOCK_STREAM, 0)), address, len(address)))",
    "fork": "os.fork() or os._exit(0)",
    "subprocess": "subprocess.run(['true'])",
    "posix_spawn": "os.posix_spawn('/bin/true', ['true'], {})",
    "세션을 떠난 프로세스": "os.setsid(); os.fork() or os._exit(0)",
    "ctypes로 fork": "c(libc.fork()) or os._exit(0)",
    "ctypes로 clone": "c(libc.syscall(clone, signal.SIGCHLD, 0, 0, 0, 0)) or os._exit(0)",
    "ctypes로 clone3": "c(libc.syscall(435, (ctypes.c_uint64 * 8)(0, 0, 0, 0, signal.SIGCHLD), 64)) or os._exit(0)",
    "채점하는 프로세스 죽이기": "os.kill(grader, 0)",
    "모두 죽이기": "os.kill(-1, signal.SIGKILL)",
    "ctypes로 죽이기": "c(libc.kill(grader, 0))",
    "ptrace": "c(libc.ptrace(16, grader, 0, 0))",
    "새 이름 공간": "c(libc.unshare(0x10000000))",
    "새 파일 시스템": "c(libc.mount(b'x', b'/run', b'tmpfs', 0, 0))",
    "셀 수 없는 메모리": "os.memfd_create('x')",
    "함께 쓰는 메모리": "c(libc.shmget(0, 2**20, 0o1600))",
    "메모리": "bytearray(4 * 2**30)",
    "디스크": "fill()",
    "공유 메모리": "open('/dev/shm/mine', 'wb').write(bytes(2**27))",
    "스레드": "crowd()",
}
PROBE = """
import ctypes, json, os, signal, socket, struct, subprocess, sys, threading, time
from classroom.fence import limit_resources
given = json.loads(sys.argv[1])
attempts = given.pop("attempts")
globals().update(given)
libc = ctypes.CDLL(None, use_errno=True)
clone = {"x86_64": 56, "aarch64": 220}[os.uname().machine]
address = struct.pack("=HH4s8x", socket.AF_INET, socket.htons(port), bytes([127, 0, 0, 1]))

def c(result):
    if result == -1:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result

def fill():
    for number in range(8):
        with open(f"{number}", "wb") as file:
            for _ in range(6):
                file.write(bytes(2**24))

def crowd():
    done, many = threading.Event(), []
    try:
        for _ in range(5000):
            many.append(threading.Thread(target=done.wait))
            many[-1].start()
    finally:
        done.set()

limit_resources()
found = {"환경 변수": sorted(os.environ), "처음 있는 곳": os.getcwd(), "저장소": os.listdir(root)}
with open("/proc/self/status") as file:
    found["자료"] = os.listdir(os.environ["WI_LIB_DATA_DIR"])
    found["권한"] = [line.split()[1] for line in file if line.startswith("Cap")]
for name, code in attempts.items():
    try:
        exec(code)
        found[name] = "막지 못함"
    except (OSError, MemoryError, RuntimeError) as error:
        found[name] = f"막힘: {error}"
found["프로세스"] = [pid for pid in os.listdir("/proc") if pid.isdigit()]
print(json.dumps(found))
"""
# 셸도 같은 감옥에서 돕니다. 새 프로세스를 만들 수 없으므로 셸이 스스로 하는 일만 해 봅니다.
SHELL = """
echo 시작
read -r line < "$1/gradebook.db" && echo "막지 못함: 읽기"
echo x > "$1/gradebook.db" && echo "막지 못함: 쓰기"
: < "/dev/tcp/127.0.0.1/$2" && echo "막지 못함: TCP"
kill -0 "$3" && echo "막지 못함: 죽이기"
exec cat "$4/05_he.ipynb"
"""


@pytest.fixture(scope="module")
def outside(tmp_path_factory):
    """밖에 있는 것: 다른 사람의 답과 성적부, 기다리는 소켓, 채점하는 프로세스(이 프로세스)."""
    folder = tmp_path_factory.mktemp("우리 반")
    (folder / "submitted/other/05_he").mkdir(parents=True)
    for name in ("submitted/other/05_he/05_he.ipynb", "gradebook.db"):
        (folder / name).write_text("비밀", encoding="utf-8")
    abstract = f"wi-{os.getpid()}"
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as hidden:
        hidden.bind(f"\0{abstract}")
        hidden.listen()
        about = {"course": str(folder), "exercises": str(EXERCISES), "root": str(ROOT)}
        yield about | {"grader": os.getpid(), "port": server.getsockname()[1], "abstract": abstract}
    assert (folder / "gradebook.db").read_text(encoding="utf-8") == "비밀"


def run(command):
    """감옥에서 명령을 돌립니다. 이 프로세스의 환경에는 학기의 비밀과 자료의 폴더가 있습니다."""
    about = {"stdin": subprocess.DEVNULL, "capture_output": True, "text": True, "timeout": 60}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(SECRET, "비밀")
        patch.setenv("WI_LIB_DATA_DIR", str(ROOT / "tests" / "classroom" / "answers"))
        with jail.locked(command, {"PYTHONPATH": ROOT}) as (wrapped, fds, _):
            return subprocess.run(wrapped, pass_fds=fds, **about)


@pytest.fixture(scope="module")
def found(outside):
    ran = run([sys.executable, "-P", "-c", PROBE, json.dumps({**outside, "attempts": ATTEMPTS})])
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_nothing_gets_out(found, attempt):
    assert found[attempt].startswith("막힘"), found[attempt]


def test_only_its_own_is_in_sight(found):
    """환경 변수는 정한 것뿐이고, 프로세스는 자기 하나이고, 처음 있는 곳은 임시 폴더이고, 아무 권한도 없습니다."""
    assert set(found["환경 변수"]) <= {
        *("HOME", "TMPDIR", "LANG", "WI_LIB_DATA_DIR", "PYTHONPATH", "PWD", "LC_CTYPE"),
    }
    assert found["프로세스"] == ["1"]
    assert "ch01.py" in found["자료"]
    assert {int(capability, 16) for capability in found["권한"]} == {0}
    assert found["처음 있는 곳"] == jail.WORK
    assert set(found["저장소"]) <= {"classroom", "wi_check", "wi_lib", ".venv"}


def test_a_shell_is_no_way_out(outside):
    about = [str(outside[name]) for name in ("course", "port", "grader", "exercises")]
    ran = run(["bash", "-c", SHELL, "bash", *about])
    assert (ran.stdout, ran.returncode) == ("시작\n", 1)
    assert "05_he.ipynb: No such file" in ran.stderr


PARENT = """
import os, subprocess, sys
from classroom import jail
sleeper = "import time; print(flush=True); time.sleep(60)"
with jail.locked([sys.executable, "-S", "-c", sleeper]) as (command, fds, pid):
    child = subprocess.Popen(command, pass_fds=fds, stdout=subprocess.PIPE)
    child.stdout.readline()
    print(pid(), flush=True)
    os._exit(0)
"""


def test_the_inmate_dies_with_its_grader():
    """채점하는 프로세스가 치울 틈도 없이 끝나도 커널이 남지 않습니다."""
    ran = subprocess.run([sys.executable, "-c", PARENT], cwd=ROOT, stdout=subprocess.PIPE, encoding=SPOKEN, timeout=60)
    pid, deadline = int(ran.stdout), time.monotonic() + 10
    while alive(pid):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_an_abandoned_inmate_ends_itself():
    """감옥을 짓는 동안 채점하는 프로세스가 꺼졌으면 커널은 시작하지 않습니다. 빈 표준 입력이 그 표시입니다."""
    assert run([sys.executable, "-P", "-m", "classroom.kernel"]).returncode == 0


def test_a_kernel_that_is_done_is_reaped(tmp_path):
    """좀비로 남지 않습니다. 거둔 프로세스라야 쓴 CPU의 시간이 이 프로세스의 것에 더해집니다."""
    busy = new_code_cell("import time\nwhile time.process_time() < 1:\n    pass")
    before = sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])
    GuardedExecute(root=str(tmp_path)).preprocess(new_notebook(cells=[busy]), {"metadata": {"path": str(tmp_path)}})
    assert sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2]) >= before + 1


SHARED = """
from multiprocessing.shared_memory import SharedMemory
print(SharedMemory(create=True, size=2**20).name)
"""


START = "multiprocessing.get_context('{}').Process(target=print).start()"
# 다른 프로그램이나 해석기를 띄우려는 여러 길. reload부터는 multiprocessing의 함수를 막는 것으로는 모자랍니다.
SPAWNING = {
    "fork": START.format("fork"),
    "spawn": START.format("spawn"),
    "Pool": "multiprocessing.Pool(2)",
    "ProcessPoolExecutor": "concurrent.futures.ProcessPoolExecutor(2).submit(print).result()",
    "reload": f"importlib.reload(multiprocessing.util)\n{START.format('spawn')}",
    "다시 읽음": f"del sys.modules['_posixsubprocess']\n{START.format('spawn')}",
    "사본": "subprocess._fork_exec(*range(21))",
    "loky": "from joblib.externals.loky.backend import fork_exec\nfork_exec.fork_exec(['/bin/true'], [])",
    "해석기": "import _interpreters" if sys.version_info >= (3, 13) else "import _xxsubinterpreters",
    "시험용 모듈": "import _testcapi",
}


def said_by(code, folder):
    notebook = new_notebook(cells=[new_code_cell(code)])
    GuardedExecute(root=str(folder)).preprocess(notebook, {"metadata": {"path": str(folder)}})
    return "".join(output.get("text") or output.get("evalue", "") for output in notebook.cells[0].outputs)


@pytest.fixture(params=["울타리", "감옥"])
def protected(request, monkeypatch):
    if request.param == "울타리":
        monkeypatch.setattr(jail, "trouble", lambda: "없음")


def test_the_fence_alone_leaves_no_shared_memory(tmp_path, monkeypatch):
    """감옥이 없으면 커널이 스스로 끝나게 합니다. 죽이면 공유 메모리를 치우는 프로세스까지 죽습니다."""
    monkeypatch.setattr(jail, "trouble", lambda: "없음")
    said = said_by(SHARED, tmp_path)
    assert said.startswith("psm_"), said
    assert not Path("/dev/shm", said.strip()).exists()


@pytest.mark.parametrize("way", SPAWNING)
def test_no_process_is_spawned(way, protected, tmp_path):
    modules = "concurrent.futures, importlib, multiprocessing.util, subprocess, sys"
    said = said_by(f"import {modules}\n{SPAWNING[way]}", tmp_path)
    assert said.startswith("채점하는 동안에는 쓸 수 없는 기능입니다"), said


def test_joblib_works_in_one_process(protected, tmp_path):
    code = "from joblib import Parallel, delayed\nprint(Parallel(n_jobs=2)(delayed(abs)(n) for n in (-1, -2)))"
    assert said_by(code, tmp_path) == "[1, 2]\n"


def alive(pid):
    """부모가 아직 거두지 않은 죽은 프로세스는 살아 있는 것이 아닙니다."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_says_what_protects(tmp_path, monkeypatch):
    """bwrap이 없거나, 있어도 이름 공간을 막은 기계이면 까닭을 말하고 울타리만 칩니다."""
    ask = jail.trouble.__wrapped__
    assert protection() == "bubblewrap의 감옥 안에서 채점합니다."
    monkeypatch.setattr(jail, "trouble", ask)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert protection().startswith("bubblewrap이 없습니다. Python 울타리만 칩니다.")
    fake = tmp_path / "bwrap"
    fake.write_text("#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2\nexit 1\n", encoding="utf-8")
    fake.chmod(0o755)
    assert protection().startswith("bwrap: setting up uid map: Permission denied")
    monkeypatch.setenv(FOLDER, "/usr/우리 반")
    assert "안에 이 저장소나 수업의 폴더가 있습니다" in ask()


# 프로세스 없이 스레드로 쓰는 것. 자물쇠와 공유 메모리는 /dev/shm에 놓입니다.
THREADS = """
import multiprocessing, multiprocessing.pool, multiprocessing.shared_memory
with multiprocessing.pool.ThreadPool(2) as pool:
    print(pool.map(abs, (-1, -2)))
multiprocessing.Array("d", [1.0, 2.0]).get_lock()
with multiprocessing.get_context("spawn").Lock():
    shared = multiprocessing.shared_memory.SharedMemory(create=True, size=2**24)
    shared.buf[:] = bytes([7]) * 2**24
    print(shared.buf[-1])
shared.unlink()
"""


def test_threads_may_use_multiprocessing(protected, tmp_path):
    assert said_by(THREADS, tmp_path) == "[1, 2]\n7\n"
