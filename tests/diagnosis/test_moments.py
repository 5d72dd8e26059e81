"""배열을 남기지 않고 모은 합이, 배열을 다 두고 셈한 것과 같습니다."""

import numpy as np
import pytest

from wi_lib.diagnosis.moments import Moments


def gathered(arrays, units=-1, activation=None):
    moments = Moments()
    for array in arrays:
        moments.add(array, units, activation)
    return moments


@pytest.fixture
def images():
    """(N, 채널, 높이, 너비)인 배치 둘. 3번 채널은 늘 0입니다."""
    rng = np.random.default_rng(0)
    arrays = [rng.standard_normal((n, 5, 4, 3)).astype(np.float32) + np.arange(5)[:, None, None] for n in (6, 8)]
    for array in arrays:
        array[:, 3] = 0
    return [array.astype(np.float32) for array in arrays]


def test_mean_std_and_rms_are_those_of_all_values(images):
    moments, every = gathered(images, 1), np.concatenate(images)
    assert moments.mean == pytest.approx(every.mean(), rel=1e-5)
    assert moments.std == pytest.approx(every.std(), rel=1e-5)
    assert moments.rms == pytest.approx(np.sqrt(np.mean(every**2)), rel=1e-5)


def test_varying_takes_out_each_channels_own_mean(images):
    every = np.concatenate(images)
    expected = np.sqrt(every.var(axis=(0, 2, 3)).mean())
    assert gathered(images, 1).varying == pytest.approx(expected, rel=1e-4)


def test_a_constant_does_not_vary():
    assert gathered([np.full((50, 3), 1000.1, np.float32)]).varying == 0


def test_dead_counts_channels_that_are_never_active(images):
    assert gathered(images, 1).dead == pytest.approx(1 / 5)
    assert gathered(images, 1).zeros == pytest.approx(1 / 5)


def test_norm_is_the_length_of_one_batch():
    moments = gathered([np.full((2, 2), 3.0), np.full((2, 2), 3.0)])
    assert moments.norm == pytest.approx(6)


def test_values_too_large_to_square_in_float32_are_still_finite():
    moments = gathered([np.full((4, 2), 1e25, np.float32)])
    assert moments.finite
    assert moments.rms == pytest.approx(1e25)


def test_infinite_and_missing_values_are_seen():
    assert not gathered([np.array([[1.0, np.inf]])]).finite
    assert not gathered([np.array([[np.nan, 1.0]])], activation="tanh").finite


def test_saturation_is_counted_for_the_named_activation():
    a = np.array([[0.999, 0.0], [-0.999, 0.5]])
    assert gathered([a], activation="tanh").saturated == pytest.approx(0.5)
    assert gathered([a], activation="relu").saturated == 0


def test_half_precision_values_below_the_normal_range_are_counted():
    a = np.array([[1e-6, 0.0], [1.0, -1e-3]], np.float16)
    assert gathered([a]).tiny == pytest.approx(0.5)


def test_same_tells_arrays_apart(images):
    one = gathered(images, 1)
    assert one.same(gathered(images, 1))
    assert not one.same(gathered([1.01 * image for image in images], 1))
    assert not one.same(Moments())


def test_whole_numbers_do_not_overflow():
    assert gathered([np.full((4, 2), 100_000, np.int32)]).rms == pytest.approx(100_000)


def test_a_scalar_and_a_vector_are_taken():
    assert gathered([np.float32(3)]).rms == pytest.approx(3)
    assert gathered([np.array([3.0, 4.0])]).rms == pytest.approx(np.sqrt(12.5))
