"""학습: 손으로 쓴 평범한 루프와 같은지, 나란히 학습해도 같은지, 발산과 잘못된 인자에서 무엇이 남는지."""

import contextlib
import copy
import math
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from fractions import Fraction

import numpy as np
import pytest

import wi_lib
from wi_lib import datasets, optimizers

SIZES = [6, 5, 4, 3]
SETTINGS = {"learning_rate": 0.3, "batch_size": 8, "iterations": 40}


@pytest.fixture(scope="module")
def data():
    """한 층으로는 풀 수 없는 작은 분류 문제."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((300, 6)).astype(np.float32)
    y = (np.sign(x[:, 0] * x[:, 1]) + 1).astype(np.int64) // 2 + (x[:, 2] > 1)
    return datasets.Dataset(x[:200], y[:200], x[200:], y[200:], "toy")


def make_net(activation="tanh", dtype=np.float64, seed=1, initializer="lecun_normal"):
    return wi_lib.MLP(SIZES, activation, initializer, rng=np.random.default_rng(seed), dtype=dtype)


def snapshot(net):
    return [p.copy() for p in net.parameters]


def assert_same(net, parameters, **tolerance):
    for ours, expected in zip(net.parameters, parameters):
        np.testing.assert_allclose(ours, expected, **(tolerance or {"rtol": 0, "atol": 0}))


def plain_loop(data, rng, learning_rate, batch_size, iterations, plain):
    """교과서의 학습을 버퍼도 제자리 계산도 없이 그대로 옮긴 것: tanh 망의 (손실, 파라미터).

    plain(w, g, state, t, rate)은 t번째 걸음 뒤의 (w, state)입니다. 처음의 state는 (0, 0)입니다.
    """
    net = make_net()
    weights, biases = [w.copy() for w in net.weights], [b.copy() for b in net.biases]
    states = [(0.0, 0.0)] * (2 * len(weights))
    losses = []
    for t, batch in enumerate(rng.integers(len(data.x_train), size=(iterations, batch_size)), start=1):
        x, y = data.x_train[batch].astype(np.float64), data.y_train[batch]
        outputs = [x]
        for weight, bias in zip(weights[:-1], biases[:-1]):
            outputs.append(np.tanh(outputs[-1] @ weight + bias))
        logits = outputs[-1] @ weights[-1] + biases[-1]
        probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        losses.append(-np.log(probabilities[np.arange(batch_size), y]).mean())
        delta = (probabilities - np.eye(SIZES[-1])[y]) / batch_size
        weight_gradients, bias_gradients = [], []
        for layer in reversed(range(len(weights))):
            weight_gradients.insert(0, outputs[layer].T @ delta)
            bias_gradients.insert(0, delta.sum(axis=0))
            delta = delta @ weights[layer].T * (1 - outputs[layer] ** 2)
        gradients = (*weight_gradients, *bias_gradients)
        moved = [plain(w, g, s, t, learning_rate) for w, g, s in zip((*weights, *biases), gradients, states)]
        states = [state for _, state in moved]
        weights, biases = [w for w, _ in moved[: len(weights)]], [w for w, _ in moved[len(weights) :]]
    return np.array(losses), [*weights, *biases]


def plain_sgd(decay=0.0):
    return lambda w, g, state, t, rate: (w - rate * g - rate * decay * w, state)


def plain_momentum(beta=0.9):
    def step(w, g, state, t, rate):
        v = beta * state[0] + g
        return w - rate * v, (v, 0.0)

    return step


def plain_adam(beta1=0.9, beta2=0.999, epsilon=1e-8, decay=0.0):
    """논문의 알고리즘 1(Kingma·Ba, 2015)과, 감쇠를 떼어 낸 알고리즘 2(Loshchilov·Hutter, 2019)."""

    def step(w, g, state, t, rate):
        m, v = beta1 * state[0] + (1 - beta1) * g, beta2 * state[1] + (1 - beta2) * g**2
        m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
        return w - rate * (m_hat / (np.sqrt(v_hat) + epsilon) + decay * w), (m, v)

    return step


# 최적화기, 그것의 평범한 식, 학습률
PLAIN = {
    "sgd": ("sgd", plain_sgd(), 0.3),
    "sgd, 감쇠": (optimizers.SGD(weight_decay=0.1), plain_sgd(0.1), 0.3),
    "momentum": ("momentum", plain_momentum(), 0.1),
    "momentum 0.5": (optimizers.Momentum(beta=0.5), plain_momentum(0.5), 0.3),
    "adam": ("adam", plain_adam(), 0.01),
    "adam, 감쇠": (optimizers.Adam(weight_decay=0.3), plain_adam(decay=0.3), 0.01),
    # ε이 클 때만 v̂에 더하는지 v에 더하는지가 갈립니다.
    "adam, 다른 값": (optimizers.Adam(0.5, 0.9, 0.1), plain_adam(0.5, 0.9, 0.1), 0.1),
}


@pytest.mark.parametrize("name", PLAIN)
def test_train_equals_a_plain_loop(data, name):
    optimizer, plain, rate = PLAIN[name]
    settings = {**SETTINGS, "learning_rate": rate}
    losses, parameters = plain_loop(data, np.random.default_rng(2), **settings, plain=plain)
    net = make_net()
    history = wi_lib.train(net, data, rng=np.random.default_rng(2), **settings, optimizer=optimizer)
    # 더하는 차례만 다르므로 40걸음 뒤에도 float64의 반올림 수준에서 같아야 합니다.
    np.testing.assert_allclose(history.loss, losses, rtol=1e-9)
    assert_same(net, parameters, rtol=1e-9, atol=1e-11)
    assert history.test_accuracy == net.accuracy(data.x_test, data.y_test)
    assert not history.diverged


def test_loss_is_measured_before_the_update(data):
    net = make_net()
    batch = np.random.default_rng(2).integers(len(data.x_train), size=(1, 8))[0]
    expected = net.loss(data.x_train[batch], data.y_train[batch])
    history = wi_lib.train(net, data, rng=np.random.default_rng(2), learning_rate=1, batch_size=8, iterations=1)
    assert history.loss.shape == (1,)
    assert history.loss[0] == pytest.approx(expected, rel=1e-12)
    assert net.loss(data.x_train[batch], data.y_train[batch]) < expected


def test_training_learns():
    digits = datasets.load_digits()
    net = wi_lib.MLP([64, 32, 10], rng=np.random.default_rng(0))
    untrained = net.accuracy(digits.x_test, digits.y_test)
    history = wi_lib.train(
        net,
        digits,
        rng=np.random.default_rng(1),
        learning_rate=0.05,
        batch_size=32,
        iterations=300,
        optimizer="momentum",
    )
    # 아무렇게나 답하면 0.1입니다. 시드를 바꾸어도 0.85보다 낮아지지 않습니다.
    assert untrained < 0.3
    assert history.test_accuracy > 0.8
    assert history.loss[-50:].mean() < history.loss[:50].mean() / 2


@pytest.mark.parametrize("kind", [np.uint8, np.int32, np.uint64])
def test_any_integer_label_type_trains_the_same(data, kind):
    nets = make_net(), make_net()
    for net, y_train in zip(nets, (data.y_train, data.y_train.astype(kind))):
        wi_lib.train(net, altered(data, y_train=y_train), rng=np.random.default_rng(2), **SETTINGS)
    assert_same(nets[0], nets[1].parameters)


def test_same_rng_state_gives_the_same_bytes(data):
    runs = []
    for _ in range(2):
        net = make_net("relu", np.float32)
        runs.append((wi_lib.train(net, data, rng=np.random.default_rng(3), **SETTINGS), snapshot(net)))
    np.testing.assert_array_equal(runs[0][0].loss, runs[1][0].loss)
    for first, second in zip(runs[0][1], runs[1][1]):
        np.testing.assert_array_equal(first, second)


def test_data_is_not_changed(data):
    before = copy.deepcopy(data)
    wi_lib.train(make_net(), data, rng=np.random.default_rng(0), **SETTINGS)
    for name in ("x_train", "y_train", "x_test", "y_test"):
        np.testing.assert_array_equal(getattr(data, name), getattr(before, name))


EXECUTORS = {
    "none": lambda: None,
    "threads": lambda: ThreadPoolExecutor(2),
    # spawn은 어느 운영체제에서나 같고, 갈라진 프로세스가 아니라 pickle로 오가는 것만 남깁니다.
    "processes": lambda: ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")),
}


@pytest.mark.parametrize("kind", EXECUTORS)
def test_train_together_equals_training_one_by_one(data, kind):
    def make_nets():
        return {
            "작은 값": make_net("relu", np.float32, initializer=wi_lib.initializers.normal(0.01)),
            "He": make_net("relu", np.float32, initializer="he_normal"),
            "leaky": make_net("leaky_relu(0.123456789)", np.float32, initializer="he_normal"),
        }

    settings = {**SETTINGS, "optimizer": optimizers.Adam(beta1=0.5)}
    alone, expected = make_nets(), {}
    for name, net in alone.items():
        expected[name] = wi_lib.train(net, data, rng=np.random.default_rng(4), **settings)
    nets, rng, executor = make_nets(), np.random.default_rng(4), EXECUTORS[kind]()
    if executor is None:
        histories = wi_lib.train_together(nets, data, rng=rng, **settings)
    else:
        with executor:
            histories = wi_lib.train_together(nets, data, rng=rng, executor=executor, **settings)
    assert list(histories) == list(nets)
    for name, net in nets.items():
        np.testing.assert_array_equal(histories[name].loss, expected[name].loss)
        assert histories[name].test_accuracy == expected[name].test_accuracy
        # 다른 프로세스에서 학습했더라도 넘긴 망이 학습되어 있어야 합니다.
        assert_same(net, alone[name].parameters)
        assert net.accuracy(data.x_test, data.y_test) == histories[name].test_accuracy
    assert not np.array_equal(nets["He"].weights[0], make_nets()["He"].weights[0])


@pytest.mark.parametrize("missing", SETTINGS)
def test_missing_setting_is_named_with_the_public_function(data, missing):
    settings = {name: value for name, value in SETTINGS.items() if name != missing}
    for function, net in ((wi_lib.train, make_net()), (wi_lib.train_together, {"a": make_net()})):
        with pytest.raises(TypeError, match=rf"^{function.__name__}\(\).*'{missing}'"):
            function(net, data, rng=np.random.default_rng(0), **settings)


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64, Fraction])
def test_settings_of_any_real_type_mean_the_same_number(data, kind):
    """float16의 반올림이나 Fraction이 계산에 섞이지 않습니다: 같은 값이면 결과의 모든 바이트가 같습니다."""
    rate, beta, nets = kind(0.3), kind(0.7), [make_net("relu", np.float32) for _ in range(2)]
    for net, settings in zip(nets, ((rate, beta, np.int16(7)), (float(rate), float(beta), 7))):
        named = dict(zip(("learning_rate", "optimizer", "batch_size"), settings))
        named["optimizer"] = optimizers.Momentum(named["optimizer"])
        wi_lib.train(net, data, rng=np.random.default_rng(2), **{**SETTINGS, **named})
    assert_same(nets[0], nets[1].parameters)


def test_counts_too_big_for_memory_are_refused(data):
    """메모리를 실제보다 넉넉히 내어 주는 운영 체제에서도 담기지 않을 만큼(1e14바이트 이상) 큽니다."""
    rng = np.random.default_rng(0)
    with pytest.raises(MemoryError, match="`iterations`에는 메모리에 담기는 크기만 쓸 수 있습니다"):
        wi_lib.train(make_net(), data, learning_rate=0.1, batch_size=10**6, iterations=10**9, rng=rng)
    x, labels = np.ones((2, 200_000), np.float32), np.zeros(2, int)
    wide = wi_lib.MLP([200_000, 2], rng=rng)
    many = {"learning_rate": 0.1, "batch_size": 10**9, "iterations": 1, "rng": rng}
    with pytest.raises(MemoryError, match="`batch_size`에는 메모리에 담기는 크기만 쓸 수 있습니다"):
        wi_lib.train(wide, datasets.Dataset(x, labels, x, labels, "toy"), **many)


def test_train_together_leaves_the_rng_alone(data):
    # 망마다 사본을 쓰므로 넘긴 rng의 상태는 그대로입니다: 망의 수가 그다음 난수를 바꾸지 않습니다.
    rng = np.random.default_rng(4)
    wi_lib.train_together({"a": make_net()}, data, rng=rng, **SETTINGS)
    assert rng.random() == np.random.default_rng(4).random()


def diverging():
    """몇 걸음은 유한하다가 발산하는 설정: 출력층까지 선형이라 손실이 걸음마다 커집니다."""
    return make_net("identity", np.float32, initializer="he_normal"), {**SETTINGS, "learning_rate": 30.0}


def test_divergence_warns_and_keeps_what_was_measured(data):
    net, settings = diverging()
    with pytest.warns(RuntimeWarning, match=r"학습이 발산하여 \d+걸음 뒤에 멈췄습니다") as caught:
        history = wi_lib.train(net, data, rng=np.random.default_rng(5), **settings)
    assert history.diverged
    assert math.isnan(history.test_accuracy)
    assert 2 <= len(history.loss) < settings["iterations"]
    assert np.isfinite(history.loss).all()
    assert f"{len(history.loss)}걸음" in str(caught[0].message)
    # 경고는 꾸러미 안이 아니라 train을 부른 줄을 가리켜야 합니다.
    assert [warning.filename for warning in caught] == [__file__]
    # 남은 기록은 발산하기 전까지만 학습한 것과 같습니다.
    shorter, _ = diverging()
    with pytest.warns(RuntimeWarning, match="발산"):
        kept = wi_lib.train(shorter, data, rng=_Replay(5, settings), **{**settings, "iterations": len(history.loss)})
    np.testing.assert_array_equal(kept.loss, history.loss)


@pytest.mark.parametrize(("learning_rate", "iterations"), [(5.0, 5), (30.0, 4), (1e15, 1)])
def test_last_update_that_blows_up_is_divergence(data, learning_rate, iterations):
    """잰 손실은 모두 유한해도, 마지막으로 갱신한 망의 로짓이 넘치면 발산입니다."""
    net, settings = diverging()
    last = {**settings, "learning_rate": learning_rate, "iterations": iterations}
    with pytest.warns(RuntimeWarning, match=f"{iterations}걸음 뒤에") as caught:
        history = wi_lib.train(net, data, rng=_Replay(5, settings), **last)
    assert history.diverged
    assert math.isnan(history.test_accuracy)
    assert len(history.loss) == iterations
    assert np.isfinite(history.loss).all()
    assert [warning.filename for warning in caught] == [__file__]


class _Replay(np.random.Generator):
    """더 긴 학습이 뽑은 배치의 앞부분을 다시 내놓는 Generator."""

    def __init__(self, seed, settings):
        super().__init__(np.random.PCG64(seed))
        self.full = settings["iterations"], settings["batch_size"]

    def integers(self, high, size):
        return super().integers(high, size=self.full)[: size[0]]


@pytest.mark.parametrize("kind", EXECUTORS)
def test_one_diverging_net_does_not_stop_the_others(data, kind):
    bad, settings = diverging()
    nets = {"발산": bad, "정상": make_net("tanh", np.float32, initializer=wi_lib.initializers.zeros())}
    executor = EXECUTORS[kind]()
    with executor or contextlib.nullcontext(), pytest.warns(RuntimeWarning, match="발산") as caught:
        histories = wi_lib.train_together(nets, data, rng=np.random.default_rng(5), executor=executor, **settings)
    # 다른 프로세스에서 발산해도, 경고는 하나이고 train_together를 부른 줄을 가리킵니다.
    assert [warning.filename for warning in caught] == [__file__]
    assert histories["발산"].diverged
    assert not histories["정상"].diverged
    assert len(histories["정상"].loss) == settings["iterations"]


@pytest.mark.skipif("TQDM_DISABLE" in os.environ, reason="TQDM_DISABLE이 진행 막대를 끕니다")
def test_progress_bar_goes_to_stderr_only_when_asked(data, capsys):
    wi_lib.train(make_net(), data, rng=np.random.default_rng(0), **SETTINGS)
    assert capsys.readouterr() == ("", "")
    wi_lib.train(make_net(), data, rng=np.random.default_rng(0), **SETTINGS, progress=True)
    out, err = capsys.readouterr()
    assert out == ""
    assert "학습" in err
    assert str(SETTINGS["iterations"]) in err


def test_progress_bar_does_not_change_the_result(data):
    nets = make_net(), make_net()
    for net, progress in zip(nets, (False, True)):
        wi_lib.train(net, data, rng=np.random.default_rng(0), **SETTINGS, progress=progress)
    assert_same(nets[0], nets[1].parameters)


def altered(data, **changes):
    return datasets.Dataset(**{**vars(data), **changes})


BAD = {
    "learning_rate": lambda data: {"learning_rate": math.nan},
    "batch_size": lambda data: {"batch_size": 0},
    "iterations": lambda data: {"iterations": 2.5},
    "optimizer": lambda data: {"optimizer": "rmsprop"},
    "rng": lambda data: {"rng": 0},
    "data": lambda data: {"data": (data.x_train, data.y_train)},
    "data.x_train": lambda data: {"data": altered(data, x_train=data.x_train[:, 1:])},
    "data.y_train": lambda data: {"data": altered(data, y_train=data.y_train + 1)},
    # 시험 자료의 잘못은 학습을 다 마친 뒤에야 드러나기 쉽습니다.
    "data.x_test": lambda data: {"data": altered(data, x_test=np.full_like(data.x_test, np.nan))},
    "data.y_test": lambda data: {"data": altered(data, y_test=data.y_test[1:])},
}


@pytest.mark.parametrize("name", BAD)
def test_bad_arguments_leave_the_nets_untouched(data, name):
    net, other = make_net(), make_net(seed=9)
    before = snapshot(net)
    settings = {"data": data, "rng": np.random.default_rng(0), **SETTINGS, **BAD[name](data)}
    for call in (
        lambda data, **rest: wi_lib.train(net, data, **rest),
        lambda data, **rest: wi_lib.train_together({"a": net, "b": other}, data, **rest),
    ):
        with pytest.raises((ValueError, TypeError), match=f"`{name}`.*받은 값"):
            call(**settings)
        assert_same(net, before)


def test_one_bad_net_leaves_the_others_untouched(data):
    # 둘째 망이 자료와 맞지 않으면 첫째 망을 학습시키기 전에 알려야 합니다.
    net = make_net()
    before = snapshot(net)
    for bad in (wi_lib.MLP([7, 3], rng=np.random.default_rng(0)), "망이 아님"):
        with pytest.raises((ValueError, TypeError), match="받은 값"):
            wi_lib.train_together({"a": net, "b": bad}, data, rng=np.random.default_rng(0), **SETTINGS)
        assert_same(net, before)


def test_one_net_is_not_trained_twice_as_two(data):
    # 둘째 기록은 첫째가 끝난 자리에서 시작한 것이라, 나란히 견준 것으로 보이면 틀립니다.
    net = make_net()
    before = snapshot(net)
    with pytest.raises(ValueError, match="`nets`에는 이름마다 서로 다른 망"):
        wi_lib.train_together({"a": net, "b": net}, data, rng=np.random.default_rng(0), **SETTINGS)
    assert_same(net, before)


@pytest.mark.parametrize("executor", [None, ThreadPoolExecutor(1)])
def test_an_error_in_the_second_net_puts_the_first_one_back(data, executor):
    # 배율의 수는 망마다 달라, 첫째 망을 다 학습한 뒤에야 틀린 것을 압니다.
    nets = {"a": make_net(), "b": wi_lib.MLP([data.x_train.shape[1], 3], rng=np.random.default_rng(0))}
    before = snapshot(nets["a"])
    settings = {**SETTINGS, "optimizer": optimizers.PerParameter("sgd", [1.0] * len(nets["a"].parameters))}
    with pytest.raises(ValueError, match="`factors`"):
        wi_lib.train_together(nets, data, rng=np.random.default_rng(0), executor=executor, **settings)
    assert_same(nets["a"], before)


class Counting(ThreadPoolExecutor):
    """맡은 일의 수를 세는 Executor."""

    submitted = 0

    def submit(self, *arguments, **keywords):
        self.submitted += 1
        return super().submit(*arguments, **keywords)


def test_nets_are_handed_to_the_executor(data):
    with Counting(2) as executor:
        nets = {"a": make_net(), "b": make_net(seed=2)}
        wi_lib.train_together(nets, data, rng=np.random.default_rng(0), executor=executor, **SETTINGS)
        assert executor.submitted == 2


@pytest.mark.parametrize("optimizer", [optimizers.Momentum(), optimizers.Adam(), "adam"])
def test_an_optimizer_forgets_the_last_training(data, optimizer):
    """속도와 모멘트는 부를 때마다 0에서 시작합니다: 하나를 여러 번, 여러 망에 써도 섞이지 않습니다."""
    nets = make_net(), make_net()
    for net in nets:
        wi_lib.train(
            net, data, rng=np.random.default_rng(2), **{**SETTINGS, "learning_rate": 0.01}, optimizer=optimizer
        )
    assert_same(nets[0], nets[1].parameters)


class Freezing:
    """사용자가 만든 최적화기: 첫 배열만 움직입니다."""

    def start(self, parameters, learning_rate):
        def step(gradients):
            parameters[0] -= learning_rate * gradients[0]

        return step


def test_an_optimizer_of_ones_own(data):
    net = make_net()
    before = snapshot(net)
    wi_lib.train(net, data, rng=np.random.default_rng(2), **SETTINGS, optimizer=Freezing())
    assert not np.array_equal(net.weights[0], before[0])
    assert_same(MovedBack(net, before), before)


class MovedBack:
    """첫 배열만 처음 값으로 되돌린 망."""

    def __init__(self, net, before):
        self.parameters = [before[0], *net.parameters[1:]]


@pytest.mark.parametrize("bad", [optimizers.Adam, None, 3, 0.9, lambda w: w])
def test_not_an_optimizer(data, bad):
    with pytest.raises(TypeError, match=r"`optimizer`에는 이름\(sgd, momentum, adam\)이나 optimizers.Adam\(\)처럼 "):
        wi_lib.train(make_net(), data, rng=np.random.default_rng(0), optimizer=bad, **SETTINGS)


def test_the_rate_is_chosen_on_validation():
    """시험 정확도가 가장 높은 학습률이 아니라 검증 정확도의 평균이 가장 높은 학습률의 시험 정확도를 돌려줍니다."""
    validation = np.array([[[0.5, 0.5], [0.9, 0.6], [0.8, 0.8], [0.9, np.nan]], [[np.nan] * 2] * 3 + [[0.1, 0.1]]])
    test = np.arange(16.0).reshape(2, 4, 2)
    best, chosen = wi_lib.at_best_rate(validation, test)
    assert best.tolist() == [2, 3]
    assert chosen.tolist() == [[4, 5], [14, 15]]


def test_the_rate_is_never_a_diverged_one_if_there_is_another():
    """손실처럼 음수인 점수에서도 발산한 학습률은 다른 것이 있으면 고르지 않습니다."""
    best, chosen = wi_lib.at_best_rate([[-5.0], [np.nan]], [[1.0], [2.0]])
    assert (int(best), chosen.tolist()) == (0, [1.0])
    with pytest.raises(TypeError, match="`validation`에는"):
        wi_lib.at_best_rate([[0.1], [0.2, 0.3]], [[1.0]])


def test_an_epsilon_below_float32_is_divergence_without_numpys_words(data):
    net = make_net("relu", np.float32)
    tiny = altered(data, x_train=np.zeros_like(data.x_train))
    optimizer = optimizers.Adam(epsilon=1e-50)
    with pytest.warns(RuntimeWarning, match="학습이 발산하여") as caught:
        wi_lib.train(net, tiny, rng=np.random.default_rng(0), **SETTINGS, optimizer=optimizer)
    assert len(caught) == 1
