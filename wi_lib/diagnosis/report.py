"""진단의 결과: 층의 표, 아픈 곳, 그림, 글, 고치는 코드."""

from typing import TYPE_CHECKING

from . import rendering
from .finding import NOTE, Finding
from .proposals import propose
from .recording import Recording
from .rows import LayerRow, out, rows
from .rules import findings

if TYPE_CHECKING:
    from ..figures.style import Figure


class Report:
    """`diagnose`의 결과. 노트북에서는 그림과 함께, `print`에서는 글로 보입니다.

    - `findings`: 아픈 곳(`Finding`), 심한 것부터. `healthy`: 오류도 주의도 없는지.
    - `layers`: 행렬마다 한 줄(`LayerRow`), 처음 불린 차례. `framework`: "wi_lib", "torch", "keras", "flax".
    - `loss`, `expected_loss`: 첫 손실과, 아무것도 모르고 고르게 답할 때의 손실. 레이블이 없으면 None.
    - `figure`: 층마다의 신호, 되돌아온 신호, 걸음의 비. `fix()`: 고치는 코드.
    - `recording`: 규칙이 읽은 기록.

    >>> import numpy as np
    >>> from wi_lib import MLP, diagnose
    >>> net = MLP([20, 50, 50, 4], "relu", "he_normal", rng=np.random.default_rng(0))
    >>> report = diagnose(net, np.random.default_rng(1).standard_normal((64, 20)))
    >>> report.layers[0].name, report.layers[0].fan_in
    ('weights[0]', 20)
    """

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.framework = recording.framework
        self.layers: list[LayerRow] = rows(recording)
        self.findings: list[Finding] = findings(recording)
        self.loss, self.expected_loss = recording.loss, recording.expected_loss

    @property
    def healthy(self) -> bool:
        return all(finding.severity == NOTE for finding in self.findings)

    @property
    def figure(self) -> "Figure":
        """층마다의 활성화값의 RMS, 되돌아온 신호의 길이, 걸음의 비를 로그 축에 그린 그림."""
        # 그림을 볼 때에만 matplotlib을 부릅니다.
        from ..figures.diagnosis import diagnosis

        return diagnosis(
            [layer.name for layer in self.recording.layers],
            [out(layer).rms if out(layer).known else None for layer in self.recording.layers],
            [layer.deltas.norm if layer.deltas.known else None for layer in self.recording.layers],
            [[w.update_ratio for w in layer.weights.values()] for layer in self.recording.layers],
            sick=[f.layer for f in self.findings if f.layer and f.severity != NOTE],
            title=f"{rendering.FRAMEWORKS[self.framework]} 모델의 진단: {rendering.counted(self)}",
        )

    def fix(self) -> str:
        """고치는 파이썬 코드. 붙여 넣을 글일 뿐, 모델을 바꾸지 않습니다. 망의 이름은 model, 배치는 x와 labels입니다."""
        return propose(self.recording, self.findings)

    def __str__(self) -> str:
        return rendering.text(self)

    def __repr__(self) -> str:
        codes = ", ".join(f"{f.code}({f.layer})" if f.layer else f.code for f in self.findings) or "없음"
        return f"<Report: {rendering.measured(self)}. 찾은 것: {codes}>"

    def _repr_html_(self) -> str:
        return rendering.page(self)
