"""집의 규칙: 한나절이면 읽을 수 있는 wi_lib, 한 방향의 import, 누구의 기계에서나 같은 저장소."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "wi_lib").rglob("*.py"))
CORE = (
    *("activations", "initializers", "lsuv", "mean_field", "network"),
    *("pretraining", "rbm", "signals", "theory", "training"),
)
TRACKED = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()


def stems(paths):
    return [path.stem for path in paths]


def functions(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


@pytest.mark.parametrize("path", MODULES, ids=stems(MODULES))
def test_files_and_functions_are_short(path):
    """파일은 250줄, 함수는 설명을 뺀 40줄까지입니다."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 250
    for function in functions(path):
        body = function.body[1:] if ast.get_docstring(function) else function.body
        assert not body or body[-1].end_lineno - body[0].lineno < 40, function.name


@pytest.mark.parametrize("path", MODULES, ids=stems(MODULES))
def test_public_functions_explain_themselves(path):
    """공개 함수의 설명은 우리말이고, 돌려 볼 수 있는 예가 있습니다(그림 함수는 예가 없어도 됩니다)."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if path.stem in ("checks", "sampling") or {"figures", "explorers"} & set(path.parts):
        return
    for function in tree.body:
        if isinstance(function, ast.FunctionDef) and not function.name.startswith("_"):
            doc = ast.get_docstring(function) or ""
            assert re.search("[가-힣]", doc), function.name
            assert (
                ">>>" in doc
                or "figures" in path.parts
                or path.stem in ("checks", "sampling")
                or function.name == "measure"
            ), function.name


def test_core_imports_numpy_alone():
    """그림과 자료를 뺀 나머지는 NumPy만 있으면 됩니다."""
    code = f"import sys, wi_lib; from wi_lib import {', '.join(CORE)}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not {"matplotlib", "pooch", "sklearn", "tqdm", "scipy", "PIL", "pandas"} & set(loaded.stdout.split())


def test_pyplot_is_never_imported():
    """pyplot은 열린 그림을 쌓아 두고, 노트북의 대체 텍스트도 지웁니다."""
    for path in (*MODULES, *(ROOT / "chapters").glob("*.ipynb")):
        assert "pyplot" not in re.sub(r"(?m)#.*|\"\"\".*?\"\"\"", "", path.read_text(encoding="utf-8"), flags=re.S), (
            path
        )


def test_no_hidden_randomness():
    """난수는 언제나 건네받은 Generator에서 나옵니다."""
    for name in TRACKED:
        if name.endswith((".py", ".ipynb")) and not name.startswith("tests/"):
            source = (ROOT / name).read_text(encoding="utf-8")
            assert not re.search(r"np\.random\.(seed|randn?|normal|uniform|choice|RandomState)\(", source), name


@pytest.mark.xdist_group("together")
def test_groups_stay_together(request):
    """시험을 한 프로세스로 묶는 표시가 정말 듣습니다. pytest 9.2와 pytest-xdist 3.8에서는 듣지 않았습니다."""
    if request.config.getoption("dist", "no") == "loadgroup":
        assert request.node.nodeid.endswith("@together")


def test_results_say_how_they_were_made():
    """chapters/data의 수치마다 설정, 시드, 판 번호가 곁에 있습니다."""
    files = list((ROOT / "chapters" / "data").glob("*.npz"))
    assert files
    for path in files:
        about = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        assert {"axes", "seeds", "versions"} <= set(about)
        assert {"python", "numpy", "machine"} <= set(about["versions"])
        assert (ROOT / "experiments" / f"{path.stem}.py").exists()
