"""작업자가 하는 일: 노트북 하나를 제 감옥에서 실행해 출력을 돌려줍니다. 수업의 폴더도 성적부도 만지지 않습니다."""

import functools
import io
import json
import logging
import platform
import sys
import tempfile
import traceback
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path

import nbformat

from spread.versions import digest, file_digest, unlike

from . import jail
from .course import ROOT
from .execution import GuardedExecute
from .launch import SCRATCH

# 답의 출력을 바꿀 수 있는 꾸러미.
PACKAGES = ("numpy", "matplotlib", "scikit-learn", "ipython", "ipykernel", "nbclient", "nbconvert", "nbgrader")

TO_DO = (
    "Dask의 작업자는 울타리만으로는 채점하지 않습니다. 채점하기 안내의 '감옥'을 보고 bubblewrap을 설치하거나, "
    "SCHEDULER 없이 이 기계에서 채점하십시오."
)


class NoJail(RuntimeError):
    """다른 기계에 있을 수 있는 작업자에 감옥이 없습니다."""


class NoRoom(RuntimeError):
    """작업자가 파일을 쓰지 못합니다. 그 작업자에 맡긴 것은 모두 곧바로 실패하므로, 두면 온 반의 답을 받아 버립니다."""


class Failed(RuntimeError):
    """실행하지 못했습니다. 오류의 글만 담습니다: 다른 프로세스에서 풀 수 없는 오류는 작업자를 잃게 합니다."""


@functools.cache
def versions():
    """채점의 결과를 바꿀 수 있는 것 모두의 판."""
    found = {"Python": f"{sys.version_info.major}.{sys.version_info.minor}"} | {
        name: version(name) for name in PACKAGES
    }
    files = [path for room in ("wi_lib", "wi_check", "classroom") for path in (ROOT / room).rglob("*.py")]
    return found | {path.relative_to(ROOT).as_posix(): file_digest(path) for path in sorted(files)}


@functools.cache
def fingerprint():
    return digest(repr(versions()))


def execute(notebook, limits, root, expected):
    """노트북(JSON의 글)을 실행해 (셀마다의 출력과 번호와 시각, 남긴 말)을 돌려줍니다.

    limits는 GuardedExecute의 한도, root는 이 기계에 있는 수업의 폴더, expected는 부른 쪽의 판입니다. 부른 쪽이 다른
    기계일 수 있으면 root는 None이고, 그때는 감옥이 있어야 합니다.
    """
    if expected != fingerprint():
        raise unlike(versions())
    if root:
        return executed(notebook, limits, root)
    if trouble := jail.trouble():
        raise NoJail(f"작업자 {platform.node()}에 감옥이 없습니다. {trouble} {TO_DO}")
    # 감옥의 답은 작업자의 파일을 건드리지 못하므로, 여기의 OSError는 답이 아니라 기계의 탓입니다.
    try:
        with tempfile.TemporaryDirectory() as own:
            return executed(notebook, limits, own)
    except (OSError, Failed) as error:
        why = error.__cause__ or error
        if not isinstance(why, OSError):
            raise
        todo = "그 기계의 빈 자리와 권한을 보거나 작업자를 끄고 다시 부르십시오."
        raise NoRoom(f"작업자 {platform.node()}에서 파일을 읽거나 쓰지 못합니다. {todo} ({why})") from None


def executed(notebook, limits, root):
    """root 안의 임시 폴더에서 실행합니다."""
    with ExitStack() as stack:
        scratch = Path(root) / SCRATCH
        scratch.mkdir(exist_ok=True)
        folder = stack.enter_context(tempfile.TemporaryDirectory(dir=scratch))
        said, log = io.StringIO(), logging.Logger("execute", logging.WARNING)
        log.addHandler(logging.StreamHandler(said))
        executor = GuardedExecute(root=root, log=log, **limits)
        try:
            ran, _ = executor.preprocess(nbformat.reads(notebook, as_version=4), {"metadata": {"path": folder}})
        except Exception as error:
            raise Failed("".join(traceback.format_exception(error))) from error
    # 나머지는 부른 쪽에 있는 것을 그대로 씁니다.
    cells = [
        {"outputs": cell.outputs, "execution_count": cell.execution_count, "execution": cell.metadata.get("execution")}
        if cell.cell_type == "code"
        else None
        for cell in ran.cells
    ]
    return json.dumps({"cells": cells, "language_info": ran.metadata.language_info}), said.getvalue()
