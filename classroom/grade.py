"""아직 채점하지 않은 답을 모두 채점합니다. 끊겨도 다시 부르면 남은 것만 이어서 합니다."""

import shutil
import stat
from contextlib import closing

from spread.places import elsewhere

from .autograde import autograde
from .course import course, released, save, submissions
from .gradebook import enroll, finished, gradebook
from .launch import SCRATCH, protection
from .submission import Refused, check_sheet, parse


def whole(notebook):
    """끝까지 채점한 노트북인지. nbgrader는 학생 하나의 채점을 다 마친 다음에 파일을 읽기만 되게 둡니다."""
    return notebook.exists() and not notebook.stat().st_mode & stat.S_IWUSR


def graded():
    """끝까지 채점한 (학생, 장)의 모임.

    다시 낸 답을 채점하다 끊기거나 실패하면 성적부에는 옛 점수가 있으므로, 성적부만 보아서는 모릅니다.
    """
    with closing(gradebook()) as book:
        done = finished(book)
    return {(who, name) for who, name in done if whole(course() / "autograded" / who / name / f"{name}.ipynb")}


def forget_half_done():
    """끊긴 채점이 남긴 폴더를 지웁니다. nbgrader는 폴더가 있으면 채점한 줄로 압니다."""
    shutil.rmtree(course() / SCRATCH, ignore_errors=True)
    done = graded()
    for student, name in submissions():
        folder = course() / "autograded" / student / name
        if folder.exists() and (student, name) not in done:
            for path in folder.rglob("*"):
                path.chmod(0o700)
            shutil.rmtree(folder)


def reason(student, name, known):
    """채점하지 못한 까닭."""
    if name not in known:
        return "이 장의 문제지를 나누어 주지 않았습니다. make assignments를 먼저 하십시오."
    try:
        path = course() / "submitted" / student / name / f"{name}.ipynb"
        check_sheet(parse(path.stat().st_size, path.read_bytes), known[name])
    except Refused as refused:
        return str(refused)
    return f"{course() / 'logs' / f'autograde-{name}.log'}을 보십시오."


def grade():
    known, all_of_them = released(), submissions()
    if not all_of_them:
        raise SystemExit(f"{course() / 'submitted'}에 낸 답이 없습니다. make collect를 먼저 하십시오.")
    print("작업자마다 bubblewrap의 감옥 안에서 채점합니다." if elsewhere() else protection())
    forget_half_done()
    enroll({student for student, _ in all_of_them})
    autograde([job for job in all_of_them if job[1] in known])
    done = graded()
    failed = [
        (student, name, reason(student, name, known)) for student, name in all_of_them if (student, name) not in done
    ]
    save(course() / "refused.csv", ("학생", "장", "까닭"), failed)
    for row in failed:
        print(f"{row[0]}의 {row[1]}: 채점하지 못했습니다. {row[2]}")
    print(f"{len(all_of_them)}개 가운데 {len(all_of_them) - len(failed)}개를 채점했습니다.")
    if failed:
        print(f"채점하지 못한 까닭: {course() / 'refused.csv'}")
