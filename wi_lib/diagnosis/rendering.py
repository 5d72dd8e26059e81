"""진단의 글: 터미널에서 100칸 안에 읽히는 글과, 노트북이 보여 주는 HTML."""

import base64
import html
import textwrap
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ..figures.numbers import number, percent
from .finding import ERROR, NOTE, WARNING, Finding
from .rows import LayerRow
from .words import WORDS, change, chapters, found

if TYPE_CHECKING:
    from .report import Report

SCREEN, NAME, SHOWN = 88, 30, 12
FRAMEWORKS = {"wi_lib": "wi_lib", "torch": "PyTorch", "keras": "Keras", "flax": "Flax"}
MARKS = {ERROR: "#D55E00", WARNING: "#B8860B", NOTE: "#0072B2"}
# 표의 칸: 이름과, 그 칸의 글. 글에는 앞의 것만, HTML에는 모두 있습니다.
Column = tuple[str, Callable[[LayerRow], str]]
COLUMNS: list[Column] = [
    ("모양", lambda row: "×".join(map(str, row.shape or ()))),
    ("표준편차", lambda row: _number(row.std)),
    ("맞는 초기화", lambda row: row.matches[0] if row.matches else ""),
    ("출력 RMS", lambda row: _number(row.output_rms)),
    ("이론", lambda row: _number(row.expected_std)),
    ("δ RMS", lambda row: _number(row.delta_rms)),
    ("걸음의 비", lambda row: _number(row.update_ratio)),
]
MORE: list[Column] = [
    ("fan", lambda row: f"{row.fan_in} → {row.fan_out}" if row.fan_in else ""),
    ("활성화 함수", lambda row: row.activation or ""),
    ("활성화값의 평균", lambda row: _number(row.activation_mean)),
    ("활성화값의 표준편차", lambda row: _number(row.activation_std)),
    ("죽은 유닛", lambda row: "" if row.dead is None else percent(row.dead)),
    ("포화", lambda row: "" if row.saturated is None else percent(row.saturated)),
    ("기울기 RMS", lambda row: _number(row.gradient_rms)),
]


def verdict(report: "Report") -> str:
    """한 문장의 판정."""
    told = f"({counted(report)})" if report.findings else ""
    severities = {finding.severity for finding in report.findings}
    if ERROR in severities:
        return f"학습이 막힐 수 있는 초깃값입니다{told}."
    if WARNING in severities:
        return f"학습이 느리거나 흔들릴 수 있는 초깃값입니다{told}."
    return f"이 배치에서 초깃값의 탈은 보이지 않습니다{told}."


def counted(report: "Report") -> str:
    """찾은 것의 수: '오류 1개, 주의 2개'."""
    counts = ((s, sum(f.severity == s for f in report.findings)) for s in MARKS)
    return ", ".join(f"{s} {n}개" for s, n in counts if n) or "찾은 것 없음"


def measured(report: "Report") -> str:
    """무엇을 보았는지 한 줄."""
    loss = ""
    if report.loss is not None:
        loss = f", 첫 손실 {number(report.loss, 3)}"
        if report.expected_loss is not None:
            loss += f"(고르게 답하면 {number(report.expected_loss, 3)})"
    return f"{FRAMEWORKS[report.framework]}, 층 {len({row.name for row in report.layers})}개{loss}"


def where(finding: Finding, most: int = 3) -> str:
    """탈이 난 곳."""
    others = ", ".join(finding.also[:most]) + (", …" if len(finding.also) > most else "")
    also = f" (그 밖에 {len(finding.also)}층: {others})" if finding.also else ""
    return f"{finding.layer or '자료와 망 전체'}{also}"


def text(report: "Report") -> str:
    """판정, 탈마다의 설명, 층의 표."""
    parts = [f"{verdict(report)}\n{measured(report)}"]
    for finding in report.findings:
        words = WORDS[finding.code]
        lines = [
            f"잰 것    {found(finding)}",
            f"고칠 것  {change(finding)}",
            f"배울 곳  {chapters(finding)}",
        ]
        head = wrap(f"[{finding.severity}] {words.title}: {where(finding)}", "       ")
        parts.append("\n".join([head, *("  " + wrap(line, " " * 11) for line in lines)]))
    parts.append(_table(report.layers, report.findings))
    return "\n\n".join(parts)


def _table(rows: Sequence[LayerRow], findings: Sequence[Finding]) -> str:
    kept, names = _kept(rows, findings), _names(rows, _sick(findings))
    cells = {i: [names[i], *(cell(rows[i]) for _, cell in COLUMNS)] for i in kept}
    head = ["층", *(name for name, _ in COLUMNS)]
    widths = [max(width(line[k]) for line in (head, *cells.values())) for k in range(len(head))]
    lines, before = ["  ".join(map(pad, head, widths)).rstrip()], -1
    for i in [*kept, len(rows)]:
        if skipped := i - before - 1:
            lines.append(f"  … {skipped}줄 줄임")
        if i in cells:
            lines.append("  ".join(map(pad, cells[i], widths)).rstrip())
        before = i
    return "\n".join(lines)


def _kept(rows: Sequence[LayerRow], findings: Sequence[Finding]) -> list[int]:
    """보여 줄 줄: 짧은 망은 모두, 긴 망은 앞과 뒤의 넷, 그리고 탈이 난 층(이름을 댄 것과, 많지 않으면 그 밖의 것)."""
    if len(rows) <= SHOWN:
        return list(range(len(rows)))
    sick = _sick(findings)
    if len(sick) > SHOWN:
        sick = {f.layer for f in findings if f.layer}
    ends = SHOWN // 3
    return [i for i, row in enumerate(rows) if row.name in sick or i < ends or i >= len(rows) - ends]


def _sick(findings: Sequence[Finding]) -> set[str]:
    return {name for f in findings for name in (f.layer, *f.also) if name and f.severity != NOTE}


def _names(rows: Sequence[LayerRow], sick: set[str]) -> list[str]:
    """줄마다의 이름: 행렬이 여럿인 층에서는 행렬의 것, 하나이면 층의 것. 탈이 난 층에는 !를 붙입니다."""
    counts = Counter(row.name for row in rows)
    return [
        f"{'!' if row.name in sick else ' '} {shorten(row.name if counts[row.name] == 1 else row.weight or row.name)}"
        for row in rows
    ]


def page(report: "Report") -> str:
    """노트북의 HTML. 밝은 화면에서도 어두운 화면에서도 읽히도록 글자와 바탕의 색은 노트북의 것입니다."""
    png, about = report.figure._repr_png_()
    picture = base64.b64encode(png).decode()
    return f"""\
<div lang="ko" style="max-width: 60em; line-height: 1.6">
<p><strong>{html.escape(verdict(report))}</strong><br>{html.escape(measured(report))}</p>
{"".join(map(_item, report.findings))}
<img src="data:image/png;base64,{picture}" alt="{html.escape(about["alt"])}"
 width="{about["width"]}" style="max-width: 100%">
<details><summary>층의 표 ({len(report.layers)}줄)</summary>
{_html_table(report.layers, _sick(report.findings))}</details>
</div>"""


def _html_table(rows: Sequence[LayerRow], sick: set[str]) -> str:
    columns, left = (*COLUMNS, *MORE), 'style="text-align: left; white-space: pre"'
    head = "".join(f'<th scope="col" {left}>{name}</th>' for name in ("층", "종류", *(name for name, _ in columns)))
    lines = []
    for name, row in zip(_names(rows, sick), rows):
        cells = "".join(f"<td {left}>{html.escape(value)}</td>" for value in (row.label, *(c(row) for _, c in columns)))
        lines.append(f'<tr><th scope="row" {left}>{html.escape(name)}</th>{cells}</tr>')
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"
    return f'<div style="overflow-x: auto">{table}</div>'


def _item(finding: Finding) -> str:
    words = WORDS[finding.code]
    style = f"border-left: 4px solid {MARKS[finding.severity]}; padding-left: 0.8em; margin: 0.8em 0"
    code = 'style="overflow-wrap: anywhere"'  # 좁은 화면에서 긴 이름이 넘치지 않게 합니다.
    parts = [
        f"<strong>[{finding.severity}] {words.title}</strong>: <code {code}>{html.escape(where(finding))}</code>",
        html.escape(found(finding)),
        f"<strong>고칠 것.</strong> {html.escape(change(finding))}",
        f"<strong>배울 곳.</strong> {html.escape(chapters(finding))}",
    ]
    return f'<div style="{style}">{"<br>".join(parts)}</div>'


def _number(value: float | None) -> str:
    return "" if value is None else number(value)


def width(line: str) -> int:
    """터미널에서 차지하는 칸의 수: 한글은 두 칸입니다."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


def pad(cell: str, columns: int) -> str:
    return cell + " " * (columns - width(cell))


def shorten(name: str) -> str:
    """NAME칸이 넘는 이름은 가운데를 줄입니다. 프레임워크의 이름은 앞과 뒤가 어느 층인지 말합니다."""
    half = NAME // 2
    return name if len(name) <= NAME else f"{name[: half - 1]}…{name[-half:]}"


def wrap(line: str, indent: str) -> str:
    """SCREEN칸에서 낱말 사이를 나눕니다. textwrap은 한글을 한 칸으로 세므로 낱말로 자르는 데만 씁니다."""
    lines = [""]
    # 수와 %는 나누지 않습니다.
    line = line.replace(" %", "\N{NO-BREAK SPACE}%")
    for word in textwrap.wrap(line, 1, break_long_words=False, break_on_hyphens=False, drop_whitespace=False):
        if width(lines[-1]) + width(word.rstrip()) > SCREEN - 2 and lines[-1].strip():
            lines.append(indent)
            word = word.lstrip()
        lines[-1] += word
    return "\n".join(part.rstrip() for part in lines).replace("\N{NO-BREAK SPACE}", " ")
