"""9장 연습: 자유 에너지의 차이, RBM의 출발점, CD-1 기울기, 로그 우도의 그림."""

from functools import cache

import numpy as np

from wi_lib import signals
from wi_lib.pretraining import RBM, train_rbm

from .answers import Wrong, array, call, choice, close, integer, number, passed, require
from .trials import judge

VISIBLE, HIDDEN, ROWS = 6, 4, 20_000


def _machine(rng, scale=1.0):
    """편향까지 0이 아닌 작은 RBM. 두 층의 크기가 달라 뒤집힌 가중치가 드러납니다."""
    weights = scale * rng.standard_normal((VISIBLE, HIDDEN))
    return _built(weights, rng.normal(0, 0.5, VISIBLE), rng.normal(0, 0.5, HIDDEN))


def _built(weights, visible_bias, hidden_bias):
    rbm = RBM(*weights.shape, rng=np.random.default_rng(0), dtype=np.float64)
    rbm.weights[:], rbm.visible_bias[:], rbm.hidden_bias[:] = weights, visible_bias, hidden_bias
    return rbm


def _states(rng, rows, visible=VISIBLE):
    """유닛마다 켜지는 비율이 다른 자료."""
    return (rng.random((rows, visible)) < rng.uniform(0.1, 0.9, visible)).astype(float)


def gap(answer, *, seed):
    """1번. 두 자료의 자유 에너지의 차이 gap(new, seen, W, b, c): 보통 크기와 넘치기 쉬운 크기에서."""
    rng, trials = np.random.default_rng(seed), []
    rbm, other, new, seen = _machine(rng), _machine(rng), _states(rng, 30), _states(rng, 50)
    # 거꾸로도 물으면 두 자료의 차례를 잊은 답과 절댓값이 드러납니다.
    for machine, first, then in ((rbm, new, seen), (rbm, seen, new), (other, new, seen)):
        got = number("gap의 결과", call(answer, first, then, *machine.parameters))
        energies = machine.free_energy(first), machine.free_energy(then)
        want = energies[0].mean() - energies[1].mean()
        visible = (first.mean(axis=0) - then.mean(axis=0)) @ machine.visible_bias
        mistakes = [
            (-want, "부호가 뒤집혔습니다. 자유 에너지의 부호와, 어느 쪽에서 어느 쪽을 빼는지 보십시오."),
            (np.abs(want), "부호를 버렸습니다. 차이는 음수일 수도 있습니다."),
            (want + visible, "보이는 층의 편향이 빠졌습니다."),
            (want + 2 * visible, "보이는 층의 편향의 부호가 다릅니다."),
            (-want - 2 * visible, "은닉층에서 온 항의 부호가 다릅니다."),
            (energies[0].sum() - energies[1].sum(), "행의 수가 다르므로 자료마다 평균해야 합니다."),
            ((want + visible) / HIDDEN - visible, "은닉 유닛은 평균하지 말고 모두 더해야 합니다."),
        ]
        trials.append((got, want, mistakes))
    judge("gap", trials, relative=1e-4, absolute=1e-4)
    rbm = _machine(rng, 3000.0)
    want = rbm.free_energy(new).mean() - rbm.free_energy(seen).mean()
    got = number("가중합이 클 때의 gap", call(answer, new, seen, *rbm.parameters))
    close("가중합이 클 때의 gap", got, want, relative=1e-4)
    passed("1번")


def start(answer, *, on, seed):
    """2번. RBM의 출발점 start(x, hidden, rng=…): 두 층이 켜지는 비율, 서로 다른 은닉 유닛, 유한한 편향."""
    rng = np.random.default_rng(seed)
    x, hidden, draws = _states(rng, 200, 40), int(rng.integers(20, 36)), int(rng.integers(10**9))
    x[:, rng.choice(40, 10, replace=False)] = np.repeat([0, 1], 5)
    rbm, again, other = (
        _started(call(answer, x, hidden, rng=np.random.default_rng(s)), 40, hidden) for s in (draws, draws, draws + 1)
    )
    require(np.array_equal(rbm.weights, again.weights), "같은 시드의 rng를 주었는데 가중치가 다릅니다.")
    require(
        signals.distinct_columns(rbm.weights) == hidden,
        "가중치가 똑같은 은닉 유닛이 있습니다. 그런 유닛은 배워도 서로 달라지지 못합니다.",
    )
    require(
        not np.array_equal(rbm.weights, other.weights), "rng를 바꾸어도 가중치가 같습니다. 건네받은 rng로 뽑으십시오."
    )
    share, rate = rbm.p_hidden(x).mean(), x.mean(axis=0)
    require(
        0.9 * on <= share <= 1.1 * on,
        f"은닉 유닛이 평균 {share:.2g}의 확률로 켜집니다. ON에 맞지 않습니다. 은닉 편향과 가중치의 크기를 보십시오.",
    )
    require(
        not np.allclose(rbm.visible_bias, rate, atol=0.02),
        "켜지는 비율을 그대로 보이는 편향에 썼습니다. 편향과 확률 사이에는 sigmoid가 있습니다.",
    )
    back = rbm.p_visible((rng.random((2000, hidden)) < on).astype(float)).mean(axis=0)
    wrong, fixed = np.abs(back - rate) > 0.03, (rate == 0) | (rate == 1)
    require(
        not (wrong & ~fixed).any(),
        "되돌아온 화소가 켜지는 비율이 자료와 다릅니다. 보이는 편향과 가중치의 크기를 보십시오.",
    )
    require(
        not wrong.any(), "언제나 꺼지거나 언제나 켜진 화소만 비율이 자료와 다릅니다. 그 화소의 편향을 따로 보십시오."
    )
    passed("2번")


def _started(parts, visible, hidden):
    if not (isinstance(parts, (tuple, list)) and len(parts) == 3):
        raise Wrong("`start`는 (weights, visible_bias, hidden_bias) 셋을 돌려주어야 합니다.")
    shapes = {"weights": (visible, hidden), "visible_bias": (visible,), "hidden_bias": (hidden,)}
    # 편향이 1e6이면 확률은 이미 0이나 1이므로, 무한대 대신 적은 아주 큰 수를 여기까지 줄여도 같습니다.
    return _built(*(array(name, part, shape).clip(-1e6, 1e6) for part, (name, shape) in zip(parts, shapes.items())))


def cd1(answer, *, seed):
    """3번. CD-1의 가중치 기울기. 상태를 모두 늘어놓아 구한 정확한 기댓값과 견줍니다."""
    rng, draws = np.random.default_rng(seed), int(seed)

    def step(rbm, v, draws):
        return array(
            "cd1의 결과", call(answer, v, *rbm.parameters, rng=np.random.default_rng(draws)), (VISIBLE, HIDDEN)
        )

    rbm, v = _machine(rng, scale=2.0), _states(rng, 100)
    first, again, other = (step(rbm, v, s) for s in (draws, draws, draws + 1))
    require(np.array_equal(first, again), "같은 시드의 rng를 주었는데 결과가 다릅니다. rng로만 뽑으십시오.")
    require(not np.array_equal(first, other), "rng를 바꾸어도 결과가 같습니다. h와 v1을 rng로 뽑아야 합니다.")
    asked = [(_machine(rng, scale=2.0), _states(rng, ROWS)) for _ in range(2)]
    got = np.array([step(*machine, draws) for machine in asked])
    wants, wrongs = (np.array(parts) for parts in zip(*(_expected(*machine) for machine in asked)))
    require(not np.allclose(got / ROWS, wants, rtol=0, atol=0.02), "행마다의 합입니다. 평균을 돌려주십시오.")
    # 2만 행에서 뽑기의 운은 RMS로 0.003을 넘지 않고, 흔한 실수는 0.007보다 멉니다.
    near = [np.sqrt(np.mean((got - value) ** 2)) < 0.005 for value in (wants, *wrongs.swapaxes(0, 1))]
    reasons = [reason for reason, explains in zip(SLIPS, near[1:]) if explains]
    hint = reasons[0] if len(reasons) == 1 else "단계마다 어느 상태에서 무엇을 구하는지 다시 보십시오."
    require(near[0], f"`cd1`의 값이 다릅니다. {hint}")
    # 보이는 편향이 아주 크면 v1은 언제나 같으므로, h의 확률을 쓴 답은 rng에 따라 달라지지 않습니다.
    rbm.visible_bias[:] = np.where(rbm.visible_bias > 0, 60, -60)
    apart = np.abs(step(rbm, v, draws) - step(rbm, v, draws + 1)).max()
    require(apart < 1e-3, "v1이 정해져 있어도 결과가 흔들립니다. 두 곳의 h_j에 뽑은 값이 아니라 확률을 쓰십시오.")
    passed("3번")


# `_expected`가 돌려주는 흔한 실수의 차례.
SLIPS = (
    "부호가 뒤집혔습니다. 더하면 자료의 우도가 커지는 방향이어야 합니다.",
    "자료에서 잰 쪽뿐입니다. 한 번 다녀온 쪽을 빼십시오.",
    "다녀온 쪽의 h가 처음에 뽑은 h입니다. v1에서 다시 구하십시오.",
    "다녀온 쪽의 확률이 처음의 확률입니다. v1에서 다시 구하십시오.",
    "v1을 0이나 1로 뽑지 않고 확률로 두었습니다.",
    "h를 0이나 1로 뽑지 않고 확률로 두었습니다.",
    "h와 v1을 모두 0이나 1로 뽑지 않고 확률로 두었습니다.",
)


def _expected(rbm, v):
    """(CD-1 기울기의 기댓값, SLIPS의 차례대로 흔한 실수의 기댓값)."""
    hs, vs = ((np.arange(2**n)[:, None] >> np.arange(n) & 1).astype(float) for n in (HIDDEN, VISIBLE))
    rows, counts = np.unique(v, axis=0, return_counts=True)
    share, p0, back = counts[:, None] / len(v), rbm.p_hidden(rows), rbm.p_visible(hs)
    chosen = _chances(p0, hs)
    data, h = (share * rows).T @ p0, (share * chosen).sum(axis=0)
    v1, v1_of_p0 = h @ _chances(back, vs), (share * _chances(rbm.p_visible(p0), vs)).sum(axis=0)
    want = data - vs.T @ (v1[:, None] * rbm.p_hidden(vs))
    back_of_p0 = rbm.p_visible(p0)
    return want, [
        -want,
        data,
        data - back.T @ (h[:, None] * hs),
        data - (share * chosen @ back).T @ p0,
        data - back.T @ (h[:, None] * rbm.p_hidden(back)),
        data - vs.T @ (v1_of_p0[:, None] * rbm.p_hidden(vs)),
        data - (share * back_of_p0).T @ rbm.p_hidden(back_of_p0),
    ]


def _chances(p, states):
    """유닛마다 켜질 확률이 p의 한 행일 때, states의 상태마다의 확률: (행, 상태) 배열."""
    return np.where(states[None] == 1, p[:, None], 1 - p[:, None]).prod(axis=2)


def reading(slow, fast, step, kl, *, order, level, seed):
    """4번. 그림 읽기: 학습률이 가장 작은 것과 큰 것, 큰 것이 level을 넘는 걸음, 마지막 걸음의 KL."""
    slow, fast = (choice(name, value, list("가나다")) for name, value in (("slow", slow), ("fast", fast)))
    step, kl = integer("step", step), number("kl", kl)
    labels = dict(zip(np.random.default_rng(order).permutation(3), "가나다"))
    require((slow, fast) != (labels[2], labels[0]), "slow와 fast가 뒤바뀌었습니다.")
    require((slow, fast) == (labels[0], labels[2]), "이름이 다릅니다. 어느 곡선이 먼저 오르는지 보십시오.")
    steps, curve, entropy = _learned(seed)
    require(
        abs(step - steps[np.argmax(curve > level)]) <= 100,
        "step이 그림과 다릅니다. fast의 곡선이 LEVEL의 높이를 지나는 걸음을 다시 보십시오.",
    )
    missing = "자료의 분포 q에서 오는 항을 다시 보십시오. q는 무늬 14가지가 똑같이 나오는 분포입니다."
    mistakes = [(-curve[-1], missing), (9 * np.log(2) + curve[-1], missing)]
    require(kl > -0.155, "`kl`이 음수입니다. KL 발산은 0보다 작을 수 없습니다.")
    close("kl", kl, -entropy - curve[-1], mistakes, relative=0, absolute=0.155)
    passed("4번")


@cache
def _learned(seed):
    """(걸음, 문제지의 그림에서 학습률이 0.5인 곡선, 자료의 엔트로피)."""
    lines = np.arange(8)[:, None] >> np.arange(3) & 1
    bars = np.unique(np.vstack([np.repeat(lines, 3, axis=1), np.tile(lines, 3)]), axis=0).astype(float)
    rbm, rng, curve = RBM(9, 12, rng=np.random.default_rng(seed), dtype=np.float64), np.random.default_rng(seed + 1), []
    for _ in range(40):
        train_rbm(rbm, bars, learning_rate=0.5, batch_size=14, iterations=50, rng=rng)
        curve.append(rbm.log_likelihood(bars))
    return np.arange(50, 2001, 50), np.array(curve), np.log(len(bars))
