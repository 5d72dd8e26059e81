"""wi_lib의 망을 읽은 것이 망 스스로 셈한 것과 같고, 망은 그대로입니다."""

import copy

import numpy as np
import pytest

from tests.diagnosis.networks import convolution, digits, mlp, residual, rng
from wi_lib import Network, diagnose, layers, observe, texts


def test_the_loss_is_the_networks_own():
    x, y = digits()
    net = mlp()
    assert diagnose(net, x, y).recording.loss == pytest.approx(net.loss(x, y), rel=1e-5)


@pytest.mark.parametrize("net", [mlp(3), residual(2), convolution(True)], ids=["MLP", "잔차", "합성곱"])
def test_weight_gradients_are_the_networks_own(net):
    x, y = digits()
    seen = diagnose(net, x, y).recording
    found = [weight.gradient_rms for layer in seen.layers for weight in layer.weights.values()]
    wanted = [np.sqrt(np.mean(np.square(g, dtype=np.float64))) for g in net.gradients(x, y).weights]
    assert found == pytest.approx(wanted, rel=1e-5)


def test_activations_are_those_of_observe():
    x, y = digits()
    net = mlp(3, "tanh", "xavier_normal")
    seen = diagnose(net, x, y).recording
    known = observe(net, x, rng=rng())
    for layer, z, a in zip(seen.layers, known.activations[::2], [*known.activations[1::2], None]):
        assert layer.outputs.rms == pytest.approx(np.sqrt(np.mean(z**2)), rel=1e-5)
        if a is not None:
            assert layer.activated.mean == pytest.approx(a.mean(), abs=1e-6)


def test_deltas_send_the_weight_gradient():
    """δ의 합은 편향의 기울기이고, 되돌린 신호는 layers의 backward가 낸 것입니다."""
    x, y = digits()
    net = mlp(3)
    seen, gradients = diagnose(net, x, y).recording, net.gradients(x, y)
    for layer, bias in zip(seen.layers, gradients.biases):
        np.testing.assert_allclose(layer.deltas.totals, bias, atol=1e-6)


def test_every_layer_of_a_transformer_is_named_once():
    text = texts.load_constitution(16)
    attention = layers.Residual([layers.LayerNorm(), layers.Attention(2, packed=True)])
    net = Network([layers.Tied(layers.Embedding(73, 32), [layers.Position(), attention])], (16,), rng=rng())
    seen = diagnose(net, text.x_train[:8], text.y_train[:8]).recording
    assert [(layer.label, len(layer.weights)) for layer in seen.layers] == [
        ("Embedding", 1),
        ("Position", 1),
        ("LayerNorm", 0),
        ("Attention", 4),
        ("Tied", 1),
    ]


def test_packed_parts_get_their_own_gradient():
    x = rng(1).standard_normal((8, 5, 16)).astype(np.float32)
    net = Network([layers.Attention(2, packed=True), layers.Reshape(-1), layers.Dense(3)], (5, 16), rng=rng())
    y = np.arange(8) % 3
    weights = diagnose(net, x, y).recording.layers[0].weights.values()
    whole = net.gradients(x, y).weights[0]
    for weight, part in zip(weights, np.split(whole, 3, axis=1)):
        assert weight.drawn == (16, 48)
        assert weight.gradient_rms == pytest.approx(np.sqrt(np.mean(part**2)), rel=1e-4)


def test_each_expression_reaches_the_array_it_describes():
    net = Network([layers.Residual([layers.Attention(2, packed=True)]), layers.Dense(3)], (4, 8), rng=rng())
    for layer in diagnose(net, rng().standard_normal((2, 4, 8))).recording.layers:
        for weight in layer.weights.values():
            array = eval(weight.expression, {"model": net})
            assert array.shape == weight.shape
            assert np.sqrt(np.mean(array**2)) == pytest.approx(weight.std, rel=1e-6)


def test_the_network_is_left_as_it_was():
    x, y = digits()
    net = convolution(norm=True)
    before = copy.deepcopy(net.state)
    diagnose(net, x, y)
    for was, now in zip(before, net.state):
        np.testing.assert_array_equal(was, now)


def test_update_ratio_of_adam_is_the_rate_over_the_weights():
    """Adam의 첫 걸음은 기울기가 0이 아닌 곳에서 모두 η입니다."""
    x, y = digits()
    net = mlp(2)
    last = diagnose(net, x, y, optimizer="adam", learning_rate=1e-3).recording.layers[-1]
    [weight] = last.weights.values()
    assert weight.update_ratio == pytest.approx(1e-3 / weight.std, rel=0.02)


def test_update_ratio_of_sgd_is_the_rate_times_the_gradient():
    x, y = digits()
    [weight] = diagnose(mlp(2), x, y, optimizer="sgd", learning_rate=0.1).recording.layers[1].weights.values()
    assert weight.update_ratio == pytest.approx(0.1 * weight.gradient_rms / weight.std, rel=1e-3)


def test_a_model_of_another_kind_is_refused():
    with pytest.raises(TypeError, match=r"`model`에는 .*torch.nn.Module"):
        diagnose(object(), np.ones((2, 3)))


def test_bad_arguments_are_refused():
    x, y = digits()
    for wrong, said in [
        ({"loss": print}, "`loss`"),
        ({"optimizer": "rmsprop"}, "`optimizer`"),
        ({"learning_rate": -1}, "`learning_rate`"),
        ({"rng": 3}, "`rng`"),
        ({"labels": y[:-1]}, "`labels`"),
    ]:
        with pytest.raises((TypeError, ValueError), match=said):
            diagnose(mlp(1), x, **{"labels": y, **wrong})
    with pytest.raises((TypeError, ValueError), match="`x`"):
        diagnose(mlp(1), x[:, :5], y)
