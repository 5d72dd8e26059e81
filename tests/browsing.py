"""만들어진 페이지를 브라우저로 여는 도구. 시험 여럿이 함께 씁니다."""

import functools
import http.server
import os
import shutil
import threading
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

ROOT = Path(__file__).parents[1]
SITE = ROOT / "_build" / "html"
PAGES = [
    str(path.relative_to(SITE))
    for path in [*SITE.glob("*.html"), *SITE.glob("chapters/*.html")]
    if path.name not in ("genindex.html", "search.html", "index.html")
]
CHAPTERS = [page for page in PAGES if page.startswith("chapters/")]
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# 테마가 내는, 독자에게 영향이 없는 두 문장입니다.
HARMLESS = ("Identifier 'THEBE_JS_URL' has already been declared", "Got invalid theme mode")


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


@contextmanager
def served(folder):
    """folder를 이 기계에서 내어 주는 서버의 주소."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@contextmanager
def chromium():
    """헤드리스 Chromium. 없으면 시험을 건너뛰되, WI_LIB_REQUIRE_BROWSER가 있으면 실패합니다."""
    from playwright.sync_api import Error, sync_playwright

    with sync_playwright() as playwright:
        # 기계에 브라우저가 없으면 Playwright가 내려받아 둔 것을 찾습니다.
        found = next(filter(None, map(shutil.which, CHROMIUM)), None)
        try:
            browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        except Error:
            if os.environ.get("WI_LIB_REQUIRE_BROWSER"):
                raise
            pytest.skip(
                "!!! 브라우저가 없어 페이지 시험을 건너뜁니다. Chromium을 설치하고 다시 make test 하십시오. !!!"
            )
        yield browser
        browser.close()


class Visit:
    """페이지 하나를 열고, 콘솔 오류와 이 기계 밖으로 나가려 한 요청을 모읍니다."""

    def __init__(self, browser, url, **options):
        self.context = browser.new_context(**{"locale": "ko-KR", "viewport": {"width": 1280, "height": 900}} | options)
        self.tab, self.errors, self.outside = self.context.new_page(), [], []
        self.tab.on("console", lambda message: self._error(message.text) if message.type == "error" else None)
        self.tab.on("pageerror", lambda error: self._error(str(error)))
        self.tab.route("**/*", self._route)
        self.tab.goto(url, wait_until="load")
        if self.count("script[src*=mathjax]"):
            self.tab.wait_for_function("window.MathJax?.startup?.promise")
            self.tab.evaluate("MathJax.startup.promise.then(() => true)")

    def count(self, selector):
        return self.tab.locator(selector).count()

    def broken_images(self):
        return self.tab.evaluate("[...document.images].filter(i => i.complete && !i.naturalWidth).map(i => i.src)")

    def _error(self, text):
        if not text.startswith(HARMLESS):
            self.errors.append(text)

    def _route(self, route):
        if urlsplit(route.request.url).hostname in (None, "127.0.0.1") or route.request.url.startswith("file:"):
            route.continue_()
        else:
            self.outside.append(route.request.url)
            route.abort()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.context.close()
