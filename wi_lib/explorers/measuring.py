"""격자를 잽니다: 축의 모든 조합에서 measure를 한 번씩 부릅니다."""

import itertools
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
from tqdm import tqdm

from ..checks import as_array, check_array, check_number, refuse
from ..signals import Signals
from .axis import Axis
from .grid import Grid
from .view import View

LARGEST_FLOAT32 = float(np.finfo(np.float32).max)


def measure_grid(axes: tuple[Axis, ...], measure: Callable[..., Any], views: Iterable[View]) -> Grid:
    """축의 모든 조합에서 measure를 불러 격자에 담습니다. 2초가 넘으면 진행 막대가 나옵니다."""
    shape = tuple(len(axis.stops) for axis in axes)
    names = [axis.name for axis in axes]
    rows = []
    for stops in tqdm(itertools.product(*(axis.stops for axis in axes)), total=np.prod(shape), desc="격자", delay=2):
        rows.append(_encode(measure(**dict(zip(names, stops))), views, names))
    if any(row.keys() != rows[0].keys() for row in rows):
        refuse("measure", "늘 같은 이름의 사전을 돌려주는 함수", [sorted(row) for row in rows][-1])
    fields = {name: _stack([row[name] for row in rows]).reshape(*shape, -1) for name in rows[0]}
    return Grid(axes, fields)


def _encode(result: Any, views: Iterable[View], axis_names: list[str]) -> dict[str, np.ndarray]:
    """measure의 결과를 {이름: 1차원 uint8이나 float32 배열}로. 보기가 스스로 담는 것을 뺀 나머지는 수입니다."""
    if not isinstance(result, Mapping):
        refuse("measure", "{이름: 값} 사전을 돌려주는 함수", result, TypeError)
    fields, drawn = {}, set()
    for view in views:
        fields |= view.encode(result)
        drawn |= set(view.takes)
    taken = {*fields, *axis_names}
    for name, value in result.items():
        # 층별 분포를 뺀 실험도 같은 measure를 쓸 수 있습니다.
        if name in drawn or isinstance(value, Signals):
            continue
        if name in taken:
            refuse("measure", f"축과 보기가 쓰는 이름({', '.join(sorted(taken))})이 없는 사전을 돌려주는 함수", name)
        fields[name] = as_numbers(f"measure의 {name!r}", value)
    return fields


def as_numbers(name: str, value: Any) -> np.ndarray:
    """NaN(발산)이 섞여도 되는 실수나 실수 배열을 1차원 float32로. 참과 거짓은 1과 0입니다."""
    if isinstance(value, Fraction):  # NumPy는 수로 보지 않습니다.
        value = check_number(name, value, -LARGEST_FLOAT32, LARGEST_FLOAT32)
    array = as_array(value)
    if not isinstance(array, np.ndarray) or array.dtype.kind not in "biuf":
        refuse(name, "실수나 실수 배열", value, TypeError)
    array = array.astype(float).ravel()
    # 무한대는 explorer.js가 글로 적지 못하므로, float32를 넘치는 것까지 여기서 거절합니다.
    check_array(name, np.nan_to_num(array, posinf=np.inf, neginf=-np.inf), limit=LARGEST_FLOAT32)
    return array.astype(np.float32)


def _stack(rows: list[np.ndarray]) -> np.ndarray:
    length = max(map(len, rows))
    if rows[0].dtype == np.uint8 and any(len(row) < length for row in rows):
        refuse("measure", "그리는 층의 수가 늘 같은 Signals를 돌려주는 함수", "층이 다섯보다 적은 것이 섞인 Signals")
    padded = [
        row if len(row) == length else np.pad(row, (0, length - len(row)), constant_values=np.nan) for row in rows
    ]
    return np.array(padded, rows[0].dtype)
