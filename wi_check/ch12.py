"""12장 연습: 모멘텀의 배율, Adam의 ε, 걸음의 비, 대칭성을 지키는 최적화기, 걸음의 그림."""

from functools import cache
from itertools import permutations

import numpy as np

import wi_lib
from wi_lib import datasets, initializers, optimizers
from wi_lib.signals import rms

from .answers import Wrong, array, call, choice, close, number, passed, require
from .steppers import copy_of, steppers, walk
from .trials import judge

SIZES, STEPS = [64, 30, 30, 10], 80  # 5번의 그림에 쓰는 망과 걸음의 수
RATE = 2e-5  # SGD와 모멘텀의 학습률. 그림의 걸음 동안 기울기가 거의 바뀌지 않을 만큼 작습니다.
BETAS, ADAM_RATES = (0.8, 0.85, 0.95, 0.75), (1e-4, 3e-4, 5e-5, 2e-4, 3e-5)
# 자료를 여러 번 읽지 않습니다.
_digits = cache(datasets.load_digits)


def momentum_factor(answer, *, seed):
    """1번. 한 줄 채우기: 크기가 늘 같은 기울기에서 t번째 걸음이 SGD의 몇 배인지."""
    rng, trials = np.random.default_rng(seed), []
    for flips, t in ((False, 2), (False, 5), (True, 3), (True, 4), (False, 1), (True, 300), (False, 300)):
        beta = round(float(rng.uniform(0.55, 0.9)), 2)
        asked = f"momentum_factor({beta}, {t}, {flips})"
        trials.append((number(asked, call(answer, beta, t, flips)), *_factor(beta, t, flips), asked))
    judge("momentum_factor의 결과", trials, relative=1e-4)
    passed("1번")


ODD_EVEN = "뒤집힐 때가 다릅니다. 홀수 걸음과 짝수 걸음에서 거듭제곱의 부호가 어떻게 되는지 보십시오."


def _factor(beta, t, flips):
    """(모멘텀의 배율, 흔한 실수의 목록)."""
    b = -beta if flips else beta

    def total(b, t):
        return (1 - b**t) / (1 - b)

    want = total(b, t)
    return want, [
        (1 / (1 - b), "끝없이 걸은 뒤의 배율입니다. t번째 걸음까지만 더하십시오."),
        (1 / (1 - beta), "끝없이 걸은 뒤의 배율이고, 기울기가 뒤집힐 때를 셈하지 않았습니다."),
        (total(beta, t), "기울기가 걸음마다 뒤집힐 때를 셈하지 않았습니다. 지난 기울기의 부호를 보십시오."),
        (total(-beta, t), "기울기가 늘 같은 쪽일 때를 셈하지 않았습니다."),
        *(((1 + sign * beta**t) / (1 - b) if flips else want, ODD_EVEN) for sign in (-1, 1)),
        (total(b, t + 1), "한 걸음 많이 더했습니다. 첫 걸음의 배율은 1입니다."),
        (total(b, t - 1), "한 걸음 모자랍니다. 첫 걸음의 배율은 1입니다."),
        (want * (1 - beta), "속도에 (1 − β)g를 더하는 식입니다. 이 책의 모멘텀은 g를 그대로 더합니다."),
        (want * (-1) ** (t - 1) if flips else want, "배율은 걸음의 크기이므로 0보다 큽니다."),
        (-want if flips else want, "배율은 걸음의 크기이므로 0보다 큽니다."),
        (b ** (t - 1), "지난 기울기 하나의 몫입니다. 지난 기울기를 모두 더하십시오."),
        (beta ** (t - 1), "지난 기울기 하나의 몫입니다. 지난 기울기를 모두 더하십시오."),
        (
            sum(total(b, k) for k in range(1, t + 1)),
            "t걸음을 모두 더한 거리입니다. t번째 걸음 하나의 크기를 구하십시오.",
        ),
    ]


def gradient_for(answer, *, seed):
    """2번. Adam의 걸음이 학습률의 share배가 되는 기울기의 크기 gradient_for(share, epsilon)."""
    rng, trials = np.random.default_rng(seed), []
    for share in (0.5, *rng.uniform(0.05, 0.3, 2).round(2), *rng.uniform(0.6, 0.95, 2).round(2)):
        share, epsilon = float(share), float(f"{10 ** rng.uniform(-8, -3):.1g}")
        asked = f"gradient_for({share}, {epsilon})"
        trials.append((number(asked, call(answer, share, epsilon)), *_gradient(share, epsilon), asked))
    judge("gradient_for의 결과", trials, relative=1e-3)
    passed("2번")


def _gradient(share, epsilon):
    """(기울기의 크기, 흔한 실수의 목록)."""
    want = epsilon * share / (1 - share)
    return want, [
        (epsilon * share, "걸음이 η·g/ε가 아닙니다. 분모에도 기울기의 크기가 있습니다."),
        (epsilon * (1 - share) / share, "거꾸로입니다. 기울기가 클수록 걸음이 학습률에 가까워집니다."),
        (epsilon / share, "거꾸로입니다. 기울기가 클수록 걸음이 학습률에 가까워집니다."),
        (epsilon / (1 - share), "분모를 옮길 때 share를 빠뜨렸습니다."),
        (share * np.sqrt(epsilon / (1 - share**2)), "ε을 제곱근 안에 더했습니다. 이 책의 Adam은 제곱근 밖에 더합니다."),
        (
            share * epsilon / np.sqrt(1 - share**2),
            "기울기와 ε을 제곱해서 더했습니다. 이 책의 Adam은 제곱근 밖에 ε을 더합니다.",
        ),
        (np.sqrt(want), "제곱근을 한 번 더 했습니다."),
        (-want, "기울기의 크기는 0보다 큰 수입니다."),
        (epsilon, "share를 쓰지 않았습니다."),
        (1e-8 * share / (1 - share), "epsilon을 쓰지 않고 늘 1e-8로 셈합니다."),
        (
            share * epsilon / (0.1 - share * np.sqrt(0.001)),
            "처음에 작게 나오는 m과 v를 바로잡지 않았습니다. m̂과 v̂으로 셈하십시오.",
        ),
    ]


def step_ratios(answer, *, sizes, seed):
    """3번. 걸음마다 층마다의 비 step_ratios(net, batches, optimizer, learning_rate). 망은 학습된 채로 남습니다."""
    rng, trials, left, data = np.random.default_rng(seed), [], [], _digits()
    for optimizer in (optimizers.Adam(), optimizers.Momentum(0.8), optimizers.SGD(weight_decay=0.5)):
        net = wi_lib.MLP(sizes, "tanh", initializers.normal(0.2), rng=rng, dtype=np.float64)
        rows = rng.integers(len(data.x_train), size=(int(rng.integers(4, 7)), 30))
        batches = [(data.x_train[row].astype(float), data.y_train[row]) for row in rows]
        rate, twin = float(rng.uniform(0.02, 0.1)), copy_of(net)
        got = call(answer, net, [(x.copy(), labels.copy()) for x, labels in batches], optimizer, rate)
        got = _listed(got, (len(batches), len(net.weights)))
        trials.append((got, *_ratios(twin, batches, optimizer, rate)))
        left.append(max(rms(mine - right) for mine, right in zip(net.parameters, twin.parameters)))
    judge("step_ratios의 결과", trials, relative=1e-3)
    require(max(left) < 1e-6, "비는 맞지만 망이 다릅니다. 망은 모든 배치로 학습된 채로 남기십시오.")
    passed("3번")


def _listed(got, shape):
    """목록으로 돌려준 것도 배열로 받습니다. 줄마다 길이가 다르면 배열이 되지 않습니다."""
    try:
        got = np.asarray(got)
    except ValueError:
        got = np.zeros(0)
    require(got.ndim == 2, "`step_ratios`는 모양이 (걸음 수, 층 수)인 배열을 돌려주어야 합니다.")
    return array("step_ratios의 결과", got, shape)


def _moved(before, after, gradient):
    return rms(after - before) / rms(before)


# (층 하나에서 잘못 잰 값, 그 까닭).
SLIPS = [
    (lambda old, new, g: rms(new - old) / rms(new), "옮기기 **전의** 가중치로 나누십시오."),
    (lambda old, new, g: rms(new - old), "가중치의 크기로 나누지 않았습니다."),
    (lambda old, new, g: rms(old) / rms(new - old), "거꾸로입니다. 움직인 크기를 가중치의 크기로 나누십시오."),
    (lambda old, new, g: np.mean((new - old) ** 2) / np.mean(old**2), "RMS의 비가 아니라 제곱 평균의 비입니다."),
    (lambda old, new, g: np.mean(abs(new - old)) / np.mean(abs(old)), "RMS가 아니라 절댓값의 평균으로 쟀습니다."),
    (lambda old, new, g: (new - old).std() / old.std(), "평균을 빼고 쟀습니다. RMS는 값을 그대로 제곱합니다."),
    (
        lambda old, new, g: np.mean(abs((new - old) / old)),
        "원소마다 나눈 다음 평균했습니다. 행렬마다 RMS를 먼저 구하십시오.",
    ),
    (lambda old, new, g: rms(new) / rms(old), "움직인 크기가 아니라 움직인 뒤의 크기를 나누었습니다."),
    (lambda old, new, g: 0, "모두 0입니다. 옮기기 전의 가중치는 복사해 두어야 함께 바뀌지 않습니다."),
]


def _ratios(net, batches, optimizer, rate):
    """step_ratios의 시험 하나: (기대하는 값, 흔한 실수의 목록). net은 학습된 채로 남습니다."""

    def table(seen, ratio=_moved):
        return np.array([[ratio(*layer) for layer in zip(*step)] for step in seen])

    def other(optimizer, **how):
        return table(walk(copy_of(start), batches, optimizer, rate, **how))

    start = copy_of(net)
    seen = walk(net, batches, optimizer, rate)
    want, direct = table(seen), "최적화기를 쓰지 않고 기울기만큼 옮겼습니다. 최적화기가 옮긴 만큼을 재십시오."
    return want, [
        (
            other(optimizer, fresh=True),
            "걸음마다 최적화기를 새로 시작합니다. 속도와 모멘트는 걸음 사이에 이어져야 합니다.",
        ),
        (other(optimizer, biases=False), "편향이 움직이지 않습니다. 모든 파라미터를 옮기고 가중치의 비만 적으십시오."),
        (other(optimizers.SGD()), direct),
        (table(seen, lambda old, new, g: rate * rms(g) / rms(old)), direct),
        *((table(seen, ratio), why) for ratio, why in SLIPS),
        (want[:, ::-1], "층의 차례가 거꾸로입니다. 첫 층부터 적으십시오."),
        (
            table(seen, SLIPS[1][0]) / [[rms(W) for W in start.weights]],
            "처음 가중치로 나누었습니다. 걸음마다 옮기기 전의 가중치로 나누십시오.",
        ),
        (table([(seen[0][0], new, g) for _, new, g in seen]), "처음부터 움직인 거리입니다. 한 걸음마다 따로 재십시오."),
    ]


def keeps_symmetry(answer, *, seed):
    """4번. 상수로 시작한 망의 은닉 유닛이 steps걸음 뒤에도 같은지 keeps_symmetry(optimizer, steps)."""
    rng, wrong, said = np.random.default_rng(seed), {}, set()
    for i in rng.permutation(len(steppers(8, seed))):
        steps = int(rng.integers(8, 14))
        optimizer, want, why = steppers(steps, seed)[i]
        got = call(answer, optimizer, steps)
        require(isinstance(got, (bool, np.bool_)), "`keeps_symmetry`는 True나 False를 돌려주어야 합니다.")
        said.add(bool(got))
        if got != want:
            wrong[i] = why
    require(len(said) == 2, "어느 최적화기에나 같은 답을 합니다. 지키는 것도 깨뜨리는 것도 섞여 있습니다.")
    if wrong:
        raise Wrong(wrong[min(wrong)])
    passed("4번")


def nameless(*, std, case, order, seed):
    """5번의 그림: 이름을 가린 세 최적화기의 둘째 층의 비. {"가": (걸음 수,) 배열, …}."""
    lines = _steps(std, case, seed)
    return {label: lines[name].copy() for label, name in zip("가나다", _hidden(order))}


def _hidden(order):
    return list(permutations(("SGD", "모멘텀", "Adam")))[order]


def _case(case):
    """(모멘텀의 β, Adam의 학습률)."""
    return BETAS[case % 4], ADAM_RATES[case // 4]


@cache
def _steps(std, case, seed):
    """그림과 확인이 함께 쓰는 학습. 늘 같은 배치 하나로 걷습니다."""
    beta, adam_rate = _case(case)
    data, lines = _digits(), {}
    batch = data.x_train[:200].astype(float), data.y_train[:200]
    pairs = (optimizers.SGD(), RATE), (optimizers.Momentum(beta), RATE), (optimizers.Adam(), adam_rate)
    for name, (optimizer, rate) in zip(_hidden(0), pairs):
        rng = np.random.default_rng(seed)
        net = wi_lib.MLP(SIZES, "tanh", initializers.normal(std), rng=rng, dtype=np.float64)
        seen = walk(net, [batch] * STEPS, optimizer, rate)
        lines[name] = np.array([rms(after[1] - before[1]) / rms(before[1]) for before, after, _ in seen])
    return lines


def reading(momentum, adam, beta, adam_rate, *, std, case, order, seed):
    """5번. 그림 읽기: 모멘텀과 Adam의 이름, 모멘텀의 β, Adam의 학습률."""
    momentum, adam = (choice(name, value, list("가나다")) for name, value in (("momentum", momentum), ("adam", adam)))
    beta, adam_rate = number("beta", beta), number("adam_rate", adam_rate)
    labels = dict(zip(_hidden(order), "가나다"))
    require(
        momentum == labels["모멘텀"], "momentum이 다릅니다. 첫 걸음에는 어느 선과 같고, 그 뒤에는 어떻게 되겠습니까?"
    )
    require(
        adam == labels["Adam"], "adam이 다릅니다. 기울기가 거의 바뀌지 않을 때 Adam의 걸음이 커지는지 생각해 보십시오."
    )
    want, rate = _case(case)
    require(beta < 1, "`beta`가 1보다 작지 않습니다. 몇 배가 되었는지가 아니라 그 배율을 만드는 β를 적으십시오.")
    # β가 1에 가까울수록 작은 차이가 배율을 크게 바꾸므로 1 − β를 견줍니다.
    if not np.isclose(1 - beta, 1 - want, rtol=0.15):
        require(not np.isclose(beta, 1 - want, rtol=0.15), "`beta`의 값이 다릅니다. 배율의 역수는 β가 아닙니다.")
        close("beta", beta, want, relative=0)
    ratio = _steps(std, case, seed)["Adam"][0]
    mistakes = [
        (ratio, "가중치의 크기에 견준 비를 그대로 적었습니다. 걸음의 크기로 되돌리십시오."),
        (ratio / std, "비를 가중치의 크기로 한 번 더 나누었습니다."),
        (RATE, "SGD와 모멘텀의 학습률입니다."),
    ]
    mistakes = [(value, why) for value, why in mistakes if not np.isclose(value, rate, rtol=0.3)]
    close("adam_rate", adam_rate, rate, mistakes, relative=0.2)
    passed("5번")
