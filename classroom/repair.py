"""nbgrader가 낸 답을 채점하기 전과 실행하는 동안에 하는 일. nbgrader_config.py가 끼워 넣습니다."""

import os
import tempfile
import time
from pathlib import Path

import nbformat
from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output
from nbgrader.preprocessors import Execute, NbGraderPreprocessor
from traitlets import Integer

from . import kernel as guarded_kernel
from .sheets import ROOT, SECRET, STAMP


class Refused(ValueError):
    """채점할 수 없는 파일. 까닭과 할 일을 말합니다."""


def grade_id(cell):
    return cell.metadata.get("nbgrader", {}).get("grade_id")


def check_sheet(submitted, released):
    """낸 노트북이 나누어 준 그 문제지인지 봅니다. 아니면 `Refused`입니다."""
    want, got = released.metadata[STAMP], submitted.metadata.get(STAMP, {})
    if got and got.get("name") != want.name:
        raise Refused(
            f"다른 장의 문제지입니다(받은 것 {got.get('name')}, 이번 것 {want.name}). 맞는 파일을 다시 내십시오."
        )
    if got and got.get("version") != want.version:
        raise Refused(
            f"이번에 나누어 준 판이 아닙니다(받은 것 {got.get('version')}, 이번 것 {want.version}). "
            "새 문제지를 받아 답을 옮겨 다시 내십시오."
        )
    if not {grade_id(cell) for cell in submitted.cells} & {grade_id(cell) for cell in released.cells} - {None}:
        raise Refused("문제지의 셀이 하나도 없습니다. 나누어 준 노트북에 답을 써서 내십시오.")


def mend(submitted, released):
    """낸 답을 나누어 준 문제지의 차례와 글에 옮겨 담습니다. (노트북, 되돌린 것의 목록)을 돌려줍니다.

    주어진 셀은 지우거나 고치거나 옮겼어도 처음대로이고, 학생이 더한 셀은 바로 앞에 있던 셀의 뒤를 따라갑니다.
    """
    given = {grade_id(cell) or cell.id: cell for cell in released.cells}
    answers, added, notes, after, order = {}, {}, [], None, []
    if not submitted.metadata.get(STAMP):
        notes.append("판 표시가 없어 이번 문제지인지 확인하지 못했습니다.")
    for cell in submitted.cells:
        key = grade_id(cell) or cell.id
        if key not in given:
            cell.metadata = nbformat.from_dict({})
            added.setdefault(after, []).append(cell)
            continue
        after = key
        if key in answers:
            notes.append(f"{key}: 같은 셀이 여럿이라 마지막 것을 채점했습니다.")
        else:
            order.append(key)
        answers[key] = cell.source
    cells = added.pop(None, [])
    for key, cell in given.items():
        if key not in answers:
            notes.append(f"{key}: 지워진 셀을 되살렸습니다.")
        elif cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = answers[key]
        elif cell.source.strip() != answers[key].strip() and grade_id(cell):
            notes.append(f"{key}: 고친 셀을 처음대로 되돌렸습니다.")
        cells += [cell, *added.pop(key, [])]
    if order != [key for key in given if key in answers]:
        notes.append("셀의 차례를 처음대로 되돌렸습니다.")
    released.cells = cells
    return released, list(dict.fromkeys(notes))


class Mend(NbGraderPreprocessor):
    """낸 노트북을 나누어 준 문제지의 모양으로 되돌리고, 되돌린 것을 맨 앞의 셀에 적습니다."""

    def preprocess(self, notebook, resources):
        course, about = self.parent.parent.coursedir, resources["nbgrader"]
        folder = course.format_path(course.release_directory, ".", about["assignment"])
        released = nbformat.read(Path(folder) / f"{about['notebook']}.ipynb", as_version=4)
        check_sheet(notebook, released)
        notebook, notes = mend(notebook, released)
        if notes:
            text = "**채점하면서 되돌린 것**\n\n" + "\n".join(f"- {note}" for note in notes)
            notebook.cells.insert(0, new_markdown_cell(text, id="mended"))
        return notebook, resources


class GuardedKernelManager(AsyncKernelManager):
    """ipykernel 대신 classroom/kernel.py를 띄웁니다."""

    def format_kernel_cmd(self, extra_arguments=None):
        command = super().format_kernel_cmd(extra_arguments)
        at = command.index("ipykernel_launcher")
        return [*command[: at - 1], guarded_kernel.__file__, *command[at + 1 :]]

    async def _async_launch_kernel(self, kernel_cmd, **options):
        environment = dict(options.pop("env", os.environ))
        environment.pop(SECRET, None)
        # 작은 행렬에서는 스레드 하나가 빠르고, 나란히 채점하는 것끼리 다투지 않습니다.
        environment |= {"OPENBLAS_NUM_THREADS": "1", "TQDM_DISABLE": "1", "TMPDIR": self.scratch}
        environment[guarded_kernel.PRIVATE] = os.pathsep.join((self.private, str(ROOT / "exercises")))
        await super()._async_launch_kernel(kernel_cmd, env=environment, **options)

    # 비동기 관리자는 이 이름으로 부릅니다.
    _launch_kernel = _async_launch_kernel


class GuardedExecute(Execute):
    """낸 노트북을 지키는 커널에서 실행합니다. 커널이 죽거나 시간이 다하면 남은 셀은 까닭을 적고 틀린 것으로 둡니다."""

    total = Integer(180, help="노트북 하나를 실행하는 시간의 한도(초)").tag(config=True)
    each = Integer(30, help="셀 하나를 실행하는 시간의 한도(초)").tag(config=True)

    def preprocess(self, notebook, resources, km=None):
        self.deadline, self.stopped = time.monotonic() + self.total, None
        course = self.parent.parent.coursedir
        self.setup = next((cell.source for cell in notebook.cells if grade_id(cell) == "setup"), "")
        with tempfile.TemporaryDirectory(prefix="wi-grading-") as scratch:
            about = {"private": course.root, "scratch": scratch}
            self.kernel_manager_class = type("Manager", (GuardedKernelManager,), about)
            return super().preprocess(notebook, resources, km)

    def preprocess_cell(self, cell, resources, index):
        if cell.cell_type != "code":
            return cell, resources
        left = self.deadline - time.monotonic()
        if left < 1:
            self.stopped = f"노트북 하나를 실행하는 시간 {self.total}초가 다했습니다."
        if not self.stopped:
            self.timeout = min(self.each, int(left) + 1)
            try:
                if cell.metadata.get("nbgrader", {}).get("grade"):
                    # 문제지의 수와 확인 함수를 학생의 코드가 바꾸어 놓았을 수 있습니다.
                    self.execute_cell(new_code_cell(f"__import__('wi_guard').restore()\n{self.setup}"), index)
                return super().preprocess_cell(cell, resources, index)
            except CellTimeoutError:  # 멈추라는 신호까지 무시하는 셀
                self.stopped = "어느 셀이 끝나지 않아 커널을 쓸 수 없게 되었습니다."
            except DeadKernelError:
                self.stopped = "앞 셀을 실행하다가 커널이 꺼졌습니다. 메모리를 너무 많이 쓰지 않는지 보십시오."
        message = f"실행하지 못했습니다. {self.stopped}"
        cell.outputs = [new_output("error", ename="Stopped", evalue=message, traceback=[message])]
        return cell, resources
