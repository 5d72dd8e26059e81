"""유닛의 지도와 가중치, 결정 경계, 독자의 MNIST 파일이 페이지에서 보이고 다루어지는지."""

import gzip
import hashlib
import os
from pathlib import Path

import numpy as np
import pytest

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
NAMES = ["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"]
SHAPES = [(60000, 28, 28), (60000,), (10000, 28, 28), (10000,)]


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("views")
    known = []
    for name in ("units", "plane", "mnist"):
        bundle.order(name, known)
    code = '"use strict";\nconst $ = {};\n' + "".join(map(bundle.wrapped, known)) + SCRIPT
    (folder / "page.js").write_text(code, encoding="utf-8")
    (folder / "page.css").write_text(BASE + (bundle.HERE / "views.css").read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "index.html").write_text(PAGE, encoding="utf-8")
    with served(folder) as url:
        yield f"{url}/index.html"


@pytest.fixture
def visit(browser, address):
    with Visit(browser, address) as visit:
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


def colors(visit, selector):
    """캔버스에 칠한 서로 다른 색의 수."""
    return visit.tab.evaluate(
        """(selector) => {
          const canvas = document.querySelector(selector);
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          return new Set(new Uint32Array(data.buffer)).size;
        }""",
        selector,
    )


def test_the_map_counts_dead_units_in_words(visit):
    show(visit)
    label = visit.tab.get_attribute(".wi-lab-map", "aria-label")
    assert "죽은 유닛: 2층 50개 가운데 5개, 3층 50개 가운데 3개, 4층 50개 가운데 2개. 모두 200개 가운데 10개" in label
    assert text(visit, ".wi-lab-map-part > p:last-child") in label
    assert colors(visit, ".wi-lab-map") > 20


@pytest.mark.parametrize(
    ("activation", "word"),
    [("relu", "죽은"), ("leaky_relu", "죽은"), ("tanh", "포화된"), ("sigmoid", "포화된"), ("selu", "포화된")],
)
def test_the_words_follow_the_activation(visit, activation, word):
    show(visit, f"{{ activation: '{activation}' }}")
    assert f"{word} 유닛: " in text(visit, ".wi-lab-map-part")


def test_a_net_without_dead_units_says_so(visit):
    show(visit, extra="{ saturation: [new Uint8Array(50), new Uint8Array(50)] }")
    assert "죽은 유닛: 이 배치에서는 없습니다" in text(visit, ".wi-lab-map-part")


def test_the_pointer_reads_a_unit_and_a_click_picks_it(visit):
    show(visit, "{ activation: 'tanh' }")
    box = visit.tab.locator(".wi-lab-map").bounding_box()
    cell = min((box["width"] - 34) / 50, 24)
    spot = {"x": 34 + 16.5 * cell, "y": 2.5 * box["height"] / 4}
    visit.tab.locator(".wi-lab-map").hover(position=spot)
    assert text(visit, ".wi-lab-reads") == "3층 17번 유닛: 배치의 31 %에서 포화"
    visit.tab.locator(".wi-lab-map").click(position=spot)
    assert visit.tab.evaluate("() => looks.at(-1).weights") == {"layer": 3, "unit": 16}
    assert visit.tab.input_value(".wi-lab-choose select") == "3"
    assert visit.tab.input_value(".wi-lab-choose input") == "17"


def test_a_unit_pointed_at_stays_read_while_training(visit):
    show(visit)
    box = visit.tab.locator(".wi-lab-map").bounding_box()
    visit.tab.locator(".wi-lab-map").hover(position={"x": box["width"] - 5, "y": 2})
    said = text(visit, ".wi-lab-reads")
    assert said == "1층 50번 유닛: 배치의 96 %에서 꺼짐"
    show(visit, extra="{ saturation: shares(SETTING).map((row) => row.fill(0)) }")
    assert text(visit, ".wi-lab-reads") == "1층 50번 유닛: 배치의 0 %에서 꺼짐"
    visit.tab.mouse.move(0, 0)
    assert text(visit, ".wi-lab-reads") == "1층 1번 유닛: 배치의 0 %에서 꺼짐"


def test_a_unit_picked_while_an_answer_was_on_its_way_is_asked_again(visit):
    show(visit)
    visit.tab.fill(".wi-lab-choose input", "7")
    visit.tab.keyboard.press("Enter")
    asked = visit.tab.evaluate("() => looks.length")
    show(visit)
    assert visit.tab.evaluate("() => looks.length") == asked + 1
    assert visit.tab.evaluate("() => looks.at(-1).weights") == {"layer": 1, "unit": 6}


def test_the_last_picture_stays_dimmed_until_the_next_answer(visit):
    show(visit)
    height = visit.tab.locator(".wi-lab-units").bounding_box()["height"]
    visit.tab.evaluate("() => units.clear()")
    settle(visit)
    assert visit.tab.get_attribute(".wi-lab-units", "data-stale") == ""
    assert visit.tab.locator(".wi-lab-units").bounding_box()["height"] == height
    show(visit)
    assert visit.tab.get_attribute(".wi-lab-units", "data-stale") is None


def test_the_keyboard_walks_the_map(visit):
    show(visit)
    visit.tab.locator(".wi-lab-map").focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "ArrowUp", "ArrowUp", "ArrowLeft"):
        visit.tab.keyboard.press(key)
    assert visit.tab.evaluate("() => units.wants().weights") == {"layer": 1, "unit": 1}
    assert text(visit, ".wi-lab-reads") == "1층 2번 유닛: 배치의 2 %에서 꺼짐"
    assert visit.tab.get_attribute(".wi-lab-reads", "aria-live") == "polite"
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown", "ArrowLeft", "ArrowLeft"):
        visit.tab.keyboard.press(key)
    assert text(visit, ".wi-lab-reads") == "4층 1번 유닛: 죽은 유닛(배치의 모든 입력에서 꺼짐)"
    # 학습하는 동안 바뀌는 수는 읽어 주지 않습니다.
    show(visit)
    assert visit.tab.get_attribute(".wi-lab-reads", "aria-live") == "off"


def test_the_inputs_choose_a_unit_and_stay_inside_the_net(visit):
    show(visit)
    visit.tab.select_option(".wi-lab-choose select", "5")
    assert visit.tab.locator(".wi-lab-choose option").all_inner_texts() == ["1층", "2층", "3층", "4층", "출력층"]
    visit.tab.fill(".wi-lab-choose input", "99")
    visit.tab.keyboard.press("Enter")
    assert visit.tab.input_value(".wi-lab-choose input") == "10"
    assert "출력층에는" in text(visit, ".wi-lab-reads")
    # 앞의 망에서 고른 층을 새 망에 묻지 않습니다.
    visit.tab.evaluate("() => units.clear()")
    assert visit.tab.evaluate("() => units.wants()") == {"weights": None, "saturation": False}
    show(visit, "{ depth: 1, width: 2 }")
    assert visit.tab.evaluate("() => units.wants().weights") == {"layer": 2, "unit": 9}


def test_the_weights_of_the_first_layer_have_the_shape_of_the_picture(visit):
    show(visit)
    label = visit.tab.get_attribute(".wi-lab-weights", "aria-label")
    assert label.startswith("1층 1번 유닛으로 들어오는 가중치 64개. 8 × 8칸의 그림. 평균 ")
    assert text(visit, ".wi-lab-weights-part .wi-lab-scale").split() == ["-0.25", "+0.25"]
    assert colors(visit, ".wi-lab-weights") > 20
    show(visit, "{ data: 'mnist' }", "{ weights: { layer: 1, unit: 3, values: wave(784, 1), limit: 1 } }")
    assert "28 × 28칸" in visit.tab.get_attribute(".wi-lab-weights", "aria-label")
    show(visit, extra="{ weights: { layer: 2, unit: 3, values: wave(50, 1), limit: 1 } }")
    assert "7 × 8칸" in visit.tab.get_attribute(".wi-lab-weights", "aria-label")


@pytest.mark.parametrize(
    "values", ["new Float32Array(64)", "Float32Array.of(NaN, Infinity, 1)", "Float32Array.of(3e38, -3e38)"]
)
def test_odd_weights_are_drawn_and_never_shown_as_numbers(visit, values):
    show(visit, extra=f"{{ weights: {{ layer: 2, unit: 1, values: {values}, limit: NaN }} }}")
    shown = text(visit, ".wi-lab-weights-part")
    assert "NaN" not in shown
    assert "Infinity" not in shown
    assert "-0.25" not in shown


def test_dark_mode_repaints_at_once(visit):
    show(visit)
    before = visit.tab.locator(".wi-lab-weights").screenshot()
    visit.tab.evaluate("() => (document.documentElement.dataset.theme = 'dark')")
    settle(visit)
    assert visit.tab.locator(".wi-lab-weights").screenshot() != before


BOUNDARY = """{ boundary: { size: 60, classes: Uint8Array.from({ length: 3600 }, (_, i) => i % 60 > 29),
  sure: Uint8Array.from({ length: 3600 }, (_, i) => 127 + Math.abs(i % 60 - 30) * 4) } }"""
POINTS = """{ x_train: wave(1000, 1), y_train: Uint8Array.from({ length: 500 }, (_, i) => i % 2),
  x_test: wave(500, 0.5), y_test: Uint8Array.from({ length: 250 }, (_, i) => i % 2) }"""


def test_the_boundary_is_drawn_for_plane_sets_only(visit):
    show(visit, "{ data: 'rings' }", BOUNDARY, POINTS)
    assert "고리 자료의 결정 경계" in visit.tab.get_attribute(".wi-lab-plane", "aria-label")
    assert "시험 정확도: 50 %" in visit.tab.get_attribute(".wi-lab-plane", "aria-label")
    assert colors(visit, ".wi-lab-plane") > 20
    show(visit)
    assert visit.tab.locator(".wi-lab-plane").is_hidden()
    assert visit.tab.evaluate("() => plane.wants()") == {"boundary": False}


def test_one_update_of_the_largest_map_fits_in_a_frame(visit):
    big = "{ ...SETTING, depth: 50, width: 256 }"
    spent = visit.tab.evaluate(
        f"""async () => {{
          const setting = {big};
          const times = [];
          for (let i = 0; i < 30; i++) {{
            const shot = snapshot(setting);
            await new Promise(requestAnimationFrame);
            const start = performance.now();
            units.update(shot, setting);
            times.push(performance.now() - start);
            await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
          }}
          return times.sort((a, b) => a - b)[15];
        }}"""
    )
    print(f"50 × 256: update {spent:.2f} ms")
    assert spent < 16


@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_overflows_and_axe_finds_nothing(browser, address, width, theme):
    from axe_playwright_python.sync_playwright import Axe

    with Visit(browser, address, viewport={"width": width, "height": 800}) as visit:
        visit.tab.evaluate(f"() => (document.documentElement.dataset.theme = '{theme}')")
        show(visit, "{ depth: 50, width: 256, data: 'spiral' }", BOUNDARY, POINTS)
        visit.tab.evaluate("() => mnist.update(null, { data: 'mnist' })")
        assert visit.tab.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
        found = Axe().run(visit.tab).response["violations"]
        assert not [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]


def idx(shape, values=None, magic=8):
    body = np.zeros(shape, np.uint8) if values is None else values
    return bytes([0, 0, magic, len(shape)]) + b"".join(n.to_bytes(4, "big") for n in shape) + body.tobytes()


def choose(visit, folder, files):
    visit.tab.evaluate("() => mnist.update(null, { data: 'mnist' })")
    paths = []
    for name, content in files.items():
        (folder / name).write_bytes(content)
        paths.append(folder / name)
    return choose_paths(visit, paths)


def choose_paths(visit, paths):
    visit.tab.set_input_files(".wi-lab-mnist input", paths)
    for _ in range(200):
        settle(visit)
        said = text(visit, ".wi-lab-mnist [role=status]")
        if not said.endswith("읽는 중입니다."):
            return said, visit.tab.locator(".wi-lab-problems li").all_inner_texts()
    raise AssertionError(said)


def test_the_reader_s_own_mnist_is_read(visit):
    folder = os.environ.get("WI_LIB_DATA_DIR")
    if not folder:
        pytest.skip("WI_LIB_DATA_DIR이 없습니다.")
    visit.tab.evaluate("() => mnist.update(null, { data: 'mnist' })")
    said, problems = choose_paths(visit, [Path(folder) / f"{name}.gz" for name in reversed(NAMES)])
    assert (said, problems) == ("MNIST를 읽었습니다: 학습 60,000장, 시험 10,000장.", [])
    digests = visit.tab.evaluate(
        """async () => {
          const [parts] = given;
          const hex = async (values) => Array.from(new Uint8Array(await crypto.subtle.digest("SHA-256", values)),
            (byte) => byte.toString(16).padStart(2, "0")).join("");
          return Promise.all(["x_train", "y_train", "x_test", "y_test"].map((name) => hex(parts[name])));
        }"""
    )
    for name, digest, shape in zip(NAMES, digests, SHAPES):
        content = gzip.decompress((Path(folder) / f"{name}.gz").read_bytes())
        assert digest == hashlib.sha256(content[4 * (1 + len(shape)) :]).hexdigest()


def test_files_may_come_one_at_a_time_unzipped_or_renamed(visit, tmp_path):
    names = dict(zip(NAMES, ["a.gz", "b", "c.gz", "d"]))
    contents = {names[name]: idx(shape) for name, shape in zip(NAMES, SHAPES)}
    contents = {name: gzip.compress(body, 1) if name.endswith(".gz") else body for name, body in contents.items()}
    for count, (name, body) in enumerate(contents.items(), 1):
        said, problems = choose(visit, tmp_path, {name: body})
        assert len(problems) == count  # 모양만 같은 자료는 원본이 아니라고 말합니다.
        assert f"{name}: 원본 MNIST와 다릅니다. 그래도 씁니다." in problems
        if count < 4:
            assert said == f"빠진 파일: {', '.join(NAMES[count:])}"
    assert said.startswith("MNIST를 읽었습니다")
    assert visit.tab.evaluate("() => given.length") == 1


BROKEN = {
    "gzip이 깨졌습니다": gzip.compress(idx((10000,)))[:-20],
    "IDX)이 아닙니다": b"PNG, not digits",
    "MNIST의 파일(IDX)이 아닙니다": bytes([0, 0, 8, 3, 0, 0, 0, 1]),
    "파일(IDX)이 아닙니다": b"",
    "모양이 100 × 28 × 28입니다": idx((100, 28, 28)),
    "1바이트가 모자랍니다": idx((10000,))[:-1],
    "2바이트가 남습니다": idx((10000,)) + b"00",
    "0–9가 아닌 레이블": idx((10000,), np.full(10000, 10, np.uint8)),
    "보다 큽니다": bytes(47_040_017),
    "IDX)이 아닙니다.": gzip.compress(bytes(60_000_000), 1),
}


@pytest.mark.parametrize("message", BROKEN)
def test_a_wrong_file_is_named_with_the_reason(visit, tmp_path, message):
    said, problems = choose(visit, tmp_path, {"mine.gz": BROKEN[message]})
    assert len(problems) == 1
    assert problems[0].startswith("mine.gz: ")
    assert message in problems[0]
    assert said == f"빠진 파일: {', '.join(NAMES)}"


def test_a_browser_that_cannot_unzip_says_what_to_do(visit, tmp_path):
    visit.tab.evaluate("() => delete globalThis.DecompressionStream")
    _, problems = choose(visit, tmp_path, {"mine.gz": gzip.compress(idx((10000,)))})
    assert "gunzip으로 풀어서" in problems[0]


def test_files_may_be_dropped(visit):
    visit.tab.evaluate(
        """() => {
          mnist.update(null, { data: "mnist" });
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File(["nothing"], "a.txt"));
          mnist.element.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
        }"""
    )
    settle(visit)
    assert "a.txt" in text(visit, ".wi-lab-problems")
