"""8장 연습: 희소 초기화, 직교 초기화, 특잇값의 그림."""

import numpy as np

from wi_lib import initializers
from wi_lib.signals import rms

from ._answers import call, choice, close, number, passed, require, weights


def kept_std(answer, *, seed):
    """1번. 한 줄 채우기: 연결이 몇 개뿐인 유닛의 표준편차. 크기를 지키는지 재어 견줍니다."""
    rng = np.random.default_rng(seed)
    for connections in rng.integers(4, 40, 4):
        connections = int(connections)
        got = number("kept_std", call(answer, connections))
        x = rng.standard_normal((300, 120))
        # 표준편차가 1일 때의 배율을 재어, 그 역수를 기대합니다.
        want = 1 / rms(x @ initializers.sparse(connections)((120, 2000), rng=rng))
        mistakes = [
            (want**2, "표준편차가 아니라 분산을 돌려주고 있습니다."),
            (1 / want, "거꾸로입니다. 연결이 많아지면 가중치는 작아져야 합니다."),
            (np.sqrt(2) * want, "활성화 함수가 없는 층입니다. ReLU의 2가 들어갔습니다."),
        ]
        close("kept_std", got, want, mistakes, relative=0.03)
    passed("1번")


def sparse_init(answer, *, seed):
    """2번. 유닛마다 정확히 정한 수의 입력만 잇는 초기화."""
    rng = np.random.default_rng(seed)
    connections = int(rng.integers(6, 12))
    for fan_in, fan_out in ((60, 400), (120, 700), (4, 900)):

        def init(shape, *, rng):
            return answer(shape, connections, rng=rng)

        init.__name__ = "sparse_init"
        W = weights("sparse_init", init, (fan_in, fan_out), int(rng.integers(10**6)))
        kept, incoming, outgoing = min(connections, fan_in), (W != 0).sum(axis=0), (W != 0).sum(axis=1)
        require(
            not (np.ptp(outgoing) == 0 and np.ptp(incoming) > 0),
            "나가는 연결의 수가 정해져 있습니다. 유닛마다 **들어오는** 연결의 수를 정해야 합니다.",
        )
        require(
            np.ptp(incoming) == 0,
            "유닛마다 들어오는 연결의 수가 다릅니다. 확률로 지우지 말고 정확히 그 수만 고르십시오.",
        )
        require(incoming[0] == kept, f"유닛 하나에 들어오는 연결이 {kept}개여야 하는데 {incoming[0]}개입니다.")
        same = (W[:, 0] != 0)[:, None] == (W != 0)
        require(fan_in == kept or not same.all(), "모든 유닛이 같은 입력을 잇고 있습니다. 유닛마다 따로 고르십시오.")
        require(outgoing.all(), "어떤 입력은 아무도 잇지 않습니다. 모든 입력에서 고르게 고르십시오.")
        got, want = W[W != 0].std(), kept**-0.5
        mistakes = [
            (connections**-0.5, "실제로 이은 입력의 수로 크기를 정해야 합니다."),
            (fan_in**-0.5, "fan_in으로 크기를 정했습니다. 더해지는 항은 이은 것뿐입니다."),
            (want**2, "rng에 표준편차가 아니라 분산을 넘겼습니다."),
            (1, "크기를 맞추지 않았습니다. 1번의 표준편차를 곱하십시오."),
        ]
        close("0이 아닌 가중치의 표준편차", got, want, mistakes, relative=0.07)
    passed("2번")


def orthogonal_init(answer, *, seed):
    """3번. 짧은 쪽이 직교하고 길이가 gain인 초기화. 부호가 치우치지 않는지까지 봅니다."""
    rng = np.random.default_rng(seed)
    gain = round(float(rng.uniform(1.2, 2)), 2)

    def init(shape, *, rng):
        return answer(shape, gain, rng=rng)

    init.__name__ = "orthogonal_init"
    for shape in ((40, 40), (70, 30), (25, 60)):
        W = weights("orthogonal_init", init, shape, int(rng.integers(10**6)))
        short = W.T @ W if shape[0] >= shape[1] else W @ W.T
        mistakes = [
            (np.eye(len(short)), "gain을 곱하지 않았습니다."),
            (gain * np.eye(len(short)), "gain의 제곱근을 곱했습니다. 길이가 gain이어야 합니다."),
            (gain**4 * np.eye(len(short)), "gain을 두 번 곱했습니다."),
        ]
        off = short - np.diag(np.diag(short))
        require(np.abs(off).max() < 1e-4 * gain**2, f"모양이 {shape}일 때 짧은 쪽이 서로 직교하지 않습니다.")
        close(
            f"모양이 {shape}인 W에서 짧은 쪽의 길이의 제곱", short, gain**2 * np.eye(len(short)), mistakes, 1e-3, 1e-3
        )
    signs = [call(init, (8, 8), rng=np.random.default_rng(s))[0, 0] > 0 for s in range(seed, seed + 24)]
    require(0 < sum(signs) < 24, "첫 성분의 부호가 늘 같습니다. R의 대각 성분의 부호로 Q의 부호를 맞추십시오.")
    passed("3번")


def reading(plain, gaussian, height, *, order, gain, depth):
    """4번. 그림 읽기: 직교, 정규분포, gain을 곱한 직교의 높이."""
    plain, gaussian = (
        choice(name, value, list("가나다")) for name, value in (("plain", plain), ("gaussian", gaussian))
    )
    height = number("height", height)
    labels = dict(zip(np.random.default_rng(order).permutation(3), "가나다"))
    require(gaussian == labels[0], "gaussian이 다릅니다. 정규분포를 여러 번 곱하면 방향마다의 배율이 어떻게 됩니까?")
    require(plain == labels[1], "plain이 다릅니다. 직교 행렬을 몇 번 곱해도 늘어나지 않습니다.")
    mistakes = [
        (gain, "층 하나의 배율입니다. DEPTH층을 지난 높이를 적으십시오."),
        (gain * depth, "배율은 더해지지 않고 곱해집니다."),
        (1.0, "plain의 높이입니다."),
    ]
    close("height", height, gain**depth, mistakes, relative=0.05)
    passed("4번")
