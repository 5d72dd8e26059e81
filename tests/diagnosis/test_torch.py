"""torch의 모델을 읽은 것이 autograd와 손으로 셈한 것과 같습니다(`make parity`)."""

import numpy as np
import pytest

from wi_lib import diagnose
from wi_lib.diagnosis.weights import fingerprints

torch = pytest.importorskip("torch", reason="torch가 없습니다. make parity가 따로 설치해 돌립니다.")
nn, F = torch.nn, torch.nn.functional
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(autouse=True)
def _same_weights():
    torch.manual_seed(0)


def seen(model, x, labels=None, **rest):
    return diagnose(model, x, labels, **rest).recording


def batch(*shape):
    return torch.randn(16, *shape, generator=torch.Generator().manual_seed(1))


def classes(count=3):
    return torch.arange(16) % count


def rms(array):
    return float(torch.as_tensor(array).double().square().mean().sqrt())


def gradient(model, x, y, parameter):
    """autograd가 따로 셈한 교차 엔트로피의 기울기."""
    return torch.autograd.grad(F.cross_entropy(model(x), y), parameter)[0]


class Calls(nn.Module):
    """층 둘 사이에 아무 함수나 부르는 망."""

    def __init__(self, between):
        super().__init__()
        self.fc1, self.fc2, self.between = nn.Linear(5, 8), nn.Linear(8, 3), between

    def forward(self, x):
        return self.fc2(self.between(self.fc1(x)))


def test_signals_are_those_of_a_hand_computation():
    model, x = nn.Sequential(nn.Linear(5, 8), nn.Tanh(), nn.Linear(8, 3)), batch(5)
    first, last = seen(model, x).layers
    z = x.numpy() @ model[0].weight.detach().numpy().T + model[0].bias.detach().numpy()
    assert (first.name, first.kind, first.label) == ("0", "dense", "Linear")
    assert first.inputs.rms == pytest.approx(rms(x), rel=1e-6)
    assert first.outputs.rms == pytest.approx(rms(z), rel=1e-5)
    assert first.activation == "tanh"
    assert first.activated.rms == pytest.approx(rms(np.tanh(z)), rel=1e-5)
    assert last.activation is None


def test_deltas_and_weight_gradients_are_autograds():
    model, x, y = Calls(nn.ReLU()), batch(5), classes()
    layers = seen(model, x, y).layers
    for layer, module in zip(layers, (model.fc1, model.fc2)):
        # δ를 배치에 걸쳐 더한 것이 편향의 기울기입니다.
        np.testing.assert_allclose(layer.deltas.totals, gradient(model, x, y, module.bias), atol=1e-6)
        [weight] = layer.weights.values()
        assert weight.gradient_rms == pytest.approx(rms(gradient(model, x, y, module.weight)), rel=1e-5)


def test_the_loss_is_torchs():
    model, x, y = Calls(nn.ReLU()), batch(5), classes()
    assert seen(model, x, y).loss == pytest.approx(float(F.cross_entropy(model(x), y)), rel=1e-5)
    squares = seen(model, x, torch.zeros(16, 3), loss=nn.MSELoss())
    assert squares.loss == pytest.approx(rms(model(x).detach()) ** 2, rel=1e-5)
    assert squares.layers[0].deltas.rms > 0


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (F.relu, "relu"),
        (F.relu_, "relu"),
        (torch.relu, "relu"),
        (lambda z: z.relu(), "relu"),
        (lambda z: z.relu_(), "relu"),
        (nn.ReLU(inplace=True), "relu"),
        (torch.tanh, "tanh"),
        (lambda z: z.sigmoid(), "sigmoid"),
        (nn.LeakyReLU(0.2), "leaky_relu"),
        (nn.PReLU(), "prelu"),
        (F.gelu, "gelu"),
        (nn.SiLU(inplace=True), "silu"),
        (nn.ReLU6(), "relu6"),
        (F.relu6, "relu6"),
        (nn.Hardswish(), "hardswish"),
        (F.softplus, "softplus"),
        (lambda z: z.clamp(min=0), "relu"),
        (lambda z: torch.clamp(z, 0, 6), "relu6"),
    ],
)
def test_every_way_to_call_an_activation_is_seen(call, name):
    model, x = Calls(call), batch(5)
    first, last = seen(model, x).layers
    z = model.fc1(x).detach()
    assert (first.activation, last.activation) == (name, None)
    # 제자리에서 덮어쓰기 전의 것을 셉니다.
    assert first.outputs.rms == pytest.approx(rms(z), rel=1e-6)
    assert first.activated.rms == pytest.approx(rms(call(z.clone()).detach()), rel=1e-6)


def test_delta_of_an_overwritten_output_is_that_before_the_activation():
    plain, inplace, x, y = Calls(nn.ReLU()), Calls(nn.ReLU(inplace=True)), batch(5), classes()
    inplace.load_state_dict(plain.state_dict())
    a, b = seen(plain, x, y).layers[0], seen(inplace, x, y).layers[0]
    np.testing.assert_array_equal(a.deltas.squares, b.deltas.squares)


def test_a_reused_activation_belongs_to_each_layer():
    relu = nn.ReLU()
    layers = seen(nn.Sequential(nn.Linear(5, 8), relu, nn.Linear(8, 8), relu, nn.Linear(8, 3)), batch(5)).layers
    assert [layer.activation for layer in layers] == ["relu", "relu", None]


class Raw(nn.Module):
    """모듈 없이 파라미터를 바로 곱하는 망. 정사각이라 모양으로는 전치를 가릴 수 없습니다."""

    def __init__(self):
        super().__init__()
        self.a, self.b, self.c = (nn.Parameter(torch.randn(5, 5)) for _ in range(3))
        self.kernel = nn.Parameter(torch.randn(3, 1, 2))

    def forward(self, x):
        h = torch.relu(F.linear(torch.tanh(x @ self.a) @ self.b.T, self.c))
        return F.conv1d(h.unsqueeze(1), self.kernel, None, 1, 0, 1, 1).mean(-1)


def test_bare_parameters_are_layers():
    model, x, y = Raw(), batch(5), classes()
    layers = seen(model, x, y).layers
    assert [(layer.name, layer.kind, layer.activation) for layer in layers] == [
        ("a", "dense", "tanh"),
        ("b", "dense", None),
        ("c", "dense", "relu"),
        ("kernel", "convolution", None),
    ]
    arrays = [model.a, model.b.T, model.c.T, model.kernel.permute(2, 1, 0)]
    for layer, array in zip(layers, arrays):
        [weight] = layer.weights.values()
        np.testing.assert_allclose(weight.columns, fingerprints(array.detach().numpy()), rtol=1e-5)
        assert weight.gradient_rms == pytest.approx(rms(gradient(model, x, y, getattr(model, layer.name))), rel=1e-5)


def test_shared_and_tied_weights():
    class Tied(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed, self.middle, self.head = nn.Embedding(7, 4), nn.Linear(4, 4), nn.Linear(4, 7, bias=False)
            self.head.weight = self.embed.weight

        def forward(self, tokens):
            h = self.embed(tokens)
            return self.head(self.middle(torch.tanh(self.middle(h))))

    model, tokens = Tied(), torch.arange(16).reshape(2, 8) % 7
    embed, middle, head = seen(model, tokens, tokens).layers
    assert (embed.kind, embed.weights["embed.weight"].fan_in) == ("embedding", 1)
    # 두 번 쓰인 층은 기록 하나에 두 배를 더합니다.
    assert (middle.inputs.batches, middle.outputs.batches, middle.deltas.batches) == (2, 2, 2)
    assert middle.inputs.count == 2 * embed.outputs.count
    loss = F.cross_entropy(model(tokens).reshape(-1, 7), tokens.ravel())
    whole = rms(torch.autograd.grad(loss, model.embed.weight)[0])
    # 한 행렬이므로 두 층에서 이름이 같고, 기울기는 두 쓰임을 더한 것입니다.
    for layer in (embed, head):
        assert layer.weights["embed.weight"].gradient_rms == pytest.approx(whole, rel=1e-4)
    assert head.weights["embed.weight"].shape == (4, 7)
    assert head.weights["embed.weight"].expression == "model.head.weight"


def test_a_residual_network_keeps_the_order_of_its_layers():
    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm, self.up, self.down = nn.LayerNorm(5), nn.Linear(5, 9), nn.Linear(9, 5)

        def forward(self, x):
            return x + self.down(F.gelu(self.up(self.norm(x))))

    model, x, y = nn.Sequential(Block(), Block(), nn.Linear(5, 3)), batch(5), classes()
    layers = seen(model, x, y).layers
    names = [f"{i}.{part}" for i in range(2) for part in ("norm", "up", "down")]
    assert [layer.name for layer in layers] == [*names, "2"]
    assert layers[3].inputs.rms == pytest.approx(rms(model[0](x).detach()), rel=1e-6)


def test_several_inputs_by_place_and_by_name():
    class Two(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = nn.Linear(5, 3), nn.Linear(4, 3)

        def forward(self, left, right, scale=1.0):
            return {"other": None, "logits": scale * (self.a(left) + self.b(right))}

    model, left, right = Two(), batch(5), batch(4)
    by_place, by_name = seen(model, (left, right)), seen(model, {"right": right.numpy(), "left": left, "scale": 2.0})
    assert [layer.inputs.rms for layer in by_place.layers] == [layer.inputs.rms for layer in by_name.layers]
    assert rms(by_name.outputs) == pytest.approx(2 * rms(by_place.outputs), rel=1e-6)


@pytest.mark.parametrize(
    "wrap",
    [lambda z: (z, z + 1), lambda z: {"first": z}, lambda z: [[z], None], lambda z: (None, z)],
    ids=["튜플", "사전", "겹친 목록", "None 다음"],
)
def test_nested_outputs(wrap):
    class Wrapped(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(5, 3)

        def forward(self, x):
            return wrap(self.fc(x))

    model, x = Wrapped(), batch(5)
    np.testing.assert_array_equal(seen(model, x).outputs, model.fc(x).detach().numpy())


def test_classes_of_a_segmentation_are_on_the_channel_axis():
    model, x = nn.Conv2d(2, 4, 1), batch(2, 5, 6)
    labels = torch.randint(0, 4, (16, 5, 6))
    record = seen(model, x, labels)
    assert record.loss == pytest.approx(float(F.cross_entropy(model(x), labels)), rel=1e-5)
    [weight] = record.layers[0].weights.values()
    assert weight.gradient_rms == pytest.approx(rms(gradient(model, x, labels, model.weight)), rel=1e-4)


def test_numpy_inputs_take_the_models_type():
    model = nn.Linear(5, 3).double()
    record = seen(model, batch(5).numpy(), classes().numpy())
    assert record.outputs.dtype == np.float64
    assert seen(nn.Embedding(9, 3), np.arange(9)).outputs.shape == (9, 3)
