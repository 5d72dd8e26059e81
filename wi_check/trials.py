"""여러 번 시험한 값을 함께 판정합니다. 한 까닭이 모든 시험의 값을 설명할 때만 그 까닭을 말합니다.

시험 하나에서만 우연히 같은 값이 되는 실수가 많습니다. 시험마다 모양과 수를 바꾸면 진짜 까닭만 남습니다.
"""

import numpy as np

from .answers import array, call, close, require, weights


def same(got, value, relative, absolute=0.0):
    return np.allclose(got, value, rtol=relative, atol=absolute)


def only_reason(trials, relative, absolute=0.0):
    """모든 시험을 설명하는 까닭이 꼭 하나이면 그 까닭, 아니면 None.

    - `trials`: (답의 값, [(흔한 실수의 값, 까닭), …])의 목록. 한 까닭에 값이 여럿이어도 됩니다.
    """
    explains = [{why for value, why in mistakes if same(got, value, relative, absolute)} for got, mistakes in trials]
    reasons = set.intersection(*explains)
    return reasons.pop() if len(reasons) == 1 else None


def judge(name, trials, relative, absolute=0.0, hint=None):
    """모든 시험에서 답이 기대한 값과 같은지 봅니다.

    - `trials`: (답의 값, 기대하는 값, [(흔한 실수의 값, 까닭), …])의 목록. 넷째로 적은 것은 그 시험의 이름입니다.
      까닭이 없으면 처음 틀린 시험을 이 이름으로 말합니다.
    - `relative`, `absolute`: `close`와 같은 허용 오차. `hint`는 까닭을 찾을 때의 상대 오차로, 없으면 relative입니다.
    """
    wrong = [((*said, name)[0], got, want) for got, want, _, *said in trials if not same(got, want, relative, absolute)]
    if not wrong:
        return
    why = only_reason([(got, mistakes) for got, _, mistakes, *_ in trials], hint or relative, absolute)
    require(not why, f"`{name}`의 값이 다릅니다. {why}")
    close(*wrong[0], relative=relative, absolute=absolute)


@np.errstate(all="ignore")
def centered(name, drawn):
    """새로 뽑은 초깃값의 평균이 0인지 봅니다. 한두 층만 뽑으면 옳은 평균도 표준편차의 몇 %는 흔들립니다."""
    luck = 6 / np.sqrt(drawn.size)
    require(
        abs(drawn.mean()) < max(luck, 0.02) * drawn.std() + 1e-12,
        f"`{name}`의 평균이 0이 아닙니다. 0을 중심으로 뽑으십시오.",
    )


@np.errstate(all="ignore")
def drawn_std(name, init, shape, seed):
    """초기화 함수가 뽑는 가중치의 표준편차. 평균이 0인지도 봅니다.

    정규분포 40,000개만큼 정확해질 때까지 뽑습니다. 0이 많은 분포는 더 뽑아야 합니다.
    """
    drawn = weights(name, init, shape, seed).ravel()
    for i in range(1, 100):
        fourth = np.mean(drawn**4)
        if drawn.size * 3 * np.mean(drawn**2) ** 2 >= 40_000 * fourth:
            break
        more = call(init, shape, rng=np.random.default_rng(seed + 2 * i))
        drawn = np.concatenate([drawn, array(f"{name}의 결과", more, shape).ravel()])
    centered(name, drawn)
    return drawn.std()
