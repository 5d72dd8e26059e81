"""테마의 단추와 이름표를 우리말로 적습니다.

Sphinx와 테마의 번역에는 빠진 말도 틀린 말("시작하다", "전체 화면으로보기")도 있습니다. gettext를 거치는 말은 그 번역에
앞서 찾을 사전을 두고, 틀과 스크립트에 영어로 박힌 말은 만들어진 파일에서 바꿉니다.
"""

import gettext
import re

from sphinx.locale import translators

WORDS = {
    "Back to top": "맨 위로",
    "Color mode": "화면의 밝기",
    "Contents": "이 쪽의 차례",
    "Dark": "어둡게",
    "Download source file": "노트북 내려받기",
    "Download this page": "이 쪽 내려받기",
    "Fullscreen mode": "화면 가득 보기",
    "Light": "밝게",
    "Link to this equation": "이 식의 주소",
    "Link to this heading": "이 제목의 주소",
    "Link to this image": "이 그림의 주소",
    "Link to this table": "이 표의 주소",
    "Link to this term": "이 낱말의 주소",
    "Please activate JavaScript to enable the search functionality.": "찾으려면 브라우저의 JavaScript를 켜십시오.",
    "Print to PDF": "인쇄하거나 PDF로 저장하기",
    "Skip to main content": "본문으로 건너뛰기",
    "System Settings": "기기의 설정대로",
    "Version warning": "판 안내",
    "next page": "다음 쪽",
    "previous page": "이전 쪽",
    "© Copyright %(copyright)s.": "© %(copyright)s",
}
# 틀에 영어로 박힌 이름표
FIXED = {
    "Main": "책의 차례",
    "Page": "이 쪽의 차례",
    "Toggle hidden content": "숨긴 내용 여닫기",
    "Toggle primary sidebar": "책의 차례 여닫기",
    "Toggle secondary sidebar": "이 쪽의 차례 여닫기",
}
# 복사 단추의 스크립트에는 우리말이 없어서 영어를 씁니다.
COPY = {
    "Copy": "복사",
    "Copy to clipboard": "코드 복사하기",
    "Copied!": "복사했습니다",
    "Failed to copy": "복사하지 못했습니다",
}
LABEL = re.compile(rf'\b(aria-label|title)="({"|".join(FIXED)})"')
COPIED = re.compile(f"'({'|'.join(COPY)})'")


class Korean(gettext.NullTranslations):
    """WORDS에서 먼저 찾고, 없으면 원래의 번역에서 찾습니다."""

    def gettext(self, message):
        return WORDS.get(message) or super().gettext(message)


def prefer(catalog):
    ours = Korean()
    if found := translators.get(("general", catalog)):
        ours.add_fallback(found)
    translators["general", catalog] = ours


def translate_labels(page, app):
    return LABEL.sub(lambda found: f'{found[1]}="{FIXED[found[2]]}"', page.text)


def translate_copy_button(script):
    return COPIED.sub(lambda found: f"'{COPY[found[1]]}'", script)


def setup(app):
    for catalog in ("sphinx", "booktheme"):
        prefer(catalog)
    app.translator = translators["general", "sphinx"]  # 틀은 이것을 씁니다.
