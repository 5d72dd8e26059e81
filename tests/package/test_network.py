"""MLP: 기울기를 수치 미분과 PyTorch에 견주고, 버퍼를 고쳐 쓰는 구현이 밖으로 새지 않는지 봅니다."""

import copy
import math
import pickle
import re

import numpy as np
import pytest

import wi_lib
from wi_lib import activations, datasets, initializers

ACTIVATIONS = [*activations.ACTIVATIONS, "leaky_relu(0.3)"]
SIZES = [5, 6, 4, 3]


def make_net(activation="tanh", sizes=SIZES, dtype=np.float64, seed=0):
    """편향까지 0이 아닌 망: 편향을 빠뜨린 계산이 드러나게 합니다."""
    rng = np.random.default_rng(seed)
    net = wi_lib.MLP(sizes, activation, "lecun_normal", rng=rng, dtype=dtype)
    for bias in net.biases:
        bias[:] = rng.normal(scale=0.5, size=bias.shape)
    return net


def make_batch(count=7, sizes=SIZES, seed=1):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((count, sizes[0])), rng.integers(sizes[-1], size=count)


def direct_logits(net, x):
    """층의 식 a' = f(aW + b)를 그대로 옮긴 float64 계산. 은닉층의 가중합도 함께 돌려줍니다."""
    a, sums = np.asarray(x, np.float64), []
    for layer, (weight, bias) in enumerate(zip(net.weights, net.biases)):
        z = a @ weight.astype(np.float64) + bias.astype(np.float64)
        if layer + 1 == len(net.weights):
            return z, sums
        sums.append(z)
        a = net.activation(z)


def direct_loss(logits, labels):
    """교차 엔트로피의 정의: −log softmax의 정답 성분을 평균합니다."""
    losses = [
        math.log(sum(math.exp(v - max(row)) for v in row)) + max(row) - row[label]
        for row, label in zip(logits.tolist(), labels)
    ]
    return sum(losses) / len(losses)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_forward_and_loss_follow_the_definition(activation):
    net, (x, labels) = make_net(activation), make_batch()
    logits, _ = direct_logits(net, x)
    np.testing.assert_allclose(net.forward(x), logits, rtol=1e-12, atol=1e-12)
    assert net.loss(x, labels) == pytest.approx(direct_loss(logits, labels), rel=1e-12)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradients_match_numerical_differentiation(activation):
    net, (x, labels), h = make_net(activation), make_batch(), 1e-6
    # 꺾인 점에서는 수치 미분이 틀리므로, 가중합이 모두 0에서 h보다 훨씬 멀리 있는 자료를 씁니다.
    assert min(np.abs(z).min() for z in direct_logits(net, x)[1]) > 1e-4
    gradients = net.gradients(x, labels)
    assert gradients.loss == pytest.approx(net.loss(x, labels), rel=1e-12)
    for parameter, gradient in zip(net.parameters, [*gradients.weights, *gradients.biases]):
        numerical = np.empty_like(parameter)
        for index in np.ndindex(parameter.shape):
            value = parameter[index]
            parameter[index] = value + h
            above = net.loss(x, labels)
            parameter[index] = value - h
            below = net.loss(x, labels)
            parameter[index] = value
            numerical[index] = (above - below) / (2 * h)
        # 중심 차분의 오차: 절단 h² ≈ 1e-12, 반올림 ε/h ≈ 2e-10.
        np.testing.assert_allclose(gradient, numerical, rtol=1e-6, atol=2e-9)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradients_match_torch(activation):
    torch = pytest.importorskip("torch")
    functional = torch.nn.functional
    apply = {
        "sigmoid": torch.sigmoid,
        "tanh": torch.tanh,
        "relu": torch.relu,
        "leaky_relu": functional.leaky_relu,
        "selu": functional.selu,
        "identity": lambda z: z,
        "leaky_relu(0.3)": lambda z: functional.leaky_relu(z, 0.3),
    }[activation]
    net, (x, labels) = make_net(activation), make_batch()
    weights = [torch.tensor(w, requires_grad=True) for w in net.weights]
    biases = [torch.tensor(b, requires_grad=True) for b in net.biases]
    a = torch.tensor(x)
    for layer, (weight, bias) in enumerate(zip(weights, biases)):
        z = a @ weight + bias
        a = apply(z) if layer + 1 < len(weights) else z
    loss = functional.cross_entropy(a, torch.tensor(labels))
    loss.backward()
    gradients = net.gradients(x, labels)
    assert gradients.loss == pytest.approx(loss.item(), rel=1e-12)
    for ours, theirs in zip(gradients.weights, weights):
        np.testing.assert_allclose(ours, theirs.grad.numpy(), rtol=1e-9, atol=1e-12)
    for ours, theirs in zip(gradients.biases, biases):
        np.testing.assert_allclose(ours, theirs.grad.numpy(), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_float32_agrees_with_float64(activation):
    # float32의 반올림(6e-8)이 몇 층의 곱과 합을 거치므로 그 천 배까지 허용합니다.
    x, labels = make_batch(64)
    single, double = (make_net(activation, dtype=dtype).gradients(x, labels) for dtype in (np.float32, np.float64))
    assert single.loss == pytest.approx(double.loss, rel=1e-5)
    for ours, exact in zip([*single.weights, *single.biases], [*double.weights, *double.biases]):
        assert ours.dtype == np.float32
        np.testing.assert_allclose(ours, exact, rtol=1e-4, atol=1e-4 * np.abs(exact).max())


def test_untrained_zero_net_loses_log_of_the_class_count():
    net = wi_lib.MLP([4, 10], initializer="zeros", rng=np.random.default_rng(0))
    assert net.loss(np.ones((3, 4)), np.arange(3)) == pytest.approx(math.log(10), rel=1e-6)


@pytest.mark.parametrize("size", [1e2, 1e4, 1e15])
def test_huge_logits_are_stable(size):
    # exp(로짓)을 그대로 계산하면 float32에서 89만 넘어도 무한대입니다. 경고도 오류로 칩니다.
    net = wi_lib.MLP([3, 3], initializer="identity", rng=np.random.default_rng(0))
    x = np.array([[size, 0, 0], [-size, 0, 0]], np.float32)
    assert net.loss(x, np.array([0, 1])) == pytest.approx(math.log(2) / 2, rel=1e-6)
    assert net.loss(x, np.array([1, 0])) == pytest.approx(size + math.log(2) / 2, rel=1e-6)
    gradients = net.gradients(x, np.array([1, 1]))
    np.testing.assert_allclose(gradients.biases[0], [0.5, -0.75, 0.25], atol=1e-6)


def test_results_survive_later_calls():
    # 안쪽 버퍼를 그대로 돌려주면 다음 호출이 앞의 결과를 덮어씁니다.
    net, (x, labels) = make_net(), make_batch()
    logits, gradients = net.forward(x), net.gradients(x, labels)
    predicted = net.predict(x)
    kept = logits.copy(), copy.deepcopy(gradients), predicted.copy()
    other, other_labels = make_batch(seed=5)
    net.forward(other), net.gradients(other, other_labels), net.loss(other, other_labels), net.predict(other)
    np.testing.assert_array_equal(logits, kept[0])
    np.testing.assert_array_equal(predicted, kept[2])
    for ours, before in zip([*gradients.weights, *gradients.biases], [*kept[1].weights, *kept[1].biases]):
        np.testing.assert_array_equal(ours, before)


def test_calls_change_neither_input_nor_parameters():
    net, (x, labels) = make_net(), make_batch()
    before = x.copy(), labels.copy(), [p.copy() for p in net.parameters]
    net.forward(x), net.loss(x, labels), net.gradients(x, labels), net.predict(x), net.accuracy(x, labels)
    np.testing.assert_array_equal(x, before[0])
    np.testing.assert_array_equal(labels, before[1])
    for parameter, kept in zip(net.parameters, before[2]):
        np.testing.assert_array_equal(parameter, kept)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_batch_size_may_change_between_calls(activation):
    net = make_net(activation)
    for count in (7, 1, 16, 7):
        x, labels = make_batch(count, seed=count)
        fresh = make_net(activation).gradients(x, labels)
        ours = net.gradients(x, labels)
        np.testing.assert_allclose(net.forward(x), direct_logits(net, x)[0], rtol=1e-12, atol=1e-12)
        for a, b in zip([*ours.weights, *ours.biases], [*fresh.weights, *fresh.biases]):
            np.testing.assert_array_equal(a, b)


def test_batch_gradient_is_the_mean_of_single_gradients():
    net, (x, labels) = make_net(), make_batch()
    singles = [net.gradients(x[i : i + 1], labels[i : i + 1]) for i in range(len(x))]
    batch = net.gradients(x, labels)
    assert batch.loss == pytest.approx(np.mean([g.loss for g in singles]), rel=1e-12)
    for layer, gradient in enumerate(batch.weights):
        np.testing.assert_allclose(gradient, np.mean([g.weights[layer] for g in singles], axis=0), atol=1e-14)


def test_input_layout_and_integer_types_do_not_matter():
    net, (x, labels) = make_net(), make_batch()
    expected = net.forward(x)
    np.testing.assert_allclose(net.forward(np.asfortranarray(x)), expected, rtol=1e-12)
    np.testing.assert_allclose(net.forward(np.repeat(x, 2, axis=0)[::2]), expected, rtol=1e-12)
    np.testing.assert_array_equal(net.forward(np.ones((2, 5), int)), net.forward(np.ones((2, 5))))
    for kind in (np.uint8, np.int32, np.uint64):
        assert net.loss(x, labels.astype(kind)) == net.loss(x, labels)
        assert net.gradients(x, labels.astype(kind)).loss == net.loss(x, labels)


def test_predict_and_accuracy():
    net = wi_lib.MLP([3, 3], initializer="identity", rng=np.random.default_rng(0))
    x = np.array([[3, 1, 2], [0, 5, 1], [1, 2, 9], [4, 4, 0]], np.float32)
    predicted = net.predict(x)
    # 값이 같으면 앞의 번호입니다.
    np.testing.assert_array_equal(predicted, [0, 1, 2, 0])
    assert predicted.dtype == np.int64
    assert net.accuracy(x, np.array([0, 1, 0, 1])) == 0.5
    assert net.accuracy(x, predicted) == 1.0
    np.testing.assert_array_equal(make_net().predict(make_batch()[0]), make_net().forward(make_batch()[0]).argmax(1))


def test_weights_are_drawn_front_to_back_and_biases_start_at_zero():
    net = wi_lib.MLP(SIZES, initializer="he_normal", rng=np.random.default_rng(3))
    rng, init = np.random.default_rng(3), initializers.he_normal()
    assert [w.shape for w in net.weights] == [(5, 6), (6, 4), (4, 3)]
    assert [b.shape for b in net.biases] == [(6,), (4,), (3,)]
    for weight, bias in zip(net.weights, net.biases):
        assert weight.dtype == bias.dtype == np.float32
        np.testing.assert_array_equal(weight, init(weight.shape, rng=rng))
        assert not bias.any()


def test_nets_never_share_an_array():
    # 두 초기화가 난수 표본 하나를 나눠 쓰는 장이 있습니다. 그 배열을 그대로 가지면 한 망의 학습이 다른 망을 바꿉니다.
    shared = np.ones((2, 2), np.float32)
    first, second = (
        wi_lib.MLP([2, 2, 2], initializer=lambda shape, rng: shared, rng=np.random.default_rng(0)) for _ in range(2)
    )
    first.weights[0][:] = 7
    assert (first.weights[1] == 1).all()
    assert (second.weights[0] == 1).all()
    assert (shared == 1).all()


def test_transposed_custom_initializer_is_refused_at_once():
    # (fan_out, fan_in)으로 돌려주는 실수는 행렬 곱의 오류가 되기 전에 알려 줍니다.
    with pytest.raises(ValueError, match=r"`initializer의 결과`에는 모양이 \(5, 6\)"):
        wi_lib.MLP(SIZES, initializer=lambda shape, rng: np.zeros(shape[::-1]), rng=np.random.default_rng(0))


def test_a_workspace_used_again_keeps_nothing():
    net, (x, labels) = make_net(), make_batch()
    expected = net.gradients(x, labels)
    work = net.workspace(x)
    for _ in range(2):
        assert net.backpropagate(work, labels) == expected.loss
        for ours, whole in zip(work.gradients, [*expected.weights, *expected.biases]):
            np.testing.assert_array_equal(ours, whole)


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda net: pickle.loads(pickle.dumps(net))])
def test_copies_are_independent(duplicate):
    net, (x, _) = make_net("leaky_relu(0.3)"), make_batch()
    logits = net.forward(x)
    other = duplicate(net)
    np.testing.assert_array_equal(other.forward(x), logits)
    other.weights[0] += 1
    np.testing.assert_array_equal(net.forward(x), logits)


@pytest.mark.parametrize("use", ["forward", "predict", "loss", "gradients", "accuracy", "train"])
def test_net_keeps_nothing_but_its_parameters(use):
    """쓰고 난 망의 pickle이 쓰기 전과 같은 크기입니다: 입력도 출력도 기울기도 남기지 않습니다."""
    net, (x, labels) = make_net("relu", dtype=np.float32), make_batch(1000)
    before = len(pickle.dumps(net))
    if use == "train":
        data = datasets.Dataset(x.astype(np.float32), labels, x.astype(np.float32), labels, "toy")
        wi_lib.train(net, data, learning_rate=0.1, batch_size=500, iterations=2, rng=np.random.default_rng(0))
    else:
        getattr(net, use)(*((x,) if use in ("forward", "predict") else (x, labels)))
    assert len(pickle.dumps(net)) == before


def test_replaced_weights_are_used():
    """`net.weights[0] = W`로 바꾼 배열을 계산과 학습이 쓰고, 학습은 그 배열을 제자리에서 고칩니다."""
    net, (x, labels) = make_net(), make_batch(20)
    toy = datasets.Dataset(x, labels, x, labels, "toy")
    weights, replacement = net.weights, np.random.default_rng(7).standard_normal(net.weights[0].shape)
    net.weights[0] = replacement
    np.testing.assert_allclose(net.forward(x), direct_logits(net, x)[0], rtol=1e-12)
    before = replacement.copy()
    settings = {"learning_rate": 0.1, "batch_size": 4, "rng": np.random.default_rng(0)}
    wi_lib.train(net, toy, iterations=3, **settings)
    assert net.weights is weights
    assert net.weights[0] is replacement
    assert not np.array_equal(replacement, before)
    net.weights[0] = before.copy()
    wi_lib.train(net, toy, iterations=3, **settings)
    assert not np.array_equal(net.weights[0], before)


def test_weights_of_another_precision_are_used():
    """float32 망의 가중치를 float64 배열로 바꾸어도, 같은 값의 float32 배열일 때와 같은 기울기입니다."""
    net, (x, labels) = make_net(dtype=np.float32), make_batch()
    expected = net.gradients(x, labels)
    net.weights = [weight.astype(np.float64) for weight in net.weights]
    found = net.gradients(x, labels)
    for ours, single in zip([*found.weights, *found.biases], [*expected.weights, *expected.biases]):
        assert ours.dtype == np.float32
        np.testing.assert_allclose(ours, single, rtol=1e-4, atol=1e-6)


OVERFLOWS = {
    "forward": lambda net, x, labels: net.forward(x),
    "predict": lambda net, x, labels: net.predict(x),
    "loss": lambda net, x, labels: net.loss(x, labels),
    "gradients": lambda net, x, labels: net.gradients(x, labels),
    "accuracy": lambda net, x, labels: net.accuracy(x, labels),
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("call", OVERFLOWS.values(), ids=OVERFLOWS)
def test_overflow_is_refused(call, dtype):
    """무한대나 NaN, 뜻 없는 0번 클래스를 영어 경고와 함께 돌려주지 않습니다."""
    net, (x, labels) = make_net("relu", dtype=dtype), make_batch()
    for weight in net.weights:
        weight *= np.finfo(dtype).max ** 0.5
    largest = "3.4e38" if dtype is np.float32 else "1.8e308"
    with pytest.raises(ValueError, match=rf"`net.weights`에는 .*±{largest} 안에.*만 쓸 수 있습니다. 받은 값: .*넘치는"):
        call(net, x, labels)


def test_overflow_of_the_loss_or_the_gradient_alone_is_refused():
    """로짓은 담기지만 로짓의 차이나 역전파 신호가 담기지 않는 망."""
    x, labels = np.ones((1, 1), np.float32), np.array([1])
    net = wi_lib.MLP([1, 2], initializer="zeros", rng=np.random.default_rng(0))
    net.weights[0][:] = 3e38, -3e38
    assert np.isfinite(net.forward(x)).all()
    for call in (net.loss, net.gradients):
        with pytest.raises(ValueError, match="손실"):
            call(x, labels)
    net = wi_lib.MLP([1, 1, 1, 2], "identity", initializer="zeros", rng=np.random.default_rng(0))
    net.weights[1][:], net.weights[2][:] = 1e25, (1e25, -1e25)
    assert net.loss(x, labels) == pytest.approx(math.log(2), rel=1e-6)
    with pytest.raises(ValueError, match="기울기의 값이 넘치는"):
        net.gradients(x, labels)


BAD_PARAMETERS = {
    "weights[1]": lambda net: net.weights.__setitem__(1, np.zeros((6, 5))),
    "weights[0]": lambda net: net.weights.__setitem__(0, [[0.0]]),
    "weights[2]": lambda net: net.weights[2].fill(np.nan),
    "biases[1]": lambda net: net.biases.__setitem__(1, np.zeros(4, int)),
    # ReLU가 −∞를 0으로 만들어, 로짓만 보면 멀쩡합니다.
    "biases[0]": lambda net: net.biases[0].fill(-np.inf),
    "biases[2]": lambda net: net.biases[2].setflags(write=False),
    # 모자라는 층의 출력은 채우지 않은 메모리입니다.
    "weights": lambda net: net.weights.pop(),
    "biases": lambda net: net.biases.append(np.zeros(3)),
}


@pytest.mark.parametrize("name", BAD_PARAMETERS)
def test_bad_parameter_is_refused_by_name(name):
    net, (x, labels) = make_net("relu"), make_batch()
    BAD_PARAMETERS[name](net)
    data = datasets.Dataset(x, labels, x, labels, "toy")
    settings = {"learning_rate": 0.1, "batch_size": 4, "iterations": 1, "rng": np.random.default_rng(0)}
    calls = [lambda call=call: call(net, x, labels) for call in OVERFLOWS.values()]
    for call in [*calls, lambda: wi_lib.train(net, data, **settings)]:
        with pytest.raises((ValueError, TypeError), match=rf"`net.{re.escape(name)}`에는 .*만 쓸 수 있습니다"):
            call()


@pytest.mark.parametrize("sizes", [[10**8, 10**8, 2], [10**9, 10**9]])
def test_net_too_big_for_memory_is_refused(sizes):
    with pytest.raises(MemoryError, match="`sizes`에는 메모리에 담기는 크기만 쓸 수 있습니다"):
        wi_lib.MLP(sizes, rng=np.random.default_rng(0))


def test_outputs_too_big_for_memory_are_refused():
    """망과 x는 담기지만 층의 출력(4e14바이트)이 담기지 않습니다. x는 값 하나를 늘여 보이는 배열입니다."""
    net, x = wi_lib.MLP([1, 10**6, 2], rng=np.random.default_rng(0)), np.broadcast_to(np.float32(0), (10**8, 1))
    for call in (net.forward, lambda x: net.gradients(x, np.broadcast_to(0, 10**8))):
        with pytest.raises(MemoryError, match=r"`x, net\.sizes`에는 메모리에 담기는 크기만") as error:
            call(x)
        assert str(error.value).endswith("((100000000, 1), (1, 1000000, 2))")


def test_single_layer_and_single_class_work():
    x = np.ones((2, 4))
    assert wi_lib.MLP([4, 3], rng=np.random.default_rng(0)).forward(x).shape == (2, 3)
    one = wi_lib.MLP([4, 2, 1], rng=np.random.default_rng(0))
    assert one.loss(x, np.zeros(2, int)) == 0
    assert not one.gradients(x, np.zeros(2, int)).weights[0].any()
