"""그림이 받은 자료를 그대로 그리고, 대체 텍스트도 그 자료에서 나오는지."""

from fractions import Fraction

import numpy as np
import pytest

from wi_lib import charts

GROUPS = {"하나": ([0.1, 1.0, 10.0], [0.2, 0.9, 0.5]), "둘": (np.array([3.0]), np.array([0.7]))}


def test_scatter_draws_every_point_and_note():
    figure = charts.scatter(GROUPS, "제목", "가로", "세로", log=True, notes=[(1.0, 0.9, "여기")])
    axis = figure.axes[0]
    assert [line.get_label() for line in axis.lines] == list(GROUPS)
    for line, (x, y) in zip(axis.lines, GROUPS.values()):
        np.testing.assert_array_equal(line.get_xydata(), np.column_stack([x, y]))
        assert line.get_linestyle() == "None"
    assert axis.get_xscale() == "log"
    assert [(note.xy, note.get_text()) for note in axis.texts] == [((1.0, 0.9), "여기")]


def test_scatter_says_what_it_shows():
    alt = charts.scatter(GROUPS, "제목", "가로", "세로").alt
    assert alt.startswith("제목: 가로축은 가로, 세로축은 세로인 점들.")
    assert "하나 3개는 0.2에서 0.9 사이" in alt
    assert "둘 1개는 0.7에서 0.7 사이" in alt


def test_histograms_draw_every_row():
    rows = {"위": [np.array([0.0, 0.0, 1.0]), np.full(4, 0.5)], "아래": [np.array([-1.0, 2.0]), [0.25]]}
    figure = charts.histograms(rows, "제목")
    axes = figure.axes
    assert [axis.get_title() for axis in axes] == ["1층", "2층", "", ""]
    assert [axis.get_ylabel() for axis in axes] == ["위", "", "아래", ""]
    heights = [axis.patches[0].get_data().values for axis in axes]
    assert heights[0][[0, -1]] == pytest.approx([2 / 3, 1 / 3])
    # 가로축 밖의 값은 양 끝 구간에 셉니다.
    assert heights[2][[0, -1]] == pytest.approx([1 / 2, 1 / 2])
    assert all(h.sum() == pytest.approx(1) for h in heights)
    assert "위: 1층 0.47, 2층 0; 아래: 1층 1.5, 2층 0입니다." in figure.alt


@pytest.mark.parametrize("x", [[0.0, 1.0], [-1.0, 1.0]])
def test_scatter_refuses_a_log_of_nothing(x):
    with pytest.raises(ValueError, match="log=True일 때는 양수인 배열"):
        charts.scatter({"하나": (x, [1.0, 2.0])}, log=True)
    charts.scatter({"하나": (x, [1.0, 2.0])})


def test_notes_take_any_real_number():
    note = charts.scatter(GROUPS, notes=[(Fraction(1, 2), np.float16(0.5), "절반")]).axes[0].texts[0]
    assert note.xy == (0.5, 0.5)
    assert {type(v) for v in note.xy} == {float}


@pytest.mark.parametrize(("dtype", "limit"), [(np.int8, 128), (np.int16, 32768), (np.float16, 60000)])
def test_images_reach_the_largest_value_of_every_type(dtype, limit):
    """int8의 −128은 절댓값을 취해도 −128이라, 그 형으로 세면 색의 끝이 1이 됩니다."""
    values = np.array([[[-limit, 1]]], dtype)
    figure = charts.images(values, "제목")
    assert figure.axes[0].images[0].get_clim() == (-limit, limit)
    assert "절댓값의 최댓값" in figure.alt


def test_map_takes_endless_depths_and_any_real_point():
    depths, edges = {"tanh": [[1, np.inf], [3, 1e9]]}, {"tanh": ([1, 2], [0, 1])}
    figure = charts.phase_map([1, 2], [0, 1], depths, edges, {"tanh": {"절반": (Fraction(3, 2), np.float16(0.5))}})
    axis = figure.axes[0]
    np.testing.assert_array_equal(axis.collections[0].get_array(), [[1, 100], [3, 100]])
    assert axis.texts[0].xy == (1.5, 0.5)
    assert {type(v) for v in axis.texts[0].xy} == {float}


def test_network_draws_every_unit_and_weight():
    """같은 무리의 유닛은 색과 글자가 같고, 선은 가중치 하나에 하나씩입니다."""
    figure = charts.network({"다름": [4, [1, 2, 3], 2], "같음": [4, [1, 1, 1], 2]}, "제목")
    assert [axis.get_title() for axis in figure.axes] == ["다름", "같음"]
    for axis, letters in zip(figure.axes, ["ABC", "AAA"]):
        units = [line for line in axis.lines if line.get_marker() == "o"]
        assert (len(units), len(axis.lines) - len(units)) == (4 + 3 + 2, 4 * 3 + 3 * 2)
        hidden = [unit.get_color() for unit in units[4:7]]
        assert len(set(hidden)) == len(set(letters))
        assert [text.get_text() for text in axis.texts] == list(letters)
    assert "같음: 층마다 유닛이 4, 3, 2개이고 서로 다른 은닉 유닛은 1개." in figure.alt


def test_network_counts_hidden_units_only():
    assert charts.network({"망": [[1, 2, 3], [1, 1], [1]]}).alt.endswith("서로 다른 은닉 유닛은 1개.")


def test_network_without_groups_is_plain():
    figure = charts.network({"망": [3, 2]})
    assert not figure.axes[0].texts
    assert "서로 다른" not in figure.alt


def test_rectified_areas_are_halves():
    """오른쪽 칸의 두 넓이는 0.5씩이고, 왼쪽 칸의 막대는 잃은 확률 0.5입니다."""
    left, right = charts.rectified("제목").axes
    for area in right.collections:
        x, y = area.get_paths()[0].vertices.T
        assert abs(np.trapezoid(y, x)) == pytest.approx(0.5, abs=0.01)
    assert any(line.get_ydata()[-1] == 0.5 and set(line.get_xdata()) == {0} for line in left.lines)
