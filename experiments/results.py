"""긴 실험을 끊겨도 이어서 돌리고, 결과를 chapters/data에 저장합니다: 수치는 .npz, 설정과 판 번호는 곁의 .json."""

import hashlib
import itertools
import json
import os
import platform
import shutil
import warnings
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from tqdm import tqdm

from wi_lib import train

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "chapters" / "data"
# 아직 다 끝나지 않은 실험의 결과. 다 끝나 save가 저장하면 지웁니다.
UNFINISHED = ROOT / "build" / "results"


def grid(axes, seeds, **fixed):
    """axes({이름: 값의 목록})와 시드의 모든 조합. 시드가 가장 먼저 바뀌는, run에 넘길 인자 사전의 목록입니다."""
    names = [*axes, "seed"]
    return [dict(zip(names, values)) | fixed for values in itertools.product(*axes.values(), seeds)]


def stack(results, axes, seeds):
    """grid의 차례로 놓인 {이름: 값} 결과를 {이름: (축마다의 길이, 시드의 수, …) float32 배열}로 쌓습니다."""
    shape = (*map(len, axes.values()), len(seeds))
    arrays = {name: np.array([result[name] for result in results], np.float32) for name in results[0]}
    return {name: array.reshape(*shape, *array.shape[1:]) for name, array in arrays.items()}


def fit(net, data, seed, *, iterations, block, **settings):
    """한 번의 학습: block걸음씩 평균한 손실과 시험 정확도. 발산하면 그 뒤의 손실과 정확도는 NaN입니다."""
    with warnings.catch_warnings():
        # 발산도 결과입니다.
        warnings.simplefilter("ignore", RuntimeWarning)
        history = train(net, data, iterations=iterations, rng=np.random.default_rng([seed, 1]), **settings)
    loss = np.full(iterations, np.nan)
    loss[: len(history.loss)] = history.loss
    # 걸음마다 저장하면 파일이 block배가 됩니다.
    return {"loss": loss.reshape(-1, block).mean(axis=1), "accuracy": history.test_accuracy}


def sweep(name, settings, run):
    """settings(인자 사전의 목록)마다 run(**setting)을 코어마다 하나씩 돌려, {이름: 배열} 결과를 같은 차례로 돌려줍니다.

    한 번이 끝날 때마다 파일에 적으므로 도중에 끊겨도 그때 돌던 것만 잃고, 다시 부르면 남은 것만 돕니다.
    실험이나 wi_lib의 코드, NumPy의 판이 바뀌면 처음부터 다시 돕니다. run은 모듈의 맨 바깥에 있는 함수여야 합니다.
    """
    folder = UNFINISHED / f"{name}-{_fingerprint(name)}"
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{_digest(repr(setting).encode())}.npz" for setting in settings]
    left = [(run, setting, path) for setting, path in zip(settings, paths) if not path.exists()]
    with (
        ProcessPoolExecutor(os.cpu_count()) as pool,
        tqdm(total=len(settings), initial=len(settings) - len(left), desc=name, unit="번") as bar,
    ):
        for _ in pool.map(_run_and_keep, left):
            bar.update()
    return [_read(path) for path in paths]


def save(name, arrays, settings):
    """임시 파일에 쓴 뒤 이름을 바꾸므로, 도중에 끊겨도 이전 결과가 남습니다."""
    versions = {"python": platform.python_version(), "numpy": np.__version__, "machine": platform.machine()}
    text = json.dumps({**settings, "versions": versions}, ensure_ascii=False, indent=1)
    _write(FOLDER / f"{name}.npz", lambda path: np.savez_compressed(path, **arrays))
    _write(FOLDER / f"{name}.json", lambda path: path.write_text(text + "\n", encoding="utf-8"))
    for folder in UNFINISHED.glob(f"{name}-*"):
        shutil.rmtree(folder)


def _run_and_keep(job):
    run, setting, path = job
    arrays = run(**setting)
    _write(path, lambda temporary: np.savez(temporary, **arrays))


def _read(path):
    with np.load(path) as arrays:
        return dict(arrays)


def _write(path, write):
    temporary = path.with_suffix(f".tmp{path.suffix}")
    write(temporary)
    temporary.replace(path)


def _fingerprint(name):
    """이 결과가 달라질 수 있는 모든 코드와 판의 지문."""
    sources = [ROOT / "experiments" / f"{name}.py", Path(__file__), *sorted((ROOT / "wi_lib").glob("*.py"))]
    code = b"".join(path.read_bytes() for path in sources if path.exists())
    return _digest(code + np.__version__.encode())


def _digest(content):
    return hashlib.sha256(content).hexdigest()[:16]
