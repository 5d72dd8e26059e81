"""링크 검사(make linkcheck)의 결과를 사람이 읽을 목록으로 적습니다."""

import json
import sys
from pathlib import Path

RESULTS = Path("_build/linkcheck/_build/html/output.json")


def unreachable(results):
    """닿지 않는 주소마다 그 주소가 적힌 문서와 까닭."""
    found = {}
    for link in results:
        if link["status"] in ("broken", "timeout"):
            pages, _ = found.setdefault(link["uri"], ([], link["info"]))
            pages.append(link["filename"])
    return dict(sorted(found.items()))


def report(results):
    """Markdown으로 적은 목록. 닿지 않는 주소가 없으면 없다고 적습니다."""
    checked = {link["uri"] for link in results if link["status"] in ("working", "redirected", "broken", "timeout")}
    found = unreachable(results)
    lines = [f"## 바깥으로 가는 링크 {len(checked)}개 가운데 닿지 않는 것 {len(found)}개", ""]
    for uri, (pages, reason) in found.items():
        lines.append(f"- <{uri}> ({', '.join(pages)}): {' '.join(reason.split())}")
    return "\n".join(lines)


def main():
    if not RESULTS.exists():
        sys.exit("링크 검사의 결과가 없습니다. make linkcheck로 검사하고, 그 위에 적힌 오류를 보십시오.")
    results = [json.loads(line) for line in RESULTS.read_text(encoding="utf-8").splitlines()]
    print(report(results))
    sys.exit(bool(unreachable(results)))


if __name__ == "__main__":
    main()
