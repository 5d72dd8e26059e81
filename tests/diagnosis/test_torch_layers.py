"""torch의 여러 층: 어텐션과 순환, 매개화, 정밀도, 컴파일과 체크포인트(`make parity`)."""

import functools
import math

import numpy as np
import pytest

from tests.diagnosis.test_torch import batch, classes, gradient, rms, seen

torch = pytest.importorskip("torch", reason="torch가 없습니다. make parity가 따로 설치해 돌립니다.")
nn, F = torch.nn, torch.nn.functional
parametrizations, checkpoints = (
    pytest.importorskip(f"torch.{name}") for name in ("nn.utils.parametrizations", "utils.checkpoint")
)
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(autouse=True)
def _same_weights():
    torch.manual_seed(0)


@pytest.mark.parametrize("mode", [True, False])
def test_packed_attention_is_four_matrices(mode):
    class Attends(nn.Module):
        def __init__(self):
            super().__init__()
            self.attention, self.head = nn.MultiheadAttention(8, 2, batch_first=True), nn.Linear(8, 3)

        def forward(self, x):
            return self.head(self.attention(x, x, x, need_weights=False)[0].mean(1))

    model, x, y = Attends().train(mode), batch(5, 8), classes()
    layer = seen(model, x, y).layers[0]
    assert (layer.kind, layer.outputs.known, layer.deltas.known) == ("attention", True, True)
    whole = gradient(model, x, y, model.attention.in_proj_weight)
    out = gradient(model, x, y, model.attention.out_proj.weight)
    for weight, part in zip(layer.weights.values(), [*whole.split(8), out]):
        assert weight.gradient_rms == pytest.approx(rms(part), rel=1e-4)
    assert [weight.drawn for weight in layer.weights.values()] == [(8, 24)] * 3 + [(8, 8)]
    assert "xavier_uniform" in layer.weights["attention.in_proj_weight.q"].matches


def test_attention_with_other_key_widths_is_not_packed():
    class Crosses(nn.Module):
        def __init__(self):
            super().__init__()
            self.attention = nn.MultiheadAttention(8, 2, kdim=6, vdim=4)

        def forward(self, query, key, value):
            return self.attention(query=query, key=key, value=value)[0]

    [layer] = seen(Crosses(), (batch(5, 8), batch(5, 6), batch(5, 4))).layers
    assert [weight.shape for weight in layer.weights.values()] == [(8, 8), (6, 8), (4, 8), (8, 8)]
    assert layer.inputs.rms == pytest.approx(rms(batch(5, 8)), rel=1e-6)


@pytest.mark.parametrize("mode", ["train", "eval", "얼림"])
def test_the_fast_path_of_an_encoder_hides_nothing(mode):
    block = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, batch_first=True)
    model = nn.Sequential(nn.TransformerEncoder(block, 2), nn.Linear(8, 3)).train()
    model[0].train(mode == "train").requires_grad_(mode != "얼림")
    layers = seen(model, batch(5, 8)).layers
    parts = ("self_attn", "norm1", "linear1", "linear2", "norm2")
    assert [layer.name for layer in layers] == [*[f"0.layers.{i}.{p}" for i in range(2) for p in parts], "1"]
    assert layers[2].activation == "relu"


@pytest.mark.parametrize(("cls", "gates"), [(nn.LSTM, 4), (nn.GRU, 3), (nn.RNN, 1)])
def test_recurrent_layers(cls, gates):
    class Reads(nn.Module):
        def __init__(self):
            super().__init__()
            self.cells, self.head = cls(5, 6, batch_first=True), nn.Linear(6, 3)

        def forward(self, x):
            return self.head(self.cells(x)[0][:, -1])

    model, x, y = Reads(), batch(7, 5), classes()
    layer = seen(model, x, y).layers[0]
    assert (layer.kind, layer.outputs.rms) == ("other", pytest.approx(rms(model.cells(x)[0].detach()), rel=1e-6))
    assert [weight.shape for weight in layer.weights.values()] == [(5, gates * 6), (6, gates * 6)]
    want = rms(gradient(model, x, y, model.cells.weight_hh_l0))
    assert layer.weights["cells.weight_hh_l0"].gradient_rms == pytest.approx(want, rel=1e-4)


def test_packed_sequences_are_one_input():
    class Reads(nn.Module):
        def __init__(self):
            super().__init__()
            self.cells, self.head = nn.LSTM(5, 6), nn.Linear(6, 3)

        def forward(self, x):
            return self.head(self.cells(x)[1][0][-1])

    packed = nn.utils.rnn.pack_sequence([batch(5)[:n] for n in (7, 4, 2)])
    cells, _ = seen(Reads(), packed, torch.arange(3)).layers
    assert (cells.inputs.count, cells.outputs.count) == (13 * 5, 13 * 6)
    assert all(weight.gradient_rms > 0 for weight in cells.weights.values())


def test_parametrized_weights_are_the_multiplied_ones():
    for wrap in (parametrizations.weight_norm, nn.utils.weight_norm, parametrizations.spectral_norm):
        model, x, y = nn.Sequential(wrap(nn.Linear(5, 8)), nn.ReLU(), nn.Linear(8, 3)), batch(5), classes()
        layer = seen(model, x, y).layers[0]
        [weight] = layer.weights.values()
        assert (weight.name, weight.shape, weight.trainable) == ("0.weight", (5, 8), True)
        # 편향의 기울기가 δ의 합이듯, 가중치의 기울기는 xᵀδ입니다.
        delta = gradient(model, x, y, model[0].bias)
        np.testing.assert_allclose(layer.deltas.totals, delta, atol=1e-5)
        assert weight.gradient_rms > 0


def test_frozen_parts_have_no_gradient():
    model = nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 3))
    model[2].requires_grad_(False)
    first, middle, last = seen(model, batch(5), classes()).layers
    [weight] = middle.weights.values()
    assert (weight.trainable, weight.gradient_rms) == (False, None)
    # 얼린 층을 지나 앞의 층까지 되돌아갑니다.
    assert middle.deltas.rms > 0
    assert all(w.gradient_rms > 0 for layer in (first, last) for w in layer.weights.values())
    model.requires_grad_(False)
    assert not any(layer.deltas.known for layer in seen(model, batch(5), classes()).layers)


@pytest.mark.parametrize(
    ("dtype", "given"), [(torch.float16, "float16"), (torch.bfloat16, "float32"), (torch.float64, "float64")]
)
def test_mixed_precision(dtype, given):
    model = nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 3)).to(dtype)
    first, _ = seen(model, batch(5).numpy(), classes()).layers
    assert first.outputs.dtype == given
    [weight] = first.weights.values()
    assert weight.gradient_rms == pytest.approx(
        rms(gradient(model, batch(5).to(dtype), classes(), model[0].weight)), 0.02
    )


def test_autocast_of_the_caller_stays_on():
    model, x = nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 3)), batch(5)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        record = seen(model, x, classes())
        assert torch.is_autocast_enabled("cpu")
        wanted = model(x)
    np.testing.assert_array_equal(record.outputs, wanted.detach().float().numpy())
    assert all(w.gradient_rms > 0 for layer in record.layers for w in layer.weights.values())


@pytest.mark.parametrize("context", [torch.no_grad, torch.inference_mode])
def test_callers_without_gradients_are_measured_all_the_same(context):
    model, plain = nn.Sequential(nn.Linear(5, 8), nn.ReLU(inplace=True), nn.Linear(8, 3)), batch(5)
    wanted = seen(model, plain, classes()).layers[0].deltas
    with context():
        x, y = plain.clone(), classes().clone()
        found = seen(model, x, y).layers[0].deltas
    np.testing.assert_array_equal(found.totals, wanted.totals)


@pytest.mark.parametrize("reentrant", [True, False])
def test_checkpointed_blocks_are_counted_once(reentrant):
    class Checkpointed(nn.Module):
        def __init__(self, on):
            super().__init__()
            self.block, self.head, self.on = nn.Sequential(nn.Linear(5, 5), nn.ReLU()), nn.Linear(5, 3), on

        def forward(self, x):
            run = functools.partial(checkpoints.checkpoint, self.block, use_reentrant=reentrant)
            return self.head((run if self.on else self.block)(x))

    plain, saving = Checkpointed(False), Checkpointed(True)
    saving.load_state_dict(plain.state_dict())
    a, b = seen(plain, batch(5), classes()).layers[0], seen(saving, batch(5), classes()).layers[0]
    assert (b.inputs.batches, b.outputs.batches, b.activated.batches, b.deltas.batches) == (1, 1, 1, 1)
    assert b.weights["block.0.weight"].gradient_rms == a.weights["block.0.weight"].gradient_rms
    assert checkpoints.CheckpointFunction.__module__ == "torch.utils.checkpoint"


def test_compiled_models_are_seen_layer_by_layer():
    plain = nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 3))
    names = [layer.name for layer in seen(plain, batch(5)).layers]

    def refuses(graph, inputs):
        raise AssertionError("컴파일하지 않습니다.")

    compiled = torch.compile(plain, backend=refuses)
    record = seen(compiled, batch(5))
    assert [layer.name for layer in record.layers] == names
    [weight] = record.layers[0].weights.values()
    assert eval(weight.expression, {"model": compiled}) is plain[0].weight
    plain.compile(backend=refuses)
    assert [layer.name for layer in seen(plain, batch(5)).layers] == names


def test_memory_layout_does_not_matter():
    model, x = nn.Conv2d(4, 6, 3), batch(4, 9, 9)
    rows, channels = seen(model, x), seen(model.to(memory_format=torch.channels_last), x.mT.contiguous().mT)
    np.testing.assert_allclose(rows.layers[0].outputs.totals, channels.layers[0].outputs.totals, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(rows.layers[0].deltas.squares, channels.layers[0].deltas.squares, rtol=1e-4)


def test_norms_and_activations_of_other_packages():
    class MyRMSNorm(nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = nn.Parameter(torch.ones(5))

        def forward(self, x):
            return self.scale * x * (x.pow(2).mean(-1, keepdim=True) + 1e-6).rsqrt()

    class NewGELU(nn.Module):
        def forward(self, x):
            return 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))

    class NormAct(nn.BatchNorm1d):
        def __init__(self, width):
            super().__init__(width)
            self.act = nn.ReLU(inplace=True)

        def forward(self, x):
            return self.act(super().forward(x))

    model = nn.Sequential(MyRMSNorm(), nn.Linear(5, 8), NewGELU(), nn.Linear(8, 4), NormAct(4))
    layers = seen(model, batch(5)).layers
    assert [(layer.kind, layer.activation) for layer in layers] == [
        ("norm", None),
        ("dense", "gelu"),
        ("dense", None),
        ("norm", "relu"),
    ]
    # 활성화 함수까지 지닌 정규화에서 나간 것은 활성화 함수 앞의 것입니다.
    assert layers[-1].outputs.mean == pytest.approx(0, abs=1e-6)
