"""집의 규칙: 한나절이면 읽을 수 있는 wi_lib, 남의 속을 들여다보지 않는 모듈, 누구의 기계에서나 같은 저장소."""

import ast
import functools
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.speaking import SPOKEN

ROOT = Path(__file__).parents[2]
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
ROOMS = ("wi_lib", "book", "classroom", "publish", "tools", "experiments", "spread", "benchmarks")
TRACKED = subprocess.run(
    ["git", "ls-files"], cwd=ROOT, capture_output=True, encoding="utf-8", check=True
).stdout.split()
PYTHON = [name for name in TRACKED if name.endswith(".py") and (ROOT / name).exists()]
NOTEBOOKS = [name for name in TRACKED if name.endswith(".ipynb")]


def within(*rooms):
    return [name for name in PYTHON if name.startswith(tuple(f"{room}/" for room in rooms))]


CORE = [name for name in within("wi_lib") if name.count("/") == 1]


@functools.cache
def text(name):
    return (ROOT / name).read_text(encoding="utf-8")


@functools.cache
def tree(name):
    """파일의 구문 나무. 노트북에서는 코드 셀을 이은 것입니다."""
    if name.endswith(".py"):
        return ast.parse(text(name))
    cells = [cell for cell in json.loads(text(name))["cells"] if cell["cell_type"] == "code"]
    # %로 시작하는 줄은 파이썬이 아닙니다.
    return ast.parse("\n".join(re.sub(r"(?m)^%.*", "", "".join(cell["source"])) for cell in cells))


def nodes(name, *kinds):
    return [node for node in ast.walk(tree(name)) if isinstance(node, kinds)]


def imported(name):
    """파일이 불러오는 이름: 모듈, 모듈에서 꺼낸 것, import_module에 건넨 글자까지."""
    for node in nodes(name, ast.Import, ast.ImportFrom):
        module = getattr(node, "module", None)
        yield from (f"{module}.{alias.name}" if module else alias.name for alias in node.names)
    for node in nodes(name, ast.Call):
        if ast.unparse(node.func).endswith("import_module"):
            yield from (argument.value for argument in node.args if isinstance(argument, ast.Constant))


def private(name):
    return name.startswith("_") and not name.endswith("_")


def lines_of_code(function):
    """설명을 뺀 함수의 줄 수."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


def test_files_are_short():
    """파일은 250줄까지입니다."""
    lengths = {name: len(text(name).splitlines()) for name in within(*ROOMS)}
    assert {name: length for name, length in lengths.items() if length > 250} == {}


def test_functions_are_short():
    """함수는 설명을 뺀 40줄까지입니다."""
    functions = [(name, function) for name in within(*ROOMS) for function in nodes(name, *FUNCTIONS)]
    lengths = {(name, function.name): lines_of_code(function) for name, function in functions}
    assert {place: length for place, length in lengths.items() if length > 40} == {}


def code(name):
    """설명과 주석, 빈 줄을 뺀 줄들."""
    told = {
        line
        for node in [tree(name), *nodes(name, *FUNCTIONS, ast.ClassDef)]
        if ast.get_docstring(node)
        for line in range(node.body[0].lineno, node.body[0].end_lineno + 1)
    }
    return [
        line
        for number, line in enumerate(text(name).splitlines(), start=1)
        if line.strip() and not line.strip().startswith("#") and number not in told
    ]


def test_core_is_read_in_an_afternoon():
    """wi_lib의 핵심은 설명을 빼고 모두 더해 2,600줄까지입니다."""
    assert sum(len(code(name)) for name in CORE) <= 2600


def test_public_functions_explain_themselves():
    """핵심의 공개 함수에는 우리말 설명과 돌려 볼 수 있는 예가 있습니다."""
    taught = set(CORE) - {"wi_lib/checks.py", "wi_lib/sampling.py"}
    public = [(name, node) for name in sorted(taught) for node in tree(name).body if isinstance(node, FUNCTIONS)]
    docs = {(name, node.name): ast.get_docstring(node) or "" for name, node in public if node.name[0] != "_"}
    assert [place for place, doc in docs.items() if not re.search("[가-힣]", doc) or ">>>" not in doc] == []


def test_core_imports_numpy_alone():
    """그림(plots, charts)과 자료(datasets)를 뺀 나머지는 NumPy만 있으면 됩니다."""
    modules = {Path(name).stem for name in CORE} - {"__init__", "plots", "charts", "datasets"}
    code = f"import sys, wi_lib; from wi_lib import {', '.join(modules)}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, encoding=SPOKEN, check=True)
    assert not {"matplotlib", "pooch", "sklearn", "tqdm", "scipy", "PIL", "pandas"} & set(loaded.stdout.split())


def test_pyplot_is_never_imported():
    """pyplot은 열린 그림을 쌓아 두고, 노트북의 대체 텍스트도 지웁니다."""
    read = [*within("wi_lib", "wi_check", "experiments", "benchmarks"), *NOTEBOOKS]
    assert [name for name in read if any("pyplot" in found.split(".") for found in imported(name))] == []


def peeked(name):
    """파일이 들여다본 남의 _이름: 꺼내 온 것과, 이 파일의 어디에서도 만들지 않는 속성."""
    attributes = nodes(name, ast.Attribute)
    made = {node.name for node in nodes(name, *FUNCTIONS, ast.ClassDef)}
    made |= {node.attr for node in attributes if isinstance(node.ctx, ast.Store)}
    taken = {alias.name for node in nodes(name, ast.ImportFrom) for alias in node.names}
    # 물려받은 것은 남의 것이 아닙니다.
    used = {node.attr for node in attributes if ast.unparse(node.value) not in ("self", "cls", "super()")}
    return sorted(found for found in taken | (used - made) if private(found))


# 프레임워크가 드러내지 않은 것을 진단의 어댑터가 읽는 이름. make parity가 정해 둔 판에서 시험합니다.
FOREIGN = {
    "torch": {
        *("_backward_hooks", "_base", "_buffers", "_calculate_fan_in_and_fan_out", "_modules", "_parameters"),
        *("_ConvNd", "_NormBase"),
    },
    "keras": {
        *("_call_has_training_arg", "_flatten_layers", "_kernel", "_layers", "_seed_generators"),
        *("_trainable_variables", "_non_trainable_variables"),
    },
}


def test_nobody_peeks_into_another_module():
    """다른 모듈의 _이름은 쓰지 않습니다. 장과 연습도, 시험도 밖에서 보이는 것만 씁니다."""
    found = {name: set(peeked(name)) for name in (*within(*ROOMS, "wi_check", "tests"), *NOTEBOOKS)}
    for framework, names in FOREIGN.items():
        for name in within("wi_lib/diagnosis/adapters", "tests/diagnosis"):
            if framework in Path(name).stem:
                found[name] -= names
    assert {name: names for name, names in found.items() if names} == {}


def widens_the_path(node):
    if isinstance(node, ast.Call):
        return re.fullmatch(r"sys\.path\.(insert|append|extend)", ast.unparse(node.func))
    return isinstance(node, ast.AugAssign) and ast.unparse(node.target) == "sys.path"


def test_only_nbgrader_needs_a_path():
    """sys.path에는 아무것도 더하지 않습니다. nbgrader가 읽는 설정 파일만 저장소를 더합니다."""
    assert [name for name in (*PYTHON, *NOTEBOOKS) if any(map(widens_the_path, ast.walk(tree(name))))] == [
        "nbgrader_config.py"
    ]


def test_no_hidden_randomness():
    """난수는 언제나 건네받은 Generator에서 나옵니다."""
    hidden = r"np\.random\.(seed|randn?|normal|uniform|choice|RandomState)\("
    read = [name for name in (*PYTHON, *NOTEBOOKS) if not name.startswith("tests/")]
    assert [name for name in read if re.search(hidden, text(name))] == []


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
        assert {"seeds", "rng", "versions"} <= set(about)
        assert {"python", "numpy", "machine"} <= set(about["versions"])
        assert (ROOT / "experiments" / f"{path.stem}.py").exists()
