"""유닛의 지도와 가중치, 결정 경계가 페이지에서 보이고 다루어지는지."""

import pytest

from .views import settle, show, text, visited


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


def test_what_is_out_of_sight_is_asked_only_at_rest(browser, views_address):
    # 화면을 읽어 주는 프로그램은 보이지 않는 그림의 말도 읽으므로, 멎은 자리의 것은 모두 묻습니다.
    with visited(browser, views_address) as visit:
        visit.tab.evaluate("() => (document.querySelector('h1').style.marginBottom = '5000px')")
        show(visit, "{ data: 'rings' }", "{ state: 'running' }")
        wants = "() => Object.assign({}, units.wants(), plane.wants())"
        assert visit.tab.evaluate(wants) == {"weights": None, "saturation": False, "boundary": False}
        show(visit, "{ data: 'rings' }", "{ state: 'done' }")
        assert visit.tab.evaluate(wants) == {"weights": {"layer": 1, "unit": 0}, "saturation": True, "boundary": True}


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
def test_nothing_overflows_and_axe_finds_nothing(browser, views_address, width, theme):
    from axe_playwright_python.sync_playwright import Axe

    with visited(browser, views_address, viewport={"width": width, "height": 800}) as visit:
        visit.tab.evaluate(f"() => (document.documentElement.dataset.theme = '{theme}')")
        show(visit, "{ depth: 50, width: 256, data: 'spiral' }", BOUNDARY, POINTS)
        visit.tab.evaluate("() => mnist.update(null, { data: 'mnist' })")
        assert visit.tab.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
        found = Axe().run(visit.tab).response["violations"]
        assert not [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]
