"""층을 PyTorch의 같은 층에 견줍니다: 앞으로, 되돌려, 이동 평균, 그리고 몇 걸음의 학습(`make parity`).

torch의 가중치는 (출력, 입력)이고 여기는 (입력, 출력)입니다. float64에서 견주므로 허용 오차는 반올림뿐입니다.
"""

import numpy as np
import pytest

import wi_lib
from wi_lib import datasets
from wi_lib.layers import Activate, BatchNorm, Dense, LayerNorm, Residual, RMSNorm

torch = pytest.importorskip("torch", reason="torch가 없습니다. make parity가 따로 설치해 돌립니다.")
nn = torch.nn
UNITS = 6


class Branched(nn.Module):
    """잔차 연결. 배율을 학습하면 파라미터의 차례는 wi_lib처럼 옆길 다음입니다."""

    def __init__(self, branch, scale, learn_scale):
        super().__init__()
        self.branch = nn.Sequential(*branch)
        scale = torch.tensor([scale], dtype=torch.float64)
        self.scale = nn.Parameter(scale) if learn_scale else scale

    def forward(self, x):
        return x + self.scale * self.branch(x)


def twin(layer, width):
    """층 하나에 해당하는 torch의 모듈과, 그것이 내는 너비. 파라미터는 나중에 옮깁니다."""
    match layer:
        case Dense():
            return nn.Linear(width, layer.units), layer.units
        case Activate():
            return {"relu": nn.ReLU(), "tanh": nn.Tanh()}[layer.activation.name], width
        case BatchNorm():
            return nn.BatchNorm1d(width, eps=layer.epsilon, momentum=layer.momentum), width
        case LayerNorm():
            return nn.LayerNorm(width, eps=layer.epsilon), width
        case RMSNorm():
            return nn.RMSNorm(width, eps=layer.epsilon), width
        case Residual():
            branch, units = twins(layer.branch.layers, width)
            return Branched(branch, layer.initial_scale, layer.learn_scale), units


def twins(layers, width):
    made = []
    for layer in layers:
        module, width = twin(layer, width)
        made.append(module)
    return made, width


def in_torch_order(array):
    return array.T if array.ndim == 2 else array


def pair(layers, seed=0):
    """같은 파라미터를 가진 (Network, torch의 망). γ, β, 편향은 1과 0이 아닌 값으로 흔듭니다."""
    rng = np.random.default_rng(seed)
    net = wi_lib.Network([*layers, Dense(3)], input_shape=(UNITS,), rng=rng, dtype=np.float64)
    for bias in net.biases:
        bias += rng.normal(scale=0.3, size=bias.shape)
    model = nn.Sequential(*twins(net.layers, UNITS)[0]).double()
    ours = [p for layer in net.layers for p in layer.parameters]
    # torch는 자기 파라미터를 옆길의 것보다 먼저 적으므로 모듈의 차례로 모읍니다.
    theirs = list(parameters(model))
    assert [in_torch_order(p).shape for p in ours] == [tuple(p.shape) for p in theirs]
    with torch.no_grad():
        for p, value in zip(theirs, ours, strict=True):
            p.copy_(torch.from_numpy(in_torch_order(value)))
    return net, model


def parameters(module):
    """wi_lib의 차례대로 모은 파라미터: 안쪽의 것, 그다음 자기 것."""
    for child in module.children():
        yield from parameters(child)
    yield from module.parameters(recurse=False)


def batch(count=9, seed=1):
    rng = np.random.default_rng(seed)
    return 2 + 3 * rng.standard_normal((count, UNITS)), rng.integers(3, size=count)


PRE_NORM = [LayerNorm(), Dense(8), Activate("relu"), Dense(UNITS)]
STACKS = {
    "Dense": [Dense(8), Activate("tanh")],
    "BatchNorm": [Dense(8), BatchNorm(), Activate("relu")],
    "BatchNorm, 다른 ε과 momentum": [BatchNorm(epsilon=0.2, momentum=0.4), Dense(8)],
    "LayerNorm": [LayerNorm(epsilon=0.3), Dense(8), LayerNorm(), Activate("tanh")],
    "RMSNorm": [RMSNorm(epsilon=0.3), Dense(8), RMSNorm(), Activate("tanh")],
    "사전 정규화": [Residual(PRE_NORM, scale=0.4)] * 3,
    "사후 정규화": [Residual(PRE_NORM[1:]), LayerNorm()] * 2,
    "ReZero": [Residual(PRE_NORM[1:], scale=0.0, learn_scale=True)] * 2,
    "배율도 학습": [Residual(PRE_NORM[1:], scale=-0.7, learn_scale=True)] * 2,
    "γ로 끝나는 옆길": [Residual([Dense(8), BatchNorm(), Activate("relu"), Dense(UNITS), BatchNorm()])] * 2,
}
each_stack = pytest.mark.parametrize("layers", STACKS.values(), ids=STACKS)


@each_stack
def test_forward_and_backward_match_torch(layers):
    net, model = pair(layers)
    x, labels = batch()
    logits = model(torch.from_numpy(x))
    loss = nn.functional.cross_entropy(logits, torch.from_numpy(labels))
    loss.backward()
    np.testing.assert_allclose(net.forward(x, training=True), logits.detach().numpy(), rtol=1e-9, atol=1e-11)
    gradients = net.gradients(x, labels)
    assert gradients.loss == pytest.approx(loss.item(), rel=1e-10)
    theirs = sorted((p.grad.numpy() for p in parameters(model)), key=lambda g: g.ndim == 1)
    for ours, exact in zip([*gradients.weights, *gradients.biases], theirs, strict=True):
        np.testing.assert_allclose(ours, in_torch_order(exact), rtol=1e-8, atol=1e-11)


def norms(layers):
    """옆길까지 모든 BatchNorm."""
    for layer in layers:
        if isinstance(layer, Residual):
            yield from norms(layer.branch.layers)
        elif isinstance(layer, BatchNorm):
            yield layer


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@each_stack
def test_training_and_running_statistics_match_torch(layers, optimizer):
    """몇 걸음을 함께 걸은 뒤의 이동 평균과, 그것을 쓰는 시험할 때의 출력이 같습니다."""
    net, model = pair(layers)
    (x, labels), count = batch(40), 8
    data = datasets.Dataset(x.astype(np.float32), labels, x.astype(np.float32), labels, "시험")
    history = wi_lib.train(
        net, data, learning_rate=0.05, batch_size=count, iterations=5, optimizer=optimizer, rng=np.random.default_rng(3)
    )
    make = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[optimizer]
    stepper, losses = make(model.parameters(), lr=0.05), []
    for rows in np.random.default_rng(3).integers(40, size=(5, count)):
        logits = model(torch.from_numpy(data.x_train[rows]).double())
        loss = nn.functional.cross_entropy(logits, torch.from_numpy(labels[rows]))
        stepper.zero_grad()
        loss.backward()
        stepper.step()
        losses.append(loss.item())
    np.testing.assert_allclose(history.loss, losses, rtol=1e-6)
    watched = [module for module in model.modules() if isinstance(module, nn.BatchNorm1d)]
    for ours, theirs in zip(norms(net.layers), watched, strict=True):
        np.testing.assert_allclose(ours.running_mean, theirs.running_mean.numpy(), rtol=1e-6, atol=1e-9)
        np.testing.assert_allclose(ours.running_variance, theirs.running_var.numpy(), rtol=1e-6)
    with torch.no_grad():
        logits = model.eval()(torch.from_numpy(x)).numpy()
    np.testing.assert_allclose(net.forward(x), logits, rtol=1e-5, atol=1e-7)


def test_both_refuse_a_batch_of_one_and_agree_on_constant_columns():
    """입력이 하나면 둘 다 거절하고, 값이 모두 같은 열은 둘 다 β만 남깁니다."""
    net, model = pair([BatchNorm()])
    x, _ = batch(1)
    with pytest.raises(ValueError, match="두 행 이상"):
        net.forward(x, training=True)
    with pytest.raises(ValueError, match="more than 1 value"):
        model(torch.from_numpy(x))
    x = np.repeat(x, 4, axis=0)
    normed = net.layers[0].forward(x, training=True)[0]
    np.testing.assert_array_equal(normed, np.tile(net.layers[0].parameters[1], (4, 1)))
    np.testing.assert_allclose(normed, model[0](torch.from_numpy(x)).detach().numpy(), atol=1e-12)
