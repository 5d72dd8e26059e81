"""잘못된 인자: 공개 함수마다, 인자마다, 무엇을 잘못 넣어도 그 이름을 말하는 한국어 오류가 납니다.

`FUNCTIONS`는 함수 → {인자: Kind} 표입니다. Kind에는 옳은 값과 잘못된 값을 뽑는 전략이 하나씩 있습니다. 시험은
인자 하나만 잘못된 호출이 모두 거절되는지, 옳은 값만 넣은 호출이 경고 없이 끝나는지 봅니다(경고는 모두 오류입니다).
새 공개 함수를 만들면 이 표에 넣어야 시험을 통과합니다.
"""

import copy
import decimal
import inspect
import math
import pickle
import random
import re
from dataclasses import dataclass
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wi_lib
from wi_lib import (
    activations,
    charts,
    datasets,
    initializers,
    layers,
    mean_field,
    optimizers,
    plots,
    pretraining,
    signals,
    theory,
    width,
)

FORM = re.compile(r"`.+`에는 .+만 쓸 수 있습니다\. 받은 값: ", re.DOTALL)


@dataclass(frozen=True)
class Kind:
    good: st.SearchStrategy
    bad: st.SearchStrategy
    real: bool = False  # 실수 하나


# ── 인자의 종류 ────────────────────────────────────────────────────────────────────────

NOT_A_NUMBER = st.sampled_from([None, "1", True, np.True_, 1j, [1.0], np.array([1.0]), decimal.Decimal(1), object()])


def number(minimum=0.0, maximum=1e15, above=False, good=None):
    """good은 옳은 값을 뽑을 구간입니다: 허용 범위의 끝까지 쓰면 시험이 느려지는 곳이 있습니다."""
    low, high = good or (minimum, min(maximum, 1e6))
    outside = st.floats(max_value=minimum, exclude_max=not above) | st.floats(min_value=maximum, exclude_min=True)
    return Kind(
        st.floats(low, high, exclude_min=above),
        NOT_A_NUMBER | st.sampled_from([math.nan, math.inf, -math.inf, np.float32("nan"), 10**400]) | outside,
        real=True,
    )


def integer(good=(1, 5)):
    return Kind(
        st.integers(*good) | st.integers(*good).map(np.int32),
        NOT_A_NUMBER
        | st.sampled_from([math.nan, math.inf, 1.5, 2.0, np.float64(3), 10**30])
        | st.integers(max_value=0),
    )


def choice(names, *others):
    names = list(names)
    wrong = st.text(max_size=12).filter(lambda text: text not in names) | st.sampled_from([None, 3, ["relu"], *others])
    return Kind(st.sampled_from(names), wrong)


def sizes(length=None):
    count = {"min_size": length or 2, "max_size": length or 4}
    bad_member = st.sampled_from([0, -1, 1.5, "3", None, True, math.nan])
    wrong_length = st.lists(st.integers(1, 5), max_size=1) if length is None else st.sampled_from([[1], [1, 2, 3], []])
    return Kind(
        st.lists(st.integers(1, 6), **count) | st.lists(st.integers(1, 6), **count).map(tuple),
        st.tuples(st.lists(st.integers(1, 6), min_size=1, max_size=3), bad_member).map(lambda pair: [*pair[0], pair[1]])
        | wrong_length
        | st.sampled_from([None, 3, "34", np.array([3, 4]), {3: 4}, (n for n in (3, 4))]),
    )


REAL_DTYPES = [np.float32, np.float64, np.float16, np.int64, np.int8, np.uint8]


def some_array(shape, dtype, seed, size=3.0):
    values = np.random.default_rng(seed).uniform(0 if np.dtype(dtype).kind == "u" else -size, size, shape)
    return values.astype(dtype)


def poisoned(array, value, seed):
    """한 자리만 value로 바꾼 배열: 어느 자리에 숨어 있어도 찾아야 합니다."""
    array = array.astype(np.float64)
    array[tuple(np.random.default_rng(seed).integers(array.shape))] = value
    return array


SEEDS = st.integers(0, 2**32 - 1)
NOT_AN_ARRAY = [None, "배열", True, object(), {}, np.array(["1"]), np.array([None]), np.array([1j])]


class Tagged(np.ndarray):
    """아무것도 바꾸지 않아도 배열의 하위 클래스입니다."""


def subclass(array):
    """마스크 배열은 가린 값을 세지 않고, np.matrix는 *가 행렬 곱입니다. 계산식은 둘을 모릅니다."""
    return st.sampled_from([np.ma.masked_array(array, array > 0), array.view(Tagged)])


def shapes_of(shape):
    return st.tuples(*(st.integers(1, 6) if size is None else st.just(size) for size in shape))


def wrong_shapes(shape):
    """차원 수가 다르거나, 빈 축이 있거나, 정해진 크기가 어긋난 모양."""
    right = shapes_of(shape)
    options = [right.map(lambda s: (*s, 2)), right.map(lambda s: (0, *s[1:]))]
    if len(shape) > 1:
        options.append(right.map(lambda s: s[1:]))
    for axis, size in enumerate(shape):
        if size is not None:
            options.append(right.map(lambda s, axis=axis: (*s[:axis], s[axis] + 1, *s[axis + 1 :])))
    return st.one_of(options)


def array(*shape, limit=1e15, lists=False, nan=False):
    """lists=True이면 목록도, nan=True이면 NaN도 옳은 값입니다(그림의 자료)."""
    arrays = st.builds(some_array, shapes_of(shape), st.sampled_from(REAL_DTYPES), SEEDS)
    as_lists = arrays.map(lambda a: a.tolist())
    with_nan = st.builds(poisoned, arrays, st.just(math.nan), SEEDS)
    ragged = st.sampled_from([[[1.0], [1.0, 2.0]], ["a", "b"]])
    return Kind(
        st.one_of(arrays, *[as_lists] * lists, *[with_nan] * nan),
        st.one_of(
            not_a_real_array(arrays, limit),
            st.builds(some_array, wrong_shapes(shape), st.sampled_from(REAL_DTYPES), SEEDS),
            *[with_nan] * (not nan),
            ragged if lists else as_lists,
        ),
    )


def not_a_real_array(arrays, limit):
    """모양과 무관하게 거절할 것: 배열이 아니거나, 실수가 아니거나, 너무 크거나 무한한 값이 한 자리에 숨은 배열."""
    return st.one_of(
        st.sampled_from(NOT_AN_ARRAY),
        arrays.flatmap(subclass),
        st.builds(poisoned, arrays, st.sampled_from([math.inf, -math.inf, 2 * limit, -2 * limit]), SEEDS),
        *(arrays.map(lambda a, dtype=dtype: a.astype(dtype)) for dtype in (complex, object, bool)),
    )


def any_array(limit=1e150, scalars=False):
    """모양을 묻지 않는 배열. scalars=True이면 실수 하나도 옳은 값입니다."""
    shapes = st.lists(st.integers(1, 4), max_size=3).map(tuple)
    arrays = st.builds(some_array, shapes, st.sampled_from(REAL_DTYPES), SEEDS)
    bad = not_a_real_array(arrays, limit) | st.builds(poisoned, arrays, st.just(math.nan), SEEDS)
    bad |= st.sampled_from([np.empty(0), np.empty((3, 0)), [1.0, 2.0]])
    reals = st.floats(-limit, limit) | st.integers(-100, 100)
    return Kind(arrays | reals, bad) if scalars else Kind(arrays, bad | reals)


def labels(count, classes):
    good = st.builds(
        lambda seed, dtype: np.random.default_rng(seed).integers(classes, size=count).astype(dtype),
        SEEDS,
        st.sampled_from([np.int64, np.int32, np.uint8, np.uint64]),
    )
    wrong = good.map(lambda y: y.astype(np.int64)).flatmap(
        lambda y: (
            st.sampled_from([y - classes, y + classes, y[1:], np.append(y, 0), y[:, None], y.astype(float)])
            | subclass(y)
        )
    )
    return Kind(good, wrong | st.sampled_from([None, 0, "0", [0] * count, np.array([None] * count)]))


# 함수가 상태를 바꾸므로 예마다 새로 만듭니다.
DTYPE = Kind(st.sampled_from([np.float32, np.float64]), st.sampled_from([None, int, np.float16, "float32"]))
RNG = Kind(
    SEEDS.map(np.random.default_rng),
    st.builds(lambda make: make(), st.sampled_from([lambda: None, lambda: 0, random.Random, np.random.SeedSequence]))
    | st.sampled_from([np.random.RandomState(0), np.random, np.random.default_rng, "0", np.random.PCG64(0)]),
)
ACTIVATION = choice([*activations.ACTIVATIONS, "leaky_relu(0.3)"], np.tanh, "leaky_relu(2)", "leaky_relu(x)")
ACTIVATION = Kind(ACTIVATION.good | ACTIVATION.good.map(activations.get), ACTIVATION.bad)
INITIALIZER = choice(initializers.INITIALIZERS, "glorot_", "kaiming_norml", np.zeros(3))
INITIALIZER = Kind(INITIALIZER.good | st.just(initializers.normal(0.1)), INITIALIZER.bad)
TEXT = Kind(st.sampled_from(["", "제목"]), st.nothing())
FLAG = Kind(st.booleans(), st.nothing())
STRICT_FLAG = Kind(st.booleans(), st.sampled_from([None, 0, 1, "False", np.True_]))
FROM_ZERO = Kind(integer((0, 5)).good, integer().bad.filter(lambda value: value != 0))
OR_NONE = Kind(st.none() | integer().good, integer().bad.filter(lambda value: value is not None))


# ── 객체와 자료 ────────────────────────────────────────────────────────────────────────


def make_net():
    return wi_lib.MLP([4, 3, 3], rng=np.random.default_rng(0))


def make_tanh_net(bias=0.0):
    net = wi_lib.MLP([4, 3, 3], "tanh", rng=np.random.default_rng(0))
    net.biases[1][1] = bias
    return net


NET = make_net()
NORMED = wi_lib.Network([layers.LayerNorm(), layers.Dense(3)], (4,), rng=np.random.default_rng(0))
LAYERS = Kind(
    st.sampled_from(
        [[layers.Dense(4)], (layers.LayerNorm(), layers.Activate("relu")), [layers.Residual([layers.Dense(4)])] * 2]
    ),
    st.sampled_from(
        [None, [], 3, "Dense", layers.Dense(4), [layers.Dense], [layers.Dense(4), None], {"층": layers.Dense(4)}]
    ),
)
SCALE = number(minimum=-1e15, good=(-10, 10))


def make_data(**changes):
    rng = np.random.default_rng(0)
    x, y = rng.random((20, 4), np.float32), rng.integers(3, size=20)
    return datasets.Dataset(**{"x_train": x, "y_train": y, "x_test": x[:5], "y_test": y[:5], "name": "toy", **changes})


DATA_FIELDS = {
    "x_train": array(20, 4),
    "y_train": labels(20, 3),
    "x_test": array(5, 4),
    "y_test": labels(5, 3),
}
DATA = Kind(
    st.fixed_dictionaries({name: kind.good for name, kind in DATA_FIELDS.items()}).map(lambda f: make_data(**f)),
    st.sampled_from([None, (np.ones((3, 4)), np.zeros(3, int)), "mnist", SimpleNamespace(x_train=np.ones((3, 4)))])
    | st.one_of(
        kind.bad.map(lambda value, name=name: make_data(**{name: value})) for name, kind in DATA_FIELDS.items()
    ),
)
TRAINING = {
    "data": DATA,
    "learning_rate": number(above=True, good=(1e-6, 0.1)),
    "batch_size": integer(),
    "iterations": integer(),
    "rng": RNG,
    "optimizer": Kind(
        st.sampled_from(["sgd", "momentum", "adam", optimizers.Adam(weight_decay=0.1)]),
        st.sampled_from([None, "Adam", "rmsprop", optimizers.Adam, 0.9]),
    ),
}
BELOW_ONE = Kind(st.floats(0, 0.99), number(maximum=1).bad | st.just(1.0), real=True)
# 클래스의 수를 정하지 않으므로, 큰 번호는 옳은 값입니다.
PROBE_LABELS = Kind(
    labels(6, 3).good,
    st.sampled_from([None, 0, [0] * 6, np.zeros(5, int), np.zeros(6), np.full(6, -1), np.zeros((6, 1), int)]),
)
NOT_A_NET = st.sampled_from([None, "net", [4, 3], wi_lib.MLP])
# 너비만 다른 망. 층의 수가 다르면 어느 쪽이든 거절합니다.
ALIKE = Kind(
    st.sampled_from([NET, wi_lib.MLP([4, 6, 3], rng=np.random.default_rng(0))]),
    NOT_A_NET | st.just(layers.Dense(3)),
)
NETS = Kind(
    st.builds(lambda names: {name: make_net() for name in names}, st.sets(st.text(max_size=3), min_size=1, max_size=3)),
    st.sampled_from([None, {}, [], NET, [NET]]),
)


def make_signals(depth=2, activation="relu"):
    return wi_lib.propagate(np.ones((3, 4)), depth, 5, activation, "he_normal", rng=np.random.default_rng(0))


SIGNALS, PREDICTION = make_signals(), theory.predict([4, 5, 5], [0.1, 0.1], "relu")
NOT_SIGNALS = [None, "signals", SIGNALS.activations, np.ones((3, 4)), PREDICTION]


def named(good, bad, most=6):
    """{이름: 값} 사전. 하나라도 잘못된 값이 섞이거나, 비었거나, 색의 수보다 많으면 잘못입니다."""
    names = st.sets(st.sampled_from(["He", "Xavier", "0.01", "직교"]), min_size=1, max_size=3)
    right = names.flatmap(lambda keys: st.fixed_dictionaries(dict.fromkeys(sorted(keys), good)))
    return Kind(
        right,
        st.builds(lambda others, value: {**others, "나쁨": value}, right, bad)
        | st.builds(lambda value: {str(i): value for i in range(most + 1)}, good)
        | st.sampled_from([None, {}, [], "사전", 3, np.ones(3)]),
    )


RESULTS = named(
    st.sampled_from([(SIGNALS, None), (SIGNALS, PREDICTION), [SIGNALS, PREDICTION]]),
    st.sampled_from(
        [SIGNALS, (SIGNALS,), (None, None), (PREDICTION, SIGNALS), (SIGNALS, 3), (make_signals(3), PREDICTION), None]
    ),
)
ONE, MANY = array(None, nan=True, lists=True), array(None, None, nan=True, lists=True)
# 1차원도 2차원도 옳으므로, 모양만 틀린 것 가운데 1차원인 실수 배열은 잘못된 값에서 뺍니다.
LOSSES = named(
    ONE.good | MANY.good,
    MANY.bad.filter(lambda v: not (isinstance(v, np.ndarray) and v.ndim == 1 and v.size and v.dtype.kind in "iuf")),
)
SERIES = array(4, nan=True, lists=True)
POINTS = array(4, lists=True)
GROUPS = named(
    st.tuples(POINTS.good, POINTS.good),
    st.tuples(POINTS.bad, POINTS.good) | st.sampled_from([None, np.ones((2, 4)), ([1.0],), ([1.0], [1.0, 2.0]), "xy"]),
)
ACCURACIES = Kind(
    st.builds(lambda seed: np.random.default_rng(seed).random((2, 3)), SEEDS).flatmap(
        lambda a: st.sampled_from([a, a.tolist(), poisoned(a, math.nan, 0), a * math.nan, (a > 0.5) * 1])
    ),
    array(2, 3, nan=True, lists=True).bad | st.sampled_from([-np.ones((2, 3)), np.full((2, 3), 1.1)]),
)


def labels_of(count):
    return Kind(
        st.sampled_from([[str(i) for i in range(count)], tuple(0.1 * i for i in range(count))]),
        st.sampled_from([None, [], "이름", 3, ["이름"] * (count + 1), {}]),
    )


# ── 공개 함수와 인자의 표 ──────────────────────────────────────────────────────────────


def unit(*shape):
    """0 이상 1 이하인 배열."""
    good = st.builds(
        lambda shape, dtype, seed: np.random.default_rng(seed).random(shape).round(2).astype(dtype),
        shapes_of(shape),
        st.sampled_from([np.float32, np.float64, np.float16, np.int64, np.uint8]),
        SEEDS,
    )
    outside = st.builds(poisoned, good, st.sampled_from([-0.01, 1.01, 255.0]), SEEDS)
    return Kind(good, array(*shape).bad | outside)


def make_rbm(visible=4, hidden=3):
    return pretraining.RBM(visible, hidden, rng=np.random.default_rng(0))


RBM, STACK = make_rbm(), [make_rbm(), make_rbm(3, 2)]
CD = {
    # 두 행 이상이고, 서로 다른 행이 있어야 합니다.
    "x": Kind(
        SEEDS.map(lambda seed: np.random.default_rng(seed).random((6, 4))),
        unit(None, 4).bad | st.sampled_from([np.full((1, 4), 0.5), np.zeros((5, 4)), np.tile([0, 1, 0.5, 1], (3, 1))]),
    ),
    "learning_rate": number(above=True, good=(1e-6, 0.1)),
    "batch_size": integer(),
    "iterations": integer(),
    "rng": RNG,
    "steps": integer((1, 3)),
}
HELD_OUT = Kind(unit(None, 4).good | st.none(), unit(None, 4).bad.filter(lambda value: value is not None))

WEIGHTS = Kind(
    st.builds(
        lambda seed, widths: [
            np.random.default_rng(seed).standard_normal(shape) for shape in zip([4, *widths], [*widths, 2])
        ],
        SEEDS,
        st.lists(st.integers(1, 5), max_size=3),
    ),
    st.sampled_from([None, [], 3, np.ones((1, 4, 4)), [None], [np.ones((3, 4))], [np.ones((4, 2)), np.ones((3, 2))]])
    | array(4, None).bad.map(lambda value: [value]),
)
BIASES = Kind(st.none(), st.sampled_from([3, "편향", np.zeros(4), [], [None] * 9, [np.zeros(4)] * 9]))
MATRIX = array(None, None, limit=1e150)
MEAN_FIELD = {
    "activation": ACTIVATION,
    "weight_variance": number(good=(0, 100)),
    "bias_variance": number(good=(0, 100)),
}
INCREASING = Kind(
    st.sampled_from([[0.5, 1], (0, 4), np.array([1, 3])]),
    st.sampled_from([None, [], 3, [1], [2, 1], [1, 1], "ab", [1, math.nan], np.ones((2, 2))]),
)
SPAN = Kind(
    st.sampled_from([(0, 1), [-1, 1.5], np.array([0, 2])]),
    st.sampled_from([None, 3, (1, 0), (1, 1), (0,), "01", (0, math.nan), (None, 1)]),
)
CALL = {"shape": sizes(2), "rng": RNG}
# 둘이 넘는 표본. 모양은 마지막 축만 따집니다.
SAMPLES = Kind(array(3, 5).good, any_array().bad | array(3, 1).good)

FUNCTIONS = {
    initializers.zeros: {},
    initializers.constant: {"c": number(minimum=-1e15, good=(-10, 10))},
    initializers.normal: {"std": number()},
    initializers.uniform: {"limit": number()},
    initializers.truncated_normal: {"std": number()},
    initializers.variance_scaling: {
        "scale": number(),
        "mode": choice(["fan_in", "fan_out", "fan_avg"]),
        "distribution": choice(["normal", "truncated_normal", "uniform"]),
    },
    initializers.lecun_normal: {},
    initializers.lecun_uniform: {},
    initializers.xavier_normal: {},
    initializers.xavier_uniform: {},
    initializers.he_normal: {},
    initializers.he_uniform: {},
    initializers.orthogonal: {"gain": number()},
    initializers.delta_orthogonal: {"gain": number()},
    initializers.dirac: {"gain": number()},
    initializers.identity: {"gain": number()},
    initializers.sparse: {"connections": integer(), "std": number()},
    initializers.sparse_fraction: {"sparsity": number(maximum=1), "std": number()},
    initializers.get: {"initializer": INITIALIZER},
    activations.leaky_relu: {"slope": number(maximum=1, above=True)},
    activations.get: {"activation": ACTIVATION},
    wi_lib.MLP: {
        "sizes": sizes(),
        "activation": ACTIVATION,
        "initializer": INITIALIZER,
        "rng": RNG,
        "dtype": DTYPE,
    },
    layers.Dense: {"units": integer(), "initializer": INITIALIZER},
    layers.Activate: {"activation": ACTIVATION},
    layers.BatchNorm: {"epsilon": number(above=True), "momentum": number(maximum=1, above=True, good=(0.1, 1))},
    layers.LayerNorm: {"epsilon": number(above=True)},
    layers.RMSNorm: {"epsilon": number(above=True)},
    layers.Conv2D: {
        "channels": integer(),
        "kernel": integer(),
        "initializer": INITIALIZER,
        "stride": integer(),
        "padding": FROM_ZERO,
        "groups": Kind(st.sampled_from([1, np.int64(1)]), integer().bad),
    },
    layers.Pool2D: {"size": OR_NONE, "kind": choice(["max", "average"]), "stride": OR_NONE},
    layers.Embedding: {"vocabulary": integer(), "units": integer(), "initializer": INITIALIZER},
    layers.Position: {"initializer": INITIALIZER},
    layers.Attention: {
        "heads": integer(),
        "initializer": INITIALIZER,
        "causal": STRICT_FLAG,
        "packed": STRICT_FLAG,
        "scale": Kind(st.none() | number().good, number().bad.filter(lambda value: value is not None)),
    },
    layers.Tied: {
        "embedding": Kind(
            st.just(layers.Embedding(5, 4)), st.sampled_from([None, layers.Embedding, layers.Dense(4), 3])
        ),
        "layers": LAYERS,
    },
    layers.Residual: {
        "layers": LAYERS,
        "scale": SCALE,
        "learn_scale": STRICT_FLAG,
    },
    wi_lib.Network: {
        "layers": LAYERS,
        "input_shape": Kind(
            st.sampled_from([(4,), [4], (np.int64(4),)]),
            st.sampled_from([None, 4, (), "4", (0,), (4.0,), (-1,), (True,), ("4",), np.array([4])]),
        ),
        "rng": RNG,
        "dtype": DTYPE,
    },
    wi_lib.observe: {
        "net": Kind(st.sampled_from([NET, NORMED]), NOT_A_NET | st.just(layers.Dense(3))),
        "x": array(None, 4),
        "rng": RNG,
    },
    width.kinds: {"net": ALIKE, "base": ALIKE},
    width.factors: {
        "net": ALIKE,
        "base": ALIKE,
        "optimizer": Kind(
            TRAINING["optimizer"].good, TRAINING["optimizer"].bad | st.just(optimizers.PerParameter("sgd", [1]))
        ),
    },
    wi_lib.train: {"net": Kind(st.builds(make_net) | st.just(NORMED), NOT_A_NET), **TRAINING},
    wi_lib.train_together: {
        "nets": NETS,
        "executor": Kind(st.none(), st.sampled_from([2, "threads", map, SimpleNamespace(map=map)])),
        **TRAINING,
    },
    wi_lib.lsuv: {
        "net": Kind(st.builds(make_tanh_net), NOT_A_NET | st.sampled_from([math.nan, math.inf]).map(make_tanh_net)),
        "x": Kind(
            st.builds(some_array, st.just((20, 4)), st.sampled_from(REAL_DTYPES), SEEDS),
            array(None, 4).bad | st.sampled_from([np.ones((1, 4)), np.zeros((9, 4)), np.full((9, 4), 3.0)]),
        ),
        "rng": RNG,
        "tolerance": number(maximum=1, above=True, good=(1e-6, 1)),
        "max_iterations": integer(),
    },
    wi_lib.propagate: {
        "x": array(None, None),
        "depth": integer(),
        "width": integer(),
        "activation": ACTIVATION,
        "initializer": INITIALIZER,
        "rng": RNG,
        "bias_std": number(),
        "dtype": DTYPE,
    },
    signals.measure: {
        "x": array(None, 4),
        "weights": WEIGHTS,
        "activation": ACTIVATION,
        "rng": RNG,
        "biases": BIASES,
        "dtype": DTYPE,
    },
    signals.distinct_columns: {"matrix": MATRIX, "tolerance": number()},
    signals.rank: {"matrix": MATRIX, "tolerance": number()},
    signals.varying: {"a": MATRIX},
    wi_lib.at_best_rate: {
        "validation": Kind(
            array(3, 2, lists=True, nan=True).good,
            st.sampled_from([None, "0.9", 0.9, np.ones(3), np.ones((0, 2)), np.full((3, 2), np.inf), np.ones(6) > 0]),
        ),
        "measured": array(3, 2, lists=True, nan=True),
    },
    wi_lib.mean_interval: {
        "samples": SAMPLES,
        "confidence": number(maximum=1, above=True, good=(0.01, 0.99)),
    },
    wi_lib.linear_probe: {
        "train": array(6, 3, limit=1e150),
        "train_labels": PROBE_LABELS,
        "test": array(6, 3, limit=1e150),
        "test_labels": PROBE_LABELS,
    },
    optimizers.SGD: {"weight_decay": number()},
    optimizers.Momentum: {"beta": BELOW_ONE, "weight_decay": number()},
    optimizers.Adam: {
        "beta1": BELOW_ONE,
        "beta2": BELOW_ONE,
        "epsilon": number(above=True),
        "weight_decay": number(),
    },
    optimizers.PerParameter: {
        "optimizer": TRAINING["optimizer"],
        "factors": Kind(
            st.lists(st.floats(0, 100), max_size=3),
            st.sampled_from([None, 1.0, "1", {0: 1.0}]) | number().bad.map(lambda value: [1.0, value]),
        ),
    },
    optimizers.get: {"optimizer": TRAINING["optimizer"]},
    signals.rms: {"values": any_array()},
    signals.std: {"values": any_array()},
    theory.nodes: {"q": number(maximum=1e150, good=(0, 1e150))},
    theory.fixed_variance: MEAN_FIELD,
    theory.moments: {"q": number(maximum=1e150, good=(0, 1e150)), "activation": ACTIVATION},
    theory.gain: {"activation": ACTIVATION},
    theory.next_variance: {
        "q": number(maximum=1e150),
        "activation": ACTIVATION,
        "weight_variance": number(good=(0, 1e15)),
        "bias_variance": number(good=(0, 1e15)),
    },
    theory.chi: {"q": number(maximum=1e150), "activation": ACTIVATION, "weight_variance": number(good=(0, 1e15))},
    theory.predict: {
        "sizes": Kind(st.just([3, 4, 5]), sizes().bad),
        "weight_stds": Kind(
            st.lists(st.floats(0, 1e15), min_size=2, max_size=2),
            st.sampled_from([None, 0.1, [0.1], [0.1] * 3, np.array([0.1, 0.1]), "ab"])
            | number().bad.map(lambda value: [0.1, value]),
        ),
        "activation": ACTIVATION,
        "input_mean_square": number(good=(0, 1e15)),
        "bias_variance": number(good=(0, 1e15)),
    },
    theory.normalized_growth: {"activation": ACTIVATION, "norm": choice(["batch", "layer"])},
    theory.residual_variance: {
        "blocks": integer(),
        "gain": number(good=(0, 100)),
        "scale": number(good=(0, 100)),
        "pre_norm": FLAG,
    },
    theory.edge_of_chaos: {
        # 시그모이드는 χ = 1에 이르지 못하므로 옳은 값이 아닙니다.
        "activation": Kind(st.sampled_from(["tanh", "relu", "selu", "identity"]), ACTIVATION.bad | st.just("sigmoid")),
        "bias_variance": number(good=(0, 0.5)),
    },
    theory.input_mean_square: {"x": MATRIX},
    mean_field.next_correlation: {
        "c": number(minimum=-1, maximum=1, good=(-1, 1)),
        "q": number(maximum=1e12, good=(0, 1e12)),
        **MEAN_FIELD,
    },
    mean_field.trajectory: {
        "cosine": number(minimum=-1, maximum=1, good=(-1, 1)),
        **MEAN_FIELD,
        "depth": integer(good=(1, 20)),
        "input_mean_square": number(good=(0, 1e15)),
    },
    mean_field.fixed_point: MEAN_FIELD,
    mean_field.pairs: {
        "count": integer(),
        "width": Kind(integer(good=(2, 5)).good, integer().bad | st.just(1)),
        "cosine": number(minimum=-1, maximum=1, good=(-1, 1)),
        "rng": RNG,
    },
    mean_field.cosines: {"a": Kind(array(4, None).good, array(None, None).bad | st.just(np.ones((3, 2))))},
    pretraining.RBM: {"visible": integer(), "hidden": integer(), "rng": RNG, "std": number(), "dtype": DTYPE},
    pretraining.train_rbm: {
        "rbm": Kind(st.builds(make_rbm), NOT_A_NET | st.sampled_from([pretraining.RBM, NET])),
        "held_out": HELD_OUT,
        **CD,
    },
    pretraining.pretrain: {"sizes": Kind(st.sampled_from([[4, 3], (4, 3, 2), [4, 1, 5]]), sizes().bad), **CD},
    pretraining.to_mlp: {
        "rbms": Kind(
            st.sampled_from([STACK, STACK[:1], tuple(STACK)]),
            st.sampled_from([None, [], RBM, [None], [RBM, NET], [RBM, RBM], STACK[::-1], {"1층": RBM}]),
        ),
        "classes": integer(),
        "initializer": INITIALIZER,
        "rng": RNG,
    },
    datasets.load_mnist: {"fallback": FLAG},
    datasets.load_digits: {},
    datasets.load_spiral: {},
    datasets.load_rings: {},
    datasets.load_checkerboard: {},
    datasets.load_gaussian: {},
    plots.layer_histograms: {
        "signals": Kind(st.sampled_from([SIGNALS, make_signals(7, "tanh")]), st.sampled_from(NOT_SIGNALS)),
        "title": TEXT,
        "span": SPAN,
    },
    plots.depth_lines: {"results": RESULTS, "title": TEXT},
    charts.accuracy_grids: {
        "tables": Kind(
            st.builds(lambda a, b: {"학습": a, "시험": b}, ACCURACIES.good, ACCURACIES.good),
            st.one_of(st.sampled_from([None, 3, {}, []]), st.builds(lambda a: {"학습": a}, ACCURACIES.bad)),
        ),
        "rows": labels_of(2),
        "columns": labels_of(3),
        "title": TEXT,
        "xlabel": TEXT,
    },
    charts.phase_map: {
        "weight_variances": INCREASING,
        "bias_variances": INCREASING,
        "depths": Kind(
            st.sampled_from([{"tanh": np.ones((2, 2))}, {"tanh": [[0, math.inf], [3, 1e9]]}]),
            st.sampled_from(
                [None, {}, [], {"tanh": np.ones((2, 3))}, {"tanh": None}, {"tanh": [[1, 2], [3, math.nan]]}]
            )
            | st.just({str(i): np.ones((2, 2)) for i in range(4)}),
        ),
        "edges": Kind(
            st.sampled_from([{"tanh": ([1, 2], [0, 1])}, {"tanh": [np.ones(3), np.ones(3)]}]),
            st.sampled_from(
                [None, {}, {"relu": ([1, 2], [0, 1])}, {"tanh": None}, {"tanh": ([1, 2],)}, {"tanh": ([1, 2], [0])}]
            )
            | st.sampled_from([{"tanh": ([1, math.nan], [0, 1])}, {"tanh": ("ab", [0, 1])}]),
        ),
        "points": Kind(
            st.sampled_from([{"tanh": {}}, {"tanh": {"LeCun": (1, 0), "He": [2.0, 0.1]}}]),
            st.sampled_from([None, {}, {"relu": {}}, {"tanh": None}, {"tanh": {"LeCun": 1}}, {"tanh": {"LeCun": (1,)}}])
            | st.sampled_from([{"tanh": {"LeCun": (1, math.nan)}}, {"tanh": {"LeCun": (-1, 0)}}]),
        ),
        "title": TEXT,
    },
    plots.smooth: {"values": array(None, nan=True, lists=True), "window": integer(good=(1, 10))},
    plots.loss_curves: {"losses": LOSSES, "title": TEXT, "window": integer(), "every": integer()},
    charts.network: {
        "networks": Kind(
            st.sampled_from([{"망": [1, 2]}, {"가": [4, [1, 1], 12], "나": ([np.int32(6)], (2, 1), 3)}]),
            st.sampled_from(
                [None, {}, [], [4, 2], {str(i): [1, 2] for i in range(4)}, {"망": None}, {"망": [3]}, {"망": [3, 13]}]
            )
            | st.sampled_from([0, -1, 1.5, "3", True, None, [], [0], [7], ["A"], [1] * 13]).map(
                lambda v: {"망": [v, 2]}
            ),
        ),
        "title": TEXT,
    },
    charts.histograms: {
        "rows": named(
            st.sampled_from([[np.ones(3), np.eye(2)], (np.ones(1), [0.5, 2])]),
            st.sampled_from([None, 3, np.ones((2, 2)), [], [np.ones(3)], [np.ones(3)] * 6, [np.ones(3), None]])
            | st.sampled_from([[np.ones(3), np.array([math.nan])], [np.ones(3), []], "ab"]),
            most=4,
        ),
        "title": TEXT,
        "span": SPAN,
    },
    charts.rectified: {"title": TEXT},
    charts.images: {"values": array(None, None, None), "title": TEXT, "columns": integer()},
    plots.accuracy_grid: {
        "values": ACCURACIES,
        "rows": labels_of(2),
        "columns": labels_of(3),
        "title": TEXT,
        "xlabel": TEXT,
    },
    charts.scatter: {
        "groups": GROUPS,
        "notes": Kind(
            st.sampled_from([(), [], [(0.5, 1, "여기")], ([2, -3.0, "저기"],)]),
            st.sampled_from([None, "여기", (0.5, 1, "여기"), [(0.5, "여기")], [(0.5, math.nan, "여기")], [(1, 2, 3)]]),
        ),
        "title": TEXT,
        "xlabel": TEXT,
        "ylabel": TEXT,
    },
    plots.curves: {
        "x": array(4, lists=True),
        "series": named(SERIES.good, SERIES.bad),
        "mark": Kind(
            st.sampled_from([None, (0.5, "여기"), [(0.5, "여기"), [2, "저기"]], []]),
            st.sampled_from(
                [3, "여기", (0.5,), (0.5, 3), ("여기", 0.5), [0.5, "여기"], [(math.nan, "여기")], np.ones(2)]
            ),
        ),
        "theory": Kind(
            st.none(),
            st.sampled_from([3, "이론", [SERIES], {"없는 이름": np.ones(4)}, {"He": np.ones(3)}, {"He": None}]),
        ),
        "title": TEXT,
        "xlabel": TEXT,
        "ylabel": TEXT,
    },
}
# 함수가 돌려준 객체를 부르거나 그 메서드를 부르는 것.
METHODS = {
    "Initializer()": (initializers.get("he_normal"), CALL),
    "Initializer() orthogonal": (initializers.get("orthogonal"), CALL),
    "Initializer() sparse": (initializers.get("sparse"), CALL),
    "Activation()": (activations.get("selu"), {"z": any_array(scalars=True)}),
    "Activation.saturated": (activations.get("tanh").saturated, {"a": any_array()}),
    "MLP.forward": (NET.forward, {"x": array(None, 4)}),
    "MLP.predict": (NET.predict, {"x": array(None, 4)}),
    "MLP.loss": (NET.loss, {"x": array(6, 4), "labels": labels(6, 3)}),
    "MLP.gradients": (NET.gradients, {"x": array(6, 4), "labels": labels(6, 3)}),
    "MLP.accuracy": (NET.accuracy, {"x": array(6, 4), "labels": labels(6, 3)}),
    "Network.forward": (NORMED.forward, {"x": array(None, 4), "training": FLAG}),
    "Network.predict": (NORMED.predict, {"x": array(None, 4)}),
    "Network.loss": (NORMED.loss, {"x": array(6, 4), "labels": labels(6, 3), "training": FLAG}),
    "Network.gradients": (NORMED.gradients, {"x": array(6, 4), "labels": labels(6, 3)}),
    "Network.accuracy": (NORMED.accuracy, {"x": array(6, 4), "labels": labels(6, 3)}),
    "Signals.summary": (SIGNALS.summary, {}),
    "Dataset.hold_out": (make_data().hold_out, {"count": integer(good=(1, 19))}),
    "RBM.p_hidden": (RBM.p_hidden, {"v": unit(None, 4)}),
    "RBM.p_visible": (RBM.p_visible, {"h": unit(None, 3)}),
    "RBM.energy": (RBM.energy, {"v": unit(6, 4), "h": unit(6, 3)}),
    "RBM.free_energy": (RBM.free_energy, {"v": unit(None, 4)}),
    "RBM.log_partition": (RBM.log_partition, {}),
    "RBM.log_likelihood": (RBM.log_likelihood, {"v": unit(None, 4)}),
    "RBM.reconstruction_error": (RBM.reconstruction_error, {"v": unit(None, 4)}),
    "RBM.set_visible_bias": (make_rbm().set_visible_bias, {"x": unit(None, 4)}),
    "RBM.gibbs": (RBM.gibbs, {"v": unit(None, 4), "steps": integer(), "rng": RNG}),
    "RBM.contrastive_divergence": (
        RBM.contrastive_divergence,
        {"v": unit(None, 4), "steps": integer(), "rng": RNG},
    ),
}
TABLE = {f"{f.__module__.split('.')[-1]}.{f.__name__}": (f, kinds) for f, kinds in FUNCTIONS.items()} | METHODS
# x의 행 수처럼 다른 인자에 따라 옳고 그름이 달라지는 것: 그때는 다른 쪽의 이름을 말해도 됩니다.
ALSO = {
    ("MLP.loss", "x"): ("labels",),
    ("MLP.gradients", "x"): ("labels",),
    ("MLP.accuracy", "x"): ("labels",),
    ("Network.loss", "x"): ("labels",),
    ("Network.gradients", "x"): ("labels",),
    ("Network.accuracy", "x"): ("labels",),
    ("RBM.energy", "v"): ("h",),
    ("signals.measure", "x"): ("weights",),
    ("probing.linear_probe", "train"): ("test", "train_labels"),
    ("probing.linear_probe", "test"): ("test_labels",),
    ("theory.predict", "sizes"): ("weight_stds",),
    ("heatmap.accuracy_grid", "rows"): ("values",),
    ("heatmap.accuracy_grid", "columns"): ("values",),
    ("heatmap.accuracy_grids", "rows"): ("tables",),
    ("heatmap.accuracy_grids", "columns"): ("tables",),
    ("curves.curves", "x"): ("series",),
}
# 그림은 하나에 수십 ms가 걸리므로 옳은 값의 예를 줄입니다.
SLOW = {"layers.layer_histograms", "depth.depth_lines", "curves.loss_curves", "heatmap.accuracy_grid", "curves.curves"}
SLOW |= {"layers.histograms", "points.scatter", "phase_map.phase_map"}
SLOW |= {"rectified.rectified"}
SLOW |= {"heatmap.accuracy_grids"}
SLOW |= {"mean_field.fixed_point", "mean_field.trajectory", "theory.edge_of_chaos"}
SLOW |= {"charts.images", "datasets.load_mnist", "datasets.load_digits"}
REFUSALS = [
    (name, key) for name, (_, kinds) in TABLE.items() for key, kind in kinds.items() if kind not in (TEXT, FLAG)
]


def test_every_public_function_is_in_the_table():
    modules = (
        wi_lib,
        initializers,
        activations,
        layers,
        signals,
        theory,
        mean_field,
        optimizers,
        pretraining,
        datasets,
        plots,
        charts,
        width,
    )
    public = {
        value
        for module in modules
        for name, value in vars(module).items()
        if not name.startswith("_") and callable(value) and getattr(value, "__module__", "").startswith("wi_lib")
    }
    # 인자를 늘어놓는 층은 test_convolution.py에서 봅니다. 자료를 담기만 하는 클래스와, 다른 모듈이 쓰는 바탕은 뺍니다.
    containers = {
        activations.Activation,
        datasets.Dataset,
        datasets.DatasetError,
        layers.Reshape,
        mean_field.FixedPoint,
        mean_field.Trajectory,
        optimizers.Optimizer,
        pretraining.RBMHistory,
        signals.LayerSummary,
        signals.Signals,
        theory.Prediction,
        wi_lib.History,
        wi_lib.Observation,
    }
    helpers = {
        value
        for value in public
        if value.__module__ in ("wi_lib.chain", "wi_lib.checks", "wi_lib.progress", "wi_lib.sampling")
    }
    assert public - containers - helpers == set(FUNCTIONS)


@pytest.mark.parametrize("name", TABLE)
def test_every_argument_is_in_the_table(name):
    function, kinds = TABLE[name]
    arguments = set(inspect.signature(function).parameters) - {"progress", "settings", "log"}
    assert arguments <= set(kinds)


@pytest.mark.parametrize(("name", "argument"), REFUSALS)
@given(data=st.data())
def test_bad_argument_is_refused_by_name(name, argument, data):
    function, kinds = TABLE[name]
    arguments = {key: data.draw(kind.bad if key == argument else kind.good, key) for key, kind in kinds.items()}
    with pytest.raises((ValueError, TypeError)) as caught:
        function(**arguments)
    message = str(caught.value)
    assert FORM.match(message), message
    names = (argument, *ALSO.get((name, argument), ()))
    assert any(message.startswith(f"`{allowed}") for allowed in names), message
    # 배열을 통째로 찍어 화면을 채우지 않습니다.
    assert len(message) < 600


def test_a_matrix_is_refused():
    """np.matrix는 만들기만 해도 경고가 나므로 따로 봅니다."""
    with pytest.warns(PendingDeprecationWarning):
        matrix = np.matrix([[1.0, 2.0]])
    with pytest.raises(TypeError, match=r"`matrix`에는 .*shape=\(1, 2\), dtype=float64인 matrix"):
        signals.rank(matrix)


def test_a_memory_map_is_as_good_as_an_array(tmp_path):
    """파일에서 읽을 뿐 셈은 똑같습니다."""
    np.save(tmp_path / "x.npy", np.array([[3.0, 4.0]]))
    assert signals.rms(np.load(tmp_path / "x.npy", mmap_mode="r")) == signals.rms(np.array([3.0, 4.0]))


# 걸음마다 상태를 바꾸는 학습과, 그림을 돌려주는 함수는 저마다의 시험에서 봅니다.
COMPUTED = ("theory.", "mean_field.", "initializers.", "activations.", "signals.", "lsuv.", "rbm.")
REALS = [
    (name, key)
    for name, (_, kinds) in TABLE.items()
    for key, kind in kinds.items()
    if kind.real and name.startswith(COMPUTED)
]


@pytest.mark.parametrize(("name", "argument"), REALS)
@settings(max_examples=5)
@given(data=st.data())
def test_other_real_types_give_the_answer_of_the_float(name, argument, data):
    """float16의 자릿수로 계산하거나 Fraction이 NumPy의 영어 오류를 내지 않습니다."""
    function, kinds = TABLE[name]
    others = {key: data.draw(kind.good, key) for key, kind in kinds.items() if key != argument}
    answers = set()
    for kind in (float, np.float16, np.float32, Fraction, np.longdouble):
        value = kind(float(np.float16(0.3)))
        answers.add(pickle.dumps(function(**copy.deepcopy(others), **{argument: value})))
    assert len(answers) == 1


@pytest.mark.parametrize("name", TABLE)
def test_good_arguments_never_raise(name, monkeypatch, tmp_path):
    function, kinds = TABLE[name]
    monkeypatch.setenv("WI_LIB_DATA_DIR", str(tmp_path))

    @settings(max_examples=5 if name in SLOW else 50)
    @given(st.fixed_dictionaries({key: kind.good for key, kind in kinds.items()}))
    def check(arguments):
        if name == "datasets.load_mnist":
            arguments["fallback"] = True
        result = function(**arguments)
        if hasattr(result, "draw_without_rendering"):
            # 글꼴이나 로그 축의 경고는 그릴 때 나옵니다.
            result.draw_without_rendering()

    check()
