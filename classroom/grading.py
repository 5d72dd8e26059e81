"""받은 답을 모으고, 채점하고, 돌려주고, 성적을 내보냅니다. 채점은 모두 nbgrader가 합니다.

    python -m classroom.grading collect 폴더    # LMS에서 받은 파일을 course/submitted에 가지런히 놓습니다
    python -m classroom.grading grade           # 아직 채점하지 않은 것을 코어마다 한 장씩 나란히 채점합니다
    python -m classroom.grading feedback        # 학생마다 돌려줄 HTML
    python -m classroom.grading export          # course/grades.csv와 course/lms.csv
    python -m classroom.grading moderate 장     # 문제마다의 득점률과, 다시 채점해 볼 답의 목록

끊겨도 다시 부르면 남은 것만 이어서 합니다. 폴더는 assignments.course()가 정합니다.
"""

import csv
import io
import os
import re
import shutil
import subprocess
import sys
import time
import zipfile
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import nbformat
import numpy as np
from nbgrader.api import Gradebook
from nbgrader.plugins import ExportPlugin
from tqdm import tqdm

from .repair import Refused, check_sheet
from .sheets import ROOT, course, sheets, write

LARGEST = 20_000_000  # 바이트. 그림을 그린 노트북도 1 MB를 넘지 않습니다.
# 학번이나 이름. 경로에 그대로 쓰이므로 점으로 시작하지 못합니다.
STUDENT = re.compile(r"[\w-][\w.@-]*?(?=_|$)")


def gradebook():
    return Gradebook(f"sqlite:///{course()}/gradebook.db?timeout=120", "weight-init")


def released():
    """{문제지의 이름: 나누어 준 노트북}."""
    paths = {name: course() / "release" / name / f"{name}.ipynb" for name in sheets()}
    found = {name: nbformat.read(path, as_version=4) for name, path in paths.items() if path.exists()}
    if not found:
        raise SystemExit(f"{course()}에 나누어 준 문제지가 없습니다. make assignments를 먼저 하십시오.")
    return found


# ---- 모으기 ----------------------------------------------------------------------------------------------------------


def incoming(folder):
    """folder와 그 안의 zip에서 (경로, 바뀐 시각, 크기, 읽는 함수)를 돌려줍니다. 노트북이 아닌 파일은 지나갑니다."""
    for path in sorted(Path(folder).rglob("*")):
        inside = path.relative_to(folder)
        if path.suffix == ".ipynb" and path.is_file():
            yield inside, datetime.fromtimestamp(path.stat().st_mtime, UTC), path.stat().st_size, path.read_bytes
        elif path.suffix == ".zip" and zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                for entry in archive.infolist():
                    if entry.filename.endswith(".ipynb") and not entry.filename.startswith("__MACOSX"):
                        changed = datetime(*entry.date_time, tzinfo=UTC)
                        yield Path(entry.filename), changed, entry.file_size, lambda e=entry, a=archive: a.read(e)


def student_of(path):
    """폴더 하나에 학생 하나이면 폴더의 이름, 아니면 파일의 이름에서 첫 `_` 앞까지가 학생입니다."""
    found = STUDENT.match(path.parts[0] if len(path.parts) > 1 else path.stem)
    if not found:
        raise Refused("파일 이름이나 폴더의 이름이 학번으로 시작하지 않습니다.")
    return found[0]


def parse(size, read):
    if size > LARGEST:
        raise Refused(f"파일이 {size / 1e6:.0f} MB입니다. 출력을 지우고 다시 내십시오(한도 {LARGEST / 1e6:.0f} MB).")
    try:
        notebook = nbformat.reads(read().decode("utf-8"), as_version=4)
        nbformat.validate(notebook)
    except Exception as error:  # 깨진 JSON, 깨진 zip, 틀린 인코딩, 노트북이 아닌 JSON
        raise Refused(
            f"노트북으로 읽을 수 없습니다({type(error).__name__}). JupyterLab에서 열리는지 보십시오."
        ) from error
    return notebook


def sheet_of(notebook, known):
    """어느 장의 문제지인지. 파일의 이름은 믿지 않고 판 표시로, 표시가 지워졌으면 잠긴 셀의 검사합으로 찾습니다."""

    def sums(notebook):
        found = (cell.metadata.get("nbgrader", {}) for cell in notebook.cells)
        return {about["checksum"] for about in found if about.get("locked") and "checksum" in about}

    name = notebook.metadata.get("wi_sheet", {}).get("name")
    if name not in known:
        name = max(known, key=lambda name: len(sums(known[name]) & sums(notebook)))
        if not sums(known[name]) & sums(notebook):
            raise Refused("이 강의의 문제지가 아닙니다. 나누어 준 노트북에 답을 써서 내십시오.")
    check_sheet(notebook, known[name])
    return name


def place(student, name, notebook, changed):
    """course/submitted에 둡니다. 이미 있는 것이 더 새로우면 그대로 둡니다."""
    folder = course() / "submitted" / student / name
    stamp = folder / "timestamp.txt"
    if stamp.exists() and datetime.fromisoformat(stamp.read_text().removesuffix(" UTC") + "+00:00") >= changed:
        return "이미 같거나 더 새로운 답이 있음"
    write(notebook, folder / f"{name}.ipynb")
    stamp.write_text(f"{changed:%Y-%m-%d %H:%M:%S} UTC")
    return "받음"


def collect(folder):
    """받은 파일을 모두 살펴 course/submitted에 놓고, 파일마다의 결과를 course/collected.csv에 적습니다."""
    if not Path(folder).is_dir():
        raise SystemExit(f"{folder} 폴더가 없습니다. LMS에서 받은 파일이나 zip을 그 폴더에 두십시오.")
    known, rows = released(), []
    with closing(gradebook()) as book:
        roster = {student.id for student in book.students}
    for path, changed, size, read in incoming(folder):
        student = name = ""
        try:
            student = student_of(path)
            if roster and student not in roster:
                raise Refused("명단에 없는 학생입니다. 파일이나 폴더의 이름이 학번으로 시작하는지 보십시오.")
            notebook = parse(size, read)
            name = sheet_of(notebook, known)
            result = place(student, name, notebook, changed)
        except Refused as refused:
            result = f"거절: {refused}"
        rows.append((path, student, name, result))
    save(course() / "collected.csv", ("파일", "학생", "장", "결과"), rows)
    for row in rows:
        if not row[3].startswith("받음"):
            print(f"{row[0]}: {row[3]}")
    refused = sum(row[3].startswith("거절") for row in rows)
    print(f"파일 {len(rows)}개 가운데 {refused}개를 거절했습니다. 자세한 것: {course() / 'collected.csv'}")


def save(path, header, rows):
    """엑셀에서 한글이 깨지지 않는 CSV. 쓰다가 멈추어도 반쪽이 남지 않습니다."""
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    temporary = path.with_suffix(".tmp")
    temporary.write_text(text.getvalue(), encoding="utf-8-sig", newline="")
    temporary.replace(path)


# ---- 채점 ------------------------------------------------------------------------------------------------------------


def submissions():
    """낸 답 (학생, 장)의 목록."""
    return sorted((path.parent.parent.name, path.parent.name) for path in (course() / "submitted").glob("*/*/*.ipynb"))


def finished(book):
    """자동 채점이 끝까지 된 (학생, 장)의 모임."""
    done = set()
    for name in {name for _, name in submissions()}:
        for submission in book.assignment_submissions(name):
            auto = [g for n in submission.notebooks for g in n.grades if g.cell.cell_type == "code"]
            if auto and all(grade.auto_score is not None for grade in auto):
                done.add((submission.student.id, name))
    return done


def forget_half_done():
    """끊긴 채점이 남긴 폴더를 지웁니다. nbgrader는 폴더가 있으면 채점한 줄로 압니다."""
    with closing(gradebook()) as book:
        done = finished(book)
    for student, name in submissions():
        folder = course() / "autograded" / student / name
        if folder.exists() and ((student, name) not in done or not (folder / f"{name}.ipynb").exists()):
            for path in folder.rglob("*"):
                path.chmod(0o700)  # nbgrader가 읽기만 되게 두었습니다.
            shutil.rmtree(folder)


def nbgrader(command, name, *options):
    """nbgrader의 명령 하나를 그 장에 부릅니다. 학생 하나가 실패해도 nbgrader는 나머지를 계속합니다."""
    log = course() / "logs" / f"{command}-{name}.log"
    log.parent.mkdir(exist_ok=True)
    call = [sys.executable, "-m", "nbgrader", command, f"--assignment={name}", *options, "--log-level=WARN"]
    with log.open("w") as file:
        subprocess.run(call, cwd=ROOT, stdout=file, stderr=file)


def everywhere(command, folder, names, *options):
    """장마다 nbgrader를 한 프로세스씩, 코어의 수만큼 나란히 부르며 folder에 생기는 결과를 셉니다."""
    total = sum(name in names for _, name in submissions())

    def count():
        return sum(1 for name in names for _ in (course() / folder).glob(f"*/{name}/{name}.*"))

    with ThreadPoolExecutor(os.cpu_count()) as pool, tqdm(total=total, desc=command, unit="개") as bar:
        jobs = [pool.submit(nbgrader, command, name, *options) for name in names]
        while not all(job.done() for job in jobs):
            time.sleep(0.5)
            bar.update(count() - bar.n)
        bar.update(count() - bar.n)
    for job in jobs:
        job.result()


def reason(student, name, known):
    """채점하지 못한 까닭."""
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
    forget_half_done()
    everywhere("autograde", "autograded", sorted({name for _, name in all_of_them}))
    with closing(gradebook()) as book:
        done = finished(book)
    failed = [
        (student, name, reason(student, name, known)) for student, name in all_of_them if (student, name) not in done
    ]
    save(course() / "refused.csv", ("학생", "장", "까닭"), failed)
    for row in failed:
        print(f"{row[0]}의 {row[1]}: 채점하지 못했습니다. {row[2]}")
    print(f"{len(all_of_them)}개 가운데 {len(all_of_them) - len(failed)}개를 채점했습니다.")
    print(f"채점하지 못한 것: {course() / 'refused.csv'}")


def feedback():
    # 손으로 매긴 점수가 바뀌었을 수 있으므로 늘 다시 만듭니다.
    everywhere("generate_feedback", "feedback", sorted({name for _, name in submissions()}), "--force")
    print(f"학생마다의 평가: {course() / 'feedback'}")


# ---- 성적과 조정 -----------------------------------------------------------------------------------------------------


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
    for file, options in (("grades.csv", []), ("lms.csv", ["--exporter=classroom.grading.LmsExport"])):
        call = [sys.executable, "-m", "nbgrader", "export", f"--to={course() / file}", *options, "--log-level=WARN"]
        subprocess.run(call, cwd=ROOT, check=True)
        print(course() / file)


def moderate(name):
    """문제마다의 득점률을 찍고, 다시 볼 답을 점수대마다 둘씩 골라 course/moderation-장.csv에 적습니다."""
    points, totals = defaultdict(list), {}
    with closing(gradebook()) as book:
        done = finished(book)
        for submission in book.assignment_submissions(name):
            if (submission.student.id, name) not in done:
                continue
            grades = [g for n in submission.notebooks for g in n.grades]
            totals[submission.student.id] = sum(g.score for g in grades)
            for g in grades:
                points[g.cell.name, g.max_score].append(g.score)
    if not totals:
        raise SystemExit(f"{name}에 채점한 답이 없습니다. make grade를 먼저 하십시오.")
    for (cell, most), scores in sorted(points.items()):
        print(f"{cell}: 평균 {np.mean(scores):.1f}/{most:g}점, 만점 {np.mean(np.equal(scores, most)):.0%}")
    # 높은 점수, 가운데, 낮은 점수에서 둘씩. 학번이 아니라 점수의 차례에서 고르므로 누구의 답인지에 기대지 않습니다.
    ranked, rng = sorted(totals, key=totals.get, reverse=True), np.random.default_rng(0)
    chosen = [str(who) for part in np.array_split(ranked, 3) for who in rng.permutation(part)[:2]]
    save(course() / f"moderation-{name}.csv", ("학생", "점수"), [(who, totals[who]) for who in chosen])
    print(f"다시 채점해 볼 답: {', '.join(chosen)} ({course() / f'moderation-{name}.csv'})")


def main(arguments):
    commands = {command.__name__: command for command in (collect, grade, feedback, export, moderate)}
    if not arguments or arguments[0] not in commands or len(arguments) != 1 + (arguments[0] in ("collect", "moderate")):
        raise SystemExit(__doc__)
    commands[arguments[0]](*arguments[1:])


if __name__ == "__main__":
    main(sys.argv[1:])
