"""수를 글로 적는 법: 대체 텍스트도, 표도, 움직여 보는 실험의 문장도 이 글을 씁니다."""

from fractions import Fraction

import numpy as np
import pytest

from wi_lib.figures.numbers import fill, number, percent, power


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0624, "0.062"),
        (0.1, "0.1"),
        (1234, "1200"),
        (9960, "1×10⁴"),
        (7.24e-8, "7.2×10⁻⁸"),
        (-0.5, "-0.5"),
        (0, "0"),
        (-0.0, "0"),
        (0.125, "0.13"),
        (Fraction(1, 8), "0.13"),
        (np.float16(0.1), "0.1"),
        (np.nan, "발산"),
        (np.inf, "∞"),
        (-np.inf, "-∞"),
    ],
)
def test_number(value, text):
    assert number(value) == text


def test_percent_and_fill():
    assert percent(0.125) == "13 %"
    assert percent(np.nan) == "발산"
    assert fill("{a}와 {b:%}", {"a": 0.5, "b": 0.5}) == "0.5와 50 %"
    assert power(-12) == "10⁻¹²"
