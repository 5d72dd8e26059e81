"""15장 연습: 센 fan과 이어진 수, 되돌아온 신호의 지도, 풀링 뒤의 합성곱, 델타 직교 커널, 이름이 가려진 세 망."""

import numpy as np

from . import conv_slips
from .answers import array, call, choice, close, integer, number, passed, require, weights
from .trials import judge

NETS = ["맞음", "채널만", "묶음"]


def signal_factors(answer, *, seed):
    """1번. 모양만 보고 센 He를 쓴 합성곱과 ReLU가 앞과 뒤의 신호를 키우는 배율."""
    rng, trials = np.random.default_rng(seed), []
    for mode in ("fan_in", "fan_out"):
        for groups, stride in ((1, 1), (1, 2), (int(rng.integers(2, 5)), 1), (int(rng.integers(5, 8)), 3)):
            # 서로 다른 소수이면 어느 축을 잘못 썼는지 가려집니다.
            inputs, each = (int(n) for n in rng.permutation([11, 13, 17, 19])[:2])
            kernel = int(rng.choice([3, 5, 7]))
            given = (kernel, kernel, inputs, groups * each), groups, stride, mode
            asked = f"signal_factors{given}"
            got = call(answer, *given)
            two = isinstance(got, (tuple, list, np.ndarray)) and len(got) == 2
            require(two, f"`{asked}`는 (앞의 배율, 뒤의 배율) 둘을 돌려주어야 합니다.")
            pair = np.array([number("앞의 배율", got[0]), number("뒤의 배율", got[1])])
            trials.append((pair, conv_slips.factors(*given), conv_slips.of_factors(*given), asked))
    judge("signal_factors", trials, relative=1e-4)
    passed("1번")


def gradient_map(answer, *, seed):
    """2번. 층마다 커널, 스트라이드, 패딩이 다른 망의 입력에 돌아온 기울기의 지도 gradient_map(size, plan)."""
    rng, trials = np.random.default_rng(seed), []
    size = int(rng.integers(15, 19))
    for plan in (
        # 한 층, 크기를 지키는 세 층, 건너뛰는 두 층, 모두 섞인 세 층.
        [(3, 1, 1)],
        [(3, 1, 1), (5, 1, 2), (3, 1, 1)],
        [(3, 2, 1), (int(rng.integers(2, 4)), 2, 0)],
        [(5, 1, 0), (3, int(rng.integers(2, 4)), 1), (2, 1, 1)],
    ):
        size += 1
        asked = f"gradient_map({size}, {plan})"
        got = array(asked, call(answer, size, list(plan)), (size, size))
        trials.append((got, conv_slips.returned(size, plan), conv_slips.of_maps(size, plan), asked))
    judge("gradient_map의 결과", trials, relative=1e-4, absolute=1e-9)
    passed("2번")


def kernel_std(answer, *, seed):
    """3번. 가중합의 제곱 평균이 1이 되게 하는 표준편차 kernel_std(x, kernel, padding)."""
    rng, trials = np.random.default_rng(seed), []
    for kernel, padding in ((3, 0), (3, 1), (5, 2), (5, 1), (3, 2)):
        x = _pooled(rng)
        asked = f"kernel이 {kernel}, padding이 {padding}일 때의 표준편차"
        got = number(asked, call(answer, x, kernel, padding))
        want = conv_slips.std_for(x**2, kernel, padding)
        trials.append((got, want, conv_slips.of_stds(x, kernel, padding, want), asked))
    judge("kernel_std", trials, relative=0.02)
    passed("3번")


def _pooled(rng):
    """ReLU와 2 × 2 최대 풀링을 지난 그림. 자리와 채널마다 밝기가 다르고, 가로와 세로와 채널의 수가 모두 다릅니다."""
    count, height, width, channels = (int(n) for n in rng.permutation([5, 6, 7, 8]))
    noise = np.maximum(rng.standard_normal((count, 2 * height, 2 * width, channels)), 0)
    pooled = noise.reshape(count, height, 2, width, 2, channels).max(axis=(2, 4))
    down, across = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij")
    bright = np.exp(-1.5 * (down**2 + across**2))[:, :, None] * rng.uniform(0.5, 2, channels)
    return rng.uniform(0.5, 3) * pooled * bright


def delta_orthogonal(answer, *, seed):
    """4번. 화소의 채널 벡터의 길이를 그대로 두는 커널 delta_orthogonal(shape, rng=…)."""
    rng = np.random.default_rng(seed)
    for kernel, more in ((3, 0), (5, int(rng.integers(3, 9)))):
        inputs = int(rng.integers(12, 18))
        shape = kernel, kernel, inputs, inputs + more
        w = weights("delta_orthogonal", answer, shape, int(rng.integers(10**6)))
        taps = np.argwhere(np.abs(w).max(axis=(2, 3)) > 1e-6).tolist()
        middle = [kernel // 2, kernel // 2]
        require(len(taps) != 0, "커널이 모두 0입니다.")
        require(len(taps) == 1, f"0이 아닌 행렬이 {len(taps)}자리에 있습니다. 이웃 화소가 섞이지 않아야 합니다.")
        require(taps == [middle], f"{tuple(taps[0])}이 아니라 한가운데인 {tuple(middle)}에 행렬을 두십시오.")
        _keeps_length(w[kernel // 2, kernel // 2], shape)
    passed("4번")


def _keeps_length(matrix, shape):
    """채널 벡터 x에서 x @ matrix가 되어도 길이가 같은지 봅니다."""
    inner, other = matrix @ matrix.T, matrix.T @ matrix
    where, long = f"shape이 {shape}일 때", np.sqrt(np.mean(np.diag(inner)))
    even = np.allclose(inner, long**2 * np.eye(len(inner)), atol=1e-3 * long**2)
    require(not even or abs(long - 1) < 1e-4, f"{where} 채널 벡터의 길이가 {long:.3g}배가 됩니다. 그대로여야 합니다.")
    across = np.allclose(other, np.mean(np.diag(other)) * np.eye(len(other)), atol=1e-3)
    wrong = "열끼리는 수직인데 행끼리는 아닙니다. 한 화소의 채널 벡터는 x @ 행렬이 됩니다."
    require(even or not across, f"{where} {wrong}")
    unit = np.allclose(np.diag(inner), 1, atol=1e-3)
    hint = "행의 길이는 1이지만 행끼리 수직이 아닙니다." if unit else "행끼리 서로 수직이고 길이가 1인지 보십시오."
    require(even, f"{where} 채널 벡터마다 길이가 다르게 바뀝니다. {hint}")


def hidden(size, depth, seed):
    """(가려진 차례, 커널의 변, 묶음의 수, {이름: 층마다의 제곱 평균}). 첫 값은 입력의 것입니다."""
    rng = np.random.default_rng(seed)
    order, kernel, groups = [str(name) for name in rng.permutation(NETS)], int(rng.choice([3, 5, 7])), 0
    while groups in (0, kernel):
        groups = int(rng.integers(2, 9))
    kept = np.array([conv_slips.left(size, kernel, layers).mean() for layers in range(depth + 1)])
    layers = np.arange(depth + 1)
    # 셈에서 빠뜨린 것만큼 가중치의 분산이 달라지고, 그 배율이 층마다 곱해집니다.
    paths = {"맞음": kept, "채널만": kept * float(kernel**2) ** layers, "묶음": kept / float(groups) ** layers}
    return order, kernel, groups, paths


def unnamed(*, size, depth, seed):
    """{가려진 이름: 입력에서 마지막 층까지 그림 전체의 제곱 평균}."""
    order, _, _, paths = hidden(size, depth, seed)
    return {f"({name})": paths[kind] for name, kind in zip("가나다", order)}


def reading(nets, kernel, groups, corner, *, size, depth, seed):
    """5번. 그림 읽기: 세 망의 이름, 커널의 변, 묶음의 수, 첫 층의 모서리가 한가운데의 몇 배인지."""
    order, side, parts, _ = hidden(size, depth, seed)
    nets = nets.tolist() if isinstance(nets, np.ndarray) else nets
    require(nets is not ..., "`nets`에 아직 답을 쓰지 않았습니다.")
    three = isinstance(nets, (tuple, list)) and len(nets) == len(NETS)
    require(three, "`nets`에는 이름 셋을 (가), (나), (다)의 차례로 적으십시오.")
    nets = [choice("nets", kind, NETS) for kind in nets]
    kernel, groups, corner = integer("kernel", kernel), integer("groups", groups), number("corner", corner)
    wrong = sum(kind != true for kind, true in zip(nets, order))
    hint = "fan_in을 작게 세면 가중치는 커집니다. 맞게 센 망에서 무엇이 줄어드는지도 보십시오."
    require(not wrong, f"nets 가운데 {wrong}개가 그림과 다릅니다. {hint}")
    mistakes = [
        (side**2, "커널의 넓이입니다. 한 변의 길이를 적으십시오."),
        (side**4, "제곱 평균의 배율에서 변의 길이로 되돌리십시오."),
    ]
    close("kernel", kernel, side, mistakes, relative=0)
    mistakes = [
        (parts**2, "제곱 평균은 분산처럼 셉니다. 제곱하지 마십시오."),
        (side, "묶음을 잊은 망에서 재십시오."),
    ]
    close("groups", groups, parts, mistakes, relative=0)
    share = (side + 1) / (2 * side)
    mistakes = [
        (share, "가장자리의 값입니다. 모서리에서는 가로와 세로가 모두 잘립니다."),
        (share**4, "제곱 평균을 한 번 더 제곱했습니다."),
        (1 / 4, "커널의 가운데 줄은 모서리에서도 그림 안에 있습니다."),
        (1 - share**2, "잃은 몫입니다. 남은 몫을 적으십시오."),
        (4 / 9, "변이 3인 커널의 값입니다."),
    ]
    close("corner", corner, share**2, mistakes, relative=0.02)
    passed("5번")
