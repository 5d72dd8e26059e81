"""한 번의 결과는 파일 하나: 쓰다 끊겨도 이전 것이 남고, 상한 것은 없는 것으로 치고, 두 폴더를 합칠 수 있습니다."""

import ast
import errno
import functools
import hashlib
import importlib.util
import io
import sys
import uuid
from pathlib import Path

import numpy as np

from spread.versions import digest, file_digest

ROOT = Path(__file__).parents[1]
# 아직 다 끝나지 않은 실험의 결과. 다 끝나 results.save가 저장하면 지웁니다.
UNFINISHED = ROOT / "build" / "results"
# wi_lib에서 그리기만 하는 방. 바뀌어도 결과는 그대로입니다.
DRAWING = ("explorers", "figures", "lab")
# 결과의 끝에 붙인 SHA-256의 길이.
SEAL = hashlib.sha256().digest_size
# repr이 값을 온전히 적는 것. 배열의 repr은 긴 것을 줄이고 끝자리를 버려, 서로 다른 설정이 같은 파일이 됩니다.
PLAIN = str, int, float, np.number, np.bool_, type(None)


class Run:
    """한 번 돌릴 것과 그 결과를 적을 파일. 함수를 이름으로 적으므로 다른 기계에서도 같은 것을 부릅니다."""

    def __init__(self, folder, function, setting):
        self.module, self.function, self.setting = module_name(function), function.__qualname__, setting
        if not _is_plain(setting):
            raise ValueError(
                f"설정에는 수와 글, 그 목록만 적으십시오. 배열이나 함수는 그 이름이나 tolist()로 적습니다: {setting}"
            )
        written = repr(sorted(setting.items()))
        self.path = folder / f"{digest(f'{self.function} {written}')}.npz"


def folder(name, function):
    """결과를 적을 폴더. 코드나 NumPy의 판이 바뀌면 다른 폴더입니다."""
    return UNFINISHED / f"{name}-{fingerprint(module_name(function))}"


def module_name(function):
    """`python -m experiments.matching`의 "__main__"은 다른 프로세스에 없는 이름이므로 본디 이름을 씁니다."""
    place = sys.modules.get(getattr(function, "__module__", None))
    if getattr(place, getattr(function, "__qualname__", ""), None) is not function:
        raise ValueError(
            f"다른 프로세스는 이름으로 찾으므로, run은 모듈의 맨 바깥에 def로 적은 함수여야 합니다: {function}"
        )
    if function.__module__ != "__main__":
        return function.__module__
    if sys.modules["__main__"].__spec__ is None:
        raise ValueError("다른 프로세스도 읽을 수 있게, 파일에 두고 모듈로 부르십시오: python -m experiments.이름")
    return sys.modules["__main__"].__spec__.name


def import_module(name):
    """이미 "__main__"으로 읽은 모듈이면 그것을 돌려주어, 읽어 둔 자료를 두 번 읽지 않습니다."""
    main = sys.modules["__main__"]
    return main if name == getattr(main.__spec__, "name", None) else importlib.import_module(name)


def versions(module):
    """module의 결과를 바꿀 수 있는 것 모두: NumPy의 판과, 그 모듈과 그것이 부르는 실험과 wi_lib의 코드의 지문."""
    library = (path for path in (ROOT / "wi_lib").rglob("*.*") if path.suffix in (".py", ".txt"))
    drawing = {ROOT / "wi_lib" / room for room in DRAWING}
    files = [*sorted(_sources(module)), *sorted(path for path in library if drawing.isdisjoint(path.parents))]
    return {"NumPy": np.__version__} | {path.relative_to(ROOT).as_posix(): file_digest(path) for path in files}


@functools.cache
def fingerprint(module):
    """작업자가 한 번마다 견주므로 기억해 둡니다."""
    return digest(repr(versions(module)))


def as_arrays(found):
    """run이 돌려준 {이름: 값}을 배열로. 적었다가 그대로 읽을 수 없는 것은 적기 전에 거절합니다."""
    if not isinstance(found, dict):
        raise TypeError(f"run은 {{이름: 값}}을 돌려주어야 합니다: {found!r:.80}")
    arrays = {}
    for name, value in found.items():
        # 이 두 이름은 np.savez의 인자입니다.
        if not isinstance(name, str) or name in ("file", "allow_pickle"):
            raise TypeError(f"결과의 이름으로 쓸 수 없습니다: {name!r}")
        try:
            arrays[name] = np.asarray(value)
        except ValueError as error:
            raise TypeError(f"결과 {name!r}의 줄마다 길이가 다릅니다: {error}") from None
        if arrays[name].dtype.hasobject:
            raise TypeError(
                f"결과 {name!r}에는 수나 글이 아닌 것이 있습니다. 없는 값은 NaN으로 적으십시오: {value!r:.80}"
            )
    return arrays


def read(path):
    """적어 둔 {이름: 배열}. 없거나, 쓰다 끊겼거나 상했으면 None입니다."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    arrays, seal = content[:-SEAL], content[-SEAL:]
    if hashlib.sha256(arrays).digest() != seal:
        return None
    with np.load(io.BytesIO(arrays)) as loaded:
        return dict(loaded)


def keep(path, arrays):
    """np.load로도 읽히는 .npz의 끝에 그 SHA-256을 붙여 적습니다. zip의 CRC는 목록에서 사라진 배열을 모릅니다."""
    content = io.BytesIO()
    np.savez(content, **arrays)
    write(path, content.getvalue() + hashlib.sha256(content.getbuffer()).digest())


def write(path, content):
    """임시 파일에 쓴 뒤 이름을 바꿉니다. 도중에 끊겨도 이전 것이 남고, 여럿이 함께 써도 하나가 온전히 남습니다."""
    temporary = path.with_name(f".{uuid.uuid4().hex}{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise
        text = "디스크가 꽉 차 결과를 적지 못했습니다. 적어 둔 것은 그대로 있으니, 자리를 만들고 다시 부르면 이어집니다"
        raise OSError(error.errno, text, str(path)) from error


def merge(source, target):
    """source 폴더에 있고 target에 없는 결과를 옮겨 적고, (옮긴 수, 상해서 두고 온 수)를 돌려줍니다."""
    moved = damaged = 0
    for path in sorted(source.glob("*/*.npz")):
        other = target / path.relative_to(source)
        if path.name.startswith(".") or read(other) is not None:
            continue
        if read(path) is None:
            damaged += 1
            continue
        write(other, path.read_bytes())
        moved += 1
    return moved, damaged


def _sources(module):
    """module과, 그것이 부르는 experiments의 모듈의 파일."""
    found, left = set(), [module]
    while left:
        path = Path(importlib.util.find_spec(left.pop()).origin)
        if ROOT not in path.parents:
            raise ValueError(f"작업자도 찾을 수 있게, 실험은 저장소의 experiments/에 두십시오: {path}")
        if path not in found:
            found.add(path)
            left += experiments_in(path)
    return found


@functools.cache
def experiments_in(path):
    """파일이 부르는 experiments의 모듈의 이름."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            source = _imported_from(node, path)
            names |= {source, *(f"{source}.{alias.name}" for alias in node.names)}
    return [name for name in sorted(names) if _is_experiment(name)]


def _imported_from(node, path):
    """`from … import`의 모듈. 점으로 시작하면 그 파일이 있는 꾸러미에서 셉니다."""
    folder = path.parents[node.level - 1].relative_to(ROOT).parts if node.level else ()
    return ".".join([*folder, *filter(None, [node.module])])


def _is_experiment(name):
    path = ROOT / name.replace(".", "/")
    return name.startswith("experiments.") and (path.with_suffix(".py").exists() or (path / "__init__.py").exists())


def _is_plain(value):
    if isinstance(value, dict):
        return _is_plain([*value, *value.values()])
    return all(map(_is_plain, value)) if isinstance(value, list | tuple) else isinstance(value, PLAIN)
