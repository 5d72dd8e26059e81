"""18장의 문제지가 건네는 아픈 망: 심은 곳에서 심은 탈만 나타나고, 진단도 같은 층을 가리키고, 표의 수는 잰 것입니다."""

import copy
import dataclasses
import json
import re

import numpy as np
import pytest

import wi_lib
from tests.browsing import ROOT
from wi_check import patients, treatment
from wi_lib import MLP, datasets, optimizers
from wi_lib.signals import rms

CODES = {
    "대칭": {"symmetry"},
    "꺼짐": {"dead"},
    "작음": {"vanishing_forward"},
    "큼": {"exploding_forward", "output_scale"},
}
SHEET = json.loads((ROOT / "exercises" / "18_diagnosis.ipynb").read_text(encoding="utf-8"))


@pytest.fixture(scope="module", params=range(5))
def ward(request):
    return treatment.sick(np.random.default_rng([18, request.param]))


def test_only_the_planted_layer_shows_it(ward):
    """같은 유닛과 꺼진 유닛은 심은 층에만 있고, 크기의 탈은 그 층의 행렬에만 있습니다."""
    x, labels = patients.batch()
    for each in ward:
        rows, i = patients.examined(each.net, x, labels), each.layer - 1
        alike, off = rows[:, 2] < 48, rows[:, 1] > 0.5
        size = np.array([rms(w) / np.sqrt(2 / len(w)) for w in each.net.weights])
        wrong = (size < 1 / 4) | (size > 4)
        found = {"대칭": alike, "꺼짐": off, "작음": wrong, "큼": wrong}
        for fault, where in found.items():
            same = fault == each.fault or {fault, each.fault} == {"작음", "큼"}
            assert np.flatnonzero(where).tolist() == ([i] if same else []), (each.fault, each.layer, fault)


def test_a_healthy_one_is_healthy(ward):
    for each in ward:
        treatment.healthy(each, each.healthy)


def test_diagnosis_agrees(ward):
    """문제지는 진단과 견주어 보라고 합니다. 진단은 심은 층의 심은 탈만 말하고 건강한 망에는 조용합니다."""
    x, labels = patients.batch()
    for each in ward:
        (found,) = wi_lib.diagnose(each.net, x, labels).findings
        assert found.code in CODES[each.fault], (each.fault, each.layer)
        assert found.layer == f"weights[{each.layer - 1}]"
    assert wi_lib.diagnose(ward[0].healthy, x, labels).findings == []


class Tied(MLP):
    """2층의 유닛이 끝까지 같은 망. AVX2의 BLAS는 유닛마다 다르게 반올림해, 그냥 두면 천 걸음쯤 뒤에 갈라집니다."""

    def backpropagate(self, work, labels):
        loss = super().backpropagate(work, labels)
        columns, rows, biases = work.weights[1], work.weights[2], work.biases[1]
        columns[:], rows[:], biases[:] = columns[:, :1], rows[:1], biases[:1]
        return loss


@pytest.fixture(scope="module")
def colleague():
    """6번의 세 망과 자료: (가), 2층의 유닛을 모두 같게 한 (나), 레이블을 뒤섞은 (다)."""
    digits = datasets.load_digits()
    mean = digits.x_train.mean(axis=0)
    data = dataclasses.replace(digits, x_train=digits.x_train - mean, x_test=digits.x_test - mean)
    whole = MLP([64, 64, 64, 64, 64, 10], rng=np.random.default_rng([1, 2]))
    tied = Tied([64, 64, 64, 64, 64, 10], rng=np.random.default_rng([1, 2]))
    tied.weights[1] = np.repeat(tied.weights[1][:, :1], 64, axis=1)
    tied.weights[2] = np.repeat(tied.weights[2][:1], 64, axis=0) / np.float32(8)
    mixed = dataclasses.replace(data, y_train=np.random.default_rng(9).permutation(data.y_train))
    return {"(가)": (whole, data), "(나)": (tied, data), "(다)": (whole, mixed)}


def measured(net, data):
    """표의 한 줄: 첫 손실, 변하는 RMS, 걸음의 비, 시험 정확도."""
    x, labels = data.x_train[:64], data.y_train[:64]
    g, moved = net.gradients(x, labels), [p.copy() for p in net.parameters]
    optimizers.Adam().start(moved, 0.001)([*g.weights, *g.biases])
    ratios = [rms(new - w) / rms(w) for new, w in zip(moved, net.weights)]
    spread = [np.sqrt(a.var(axis=0).mean()) for a in patients.units(net, x)[:-1]]
    trained, rng = copy.deepcopy(net), np.random.default_rng(3)
    settings = {"learning_rate": 0.001, "batch_size": 64, "iterations": 1500, "optimizer": "adam"}
    return [net.loss(x, labels), *spread, *ratios, wi_lib.train(trained, data, rng=rng, **settings).test_accuracy]


@pytest.mark.parametrize("name", ["(가)", "(나)", "(다)"])
def test_the_colleagues_table(colleague, name):
    """적힌 첫 손실, 신호, 비는 둘째 자리까지 같고, 정확도는 학습의 반올림이 쌓이므로 5 %p 안에서 같습니다."""
    question = "".join(next(cell["source"] for cell in SHEET["cells"] if cell["id"] == "question-6"))
    (line,) = re.findall(rf"(?m)^\| {re.escape(name)} \|.*$", question)
    *written, accuracy = (float(number) for number in re.findall(r"\d\.\d+", line))
    *values, trained = measured(*colleague[name])
    np.testing.assert_allclose(written, values, rtol=0.05)
    assert abs(trained - accuracy) < 0.05
