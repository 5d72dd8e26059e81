"""페이지의 문단에서 화면에 올릴 문장을 고릅니다. 슬라이드를 만드는 publish/slides.py가 씁니다."""

import html
import re

VERDICT = "<strong>판정"
ANSWER = re.compile(r"(예상 문제의 )?답은 ")
# 문단 안의 요소는 표로 바꾸어 두므로 그 안에서는 나누지 않습니다. 표의 끝이 \2이면 그 요소의 글에서 문장이 끝났습니다.
ENDING = re.compile(r"(?<=[가-힣)”\"\1%]\.)\s+|(?<=[?!\2])\s+|(?<=[.?!][”\")])\s+")
MARK = re.compile("\0(\\d+)[\1\2]")


def split(paragraph, pattern):
    """문단의 HTML을 pattern에서 나눈 목록. 수식, 코드, 링크, 굵은 글씨의 안은 나누지 않습니다."""
    kept, text = [], ""
    for child in paragraph.children:
        if child.name is None:
            text += html.escape(child, quote=False)
            continue
        # "**크기.**"처럼 문장의 이름인 굵은 글씨는 뒤의 문장과 함께 둡니다.
        words = child.get_text()
        ends = child.name == "strong" and words[-1] in ".?!" and (len(words) > 15 or words.startswith("판정"))
        text += f"\0{len(kept)}" + ("\2" if ends else "\1")
        kept.append(str(child))
    return [MARK.sub(lambda mark: kept[int(mark[1])], piece) for piece in re.split(pattern, text.strip())]


def sentences(paragraph):
    """문장의 목록. 괄호 안에서는 나누지 않습니다.

    >>> from bs4 import BeautifulSoup
    >>> text = "<p>답은 (가)입니다. <strong>크기.</strong> <i>x. y</i>배(아닙니다. 반입니다.)입니다. 큽니다.</p>"
    >>> sentences(BeautifulSoup(text, "html.parser").p)
    ['답은 (가)입니다.', '<strong>크기.</strong> <i>x. y</i>배(아닙니다. 반입니다.)입니다.', '큽니다.']
    """
    found, current = [], ""
    for piece in split(paragraph, ENDING):
        current = f"{current} {piece}".strip()
        if plain(current).count("(") <= plain(current).count(")"):
            found.append(current)
            current = ""
    return found + [current] * bool(current)


def options(paragraph):
    """한 문단에 이어 적은 보기 (가) (나)나 ① ②를 한 문단에 하나씩 둔 HTML.

    >>> from bs4 import BeautifulSoup
    >>> options(BeautifulSoup("<p>몇 배일까요? (가) 1배 (나) 2배</p>", "html.parser").p)
    '<p>몇 배일까요?</p><p>(가) 1배</p><p>(나) 2배</p>'
    """
    for mark in (r"\([가나다라마]\) ", r"[①②③④⑤] "):
        parts = split(paragraph, rf"(?:^|\s+)(?={mark})")
        if len(parts) > 2:
            return "".join(f"<p>{part}</p>" for part in parts if part)
    return str(paragraph)


def plain(text):
    """HTML에서 글자만."""
    return html.unescape(re.sub(r"<[^>]+>", "", text))


def is_answer(sentence):
    return bool(ANSWER.match(sentence))


def is_key(sentence):
    """어디에 있든 화면에 올릴 문장: 판정, 예상의 답, 지은이가 굵게 적은 말."""
    return "<strong>" in sentence or is_answer(sentence)


def chosen(found, limit):
    """화면에 올릴 문장의 차례: 앞에서 limit자까지와, 어디에 있든 중요한 것."""
    keep, used = [], 0
    for i, sentence in enumerate(found):
        used += len(plain(sentence))
        if is_key(sentence) or (limit and (i == 0 or used <= limit)):
            keep.append(i)
    return keep


def rows(found, keep):
    """고른 문장의 (HTML, 중요한 것인지)를 하나씩. 판정은 그 까닭과 한 상자에 두고, 예상의 답은 굵게 적습니다."""
    made = []
    for i in keep:
        sentence, key = found[i], is_key(found[i])
        if i and found[i - 1].startswith(VERDICT):
            continue
        if sentence.startswith(VERDICT):
            made.append((f"<blockquote><p>{' '.join(found[i : i + 2])}</p></blockquote>", key))
            continue
        if is_answer(sentence) and "<strong>" not in sentence:
            sentence = f"<strong>{sentence}</strong>"
        made.append((f"<ul><li>{sentence}</li></ul>", key))
    return made
