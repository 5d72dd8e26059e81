"""학생마다 돌려줄 평가."""

import re
import time

from .course import course, save, submissions
from .runs import everywhere

COMMAND = "generate_feedback"


def written(folder, student, name, kind):
    return course() / folder / student / name / f"{name}.{kind}"


def reason(student, name):
    """nbgrader가 그 학생의 평가에서 낸 오류의 마지막 줄."""
    log = course() / "logs" / f"{COMMAND}-{name}.log"
    text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
    _, _, after = text.rpartition(f"{course() / 'autograded' / student / name}\n")
    lines = re.split(r"(?m)^\[\w+ \|", after)[1].strip().splitlines() if after.count("[") > 1 else []
    return f"{lines[-1] if lines else '까닭을 알 수 없습니다.'} 자세한 것: {log}"


def feedback():
    """평가를 만들고, 만들지 못한 것을 까닭과 함께 course/feedback-failed.csv에 적습니다."""
    everyone, began = submissions(), int(time.time())
    if not everyone:
        raise SystemExit(f"{course() / 'submitted'}에 낸 답이 없습니다. make collect를 먼저 하십시오.")
    # 손으로 매긴 점수가 바뀌었을 수 있으므로 늘 다시 만듭니다.
    everywhere(COMMAND, "feedback", sorted({name for _, name in everyone}), "--force")
    ungraded = [who for who in everyone if not written("autograded", *who, "ipynb").exists()]
    pages = {who: written("feedback", *who, "html") for who in everyone if who not in ungraded}
    failed = [who for who, page in pages.items() if not page.exists() or page.stat().st_mtime < began]
    rows = [(*who, "채점하지 못한 답입니다. refused.csv를 보십시오.") for who in ungraded]
    rows += [(*who, reason(*who)) for who in failed]
    save(course() / "feedback-failed.csv", ("학생", "장", "까닭"), rows)
    for student, name, why in rows:
        print(f"{student}의 {name}: 평가를 만들지 못했습니다. {why}")
    print(f"학생마다의 평가 {len(pages) - len(failed)}개: {course() / 'feedback'}")
    if failed:
        raise SystemExit(f"평가 {len(failed)}개를 만들지 못했습니다: {course() / 'feedback-failed.csv'}")
