"""서른 명의 한 반: 갖가지 파일을 모으고, 채점하고, 돌려주고, 성적을 내보내는 동안 파일이 하나도 사라지지 않습니다."""

import csv
import sys
import unicodedata
from itertools import cycle

import nbformat
import pytest

from classroom import course, sheets
from classroom import grade as grading
from classroom.autograde import autograde
from classroom.collect import collect
from classroom.exports import export
from classroom.feedback import feedback
from tests.classroom.conftest import copied
from tests.classroom.frontends import SAVED
from tests.classroom.hands import EDITED
from tests.classroom.kinds import ACCEPTED, TURNED_DOWN
from tests.classroom.making import RECEIVED
from tests.classroom.marking import automatic, checks, filled, stubs

pytestmark = pytest.mark.xdist_group("thirty")
USED = ("04_tanh", "10_mean_field")
# 커널에서 채점할 다섯 답: 앞의 다섯 학생이 둘째 장을 이렇게 고쳐 냅니다.
IN_KERNELS = [
    "확인 셀의 아래에 쓴 코드",
    "함수의 가운데에서 나눔, 표시는 앞에만",
    "코드에 줄바꿈 없는 빈칸",
    "답 셀의 아래 새 셀에 쓴 설명",
    "잘라 붙인 코드",
]
# 한 학생이 같은 장을 여러 번 냈으면 하나만 받고, 나머지에는 무엇을 받았는지 적습니다.
PLACED = (
    RECEIVED,
    "같은 내용의 파일을 받음",
    "더 새로운 다른 답을 받음",
    "시각이 같은 다른 답이 있어",
    "자동 저장본이라",
)
KINDS = ACCEPTED | TURNED_DOWN
if sys.getfilesystemencoding() != "utf-8":
    # 나누어 적은 한글은 UTF-8이 아닌 파일 이름에 쓸 수 없습니다.
    del KINDS["나누어 적은 한글"]
LAST = ["김", "이", "박", "최", "정", "남궁", "Hong", "강", "조", "윤"]
FIRST = ["하나", "두리", "세찬", "네오", "다솜", "여름", "Gildong", "도윤", "서연", "지우"]


def student(number):
    last, first = LAST[number % 10], FIRST[(number + number // 10) % 10]
    if number in (28, 29):
        last, first = "김", "철수"
    about = {"id": f"2027{number + 1:04d}", "last": last, "first": first, "name": last + first}
    about |= {
        "n": 10_000 + number,
        "m": 7_000_000 + number,
        "user": f"user{number}x",
        "mail": f"user{number}x@example.org",
    }
    wide = about["id"].translate({ord("0") + i: chr(0xFF10 + i) for i in range(10)})
    about |= {"wide": wide, "mail": f"{about['user']}@example.org"}
    return about | {"nfd": unicodedata.normalize("NFD", about["name"])}


CLASS = [student(number) for number in range(30)]


@pytest.fixture(scope="module")
def handed_out(tmp_path_factory):
    """문제지 두 장을 나누어 준 수업의 폴더."""
    folder = tmp_path_factory.mktemp("가중치 초기화")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(course.FOLDER, str(folder))
        for name in USED:
            sheets.write_source(name, None)
        sheets.release()
    return folder


def fill(inbox):
    """온 반이 낸 것. {파일: (까닭, 학생, 장, 명단이 있을 때와 없을 때의 결과)}를 돌려줍니다.

    한 장은 갖가지 front end로 저장해 갖가지 이름으로 내고, 다른 장은 몇 사람이 저마다 다르게 고쳐 냅니다.
    """
    expected = {}
    for number, ((kind, make), save) in enumerate(zip(KINDS.items(), cycle(SAVED.values()))):
        # 이름이 같은 두 학생(29, 30번)은 이름만으로 내지 않습니다.
        who = CLASS[number % 28]
        for file, result in make(inbox, who, save(filled(USED[0], None))).items():
            assert file not in expected, file
            expected[file] = (kind, who["id"], USED[0], result if isinstance(result, tuple) else (result, result))
    plain = [(USED[0], who, "설명을 나눔") for who in CLASS]
    for sheet, who, how in [*plain, *zip(cycle(USED[1:]), CLASS, IN_KERNELS)]:
        EDITED[how][0](notebook := filled(sheet, None), stubs(sheet, None))
        file = f"{who['id']} {sheet[:2]}.ipynb"
        nbformat.write(notebook, inbox / file)
        expected[file] = ("학번", who["id"], sheet, (RECEIVED, RECEIVED))
    assert len(expected) >= 120, len(expected)
    return expected


def listed(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module", params=["명단이 있음", "명단이 없음"])
def gathered(request, handed_out, tmp_path_factory):
    """모으기를 마친 (수업의 폴더, 명단이 있는지, {파일: 있어야 할 것}, {파일: 줄})."""
    with_roster = request.param == "명단이 있음"
    folder = copied(handed_out, tmp_path_factory.mktemp("course"))
    inbox = tmp_path_factory.mktemp("받은 것")
    expected = fill(inbox)
    if with_roster:
        lines = ["id,last_name,first_name,email"] + ["{id},{last},{first},{mail}".format(**who) for who in CLASS]
        (folder / "students.csv").write_text("\r\n".join(lines), encoding="cp949")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(course.FOLDER, str(folder))
        collect(inbox)
        yield folder, with_roster, expected, {row["파일"]: row for row in listed(folder / "collected.csv")}


def test_every_file_has_a_row(gathered):
    _, _, expected, rows = gathered
    assert rows.keys() == expected.keys()


@pytest.mark.parametrize("kind", [*KINDS, "학번"])
def test_each_kind(gathered, kind):
    _, with_roster, expected, rows = gathered
    files = {file: about for file, about in expected.items() if about[0] == kind}
    for file, (_, who, sheet, results) in files.items():
        row, wanted = rows[file], results[not with_roster]
        assert row["결과"].startswith(PLACED if wanted == RECEIVED else wanted), (file, row)
        # 명단이 없으면 이메일이 그대로 학생이 되고, 명단에 없는 학생도 받습니다.
        if wanted == RECEIVED and (with_roster or kind not in ("이메일", "명단에 없는 학생")):
            assert (row["학생"], row["장"]) == (who, sheet), row


def mostly_without_kernels(jobs):
    """다섯 명의 한 장은 커널에서, 나머지는 실행하지 않고 채점합니다. 커널을 백 개 띄우면 몇 분이 걸립니다."""
    autograde([job for job in jobs if job[1] in USED[1:]])
    never_with_kernels([job for job in jobs if job[1] in USED[:1]])


def never_with_kernels(jobs):
    autograde(jobs, "--GuardedExecute.enabled=False")


def test_nothing_is_lost_to_the_end(gathered, monkeypatch):
    """받은 답은 채점되거나 까닭과 함께 refused.csv에 있고, 채점한 답마다 평가와 성적이 있습니다."""
    folder, with_roster, expected, rows = gathered
    placed = [(row["학생"], row["장"]) for row in rows.values() if row["결과"].startswith(RECEIVED)]
    received = set(placed)
    assert len(received) == len(placed)
    assert received == {(row["학생"], row["장"]) for row in rows.values() if row["결과"].startswith(PLACED)}
    if with_roster:
        assert received == {(who, sheet) for _, who, sheet, (result, _) in expected.values() if result == RECEIVED}
    monkeypatch.setattr("os.cpu_count", lambda: 1)  # nbgrader를 한 번만 읽습니다.
    monkeypatch.setattr(grading, "autograde", mostly_without_kernels if with_roster else never_with_kernels)
    grading.grade()
    refused = {(row["학생"], row["장"]) for row in listed(folder / "refused.csv")}
    scores = automatic(folder)
    assert received == {key for key in scores if key not in refused} | refused
    assert not refused
    for who, sheet in received:
        assert scores[who, sheet] == {name: float(points) for name, points in checks(sheet).items()}
    feedback()
    for who, sheet in received:
        assert (folder / "feedback" / who / sheet / f"{sheet}.html").exists(), (who, sheet)
    export()
    grades = {row["학번"]: row for row in listed(folder / "lms.csv")}
    assert all("채점 중" in grades[who][sheet] for who, sheet in received)
    if with_roster:
        assert {(who["id"], who["last"], who["first"]) for who in CLASS} == {
            (row["학번"], row["성"], row["이름"]) for row in grades.values()
        }
