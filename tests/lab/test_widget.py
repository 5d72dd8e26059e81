"""노트북에서 부르는 `Lab`: 인자의 검사, 페이지에 남는 HTML, setting.js와 같은 범위와 같은 프로그램."""

import html
import re

import pytest

from wi_lib.lab import Lab, digits
from wi_lib.lab.setting import CHOICES, DEFAULTS, INTEGERS, LARGEST_RATE, complete, program

from . import pages

SETTINGS = [
    {},
    {"initializer": "normal(0.01)", "learning_rate": 1, "seed": 2**53 - 1},
    {"initializer": "variance_scaling(2, fan_avg, uniform)", "data": "spiral", "depth": 20},
    {"initializer": "sparse_fraction(0.5, 0.25)", "data": "gaussian", "activation": "leaky_relu"},
    {"initializer": "constant(-0.5)", "data": "mnist", "optimizer": "adam", "learning_rate": 0.001},
    {"initializer": "orthogonal", "data": "rings", "width": 2, "batch_size": 1024, "iterations": 100_000},
]
WRONG = [
    ({"lr": 0.1}, ValueError, "'lr'"),
    ({"depth": 0}, ValueError, "`depth`에는 1 이상 50 이하의 정수"),
    ({"depth": 4.0}, TypeError, "`depth`"),
    ({"seed": True}, TypeError, "`seed`"),
    ({"learning_rate": 0}, ValueError, "`learning_rate`에는 0 초과"),
    ({"learning_rate": "0.1"}, TypeError, "`learning_rate`"),
    ({"activation": "ReLU"}, ValueError, "leaky_relu"),
    ({"data": "cifar"}, ValueError, "checkerboard"),
    ({"initializer": 0.01}, TypeError, "`initializer`"),
    ({"initializer": "gaussian"}, ValueError, "he_normal"),
    ({"initializer": "normal(-1)"}, ValueError, "`std`에는 0 이상"),
    ({"initializer": "normal(1e15)"}, ValueError, "1e14 이하"),
    ({"initializer": "normal(a)"}, TypeError, "`std`"),
    ({"initializer": "normal(1, 2)"}, ValueError, "normal이"),
    ({"initializer": "constant"}, ValueError, "constant"),
    ({"initializer": "__import__('os')"}, ValueError, "__import__"),
    ({"controls": "depth"}, TypeError, "`controls`"),
    ({"controls": ["lr"]}, ValueError, "`controls`"),
]


def test_the_limits_are_those_of_the_page():
    fields, defaults = pages.calls(("setting", "FIELDS"), ("setting", "DEFAULTS"))
    assert defaults == DEFAULTS
    assert list(fields) == list(DEFAULTS)
    for name, names in CHOICES.items():
        assert tuple(fields.pop(name)["choices"]) == names
    for name, ends in INTEGERS.items():
        field = fields.pop(name)
        assert (field["lowest"], field["highest"], field["whole"]) == (*ends, True)
    rate = fields.pop("learning_rate")
    assert (rate["lowest"], rate["highest"], rate["above"]) == (0, LARGEST_RATE, True)
    assert list(fields) == ["initializer"]


def test_the_programs_are_those_of_the_page():
    settings = [complete(given) for given in SETTINGS]
    found = pages.calls(*(("program", "program", setting) for setting in settings))
    assert found == [program(setting) for setting in settings]
    for text in found:
        assert len(text.splitlines()) <= 20
        assert max(map(len, text.splitlines())) <= 79


@pytest.mark.parametrize(("given", "error", "words"), WRONG, ids=str)
def test_wrong_arguments_are_named(given, error, words):
    with pytest.raises(error, match=re.escape(words)):
        Lab(**given)


def test_the_page_reads_what_the_cell_says():
    lab = Lab(initializer='variance_scaling(2, "fan_avg")', depth=3, controls=("depth", "seed"))
    data, _ = lab._repr_mimebundle_()
    assert set(data) == {"text/plain", "text/html", "application/vnd.jupyter.widget-view+json"}
    shown = html.unescape(data["text/html"])
    assert 'class="wi-lab"' in shown
    assert 'data-controls="depth seed"' in shown
    assert program(complete({"initializer": 'variance_scaling(2, "fan_avg")', "depth": 3})) in shown
    found = pages.call("setting", "parse", lab.address)
    assert found["errors"] == []
    assert found["setting"] == DEFAULTS | {"initializer": "variance_scaling(2, fan_avg)", "depth": 3}
    assert len(data["text/plain"]) < 200


def test_digits_are_sent_when_asked():
    lab = Lab()
    assert lab.digits == ""
    lab.comm.handle_msg({"content": {"data": {"method": "custom", "content": "digits"}}, "buffers": []})
    assert lab.digits == digits.packed()
