"""시험의 공통 설정: 브라우저와 서버는 프로세스마다 하나, 오래 걸리는 시험부터."""

import os
import signal
import sys
import tempfile
from pathlib import Path

# 작은 행렬에서는 스레드 하나가 빠르고, 시험을 나누어 돌리는 프로세스끼리 다투지 않습니다. NumPy보다 먼저 정합니다.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import hypothesis
import pytest

from tests.browsing import PAGES, SITE, chromium, served

# 오래 걸려 읽히지만 쓰지 않는 꾸러미(까닭은 tests/light에)는 여기에서도, 시험이 띄우는 프로세스에서도 없는 셈입니다.
sys.modules["rfc3987_syntax"] = None
LIGHT = str(Path(__file__).with_name("light"))
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (LIGHT, os.environ.get("PYTHONPATH"))))
collect_ignore = ["light"]
# 뒤에서(&) 부른 명령은 Ctrl-C를 무시하고, 거기에서 띄운 것도 모두 그렇습니다. 멈추는 시험이 띄우는 것은 멈추게 합니다.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
# 새 가상 환경에 설치한 것은 미리 컴파일하지 않습니다. pip의 NO_COMPILE은 이름과 달리 0이라야 그런 뜻입니다.
os.environ.setdefault("PIP_NO_COMPILE", "0")
# Hypothesis가 저장소에 .hypothesis 폴더를 만들지 않도록 임시 폴더를 줍니다.
os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", os.path.join(tempfile.gettempdir(), "hypothesis"))
# 예를 늘 같은 차례로 뽑으므로 어느 기계에서나 같은 시험이고, 느린 기계라고 실패하지 않습니다.
hypothesis.settings.register_profile("wi_lib", derandomize=True, deadline=None, max_examples=50)
# make soak은 돌릴 때마다 다른 예를 뽑습니다. 실패한 예를 기억하면 다음 시드의 결과가 앞의 것에 매입니다.
hypothesis.settings.register_profile("soak", derandomize=False, deadline=None, max_examples=50, database=None)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "wi_lib"))

# 한 시험이나 한 묶음이 10초를 넘는 파일, 오래 걸리는 차례. 마지막에 시작하면 다른 프로세스가 끝난 뒤에 홀로 남습니다.
LONGEST = (
    *("test_leaks", "test_grading", "test_binder", "test_explorer_pages", "test_class_of_thirty", "test_rough_answers"),
    *("test_interruptions", "test_pages", "test_notebooks", "test_edition", "test_jupyterlab", "test_student"),
    *("test_record", "test_predictions", "test_explorer_screens"),
    *("test_chapter_09", "test_pdf", "test_returning", "test_launch", "test_slides", "test_site", "test_exercises"),
    *("test_cluster", "test_spread", "test_chapter_04", "test_hygiene"),
)


def pytest_collection_modifyitems(config, items):
    """오래 걸리는 파일의 시험부터, 한 묶음의 시험은 이어서 나누어 줍니다. 나머지는 모은 차례 그대로입니다."""
    if config.pluginmanager.hasplugin("randomly"):  # make soak: 섞은 차례 그대로 둡니다.
        return
    places, firsts = {name: place for place, name in enumerate(LONGEST)}, {}

    def place(numbered):
        number, item = numbered
        group = item.get_closest_marker("xdist_group")
        first = firsts.setdefault(group.args[0], number) if group else number
        return places.get(Path(item.path).stem, len(LONGEST)), first

    items[:] = [item for _, item in sorted(enumerate(items), key=place)]


@pytest.fixture(scope="session")
def address():
    from publish.pages import UNFINISHED  # 페이지를 읽는 꾸러미까지 읽으므로, 책을 보는 시험에서만 부릅니다.

    assert PAGES, "_build/html이 비었습니다. make book을 먼저 하십시오."
    assert not UNFINISHED.exists(), "_build/html을 만들다 끊겼습니다. make book을 먼저 하십시오."
    with served(SITE) as url:
        yield url


@pytest.fixture(scope="session")
def browser():
    with chromium() as opened:
        yield opened
