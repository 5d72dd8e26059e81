"""그림이 받은 자료를 그대로 그리고, 대체 텍스트도 그 자료에서 나오는지."""

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


@pytest.mark.parametrize("x", [[0.0, 1.0], [-1.0, 1.0]])
def test_scatter_refuses_a_log_of_nothing(x):
    with pytest.raises(ValueError, match="log=True일 때는 양수인 배열"):
        charts.scatter({"하나": (x, [1.0, 2.0])}, log=True)
    charts.scatter({"하나": (x, [1.0, 2.0])})
