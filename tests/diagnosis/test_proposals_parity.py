"""고치는 코드를 진짜 프레임워크의 아픈 모델에 그대로 실행하면 그 탈이 사라집니다(make parity)."""

import numpy as np
import pytest

from wi_lib import diagnose

HIDDEN = 4


def batch():
    """클래스마다 한 곳에 모인 입력. 프레임워크의 환경에는 손글씨 숫자가 없습니다."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 10, 128)
    x = rng.standard_normal((10, 64))[labels] + 0.5 * rng.standard_normal((128, 64))
    return (x / x.std()).astype(np.float32), labels


class Torch:
    def __init__(self):
        self.torch = pytest.importorskip("torch")
        self.torch.manual_seed(0)

    def mlp(self, activation="relu"):
        nn = self.torch.nn
        kinds = {"relu": nn.ReLU, "gelu": nn.GELU, "tanh": nn.Tanh}
        parts = [part for _ in range(HIDDEN) for part in (nn.Linear(64, 64), kinds[activation]())]
        return nn.Sequential(*parts, nn.Linear(64, 10))

    def convolution(self):
        nn = self.torch.nn
        body = [nn.Unflatten(1, (1, 8, 8)), nn.Conv2d(1, 16, 3, bias=False), nn.BatchNorm2d(16), nn.ReLU()]
        return nn.Sequential(*body, nn.Conv2d(16, 16, 3), nn.ReLU(), nn.Flatten(), nn.Linear(256, 10))

    def dense(self, model):
        return [(part.weight, part.bias) for part in model if isinstance(part, self.torch.nn.Linear)]

    def write(self, parameter, array):
        with self.torch.no_grad():
            parameter.copy_(self.torch.as_tensor(np.asarray(array)))

    def read(self, parameter):
        return parameter.detach().numpy()


class Keras:
    def __init__(self):
        self.keras = pytest.importorskip("keras")
        self.keras.utils.set_random_seed(0)

    def mlp(self, activation="relu"):
        layers = self.keras.layers
        hidden = [layers.Dense(64, activation) for _ in range(HIDDEN)]
        return self.keras.Sequential([self.keras.Input((64,)), *hidden, layers.Dense(10)])

    def convolution(self):
        layers = self.keras.layers
        body = [layers.Reshape((8, 8, 1)), layers.Conv2D(16, 3, use_bias=False), layers.BatchNormalization()]
        top = [layers.ReLU(), layers.Conv2D(16, 3, activation="relu"), layers.Flatten(), layers.Dense(10)]
        return self.keras.Sequential([self.keras.Input((64,)), *body, *top])

    def dense(self, model):
        return [(part.kernel, part.bias) for part in model.layers if isinstance(part, self.keras.layers.Dense)]

    def write(self, parameter, array):
        parameter.assign(array)

    def read(self, parameter):
        return self.keras.ops.convert_to_numpy(parameter.value)


class Flax:
    def __init__(self):
        self.nnx = pytest.importorskip("flax.nnx")

    def mlp(self, activation="relu"):
        nnx, rngs = self.nnx, self.nnx.Rngs(0)
        f = getattr(nnx, activation)
        parts = [part for _ in range(HIDDEN) for part in (nnx.Linear(64, 64, rngs=rngs), f)]
        return nnx.Sequential(*parts, nnx.Linear(64, 10, rngs=rngs))

    def convolution(self):
        nnx, rngs = self.nnx, self.nnx.Rngs(0)
        body = [lambda x: x.reshape(-1, 8, 8, 1), nnx.Conv(1, 16, (3, 3), use_bias=False, rngs=rngs)]
        body += [nnx.BatchNorm(16, rngs=rngs), nnx.relu, nnx.Conv(16, 16, (3, 3), rngs=rngs), nnx.relu]
        return nnx.Sequential(*body, lambda x: x.reshape(len(x), -1), nnx.Linear(1024, 10, rngs=rngs))

    def dense(self, model):
        return [(part.kernel, part.bias) for part in model.layers if isinstance(part, self.nnx.Linear)]

    def write(self, parameter, array):
        parameter[...] = np.asarray(array)

    def read(self, parameter):
        return np.asarray(parameter[...])


def resized(std):
    def change(kit):
        model, rng = kit.mlp(), np.random.default_rng(1)
        for weight, _ in kit.dense(model):
            kit.write(weight, (std * rng.standard_normal(weight.shape)).astype(np.float32))
        return model

    return change


def biased(layer, value, first=None):
    def change(kit):
        model = kit.mlp()
        bias = kit.dense(model)[layer][1]
        array = np.array(kit.read(bias))
        array[:first] = value
        kit.write(bias, array)
        return model

    return change


def loud(kit):
    """숨은 층은 He이고 출력층만 큰 모델."""
    model = resized(np.sqrt(2 / 64))(kit)
    weight, _ = kit.dense(model)[-1]
    kit.write(weight, 50 * kit.read(weight))
    return model


def constant(kit):
    model = kit.mlp("tanh")
    for weight, bias in kit.dense(model):
        kit.write(weight, np.full(weight.shape, 0.01, np.float32))
        kit.write(bias, np.zeros(bias.shape, np.float32))
    return model


def hidden_scale(kit):
    model = kit.convolution()
    kernel = next(w for layer in model_layers(model) if (w := weight_of(layer)) is not None)
    kit.write(kernel, 300 * kit.read(kernel))
    return model


def model_layers(model):
    return getattr(model, "layers", model)


def weight_of(layer):
    for name in ("kernel", "weight"):
        if getattr(layer, name, None) is not None:
            return getattr(layer, name)
    return None


def shared(kit):
    model = kit.mlp()
    dense = kit.dense(model)
    kit.write(dense[2][0], np.array(kit.read(dense[1][0])))
    return model


SICK = {
    "symmetry": constant,
    "vanishing_forward": resized(0.01),
    "exploding_forward": resized(3.0),
    "output_scale": loud,
    "dead": biased(2, -50.0),
    "first_loss": biased(-1, 40.0, 1),
    "norm_hides": hidden_scale,
    "shared_seed": shared,
}


@pytest.mark.parametrize("kit", [Torch, Keras, Flax], ids=["torch", "keras", "flax"])
@pytest.mark.parametrize("code", SICK)
def test_running_the_code_mends_the_model(code, kit):
    kit, (x, y) = kit(), batch()
    model = SICK[code](kit)
    report = diagnose(model, x, y)
    assert code in [finding.code for finding in report.findings]
    exec(report.fix(), {"model": model})
    assert [finding.code for finding in diagnose(model, x, y).findings] == []


@pytest.mark.parametrize("kit", [Torch, Keras, Flax], ids=["torch", "keras", "flax"])
def test_missing_weights_are_drawn_again(kit):
    kit, (x, y) = kit(), batch()
    model = kit.mlp()
    weight = kit.dense(model)[2][0]
    array = np.array(kit.read(weight))
    array[3, 4] = np.nan
    kit.write(weight, array)
    exec(diagnose(model, x, y).fix(), {"model": model})
    assert diagnose(model, x, y).findings == []
