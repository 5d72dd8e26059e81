"""6장: 시드 다섯의 신뢰 구간을 왜 t로, 왜 같은 시드끼리 구하는지."""

import numpy as np

from tests.chapters.compared import stored
from tests.chapters.trained import accuracies_in_the_lab, overlap
from wi_lib import at_best_rate, mean_interval


def covered(pool, rng, trials=2000):
    """다섯씩 뽑아 구한 95 % 구간이 pool의 평균을 품은 비율: (t, 부트스트랩)."""
    five, again = rng.choice(pool, (trials, 5)), rng.integers(5, size=(500, 5))
    low, high = np.percentile(five[:, again].mean(axis=-1), [2.5, 97.5], axis=1)
    mean, half = mean_interval(five)
    return [np.mean((a < pool.mean()) & (pool.mean() < b)) for a, b in ((mean - half, mean + half), (low, high))]


def test_five_seeds_need_t():
    """다섯 개의 95 % 구간: 정규분포에서도 학습에서 잰 차이에서도 t는 95 % 가까이, 부트스트랩은 84 %쯤만 품습니다."""
    rng, seeds = np.random.default_rng(1), range(100, 150)
    lecun, he = (
        accuracies_in_the_lab(4, 50, "relu", name, 0.1, 100, seeds=seeds) for name in ("lecun_normal", "he_normal")
    )
    for pool in (rng.standard_normal(100_000), he - lecun):
        t, bootstrap = covered(pool, rng)
        assert 0.92 < t < 0.98
        assert 0.79 < bootstrap < 0.88


def test_pairing_tells_apart_what_overlaps():
    """tanh의 SGD: LeCun과 He는 폭이 겹치고, 같은 시드끼리 빼면 0을 벗어나고, 다른 시드끼리 빼면 0을 품습니다."""
    arrays, about = stored("mnist_comparison")
    _, chosen = at_best_rate(arrays["validation"], arrays["accuracy"])
    sgd, tanh = about["axes"]["optimizer"].index("sgd"), about["axes"]["activation"].index("tanh")
    lecun, he = chosen[sgd, tanh, 1:]
    assert overlap(lecun, he)
    for shift in range(5):
        mean, half = mean_interval(he - np.roll(lecun, shift))
        assert (abs(mean) > half) == (shift == 0)
