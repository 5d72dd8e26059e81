"""이 폴더의 점검은 책의 꾸러미와 코드를 나누지 않습니다: 같은 잘못을 함께 하지 않게."""

import re
from pathlib import Path

HERE = Path(__file__).parent
BORROWED = re.compile(r"^\s*(?:from|import) +(?:wi_lib|wi_check|experiments|tests\.(?!independent\b))", re.M)


def test_no_check_here_imports_what_it_checks():
    files = [p for p in HERE.glob("*.py") if BORROWED.search(p.read_text(encoding="utf-8"))]
    assert not files
