"""장의 확인 문제와 예상을 LMS의 문제 은행(publish/banks.py)으로 적어 사이트의 questions 폴더에 둡니다."""

from pathlib import Path

from publish import banks


def write_banks(pages, app):
    banks.write({page.name: page.text for page in pages}, Path(app.outdir))
    return pages
