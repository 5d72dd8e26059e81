"""부른 쪽과 작업자의 코드와 꾸러미의 판을 견줍니다. 다른 판이 섞이면 같은 일의 결과가 기계마다 다릅니다."""

import functools
import hashlib
import os
import platform


class OtherVersions(RuntimeError):
    """작업자의 코드나 꾸러미의 판이 이 기계와 다릅니다."""


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@functools.cache
def file_digest(path):
    """줄 끝은 Windows에서도 같게 셉니다. 오래 도는 작업자가 읽은 것은 그때의 코드이므로, 처음 센 것을 기억합니다."""
    return digest(path.read_text(encoding="utf-8"))


def unlike(theirs):
    """작업자가 내는 오류. theirs는 작업자의 {이름: 판}입니다."""
    return OtherVersions(f"{platform.node()}의 프로세스 {os.getpid()}", theirs)


def explained(error, ours):
    """unlike를 받은 쪽이 무엇이 다른지 적은 것."""
    where, theirs = error.args
    names = [name for name in {**ours, **theirs} if ours.get(name) != theirs.get(name)]
    listed = ", ".join(f"{name}: {theirs.get(name, '없음')} ≠ {ours.get(name, '없음')}" for name in names[:5])
    return OtherVersions(
        f"작업자 {where}의 판이 여기와 다릅니다(작업자 ≠ 여기). {listed}{' …' * (len(names) > 5)}. "
        "같은 커밋과 같은 NumPy로 맞춘 뒤 작업자를 다시 띄우십시오. 끝난 것은 적어 두었습니다."
    )
