"""움직여 보는 실험의 속도와 무게를, 한 번의 실행 안에서 두 상대와 견줍니다.

    make bench-explorers

같은 2장 페이지를 우리 widgets.js와, 저장된 위젯을 보이는 흔한 세 스크립트(require.js, html-manager, anywidget;
npm에서 받습니다)로 움직이고, JupyterLab에서는 같은 실험과 흔한 방식(interact + matplotlib)을 움직입니다. 글쇠를 누른
때부터 그림이 DOM에서 바뀐 때까지를 잽니다. 결과와 재는 법은 benchmarks/README.md에 있습니다.
"""

import gzip
import subprocess
import tarfile
import tempfile
from pathlib import Path
from statistics import median, quantiles

import nbformat

# 브라우저를 여는 도구는 시험이 쓰는 것과 같습니다.
from axe_playwright_python.sync_playwright import Axe

from tests.browsing import KERNEL_IDLE, ROOT, SITE, chromium, jupyterlab, served
from tests.explored import cells

CHAPTER, FIGURE = "chapters/02_sigmoid_std", "#fig-02-explorer"
PRESSES, LAB_PRESSES, ROUNDS = 200, 30, 5
STOCK = {
    "requirejs@2.3.6": {"require.js": "package/require.js"},
    "@jupyter-widgets/html-manager@1.0.15": {"embed-amd.js": "package/dist/embed-amd.js"},
    "anywidget@0.11.0": {"anywidget.js": "package/dist/index.js"},
}
STOCK_TAGS = """<script src="/stock/require.js"></script>
<script>requirejs.config({paths: {anywidget: "/stock/anywidget"}});</script>
<script src="/stock/embed-amd.js"></script>"""

# 글쇠를 누른 때부터, 보고 있는 것이 바뀐 때까지(ms).
WATCH = """([root, selector, attribute]) => {
  const target = selector ? root.querySelector(selector) : root;
  window.latencies = [];
  let pressed = 0;
  document.addEventListener("keydown", () => (pressed = performance.now()), true);
  new MutationObserver(() => {
    if (pressed) window.latencies.push(performance.now() - pressed);
    pressed = 0;
  }).observe(target, attribute ? { attributeFilter: [attribute] } : { childList: true, subtree: true });
}"""
USABLE = f"document.querySelector('{FIGURE} .wi-explorer[data-position], .wi-explorer[data-position]')"


def fetch_stock(folder):
    for package, files in STOCK.items():
        subprocess.run(["npm", "pack", "--silent", package], cwd=folder, check=True, capture_output=True)
        [archive] = folder.glob("*.tgz")
        with tarfile.open(archive) as tar:
            for name, member in files.items():
                (folder / name).write_bytes(tar.extractfile(member).read())
        archive.unlink()


def press(tab, focus, keys, presses, wait=None):
    """keys를 번갈아 누르며 잰 지연의 목록."""
    focus.focus()
    for i in range(presses):
        tab.keyboard.press(keys[i % len(keys)])
        if wait:
            tab.wait_for_function("(n) => window.latencies.length > n", arg=i, polling=20)
    return tab.evaluate("window.latencies")


def page(browser, url, slider, stock=None):
    """페이지 하나: 쓸 수 있게 될 때까지(ms), 지연, axe가 찾은 심각한 문제의 수, 요청의 수."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    tab, requests = context.new_page(), []
    tab.on("request", lambda request: requests.append(request.url))

    def swap(route):
        answer = route.fetch()
        before, ours, after = answer.text().partition('<script async="async" src="../_static/widgets.js')
        assert ours, "페이지에서 widgets.js를 찾지 못했습니다."
        after = after[after.index("</script>") + len("</script>") :]
        route.fulfill(response=answer, body=before + STOCK_TAGS + after)

    if stock:
        tab.route(f"**/{CHAPTER}.html", swap)
        tab.route("**/stock/*", lambda route: route.fulfill(path=stock / route.request.url.rsplit("/", 1)[1]))
    tab.add_init_script("addEventListener('DOMContentLoaded', () => (window.loaded = performance.now()))")
    tab.add_init_script(
        f"""new MutationObserver((_, observer) => {{
          if (!{USABLE}) return;
          window.usable = performance.now();
          observer.disconnect();
        }}).observe(document, {{ subtree: true, childList: true, attributes: true }});"""
    )
    tab.goto(url)
    tab.wait_for_function("window.usable && window.loaded")
    usable = tab.evaluate("window.usable - window.loaded")
    tab.wait_for_load_state("networkidle")
    root = tab.locator(".wi-explorer").first
    tab.evaluate(WATCH, [root.element_handle(), "", "data-position"])
    latencies = press(tab, tab.locator(slider).first, ["ArrowRight", "ArrowLeft"], PRESSES)
    violations = Axe().run(tab, context=FIGURE).response["violations"]
    serious = sum(len(rule["nodes"]) for rule in violations if rule["impact"] in ("serious", "critical"))
    context.close()
    return {"usable": usable, "latencies": latencies, "serious": serious, "requests": len(requests)}


INTERACT = """import ipywidgets
from wi_lib import plots
@ipywidgets.interact(std=ipywidgets.FloatLogSlider(value=0.1, base=10, min=-3, max=1, step=1 / 6))
def show(std):
    display(plots.layer_histograms(at(std, 5, 1)["signals"], f"{std:.3g}"))
"""


def lab_notebook(book):
    """2장의 실험을 다시 만드는 셀과, 같은 그림을 interact로 다시 그리는 셀."""
    sources = ["".join(cell["source"]) for cell in cells(ROOT / f"{CHAPTER}.ipynb")]
    notebook = nbformat.v4.new_notebook(cells=list(map(nbformat.v4.new_code_cell, [*sources, INTERACT])))
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    book.mkdir(parents=True)
    nbformat.write(notebook, book / "bench.ipynb")


def in_lab(browser, home):
    lab_notebook(home / "book")
    with jupyterlab(home) as url:
        tab = browser.new_page(viewport={"width": 1280, "height": 900})
        tab.set_default_timeout(120_000)
        tab.goto(f"{url}/lab/tree/bench.ipynb?reset")
        tab.wait_for_function(KERNEL_IDLE)
        tab.evaluate("() => void jupyterapp.commands.execute('notebook:run-all-cells')")
        tab.locator(".wi-explorer[data-position]").wait_for()
        tab.locator(".widget-interact .jp-RenderedImage").wait_for()
        ours = tab.locator(".wi-explorer")
        tab.evaluate(WATCH, [ours.element_handle(), "", "data-position"])
        slider = tab.locator(".jp-OutputArea:has(.wi-explorer) .noUi-handle").first
        explorer = press(tab, slider, ["ArrowRight", "ArrowLeft"], LAB_PRESSES, wait=True)
        classic = tab.locator(".widget-interact")
        tab.evaluate(WATCH, [classic.element_handle(), ".widget-output", ""])
        interact = press(
            tab, classic.locator(".noUi-handle").first, ["ArrowRight", "ArrowLeft"], LAB_PRESSES, wait=True
        )
        return explorer, interact


def size(paths):
    data = [Path(path).read_bytes() for path in paths]
    return sum(map(len, data)), sum(len(gzip.compress(d)) for d in data)


def row(name, values):
    cuts = quantiles(values, n=20)
    return f"| {name} | {median(values):.1f} | {cuts[-1]:.1f} |"


def main():
    with tempfile.TemporaryDirectory() as folder, chromium() as browser, served(SITE) as site:
        folder = Path(folder)
        fetch_stock(folder)
        url = f"{site}/{CHAPTER}.html"
        ours = [page(browser, url, f"{FIGURE} input[type=range]") for _ in range(ROUNDS)]
        theirs = [page(browser, url, ".noUi-handle", folder) for _ in range(ROUNDS)]
        explorer, interact = in_lab(browser, folder / "lab")
        print("| 같은 페이지 | 스크립트(kB) | 압축(kB) | 쓸 수 있기까지(ms) | 요청 | axe 심각 |")
        print("|---|--:|--:|--:|--:|--:|")
        static = [
            SITE / "_static" / "widgets.js",
            *(ROOT / "wi_lib" / "explorers" / f"explorer.{kind}" for kind in ("js", "css")),
        ]
        stock_files = [folder / name for files in STOCK.values() for name in files]
        for name, runs, files in (("widgets.js", ours, static), ("html-manager", theirs, stock_files)):
            plain, packed = size(files)
            usable = median(run["usable"] for run in runs)
            counts = f"{runs[0]['requests']} | {runs[0]['serious']}"
            print(f"| {name} | {plain / 1e3:.0f} | {packed / 1e3:.1f} | {usable:.0f} | {counts} |")
        print("\n| 글쇠에서 새 그림까지(ms) | 중앙값 | 95 % |\n|---|--:|--:|")
        for name, runs in (("페이지, widgets.js", ours), ("페이지, html-manager", theirs)):
            print(row(name, [value for run in runs for value in run["latencies"]]))
        print(row("JupyterLab, 움직여 보는 실험", explorer))
        print(row("JupyterLab, interact + matplotlib", interact))
        print(f"\nJupyterLab에서 {median(interact) / median(explorer):.0f}배 빠릅니다.")


if __name__ == "__main__":
    main()
