"""실험대의 JavaScript 모듈을 파일 하나로 묶습니다.

페이지는 파일에서도 열려야 하고(`file://`), 거기서는 모듈도 다른 파일의 워커도 부를 수 없습니다. 그래서 모듈마다 함수
하나로 감싸 이어 붙이고, 워커의 글은 문자열로 넣어 blob에서 엽니다.
"""

import json
import re
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
IMPORT = re.compile(r'^import \{([^}]*)\} from "\./([\w-]+)\.js";\n', re.M)
EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const) (\w+))", re.M)
# `*`로 시작하는 줄 가운데 제너레이터(`*step() {`)는 주석이 아닙니다.
COMMENT = re.compile(r"^ *(?://|/\*|\*(?=[ /\n])).*\n", re.M)


def order(name: str, known: list[str]) -> list[str]:
    """name과 그것이 부르는 모듈을, 부르는 것이 뒤에 오는 차례로."""
    for _, used in IMPORT.findall(source(name)):
        if used not in known:
            order(used, known)
    return [*known] if name in known else known.append(name) or known


def source(name: str) -> str:
    return (HERE / f"{name}.js").read_text(encoding="utf-8")


def wrapped(name: str) -> str:
    """모듈을 감싼 함수. 내보낸 것은 모두 `$`에 모으고, 부르는 쪽은 거기서 꺼냅니다."""
    code = COMMENT.sub("", source(name))
    exported = ", ".join(EXPORT.findall(code))
    code = EXPORT.sub("", IMPORT.sub(r"const {\1} = $;\n", code))
    return f"(() => {{\n{code}Object.assign($, {{ {exported} }});\n}})();\n"


def joined(name: str) -> str:
    return "const $ = {};\n" + "".join(map(wrapped, order(name, [])))


@cache
def engine() -> str:
    """워커가 도는 스크립트."""
    return f'"use strict";\n{joined("worker")}'


@cache
def page() -> str:
    """페이지에서 부르는 스크립트: `.wi-lab`마다 실험대를 차립니다."""
    return f'(() => {{\n"use strict";\n{constants()}{joined("lab")}$.mountAll();\n}})();\n'


@cache
def module() -> str:
    """JupyterLab에서 anywidget이 부르는 모듈."""
    return f"{constants()}{joined('lab')}export default {{ render: $.render }};\n"


def constants() -> str:
    css = "".join((HERE / name).read_text(encoding="utf-8") for name in ("lab.css", "views.css"))
    texts = {"ENGINE": engine(), "CSS": css}
    return "".join(f"const {name} = {json.dumps(text, ensure_ascii=False)};\n" for name, text in texts.items())
