"""14장 3번까지의 옆길: 안이 보이지 않는 옆길, 옆길이 여러 가지인 망, 옆길을 0에서 시작하게 했는지의 판정."""

import numpy as np

from wi_lib import Network, layers

from .answers import require

AHEAD = "앞쪽의 층까지 0입니다. 그러면 기울기가 0이 아닌 행렬이 없어, 옆길은 편향만 배웁니다."
WRONG_END = "앞쪽의 층이 0입니다. 뒤의 행렬이 받는 것도 0이고 ReLU도 꺼져, 옆길은 편향만 배웁니다."
DIVIDED = "정규화 층 앞의 행렬이 0입니다. 정규화 층은 0을 √ε으로 나누므로 되돌아오는 기울기가 수백 배가 됩니다."


def unseen(blocks, width, size, rng):
    """안이 보이지 않는 옆길 blocks개와, 그 배율(출력의 제곱 평균 ÷ 입력의 제곱 평균)의 평균."""
    slope, size = rng.uniform(0, 0.5), size * rng.uniform(0.9, 1.1)
    x = rng.standard_normal((120, width))

    def drawn():
        first, last = rng.standard_normal((2, width, width)) / np.sqrt(width)

        def branch(x):
            z = x @ first
            return size * np.maximum(z, slope * z) @ last

        return branch

    branches = [drawn() for _ in range(blocks)]
    return branches, float(np.mean([np.mean(np.square(branch(x))) for branch in branches]))


def varied_net(rng):
    """옆길이 다섯 가지인 망. 정규화 층으로 끝나는 옆길도 있습니다."""
    width, hidden = (int(n) for n in rng.integers(8, 20, 2))
    act = layers.Activate
    branches = [
        [layers.Dense(hidden), act("relu"), layers.Dense(width)],
        [layers.LayerNorm(), layers.Dense(hidden), act("tanh"), layers.Dense(hidden), act("relu"), layers.Dense(width)],
        [layers.Dense(hidden), layers.BatchNorm(), act("relu"), layers.Dense(width), layers.BatchNorm()],
        [act("relu"), layers.Dense(width)],
        [layers.Dense(hidden), act("relu"), layers.Dense(width), layers.RMSNorm()],
    ]
    blocks = [layers.Residual(branches[i], scale=float(rng.uniform(0.5, 2))) for i in rng.permutation(5)]
    return Network([layers.Dense(width), *blocks, layers.LayerNorm(), layers.Dense(7)], input_shape=(9,), rng=rng)


def whole(net, given):
    """층과 파라미터의 수와 모양이 그대로인 망인지. given은 층마다 (파라미터, 배율)입니다."""
    try:
        net.check()
    except Exception:
        return False
    return [len(layer.parameters) for layer in net.layers] == [len(before) for before, _ in given]


def only_the_last(where, branch, before):
    """옆길에서 마지막으로 파라미터가 있는 층의 행렬이나 γ만 0인지 봅니다. before는 고치기 전의 파라미터입니다."""
    learned = [layer for layer in branch if layer.parameters]
    *ahead, last = [not np.any(layer.parameters[0]) for layer in learned]
    normed = not isinstance(learned[-1], layers.Dense)
    matrices = [zero for layer, zero in zip(learned, [*ahead, last]) if isinstance(layer, layers.Dense)]
    require(last or not (normed and matrices[-1]), f"{where}에서 {DIVIDED}")
    require(last or not any(ahead), f"{where}에서 {WRONG_END}")
    require(last, f"{where}이 0에서 시작하지 않습니다. 마지막으로 파라미터가 있는 층을 보십시오.")
    require(not any(ahead), f"{where}에서 {AHEAD}")
    after = [p for layer in branch for p in layer.parameters]
    first = len(after) - len(learned[-1].parameters)
    kept = all(np.array_equal(a, b) for i, (a, b) in enumerate(zip(after, before)) if i != first)
    require(kept, f"{where}에서 마지막 행렬이나 γ가 아닌 것도 바꾸었습니다.")
