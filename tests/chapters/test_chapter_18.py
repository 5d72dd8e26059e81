"""18장의 주장 가운데 첫 배치의 것. 다른 시드와 배치로 다시 잽니다. 학습은 test_chapter_18_trained.py에 있습니다."""

import functools

import numpy as np
import pytest

import wi_lib
from experiments import first_batch
from wi_lib import datasets, optimizers, signals

SEEDS = 11, 12, 13
digits = functools.cache(datasets.load_digits)


def batch(seed):
    at = np.random.default_rng([18, seed]).integers(1500, size=64)
    return digits().x_train[at], digits().y_train[at]


def build(fault, seed):
    """장의 여섯 층 ReLU 망에, experiments.first_batch의 이름으로 탈을 심은 것."""
    return first_batch.build(fault, "relu", 6, seed)


def outputs(net, x):
    """1층부터 로짓까지."""
    found = [x]
    for i, (weight, bias) in enumerate(zip(net.weights, net.biases)):
        z = found[-1] @ weight + bias
        found.append(np.maximum(z, 0) if i < len(net.weights) - 1 else z)
    return found[1:]


def gradients(net, x, y):
    return np.array([signals.rms(g) for g in net.gradients(x, y).weights])


def steps(net, x, y, optimizer, rate):
    """1층부터 첫 걸음의 비."""
    return np.array(first_batch.first_step(net, x, y, optimizer, rate)[1])


@pytest.mark.parametrize("seed", SEEDS)
def test_what_a_healthy_net_shows(seed):
    """RMS는 층을 지나도 그대로, 첫 손실은 ln 10 + s²/2쯤, 기울기는 여섯 층에서 고르고, Adam의 비는 0.4–0.8 %입니다."""
    net, (x, y) = build("", seed), batch(seed)
    sizes = [signals.rms(a) for a in outputs(net, x)]
    assert all(0.3 < size < 0.9 for size in sizes[:6])
    assert net.loss(x, y) == pytest.approx(np.log(10) + sizes[6] ** 2 / 2, abs=0.25)
    found = gradients(net, x, y)
    assert found[:6].max() < 2 * found[:6].min()
    assert 2 < found[6] / np.median(found[:6]) < 6
    ratios = steps(net, x, y, "adam", 0.001)
    assert ((ratios > 0.004) & (ratios < 0.008)).all()
    assert ((steps(net, x, y, "sgd", 0.1)[:6] > 0.003) & (steps(net, x, y, "sgd", 0.1)[:6] < 0.02)).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_the_shrunk_matrix_is_the_one_whose_gradient_stays(seed):
    """4층을 20분의 1로: 4층의 기울기만 그대로이고 나머지는 20분의 1 아래. RMS는 4층에서 떨어지고 비는 스무 배."""
    (x, y), net, sick = batch(seed), build("", seed), build("small_4", seed)
    times = gradients(sick, x, y) / gradients(net, x, y)
    assert 0.5 < times[3] < 1.5
    assert (np.delete(times, 3) < 0.06).all()
    sizes, usual = ([signals.rms(a) for a in outputs(one, x)] for one in (sick, net))
    assert sizes[2] == pytest.approx(usual[2])
    assert sizes[3] == pytest.approx(usual[3] / 20, rel=1e-4)
    ratios = steps(sick, x, y, "adam", 0.001)
    assert 0.09 < ratios[3] < 0.15
    assert (np.delete(ratios, 3) < 0.008).all()


@pytest.mark.parametrize("layer", range(1, 8))
def test_a_scaled_matrix_stands_alone_in_the_explorer(layer):
    """줄인 행렬은 어느 층이든 기울기의 비가 홀로 크고, 키운 행렬은 홀로 작습니다. Adam의 비는 거꾸로 홀로 다릅니다."""
    (x, y), net = batch(0), build("", 0)
    for size in (1 / 30, 30):
        sick = build("", 0)
        sick.weights[layer - 1] *= size
        times = gradients(sick, x, y) / gradients(net, x, y)
        alone = times if size < 1 else 1 / times
        assert alone.argmax() == layer - 1
        assert np.sort(alone)[-1] > 4 * np.sort(alone)[-2]
        ratios = steps(sick, x, y, "adam", 0.001) / steps(net, x, y, "adam", 0.001)
        assert ratios[layer - 1] == pytest.approx(1 / size, rel=0.1)
        assert np.delete(ratios, layer - 1) == pytest.approx(1, abs=0.15)


def test_the_first_loss_does_not_tell_which_hidden_layer_is_large():
    """편향이 0인 ReLU 망에서는 어느 층을 10배로 키우든 첫 손실이 같고, 출력층의 편향을 함께 내려도 그대로입니다."""
    x, y = batch(0)
    losses = []
    for layer in range(7):
        net = build("", 0)
        net.weights[layer] *= 10
        losses.append(net.loss(x, y))
    assert losses == pytest.approx([losses[0]] * 7, rel=1e-3)
    net, same = build("", 0), build("", 0)
    same.biases[6] -= 3
    assert same.loss(x, y) == pytest.approx(net.loss(x, y), abs=1e-4)


@pytest.mark.parametrize("seed", SEEDS)
def test_equal_units_look_healthy_by_size(seed):
    """다: RMS는 건강한 망의 두 배 안, 기울기는 다섯 배 안인데 5층과 6층의 유닛은 하나뿐입니다."""
    (x, y), net, sick = batch(seed), build("", seed), build("same", seed)
    sizes, usual = ([signals.rms(a) for a in outputs(one, x)] for one in (sick, net))
    assert ((np.array(sizes) / usual > 0.5) & (np.array(sizes) / usual < 2)).all()
    times = gradients(sick, x, y) / gradients(net, x, y)
    assert ((times > 1 / 5) & (times < 5)).all()
    assert [signals.distinct_columns(a) for a in outputs(sick, x)[4:6]] == [1, 1]
    assert min(signals.distinct_columns(a) for a in outputs(net, x)[:6]) > 60


FOUND = {
    "small_4": ("vanishing_forward", "weights[3]"),
    "dead_3": ("dead", "weights[2]"),
    "same": ("symmetry", "weights[4]"),
    "output_10": ("output_scale", "weights[6]"),
}


def test_the_tool_names_the_planted_place():
    """건강한 망에서는 아무것도, 여섯 가지 탈에서는 심은 자리를 맨 먼저 말합니다."""
    x, y = digits().x_train[:64], digits().y_train[:64]
    assert not wi_lib.diagnose(build("", 0), x, y).findings
    for fault, (code, layer) in FOUND.items():
        first = wi_lib.diagnose(build(fault, 0), x, y).findings[0]
        assert (first.code, first.layer) == (code, layer)
    assert [f.code for f in wi_lib.diagnose(build("", 0), 255 * x, y).findings] == ["input"]
    ordered = np.argsort(digits().y_train, kind="stable")[:64]
    found = wi_lib.diagnose(build("", 0), digits().x_train[ordered], digits().y_train[ordered]).findings
    assert [f.code for f in found] == ["one_class"]


def test_the_proposed_code_cures_the_shrunk_layer():
    model, x, labels = build("small_4", 0), digits().x_train[:64], digits().y_train[:64]
    exec(wi_lib.diagnose(model, x, labels).fix(), {"model": model, "x": x, "labels": labels})
    assert wi_lib.diagnose(model, x, labels).healthy


@pytest.mark.parametrize("seed", SEEDS)
def test_shuffled_labels_look_healthy(seed):
    """뒤섞은 레이블의 첫 손실은 0.2 안에서, 기울기는 0.6–1.3배에서 같고, Adam의 비도 같습니다."""
    (x, y), net = batch(seed), build("", seed)
    mixed = np.random.default_rng(seed).permutation(y)
    assert net.loss(x, mixed) == pytest.approx(net.loss(x, y), abs=0.2)
    times = gradients(net, x, mixed) / gradients(net, x, y)
    assert ((times > 0.6) & (times < 1.3)).all()
    assert steps(net, x, mixed, "adam", 1e-3) == pytest.approx(steps(net, x, y, "adam", 1e-3), rel=0.02)


def test_the_first_step_is_the_step_of_the_optimizer():
    """SGD의 비는 학습률 × 기울기 ÷ 가중치이고, Adam의 비는 기울기가 있는 곳에서 학습률 ÷ 가중치입니다."""
    net, (x, y) = build("", 0), batch(0)
    sizes = np.array([signals.rms(w) for w in net.weights])
    assert steps(net, x, y, "sgd", 0.1) == pytest.approx(0.1 * gradients(net, x, y) / sizes, rel=1e-3)
    assert (steps(net, x, y, optimizers.Adam(), 0.001) <= 0.001 / sizes * 1.001).all()


def noticed(share, seed, count=64):
    """레이블의 share를 뒤섞은 배치에서 그것을 알아채는지."""
    rng = np.random.default_rng([181, seed])
    at = rng.permutation(1500)[:count]
    labels, some = digits().y_train[at], rng.permutation(count)[: round(count * share)]
    labels[some] = labels[rng.permutation(some)]
    findings = wi_lib.diagnose(build("", 0), digits().x_train[at], labels).findings
    return any(finding.code == "label_match" for finding in findings)


def test_all_labels_shuffled_are_noticed_and_a_fifth_is_not():
    caught = {share: sum(noticed(share, seed) for seed in range(8)) for share in (0, 0.2, 1)}
    assert caught[0] == caught[0.2] == 0
    assert caught[1] >= 7


@pytest.mark.parametrize(("size", "found"), [(1 / 10, True), (1 / 5, False), (5, False), (10, True)])
def test_how_sick_a_layer_must_be(size, found):
    """은닉층 하나가 다섯 배 어긋나면 말하지 않고 열 배면 그 층을 짚습니다."""
    x, y = digits().x_train[:64], digits().y_train[:64]
    for layer in (0, 2, 5):
        net = build("", 1)
        net.weights[layer] *= size
        assert (f"weights[{layer}]" in [f.layer for f in wi_lib.diagnose(net, x, y).findings]) == found


def memorised(net, x, y, iterations=200):
    """같은 배치를 Adam으로 되풀이해 배운 뒤의 손실."""
    move = optimizers.Adam().start(net.parameters, 0.001)
    for _ in range(iterations):
        found = net.gradients(x, y)
        move([*found.weights, *found.biases])
    return net.loss(x, y)


def test_memorising_one_batch_tells_which_net_learns():
    """나와 다만 배치 하나를 외우지 못합니다. 뒤섞은 레이블은 외웁니다."""
    x, y = digits().x_train[:64], digits().y_train[:64]
    for seed in (0, 1):
        assert all(memorised(build(fault, seed), x, y) < 0.01 for fault in ("", "small_4", "output_10"))
        assert memorised(build("", seed), 255 * x, y) < 0.01
        assert memorised(build("", seed), x, np.random.default_rng(seed).permutation(y)) < 0.01
        assert memorised(build("same", seed), x, y) > 1
        assert memorised(build("dead_3", seed), x, y) > 2


def test_only_rounding_tells_equal_units_apart():
    """다가 1,000걸음에 외우는지는 반올림에 달려, 배치의 차례만 바꾸어도 손실이 달라집니다. 건강한 망은 그대로입니다."""
    x, y = digits().x_train[:64], digits().y_train[:64]
    orders = [np.random.default_rng(i).permutation(64) for i in range(3)]
    for fault, apart in (("same", True), ("", False)):
        losses = [memorised(build(fault, 0), x[order], y[order], iterations=1000) for order in orders]
        assert (np.ptp(losses) > 0.05) == apart


def test_a_five_times_larger_layer_is_not_located():
    """다섯 배 키운 은닉층은 첫 손실로만 드러나고, 그 층을 짚지는 못합니다."""
    x, y = digits().x_train[:64], digits().y_train[:64]
    for layer in (0, 2, 5):
        net = build("", 0)
        net.weights[layer] *= 5
        found = wi_lib.diagnose(net, x, y).findings
        assert [f.code for f in found] == ["first_loss"]
        assert found[0].layer is None


def test_with_all_the_data_shuffled_labels_may_show():
    """학습 자료 전체에서는 뒤섞은 레이블의 기울기가 시드에 따라 절반 안팎까지 작아집니다."""
    x, y, least = digits().x_train, digits().y_train, []
    for seed in range(6):
        net, mixed = build("", seed), np.random.default_rng(seed).permutation(y)
        least.append((gradients(net, x, mixed) / gradients(net, x, y)).min())
    assert 0.4 < min(least) < 0.7
    assert max(least) > 0.75
