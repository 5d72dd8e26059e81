"""학생의 코드가 낸 오류를 우리말로 옮깁니다. 혼자 공부할 때와 채점할 때 같은 말을 합니다."""

import ast
import linecache
import re
import traceback

LONGEST = 300  # 글자. 큰 배열을 통째로 담은 메시지는 줄입니다.
MEANINGS = {
    "AssertionError": "assert가 거짓",
    "AttributeError": "그런 속성이 없음",
    "FileNotFoundError": "없는 파일",
    "ImportError": "불러올 수 없는 이름",
    "IndentationError": "들여쓰기가 맞지 않음",
    "IndexError": "범위를 벗어난 번호",
    "KeyError": "없는 키",
    "LinAlgError": "풀 수 없는 행렬",
    "MemoryError": "메모리가 모자람",
    "ModuleNotFoundError": "설치되지 않은 꾸러미",
    "NameError": "정의하지 않은 이름",
    "NotImplementedError": "아직 쓰지 않은 코드",
    "OverflowError": "너무 큰 수",
    "PermissionError": "허락되지 않은 일",
    "RecursionError": "끝나지 않는 재귀",
    "StdinNotImplementedError": "채점하는 동안에는 입력을 받을 수 없음",
    "SyntaxError": "문법에 맞지 않음",
    "SystemExit": "프로그램을 끝내려 함",
    "TypeError": "자료형이나 인자의 수가 맞지 않음",
    "UnboundLocalError": "값을 넣기 전에 쓴 이름",
    "UsageError": "쓸 수 없는 매직 명령",
    "ValueError": "값이나 모양이 맞지 않음",
    "ZeroDivisionError": "0으로 나눔",
}
# 셀의 맨 앞에서 이름을 정하는 줄: 문법이 틀린 셀은 나무로 읽을 수 없어 글에서 찾습니다.
BINDS = re.compile(r"(?m)^(?:(?:async +)?(?:def|class) +(\w+)|(\w+(?: *, *\w+)*) *(?::[^=\n]*)?=(?!=))")


def explain(error):
    """오류의 이름과 뜻과 말, 학생의 셀에서 난 줄. 한 줄입니다."""
    at = places(error)
    where = f" {at[-1][0]}번째 줄{quoted(at[-1][1])}을 보십시오." if at else ""
    return f"{title(error)}{'.' if where and not title(error).endswith('.') else ''}{where}"


def title(error):
    known = (kind.__name__ for kind in type(error).__mro__ if kind.__name__ in MEANINGS)
    meaning = next((f"({MEANINGS[name]})" for name in known), "")
    said = error.msg if isinstance(error, SyntaxError) else str(error)
    said = f": {said[:LONGEST]}{'…' if len(said) > LONGEST else ''}" if said else ""
    return f"{type(error).__name__}이(가) 났습니다{meaning}{said}"


def places(error):
    """학생의 셀에서 지나간 줄 (번호, 글)의 목록. 노트북의 코드는 어디에서 열든 `__main__`에서 돕니다."""
    if isinstance(error, SyntaxError) and error.lineno:
        return [(error.lineno, (error.text or "").strip())]
    walked = traceback.walk_tb(error.__traceback__)
    cells = [(f.f_code.co_filename, at) for f, at in walked if f.f_globals.get("__name__") == "__main__"]
    return [(at, linecache.getline(name, at).strip()) for name, at in cells]


def quoted(text):
    return f" `{text}`" if text else ""


def bound(node):
    """맨 바깥의 문장이 정하는 이름."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {node.name}
    targets = getattr(node, "targets", []) if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    parts = [part for target in targets if target for part in ast.walk(target)]
    simple = isinstance(node, (ast.Assign, ast.AnnAssign))
    return {part.id for part in parts if simple and isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}


def written_names(source):
    """셀의 글이 정하려 한 이름."""
    return {name for found in BINDS.findall(source) for name in re.findall(r"\w+", "".join(found))}


def undefined(name, why=None):
    """확인 셀이 부르는 이름이 없을 때의 말. why는 그 이름을 정하려던 셀의 오류입니다."""
    hint = f"그 셀에서 {explain(why)}" if why else "답 셀을 실행했는지, 이름을 바꾸지 않았는지 보십시오."
    return f"답 셀에서 `{name}`을(를) 정의하지 않았습니다. {hint}"
