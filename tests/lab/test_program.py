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
    {"data": "spiral", "activation": "tanh", "learning_rate": 0.02},
    {"data": "rings", "depth": 2, "width": 20},
    {"data": "checkerboard", "activation": "tanh", "optimizer": "adam", "learning_rate": 0.001},
    {"data": "gaussian", "depth": 2, "learning_rate": 0.02},
    {"initializer": "normal(1)", "learning_rate": 1000},  # 몇 걸음 만에 발산합니다.
    {"initializer": "normal(100000000000000)", "depth": 20},  # 첫 손실부터 유한하지 않습니다.
]
SETTINGS = [complete(given) for given in GIVEN]


@pytest.fixture(scope="module")
def programs():
    return pages.calls(*(("program", "program", setting) for setting in SETTINGS))


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """엔진이 얻은 손실과 정확도를 실험대가 적는 글로."""
    texts = {}
    for name in {setting["data"] for setting in SETTINGS}:
        places = [i for i, setting in enumerate(SETTINGS) if setting["data"] == name]
        folder = tmp_path_factory.mktemp(name)
        data = node.save(getattr(datasets, f"load_{name}")(), folder)
        reader = node.run(folder, data=data, runs=[sized(SETTINGS[i]) for i in places])
        for i in places:
            losses, (accuracy,) = reader.take("f8", SETTINGS[i]["iterations"]), reader.take("f8", 1)
            texts[i] = written([loss for loss in losses if math.isfinite(loss)], accuracy)
    return texts


def sized(setting):
    features, classes = DATA[setting["data"]]
    return setting | {"sizes": [features, *[setting["width"]] * setting["depth"], classes]}


def written(losses, accuracy):
    loss = pages.call("setting", "numberText", losses[-1]) if losses else "발산"
    share = pages.call("setting", "percentText", accuracy) if math.isfinite(accuracy) else "발산"
    return f"{len(losses)}걸음, 손실 {loss}, 시험 정확도 {share}\n"


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
