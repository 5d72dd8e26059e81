"""한 반이 LMS와 메일로 낸 갖가지 파일의 표. 새로 찾은 것은 한 줄을 더합니다."""

import os

from tests.classroom.making import (
    BROKEN,
    IGNORED,
    LINK,
    NO_ID,
    NOT_NOTEBOOK,
    PACKED,
    RECEIVED,
    REFUSED,
    blackboard,
    bomb,
    broken,
    copies,
    cp949,
    flagged,
    lms_bundle,
    made,
    method,
    named,
    nested,
    raw,
    unix_socket,
    unmarked_utf8,
    zipped,
)

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
