"""8장 연습: 희소 초기화, 직교 초기화, 특잇값의 그림."""

import numpy as np

from wi_lib import initializers, theory

from .answers import call, choice, close, integer, number, passed, require, weights
from .trials import judge, only_reason


def kept_std(answer, *, seed):
    """1번. 한 줄 채우기: 연결이 몇 개뿐인 유닛의 표준편차."""
    trials = []
    for k in np.random.default_rng(seed).integers(4, 40, 5):
        asked, want = f"kept_std({k})", theory.gain("identity") / np.sqrt(k)
        mistakes = [
            (want**2, "표준편차가 아니라 분산을 돌려주고 있습니다."),
            (1 / want, "거꾸로입니다. 연결이 많아지면 가중치는 작아져야 합니다."),
            (np.sqrt(2) * want, "활성화 함수가 없는 층입니다. ReLU의 2가 들어갔습니다."),
            (np.sqrt(3) * want, "균등분포의 한계를 돌려주고 있습니다. 물은 것은 표준편차입니다."),
            (1, "크기를 연결의 수에 맞추지 않았습니다."),
        ]
        trials.append((number(asked, call(answer, int(k))), want, mistakes, asked))
    judge("kept_std의 결과", trials, relative=1e-3)
    passed("1번")


def sparse_init(answer, *, seed):
    """2번. 유닛마다 정확히 정한 수의 입력만 잇는 초기화."""
    rng, kept_weights = np.random.default_rng(seed), {}
    connections = int(rng.integers(6, 12))
    shapes = (60, 400), (120, 700), (4, 900)
    require(callable(answer), "`sparse_init`은 함수여야 합니다.")

    def init(shape, *, rng):
        return answer(shape, connections, rng=rng)

    init.__name__ = "sparse_init"
    for shape in shapes:
        draws = int(rng.integers(10**6))
        W = weights("sparse_init", init, shape, draws)
        _connected(W, min(connections, shape[0]))
        again = call(init, shape, rng=np.random.default_rng(draws + 1))
        require(
            shape[0] <= connections or not np.array_equal(again != 0, W != 0),
            "rng를 바꾸어도 잇는 입력이 같습니다. 입력도 건네받은 rng로 고르십시오.",
        )
        kept_weights[shape[0]] = W[W != 0]
    _sized(kept_weights, connections)
    passed("2번")


def _connected(W, kept):
    """0이 아닌 자리: 유닛(열)마다 kept개의 입력(행)을 따로 골랐는지 봅니다."""
    fan_in, fan_out = W.shape
    incoming, outgoing = (W != 0).sum(axis=0), (W != 0).sum(axis=1)
    require(
        not (np.ptp(outgoing) == 0 and np.ptp(incoming) > 0),
        "나가는 연결의 수가 정해져 있습니다. 유닛마다 들어오는 연결의 수를 정해야 합니다.",
    )
    slip = "같은 입력을 두 번 고르지 않았는지" if incoming.max() <= kept else "확률로 지우지 않고 그 수만 고르는지"
    require(np.ptp(incoming) == 0, f"유닛마다 들어오는 연결의 수가 다릅니다. {slip} 보십시오.")
    require(incoming[0] == kept, f"유닛 하나에 들어오는 연결이 {kept}개여야 하는데 {incoming[0]}개입니다.")
    if kept == fan_in:
        return
    # 고르게 뽑으면 유닛 수백 개 가운데 같은 입력을 잇는 둘은 거의 없습니다.
    choices = np.unique(W != 0, axis=1).shape[1]
    require(choices > 1, "모든 유닛이 같은 입력을 잇고 있습니다. 유닛마다 따로 고르십시오.")
    require(outgoing.all(), "어느 유닛과도 이어지지 않은 입력이 있습니다. 모든 입력에서 고르게 고르십시오.")
    require(choices > 0.9 * fan_out, "여러 유닛이 똑같은 입력들을 잇고 있습니다. 유닛마다 따로, 무작위로 고르십시오.")


def _sized(kept_weights, connections):
    """0이 아닌 가중치의 표준편차와, 그것으로 나눈 것이 표준정규분포를 따르는지 봅니다. 키는 fan_in입니다."""
    name, trials = "0이 아닌 가중치의 표준편차", []
    for fan_in, w in kept_weights.items():
        want = min(connections, fan_in) ** -0.5
        mistakes = [
            (connections**-0.5, "실제로 이은 입력의 수로 크기를 정해야 합니다."),
            (fan_in**-0.5, "fan_in으로 크기를 정했습니다. 더해지는 항은 이은 것뿐입니다."),
            (want**2, "rng에 표준편차가 아니라 분산을 넘겼습니다."),
            (1, "크기를 맞추지 않았습니다. 1번의 표준편차를 곱하십시오."),
        ]
        trials.append((w.std(), want, mistakes, f"fan_in이 {fan_in}인 층에서 {name}"))
    judge(name, trials, relative=0.07)
    z = np.concatenate([w / w.std() for w in kept_weights.values()])
    require(abs(z.mean()) < 0.08, "0이 아닌 가중치의 평균이 0이 아닙니다. 0을 중심으로 뽑으십시오.")
    # 만 개에서 첨도의 흔들림은 0.05쯤입니다. 균등분포는 1.8, 두 값은 1, ±2σ에서 자른 정규분포는 2.4입니다.
    require(abs((z**4).mean() - 3) < 0.35, "0이 아닌 가중치가 정규분포를 따르지 않습니다.")
    require(len(np.unique(z)) > 0.9 * len(z), "같은 가중치를 여러 번 씁니다. 연결마다 새로 뽑으십시오.")


def orthogonal_init(answer, *, seed):
    """3번. 짧은 쪽이 직교하고, 넓어지는 층에서도 RMS를 지키는 초기화. 부호를 맞추지 않은 QR은 받지 않습니다."""
    rng = np.random.default_rng(seed)
    kinds = {"너비가 같은 층": 1, "좁아지는 층": rng.uniform(0.3, 0.5), "넓어지는 층": rng.uniform(2, 3)}
    lengths, ratio = [], []
    for kind, times in kinds.items():
        fan_in = int(rng.integers(40, 60))
        fan_out = round(times * fan_in)
        W = weights("orthogonal_init", answer, (fan_in, fan_out), int(rng.integers(10**6)))
        gram = W @ W.T if fan_out > fan_in else W.T @ W
        length = np.sqrt(np.diag(gram))
        apart = np.abs(gram - np.diag(np.diag(gram))).max()
        require(apart < 1e-4 * length.max() ** 2, f"{kind}에서 짧은 쪽이 서로 직교하지 않습니다.")
        require(np.ptp(length) < 1e-3 * length.max(), f"{kind}에서 짧은 쪽의 길이가 서로 다릅니다.")
        lengths.append(length.mean())
        ratio.append(np.sqrt(fan_out / fan_in))
    _kept(np.array(lengths), np.array(ratio), list(kinds))
    # np.linalg.qr의 Q는 첫 성분이 늘 음수이고, 반사를 일곱 번 했으므로 행렬식도 늘 −1입니다. 순열, 반사, 회전은 어느
    # 한쪽이 다릅니다.
    small = [call(answer, (8, 8), rng=np.random.default_rng(s)) for s in range(seed, seed + 24)]
    require(
        any(Q[0, 0] >= 0 or np.linalg.det(Q) > 0 for Q in small),
        "첫 성분의 부호가 늘 같습니다. R의 대각 성분의 부호로 Q의 부호를 맞추십시오.",
    )
    passed("3번")


def _kept(lengths, ratio, kinds):
    """층마다의 길이가 무작위 입력의 RMS를 지키는지 봅니다. ratio는 √(fan_out/fan_in)입니다."""
    # 직교 행렬의 분산은 1/max(fan_in, fan_out)입니다. 이것이 1/fan_in이 되어야 합니다.
    want = np.maximum(ratio, 1)
    mistakes = [
        (np.ones(3), "같은 길이를 더 많은 유닛이 나누어 가집니다."),
        (ratio, "너비의 비를 모든 층에 곱했습니다. 보통의 직교 초기화에서는 어땠는지 재어 보십시오."),
        (1 / ratio, "너비의 비를 거꾸로 쓰지 않았는지 보십시오."),
        (1 / want, "너비의 비를 거꾸로 쓰지 않았는지 보십시오."),
        (want**2, "길이와 길이의 제곱을 혼동하지 않았는지 보십시오."),
        (ratio**2, "길이와 길이의 제곱을 혼동하지 않았는지 보십시오."),
    ]
    kept = lengths / want
    first = np.argmax(np.abs(np.log(kept)) > 0.01)
    why = only_reason([(lengths, mistakes)], relative=0.01)
    hint = why or "그 층에 무작위 입력을 흘려 앞뒤의 RMS를 재어 보십시오."
    require(
        np.allclose(kept, 1, rtol=0.01),
        f"{kinds[first]}에서 RMS가 {kept[first]:.2g}배로 {'커집' if kept[first] > 1 else '줄어듭'}니다. {hint}",
    )


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
    require(
        abs(lost - want) <= 3,
        "lost가 그림과 다릅니다. 1/100의 높이를 찾고, 선이 그보다 아래에 있는 방향을 세었는지 보십시오.",
    )
    passed("4번")
