"""GPU에 있는 torch의 모델도 CPU에 있는 것과 같이 읽고, 받은 그대로 되돌립니다. GPU가 없으면 건너뜁니다."""

import copy

import numpy as np
import pytest

from wi_lib import diagnose

torch = pytest.importorskip("torch", reason="torch가 없습니다. make parity가 따로 설치해 돌립니다.")
if not torch.cuda.is_available():
    pytest.skip("GPU가 없습니다.", allow_module_level=True)
nn = torch.nn
pytestmark = pytest.mark.filterwarnings("ignore")
MOMENTS = ("inputs", "outputs", "activated", "deltas")


@pytest.fixture(autouse=True)
def _full_precision():
    """TF32로 줄여 곱하지 않아야 CPU와 견줄 수 있습니다."""
    torch.manual_seed(0)
    with torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
        yield


def sample(*shape, count=16):
    return torch.randn(count, *shape, generator=torch.Generator().manual_seed(1))


def classes(count=16):
    return torch.arange(count) % 3


def convolutional(first=1.0):
    model = nn.Sequential(
        *(nn.Conv2d(3, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8), nn.ReLU(inplace=True)),
        *(nn.Conv2d(8, 8, 3, groups=8), nn.GELU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 3)),
    )
    with torch.no_grad():
        model[0].weight *= first
    return model


def zeros():
    model = nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 3))
    nn.init.zeros_(model[0].weight)
    return model


class Reader(nn.Module):
    """토큰을 읽는 망: 임베딩, 어텐션, 정규화."""

    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(20, 16)
        self.block = nn.TransformerEncoderLayer(16, 2, 32, dropout=0.0, batch_first=True, norm_first=True)
        self.head = nn.Linear(16, 3)

    def forward(self, tokens):
        return self.head(self.block(self.embed(tokens)).mean(dim=1))


CASES = {
    "완전 연결": lambda: (nn.Sequential(nn.Linear(5, 8), nn.Tanh(), nn.Linear(8, 3)), sample(5)),
    "합성곱": lambda: (convolutional(), sample(3, 8, 8)),
    "너무 큰 첫 층": lambda: (convolutional(100.0), sample(3, 8, 8)),
    "어텐션": lambda: (Reader(), torch.arange(16 * 6).reshape(16, 6) % 20),
    "모두 0": lambda: (zeros(), sample(5)),
}


def measured(report):
    """층마다의 (이름, 종류, 활성화 함수), 신호의 RMS, 기울기의 RMS."""
    layers = report.recording.layers
    about = [(layer.name, layer.kind, layer.activation) for layer in layers]
    moments = [getattr(layer, name) for layer in layers for name in MOMENTS]
    sizes = [m.rms if m is not None and m.known else 0.0 for m in moments]
    return about, sizes, [w.gradient_rms or 0.0 for layer in layers for w in layer.weights.values()]


@pytest.mark.parametrize("given", ["CPU의 텐서", "GPU의 텐서", "배열"])
@pytest.mark.parametrize("case", CASES)
def test_a_model_on_the_gpu_is_read_like_one_on_the_cpu(case, given):
    model, x = CASES[case]()
    here = diagnose(copy.deepcopy(model), x, classes())
    move = {"CPU의 텐서": lambda t: t, "GPU의 텐서": lambda t: t.cuda(), "배열": lambda t: t.numpy()}[given]
    there = diagnose(model.cuda(), move(x), move(classes()))
    (names, signals, gradients), (about, moments, sizes) = measured(there), measured(here)
    assert names == about
    np.testing.assert_allclose(signals, moments, rtol=1e-3, atol=1e-7)
    np.testing.assert_allclose(gradients, sizes, rtol=1e-3, atol=1e-7)
    assert [(f.code, f.layer, f.also) for f in there.findings] == [(f.code, f.layer, f.also) for f in here.findings]


@pytest.mark.parametrize("build", [zeros, lambda: convolutional(100.0)], ids=["모두 0", "너무 큰 첫 층"])
def test_the_code_that_mends_runs_on_the_gpu(build):
    model, x = build().cuda(), sample(5) if build is zeros else sample(3, 8, 8)
    sick = diagnose(model, x, classes())
    assert not sick.healthy
    exec(sick.fix(), {"model": model, "x": x.cuda(), "labels": classes().cuda()})
    assert {p.device.type for p in model.parameters()} == {"cuda"}
    mended = {f.code for f in diagnose(model, x, classes()).findings}
    assert mended < {f.code for f in sick.findings}


@pytest.mark.parametrize("broken", [False, True])
def test_the_model_and_the_random_numbers_of_the_gpu_are_left_as_they_were(broken):
    model = nn.Sequential(nn.Linear(5, 8), nn.BatchNorm1d(8), nn.Dropout(0.5), nn.Linear(8, 3)).cuda()
    model(sample(5).cuda()).sum().backward()
    before = copy.deepcopy(model.state_dict())
    grads = [(p.grad, p.grad.clone()) for p in model.parameters()]
    cpu, gpu = torch.get_rng_state(), torch.cuda.get_rng_state()
    if broken:
        with pytest.raises(ValueError, match="모델을 흘리지 못했습니다"):
            diagnose(model, sample(4), classes())
    else:
        diagnose(model, sample(5), classes())
    torch.testing.assert_close(model.state_dict(), before, rtol=0, atol=0)
    assert all(p.grad is grad and torch.equal(grad, kept) for p, (grad, kept) in zip(model.parameters(), grads))
    assert torch.equal(torch.get_rng_state(), cpu)
    assert torch.equal(torch.cuda.get_rng_state(), gpu)


def test_the_memory_of_the_gpu_is_given_back():
    model, x, y = convolutional().cuda(), sample(3, 8, 8).cuda(), classes().cuda()
    diagnose(model, x, y)  # 처음 부를 때 잡아 두는 작업 공간
    before = torch.cuda.memory_allocated()
    report = diagnose(model, x, y)
    assert torch.cuda.memory_allocated() == before
    assert report.recording.layers


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_autocast_of_the_gpu_stays_on(dtype):
    model, x = nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 3)).cuda(), sample(5).cuda()
    with torch.autocast("cuda", dtype=dtype):
        recording = diagnose(model, x, classes()).recording
        assert torch.is_autocast_enabled("cuda")
        wanted = model(x)
    assert wanted.dtype == dtype
    np.testing.assert_array_equal(recording.outputs.astype(np.float32), wanted.detach().float().cpu().numpy())
    assert all(w.gradient_rms > 0 for layer in recording.layers for w in layer.weights.values())


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_a_model_of_half_precision_is_read(dtype):
    model = nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 3))
    here = measured(diagnose(copy.deepcopy(model), sample(5), classes()))
    there = measured(diagnose(model.cuda().to(dtype), sample(5).numpy(), classes()))
    assert there[0] == here[0]
    for mine, theirs in zip(there[1:], here[1:]):
        np.testing.assert_allclose(mine, theirs, rtol=0.05, atol=1e-6)


def test_a_loss_of_ones_own_is_given_what_is_on_the_gpu():
    model, asked = nn.Linear(5, 3).cuda(), []

    def loss(outputs, labels):
        asked.extend((outputs.device.type, labels.device.type))
        return nn.functional.cross_entropy(outputs, labels)

    assert diagnose(model, sample(5), classes(), loss=loss).recording.loss > 0
    assert asked == ["cuda", "cuda"]


def test_a_compiled_model_is_read_layer_by_layer():
    plain = nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 3)).cuda()
    compiled, x = torch.compile(copy.deepcopy(plain)), sample(5).cuda()
    compiled(x)
    assert measured(diagnose(compiled, x, classes())) == measured(diagnose(plain, x, classes()))


def test_parts_on_two_devices_are_told_where_they_differ():
    model = nn.Sequential(nn.Linear(5, 8).cuda(), nn.ReLU(), nn.Linear(8, 3))
    with pytest.raises(ValueError, match=r"오류가 난 층: 2\(Linear\)\. 까닭: RuntimeError: .*device"):
        diagnose(model, sample(5), classes())
