"""선형 탐침(linear probe): 층의 출력에서 레이블을 선형으로 읽어 낼 수 있는지 잽니다.

층이 입력을 구별하는 정보를 지키고 있는지를, 그 뒤의 망이 배우는 데 쓸 수 있는 꼴로 묻는 방법입니다
(Alain·Bengio, 2017).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .checks import LARGEST_FLOAT64, check_array, check_labels


def linear_probe(
    train: NDArray[Any],
    train_labels: NDArray[np.integer],
    test: NDArray[Any],
    test_labels: NDArray[np.integer],
) -> float:
    """train에 맞춘 선형 분류기가 test의 레이블을 맞히는 비율, 0 이상 1 이하.

    유닛마다 train의 평균을 빼고 표준편차로 나눈 뒤, 클래스마다 0과 1을 맞히는 최소 제곱으로 답합니다. 표준화하므로
    활성화값의 크기가 아니라 그 안의 차이만 봅니다. 변하지 않는 유닛은 빼고 봅니다.

    - `train`, `test`: (N, 유닛 수), (M, 유닛 수) 활성화값. `train_labels`, `test_labels`: (N,), (M,) 0 이상의 정수.

    >>> x, labels = np.array([[1e-9], [2e-9], [8e-9], [9e-9]]), np.array([0, 0, 1, 1])
    >>> linear_probe(x, labels, x, labels)
    1.0
    """
    check_array("train", train, (None, None), LARGEST_FLOAT64)
    check_array("test", test, (None, train.shape[1]), LARGEST_FLOAT64)
    classes = np.iinfo(np.int64).max
    check_labels("train_labels", train_labels, len(train), classes)
    check_labels("test_labels", test_labels, len(test), classes)
    # 2의 거듭제곱으로 나누면 반올림 없이 커져, 아주 작은 활성화값도 제곱할 수 있습니다.
    exponent = int(np.frexp(np.abs(train, dtype=np.float64).max())[1])
    train, test = (np.ldexp(a.astype(np.float64), -exponent) for a in (train, test))
    mean, std, varies = train.mean(axis=0), train.std(axis=0), np.ptp(train, axis=0) > 0
    x, x_test = (np.column_stack([(a - mean)[:, varies] / std[varies], np.ones(len(a))]) for a in (train, test))
    kinds, which = np.unique(train_labels, return_inverse=True)
    answers = (x_test @ np.linalg.lstsq(x, np.eye(len(kinds))[which], rcond=None)[0]).argmax(axis=1)
    return float(np.mean(kinds[answers] == test_labels))
