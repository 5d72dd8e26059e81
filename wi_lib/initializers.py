"""가중치 초기화 함수.

모든 초기화 함수는 `init(shape, rng=rng)` 꼴로 부르며, `shape = (fan_in, fan_out)`인 float32 배열을 돌려줍니다.
층은 `x @ W`를 계산하므로 W의 열 하나가 유닛 하나의 입력 가중치입니다(PyTorch는 전치된 (fan_out, fan_in)을 씁니다).
합성곱의 커널은 shape가 (높이, 너비, 입력 채널, 출력 채널)이고 fan은 `fans`가 셉니다(15장).

난수는 항상 표준 분포에서 뽑은 뒤에 크기를 곱합니다. 그래서 같은 시드의 `rng`를 주면 `normal(0.01)`과
`normal(1)`은 같은 난수를 크기만 바꾼 것이고, 두 초기화를 비교할 때 난수의 운이 섞이지 않습니다.
"""

from collections.abc import Callable
from functools import partial

import numpy as np

from .checks import LARGEST, check_choice, check_number, refuse
from .sampling import Array, Initializer, Shape, fans, scaled
from .structured import delta_orthogonal, dirac, identity, orthogonal, sparse, sparse_fraction


def zeros() -> Initializer:
    """모든 가중치가 0. 1장이 보이듯 은닉층의 유닛이 서로 달라지지 못합니다.

    >>> zeros()((2, 3), rng=np.random.default_rng(0)).sum()
    np.float32(0.0)
    """
    return constant(0.0)


def constant(c: float) -> Initializer:
    """모든 가중치가 c(절댓값이 1e15 이하인 실수). 0이 아니어도 대칭성은 깨지지 않습니다(1장).

    >>> constant(0.5)((1, 2), rng=np.random.default_rng(0))
    array([[0.5, 0.5]], dtype=float32)
    """
    c = check_number("c", c, minimum=-LARGEST)
    return Initializer(f"constant(c={c:g})", partial(_filled, c=c))


def _filled(shape: Shape, rng: np.random.Generator, c: float) -> Array:
    return np.full(shape, c, np.float32)


def normal(std: float = 0.01) -> Initializer:
    """정규분포 N(0, std²).

    >>> W = normal(std=0.01)((100, 100), rng=np.random.default_rng(0))
    >>> bool(abs(W.std() - 0.01) < 0.0005)
    True
    """
    std = check_number("std", std)
    return Initializer(f"normal(std={std:g})", partial(scaled, distribution="normal", std=std))


def uniform(limit: float = 0.05) -> Initializer:
    """균등분포 U(−limit, limit). 표준편차는 limit/√3입니다.

    >>> W = uniform(limit=0.3)((100, 100), rng=np.random.default_rng(0))
    >>> bool(abs(W).max() <= 0.3)
    True
    """
    limit = check_number("limit", limit)
    return Initializer(f"uniform(limit={limit:g})", partial(scaled, distribution="uniform", std=limit / np.sqrt(3)))


def truncated_normal(std: float = 0.01) -> Initializer:
    """±2 표준편차 밖을 버리고 다시 뽑는 정규분포. 자른 **뒤의** 표준편차가 std가 되도록 보정합니다.

    보정 계수 0.8796은 JAX `variance_scaling`이 쓰는 것과 같습니다(자르기 전 표준편차 = std / 0.8796).

    >>> W = truncated_normal(std=1.0)((100, 100), rng=np.random.default_rng(0))
    >>> bool(abs(W).max() <= 2 / 0.8796)
    True
    """
    std = check_number("std", std)
    return Initializer(f"truncated_normal(std={std:g})", partial(scaled, distribution="truncated_normal", std=std))


MODES: dict[str, Callable[[int, int], float]] = {
    "fan_in": lambda fan_in, fan_out: fan_in,
    "fan_out": lambda fan_in, fan_out: fan_out,
    "fan_avg": lambda fan_in, fan_out: (fan_in + fan_out) / 2,
}
DISTRIBUTIONS = {name: name for name in ("normal", "truncated_normal", "uniform")}


def variance_scaling(scale: float = 1.0, mode: str = "fan_in", distribution: str = "normal") -> Initializer:
    """분산을 층의 크기에 맞춥니다: Var(w) = scale / fan.

    - `scale`: 0 이상의 실수.
    - `mode`: fan을 고릅니다. "fan_in", "fan_out", "fan_avg"(둘의 평균).
    - `distribution`: "normal", "truncated_normal", "uniform"(한계는 √(3·scale/fan)).

    이름 있는 초기화 lecun·xavier·he는 모두 이 함수의 특별한 경우입니다.

    >>> W = variance_scaling(2.0, "fan_in", "uniform")((100, 50), rng=np.random.default_rng(0))
    >>> bool(abs(W).max() <= np.sqrt(3 * 2 / 100))
    True
    """
    scale = check_number("scale", scale)
    check_choice("mode", mode, MODES)
    check_choice("distribution", distribution, DISTRIBUTIONS)
    return Initializer(
        f"variance_scaling(scale={scale:g}, mode={mode}, distribution={distribution})",
        partial(_scaled_to_fan, scale=scale, mode=mode, distribution=distribution),
    )


def _scaled_to_fan(shape: Shape, rng: np.random.Generator, scale: float, mode: str, distribution: str) -> Array:
    return scaled(shape, rng, distribution, float(np.sqrt(scale / MODES[mode](*fans(shape)))))


def lecun_normal() -> Initializer:
    """LeCun 초기화, 정규분포: Var(w) = 1/fan_in. `variance_scaling(1, "fan_in", "normal")`과 같습니다.

    LeCun 외(1998), "Efficient BackProp" 4.6절. 국내에 널리 읽힌 교재는 이 식을 "Xavier 초깃값"이라고 부릅니다.

    >>> W = lecun_normal()((400, 100), rng=np.random.default_rng(0))
    >>> bool(abs(W.std() - 0.05) < 0.001)
    True
    """
    return variance_scaling(1.0, "fan_in", "normal")


def lecun_uniform() -> Initializer:
    """LeCun 초기화, 균등분포: U(±√(3/fan_in)). `variance_scaling(1, "fan_in", "uniform")`과 같습니다.

    >>> W = lecun_uniform()((400, 100), rng=np.random.default_rng(0))
    >>> bool(abs(W.std() - 0.05) < 0.001)
    True
    """
    return variance_scaling(1.0, "fan_in", "uniform")


def xavier_normal() -> Initializer:
    """Xavier(Glorot) 초기화, 정규분포: Var(w) = 2/(fan_in + fan_out). `variance_scaling(1, "fan_avg", "normal")`.

    Glorot & Bengio(2010) 식 (12). 다른 이름: Glorot normal.

    >>> W = xavier_normal()((400, 100), rng=np.random.default_rng(0))
    >>> bool(abs(W.std() - np.sqrt(2 / 500)) < 0.001)
    True
    """
    return variance_scaling(1.0, "fan_avg", "normal")


def xavier_uniform() -> Initializer:
    """Xavier(Glorot) 초기화, 균등분포: U(±√(6/(fan_in + fan_out))). `variance_scaling(1, "fan_avg", "uniform")`.

    Glorot & Bengio(2010) 식 (16), "normalized initialization". 다른 이름: Glorot uniform.

    >>> W = xavier_uniform()((400, 100), rng=np.random.default_rng(0))
    >>> bool(abs(W.std() - np.sqrt(2 / 500)) < 0.001)
    True
    """
    return variance_scaling(1.0, "fan_avg", "uniform")


def he_normal() -> Initializer:
    """He 초기화, 정규분포: Var(w) = 2/fan_in. `variance_scaling(2, "fan_in", "normal")`과 같습니다.

    He 외(2015) 식 (10). 다른 이름: Kaiming normal.

    >>> W = he_normal()((400, 100), rng=np.random.default_rng(0))
    >>> bool(abs(W.std() - np.sqrt(2 / 400)) < 0.001)
    True
    """
    return variance_scaling(2.0, "fan_in", "normal")


def he_uniform() -> Initializer:
    """He 초기화, 균등분포: U(±√(6/fan_in)). `variance_scaling(2, "fan_in", "uniform")`과 같습니다.

    >>> W = he_uniform()((400, 100), rng=np.random.default_rng(0))
    >>> bool(abs(W.std() - np.sqrt(2 / 400)) < 0.001)
    True
    """
    return variance_scaling(2.0, "fan_in", "uniform")


INITIALIZERS: dict[str, Callable[[], Initializer]] = {
    maker.__name__: maker
    for maker in (
        *(zeros, normal, uniform, truncated_normal, lecun_normal, lecun_uniform, xavier_normal, xavier_uniform),
        *(he_normal, he_uniform, orthogonal, identity, sparse, sparse_fraction, delta_orthogonal, dirac),
    )
}
# 행렬에서는 orthogonal, identity와 같은 것. 커널을 위한 이름입니다.
FOR_KERNELS = ("delta_orthogonal", "dirac")


def get(initializer: str | Callable[..., Array]) -> Callable[..., Array]:
    """이름에서 기본값의 초기화 함수를 얻습니다. Initializer나 호출할 수 있는 것은 그대로 돌려줍니다.

    모르는 이름이면 아는 이름을 모두 말하는 ValueError입니다.
    "glorot_…"은 "xavier_…", "kaiming_…"은 "he_…"의 다른 이름입니다.

    >>> get("he_normal")
    Initializer(name='variance_scaling(scale=2, mode=fan_in, distribution=normal)')
    """
    if isinstance(initializer, str):
        name = initializer.replace("glorot_", "xavier_").replace("kaiming_", "he_")
        return check_choice("initializer", name if name in INITIALIZERS else initializer, INITIALIZERS)()
    if not callable(initializer):
        refuse("initializer", "초기화 함수나 그 이름", initializer, TypeError)
    return initializer
