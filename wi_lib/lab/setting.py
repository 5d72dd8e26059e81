"""실험대의 설정: 이름과 범위, 그 설정을 되풀이하는 파이썬. setting.js, program.js와 짝을 이룹니다."""

import numbers
import re
from typing import Any

from .. import initializers
from ..checks import check_choice, check_number, refuse

# 자료마다 [특성 수, 클래스 수].
DATA = {
    "digits": (64, 10),
    "spiral": (2, 2),
    "rings": (2, 2),
    "checkerboard": (2, 2),
    "gaussian": (100, 10),
    "mnist": (784, 10),
}
CHOICES = {
    "data": tuple(DATA),
    "activation": ("sigmoid", "tanh", "relu", "leaky_relu", "selu"),
    "optimizer": ("sgd", "momentum", "adam"),
}
INTEGERS = {
    "depth": (1, 50),
    "width": (2, 256),
    "batch_size": (1, 1024),
    "iterations": (1, 100_000),
    "seed": (0, 2**53 - 1),
}
LARGEST_RATE = 1e6
# MLP는 절댓값이 1e15를 넘는 가중치를 거절하는데, 정규분포에서 뽑은 가중치는 표준편차의 몇 배까지 나옵니다.
LARGEST_SIZE = 1e14
DEFAULTS: dict[str, Any] = {
    "data": "digits",
    "activation": "relu",
    "initializer": "he_normal",
    "depth": 4,
    "width": 50,
    "learning_rate": 0.1,
    "optimizer": "sgd",
    "batch_size": 32,
    "iterations": 200,
    "seed": 0,
}
# 실험실의 망은 행렬뿐이므로 커널을 위한 이름은 두지 않습니다.
NAMED = tuple(name for name in initializers.INITIALIZERS if name not in initializers.FOR_KERNELS)
MADE = {name: name for name in (*NAMED, "constant", "variance_scaling")}
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)


def complete(given: dict[str, Any]) -> dict[str, Any]:
    """적지 않은 것을 처음 값으로 채운 설정. 모르는 이름과 범위 밖의 값에는 ValueError나 TypeError입니다."""
    for name in given:
        check_choice("설정의 이름", name, DEFAULTS)
    return DEFAULTS | {name: check(name, value) for name, value in given.items()}


def check(name: str, value: Any) -> Any:
    if name in CHOICES:
        return check_choice(name, value, {choice: choice for choice in CHOICES[name]})
    if name == "learning_rate":
        return check_number(name, value, maximum=LARGEST_RATE, above=True)
    if name == "initializer":
        code(value)
        return value
    lowest, highest = INTEGERS[name]
    allowed = f"{lowest} 이상 {highest:,} 이하의 정수"
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        refuse(name, allowed, value, TypeError)
    if not lowest <= value <= highest:
        refuse(name, allowed, value)
    return int(value)


def code(text: Any) -> str:
    """`normal(0.01)`처럼 적은 초기화 함수를 만드는 파이썬. 인자의 범위는 그 초기화 함수가 살핍니다."""
    if not isinstance(text, str):
        refuse("initializer", '"he_normal"이나 "normal(0.01)"처럼 적은 글', text, TypeError)
    found = re.fullmatch(r"\s*(\w+)\s*(?:\(([^()]*)\))?\s*", text)
    name = re.sub("^kaiming_", "he_", re.sub("^glorot_", "xavier_", found[1])) if found else text
    make = getattr(initializers, check_choice("initializer", name, MADE))
    words = [_argument(word) for word in found[2].split(",")] if found[2] and found[2].strip() else []
    try:
        make(*(value for key, value in words if not key), **{key: value for key, value in words if key})
    except TypeError as error:
        if "`" in str(error):  # 초기화 함수가 인자의 값을 거절한 것입니다.
            raise
        refuse("initializer", f"{name}이(가) 받는 인자", text)
    if any(not isinstance(value, str) and abs(value) > LARGEST_SIZE for _, value in words):
        refuse("initializer", "크기가 1e14 이하인 인자", text)
    if not words and name in NAMED:
        return f'"{name}"'
    shown = (f'"{value}"' if isinstance(value, str) else f"{value}" for _, value in words)
    return f"initializers.{name}({', '.join(f'{key}={word}' if key else word for (key, _), word in zip(words, shown))})"


def _argument(word: str) -> tuple[str, Any]:
    """`0.01`이나 `std=0.01`, 따옴표를 두른 `"fan_in"`에서 (이름, 값)."""
    key, _, text = word.strip().rpartition("=")
    text = re.sub(r"""^(["'])(.*)\1$""", r"\2", text.strip())
    if not NUMBER.fullmatch(text):
        return key.strip(), text
    value = float(text)
    return key.strip(), int(value) if value.is_integer() else value


def program(setting: dict[str, Any]) -> str:
    """실험대와 같은 손실과 정확도를 찍는 파이썬."""
    features, classes = DATA[setting["data"]]
    initializer = code(setting["initializer"])
    used = "" if initializer.startswith('"') else ", initializers"
    return f"""\
import numpy as np

import wi_lib
from wi_lib import datasets{used}
from wi_lib.figures.numbers import number, percent

rng = np.random.default_rng({setting["seed"]})
data = datasets.load_{setting["data"]}()
sizes = [{features}] + [{setting["width"]}] * {setting["depth"]} + [{classes}]
initializer = {initializer}
net = wi_lib.MLP(sizes, "{setting["activation"]}", initializer, rng=rng)
history = wi_lib.train(
    net, data, learning_rate={_plain(setting["learning_rate"])}, batch_size={setting["batch_size"]},
    iterations={setting["iterations"]}, optimizer="{setting["optimizer"]}", rng=rng,
)
loss = history.loss[-1] if len(history.loss) else np.nan
print(f"{{len(history.loss)}}걸음, 손실 {{number(loss, 4)}}, "
      f"시험 정확도 {{percent(history.test_accuracy)}}")
"""


def _plain(value: float) -> float:
    return int(value) if value == int(value) else value
