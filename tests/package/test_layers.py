"""층과 Network: 기울기를 수치 미분에, MLP와 같은 망을 MLP에, 정규화를 정의에 견줍니다."""

import copy
import math
import pickle
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest

import wi_lib
from wi_lib import datasets, layers, optimizers
from wi_lib.layers import (
    Activate,
    Attention,
    BatchNorm,
    Conv2D,
    Dense,
    Embedding,
    LayerNorm,
    Pool2D,
    Position,
    Reshape,
    Residual,
    RMSNorm,
)

NORMS = [BatchNorm, LayerNorm, RMSNorm]
PRE_NORM = [LayerNorm(), Dense(5, "lecun_normal"), Activate("tanh"), Dense(5, "lecun_normal")]
STACKS = {
    "Dense": [Dense(4, "lecun_normal")],
    "Activate": [Dense(4, "lecun_normal"), Activate("selu")],
    "BatchNorm": [Dense(4, "lecun_normal"), BatchNorm(), Activate("tanh")],
    "BatchNorm의 입력": [BatchNorm(), Dense(4, "lecun_normal")],
    "LayerNorm": [Dense(4, "lecun_normal"), LayerNorm(epsilon=0.1), Activate("tanh")],
    "RMSNorm": [Dense(4, "lecun_normal"), RMSNorm(epsilon=0.1), Activate("tanh")],
    "사전 정규화": [Residual(PRE_NORM, scale=0.7)] * 2,
    "사후 정규화": [Residual(PRE_NORM[1:], scale=0.7), LayerNorm(), Residual(PRE_NORM[1:]), RMSNorm()],
    "배율도 학습": [Residual(PRE_NORM, scale=-0.3, learn_scale=True)] * 2,
    "합성곱": [Reshape(5, 1, 1), Conv2D(4, 3, "lecun_normal", padding=1), Activate("tanh"), Reshape(-1)],
    "묶고 건너뛰는 합성곱": [
        *(Dense(2 * 6 * 7, "lecun_normal"), Reshape(6, 7, 2)),
        *(Conv2D(4, 2, "lecun_normal", stride=2, groups=2), Activate("tanh")),
        *(Conv2D(6, 3, "lecun_normal", padding=1, groups=2), BatchNorm(), LayerNorm(), Pool2D(None, "average")),
        Reshape(-1),
    ],
    "풀링": [
        *(Dense(5 * 4 * 2, "lecun_normal"), Reshape(5, 4, 2), Pool2D(2, stride=1), Pool2D(2, "average")),
        *(Dense(3, "lecun_normal"), RMSNorm(), Reshape(-1)),
    ],
    "어텐션": [
        *(Dense(3 * 4, "lecun_normal"), Reshape(3, 4), Position("lecun_normal"), Attention(2), Activate("tanh")),
        *(Residual([LayerNorm(), Attention(2, "lecun_normal", causal=False, packed=True)]), Attention(1, scale=0.9)),
        Reshape(-1),
    ],
    "겹친 옆길": [Residual([BatchNorm(), Residual(PRE_NORM, scale=0.5), Activate("tanh")], learn_scale=True)],
}


def make_network(stack, seed=0, dtype=np.float64):
    """γ는 1, β는 0이 아닌 값까지 흔들어 둔 망: 빠뜨린 항이 드러나게 합니다."""
    rng = np.random.default_rng(seed)
    net = wi_lib.Network([*stack, Dense(3, "lecun_normal")], input_shape=(5,), rng=rng, dtype=dtype)
    for bias in net.biases:
        bias += rng.normal(scale=0.3, size=bias.shape)
    return net


def make_batch(count=7, seed=1):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((count, 5)), rng.integers(3, size=count)


@pytest.mark.parametrize("name", STACKS)
def test_gradients_match_numerical_differentiation(name):
    net, (x, labels), h = make_network(STACKS[name]), make_batch(), 1e-6
    gradients = net.gradients(x, labels)
    assert gradients.loss == pytest.approx(net.loss(x, labels, training=True), rel=1e-12)
    assert len(gradients.weights) == len(net.weights)
    for parameter, gradient in zip(net.parameters, [*gradients.weights, *gradients.biases], strict=True):
        numerical = np.empty_like(parameter)
        for index in np.ndindex(parameter.shape):
            value = parameter[index]
            parameter[index] = value + h
            above = net.loss(x, labels, training=True)
            parameter[index] = value - h
            below = net.loss(x, labels, training=True)
            parameter[index] = value
            numerical[index] = (above - below) / (2 * h)
        # 중심 차분의 오차: 절단 h² ≈ 1e-12, 반올림 ε/h ≈ 2e-10.
        np.testing.assert_allclose(gradient, numerical, rtol=1e-6, atol=2e-9)


@pytest.mark.parametrize("name", STACKS)
def test_single_precision_agrees_with_double(name):
    single, double = (
        make_network(STACKS[name], dtype=dtype).gradients(*make_batch(64)) for dtype in (np.float32, np.float64)
    )
    for ours, exact in zip([*single.weights, *single.biases], [*double.weights, *double.biases], strict=True):
        assert ours.dtype == np.float32
        np.testing.assert_allclose(ours, exact, rtol=1e-3, atol=1e-4 * max(np.abs(exact).max(), 1e-2))


def as_layers(sizes, activation):
    hidden = [part for n in sizes[1:-1] for part in (Dense(n), Activate(activation))]
    return [*hidden, Dense(sizes[-1])]


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam"])
def test_the_same_network_trains_as_an_mlp_does(optimizer):
    sizes, data = [64, 30, 20, 10], datasets.load_digits()
    nets = [
        wi_lib.MLP(sizes, "relu", "he_normal", rng=np.random.default_rng(0)),
        wi_lib.Network(as_layers(sizes, "relu"), (64,), rng=np.random.default_rng(0)),
    ]
    assert all((a == b).all() for a, b in zip(nets[0].weights, nets[1].weights, strict=True))
    settings = {"learning_rate": 0.01, "batch_size": 32, "iterations": 100, "optimizer": optimizer}
    histories = [wi_lib.train(net, data, rng=np.random.default_rng(1), **settings) for net in nets]
    np.testing.assert_allclose(histories[1].loss, histories[0].loss, rtol=1e-4)
    assert abs(histories[1].test_accuracy - histories[0].test_accuracy) < 0.01
    together = wi_lib.train_together({"층": nets[1]}, data, rng=np.random.default_rng(2), **settings)
    assert together["층"].loss[-1] < histories[1].loss[0]


def test_repeated_blocks_are_independent():
    block = Residual([Dense(5), Residual([Dense(5)])])
    net = wi_lib.Network([block] * 3, input_shape=(5,), rng=np.random.default_rng(0))
    drawn = [w.ravel().tolist() for w in net.weights]
    assert len(drawn) == 6
    assert all(one != other for i, one in enumerate(drawn) for other in drawn[:i])
    # 망은 사본을 쓰므로, 넘긴 층은 다른 망에 다시 쓸 수 있습니다.
    assert block.branch.layers[0].parameters == []


def test_a_network_keeps_nothing_of_a_batch():
    net = make_network(STACKS["사전 정규화"])
    before = len(pickle.dumps(net))
    x, labels = make_batch(5000)
    net.predict(x), net.gradients(x, labels)
    assert len(pickle.dumps(net)) == before
    copied = copy.deepcopy(net)
    copied.weights[0][...] = 0
    assert net.weights[0].any()


# ── 정규화 ─────────────────────────────────────────────────────────────────────────────


def built(norm, units=4):
    return wi_lib.Network([norm], (units,), rng=np.random.default_rng(0), dtype=np.float64)


@pytest.mark.parametrize(("norm", "axis"), [(BatchNorm, 0), (LayerNorm, 1)])
def test_normalised_values_have_mean_zero_and_deviation_one(norm, axis):
    x = np.random.default_rng(0).normal(3, 5, (50, 4))
    y = built(norm(epsilon=1e-12)).forward(x, training=True)
    np.testing.assert_allclose(y.mean(axis=axis), 0, atol=1e-12)
    np.testing.assert_allclose(y.std(axis=axis), 1, rtol=1e-9)


def test_rms_norm_divides_by_the_rms_and_keeps_the_mean():
    x = np.random.default_rng(0).normal(3, 5, (50, 4))
    y = built(RMSNorm(epsilon=1e-12)).forward(x)
    np.testing.assert_allclose(y, x / np.sqrt((x**2).mean(axis=1, keepdims=True)), rtol=1e-9)


@pytest.mark.parametrize("norm", [LayerNorm, RMSNorm])
def test_only_batch_norm_looks_at_the_rest_of_the_batch(norm):
    x = np.random.default_rng(0).standard_normal((6, 4))
    net, batch = built(norm()), built(BatchNorm())
    np.testing.assert_allclose(net.forward(x[:1], training=True), net.forward(x)[:1])
    assert np.abs(batch.forward(x[:3], training=True) - batch.forward(x, training=True)[:3]).max() > 0.1


def test_running_statistics_move_only_while_training():
    data = datasets.load_digits()
    net = wi_lib.Network([BatchNorm(momentum=0.25), Dense(10)], (64,), rng=np.random.default_rng(0))
    norm, x = net.layers[0], data.x_train
    net.gradients(x, data.y_train), net.forward(x, training=True), net.accuracy(x, data.y_train)
    assert not norm.running_mean.any()
    assert (norm.running_variance == 1).all()
    rng = np.random.default_rng(1)
    batch = x[copy.deepcopy(rng).integers(len(x), size=(1, 32))[0]].astype(float)
    wi_lib.train(net, data, learning_rate=0.1, batch_size=32, iterations=1, rng=rng)
    np.testing.assert_allclose(norm.running_mean, 0.25 * batch.mean(axis=0), rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(norm.running_variance, 0.75 + 0.25 * batch.var(axis=0, ddof=1), rtol=1e-5)


def test_running_statistics_come_back_from_another_process():
    data, nets = datasets.load_digits(), []
    for executor in (None, ProcessPoolExecutor(1)):
        block = [Dense(20), BatchNorm(), Residual([BatchNorm(), Dense(20)])]
        net = wi_lib.Network([*block, Dense(10)], (64,), rng=np.random.default_rng(0))
        settings = {"learning_rate": 0.1, "batch_size": 32, "iterations": 20, "executor": executor}
        wi_lib.train_together({"망": net}, data, rng=np.random.default_rng(1), **settings)
        nets.append(net)
    executor.shutdown()
    assert len(nets[0].state) == len(nets[0].parameters) + 4
    for here, there in zip(*(net.state for net in nets), strict=True):
        np.testing.assert_array_equal(here, there)


def test_test_mode_uses_the_running_statistics():
    net = built(BatchNorm(epsilon=1e-12))
    norm, x = net.layers[0], np.random.default_rng(0).standard_normal((3, 4))
    norm.running_mean[:], norm.running_variance[:] = 2.0, 9.0
    norm.parameters[0][:], norm.parameters[1][:] = 5.0, 1.0
    np.testing.assert_allclose(net.forward(x), 5 * (x - 2) / 3 + 1, rtol=1e-9)
    np.testing.assert_allclose(net.forward(x[:1]), net.forward(x)[:1])


@pytest.mark.parametrize("inside", [False, True])
def test_a_batch_of_one_cannot_be_batch_normalised_in_training(inside):
    stack = [Residual([BatchNorm()])] if inside else [BatchNorm()]
    net, data = wi_lib.Network([*stack, Dense(10)], (64,), rng=np.random.default_rng(0)), datasets.load_digits()
    before = [p.copy() for p in net.parameters]
    with pytest.raises(ValueError, match="두 행 이상인 배치"):
        wi_lib.train(net, data, learning_rate=0.1, batch_size=1, iterations=3, rng=np.random.default_rng(0))
    assert all((a == b).all() for a, b in zip(before, net.parameters))
    assert net.forward(data.x_test[:1]).shape == (1, 10)


@pytest.mark.parametrize("norm", NORMS)
def test_constant_columns_give_finite_signals(norm):
    net = wi_lib.Network([norm(), Dense(3)], (4,), rng=np.random.default_rng(0))
    for x in (np.zeros((6, 4)), np.full((6, 4), 1e6), np.repeat(np.arange(4.0)[None], 6, axis=0)):
        gradients = net.gradients(x, np.arange(6) % 3)
        assert all(np.isfinite(g).all() for g in [*gradients.weights, *gradients.biases])
    if norm is BatchNorm:  # 배치에서 변하지 않는 유닛에는 β만 남습니다.
        assert not net.layers[0].forward(np.full((6, 4), 3.0), training=True)[0].any()


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("c", [0.25, 8.0])
def test_scaling_the_weights_before_a_norm_changes_nothing_but_the_gradient(norm, c):
    """y(cW) = y(W)이고 ∂L/∂W는 1/c배입니다(ε이 무시될 때)."""
    net = wi_lib.Network([Dense(6), norm(1e-12), Activate("tanh"), Dense(3)], (5,), rng=np.random.default_rng(0))
    net.dtype = np.dtype(np.float64)
    x, labels = make_batch(20)
    before, first = net.forward(x, training=True), net.gradients(x, labels).weights
    net.weights[0][...] *= c
    np.testing.assert_allclose(net.forward(x, training=True), before, rtol=1e-5, atol=1e-6)
    after = net.gradients(x, labels).weights
    np.testing.assert_allclose(after[0], first[0] / c, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(after[1], first[1], rtol=1e-4, atol=1e-6)
    # 배율에 무관하므로 기울기는 W와 직교합니다.
    assert abs((after[0] * net.weights[0]).sum()) < 1e-4 * np.linalg.norm(after[0]) * np.linalg.norm(net.weights[0])


# ── 잔차 연결 ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("learn", [False, True])
def test_a_zero_branch_is_the_identity_and_still_learns(learn):
    """마지막 행렬이 0인 옆길은 아무것도 더하지 않지만, 그 행렬의 기울기는 0이 아니고 열마다 다릅니다."""
    block = [Dense(5), Activate("relu"), Dense(5, "lecun_normal" if learn else "zeros")]
    net = wi_lib.Network([Residual(block, 0.0 if learn else 1.0, learn), Dense(3)], (5,), rng=np.random.default_rng(0))
    x, labels = make_batch(40)
    w, b = net.layers[1].parameters
    np.testing.assert_allclose(net.forward(x), x.astype(np.float32) @ w + b, rtol=1e-5)
    gradients = net.gradients(x, labels)
    if learn:  # ReZero: 처음에는 배율만 움직입니다.
        assert gradients.biases[2].shape == (1,)
        assert abs(gradients.biases[2][0]) > 1e-4
        assert not gradients.weights[0].any()
        assert not gradients.weights[1].any()
    else:
        assert not gradients.weights[0].any()
        assert wi_lib.signals.distinct_columns(gradients.weights[1]) == 5


def test_the_scale_multiplies_the_branch():
    x, _ = make_batch()
    for scale in (-2.0, 0.5):
        net = wi_lib.Network([Residual([Dense(5)], scale)], (5,), rng=np.random.default_rng(0), dtype=np.float64)
        np.testing.assert_allclose(net.forward(x), x + scale * (x @ net.weights[0]), rtol=1e-12)


# ── 들여다보기 ─────────────────────────────────────────────────────────────────────────


def test_an_mlp_is_observed_as_measure_does():
    """출력층이 없는 셈인 망에서 `signals.measure`와 같습니다."""
    x = np.random.default_rng(0).standard_normal((40, 6)).astype(np.float32)
    net = wi_lib.MLP([6, 8, 7, 4], "tanh", rng=np.random.default_rng(1))
    seen = wi_lib.observe(net, x, rng=np.random.default_rng(2))
    assert seen.names == ["1 Dense", "2 Activate", "3 Dense", "4 Activate", "5 Dense"]
    stack = wi_lib.Network(as_layers([6, 8, 7, 4], "tanh"), (6,), rng=np.random.default_rng(1))
    again = wi_lib.observe(stack, x, rng=np.random.default_rng(2))
    for ours, theirs in zip([*seen.activations, *seen.gradients], [*again.activations, *again.gradients], strict=True):
        np.testing.assert_array_equal(ours, theirs)
    last = wi_lib.Network([*as_layers([6, 8, 7, 4], "tanh"), Activate("tanh")], (6,), rng=np.random.default_rng(1))
    ended = wi_lib.observe(last, x, rng=np.random.default_rng(2))
    measured = wi_lib.signals.measure(x, net.weights, "tanh", rng=np.random.default_rng(2))
    for ours, theirs in (
        (ended.activations[1::2], measured.activations),
        (ended.gradients[1::2], measured.gradients),
        (ended.gradients[::2], measured.deltas),
        (ended.weight_gradients, measured.weight_gradients),
    ):
        for one, other in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)


def test_a_branch_and_its_stream_are_seen_apart():
    x = np.random.default_rng(0).standard_normal((30, 5))
    block = Residual([LayerNorm(), Dense(8), Activate("relu"), Dense(5)], scale=0.5)
    net = wi_lib.Network([Dense(5), block, block, Dense(2)], (5,), rng=np.random.default_rng(1), dtype=np.float64)
    seen = wi_lib.observe(net, x, rng=np.random.default_rng(2))
    assert [one is None for one in seen.branches] == [True, False, False, True]
    for i in (1, 2):
        branch = seen.branches[i]
        assert branch.names == ["1 LayerNorm", "2 Dense", "3 Activate", "4 Dense"]
        added = seen.activations[i] - seen.activations[i - 1]
        np.testing.assert_allclose(added, 0.5 * branch.activations[-1], atol=1e-12)
        np.testing.assert_allclose(branch.gradients[-1], 0.5 * seen.gradients[i], rtol=1e-12)
    inside = [g for i in (1, 2) for g in seen.branches[i].weight_gradients]
    for ours, theirs in zip(seen.weight_gradients[1:-1], inside, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    # 되돌린 신호: 스칼라 Σ top·출력을 첫 층의 편향으로 미분한 값과 같습니다.
    top, h = seen.gradients[-1], 1e-6
    bias = net.layers[0].parameters[1]
    bias[2] += h
    above = (net.forward(x) * top).sum()
    bias[2] -= 2 * h
    below = (net.forward(x) * top).sum()
    assert seen.gradients[0][:, 2].sum() == pytest.approx((above - below) / (2 * h), rel=1e-6)


def test_an_overflow_names_its_layer():
    net = wi_lib.Network([Dense(3), Dense(3), Dense(3)], (3,), rng=np.random.default_rng(0))
    net.weights[1][...] = 1e38
    with pytest.raises(ValueError, match="신호가 2 Dense에서"):
        wi_lib.observe(net, np.full((2, 3), 100.0), rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match="로짓"):
        net.forward(np.full((2, 3), 100.0))


@pytest.mark.parametrize("norm", NORMS)
def test_an_overflow_is_not_normalised_away(norm):
    """제곱이 넘친 값을 무한대로 나누면 0이 되어, 망이 멀쩡해 보입니다."""
    net = wi_lib.Network([Dense(3, "identity"), norm(), Dense(3)], (3,), rng=np.random.default_rng(0))
    net.weights[0][...] *= 1e20
    x = np.random.default_rng(1).standard_normal((4, 3))
    with pytest.raises(ValueError, match="넘치는 가중치"):
        net.forward(x, training=True)
    with pytest.raises(ValueError, match=f"신호가 2 {norm.__name__}에서"):
        wi_lib.observe(net, x, rng=np.random.default_rng(0))


# ── 이론과 측정 ────────────────────────────────────────────────────────────────────────


def rms(arrays):
    return np.array([wi_lib.signals.rms(a) for a in arrays])


@pytest.mark.parametrize(("norm", "kind"), [(BatchNorm, "batch"), (LayerNorm, "layer"), (RMSNorm, "layer")])
@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_the_backward_signal_grows_as_predicted(norm, kind, activation):
    """너비 300, 입력 500, 12층, 시드 3개. 층마다의 비의 오차는 시드에서 구한 표준오차의 네 배와 1.5 % 안입니다."""
    slopes = []
    for seed in range(3):
        rng = np.random.default_rng(seed)
        stack = [part for _ in range(12) for part in (Dense(300), norm(), Activate(activation))]
        net = wi_lib.Network(stack, (300,), rng=rng)
        seen = wi_lib.observe(net, rng.standard_normal((500, 300)), rng=rng)
        signal = rms(seen.gradients[2::3])
        slopes.append((signal[0] / signal[8]) ** (1 / 8))
    expected = wi_lib.theory.normalized_growth(activation, kind)
    error = np.std(slopes, ddof=1) / math.sqrt(len(slopes))
    assert abs(np.mean(slopes) - expected) < 4 * error + 0.015 * expected
    if (kind, activation) == ("batch", "relu"):
        assert expected == pytest.approx(math.sqrt(math.pi / (math.pi - 1)), rel=1e-9)


@pytest.mark.parametrize(("pre_norm", "gain"), [(False, 2.0), (True, 2.0)])
@pytest.mark.parametrize("scale", [1.0, 0.25])
def test_the_stream_grows_as_predicted(pre_norm, gain, scale):
    """옆길은 Dense–ReLU–Dense이고 모두 He이므로 분산을 두 배로 합니다."""
    parts = [*[LayerNorm()] * pre_norm, Dense(200), Activate("relu"), Dense(200)]
    ratios = []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        x = rng.standard_normal((200, 200))
        net = wi_lib.Network([Residual(parts, scale)] * 12, (200,), rng=rng)
        seen = wi_lib.observe(net, x, rng=rng)
        ratios.append(np.log(rms([x, *seen.activations]) ** 2))
    expected = np.log(wi_lib.theory.residual_variance(12, gain, scale, pre_norm))
    error = np.std(ratios, axis=0, ddof=1) / math.sqrt(len(ratios))
    assert (np.abs(np.mean(ratios, axis=0) - expected) < 4 * error + 0.05 * np.maximum(expected, 0.2)).all()


# ── 잘못된 망 ──────────────────────────────────────────────────────────────────────────


def test_a_branch_must_keep_the_shape():
    with pytest.raises(ValueError, match=r"`layers`.*같은 \(5,\).*\(4,\)"):
        wi_lib.Network([Residual([Dense(4)])], (5,), rng=np.random.default_rng(0))


@pytest.mark.parametrize(
    ("stack", "shape", "name"),
    [
        ([Dense(10**9)], (10**6,), "units"),
        ([Conv2D(10**9)], (8, 8, 10**5), "kernel, channels"),
        ([Embedding(10**9, 10**6)], (4,), "vocabulary, units"),
        ([Position()], (10**9, 10**6), "input_shape"),
        ([Attention(1)], (4, 10**8), "input_shape"),
    ],
)
def test_parameters_too_big_for_memory_are_refused(stack, shape, name):
    with pytest.raises(MemoryError, match=f"`{name}`에는 메모리에 담기는 크기만"):
        wi_lib.Network(stack, shape, rng=np.random.default_rng(0))


def test_replaced_parameters_are_checked():
    net = make_network(STACKS["BatchNorm"])
    x, labels = make_batch()
    net.layers[0].parameters[0] = np.ones((2, 2))
    with pytest.raises(ValueError, match=r"net\.layers의 0번 파라미터"):
        net.forward(x)
    net.layers[0].parameters = []
    with pytest.raises(ValueError, match="파라미터가 모두 6개"):
        net.gradients(x, labels)


def test_a_diverging_network_is_reported():
    net, data = wi_lib.Network([Dense(30), Dense(10)], (64,), rng=np.random.default_rng(0)), datasets.load_digits()
    settings = {"learning_rate": 1e12, "batch_size": 8, "iterations": 20, "optimizer": optimizers.Momentum()}
    with pytest.warns(RuntimeWarning, match="발산"):
        history = wi_lib.train(net, data, rng=np.random.default_rng(0), **settings)
    assert history.diverged
    assert np.isnan(history.test_accuracy)


def test_public_layers_are_named():
    named = {
        name for name, value in vars(layers).items() if isinstance(value, type) and issubclass(value, layers.Layer)
    }
    assert set(layers.__all__) == named - {"Chain"}
