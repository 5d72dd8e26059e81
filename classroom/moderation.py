"""사람이 다시 살펴볼 것: 문제마다의 득점률과, 다시 채점해 볼 답."""

import re
from collections import defaultdict
from contextlib import closing

import nbformat
import numpy as np

from .course import course, save, sheets
from .gradebook import finished, gradebook

MEDDLING = re.compile(
    r"wi_guard|wi_check|sys\.modules|_getframe|get_ipython|__\w*(?:import|code|class|dict)\w*__|settrace|ctypes|builtins"
    r"|\bgc\b|\bexec\b|\beval\b"
)


def moderate(name):
    """문제마다의 득점률을 찍고, 다시 볼 답을 점수대마다 둘씩 골라 course/moderation-장.csv에 적습니다."""
    if name not in sheets():
        raise SystemExit(
            f"{name!r}은(는) 문제지의 이름이 아닙니다. 다음 가운데 하나를 적으십시오: {', '.join(sheets())}"
        )
    points, totals = defaultdict(list), {}
    with closing(gradebook()) as book:
        done = finished(book)
        for submission in book.assignment_submissions(name):
            if (submission.student.id, name) not in done:
                continue
            grades = [g for n in submission.notebooks for g in n.grades]
            totals[submission.student.id] = sum(g.score for g in grades)
            for g in grades:
                points[g.cell.name, g.max_score].append(None if g.needs_manual_grade else g.score)
    if not totals:
        raise SystemExit(f"{name}에 채점한 답이 없습니다. make grade를 먼저 하십시오.")
    for (cell, most), scores in sorted(points.items(), key=lambda item: int(item[0][0].split("-")[1])):
        print(f"{task(cell)}: {rate(scores, most)}")
    chosen, found = spread(totals), {who: words for who in sorted(totals) if (words := meddling(who, name))}
    rows = [(who, totals[who], found.get(who, "")) for who in dict.fromkeys([*chosen, *found])]
    save(course() / f"moderation-{name}.csv", ("학생", "점수", "채점을 건드리는 낱말"), rows)
    print(f"다시 채점해 볼 답: {', '.join(chosen)} ({course() / f'moderation-{name}.csv'})")
    for who, words in found.items():
        print(f"채점하는 것을 건드리는 낱말이 있어 열어 볼 답: {who} ({words})")


def meddling(student, name):
    """낸 답에 있는, 채점하는 것을 건드릴 때 쓰는 낱말. 확인은 답과 같은 프로세스에서 하므로 사람이 보아야 압니다."""
    notebook = nbformat.read(course() / "submitted" / student / name / f"{name}.ipynb", as_version=4)
    written = [c.source for c in notebook.cells if not c.metadata.get("nbgrader", {}).get("locked")]
    return ", ".join(sorted(set(MEDDLING.findall("\n".join(written)))))


def task(cell):
    """성적부의 이름(check-1, answer-5)을 사람이 읽는 말로."""
    kind, number = cell.split("-")
    return f"{number}번 {'설명하기' if kind == 'answer' else '확인'}"


def rate(scores, most):
    """득점률 한 줄. 사람이 아직 채점하지 않은 것(None)은 평균에 넣지 않습니다."""
    marked = [score for score in scores if score is not None]
    waiting = f"채점 중 {len(scores) - len(marked)}명" if len(marked) < len(scores) else ""
    full = f"평균 {np.mean(marked):.1f}/{most:g}점, 만점 {np.mean(np.equal(marked, most)):.0%}" if marked else ""
    return ", ".join(filter(None, (full, waiting)))


def spread(totals):
    """높은 점수, 가운데, 낮은 점수에서 둘씩. 학번이 아니라 점수의 차례에서 고르므로 누구의 답인지에 기대지 않습니다."""
    ranked, rng = sorted(totals, key=totals.get, reverse=True), np.random.default_rng(0)
    return [str(who) for part in np.array_split(ranked, 3) for who in rng.permutation(part)[:2]]
