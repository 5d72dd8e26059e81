"""자료: MNIST, 내려받을 것이 없는 scikit-learn 손글씨 숫자, 식으로 만드는 평면의 점과 정규분포 입력."""

import gzip
import os
import zlib
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from . import downloads
from .checks import check_integer, refuse

MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)
# 파일 이름 → (SHA-256, 모양). LeCun·Cortes·Burges가 공개한 원본 네 개입니다.
FILES = {
    "train-images-idx3-ubyte.gz": ("440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609", (60000, 28, 28)),
    "train-labels-idx1-ubyte.gz": ("3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c", (60000,)),
    "t10k-images-idx3-ubyte.gz": ("8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6", (10000, 28, 28)),
    "t10k-labels-idx1-ubyte.gz": ("f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6", (10000,)),
}

# 평면의 자료 하나에 든 점의 수.
POINTS = 750


class DatasetError(RuntimeError):
    """자료를 얻지 못했습니다. 무엇을 하면 되는지 오류 문장이 말합니다."""


@dataclass(frozen=True)
class Dataset:
    """학습 자료와 시험 자료.

    - `x_train`, `x_test`: (N, 특성 수) float32. 화소는 0 이상 1 이하, 평면의 점은 −1 이상 1 이하입니다.
    - `y_train`, `y_test`: (N,) int64, 0 이상 클래스 수 미만. 글이면 x도 y도 (N, 길이) int64입니다(`texts`).
    - `name`: 그림과 글에 쓰는 이름.
    """

    x_train: NDArray[np.float32 | np.int64]
    y_train: NDArray[np.int64]
    x_test: NDArray[np.float32 | np.int64]
    y_test: NDArray[np.int64]
    name: str

    def hold_out(self, count: int) -> "Dataset":
        """학습 자료의 마지막 count개를 떼어 시험 자료의 자리에 둔 `Dataset`: 검증 자료입니다.

        학습률처럼 사람이 고르는 것은 이 자료의 정확도로 고르고, 시험 자료는 고른 뒤에 한 번만 씁니다. 시험 자료로
        고르면 그 점수는 처음 보는 자료의 점수가 아닙니다. count는 1 이상, 학습 자료의 수 미만의 정수이고 아니면
        ValueError입니다.

        >>> load_digits().hold_out(300).x_train.shape
        (1200, 64)
        """
        if (count := check_integer("count", count)) >= len(self.x_train):
            refuse("count", f"학습 자료의 수({len(self.x_train)})보다 작은 정수", count)
        x, y = self.x_train, self.y_train
        return Dataset(x[:-count], y[:-count], x[-count:], y[-count:], self.name)


def load_mnist(fallback: bool = False) -> Dataset:
    """MNIST를 읽습니다: 학습 60,000장, 시험 10,000장, 28 × 28 = 784개 특성. 결과는 `Dataset`.

    환경 변수 `WI_LIB_DATA_DIR`이 있으면 그 폴더의 원본 파일 네 개를 읽고, 없으면 처음 한 번만 내려받아
    사용자 캐시에 둡니다. 어느 쪽이든 SHA-256이 원본과 다르면 쓰지 않습니다.

    얻지 못하면 `DatasetError`를 던집니다. `fallback=True`이면 대신 그 까닭을 출력하고 `load_digits()`를 돌려줍니다.

    >>> load_mnist().x_train.shape  # doctest: +SKIP
    (60000, 784)
    """
    try:
        folder = os.environ.get("WI_LIB_DATA_DIR")
        paths = [_local(Path(folder), name) for name in FILES] if folder else _download()
        x_train, y_train, x_test, y_test = (_read(path) for path in paths)
    except DatasetError as error:
        if not fallback:
            raise
        print(f"{error}\nMNIST 대신 scikit-learn의 8 × 8 손글씨 숫자로 계속합니다. 수치와 그림이 본문과 다릅니다.")
        return load_digits()
    return Dataset(
        _pixels(x_train, 255), y_train.astype(np.int64), _pixels(x_test, 255), y_test.astype(np.int64), "MNIST"
    )


def load_digits() -> Dataset:
    """scikit-learn에 들어 있는 8 × 8 손글씨 숫자 1,797장: 앞의 1,500장이 학습, 나머지가 시험. 결과는 `Dataset`.

    >>> load_digits().x_train.shape
    (1500, 64)
    """
    # sklearn을 import하면 1초가 듭니다. 쓸 것은 그 꾸러미에 든 표 하나뿐입니다.
    path = distribution("scikit-learn").locate_file("sklearn/datasets/data/digits.csv.gz")
    table = np.loadtxt(str(path), delimiter=",")
    x, y = _pixels(table[:, :-1], 16), table[:, -1].astype(np.int64)
    return Dataset(x[:1500], y[:1500], x[1500:], y[1500:], "digits")


def load_spiral() -> Dataset:
    """평면에서 도는 두 갈래 나선: 학습 500점, 시험 250점, 클래스 둘. 결과는 `Dataset`이고 x는 (N, 2)입니다.

    난수 없이 식으로 놓습니다. i번째 점은 클래스가 c = i mod 2, 반지름이 r = √((2⌊i/2⌋ + 1) / 750), 각이 π(3r + c)이고,
    셋에 하나(i mod 3 = 2)는 시험 자료입니다. 팔마다 한 바퀴 반을 돕니다.

    >>> data = load_spiral()
    >>> data.x_train.shape, data.x_test.shape, data.y_train[:4].tolist()
    ((500, 2), (250, 2), [0, 1, 1, 0])
    """
    label, _, share = _turns()
    radius = np.sqrt(share)
    return _plane(*_polar(radius, np.pi * (3 * radius + label)), label, "spiral")


def load_rings() -> Dataset:
    """평면의 원(반지름 0.5)과 그것을 두른 고리(반지름 0.75–1): 수와 모양은 `load_spiral`과 같습니다.

    난수 없이 식으로 놓습니다. 클래스 c = i mod 2의 k = ⌊i/2⌋번째 점은 각이 π(3 − √5)k이고, s = (2k + 1) / 750일 때
    반지름이 원에서 √(0.25s), 고리에서 √(0.5625 + 0.4375s)이어서 넓이마다 고르게 놓입니다.

    >>> np.unique(load_rings().y_test, return_counts=True)[1].tolist()
    [125, 125]
    """
    label, k, share = _turns()
    radius = np.sqrt(np.where(label, 0.5625 + 0.4375 * share, 0.25 * share))
    return _plane(*_polar(radius, np.pi * (3 - np.sqrt(5)) * k), label, "rings")


def load_checkerboard() -> Dataset:
    """평면의 4 × 4 바둑판: 수와 모양은 `load_spiral`과 같습니다.

    난수 없이 식으로 놓습니다. u와 v가 0.5 + 0.75487766 i와 0.5 + 0.56984029 i의 소수 부분이면 i번째 점은
    (2u − 1, 2v − 1)이고 클래스는 (⌊4u⌋ + ⌊4v⌋) mod 2입니다. 두 수는 x³ = x + 1의 근의 역수와 그 제곱입니다.

    >>> sorted(set(load_checkerboard().y_train.tolist()))
    [0, 1]
    """
    i = np.arange(POINTS)
    u, v = (0.5 + i * 0.7548776662466927) % 1, (0.5 + i * 0.5698402909980532) % 1
    return _plane(2 * u - 1, 2 * v - 1, (np.floor(4 * u) + np.floor(4 * v)) % 2, "checkerboard")


def load_gaussian() -> Dataset:
    """정규분포에서 뽑은 입력 1,300개: 앞의 1,000개가 학습, 나머지가 시험. 결과는 `Dataset`이고 x는 (N, 100)입니다.

    x는 늘 `np.random.default_rng(0).standard_normal((1300, 100))`이고, 클래스는 앞의 특성 열 개 가운데 가장 큰 것의
    번호(0–9)입니다.

    >>> data = load_gaussian()
    >>> data.x_train.shape, data.x_test.shape, int(data.y_train.max())
    ((1000, 100), (300, 100), 9)
    """
    x = np.random.default_rng(0).standard_normal((1300, 100)).astype(np.float32)
    y = x[:, :10].argmax(axis=1).astype(np.int64)
    return Dataset(x[:1000], y[:1000], x[1000:], y[1000:], "gaussian")


def _turns() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """번갈아 나오는 클래스, 그 클래스의 몇째 점인지, 그것을 0과 1 사이로 고르게 편 것."""
    i = np.arange(POINTS)
    return i % 2, i // 2, (2 * (i // 2) + 1) / POINTS


def _polar(radius: np.ndarray, angle: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return radius * np.cos(angle), radius * np.sin(angle)


def _plane(x: np.ndarray, y: np.ndarray, label: np.ndarray, name: str) -> Dataset:
    points, labels = np.stack([x, y], axis=1).astype(np.float32), label.astype(np.int64)
    held = np.arange(POINTS) % 3 == 2
    return Dataset(points[~held], labels[~held], points[held], labels[held], name)


def _pixels(images: np.ndarray, brightest: int) -> NDArray[np.float32]:
    x = images.reshape(len(images), -1).astype(np.float32)
    x /= brightest
    return x


def _local(folder: Path, name: str) -> Path:
    import pooch

    path, sha256 = folder / name, FILES[name][0]
    try:
        actual = pooch.file_hash(str(path))
    except OSError as error:
        raise DatasetError(
            f"WI_LIB_DATA_DIR의 {path}을(를) 읽을 수 없습니다({error.strerror}). "
            f"원본 파일 네 개를 그 폴더에 두십시오: {', '.join(FILES)}"
        ) from error
    if actual != sha256:
        raise DatasetError(
            f"WI_LIB_DATA_DIR의 {path}이(가) 원본과 다릅니다"
            f"(SHA-256 {actual[:12]}…, 원본 {sha256[:12]}…). 파일을 다시 받으십시오."
        )
    return path


def _download() -> list[Path]:
    import pooch

    try:
        try:
            folder = pooch.os_cache("wi_lib").expanduser()
        except RuntimeError as error:  # HOME도, 사용자의 목록도 없는 컨테이너입니다.
            raise downloads.DownloadError("환경 변수 HOME이 없어 캐시를 어디에 둘지 알 수 없습니다.") from error
        return downloads.download({name: sha256 for name, (sha256, _) in FILES.items()}, MIRRORS, folder)
    except downloads.DownloadError as error:
        raise DatasetError(
            "MNIST를 내려받지 못했습니다. 인터넷 연결과 디스크의 빈 공간을 확인하거나, "
            f"원본 파일을 둔 폴더를 환경 변수 WI_LIB_DATA_DIR에 적으십시오.\n{error}"
        ) from error


def _read(path: str | Path) -> NDArray[np.uint8]:
    """IDX 파일의 머리말을 건너뛰고 uint8 배열로 읽습니다."""
    shape = FILES[Path(path).name][1]
    header = 4 * (1 + len(shape))  # 네 바이트짜리 정수로 적힌 자료형과 각 차원의 크기
    try:
        with gzip.open(path) as file:
            return np.frombuffer(file.read(), np.uint8, offset=header).reshape(shape)
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise DatasetError(
            f"{path}에서 모양이 {shape}인 배열을 읽을 수 없습니다({error}). 그 파일을 지우고 다시 받으십시오."
        ) from error
