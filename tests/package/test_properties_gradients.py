"""기울기의 성질을 무작위 망에서: 아무렇게나 쌓고 겹친 층을, 따로 적은 순전파의 복소수 걸음 미분에 견줍니다.

배열 하나의 기울기는 무작위 방향 d로의 미분 g·d 하나로 봅니다. 기울기가 틀리면 어느 방향으로도 틀립니다. 입력의 기울기도
층의 backward에서 얻어 함께 견줍니다.
"""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import assume, given

import wi_lib
from tests.package import naive
from wi_lib import layered, layers

STEP = 1e-30
# 꺾인 곳에서 이만큼은 떨어진 망만 봅니다. 두 순전파의 차례가 달라 생기는 반올림(1e-15쯤)으로는 넘지 못합니다.
MARGIN = 1e-9
CLASSES = 3
epsilons = st.sampled_from([0.01, 0.1, 1.0])
seeds = st.integers(0, 2**32)


def one_of(*makers):
    return st.sampled_from(makers).flatmap(lambda make: make())


def keepers(shape, nested=1):
    """입력의 모양을 지키는 층."""
    units = shape[-1]
    makers = [
        lambda: st.builds(layers.Activate, st.sampled_from(sorted(naive.FUNCTIONS))),
        lambda: st.sampled_from([layers.BatchNorm, layers.LayerNorm, layers.RMSNorm]).flatmap(
            lambda norm: st.builds(norm, epsilons)
        ),
        lambda: st.just(layers.Dense(units, "lecun_normal")),
    ]
    if nested:
        makers.append(
            lambda: st.builds(
                layers.Residual,
                st.lists(keepers(shape, nested - 1), min_size=1, max_size=3),
                st.floats(-1, 1),
                st.booleans(),
            )
        )
    if len(shape) == 3:
        makers.append(lambda: st.builds(lambda k: layers.Conv2D(units, 2 * k + 1, padding=k), st.integers(0, 1)))
    if len(shape) == 2:
        makers += [lambda: st.just(layers.Position("lecun_normal")), lambda: attention(units)]
    return one_of(*makers)


def attention(units):
    heads = st.sampled_from([n for n in range(1, units + 1) if units % n == 0])
    scales = st.one_of(st.none(), st.floats(0, 2))
    return st.builds(layers.Attention, heads, causal=st.booleans(), packed=st.booleans(), scale=scales)


@st.composite
def convolutions(draw, shape):
    groups = draw(st.sampled_from([n for n in range(1, shape[-1] + 1) if shape[-1] % n == 0]))
    padding = draw(st.integers(0, 2))
    kernel = draw(st.integers(1, min(3, min(shape[:2]) + 2 * padding)))
    options = {"stride": draw(st.integers(1, 3)), "padding": padding, "groups": groups}
    return layers.Conv2D(groups * draw(st.integers(1, 2)), kernel, **options)


def pools(shape):
    size = st.one_of(st.none(), st.integers(1, min(shape[:2])))
    return st.builds(layers.Pool2D, size, st.sampled_from(["max", "average"]), st.one_of(st.none(), st.integers(1, 2)))


def changers(shape):
    """모양을 바꾸기도 하는 층."""
    makers = [lambda: keepers(shape, 2), lambda: st.builds(layers.Dense, st.integers(1, 5))]
    if len(shape) == 3:
        makers += [lambda: convolutions(shape), lambda: pools(shape)]
    return one_of(*makers)


@st.composite
def stacks(draw, kind):
    """(층의 목록, 입력의 모양, 기호의 수나 None). 끝의 로짓은 입력마다 하나이거나 자리마다 하나입니다."""
    vocabulary = draw(st.integers(2, 5)) if kind == "symbols" else None
    sides = draw(st.tuples(*[st.integers(1, 5)] * {"vector": 1, "sequence": 2, "symbols": 2, "image": 3}[kind]))
    start, shape, stack = (sides[:-1] if vocabulary else sides), sides, []
    if vocabulary:
        embedding = layers.Embedding(vocabulary, sides[-1], "lecun_normal")
        if draw(st.booleans()):
            inner = draw(st.lists(keepers(sides), min_size=1, max_size=4))
            return [layers.Tied(embedding, inner)], start, vocabulary
        stack.append(embedding)
    for _ in range(draw(st.integers(2, 5))):
        stack.append(draw(changers(shape)))
        shape = after(stack[-1], shape)
    flat = [] if len(shape) == 1 or draw(st.booleans()) else [layers.Reshape(-1)]
    return [*stack, *flat, layers.Dense(CLASSES, "lecun_normal")], start, vocabulary


def after(layer, shape):
    """그 층을 지난 입력 하나의 모양."""
    return layer.build(shape, np.random.default_rng(0), np.dtype(np.float64))


def made(stack, shape, seed):
    """0이나 1에서 시작하는 파라미터까지 흔들어 둔 망: 빠뜨린 항이 드러나게 합니다."""
    rng = np.random.default_rng(seed)
    net = wi_lib.Network(stack, shape, rng=rng, dtype=np.float64)
    for bias in net.biases:
        bias += rng.normal(scale=0.3, size=bias.shape)
    return net


def in_order(net):
    """파라미터를 층의 차례로."""
    return [p for layer in net.layers for p in layer.parameters]


def with_input(net, x, labels):
    """(손실, 입력의 기울기, 층의 차례로 놓은 파라미터의 기울기)를 층의 forward와 backward로."""
    memories, found = [], []
    for layer in net.layers:
        x, memory = layer.forward(x, training=True)
        memories.append(memory)
    loss, delta = layered.cross_entropy(x, labels)
    for layer, memory in zip(reversed(net.layers), reversed(memories)):
        delta, gradients = layer.backward(memory, delta)
        found[:0] = gradients
    return loss, delta, found


def assert_same_gradients(net, x, labels, rng, whole):
    """whole은 망이 말한 `Gradients`. 허용 오차는 더하는 항의 크기에 견줍니다."""
    margins, parameters = [], in_order(net)
    expected = naive.loss(net.layers, parameters, x, labels, margins)
    assume(min(margins, default=1) > MARGIN)
    loss, below, found = with_input(net, x, labels)
    assert loss == pytest.approx(expected, rel=1e-10, abs=1e-12)
    assert whole.loss == pytest.approx(expected, rel=1e-10, abs=1e-12)
    ranked = sorted(found, key=lambda g: g.ndim == 1)
    for told, gradient in zip([*whole.weights, *whole.biases], ranked, strict=True):
        np.testing.assert_allclose(told, gradient, rtol=1e-9, atol=1e-12)
    largest = max(np.abs(g).max() for g in [below, *found])
    for i, (value, gradient) in enumerate(zip([*parameters, x], [*found, below], strict=True)):
        direction = rng.standard_normal(value.shape)
        moved = [*parameters, x]
        moved[i] = value + 1j * STEP * direction
        slope = naive.loss(net.layers, moved[:-1], moved[-1], labels, []).imag / STEP
        # 정규화를 되돌리며 지운 것의 반올림은 기울기가 0이어도 남으므로, 가장 큰 기울기에도 견줍니다.
        scale = np.abs(gradient * direction).sum() + 1e-3 * largest
        assert abs(np.vdot(gradient, direction) - slope) <= 1e-10 * scale + 1e-14


@pytest.mark.parametrize("kind", ["vector", "sequence", "symbols", "image"])
@given(st.data(), st.integers(2, 4), seeds)
def test_any_network(kind, data, count, seed):
    stack, shape, vocabulary = data.draw(stacks(kind))
    net, rng = made(stack, shape, seed), np.random.default_rng([seed, 1])
    size = (count, *shape)
    x = rng.integers(vocabulary, size=size).astype(float) if vocabulary else rng.standard_normal(size)
    labels = rng.integers(net.classes, size=(count, *net.output_shape[:-1]))
    assert_same_gradients(net, x, labels, rng, net.gradients(x, labels))


@given(
    st.lists(st.integers(1, 8), min_size=1, max_size=5),
    st.sampled_from(sorted(naive.FUNCTIONS)),
    st.sampled_from(["lecun_normal", "he_uniform", "orthogonal", "identity", "sparse"]),
    st.integers(1, 6),
    seeds,
)
def test_any_mlp(sizes, activation, initializer, count, seed):
    rng = np.random.default_rng(seed)
    net = wi_lib.MLP([*sizes, CLASSES], activation, initializer, rng=rng, dtype=np.float64)
    for bias in net.biases:
        bias += rng.normal(scale=0.3, size=bias.shape)
    x, labels = rng.standard_normal((count, sizes[0])), rng.integers(CLASSES, size=count)
    assert_same_gradients(layered.as_network(net), x, labels, rng, net.gradients(x, labels))
