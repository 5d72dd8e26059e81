"""독자의 MNIST 파일: 그대로 읽히고, 틀린 파일은 까닭을 말하는지."""

import gzip
import hashlib
import os
from pathlib import Path

import numpy as np
import pytest

from .views import settle, text

NAMES = ["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"]
SHAPES = [(60000, 28, 28), (60000,), (10000, 28, 28), (10000,)]


def idx(shape, values=None, magic=8):
    body = np.zeros(shape, np.uint8) if values is None else values
    return bytes([0, 0, magic, len(shape)]) + b"".join(n.to_bytes(4, "big") for n in shape) + body.tobytes()


def choose(visit, folder, files):
    visit.tab.evaluate("() => mnist.update(null, { data: 'mnist' })")
    paths = []
    for name, content in files.items():
        (folder / name).write_bytes(content)
        paths.append(folder / name)
    return choose_paths(visit, paths)


def choose_paths(visit, paths):
    visit.tab.set_input_files(".wi-lab-mnist input", paths)
    for _ in range(200):
        settle(visit)
        said = text(visit, ".wi-lab-mnist [role=status]")
        if not said.endswith("읽는 중입니다."):
            return said, visit.tab.locator(".wi-lab-problems li").all_inner_texts()
    raise AssertionError(said)


def test_the_reader_s_own_mnist_is_read(visit):
    folder = os.environ.get("WI_LIB_DATA_DIR")
    if not folder:
        pytest.skip("WI_LIB_DATA_DIR이 없습니다.")
    visit.tab.evaluate("() => mnist.update(null, { data: 'mnist' })")
    said, problems = choose_paths(visit, [Path(folder) / f"{name}.gz" for name in reversed(NAMES)])
    assert (said, problems) == ("MNIST를 읽었습니다: 학습 60,000장, 시험 10,000장.", [])
    digests = visit.tab.evaluate(
        """async () => {
          const [parts] = given;
          const hex = async (values) => Array.from(new Uint8Array(await crypto.subtle.digest("SHA-256", values)),
            (byte) => byte.toString(16).padStart(2, "0")).join("");
          return Promise.all(["x_train", "y_train", "x_test", "y_test"].map((name) => hex(parts[name])));
        }"""
    )
    for name, digest, shape in zip(NAMES, digests, SHAPES):
        content = gzip.decompress((Path(folder) / f"{name}.gz").read_bytes())
        assert digest == hashlib.sha256(content[4 * (1 + len(shape)) :]).hexdigest()


def test_files_may_come_one_at_a_time_unzipped_or_renamed(visit, tmp_path):
    names = dict(zip(NAMES, ["a.gz", "b", "c.gz", "d"]))
    contents = {names[name]: idx(shape) for name, shape in zip(NAMES, SHAPES)}
    contents = {name: gzip.compress(body, 1) if name.endswith(".gz") else body for name, body in contents.items()}
    for count, (name, body) in enumerate(contents.items(), 1):
        said, problems = choose(visit, tmp_path, {name: body})
        assert len(problems) == count  # 모양만 같은 자료는 원본이 아니라고 말합니다.
        assert f"{name}: 원본 MNIST와 다릅니다. 그래도 씁니다." in problems
        if count < 4:
            assert said == f"빠진 파일: {', '.join(NAMES[count:])}"
    assert said.startswith("MNIST를 읽었습니다")
    assert visit.tab.evaluate("() => given.length") == 1


BROKEN = {
    "gzip이 깨졌습니다": gzip.compress(idx((10000,)))[:-20],
    "IDX)이 아닙니다": b"PNG, not digits",
    "MNIST의 파일(IDX)이 아닙니다": bytes([0, 0, 8, 3, 0, 0, 0, 1]),
    "파일(IDX)이 아닙니다": b"",
    "모양이 100 × 28 × 28입니다": idx((100, 28, 28)),
    "1바이트가 모자랍니다": idx((10000,))[:-1],
    "2바이트가 남습니다": idx((10000,)) + b"00",
    "0–9가 아닌 레이블": idx((10000,), np.full(10000, 10, np.uint8)),
    "보다 큽니다": bytes(47_040_017),
    "IDX)이 아닙니다.": gzip.compress(bytes(60_000_000), 1),
}


@pytest.mark.parametrize("message", BROKEN)
def test_a_wrong_file_is_named_with_the_reason(visit, tmp_path, message):
    said, problems = choose(visit, tmp_path, {"mine.gz": BROKEN[message]})
    assert len(problems) == 1
    assert problems[0].startswith("mine.gz: ")
    assert message in problems[0]
    assert said == f"빠진 파일: {', '.join(NAMES)}"


def test_a_browser_that_cannot_unzip_says_what_to_do(visit, tmp_path):
    visit.tab.evaluate("() => delete globalThis.DecompressionStream")
    _, problems = choose(visit, tmp_path, {"mine.gz": gzip.compress(idx((10000,)))})
    assert "gunzip으로 풀어서" in problems[0]


def test_files_may_be_dropped(visit):
    visit.tab.evaluate(
        """() => {
          mnist.update(null, { data: "mnist" });
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File(["nothing"], "a.txt"));
          mnist.element.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
        }"""
    )
    settle(visit)
    assert "a.txt" in text(visit, ".wi-lab-problems")


def test_a_file_dropped_beside_the_box_is_not_opened_by_the_browser(visit):
    held = """(data) => {
      mnist.update(null, { data });
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File(["a"], "a.txt"));
      const options = { dataTransfer, bubbles: true, cancelable: true };
      return ["dragover", "drop"].map((name) => !document.body.dispatchEvent(new DragEvent(name, options)));
    }"""
    assert visit.tab.evaluate(held, "mnist") == [True, True]
    # MNIST를 쓰지 않을 때에는 브라우저가 하던 대로 둡니다.
    assert visit.tab.evaluate(held, "digits") == [False, False]
