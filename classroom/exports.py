"""성적을 CSV로 내보냅니다. 한 번이라도 낸 문제지만 담습니다."""

from contextlib import closing
from dataclasses import dataclass

from .course import course, save, sheets, submissions
from .gradebook import finished, gradebook


@dataclass
class Mark:
    """학생 하나의 문제지 하나. 점수는 이미 정해진 것만 더하고, 사람이 채점할 것은 pending에 따로 셉니다."""

    score: float
    pending: list

    def __str__(self):
        return f"{self.score:g} (+{sum(self.pending):g}점 채점 중)" if self.pending else f"{self.score:g}"


@dataclass
class Row:
    student: object
    marks: dict  # {문제지: Mark}. 내지 않았거나 채점하지 못한 문제지는 없습니다.
    waiting: set  # 냈지만 채점하지 못한 문제지.

    @property
    def name(self):
        return f"{self.student.last_name or ''}{self.student.first_name or ''}" or self.student.id


def mark(submission):
    grades = [grade for notebook in submission.notebooks for grade in notebook.grades]
    certain = sum(grade.score for grade in grades if not grade.needs_manual_grade)
    late = submission.late_submission_penalty or 0
    return Mark(max(0, certain - late), [grade.max_score for grade in grades if grade.needs_manual_grade])


def table(book):
    """({낸 사람이 있는 문제지: 만점}, 학생마다의 줄)."""
    handed_in, done, rows = set(submissions()), finished(book), []
    names = [name for name in sheets() if name in {name for _, name in handed_in}]
    for student in sorted(book.students, key=lambda student: student.id):
        graded = {s.assignment.name: mark(s) for s in student.submissions if (student.id, s.assignment.name) in done}
        waiting = {name for name in names if (student.id, name) in handed_in - done}
        rows.append(Row(student, graded, waiting))
    return {name: book.find_assignment(name).max_score for name in names}, rows


def everyone(most, rows):
    """사람이 읽는 표: lms.csv."""
    header = ("학번", "성", "이름", "이메일", *most, "합계", "채점 중인 문제")
    lines = [
        (
            *(row.student.id, row.student.last_name, row.student.first_name, row.student.email),
            *(row.marks.get(name, "채점하지 못함" if name in row.waiting else "") for name in most),
            f"{sum(m.score for m in row.marks.values()):g}",
            sum(len(m.pending) for m in row.marks.values()),
        )
        for row in rows
    ]
    return header, lines


def moodle(most, rows):
    """Moodle의 Grades → Import → CSV file. 점수가 없는 칸은 `-`이고, 채점 중인 것은 그 문제지의 피드백에 적습니다."""
    header = ("First name", "Last name", "ID number", "Email address")
    header += tuple(title for name in most for title in (name, f"{name} (Feedback)"))
    lines = []
    for row in rows:
        line = [row.student.first_name, row.student.last_name, row.student.id, row.student.email]
        for name in most:
            got = row.marks.get(name)
            said = f"{sum(got.pending):g}점 채점 중" if got and got.pending else "채점을 마쳤습니다." if got else ""
            line += [f"{got.score:g}" if got else "-", said]
        lines.append(line)
    return header, lines


def canvas(most, rows):
    """Canvas의 Gradebook → Import. 채점 중이라고 적을 자리가 없으므로, 채점을 마친 점수만 담고 나머지는 비웁니다."""
    header = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section", *most)
    possible = ("    Points Possible", "", "", "", "", *(f"{points:g}" for points in most.values()))
    lines = [
        (
            *(row.name, "", row.student.id, row.student.email or "", ""),
            *(f"{m.score:g}" if (m := row.marks.get(name)) and not m.pending else "" for name in most),
        )
        for row in rows
    ]
    return header, [possible, *lines]


def one_by_one(most, rows):
    """문제지 하나에 한 줄인 표: grades.csv. 열의 이름은 nbgrader의 것입니다."""
    header = ("assignment", "student_id", "last_name", "first_name", "email", "score", "pending", "max_score")
    lines = [
        (name, row.student.id, row.student.last_name, row.student.first_name, row.student.email)
        + ((f"{m.score:g}", f"{sum(m.pending):g}") if (m := row.marks.get(name)) else ("", ""))
        + (f"{points:g}",)
        for name, points in most.items()
        for row in rows
    ]
    return header, lines


FILES = {"lms.csv": everyone, "moodle.csv": moodle, "canvas.csv": canvas, "grades.csv": one_by_one}


def export():
    """course/에 사람이 읽는 표와, Moodle과 Canvas가 읽는 표를 적습니다."""
    with closing(gradebook()) as book:
        most, rows = table(book)
        if not most:
            raise SystemExit("낸 답이 없어 내보낼 성적이 없습니다. make collect와 make grade를 먼저 하십시오.")
        for file, made in FILES.items():
            save(course() / file, *made(most, rows))
            print(course() / file)
    if pending := sum(len(m.pending) for row in rows for m in row.marks.values()):
        print(f"채점 중인 문제가 {pending}개 있습니다. 모두 채점한 뒤에 다시 내보내십시오.")
