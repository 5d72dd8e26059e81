"""노트북 페이지마다 제목 아래에, 그 노트북을 Binder, Colab, JupyterHub에서 여는 단추를 답니다.

테마의 단추는 영어이고 그림 글꼴이 있어야 하며, 연습의 페이지에서 풀이가 든 원본을 엽니다.
"""

import html

from sphinx.errors import ConfigError
from sphinx_design.icons import get_octicon

from publish import addresses


def buttons(docname):
    """단추의 HTML. 열 곳이 없으면 빈 글입니다."""
    found = [
        f'<a href="{html.escape(address)}">{get_octicon("rocket")} {place}에서 열기</a>'
        for place, address in addresses.addresses(docname).items()
    ]
    return f'<nav class="wi-launch" aria-label="이 노트북 실행하기">{"".join(found)}</nav>' if found else ""


def add_buttons(page, app):
    if page.name not in app.env.found_docs or not app.env.doc2path(page.name).endswith(".ipynb"):
        return page.text
    head, article, body = page.text.partition("<article")
    return head + article + body.replace("</h1>", f"</h1>\n{buttons(page.name)}", 1)


def check(app, config):
    """주소가 틀렸으면 페이지를 만들기 전에 멈추고, 주소가 바뀌었으면 모든 페이지를 다시 읽습니다."""
    try:
        config.hosted = [addresses.site_url(), addresses.addresses("intro")]
    except ValueError as error:
        raise ConfigError(str(error)) from error


def setup(app):
    app.add_config_value("hosted", None, "env")
    app.connect("config-inited", check)
