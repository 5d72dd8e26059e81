"""만들어진 페이지를 브라우저로 여는 도구. 시험 여럿이 함께 씁니다."""

import functools
import http.server
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from publish.chromium import installed

ROOT = Path(__file__).parents[1]
SITE = ROOT / "_build" / "html"
PAGES = [
    str(path.relative_to(SITE))
    for folder in ("", "chapters", "exercises", "instructors")
    for path in sorted((SITE / folder).glob("*.html"))
    if path not in (SITE / "search.html", SITE / "index.html")
]
CHAPTERS = [page for page in PAGES if page.startswith("chapters/")]
# 화면 밖의 그림까지 다 받기를 기다립니다.
LOADED = "Promise.all([...document.images].map((image) => ((image.loading = 'eager'), image.decode())))"
# 색이나 너비가 바뀌는 도중에 재지 않도록, 움직이던 것이 다 멈출 때까지 기다립니다.
SETTLED = """async () => {
  const frame = () => new Promise(requestAnimationFrame);
  await frame(), await frame();
  await Promise.allSettled(document.getAnimations().map((animation) => animation.finished));
}"""
# 창이 없는 Chromium. 같은 엔진으로 그리고, 페이지를 하나 여는 데 드는 CPU는 반이 안 됩니다.
SHELL = shutil.which("chromium-headless-shell")
ARGUMENTS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # 이 기계 밖으로는 어디로도 나가지 않습니다.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        # 다 받기 전에 닫은 페이지는 오류가 아닙니다.
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def served(folder):
    """folder를 이 기계에서 내어 주는 서버의 주소."""
    server = Server(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@contextmanager
def chromium():
    """헤드리스 Chromium. 없으면 시험을 건너뛰되, WI_LIB_REQUIRE_BROWSER가 있으면 실패합니다."""
    from playwright.sync_api import Error, sync_playwright

    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=SHELL or installed(), args=ARGUMENTS)
        except Error:
            if os.environ.get("WI_LIB_REQUIRE_BROWSER"):
                raise
            pytest.skip(
                "!!! 브라우저가 없어 페이지 시험을 건너뜁니다. Chromium을 설치하고 다시 make test 하십시오. !!!"
            )
        yield browser
        browser.close()


class Visit:
    """페이지 하나를 열고, 콘솔 오류와 이 기계 밖으로 나가려 한 요청을 모읍니다.

    예상에 답하며 읽는 독자(asking)가 아니면 ‘늘 그냥 읽기’를 고른 독자라서, 예상의 뒤가 가려져 있지 않습니다.
    """

    def __init__(self, browser, url, asking=False, **options):
        self.context = browser.new_context(**{"locale": "ko-KR", "viewport": {"width": 1280, "height": 900}} | options)
        if not asking:
            self.context.add_init_script("localStorage.setItem('wi-read', 'plain')")
        self.tab, self.errors, self.outside = self.context.new_page(), [], []
        self.tab.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        self.tab.on("pageerror", lambda error: self.errors.append(str(error)))
        self.tab.on("request", self._note_outside)
        self.tab.goto(url, wait_until="load")

    def count(self, selector):
        return self.tab.locator(selector).count()

    def broken_images(self):
        return self.tab.evaluate("[...document.images].filter(i => i.complete && !i.naturalWidth).map(i => i.src)")

    def _note_outside(self, request):
        if urlsplit(request.url).hostname not in (None, "", "127.0.0.1"):
            self.outside.append(request.url)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.context.close()


LAB_SETTINGS = {
    # 화면 밖의 출력도 그려 두어야 찾을 수 있습니다.
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}


KERNEL_IDLE = "window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"


@contextmanager
def reserved():
    """곧 띄울 서버의 포트. 듣지 않는 소켓으로 잡아 두어, 그 사이에 다른 시험이 골라 가지 않습니다."""
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
        # 잡아 둔 포트에서 다른 소켓이 듣게 해 주는 것은 Linux뿐입니다.
        if sys.platform != "linux":
            held.close()
        yield port


@contextmanager
def jupyterlab(home, python=sys.executable):
    """home/book의 노트북을 여는 JupyterLab의 주소. 이 기계의 설정은 읽지도 쓰지도 않습니다."""
    for name, values in LAB_SETTINGS.items():
        file = home / "settings" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values), encoding="utf-8")
    folders = {
        name: str(home / name.lower()) for name in ("JUPYTER_CONFIG_DIR", "JUPYTERLAB_WORKSPACES_DIR", "IPYTHONDIR")
    }
    env = {**os.environ, **folders, "JUPYTERLAB_SETTINGS_DIR": str(home / "settings")}
    command = [python, "-m", "jupyterlab", "--no-browser", "--allow-root", "--expose-app-in-browser"]
    with reserved() as port:
        options = [
            f"--port={port}",
            "--ServerApp.port_retries=0",
            "--IdentityProvider.token=",
            f"--notebook-dir={home / 'book'}",
        ]
        with (home / "log").open("w", encoding="utf-8") as log:
            server = subprocess.Popen([*command, *options], env=env, stdout=log, stderr=log)
        for _ in range(240):
            with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/api", timeout=1):
                break
            assert server.poll() is None, (home / "log").read_text(encoding="utf-8")
            time.sleep(0.5)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(timeout=30)
