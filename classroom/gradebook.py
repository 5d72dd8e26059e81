"""성적부."""

from contextlib import closing

from nbgrader.api import Gradebook

from .course import database, submissions


def gradebook():
    return Gradebook(database(), "weight-init")


def enroll(students):
    """새 학생을 미리 적습니다. 한 장도 채점하지 못한 학생도 성적표에 있게 합니다."""
    with closing(gradebook()) as book:
        for student in students:
            book.update_or_create_student(student)


def finished(book):
    """자동 채점이 끝까지 된 (학생, 장)의 모임."""
    done = set()
    for name in {name for _, name in submissions()}:
        for submission in book.assignment_submissions(name):
            auto = [g for n in submission.notebooks for g in n.grades if g.cell.cell_type == "code"]
            if auto and all(grade.auto_score is not None for grade in auto):
                done.add((submission.student.id, name))
    return done
