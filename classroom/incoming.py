"""받은 폴더의 파일을 zip 안의 것까지 하나도 빠짐없이 내놓습니다. 열 수 없는 것은 까닭과 함께 내놓습니다."""

import os

from .archives import members
from .files import File, modified, readable


def incoming(folder):
    """folder의 파일마다 `File` 하나. zip은 그 안의 파일마다입니다."""
    for file in on_disk(folder):
        try:
            zipped = file.is_zip()
        except OSError as error:
            zipped, file.problem = False, f"파일을 읽을 수 없습니다({error.strerror})."
        if zipped:
            yield from members(file)
        else:
            yield file


def on_disk(folder):
    """폴더의 파일. 링크는 따라가지 않고, 파이프와 소켓은 열지 않습니다."""
    waiting = [(folder, ())]
    while waiting:
        path, above = waiting.pop()
        try:
            entries = sorted(os.scandir(path), key=lambda entry: entry.name)
        except OSError as error:
            yield File(above or (str(folder),), problem=f"폴더를 열 수 없습니다({error.strerror}).")
            continue
        if not entries and above and above[-1].casefold().endswith(".ipynb"):
            yield File(above, problem="노트북이 아니라 빈 폴더입니다.")
        for entry in entries:
            parts = (*above, readable(entry.name))
            if entry.is_dir(follow_symlinks=False):
                waiting.append((entry.path, parts))
            else:
                yield one(entry, parts)


def one(entry, parts):
    if entry.is_symlink():
        return File(parts, problem="파일을 가리키는 링크입니다. 파일 자체를 두십시오.")
    if not entry.is_file():
        return File(parts, problem="보통 파일이 아닙니다.")
    try:
        about = entry.stat()
    except OSError as error:
        return File(parts, problem=f"파일을 읽을 수 없습니다({error.strerror}).")
    return File(parts, modified(about.st_mtime), about.st_size, lambda: open(entry.path, "rb"))
