"""긴 글에서 화면에 올릴 문장을 고르고 그 높이를 어림합니다. 슬라이드를 만드는 publish/slides.py가 씁니다."""

import math
import re

LABEL = re.compile(r"(\d+\. ?)?(\*\*(?!판정)[^*]{1,14}\.\*\*)?")
UNSPLIT = re.compile(r"\$[^$]+\$|`[^`]+`|\[[^\]]*\]\([^)]*\)")
ENDING = re.compile(r"(?<=[가-힣)”\"*\1%]\.)\s+|(?<=[?!])\s+|(?<=[.?!][”\"*)])\s+|(?<=[.?!]\*\*)\s+")


def sentences(text):
    """문장으로 나눕니다. 식과 코드와 괄호와 굵은 글씨의 안에서도, "**언제 쓰나.**" 같은 이름 뒤에서도 나누지 않습니다.

    >>> sentences("답은 (가)입니다. **크기.** $0.5. x$배입니다. 큽니다.")
    ['답은 (가)입니다.', '**크기.** $0.5. x$배입니다.', '큽니다.']
    """
    kept = []

    def hide(match):
        kept.append(match[0])
        return f"\0{len(kept) - 1}\1"

    found, current = [], ""
    for piece in ENDING.split(UNSPLIT.sub(hide, text)):
        current = f"{current} {piece}".strip()
        if current.count("**") % 2 == 0 and current.count("(") <= current.count(")") and not LABEL.fullmatch(current):
            found.append(current)
            current = ""
    found += [current] if current else []
    return [re.sub("\0(\\d+)\1", lambda match: kept[int(match[1])], sentence) for sentence in found]


def is_answer(sentence):
    return bool(re.match(r"(예상 문제의 )?답은 ", sentence))


def is_key(sentence):
    """어디에 있든 화면에 올릴 문장: 판정, 예상의 답, 지은이가 굵게 적은 말."""
    return "**" in sentence or is_answer(sentence)


def is_verdict(sentence):
    return sentence.startswith("**판정")


def chosen(found, limit):
    """화면에 올릴 문장의 차례: 앞에서 limit자까지와, 어디에 있든 중요한 것."""
    keep, used = set(), 0
    for i, sentence in enumerate(found):
        used += len(sentence)
        if is_key(sentence) or (limit and (i == 0 or used <= limit)):
            keep.add(i)
        if i and is_verdict(found[i - 1]):
            keep.add(i)
    return sorted(keep)


def rows(found, keep):
    """고른 문장을 한 줄씩. 판정은 그 까닭과 한 상자에 두고, 예상의 답은 굵게 적습니다."""
    made = []
    for i in keep:
        if is_verdict(found[i]):
            made.append(f"> {found[i]}")
        elif made and i - 1 in keep and is_verdict(found[i - 1]):
            made[-1] += f" {found[i]}"
        else:
            strong = "**" if is_answer(found[i]) and "**" not in found[i] else ""
            made.append(f"{strong}{found[i]}{strong}")
    return made


def options(text):
    """한 문단에 이어 적은 보기 (가) (나)나 ① ②를 한 문단에 하나씩 둡니다.

    >>> options("얼마일까요? (가) 1배 (나) 2배").splitlines()
    ['얼마일까요?', '', '(가) 1배', '', '(나) 2배']
    """
    for mark in (r"\([가나다라마]\) ", r"[①②③④⑤] "):
        question, *choices = re.split(rf"(?:^|\s+)(?={mark})", text)
        if len(choices) > 1:
            return "\n\n".join([question, *choices]).strip()
    return text


def columns(text):
    """글의 너비. 한글 한 자가 1이고 라틴 문자는 절반쯤입니다. TeX의 명령은 글자 하나로 셉니다."""
    shown = re.sub(r"\\(?:text|mathrm|mathbb|[td]?frac)\b|[*`${}]", "", text)
    shown = re.sub(r"\\[a-zA-Z]+", "x", shown)
    return sum(1 if ord(letter) > 0x1100 else 0.55 for letter in shown)


def height(text, width):
    """한 줄에 한글 width자가 드는 자리에서 글이 차지하는 줄의 수."""
    return sum(max(1, math.ceil(columns(row) / width)) for row in text.splitlines() if row.strip())
