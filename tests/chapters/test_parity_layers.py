"""정규화 층의 ε과 이동 평균, 0에서 시작하는 층을 진짜 프레임워크에 견줍니다(`make parity`). wi_lib의 칸은 늘 봅니다.

표는 `chapters/data/frameworks.json`의 norms와 zeros입니다. new는 이동 평균 ← (1 − new)·이동 평균 + new·배치의 값이라는
뜻이고, ddof는 그때 배치의 분산을 N − ddof로 나눈다는 뜻입니다. 이름은 같아도 Keras와 Flax의 momentum은 1 − new입니다.
"""

import numpy as np
import pytest

from tests.chapters.frameworks import FRAMEWORKS, TABLE
from tests.chapters.test_parity import require
from wi_lib import layers

pytestmark = pytest.mark.filterwarnings("ignore")
NAMES = ("wi_lib", *FRAMEWORKS)
UNITS = 6


def cases(table):
    return [pytest.param(name, row[name], id=f"{name}-{row[name]['call']}") for row in TABLE[table] for name in NAMES]


class Built:
    """표의 칸이 만든 층: 학습할 때처럼 흘려 보내는 `forward`와, 이동 평균 `running`."""

    def __init__(self, name, entry):
        getattr(self, f"_{name}")(entry["call"])
        for line in entry.get("then", []):
            exec(line, {"layer": self.layer, "init": self.init})

    def _wi_lib(self, call):
        self.layer, self.init = eval(call, dict(vars(layers))), None
        self.layer.build((UNITS,), np.random.default_rng(0), np.dtype(np.float32))

        def forward(x):
            y, memory = self.layer.forward(x, training=True)
            self.layer.remember(memory)
            return y

        self.forward = forward
        self.running = lambda: (self.layer.running_mean, self.layer.running_variance)

    def _torch(self, call):
        require("torch")
        import torch

        torch.manual_seed(0)
        self.layer, self.init = eval(call, dict(vars(torch.nn))), torch.nn.init
        self.forward = lambda x: self.layer(torch.from_numpy(x)).detach().numpy()
        self.running = lambda: (self.layer.running_mean.numpy(), self.layer.running_var.numpy())

    def _keras(self, call):
        require("keras")
        import keras

        self.layer, self.init = eval(call, dict(vars(keras.layers))), None
        self.forward = lambda x: np.array(self.layer(x, training=True))
        self.running = lambda: (np.array(self.layer.moving_mean), np.array(self.layer.moving_variance))

    def _jax(self, call):
        require("jax")
        from flax import nnx

        self.layer, self.init = eval(f"{call[:-1]}, rngs=Rngs(0))", dict(vars(nnx))), None
        self.forward = lambda x: np.array(self.layer(x))
        self.running = lambda: (np.array(self.layer.mean[...]), np.array(self.layer.var[...]))


@pytest.mark.parametrize(("name", "entry"), cases("norms"))
def test_epsilon_of_a_norm(name, entry):
    """±√ε만 든 입력의 분산은 ε이므로, √(ε + ε)으로 나눈 값의 크기가 1/√2입니다."""
    signs = np.where(np.indices((8, UNITS)).sum(axis=0) % 2, 1, -1)
    x = (np.sqrt(entry["epsilon"]) * signs).astype(np.float32)
    np.testing.assert_allclose(Built(name, entry).forward(x), signs / np.sqrt(2), rtol=1e-3)


@pytest.mark.parametrize(("name", "entry"), cases("norms")[: len(NAMES)])
def test_running_statistics_of_batch_norm(name, entry):
    built, rng = Built(name, entry), np.random.default_rng(0)
    mean, variance = np.zeros(UNITS), np.ones(UNITS)
    for _ in range(3):
        x = (5 + 4 * rng.standard_normal((8, UNITS))).astype(np.float32)
        built.forward(x)
        mean += entry["new"] * (x.mean(axis=0) - mean)
        variance += entry["new"] * (x.var(axis=0, ddof=entry["ddof"]) - variance)
    for got, want in zip(built.running(), (mean, variance), strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-4)


@pytest.mark.parametrize(("name", "entry"), cases("zeros"))
def test_a_zeroed_layer_gives_zero(name, entry):
    x = np.random.default_rng(0).standard_normal((8, UNITS)).astype(np.float32)
    assert not Built(name, entry).forward(x).any()


def test_a_zeroed_weight_of_torch_is_not_enough():
    """PyTorch의 편향은 0이 아니므로, 행렬만 0으로 두면 옆길이 편향을 내놓습니다."""
    entry = TABLE["zeros"][0]["torch"]
    x = np.random.default_rng(0).standard_normal((8, UNITS)).astype(np.float32)
    y = Built("torch", {**entry, "then": entry["then"][:1]}).forward(x)
    assert y.any()
    assert (y == y[0]).all()


def test_zero_init_residual_of_torchvision():
    """zero_init_residual=True가 하는 일: 블록 끝의 BatchNorm의 γ를 0으로 둡니다.

    시작할 때 블록은 ReLU만 남고, 옆길에서 첫걸음에 움직이는 것은 그 γ와 β뿐입니다.
    """
    require("torch")
    import torch

    torch.manual_seed(0)
    nn, channels = torch.nn, 4
    branch = nn.Sequential(
        nn.Conv2d(channels, channels, 3, padding=1, bias=False),
        nn.BatchNorm2d(channels),
        nn.ReLU(),
        nn.Conv2d(channels, channels, 3, padding=1, bias=False),
        nn.BatchNorm2d(channels),
    )
    nn.init.zeros_(branch[-1].weight)
    x, stepper = torch.randn(8, channels, 5, 5), torch.optim.SGD(branch.parameters(), lr=0.1)
    target, moved = torch.randn(8, channels, 5, 5), []
    for step in range(2):
        y = torch.relu(x + branch(x))
        if step == 0:
            torch.testing.assert_close(y, torch.relu(x), rtol=0, atol=0)
        stepper.zero_grad()
        (y * target).mean().backward()
        moved.append([name for name, p in branch.named_parameters() if p.grad.any()])
        stepper.step()
    # 4는 마지막 BatchNorm. β의 기울기는 처음부터 있습니다.
    assert moved == [["4.weight", "4.bias"], [name for name, _ in branch.named_parameters()]]
