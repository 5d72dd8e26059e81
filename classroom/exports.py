"""성적을 CSV로 내보냅니다."""

import subprocess
import sys
from pathlib import Path

from nbgrader.plugins import ExportPlugin

from .course import ROOT, course, save
from .gradebook import finished


class LmsExport(ExportPlugin):
    """학생마다 한 줄, 장마다 한 열인 CSV. 채점한 답이 없는 칸은 비우고, 서술형이 남은 칸은 "채점 중"입니다."""

    def export(self, gradebook):
        names, rows, done = [assignment.name for assignment in gradebook.assignments], [], finished(gradebook)
        for student in gradebook.students:
            graded = [s for s in student.submissions if (student.id, s.assignment.name) in done]
            scores = {s.assignment.name: s.score for s in graded if not s.needs_manual_grade}
            cells = {s.assignment.name: "채점 중" for s in graded} | scores
            about = (student.id, student.last_name, student.first_name, student.email)
            rows.append((*about, *(cells.get(name, "") for name in names), sum(scores.values())))
        save(Path(self.to or "lms.csv"), ("학번", "성", "이름", "이메일", *names, "합계"), rows)


def export():
    """course/grades.csv(nbgrader의 표)와 course/lms.csv."""
    for file, options in (("grades.csv", []), ("lms.csv", ["--exporter=classroom.exports.LmsExport"])):
        call = [sys.executable, "-m", "nbgrader", "export", f"--to={course() / file}", *options, "--log-level=WARN"]
        subprocess.run(call, cwd=ROOT, check=True)
        print(course() / file)
