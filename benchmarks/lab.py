"""실험대의 엔진을 NumPy, TensorFlow.js와 한 번의 실행 안에서 견주고, 페이지에서 첫 걸음까지와 화면의 빠르기를 잽니다.

    make bench-lab

TensorFlow.js는 npm에서 임시 폴더에 받습니다. 결과와 재는 법은 benchmarks/README.md에 있습니다.
"""

import os

# BLAS는 불러올 때 스레드 수를 정하므로, NumPy보다 먼저 적어 둡니다.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import gzip
import json
import subprocess
import tarfile
import tempfile
from itertools import pairwise
from math import inf
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np

import wi_lib
from tests.browsing import SITE, Visit, chromium, served
from wi_lib import datasets
from wi_lib.lab import bundle, digits

VERSION = "4.22.0"
STOCK = {
    f"@tensorflow/tfjs@{VERSION}": ["tf.min.js"],
    f"@tensorflow/tfjs-backend-wasm@{VERSION}": [
        "tf-backend-wasm.min.js",
        *(f"tfjs-backend-wasm{kind}.wasm" for kind in ("", "-simd", "-threaded-simd")),
    ],
}
ENGINE, NUMPY = "**실험대의 엔진**", "`wi_lib.train`(NumPy)"
PAGE_CONTESTANTS = {ENGINE: "engine", "TensorFlow.js, wasm": "wasm", "TensorFlow.js, cpu": "cpu"}
ROUNDS, SLICES, SLICE, CHECKED = 7, 4, 0.12, 20
BASE = {"activation": "relu", "optimizer": "sgd", "learning_rate": 0.01, "batch_size": 32, "seed": 0}
NETWORKS = {
    "64-50×4-10, ReLU, SGD": {"sizes": [64, *[50] * 4, 10]},
    "같은 망, tanh": {"sizes": [64, *[50] * 4, 10], "activation": "tanh"},
    "같은 망, Adam": {"sizes": [64, *[50] * 4, 10], "optimizer": "adam", "learning_rate": 0.001},
    "64-256×4-10, ReLU, SGD": {"sizes": [64, *[256] * 4, 10]},
}
HTML = '<!DOCTYPE html><meta charset="utf-8"><title>재기</title>'
TALK = """([name, message]) => new Promise((resolve, reject) => {
  window.workers ??= {};
  const worker = (window.workers[name] ??= new Worker("worker.js"));
  worker.onmessage = ({ data }) => resolve(data);
  worker.onerror = (event) => reject(new Error(event.message));
  worker.postMessage(message);
})"""

PAGES = {
    "손글씨 숫자, 50유닛 × 4층": "",
    "손글씨 숫자, 256유닛 × 20층": "depth=20&width=256&learning_rate=0.001",
    "나선(결정 경계), 50유닛 × 4층": "data=spiral",
}
VISITS, SECONDS = 5, 3
# 단추를 누르고, 첫 걸음까지(ms)와 초마다 화면을 그린 횟수를.
PRESS = """async (seconds) => {
  const root = document.querySelector(".wi-lab");
  const found = { first: null, frames: 0 };
  const pressed = performance.now();
  new MutationObserver(() => {
    if (Number(root.dataset.step) > 0) found.first ??= performance.now() - pressed;
  }).observe(root, { attributeFilter: ["data-step"] });
  root.querySelector(".wi-lab-run").click();
  while (performance.now() - pressed < 1e3 * seconds) {
    await new Promise(requestAnimationFrame);
    found.frames += 1 / seconds;
  }
  return { ...found, state: root.dataset.state };
}"""


def fetch_stock(folder):
    for package, files in STOCK.items():
        subprocess.run(["npm", "pack", "--silent", package], cwd=folder, check=True, capture_output=True)
        [archive] = folder.glob("*.tgz")
        with tarfile.open(archive) as tar:
            for name in files:
                (folder / name).write_bytes(tar.extractfile(f"package/dist/{name}").read())
        archive.unlink()


def write_page(folder):
    worker = Path(__file__).with_name("lab_worker.js").read_text(encoding="utf-8")
    script = f"{bundle.engine()}const DIGITS = {json.dumps(digits.packed())};\n{worker}"
    (folder / "worker.js").write_text(script, encoding="utf-8")
    (folder / "index.html").write_text(HTML, encoding="utf-8")


def multiplications(sizes, batch_size):
    """한 걸음의 행렬 곱에 드는 부동소수점 연산의 수: 순전파, 가중치 기울기, 그리고 첫 층을 뺀 δ."""
    layers = [fan_in * fan_out for fan_in, fan_out in pairwise(sizes)]
    return 2 * batch_size * (3 * sum(layers) - layers[0])


class Numpy:
    """wi_lib.train을 이어서 부르는 참가자. 부를 때마다 드는 검사와 정확도는, 한 걸음만 부른 시간을 빼서 덜어 냅니다."""

    def __init__(self, setting):
        self.data, self.rng = datasets.load_digits(), np.random.default_rng(setting["seed"])
        self.net = wi_lib.MLP(setting["sizes"], setting["activation"], "he_normal", rng=self.rng)
        self.settings = {name: setting[name] for name in ("learning_rate", "batch_size", "optimizer")}
        self.once = inf

    def train(self, steps):
        return wi_lib.train(self.net, self.data, **self.settings, iterations=steps, rng=self.rng).loss

    def __call__(self, steps):
        self.once = min(self.once, *(self.seconds(1) for _ in range(5)))
        return self.seconds(steps + 1) - self.once, None

    def seconds(self, steps):
        start = perf_counter()
        self.train(steps)
        return perf_counter() - start


class InWorker:
    """페이지의 워커에서 도는 참가자."""

    def __init__(self, tab, origin, kind, setting):
        self.tab, self.kind = tab, kind
        setting = setting | {"initializer": "he_normal", "origin": origin}
        self.tab.evaluate(TALK, [kind, {"make": kind, "setting": setting}])

    def __call__(self, steps):
        answer = self.tab.evaluate(TALK, [self.kind, {"steps": steps}])
        return answer["milliseconds"] / 1e3, answer["losses"]


def contestants(browser, origin, setting):
    """이름 → 참가자. 견주기 전에, 같은 가중치와 배치에서 첫 손실들이 같은지 봅니다."""
    expected = Numpy(setting).train(CHECKED)
    runs = {NUMPY: Numpy(setting)}
    visit = Visit(browser, f"{origin}/index.html")
    for name, kind in PAGE_CONTESTANTS.items():
        runs[name] = InWorker(visit.tab, origin, kind, setting)
        np.testing.assert_allclose(runs[name](CHECKED)[1], expected, rtol=1e-2)
    return visit, runs


def measure(runs):
    """이름 → 라운드마다의 한 걸음(초). 토막마다 모두를 번갈아 뒤집으며 재고, 라운드에서 가장 빠른 토막을 씁니다."""
    steps = {}
    for name, run in runs.items():
        run(30)
        steps[name] = max(int(SLICE / (run(10)[0] / 10)), 3)
    costs = {name: [] for name in runs}
    for _ in range(ROUNDS):
        best = dict.fromkeys(runs, inf)
        for i in range(SLICES):
            for name in list(runs)[:: 1 if i % 2 else -1]:
                best[name] = min(best[name], runs[name](steps[name])[0] / steps[name])
        for name in runs:
            costs[name].append(best[name])
    return costs


def table(title, setting, costs):
    work = multiplications(setting["sizes"], setting["batch_size"])
    print(f"\n| {title} | 한 걸음(µs) | GFLOP/s | 엔진의 몇 배가 걸리나 |\n|---|--:|--:|--:|")
    for name in [ENGINE, *(name for name in costs if name != ENGINE)]:
        middle = median(costs[name])
        ratio = median(theirs / ours for theirs, ours in zip(costs[name], costs[ENGINE]))
        print(f"| {name} | {middle * 1e6:,.0f} | {work / middle / 1e9:.2f} | {ratio:.2f} |")


def pressed(browser, url):
    """페이지 하나를 새로 열어 준비된 뒤에 학습의 단추를 누르고 잰 것."""
    with Visit(browser, url) as visit:
        visit.tab.bring_to_front()
        visit.tab.locator(".wi-lab[data-state=ready]").wait_for()
        # 준비한 모습을 다 그린 뒤에 누릅니다.
        visit.tab.wait_for_timeout(500)
        browser.start_tracing(page=visit.tab, categories=["toplevel"])
        found = visit.tab.evaluate(PRESS, SECONDS)
        assert found["state"] == "running", found
        return found | {"longest": longest_task(json.loads(browser.stop_tracing())["traceEvents"])}


def longest_task(events):
    """화면의 스레드에서 가장 길었던 작업의 CPU 시간(ms). 옆 작업에 밀린 시간은 들지 않습니다."""
    named = (event for event in events if event["name"] == "thread_name")
    main = {(event["pid"], event["tid"]) for event in named if event["args"]["name"] == "CrRendererMain"}
    return max(event.get("tdur", 0) for event in events if (event["pid"], event["tid"]) in main) / 1e3


def page_table(browser):
    print("\n| 실험대의 페이지 | 첫 걸음까지(ms) | 초마다 그린 화면 | 가장 긴 작업(ms) |\n|---|--:|--:|--:|")
    with served(SITE) as site:
        for title, setting in PAGES.items():
            runs = [pressed(browser, f"{site}/lab.html#iterations=100000&{setting}") for _ in range(VISITS)]
            first, frames = (median(run[name] for run in runs) for name in ("first", "frames"))
            longest = max(run["longest"] for run in runs)
            print(f"| {title} | {first:.0f} | {frames:.0f} | {longest:.0f} |")


def sizes():
    parts = {"실험대의 스크립트": bundle.page(), "그 가운데 워커의 것": bundle.engine(), "모양": bundle.css()}
    print("\n| 내어 주는 것 | kB | 압축(kB) |\n|---|--:|--:|")
    for name, text in (parts | {"손글씨 숫자": digits.packed()}).items():
        print(f"| {name} | {len(text.encode()) / 1e3:.1f} | {len(gzip.compress(text.encode())) / 1e3:.1f} |")


def main():
    sizes()
    with tempfile.TemporaryDirectory() as folder, chromium() as browser, served(folder) as origin:
        folder = Path(folder)
        fetch_stock(folder)
        write_page(folder)
        page_table(browser)
        for title, change in NETWORKS.items():
            setting = BASE | change
            visit, runs = contestants(browser, origin, setting)
            with visit:
                table(title, setting, measure(runs))


if __name__ == "__main__":
    main()
