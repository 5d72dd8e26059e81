"""학습에 대한 판정을 한 쪽에 모읍니다: 저장한 결과(chapters/data)를 읽어 verdicts.md를 씁니다.

    python -m tools.verdicts

칸의 수는 모두 여기에서 계산하므로 손으로 고치지 않습니다. 장의 결과가 바뀌면 다시 부르십시오.
"""

import functools
from pathlib import Path

import numpy as np

from tools import verdict_rows, verdict_rows_today
from wi_lib import at_best_rate, mean_interval

ROOT = Path(__file__).parents[1]
TABLES = [*verdict_rows.TABLES, *verdict_rows_today.TABLES]
PAGE = ROOT / "verdicts.md"
HEAD = """# 학습에 대한 판정 모음

이 책이 학습을 두고 내린 판정과 그 바탕이 된 수를 한곳에 모았습니다. 한 칸은 **시험 정확도(%)의 평균과 95 %
{term}`신뢰 구간`의 반폭(±), 괄호 안은 가장 낮은 시드와 가장 높은 시드**입니다. 시드에 따라 배우기도 하고 못 배우기도
하는 칸은 반폭이 아주 넓습니다. 학습률은 칸마다 {term}`검증 자료`로 골랐고, 배우는 칸에서는 가장 좋은 학습률이 잰 범위의
안쪽에 있습니다. 10 % 안팎은 열 가지 숫자를 찍는 수준입니다.

두 칸은 **같은 시드끼리 뺀 차이**의 95 % 신뢰 구간으로 견줍니다. 그 구간이 0을 품으면 어느 쪽이 낫다고 말하지 않습니다.
칸의 폭이 겹쳐도 차이는 뚜렷할 수 있습니다({ref}`ch-mnist`).

판정은 적힌 조건의 것입니다. SGD와 {term}`Adam`의 칸이 크게 다른 줄이 많습니다. 초깃값에 대한 말을 들으면 먼저
**어느 최적화기로 몇 걸음 학습시켰는지** 물어 보십시오.
"""


@functools.cache
def stored(name):
    with np.load(ROOT / "chapters" / "data" / f"{name}.npz") as arrays:
        return dict(arrays)


def at_chosen_rate(name, prefix, index):
    """고른 학습률에서 잰 시드마다의 시험 정확도. 9장의 결과는 고른 학습률에서만 재었습니다."""
    arrays = stored(name)
    accuracy = arrays[f"{prefix}accuracy"][index]
    return accuracy if accuracy.ndim == 1 else at_best_rate(arrays[f"{prefix}validation"][index], accuracy)[1]


def cell(name, place):
    """칸의 글: "89 ± 2 (87–91)". 발산한 시드가 있으면 구간 대신 그 수를 적습니다."""
    if place is None:
        return "–"
    prefix, index = place
    runs = at_chosen_rate(name, prefix, index)
    kept = 100 * runs[~np.isnan(runs)]
    if not len(kept):
        return "발산"
    span = f"{kept.min():.0f}–{kept.max():.0f}"
    if lost := len(runs) - len(kept):
        return f"{kept.mean():.0f} ({span}, 발산 {lost})"
    mean, half = mean_interval(kept)
    digits = half < 1
    return f"{mean:.{digits:d}f} ± {half:.{digits:d}f} ({span})"


def page():
    parts = [HEAD]
    for table in TABLES:
        seeds = stored(table.data)[f"{table.rows[0].adam[0]}accuracy"].shape[-1]
        conditions = f"{table.conditions}, 시드 {seeds}개. 자세한 이야기는 {{ref}}`{table.label}`에 있습니다."
        lines = ["| 망과 초깃값 | SGD | Adam |", "|---|--:|--:|"]
        lines += [f"| {r.text} | {cell(table.data, r.sgd)} | {cell(table.data, r.adam)} |" for r in table.rows]
        parts += [f"## {table.title}\n", f"**판정.** {table.verdict}\n", f"{conditions}\n", "\n".join(lines) + "\n"]
    return "\n".join(parts)


def main():
    temporary = PAGE.with_suffix(".tmp")
    temporary.write_text(page(), encoding="utf-8")
    temporary.replace(PAGE)


if __name__ == "__main__":
    main()
