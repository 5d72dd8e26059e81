"""답을 받아 살펴보는 도구. 틀린 곳은 `Wrong`으로, 정답은 알려 주지 않고 무엇을 볼지 말합니다."""

import numbers
import warnings

import numpy as np

from .errors import explain
from .notebook import unfinished


class Wrong(AssertionError):
    """틀린 답. 노트북에는 까닭 한 문장만 보이고, 확인하는 코드는 보이지 않습니다."""

    def _render_traceback_(self):
        return [f"아직 아닙니다. {unfinished() or self}"]


def passed(task):
    # 방금 실행한 답 셀이 오류로 끝났으면, 통과한 것은 그 전에 정의한 답입니다.
    require(not (reason := unfinished()), reason)
    print(f"{task}: 통과했습니다.")


def require(condition, message):
    if not condition:
        raise Wrong(message)


def call(answer, *arguments, **keywords):
    """학생의 함수를 부릅니다. 오류, 빈 답, 전역 난수, 고쳐 버린 인자를 우리말로 알립니다."""
    name = getattr(answer, "__name__", "함수")
    require(callable(answer), f"답은 함수여야 합니다. 지금은 {type(answer).__name__}입니다.")
    given = [(a, a.copy()) for a in (*arguments, *keywords.values()) if isinstance(a, np.ndarray)]
    # 답이 시드를 늘 같게 정하면 부르기 전과 뒤의 상태가 같을 수 있으므로, 하나를 먼저 뽑아 둡니다.
    np.random.random()  # noqa: NPY002
    before = np.random.get_state()[1:3]  # noqa: NPY002  쓰지 않는지 지켜봅니다.
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            value = answer(*arguments, **keywords)
    except (Exception, SystemExit) as error:
        raise Wrong(f"`{name}`을(를) 부르니 {explain(error)}") from None
    after = np.random.get_state()[1:3]  # noqa: NPY002  쓰지 않는지 지켜봅니다.
    require(
        before[1] == after[1] and np.array_equal(before[0], after[0]),
        f"`{name}`이(가) 전역 난수(np.random.…)를 씁니다. "
        + (
            "건네받은 rng로만 뽑으십시오."
            if "rng" in keywords
            else "np.random.default_rng(…)로 만든 것에서 뽑으십시오."
        ),
    )
    for argument, copy in given:
        require(np.array_equal(argument, copy, equal_nan=True), f"`{name}`이(가) 건네받은 배열을 고쳐 버립니다.")
    require(
        value is not None, f"`{name}`이(가) 아무것도 돌려주지 않습니다. 답을 쓰고, return을 빠뜨리지 않았는지 보십시오."
    )
    return value


def number(name, value):
    """유한한 실수인지 보고 float로 돌려줍니다. `...`이면 아직 쓰지 않은 답입니다."""
    require(value is not ..., f"`{name}`에 아직 답을 쓰지 않았습니다.")
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value[()]
    right = isinstance(value, numbers.Real) and not isinstance(value, (bool, np.bool_))
    require(right, f"`{name}`은(는) 수 하나여야 합니다. 지금은 {type(value).__name__}입니다.")
    require(
        np.isfinite(value),
        f"`{name}`이(가) {value}입니다. 넘치거나 0으로 나눈 곳, 음수의 제곱근이나 0의 로그가 없는지 보십시오.",
    )
    return float(value)


def integer(name, value):
    value = number(name, value)
    require(value == int(value), f"`{name}`은(는) 정수여야 합니다.")
    return int(value)


def choice(name, value, options):
    """객관식 답 하나. options는 보기의 목록입니다."""
    require(value is not ..., f"`{name}`에 아직 답을 쓰지 않았습니다.")
    require(
        isinstance(value, str) and str.strip(value) in options,
        f"`{name}`에는 {', '.join(options)} 가운데 하나를 따옴표로 묶어 적으십시오.",
    )
    return str.strip(value)  # 글인 척하는 것의 strip을 부르지 않습니다.


def array(name, value, shape):
    """유한한 실수 배열이고 모양이 shape인지 보고 float64로 돌려줍니다."""
    require(value is not ..., f"`{name}`에 아직 답을 쓰지 않았습니다.")
    if isinstance(value, np.ndarray):
        value = value.view(np.ndarray)  # 연산을 바꾼 하위 클래스는 무엇과도 같다고 할 수 있습니다.
    right = isinstance(value, np.ndarray) and value.dtype.kind in "iuf"
    came = f"원소가 {value.dtype}인 배열" if isinstance(value, np.ndarray) else type(value).__name__
    require(right, f"`{name}`은(는) 실수 NumPy 배열이어야 합니다. 지금은 {came}입니다.")
    flipped = " 축의 차례가 뒤바뀌지 않았습니까?" if value.shape == tuple(shape)[::-1] else ""
    require(
        value.shape == tuple(shape),
        f"`{name}`의 모양이 {tuple(shape)}이어야 하는데 {value.shape}입니다.{flipped}",
    )
    require(np.isfinite(value).all(), f"`{name}`에 무한대나 NaN이 있습니다. 계산이 넘치는 곳이 없는지 보십시오.")
    return value.astype(np.float64)


def close(name, got, want, mistakes=(), relative=0.02, absolute=0.0):
    """got이 want와 허용 오차 안에서 같은지 봅니다.

    - `got`, `want`: 실수나 같은 모양의 배열.
    - `mistakes`: (흔한 실수의 값, 그 까닭)의 목록. 답이 그 값과 같으면 까닭을 말합니다.
    - `relative`, `absolute`: |got − want| ≤ absolute + relative·|want|.

    함수를 여러 번 부른 값은 `trials.judge`로 함께 봅니다.
    """

    def same(value):
        return np.isclose(got, value, rtol=relative, atol=absolute)

    if np.all(right := same(want)):
        return
    for value, reason in mistakes:
        require(not np.all(same(value)), f"`{name}`의 값이 다릅니다. {reason}")
    require(not np.ndim(got), f"`{name}`의 값 {np.size(got)}개 가운데 {np.sum(~right)}개가 다릅니다.")
    raise Wrong(f"`{name}`의 값이 기대보다 {'큽니다' if got > want else '작습니다'}.")


def weights(name, init, shape, seed):
    """초기화 함수 `init(shape, rng=…)`의 가중치를 얻습니다. 모양, 재현성, 시드를 따르는지까지 봅니다."""
    first, again, other = (
        array(f"{name}의 결과", call(init, shape, rng=np.random.default_rng(s)), shape) for s in (seed, seed, seed + 1)
    )
    require(np.array_equal(first, again), f"같은 시드의 rng를 주었는데 `{name}`의 결과가 다릅니다. rng로만 뽑으십시오.")
    require(
        not np.array_equal(first, other),
        f"rng를 바꾸어도 `{name}`의 결과가 같습니다. 건네받은 rng로 뽑으십시오.",
    )
    return first
