"""누가 낸 파일인지: LMS가 붙인 이름과 폴더에서 명단의 학생이나 학번을 찾습니다."""

import csv
import io
import re
import unicodedata
from datetime import datetime

from .cells import Refused
from .course import course
from .files import modified

# LMS가 붙이는 이름. who는 LMS가 적은 사람, rest는 학생이 지은 파일의 이름, when은 낸 시각입니다.
LMS = [
    re.compile(r"(?P<who>.+?)_\d+_assignsubmission_[a-z]+(?:_(?P<rest>.*))?"),  # Moodle
    re.compile(r".*_(?P<who>[^_]+)_[^\W\d_]+_(?P<when>\d{4}(?:-\d\d){5})(?:_(?P<rest>.*))?"),  # Blackboard
    re.compile(r"(?P<who>[^_]+)_(?:late_)?\d{3,}_\d{4,}_(?P<rest>.*)"),  # Canvas
    re.compile(r"submission_\d+"),  # Gradescope
]
WORD = re.compile(r"[0-9a-z]+|[^\W\d_a-z]+")
NUMBER = re.compile(r"(?<![0-9a-z])(?:[a-z]{0,2}\d{6,10}[a-z]?|(?<!\d-)\d{4}-\d{4,6}(?!-\d))(?![0-9a-z])")
MOMENT = re.compile(r"(?<!\d)20\d\d[01]\d[0-3]\d[-_t ]?[0-2]\d[0-5]\d[0-5]\d(?!\d)")
EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
FOLDER = re.compile(r"[\w-][\w.@+-]{0,63}(?<!\.)")
DEVICE = re.compile(r"(?i)(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?")  # Windows에서 폴더의 이름이 될 수 없습니다.
COLUMNS = ("first_name", "last_name", "email")


def simple(text):
    """견줄 수 있는 글: 전각과 반각, 나누어 적은 한글(macOS), 대소문자를 하나로."""
    return unicodedata.normalize("NFKC", text).casefold()


def joined(*words):
    return "".join(WORD.findall(simple("".join(word or "" for word in words))))


def said(part):
    """경로 한 마디에서 (LMS가 적은 사람, 나머지 글, 낸 시각의 글)."""
    part = re.sub(r"\.(?:ipynb|zip|txt|json)\b", " ", simple(part))
    for pattern in LMS:
        if match := pattern.fullmatch(part.strip()):
            found = match.groupdict()
            return found.get("who") or "", found.get("rest") or "", found.get("when")
    return "", part, None


def handed_in(file):
    """낸 시각. Blackboard가 이름에 적은 것이 있으면 그것이고, 없으면 파일이 바뀐 시각입니다."""
    when = next((when for part in reversed(file.parts) if (when := said(part)[2])), None)
    try:
        return modified(datetime.strptime(when, "%Y-%m-%d-%H-%M-%S").timestamp()) if when else file.changed
    except (ValueError, OSError):
        return file.changed


class Roster:
    """명단. 학번, 성과 이름(어느 차례로든, 띄든 붙이든), 이메일로 찾습니다. 비었으면 학번처럼 생긴 것을 찾습니다."""

    def __init__(self, rows, sheets):
        """rows는 {학번: {first_name, last_name, email}}, sheets는 이름에서 뺄 문제지의 이름입니다."""
        self.keys, self.users = {}, {}
        self.sheets = re.compile("|".join(re.escape(name).replace("_", "[-_ ]") for name in sheets))
        for student, about in rows.items():
            first, last, email = (about.get(column) or "" for column in COLUMNS)
            keys = {joined(student), joined(email)}
            user = joined(email.split("@")[0])
            # 글자뿐인 아이디(kim@, jisoo@)와 이름 한 칸의 두 글자(하나)는 다른 사람의 이름이나 보통 말일 수 있습니다.
            if re.search(r"\d", user):
                keys.add(user)
            elif user:
                self.users.setdefault(user, set()).add(student)
            if (first and last) or len(joined(last, first)) > 2:
                keys |= {joined(last, first), joined(first, last)}
            for key in keys - {""}:
                self.keys.setdefault(key, set()).add(student)

    def student_of(self, parts):
        """그 경로의 학생. 모르거나 여럿이면 `Refused`입니다."""
        found = [(who, self.sheets.sub(" ", rest), when) for who, rest, when in map(said, parts)]
        student = self.listed(found, parts) if self.keys else plausible(found)
        student = unicodedata.normalize("NFC", student)
        if not FOLDER.fullmatch(student) or DEVICE.fullmatch(student):
            raise Refused(f"학번 {student!r}은 폴더의 이름으로 쓸 수 없습니다. 명단의 학번을 고치십시오.")
        return student

    def listed(self, found, parts):
        """명단의 학생. LMS가 적은 사람이 먼저이고, 이름이 같은 학생은 나머지 글의 학번으로 가립니다."""
        official = [hits for who, _, _ in found for hits in self.hits(who)]
        if len(sure := set.intersection(*official) if official else set()) == 1:
            return sure.pop()
        hits = official + [hits for _, rest, _ in found for hits in self.hits(rest)]
        hits = hits or [hits for part in parts for hits in self.hits(self.sheets.sub(" ", simple(part)))]
        if not hits:
            raise Refused("명단에 없는 학생입니다. 파일이나 폴더의 이름에 명단의 학번, 이름, 이메일이 없습니다.")
        agreed = set.intersection(*hits)
        if len(agreed) == 1:
            return agreed.pop()
        several = ", ".join(sorted(agreed or set.union(*hits)))
        raise Refused(f"파일의 이름이 여러 학생을 가리킵니다({several}). 이름에 학번 하나를 적으십시오.")

    def hits(self, text):
        """글에서 찾은 열쇠마다의 학생. 이어진 낱말을 긴 것부터 붙여 봅니다."""
        words, at = WORD.findall(text), 0
        user = words[0] if len(words) > 1 and not re.match("[a-z]", words[1]) else "".join(words)
        if user in self.users and user not in self.keys:
            yield self.users[user]
        while at < len(words):
            for length in range(min(6, len(words) - at), 0, -1):
                if students := self.keys.get("".join(words[at : at + length])):
                    yield students
                    at += length - 1
                    break
            at += 1


def plausible(found):
    """명단이 없을 때의 학번: 숫자 여섯에서 열 자리나 이메일. Blackboard는 아이디를 따로 적습니다."""
    for who, _, when in found:
        if when and re.search(r"[a-z]|\d{6}", who):
            return who
    text = [MOMENT.sub(" ", f"{who} {rest}") for who, rest, _ in found]
    ids = set(NUMBER.findall(" ".join(text))) or set(EMAIL.findall(" ".join(text)))
    certain = {each for each in ids if not date(each)} or {each for each in ids if text[-1].strip().startswith(each)}
    if len(certain) > 1:
        raise Refused(f"학번처럼 보이는 것이 여럿입니다({', '.join(sorted(certain))}). 이름에 학번 하나만 적으십시오.")
    if not certain:
        raise Refused(
            "파일이나 폴더의 이름에 학번이 보이지 않습니다. 학번을 적거나, 명단(course/students.csv)을 두십시오. "
            "명단이 있으면 이름으로도 찾습니다."
        )
    student = certain.pop()
    return student if "@" in student else student.upper()


def date(number):
    """그 수가 학번이 아니라 날짜나 학기(202710)일 수도 있는지."""
    return re.fullmatch(r"20[12]\d(?:\d\d|(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))", number)


def students_csv():
    """course/students.csv의 {학번: {열: 값}}. 없으면 비었습니다. 엑셀은 BOM을 붙이거나 CP949로 저장합니다."""
    path = course() / "students.csv"
    if not path.exists():
        return {}
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp949", "replace")
    rows = [
        {(key or "").strip(): (value or "").strip() for key, value in row.items() if isinstance(value, str)}
        for row in csv.DictReader(io.StringIO(text))
    ]
    if rows and "id" not in rows[0]:
        raise SystemExit(f"{path}의 첫 줄에 id가 없습니다. 첫 줄을 id,last_name,first_name,email로 적으십시오.")
    return {row["id"]: {key: row[key] for key in COLUMNS if row.get(key)} for row in rows if row.get("id")}


def roster(book, sheets):
    """명단: course/students.csv와, `nbgrader db student import`로 넣은 학생.

    nbgrader는 명단에 없는 학생도 채점하면서 학번만으로 성적부에 넣습니다. 그래서 성적부에서는 이름이나 이메일이 있는
    학생만 명단으로 봅니다.
    """
    listed = students_csv()
    for student, about in listed.items():
        book.update_or_create_student(student, **about)
    kept = {s.id: {column: getattr(s, column) for column in COLUMNS} for s in book.students}
    named = {student: about for student, about in kept.items() if any(about.values())}
    return Roster(named | listed, sheets)
