"""낸 답을 지키는 커널에서 실행합니다. nbgrader_config.py가 nbgrader의 실행 단계 대신 끼워 넣습니다."""

import marshal
import re
import sys
import time

from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat.v4 import new_code_cell, new_output
from nbgrader.preprocessors import Execute
from traitlets import Dict, Integer, Unicode, default

from . import jail
from .launch import manager
from .shell import NOTE, OTHER_SYNTAX
from .submission import grade_id

# 확인 함수가 하는 말 가운데 통과한 것. 나머지는 오류로 옵니다.
PASSED = re.compile(r"(?m)^\d+번: 통과했습니다\.$")

ROOM, LONGEST = 20_000_000, 20_000  # 노트북 하나의 출력과, 오류 한 줄의 글자


class GuardedExecute(Execute):
    """낸 노트북을 지키는 커널에서 실행합니다. 커널이 죽거나 시간이 다하면 남은 셀은 까닭을 적고 틀린 것으로 둡니다."""

    total = Integer(180, help="노트북 하나를 실행하는 시간의 한도(초)").tag(config=True)
    each = Integer(30, help="셀 하나를 실행하는 시간의 한도(초)").tag(config=True)
    root = Unicode(help="커널이 읽지 못하는 폴더. 커널의 임시 폴더도 여기에 둡니다.")
    error_on_timeout = Dict(
        {
            "ename": "CellTimeoutError",
            "evalue": "시간이 다했습니다.",
            "traceback": ["이 셀이 시간 안에 끝나지 않아 멈췄습니다. 끝나지 않는 되풀이가 없는지 보십시오."],
        }
    )

    @default("root")
    def course(self):
        return self.parent.parent.coursedir.root

    @default("shutdown_kernel")
    def ending(self):
        """감옥의 커널은 출력을 다 받으면 죽입니다. 스스로 끝나게 하면 ipykernel의 두 스레드가 서로 기다리기도 합니다.

        울타리만 친 커널을 죽이면 답이 만든 공유 메모리가 기계에 남습니다. 그것을 치우는 프로세스까지 죽기 때문입니다.
        """
        return "graceful" if jail.trouble() else "immediate"

    def preprocess(self, notebook, resources, km=None):
        self.deadline, self.stopped, self.room = time.monotonic() + self.total, None, ROOM
        # 실행을 시작하면 채점하는 커널의 것으로 바뀝니다.
        self.newer = newer_python(notebook.metadata)
        self.setup = ""
        with manager(self.root) as self.kernel_manager_class:
            try:
                return super().preprocess(notebook, resources, km)
            except Exception as error:
                error.add_note(self.kernel_manager_class.said())
                raise

    def preprocess_cell(self, cell, resources, index):
        if cell.cell_type != "code":
            return cell, resources
        if grade_id(cell) == "setup":
            self.setup = cell.source
        left = self.deadline - time.monotonic()
        if left < 1:
            self.stopped = f"노트북 하나를 실행하는 시간 {self.total}초가 다했습니다."
        if not self.stopped:
            self.timeout = min(self.each, int(left) + 1)
            try:
                if cell.metadata.get("nbgrader", {}).get("grade"):
                    self.check(cell, index)
                else:
                    super().preprocess_cell(cell, resources, index)
                    self.after_error(cell, index)
                return cell, resources
            except CellTimeoutError:  # 멈추라는 신호까지 무시하는 셀
                self.stopped = "어느 셀이 끝나지 않아 커널을 쓸 수 없게 되었습니다."
            except DeadKernelError:
                self.stopped = "앞 셀을 실행하다가 커널이 꺼졌습니다. 메모리를 너무 많이 쓰지 않는지 보십시오."
        message = f"실행하지 못했습니다. {self.stopped}"
        cell.outputs = [new_output("error", ename="Stopped", evalue=message, traceback=[message])]
        cell.execution_count = None  # 커널이 꺼지기 전에 번호를 알렸는지는 때에 달렸습니다.
        return cell, resources

    def process_message(self, msg, cell, cell_index):
        """출력을 한도까지만 받습니다. 위젯의 말은 평가에 실을 수 없고, 꾸며 보낸 것은 nbclient를 멈추게 합니다."""
        kind, content = msg["msg_type"], msg["content"]
        if kind.startswith("comm_"):
            return None
        if kind == "error":  # 빼면 틀린 답이 통과합니다.
            content["evalue"] = content["evalue"][:LONGEST]
            content["traceback"] = [line[:LONGEST] for line in content["traceback"][:100]]
        elif kind != "status":
            self.room -= sum(len(str(value)) for value in content.values())
            if self.room < 0:
                return None
        return super().process_message(msg, cell, cell_index)

    def quietly(self, cell, index, *codes):
        """cell의 자리에서 codes를 실행하고 마지막 것의 출력을 돌려줍니다. cell은 그대로입니다."""
        ran = [new_code_cell(code) for code in codes]
        try:
            for each in ran:
                self.execute_cell(each, index, store_history=False)
        finally:
            self.nb.cells[index] = cell
        return ran[-1].outputs

    def check(self, cell, index):
        """확인 셀은 옮긴 코드로만 커널에 보냅니다. 학생의 코드가 부르거나 찍어도 숨은 시험의 글은 거기에 없습니다."""
        # 문제지의 수와 확인 함수를 학생의 코드가 바꾸어 놓았을 수 있습니다.
        restore = f"__import__('wi_guard').restore()\n{self.setup}"
        code = marshal.dumps(compile(cell.source, "<확인>", "exec"))
        cell.outputs = told(self.quietly(cell, index, restore, f"__import__('wi_guard').check({code!r})"))

    def after_error(self, cell, index):
        """오류로 끝난 답 셀이 정하지 못한 이름을 지우고, 학생의 Python만 아는 문법일 수 있으면 그렇게 말합니다."""
        failed = any(output.output_type == "error" for output in cell.outputs)
        if failed and cell.metadata.get("nbgrader", {}).get("solution"):
            self.quietly(cell, index, "__import__('wi_guard').forget()")
        self.tell_newer_python(cell)

    def tell_newer_python(self, cell):
        """이 Python이 모르는 문법이 있고, 학생의 Python이 더 새로우면 그렇게 말합니다."""
        said = "".join(output.get("text", output.get("ename", "")) for output in cell.outputs)
        if self.newer and ("SyntaxError" in said or OTHER_SYNTAX in said):
            cell.outputs.append(new_output("stream", name="stdout", text=f"{NOTE} {self.newer}\n"))


def newer_python(metadata):
    """학생이 채점하는 Python보다 새로운 것으로 저장했으면 할 말. 아니면 None입니다."""
    theirs = re.match(r"(\d+)\.(\d+)", str((metadata.get("language_info") or {}).get("version", "")))
    if not theirs or tuple(map(int, theirs.groups())) <= sys.version_info[:2]:
        return None
    ours = f"{sys.version_info.major}.{sys.version_info.minor}"
    return (
        f"이 노트북은 Python {theirs[0]}에서 저장했고 채점은 Python {ours}에서 했습니다. {theirs[0]}에서는 문법이 맞는 "
        f"셀일 수 있습니다. {ours}에서도 되는 문법으로 바꾸어 다시 내십시오."
    )


def told(outputs):
    """확인 셀의 출력에서 확인 함수가 한 말만 남깁니다. 확인하는 동안 답이 찍은 것은 실을 수 없습니다."""
    printed = "".join(output.text for output in outputs if output.output_type == "stream")
    errors = [output for output in outputs if output.output_type == "error"]
    passed = PASSED.findall(printed)
    lines = list(dict.fromkeys(passed))
    if errors and passed:
        lines = [f"{NOTE} 보이는 시험은 통과했지만, 다른 수로 다시 확인하니 틀렸습니다."]
    if len(printed.splitlines()) > len(passed) or any("data" in output for output in outputs):
        lines.append(f"{NOTE} 확인하는 동안 답이 찍은 것은 싣지 않았습니다.")
    kept = [new_output("stream", name="stdout", text="\n".join(lines) + "\n")] if lines else []
    if not errors and not passed:
        unheard = "확인 함수가 끝까지 실행되지 않았습니다."
        errors = [new_output("error", ename="Wrong", evalue=unheard, traceback=[f"아직 아닙니다. {unheard}"])]
    return kept + errors[-1:]
