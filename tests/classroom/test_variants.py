"""학기의 수: 같은 비밀은 어느 판에서나 같은 문제지를 만듭니다. 이미 나누어 준 문제지가 학기 중에 바뀌면 안 됩니다."""

import nbformat
import pytest

from classroom.variants import options, vary

SETUP = """\
import numpy as np

MAJORITY = 900  # variant: 400, 600, 800, 1200, 1500
    STRETCH = 0.25  # variant: 0.2, 0.25, 1.8, 2.0
UNITS = 12  # variant: 10..20
SEED = 1  # variant: 0..9999
KEPT = 7  # 그대로 두는 수
"""
# 비밀 → 그 비밀로 만들어 나누어 준 수. 바뀌면 학기 중의 문제지를 다시 만들 수 없습니다.
STORED = {
    "2027 봄: 시험용": ["600", "1.8", "14", "2611"],
    "2027 가을: 시험용": ["400", "2.0", "10", "7565"],
    "x": ["1200", "2.0", "17", "4561"],
}


def varied(secret, name="05_he", cell="setup"):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(SETUP, id=cell)])
    return vary(notebook, name, secret).cells[0].source


def numbers(source):
    return [line.split(" = ")[1] for line in source.splitlines() if " = " in line]


@pytest.mark.parametrize("secret", STORED)
def test_same_secret_same_numbers(secret):
    assert numbers(varied(secret)) == [*STORED[secret], "7  # 그대로 두는 수"]


def test_no_secret_keeps_the_published_numbers():
    assert numbers(varied(None)) == numbers(varied("")) == ["900", "0.25", "12", "1", "7  # 그대로 두는 수"]


def test_published_numbers_are_never_drawn():
    drawn = [numbers(varied(f"{i}")) for i in range(100)]
    for published, values in zip(("900", "0.25", "12"), zip(*drawn), strict=False):
        assert published not in values
    assert {values[0] for values in drawn} == {"400", "600", "800", "1200", "1500"}
    assert {values[1] for values in drawn} == {"0.2", "1.8", "2.0"}
    assert {int(values[2]) for values in drawn} == {*range(10, 21)} - {12}


def test_numbers_differ_by_sheet_and_cell():
    assert len({varied("비밀"), varied("비밀", name="06_mnist"), varied("비밀", cell="check-1")}) == 3


def test_options():
    assert list(options("3..5")) == [3, 4, 5]
    assert options("0.1, 2, -3.0") == [0.1, 2, -3.0]
