"""책을 만드는 Sphinx 확장. 아래의 차례로 켭니다."""

EXTENSIONS = (
    "citation_list",
    "exercise_pages",
    "figure_alt",
    "search",
    "locale",
    "launch_buttons",
    "light_pages",
    "not_found",
    "reading_minutes",
    "site_meta",
    "widget_views",
)


def setup(app):
    for name in EXTENSIONS:
        app.setup_extension(f"book.{name}")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
