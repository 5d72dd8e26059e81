"""make soak: 차례에 기대는 시험과 드문 예에서 지는 시험을 드러내고, 시드를 적고, 끊긴 데에서 잇습니다."""

import os

import hypothesis
import pytest

from tests import soak

# 둘 가운데 나중에 도는 것이 실패하므로 어느 차례에서나 하나만 실패하고, 무엇이 실패하는지는 차례가 정합니다.
ORDERED = """
import pytest
seen = []

@pytest.mark.parametrize("name", ["a b", "c"])
def test_first(name):
    seen.append(name)
    assert len(seen) < 2
"""
# 뽑은 예를 곁에 적습니다. hypothesis는 CI라는 환경 변수가 있으면 시드를 보지 않으므로, 시드를 보라고 적습니다.
DRAWN = """
import hypothesis
import hypothesis.strategies as st

@hypothesis.settings(database=None, derandomize=False)
@hypothesis.given(st.integers(0, 10**9))
def test_drawn(n):
    with open("drawn.txt", "a") as file:
        print(n, file=file)
"""
OPTIONS = ("--disable-plugin-autoload", "-q", ".")


@pytest.fixture
def suite(tmp_path, monkeypatch):
    (tmp_path / "test_ordered.py").write_text(ORDERED, encoding="utf-8")
    (tmp_path / "test_drawn.py").write_text(DRAWN, encoding="utf-8")
    monkeypatch.setattr(soak, "RESULTS", tmp_path / "build" / "soak.csv")
    monkeypatch.setattr(soak, "code", lambda: "now")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_soak_names_what_fails_and_resumes(suite, capsys):
    before = {"code": "before", "seed": 1, "passed": 0, "skipped": 0, "failed": 9, "seconds": 1, "names": "old"}
    soak.append(before)
    with pytest.raises(SystemExit):
        soak.main("1", *OPTIONS)
    [_, row] = soak.rows()
    assert (row["code"], row["passed"], row["failed"]) == ("now", "2", "1")
    printed = capsys.readouterr().out
    assert f"1번 실패: {row['names']}" in printed
    assert row["names"] in ("test_ordered::test_first[a b]", "test_ordered::test_first[c]")
    # 다 돌았으면 더 돌지 않고, 앞의 실패는 지워지지 않습니다.
    (suite / "test_ordered.py").unlink()
    with pytest.raises(SystemExit):
        soak.main("1", *OPTIONS)
    assert len(soak.rows()) == 2
    assert "old" not in capsys.readouterr().out


def test_a_seed_is_the_same_order_and_examples(suite):
    found = []
    for seed in (1, 1, 2):
        row = soak.run(seed, OPTIONS)
        found.append((row["names"], (suite / "drawn.txt").read_text(encoding="utf-8")))
        (suite / "drawn.txt").unlink()
    assert found[0] == found[1]
    assert found[0][1] != found[2][1]


def test_a_run_that_does_not_finish_is_not_a_result(suite):
    with pytest.raises(SystemExit, match="다 돌지 못했습니다"):
        soak.main("1", *OPTIONS, "--없는-선택")
    assert soak.rows() == []


def test_the_soak_draws_other_examples():
    """make test의 예는 늘 같고, make soak의 예는 시드마다 다릅니다."""
    assert hypothesis.settings.default.derandomize == ("HYPOTHESIS_PROFILE" not in os.environ)
    assert not hypothesis.settings.get_profile("soak").derandomize
