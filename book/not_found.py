"""없는 주소로 왔을 때 보이는 404.html을 만듭니다.

GitHub Pages는 어느 깊이의 주소에서든 이 파일을 내어 주므로, 사이트의 주소를 알면 이 페이지의 링크를 모두 그
자리에서 시작하게 적습니다. 모르면 다른 페이지처럼 두어, 파일로 열거나 하위 폴더에 두어도 보입니다.
"""

import re
from urllib.parse import urlsplit

from publish.addresses import site_url

NAME = "404"
RELATIVE = re.compile(r'\b(href|src|action|data-content_root)="(?!#|/|[a-z]+:)(?:\./)?')


def collect(app):
    titles, root = app.env.titles, app.config.root_doc
    chapters = "\n".join(
        f'<li><a href="{name}.html">{titles[name].astext()}</a></li>'
        for name in sorted(app.env.found_docs)
        if name.startswith("chapters/")
    )
    body = f"""<section><h1>없는 쪽입니다</h1>
<p>주소가 바뀌었거나 잘못 적혔습니다. 낱말로 찾거나, 아래에서 장을 고르거나, <a href="{root}.html">책의 첫 쪽</a>에서
시작하십시오.</p>
<form class="wi-find" action="search.html" method="get" role="search">
<label>찾을 말 <input type="search" name="q" class="form-control" required /></label>
<button type="submit" class="btn btn-primary">찾기</button>
</form>
<h2>장</h2>
<ol>
{chapters}
</ol></section>"""
    yield NAME, {"title": "없는 쪽", "body": body}, "page.html"


def root_links(page, app):
    if page.name != NAME or not (base := site_url()):
        return page.text
    return RELATIVE.sub(rf'\1="{urlsplit(base).path}', page.text)


def setup(app):
    app.connect("html-collect-pages", collect)
