"""초기화 함수: 모양, 분산, 한계, 난수와 크기의 분리.

분산의 허용 오차는 표본 수 N에서 나옵니다. 첨도가 3 이하인 분포에서 표본 표준편차의 상대 표준오차는 1/√(2N)을
넘지 않으므로 그 다섯 배까지 허용합니다. 평균의 표준오차는 std/√N입니다.
"""

import math
import multiprocessing
import pickle
import re
from concurrent.futures import ProcessPoolExecutor
from inspect import isfunction, signature
from pathlib import Path

import numpy as np
import pytest

from wi_lib import initializers, sampling, structured

SHAPE = (300, 500)
N = SHAPE[0] * SHAPE[1]
STD_TOLERANCE = 5 / math.sqrt(2 * N)


def draw(init, shape=SHAPE, seed=0):
    return init(shape, rng=np.random.default_rng(seed))


def variance_scaling_cases():
    fans = {"fan_in": SHAPE[0], "fan_out": SHAPE[1], "fan_avg": sum(SHAPE) / 2}
    for mode, fan in fans.items():
        for distribution in ("normal", "truncated_normal", "uniform"):
            yield initializers.variance_scaling(3.0, mode, distribution), math.sqrt(3 / fan), distribution


FAN_IN, FAN_SUM = SHAPE[0], sum(SHAPE)
# (초기화, 공식이 말하는 표준편차, 분포)
RANDOM = [
    (initializers.normal(0.02), 0.02, "normal"),
    (initializers.uniform(0.3), 0.3 / math.sqrt(3), "uniform"),
    (initializers.truncated_normal(0.02), 0.02, "truncated_normal"),
    (initializers.lecun_normal(), math.sqrt(1 / FAN_IN), "normal"),
    (initializers.lecun_uniform(), math.sqrt(1 / FAN_IN), "uniform"),
    (initializers.xavier_normal(), math.sqrt(2 / FAN_SUM), "normal"),
    (initializers.xavier_uniform(), math.sqrt(2 / FAN_SUM), "uniform"),
    (initializers.he_normal(), math.sqrt(2 / FAN_IN), "normal"),
    (initializers.he_uniform(), math.sqrt(2 / FAN_IN), "uniform"),
    *variance_scaling_cases(),
]
RANDOM_IDS = [f"{i}-{case[0].name}" for i, case in enumerate(RANDOM)]


def truncated_kurtosis():
    z = np.linspace(-2, 2, 100_001)
    density = np.exp(-(z**2) / 2)
    density /= density.sum()
    return float(density @ z**4 / (density @ z**2) ** 2)


KURTOSIS = {"normal": 3.0, "uniform": 9 / 5, "truncated_normal": truncated_kurtosis()}


@pytest.mark.parametrize(("init", "std", "distribution"), RANDOM, ids=RANDOM_IDS)
def test_random_initializer_follows_its_formula(init, std, distribution):
    weights = draw(init)
    assert weights.shape == SHAPE
    assert weights.dtype == np.float32
    assert abs(weights.mean(dtype=np.float64)) < 5 * std / math.sqrt(N)
    assert weights.std(dtype=np.float64) == pytest.approx(std, rel=STD_TOLERANCE)


@pytest.mark.parametrize(("init", "std", "distribution"), RANDOM, ids=RANDOM_IDS)
def test_random_initializer_has_the_named_distribution(init, std, distribution):
    # 분산만 재면 세 분포를 구별하지 못하므로 첨도와 끝값을 봅니다. 정규분포에서 첨도의 표준오차는 √(24/N)입니다.
    standardised = draw(init).astype(np.float64) / std
    kurtosis = np.mean(standardised**4) / np.mean(standardised**2) ** 2
    assert kurtosis == pytest.approx(KURTOSIS[distribution], abs=5 * math.sqrt(24 / N))
    largest = np.abs(standardised).max()
    # 15만 번 뽑으면 균등분포의 최댓값은 한계의 0.1 % 안에, 정규분포의 최댓값은 4σ 근처에 있습니다.
    low, high = {
        "normal": (3.5, 6.5),
        "uniform": (math.sqrt(3) * 0.999, math.sqrt(3) * (1 + 1e-6)),
        "truncated_normal": (2 / sampling.TRUNCATED_STD * 0.999, 2 / sampling.TRUNCATED_STD * (1 + 1e-6)),
    }[distribution]
    assert low <= largest <= high


def test_truncated_std_matches_its_closed_form():
    # √(1 − 4φ(2) / (2Φ(2) − 1)). JAX와 Keras가 나누는 0.8796과 같은 수입니다.
    density, inside = math.exp(-2) / math.sqrt(2 * math.pi), math.erf(math.sqrt(2))
    assert pytest.approx(math.sqrt(1 - 4 * density / inside), rel=1e-12) == sampling.TRUNCATED_STD
    assert pytest.approx(0.87962566, abs=5e-9) == sampling.TRUNCATED_STD


def test_truncation_is_corrected_after_cutting():
    # 보정을 빠뜨리면 표준편차가 12 % 작아집니다. 이 허용 오차(0.9 %)로 구별됩니다.
    weights = draw(initializers.truncated_normal(1.0))
    assert weights.std(dtype=np.float64) == pytest.approx(1, rel=STD_TOLERANCE)
    assert 5 * STD_TOLERANCE < 0.12


def test_torch_default_is_a_special_case():
    # nn.Linear의 기본값 U(±1/√fan_in)은 분산이 1/(3·fan_in)입니다.
    weights = draw(initializers.variance_scaling(1 / 3, "fan_in", "uniform"))
    assert np.abs(weights).max() == pytest.approx(1 / math.sqrt(FAN_IN), rel=1e-3)


@pytest.mark.parametrize("value", [0.0, 1.0, -2.5])
def test_constant(value):
    weights = draw(initializers.constant(value), (3, 4))
    assert weights.dtype == np.float32
    np.testing.assert_array_equal(weights, np.full((3, 4), value))


def test_zeros_and_zero_scales_give_exact_zeros():
    for init in (
        initializers.zeros(),
        initializers.constant(-0.0),
        initializers.normal(0),
        initializers.normal(1e-60),
        initializers.uniform(0),
        initializers.variance_scaling(0),
        initializers.orthogonal(0),
        initializers.identity(0),
        initializers.sparse(std=0),
    ):
        weights = draw(init, (4, 5))
        assert not weights.any()
        assert not np.signbit(weights).any()


@pytest.mark.parametrize("name", ["sparse", "sparse_fraction", "identity"])
def test_cut_connections_are_positive_zeros(name):
    weights = draw(initializers.get(name), (40, 50))
    assert not np.signbit(weights[weights == 0]).any()


class Extreme(np.random.Generator):
    """언제나 분포의 끝을 뽑습니다. 2²⁴번에 한 번 나오는 값이라 시드로는 만나기 어렵습니다."""

    def random(self, size=None, dtype=np.float64):
        return np.zeros(size, dtype)

    def standard_normal(self, size=None, dtype=np.float64):
        return np.full(size, 2, dtype)


@pytest.mark.parametrize("limit", [0.3, 0.5, 1 / 3, 0.7071, 1e-3, 123.4])
def test_draws_never_pass_the_end_of_their_distribution(limit):
    """float32로 곱하며 반올림된 값도 한계를 넘지 않고, 한계와 반올림 오차만큼만 다릅니다."""
    rng, end = Extreme(np.random.PCG64(0)), 2 / sampling.TRUNCATED_STD
    cases = [
        (initializers.uniform(limit), limit),
        (initializers.truncated_normal(limit), end * limit),
        (initializers.variance_scaling(limit, "fan_in", "uniform"), math.sqrt(3 * limit / 7)),
        (initializers.variance_scaling(limit, "fan_avg", "truncated_normal"), end * math.sqrt(limit / 5)),
    ]
    for init, bound in cases:
        largest = float(np.abs(init((7, 3), rng=rng)).max())
        assert bound * (1 - 3e-7) < largest <= bound * (1 + 1e-15)


def test_weights_that_do_not_fit_in_memory_are_refused_in_words():
    for name in ("normal", "zeros", "orthogonal", "sparse", "identity"):
        with pytest.raises(MemoryError, match=r"`shape`에는 메모리에 담기는 크기만"):
            draw(initializers.get(name), (10**9, 10**9))
    with pytest.raises(ValueError, match=r"`shape\[1\]`에는 1 이상 1,000,000,000 이하의 정수만"):
        draw(initializers.normal(), (3, 10**30))


EVERY = [*(initializers.get(name) for name in initializers.INITIALIZERS), *(case[0] for case in RANDOM)]


@pytest.mark.parametrize("init", EVERY, ids=[f"{i}-{init.name}" for i, init in enumerate(EVERY)])
def test_pickle_round_trip(init):
    again = pickle.loads(pickle.dumps(init))
    assert again.name == init.name
    np.testing.assert_array_equal(draw(again, (6, 7)), draw(init, (6, 7)))


def test_drawing_in_another_process():
    """새로 뜬 프로세스에서 뽑아도 같은 값입니다."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        for init, drawn in zip(EVERY, pool.map(draw, EVERY)):
            np.testing.assert_array_equal(drawn, draw(init))


FAMILIES = {
    "normal": [
        (initializers.normal(1), 1),
        (initializers.normal(0.01), 0.01),
        (initializers.lecun_normal(), math.sqrt(1 / FAN_IN)),
        (initializers.xavier_normal(), math.sqrt(2 / FAN_SUM)),
        (initializers.he_normal(), math.sqrt(2 / FAN_IN)),
    ],
    "uniform": [
        (initializers.uniform(1), 1),
        (initializers.uniform(0.01), 0.01),
        (initializers.lecun_uniform(), math.sqrt(3 / FAN_IN)),
        (initializers.xavier_uniform(), math.sqrt(6 / FAN_SUM)),
        (initializers.he_uniform(), math.sqrt(6 / FAN_IN)),
    ],
    "truncated_normal": [
        (initializers.truncated_normal(1), 1),
        (initializers.truncated_normal(0.01), 0.01),
        (initializers.variance_scaling(2, "fan_out", "truncated_normal"), math.sqrt(2 / SHAPE[1])),
    ],
    "orthogonal": [(initializers.orthogonal(), 1), (initializers.orthogonal(0.5), 0.5)],
    "sparse": [(initializers.sparse(std=1), 1), (initializers.sparse(std=0.3), 0.3)],
    "sparse_fraction": [(initializers.sparse_fraction(std=1), 1), (initializers.sparse_fraction(std=0.3), 0.3)],
}


@pytest.mark.parametrize("family", FAMILIES)
def test_same_seed_is_the_same_draw_at_another_scale(family):
    # 초깃값의 크기를 비교하는 장에서 난수의 운이 섞이지 않아야 합니다.
    (unit, _), *others = FAMILIES[family]
    expected = draw(unit)
    for init, scale in others:
        np.testing.assert_allclose(draw(init), scale * expected.astype(np.float64), rtol=2e-6, atol=1e-9 * scale)


@pytest.mark.parametrize("init", [case[0] for case in RANDOM], ids=RANDOM_IDS)
def test_only_the_seed_decides(init):
    np.testing.assert_array_equal(draw(init, (20, 30)), draw(init, (20, 30)))
    assert not np.array_equal(draw(init, (20, 30)), draw(init, (20, 30), seed=1))
    # 같은 rng를 이어 쓰면 다음 층은 다른 난수여야 합니다.
    rng = np.random.default_rng(0)
    assert not np.array_equal(init((20, 30), rng=rng), init((20, 30), rng=rng))


@pytest.mark.parametrize("shape", [(50, 20), (20, 50), (30, 30), (1, 5), (5, 1), (1, 1)])
@pytest.mark.parametrize("gain", [1.0, 1.7])
def test_orthogonal_short_side_is_orthonormal(shape, gain):
    weights = draw(initializers.orthogonal(gain), shape).astype(np.float64)
    assert weights.shape == shape
    gram = weights.T @ weights if shape[0] >= shape[1] else weights @ weights.T
    np.testing.assert_allclose(gram, gain**2 * np.eye(min(shape)), atol=1e-5)


def test_orthogonal_is_uniform_over_rotations():
    # QR의 부호를 맞추지 않으면 LAPACK은 첫 성분을 늘 음수로 돌려줍니다. 균등하면 평균 0, 분산 1/n입니다.
    rng, init, n, draws = np.random.default_rng(0), initializers.orthogonal(), 3, 1000
    first = [init((n, n), rng=rng)[0, 0] for _ in range(draws)]
    assert abs(np.mean(first)) < 5 / math.sqrt(n * draws)
    assert np.mean(np.square(first)) == pytest.approx(1 / n, abs=5 / math.sqrt(draws) / n)


@pytest.mark.parametrize("shape", [(2, 3), (3, 2), (4, 4)])
def test_identity(shape):
    np.testing.assert_array_equal(draw(initializers.identity(2.0), shape), 2 * np.eye(*shape))
    # 입력 앞쪽 성분이 그대로(gain배로) 나와야 항등 사상입니다.
    x, n = np.arange(1.0, 1 + shape[0]), min(shape)
    np.testing.assert_array_equal((x @ draw(initializers.identity(), shape))[:n], x[:n])


@pytest.mark.parametrize(("connections", "expected"), [(15, 15), (1, 1), (500, 300)])
def test_martens_sparse_counts_incoming_weights(connections, expected):
    # 들어오는 연결의 수는 열(유닛)마다 정확히 같고, fan_in보다 많이 이을 수는 없습니다.
    weights = draw(initializers.sparse(connections, std=0.5))
    assert set((weights != 0).sum(axis=0)) == {expected}
    kept = weights[weights != 0].astype(np.float64)
    assert kept.std() == pytest.approx(0.5, rel=5 / math.sqrt(2 * kept.size))


@pytest.mark.parametrize(("sparsity", "zeros"), [(0.1, 50), (0.9, 450), (0.001, 1), (0.0, 0), (1.0, 500)])
def test_framework_sparse_counts_outgoing_weights(sparsity, zeros):
    # PyTorch sparse_는 입력 유닛(여기서는 행)마다 나가는 가중치의 비율(올림)을 0으로 둡니다.
    weights = draw(initializers.sparse_fraction(sparsity, std=0.5))
    assert set((weights == 0).sum(axis=1)) == {zeros}
    kept = weights[weights != 0].astype(np.float64)
    if kept.size:
        assert kept.std() == pytest.approx(0.5, rel=5 / math.sqrt(2 * kept.size))


def test_the_two_sparse_definitions_differ():
    martens, framework = draw(initializers.sparse(30)), draw(initializers.sparse_fraction(0.9))
    assert len(set((martens != 0).sum(axis=1))) > 1
    assert len(set((framework != 0).sum(axis=0))) > 1


def test_sparse_connects_every_input_equally_often():
    # 어느 입력이 뽑힐지 고르지 않으면 어떤 입력은 쓰이지 않습니다. 이항분포의 표준편차로 견줍니다.
    chosen = (draw(initializers.sparse(30), (100, 4000)) != 0).sum(axis=1)
    expected, deviation = 4000 * 0.3, math.sqrt(4000 * 0.3 * 0.7)
    assert np.abs(chosen - expected).max() < 5 * deviation


@pytest.mark.parametrize("distribution", ["normal", "uniform"])
@pytest.mark.parametrize(("alias", "name"), [("glorot", "xavier"), ("kaiming", "he")])
def test_aliases(alias, name, distribution):
    np.testing.assert_array_equal(
        draw(initializers.get(f"{alias}_{distribution}"), (8, 9)),
        draw(initializers.get(f"{name}_{distribution}"), (8, 9)),
    )


KERNEL = (3, 3, 4, 8)


@pytest.mark.parametrize(("mode", "fan"), [("fan_in", 36), ("fan_out", 72), ("fan_avg", 54)])
def test_fans_of_a_kernel_count_its_taps(mode, fan):
    assert initializers.fans(KERNEL) == (36, 72)
    drawn = draw(initializers.variance_scaling(2.0, mode, "uniform"), (3, 3, 40, 80))
    assert drawn.shape == (3, 3, 40, 80)
    assert drawn.std() == pytest.approx(np.sqrt(2 / (10 * fan)), rel=0.01)


@pytest.mark.parametrize("name", ["orthogonal", "sparse", "sparse_fraction"])
def test_structured_kernels_are_their_matrix_folded(name):
    init = initializers.get(name)
    np.testing.assert_array_equal(draw(init, KERNEL), draw(init, (36, 8)).reshape(KERNEL))


@pytest.mark.parametrize(
    ("central", "plain"),
    [
        (initializers.delta_orthogonal(1.5), initializers.orthogonal(1.5)),
        (initializers.dirac(1.5), initializers.identity(1.5)),
        (initializers.identity(1.5), initializers.dirac(1.5)),
    ],
)
def test_central_kernels_are_their_matrix_in_the_middle(central, plain):
    for window, middle in (((3, 3), (1, 1)), ((1, 5), (0, 2)), ((2, 4), (1, 2))):
        kernel = draw(central, (*window, 4, 8))
        np.testing.assert_array_equal(kernel[middle], draw(plain, (4, 8)))
        kernel[middle] = 0
        assert not kernel.any()
    np.testing.assert_array_equal(draw(central, (4, 8)), draw(plain, (4, 8)))


@pytest.mark.parametrize("shape", [(3,), (3, 3, 4), (1, 2, 3, 4, 5)])
def test_a_shape_is_a_matrix_or_a_kernel(shape):
    for ask in (initializers.fans, lambda s: draw(initializers.normal(), s)):
        with pytest.raises(ValueError, match=r"`shape`에는"):
            ask(shape)


@pytest.mark.parametrize("name", initializers.INITIALIZERS)
def test_get_knows_every_name(name):
    weights = draw(initializers.get(name), (6, 7))
    assert weights.shape == (6, 7)
    assert weights.dtype == np.float32
    np.testing.assert_array_equal(weights, draw(getattr(initializers, name)(), (6, 7)))


def public_makers():
    """초기화를 만드는 공개 함수. get은 이름에서 얻기만 합니다."""
    functions = (value for module in (initializers, structured) for value in vars(module).values() if isfunction(value))
    makers = {f.__name__: f for f in functions if f.__module__ in (initializers.__name__, structured.__name__)}
    return {name: maker for name, maker in makers.items() if not name.startswith("_") and name != "get"}


def test_every_maker_can_be_had_by_its_name():
    """INITIALIZERS에 없는 것은 이름만으로는 정해지지 않는 둘뿐입니다."""
    assert public_makers().keys() - initializers.INITIALIZERS.keys() == {"constant", "variance_scaling"}


def test_every_maker_is_tested_here():
    """새 초기화 함수의 공식은 이 파일에서 시험합니다."""
    tested = set(re.findall(r"initializers\.(\w+)\(", Path(__file__).read_text(encoding="utf-8")))
    assert public_makers().keys() - tested == set()


def test_get_names_follow_the_design():
    promised = {f"{family}_{kind}" for family in ("lecun", "xavier", "he") for kind in ("normal", "uniform")}
    assert promised | {"zeros", "normal", "uniform", "truncated_normal", "orthogonal", "identity", "sparse"} <= set(
        initializers.INITIALIZERS
    )


def test_get_unknown_name_lists_the_known_ones_and_repeats_what_came():
    # 별명을 풀어 쓴 뒤의 이름을 "받은 값"이라고 하면 무엇을 잘못 적었는지 알 수 없습니다.
    with pytest.raises(ValueError, match="받은 값: 'kaiming_norml'") as caught:
        initializers.get("kaiming_norml")
    assert all(name in str(caught.value) for name in initializers.INITIALIZERS)


def test_get_passes_callables_through():
    init = initializers.normal(0.5)
    assert initializers.get(init) is init
    assert initializers.get(np.ones) is np.ones


def test_names_tell_the_settings():
    assert "std=0.05" in repr(initializers.normal(0.05))
    assert initializers.get("he_normal").name == initializers.variance_scaling(2.0, "fan_in", "normal").name


SCALED = [
    (name, key)
    for name, maker in initializers.INITIALIZERS.items()
    for key in signature(maker).parameters
    if key in ("std", "limit", "gain")
]


@pytest.mark.parametrize(("name", "key"), SCALED)
def test_scale_is_apart_from_the_draw(name, key):
    """같은 시드에서 크기만 바꾸면 같은 난수를 곱한 것이고, 크기가 0이면 0입니다."""
    maker = initializers.INITIALIZERS[name]
    unit = draw(maker(**{key: 1.0})).astype(np.float64)
    for scale in (0.0, 0.3):
        np.testing.assert_allclose(draw(maker(**{key: scale})), scale * unit, rtol=2e-6, atol=1e-9 * scale)
