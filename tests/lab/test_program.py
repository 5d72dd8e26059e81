"""이 설정의 코드: 실험대의 엔진이 얻은 손실과 정확도를 wi_lib이 마지막 글자까지 다시 찍습니다.

혼돈이 작은 설정들입니다. 학습률이 큰 망은 합을 더하는 차례만 달라도 몇 걸음 뒤에 갈라집니다(test_training.py).
"""

import contextlib
import io
import math
import warnings

import pytest

from wi_lib import datasets
from wi_lib.lab.setting import DATA, complete

from . import node, pages

GIVEN = [
    {},
    {"initializer": "zeros"},
    {"initializer": "constant(0.1)", "activation": "tanh"},
    {"initializer": "normal(0.01)", "optimizer": "adam", "learning_rate": 0.001, "depth": 2},
    {"initializer": "normal", "activation": "selu", "depth": 1},
    {"initializer": "uniform(0.2)", "activation": "tanh", "seed": 2**53 - 1},
    {"initializer": "truncated_normal(0.15)", "activation": "leaky_relu", "batch_size": 50},
    {"initializer": "variance_scaling(1.5, fan_avg, truncated_normal)", "activation": "tanh", "depth": 8},
    {"initializer": "variance_scaling(0.5)", "depth": 1, "width": 30},
    {"initializer": "variance_scaling"},
    {"initializer": "lecun_normal", "activation": "selu", "learning_rate": 0.01},
    {"initializer": "lecun_uniform", "activation": "tanh"},
    {"initializer": "xavier_normal", "activation": "sigmoid", "depth": 1, "learning_rate": 1},
    {"initializer": "xavier_uniform", "activation": "tanh", "optimizer": "momentum", "learning_rate": 0.01},
    {"initializer": "he_normal", "optimizer": "adam", "learning_rate": 1e-4, "iterations": 100},
    {"initializer": "he_uniform", "learning_rate": 0.03, "seed": 123456789},
    {"initializer": "orthogonal", "activation": "tanh", "depth": 10, "learning_rate": 0.02},
    {"initializer": "orthogonal(1.5)", "depth": 2, "learning_rate": 0.02},
    {"initializer": "identity", "width": 64},
    {"initializer": "identity(0.5)", "activation": "tanh"},
    {"initializer": "sparse", "activation": "tanh", "learning_rate": 0.01},
    {"initializer": "sparse(5, 0.3)", "depth": 2},
    {"initializer": "sparse_fraction", "activation": "sigmoid", "depth": 1},
    {"initializer": "sparse_fraction(0.5, 0.2)", "depth": 3, "batch_size": 1, "learning_rate": 0.01},
    {"initializer": "normal(1)", "learning_rate": 1000},  # 몇 걸음 만에 발산합니다.
    {"initializer": "normal(100000000000000)", "depth": 20},  # 첫 손실부터 유한하지 않습니다.
]
SETTINGS = [complete({"data": "digits"} | given) for given in GIVEN]


@pytest.fixture(scope="module")
def programs():
    return pages.calls(*(("program", "program", setting) for setting in SETTINGS))


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """엔진이 얻은 손실과 정확도를 실험대가 적는 글로."""
    folder, data = tmp_path_factory.mktemp("programs"), datasets.load_digits()
    runs = [setting | {"sizes": [64, *[setting["width"]] * setting["depth"], 10]} for setting in SETTINGS]
    reader = node.run(folder, data=node.save(data, folder), runs=runs)
    texts = []
    for setting in SETTINGS:
        losses, (accuracy,) = reader.take("f8", setting["iterations"]), reader.take("f8", 1)
        known = [loss for loss in losses if math.isfinite(loss)]
        numbers = ("numberText", known[-1]) if known else None, ("percentText", accuracy)
        written = [pages.call("setting", *job) if job and math.isfinite(job[1]) else "발산" for job in numbers]
        texts.append(f"{len(known)}걸음, 손실 {written[0]}, 시험 정확도 {written[1]}\n")
    return texts


def printed(program):
    out = io.StringIO()
    with contextlib.redirect_stdout(out), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # 발산도 되풀이할 결과입니다.
        exec(compile(program, "program", "exec"), {})
    return out.getvalue()


@pytest.mark.parametrize("index", range(len(SETTINGS)))
def test_the_program_prints_what_the_lab_shows(programs, shown, index):
    assert printed(programs[index]) == shown[index]


def test_every_data_set_has_its_program():
    texts = pages.calls(*(("program", "program", complete({"data": name})) for name in DATA))
    for (name, (features, classes)), text in zip(DATA.items(), texts):
        assert f"data = datasets.load_{name}()" in text
        assert f"sizes = [{features}] + [50] * 4 + [{classes}]" in text
