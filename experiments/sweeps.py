"""많은 설정을 한 번씩 돌립니다: 이 프로세스에서, 이 기계의 모든 코어에서, 또는 Dask의 여러 기계에서.

어디에서 돌릴지는 환경 변수 SCHEDULER 하나로 정합니다(`make results SCHEDULER=tcp://…`, `spread.engine`).
어디에서나 같은 함수를 같은 인자로 부르므로 수가 같고, 결과는 sweep을 부른 기계의 폴더에만 적습니다.
"""

import contextlib
import functools
import random

from threadpoolctl import ThreadpoolController
from tqdm import tqdm

from experiments import store
from spread.engine import Lost, spread
from spread.places import Stopped, say
from spread.versions import OtherVersions, explained, unlike


def sweep(name, settings, run):
    """settings(인자 사전의 목록)마다 run(**setting)을 돌려, {이름: 배열} 결과를 같은 차례로 돌려줍니다.

    하나가 끝날 때마다 파일에 적으므로 도중에 끊겨도 그때 돌던 것만 잃고, 다시 부르면 어디에서든 남은 것만 돕니다.
    실험이나 wi_lib의 코드, NumPy의 판이 바뀌면 처음부터 다시 돕니다. run은 모듈의 맨 바깥에 있는 함수여야 합니다.
    """
    folder = store.folder(name, run)
    runs = [store.Run(folder, run, setting) for setting in settings]
    wanted = {each.path: each for each in runs}
    # 10만 개를 이어 부르면 읽는 데만 몇 분이 걸릴 수 있습니다.
    bar = tqdm(wanted, desc=f"{name}: 적어 둔 것을 읽음", unit="개", delay=2, leave=False)
    found = {path: store.read(path) for path in bar}
    left = [each for path, each in wanted.items() if found[path] is None]
    damaged = sum(each.path.exists() for each in left)
    if damaged:
        say(f"{name}: 쓰다 끊겼거나 상한 결과 {damaged}개를 다시 돌립니다.")
    with tqdm(total=len(wanted), initial=len(wanted) - len(left), desc=name, unit="번") as bar:
        for path, arrays in _finish(left):
            found[path] = arrays
            bar.update()
    return [found[each.path] for each in runs]


def perform(module, function, setting, expected):
    """작업자가 하는 일. expected는 부른 쪽의 코드와 NumPy의 지문입니다."""
    if store.fingerprint(module) != expected:
        raise unlike(store.versions(module))
    run = getattr(store.import_module(module), function)
    # BLAS는 스레드의 수에 따라 더하는 차례가 달라 끝자리가 바뀝니다. 코어는 이미 프로세스마다 하나씩 씁니다.
    with _blas().limit(limits=1, user_api="blas"):
        return store.as_arrays(run(**setting))


@functools.cache
def _blas():
    return ThreadpoolController()


def _finish(left):
    """남은 것을 돌려, 하나가 끝나면 적고 나서 (파일, 결과)를 내놓습니다."""
    if not left:
        return
    expected = store.fingerprint(left[0].module)

    def arguments(each):
        """그사이 다른 sweep이 적었으면 None입니다."""
        written = store.read(each.path) is not None
        return None if written else (each.module, each.function, each.setting, expected)

    # 차례를 섞으면, 한 폴더에 적는 다른 sweep과 같은 것을 함께 돌리는 일이 드물고 남은 시간의 어림도 맞습니다.
    shuffled = random.Random().sample(left, len(left))
    with contextlib.closing(spread(shuffled, perform, arguments)) as finished:
        for each, arrays, error in finished:
            if error:
                raise _told(error, each) from error.__cause__
            if arrays is None:
                arrays = store.read(each.path)
            else:
                store.keep(each.path, arrays)
            yield each.path, arrays


def _told(error, each):
    """each를 돌리다 난 오류에, 무엇을 하다 멈췄는지와 할 일을 적은 것."""
    if isinstance(error, OtherVersions):
        return explained(error, store.versions(each.module))
    if isinstance(error, Lost):
        error = Stopped(f"{error} 메모리가 모자라지 않은지 보고 다시 부르면 이어집니다.")
    error.add_note(f"이 설정에서 멈췄습니다: {each.setting}")
    return error
