"""작은 IDX 파일 네 개와, 127.0.0.1에서 그것을 주거나 망가뜨려 주는 거울."""

import gzip
import hashlib
import http.server
import struct
import threading
from contextlib import contextmanager

import numpy as np

from wi_lib import datasets

SHAPES = [(6, 28, 28), (6,), (3, 28, 28), (3,)]
NAMES = list(datasets.FILES)


def idx(shape, seed):
    """모양이 shape인 IDX 파일의 내용과 그 배열."""
    values = np.random.default_rng(seed).integers(10 if len(shape) == 1 else 256, size=shape, dtype=np.uint8)
    header = struct.pack(f">{1 + len(shape)}I", 2048 + len(shape), *shape)
    return header + values.tobytes(), values


ARRAYS = [idx(shape, seed)[1] for seed, shape in enumerate(SHAPES)]
CONTENTS = {name: gzip.compress(idx(shape, seed)[0], mtime=0) for seed, (name, shape) in enumerate(zip(NAMES, SHAPES))}


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def write_all(folder, **altered):
    """작은 자료 네 개를 folder에 씁니다. altered는 파일 번호 → 바꿔 넣을 내용(None이면 쓰지 않음)."""
    folder.mkdir(exist_ok=True)
    for i, (name, content) in enumerate(CONTENTS.items()):
        content = altered.get(f"file{i}", content)
        if content is not None:
            (folder / name).write_bytes(content)
    return folder


# 아무도 듣지 않는 포트: 접속은 곧바로 거절됩니다. 다른 서버가 골라 갈 수 있는 빈 포트가 아니라 정해진 포트입니다.
DEAD = "http://127.0.0.1:9/"


def good(name):
    return 200, CONTENTS[name], len(CONTENTS[name])


def broken(kind, victim=None):
    """victim(없으면 모든 파일)을 kind대로 망가뜨려 답하는 거울."""

    def answer(name):
        content = CONTENTS[name]
        if victim not in (None, name):
            return good(name)
        return {
            "truncated": (200, content[: len(content) // 2], len(content)),
            "short": (200, content[: len(content) // 2], len(content) // 2),
            "altered": (200, content[:-1] + bytes([content[-1] ^ 1]), len(content)),
            "login page": (200, b"<html>", 6),
            "empty": (200, b"", 0),
            "missing": (404, b"", 0),
            "server error": (500, b"", 0),
        }[kind]

    return answer


def cached_files(tmp_path):
    return {path.name: path.read_bytes() for path in (tmp_path / "cache").rglob("*") if path.is_file()}


@contextmanager
def mirror(answer):
    """(주소, 받은 요청의 목록). answer는 파일 이름에서 (상태, 내용, Content-Length)나, 손수 답하는 함수를 만듭니다."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            requests.append(self.path[1:])
            reply = answer(self.path[1:])
            if callable(reply):
                reply(self)
                return
            status, content, length = reply
            self.send_response(status)
            self.send_header("Content-Length", str(length))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args):
            pass

    requests = []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", requests
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
