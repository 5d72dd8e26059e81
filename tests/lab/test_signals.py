"""한 걸음을 옮기며 잰 층마다의 신호가 wi_lib의 배열에서 구한 것과 같은지."""

import numpy as np
import pytest

import wi_lib
from wi_lib import datasets, signals

from . import node

ITERATIONS = 20
SIZES = [64, 30, 20, 10]
RUN = {"initializer": "he_normal", "batch_size": 32, "seed": 4, "iterations": ITERATIONS, "sizes": SIZES}


def expected(digits, run):
    """ITERATIONS걸음을 학습시킨 망에서, 다음 한 걸음의 신호."""
    settings = {name: run[name] for name in ("learning_rate", "batch_size", "optimizer")}
    nets = []
    for iterations in (ITERATIONS, ITERATIONS + 1):
        rng = np.random.default_rng(run["seed"])
        net = wi_lib.MLP(SIZES, run["activation"], run["initializer"], rng=rng)
        wi_lib.train(net, digits, iterations=iterations, rng=rng, **settings)
        nets.append(net)
    before, after = nets
    rng = np.random.default_rng(run["seed"])
    wi_lib.MLP(SIZES, run["activation"], run["initializer"], rng=rng)
    batch = rng.integers(len(digits.x_train), size=(ITERATIONS + 1, 32))[-1]
    work = before.workspace(digits.x_train[batch])
    before.backpropagate(work, digits.y_train[batch])
    for layer, (old, new) in enumerate(zip(before.weights, after.weights)):
        hidden = layer + 2 < len(SIZES)
        a = work.outputs[layer + 1]
        saturated = before.activation.derivative(a) < 0.05 * before.activation.steepest
        yield {
            "activation_rms": signals.rms(a) if hidden else None,  # 로짓의 자리에는 확률이 남습니다.
            "weight_gradient_rms": signals.rms(work.weights[layer]),
            "update_ratio": signals.rms(new - old) / signals.rms(old),
            "saturated": saturated.mean() if hidden else None,
            "dead": saturated.all(axis=0).mean() if hidden else None,
        }


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid", "selu"])
@pytest.mark.parametrize(("optimizer", "rate"), [("sgd", 0.1), ("adam", 0.001)])
def test_every_layer_shows_the_signals_of_wi_lib(tmp_path, activation, optimizer, rate):
    digits = datasets.load_digits()
    run = {**RUN, "activation": activation, "optimizer": optimizer, "learning_rate": rate}
    reader = node.run(tmp_path, data=node.save(digits, tmp_path), runs=[run], signals=True)
    reader.take("f8", ITERATIONS + 1)
    names = ("activation_rms", "delta_rms", "weight_gradient_rms", "update_ratio", "saturated", "dead")
    shown = {name: reader.take("f8", len(SIZES) - 1) for name in names}
    for at, layer in enumerate(expected(digits, run)):
        for name, value in layer.items():
            if value is not None:
                assert shown[name][at] == pytest.approx(value, rel=1e-3, abs=1e-12), name
