"""experiments/sweeps.py: 끊겨도 이어지고, 꽉 찬 디스크와 실패한 설정을 말합니다. Dask에서는 test_cluster.py에."""

import errno
import multiprocessing
import os
import resource
import subprocess
import sys

import numpy as np
import psutil
import pytest
from threadpoolctl import threadpool_limits

from experiments import store, sweeps
from tests.experiments import runs
from tests.experiments.conftest import wait_until
from tests.speaking import SPOKEN

COUNT = 6
ENGINES = ["", "synchronous"]


def settings(trace):
    return [{"n": n, "trace": str(trace)} for n in range(COUNT)]


def sweep(trace):
    return [int(result["value"]) for result in sweeps.sweep("square", settings(trace), runs.square)]


@pytest.mark.parametrize("engine", ENGINES)
def test_an_interrupted_sweep_goes_on(trace, unfinished, monkeypatch, engine):
    """실패한 설정을 말하고 멈추며, 다시 부르면 끝난 것은 다시 돌지 않습니다."""
    monkeypatch.setenv("SCHEDULER", engine)
    (trace / "broken 4").touch()
    with pytest.raises(RuntimeError, match="끊김") as raised:
        sweep(trace)
    assert "'n': 4" in raised.value.__notes__[0]
    stored = len(list(unfinished.glob("*/*.npz")))
    (trace / "broken 4").unlink()
    before = len(list(trace.iterdir()))
    assert sweep(trace) == [0, 1, 4, 9, 16, 25]
    assert len(list(trace.iterdir())) - before == COUNT - stored


def test_a_sweep_that_is_done_does_nothing(trace, unfinished):
    assert sweep(trace) == sweep(trace)
    assert len(list(trace.iterdir())) == COUNT


def test_the_same_setting_twice_runs_once(trace, unfinished, monkeypatch):
    monkeypatch.setenv("SCHEDULER", "synchronous")
    found = sweeps.sweep("square", [settings(trace)[3]] * 2, runs.square)
    assert [int(each["value"]) for each in found] == [9, 9]
    assert len(list(trace.iterdir())) == 1


def test_a_damaged_result_is_run_again(trace, unfinished, capsys):
    sweep(trace)
    paths = sorted(unfinished.glob("*/*.npz"))
    paths[0].write_bytes(paths[0].read_bytes()[:100])
    paths[1].write_bytes(b"")
    assert sweep(trace) == [0, 1, 4, 9, 16, 25]
    assert len(list(trace.iterdir())) == COUNT + 2
    assert "상한 결과 2개" in capsys.readouterr().err


def test_no_settings_is_no_work(unfinished):
    assert sweeps.sweep("square", [], runs.square) == []


def test_a_full_disk_is_named_and_loses_nothing(unfinished, monkeypatch):
    """파일의 크기에 한계를 두어, 큰 결과는 쓰다가 정말로 실패합니다."""
    monkeypatch.setenv("SCHEDULER", "synchronous")
    wanted = [{"n": n} for n in range(COUNT)]
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
    try:
        small = sweeps.sweep("sized", wanted[1::2], runs.sized)
        with pytest.raises(OSError, match="디스크가 꽉 차") as raised:
            sweeps.sweep("sized", wanted, runs.sized)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert raised.value.errno == errno.EFBIG
    # 쓰다 만 임시 파일은 남지 않고, 적어 둔 것은 그대로입니다.
    assert len(list(unfinished.glob("*/*"))) == len(small) == 3
    assert [each["value"][0] for each in sweeps.sweep("sized", wanted, runs.sized)] == list(range(COUNT))


def test_a_dead_process_is_named(trace, unfinished):
    (trace / "deadly 5").touch()
    with pytest.raises(sweeps.Stopped, match="메모리"):
        sweep(trace)
    (trace / "deadly 5").unlink()
    assert sweep(trace) == [0, 1, 4, 9, 16, 25]


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("exit", "SystemExit: 3"),
        ("exception", "Awkward: 하나와 둘"),
        ("cancelled", "CancelledError: 그만둠"),
        ("broken", "BrokenExecutor: 제 것이 꺼짐"),
        ("none", "NaN"),
        ("ragged", "길이"),
        ("file", "이름"),
        ("number", "{이름: 값}"),
    ],
)
@pytest.mark.parametrize("engine", ENGINES)
def test_an_awkward_run_names_its_setting_and_writes_nothing(unfinished, monkeypatch, engine, kind, said):
    """적은 뒤에 읽히지 않거나, 일하던 프로세스가 꺼진 것으로 보이거나, 말없이 끝나던 것들."""
    monkeypatch.setenv("SCHEDULER", engine)
    with pytest.raises((TypeError, RuntimeError), match=said) as raised:
        sweeps.sweep("awkward", [{"kind": kind}], runs.awkward)
    assert not isinstance(raised.value, sweeps.Stopped)
    assert kind in raised.value.__notes__[0]
    assert not list(unfinished.glob("*/*"))


def test_a_run_multiplies_on_one_thread(unfinished, monkeypatch):
    """BLAS의 스레드가 둘이면 같은 설정의 끝자리가 달라집니다."""
    monkeypatch.setenv("SCHEDULER", "synchronous")
    with threadpool_limits(2):
        [found] = sweeps.sweep("threads", [{"n": 0}], runs.threads)
    assert set(found["value"]) == {1}


def test_a_process_killed_once_costs_its_own_run(trace, unfinished):
    """꺼진 프로세스가 쥐고 있던 것만 새 프로세스에서 다시 돕니다."""
    (trace / "unlucky 5").touch()
    assert sweep(trace) == [0, 1, 4, 9, 16, 25]
    assert len([path for path in trace.iterdir() if path.name.startswith("5-")]) == 2


def test_two_sweeps_on_one_folder(trace, unfinished):
    """두 프로세스가 한 폴더에 함께 적어도, 둘 다 모두 얻고 결과는 설정마다 하나입니다."""
    fork = multiprocessing.get_context("fork")
    others = [fork.Process(target=sweep, args=[trace]) for _ in range(2)]
    for other in others:
        other.start()
    assert sweep(trace) == [0, 1, 4, 9, 16, 25]
    for other in others:
        other.join()
    assert [other.exitcode for other in others] == [0, 0]
    assert len(list(unfinished.glob("*/*"))) == COUNT


def test_a_refusal_names_both_versions(trace, unfinished, monkeypatch):
    """검사는 작업자의 NumPy와 파일에서 다시 셉니다."""
    [ours] = {store.fingerprint(runs.__name__)}
    monkeypatch.setattr(store.np, "__version__", "1.99.0")
    store.fingerprint.cache_clear()
    with pytest.raises(sweeps.OtherVersions) as raised:
        sweeps.perform(runs.__name__, "square", settings(trace)[0], ours)
    store.fingerprint.cache_clear()
    assert raised.value.args[1]["NumPy"] == "1.99.0"


def test_a_module_started_as_main_runs_in_other_processes(tmp_path):
    """`python -m`으로 부른 실험의 함수는 "__main__"에 있습니다. 다른 프로세스에서는 본디 이름으로 찾습니다."""
    command = [sys.executable, "-m", "tests.experiments.started", str(tmp_path)]
    done = subprocess.run(
        command, cwd=store.ROOT, env=os.environ | {"SCHEDULER": ""}, capture_output=True, encoding=SPOKEN
    )
    assert done.stdout.split() == ["tests.experiments.started", "0", "1", "4"], done.stderr


def test_processes_end_with_a_killed_client(tmp_path):
    """부른 쪽이 강제로 꺼져도 일하던 프로세스가 남지 않고, 다시 부르면 이어집니다."""
    command = [sys.executable, "-m", "tests.experiments.started", str(tmp_path), "wait"]
    client = psutil.Popen(command, cwd=store.ROOT, env=os.environ | {"SCHEDULER": ""}, stderr=subprocess.DEVNULL)
    wait_until(lambda: len(list(tmp_path.glob("*/*.npz"))) == 2, "기다리는 하나만 남음")
    workers = client.children()
    client.kill()
    client.wait()
    assert workers
    assert psutil.wait_procs(workers, timeout=30)[1] == []


def test_results_are_the_same_here_and_in_processes(trace, unfinished, monkeypatch):
    wanted, found = [{"seed": seed, "trace": str(trace)} for seed in range(2)], []
    for engine in ENGINES:
        monkeypatch.setenv("SCHEDULER", engine)
        monkeypatch.setattr(store, "UNFINISHED", unfinished / (engine or "processes"))
        found.append(sweeps.sweep("train", wanted, runs.train))
    for a, b in zip(*found):
        assert all(np.array_equal(a[name], b[name], equal_nan=True) for name in {*a, *b})
