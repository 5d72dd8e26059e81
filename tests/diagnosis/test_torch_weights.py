"""torch의 행렬과 커널: 모양, fan, 닿는 식(`make parity`)."""

import numpy as np
import pytest

from tests.diagnosis.test_torch import batch, rms, seen

torch = pytest.importorskip("torch", reason="torch가 없습니다. make parity가 따로 설치해 돌립니다.")
nn = torch.nn
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(autouse=True)
def _same_weights():
    torch.manual_seed(0)


def counted(module):
    """torch가 가중치의 모양에서 세는 (fan_in, fan_out)."""
    return nn.init._calculate_fan_in_and_fan_out(module.weight)


@pytest.mark.parametrize(
    ("module", "shape", "fans"),
    [
        (nn.Linear(5, 8), (5,), (5, 8)),
        (nn.Conv1d(4, 6, 3), (4, 9), (12, 18)),
        (nn.Conv2d(4, 6, (3, 5)), (4, 9, 9), (60, 90)),
        (nn.Conv2d(4, 6, 3, groups=2, stride=2), (4, 9, 9), (18, 27)),
        (nn.Conv2d(4, 8, 3, groups=4), (4, 9, 9), (9, 18)),
        (nn.Conv3d(2, 3, 2), (2, 4, 4, 4), (16, 24)),
        (nn.ConvTranspose2d(4, 6, 3), (4, 5, 5), (36, 54)),
        (nn.ConvTranspose2d(4, 6, 3, groups=2), (4, 5, 5), (18, 27)),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, nn.Module) else None,
)
def test_fans_and_what_torch_counts(module, shape, fans):
    [layer] = seen(module, batch(*shape)).layers
    [weight] = layer.weights.values()
    assert (weight.fan_in, weight.fan_out) == fans
    assert weight.drawn == counted(module)
    assert any(name.startswith("torch_default") for name in weight.matches)
    assert len(layer.outputs.totals) == weight.shape[-1]


def test_groups_of_a_transposed_convolution_stay_apart():
    """출력 채널 하나를 만드는 가중치만 0으로 두면, 그 열만 0입니다."""
    module = nn.ConvTranspose2d(4, 6, 3, groups=2)
    with torch.no_grad():
        module.weight[2:, 1] = 0  # 둘째 묶음의 둘째 출력
    [layer] = seen(module, batch(4, 5, 5)).layers
    [weight] = layer.weights.values()
    assert np.flatnonzero(weight.columns == 0).tolist() == [4]


def test_each_expression_reaches_its_array():
    class Odd(nn.Module):
        def __init__(self):
            super().__init__()
            self.blocks = nn.ModuleList([nn.Sequential(nn.Linear(4, 4)), nn.MultiheadAttention(4, 2)])
            self.named = nn.ModuleDict({"a-b": nn.Linear(4, 3)})
            self.bare = nn.ParameterList([torch.rand(3, 3)])

        def forward(self, x):
            h, _ = self.blocks[1](x, x, x)
            return self.named["a-b"](self.blocks[0](h)) @ self.bare[0]

    model = Odd()
    found = [weight for layer in seen(model, batch(3, 4)).layers for weight in layer.weights.values()]
    assert [weight.expression for weight in found] == [
        "model.blocks[1].in_proj_weight[0:4]",
        "model.blocks[1].in_proj_weight[4:8]",
        "model.blocks[1].in_proj_weight[8:12]",
        "model.blocks[1].out_proj.weight",
        "model.blocks[0][0].weight",
        'model.named.get_submodule("a-b").weight',
        'model.bare.get_parameter("0")',
    ]
    for weight in found:
        assert rms(eval(weight.expression, {"model": model}).detach()) == pytest.approx(weight.std, rel=1e-6)


def test_a_layer_whose_matrix_alone_is_used_keeps_its_name():
    class Borrows(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed, self.fc = nn.Embedding(7, 4), nn.Linear(4, 4)

        def forward(self, tokens):
            h = nn.functional.linear(self.embed(tokens), self.fc.weight)
            return nn.functional.linear(h, self.embed.weight)

    layers = seen(Borrows(), torch.arange(7)).layers
    assert [(layer.name, layer.kind, layer.label) for layer in layers] == [
        ("embed", "embedding", "Embedding"),
        ("fc", "dense", "Linear"),
        ("embed.weight", "dense", "Parameter"),
    ]
