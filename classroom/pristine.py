"""확인에 쓰는 것들의 처음 모습. 채점은 학생의 답만 보아야 하므로, 확인 셀 앞에서 되돌립니다."""

import builtins
import sys
from importlib import import_module
from pkgutil import iter_modules
from types import FunctionType

NUMPY = ("numpy", "numpy.linalg", "numpy.random", "numpy.testing", "numpy._core.numeric")


class Pristine:
    """학생의 코드가 돌기 전에 만들면, `restore`가 그때의 모습으로 되돌립니다."""

    def __init__(self):
        for chapter in iter_modules(import_module("wi_check").__path__):
            import_module(f"wi_check.{chapter.name}")
        self.path, self.modules, self.finders = list(sys.path), dict(sys.modules), list(sys.meta_path)
        watched = [name for name in sys.modules if name in NUMPY or name.split(".")[0] == "wi_lib"]
        self.saved = {name: dict(vars(sys.modules[name])) for name in watched} | {"builtins": dict(vars(builtins))}
        # 이름을 되돌려도 함수의 몸과 클래스의 메서드, 표의 항목은 고친 그대로 남으므로 따로 적어 둡니다.
        # 모듈마다 있는 __builtins__는 IPython이 셀의 앞뒤에서 고치는 표입니다. 비웠다 채우면 IPython이 어긋납니다.
        members = [item for name in watched if name not in NUMPY for item in vars(sys.modules[name]).items()]
        inside = [value for name, value in members if name != "__builtins__"]
        self.classes = [(c, dict(vars(c))) for c in inside if isinstance(c, type) and c.__module__.startswith("wi_lib")]
        methods = [value for _, members in self.classes for value in members.values()]
        self.bodies = [(f, f.__code__) for f in (*inside, *methods) if isinstance(f, FunctionType)]
        self.tables = [(value, dict(value)) for value in inside if isinstance(value, dict)]

    def restore(self, shell):
        self.restore_packages()
        self.restore_shell(shell)

    def restore_packages(self):
        path, sys.path = sys.path, list(self.path)
        sys.meta_path[:] = self.finders
        sys.settrace(None)
        sys.setprofile(None)
        for name, values in self.saved.items():
            sys.modules[name] = self.modules[name]
            vars(self.modules[name]).update(values)
        for function, code in self.bodies:
            function.__code__ = code
        for owner, members in self.classes:
            for name, value in members.items():
                if vars(owner).get(name) is not value:
                    setattr(owner, name, value)
        for table, items in self.tables:
            table.clear()
            table.update(items)
        for name in [name for name in sys.modules if name.split(".")[0] == "wi_check"]:
            del sys.modules[name]  # 고쳐 놓은 함수까지 버리고 파일에서 다시 읽습니다.
        import_module("wi_check")
        sys.path = path

    @staticmethod
    def restore_shell(shell):
        """셀의 코드를 바꾸어 실행하거나 오류를 감추는 IPython의 갈고리를 뗍니다."""
        shell.ast_transformers.clear()
        shell.input_transformers_post.clear()
        shell.custom_exceptions = ()
        for callbacks in shell.events.callbacks.values():
            callbacks[:] = [f for f in callbacks if not getattr(f, "__module__", "").startswith("__main__")]
        for name in ("run_cell", "run_cell_async", "run_code", "run_ast_nodes", "showtraceback"):
            vars(shell).pop(name, None)
