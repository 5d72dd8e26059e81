"""11장의 표와 코드 조각을 진짜 PyTorch, Keras, JAX, Flax에 견줍니다. `make parity`가 따로 만든 환경에서 돌립니다.

표본 수 N에서 나오는 허용 오차를 씁니다. 첨도가 3 이하인 분포에서 표본 표준편차의 상대 표준오차는 1/√(2N)을 넘지
않으므로 그 다섯 배까지 허용합니다. 모양은 fan_in과 fan_out이 달라서 축을 뒤바꾼 초기화는 통과하지 못합니다.
"""

import importlib.metadata
import importlib.util
import math
import os
import re
from pathlib import Path

import numpy as np
import pytest

from tests.chapters import frameworks
from tests.chapters.frameworks import FRAMEWORKS, SHAPES, TABLE
from wi_lib import activations

# 프레임워크의 경고는 우리가 고칠 수 없습니다.
pytestmark = pytest.mark.filterwarnings("ignore")
os.environ.setdefault("KERAS_BACKEND", "jax")
ROOT = Path(__file__).parents[2]
PACKAGES = {"torch": ["torch"], "keras": ["keras", "jax"], "jax": ["jax", "flax"]}
ROWS = [(name, row[name]) for row in TABLE["initializers"] for name in FRAMEWORKS if row[name]]
# wi_lib의 칸과 이름 말고는 모두 같다고 표에 적힌 무작위 초기화.
SAME = [
    (name, row[name], row["wi_lib"])
    for row in TABLE["initializers"]
    for name in FRAMEWORKS
    if row[name] and {**row[name], "call": ""} == {**row["wi_lib"], "call": ""} and row[name]["kind"] != "identity"
]
LAYERS = [(name, layer[name]) for layer in TABLE["layers"] for name in FRAMEWORKS]


def require(name):
    for package in PACKAGES[name]:
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"{package}이(가) 없습니다. make parity가 따로 설치해 돌립니다.")


def calls(cases):
    return [f"{name}-{entry['call']}" for name, entry in cases]


def drawn(name, call, shape, seed=0):
    """표의 call을 그대로 불러 (fan_in, fan_out) 모양의 배열로 돌려줍니다."""
    require(name)
    if name == "torch":
        import torch

        torch.manual_seed(seed)
        w = torch.empty(shape[1], shape[0])
        eval(call, vars(torch.nn.init) | {"w": w})
        return w.numpy().T.astype(np.float64)
    if name == "keras":
        import keras

        keras.utils.set_random_seed(seed)
        return np.array(eval(call, dict(vars(keras.initializers)))(shape), np.float64)
    import jax

    return np.array(eval(call, dict(vars(jax.nn.initializers)))(jax.random.key(seed), shape), np.float64)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("name", "entry"), ROWS, ids=calls(ROWS))
def test_initializer_follows_the_table(name, entry, shape):
    frameworks.check(drawn(name, entry["call"], shape), entry)


@pytest.mark.parametrize(("name", "entry", "twin"), SAME, ids=calls([case[:2] for case in SAME]))
def test_quantiles_agree_with_wi_lib(name, entry, twin):
    """분포 전체의 비교: 두 표본의 분위수 차이(콜모고로프–스미르노프 거리)가 표본 오차 안입니다."""
    shape = SHAPES[0]
    first, second = drawn(name, entry["call"], shape).ravel(), frameworks.ours(twin["call"], shape, seed=1).ravel()
    grid = np.sort(np.concatenate([first, second]))
    below = [np.searchsorted(np.sort(values), grid, side="right") / values.size for values in (first, second)]
    # 같은 분포라면 거리가 2.2√(2/N)을 넘을 확률은 10⁻⁴보다 작습니다.
    assert np.abs(below[0] - below[1]).max() < 2.2 * math.sqrt(2 / first.size)


def built(name, call, part=None):
    """층을 만들어 (가중치 배열, 편향 배열이나 None)을 돌려줍니다. part는 가중치가 여럿일 때 그 이름입니다."""
    require(name)
    return {"torch": built_by_torch, "keras": built_by_keras, "jax": built_by_nnx}[name](call, part)


def built_by_torch(call, part):
    import torch

    torch.manual_seed(0)
    parameters = {n: p.detach().numpy() for n, p in eval(call, dict(vars(torch.nn))).named_parameters()}
    weight = part or "weight"
    return parameters[weight], parameters.get(re.sub("weight(?=$|_)", "bias", weight))


KERAS_INPUTS = {"Dense": [(None, 300)], "Embedding": [(None, 5)], "LSTM": [(None, 5, 256)]}
KERAS_INPUTS["MultiHeadAttention"] = [(None, 5, 256)] * 2


def built_by_keras(call, part):
    import keras

    keras.utils.set_random_seed(0)
    layer = eval(call, dict(vars(keras.layers)))
    layer.build(*KERAS_INPUTS.get(call.split("(")[0], [(None, 9, 9, channels(call))]))
    values = {v.path: v.numpy() for v in layer.weights}
    if not part:
        first, *rest = values.values()
        return first, rest[0] if rest else None
    path = next(path for path in values if path.endswith(part))
    return values[path], values[f"{path.rpartition('/')[0]}/bias"]


def built_by_nnx(call, part):
    from flax import nnx

    layer = eval(f"{call[:-1]}, rngs=Rngs(0))", dict(vars(nnx)))
    *outer, weight = (part or ("embedding" if "Embed" in call else "kernel")).split(".")
    for name in outer:
        layer = getattr(layer, name)
    bias = getattr(layer, "bias", None)
    return np.array(getattr(layer, weight)[...]), None if bias is None else np.array(bias[...])


def channels(call):
    return 16 if "32" in call else 64


@pytest.mark.parametrize(("name", "entry"), LAYERS, ids=calls(LAYERS))
def test_layer_default_follows_the_table(name, entry):
    weights, bias = built(name, entry["call"], entry.get("part"))
    assert list(weights.shape) == entry["shape"]
    if entry["kind"] == "orthogonal":
        frameworks.check(weights.astype(np.float64), entry)
    else:
        frameworks.check_values(weights.astype(np.float64).ravel(), entry, *entry["fans"] or (1, 1))
    if entry["bias"] is None:
        assert bias is None
    elif entry["bias"] == "zeros":
        assert bias is None or not bias.any()
    elif entry["bias"] == "forget":
        # 게이트의 차례는 입력, 망각, 셀, 출력입니다.
        assert [set(gate.tolist()) for gate in np.split(bias, 4)] == [{0.0}, {1.0}, {0.0}, {0.0}]
    else:
        limit = 1 / math.sqrt(128 if entry["bias"] == "hidden" else entry["fans"][0])
        assert 0.8 * limit < np.abs(bias).max() <= limit * (1 + 1e-6)
        assert bias.std() == pytest.approx(limit / math.sqrt(3), rel=5 / math.sqrt(2 * bias.size))


def test_embeddings_of_nnx_count_one_axis_twice():
    """in_axis와 out_axis가 같은 축이라, 1000 × 64의 fan_in도 fan_out도 64입니다."""
    weights, _ = built("jax", "Embed(1000, 64)")
    assert weights.std() == pytest.approx(1 / 8, rel=5 / math.sqrt(2 * weights.size))
    more, _ = built("jax", "Embed(4000, 64)")
    assert more.std() == pytest.approx(1 / 8, rel=5 / math.sqrt(2 * more.size))


@pytest.mark.parametrize(
    ("name", "call", "scale", "shift"),
    [
        ("torch", "LayerNorm(64)", "weight", "bias"),
        ("torch", "BatchNorm1d(64)", "weight", "bias"),
        ("keras", "LayerNormalization()", "gamma", "beta"),
        ("keras", "BatchNormalization()", "gamma", "beta"),
        ("jax", "LayerNorm(64)", "scale", "bias"),
        ("jax", "BatchNorm(64)", "scale", "bias"),
    ],
)
def test_normalisation_starts_as_itself(name, call, scale, shift):
    """정규화 층은 세 프레임워크 모두 배율 1, 이동 0에서 시작합니다."""
    require(name)
    if name == "torch":
        import torch

        values = {n: p.detach().numpy() for n, p in eval(call, dict(vars(torch.nn))).named_parameters()}
    elif name == "keras":
        import keras

        layer = eval(call, dict(vars(keras.layers)))
        layer.build((None, 64))
        values = {v.name: v.numpy() for v in layer.weights}
    else:
        from flax import nnx

        layer = eval(f"{call[:-1]}, rngs=Rngs(0))", dict(vars(nnx)))
        values = {n: np.array(getattr(layer, n)[...]) for n in (scale, shift)}
    np.testing.assert_array_equal(values[scale], np.ones(64))
    np.testing.assert_array_equal(values[shift], np.zeros(64))


def test_swapped_axes_would_be_noticed():
    """뒤바뀐 모양의 kaiming_normal_은 이 시험의 허용 오차로 구별됩니다."""
    entry = TABLE["initializers"][0]["torch"]
    with pytest.raises(AssertionError):
        frameworks.check(drawn("torch", entry["call"], SHAPES[0][::-1]).T, entry)


@pytest.mark.parametrize("name", activations.ACTIVATIONS)
def test_gains_are_those_of_calculate_gain(name):
    require("torch")
    from torch.nn.init import calculate_gain

    expected = calculate_gain({"identity": "linear"}.get(name, name))
    assert activations.get(name).gain == pytest.approx(expected, rel=1e-12)


def test_calculate_gain_of_leaky_relu_and_of_unknown_names():
    """기울기를 적지 않으면 calculate_gain은 0.01, kaiming은 0을 씁니다. gelu와 silu는 오류입니다."""
    require("torch")
    import inspect

    from torch.nn.init import calculate_gain, kaiming_normal_, kaiming_uniform_

    assert calculate_gain("leaky_relu") == pytest.approx(math.sqrt(2 / (1 + 0.01**2)), rel=1e-12)
    assert calculate_gain("leaky_relu", 0.3) == pytest.approx(activations.leaky_relu(0.3).gain, rel=1e-12)
    for function in (kaiming_normal_, kaiming_uniform_):
        arguments = inspect.signature(function).parameters
        assert (arguments["a"].default, arguments["nonlinearity"].default) == (0, "leaky_relu")
    for name in ("gelu", "silu"):
        with pytest.raises(ValueError, match="Unsupported"):
            calculate_gain(name)


def test_truncation_of_torch_is_at_a_value_not_at_two_sigma():
    weights = drawn("torch", "trunc_normal_(w, std=0.5)", SHAPES[0])
    assert 3.5 < np.abs(weights).max() / 0.5 <= 4
    weights = drawn("torch", "trunc_normal_(w, std=1.0)", SHAPES[0])
    assert weights.std() == pytest.approx(0.8796, rel=0.01)


def test_keras_untruncated_normal_is_the_only_untruncated_one():
    shape = SHAPES[0]
    for distribution, largest in (("normal", 2.28), ("truncated_normal", 2.28), ("untruncated_normal", 7)):
        weights = drawn("keras", f"VarianceScaling(1, 'fan_in', '{distribution}')", shape) * math.sqrt(shape[0])
        assert largest - 3 < np.abs(weights).max() < largest
        assert (np.abs(weights).max() > 3.5) == (distribution == "untruncated_normal")


def test_keras_depthwise_he_is_too_small():
    """Keras는 채널별 합성곱의 fan_in을 9가 아니라 9 × 채널 수로 셉니다."""
    weights, _ = built("keras", "DepthwiseConv2D(3, depthwise_initializer='he_normal')")
    assert weights.std() == pytest.approx(math.sqrt(2 / 576), rel=5 / math.sqrt(2 * weights.size))


@pytest.mark.parametrize("seed", ["", "seed=1"])
def test_a_reused_keras_initializer_repeats_itself(seed):
    """객체 하나를 다시 쓰면 시드를 적었든 안 적었든 같은 값이고, SeedGenerator를 주면 다릅니다."""
    require("keras")
    import keras

    init = eval(f"keras.initializers.HeNormal({seed})", {"keras": keras})
    np.testing.assert_array_equal(init((3, 4)), init((3, 4)))
    generator = keras.initializers.HeNormal(seed=keras.random.SeedGenerator(1))
    assert not np.array_equal(generator((3, 4)), generator((3, 4)))
    by_name = [keras.layers.Dense(5, kernel_initializer="he_normal") for _ in range(2)]
    for layer in by_name:
        layer.build((None, 4))
    assert not np.array_equal(by_name[0].kernel, by_name[1].kernel)


def test_a_jax_key_repeats_itself():
    require("jax")
    import jax

    init, key = jax.nn.initializers.he_normal(), jax.random.key(0)
    np.testing.assert_array_equal(init(key, (3, 4)), init(key, (3, 4)))


def test_nnx_splits_one_rngs_and_repeats_two_equal_ones():
    """Rngs 하나를 이어 쓰면 층마다 다르고, 층마다 Rngs(0)을 새로 만들면 모양이 같은 층은 같은 행렬입니다."""
    require("jax")
    from flax import nnx

    rngs = nnx.Rngs(0)
    for pair, same in (((rngs, rngs), False), ((nnx.Rngs(0), nnx.Rngs(0)), True)):
        first, second = (nnx.Linear(4, 4, rngs=r).kernel[...] for r in pair)
        assert np.array_equal(first, second) == same


def test_linen_splits_by_the_name_of_the_layer():
    require("jax")
    import flax.linen as nn
    import jax

    params = nn.Sequential([nn.Dense(4), nn.Dense(4)]).init(jax.random.key(0), jax.numpy.ones((1, 4)))["params"]
    first, second = (layer["kernel"] for layer in params.values())
    assert not np.array_equal(first, second)


# 조각의 첫 줄에 적힌 이름: (표준편차의 식, 분포, 편향)
TARGETS = {
    "he_normal": ({"kind": "normal", "std": "sqrt(2/fan_in)"}, "zeros"),
    "torch_linear": ({"kind": "uniform", "std": "sqrt(1/(3*fan_in))"}, "uniform"),
    "keras_dense": ({"kind": "uniform", "std": "sqrt(2/(fan_in+fan_out))"}, "zeros"),
    "flax_dense": ({"kind": "truncated", "std": "sqrt(1/fan_in)"}, "zeros"),
}
SNIPPETS = frameworks.snippets()


@pytest.mark.parametrize("title", [title for title in SNIPPETS if title.split("로 ")[1] in TARGETS])
def test_snippet_draws_what_it_says(title):
    """페이지의 코드 조각을 그대로 실행해, 제목이 말하는 분포가 나오는지 봅니다."""
    framework, target = title.split("로 ")
    name = {"PyTorch": "torch", "Keras": "keras", "JAX": "jax"}[framework]
    require(name)
    space = {}
    exec(SNIPPETS[title], space)
    if name == "torch":
        weights, bias = (p.detach().numpy() for p in (space["layer"].weight.T, space["layer"].bias))
    elif name == "keras":
        weights, bias = (v.numpy() for v in space["layer"].weights)
    else:
        weights, bias = (np.array(getattr(space["layer"], key)[...]) for key in ("kernel", "bias"))
    assert weights.shape == (300, 200)
    entry, biases = TARGETS[target]
    frameworks.check(weights.astype(np.float64), entry)
    assert bias.shape == (200,)
    if biases == "zeros":
        assert not bias.any()
    else:
        assert bias.std() == pytest.approx(1 / math.sqrt(900), rel=5 / math.sqrt(400))
        assert np.abs(bias).max() <= 1 / math.sqrt(300)


def test_snippet_repeats_a_keras_matrix():
    require("keras")
    space = {}
    exec(SNIPPETS["Keras로 같은 행렬 두 번"], space)
    np.testing.assert_array_equal(space["first"].kernel, space["second"].kernel)


def test_snippet_carries_the_values_over():
    require("torch")
    import torch

    space = {}
    exec(SNIPPETS["PyTorch로 값 옮기기"], space)
    x = np.random.default_rng(1).standard_normal((5, 300)).astype(np.float32)
    with torch.no_grad():
        np.testing.assert_allclose(space["layer"](torch.from_numpy(x)).numpy(), x @ space["W"], rtol=1e-4, atol=1e-5)


def test_installed_versions_are_those_of_the_table():
    """make parity가 쓰는 판, 표가 말하는 판, 설치된 판이 같습니다."""
    assert frameworks.parity_pins() == TABLE["versions"]
    for package, version in TABLE["versions"].items():
        if importlib.util.find_spec(package):
            assert importlib.metadata.version(package).split("+")[0] == version
