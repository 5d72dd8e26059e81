"""만들어진 책의 페이지를 읽습니다. 슬라이드(slides.py)와 PDF(pdf.py)가 함께 씁니다."""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from bs4 import BeautifulSoup

ROOT = Path(__file__).parents[1]
SITE = ROOT / "_build" / "html"
# 책을 만드는 동안 있는 파일(book/unfinished.py).
UNFINISHED = ROOT / "_build" / ".unfinished"
OUTLINE = re.compile(r'<path id="(MJX-[\w-]+)" d="[^"]*"/>')


@dataclass
class Page:
    """페이지 하나의 글과, 그 수식이 가리키는 글자의 윤곽({이름: 윤곽})."""

    docname: str
    path: Path
    soup: BeautifulSoup
    article: BeautifulSoup
    outlines: dict

    def address(self, href):
        """페이지에 적힌 주소를 온 주소로."""
        return urljoin(self.path.as_uri(), href)

    def sheets(self):
        """페이지의 스타일시트의 주소."""
        return [self.address(link["href"]) for link in self.soup.select("link[rel=stylesheet]")]

    def target(self, href):
        """책 안의 링크가 가는 (쪽의 이름, 그 안의 자리). 책의 글 밖으로 가는 링크는 None입니다."""
        url = urlsplit(self.address(href))
        place = Path(unquote(url.path))
        if url.scheme == "file" and place.is_relative_to(SITE):
            return str(place.relative_to(SITE).with_suffix("")), unquote(url.fragment)
        return None


def read(docname):
    """페이지를 읽습니다. 화면에서만 쓰는 것(스크립트, 단추, 제목의 주소)은 뺍니다."""
    path = SITE / f"{docname}.html"
    if not path.exists():
        raise SystemExit(f"{path.relative_to(ROOT)}이 없습니다. make book을 먼저 하십시오.")
    if UNFINISHED.exists():
        raise SystemExit("책을 만들다 끊겼거나 만들고 있어, 쪽이 다 되지 않았습니다. make book을 먼저 하십시오.")
    text = path.read_text(encoding="utf-8")
    soup = BeautifulSoup(text, "html.parser")
    article = soup.find("article")
    for element in article.select("script, .headerlink, button"):
        element.decompose()
    return Page(docname, path, soup, article, {found[1]: found[0] for found in OUTLINE.finditer(text)})


def glyphs(html, pages):
    """html의 수식이 가리키는 글자의 윤곽을 한 번씩. 페이지에는 글의 바깥에 적혀 있습니다."""
    outlines = {name: outline for page in pages for name, outline in page.outlines.items()}
    used = sorted(set(re.findall(r'<use href="#(MJX-[\w-]+)"', html)))
    return f'<svg class="wi-glyphs" aria-hidden="true"><defs>{"".join(map(outlines.get, used))}</defs></svg>'


def save(path, text):
    """다 쓴 다음에 제자리로 옮겨, 끊겨도 쓰다 만 파일이 남지 않게 합니다."""
    temporary = path.with_suffix(f"{path.suffix}.part")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)
