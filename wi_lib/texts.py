"""글: 대한민국헌법을 자모로 풀어, 다음 자모를 맞히는 자료로 만듭니다.

헌법은 저작권의 보호를 받지 않습니다(저작권법 제7조).
"""

import unicodedata
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from .checks import check_array, check_integer, refuse
from .datasets import Dataset


@cache
def _text() -> str:
    """유니코드의 분해형(NFD): 한 글자가 첫소리, 가운뎃소리, 끝소리로 나뉩니다. 1987년의 전문과 부칙까지입니다."""
    return unicodedata.normalize("NFD", files(__package__).joinpath("constitution.txt").read_text(encoding="utf-8"))


@cache
def symbols() -> str:
    """글에 나오는 기호를 번호의 차례로 이은 문자열: i번 기호는 `symbols()[i]`입니다.

    >>> len(symbols())
    73
    """
    return "".join(sorted(set(_text())))


def decode(numbers: NDArray[np.integer]) -> str:
    """기호의 번호 (T,)를 우리 글자로 되돌립니다.

    >>> decode(load_constitution(17).x_train[0])
    '대한민국헌법'
    """
    numbers = check_array("numbers", numbers, (None,))
    if numbers.dtype.kind not in "iu" or numbers.min() < 0 or numbers.max() >= len(symbols()):
        refuse("numbers", f"0 이상 {len(symbols())} 미만의 정수인 배열", numbers)
    return unicodedata.normalize("NFC", "".join(symbols()[n] for n in numbers))


def load_constitution(length: int = 64) -> Dataset:
    """대한민국헌법에서 다음 자모 맞히기: x (N, length)는 잇따른 기호의 번호, y (N, length)는 한 칸 뒤의 것입니다.

    글을 겹치지 않는 창으로 자르고, 앞의 열에 아홉은 학습, 나머지는 시험 자료로 씁니다. `length`는 1 이상 1,000 이하의
    정수입니다.

    >>> data = load_constitution()
    >>> data.x_train.shape, bool((data.x_train[:, 1:] == data.y_train[:, :-1]).all())
    ((530, 64), True)
    """
    length = check_integer("length", length)
    if length > 1000:
        refuse("length", "1 이상 1,000 이하의 정수", length)
    known = {symbol: number for number, symbol in enumerate(symbols())}
    numbers = np.array([known[symbol] for symbol in _text()], np.int64)
    count = (len(numbers) - 1) // length
    # 사본을 만들지 않으면 x와 y가 한 배열을 나누어 써서, x의 기호를 가리면 y의 정답도 바뀝니다.
    x, y = (numbers[start : start + count * length].reshape(count, length).copy() for start in (0, 1))
    split = count * 9 // 10
    return Dataset(x[:split], y[:split], x[split:], y[split:], "constitution")
