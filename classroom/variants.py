"""문제지의 수를 학기의 비밀에서 정합니다. 비밀은 어디에도 적지 않으며, 같은 비밀은 언제나 같은 문제지를 만듭니다."""

import ast
import hashlib
import hmac
import re

VARIANT = re.compile(r"(?m)^([ \t]*\w+ = )(.+?)  # variant: (.+)$")


def options(rule):
    """`# variant:` 뒤의 규칙이 허락하는 값: "100..400"은 정수의 범위, 나머지는 쉼표로 나눈 값의 목록입니다."""
    if ends := re.fullmatch(r"(\d+)\.\.(\d+)", rule.strip()):
        return range(int(ends[1]), int(ends[2]) + 1)
    return [ast.literal_eval(value) for value in rule.split(",")]


def choose(rule, published, message, secret):
    """규칙이 허락하는 값 하나. 책에 실린 수는 뽑지 않으므로, 책의 풀이가 구한 값은 이번 문제지에 맞지 않습니다."""
    number = int.from_bytes(hmac.digest(secret.encode(), message.encode(), hashlib.sha256))
    allowed = [option for option in options(rule) if option != published]
    return allowed[number % len(allowed)]


def vary(notebook, name, secret):
    """`# variant:`가 붙은 줄의 수를 secret에서 정하고 그 주석을 지웁니다. secret이 비었으면 적힌 수를 그대로 둡니다."""

    def replace(cell, match):
        assigned, value, rule = match.groups()
        if not secret:
            return assigned + value
        # 비밀을 모르면 다른 줄의 수를 보아도 이 줄의 수를 알 수 없습니다.
        message = f"{name}/{cell.id}/{assigned.strip()}"
        return f"{assigned}{choose(rule, ast.literal_eval(value), message, secret)!r}"

    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source = VARIANT.sub(lambda match, cell=cell: replace(cell, match), cell.source)
    return notebook
