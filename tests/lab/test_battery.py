"""설정 300개(무작위와 끝)를 진짜 워커로: 늘 끝나고, 수가 아닌 것을 보이지 않고, wi_lib과 같은 걸음에 발산하는지."""

import dataclasses

import numpy as np
import pytest

from tests.browsing import Visit, served
from wi_lib import datasets
from wi_lib.lab import digits

from . import battery, grid, reference

pytestmark = pytest.mark.browser
SETTINGS = battery.settings()
BUNDLES = 12


@pytest.fixture(scope="module")
def visit(browser, tmp_path_factory):
    folder = tmp_path_factory.mktemp("battery")
    grid.write(folder, "battery_page")
    with served(folder) as url, Visit(browser, f"{url}/index.html") as visit:
        visit.tab.bring_to_front()
        yield visit


def try_out(visit, setting, data, packed=None):
    """설정 하나를 워커에서 끝까지 돌려 보고, wi_lib과 견줍니다."""
    shown = visit.tab.evaluate("([setting, digits]) => trial(setting, digits)", [setting, packed or digits.packed()])
    assert shown["state"] in ("done", "diverged"), (setting, shown["state"], shown.get("message"))
    assert shown["wrong"] == [], setting
    assert shown["seen"] >= 2
    assert not visit.errors
    steps, diverged = shown["step"], shown["state"] == "diverged"
    if diverged:
        where = shown["where"]
        assert 1 <= where["step"] <= steps + 1, (setting, where)
        assert 1 <= where["layer"] <= setting["depth"] + 1, (setting, where)
        assert where["what"] in ("activation", "loss", "gradient", "update")
        assert shown["accuracy"] is None
    else:
        assert steps == setting["iterations"]
        assert 0 <= shown["accuracy"] <= 1
    features, classes = battery.DATA[setting["data"]]
    run = setting | {"sizes": [features, *[setting["width"]] * setting["depth"], classes]}
    history = reference.trained(data, run)
    theirs = reference.record(history.loss, history.diverged, run["iterations"])
    ours = reference.record(np.array(shown["losses"]), diverged, run["iterations"])
    agreed = reference.agreed(ours, theirs, 1e-3)
    if agreed < len(theirs):
        assert reference.twins_part(data, run, theirs, agreed), f"{setting}: {agreed}걸음까지만 같습니다."


@pytest.mark.parametrize("first", range(BUNDLES))
def test_every_setting_comes_to_its_end(visit, first):
    for setting in SETTINGS[first::BUNDLES]:
        data = getattr(datasets, f"load_{setting['data']}")()
        try_out(visit, setting, data)


@pytest.mark.parametrize("batch_size", [1, 32])
def test_data_of_one_class(visit, batch_size):
    whole = datasets.load_digits()
    packed = digits.packed()[: -len(whole.y_train) - len(whole.y_test)]
    one = dataclasses.replace(whole, y_train=np.full_like(whole.y_train, 3), y_test=np.full_like(whole.y_test, 3))
    packed += "3" * (len(whole.y_train) + len(whole.y_test))
    setting = battery.DEFAULT | {"batch_size": batch_size, "iterations": 300, "learning_rate": 10}
    try_out(visit, setting, one, packed)
