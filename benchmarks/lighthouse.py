"""만들어진 책의 몇 쪽을 Lighthouse로 잽니다: 압축해서 내어 주는 서버, 전화기와 책상 위의 화면.

    make lighthouse                          # 목표에 못 미치는 쪽이 있으면 실패합니다
    python benchmarks/lighthouse.py 폴더     # 다른 판의 _build/html과 견줄 때

Chromium과 npm이 있어야 합니다. 점수는 기계가 바쁘면 낮아지므로, 다른 일을 멈추고 잽니다.
"""

import functools
import gzip
import http.server
import json
import mimetypes
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from urllib.parse import quote

from tqdm import tqdm

from publish.chromium import installed

LIGHTHOUSE = "lighthouse@13.5.0"
PAGES = ["", "chapters/02_sigmoid_std.html", "chapters/06_mnist.html", "search.html", f"search.html?q={quote('분산')}"]
PROFILES = {"전화기": (), "책상": ("--preset=desktop",)}
# 범주마다의 이름과 목표
GOALS = {"performance": 95, "accessibility": 100, "best-practices": 100, "seo": 100}
TEXT = ("text/", "application/javascript", "image/svg+xml", "application/json")


class Compressed(http.server.SimpleHTTPRequestHandler):
    """글은 gzip으로 눌러서 내어 줍니다. GitHub Pages와 같습니다."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def do_GET(self):
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        if not path.is_file():
            return self.send_error(404)
        body, kind = path.read_bytes(), mimetypes.guess_type(path)[0] or "application/octet-stream"
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Cache-Control", "max-age=600")
        if kind.startswith(TEXT):
            body = gzip.compress(body)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def audit(tool, url, options):
    flags = "--chrome-flags=--headless=new --no-sandbox --disable-gpu"
    command = [tool, url, "--quiet", "--output=json", f"--only-categories={','.join(GOALS)}", flags, *options]
    env = {**os.environ, "CHROME_PATH": installed()}
    return json.loads(subprocess.run(command, check=True, capture_output=True, env=env).stdout)


def row(report):
    scores = [round(100 * report["categories"][name]["score"]) for name in GOALS]
    audits = report["audits"]
    paint, blocked, shift, size = (
        audits[name]["numericValue"]
        for name in ("largest-contentful-paint", "total-blocking-time", "cumulative-layout-shift", "total-byte-weight")
    )
    return scores, f"{paint / 1000:.1f} s | {blocked:.0f} ms | {shift:.3f} | {size / 1024:.0f} KiB"


def main(site):
    if not (site / "index.html").exists():
        sys.exit(f"{site}에 책이 없습니다. make book을 먼저 하십시오.")
    if installed() is None:
        sys.exit("Chromium이 없습니다. 설치하고 다시 하십시오.")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Compressed, directory=site))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    rows, short = [], False
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "install", "--silent", "--prefix", folder, LIGHTHOUSE], check=True)
        tool = f"{folder}/node_modules/.bin/lighthouse"
        for page, profile in tqdm([(page, profile) for page in PAGES for profile in PROFILES], desc="Lighthouse"):
            url = f"http://127.0.0.1:{server.server_port}/{page}"
            scores, figures = row(audit(tool, url, PROFILES[profile]))
            short |= any(score < goal for score, goal in zip(scores, GOALS.values()))
            rows.append(f"| {page or '첫 쪽'} | {profile} | {' | '.join(map(str, scores))} | {figures} |")
    print("| 쪽 | 화면 | 성능 | 접근성 | 모범 사례 | 찾기 | 가장 큰 내용 | 막힌 시간 | 밀림 | 받은 양 |")
    print("|---|---|--:|--:|--:|--:|--:|--:|--:|--:|", *rows, sep="\n")
    sys.exit(short)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else Path(__file__).parents[1] / "_build" / "html")
