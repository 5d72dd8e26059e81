"""실험대의 그림과 파일을 고르는 자리만 놓은 페이지. 워커 없이, 손으로 만든 모습을 보입니다."""

from contextlib import contextmanager

from tests.browsing import Visit, served
from wi_lib.lab import bundle

# 책의 페이지와 같은 정책이라, 여기서 막히는 것은 거기서도 막힙니다.
POLICY = "default-src 'none'; script-src 'self' blob:; style-src 'self'; img-src 'self' data:; connect-src 'self'"
PAGE = f"""<!doctype html><html lang="ko" data-theme="light"><head><meta charset="utf-8"><title>시험</title>
<meta name="viewport" content="width=device-width"><meta http-equiv="Content-Security-Policy" content="{POLICY}">
<link rel="stylesheet" href="page.css"></head>
<body><main><h1>시험</h1><div class="wi-lab"></div></main><script src="page.js"></script></body></html>"""
SCRIPT = """
const looks = [];
const given = [];
const units = $.makeUnits(() => looks.push(units.wants()));
const plane = $.makePlane();
const mnist = $.makeMnistChooser((parts) => given.push(parts));
document.querySelector(".wi-lab").append(units.element, plane.element, mnist.element);
const SETTING = { data: "digits", activation: "relu", depth: 4, width: 50 };
const wave = (count, scale) => Float32Array.from({ length: count }, (_, i) => scale * Math.sin(i));
// 층 l의 유닛 u: l의 배수인 유닛은 모두 죽었고, 나머지는 번호를 따라 늘어납니다.
const shares = ({ depth, width }) => Array.from({ length: depth }, (_, l) =>
  Uint8Array.from({ length: width }, (_, u) => (l && u % (10 * l) === 0 ? 255 : (u * 5) % 255)));
function snapshot(setting, extra = {}) {
  const weights = { layer: 1, unit: 0, values: wave(64, 0.2), limit: 0.25 };
  return { state: "paused", step: 1, loss: 1, accuracy: 0.5, saturation: shares(setting), weights, boundary: null,
    ...extra };
}
function show(changes = {}, extra = {}, data = null) {
  const setting = { ...SETTING, ...changes };
  for (const view of [units, plane, mnist]) view.update(snapshot(setting, extra), setting, data);
}
"""
BASE = """html[data-theme="dark"] { background: #121212; color: #eee;
  --pst-color-text-base: #eee; --pst-color-surface: #222; }
.wi-lab { --wi-ink: var(--pst-color-text-base, #222); --wi-muted: #777; --wi-rule: #999; --wi-surface: #f3f4f5;
  --wi-0: #0072b2; --wi-touch: 1.75rem; container-type: inline-size; line-height: 1.5; }"""


@contextmanager
def opened(folder):
    """그림들만 있는 페이지의 주소."""
    known = []
    for name in ("units", "plane", "mnist"):
        bundle.order(name, known)
    code = '"use strict";\nconst $ = {};\n' + "".join(map(bundle.wrapped, known)) + SCRIPT
    (folder / "page.js").write_text(code, encoding="utf-8")
    (folder / "page.css").write_text(BASE + (bundle.HERE / "views.css").read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "index.html").write_text(PAGE, encoding="utf-8")
    with served(folder) as url:
        yield f"{url}/index.html"


@contextmanager
def visited(browser, address, **options):
    """페이지를 열고, 나갈 때 오류도 밖으로 나간 요청도 없었는지 봅니다."""
    with Visit(browser, address, **options) as visit:
        yield visit
        assert not visit.errors
        assert not visit.outside


def settle(visit):
    """보이게 된 그림은 다음 프레임에 그려집니다."""
    visit.tab.evaluate("() => new Promise((done) => setTimeout(done, 150))")


def show(visit, changes="{}", extra="{}", data="null"):
    visit.tab.evaluate(f"() => show({changes}, {extra}, {data})")
    settle(visit)


def text(visit, selector):
    return visit.tab.locator(selector).inner_text()
