"""6장의 주장을 맨 NumPy와 MNIST 원본으로, 다른 시드에서 다시 잽니다: 고르게 굶는 가중치, 먼저 꺼지는 ReLU, Adam."""

import functools

import numpy as np
import pytest

from tests.independent.plain import accuracy, drawn, fit, loss_gradients, measured, mnist, output, rms

SIZES = [784, 100, 100, 100, 100, 10]
HE = np.sqrt(2 / np.array(SIZES[:-1]))
SEEDS = (301, 302, 303)


@functools.cache
def images(part="train"):
    x, y = mnist(part)
    return x.astype(np.float32), y


def net(seed, std):
    rng = np.random.default_rng(seed)
    weights = [w.astype(np.float32) for w in drawn(rng, SIZES, std)]
    return weights, [np.zeros(n, np.float32) for n in SIZES[1:]], rng


def trained(seed, std, rate, steps, f="relu", **settings):
    weights, biases, rng = net(seed, std)
    fit(*images(), weights, biases, f, np.float32(rate), steps, rng, **settings)
    return weights, biases


def silent(weights, biases, f="relu"):
    """4층에서 모든 입력에 0을 내는 유닛의 비율."""
    return np.mean((output(images()[0][:1000], weights, biases, f)[2][4] == 0).all(axis=0))


def test_gradients_agree_with_differences():
    """점검에 쓰는 역전파 자체를 차분으로 확인합니다."""
    rng = np.random.default_rng(300)
    x, y, sizes = rng.standard_normal((9, 4)), rng.integers(0, 3, 9), [4, 5, 6, 3]
    weights, biases = drawn(rng, sizes, 0.6), [rng.standard_normal(n) for n in sizes[1:]]

    def loss():
        z = output(x, weights, biases, "tanh")[0]
        return np.mean(np.log(np.exp(z).sum(axis=1)) - z[np.arange(9), y])

    slopes, shifts = loss_gradients(x, y, weights, biases, "tanh")
    for array, slope in zip([*weights, *biases], [*slopes, *shifts]):
        array.flat[1] += 1e-5
        high = loss()
        array.flat[1] -= 2e-5
        assert (high - loss()) / 2e-5 == pytest.approx(slope.flat[1], rel=1e-4, abs=1e-9)
        array.flat[1] += 1e-5


@pytest.mark.parametrize("seed", SEEDS)
def test_small_std_starves_weights_alike_and_biases_unevenly(seed):
    """0.01의 가중치 기울기는 다섯 층이 10배 안에서 같고 He의 만분의 1 아래, 편향은 내려갈 때마다 열 배쯤 작습니다."""
    x, y = (a[:1000] for a in images())
    small, he = (loss_gradients(x, y, *net(seed, std)[:2], "relu") for std in (0.01, HE))
    weights, biases = ([rms(g) for g in part] for part in small)
    assert max(weights) / min(weights) < 10
    assert (np.array(weights) < 1e-4 * np.array([rms(g) for g in he[0]])).all()
    ratios = np.array(biases[1:]) / np.array(biases[:-1])
    assert ((ratios > 5) & (ratios < 40)).all()
    assert biases[3] > 1000 * weights[3]
    assert biases[4] > 0.1 * rms(he[1][4])


def test_stuck_net_says_the_commonest_digit_at_the_entropy():
    """SGD, 0.01: 모두 같은 숫자라고 답하고, 손실은 ln 10이 아니라 빈도의 엔트로피입니다."""
    weights, biases = trained(304, 0.01, 0.02, 1500)
    x, y = images()
    z = output(x, weights, biases, "relu")[0].astype(float)
    p = np.bincount(y) / len(y)
    loss = np.mean(np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(y)), y])
    assert np.unique(z.argmax(axis=1)).tolist() == [1]
    assert loss == pytest.approx(-(p * np.log(p)).sum(), abs=4e-4)
    assert np.log(10) - loss > 5e-4


@pytest.mark.parametrize("seed", SEEDS)
def test_a_large_rate_turns_off_the_fourth_layer(seed):
    """학습률 1의 SGD는 500걸음 안에 4층의 모든 ReLU를 끄고, 그 뒤로 가중치의 기울기는 다섯 층 모두 정확히 0입니다."""
    weights, biases = trained(seed, 0.01, 1, 500, batch=128)
    assert silent(weights, biases) == 1
    x, y = (a[:1000] for a in images())
    assert not any(g.any() for g in loss_gradients(x, y, weights, biases, "relu")[0])
    # 편향이 끈 것입니다: 은닉층의 편향을 0으로 되돌리면 거의 모든 유닛이 다시 켜집니다.
    assert silent(weights, [np.zeros_like(b) for b in biases]) < 0.3


def test_adam_leaves_the_same_saddle_and_he_needs_no_adam():
    """같은 0.01을 Adam은 배우고, He는 SGD로도 배웁니다."""
    x, y = images("t10k")
    assert accuracy(x, y, *trained(305, 0.01, 0.003, 700, adam=True), "relu") > 0.7
    assert accuracy(x, y, *trained(305, HE, 0.1, 700), "relu") > 0.85
    assert accuracy(x, y, *trained(305, 0.01, 0.1, 700), "relu") < 0.12


@pytest.mark.parametrize("seed", SEEDS)
def test_sigmoid_loses_its_lower_layers_and_tanh_does_not(seed):
    """LeCun: 4층에서 1층까지 sigmoid의 δ와 가중치 기울기는 백분의 일쯤, tanh는 절반보다 많이 남습니다."""
    rng = np.random.default_rng(seed)
    stds = np.sqrt(1 / np.array(SIZES[:4]))
    for f, low, high in (("sigmoid", 0.005, 0.03), ("tanh", 0.5, 1.5)):
        _, deltas, slopes = measured(rng, images()[0][:1000], drawn(rng, SIZES[:5], stds), f)
        assert low < rms(deltas[0]) / rms(deltas[3]) < high
        assert low / 2 < slopes[0] / slopes[3] < 2 * high
