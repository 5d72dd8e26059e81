"""18장 연습: 첫 손실의 두 값, 층마다의 진찰, 첫 걸음의 비, 세 망의 진단, 아픈 층의 치료."""

import copy
from functools import cache
from itertools import pairwise

import numpy as np

from wi_lib import MLP, optimizers
from wi_lib.signals import rms

from . import clinic_slips, patients, treatment
from .answers import array, call, choice, close, integer, number, passed, require
from .patients import FAULTS, HIDDEN, batch
from .trials import judge


def _listed(name, value, count):
    """수 count개의 목록이나 1차원 배열을 float64 배열로."""
    value = value.tolist() if isinstance(value, np.ndarray) and value.ndim == 1 else value
    right = isinstance(value, (list, tuple)) and len(value) == count
    require(right, f"`{name}`은(는) 수 {count}개의 목록이어야 합니다.")
    return np.array([number(name, each) for each in value])


def expected_losses(answer, *, seed):
    """1번. 로짓이 모두 0일 때의 손실과, 입력을 보지 않고 낼 수 있는 가장 작은 손실."""
    rng = np.random.default_rng(seed)
    for kind, said in clinic_slips.LOSSES.items():
        starts, floors = [], []
        for _ in range(3):
            labels, outputs = _labels(kind, rng)
            asked = f"{said}의 expected_losses(labels, {outputs})"
            start, floor = _listed(asked, call(answer, labels, outputs), 2)
            of_start, of_floor = clinic_slips.of_losses(kind, labels, outputs)
            starts.append((start, *of_start))
            floors.append((floor, *of_floor))
        judge(f"{said}에서 로짓이 모두 0일 때의 손실", starts, relative=1e-4, absolute=1e-9)
        judge(f"{said}에서 입력을 보지 않은 손실", floors, relative=1e-4, absolute=1e-9)
    passed("1번")


def _labels(kind, rng):
    """(레이블, 출력의 수). 클래스의 비율은 고르지 않고, 마지막 클래스를 포함한 둘은 나오지 않습니다."""
    count, outputs = int(rng.integers(100, 200)), int(rng.integers(5, 9))
    if kind == "classes":
        seen = rng.permutation(outputs - 1)[1:]
        return rng.choice(seen, count, p=rng.dirichlet(np.full(len(seen), 3.0))), outputs
    if kind == "binary":
        return (rng.random(count) < rng.uniform(0.1, 0.35)).astype(np.int64), 1
    return rng.normal(rng.uniform(-3, 3, outputs), rng.uniform(0.5, 2, outputs), (count, outputs)), outputs


def examine(answer, *, seed):
    """2번. 은닉층마다의 (변하는 RMS, 꺼진 유닛의 비율, 서로 다른 유닛의 수)."""
    rng, columns = np.random.default_rng(seed), ([], [], [])
    for net in _nets(rng):
        x, labels = rng.standard_normal((40, net.sizes[0])), rng.integers(net.classes, size=40)
        got = call(answer, copy.deepcopy(net), x, labels)
        got = np.array(got) if isinstance(got, (list, tuple)) and not _ragged(got) else got
        got = array("examine의 결과", got, (len(net.sizes) - 2, 3))
        slips = clinic_slips.of_examine(net, x, labels)
        for column, mine, want, wrong in zip(columns, got.T, patients.examined(net, x, labels).T, slips):
            column.append((mine, want, wrong))
    judge("변하는 RMS", columns[0], relative=1e-4, absolute=1e-9)
    judge("꺼진 유닛의 비율", columns[1], relative=0, absolute=1e-6)
    judge("서로 다른 유닛의 수", columns[2], relative=0, absolute=1e-6)
    passed("2번")


def _ragged(rows):
    lengths = {len(row) if isinstance(row, (list, tuple, np.ndarray)) else -1 for row in rows}
    return len(lengths) != 1


def _nets(rng):
    """같은 유닛과 꺼진 유닛이 섞인 망 둘과, 모두 0인 망. 들어오는 것만 같고 기울기는 다른 유닛도 있습니다."""
    for small in (1, 1e-6):
        sizes = [int(n) for n in (rng.integers(6, 12), *rng.integers(12, 20, 4), rng.integers(3, 7))]
        net = MLP(sizes, rng=rng, dtype=np.float64)
        tied, alike, dead = (int(i) for i in rng.permutation(4)[:3])
        kind = rng.integers(5, size=sizes[tied + 1])
        net.weights[tied], net.weights[tied + 1] = net.weights[tied][:, kind], net.weights[tied + 1][kind]
        net.weights[alike] = net.weights[alike][:, rng.integers(7, size=sizes[alike + 1])]
        net.biases[dead][rng.permutation(sizes[dead + 1])[: int(rng.integers(3, 7))]] = -1e3
        net.weights[-1] *= small
        yield net
    yield MLP([5, 6, 7, 3], initializer="zeros", rng=rng, dtype=np.float64)


def first_ratios(answer, *, seed):
    """3번. 층마다의 첫 걸음의 비."""
    rng = np.random.default_rng(seed)
    for optimizer, said in {"sgd": "SGD", "adam": "Adam"}.items():
        trials = []
        for _ in range(3):
            weights, gradients = _matrices(rng)
            rate = float(10 ** rng.uniform(-3.5, -1.5))
            moved = [w.copy() for w in weights]
            optimizers.get(optimizer).start(moved, rate)([g.copy() for g in gradients])
            want = np.array([rms(new - old) / rms(old) for new, old in zip(moved, weights)])
            given = [w.copy() for w in weights], [g.copy() for g in gradients], rate, optimizer
            got = _listed("first_ratios의 결과", call(answer, *given), len(weights))
            trials.append((got, want, clinic_slips.of_ratios(weights, gradients, rate, optimizer)))
        judge(f"{said}의 걸음의 비", trials, relative=2e-3)
    passed("3번")


def _matrices(rng):
    """행렬과 그 기울기의 목록. 기울기가 0인 열(꺼진 유닛)이 섞여 있고, 행렬의 평균은 0이 아닐 수 있습니다."""
    sizes = [int(n) for n in rng.integers(8, 30, 5)]
    weights, gradients = [], []
    for n, m in pairwise(sizes):
        weights.append(rng.uniform(0.02, 0.3) * (rng.standard_normal((n, m)) + rng.choice([0, 0.5])))
        gradient = 10 ** rng.uniform(-3, 0) * rng.standard_normal((n, m)) + 0.01
        gradient[:, rng.permutation(m)[: int(rng.integers(1, m - 2))]] = 0
        gradients.append(gradient)
    return weights, gradients


@cache
def _ward(seed):
    """가려진 차례의 환자 셋: 대칭, 꺼짐, 그리고 크기의 탈 하나."""
    rng = np.random.default_rng(seed)
    kinds = rng.permutation(["대칭", "꺼짐", str(rng.choice(["작음", "큼"]))])
    found = []
    for kind in kinds:
        layer = int(rng.integers(1, HIDDEN + 1 + (kind == "큼")))
        found.append(patients.patient(str(kind), layer, rng, by_bias=bool(rng.integers(2))))
    return found


def ward(*, seed):
    """{가려진 이름: 아픈 망}."""
    return {f"({name})": copy.deepcopy(each.net) for name, each in zip("가나다", _ward(seed))}


def chart(*, seed):
    """{가려진 이름: 입력과 층마다의 가중합의 RMS}. 마지막은 로짓입니다."""
    x, lines = batch()[0], {}
    for name, net in ward(seed=seed).items():
        inputs = [x, *patients.units(net, x)[:-1]]
        sums = [a @ W + b for a, W, b in zip(inputs, net.weights, net.biases)]
        lines[name] = np.array([rms(each) for each in (x, *sums)])
    return lines


def diagnosis(faults, layers, factor, *, seed):
    """4번. 세 망의 탈과 그 층, 크기의 탈을 고칠 수."""
    found = _ward(seed)
    lists = {"faults": faults, "layers": layers}
    for name, value in lists.items():
        require(value is not ..., f"`{name}`에 아직 답을 쓰지 않았습니다.")
        value = value.tolist() if isinstance(value, np.ndarray) else value
        three = isinstance(value, (tuple, list)) and len(value) == len(found)
        require(three, f"`{name}`에는 셋을 (가), (나), (다)의 차례로 적으십시오.")
        lists[name] = value
    kinds = [choice("faults", kind, FAULTS) for kind in lists["faults"]]
    places = [integer("layers", layer) for layer in lists["layers"]]
    wrong = sum(kind != each.fault for kind, each in zip(kinds, found))
    require(not wrong, f"faults 가운데 {wrong}개가 망과 다릅니다. 2번의 함수로 층마다 세 수를 견주어 보십시오.")
    true = [each.layer for each in found]
    shifted = [place + 1 for place in places] == true
    require(not shifted, "layers가 모두 하나씩 작습니다. 파이썬의 번호가 아니라 1층부터 셉니다.")
    wrong = sum(place != layer for place, layer in zip(places, true))
    require(not wrong, f"layers 가운데 {wrong}개가 망과 다릅니다. 탈이 처음 나타나는 층을 보십시오.")
    factor = number("factor", factor)
    sick = next(each for each in found if each.fault in ("작음", "큼"))
    close("factor", factor, 1 / sick.factor, clinic_slips.of_factor(sick, batch()[0]), relative=0.15)
    passed("4번")


def mend(answer, *, seed):
    """5번. 탈을 찾아 그 층만 고치는 mend(net, x, labels, *, rng)."""
    rng = np.random.default_rng(seed)
    sick = treatment.sick(rng)
    mended = [(each, treatment.given_back(answer, each.net, rng)) for each in sick]
    for each, net in mended:
        treatment.healthy(each, net)
    treatment.left_alone(sick[0].healthy, treatment.given_back(answer, sick[0].healthy, rng))
    for each, net in mended:
        treatment.only_there(each, net)
    passed("5번")
