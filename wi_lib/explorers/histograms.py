"""층별 분포를 보이는 보기."""

from dataclasses import dataclass

import numpy as np

from ..checks import check_ends, check_number, refuse
from ..figures import layers
from ..figures.numbers import number, power
from ..signals import Signals
from .measuring import as_numbers


@dataclass(frozen=True)
class Histograms:
    """층별 분포: 윗줄은 활성화값, 아랫줄은 역전파 신호 |δ|. measure가 준 사전의 "signals"를 그립니다.

    - `span`: 활성화값의 가로축. 밖의 값은 양 끝 구간에 셉니다. `top`: 세로축(비율)의 끝.
    """

    span: tuple[float, float] = layers.SPAN
    top: float = 0.3

    takes = ("signals",)
    height = 3.0
    bins = 30
    stats = (
        ("std", "표준편차", "activations"),
        ("saturated", "포화", "activations"),
        ("delta_rms", "RMS", "deltas"),
        ("delta_median", "중앙값", "deltas"),
    )

    def __post_init__(self):
        object.__setattr__(self, "span", check_ends("span", self.span))
        object.__setattr__(self, "top", check_number("top", self.top, maximum=1, above=True))

    def encode(self, result):
        if not isinstance(signals := result.get("signals"), Signals):
            refuse("measure", '"signals"에 Signals가 든 사전을 돌려주는 함수', result, TypeError)
        counted = layers.count(signals, (self.bins, self.bins), self.span)
        fields = {}
        for name, values in counted.items():
            if name in ("activations", "deltas"):
                # 막대의 높이는 256단계면 화면의 점보다 촘촘합니다.
                fields[name] = np.round(np.minimum(values / self.top, 1) * 255).astype(np.uint8).ravel()
            else:
                fields[name] = as_numbers("measure의 'signals'", values)
        return fields

    def check(self, grid):
        pass

    def draw(self, figure, grid, position):
        counted = {name: grid.fields[name][position].astype(float) for name in layers.FIELDS}
        for name in ("activations", "deltas"):
            counted[name] = counted[name].reshape(-1, self.bins) / 255 * self.top
        layers.draw(figure, counted, self.span, self.top)

    def spec(self, grid):
        return {
            "kind": "histograms",
            "bins": self.bins,
            "top": self.top,
            "rows": [
                {"name": "activations", "label": "활성화값", "span": self.span, "ends": [number(v) for v in self.span]},
                {
                    **{"name": "deltas", "label": "역전파 |δ|", "span": layers.DELTA_EXPONENTS},
                    **{"ends": [power(e) for e in layers.DELTA_EXPONENTS], "log": True},
                },
            ],
            "stats": [
                {"name": name, "label": label, "row": row, "percent": name == "saturated"}
                for name, label, row in self.stats
            ],
        }
