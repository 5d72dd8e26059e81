"""17장의 지수를 μP의 지은이들이 낸 mup 꾸러미에 견줍니다(`make parity`): 종류, 초깃값, 학습률, 그리고 몇 걸음의 학습.

mup은 출력층의 행렬 V를 너비의 배율 m으로 나누어 씁니다(`MuReadout`). 우리의 표는 V/m이 곧 W인 쪽이라, 초깃값은 W로
바꾸어 견줍니다. SGD의 학습률은 V에서 W로 오며 m²으로, Adam의 것은 m으로 나뉩니다.
"""

import math

import numpy as np
import pytest

import wi_lib
from wi_lib import optimizers, width

# mup의 경고는 우리가 고칠 수 없습니다.
pytestmark = pytest.mark.filterwarnings("ignore")
torch = pytest.importorskip("torch", reason="torch가 없습니다. make parity가 따로 설치해 돌립니다.")
mup = pytest.importorskip("mup", reason="mup이 없습니다. make parity가 따로 설치해 돌립니다.")
BASE, CLASSES = 16, 5
WIDTHS = (8, 32, 64)


def sizes(n):
    """은닉층의 너비가 저마다 다른 배수로 자라는 망."""
    return [12, n, n * n // BASE, n, CLASSES]


def model(n):
    *hidden, (last, classes) = list(zip(sizes(n), sizes(n)[1:]))
    blocks = [layer for shape in hidden for layer in (torch.nn.Linear(*shape), torch.nn.ReLU())]
    return torch.nn.Sequential(*blocks, mup.MuReadout(last, classes)).double()


def scaled(n):
    """BASE를 기준으로 삼은 mup의 망."""
    return mup.set_base_shapes(model(n), model(BASE), delta=model(2 * BASE))


def ours(n):
    return wi_lib.MLP(sizes(n), rng=np.random.default_rng(0), dtype=np.float64)


def in_our_order(module):
    """net.parameters의 차례: 모든 행렬, 그다음 모든 편향."""
    return sorted(module.parameters(), key=lambda p: p.ndim, reverse=True)


def rates(optimizer, parameters):
    """mup의 최적화기가 파라미터마다 쓰는 학습률."""
    found = {id(p): group["lr"] for group in optimizer.param_groups for p in group["params"]}
    return [found[id(p)] for p in parameters]


@pytest.mark.parametrize("n", WIDTHS)
def test_kinds_are_those_of_mup(n):
    """mup이 무한하다고 보는 변이 곧 자라는 변입니다. torch의 변은 (나가는 변, 들어오는 변)의 차례입니다."""
    names = {
        (True, True): "hidden",
        (True, False): "input",
        (False, True): "output",
        (False,): "fixed",
        (True,): "input",
    }
    found = [names[tuple(side.isinf() for side in p.infshape)] for p in in_our_order(scaled(n))]
    assert found == width.kinds(ours(n), ours(BASE))


@pytest.mark.parametrize("name", ["sgd", "adam"])
@pytest.mark.parametrize("n", WIDTHS)
def test_rates_are_those_of_mup(n, name):
    module, m = scaled(n), n / BASE
    parameters = in_our_order(module)
    given = rates({"sgd": mup.MuSGD, "adam": mup.MuAdam}[name](module.parameters(), lr=1.0), parameters)
    given[len(sizes(n)) - 2] /= m**2 if name == "sgd" else m
    assert given == pytest.approx(width.factors(ours(n), ours(BASE), name)[1])


@pytest.mark.parametrize("n", WIDTHS)
def test_initial_scale_is_that_of_mup(n):
    """mup의 kaiming_normal_로 뽑은 표준편차를 torch의 것으로 나누면 우리의 배율입니다."""
    torch.manual_seed(0)
    module, m = scaled(n), n / BASE
    initial = width.factors(ours(n), ours(BASE), "sgd")[0]
    matrices = [p for p in module.parameters() if p.ndim == 2]
    for i, (matrix, factor) in enumerate(zip(matrices, initial)):
        mup.init.kaiming_normal_(matrix, nonlinearity="relu")
        std = float(matrix.detach().std()) / (m if i == len(matrices) - 1 else 1)
        he = math.sqrt(2 / matrix.shape[1])
        assert std / he == pytest.approx(factor, rel=5 / math.sqrt(2 * matrix.numel()))


@pytest.mark.parametrize(("name", "rate"), [("sgd", 0.05), ("adam", 0.002)])
@pytest.mark.parametrize("n", WIDTHS)
def test_training_is_that_of_mup(n, name, rate):
    """같은 가중치에서 시작해 열 걸음을 걸으면 로짓이 같습니다."""
    rng, m, net, module = np.random.default_rng(1), n / BASE, ours(n), scaled(n)
    initial, factors = width.factors(net, ours(BASE), name)
    for mine, theirs, factor in zip(net.parameters, in_our_order(module), initial):
        mine *= factor
        theirs.data = torch.from_numpy(mine.T.copy())
    module[-1].weight.data *= m
    x, labels = rng.standard_normal((20, 12)), rng.integers(CLASSES, size=20)
    # ε은 V와 W의 기울기를 다르게 누르므로 지웁니다.
    rule = optimizers.Adam(epsilon=1e-20) if name == "adam" else optimizers.SGD()
    ready = {"sgd": lambda p: mup.MuSGD(p, lr=rate), "adam": lambda p: mup.MuAdam(p, lr=rate, eps=1e-20)}[name]
    theirs = ready(module.parameters())
    step = optimizers.PerParameter(rule, factors).start(net.parameters, rate)
    given = torch.from_numpy(x), torch.from_numpy(labels)
    start = net.forward(x)
    np.testing.assert_allclose(module(given[0]).detach().numpy(), start, rtol=1e-10, atol=1e-12)
    for _ in range(10):
        g = net.gradients(x, labels)
        step([*g.weights, *g.biases])
        theirs.zero_grad()
        torch.nn.functional.cross_entropy(module(given[0]), given[1]).backward()
        theirs.step()
    moved = net.forward(x)
    assert np.abs(moved - start).max() > 0.01
    np.testing.assert_allclose(module(given[0]).detach().numpy(), moved, rtol=1e-6, atol=1e-8)
