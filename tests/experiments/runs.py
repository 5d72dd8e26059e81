"""시험의 sweep이 작업자에서 부르는 함수. trace 폴더에 돈 흔적(설정-프로세스-무작위)을 하나씩 남깁니다."""

import os
import signal
import sys
import time
import uuid
from concurrent.futures import BrokenExecutor, CancelledError
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_info

from experiments.results import fit
from wi_lib import MLP, datasets

HELD_FROM = 6


def leave(trace, name):
    (Path(trace) / f"{name}-{os.getpid()}-{uuid.uuid4().hex}").touch()


def square(n, trace):
    leave(trace, n)
    if (Path(trace) / f"broken {n}").exists():
        raise RuntimeError("끊김")
    for each, stays in (("deadly", True), ("unlucky", False)):
        if (mark := Path(trace) / f"{each} {n}").exists():
            if not stays:
                mark.unlink()
            os.kill(os.getpid(), signal.SIGKILL)  # 메모리가 모자라 꺼진 것처럼.
    return {"value": n**2}


class Awkward(Exception):
    """다른 프로세스가 되살리지 못하는 예외. 인자가 둘인데 글 하나로 보내집니다."""

    def __init__(self, one, two):
        super().__init__(f"{one}와 {two}")


def awkward(kind):
    """함수나 예외, 돌려주는 것이 흔한 꼴로 어긋난 설정들."""
    if kind == "exit":
        sys.exit(3)
    if kind == "exception":
        raise Awkward("하나", "둘")
    if kind == "cancelled":
        raise CancelledError("그만둠")
    if kind == "broken":
        raise BrokenExecutor("제 것이 꺼짐")
    return {"none": {"v": None}, "ragged": {"v": [[1], [1, 2]]}, "file": {"file": 1}, "number": 3.0}[kind]


def threads(n):
    """행렬 곱이 쓰는 스레드의 수."""
    return {"value": [each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"]}


def train(seed, trace):
    """장의 실험과 같은 학습: 손글씨 숫자, float32."""
    leave(trace, seed)
    net = MLP([64, 30, 10], "relu", rng=np.random.default_rng([seed, 0]))
    settings = {"learning_rate": 0.1, "batch_size": 32, "iterations": 100, "block": 10}
    return fit(net, datasets.load_digits(), seed, validation=300, **settings)


def held(n, trace):
    """n이 HELD_FROM부터이면 trace에 go가 생길 때까지 기다립니다."""
    leave(trace, n)
    end = time.monotonic() + 60
    while n >= HELD_FROM and not (Path(trace) / "go").exists():
        assert time.monotonic() < end, "go가 오지 않았습니다."
        time.sleep(0.01)
    return {"value": n**2}


def sized(n):
    """n이 2의 배수이면 큰 결과."""
    return {"value": np.full(10_000 if n % 2 == 0 else 10, n, float)}
