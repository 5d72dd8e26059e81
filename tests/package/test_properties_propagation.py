"""신호 전파의 성질을 무작위 활성화 × σ_w² × σ_b² × 깊이 × 너비에서: 측정은 이론의 표본오차 안에 있습니다.

가중치가 정규분포이면, 아래층의 활성화값을 정해 두었을 때 가중합은 너비가 유한해도 정확히 정규분포이고 서로 독립입니다.
그래서 한 층을 지나는 법칙에는 너비의 오차가 없고, 여러 층을 지난 값만 O(깊이/너비)만큼 어긋납니다. 표준오차의 K배를
넘을 확률은 정규분포이면 3e-12이고, 표본이 천 개를 넘는 χ²이어도 1e-9 아래입니다. 견주는 것은 시험마다 몇백입니다.
"""

import math

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

import wi_lib
from wi_lib import initializers, mean_field, theory

K, NETS = 7, 40
# 여러 층을 지난 값이 무한히 넓은 망에서 벗어난 정도. 너비 50에서 로그는 깊이/너비의 3배, 코사인은 0.5배까지였습니다.
LOG_BIAS, COSINE_BIAS = 6, 2

activations = st.sampled_from(["identity", "sigmoid", "tanh", "relu", "leaky_relu", "selu"])
weight_variances = st.floats(0.25, 4)
bias_variances = st.sampled_from([0.0, 0.1, 1.0])
depths, widths, cosines, seeds = st.integers(1, 6), st.integers(50, 300), st.floats(-0.9, 0.95), st.integers(0, 2**32)


def propagated(activation, w, b, depth, width, cosine, seed):
    """입력 한 쌍을 흘린 망마다 (x, Signals)."""
    rng, init = np.random.default_rng(seed), initializers.normal(math.sqrt(w / width))
    for _ in range(NETS):
        x = mean_field.pairs(1, width, cosine, rng=rng)
        yield x, wi_lib.propagate(x, depth, width, activation, init, rng=rng, bias_std=math.sqrt(b), dtype=np.float64)


def fourth(q, activation):
    """(E[f²], E[f⁴])."""
    z, weights = theory.nodes(q)
    a = wi_lib.activations.get(activation)(z)
    return float(weights @ a**2), float(weights @ a**4)


def test_one_layer_follows_the_law_at_any_width():
    """층 하나의 제곱 평균과, 첫 층의 두 입력의 곱. 예마다, 그리고 모든 예를 합쳐 치우침이 없는지 봅니다."""
    squares, products = [], []

    @settings(max_examples=30)
    @given(activations, weight_variances, bias_variances, depths, widths, cosines, seeds)
    def check(activation, w, b, depth, width, cosine, seed):
        apart = variance = along = 0.0
        for x, signals in propagated(activation, w, b, depth, width, cosine, seed):
            for below, a in zip([x, *signals.activations], signals.activations):
                q = w * np.mean(below[0] ** 2) + b
                square, power = fourth(q, activation)
                # 층마다 크기가 다르므로 기댓값으로 나눕니다.
                apart += np.mean(a[0] ** 2) / square - 1
                variance += (power / square**2 - 1) / width
            along += np.mean(np.prod(signals.activations[0], axis=0))
        squares.append(apart / math.sqrt(variance))
        square, power = fourth(w + b, activation)
        c = (w * cosine + b) / (w + b)
        expected = square * mean_field.next_correlation(c, w + b, activation, 1.0)
        # 곱의 분산은 E[f⁴] 이하입니다(코시–슈바르츠).
        products.append((along / NETS - expected) / math.sqrt(power / (width * NETS)))
        assert abs(squares[-1]) < K
        assert abs(products[-1]) < K

    check()
    for found in (squares, products):
        assert abs(sum(found)) < K * math.sqrt(len(found))


def assert_near(values, expected, bias):
    error = np.std(values, ddof=1) / math.sqrt(len(values))
    assert abs(np.mean(values) - expected) < K * error + bias


@settings(max_examples=30)
@given(activations, weight_variances, bias_variances, depths, widths, cosines, seeds)
def test_many_layers_are_as_predicted_up_to_the_width(activation, w, b, depth, width, cosine, seed):
    sizes, lost = [], depth / width
    for _, signals in propagated(activation, w, b, depth, width, cosine, seed):
        last = signals.activations[-1]
        seen = np.mean(last**2), np.mean(signals.deltas[0] ** 2), np.mean(signals.weight_gradients[-1] ** 2)
        sizes.append((*np.log(seen), *mean_field.cosines(last)))
    squares, deltas, slopes, alike = np.transpose(sizes)
    told = mean_field.trajectory(cosine, activation, w, b, depth)
    prediction = theory.predict([width] * (depth + 1), [math.sqrt(w / width)] * depth, activation, bias_variance=b)
    np.testing.assert_allclose(prediction.delta_rms, told.delta_rms, rtol=1e-6)
    assert_near(squares, math.log(theory.moments(told.variance[-1], activation)[1]), LOG_BIAS * lost)
    assert_near(deltas, 2 * math.log(told.delta_rms[0]), LOG_BIAS * lost)
    assert_near(slopes, 2 * math.log(prediction.weight_gradient_rms[-1]), LOG_BIAS * lost)
    assert_near(alike, told.cosine[-1], COSINE_BIAS * lost)
    q = w + b
    for variance in told.variance:
        assert variance == pytest.approx(q, rel=1e-7)
        q = theory.next_variance(q, activation, w, b)
    # χ는 역전파 신호의 제곱이 한 층마다 곱해지는 수입니다.
    factors = [theory.chi(q, activation, w) for q in told.variance[:-1]]
    last = theory.moments(told.variance[-1], activation)[2]
    np.testing.assert_allclose(told.delta_rms[0] ** 2, last * np.prod(factors), rtol=1e-6)


def spread(activation, w, b, depth, width):
    """log mean(a²)의 분산의 앞 항: 유닛 width개를 뽑는 분산이 층마다 더해지고, 기울기의 제곱만큼 위로 전해집니다."""
    total, square, h = 0.0, 1.0, 1e-4
    for _ in range(depth):
        q = w * square + b
        low, high = (math.log(theory.moments(q * math.exp(side), activation)[1]) for side in (-h, h))
        total *= ((high - low) / (2 * h) * w * square / q) ** 2
        square, power = fourth(q, activation)
        total += (power / square**2 - 1) / width
    return total


@pytest.mark.parametrize("activation", ["identity", "tanh", "relu"])
def test_the_spread_over_networks_falls_as_one_over_the_width(activation):
    """망 400개의 흩어짐을 너비 32와 128에서 미리 구한 값에 견줍니다. 표본분산의 표준오차는 √(2/400) = 7 %입니다."""
    w, b, depth, nets = 1.5, 0.05, 3, 400
    for width in (32, 128):
        rng, init = np.random.default_rng(width), initializers.normal(math.sqrt(w / width))
        x = mean_field.pairs(1, width, 0.0, rng=rng)[:1]
        options = {"rng": rng, "bias_std": math.sqrt(b), "dtype": np.float64}
        logs = [
            np.log(np.mean(wi_lib.propagate(x, depth, width, activation, init, **options).activations[-1] ** 2))
            for _ in range(nets)
        ]
        ratio = np.var(logs, ddof=1) / spread(activation, w, b, depth, width)
        assert abs(ratio - 1) < 5 * math.sqrt(2 / nets) + 5 / width, (width, ratio)
