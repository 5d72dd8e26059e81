"""내려받기의 어려운 조건: 멈추거나 흘리거나 끊는 거울, 쓸 수 없는 캐시, 함께 받는 프로세스, 죽은 프로세스."""

import os
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

import pooch
import pytest

from tests.package.mirrors import CONTENTS, NAMES, cached_files, good, write_all
from tests.speaking import SPOKEN
from wi_lib import datasets, downloads

ROOT = Path(__file__).parents[2]
pytestmark = [
    pytest.mark.usefixtures("isolated"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
NAME = NAMES[0]


@pytest.fixture
def impatient(monkeypatch):
    """멈춘 것으로 치는 시간을 줄입니다. 바쁜 기계에서도 온전한 거울은 그동안 1 kB는 줍니다."""
    monkeypatch.setattr(downloads, "PATIENCE", 2.0)
    monkeypatch.setattr(downloads, "LEAST", 1)


@pytest.fixture
def over():
    """시험이 끝나면 멈춘 거울을 놓아줍니다."""
    event = threading.Event()
    yield event
    event.set()


def begin(handler, length):
    handler.send_response(200)
    handler.send_header("Content-Length", str(length))
    handler.end_headers()


def use(monkeypatch, *mirrors):
    monkeypatch.setattr(datasets, "MIRRORS", mirrors)


def refusal():
    with pytest.raises(datasets.DatasetError, match=r"^MNIST를 내려받지 못했습니다\.") as caught:
        datasets.load_mnist()
    return str(caught.value)


# ── 멈추거나 느린 거울 ─────────────────────────────────────────────────────────────────


def silent(over):
    """접속은 받고 아무 답도 하지 않습니다."""
    return lambda name: lambda handler: over.wait(30)


def stalled(over):
    """반을 주고 멈춥니다."""

    def reply(handler):
        content = CONTENTS[handler.path[1:]]
        begin(handler, len(content))
        handler.wfile.write(content[: len(content) // 2])
        handler.wfile.flush()
        over.wait(30)

    return lambda name: reply


def dripping(over):
    """한 바이트씩 흘립니다. 바이트마다의 제한 시간에는 걸리지 않습니다."""

    def reply(handler):
        content = CONTENTS[handler.path[1:]]
        begin(handler, len(content))
        for i in range(len(content)):
            handler.wfile.write(content[i : i + 1])
            handler.wfile.flush()
            if over.wait(0.05):
                return

    return lambda name: reply


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("kind", [silent, stalled, dripping])
def test_a_mirror_that_hangs_is_left(monkeypatch, serve, over, tmp_path, capsys, kind):
    """멈춘 거울은 버리고 다음 거울에서 받습니다. 남은 파일은 멈춘 거울에 다시 묻지 않고, 그동안 막대가 보입니다."""
    (first, asked), (second, _) = serve(kind(over)), serve(good)
    use(monkeypatch, first, second)
    assert datasets.load_mnist().name == "MNIST"
    assert asked == [NAME]
    assert f"{NAME}: " in capsys.readouterr().err
    assert {name: content for name, content in cached_files(tmp_path).items() if name in CONTENTS} == CONTENTS


@pytest.mark.usefixtures("impatient")
def test_a_mirror_that_was_left_stops(monkeypatch, serve, over, tmp_path):
    """너무 느려 버린 거울에서 오던 것은 더 받지 않고, 받던 임시 파일도 지웁니다."""

    def reply(handler):
        content = CONTENTS[handler.path[1:]]
        begin(handler, len(content))
        for start in range(0, len(content), 512):
            handler.wfile.write(content[start : start + 512])
            if over.wait(0.3):
                return

    monkeypatch.setattr(downloads, "LEAST", 15_000)
    use(monkeypatch, serve(lambda name: reply)[0], serve(good)[0])
    assert datasets.load_mnist().name == "MNIST"
    assert cached_files(tmp_path) == CONTENTS


@pytest.mark.usefixtures("impatient")
def test_an_address_that_swallows_connections_is_left(monkeypatch, serve):
    """방화벽이 버리는 주소가 여럿이면 requests는 주소마다 제한 시간을 다 기다립니다."""
    resolve = socket.getaddrinfo
    with socket.socket() as full, socket.socket() as waiting:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting.connect(full.getsockname())  # 자리가 하나뿐인 줄이 찼습니다.
        monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **more: resolve(*args, **more) * 20)
        use(monkeypatch, f"http://127.0.0.1:{full.getsockname()[1]}/", serve(good)[0])
        assert datasets.load_mnist().name == "MNIST"


@pytest.mark.usefixtures("impatient")
def test_every_mirror_hangs(monkeypatch, serve, over, tmp_path):
    mirrors = [serve(kind(over))[0] for kind in (silent, dripping)]
    use(monkeypatch, *mirrors)
    said = refusal()
    assert all(f"\n- {mirror}: 멈춰 있습니다(TimeoutError: 2초 동안 " in said for mirror in mirrors)
    assert NAME not in cached_files(tmp_path)


def test_a_slow_mirror_that_goes_on_is_not_left(monkeypatch, serve, over):
    """느려도 오고 있으면 기다립니다. 재는 것은 통틀어 걸린 시간이 아닙니다."""
    monkeypatch.setattr(downloads, "PATIENCE", 1.0)
    monkeypatch.setattr(downloads, "LEAST", 1)

    def reply(handler):
        content = CONTENTS[handler.path[1:]]
        begin(handler, len(content))
        for start in range(0, len(content), 1024):
            handler.wfile.write(content[start : start + 1024])
            over.wait(0.4)

    address, asked = serve(lambda name: reply if name == NAME else good(name))
    use(monkeypatch, address)
    assert datasets.load_mnist().name == "MNIST"
    assert asked == NAMES


# ── 다른 것을 주는 거울 ────────────────────────────────────────────────────────────────


def redirected(*, to):
    """to로 보냅니다."""

    def reply(handler):
        handler.send_response(302)
        handler.send_header("Location", to + handler.path[1:])
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return lambda name: reply


def reset(name):
    """반을 주고 연결을 끊어 버립니다(RST)."""

    def reply(handler):
        begin(handler, len(CONTENTS[name]))
        handler.wfile.write(CONTENTS[name][:100])
        handler.wfile.flush()
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        handler.connection.close()
        handler.wfile = handler.rfile

    return reply


def test_redirects_are_followed(monkeypatch, serve):
    last, _ = serve(good)
    middle, _ = serve(redirected(to=last))
    first, asked = serve(redirected(to=middle))
    use(monkeypatch, first)
    assert datasets.load_mnist().name == "MNIST"
    assert asked == NAMES


def test_every_reason_is_said_in_korean(monkeypatch, serve, tmp_path):
    """거울마다 왜 안 되었는지 한 줄씩. 괄호 안의 영어는 찾아볼 때 씁니다."""
    resolve = socket.getaddrinfo

    def unknown(host, *args, **more):
        if host != "127.0.0.1":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return resolve(host, *args, **more)

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    loop, _ = serve(redirected(to="/"))
    mirrors = {
        "http://mnist.invalid/": "접속할 수 없습니다(ConnectionError: ",
        serve(good)[0].replace("http", "https"): "안전하게 접속할 수 없습니다(SSLError: ",
        loop: "다른 주소로 보내기만 합니다(TooManyRedirects: ",
        serve(lambda name: (503, b"busy", 4))[0]: "파일을 주지 않습니다(HTTPError: 503 ",
        serve(reset)[0]: "도중에 끊겼습니다(ChunkedEncodingError: ",
        serve(lambda name: (200, b"<html>login</html>", 18))[0]: "원본과 다른 파일을 줍니다(ValueError: ",
        serve(lambda name: good(NAMES[1]))[0]: "원본과 다른 파일을 줍니다(ValueError: ",
    }
    use(monkeypatch, *mirrors)
    lines = refusal().splitlines()[-len(mirrors) :]
    assert [
        line for line, (mirror, why) in zip(lines, mirrors.items()) if not line.startswith(f"- {mirror}: {why}")
    ] == []
    assert cached_files(tmp_path) == {}


def refused(server):
    with pytest.raises(OSError, match="alert"):
        server.accept()


def test_a_stranger_certificate_is_refused(monkeypatch, tmp_path):
    """스스로 서명한 거울(끼어든 프록시)에서는 받지 않습니다."""
    if not shutil.which("openssl"):
        pytest.skip("인증서를 만들 openssl이 없습니다")
    made = tmp_path / "certificate.pem"
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    command = ["openssl", "req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    subprocess.run([*command, *subject, "-keyout", made, "-out", made], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made)
    with (
        socket.create_server(("127.0.0.1", 0)) as listening,
        context.wrap_socket(listening, server_side=True) as server,
    ):
        threading.Thread(target=refused, args=[server], daemon=True).start()
        use(monkeypatch, f"https://127.0.0.1:{server.getsockname()[1]}/")
        assert "안전하게 접속할 수 없습니다(SSLError: " in refusal()


# ── 캐시 ───────────────────────────────────────────────────────────────────────────────

LOADING = """
import sys
from pathlib import Path
from tests.package.mirrors import CONTENTS, SHAPES, sha256
from wi_lib import datasets
datasets.FILES = {n: (sha256(c), s) for (n, c), s in zip(CONTENTS.items(), SHAPES)}
datasets.MIRRORS = tuple(sys.argv[1:])
try:
    print(datasets.load_mnist().name)
except datasets.DatasetError as error:
    print(error)
"""


def load_elsewhere(*mirrors, cache, before=(), cwd=ROOT, **environment):
    """다른 프로세스에서, 사용자의 캐시 폴더를 cache로 하여 읽습니다."""
    kept = {name: value for name, value in os.environ.items() if name not in ("WI_LIB_DATA_DIR", "XDG_CACHE_HOME")}
    variables = kept | {"PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(cache)} | environment
    variables = {name: value for name, value in variables.items() if value is not None}
    command = [*before, sys.executable, "-c", LOADING, *mirrors]
    return subprocess.Popen(
        command,
        cwd=cwd,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding=SPOKEN,
    )


def finished(process):
    return process.communicate(timeout=60)[0]


def until(true):
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


linux = pytest.mark.skipif(sys.platform != "linux", reason="리눅스의 사용자와 파일 시스템을 씁니다")


@linux
def test_two_processes_download_at_once(serve, tmp_path):
    """함께 받아도 둘 다 읽고, 온전한 파일만 하나씩 남습니다."""
    both, asked = threading.Barrier(2, timeout=30), []

    def answer(name):
        asked.append(name)
        if asked.count(name) <= 2:
            both.wait()
        return good(name)

    address, _ = serve(answer)
    running = [load_elsewhere(address, cache=tmp_path / "cache") for _ in range(2)]
    assert all(finished(process).endswith("MNIST\n") for process in running)
    assert sorted(asked) == sorted(NAMES * 2)
    assert cached_files(tmp_path) == CONTENTS


@linux
def test_a_killed_download_leaves_nothing_that_is_trusted(serve, over, tmp_path):
    """받다가 죽은(SIGKILL) 프로세스의 조각은 쓰이지 않고, 한 시간이 지나면 치웁니다."""
    cache = tmp_path / "cache" / "wi_lib"
    running = load_elsewhere(serve(stalled(over))[0], cache=cache.parent)
    until(lambda: [path for path in cache.glob("*") if path.stat().st_size])
    running.kill()
    finished(running)
    (left,) = cache.iterdir()
    address = serve(good)[0]
    assert finished(load_elsewhere(address, cache=cache.parent)).endswith("MNIST\n")
    assert set(cached_files(tmp_path)) == {*NAMES, left.name}
    os.utime(left, (time.time() - downloads.FORGOTTEN - 1,) * 2)
    assert finished(load_elsewhere(address, cache=cache.parent)).endswith("MNIST\n")
    assert cached_files(tmp_path) == CONTENTS


@linux
def test_an_interrupted_download_stops_at_once(serve, over, tmp_path):
    """Ctrl-C는 멈춘 거울을 기다리지 않습니다."""
    running = load_elsewhere(serve(stalled(over))[0], cache=tmp_path / "cache")
    until(lambda: [path for path in (tmp_path / "cache").rglob("*") if path.is_file() and path.stat().st_size])
    running.send_signal(signal.SIGINT)
    assert finished(running).splitlines()[-1] == "KeyboardInterrupt"


def jail(*more):
    if not shutil.which("bwrap"):
        pytest.skip("폴더를 잠글 bubblewrap이 없습니다")
    return ["bwrap", "--dev-bind", "/", "/", *map(str, more)]


@linux
def test_a_read_only_cache(serve, tmp_path):
    """다 받아 둔 캐시는 읽기만 되어도 되고, 받아야 하면 어디에 왜 쓸 수 없는지 한 번만 말합니다."""
    cache = write_all(tmp_path / "wi_lib")
    locked = jail("--ro-bind", tmp_path, tmp_path)
    address, asked = serve(good)
    assert finished(load_elsewhere(address, address, cache=tmp_path, before=locked)).endswith("MNIST\n")
    (cache / NAMES[3]).unlink()
    said = finished(load_elsewhere(address, address, cache=tmp_path, before=locked))
    assert f"캐시 폴더 {cache}에 쓸 수 없습니다(Read-only file system)." in said
    assert said.count("Read-only") == 1
    assert asked == []


@linux
def test_a_full_disk_is_not_tried_twice(serve, tmp_path):
    """진짜로 꽉 찬 디스크. 다른 거울에서 다시 받아도 같으므로 곧바로 말합니다."""
    (tmp_path / "cache").mkdir()
    address, asked = serve(good)
    full = jail("--size", 4096, "--tmpfs", tmp_path / "cache")
    said = finished(load_elsewhere(address, address, cache=tmp_path / "cache", before=full))
    assert "wi_lib에 쓸 수 없습니다(No space left on device)." in said
    assert asked == [NAME]


@linux
def test_without_a_home(tmp_path):
    """HOME도, 사용자의 목록에 자기 이름도 없는 컨테이너. 지금 폴더에 "~"라는 폴더를 만들지 않습니다."""
    nobody = jail("--unshare-user", "--uid", 54321, "--chdir", tmp_path)
    said = finished(load_elsewhere("http://127.0.0.1:9/", cache=None, before=nobody, HOME=None, XDG_CACHE_HOME=None))
    assert "환경 변수 HOME이 없어 캐시를 어디에 둘지 알 수 없습니다." in said
    assert list(tmp_path.iterdir()) == []


def test_without_a_home_and_with_older_platformdirs(monkeypatch):
    """옛 platformdirs는 홈을 모르면 "~"를 그대로 돌려줍니다."""
    monkeypatch.setattr(pooch, "os_cache", lambda project: Path("~그런 사용자는 없습니다", project))
    assert "환경 변수 HOME이 없어" in refusal()


@linux
def test_a_home_that_cannot_be_written(serve, tmp_path):
    locked = jail("--ro-bind", tmp_path, tmp_path)
    said = finished(load_elsewhere(serve(good)[0], cache=None, before=locked, HOME=str(tmp_path), XDG_CACHE_HOME=None))
    assert f"캐시 폴더 {tmp_path / '.cache' / 'wi_lib'}에 쓸 수 없습니다(Read-only file system)." in said


def test_a_file_damaged_later_is_downloaded_again(monkeypatch, serve, tmp_path):
    address, asked = serve(good)
    use(monkeypatch, address)
    datasets.load_mnist()
    damaged = tmp_path / "cache" / "wi_lib" / NAMES[2]
    damaged.write_bytes(damaged.read_bytes()[:-1])
    datasets.load_mnist()
    assert asked == [*NAMES, NAMES[2]]
    assert cached_files(tmp_path) == CONTENTS
