"""활성화 함수: 값, 도함수, 포화, gain, 극단적인 입력, pickle."""

import copy
import math
import pickle
from fractions import Fraction

import numpy as np
import pytest

from wi_lib import activations

NAMES = [*activations.ACTIVATIONS, "leaky_relu(0.3)"]
ALPHA, SCALE = activations.SELU_ALPHA, activations.SELU_SCALE
# 0을 비켜 가는 점들: 꺾인 점에서는 도함수가 없습니다.
Z = np.linspace(-8, 8, 400)

# 꾸러미의 계산 순서와 무관하게 정의를 그대로 옮긴 것입니다.
DEFINITIONS = {
    "sigmoid": lambda z: 1 / (1 + math.exp(-z)),
    "tanh": lambda z: (math.exp(z) - math.exp(-z)) / (math.exp(z) + math.exp(-z)),
    "relu": lambda z: max(z, 0.0),
    "leaky_relu": lambda z: z if z > 0 else 0.01 * z,
    "selu": lambda z: SCALE * (z if z > 0 else ALPHA * (math.exp(z) - 1)),
    "identity": lambda z: z,
    "leaky_relu(0.3)": lambda z: z if z > 0 else 0.3 * z,
}


@pytest.mark.parametrize("name", NAMES)
def test_value_follows_the_definition(name):
    expected = [DEFINITIONS[name](z) for z in Z.tolist()]
    np.testing.assert_allclose(activations.get(name)(Z), expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", NAMES)
def test_derivative_matches_numerical_differentiation(name):
    # 중심 차분의 오차는 h²·f'''/6 + ε/h로 약 1e-10입니다. f가 z = 0에서 꺾여도 |z| > h이면 걸리지 않습니다.
    f, h = activations.get(name), 1e-6
    assert np.abs(Z).min() > h
    numerical = (f(Z + h) - f(Z - h)) / (2 * h)
    np.testing.assert_allclose(f.derivative(f(Z)), numerical, rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize(("name", "expected"), [("relu", 0), ("leaky_relu", 0.01), ("leaky_relu(0.3)", 0.3)])
def test_derivative_at_the_kink_is_the_left_one(name, expected):
    # 죽은 유닛의 출력은 정확히 0이므로 이 약속이 학습 결과를 정합니다. PyTorch도 같습니다.
    assert activations.get(name).derivative(np.zeros(1)) == expected


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_is_kept_and_input_is_not_changed(name, dtype):
    f, z = activations.get(name), Z.astype(dtype)
    before = z.copy()
    a = f(z)
    assert a.dtype == dtype
    # ReLU의 도함수는 bool입니다: float32에 곱해도 float64로 커지지 않습니다.
    assert (a * f.derivative(a)).dtype == dtype
    np.testing.assert_array_equal(z, before)


@pytest.mark.parametrize("name", NAMES)
def test_scalars_and_integers_work(name):
    f = activations.get(name)
    assert float(f(2)) == pytest.approx(DEFINITIONS[name](2.0), rel=1e-12)
    np.testing.assert_allclose(f(np.array([[-1, 2]])), [[DEFINITIONS[name](-1.0), DEFINITIONS[name](2.0)]], rtol=1e-12)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_extreme_inputs_stay_finite_without_warning(name, dtype):
    # 경고는 모두 오류이므로 exp가 넘치면 여기서 드러납니다.
    f = activations.get(name)
    z = np.array([-3e38, -1e15, -100, -1e-45, 0, 1e-45, 100, 1e15, 3e38], dtype)
    a = f(z)
    assert np.isfinite(a).all()
    assert np.isfinite(f.derivative(a)).all()
    assert (np.diff(a) >= 0).all()


@pytest.mark.parametrize("name", NAMES)
def test_steepest_is_the_largest_derivative(name):
    # 포화의 기준이므로, 어디에서도 넘지 않으면서 그 값에 다가가야 합니다. σ'은 0 부근에서 1/4 − z²/16입니다.
    f = activations.get(name)
    z = np.concatenate([Z, [-1e-6, 1e-6]])
    largest = f.derivative(f(z)).max()
    assert largest <= f.steepest
    assert largest == pytest.approx(f.steepest, rel=1e-5)


def test_saturated_share_of_known_outputs():
    def share(name, a):
        return activations.get(name).saturated(np.array(a))

    # σ' = a(1 − a) < 0.0125이면 포화: 0.012는 포화이고 0.013은 아닙니다.
    assert share("sigmoid", [0.5, 0.012, 0.013, 0.988]) == 0.5
    # 1 − a² < 0.05이면 포화: 경계는 √0.95 = 0.9747입니다.
    assert share("tanh", [0.0, 0.974, -0.975, 1.0]) == 0.5
    assert share("relu", [0.0, 0.0, 1e-9, 5.0]) == 0.5
    assert share("leaky_relu", [-0.1, 0.2]) == 0.5
    # 기울기가 0.3이면 최댓값의 5 %보다 큽니다.
    assert share("leaky_relu(0.3)", [-0.1, 0.2]) == 0
    assert share("selu", [0.0, 3.0, -SCALE * ALPHA * 0.96, -SCALE * ALPHA]) == 0.5
    assert share("identity", [-1e9, 1e9]) == 0


@pytest.mark.parametrize("name", NAMES)
def test_saturated_share_agrees_with_the_slope(name):
    f = activations.get(name)
    slope = (f(Z + 1e-6) - f(Z - 1e-6)) / 2e-6
    # 수치 미분의 오차로 경계의 점 하나가 달리 세어질 수 있습니다.
    assert f.saturated(f(Z)) == pytest.approx(np.mean(slope < 0.05 * f.steepest), abs=1.5 / Z.size)


def test_gains_are_those_of_calculate_gain():
    expected = {
        "sigmoid": 1,
        "tanh": 5 / 3,
        "relu": math.sqrt(2),
        "leaky_relu": math.sqrt(2 / (1 + 0.01**2)),
        "leaky_relu(0.3)": math.sqrt(2 / (1 + 0.3**2)),
        "selu": 3 / 4,
        "identity": 1,
    }
    assert {name: activations.get(name).gain for name in NAMES} == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_pickle_round_trip(name):
    f = activations.get(name)
    copy = pickle.loads(pickle.dumps(f))
    assert copy.name == f.name
    np.testing.assert_array_equal(copy(Z), f(Z))
    np.testing.assert_array_equal(copy.derivative(f(Z)), f.derivative(f(Z)))


def softsign(z):
    return z / (1 + np.abs(z))


def softsign_slope(a):
    return (1 - np.abs(a)) ** 2


@pytest.mark.parametrize("name", ["softsign", "relu"])
@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda f: pickle.loads(pickle.dumps(f))])
def test_a_custom_function_survives_copying(name, again):
    """이름이 기본 함수와 같아도 다른 함수로 바뀌지 않습니다."""
    mine = activations.Activation(name, softsign, softsign_slope, gain=1.3, steepest=0.9)
    assert again(mine) == mine
    np.testing.assert_array_equal(again(mine)(Z), softsign(Z))


def test_scale_free_functions_are_those_that_say_so():
    for name in NAMES:
        f = activations.get(name)
        assert f.scale_free == np.allclose(f(8 * Z), 8 * f(Z), rtol=1e-12)


@pytest.mark.parametrize("slope", [0.1234567890123, 1 / 3, 0.010000001, 1e-7])
def test_pickle_keeps_every_digit_of_the_slope(slope):
    f = activations.leaky_relu(slope)
    copy = pickle.loads(pickle.dumps(f))
    assert copy(-1.0) == f(-1.0) == -slope


def test_get_returns_the_same_object_for_an_activation():
    relu = activations.get("relu")
    assert activations.get(relu) is relu
    assert activations.get("leaky_relu(0.2)")(-1.0) == -0.2


@pytest.mark.parametrize("slope", ["", "abc", "0", "-1", "2", "nan"])
def test_bad_slope_in_a_name_is_refused(slope):
    with pytest.raises(ValueError, match=r"`activation`에는 leaky_relu\(0 초과 1 이하의 실수\)"):
        activations.get(f"leaky_relu({slope})")


def test_unknown_name_lists_the_known_ones():
    with pytest.raises(ValueError, match="받은 값: 'swish'") as caught:
        activations.get("swish")
    assert all(name in str(caught.value) for name in activations.ACTIVATIONS)


def test_every_kind_of_real_number_works():
    relu = activations.get("relu")
    assert [float(relu(z)) for z in (Fraction(1, 2), -2, np.float32(0.5), 10**20)] == [0.5, 0, 0.5, 1e20]
    for bad in (True, Fraction(10**400), 10**400, math.nan):
        with pytest.raises((ValueError, TypeError), match="`z`에는"):
            relu(bad)
