"""torch의 모델은 오류가 나도 받은 그대로이고, 오류는 층과 까닭을 말합니다(`make parity`)."""

import copy
import random

import numpy as np
import pytest

from wi_lib import diagnose

torch = pytest.importorskip("torch", reason="torch가 없습니다. make parity가 따로 설치해 돌립니다.")
nn = torch.nn
pytestmark = pytest.mark.filterwarnings("ignore")
X, Y = torch.randn(16, 5, generator=torch.Generator().manual_seed(1)), torch.arange(16) % 3


class Busy(nn.Module):
    """흘릴 때마다 버퍼, 속성, 난수를 모두 고치는 모델. broken이면 끝에 오류를 냅니다."""

    def __init__(self):
        super().__init__()
        self.first, self.norm, self.drop = nn.Linear(5, 8), nn.BatchNorm1d(8), nn.Dropout(0.5)
        self.frozen = nn.Linear(8, 8).requires_grad_(False)
        self.last = nn.utils.parametrizations.spectral_norm(nn.Linear(8, 3))
        self.register_buffer("seen", torch.zeros(()))
        self.steps, self.broken = 0, False

    def forward(self, x):
        self.steps, self.seen, self.kept = self.steps + 1, self.seen + 1, x
        x = x + np.random.rand() + random.random()  # noqa: NPY002 (모델이 전역의 난수를 쓰는 경우입니다.)
        y = self.last(torch.relu_(self.frozen(self.drop(torch.relu_(self.norm(self.first(x)))))))
        if self.broken:
            raise RuntimeError("일부러 낸 오류")
        return y


def state(model):
    """모델과 둘레에서 눈에 보이는 모든 것."""
    modules = dict(model.named_modules())
    hooks = [value for value in vars(nn.Module()) if value.endswith("hooks")]
    return {
        "weights": {name: tensor.clone() for name, tensor in model.state_dict().items()},
        "identities": [id(tensor) for tensor in (*model.parameters(), *model.buffers())],
        "training": {name: module.training for name, module in modules.items()},
        "hooks": {(name, kind): list(getattr(module, kind)) for name, module in modules.items() for kind in hooks},
        "tensor hooks": [p._backward_hooks for p in model.parameters()],
        "grads": [(id(p.grad), None if p.grad is None else p.grad.clone()) for p in model.parameters()],
        "requires_grad": [p.requires_grad for p in model.parameters()],
        "attributes": (model.steps, hasattr(model, "kept"), sorted(vars(model))),
        "torch": torch.get_rng_state(),
        "numpy": np.random.get_state()[1].tolist(),  # noqa: NPY002
        "python": random.getstate(),
        "modes": (torch.is_grad_enabled(), torch.is_inference_mode_enabled(), torch.is_autocast_enabled("cpu")),
    }


def same(before, after):
    torch.testing.assert_close(after["weights"], before["weights"], rtol=0, atol=0)
    for (was, old), (now, new) in zip(before["grads"], after["grads"]):
        assert was == now
        assert old is None or torch.equal(old, new)
    assert torch.equal(before["torch"], after["torch"])
    for name in set(before) - {"weights", "grads", "torch"}:
        assert before[name] == after[name], name


def busy(mode, grads):
    torch.manual_seed(0)
    model = Busy()
    if grads:
        model(X).sum().backward()
    model.train(mode != "eval")
    if mode == "일부만 eval":
        model.norm.eval()
    return model


@pytest.mark.parametrize("grads", [False, True], ids=["처음", "기울기가 있는 채로"])
@pytest.mark.parametrize("mode", ["train", "eval", "일부만 eval"])
def test_the_model_is_left_exactly_as_it_was(mode, grads):
    model = busy(mode, grads)
    before = state(model)
    diagnose(model, X, Y)
    same(before, state(model))


@pytest.mark.parametrize("mode", ["train", "eval"])
def test_so_it_is_after_an_error(mode):
    for change, options in [
        ({"broken": True}, {}),
        ({}, {"loss": lambda outputs, labels: outputs.no_such_thing}),
        ({}, {"labels": Y + 7}),
        ({}, {"labels": Y[:-1]}),
    ]:
        model = busy(mode, grads=True)
        vars(model).update(change)
        before = state(model)
        with pytest.raises(ValueError, match=r"일부러|`loss`|`labels`"):
            diagnose(model, X, **{"labels": Y, **options})
        same(before, state(model))


@pytest.mark.parametrize("context", [torch.no_grad, torch.inference_mode])
def test_so_it_is_for_a_caller_without_gradients(context):
    model = busy("train", grads=True)
    with context():
        before = state(model)
        diagnose(model, X, Y)
        same(before, state(model))


def test_inputs_are_not_overwritten():
    model, x = nn.Sequential(nn.ReLU(inplace=True), nn.Linear(5, 3)), X.clone().requires_grad_()
    array = X.numpy().copy()
    diagnose(model, x.detach(), Y)
    diagnose(model, array, Y)
    assert torch.equal(x.detach(), X)
    np.testing.assert_array_equal(array, X.numpy())
    diagnose(nn.Linear(5, 3), x, Y)
    assert x.grad is None


def test_users_hooks_still_run():
    calls, model = [], nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 3))
    model[0].register_forward_hook(lambda *_: calls.append("forward"))
    model[0].weight.register_hook(lambda g: calls.append("backward"))
    diagnose(model, X, Y)
    model(X)
    assert calls == ["forward", "backward", "forward"]


def test_an_optimizer_in_the_backward_pass_does_not_step():
    """.backward()라면 부를 훅: 기울기를 쌓지 않으므로 부르지 않습니다."""
    model = nn.Linear(5, 3)
    model.weight.register_post_accumulate_grad_hook(lambda p: p.data.zero_())
    before = copy.deepcopy(model.state_dict())
    diagnose(model, X, Y)
    torch.testing.assert_close(model.state_dict(), before, rtol=0, atol=0)


def test_eval_models_are_measured_as_in_training():
    model = nn.Sequential(nn.Linear(5, 8), nn.BatchNorm1d(8), nn.Linear(8, 3))
    train = diagnose(model.train(), X, Y).recording
    assert diagnose(model.eval(), X, Y).recording.loss == train.loss
    # 배치의 통계로 맞추므로 나간 것의 RMS가 1입니다.
    assert train.layers[1].outputs.rms == pytest.approx(1, abs=1e-3)


def test_parts_kept_in_eval_stay_so():
    model = nn.Sequential(nn.Linear(5, 8), nn.BatchNorm1d(8), nn.Linear(8, 3))
    model[1].eval()
    layers = diagnose(model, X, Y).recording.layers
    # 이동 평균(0과 1)으로는 들어온 것이 그대로 나갑니다.
    assert layers[1].outputs.rms == pytest.approx(layers[1].inputs.rms, rel=1e-4)


def test_errors_name_the_layer_and_the_cause():
    model = nn.Sequential(nn.Linear(5, 8), nn.Sequential(nn.ReLU(), nn.Linear(9, 3)))
    with pytest.raises(ValueError, match=r"오류가 난 층: 1\.1\(Linear\)\. 까닭: RuntimeError: mat1") as caught:
        diagnose(model, X, Y)
    assert isinstance(caught.value.__cause__, RuntimeError)
    with pytest.raises(ValueError, match=r"모델을 흘리지 못했습니다\. 까닭: TypeError: .*nothing"):
        diagnose(Busy(), {"nothing": X}, Y)


def test_errors_of_the_backward_pass_are_told():
    class Overwrites(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(5, 3)

        def forward(self, x):
            y = torch.sigmoid(self.fc(x))
            z = y * y
            y += 1
            return z

    with pytest.raises(ValueError, match=r"기울기를 되돌리지 못했습니다\. 까닭: RuntimeError"):
        diagnose(Overwrites(), X, Y)


@pytest.mark.parametrize(
    ("model", "x", "labels", "options", "said"),
    [
        (nn.Sequential(nn.LazyLinear(3)), X, Y, {}, r"`model`에는 .*model\(x\).*0\.weight"),
        (nn.Identity(), torch.arange(3), None, {}, "`model`에는 출력이 실수 텐서"),
        (nn.Linear(5, 3), np.array(["가", "나"]), None, {}, "`x`에는 수로 된"),
        (nn.Linear(5, 3), X, Y, {"loss": lambda outputs, labels: outputs}, "`loss`에는 스칼라"),
        (nn.Linear(5, 3), X, Y + 1, {}, "`labels`에는 0 이상 3 미만"),
        (nn.Linear(5, 3), X, np.array(["가"] * len(X)), {}, "`labels`에는 수로 된"),
        (nn.Linear(5, 3), X, {"y": Y}, {}, "`labels`에는 배열이나 텐서 하나"),
        (nn.Linear(5, 3), X[:0], Y[:0], {}, "`x`에는 입력이 하나는"),
        (nn.Linear(5, 3), [[1, 2], [3]], Y[:2], {}, "`x`에는 길이가 고른"),
        (nn.Linear(5, 3), iter(X), Y, {}, r"`x`에는 .*next\(iter\(loader\)\)"),
        (nn.Linear(5, 3), torch.utils.data.DataLoader(X), Y, {}, r"`x`에는 .*next\(iter\(loader\)\)"),
        (nn.Linear(5, 3), (X, Y), None, {}, "x로 넘긴 입력 2개"),
        (nn.Linear(5, 3), X, Y, {"loss": nn.CrossEntropyLoss}, "`loss`에는 함수"),
        (nn.Linear(5, 3, device="meta"), X, Y, {}, "`model`에는 가중치가 있는"),
        (nn.Flatten(), X, None, {}, "`model`에는 행렬이나 커널을 쓰는"),
    ],
)
def test_what_cannot_be_measured_is_refused(model, x, labels, options, said):
    with pytest.raises((TypeError, ValueError), match=said):
        diagnose(model, x, labels, **options)


def test_rows_of_numbers_are_one_input():
    model = nn.Linear(5, 3)
    assert diagnose(model, X.tolist(), Y.tolist()).loss == pytest.approx(diagnose(model, X, Y).loss, rel=1e-5)


def test_several_labels_reach_the_loss_as_they_are():
    def loss(outputs, labels):
        return nn.functional.cross_entropy(outputs, labels[0]) + labels[1]["far"].square().mean()

    assert diagnose(nn.Linear(5, 3), X, (Y, {"far": X.numpy()}), loss=loss).loss > 0


def test_a_scripted_model_is_refused():
    with pytest.raises(TypeError, match=r"`model`에는 torch\.jit로 굳히기 전"):
        diagnose(torch.jit.script(nn.Linear(5, 3)), X, Y)
