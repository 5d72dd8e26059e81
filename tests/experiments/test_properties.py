"""결과를 합치고 잇는 일의 성질: 어떻게 묶어 합쳐도, 어디에서 몇 번을 끊겨도 같은 결과입니다."""

import tempfile
from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from experiments import store, sweeps
from tests.experiments import runs

# 이름은 몇 개뿐이라 폴더끼리 자주 겹칩니다. 값이 None이면 상한 결과입니다.
names = st.tuples(st.sampled_from(["a-1", "b-2"]), st.sampled_from("xyz")).map(lambda pair: "{}/{}.npz".format(*pair))
folders = st.dictionaries(names, st.one_of(st.none(), st.integers(0, 3)), max_size=5)


def written(root, contents):
    """{이름: 값}을 적은 폴더."""
    folder = Path(tempfile.mkdtemp(dir=root))
    for name, value in contents.items():
        store.keep(folder / name, {"value": np.array(value or 0)})
        if value is None:
            (folder / name).write_bytes((folder / name).read_bytes()[:-1])
    return folder


def healthy(folder):
    """폴더에 있는 온전한 결과의 {이름: 값}."""
    found = {path.relative_to(folder).as_posix(): store.read(path) for path in folder.glob("*/*.npz")}
    return {name: int(arrays["value"]) for name, arrays in found.items() if arrays is not None}


def merged(root, *sources):
    """빈 폴더에 차례로 합친 것."""
    target = Path(tempfile.mkdtemp(dir=root))
    for source in sources:
        store.merge(source, target)
    return target


def first(*contents):
    """합친 것이 담아야 할 것: 이름마다 가장 먼저 온 온전한 값."""
    found = {}
    for each in contents:
        found = {name: value for name, value in each.items() if value is not None} | found
    return found


@settings(max_examples=30)
@given(folders, folders, folders)
def test_merging_keeps_the_first_of_every_name(a, b, c):
    """어느 둘을 먼저 합쳐도 같고, 다시 합쳐도 그대로이고, 차례를 바꾸면 겹치는 값만 달라집니다."""
    with tempfile.TemporaryDirectory() as root:
        one, two, three = (written(root, each) for each in (a, b, c))
        left = merged(root, merged(root, one, two), three)
        right = merged(root, one, merged(root, two, three))
        assert healthy(left) == healthy(right) == first(a, b, c)
        before = {path: path.read_bytes() for path in left.rglob("*.npz")}
        for again in (one, two, three, right, left):
            moved, _ = store.merge(again, left)
            assert moved == 0
        assert {path: path.read_bytes() for path in left.rglob("*.npz")} == before
        assert healthy(merged(root, three, two, one)) == first(c, b, a)
        assert first(c, b, a).keys() == first(a, b, c).keys()


@given(folders, folders)
def test_merging_into_a_used_folder_mends_it(mine, theirs):
    """제 것이 온전하면 그대로 두고, 상했으면 저쪽의 것으로 바꾸고, 저쪽도 상했으면 몇 개인지 말합니다."""
    with tempfile.TemporaryDirectory() as root:
        target, source = written(root, mine), written(root, theirs)
        moved, damaged = store.merge(source, target)
        assert healthy(target) == first(mine, theirs)
        lacking = {name for name in theirs if mine.get(name) is None}
        assert moved == sum(theirs[name] is not None for name in lacking)
        assert damaged == len(lacking) - moved
        assert healthy(source) == first(theirs)


NUMBERS = range(6)
some = st.sets(st.sampled_from(NUMBERS), max_size=3)
# 한 번 부를 때마다: 어느 설정에서 끊길지, 그 뒤에 어느 결과를 상하게 할지.
attempts = st.lists(st.tuples(some, some), max_size=4)


class Sweep:
    """설정 여섯을 이 프로세스에서 하나씩 돌리는 sweep과, 그것이 적은 것."""

    def __init__(self, root, order):
        self.trace = Path(root) / "trace"
        self.trace.mkdir()
        self.settings = {n: {"n": n, "trace": str(self.trace)} for n in order}
        folder = store.folder("square", runs.square)
        self.paths = {n: store.Run(folder, runs.square, setting).path for n, setting in self.settings.items()}

    def __call__(self, broken=()):
        for n in broken:
            (self.trace / f"broken {n}").touch()
        try:
            return [int(each["value"]) for each in sweeps.sweep("square", self.settings.values(), runs.square)]
        finally:
            for n in broken:
                (self.trace / f"broken {n}").unlink()

    @property
    def done(self):
        return {n for n, path in self.paths.items() if store.read(path) is not None}

    @property
    def ran(self):
        """돌아 본 횟수."""
        return len(list(self.trace.iterdir()))

    def harm(self, numbers):
        for n in numbers & self.done:
            self.paths[n].write_bytes(self.paths[n].read_bytes()[:-7])


@settings(max_examples=20)
@given(attempts, st.permutations(NUMBERS))
def test_any_pattern_of_interruptions_gives_the_same_results(given_attempts, order):
    """끝난 것은 다시 돌지 않고, 상한 것은 다시 돌고, 결과는 부른 차례대로 온전합니다."""
    with tempfile.TemporaryDirectory() as root, pytest.MonkeyPatch.context() as patch:
        patch.setenv("SCHEDULER", "synchronous")
        patch.setattr(store, "UNFINISHED", Path(root) / "unfinished")
        sweep = Sweep(root, order)
        for broken, harmed in given_attempts:
            before, ran = sweep.done, sweep.ran
            if stopping := broken - before:
                with pytest.raises(RuntimeError, match="끊김") as raised:
                    sweep(broken)
                assert any(f"'n': {n}," in raised.value.__notes__[0] for n in stopping)
            else:
                sweep(broken)
                assert sweep.done == set(NUMBERS)
            # 실패한 하나 말고는 모두 적혔고, 끝난 것은 돌지 않았습니다.
            assert before <= sweep.done
            assert sweep.ran - ran == len(sweep.done - before) + bool(stopping)
            sweep.harm(harmed)
        left, ran = len(NUMBERS) - len(sweep.done), sweep.ran
        assert sweep() == [n**2 for n in order]
        assert sweep.ran - ran == left
        assert [path for path in store.UNFINISHED.rglob("*") if path.name.startswith(".")] == []
