"""답과 상관없는 줄이 옳은 답을 지우지 않고, 오류로 끝난 셀의 옛 답을 확인하지 않습니다. IPython 하나로 봅니다."""

import marshal
import sys

import pytest
from IPython.core.interactiveshell import InteractiveShell
from nbformat.v4 import new_code_cell, new_output
from traitlets.config import Config

from classroom.execution import GuardedExecute, newer_python, told
from classroom.shell import Lenient, salvage
from wi_check import Wrong
from wi_check.notebook import watch

SETUP = "import numpy as np\nimport wi_lib\nfrom wi_check import ch05\nSEED = 5"
CHECK = "ch05.he_std(he_std, seed=SEED)"
RIGHT = "def he_std(fan_in):\n    return np.sqrt(2 / fan_in)\n"
UNRELATED = [
    ("!pip install wi-lib", "1번째 줄의 문장을 건너뛰고"),
    ("%pip install torch", "1번째 줄의 문장을 건너뛰고"),
    ("!apt-get -qq install fonts-nanum", "`!apt-get -qq install fonts-nanum`"),
    ("files = !ls /content", "PermissionError"),
    ("%matplotlib widget", "%matplotlib widget 대신 inline으로"),
    ("%matplotlib qt", "%matplotlib qt 대신 inline으로"),
    ("%load_ext tensorboard", "ModuleNotFoundError이(가) 났습니다(설치되지 않은 꾸러미)"),
    ("%없는매직", "1번째 줄"),
    ("%cd /content/drive/MyDrive", "No such file"),
    ("import torch", "1번째 줄 `import torch`"),
    ("from google.colab import drive\ndrive.mount('/content/drive')", "1, 2번째 줄의 문장을 건너뛰고"),
    ("from wi_lib import nowhere", "ImportError이(가) 났습니다(불러올 수 없는 이름)"),
    ("import seaborn as sns; sns.set_theme()", "ModuleNotFoundError"),
    ("n = int(input('너비: '))", "1번째 줄"),
    ("print(없는_이름)", "NameError이(가) 났습니다(정의하지 않은 이름): name '없는_이름'"),
    ("exit()\nquit()", "exit()와 quit()는 건너뛰었습니다."),
    ("import sys\nsys.exit(1)", "SystemExit"),
    ("return 1", "SyntaxError"),
    ("답은 다음과 같습니다.", "`답은 다음과 같습니다.`은(는) 이 Python의 문법이 아니어서"),
    ("**풀이**: 2를 나눕니다", "건너뛰었습니다"),
    ("1. 첫째", "건너뛰었습니다"),
    ("```python", "건너뛰었습니다"),
    ("pip install torch", "건너뛰었습니다"),
    ("%%time", "%%time 없이"),
    ("%%timeit -n 1", "%%timeit 없이"),
    ("\n%%capture out", "%%capture 없이"),
]


class Shell(Lenient, InteractiveShell):
    def system(self, command):
        """채점하는 커널의 울타리처럼 막습니다."""
        raise PermissionError("채점하는 동안에는 쓸 수 없는 기능입니다: subprocess.Popen")

    def getoutput(self, command, **_options):
        self.system(command)


def started(kind):
    kind.clear_instance()
    shell = kind.instance(config=Config({"HistoryManager": {"hist_file": ":memory:"}}), colors="nocolor")
    watch()  # 노트북에서는 wi_check를 읽을 때
    shell.run_cell(SETUP)
    return shell


@pytest.fixture
def shell(monkeypatch):
    yield started(Shell)
    Shell.clear_instance()


@pytest.fixture
def alone():
    """강의자의 채점이 아니라 혼자 여는 노트북."""
    yield started(InteractiveShell)
    InteractiveShell.clear_instance()


def check(shell, code=CHECK):
    """채점이 하는 대로 확인하고, 통과하지 못한 까닭을 돌려줍니다."""
    try:
        shell.check(marshal.dumps(compile(code, "<확인>", "exec")))
    except Wrong as wrong:
        return str(wrong)
    return None


@pytest.mark.filterwarnings("ignore:To exit")
@pytest.mark.parametrize(("line", "says"), UNRELATED, ids=[line for line, _ in UNRELATED])
def test_an_unrelated_line_costs_nothing_and_is_told(shell, capsys, line, says):
    shell.run_cell(f"{line}\n{RIGHT}")
    assert says in capsys.readouterr().out
    assert check(shell) is None


@pytest.mark.filterwarnings("ignore:To exit")
@pytest.mark.parametrize("line", [line for line, _ in UNRELATED if not line.strip().startswith("%%")])
def test_an_unrelated_line_below_costs_nothing(shell, line):
    shell.run_cell(f"{RIGHT}\n{line}")
    assert check(shell) is None


BROKEN = [
    "def he_std(fan_in)\n    return np.sqrt(2 / fan_in)",
    "def he_std(fan_in):\nreturn np.sqrt(2 / fan_in)",
    "def he_std(fan_in):\n    return np.sqrt(2 / fan_in",
    "def he_std(fan_in):\n    설명을 여기에 적음\n    return np.sqrt(2 / fan_in)",
    "he_std = lambda fan_in: np.sqrt(2 / fan_in) )",
    "@cache of mine\ndef he_std(fan_in):\n    return np.sqrt(2 / fan_in)",
]


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_answer_is_said_and_nothing_older_is_judged(shell, broken):
    """답의 문법이 틀리면 고쳐 읽지 않고, 앞의 셀에 옳은 것이 있어도 그것을 채점하지 않습니다."""
    assert salvage(broken) == (broken, [])
    shell.run_cell(RIGHT)
    shell.run_cell(broken)
    # 오류로 끝난 것이 답 셀이 아니라 학생이 더 만든 셀이면 앞의 답은 그대로입니다.
    assert check(shell) is None
    shell.run_cell("get_ipython().forget()")
    said = check(shell)
    assert said.startswith("답 셀에서 `he_std`을(를) 정의하지 않았습니다. 그 셀에서 ")
    assert "번째 줄 `" in said


def test_a_failed_assignment_does_not_leave_the_older_value(shell):
    shell.run_cell(RIGHT)
    shell.run_cell("he_std = 없는_이름\nafter = 1")
    shell.run_cell("get_ipython().forget()")
    assert "그 셀에서 NameError" in check(shell)
    assert shell.user_ns["after"] == 1


def test_a_missing_answer_is_named(shell):
    assert (
        check(shell)
        == "답 셀에서 `he_std`을(를) 정의하지 않았습니다. 답 셀을 실행했는지, 이름을 바꾸지 않았는지 보십시오."
    )


def test_the_check_leaves_no_names(shell):
    """확인 셀이 정한 이름은 뒤의 셀이 찍어 볼 수 없습니다."""
    shell.run_cell(RIGHT)
    assert check(shell, f"hidden_seed = 31415\n{CHECK.replace('SEED', 'hidden_seed')}") is None
    assert "hidden_seed" not in shell.user_ns


def test_a_stopped_cell_keeps_only_its_definitions(shell):
    """시간이 다해 멈춘 셀의 아래에서는 함수만 정의합니다. 나머지까지 실행하면 다음 셀의 시간을 씁니다."""
    shell.run_cell(f"raise KeyboardInterrupt\nafter = 1\n{RIGHT}")
    assert "after" not in shell.user_ns
    assert check(shell) is None


def test_alone_the_older_answer_is_not_judged(alone, capsys):
    alone.run_cell(CHECK, store_history=True)
    assert "아직 아닙니다. 답 셀에서 `he_std`을(를) 정의하지 않았습니다." in capsys.readouterr().out
    for broken in (BROKEN[0], "he_std = 1 / 0"):
        alone.run_cell(RIGHT, store_history=True)
        alone.run_cell(broken, store_history=True)
        ran = alone.run_cell(CHECK, store_history=True)
        assert not ran.success
        assert "그래서 `he_std`의 새 답이 없습니다." in str(ran.error_in_exec)
    # 확인하는 이름을 정한 다음에 났거나 그 이름과 상관없는 오류는 답을 막지 않습니다.
    for other in ("1 / 0", "x = 1 / 0", f"{RIGHT}\n없는_이름"):
        alone.run_cell(RIGHT, store_history=True)
        alone.run_cell(other, store_history=True)
        assert alone.run_cell(CHECK, store_history=True).success, other


RAISING = {
    "return missing / fan_in": "NameError이(가) 났습니다(정의하지 않은 이름): name 'missing'",
    "return fan_in[0]": "TypeError이(가) 났습니다(자료형이나 인자의 수가 맞지 않음)",
    "return 1 / 0": "ZeroDivisionError이(가) 났습니다(0으로 나눔): division by zero",
    "return np.linalg.inv(np.zeros((2, 2)))": "LinAlgError이(가) 났습니다(풀 수 없는 행렬): Singular matrix",
    "return he_std(fan_in)": "RecursionError이(가) 났습니다(끝나지 않는 재귀)",
    "raise SystemExit(2)": "SystemExit이(가) 났습니다(프로그램을 끝내려 함): 2",
}


@pytest.mark.parametrize("line", RAISING)
def test_an_answer_that_raises_is_told_in_korean_with_its_line(alone, line):
    """혼자 공부할 때와 채점할 때 같은 말을 듣습니다."""
    alone.run_cell(f"# 첫 줄\ndef he_std(fan_in):\n    {line}")
    said = str(alone.run_cell(CHECK).error_in_exec)
    assert said.startswith(f"`he_std`을(를) 부르니 {RAISING[line]}")
    assert said.endswith(f"3번째 줄 `{line}`을 보십시오.")


def test_a_newer_python_is_named():
    """3.12의 f-문자열처럼 학생의 Python만 아는 문법은 그렇게 말합니다."""
    newer = f"3.{sys.version_info.minor + 1}.2"
    assert f"Python 3.{sys.version_info.minor + 1}에서 저장했고" in newer_python({"language_info": {"version": newer}})
    for version in ("3.8.10", "", "3.x", None, sys.version.split()[0]):
        assert newer_python({"language_info": {"version": version}}) is None
    assert newer_python({}) is None
    executor = GuardedExecute()
    executor.newer = "새 Python"
    for outputs, told_so in (
        ([new_output("error", ename="SyntaxError", evalue="", traceback=[])], True),
        ([new_output("stream", text="[채점] 1번째 줄은(는) 이 Python의 문법이 아니어서 건너뛰었습니다.")], True),
        ([new_output("error", ename="NameError", evalue="", traceback=[])], False),
    ):
        cell = new_code_cell(outputs=outputs)
        executor.tell_newer_python(cell)
        assert ("새 Python" in str(cell.outputs)) == told_so


def test_only_the_checks_own_words_are_kept():
    """확인하는 동안 답이 찍은 것은 점수도 바꾸지 못하고 평가에도 실리지 않습니다."""
    outputs = [
        new_output("stream", name="stderr", text="경고: 31415\n"),
        new_output("stream", text="31415\n1번: 통과했습니다.\n"),
        new_output("execute_result", data={"text/plain": "0.5"}),
    ]
    kept = told(outputs)
    assert [output.output_type for output in kept] == ["stream"]
    assert kept[0].text == "1번: 통과했습니다.\n[채점] 확인하는 동안 답이 찍은 것은 싣지 않았습니다.\n"
    wrong = new_output("error", ename="Wrong", evalue="작습니다.", traceback=["아직 아닙니다. 작습니다."])
    kept = told([new_output("stream", text="1번: 통과했습니다.\n"), wrong])
    assert kept[0].text == "[채점] 보이는 시험은 통과했지만, 다른 수로 다시 확인하니 틀렸습니다.\n"
    assert kept[1] == wrong
    assert told([new_output("stream", text="1번: 통과했습니다.\n" * 2)])[0].text == "1번: 통과했습니다.\n"
    # 확인 함수가 아무 말도 하지 않았으면 통과한 것이 아닙니다.
    assert [output.output_type for output in told([])] == ["error"]
