"""7장의 주장. 저장된 결과로 확인하고, 그 결과의 일부는 다시 학습시켜 확인합니다."""

import json
from pathlib import Path

import numpy as np
import pytest

import wi_lib
from wi_lib import activations, datasets, initializers, signals, theory

ROOT = Path(__file__).parents[2]

ABOUT = json.loads((ROOT / "chapters/data/matching.json").read_text(encoding="utf-8"))
with np.load(ROOT / "chapters/data/matching.npz") as stored:
    RESULTS = dict(stored)
RATES = np.array(ABOUT["axes"]["learning_rate"])
FUNCTIONS, NAMES = ABOUT["axes"]["activation"], ABOUT["axes"]["initializer"]
SIGMOID, TANH, RELU, LEAKY, SELU = range(5)
SMALL, ONE, LECUN, XAVIER, HE, GLOROT4, ORTHOGONAL = range(7)
TIED = [LECUN, XAVIER, HE, ORTHOGONAL]

ACCURACY = RESULTS["accuracy"]
MEAN = ACCURACY.mean(axis=-1)
BEST = np.nanargmax(MEAN, axis=-1)
CHOSEN = np.take_along_axis(ACCURACY, BEST[..., None, None], axis=2)[:, :, 0]
SCORE = CHOSEN.mean(axis=-1)
COMMON = np.isin(RATES, ABOUT["common_rates"])
BACKWARD = RESULTS["backward"].mean(axis=-1)

MAKERS = {
    SMALL: initializers.normal(0.01),
    ONE: initializers.normal(1.0),
    LECUN: initializers.lecun_normal(),
    XAVIER: initializers.xavier_normal(),
    HE: initializers.he_normal(),
    GLOROT4: initializers.variance_scaling(16, "fan_avg", "uniform"),
    ORTHOGONAL: initializers.orthogonal(),
}


def at(rate):
    return int(np.flatnonzero(rate == RATES)[0])


def flow(activation, initializer, seed, x=None):
    """페이지처럼 MNIST와 제곱 평균이 같은 정규분포를 흘린 결과."""
    if x is None:
        x = np.random.default_rng([seed, 7]).standard_normal((100, 784)) * np.sqrt(0.11)
    rng = np.random.default_rng([seed, 0])
    return wi_lib.propagate(x, 4, 100, FUNCTIONS[activation], MAKERS[initializer], rng=rng, dtype=np.float64)


def ratio(s):
    return signals.rms(s.deltas[0]) / signals.rms(s.deltas[-1])


def flat(s):
    return np.mean([s.activation.saturated(a) for a in s.activations])


def ranks(values):
    ordered = np.sort(values)
    return np.searchsorted(ordered, values, "left") + np.searchsorted(ordered, values, "right")


def agreement(a, b):
    return np.corrcoef(ranks(np.ravel(a)), ranks(np.ravel(b)))[0, 1]


def overlaps(a, b):
    """두 칸의 시드 폭이 겹치는지."""
    return CHOSEN[a].max() >= CHOSEN[b].min() and CHOSEN[b].max() >= CHOSEN[a].min()


@pytest.fixture(scope="module")
def mnist():
    try:
        return datasets.load_mnist()
    except datasets.DatasetError:
        pytest.skip("MNIST가 없습니다. WI_LIB_DATA_DIR에 원본 파일을 둔 폴더를 적으면 이 시험도 돕니다.")


def test_results_cover_the_grid_the_chapter_describes():
    """서른다섯 칸, 학습률 여덟과 시드 셋. 표준편차 1은 0.00001까지, sigmoid는 2, 5, 10을 더해 모두 963번입니다."""
    from experiments import matching

    assert ACCURACY.shape == (5, 7, len(RATES), 3)
    assert ABOUT["common_rates"] == [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0]
    tried = [(f, i, r) for f in FUNCTIONS for i in NAMES for r in matching.rates_of(f, i)]
    assert 3 * len(tried) == 963
    for f, name in enumerate(FUNCTIONS):
        for i, init in enumerate(NAMES):
            left_out = ~np.isin(RATES, matching.rates_of(name, init))
            assert np.isnan(ACCURACY[f, i, left_out]).all()


@pytest.mark.parametrize(("activation", "initializer", "rate"), [(SIGMOID, GLOROT4, 1.0), (TANH, HE, 0.1)])
def test_stored_results_are_rederived(mnist, activation, initializer, rate):
    """저장된 결과의 표본을 다시 만듭니다. 끝자리의 차이가 800걸음 동안 커지므로 정확도는 1 %p까지 봅니다."""
    from experiments import matching

    result = matching.run(FUNCTIONS[activation], NAMES[initializer], rate, 0)
    assert result["accuracy"] == pytest.approx(ACCURACY[activation, initializer, at(rate), 0], abs=0.01)


@pytest.mark.parametrize(("activation", "initializer"), [(SIGMOID, XAVIER), (TANH, ONE), (SELU, ORTHOGONAL)])
def test_stored_signals_are_rederived(mnist, activation, initializer):
    from experiments import matching

    back, saturated, dead = matching.before_training(FUNCTIONS[activation], NAMES[initializer], 1)
    cell = activation, initializer, 1
    assert back == pytest.approx(RESULTS["backward"][cell], rel=1e-3)
    assert saturated == pytest.approx(RESULTS["saturated"][cell], abs=2e-3)
    assert dead == pytest.approx(RESULTS["dead"][cell], abs=0.011)


def test_three_initializers_have_the_same_size():
    """은닉층 사이에서 LeCun, Xavier, 직교의 표준편차는 0.1이고, 직교는 첫 층에서도 LeCun과 같습니다."""
    for shape, names in (((100, 100), (LECUN, XAVIER, ORTHOGONAL)), ((784, 100), (LECUN, ORTHOGONAL))):
        stds = [MAKERS[i](shape, rng=np.random.default_rng(5)).std() for i in names]
        assert stds == pytest.approx([1 / np.sqrt(shape[0])] * len(names), rel=0.03)
    assert MAKERS[XAVIER]((784, 100), rng=np.random.default_rng(5)).std() > 1.2 / 28


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_signals_of_lecun_follow_the_theory(seed):
    """LeCun에서 sigmoid는 0.014배, ReLU와 leaky는 0.35배, tanh는 0.8배로 줄고 SELU는 1.7배로 커집니다."""
    expected = {SIGMOID: 0.014, TANH: 0.79, RELU: 0.35, LEAKY: 0.35, SELU: 1.7}
    stds = [np.sqrt(1 / n) for n in (784, 100, 100, 100)]
    for f, value in expected.items():
        line = theory.predict([784, *[100] * 4], stds, FUNCTIONS[f], 0.11).delta_rms
        assert line[0] / line[-1] == pytest.approx(value, rel=0.03)
        assert ratio(flow(f, LECUN, seed)) == pytest.approx(value, rel=0.1)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_gaussian_input_stands_in_for_mnist(seed):
    """제곱 평균이 같은 정규분포로 재어도, MNIST로 잰 역전파의 배수와 1.25배 안에서 같습니다(추첨이 같을 때)."""
    for f in range(5):
        for i in range(7):
            assert abs(np.log(ratio(flow(f, i, seed)) / RESULTS["backward"][f, i, seed])) < np.log(1.25)


def test_almost_no_unit_is_dead():
    """MNIST 1,000장 모두에 꺼진 유닛은 어느 칸에서도 2 %를 넘지 않습니다."""
    assert RESULTS["dead"].mean(axis=(2, 3)).max() < 0.02


def test_half_of_relu_is_off_at_any_scale():
    """ReLU와 leaky의 포화는 초기화와 무관하게 50 % 언저리입니다."""
    assert RESULTS["saturated"][[RELU, LEAKY]].mean(axis=(2, 3)) == pytest.approx(0.5, abs=0.02)


def test_small_std_is_the_darkest_row_except_for_selu():
    assert (SCORE[:SELU, SMALL] < 0.25).all()
    assert SCORE[SELU, SMALL] == pytest.approx(0.68, abs=0.005)
    assert (SCORE.argmin(axis=1)[[TANH, RELU, LEAKY]] == SMALL).all()
    assert SCORE.argmin() // 7 in (RELU, LEAKY)
    # SELU는 작은 신호를 키우므로 같은 0.01에서도 ReLU의 여덟 배쯤이 돌아옵니다.
    assert BACKWARD[SELU, SMALL] / BACKWARD[RELU, SMALL] == pytest.approx(8, rel=0.1)


def test_std_one_is_better_than_its_name():
    """표준편차 1: sigmoid에서 88 %로 Xavier의 56 %를 앞서고, ReLU도 학습률 0.0001에서 76 %, tanh는 52 %입니다."""
    assert SCORE[SIGMOID, [ONE, XAVIER]] == pytest.approx([0.88, 0.56], abs=0.005)
    assert CHOSEN[SIGMOID, ONE].min() > CHOSEN[SIGMOID, XAVIER].max()
    assert SCORE[[RELU, TANH, SELU], ONE] == pytest.approx([0.76, 0.52, 0.77], abs=0.005)
    assert RATES[BEST[RELU, ONE]] == pytest.approx(1e-4)
    assert np.isnan(MEAN[RELU, ONE, RATES >= 0.003]).all()


def test_sigmoid_belongs_to_four_glorot_not_xavier():
    """4 × Glorot 93 %, 표준편차 1 88 %, He 86 %, Xavier 56 %. 시드의 폭은 4 × Glorot과 나머지가 겹치지 않습니다."""
    row = SCORE[SIGMOID]
    assert row[[GLOROT4, ONE, HE, XAVIER]] == pytest.approx([0.93, 0.88, 0.86, 0.56], abs=0.006)
    others = [i for i in range(7) if i != GLOROT4]
    assert CHOSEN[SIGMOID, GLOROT4].min() > CHOSEN[SIGMOID, others].max()
    assert np.ptp(CHOSEN[SIGMOID, GLOROT4]) < 0.02
    assert row[GLOROT4] - row[others].max() > 2 * np.ptp(CHOSEN[SIGMOID, [GLOROT4, ONE]], axis=-1).max()
    assert [CHOSEN[SIGMOID, XAVIER].min(), CHOSEN[SIGMOID, XAVIER].max()] == pytest.approx([0.30, 0.73], abs=0.005)


def test_best_rates_are_inside_the_measured_grid():
    """10배 밖의 작은 신호로 아무것도 배우지 못한 0.01의 줄을 빼면, 가장 좋은 학습률은 잰 격자의 안쪽에 있습니다."""
    from experiments import matching

    for f, name in enumerate(FUNCTIONS):
        for i, init in enumerate(NAMES):
            if i != SMALL:
                tried = matching.rates_of(name, init)
                assert tried[0] < RATES[BEST[f, i]] < tried[-1]


@pytest.mark.parametrize(
    ("c", "still", "moving"), [(1, 0.062, 0.056), (2, 0.125, 0.1), (16, 1, 0.4), (100, 6.25, 0.99)]
)
def test_sixteen_keeps_the_signal_only_at_zero(c, still, moving):
    """가중합이 0이면 c = 16에서 χ = 1이지만, 실제로는 q가 커져 0.4입니다. χ가 1인 곳은 c = 100 언저리입니다."""
    q = 1.0
    for _ in range(30):
        q = theory.next_variance(q, "sigmoid", c)
    assert theory.chi(0.0, "sigmoid", c) == pytest.approx(still, rel=0.02)
    assert theory.chi(q, "sigmoid", c) == pytest.approx(moving, rel=0.03)
    if c == 16:
        assert q == pytest.approx(5.9, abs=0.05)


def test_no_scale_gives_sigmoid_both():
    """χ가 0.9를 넘는 c에서는 포화가 40 %를 넘습니다: 둘을 함께 주는 c가 없습니다."""
    sigmoid, z = activations.get("sigmoid"), np.random.default_rng(3).standard_normal(50_000)
    seen = 0
    for c in 2 ** np.arange(0, 10.1, 0.5):
        q = 1.0
        for _ in range(30):
            q = theory.next_variance(q, "sigmoid", c)
        if theory.chi(q, "sigmoid", c) > 0.9:
            seen += 1
            assert sigmoid.saturated(sigmoid(np.sqrt(q) * z)) > 0.4
    assert seen


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_four_glorot_is_the_compromise(seed):
    """4 × Glorot: 0.3배와 포화 5 %. 표준편차 1: 0.8배와 절반의 포화. Xavier와 He는 포화가 없고 0.013배와 0.034배."""
    measured = {i: flow(SIGMOID, i, seed) for i in (XAVIER, HE, GLOROT4, ONE)}
    backs = [ratio(s) for s in measured.values()]
    assert backs == pytest.approx([0.0132, 0.0338, 0.30, 0.82], rel=0.1)
    assert [flat(s) for s in measured.values()] == pytest.approx([0, 0, 0.05, 0.53], abs=0.02)


def test_numbers_of_the_page_draw():
    """페이지의 추첨(시드 0)에서 실험의 문장이 말하는 수."""
    x = np.random.default_rng(0).standard_normal((100, 784)) * np.sqrt(0.11)
    backs = {
        (RELU, SMALL): 3.6e-4,
        (SELU, SMALL): 0.0028,
        (TANH, XAVIER): 0.70,
        (TANH, HE): 1.6,
        (SELU, LECUN): 1.7,
        (SELU, HE): 3.6,
        (RELU, GLOROT4): 21,
    }
    for (f, i), expected in backs.items():
        assert float(f"{ratio(flow(f, i, 0, x)):.2g}") == pytest.approx(expected)
    shares = [flat(flow(f, i, 0, x)) for f, i in ((SIGMOID, ONE), (TANH, ONE), (SIGMOID, GLOROT4))]
    assert shares == pytest.approx([0.54, 0.82, 0.05], abs=0.005)


def test_wider_grid_does_not_save_xavier_on_sigmoid():
    """sigmoid와 Xavier는 2에서 56 %로 3보다 조금 낫고, 5부터는 20 % 아래로 무너집니다."""
    row = MEAN[SIGMOID, XAVIER]
    assert row[at(2)] == row[~np.isnan(row)].max()
    assert 0 < row[at(2)] - row[at(3)] < 0.05
    assert (row[RATES >= 5] < 0.2).all()


def test_a_small_rate_does_not_save_a_saturated_tanh():
    """tanh와 표준편차 1은 학습률을 0.00001까지 낮추어도 52 %를 넘지 못하고, SELU는 0.0001에서 77 %입니다."""
    assert RATES[~np.isnan(MEAN[TANH, ONE])].min() == pytest.approx(1e-5)
    assert np.nanmax(MEAN[TANH, ONE, RATES < 0.1]) < 0.45
    assert RATES[BEST[SELU, ONE]] == pytest.approx(1e-4)


def test_four_initializers_cannot_be_told_apart():
    """sigmoid를 뺀 네 함수에서 1등과 폭이 겹치는 것은 LeCun, Xavier, He, 직교이고, 그 밖은 91 %가 가장 높습니다."""
    for f in (TANH, RELU, LEAKY, SELU):
        top = SCORE[f].argmax()
        assert [i for i in range(7) if overlaps((f, i), (f, top))] == TIED
        assert 0.93 < SCORE[f, TIED].min() <= SCORE[f, TIED].max() < 0.955
        assert np.delete(SCORE[f], TIED).max() < 0.915
    assert SCORE[SELU].argmax() == XAVIER
    assert SCORE[TANH, GLOROT4] == pytest.approx(0.91, abs=0.005)


def test_he_is_ahead_of_xavier_on_tanh_at_one_rate_only():
    """tanh: 학습률 0.1에서는 시드 셋 모두 갈리지만, 0.3에서는 폭이 겹칩니다. 신호는 Xavier 0.71배, He 1.6배."""
    he, xavier = ACCURACY[TANH, HE], ACCURACY[TANH, XAVIER]
    assert he[at(0.1)].min() > xavier[at(0.1)].max()
    assert he[at(0.3)].min() < xavier[at(0.3)].max()
    assert BACKWARD[TANH, [XAVIER, HE]] == pytest.approx([0.71, 1.6], rel=0.02)
    assert RESULTS["saturated"][TANH, [XAVIER, HE]].max() < 0.005


def test_he_diverges_first_on_selu():
    """SELU: 학습률 0.1에서 He는 모두 발산하고, 가장 좋은 학습률은 LeCun 0.1, He 0.03입니다."""
    assert np.isnan(ACCURACY[SELU, HE, at(0.1)]).all()
    assert ACCURACY[SELU, LECUN, at(0.1)].min() > 0.9
    assert RATES[BEST[SELU, [LECUN, HE]]] == pytest.approx([0.1, 0.03])
    assert BACKWARD[SELU, [LECUN, HE]] == pytest.approx([1.7, 3.6], rel=0.03)


def test_only_one_advised_pair_wins_alone():
    """권하는 여섯 짝 가운데 혼자 1등은 하나, 공동 1등은 넷, 틀린 것은 하나(sigmoid와 Xavier)입니다."""
    advised = [(SIGMOID, XAVIER), (TANH, XAVIER), (SIGMOID, GLOROT4), (RELU, HE), (LEAKY, HE), (SELU, LECUN)]
    alone = shared = 0
    for f, i in advised:
        top = SCORE[f].argmax()
        rivals = sum(overlaps((f, other), (f, top)) for other in range(7))
        if overlaps((f, i), (f, top)):
            alone, shared = alone + (rivals == 1), shared + (rivals > 1)
    assert (alone, shared) == (1, 4)


def test_chance_that_three_seeds_separate():
    """똑같이 좋은 두 칸이 우연히 완전히 갈릴 확률은 1/10입니다."""
    draws = np.random.default_rng(0).random((20_000, 2, 3))
    low, high = draws.min(axis=-1), draws.max(axis=-1)
    apart = (low[:, 0] > high[:, 1]) | (low[:, 1] > high[:, 0])
    assert apart.mean() == pytest.approx(0.1, abs=0.01)


def test_he_works_at_one_more_rate_on_relu_and_tanh():
    """1등과 5 %p 안에 드는 학습률: ReLU, leaky, tanh는 He 넷과 나머지 셋, SELU는 모두 셋, sigmoid는 4 × Glorot 셋."""
    first = SCORE.max(axis=1)[:, None, None]
    wide = (MEAN[..., COMMON] >= first - 0.05).sum(axis=-1)
    assert (wide[[TANH, RELU, LEAKY]][:, TIED] == [3, 3, 4, 3]).all()
    assert (wide[SELU, TIED] == 3).all()
    assert wide[SIGMOID].tolist() == [0, 0, 0, 0, 0, 3, 0]
    assert (wide[[RELU, LEAKY, SELU], GLOROT4] == 0).all()
    assert np.isnan(MEAN[RELU, GLOROT4][COMMON][3:]).all()
    assert not np.isnan(MEAN[RELU, GLOROT4][COMMON][:3]).any()


def test_seeds_move_accuracy_by_a_percent():
    """시드만 바꾸어도 가장 좋은 칸의 정확도가 1 %p쯤 흔들립니다."""
    assert 0.005 < np.median(np.ptp(CHOSEN[TANH:][:, TIED], axis=-1)) < 0.02


def test_distance_from_one_ranks_the_cells_but_not_the_winners():
    """배수와의 순위상관 0.20, 1에서 먼 정도와는 −0.81. 10배 안의 19칸끼리는 −0.02로 순위를 매기지 못합니다."""
    far = np.abs(np.log10(BACKWARD))
    assert agreement(BACKWARD, SCORE) == pytest.approx(0.20, abs=0.01)
    assert agreement(far, SCORE) == pytest.approx(-0.81, abs=0.01)
    inside = far < 1
    assert inside.sum() == 19
    assert agreement(far[inside], SCORE[inside]) == pytest.approx(-0.02, abs=0.01)
    assert SCORE[inside].min() > 0.88 > SCORE[~inside].max()
    # 경계의 두 칸은 시드의 폭이 겹칩니다.
    assert CHOSEN[SIGMOID, ONE].min() < CHOSEN[SELU, GLOROT4].max()


def test_counter_examples():
    """tanh, 1은 13배에 52 %(포화 82 %), SELU, 1은 440배에 77 %. SELU, 0.01은 0.003배인데 sigmoid, Xavier와 겹칩니다."""
    assert BACKWARD[[TANH, SELU], ONE] == pytest.approx([13, 440], rel=0.04)
    assert CHOSEN[TANH, ONE].max() < CHOSEN[SELU, ONE].min()
    assert RESULTS["saturated"][TANH, ONE].mean() == pytest.approx(0.82, abs=0.01)
    assert RESULTS["saturated"][SIGMOID, ONE].mean() == pytest.approx(0.53, abs=0.01)
    assert BACKWARD[SIGMOID, [ONE, GLOROT4]] == pytest.approx([0.82, 0.31], rel=0.02)
    assert BACKWARD[SIGMOID, XAVIER] / BACKWARD[SELU, SMALL] == pytest.approx(5, rel=0.1)
    assert overlaps((SELU, SMALL), (SIGMOID, XAVIER))


@pytest.mark.parametrize(
    ("name", "c", "shallow", "deep"),
    [
        ("sigmoid", 16, 0.3, 2e-6),
        ("tanh", 1, 0.8, 0.4),
        ("tanh", 2, 2, 6),
        ("relu", 1, 0.4, 4e-5),
        ("relu", 2, 1, 1),
        ("selu", 1, 2, 7),
        ("selu", 2, 4, 1e2),
    ],
)
def test_depth_tells_the_tied_cells_apart(name, c, shallow, deep):
    """4층에서 나란하던 짝이 30층에서 갈립니다(이론)."""
    for depth, expected in ((4, shallow), (30, deep)):
        sizes = [784] + [100] * depth
        d = theory.predict(sizes, [np.sqrt(c / n) for n in sizes[:-1]], name, 0.11).delta_rms
        assert float(f"{d[0] / d[-1]:.1g}") == pytest.approx(expected)


def test_numbers_of_the_questions():
    """학습률 0.1에서 sigmoid의 4 × Glorot 89 %, He 16 %. He는 학습률 1에서 86 %로 7 %p 뒤집니다."""
    assert MEAN[SIGMOID, [GLOROT4, HE], at(0.1)] == pytest.approx([0.89, 0.16], abs=0.005)
    assert RATES[BEST[SIGMOID, HE]] == 1
    assert SCORE[SIGMOID, GLOROT4] - SCORE[SIGMOID, HE] == pytest.approx(0.07, abs=0.005)
    assert SCORE[TANH, [HE, XAVIER]] == pytest.approx([0.949, 0.945], abs=1e-3)
    assert RESULTS["saturated"][[SIGMOID, TANH]][:, SMALL].max() < 0.005
