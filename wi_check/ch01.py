"""1장 연습: 손실이 멈추는 값, 같은 유닛, 대칭성이 깨지는 때."""

import functools

import numpy as np

import wi_lib
from wi_lib import activations, datasets, initializers, signals
from wi_lib.training import smooth

from .answers import array, call, choice, integer, number, passed, require
from .trials import judge

CONSTANT, LOW = 0.05, 1.4  # 문제지의 상수와, 유닛 하나짜리 망에서 벗어났다고 보는 손실


def settles_at(answer, *, majority, seed):
    """1번. 모두 0인 ReLU 망이 멈추는 손실. 편향을 클래스의 비율로 둔 망의 손실과 견줍니다."""
    rng, trials = np.random.default_rng(seed), []
    for counts in (rng.integers(20, 300, 10), np.array([majority, 50, 30, 0, 20]), np.array([70, 70, 70, 70])):
        got, want = number("settles_at(counts)", call(answer, counts)), _bias_only(counts)
        share, even = counts / counts.sum(), "클래스의 비율이 고를 때만 맞는 값입니다. 편향은 비율을 배웁니다."
        mistakes = [
            (np.log(len(counts)), even),
            (np.log(np.count_nonzero(counts)), even),
            (-want, "부호가 뒤집혔습니다. 손실은 0보다 작을 수 없습니다."),
            (want / np.log(2), "밑이 2인 로그입니다. 단위는 nat입니다."),
            (want / np.log(10), "밑이 10인 로그입니다. 단위는 nat입니다."),
            (want * counts.sum(), "자료 하나의 평균이 아니라 합입니다."),
            (-np.log(share.max()), "가장 흔한 클래스의 손실뿐입니다. 드문 클래스의 손실도 평균에 듭니다."),
            (1 - share.max(), "틀리는 비율입니다. 묻는 것은 손실(교차 엔트로피)입니다."),
        ]
        trials.append((got, want, mistakes))
    judge("settles_at(counts)", trials, relative=1e-3)
    passed("1번")


def _bias_only(counts):
    """출력층의 편향을 클래스의 비율로 둔, 나머지는 모두 0인 망의 손실."""
    labels = np.repeat(np.arange(len(counts)), counts)
    net = wi_lib.MLP([1, len(counts)], initializer="zeros", rng=np.random.default_rng(0), dtype=np.float64)
    net.biases[0][:] = np.log(np.maximum(counts / counts.sum(), 1e-12))
    return net.loss(np.zeros((len(labels), 1)), labels)


def fold(answer, *, units, seed):
    """2번. 같은 유닛끼리 접은 망의 유닛 수와 출력. 출력은 활성화 함수 둘로 견줍니다."""
    rng, trials = np.random.default_rng(seed), []
    # 무리의 수를 바꾸어 봅니다. 첫째는 모두 같은 망, 마지막은 모두 다른 망입니다.
    for kinds in (1, units // 2, units):
        W1, b1, W2, b2, group = _groups(kinds, units, rng)
        small = _folded(call(answer, W1, b1, W2, b2), len(W1), kinds, len(b2))
        first = [np.flatnonzero(group == kind)[0] for kind in range(kinds)]
        last = [np.flatnonzero(group == kind)[-1] for kind in range(kinds)]
        each = np.bincount(group)[group]
        x = rng.standard_normal((50, len(W1)))
        only = "나가는 가중치가 유닛 하나의 몫뿐입니다. 접힌 유닛들의 몫도 다음 층에 가야 합니다."
        for name in ("relu", "sigmoid"):
            want = _output(x, name, W1, b1, W2, b2)
            mean = _output(x, name, W1, b1, W2 / each[:, None], b2)
            mistakes = [(_output(x, name, W1[:, kept], b1[kept], W2[kept], b2), only) for kept in (first, last)]
            mistakes += [
                (mean, "나가는 가중치를 평균했습니다. 무리가 크면 다음 층이 받는 것도 많아집니다."),
                (want - b2, "출력층의 편향이 빠졌습니다."),
            ]
            trials.append((_output(x, name, *small), want, mistakes))
    judge("접은 망의 출력", trials, relative=1e-4, absolute=1e-4)
    passed("2번")


def _folded(folded, inputs, kinds, outputs):
    """돌려준 네 배열의 모양을 봅니다. 유닛의 수가 다르면 덜 접었는지 더 접었는지 말합니다."""
    require(
        isinstance(folded, (tuple, list)) and len(folded) == 4,
        "`fold`는 W1, b1, W2, b2 네 배열을 돌려주어야 합니다.",
    )
    got = folded[0].shape if isinstance(folded[0], np.ndarray) else ()
    if len(got) == 2 and got[0] == inputs:
        require(got[1], "접은 망에 유닛이 하나도 없습니다. 무리마다 유닛 하나는 남아야 합니다.")
        require(
            got[1] <= kinds,
            "같은 유닛이 아직 여럿 남아 있습니다. W1에서 유닛 하나가 행인지 열인지, 차례가 뒤섞여도 찾는지 보십시오.",
        )
        require(got[1] == kinds, "서로 다른 유닛까지 접었습니다. 가중치와 편향이 모두 같아야 같은 유닛입니다.")
    shapes = {"W1": (inputs, kinds), "b1": (kinds,), "W2": (kinds, outputs), "b2": (outputs,)}
    return [array(f"접은 {name}", value, shape) for (name, shape), value in zip(shapes.items(), folded)]


def _groups(kinds, units, rng):
    """들어오는 가중치와 편향이 kinds가지뿐인 은닉 유닛 units개의 망과, 유닛마다 드는 무리의 번호."""
    inputs, outputs = (int(n) for n in rng.integers(4, 9, 2))
    W1, b1 = rng.standard_normal((inputs, kinds)), rng.standard_normal(kinds)
    if kinds > 5:
        # 편향만 다른 유닛과, 처음이나 마지막 가중치만 다른 유닛도 다른 유닛입니다.
        W1[:, 1], W1[1:, 2], W1[:-1, 5] = W1[:, 0], W1[1:, 0], W1[:-1, 0]
        b1[2] = b1[5] = b1[0]
        # 가중치의 차례만 다르면 합과 크기가 같고, 조금만 다르면 반올림한 값이 같습니다.
        W1[:, 3], b1[3] = W1[::-1, 0], b1[0]
        W1[:, 4], b1[4] = W1[:, 0] + np.copysign(0.01, W1[:, 0].round(1) - W1[:, 0]), b1[0]
    group = rng.permutation(np.concatenate([np.arange(kinds), rng.integers(kinds, size=units - kinds)]))
    return W1[:, group], b1[group], rng.standard_normal((units, outputs)), rng.standard_normal(outputs), group


def _output(x, activation, W1, b1, W2, b2):
    return activations.get(activation)(x @ W1 + b1) @ W2 + b2


def break_symmetry(answer, *, seed):
    """3번. W2만 고친 망을 학습시켜, 두 은닉층에서 활성화값이 서로 다른 유닛의 수를 셉니다."""
    rng = np.random.default_rng(seed)
    for units in (6, int(rng.integers(8, 13)), 20):
        W2 = array("고친 W2", call(answer, units), (units, units))
        change = np.abs(W2 - CONSTANT)
        change = change[change > 1e-6]  # float32의 반올림은 바꾼 것으로 치지 않습니다.
        require(len(change), "0.05에서 바꾼 원소가 하나도 없습니다.")
        require(
            len(change) <= units, f"바꾼 원소가 {len(change)}개입니다. 유닛이 {units}개이면 {units}개까지만 바꾸십시오."
        )
        require(
            change.min() > 0.000999 and change.max() < 0.02001,
            "바꾼 원소와 0.05의 차이가 0.001 이상 0.02 이하가 아닌 곳이 있습니다.",
        )
        first, second = _distinct_after_training(W2, rng)
        require(
            (first == units) == (second == units),
            f"{1 if first < units else 2}층의 유닛은 학습한 뒤에도 {min(first, second)}가지뿐입니다. "
            "W2에서 1층의 유닛과 2층의 유닛은 각각 행과 열 가운데 어느 쪽입니까?",
        )
        require(
            first == second == units,
            f"1층의 유닛은 {first}가지, 2층의 유닛은 {second}가지뿐입니다. 두 층의 유닛 번호를 함께 바꾸어도 "
            "망이 그대로이지는 않은지 보십시오.",
        )
    passed("3번")


def _distinct_after_training(W2, rng):
    """W2 말고는 모두 상수인 망을 40걸음 학습시킨 뒤, 두 은닉층에서 활성화값이 서로 다른 유닛의 수."""
    x, labels = rng.uniform(0, 1, (100, 8)), rng.integers(4, size=100)
    net = wi_lib.MLP([8, *W2.shape, 4], "relu", initializers.constant(CONSTANT), rng=rng, dtype=np.float64)
    net.weights[1][:] = W2
    for _ in range(40):
        g = net.gradients(x, labels)
        for parameter, gradient in zip(net.parameters, [*g.weights, *g.biases]):
            parameter -= 0.1 * gradient
    counts, a = [], x
    for W, b in zip(net.weights[:2], net.biases):
        a = np.maximum(a @ W + b, 0)
        # 대칭인 망의 유닛은 반올림(1e-16쯤)만큼만 다르고, 0.001의 차이는 이보다 훨씬 크게 남습니다.
        counts.append(signals.distinct_columns(a, 1e-12))
    return counts


def reading(constant, largest, early, late, *, order, units, draw):
    """4번. 그림 읽기: 난수가 없는 망과 가장 큰 망의 이름, 두 망의 손실이 1.4 아래로 처음 내려가는 걸음."""
    constant, largest = (
        choice(name, value, list("가나다")) for name, value in (("constant", constant), ("largest", largest))
    )
    early, late = integer("early", early), integer("late", late)
    labels = dict(zip(np.random.default_rng(order).permutation(3), "가나다"))
    require(
        (constant, largest) != (labels[2], labels[0]),
        "constant와 largest가 뒤바뀌었습니다. 처음의 차이가 크면 유닛이 일찍 갈라집니다.",
    )
    require(
        (constant, largest) == (labels[0], labels[2]),
        "constant와 largest의 이름이 다릅니다. 어느 손실이 먼저 내려가고 어느 손실이 끝까지 남는지 보십시오.",
    )
    steps, raw = zip(*(_leaves(eps, units, draw) for eps in (0.03, 0.003)))
    swapped = np.abs(np.subtract((late, early), steps)).max() <= 100
    require(not swapped, "early와 late가 뒤바뀌었습니다. ε이 큰 망의 걸음이 early입니다.")
    for name, value, step, noisy in zip(("early", "late"), (early, late), steps, raw):
        near = abs(value - step) <= 100
        require(near or value != noisy, f"`{name}`은(는) 배치 하나의 손실에서 읽은 값입니다. 그림의 선에서 읽으십시오.")
        require(near, f"`{name}`의 값이 그림과 다릅니다. 그 곡선이 1.4의 높이를 처음 지나는 걸음을 다시 읽으십시오.")
    passed("4번")


@functools.cache
def _leaves(eps, units, draw):
    """문제지의 망을 학습시켜, 그림의 선과 배치마다의 손실이 1.4 아래로 처음 내려가는 걸음."""
    noise, rng = initializers.normal(eps), np.random.default_rng(draw)
    net = wi_lib.MLP(
        [64, units, units, 10],
        "relu",
        lambda shape, rng: CONSTANT + noise(shape, rng=rng),
        rng=rng,
        dtype=np.float64,
    )
    # 배치는 앞에서부터 뽑으므로, 덜 학습시켜도 그때까지는 문제지와 같습니다.
    settings = {"learning_rate": 0.1, "batch_size": 50, "iterations": 2400 if eps < 0.01 else 1200}
    loss = wi_lib.train(net, datasets.load_digits(), rng=np.random.default_rng(draw + 1), **settings).loss
    return int(np.argmax(smooth(loss) < LOW)), int(np.argmax(loss < LOW))
