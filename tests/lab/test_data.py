"""워커가 만드는 자료가 wi_lib.datasets의 것과 비트까지 같은지."""

import numpy as np
import pytest

from wi_lib import datasets
from wi_lib.lab import digits

from . import node

NAMES = ["digits", "spiral", "rings", "checkerboard", "gaussian"]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    reader = node.run(tmp_path_factory.mktemp("data"), made=NAMES, digits=digits.packed())
    return {name: read(reader, getattr(datasets, f"load_{name}")()) for name in NAMES}


def read(reader, data):
    return {part: reader.take("f4", getattr(data, part).size) for part in ("x_train", "y_train", "x_test", "y_test")}


@pytest.mark.parametrize("name", NAMES)
def test_the_worker_makes_the_same_data(made, name):
    data = getattr(datasets, f"load_{name}")()
    for part, got in made[name].items():
        np.testing.assert_array_equal(got, getattr(data, part).ravel().astype(np.float32), err_msg=part)
