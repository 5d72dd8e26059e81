"""모든 시험을 무작위 차례로 되풀이해, 차례나 뽑은 예나 때에 기대는 시험을 찾습니다.

    make soak COUNT=20

한 번이 끝날 때마다 시드와 결과를 build/soak.csv에 한 줄 적고, 끝나면 그 표를 찍습니다. 실패한 시험을 다시 돌려 보아
지우지 않습니다: 한 번이라도 실패했으면 실패입니다. 끊긴 뒤에 다시 부르면 지금의 코드로 돌지 않은 만큼만 돌립니다.
같은 차례와 예는 표의 시드로 다시 얻습니다(`command`).
"""

import csv
import os
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "build" / "soak.csv"
COLUMNS = ("code", "seed", "passed", "skipped", "failed", "seconds", "names")


def command(seed, *options):
    """시드가 seed인 한 번. 차례는 pytest-randomly가, 예는 hypothesis가 그 시드에서 정합니다."""
    plugins = ["-p", "randomly", f"--randomly-seed={seed}", "-p", "hypothesispytest", f"--hypothesis-seed={seed}"]
    return [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *plugins, *options]


def code():
    """지금의 코드. 커밋하지 않은 것이 있으면 -dirty가 붙습니다."""
    describe = ["git", "describe", "--always", "--dirty"]
    return subprocess.run(describe, cwd=ROOT, capture_output=True, encoding="utf-8", check=True).stdout.strip()


def counted(report):
    """JUnit의 보고에서 {칸: 값}. 준비나 뒷정리에서 난 오류도 실패입니다."""
    suites = list(ElementTree.parse(report).iter("testsuite"))
    total = {name: sum(int(suite.get(name)) for suite in suites) for name in ("tests", "skipped")}
    failed = {
        f"{case.get('classname')}::{case.get('name')}"
        for suite in suites
        for case in suite.iter("testcase")
        if case.find("failure") is not None or case.find("error") is not None
    }
    return {
        "passed": total["tests"] - total["skipped"] - len(failed),
        "skipped": total["skipped"],
        "failed": len(failed),
        "seconds": round(sum(float(suite.get("time")) for suite in suites)),
        "names": "\n".join(sorted(failed)),
    }


def run(seed, options):
    """한 번 돌려 표의 한 줄을 얻습니다. 시험을 다 돌지 못하고 그쳤으면 적을 것이 없으므로 여기에서 멈춥니다."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        environment = os.environ | {"HYPOTHESIS_PROFILE": "soak"}
        done = subprocess.run(command(seed, f"--junitxml={report}", *options), env=environment)
        if done.returncode not in (0, 1):
            raise SystemExit(f"시드 {seed}: 시험을 다 돌지 못했습니다(pytest가 {done.returncode}로 끝남).")
        return counted(report)


def rows():
    if not RESULTS.exists():
        return []
    with RESULTS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def append(row):
    RESULTS.parent.mkdir(exist_ok=True)
    new = not RESULTS.exists()
    with RESULTS.open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        if new:
            writer.writeheader()
        writer.writerow(row)


def table(found):
    """한 번마다의 줄, 그리고 실패한 시험마다 몇 번 실패했는지."""
    yield f"{'시드':>10} {'통과':>6} {'건너뜀':>5} {'실패':>4} {'초':>6}"  # 한글은 두 칸입니다.
    for row in found:
        yield f"{row['seed']:>12} {row['passed']:>8} {row['skipped']:>8} {row['failed']:>6} {row['seconds']:>7}"
    failures = [name for row in found for name in row["names"].splitlines()]
    for name in sorted(set(failures)):
        yield f"{failures.count(name)}번 실패: {name}"


def main(count, *options):
    now = code()
    while len(found := [row for row in rows() if row["code"] == now]) < int(count):
        seed = secrets.randbelow(2**32)
        print(f"{len(found) + 1}/{count}번째, 시드 {seed}", flush=True)
        append({"code": now, "seed": seed, **run(seed, options)})
    print(*table(found), sep="\n")
    if any(int(row["failed"]) for row in found):
        raise SystemExit(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
