"""낸 답을 채점하는 커널. 처음 모습을 적어 두고(`pristine`), 울타리를 친 다음에(`fence`) 학생의 코드를 받습니다.

확인 셀 앞에서 `wi_guard.restore()`를 부르면 확인 함수와 numpy, wi_lib이 처음으로 돌아가고, `wi_guard.check(코드)`가 그
셀을 실행합니다(`shell`).
"""

import os
import select
import sys
import tempfile
from pathlib import Path

from .fence import Fence, limit_output, limit_resources, limit_spawning
from .pristine import Pristine
from .shell import Lenient

PRIVATE = "WI_GUARD_PRIVATE"


def abandoned():
    """감옥을 짓는 동안 채점하는 프로세스가 꺼졌는지. 그동안은 bwrap이 안의 프로세스를 죽이지 못합니다.

    감옥의 표준 입력은 채점하는 프로세스가 살아 있는 동안 열려 있는 파이프입니다(`launch.leash`).
    """
    if os.getpid() != 1:
        return False
    ended = bool(select.select([0], [], [], 0)[0])
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    return ended


def main():
    if abandoned():
        return
    from ipykernel.iostream import OutStream
    from ipykernel.ipkernel import IPythonKernel
    from ipykernel.kernelapp import IPKernelApp
    from ipykernel.zmqshell import ZMQInteractiveShell
    from traitlets import Type
    from traitlets.config import Config

    # 낸 답의 폴더에 든 모듈이 이 꾸러미들의 이름을 가로채지 못하게, 그 폴더가 sys.path에 들기 전에 읽습니다.
    sys.path[:] = [path for path in sys.path if path and Path(path) != Path.cwd()]
    sys.dont_write_bytecode = True
    pristine = Pristine()
    shell = type("Shell", (Lenient, ZMQInteractiveShell), {})
    # 기록의 데이터베이스를 열어 두면 그것으로 다른 데이터베이스(성적부)를 붙일 수 있습니다.
    settings = {"kernel_class": type("Kernel", (IPythonKernel,), {"shell_class": Type(shell)})}
    app = IPKernelApp.instance(**settings, config=Config({"HistoryManager": {"enabled": False}}))
    app.initialize()
    limit_output(OutStream)
    limit_resources()
    limit_spawning()
    guard = sys.modules["wi_guard"] = type(sys)("wi_guard")
    guard.restore = lambda: pristine.restore(app.shell)
    guard.check, guard.forget = app.shell.check, app.shell.forget
    # 학생의 코드가 import해서 고칠 울타리를 남기지 않습니다. 다시 import한 것은 새 사본일 뿐입니다.
    for name in [name for name in sys.modules if name.split(".")[0] == "classroom"]:
        del sys.modules[name]
    caches = [Path.home() / ".cache", Path.home() / "Library" / "Caches", Path.home() / ".config" / "matplotlib"]
    private = os.environ.pop(PRIVATE, "").split(os.pathsep)
    sys.addaudithook(Fence([Path.cwd(), tempfile.gettempdir(), *caches], private))
    app.start()


if __name__ == "__main__":
    main()
