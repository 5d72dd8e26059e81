"""학생의 손이 노트북에 하는 일. 새로 찾은 것은 표에 한 줄을 더합니다."""

import copy

import nbformat


def cell(notebook, name):
    return next(each for each in notebook.cells if each.id == name)


def place(notebook, name):
    return notebook.cells.index(cell(notebook, name))


def new(source, kind="code"):
    make = nbformat.v4.new_code_cell if kind == "code" else nbformat.v4.new_markdown_cell
    return make(source)


def moved_out(name, after, kind="code", stub=None):
    """name의 답을 after의 아래 새 셀에 쓰고, 답 셀은 받은 그대로(stub) 둡니다."""

    def edit(notebook, stubs):
        answer = cell(notebook, name)
        notebook.cells.insert(place(notebook, after) + 1, new(answer.source, kind))
        answer.source = stubs[name] if stub is None else stub

    return edit


def pasted(name):
    """잘라서 다시 붙임: 코드는 같고 표시와 id를 잃었습니다."""

    def edit(notebook, stubs):
        at = place(notebook, name)
        notebook.cells[at] = new(notebook.cells[at].source, notebook.cells[at].cell_type)

    return edit


def split(name, at, marked):
    """답 셀을 둘로 나눔. JupyterLab은 둘 다에 표시를 남깁니다(nbgrader #1083)."""

    def edit(notebook, stubs):
        answer = cell(notebook, name)
        lines = answer.source.split("\n")
        second = new("\n".join(lines[at:]), answer.cell_type)
        if marked:
            second.metadata = copy.deepcopy(answer.metadata)
        notebook.cells.insert(place(notebook, name) + 1, second)
        answer.source = "\n".join(lines[:at])

    return edit


def merged(kept, gone):
    """두 셀을 하나로 합침."""

    def edit(notebook, stubs):
        first, second = sorted((kept, gone), key=lambda name: place(notebook, name))
        text = f"{cell(notebook, first).source}\n\n{cell(notebook, second).source}"
        notebook.cells.remove(cell(notebook, gone))
        cell(notebook, kept).source = text

    return edit


def rewritten(name, change):
    def edit(notebook, stubs):
        cell(notebook, name).source = change(cell(notebook, name).source)

    return edit


def copied(change):
    """답 셀을 베껴 아래에 붙이고 위의 것은 옛 답으로 둠."""

    def edit(notebook, stubs):
        answer = cell(notebook, "answer-1")
        notebook.cells.insert(place(notebook, "answer-1") + 1, nbformat.from_dict({**answer, "id": "copy"}))
        answer.source = change(answer.source)

    return edit


def typed(name, kind):
    def edit(notebook, stubs):
        answer = cell(notebook, name)
        notebook.cells[place(notebook, name)] = nbformat.from_dict(
            {"cell_type": kind, "id": name, "metadata": answer.metadata, "source": answer.source}
        )

    return edit


def with_helper(notebook, stubs):
    """확인 셀의 아래에 도움 함수와, 그것을 기본값으로 쓰는 답."""
    moved_out("answer-1", "check-1")(notebook, stubs)
    at = place(notebook, "check-1") + 1
    notebook.cells[at].source = notebook.cells[at].source.replace("fan_in)", "fan_in, two=two())", 1)
    notebook.cells.insert(at, new("def two():\n    return 2"))


def written_in(name, question):
    """답을 문제 셀(Colab에서는 고칠 수 있습니다)에 이어 씀."""

    def edit(notebook, stubs):
        cell(notebook, question).source += "\n\n" + cell(notebook, name).source
        cell(notebook, name).source = stubs[name]

    return edit


def in_code_cell(notebook, stubs):
    """설명을 새 코드 셀에 적음. 새 셀은 코드 셀로 생깁니다."""
    moved_out("answer-5", "answer-5")(notebook, stubs)


ELSEWHERE, JOINED, LAST = (
    "답이 다른 셀에 있어 그 셀을 채점했습니다",
    "둘로 나뉜 셀을 이었습니다",
    "마지막 것을 채점했습니다",
)
LETTERS = "붙여 넣은 보이지 않는 글자나 전각 기호를 고쳤습니다"
# 학생의 손이 하는 일 → (노트북을 고치는 함수, 평가의 맨 앞에 적을 말). 모두 답을 찾아 채점합니다.
EDITED = {
    "잘라 붙인 코드": (pasted("answer-1"), ELSEWHERE),
    "잘라 붙인 설명": (pasted("answer-5"), ELSEWHERE),
    "답 셀의 아래 새 셀에 쓴 코드": (moved_out("answer-1", "answer-1"), ELSEWHERE),
    "답 셀의 위 새 셀에 쓴 코드": (moved_out("answer-1", "question-1"), ELSEWHERE),
    "답 셀을 비우고 새 셀에 쓴 코드": (moved_out("answer-1", "answer-1", stub=""), ELSEWHERE),
    "확인 셀의 아래에 쓴 코드": (moved_out("answer-1", "check-1"), ELSEWHERE),
    "맨 끝에 쓴 코드": (moved_out("answer-1", "answer-5"), ELSEWHERE),
    "글 셀에 쓴 코드": (moved_out("answer-1", "answer-1", "markdown"), ELSEWHERE),
    "도움 함수와 함께 확인 셀의 아래에": (with_helper, ELSEWHERE),
    "답 셀의 아래 새 셀에 쓴 설명": (moved_out("answer-5", "answer-5", "markdown"), ELSEWHERE),
    "문제의 아래 새 셀에 쓴 설명": (moved_out("answer-5", "question-5", "markdown"), ELSEWHERE),
    "코드 셀에 쓴 설명": (in_code_cell, ELSEWHERE),
    "문제 셀에 이어 쓴 설명": (written_in("answer-5", "question-5"), ELSEWHERE),
    "확인 셀에 이어 쓴 코드": (written_in("answer-1", "check-1"), ELSEWHERE),
    "확인 셀과 합침": (merged("answer-1", "check-1"), "check-1: 지워진 셀을 되살렸습니다"),
    "문제 셀에 합쳐 넣음": (merged("question-1", "answer-1"), ELSEWHERE),
    "확인 셀에 합쳐 넣음": (merged("check-1", "answer-1"), ELSEWHERE),
    "함수의 가운데에서 나눔, 표시는 둘 다": (split("answer-1", 1, True), JOINED),
    "함수의 가운데에서 나눔, 표시는 앞에만": (split("answer-1", 1, False), JOINED),
    "함수의 앞에서 나눔": (split("answer-1", 0, False), ELSEWHERE),
    "설명을 나눔": (split("answer-5", 1, True), JOINED),
    "베껴 놓고 아래 것을 고침": (copied(lambda code: code.split(":\n")[0] + ":\n    return 0"), LAST),
    "코드 셀을 글 셀로 바꿈": (typed("answer-1", "markdown"), ""),
    "설명 셀을 raw로 바꿈": (typed("answer-5", "raw"), ""),
    "코드에 줄바꿈 없는 빈칸": (rewritten("answer-1", lambda code: code.replace("    ", " \u00a0\u00a0 ")), LETTERS),
    "코드에 너비 없는 글자": (
        rewritten("answer-1", lambda code: code.replace("return", "\u200breturn\ufeff")),
        LETTERS,
    ),
    "코드에 전각 괄호": (rewritten("answer-1", lambda code: code.replace("(", "（").replace(")", "）")), LETTERS),
    "코드에 전각 빈칸": (rewritten("answer-1", lambda code: code.replace("    ", "\u3000\u3000")), LETTERS),
}
