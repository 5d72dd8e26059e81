"""글: 기호와 번호가 하나씩 맞고, 창이 글을 빠짐없이 덮으며, 되돌린 글이 원래의 글입니다."""

import unicodedata
from pathlib import Path

import numpy as np
import pytest

from wi_lib import texts

WHOLE = Path(texts.__file__).with_name("constitution.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("length", [1, np.uint8(64), 1000])
def test_windows_cover_the_text_in_order(length):
    data = texts.load_constitution(length)
    x, y = (np.concatenate(parts) for parts in ((data.x_train, data.x_test), (data.y_train, data.y_test)))
    assert x.shape == y.shape == (len(x), length)
    assert len(data.x_train) == len(x) * 9 // 10
    shown = "".join(texts.symbols()[n] for n in [*x.ravel(), y[-1, -1]])
    spelled = unicodedata.normalize("NFD", WHOLE)
    assert spelled.startswith(shown)
    assert len(spelled) - len(shown) < length
    np.testing.assert_array_equal(x.ravel()[1:], y.ravel()[:-1])


def test_hiding_a_symbol_leaves_the_answer():
    data, kept = texts.load_constitution(), texts.load_constitution()
    data.x_train[...] = 0
    np.testing.assert_array_equal(data.y_train, kept.y_train)


def test_numbers_become_the_text_again():
    assert unicodedata.normalize("NFC", WHOLE) == WHOLE
    shown = texts.decode(texts.load_constitution(1000).x_train.ravel())
    assert len(shown) > 10000
    # 창의 끝에서 글자가 갈라질 수 있으므로 마지막 글자는 뺍니다.
    assert WHOLE.startswith(shown[:-1])


@pytest.mark.parametrize("bad", [np.array([73]), np.array([-1]), np.array([0.5]), np.array([[1]]), "가"])
def test_numbers_without_a_symbol_are_refused(bad):
    with pytest.raises((ValueError, TypeError), match=r"`numbers`에는 .+만 쓸 수 있습니다"):
        texts.decode(bad)


@pytest.mark.parametrize("bad", [0, 1001, 1.5, "64", True])
def test_a_length_out_of_range_is_refused(bad):
    with pytest.raises((ValueError, TypeError), match=r"`length`에는"):
        texts.load_constitution(bad)
