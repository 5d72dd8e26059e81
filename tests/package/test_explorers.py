"""움직여 보는 실험: 격자가 wi_lib의 계산과 같은지, 문장과 수가 맞는지, 잘못된 인자를 알아보는지."""

import re
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import pytest

import wi_lib
from wi_lib import initializers
from wi_lib.explorers import Axis, Curves, Explorer, Heatmap, Histograms, Images, Line, Panel, leading
from wi_lib.figures.numbers import number

X = np.random.default_rng(0).standard_normal((50, 20))
STD = Axis("std", "표준편차", [0.01, 0.1, 1], start=0.1, marks={"작게": 0.01})
DRAW = Axis("draw", "난수", {"첫째": 1, "둘째": 2}, control="toggle")


def signals_at(std, draw):
    return wi_lib.propagate(X, 6, 20, "tanh", initializers.normal(std), rng=np.random.default_rng(draw))


def measure(std, draw):
    signals = signals_at(std, draw)
    return {
        "signals": signals,
        "spread": [a.std() for a in signals.activations],
        "last": signals.activations[-1].std(),
        "share": std / 2,
    }


def build(**changes):
    arguments = {
        "title": "시험",
        "axes": [STD, DRAW],
        "measure": measure,
        "views": [
            Histograms(span=(-1, 1)),
            Curves(
                [
                    Panel("층", [Line("측정", "spread", "dots")], (1e-3, 10), np.arange(1, 7), log=True),
                    Panel("축", [Line("끝", "last")], (0, 1), "std"),
                ]
            ),
            Heatmap("표", "share", "draw", "std"),
        ],
        "says": "표준편차 {std}, {draw} 난수:\n  끝은 {last}, 몫은 {share:%}.",
    }
    return Explorer(**(arguments | changes))


@pytest.fixture(scope="module")
def explorer():
    return build()


def test_grid_holds_what_measure_gives(explorer):
    """격자의 칸은 그 자리의 measure와 같습니다: 막대는 0.2 %까지, 수는 float32까지."""
    for i, std in enumerate(STD.stops):
        for j, draw in enumerate(DRAW.stops):
            signals = signals_at(std, draw)
            assert explorer.grid.fields["last"][i, j, 0] == pytest.approx(signals.activations[-1].std())
            shown = [0, 1, 2, 4, 5]
            assert explorer.grid.fields["layers"][i, j].tolist() == [layer + 1 for layer in shown]
            bars = explorer.grid.fields["activations"][i, j].reshape(5, 30) / 255 * 0.3
            for layer, heights in zip(shown, bars):
                counts, _ = np.histogram(signals.activations[layer], 30, range=(-1, 1))
                expected = np.minimum(counts / counts.sum(), 0.3)
                np.testing.assert_allclose(heights, expected, atol=0.3 / 510 + 1e-9)


def test_deltas_are_counted_on_a_log_axis(explorer):
    signals = signals_at(0.1, 1)
    exponents = np.clip(np.log10(np.abs(signals.deltas[0], dtype=np.float64)), -8, 2)
    counts, _ = np.histogram(exponents, 30, range=(-8, 2))
    heights = explorer.grid.fields["deltas"][1, 0].reshape(5, 30)[0] / 255 * 0.3
    np.testing.assert_allclose(heights, np.minimum(counts / counts.sum(), 0.3), atol=0.3 / 510 + 1e-9)


def test_along_follows_one_axis(explorer):
    along = explorer.grid.along("last", "std", (0, 1))[:, 0]
    assert along == pytest.approx([signals_at(std, 2).activations[-1].std() for std in STD.stops])


def test_sentence_names_the_position(explorer):
    last = number(float(np.float32(signals_at(1, 2).activations[-1].std())))
    assert explorer.sentence(std=1, draw=2) == f"표준편차 1, 둘째 난수: 끝은 {last}, 몫은 50 %."
    assert explorer.sentence().startswith("표준편차 0.1, 첫째 난수")


def test_still_figure_says_what_it_shows(explorer):
    figure = explorer.figure
    assert figure.alt == f"시험: {explorer.sentence()}"
    png, _ = figure._repr_png_()
    assert png.startswith(b"\x89PNG")


def test_widget_is_linked_and_packed(explorer):
    """조절기의 처음 자리는 보기의 처음 자리이고, 바이트는 격자를 이어 붙인 것입니다."""
    *controls, view = explorer.widget.children
    assert [control.index for control in controls] == [view.p0, view.p1] == [1, 0]
    assert len(view.bars) == 6 * view.spec["widths"]["bars"]
    kind, offset, length = view.spec["fields"]["last"]
    numbers = np.frombuffer(view.numbers, "<f4").reshape(3, 2, -1)
    assert kind == "numbers"
    np.testing.assert_array_equal(numbers[..., offset : offset + length], explorer.grid.fields["last"])
    assert repr(explorer.widget) == "<움직여 보는 실험: 시험>"


def test_play_drives_its_slider():
    axis = Axis("std", "표준편차", [0.1, 1], control="play")
    play, slider = build(axes=[axis, DRAW], views=[Histograms()]).widget.children[0].children
    assert (play.max, slider.index) == (1, 0)


def pictures(std, draw):
    """2 × 3 그림 두 장."""
    return {"shown": np.full((2, 6), std) * np.linspace(0, 1, 6), "share": std}


PICTURES = Images("그림", "shown", (2, 3), ["첫째 그림", "둘째 그림"])


def test_images_are_kept_as_256_greys():
    explorer = build(measure=pictures, views=[PICTURES, Heatmap("표", "share", "draw", "std")], says="{share}")
    shown = explorer.grid.fields["shown"]
    assert (shown.dtype, shown.shape) == (np.uint8, (3, 2, 12))
    np.testing.assert_allclose(shown[1, 0] / 255, pictures(0.1, 1)["shown"].ravel(), atol=0.5 / 255)
    spec = explorer.widget.children[-1].spec["views"][0]
    assert spec == {"kind": "images", "title": "그림", "name": "shown", "shape": (2, 3), "names": list(PICTURES.names)}
    assert explorer.figure._repr_png_()[0].startswith(b"\x89PNG")


def test_short_arrays_leave_the_rest_empty():
    def growing(n):
        return {"y": np.ones(n)}

    panel = Panel("y", [Line("y", "y")], (0, 2), np.arange(3))
    grid = Explorer("길이", [Axis("n", "길이", [1, 3])], growing, [Curves([panel])], "길이 {n}").grid
    np.testing.assert_array_equal(grid.fields["y"], [[1, np.nan, np.nan], [1, 1, 1]])


def test_heatmap_text_is_readable_on_every_shade(explorer):
    """칸의 글자와 바탕의 명암비는 어느 값에서나 4.5를 넘습니다(WCAG AA)."""

    def luminance(color):
        channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return np.dot(linear, (0.2126, 0.7152, 0.0722))

    shades = explorer.widget.children[-1].spec["views"][2]["shades"]
    assert len(shades) == 33
    for colors in shades:
        low, high = sorted(map(luminance, colors))
        assert (high + 0.05) / (low + 0.05) > 4.5, colors


def folded(std, draw):
    """둘째 표본에서는 배수를, 첫째에서는 비율을 보입니다."""
    return {"share": std, "ratio": np.nan if draw == 1 else 440 * std}


def test_heatmap_writes_ratios_with_their_direction():
    """배수가 있는 자리는 "×440"이나 "÷70"으로, NaN인 자리는 비율로 적습니다. 색은 어느 쪽이든 비율이 정합니다."""
    axes = [Axis("std", "표준편차", [1 / 440**2, 0.01, 1]), DRAW]
    view = Heatmap("표", "share", "draw", "std", ratio="ratio")
    explorer = build(axes=axes, measure=folded, views=[view], says="{share}")
    texts = [text.get_text() for text in explorer.figure.subfigs[0].axes[0].texts]
    assert texts == ["0", "1", "100", "÷440", "×4.4", "×440"]
    assert explorer.widget.children[-1].spec["views"][0]["ratio"] == "ratio"


def test_heatmap_counts_when_it_knows_the_most():
    """most를 주면 칸의 글은 백분율이 아니라 most의 몫이고, 색은 그대로 비율입니다."""
    explorer = build(views=[Heatmap("층", "share", "draw", "std", most=60)], says="{share}")
    assert explorer.widget.children[-1].spec["views"][0]["most"] == 60
    assert [text.get_text() for text in explorer.figure.axes[0].texts][:3] == ["0", "3", "30"]


def test_changing_one_part_of_an_axis_keeps_the_rest():
    """받은 값은 그대로 있고 정해진 것만 다시 정해지므로, replace가 처음 자리나 표시를 옮기지 않습니다."""
    axis = Axis("n", "너비", {"작게": 2, "중간": 4, "크게": 8}, start=4, marks={"가운데": 4})
    assert (axis.start, axis.marks) == (4, {"가운데": 4})
    renamed = replace(axis, label="유닛")
    assert (renamed.texts, renamed.first, renamed.places) == (("작게", "중간", "크게"), 1, {"가운데": 1})
    longer = replace(axis, values=[1, 2, 4])
    assert (longer.texts, longer.first, longer.places) == (("1", "2", "4"), 2, {"가운데": 2})


def test_axes_take_any_real_number():
    axis = Axis("n", "너비", [Fraction(1, 8), np.float32(0.5), np.inf], start=0.5)
    assert (axis.texts, axis.first) == (("0.125", "0.5", "∞"), 1)
    # float32의 0.1은 0.1과 10⁻⁸만큼 다릅니다.
    single = np.array([0.01, 0.1, 1], np.float32)
    assert Axis("n", "너비", single, start=0.1).first == 1
    assert Axis("n", "너비", [0.01, 0.1, 1], start=single[1]).first == 1


def test_axes_of_arrays_can_be_compared():
    first, second, other = (Axis("n", "너비", np.array(values)) for values in ([1, 2], [1, 2], [1, 3]))
    assert first == second
    assert first != other


@pytest.mark.parametrize("value", [Fraction(1, 4), np.float16(0.25), 0.25])
def test_measure_gives_any_real_number(value):
    explorer = build(measure=lambda std, draw: measure(std, draw) | {"share": value})
    assert (explorer.grid.fields["share"] == 0.25).all()


def test_settings_of_views_take_any_real_number():
    """받은 수는 float가 되어, 위젯의 상태(JSON)에도 담깁니다."""
    view = Histograms(span=(Fraction(-1, 2), np.float16(0.5)), top=Fraction(1, 4))
    panel = Panel("축", [Line("끝", "last")], (Fraction(0), np.float32(1)), "std", level=(Fraction(1, 2), "절반"))
    explorer = build(views=[view, Curves([panel])])
    histograms, curves = explorer.widget.children[-1].spec["views"]
    assert histograms["top"] == 0.25
    assert histograms["rows"][0]["span"] == (-0.5, 0.5)
    assert curves["panels"][0]["level"] == [0.5, "절반"]
    assert explorer.figure._repr_png_()[0].startswith(b"\x89PNG")


@dataclass(frozen=True)
class Flags:
    """보기 하나를 더하는 데 필요한 것 모두. 아무것도 물려받지 않습니다."""

    name: str
    height = 1.0

    @property
    def takes(self):
        return (self.name,)

    def encode(self, result):
        return {"count": np.array([len(result[self.name])], np.float32)}

    def check(self, grid):
        grid.require_number("name", "count")

    def draw(self, figure, grid, position):
        figure.suptitle(f"깃발 {grid.fields['count'][position][0]:.0f}개")

    def spec(self, grid):
        return {"kind": "flags", "name": self.name}


def test_a_new_view_needs_nothing_but_its_own_file():
    explorer = build(measure=lambda std, draw: {"flags": "깃" * draw}, views=[Flags("flags")], says="{count}")
    assert explorer.grid.fields["count"][0, :, 0].tolist() == [1, 2]
    assert explorer.widget.children[-1].spec["views"] == [{"kind": "flags", "name": "flags"}]
    assert [part.get_suptitle() for part in explorer.figure.subfigs] == ["깃발 1개"]


def test_small_integers_are_pictures_too():
    """int8의 1은 255배를 담지 못하므로 실수로 바꾸어 셉니다."""
    explorer = build(measure=lambda std, draw: {"shown": np.eye(2, 6, dtype=np.int8)}, views=[PICTURES], says="")
    np.testing.assert_array_equal(explorer.grid.fields["shown"][0, 0].reshape(2, 6), 255 * np.eye(2, 6))


# float64에는 담기지만, 격자의 float32에는 표준편차가 담기지 않는 신호.
HUGE = wi_lib.propagate(X, 40, 20, "relu", initializers.normal(30), rng=np.random.default_rng(0), dtype=np.float64)
BAD = {
    "축이 없음": ({"axes": []}, "axes"),
    "축이 아님": ({"axes": ["std"]}, "axes"),
    "이름이 같은 축": ({"axes": [STD, STD]}, "axes"),
    "부를 수 없는 measure": ({"measure": 3}, "measure"),
    "사전이 아닌 결과": ({"measure": lambda std, draw: 3, "views": [Heatmap("t", "v", "std", "draw")]}, "measure"),
    "Signals가 없음": ({"measure": lambda std, draw: {"last": 1}}, "measure"),
    "수가 아닌 값": (
        {"measure": lambda std, draw: {"last": "글"}, "views": [Heatmap("t", "v", "std", "draw")]},
        "last",
    ),
    "무한대": ({"measure": lambda std, draw: measure(std, draw) | {"last": np.inf}}, "last"),
    "float32를 넘치는 수": ({"measure": lambda std, draw: measure(std, draw) | {"last": 1e39}}, "last"),
    "1보다 큰 비율": ({"measure": lambda std, draw: measure(std, draw) | {"share": 1.5}}, "share"),
    "float32를 넘치는 분수": (
        {"measure": lambda std, draw: measure(std, draw) | {"last": Fraction(10**400)}},
        "last",
    ),
    "float32를 넘치는 신호": ({"measure": lambda std, draw: measure(std, draw) | {"signals": HUGE}}, "signals"),
    "배열인 비율": ({"measure": lambda std, draw: measure(std, draw) | {"share": [0, 1]}, "says": ""}, "value"),
    "보기가 아님": ({"views": ["표"]}, "views"),
    "때마다 다른 이름": (
        {"measure": lambda std, draw: {f"a{draw}": 1}, "views": [Heatmap("t", "a1", "std", "draw")]},
        "measure",
    ),
    "축과 같은 이름": (
        {"measure": lambda std, draw: {"std": 1}, "views": [Heatmap("t", "std", "std", "draw")]},
        "measure",
    ),
    "보기와 같은 이름": ({"measure": lambda std, draw: measure(std, draw) | {"zeros": 1}}, "measure"),
    "빈 views": ({"views": []}, "views"),
    "그림이 없음": ({"views": [PICTURES]}, "measure"),
    "그림의 수가 다름": (
        {"measure": lambda std, draw: {"shown": np.zeros((3, 6))}, "views": [PICTURES], "says": ""},
        "measure",
    ),
    "1보다 큰 그림": (
        {"measure": lambda std, draw: {"shown": np.full((2, 6), 1.5)}, "views": [PICTURES], "says": ""},
        "measure",
    ),
    "모르는 축": ({"views": [Heatmap("t", "share", "depth", "std")]}, "rows"),
    "모르는 배수": ({"views": [Heatmap("t", "share", "draw", "std", ratio="times")]}, "ratio"),
    "0인 배수": (
        {"measure": lambda std, draw: {"v": 0.5, "r": 0.0}, "views": [Heatmap("t", "v", "std", "draw", ratio="r")]},
        "measure",
    ),
    "모르는 값": ({"views": [Heatmap("t", "accuracy", "draw", "std")]}, "value"),
    "모르는 곡선": ({"views": [Curves([Panel("p", [Line("a", "loss")], (0, 1), "std")])]}, "lines"),
    "모르는 가로축": ({"views": [Curves([Panel("p", [Line("a", "last")], (0, 1), "depth")])]}, "x"),
    "길이가 다른 곡선": ({"views": [Curves([Panel("p", [Line("a", "spread")], (0, 1), np.arange(3))])]}, "spread"),
    "문장의 모르는 이름": ({"says": "{loss}"}, "says"),
    "문장에 배열": ({"says": "{spread}"}, "says"),
}


@pytest.mark.parametrize(("changes", "name"), BAD.values(), ids=BAD)
def test_explorer_refuses(changes, name):
    with pytest.raises((ValueError, TypeError), match="만 쓸 수 있습니다") as error:
        build(**changes)
    assert name in str(error.value).split("에는")[0]


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("name", lambda: Axis("표준 편차", "표준편차", [1, 2])),
        ("label", lambda: Axis("std", " ", [1, 2])),
        ("control", lambda: Axis("std", "표준편차", [1, 2], control="knob")),
        ("values", lambda: Axis("std", "표준편차", [1])),
        ("values", lambda: Axis("std", "표준편차", 3)),
        ("values", lambda: Axis("std", "표준편차", [0.10001, 0.10002])),
        ("start", lambda: Axis("std", "표준편차", [1, 2], start=3)),
        ("start", lambda: Axis("std", "표준편차", [1, 2], start=10**400)),
        ("start", lambda: Axis("std", "표준편차", np.array([1, 2], np.float32), start=10**400)),
        ("marks", lambda: Axis("std", "표준편차", [1, 2], marks={"셋": 3})),
        ("span", lambda: Histograms(span=(1, 0))),
        ("span", lambda: Histograms(span=3)),
        ("top", lambda: Histograms(top=0)),
        ("level", lambda: Panel("p", [Line("a", "a")], (0, 1), "std", level=(np.inf, "끝"))),
        ("level", lambda: Panel("p", [Line("a", "a")], (0.1, 1), "std", log=True, level=(0, "바닥"))),
        ("level", lambda: Panel("p", [Line("a", "a")], (0, 1), "std", level=0.5)),
        ("values", lambda: Axis("std", "표준편차", [1, None])),
        ("limits", lambda: Panel("p", [Line("a", "a")], (1, 0), "std")),
        ("limits", lambda: Panel("p", [Line("a", "a")], (0, 1), "std", log=True)),
        ("lines", lambda: Panel("p", [], (0, 1), "std")),
        ("style", lambda: Line("a", "a", "wavy")),
        ("panels", lambda: Curves([])),
        ("shape", lambda: Images("t", "v", (8,), ["하나"])),
        ("names", lambda: Images("t", "v", (8, 8), [])),
        ("columns", lambda: Heatmap("t", "v", "std", "std")),
        ("most", lambda: Heatmap("t", "v", "std", "draw", most=0)),
    ],
)
def test_parts_refuse(name, make):
    with pytest.raises((ValueError, TypeError), match=f"`{name}`에는 .*만 쓸 수 있습니다"):
        make()


def test_sentence_refuses_unknown_names(explorer):
    with pytest.raises(ValueError, match="sentence"):
        explorer.sentence(depth=3)
    with pytest.raises(ValueError, match="std"):
        explorer.sentence(std=0.5)


def test_every_position_leads_to_a_setting_of_the_lab():
    axes = [Axis("f", "함수", {"ReLU": 0, "직선": 1}), STD]
    assert leading.to_lab("activation={f:relu|-}&initializer=normal({std})", axes) == [
        "activation=",
        [[0], ["relu", "-"]],
        "&initializer=normal(",
        [[1], [f"{std:.3g}" for std in STD.stops]],
        ")",
    ]


def test_two_axes_can_share_a_hole():
    axes = [Axis("c", "상수", [0, 1]), Axis("e", "크기", [0.1, 0.2])]
    parts = leading.to_lab("initializer={c,e:zeros|-|normal(0.1)|normal(0.2)}", axes)
    found = [leading.filled(parts, axes, {0: i, 1: j}) for i in range(2) for j in range(2)]
    assert found == ["initializer=zeros", None, "initializer=normal(0.1)", "initializer=normal(0.2)"]


@pytest.mark.parametrize(
    ("lab", "expected"),
    [
        ("depth={층}", "중괄호 안에 축의 이름(std, draw)"),
        ("depth={draw:1|2|3}", "글 2개"),
        ("depth={std}", "depth에 수"),
        ("depth=0", "depth"),
        ("depht=3", "설정의 이름"),
        ("activation=swish", "activation"),
        ("initializer=normal(-1)", "std"),
        (3, "실험대의 설정을 적은 글"),
    ],
)
def test_setting_that_the_lab_refuses(lab, expected):
    with pytest.raises((ValueError, TypeError), match=re.escape(expected)):
        build(lab=lab)
