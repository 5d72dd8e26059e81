"""6장 3번의 경우들: 두 초깃값의 정확도 배열, 옳은 판정, 판정이 틀렸을 때의 까닭."""

import numpy as np

# 판정이 틀렸을 때의 까닭.
APART = "두 쪽의 폭이 떨어져 있는데 이긴 쪽을 고르지 못합니다."
PARTS = "검증 정확도와 시험 정확도를 쓸 자리가 틀렸습니다. 무엇으로 고르고 무엇으로 판정하는지 보십시오."
RATES = "가장 좋은 학습률이 서로 다르면 판정이 틀립니다. 학습률은 초깃값마다 따로 고릅니다."
OVERLAP = "시드의 폭이 겹치는데 한쪽이 이겼다고 합니다. 평균의 차이만으로는 이겼다고 할 수 없습니다."
TOUCH = "한쪽의 가장 나쁜 시드가 다른 쪽의 가장 좋은 시드보다 높지 않은데 이겼다고 합니다."
BROKEN = "발산한 시드가 있는 학습률을 다루는 방법이 틀렸습니다. NaN을 어떻게 세는지 보십시오."
LUCKY = "운 좋은 시드 하나 때문에 학습률을 잘못 고릅니다. 무엇이 가장 높은 학습률을 고르는지 보십시오."
RANKED = "학습률을 잘못 고릅니다. 검증 정확도의 무엇이 가장 높은 것을 골라야 하는지 보십시오."
ONE_LOST = "한쪽이 모든 학습률에서 시드 하나씩 발산했을 때의 판정이 틀립니다."
BOTH_LOST = "둘 다 고를 학습률이 없을 때의 판정이 틀립니다."


def _runs(rng, *middles, test=None):
    """학습률마다 검증 정확도는 middles, 시험 정확도는 test(없으면 middles)가 가운데인 배열. 시드의 폭은 ±0.01입니다."""
    width = np.linspace(-0.01, 0.01, int(rng.integers(3, 7)))
    return np.array(
        [
            [rng.permutation(width) + middle + rng.uniform(-0.001, 0.001) for middle in part]
            for part in (middles, test or middles)
        ]
    )


def _diverged(rng, high):
    """학습률마다 시드 하나가 발산한 배열."""
    values = _runs(rng, *[high] * 5)
    values[:, np.arange(5), rng.integers(values.shape[2], size=5)] = np.nan
    return values


def cases(rng):
    """(a, b, 판정, 틀렸을 때의 까닭)의 목록. 학습률은 다섯이고 시드의 수는 저마다 다릅니다."""
    high = float(rng.uniform(0.85, 0.92))
    broken = _runs(rng, 0.3, high - 0.08, high + 0.03, 0.2, 0.1)
    broken[:, 2, 0] = np.nan
    lucky = _runs(rng, 0.3, high, 0.5, 0.2, 0.1)
    lucky[0, 2, 0] = high + 0.04
    fitted = _runs(rng, 0.3, high, high - 0.05, 0.2, 0.1, test=(0.3, high - 0.05, high + 0.03, 0.2, 0.1))
    # 평균으로는 둘째가 높지만, 가장 나쁜 시드로는 셋째가, 중앙값으로는 넷째가 높습니다.
    ranked = _runs(rng, 0.3, high, high - 0.03, high + 0.03, 0.1, test=(0.3, high, high - 0.05, high - 0.06, 0.1))
    ranked[0, 1, 0], ranked[0, 3, 0] = high - 0.05, high - 0.3
    even = _runs(rng, 0.3, high, 0.5, 0.2, 0.1)
    # 발산한 학습률이 있어도 나머지로 이깁니다.
    survived = even.copy()
    survived[:, 4, 0] = np.nan
    touching = even - 0.03
    touching[1, 1, 0] = even[1, 1].min()
    return [
        (_runs(rng, 0.3, high, 0.5, 0.2, 0.1), _runs(rng, 0.2, high - 0.04, 0.5, 0.3, 0.1), "a", APART),
        (fitted, _runs(rng, 0.2, high - 0.01, 0.5, 0.3, 0.1), "b", PARTS),
        (_runs(rng, 0.3, high - 0.04, 0.8, 0.2, 0.1), _runs(rng, 0.2, high - 0.07, 0.4, 0.3, high), "b", RATES),
        (_runs(rng, 0.3, high, 0.5, 0.2, 0.1), _runs(rng, 0.2, 0.5, high - 0.012, 0.3, 0.1), "모름", OVERLAP),
        (even, even - 0.0195, "모름", OVERLAP),
        (even, touching, "모름", TOUCH),
        (even, even - 0.0205, "a", APART),
        (broken, _runs(rng, 0.2, 0.5, high, 0.3, 0.1), "b", BROKEN),
        (survived, even - 0.05, "a", BROKEN),
        (lucky, _runs(rng, 0.2, high - 0.04, 0.5, 0.3, 0.1), "a", LUCKY),
        (ranked, _runs(rng, 0.2, high - 0.035, 0.5, 0.3, 0.1), "a", RANKED),
        (_diverged(rng, high), _runs(rng, 0.1, 0.12, 0.1, 0.1, 0.1), "b", ONE_LOST),
        (_diverged(rng, high), np.full((2, 5, 3), np.nan), "모름", BOTH_LOST),
    ]
