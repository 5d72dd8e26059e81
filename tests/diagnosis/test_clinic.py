"""병원의 모델 40개와 탈 15가지: 저장된 표는 지금의 코드가 내는 것이고, 진단은 그 표의 몫만큼 찾고 조용합니다."""

import json
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from experiments import diagnosis
from experiments.clinic import examining, networks
from experiments.clinic.specs import NUMBERS, healthy
from wi_lib.diagnosis import thresholds

DATA = Path(__file__).parents[2] / "chapters" / "data"
ABOUT = json.loads((DATA / "diagnosis.json").read_text(encoding="utf-8"))
with np.load(DATA / "diagnosis.npz") as stored:
    STORED = dict(stored)
CASES = [tuple(case) for case in ABOUT["cases"]]
FRAMEWORKS = ABOUT["frameworks"]
EVEN = np.array([number % 2 == 0 for number, _ in CASES])
HEALTHY = STORED["healthy"][np.array(NUMBERS) % 2 == 0]
# 변형마다, 심을 수 있는 짝수 번 하나. 시험이 빠르도록 가장 앞의 것입니다.
SAMPLE = {variant: number for number, variant in reversed(CASES) if number % 2 == 0}
PARITY = [name for name in FRAMEWORKS if name != "wi_lib"]


def stored_row(framework, number, variant):
    at = CASES.index((number, variant)), FRAMEWORKS.index(framework)
    return [STORED[name][at] for name in ("found", "located", "others")]


def again(framework, number, variant):
    """지금의 코드로 다시 잰 줄."""
    result = diagnosis.run_one(framework, number, variant)
    return np.array(result, np.float32)


def test_the_stored_table_was_made_with_these_thresholds():
    assert ABOUT["thresholds"] == {name: value for name, value in vars(thresholds).items() if name.isupper()}


def test_every_fault_is_planted_in_both_halves():
    for fault in examining.FAULTS:
        planted = {number % 2 for number, variant in CASES if examining.FAULT_OF[variant] == fault}
        assert planted == {0, 1}, fault


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_at_least_95_percent_are_located_in_the_unseen_half(framework):
    located = STORED["located"][EVEN, FRAMEWORKS.index(framework)]
    assert np.isfinite(located).sum() > 150
    assert np.nanmean(located) >= 0.95


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_healthy_models_raise_no_code_in_more_than_two_percent(framework):
    seen = HEALTHY[:, :, FRAMEWORKS.index(framework)]
    warned = (seen > 1).sum(axis=(0, 1)) / np.isfinite(seen).sum(axis=(0, 1))
    assert warned.max() < 0.02


@pytest.mark.parametrize("variant", SAMPLE)
def test_the_stored_row_is_what_the_code_says(variant):
    number = SAMPLE[variant]
    np.testing.assert_array_equal(again("wi_lib", number, variant), stored_row("wi_lib", number, variant))


@pytest.mark.parametrize("number", NUMBERS[1::4])
def test_a_healthy_network_says_what_is_stored(number):
    seen = STORED["healthy"][NUMBERS.index(number), 0, 0]
    found = {code for code, _, _ in examining.examine("wi_lib", number).findings}
    assert found == {code for code, severity in zip(ABOUT["codes"], seen) if severity > 0}


def test_a_fault_changes_the_plan_it_is_planted_in():
    """심은 탈이 아무것도 바꾸지 않으면, 찾았다는 말에 뜻이 없습니다."""
    number = 5
    whole, planted = healthy(number), examining.sick(number, "small_one")[0]
    same = [np.array_equal(a.weights[0], b.weights[0]) for a, b in zip(whole.weighted, planted.weighted)]
    assert same.count(False) == 1


def outputs(framework, model, inputs):
    if framework == "torch":
        import torch

        return model.train()(*map(torch.from_numpy, inputs)).detach().numpy()
    if framework == "keras":
        return np.asarray(model(inputs if len(inputs) > 1 else inputs[0], training=True))
    return np.asarray(model(*inputs))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("number", [1, 9, 20, 24, 26, 29, 30])
@pytest.mark.parametrize("framework", PARITY)
def test_parity_the_same_plan_is_the_same_network(framework, number):
    pytest.importorskip(framework)
    plan = healthy(number)
    model, _ = import_module(examining.BUILDERS[framework]).build(plan)
    net, _ = networks.build(plan)
    expected = net.forward(plan.inputs[0], **({"training": True} if hasattr(net, "layers") else {}))
    found = outputs(framework, model, plan.inputs)
    np.testing.assert_allclose(found, expected, atol=1e-4 * np.abs(expected).max())


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("variant", ["constant", "small_one", "dead", "output_bias", "twins", "underflow"])
@pytest.mark.parametrize("framework", PARITY)
def test_parity_the_stored_row_is_what_the_framework_says(framework, variant):
    pytest.importorskip(framework)
    number = SAMPLE[variant]
    np.testing.assert_array_equal(again(framework, number, variant), stored_row(framework, number, variant))
