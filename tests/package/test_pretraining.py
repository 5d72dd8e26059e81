"""RBM: 작은 모형에서 모든 상태를 늘어놓아 확인하고, CD와 층별 학습, MLP에 넘기기를 봅니다."""

import itertools
from fractions import Fraction

import numpy as np
import pytest

import wi_lib
from wi_lib import pretraining
from wi_lib.pretraining import RBM, pretrain, to_mlp, train_rbm

V, H = 4, 3
ALL_V = np.array(list(itertools.product([0.0, 1.0], repeat=V)))
ALL_H = np.array(list(itertools.product([0.0, 1.0], repeat=H)))


def tiny(seed=0, std=1.0, shape=(V, H)):
    """편향도 0이 아닌 float64 모형."""
    rng = np.random.default_rng(seed)
    rbm = RBM(*shape, rng=rng, std=std, dtype=np.float64)
    rbm.visible_bias[...], rbm.hidden_bias[...] = rng.standard_normal(shape[0]), rng.standard_normal(shape[1])
    return rbm


def joint(rbm):
    """p(v, h)의 (16, 8) 표: 에너지의 정의를 그대로 옮겨 모든 상태를 늘어놓습니다."""
    table = np.empty((len(ALL_V), len(ALL_H)))
    for (i, v), (j, h) in itertools.product(enumerate(ALL_V), enumerate(ALL_H)):
        energy = -sum(rbm.visible_bias[k] * v[k] for k in range(V)) - sum(rbm.hidden_bias[k] * h[k] for k in range(H))
        energy -= sum(v[k] * rbm.weights[k, m] * h[m] for k in range(V) for m in range(H))
        table[i, j] = np.exp(-energy)
    return table / table.sum(), np.log(table.sum())


def data(seed=5, rows=40):
    """네 무늬 가운데 하나에 잡음을 조금 섞은 자료."""
    rng = np.random.default_rng(seed)
    patterns = np.array([[1, 1, 0, 0], [0, 0, 1, 1], [1, 0, 1, 0]])[rng.integers(3, size=rows)]
    return np.abs(patterns - (rng.random(patterns.shape) < 0.05)).astype(np.float64)


def kl(rbm, x):
    """자료의 분포에서 모형의 분포까지의 KL(nat)."""
    p = np.array([(x == v).all(axis=1).mean() for v in ALL_V])
    q = joint(rbm)[0].sum(axis=1)
    return np.sum(p[p > 0] * np.log(p[p > 0] / q[p > 0]))


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_probabilities_by_enumeration(seed):
    """에너지, 자유 에너지, ln Z, 두 조건부 확률, 로그 우도가 모두 늘어놓은 표와 같습니다."""
    rbm = tiny(seed)
    table, log_z = joint(rbm)
    for j, h in enumerate(ALL_H):
        expected = np.exp(-rbm.energy(ALL_V, np.tile(h, (len(ALL_V), 1))) - log_z)
        np.testing.assert_allclose(table[:, j], expected, rtol=1e-10)
    assert rbm.log_partition() == pytest.approx(log_z, rel=1e-12)
    np.testing.assert_allclose(np.exp(-rbm.free_energy(ALL_V) - log_z), table.sum(axis=1), rtol=1e-10)
    given_v, given_h = table / table.sum(axis=1, keepdims=True), table / table.sum(axis=0)
    np.testing.assert_allclose(rbm.p_hidden(ALL_V), given_v @ ALL_H, rtol=1e-10)
    np.testing.assert_allclose(rbm.p_visible(ALL_H), given_h.T @ ALL_V, rtol=1e-10)
    x = data()
    counted = [np.log(table.sum(axis=1)[(row == ALL_V).all(axis=1)][0]) for row in x]
    assert rbm.log_likelihood(x) == pytest.approx(np.mean(counted), rel=1e-10)


@pytest.mark.parametrize("shape", [(3, 5), (5, 3), (20, 2), (2, 20)])
def test_partition_uses_the_smaller_side(shape):
    """작은 쪽을 늘어놓은 ln Z와, 큰 쪽을 늘어놓은 것이 같습니다."""
    rbm = tiny(shape=shape)
    mirrored = RBM(*shape[::-1], rng=np.random.default_rng(0), dtype=np.float64)
    for mine, other in zip(mirrored.parameters, (rbm.weights.T, rbm.hidden_bias, rbm.visible_bias)):
        mine[...] = other
    assert rbm.log_partition() == pytest.approx(mirrored.log_partition(), rel=1e-10)
    side = min(10, max(shape))
    states = np.array(list(itertools.product([0.0, 1.0], repeat=side)))
    if side == shape[0]:
        assert rbm.log_partition() == pytest.approx(np.logaddexp.reduce(-rbm.free_energy(states)), rel=1e-10)


def exact_gradient(rbm, x):
    """양의 항 − 음의 항: 자료에서의 ⟨v h⟩와, 늘어놓은 모형에서의 ⟨v h⟩."""
    table, _ = joint(rbm)
    p = rbm.p_hidden(x)
    positive = x.T @ p / len(x), x.mean(axis=0), p.mean(axis=0)
    negative = ALL_V.T @ table @ ALL_H, table.sum(axis=1) @ ALL_V, table.sum(axis=0) @ ALL_H
    return [a - b for a, b in zip(positive, negative)]


def test_gradient_is_positive_minus_negative_phase():
    """로그 우도의 기울기 = 양의 항 − 음의 항, 수치 미분과 비교합니다."""
    rbm, x, step = tiny(), data(), 1e-5
    for parameter, expected in zip(rbm.parameters, exact_gradient(rbm, x)):
        for index in np.ndindex(parameter.shape):
            parameter[index] += step
            up = rbm.log_likelihood(x)
            parameter[index] -= 2 * step
            slope = (up - rbm.log_likelihood(x)) / (2 * step)
            parameter[index] += step
            assert slope == pytest.approx(expected[index], abs=1e-8)


@pytest.mark.parametrize("seed", [1, 2])
def test_cd_approaches_the_gradient_as_k_grows(seed):
    """사슬을 많이 평균한 CD-k는 k가 커질수록 정확한 기울기에 다가갑니다. 가중치가 커서 천천히 섞이는 모형입니다."""
    rbm, x = tiny(seed, std=2), data()
    many, distances = np.tile(x, (1000, 1)), {}
    for k in (1, 3, 30):
        found = rbm.contrastive_divergence(many, steps=k, rng=np.random.default_rng(1))
        pairs = zip(found, exact_gradient(rbm, x))
        distances[k] = np.sqrt(sum(np.square(a - b).sum() for a, b in pairs))
    assert distances[1] > 1.5 * distances[3]
    assert distances[3] > 10 * distances[30]
    assert distances[30] < 0.01


def test_cd_is_the_written_formula():
    """버퍼도 쌓기도 없이 옮긴 CD-2와 같은 난수에서 같은 값입니다."""
    rbm, x, rng = tiny(), data(), np.random.default_rng(3)
    p0 = p = rbm.p_hidden(x)
    for _ in range(2):
        h = (rng.random(p.shape) < p).astype(float)
        q = rbm.p_visible(h)
        v = (rng.random(q.shape) < q).astype(float)
        p = rbm.p_hidden(v)
    expected = (x.T @ p0 - v.T @ p) / len(x), (x - v).mean(axis=0), (p0 - p).mean(axis=0)
    found = rbm.contrastive_divergence(x, steps=2, rng=np.random.default_rng(3))
    for a, b in zip(found, expected):
        np.testing.assert_allclose(a, b, atol=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_cd_training_lowers_kl(seed):
    rbm, x = RBM(V, H, rng=np.random.default_rng(seed), dtype=np.float64), data()
    before = kl(rbm, x)
    history = train_rbm(rbm, x, learning_rate=0.1, batch_size=40, iterations=2000, rng=np.random.default_rng([seed, 1]))
    assert kl(rbm, x) < 0.35 * before
    entropy = kl(rbm, x) + rbm.log_likelihood(x)
    assert entropy == pytest.approx(before + RBM(V, H, rng=np.random.default_rng(seed)).log_likelihood(x), rel=1e-5)
    assert history.error[-100:].mean() < history.error[:100].mean()


def test_gibbs_samples_the_model():
    """긴 깁스 사슬의 p(v | h) 평균은 모형의 E[v]이고, 걸음을 늘리면 같은 사슬을 이어 갑니다."""
    rbm = tiny(std=0.7)
    chain = rbm.gibbs(np.zeros((20000, V)), 30, rng=np.random.default_rng(0))
    np.testing.assert_allclose(chain.mean(axis=0), joint(rbm)[0].sum(axis=1) @ ALL_V, atol=0.01)
    rng = np.random.default_rng(7)
    short = rbm.gibbs(ALL_V, 2, rng=rng)
    continued = rbm.gibbs((rng.random(short.shape) < short).astype(float), 3, rng=rng)
    np.testing.assert_array_equal(continued, rbm.gibbs(ALL_V, 5, rng=np.random.default_rng(7)))


def test_reconstruction_is_a_trip_there_and_back():
    rbm, x = tiny(), data()
    back = rbm.p_visible(rbm.p_hidden(x))
    assert rbm.reconstruction_error(x) == pytest.approx(np.mean((back - x) ** 2))


def test_visible_bias_from_data_makes_the_model_match_pixel_frequencies():
    """W = 0이면 p(v)의 평균이 자료의 평균과 같고, 상수 화소는 1/(2N)에서 잘립니다."""
    x = np.array([[0, 1, 0.5, 0], [0, 1, 0.5, 1], [0, 1, 0.5, 1], [0, 1, 0.5, 1]])
    rbm = RBM(V, H, rng=np.random.default_rng(0), std=0, dtype=np.float64)
    rbm.set_visible_bias(x)
    np.testing.assert_allclose(rbm.p_visible(np.zeros((1, H)))[0], [1 / 8, 7 / 8, 0.5, 0.75])
    assert np.isfinite(rbm.visible_bias).all()


def test_constant_pixels_are_learned_without_overflow():
    """늘 0인 화소가 있는 자료도 학습되고, 그 화소는 거의 켜지지 않습니다."""
    x = data()
    x[:, 0], x[:, 1] = 0, 1
    (rbm,) = pretrain([V, H], x, learning_rate=0.5, batch_size=20, iterations=500, rng=np.random.default_rng(0))
    shown = rbm.gibbs(x, 5, rng=np.random.default_rng(1)).mean(axis=0)
    assert shown[0] < 0.05
    assert shown[1] > 0.95


def test_free_energy_gap_grows_when_overfitting():
    """열 장을 외운 RBM은 남겨 둔 자료의 자유 에너지가 학습 자료보다 높아집니다."""
    digits = wi_lib.datasets.load_digits()
    rbm, few = RBM(64, 64, rng=np.random.default_rng(0)), digits.x_train[:10]
    rbm.set_visible_bias(few)
    settings = {"learning_rate": 0.1, "batch_size": 10, "iterations": 1000, "held_out": digits.x_test[:100]}
    history = train_rbm(rbm, few, rng=np.random.default_rng(1), **settings)
    assert history.gap.shape == (pretraining.CHECKS,)
    assert history.gap[-1] > history.gap[0] + 3
    assert np.isnan(train_rbm(rbm, few, rng=np.random.default_rng(1), **{**settings, "held_out": None}).gap).all()


def test_training_is_the_written_loop():
    """train_rbm은 배치를 뽑아 CD 기울기를 더하는 것을 되풀이한 것입니다."""
    x, learning_rate = data(), 0.3
    rbm, mine = tiny(), tiny()
    settings = {"learning_rate": learning_rate, "batch_size": 8, "iterations": 20, "steps": 2}
    history = train_rbm(rbm, x, rng=np.random.default_rng(0), **settings)
    rng, errors = np.random.default_rng(0), []
    for batch in rng.integers(len(x), size=(20, 8)):
        before = rng.bit_generator.state
        h = (rng.random((8, H)) < mine.p_hidden(x[batch])).astype(float)
        errors.append(np.mean((x[batch] - mine.p_visible(h)) ** 2))
        rng.bit_generator.state = before
        gradient = mine.contrastive_divergence(x[batch], steps=2, rng=rng)
        for parameter, change in zip(mine.parameters, gradient):
            parameter += learning_rate * change
    for a, b in zip(rbm.parameters, mine.parameters):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(history.error, errors, rtol=1e-9)


def test_layers_are_stacked_on_probabilities():
    """둘째 층의 자료는 첫 층의 p(h | v)이고, 손으로 쌓은 것과 같습니다."""
    x, settings = data(), {"learning_rate": 0.1, "batch_size": 8, "iterations": 30}
    rbms, rng = pretrain([V, H, 2], x, rng=np.random.default_rng(0), **settings), np.random.default_rng(0)
    for rbm, sizes in zip(rbms, ((V, H), (H, 2))):
        mine = RBM(*sizes, rng=rng)
        mine.set_visible_bias(x)
        train_rbm(mine, x, rng=rng, **settings)
        for a, b in zip(rbm.parameters, mine.parameters):
            np.testing.assert_array_equal(a, b)
        x = mine.p_hidden(x)


def test_mlp_carries_the_stack():
    """MLP의 은닉층은 RBM을 차례로 지난 p(h | v)이고, 가중치는 사본입니다."""
    rng, x = np.random.default_rng(0), data().astype(np.float32)
    rbms = [RBM(V, H, rng=rng, std=1), RBM(H, 5, rng=rng, std=1)]
    rbms[0].hidden_bias[...] = rng.standard_normal(H)
    net = to_mlp(rbms, 6, rng=rng)
    assert (net.sizes, net.activation.name) == ((V, H, 5, 6), "sigmoid")
    top = rbms[1].p_hidden(rbms[0].p_hidden(x))
    np.testing.assert_allclose(net.forward(x), top @ net.weights[-1] + net.biases[-1], rtol=1e-5)
    net.weights[0][...] = 0
    assert rbms[0].weights.any()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_is_kept(dtype):
    rbm = RBM(V, H, rng=np.random.default_rng(0), dtype=dtype)
    train_rbm(rbm, data(), learning_rate=0.1, batch_size=4, iterations=3, rng=np.random.default_rng(0))
    assert {p.dtype for p in rbm.parameters} == {np.dtype(dtype)}
    assert to_mlp([rbm], 2, rng=np.random.default_rng(0)).dtype == dtype
    assert rbm.gibbs(data(), 2, rng=np.random.default_rng(0)).dtype == dtype


@pytest.mark.parametrize("kind", [np.float16, np.float32, Fraction])
def test_learning_rate_of_any_real_type_means_the_same_number(kind):
    rbms = [RBM(V, H, rng=np.random.default_rng(0)) for _ in range(2)]
    for rbm, rate in zip(rbms, (kind(0.3), float(kind(0.3)))):
        train_rbm(rbm, data(), learning_rate=rate, batch_size=7, iterations=5, rng=np.random.default_rng(1))
    for ours, expected in zip(rbms[0].parameters, rbms[1].parameters):
        np.testing.assert_array_equal(ours, expected)


def test_bad_parameters_are_refused_by_name():
    rbm = tiny()
    rbm.weights[0, 0] = np.nan
    with pytest.raises(ValueError, match=r"`rbm\.weights`에는 .*만 쓸 수 있습니다"):
        rbm.p_hidden(data())
    rbm = tiny()
    # 무한대는 아니지만 더하면 넘치는 값.
    rbm.visible_bias[:] = 1e308
    for call in (rbm.free_energy, rbm.log_likelihood, lambda x: learn(rbm=rbm, x=x)):
        with pytest.raises(ValueError, match=r"`rbm\.visible_bias`에는 .*만 쓸 수 있습니다"):
            call(data())
    rbm = tiny()
    rbm.weights = np.ones((V, H), int)
    with pytest.raises(TypeError, match=r"`rbm\.weights`에는 실수\(float\) 배열만"):
        learn(rbm=rbm)
    rbm = tiny()
    rbm.hidden_bias = np.zeros(H + 1)
    with pytest.raises(ValueError, match=r"`rbm\.hidden_bias`에는 .*만 쓸 수 있습니다"):
        rbm.contrastive_divergence(data(), rng=np.random.default_rng(0))


def test_outputs_too_big_for_memory_are_refused():
    """모형과 자료는 담기지만 은닉층의 확률(4e14바이트)이 담기지 않습니다. 자료는 값 하나를 늘여 보이는 배열입니다."""
    rbm, v = RBM(1, 10**7, rng=np.random.default_rng(0)), np.broadcast_to(np.float32(0), (10**7, 1))
    for use in (rbm.p_hidden, rbm.free_energy, lambda v: rbm.contrastive_divergence(v, rng=np.random.default_rng(0))):
        with pytest.raises(MemoryError, match=r"`v, rbm\.weights`에는 메모리에 담기는 크기만") as error:
            use(v)
        assert str(error.value).endswith("((10000000, 1), (1, 10000000))")


BAD_PARAMETERS = {
    "NaN": ("weights", ValueError, np.full((V, H), np.nan)),
    "무한대": ("hidden_bias", ValueError, np.full(H, np.inf)),
    "마스크 배열": ("weights", TypeError, np.ma.array(np.ones((V, H)), mask=np.eye(V, H))),
    "차원이 다름": ("weights", ValueError, np.ones(V)),
    "크기가 다름": ("hidden_bias", ValueError, np.zeros(H + 1)),
    "float16": ("weights", TypeError, np.ones((V, H), np.float16)),
    "float16 편향": ("visible_bias", TypeError, np.ones(V, np.float16)),
    "읽기 전용": ("weights", ValueError, np.broadcast_to(1.0, (V, H))),
}


@pytest.mark.parametrize(("name", "error", "value"), BAD_PARAMETERS.values(), ids=BAD_PARAMETERS)
def test_every_use_refuses_a_bad_parameter(name, error, value):
    rbm, rng = tiny(), np.random.default_rng(0)
    setattr(rbm, name, value)
    for use in (rbm.log_partition, lambda: to_mlp([rbm], 2, rng=rng), lambda: learn(rbm=rbm)):
        with pytest.raises(error, match=rf"`rbm\.{name}`에는 .*만 쓸 수 있습니다"):
            use()


def test_parameters_of_two_precisions_are_learned():
    """float32 모형의 W를 float64 배열로 바꾸어도 배웁니다."""
    rbm = RBM(V, H, rng=np.random.default_rng(0))
    rbm.weights = rbm.weights.astype(np.float64)
    before = rbm.hidden_bias.copy()
    learn(rbm=rbm)
    assert (rbm.hidden_bias != before).any()


def test_model_or_batch_too_big_for_memory_is_refused():
    for visible, hidden in ((10**8, 10**8), (10**6, 10**9)):
        with pytest.raises(MemoryError, match="`visible, hidden`에는 메모리에 담기는 크기만") as error:
            RBM(visible, hidden, rng=np.random.default_rng(0))
        assert str(error.value).endswith(f"({visible}, {hidden})")
    x = np.eye(2, 10**6)
    with pytest.raises(MemoryError, match="`sizes`에는 메모리에 담기는 크기만"):
        pretrain([10**6, 10**9], x, learning_rate=0.1, batch_size=1, iterations=1, rng=np.random.default_rng(0))
    with pytest.raises(MemoryError, match="`iterations`에는 메모리에 담기는 크기만"):
        learn(batch_size=10**6, iterations=10**9)
    wide = RBM(200_000, 1, rng=np.random.default_rng(0))
    with pytest.raises(MemoryError, match="`batch_size`에는 메모리에 담기는 크기만"):
        learn(rbm=wide, x=np.eye(2, 200_000), batch_size=10**9)


BAD = {
    "한 행": ("x", lambda: learn(x=data()[:1])),
    "모두 같은 행": ("x", lambda: learn(x=np.ones((9, V)))),
    "1보다 큰 자료": ("x", lambda: learn(x=2 * data())),
    "음수인 자료": ("x", lambda: learn(x=-data())),
    "열이 다른 자료": ("x", lambda: learn(x=data()[:, 1:])),
    "열이 다른 held_out": ("held_out", lambda: learn(held_out=data()[:, 1:])),
    "CD-0": ("steps", lambda: learn(steps=0)),
    "rng가 시드": ("rng", lambda: learn(rng=0)),
    "0인 학습률": ("learning_rate", lambda: learn(learning_rate=0)),
    "너무 큰 모형의 Z": ("RBM", lambda: RBM(17, 17, rng=np.random.default_rng(0)).log_partition()),
    "이어지지 않는 층": ("rbms", lambda: to_mlp([tiny(), tiny()], 2, rng=np.random.default_rng(0))),
    "빈 목록": ("rbms", lambda: to_mlp([], 2, rng=np.random.default_rng(0))),
    "행의 수가 다른 h": ("h", lambda: tiny().energy(ALL_V, ALL_H)),
}


def learn(**changes):
    settings = {"learning_rate": 0.1, "batch_size": 4, "iterations": 2, "rng": np.random.default_rng(0), "x": data()}
    return train_rbm(**{"rbm": tiny(), **settings, **changes})


@pytest.mark.parametrize(("name", "call"), BAD.values(), ids=BAD)
def test_bad_input_is_refused(name, call):
    with pytest.raises((ValueError, TypeError), match=f"`{name}`에는 .*만 쓸 수 있습니다"):
        call()
