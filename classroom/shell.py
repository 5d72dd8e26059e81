"""낸 답의 셀을 실행하는 IPython. 답과 상관없는 줄 하나 때문에 옳은 함수를 잃지 않게 하고, 건너뛴 것은 말합니다.

- 오류를 낸 문장 아래의 문장도 실행합니다. 설치, 매직, 없는 꾸러미, 잘못 부른 이름이 그 아래의 함수를 지우지 않습니다.
- 아무 이름도 정하지 않는 맨 바깥의 한 줄이 문법에 맞지 않으면(섞여 든 설명) 주석으로 둡니다.
- 답 셀에서 실행되지 못한 이름은 지웁니다(`forget`). 확인 셀이 그 전에 정의한 것을 보아서는 안 됩니다.
"""

import ast
import keyword
import re
from marshal import loads  # 학생의 코드가 marshal을 바꾸어 놓아도 처음 것을 씁니다.

from wi_check.errors import bound, explain, places, quoted, title, undefined, written_names

# 셀을 재거나 출력을 감출 뿐인 셀 매직. %%timeit은 셀이 정의한 것을 버립니다.
AROUND = re.compile(r"\A(\s*)(%%(?:time|timeit|prun|capture)\b)")
QUICK = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
NOTE, OTHER_SYNTAX, DEEPEST = "[채점]", "이 Python의 문법이 아니어서", 5


def defines_nothing(line):
    """정하는 것도 없고 다른 줄로 이어지지도 않는, 맨 바깥의 한 줄인지."""
    if not line.strip() or line[0].isspace() or line[0] == "@" or "=" in line:
        return False
    return re.match(r"\w*", line)[0] not in keyword.kwlist and not line.rstrip().endswith((":", "\\", "(", "[", "{"))


def salvage(code):
    """(실행할 글, 주석으로 둔 줄의 목록). 다른 줄의 문법까지 틀렸으면 아무것도 바꾸지 않습니다."""
    lines, skipped = code.splitlines(), []
    while True:
        try:
            compile("\n".join(lines), "<답>", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        except (SyntaxError, ValueError) as error:  # 널 문자는 ValueError입니다.
            at = (getattr(error, "lineno", None) or 0) - 1
            if not (0 <= at < len(lines) and defines_nothing(lines[at])):
                return code, []
            skipped.append((at + 1, lines[at]))
            lines[at] = f"# {lines[at]}"
        else:
            return "\n".join(lines) + "\n", skipped


class Lenient:
    """IPython의 셸에 섞어 쓰는 것."""

    def __init__(self, *arguments, **keywords):
        self.notes, self.written, self.unfinished = [], [], {}
        super().__init__(*arguments, **keywords)

    def note(self, text):
        print(f"{NOTE} {text}")

    def transform_cell(self, raw_cell):
        # ipykernel은 셀 하나에 두 번 부르므로, 할 말은 실행할 때 합니다.
        plain, self.written = AROUND.sub(r"\1# \2", raw_cell), raw_cell.splitlines()
        code, skipped = salvage(super().transform_cell(plain))
        around = AROUND.match(raw_cell)
        self.notes = [f"{around[2]} 없이 셀을 실행했습니다."] if around else []
        for at, line in skipped:
            self.notes.append(f"{at}번째 줄{quoted(line.strip())}은(는) {OTHER_SYNTAX} 건너뛰었습니다.")
        return code

    async def run_ast_nodes(self, nodelist, cell_name, interactivity="last_expr", compiler=compile, result=None):
        first, skipped, result.left = None, [], {}
        for note in self.notes:
            self.note(note)
        while nodelist:
            result.error_before_exec = result.error_in_exec = None
            if not await super().run_ast_nodes(list(nodelist), cell_name, interactivity, compiler, result):
                break
            error = result.error_before_exec or result.error_in_exec
            first = first or error
            at = places(error)
            stopped = next((i for i, node in enumerate(nodelist) if at and node.end_lineno >= at[0][0]), None)
            if stopped is None:
                break
            result.left |= dict.fromkeys(bound(nodelist[stopped]), error)
            nodelist = nodelist[stopped + 1 :]
            # 시간이 다해 멈추게 한 셀에서는 곧 끝나는 것만 이어서 실행합니다.
            if isinstance(error, KeyboardInterrupt):
                nodelist = [node for node in nodelist if isinstance(node, QUICK)]
            skipped += [str(at[0][0])] if nodelist else []
        if skipped:
            self.note(f"{', '.join(skipped)}번째 줄의 문장을 건너뛰고 그 아래를 이어서 실행했습니다.")
        result.error_before_exec, result.error_in_exec = None, first
        return first is not None

    def forget(self):
        """바로 앞의 셀이 답 셀일 때 부릅니다. 오류로 정하지 못한 이름의 옛 값을 지웁니다."""
        last = self.last_execution_result
        left = getattr(last, "left", {})
        if last.error_before_exec:
            left = dict.fromkeys(written_names(last.info.raw_cell), last.error_before_exec)
        self.unfinished |= left
        for name in left:
            self.user_ns.pop(name, None)

    def enable_matplotlib(self, gui=None):
        if gui not in (None, "inline"):
            self.note(f"%matplotlib {gui} 대신 inline으로 그렸습니다.")
        return super().enable_matplotlib("inline")

    def ask_exit(self):
        self.note("exit()와 quit()는 건너뛰었습니다.")

    def _showtraceback(self, etype, evalue, stb):
        if not hasattr(evalue, "_render_traceback_"):
            stb = [title(evalue), *(f"  {at}번째 줄{self.shown(at, text)}" for at, text in places(evalue)[-DEEPEST:])]
        super()._showtraceback(etype, evalue, stb)

    def shown(self, at, text):
        """IPython이 바꾸어 실행한 줄(`!…`, `%…`)은 학생이 쓴 대로."""
        changed = text.startswith("get_ipython().") and at <= len(self.written)
        return quoted(self.written[at - 1].strip() if changed else text)

    def check(self, payload):
        """확인 셀을 실행합니다. 셀의 글은 이 프로세스에 오지 않고, 셀이 정한 이름은 답의 이름 공간에 남지 않습니다."""
        from wi_check import Wrong

        try:
            exec(loads(payload), dict(self.user_ns))
        except BaseException as error:
            raise Wrong(self.reason(error)) from None

    def reason(self, error):
        if hasattr(error, "_render_traceback_"):
            return str(error)
        # 확인 셀에서 바로 난 NameError: 답의 이름이 없습니다.
        if isinstance(error, NameError) and error.__traceback__.tb_next.tb_next is None:
            return undefined(error.name, self.unfinished.get(error.name))
        return f"답을 확인하다가 {explain(error)}"
