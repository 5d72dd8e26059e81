"""방 사이의 화살표는 한 방향입니다. 계약은 pyproject.toml의 [tool.importlinter]에 있습니다."""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import nbformat
import pytest

import wi_lib
from tests.speaking import SPOKEN

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
NOTEBOOKS = [path for room in (".", "chapters", "exercises") for path in sorted(ROOT.glob(f"{room}/*.ipynb"))]
ROOMS = PROJECT["tool"]["importlinter"]["root_packages"]
# 독자의 노트북이 부르는 것은 이것뿐입니다. 장이 표를 보여 줄 때 IPython.display를 씁니다.
FOR_READERS = {"IPython", "numpy", "wi_check", "wi_lib"} | sys.stdlib_module_names
FACES = {*wi_lib.__all__, *wi_lib.LAZY}


def imported(source):
    """source가 부르는 것의 온전한 이름들: from a.b import c는 a.b.c, from .a import b는 .a.b입니다."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{'.' * node.level}{node.module or ''}.{alias.name}" for alias in node.names)


def beyond_readers(source):
    """독자에게 열려 있지 않은 것: 다른 꾸러미, 그리고 wi_lib이 이름을 내걸지 않은 모듈."""
    for name in imported(source):
        room, *inside = name.split(".")
        if room not in FOR_READERS or (room == "wi_lib" and inside and inside[0] not in FACES):
            yield name


def code(path):
    cells = nbformat.read(path, as_version=4).cells
    return "\n".join(cell.source for cell in cells if cell.cell_type == "code")


def test_arrows_point_one_way():
    """make lint와 같은 명령입니다."""
    command = [Path(sys.executable).with_name("lint-imports"), "--no-logo", "--no-cache"]
    checked = subprocess.run(command, cwd=ROOT, capture_output=True, encoding=SPOKEN)
    assert checked.returncode == 0, checked.stdout


def test_every_room_is_in_the_contracts():
    tracked = subprocess.run(
        ["git", "ls-files", "*/__init__.py"], cwd=ROOT, capture_output=True, encoding="utf-8", check=True
    )
    assert {name.split("/")[0] for name in tracked.stdout.split()} == set(ROOMS)


def test_core_contract_knows_every_package():
    """wi_lib이 어디에서든 부르는 꾸러미는 모두 계약에 적혀 있으므로, 핵심이 부르면 make lint가 압니다."""
    [contract] = (c for c in PROJECT["tool"]["importlinter"]["contracts"] if c["name"].startswith("핵심"))
    sources = (path.read_text(encoding="utf-8") for path in (ROOT / "wi_lib").rglob("*.py"))
    called = {name.split(".")[0] for source in sources for name in imported(source)}
    assert called - {"", "numpy", "wi_lib"} - sys.stdlib_module_names <= set(contract["forbidden_modules"])


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_notebooks_use_public_faces(path):
    assert list(beyond_readers(code(path))) == []


@pytest.mark.parametrize("line", ["import matplotlib", "from wi_lib.figures import style", "from wi_lib import checks"])
def test_hidden_modules_would_be_found(line):
    assert list(beyond_readers(line))
