"""합성곱의 fan과 초깃값을 진짜 프레임워크에 견줍니다(`make parity`). wi_lib의 칸은 늘 봅니다.

커널은 모두 wi_lib의 차례 (높이, 너비, 입력 채널 ÷ 묶음, 출력 채널)로 옮겨 봅니다. Keras와 Flax는 이 차례 그대로입니다.
"""

import numpy as np
import pytest

from tests.chapters.frameworks import FRAMEWORKS
from tests.chapters.test_parity import require
from wi_lib import initializers, layers

pytestmark = pytest.mark.filterwarnings("ignore")
NAMES = ("wi_lib", *FRAMEWORKS)
# 축의 길이가 모두 달라야 차례를 바꾼 셈이 드러납니다. 묶음마다 입력 채널 12개, 스트라이드 2.
KERNEL, GROUPS, STRIDE, INPUTS, OUTPUTS = 3, 4, 2, 48, 80
SHAPE = (KERNEL, KERNEL, INPUTS // GROUPS, OUTPUTS)


def torch_order(kernel):
    return np.ascontiguousarray(kernel.transpose(3, 2, 0, 1))


def by_torch(shape, function, **settings):
    """torch.nn.init의 함수로 뽑은 커널."""
    require("torch")
    import torch

    torch.manual_seed(0)
    weight = torch.empty(torch_order(np.empty(shape)).shape)
    getattr(torch.nn.init, function)(weight, **settings)
    return weight.numpy().transpose(2, 3, 1, 0)


def by_keras(shape, initializer, *settings):
    require("keras")
    import keras

    keras.utils.set_random_seed(0)
    return np.array(getattr(keras.initializers, initializer)(*settings)(shape))


def by_jax(shape, initializer, *settings):
    require("jax")
    import jax

    return np.array(getattr(jax.nn.initializers, initializer)(*settings)(jax.random.key(0), shape))


def by_wi_lib(shape, initializer, *settings):
    return getattr(initializers, initializer)(*settings)(shape, rng=np.random.default_rng(0))


def he(name, mode):
    """그 꾸러미가 센 fan으로 자르지 않은 He를 뽑은 커널."""
    if name == "torch":
        return by_torch(SHAPE, "kaiming_normal_", mode=mode, nonlinearity="relu")
    kind = {"keras": ("VarianceScaling", 2, mode, "untruncated_normal")}.get(
        name, ("variance_scaling", 2, mode, "normal")
    )
    return {"keras": by_keras, "jax": by_jax, "wi_lib": by_wi_lib}[name](SHAPE, *kind)


@pytest.mark.parametrize("mode", ["fan_in", "fan_out"])
@pytest.mark.parametrize("name", NAMES)
def test_everyone_counts_by_the_shape_alone(name, mode):
    """넷 모두 fan_out을 묶음으로도 스트라이드로도 나누지 않고 커널의 모양만 봅니다."""
    drawn, (fan_in, fan_out) = he(name, mode), initializers.fans(SHAPE)
    assert (fan_in, fan_out) == (9 * INPUTS // GROUPS, 9 * OUTPUTS)
    counted = {"fan_in": fan_in, "fan_out": fan_out}[mode]
    assert 2 / np.var(drawn) == pytest.approx(counted, rel=5 * np.sqrt(2 / drawn.size))


def convolution(name, kernel, x):
    """커널을 옮겨 담은 그 꾸러미의 합성곱 층: x의 출력과, 출력에 표준정규 신호를 주었을 때 되돌아온 기울기."""
    delta = np.random.default_rng(1)
    if name == "wi_lib":
        layer = layers.Conv2D(OUTPUTS, KERNEL, lambda shape, *, rng: kernel, stride=STRIDE, groups=GROUPS)
        layer.build(x.shape[1:], np.random.default_rng(0), np.dtype(np.float32))
        y, memory = layer.forward(x, training=True)
        return y, layer.backward(memory, delta.standard_normal(y.shape).astype(np.float32))[0]
    if name == "torch":
        import torch

        image = torch.from_numpy(x.transpose(0, 3, 1, 2).copy()).requires_grad_()
        y = torch.conv2d(image, torch.from_numpy(torch_order(kernel)), stride=STRIDE, groups=GROUPS)
        y.backward(torch.from_numpy(_channels_first(delta, y.shape)))
        return (part.detach().numpy().transpose(0, 2, 3, 1) for part in (y, image.grad))
    import jax

    layer = _keras_layer(kernel, x) if name == "keras" else _flax_layer(kernel)
    y, back = jax.vjp(layer, x)
    return np.array(y), np.array(back(delta.standard_normal(y.shape).astype(np.float32))[0])


def _channels_first(rng, shape):
    """채널이 마지막인 차례로 뽑은 신호를 PyTorch의 차례로."""
    count, channels, height, width = shape
    return rng.standard_normal((count, height, width, channels)).astype(np.float32).transpose(0, 3, 1, 2).copy()


def _keras_layer(kernel, x):
    import keras

    layer = keras.layers.Conv2D(OUTPUTS, KERNEL, strides=STRIDE, groups=GROUPS)
    layer.build(x.shape)
    layer.kernel.assign(kernel)
    return layer


def _flax_layer(kernel):
    from flax import nnx

    settings = {"strides": STRIDE, "feature_group_count": GROUPS, "padding": "VALID", "rngs": nnx.Rngs(0)}
    layer = nnx.Conv(INPUTS, OUTPUTS, (KERNEL, KERNEL), **settings)
    layer.kernel[...] = kernel
    return layer


@pytest.mark.parametrize("name", NAMES)
def test_kernels_are_carried_over_and_the_signals_agree(name):
    """같은 커널이면 출력과 기울기가 같고, 되돌아온 크기는 센 fan_out이 아니라 이어진 수를 따릅니다."""
    if name != "wi_lib":
        require(name)
    rng = np.random.default_rng(0)
    kernel = initializers.variance_scaling(1, "fan_out", "normal")(SHAPE, rng=rng)
    x = rng.standard_normal((4, 19, 19, INPUTS)).astype(np.float32)
    y, back = convolution(name, kernel, x)
    ours, returned = convolution("wi_lib", kernel, x)
    np.testing.assert_allclose(y, ours, atol=1e-4)
    np.testing.assert_allclose(back, returned, atol=1e-4)
    # 가장자리를 뺀 안쪽. 화소마다 쓰이는 횟수가 2 × 2 자리마다 달라 짝수 칸을 봅니다.
    inside = back[:, 2:-3, 2:-3]
    assert np.mean(inside**2) == pytest.approx(1 / (GROUPS * STRIDE**2), rel=0.1)


@pytest.mark.parametrize("shape", [(3, 3, 4, 7), (3, 3, 5, 80), (1, 1, 6, 6)], ids=str)
@pytest.mark.parametrize("name", NAMES)
def test_orthogonal_flattens_the_kernel(name, shape):
    """직교 초기화는 커널을 (칸 × 입력 채널, 출력 채널)로 편 행렬의 짧은 쪽을 직교하게 합니다."""
    drawn = {
        "torch": lambda: by_torch(shape, "orthogonal_"),
        "keras": lambda: by_keras(shape, "Orthogonal"),
        "jax": lambda: by_jax(shape, "orthogonal"),
        "wi_lib": lambda: by_wi_lib(shape, "orthogonal"),
    }[name]()
    flat = drawn.reshape(-1, shape[-1]).astype(np.float64)
    short = flat.T @ flat if flat.shape[0] >= flat.shape[1] else flat @ flat.T
    np.testing.assert_allclose(short, np.eye(len(short)), atol=1e-5)


@pytest.mark.parametrize("shape", [(3, 3, 5, 5), (5, 5, 3, 8), (4, 4, 8, 3)], ids=str)
def test_dirac_is_that_of_torch(shape):
    np.testing.assert_array_equal(by_wi_lib(shape, "dirac"), by_torch(shape, "dirac_"))


@pytest.mark.parametrize("name", ["wi_lib", "jax"])
def test_delta_orthogonal_has_one_tap(name):
    """가운데 칸만 남고, 그 행끼리 직교하여 화소의 채널 벡터의 길이를 지킵니다."""
    shape = (5, 5, 6, 9)
    drawn = by_wi_lib(shape, "delta_orthogonal") if name == "wi_lib" else by_jax(shape, "delta_orthogonal")
    assert np.argwhere(drawn.any(axis=(2, 3))).tolist() == [[2, 2]]
    np.testing.assert_allclose(drawn[2, 2] @ drawn[2, 2].T, np.eye(6), atol=1e-5)


def test_delta_orthogonal_of_jax_refuses_to_narrow():
    """입력 채널이 더 많으면 길이를 지킬 수 없어, JAX는 만들지 않습니다."""
    with pytest.raises(ValueError, match="fan_in"):
        by_jax((3, 3, 9, 6), "delta_orthogonal")
