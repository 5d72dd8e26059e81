"""15장의 주장을 맨 NumPy로, 책과 다른 크기와 채널에서: 이어진 수, 덧댄 0의 손실, 펴서 직교한 커널, 풀링."""

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

from tests.independent.plain import rms


def convolved(x, kernel, stride=1, padding=0, groups=1, apart=1):
    """(N, 높이, 너비, 채널)인 그림에 (k, k, 입력 ÷ 묶음, 출력)인 커널을 댑니다. 커널의 칸은 apart칸마다 하나입니다."""
    p, k = padding, apart * (len(kernel) - 1) + 1
    seen = sliding_window_view(np.pad(x, ((0, 0), (p, p), (p, p), (0, 0))), (k, k), axis=(1, 2))[:, ::stride, ::stride]
    seen = seen[..., ::apart, ::apart]
    parts = zip(np.split(seen, groups, axis=3), np.split(kernel, groups, axis=3))
    return np.concatenate([np.einsum("nhwcij,ijcd->nhwd", s, w, optimize=True) for s, w in parts], axis=3)


def matrix(side, kernel, **plan):
    """합성곱 층을 (입력 값, 출력 값)인 행렬로: 입력 값을 하나씩 켭니다. 되돌리는 길은 그 전치입니다."""
    n = side * side * kernel.shape[2] * plan.get("groups", 1)
    return convolved(np.eye(n).reshape(n, side, side, -1), kernel, **plan).reshape(n, -1)


@pytest.mark.parametrize(("stride", "groups"), [(1, 1), (2, 1), (3, 1), (1, 5), (2, 5)])
def test_the_way_back_follows_the_links_and_not_the_shape(stride, groups):
    """모양으로 센 fan_out(k²·출력)의 분산 1/fan_out에서 돌아온 제곱 평균은 1이 아니라 1/(묶음·스트라이드²)입니다."""
    rng, back, ahead = np.random.default_rng(151), [], []
    for _ in range(16):
        shape = (3, 3, 5 // groups, 15)
        whole = matrix(12, rng.standard_normal(shape) / np.sqrt(9 * 15), stride=stride, groups=groups)
        returned = rng.standard_normal((20, whole.shape[1])) @ whole.T
        # 세 칸과 두 칸의 되풀이를 모두 담게 안쪽 여섯 칸을 봅니다.
        back.append(rms(returned.reshape(-1, 12, 12, 5)[:, 3:9, 3:9]) ** 2)
        ahead.append(rms(rng.standard_normal((20, len(whole))) @ whole) ** 2)
    assert np.mean(back) == pytest.approx(1 / (groups * stride**2), rel=0.15)
    assert np.mean(ahead) == pytest.approx(5 / groups / 15, rel=0.15)


@pytest.mark.parametrize(
    ("kernel", "stride", "apart", "groups"), [(2, 1, 1, 1), (4, 2, 1, 2), (3, 2, 2, 1), (5, 3, 1, 2)]
)
def test_the_links_of_even_and_spread_kernels_follow_the_same_formula(kernel, stride, apart, groups):
    """짝수인 커널, 칸을 벌린(dilation) 커널에서도 들어오는 수는 k²·입력/묶음, 나가는 수의 평균은 같은 식입니다."""
    ones = np.ones((kernel, kernel, 2 // groups, 4))
    linked = matrix(18, ones, stride=stride, groups=groups, apart=apart)
    assert linked.sum(axis=0).max() == kernel**2 * 2 / groups
    inner = linked.sum(axis=1).reshape(18, 18, 2)[6:12, 6:12]
    assert inner.mean() == pytest.approx(kernel**2 * 4 / groups / stride**2)


def test_a_three_by_three_kernel_in_steps_of_two_leaves_a_checkerboard():
    """입력 자리마다 지나간 칸은 1, 2, 2, 4개이고, 1 × 1이면 넷 가운데 세 자리에는 아무것도 돌아오지 않습니다."""
    used = matrix(11, np.ones((3, 3, 1, 1)), stride=2).sum(axis=1).reshape(11, 11)[4:6, 4:6]
    assert sorted(used.ravel()) == [1, 2, 2, 4]
    alone = matrix(11, np.ones((1, 1, 1, 1)), stride=2).sum(axis=1).reshape(11, 11)[4:6, 4:6]
    assert sorted(alone.ravel()) == [0, 0, 0, 1]


def test_counting_the_channels_alone_multiplies_by_nine_every_layer():
    grown = []
    for seed in range(6):
        rng = np.random.default_rng([152, seed])
        a = rng.standard_normal((4, 16, 16, 20))
        for _ in range(4):
            a = np.maximum(convolved(a, np.sqrt(2 / 20) * rng.standard_normal((3, 3, 20, 20))), 0)
        grown.append(rms(a) ** 2)
    assert 9**4 / 2 < np.exp(np.mean(np.log(grown))) < 9**4 * 2


@pytest.mark.parametrize("side", [5, 9, 12])
def test_zeros_around_the_picture_eat_a_fixed_share(side):
    """깊은 층에서 층마다 λ²배, λ = (1 + 2cos(π/(n+1)))/3입니다. 앞의 몇 층은 뽑은 커널로도 봅니다."""
    rate = ((1 + 2 * np.cos(np.pi / (side + 1))) / 3) ** 2
    padded = matrix(side, np.full((3, 3, 1, 1), 1 / 9), padding=1)
    deep = np.ones(side**2)
    for _ in range(300):
        deep, before = deep @ padded, deep
    np.testing.assert_allclose(deep / before, rate, rtol=1e-6)
    # 그림 밖에 0이 있을 뿐이므로, 뽑은 커널을 거친 제곱 평균도 같은 점화식을 따릅니다.
    found = []
    for seed in range(25):
        rng = np.random.default_rng([153, side, seed])
        a = rng.standard_normal((6, side, side, 24))
        for _ in range(3):
            a = convolved(a, rng.standard_normal((3, 3, 24, 24)) / np.sqrt(9 * 24), padding=1)
        found.append(np.mean(a**2, axis=(0, 3)).ravel())
    expected = np.ones(side**2) @ np.linalg.matrix_power(padded, 3)
    assert np.mean(found, axis=0) == pytest.approx(expected, rel=0.15)


def far(seed, scale, channels, depth=50):
    """8 × 8 그림이 0을 덧댄 합성곱과 ReLU를 depth층 지난 뒤의 제곱 평균. 가중치의 분산은 scale/fan_in입니다."""
    rng = np.random.default_rng([156, channels, seed])
    a = rng.standard_normal((2, 8, 8, channels))
    for _ in range(depth):
        kernel = np.sqrt(scale / (9 * channels)) * rng.standard_normal((3, 3, channels, channels))
        a = np.maximum(convolved(a, kernel, padding=1), 0)
    return np.mean(a**2)


def test_one_over_lambda_mends_the_mean_and_not_the_net_one_draws():
    """λ는 뽑는 운을 평균한 손실입니다. 8채널 ReLU 50층을 한 번 뽑으면 거의 언제나 그보다 훨씬 많이 잃습니다."""
    rate = ((1 + 2 * np.cos(np.pi / 9)) / 3) ** 2
    kept = [far(seed, 2 / rate, 8) for seed in range(11)]
    assert np.median(kept) < 0.05
    assert max(kept) > 30 * min(kept)


def test_drawn_kernels_blur_a_map_that_has_no_border():
    """1 × 1 커널에는 덧댈 것이 없어 기댓값은 어디서나 같지만, 깊은 층을 그림 열 장으로 재면 고르지 않습니다."""
    rng = np.random.default_rng(157)
    a = rng.standard_normal((10, 8, 8, 24))
    for _ in range(50):
        a = a @ (rng.standard_normal((24, 24)) / np.sqrt(24))
    found = np.mean(a**2, axis=(0, 3))
    assert found.min() < 0.5 * found.max()


def test_an_orthogonal_flat_kernel_does_not_keep_lengths_and_a_central_one_does():
    """(칸 × 입력, 출력)으로 펴서 직교한 커널의 합성곱은 특잇값이 흩어지고, 가운데 칸만 직교하면 모두 1입니다."""
    rng, channels, side = np.random.default_rng(154), 5, 6
    flat = np.linalg.qr(rng.standard_normal((9 * channels, channels)))[0].reshape(3, 3, channels, channels)
    central = np.zeros((3, 3, channels, channels))
    central[1, 1] = np.linalg.qr(rng.standard_normal((channels, channels)))[0]
    spread = np.linalg.svd(matrix(side, flat, padding=1), compute_uv=False)
    assert spread[0] > 1.4
    assert spread[-1] < 0.3
    np.testing.assert_allclose(np.linalg.svd(matrix(side, central, padding=1), compute_uv=False), 1, atol=1e-9)
    # 까닭은 겹침: 같은 커널을 세 칸씩 옮겨 겹치지 않게 하면 특잇값은 모두 1입니다.
    np.testing.assert_allclose(np.linalg.svd(matrix(side, flat, stride=3), compute_uv=False), 1, atol=1e-9)
    # 거듭해도 마찬가지: 30층에서 한쪽은 그대로, 한쪽은 방향 대부분을 잃습니다.
    deep = np.linalg.svd(np.linalg.matrix_power(matrix(side, flat, padding=1), 30), compute_uv=False)
    assert np.mean(deep < 1e-3 * deep[0]) > 0.8


def test_the_larger_the_pool_the_more_the_neighbours_matter():
    """무관한 네 값에서는 최대 풀링이 제곱 평균을 키우고 평균 풀링이 줄이며, 같은 네 값에서는 둘 다 그대로입니다."""
    a = np.maximum(np.random.default_rng(155).standard_normal((200_000, 4)), 0)
    before = np.mean(a**2)
    assert np.mean(a.max(axis=1) ** 2) / before == pytest.approx(3.0, abs=0.15)
    assert np.mean(a.mean(axis=1) ** 2) / before == pytest.approx((1 + 3 / np.pi) / 4, abs=0.01)
    same = np.repeat(a[:, :1], 4, axis=1)
    for pooled in (same.max(axis=1), same.mean(axis=1)):
        assert np.mean(pooled**2) == pytest.approx(np.mean(same**2))
    # 음수가 있으면 다릅니다. 가장 큰 값이 가장 먼 값은 아니어서, 최대 풀링도 줄일 수 있습니다.
    low = np.random.default_rng(158).standard_normal((200_000, 4)) - 0.7
    assert np.mean(low.max(axis=1) ** 2) < 0.5 * np.mean(low**2)
