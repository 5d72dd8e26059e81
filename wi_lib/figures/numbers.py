"""수를 글로 적는 하나뿐인 방법: 그림의 대체 텍스트도, 표의 칸도, 움직여 보는 실험의 문장도 이 글을 씁니다.

explorer.js도 같은 규칙을 따릅니다. 둘이 같은지는 tests/book/test_explorer_pages.py가 모든 자리의 문장으로 봅니다.
"""

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Context, Decimal

import numpy as np


def power(exponent: int) -> str:
    """수식 글꼴을 거치지 않는 10ⁿ: 나눔고딕에는 수식이 쓰는 마이너스 기호가 없습니다.

    >>> power(-8)
    '10⁻⁸'
    """
    return "10" + str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def number(value: float, digits: int = 2) -> str:
    """유효숫자 digits개로 적은 글. 아주 크거나 작으면 a×10ⁿ, NaN은 "발산"입니다.

    >>> [number(v) for v in (0.0624, 1234, 7.24e-8, 0, float("nan"), float("inf"))]
    ['0.062', '1200', '7.2×10⁻⁸', '0', '발산', '∞']
    """
    value = float(value)
    if np.isnan(value):
        return "발산"
    if np.isinf(value):
        return "∞" if value > 0 else "-∞"
    rounded = _rounded(value, digits)
    exponent = rounded.adjusted()
    if not rounded or -4 < exponent < 4:
        return f"{rounded + 0:f}"
    return f"{rounded.scaleb(-exponent):f}×{power(exponent)}"


def _rounded(value: float, digits: int) -> Decimal:
    return Context(prec=digits, rounding=ROUND_HALF_UP).create_decimal(value).normalize()


def percent(share: float) -> str:
    """비율을 백분율로: 0.125는 "13 %".

    >>> percent(0.125)
    '13 %'
    """
    return "발산" if np.isnan(share) else f"{np.floor(100 * float(share) + 0.5):.0f} %"


def times(ratio: float) -> str:
    """몇 배인지를 방향과 함께, 유효숫자 둘로: 440배는 "×440", 1/70배는 "÷70". 백만 배부터만 a×10ⁿ으로 적습니다.

    >>> times(440), times(1 / 70), times(1.54e-5)
    ('×440', '÷70', '÷65,000')
    """
    size = ratio if ratio >= 1 else 1 / ratio
    text = number(size) if size >= 1e6 else f"{_rounded(size, 2) + 0:,f}"
    return f"{'×' if ratio >= 1 else '÷'}{text}"


def fill(template: str, known: Mapping[str, str | float]) -> str:
    """`{이름}`과 `{이름:%}`을 known의 글이나 수로 바꿉니다.

    >>> fill("표준편차 {std}: {share:%}", {"std": "0.01", "share": 0.5})
    '표준편차 0.01: 50 %'
    """

    def replace(match):
        value = known[match[1]]
        return value if isinstance(value, str) else percent(value) if match[2] else number(value)

    return re.sub(r"\{(\w+)(:%)?\}", replace, template)
