"""한 반이 낸 갖가지 파일을 만드는 함수. kinds.py의 표가 씁니다.

만드는 함수는 (받은 폴더, 학생, 노트북의 바이트)를 받아 파일을 쓰고, collected.csv에 있어야 할 {파일: 결과의 첫머리}를
돌려줍니다. 명단이 있을 때와 없을 때가 다르면 결과는 그 둘입니다.
"""

import io
import os
import socket
import unicodedata
import zipfile

RECEIVED, REFUSED, IGNORED = "받음", "거절: ", "무시"
NO_ID = (RECEIVED, REFUSED + "파일이나 폴더의 이름에 학번이 보이지 않습니다")
LINK = 0o120777 << 16
BROKEN = REFUSED + "zip에서 꺼낼 수 없습니다"
NOT_NOTEBOOK = REFUSED + "노트북(.ipynb)이 아닙니다"
PACKED = " 압축은 열지 못합니다"


def write(inbox, path, content):
    (inbox / path).parent.mkdir(parents=True, exist_ok=True)
    (inbox / path).write_bytes(content)


def named(template, result=RECEIVED):
    """이름이나 폴더로 누구의 것인지 말하는 파일."""

    def make(inbox, who, content):
        path = template.format(**who)
        write(inbox, path, content)
        return {unicodedata.normalize("NFC", path): result}

    return make


def packed(*entries):
    """zip의 바이트. 항목은 (이름이나 ZipInfo, 내용)입니다."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return stream.getvalue()


def entry(name, **about):
    info = zipfile.ZipInfo(name, (2027, 3, 2, 12, 0, 0))
    for key, value in about.items():
        setattr(info, key, value)
    return info


def zipped(template, inside, result=RECEIVED, change=bytes, **about):
    """zip 하나에 든 파일 하나. change는 만든 zip의 바이트를 고칩니다."""

    def make(inbox, who, content):
        path, name = template.format(**who), inside.format(**who)
        write(inbox, path, change(packed((entry(name, **about), content))))
        return {f"{path}/{name}": result}

    return make


def cp949(inbox, who, content):
    """한국어 Windows가 만든 zip: 이름이 CP949이고 UTF-8이라는 표시가 없습니다."""
    raw = f"{who['name']}/답안.ipynb".encode("cp949")
    data = packed((entry("@" * len(raw)), content)).replace(b"@" * len(raw), raw)
    write(inbox, f"{who['id']}_win.zip", data)
    return {f"{who['id']}_win.zip/{who['name']}/답안.ipynb": RECEIVED}


def unmarked_utf8(inbox, who, content):
    """macOS의 압축: 이름이 나누어 적은 UTF-8인데 표시가 없습니다."""
    raw = unicodedata.normalize("NFD", f"{who['name']}.ipynb").encode()
    data = packed((entry("@" * len(raw)), content)).replace(b"@" * len(raw), raw)
    write(inbox, f"{who['id']} Archive.zip", data)
    return {f"{who['id']} Archive.zip/{who['name']}.ipynb": RECEIVED}


def nested(depth):
    def make(inbox, who, content):
        data, path = packed(("02.ipynb", content)), "02.ipynb"
        for level in range(depth - 1):
            data, path = packed((f"{level}.zip", data)), f"{level}.zip/{path}"
        write(inbox, f"{who['id']}_{depth}겹.zip", data)
        deep = depth > 4
        row = f"{who['id']}_{depth}겹.zip/" + (path.removesuffix("/02.ipynb") if deep else path)
        return {row: REFUSED + "zip 안에 zip이" if deep else RECEIVED}

    return make


def lms_bundle(inbox, who, content):
    """LMS에서 받은 zip: 학생마다의 폴더에 학생의 zip, 그 안에 감싼 폴더와 운영 체제의 파일."""
    mine = packed(
        ("exercises/02_sigmoid_std.ipynb", content),
        ("__MACOSX/exercises/._02_sigmoid_std.ipynb", b"\x00\x05\x16\x07"),
        ("exercises/.DS_Store", b"\x00"),
        ("exercises/.ipynb_checkpoints/02_sigmoid_std-checkpoint.ipynb", content),
    )
    folder = f"{who['name']}_{who['n']}_assignsubmission_file_"
    data = packed((f"{folder}/{who['id']}.zip", mine), (f"{folder}/메모.txt", "늦어서 죄송합니다".encode()))
    write(inbox, f"가중치 초기화-과제 2-{who['n']}.zip", data)
    above = f"가중치 초기화-과제 2-{who['n']}.zip/{folder}"
    return {
        f"{above}/{who['id']}.zip/exercises/02_sigmoid_std.ipynb": RECEIVED,
        f"{above}/{who['id']}.zip/exercises/.ipynb_checkpoints/02_sigmoid_std-checkpoint.ipynb": RECEIVED,
        f"{above}/{who['id']}.zip/__MACOSX/exercises/._02_sigmoid_std.ipynb": IGNORED,
        f"{above}/{who['id']}.zip/exercises/.DS_Store": IGNORED,
        f"{above}/메모.txt": NOT_NOTEBOOK,
    }


def blackboard(inbox, who, content):
    stem = f"과제1_{who['id']}_attempt_2027-03-02-12-00-00"
    write(inbox, f"{stem}_02_sigmoid_std.ipynb", content)
    write(inbox, f"{stem}.txt", "Name: 홍길동\nDate Submitted: 2027".encode())
    return {f"{stem}_02_sigmoid_std.ipynb": RECEIVED, f"{stem}.txt": IGNORED}


def copies(inbox, who, content):
    """내려받다가 생긴 사본들."""
    names = [f"{who['id']}_02{tail}.ipynb" for tail in ("", " (1)", " (10)", " - 복사본", " copy")]
    for name in names:
        write(inbox, name, content)
    return dict.fromkeys(names, RECEIVED)


def made(path, make, result):
    """파일이 아닌 것. make는 경로를 받아 만듭니다."""

    def build(inbox, who, content):
        name = path.format(**who)
        make(inbox / name)
        return {name: result}

    return build


def unix_socket(path):
    """경로가 길면 소켓을 만들 수 없으므로 그 폴더에서 만듭니다."""
    before = os.getcwd()
    os.chdir(path.parent)
    with socket.socket(socket.AF_UNIX) as opened:
        opened.bind(path.name)
    os.chdir(before)


def raw(template, content, result):
    """내용이 노트북이 아닌 파일."""

    def make(inbox, who, _):
        write(inbox, template.format(**who), content)
        return {template.format(**who): result}

    return make


def method(number):
    """압축 방식을 바꾸어 적은 zip."""

    def change(data):
        at = data.index(b"PK\x01\x02")
        return b"".join((data[:8], bytes([number, 0]), data[10 : at + 10], bytes([number, 0]), data[at + 12 :]))

    return change


def flagged(data):
    """암호가 걸렸다는 표시."""
    at = data.index(b"PK\x01\x02")
    return b"".join((data[:6], b"\x01\x00", data[8 : at + 8], b"\x01\x00", data[at + 10 :]))


def broken(template, change, result=BROKEN):
    def make(inbox, who, content):
        write(inbox, template.format(**who), change(packed(("02.ipynb", content))))
        return {template.format(**who): result}

    return make


def bomb(inbox, who, content):
    """열 배로 부푸는 것이 아니라 천 배로 부푸는 zip이 겹쳐 있습니다."""
    layer = packed(*((f"{i}.ipynb", b" " * 19_000_000) for i in range(4)))
    write(inbox, f"{who['id']}_폭탄.zip", layer)
    rows = {f"{who['id']}_폭탄.zip/{i}.ipynb": REFUSED for i in range(4)}
    return rows | {f"{who['id']}_폭탄.zip/3.ipynb": REFUSED + "zip을 풀면 터무니없이 커집니다"}
