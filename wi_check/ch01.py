"""1장 연습: 같은 유닛, 손실이 멈추는 값, 대칭성이 깨지는 때."""

import functools

import numpy as np

import wi_lib
from wi_lib import activations, datasets, initializers, plots

from ._answers import array, call, choice, close, integer, number, passed, require

RARE = 1.4  # 이 손실 아래로 내려가면 유닛 하나짜리 망에서 벗어난 것으로 봅니다.


def settles_at(answer, *, majority, seed):
    """1번. 모두 0인 ReLU 망이 멈추는 손실. 편향만 있는 망의 손실과 견줍니다."""
    rng = np.random.default_rng(seed)
    for counts in (rng.integers(20, 300, 10), np.array([majority, 50, 30, 0, 20]), np.array([70, 70, 70, 70])):
        got, want = number("settles_at", call(answer, counts)), _bias_only(counts)
        classes, share = len(counts), counts / counts.sum()
        mistakes = [
            (np.log(classes), "클래스의 비율이 고를 때만 맞는 값입니다. 편향은 비율을 배웁니다."),
            (-want, "부호가 뒤집혔습니다. 손실은 0보다 작을 수 없습니다."),
            (want / np.log(2), "밑이 2인 로그입니다. 단위는 nat입니다."),
            (want * counts.sum(), "자료 하나의 평균이 아니라 합입니다."),
            (-np.log(share.max()), "가장 흔한 클래스의 손실뿐입니다. 드문 클래스의 손실도 평균에 듭니다."),
        ]
        close("settles_at", got, want, mistakes, relative=1e-3)
    passed("1번")


def _bias_only(counts):
    """출력층의 편향을 클래스의 비율로 둔, 나머지는 모두 0인 망의 손실."""
    labels = np.repeat(np.arange(len(counts)), counts)
    net = wi_lib.MLP([1, len(counts)], initializer="zeros", rng=np.random.default_rng(0), dtype=np.float64)
    net.biases[0][:] = np.log(np.maximum(counts / counts.sum(), 1e-12))
    return net.loss(np.zeros((len(labels), 1)), labels)


def distinct_units(answer, *, units, seed):
    """2번. 서로 다른 열의 수: 겹친 열을 뒤섞고, 허용 오차보다 조금 작고 큰 차이를 얹습니다."""
    rng = np.random.default_rng(seed)
    for kinds, fan_in in ((1, 30), (units // 2, 27), (units, 45)):
        base = rng.standard_normal((fan_in, kinds))
        W = np.repeat(base, rng.integers(2, 4, kinds), axis=1)
        W = W[:, rng.permutation(W.shape[1])]
        # 같은 유닛은 오차의 반 아래, 다른 유닛은 오차보다 크게 다릅니다.
        W = W + rng.uniform(-0.0004, 0.0004, W.shape)
        got = integer("distinct_units", call(answer, W, 0.001))
        require(got != fan_in, "행을 세고 있습니다. W의 모양은 (fan_in, fan_out)이고, 유닛 하나는 어느 쪽입니까?")
        require(got != W.shape[1], "허용 오차 안의 차이를 다른 유닛으로 셌습니다.")
        require(got == kinds, f"서로 다른 유닛이 {kinds}개인 행렬에서 {got}개라고 했습니다.")
    # 원소 하나만 다른 유닛과, 부호만 다른 유닛도 다른 유닛입니다.
    unit = rng.standard_normal(9)
    other = unit.copy()
    other[4] += 0.01
    got = integer("distinct_units", call(answer, np.stack([unit, other, -unit, unit], axis=1), 0.001))
    require(got == 3, "원소 하나만 다르거나 부호만 다른 유닛도 서로 다른 유닛입니다.")
    passed("2번")


def fold(answer, *, units, seed):
    """3번. 은닉 유닛 하나로 접은 망이 같은 출력을 내는지, 활성화 함수 둘로 봅니다."""
    rng = np.random.default_rng(seed)
    inputs, outputs = (int(n) for n in rng.integers(4, 9, 2))
    W1, b1 = np.repeat(rng.standard_normal((inputs, 1)), units, axis=1), np.full(units, rng.normal())
    W2, b2 = rng.standard_normal((units, outputs)), rng.standard_normal(outputs)
    folded = call(answer, W1, b1, W2, b2)
    require(
        isinstance(folded, (tuple, list)) and len(folded) == 4, "`fold`는 W1, b1, W2, b2 네 배열을 돌려주어야 합니다."
    )
    shapes = {"W1": (inputs, 1), "b1": (1,), "W2": (1, outputs), "b2": (outputs,)}
    w1, c1, w2, c2 = (array(name, value, shape) for (name, shape), value in zip(shapes.items(), folded))
    x = rng.standard_normal((50, inputs))
    for name in ("relu", "sigmoid"):
        f = activations.get(name)
        want, got = f(x @ W1 + b1) @ W2 + b2, f(x @ w1 + c1) @ w2 + c2
        one, summed = f(x @ W1[:, :1] + b1[:1]), f(x @ W1.sum(axis=1, keepdims=True) + b1[:1])
        mistakes = [
            (one @ W2[:1] + b2, "나가는 가중치가 하나의 몫뿐입니다. 접힌 유닛들의 몫도 다음 층에 가야 합니다."),
            (
                one @ W2.mean(axis=0, keepdims=True) + b2,
                "나가는 가중치를 평균했습니다. 유닛이 여럿이면 그만큼 더해집니다.",
            ),
            (summed @ W2.sum(axis=0, keepdims=True) + b2, "들어오는 가중치까지 더했습니다."),
            (want - b2, "출력층의 편향이 빠졌습니다."),
            (want + (units - 1) * b2, "출력층의 편향은 유닛의 수와 상관없습니다."),
        ]
        close("접은 망의 출력", got, want, mistakes, relative=1e-4, absolute=1e-6)
    passed("3번")


def reading(same, first, broken, rank, *, order, units, seed):
    """4번. 그림 읽기: 난수가 없는 망, 난수가 가장 큰 망, 그 망의 손실이 1.4 아래로 가는 걸음, 난수가 없는 망의 계수."""
    same, first = (choice(name, value, list("가나다")) for name, value in (("same", same), ("first", first)))
    broken, rank = integer("broken", broken), integer("rank", rank)
    labels = dict(zip(np.random.default_rng(order).permutation(3), "가나다"))
    require((same, first) != (labels[2], labels[0]), "same과 first가 뒤바뀌었습니다. 씨앗이 크면 일찍 갈라집니다.")
    require((same, first) == (labels[0], labels[2]), "이름이 다릅니다. 어느 손실이 먼저 내려가는지 보십시오.")
    require(rank == 1, "rank가 다릅니다. 유닛이 모두 같은 층의 가중치 행렬에서 서로 다른 열은 몇 개입니까?")
    require(
        abs(broken - _broken(units, seed)) <= 150,
        "broken이 그림과 다릅니다. first의 곡선이 1.4를 지나는 걸음을 다시 보십시오.",
    )
    passed("4번")


@functools.cache
def _broken(units, seed):
    """문제지와 같은 망을 ε = 0.03으로 학습시켜, 손실이 1.4 아래로 처음 내려가는 걸음."""
    noise, rng = initializers.normal(0.03), np.random.default_rng(seed)
    net = wi_lib.MLP(
        [64, units, units, 10], "relu", lambda shape, rng: 0.05 + noise(shape, rng=rng), rng=rng, dtype=np.float64
    )
    settings = {"learning_rate": 0.1, "batch_size": 50, "iterations": 2400}
    loss = wi_lib.train(net, datasets.load_digits(), rng=np.random.default_rng(seed + 1), **settings).loss
    return int(np.argmax(plots.smooth(loss) < RARE))
