"""실험 10만 번의 결과를 적는 형식을 견줍니다. `make bench-sweeps`가 부릅니다.

zarr와 pyarrow가 없으면 그 형식만 빼고 잽니다. 재는 법과 결과는 benchmarks/README.md에 있습니다.
"""

import importlib.util
import itertools
import tempfile
import time
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from experiments import store

FILES = 2000


def table(shape=(20, 100, 50)):
    """10만 번: 축 셋의 격자에서, 한 번마다 정확도 둘과 손실 20개."""
    rng = np.random.default_rng(0)
    accuracy, validation = (rng.integers(0, 300, shape).astype(np.float32) / 300 for _ in range(2))
    return {"accuracy": accuracy, "validation": validation, "loss": rng.random((*shape, 20), np.float32)}


def npz(path):
    def read():
        with np.load(path) as stored:
            return dict(stored)

    return lambda arrays: np.savez_compressed(path, **arrays), read


def zarr(path):
    import zarr as library

    def write(arrays):
        group = library.open_group(path, mode="w")
        for name, array in arrays.items():
            group.create_array(name, data=array)

    def read():
        group = library.open_group(path, mode="r")
        return {name: group[name][:] for name in ("accuracy", "validation", "loss")}

    return write, read


def parquet(path):
    """번마다 한 줄: 축 셋의 자리와 값."""
    import pyarrow
    from pyarrow import parquet as library

    def write(arrays):
        axes = np.indices(arrays["accuracy"].shape, np.int32).reshape(3, -1)
        columns = {f"axis_{i}": axis for i, axis in enumerate(axes)}
        columns |= {name: arrays[name].ravel() for name in ("accuracy", "validation")}
        losses = pyarrow.FixedSizeListArray.from_arrays(pyarrow.array(arrays["loss"].ravel()), 20)
        library.write_table(pyarrow.table(columns | {"loss": losses}), path, compression="zstd")

    def read():
        stored = library.read_table(path)
        shape = [1 + stored[f"axis_{i}"].to_numpy().max() for i in range(3)]
        found = {name: stored[name].to_numpy().reshape(shape) for name in ("accuracy", "validation")}
        return found | {"loss": stored["loss"].combine_chunks().values.to_numpy().reshape(*shape, 20)}

    return write, read


def draw(arrays, path):
    figure = Figure()
    figure.subplots().imshow(arrays["accuracy"].mean(axis=-1), aspect="auto")
    figure.savefig(path)


def size(path):
    return sum(each.stat().st_size for each in ([path] if path.is_file() else path.rglob("*")) if each.is_file())


def formats(folder):
    """| 형식 | 쓰기(s) | 크기(MB) | 읽어서 그리기(s) |의 줄."""
    arrays = table()
    draw(arrays, folder / "warm.png")
    for name, form in {"npz": npz, "zarr": zarr, "parquet": parquet}.items():
        if importlib.util.find_spec({"npz": "numpy", "parquet": "pyarrow"}.get(name, name)) is None:
            continue
        path = folder / f"all.{name}"
        write, read = form(path)
        begin = time.process_time()
        write(arrays)
        wrote = time.process_time()
        found = read()
        draw(found, folder / "map.png")
        done = time.process_time()
        assert all(np.array_equal(found[name], array) for name, array in arrays.items())
        print(f"| {name} | {wrote - begin:.2f} | {size(path) / 1e6:.1f} | {done - wrote:.2f} |", flush=True)


def files(folder):
    """아직 다 끝나지 않아 번마다 파일 하나일 때: 쓰기와 읽기(µs)."""
    paths = [folder / "runs" / f"{n}.npz" for n in range(FILES)]
    arrays = {"validation": np.array(0.5), "accuracy": np.array(0.5)}
    marks = [time.process_time()]
    for work in (lambda path: store.keep(path, arrays), store.read):
        for path in paths:
            work(path)
        marks.append(time.process_time())
    wrote, read = ((b - a) / FILES * 1e6 for a, b in itertools.pairwise(marks))
    print(f"파일 하나: 쓰기 {wrote:.0f} µs, 읽기 {read:.0f} µs, {size(folder / 'runs') / FILES:.0f}바이트")


def main():
    with tempfile.TemporaryDirectory() as folder:
        files(Path(folder))
        formats(Path(folder))


if __name__ == "__main__":
    main()
