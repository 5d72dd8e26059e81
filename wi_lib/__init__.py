"""『가중치 초기화』 강의의 작은 NumPy 꾸러미. 한나절이면 모두 읽을 수 있습니다."""

from typing import Any

from . import activations, initializers, layers, mean_field, optimizers, pretraining, signals, theory, width
from .intervals import mean_interval
from .layered import Network
from .lsuv import lsuv
from .network import MLP
from .observing import Observation, observe
from .probing import linear_probe
from .signals import propagate
from .training import History, at_best_rate, train, train_together

__version__ = "0.6.0"
__all__ = [
    "MLP",
    "History",
    "Network",
    "Observation",
    "activations",
    "at_best_rate",
    "diagnose",
    "initializers",
    "layers",
    "linear_probe",
    "lsuv",
    "mean_field",
    "mean_interval",
    "observe",
    "optimizers",
    "pretraining",
    "propagate",
    "signals",
    "theory",
    "train",
    "train_together",
    "width",
]
LAZY = ("charts", "datasets", "diagnosis", "explorers", "lab", "plots", "texts")


def __getattr__(name: str) -> Any:
    # 자료, 그림, 움직이는 그림은 다른 꾸러미를 부르므로 처음 쓸 때 불러옵니다. 나머지는 NumPy만 있으면 됩니다.
    if name in (*LAZY, "diagnose"):
        from importlib import import_module

        if name == "diagnose":
            return import_module(f"{__name__}.diagnosis").diagnose
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"wi_lib에는 {name!r}이(가) 없습니다. 있는 이름: {', '.join([*__all__, *LAZY])}")
