"""공개 함수가 함께 쓰는 인자 검사. 오류 문장은 인자 이름, 허용되는 값, 실제로 받은 값을 이 순서로 말합니다."""

import numbers
from contextlib import suppress

import numpy as np

# 제곱하거나 더해도 무한대가 되지 않도록 입력 크기의 상한을 둡니다: float32로 계산하는 곳과 float64로 계산하는 곳.
LARGEST = 1e15
LARGEST_FLOAT64 = 1e150


def describe(value):
    """오류 문장에 넣을 값의 짧은 표현."""
    if isinstance(value, np.ndarray):
        return f"shape={value.shape}, dtype={value.dtype}인 배열"
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def refuse(name, allowed, got, error=ValueError):
    """`name` 인자를 거절하는 오류를 던집니다."""
    raise error(f"`{name}`에는 {allowed}만 쓸 수 있습니다. 받은 값: {describe(got)}")


def check_rng(rng):
    if not isinstance(rng, np.random.Generator):
        refuse("rng", "numpy.random.Generator(예: np.random.default_rng(0))", rng, TypeError)
    return rng


def check_number(name, value, minimum=0.0, maximum=LARGEST, above=False):
    """유한한 실수이고 minimum 이상(above=True이면 초과), maximum 이하인지 확인해 float로 돌려줍니다."""
    allowed = f"{minimum:g} {'초과' if above else '이상'} {maximum:g} 이하의 실수"
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Real):
        refuse(name, allowed, value, TypeError)
    try:
        number = float(value)
    except OverflowError:  # 10**400처럼 float에 담기지 않는 정수
        refuse(name, allowed, value)
    if not minimum <= number <= maximum or (above and number == minimum):
        refuse(name, allowed, value)
    return number


def check_integer(name, value, minimum=1):
    allowed = f"{minimum} 이상의 정수"
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Integral):
        refuse(name, allowed, value, TypeError)
    if value < minimum:
        refuse(name, allowed, value)
    return int(value)


def check_choice(name, value, choices):
    """choices(이름 → 값)에서 value를 찾습니다. 모르는 이름이면 아는 이름을 모두 알려 줍니다."""
    if not isinstance(value, str) or value not in choices:
        refuse(name, f"다음 이름({', '.join(choices)})", value)
    return choices[value]


def check_sizes(name, sizes, length=None):
    """1 이상의 정수로 된 목록인지 확인해 튜플로 돌려줍니다. length가 없으면 두 개 이상이어야 합니다."""
    count = "두 개 이상" if length is None else f"{length}개"
    allowed = f"1 이상의 정수 {count}로 된 목록이나 튜플"
    if not isinstance(sizes, (list, tuple)):
        refuse(name, allowed, sizes, TypeError)
    if (len(sizes) < 2) if length is None else (len(sizes) != length):
        refuse(name, allowed, sizes)
    return tuple(check_integer(f"{name}[{i}]", size) for i, size in enumerate(sizes))


def check_array(name, value, shape=None, limit=LARGEST):
    """유한한 실수 배열인지, 모양이 shape와 맞는지 확인합니다. 크기가 None이면 1 이상, shape가 None이면 아무 모양."""
    wanted = "" if shape is None else f"모양이 {str(shape).replace('None', 'n')}이고 "
    allowed = f"{wanted}절댓값이 {limit:g} 이하인 실수 NumPy 배열"
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "iuf":
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


def as_array(value):
    """목록도 배열로 받습니다. 길이가 들쭉날쭉해 배열이 되지 못하는 것은 check_array가 거절합니다."""
    with suppress(ValueError):
        return np.asarray(value)
    return value


def check_values(name, value, *shapes):
    """NaN(발산)이 섞여도 되는 배열. shapes 가운데 차원 수가 같은 것(없으면 첫째)에 맞아야 합니다."""
    value = as_array(value)
    shape = next((s for s in shapes if len(s) == getattr(value, "ndim", 0)), shapes[0])
    known = np.nan_to_num(value, posinf=np.inf, neginf=-np.inf) if isinstance(value, np.ndarray) else value
    check_array(name, known, shape)
    return value


def check_named(name, value, kind, most):
    """1~most개로 된 {이름: 값} 사전인지 확인합니다."""
    if not isinstance(value, dict) or not 1 <= len(value) <= most:
        refuse(name, f"1~{most}개로 된 {{이름: {kind}}} 사전", value, TypeError)


def check_labels(name, labels, count, classes):
    """count개의 정수 레이블이 모두 0 이상 classes 미만인지 확인합니다."""
    allowed = f"0 이상 {classes} 미만인 정수 {count}개로 된 NumPy 배열"
    if not isinstance(labels, np.ndarray) or labels.dtype.kind not in "iu":
        refuse(name, allowed, labels, TypeError)
    if labels.shape != (count,):
        refuse(name, allowed, labels)
    if labels.min() < 0 or labels.max() >= classes:
        refuse(name, allowed, f"최솟값 {labels.min()}, 최댓값 {labels.max()}인 배열")
    return labels
