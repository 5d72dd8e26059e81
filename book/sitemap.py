"""책이 놓일 곳을 알 때 그 자리의 파일을 만듭니다: sitemap.xml, robots.txt, 사회 관계망의 미리 보기 그림."""

from pathlib import Path
from xml.sax.saxutils import escape

from publish.addresses import site_url

from .head import SOCIAL, page_url

MAP = """<?xml version="1.0" encoding="utf-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
{places}
</urlset>
"""
ROBOTS = """User-agent: *
Allow: /

Sitemap: {base}sitemap.xml
"""


def write(app, exception):
    if exception or app.builder.name != "html" or not (base := site_url()):
        return
    from publish import social  # matplotlib을 부르는 것은 이때뿐입니다.

    out = Path(app.outdir)
    social.draw(app.config.html_title, out / SOCIAL)
    places = "\n".join(f"<url><loc>{escape(page_url(app, name))}</loc></url>" for name in sorted(app.env.found_docs))
    (out / "sitemap.xml").write_text(MAP.format(places=places), encoding="utf-8")
    (out / "robots.txt").write_text(ROBOTS.format(base=base), encoding="utf-8")


def setup(app):
    app.connect("build-finished", write)
