"""여러 거울에서 내려받기: 멈춘 거울을 기다리지 않고, SHA-256이 원본과 같은 것만 캐시에 둡니다."""

import textwrap
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, wait
from contextlib import suppress
from pathlib import Path
from typing import Any

# 이 시간(초) 동안 이만큼(바이트)도 오지 않은 거울은 멈춘 것으로 칩니다. 이렇게 느리면 MNIST에 세 시간이 걸립니다.
PATIENCE, LEAST = 15.0, 15_000
# 끊긴 내려받기의 임시 파일은 이만큼(초) 지나면 지웁니다. 다른 프로세스가 받고 있는 것은 계속 새로 적힙니다.
FORGOTTEN = 3600
# 거울이 답한 것을 거절하는 까닭. 이름은 requests와 pooch의 예외입니다.
REASONS = {
    "ChunkedEncodingError": "도중에 끊겼습니다",
    "ConnectionError": "접속할 수 없습니다",
    "HTTPError": "파일을 주지 않습니다",
    "SSLError": "안전하게 접속할 수 없습니다",
    "TimeoutError": "멈춰 있습니다",
    "TooManyRedirects": "다른 주소로 보내기만 합니다",
    "ValueError": "원본과 다른 파일을 줍니다",
}


class DownloadError(RuntimeError):
    """내려받지 못했습니다. 거울마다의 까닭, 또는 캐시에 쓸 수 없는 까닭을 오류 문장이 말합니다."""


class _Arrivals:
    """pooch가 진행 막대로 여기는 것. 온 바이트를 세고, 그만두기로 했으면 받고 있던 pooch도 멈추게 합니다."""

    total, received, abandoned = 0, 0, False

    def update(self, count: int) -> None:
        if self.abandoned:
            raise TimeoutError
        self.received += count

    def reset(self) -> None:
        self.received = 0

    def close(self) -> None:
        pass


def download(hashes: Mapping[str, str], mirrors: Sequence[str], folder: Path) -> list[Path]:
    """이름 → SHA-256인 파일들을 folder에 받고 그 경로를 차례대로 돌려줍니다. 이미 있는 것은 다시 받지 않습니다.

    거울이 멈추거나, 끊기거나, 다른 것을 주면 다음 거울에서 받고, 남은 파일은 잘 준 거울부터 찾습니다. 어디에서도 받지
    못하거나 folder에 쓸 수 없으면 `DownloadError`입니다.

    >>> download({}, ["https://example.org/"], Path("cache"))
    []
    """
    import pooch

    # 진행 막대면 충분합니다. pooch의 영어 알림은 노트북에 경고처럼 남습니다.
    pooch.get_logger().setLevel("WARNING")
    paths, order = [], list(mirrors)
    _sweep(folder)
    for name, sha256 in hashes.items():
        reasons = []
        for mirror in tuple(order):
            try:
                paths.append(_fetch(mirror + name, f"sha256:{sha256}", name, folder))
                break
            except Exception as error:  # 무엇이 잘못되었든 다음 거울을 시도합니다.
                # requests의 오류도 OSError이지만 번호가 없습니다. 번호가 있으면 이 기계의 디스크가 한 말입니다.
                if isinstance(error, OSError) and error.errno is not None:
                    raise DownloadError(f"캐시 폴더 {folder}에 쓸 수 없습니다({error.strerror}).") from error
                reasons.append(f"- {mirror}: {_why(error)}")
                order.append(order.pop(order.index(mirror)))
        else:
            raise DownloadError("거울마다 실패한 까닭은 이렇습니다.\n" + "\n".join(reasons))
    return paths


def _why(error: Exception) -> str:
    name = type(error).__name__
    said = textwrap.shorten(str(error), 120, placeholder=" …")
    return f"{REASONS.get(name, '받을 수 없습니다')}({name}: {said})"


def _fetch(url: str, sha256: str, name: str, folder: Path) -> Path:
    """pooch로 받되, 이름 찾기부터 마지막 바이트까지 어디에서 멈추든 PATIENCE초만 기다립니다.

    requests의 제한 시간은 주소 하나, 바이트 하나마다입니다. 주소가 스물인 거울이 막혀 있거나 거울이 한 바이트씩 흘리면
    몇 분이고 기다리므로, 다른 스레드에 맡기고 지켜봅니다.
    """
    import pooch

    arrivals, outcome = _Arrivals(), Future[str]()

    def work() -> None:
        try:
            # pooch는 임시 파일에 받아 해시를 확인한 뒤에 옮깁니다. 실패하면 캐시의 파일은 그대로입니다.
            outcome.set_result(pooch.retrieve(url, sha256, fname=name, path=folder, progressbar=arrivals))
        except BaseException as error:
            outcome.set_exception(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        _watch(arrivals, outcome, name)
    finally:
        arrivals.abandoned = True
        thread.join(1)  # 받던 것을 멈추고 임시 파일을 지울 틈
    return Path(outcome.result())


def _watch(arrivals: _Arrivals, outcome: Future[Any], name: str) -> None:
    """다 받을 때까지 진행 막대를 움직입니다. 너무 느리면 TimeoutError입니다."""
    if wait([outcome], 0.2).done:  # 이미 있는 파일에는 막대가 필요 없습니다.
        return
    from tqdm import tqdm

    since, before, finished = time.monotonic(), 0, False
    with tqdm(desc=name, unit="B", unit_scale=True, ncols=79) as bar:
        while not finished:
            finished = bool(wait([outcome], 0.2).done)
            bar.total, bar.n = arrivals.total or None, arrivals.received
            bar.refresh()
            if not finished and time.monotonic() - since >= PATIENCE:
                if arrivals.received - before < LEAST:
                    raise TimeoutError(f"{PATIENCE:g}초 동안 {arrivals.received - before}바이트")
                since, before = time.monotonic(), arrivals.received


def _sweep(folder: Path) -> None:
    """받다가 강제로 끝난 프로세스가 남긴 pooch의 임시 파일을 지웁니다."""
    with suppress(OSError):  # 읽기만 되는 캐시이거나, 다른 프로세스가 먼저 지웠습니다.
        for path in folder.glob("tmp*"):
            if time.time() - path.stat().st_mtime > FORGOTTEN:
                path.unlink()
