"""내 모델의 진단: 학습하기 전에, 배치 하나로, 어느 층이 어디가 아픈지 봅니다.

망을 흘리고 되돌리는 것은 프레임워크마다의 어댑터(adapters/)이고, 분석(rules)은 NumPy로 한 번만 합니다. 프레임워크는
넘긴 모델이 그것의 모델일 때에만 불러옵니다.
"""

from importlib import import_module
from typing import Any

import numpy as np

from ..checks import check_number, check_rng, refuse
from ..optimizers import Optimizer, get
from .recording import Recording
from .report import Report

# 모델의 조상 클래스 (꾸러미, 이름) → (프레임워크, 어댑터).
# PyTorch 위의 Keras 모델은 torch의 Module이기도 하므로 Keras가 먼저입니다.
ADAPTERS = {
    ("wi_lib", "MLP"): ("wi_lib", "networks"),
    ("wi_lib", "Network"): ("wi_lib", "networks"),
    ("keras", "Layer"): ("keras", "keras_models"),
    ("torch", "Module"): ("torch", "torch_modules"),
    ("flax", "Module"): ("flax", "flax_modules"),
}


def diagnose(
    model: Any,
    x: Any,
    labels: Any = None,
    *,
    loss: Any = None,
    optimizer: str | Optimizer = "adam",
    learning_rate: float = 1e-3,
    rng: np.random.Generator | None = None,
) -> Report:
    """모델을 배치 하나로 한 번 흘리고 되돌려, 초깃값에서 아픈 곳을 찾습니다. 모델은 받은 그대로 돌려줍니다.

    - `model`: wi_lib의 `MLP`와 `Network`, `torch.nn.Module`, `keras.Model`, `flax.nnx.Module`.
    - `x`: 배치 하나. 배열이나 텐서, 입력이 여럿이면 차례대로 적은 튜플이나 {이름: 배열} 사전.
    - `labels`: 정수 (N,)나 (N, T)이면 교차 엔트로피, 실수이면 제곱 오차. 없으면 무작위 신호를 되돌립니다.
    - `loss`: 프레임워크의 함수 loss(출력, labels) → 스칼라. 주면 위의 손실을 대신합니다.
    - `optimizer`, `learning_rate`: 걸음의 비를 셀 최적화기(wi_lib의 이름이나 최적화기)와 학습률.
    - `rng`: 레이블이 없을 때의 신호를 뽑는 numpy.random.Generator. 없으면 시드 0.

    모르는 종류의 모델, 맞지 않는 x나 labels에는 TypeError나 ValueError입니다.

    >>> from wi_lib import MLP
    >>> net = MLP([20, 50, 50, 4], "relu", "zeros", rng=np.random.default_rng(0))
    >>> x = np.random.default_rng(1).standard_normal((64, 20))
    >>> diagnose(net, x).recording.framework
    'wi_lib'
    """
    framework, adapter = _adapter(model)
    recording = Recording(framework, get(optimizer), check_number("learning_rate", learning_rate))
    rng = np.random.default_rng(0) if rng is None else check_rng(rng)
    _check(x, loss)
    import_module(f"{__name__}.adapters.{adapter}").record(recording, model, x, labels, loss, rng)
    if not any(layer.weights for layer in recording.layers):
        refuse("model", "행렬이나 커널을 쓰는 모델", f"잴 행렬을 쓰지 않은 {type(model).__name__}")
    return Report(recording)


def _check(x: object, loss: object) -> None:
    """배치가 아니라 배치를 내는 것, 함수가 아니라 함수를 만드는 것을 넘기는 실수가 흔합니다."""
    ancestors = {cls.__name__ for cls in type(x).__mro__}
    if x is None or isinstance(x, str) or hasattr(x, "__next__") or ancestors & {"DataLoader", "Dataset", "DatasetV2"}:
        allowed = "배치 하나인 배열이나 텐서, 그것의 튜플이나 사전(DataLoader라면 x, labels = next(iter(loader)))"
        refuse("x", allowed, x, TypeError)
    if loss is not None and (isinstance(loss, type) or not callable(loss)):
        refuse("loss", "함수 loss(출력, labels)(클래스가 아니라 nn.CrossEntropyLoss()처럼 만든 것)", loss, TypeError)


def _adapter(model: object) -> tuple[str, str]:
    ancestors = {(cls.__module__.split(".")[0], cls.__name__) for cls in type(model).__mro__}
    # TensorFlow에 딸린 tf_keras처럼 다른 이름으로 온 Keras는 받지 않습니다.
    for key, found in ADAPTERS.items():
        if key in ancestors:
            return found
    allowed = "wi_lib.MLP, wi_lib.Network, torch.nn.Module, keras.Model, flax.nnx.Module"
    refuse("model", allowed, model, TypeError)
