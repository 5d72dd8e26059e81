"""17장 연습: 한 걸음의 지수, μP의 배율, 너비를 바꾸며 움직임 재기, 신경 접선 커널, 이름이 가려진 세 망."""

from functools import cache

import numpy as np

from wi_lib import MLP, optimizers, width
from wi_lib.signals import rms

from . import width_slips
from .answers import array, call, choice, close, number, passed, require
from .trials import judge

KINDS = {"sgd": "SGD", "adam": "Adam"}
NETS = ["표준", "1/n", "μP"]
WIDTHS = [64, 128, 256, 512, 1024]  # 5번의 그림의 너비. 처음 것이 학습률을 고른 작은 망입니다.


def _listed(name, value, count):
    """수 count개의 목록이나 1차원 배열을 float64 배열로."""
    value = value.tolist() if isinstance(value, np.ndarray) and value.ndim == 1 else value
    right = isinstance(value, (list, tuple)) and len(value) == count
    require(right, f"`{name}`은(는) 수 {count}개의 목록이어야 합니다.")
    return np.array([number(name, each) for each in value])


def step_exponents(answer, *, seed):
    """1번. 첫 걸음에 층마다의 가중합이 너비의 몇 제곱으로 움직이는지."""
    rng = np.random.default_rng(seed)
    for optimizer, said in KINDS.items():
        trials = []
        for _ in range(4):
            output, rates = round(float(rng.uniform(-1.4, -0.6)), 2), tuple(rng.uniform(-1.5, 1.5, 3).round(2).tolist())
            asked = f"step_exponents({output}, {rates}, {optimizer!r})"
            got = _listed(asked, call(answer, output, rates, optimizer), 3)
            want = width_slips.exponents(output, rates, optimizer)
            trials.append((got, want, width_slips.of_exponents(output, np.array(rates), optimizer), asked))
        judge(f"{said}의 지수", trials, relative=0, absolute=1e-6)
    passed("1번")


def transfer(answer, *, seed):
    """2번. 작은 망에서 고른 것을 옮길 때 행렬마다 곱할 수 transfer(sizes, base, optimizer)."""
    rng = np.random.default_rng(seed)
    for optimizer, said in KINDS.items():
        trials = [], []
        for sizes, base in _grown(rng):
            asked = f"transfer({sizes}, {base}, {optimizer!r})"
            pair = call(answer, list(sizes), list(base), optimizer)
            two = isinstance(pair, (tuple, list, np.ndarray)) and len(pair) == 2
            require(two, "`transfer`는 (초깃값에 곱할 수의 목록, 학습률에 곱할 수의 목록) 둘을 돌려주어야 합니다.")
            nets = (MLP(n, initializer="zeros", rng=rng) for n in (sizes, base))
            wants, slips = width.factors(*nets, optimizer), width_slips.of_transfer(sizes, base, optimizer)
            for found, got, want, wrong in zip(trials, pair, wants, slips):
                count = len(sizes) - 1
                found.append((_listed(asked, got, count), np.array(want[:count]), wrong, asked))
        judge("초깃값에 곱할 수", trials[0], relative=1e-6)
        judge(f"{said}의 학습률에 곱할 수", trials[1], relative=1e-6)
    passed("2번")


def _grown(rng):
    """(옮길 망의 층의 유닛 수, 작은 망의 것)의 목록. 자라지 않는 층이 낀 것과 줄어든 것이 있습니다."""
    x, b, n = int(rng.integers(20, 60)), int(rng.integers(5, 9)), 8 * int(rng.integers(2, 5))
    up, down = int(rng.choice([3, 4, 5, 6, 9])), float(rng.choice([0.25, 0.5]))
    shapes = [([x, n, n, 10], up), ([x, n, 10], up + 1), ([x, n, 2 * n, b, n, 10], up), ([x, b, n, n, n, 10], down)]
    return [
        ([int(m * size) if size in (n, 2 * n) and 0 < i < len(base) - 1 else size for i, size in enumerate(base)], base)
        for base, m in shapes
    ]


def coordinate_check(answer, *, seed):
    """3번. 너비를 바꾸어 가며 학습 앞뒤의 가중합의 차이를 재고 로그–로그의 기울기를 구하기."""
    rng, trials = np.random.default_rng(seed), []
    for depth, widths in ((3, [32, 64, 96, 192]), (4, [24, 48, 64, 128, 160])):
        train, x = _trained(depth, rng), rng.standard_normal((30, 12))
        name = f"은닉층이 {depth - 1}개인 망의 coordinate_check"
        got = _listed(name, call(answer, train, widths, x), depth)
        pairs = [train(n) for n in widths]
        trials.append((got, *width_slips.slopes(widths, pairs, x), name))
    judge("coordinate_check의 결과", trials, relative=0, absolute=0.003)
    passed("3번")


def _trained(depth, rng):
    """너비를 받아 (학습하기 전의 행렬, 학습한 뒤의 행렬)을 돌려주는 함수. 행렬마다 학습률의 지수가 제멋대로입니다."""
    powers, output, seed = rng.uniform(-1, 0.6, depth), rng.uniform(-0.9, -0.2), int(rng.integers(10**9))
    x, labels = rng.standard_normal((30, 12)), rng.integers(5, size=30)

    def train(n):
        drawn = np.random.default_rng([seed, n])
        net = MLP([12, *[n] * (depth - 1), 5], rng=drawn, dtype=np.float64)
        net.weights[-1] *= n**output
        before = [w.copy() for w in net.weights]
        step = optimizers.PerParameter("adam", (n**powers).tolist()).start(net.weights, 0.02)
        for _ in range(2):
            step(net.gradients(x, labels).weights)
        return before, [w.copy() for w in net.weights]

    return train


def ntk(answer, *, seed):
    """4번. 은닉층이 하나인 망의 신경 접선 커널 ntk(x, W, v)."""
    rng, trials = np.random.default_rng(seed), []
    for _ in range(3):
        count, inputs, n = (int(k) for k in rng.permutation(np.arange(4, 13))[:3])
        x, W, v = (rng.standard_normal(shape) for shape in ((count, inputs), (inputs, n), n))
        got = array("ntk의 결과", call(answer, x, W, v), (count, count))
        trials.append((got, *width_slips.kernel(x, W, v)))
    judge("ntk의 결과", trials, relative=1e-6, absolute=1e-9)
    passed("4번")


@cache
def _hidden(seed):
    """(가려진 차례, {이름: 너비마다 2층의 가중합이 움직인 RMS})."""
    rng = np.random.default_rng(seed)
    order, rate = [str(kind) for kind in rng.permutation(NETS)], float(rng.uniform(0.5, 2))
    x, delta = rng.standard_normal((50, 30)), rng.standard_normal((50, 10)) / 50
    lines = {kind: [] for kind in NETS}
    for n in WIDTHS:
        # 좁은 망일수록 표본마다 흔들리므로 더 많이 뽑아 평균합니다.
        moved = rate * rms(np.array([_moved(n, x, delta, rng) for _ in range(WIDTHS[-1] // n)]))
        for kind, factor in zip(NETS, (1, WIDTHS[0] / n, (WIDTHS[0] / n) ** 0.5)):
            lines[kind].append(factor * moved)
    return order, {kind: np.array(line) for kind, line in lines.items()}


def _moved(n, x, delta, rng):
    """He에서 시작한 너비 n인 망의 2층의 행렬만 기울기만큼 옮겼을 때 2층의 가중합이 움직이는 RMS.

    손실이 로짓에 주는 신호 delta를 너비마다 같게 두어, 너비가 바꾸는 것만 보입니다.
    """
    shapes = (x.shape[1], n), (n, n), (n, delta.shape[1])
    first, second, last = (rng.standard_normal(shape) * np.sqrt(2 / shape[0]) for shape in shapes)
    h = np.maximum(x @ first, 0)
    return rms((h @ h.T) @ (delta @ last.T * (h @ second > 0)))


def unnamed(*, seed):
    """{가려진 이름: 너비마다 SGD 한 걸음에 2층의 가중합이 움직인 RMS}."""
    order, lines = _hidden(seed)
    return {f"({name})": lines[kind].copy() for name, kind in zip("가나다", order)}


def reading(nets, exponent, far, *, wide, seed):
    """5번. 그림 읽기: 세 망의 이름, '표준'의 지수, 너비 wide에서 '1/n'이 움직일 크기."""
    order, lines = _hidden(seed)
    nets = nets.tolist() if isinstance(nets, np.ndarray) else nets
    require(nets is not ..., "`nets`에 아직 답을 쓰지 않았습니다.")
    three = isinstance(nets, (tuple, list)) and len(nets) == len(NETS)
    require(three, "`nets`에는 이름 셋을 (가), (나), (다)의 차례로 적으십시오.")
    nets = [choice("nets", kind, NETS) for kind in nets]
    exponent, far = number("exponent", exponent), number("far", far)
    wrong = sum(kind != true for kind, true in zip(nets, order))
    require(not wrong, f"nets 가운데 {wrong}개가 그림과 다릅니다. 1번의 함수로 세 망의 2층의 지수를 구해 보십시오.")
    slope = {kind: np.polyfit(np.log(WIDTHS), np.log(lines[kind]), 1)[0] for kind in NETS}
    close("exponent", exponent, slope["표준"], width_slips.of_slope(slope, lines), relative=0, absolute=0.06)
    want = lines["1/n"][-1] * (wide / WIDTHS[-1]) ** slope["1/n"]
    close("far", far, want, width_slips.of_far(lines, slope, WIDTHS, wide), relative=0.3)
    passed("5번")
