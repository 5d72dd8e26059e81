"""여러 장의 그림이 받은 자료를 그대로 그리고, 대체 텍스트도 같은 수를 말하는지."""

import io
from fractions import Fraction

import numpy as np
import pytest
from PIL import Image

import wi_lib
from wi_lib import charts, plots
from wi_lib.figures.numbers import number

X = np.random.default_rng(0).standard_normal((200, 50))


def signals(std, depth=7):
    init = wi_lib.initializers.normal(std)
    return wi_lib.propagate(X, depth, 50, "relu", init, rng=np.random.default_rng(1))


def luminance(color):
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in color[:3]]
    return np.dot(linear, (0.2126, 0.7152, 0.0722))


def test_histograms_draw_the_shares_of_five_layers():
    s = signals(0.2)
    top, bottom = np.split(np.array(plots.layer_histograms(s, "제목").axes), 2)
    assert [axis.get_title() for axis in top] == ["1층", "3층", "4층", "5층", "7층"]
    for axis, layer in zip(top, (0, 2, 3, 4, 6)):
        counts, _ = np.histogram(np.clip(s.activations[layer], -3, 3), 60, range=(-3, 3))
        np.testing.assert_allclose(axis.patches[0].get_data().values, counts / counts.sum())
    # ReLU가 끈 유닛의 δ는 0이라 로그 축의 어느 칸에도 들지 않습니다.
    for axis, layer in zip(bottom, (0, 2, 3, 4, 6)):
        zeros = np.mean(s.deltas[layer] == 0)
        assert axis.patches[0].get_data().values.sum() == pytest.approx(1 - zeros)
        assert [text.get_text() for text in axis.texts] == [f"0: {zeros:.0%}"]


def test_histograms_on_another_span():
    """가로축을 바꾸면 그 축의 구간에 세고, 눈금은 양 끝과 가운데입니다."""
    s = signals(0.2, depth=1)
    axis = plots.layer_histograms(s, "제목", span=(0, 1)).axes[0]
    counts, _ = np.histogram(np.clip(s.activations[0], 0, 1), 60, range=(0, 1))
    np.testing.assert_allclose(axis.patches[0].get_data().values, counts / counts.sum())
    assert axis.get_xticks().tolist() == [0, 0.5, 1]


def test_alt_texts_write_numbers_one_way():
    """작은 수는 5.2×10⁻⁹처럼, NaN은 발산이라고 적습니다."""
    s = signals(0.001)
    last, first = number(s.activations[-1].std()), number(wi_lib.signals.rms(s.deltas[0]))
    assert "×10⁻" in last
    assert "×10⁻" in first
    assert f"7층 {last}" in plots.layer_histograms(s, "제목").alt
    gradient = number(wi_lib.signals.rms(s.weight_gradients[0]))
    lines = plots.depth_lines({"가": (s, None)}, "제목").alt
    assert f"표준편차 {last}, 1층의 역전파 RMS {first}, 1층의 가중치 기울기 RMS {gradient}." in lines
    diverged = {"가": np.array([2.3, np.nan]), "나": np.array([2.3, 1e-5])}
    assert "마지막 손실은 가 발산, 나 1×10⁻⁵입니다." in plots.loss_curves(diverged, "제목", window=1).alt
    assert "가 2.3에서 발산(으)로, 나 2.3에서 1×10⁻⁵(으)로" in plots.curves([0, 1], diverged, "제목").alt


def test_alt_texts_never_lose_a_tiny_std():
    """1e-170보다 작은 float64 신호의 제곱은 0이 되지만, 표준편차는 0이 아닙니다."""
    init, rng = wi_lib.initializers.normal(0.01), np.random.default_rng(1)
    s = wi_lib.propagate(X, 200, 50, "tanh", init, rng=rng, dtype=np.float64)
    last = number(s.summary()[-1].std)
    assert last.endswith("×10⁻²³⁰")
    assert f"200층 {last}" in plots.layer_histograms(s, "제목").alt
    assert f"마지막 층의 표준편차 {last}," in plots.depth_lines({"가": (s, None)}, "제목").alt


def test_masked_arrays_are_refused_even_in_a_list():
    """목록을 배열로 바꾸면 마스크가 사라져, 가린 값까지 그려집니다."""
    masked = np.ma.array([2.3, 99.0], mask=[False, True])
    for losses in (masked, [masked], (masked, masked)):
        with pytest.raises(TypeError, match=r"`losses\['가'\]`에는 .*만 쓸 수 있습니다"):
            plots.loss_curves({"가": losses}, window=1)


def test_grid_says_what_it_shows():
    values = [[0.125, np.nan, 0.5], [np.nan, np.nan, np.nan]]
    figure = plots.accuracy_grid(values, ["가", "나"], ["1", "2", "3"], "제목", "학습률")
    assert [text.get_text() for text in figure.axes[0].texts] == ["13", "발산", "50", *["발산"] * 3]
    assert figure.alt == "제목: 학습률에 따른 시험 정확도의 표. 가 최고 50 %, 나 모두 발산입니다."


def test_grids_side_by_side_say_what_they_show():
    tables = {"학습": [[0.9, np.nan]], "시험": [[0.8, 0.1]]}
    figure = charts.accuracy_grids(tables, ["가"], ["1", "2"], "제목", "분산")
    assert [[text.get_text() for text in axis.texts] for axis in figure.axes] == [["90", "발산"], ["80", "10"]]
    assert figure.alt == "제목: 분산에 따른 정확도의 표. 학습: 가 최고 90 %. 시험: 가 최고 80 %."


def test_grid_is_readable_on_every_shade():
    """칸의 글자와 바탕의 명암비는 어느 값에서나 4.5를 넘습니다(WCAG AA)."""
    values = np.linspace(0, 1, 201)[None]
    axis = plots.accuracy_grid(values, ["가"], [str(i) for i in range(201)]).axes[0]
    for text, shade in zip(axis.texts, axis.images[0].to_rgba(values)[0]):
        ink = (0, 0, 0) if text.get_color() in ("black", "#000000") else (1, 1, 1)
        low, high = sorted((luminance(ink), luminance(shade)))
        assert (high + 0.05) / (low + 0.05) > 4.5, text.get_text()


def test_marks_take_any_real_number():
    line = plots.curves([0, 1], {"가": [1, 2]}, mark=[(Fraction(1, 2), "절반")]).axes[0].lines[-1]
    assert line.get_xdata() == [0.5, 0.5]
    assert {type(v) for v in line.get_xdata()} == {float}


def test_same_data_same_png():
    """노트북에 남는 것: 너비 1008 화소, 256색 팔레트, 대체 텍스트. 다시 만들어도 같은 바이트입니다."""
    first, second = plots.layer_histograms(signals(0.2), "제목"), plots.layer_histograms(signals(0.2), "제목")
    png, metadata = first._repr_png_()
    assert second._repr_png_()[0] == png
    assert metadata == {"alt": first.alt, "width": 576}
    image = Image.open(io.BytesIO(png))
    assert (image.mode, image.size) == ("P", (1008, 651))
