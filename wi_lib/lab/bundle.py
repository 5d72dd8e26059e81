"""실험대의 JavaScript 모듈을 파일 하나로 묶습니다.

페이지는 파일에서도 열려야 하고(`file://`), 거기서는 모듈도 다른 파일의 워커도 부를 수 없습니다. 그래서 모듈마다 함수
하나로 감싸 이어 붙이고, 워커의 글은 그 함수들의 글을 모아 blob에서 엽니다. 함께 쓰는 모듈도 한 번만 싣습니다.
"""

import json
import re
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
IMPORT = re.compile(r'^import \{([^}]*)\} from "\./([\w-]+)\.js";\n', re.M)
EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const) (\w+))", re.M)

# 문자열, 템플릿(한 겹 안의 템플릿까지), 정규 표현식은 그대로 둡니다. 나눗셈은 빈칸이 뒤따라 정규 표현식과 다릅니다.
STRING = r'"(?:[^"\\\n]|\\.)*"' + r"|'(?:[^'\\\n]|\\.)*'"
TEMPLATE = r"`(?:[^`\\$]|\\.|\$(?!\{)|\$\{(?:[^{}`]|`[^`]*`|\{[^{}]*\})*\})*`"
REGEX = r"/(?![\s/*])(?:[^/\\\n\[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/"
COMMENT = re.compile(rf"({STRING}|{TEMPLATE}|{REGEX})|//.*|/\*[\s\S]*?\*/")
# 부호는 둘이 이어질 수 있어 그 곁의 빈칸을 남깁니다.
SPACE = re.compile(rf"({STRING}|{TEMPLATE}|{REGEX})|\s*([{{}}()\[\],;:=<>?&|!*%^~])\s*|\s+")


def order(name: str, known: list[str]) -> list[str]:
    """name과 그것이 부르는 모듈을, 부르는 것이 뒤에 오는 차례로."""
    for _, used in IMPORT.findall(source(name)):
        if used not in known:
            order(used, known)
    return [*known] if name in known else known.append(name) or known


def source(name: str) -> str:
    return (HERE / f"{name}.js").read_text(encoding="utf-8")


def shorten(code: str) -> str:
    """주석과 없어도 되는 빈칸을 뺍니다. 문장은 모두 쌍반점으로 끝나므로 줄바꿈도 빈칸입니다."""
    plain = COMMENT.sub(lambda found: found[1] or "", code)
    return SPACE.sub(lambda found: found[1] or found[2] or " ", plain)


def function(name: str) -> str:
    """모듈을 함수로. 내보낸 것은 모두 `$`에 모으고, 부르는 쪽은 거기서 꺼냅니다."""
    code = source(name)
    exported = ", ".join(EXPORT.findall(code))
    code = EXPORT.sub("", IMPORT.sub(r"const {\1} = $;\n", code))
    return f"($) => {{{shorten(code)}Object.assign($,{{{exported}}});}}"


def wrapped(name: str) -> str:
    return f"({function(name)})($);\n"


@cache
def engine() -> str:
    """워커가 도는 스크립트."""
    return '"use strict";\nconst $ = {};\n' + "".join(map(wrapped, order("worker", [])))


@cache
def page() -> str:
    """페이지에서 부르는 스크립트: `.wi-lab`마다 실험대를 차립니다."""
    return f'(() => {{\n"use strict";\n{loaded()}$.mountAll();\n}})();\n'


@cache
def module() -> str:
    """JupyterLab에서 anywidget이 부르는 모듈."""
    return f"{loaded()}export default {{ render: $.render }};\n"


def loaded() -> str:
    """모듈의 함수들과, 그 가운데 워커의 것을 모은 글 ENGINE. 그리고 페이지의 것을 차례로 부릅니다."""
    worker, shown = order("worker", []), order("lab", [])
    # 함께 쓰는 모듈이 앞에 오게 합니다.
    functions = "".join(f"{name}:{function(name)},\n" for name in dict.fromkeys([*worker, *shown]))
    parts = f"{json.dumps(worker)}.map((name) => `(${{MODULES[name]}})($);`)"
    return (
        f"const MODULES = {{\n{functions}}};\n"
        f"const ENGINE = ['\"use strict\";const $ = {{}};', ...{parts}].join('');\n"
        f"const $ = {{}};\nfor (const name of {json.dumps(shown)}) MODULES[name]($);\n"
    )


@cache
def css() -> str:
    """실험대의 모양. 페이지는 파일로, JupyterLab은 위젯과 함께 받습니다."""
    texts = ((HERE / name).read_text(encoding="utf-8") for name in ("lab.css", "views.css"))
    return re.sub(r"\s+", " ", re.sub(r"/\*[\s\S]*?\*/", "", "".join(texts)))
