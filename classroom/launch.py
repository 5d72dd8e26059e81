"""채점하는 커널을 띄웁니다. bubblewrap이 있으면 감옥(`jail`) 안에서, 없으면 Python의 울타리(`fence`)만 칩니다."""

import asyncio
import functools
import os
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path

from jupyter_client.manager import AsyncKernelManager

from . import jail
from .course import EXERCISES, ROOT, SECRET
from .kernel import PRIVATE

SCRATCH = "scratch"
LONGEST = 2_000  # 커널이 켜지지 못했을 때 남기는 말의 글자


def settings(private):
    """커널의 환경 변수. private은 울타리가 읽지 못하게 할 폴더입니다."""
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    # 작은 행렬에서는 스레드 하나가 빠르고, 나란히 채점하는 것끼리 다투지 않습니다.
    # joblib(scikit-learn의 n_jobs)도 프로세스를 띄우지 않고 하나에서 셉니다.
    alone = {"OPENBLAS_NUM_THREADS": "1", "JOBLIB_MULTIPROCESSING": "0", "TQDM_DISABLE": "1"}
    return alone | {"PYTHONPATH": path, PRIVATE: os.pathsep.join((private, str(EXERCISES)))}


class Guarded(AsyncKernelManager):
    """ipykernel 대신 classroom.kernel을 띄웁니다. private은 읽지 못하는 폴더, scratch는 쓸 수 있는 임시 폴더입니다."""

    def _connection_file_default(self):
        return os.path.join(self.scratch, "connection.json")

    def format_kernel_cmd(self, extra_arguments=None):
        command = super().format_kernel_cmd(extra_arguments)
        at = command.index("ipykernel_launcher")
        # 사용자가 등록해 둔 커널이 다른 Python을 가리켜도 채점은 이 Python으로 합니다.
        # -P: 낸 답의 폴더에 든 모듈을 읽지 않습니다.
        return [sys.executable, *command[1 : at - 1], "-P", "-m", "classroom.kernel", *command[at + 1 :]]

    async def _async_launch_kernel(self, kernel_cmd, **options):
        environment = dict(options.pop("env", os.environ))
        environment.pop(SECRET, None)
        environment |= settings(self.private) | {"TMPDIR": self.scratch}
        await self.launch(kernel_cmd, env=environment, **options)

    # 비동기 관리자는 이 이름으로 부릅니다.
    _launch_kernel = _async_launch_kernel

    async def launch(self, command, **options):
        """셀의 출력이 아닌 말(bwrap과 Python의 오류)은 파일에 받습니다. 그대로 두면 진행 막대를 깨뜨립니다."""
        with open(self.kernel_log(), "ab") as log:
            told = {"stdout": log, "stderr": subprocess.STDOUT}
            await AsyncKernelManager._async_launch_kernel(self, command, **told, **options)

    @classmethod
    def kernel_log(cls):
        return os.path.join(cls.scratch, "kernel.log")

    @classmethod
    def said(cls):
        """커널이 파일에 남긴 말의 끝."""
        path = Path(cls.kernel_log())
        if not path.exists():
            return ""
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - LONGEST))
            return file.read().decode(errors="replace")


class Jailed(Guarded):
    """커널을 감옥에서 띄웁니다. 감옥에는 네트워크가 없으므로 그 안의 소켓 파일로 말을 주고받습니다."""

    def _transport_default(self):
        return "ipc"

    def _ip_default(self):
        return jail.SOCKETS

    async def _async_launch_kernel(self, kernel_cmd, **options):
        del options["env"]
        # 부모를 살피지 말라는 뜻입니다. 부모가 죽으면 bwrap이 커널을 죽입니다.
        environment = settings(self.private) | {"JPY_PARENT_PID": "1"}
        with jail.locked(kernel_cmd, environment, [os.path.realpath(self.connection_file)]) as (command, fds, pid):
            options |= {"pass_fds": fds, "stdin": leash()}
            await self.launch(command, **options)
            self.inside = pid()
        # 밖에서는 같은 소켓이 이 자리에 보입니다. 밖의 폴더를 함께 쓰면 그 디스크를 채울 수 있습니다.
        self.ip = f"/proc/{self.inside}/root{jail.SOCKETS}"

    _launch_kernel = _async_launch_kernel

    async def _async_signal_kernel(self, signum):
        # bwrap에 SIGINT를 보내면 bwrap만 끝나면서 커널까지 죽습니다.
        with suppress(ProcessLookupError):
            os.kill(self.inside, signum)

    signal_kernel = _async_signal_kernel

    async def _async_kill_kernel(self, restart=False):
        """커널을 죽이면 bwrap이 거두고 끝납니다. bwrap부터 죽이면 거둘 부모가 없는 커널이 좀비로 남을 수 있습니다."""
        if await self._async_is_alive():
            await self._async_signal_kernel(signal.SIGKILL)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._async_wait(0.01), 5)
        await super()._async_kill_kernel(restart)


@functools.cache
def leash():
    """이 프로세스가 끝나야 닫히는 파이프의 읽는 쪽. 감옥의 표준 입력입니다."""
    reading, _ = os.pipe()
    return reading


@contextmanager
def manager(root):
    """이 기계에서 쓸 커널 관리자. 임시 폴더를 수업의 폴더에 두므로, 전원이 나가 남더라도 다음 채점이 지웁니다."""
    (Path(root) / SCRATCH).mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=Path(root) / SCRATCH) as scratch:
        about = {"private": root, "scratch": scratch}
        yield type("Manager", (Guarded if jail.trouble() else Jailed,), about)


def protection():
    """어느 것이 채점하는 기계를 지키는지 말하는 문장."""
    if trouble := jail.trouble():
        return f"{trouble} Python 울타리만 칩니다. 작정한 공격까지 막으려면 채점하기 안내의 '감옥'을 보십시오."
    return "bubblewrap의 감옥 안에서 채점합니다."
