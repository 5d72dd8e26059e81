"""초기화 함수의 성질을 무작위 모양에서: 평균과 분산, 행과 열의 독립, 시드만이 정하는 난수, 직교, 이은 수.

허용 오차는 분포에서 나옵니다. 세 분포는 모두 (절단정규도) 분산이 σ²인 정규분포보다 꼬리가 무겁지 않으므로

- 평균은 kσ/√N을, 서로 독립인 두 벡터의 내적 a·b는 (b를 정해 두면 a의 가중합이므로) kσ‖b‖를,
- 제곱의 평균은 Bernstein의 부등식으로 σ²(k√((κ − 1)/N) + k²/N)을

넘을 확률이 N이 하나여도 2exp(−k²/2)를 넘지 않습니다(κ는 첨도). K = 8이면 2.6e-14이고, 한 번에 견주는 것은 많아야
만 쌍, 예는 50개이므로 시험 하나가 까닭 없이 실패할 확률은 2e-8보다 작습니다. make soak의 스무 번에서도 1e-6 아래입니다.
"""

import math
from typing import NamedTuple

import hypothesis.strategies as st
import numpy as np
from hypothesis import example, given

from tests.package.test_initializers import KURTOSIS
from wi_lib import initializers

K = 8
# float32 하나를 반올림할 때의 상대 오차.
ROUNDING = 2.0**-24
# 표준편차가 1일 때 분포의 끝. 절단정규는 ±2를 √(1 − 4φ(2)/(2Φ(2) − 1)) = 0.8796으로 나눈 것입니다.
ENDS = {"normal": math.inf, "uniform": math.sqrt(3), "truncated_normal": 2 / 0.8796256610342398}
NAMED = {"lecun": (1, "fan_in"), "xavier": (1, "fan_avg"), "he": (2, "fan_in")}

sides, channels, seeds = st.integers(1, 5), st.integers(1, 16), st.integers(0, 2**32)
matrices = st.one_of(
    st.tuples(st.integers(1, 80), st.integers(1, 80)),
    st.tuples(st.just(1), st.integers(1, 5000)),
    st.tuples(st.integers(1, 5000), st.just(1)),
    st.tuples(st.integers(1, 3), st.integers(500, 2000)),
)
shapes = st.one_of(matrices, st.tuples(sides, sides, channels, channels))
sizes = st.floats(-20, 10).map(lambda power: 10.0**power)
distributions = st.sampled_from(sorted(ENDS))


class Law(NamedTuple):
    """초기화 함수와, 그것이 따라야 할 분포. 분산은 scale / fan이고 mode가 없으면 scale입니다."""

    init: initializers.Initializer
    distribution: str
    scale: float
    mode: str | None = None

    def std(self, shape):
        *window, seen, made = shape
        fan_in, fan_out = math.prod(window) * seen, math.prod(window) * made
        fan = {None: 1, "fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[self.mode]
        return math.sqrt(self.scale / fan)


def named(family, distribution):
    return Law(initializers.get(f"{family}_{distribution}"), distribution, *NAMED[family])


def scaled(scale, mode, distribution):
    return Law(initializers.variance_scaling(scale, mode, distribution), distribution, scale, mode)


def fixed(std, distribution):
    if distribution == "uniform":
        return Law(initializers.uniform(math.sqrt(3) * std), distribution, std**2)
    return Law(getattr(initializers, distribution)(std), distribution, std**2)


laws = st.one_of(
    st.builds(named, st.sampled_from(sorted(NAMED)), st.sampled_from(["normal", "uniform"])),
    st.builds(scaled, sizes, st.sampled_from(["fan_in", "fan_out", "fan_avg"]), distributions),
    st.builds(fixed, sizes, distributions),
)


def draw(init, shape, seed):
    return init(shape, rng=np.random.default_rng(seed))


def unit(law, shape, seed):
    """표준편차로 나눈 난수. float64에서 견줍니다."""
    return draw(law.init, shape, seed).astype(np.float64) / law.std(shape)


def assert_independent(a, b):
    """a의 행과 b의 행이 모두 서로 독립인지: 내적이 표본오차 안입니다. a의 표준편차는 1입니다."""
    assert (np.abs(a @ b.T) <= K * np.linalg.norm(b, axis=1)).all()


@given(laws, shapes, seeds)
@example(named("he", "uniform"), (1, 1), 0)
def test_moments_are_those_of_the_law(law, shape, seed):
    drawn, z = draw(law.init, shape, seed), unit(law, shape, seed)
    assert drawn.dtype == np.float32
    assert drawn.shape == shape
    assert abs(z.mean()) <= K / math.sqrt(z.size)
    spread = K * math.sqrt((KURTOSIS[law.distribution] - 1) / z.size) + K**2 / z.size
    assert abs(np.mean(z**2) - 1) <= spread
    assert np.abs(z).max() <= ENDS[law.distribution] * (1 + 1e-14)


@given(laws, matrices, seeds)
def test_rows_and_columns_are_independent(law, shape, seed):
    z = unit(law, shape, seed)
    for lines in (z, z.T):
        lines = lines[:100]  # 짝의 수가 예마다 만을 넘지 않게 합니다.
        for gap in range(1, len(lines)):
            a, b = lines[gap:], lines[:-gap]
            assert (np.abs((a * b).sum(axis=1)) <= K * np.linalg.norm(b, axis=1)).all()


@given(laws, shapes, seeds, seeds)
def test_the_generator_alone_decides(law, shape, seed, other):
    """같은 rng는 같은 바이트이고, 다른 rng와 같은 rng의 다음 난수는 독립이고, 뽑는 것들끼리 영향을 주지 않습니다."""
    rng, again = np.random.default_rng(seed), np.random.default_rng(seed)
    first, second = law.init(shape, rng=rng), law.init(shape, rng=rng)
    kept = first.tobytes(), second.tobytes()
    assert not np.shares_memory(first, second)
    a, b = (array.astype(np.float64).reshape(1, -1) / law.std(shape) for array in (first, second))
    assert_independent(a, b)
    if seed != other:
        assert_independent(unit(law, shape, other).reshape(1, -1), a)
    first[...] = np.nan
    assert law.init(shape, rng=again).tobytes() == kept[0]
    draw(law.init, shape, other)  # 다른 rng로 사이에 뽑아도
    assert law.init(shape, rng=again).tobytes() == kept[1]
    assert rng.bit_generator.state == again.bit_generator.state


@given(st.sampled_from(["orthogonal", "delta_orthogonal"]), shapes, st.floats(-3, 3), seeds)
def test_orthogonal_to_single_precision(name, shape, power, seed):
    """짧은 쪽의 그람 행렬은 gain²·I입니다. 성분을 float32로 반올림한 만큼만(코시–슈바르츠) 어긋납니다."""
    gain = 10.0**power
    weights = draw(getattr(initializers, name)(gain), shape, seed).astype(np.float64)
    if name == "delta_orthogonal" and len(shape) == 4:
        centre = shape[0] // 2, shape[1] // 2
        matrix, weights[centre] = weights[centre].copy(), 0
        assert not weights.any()
    else:
        matrix = weights.reshape(-1, shape[-1])
    gram = matrix.T @ matrix if len(matrix) >= shape[-1] else matrix @ matrix.T
    np.testing.assert_allclose(gram, gain**2 * np.eye(len(gram)), rtol=0, atol=gain**2 * (2 * ROUNDING + 1e-12))


def assert_kept(kept, wanted):
    """줄마다 남긴 것이 wanted개인지. float32의 정규 난수는 2²³번에 한 번쯤 0이라, 남긴 것이 0일 수 있습니다.

    예 하나에서 남기는 것은 만 개를 넘지 않으므로 그런 것이 넷일 확률은 1e-13보다 작습니다.
    """
    assert (kept <= wanted).all()
    assert (wanted - kept).sum() < 4


@given(st.integers(1, 60), shapes, seeds)
def test_martens_sparse_connects_every_unit_alike(connections, shape, seed):
    weights = draw(initializers.sparse(connections), shape, seed).reshape(-1, shape[-1])
    assert_kept((weights != 0).sum(axis=0), min(connections, len(weights)))


@given(st.floats(0, 1), shapes, seeds)
@example(0.07, (3, 100), 0)
def test_framework_sparse_cuts_every_input_alike(sparsity, shape, seed):
    """PyTorch의 식 ceil(sparsity × 열의 수)과 같은 수를 자릅니다."""
    weights = draw(initializers.sparse_fraction(sparsity), shape, seed).reshape(-1, shape[-1])
    assert_kept((weights != 0).sum(axis=1), shape[-1] - math.ceil(sparsity * shape[-1]))


@given(st.sampled_from(sorted(initializers.INITIALIZERS)), shapes, seeds)
def test_every_initializer_is_a_function_of_shape_and_generator(name, shape, seed):
    init = initializers.get(name)
    drawn = draw(init, list(shape), seed)
    assert (drawn.shape, drawn.dtype) == (shape, np.float32)
    assert drawn.flags.writeable
    assert np.isfinite(drawn).all()
    assert drawn.tobytes() == draw(initializers.get(name), shape, seed).tobytes()
    assert not np.signbit(drawn[drawn == 0]).any()


@given(st.sampled_from(["normal", "uniform", "orthogonal", "sparse"]), shapes, seeds, st.floats(-10, 10))
def test_scaling_is_apart_from_drawing(name, shape, seed, power):
    """크기는 나중에 곱하므로, 크기만 다른 둘은 같은 rng에서 같은 난수이고 같은 만큼 뽑습니다."""
    key, rngs = {"uniform": "limit", "orthogonal": "gain"}.get(name, "std"), [np.random.default_rng(seed) for _ in "ab"]
    scales = 1, 10.0**power
    one, other = (getattr(initializers, name)(**{key: c})(shape, rng=rng) for c, rng in zip(scales, rngs))
    np.testing.assert_allclose(other, scales[1] * one.astype(np.float64), rtol=4 * ROUNDING)
    assert rngs[0].bit_generator.state == rngs[1].bit_generator.state
