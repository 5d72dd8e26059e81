"""참고 문헌의 목록에서 잘못된 role을 지웁니다.

Sphinx는 참고 문헌을 role="list"인 상자에 담지만 항목은 doc-biblioentry라서, 보조 기술은 항목이 없는 목록을 만납니다.
"""


def drop_list_role(app, pagename, templatename, context, doctree):
    if "body" in context:
        context["body"] = context["body"].replace(
            '<div role="list" class="citation-list">', '<div class="citation-list">'
        )


def setup(app):
    app.connect("html-page-context", drop_list_role)
    return {"parallel_read_safe": True}
