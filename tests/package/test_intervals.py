"""신뢰 구간: scipy의 분위수와 같고, 말한 만큼 참값을 품습니다."""

import numpy as np
import pytest
from scipy import stats

from wi_lib import mean_interval


@pytest.mark.parametrize("count", [2, 3, 5, 10, 100, 1001])
@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.95, 0.999])
def test_matches_scipy(count, confidence):
    samples = np.random.default_rng(count).standard_normal((3, count)) * [[1], [0.01], [100]] + 2
    mean, half = mean_interval(samples, confidence)
    low, high = stats.t.interval(confidence, count - 1, samples.mean(axis=1), stats.sem(samples, axis=1))
    np.testing.assert_allclose([mean - half, mean + half], [low, high], rtol=1e-7)


def test_covers_as_often_as_it_says():
    """표본 다섯의 95 % 구간 20,000개 가운데 참값을 품은 것의 비율. 표준오차는 0.0015입니다."""
    mean, half = mean_interval(np.random.default_rng(0).standard_normal((20_000, 5)))
    assert abs((np.abs(mean) < half).mean() - 0.95) < 5 * np.sqrt(0.95 * 0.05 / 20_000)


def test_equal_samples_have_no_width():
    assert mean_interval(np.full(3, 0.5)) == (0.5, 0.0)


def test_an_interval_is_written_with_one_format():
    mean, half = interval = mean_interval(np.array([2.0, 3.0, 5.0]))
    assert f"{interval:.1f}" == f"{mean:.1f} ± {half:.1f}"


def test_narrow_numbers_are_averaged_in_float64():
    assert mean_interval(np.full(4, 0.1, np.float32)).mean == np.float64(np.float32(0.1))


@pytest.mark.parametrize(
    "samples", [1.0, [1.0, 2.0], np.array(1.0), np.array([]), np.ones((3, 1)), np.array([1.0, np.nan])]
)
def test_refuses_what_has_no_interval(samples):
    with pytest.raises((ValueError, TypeError), match="`samples`"):
        mean_interval(samples)
