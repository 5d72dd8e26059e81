"""슬라이드에 올릴 그림: 통째로, 작게, 긴 그림은 나누어 키워서."""

import math
from html import escape
from pathlib import Path
from urllib.parse import unquote, urlsplit

import numpy as np
from PIL import Image

TALL = 0.9  # 너비에 견주어 이보다 긴 그림(움직여 보는 실험)은 통째로 한 번, 나누어 키워서 또 보입니다.
PLACES = {2: ("위", "아래"), 3: ("위", "가운데", "아래")}


class Picture:
    """페이지의 그림 하나. 파일은 슬라이드 곁의 shared/images에 둡니다."""

    def __init__(self, page, figure):
        self.file = Path(unquote(urlsplit(page.address(figure.img["src"])).path))
        self.alt, self.caption = figure.img["alt"], figure.figcaption.p
        self.number = self.caption.select_one(".caption-number").get_text(strip=True)
        with Image.open(self.file) as image:
            self.wide, self.high = image.size
        self.tall = self.high > TALL * self.wide
        self.source = f"shared/images/{self.file.name}"

    def whole(self, after=""):
        """번호와 캡션을 단 그림. after는 캡션 아래에 둘 HTML입니다."""
        text = self.caption.select_one(".caption-text").decode_contents()
        caption = f"<p><strong>{self.number}.</strong> {text}</p>{after}"
        return f"<figure>{self.img(self.alt)}<figcaption>{caption}</figcaption></figure>"

    def thumb(self):
        return f"<figure>{self.img(f'{self.number}(앞 슬라이드의 그림)')}</figure>"

    def img(self, alt):
        return f'<img src="{self.source}" alt="{escape(alt)}">'

    def parts(self):
        """나누어 키운 그림들."""
        cuts = self.cuts()
        for place, top, bottom in zip(PLACES[len(cuts) - 1], cuts, cuts[1:]):
            words = f"{self.number}의 {place} 칸"
            yield (
                # 안쪽 svg가 조각의 밖을 잘라 냅니다. 바깥 것은 화면에 맞추느라 늘어난 자리에 이웃한 칸까지 보입니다.
                f'<figure><svg viewBox="0 0 {self.wide} {bottom - top}" role="img"'
                f' aria-label="{words}을 키운 그림입니다."><svg viewBox="0 {top} {self.wide} {bottom - top}"'
                f' width="{self.wide}" height="{bottom - top}"><image href="{self.source}" width="{self.wide}"'
                f' height="{self.high}"/></svg></svg><figcaption><p><strong>{words}</strong></p></figcaption></figure>'
            )

    def cuts(self):
        """비슷한 높이의 두세 조각으로 나눌 높이들. 글자를 자르지 않게 빈 줄에서 나눕니다."""
        with Image.open(self.file) as image:
            pixels = np.asarray(image.convert("RGB"), int)
        blank = np.flatnonzero(np.abs(pixels - pixels[0, 0]).max(axis=(1, 2)) < 8)
        gaps = [gap for gap in np.split(blank, np.flatnonzero(np.diff(blank) > 1) + 1) if len(gap) >= 12]
        middles = np.array([gap[len(gap) // 2] for gap in gaps])
        count = math.ceil(self.high / (0.73 * self.wide))
        inner = (int(middles[np.abs(middles - self.high * k / count).argmin()]) for k in range(1, count))
        return [0, *inner, self.high]
