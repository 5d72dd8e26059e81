"""글로 여는 파일과 파이프는 인코딩을 적습니다. 적지 않으면 한국어 Windows에서는 UTF-8이 아니라 CP949로 읽고 씁니다.

"locale"은 적지 않습니다. C 로캘에서 스스로 UTF-8로 넘어간 Python을 따르지 않아, 다른 Python이 한 말을 ASCII로 읽습니다.
"""

import ast
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT_MODES = {mode + more for mode in "rwax" for more in ("", "t", "+", "t+", "+t")}


def name_of(call):
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", None)


def opens_text(call):
    """글을 여는 부름인지. `.open(...)`은 zip이나 그림의 것일 수도 있어, 글의 모드를 적은 것만 셉니다."""
    name, given = name_of(call), {keyword.arg: keyword.value for keyword in call.keywords}
    if name in ("read_text", "write_text"):
        return True
    if name in ("run", "Popen", "check_output"):
        return bool({"text", "universal_newlines"} & given.keys())
    modes = {getattr(value, "value", None) for value in (*call.args, given.get("mode"))}
    if isinstance(call.func, ast.Name) and name == "open":
        return not any(isinstance(mode, str) and "b" in mode for mode in modes)
    return name in ("open", "fdopen") and not modes.isdisjoint(TEXT_MODES)


def unwritten(source):
    """인코딩을 적지 않거나 "locale"이라 적고 글을 여는 줄의 번호."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    given = [{keyword.arg: getattr(keyword.value, "value", "") for keyword in call.keywords} for call in calls]
    return [
        call.lineno
        for call, keywords in zip(calls, given)
        if keywords.get("encoding") == "locale" or (opens_text(call) and "encoding" not in keywords)
    ]


def test_every_text_has_its_encoding():
    tracked = subprocess.run(["git", "ls-files", "-z", "*.py"], cwd=ROOT, capture_output=True, check=True).stdout
    paths = [ROOT / name for name in tracked.decode().split("\0") if name and (ROOT / name).exists()]
    assert len(paths) > 100
    lines = [
        f"{path.relative_to(ROOT)}:{line}" for path in paths for line in unwritten(path.read_text(encoding="utf-8"))
    ]
    assert lines == []


@pytest.mark.parametrize(
    "call",
    [
        *(
            "open(path)",
            "open(path, 'a')",
            "path.open('w')",
            "path.read_text(errors='strict')",
            "path.write_text('글')",
        ),
        *("subprocess.run(command, text=True)", "os.fdopen(end, mode='w')"),
    ],
)
def test_a_forgotten_encoding_is_found(call):
    assert unwritten(call) == [1]
    assert unwritten(f"{call[:-1]}, encoding='utf-8')") == []
    assert unwritten(f"{call[:-1]}, encoding='locale')") == [1]


@pytest.mark.parametrize("call", ["open(path, 'rb')", "zip.open(name)", "Image.open(png)", "subprocess.run(command)"])
def test_bytes_need_no_encoding(call):
    assert unwritten(call) == []
