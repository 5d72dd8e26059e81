"""한 반이 LMS와 메일로 낸 갖가지 파일. 새로 찾은 것은 표에 한 줄을 더합니다.

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


ACCEPTED = {
    "Moodle의 폴더": named("{name}_{n}_assignsubmission_file_/Untitled.ipynb", NO_ID),
    "Moodle의 폴더, 밑줄 없이": named("{name}_{n}_assignsubmission_file/02.ipynb", NO_ID),
    "Moodle, 이름 성": named("{first} {last}_{n}_assignsubmission_file_/02 답안.ipynb", NO_ID),
    "Moodle, 학번과 이름": named("{id} {name}_{n}_assignsubmission_file_/02.ipynb"),
    "Moodle, 한 폴더에": named("{name}_{n}_assignsubmission_file_02_sigmoid_std.ipynb", NO_ID),
    "LMS의 zip에 학생의 zip": lms_bundle,
    "Canvas": named("{last}{first}_{n}_{m}_02_sigmoid_std.ipynb", NO_ID),
    "Canvas, 늦게 다시": named("{name}_LATE_{n}_{m}_02_sigmoid_std-1.ipynb", NO_ID),
    "Blackboard": blackboard,
    "Blackboard, 번역된 말": named("과제 1_{id}_시도_2027-03-02-12-00-00_답.ipynb"),
    "Google Classroom": named("02_sigmoid_std - {name}.ipynb", NO_ID),
    "Google Drive의 사본": named("{id}/02_sigmoid_std.ipynb의 사본"),
    "Colab이 내려받은 사본": named("{id}/Copy_of_02_sigmoid_std.ipynb"),
    "포털, 학번_이름": named("과제/{id}_{name}/02_sigmoid_std.ipynb"),
    "포털, 이름(학번)": named("{name}({id})/02.ipynb"),
    "포털, [학번]이름": named("[{id}]{name}.ipynb"),
    "포털, 학번 이름": named("{id} {name} 02.ipynb"),
    "포털, 학번이름": named("{id}{name}.ipynb"),
    "포털, 장 이름 학번": named("02_sigmoid_std_{name}_{id}.ipynb"),
    "전각 숫자": named("{wide}_02.ipynb"),
    "성, 이름": named("{last}, {first}/02.ipynb", NO_ID),
    "이메일": named("{mail}/02.ipynb"),
    "이메일의 앞": named("{user}_02.ipynb", NO_ID),
    "나누어 적은 한글": named("{nfd}_02.ipynb", NO_ID),
    "대문자 확장자": named("{id}_02.IPYNB"),
    ".ipynb.txt": named("{id}_02.ipynb.txt"),
    ".ipynb.json": named("{id}_02.ipynb.json"),
    ".json": named("{id}_02.json"),
    "확장자 없음": named("{id}_02"),
    "학생마다 zip": zipped("{id}_과제.zip", "02_sigmoid_std.ipynb"),
    "대문자 .ZIP": zipped("{id}.ZIP", "02.ipynb"),
    "zip인데 .ipynb": zipped("{id}_02.ipynb", "02_sigmoid_std.ipynb"),
    "학생의 폴더에 zip": zipped("{id}/hw.zip", "exercises/02_sigmoid_std.ipynb"),
    "zip에 감싼 폴더": zipped("hw-{n}.zip", "제출/{id}/exercises/02_sigmoid_std.ipynb"),
    "Windows의 경로": zipped(
        "{id}_w.zip", "과제/02.ipynb", change=lambda data: data.replace("과제/".encode(), "과제\\".encode())
    ),
    "zip 속의 zip": nested(2),
    "네 겹의 zip": nested(4),
    "CP949의 이름": cp949,
    "표시 없는 UTF-8": unmarked_utf8,
    "날짜가 0인 zip": zipped("{id}_0.zip", "02.ipynb", date_time=(1980, 0, 0, 0, 0, 0)),
    "한글 90자의 이름": zipped("{id}_긴 이름.zip", "가" * 90 + ".ipynb"),
    "사본": copies,
}
TURNED_DOWN = {
    "다섯 겹의 zip": nested(5),
    "zip 폭탄": bomb,
    "zip의 밖": zipped("{id}_1.zip", "../../{id}.ipynb", REFUSED + "경로가 zip의 밖"),
    "zip의 절대 경로": zipped("{id}_3.zip", "C:/{id}.ipynb", REFUSED + "경로가 zip의 밖"),
    "zip의 링크": zipped(
        "{id}_4.zip", "02.ipynb", REFUSED + "파일을 가리키는 링크", external_attr=LINK, create_system=3
    ),
    "암호": zipped("{id}_5.zip", "02.ipynb", REFUSED + "zip에 암호가", change=flagged),
    "모르는 압축": zipped("{id}_6.zip", "02.ipynb", BROKEN, change=method(9)),
    "틀린 검사합": zipped("{id}_7.zip", "02.ipynb", BROKEN, change=lambda data: data[:200] + b"\x00" * 9 + data[209:]),
    "잘린 zip": broken("{id}_8.zip", lambda data: data[:-30]),
    "깨진 차례": broken("{id}_9.zip", lambda data: data.replace(b"PK\x01\x02", b"PK\x09\x09")),
    "zip이 아닌 zip": raw("{id}_10.zip", b"Rar!\x1a\x07", REFUSED + "zip을 열 수 없습니다"),
    **{
        f"{ending[1:]} 압축": raw("{id}_02" + ending, b"x", REFUSED + ending + PACKED)
        for ending in (".7z", ".rar", ".egg", ".alz")
    },
    **{
        f"{ending[1:]} 문서": raw("{id}_02" + ending, b"x", NOT_NOTEBOOK)
        for ending in (".pdf", ".py", ".html", ".hwp", ".docx")
    },
    "비밀번호 화면": raw("{id}_로그인.ipynb", b"<html>", REFUSED + "노트북이 아니라 웹 페이지"),
    "빈 파일": raw("{id}_빈.ipynb", b"", REFUSED + "빈 파일입니다"),
    "잘린 노트북": raw(
        "{id}_잘림.ipynb", b'{"cells": [{"source": "', REFUSED + "노트북으로 읽을 수 없습니다(파일의 끝이"
    ),
    "다른 노트북": raw("{id}_b.ipynb", b'{"nbformat": 4, "cells": []}', REFUSED + "이 강의의 문제지가 아닙니다"),
    "설명 파일": raw("{id}/README.txt", b"hello", NOT_NOTEBOOK),
    "링크": made("{id}_링크.ipynb", lambda path: path.symlink_to("/etc/hostname"), REFUSED + "파일을 가리키는 링크"),
    "끊긴 링크": made("{id}_끊김.ipynb", lambda path: path.symlink_to("없음"), REFUSED + "파일을 가리키는 링크"),
    "파이프": made("{id}_파이프.ipynb", os.mkfifo, REFUSED + "보통 파일이 아닙니다"),
    "소켓": made("{id}_s.ipynb", unix_socket, REFUSED + "보통 파일이 아닙니다"),
    "빈 폴더": made("{id}_폴더.ipynb", os.mkdir, REFUSED + "노트북이 아니라 빈 폴더"),
    "누구인지 모름": named("02_sigmoid_std (1).ipynb", (REFUSED + "명단에 없는 학생", NO_ID[1])),
    "장의 이름뿐": named("exercises/02_sigmoid_std.ipynb", (REFUSED + "명단에 없는 학생", NO_ID[1])),
    "두 학생": named(
        "{id}_20270002.ipynb", (REFUSED + "파일의 이름이 여러 학생", REFUSED + "학번처럼 보이는 것이 여럿")
    ),
    "명단에 없는 학생": named("19990001_02.ipynb", (REFUSED + "명단에 없는 학생", RECEIVED)),
    ".DS_Store": raw(".DS_Store", b"\x00", IGNORED),
    "Thumbs.db": raw("{id}/Thumbs.db", b"\x00", IGNORED),
    "._": raw("{id}/._02.ipynb", b"\x00", IGNORED),
}
