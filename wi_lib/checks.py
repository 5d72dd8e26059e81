"""공개 함수가 함께 쓰는 인자 검사. 오류 문장은 인자 이름, 허용되는 값, 실제로 받은 값을 이 순서로 말합니다.

수를 검사하는 함수는 파이썬의 float나 int를 돌려줍니다. 부르는 쪽은 늘 그 값을 씁니다: float16이나 Fraction을 받은
그대로 쓰면 자릿수를 잃거나 NumPy의 영어 오류가 납니다.
"""

import numbers
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, NoReturn, TypeGuard, TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")
# 제곱하거나 더해도 무한대가 되지 않도록 입력 크기의 상한을 둡니다: float32로 계산하는 곳과 float64로 계산하는 곳.
LARGEST = 1e15
LARGEST_FLOAT64 = 1e150
# 이만한 크기 둘을 곱해도 NumPy가 셀 수 있는 바이트 수입니다. 메모리가 모자라는지는 만들어 보아야 압니다.
LARGEST_INTEGER = 10**9


def describe(value: object) -> str:
    """오류 문장에 넣을 값의 짧은 표현."""
    if isinstance(value, np.ndarray):
        kind = "배열" if _is_plain(value) else type(value).__name__
        return f"shape={value.shape}, dtype={value.dtype}인 {kind}"
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def refuse(name: str, allowed: str, got: object, error: type[Exception] = ValueError) -> NoReturn:
    """`name` 인자를 거절하는 오류를 던집니다."""
    raise error(f"`{name}`에는 {allowed}만 쓸 수 있습니다. 받은 값: {describe(got)}")


@contextmanager
def enough_memory(name: str, value: object) -> Iterator[None]:
    """배열을 만들다 메모리가 모자라면 그 크기를 정한 인자를 말하는 MemoryError로 바꿉니다."""
    try:
        yield
    except MemoryError:
        refuse(name, "메모리에 담기는 크기", value, MemoryError)


def check_rng(rng: object) -> np.random.Generator:
    if not isinstance(rng, np.random.Generator):
        refuse("rng", "numpy.random.Generator(예: np.random.default_rng(0))", rng, TypeError)
    return rng


def check_number(
    name: str,
    value: object,
    minimum: float = 0.0,
    maximum: float = LARGEST,
    above: bool = False,
    below: bool = False,
) -> float:
    """유한한 실수이고 minimum 이상(above이면 초과), maximum 이하(below이면 미만)인지 확인해 float로 돌려줍니다."""
    allowed = f"{minimum:g} {'초과' if above else '이상'} {maximum:g} {'미만' if below else '이하'}의 실수"
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Real):
        refuse(name, allowed, value, TypeError)
    try:
        number = float(value)
    except OverflowError:  # 10**400처럼 float에 담기지 않는 정수
        refuse(name, allowed, value)
    if not minimum <= number <= maximum or (above and number == minimum) or (below and number == maximum):
        refuse(name, allowed, value)
    return number


def check_ends(name: str, ends: tuple[float, float]) -> tuple[float, float]:
    """그림의 두 끝: 작은 것부터 적은 두 실수."""
    if not isinstance(ends, (list, tuple, np.ndarray)) or len(ends) != 2:
        refuse(name, "작은 것부터 적은 두 실수", ends, TypeError)
    low, high = (check_number(name, end, minimum=-1e15) for end in ends)
    if low >= high:
        refuse(name, "작은 것부터 적은 두 실수", ends)
    return low, high


def check_integer(name: str, value: object, minimum: int = 1) -> int:
    """minimum 이상 10억 이하의 정수인지 확인해 int로 돌려줍니다."""
    allowed = f"{minimum} 이상의 정수"
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Integral):
        refuse(name, allowed, value, TypeError)
    number = int(value)
    if number < minimum:
        refuse(name, allowed, value)
    if number > LARGEST_INTEGER:
        refuse(name, f"{minimum} 이상 {LARGEST_INTEGER:,} 이하의 정수", value)
    return number


def check_choice(name: str, value: object, choices: Mapping[str, T]) -> T:
    """choices(이름 → 값)에서 value를 찾습니다. 모르는 이름이면 아는 이름을 모두 알려 줍니다."""
    if not isinstance(value, str) or value not in choices:
        refuse(name, f"다음 이름({', '.join(choices)})", value)
    return choices[value]


def check_sizes(name: str, sizes: object, length: int | None = None) -> tuple[int, ...]:
    """1 이상의 정수로 된 목록인지 확인해 튜플로 돌려줍니다. length가 없으면 두 개 이상이어야 합니다."""
    count = "두 개 이상" if length is None else f"{length}개"
    allowed = f"1 이상의 정수 {count}로 된 목록이나 튜플"
    if not isinstance(sizes, (list, tuple)):
        refuse(name, allowed, sizes, TypeError)
    if (len(sizes) < 2) if length is None else (len(sizes) != length):
        refuse(name, allowed, sizes)
    return tuple(check_integer(f"{name}[{i}]", size) for i, size in enumerate(sizes))


def check_array(
    name: str, value: object, shape: Sequence[int | None] | None = None, limit: float = LARGEST
) -> NDArray[Any]:
    """유한한 실수 배열인지, 모양이 shape와 맞는지 확인합니다. 크기가 None이면 1 이상, shape가 None이면 아무 모양.

    배열의 하위 클래스는 받지 않습니다: 가린 값을 세는 마스크 배열이나 `*`가 행렬 곱인 np.matrix는 여기의 식에서
    조용히 다른 답을 냅니다. 파일에서 읽을 뿐 셈은 똑같은 np.memmap만 예외입니다.
    """
    wanted = "" if shape is None else f"모양이 {str(tuple(shape)).replace('None', 'n')}이고 "
    allowed = f"{wanted}절댓값이 {limit:g} 이하인 실수 NumPy 배열"
    if not _is_plain(value) or value.dtype.kind not in "iuf":
        refuse(name, allowed, value, TypeError)
    shape = value.shape if shape is None else shape
    fits = value.ndim == len(shape) and value.size and all(want in (None, got) for want, got in zip(shape, value.shape))
    if not fits:
        refuse(name, allowed, value)
    # 최솟값과 최댓값은 NaN을 그대로 전하므로, 배열만 한 임시 배열 없이 두 조건을 한 번에 봅니다.
    low, high = float(value.min()), float(value.max())
    if not (low >= -limit and high <= limit):
        refuse(name, allowed, f"최솟값 {low:.4g}, 최댓값 {high:.4g}인 배열")
    return value


def _is_plain(value: object) -> TypeGuard[NDArray[Any]]:
    return type(value) in (np.ndarray, np.memmap)


def as_array(value: object) -> Any:
    """목록도 배열로 받습니다. 배열이 되지 못하는 들쭉날쭉한 목록과 배열의 하위 클래스는 check_array가 거절합니다."""
    # 마스크 배열의 목록을 배열로 바꾸면 마스크가 조용히 사라지므로, 목록인 채로 거절되게 합니다.
    if isinstance(value, (list, tuple)) and any(isinstance(v, np.ma.MaskedArray) for v in value):
        return value
    with suppress(ValueError):
        return np.asanyarray(value)
    return value


def check_values(name: str, value: object, *shapes: Sequence[int | None]) -> NDArray[Any]:
    """NaN(발산)이 섞여도 되는 배열. shapes 가운데 차원 수가 같은 것(없으면 첫째)에 맞아야 합니다."""
    array = as_array(value)
    shape = next((s for s in shapes if len(s) == getattr(array, "ndim", 0)), shapes[0])
    known = np.nan_to_num(array, posinf=np.inf, neginf=-np.inf) if _is_plain(array) else array
    check_array(name, known, shape)
    return array


def check_named(name: str, value: object, kind: str, most: int) -> None:
    """1~most개로 된 {이름: 값} 사전인지 확인합니다."""
    if not isinstance(value, dict) or not 1 <= len(value) <= most:
        refuse(name, f"1~{most}개로 된 {{이름: {kind}}} 사전", value, TypeError)


def check_labels(name: str, labels: object, count: int | tuple[int, ...], classes: int) -> NDArray[np.integer]:
    """모양이 count(정수이면 그 길이)인 정수 레이블이 모두 0 이상 classes 미만인지 확인합니다."""
    shape = count if isinstance(count, tuple) else (count,)
    amount = f"정수 {shape[0]}개로 된" if len(shape) == 1 else f"정수로 된, 모양이 {shape}인"
    allowed = f"0 이상 {classes} 미만인 {amount} NumPy 배열"
    if not _is_plain(labels) or labels.dtype.kind not in "iu":
        refuse(name, allowed, labels, TypeError)
    if labels.shape != shape:
        refuse(name, allowed, labels)
    if labels.min() < 0 or labels.max() >= classes:
        refuse(name, allowed, f"최솟값 {labels.min()}, 최댓값 {labels.max()}인 배열")
    return labels


def check_unit(name: str, value: object, columns: int) -> NDArray[Any]:
    """(N, columns) 모양이고 모든 값이 0 이상 1 이하인 배열인지 확인합니다."""
    array = check_array(name, value, (None, columns))
    if array.min() < 0 or array.max() > 1:
        refuse(name, "0 이상 1 이하인 실수 배열", f"최솟값 {array.min():.4g}, 최댓값 {array.max():.4g}인 배열")
    return array


def check_parameter(
    name: str, value: object, shape: Sequence[int | None], limit: float = LARGEST
) -> NDArray[np.floating]:
    """제자리에서 학습할 수 있는 배열인지 확인합니다: 정수 배열과 읽기 전용인 배열은 갱신을 담지 못합니다."""
    array = check_array(name, value, shape, limit)
    if array.dtype.kind != "f":
        refuse(name, "실수(float) 배열", array, TypeError)
    if not array.flags.writeable:
        refuse(name, "제자리에서 고칠 수 있는 배열", "읽기 전용인 배열")
    return array
