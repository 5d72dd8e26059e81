"""8장 연습: 희소 초기화, 직교 초기화, 특잇값의 그림."""

import numpy as np

from wi_lib import initializers, theory

from .answers import call, choice, close, integer, number, passed, require, weights


def kept_std(answer, *, seed):
    """1번. 한 줄 채우기: 연결이 몇 개뿐인 유닛의 표준편차."""
    for connections in np.random.default_rng(seed).integers(4, 40, 4):
        connections = int(connections)
        got = number("kept_std의 결과", call(answer, connections))
        want = theory.gain("identity") / np.sqrt(connections)
        mistakes = [
            (want**2, "표준편차가 아니라 분산을 돌려주고 있습니다."),
            (1 / want, "거꾸로입니다. 연결이 많아지면 가중치는 작아져야 합니다."),
            (np.sqrt(2) * want, "활성화 함수가 없는 층입니다. ReLU의 2가 들어갔습니다."),
            (1, "크기를 연결의 수에 맞추지 않았습니다."),
        ]
        close("kept_std의 결과", got, want, mistakes, relative=1e-3)
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
    """3번. 짧은 쪽이 직교하고, 넓어지는 층에서도 RMS를 지키는 초기화. 부호가 치우치지 않는지까지 봅니다."""
    rng = np.random.default_rng(seed)
    kinds = {"너비가 같은 층": 1, "좁아지는 층": rng.uniform(0.3, 0.5), "넓어지는 층": rng.uniform(2, 3)}
    for kind, times in kinds.items():
        fan_in = int(rng.integers(40, 60))
        fan_out = round(times * fan_in)
        W = weights("orthogonal_init", answer, (fan_in, fan_out), int(rng.integers(10**6)))
        gram = W @ W.T if fan_out > fan_in else W.T @ W
        lengths = np.sqrt(np.diag(gram))
        apart = np.abs(gram - np.diag(np.diag(gram))).max()
        require(apart < 1e-4 * lengths.max() ** 2, f"{kind}에서 짧은 쪽이 서로 직교하지 않습니다.")
        require(np.ptp(lengths) < 1e-3 * lengths.max(), f"{kind}에서 짧은 쪽의 길이가 서로 다릅니다.")
        # 직교 행렬의 분산은 1/max(fan_in, fan_out)입니다. 이것이 1/fan_in이 되어야 합니다.
        want = np.sqrt(max(fan_in, fan_out) / fan_in)
        ratio = np.sqrt(fan_out / fan_in)
        mistakes = [
            (1, f"{kind}에서 RMS가 줄어듭니다. 같은 길이를 더 많은 유닛이 나누어 가집니다."),
            (ratio, f"{kind}에서 RMS가 줄어듭니다. 보통의 직교 초기화에서는 어땠는지 재어 보십시오."),
            (1 / ratio, f"{kind}에서 RMS가 맞지 않습니다. 너비의 비를 거꾸로 쓰지 않았는지 보십시오."),
            (want**2, f"{kind}에서 RMS가 커집니다. 길이와 길이의 제곱을 혼동하지 않았는지 보십시오."),
        ]
        close("짧은 쪽의 길이", lengths.mean(), want, mistakes, relative=0.01)
    signs = [call(answer, (8, 8), rng=np.random.default_rng(s))[0, 0] > 0 for s in range(seed, seed + 24)]
    require(0 < sum(signs) < 24, "첫 성분의 부호가 늘 같습니다. R의 대각 성분의 부호로 Q의 부호를 맞추십시오.")
    passed("3번")


def reading(plain, gaussian, per_layer, lost, *, order, depth, seed):
    """4번. 그림 읽기: 이름표를 가린 세 선, 층 하나의 gain, 사라진 방향의 수."""
    plain, gaussian = (
        choice(name, value, list("가나다")) for name, value in (("plain", plain), ("gaussian", gaussian))
    )
    per_layer, lost = number("per_layer", per_layer), integer("lost", lost)
    gain = np.random.default_rng(seed).uniform(1.05, 1.13)
    labels = dict(zip(np.random.default_rng(order).permutation(3), "가나다"))
    require(gaussian == labels[0], "gaussian이 다릅니다. 정규분포를 여러 번 곱하면 방향마다의 배율이 어떻게 됩니까?")
    require(plain == labels[1], "plain이 다릅니다. 직교 행렬을 몇 번 곱해도 늘어나지 않습니다.")
    mistakes = [
        (gain**depth, "DEPTH층을 모두 지난 배율입니다. 층 하나의 배율로 되돌리십시오."),
        (gain**depth / depth, "배율은 층마다 더해지지 않고 곱해집니다. 나누어서는 되돌릴 수 없습니다."),
        (1, "gain을 곱하지 않은 쪽의 배율입니다."),
    ]
    close("per_layer", per_layer, gain, mistakes, relative=0, absolute=0.0155)
    rng, init = np.random.default_rng(seed), initializers.lecun_normal()
    product = np.linalg.multi_dot([init((100, 100), rng=rng) for _ in range(depth)])
    want = int(np.sum(np.linalg.svd(product, compute_uv=False) < 0.01))
    # 둘이 가까우면 남은 수를 적었는지 알 수 없습니다.
    kept = abs(lost - (100 - want)) <= 3 and abs(100 - 2 * want) > 6
    require(not kept, "남은 방향의 수를 적었습니다. 사라진 방향은 선이 그 높이보다 아래에 있는 쪽입니다.")
    require(abs(lost - want) <= 3, "lost가 그림과 다릅니다. 세로축의 한 칸이 몇 배인지 보고 1/100의 높이를 찾으십시오.")
    passed("4번")
