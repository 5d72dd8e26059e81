"""스타일시트에서 책의 페이지가 쓰는 규칙만 남깁니다.

선택자에 나오는 class, id, 태그가 어느 페이지에도 스크립트에도 없으면 그 규칙은 뺍니다. 낱말이 우연히 같아서 남는 것은
괜찮지만 쓰는 것이 빠져서는 안 되므로, 스크립트에서는 낱말을 모두 이름으로 칩니다.
"""

import functools
import re

import tinycss2

NAME = re.compile(r"[\w-]+")
NEGATED = re.compile(r":not\((?:[^()]|\([^()]*\))*\)")
ATTRIBUTE = re.compile(r"\[[^\]]*\]")
# .class, #id, 태그. 앞에 :가 붙은 것은 의사 클래스라 세지 않습니다.
PART = re.compile(r"(?<![\w:\\-])[.#]?-?[a-zA-Z_](?:[\w-]|\\.)*")


def vocabulary(pages, scripts):
    """페이지의 태그, class, id와 스크립트의 모든 낱말."""
    names = set(NAME.findall(" ".join(scripts)))
    for text in pages:
        names.update(re.findall(r"<([a-zA-Z][\w-]*)", text))
        for values in re.findall(r'\b(?:class|id)="([^"]*)"', text):
            names.update(values.split())
    return names | {"html", "root"}


def is_used(selector, names):
    bare = re.sub(r"::?[\w-]+(?:\([^()]*\))?", " ", ATTRIBUTE.sub("", NEGATED.sub("", selector)))
    return all(part.lstrip(".#").replace("\\", "") in names for part in PART.findall(bare))


def split(selectors):
    """괄호 밖의 쉼표에서 나눕니다."""
    return re.split(r",(?![^()]*\))", selectors)


def keep(rules, names):
    kept = []
    for rule in rules:
        if rule.type == "error":
            raise ValueError(f"스타일시트를 읽지 못했습니다: {rule.message}")
        if rule.type == "qualified-rule":
            used = [selector for selector in split(tinycss2.serialize(rule.prelude)) if is_used(selector, names)]
            if used:
                body = tinycss2.serialize(rule.content)
                kept.append(f"{','.join(part.strip() for part in used)}{{{body.strip()}}}")
        elif rule.type == "at-rule":
            head = f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude).rstrip()}"
            if rule.content is None:
                kept.append(head + ";")
            elif rule.at_keyword in ("media", "supports", "layer", "container"):
                inner = tinycss2.parse_blocks_contents(rule.content, skip_comments=True, skip_whitespace=True)
                if body := keep(inner, names):
                    kept.append(f"{head}{{{body}}}")
            elif rule.at_keyword != "font-face":
                # 책은 기기의 글꼴만 씁니다. @font-face는 테마의 아이콘 글꼴뿐입니다.
                kept.append(f"{head}{{{tinycss2.serialize(rule.content)}}}")
    return "".join(kept)


DEFINED = re.compile(r"(?<=[{;])\s*(--[\w-]+)\s*:[^;{}]*(?:;|(?=\}))")


def without_unused_variables(css, scripts):
    """아무도 읽지 않는 --변수를 뺍니다. 하나를 빼면 그것이 읽던 변수도 남을 까닭이 없어지므로 되풀이합니다."""
    while True:
        read = {*re.findall(r"var\(\s*(--[\w-]+)", css), *re.findall(r"--[\w-]+", scripts)}
        lighter = DEFINED.sub(functools.partial(defined, read), css)
        if lighter == css:
            return css
        css = lighter


def defined(read, found):
    return found[0] if found[1] in read else ""


def shorten(css, pages, scripts):
    rules = tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True)
    kept = keep(rules, vocabulary(pages, scripts))
    return re.sub(r"\s+", " ", without_unused_variables(kept, " ".join(scripts)))
