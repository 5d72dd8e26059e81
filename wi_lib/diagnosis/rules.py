"""규칙: `Recording`을 읽어 아픈 곳(`Finding`)을 찾습니다."""

from dataclasses import dataclass

from .recording import Recording


@dataclass(frozen=True)
class Finding:
    """아픈 곳 하나.

    - `code`: 이름. `severity`: "오류"(학습하지 못합니다), "주의"(느리거나 불안정합니다), "참고".
    - `layer`: 프레임워크가 부르는 층의 이름. 자료나 망 전체의 것이면 None. `also`: 같은 탈이 난 다른 층.
    - `measured`, `expected`: 잰 값과 기대한 값.
    """

    code: str
    severity: str
    layer: str | None = None
    measured: float | None = None
    expected: float | None = None
    also: tuple[str, ...] = ()


def findings(recording: Recording) -> list[Finding]:
    """찾은 것을 심한 것부터."""
    return []
