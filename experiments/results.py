"""실험 하나를 적는 데 쓰는 것: 설정의 격자, 학습, 학습률 찾기. 결과는 chapters/data에 .npz로, 설정은 곁의 .json으로."""

import io
import itertools
import json
import platform
import shutil
import warnings

import numpy as np

from experiments import store
from experiments.sweeps import sweep
from wi_lib import train

FOLDER = store.ROOT / "chapters" / "data"

# 학습률을 고르는 격자: 반 자릿수 간격. `search`가 여기에서 넓혀 갑니다.
RATES = [float(f"{digit}e{power}") for power in range(-7, 4) for digit in (1, 3)]
# 검증 정확도가 이보다 낮으면 배우지 못한 것으로 봅니다. 열 가지 숫자를 찍으면 0.1 안팎입니다.
CHANCE = 0.2
# 배운 학습률이 없으면 이만큼(반 자릿수씩 두 자릿수) 더 낮추어 본 뒤에, 그 아래에서도 배우지 않는 것으로 봅니다.
BELOW = 4


def grid(axes, seeds, **fixed):
    """axes({이름: 값의 목록})와 시드의 모든 조합. 시드가 가장 먼저 바뀌는, run에 넘길 인자 사전의 목록입니다."""
    names = [*axes, "seed"]
    return [dict(zip(names, values)) | fixed for values in itertools.product(*axes.values(), seeds)]


def stack(results, axes, seeds):
    """grid의 차례로 놓인 {이름: 값} 결과를 {이름: (축마다의 길이, 시드의 수, …) float32 배열}로 쌓습니다."""
    shape = (*map(len, axes.values()), len(seeds))
    arrays = {name: np.array([result[name] for result in results], np.float32) for name in results[0]}
    return {name: array.reshape(*shape, *array.shape[1:]) for name, array in arrays.items()}


def fit(net, data, seed, *, validation, iterations, block, **settings):
    """한 번의 학습: block걸음씩 평균한 손실, 떼어 둔 validation개의 검증 정확도, 시험 정확도. 발산한 뒤는 NaN입니다."""
    held = data.hold_out(validation)
    with warnings.catch_warnings():
        # 발산도 결과입니다.
        warnings.simplefilter("ignore", RuntimeWarning)
        history = train(net, held, iterations=iterations, rng=np.random.default_rng([seed, 1]), **settings)
    loss = np.full(iterations, np.nan)
    loss[: len(history.loss)] = history.loss
    try:
        accuracy = np.nan if history.diverged else net.accuracy(data.x_test, data.y_test)
    except ValueError:  # 검증 자료에서는 아슬아슬하게 유한했던 로짓이 시험 자료에서 넘쳤습니다.
        accuracy = np.nan
    # 걸음마다 저장하면 파일이 block배가 됩니다.
    return {
        "loss": loss.reshape(-1, block).mean(axis=1),
        "validation": history.test_accuracy,
        "accuracy": accuracy,
    }


def search(name, cells, start, seeds, run, every=RATES):
    """cells(인자 사전의 목록)마다, 가장 좋은 학습률이 격자의 끝에 걸리지 않을 때까지 격자를 한 칸씩 넓혀 가며 잽니다.

    - `start`: 처음에 잴 학습률, every의 잇닿은 일부. 가장 좋은 것은 검증 정확도의 시드 평균으로 고릅니다.
    - 위로는, 배운 칸은 가장 좋은 것이 맨 위가 아닐 때까지, 배우지 못한 칸은 모든 시드가 발산할 때까지 넓힙니다.
    - 아래로는, 가장 좋은 것의 아래에 그보다 덜 배운 학습률이 하나 있으면 그만둡니다. 없으면 배우지 못한 학습률이 그
      아래에 BELOW개 있을 때까지 넓힙니다. 발산하거나 포화하는 학습률의 바로 아래에서는 배우지 못하거나 어쩌다 조금
      배우고, 더 낮추면 제대로 배우는 망이 있기 때문입니다. 배우지 못한 칸에서는 start의 아래에 있는 것만, 어느
      칸에서나 발산한 시드가 있는 학습률의 아래에 있는 것만 셉니다.
    - `every`: 넓혀 갈 수 있는 학습률 모두. 작은 것부터 늘어놓은 목록입니다.

    (학습률의 목록, {이름: (칸, 학습률, 시드, …) 배열})을 돌려줍니다. "measured"는 (칸, 학습률)마다 재었는지이고, 재지
    않은 자리의 값은 NaN입니다.
    """
    spans, runs = [[every.index(start[0]), every.index(start[-1])] for _ in cells], {}
    while True:
        keys = [(c, r) for c, (low, high) in enumerate(spans) for r in range(low, high + 1) if (c, r) not in runs]
        settings = [{**cells[c], "learning_rate": every[r], "seed": seed} for c, r in keys for seed in seeds]
        found = iter(sweep(name, settings, run))
        runs |= {key: [next(found) for _ in seeds] for key in keys}
        wider = []
        for c, span in enumerate(spans):
            validation = [[r["validation"] for r in runs[c, i]] for i in range(span[0], span[1] + 1)]
            wider.append(_wider(span, every.index(start[0]), validation, len(every)))
        if wider == spans:
            break
        spans = wider
    rates = every[min(low for low, _ in spans) : max(high for _, high in spans) + 1]
    first = next(iter(runs.values()))[0]
    shape = len(cells), len(rates), len(seeds)
    arrays = {key: np.full((*shape, *np.shape(value)), np.nan, np.float32) for key, value in first.items()}
    arrays["measured"] = np.zeros(shape[:2], bool)
    for (c, r), results in runs.items():
        at = c, rates.index(every[r])
        arrays["measured"][at] = True
        for s, result in enumerate(results):
            for key, value in result.items():
                arrays[key][(*at, s)] = value
    return rates, arrays


def again(name, cells, rates, seeds, run):
    """cells(인자 사전의 목록)마다 고른 학습률(rates)에서, 그것을 고르는 데 쓰지 않은 시드로 다시 잽니다.

    {이름: (칸, 시드, …) 배열}을 돌려줍니다.
    """
    settings = [{**cell, "learning_rate": rate, "seed": seed} for cell, rate in zip(cells, rates) for seed in seeds]
    return stack(sweep(name, settings, run), {"cell": cells}, seeds)


def _wider(span, start, validation, count):
    """한 칸의 학습률 범위를, 필요하면 한 칸씩 넓힌 것. start는 처음에 잰 가장 낮은 학습률의 자리입니다."""
    (low, high), scores = span, np.array(validation, float)
    means = np.nan_to_num(scores.mean(axis=1), nan=-1.0)
    best, learned = means.argmax(), means.max() > CHANCE
    up = best == len(means) - 1 if learned else not np.isnan(scores[-1]).all()
    diverged = np.flatnonzero(np.isnan(scores).any(axis=1))
    below = means[: min([best if learned else start - low, *diverged])]
    down = len(below) < BELOW and not (below > CHANCE).any()
    return [max(low - down, 0), min(high + up, count - 1)]


def save(name, arrays, settings):
    """임시 파일에 쓴 뒤 이름을 바꾸므로, 도중에 끊겨도 이전 결과가 남습니다."""
    versions = {"python": platform.python_version(), "numpy": np.__version__, "machine": platform.machine()}
    text = json.dumps({**settings, "versions": versions}, ensure_ascii=False, indent=1)
    content = io.BytesIO()
    np.savez_compressed(content, **arrays)
    store.write(FOLDER / f"{name}.npz", content.getvalue())
    store.write(FOLDER / f"{name}.json", f"{text}\n".encode())
    for folder in store.UNFINISHED.glob(f"{name}-{'[0-9a-f]' * 16}"):
        # 함께 돌리던 다른 쪽도 지금 다 끝나 지우거나, 마지막 것을 적고 있을 수 있습니다.
        shutil.rmtree(folder, ignore_errors=True)
