"""합성곱과 풀링을 정의에: 자리마다 반복문으로 구한 값과 견줍니다. 기울기는 test_layers.py에 있습니다."""

import tracemalloc

import numpy as np
import pytest

import wi_lib
from wi_lib.layers import Conv2D, Dense, Pool2D, Reshape


def built(layer, shape, seed=0):
    net = wi_lib.Network([layer], shape, rng=np.random.default_rng(seed), dtype=np.float64)
    return net, np.random.default_rng(seed + 1).standard_normal((2, *shape))


@pytest.mark.parametrize("kernel", [1, 2, 3])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize(("padding", "groups"), [(0, 1), (1, 2), (3, 4)])
def test_convolution_is_its_definition(kernel, stride, padding, groups):
    net, x = built(Conv2D(8, kernel, "lecun_normal", stride=stride, padding=padding, groups=groups), (5, 6, 4))
    (weight,), (bias,) = net.weights, net.biases
    bias += np.arange(8)
    padded = np.zeros((2, 5 + 2 * padding, 6 + 2 * padding, 4))
    padded[:, padding : padding + 5, padding : padding + 6] = x
    y = net.forward(x)
    assert y.shape == (2, *((side - kernel) // stride + 1 for side in padded.shape[1:3]), 8) == (2, *net.output_shape)
    for n, i, j, out in np.ndindex(*y.shape):
        seen, group = 4 // groups, out // (8 // groups)
        window = padded[n, i * stride : i * stride + kernel, j * stride : j * stride + kernel]
        channels = window[..., group * seen : (group + 1) * seen]
        assert y[n, i, j, out] == pytest.approx((channels * weight[..., out]).sum() + out, abs=1e-12)


@pytest.mark.parametrize(("kind", "reduce"), [("max", np.max), ("average", np.mean)])
@pytest.mark.parametrize(("size", "stride"), [(2, None), (2, 1), (3, 2), (1, 3)])
def test_pooling_is_its_definition(kind, reduce, size, stride):
    net, x = built(Pool2D(size, kind, stride), (5, 6, 3))
    y, step = net.forward(x), stride or size
    assert y.shape == (2, (5 - size) // step + 1, (6 - size) // step + 1, 3)
    for n, i, j, c in np.ndindex(*y.shape):
        window = x[n, i * step : i * step + size, j * step : j * step + size, c]
        assert y[n, i, j, c] == pytest.approx(reduce(window), abs=1e-12)


def test_global_pooling_leaves_one_place():
    net, x = built(Pool2D(None, "average"), (5, 6, 3))
    np.testing.assert_allclose(net.forward(x)[:, 0, 0], x.mean(axis=(1, 2)))


def test_a_tie_of_the_largest_sends_the_signal_to_one_place():
    layer = Pool2D(2)
    layer.build((2, 2, 1), np.random.default_rng(0), np.dtype(float))
    _, memory = layer.forward(np.ones((1, 2, 2, 1)), training=True)
    below, _ = layer.backward(memory, np.full((1, 1, 1, 1), 3.0))
    np.testing.assert_array_equal(below.ravel(), [3, 0, 0, 0])


def test_a_dirac_kernel_copies_the_image():
    net, x = built(Conv2D(4, 3, "dirac", padding=1), (5, 6, 4))
    np.testing.assert_allclose(net.forward(x), x)


@pytest.mark.parametrize(
    ("make", "shape", "name"),
    [
        (lambda: Conv2D(4), (8, 8), "input_shape"),
        (lambda: Pool2D(2), (64,), "input_shape"),
        (lambda: Conv2D(4, 9), (8, 8, 1), "kernel"),
        (lambda: Conv2D(4, 3), (8, 2, 1), "kernel"),
        (lambda: Pool2D(9), (8, 8, 1), "size"),
        (lambda: Conv2D(4, groups=2), (8, 8, 3), "groups"),
        (lambda: Conv2D(3, groups=2), (8, 8, 2), "groups"),
        (lambda: Reshape(3, 3), (8,), "shape"),
        (lambda: Reshape(3, -1), (8,), "shape"),
        (lambda: Reshape(-1, -1), (8,), "shape"),
        (lambda: Reshape(), (8,), "shape"),
    ],
)
def test_a_shape_that_does_not_fit_is_refused(make, shape, name):
    with pytest.raises(ValueError, match=rf"`{name}`에는 .+만 쓸 수 있습니다"):
        wi_lib.Network([make()], shape, rng=np.random.default_rng(0))


def test_a_dirac_kernel_copies_the_first_group_alone():
    net, x = built(Conv2D(4, 3, "dirac", padding=1, groups=2), (5, 6, 4))
    y = net.forward(x)
    np.testing.assert_allclose(y[..., :2], x[..., :2])
    assert not y[..., 2:].any()


@pytest.mark.parametrize("shape", [np.array([8, 8]), -1.0, True])
def test_a_size_that_is_not_a_whole_number_is_refused(shape):
    with pytest.raises(TypeError, match="`shape`에는"):
        Reshape(shape, 1)


def test_a_test_takes_the_memory_of_a_few_rows():
    # 커널은 그림을 아홉 배로 펴고 채널은 여덟이므로, 한꺼번에 흘리면 행마다 그림의 열일곱 배가 듭니다.
    net = wi_lib.Network([Conv2D(8, 3, padding=1), Reshape(-1), Dense(2)], (16, 16, 1), rng=np.random.default_rng(0))
    x, peaks = np.random.default_rng(1).standard_normal((2000, 16, 16, 1), np.float32), []
    for count in (500, 2000):
        tracemalloc.start()
        net.predict(x[:count])
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] - peaks[0] < 2 * x[500:].nbytes


def test_a_small_network_learns_digits():
    data = wi_lib.datasets.load_digits()
    stack = [Reshape(8, 8, 1), Conv2D(8, padding=1), wi_lib.layers.Activate("relu"), Pool2D(2), Reshape(-1)]
    net = wi_lib.Network([*stack, wi_lib.layers.Dense(10)], (64,), rng=np.random.default_rng(0))
    settings = {"learning_rate": 0.003, "batch_size": 32, "iterations": 200, "optimizer": "adam"}
    assert wi_lib.train(net, data, rng=np.random.default_rng(1), **settings).test_accuracy > 0.85
