"""12장의 걸음: 걸음마다의 가중치를 모으고, 4번에서 가릴 최적화기들을 만듭니다."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

import wi_lib
from wi_lib import optimizers
from wi_lib.signals import rms

# 판정이 틀렸을 때의 까닭.
ELEMENT = (
    "기울기만 보고 원소마다 옮기는 최적화기를 깨뜨린다고 합니다. float64로 셈하고, "
    "반올림의 차이를 다른 것으로 세지 마십시오."
)
SCALAR = "모든 원소에 같은 수를 곱하는 최적화기를 깨뜨린다고 합니다. 난수를 쓰는지가 아니라 유닛이 갈라지는지 재십시오."
UNEVEN = "원소마다 다르게 옮기는 최적화기를 지킨다고 합니다. 상수로 시작한 망의 유닛이 갈라지는지 재십시오."
LATE = "나중에야 난수를 섞는 최적화기를 놓쳤습니다. steps걸음을 모두 걸어 보십시오."
ROWS = "유닛으로 들어오는 가중치만 보았습니다. 유닛에서 나가는 가중치(다음 층의 행)가 갈라져도 유닛은 달라집니다."


def copy_of(net):
    twin = wi_lib.MLP(net.sizes, net.activation, "zeros", rng=np.random.default_rng(0), dtype=net.dtype)
    for mine, given in zip(twin.parameters, net.parameters):
        mine[...] = given
    return twin


def walk(net, batches, optimizer, rate, *, fresh=False, biases=True):
    """net을 배치마다 한 걸음씩 옮기며 (앞의 가중치, 뒤의 가중치, 기울기)를 모읍니다.

    - `fresh`: 걸음마다 최적화기를 새로 시작합니다. `biases`: False이면 편향은 그대로 둡니다.
    """
    parameters = net.parameters if biases else net.weights
    move, seen = optimizer.start(parameters, rate), []
    for x, labels in batches:
        g, before = net.gradients(x, labels), [W.copy() for W in net.weights]
        kept = [each.copy() for each in g.weights]  # 최적화기가 기울기를 고쳐 씁니다.
        move = optimizer.start(parameters, rate) if fresh else move
        move([*g.weights, *g.biases] if biases else g.weights)
        seen.append((before, [W.copy() for W in net.weights], kept))
    return seen


@dataclass(frozen=True)
class Stepper:
    """직접 만든 최적화기: t번째 걸음에 기울기 g 대신 change(g, t, rng)를 씁니다."""

    change: Callable
    seed: int

    def start(self, parameters, learning_rate):
        rng, count = np.random.default_rng(self.seed), itertools.count(1)

        def step(gradients):
            t = next(count)
            for w, g in zip(parameters, gradients):
                w -= learning_rate * self.change(g, t, rng)

        return step


def _noisy(g, rng):
    return g + rms(g) * rng.standard_normal(g.shape)


def _slopes(n):
    return np.linspace(0.5, 1.5, n)


def steppers(steps, seed):
    """(최적화기, 같은 유닛을 같게 두는지, 판정이 틀렸을 때의 까닭)의 목록. 흔히 틀릴 것이 앞에 있습니다."""
    # 분모의 0.001은, 기울기가 0이어야 할 때 남는 반올림이 커지지 않게 합니다.
    rules = [
        (lambda g, t, rng: g / (np.abs(g) + 1e-3), True, ELEMENT),
        (lambda g, t, rng: g / (rms(g) + 1e-3), True, SCALAR),
        (lambda g, t, rng: g * rng.uniform(0.5, 1.5), True, SCALAR),
        (lambda g, t, rng: _noisy(g, rng), False, UNEVEN),
        (lambda g, t, rng: g * (rng.random(g.shape) < 0.5), False, UNEVEN),
        (lambda g, t, rng: _noisy(g, rng) if t > steps // 2 else g, False, LATE),
        (lambda g, t, rng: g * _slopes(g.shape[-1]), False, UNEVEN),
        # 끝 걸음에서 행만 갈라지므로, 들어오는 가중치는 아직 같습니다.
        (lambda g, t, rng: g * _slopes(len(g))[:, None] if g.ndim == 2 and t == steps else g, False, ROWS),
    ]
    known = [optimizers.SGD(), optimizers.Momentum(), optimizers.Adam(), optimizers.Adam(weight_decay=0.1)]
    return [*((o, True, ELEMENT) for o in known), *((Stepper(f, seed), keeps, why) for f, keeps, why in rules)]
