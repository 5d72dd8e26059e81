"""저장소와 만들어진 사이트에 비밀도, 만든 기계와 사람의 흔적도 없습니다."""

import functools
import getpass
import re
import socket
import subprocess
from pathlib import Path

import pytest
from detect_secrets import SecretsCollection
from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
from detect_secrets.settings import transient_settings
from PIL import Image

from tests.browsing import SITE

ROOT = Path(__file__).parents[2]
# 사이트의 스크립트는 압축되어 무작위로 보이고 아이콘의 좌표는 IP 주소로 보이므로, 정해진 모양의 열쇠만 찾습니다.
UNSHAPED = {"Base64HighEntropyString", "HexHighEntropyString", "IPPublicDetector", "KeywordDetector"}
SHAPED = [kind() for kind in get_mapping_from_secret_type_to_class().values() if kind.__name__ not in UNSHAPED]
# 비밀이라는 이름에 넣은 글자 가운데 손으로 본 것: 설명에 든 예와, 시험이 지어낸 값입니다.
EXAMPLES = {"2027년 봄, 둘째 분반의 긴 문장", "다른 비밀"}
# 어느 기계에나 있어 누구인지 말하지 않는 이름입니다.
COMMON_NAMES = {"root", "runner", "user", "admin", "ubuntu", "debian", "jovyan", "localhost"}
# The Littlest JupyterHub은 어느 기계에서나 같은 곳에 설치됩니다.
TRACES = {
    "기계의 경로": r"(?<![\w.])/(?!opt/tljh/)(?:home|root|tmp|work|Users|private|mnt|opt)/\w"
    r"|\b[A-Za-z]:\\+Users\b|file:/{3}\w",
    "가상 환경": r"python3[.]\d+[\\/]+site[-]packages",
    "꾸러미 저장소": r"\bpy[p]i[.]org|python[h]osted|registry[.]npm",
}
# 노트북에 든 그림과 격자. 글이 아니며, 이렇게 긴 열쇠도 없습니다.
ENCODED = re.compile(r"[A-Za-z0-9+/=]{2000,}")


@functools.cache
def tracked():
    names = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, encoding="utf-8", check=True
    ).stdout
    return [ROOT / name for name in names.split("\0") if (ROOT / name).is_file()]


@functools.cache
def files():
    """저장소의 파일과 사이트의 파일."""
    assert SITE.is_dir(), "_build/html이 없습니다. make book을 먼저 하십시오."
    return [*tracked(), *(path for path in sorted(SITE.rglob("*")) if path.is_file())]


@functools.cache
def text(path):
    """파일의 글. PNG에서는 그림이 아니라 함께 적힌 글이고, 다른 이진 파일에서는 바이트를 그대로 글자로 봅니다."""
    if path.suffix == ".png":
        with Image.open(path) as image:
            return "\n".join(map(str, image.info.values()))
    content = path.read_bytes()
    return ENCODED.sub("", content.decode("latin-1" if b"\0" in content else "utf-8"))


def found(pattern):
    matches = {path: re.search(pattern, text(path)) for path in files()}
    return {str(path.relative_to(ROOT)): match[0] for path, match in matches.items() if match}


def secrets(text):
    """글에서 열쇠의 모양을 한 것: 종류와 값. 줄마다 보면 한꺼번에 볼 때보다 세 배 걸립니다."""
    return {(kind.secret_type, found) for kind in SHAPED for found in kind.analyze_string(text) if found}


def passwords(paths):
    """비밀이라는 이름에 넣은 글자가 있는 자리와 그 값: 파일, 줄, 값."""
    with transient_settings({"plugins_used": [{"name": "KeywordDetector"}], "filters_used": []}):
        collection = SecretsCollection()
        for path in paths:
            collection.scan_file(str(path))
    return [(path, secret.line_number, secret.secret_value) for path, secret in collection]


def own_names():
    """이 기계와 사용자의 이름 가운데 누구인지 말해 주는 것."""
    names = {getpass.getuser(), Path.home().name, socket.gethostname().split(".")[0]}
    return {name for name in names if len(name) >= 4 and name.lower() not in COMMON_NAMES}


def test_no_secrets():
    # 사이트에는 저장소의 파일이 그대로 많이 들어가므로, 같은 글은 한 번만 봅니다.
    texts = {text(path): path for path in files() if path.suffix not in (".png", ".npz")}
    found = {str(path.relative_to(ROOT)): secrets(content) for content, path in texts.items()}
    assert {path: shaped for path, shaped in found.items() if shaped} == {}


def test_no_password_is_written_down():
    assert [found for found in passwords(tracked()) if found[-1] not in EXAMPLES] == []


def test_secrets_would_be_found():
    """찾는 도구가 정말 찾는지: 이 자리에서 지어낸 열쇠를 긴 글의 가운데에 둡니다."""
    made_up = {
        "GitHub Token": "ghp_" + "a1B2" * 9,
        "AWS Access Key": "AKIA" + "ABCD" * 4,
        "Private Key": "-----BEGIN RSA " + "PRIVATE KEY-----",
    }
    notebook = (ROOT / "intro.ipynb").read_text(encoding="utf-8")
    middle = len(notebook) // 2
    planted = "\n".join((notebook[:middle], *(f'"source": "{key}",' for key in made_up.values()), notebook[middle:]))
    assert {kind for kind, _ in secrets(planted)} == set(made_up)


def test_passwords_would_be_found(tmp_path):
    path = tmp_path / "settings.py"
    path.write_text('"""설정."""\n' + "pass" + 'word = "열려라 참깨 1234"\n', encoding="utf-8")
    assert [(line, value) for _, line, value in passwords([path])] == [(2, "열려라 참깨 1234")]


@pytest.mark.parametrize("kind", TRACES)
def test_no_traces_of_a_machine(kind):
    assert found(TRACES[kind]) == {}


@pytest.mark.parametrize(
    ("kind", "trace"),
    [
        ("기계의 경로", '"/' + 'home/someone/book"'),
        ("기계의 경로", "C:" + "\\\\Users\\\\someone"),
        ("가상 환경", "lib/python3.11/site" + "-packages"),
        ("꾸러미 저장소", "https://py" + "pi.org/simple"),
    ],
)
def test_traces_would_be_found(kind, trace):
    assert re.search(TRACES[kind], trace)


def test_this_clone_leaves_no_trace():
    """책을 만든 폴더도, 만든 사람과 기계의 이름도 사이트에 남지 않습니다."""
    own = [re.escape(f"{ROOT}/")] if len(ROOT.parts) > 2 else []
    for pattern in (*own, *(rf"\b{re.escape(name)}\b" for name in own_names())):
        assert found(pattern) == {}


def test_nothing_private_is_tracked():
    """자료와 빌드 결과, 환경 파일은 저장소에 없습니다."""
    private = re.compile(r"ubyte|^(_build|\.venv[\w-]*|build|course|student)/|(^|/)\.env$")
    assert [path for path in tracked() if private.search(path.relative_to(ROOT).as_posix())] == []
