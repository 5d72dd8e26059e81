"""장마다, 시드를 바꾸어 잰 것을 견주는 문장과 그 문장을 받치는 같은 시드끼리의 차이(test_comparisons.py가 읽습니다).

장의 파일(chapter_06.py)마다 COMPARISONS에 적습니다. 견주는 문장을 새로 쓰면 여기에도 적습니다.
"""

import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.browsing import ROOT
from wi_lib import at_best_rate


@dataclass(frozen=True)
class Comparison:
    """문장 하나. differences는 (시드,): 같은 난수 표본과 배치끼리, 문장이 크다고 하는 쪽에서 작다고 하는 쪽을 뺀 것.
    학습시켜야 얻는 것이면 그것을 돌려주는 함수로 적습니다. 시험을 모으는 동안에는 학습시키지 않습니다.

    - verdict "more": 더 큽니다. 95 % 구간이 `by`보다 위에 있어야 합니다.
    - verdict "alike": 비슷합니다. 95 % 구간이 ±`by` 안에 있어야 합니다. by에는 문장이 말하는 폭을 적습니다.
    - verdict "unclear": 가를 수 없다고 합니다. 95 % 구간이 0을 품어야 합니다.
    """

    sentence: str
    differences: Any
    verdict: str = "more"
    by: float = 0.0


def stored(name):
    """chapters/data의 (배열, 설정)."""
    path = ROOT / "chapters" / "data" / name
    with np.load(path.with_suffix(".npz")) as arrays:
        return dict(arrays), json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))


def chosen(results, part, what="accuracy"):
    """검증 자료로 고른 학습률에서 잰 값. 마지막 축이 시드입니다."""
    return at_best_rate(results[f"{part}_validation"], results[f"{part}_{what}"])[1]


def each(sentence, differences, verdict="more", by=0.0):
    """문장 하나가 여럿을 견줄 때: 차이마다 하나."""
    return [Comparison(sentence, difference, verdict, by) for difference in differences]
