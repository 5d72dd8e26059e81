"""지원하는 Python은 pyproject.toml에만, 의존 꾸러미의 판은 constraints.txt에만, wi_lib의 판은 어디나 같게 적습니다."""

import re
import subprocess
import tomllib
from pathlib import Path

import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import wi_lib

ROOT = Path(__file__).parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT, GROUPS = PYPROJECT["project"], PYPROJECT["dependency-groups"]
SUPPORTED = re.findall(r":: (3\.\d+)", "\n".join(PROJECT["classifiers"]))
CONSTRAINTS = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
NAMED = re.compile(r"Python (3\.\d+(?= 이상|\+)|3\.\d+–3\.\d+)")
JOBS = [
    job
    for path in sorted((ROOT / ".github" / "workflows").glob("*.yml"))
    for job in yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"].values()
]


def wanted():
    """꾸러미와 묶음들이 바라는 것의 이름. parity는 견주는 판을 제 묶음에 적습니다."""
    lists = [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]
    lists += [group for name, group in GROUPS.items() if name != "parity"]
    return {canonicalize_name(Requirement(text).name) for group in lists for text in group if isinstance(text, str)}


def test_every_name_has_a_pin():
    missing = wanted() - {line.partition("==")[0] for line in CONSTRAINTS}
    assert not missing, "constraints.txt에 판이 없습니다. make lock을 하십시오."


def test_pins_are_exact():
    """이름, 판, 그리고 그 판을 쓰는 자리. 주소는 없습니다."""
    assert [line for line in CONSTRAINTS if not re.fullmatch(r"[a-z0-9-]+==[\w.]+( ; [\w .<>=!'()]+)?", line)] == []


def test_pins_are_written_once():
    """판을 못 박은 것은 constraints.txt와, 견준 판이 곧 내용인 parity뿐입니다. Binder도 같은 것을 읽습니다."""
    pinned = {name for name, group in GROUPS.items() if any("==" in str(text) for text in group)}
    assert pinned == {"parity"}
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not line.startswith("#")] == ["-c constraints.txt", ".[lab]"]


def test_the_version_is_the_same_everywhere():
    assert wi_lib.__version__ == PROJECT["version"]
    text = (ROOT / "instructors" / "jupyterhub.md").read_text(encoding="utf-8")
    assert re.findall(r"wi_lib-([\d.]+)-py3", text) == [PROJECT["version"]]


def test_oldest_python_is_the_first_supported():
    assert PROJECT["requires-python"] == f">={SUPPORTED[0]}"
    assert PYPROJECT["tool"]["mypy"]["python_version"] == SUPPORTED[0]
    assert (ROOT / "runtime.txt").read_text(encoding="utf-8") == f"python-{SUPPORTED[0]}\n"


def test_every_supported_python_is_tested():
    """꾸러미는 세 운영 체제에서 모든 Python으로, 나머지는 그 가운데 가장 오래된 것으로 시험합니다."""
    [matrix] = (job["strategy"]["matrix"] for job in JOBS if "strategy" in job)
    assert matrix == {"os": ["ubuntu-latest", "macos-latest", "windows-latest"], "python": SUPPORTED}
    used = {step["with"]["python-version"] for job in JOBS for step in job["steps"] if "setup-python" in str(step)}
    assert used == {SUPPORTED[0], "${{ matrix.python }}"}


def test_documents_name_supported_pythons():
    """글이 "3.N 이상"이라고 하면 가장 오래된 것이고, "3.N–3.M"이라고 하면 가장 오래된 것부터 가장 새것까지입니다."""
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, encoding="utf-8", check=True
    ).stdout.split()
    named = {
        (name, version)
        for name in tracked
        if name.endswith((".md", ".ipynb", ".py"))
        for version in NAMED.findall((ROOT / name).read_text(encoding="utf-8"))
    }
    assert {version for _, version in named} == {SUPPORTED[0], f"{SUPPORTED[0]}–{SUPPORTED[-1]}"}, named
