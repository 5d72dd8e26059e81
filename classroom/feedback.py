"""학생마다 돌려줄 평가."""

from .course import course, submissions
from .runs import everywhere


def feedback():
    # 손으로 매긴 점수가 바뀌었을 수 있으므로 늘 다시 만듭니다.
    everywhere("generate_feedback", "feedback", sorted({name for _, name in submissions()}), "--force")
    print(f"학생마다의 평가: {course() / 'feedback'}")
