"""설정의 글을 읽고 쓰는 것(setting.js, naming.js)."""

import math

import numpy as np
import pytest

from wi_lib import initializers
from wi_lib.figures.numbers import number, percent
from wi_lib.lab import setting

from . import pages

START = "data=digits&activation=relu&initializer=he_normal&depth=4&width=50"
START += "&learning_rate=0.1&optimizer=sgd&batch_size=32&iterations=200&seed=0"


def parsed(text):
    found = pages.call("setting", "parse", text)
    return found["setting"], {error["name"]: error["message"] for error in found["errors"]}


@pytest.mark.parametrize("text", ["", "#", "#missions", "&&"])
def test_what_is_not_said_is_the_start(text):
    setting, errors = parsed(text)
    assert not errors
    assert setting == pages.call("setting", "DEFAULTS")
    assert pages.call("setting", "format", setting) == START


WRITTEN = [
    ("initializer", "normal(0.012345678901234567)", "normal(0.012345678901234567)"),
    ("initializer", " normal( std = 1e-3 ) ", "normal(0.001)"),
    ("initializer", "glorot_uniform", "xavier_uniform"),
    ("initializer", "kaiming_normal()", "he_normal"),
    ("initializer", "variance_scaling(2,%20%22fan_in%22,+'uniform')", "variance_scaling(2, fan_in, uniform)"),
    ("initializer", "variance_scaling(distribution=uniform)", "variance_scaling(1, fan_in, uniform)"),
    ("initializer", "variance_scaling%28scale%3D2%2C+mode%3Dfan_avg%29", "variance_scaling(2, fan_avg)"),
    ("initializer", "sparse_fraction(std=2)", "sparse_fraction(0.1, 2)"),
    ("initializer", "constant(-0.5)", "constant(-0.5)"),
    ("learning_rate", "1e+3", 1000),
    ("learning_rate", "0.1234567890123456", 0.1234567890123456),
    ("seed", "9007199254740991", 2**53 - 1),
    ("seed", "+7", 7),
    ("iterations", "1e3", 1000),
    ("data", "sp%69ral", "spiral"),
]


def test_values_are_read_and_survive_the_address():
    found = pages.calls(*(("setting", "parse", f"#{name}={text}") for name, text, _ in WRITTEN))
    assert [one["errors"] for one in found] == [[]] * len(WRITTEN)
    assert [one["setting"][name] for one, (name, _, _) in zip(found, WRITTEN)] == [value for _, _, value in WRITTEN]
    addresses = pages.calls(*(("setting", "format", one["setting"]) for one in found))
    assert pages.calls(*(("setting", "parse", address) for address in addresses)) == found


WRONG = [
    ("depth", "0", ["1 이상 50 이하의 정수", "받은 값: 0"]),
    ("width", "2.5", ["2 이상 256 이하의 정수", "2.5"]),
    ("learning_rate", "0", ["0 초과 1,000,000 이하의 실수", "받은 값: 0"]),
    ("learning_rate", "nan", ["실수", "nan"]),
    ("learning_rate", "0x10", ["실수", "0x10"]),
    ("seed", "9007199254740993", ["정수", "9007199254740993"]),
    ("activation", "ReLU", ["sigmoid, tanh, relu, leaky_relu, selu", "받은 값: ReLU"]),
    ("activation", "toString", ["받은 값: toString"]),
    ("optimizer", "", ["sgd, momentum, adam", "(없음)"]),
    ("width", "%E0%A4", ["%로 적은 글자가 깨져"]),
    ("initializer", "gaussian", ["zeros, constant, normal", "받은 값: gaussian"]),
    ("initializer", "constructor", ["받은 값: constructor"]),
    ("initializer", "constant", ["constant에서 c에는", "-10¹⁴ 이상 10¹⁴ 이하의 실수", "(없음)"]),
    ("initializer", "normal(-1)", ["normal에서 std에는", "0 이상", "받은 값: -1"]),
    ("initializer", "normal(1e15)", ["10¹⁴ 이하", "1e15"]),
    ("initializer", "normal(1,2)", ["normal에는 인자 std만", "normal(1,2)"]),
    ("initializer", "normal(gain=1)", ["normal에는 인자 std만"]),
    ("initializer", "normal(1, std=1)", ["normal에는 인자 std만"]),
    ("initializer", "he_normal(1)", ["인자 없는 이름만"]),
    ("initializer", "normal(1", ["받은 값: normal(1"]),
    ("initializer", "sparse(1.5)", ["connections에는 1 이상 1,000,000,000 이하의 정수", "1.5"]),
    ("initializer", "sparse_fraction(1.1)", ["sparsity에는 0 이상 1 이하의 실수", "1.1"]),
    ("initializer", "variance_scaling(1, fan)", ["mode에는", "fan_in, fan_out, fan_avg", "받은 값: fan"]),
    ("lr", "0.1", ["모르는 이름", "learning_rate"]),
    ("__proto__", "1", ["모르는 이름"]),
]


def test_a_wrong_value_is_said_and_the_rest_is_kept():
    kept, *found = pages.calls(("setting", "DEFAULTS"), *(("setting", "parse", f"{n}={text}") for n, text, _ in WRONG))
    for (name, _, parts), one in zip(WRONG, found):
        (error,) = one["errors"]
        assert error["name"] == name
        for part in (name, *parts):
            assert part in error["message"]
        assert one["setting"] == kept
    setting, errors = parsed("depth=0&seed=3")
    assert (setting, list(errors)) == (kept | {"seed": 3}, ["depth"])


def test_the_first_of_two_is_used_and_the_other_is_said():
    setting, errors = parsed("depth=3&depth=5")
    assert setting["depth"] == 3
    assert "5" in errors["depth"]


def test_a_broken_address_is_told_in_a_few_short_sentences():
    text = "&".join(["x" * 5000 + "=1", "depth=3", "depth=" + "9" * 5000, *["y=1"] * 2000])
    messages = [error["message"] for error in pages.call("setting", "parse", text)["errors"]]
    assert len(messages) == 11
    assert messages[-1] == "이 밖에 1992개를 더 읽지 못했습니다."
    assert max(len(message) for message in messages) < 250


def test_every_initializer_takes_what_wi_lib_takes():
    arguments, labels = pages.calls(("naming", "ARGUMENTS"), ("setting", "INITIALIZER_LABELS"))
    assert set(arguments) == set(labels) == setting.MADE.keys()
    for name, wanted in arguments.items():
        make = getattr(initializers, name)
        make(**{argument["name"]: argument.get("initial", 0) for argument in wanted})
        for argument in wanted:
            known = {other["name"]: other.get("initial", 0) for other in wanted}
            for value in argument.get("choices") or (argument["lowest"], argument["highest"]):
                make(**known | {argument["name"]: value})
            if "lowest" in argument:
                # 크기는 wi_lib이 받는 것의 10분의 1까지입니다.
                for value in (11 * min(argument["lowest"], 0) - 1, 11 * argument["highest"] + 1):
                    with pytest.raises((ValueError, TypeError)):
                        make(**known | {argument["name"]: value})


SCALED = [
    ("zeros", 2, None),
    ("constant(0.1)", 10, "constant(1)"),
    ("normal", 10, "normal(0.1)"),
    ("normal(0.07)", 10, "normal(0.7)"),
    ("uniform(0.3)", 0.1, "uniform(0.03)"),
    ("he_normal", 2, "variance_scaling(8, fan_in, normal)"),
    ("variance_scaling(8, fan_in, normal)", 0.5, "he_normal"),
    ("xavier_uniform", 0.1, "variance_scaling(0.01, fan_avg, uniform)"),
    ("orthogonal", 2, "orthogonal(2)"),
    ("identity(0.5)", 2, "identity(1)"),
    ("sparse", 10, "sparse(15, 10)"),
    ("sparse_fraction(0.5)", 10, "sparse_fraction(0.5, 0.1)"),
    ("normal(1e14)", 10, None),
]


def test_scaled_is_the_same_draw_of_another_size():
    found = pages.calls(*(("setting", "scaled", initializer, k) for initializer, k, _ in SCALED))
    assert found == [text for _, _, text in SCALED]
    for initializer, k, text in SCALED:
        if text:
            before, after = (drawn(name) for name in (initializer, text))
            np.testing.assert_allclose(after, k * before, rtol=1e-6)


def test_every_initializer_can_be_scaled():
    """위에 적지 않은 이름도, 새로 더한 이름도 인자 없이 뽑은 것의 두 배가 됩니다."""
    names = sorted(setting.MADE.keys() - {text.partition("(")[0] for text, *_ in SCALED})
    for name, twice in zip(names, pages.calls(*(("setting", "scaled", name, 2) for name in names))):
        np.testing.assert_allclose(drawn(twice), 2 * drawn(name), rtol=1e-6, err_msg=name)


def drawn(text):
    """설정에 적는 꼴의 이름으로 wi_lib이 뽑은 가중치."""
    name, values, count = pages.call("naming", "parseInitializer", text).values()
    return getattr(initializers, name)(*values[:count])((70, 50), rng=np.random.default_rng(0)).astype(float)


def test_numbers_are_written_as_wi_lib_writes_them():
    values = [0.0624, 1234.5, 7.24e-8, 0, -0.0, 12345.6, 0.00012345, 9999.6, 2.302585, -3.14159, 1e300, 0.001, 5e-324]
    values += [*np.random.default_rng(0).lognormal(0, 20, 200)]
    found = pages.calls(*(("setting", "numberText", float(value)) for value in values))
    assert found == [number(value, 4) for value in values]
    shares = [*np.linspace(0, 1, 298), 0.125, 0.005, 0.995]
    found = pages.calls(*(("setting", "percentText", float(share)) for share in shares))
    assert found == [percent(share) for share in shares]
    assert number(math.nan, 4) == percent(math.nan) == "발산"


def test_a_kept_run_is_told_in_one_line():
    assert pages.call("setting", "describe", pages.call("setting", "DEFAULTS")) == (
        "손글씨 숫자(8 × 8), ReLU he_normal, 50유닛 4층, SGD 0.1, 배치 32, 시드 0"
    )
