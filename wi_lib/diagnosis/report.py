"""진단의 결과: 층의 표, 아픈 곳, 그림, 글."""

from .finding import Finding
from .recording import Recording
from .rules import findings


class Report:
    """`diagnose`의 결과."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.findings: list[Finding] = findings(recording)
