"""자료: 진짜 MNIST와 digits, 식으로 만드는 자료, 그리고 내려받기와 파일이 잘못될 수 있는 모든 길.

진짜 파일을 보는 시험 말고는 작은 IDX 파일 네 개와 127.0.0.1의 서버만 씁니다. 사용자의 캐시는 건드리지 않습니다.
"""

import errno
import gzip
import io
import os
from pathlib import Path

import numpy as np
import pooch
import pytest

from tests.package.mirrors import (
    ARRAYS,
    CONTENTS,
    DEAD,
    NAMES,
    SHAPES,
    broken,
    cached_files,
    good,
    idx,
    sha256,
    write_all,
)
from wi_lib import datasets

# 도중에 실패한 내려받기의 소켓을 pooch가 닫지 않고 버리는 것까지 꾸러미가 어찌할 수는 없습니다.
pytestmark = [
    pytest.mark.usefixtures("isolated"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
REAL = os.environ.get("WI_LIB_DATA_DIR")


# ── 진짜 자료 ──────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def mnist():
    if not REAL:
        pytest.skip("WI_LIB_DATA_DIR이 없어 진짜 MNIST를 읽지 않습니다")
    return datasets.load_mnist()


def test_mnist_arrays(mnist):
    assert mnist.name == "MNIST"
    assert mnist.x_train.shape == (60_000, 784)
    assert mnist.x_test.shape == (10_000, 784)
    for x, y in ((mnist.x_train, mnist.y_train), (mnist.x_test, mnist.y_test)):
        assert x.dtype == np.float32
        assert y.dtype == np.int64
        assert y.shape == (len(x),)
        assert (x.min(), x.max()) == (0, 1)
    # 널리 알려진 학습 화소의 평균과 표준편차입니다: 255로 나눈 값인지, 그림이 뒤섞이지 않았는지 알려 줍니다.
    assert mnist.x_train.mean(dtype=np.float64) == pytest.approx(0.1307, abs=5e-5)
    assert mnist.x_train.std(dtype=np.float64) == pytest.approx(0.3081, abs=5e-5)


def test_mnist_label_counts(mnist):
    train = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    test = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert np.bincount(mnist.y_train).tolist() == train
    assert np.bincount(mnist.y_test).tolist() == test


def test_mnist_labels_belong_to_their_images(mnist):
    # 1의 잉크가 가장 적고 0의 잉크가 가장 많습니다. 그림과 레이블이 한 칸만 어긋나도 깨집니다.
    ink = [mnist.x_train[mnist.y_train == digit].mean() for digit in range(10)]
    assert np.argmin(ink) == 1
    assert np.argmax(ink) == 0
    # 아무 학습 없이 평균 그림에 가장 가까운 숫자를 답해도 열에 여덟은 맞습니다.
    means = np.stack([mnist.x_train[mnist.y_train == digit].mean(axis=0) for digit in range(10)])
    nearest = ((means**2).sum(axis=1) - 2 * mnist.x_test @ means.T).argmin(axis=1)
    assert np.mean(nearest == mnist.y_test) > 0.8


def test_digits():
    data = datasets.load_digits()
    assert data.name == "digits"
    assert data.x_train.shape == (1500, 64)
    assert data.x_test.shape == (297, 64)
    assert data.x_train.dtype == np.float32
    assert data.y_train.dtype == np.int64
    assert (data.x_train.min(), data.x_train.max()) == (0, 1)
    assert set(data.y_train) == set(data.y_test) == set(range(10))


def test_digits_are_those_of_scikit_learn():
    """파일을 곧바로 읽어도 load_digits가 주는 것과 같습니다."""
    from sklearn.datasets import load_digits

    pixels, labels = load_digits(return_X_y=True)
    data = datasets.load_digits()
    np.testing.assert_array_equal(np.vstack([data.x_train, data.x_test]), pixels.astype(np.float32) / 16)
    np.testing.assert_array_equal(np.concatenate([data.y_train, data.y_test]), labels)


# ── 식으로 만드는 자료 ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["spiral", "rings", "checkerboard"])
def test_plane_data(name):
    data = getattr(datasets, f"load_{name}")()
    assert data.name == name
    assert data.x_train.shape == (500, 2)
    assert data.x_test.shape == (250, 2)
    for x, y in ((data.x_train, data.y_train), (data.x_test, data.y_test)):
        assert x.dtype == np.float32
        assert y.dtype == np.int64
        assert np.abs(x).max() <= 1
        # 두 클래스의 수가 비슷해야 정확도 0.5가 아무것도 배우지 않은 것입니다.
        assert y.mean() == pytest.approx(0.5, abs=0.03)
        assert len(np.unique(x, axis=0)) == len(x)
    # 시험의 점마다 같은 클래스의 학습의 점이 가장 가깝습니다: 두 자료가 같은 모양에서 왔습니다.
    distances = ((data.x_test[:, None] - data.x_train[None]) ** 2).sum(axis=2)
    assert np.mean(data.y_train[distances.argmin(axis=1)] == data.y_test) > 0.85


def test_gaussian_data_begins_with_the_input_of_chapter_2():
    data = datasets.load_gaussian()
    x = np.random.default_rng(0).standard_normal((1000, 100))
    np.testing.assert_array_equal(data.x_train, x.astype(np.float32))
    np.testing.assert_array_equal(data.y_test, data.x_test[:, :10].argmax(axis=1))
    assert np.bincount(data.y_train).min() > 80


KINDS = ["truncated", "short", "altered", "login page", "empty", "missing", "server error"]


def assert_small_data(data):
    x_train, y_train, x_test, y_test = ARRAYS
    np.testing.assert_array_equal(data.x_train, x_train.reshape(6, 784).astype(np.float32) / np.float32(255))
    np.testing.assert_array_equal(data.x_test, x_test.reshape(3, 784).astype(np.float32) / np.float32(255))
    np.testing.assert_array_equal(data.y_train, y_train)
    np.testing.assert_array_equal(data.y_test, y_test)
    assert data.name == "MNIST"
    assert data.x_train.dtype == np.float32
    assert data.y_test.dtype == np.int64


# ── 내려받기 ───────────────────────────────────────────────────────────────────────────


def test_download_then_cache(monkeypatch, serve, tmp_path):
    address, requests = serve(good)
    monkeypatch.setattr(datasets, "MIRRORS", (address,))
    assert_small_data(datasets.load_mnist())
    assert requests == NAMES
    assert cached_files(tmp_path) == CONTENTS
    # 두 번째부터는 거울이 모두 죽어 있어도 됩니다.
    monkeypatch.setattr(datasets, "MIRRORS", (DEAD,))
    assert_small_data(datasets.load_mnist())


def test_second_mirror_when_the_first_is_dead(monkeypatch, serve, tmp_path):
    address, _ = serve(good)
    monkeypatch.setattr(datasets, "MIRRORS", (DEAD, address))
    assert_small_data(datasets.load_mnist())


@pytest.mark.parametrize("kind", KINDS)
def test_second_mirror_when_the_first_is_broken(monkeypatch, serve, tmp_path, kind):
    first, second = serve(broken(kind))[0], serve(good)[0]
    monkeypatch.setattr(datasets, "MIRRORS", (first, second))
    assert_small_data(datasets.load_mnist())
    assert cached_files(tmp_path) == CONTENTS


@pytest.mark.parametrize("kind", KINDS)
def test_broken_file_on_every_mirror(monkeypatch, serve, tmp_path, kind):
    # 앞의 두 파일은 받고 셋째에서 실패합니다: 받은 것은 남고, 망가진 것은 조각도 남지 않아야 합니다.
    mirrors = tuple(serve(broken(kind, victim=NAMES[2]))[0] for _ in range(2))
    monkeypatch.setattr(datasets, "MIRRORS", mirrors)
    with pytest.raises(datasets.DatasetError, match=r"MNIST를 내려받지 못했습니다.*WI_LIB_DATA_DIR") as caught:
        datasets.load_mnist()
    assert all(mirror in str(caught.value) for mirror in mirrors)
    assert cached_files(tmp_path) == {name: CONTENTS[name] for name in NAMES[:2]}


def test_all_mirrors_dead(tmp_path):
    with pytest.raises(datasets.DatasetError, match="인터넷 연결") as caught:
        datasets.load_mnist()
    # 거울마다 왜 실패했는지 한 줄씩 있어야 방화벽인지 오타인지 알 수 있습니다.
    assert str(caught.value).count("\n- http://127.0.0.1") == 2
    assert "ConnectionError" in str(caught.value)
    assert cached_files(tmp_path) == {}


def test_failed_attempt_leaves_a_good_cache_untouched(monkeypatch, serve, tmp_path):
    folder = tmp_path / "cache" / "wi_lib"
    folder.parent.mkdir()
    write_all(folder, file3=b"half")
    before = {name: (folder / name).stat().st_mtime_ns for name in NAMES[:3]}
    with pytest.raises(datasets.DatasetError):
        datasets.load_mnist()
    assert cached_files(tmp_path) == {**CONTENTS, NAMES[3]: b"half"}
    assert {name: (folder / name).stat().st_mtime_ns for name in NAMES[:3]} == before
    # 거울이 살아나면 망가진 파일만 다시 받습니다.
    address, requests = serve(good)
    monkeypatch.setattr(datasets, "MIRRORS", (address,))
    assert_small_data(datasets.load_mnist())
    assert requests == [NAMES[3]]
    assert cached_files(tmp_path) == CONTENTS


class FullDisk(io.FileIO):
    """열 바이트까지만 쓸 수 있는 디스크의 파일."""

    def __init__(self, path, error):
        super().__init__(path, "wb")
        self.error = error

    def write(self, content):
        super().write(content[:10])
        raise self.error


def test_full_disk(monkeypatch, serve, tmp_path):
    error = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    monkeypatch.setattr(datasets, "MIRRORS", (serve(good)[0],))
    monkeypatch.setattr(pooch.downloaders, "open", lambda path, mode: FullDisk(path, error), raising=False)
    with pytest.raises(datasets.DatasetError, match="디스크의 빈 공간") as caught:
        datasets.load_mnist()
    assert os.strerror(errno.ENOSPC) in str(caught.value)
    assert cached_files(tmp_path) == {}


def test_interrupting_a_download_leaves_no_partial_file(monkeypatch, serve, tmp_path):
    # Ctrl-C는 DatasetError가 아니라 그대로 나가야 하고, 다음 거울을 시도해서도 안 됩니다.
    address, requests = serve(good)
    monkeypatch.setattr(datasets, "MIRRORS", (address, address))
    interrupt = KeyboardInterrupt()
    monkeypatch.setattr(pooch.downloaders, "open", lambda path, mode: FullDisk(path, interrupt), raising=False)
    with pytest.raises(KeyboardInterrupt):
        datasets.load_mnist(fallback=True)
    assert len(requests) == 1
    assert cached_files(tmp_path) == {}


def test_cache_folder_that_cannot_be_made(monkeypatch, serve, tmp_path):
    (tmp_path / "cache").write_text("폴더가 있을 자리의 파일", encoding="utf-8")
    monkeypatch.setattr(datasets, "MIRRORS", (serve(good)[0],))
    with pytest.raises(datasets.DatasetError, match="내려받지 못했습니다"):
        datasets.load_mnist()


def test_fallback_explains_and_continues(capsys):
    data = datasets.load_mnist(fallback=True)
    assert data.name == "digits"
    np.testing.assert_array_equal(data.x_train, datasets.load_digits().x_train)
    out, _ = capsys.readouterr()
    assert "MNIST를 내려받지 못했습니다" in out
    assert "MNIST 대신 scikit-learn의 8 × 8 손글씨 숫자로 계속합니다" in out


def test_fallback_is_silent_when_mnist_is_there(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("WI_LIB_DATA_DIR", str(write_all(tmp_path / "data")))
    assert datasets.load_mnist(fallback=True).name == "MNIST"
    assert capsys.readouterr() == ("", "")


# ── WI_LIB_DATA_DIR ────────────────────────────────────────────────────────────────────


def load_from(monkeypatch, folder):
    monkeypatch.setenv("WI_LIB_DATA_DIR", str(folder))
    return datasets.load_mnist()


def test_local_folder(monkeypatch, tmp_path):
    assert_small_data(load_from(monkeypatch, write_all(tmp_path / "data")))
    # 폴더를 주었으면 캐시를 만들지 않습니다.
    assert not (tmp_path / "cache").exists()


def test_local_folder_does_not_exist(monkeypatch, tmp_path):
    with pytest.raises(datasets.DatasetError, match=r"WI_LIB_DATA_DIR의 .*을\(를\) 읽을 수 없습니다") as caught:
        load_from(monkeypatch, tmp_path / "없는 폴더")
    # 무엇을 두어야 하는지까지 말합니다.
    assert all(name in str(caught.value) for name in NAMES)


def test_local_folder_is_a_file(monkeypatch, tmp_path):
    path = tmp_path / "파일"
    path.write_text("폴더가 아닙니다", encoding="utf-8")
    with pytest.raises(datasets.DatasetError, match="읽을 수 없습니다"):
        load_from(monkeypatch, path)


def test_local_file_is_missing(monkeypatch, tmp_path):
    with pytest.raises(datasets.DatasetError, match=f"{NAMES[1]}.*읽을 수 없습니다"):
        load_from(monkeypatch, write_all(tmp_path / "data", file1=None))


def test_local_file_is_a_directory(monkeypatch, tmp_path):
    folder = write_all(tmp_path / "data", file1=None)
    (folder / NAMES[1]).mkdir()
    with pytest.raises(datasets.DatasetError, match=f"{NAMES[1]}.*읽을 수 없습니다"):
        load_from(monkeypatch, folder)


@pytest.mark.parametrize("content", [b"", CONTENTS[NAMES[2]][:100], CONTENTS[NAMES[2]] + b"\0", b"<html>"])
def test_local_file_differs_from_the_original(monkeypatch, tmp_path, content):
    with pytest.raises(datasets.DatasetError, match=f"{NAMES[2]}.*원본과 다릅니다"):
        load_from(monkeypatch, write_all(tmp_path / "data", file2=content))


def test_local_file_is_unreadable(monkeypatch, tmp_path):
    # root에게는 권한 오류가 나지 않으므로 흉내 냅니다.
    def denied(path, *args, **kwargs):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)

    monkeypatch.setattr(pooch, "file_hash", denied)
    with pytest.raises(datasets.DatasetError, match="읽을 수 없습니다") as caught:
        load_from(monkeypatch, write_all(tmp_path / "data"))
    assert os.strerror(errno.EACCES) in str(caught.value)


def test_local_file_vanishes_after_the_check(monkeypatch, tmp_path):
    folder = write_all(tmp_path / "data")
    check = pooch.file_hash

    def check_then_delete(path):
        actual = check(path)
        Path(path).unlink()
        return actual

    monkeypatch.setattr(pooch, "file_hash", check_then_delete)
    with pytest.raises(datasets.DatasetError, match="배열을 읽을 수 없습니다"):
        load_from(monkeypatch, folder)


def flipped(content):
    """압축된 본문의 한 바이트를 뒤집은 것."""
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 0xFF]) + content[middle + 1 :]


BAD_CONTENTS = {
    "다른 모양": gzip.compress(idx((5, 28, 28), 0)[0]),
    "한 바이트 많음": gzip.compress(idx(SHAPES[0], 0)[0] + b"\0"),
    "머리말보다 짧음": gzip.compress(b"\0\0"),
    "빈 파일": b"",
    "gzip이 아님": idx(SHAPES[0], 0)[0],
    "잘린 gzip": CONTENTS[NAMES[0]][:-20],
    "깨진 압축": flipped(CONTENTS[NAMES[0]]),
}


@pytest.mark.parametrize("kind", BAD_CONTENTS)
def test_wrong_contents_with_a_matching_hash(monkeypatch, tmp_path, kind):
    # FILES의 해시를 잘못 고쳐도 모양까지 다른 자료가 조용히 들어와서는 안 됩니다.
    content = BAD_CONTENTS[kind]
    monkeypatch.setitem(datasets.FILES, NAMES[0], (sha256(content), SHAPES[0]))
    with pytest.raises(datasets.DatasetError, match=rf"{NAMES[0]}에서 모양이 \(6, 28, 28\)인 배열을 읽을 수 없습니다"):
        load_from(monkeypatch, write_all(tmp_path / "data", file0=content))


def test_fallback_covers_bad_local_files(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("WI_LIB_DATA_DIR", str(write_all(tmp_path / "data", file0=b"")))
    assert datasets.load_mnist(fallback=True).name == "digits"
    assert "원본과 다릅니다" in capsys.readouterr().out
