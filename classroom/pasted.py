"""메신저나 문서에서 붙여 넣은 코드: 눈에 보이지 않거나 닮은 글자 때문에 문법이 어긋난 것을 고칩니다."""

import ast
import warnings

SPACES = dict.fromkeys([0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000], " ")
NOTHING = dict.fromkeys([0xAD, *range(0x200B, 0x2010), 0x2028, 0x2060, 0xFEFF])
# 전각 글자(！–～)는 유니코드에서 ASCII와 나란합니다.
WIDE = {wide: chr(wide - 0xFEE0) for wide in range(0xFF01, 0xFF5F)}
QUOTES = {**dict.fromkeys(map(ord, "‘’′"), "'"), **dict.fromkeys(map(ord, "“”″"), '"'), ord("−"): "-", ord("–"): "-"}
INVISIBLE, ALIKE = SPACES | NOTHING, SPACES | NOTHING | WIDE | QUOTES


def parses(code):
    """IPython의 셀로 문법이 맞는지. 매직과 셸 명령도 됩니다."""
    from IPython.core.inputtransformer2 import TransformerManager

    with warnings.catch_warnings(action="ignore"):  # 학생의 코드에 대한 경고
        try:
            ast.parse(TransformerManager().transform_cell(code))
        except (SyntaxError, ValueError, RuntimeError, MemoryError):
            return False
    return True


def plain(code):
    """문법이 어긋난 코드의 보이지 않는 글자를 고친 것. 옳은 코드와, 고쳐도 어긋나는 코드는 그대로 둡니다."""
    if code.isascii() or parses(code):
        return code
    fixed = (code.translate(letters) for letters in (INVISIBLE, ALIKE))
    return next((each for each in fixed if each != code and parses(each)), code)
