"""혼자 공부하는 사람의 노트북에서, 확인 셀의 앞뒤를 봅니다. IPython이 아니면 아무것도 하지 않습니다."""

import ast
import re
import sys

from .errors import bound, explain, places, undefined, written_names

CHECK = re.compile(r"(?m)^ch\d\d\.\w+\(")


def shell():
    return "IPython" in sys.modules and sys.modules["IPython"].get_ipython()


def unfinished():
    """바로 앞에 실행한 셀이 오류로 끝나, 확인 셀이 부르는 이름이 그 전에 정의한 것이면 그 까닭. 아니면 None입니다."""
    last = getattr(shell(), "last_execution_result", None)
    if not last or last.success:
        return None
    error = last.error_before_exec or last.error_in_exec
    left = written_names(last.info.raw_cell)
    if last.error_in_exec and (at := places(error)):
        nodes = ast.parse(shell().transform_cell(last.info.raw_cell)).body
        left = {name for node in nodes if node.end_lineno >= at[0][0] for name in bound(node)}
    used = left & set(re.findall(r"\w+", shell().history_manager.input_hist_raw[-1]))
    if not used:
        return None
    names = ", ".join(f"`{name}`" for name in sorted(used))
    return (
        f"바로 앞의 셀에서 {explain(error)} 그래서 {names}의 새 답이 없습니다. 오류를 고쳐 그 셀부터 다시 실행하십시오."
    )


def say_undefined(result):
    """확인 셀이 부르는 답이 없으면, 영어 오류 아래에 우리말로 덧붙입니다."""
    error = result.error_in_exec
    if isinstance(error, NameError) and len(places(error)) == 1 and CHECK.search(result.info.raw_cell):
        print(f"아직 아닙니다. {undefined(error.name)}")


def watch():
    """꾸러미를 다시 읽어도 한 번만 말하게 합니다."""
    if events := getattr(shell(), "events", None):
        before = [f for f in events.callbacks["post_run_cell"] if getattr(f, "__module__", "") == __name__]
        for callback in before:
            events.unregister("post_run_cell", callback)
        events.register("post_run_cell", say_undefined)
