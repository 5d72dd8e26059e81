"""손글씨 숫자를 글 하나로: 화소마다 한 글자(0–9, a–g)이고, 레이블이 뒤에 옵니다."""

from functools import cache

import numpy as np

from ..datasets import load_digits


@cache
def packed() -> str:
    data = load_digits()
    pixels = np.rint(16 * np.concatenate([data.x_train, data.x_test])).astype(int).ravel()
    labels = np.concatenate([data.y_train, data.y_test])
    return "".join("0123456789abcdefg"[value] for value in pixels) + "".join(map(str, labels))
